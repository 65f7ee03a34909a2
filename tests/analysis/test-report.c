/* test-report.c - the figures of a timeline small enough to reckon by hand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

#include <math.h>
#include <string.h>

#include "il-report-private.h"
#include "two-workers.h"

static void
assert_distribution (const IlDistribution *distribution, guint64 n, gint64 total_ns, gint64 p50_ns,
                     gint64 p99_ns)
{
  g_assert_cmpuint (distribution->n, ==, n);
  g_assert_cmpint (distribution->total_ns, ==, total_ns);
  g_assert_cmpint (distribution->p50_ns, ==, p50_ns);
  g_assert_cmpint (distribution->p90_ns, ==, p99_ns);
  g_assert_cmpint (distribution->p99_ns, ==, p99_ns);
  g_assert_cmpint (distribution->max_ns, ==, p99_ns);
}

static const IlWorkerFigures *
get_worker (const IlReport *report, guint index, gint64 lifetime_ns)
{
  const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, index);
  gint64 sum_ns = 0;

  g_assert_cmpuint (report->workers->len, ==, 2);
  g_assert_cmpuint (worker->lane, ==, WORKER_1 + index);
  g_assert_cmpint (worker->lifetime_ns, ==, lifetime_ns);
  for (guint i = 0; i < IL_N_STATES; i++)
    sum_ns += worker->states_ns[i];
  g_assert_cmpint (sum_ns, ==, lifetime_ns);
  return worker;
}

static void
test_whole_tasks (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);

  g_assert_cmpint (report->begin_ns, ==, 0);
  g_assert_cmpint (report->end_ns, ==, 1000);
  g_assert_cmpuint (report->n_events, ==, N_RECORDS);
  g_assert_cmpuint (report->n_lost, ==, 0);
  g_assert_cmpuint (report->submitted, ==, 5);
  g_assert_cmpuint (report->outcomes[IL_TASK_OUTCOME_DONE], ==, 2);
  g_assert_cmpuint (report->outcomes[IL_TASK_OUTCOME_FAILED], ==, 1);
  g_assert_cmpuint (report->outcomes[IL_TASK_OUTCOME_CANCELLED], ==, 1);
  g_assert_cmpuint (report->outcomes[IL_TASK_OUTCOME_LOST], ==, 0);
  g_assert_cmpuint (report->pending, ==, 1);
  g_assert_cmpfloat_with_epsilon (report->tasks_per_second, 2e6, 1e-3);
  assert_distribution (&report->queue_wait, 3, 90 + 180 + 280, 180, 280);
  assert_distribution (&report->service, 3, 600, 200, 200);
}

static void
test_whole_workers (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  const IlWorkerFigures *worker = get_worker (report, 0, 1000);

  g_assert_cmpint (worker->states_ns[IL_STATE_RUNNING], ==, 400);
  g_assert_cmpint (worker->states_ns[IL_STATE_BUSY], ==, 120);
  g_assert_cmpint (worker->states_ns[IL_STATE_QUEUE_WAIT], ==, 480);
  g_assert_cmpuint (worker->tasks, ==, 2);
  g_assert_cmpuint (worker->voluntary_switches, ==, 1);
  g_assert_cmpuint (worker->involuntary_switches, ==, 0);

  worker = get_worker (report, 1, 500);
  g_assert_cmpint (worker->states_ns[IL_STATE_RUNNING], ==, 150);
  g_assert_cmpint (worker->states_ns[IL_STATE_BUSY], ==, 300);
  g_assert_cmpint (worker->states_ns[IL_STATE_LOCK_WAIT], ==, 40);
  g_assert_cmpint (worker->states_ns[IL_STATE_RUNNABLE], ==, 10);
  g_assert_cmpuint (worker->tasks, ==, 1);
  g_assert_cmpuint (worker->voluntary_switches, ==, 2);
}

static void
test_whole_objects (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  const IlCoreFigures *core = &g_array_index (report->cores, IlCoreFigures, 0);
  const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, 0);
  const IlLockFigures *semaphore = &g_array_index (report->locks, IlLockFigures, 1);
  const IlQueueFigures *queue = &g_array_index (report->queues, IlQueueFigures, 0);
  const IlWaitPair *pair;
  const IlHolder *holder;

  g_assert_cmpuint (report->cores->len, ==, 1);
  g_assert_cmpfloat_with_epsilon (core->busy_share, 0.6, 1e-6);
  g_assert_cmpfloat_with_epsilon (core->target_share, 0.52, 1e-6);

  g_assert_cmpuint (report->locks->len, ==, 2);
  g_assert_cmpuint (lock->lane, ==, LOCK_A);
  g_assert_cmpuint (lock->acquisitions, ==, 2);
  g_assert_cmpuint (lock->attempts.total, ==, 2);
  g_assert_cmpuint (lock->attempts.waited, ==, 1);
  g_assert_cmpuint (lock->attempts.given_up, ==, 0);
  g_assert_cmpuint (lock->max_waiters, ==, 1);
  assert_distribution (&lock->wait, 1, 50, 50, 50);
  assert_distribution (&lock->hold, 2, 200, 100, 100);
  g_assert_cmpuint (lock->holders->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      holder = &g_array_index (lock->holders, IlHolder, i);
      g_assert_cmpuint (holder->lane, ==, WORKER_1 + i);
      g_assert_cmpint (holder->held_ns, ==, 100);
      g_assert_cmpuint (holder->acquisitions, ==, 1);
    }
  g_assert_cmpint (lock->total_wait_ns, ==, 50);
  g_assert_cmpuint (lock->pairs->len, ==, 1);
  pair = &g_array_index (lock->pairs, IlWaitPair, 0);
  g_assert_cmpuint (pair->holder_plus_1, ==, WORKER_1 + 1);
  g_assert_cmpuint (pair->waiter, ==, WORKER_2);
  g_assert_cmpint (pair->wait_ns, ==, 40); /* of 50; then it was on its way */
  g_assert_cmpuint (pair->waits, ==, 1);
  g_assert_cmpuint (semaphore->lane, ==, SEMAPHORE_S);
  g_assert_cmpuint (semaphore->acquisitions, ==, 0);
  assert_distribution (&semaphore->wait, 0, 0, 0, 0);

  g_assert_cmpuint (report->queues->len, ==, 1);
  g_assert_cmpuint (queue->puts, ==, 3);
  g_assert_cmpuint (queue->gets, ==, 1);
  g_assert_cmpuint (queue->max_depth, ==, 2);
  g_assert_cmpuint (queue->final_depth, ==, 2);
  g_assert_cmpfloat_with_epsilon (queue->mean_depth, 1.934, 1e-6);
  g_assert_cmpuint (queue->blocked_puts, ==, 1);
  g_assert_cmpuint (queue->blocked_gets, ==, 0);
  assert_distribution (&queue->wait, 1, 100, 100, 100);
}

