/* test-finder.c - what is wrong is found when it happens, and nothing is found that is right
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

#include <pthread.h>
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

    /* The orders are opposite, too. */
    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (finding->kind, ==, IL_FINDING_DEADLOCK);
    g_assert_true (finding->goes_on);
    g_assert_cmpuint (finding->n_lanes, ==, 2);
    g_assert_cmpuint (finding->n_objects, ==, 2);
    g_assert_cmpuint (finding->objects[0] + finding->objects[1], ==, A + B);
    g_assert_nonnull (strstr (finding->text, "Worker 1 holds A since 0.000 s and waits for B"));
    g_assert_nonnull (strstr (finding->text, "Worker 2 holds B since 0.000 s and waits for A"));
    g_assert_cmpint (findings->findings[1].kind, ==, IL_FINDING_LOCK_ORDER);
    g_assert_nonnull (strstr (findings->findings[1].text, "Worker 1 asked for B under A at 0.000"));
    g_assert_true (
        g_str_has_suffix (findings->findings[1].text, "That is how the deadlock came about"));
  }
  /* Somebody breaks it. */
  FEED (&world, 1000000300, { 1000000210, 2, IL_RECORD_WAIT_CANCELLED, A, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_false (findings->findings[0].goes_on);
  }
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

  /* One has its own, which it took again and again, since it says so before it waits. */
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
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.010 s for binary, which it holds itself since 0.010 s");
  FEED (&world, 2100 * MS, { 2010 * MS, 4, IL_RECORD_LOCK_RELEASE, BINARY, IL_RECORD_WOKE },
        { 2011 * MS, 3, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 });
  assert_nothing (&world);
  world_clear (&world);
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

/* Where the record does not tell that the join waits for that very task it is no cycle, but nobody
 * can go on. */
static void
test_stuck_behind_a_join (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 2, IL_RECORD_TASK_BEGIN, CHILD, 1 }, { 21 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 30 * MS, 1, IL_RECORD_FLAG_WAIT, JOIN, 0 });
  assert_nothing (&world);
  FEED (&world, 2000 * MS, { 1100 * MS, 9, IL_RECORD_STUCK, 0, 2 });
  assert_finding (&world, IL_FINDING_STUCK, TRUE,
                  "Nobody is left who could let go of A: Worker 2 since 0.021 s (step “lock A” of "
                  "u); Worker 1, which holds A since 0.010 s, waits itself since 0.030 s (step "
                  "“join” of t)");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].lanes[1], ==, world.lanes[1]);
  }
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
                  "Worker 1 holds R since 0.010 s and waits since 0.020 s for the others who hold "
                  "it; Worker 2 holds R since 0.011 s and waits since 0.021 s for the others who "
                  "hold it");
  world_clear (&world);
}

/* Without a cycle nobody is taken for stuck before the engine says so; then what is missing is told
 * for each thing. */
static void
test_stuck (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 1 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 13 * MS, 1, IL_RECORD_BARRIER_WAIT, BARRIER, 1 },
        { 14 * MS, 2, IL_RECORD_BARRIER_WAIT, BARRIER, 2 },
        { 15 * MS, 3, IL_RECORD_GET_WAIT, QUEUE, 0 });
  assert_nothing (&world);
  FEED (&world, 2000 * MS, { 1100 * MS, 9, IL_RECORD_STUCK, 0, 2 });
  assert_finding (
      &world, IL_FINDING_STUCK, TRUE,
      "2 of 3 parties wait at b, and nobody is left who could come: Worker 1 since "
      "0.013 s (step “barrier b” of t), Worker 2 since 0.014 s (step “barrier b” of t)");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].from_ns, ==, 14 * MS);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 2000 * MS);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].lanes[0], ==, world.lanes[1]);
    g_assert_cmpstr (il_finding_kind_get_id (findings->findings[0].kind), ==, "stuck");
  }
  FEED (&world, 3000 * MS, { 2100 * MS, 1, IL_RECORD_WAIT_CANCELLED, BARRIER, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_false (findings->findings[0].goes_on);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 2100 * MS);
  }
  world_clear (&world);
}

