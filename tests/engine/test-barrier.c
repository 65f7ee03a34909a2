/* test-barrier.c - all come before any goes on, and the dead hold up nobody
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-barrier.h"
#include "sync-fixture.h"

#include <sys/mman.h>

#define N_AGENTS 4
#define N_PHASES 3000
#define TEXT "[Barrier B]\nParties=4\n[Task t]\nSteps=barrier B\n"
#define PROCESSES "[Scenario]\nName=Test\nModel=processes\nSeed=3\n"

typedef struct
{
  _Atomic guint32 n_come[N_PHASES];
  _Atomic guint32 n_early;
  _Atomic guint32 n_cancelled;
} Shared;

static IlBarrier *
get_barrier (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_BARRIER, 0);
}

static void
go_through (IlActor *actor, void *data)
{
  Shared *shared = data;

  for (guint i = 0; i < N_PHASES; i++)
    {
      atomic_fetch_add_explicit (&shared->n_come[i], 1, memory_order_relaxed);
      if (i % 100 == actor->agent->index)
        g_usleep (100);
      g_assert_cmpint (il_barrier_wait (get_barrier (actor->arena), actor, 0, 0), ==, IL_WAIT_DONE);
      if (atomic_load_explicit (&shared->n_come[i], memory_order_relaxed) != N_AGENTS)
        atomic_fetch_add (&shared->n_early, 1);
    }
}

static void
test_phases (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, go_through, shared));
  g_assert_cmpuint (atomic_load (&shared->n_early), ==, 0);
  g_assert_cmpuint (atomic_load (&get_barrier (arena)->phase), ==, N_PHASES + 1);
  g_assert_cmpuint (get_barrier (arena)->n_come, ==, 0);
  munmap (shared, sizeof *shared);
}

static void
wait_once (IlActor *actor, void *data)
{
  Shared *shared = data;

  if (il_barrier_wait (get_barrier (actor->arena), actor, 0, 0) == IL_WAIT_CANCELLED)
    atomic_fetch_add (&shared->n_cancelled, 1);
}

static void
test_waits_are_cancelled (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, N_AGENTS - 1, wait_once, shared);

  sync_wait_until_waiting (arena, N_AGENTS - 1);
  sync_cancel (arena, N_AGENTS - 1);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, N_AGENTS - 1);
  g_assert_cmpuint (get_barrier (arena)->n_come, ==, 0);
  munmap (shared, sizeof *shared);
}

static void *
wait_later_thread (void *data)
{
  IlActor *actor = data;

  while (atomic_load (&actor->arena->agents[IL_FIRST_WORKER].activity) != IL_ACTIVITY_WAITING)
    g_usleep (100);
  g_assert_cmpint (il_barrier_wait (get_barrier (actor->arena), actor, 0, 0), ==, IL_WAIT_DONE);
  return NULL;
}

static void
test_events (void)
{
  g_autoptr (IlArena) arena
      = sync_make_arena ("[Barrier B]\nParties=2\n[Task t]\nSteps=barrier B\n", IL_MODEL_THREADS);
  SyncTrace trace;
  IlActor first, last;
  pthread_t thread;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &last, arena, IL_FIRST_WORKER + 1);
  sync_trace_enter (&trace, &first, arena, IL_FIRST_WORKER);
  g_assert_cmpint (pthread_create (&thread, NULL, wait_later_thread, &last), ==, 0);
  g_assert_cmpint (il_barrier_wait (get_barrier (arena), &first, 0, 0), ==, IL_WAIT_DONE);
  pthread_join (thread, NULL);
  {
    const SyncEvent by_first[] = { { IL_EVENT_BARRIER_WAIT, 1 },
                                   { IL_EVENT_BARRIER_PASS, 1 },
                                   { IL_EVENT_WOKEN_BY, last.lane.index + 1 } };
    const SyncEvent by_last[] = { { IL_EVENT_BARRIER_PASS, 1 | IL_EVENT_WOKE } };

    sync_trace_assert (&trace, &first, G_N_ELEMENTS (by_first), by_first);
    sync_trace_assert (&trace, &last, G_N_ELEMENTS (by_last), by_last);
  }
  sync_trace_clear (&trace);
}

/* Outside of a task its coming is simply taken back. */
static void
test_waiting_one_dies (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_PROCESSES);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, 2, wait_once, shared);

  sync_wait_until_waiting (arena, 2);
  sync_kill (arena, agents, 0);
  g_assert_cmpuint (get_barrier (arena)->n_come, ==, 1);
  sync_cancel (arena, 0);
  il_arena_wake_all (arena);
  while (atomic_load (&arena->agents[IL_FIRST_WORKER + 1].activity) != IL_ACTIVITY_LEFT)
    {
      il_arena_wake_all (arena);
      g_usleep (500);
    }
  fixture_join_agents (agents);
  munmap (shared, sizeof *shared);
}

/* Runs tasks of which some are cut short, until all are settled: nobody waits for ever. */
static void
run (const char *text, guint n_done, guint n_lost, guint n_failed)
{
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts counts = fixture_join_pool (pool);
  const IlBarrier *barrier = get_barrier (il_pool_get_arena (pool));

  g_assert_cmpuint (counts.done, ==, n_done);
  g_assert_cmpuint (counts.lost, ==, n_lost);
  g_assert_cmpuint (counts.failed, ==, n_failed);
  g_assert_cmpuint (counts.cancelled, ==, 0);
  g_assert_cmpuint (barrier->n_come, ==, 0);
  g_assert_cmphex (atomic_load (&barrier->robust.guard.word), ==, 0);
  il_pool_free (pool);
}

