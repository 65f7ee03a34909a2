/* il-whole-command.c - a command to be read before it runs: as much of it as there is room for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What cannot be seen could be what matters.  So it takes the height that its text needs, which no
 * GtkScrolledWindow asks for where lines are wrapped; and where that is too much, it says how many
 * lines follow, beside a scroll bar that does not hide.
 */

#include "config.h"

#include "il-whole-command.h"

#include <glib/gi18n.h>

#define MIN_WIDTH 240
#define NATURAL_WIDTH 480 /* where it is not said how wide it is to be */
#define MIN_HEIGHT 90
#define SPACING 6

struct _IlWholeCommand
{
  GtkWidget parent_instance;
  int max_height;

  GtkWidget *scrolled, *label, *rest_label;
};

G_DEFINE_FINAL_TYPE (IlWholeCommand, il_whole_command, GTK_TYPE_WIDGET)

/* --- what follows --- */

/* Lines that are below what can be seen, in whole or in part. */
static guint
count_lines_below (IlWholeCommand *self)
{
  GtkAdjustment *adjustment
      = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  PangoLayout *layout = gtk_label_get_layout (GTK_LABEL (self->label));
  int n_lines = pango_layout_get_line_count (layout);
  double below, height;
  int text_height;

  pango_layout_get_pixel_size (layout, NULL, &text_height);
  height = (double)text_height / MAX (n_lines, 1);
  below = gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_value (adjustment)
          - gtk_adjustment_get_page_size (adjustment);
  /* The space below the text is none of it. */
  below -= (gtk_adjustment_get_upper (adjustment) - text_height) / 2;

  return below >= 1 && height > 0 ? (guint)((below - 1) / height) + 1 : 0;
}

static void
say_what_follows (IlWholeCommand *self)
{
  guint n = count_lines_below (self);
  g_autofree char *text = NULL;

  if (n > 0)
    text = g_strdup_printf (ngettext ("%u more line follows: scroll down before you run it",
                                      "%u more lines follow: scroll down before you run it", n),
                            n);
  gtk_label_set_label (GTK_LABEL (self->rest_label), text ? text : _ ("Here it ends."));
}

/* --- the widget --- */

static int
measure_height (GtkWidget *widget, int width)
{
  int natural;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);

  return natural;
}

static GtkSizeRequestMode
il_whole_command_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
il_whole_command_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                          int *natural, int *minimum_baseline, int *natural_baseline)
{
  IlWholeCommand *self = IL_WHOLE_COMMAND (widget);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      *minimum = MIN_WIDTH;
      *natural = NATURAL_WIDTH;
      return;
    }
  if (for_size < 0)
    for_size = NATURAL_WIDTH;
  *natural = MIN (measure_height (self->label, MAX (for_size, MIN_WIDTH)), self->max_height);
  *minimum = MIN (*natural, MIN_HEIGHT);
}

static void
il_whole_command_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IlWholeCommand *self = IL_WHOLE_COMMAND (widget);
  gboolean has_room = measure_height (self->label, width) <= height;
  int rest = has_room ? 0 : measure_height (self->rest_label, width) + SPACING;
  GtkAllocation above = { 0, 0, width, MAX (height - rest, 1) };
  GtkAllocation below = { 0, above.height + SPACING, width, MAX (rest - SPACING, 0) };

  gtk_widget_set_child_visible (self->rest_label, !has_room);
  gtk_widget_size_allocate (self->scrolled, &above, -1);
  if (!has_room)
    gtk_widget_size_allocate (self->rest_label, &below, -1);
}

static void
il_whole_command_dispose (GObject *object)
{
  IlWholeCommand *self = IL_WHOLE_COMMAND (object);

  g_clear_pointer (&self->scrolled, gtk_widget_unparent);
  g_clear_pointer (&self->rest_label, gtk_widget_unparent);

  G_OBJECT_CLASS (il_whole_command_parent_class)->dispose (object);
}

static void
il_whole_command_class_init (IlWholeCommandClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = il_whole_command_dispose;
  widget_class->get_request_mode = il_whole_command_get_request_mode;
  widget_class->measure = il_whole_command_measure;
  widget_class->size_allocate = il_whole_command_size_allocate;
}

static void
create_label (IlWholeCommand *self)
{
  self->label = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (self->label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (self->label), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_selectable (GTK_LABEL (self->label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_yalign (GTK_LABEL (self->label), 0);
  gtk_widget_add_css_class (self->label, "whole-command");
}

static void
il_whole_command_init (IlWholeCommand *self)
{
  GtkAdjustment *adjustment;

  create_label (self);
  self->scrolled = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scrolled), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_overlay_scrolling (GTK_SCROLLED_WINDOW (self->scrolled), FALSE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scrolled), self->label);
  gtk_widget_add_css_class (self->scrolled, "card");
  gtk_widget_set_parent (self->scrolled, GTK_WIDGET (self));

  self->rest_label = gtk_label_new (_ ("Here it ends."));
  gtk_label_set_wrap (GTK_LABEL (self->rest_label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (self->rest_label), 0);
  gtk_widget_add_css_class (self->rest_label, "heading");
  gtk_widget_set_parent (self->rest_label, GTK_WIDGET (self));

  adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scrolled));
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (say_what_follows), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (say_what_follows), self,
                           G_CONNECT_SWAPPED);
}

/**
 * il_whole_command_new:
 * @command: with nothing in it that cannot be seen
 * @max_height: for which there is room
 *
 * Returns: (transfer none): a widget that shows it
 */
GtkWidget *
il_whole_command_new (const char *command, int max_height)
{
  IlWholeCommand *self = g_object_new (IL_TYPE_WHOLE_COMMAND, NULL);

  gtk_label_set_label (GTK_LABEL (self->label), command);
  self->max_height = MAX (max_height, MIN_HEIGHT);

  return GTK_WIDGET (self);
}
