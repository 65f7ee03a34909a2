/* test-signals.c - readers-writer locks, events, conditions, barriers, channels, files and
 * queues of tasks are what their records say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

/* Objects beside those of the fixture, and their lanes, which come after its lanes. */
enum
{
  RWLOCK = 11,
  FLAG,
  CONDITION,
  BARRIER,
  CHANNEL,
  FILE_OBJECT,
  TASKS, /* a queue */
  JOB,   /* whose tasks wait in it */
  TITLE,
};

enum
{
  LANE_RWLOCK = N_LANES,
  LANE_FLAG,
  LANE_CONDITION,
  LANE_BARRIER,
  LANE_CHANNEL,
  LANE_FILE,
  LANE_TASKS,
  N_ALL_LANES
};

static void
init (Fixture *fixture)
{
  static const struct
  {
    guint32 object;
    IlTimelineObjectKind kind;
    const char *name;
    guint64 parameter;
  } objects[] = {
    { RWLOCK, IL_OBJECT_KIND_RWLOCK, "R", 0 },       { FLAG, IL_OBJECT_KIND_EVENT, "E", 1 },
    { CONDITION, IL_OBJECT_KIND_CONDITION, "C", 0 }, { BARRIER, IL_OBJECT_KIND_BARRIER, "B", 3 },
    { CHANNEL, IL_OBJECT_KIND_CHANNEL, "P", 2 },     { FILE_OBJECT, IL_OBJECT_KIND_FILE, "F", 0 },
    { TASKS, IL_OBJECT_KIND_QUEUE, "tasks", 8 },     { JOB, IL_OBJECT_KIND_TASK, "job", TASKS },
    { TITLE, IL_OBJECT_KIND_TITLE, "Coroutine", 0 },
  };

  fixture_init (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    g_assert_true (il_timeline_builder_add_object (fixture->builder, objects[i].object,
                                                   objects[i].kind, objects[i].name,
                                                   objects[i].parameter));
  g_assert_cmpuint (il_timeline_get_n_lanes (fixture->timeline), ==, N_ALL_LANES);
}

static void
assert_uses (const IlLane *lane, guint64 first, guint64 second)
{
  guint64 found_first, found_second;

  il_lane_get_uses (lane, G_MAXINT64, &found_first, &found_second);
  g_assert_cmpuint (found_first, ==, first);
  g_assert_cmpuint (found_second, ==, second);
}

static void
test_rwlock (void)
{
  const IlLane *lane;
  Fixture fixture;
  IlWait wait;

  init (&fixture);
  lane = fixture_lane (&fixture, LANE_RWLOCK);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_RW_ACQUIRE, RWLOCK, 0 },
        { 12, OTHER, IL_RECORD_RW_ACQUIRE, RWLOCK, 0 },
        { 15, SAMPLED, IL_RECORD_RW_WAIT, RWLOCK, 1 | (EXACT + 1) << 1 },
        { 20, EXACT, IL_RECORD_RW_RELEASE, RWLOCK, 0 },
        { 25, OTHER, IL_RECORD_RW_RELEASE, RWLOCK, IL_RECORD_WOKE },
        { 30, SAMPLED, IL_RECORD_RW_ACQUIRE, RWLOCK, 1 },
        { 30, SAMPLED, IL_RECORD_WOKEN_BY, 0, OTHER + 1 },
        { 40, SAMPLED, IL_RECORD_RW_RELEASE, RWLOCK, 1 });
  ASSERT_STATES (&fixture, LANE_RWLOCK,
                 "0 none, 10 busy @7, 12 busy, 20 busy @8, 25 none, 30 running @9, 40 none");
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 10 1, 12 2, 20 1, 25 0");
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 15 1, 30 0");
  g_assert_true (il_lane_get_wait (lane, 0, &wait));
  g_assert_cmpint (wait.wait_ns, ==, 15);
  g_assert_cmpuint (wait.blamed_plus_1, ==, EXACT + 1);
  g_assert_cmpuint (wait.woken_by_plus_1, ==, OTHER + 1);
  assert_uses (lane, 3, 0);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);

  FEED (&fixture, 200, { 110, EXACT, IL_RECORD_RW_RELEASE, RWLOCK, 0 }, /* nobody reads */
        { 120, EXACT, IL_RECORD_RW_ACQUIRE, RWLOCK, 0 },
        { 130, OTHER, IL_RECORD_RW_ACQUIRE, RWLOCK, 1 }, /* while one reads */
        { 140, OTHER, IL_RECORD_OWNER_DIED, RWLOCK, OTHER + 1 },
        { 150, OTHER, IL_RECORD_OWNER_DIED, RWLOCK, EXACT + 1 });
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 2);
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 10 1, 12 2, 20 1, 25 0, 120 1, 150 0");
  fixture_finish (&fixture);
}

