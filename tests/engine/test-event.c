/* test-event.c - an event lets all go who waited for it, and nobody waits while it is set
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-flag.h"
#include "sync-fixture.h"

#include <sys/mman.h>

#define N_AGENTS 4
#define N_ROUNDS 2000
#define TEXT "[Event E]\n[Event F]\nSet=yes\n[Task t]\nSteps=wait E; set E; clear E; wait F\n"

typedef struct
{
  _Atomic guint32 n_passed;
  _Atomic guint32 n_cancelled;
  _Atomic guint32 round;
} Shared;

static IlFlag *
get_flag (const IlArena *arena, guint n)
{
  return fixture_get_object (arena, IL_OBJECT_EVENT, n);
}

static void
wait_once (IlActor *actor, void *data)
{
  Shared *shared = data;

  if (il_flag_wait (get_flag (actor->arena, 0), actor) == IL_WAIT_DONE)
    atomic_fetch_add (&shared->n_passed, 1);
  else
    atomic_fetch_add (&shared->n_cancelled, 1);
}

static void
wait_until_registered (const IlFlag *flag, guint32 n)
{
  while (atomic_load (&flag->n_waiting) != n)
    g_usleep (100);
}

/* All who waited when it was set go on, even if it is cleared before they run. */
static void
test_set_and_clear (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  agents = fixture_start_agents (arena, N_AGENTS, wait_once, shared);
  wait_until_registered (get_flag (arena, 0), N_AGENTS);
  il_flag_set (get_flag (arena, 0), &supervisor);
  il_flag_clear (get_flag (arena, 0), &supervisor);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_passed), ==, N_AGENTS);
  g_assert_false (il_flag_is_set (get_flag (arena, 0)));
  munmap (shared, sizeof *shared);
}

/* The first agent sets it again and again, and goes on once all others have come through: if one
 * missed its wake-up all would wait for ever. */
static void
go_round (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlFlag *flag = get_flag (actor->arena, 0);

  for (guint i = 0; i < N_ROUNDS; i++)
    if (actor->agent->index != IL_FIRST_WORKER)
      {
        g_assert_cmpint (il_flag_wait (flag, actor), ==, IL_WAIT_DONE);
        atomic_fetch_add (&shared->n_passed, 1);
        while (atomic_load (&shared->round) == i)
          sched_yield ();
      }
    else
      {
        il_flag_set (flag, actor);
        while (atomic_load (&shared->n_passed) < (i + 1) * (N_AGENTS - 1))
          sched_yield ();
        il_flag_clear (flag, actor);
        atomic_store (&shared->round, i + 1);
      }
}

static void
test_no_wake_up_is_lost (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, go_round, shared));
  g_assert_cmpuint (atomic_load (&shared->n_passed), ==, N_ROUNDS * (N_AGENTS - 1));
  munmap (shared, sizeof *shared);
}

static void
test_waits_are_cancelled (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, N_AGENTS, wait_once, shared);

  sync_wait_until_waiting (arena, N_AGENTS);
  sync_cancel (arena, N_AGENTS);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, N_AGENTS);
  munmap (shared, sizeof *shared);
}

static void *
set_later_thread (void *data)
{
  IlActor *setter = data;

  wait_until_registered (get_flag (setter->arena, 0), 1);
  il_flag_set (get_flag (setter->arena, 0), setter);
  il_flag_set (get_flag (setter->arena, 0), setter);
  il_flag_clear (get_flag (setter->arena, 0), setter);
  il_flag_set (get_flag (setter->arena, 0), setter);
  return NULL;
}

static void
test_events (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_THREADS);
  SyncTrace trace;
  IlActor setter, waiter;
  pthread_t thread;

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &setter, arena, IL_FIRST_WORKER + 1);
  sync_trace_enter (&trace, &waiter, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_flag_wait (get_flag (arena, 1), &waiter), ==, IL_WAIT_DONE);
  g_assert_cmpint (pthread_create (&thread, NULL, set_later_thread, &setter), ==, 0);
  g_assert_cmpint (il_flag_wait (get_flag (arena, 0), &waiter), ==, IL_WAIT_DONE);
  pthread_join (thread, NULL);
  {
    const SyncEvent by_waiter[] = { { IL_EVENT_FLAG_PASS, 0 },
                                    { IL_EVENT_FLAG_WAIT, 0 },
                                    { IL_EVENT_FLAG_PASS, setter.lane.index + 1 } };
    const SyncEvent by_setter[] = { { IL_EVENT_FLAG_SET, IL_EVENT_WOKE },
                                    { IL_EVENT_FLAG_SET, 0 },
                                    { IL_EVENT_FLAG_CLEAR, 0 },
                                    { IL_EVENT_FLAG_SET, 0 } };

    sync_trace_assert (&trace, &waiter, G_N_ELEMENTS (by_waiter), by_waiter);
    sync_trace_assert (&trace, &setter, G_N_ELEMENTS (by_setter), by_setter);
  }
  sync_trace_clear (&trace);
}

/* One who died while it waited is not said to have been woken. */
static void
test_waiter_dies (void)
{
  static const SyncEvent expected[] = { { IL_EVENT_FLAG_SET, 0 } };
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_PROCESSES);
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, 1, wait_once, shared);
  SyncTrace trace;
  IlActor setter;

  sync_wait_until_waiting (arena, 1);
  wait_until_registered (get_flag (arena, 0), 1);
  sync_kill (arena, agents, 0);
  fixture_join_agents (agents);
  sync_trace_init (&trace);
  sync_trace_enter (&trace, &setter, arena, IL_FIRST_WORKER + 1);
  il_flag_set (get_flag (arena, 0), &setter);
  sync_trace_assert (&trace, &setter, G_N_ELEMENTS (expected), expected);
  sync_trace_clear (&trace);
  munmap (shared, sizeof *shared);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/event/set-and-clear", test_set_and_clear);
  fixture_add_models ("/event/no-wake-up-is-lost", test_no_wake_up_is_lost);
  fixture_add_models ("/event/waits-are-cancelled", test_waits_are_cancelled);
  g_test_add_func ("/event/events", test_events);
  if (WITH_PROCESSES)
    g_test_add_func ("/event/waiter-dies", test_waiter_dies);
  return g_test_run ();
}
