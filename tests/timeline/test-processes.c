/* test-processes.c - what lies in a process' own memory is gone with its last thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

/* Objects of their own, behind those of the fixture. */
enum
{
  RWLOCK = 6,
  BARRIER
};

/* Lanes of the two objects, then of threads: two of one process, one of another. */
enum
{
  LANE_RWLOCK = N_LANES,
  LANE_BARRIER,
  FIRST,
  SECOND,
  ELSEWHERE,
  LATE /* of the first process */
};

static void
init (Fixture *fixture)
{
  static const gint32 pids[] = { 50, 50, 60, 50 };

  fixture_init (fixture);
  g_assert_true (
      il_timeline_builder_add_object (fixture->builder, RWLOCK, IL_OBJECT_KIND_RWLOCK, "R", 0));
  g_assert_true (
      il_timeline_builder_add_object (fixture->builder, BARRIER, IL_OBJECT_KIND_BARRIER, "B", 3));
  for (gsize i = 0; i < G_N_ELEMENTS (pids); i++)
    g_assert_cmpuint (il_timeline_builder_add_lane (fixture->builder,
                                                    &(IlLaneInfo){ .kind = IL_LANE_THREAD,
                                                                   .scheduler = IL_SCHEDULER_NONE,
                                                                   .pid = pids[i],
                                                                   .tid = pids[i] + (gint32)i,
                                                                   .name = "t" }),
                      ==, FIRST + i);
}

/* One thread ends with the lock, which the other of its process may still come upon: until that has
 * ended, too. */
static void
test_lock (void)
{
  Fixture fixture;

  init (&fixture);
  FEED (&fixture, 100, { 5, ELSEWHERE, IL_RECORD_RUNS, 0, 0 }, { 5, SECOND, IL_RECORD_RUNS, 0, 0 },
        { 10, FIRST, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 15, SECOND, IL_RECORD_LOCK_WAIT, LOCK, FIRST + 1 },
        { 20, FIRST, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13");
  FEED (&fixture, 200, { 110, SECOND, IL_RECORD_LANE_END, 0, IL_RECORD_DIED },
        { 190, ELSEWHERE, IL_RECORD_SLEEP_BEGIN, 0, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13, 110 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* It dies with it. */
static void
test_dead_holder (void)
{
  Fixture fixture;

  init (&fixture);
  FEED (&fixture, 100, { 10, FIRST, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 12, SECOND, IL_RECORD_RUNS, 0, 0 }, { 20, FIRST, IL_RECORD_LANE_END, 0, IL_RECORD_DIED },
        { 30, SECOND, IL_RECORD_LANE_END, 0, IL_RECORD_DIED });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13, 20 stopped @13, 30 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Those who are inside, and who had come. */
static void
test_inside (void)
{
  const IlLane *rwlock;
  Fixture fixture;
  IlRead read;

  init (&fixture);
  rwlock = fixture_lane (&fixture, LANE_RWLOCK);
  FEED (&fixture, 100, { 10, FIRST, IL_RECORD_RW_ACQUIRE, RWLOCK, 0 },
        { 15, FIRST, IL_RECORD_SEM_ACQUIRE, SEMAPHORE, 2 },
        { 20, SECOND, IL_RECORD_BARRIER_WAIT, BARRIER, 1 }, { 30, FIRST, IL_RECORD_LANE_END, 0, 0 },
        { 40, SECOND, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, LANE_RWLOCK, "0 none, 10 busy @13, 30 busy, 40 none");
  ASSERT_COUNTER (il_lane_get_level (rwlock), "0 0, 10 1, 40 0");
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, LANE_SEMAPHORE)), "0 0, 15 1, 40 0");
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, LANE_BARRIER)), "0 0, 20 1, 40 0");
  g_assert_cmpuint (il_lane_get_n_reads (rwlock), ==, 1);
  g_assert_true (il_lane_get_read (rwlock, 0, &read));
  g_assert_cmpint (read.end_ns, ==, 30);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* What other processes may have, too, is said to be so, by itself or of a wait; or it is seen. */
static void
test_shared (gconstpointer how)
{
  Fixture fixture;

  init (&fixture);
  if (g_str_equal (how, "said"))
    FEED (&fixture, 10, { 5, FIRST, IL_RECORD_WAIT_SHARED, LOCK, 0 });
  else if (g_str_equal (how, "waited"))
    FEED (&fixture, 10, { 5, FIRST, IL_RECORD_WAIT_SHARED, 0, 0 },
          { 6, FIRST, IL_RECORD_LOCK_WAIT, LOCK, 0 });
  else
    FEED (&fixture, 10, { 5, ELSEWHERE, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
          { 5, ELSEWHERE, IL_RECORD_LOCK_RELEASE, LOCK, 0 });
  FEED (&fixture, 100, { 10, FIRST, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, FIRST, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* The wait that is told of first is meant, no other. */
static void
test_other_is_shared (void)
{
  Fixture fixture;

  init (&fixture);
  FEED (&fixture, 100, { 5, FIRST, IL_RECORD_WAIT_SHARED, 0, 0 },
        { 6, FIRST, IL_RECORD_RW_WAIT, RWLOCK, 1 }, { 7, FIRST, IL_RECORD_RW_ACQUIRE, RWLOCK, 1 },
        { 8, FIRST, IL_RECORD_LOCK_WAIT, LOCK, 0 }, { 10, FIRST, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, FIRST, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13, 20 none");
  ASSERT_STATES (&fixture, LANE_RWLOCK, "0 none, 7 running @13");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* What is told of a process that had ended, as far as was known, ends once more. */
static void
test_late (void)
{
  Fixture fixture;

  init (&fixture);
  FEED (&fixture, 100, { 10, FIRST, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 20, FIRST, IL_RECORD_LANE_END, 0, 0 }, { 25, LATE, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13, 20 none, 25 running @16");
  FEED (&fixture, 200, { 130, LATE, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (&fixture, LANE_LOCK, "0 none, 10 running @13, 20 none, 25 running @16, 130 none");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/processes/lock", test_lock);
  g_test_add_func ("/processes/dead-holder", test_dead_holder);
  g_test_add_func ("/processes/inside", test_inside);
  g_test_add_data_func ("/processes/shared/said", "said", test_shared);
  g_test_add_data_func ("/processes/shared/waited", "waited", test_shared);
  g_test_add_data_func ("/processes/shared/seen", "seen", test_shared);
  g_test_add_func ("/processes/other-is-shared", test_other_is_shared);
  g_test_add_func ("/processes/late", test_late);
  return g_test_run ();
}
