/* test-objects.c - locks, semaphores, queues, counters and tasks are what their records say, and
 * what contradicts them is counted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

static void
assert_wait (const IlLane *lane, gsize index, const IlWait *expected)
{
  IlWait wait;

  g_assert_true (il_lane_get_wait (lane, index, &wait));
  g_assert_cmpint (wait.end_ns, ==, expected->end_ns);
  g_assert_cmpint (wait.wait_ns, ==, expected->wait_ns);
  g_assert_cmpuint (wait.lane, ==, expected->lane);
  g_assert_cmpuint (wait.blamed_plus_1, ==, expected->blamed_plus_1);
  g_assert_cmpint (wait.cancelled, ==, expected->cancelled);
  g_assert_cmpint (wait.putting, ==, expected->putting);
}

static void
test_lock (void)
{
  const IlLane *lane;
  guint64 acquisitions, gets;
  Fixture fixture;
  IlWait wait;

  fixture_init (&fixture);
  lane = fixture_lane (&fixture, LANE_LOCK);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 15, OTHER, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 17, SAMPLED, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 20, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 25, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 },
        { 30, SAMPLED, IL_RECORD_WAIT_CANCELLED, LOCK, 0 },
        { 40, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
        { 41, UNSCHEDULED, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 42, UNSCHEDULED, IL_RECORD_LOCK_ACQUIRE, LOCK, OTHER + 1 });
  ASSERT_STATES (&fixture, LANE_LOCK,
                 "0 none, 10 running @7, 20 none, 25 running @8, 40 none, 42 running @10");
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 15 1, 17 2, 25 1, 30 0, 41 1, 42 0");
  g_assert_cmpuint (il_lane_get_n_waits (lane), ==, 3);
  assert_wait (lane, 0, &(IlWait){ 25, 10, OTHER, EXACT + 1, FALSE, FALSE });
  assert_wait (lane, 1, &(IlWait){ 30, 13, SAMPLED, 0, TRUE, FALSE });
  assert_wait (lane, 2, &(IlWait){ 42, 1, UNSCHEDULED, OTHER + 1, FALSE, FALSE });
  g_assert_false (il_lane_get_wait (lane, 3, &wait));
  il_lane_get_uses (lane, 24, &acquisitions, &gets);
  g_assert_cmpuint (acquisitions, ==, 1);
  il_lane_get_uses (lane, 42, &acquisitions, NULL);
  g_assert_cmpuint (acquisitions, ==, 3);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* The newest word is taken, and the contradiction counted. */
static void
test_lock_contradictions (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 }, /* 1: nobody held it */
        { 20, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 30, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },                 /* 2 */
        { 40, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 },                 /* 3 */
        { 50, EXACT, IL_RECORD_LOCK_ACQUIRE, QUEUE, 0 },                /* 4 */
        { 60, EXACT, IL_RECORD_LOCK_ACQUIRE, IL_RECORD_OBJECT_MAX, 0 }, /* 5 */
        { 70, EXACT, IL_RECORD_LOCK_WAIT, 999, 0 },                     /* 6 */
        { 80, EXACT, IL_RECORD_WAIT_CANCELLED, LOCK, 0 },               /* 7 */
        { 85, OTHER, IL_RECORD_LOCK_WAIT, LOCK, 77777 });               /* 8 */
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 20 running @7, 30 running @8, 40 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 8);
  fixture_finish (&fixture);
}

static void
test_owner_died (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, OTHER, IL_RECORD_OWNER_DIED, LOCK, EXACT + 1 },
        { 25, OTHER, IL_RECORD_OWNER_DIED, SEMAPHORE, EXACT + 1 },
        { 30, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @7, 20 none, 30 running @8");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  FEED (&fixture, 200, { 110, EXACT, IL_RECORD_OWNER_DIED, QUEUE, EXACT + 1 },
        { 120, EXACT, IL_RECORD_OWNER_DIED, LOCK, EXACT + 1 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 2);
  fixture_finish (&fixture);
}

