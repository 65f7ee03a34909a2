/* il-timeline-layout.c - lays a view of a timeline out as an array of boxes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Columns.  The time axis has one column per device pixel.  Columns begin at whole multiples of
 * their own duration, counted from the session's begin and not from the view's, so that a moving
 * view shows the same columns a pixel further on instead of slightly different ones: nothing
 * flickers.  The picture is off by half a pixel at most; x_to_time and time_to_x are exact.
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <math.h>
#include <string.h>

#define RIGHT_MARGIN 14.0
#define RULER_HEIGHT 26.0
#define CROWDING_MAX 4096

/* Beyond this a position cannot be told apart from its neighbours in a box's floats, and no surface
 * is that large anyway. */
#define MAX_PIXELS 32767.0

/**
 * il_layout_px:
 *
 * Returns: the device pixel nearest to a place in logical ones
 */
int
il_layout_px (const IlTimelineLayout *layout, double logical)
{
  return (int)floor (CLAMP (logical * layout->view.scale, -1e8, 1e8) + 0.5);
}

static gboolean
has_columns_of_pixels (const IlTimelineLayout *layout)
{
  return layout->columns.n == (guint)layout->n_columns;
}

/**
 * il_layout_bin_to_px:
 *
 * Returns: left edge of a bin, in device pixels; of the one after the last, the right end
 */
int
il_layout_bin_to_px (const IlTimelineLayout *layout, guint bin)
{
  if (has_columns_of_pixels (layout))
    return layout->plot_x + (int)bin;
  return layout->plot_x + (int)((gint64)bin * layout->n_columns / (gint64)layout->columns.n);
}

/**
 * il_layout_bin_to_time:
 *
 * Returns: the moment at which a bin begins
 */
gint64
il_layout_bin_to_time (const IlTimelineLayout *layout, guint bin)
{
  return il_columns_get_begin (&layout->columns, bin);
}

/**
 * il_layout_time_to_bin:
 *
 * Returns: the bin in which a moment lies, and how far in it; may lie outside the axis
 */
double
il_layout_time_to_bin (const IlTimelineLayout *layout, gint64 time_ns)
{
  if (layout->columns.n == 0)
    return 0;
  return (double)time_ns / layout->columns.duration_ns - (double)layout->columns.first;
}

/**
 * il_layout_lane_number:
 *
 * Returns: the number whose identity colour a thread has; also of one that came after the layout
 */
guint32
il_layout_lane_number (const IlTimelineLayout *layout, guint32 lane)
{
  return lane < layout->plan->n_lanes ? layout->plan->lane_numbers[lane] : lane + 1;
}

/**
 * il_layout_level_px:
 *
 * Returns: how high a value reaches within its strip, in device pixels; at least 1 if it is more
 *   than nothing
 */
int
il_layout_level_px (const IlStrip *strip, double value)
{
  int height = strip->y1 - strip->y0;
  int px;

  if (value <= 0 || strip->scale == 0)
    return 0;
  px = (int)floor (height * MIN (value / strip->scale, 1.0) + 0.5);
  return MAX (px, 1);
}

static void
init_view (IlTimelineLayout *layout, const IlTimelineView *view)
{
  layout->view = *view;
  layout->font_family = g_strdup (view->font_family);
  layout->caption = g_strdup (view->caption);
  if (view->marks != NULL)
    il_marks_ref (view->marks);
  layout->view.n_only = 0; /* the plan knows them, and this list may go before the layout */
  layout->view.only = NULL;
  layout->view.font_family = layout->font_family;
  layout->view.caption = layout->caption;
  if (!(layout->view.scale > 0.05))
    layout->view.scale = 1;
  layout->view.scale = MIN (layout->view.scale, 32);
  layout->view.width = CLAMP (view->width, 0, MAX_PIXELS / layout->view.scale);
  layout->view.height = CLAMP (view->height, 0, MAX_PIXELS / layout->view.scale);
  if (layout->view.end_ns <= layout->view.begin_ns)
    layout->view.end_ns = layout->view.begin_ns + 1;
  layout->width = (int)ceil (layout->view.width * layout->view.scale);
  layout->height = (int)ceil (layout->view.height * layout->view.scale);
}

