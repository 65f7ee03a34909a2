/* il-timeline-widget-lanes.c - lanes as things that can be pointed out, and what can be done to
 * them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define LABEL_ALPHA 0.22f
#define RANGE_ALPHA 0.10f
#define EDGE_ALPHA 0.9f
#define MIN_RANGE_PX 4.0f
#define EDGE_PX 2.0f

static gboolean
is_lane_box (const IlBox *box)
{
  return box && box->kind != IL_BOX_RULER && box->kind != IL_BOX_GROUP
         && box->kind != IL_BOX_SUBGROUP && box->kind != IL_BOX_LEGEND
         && box->kind != IL_BOX_CAPTION && box->kind != IL_BOX_MARK;
}

/* Index of the lane at that height, or -1. */
static gint64
lane_at (IlTimelineWidget *self, double x, double y)
{
  const IlBox *box = self->layout ? il_timeline_pick (self->layout, x, y) : NULL;

  return is_lane_box (box) ? (gint64)box->lane : -1;
}

/**
 * il_timeline_widget_list_lanes:
 *
 * Returns: (transfer full) (nullable): where the rows of lanes are; NULL where nothing is shown
 */
GArray *
il_timeline_widget_list_lanes (IlTimelineWidget *self)
{
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  IlTimelineView view;

  if (!timeline)
    return NULL;

  il_timeline_widget_get_view (self, &view);
  return il_timeline_list_lanes (timeline, &view);
}

/**
 * il_timeline_widget_find_place:
 *
 * Returns: (nullable): where the lane's row is
 */
const IlLanePlace *
il_timeline_widget_find_place (const GArray *places, guint lane)
{
  for (guint i = 0; i < places->len; i++)
    if (g_array_index (places, IlLanePlace, i).lane == lane)
      return &g_array_index (places, IlLanePlace, i);

  return NULL;
}

/**
 * il_timeline_widget_dup_selected_name:
 *
 * Returns: (transfer full) (nullable): what the lane is called that is pointed out first
 */
char *
il_timeline_widget_dup_selected_name (IlTimelineWidget *self)
{
  IlTimeline *timeline = il_view_state_get_timeline (self->view_state);
  guint n_lanes;
  const guint *lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);

  if (!timeline || n_lanes == 0)
    return NULL;

  return g_strdup (il_lane_get_info (il_timeline_get_lane (timeline, lanes[0]))->name);
}

/**
 * il_timeline_widget_marked:
 *
 * Has other marks drawn, which may move the lanes.
 */
void
il_timeline_widget_marked (IlTimelineWidget *self)
{
  il_timeline_widget_stale (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/* As if it had been chosen in the list of findings, but for the range, which is in sight. */
static gboolean
click_mark (IlTimelineWidget *self, double x, double y)
{
  const IlBox *box = self->layout ? il_timeline_pick (self->layout, x, y) : NULL;
  const IlMark *mark;

  if (!box || box->kind != IL_BOX_MARK)
    return FALSE;

  mark = il_timeline_get_mark (self->layout, box);
  il_view_state_select (self->view_state, mark->lanes, mark->n_lanes, mark->begin_ns, mark->end_ns);
  return TRUE;
}

/**
 * il_timeline_widget_click:
 *
 * Points out the lane that was clicked, or no longer does; of a mark its evidence.
 */
void
il_timeline_widget_click (IlTimelineWidget *self, double x, double y)
{
  gint64 lane = lane_at (self, x, y);
  guint n_lanes;
  const guint *lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);

  if (click_mark (self, x, y))
    return;

  if (lane < 0 || (n_lanes == 1 && lanes[0] == lane))
    il_view_state_unselect (self->view_state);
  else
    il_view_state_select_lane (self->view_state, (guint)lane);
}

/**
 * il_timeline_widget_move_selection:
 * @steps: 1 for the lane below, -1 for the one above
 */
void
il_timeline_widget_move_selection (IlTimelineWidget *self, int steps)
{
  g_autoptr (GArray) places = il_timeline_widget_list_lanes (self);
  guint n_lanes;
  const guint *lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);
  const IlLanePlace *place;
  int index = steps > 0 ? 0 : (int)(places ? places->len : 0) - 1;

  if (!places || places->len == 0)
    return;

  place = n_lanes > 0 ? il_timeline_widget_find_place (places, lanes[0]) : NULL;
  if (place)
    index = CLAMP ((int)(place - (const IlLanePlace *)(gpointer)places->data) + steps, 0,
                   (int)places->len - 1);
  il_view_state_select_lane (self->view_state, g_array_index (places, IlLanePlace, index).lane);
}

