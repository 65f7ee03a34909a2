/* il-turn.h - one after the other, for as long as it takes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

/*
 * Unlike a guard it may be held while its owner waits, so waiting for it is a wait like any other:
 * coroutines give way, and it is cancelled with the run.
 *
 * Roles     Any agent takes it; its owner, or the supervisor for one that is dead, gives it.
 * Edges     take: compare-and-swap 0 -> id, acquire  |  give: exchange -> 0, release
 * Sleeping  Who is about to sleep sets IL_GUARD_WAITERS in the word that it sleeps on; giving takes
 *           the bit away and wakes one, who sets it again when it takes the turn, since others may
 *           have slept with it.
 * Killed    The word names the owner.  All who sleep are woken when anybody died.
 */
typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic uint32_t word; /* id of the owner, or 0 */
  _Atomic uint32_t given_by;                     /* who */
} IlTurn;

IlWaitResult il_turn_wait (IlTurn *turn, IlActor *actor);
void il_turn_give (IlTurn *turn, IlActor *actor);
void il_turn_release_for_dead (IlTurn *turn, IlActor *supervisor, const IlAgent *dead);

static inline bool
il_turn_is_of (const IlTurn *turn, const IlAgent *agent)
{
  return (atomic_load (&turn->word) & ~IL_GUARD_WAITERS) == agent->index + 1;
}

static inline bool
il_turn_try_take (IlTurn *turn, const IlActor *actor, uint32_t flags)
{
  uint32_t expected = 0;

  return atomic_compare_exchange_strong_explicit (&turn->word, &expected, actor->id | flags,
                                                  memory_order_acquire, memory_order_relaxed);
}