static void
init_axis (IlTimelineLayout *layout, double label_width)
{
  double range = (double)layout->view.end_ns - (double)layout->view.begin_ns;
  double margin = MIN (RIGHT_MARGIN, layout->view.width * 0.02);

  layout->plot_x = il_layout_px (layout, MIN (label_width, layout->view.width * 0.3));
  layout->n_columns = MAX (0, il_layout_px (layout, layout->view.width - margin) - layout->plot_x);
  layout->columns.n = (guint)MIN ((double)layout->n_columns, range);
  if (layout->columns.n > 0)
    {
      layout->columns.duration_ns = range / layout->columns.n;
      layout->columns.first
          = (gint64)floor ((double)layout->view.begin_ns / layout->columns.duration_ns + 0.5);
    }
  il_ruler_init (&layout->ruler, layout->view.begin_ns, layout->view.end_ns,
                 il_timeline_layout_get_plot_width (layout));
}

static void
append_row_box (IlTimelineLayout *layout, const IlRow *row)
{
  IlBox box = { .kind = row->kind,
                .group = row->group,
                .x = 0,
                .y = (float)il_layout_logical (layout, row->y0),
                .width = (float)il_layout_logical (layout, layout->width),
                .height = (float)il_layout_logical (layout, row->y1 - row->y0),
                .lane = row->lane };

  g_array_append_val (layout->boxes, box);
}

static void
append_ruler_box (IlTimelineLayout *layout)
{
  IlBox box = { .kind = IL_BOX_RULER,
                .group = IL_N_GROUPS,
                .width = (float)il_layout_logical (layout, layout->width),
                .height = (float)il_layout_logical (layout, layout->lanes_top),
                .lane = G_MAXUINT32 };

  g_array_append_val (layout->boxes, box);
}

static void
append_row (IlTimelineLayout *layout, const IlRowPlan *planned, int y0, int y1)
{
  IlRow row = { .kind = planned->kind,
                .group = planned->group,
                .lane = planned->lane,
                .n_lanes = planned->n_lanes,
                .indent = planned->indent,
                .y0 = y0,
                .y1 = y1,
                .box = layout->boxes->len,
                .first_strip = layout->strips->len,
                .font_size = planned->font_size };

  append_row_box (layout, &row);
  if (row.kind == IL_BOX_GROUP)
    row.fact = il_timeline_group_fact (layout, row.group);
  else if (row.kind == IL_BOX_LANE && layout->columns.n > 0)
    il_timeline_add_strips (layout, &row, planned);
  row.n_strips = layout->strips->len - row.first_strip;
  g_array_append_val (layout->rows, row);
}

/* The visible ones. */
static void
append_rows (IlTimelineLayout *layout)
{
  const IlPlan *plan = layout->plan;
  int scroll = il_layout_px (layout, layout->view.scroll_y);
  double top = il_layout_logical (layout, layout->lanes_top + scroll);

  /* Edges are rounded: one row more than needed is looked at. */
  for (guint i = il_plan_find_row (plan, top - 1); i < plan->rows->len; i++)
    {
      const IlRowPlan *planned = &g_array_index (plan->rows, IlRowPlan, i);
      int y0 = il_layout_px (layout, planned->y) - scroll;
      int y1 = il_layout_px (layout, planned->y + planned->height) - scroll;

      if (y0 >= layout->lanes_bottom)
        break;
      if (y1 > layout->lanes_top && y0 < y1)
        append_row (layout, planned, y0, y1);
    }
}

static void
clear_row (gpointer data)
{
  IlRow *row = data;

  g_free (row->fact);
  g_free (row->second_fact);
}

/**
 * il_timeline_layout_new_cached:
 * @cache: columns of the pictures before
 * @plan: that fits
 *
 * Returns: (transfer full): as il_timeline_layout_new()
 */
