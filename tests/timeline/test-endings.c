/* test-endings.c - when a thread's lane ends, and of what the thread ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

/* After its last word a thread is busy leaving until it gives up the core. */
static void
test_death (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 2, EXACT, IL_RECORD_IDLE, 0, 0 },
        { 10, EXACT, IL_RECORD_LANE_END, 0, 0 }, { 20, EXACT, IL_RECORD_SCHED_OUT, 1, 0 },
        { 30, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 40, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  ASSERT_STATES (&fixture, EXACT, "1 unknown, 2 busy, 20 runnable, 30 busy, 40 none");
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, EXACT)), ==, 40);
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

static void
test_death_without_scheduler (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 2, EXACT, IL_RECORD_IDLE, 0, 0 }, { 10, EXACT, IL_RECORD_LANE_END, 0, 0 },
        { 3, UNSCHEDULED, IL_RECORD_IDLE, 0, 0 }, { 11, UNSCHEDULED, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, EXACT, "2 busy, 10 none");
  ASSERT_STATES (&fixture, UNSCHEDULED, "3 unknown, 11 none");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* Its last switch was never seen: it left when it was last heard of. */
static void
test_death_unseen (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 2, EXACT, IL_RECORD_IDLE, 0, 0 },
        { 10, EXACT, IL_RECORD_LANE_END, 0, 0 }, { 10, OTHER, IL_RECORD_SCHED_IN, 0, 1 },
        { 20, OTHER, IL_RECORD_LANE_END, 0, 0 });
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, EXACT)), ==, G_MAXINT64);
  FEED (&fixture, G_GINT64_CONSTANT (1000000015), { 200, UNSCHEDULED, IL_RECORD_IDLE, 0, 0 });
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, EXACT)), ==, 10);
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, OTHER)), ==, G_MAXINT64);
  g_clear_pointer (&fixture.builder, il_timeline_builder_free);
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, OTHER)), ==, 20);
  ASSERT_STATES (&fixture, EXACT, "1 unknown, 2 busy, 10 none");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A thread goes on as another worker without a switch: the one before ends where that begins, and
 * the core is the other's. */
static void
test_followed (void)
{
  const IlLaneInfo info = {
    .name = "W", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .pid = 5, .tid = 6
  };
  Fixture fixture;
  guint32 first, second;

  fixture_init (&fixture);
  first = il_timeline_builder_add_lane (fixture.builder, &info);
  second = il_timeline_builder_add_lane (fixture.builder, &info);
  FEED (&fixture, 100, { 1, first, IL_RECORD_SCHED_IN, 0, 0 }, { 2, first, IL_RECORD_IDLE, 0, 0 },
        { 3, EXACT, IL_RECORD_SCHED_IN, 0, 1 }, { 4, EXACT, IL_RECORD_LANE_END, 0, 0 },
        { 10, first, IL_RECORD_LANE_END, 0, 0 }, { 12, second, IL_RECORD_SCHED_IN, 0, 0 },
        { 12, second, IL_RECORD_LANE_BEGIN, 0, 0 }, { 13, second, IL_RECORD_IDLE, 0, 0 },
        { 20, second, IL_RECORD_SCHED_OUT, 0, 0 }, { 30, EXACT, IL_RECORD_SCHED_OUT, 0, 1 });
  ASSERT_STATES (&fixture, first, "1 unknown, 2 busy, 12 none");
  ASSERT_STATES (&fixture, second, "12 unknown, 13 busy, 20 sleep");
  ASSERT_STATES (&fixture, CORE_0, "0 none, 1 running @11, 12 running @12, 20 none");
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, first)), ==, 12);
  g_assert_cmpint (il_lane_get_begin (fixture_lane (&fixture, second)), ==, 12);
  /* Another thread leaves by itself. */
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, EXACT)), ==, 30);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A worker that was killed while it waited: the wait ends, the lane ends. */
static void
test_worker_lost (void)
{
  const IlLane *lock;
  Fixture fixture;
  IlWait wait;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 2, EXACT, IL_RECORD_LOCK_WAIT, LOCK, OTHER + 1 }, { 3, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 50, UNSCHEDULED, IL_RECORD_WORKER_LOST, 9, EXACT + 1 },
        { 60, UNSCHEDULED, IL_RECORD_WORKER_LOST, 9, EXACT + 1 });
  ASSERT_STATES (&fixture, EXACT, "1 unknown, 2 spinning @1, 3 lock @1, 50 none");
  lock = fixture_lane (&fixture, LANE_LOCK);
  g_assert_cmpuint (il_lane_get_n_waits (lock), ==, 1);
  g_assert_true (il_lane_get_wait (lock, 0, &wait));
  g_assert_true (wait.cancelled);
  ASSERT_COUNTER (il_lane_get_waiters (lock), "0 0, 2 1, 50 0");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

