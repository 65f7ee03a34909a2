/* il-output-pane.c - what a program printed: its last line, and more on demand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Not a terminal: colours and movements of the cursor are left out, but that "\r" begins the line
 * anew and "\b" takes a character back, as progress bars do it.  What is not text, a picture or an
 * archive that goes to standard output, is counted and not shown: from a line of it on, until a
 * whole line is text again.
 */

#include "config.h"

#include "il-output-pane.h"

#include "il-time-format.h"

#include <glib/gi18n.h>
#include <string.h>

#define MAX_LINES 2000
#define MAX_CHARS (1 << 18) /* of lines without end */
#define MAX_LAST_CHARS 400  /* no label is wider */
#define VIEW_HEIGHT 150     /* where there is room */
/* A line is not text if it has so many characters that text does not have, and one in so many. */
#define MIN_STRANGE 4
#define STRANGE_SHARE 8
/* So long is a line that is believed to be text after what was not; and so much is kept of one. */
#define MIN_TEXT 4
#define MAX_PENDING 4096

typedef enum
{
  IN_TEXT,
  AFTER_ESCAPE,
  IN_SEQUENCE, /* until a letter */
  IN_TITLE,    /* until a bell, or an escape and a backslash */
} State;

struct _IlOutputPane
{
  GtkWidget parent_instance;
  State state;
  gboolean after_return; /* what comes next but "\n" begins the line anew */

  /* Of the line that is not at its end yet, and … */
  guint n_chars, n_strange;
  guint64 n_bytes;
  /* … of what is not text: the line that may be text again. */
  gboolean in_binary;
  guint64 n_binary; /* bytes */
  GString *pending;

  GtkLabel *last_label;
  GtkWidget *fold_button;
  GtkScrolledWindow *scrolled;
  GtkTextView *view;
  GtkTextBuffer *buffer;
};

G_DEFINE_FINAL_TYPE (IlOutputPane, il_output_pane, GTK_TYPE_WIDGET)

/* --- what is kept of it --- */

static void
begin_line_anew (IlOutputPane *self)
{
  GtkTextIter begin, end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  begin = end;
  gtk_text_iter_set_line_offset (&begin, 0);
  gtk_text_buffer_delete (self->buffer, &begin, &end);
}

static void
insert (IlOutputPane *self, GString *text)
{
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_insert (self->buffer, &end, text->str, (int)text->len);
  g_string_truncate (text, 0);
}

/* The last character of the line; of an empty one none. */
static void
take_back (IlOutputPane *self, GString *text)
{
  GtkTextIter begin, end;

  if (self->after_return)
    return;
  insert (self, text);
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  begin = end;
  if (!gtk_text_iter_starts_line (&end) && gtk_text_iter_backward_char (&begin))
    gtk_text_buffer_delete (self->buffer, &begin, &end);
}

/* --- what is not text --- */

/* What stands for a byte that is no text, or steers what no terminal of today has. */
static gboolean
is_strange (gunichar c)
{
  return c == 0xfffd || (c >= 0x7f && c < 0xa0)
         || (c < ' ' && (c < '\a' || (c > '\r' && c != '\033')));
}

static void
end_line (IlOutputPane *self)
{
  self->n_chars = self->n_strange = 0;
  self->n_bytes = 0;
  g_string_truncate (self->pending, 0);
}

/* In place of what there is of it. */
static void
show_count (IlOutputPane *self)
{
  g_autofree char *count = il_format_count (self->n_binary + self->n_bytes);
  g_autofree char *text = NULL;
  g_autoptr (GString) line = NULL;

  /* Translators: a number with its digits grouped; in place of output that would be unreadable */
  text = g_strdup_printf (ngettext ("… %s byte that is not text in UTF-8",
                                    "… %s bytes that are not text in UTF-8",
                                    (gulong)(self->n_binary + self->n_bytes)),
                          count);
  line = g_string_new (text);
  begin_line_anew (self);
  insert (self, line);
}