/* --- drawing --- */

static GdkRGBA
accent (float alpha)
{
  guint32 colour
      = il_theme_get (adw_style_manager_get_dark (adw_style_manager_get_default ()))->accent;

  return (GdkRGBA){ (float)(colour >> 16 & 0xff) / 255, (float)(colour >> 8 & 0xff) / 255,
                    (float)(colour & 0xff) / 255, alpha };
}

static void
snapshot_range (IlTimelineWidget *self, GtkSnapshot *snapshot, const IlBox *box)
{
  float left = (float)self->plot_x, right = (float)(self->plot_x + self->plot_width);
  float x0 = left, x1 = right;
  gint64 begin_ns, end_ns;
  guint n_lanes;
  GskRoundedRect outline;
  GdkRGBA edge = accent (EDGE_ALPHA), tint = accent (RANGE_ALPHA);

  il_view_state_get_selection (self->view_state, &n_lanes, &begin_ns, &end_ns);
  if (begin_ns == G_MININT64)
    return;

  x0 = (float)CLAMP (il_timeline_layout_time_to_x (self->layout, begin_ns), -1e6, 1e6);
  x1 = (float)CLAMP (il_timeline_layout_time_to_x (self->layout, end_ns), -1e6, 1e6);
  if (x1 - x0 < MIN_RANGE_PX)
    {
      x0 -= MIN_RANGE_PX;
      x1 += MIN_RANGE_PX;
    }
  if (x1 < left || x0 > right)
    return;

  x0 = MAX (floorf (x0), left - EDGE_PX);
  x1 = MIN (ceilf (x1), right + EDGE_PX);
  gsk_rounded_rect_init_from_rect (&outline, &GRAPHENE_RECT_INIT (x0, box->y, x1 - x0, box->height),
                                   3);
  gtk_snapshot_append_color (snapshot, &tint, &outline.bounds);
  gtk_snapshot_append_border (snapshot, &outline,
                              (const float[4]){ EDGE_PX, EDGE_PX, EDGE_PX, EDGE_PX },
                              (const GdkRGBA[4]){ edge, edge, edge, edge });
}

static void
snapshot_lane (IlTimelineWidget *self, GtkSnapshot *snapshot, const IlBox *box)
{
  GdkRGBA label = accent (LABEL_ALPHA), edge = accent (EDGE_ALPHA);

  gtk_snapshot_append_color (snapshot, &label,
                             &GRAPHENE_RECT_INIT (0, box->y, (float)self->plot_x, box->height));
  gtk_snapshot_append_color (snapshot, &edge, &GRAPHENE_RECT_INIT (0, box->y, 3, box->height));
  snapshot_range (self, snapshot, box);
}

/**
 * il_timeline_widget_snapshot_selection:
 *
 * Draws round what is pointed out, below the ruler.
 */
void
il_timeline_widget_snapshot_selection (IlTimelineWidget *self, GtkSnapshot *snapshot)
{
  guint n_lanes;
  const guint *lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (self->layout, &n_boxes);
  float top = (float)self->ruler_height;

  if (n_lanes == 0)
    return;

  gtk_snapshot_push_clip (
      snapshot, &GRAPHENE_RECT_INIT (0, top, (float)gtk_widget_get_width (GTK_WIDGET (self)),
                                     (float)gtk_widget_get_height (GTK_WIDGET (self)) - top));
  for (gsize i = 0; i < n_boxes; i++)
    for (guint j = 0; boxes[i].kind == IL_BOX_LANE && j < n_lanes; j++)
      if (boxes[i].lane == lanes[j])
        snapshot_lane (self, snapshot, &boxes[i]);
  gtk_snapshot_pop (snapshot);
}

/* --- the menu --- */

static void
append_for_worker (GMenu *menu, const char *label, const char *action, guint number)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "u", number);
  g_menu_item_set_attribute (item, "hidden-when", "s", "action-disabled");
  g_menu_append_item (menu, item);
}