/* From 200 on, which counts, to 300, which does not. */
static void
test_range (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 200, 300);
  const IlWorkerFigures *worker = get_worker (report, 0, 100);
  const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, 0);
  const IlQueueFigures *queue = &g_array_index (report->queues, IlQueueFigures, 0);
  const IlHolder *holder;

  g_assert_cmpint (worker->states_ns[IL_STATE_RUNNING], ==, 100);
  g_assert_cmpuint (worker->tasks, ==, 0);
  worker = get_worker (report, 1, 100);
  g_assert_cmpint (worker->states_ns[IL_STATE_RUNNING], ==, 50);
  g_assert_cmpint (worker->states_ns[IL_STATE_LOCK_WAIT], ==, 40);
  g_assert_cmpint (worker->states_ns[IL_STATE_RUNNABLE], ==, 10);
  g_assert_cmpuint (worker->voluntary_switches, ==, 1);

  g_assert_cmpuint (report->submitted, ==, 0);
  g_assert_cmpuint (report->pending, ==, 5);
  g_assert_cmpfloat (report->tasks_per_second, ==, 0);
  assert_distribution (&report->queue_wait, 1, 180, 180, 180);
  assert_distribution (&report->service, 0, 0, 0, 0);

  g_assert_cmpuint (lock->acquisitions, ==, 1);
  assert_distribution (&lock->wait, 1, 50, 50, 50);
  assert_distribution (&lock->hold, 1, 100, 100, 100);
  holder = &g_array_index (lock->holders, IlHolder, 0);
  g_assert_cmpuint (holder->lane, ==, WORKER_1);
  g_assert_cmpint (holder->held_ns, ==, 50);
  g_assert_cmpuint (holder->acquisitions, ==, 0);
  holder = &g_array_index (lock->holders, IlHolder, 1);
  g_assert_cmpuint (holder->lane, ==, WORKER_2);
  g_assert_cmpint (holder->held_ns, ==, 40);
  g_assert_cmpuint (holder->acquisitions, ==, 1);

  g_assert_cmpuint (queue->puts, ==, 0);
  g_assert_cmpuint (queue->max_depth, ==, 2);
  g_assert_cmpfloat_with_epsilon (queue->mean_depth, 2, 1e-9);
}

