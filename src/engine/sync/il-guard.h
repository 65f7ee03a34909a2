/* il-guard.h - short locks around some lines of the engine itself, and what is left by who dies in
 * one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"
#include "il-object.h"

/* Not recorded, not cancellable. */
void il_guard_lock_slow (IlGuard *guard, IlActor *actor);
void il_guard_wake (IlGuard *guard);

/* What waiting for one consists of, also for locks whose word is one. */
bool il_guard_poll (IlGuard *guard, uint32_t id, uint32_t n_polls);
uint32_t il_guard_begin_sleep (IlGuard *guard);
bool il_guard_end_sleep (IlGuard *guard, uint32_t id);

static inline bool
il_guard_is_owned_by (const IlGuard *guard, uint32_t id)
{
  return (atomic_load_explicit (&guard->word, memory_order_relaxed) & ~IL_GUARD_WAITERS) == id;
}

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
  if ((atomic_exchange_explicit (&guard->word, 0, memory_order_seq_cst) & IL_GUARD_WAITERS) != 0)
    il_guard_wake (guard);
}

typedef struct _IlRobust IlRobust;

/*
 * What a primitive does about the dead.  Both are called with the guard owned, may be called in any
 * process, and write to nothing but the arena.
 */
typedef struct
{
  /* The dead one owned the guard: makes whole what it may have left half done.  What all agents
   * keep is the truth of which the rest is a sum or an order; each agent's own changes by one
   * store. */
  void (*repair) (IlRobust *self, IlActor *actor, IlAgent *dead);
  /* Takes away what the dead one had, or waited for. */
  void (*bury) (IlRobust *self, IlActor *actor, IlAgent *dead);
} IlRobustFuncs;

/* What an agent keeps of a robust primitive begins with this. */
typedef struct
{
  _Atomic uint32_t is_dead; /* and not buried yet */
  uint32_t who;             /* it was, as events name it */
} IlRobustPart;

/*
 * A guarded primitive that outlives whoever dies inside; the first member of each.
 *
 * Roles     Any agent locks and unlocks.  The supervisor, who must not wait, however short, says
 *           who is dead.
 * Edges     [D] supervisor: is_dead, n_dead  ->  tries the guard
 *               unlock: frees the guard  ->  looks at n_dead
 *               All four sequentially consistent: either the supervisor gets the guard, or whoever
 *               has it sees, once it frees it, that somebody is to be buried, and does it.  If it
 *               is dead itself, it is its own burial that does.
 *           [L] lock: looks at n_dead before anything else
 *               Who dies with the guard in hand is buried by whoever has it next.
 *           The replacement, which has the same id, waits until its predecessor is buried, before
 *           it does anything: what its own parts say is its own from then on.
 * Checked   tests/engine/test-robust.c: kills at random moments.
 */
struct _IlRobust
{
  alignas (IL_CACHE_LINE) IlGuard guard;
  _Atomic uint32_t n_dead; /* how many parts may say is_dead; 0 only if none does */
  uint32_t agent_offset;   /* constant, and so is what follows */
  const IlRobustFuncs *funcs;
};

void il_robust_init (IlRobust *self, const IlArenaObject *object, const IlRobustFuncs *funcs);
void il_robust_bury_owned (IlRobust *self, IlActor *actor);
void il_robust_bury_pending (IlRobust *self, IlActor *actor);
void il_robust_await_burials (IlActor *actor);
void il_robust_release_for_dead (IlRobust *self, IlActor *supervisor, IlAgent *dead);

static inline void *
il_robust_get_part (const IlRobust *self, const IlAgent *agent)
{
  return il_agent_get_part (agent, self->agent_offset);
}

static inline void
il_robust_lock (IlRobust *self, IlActor *actor)
{
  il_guard_lock (&self->guard, actor);
  if (__builtin_expect (atomic_load_explicit (&self->n_dead, memory_order_relaxed) != 0,
                        0)) /* [L] */
    il_robust_bury_owned (self, actor);
}

static inline void
il_robust_unlock (IlRobust *self, IlActor *actor)
{
  il_guard_unlock (&self->guard);
  if (__builtin_expect (atomic_load (&self->n_dead) != 0, 0)) /* [D] */
    il_robust_bury_pending (self, actor);
}
