/* test-finder-program.c - what is found in programs that are not ours
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

/* Of one lock it was said who took it, of the other only as its owner ended. */
static void
test_abandoned (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 200 * MS, { 5 * MS, 3, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 20 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 30 * MS, 1, IL_RECORD_LANE_END, 0, 0 },
        { 30 * MS, 4, IL_RECORD_LOCK_LEFT, B, 20 * MS / IL_RECORD_COPY_NS },
        { 30 * MS, 4, IL_RECORD_LANE_END, 0, 0 }, { 190 * MS, 5, IL_RECORD_LOCK_WAIT, B, 0 });
  assert_nothing (&world);
  FEED (&world, 400 * MS, { 390 * MS, 3, IL_RECORD_SLEEP_BEGIN, 0, 0 });
  assert_finding (&world, IL_FINDING_ABANDONED, TRUE,
                  "prog 1 took A at 0.010 s, ended at 0.030 s and never gave it back; for it waits "
                  "prog 2 since 0.020 s");
  /* All hang by now, which is explained. */
  FEED (&world, 2000 * MS, { 500 * MS, 3, IL_RECORD_SLEEP_END, 0, 0 },
        { 501 * MS, 3, IL_RECORD_LOCK_WAIT, B, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpint (findings->findings[1].kind, ==, IL_FINDING_ABANDONED);
    g_assert_cmpuint (findings->findings[1].n_lanes, ==, 3);
    g_assert_nonnull (g_strstr_len (findings->findings[1].text, -1, "prog 4 took B at 0.010 s"));
    g_assert_nonnull (g_strstr_len (findings->findings[1].text, -1, "prog 3 since 0.501 s"));
  }
  /* Somebody knew of it. */
  FEED (&world, 2100 * MS, { 2010 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 2020 * MS, 5, IL_RECORD_WAIT_CANCELLED, B, 0 },
        { 2030 * MS, 3, IL_RECORD_WAIT_CANCELLED, B, 0 });
  assert_kind (&world, IL_FINDING_ABANDONED);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_false (findings->findings[0].goes_on);
  }
  world_clear (&world);
}

/* Who gave up waiting for it is told at once, and of several the longest; not who did so before its
 * owner ended. */
