/* test-report.c - the figures of a timeline small enough to reckon by hand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "il-report-private.h"
#include "recorded.h"

/* Lanes by number; those of objects are where the objects were declared. */
enum
{
  CORE_0,
  LOCK_A,
  SEMAPHORE_S,
  QUEUE_Q,
  WORKER_1,
  WORKER_2,
  SUBMITTER,
};

enum
{
  A = 1,
  S,
  Q,
  WORK,
};

#define WOKE IL_RECORD_WOKE

/*
 * In nanoseconds, up to 1000:
 *
 *   Worker 1   0 other work, 100 task 0 (lock A from 150 to 250), 300 other, 310 task 2, 510 other,
 *              520 waits for the queue
 *   Worker 2   0 other work, 200 task 1, 210 waits for lock A, 260 has it, 360 leaves it, 400
 * other, 500 gone Submitter  submits tasks 0 to 4 at 10, 20, … 50; puts at 12 and 22, wants to put
 * at 32 and can at 132; drops task 3 at 800; task 4 stays pending
 */
static const struct
{
  guint32 lane;
  IlRecord record;
} story[] = {
  { CORE_0, { 500, IL_RECORD_CORE_USAGE, 400 | 100 << 10, 500 << 10 } },
  { CORE_0, { 999, IL_RECORD_CORE_USAGE, 700, 300 << 10 } },
  { WORKER_1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { WORKER_1, { 0, IL_RECORD_SCHED_IN, 0, 0 } },
  { WORKER_1, { 0, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_1, { 100, IL_RECORD_GET, Q, 1 | WOKE } },
  { WORKER_1, { 100, IL_RECORD_TASK_BEGIN, WORK, 0 } },
  { WORKER_1, { 150, IL_RECORD_LOCK_ACQUIRE, A, 0 } },
  { WORKER_1, { 250, IL_RECORD_LOCK_RELEASE, A, WOKE } },
  { WORKER_1, { 300, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
  { WORKER_1, { 300, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_1, { 310, IL_RECORD_TASK_BEGIN, WORK, 2 } },
  { WORKER_1, { 510, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 2 } },
  { WORKER_1, { 510, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_1, { 520, IL_RECORD_GET_WAIT, Q, 0 } },
  { WORKER_1, { 520, IL_RECORD_SCHED_OUT, 0, 0 } },
  { WORKER_2, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { WORKER_2, { 0, IL_RECORD_SCHED_IN, 0, 1 } },
  { WORKER_2, { 0, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_2, { 200, IL_RECORD_TASK_BEGIN, WORK, 1 } },
  { WORKER_2, { 210, IL_RECORD_LOCK_WAIT, A, WORKER_1 + 1 } },
  { WORKER_2, { 210, IL_RECORD_SCHED_OUT, 0, 1 } },
  { WORKER_2, { 260, IL_RECORD_SCHED_IN, 0, 1 } },
  { WORKER_2, { 260, IL_RECORD_LOCK_ACQUIRE, A, WORKER_1 + 1 } },
  { WORKER_2, { 360, IL_RECORD_LOCK_RELEASE, A, 0 } },
  { WORKER_2, { 400, IL_RECORD_TASK_END, IL_TASK_OUTCOME_FAILED, 1 } },
  { WORKER_2, { 400, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_2, { 500, IL_RECORD_LANE_END, 0, 0 } },
  { WORKER_2, { 500, IL_RECORD_SCHED_OUT, 0, 1 } },
  { SUBMITTER, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { SUBMITTER, { 10, IL_RECORD_TASK_SUBMIT, WORK, 0 } },
  { SUBMITTER, { 12, IL_RECORD_PUT, Q, 1 } },
  { SUBMITTER, { 20, IL_RECORD_TASK_SUBMIT, WORK, 1 } },
  { SUBMITTER, { 22, IL_RECORD_PUT, Q, 2 } },
  { SUBMITTER, { 30, IL_RECORD_TASK_SUBMIT, WORK, 2 } },
  { SUBMITTER, { 32, IL_RECORD_PUT_WAIT, Q, 0 } },
  { SUBMITTER, { 40, IL_RECORD_TASK_SUBMIT, WORK, 3 } },
  { SUBMITTER, { 50, IL_RECORD_TASK_SUBMIT, WORK, 4 } },
  { SUBMITTER, { 132, IL_RECORD_PUT, Q, 2 } },
  { SUBMITTER, { 800, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 3 } },
};

/* So many events of worker 1 are lost. */
static IlSession *
make_session_without (guint32 n_lost)
{
  static const IlLaneInfo core = { .kind = IL_LANE_CORE, .name = "Core 0" };
  static const IlLaneInfo threads[] = {
    { .role = IL_LANE_ROLE_WORKER,
      .scheduler = IL_SCHEDULER_EXACT,
      .number = 1,
      .pid = 10,
      .tid = 11,
      .name = "Worker 1" },
    { .role = IL_LANE_ROLE_WORKER,
      .scheduler = IL_SCHEDULER_EXACT,
      .number = 2,
      .pid = 10,
      .tid = 12,
      .name = "Worker \033[31m2" },
    { .role = IL_LANE_ROLE_SUBMITTER, .pid = 10, .tid = 10, .name = "Submitter" },
  };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_timeline_builder_add_lane (builder, &core);
  il_timeline_builder_add_object (builder, A, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, S, IL_OBJECT_KIND_SEMAPHORE, "S", 2);
  il_timeline_builder_add_object (builder, Q, IL_OBJECT_KIND_QUEUE, "Q", 2);
  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", 0);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (il_timeline_builder_add_lane (builder, &threads[i]), ==, WORKER_1 + i);
  for (guint i = 0; i < G_N_ELEMENTS (story); i++)
    il_batch_append (batch, story[i].lane, &story[i].record, 1);
  if (n_lost > 0)
    il_batch_append (batch, WORKER_1, &(IlRecord){ 990, IL_RECORD_LOST, 0, n_lost }, 1);
  il_batch_seal (batch, 1000);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

static IlSession *
make_session (void)
{
  return make_session_without (0);
}

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
  g_assert_cmpuint (report->n_events, ==, G_N_ELEMENTS (story));
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

/* --- JSON --- */

static JsonObject *
parse (const char *json, JsonParser *parser)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
assert_members (JsonObject *object, const char *names)
{
  g_auto (GStrv) expected = g_strsplit (names, " ", -1);

  for (guint i = 0; expected[i] != NULL; i++)
    if (!json_object_has_member (object, expected[i]))
      g_error ("no member “%s”", expected[i]);
  g_assert_cmpuint (json_object_get_size (object), ==, g_strv_length (expected));
}

static JsonObject *
get_first (JsonObject *object, const char *member)
{
  return json_array_get_object_element (json_object_get_array_member (object, member), 0);
}

static void
test_json_keys (void)
{
  static const char distribution[] = "n total p50 p90 p99 max";
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *json = il_report_to_json (report, session);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (json, parser);
  JsonObject *tasks, *worker, *lock, *queue;

  assert_members (root,
                  "findings session tasks speed scheduler queueing copies coroutines replacements "
                  "endings workers cores locks signals joins queues channels files counters");
  assert_members (
      json_object_get_object_member (root, "session"),
      "duration_ns from_ns to_ns events events_in_all lost_events "
      "lost_scheduler_records locks_seen incomplete late_records late_ns scheduler clock "
      "overhead_share "
      "cut_off being_recorded title command scenario_id model workers settings knob_changes notes "
      "seed "
      "started end crashed_thread exit_ns "
      "peak_rss_bytes peak_pss_bytes");
  tasks = json_object_get_object_member (root, "tasks");
  assert_members (tasks, "submitted done failed cancelled lost pending run_again per_second "
                         "imbalance queue_wait_ns service_ns kinds");
  assert_members (get_first (tasks, "kinds"), "name done queue_wait_ns service_ns relative");
  assert_members (json_object_get_object_member (tasks, "queue_wait_ns"), distribution);
  worker = get_first (root, "workers");
  assert_members (worker, "name role pid tid lifetime_ns ending ended_ns signal states spinning_ns "
                          "tasks voluntary_switches "
                          "involuntary_switches migrations copied_bytes copying_ns peak_rss_bytes "
                          "peak_pss_bytes scheduler");
  assert_members (json_object_get_object_member (worker, "states"),
                  "running_ns runnable_ns lock_wait_ns queue_wait_ns io_wait_ns sleep_ns "
                  "join_wait_ns other_wait_ns stopped_ns unknown_ns");
  assert_members (get_first (root, "cores"), "core busy_share target_share");
  lock = get_first (root, "locks");
  assert_members (lock,
                  "name kind acquisitions contended contended_share given_up waiting wait_ns "
                  "total_wait_ns hold_ns held_ns max_waiters max_holders max_depth hand_overs "
                  "hand_overs_per_second recovered holders waiters pairs wakers");
  assert_members (get_first (lock, "pairs"), "holder waiter wait_ns waits");
  assert_members (json_object_get_object_member (lock, "hold_ns"), distribution);
  assert_members (get_first (lock, "holders"), "name held_ns acquisitions share");
  queue = get_first (root, "queues");
  assert_members (queue, "name capacity puts gets blocked_puts blocked_gets given_up max_depth "
                         "mean_depth "
                         "final_depth wait_ns");
  /* Nobody looked for any. */
  g_assert_true (json_object_get_null_member (root, "findings"));
  g_assert_true (json_object_get_null_member (root, "coroutines"));
}

static void
test_json_values (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;
  g_autoptr (GList) states = NULL;
  JsonObject *root, *facts, *worker;
  gint64 sum_ns = 0;

  il_session_set_meta (session, IL_META_WORKERS, "2");
  il_session_set_meta (session, IL_META_SEED, "17x");
  il_session_set_meta (session, IL_META_OVERHEAD_SHARE, "0.0125");
  il_session_set_meta (session, IL_META_TITLE, "\xff „quoted“ \"\n");
  json = il_report_to_json (report, session);
  g_assert_true (g_str_has_suffix (json, "}\n"));
  root = parse (json, parser);
  facts = json_object_get_object_member (root, "session");
  g_assert_cmpint (json_object_get_int_member (facts, "duration_ns"), ==, 1000);
  g_assert_cmpint (json_object_get_int_member (facts, "workers"), ==, 2);
  g_assert_true (json_object_get_null_member (facts, "seed"));
  g_assert_cmpfloat (json_object_get_double_member (facts, "overhead_share"), ==, 0.0125);
  g_assert_cmpstr (json_object_get_string_member (facts, "scheduler"), ==, "perf");

  worker = get_first (root, "workers");
  g_assert_cmpint (json_object_get_int_member (worker, "tid"), ==, 11);
  states = json_object_get_values (json_object_get_object_member (worker, "states"));
  for (const GList *l = states; l != NULL; l = l->next)
    sum_ns += json_node_get_int (l->data);
  g_assert_cmpint (sum_ns, ==, json_object_get_int_member (worker, "lifetime_ns"));
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (worker, "states"), "running_ns"),
      ==, 520);
}

/* Unknown is null, not 0. */
static void
test_json_unknown (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *json = il_report_to_json (report, session);
  g_autofree char *text = il_report_to_text (report, session);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *facts = json_object_get_object_member (parse (json, parser), "session");

  g_assert_true (json_object_get_null_member (facts, "overhead_share"));
  g_assert_true (json_object_get_null_member (facts, "clock"));
  g_assert_cmpstr (json_object_get_string_member (facts, "scheduler"), ==, "sampled");
  g_assert_nonnull (strstr (text, "Events: 0, none lost"));
}

/* --- Text --- */

static void
assert_fits (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_true (g_str_has_suffix (text, "\n"));
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_utf8_strlen (lines[i], -1) > 80)
        g_error ("too wide: %s", lines[i]);
      for (const char *p = lines[i]; *p != '\0'; p++)
        g_assert_false (g_ascii_iscntrl (*p));
    }
}

static void
test_text (void)
{
  static const char *const expected[] = { "Neither\n",
                                          "Recorded: 1.00 µs",
                                          "sampled only",
                                          "a note",
                                          "1.2 %",
                                          "Worker 1",
                                          "Worker �[31m2",
                                          "Core 0",
                                          "A ",
                                          "Q ",
                                          "180 ns",
                                          "60.0 %" };
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) range = il_report_new (session, 200, 300);
  g_autofree char *text = NULL;
  g_autofree char *range_text = il_report_to_text (range, session);

  il_session_set_meta (session, IL_META_TITLE, "Neither");
  il_session_set_meta (session, IL_META_SCHEDULER, "sampled");
  il_session_set_meta (session, IL_META_SCHEDULER_NOTE, "a note");
  il_session_set_meta (session, IL_META_OVERHEAD_SHARE, "0.012");
  text = il_report_to_text (report, session);
  assert_fits (text);
  assert_fits (range_text);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    if (strstr (text, expected[i]) == NULL)
      g_error ("“%s” is not in:\n%s", expected[i], text);
  g_assert_nonnull (strstr (range_text, "from 200 ns to 300 ns"));
}

/* Any state, many workers, long names, large numbers: still 80 columns, and rows that differ. */
static void
test_text_is_never_too_wide (gconstpointer role)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = il_session_new (timeline);
  IlReport *report = il_report_new (session, 0, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name
          = g_strdup_printf ("A worker whose name is 很长 and longer than any 表 (%u)", i);
      const IlLaneInfo info = { .role = GPOINTER_TO_UINT (role), .name = name };
      IlWorkerFigures worker = { .lane = il_timeline_builder_add_lane (builder, &info),
                                 .lifetime_ns = G_GINT64_CONSTANT (999000000000000),
                                 .tasks = 4000000000,
                                 .voluntary_switches = 4000000000,
                                 .involuntary_switches = 4000000000,
                                 .migrations = 4000000000,
                                 .peak_rss_bytes = G_MAXINT32 };

      for (guint state = IL_STATE_RUNNING; state < IL_N_STATES; state++)
        worker.states_ns[state] = worker.lifetime_ns;
      g_array_append_val (report->workers, worker);
    }
  text = il_report_to_text (report, session);
  assert_fits (text);
  g_assert_nonnull (strstr (text, "… and 68 more"));
  g_assert_nonnull (strstr (text, "(7) "));
  g_assert_nonnull (strstr (text, "unknown\n"));
  il_report_free (report);
}

/* Nobody is called a worker who is none, and there is no queue to wait in. */
static void
test_text_serial (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autofree char *text = NULL;
  IlReport *report;

  il_session_set_meta (session, IL_META_MODEL, "serial");
  il_session_set_meta (session, IL_META_WORKERS, "0");
  il_session_set_meta (session, IL_META_LATE_RECORDS, "3");
  il_session_set_meta (session, IL_META_LATE_NS, "45000000");
  report = il_report_new (session, 0, 60);
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (text, ", model serial: the submitter runs each task\n"));
  g_assert_nonnull (strstr (text, "Who ran tasks"));
  g_assert_null (strstr (text, "Workers"));
  g_assert_null (strstr (text, "0 workers"));
  g_assert_null (strstr (text, "from submission to begin"));
  g_assert_nonnull (strstr (text, "Told too late: 3 of them, shown up to 45.0 ms after"));
  g_assert_nonnull (strstr (text, ", none lost; 0 in the range\n"));
  assert_fits (text);
  il_report_free (report);
}

/* Of a task whose begin was lost with other events nobody knows the kind. */
static void
test_kind_not_known (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  const IlTaskKindFigures unknown = { .object = 0, .done = 3 };
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;
  JsonArray *kinds;

  g_array_append_val (report->kinds, unknown);
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (text, "\nnot known"));
  json = il_report_to_json (report, session);
  kinds = json_object_get_array_member (
      json_object_get_object_member (parse (json, parser), "tasks"), "kinds");
  g_assert_cmpuint (json_array_get_length (kinds), ==, 2);
  g_assert_true (json_object_get_null_member (json_array_get_object_element (kinds, 1), "name"));
}

/* --- Live and from the file --- */

static void
test_same_from_file (void)
{
  g_autofree char *folder = il_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.interleave", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlTimeline) timeline = il_recorded_write (path, 1, 100);
  g_autoptr (IlSession) live = il_session_new (timeline);
  g_autoptr (IlSession) loaded = il_session_load (path, NULL, &error);
  const gint64 ranges[][2] = { { 0, G_MAXINT64 }, { 12345678, 87654321 }, { 5000, 5001 } };

  g_assert_no_error (error);
  il_session_set_meta (live, IL_META_TITLE, "A title");
  il_session_set_meta (live, IL_META_SCHEDULER, "perf");
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autoptr (IlReport) a = il_report_new (live, ranges[i][0], ranges[i][1]);
      g_autoptr (IlReport) b = il_report_new (loaded, ranges[i][0], ranges[i][1]);
      g_autofree char *json_a = il_report_to_json (a, live);
      g_autofree char *json_b = il_report_to_json (b, loaded);
      g_autofree char *text_a = il_report_to_text (a, live);
      g_autofree char *text_b = il_report_to_text (b, loaded);

      g_assert_cmpstr (json_a, ==, json_b);
      g_assert_cmpstr (text_a, ==, text_b);
      assert_fits (text_a);
    }
  il_remove_folder (g_steal_pointer (&folder));
}

/* What rests on events that were lost is said to. */
static void
test_text_of_lost_events (void)
{
  static const char *const reserve = "Figures are of what was recorded: counts too low, times and "
                                     "shares estimated\n";
  g_autoptr (IlSession) session = make_session_without (7);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *text = il_report_to_text (report, session);
  g_autoptr (IlReport) counted = NULL;
  g_autofree char *counted_text = NULL;
  g_autofree char *program_text = NULL;

  g_assert_nonnull (strstr (text, "7 were lost: what they told is unknown\n"));
  g_assert_nonnull (strstr (text, reserve));
  g_assert_null (strstr (text, "the program's own count"));
  assert_fits (text);

  il_session_set_meta (session, IL_META_RUNNER_COUNTS, "19 11 2 3 1");
  counted = il_report_new (session, 0, G_MAXINT64);
  counted_text = il_report_to_text (counted, session);
  g_assert_nonnull (strstr (counted_text, reserve));
  g_assert_nonnull (strstr (counted_text, "the program's own count"));
  assert_fits (counted_text);

  /* A program that is not ours has no tasks to be counted. */
  counted->is_program = TRUE;
  program_text = il_report_to_text (counted, session);
  g_assert_nonnull (strstr (program_text, reserve));
  g_assert_null (strstr (program_text, "the program's own count"));
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
  g_test_add_func ("/report/json-keys", test_json_keys);
  g_test_add_func ("/report/json-values", test_json_values);
  g_test_add_func ("/report/json-unknown", test_json_unknown);
  g_test_add_func ("/report/text", test_text);
  g_test_add_data_func ("/report/text-is-never-too-wide/pool",
                        GUINT_TO_POINTER (IL_LANE_ROLE_WORKER), test_text_is_never_too_wide);
  g_test_add_data_func ("/report/text-is-never-too-wide/program",
                        GUINT_TO_POINTER (IL_LANE_ROLE_THREAD), test_text_is_never_too_wide);
  g_test_add_func ("/report/text-serial", test_text_serial);
  g_test_add_func ("/report/kind-not-known", test_kind_not_known);
  g_test_add_func ("/report/text-of-lost-events", test_text_of_lost_events);
  g_test_add_func ("/report/same-from-file", test_same_from_file);
  return g_test_run ();
}
