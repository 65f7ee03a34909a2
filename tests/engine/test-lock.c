/* test-lock.c - locks and semaphores exclude, wake, can be cancelled, and outlive their owners
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-lock.h"
#include "il-semaphore.h"
#include "sync-fixture.h"

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

/* Each test of locks is one for each kind and each model. */
#define CASE(kind, model) GINT_TO_POINTER ((int)(model) << 8 | (int)(kind))
#define CASE_KIND(data) ((IlLockKind)(GPOINTER_TO_INT (data) & 0xff))
#define CASE_MODEL(data) ((IlModel)(GPOINTER_TO_INT (data) >> 8))

static const char *const kinds[] = { "plain", "recursive", "spin", "ticket" };

static IlArena *
make_arena_of_kind (IlLockKind kind, IlModel model)
{
  g_autofree char *text = g_strdup_printf ("[Lock A]\nKind=%s\n[Semaphore S]\nUnits=3\n"
                                           "[Task t]\nSteps=lock A; unlock A; acquire S; post S\n",
                                           kinds[kind]);

  return sync_make_arena (text, model);
}

static IlArena *
make_arena (IlModel model)
{
  return make_arena_of_kind (IL_LOCK_PLAIN, model);
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
test_lock_excludes (gconstpointer data)
{
  g_autoptr (IlArena) arena = make_arena_of_kind (CASE_KIND (data), CASE_MODEL (data));
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
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (arena, 0)), ==, N_UNITS);
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
test_waits_are_cancelled (gconstpointer data)
{
  g_autoptr (IlArena) arena = make_arena_of_kind (CASE_KIND (data), CASE_MODEL (data));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_cmpint (il_lock_acquire (fixture_get_lock (arena, 0), &supervisor), ==, IL_WAIT_DONE);
  for (guint i = 0; i < N_UNITS; i++)
    g_assert_cmpint (il_semaphore_acquire (fixture_get_semaphore (arena, 0), &supervisor), ==,
                     IL_WAIT_DONE);

  agents = fixture_start_agents (arena, N_AGENTS, wait_in_vain, shared);
  sync_wait_until_waiting (arena, N_AGENTS);
  sync_cancel (arena, N_AGENTS);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, N_AGENTS);
  g_assert_true (il_guard_is_owned_by (&fixture_get_lock (arena, 0)->guard, supervisor.id));
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (arena, 0)), ==, 0);
  munmap (shared, sizeof *shared);
}

static void
test_only_the_owner_releases (gconstpointer kind)
{
  g_autoptr (IlArena) arena
      = make_arena_of_kind ((IlLockKind)GPOINTER_TO_INT (kind), IL_MODEL_THREADS);
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
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (arena, 0)), ==, N_UNITS + 1);
  g_assert_cmpuint (il_semaphore_get_n_held (fixture_get_semaphore (arena, 0), actor.agent), ==, 0);
}

/* Who acquires for good has nothing to give back. */
static void
test_consume (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlSemaphore *semaphore = fixture_get_semaphore (arena, 0);
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_semaphore_consume (semaphore, &actor), ==, IL_WAIT_DONE);
  g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, N_UNITS - 1);
  g_assert_cmpuint (il_semaphore_get_n_held (semaphore, actor.agent), ==, 0);
}

/* A step that acquires gives back only what the task posts later. */
static void
test_consuming_step (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=processes\nWorkers=1\n"
                       "[Semaphore S]\nUnits=5\n"
                       "[Task a]\nCount=1\nSteps=acquire S; acquire S; post S; crash\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);

  g_assert_cmpuint (fixture_join_pool (pool).lost, ==, 1);
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (il_pool_get_arena (pool), 0)),
                    ==, 4);
  il_pool_free (pool);
}

