/* il-report-endings.c - which workers died, which left, and who took whose place
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Workers of one number have one place in the pool, one after the other: "Worker 2 (2)" took that
 * of "Worker 2".
 */

#include "config.h"

#include <stdlib.h>
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

/* The signal that killed the program; 0: none did. */
static guint
get_signal (IlSession *session)
{
  static const char killed[] = ", killed ";
  g_autofree char *end = il_session_dup_meta (session, IL_META_END);
  const char *number = end != NULL ? strstr (end, killed) : NULL;

  return number != NULL ? (guint)g_ascii_strtoull (number + strlen (killed), NULL, 10) : 0;
}

/* The last moment of the session is in no range, but a program ends with its recording. */
static gboolean
has_end (const IlReportRange *range, const IlLane *lane)
{
  gint64 end_ns = il_lane_get_end (lane);

  return il_report_range_has (range, end_ns)
         || (end_ns == range->end_ns && end_ns == il_timeline_get_end (range->timeline));
}

static int
compare_lanes_of_ends (gconstpointer a, gconstpointer b)
{
  const IlWorkerEnding *left = a, *right = b;

  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

static IlReportEnding
tell_death (guint signal_number, gboolean is_doer)
{
  if (!il_signal_is_fault (signal_number))
    return IL_REPORT_ENDING_KILLED;
  return is_doer ? IL_REPORT_ENDING_CRASHED : IL_REPORT_ENDING_WITH_PROCESS;
}

/**
 * il_report_add_deaths:
 *
 * Lists and counts the threads of a program that ended with it when a signal killed it, within the
 * range.  Those that had left before, and what it had started, are not among them.
 */
void
il_report_add_deaths (IlReport *report, const IlReportRange *range, IlSession *session)
{
  IlFinder *finder = il_finder_get (range->timeline);
  guint signal_number = get_signal (session), doer = 0;
  g_autoptr (GArray) lanes = NULL;
  gboolean is_alone, is_known;

  if (finder == NULL || signal_number == 0)
    return;
  lanes = il_finder_list_ended (finder);
  is_known = il_finder_find_crashed (finder, &doer, &is_alone);
  for (guint i = 0; i < lanes->len; i++)
    {
      guint index = g_array_index (lanes, guint, i);
      const IlLane *lane = il_timeline_get_lane (range->timeline, index);
      IlWorkerEnding end = { .lane = index, .signal_number = signal_number };

      if (!has_end (range, lane))
        continue;
      end.time_ns = il_lane_get_end (lane);
      end.ending = tell_death (signal_number, is_known && index == doer);
      report->endings.crashed += end.ending == IL_REPORT_ENDING_CRASHED;
      report->endings.killed += end.ending == IL_REPORT_ENDING_KILLED;
      report->endings.with_process += end.ending == IL_REPORT_ENDING_WITH_PROCESS;
      g_array_append_val (report->deaths, end);
    }
  g_array_sort (report->deaths, compare_lanes_of_ends);
}

/**
 * il_report_find_death:
 * @lane: index of one of a thread of a program
 *
 * Returns: (nullable): how it ended with its program, in the range
 */
const IlWorkerEnding *
il_report_find_death (const IlReport *report, guint lane)
{
  const IlWorkerEnding wanted = { .lane = lane };

  return report->deaths->len > 0 ? bsearch (&wanted, report->deaths->data, report->deaths->len,
                                            sizeof wanted, compare_lanes_of_ends)
                                 : NULL;
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
  IlTimeline *timeline = il_session_get_timeline (session);
  IlFinder *finder = il_finder_get (timeline);
  gboolean has_one;
  guint lane;

  if (finder == NULL || !il_signal_is_fault (get_signal (session))
      || !il_finder_find_crashed (finder, &lane, &has_one))
    return NULL;
  if (is_alone != NULL)
    *is_alone = has_one;
  return il_lane_get_info (il_timeline_get_lane (timeline, lane))->name;
}
