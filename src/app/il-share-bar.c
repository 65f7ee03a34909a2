/* il-share-bar.c - a bar cut into the shares of states, each with its word and percentage below
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-share-bar.h"

#include "il-swatch.h"
#include "il-time-format.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define BAR_HEIGHT 14
#define BAR_GAP 1
#define WORD_GAP 10
#define BELOW_BAR 3
#define SWATCH_SIZE 9
#define SWATCH_GAP 4
#define SPOKEN_PART 200 /* with less of the time than this part, a word is left to the tooltip */

struct _IlShareBar
{
  GtkWidget parent_instance;
  gint64 states_ns[IL_N_STATES];
  gint64 total_ns;
  PangoLayout *words[IL_N_STATES]; /* NULL: made with the next picture */
  char *description;               /* of all states, as the tooltip says it */
  int width;                       /* as allocated */
  int n_lines;                     /* of words that were needed so far, with that width */
  int asked_lines;                 /* so many a higher bar was asked for */
  guint resize_id;
};

G_DEFINE_FINAL_TYPE (IlShareBar, il_share_bar, GTK_TYPE_WIDGET)

/* From what is useful to what is not. */
static const IlState order[] = {
  IL_STATE_RUNNING,   IL_STATE_BUSY,       IL_STATE_SPINNING, IL_STATE_RUNNABLE,
  IL_STATE_LOCK_WAIT, IL_STATE_QUEUE_WAIT, IL_STATE_IO_WAIT,  IL_STATE_JOIN_WAIT,
  IL_STATE_WAITING,   IL_STATE_SLEEPING,   IL_STATE_STOPPED,  IL_STATE_UNKNOWN,
};

/* Translators: the states of workers in few words each, below a bar, followed by a percentage:
 * words that are in their long names, such as "waiting for others to end", as well */
static const char *const words[IL_N_STATES] = {
  [IL_STATE_RUNNING] = N_ ("running"),
  [IL_STATE_BUSY] = N_ ("running otherwise"),
  [IL_STATE_SPINNING] = N_ ("spinning"),
  [IL_STATE_RUNNABLE] = N_ ("ready"),
  [IL_STATE_LOCK_WAIT] = N_ ("lock or signal"),
  [IL_STATE_QUEUE_WAIT] = N_ ("queue"),
  [IL_STATE_IO_WAIT] = N_ ("I/O"),
  [IL_STATE_SLEEPING] = N_ ("sleeping"),
  [IL_STATE_JOIN_WAIT] = N_ ("others to end"),
  [IL_STATE_WAITING] = N_ ("not seen for what"),
  [IL_STATE_STOPPED] = N_ ("stopped"),
  [IL_STATE_UNKNOWN] = N_ ("not known"),
};

static char *
describe (IlShareBar *self, IlState state)
{
  g_autofree char *percent
      = il_format_percent ((double)self->states_ns[state] / (double)self->total_ns);

  return g_strdup_printf ("%s %s", _ (words[state]), percent);
}

static void
forget_words (IlShareBar *self)
{
  for (guint state = 0; state < IL_N_STATES; state++)
    g_clear_object (&self->words[state]);
}

static PangoLayout *
ensure_word (IlShareBar *self, IlState state)
{
  if (!self->words[state])
    {
      g_autofree char *text = describe (self, state);

      self->words[state] = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
    }

  return self->words[state];
}

static int
text_height (IlShareBar *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "Ag");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);

  return height;
}

static int
needed_height (IlShareBar *self, int lines)
{
  return BAR_HEIGHT + BELOW_BAR + lines * text_height (self);
}

typedef struct
{
  IlState state;
  int x, width; /* of the word with its swatch */
  int line;
} Word;

static int
field_end (IlShareBar *self, gint64 until_ns, int width)
{
  return (int)lround ((double)width * (double)until_ns / (double)self->total_ns);
}