/* Nobody holds it from the death on, which the scheduler saw, and nobody can have it before that is
 * noticed. */
static void
test_holder_died (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, EXACT, IL_RECORD_LANE_END, 0, IL_RECORD_DIED },
        { 37, OTHER, IL_RECORD_WORKER_LOST, 9, EXACT + 1 },
        { 37, OTHER, IL_RECORD_OWNER_DIED, LOCK, EXACT + 1 },
        { 40, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 }, { 50, OTHER, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK,
                 "0 none, 10 running @7, 20 stopped @7, 37 none, 40 running @8");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

static void
test_semaphore (void)
{
  const IlLane *lane;
  guint64 acquisitions;
  Fixture fixture;

  fixture_init (&fixture);
  lane = fixture_lane (&fixture, LANE_SEMAPHORE);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_SEM_ACQUIRE, SEMAPHORE, 2 },
        { 20, OTHER, IL_RECORD_SEM_ACQUIRE, SEMAPHORE, 0 },
        { 30, SAMPLED, IL_RECORD_SEM_WAIT, SEMAPHORE, 0 },
        { 40, EXACT, IL_RECORD_SEM_POST, SEMAPHORE, 1 | IL_RECORD_WOKE },
        { 50, SAMPLED, IL_RECORD_SEM_ACQUIRE, SEMAPHORE, 0 },
        { 60, OTHER, IL_RECORD_SEM_POST, SEMAPHORE, 9 });
  g_assert_null (il_lane_get_states (lane));
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 10 1, 20 3, 40 2, 50 3, 60 0");
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 30 1, 50 0");
  assert_wait (lane, 0, &(IlWait){ 50, 20, SAMPLED, 0, FALSE, FALSE });
  il_lane_get_uses (lane, 100, &acquisitions, NULL);
  g_assert_cmpuint (acquisitions, ==, 3);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

static void
test_queue (void)
{
  const IlLane *lane;
  guint64 puts, gets;
  Fixture fixture;

  fixture_init (&fixture);
  lane = fixture_lane (&fixture, LANE_QUEUE);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_PUT, QUEUE, 1 },
        { 20, EXACT, IL_RECORD_PUT, QUEUE, 2 }, { 30, EXACT, IL_RECORD_PUT_WAIT, QUEUE, 0 },
        { 40, OTHER, IL_RECORD_GET, QUEUE, 1 | IL_RECORD_WOKE },
        { 50, EXACT, IL_RECORD_PUT, QUEUE, 2 }, { 60, OTHER, IL_RECORD_GET, QUEUE, 1 },
        { 65, OTHER, IL_RECORD_GET, QUEUE, 0 }, { 70, OTHER, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 80, SAMPLED, IL_RECORD_QUEUE_CLOSE, QUEUE, IL_RECORD_WOKE },
        { 90, OTHER, IL_RECORD_WAIT_CANCELLED, QUEUE, 0 });
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 10 1, 20 2, 40 1, 50 2, 60 1, 65 0");
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 30 1, 50 0, 70 1, 90 0");
  assert_wait (lane, 0, &(IlWait){ 50, 20, EXACT, 0, FALSE, TRUE });
  assert_wait (lane, 1, &(IlWait){ 90, 20, OTHER, 0, TRUE, FALSE });
  il_lane_get_uses (lane, 60, &puts, &gets);
  g_assert_cmpuint (puts, ==, 3);
  g_assert_cmpuint (gets, ==, 2);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* The depth ends where puts minus gets says, whatever the order of producers and consumers. */
