/* test-condition.c - no notification is lost, none is kept, and wasted wake-ups are told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-condition.h"
#include "sync-fixture.h"

#include <signal.h>
#include <sys/mman.h>

#define N_AGENTS 4
#define N_ITEMS 5000
#define TEXT                                                                                       \
  "[Lock A]\nKind=recursive\n[Condition C]\nLock=A\n[Counter X]\n"                                 \
  "[Task t]\nSteps=lock A; wait C X; subtract X; add X; notify C; notify-all C; unlock A\n"

typedef struct
{
  _Atomic guint32 n_done;
  _Atomic guint32 n_cancelled;
  _Atomic guint32 n_taken;
  gboolean notifies_all;
} Shared;

static IlCondition *
get_condition (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_CONDITION, 0);
}

static IlCounter *
get_counter (const IlArena *arena)
{
  return fixture_get_object (arena, IL_OBJECT_COUNTER, 0);
}

static void
lock (IlActor *actor)
{
  g_assert_cmpint (il_lock_acquire (fixture_get_lock (actor->arena, 0), actor), ==, IL_WAIT_DONE);
}

static void
unlock (IlActor *actor)
{
  g_assert_true (il_lock_release (fixture_get_lock (actor->arena, 0), actor));
}

static void
notify (IlActor *actor, gboolean all)
{
  if (all)
    il_condition_notify_all (get_condition (actor->arena), actor);
  else
    il_condition_notify (get_condition (actor->arena), actor);
}

/* Takes one as soon as there is one. */
static void
consume (IlActor *actor, Shared *shared)
{
  lock (actor);
  g_assert_cmpint (
      il_condition_wait_for (get_condition (actor->arena), actor, get_counter (actor->arena)), ==,
      IL_WAIT_DONE);
  g_assert_cmpint (il_counter_get (get_counter (actor->arena)), >, 0);
  il_counter_add (get_counter (actor->arena), actor, -1);
  atomic_fetch_add (&shared->n_taken, 1);
  unlock (actor);
}

/* Half of the agents make items, one notification for each, half take as many. */
static void
make_or_take (IlActor *actor, void *data)
{
  Shared *shared = data;

  for (guint i = 0; i < N_ITEMS; i++)
    if (actor->agent->index % 2 == 0)
      consume (actor, shared);
    else
      {
        lock (actor);
        il_counter_add (get_counter (actor->arena), actor, 1);
        if (i % 2 == 0)
          notify (actor, shared->notifies_all);
        unlock (actor);
        if (i % 2 != 0)
          notify (actor, shared->notifies_all);
      }
}

static void
run_makers_and_takers (IlModel model, gboolean notifies_all)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, model);
  Shared *shared = fixture_share (sizeof *shared);

  shared->notifies_all = notifies_all;
  fixture_join_agents (fixture_start_agents (arena, N_AGENTS, make_or_take, shared));
  g_assert_cmpuint (atomic_load (&shared->n_taken), ==, N_ITEMS * N_AGENTS / 2);
  g_assert_cmpint (il_counter_get (get_counter (arena)), ==, 0);
  g_assert_cmpuint (get_condition (arena)->waiters.first, ==, 0);
  g_assert_cmphex (atomic_load (&fixture_get_lock (arena, 0)->guard.word), ==, 0);
  munmap (shared, sizeof *shared);
}

static void
test_notify (gconstpointer model)
{
  run_makers_and_takers ((IlModel)GPOINTER_TO_INT (model), FALSE);
}

static void
test_notify_all (gconstpointer model)
{
  run_makers_and_takers ((IlModel)GPOINTER_TO_INT (model), TRUE);
}

#define PING_PONG                                                                                  \
  "[Lock A]\n[Condition C]\nLock=A\n[Condition D]\nLock=A\n[Counter X]\n[Counter Y]\n"             \
  "[Task t]\nSteps=lock A; wait C X; notify D; add Y; wait D Y; add X; notify C; unlock A\n"

/* Two agents hand one thing back and forth, with one notification for each time: if one were lost,
 * both would wait for ever. */
static void
hand_over (IlActor *actor, void *data)
{
  guint me = actor->agent->index % 2;
  IlCondition *mine = fixture_get_object (actor->arena, IL_OBJECT_CONDITION, me);
  IlCondition *other = fixture_get_object (actor->arena, IL_OBJECT_CONDITION, 1 - me);
  IlCounter *here = fixture_get_object (actor->arena, IL_OBJECT_COUNTER, me);
  IlCounter *there = fixture_get_object (actor->arena, IL_OBJECT_COUNTER, 1 - me);
  Shared *shared = data;

  for (guint i = 0; i < N_ITEMS; i++)
    {
      lock (actor);
      if (me == 0 || i > 0)
        {
          g_assert_cmpint (il_condition_wait_for (mine, actor, here), ==, IL_WAIT_DONE);
          il_counter_add (here, actor, -1);
        }
      il_counter_add (there, actor, 1);
      il_condition_notify (other, actor);
      atomic_fetch_add (&shared->n_done, 1);
      unlock (actor);
    }
}

