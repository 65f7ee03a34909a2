/* il-report.c - the exact figures of a session, or of a range of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What counts as within the range [begin, end):
 *
 *   time       spans are clipped to it
 *   events     those that happened in it: an acquisition, a put, a switch
 *   waits      those that ended in it, with their whole length; so are holds and services, so that
 *              no percentile is of pieces
 *   tasks      submitted: in it; done, failed, cancelled, lost: so ended in it, whenever they were
 *              submitted; pending: neither at its end.  Of a worker: done and failed in it, so that
 *              those of all workers add up to the tasks done and failed
 *   records    those of the milliseconds from that of begin on, up to that of end
 */

#include "config.h"

#include "il-report.h"

#include <math.h>
#include <string.h>

#include "il-report-private.h"

/* What the kernel itself counted for a thread by its end. */
typedef struct
{
  guint64 cpu_ns, voluntary_switches, involuntary_switches, peak_rss_bytes;
} Usage;

static gboolean
find_usage (IlSession *session, guint lane, Usage *usage)
{
  g_autofree char *key = g_strdup_printf (IL_META_USAGE_PREFIX "%u", lane);
  g_autofree char *value = il_session_dup_meta (session, key);
  g_auto (GStrv) words = value != NULL ? g_strsplit (value, " ", -1) : NULL;
  guint64 *const fields[] = { &usage->cpu_ns, &usage->voluntary_switches,
                              &usage->involuntary_switches, &usage->peak_rss_bytes };

  if (words == NULL || g_strv_length (words) != G_N_ELEMENTS (fields))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (!g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXUINT64, fields[i], NULL))
      return FALSE;
  return TRUE;
}

/* What stands under a key as a number; 0 where there is none. */
static guint64
get_number (IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);

  return value != NULL ? g_ascii_strtoull (value, NULL, 10) : 0;
}

static guint64
get_pss (IlSession *session, gint32 pid)
{
  g_autofree char *key = g_strdup_printf (IL_META_PSS_PREFIX "%d", pid);

  return get_number (session, key);
}

static void
add_worker (IlReport *report, const IlReportRange *range, IlSession *session, const IlLane *lane)
{
  IlWorkerFigures worker = { .lane = il_lane_get_index (lane) };
  gint64 begin_ns = MAX (il_lane_get_begin (lane), range->begin_ns);
  gint64 end_ns = MIN (il_lane_get_end (lane), range->end_ns);
  gint64 known_ns = 0;
  IlLaneCounts before = { 0 }, after = { 0 };
  Usage usage;

  if (begin_ns >= end_ns)
    return;
  worker.lifetime_ns = end_ns - begin_ns;
  if (il_lane_get_states (lane) != NULL)
    il_series_sum_states (il_lane_get_states (lane), begin_ns, end_ns, worker.states_ns);
  worker.states_ns[IL_STATE_NONE] = 0;
  for (guint i = 0; i < IL_N_STATES; i++)
    known_ns += worker.states_ns[i];
  worker.states_ns[IL_STATE_UNKNOWN] += worker.lifetime_ns - known_ns;

  il_lane_get_counts (lane, range->begin_ns - 1, &before);
  il_lane_get_counts (lane, range->end_ns - 1, &after);
  worker.tasks = worker.lane < range->n_lanes ? range->n_tasks_of[worker.lane] : 0;
  worker.voluntary_switches = after.voluntary_switches - before.voluntary_switches;
  worker.involuntary_switches = after.involuntary_switches - before.involuntary_switches;
  worker.migrations = after.migrations - before.migrations;
  worker.copied_bytes = il_report_count_amount (range, lane);
  worker.copying_ns = il_report_count_copy_time (range, lane);
  worker.peak_pss_bytes = get_pss (session, il_lane_get_info (lane)->pid);
  if (find_usage (session, worker.lane, &usage))
    {
      worker.peak_rss_bytes = usage.peak_rss_bytes;
      /* Samples see no switches; for the whole life of a thread the kernel's own count serves. */
      if (il_lane_get_info (lane)->scheduler != IL_SCHEDULER_EXACT
          && range->begin_ns <= il_lane_get_begin (lane)
          && range->end_ns >= MIN (il_lane_get_end (lane), il_timeline_get_end (range->timeline)))
        {
          worker.voluntary_switches = usage.voluntary_switches;
          worker.involuntary_switches = usage.involuntary_switches;
        }
    }
  g_array_append_val (report->workers, worker);
}

