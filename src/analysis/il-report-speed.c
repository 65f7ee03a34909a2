/* il-report-speed.c - figures of all workers together: speed-up, balance, slices
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Speed-up.  What a task takes on a core, sleeping and in I/O it would take alone too; what it
 * waits for a lock, a queue or a core it would not.  So the sum of the former over all tasks is the
 * time that they would take one after the other, as far as a core is as quick when others are busy.
 *
 * Serial share: A. H. Karp and H. P. Flatt, "Measuring parallel processor performance",
 * Communications of the ACM 33 (5), 1990: e = (1/S - 1/p) / (1 - 1/p).
 */

#include "config.h"

#include <math.h>

#include "il-report-private.h"

/* What is summed up over all workers' spans. */
typedef struct
{
  gint64 lives_ns;
  gint64 in_tasks_ns; /* whatever they did there */
  gint64 own_ns;      /* … on a core, asleep, in I/O */
  gint64 most_ns;     /* in tasks, of one worker */
  gint64 runnable_ns;
  guint n_workers; /* those who took each other's place are one */
  guint64 n_switches;
  gboolean is_exact;   /* every switch of all of them was seen */
  GArray *latencies;   /* of gint64: ready after a wait */
  GArray *readies;     /* of gint64: coroutines that were ready */
  GArray *stalls;      /* of gint64: how long coroutines kept their carriers */
  GPtrArray *carriers; /* IlLane */
} Sums;

static gboolean
is_wait (IlState state)
{
  return state == IL_STATE_LOCK_WAIT || state == IL_STATE_QUEUE_WAIT || state == IL_STATE_IO_WAIT
         || state == IL_STATE_SLEEPING || state == IL_STATE_JOIN_WAIT || state == IL_STATE_WAITING;
}

static gboolean
is_own (IlState state)
{
  return state == IL_STATE_RUNNING || state == IL_STATE_SLEEPING || state == IL_STATE_IO_WAIT;
}

static void
add_span (Sums *sums, const IlReportRange *range, const IlSpan *span, IlState before,
          gboolean is_coroutine)
{
  IlState state = IL_CODE_STATE (span->code);
  gint64 clipped_ns = MIN (span->end_ns, range->end_ns) - MAX (span->begin_ns, range->begin_ns);
  gint64 length_ns = span->end_ns - span->begin_ns;

  if (span->detail != 0)
    sums->in_tasks_ns += clipped_ns;
  if (span->detail != 0 && is_own (state))
    sums->own_ns += clipped_ns;
  if (state != IL_STATE_RUNNABLE)
    return;
  sums->runnable_ns += clipped_ns;
  if (!il_report_range_has (range, span->end_ns))
    return;
  if (is_wait (before) && !is_coroutine)
    g_array_append_val (sums->latencies, length_ns);
}

/* Whether a coroutine is ready because its carrier lost its core, at the same moment, and not
 * because another runs in its place. */
static gboolean
lost_with_carrier (const Sums *sums, gint64 time_ns, gint64 end_ns)
{
  for (guint i = 0; i < sums->carriers->len; i++)
    {
      const IlSeries *states = il_lane_get_states (g_ptr_array_index (sums->carriers, i));
      IlSpan span;

      if (il_series_find (states, time_ns, end_ns, NULL, &span) && span.begin_ns == time_ns
          && IL_CODE_STATE (span.code) == IL_STATE_RUNNABLE)
        return TRUE;
    }
  return FALSE;
}

/* How long a coroutine kept its carrier from others, each time: what it ran in one go, and what its
 * carrier was off its core meanwhile; and how long it was ready while others ran. */