static void
test_queue_depth_adds_up (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint64 puts, gets;
  guint32 depth = 0;
  Fixture fixture;
  IlSpan last;
  const IlSeries *level;

  fixture_init (&fixture);
  for (gint64 now_ns = 1; now_ns < 5000; now_ns++)
    {
      gboolean put = depth == 0 || (depth < 10 && g_rand_boolean (rand));

      depth += put ? 1 : -1;
      FEED (&fixture, now_ns,
            { now_ns, put ? EXACT : OTHER, put ? IL_RECORD_PUT : IL_RECORD_GET, QUEUE, depth });
    }
  il_lane_get_uses (fixture_lane (&fixture, LANE_QUEUE), G_MAXINT64, &puts, &gets);
  g_assert_cmpuint (puts + gets, ==, 4999);
  level = il_lane_get_level (fixture_lane (&fixture, LANE_QUEUE));
  g_assert_true (il_series_get_span (level, il_series_get_length (level) - 1, 5000, &last));
  g_assert_cmpuint (last.code, ==, puts - gets);
  fixture_finish (&fixture);
}

static void
test_counter (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_COUNTER, COUNTER, 5 },
        { 20, OTHER, IL_RECORD_COUNTER, COUNTER, 4000000000 },
        { 30, OTHER, IL_RECORD_COUNTER, QUEUE, 1 });
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, LANE_COUNTER)), "10 5, 20 4000000000");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 1);
  fixture_finish (&fixture);
}

static void
test_tasks (void)
{
  IlTimelineTotals totals;
  IlLaneCounts counts;
  Fixture fixture;
  IlTask task;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 1 },
        { 11, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 2 },
        { 12, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 3 },
        { 13, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 5 }, { 20, OTHER, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 30, OTHER, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 },
        { 30, OTHER, IL_RECORD_TASK_BEGIN, WORK, 2 },
        { 40, OTHER, IL_RECORD_TASK_END, IL_TASK_OUTCOME_FAILED, 2 },
        { 50, EXACT, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 3 },
        { 60, OTHER, IL_RECORD_TASK_BEGIN, WORK, 5 },
        { 70, EXACT, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_LOST, 5 });

  g_assert_cmpuint (il_timeline_get_n_tasks (fixture.timeline), ==, 6);
  g_assert_false (il_timeline_get_task (fixture.timeline, 0, &task));
  g_assert_false (il_timeline_get_task (fixture.timeline, 4, &task));
  g_assert_false (il_timeline_get_task (fixture.timeline, 6, &task));
  g_assert_true (il_timeline_get_task (fixture.timeline, 1, &task));
  g_assert_cmpuint (task.kind_object, ==, WORK);
  g_assert_cmpint (task.submit_ns, ==, 10);
  g_assert_cmpint (task.begin_ns, ==, 20);
  g_assert_cmpint (task.end_ns, ==, 30);
  g_assert_cmpuint (task.worker_plus_1, ==, OTHER + 1);
  g_assert_cmpint (task.outcome, ==, IL_TASK_OUTCOME_DONE);
  g_assert_true (il_timeline_get_task (fixture.timeline, 3, &task));
  g_assert_cmpint (task.begin_ns, ==, -1);
  g_assert_cmpint (task.end_ns, ==, 50);
  g_assert_cmpint (task.outcome, ==, IL_TASK_OUTCOME_CANCELLED);
  g_assert_true (il_timeline_get_task (fixture.timeline, 5, &task));
  g_assert_cmpint (task.end_ns, ==, 70);

  il_timeline_get_totals (fixture.timeline, &totals);
  g_assert_cmpuint (totals.n_records, ==, 11);
  g_assert_cmpuint (totals.n_submitted, ==, 4);
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    g_assert_cmpuint (totals.n_outcomes[i], ==, 1);
  g_assert_cmpuint (totals.n_inconsistent, ==, 0);
  g_assert_cmpuint (il_timeline_get_tasks_done (fixture.timeline, 29), ==, 0);
  g_assert_cmpuint (il_timeline_get_tasks_done (fixture.timeline, 30), ==, 1);
  il_lane_get_counts (fixture_lane (&fixture, OTHER), 100, &counts);
  g_assert_cmpuint (counts.tasks, ==, 2);
  fixture_finish (&fixture);
}