static void
assert_tasks (guint64 begin_ns, guint64 end_ns, const char *expected)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, (gint64)begin_ns, (gint64)end_ns);
  g_autofree char *found = g_strdup_printf (
      "%d: %d %d %d %d, %d", (int)report->submitted, (int)report->outcomes[IL_TASK_OUTCOME_DONE],
      (int)report->outcomes[IL_TASK_OUTCOME_FAILED],
      (int)report->outcomes[IL_TASK_OUTCOME_CANCELLED], (int)report->outcomes[IL_TASK_OUTCOME_LOST],
      (int)report->pending);
  guint64 n_of_workers = 0;

  g_assert_cmpstr (found, ==, expected);
  for (guint i = 0; i < report->workers->len; i++)
    n_of_workers += g_array_index (report->workers, IlWorkerFigures, i).tasks;
  g_assert_cmpuint (n_of_workers, ==,
                    report->outcomes[IL_TASK_OUTCOME_DONE]
                        + report->outcomes[IL_TASK_OUTCOME_FAILED]);
  g_assert_cmpfloat_with_epsilon (report->tasks_per_second * (double)(end_ns - begin_ns) / 1e9,
                                  (double)report->outcomes[IL_TASK_OUTCOME_DONE], 1e-6);
}

static void
assert_own_counts (guint32 n_lost, const char *own, gint64 end_ns, const char *expected)
{
  g_autoptr (IlSession) session = make_session_without (n_lost);
  g_autoptr (IlReport) report = NULL;
  g_autofree char *found = NULL;

  if (own != NULL)
    il_session_set_meta (session, IL_META_RUNNER_COUNTS, own);
  report = il_report_new (session, 0, end_ns);
  found = g_strdup_printf ("%d: %d %d %d %d, %d", (int)report->submitted,
                           (int)report->outcomes[IL_TASK_OUTCOME_DONE],
                           (int)report->outcomes[IL_TASK_OUTCOME_FAILED],
                           (int)report->outcomes[IL_TASK_OUTCOME_CANCELLED],
                           (int)report->outcomes[IL_TASK_OUTCOME_LOST], (int)report->pending);
  g_assert_cmpstr (found, ==, expected);
  g_assert_cmpfloat_with_epsilon (report->tasks_per_second * (double)report->end_ns / 1e9,
                                  (double)report->outcomes[IL_TASK_OUTCOME_DONE], 1e-6);
}