static void
add_turns (Sums *sums, const IlReportRange *range, const IlSeries *states)
{
  gint64 end_ns = il_timeline_get_end (range->timeline);
  gint64 begin_ns = -1;
  gsize i = 0;
  IlSpan span;

  if (!il_series_find (states, range->begin_ns, end_ns, &i, &span))
    i = 0;
  for (; il_series_get_span (states, i, end_ns, &span) && span.begin_ns < range->end_ns; i++)
    {
      IlState state = IL_CODE_STATE (span.code);
      gint64 turn_ns = span.begin_ns - begin_ns;
      gint64 length_ns = span.end_ns - span.begin_ns;

      if (state == IL_STATE_RUNNABLE && lost_with_carrier (sums, span.begin_ns, end_ns))
        continue;
      /* Nothing is behind the end of the recording that it could count for. */
      if (state == IL_STATE_RUNNABLE
          && (il_report_range_has (range, span.end_ns)
              || (span.end_ns >= end_ns && range->end_ns >= end_ns)))
        g_array_append_val (sums->readies, length_ns);
      if (state == IL_STATE_RUNNING || state == IL_STATE_BUSY)
        begin_ns = begin_ns >= 0 ? begin_ns : span.begin_ns;
      else if (begin_ns >= 0)
        {
          g_array_append_val (sums->stalls, turn_ns);
          begin_ns = -1;
        }
    }
}

static void
add_worker (Sums *sums, const IlReportRange *range, const IlLane *lane)
{
  const IlSeries *states = il_lane_get_states (lane);
  gboolean is_coroutine = il_lane_get_info (lane)->scheduler == IL_SCHEDULER_CARRIER;
  gint64 end_ns = il_timeline_get_end (range->timeline);
  IlState before = IL_STATE_NONE;
  gsize i = 0;
  IlSpan span;

  if (!il_series_find (states, range->begin_ns, end_ns, &i, &span))
    i = 0;
  for (; il_series_get_span (states, i, end_ns, &span) && span.begin_ns < range->end_ns; i++)
    {
      add_span (sums, range, &span, before, is_coroutine);
      before = IL_CODE_STATE (span.code);
    }
  if (is_coroutine)
    add_turns (sums, range, states);
}

/* Workers are in the order of their numbers. */
static void
sum_workers (Sums *sums, const IlReport *report, const IlReportRange *range)
{
  const IlLane *last = NULL;
  gint64 before_place_ns = 0;

  sums->is_exact = report->workers->len > 0;
  for (guint i = 0; i < report->workers->len; i++)
    {
      const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, i);
      const IlLane *lane = il_timeline_get_lane (range->timeline, worker->lane);
      IlSchedulerSource scheduler = il_lane_get_info (lane)->scheduler;

      sums->lives_ns += worker->lifetime_ns;
      sums->n_switches += worker->voluntary_switches + worker->involuntary_switches;
      if (last == NULL || !il_report_is_same_place (last, lane))
        {
          sums->n_workers++;
          before_place_ns = sums->in_tasks_ns;
        }
      last = lane;
      sums->is_exact = sums->is_exact
                       && (scheduler == IL_SCHEDULER_EXACT || scheduler == IL_SCHEDULER_CARRIER);
      if (il_lane_get_states (lane) != NULL)
        add_worker (sums, range, lane);
      sums->most_ns = MAX (sums->most_ns, sums->in_tasks_ns - before_place_ns);
    }
}

/* ---- Speed ---- */

/* From the first that was heard of a task to the last end of one, within the range. */
static gint64
get_wall (const IlReportRange *range)
{
  gint64 first_ns = G_MAXINT64, last_ns = G_MININT64;
  IlTaskIter iter = { 0 };
  IlTask task;

  while (il_timeline_next_task (range->timeline, &iter, &task))
    {
      gint64 from_ns;

      if (task.begin_ns < 0)
        continue;
      from_ns = task.submit_ns >= 0 ? task.submit_ns : task.begin_ns;
      if (from_ns < range->end_ns)
        first_ns = MIN (first_ns, MAX (from_ns, range->begin_ns));
      if (task.end_ns < 0 || task.end_ns >= range->begin_ns)
        last_ns = MAX (last_ns, task.end_ns < 0 ? range->end_ns : MIN (task.end_ns, range->end_ns));
    }
  return last_ns > first_ns ? last_ns - first_ns : 0;
}

