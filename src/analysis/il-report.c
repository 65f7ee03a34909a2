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

typedef struct
{
  IlTimeline *timeline;
  gint64 begin_ns, end_ns;
  gboolean is_sampled; /* nothing says who ran on a core between two samples */
  guint n_lanes;
  guint64 *n_tasks_of; /* by lane: done or failed there */
} Range;

static void
clear_lock (gpointer data)
{
  g_clear_pointer (&((IlLockFigures *)data)->holders, g_array_unref);
}

static gboolean
is_within (const Range *range, gint64 time_ns)
{
  return time_ns >= range->begin_ns && time_ns < range->end_ns;
}

/* When it was first heard of; one of which all that told when is lost is there from the beginning.
 */
static gint64
get_submission (const IlTask *task)
{
  gint64 known_ns = task->submit_ns >= 0  ? task->submit_ns
                    : task->begin_ns >= 0 ? task->begin_ns
                                          : task->end_ns;

  return MAX (0, known_ns);
}

static void
count_task (IlReport *report, const Range *range, const IlTask *task)
{
  gint64 submit_ns = get_submission (task);
  gboolean has_ended = task->outcome < IL_TASK_OUTCOME_PENDING && task->end_ns < range->end_ns;

  report->submitted += is_within (range, submit_ns);
  report->pending += submit_ns < range->end_ns && !has_ended;
  if (!has_ended || !is_within (range, task->end_ns))
    return;
  report->outcomes[task->outcome]++;
  if (task->worker_plus_1 > 0 && task->worker_plus_1 <= range->n_lanes
      && (task->outcome == IL_TASK_OUTCOME_DONE || task->outcome == IL_TASK_OUTCOME_FAILED))
    range->n_tasks_of[task->worker_plus_1 - 1]++;
}

static void
add_tasks (IlReport *report, const Range *range)
{
  g_autoptr (GArray) waits = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) services = g_array_new (FALSE, FALSE, sizeof (gint64));
  gsize n_tasks = il_timeline_get_n_tasks (range->timeline);
  IlTask task;

  for (gsize i = 0; i < n_tasks; i++)
    {
      if (!il_timeline_get_task (range->timeline, i, &task))
        continue;
      count_task (report, range, &task);
      /* A task that begins at the very moment of its submission went through no queue. */
      if (task.submit_ns >= 0 && task.begin_ns > task.submit_ns && is_within (range, task.begin_ns))
        {
          gint64 wait_ns = task.begin_ns - task.submit_ns;

          g_array_append_val (waits, wait_ns);
        }
      if (task.end_ns < 0 || !is_within (range, task.end_ns))
        continue;
      if (task.begin_ns >= 0
          && (task.outcome == IL_TASK_OUTCOME_DONE || task.outcome == IL_TASK_OUTCOME_FAILED))
        {
          gint64 service_ns = MAX (0, task.end_ns - task.begin_ns);

          g_array_append_val (services, service_ns);
        }
    }
  il_distribution_take (&report->queue_wait, waits);
  il_distribution_take (&report->service, services);
  if (range->end_ns > range->begin_ns)
    report->tasks_per_second = (double)report->outcomes[IL_TASK_OUTCOME_DONE] * 1e9
                               / (double)(range->end_ns - range->begin_ns);
}

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

static void
add_worker (IlReport *report, const Range *range, IlSession *session, const IlLane *lane)
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

static void
add_workers (IlReport *report, const Range *range, IlSession *session)
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
  /* A program without a pool: all of its threads work. */
  for (guint i = 0; i < n_lanes && !found; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_THREAD
          && il_lane_get_info (lane)->role == IL_LANE_ROLE_THREAD)
        add_worker (report, range, session, lane);
    }
  g_array_sort_with_data (report->workers, compare_workers, range->timeline);
}

/* FALSE where the counter was never set up to the end of the range. */
static gboolean
summarize_counter (const IlSeries *series, const Range *range, IlCounterBin *bin)
{
  memset (bin, 0, sizeof *bin);
  if (series == NULL || range->begin_ns >= range->end_ns)
    return FALSE;
  il_series_bin_counter (series, range->begin_ns, range->end_ns,
                         il_timeline_get_end (range->timeline), 1, bin);
  return bin->covered;
}

