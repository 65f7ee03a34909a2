/* il-timeline-find.c - where lanes are, also those out of sight
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

/**
 * il_timeline_list_lanes:
 *
 * Lists the lanes that can be scrolled to, from the top, at the places where they are while nothing
 * is scrolled.  Those of collapsed groups are not among them.
 *
 * Returns: (transfer full) (element-type IlLanePlace):
 */
GArray *
il_timeline_list_lanes (IlTimeline *timeline, const IlTimelineView *view)
{
  g_autoptr (IlPlan) plan = il_plan_new (timeline, view);
  GArray *places = g_array_new (FALSE, FALSE, sizeof (IlLanePlace));

  for (guint i = 0; i < plan->rows->len; i++)
    {
      const IlRowPlan *row = &g_array_index (plan->rows, IlRowPlan, i);
      IlLanePlace place
          = { .lane = row->lane, .group = row->group, .y = row->y, .height = row->height };

      if (row->kind == IL_BOX_LANE)
        g_array_append_val (places, place);
    }
  return places;
}