static void
begin_binary (IlOutputPane *self, GString *plain)
{
  const char *end = strrchr (plain->str, '\n');

  g_string_truncate (plain, end ? (gsize)(end + 1 - plain->str) : 0);
  insert (self, plain);
  begin_line_anew (self);
  self->in_binary = TRUE;
  self->n_binary = self->n_bytes;
  self->state = IN_TEXT;
  self->after_return = FALSE;
  self->n_bytes = 0;
  self->n_strange = MIN_STRANGE; /* this line is none of text any more */
}

/* The line that was waited for stands below how much it was. */
static void
end_binary (IlOutputPane *self, GString *plain)
{
  guint64 n_bytes = self->n_bytes;

  self->n_bytes = 0;
  show_count (self);
  self->in_binary = FALSE;
  self->n_bytes = n_bytes;
  g_string_append_c (plain, '\n');
  g_string_append (plain, self->pending->str);
  g_string_append_c (plain, '\n');
  end_line (self);
}

/* Whether the character is among what is not text, and taken care of. */
static gboolean
count_in_binary (IlOutputPane *self, gunichar c, GString *plain)
{
  if (!self->in_binary)
    return FALSE;
  if (c != '\n')
    {
      if (self->pending->len < MAX_PENDING)
        g_string_append_unichar (self->pending, c);
      return TRUE;
    }
  if (self->n_strange == 0 && self->n_chars >= MIN_TEXT)
    {
      end_binary (self, plain);
      return TRUE;
    }
  self->n_binary += self->n_bytes;
  end_line (self);
  return TRUE;
}

static void
count (IlOutputPane *self, gunichar c)
{
  self->n_bytes += c == 0xfffd ? 1 : (guint64)g_unichar_to_utf8 (c, NULL);
  self->n_chars += c != '\n';
  self->n_strange += is_strange (c) ? 1 : 0;
}

/* --- what is */

static State
state_after_escape (gunichar c)
{
  if (c == '[')
    return IN_SEQUENCE;
  if (c == ']' || c == 'P' || c == 'X' || c == '^' || c == '_')
    return IN_TITLE;
  /* Of those with more than one character, as which set of them is meant. */
  return c >= ' ' && c <= '/' ? AFTER_ESCAPE : IN_TEXT;
}

/* Whether the character is part of a sequence that steers a terminal. */
static gboolean
skip (IlOutputPane *self, gunichar c)
{
  switch (self->state)
    {
    case AFTER_ESCAPE:
      self->state = state_after_escape (c);
      return TRUE;
    case IN_SEQUENCE:
      if (c >= 0x40 && c <= 0x7e)
        self->state = IN_TEXT;
      return TRUE;
    case IN_TITLE:
      if (c == '\a' || c == '\n' || c == '\033')
        self->state = c == '\033' ? AFTER_ESCAPE : IN_TEXT;
      return TRUE;
    case IN_TEXT:
    default:
      if (c == '\033')
        self->state = AFTER_ESCAPE;
      return c == '\033' || (c < ' ' && c != '\n' && c != '\t' && c != '\r' && c != '\b')
             || c == 0x7f;
    }
}

static void
interpret (IlOutputPane *self, const char *text)
{
  g_autoptr (GString) plain = g_string_new (NULL);

  for (; *text; text = g_utf8_next_char (text))
    {
      gunichar c = g_utf8_get_char (text);

      count (self, c);
      if (count_in_binary (self, c, plain))
        continue;
      if (self->n_strange >= MIN_STRANGE && self->n_strange * STRANGE_SHARE > self->n_chars)
        {
          begin_binary (self, plain);
          continue;
        }
      if (c == '\n')
        end_line (self);
      if (skip (self, c))
        continue;
      if (c == '\r')
        {
          self->after_return = TRUE;
          continue;
        }
      if (c == '\b')
        {
          take_back (self, plain);
          continue;
        }
      if (self->after_return && c != '\n')
        {
          insert (self, plain);
          begin_line_anew (self);
        }
      self->after_return = FALSE;
      g_string_append_unichar (plain, c);
    }
  insert (self, plain);
  if (self->in_binary)
    show_count (self);
}