/* Where events were lost the runner knows more of the whole session than was recorded. */
static void
test_own_counts (void)
{
  assert_own_counts (7, "19 11 2 3 1", G_MAXINT64, "19: 11 2 3 1, 2");
  assert_own_counts (7, NULL, G_MAXINT64, "5: 2 1 1 0, 1");
  /* None were, or it is of a part. */
  assert_own_counts (0, "19 11 2 3 1", G_MAXINT64, "5: 2 1 1 0, 1");
  assert_own_counts (7, "19 11 2 3 1", 900, "5: 2 1 1 0, 1");
  /* What cannot be. */
  assert_own_counts (7, "", G_MAXINT64, "5: 2 1 1 0, 1");
  assert_own_counts (7, "19 11 2 3", G_MAXINT64, "5: 2 1 1 0, 1");
  assert_own_counts (7, "19 11 2 3 -1", G_MAXINT64, "5: 2 1 1 0, 1");
  assert_own_counts (7, "19 11 2 3 99999999999999999999", G_MAXINT64, "5: 2 1 1 0, 1");
  assert_own_counts (7, "19 11 2 3 4", G_MAXINT64, "5: 2 1 1 0, 1");
  /* Less than was recorded. */
  assert_own_counts (7, "19 1 2 3 4", G_MAXINT64, "5: 2 1 1 0, 1");
}

/* Submitted, and how they ended, whenever they were submitted; those that had not by the end of the
 * range. */
static void
test_range_tasks (void)
{
  assert_tasks (0, 15, "1: 0 0 0 0, 1");
  assert_tasks (15, 300, "4: 0 0 0 0, 5");
  assert_tasks (15, 301, "4: 1 0 0 0, 4");
  assert_tasks (300, 400, "0: 1 0 0 0, 4");
  assert_tasks (300, 401, "0: 1 1 0 0, 3");
  assert_tasks (401, 800, "0: 1 0 0 0, 2");
  assert_tasks (800, 1000, "0: 0 0 1 0, 1");
  assert_tasks (0, 1000, "5: 2 1 1 0, 1");
}

/* A task that was cut off does not count as the worker's. */
static void
test_cut_off_task (void)
{
  static const IlLaneInfo worker = { .role = IL_LANE_ROLE_WORKER, .name = "Worker 1" };
  static const IlRecord records[] = {
    { 0, IL_RECORD_LANE_BEGIN, 0, 0 },
    { 10, IL_RECORD_TASK_SUBMIT, WORK, 0 },
    { 20, IL_RECORD_TASK_BEGIN, WORK, 0 },
    { 30, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 },
    { 40, IL_RECORD_TASK_SUBMIT, WORK, 1 },
    { 50, IL_RECORD_TASK_BEGIN, WORK, 1 },
    { 60, IL_RECORD_TASK_END, IL_TASK_OUTCOME_CANCELLED, 1 },
  };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = NULL;

  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", 0);
  il_batch_append (batch, il_timeline_builder_add_lane (builder, &worker), records,
                   G_N_ELEMENTS (records));
  il_batch_seal (batch, 100);
  il_timeline_builder_add_batch (builder, batch);
  report = il_report_new (session, 0, 100);
  g_assert_cmpuint (report->outcomes[IL_TASK_OUTCOME_DONE], ==, 1);
  g_assert_cmpuint (report->outcomes[IL_TASK_OUTCOME_CANCELLED], ==, 1);
  g_assert_cmpuint (g_array_index (report->workers, IlWorkerFigures, 0).tasks, ==, 1);
}

