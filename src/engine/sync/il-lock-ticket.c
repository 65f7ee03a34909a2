/* il-lock-ticket.c - a lock that goes to whoever came first
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Order     Who does not find it free draws a ticket under the guard and joins the list; the owner
 *           hands the lock to the first in it, directly: the word goes from one id to the next and
 *           is never 0 in between, so that nobody who comes later can get ahead.  The order of
 *           tickets is that in which the guard was taken, which may differ from that of two
 *           arrivals so close that neither waited.
 * Word      0: free, and nobody waits.  id: owned, and nobody waits; the owner may set it to 0 by
 *           itself.  id | IL_GUARD_WAITERS: owned, and changed under the guard alone.
 * Edges     [H] hand on: store of the word, grant  ->  heir: sees the grant
 *               What one owner wrote inside is seen by the next.
 * Killed    An heir who dies before it runs owns the lock, and its burial hands it on: a ticket of
 *           the dead holds up nobody.  Who dies while it hands on has noted to whom; if the word
 *           names the heir it is granted, and if not yet the burial of the dead hands on.
 * Weaker?   The grant is an exchange with release; the word alone, relaxed, would let the heir in
 *           before it sees what was done inside.
 * Checked   tests/engine/test-lock.c, tests/engine/test-robust.c.
 */

#include "config.h"

#include "il-lock.h"

static IlLock *
get_lock (IlRobust *robust)
{
  return (IlLock *)(void *)((uint8_t *)robust - offsetof (IlLock, queue.robust));
}

/* Under the guard, when the owner is done or dead.  Returns whether somebody got it. */
static bool
hand_on (IlLock *lock, IlActor *actor, IlWakeUps *wake_ups)
{
  uint32_t heir = lock->queue.waiters.first;

  lock->depth = 0;
  /* Those who wait when the run is given up wait in vain, and leave by themselves. */
  if (heir == 0 || il_arena_is_cancelled (actor->arena))
    {
      atomic_store_explicit (&lock->guard.word, 0, memory_order_release);
      return false;
    }
  lock->queue.heir = heir;
  atomic_store_explicit (&lock->guard.word, heir | IL_GUARD_WAITERS,
                         memory_order_release); /* [H] */
  il_waiters_grant (&lock->queue.waiters, actor, heir, wake_ups);
  lock->queue.heir = 0;
  return true;
}

static void
repair (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlLock *lock = get_lock (robust);
  IlTicketQueue *queue = &lock->queue;
  uint32_t heir = queue->heir;
  IlWakeUps wake_ups = { 0 };

  (void)dead;
  il_waiters_rebuild (&queue->waiters, actor->arena, 0);
  if (heir != 0 && il_guard_is_owned_by (&lock->guard, heir)
      && il_waiter_is_listed (il_waiters_get (&queue->waiters, actor->arena, heir)))
    il_waiters_grant (&queue->waiters, actor, heir, &wake_ups);
  queue->heir = 0;
  il_wake_ups_send (&wake_ups, actor);
}

static void
bury (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlLock *lock = get_lock (robust);
  const IlRobustPart *part = il_robust_get_part (robust, dead);
  IlWaiter *waiter = il_waiters_get (&lock->queue.waiters, actor->arena, dead->index + 1);
  IlWakeUps wake_ups = { 0 };

  if (il_waiter_is_listed (waiter))
    il_waiters_leave (&lock->queue.waiters, actor->arena, dead->index + 1);
  atomic_store_explicit (&waiter->state, IL_WAITER_NONE, memory_order_relaxed);
  if (!il_guard_is_owned_by (&lock->guard, dead->index + 1))
    return;
  atomic_store_explicit (&lock->last_holder, part->who, memory_order_relaxed);
  il_trace_lane_write (&actor->lane, IL_EVENT_OWNER_DIED, lock->object, part->who);
  hand_on (lock, actor, &wake_ups);
  il_wake_ups_send (&wake_ups, actor);
}

static const IlRobustFuncs funcs = { repair, bury };

/**
 * il_lock_ticket_init:
 */
void
il_lock_ticket_init (IlLock *lock, const IlArenaObject *object)
{
  il_robust_init (&lock->queue.robust, object, &funcs);
  lock->queue.waiters.offset = object->agent_offset + (uint32_t)offsetof (IlWaiterPart, waiter);
}

/* Under the guard: takes it if it has become free, or sees to it that the owner hands it on. */
static bool
take_or_announce (IlLock *lock, IlActor *actor)
{
  uint32_t word = atomic_load_explicit (&lock->guard.word, memory_order_relaxed);

  for (;;)
    {
      uint32_t wanted = word == 0 ? actor->id : word | IL_GUARD_WAITERS;

      if (atomic_compare_exchange_weak_explicit (&lock->guard.word, &word, wanted,
                                                 memory_order_acquire, memory_order_relaxed))
        return word == 0;
    }
}

/**
 * il_lock_ticket_wait:
 *
 * Waits for its turn.
 */
IlWaitResult
il_lock_ticket_wait (IlLock *lock, IlActor *actor)
{
  IlTicketQueue *queue = &lock->queue;
  IlWaiter *waiter = il_waiters_get (&queue->waiters, actor->arena, actor->id);
  IlWaitResult result = IL_WAIT_DONE;
  bool is_mine;

  il_robust_lock (&queue->robust, actor);
  is_mine = take_or_announce (lock, actor);
  if (!is_mine)
    il_waiters_join (&queue->waiters, actor);
  il_robust_unlock (&queue->robust, actor);
  if (is_mine)
    return IL_WAIT_DONE;

  if (il_waiter_wait (waiter, actor) == IL_WAIT_CANCELLED)
    {
      il_robust_lock (&queue->robust, actor);
      if (il_waiter_is_listed (waiter))
        {
          il_waiters_leave (&queue->waiters, actor->arena, actor->id);
          result = IL_WAIT_CANCELLED;
        }
      il_robust_unlock (&queue->robust, actor);
    }
  atomic_store_explicit (&waiter->state, IL_WAITER_NONE, memory_order_relaxed);
  return result;
}

/**
 * il_lock_ticket_hand_on:
 *
 * Gives the lock, which the actor has, to whoever waited longest.
 *
 * Returns: whether there was somebody
 */
bool
il_lock_ticket_hand_on (IlLock *lock, IlActor *actor)
{
  IlWakeUps wake_ups = { 0 };
  bool has_heir;

  il_robust_lock (&lock->queue.robust, actor);
  has_heir = hand_on (lock, actor, &wake_ups);
  il_robust_unlock (&lock->queue.robust, actor);
  il_wake_ups_send (&wake_ups, actor);
  return has_heir;
}

/**
 * il_lock_ticket_release_for_dead:
 */
void
il_lock_ticket_release_for_dead (IlLock *lock, IlActor *supervisor, IlAgent *dead)
{
  il_robust_release_for_dead (&lock->queue.robust, supervisor, dead);
}
