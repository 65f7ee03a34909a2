/* test-lock.c - locks and semaphores exclude, wake, can be cancelled, and outlive their owners
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-lock.h"
#include "il-semaphore.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#define N_AGENTS 4
#define N_ROUNDS 20000
#define N_UNITS 3

typedef struct
{
  guint64 n;                /* changed under the lock alone */
  _Atomic guint32 n_inside; /* of the semaphore */
  _Atomic guint32 max_inside;
  _Atomic guint32 n_ready;
  _Atomic guint32 n_cancelled;
} Shared;

static IlArena *
make_arena (IlModel model)
{
  static const char text[] = "[Scenario]\nName=Test\nModel=threads\nWorkers=4\n"
                             "[Lock A]\n[Semaphore S]\nUnits=3\n"
                             "[Task t]\nSteps=lock A; unlock A; acquire S; post S\n";
  g_autoptr (GError) error = NULL;
  static IlScenario *scenario;
  IlArena *arena;

  g_clear_pointer (&scenario, il_scenario_free);
  scenario = fixture_parse (text);
  scenario->model = model;
  arena = il_arena_new (scenario, &error);
  g_assert_no_error (error);
  fixture_release (arena);
  g_clear_pointer (&scenario, il_scenario_free);
  return arena;
}

static void
count_under_lock (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlLock *lock = fixture_get_lock (actor->arena, 0);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      if (il_lock_acquire (lock, actor) != IL_WAIT_DONE)
        g_assert_not_reached ();
      shared->n++;
      if (!il_lock_release (lock, actor))
        g_assert_not_reached ();
    }
}

static void
test_lock_excludes (gconstpointer model)
{
  g_autoptr (IlArena) arena = make_arena ((IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, count_under_lock, shared));
  g_assert_cmpuint (shared->n, ==, N_AGENTS * N_ROUNDS);
  g_assert_cmphex (atomic_load (&fixture_get_lock (arena, 0)->guard.word), ==, 0);
  g_assert_cmpuint (atomic_load (&fixture_get_lock (arena, 0)->guard.n_sleepers), ==, 0);
  munmap (shared, sizeof *shared);
}

static void
enter_semaphore (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlSemaphore *semaphore = fixture_get_semaphore (actor->arena, 0);

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      guint32 n_inside, max_inside;

      if (il_semaphore_acquire (semaphore, actor) != IL_WAIT_DONE)
        g_assert_not_reached ();
      n_inside = atomic_fetch_add (&shared->n_inside, 1) + 1;
      max_inside = atomic_load (&shared->max_inside);
      while (n_inside > max_inside
             && !atomic_compare_exchange_weak (&shared->max_inside, &max_inside, n_inside))
        continue;
      if (i % 64 == 0)
        sched_yield ();
      atomic_fetch_sub (&shared->n_inside, 1);
      il_semaphore_post (semaphore, actor);
    }
}

static void
test_semaphore_limits (gconstpointer model)
{
  g_autoptr (IlArena) arena = make_arena ((IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, enter_semaphore, shared));
  g_assert_cmpuint (atomic_load (&shared->max_inside), <=, N_UNITS);
  g_assert_cmpuint (atomic_load (&shared->max_inside), >, 0);
  g_assert_cmpuint (atomic_load (&fixture_get_semaphore (arena, 0)->units), ==, N_UNITS);
  for (guint i = 0; i < arena->n_agents; i++)
    g_assert_cmpuint (il_semaphore_get_n_held (fixture_get_semaphore (arena, 0), &arena->agents[i]),
                      ==, 0);
  munmap (shared, sizeof *shared);
}

/* Each waits for something that nobody will ever give. */
static void
wait_in_vain (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlWaitResult result;

  atomic_fetch_add (&shared->n_ready, 1);
  result = actor->agent->index % 2 == 0
               ? il_lock_acquire (fixture_get_lock (actor->arena, 0), actor)
               : il_semaphore_acquire (fixture_get_semaphore (actor->arena, 0), actor);
  if (result == IL_WAIT_CANCELLED)
    atomic_fetch_add (&shared->n_cancelled, 1);
}

static void
wait_until_waiting (IlArena *arena)
{
  for (guint i = 0; i < N_AGENTS; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_WAITING)
      g_usleep (100);
}

/* What a supervisor does until all have left. */
static void
cancel (IlArena *arena)
{
  guint n_left;

  il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
  do
    {
      il_arena_wake_all (arena);
      g_usleep (500);
      n_left = 0;
      for (guint i = 0; i < N_AGENTS; i++)
        n_left += atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) == IL_ACTIVITY_LEFT;
    }
  while (n_left < N_AGENTS);
}