static void
assert_ending (const Fixture *fixture, guint lane, IlEnding expected, guint expected_signal)
{
  guint signal_number = 99;

  g_assert_cmpint (il_lane_get_ending (fixture_lane (fixture, lane), &signal_number), ==, expected);
  g_assert_cmpuint (signal_number, ==, expected_signal);
}

/* A signal that ended the whole program: a fault may have been anybody's, another came from
 * outside. */
static void
test_program_ended (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 1, OTHER, IL_RECORD_LANE_BEGIN, 0, 0 }, { 1, SAMPLED, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 2, EXACT, IL_RECORD_LANE_END, 11, IL_RECORD_DIED },
        { 2, OTHER, IL_RECORD_LANE_END, 9, IL_RECORD_DIED },
        { 2, SAMPLED, IL_RECORD_LANE_END, 0, IL_RECORD_DIED });
  assert_ending (&fixture, EXACT, IL_ENDING_WITH_PROCESS, 11);
  assert_ending (&fixture, OTHER, IL_ENDING_DIED, 9);
  assert_ending (&fixture, SAMPLED, IL_ENDING_DIED, 0);
  fixture_finish (&fixture);
}

/* Who left by itself, who died, and of what, whichever is told first. */
static void
test_endings (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 1, OTHER, IL_RECORD_LANE_BEGIN, 0, 0 }, { 1, SAMPLED, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 1, UNSCHEDULED, IL_RECORD_LANE_BEGIN, 0, 0 }, { 2, SAMPLED, IL_RECORD_LANE_END, 0, 3 },
        { 3, OTHER, IL_RECORD_LANE_END, 0, IL_RECORD_DIED },
        { 3, UNSCHEDULED, IL_RECORD_WORKER_LOST, 9, SAMPLED + 1 });
  assert_ending (&fixture, EXACT, IL_ENDING_NONE, 0);
  assert_ending (&fixture, SAMPLED, IL_ENDING_LEFT, 0);
  assert_ending (&fixture, OTHER, IL_ENDING_DIED, 0);
  FEED (&fixture, 200, { 101, EXACT, IL_RECORD_WORKER_LOST, 11, OTHER + 1 },
        { 102, EXACT, IL_RECORD_WORKER_LOST, 9, UNSCHEDULED + 1 },
        { 103, UNSCHEDULED, IL_RECORD_LANE_END, 0, 0 });
  assert_ending (&fixture, OTHER, IL_ENDING_DIED, 11);
  assert_ending (&fixture, UNSCHEDULED, IL_ENDING_DIED, 9);
  fixture_finish (&fixture);
}

/* Workers that died before they said a word are missed without a name, each in its turn; or with
 * another of their process, sooner or later. */