static void
test_recursion (void)
{
  static const SyncEvent expected[]
      = { { IL_EVENT_LOCK_ACQUIRE, 0 }, { IL_EVENT_COUNTER, 2 },     { IL_EVENT_COUNTER, 3 },
          { IL_EVENT_COUNTER, 2 },      { IL_EVENT_COUNTER, 1 },     { IL_EVENT_LOCK_RELEASE, 0 },
          { IL_EVENT_LOCK_ACQUIRE, 0 }, { IL_EVENT_LOCK_RELEASE, 0 } };
  g_autoptr (IlArena) arena = make_arena_of_kind (IL_LOCK_RECURSIVE, IL_MODEL_THREADS);
  IlLock *lock = fixture_get_lock (arena, 0);
  SyncTrace trace;
  IlActor actor;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &actor, arena, IL_FIRST_WORKER);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (il_lock_acquire (lock, &actor), ==, IL_WAIT_DONE);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (il_lock_is_owned_by (lock, &actor));
      g_assert_true (il_lock_release (lock, &actor));
    }
  g_assert_false (il_lock_release (lock, &actor));
  g_assert_cmpint (il_lock_acquire (lock, &actor), ==, IL_WAIT_DONE);
  g_assert_true (il_lock_release (lock, &actor));
  sync_trace_assert (&trace, &actor, G_N_ELEMENTS (expected), expected);
  sync_trace_clear (&trace);
}

static void *
release_later_thread (void *data)
{
  IlActor *owner = data;

  while (atomic_load (&owner->arena->agents[IL_FIRST_WORKER].activity) != IL_ACTIVITY_WAITING)
    g_usleep (100);
  g_assert_true (il_lock_release (fixture_get_lock (owner->arena, 0), owner));
  return NULL;
}

/* Who waits records whom it met, and in the end who had it last. */
static void
test_waits_are_recorded (gconstpointer kind)
{
  g_autoptr (IlArena) arena
      = make_arena_of_kind ((IlLockKind)GPOINTER_TO_INT (kind), IL_MODEL_THREADS);
  IlLock *lock = fixture_get_lock (arena, 0);
  SyncTrace trace;
  IlActor owner, waiter;
  pthread_t thread;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &owner, arena, IL_FIRST_WORKER + 1);
  sync_trace_enter (&trace, &waiter, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_lock_acquire (lock, &owner), ==, IL_WAIT_DONE);
  g_assert_cmpint (pthread_create (&thread, NULL, release_later_thread, &owner), ==, 0);
  g_assert_cmpint (il_lock_acquire (lock, &waiter), ==, IL_WAIT_DONE);
  pthread_join (thread, NULL);
  {
    const SyncEvent expected[] = { { IL_EVENT_LOCK_WAIT, owner.lane.index + 1 },
                                   { IL_EVENT_LOCK_ACQUIRE, owner.lane.index + 1 } };

    sync_trace_assert (&trace, &waiter, G_N_ELEMENTS (expected), expected);
  }
  sync_trace_clear (&trace);
}

typedef struct
{
  _Atomic guint32 n;
  uint32_t order[N_AGENTS];
  _Atomic guint32 turn; /* who may come: index among agents */
} Order;

/* Comes when it is its turn, and notes when it gets the lock. */
static void
come_in_turn (IlActor *actor, void *data)
{
  Order *order = data;
  IlLock *lock = fixture_get_lock (actor->arena, 0);

  while (atomic_load (&order->turn) != actor->agent->index - IL_FIRST_WORKER)
    g_usleep (100);
  if (il_lock_acquire (lock, actor) != IL_WAIT_DONE)
    return;
  order->order[atomic_fetch_add (&order->n, 1)] = actor->id;
  il_lock_release (lock, actor);
}

