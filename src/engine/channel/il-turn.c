/* il-turn.c - waiting for one's turn; the argument stands in il-turn.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-turn.h"

/**
 * il_turn_wait:
 *
 * Waits until it is the actor's turn; between il_actor_begin_wait() and il_actor_end_wait().
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_turn_wait (IlTurn *turn, IlActor *actor)
{
  while (!il_turn_try_take (turn, actor, IL_GUARD_WAITERS))
    {
      uint32_t word = atomic_load_explicit (&turn->word, memory_order_relaxed);

      if (il_arena_is_cancelled (actor->arena))
        return IL_WAIT_CANCELLED;
      if (word == 0
          || ((word & IL_GUARD_WAITERS) == 0
              && !atomic_compare_exchange_strong (&turn->word, &word, word | IL_GUARD_WAITERS)))
        continue;
      il_actor_sleep_on (actor, &turn->word, word | IL_GUARD_WAITERS, IL_NO_DEADLINE);
    }
  return IL_WAIT_DONE;
}

static void
give (IlTurn *turn, IlActor *actor)
{
  if ((atomic_exchange_explicit (&turn->word, 0, memory_order_release) & IL_GUARD_WAITERS) != 0)
    il_actor_wake (actor, &turn->word, 1);
}

/**
 * il_turn_give:
 * @actor: its owner
 */
void
il_turn_give (IlTurn *turn, IlActor *actor)
{
  atomic_store_explicit (&turn->given_by, il_actor_get_who (actor), memory_order_relaxed);
  give (turn, actor);
}

/**
 * il_turn_release_for_dead:
 * @dead: an agent that no longer runs
 */
void
il_turn_release_for_dead (IlTurn *turn, IlActor *supervisor, const IlAgent *dead)
{
  if ((atomic_load (&turn->word) & ~IL_GUARD_WAITERS) == dead->index + 1)
    give (turn, supervisor);
}
