/* il-timeline-widget-private.h - what the parts of the timeline widget share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-widget.h"

G_BEGIN_DECLS

struct _IlTimelineWidget
{
  GtkWidget parent_instance;

  IlViewState *view_state;
  GSignalGroup *view_signals;

  /* The picture: the array of boxes, its pixels, and the node that paints these.  Each is made anew
   * only when what it is made from changed; the node stays the same object in between, so that the
   * renderer sees that nothing there has to be drawn again when just the pointer moved. */
  IlTimelinePainter *painter;
  IlTimelineLayout *layout;
  cairo_surface_t *surfaces[2]; /* in turn: the renderer may still hold the last picture */
  guint surface;                /* which of them has the newest */
  GskRenderNode *node;
  gboolean layout_stale, image_stale;
  gint64 begin_ns, end_ns; /* what the layout shows */
  gboolean told;           /* what stands beside the picture says the same as the layout */
  double scroll_y;
  int bar_width;             /* what the scrollbar takes from the picture; 0 where all lanes fit */
  double plot_x, plot_width; /* of the last layout, 0 before the first */
  double ruler_height;
  double content_height;
  char *font_family;
  graphene_rect_t group_rects[IL_N_GROUPS]; /* headers as laid out; empty where there is none */

  guint tick_id, pause_id; /* one of them at most: frames go on, or pause after a costly one */
  gint64 paint_begin_us;
  GdkFrameClock *frame_clock;
  gint64 described_us; /* when the description was last brought up to date */

  gboolean hovering;
  double pointer_x, pointer_y;
  gint64 drag_begin_ns;
  double drag_scroll_y;
  double pinch_scale;

  GArray *only;        /* guint: lanes that alone have rows; empty: all have */
  guint crowding;      /* of those rows */
  int revealed_height; /* of the widget, when what is pointed out was brought into sight; 0: since
                          then it was scrolled */

  GtkWidget *group_buttons[IL_N_GROUPS];
  GtkWidget *all_button; /* has rows of all lanes again */
  GtkWidget *scrollbar;
  GtkAdjustment *vadjustment;
  GtkWidget *menu; /* a popover */
  GtkWidget *tip;
  GtkLabel *tip_heading;
  GtkLabel *tip_body;
};

/* il-timeline-widget-draw.c */
gboolean il_timeline_widget_picture_fits (IlTimelineWidget *self, int width, int height);
void il_timeline_widget_snapshot (GtkWidget *widget, GtkSnapshot *snapshot);

/* il-timeline-widget-frames.c */
void il_timeline_widget_stale (IlTimelineWidget *self);
void il_timeline_widget_ensure_tick (IlTimelineWidget *self);
void il_timeline_widget_watch_frames (IlTimelineWidget *self);
void il_timeline_widget_unwatch_frames (IlTimelineWidget *self);
void il_timeline_widget_stop_frames (IlTimelineWidget *self);

/* il-timeline-widget-input.c */
void il_timeline_widget_class_init_input (GtkWidgetClass *widget_class);
void il_timeline_widget_scroll_to (IlTimelineWidget *self, double y);

/* il-timeline-widget-lanes.c */
GArray *il_timeline_widget_list_lanes (IlTimelineWidget *self) G_GNUC_WARN_UNUSED_RESULT;
const IlLanePlace *il_timeline_widget_find_place (const GArray *places, guint lane);
void il_timeline_widget_marked (IlTimelineWidget *self);
char *il_timeline_widget_dup_selected_name (IlTimelineWidget *self) G_GNUC_WARN_UNUSED_RESULT;
void il_timeline_widget_click (IlTimelineWidget *self, double x, double y);
void il_timeline_widget_move_selection (IlTimelineWidget *self, int steps);
void il_timeline_widget_snapshot_selection (IlTimelineWidget *self, GtkSnapshot *snapshot);
void il_timeline_widget_popup_menu_at (IlTimelineWidget *self, double x, double y);
void il_timeline_widget_popup_menu (IlTimelineWidget *self);

/* il-timeline-widget-reveal.c */
void il_timeline_widget_selected (IlTimelineWidget *self);
void il_timeline_widget_show_all (IlTimelineWidget *self);
void il_timeline_widget_fit_only (IlTimelineWidget *self, int height);
void il_timeline_widget_keep_in_sight (IlTimelineWidget *self, int height);

/* il-timeline-widget-layout.c */
gboolean il_timeline_widget_ensure_layout (IlTimelineWidget *self);
void il_timeline_widget_update_tip (IlTimelineWidget *self);
void il_timeline_widget_size_allocate (GtkWidget *widget, int width, int height, int baseline);
void il_timeline_widget_measure (GtkWidget *widget, GtkOrientation orientation, int for_size,
                                 int *minimum, int *natural, int *minimum_baseline,
                                 int *natural_baseline);

G_END_DECLS