static void
take_speed (IlReport *report, const IlReportRange *range, const Sums *sums)
{
  IlSpeedFigures *speed = &report->speed;
  double share = sums->n_workers > 0 ? 1.0 / sums->n_workers : 1;

  speed->wall_ns = get_wall (range);
  speed->serial_ns = sums->own_ns;
  speed->speed_up = speed->wall_ns > 0 && sums->own_ns > 0
                        ? (double)sums->own_ns / (double)speed->wall_ns
                        : NAN;
  /* Below one, the machine was busy with others or the workers waited: that is no serial part. */
  speed->serial_share = sums->n_workers > 1 && isfinite (speed->speed_up) && speed->speed_up >= 1
                            ? MAX ((1 / speed->speed_up - share) / (1 - share), 0)
                            : NAN;
  speed->utilization
      = sums->lives_ns > 0 ? (double)sums->in_tasks_ns / (double)sums->lives_ns : NAN;
  speed->imbalance = sums->in_tasks_ns > 0
                         ? (double)sums->most_ns * sums->n_workers / (double)sums->in_tasks_ns
                         : NAN;
}

/* ---- Scheduler ---- */

/* Times that workers were on a core in one go, by what the cores' lanes say. */
static void
take_slices (IlReport *report, const IlReportRange *range)
{
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 end_ns = il_timeline_get_end (range->timeline);

  for (guint i = 0; i < report->cores->len && !range->is_sampled; i++)
    {
      guint index = g_array_index (report->cores, IlCoreFigures, i).lane;
      const IlSeries *states = il_lane_get_states (il_timeline_get_lane (range->timeline, index));
      gsize j = 0;
      IlSpan span;

      if (states == NULL || !il_series_find (states, range->begin_ns, end_ns, &j, &span))
        j = 0;
      for (; states != NULL && il_series_get_span (states, j, end_ns, &span)
             && span.begin_ns < range->end_ns;
           j++)
        {
          guint32 subject = IL_CODE_SUBJECT (span.code);
          const IlLane *lane
              = subject > 0 ? il_timeline_get_lane (range->timeline, subject - 1) : NULL;
          gint64 length_ns = span.end_ns - span.begin_ns;

          if (lane != NULL && il_report_range_has (range, span.end_ns)
              && (il_report_counts_as_worker (lane)
                  || il_lane_get_info (lane)->role == IL_LANE_ROLE_CARRIER))
            g_array_append_val (lengths, length_ns);
        }
    }
  il_distribution_take (&report->scheduler.slice, lengths);
}

static void
take_scheduler (IlReport *report, const IlReportRange *range, const Sums *sums)
{
  IlSchedulerFigures *scheduler = &report->scheduler;
  double seconds = il_report_range_seconds (range);

  take_slices (report, range);
  il_distribution_take (&scheduler->wake_latency, sums->latencies);
  scheduler->switches_per_second
      = sums->is_exact && seconds > 0 ? (double)sums->n_switches / seconds : NAN;
  scheduler->runnable_share = sums->is_exact && sums->lives_ns > 0
                                  ? (double)sums->runnable_ns / (double)sums->lives_ns
                                  : NAN;
}

/* ---- Coroutines, exits and the rest ---- */