/* Of a program it is told once all of its threads have waited for one another for a while. */
static void
check_hang (Event end)
{
  World world;

  world_init_program (&world);
  FEED (&world, 900 * MS, { 1 * MS, 1, IL_RECORD_RUNS, 0, 0 }, { 1 * MS, 2, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 20 * MS, 2, IL_RECORD_RW_WAIT, READERS, 1 },
        { 21 * MS, 1, IL_RECORD_LOCK_WAIT, A, world.lanes[2] + 1 },
        { 500 * MS, 3, IL_RECORD_RUNS, 0, 0 }, { 800 * MS, 3, IL_RECORD_JOIN_WAIT, 13, 0 });
  assert_nothing (&world);
  FEED (&world, 1700 * MS, { 1650 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_nothing (&world);
  FEED (&world, 1900 * MS, { 1850 * MS, 3, IL_RECORD_SCHED_IN, 0, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_STUCK);
    g_assert_cmpstr (findings->findings[0].text, ==,
                     "Nobody is left who could let go of R: prog 2 since 0.020 s");
    g_assert_cmpstr (findings->findings[1].text, ==,
                     "Nobody is left who could let go of A: prog 1 since 0.021 s; prog 2, which "
                     "holds A since 0.010 s, waits itself for R since 0.020 s");
    g_assert_true (findings->findings[1].goes_on);
  }
  FEED (&world, 2000 * MS, end);
  assert_nothing (&world);
  world_clear (&world);
}

static void
test_hang (void)
{
  /* Somebody outside did it after all, or a thread ended of which nothing was seen. */
  check_hang ((Event){ 1950 * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, 1 });
  check_hang ((Event){ 1950 * MS, 3, IL_RECORD_JOIN_END, 13, 0 });
}

/* Readers who all want to write; who they are is not said. */
static void
test_hang_of_readers (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100 * MS, { 20 * MS, 1, IL_RECORD_RW_WAIT, READERS, 1 },
        { 20 * MS, 1, IL_RECORD_RW_INSIDE, READERS, 3 },
        { 21 * MS, 3, IL_RECORD_RW_RELEASE, READERS, 0 },
        { 30 * MS, 2, IL_RECORD_RW_WAIT, READERS, 1 }, { 40 * MS, 3, IL_RECORD_JOIN_WAIT, 13, 0 });
  FEED (&world, 2000 * MS, { 1900 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_finding (&world, IL_FINDING_STUCK, TRUE,
                  "Nobody is left who could let go of R: prog 1 since 0.020 s, prog 2 since 0.030 "
                  "s; 2 have it for reading: who asks to write while it reads waits for itself, "
                  "too");
  world_clear (&world);
}

/* Threads that wait when their program ends are ended one after the other: that is no hang, nor is
 * who waits for a lock of its own then.  It is one if they are still there later. */
static void
test_hang_and_end (void)
{
  for (guint i = 0; i < 2; i++)
    {
      const guint32 wanted = i == 0 ? CONDITION : BINARY;
      const IlRecordKind kind = i == 0 ? IL_RECORD_COND_WAIT : IL_RECORD_LOCK_WAIT;
      World world;

      world_init_program (&world);
      FEED (&world, 1950 * MS, { 1 * MS, 1, IL_RECORD_RUNS, 0, 0 },
            { 10 * MS, 2, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 },
            { 20 * MS, 2, kind, wanted, i * (world.lanes[2] + 1) },
            { 1900 * MS, 1, IL_RECORD_LANE_END, 0, 0 });
      assert_nothing (&world);
      FEED (&world, 2100 * MS, { 2050 * MS, 3, IL_RECORD_RUNS, 0, 0 },
            { 2060 * MS, 3, IL_RECORD_LANE_END, 0, 0 });
      assert_nothing (&world);
      if (i == 0)
        FEED (&world, 5000 * MS, { 2200 * MS, 2, IL_RECORD_LANE_END, 0, 0 });
      else
        FEED (&world, 3100 * MS, { 3080 * MS, 2, IL_RECORD_SCHED_OUT, 0, 0 });
      if (i == 0)
        assert_nothing (&world);
      else
        assert_kind (&world, IL_FINDING_DEADLOCK);
      world_clear (&world);
    }
}

/* A wait that ends by itself, a semaphore, which a signal may post, and a sleep are no hang; nor is
 * one thread that joins another one. */
static void
test_no_hang (void)
{
  static const Event other[] = {
    { 30 * MS, 1, IL_RECORD_COND_WAIT, CONDITION, 0 }, /* for a time */
    { 30 * MS, 1, IL_RECORD_SEM_WAIT, SIGNAL, 0 },     { 30 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 },
    { 30 * MS, 1, IL_RECORD_IO_BEGIN, 0, 1 },          { 30 * MS, 1, IL_RECORD_JOIN_WAIT, 16, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (other); i++)
    {
      World world;

      world_init_program (&world);
      FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_RUNS, 0, 0 },
            { 1 * MS, 2, IL_RECORD_RUNS, 0, 0 }, { 20 * MS, 2, IL_RECORD_COND_WAIT, CONDITION, 0 },
            { 29 * MS, 1, i == 0 ? IL_RECORD_WAIT_TIMED : IL_RECORD_RUNS, 0, 0 }, other[i]);
      FEED (&world, 3000 * MS, { 2900 * MS, 2, IL_RECORD_SCHED_OUT, 0, 0 });
      assert_nothing (&world);
      world_clear (&world);
    }
}

/* What nobody brings, by the kind of thing. */
static void
test_what_is_missing (void)
{
  static const struct
  {
    IlRecordKind wait;
    guint32 object, value;
    const char *text;
  } cases[] = {
    { IL_RECORD_SEM_WAIT, SIGNAL, 0,
      "Nobody is left who could post signal: Worker 1 since 0.010 s (step “acquire signal” of t)" },
    { IL_RECORD_COND_WAIT, CONDITION, 0,
      "Nobody is left who could notify ready: Worker 1 since 0.010 s (step “wait ready” of t)" },
    { IL_RECORD_GET_WAIT, QUEUE, 0,
      "Nobody is left who could put into q: Worker 1 since 0.010 s (step “get q” of t)" },
    { IL_RECORD_PUT_WAIT, QUEUE, 0,
      "Nobody is left who could get from q: Worker 1 since 0.010 s (step “put q” of t)" },
    { IL_RECORD_RW_WAIT, READERS, 1,
      "Nobody is left who could let go of R: Worker 1 since 0.010 s (step “write-lock R” of t)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world;

      world_init (&world);
      FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
            { 10 * MS, 1, cases[i].wait, cases[i].object, cases[i].value },
            { 50 * MS, 9, IL_RECORD_STUCK, 0, 1 });
      assert_finding (&world, IL_FINDING_STUCK, TRUE, cases[i].text);
      world_clear (&world);
    }
}

/* Who could bring it may be there, and lack a worker. */
static void
test_nobody_free (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 9, IL_RECORD_TASK_SUBMIT, POOLED, 0 },
        { 2 * MS, 9, IL_RECORD_TASK_SUBMIT, POOLED, 1 },
        { 3 * MS, 9, IL_RECORD_TASK_SUBMIT, POOLED, 2 },
        { 4 * MS, 1, IL_RECORD_TASK_BEGIN, POOLED, 0 },
        { 10 * MS, 1, IL_RECORD_GET_WAIT, QUEUE, 0 }, { 50 * MS, 9, IL_RECORD_STUCK, 0, 1 });
  assert_finding (&world, IL_FINDING_STUCK, TRUE,
                  "Nobody is left who could put into q: Worker 1 since 0.010 s (step “get q” of p);"
                  " 2 tasks wait in the pool, and no worker is free for them: more workers, or "
                  "workers of their own for them, would let them run");
  world_clear (&world);
}

