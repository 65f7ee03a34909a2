/* test-finder-long.c - locks that are not given back for long, while others wait for them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

/* What the threads do is known: each is on a core. */
static void
begin (World *world)
{
  world_init_program (world);
  for (guint i = 1; i <= 4; i++)
    FEED (world, 0, { 0, i, IL_RECORD_LANE_BEGIN, 0, 0 }, { 0, i, IL_RECORD_RUNS, 0, 0 },
          { 0, i, IL_RECORD_SCHED_IN, 0, i });
}

/* One has A from 100 ms on, and sleeps; two others want it. */
static void
begin_sleeping (World *world)
{
  begin (world);
  FEED (world, 200 * MS, { 100 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 100 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { 100 * MS, 1, IL_RECORD_SCHED_OUT, 0, 1 },
        { 150 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 190 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
}

/* It is told once one has waited for two seconds, and while it goes on. */
static void
test_goes_on (void)
{
  World world;

  begin_sleeping (&world);
  FEED (&world, 2100 * MS, { 2000 * MS, 1, IL_RECORD_SLEEP_END, 0, 0 },
        { 2001 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 });
  assert_nothing (&world);
  feed (&world, NULL, 0, 2300 * MS);
  assert_finding (&world, IL_FINDING_HELD_LONG, TRUE,
                  "prog 1 has A since 0.100 s and has not given it back; for most of that time it "
                  "slept; for it waits prog 2 since 0.150 s, prog 3 since 0.190 s");
  /* Another one comes. */
  FEED (&world, 2600 * MS, { 2400 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_HELD_LONG, TRUE,
                  "prog 1 has A since 0.100 s and has not given it back; for most of that time it "
                  "slept; for it waits prog 2 since 0.150 s, prog 3 since 0.190 s, prog 4 since "
                  "2.400 s");
  /* It goes on by itself, which is not to say that it gives it back. */
  FEED (&world, 2700 * MS, { 2650 * MS, 1, IL_RECORD_SLEEP_END, 0, 0 },
        { 2651 * MS, 1, IL_RECORD_COND_WAIT, CONDITION, 0 },
        { 2660 * MS, 1, IL_RECORD_COND_WOKEN, CONDITION, 0 });
  assert_kind (&world, IL_FINDING_HELD_LONG);
  world_clear (&world);
}

/* Then it is told how long it was; unless that was but a small part of what is known. */
static void
test_given_back (void)
{
  World world;

  begin_sleeping (&world);
  FEED (&world, 3200 * MS, { 3000 * MS, 1, IL_RECORD_SLEEP_END, 0, 0 },
        { 3100 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 3100 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 3101 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 3101 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 3102 * MS, 3, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_finding (
      &world, IL_FINDING_HELD_LONG, FALSE,
      "prog 1 had A for 3.00 s, since 0.100 s; for most of that time it slept; 2 others "
      "waited up to 2.95 s for it");
  feed (&world, NULL, 0, 5900 * MS - 1);
  assert_kind (&world, IL_FINDING_HELD_LONG);
  feed (&world, NULL, 0, 5900 * MS + 1);
  assert_nothing (&world);
  world_clear (&world);
}

/* Holds of one lock count together, with the longest of them. */
static void
test_times (void)
{
  World world;

  begin (&world);
  FEED (&world, 2610 * MS, { 1 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 1 * MS, 1, IL_RECORD_IO_BEGIN, 0, 0 }, { 1 * MS, 1, IL_RECORD_SCHED_OUT, 0, 1 },
        { 1 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 1301 * MS, 1, IL_RECORD_IO_END, 0, 0 },
        { 1301 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 1301 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 1302 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 1303 * MS, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 1303 * MS, 3, IL_RECORD_IO_BEGIN, 0, 0 },
        { 1303 * MS, 3, IL_RECORD_SCHED_OUT, 0, 3 }, { 1304 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 },
        { 2503 * MS, 3, IL_RECORD_IO_END, 0, 0 }, { 2503 * MS, 3, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 2504 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 2505 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_finding (&world, IL_FINDING_HELD_LONG, FALSE,
                  "prog 1 had A for 1.30 s, since 0.001 s; for most of that time it waited for "
                  "I/O; prog 2 waited 1.30 s for it (2 times; the longest is told)");
  world_clear (&world);
}

/* Less than a second, though all of the time. */
static void
test_short (void)
{
  World world;

  begin_sleeping (&world);
  FEED (&world, 1200 * MS, { 1140 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 1140 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 1141 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

/* Takes what it is told, waits for that, and keeps two others waiting for three seconds. */
static void
keep (World *world, guint32 object, const Event *pause)
{
  gboolean reads = object == READERS;
  const Event events[] = {
    { 100 * MS, 1, reads ? IL_RECORD_RW_ACQUIRE : IL_RECORD_LOCK_ACQUIRE, object, 0 },
    *pause,
    { 101 * MS, 1, IL_RECORD_SCHED_OUT, 0, 1 },
    { 102 * MS, 2, reads ? IL_RECORD_RW_WAIT : IL_RECORD_LOCK_WAIT, object, reads },
    { 102 * MS, 3, reads ? IL_RECORD_RW_WAIT : IL_RECORD_LOCK_WAIT, object, reads },
  };

  feed (world, events, G_N_ELEMENTS (events), 3100 * MS);
}

static const Event sleeps = { 101 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 };
static const Event polls = { 101 * MS, 1, IL_RECORD_IO_BEGIN, 0, IL_RECORD_CALL_POLL };
static const Event listens = { 101 * MS, 1, IL_RECORD_COND_WAIT, CONDITION, 0 };
static const Event idles = { 101 * MS, 1, IL_RECORD_SEM_WAIT, SIGNAL, 0 };

/* Who has its turn to wait for input or for others, an interpreter's lock, and what may be none. */
static void
test_not_told (void)
{
  static const struct
  {
    guint32 object;
    const Event *pause;
    gboolean is_told;
  } cases[] = {
    { A, &sleeps, TRUE },       { READERS, &sleeps, TRUE }, { A, &polls, FALSE },
    { A, &listens, FALSE },     { A, &idles, FALSE },       { GIL, &sleeps, FALSE },
    { BINARY, &sleeps, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world;

      begin (&world);
      keep (&world, cases[i].object, cases[i].pause);
      if (cases[i].is_told)
        assert_kind (&world, IL_FINDING_HELD_LONG);
      else
        assert_nothing (&world);
      world_clear (&world);
    }
}

/* Who waits for a condition under a lock that was used before without; a semaphore that was. */
static void
test_used (void)
{
  static const struct
  {
    guint32 object;
    const Event *pause;
    gboolean is_told;
  } cases[] = {
    { A, &listens, TRUE },
    { BINARY, &sleeps, TRUE },
    { A, &idles, FALSE },
    { A, &polls, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world;

      begin (&world);
      for (guint round = 1; round <= 3; round++)
        FEED (&world, round * 10 * MS + 2,
              { round * 10 * MS, 4, IL_RECORD_LOCK_ACQUIRE, cases[i].object, 0 },
              { round * 10 * MS + 1, 4, IL_RECORD_LOCK_RELEASE, cases[i].object, 0 });
      keep (&world, cases[i].object, cases[i].pause);
      if (cases[i].is_told)
        assert_kind (&world, IL_FINDING_HELD_LONG);
      else
        assert_nothing (&world);
      world_clear (&world);
    }

  /* The like, which nobody said one by one. */
  World world;

  begin (&world);
  FEED (&world, 50 * MS, { 10 * MS, 4, IL_RECORD_LOCK_COUNT, A, 3 });
  keep (&world, A, &listens);
  assert_kind (&world, IL_FINDING_HELD_LONG);
  world_clear (&world);
}

/* It gets what it waits for, time and again, and keeps the lock. */
static void
test_goes_round (void)
{
  World world;

  begin (&world);
  keep (&world, A, &listens);
  for (guint round = 0; round < 8; round++)
    {
      assert_nothing (&world);
      FEED (&world, (3110 + 10 * round) * MS,
            { (3101 + 10 * round) * MS, 1, IL_RECORD_COND_WOKEN, CONDITION, 0 },
            { (3102 + 10 * round) * MS, 1, IL_RECORD_COND_WAIT, CONDITION, 0 });
    }
  feed (&world, NULL, 0, 3300 * MS);
  assert_finding (&world, IL_FINDING_HELD_LONG, TRUE,
                  "prog 1 has A since 0.100 s and has not given it back; for most of that time it "
                  "waited for others; for it waits prog 2 since 0.102 s, prog 3 since 0.102 s");
  world_clear (&world);
}

/* What processes share they keep for as long as they like. */
static void
test_shared (void)
{
  World world;
  const IlLaneInfo info
      = { .name = "child", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 9 };

  begin (&world);
  world.lanes[1] = il_timeline_builder_add_lane (world.builder, &info);
  keep (&world, A, &sleeps);
  assert_nothing (&world);
  world_clear (&world);
}

/* Others tell more of the same waits. */
static void
test_beside (void)
{
  World world;

  /* Who has it ends. */
  begin_sleeping (&world);
  feed (&world, NULL, 0, 2500 * MS);
  assert_kind (&world, IL_FINDING_HELD_LONG);
  FEED (&world, 3500 * MS, { 2600 * MS, 1, IL_RECORD_LANE_END, 0, 0 });
  assert_kind (&world, IL_FINDING_ABANDONED);
  world_clear (&world);

  /* Who has it comes to wait for who waits for it. */
  begin_sleeping (&world);
  FEED (&world, 2500 * MS, { 210 * MS, 4, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 211 * MS, 4, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_kind (&world, IL_FINDING_HELD_LONG);
  FEED (&world, 3500 * MS, { 2600 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 });
  assert_kind (&world, IL_FINDING_DEADLOCK);
  world_clear (&world);

  /* It waits for another lock, which somebody keeps. */
  begin (&world);
  FEED (&world, 3000 * MS, { 1 * MS, 2, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 2 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 3 * MS, 1, IL_RECORD_LOCK_WAIT, B, 0 },
        { 4 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 5 * MS, 2, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 5 * MS, 2, IL_RECORD_SCHED_OUT, 0, 2 });
  assert_finding (&world, IL_FINDING_HELD_LONG, TRUE,
                  "prog 2 has B since 0.001 s and has not given it back; for most of that time it "
                  "slept; for it waits prog 1 since 0.003 s");
  world_clear (&world);

  /* Time and again: it is told by what the holder does. */
  begin (&world);
  for (guint round = 0; round < 4; round++)
    {
      const gint64 at_ns = (1 + 1210 * round) * MS;

      FEED (&world, at_ns + 1210 * MS, { at_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { at_ns, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { at_ns, 1, IL_RECORD_SCHED_OUT, 0, 1 },
            { at_ns, 2, IL_RECORD_LOCK_WAIT, A, 0 },
            { at_ns + 1200 * MS, 1, IL_RECORD_SLEEP_END, 0, 0 },
            { at_ns + 1200 * MS, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
            { at_ns + 1200 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { at_ns + 1201 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 });
    }
  assert_kind (&world, IL_FINDING_HELD_WAITING);
  world_clear (&world);
}

/* One who sleeps while two stand in line for what it has, twice: all of that in a small part of the
 * recording, so that the line alone is told, in which nobody goes on. */
static void
test_line (void)
{
  World world;

  begin (&world);
  for (guint round = 0; round < 2; round++)
    {
      const gint64 at_ns = (1 + 1010 * round) * MS, end_ns = at_ns + 1000 * MS;

      FEED (&world, at_ns + 1010 * MS, { at_ns, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { at_ns, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { at_ns, 1, IL_RECORD_SCHED_OUT, 0, 1 },
            { at_ns, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { at_ns, 3, IL_RECORD_LOCK_WAIT, A, 0 },
            { end_ns, 1, IL_RECORD_SLEEP_END, 0, 0 }, { end_ns, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
            { end_ns, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { end_ns + 1, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
            { end_ns + 2, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { end_ns + 3, 3, IL_RECORD_LOCK_RELEASE, A, 0 },
            { end_ns + 4, 2, IL_RECORD_LOCK_WAIT, A, 0 },
            { end_ns + 4, 3, IL_RECORD_LOCK_WAIT, A, 0 },
            { end_ns + 5, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { end_ns + 6, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
            { end_ns + 7, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { end_ns + 8, 3, IL_RECORD_LOCK_RELEASE, A, 0 });
    }
  assert_kind (&world, IL_FINDING_HELD_LONG);
  feed (&world, NULL, 0, 10000 * MS);
  assert_finding (
      &world, IL_FINDING_SERIALISED, FALSE,
      "A serialises 2 threads: in 2.00 s they waited for it 99.5 % of their time; 80.0 % of its "
      "acquisitions had to wait, and hardly ever did any of them go on");
  world_clear (&world);
}

/* The same, whatever the batches are. */
static void
test_batches (void)
{
  World world;

  begin (&world);
  keep (&world, A, &sleeps);
  assert_kind (&world, IL_FINDING_HELD_LONG);
  world_clear (&world);

  begin (&world);
  FEED (&world, 3000 * MS, { 100 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 100 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 }, { 100 * MS, 1, IL_RECORD_SCHED_OUT, 0, 1 },
        { 150 * MS, 2, IL_RECORD_LOCK_WAIT, A, 0 }, { 2260 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_finding (&world, IL_FINDING_HELD_LONG, TRUE,
                  "prog 1 has A since 0.100 s and has not given it back; for most of that time it "
                  "slept; for it waits prog 2 since 0.150 s, prog 3 since 2.260 s");
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder-long/goes-on", test_goes_on);
  g_test_add_func ("/finder-long/given-back", test_given_back);
  g_test_add_func ("/finder-long/times", test_times);
  g_test_add_func ("/finder-long/short", test_short);
  g_test_add_func ("/finder-long/not-told", test_not_told);
  g_test_add_func ("/finder-long/used", test_used);
  g_test_add_func ("/finder-long/goes-round", test_goes_round);
  g_test_add_func ("/finder-long/shared", test_shared);
  g_test_add_func ("/finder-long/beside", test_beside);
  g_test_add_func ("/finder-long/line", test_line);
  g_test_add_func ("/finder-long/batches", test_batches);
  return g_test_run ();
}