static Agents *
line_up (IlArena *arena, Order *order, IlActor *supervisor)
{
  IlLock *lock = fixture_get_lock (arena, 0);
  Agents *agents;

  il_actor_init (supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_cmpint (il_lock_acquire (lock, supervisor), ==, IL_WAIT_DONE);
  agents = fixture_start_agents (arena, N_AGENTS, come_in_turn, order);
  for (guint i = 0; i < N_AGENTS; i++)
    {
      const IlWaiter *waiter
          = il_waiters_get (&lock->queue.waiters, arena, IL_FIRST_WORKER + i + 1);

      atomic_store (&order->turn, i);
      while (atomic_load (&waiter->state) != IL_WAITER_ASLEEP)
        g_usleep (100);
    }
  return agents;
}

static void
test_tickets_are_in_order (gconstpointer model)
{
  g_autoptr (IlArena) arena = make_arena_of_kind (IL_LOCK_TICKET, (IlModel)GPOINTER_TO_INT (model));
  Order *order = fixture_share (sizeof *order);
  IlActor supervisor;
  Agents *agents = line_up (arena, order, &supervisor);

  g_assert_true (il_lock_release (fixture_get_lock (arena, 0), &supervisor));
  fixture_join_agents (agents);
  for (guint i = 0; i < N_AGENTS; i++)
    g_assert_cmpuint (order->order[i], ==, IL_FIRST_WORKER + i + 1);
  munmap (order, sizeof *order);
}

/* The first two in the line die: one before the lock is handed on, one when it owns it and has not
 * run since. */
static void
test_tickets_of_the_dead (void)
{
  g_autoptr (IlArena) arena = make_arena_of_kind (IL_LOCK_TICKET, IL_MODEL_PROCESSES);
  IlLock *lock = fixture_get_lock (arena, 0);
  Order *order = fixture_share (sizeof *order);
  IlActor supervisor;
  Agents *agents = line_up (arena, order, &supervisor);

  sync_kill (arena, agents, 0);
  g_assert_cmpuint (lock->queue.waiters.first, ==, IL_FIRST_WORKER + 1 + 1);
  kill (agents->pids[1], SIGSTOP);
  g_assert_true (il_lock_release (lock, &supervisor));
  g_assert_true (il_guard_is_owned_by (&lock->guard, IL_FIRST_WORKER + 1 + 1));
  sync_kill (arena, agents, 1);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&order->n), ==, N_AGENTS - 2);
  for (guint i = 2; i < N_AGENTS; i++)
    g_assert_cmpuint (order->order[i - 2], ==, IL_FIRST_WORKER + i + 1);
  munmap (order, sizeof *order);
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
test_owner_dies (gconstpointer kind)
{
  g_autoptr (IlArena) arena
      = make_arena_of_kind ((IlLockKind)GPOINTER_TO_INT (kind), IL_MODEL_PROCESSES);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, 1, hold_for_ever, shared);
  IlActor supervisor;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  while (atomic_load (&shared->n_ready) == 0)
    g_usleep (100);
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (arena, 0)), ==, N_UNITS - 2);
  sync_kill (arena, agents, 0);
  fixture_join_agents (agents);
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (arena, 0)), ==, N_UNITS);
  g_assert_cmpint (il_lock_acquire (fixture_get_lock (arena, 0), &supervisor), ==, IL_WAIT_DONE);
  munmap (shared, sizeof *shared);
}

/* A burial waits for nobody: while the guard is another's, that one is left to do it. */
static void
test_burial_by_another (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_PROCESSES);
  IlSemaphore *semaphore = fixture_get_semaphore (arena, 0);
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER];
  IlActor supervisor, gone, other;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  il_actor_init (&gone, arena, IL_FIRST_WORKER);
  il_actor_init (&other, arena, IL_FIRST_WORKER + 1);
  g_assert_cmpint (il_semaphore_acquire (semaphore, &gone), ==, IL_WAIT_DONE);
  il_robust_lock (&semaphore->robust, &other);
  il_semaphore_release_for_dead (semaphore, &supervisor, dead);
  g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, N_UNITS - 1);
  il_robust_unlock (&semaphore->robust, &other);
  g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, N_UNITS);
  g_assert_cmpuint (atomic_load (&semaphore->robust.n_dead), ==, 0);
}

