/* il-hand.h - what an agent has in hand: taking tasks and settling them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

/* A task that so many workers died of is given up, even if it is to be run again. */
#define IL_HAND_MAX_ATTEMPTS 10

bool il_hand_draw_ticket (IlKind *kind, IlActor *actor);
void il_hand_hold (IlActor *actor, const IlTaskEntry *entry);
void il_hand_settle (IlActor *actor, IlAgent *agent, IlTaskResult result, uint64_t value);
uint64_t il_hand_get_number (IlAgent *agent);
bool il_hand_has_more (IlAgent *agent);
bool il_hand_is_run_again (const IlArena *arena, const IlAgent *dead);
void il_hand_recover (IlArena *arena, IlAgent *dead);

/* The number within its kind of the first task. */
static inline uint64_t
il_hand_get_first (const IlHand *hand)
{
  return hand->entry.form == IL_ENTRY_CHILD ? hand->entry.number
                                            : hand->entry.first + hand->n_settled;
}

/* The one that is in use. */
static inline IlHand *
il_agent_get_hand (IlAgent *agent)
{
  uint32_t nesting = atomic_load_explicit (&agent->nesting, memory_order_relaxed);

  return nesting == 0 ? &agent->hand : &agent->nested[nesting - 1];
}

static inline void
il_hand_set_phase (IlHand *hand, IlHandPhase phase)
{
  atomic_store_explicit (&hand->phase, phase, memory_order_release);
}

/* Begins to reach for something; its position is still to be said. */
static inline void
il_hand_reach (IlHand *hand, IlHandPhase phase)
{
  hand->n_settled = 0;
  hand->n_begun = 0;
  atomic_store_explicit (&hand->position, IL_POSITION_NONE, memory_order_relaxed);
  il_hand_set_phase (hand, phase);
}
