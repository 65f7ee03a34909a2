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

struct _IlShareBar
{
  GtkWidget parent_instance;
  gint64 states_ns[IL_N_STATES];
  gint64 total_ns;
  PangoLayout *words[IL_N_STATES]; /* NULL: made with the next picture */
};

G_DEFINE_FINAL_TYPE (IlShareBar, il_share_bar, GTK_TYPE_WIDGET)

/* From what is useful to what is not. */
static const IlState order[] = {
  IL_STATE_RUNNING,    IL_STATE_BUSY,    IL_STATE_SPINNING, IL_STATE_RUNNABLE, IL_STATE_LOCK_WAIT,
  IL_STATE_QUEUE_WAIT, IL_STATE_IO_WAIT, IL_STATE_SLEEPING, IL_STATE_STOPPED,  IL_STATE_UNKNOWN,
};

/* Translators: the states of workers in one word each, below a bar, followed by a percentage */
static const char *const words[IL_N_STATES] = {
  [IL_STATE_RUNNING] = N_ ("running"),   [IL_STATE_BUSY] = N_ ("bookkeeping"),
  [IL_STATE_SPINNING] = N_ ("spinning"), [IL_STATE_RUNNABLE] = N_ ("ready"),
  [IL_STATE_LOCK_WAIT] = N_ ("lock"),    [IL_STATE_QUEUE_WAIT] = N_ ("queue"),
  [IL_STATE_IO_WAIT] = N_ ("I/O"),       [IL_STATE_SLEEPING] = N_ ("asleep"),
  [IL_STATE_STOPPED] = N_ ("stopped"),   [IL_STATE_UNKNOWN] = N_ ("not known"),
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

typedef struct
{
  IlState state;
  gint64 state_ns;
  int begin, end; /* of its field */
  int x, width;   /* of the word with its swatch */
  gboolean placed;
} Word;

static void
snapshot_word (IlShareBar *self, GtkSnapshot *snapshot, const Word *word)
{
  PangoLayout *layout = ensure_word (self, word->state);
  GdkRGBA colour;
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);
  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (self)), &colour);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float)word->x, BAR_HEIGHT + BELOW_BAR));
  il_snapshot_state (
      snapshot, word->state,
      &GRAPHENE_RECT_INIT (0, (float)((height - SWATCH_SIZE) / 2), SWATCH_SIZE, SWATCH_SIZE));
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (SWATCH_SIZE + SWATCH_GAP, 0));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  gtk_snapshot_restore (snapshot);
}

static gboolean
has_room (const GArray *array, const Word *word, int x, int width)
{
  if (x < 0 || x + word->width > width)
    return FALSE;

  for (guint i = 0; i < array->len; i++)
    {
      const Word *other = &g_array_index (array, Word, i);

      if (other->placed && x < other->x + other->width + WORD_GAP
          && other->x < x + word->width + WORD_GAP)
        return FALSE;
    }

  return TRUE;
}

/* A word begins where its field begins, or ends where it ends. */
static void
place_word (const GArray *array, Word *word, int width)
{
  int candidates[] = { word->begin, word->end - word->width };

  for (guint i = 0; i < G_N_ELEMENTS (candidates) && !word->placed; i++)
    if (has_room (array, word, candidates[i], width))
      {
        word->x = candidates[i];
        word->placed = TRUE;
      }
}

/* Moves the word of a field with room to spare aside, for the sake of one to its left. */
static gboolean
push_aside (GArray *array, const Word *word, int width)
{
  for (guint i = 0; i < array->len; i++)
    {
      Word *other = &g_array_index (array, Word, i);
      int x = word->begin + word->width + WORD_GAP;

      if (!other->placed || other->begin < word->end || other->x >= x)
        continue;
      other->placed = FALSE;
      if (x + other->width <= other->end && has_room (array, other, x, width)
          && has_room (array, word, word->begin, width))
        other->x = x;
      other->placed = TRUE;
      return other->x == x;
    }

  return FALSE;
}

static int
compare_shares (gconstpointer a, gconstpointer b)
{
  const Word *left = a, *right = b;

  return (left->state_ns < right->state_ns) - (left->state_ns > right->state_ns);
}

/* The fields; and the words for them, except for those that are hardly there. */
static GArray *
snapshot_fields (IlShareBar *self, GtkSnapshot *snapshot, int width)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (Word));
  gint64 before_ns = 0;

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      Word word = { .state = order[i], .state_ns = self->states_ns[order[i]] };
      double per_ns = (double)width / (double)self->total_ns;
      int end = (int)lround (per_ns * (double)(before_ns + word.state_ns));

      word.begin = (int)lround (per_ns * (double)before_ns);
      word.end = end;
      before_ns += word.state_ns;
      if (word.state_ns <= 0)
        continue;
      il_snapshot_state (snapshot, word.state,
                         &GRAPHENE_RECT_INIT ((float)word.begin, 0,
                                              (float)MAX (end - word.begin - BAR_GAP, 1),
                                              BAR_HEIGHT));
      if (word.state_ns * 200 < self->total_ns)
        continue;
      pango_layout_get_pixel_size (ensure_word (self, word.state), &word.width, NULL);
      word.width += SWATCH_SIZE + SWATCH_GAP;
      g_array_append_val (array, word);
    }

  return array;
}

/* Each word stands below its own field or is left out, the least ones first: tooltip and accessible
 * description have them all. */
static void
il_share_bar_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  IlShareBar *self = IL_SHARE_BAR (widget);
  g_autoptr (GArray) array = NULL;
  int width = gtk_widget_get_width (widget);

  if (self->total_ns <= 0)
    return;

  array = snapshot_fields (self, snapshot, width);
  g_array_sort (array, compare_shares);
  for (guint i = 0; i < array->len; i++)
    {
      Word *word = &g_array_index (array, Word, i);

      place_word (array, word, width);
      if (!word->placed && push_aside (array, word, width))
        place_word (array, word, width);
    }
  for (guint i = 0; i < array->len; i++)
    if (g_array_index (array, Word, i).placed)
      snapshot_word (self, snapshot, &g_array_index (array, Word, i));
}

static void
il_share_bar_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = 120;
      *natural = 240;
    }
  else
    *minimum = *natural = BAR_HEIGHT + BELOW_BAR + text_height (IL_SHARE_BAR (widget));
}

static void
il_share_bar_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (il_share_bar_parent_class)->css_changed (widget, change);

  forget_words (IL_SHARE_BAR (widget));
}

static void
il_share_bar_dispose (GObject *object)
{
  forget_words (IL_SHARE_BAR (object));

  G_OBJECT_CLASS (il_share_bar_parent_class)->dispose (object);
}

static void
il_share_bar_class_init (IlShareBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_share_bar_dispose;
  widget_class->snapshot = il_share_bar_snapshot;
  widget_class->measure = il_share_bar_measure;
  widget_class->css_changed = il_share_bar_css_changed;
  gtk_widget_class_set_css_name (widget_class, "sharebar");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
il_share_bar_init (IlShareBar *self)
{
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

        g_string_append_printf (text, "%s%s", text->len ? ", " : "", word);
      }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text->str, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text->str);
  forget_words (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