static void
test_every_notification_counts (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (PING_PONG, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);

  fixture_join_agents (fixture_start_agents (arena, 2, hand_over, shared));
  g_assert_cmpuint (atomic_load (&shared->n_done), ==, 2 * N_ITEMS);
  munmap (shared, sizeof *shared);
}

static void
wait_once (IlActor *actor, void *data)
{
  Shared *shared = data;
  IlWaitResult result;

  lock (actor);
  result = il_condition_wait (get_condition (actor->arena), actor);
  if (result == IL_WAIT_DONE)
    {
      atomic_fetch_add (&shared->n_done, 1);
      unlock (actor);
    }
  else
    atomic_fetch_add (&shared->n_cancelled, 1);
}

/* While it cannot join the list, the waiter does not let go of the lock. */
static void
test_no_gap (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  IlCondition *condition = get_condition (arena);
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  il_robust_lock (&condition->robust, &supervisor);
  agents = fixture_start_agents (arena, 1, wait_once, shared);
  while (atomic_load (&condition->robust.guard.n_sleepers) == 0)
    g_usleep (100);
  g_assert_true (il_guard_is_owned_by (&fixture_get_lock (arena, 0)->guard, IL_FIRST_WORKER + 1));
  il_robust_unlock (&condition->robust, &supervisor);
  lock (&supervisor);
  il_condition_notify (condition, &supervisor);
  unlock (&supervisor);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_done), ==, 1);
  munmap (shared, sizeof *shared);
}

/* Returns how many are in the list. */
static guint
count_waiters (const IlArena *arena)
{
  guint n = 0;

  for (guint i = 0; i < N_AGENTS; i++)
    n += il_waiter_is_listed (
        il_waiters_get (&get_condition (arena)->waiters, arena, IL_FIRST_WORKER + i + 1));
  return n;
}

static void
wait_for_waiters (const IlArena *arena, guint n)
{
  while (count_waiters (arena) != n)
    g_usleep (100);
}

/* One at a time; all; and one that found nobody is not kept. */
static void
test_how_many_go (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  il_condition_notify (get_condition (arena), &supervisor);
  agents = fixture_start_agents (arena, N_AGENTS, wait_once, shared);
  wait_for_waiters (arena, N_AGENTS);
  il_condition_notify (get_condition (arena), &supervisor);
  g_assert_cmpuint (count_waiters (arena), ==, N_AGENTS - 1);
  while (atomic_load (&shared->n_done) != 1)
    g_usleep (100);
  il_condition_notify_all (get_condition (arena), &supervisor);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_done), ==, N_AGENTS);
  munmap (shared, sizeof *shared);
}

static void
test_waits_are_cancelled (gconstpointer model)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, (IlModel)GPOINTER_TO_INT (model));
  Shared *shared = fixture_share (sizeof *shared);
  Agents *agents = fixture_start_agents (arena, N_AGENTS, wait_once, shared);

  wait_for_waiters (arena, N_AGENTS);
  sync_wait_until_waiting (arena, N_AGENTS);
  sync_cancel (arena, N_AGENTS);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_cancelled), ==, N_AGENTS);
  g_assert_cmpuint (get_condition (arena)->waiters.first, ==, 0);
  g_assert_cmphex (atomic_load (&fixture_get_lock (arena, 0)->guard.word), ==, 0);
  munmap (shared, sizeof *shared);
}

static void
test_lock_is_needed (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_THREADS);
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_cmpint (il_condition_wait (get_condition (arena), &actor), ==, IL_WAIT_CLOSED);
  g_assert_cmpint (il_condition_wait_for (get_condition (arena), &actor, get_counter (arena)), ==,
                   IL_WAIT_CLOSED);
}

static void *
notify_thrice_thread (void *data)
{
  IlActor *actor = data;
  const IlWaiters *waiters = &get_condition (actor->arena)->waiters;
  const IlWaiter *waiter = il_waiters_get (waiters, actor->arena, IL_FIRST_WORKER + 1);

  for (guint i = 0; i < 2; i++)
    {
      while (!il_waiter_is_listed (waiter))
        g_usleep (100);
      lock (actor);
      if (i == 1)
        il_counter_add (get_counter (actor->arena), actor, 1);
      il_condition_notify (get_condition (actor->arena), actor);
      unlock (actor);
    }
  il_condition_notify (get_condition (actor->arena), actor);
  return NULL;
}

