/* test-finder-stuck.c - what nobody is left to bring, and what comes of that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

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

    /* It is one, and begins with what the rest comes of. */
    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_STUCK);
    g_assert_cmpstr (findings->findings[0].text, ==,
                     "Nobody is left who could let go of R: prog 2 since 0.020 s. Nobody is left "
                     "who could let go of A: prog 1 since 0.021 s; prog 2, which holds A since "
                     "0.010 s, waits itself for R since 0.020 s");
    g_assert_cmpuint (findings->findings[0].object, ==, READERS);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].n_objects, ==, 2);
    g_assert_true (findings->findings[0].goes_on);
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

/* What two processes lack need not have to do with each other. */
static void
test_hangs_of_processes (void)
{
  const IlLaneInfo other
      = { .name = "other", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 8 };
  World world;

  world_init_program (&world);
  world.lanes[3] = il_timeline_builder_add_lane (world.builder, &other);
  FEED (&world, 2000 * MS, { 10 * MS, 1, IL_RECORD_RW_WAIT, READERS, 1 },
        { 20 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 30 * MS, 3, IL_RECORD_BARRIER_WAIT, BARRIER, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpstr (findings->findings[0].text, ==,
                     "Nobody is left who could let go of A: prog 2 since 0.020 s. Nobody is left "
                     "who could let go of R: prog 1 since 0.010 s");
    g_assert_cmpstr (findings->findings[1].text, ==,
                     "1 of 3 parties wait at b, and nobody is left who could come: other since "
                     "0.030 s");
  }
  world_clear (&world);
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
  assert_finding (
      &world, IL_FINDING_STUCK, TRUE,
      "Nobody is left who could let go of R: prog 1 since 0.020 s, prog 2 since 0.030 "
      "s; 2 have it for reading, who is not recorded: any of them who waits here waits for "
      "itself, too");
  world_clear (&world);
}

/* One reads, and wants to read again behind a writer who waits for it, where writers go first. */
static void
test_hang_of_reader_again (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 20 * MS, 2, IL_RECORD_RW_WAIT, READERS, 1 },
        { 30 * MS, 1, IL_RECORD_RW_WAIT, READERS, 0 }, { 40 * MS, 3, IL_RECORD_JOIN_WAIT, 13, 0 });
  FEED (&world, 2000 * MS, { 1900 * MS, 3, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_finding (&world, IL_FINDING_STUCK, TRUE,
                  "Nobody is left who could let go of R: prog 2 since 0.020 s, prog 1 since 0.030 "
                  "s; prog 1 has it for reading itself since 0.010 s");
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/hang", test_hang);
  g_test_add_func ("/finder/no-hang", test_no_hang);
  g_test_add_func ("/finder/hang-and-end", test_hang_and_end);
  g_test_add_func ("/finder/hangs-of-processes", test_hangs_of_processes);
  g_test_add_func ("/finder/hang-of-readers", test_hang_of_readers);
  g_test_add_func ("/finder/hang-of-reader-again", test_hang_of_reader_again);
  g_test_add_func ("/finder/stuck-behind-a-join", test_stuck_behind_a_join);
  g_test_add_func ("/finder/stuck", test_stuck);
  g_test_add_func ("/finder/what-is-missing", test_what_is_missing);
  g_test_add_func ("/finder/nobody-free", test_nobody_free);
  g_test_add_func ("/finder/stuck-in-a-deadlock", test_stuck_in_a_deadlock);
  g_test_add_func ("/finder/crash", test_crash);
  g_test_add_func ("/finder/forsaken", test_forsaken);
  g_test_add_func ("/finder/given-up", test_given_up);
  return g_test_run ();
}