/* It may be so late that the replacement is there before: that one has done it first. */
static void
test_burial_by_the_next (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_PROCESSES);
  IlSemaphore *semaphore = fixture_get_semaphore (arena, 0);
  IlActor supervisor, gone, other;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  il_actor_init (&gone, arena, IL_FIRST_WORKER);
  il_actor_init (&other, arena, IL_FIRST_WORKER + 1);
  g_assert_cmpint (il_semaphore_acquire (semaphore, &gone), ==, IL_WAIT_DONE);
  il_robust_lock (&semaphore->robust, &other);
  il_semaphore_release_for_dead (semaphore, &supervisor, gone.agent);
  il_guard_unlock (&semaphore->robust.guard); /* and has not come to the burial yet */
  g_assert_cmpuint (il_semaphore_get_n_held (semaphore, gone.agent), ==, 1);

  il_robust_await_burials (&gone);
  g_assert_cmpuint (il_semaphore_get_n_held (semaphore, gone.agent), ==, 0);
  g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, N_UNITS);
  g_assert_cmpuint (atomic_load (&semaphore->robust.n_dead), ==, 0);
}

/* The one who was to do it is dead, too, and buried second. */
static void
test_burial_in_either_order (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_PROCESSES);
  IlSemaphore *semaphore = fixture_get_semaphore (arena, 0);
  IlActor supervisor, first, second;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  il_actor_init (&first, arena, IL_FIRST_WORKER);
  il_actor_init (&second, arena, IL_FIRST_WORKER + 1);
  g_assert_cmpint (il_semaphore_acquire (semaphore, &first), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_semaphore_acquire (semaphore, &second), ==, IL_WAIT_DONE);
  g_assert_true (il_guard_try_lock (&semaphore->robust.guard, second.id));
  il_semaphore_release_for_dead (semaphore, &supervisor, first.agent);
  il_semaphore_release_for_dead (semaphore, &supervisor, second.agent);
  g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, N_UNITS);
  g_assert_cmpuint (atomic_load (&semaphore->robust.n_dead), ==, 0);
  g_assert_cmphex (atomic_load (&semaphore->robust.guard.word), ==, 0);
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
      g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, N_UNITS);
      g_assert_cmpuint (il_semaphore_get_n_held (semaphore, dead), ==, 0);
      g_assert_cmphex (atomic_load (&semaphore->robust.guard.word), ==, 0);
    }
}

static void
add_kinds (const char *path, GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *whole = g_strdup_printf ("%s/%s", path, kinds[i]);

      g_test_add_data_func (whole, GUINT_TO_POINTER (i), func);
    }
}

static void
add_cases (const char *path, GTestDataFunc func)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *threads = g_strdup_printf ("%s/%s/threads", path, kinds[i]);
      g_autofree char *processes = g_strdup_printf ("%s/%s/processes", path, kinds[i]);

      g_test_add_data_func (threads, CASE (i, IL_MODEL_THREADS), func);
      if (WITH_PROCESSES)
        g_test_add_data_func (processes, CASE (i, IL_MODEL_PROCESSES), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_cases ("/lock/excludes", test_lock_excludes);
  fixture_add_models ("/lock/semaphore-limits", test_semaphore_limits);
  add_cases ("/lock/waits-are-cancelled", test_waits_are_cancelled);
  add_kinds ("/lock/waits-are-recorded", test_waits_are_recorded);
  add_kinds ("/lock/only-the-owner-releases", test_only_the_owner_releases);
  g_test_add_func ("/lock/recursion", test_recursion);
  fixture_add_models ("/lock/tickets-are-in-order", test_tickets_are_in_order);
  g_test_add_func ("/lock/post-without-acquire", test_post_without_acquire);
  g_test_add_func ("/lock/consume", test_consume);
  if (WITH_PROCESSES)
    {
      g_test_add_func ("/lock/tickets-of-the-dead", test_tickets_of_the_dead);
      g_test_add_func ("/lock/consuming-step", test_consuming_step);
      add_kinds ("/lock/owner-dies", test_owner_dies);
    }
  g_test_add_func ("/lock/burial-by-another", test_burial_by_another);
  g_test_add_func ("/lock/burial-by-the-next", test_burial_by_the_next);
  g_test_add_func ("/lock/burial-in-either-order", test_burial_in_either_order);
  g_test_add_func ("/lock/semaphore-half-changed", test_semaphore_half_changed);
  return g_test_run ();
}
