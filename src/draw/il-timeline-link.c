/* il-timeline-link.c - who let whom go on: found, and drawn as a line from the one to the other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include <math.h>

/* Ends of waits of others that may lie between the end of a span and that of its wait. */
#define MAX_WAITS_SEARCHED 65536

#define ARROW 5.0

/**
 * il_find_wait_of_span:
 * @lane: of the thread
 * @span: of its states
 * @wait: (out): set where there is one
 *
 * Finds the wait that a span is a part of: also the part of it that was spent spinning, or ready
 * after it was woken.
 *
 * Returns: FALSE where it waited for nothing that has a lane, or still does
 */
gboolean
il_find_wait_of_span (IlTimeline *timeline, guint32 lane, const IlSpan *span, IlWait *wait)
{
  IlState state = IL_CODE_STATE (span->code);
  gboolean has_object = state != IL_STATE_STOPPED && state != IL_STATE_JOIN_WAIT;
  guint32 number = has_object ? IL_CODE_SUBJECT (span->code) : 0;
  const IlLane *object = number != 0 ? il_timeline_get_object_lane (timeline, number) : NULL;
  gsize low = 0, high;

  /* What is waited for at a join stands with who waits. */
  if (state == IL_STATE_JOIN_WAIT)
    object = il_timeline_get_lane (timeline, lane);

  if (object == NULL)
    return FALSE;
  high = il_lane_get_n_waits (object);
  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (il_lane_get_wait (object, middle, wait) && wait->end_ns < span->end_ns)
        low = middle + 1;
      else
        high = middle;
    }
  for (gsize i = low; i < low + MAX_WAITS_SEARCHED && il_lane_get_wait (object, i, wait); i++)
    if (wait->lane == lane)
      return wait->end_ns - wait->wait_ns <= span->begin_ns;
  return FALSE;
}

/* The middle of a lane's row, seen or not, in logical pixels; negative where it has none. */
static double
find_row_middle (const IlTimelineLayout *layout, guint32 lane)
{
  const GArray *rows = layout->plan->rows;

  for (guint i = 0; i < rows->len; i++)
    {
      const IlRowPlan *row = &g_array_index (rows, IlRowPlan, i);

      if (row->kind == IL_BOX_LANE && row->lane == lane)
        return CLAMP (row->y + row->height / 2 - layout->view.scroll_y,
                      il_layout_logical (layout, layout->lanes_top),
                      il_layout_logical (layout, layout->lanes_bottom));
    }
  return -1;
}

/**
 * il_timeline_find_link:
 * @x: in logical pixels from the picture's left edge
 * @y: in logical pixels from its top
 * @link: (out): set where there is one
 *
 * Finds who ended the wait that stands at a point.
 *
 * Returns: FALSE where there is no wait, it still goes on, or it is not known who
 */
gboolean
il_timeline_find_link (const IlTimelineLayout *layout, double x, double y, IlTimelineLink *link)
{
  IlTimeline *timeline = layout->timeline;
  const IlBox *box = il_timeline_pick (layout, x, y);
  IlWords words = { .timeline = timeline, .layout = layout, .known_ns = layout->end_ns };
  IlSpan span = { 0 };
  IlWait wait;

  if (box == NULL || box->kind != IL_BOX_SPAN)
    return FALSE;
  words.lane = il_timeline_get_lane (timeline, box->lane);
  if (il_lane_get_info (words.lane)->kind != IL_LANE_THREAD)
    return FALSE;
  words.begin_ns = il_timeline_layout_x_to_time (layout, x);
  words.end_ns = words.begin_ns + MAX ((gint64)layout->columns.duration_ns, 1);
  if (!il_words_find_span (&words, box, &span)
      || !il_find_wait_of_span (timeline, box->lane, &span, &wait) || wait.woken_by_plus_1 == 0
      || wait.woken_by_plus_1 - 1 == box->lane)
    return FALSE;
  *link = (IlTimelineLink){
    .from = wait.woken_by_plus_1 - 1,
    .to = box->lane,
    .time_ns = wait.end_ns,
    .x = il_timeline_layout_time_to_x (layout, wait.end_ns),
    .from_y = find_row_middle (layout, wait.woken_by_plus_1 - 1),
    .to_y = find_row_middle (layout, box->lane),
  };
  return link->from_y >= 0 && link->to_y >= 0;
}

/**
 * il_timeline_paint_link:
 * @cr: in logical pixels, the picture's corner at its origin; left as it was, but for its path
 *
 * Paints a thin line with an arrow at who was let go.
 */
void
il_timeline_paint_link (cairo_t *cr, const IlTimelineLink *link, const IlTheme *theme)
{
  double x = floor (link->x) + 0.5;
  double back = link->to_y > link->from_y ? -ARROW : ARROW;

  cairo_save (cr);
  cairo_new_path (cr);
  cairo_set_source_rgb (cr, (theme->accent >> 16 & 0xff) / 255.0,
                        (theme->accent >> 8 & 0xff) / 255.0, (theme->accent & 0xff) / 255.0);
  cairo_set_line_width (cr, 1);
  cairo_move_to (cr, x, link->from_y);
  cairo_line_to (cr, x, link->to_y);
  cairo_stroke (cr);
  cairo_move_to (cr, x, link->to_y);
  cairo_line_to (cr, x - ARROW * 0.7, link->to_y + back);
  cairo_line_to (cr, x + ARROW * 0.7, link->to_y + back);
  cairo_close_path (cr);
  cairo_fill (cr);
  cairo_restore (cr);
}
