/* il-lock.h - mutual exclusion between threads and between processes: locks of a scenario
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Recorded in full, cancellable.  Taking a free lock is inline, and so is giving one back that
 * nobody waits for: an atomic instruction and an event each.  Compilers have to be told, since with
 * the event they take it for too long.
 */

#pragma once

#include "il-guard.h"
#include "il-trace-write.h"
#include "il-waiters.h"

/* What of a lock the kind ticket alone uses. */
typedef struct
{
  IlRobust robust; /* guards what follows, and all changes of a word that has IL_GUARD_WAITERS */
  IlWaiters waiters;
  uint32_t heir; /* id of the one to whom it is being handed on */
} IlTicketQueue;

/* The word of a lock, besides its owner's id and IL_GUARD_WAITERS: it was entered again. */
#define IL_LOCK_ENTERED 0x40000000u
#define IL_LOCK_OWNER (~(IL_GUARD_WAITERS | IL_LOCK_ENTERED))

typedef struct
{
  alignas (IL_CACHE_LINE) IlGuard guard; /* n_sleepers is of the kinds that sleep on the word */
  _Atomic uint32_t last_holder;          /* or holder; who, as events name it */
  uint32_t depth; /* how often its owner entered it again; written by the owner alone */
  uint32_t kind;  /* IlLockKind; constant, and so is what follows */
  uint32_t object;
  IlTicketQueue queue;
} IlLock;

extern const IlObjectClass il_lock_class;

IlWaitResult il_lock_acquire_slow (IlLock *lock, IlActor *actor, uint32_t met);
bool il_lock_release_slow (IlLock *lock, IlActor *actor, uint64_t stamp);
void il_lock_release_for_dead (IlLock *lock, IlActor *supervisor, IlAgent *dead);

/* For a condition, which lets go of a lock however often it was entered. */
uint32_t il_lock_get_depth (const IlLock *lock);
void il_lock_set_depth (IlLock *lock, IlActor *actor, uint32_t depth);

/* il-lock-ticket.c */
void il_lock_ticket_init (IlLock *lock, const IlArenaObject *object);
IlWaitResult il_lock_ticket_wait (IlLock *lock, IlActor *actor);
bool il_lock_ticket_hand_on (IlLock *lock, IlActor *actor);
void il_lock_ticket_release_for_dead (IlLock *lock, IlActor *supervisor, IlAgent *dead);

static inline bool
il_lock_is_owned_by (const IlLock *lock, const IlActor *actor)
{
  return (atomic_load_explicit (&lock->guard.word, memory_order_relaxed) & IL_LOCK_OWNER)
         == actor->id;
}

/* For whom it will be who had it last.  By the owner. */
static inline void
il_lock_note_holder (IlLock *lock, const IlActor *actor)
{
  atomic_store_explicit (&lock->last_holder, il_actor_get_who (actor), memory_order_relaxed);
}

/**
 * il_lock_acquire:
 *
 * Waits for the lock and takes it.  Who has it already waits for itself until the run is given up,
 * unless the lock is recursive.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
G_GNUC_WARN_UNUSED_RESULT static inline __attribute__ ((always_inline)) IlWaitResult
il_lock_acquire (IlLock *lock, IlActor *actor)
{
  uint32_t met = 0;

  if (__builtin_expect (!atomic_compare_exchange_strong_explicit (&lock->guard.word, &met,
                                                                  actor->id, memory_order_acquire,
                                                                  memory_order_relaxed),
                        0)) /* [L] */
    return il_lock_acquire_slow (lock, actor, met);
  if (actor->lane.limit != 0)
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_ACQUIRE, lock->object, 0);
      il_lock_note_holder (lock, actor);
    }
  return IL_WAIT_DONE;
}

/**
 * il_lock_release:
 *
 * Returns: %FALSE if the actor does not have the lock; then nothing happens
 */
static inline __attribute__ ((always_inline)) bool
il_lock_release (IlLock *lock, IlActor *actor)
{
  uint64_t stamp = il_trace_lane_stamp (&actor->lane);
  uint32_t word = actor->id;

  /* The word is the bare id only if nobody waits and its owner entered it once.  It is not looked
   * at before: a look at what an atomic instruction has just written takes as long as another. */
  if (__builtin_expect (!atomic_compare_exchange_strong_explicit (&lock->guard.word, &word, 0,
                                                                  memory_order_release,
                                                                  memory_order_relaxed),
                        0)) /* [U] */
    return il_lock_release_slow (lock, actor, stamp);
  if (actor->lane.limit != 0)
    il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_LOCK_RELEASE, lock->object, 0);
  return true;
}