IlTimelineLayout *
il_timeline_layout_new_cached (IlTimeline *timeline, const IlTimelineView *view,
                               IlColumnCache *cache, IlPlan *plan)
{
  IlTimelineLayout *layout;

  layout = g_new0 (IlTimelineLayout, 1);
  layout->timeline = il_timeline_ref (timeline);
  init_view (layout, view);
  layout->boxes = g_array_sized_new (FALSE, FALSE, sizeof (IlBox), 4096);
  layout->rows = g_array_new (FALSE, FALSE, sizeof (IlRow));
  g_array_set_clear_func (layout->rows, clear_row);
  layout->strips = g_array_new (FALSE, FALSE, sizeof (IlStrip));
  layout->levels = g_array_new (FALSE, FALSE, sizeof (IlLevel));
  layout->mark_items = g_array_new (FALSE, FALSE, sizeof (IlMarkItem));
  layout->mark_homes = g_array_new (FALSE, FALSE, sizeof (guint32));

  layout->plan = il_plan_ref (plan);
  layout->content_height = plan->height;
  layout->end_ns = il_timeline_get_end (timeline);
  layout->ruler_bottom = MIN (il_layout_px (layout, RULER_HEIGHT), layout->height);
  layout->lanes_top = MIN (il_layout_px (layout, plan->top), layout->height);
  layout->lanes_bottom
      = CLAMP (il_layout_px (layout, layout->view.height
                                         - il_timeline_footer_height (timeline, &layout->view)),
               layout->lanes_top, layout->height);
  init_axis (layout, plan->label_width);
  /* Room for a far zoom: growing would copy it again and again, and what stays unused is free. */
  layout->shares
      = g_array_sized_new (FALSE, FALSE, sizeof (IlShares),
                           (guint)MIN ((guint64)plan->rows->len * layout->columns.n, 1 << 17));
  append_ruler_box (layout);
  il_timeline_add_marks (layout);
  layout->cache = cache;
  il_column_cache_begin (cache, timeline);
  append_rows (layout);
  il_column_cache_end (cache);
  layout->cache = NULL;
  il_timeline_add_footer (layout);
  return layout;
}

/**
 * il_timeline_layout_new:
 * @timeline: what is shown; the layout keeps a reference
 * @view: what of it, and how; copied
 *
 * Places everything that is visible.  Rows that are scrolled out of sight have no boxes.  The cost
 * depends on rows and pixels, not on how much was recorded.  Who lays out again and again does it
 * through il_timeline_painter_layout().
 *
 * Returns: (transfer full): the boxes, which stay as they are while the recording goes on
 */
IlTimelineLayout *
il_timeline_layout_new (IlTimeline *timeline, const IlTimelineView *view)
{
  g_autoptr (IlColumnCache) cache = NULL;
  g_autoptr (IlPlan) plan = NULL;

  g_return_val_if_fail (timeline != NULL, NULL);
  g_return_val_if_fail (view != NULL, NULL);

  cache = il_column_cache_new ();
  plan = il_plan_new (timeline, view);
  return il_timeline_layout_new_cached (timeline, view, cache, plan);
}

/**
 * il_timeline_layout_free:
 * @layout: (nullable): or NULL
 */
void
il_timeline_layout_free (IlTimelineLayout *layout)
{
  if (layout == NULL)
    return;
  g_array_unref (layout->boxes);
  g_array_unref (layout->rows);
  g_array_unref (layout->strips);
  g_array_unref (layout->shares);
  g_array_unref (layout->levels);
  g_array_unref (layout->mark_items);
  g_array_unref (layout->mark_homes);
  il_marks_unref (layout->view.marks);
  il_plan_unref (layout->plan);
  g_free (layout->font_family);
  g_free (layout->caption);
  il_timeline_unref (layout->timeline);
  g_free (layout);
}

/**
 * il_timeline_layout_get_boxes:
 * @n_boxes: (out): how many
 *
 * Returns: (transfer none) (array length=n_boxes): the ruler; marks; each visible row, directly
 *   followed by what is in it, from the left; legend and caption
 */