static void
test_event (void)
{
  const IlLane *lane;
  Fixture fixture;
  IlWait wait;

  init (&fixture);
  lane = fixture_lane (&fixture, LANE_FLAG);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_FLAG_PASS, FLAG, 0 },
        { 20, EXACT, IL_RECORD_FLAG_CLEAR, FLAG, 0 }, { 25, OTHER, IL_RECORD_FLAG_WAIT, FLAG, 0 },
        { 26, EXACT, IL_RECORD_FLAG_WAIT, FLAG, 0 },
        { 50, SAMPLED, IL_RECORD_FLAG_SET, FLAG, IL_RECORD_WOKE },
        { 55, OTHER, IL_RECORD_FLAG_PASS, FLAG, SAMPLED + 1 },
        { 56, EXACT, IL_RECORD_FLAG_PASS, FLAG, SAMPLED + 1 });
  ASSERT_COUNTER (il_lane_get_level (lane), "0 1, 20 0, 50 1");
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 25 1, 26 2, 55 1, 56 0");
  g_assert_true (il_lane_get_wait (lane, 1, &wait));
  g_assert_cmpint (wait.wait_ns, ==, 30);
  g_assert_cmpuint (wait.woken_by_plus_1, ==, SAMPLED + 1);
  assert_uses (lane, 3, 1);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Woken twice, the first time for nothing; in between the lock is taken and given back. */
static void
test_condition (void)
{
  const IlLane *lane;
  Fixture fixture;

  init (&fixture);
  lane = fixture_lane (&fixture, LANE_CONDITION);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 11, EXACT, IL_RECORD_COND_WAIT, CONDITION, 0 },
        { 12, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
        { 20, OTHER, IL_RECORD_COND_NOTIFY, CONDITION, 1 | IL_RECORD_WOKE },
        { 22, EXACT, IL_RECORD_COND_WOKEN, CONDITION, OTHER + 1 },
        { 23, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 24, EXACT, IL_RECORD_COND_WASTED, CONDITION, 0 },
        { 25, EXACT, IL_RECORD_COND_WAIT, CONDITION, 0 },
        { 25, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
        { 30, OTHER, IL_RECORD_COND_NOTIFY, CONDITION, 1 | IL_RECORD_WOKE },
        { 35, EXACT, IL_RECORD_COND_WOKEN, CONDITION, OTHER + 1 },
        { 36, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 37, EXACT, IL_RECORD_LOCK_RELEASE, LOCK, 0 });
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 11 1, 22 0, 25 1, 35 0");
  assert_uses (lane, 2, 2);
  g_assert_cmpuint (il_lane_get_amount (lane, 23), ==, 0);
  g_assert_cmpuint (il_lane_get_amount (lane, 24), ==, 1);
  g_assert_cmpuint (il_lane_get_n_waits (lane), ==, 2);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

static void
test_barrier (void)
{
  const IlLane *lane;
  Fixture fixture;
  IlWait wait;

  init (&fixture);
  lane = fixture_lane (&fixture, LANE_BARRIER);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_BARRIER_WAIT, BARRIER, 1 },
        { 20, OTHER, IL_RECORD_BARRIER_WAIT, BARRIER, 2 },
        { 40, SAMPLED, IL_RECORD_BARRIER_PASS, BARRIER, 0 | IL_RECORD_WOKE },
        { 45, EXACT, IL_RECORD_BARRIER_PASS, BARRIER, 0 },
        { 46, OTHER, IL_RECORD_BARRIER_PASS, BARRIER, 0 });
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 10 1, 20 2, 40 0");
  g_assert_cmpuint (il_lane_get_n_waits (lane), ==, 2);
  g_assert_true (il_lane_get_wait (lane, 0, &wait));
  g_assert_cmpint (wait.wait_ns, ==, 35);
  assert_uses (lane, 3, 1);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