/* Events of a range, against counting them one by one. */
static void
test_range_events (void)
{
  static const gint64 edges_ms[] = { 0, 1, 2, 3, 7, 8, 50, 51 };
  static const IlLaneInfo worker = { .role = IL_LANE_ROLE_WORKER, .name = "Worker 1" };
  const gint64 ms = 1000000;
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint32 lane = il_timeline_builder_add_lane (builder, &worker);
  gint64 times_ns[1000] = { 0 };
  gint64 now_ns = 0;

  for (guint i = 0; i < G_N_ELEMENTS (times_ns);)
    {
      g_autoptr (IlBatch) batch = il_batch_new (now_ns);

      for (guint n = 0; n < 100; n++, i++)
        {
          times_ns[i] = now_ns += g_rand_int_range (random, 0, 100000);
          il_batch_append (batch, lane, &(IlRecord){ .time_ns = now_ns, .kind = IL_RECORD_IDLE },
                           1);
        }
      il_batch_seal (batch, ++now_ns);
      il_timeline_builder_add_batch (builder, batch);
    }
  for (guint i = 0; i < G_N_ELEMENTS (edges_ms); i++)
    for (guint j = i + 1; j < G_N_ELEMENTS (edges_ms); j++)
      {
        gint64 begin_ns = edges_ms[i] * ms, end_ns = edges_ms[j] * ms;
        g_autoptr (IlReport) report = il_report_new (session, begin_ns, end_ns);
        guint n_expected = 0;

        for (guint k = 0; k < G_N_ELEMENTS (times_ns); k++)
          n_expected += times_ns[k] >= begin_ns && times_ns[k] < end_ns;
        g_assert_cmpuint (report->n_events, ==, n_expected);
        g_assert_cmpuint (report->n_events_in_all, ==, G_N_ELEMENTS (times_ns));
      }
  g_assert_cmpint (now_ns, >, 40 * ms);
}

/* The next nanosecond: now task 0 has ended. */
static void
test_range_edges (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) after = il_report_new (session, 300, 301);
  g_autoptr (IlReport) early = il_report_new (session, 10, 305);
  g_autoptr (IlReport) empty = il_report_new (session, 500, 500);
  g_autoptr (IlReport) outside = il_report_new (session, 5000, 9000);
  g_autoptr (IlReport) reversed = il_report_new (session, 600, -5);

  g_assert_cmpfloat_with_epsilon (after->tasks_per_second, 1e9, 1e-3);
  assert_distribution (&after->service, 1, 200, 200, 200);
  g_assert_cmpuint (early->submitted, ==, 5);
  g_assert_cmpuint (early->outcomes[IL_TASK_OUTCOME_DONE], ==, 1);
  g_assert_cmpuint (early->outcomes[IL_TASK_OUTCOME_CANCELLED], ==, 0);
  g_assert_cmpuint (early->pending, ==, 4);
  g_assert_cmpuint (empty->workers->len, ==, 0);
  g_assert_cmpfloat (empty->tasks_per_second, ==, 0);
  g_assert_cmpint (outside->begin_ns, ==, 1000);
  g_assert_cmpint (outside->end_ns, ==, 1000);
  g_assert_cmpint (reversed->end_ns, ==, 600);
  g_assert_true (isnan (g_array_index (empty->cores, IlCoreFigures, 0).busy_share));
}

/* Of a program all threads count, and there are no tasks. */
static void
test_range_figures_of_program (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  const IlLaneInfo thread = {
    .kind = IL_LANE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .name = "xz", .pid = 10, .tid = 10
  };
  const IlRecord records[] = {
    { .time_ns = 0, .kind = IL_RECORD_RUNS },
    { .time_ns = 0, .kind = IL_RECORD_SCHED_IN },
    { .time_ns = 60, .kind = IL_RECORD_SCHED_OUT, .object = 1 },
  };
  IlRangeFigures figures;

  il_batch_append (batch, il_timeline_builder_add_lane (builder, &thread), records,
                   G_N_ELEMENTS (records));
  il_batch_seal (batch, 100);
  il_timeline_builder_add_batch (builder, batch);
  il_range_figures (timeline, 0, 100, &figures);
  g_assert_true (figures.is_of_program);
  g_assert_cmpint (figures.lifetime_ns, ==, 100);
  g_assert_cmpint (figures.states_ns[IL_STATE_RUNNING], ==, 60);
  g_assert_cmpint (figures.states_ns[IL_STATE_RUNNABLE], ==, 40);
  g_assert_cmpfloat_with_epsilon (figures.switches_per_second, 1e7, 1e-3);
  g_assert_cmpfloat (figures.cores_busy_share, <, 0);
}