static void
drop_oldest (IlOutputPane *self)
{
  int n_lines = gtk_text_buffer_get_line_count (self->buffer);
  int n_chars = gtk_text_buffer_get_char_count (self->buffer);
  GtkTextIter begin, end;

  gtk_text_buffer_get_start_iter (self->buffer, &begin);
  if (n_lines > MAX_LINES)
    {
      gtk_text_buffer_get_iter_at_line (self->buffer, &end, n_lines - MAX_LINES);
      gtk_text_buffer_delete (self->buffer, &begin, &end);
      n_chars = gtk_text_buffer_get_char_count (self->buffer);
    }
  if (n_chars > MAX_CHARS)
    {
      gtk_text_buffer_get_iter_at_offset (self->buffer, &end, n_chars - MAX_CHARS);
      gtk_text_buffer_delete (self->buffer, &begin, &end);
    }
}

/* --- what is shown of it --- */

/* The last line with something in it. */
static void
show_last_line (IlOutputPane *self)
{
  g_autofree char *line = NULL;
  GtkTextIter begin, end;

  gtk_text_buffer_get_end_iter (self->buffer, &end);
  while (gtk_text_iter_starts_line (&end) && gtk_text_iter_backward_char (&end))
    ;
  begin = end;
  gtk_text_iter_set_line_offset (&begin, 0);
  if (gtk_text_iter_get_offset (&end) - gtk_text_iter_get_offset (&begin) > MAX_LAST_CHARS)
    gtk_text_buffer_get_iter_at_offset (self->buffer, &end,
                                        gtk_text_iter_get_offset (&begin) + MAX_LAST_CHARS);
  line = gtk_text_buffer_get_text (self->buffer, &begin, &end, FALSE);
  gtk_label_set_label (self->last_label, line);
}

static gboolean
is_at_end (IlOutputPane *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled);

  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
         >= gtk_adjustment_get_upper (adjustment) - 1;
}

static void
scroll_to_end (IlOutputPane *self)
{
  GtkTextMark *mark = gtk_text_buffer_get_mark (self->buffer, "end");

  gtk_text_view_scroll_to_mark (self->view, mark, 0, TRUE, 0, 1);
}

/* What it printed last is of interest to who unfolds it. */
static void
map_cb (IlOutputPane *self)
{
  scroll_to_end (self);
}

/* --- the object --- */

/* The whole line is the button. */
static void
header_clicked_cb (IlOutputPane *self)
{
  GtkToggleButton *button = GTK_TOGGLE_BUTTON (self->fold_button);

  gtk_toggle_button_set_active (button, !gtk_toggle_button_get_active (button));
}

static char *
fold_icon_cb (gpointer object, gboolean open)
{
  return g_strdup (open ? "pan-down-symbolic" : "pan-up-symbolic");
}

static void
il_output_pane_dispose (GObject *object)
{
  GtkWidget *child;

  gtk_widget_dispose_template (GTK_WIDGET (object), IL_TYPE_OUTPUT_PANE);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (il_output_pane_parent_class)->dispose (object);
}

static void
il_output_pane_finalize (GObject *object)
{
  g_string_free (IL_OUTPUT_PANE (object)->pending, TRUE);

  G_OBJECT_CLASS (il_output_pane_parent_class)->finalize (object);
}

static void
il_output_pane_class_init (IlOutputPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_output_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = il_output_pane_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/io/github/interleave/Interleave/il-output-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, IlOutputPane, last_label);
  gtk_widget_class_bind_template_child (widget_class, IlOutputPane, fold_button);
  gtk_widget_class_bind_template_child (widget_class, IlOutputPane, scrolled);
  gtk_widget_class_bind_template_child (widget_class, IlOutputPane, view);
  gtk_widget_class_bind_template_child (widget_class, IlOutputPane, buffer);
  gtk_widget_class_bind_template_callback (widget_class, fold_icon_cb);
  gtk_widget_class_bind_template_callback (widget_class, header_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, map_cb);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_REGION);
}