static void
test_silent_endings (void)
{
  static const IlLaneInfo info = {
    .name = "Worker", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .pid = 77
  };
  Fixture fixture;
  IlLaneInfo alone_info = info;
  guint known, early, alone, late;

  fixture_init (&fixture);
  known = il_timeline_builder_add_lane (fixture.builder, &info);
  early = il_timeline_builder_add_lane (fixture.builder, &info);
  alone_info.pid = 78;
  alone = il_timeline_builder_add_lane (fixture.builder, &alone_info);
  late = il_timeline_builder_add_lane (fixture.builder, &info);
  FEED (&fixture, 100, { 1, known, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 2, early, IL_RECORD_SCHED_IN, 0, 0 }, { 3, early, IL_RECORD_SCHED_OUT, 0, 0 },
        { 3, early, IL_RECORD_LANE_END, 0, IL_RECORD_DIED },
        { 4, known, IL_RECORD_LANE_END, 0, IL_RECORD_DIED }, { 5, alone, IL_RECORD_SCHED_IN, 0, 0 },
        { 6, alone, IL_RECORD_SCHED_OUT, 0, 0 },
        { 6, alone, IL_RECORD_LANE_END, 0, IL_RECORD_DIED });
  assert_ending (&fixture, early, IL_ENDING_DIED, 0);
  /* The run is over: it was ended by force. */
  FEED (&fixture, 102, { 101, UNSCHEDULED, IL_RECORD_WORKER_LOST, 0, 0 });
  assert_ending (&fixture, early, IL_ENDING_DIED, 0);
  FEED (&fixture, 104, { 103, UNSCHEDULED, IL_RECORD_WORKER_LOST, 9, 0 });
  assert_ending (&fixture, early, IL_ENDING_DIED, 9);
  assert_ending (&fixture, alone, IL_ENDING_DIED, 0);
  FEED (&fixture, 105, { 104, UNSCHEDULED, IL_RECORD_WORKER_LOST, 15, 0 },
        { 104, UNSCHEDULED, IL_RECORD_WORKER_LOST, 10, 0 });
  assert_ending (&fixture, alone, IL_ENDING_DIED, 15);
  FEED (&fixture, 200, { 105, UNSCHEDULED, IL_RECORD_WORKER_LOST, 9, known + 1 },
        { 106, late, IL_RECORD_SCHED_IN, 0, 0 }, { 107, late, IL_RECORD_SCHED_OUT, 0, 0 },
        { 107, late, IL_RECORD_LANE_END, 0, IL_RECORD_DIED });
  assert_ending (&fixture, known, IL_ENDING_DIED, 9);
  assert_ending (&fixture, late, IL_ENDING_DIED, 9);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* The others of a process whose task makes it die may begin after that. */
static void
test_crash_of_process (void)
{
  static const IlLaneInfo info = {
    .name = "Worker", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .pid = 77
  };
  Fixture fixture;
  guint crashed, other;

  fixture_init (&fixture);
  crashed = il_timeline_builder_add_lane (fixture.builder, &info);
  other = il_timeline_builder_add_lane (fixture.builder, &info);
  FEED (&fixture, 100, { 1, crashed, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 2, crashed, IL_RECORD_TASK_BEGIN, WORK, 1 }, { 3, crashed, IL_RECORD_CRASH, WORK, 7 },
        { 4, other, IL_RECORD_SCHED_IN, 0, 0 }, { 5, other, IL_RECORD_SCHED_OUT, 0, 0 },
        { 5, other, IL_RECORD_LANE_END, 0, IL_RECORD_DIED });
  assert_ending (&fixture, crashed, IL_ENDING_DIED, 11);
  assert_ending (&fixture, other, IL_ENDING_WITH_PROCESS, 11);
  fixture_finish (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endings/death", test_death);
  g_test_add_func ("/endings/death-without-scheduler", test_death_without_scheduler);
  g_test_add_func ("/endings/death-unseen", test_death_unseen);
  g_test_add_func ("/endings/followed", test_followed);
  g_test_add_func ("/endings/worker-lost", test_worker_lost);
  g_test_add_func ("/endings/told", test_endings);
  g_test_add_func ("/endings/silent", test_silent_endings);
  g_test_add_func ("/endings/crash-of-process", test_crash_of_process);
  g_test_add_func ("/endings/program-ended", test_program_ended);
  return g_test_run ();
}
