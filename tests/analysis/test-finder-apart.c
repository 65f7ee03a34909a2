/* test-finder-apart.c - opposite orders of locks are no finding where threads that are made and
 * waited for keep them apart, and are one wherever that is not sure
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

#define ORDER(at, thread, first, second)                                                           \
  { (at), (thread), IL_RECORD_LOCK_NESTED, (first), 1 },                                           \
  {                                                                                                \
    (at), (thread), IL_RECORD_LOCK_NESTED, (second), 0                                             \
  }

/* The numbers of the threads are those of the fixture. */
#define MAKE(at, maker, thread)                                                                    \
  { (at), (maker), IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, (thread) },                               \
  {                                                                                                \
    (at), (thread), IL_RECORD_LIFE, IL_RECORD_LIFE_IS, (thread)                                    \
  }
#define SEE_END(at, heir, thread)                                                                  \
  {                                                                                                \
    (at), (heir), IL_RECORD_LIFE, IL_RECORD_LIFE_ENDED, (thread)                                   \
  }

static guint
count_findings (World *world)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  for (guint i = 0; i < findings->n_findings; i++)
    g_assert_cmpint (findings->findings[i].kind, ==, IL_FINDING_LOCK_ORDER);
  return findings->n_findings;
}

/* What the first one did before it made others. */
static void
test_before_threads (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), MAKE (20, 1, 2), MAKE (21, 1, 3), ORDER (30, 2, B, A),
        ORDER (31, 3, B, A), ORDER (40, 3, B, C));
  assert_nothing (&world);
  /* It does so again, now that they are there. */
  FEED (&world, 200, ORDER (110, 1, A, B));
  assert_finding (&world, IL_FINDING_LOCK_ORDER, FALSE,
                  "prog 1 asked for B under A at 0.000 s; prog 2 asked for A under B at 0.000 s. "
                  "If that happens at the same time, all of them wait for ever");
  world_clear (&world);

  /* Of one that was not made by it nothing is known. */
  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), MAKE (20, 1, 2), ORDER (30, 3, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* It was made before. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 2), ORDER (10, 1, A, B), MAKE (20, 1, 3), ORDER (30, 3, B, A));
  assert_nothing (&world);
  FEED (&world, 200, ORDER (110, 2, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* One after the other: each was waited for before the next was made. */
static void
test_joined (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 2), ORDER (10, 2, A, B), SEE_END (20, 1, 2), MAKE (30, 1, 3),
        ORDER (40, 3, B, A), SEE_END (50, 1, 3), ORDER (60, 1, A, B));
  assert_nothing (&world);
  world_clear (&world);

  /* Nobody waited for the first. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 2), ORDER (10, 2, A, B), MAKE (30, 1, 3), ORDER (40, 3, B, A),
        SEE_END (50, 1, 3));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* It was another one that was waited for. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (4, 1, 2), MAKE (5, 1, 4), ORDER (10, 2, A, B), SEE_END (20, 1, 4),
        MAKE (30, 1, 3), ORDER (40, 3, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* It was waited for only after the next was made. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 2), ORDER (10, 2, A, B), MAKE (15, 1, 3), SEE_END (20, 1, 2),
        ORDER (40, 3, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* By way of others. */
static void
test_chains (void)
{
  World world;

  /* 2 is waited for by 3, and 3 by 1, which then does the opposite, and makes 4, which does. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (4, 1, 2), MAKE (5, 1, 3), ORDER (10, 2, A, B), SEE_END (20, 3, 2),
        SEE_END (30, 1, 3), ORDER (40, 1, B, A), MAKE (50, 1, 4), ORDER (60, 4, B, A));
  assert_nothing (&world);
  world_clear (&world);

  /* 2 makes 3 after it did so, and 1 waits for 3 alone. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 2), ORDER (10, 2, A, B), MAKE (20, 2, 3), SEE_END (30, 1, 3),
        ORDER (40, 1, B, A));
  assert_nothing (&world);
  FEED (&world, 200, ORDER (110, 2, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* A grandchild of who did it before. */
  world_init_program (&world);
  FEED (&world, 100, ORDER (5, 1, A, B), MAKE (10, 1, 2), MAKE (20, 2, 3), ORDER (30, 3, B, A));
  assert_nothing (&world);
  world_clear (&world);
}

/* The first time was apart, a later one is not. */
static void
test_later (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 2), ORDER (10, 2, A, B), SEE_END (20, 1, 2), MAKE (30, 1, 3),
        MAKE (31, 1, 4), ORDER (40, 3, B, A));
  assert_nothing (&world);
  FEED (&world, 200, ORDER (110, 4, A, B));
  assert_finding (&world, IL_FINDING_LOCK_ORDER, FALSE,
                  "prog 4 asked for B under A at 0.000 s; prog 3 asked for A under B at 0.000 s. "
                  "If that happens at the same time, all of them wait for ever");
  world_clear (&world);
}