/* Who waited for whom to end, as far as that lies within the range. */
static void
test_joins (void)
{
  static const IlLaneInfo threads[] = {
    { .scheduler = IL_SCHEDULER_EXACT, .name = "sh", .pid = 10, .tid = 10 },
    { .scheduler = IL_SCHEDULER_EXACT, .name = "sort", .pid = 11, .tid = 11 },
  };
  const IlRecord records[] = {
    { .time_ns = 0, .kind = IL_RECORD_RUNS },
    { .time_ns = 100, .kind = IL_RECORD_JOIN_WAIT, .object = IL_RECORD_CALL_PROCESS, .value = 2 },
    { .time_ns = 100, .kind = IL_RECORD_SCHED_OUT },
    { .time_ns = 700, .kind = IL_RECORD_SCHED_IN },
    { .time_ns = 700, .kind = IL_RECORD_JOIN_END, .object = IL_RECORD_CALL_PROCESS, .value = 2 },
    { .time_ns = 800, .kind = IL_RECORD_JOIN_WAIT, .object = IL_RECORD_CALL_PROCESS, .value = 0 },
    { .time_ns = 850, .kind = IL_RECORD_JOIN_END, .object = IL_RECORD_CALL_PROCESS, .value = 0 },
  };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  g_autoptr (IlSession) session = NULL;
  g_autoptr (IlReport) report = NULL;
  g_autofree char *text = NULL;
  g_autofree char *json = NULL;
  const IlWaitPair *pair;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    il_timeline_builder_add_lane (builder, &threads[i]);
  il_batch_append (batch, 0, records, G_N_ELEMENTS (records));
  il_batch_seal (batch, 1000);
  il_timeline_builder_add_batch (builder, batch);
  session = il_session_new (timeline);
  report = il_report_new (session, 300, 1000);
  g_assert_cmpuint (report->joins->len, ==, 2);
  pair = &g_array_index (report->joins, IlWaitPair, 0);
  g_assert_cmpuint (pair->waiter, ==, 0);
  g_assert_cmpuint (pair->holder_plus_1, ==, 2);
  g_assert_cmpint (pair->wait_ns, ==, 400);
  g_assert_cmpuint (pair->waits, ==, 1);
  pair = &g_array_index (report->joins, IlWaitPair, 1);
  g_assert_cmpuint (pair->holder_plus_1, ==, 0);
  g_assert_cmpint (pair->wait_ns, ==, 50);
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (text, "Waits for others to end   for  waits  total wait\n"
                                  "sh                       sort      1      400 ns\n"));
  json = il_report_to_json (report, session);
  g_assert_nonnull (strstr (json, "\"awaited\" : \"sort\""));
  g_assert_nonnull (strstr (json, "\"awaited\" : null"));
}

static void
test_range_figures (void)
{
  g_autoptr (IlSession) session = make_session ();
  IlTimeline *timeline = il_session_get_timeline (session);
  IlRangeFigures figures;

  il_range_figures (timeline, 0, 1000, &figures);
  g_assert_false (figures.is_of_program);
  g_assert_cmpint (figures.lifetime_ns, ==, 1500);
  g_assert_cmpint (figures.states_ns[IL_STATE_RUNNING], ==, 550);
  g_assert_cmpint (figures.states_ns[IL_STATE_BUSY], ==, 420);
  g_assert_cmpint (figures.states_ns[IL_STATE_LOCK_WAIT], ==, 40);
  g_assert_cmpint (figures.states_ns[IL_STATE_RUNNABLE], ==, 10);
  g_assert_cmpint (figures.states_ns[IL_STATE_QUEUE_WAIT], ==, 480);
  g_assert_cmpfloat_with_epsilon (figures.tasks_per_second, 2e6, 1e-3);
  g_assert_cmpfloat_with_epsilon (figures.switches_per_second, 3e6, 1e-3);
  g_assert_cmpfloat_with_epsilon (figures.cores_busy_share, 0.6, 1e-6);

  il_range_figures (timeline, 200, 300, &figures);
  g_assert_cmpint (figures.lifetime_ns, ==, 200);
  g_assert_cmpint (figures.states_ns[IL_STATE_RUNNING], ==, 150);
  il_range_figures (timeline, 300, 200, &figures);
  g_assert_cmpint (figures.lifetime_ns, ==, 0);
  g_assert_cmpfloat (figures.tasks_per_second, ==, 0);
}

