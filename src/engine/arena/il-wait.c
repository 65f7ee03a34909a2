/* il-wait.c - the one place where an agent sleeps until another wakes it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * A wait of a primitive has this form, in which each line has its reason:
 *
 *   take it if it is free, and be done          no system call, no event of a wait
 *   write the event of the wait                 before anything that can take time
 *   il_actor_begin_wait ()                      lets go of what it holds only to run
 *   until it is taken or the run is cancelled:
 *     il_actor_sleep_on ()                      returns for no reason at times
 *   write the event of the take, or of the cancellation
 *   il_actor_end_wait ()                        may run again; may have to wait for that in turn
 *
 * Cancelled  Whoever gives the run up wakes, after setting IL_RUN_CANCELLED, each agent on the word
 *            that it says it sleeps on (il_arena_wake_all()), again and again until all have left.
 *            So a wait needs nothing but to look at il_arena_is_cancelled() each time around.
 */

#include "config.h"

#include "il-actor.h"

/**
 * il_actor_begin_wait:
 * @activity: what for
 *
 * Says that the actor is about to wait, and lets go of what it needs only to run.
 */
void
il_actor_begin_wait (IlActor *actor, IlActivity activity)
{
  actor->is_waiting = true;
  il_actor_set_activity (actor, activity);
}

/**
 * il_actor_end_wait:
 *
 * Says that the actor has what it waited for, or will not get it.  Does nothing if it did not wait.
 * Must not be called with a guard in hand.
 */
void
il_actor_end_wait (IlActor *actor)
{
  if (!actor->is_waiting)
    return;
  actor->is_waiting = false;
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
}

/**
 * il_actor_sleep_on:
 * @word: in the arena
 * @deadline_ns: of CLOCK_MONOTONIC, or %IL_NO_DEADLINE
 *
 * Sleeps while the word is as expected.  Returns early for no reason at times: look again.
 */
void
il_actor_sleep_on (IlActor *actor, _Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns)
{
  /* Sequentially consistent, as is the run word: either we see here that the run is given up, or
   * whoever gives it up sees where we sleep. */
  atomic_store (&actor->agent->sleeps_on, word);
  if ((atomic_load (&actor->arena->run) & IL_RUN_CANCELLED) == 0)
    il_futex_wait (word, expected, deadline_ns);
  atomic_store_explicit (&actor->agent->sleeps_on, NULL, memory_order_relaxed);
}

/**
 * il_actor_wake:
 * @n_sleepers: how many at most
 */
void
il_actor_wake (IlActor *actor, _Atomic uint32_t *word, uint32_t n_sleepers)
{
  (void)actor;
  il_futex_wake (word, n_sleepers);
}

/**
 * il_actor_wake_all:
 */
void
il_actor_wake_all (IlActor *actor, _Atomic uint32_t *word)
{
  il_actor_wake (actor, word, INT_MAX);
}

/**
 * il_actor_get_who:
 *
 * Returns: how events name the actor to others, see "who" in il-event.h
 */
uint32_t
il_actor_get_who (const IlActor *actor)
{
  return atomic_load_explicit (&actor->agent->who, memory_order_relaxed);
}
