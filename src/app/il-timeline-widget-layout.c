/* il-timeline-widget-layout.c - where the boxes are, and the widgets that lie on them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <math.h>

#define MIN_WIDTH 320
#define MIN_HEIGHT 120
#define TIP_DISTANCE 14
#define ALL_BUTTON_MARGIN 10

/**
 * il_timeline_widget_get_view:
 * @view: (out caller-allocates): what is on the screen; what it points at belongs to @self
 *
 * Says what the widget shows, for the layout and for an export that is to look the same.
 */
void
il_timeline_widget_get_view (IlTimelineWidget *self, IlTimelineView *view)
{
  g_return_if_fail (IL_IS_TIMELINE_WIDGET (self));
  g_return_if_fail (view != NULL);

  *view = (IlTimelineView){
    .begin_ns = il_view_state_get_range_begin (self->view_state),
    .end_ns = il_view_state_get_range_end (self->view_state),
    .width = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - self->bar_width, 1),
    .height = MAX (gtk_widget_get_height (GTK_WIDGET (self)), 1),
    .scroll_y = self->scroll_y,
    .scale = gtk_widget_get_scale_factor (GTK_WIDGET (self)),
    .crowding = self->crowding,
    .n_only = self->only->len,
    .only = (const guint *)(gpointer)self->only->data,
    .font_family = self->font_family,
    .marks = il_view_state_get_marks (self->view_state),
  };
  for (guint group = 0; group < IL_N_GROUPS; group++)
    view->collapsed[group] = il_view_state_get_collapsed (self->view_state, (IlGroup)group);
}

/* Returns whether a header moved, and with it the button that stands on it, or whether the lanes
 * became higher or lower as a whole. */
static gboolean
find_group_rects (IlTimelineWidget *self)
{
  graphene_rect_t rects[IL_N_GROUPS];
  const IlBox *boxes;
  gsize n_boxes;
  double content_height = il_timeline_layout_get_content_height (self->layout);
  gboolean moved = fabs (content_height - self->content_height) > 0.5;

  self->content_height = content_height;

  for (guint group = 0; group < IL_N_GROUPS; group++)
    rects[group] = GRAPHENE_RECT_INIT (0, 0, 0, 0);

  boxes = il_timeline_layout_get_boxes (self->layout, &n_boxes);
  self->ruler_height = n_boxes > 0 ? (double)(boxes[0].y + boxes[0].height) : 0;
  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_GROUP && boxes[i].group < IL_N_GROUPS)
      rects[boxes[i].group]
          = GRAPHENE_RECT_INIT (boxes[i].x, boxes[i].y, boxes[i].width, boxes[i].height);

  for (guint group = 0; group < IL_N_GROUPS; group++)
    if (!graphene_rect_equal (&rects[group], &self->group_rects[group]))
      {
        self->group_rects[group] = rects[group];
        moved = TRUE;
      }

  return moved;
}

/**
 * il_timeline_widget_ensure_layout:
 *
 * Lays out anew what became stale.
 *
 * Returns: whether the children have to be placed anew
 */
gboolean
il_timeline_widget_ensure_layout (IlTimelineWidget *self)
{
  IlTimelineView view;
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  double height = gtk_widget_get_height (GTK_WIDGET (self));

  if (!self->layout_stale && self->layout)
    return FALSE;
  if (!timeline)
    {
      g_clear_pointer (&self->layout, il_timeline_layout_free);
      return FALSE;
    }

  il_timeline_widget_get_view (self, &view);
  g_clear_pointer (&self->layout, il_timeline_layout_free);
  self->layout = il_timeline_painter_layout (self->painter, timeline, &view);
  self->layout_stale = FALSE;
  self->image_stale = TRUE;
  self->told = FALSE;
  self->begin_ns = view.begin_ns;
  self->end_ns = view.end_ns;
  self->plot_x = il_timeline_layout_get_plot_x (self->layout);
  self->plot_width = il_timeline_layout_get_plot_width (self->layout);

  gtk_adjustment_configure (self->vadjustment, self->scroll_y, 0,
                            il_timeline_layout_get_content_height (self->layout), 24,
                            MAX (height * 0.8, 24), height);
  return find_group_rects (self);
}

/* --- children --- */

static void
allocate_child (GtkWidget *child, int x, int y, int width, int height)
{
  gtk_widget_size_allocate (child, &(GtkAllocation){ x, y, width, height }, -1);
}

