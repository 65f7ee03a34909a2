/* il-report-endings.c - which workers died, which left, and who took whose place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Workers of one number have one place in the pool, one after the other: "Worker 2 (2)" took that
 * of "Worker 2".
 */

#include "config.h"

#include <string.h>

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
  /* One that was not heard of before its death has its lane late. */
  if (il_lane_get_begin (left) != il_lane_get_begin (right))
    return il_lane_get_begin (left) < il_lane_get_begin (right) ? -1 : 1;
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

      if (il_report_counts_as_worker (lane))
        g_ptr_array_add (workers, (gpointer)lane);
    }
  g_ptr_array_sort (workers, compare_lanes);
  return workers;
}

/**
 * il_report_get_ending:
 * @lane: of a thread
 * @signal_number: (out): that it, or its process, died of; 0: none, or not known
 *
 * Returns: how a worker ended, whenever that was; of others nothing is known
 */
IlReportEnding
il_report_get_ending (const IlLane *lane, guint *signal_number)
{
  IlEnding ending = il_lane_get_ending (lane, signal_number);

  if (!il_report_counts_as_worker (lane))
    ending = IL_ENDING_NONE;
  switch (ending)
    {
    case IL_ENDING_LEFT:
      return IL_REPORT_ENDING_LEFT;
    case IL_ENDING_DIED:
      return *signal_number == 0                   ? IL_REPORT_ENDING_BY_FORCE
             : il_signal_is_fault (*signal_number) ? IL_REPORT_ENDING_CRASHED
                                                   : IL_REPORT_ENDING_KILLED;
    case IL_ENDING_WITH_PROCESS:
      return IL_REPORT_ENDING_WITH_PROCESS;
    case IL_ENDING_NONE:
    default:
      *signal_number = 0;
      return IL_REPORT_ENDING_NONE;
    }
}

static void
add_ending (IlReport *report, const IlLane *lane, gboolean is_followed)
{
  IlEndingFigures *endings = &report->endings;
  IlWorkerEnding end = { .lane = il_lane_get_index (lane), .time_ns = il_lane_get_end (lane) };

  end.ending = il_report_get_ending (lane, &end.signal_number);
  endings->crashed += end.ending == IL_REPORT_ENDING_CRASHED;
  endings->killed += end.ending == IL_REPORT_ENDING_KILLED;
  endings->with_process += end.ending == IL_REPORT_ENDING_WITH_PROCESS;
  endings->by_force += end.ending == IL_REPORT_ENDING_BY_FORCE;
  endings->relieved += end.ending == IL_REPORT_ENDING_LEFT && is_followed;
  if (end.ending != IL_REPORT_ENDING_NONE && end.ending != IL_REPORT_ENDING_BY_FORCE
      && (end.ending != IL_REPORT_ENDING_LEFT || is_followed))
    g_array_append_val (report->ends, end);
}

static int
compare_ends (gconstpointer a, gconstpointer b)
{
  const IlWorkerEnding *left = a, *right = b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

/**
 * il_report_add_endings:
 *
 * Lists and counts the workers whose lives ended within the range, and takes how long it took until
 * another had the place of one that had died.
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
      gboolean is_followed = next != NULL && il_report_is_same_place (lane, next);
      gboolean has_died = il_lane_get_ending (lane, NULL) > IL_ENDING_LEFT;

      if (is_followed && has_died && il_report_range_has (range, il_lane_get_begin (next)))
        {
          gint64 gap_ns = MAX (0, il_lane_get_begin (next) - il_lane_get_end (lane));

          g_array_append_val (gaps, gap_ns);
        }
      if (il_report_range_has (range, il_lane_get_end (lane)))
        add_ending (report, lane, is_followed);
    }
  g_array_sort (report->ends, compare_ends);
  il_distribution_take (&report->replacement, gaps);
}

/**
 * il_report_get_crashed:
 *
 * @is_alone: (out) (optional): whether the program had no other thread then
 *
 * Nobody says in which thread a program crashed; often there is but one that can have.
 *
 * Returns: (nullable): its name, where the program died of what one of its threads did
 */
const char *
il_report_get_crashed (IlSession *session, gboolean *is_alone)
{
  static const char killed[] = ", killed ";
  IlTimeline *timeline = il_session_get_timeline (session);
  IlFinder *finder = il_finder_get (timeline);
  g_autofree char *end = il_session_dup_meta (session, IL_META_END);
  const char *number = end != NULL ? strstr (end, killed) : NULL;
  gboolean has_one;
  guint lane;

  if (number == NULL || finder == NULL
      || !il_signal_is_fault ((guint)g_ascii_strtoull (number + strlen (killed), NULL, 10))
      || !il_finder_find_crashed (finder, &lane, &has_one))
    return NULL;
  if (is_alone != NULL)
    *is_alone = has_one;
  return il_lane_get_info (il_timeline_get_lane (timeline, lane))->name;
}
