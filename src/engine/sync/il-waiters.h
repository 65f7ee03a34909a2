/* il-waiters.h - agents in the order in which they came to wait, and letting them go one by one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-guard.h"

/*
 * Roles     All is changed by the owner of the primitive's guard alone, but for `state`: the waiter
 *           itself turns WAITING into ASLEEP, and GRANTED into NONE.
 * Edges     [G] grant: exchange -> GRANTED  ->  waiter: acquire load
 *               The waiter sees who let it go, and what the granter did before.
 * Sleeping  The waiter sleeps on its own state, and says so in it first.  A grant puts GRANTED
 *           there, so that a waiter who is about to sleep does not, and costs a system call only
 *           if the state said ASLEEP.  One grant wakes one waiter: nobody wakes in vain.
 * Killed    A waiter is in the list if and only if its state is WAITING or ASLEEP, and the order is
 *           that of the tickets: il_waiters_rebuild() makes the list anew from that.
 * Weaker?   Without [G] the waiter could miss what was done before it was let go.
 * Checked   tests/engine/test-{rwlock,condition,robust}.c, also built with -Db_sanitize=thread.
 */
typedef enum
{
  IL_WAITER_NONE,
  IL_WAITER_WAITING,
  IL_WAITER_ASLEEP,
  IL_WAITER_GRANTED,
} IlWaiterState;

/* A part of what an agent keeps of a primitive. */
typedef struct
{
  _Atomic uint32_t state;
  uint32_t what;   /* it waits for: of the primitive, set before it joins */
  uint32_t waker;  /* who let it go */
  uint32_t before; /* id of its neighbour, 0: it is the first */
  uint32_t after;
  uint64_t ticket;
} IlWaiter;

/* What an agent keeps of a primitive for which it can do nothing but wait. */
typedef struct
{
  IlRobustPart robust;
  IlWaiter waiter;
} IlWaiterPart;

typedef struct
{
  uint32_t first, last; /* ids; 0: nobody waits */
  uint32_t offset;      /* constant: of the IlWaiter in an agent's parts */
  uint64_t last_ticket; /* given out */
} IlWaiters;

/* Those who were let go under the guard and are to be woken after it. */
typedef struct
{
  uint32_t n_granted; /* all, also those that needed no waking */
  uint32_t n;
  _Atomic uint32_t *words[32];
} IlWakeUps;

void il_waiters_join (IlWaiters *self, IlActor *actor);
void il_waiters_leave (IlWaiters *self, IlArena *arena, uint32_t id);
void il_waiters_grant (IlWaiters *self, IlActor *actor, uint32_t id, IlWakeUps *wake_ups);
void il_waiters_rebuild (IlWaiters *self, IlArena *arena, uint32_t what);
void il_wake_ups_send (IlWakeUps *wake_ups, IlActor *actor);
IlWaitResult il_waiter_wait (IlWaiter *waiter, IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;

static inline IlWaiter *
il_waiters_get (const IlWaiters *self, const IlArena *arena, uint32_t id)
{
  return il_agent_get_part (&arena->agents[id - 1], self->offset);
}

static inline bool
il_waiter_is_listed (const IlWaiter *waiter)
{
  uint32_t state = atomic_load_explicit (&waiter->state, memory_order_relaxed);

  return state == IL_WAITER_WAITING || state == IL_WAITER_ASLEEP;
}