static void
add_core (IlReport *report, const Range *range, const IlLane *lane)
{
  IlCoreFigures core = { .lane = il_lane_get_index (lane), .busy_share = NAN, .target_share = NAN };
  const IlSeries *states = il_lane_get_states (lane);
  IlCounterBin bin;

  if (summarize_counter (il_lane_get_level (lane), range, &bin))
    core.busy_share = bin.mean / 1000;
  if (states != NULL && il_series_get_length (states) > 0 && !range->is_sampled
      && range->begin_ns < range->end_ns)
    {
      gint64 states_ns[IL_N_STATES] = { 0 };

      il_series_sum_states (states, range->begin_ns, range->end_ns, states_ns);
      core.target_share
          = (double)states_ns[IL_STATE_RUNNING] / (double)(range->end_ns - range->begin_ns);
    }
  g_array_append_val (report->cores, core);
}

/* The index of the first wait that ended at or after the time. */
static gsize
find_wait (const IlLane *lane, gint64 time_ns)
{
  gsize low = 0, high = il_lane_get_n_waits (lane);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      IlWait wait;

      if (il_lane_get_wait (lane, middle, &wait) && wait.end_ns < time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
add_waits (const Range *range, const IlLane *lane, IlDistribution *distribution, guint64 *n_put,
           guint64 *n_got)
{
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (gint64));
  IlWait wait;

  for (gsize i = find_wait (lane, range->begin_ns);
       il_lane_get_wait (lane, i, &wait) && wait.end_ns < range->end_ns; i++)
    {
      g_array_append_val (lengths, wait.wait_ns);
      if (wait.cancelled)
        continue;
      if (wait.putting)
        *n_put += 1;
      else
        *n_got += 1;
    }
  il_distribution_take (distribution, lengths);
}

static void
add_hold (IlLockFigures *lock, GHashTable *places, const Range *range, const IlSpan *span)
{
  guint32 holder_plus_1 = IL_CODE_SUBJECT (span->code);
  gint64 held_ns = MIN (span->end_ns, range->end_ns) - MAX (span->begin_ns, range->begin_ns);
  gpointer place = g_hash_table_lookup (places, GUINT_TO_POINTER (holder_plus_1));
  IlHolder *holder;

  if (place == NULL)
    {
      const IlHolder fresh = { .lane = holder_plus_1 - 1 };

      g_array_append_val (lock->holders, fresh);
      place = GUINT_TO_POINTER (lock->holders->len);
      g_hash_table_insert (places, GUINT_TO_POINTER (holder_plus_1), place);
    }
  holder = &g_array_index (lock->holders, IlHolder, GPOINTER_TO_UINT (place) - 1);
  holder->held_ns += MAX (0, held_ns);
  holder->acquisitions += is_within (range, span->begin_ns);
}

static int
compare_holders (gconstpointer a, gconstpointer b)
{
  const IlHolder *left = a, *right = b;

  if (left->held_ns != right->held_ns)
    return left->held_ns > right->held_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

static void
add_holds (IlLockFigures *lock, const Range *range, const IlSeries *states)
{
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  gint64 series_end_ns = il_timeline_get_end (range->timeline);
  gsize i = 0;
  IlSpan span;

  if (!il_series_find (states, range->begin_ns, series_end_ns, &i, &span))
    i = 0;
  for (; il_series_get_span (states, i, series_end_ns, &span) && span.begin_ns < range->end_ns; i++)
    {
      gint64 length_ns = span.end_ns - span.begin_ns;

      if (IL_CODE_STATE (span.code) != IL_STATE_RUNNING || IL_CODE_SUBJECT (span.code) == 0)
        continue;
      add_hold (lock, places, range, &span);
      if (is_within (range, span.end_ns))
        g_array_append_val (lengths, length_ns);
    }
  il_distribution_take (&lock->hold, lengths);
  g_array_sort (lock->holders, compare_holders);
}

static void
add_lock (IlReport *report, const Range *range, const IlLane *lane)
{
  IlLockFigures lock = { .lane = il_lane_get_index (lane) };
  guint64 before = 0, after = 0, n_put = 0, unused;
  IlCounterBin bin;

  lock.holders = g_array_new (FALSE, FALSE, sizeof (IlHolder));
  il_lane_get_uses (lane, range->begin_ns - 1, &before, &unused);
  il_lane_get_uses (lane, range->end_ns - 1, &after, &unused);
  lock.acquisitions = after - before;
  add_waits (range, lane, &lock.wait, &n_put, &lock.contended);
  if (summarize_counter (il_lane_get_waiters (lane), range, &bin))
    lock.max_waiters = bin.max;
  if (il_lane_get_states (lane) != NULL)
    add_holds (&lock, range, il_lane_get_states (lane));
  g_array_append_val (report->locks, lock);
}

static void
add_queue (IlReport *report, const Range *range, const IlLane *lane)
{
  IlQueueFigures queue = { .lane = il_lane_get_index (lane) };
  guint64 puts_before = 0, gets_before = 0, puts_after = 0, gets_after = 0;
  IlCounterBin bin;

  il_lane_get_uses (lane, range->begin_ns - 1, &puts_before, &gets_before);
  il_lane_get_uses (lane, range->end_ns - 1, &puts_after, &gets_after);
  queue.puts = puts_after - puts_before;
  queue.gets = gets_after - gets_before;
  add_waits (range, lane, &queue.wait, &queue.blocked_puts, &queue.blocked_gets);
  if (summarize_counter (il_lane_get_level (lane), range, &bin))
    {
      queue.max_depth = bin.max;
      queue.final_depth = bin.last;
      queue.mean_depth = bin.mean;
    }
  g_array_append_val (report->queues, queue);
}

static void
add_machine_and_objects (IlReport *report, const Range *range)
{
  guint n_lanes = il_timeline_get_n_lanes (range->timeline);

  for (guint i = 0; i < n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      switch (il_lane_get_info (lane)->kind)
        {
        case IL_LANE_CORE:
          add_core (report, range, lane);
          break;
        case IL_LANE_LOCK:
        case IL_LANE_SEMAPHORE:
          add_lock (report, range, lane);
          break;
        case IL_LANE_QUEUE:
          add_queue (report, range, lane);
          break;
        case IL_LANE_THREAD:
        case IL_LANE_COUNTER:
        case IL_N_LANE_KINDS:
        default:
          break;
        }
    }
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
  g_autofree guint64 *n_tasks_of = NULL;
  Range range;

  g_return_val_if_fail (session != NULL, NULL);

  scheduler = il_session_dup_meta (session, IL_META_SCHEDULER);
  range.timeline = il_session_get_timeline (session);
  range.n_lanes = il_timeline_get_n_lanes (range.timeline);
  range.n_tasks_of = n_tasks_of = g_new0 (guint64, range.n_lanes);
  range.is_sampled = g_strcmp0 (scheduler, "sampled") == 0;
  range.begin_ns = CLAMP (begin_ns, 0, il_timeline_get_end (range.timeline));
  range.end_ns = CLAMP (end_ns, range.begin_ns, il_timeline_get_end (range.timeline));

  report = g_new0 (IlReport, 1);
  report->begin_ns = range.begin_ns;
  report->end_ns = range.end_ns;
  report->workers = g_array_new (FALSE, FALSE, sizeof (IlWorkerFigures));
  report->cores = g_array_new (FALSE, FALSE, sizeof (IlCoreFigures));
  report->locks = g_array_new (FALSE, FALSE, sizeof (IlLockFigures));
  report->queues = g_array_new (FALSE, FALSE, sizeof (IlQueueFigures));
  g_array_set_clear_func (report->locks, clear_lock);

  il_timeline_get_totals (range.timeline, &totals);
  report->n_events_in_all = totals.n_records;
  report->n_events = il_timeline_get_n_records (range.timeline, range.end_ns)
                     - il_timeline_get_n_records (range.timeline, range.begin_ns);
  report->n_lost = totals.n_lost;
  add_tasks (report, &range);
  add_workers (report, &range, session);
  add_machine_and_objects (report, &range);
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
  g_array_unref (report->cores);
  g_array_unref (report->locks);
  g_array_unref (report->queues);
  g_free (report);
}
