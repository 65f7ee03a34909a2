/* test-finder-patterns.c - what makes programs slow: starvation, convoys, herds, inversions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

static void
test_starvation (void)
{
  World world;

  world_init (&world);
  FEED (&world, 10 * MS, { 1 * MS, 1, IL_RECORD_RW_WAIT, READERS, 1 });
  for (guint i = 0; i < 250; i++)
    FEED (&world, 11 * MS + i * MS, { 10 * MS + i * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, 0 },
          { 10 * MS + i * MS + 500, 2, IL_RECORD_RW_RELEASE, READERS, 0 });
  assert_nothing (&world);
  FEED (&world, 310 * MS, { 301 * MS, 1, IL_RECORD_RW_ACQUIRE, READERS, 1 });
  assert_finding (&world, IL_FINDING_STARVATION, FALSE,
                  "Worker 1 waited 300 ms for R, which others got 250 times meanwhile");
  world_clear (&world);
}

/* Where many wait, one's turn is long in coming, and fair all the same. */
static void
test_long_turn (void)
{
  World world;

  world_init (&world);
  for (guint i = 1; i < N_WORKERS; i++)
    FEED (&world, i * MS, { i * MS - 500, i, IL_RECORD_LOCK_WAIT, A, 0 });
  for (guint i = 0; i < 650; i++)
    {
      FEED (&world, (51 + i) * MS, { (50 + i) * MS, N_WORKERS, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { (50 + i) * MS + 500, N_WORKERS, IL_RECORD_LOCK_RELEASE, A, 0 });
      if (i == 299)
        FEED (&world, 350 * MS, { 349 * MS + 700, N_WORKERS - 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
              { 349 * MS + 800, N_WORKERS - 1, IL_RECORD_LOCK_RELEASE, A, 0 });
    }
  assert_nothing (&world);
  FEED (&world, 760 * MS, { 752 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_finding (&world, IL_FINDING_STARVATION, FALSE,
                  "Worker 1 waited 751 ms for A, which others got 651 times meanwhile");
  world_clear (&world);
}

/* That it is held for long each time does not hide that one of four has it always. */
static void
test_starvation_by_long_holds (void)
{
  World world;

  world_init (&world);
  for (guint i = 2; i <= 4; i++)
    FEED (&world, i * MS, { i * MS - 500, i, IL_RECORD_LOCK_WAIT, A, 0 });
  for (guint i = 0; i < 70; i++)
    FEED (&world, (30 + i * 20) * MS, { (10 + i * 20) * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { (29 + i * 20) * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  FEED (&world, 1420 * MS, { 1411 * MS, 3, IL_RECORD_WAIT_CANCELLED, A, 0 });
  assert_finding (&world, IL_FINDING_STARVATION, FALSE,
                  "Worker 3 waited 1.41 s for A, which others got 70 times meanwhile");
  world_clear (&world);
}

/* It was woken the first time already, but had no core until the end. */
static void
test_no_starvation_without_core (void)
{
  World world;

  world_init (&world);
  FEED (&world, 10 * MS, { 1 * MS, 3, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 1 * MS, 3, IL_RECORD_SCHED_IN, 0, 0 }, { 2 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { 3 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  for (guint i = 0; i < 70; i++)
    FEED (&world, (30 + i * 20) * MS, { (10 + i * 20) * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { (29 + i * 20) * MS, 1, IL_RECORD_LOCK_RELEASE, A, i == 0 ? IL_RECORD_WOKE : 0 });
  FEED (&world, 1420 * MS, { 1410 * MS, 3, IL_RECORD_SCHED_IN, 0, 0 },
        { 1411 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* Four want a lock that is held for 20 ms, for twenty minutes: whose turn it is is drawn by lot. */
static void
test_turns_by_lot (void)
{
  World world;
  guint32 state = 1, holder = 1;

  world_init (&world);
  FEED (&world, 1 * MS, { 0, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 1, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 2, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 3, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  for (gint64 i = 1; i < 60000; i++)
    {
      gint64 at = i * 20 * MS;
      guint32 next;

      state = state * 1664525u + 1013904223u;
      next = 1 + (state >> 30);
      FEED (&world, at + 1 * MS, { at, holder, IL_RECORD_LOCK_RELEASE, A, 0 },
            { at + 10, holder, IL_RECORD_LOCK_WAIT, A, 0 },
            { at + 20, next, IL_RECORD_LOCK_ACQUIRE, A, 0 });
      holder = next;
    }
  assert_nothing (&world);
  world_clear (&world);
}

static void
test_convoy (void)
{
  World world;
  gint64 now_ns = 0;

  world_init (&world);
  for (guint i = 0; i < 30; i++, now_ns += MS)
    FEED (&world, now_ns + MS, { now_ns, 1 + i % 4, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { now_ns + 100000, 1 + i % 4, IL_RECORD_LOCK_RELEASE, A, 0 });
  FEED (&world, now_ns + 30 * MS, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { now_ns + 20 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { now_ns + 20 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 21 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { now_ns + 22 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 23 * MS, 3, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  /* Twice is chance. */
  for (guint i = 0; i < 3; i++)
    {
      assert_nothing (&world);
      now_ns += 30 * MS;
      FEED (&world, now_ns + 30 * MS, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 3, 4, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 20 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
            { now_ns + 21 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { now_ns + 21 * MS, 3, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { now_ns + 21 * MS, 4, IL_RECORD_WAIT_CANCELLED, A, 0 });
    }
  assert_finding (&world, IL_FINDING_CONVOY, FALSE,
                  "Worker 1 held A for 20.0 ms while 3 others waited, who hold it for less than "
                  "131 µs as a rule");
  world_clear (&world);
}

typedef enum
{
  PREEMPTED,
  SLEEPING,
  READING,
} Excuse;

/* Its holder lacked a core for most of the time, since it lost it or since it got none when its
 * sleep was over: that is nothing that the program does.  Or it waited for input, as all of them
 * want to. */
static void
test_no_convoy (gconstpointer data)
{
  Excuse excuse = (Excuse)GPOINTER_TO_INT (data);
  World world;
  gint64 now_ns = 0;

  world_init (&world);
  FEED (&world, 1, { 0, 1, IL_RECORD_SCHED_IN, 0, 0 });
  for (guint i = 0; i < 30; i++, now_ns += MS)
    FEED (&world, now_ns + MS, { now_ns + 1, 1 + i % 4, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { now_ns + 100000, 1 + i % 4, IL_RECORD_LOCK_RELEASE, A, 0 });
  for (guint i = 0; i < 5; i++, now_ns += 30 * MS)
    {
      FEED (&world, now_ns + 10, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, A, 0 },
            { now_ns + 3, 4, IL_RECORD_LOCK_WAIT, A, 0 });
      if (excuse == READING)
        FEED (&world, now_ns + 20 * MS - 20000,
              { now_ns + 20000, 1, IL_RECORD_IO_BEGIN, 0, IL_RECORD_CALL_READ },
              { now_ns + 20 * MS - 50000, 1, IL_RECORD_IO_END, 0, 0 });
      else if (excuse == SLEEPING)
        FEED (&world, now_ns + 20 * MS - 20000, { now_ns + 20000, 1, IL_RECORD_SLEEP_BEGIN, 0, 10 },
              { now_ns + 20001, 1, IL_RECORD_SCHED_OUT, 0, 0 },
              { now_ns + 20 * MS - 50000, 1, IL_RECORD_SCHED_IN, 0, 0 },
              { now_ns + 20 * MS - 49999, 1, IL_RECORD_SLEEP_END, 0, 0 });
      else
        FEED (&world, now_ns + 20 * MS - 20000, { now_ns + 50000, 1, IL_RECORD_SCHED_OUT, 1, 0 },
              { now_ns + 20 * MS - 50000, 1, IL_RECORD_SCHED_IN, 0, 0 });
      FEED (&world, now_ns + 30 * MS, { now_ns + 20 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
            { now_ns + 21 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { now_ns + 21 * MS, 3, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { now_ns + 21 * MS, 4, IL_RECORD_WAIT_CANCELLED, A, 0 });
    }
  assert_nothing (&world);
  world_clear (&world);
}

/* Who computes keeps the interpreter's lock for its switch interval, as it should. */
static void
test_no_convoy_of_interpreter (void)
{
  World world;
  gint64 now_ns = 0;

  world_init (&world);
  for (guint i = 0; i < 30; i++, now_ns += MS)
    FEED (&world, now_ns + MS, { now_ns, 1 + i % 4, IL_RECORD_LOCK_ACQUIRE, GIL, 0 },
          { now_ns + 1000, 1 + i % 4, IL_RECORD_LOCK_RELEASE, GIL, 0 });
  for (guint i = 0; i < 5; i++, now_ns += 30 * MS)
    FEED (&world, now_ns + 30 * MS, { now_ns, 1, IL_RECORD_LOCK_ACQUIRE, GIL, 0 },
          { now_ns + 1, 2, IL_RECORD_LOCK_WAIT, GIL, 0 },
          { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, GIL, 0 },
          { now_ns + 3, 4, IL_RECORD_LOCK_WAIT, GIL, 0 },
          { now_ns + 6 * MS, 1, IL_RECORD_LOCK_RELEASE, GIL, 0 },
          { now_ns + 7 * MS, 2, IL_RECORD_WAIT_CANCELLED, GIL, 0 },
          { now_ns + 7 * MS, 3, IL_RECORD_WAIT_CANCELLED, GIL, 0 },
          { now_ns + 7 * MS, 4, IL_RECORD_WAIT_CANCELLED, GIL, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static void
test_herd (void)
{
  World world;

  world_init (&world);
  for (guint i = 2; i <= 6; i++)
    FEED (&world, 100, { 10 + i, i, IL_RECORD_COND_WAIT, CONDITION, 0 });
  FEED (&world, 200, { 110, 1, IL_RECORD_COND_NOTIFY, CONDITION, 5 | IL_RECORD_WOKE });
  for (guint i = 2; i <= 6; i++)
    FEED (&world, 300, { 200 + i, i, IL_RECORD_COND_WOKEN, CONDITION, 0 });
  for (guint i = 3; i <= 6; i++)
    FEED (&world, 400, { 300 + i, i, IL_RECORD_COND_WASTED, CONDITION, 0 });
  assert_nothing (&world);
  FEED (&world, 500, { 410, 1, IL_RECORD_COND_NOTIFY, CONDITION, 1 | IL_RECORD_WOKE });
  assert_finding (&world, IL_FINDING_THUNDERING_HERD, FALSE,
                  "ready woke 5 at once, and most of them had to wait again: 4 wake-ups for "
                  "nothing");
  world_clear (&world);
}

static void
test_inversion (void)
{
  World world;

  world_init (&world);
  FEED (&world, 30 * MS + 5, { 1, 1, IL_RECORD_PRIORITY, 0, 20 },
        { 1, 2, IL_RECORD_PRIORITY, 0, 39 }, { 1, 3, IL_RECORD_PRIORITY, 0, 25 },
        { 2, 2, IL_RECORD_SCHED_IN, 0, 0 }, { 3, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 4, 2, IL_RECORD_SCHED_OUT, 1, 0 }, { 4, 1, IL_RECORD_SCHED_IN, 0, 0 },
        { 5, 1, IL_RECORD_LOCK_WAIT, A, 0 }, { 6, 1, IL_RECORD_SCHED_OUT, 0, 0 },
        { 7, 2, IL_RECORD_SCHED_IN, 0, 0 }, { 8, 2, IL_RECORD_SCHED_OUT, 1, 0 },
        { 8, 3, IL_RECORD_SCHED_IN, 0, 0 }, { 30 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 30 * MS + 8, 2, IL_RECORD_SCHED_IN, 0, 0 });
  assert_finding (&world, IL_FINDING_PRIORITY_INVERSION, FALSE,
                  "Worker 1 waits for A, held by Worker 2, which Worker 3 kept off its core for "
                  "30.0 ms");
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/starvation", test_starvation);
  g_test_add_func ("/finder/long-turn", test_long_turn);
  g_test_add_func ("/finder/starvation-by-long-holds", test_starvation_by_long_holds);
  g_test_add_func ("/finder/no-starvation-without-core", test_no_starvation_without_core);
  g_test_add_func ("/finder/turns-by-lot", test_turns_by_lot);
  g_test_add_func ("/finder/convoy", test_convoy);
  g_test_add_data_func ("/finder/no-convoy/preempted", GINT_TO_POINTER (PREEMPTED), test_no_convoy);
  g_test_add_data_func ("/finder/no-convoy/sleeping", GINT_TO_POINTER (SLEEPING), test_no_convoy);
  g_test_add_data_func ("/finder/no-convoy/reading", GINT_TO_POINTER (READING), test_no_convoy);
  g_test_add_func ("/finder/no-convoy/interpreter", test_no_convoy_of_interpreter);
  g_test_add_func ("/finder/herd", test_herd);
  g_test_add_func ("/finder/inversion", test_inversion);
  return g_test_run ();
}