static int
compare_locks (gconstpointer a, gconstpointer b)
{
  const IlLockFigures *left = a, *right = b;

  if (left->wait.total_ns != right->wait.total_ns)
    return left->wait.total_ns > right->wait.total_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

/* By worker number; one that took a lost one's place has the same. */
static int
compare_workers (gconstpointer a, gconstpointer b, gpointer data)
{
  const IlWorkerFigures *left = a, *right = b;
  guint left_number = il_lane_get_info (il_timeline_get_lane (data, left->lane))->number;
  guint right_number = il_lane_get_info (il_timeline_get_lane (data, right->lane))->number;

  if (left_number != right_number)
    return left_number < right_number ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

static int
compare_births (gconstpointer a, gconstpointer b)
{
  return il_lane_compare_births (*(const IlLane *const *)a, *(const IlLane *const *)b);
}

/* A program without a pool: all of its threads work. */
static void
add_threads (IlReport *report, const IlReportRange *range, IlSession *session)
{
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();

  for (guint i = 0; i < il_timeline_get_n_lanes (range->timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_THREAD
          && il_lane_get_info (lane)->role == IL_LANE_ROLE_THREAD)
        g_ptr_array_add (threads, (gpointer)lane);
    }
  if (report->is_program)
    {
      g_ptr_array_sort (threads, compare_births);
      il_lanes_group_by_process (threads);
    }
  for (guint i = 0; i < threads->len; i++)
    add_worker (report, range, session, g_ptr_array_index (threads, i));
}

static void
add_workers (IlReport *report, const IlReportRange *range, IlSession *session)
{
  guint n_lanes = il_timeline_get_n_lanes (range->timeline);
  gboolean found = FALSE;

  for (guint i = 0; i < n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      if (!il_report_counts_as_worker (lane))
        continue;
      found = TRUE;
      add_worker (report, range, session, lane);
    }
  if (!found)
    add_threads (report, range, session);
  else
    g_array_sort_with_data (report->workers, compare_workers, range->timeline);
}

static void
add_core (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlCoreFigures core = { .lane = il_lane_get_index (lane), .busy_share = NAN, .target_share = NAN };
  const IlSeries *states = il_lane_get_states (lane);
  IlCounterBin bin;

  if (il_report_summarize (range, il_lane_get_level (lane), &bin))
    core.busy_share = bin.mean / 1000;
  if (states != NULL && il_series_get_length (states) > 0 && !range->is_sampled
      && range->begin_ns < range->end_ns)
    {
      gint64 states_ns[IL_N_STATES] = { 0 };

      il_series_sum_states (states, range->begin_ns, range->end_ns, states_ns);
      core.target_share
          = (double)states_ns[IL_STATE_RUNNING] / (double)(range->end_ns - range->begin_ns);
      /* The kernel counts in ticks of some milliseconds: a short run may be between two. */
      if (core.busy_share < core.target_share)
        core.busy_share = core.target_share;
    }
  g_array_append_val (report->cores, core);
}

static void
add_machine_and_objects (IlReport *report, const IlReportRange *range)
{
  guint n_lanes = il_timeline_get_n_lanes (range->timeline);

  for (guint i = 0; i < n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      switch (il_lane_get_info (lane)->kind)
        {
        case IL_LANE_THREAD:
          il_report_add_joins (report, range, lane);
          break;
        case IL_LANE_CORE:
          add_core (report, range, lane);
          break;
        case IL_LANE_LOCK:
        case IL_LANE_RWLOCK:
        case IL_LANE_SEMAPHORE:
          if (!il_timeline_is_of_program (range->timeline) || !il_lane_is_untouched (lane))
            il_report_add_lock (report, range, lane);
          break;
        case IL_LANE_QUEUE:
          il_report_add_queue (report, range, lane);
          break;
        case IL_LANE_EVENT:
        case IL_LANE_CONDITION:
        case IL_LANE_BARRIER:
          il_report_add_signal (report, range, lane);
          break;
        case IL_LANE_CHANNEL:
          il_report_add_channel (report, range, lane);
          break;
        case IL_LANE_FILE:
          il_report_add_file (report, range, lane);
          break;
        case IL_LANE_COUNTER:
          il_report_add_counter (report, range, lane);
          break;
        case IL_N_LANE_KINDS:
        default:
          break;
        }
    }
}

static IlReport *
new_report (const IlReportRange *range)
{
  IlReport *report = g_new0 (IlReport, 1);

  report->begin_ns = range->begin_ns;
  report->end_ns = range->end_ns;
  report->exit_ns = -1;
  report->workers = g_array_new (FALSE, FALSE, sizeof (IlWorkerFigures));
  report->ends = g_array_new (FALSE, FALSE, sizeof (IlWorkerEnding));
  report->deaths = g_array_new (FALSE, FALSE, sizeof (IlWorkerEnding));
  report->kinds = g_array_new (FALSE, FALSE, sizeof (IlTaskKindFigures));
  report->cores = g_array_new (FALSE, FALSE, sizeof (IlCoreFigures));
  report->locks = g_array_new (FALSE, FALSE, sizeof (IlLockFigures));
  g_array_set_clear_func (report->locks, il_report_clear_lock);
  report->joins = g_array_new (FALSE, FALSE, sizeof (IlWaitPair));
  report->signals = g_array_new (FALSE, FALSE, sizeof (IlSignalFigures));
  g_array_set_clear_func (report->signals, il_report_clear_signal);
  report->queues = g_array_new (FALSE, FALSE, sizeof (IlQueueFigures));
  report->channels = g_array_new (FALSE, FALSE, sizeof (IlChannelFigures));
  report->files = g_array_new (FALSE, FALSE, sizeof (IlFileFigures));
  report->counters = g_array_new (FALSE, FALSE, sizeof (IlCounterFigures));
  return report;
}

/* What the runner counted itself, as IL_META_RUNNER_COUNTS says it: submitted, then by outcome.
 * FALSE: it is not known, or cannot be, in a file of any origin. */
static gboolean
parse_own_counts (IlSession *session, guint64 counts[1 + IL_TASK_OUTCOME_PENDING])
{
  g_autofree char *text = il_session_dup_meta (session, IL_META_RUNNER_COUNTS);
  g_auto (GStrv) words = text != NULL ? g_strsplit (text, " ", -1) : NULL;
  guint64 n_settled = 0;

  if (words == NULL || g_strv_length (words) != 1 + IL_TASK_OUTCOME_PENDING)
    return FALSE;
  for (guint i = 0; i <= IL_TASK_OUTCOME_PENDING; i++)
    {
      if (!g_ascii_string_to_unsigned (words[i], 10, 0, G_MAXINT64 / 8, &counts[i], NULL))
        return FALSE;
      n_settled += i > 0 ? counts[i] : 0;
    }
  return n_settled <= counts[0];
}

/* Where events were lost the runner's own counts say more than what was recorded.  They are of the
 * whole session. */
static void
take_own_counts (IlReport *report, const IlReportRange *range, IlSession *session)
{
  guint64 counts[1 + IL_TASK_OUTCOME_PENDING];
  gboolean is_more;

  if (report->n_lost == 0 || range->begin_ns > 0
      || range->end_ns < il_timeline_get_end (range->timeline)
      || !parse_own_counts (session, counts))
    return;
  is_more = counts[0] >= report->submitted;
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    is_more = is_more && counts[1 + i] >= report->outcomes[i];
  if (!is_more)
    return;
  report->are_own_counts = TRUE;
  report->submitted = report->pending = counts[0];
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    {
      report->outcomes[i] = counts[1 + i];
      report->pending -= counts[1 + i];
    }
  if (range->end_ns > range->begin_ns)
    report->tasks_per_second
        = (double)report->outcomes[IL_TASK_OUTCOME_DONE] / il_report_range_seconds (range);
}

static void
add_findings (IlReport *report, const IlReportRange *range)
{
  IlFinder *finder = il_finder_get (range->timeline);

  if (finder == NULL)
    return;
  report->findings = il_finder_get_findings (finder);
  il_findings_restrict (report->findings, range->begin_ns, range->end_ns);
}

/**
 * il_report_new:
 * @begin_ns: where the range begins; what lies before the session is not in it
 * @end_ns: where it ends, exclusive; what lies behind the session's end is not in it
 *
 * Takes the figures of a range of the session, as far as it is known by now.
 *
 * Exact, so its time grows with the tasks, waits and holds in the session: not for the main thread.
 */
IlReport *
il_report_new (IlSession *session, gint64 begin_ns, gint64 end_ns)
{
  IlReport *report;
  IlTimelineTotals totals = { 0 };
  g_autofree char *scheduler = NULL;
  g_autofree char *command = NULL;
  g_autofree guint64 *n_tasks_of = NULL;
  IlReportRange range;

  g_return_val_if_fail (session != NULL, NULL);

  scheduler = il_session_dup_meta (session, IL_META_SCHEDULER);
  range.timeline = il_session_get_timeline (session);
  range.n_lanes = il_timeline_get_n_lanes (range.timeline);
  range.n_tasks_of = n_tasks_of = g_new0 (guint64, range.n_lanes);
  range.is_sampled = g_strcmp0 (scheduler, "sampled") == 0;
  range.begin_ns = CLAMP (begin_ns, 0, il_timeline_get_end (range.timeline));
  range.end_ns = CLAMP (end_ns, range.begin_ns, il_timeline_get_end (range.timeline));

  report = new_report (&range);
  command = il_session_dup_meta (session, IL_META_COMMAND);
  report->is_program = command != NULL;
  il_timeline_get_totals (range.timeline, &totals);
  report->n_events_in_all = totals.n_records;
  report->n_events = il_timeline_get_n_records (range.timeline, range.end_ns)
                     - il_timeline_get_n_records (range.timeline, range.begin_ns);
  report->n_lost = totals.n_lost;
  report->peak_pss_bytes = get_number (session, IL_META_PSS);
  il_report_add_tasks (report, &range);
  take_own_counts (report, &range, session);
  add_workers (report, &range, session);
  add_machine_and_objects (report, &range);
  if (report->is_program)
    g_array_sort (report->locks, compare_locks);
  g_array_sort (report->joins, il_report_compare_pairs);
  il_report_add_speed (report, &range);
  il_report_add_endings (report, &range);
  if (report->is_program)
    il_report_add_deaths (report, &range, session);
  add_findings (report, &range);
  return report;
}

/**
 * il_report_free:
 *
 * Frees the report with its arrays.
 */
void
il_report_free (IlReport *report)
{
  if (report == NULL)
    return;
  g_array_unref (report->workers);
  g_array_unref (report->ends);
  g_array_unref (report->deaths);
  g_array_unref (report->kinds);
  g_array_unref (report->cores);
  g_array_unref (report->joins);
  g_array_unref (report->locks);
  g_array_unref (report->signals);
  g_array_unref (report->queues);
  g_array_unref (report->channels);
  g_array_unref (report->files);
  g_array_unref (report->counters);
  il_findings_free (report->findings);
  g_free (report);
}