/* In the order of the fields; each would like to stand where its field begins. */
static GArray *
list_words (IlShareBar *self, int width)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (Word));
  gint64 before_ns = 0;

  for (guint i = 0; i < G_N_ELEMENTS (order) && self->total_ns > 0; i++)
    {
      gint64 state_ns = self->states_ns[order[i]];
      Word word = { .state = order[i], .x = field_end (self, before_ns, width) };

      before_ns += state_ns;
      if (state_ns <= 0 || state_ns * SPOKEN_PART < self->total_ns)
        continue;
      pango_layout_get_pixel_size (ensure_word (self, word.state), &word.width, NULL);
      word.width += SWATCH_SIZE + SWATCH_GAP;
      g_array_append_val (array, word);
    }

  return array;
}

/* Returns how many lines they take. */
static int
break_lines (GArray *array, int width)
{
  int line = 0, used = 0;

  for (guint i = 0; i < array->len; i++)
    {
      Word *word = &g_array_index (array, Word, i);

      if (used > 0 && used + WORD_GAP + word->width > width)
        {
          line++;
          used = 0;
        }
      word->line = line;
      used += (used > 0 ? WORD_GAP : 0) + word->width;
    }

  return line + 1;
}

/* As near to its field as the others in the line permit: pushed to the right by those before it,
 * and back by the end of the bar. */
static void
place_words (GArray *array, int width)
{
  for (guint i = 1; i < array->len; i++)
    {
      const Word *before = &g_array_index (array, Word, i - 1);
      Word *word = &g_array_index (array, Word, i);

      if (word->line == before->line)
        word->x = MAX (word->x, before->x + before->width + WORD_GAP);
    }
  for (guint i = array->len; i-- > 0;)
    {
      Word *word = &g_array_index (array, Word, i);
      const Word *after = i + 1 < array->len ? word + 1 : NULL;
      int end = after && after->line == word->line ? after->x - WORD_GAP : width;

      word->x = MAX (MIN (word->x, end - word->width), 0);
    }
}

static int
count_lines (IlShareBar *self, int width)
{
  g_autoptr (GArray) array = list_words (self, width);

  return break_lines (array, width);
}

static void
snapshot_fields (IlShareBar *self, GtkSnapshot *snapshot, int width)
{
  gint64 before_ns = 0;

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      gint64 state_ns = self->states_ns[order[i]];
      int begin = field_end (self, before_ns, width);
      int end = field_end (self, before_ns + state_ns, width);

      before_ns += state_ns;
      if (state_ns > 0)
        il_snapshot_state (snapshot, order[i],
                           &GRAPHENE_RECT_INIT ((float)begin, 0,
                                                (float)MAX (end - begin - BAR_GAP, 1), BAR_HEIGHT));
    }
}

static void
snapshot_word (IlShareBar *self, GtkSnapshot *snapshot, const Word *word)
{
  PangoLayout *layout = ensure_word (self, word->state);
  GdkRGBA colour;
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &colour);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot,
      &GRAPHENE_POINT_INIT ((float)word->x, (float)(BAR_HEIGHT + BELOW_BAR + word->line * height)));
  il_snapshot_state (
      snapshot, word->state,
      &GRAPHENE_RECT_INIT (0, (float)((height - SWATCH_SIZE) / 2), SWATCH_SIZE, SWATCH_SIZE));
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (SWATCH_SIZE + SWATCH_GAP, 0));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
}

static void
il_share_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  IlShareBar *self = IL_SHARE_BAR (widget);
  int width = gtk_widget_get_width (widget);
  g_autoptr (GArray) array = list_words (self, width);

  if (self->total_ns <= 0)
    return;

  snapshot_fields (self, snapshot, width);
  break_lines (array, width);
  place_words (array, width);
  for (guint i = 0; i < array->len; i++)
    snapshot_word (self, snapshot, &g_array_index (array, Word, i));
}

static void
il_share_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  IlShareBar *self = IL_SHARE_BAR (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 240;
    }
  else
    {
      int lines = for_size < 0 ? 1 : count_lines (self, for_size);

      /* What stands above is not to jump each time that a state comes or goes. */
      if (for_size >= 0 && for_size == self->width)
        lines = MAX (lines, self->n_lines);
      *minimum = *natural = needed_height (self, lines);
    }
}