/* From here on it is another thread that has this number. */
static void
replace (World *world, guint thread)
{
  const IlLaneInfo info
      = { .name = "prog", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 7 };

  world->lanes[thread] = il_timeline_builder_add_lane (world->builder, &info);
}

#define MAKE_NUMBER(at, maker, thread, number)                                                     \
  { (at), (maker), IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, (number) },                               \
  {                                                                                                \
    (at), (thread), IL_RECORD_LIFE, IL_RECORD_LIFE_IS, (number)                                    \
  }

/* One after the other again and again, more often than is kept; and then not. */
static void
test_rounds (void)
{
  World world;
  gint64 now_ns = 0;

  world_init_program (&world);
  for (guint i = 1; i < 4000; i += 2, now_ns += 10)
    {
      replace (&world, 2);
      replace (&world, 3);
      FEED (&world, now_ns + 10, ORDER (now_ns + 1, 1, A, B), MAKE_NUMBER (now_ns + 2, 1, 2, i),
            MAKE_NUMBER (now_ns + 3, 1, 3, i + 1), ORDER (now_ns + 4, 2, B, A),
            ORDER (now_ns + 5, 3, B, A), SEE_END (now_ns + 6, 1, i),
            SEE_END (now_ns + 7, 1, i + 1));
    }
  assert_nothing (&world);
  replace (&world, 2);
  FEED (&world, now_ns + 10, MAKE_NUMBER (now_ns + 1, 1, 2, 5000), ORDER (now_ns + 2, 2, B, A),
        ORDER (now_ns + 3, 1, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* Many at a time, all of them after the one that made them, which goes on when they have ended.  Of
 * how many that is known is bounded: of more it is told. */
static void
check_many (guint n, gboolean is_known)
{
  World world;
  gint64 now_ns = 10;

  world_init_program (&world);
  FEED (&world, now_ns, ORDER (1, 1, A, B));
  for (guint i = 1; i <= n; i++, now_ns += 10)
    {
      replace (&world, 2);
      FEED (&world, now_ns + 10, MAKE_NUMBER (now_ns + 1, 1, 2, i), ORDER (now_ns + 2, 2, B, A));
    }
  assert_nothing (&world);
  for (guint i = 1; i <= n; i++, now_ns += 10)
    FEED (&world, now_ns + 10, SEE_END (now_ns + 1, 1, i));
  assert_nothing (&world);
  FEED (&world, now_ns + 10, ORDER (now_ns + 1, 1, A, B));
  g_assert_cmpuint (count_findings (&world), ==, is_known ? 0 : 1);
  world_clear (&world);
}

static void
test_many (void)
{
  check_many (40, TRUE);
  check_many (200, TRUE);
  check_many (4000, FALSE);
}

/* A circle of three is none where two of its orders are apart, whichever comes last. */
static void
test_circle_of_three (void)
{
  World world;

  /* The first is apart from the other two. */
  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), MAKE (20, 1, 2), MAKE (21, 1, 3), ORDER (30, 2, B, C),
        ORDER (31, 3, C, A));
  assert_nothing (&world);
  FEED (&world, 200, ORDER (110, 1, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* The first is apart from the second alone, and the one that is there all the time comes last. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (5, 1, 4), ORDER (10, 1, A, B), MAKE (20, 1, 2), ORDER (30, 2, B, C),
        ORDER (40, 4, C, A));
  assert_nothing (&world);
  FEED (&world, 200, MAKE (110, 1, 3), ORDER (120, 3, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* None is apart from another. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (4, 1, 2), MAKE (5, 1, 3), MAKE (6, 1, 4), ORDER (10, 2, A, B),
        ORDER (30, 3, B, C), ORDER (40, 4, C, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* One thread makes but one order at a time. */
static void
test_one_of_each (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), ORDER (11, 1, B, A), MAKE (20, 1, 2),
        ORDER (30, 2, B, A));
  assert_nothing (&world);
  FEED (&world, 200, MAKE (110, 1, 3), ORDER (120, 3, A, B));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* What is told of later was in the turn that is said. */
static void
test_told_late (void)
{
  const guint32 outer = IL_RECORD_EARLIER | 1 << 8 | 1, inner = IL_RECORD_EARLIER | 1 << 8;
  World world;

  world_init_program (&world);
  FEED (&world, 100, MAKE (20, 1, 2), ORDER (30, 2, B, A),
        { 40, 1, IL_RECORD_LOCK_NESTED, A, outer }, { 40, 1, IL_RECORD_LOCK_NESTED, B, inner });
  assert_nothing (&world);
  FEED (&world, 200, MAKE (110, 1, 3), { 120, 1, IL_RECORD_LOCK_NESTED, A, outer },
        { 120, 1, IL_RECORD_LOCK_NESTED, B, inner });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* What comes before may be no more among those that are kept. */
  world_init_program (&world);
  FEED (&world, 100, MAKE (20, 1, 2), ORDER (30, 2, B, A));
  for (guint i = 0; i < 40; i++)
    FEED (&world, 110 + i * 10, { 101 + i * 10, 2, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 100 + i },
          ORDER (102 + i * 10, 2, B, A));
  FEED (&world, 1000, MAKE (810, 2, 3), { 820, 3, IL_RECORD_LOCK_NESTED, A, 1 },
        { 820, 3, IL_RECORD_LOCK_NESTED, B, 0 });
  assert_nothing (&world);
  FEED (&world, 2000, { 1010, 3, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 90 },
        { 1020, 3, IL_RECORD_LOCK_NESTED, A, outer }, { 1020, 3, IL_RECORD_LOCK_NESTED, B, inner },
        { 1030, 1, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 91 },
        { 1040, 1, IL_RECORD_LOCK_NESTED, A, outer }, { 1040, 1, IL_RECORD_LOCK_NESTED, B, inner });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* What is not known of is at any time. */
static void
test_unsure (void)
{
  const guint32 outer = IL_RECORD_ANY_TIME | 1, inner = IL_RECORD_ANY_TIME;
  World world;

  /* When it was made. */
  world_init_program (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_NESTED, A, outer },
        { 10, 1, IL_RECORD_LOCK_NESTED, B, inner }, MAKE (20, 1, 2), ORDER (30, 2, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), MAKE (20, 1, 2), ORDER (30, 2, B, A));
  assert_nothing (&world);
  FEED (&world, 200, { 110, 1, IL_RECORD_LOCK_NESTED, A, outer },
        { 110, 1, IL_RECORD_LOCK_NESTED, B, inner });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* What it said that was lost. */
  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), MAKE (20, 1, 2), { 25, 1, IL_RECORD_LOST, 0, 3 },
        ORDER (30, 2, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* Whether all is told. */
  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), MAKE (20, 1, 2), ORDER (30, 2, B, A));
  assert_nothing (&world);
  FEED (&world, 200, { 110, 2, IL_RECORD_LIFE, IL_RECORD_LIFE_UNTOLD, 0 });
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  /* Reading is not told of each time. */
  world_init_program (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_RW_ACQUIRE, READERS, 0 },
        { 11, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 12, 1, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 13, 1, IL_RECORD_RW_RELEASE, READERS, 0 }, MAKE (20, 1, 2), ORDER (30, 2, A, READERS));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* Two processes number their threads each for itself. */
static void
test_processes (void)
{
  World world;
  const IlLaneInfo info
      = { .name = "other", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 8 };

  world_init_program (&world);
  world.lanes[2] = il_timeline_builder_add_lane (world.builder, &info);
  FEED (&world, 100, ORDER (10, 1, A, B), { 20, 1, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 9 },
        { 21, 2, IL_RECORD_LIFE, IL_RECORD_LIFE_IS, 9 }, ORDER (30, 2, B, A));
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

/* What makes no sense is no proof, and ends. */
static void
test_nonsense (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100, { 1, 1, IL_RECORD_LIFE, IL_RECORD_LIFE_IS, 7 },
        { 2, 1, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 7 },
        { 3, 1, IL_RECORD_LIFE, IL_RECORD_LIFE_IS, 7 },
        { 4, 1, IL_RECORD_LIFE, IL_RECORD_LIFE_ENDED, 7 },
        { 5, 2, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 8 },
        { 6, 3, IL_RECORD_LIFE, IL_RECORD_LIFE_MAKES, 9 },
        { 7, 2, IL_RECORD_LIFE, IL_RECORD_LIFE_IS, 9 },
        { 8, 3, IL_RECORD_LIFE, IL_RECORD_LIFE_IS, 8 },
        { 9, 2, IL_RECORD_LIFE, IL_RECORD_LIFE_ENDED, 8 },
        { 10, 3, IL_RECORD_LIFE, IL_RECORD_LIFE_ENDED, 9 },
        { 11, 3, IL_RECORD_LIFE, IL_RECORD_LIFE_ENDED, 1234 }, { 12, 3, IL_RECORD_LIFE, 99, 1 },
        ORDER (20, 2, A, B), ORDER (30, 4, B, A), ORDER (40, 1, B, A));
  g_assert_cmpuint (count_findings (&world), ==, 1);
  world_clear (&world);
}

/* One thread alone made two of the orders first, but another one made one of them as well. */
static void
test_each_by_another (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100, ORDER (10, 1, A, B), ORDER (20, 1, B, C), ORDER (30, 2, B, C),
        ORDER (40, 3, C, A));
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);
    const IlFinding *finding = &findings->findings[0];

    g_assert_cmpuint (findings->n_findings, ==, 1);
    g_assert_cmpint (finding->kind, ==, IL_FINDING_LOCK_ORDER);
    g_assert_cmpuint (finding->n_lanes, ==, 3);
    g_assert_cmpuint (finding->lanes[0], ==, world.lanes[3]);
    g_assert_cmpuint (finding->lanes[1], ==, world.lanes[1]);
    g_assert_cmpuint (finding->lanes[2], ==, world.lanes[2]);
  }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/apart/before-threads", test_before_threads);
  g_test_add_func ("/finder/apart/joined", test_joined);
  g_test_add_func ("/finder/apart/chains", test_chains);
  g_test_add_func ("/finder/apart/later", test_later);
  g_test_add_func ("/finder/apart/rounds", test_rounds);
  g_test_add_func ("/finder/apart/many", test_many);
  g_test_add_func ("/finder/apart/circle-of-three", test_circle_of_three);
  g_test_add_func ("/finder/apart/one-of-each", test_one_of_each);
  g_test_add_func ("/finder/apart/told-late", test_told_late);
  g_test_add_func ("/finder/apart/unsure", test_unsure);
  g_test_add_func ("/finder/apart/processes", test_processes);
  g_test_add_func ("/finder/apart/nonsense", test_nonsense);
  g_test_add_func ("/finder/apart/each-by-another", test_each_by_another);
  return g_test_run ();
}