static void
il_output_pane_init (IlOutputPane *self)
{
  GtkTextIter end;

  self->pending = g_string_new (NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_text_buffer_get_end_iter (self->buffer, &end);
  gtk_text_buffer_create_mark (self->buffer, "end", &end, FALSE);
}

/**
 * il_output_pane_new:
 *
 * Returns: (transfer floating): a pane that is out of sight until there is something in it
 */
GtkWidget *
il_output_pane_new (void)
{
  return g_object_new (IL_TYPE_OUTPUT_PANE, NULL);
}

/**
 * il_output_pane_append:
 * @text: what was printed since the last time; the oldest goes when it is too much
 */
void
il_output_pane_append (IlOutputPane *self, const char *text)
{
  gboolean follow;

  g_return_if_fail (IL_IS_OUTPUT_PANE (self));
  g_return_if_fail (text != NULL);

  follow = is_at_end (self);
  interpret (self, text);
  drop_oldest (self);
  show_last_line (self);
  if (gtk_text_buffer_get_char_count (self->buffer) > 0)
    gtk_widget_set_visible (GTK_WIDGET (self), TRUE);
  if (follow)
    scroll_to_end (self);
}

/**
 * il_output_pane_leave_out:
 * @n_bytes: how many were printed and are not known any more
 *
 * Says so where what is appended next goes on.
 */
void
il_output_pane_leave_out (IlOutputPane *self, guint64 n_bytes)
{
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GString) line = NULL;

  g_return_if_fail (IL_IS_OUTPUT_PANE (self));

  if (self->in_binary)
    {
      self->n_binary += n_bytes;
      return;
    }

  count = il_format_count (n_bytes);
  /* Translators: a number with its digits grouped; of output that came too fast */
  text = g_strdup_printf (ngettext ("… %s byte left out", "… %s bytes left out", (gulong)n_bytes),
                          count);
  line = g_string_new (self->n_chars > 0 ? "\n" : NULL);
  g_string_append_printf (line, "%s\n", text);
  end_line (self);
  self->state = IN_TEXT;
  self->after_return = FALSE;
  insert (self, line);
}

/**
 * il_output_pane_clear:
 *
 * Forgets all of it and goes out of sight.
 */
void
il_output_pane_clear (IlOutputPane *self)
{
  g_return_if_fail (IL_IS_OUTPUT_PANE (self));

  gtk_text_buffer_set_text (self->buffer, "", 0);
  gtk_label_set_label (self->last_label, "");
  self->state = IN_TEXT;
  self->after_return = self->in_binary = FALSE;
  end_line (self);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

/**
 * il_output_pane_dup_text:
 *
 * Returns: (transfer full): what is kept
 */
char *
il_output_pane_dup_text (IlOutputPane *self)
{
  GtkTextIter begin, end;

  g_return_val_if_fail (IL_IS_OUTPUT_PANE (self), NULL);

  gtk_text_buffer_get_bounds (self->buffer, &begin, &end);

  return gtk_text_buffer_get_text (self->buffer, &begin, &end, FALSE);
}

/**
 * il_output_pane_get_last_line:
 *
 * Returns: (transfer none): the last line with something in it
 */
const char *
il_output_pane_get_last_line (IlOutputPane *self)
{
  g_return_val_if_fail (IL_IS_OUTPUT_PANE (self), NULL);

  return gtk_label_get_label (self->last_label);
}

/**
 * il_output_pane_fit:
 * @width: that it has
 * @height: that it may have
 *
 * Returns: the height up to @height that it wants: always the same, however much it shows
 */
int
il_output_pane_fit (IlOutputPane *self, int width, int height)
{
  int minimum, least;

  g_return_val_if_fail (IL_IS_OUTPUT_PANE (self), height);

  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_VERTICAL, width, &minimum, NULL, NULL,
                      NULL);
  if (!gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (self->fold_button)))
    return MIN (minimum, height);

  gtk_widget_measure (GTK_WIDGET (self->scrolled), GTK_ORIENTATION_VERTICAL, width, &least, NULL,
                      NULL, NULL);

  return MIN (minimum - least + VIEW_HEIGHT, height);
}