/* Time of carriers on a core but in no coroutine's task, for each switch. */
static void
take_coroutines (IlReport *report, const IlReportRange *range, const Sums *sums)
{
  IlCoroutineFigures *coroutines = &report->coroutines;
  gint64 on_core_ns = 0, in_coroutines_ns = 0;

  coroutines->overhead_ns = NAN;
  for (guint i = 0; i < report->workers->len; i++)
    {
      const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, i);
      const IlLane *lane = il_timeline_get_lane (range->timeline, worker->lane);

      if (il_lane_get_info (lane)->scheduler != IL_SCHEDULER_CARRIER)
        continue;
      coroutines->n++;
      in_coroutines_ns += worker->states_ns[IL_STATE_RUNNING];
    }
  if (coroutines->n == 0)
    return;
  il_distribution_take (&coroutines->stall, sums->stalls);
  il_distribution_take (&coroutines->ready, sums->readies);
  coroutines->switches = coroutines->stall.n;
  for (guint i = 0; i < sums->carriers->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (sums->carriers, i);
      gint64 states_ns[IL_N_STATES] = { 0 };

      il_series_sum_states (il_lane_get_states (lane), range->begin_ns, range->end_ns, states_ns);
      on_core_ns += states_ns[IL_STATE_RUNNING] + states_ns[IL_STATE_BUSY];
    }
  if (coroutines->switches > 0)
    coroutines->overhead_ns
        = (double)MAX (0, on_core_ns - in_coroutines_ns) / (double)coroutines->switches;
}

/* From the last submission to the last death among workers, where all are dead. */
static void
take_exit (IlReport *report, const IlReportRange *range)
{
  gint64 submit_ns = -1, death_ns = -1;
  IlTaskIter iter = { 0 };
  IlTask task;

  while (il_timeline_next_task (range->timeline, &iter, &task))
    submit_ns = MAX (submit_ns, task.submit_ns);
  for (guint i = 0; i < report->workers->len; i++)
    death_ns = MAX (
        death_ns, il_lane_get_end (il_timeline_get_lane (
                      range->timeline, g_array_index (report->workers, IlWorkerFigures, i).lane)));
  if (submit_ns >= 0 && death_ns >= submit_ns && death_ns <= range->end_ns)
    report->exit_ns = death_ns - submit_ns;
}

/* The peak of a process is that of each of its threads. */
static void
take_memory (IlReport *report, const IlReportRange *range)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < report->workers->len; i++)
    {
      const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, i);
      gint32 pid = il_lane_get_info (il_timeline_get_lane (range->timeline, worker->lane))->pid;

      if (worker->peak_rss_bytes > 0 && g_hash_table_add (seen, GINT_TO_POINTER (pid)))
        report->peak_rss_bytes += worker->peak_rss_bytes;
    }
}

static void
take_copies (IlReport *report, const IlReportRange *range, const Sums *sums)
{
  gint64 workers_ns = 0;

  for (guint i = 0; i < range->n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_THREAD)
        {
          report->copied_bytes += il_report_count_amount (range, lane);
          report->copying_ns += il_report_count_copy_time (range, lane);
        }
    }
  for (guint i = 0; i < report->workers->len; i++)
    workers_ns += g_array_index (report->workers, IlWorkerFigures, i).copying_ns;
  report->copying_share
      = sums->in_tasks_ns > 0 ? (double)workers_ns / (double)sums->in_tasks_ns : NAN;
}

/**
 * il_report_add_speed:
 *
 * Takes all figures that are of several lanes together, once those of each lane are there.
 */
void
il_report_add_speed (IlReport *report, const IlReportRange *range)
{
  Sums sums = { .latencies = g_array_new (FALSE, FALSE, sizeof (gint64)),
                .readies = g_array_new (FALSE, FALSE, sizeof (gint64)),
                .stalls = g_array_new (FALSE, FALSE, sizeof (gint64)),
                .carriers = g_ptr_array_new () };

  for (guint i = 0; i < range->n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (range->timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_THREAD
          && il_lane_get_info (lane)->role == IL_LANE_ROLE_CARRIER)
        g_ptr_array_add (sums.carriers, (gpointer)lane);
    }
  sum_workers (&sums, report, range);
  take_speed (report, range, &sums);
  take_scheduler (report, range, &sums);
  take_coroutines (report, range, &sums);
  take_exit (report, range);
  take_memory (report, range);
  take_copies (report, range, &sums);
  g_array_unref (sums.latencies);
  g_array_unref (sums.readies);
  g_array_unref (sums.stalls);
  g_ptr_array_unref (sums.carriers);
}
