/* il-legend.c - what the colours and patterns of the timelines mean
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-legend.h"

#include "il-swatch.h"

#include <glib/gi18n.h>

/* These are always explained; the others, which most scenarios never show, once they were seen. */
#define ALWAYS                                                                                     \
  (1u << IL_STATE_RUNNING | 1u << IL_STATE_RUNNABLE | 1u << IL_STATE_LOCK_WAIT                     \
   | 1u << IL_STATE_QUEUE_WAIT | 1u << IL_STATE_SLEEPING | IL_SWATCH_SEEN (IL_SWATCH_HOLDERS)      \
   | IL_SWATCH_SEEN (IL_SWATCH_LEVEL) | IL_SWATCH_SEEN (IL_SWATCH_WAITERS)                         \
   | IL_SWATCH_SEEN (IL_SWATCH_USAGE))
/* Programs that are not ours have no queues that we know of, and nothing is known of their locks
 * before the first wait. */
#define ALWAYS_OF_PROGRAM (((ALWAYS) & ~(1u << IL_STATE_QUEUE_WAIT)) | 1u << IL_STATE_UNKNOWN)

struct _IlLegend
{
  GtkWidget parent_instance;
  GtkWidget *rows[IL_N_STATES];
  GtkWidget *strip_rows[IL_N_SWATCH_STRIPS]; /* what has no state */
  guint seen;                                /* a bit for each IlState, and for strips */
  gboolean is_of_program;
};

G_DEFINE_FINAL_TYPE (IlLegend, il_legend, GTK_TYPE_WIDGET)

static const char *const strips[IL_N_SWATCH_STRIPS] = {
  [IL_SWATCH_HOLDERS] = N_ ("who runs or holds it, by colour"),
  [IL_SWATCH_READERS] = N_ ("held by readers"),
  [IL_SWATCH_LEVEL] = N_ ("how many or how much there is"),
  [IL_SWATCH_WAITERS] = N_ ("how many wait"),
  [IL_SWATCH_USAGE] = N_ ("core busy, whoever ran"),
};

static GtkWidget *
create_row (GtkWidget *swatch, const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_box_append (GTK_BOX (row), swatch);
  gtk_box_append (GTK_BOX (row), label);

  return row;
}

static void
show_rows (IlLegend *self)
{
  guint shown = (self->is_of_program ? ALWAYS_OF_PROGRAM : ALWAYS) | self->seen;

  for (guint state = IL_STATE_NONE + 1; state < IL_N_STATES; state++)
    gtk_widget_set_visible (self->rows[state], (shown & 1u << state) != 0);
  for (guint strip = 0; strip < IL_N_SWATCH_STRIPS; strip++)
    gtk_widget_set_visible (self->strip_rows[strip], (shown & IL_SWATCH_SEEN (strip)) != 0);
}

static void
il_legend_dispose (GObject *object)
{
  IlLegend *self = IL_LEGEND (object);

  for (guint state = 0; state < IL_N_STATES; state++)
    g_clear_pointer (&self->rows[state], gtk_widget_unparent);
  for (guint strip = 0; strip < IL_N_SWATCH_STRIPS; strip++)
    g_clear_pointer (&self->strip_rows[strip], gtk_widget_unparent);

  G_OBJECT_CLASS (il_legend_parent_class)->dispose (object);
}

static void
il_legend_class_init (IlLegendClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_legend_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
il_legend_init (IlLegend *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self));

  gtk_orientable_set_orientation (GTK_ORIENTABLE (layout), GTK_ORIENTATION_VERTICAL);
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (layout), 5);
  for (guint state = IL_STATE_NONE + 1; state < IL_N_STATES; state++)
    {
      self->rows[state]
          = create_row (il_swatch_new ((IlState)state), il_state_get_label ((IlState)state));
      gtk_widget_set_parent (self->rows[state], GTK_WIDGET (self));
    }
  for (guint strip = 0; strip < IL_N_SWATCH_STRIPS; strip++)
    {
      self->strip_rows[strip]
          = create_row (il_swatch_new_strip ((IlSwatchStrip)strip), _ (strips[strip]));
      gtk_widget_set_parent (self->strip_rows[strip], GTK_WIDGET (self));
    }
  show_rows (self);
}

/**
 * il_legend_new:
 *
 * Returns: (transfer floating): a legend of the usual states
 */
GtkWidget *
il_legend_new (void)
{
  return g_object_new (IL_TYPE_LEGEND, NULL);
}

/**
 * il_legend_set_program:
 * @is_of_program: whether it explains what threads do that know of no tasks
 */
void
il_legend_set_program (IlLegend *self, gboolean is_of_program)
{
  GtkWidget *label;

  g_return_if_fail (IL_IS_LEGEND (self));

  self->is_of_program = is_of_program;
  label = gtk_widget_get_last_child (self->rows[IL_STATE_RUNNING]);
  gtk_label_set_label (GTK_LABEL (label), il_state_get_label_of (IL_STATE_RUNNING, is_of_program));
  show_rows (self);
}

/**
 * il_legend_add_seen:
 * @states: a bit for each #IlState that now stands on the screen, and IL_SWATCH_SEEN() of strips
 *
 * Explains these too, from now on.
 */
void
il_legend_add_seen (IlLegend *self, guint states)
{
  g_return_if_fail (IL_IS_LEGEND (self));

  if ((self->seen | states) == self->seen)
    return;

  self->seen |= states;
  show_rows (self);
}

/**
 * il_legend_forget_seen:
 *
 * Goes back to the usual states.
 */
void
il_legend_forget_seen (IlLegend *self)
{
  g_return_if_fail (IL_IS_LEGEND (self));

  self->seen = 0;
  show_rows (self);
}