static void
test_channel_and_file (void)
{
  const IlLane *channel, *file;
  Fixture fixture;

  init (&fixture);
  channel = fixture_lane (&fixture, LANE_CHANNEL);
  file = fixture_lane (&fixture, LANE_FILE);
  FEED (&fixture, 100, { 5, OTHER, IL_RECORD_RECEIVE_WAIT, CHANNEL, 0 },
        { 10, EXACT, IL_RECORD_SEND, CHANNEL, 1000 | IL_RECORD_WOKE },
        { 12, OTHER, IL_RECORD_RECEIVE, CHANNEL, 600 },
        { 20, EXACT, IL_RECORD_SEND_WAIT, CHANNEL, 0 },
        { 30, OTHER, IL_RECORD_RECEIVE, CHANNEL, 400 | IL_RECORD_WOKE },
        { 31, EXACT, IL_RECORD_SEND, CHANNEL, 50 },
        { 40, EXACT, IL_RECORD_FILE_BYTES, FILE_OBJECT, 300 },
        { 50, OTHER, IL_RECORD_FILE_BYTES, FILE_OBJECT, 200 },
        { 60, OTHER, IL_RECORD_TORN_LINES, FILE_OBJECT, 7 },
        { 70, EXACT, IL_RECORD_COPY, 0, 4096 });
  ASSERT_COUNTER (il_lane_get_level (channel), "0 0, 10 1000, 12 400, 30 0, 31 50");
  g_assert_cmpuint (il_lane_get_amount (channel, 30), ==, 1000);
  g_assert_cmpuint (il_lane_get_amount (channel, 31), ==, 1050);
  g_assert_cmpuint (il_lane_get_n_waits (channel), ==, 2);
  assert_uses (channel, 2, 2);
  ASSERT_COUNTER (il_lane_get_level (file), "0 0, 40 300, 50 500");
  g_assert_cmpuint (il_lane_get_amount (file, 100), ==, 500);
  g_assert_cmpuint (il_lane_get_torn_lines (file), ==, 7);
  g_assert_cmpuint (il_lane_get_amount (fixture_lane (&fixture, EXACT), 100), ==, 4096);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

static void
test_lost_updates (void)
{
  const IlLane *lane;
  Fixture fixture;

  init (&fixture);
  lane = fixture_lane (&fixture, LANE_COUNTER);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_COUNTER, COUNTER, 1 },
        { 11, OTHER, IL_RECORD_COUNTER, COUNTER, 1 },
        { 11, OTHER, IL_RECORD_LOST_UPDATE, COUNTER, 1 },
        { 20, OTHER, IL_RECORD_LOST_UPDATE, COUNTER, 3 });
  g_assert_cmpuint (il_lane_get_amount (lane, 10), ==, 0);
  g_assert_cmpuint (il_lane_get_amount (lane, 100), ==, 4);
  g_assert_cmpuint (il_lane_get_n_amounts (lane, 10), ==, 0);
  g_assert_cmpuint (il_lane_get_n_amounts (lane, 15), ==, 1);
  g_assert_cmpuint (il_lane_get_n_amounts (lane, 100), ==, 2);
  g_assert_cmpuint (il_lane_get_amount_time (lane, 100), ==, 0);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* As deep as tasks wait in it; whoever waits for one goes on when it begins, and may wait for
 * another lock in between; a task that is begun anew after a death is taken from no queue. */
