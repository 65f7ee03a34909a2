/* il-timeline-strips.c - what a lane's row consists of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include <math.h>

static int
clamp_to_plot (const IlTimelineLayout *layout, double bin)
{
  return il_layout_bin_to_px (layout, (guint)CLAMP (bin, 0, layout->columns.n));
}

static void
add_strip (IlTimelineLayout *layout, IlRow *row, IlStripKind kind, int y0, int y1)
{
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const IlLaneInfo *info = il_lane_get_info (lane);
  gboolean is_spans = kind == IL_STRIP_STATES || kind == IL_STRIP_RIBBON;
  const IlSeries *series = is_spans                   ? il_lane_get_states (lane)
                           : kind == IL_STRIP_WAITERS ? il_lane_get_waiters (lane)
                                                      : il_lane_get_level (lane);
  IlStrip strip = { .kind = kind, .lane = row->lane, .y0 = y0, .y1 = y1 };

  if (series == NULL || y1 <= y0)
    return;
  strip.x0 = clamp_to_plot (
      layout, floor (il_layout_time_to_bin (layout, MAX (il_lane_get_begin (lane), 0))));
  strip.x1 = clamp_to_plot (
      layout, ceil (il_layout_time_to_bin (layout, MIN (il_lane_get_end (lane), layout->end_ns))));
  if (kind == IL_STRIP_LEVEL)
    strip.limit = (guint32)MIN (info->parameter, G_MAXUINT32);
  if (is_spans)
    il_strip_add_spans (layout, &strip, row, series);
  else
    il_strip_add_levels (layout, &strip, row, series);
  g_array_append_val (layout->strips, strip);
}

static IlStripKind
upper_kind (IlLaneKind kind)
{
  switch (kind)
    {
    case IL_LANE_THREAD:
      return IL_STRIP_STATES;
    case IL_LANE_CORE:
    case IL_LANE_LOCK:
      return IL_STRIP_RIBBON;
    case IL_LANE_SEMAPHORE:
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      return IL_STRIP_LEVEL;
    }
}

/**
 * il_timeline_add_strips:
 * @row: of a lane
 * @plan: its heights
 *
 * Appends the lane's strips and their boxes to the layout.
 */
void
il_timeline_add_strips (IlTimelineLayout *layout, IlRow *row, const IlRowPlan *plan)
{
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  IlLaneKind kind = il_lane_get_info (lane)->kind;
  int top = row->y0 + il_layout_px (layout, plan->margin);
  int bar_end = row->y0 + il_layout_px (layout, plan->margin + plan->bar);
  int lower = row->y0 + il_layout_px (layout, plan->margin + plan->bar + plan->gap);
  int end = row->y0 + il_layout_px (layout, plan->margin + plan->bar + plan->gap + plan->lower);

  add_strip (layout, row, upper_kind (kind), top, bar_end);
  if (plan->lower > 0)
    add_strip (layout, row, kind == IL_LANE_CORE ? IL_STRIP_USAGE : IL_STRIP_WAITERS, lower, end);
}
