/* test-finder-deadlock.c - who waits for whom for ever, and who does not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

#include <string.h>

/* Both began to wait since the finder looked last: whoever of them it looks at, it is one
 * deadlock. */
static void
test_deadlock_is_one (void)
{
  World world;

  world_init (&world);
  FEED (&world, 200, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30, 1, IL_RECORD_LOCK_WAIT, B, 0 },
        { 40, 2, IL_RECORD_LOCK_WAIT, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
    g_assert_cmpuint (findings->findings[0].count, ==, 1);
  }
  world_clear (&world);
}

static void
test_deadlock (void)
{
  World world;
  guint version;

  world_init (&world);
  version = il_finder_get_version (world.finder);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30, 1, IL_RECORD_LOCK_WAIT, B, 0 });
  assert_nothing (&world);
  g_assert_cmpuint (il_finder_get_version (world.finder), ==, version);
  FEED (&world, 200, { 1000000110, 2, IL_RECORD_LOCK_WAIT, A, 0 });
  g_assert_cmpuint (il_finder_get_version (world.finder), !=, version);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);
    const IlFinding *finding = &findings->findings[0];

    /* The orders are opposite, too, as who holds and awaits what says. */
    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_cmpint (finding->kind, ==, IL_FINDING_DEADLOCK);
    g_assert_true (finding->goes_on);
    g_assert_cmpuint (finding->n_lanes, ==, 2);
    g_assert_cmpuint (finding->n_objects, ==, 2);
    g_assert_cmpuint (finding->objects[0] + finding->objects[1], ==, A + B);
    g_assert_nonnull (strstr (finding->text, "Worker 1 holds A since 0.000 s and waits for B"));
    g_assert_nonnull (strstr (finding->text, "Worker 2 holds B since 0.000 s and waits for A"));
  }
  /* Somebody breaks it. */
  FEED (&world, 1000000300, { 1000000210, 2, IL_RECORD_WAIT_CANCELLED, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_false (findings->findings[0].goes_on);
  }
  world_clear (&world);
}

/* Opposite orders of other locks, or of these among more, are told beside a deadlock. */
static void
test_other_orders (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, TAKE_BOTH (10 * MS, 3, B, C), TAKE_BOTH (20 * MS, 4, C, A),
        { 30 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 31 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 40 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 }, { 41 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
    g_assert_cmpint (findings->findings[1].kind, ==, IL_FINDING_LOCK_ORDER);
    g_assert_cmpstr (findings->findings[1].text, ==,
                     "Each of 3 locks was asked for under the one before it, and the first one "
                     "under the last one: B by Worker 1 at 0.040 s, C by Worker 3 at 0.010 s, A by "
                     "Worker 4 at 0.020 s. If that happens at the same time, all of them wait for "
                     "ever");
  }
  world_clear (&world);
}

/* Of many in a circle it is said once what they have in common. */
static void
test_circle (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30 * MS, 3, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 40 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 }, { 50 * MS, 2, IL_RECORD_LOCK_WAIT, C, 0 },
        { 60 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Each of 3 waits for what the next one holds, the last one for what the first "
                  "one holds, all since 0.060 s: Worker 3 holds C since 0.030 s, Worker 1 holds A "
                  "since 0.010 s, Worker 2 holds B since 0.020 s");
  world_clear (&world);

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30 * MS, 3, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 40 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 }, { 50 * MS, 2, IL_RECORD_LOCK_WAIT, C, 0 },
        { 60 * MS, 3, IL_RECORD_WAIT_TIMED, 0, 0 }, { 60 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { 80 * MS, 3, IL_RECORD_WAIT_CANCELLED, A, 0 });
  assert_finding (&world, IL_FINDING_HELD_UP, FALSE,
                  "Each of 3 waited for what the next one held, the last one for what the first "
                  "one held: Worker 3 held C, Worker 1 held A, Worker 2 held B, until Worker 3 "
                  "gave up after 20.0 ms");
  world_clear (&world);
}