static void
test_queue_of_tasks (void)
{
  const IlLane *lane;
  Fixture fixture;

  init (&fixture);
  lane = fixture_lane (&fixture, LANE_TASKS);
  FEED (&fixture, 100, { 5, EXACT, IL_RECORD_GET_WAIT, TASKS, 0 },
        { 10, OTHER, IL_RECORD_TASK_SUBMIT, JOB, 1 | IL_RECORD_WOKE },
        { 11, OTHER, IL_RECORD_TASK_SUBMIT, JOB, 2 }, { 12, OTHER, IL_RECORD_TASK_SUBMIT, JOB, 3 },
        { 13, OTHER, IL_RECORD_PUT_WAIT, TASKS, 0 }, { 15, EXACT, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 18, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 }, { 20, EXACT, IL_RECORD_TASK_BEGIN, JOB, 1 },
        { 22, OTHER, IL_RECORD_TASK_SUBMIT, JOB, 4 }, { 30, EXACT, IL_RECORD_TASK_BEGIN, JOB, 1 },
        { 40, EXACT, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 },
        { 50, OTHER, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 2 },
        { 60, OTHER, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 3 });
  ASSERT_COUNTER (il_lane_get_level (lane), "0 0, 10 1, 11 2, 12 3, 20 2, 22 3, 50 2, 60 1");
  ASSERT_COUNTER (il_lane_get_waiters (lane), "0 0, 5 1, 13 2, 15 1, 22 0");
  assert_uses (lane, 4, 3);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Task 2 is run by who submits it, at once: it never is in the queue that its kind has, and is not
 * begun again by its begin. */
static void
test_direct_task (void)
{
  Fixture fixture;
  IlTask task;

  init (&fixture);
  FEED (&fixture, 100, { 10, OTHER, IL_RECORD_TASK_SUBMIT, JOB, 1 },
        { 20, EXACT, IL_RECORD_TASK_BEGIN, JOB, 1 }, { 21, EXACT, IL_RECORD_TASK_DIRECT, JOB, 2 },
        { 21, EXACT, IL_RECORD_TASK_BEGIN, JOB, 2 },
        { 25, EXACT, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 2 },
        { 26, EXACT, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 });
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, LANE_TASKS)), "0 0, 10 1, 20 0");
  assert_uses (fixture_lane (&fixture, LANE_TASKS), 1, 1);
  g_assert_true (il_timeline_get_task (fixture.timeline, 2, &task));
  g_assert_cmpint (task.submit_ns, ==, 21);
  g_assert_cmpint (task.begin_ns, ==, 21);
  g_assert_cmpuint (task.worker_plus_1, ==, EXACT + 1);
  g_assert_cmpuint (il_timeline_get_tasks_run_again (fixture.timeline, 100), ==, 0);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* One that nobody runs on: on its carrier and off it, its core is no one's. */
static void
test_coroutine (void)
{
  const IlLaneInfo info = { .name = "Coroutine 1",
                            .role = IL_LANE_ROLE_WORKER,
                            .scheduler = IL_SCHEDULER_CARRIER,
                            .number = 1 };
  Fixture fixture;
  guint32 coroutine;

  init (&fixture);
  coroutine = il_timeline_builder_add_lane (fixture.builder, &info);
  FEED (&fixture, 100, { 10, coroutine, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 10, EXACT, IL_RECORD_COROUTINE, 0, coroutine + 1 },
        { 11, coroutine, IL_RECORD_TASK_BEGIN, JOB, 1 },
        { 20, coroutine, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 21, coroutine, IL_RECORD_SCHED_OUT, 0, IL_RECORD_NO_CORE },
        { 21, EXACT, IL_RECORD_COROUTINE, 0, 0 },
        { 50, coroutine, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 51, coroutine, IL_RECORD_SLEEP_END, 0, 0 },
        { 60, coroutine, IL_RECORD_SCHED_OUT, 1, IL_RECORD_NO_CORE },
        { 70, coroutine, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 75, coroutine, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 },
        { 80, coroutine, IL_RECORD_LANE_END, 0, 0 },
        { 80, coroutine, IL_RECORD_SCHED_OUT, 0, IL_RECORD_NO_CORE });
  ASSERT_STATES (&fixture, coroutine,
                 "10 unknown, 11 running #1, 20 spinning #1, 21 sleep #1, 50 spinning #1, "
                 "51 running #1, 60 runnable #1, 70 running #1, 75 busy, 80 none");
  ASSERT_STATES (&fixture, CORE_0, "0 none");
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, coroutine)), ==, 80);
  fixture_check_lifetimes (&fixture);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Asleep until its time has come, then ready, although nobody carries it: shown at once, and the
 * same if it is told in one batch.  One that was woken early, or whose time is not known, was
 * asleep all the while; so was a thread, since the kernel may have let it sleep longer. */
