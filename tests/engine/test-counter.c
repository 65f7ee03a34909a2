/* test-counter.c - changes in one step are never lost, those in two are, and are counted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-counter.h"
#include "sync-fixture.h"

#include <sys/mman.h>

#define N_AGENTS 4
#define N_ROUNDS 20000

static IlCounter *
get_counter (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_COUNTER, 0);
}

/* One who changes a counter, and what it says of that. */
typedef struct
{
  IlArena *arena;
  IlCounter *counter;
  SyncTrace trace;
  IlActor actor;
} Recorded;

static void
recorded_init (Recorded *self, const char *counter)
{
  g_autofree char *text
      = g_strconcat ("[Counter X]\n", counter, "[Task t]\nSteps=read X; write X\n", NULL);

  self->arena = sync_make_arena (text, IL_MODEL_THREADS);
  self->counter = get_counter (self->arena);
  sync_trace_init (&self->trace);
  sync_trace_enter (&self->trace, &self->actor, self->arena, IL_FIRST_WORKER);
}

static void
recorded_clear (Recorded *self)
{
  sync_trace_clear (&self->trace);
  il_arena_free (self->arena);
}

static void
test_lost_updates (void)
{
  static const SyncEvent expected[]
      = { { IL_EVENT_COUNTER, 8 },    { IL_EVENT_COUNTER, 9 },
          { IL_EVENT_COUNTER, 6 },    { IL_EVENT_LOST_UPDATE, 4 },
          { IL_EVENT_COUNTER, 7 },    { IL_EVENT_COUNTER, (guint32)-3 },
          { IL_EVENT_COUNTER, 100 },  { IL_EVENT_LOST_UPDATE, (guint32)-13 },
          { IL_EVENT_COUNTER, 101 },  { IL_EVENT_COUNTER, 99 },
          { IL_EVENT_LOST_UPDATE, 1 } };
  Recorded self;
  IlCounter *counter;
  IlActor *actor = &self.actor;
  int64_t read;

  recorded_init (&self, "Value=5\n");
  counter = self.counter;
  read = il_counter_read (counter);
  il_counter_add (counter, actor, 3);
  il_counter_add (counter, actor, 1);
  il_counter_write (counter, actor, read, read + 1);
  read = il_counter_read (counter);
  il_counter_write (counter, actor, read, read + 1);
  il_counter_add (counter, actor, -10);
  il_counter_write (counter, actor, 10, 100);
  g_assert_cmpint (il_counter_get (counter), ==, 100);
  /* Whichever way the own change goes, it is that of the others that is lost. */
  il_counter_add (counter, actor, 1);
  il_counter_write (counter, actor, 100, 99);
  sync_trace_assert (&self.trace, actor, G_N_ELEMENTS (expected), expected);
  recorded_clear (&self);
}

/* What is left and what was lost add up to all changes, whatever they are. */
static void
test_sum (void)
{
  static const SyncEvent expected[] = {
    { IL_EVENT_COUNTER, 1000 },     { IL_EVENT_COUNTER, 1 },
    { IL_EVENT_LOST_UPDATE, 1000 }, { IL_EVENT_COUNTER, (guint32)-299 },
    { IL_EVENT_COUNTER, 2 },        { IL_EVENT_LOST_UPDATE, (guint32)-300 },
    { IL_EVENT_COUNTER, 9 },        { IL_EVENT_COUNTER, 2 },
    { IL_EVENT_COUNTER, 3 },
  };
  Recorded self;
  IlCounter *counter;
  IlActor *actor = &self.actor;

  recorded_init (&self, "");
  counter = self.counter;
  il_counter_add (counter, actor, 1000);
  il_counter_write (counter, actor, 0, 1);
  il_counter_add (counter, actor, -300);
  il_counter_write (counter, actor, 1, 2);
  /* 1000 + 1 - 300 + 1 = 2 + 1000 - 300.  What is undone in between is not overwritten. */
  il_counter_add (counter, actor, 7);
  il_counter_add (counter, actor, -7);
  il_counter_write (counter, actor, 2, 3);
  sync_trace_assert (&self.trace, actor, G_N_ELEMENTS (expected), expected);
  recorded_clear (&self);
}