/* Tasks that others spawned have numbers from the other end. */
static void
test_spawned_tasks (void)
{
  const guint32 last = IL_TASK_NUMBER_MAX;
  IlTaskIter iter = { 0 };
  IlTimelineTotals totals;
  Fixture fixture;
  IlTask task;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 1 },
        { 11, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 12, EXACT, IL_RECORD_TASK_SUBMIT, WORK, last - 3 },
        { 13, EXACT, IL_RECORD_TASK_SUBMIT, WORK, (last - 5) | IL_RECORD_WOKE },
        { 14, OTHER, IL_RECORD_TASK_BEGIN, WORK, last - 5 },
        { 15, OTHER, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, last - 5 });

  g_assert_true (il_timeline_get_task (fixture.timeline, last - 5, &task));
  g_assert_cmpint (task.submit_ns, ==, 13);
  g_assert_cmpint (task.begin_ns, ==, 14);
  g_assert_cmpint (task.end_ns, ==, 15);
  g_assert_cmpuint (task.worker_plus_1, ==, OTHER + 1);
  g_assert_false (il_timeline_get_task (fixture.timeline, last - 4, &task));
  g_assert_false (il_timeline_get_task (fixture.timeline, last - 6, &task));
  g_assert_false (il_timeline_get_task (fixture.timeline, (gsize)last + 1, &task));
  g_assert_false (il_timeline_get_task (fixture.timeline, last / 2 + 1, &task));
  g_assert_cmpuint (il_timeline_get_n_tasks (fixture.timeline), ==, 2);

  g_assert_true (il_timeline_next_task (fixture.timeline, &iter, &task));
  g_assert_cmpint (task.submit_ns, ==, 10);
  g_assert_true (il_timeline_next_task (fixture.timeline, &iter, &task));
  g_assert_cmpint (task.submit_ns, ==, 12);
  g_assert_true (il_timeline_next_task (fixture.timeline, &iter, &task));
  g_assert_cmpint (task.submit_ns, ==, 13);
  g_assert_false (il_timeline_next_task (fixture.timeline, &iter, &task));
  g_assert_false (il_timeline_next_task (fixture.timeline, &iter, &task));

  il_timeline_get_totals (fixture.timeline, &totals);
  g_assert_cmpuint (totals.n_submitted, ==, 3);
  g_assert_cmpuint (totals.n_inconsistent, ==, 0);
  fixture_finish (&fixture);
}

/* A task that was begun again after its worker died. */
static void
test_task_retried (void)
{
  Fixture fixture;
  IlTask task;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 1 },
        { 20, OTHER, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 30, EXACT, IL_RECORD_WORKER_LOST, 9, OTHER + 1 },
        { 40, UNSCHEDULED, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 50, UNSCHEDULED, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 });
  g_assert_true (il_timeline_get_task (fixture.timeline, 1, &task));
  g_assert_cmpint (task.begin_ns, ==, 40);
  g_assert_cmpuint (task.worker_plus_1, ==, UNSCHEDULED + 1);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  g_assert_cmpuint (il_timeline_get_tasks_run_again (fixture.timeline, 39), ==, 0);
  g_assert_cmpuint (il_timeline_get_tasks_run_again (fixture.timeline, 40), ==, 1);
  g_assert_cmpuint (il_timeline_get_tasks_run_again (fixture.timeline, 100), ==, 1);
  fixture_finish (&fixture);
}

static void
assert_attempts (const Fixture *fixture, guint lane, gint64 begin_ns, gint64 end_ns,
                 const char *expected)
{
  g_autofree char *found = NULL;
  IlAttempts attempts;

  il_lane_count_attempts (fixture_lane (fixture, lane), begin_ns, end_ns, &attempts);
  found = g_strdup_printf ("%d: %d waited, %d gave up", (int)attempts.total, (int)attempts.waited,
                           (int)attempts.given_up);
  g_assert_cmpstr (found, ==, expected);
}