/* What can be done to a worker while it lives. */
static void
append_worker (IlTimelineWidget *self, GMenu *menu, guint lane)
{
  IlTimeline *timeline = il_view_state_get_timeline (self->view_state);
  const IlLane *worker = il_timeline_get_lane (timeline, lane);
  const IlLaneInfo *info = il_lane_get_info (worker);
  g_autoptr (GMenu) section = g_menu_new ();
  g_autofree char *step = NULL;
  g_autofree char *kill = NULL;
  g_autofree char *crash = NULL;

  if (info->kind != IL_LANE_THREAD || info->role != IL_LANE_ROLE_WORKER
      || !il_view_state_get_live (self->view_state) || il_lane_get_end (worker) != G_MAXINT64)
    return;

  /* Translators: %s is a worker's name; while all stand still, it alone goes on a little */
  step = g_strdup_printf (_ ("_Step %s"), info->name);
  /* Translators: %s is a worker's name; it is ended from outside, without a chance to object */
  kill = g_strdup_printf (_ ("_Kill %s"), info->name);
  /* Translators: %s is a worker's name; it is made to do what a faulty program does */
  crash = g_strdup_printf (_ ("_Crash %s"), info->name);
  append_for_worker (section, step, "win.step-worker", info->number);
  append_for_worker (section, kill, "win.kill-worker", info->number);
  append_for_worker (section, crash, "win.crash-worker", info->number);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
append_view (GMenu *menu)
{
  g_autoptr (GMenu) section = g_menu_new ();

  g_menu_append (section, _ ("Zoom _In"), "timeline.zoom-in");
  g_menu_append (section, _ ("Zoom _Out"), "timeline.zoom-out");
  g_menu_append (section, _ ("_Whole Recording"), "timeline.fit");
  g_menu_append_section (menu, NULL, G_MENU_MODEL (section));
}

static void
popup_menu (IlTimelineWidget *self, gint64 lane, double x, double y)
{
  g_autoptr (GMenu) menu = g_menu_new ();

  if (lane >= 0)
    {
      il_view_state_select_lane (self->view_state, (guint)lane);
      append_worker (self, menu, (guint)lane);
    }
  append_view (menu);
  gtk_popover_menu_set_menu_model (GTK_POPOVER_MENU (self->menu), G_MENU_MODEL (menu));
  gtk_popover_set_pointing_to (GTK_POPOVER (self->menu), &(GdkRectangle){ (int)x, (int)y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->menu));
  il_timeline_widget_update_tip (self); /* it would lie beneath the menu */
}

/**
 * il_timeline_widget_popup_menu_at:
 *
 * Offers what can be done at that point.
 */
void
il_timeline_widget_popup_menu_at (IlTimelineWidget *self, double x, double y)
{
  if (self->view_state && self->layout)
    popup_menu (self, lane_at (self, x, y), x, y);
}

/* The first box of a worker that is seen. */
static const IlBox *
first_worker_box (IlTimelineWidget *self)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (self->layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LANE && boxes[i].group == IL_GROUP_WORKERS
        && boxes[i].y >= (float)self->ruler_height)
      return &boxes[i];

  return NULL;
}

/**
 * il_timeline_widget_popup_menu:
 *
 * Offers what can be done to the lane that is pointed out, or else to the first worker.
 */
void
il_timeline_widget_popup_menu (IlTimelineWidget *self)
{
  g_autoptr (GArray) places = NULL;
  const IlLanePlace *place;
  const IlBox *box;
  guint n_lanes;
  const guint *lanes;

  if (!self->view_state || !self->layout)
    return;

  lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);
  places = il_timeline_widget_list_lanes (self);
  place = n_lanes > 0 && places ? il_timeline_widget_find_place (places, lanes[0]) : NULL;
  box = place ? NULL : first_worker_box (self);
  if (place)
    popup_menu (self, place->lane, self->plot_x / 2,
                CLAMP (place->y + place->height - self->scroll_y, self->ruler_height,
                       gtk_widget_get_height (GTK_WIDGET (self))));
  else
    popup_menu (self, box ? (gint64)box->lane : -1, self->plot_x / 2,
                box ? (double)(box->y + box->height) : self->ruler_height);
}