static void
test_given_up (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 30 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 11 * MS, 2, IL_RECORD_WAIT_TIMED, 0, 0 }, { 11 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 20 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 }, { 25 * MS, 1, IL_RECORD_LANE_END, 0, 0 },
        { 26 * MS, 3, IL_RECORD_WAIT_TIMED, 0, 0 }, { 26 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  FEED (&world, 40 * MS, { 38 * MS, 3, IL_RECORD_WAIT_CANCELLED, A, 0 });
  assert_finding (&world, IL_FINDING_ABANDONED, FALSE,
                  "prog 1 took A at 0.010 s, ended at 0.025 s and never gave it back; prog 3 gave "
                  "up waiting for it after 12.0 ms");
  FEED (&world, 100 * MS, { 50 * MS, 2, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 50 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 55 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 });
  assert_finding (&world, IL_FINDING_ABANDONED, FALSE,
                  "prog 1 took A at 0.010 s, ended at 0.025 s and never gave it back; prog 3 gave "
                  "up waiting for it after 12.0 ms (2 times; the longest is told)");
  /* One that waits on is worse. */
  FEED (&world, 500 * MS, { 110 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { 120 * MS, 4, IL_RECORD_RUNS, 0, 0 });
  assert_finding (&world, IL_FINDING_ABANDONED, TRUE,
                  "prog 1 took A at 0.010 s, ended at 0.025 s and never gave it back; for it waits "
                  "prog 3 since 0.110 s");
  FEED (&world, 600 * MS, { 510 * MS, 2, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 510 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 540 * MS, 2, IL_RECORD_WAIT_CANCELLED, A, 0 });
  assert_finding (&world, IL_FINDING_ABANDONED, TRUE,
                  "prog 1 took A at 0.010 s, ended at 0.025 s and never gave it back; for it waits "
                  "prog 3 since 0.110 s");
  /* Somebody gave it back after all. */
  FEED (&world, 700 * MS, { 610 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* What was held when the process was copied; and if somebody gives it back there after all. */
static void
test_copied_lock (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 200 * MS, { 5 * MS, 3, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_WAIT, A, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_COPIED, A, world.lanes[3] + 1 });
  assert_nothing (&world);
  FEED (&world, 400 * MS, { 390 * MS, 3, IL_RECORD_SLEEP_BEGIN, 0, 0 });
  assert_finding (
      &world, IL_FINDING_COPIED, TRUE,
      "A was held by prog 3 when fork copied it, and nobody in the new process can give "
      "it back; for it waits prog 1 since 0.010 s");
  FEED (&world, 2000 * MS, { 410 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_nothing (&world);
  FEED (&world, 2900 * MS, { 2010 * MS, 2, IL_RECORD_LOCK_WAIT, B, 0 },
        { 2010 * MS, 2, IL_RECORD_LOCK_COPIED, B, 0 });
  assert_finding (&world, IL_FINDING_COPIED, TRUE,
                  "B was held when fork copied it, and nobody in the new process can give it back; "
                  "for it waits prog 2 since 2.010 s");
  FEED (&world, 3000 * MS, { 2910 * MS, 4, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 2910 * MS, 4, IL_RECORD_RW_WAIT, READERS, 1 },
        { 2910 * MS, 4, IL_RECORD_LOCK_COPIED, READERS, 0 },
        { 2920 * MS, 4, IL_RECORD_WAIT_CANCELLED, READERS, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpstr (findings->findings[1].text, ==,
                     "R was held when fork copied it, and nobody in the new process can give it "
                     "back; prog 4 gave up waiting for it after 10.0 ms");
  }
  world_clear (&world);
}

/* Two threads wait, each to be woken by what a semaphore is for. */
static void
feed_posts (World *world, gboolean is_shared)
{
  FEED (world, 100 * MS, { 10 * MS, 1, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 1, is_shared ? IL_RECORD_WAIT_SHARED : IL_RECORD_RUNS, 0, 0 },
        { 20 * MS, 1, IL_RECORD_SEM_WAIT, SIGNAL, 0 },
        { 21 * MS, 2, IL_RECORD_LOCK_WAIT, BINARY, world->lanes[1] + 1 });
}

/* Likewise of those who sleep on a word, where none but their own process has it. */
static void
test_word_of_nobody (void)
{
  enum
  {
    OF_NOBODY,
    OF_HANDLER,
    OF_OTHERS,
    FOR_A_TIME,
    N_CASES
  };

  for (guint i = 0; i < N_CASES; i++)
    {
      World world;

      world_init_program (&world);
      FEED (&world, 1900 * MS, { 1 * MS, 1, IL_RECORD_SIGNALS, 0, i == OF_HANDLER },
            { 10 * MS, 2, IL_RECORD_RW_WAIT, READERS, 1 },
            { 20 * MS, 1,
              i == OF_OTHERS    ? IL_RECORD_WAIT_SHARED
              : i == FOR_A_TIME ? IL_RECORD_WAIT_TIMED
                                : IL_RECORD_RUNS,
              0, 0 },
            { 20 * MS, 1, IL_RECORD_COND_WAIT, WORD, 0 },
            { 1800 * MS, 1, IL_RECORD_SCHED_OUT, 0, 0 });
      assert_nothing (&world);
      FEED (&world, 5000 * MS, { 2300 * MS, 1, IL_RECORD_SCHED_OUT, 0, 0 });
      if (i == OF_NOBODY)
        assert_finding (&world, IL_FINDING_STUCK, TRUE,
                        "Nobody is left who could let go of R: prog 2 since 0.010 s. Nobody is "
                        "left who could notify word: prog 1 since 0.020 s; only a signal from "
                        "outside could end that");
      FEED (&world, 5100 * MS, { 5050 * MS, 1, IL_RECORD_COND_WOKEN, WORD, 0 });
      assert_nothing (&world);
      world_clear (&world);
    }
}

static void
test_no_post (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 5 * MS, { 1 * MS, 1, IL_RECORD_SIGNALS, 0, 0 });
  feed_posts (&world, FALSE);
  FEED (&world, 1900 * MS, { 1800 * MS, 1, IL_RECORD_SCHED_OUT, 0, 0 });
  assert_nothing (&world);
  FEED (&world, 2300 * MS, { 2200 * MS, 1, IL_RECORD_SCHED_OUT, 0, 0 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    /* Which of the two is why they both hang is not known. */
    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_STUCK);
    g_assert_true (findings->findings[0].goes_on);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 2);
    g_assert_cmpuint (findings->findings[0].n_objects, ==, 2);
    g_assert_cmpint (findings->findings[0].from_ns, ==, 21 * MS);
    g_assert_cmpstr (findings->findings[0].text, ==,
                     "Nobody is left who could post signal: prog 1 since 0.020 s. Nobody is left "
                     "who could let go of binary: prog 2 since 0.021 s; only a signal from outside "
                     "could end that");
  }
  /* Somebody did. */
  FEED (&world, 2400 * MS, { 2350 * MS, 1, IL_RECORD_SEM_ACQUIRE, SIGNAL, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* Of a process that does not say so, that has a handler, maybe after others waited already, or that
 * lost what it may have said of that; and where other processes could post. */
static void
test_post_from_elsewhere (void)
{
  static const Event says[] = {
    { 1 * MS, 3, IL_RECORD_RUNS, 0, 0 },     { 1 * MS, 3, IL_RECORD_SIGNALS, 0, 2 },
    { 50 * MS, 3, IL_RECORD_SIGNALS, 0, 1 }, { 50 * MS, 3, IL_RECORD_LOST, 0, 1 },
    { 1 * MS, 3, IL_RECORD_RUNS, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (says); i++)
    {
      World world;

      world_init_program (&world);
      if (i > 0)
        FEED (&world, 1 * MS, { 0, 1, IL_RECORD_SIGNALS, 0, 0 });
      feed (&world, &says[i], says[i].time_ns < 5 * MS, 5 * MS);
      feed_posts (&world, i == 4);
      feed (&world, &says[i], says[i].time_ns > 5 * MS, 200 * MS);
      FEED (&world, 5000 * MS, { 300 * MS, 3, IL_RECORD_LANE_END, 0, 0 },
            { 4900 * MS, 1, IL_RECORD_SCHED_OUT, 0, 0 });
      assert_nothing (&world);
      world_clear (&world);
    }
}

/* Nobody is left who could notify it, but for a handler, if there is one.  It is taken back where
 * one who waits did so all the same, in a handler that was not known of. */
static void
test_notice_of_handlers (void)
{
  for (guint i = 0; i < 4; i++)
    {
      World world;

      world_init_program (&world);
      FEED (&world, 100 * MS, { 1 * MS, 1, IL_RECORD_SIGNALS, 0, i > 1 },
            { 20 * MS, 1, IL_RECORD_COND_WAIT, CONDITION, 0 },
            { 21 * MS, 2, IL_RECORD_JOIN_WAIT, 13, 0 },
            { 22 * MS, 2, i == 3 ? IL_RECORD_LOST : IL_RECORD_RUNS, 0, 1 },
            { 23 * MS, 2, IL_RECORD_JOIN_WAIT, 13, 0 });
      FEED (&world, 3000 * MS, { 2900 * MS, 1, IL_RECORD_SCHED_OUT, 0, 0 });
      if (i > 1)
        assert_nothing (&world);
      else
        assert_finding (&world, IL_FINDING_STUCK, TRUE,
                        "Nobody is left who could notify ready: prog 1 since 0.020 s");
      FEED (&world, 3100 * MS, { 3010 * MS, i == 0 ? 1 : 2, IL_RECORD_COND_NOTIFY, CONDITION, 1 },
            { 3020 * MS, 1, IL_RECORD_COND_WOKEN, CONDITION, 0 },
            { 3030 * MS, 1, IL_RECORD_RUNS, 0, 0 });
      assert_nothing (&world);
      world_clear (&world);
    }
}

/* Likewise who waits for a lock of its own that a handler may give back. */
static void
test_patience_of_handlers (void)
{
  for (guint i = 0; i < 2; i++)
    {
      World world;

      world_init_program (&world);
      FEED (&world, 5000 * MS, { 1 * MS, 1, IL_RECORD_SIGNALS, 0, i },
            { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 },
            { 20 * MS, 1, IL_RECORD_LOCK_WAIT, BINARY, world.lanes[1] + 1 });
      if (i == 0)
        assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                        "prog 1 waits since 0.020 s for binary, which it holds itself since "
                        "0.010 s");
      else
        assert_nothing (&world);
      world_clear (&world);
    }
}

/* A robust lock, a semaphore that serves as a lock, and a wait that ends by itself. */
static void
test_not_abandoned (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 1000 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, BINARY, 0 }, { 10 * MS, 4, IL_RECORD_RUNS, 0, 0 },
        { 20 * MS, 2, IL_RECORD_LOCK_WAIT, BINARY, 0 }, { 21 * MS, 3, IL_RECORD_WAIT_TIMED, 0, 0 },
        { 21 * MS, 3, IL_RECORD_LOCK_WAIT, B, 0 }, { 30 * MS, 1, IL_RECORD_LANE_END, 0, 0 },
        { 31 * MS, 4, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 32 * MS, 5, IL_RECORD_LOCK_WAIT, A, 0 },
        { 800 * MS, 4, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 801 * MS, 5, IL_RECORD_LOCK_ACQUIRE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* What another process had when it made this one is here nobody's, whatever becomes of that one. */
static void
test_copied (void)
{
  const IlLaneInfo child
      = { .name = "child", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 8 };
  World world;

  world_init_program (&world);
  world.lanes[3] = il_timeline_builder_add_lane (world.builder, &child);
  FEED (&world, 800 * MS, { 1 * MS, 2, IL_RECORD_RUNS, 0, 0 },
        { 10 * MS, 3, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 10 * MS, 3, IL_RECORD_LOCK_HELD, A, 1000 }, { 30 * MS, 1, IL_RECORD_LANE_END, 0, 0 },
        { 40 * MS, 2, IL_RECORD_LOCK_WAIT, B, 99999 }, /* there is no such lane */
        { 40 * MS, 2, IL_RECORD_LOCK_HELD, B, 1000 });
  assert_nothing (&world);
  world_clear (&world);
}

/* One waits for a signal, by a lock that it has itself, as Python's queues do.  Another one may
 * give it: once its time is over, or the process that it waits for. */
static void
test_signal_to_come (void)
{
  static const Event others[] = {
    { 30 * MS, 2, IL_RECORD_JOIN_WAIT, 13, 0 }, /* for a time */
    { 30 * MS, 2, IL_RECORD_JOIN_WAIT, 14, 0 }, /* a process, whose thread sleeps */
    { 30 * MS, 2, IL_RECORD_JOIN_WAIT, 16, 0 },
    { 30 * MS, 2, IL_RECORD_JOIN_WAIT, 13, 0 }, /* nobody */
  };
  const IlLaneInfo child
      = { .name = "child", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 8 };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      World world;

      world_init_program (&world);
      world.lanes[3] = il_timeline_builder_add_lane (world.builder, &child);
      FEED (&world, 1000 * MS, { 1 * MS, 2, IL_RECORD_RUNS, 0, 0 },
            { 1 * MS, 3, IL_RECORD_RUNS, 0, 0 },
            { 10 * MS, 1, IL_RECORD_LOCK_WAIT, BINARY, world.lanes[1] + 1 },
            { 10 * MS, 1, IL_RECORD_LOCK_HELD, BINARY, 0 },
            { 29 * MS, 2, i == 0 ? IL_RECORD_WAIT_TIMED : IL_RECORD_RUNS, 0, 0 }, others[i],
            { 30 * MS, 3, IL_RECORD_SLEEP_BEGIN, 0, 0 });
      if (i == 3)
        assert_kind (&world, IL_FINDING_DEADLOCK);
      else
        assert_nothing (&world);
      world_clear (&world);
    }
}

/* The one that did not wait.  Those that ended before count not. */
static void
test_crashed (void)
{
  gboolean is_alone;
  World world;
  guint lane = 0;

  world_init_program (&world);
  FEED (&world, 500 * MS, { 1 * MS, 1, IL_RECORD_RUNS, 0, 0 }, { 1 * MS, 4, IL_RECORD_RUNS, 0, 0 },
        { 2 * MS, 1, IL_RECORD_JOIN_WAIT, 13, world.lanes[3] + 1 },
        { 3 * MS, 2, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { 4 * MS, 3, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 5 * MS, 3, IL_RECORD_SLEEP_END, 0, 0 }, { 50 * MS, 4, IL_RECORD_LANE_END, 0, 0 },
        { 400 * MS, 3, IL_RECORD_LANE_END, 0, 0 }, { 401 * MS, 1, IL_RECORD_SCHED_IN, 0, 0 },
        { 402 * MS, 1, IL_RECORD_LANE_END, 0, 0 }, { 403 * MS, 2, IL_RECORD_LANE_END, 0, 0 });
  g_assert_true (il_finder_find_crashed (world.finder, &lane, &is_alone));
  g_assert_cmpuint (lane, ==, world.lanes[3]);
  g_assert_false (is_alone);
  world_clear (&world);
  world_init_program (&world);
  FEED (&world, 500 * MS, { 1 * MS, 1, IL_RECORD_RUNS, 0, 0 }, { 1 * MS, 2, IL_RECORD_RUNS, 0, 0 },
        { 2 * MS, 3, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { 400 * MS, 3, IL_RECORD_LANE_END, 0, 0 },
        { 402 * MS, 1, IL_RECORD_LANE_END, 0, 0 }, { 403 * MS, 2, IL_RECORD_LANE_END, 0, 0 });
  g_assert_false (il_finder_find_crashed (world.finder, &lane, &is_alone));
  world_clear (&world);
  /* Of one thread it is known, also if the signal ended a wait; not if there just was another. */
  for (guint i = 0; i < 2; i++)
    {
      world_init_program (&world);
      FEED (&world, 2000 * MS, { 1 * MS, 1, IL_RECORD_RUNS, 0, 0 },
            { 2 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 },
            { i == 0 ? 300 * MS : 1400 * MS, 2, IL_RECORD_LANE_END, 0, 0 },
            { 1600 * MS, 1, IL_RECORD_LANE_END, 0, 0 });
      g_assert_cmpint (il_finder_find_crashed (world.finder, &lane, &is_alone), ==, i == 0);
      if (i == 0)
        g_assert_cmpuint (lane, ==, world.lanes[1]);
      world_clear (&world);
    }
}

/* ---- One at a time ---- */

typedef struct
{
  GArray *events;
  gint64 now_ns;
} Story;

static void
tell (Story *story, guint32 worker, IlRecordKind kind, guint32 object)
{
  const Event event = { story->now_ns, worker, kind, object, 0 };

  g_array_append_val (story->events, event);
}

static void
feed_story (World *world, Story *story)
{
  feed (world, (const Event *)(gpointer)story->events->data, story->events->len, story->now_ns);
  g_array_set_size (story->events, 0);
}

/* So many take turns with a lock, each for 2 ms; all others stand in line for it meanwhile, but for
 * `idle_ns` after each turn, when nobody does. */
static void
take_turns (Story *story, guint32 object, guint n_workers, gint64 length_ns, gint64 idle_ns,
            gboolean reads)
{
  guint holder = 1;

  tell (story, 1, IL_RECORD_LOCK_ACQUIRE, object);
  for (gint64 end_ns = story->now_ns + length_ns; story->now_ns < end_ns;)
    {
      guint next = holder % n_workers + 1;

      for (guint i = 1; i <= n_workers; i++)
        if (i != holder && (idle_ns > 0 || story->now_ns < 2 * MS))
          tell (story, i, IL_RECORD_LOCK_WAIT, object);
      if (reads)
        {
          const Event event = { story->now_ns, holder, IL_RECORD_IO_BEGIN, 0, 1 };

          g_array_append_val (story->events, event);
        }
      story->now_ns += 2 * MS;
      if (reads)
        tell (story, holder, IL_RECORD_IO_END, 0);
      for (guint i = 1; idle_ns > 0 && i <= n_workers; i++)
        if (i != holder && i != next)
          tell (story, i, IL_RECORD_WAIT_CANCELLED, object);
      tell (story, holder, IL_RECORD_LOCK_RELEASE, object);
      tell (story, next, IL_RECORD_LOCK_ACQUIRE, object);
      if (idle_ns == 0)
        tell (story, holder, IL_RECORD_LOCK_WAIT, object);
      story->now_ns += idle_ns;
      holder = next;
    }
}

static void
test_serialised (void)
{
  Story story = { .events = g_array_new (FALSE, FALSE, sizeof (Event)), .now_ns = 1 * MS };
  Event counted = { 0, 1, IL_RECORD_LOCK_COUNT, A, 3000 };
  World world;

  world_init_program (&world);
  take_turns (&story, A, 4, 1100 * MS, 0, FALSE);
  feed_story (&world, &story);
  assert_finding (
      &world, IL_FINDING_SERIALISED, FALSE,
      "A serialises 4 threads: in 1.00 s they waited for it 75.0 % of their time; "
      "100.0 % of its acquisitions had to wait, and on average at most 1.0 of 4 went on");
  world_clear (&world);
  /* Those that are only counted count. */
  world_init_program (&world);
  story.now_ns = 1 * MS;
  take_turns (&story, A, 4, 1100 * MS, 0, FALSE);
  counted.time_ns = g_array_index (story.events, Event, story.events->len / 2).time_ns;
  g_array_insert_val (story.events, story.events->len / 2, counted);
  feed_story (&world, &story);
  assert_finding (
      &world, IL_FINDING_SERIALISED, FALSE,
      "A serialises 4 threads: in 1.00 s they waited for it 75.0 % of their time; "
      "14.3 % of its acquisitions had to wait, and on average at most 1.0 of 4 went on");
  world_clear (&world);
  world_init_program (&world);
  story.now_ns = 1 * MS;
  take_turns (&story, GIL, 2, 1100 * MS, 0, FALSE);
  feed_story (&world, &story);
  assert_finding (&world, IL_FINDING_SERIALISED, FALSE,
                  "GIL lets one of 2 threads run at a time: in 1.00 s they waited for it 50.0 % of "
                  "their time");
  world_clear (&world);
  g_array_unref (story.events);
}

/* One more takes it now and then, for nothing, or is busy at first alone, as who starts the others
 * and joins them is. */
static void
check_beside (gint64 busy_ns)
{
  Story story = { .events = g_array_new (FALSE, FALSE, sizeof (Event)), .now_ns = 1 * MS };
  World world;

  world_init_program (&world);
  tell (&story, 9, IL_RECORD_LOCK_ACQUIRE, GIL);
  tell (&story, 9, IL_RECORD_LOCK_RELEASE, GIL);
  tell (&story, 9, IL_RECORD_RUNS, 0);
  tell (&story, 9, IL_RECORD_SCHED_IN, 0);
  story.now_ns += busy_ns;
  tell (&story, 9, IL_RECORD_LOCK_ACQUIRE, GIL);
  tell (&story, 9, IL_RECORD_LOCK_RELEASE, GIL);
  tell (&story, 9, IL_RECORD_SCHED_OUT, 0);
  story.now_ns -= busy_ns;
  take_turns (&story, GIL, 3, 1100 * MS, 0, FALSE);
  tell (&story, 9, IL_RECORD_LOCK_WAIT, GIL);
  story.now_ns += 2 * MS;
  tell (&story, 9, IL_RECORD_LOCK_ACQUIRE, GIL);
  tell (&story, 9, IL_RECORD_LOCK_RELEASE, GIL);
  feed_story (&world, &story);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_cmpuint (findings->findings[0].n_lanes, ==, 3);
    for (guint i = 0; i < 3; i++)
      g_assert_cmpuint (findings->findings[0].lanes[i], !=, world.lanes[9]);
    g_assert_nonnull (g_strstr_len (findings->findings[0].text, -1, "one of 3 threads run"));
  }
  world_clear (&world);
  g_array_unref (story.events);
}

static void
test_serialised_beside (void)
{
  check_beside (20 * MS);
  check_beside (100 * MS);
}

/* The last ones of four that take turns have no core. */
static void
take_turns_without_cores (World *world, guint n_without)
{
  Story story = { .events = g_array_new (FALSE, FALSE, sizeof (Event)), .now_ns = 1 * MS };

  world_init_program (world);
  for (guint i = 5 - n_without; i <= 4; i++)
    {
      tell (&story, i, IL_RECORD_SCHED_IN, 0);
      tell (&story, i, IL_RECORD_SCHED_OUT, 1);
    }
  take_turns (&story, A, 4, 1100 * MS, 0, FALSE);
  feed_story (world, &story);
  g_array_unref (story.events);
}

/* What one lacks a core for is not put down to the lock, of whoever it is. */
static void
test_serialised_without_cores (void)
{
  World world;

  take_turns_without_cores (&world, 1);
  assert_finding (
      &world, IL_FINDING_SERIALISED, FALSE,
      "A serialises 4 threads: in 1.00 s they waited for it 56.2 % of their time; "
      "100.0 % of its acquisitions had to wait, and on average at most 1.0 of 4 went on; for "
      "another 18.8 % they could have had it, but lacked a core");
  world_clear (&world);
  take_turns_without_cores (&world, 3);
  assert_nothing (&world);
  world_clear (&world);
}

/* The lock is given back before anybody has waited for it: no signal, for all that. */
static void
test_given_early (void)
{
  Story story = { .events = g_array_new (FALSE, FALSE, sizeof (Event)), .now_ns = 1 * MS };
  World world;

  world_init_program (&world);
  tell (&story, 1, IL_RECORD_LOCK_RELEASE, A);
  story.now_ns = 2 * MS;
  take_turns (&story, A, 4, 1100 * MS, 0, FALSE);
  feed_story (&world, &story);
  assert_kind (&world, IL_FINDING_SERIALISED);
  world_clear (&world);
  g_array_unref (story.events);
}

/* Half of the time nobody wants it; it is too short; who has it waits for what the others wait for,
 * too; or one has it long and then each of the others once. */
static void
test_not_serialised (void)
{
  static const struct
  {
    gint64 length_ns, idle_ns;
    gboolean reads;
  } cases[] = {
    { 3000 * MS, 2 * MS, FALSE },
    { 400 * MS, 0, FALSE },
    { 3000 * MS, 0, TRUE },
  };
  Story story = { .events = g_array_new (FALSE, FALSE, sizeof (Event)) };
  World world;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      story.now_ns = 1 * MS;
      world_init_program (&world);
      take_turns (&story, A, 4, cases[i].length_ns, cases[i].idle_ns, cases[i].reads);
      feed_story (&world, &story);
      assert_nothing (&world);
      world_clear (&world);
    }
  world_init_program (&world);
  FEED (&world, 3000 * MS, { 1 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 2 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 2 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 },
        { 2000 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 2001 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 2002 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 2003 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 2004 * MS, 3, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
  g_array_unref (story.events);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder-program/no-post", test_no_post);
  g_test_add_func ("/finder/word-of-nobody", test_word_of_nobody);
  g_test_add_func ("/finder-program/post-from-elsewhere", test_post_from_elsewhere);
  g_test_add_func ("/finder-program/notice-of-handlers", test_notice_of_handlers);
  g_test_add_func ("/finder-program/patience-of-handlers", test_patience_of_handlers);
  g_test_add_func ("/finder-program/abandoned", test_abandoned);
  g_test_add_func ("/finder-program/given-up", test_given_up);
  g_test_add_func ("/finder-program/not-abandoned", test_not_abandoned);
  g_test_add_func ("/finder-program/copied-lock", test_copied_lock);
  g_test_add_func ("/finder-program/signal-to-come", test_signal_to_come);
  g_test_add_func ("/finder-program/copied", test_copied);
  g_test_add_func ("/finder-program/crashed", test_crashed);
  g_test_add_func ("/finder-program/serialised", test_serialised);
  g_test_add_func ("/finder-program/serialised-beside", test_serialised_beside);
  g_test_add_func ("/finder-program/serialised-without-cores", test_serialised_without_cores);
  g_test_add_func ("/finder-program/given-early", test_given_early);
  g_test_add_func ("/finder-program/not-serialised", test_not_serialised);
  return g_test_run ();
}
