/* test-report-together.c - figures of all together: tasks, coroutines, deaths, queueing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "report-fixture.h"

#include <math.h>
#include <string.h>

#include "objects.h"

/* ---- All together ---- */

/* Lanes. */
enum
{
  CORE_0,
  CORE_1,
  TASKS,
  LOCK,
  WORKER_1,
  WORKER_2,
  SUBMITTER,
};

/*
 * In milliseconds, up to 10; all tasks are submitted at 0:
 *
 *   Worker 1   0 task 0 on core 0, 4 task 2, from 5 on asleep, 5.5 woken, 6 on core 0 and done, 7
 *              off, 8 dead
 *   Worker 2   1 task 1 on core 1, 2 preempted, 3 back, 4 done, 5 off, 9 dead
 */
static const struct
{
  guint32 lane;
  IlRecord record;
} story[] = {
  { SUBMITTER, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { SUBMITTER, { 0, IL_RECORD_TASK_SUBMIT, WORK, 0 } },
  { SUBMITTER, { 0, IL_RECORD_TASK_SUBMIT, WORK, 1 } },
  { SUBMITTER, { 0, IL_RECORD_TASK_SUBMIT, OTHER, 2 } },
  { WORKER_1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { WORKER_1, { 0, IL_RECORD_SCHED_IN, 0, 0 } },
  { WORKER_1, { 0, IL_RECORD_TASK_BEGIN, WORK, 0 } },
  { WORKER_1, { 1 * MS, IL_RECORD_COPY, 900 * US / IL_RECORD_COPY_NS, 1000 } },
  { WORKER_1, { 4 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
  { WORKER_1, { 4 * MS, IL_RECORD_TASK_BEGIN, OTHER, 2 } },
  { WORKER_1, { 5 * MS, IL_RECORD_SLEEP_BEGIN, 0, 0 } },
  { WORKER_1, { 5 * MS, IL_RECORD_SCHED_OUT, 0, 0 } },
  { WORKER_1, { 5500 * US, IL_RECORD_SCHED_WAKE, 0, 0 } },
  { WORKER_1, { 6 * MS, IL_RECORD_SCHED_IN, 0, 0 } },
  { WORKER_1, { 6 * MS, IL_RECORD_SLEEP_END, 0, 0 } },
  { WORKER_1, { 6 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 2 } },
  { WORKER_1, { 7 * MS, IL_RECORD_SCHED_OUT, 0, 0 } },
  { WORKER_1, { 8 * MS, IL_RECORD_LANE_END, 0, 0 } },
  { WORKER_2, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { WORKER_2, { 0, IL_RECORD_SCHED_IN, 0, 1 } },
  { WORKER_2, { 0, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_2, { 1 * MS, IL_RECORD_TASK_BEGIN, WORK, 1 } },
  { WORKER_2, { 2 * MS, IL_RECORD_SCHED_OUT, 1, 1 } },
  { WORKER_2, { 3 * MS, IL_RECORD_SCHED_IN, 0, 1 } },
  { WORKER_2, { 4 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 } },
  { WORKER_2, { 5 * MS, IL_RECORD_SCHED_OUT, 0, 1 } },
  { WORKER_2, { 9 * MS, IL_RECORD_LANE_END, 0, 0 } },
};

static IlSession *
make_session (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < 2; i++)
    {
      const IlLaneInfo core = { .kind = IL_LANE_CORE, .number = i, .name = "core" };

      il_timeline_builder_add_lane (builder, &core);
    }
  il_timeline_builder_add_object (builder, QUEUE, IL_OBJECT_KIND_QUEUE, "tasks", 0);
  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", QUEUE);
  il_timeline_builder_add_object (builder, OTHER, IL_OBJECT_KIND_TASK, "other", QUEUE);
  il_timeline_builder_add_object (builder, GIL, IL_OBJECT_KIND_LOCK, "GIL", 4);
  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_EXACT);
  add_thread (builder, IL_LANE_ROLE_WORKER, 2, IL_SCHEDULER_EXACT);
  add_thread (builder, IL_LANE_ROLE_SUBMITTER, 0, IL_SCHEDULER_EXACT);
  for (guint i = 0; i < G_N_ELEMENTS (story); i++)
    il_batch_append (batch, story[i].lane, &story[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

static void
test_together (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (report, session, parser);

  /* On a core 4 + 1 + 2, asleep half a millisecond. */
  ASSERT_NUMBERS (root, { "speed wall_ns", 6 * MS }, { "speed serial_ns", 7500 * US },
                  { "speed speed_up", 1.25 }, { "speed serial_share", 0.6 },
                  { "speed utilization", 9.0 / 17 }, { "tasks imbalance", 6.0 * 2 / 9 });
  ASSERT_NUMBERS (root, { "scheduler slice_ns n", 4 }, { "scheduler slice_ns p50", 2 * MS },
                  { "scheduler slice_ns max", 5 * MS }, { "scheduler wake_latency_ns n", 1 },
                  { "scheduler wake_latency_ns max", 500 * US },
                  { "scheduler switches_per_second", 400 },
                  { "scheduler runnable_share", 1.5 / 17 });
  /* Task 1 waits 1 ms, task 2 waits 4. */
  ASSERT_NUMBERS (root, { "queueing l", 1.4 }, { "queueing lambda_per_second", 300 },
                  { "queueing w_ns", 4666667 }, { "queues 0 mean_depth", 0.5 });
  g_assert_cmpfloat_with_epsilon (get_number (root, "queueing l_by_lambda_w"), 1, 1e-9);
  /* Of nine in tasks. */
  g_assert_cmpfloat_with_epsilon (get_number (root, "copies share"), 0.1, 1e-4);
  ASSERT_NUMBERS (root, { "tasks kinds 0 service_ns p50", 3 * MS },
                  { "tasks kinds 0 relative", 1.5 }, { "tasks kinds 1 relative", 1 },
                  { "tasks kinds 0 done", 2 }, { "copies bytes", 1000 },
                  { "copies bytes_per_second", 100000 }, { "workers 0 copied_bytes", 1000 },
                  { "copies time_ns", 899968 }, { "workers 0 copying_ns", 899968 },
                  { "session exit_ns", 9 * MS }, { "replacements n", 0 });
}

/* One lives, one takes the place of one that died. */
static void
test_replacements (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = NULL;
  static const struct
  {
    guint32 lane;
    IlRecord record;
  } lives[] = {
    { 0, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
    { 1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
    { 0, { 3 * MS, IL_RECORD_LANE_END, 0, IL_RECORD_DIED } },
    { 2, { 5 * MS, IL_RECORD_LANE_BEGIN, 0, 0 } },
  };

  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_NONE);
  add_thread (builder, IL_LANE_ROLE_WORKER, 2, IL_SCHEDULER_NONE);
  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_NONE);
  for (guint i = 0; i < G_N_ELEMENTS (lives); i++)
    il_batch_append (batch, lives[i].lane, &lives[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  report = il_report_new (session, 0, G_MAXINT64);
  g_assert_cmpuint (report->replacement.n, ==, 1);
  g_assert_cmpint (report->replacement.max_ns, ==, 2 * MS);
  g_assert_cmpint (report->exit_ns, ==, -1);
}

/* Two on one carrier: the first gives way at 2 ms and goes on at 5, when the second ends its turn;
 * the carrier is on its core for a millisecond more. */
static void
test_coroutines (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = NULL;
  const guint32 none = IL_RECORD_NO_CORE;
  const struct
  {
    guint32 lane;
    IlRecord record;
  } turns[] = {
    { 1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
    { 1, { 0, IL_RECORD_SCHED_IN, 0, 0 } },
    { 1, { 0, IL_RECORD_COROUTINE, 0, 3 } },
    { 2, { 0, IL_RECORD_SCHED_IN, 0, none } },
    { 2, { 0, IL_RECORD_TASK_BEGIN, 0, 0 } },
    { 2, { 2 * MS, IL_RECORD_SCHED_OUT, 1, none } },
    { 1, { 2 * MS, IL_RECORD_COROUTINE, 0, 4 } },
    { 3, { 2 * MS, IL_RECORD_SCHED_IN, 0, none } },
    { 3, { 2 * MS, IL_RECORD_TASK_BEGIN, 0, 1 } },
    { 3, { 5 * MS, IL_RECORD_SCHED_OUT, 0, none } },
    { 1, { 5 * MS, IL_RECORD_COROUTINE, 0, 3 } },
    { 2, { 5 * MS, IL_RECORD_SCHED_IN, 0, none } },
    { 1, { 5200 * US, IL_RECORD_SCHED_OUT, 1, 0 } },
    { 2, { 5200 * US, IL_RECORD_SCHED_OUT, 1, none } },
    { 1, { 5700 * US, IL_RECORD_SCHED_IN, 0, 0 } },
    { 2, { 5700 * US, IL_RECORD_SCHED_IN, 0, none } },
    { 2, { 6 * MS, IL_RECORD_SCHED_OUT, 0, none } },
    { 1, { 6 * MS, IL_RECORD_COROUTINE, 0, 0 } },
    { 1, { 7 * MS, IL_RECORD_SCHED_OUT, 0, 0 } },
    /* Could go on, but nobody let it until the recording ended. */
    { 3, { 8 * MS, IL_RECORD_SCHED_OUT, 1, none } },
  };
  const IlLaneInfo core = { .kind = IL_LANE_CORE, .name = "core" };

  il_timeline_builder_add_lane (builder, &core);
  add_thread (builder, IL_LANE_ROLE_CARRIER, 1, IL_SCHEDULER_EXACT);
  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_CARRIER);
  add_thread (builder, IL_LANE_ROLE_WORKER, 2, IL_SCHEDULER_CARRIER);
  for (guint i = 0; i < G_N_ELEMENTS (turns); i++)
    il_batch_append (batch, turns[i].lane, &turns[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  report = il_report_new (session, 0, G_MAXINT64);
  g_assert_cmpuint (report->coroutines.n, ==, 2);
  g_assert_cmpuint (report->coroutines.switches, ==, 3);
  g_assert_cmpuint (report->coroutines.ready.n, ==, 2);
  g_assert_cmpint (report->coroutines.ready.max_ns, ==, 3 * MS);
  g_assert_cmpint (report->coroutines.ready.total_ns, ==, 5 * MS);
  /* Of 2, 3 and 1 ms; the last goes on within half a millisecond in which the carrier has no core.
   */
  g_assert_cmpuint (report->coroutines.stall.n, ==, 3);
  g_assert_cmpint (report->coroutines.stall.p50_ns, ==, 2 * MS);
  g_assert_cmpint (report->coroutines.stall.max_ns, ==, 3 * MS);
  g_assert_cmpint (report->coroutines.stall.total_ns, ==, 6 * MS);
  g_assert_cmpfloat_with_epsilon (report->coroutines.overhead_ns, (double)MS / 3, 1e-6);
}

/* ---- Little's law ---- */

static void
assert_queueing (IlSession *session, gint64 begin_ms, gint64 end_ms, double l, double lambda,
                 double w_ms)
{
  g_autoptr (IlReport) report = il_report_new (session, begin_ms * MS, end_ms * MS);
  const IlQueueingFigures *queueing = &report->queueing;

  g_assert_cmpfloat_with_epsilon (queueing->l, l, 1e-9);
  g_assert_cmpfloat_with_epsilon (queueing->lambda_per_second, lambda, 1e-9);
  g_assert_cmpfloat_with_epsilon (queueing->w_ns, w_ms * 1e6, 1e-3);
  g_assert_cmpfloat_with_epsilon (queueing->l, queueing->lambda_per_second * queueing->w_ns / 1e9,
                                  1e-9);
  g_assert_cmpfloat_with_epsilon (queueing->ratio, 1, 1e-9);
}

/* A task spawns two and waits for them; its worker runs one of them within it.  From submission to
 * settlement they are there for 8, 4 and 5 ms, of which the first is suspended for most. */
static void
test_queueing_of_a_tree (void)
{
  static const Said said[] = {
    { FIRST, { 0, IL_RECORD_TASK_SUBMIT, WORK, 0 } },
    { FIRST, { 0, IL_RECORD_TASK_BEGIN, WORK, 0 } },
    { FIRST, { 1 * MS, IL_RECORD_TASK_SUBMIT, WORK, IL_TASK_NUMBER_MAX } },
    { FIRST, { 1 * MS, IL_RECORD_TASK_SUBMIT, WORK, IL_TASK_NUMBER_MAX - 1 } },
    { FIRST, { 2 * MS, IL_RECORD_TASK_BEGIN, WORK, IL_TASK_NUMBER_MAX } },
    { SECOND, { 3 * MS, IL_RECORD_TASK_BEGIN, WORK, IL_TASK_NUMBER_MAX - 1 } },
    { FIRST, { 5 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, IL_TASK_NUMBER_MAX } },
    { SECOND, { 6 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, IL_TASK_NUMBER_MAX - 1 } },
    { FIRST, { 8 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
  };
  g_autoptr (IlSession) session = make_workers (said, G_N_ELEMENTS (said));
  g_autoptr (IlReport) later = il_report_new (session, 2 * MS, 4 * MS);

  assert_queueing (session, 0, 10, 1.7, 300, 17.0 / 3);
  /* Within the first four milliseconds 4, 3 and 3; from 1 to 3 all of the time. */
  assert_queueing (session, 0, 4, 10.0 / 4, 750, 10.0 / 3);
  assert_queueing (session, 1, 3, 6.0 / 2, 1000, 6.0 / 2);
  /* Nothing is submitted, all three are there. */
  g_assert_cmpfloat_with_epsilon (later->queueing.l, 3, 1e-9);
  g_assert_cmpfloat (later->queueing.lambda_per_second, ==, 0);
  g_assert_true (isnan (later->queueing.w_ns) && isnan (later->queueing.ratio));
}

/* A worker dies of its task, which another runs again; a task is lost, one is never run, one still
 * waits at the end. */
static void
test_queueing_with_deaths (void)
{
  static const Said said[] = {
    { SECOND, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
    { SECOND, { 0, IL_RECORD_TASK_SUBMIT, WORK, 0 } },
    { SECOND, { 1 * MS, IL_RECORD_TASK_SUBMIT, WORK, 1 } },
    { SECOND, { 2 * MS, IL_RECORD_TASK_SUBMIT, WORK, 2 } },
    { SECOND, { 4 * MS, IL_RECORD_TASK_SUBMIT, WORK, 3 } },
    { FIRST, { 1 * MS, IL_RECORD_TASK_BEGIN, WORK, 0 } },
    { FIRST, { 2 * MS, IL_RECORD_LANE_END, 0, IL_RECORD_DIED } },
    { SECOND, { 2 * MS, IL_RECORD_WORKER_LOST, 11, FIRST + 1 } },
    { THIRD, { 3 * MS, IL_RECORD_TASK_BEGIN, WORK, 0 } },
    { THIRD, { 5 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
    { THIRD, { 5 * MS, IL_RECORD_TASK_BEGIN, WORK, 1 } },
    { SECOND, { 6 * MS, IL_RECORD_WORKER_LOST, 9, THIRD + 1 } },
    { SECOND, { 7 * MS, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_LOST, 1 } },
    { SECOND, { 8 * MS, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 2 } },
  };
  g_autoptr (IlSession) session = make_workers (said, G_N_ELEMENTS (said));
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) early = il_report_new (session, 0, 3 * MS);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = il_report_to_text (report, session);
  JsonObject *root = parse (report, session, parser);

  /* 5 + 6 + 6 + 6. */
  assert_queueing (session, 0, 10, 2.3, 400, 23.0 / 4);
  assert_queueing (session, 0, 3, 6.0 / 3, 1000, 6.0 / 3);
  ASSERT_NUMBERS (root, { "endings crashed", 1 }, { "endings killed", 1 },
                  { "endings by_force", 0 }, { "endings relieved", 0 }, { "replacements n", 1 },
                  { "replacements max", MS }, { "tasks run_again", 1 }, { "tasks lost", 1 });
  g_assert_cmpuint (early->run_again, ==, 0);
  g_assert_cmpuint (early->endings.crashed, ==, 1);
  g_assert_cmpuint (early->endings.killed, ==, 0);
  g_assert_nonnull (strstr (text, "\nWorkers that crashed "));
  g_assert_nonnull (strstr (text, "\nWorkers that were killed "));
  g_assert_nonnull (strstr (text, "\nTasks begun again after a death "));
  g_assert_null (strstr (text, "had done their share"));
}

/* Lanes of workers, one in each of these processes, and of the submitter in the first. */
static IlSession *
make_processes (const gint32 *pids, guint n_pids, const Said *said, gsize n)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i <= n_pids; i++)
    {
      g_autofree char *name
          = i < n_pids ? g_strdup_printf ("Worker %u", i + 1) : g_strdup ("Submitter");
      const IlLaneInfo info = { .role = i < n_pids ? IL_LANE_ROLE_WORKER : IL_LANE_ROLE_SUBMITTER,
                                .number = i < n_pids ? i + 1 : 0,
                                .pid = pids[i % n_pids],
                                .name = name };
      const IlRecord begin = { 0, IL_RECORD_LANE_BEGIN, 0, 0 };
      guint32 lane = il_timeline_builder_add_lane (builder, &info);

      il_batch_append (batch, lane, &begin, 1);
    }
  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", 0);
  il_timeline_builder_add_object (builder, GIL, IL_OBJECT_KIND_LOCK, "A", 0);
  for (gsize i = 0; i < n; i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

static void
assert_end (JsonObject *root, guint worker, const char *ending, gint64 ended_ns,
            gint64 signal_number)
{
  JsonArray *workers = json_object_get_array_member (root, "workers");
  JsonObject *object = json_array_get_object_element (workers, worker);

  g_assert_cmpstr (json_object_get_string_member (object, "ending"), ==, ending);
  g_assert_cmpint (json_object_get_int_member (object, "ended_ns"), ==, ended_ns);
  if (signal_number == 0)
    g_assert_true (json_object_get_null_member (object, "signal"));
  else
    g_assert_cmpint (json_object_get_int_member (object, "signal"), ==, signal_number);
}

/* Of three in one process the first crashes, and takes the others with it, whatever told of them
 * first; of two in the next nobody knows who did; two are alone in theirs: a fault of its own, and
 * a signal from outside. */
static void
test_deaths_of_processes (void)
{
  static const gint32 pids[] = { 10, 10, 10, 20, 20, 30, 40 };
  static const Said said[] = {
    { 0, { 1 * MS, IL_RECORD_LOCK_ACQUIRE, GIL, 0 } },
    { 0, { 2 * MS, IL_RECORD_CRASH, WORK, 7 | 1 << 16 } },
    { 1, { 3 * MS, IL_RECORD_LANE_END, 0, IL_RECORD_DIED } },
    { 3, { 4 * MS, IL_RECORD_WORKER_LOST, 11, 0 + 1 } },
    { 3, { 4 * MS, IL_RECORD_OWNER_DIED, GIL, 0 + 1 } },
    { 3, { 4 * MS, IL_RECORD_WORKER_LOST, 11, 1 + 1 } },
    { 3, { 4 * MS, IL_RECORD_WORKER_LOST, 11, 2 + 1 } },
    { 7, { 5 * MS, IL_RECORD_WORKER_LOST, 7, 3 + 1 } },
    { 7, { 5 * MS, IL_RECORD_WORKER_LOST, 7, 4 + 1 } },
    { 7, { 6 * MS, IL_RECORD_WORKER_LOST, 8, 5 + 1 } },
    { 7, { 7 * MS, IL_RECORD_WORKER_LOST, 15, 6 + 1 } },
    { 7, { 8 * MS, IL_RECORD_LANE_END, 0, 0 } },
  };
  g_autoptr (IlSession) session
      = make_processes (pids, G_N_ELEMENTS (pids), said, G_N_ELEMENTS (said));
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) early = il_report_new (session, 0, 4 * MS);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = il_report_to_text (report, session);
  JsonObject *root = parse (report, session, parser);

  ASSERT_NUMBERS (root, { "endings crashed", 2 }, { "endings with_process", 4 },
                  { "endings killed", 1 }, { "endings by_force", 0 }, { "locks 0 recovered", 1 });
  assert_end (root, 0, "crashed", 2 * MS, 11);
  assert_end (root, 1, "with_process", 3 * MS, 11);
  assert_end (root, 2, "with_process", 4 * MS, 11);
  assert_end (root, 3, "with_process", 5 * MS, 7);
  assert_end (root, 4, "with_process", 5 * MS, 7);
  assert_end (root, 5, "crashed", 6 * MS, 8);
  assert_end (root, 6, "killed", 7 * MS, 15);
  g_assert_cmpuint (report->ends->len, ==, 7);
  g_assert_cmpuint (early->ends->len, ==, 2);
  g_assert_nonnull (strstr (text, "crashed (signal 11)  0.002 s\n"));
  g_assert_nonnull (strstr (text, "went down with its process (signal 11)  0.003 s\n"));
  g_assert_nonnull (strstr (text, "killed (signal 15)  0.007 s\n"));
  g_assert_nonnull (strstr (text, "\nA: recovered 1 time from an owner that had died\n"));
  g_assert_null (strstr (text, "Submitter"));
}

/* Who runs all tasks itself crashes in the first one. */
static void
test_crash_of_the_submitter (void)
{
  static const gint32 pids[] = { 10 };
  static const Said said[] = {
    { 1, { 1 * MS, IL_RECORD_TASK_BEGIN, WORK, 0 } },
    { 1, { 2 * MS, IL_RECORD_CRASH, WORK, 7 | IL_RECORD_ENDS_ALL } },
    { 0, { 3 * MS, IL_RECORD_LANE_END, 0, IL_RECORD_DIED } },
  };
  g_autoptr (IlSession) session
      = make_processes (pids, G_N_ELEMENTS (pids), said, G_N_ELEMENTS (said));
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);

  g_assert_cmpuint (report->endings.crashed, ==, 1);
  g_assert_cmpuint (report->endings.with_process, ==, 1);
  g_assert_cmpuint (g_array_index (report->ends, IlWorkerEnding, 0).lane, ==, 1);
  g_assert_cmpint (g_array_index (report->ends, IlWorkerEnding, 0).ending, ==,
                   IL_REPORT_ENDING_CRASHED);
  g_assert_cmpint (g_array_index (report->ends, IlWorkerEnding, 1).ending, ==,
                   IL_REPORT_ENDING_WITH_PROCESS);
}

/* Of many ends the first ones are told, the rest is counted; notes are kept. */
static void
test_many_ends (void)
{
  static const gint32 pids[] = { 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 };
  Said said[G_N_ELEMENTS (pids)];
  g_autoptr (IlSession) session = NULL;
  g_autoptr (IlReport) report = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;
  JsonArray *notes;

  for (guint i = 0; i < G_N_ELEMENTS (pids); i++)
    said[i] = (Said){ G_N_ELEMENTS (pids), { (1 + i) * MS / 2, IL_RECORD_WORKER_LOST, 9, i + 1 } };
  session = make_processes (pids, G_N_ELEMENTS (pids), said, G_N_ELEMENTS (said));
  il_session_set_meta (session, IL_META_NOTES, "One thing\nAnother");
  report = il_report_new (session, 0, G_MAXINT64);
  text = il_report_to_text (report, session);
  notes = json_object_get_array_member (
      json_object_get_object_member (parse (report, session, parser), "session"), "notes");
  g_assert_cmpuint (report->ends->len, ==, 12);
  g_assert_nonnull (strstr (text, "0.005 s\n… and 2 more\n"));
  g_assert_nonnull (strstr (text, "\nNotes\nOne thing\nAnother\n"));
  g_assert_cmpuint (json_array_get_length (notes), ==, 2);
  g_assert_cmpstr (json_array_get_string_element (notes, 1), ==, "Another");
}

/* What was turned while it ran is told with its time; what is no such line is not. */
static void
test_knob_changes (void)
{
  static const gint32 pids[] = { 10 };
  g_autoptr (IlSession) session = make_processes (pids, 1, NULL, 0);
  g_autoptr (IlReport) report = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;
  JsonArray *changes;
  JsonObject *change;

  il_session_set_meta (session, IL_META_KNOB_CHANGES,
                       "2300000000 rate 500/s\n-1 rate 2\nrate\n3000000000 workers 3");
  report = il_report_new (session, 0, G_MAXINT64);
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (
      text, "\nTurned while it ran\nrate = 500/s from 2.30 s on\nworkers = 3 from 3.00 s on\n"));
  changes = json_object_get_array_member (
      json_object_get_object_member (parse (report, session, parser), "session"), "knob_changes");
  g_assert_cmpuint (json_array_get_length (changes), ==, 2);
  change = json_array_get_object_element (changes, 0);
  g_assert_cmpint (json_object_get_int_member (change, "time_ns"), ==, 2300000000);
  g_assert_cmpstr (json_object_get_string_member (change, "key"), ==, "rate");
  g_assert_cmpstr (json_object_get_string_member (change, "value"), ==, "500/s");
}

/* Two workers one after the other have one place: each of the two places was in tasks for 4 ms. */
static void
test_places (void)
{
  static const Said said[] = {
    { FIRST, { 0, IL_RECORD_TASK_BEGIN, WORK, 0 } },
    { FIRST, { 3 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
    { FIRST, { 3 * MS, IL_RECORD_LANE_END, 0, 0 } },
    { THIRD, { 4 * MS, IL_RECORD_TASK_BEGIN, WORK, 1 } },
    { THIRD, { 5 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 } },
    { SECOND, { 0, IL_RECORD_TASK_BEGIN, WORK, 2 } },
    { SECOND, { 4 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 2 } },
  };
  g_autoptr (IlSession) session = make_workers (said, G_N_ELEMENTS (said));
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *text = il_report_to_text (report, session);

  g_assert_cmpuint (report->workers->len, ==, 3);
  g_assert_cmpfloat_with_epsilon (report->speed.imbalance, 1, 1e-9);
  g_assert_cmpuint (report->endings.relieved, ==, 1);
  g_assert_cmpuint (report->replacement.n, ==, 0);
  g_assert_nonnull (strstr (text, "\nWorkers that had done their share and were replaced "));
  g_assert_null (strstr (text, "crashed"));
}

/* ---- For reading ---- */

/* Each object has its section in the report for reading. */
static void
test_text (void)
{
  static const char *const sections[] = { "Locks, semaphores",
                                          "Readers and writers",
                                          "Events",
                                          "Conditions",
                                          "Barriers",
                                          "Channels",
                                          "Files",
                                          "Counters" };
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *text = il_report_to_text (report, session);
  g_autoptr (IlSession) working = make_session ();
  g_autoptr (IlReport) figures = il_report_new (working, 0, G_MAXINT64);
  g_autofree char *together = il_report_to_text (figures, working);

  for (guint i = 0; i < G_N_ELEMENTS (sections); i++)
    {
      g_autofree char *heading = g_strdup_printf ("\n\n%s ", sections[i]);

      if (strstr (text, heading) == NULL)
        g_error ("no section “%s”", sections[i]);
    }
  g_assert_nonnull (strstr (text, "R, writers"));
  g_assert_nonnull (strstr (text, "recursive"));
  g_assert_nonnull (strstr (together, "\n\nAll together"));
  g_assert_nonnull (strstr (together, "Speed-up over one after the other"));
  g_assert_nonnull (strstr (together, "L / (λ W)"));
  g_assert_nonnull (strstr (together, "Kinds of tasks"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/together", test_together);
  g_test_add_func ("/report/replacements", test_replacements);
  g_test_add_func ("/report/coroutines", test_coroutines);
  g_test_add_func ("/report/queueing-of-a-tree", test_queueing_of_a_tree);
  g_test_add_func ("/report/queueing-with-deaths", test_queueing_with_deaths);
  g_test_add_func ("/report/places", test_places);
  g_test_add_func ("/report/deaths-of-processes", test_deaths_of_processes);
  g_test_add_func ("/report/crash-of-the-submitter", test_crash_of_the_submitter);
  g_test_add_func ("/report/many-ends", test_many_ends);
  g_test_add_func ("/report/knob-changes", test_knob_changes);
  g_test_add_func ("/report/text-of-objects", test_text);
  return g_test_run ();
}
