/* test-finder-waiting.c - locks of programs that are held by one who waits, while others want them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

typedef struct
{
  GArray *events; /* of Event */
  gint64 now_ns;
} Story;

static void
tell (Story *story, guint32 worker, IlRecordKind kind, guint32 object)
{
  const guint32 call = kind != IL_RECORD_IO_BEGIN ? 0
                       : object == 0              ? IL_RECORD_CALL_READ
                       : object == 2              ? IL_RECORD_CALL_SIGNAL
                                                  : 0;
  const Event event = { story->now_ns, worker, kind, object, call };

  g_array_append_val (story->events, event);
}

/* What one says that begins to wait, and then that it goes on. */
typedef struct
{
  IlRecordKind begin, end;
  guint32 object;
} Pause;

static const Pause reads = { IL_RECORD_IO_BEGIN, IL_RECORD_IO_END, 0 };
static const Pause writes = { IL_RECORD_IO_BEGIN, IL_RECORD_IO_END, 1 }; /* no call that reads */
static const Pause suspends = { IL_RECORD_IO_BEGIN, IL_RECORD_IO_END, 2 };
static const Pause sleeps = { IL_RECORD_SLEEP_BEGIN, IL_RECORD_SLEEP_END, 0 };
static const Pause locks = { IL_RECORD_LOCK_WAIT, IL_RECORD_LOCK_ACQUIRE, B };
static const Pause listens = { IL_RECORD_COND_WAIT, IL_RECORD_COND_WOKEN, CONDITION };

/* The first one takes the lock and waits for 30 ms, the second and third want it from then on, and
 * have it for 1 ms each, in which they wait if `others` is given.  Then nothing for `idle_ns`. */
static void
tell_round (Story *story, const Pause *first, const Pause *others, gint64 idle_ns)
{
  tell (story, 1, IL_RECORD_LOCK_ACQUIRE, A);
  tell (story, 1, first->begin, first->object);
  tell (story, 2, IL_RECORD_LOCK_WAIT, A);
  tell (story, 3, IL_RECORD_LOCK_WAIT, A);
  story->now_ns += 30 * MS;
  tell (story, 1, first->end, first->object);
  if (first->object == B)
    tell (story, 1, IL_RECORD_LOCK_RELEASE, B);
  tell (story, 1, IL_RECORD_LOCK_RELEASE, A);
  for (guint i = 2; i <= 3; i++)
    {
      tell (story, i, IL_RECORD_LOCK_ACQUIRE, A);
      if (others != NULL)
        tell (story, i, others->begin, others->object);
      story->now_ns += 1 * MS;
      if (others != NULL)
        tell (story, i, others->end, others->object);
      tell (story, i, IL_RECORD_LOCK_RELEASE, A);
    }
  story->now_ns += idle_ns;
}

static void
begin (World *world, Story *story)
{
  world_init_program (world);
  *story = (Story){ .events = g_array_new (FALSE, FALSE, sizeof (Event)), .now_ns = 1 * MS };
}

static void
feed_story (World *world, Story *story)
{
  feed (world, (const Event *)(gpointer)story->events->data, story->events->len, story->now_ns);
  g_array_set_size (story->events, 0);
}

static void
end (World *world, Story *story)
{
  g_array_unref (story->events);
  world_clear (world);
}

/* Told is who it was, and what for. */
static void
test_told (void)
{
  static const struct
  {
    const Pause *first, *others;
    const char *text;
  } cases[] = {
    { &reads, NULL,
      "prog 1 held A while it waited for input: 2 others waited 870 ms for that, 93.9 % of their "
      "time" },
    { &reads, &sleeps,
      "prog 1 held A while it waited for input: 2 others waited 870 ms for that, 93.9 % of their "
      "time" },
    { &writes, NULL,
      "prog 1 held A while it waited for I/O: 2 others waited 870 ms for that, 93.9 % of their "
      "time" },
    { &sleeps, NULL,
      "prog 1 held A while it slept: 2 others waited 870 ms for that, 93.9 % of their time" },
    { &locks, NULL,
      "prog 1 held A while it waited for B: 2 others waited 870 ms for that, 93.9 % of their "
      "time" },
    { &listens, NULL,
      "prog 1 held A while it waited for others: 2 others waited 870 ms for that, 93.9 % of their "
      "time" },
  };
  World world;
  Story story;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      begin (&world, &story);
      for (guint round = 0; round < 20; round++)
        tell_round (&story, cases[i].first, cases[i].others, 0);
      feed_story (&world, &story);
      assert_finding (&world, IL_FINDING_HELD_WAITING, FALSE, cases[i].text);
      end (&world, &story);
    }
}

/* All wait for the like under it; too short in all; too little of their time; and who is stopped
 * until a signal comes. */