/* Of four who want the lock one has it at once, one waits for it, two give up: one is told to, one
 * dies. */
static void
test_attempts (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, OTHER, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 21, SAMPLED, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 22, UNSCHEDULED, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 30, OTHER, IL_RECORD_WAIT_CANCELLED, LOCK, 0 },
        { 40, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 41, SAMPLED, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 },
        { 50, UNSCHEDULED, IL_RECORD_LANE_END, 0, 0 });
  assert_attempts (&fixture, LANE_LOCK, 0, 100, "4: 3 waited, 2 gave up");
  assert_attempts (&fixture, LANE_LOCK, 0, 30, "1: 0 waited, 0 gave up");
  assert_attempts (&fixture, LANE_LOCK, 0, 31, "2: 1 waited, 1 gave up");
  assert_attempts (&fixture, LANE_LOCK, 30, 42, "2: 2 waited, 1 gave up");
  assert_attempts (&fixture, LANE_LOCK, 41, 51, "2: 2 waited, 1 gave up");
  assert_attempts (&fixture, LANE_LOCK, 51, 100, "0: 0 waited, 0 gave up");
  assert_attempts (&fixture, LANE_LOCK, 60, 50, "0: 0 waited, 0 gave up");
  assert_attempts (&fixture, LANE_SEMAPHORE, 0, 100, "0: 0 waited, 0 gave up");
  fixture_finish (&fixture);
}

/* The recorder says so of each thread when it first hears of it from the scheduler, and the thread
 * waits on. */
static void
test_runs_while_waiting (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 12, UNSCHEDULED, IL_RECORD_RUNS, 0, 0 },
        { 20, UNSCHEDULED, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 21, SAMPLED, IL_RECORD_LOCK_WAIT, LOCK, EXACT + 1 },
        { 30, UNSCHEDULED, IL_RECORD_RUNS, 0, 0 }, { 31, SAMPLED, IL_RECORD_RUNS, 0, 0 },
        { 40, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 41, UNSCHEDULED, IL_RECORD_LOCK_ACQUIRE, LOCK, EXACT + 1 },
        { 50, UNSCHEDULED, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 51, SAMPLED, IL_RECORD_LOCK_ACQUIRE, LOCK, UNSCHEDULED + 1 });
  assert_attempts (&fixture, LANE_LOCK, 0, 100, "3: 2 waited, 0 gave up");
  assert_wait (fixture_lane (&fixture, LANE_LOCK), 0,
               &(IlWait){ 41, 21, UNSCHEDULED, EXACT + 1, FALSE, FALSE });
  ASSERT_COUNTER (il_lane_get_waiters (fixture_lane (&fixture, LANE_LOCK)),
                  "0 0, 20 1, 21 2, 41 1, 51 0");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* A thread of a program could not say yet for which lock it began to wait. */