/* Of those who wait in a deadlock nothing more is told. */
static void
test_stuck_in_a_deadlock (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 10 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 30 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 },
        { 50 * MS, 9, IL_RECORD_STUCK, 0, 2 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "Worker 3 waits since 0.020 s for A, which it holds itself since 0.010 s");
  world_clear (&world);
}

/* Only one that takes the whole program with it is a finding: others are replaced. */
static void
test_crash (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 20 * MS, 2, IL_RECORD_CRASH, TASK, 7 | 2 << 16 });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 101 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 120 * MS, 3, IL_RECORD_CRASH, TASK, 7 | 3 << 16 | IL_RECORD_ENDS_ALL });
  assert_finding (&world, IL_FINDING_CRASH, FALSE,
                  "Task t crashed on Worker 3, as its step “crash” (line 7) says, and the whole "
                  "program died with it; under processes only the worker dies");
  g_assert_cmpint (il_lane_get_end (il_timeline_get_lane (world.timeline, world.lanes[3])), ==,
                   120 * MS);
  world_clear (&world);
}

/* Tasks that were cancelled are told together by kind and step, with all who ran them; one that
 * wanted to put is another matter. */
static void
test_forsaken (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 2 * MS, 1, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 30 * MS, 1, IL_RECORD_WAIT_CANCELLED, QUEUE, 0 },
        { 30 * MS, 1, IL_RECORD_FORSAKEN, QUEUE, 8 },
        { 30 * MS, 1, IL_RECORD_TASK_END, IL_TASK_OUTCOME_CANCELLED, 0 },
        { 31 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 1 }, { 32 * MS, 2, IL_RECORD_FORSAKEN, QUEUE, 8 },
        { 32 * MS, 2, IL_RECORD_TASK_END, IL_TASK_OUTCOME_CANCELLED, 1 });
  assert_finding (&world, IL_FINDING_FORSAKEN, FALSE,
                  "2 tasks of t were cancelled at “get q” (line 8): nobody was left to put an item "
                  "into q");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].from_ns, ==, 2 * MS);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 32 * MS);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].object, ==, QUEUE);
  }
  FEED (&world, 200 * MS, { 101 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 2 },
        { 102 * MS, 3, IL_RECORD_FORSAKEN, QUEUE, 9 | IL_RECORD_GIVES });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpstr (findings->findings[1].text, ==,
                     "1 task of t was cancelled at “put q” (line 9): nobody was left to take an "
                     "item out of q");
  }
  world_clear (&world);
}

