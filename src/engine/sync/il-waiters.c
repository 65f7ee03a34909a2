/* il-waiters.c - lists of waiters; why they are right stands in il-waiters.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-waiters.h"

/* Puts one into the list behind all who have lower tickets. */
static void
insert (IlWaiters *self, IlArena *arena, uint32_t id)
{
  IlWaiter *waiter = il_waiters_get (self, arena, id);
  uint32_t before = self->last;

  while (before != 0 && il_waiters_get (self, arena, before)->ticket > waiter->ticket)
    before = il_waiters_get (self, arena, before)->before;
  waiter->before = before;
  waiter->after = before != 0 ? il_waiters_get (self, arena, before)->after : self->first;
  if (before != 0)
    il_waiters_get (self, arena, before)->after = id;
  else
    self->first = id;
  if (waiter->after != 0)
    il_waiters_get (self, arena, waiter->after)->before = id;
  else
    self->last = id;
}

/**
 * il_waiters_join:
 *
 * Puts the actor at the end of those who wait.  What it waits for is in its IlWaiter already.
 * Under the guard.
 */
void
il_waiters_join (IlWaiters *self, IlActor *actor)
{
  IlWaiter *waiter = il_waiters_get (self, actor->arena, actor->id);

  waiter->waker = 0;
  waiter->ticket = ++self->last_ticket;
  atomic_store_explicit (&waiter->state, IL_WAITER_WAITING, memory_order_release);
  insert (self, actor->arena, actor->id);
}

static void
unlink_waiter (IlWaiters *self, IlArena *arena, const IlWaiter *waiter)
{
  if (waiter->before != 0)
    il_waiters_get (self, arena, waiter->before)->after = waiter->after;
  else
    self->first = waiter->after;
  if (waiter->after != 0)
    il_waiters_get (self, arena, waiter->after)->before = waiter->before;
  else
    self->last = waiter->before;
}

/**
 * il_waiters_leave:
 * @id: of one who waits
 *
 * Takes one out who waits no longer, and got nothing.  Under the guard.
 */
void
il_waiters_leave (IlWaiters *self, IlArena *arena, uint32_t id)
{
  IlWaiter *waiter = il_waiters_get (self, arena, id);

  atomic_store_explicit (&waiter->state, IL_WAITER_NONE, memory_order_relaxed);
  unlink_waiter (self, arena, waiter);
}

/**
 * il_waiters_grant:
 * @id: of one who waits
 * @wake_ups: to be sent once the guard is free
 *
 * Lets one go.  Under the guard.
 */
void
il_waiters_grant (IlWaiters *self, IlActor *actor, uint32_t id, IlWakeUps *wake_ups)
{
  IlWaiter *waiter = il_waiters_get (self, actor->arena, id);

  waiter->waker = il_actor_get_who (actor);
  if (atomic_exchange_explicit (&waiter->state, IL_WAITER_GRANTED, memory_order_acq_rel)
      == IL_WAITER_ASLEEP) /* [G] */
    {
      if (wake_ups->n == G_N_ELEMENTS (wake_ups->words))
        il_wake_ups_send (wake_ups, actor);
      wake_ups->words[wake_ups->n++] = &waiter->state;
    }
  wake_ups->n_granted++;
  unlink_waiter (self, actor->arena, waiter);
}

/**
 * il_waiters_rebuild:
 * @what: those who wait for this belong to the list
 *
 * Makes the list anew, whatever state it is in.  Under the guard.
 */
void
il_waiters_rebuild (IlWaiters *self, IlArena *arena, uint32_t what)
{
  self->first = self->last = 0;
  for (uint32_t id = 1; id <= arena->n_agents; id++)
    {
      const IlWaiter *waiter = il_waiters_get (self, arena, id);

      if (il_waiter_is_listed (waiter) && waiter->what == what)
        insert (self, arena, id);
    }
}

/**
 * il_wake_ups_send:
 *
 * Wakes those who were let go and sleep.
 */
void
il_wake_ups_send (IlWakeUps *wake_ups, IlActor *actor)
{
  for (uint32_t i = 0; i < wake_ups->n; i++)
    il_actor_wake (actor, wake_ups->words[i], 1);
  wake_ups->n = 0;
}

/**
 * il_waiter_wait:
 * @waiter: the actor's own, in a list
 *
 * Waits until it is let go.  Not under the guard.
 *
 * Returns: %IL_WAIT_DONE, or %IL_WAIT_CANCELLED while it may still be in the list
 */
IlWaitResult
il_waiter_wait (IlWaiter *waiter, IlActor *actor)
{
  uint32_t n_spins = actor->arena->n_spins;

  for (;;)
    {
      uint32_t state = atomic_load_explicit (&waiter->state, memory_order_acquire); /* [G] */

      if (state == IL_WAITER_GRANTED)
        return IL_WAIT_DONE;
      if (n_spins > 0)
        {
          n_spins--;
          il_spin_pause ();
          continue;
        }
      if (il_arena_is_cancelled (actor->arena))
        return IL_WAIT_CANCELLED;
      if (state == IL_WAITER_ASLEEP
          || atomic_compare_exchange_strong_explicit (&waiter->state, &state, IL_WAITER_ASLEEP,
                                                      memory_order_relaxed, memory_order_relaxed))
        il_actor_sleep_on (actor, &waiter->state, IL_WAITER_ASLEEP, IL_NO_DEADLINE);
    }
}
