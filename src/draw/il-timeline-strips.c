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

/* A condition has nothing to show but who waits, and its level is that. */
static const IlSeries *
get_series (const IlLane *lane, IlStripKind kind)
{
  switch (kind)
    {
    case IL_STRIP_STATES:
    case IL_STRIP_RIBBON:
      return il_lane_get_states (lane);
    case IL_STRIP_WAITERS:
      return il_lane_get_waiters (lane) != NULL ? il_lane_get_waiters (lane)
                                                : il_lane_get_level (lane);
    case IL_STRIP_AMOUNTS:
      return NULL;
    case IL_STRIP_USAGE:
    case IL_STRIP_LEVEL:
    default:
      return il_lane_get_level (lane);
    }
}

/* Up to where a level can go; 0: there is no such limit. */
guint32
il_lane_get_limit (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);

  switch (info->kind)
    {
    case IL_LANE_QUEUE:
    case IL_LANE_SEMAPHORE:
    case IL_LANE_BARRIER:
      return (guint32)MIN (info->parameter, G_MAXUINT32);
    default:
      return 0;
    }
}

static void
add_strip (IlTimelineLayout *layout, IlRow *row, IlStripKind kind, int y0, int y1)
{
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const IlLaneInfo *info = il_lane_get_info (lane);
  gboolean is_spans = kind == IL_STRIP_STATES || kind == IL_STRIP_RIBBON;
  const IlSeries *series = get_series (lane, kind);
  IlStrip strip = { .kind = kind, .lane_kind = info->kind, .lane = row->lane, .y0 = y0, .y1 = y1 };

  if ((series == NULL && kind != IL_STRIP_AMOUNTS) || y1 <= y0)
    return;
  strip.x0 = clamp_to_plot (
      layout, floor (il_layout_time_to_bin (layout, MAX (il_lane_get_begin (lane), 0))));
  strip.x1 = clamp_to_plot (
      layout, ceil (il_layout_time_to_bin (layout, MIN (il_lane_get_end (lane), layout->end_ns))));
  if (kind == IL_STRIP_LEVEL)
    strip.limit = il_lane_get_limit (lane);
  if (kind == IL_STRIP_AMOUNTS)
    il_strip_add_amounts (layout, &strip, row);
  else if (is_spans)
    il_strip_add_spans (layout, &strip, row, series);
  else
    il_strip_add_levels (layout, &strip, row, series);
  g_array_append_val (layout->strips, strip);
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
  static const guint8 kinds[IL_N_LANE_KINDS][IL_MAX_STRIPS] = {
    [IL_LANE_THREAD] = { IL_STRIP_STATES, IL_STRIP_AMOUNTS },
    [IL_LANE_CORE] = { IL_STRIP_RIBBON, IL_STRIP_USAGE },
    [IL_LANE_LOCK] = { IL_STRIP_RIBBON, IL_STRIP_WAITERS },
    [IL_LANE_RWLOCK] = { IL_STRIP_RIBBON, IL_STRIP_LEVEL, IL_STRIP_WAITERS },
    [IL_LANE_SEMAPHORE] = { IL_STRIP_LEVEL, IL_STRIP_WAITERS },
    [IL_LANE_EVENT] = { IL_STRIP_LEVEL, IL_STRIP_WAITERS },
    [IL_LANE_CONDITION] = { IL_STRIP_WAITERS, IL_STRIP_AMOUNTS },
    [IL_LANE_BARRIER] = { IL_STRIP_LEVEL },
    [IL_LANE_QUEUE] = { IL_STRIP_LEVEL },
    [IL_LANE_CHANNEL] = { IL_STRIP_LEVEL, IL_STRIP_WAITERS },
    [IL_LANE_COUNTER] = { IL_STRIP_LEVEL, IL_STRIP_AMOUNTS },
    [IL_LANE_FILE] = { IL_STRIP_LEVEL },
  };
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const guint8 *lane_kinds = kinds[il_lane_get_look (lane, layout->plan->is_of_program)];
  double y = plan->margin;

  for (guint i = 0; i < IL_MAX_STRIPS && plan->strips[i] > 0; i++)
    {
      int top = row->y0 + il_layout_px (layout, y);

      y += plan->strips[i];
      add_strip (layout, row, (IlStripKind)lane_kinds[i], top, row->y0 + il_layout_px (layout, y));
      y += plan->gap;
    }
}