/* Told by the supervisor, and shown at all who died in the tasks, from the first attempt on: not at
 * who died of another task, which somebody has done since, nor at who ran that. */
static void
test_given_up (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100 * MS, { 1 * MS, 3, IL_RECORD_TASK_BEGIN, TASK, 2 },
        { 2 * MS, 9, IL_RECORD_WORKER_LOST, 11, world.lanes[3] + 1 },
        { 3 * MS, 1, IL_RECORD_TASK_BEGIN, TASK, 0 }, { 3 * MS, 4, IL_RECORD_TASK_BEGIN, TASK, 2 },
        { 4 * MS, 1, IL_RECORD_LANE_END, 11, IL_RECORD_DIED },
        { 4 * MS, 9, IL_RECORD_WORKER_LOST, 11, world.lanes[1] + 1 },
        { 5 * MS, 4, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 2 },
        { 6 * MS, 2, IL_RECORD_TASK_BEGIN, TASK, 0 },
        { 7 * MS, 9, IL_RECORD_WORKER_LOST, 11, world.lanes[2] + 1 },
        { 7 * MS, 9, IL_RECORD_GIVEN_UP, TASK, 2 },
        { 7 * MS, 9, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_LOST, 0 });
  assert_finding (&world, IL_FINDING_GIVEN_UP, FALSE,
                  "1 task of t is lost: whoever ran it died, each of 2 times");
  FEED (&world, 200 * MS, { 101 * MS, 5, IL_RECORD_TASK_BEGIN, TASK, 1 },
        { 102 * MS, 9, IL_RECORD_WORKER_LOST, 11, world.lanes[5] + 1 },
        { 102 * MS, 9, IL_RECORD_GIVEN_UP, TASK, 2 },
        { 102 * MS, 9, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_LOST, 1 },
        { 103 * MS, 9, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 7 });
  assert_finding (&world, IL_FINDING_GIVEN_UP, FALSE,
                  "2 tasks of t are lost: whoever ran them died, each of 2 times");
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].from_ns, ==, 3 * MS);
    g_assert_cmpint (findings->findings[0].to_ns, ==, 102 * MS);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 3);
    g_assert_cmpuint (findings->findings[0].lanes[0], ==, world.lanes[1]);
    g_assert_cmpuint (findings->findings[0].lanes[1], ==, world.lanes[2]);
    g_assert_cmpuint (findings->findings[0].lanes[2], ==, world.lanes[5]);
    g_assert_false (il_finding_kind_is_grave (findings->findings[0].kind));
  }
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