/* Three go on without the one that died before it came, at each of the barriers. */
static void
test_lost_before_it_came (void)
{
  run (PROCESSES "Workers=4\n[Barrier B]\nParties=4\n"
                 "[Task good]\nCount=3\nSteps=barrier B; cpu 10us; barrier B; barrier B\n"
                 "[Task bad]\nCount=1\nSteps=cpu 10us; crash; barrier B; barrier B; barrier B\n",
       3, 1, 0);
}

static void
test_lost_in_between (void)
{
  run (PROCESSES "Workers=4\n[Barrier B]\nParties=4\n"
                 "[Task good]\nCount=3\nSteps=barrier B; cpu 10us; barrier B; barrier B\n"
                 "[Task bad]\nCount=1\nSteps=cpu 10us; barrier B; crash; barrier B; barrier B\n",
       3, 1, 0);
}

static void
test_failed (void)
{
  run ("[Scenario]\nName=Test\nModel=threads\nWorkers=4\n[Barrier B]\nParties=4\n"
       "[Task good]\nCount=3\nSteps=barrier B; cpu 10us; barrier B; barrier B\n"
       "[Task bad]\nCount=1\nSteps=cpu 10us; barrier B; fail; barrier B; barrier B\n",
       3, 0, 1);
}

/* Run again, it comes just as often as if it had not died: all pass three phases. */
static void
test_run_again (void)
{
  run (PROCESSES "Workers=4\nOnDeath=retry\n[Barrier B]\nParties=4\n"
                 "[Task a]\nCount=4\nSteps=barrier B; crash 40%; barrier B; crash 40%; barrier B\n",
       4, 0, 0);
}

/* Which is given up at last. */
static void
test_run_again_in_vain (void)
{
  run (PROCESSES "Workers=4\nOnDeath=retry\n[Barrier B]\nParties=4\n"
                 "[Task good]\nCount=3\nSteps=barrier B; barrier B\n"
                 "[Task bad]\nCount=1\nSteps=barrier B; crash; barrier B\n",
       3, 1, 0);
}

/* One who died amid its task, and its replacement who died before that one was buried: the task
 * counts as come once, however often there is a burial. */
static void
test_dead_before_burial (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_PROCESSES);
  IlArenaObject *object = &arena->objects[0];
  IlBarrier *barrier = get_barrier (arena);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
  IlActor supervisor, other;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  il_actor_init (&other, arena, IL_FIRST_WORKER + 1);
  atomic_store (&dead->hand.phase, IL_HAND_HELD);
  il_robust_lock (&barrier->robust, &other);
  object->class->release_for_dead (object, &supervisor, dead);
  atomic_store (&dead->hand.phase, IL_HAND_EMPTY);
  object->class->release_for_dead (object, &supervisor, dead);
  g_assert_cmpuint (il_barrier_get_n_owed (barrier), ==, 0);
  il_robust_unlock (&barrier->robust, &other);
  g_assert_cmpuint (il_barrier_get_n_owed (barrier), ==, 1);

  il_robust_lock (&barrier->robust, &other);
  atomic_store (&((IlRobustPart *)il_robust_get_part (&barrier->robust, dead))->is_dead, 1);
  atomic_store (&barrier->robust.n_dead, 1);
  il_robust_unlock (&barrier->robust, &other);
  g_assert_cmpuint (il_barrier_get_n_owed (barrier), ==, 1);
}

/* Counts what is owed against a plain list of who owes until when. */
static void
test_what_is_owed (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (
      "[Barrier B]\nParties=1000\n[Task t]\nSteps=barrier B\n", IL_MODEL_THREADS);
  IlBarrier *barrier = get_barrier (arena);
  g_autoptr (GArray) until = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  for (guint32 phase = 1; phase < 3000; phase++)
    {
      guint32 n_owed = 0,
              n_new = phase / 1000 % 2 == 0 ? (guint32)g_rand_int_range (rand, 0, 3) : 0;

      atomic_store (&barrier->phase, phase);
      for (guint32 i = 0; i < n_new; i++)
        {
          guint32 end = phase + (guint32)g_rand_int_range (rand, 1, IL_BARRIER_MAX_OWED + 1);

          il_barrier_owe (barrier, end - phase);
          g_array_append_val (until, end);
        }
      for (guint i = 0; i < until->len; i++)
        n_owed += g_array_index (until, guint32, i) > phase;
      g_assert_cmpuint (il_barrier_get_n_owed (barrier), ==, n_owed);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/barrier/phases", test_phases);
  fixture_add_models ("/barrier/waits-are-cancelled", test_waits_are_cancelled);
  g_test_add_func ("/barrier/events", test_events);
  g_test_add_func ("/barrier/what-is-owed", test_what_is_owed);
  g_test_add_func ("/barrier/dead-before-burial", test_dead_before_burial);
  g_test_add_func ("/barrier/failed", test_failed);
  if (WITH_PROCESSES)
    {
      g_test_add_func ("/barrier/waiting-one-dies", test_waiting_one_dies);
      g_test_add_func ("/barrier/lost-before-it-came", test_lost_before_it_came);
      g_test_add_func ("/barrier/lost-in-between", test_lost_in_between);
      g_test_add_func ("/barrier/run-again", test_run_again);
      g_test_add_func ("/barrier/run-again-in-vain", test_run_again_in_vain);
    }
  return g_test_run ();
}