/* Woken once for nothing, once for something; with the lock entered twice all the time. */
static void
test_events (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_THREADS);
  SyncTrace trace;
  IlActor notifier, waiter;
  pthread_t thread;
  guint n_wasted = 0, n_woken = 0, n_waits = 0;
  const IlEvent *last = NULL; /* of the notifier */

  sync_trace_init (&trace);
  sync_trace_enter (&trace, &notifier, arena, IL_FIRST_WORKER + 1);
  sync_trace_enter (&trace, &waiter, arena, IL_FIRST_WORKER);
  g_assert_cmpint (pthread_create (&thread, NULL, notify_thrice_thread, &notifier), ==, 0);
  lock (&waiter);
  lock (&waiter);
  g_assert_cmpint (il_condition_wait_for (get_condition (arena), &waiter, get_counter (arena)), ==,
                   IL_WAIT_DONE);
  unlock (&waiter);
  g_assert_true (il_lock_is_owned_by (fixture_get_lock (arena, 0), &waiter));
  unlock (&waiter);
  pthread_join (thread, NULL);
  sync_trace_drain (&trace);
  for (guint i = 0; i < trace.events->len; i++)
    {
      const IlEvent *event = &g_array_index (trace.events, IlEvent, i);

      if (event->stamp == notifier.lane.index)
        last = event;
      if (event->stamp != waiter.lane.index)
        continue;
      n_waits += IL_EVENT_KIND (event->what) == IL_EVENT_COND_WAIT;
      n_wasted += IL_EVENT_KIND (event->what) == IL_EVENT_COND_WASTED;
      n_woken += IL_EVENT_KIND (event->what) == IL_EVENT_COND_WOKEN
                 && event->value == notifier.lane.index + 1;
    }
  g_assert_cmpuint (n_waits, ==, 2);
  g_assert_cmpuint (n_woken, ==, 2);
  g_assert_cmpuint (n_wasted, ==, 1);
  g_assert_nonnull (last);
  /* Nobody was left to be notified. */
  g_assert_cmpint (IL_EVENT_KIND (last->what), ==, IL_EVENT_COND_NOTIFY);
  g_assert_cmphex (last->value, ==, 0);
  sync_trace_clear (&trace);
}

/* Who was notified and died before it had the lock passes it on. */
static void
test_notified_one_dies (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_PROCESSES);
  Shared *shared = fixture_share (sizeof *shared);
  IlActor supervisor;
  Agents *agents;
  guint first;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  agents = fixture_start_agents (arena, 2, wait_once, shared);
  wait_for_waiters (arena, 2);
  lock (&supervisor);
  first = get_condition (arena)->waiters.first - 1 - IL_FIRST_WORKER;
  il_condition_notify (get_condition (arena), &supervisor);
  sync_kill (arena, agents, first);
  g_assert_cmpuint (count_waiters (arena), ==, 0);
  unlock (&supervisor);
  fixture_join_agents (agents);
  g_assert_cmpuint (atomic_load (&shared->n_done), ==, 1);
  munmap (shared, sizeof *shared);
}

/* Killed in the middle of a notify-all: those are let go who were there when it began. */
static void
test_half_notified (void)
{
  g_autoptr (IlArena) arena = sync_make_arena (TEXT, IL_MODEL_PROCESSES);
  IlCondition *condition = get_condition (arena);
  IlActor supervisor, waiters[3];
  IlAgent *dead = &arena->agents[IL_FIRST_WORKER + 3];
  guint n_granted = 0;

  il_actor_init (&supervisor, arena, IL_AGENT_SUPERVISOR);
  g_assert_true (il_guard_try_lock (&condition->robust.guard, dead->index + 1));
  for (guint i = 0; i < 3; i++)
    {
      il_actor_init (&waiters[i], arena, IL_FIRST_WORKER + i);
      if (i == 2)
        condition->notified = condition->waiters.last_ticket;
      il_waiters_join (&condition->waiters, &waiters[i]);
    }
  arena->objects[1].class->release_for_dead (&arena->objects[1], &supervisor, dead);
  for (guint i = 0; i < 3; i++)
    n_granted += atomic_load (&il_waiters_get (&condition->waiters, arena, waiters[i].id)->state)
                 == IL_WAITER_GRANTED;
  g_assert_cmpuint (n_granted, ==, 2);
  g_assert_cmpuint (condition->waiters.first, ==, waiters[2].id);
  g_assert_cmphex (atomic_load (&condition->robust.guard.word), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fixture_add_models ("/condition/notify", test_notify);
  fixture_add_models ("/condition/notify-all", test_notify_all);
  fixture_add_models ("/condition/every-notification-counts", test_every_notification_counts);
  fixture_add_models ("/condition/no-gap", test_no_gap);
  fixture_add_models ("/condition/how-many-go", test_how_many_go);
  fixture_add_models ("/condition/waits-are-cancelled", test_waits_are_cancelled);
  g_test_add_func ("/condition/lock-is-needed", test_lock_is_needed);
  g_test_add_func ("/condition/events", test_events);
  if (WITH_PROCESSES)
    g_test_add_func ("/condition/notified-one-dies", test_notified_one_dies);
  g_test_add_func ("/condition/half-notified", test_half_notified);
  return g_test_run ();
}