/* That it got what it waited for, and gave back what it had, may be among what was lost. */
static void
test_lost (void)
{
  World world;
  gint64 now_ns = 10 * MS;

  world_init (&world);
  FEED (&world, 5 * MS, { 1 * MS, 3, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 2 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 3 * MS, 3, IL_RECORD_LOST, 0, 1000 },
        { 4 * MS, 5, IL_RECORD_LOCK_WAIT, A, 0 });
  for (guint i = 0; i < 40; i++, now_ns += 20 * MS)
    FEED (&world, now_ns + 20 * MS, { now_ns, 1 + i % 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { now_ns + MS, 1 + i % 2, IL_RECORD_LOCK_RELEASE, A, 0 });
  FEED (&world, now_ns + 20 * MS, { now_ns, 5, IL_RECORD_LOST, 0, 1000 },
        { now_ns, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 1, 4, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, B, 0 },
        { now_ns + 3, 4, IL_RECORD_LOCK_RELEASE, B, 0 });
  assert_nothing (&world);
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

static void
test_losses (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOST_UPDATE, COUNTER, 2 },
        { 20, 2, IL_RECORD_LOST_UPDATE, COUNTER, 3 }, { 30, 2, IL_RECORD_TORN_LINES, LOG, 0 });
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "2 writes to total overwrote what others had changed since it was read: 5 in "
                  "all");
  FEED (&world, 200, { 110, 1, IL_RECORD_LOST_UPDATE, COUNTER, (guint32)-4 });
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "3 writes to total overwrote what others had changed since it was read: 1 in "
                  "all");
  FEED (&world, 300, { 210, 1, IL_RECORD_LOST_UPDATE, COUNTER, (guint32)-1 });
  /* They cancel out, and were overwritten all the same. */
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "4 writes to total overwrote what others had changed since it was read: 0 in "
                  "all");
  world_clear (&world);
  world_init (&world);
  FEED (&world, 100, { 30, 2, IL_RECORD_TORN_LINES, LOG, 7 });
  assert_finding (&world, IL_FINDING_TORN_LINES, FALSE,
                  "7 lines of log are not whole: several wrote at the same time");
  world_clear (&world);
}