static void
test_sleep_over (gconstpointer data)
{
  const gboolean at_once = GPOINTER_TO_INT (data);
  IlLaneInfo info
      = { .name = "Coroutine", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_CARRIER };
  Fixture fixture;
  guint32 a, b, c;

  init (&fixture);
  a = il_timeline_builder_add_lane (fixture.builder, &info);
  b = il_timeline_builder_add_lane (fixture.builder, &info);
  c = il_timeline_builder_add_lane (fixture.builder, &info);
  FEED (&fixture, at_once ? 1000 : 5000, { 10, a, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 20, a, IL_RECORD_SLEEP_BEGIN, 0, 3 }, { 30, a, IL_RECORD_SCHED_OUT, 0, 0 },
        { 30, b, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE }, { 40, b, IL_RECORD_SLEEP_BEGIN, 0, 7 },
        { 50, b, IL_RECORD_SCHED_OUT, 0, 0 }, { 50, c, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 60, c, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { 70, c, IL_RECORD_SCHED_OUT, 0, 0 },
        { 80, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 90, EXACT, IL_RECORD_SLEEP_BEGIN, 0, 3 },
        { 100, EXACT, IL_RECORD_SCHED_OUT, 0, 0 });
  if (!at_once)
    ASSERT_STATES (&fixture, a, "10 unknown, 20 spinning, 30 sleep, 3020 runnable");
  FEED (&fixture, 10000, { 6000, a, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 6010, a, IL_RECORD_SLEEP_END, 0, 0 }, { 6020, a, IL_RECORD_SCHED_OUT, 0, 0 },
        { 6030, b, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 6040, b, IL_RECORD_SLEEP_END, 0, 0 }, { 6050, b, IL_RECORD_SCHED_OUT, 0, 0 },
        { 6060, c, IL_RECORD_SCHED_IN, 0, IL_RECORD_NO_CORE },
        { 6070, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  ASSERT_STATES (&fixture, a,
                 "10 unknown, 20 spinning, 30 sleep, 3020 runnable, 6000 spinning, 6010 unknown");
  ASSERT_STATES (&fixture, b, "30 unknown, 40 spinning, 50 sleep, 6030 spinning, 6040 unknown");
  ASSERT_STATES (&fixture, c, "50 unknown, 60 spinning, 70 sleep, 6060 spinning");
  ASSERT_STATES (&fixture, EXACT, "80 unknown, 90 spinning, 100 sleep, 6070 spinning");
  fixture_finish (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline/objects/rwlock", test_rwlock);
  g_test_add_func ("/timeline/objects/event", test_event);
  g_test_add_func ("/timeline/objects/condition", test_condition);
  g_test_add_func ("/timeline/objects/barrier", test_barrier);
  g_test_add_func ("/timeline/objects/channel-and-file", test_channel_and_file);
  g_test_add_func ("/timeline/objects/lost-updates", test_lost_updates);
  g_test_add_func ("/timeline/objects/queue-of-tasks", test_queue_of_tasks);
  g_test_add_func ("/timeline/objects/direct-task", test_direct_task);
  g_test_add_func ("/timeline/objects/coroutine", test_coroutine);
  g_test_add_data_func ("/timeline/objects/sleep-over", GINT_TO_POINTER (FALSE), test_sleep_over);
  g_test_add_data_func ("/timeline/objects/sleep-over-at-once", GINT_TO_POINTER (TRUE),
                        test_sleep_over);
  return g_test_run ();
}