const IlBox *
il_timeline_layout_get_boxes (const IlTimelineLayout *layout, gsize *n_boxes)
{
  *n_boxes = layout->boxes->len;
  return (const IlBox *)(gpointer)layout->boxes->data;
}

/**
 * il_timeline_layout_get_content_height:
 *
 * Returns: height of ruler and all rows, seen or not, in logical pixels
 */
double
il_timeline_layout_get_content_height (const IlTimelineLayout *layout)
{
  return layout->content_height;
}

/**
 * il_timeline_layout_get_plot_x:
 *
 * Returns: left end of the time axis, in logical pixels
 */
double
il_timeline_layout_get_plot_x (const IlTimelineLayout *layout)
{
  return il_layout_logical (layout, layout->plot_x);
}

/**
 * il_timeline_layout_get_plot_width:
 *
 * Returns: length of the time axis, in logical pixels; 0 where the picture has no room for one
 */
double
il_timeline_layout_get_plot_width (const IlTimelineLayout *layout)
{
  return il_layout_logical (layout, layout->n_columns);
}

/**
 * il_timeline_layout_x_to_time:
 * @x: in logical pixels; may lie outside the axis
 *
 * Returns: the moment at @x
 */
gint64
il_timeline_layout_x_to_time (const IlTimelineLayout *layout, double x)
{
  double range = (double)layout->view.end_ns - (double)layout->view.begin_ns;
  double time;

  if (layout->n_columns == 0)
    return layout->view.begin_ns;
  time = (x * layout->view.scale - layout->plot_x) / layout->n_columns * range;
  return layout->view.begin_ns + (gint64)CLAMP (floor (time), -4e18, 4e18);
}

/**
 * il_timeline_layout_time_to_x:
 *
 * Returns: where @time_ns lies, in logical pixels; may lie outside the axis
 */
double
il_timeline_layout_time_to_x (const IlTimelineLayout *layout, gint64 time_ns)
{
  double range = (double)layout->view.end_ns - (double)layout->view.begin_ns;
  double share = ((double)time_ns - (double)layout->view.begin_ns) / range;

  return (layout->plot_x + share * layout->n_columns) / layout->view.scale;
}

/**
 * il_timeline_natural_height:
 * @view: height and scroll_y do not matter
 *
 * Returns: the smallest height that shows all lanes, legend and caption included
 */
double
il_timeline_natural_height (IlTimeline *timeline, const IlTimelineView *view)
{
  g_autoptr (IlPlan) plan = il_plan_new (timeline, view);

  return ceil (plan->height + il_timeline_footer_height (timeline, view));
}

static guint
count_names (const IlPlan *plan)
{
  guint n = 0;

  for (guint i = 0; i < plan->rows->len; i++)
    n += g_array_index (plan->rows, IlRowPlan, i).font_size > 0;
  return n;
}

/**
 * il_timeline_fit_rows:
 * @view: (inout): its crowding is set, scroll_y does not matter
 * @keeps_names: no row is to become so low that its name has no place
 *
 * Lowers the rows until all fit into the view's height, or they are as low as they can be.
 *
 * Returns: the height that they need then, as il_timeline_natural_height()
 */
double
il_timeline_fit_rows (IlTimeline *timeline, IlTimelineView *view, gboolean keeps_names)
{
  IlTimelineView lower = *view;
  double needed = 0;
  guint n_names = 0;

  for (guint crowding = 1; crowding <= CROWDING_MAX; crowding *= 2)
    {
      g_autoptr (IlPlan) plan = NULL;

      lower.crowding = crowding;
      plan = il_plan_new (timeline, &lower);
      if (crowding == 1)
        n_names = count_names (plan);
      else if (keeps_names && count_names (plan) < n_names)
        break;
      view->crowding = crowding;
      needed = ceil (plan->height + il_timeline_footer_height (timeline, view));
      if (needed <= view->height)
        break;
    }
  return needed;
}
