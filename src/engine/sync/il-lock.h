/* il-lock.h - mutual exclusion between threads and between processes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"
#include "il-object.h"

/* A lock of the scenario. */
typedef struct
{
  alignas (IL_CACHE_LINE) IlGuard guard;
  _Atomic uint32_t last_holder; /* who, as events name it */
  uint32_t object;              /* constant */
} IlLock;

extern const IlObjectClass il_lock_class;

/* Short: around some lines of the engine itself, not recorded, not cancellable. */
void il_guard_lock_slow (IlGuard *guard, IlActor *actor);
void il_guard_wake (IlGuard *guard);
bool il_guard_is_owned_by (const IlGuard *guard, uint32_t id);

/* Long: of the scenario, recorded, cancellable. */
IlWaitResult il_lock_acquire (IlLock *lock, IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
bool il_lock_release (IlLock *lock, IlActor *actor);
void il_lock_release_for_dead (IlLock *lock, IlActor *supervisor, const IlAgent *dead);

static inline bool
il_guard_try_lock (IlGuard *guard, uint32_t id)
{
  uint32_t expected = 0;

  return atomic_compare_exchange_strong_explicit (&guard->word, &expected, id, memory_order_acquire,
                                                  memory_order_relaxed);
}

static inline void
il_guard_lock (IlGuard *guard, IlActor *actor)
{
  if (!il_guard_try_lock (guard, actor->id))
    il_guard_lock_slow (guard, actor);
}

static inline void
il_guard_unlock (IlGuard *guard)
{
  if ((atomic_exchange_explicit (&guard->word, 0, memory_order_acq_rel) & IL_GUARD_WAITERS) != 0)
    il_guard_wake (guard);
}