/* A header's button covers the header; what is scrolled out of sight cannot be focused. */
static void
allocate_group_buttons (IlTimelineWidget *self, int width, int height)
{
  for (guint group = 0; group < IL_N_GROUPS; group++)
    {
      const graphene_rect_t *rect = &self->group_rects[group];
      GtkWidget *button = self->group_buttons[group];
      gboolean shown = self->layout && rect->size.height > 0 && rect->origin.y < (float)height
                       && rect->origin.y + rect->size.height > 0;

      gtk_widget_set_child_visible (button, shown);
      if (shown)
        {
          int minimum_width, minimum_height;

          gtk_widget_measure (button, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL,
                              NULL);
          gtk_widget_measure (button, GTK_ORIENTATION_VERTICAL, -1, &minimum_height, NULL, NULL,
                              NULL);
          allocate_child (button, (int)rect->origin.x, (int)rect->origin.y,
                          MAX (MIN ((int)rect->size.width, width), minimum_width),
                          MAX ((int)rect->size.height, minimum_height));
        }
    }
}

/* In the corner above the names, beside the ruler. */
static void
allocate_all_button (IlTimelineWidget *self)
{
  int width, height;

  gtk_widget_measure (self->all_button, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &width, NULL, NULL);
  gtk_widget_measure (self->all_button, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  if (gtk_widget_get_visible (self->all_button))
    allocate_child (self->all_button, ALL_BUTTON_MARGIN,
                    MAX (((int)self->ruler_height - height) / 2, 0), width, height);
}

/* Beside the pointer where there is room, on the other side where there is none. */
static void
allocate_tip (IlTimelineWidget *self, int width, int height)
{
  int tip_width, tip_height, x, y;

  /* What it says is of another picture, until the next tick. */
  gtk_widget_set_child_visible (self->tip, self->told);
  if (!gtk_widget_get_visible (self->tip))
    return;

  gtk_widget_measure (self->tip, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &tip_width, NULL, NULL);
  tip_width = MIN (tip_width, width);
  gtk_widget_measure (self->tip, GTK_ORIENTATION_VERTICAL, tip_width, NULL, &tip_height, NULL,
                      NULL);

  x = (int)self->pointer_x + TIP_DISTANCE;
  y = (int)self->pointer_y + TIP_DISTANCE;
  if (x + tip_width > width)
    x = MAX ((int)self->pointer_x - TIP_DISTANCE - tip_width, 0);
  if (y + tip_height > height)
    y = MAX ((int)self->pointer_y - TIP_DISTANCE - tip_height, 0);
  allocate_child (self->tip, x, y, tip_width, tip_height);
}

/* Where the lanes do not fit there is a bar beside the picture, which makes it narrower. */
static void
fit_lanes (IlTimelineWidget *self, int height)
{
  double overflow = 0;
  int bar_width = 0;

  il_timeline_widget_ensure_layout (self);
  if (self->layout)
    overflow = MAX (il_timeline_layout_get_content_height (self->layout) - (double)height, 0);
  if (overflow > 0)
    gtk_widget_measure (self->scrollbar, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &bar_width, NULL,
                        NULL);

  if (self->scroll_y > overflow || self->bar_width != bar_width)
    {
      self->scroll_y = MIN (self->scroll_y, overflow);
      self->bar_width = bar_width;
      self->layout_stale = TRUE;
      il_timeline_widget_ensure_layout (self);
    }
}

/**
 * il_timeline_widget_size_allocate:
 *
 * Lays out for that size, and places headers, scrollbar and tip.
 */
void
il_timeline_widget_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);

  if (!il_timeline_widget_picture_fits (self, width, height))
    self->layout_stale = TRUE;
  il_timeline_widget_keep_in_sight (self, height);
  il_timeline_widget_fit_only (self, height);
  fit_lanes (self, height);

  allocate_all_button (self);
  allocate_group_buttons (self, width - self->bar_width, height);
  gtk_widget_set_child_visible (self->scrollbar, self->bar_width > 0);
  if (self->bar_width > 0)
    allocate_child (self->scrollbar, width - self->bar_width, 0, self->bar_width, height);
  allocate_tip (self, width, height);
  gtk_popover_present (GTK_POPOVER (self->menu));
  if (!self->told)
    il_timeline_widget_ensure_tick (self);
}

/**
 * il_timeline_widget_measure:
 *
 * Asks for room for a few lanes; the more there is, the more it shows.
 */
void
il_timeline_widget_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
  *natural = *minimum;
}

/**
 * il_timeline_widget_update_tip:
 *
 * Says beside the pointer what stands under it, or nothing.
 */
void
il_timeline_widget_update_tip (IlTimelineWidget *self)
{
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  g_autofree char *text = NULL;
  char *body;

  if (self->hovering && self->layout && timeline && !gtk_widget_get_visible (self->menu))
    text = il_timeline_describe (timeline, self->layout, self->pointer_x, self->pointer_y);

  gtk_widget_set_visible (self->tip, text != NULL);
  if (!text)
    return;

  body = strchr (text, '\n');
  if (body)
    *body++ = '\0';
  gtk_label_set_label (self->tip_heading, text);
  gtk_label_set_label (self->tip_body, body ? body : "");
  gtk_widget_set_visible (GTK_WIDGET (self->tip_body), body && *body);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}