static void
test_not_told (void)
{
  static const struct
  {
    const Pause *first, *others;
    guint n_rounds;
    gint64 idle_ns;
  } cases[] = {
    { &reads, &reads, 50, 0 },      { &sleeps, &sleeps, 50, 0 }, { &reads, NULL, 8, 0 },
    { &reads, NULL, 50, 120 * MS }, { &suspends, NULL, 50, 0 },
  };
  World world;
  Story story;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (IlFindings) findings = NULL;

      begin (&world, &story);
      for (guint round = 0; round < cases[i].n_rounds; round++)
        tell_round (&story, cases[i].first, cases[i].others, cases[i].idle_ns);
      feed_story (&world, &story);
      findings = il_finder_get_findings (world.finder);
      for (guint j = 0; j < findings->n_findings; j++)
        g_assert_cmpint (findings->findings[j].kind, !=, IL_FINDING_HELD_WAITING);
      end (&world, &story);
    }
}

/* Who waits for a condition gives the lock back for that. */
static void
test_condition (void)
{
  World world;
  Story story;

  begin (&world, &story);
  for (guint round = 0; round < 20; round++)
    {
      for (guint i = 1; i <= 3; i++)
        {
          tell (&story, i, IL_RECORD_LOCK_ACQUIRE, A);
          tell (&story, i, IL_RECORD_COND_WAIT, CONDITION);
          tell (&story, i, IL_RECORD_LOCK_RELEASE, A);
        }
      story.now_ns += 30 * MS;
      for (guint i = 1; i <= 3; i++)
        {
          tell (&story, i, IL_RECORD_COND_WOKEN, CONDITION);
          if (i > 1)
            tell (&story, i, IL_RECORD_LOCK_WAIT, A);
          else
            tell (&story, i, IL_RECORD_LOCK_ACQUIRE, A);
        }
      story.now_ns += MS / 10;
      tell (&story, 1, IL_RECORD_LOCK_RELEASE, A);
      for (guint i = 2; i <= 3; i++)
        {
          tell (&story, i, IL_RECORD_LOCK_ACQUIRE, A);
          tell (&story, i, IL_RECORD_LOCK_RELEASE, A);
        }
    }
  feed_story (&world, &story);
  assert_nothing (&world);
  end (&world, &story);
}

/* Threads that take turns in reading: who has read works, and the next one reads.  Now and then
 * there is something to be read at once. */
static void
test_leaders (void)
{
  World world;
  Story story;

  begin (&world, &story);
  for (guint i = 2; i <= 4; i++)
    tell (&story, i, IL_RECORD_LOCK_WAIT, A);
  tell (&story, 1, IL_RECORD_LOCK_ACQUIRE, A);
  for (guint turn = 0; turn < 60; turn++)
    {
      guint leader = turn % 4 + 1, next = (turn + 1) % 4 + 1;

      if (turn % 5 != 1)
        {
          tell (&story, leader, IL_RECORD_IO_BEGIN, 0);
          story.now_ns += 30 * MS;
          tell (&story, leader, IL_RECORD_IO_END, 0);
        }
      tell (&story, leader, IL_RECORD_LOCK_RELEASE, A);
      tell (&story, next, IL_RECORD_LOCK_ACQUIRE, A);
      story.now_ns += 1 * MS;
      tell (&story, leader, IL_RECORD_LOCK_WAIT, A);
    }
  feed_story (&world, &story);
  assert_nothing (&world);
  end (&world, &story);
}

/* What processes share, and a single wait, however long. */
static void
test_others (void)
{
  World world;
  Story story;

  begin (&world, &story);
  for (guint i = 2; i <= 3; i++)
    {
      const IlLaneInfo info = { .name = "child",
                                .role = IL_LANE_ROLE_THREAD,
                                .scheduler = IL_SCHEDULER_EXACT,
                                .pid = 7 + (gint32)i };

      world.lanes[i] = il_timeline_builder_add_lane (world.builder, &info);
    }
  for (guint round = 0; round < 50; round++)
    tell_round (&story, &reads, NULL, 0);
  feed_story (&world, &story);
  assert_nothing (&world);
  end (&world, &story);

  begin (&world, &story);
  tell (&story, 1, IL_RECORD_LOCK_ACQUIRE, A);
  tell (&story, 1, IL_RECORD_IO_BEGIN, 0);
  for (guint i = 2; i <= 9; i++)
    tell (&story, i, IL_RECORD_LOCK_WAIT, A);
  story.now_ns += 2000 * MS;
  tell (&story, 1, IL_RECORD_IO_END, 0);
  tell (&story, 1, IL_RECORD_LOCK_RELEASE, A);
  for (guint i = 2; i <= 9; i++)
    {
      tell (&story, i, IL_RECORD_LOCK_ACQUIRE, A);
      story.now_ns += MS / 10;
      tell (&story, i, IL_RECORD_LOCK_RELEASE, A);
    }
  feed_story (&world, &story);
  assert_nothing (&world);
  end (&world, &story);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder-waiting/told", test_told);
  g_test_add_func ("/finder-waiting/not-told", test_not_told);
  g_test_add_func ("/finder-waiting/condition", test_condition);
  g_test_add_func ("/finder-waiting/leaders", test_leaders);
  g_test_add_func ("/finder-waiting/others", test_others);
  return g_test_run ();
}
