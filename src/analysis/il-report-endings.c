/* il-report-endings.c - which workers died, which left, and who took whose place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Workers of one number have one place in the pool, one after the other: "Worker 2 (2)" took that
 * of "Worker 2".
 */

#include "config.h"

#include <signal.h>

#include "il-report-private.h"

/**
 * il_report_is_same_place:
 *
 * Returns: whether two lanes are of workers that had the same place, or are the same
 */
gboolean
il_report_is_same_place (const IlLane *a, const IlLane *b)
{
  const IlLaneInfo *left = il_lane_get_info (a);
  const IlLaneInfo *right = il_lane_get_info (b);

  return a == b
         || (left->role == IL_LANE_ROLE_WORKER && right->role == IL_LANE_ROLE_WORKER
             && left->number > 0 && left->number == right->number);
}

static int
compare_lanes (gconstpointer a, gconstpointer b)
{
  const IlLane *left = *(const IlLane *const *)a, *right = *(const IlLane *const *)b;
  guint left_number = il_lane_get_info (left)->number;
  guint right_number = il_lane_get_info (right)->number;

  if (left_number != right_number)
    return left_number < right_number ? -1 : 1;
  return il_lane_get_index (left) < il_lane_get_index (right) ? -1 : 1;
}

/* All workers there ever were: those of one place side by side, in the order of their births. */
static GPtrArray *
list_workers (const IlReportRange *range)
{
  GPtrArray *workers = g_ptr_array_new ();

  for (guint i = 0; i < range->n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_THREAD
          && il_lane_get_info (lane)->role == IL_LANE_ROLE_WORKER)
        g_ptr_array_add (workers, (gpointer)lane);
    }
  g_ptr_array_sort (workers, compare_lanes);
  return workers;
}

/**
 * il_report_get_ending:
 * @lane: of a thread
 *
 * Returns: how a worker ended, whenever that was; of others nothing is known
 */
IlReportEnding
il_report_get_ending (const IlLane *lane)
{
  guint signal_number;

  if (il_lane_get_info (lane)->role != IL_LANE_ROLE_WORKER)
    return IL_REPORT_ENDING_NONE;
  switch (il_lane_get_ending (lane, &signal_number))
    {
    case IL_ENDING_LEFT:
      return IL_REPORT_ENDING_LEFT;
    case IL_ENDING_DIED:
      return signal_number == 0         ? IL_REPORT_ENDING_BY_FORCE
             : signal_number == SIGKILL ? IL_REPORT_ENDING_KILLED
                                        : IL_REPORT_ENDING_CRASHED;
    case IL_ENDING_NONE:
    default:
      return IL_REPORT_ENDING_NONE;
    }
}

static void
count_ending (IlEndingFigures *endings, IlReportEnding ending, gboolean is_followed)
{
  endings->crashed += ending == IL_REPORT_ENDING_CRASHED;
  endings->killed += ending == IL_REPORT_ENDING_KILLED;
  endings->by_force += ending == IL_REPORT_ENDING_BY_FORCE;
  endings->relieved += ending == IL_REPORT_ENDING_LEFT && is_followed;
}

/**
 * il_report_add_endings:
 *
 * Counts the workers whose lives ended within the range, and takes how long it took until another
 * had the place of one that had died.
 */
void
il_report_add_endings (IlReport *report, const IlReportRange *range)
{
  g_autoptr (GPtrArray) workers = list_workers (range);
  g_autoptr (GArray) gaps = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < workers->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (workers, i);
      const IlLane *next = i + 1 < workers->len ? g_ptr_array_index (workers, i + 1) : NULL;
      IlReportEnding ending = il_report_get_ending (lane);
      gboolean is_followed = next != NULL && il_report_is_same_place (lane, next);

      if (is_followed && ending > IL_REPORT_ENDING_LEFT
          && il_report_range_has (range, il_lane_get_begin (next)))
        {
          gint64 gap_ns = MAX (0, il_lane_get_begin (next) - il_lane_get_end (lane));

          g_array_append_val (gaps, gap_ns);
        }
      if (il_report_range_has (range, il_lane_get_end (lane)))
        count_ending (&report->endings, ending, is_followed);
    }
  il_distribution_take (&report->replacement, gaps);
}