static void
test_named_while_waiting (void)
{
  const IlLane *lane;
  Fixture fixture;

  fixture_init (&fixture);
  lane = fixture_lane (&fixture, LANE_LOCK);
  FEED (&fixture, 100, { 5, EXACT, IL_RECORD_RUNS, 0, 0 }, { 5, OTHER, IL_RECORD_RUNS, 0, 0 },
        { 10, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, EXACT, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_OBJECT, OTHER + 1 },
        { 40, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 41, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, OTHER + 1 },
        { 50, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 });
  assert_attempts (&fixture, LANE_LOCK, 0, 100, "2: 1 waited, 0 gave up");
  assert_wait (lane, 0, &(IlWait){ 41, 21, EXACT, OTHER + 1, FALSE, FALSE });
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 41 0");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Numbers are not believed: memory stays in proportion to the records. */
static void
test_task_contradictions (void)
{
  IlTimelineTotals totals;
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 0x60000000 }, /* 1 */
        { 11, EXACT, IL_RECORD_TASK_BEGIN, WORK, 4000000000 },                 /* 2 */
        { 12, EXACT, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0x40000000 },   /* 3 */
        { 13, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 1 },
        { 14, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 1 }, /* 4 */
        { 15, EXACT, IL_RECORD_TASK_DROP, 99, 1 },     /* 5 */
        { 16, EXACT, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_LOST, 1 },
        { 17, EXACT, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_DONE, 1 }, /* 6 */
        { 18, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 });               /* 7 */
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 7);
  g_assert_cmpuint (il_timeline_get_n_tasks (fixture.timeline), ==, 2);
  il_timeline_get_totals (fixture.timeline, &totals);
  g_assert_cmpuint (totals.n_submitted, ==, 1);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_LOST], ==, 1);
  g_assert_cmpuint (totals.n_outcomes[IL_TASK_OUTCOME_DONE], ==, 0);
  fixture_finish (&fixture);
}

static void
test_lanes_and_objects (void)
{
  const IlLaneInfo *info;
  Fixture fixture;

  fixture_init (&fixture);
  g_assert_null (il_timeline_get_lane (fixture.timeline, N_LANES));
  info = il_lane_get_info (fixture_lane (&fixture, UNSCHEDULED));
  g_assert_cmpstr (info->name, ==, "Unscheduled");
  g_assert_cmpstr (info->process_name, ==, "program");
  g_assert_cmpuint (il_lane_get_index (fixture_lane (&fixture, UNSCHEDULED)), ==, UNSCHEDULED);
  g_assert_cmpuint (il_lane_get_object (fixture_lane (&fixture, UNSCHEDULED)), ==, 0);

  g_assert_cmpuint (il_lane_get_object (fixture_lane (&fixture, LANE_QUEUE)), ==, QUEUE);
  g_assert_cmpuint (il_lane_get_info (fixture_lane (&fixture, LANE_QUEUE))->parameter, ==, 10);
  g_assert_cmpstr (il_timeline_get_object_name (fixture.timeline, QUEUE), ==, "Q");
  g_assert_true (il_timeline_get_object_lane (fixture.timeline, QUEUE)
                 == fixture_lane (&fixture, LANE_QUEUE));
  g_assert_cmpstr (il_timeline_get_object_name (fixture.timeline, WORK), ==, "work");
  g_assert_null (il_timeline_get_object_lane (fixture.timeline, WORK));
  g_assert_cmpstr (il_timeline_get_object_name (fixture.timeline, 4711), ==, "?");
  g_assert_cmpstr (il_timeline_get_object_name (fixture.timeline, G_MAXUINT32), ==, "?");
  g_assert_null (il_timeline_get_object_lane (fixture.timeline, 4711));

  g_assert_false (il_timeline_builder_add_object (fixture.builder, 0, IL_OBJECT_KIND_LOCK, "x", 0));
  g_assert_false (
      il_timeline_builder_add_object (fixture.builder, QUEUE, IL_OBJECT_KIND_QUEUE, "x", 0));
  g_assert_false (il_timeline_builder_add_object (fixture.builder, 77, 99, "x", 0));
  g_assert_false (il_timeline_builder_add_object (fixture.builder, IL_RECORD_OBJECT_MAX + 1,
                                                  IL_OBJECT_KIND_LOCK, "x", 0));
  g_assert_true (il_timeline_builder_add_object (fixture.builder, IL_RECORD_OBJECT_MAX,
                                                 IL_OBJECT_KIND_LOCK, NULL, 0));
  g_assert_cmpstr (il_timeline_get_object_name (fixture.timeline, IL_RECORD_OBJECT_MAX), ==, "");
  fixture_finish (&fixture);
}

/* What has no name of its own is shown under one that a reader may be using when a better one is
 * found. */