/* It stays at the limits of what an event says, and so does what was lost. */
static void
test_limits (void)
{
  static const SyncEvent expected[] = {
    { IL_EVENT_COUNTER, 2000000000 },          { IL_EVENT_COUNTER, (guint32)G_MAXINT32 },
    { IL_EVENT_COUNTER, (guint32)G_MAXINT32 }, { IL_EVENT_COUNTER, (guint32)G_MAXINT32 - 1 },
    { IL_EVENT_COUNTER, (guint32)-2 },         { IL_EVENT_COUNTER, (guint32)G_MININT32 },
    { IL_EVENT_COUNTER, (guint32)G_MAXINT32 }, { IL_EVENT_LOST_UPDATE, (guint32)G_MININT32 },
  };
  Recorded self;
  IlCounter *counter;
  IlActor *actor = &self.actor;

  recorded_init (&self, "");
  counter = self.counter;
  il_counter_add (counter, actor, 2000000000);
  il_counter_add (counter, actor, 2000000000);
  il_counter_write (counter, actor, G_MAXINT32, G_GINT64_CONSTANT (1) + G_MAXINT32);
  il_counter_add (counter, actor, -1);
  il_counter_add (counter, actor, -G_MAXINT32 - 1);
  il_counter_add (counter, actor, -G_MAXINT32);
  il_counter_write (counter, actor, G_MAXINT32, G_MAXINT32);
  g_assert_cmpint (il_counter_get (counter), ==, G_MAXINT32);
  sync_trace_assert (&self.trace, actor, G_N_ELEMENTS (expected), expected);
  recorded_clear (&self);
}

/* What a stale value overwrote can be brought back by one that is not as stale: then it was not
 * lost in the end. */
static void
test_brought_back (void)
{
  static const SyncEvent expected[] = {
    { IL_EVENT_COUNTER, 5 },      { IL_EVENT_COUNTER, 10 }, { IL_EVENT_COUNTER, 1 },
    { IL_EVENT_LOST_UPDATE, 10 }, { IL_EVENT_COUNTER, 6 },  { IL_EVENT_LOST_UPDATE, (guint32)-4 },
  };
  g_autoptr (IlArena) arena
      = sync_make_arena ("[Counter X]\n[Task t]\nSteps=read X; write X\n", IL_MODEL_THREADS);
  IlCounter *counter = get_counter (arena);
  int64_t stale, middle;
  SyncTrace trace;
  IlActor actor;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &actor, arena, IL_FIRST_WORKER);
  stale = il_counter_read (counter);
  il_counter_add (counter, &actor, 5);
  middle = il_counter_read (counter);
  il_counter_add (counter, &actor, 5);
  il_counter_write (counter, &actor, stale, stale + 1);
  il_counter_write (counter, &actor, middle, middle + 1);
  /* 12 changes by one, and 6 of them are left: 10 - 4 are lost. */
  g_assert_cmpint (il_counter_get (counter), ==, 6);
  sync_trace_assert (&trace, &actor, G_N_ELEMENTS (expected), expected);
  sync_trace_clear (&trace);
}

static void
add_often (IlActor *actor, void *data)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    il_counter_add (get_counter (actor->arena), actor, 1);
}

static void
test_add (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena ("[Counter X]\nValue=5\n[Task t]\nSteps=add X\n",
                                               (IlModel)GPOINTER_TO_INT (model));

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, add_often, NULL));
  g_assert_cmpint (il_counter_get (get_counter (arena)), ==, 5 + N_AGENTS * N_ROUNDS);
}

/* On the heap: threads change the one that the parent sees, processes a copy each. */
static void
test_heap (gconstpointer model)
{
  g_autoptr (IlArena) arena
      = sync_make_arena ("[Counter X]\nValue=5\nPlace=heap\n[Task t]\nSteps=add X\n",
                         (IlModel)GPOINTER_TO_INT (model));
  const IlObjectClass *class = arena->objects[0].class;
  g_autoptr (GError) error = NULL;
  IlActor supervisor;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_true (class->open (arena, &arena->objects[0], &error));
  g_assert_no_error (error);
  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, add_often, NULL));
  g_assert_cmpint (il_counter_get (get_counter (arena)), ==,
                   arena->model == IL_MODEL_PROCESSES ? 5 : 5 + N_AGENTS * N_ROUNDS);
  class->close (&arena->objects[0], &supervisor);
}

/* One worker loses nothing, whichever way. */
static void
test_steps (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=1\n[Counter X]\nValue=7\n"
                       "[Task a]\nCount=10\nSteps=read X; write X; add X; add X 5; subtract X 2\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);

  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 10);
  g_assert_cmpint (il_counter_get (get_counter (il_pool_get_arena (pool))), ==, 7 + 50);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/counter/lost-updates", test_lost_updates);
  g_test_add_func ("/counter/sum", test_sum);
  g_test_add_func ("/counter/limits", test_limits);
  g_test_add_func ("/counter/brought-back", test_brought_back);
  fixture_add_models ("/counter/add", test_add);
  fixture_add_models ("/counter/heap", test_heap);
  g_test_add_func ("/counter/steps", test_steps);
  return g_test_run ();
}