/* The kernel's own count fills in what samples cannot see, and memory. */
static void
test_usage (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = NULL;

  il_session_set_meta (session, IL_META_USAGE_PREFIX "4", "400 12 34 5678000");
  il_session_set_meta (session, IL_META_USAGE_PREFIX "5", "400 12 nonsense 1");
  report = il_report_new (session, 0, G_MAXINT64);
  g_assert_cmpuint (get_worker (report, 0, 1000)->peak_rss_bytes, ==, 5678000);
  g_assert_cmpuint (get_worker (report, 0, 1000)->voluntary_switches, ==, 1);
  g_assert_cmpuint (get_worker (report, 1, 500)->peak_rss_bytes, ==, 0);
}

/* --- Percentiles --- */

static int
compare_lengths (gconstpointer a, gconstpointer b)
{
  const gint64 *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

/* Against sorting, with few and many equal values. */
static void
test_percentiles (void)
{
  static const guint percents[] = { 50, 90, 99 };
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (gint64));
      guint n = 1 + (guint)g_rand_int_range (random, 0, 300);
      gint32 range = 1 << g_rand_int_range (random, 0, 20);
      gint64 total_ns = 0, expected[3];
      IlDistribution distribution;

      for (guint i = 0; i < n; i++)
        {
          gint64 value = round % 3 == 0 ? (gint64)i : g_rand_int_range (random, 0, range);

          total_ns += value;
          g_array_append_val (values, value);
        }
      il_distribution_take (&distribution, values);
      g_array_sort (values, compare_lengths);
      for (guint i = 0; i < 3; i++)
        expected[i] = g_array_index (values, gint64, (guint)ceil (n * percents[i] / 100.0) - 1);
      g_assert_cmpuint (distribution.n, ==, n);
      g_assert_cmpint (distribution.total_ns, ==, total_ns);
      g_assert_cmpint (distribution.p50_ns, ==, expected[0]);
      g_assert_cmpint (distribution.p90_ns, ==, expected[1]);
      g_assert_cmpint (distribution.p99_ns, ==, expected[2]);
      g_assert_cmpint (distribution.max_ns, ==, g_array_index (values, gint64, n - 1));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/whole-tasks", test_whole_tasks);
  g_test_add_func ("/report/whole-workers", test_whole_workers);
  g_test_add_func ("/report/whole-objects", test_whole_objects);
  g_test_add_func ("/report/range", test_range);
  g_test_add_func ("/report/range-tasks", test_range_tasks);
  g_test_add_func ("/report/own-counts", test_own_counts);
  g_test_add_func ("/report/range-events", test_range_events);
  g_test_add_func ("/report/range-edges", test_range_edges);
  g_test_add_func ("/report/cut-off-task", test_cut_off_task);
  g_test_add_func ("/report/range-figures", test_range_figures);
  g_test_add_func ("/report/range-figures-of-program", test_range_figures_of_program);
  g_test_add_func ("/report/joins", test_joins);
  g_test_add_func ("/report/usage", test_usage);
  g_test_add_func ("/report/percentiles", test_percentiles);
  return g_test_run ();
}