static gboolean
resize_cb (gpointer data)
{
  IlShareBar *self = IL_SHARE_BAR (data);

  self->resize_id = 0;
  gtk_widget_queue_resize (GTK_WIDGET (self));

  return G_SOURCE_REMOVE;
}

/* GTK asks for heights once, and takes what it heard of two widths for that of all between: of
 * words that changed since it knows nothing. */
static void
ask_for_lines (IlShareBar *self, int height)
{
  if (height >= needed_height (self, self->n_lines) || self->n_lines <= self->asked_lines)
    return;

  self->asked_lines = self->n_lines;
  if (self->resize_id == 0)
    self->resize_id = g_timeout_add (0, resize_cb, self);
}

static void
il_share_bar_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IlShareBar *self = IL_SHARE_BAR (widget);

  if (width != self->width)
    self->n_lines = self->asked_lines = 0;
  self->width = width;
  self->n_lines = MAX (self->n_lines, count_lines (self, width));
  ask_for_lines (self, height);
}

static GtkSizeRequestMode
il_share_bar_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
il_share_bar_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (il_share_bar_parent_class)->css_changed (widget, change);

  forget_words (IL_SHARE_BAR (widget));
}

/* Asked for when it is to be shown: who sets a text has GTK ask for tooltips anew, and one who does
 * so more often than the pointer has to rest for one keeps all tooltips of the program from coming
 * up. */
static gboolean
il_share_bar_query_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard,
                            GtkTooltip *tooltip)
{
  IlShareBar *self = IL_SHARE_BAR (widget);

  gtk_tooltip_set_text (tooltip, self->description);

  return self->total_ns > 0;
}

static void
il_share_bar_dispose (GObject *object)
{
  g_clear_handle_id (&IL_SHARE_BAR (object)->resize_id, g_source_remove);
  forget_words (IL_SHARE_BAR (object));

  G_OBJECT_CLASS (il_share_bar_parent_class)->dispose (object);
}

static void
il_share_bar_finalize (GObject *object)
{
  g_free (IL_SHARE_BAR (object)->description);

  G_OBJECT_CLASS (il_share_bar_parent_class)->finalize (object);
}

static void
il_share_bar_class_init (IlShareBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_share_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = il_share_bar_finalize;
  widget_class->snapshot = il_share_bar_snapshot;
  widget_class->measure = il_share_bar_measure;
  widget_class->size_allocate = il_share_bar_size_allocate;
  widget_class->get_request_mode = il_share_bar_get_request_mode;
  widget_class->css_changed = il_share_bar_css_changed;
  widget_class->query_tooltip = il_share_bar_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "sharebar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
il_share_bar_init (IlShareBar *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("States of the workers"), -1);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
}

/**
 * il_share_bar_new:
 *
 * Returns: (transfer floating): an empty bar
 */
GtkWidget *
il_share_bar_new (void)
{
  return g_object_new (IL_TYPE_SHARE_BAR, NULL);
}

/**
 * il_share_bar_set_states:
 * @states_ns: (array fixed-size=11): time in each #IlState; that in NONE is left out
 */
void
il_share_bar_set_states (IlShareBar *self, const gint64 states_ns[IL_N_STATES])
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_if_fail (IL_IS_SHARE_BAR (self));

  if (memcmp (self->states_ns, states_ns, sizeof self->states_ns) == 0)
    return;

  memcpy (self->states_ns, states_ns, sizeof self->states_ns);
  self->total_ns = 0;
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    self->total_ns += states_ns[order[i]];

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    if (states_ns[order[i]] > 0)
      {
        g_autofree char *word = describe (self, order[i]);

        g_string_append_printf (text, "%s%s", text->len ? _ (", ") : "", word);
      }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  g_free (self->description);
  self->description = g_string_free (g_steal_pointer (&text), FALSE);
  forget_words (self);
  if (self->total_ns <= 0)
    self->n_lines = self->asked_lines = 0;
  if (self->width > 0 && count_lines (self, self->width) > self->n_lines)
    gtk_widget_queue_resize (GTK_WIDGET (self));
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