/* Who gives up is waited for by one who waits for its end. */
static void
test_held_up_join (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 1, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_JOIN, world.lanes[2] + 1 },
        { 30 * MS, 2, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 30 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 50 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 }, { 60 * MS, 1, IL_RECORD_JOIN_END, 0, 0 });
  assert_finding (&world, IL_FINDING_HELD_UP, FALSE,
                  "prog 2 waited for A; prog 1 held A and waited for prog 2 to end, until prog 2 "
                  "gave up after 20.0 ms");
  world_clear (&world);
}

/* Batches of a file are long: it is found all the same. */
static void
test_broken_in_batch (void)
{
  World world;

  world_init (&world);
  FEED (&world, 3000 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 },
        { 40 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 2000 * MS, 1, IL_RECORD_WAIT_CANCELLED, B, 0 },
        { 2000 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 2001 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);
    const IlFinding *finding = &findings->findings[0];

    g_assert_cmpint (finding->kind, ==, IL_FINDING_DEADLOCK);
    g_assert_false (finding->goes_on);
    g_assert_cmpint (finding->from_ns, ==, 40 * MS);
    g_assert_cmpint (finding->to_ns, ==, 2000 * MS);
  }
  g_assert_true (il_finder_get (world.timeline) == world.finder);
  world_clear (&world);
}