static void
test_renaming (void)
{
  Fixture fixture;
  const char *before;
  guint n_claims;

  fixture_init (&fixture);
  n_claims = il_timeline_get_n_claims (fixture.timeline);
  before = il_timeline_get_object_name (fixture.timeline, QUEUE);
  g_assert_true (il_timeline_builder_rename_object (fixture.builder, QUEUE, "requests"));
  g_assert_cmpstr (il_timeline_get_object_name (fixture.timeline, QUEUE), ==, "requests");
  g_assert_cmpstr (il_lane_get_info (fixture_lane (&fixture, LANE_QUEUE))->name, ==, "requests");
  g_assert_cmpuint (il_lane_get_info (fixture_lane (&fixture, LANE_QUEUE))->parameter, ==, 10);
  g_assert_cmpuint (il_timeline_get_n_claims (fixture.timeline), ==, n_claims + 1);
  g_assert_cmpstr (before, ==, "Q");

  g_assert_false (il_timeline_builder_rename_object (fixture.builder, WORK, "x"));
  g_assert_false (il_timeline_builder_rename_object (fixture.builder, 4711, "x"));
  g_assert_cmpuint (il_timeline_get_n_claims (fixture.timeline), ==, n_claims + 1);
  fixture_finish (&fixture);
}

/* Records in lanes that are none, or not of that kind, and records that are none. */
static void
test_misplaced_records (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, 5000, IL_RECORD_IDLE, 0, 0 }, { 2, LANE_LOCK, IL_RECORD_IDLE, 0, 0 },
        { 3, CORE_0, IL_RECORD_IDLE, 0, 0 }, { 4, EXACT, IL_RECORD_CORE_USAGE, 0, 0 },
        { 5, EXACT, IL_RECORD_NONE, 0, 0 }, { 6, EXACT, (IlRecordKind)255, 0, 0 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 6);
  g_assert_cmpint (il_timeline_get_end (fixture.timeline), ==, 100);
  fixture_finish (&fixture);
}

/* Time goes only forward, and not beyond the batch. */
static void
test_time_within_batch (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { G_MAXINT64, EXACT, IL_RECORD_IDLE, 0, 0 });
  FEED (&fixture, 80, { G_MININT64, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 });
  ASSERT_STATES (&fixture, EXACT, "50 unknown, 99 running #1");
  g_assert_cmpint (il_timeline_get_end (fixture.timeline), ==, 100);
  fixture_finish (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/objects/lock", test_lock);
  g_test_add_func ("/objects/lock-contradictions", test_lock_contradictions);
  g_test_add_func ("/objects/owner-died", test_owner_died);
  g_test_add_func ("/objects/holder-died", test_holder_died);
  g_test_add_func ("/objects/semaphore", test_semaphore);
  g_test_add_func ("/objects/queue", test_queue);
  g_test_add_func ("/objects/queue-depth-adds-up", test_queue_depth_adds_up);
  g_test_add_func ("/objects/counter", test_counter);
  g_test_add_func ("/objects/tasks", test_tasks);
  g_test_add_func ("/objects/tasks-spawned", test_spawned_tasks);
  g_test_add_func ("/objects/task-retried", test_task_retried);
  g_test_add_func ("/objects/attempts", test_attempts);
  g_test_add_func ("/objects/runs-while-waiting", test_runs_while_waiting);
  g_test_add_func ("/objects/named-while-waiting", test_named_while_waiting);
  g_test_add_func ("/objects/task-contradictions", test_task_contradictions);
  g_test_add_func ("/objects/lanes-and-objects", test_lanes_and_objects);
  g_test_add_func ("/objects/renaming", test_renaming);
  g_test_add_func ("/objects/misplaced-records", test_misplaced_records);
  g_test_add_func ("/objects/time-within-batch", test_time_within_batch);
  return g_test_run ();
}