/* The dead hold nothing. */
static void
test_death (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 20, 1, IL_RECORD_LANE_END, 0, 0 },
        { 25, 3, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30, 2, IL_RECORD_OWNER_DIED, A, 77 },
        { 31, 2, IL_RECORD_OWNER_DIED, B, 0 }, { 32, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 33, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static _Atomic gboolean stops;

static void *
ask (void *data)
{
  IlFinder *finder = data;

  while (!stops)
    {
      g_autoptr (IlFindings) findings = il_finder_get_findings (finder);

      for (guint i = 0; i < findings->n_findings; i++)
        g_assert_cmpint (findings->findings[i].from_ns, <=, findings->findings[i].to_ns);
    }
  return NULL;
}

static void
test_threads (void)
{
  World world;
  pthread_t thread;

  world_init (&world);
  stops = FALSE;
  g_assert_cmpint (pthread_create (&thread, NULL, ask, world.finder), ==, 0);
  for (guint i = 0; i < 2000; i++)
    {
      gint64 at = i * 100;

      FEED (&world, at + 100, { at + 1, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { at + 2, 1, IL_RECORD_LOCK_WAIT, A, 0 },
            { at + 3, 2, IL_RECORD_LOST_UPDATE, COUNTER, 1 });
      FEED (&world, at + 100, { at + 50, 1, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { at + 51, 1, IL_RECORD_LOCK_RELEASE, A, 0 });
    }
  stops = TRUE;
  pthread_join (thread, NULL);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpuint (findings->findings[1].count, ==, 2000);
  }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/deadlock", test_deadlock);
  g_test_add_func ("/finder/deadlock-is-one", test_deadlock_is_one);
  g_test_add_func ("/finder/broken-in-batch", test_broken_in_batch);
  g_test_add_func ("/finder/deadlock-by-hearsay", test_deadlock_by_hearsay);
  g_test_add_func ("/finder/self-deadlock", test_self_deadlock);
  g_test_add_func ("/finder/timed-wait", test_timed_wait);
  g_test_add_func ("/finder/hang", test_hang);
  g_test_add_func ("/finder/no-hang", test_no_hang);
  g_test_add_func ("/finder/hang-and-end", test_hang_and_end);
  g_test_add_func ("/finder/hang-of-readers", test_hang_of_readers);
  g_test_add_func ("/finder/patience", test_patience);
  g_test_add_func ("/finder/deadlock-by-join", test_deadlock_by_join);
  g_test_add_func ("/finder/given-without-a-word", test_given_without_a_word);
  g_test_add_func ("/finder/nested-self-deadlock", test_nested_self_deadlock);
  g_test_add_func ("/finder/self-deadlock-after-a-child", test_self_deadlock_after_a_child);
  g_test_add_func ("/finder/deadlock-across-a-join", test_deadlock_across_a_join);
  g_test_add_func ("/finder/right-joins", test_right_joins);
  g_test_add_func ("/finder/stuck-behind-a-join", test_stuck_behind_a_join);
  g_test_add_func ("/finder/upgrade", test_upgrade);
  g_test_add_func ("/finder/stuck", test_stuck);
  g_test_add_func ("/finder/what-is-missing", test_what_is_missing);
  g_test_add_func ("/finder/nobody-free", test_nobody_free);
  g_test_add_func ("/finder/stuck-in-a-deadlock", test_stuck_in_a_deadlock);
  g_test_add_func ("/finder/crash", test_crash);
  g_test_add_func ("/finder/forsaken", test_forsaken);
  g_test_add_func ("/finder/given-up", test_given_up);
  g_test_add_func ("/finder/long-cycle", test_long_cycle);
  g_test_add_func ("/finder/semaphores", test_semaphores);
  g_test_add_func ("/finder/starvation", test_starvation);
  g_test_add_func ("/finder/long-turn", test_long_turn);
  g_test_add_func ("/finder/starvation-by-long-holds", test_starvation_by_long_holds);
  g_test_add_func ("/finder/no-starvation-without-core", test_no_starvation_without_core);
  g_test_add_func ("/finder/turns-by-lot", test_turns_by_lot);
  g_test_add_func ("/finder/lost", test_lost);
  g_test_add_func ("/finder/convoy", test_convoy);
  g_test_add_data_func ("/finder/no-convoy/preempted", GINT_TO_POINTER (PREEMPTED), test_no_convoy);
  g_test_add_data_func ("/finder/no-convoy/sleeping", GINT_TO_POINTER (SLEEPING), test_no_convoy);
  g_test_add_data_func ("/finder/no-convoy/reading", GINT_TO_POINTER (READING), test_no_convoy);
  g_test_add_func ("/finder/no-convoy/interpreter", test_no_convoy_of_interpreter);
  g_test_add_func ("/finder/herd", test_herd);
  g_test_add_func ("/finder/inversion", test_inversion);
  g_test_add_func ("/finder/losses", test_losses);
  g_test_add_func ("/finder/death", test_death);
  g_test_add_func ("/finder/threads", test_threads);
  return g_test_run ();
}