static void
test_waits_are_cancelled (gconstpointer model)
{
  g_autoptr (IlArena) arena = make_arena ((IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_cmpint (il_lock_acquire (fixture_get_lock (arena, 0), &supervisor), ==, IL_WAIT_DONE);
  for (guint i = 0; i < N_UNITS; i++)
    g_assert_cmpint (il_semaphore_acquire (fixture_get_semaphore (arena, 0), &supervisor), ==,
                     IL_WAIT_DONE);

  agents = fixture_start_agents (arena, N_AGENTS, wait_in_vain, shared);
  wait_until_waiting (arena);
  cancel (arena);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, N_AGENTS);
  g_assert_true (il_guard_is_owned_by (&fixture_get_lock (arena, 0)->guard, supervisor.id));
  g_assert_cmpuint (atomic_load (&fixture_get_semaphore (arena, 0)->units), ==, 0);
  munmap (shared, sizeof *shared);
}

static void
test_only_the_owner_releases (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlActor owner, other;

  il_actor_init (&owner, arena, IL_FIRST_WORKER);
  il_actor_init (&other, arena, IL_FIRST_WORKER + 1);
  g_assert_false (il_lock_release (fixture_get_lock (arena, 0), &owner));
  g_assert_cmpint (il_lock_acquire (fixture_get_lock (arena, 0), &owner), ==, IL_WAIT_DONE);
  g_assert_false (il_lock_release (fixture_get_lock (arena, 0), &other));
  g_assert_true (il_lock_release (fixture_get_lock (arena, 0), &owner));
  g_assert_false (il_lock_release (fixture_get_lock (arena, 0), &owner));
}

/* A plain semaphore is also posted by those who never acquired: it is a signal then. */
static void
test_post_without_acquire (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  il_semaphore_post (fixture_get_semaphore (arena, 0), &actor);
  g_assert_cmpuint (atomic_load (&fixture_get_semaphore (arena, 0)->units), ==, N_UNITS + 1);
  g_assert_cmpuint (il_semaphore_get_n_held (fixture_get_semaphore (arena, 0), actor.agent), ==, 0);
}

/* Takes everything and is killed. */
static void
hold_for_ever (IlActor *actor, void *data)
{
  Shared *shared = data;

  if (il_lock_acquire (fixture_get_lock (actor->arena, 0), actor) != IL_WAIT_DONE
      || il_semaphore_acquire (fixture_get_semaphore (actor->arena, 0), actor) != IL_WAIT_DONE
      || il_semaphore_acquire (fixture_get_semaphore (actor->arena, 0), actor) != IL_WAIT_DONE)
    return;
  atomic_fetch_add (&shared->n_ready, 1);
  for (;;)
    pause ();
}

static void
test_owner_dies (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_PROCESSES);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, 1, hold_for_ever, shared);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
  IlActor supervisor;
  int status;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  while (atomic_load (&shared->n_ready) == 0)
    g_usleep (100);
  kill (agents->pids[0], SIGKILL);
  g_assert_cmpint (waitpid (agents->pids[0], &status, 0), ==, agents->pids[0]);
  agents->n_agents = 0;
  fixture_join_agents (agents);

  g_assert_cmpuint (atomic_load (&fixture_get_semaphore (arena, 0)->units), ==, N_UNITS - 2);
  il_lock_release_for_dead (fixture_get_lock (arena, 0), &supervisor, dead);
  il_semaphore_release_for_dead (fixture_get_semaphore (arena, 0), &supervisor, dead);
  g_assert_cmpuint (atomic_load (&fixture_get_semaphore (arena, 0)->units), ==, N_UNITS);
  g_assert_cmpint (il_lock_acquire (fixture_get_lock (arena, 0), &supervisor), ==, IL_WAIT_DONE);
  munmap (shared, sizeof *shared);
}

/* Killed between any two stores of a change, the sum of units left and held stays. */
static void
test_semaphore_half_changed (void)
{
  for (guint n_stores = 0; n_stores <= 2; n_stores++)
    {
      g_autoptr (IlArena) arena = make_arena (IL_MODEL_PROCESSES);
      IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
      IlSemaphore *semaphore = fixture_get_semaphore (arena, 0);
      IlSemaphorePart *part = il_agent_get_part (dead, semaphore->robust.agent_offset);
      IlActor supervisor;

      il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
      g_assert_true (il_guard_try_lock (&semaphore->robust.guard, dead->index + 1));
      part->journal.units = N_UNITS;
      part->journal.held = 0;
      atomic_store (&part->journal.is_valid, 1);
      if (n_stores > 0)
        atomic_store (&semaphore->units, N_UNITS - 1);
      if (n_stores > 1)
        atomic_store (&part->held, 1);

      il_semaphore_release_for_dead (semaphore, &supervisor, dead);
      g_assert_cmpuint (atomic_load (&semaphore->units), ==, N_UNITS);
      g_assert_cmpuint (il_semaphore_get_n_held (semaphore, dead), ==, 0);
      g_assert_cmphex (atomic_load (&semaphore->robust.guard.word), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/lock/excludes", test_lock_excludes);
  fixture_add_models ("/lock/semaphore-limits", test_semaphore_limits);
  fixture_add_models ("/lock/waits-are-cancelled", test_waits_are_cancelled);
  g_test_add_func ("/lock/only-the-owner-releases", test_only_the_owner_releases);
  g_test_add_func ("/lock/post-without-acquire", test_post_without_acquire);
  g_test_add_func ("/lock/owner-dies", test_owner_dies);
  g_test_add_func ("/lock/semaphore-half-changed", test_semaphore_half_changed);
  return g_test_run ();
}