/* Both had taken their first lock without a word. */
static void
test_deadlock_by_hearsay (void)
{
  World world;

  world_init (&world);
  FEED (&world, 200 * MS, { 50 * MS, 1, IL_RECORD_LOCK_WAIT, B, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, B, 30 * MS / IL_RECORD_COPY_NS },
        { 60 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 60 * MS, 2, IL_RECORD_LOCK_HELD, A, 50 * MS / IL_RECORD_COPY_NS });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    /* In which order they took them is theirs to say. */
    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_nonnull (strstr (findings->findings[0].text,
                              "Worker 1 holds A since 0.010 s and waits for B since 0.050 s"));
    g_assert_nonnull (strstr (findings->findings[0].text,
                              "Worker 2 holds B since 0.020 s and waits for A since 0.060 s"));
  }
  world_clear (&world);

  /* Each was met with one, and then waits for the other: it may have given the first back by
   * then. */
  world_init (&world);
  FEED (&world, 200 * MS, { 50 * MS, 1, IL_RECORD_LOCK_WAIT, B, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, B, 0 }, { 55 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 60 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 65 * MS, 1, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 70 * MS, 1, IL_RECORD_LOCK_RELEASE, B, 0 }, { 75 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 80 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 80 * MS, 2, IL_RECORD_LOCK_HELD, A, 0 }, { 85 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 },
        { 86 * MS, 1, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 87 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);

  /* One gave its own back, without a word; who has it is not known. */
  world_init (&world);
  FEED (&world, 200 * MS, { 40 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 45 * MS, 1, IL_RECORD_LOCK_QUIET, A, 0 },
        { 50 * MS, 1, IL_RECORD_LOCK_WAIT, B, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, B, 0 }, { 60 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 60 * MS, 2, IL_RECORD_LOCK_HELD, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* One has its own, which it took again and again, since it says so before it waits. */
static void
test_deadlock_of_hot (void)
{
  World world;

  world_init (&world);
  FEED (&world, 200 * MS, { 40 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 45 * MS, 1, IL_RECORD_LOCK_QUIET, A, world.lanes[1] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_WAIT, B, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, B, 30 * MS / IL_RECORD_COPY_NS });
  assert_nothing (&world);
  world_clear (&world);
  world_init (&world);
  FEED (&world, 200 * MS, { 40 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 45 * MS, 1, IL_RECORD_LOCK_QUIET, A, world.lanes[1] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HAD, A, 3 * MS / IL_RECORD_COPY_NS },
        { 50 * MS, 1, IL_RECORD_LOCK_WAIT, B, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, B, 30 * MS / IL_RECORD_COPY_NS });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_nonnull (strstr (findings->findings[0].text,
                              "Worker 1 holds A since 0.047 s and waits for B since 0.050 s"));
  }
  world_clear (&world);
}

static void
test_self_deadlock (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 50 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 60 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.050 s for A, which it holds itself since 0.010 s");
  world_clear (&world);
}

/* A thread joins one that wants what it holds; another one, that wants nothing, ends. */
static void
test_deadlock_by_join (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 1, IL_RECORD_JOIN_WAIT, 13, world.lanes[2] + 1 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 110 * MS, 2, IL_RECORD_LANE_END, 0, 0 },
        { 111 * MS, 1, IL_RECORD_JOIN_END, 0, 0 },
        { 120 * MS, 1, IL_RECORD_JOIN_WAIT, 13, world.lanes[3] + 1 });
  assert_nothing (&world);
  FEED (&world, 300 * MS, { 210 * MS, 3, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits for A since 0.210 s; Worker 1 holds A since 0.010 s and waits "
                  "since 0.120 s for Worker 3 to end");
  FEED (&world, 400 * MS, { 310 * MS, 1, IL_RECORD_JOIN_END, 0, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, FALSE,
                  "Worker 3 waits for A since 0.210 s; Worker 1 holds A since 0.010 s and waits "
                  "since 0.120 s for Worker 3 to end");
  world_clear (&world);
}

/* One of the two gives up after a while, and then the other one goes on. */
static void
test_timed_wait (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 20 * MS, 1, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 20 * MS, 1, IL_RECORD_LOCK_WAIT, B, world.lanes[2] + 1 },
        { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 110 * MS, 1, IL_RECORD_WAIT_CANCELLED, B, 0 },
        { 111 * MS, 1, IL_RECORD_LOCK_RELEASE, A, IL_RECORD_WOKE },
        { 112 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 113 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 113 * MS, 2, IL_RECORD_LOCK_RELEASE, B, 0 }, { 120 * MS, 1, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 120 * MS, 1, IL_RECORD_JOIN_WAIT, 13, world.lanes[2] + 1 },
        { 121 * MS, 2, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 121 * MS, 2, IL_RECORD_JOIN_WAIT, 13, world.lanes[1] + 1 });
  assert_finding (&world, IL_FINDING_HELD_UP, FALSE,
                  "Worker 1 held A and waited for B; Worker 2 held B and waited for A, until "
                  "Worker 1 gave up after 89.0 ms");
  /* The next time it waits for as long as it takes. */
  FEED (&world, 300 * MS, { 210 * MS, 1, IL_RECORD_JOIN_END, 0, 0 },
        { 210 * MS, 2, IL_RECORD_JOIN_END, 0, 0 }, { 211 * MS, 1, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 212 * MS, 2, IL_RECORD_LOCK_WAIT, C, world.lanes[1] + 1 },
        { 213 * MS, 1, IL_RECORD_JOIN_WAIT, 13, world.lanes[2] + 1 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
  }
  world_clear (&world);
}

/* Anybody may give it back: as long as one is left who does something, that one may. */
static void
test_patience (void)
{
  World world;

  world_init (&world);
  FEED (&world, 1000 * MS, { 10 * MS, 3, IL_RECORD_LOCK_WAIT, BINARY, world.lanes[3] + 1 },
        { 10 * MS, 3, IL_RECORD_LOCK_HELD, BINARY, 0 }, { 11 * MS, 4, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 11 * MS, 4, IL_RECORD_RUNS, 0, 0 }, { 500 * MS, 4, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 900 * MS, 4, IL_RECORD_SLEEP_END, 0, 0 }, { 901 * MS, 4, IL_RECORD_JOIN_WAIT, 13, 0 },
        { 902 * MS, 4, IL_RECORD_SCHED_OUT, 0, 1 });
  assert_nothing (&world);
  FEED (&world, 1100 * MS, { 1001 * MS, 5, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 1002 * MS, 5, IL_RECORD_LANE_END, 0, 0 });
  assert_nothing (&world);
  FEED (&world, 2000 * MS, { 1900 * MS, 4, IL_RECORD_SCHED_IN, 0, 1 },
        { 1901 * MS, 4, IL_RECORD_JOIN_END, 0, 0 });
  assert_finding (
      &world, IL_FINDING_DEADLOCK, TRUE,
      "Worker 3 waits since 0.010 s for binary, which it holds itself since before 0.010 s");
  FEED (&world, 2100 * MS, { 2010 * MS, 4, IL_RECORD_LOCK_RELEASE, BINARY, IL_RECORD_WOKE },
        { 2011 * MS, 3, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* Who waits for a limited time goes on, and may be the one to give it back; but not who waits for
 * the end of the very one that wants it. */
static void
test_patience_of_join (void)
{
  for (guint joined = 3; joined <= 5; joined += 2)
    {
      World world;

      world_init (&world);
      FEED (&world, 3000 * MS, { 1 * MS, 5, IL_RECORD_LANE_BEGIN, 0, 0 },
            { 1 * MS, 5, IL_RECORD_JOIN_WAIT, 13, 0 }, { 2 * MS, 4, IL_RECORD_LANE_BEGIN, 0, 0 },
            { 10 * MS, 3, IL_RECORD_LOCK_WAIT, BINARY, world.lanes[3] + 1 },
            { 10 * MS, 3, IL_RECORD_LOCK_HELD, BINARY, 0 },
            { 20 * MS, 4, IL_RECORD_WAIT_TIMED, 0, 0 },
            { 20 * MS, 4, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_JOIN, world.lanes[joined] + 1 });
      FEED (&world, 3100 * MS, { 3050 * MS, 6, IL_RECORD_LANE_BEGIN, 0, 0 },
            { 3051 * MS, 6, IL_RECORD_LANE_END, 0, 0 });
      if (joined == 3)
        assert_kind (&world, IL_FINDING_DEADLOCK);
      else
        assert_nothing (&world);
      world_clear (&world);
    }
}

/* Two who each have what the other one wants, of which anybody may give back the one: prog 1 the
 * mutex, prog 2 what a semaphore is for. */
static void
feed_circle (World *world, gint64 end_ns)
{
  FEED (world, end_ns, { 1 * MS, 3, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11 * MS, 2, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 },
        { 20 * MS, 1, IL_RECORD_LOCK_WAIT, BINARY, world->lanes[2] + 1 },
        { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, world->lanes[1] + 1 },
        { 30 * MS, 3, IL_RECORD_SLEEP_BEGIN, 0, 0 });
}

#define CIRCLE                                                                                     \
  "prog 1 holds A since 0.010 s and waits for binary since 0.020 s; prog 2 holds binary since "    \
  "0.011 s and waits for A since 0.021 s"

/* That they asked for the two in opposite orders is all that is told. */
static void
assert_not_yet (World *world)
{
  assert_kind (world, IL_FINDING_LOCK_ORDER);
}

/* As long as one is left who may, it is not told that nobody does; but not for ever, and not where
 * they end like that. */
static void
test_circle_to_open (void)
{
  World world;

  world_init_program (&world);
  feed_circle (&world, 4900 * MS);
  assert_not_yet (&world);
  FEED (&world, 5100 * MS, { 5050 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE, CIRCLE);
  /* It gives it back after all. */
  FEED (&world, 5200 * MS, { 5110 * MS, 3, IL_RECORD_LOCK_RELEASE, BINARY, IL_RECORD_WOKE },
        { 5111 * MS, 1, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 });
  assert_nothing (&world);
  world_clear (&world);

  world_init_program (&world);
  feed_circle (&world, 2000 * MS);
  FEED (&world, 2250 * MS, { 2010 * MS, 3, IL_RECORD_SLEEP_END, 0, 0 },
        { 2015 * MS, 4, IL_RECORD_LANE_BEGIN, 0, 0 }, { 2016 * MS, 4, IL_RECORD_LANE_END, 0, 0 },
        { 2019 * MS, 3, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 2020 * MS, 3, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_JOIN, world.lanes[1] + 1 },
        { 2240 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_not_yet (&world);
  FEED (&world, 2400 * MS, { 2390 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE, CIRCLE);
  world_clear (&world);

  for (guint first = 1; first <= 3; first++)
    {
      World ended;

      world_init_program (&ended);
      feed_circle (&ended, 1000 * MS);
      FEED (&ended, 1010 * MS, { 1001 * MS, first, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
            { 1002 * MS, first % 3 + 1, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
            { 1003 * MS, (first + 1) % 3 + 1, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT });
      assert_kind (&ended, IL_FINDING_DEADLOCK);
      world_clear (&ended);
    }
}

/* Of several circles each is told when they end. */
static void
test_circles_at_end (void)
{
  const guint32 other = BINARY + 1;
  World world;

  world_init_program (&world);
  il_timeline_builder_add_object (world.builder, other, IL_OBJECT_KIND_LOCK, "other",
                                  IL_LANE_PARAMETER_BINARY);
  feed_circle (&world, 100 * MS);
  FEED (&world, 1000 * MS, { 110 * MS, 4, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 111 * MS, 5, IL_RECORD_LOCK_ACQUIRE, other, 0 },
        { 112 * MS, 4, IL_RECORD_LOCK_WAIT, other, 0 }, { 113 * MS, 5, IL_RECORD_LOCK_WAIT, B, 0 },
        { 990 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  FEED (&world, 1010 * MS, { 1001 * MS, 2, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
        { 1002 * MS, 4, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
        { 1003 * MS, 5, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
        { 1004 * MS, 1, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
        { 1005 * MS, 3, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
    g_assert_cmpint (findings->findings[1].kind, ==, IL_FINDING_DEADLOCK);
  }
  world_clear (&world);
}

/* Somebody does so, or one of the circle gives up, or they all end soon. */
static void
test_circle_is_opened (void)
{
  World world;

  world_init_program (&world);
  feed_circle (&world, 2000 * MS);
  FEED (&world, 2100 * MS, { 2010 * MS, 3, IL_RECORD_SLEEP_END, 0, 0 },
        { 2010 * MS, 3, IL_RECORD_LOCK_RELEASE, BINARY, IL_RECORD_WOKE },
        { 2011 * MS, 1, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 },
        { 2012 * MS, 1, IL_RECORD_LOCK_RELEASE, A, IL_RECORD_WOKE },
        { 2013 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 2014 * MS, 1, IL_RECORD_LANE_END, 0, 0 },
        { 2015 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 }, { 2016 * MS, 2, IL_RECORD_LANE_END, 0, 0 });
  assert_nothing (&world);
  world_clear (&world);

  world_init_program (&world);
  feed_circle (&world, 100 * MS);
  FEED (&world, 200 * MS, { 110 * MS, 1, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT },
        { 111 * MS, 2, IL_RECORD_LANE_END, 0, IL_RECORD_SILENT });
  assert_not_yet (&world);
  world_clear (&world);

  world_init_program (&world);
  FEED (&world, 1000 * MS, { 1 * MS, 3, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11 * MS, 2, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 },
        { 20 * MS, 1, IL_RECORD_LOCK_WAIT, BINARY, 0 }, { 21 * MS, 2, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 900 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 });
  assert_finding (&world, IL_FINDING_HELD_UP, FALSE,
                  "prog 2 held binary and waited for A; prog 1 held A and waited for binary, until "
                  "prog 2 gave up after 879 ms");
  world_clear (&world);
}

/* What processes share those of another one may give back. */
static void
test_circle_of_processes (void)
{
  const IlLaneInfo other
      = { .name = "other", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 8 };

  for (guint is_shared = 0; is_shared < 2; is_shared++)
    {
      World world;

      world_init_program (&world);
      world.lanes[3] = il_timeline_builder_add_lane (world.builder, &other);
      FEED (&world, 1000 * MS, { 1 * MS, 3, IL_RECORD_RUNS, 0, 0 },
            { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { 11 * MS, 2, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 },
            { 19 * MS, 1, is_shared ? IL_RECORD_WAIT_SHARED : IL_RECORD_RUNS, 0, 0 },
            { 20 * MS, 1, IL_RECORD_LOCK_WAIT, BINARY, 0 },
            { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 });
      if (is_shared)
        assert_not_yet (&world);
      else
        assert_finding (&world, IL_FINDING_DEADLOCK, TRUE, CIRCLE);
      world_clear (&world);
    }
}

/* Of a mutex it was not said who took it: who gives it back has had it, and gives no signal. */
static void
test_given_without_a_word (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { 10 * MS, 3, IL_RECORD_LOCK_HELD, A, 0 }, { 20 * MS, 4, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 20 * MS + 1, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 50 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_kind (&world, IL_FINDING_DEADLOCK);
  world_clear (&world);

  /* Who takes it shows that nobody else has it any more. */
  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 3, IL_RECORD_LOCK_WAIT, A, world.lanes[4] + 1 },
        { 10 * MS, 3, IL_RECORD_LOCK_HELD, A, 0 }, { 20 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 50 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 }, { 60 * MS, 3, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 70 * MS, 4, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 75 * MS, 4, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 76 * MS, 4, IL_RECORD_LOCK_RELEASE, A, 0 }, { 80 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  world_clear (&world);

  /* Who meets another in a lock has not got it itself, whatever was said of it before. */
  world_init (&world);
  FEED (&world, 200 * MS, { 10 * MS, 3, IL_RECORD_LOCK_WAIT, A, world.lanes[4] + 1 },
        { 10 * MS, 3, IL_RECORD_LOCK_HELD, A, 0 },
        { 20 * MS, 4, IL_RECORD_LOCK_WAIT, A, world.lanes[5] + 1 });
  assert_nothing (&world);
  world_clear (&world);
}

/* It runs a task that it spawned within the one that waits for that. */
static void
test_nested_self_deadlock (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 3, IL_RECORD_TASK_BEGIN, CHILD, 1 }, { 50 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.050 s for A, which it holds itself since 0.010 s: task "
                  "u, which it runs while task t waits at its join, wants what t holds");
  world_clear (&world);
}

/* Who waits at a join waits for whoever runs what it spawned: that closes a cycle, too.  What comes
 * after that in the same batch, as in that of a file, is not known yet. */
static void
test_deadlock_across_a_join (void)
{
  World world;

  world_init (&world);
  FEED (&world, 500 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11 * MS, 1, IL_RECORD_TASK_SUBMIT, CHILD, 1 | IL_RECORD_WOKE },
        { 20 * MS, 2, IL_RECORD_TASK_BEGIN, CHILD, 1 }, { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 30 * MS, 1, IL_RECORD_FLAG_WAIT, JOIN, 0 },
        { 400 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 },
        { 400 * MS, 2, IL_RECORD_TASK_END, IL_TASK_OUTCOME_CANCELLED, 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, FALSE,
                  "Worker 1 holds A since 0.010 s and waits for task u, which it spawned, since "
                  "0.030 s; Worker 2 runs task u since 0.020 s and waits for A since 0.021 s");
  world_clear (&world);
}

/* Nobody has begun it yet, or it goes on: whoever waits for it does not wait for ever. */
static void
test_right_joins (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11 * MS, 1, IL_RECORD_TASK_SUBMIT, CHILD, 1 }, { 20 * MS, 2, IL_RECORD_LOCK_WAIT, A, 1 },
        { 30 * MS, 1, IL_RECORD_FLAG_WAIT, JOIN, 0 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 110 * MS, 3, IL_RECORD_TASK_BEGIN, CHILD, 1 },
        { 111 * MS, 3, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 120 * MS, 4, IL_RECORD_LOCK_WAIT, B, 1 },
        { 130 * MS, 3, IL_RECORD_LOCK_RELEASE, B, 0 },
        { 131 * MS, 3, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 },
        { 132 * MS, 3, IL_RECORD_LOCK_WAIT, A, 1 }, { 133 * MS, 5, IL_RECORD_LOCK_ACQUIRE, C, 0 },
        { 140 * MS, 5, IL_RECORD_LOCK_WAIT, A, 1 });
  assert_nothing (&world);
  world_clear (&world);
}

/* What the task around took is held still when one within it has ended. */
static void
test_self_deadlock_after_a_child (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 3, IL_RECORD_TASK_BEGIN, CHILD, 1 },
        { 30 * MS, 3, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 },
        { 40 * MS, 3, IL_RECORD_TASK_BEGIN, CHILD, 2 }, { 50 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.050 s for A, which it holds itself since 0.010 s: task "
                  "u, which it runs while task t waits at its join, wants what t holds");
  world_clear (&world);
}

/* Two of three readers want to write: each waits for the other, and both are named. */
static void
test_upgrade (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 11 * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 12 * MS, 3, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 20 * MS, 1, IL_RECORD_RW_WAIT, READERS, 1 },
        { 21 * MS, 2, IL_RECORD_RW_WAIT, READERS, 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "2 have R for reading and wait to write, which each keeps the others from: "
                  "Worker 1 since 0.020 s, Worker 2 since 0.021 s");
  world_clear (&world);
}

/* Five of them, each with a fork in the left hand. */
static void
test_long_cycle (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 12, 3, IL_RECORD_RW_ACQUIRE, READERS, 1 },
        { 20, 1, IL_RECORD_LOCK_WAIT, B, 0 }, { 21, 2, IL_RECORD_RW_WAIT, READERS, 0 },
        { 22, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 3);
  }
  world_clear (&world);
}

/* A unit that another one can give back is no deadlock; nor is a signal. */
static void
test_semaphores (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_SEM_ACQUIRE, SIGNAL, 1 },
        { 11, 2, IL_RECORD_SEM_ACQUIRE, SIGNAL, 0 }, { 12, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20, 1, IL_RECORD_LOCK_WAIT, A, 0 }, { 30, 3, IL_RECORD_SEM_WAIT, SIGNAL, 0 });
  assert_nothing (&world);
  FEED (&world, 200, { 110, 2, IL_RECORD_LOCK_WAIT, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
  }
  world_clear (&world);

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_SEM_POST, SIGNAL, 1 },
        { 20, 2, IL_RECORD_SEM_ACQUIRE, SIGNAL, 0 }, { 30, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 40, 2, IL_RECORD_SEM_WAIT, SIGNAL, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/deadlock", test_deadlock);
  g_test_add_func ("/finder/deadlock-is-one", test_deadlock_is_one);
  g_test_add_func ("/finder/other-orders", test_other_orders);
  g_test_add_func ("/finder/circle", test_circle);
  g_test_add_func ("/finder/held-up-join", test_held_up_join);
  g_test_add_func ("/finder/broken-in-batch", test_broken_in_batch);
  g_test_add_func ("/finder/deadlock-by-hearsay", test_deadlock_by_hearsay);
  g_test_add_func ("/finder/deadlock-of-hot", test_deadlock_of_hot);
  g_test_add_func ("/finder/self-deadlock", test_self_deadlock);
  g_test_add_func ("/finder/timed-wait", test_timed_wait);
  g_test_add_func ("/finder/patience", test_patience);
  g_test_add_func ("/finder/patience-of-join", test_patience_of_join);
  g_test_add_func ("/finder/circle-to-open", test_circle_to_open);
  g_test_add_func ("/finder/circles-at-end", test_circles_at_end);
  g_test_add_func ("/finder/circle-is-opened", test_circle_is_opened);
  g_test_add_func ("/finder/circle-of-processes", test_circle_of_processes);
  g_test_add_func ("/finder/deadlock-by-join", test_deadlock_by_join);
  g_test_add_func ("/finder/given-without-a-word", test_given_without_a_word);
  g_test_add_func ("/finder/nested-self-deadlock", test_nested_self_deadlock);
  g_test_add_func ("/finder/self-deadlock-after-a-child", test_self_deadlock_after_a_child);
  g_test_add_func ("/finder/deadlock-across-a-join", test_deadlock_across_a_join);
  g_test_add_func ("/finder/right-joins", test_right_joins);
  g_test_add_func ("/finder/upgrade", test_upgrade);
  g_test_add_func ("/finder/long-cycle", test_long_cycle);
  g_test_add_func ("/finder/semaphores", test_semaphores);
  return g_test_run ();
}
