/* il-hand.c - what an agent has in hand: taking tasks, settling them, and finding out what was in a
 * hand that is dead
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.  The argument why no task is lost or counted twice when a
 * worker is killed stands above IlHand in il-arena.h.
 */

#include "config.h"

#include "il-hand.h"

#include <string.h>

#include "il-lock.h"
#include "il-queue.h"

static void
set_phase (IlHand *hand, IlHandPhase phase)
{
  atomic_store_explicit (&hand->phase, phase, memory_order_release);
}

static void
reach (IlHand *hand, IlHandPhase phase)
{
  hand->n_settled = 0;
  hand->attempt = 0;
  atomic_store_explicit (&hand->position, IL_POSITION_NONE, memory_order_relaxed);
  set_phase (hand, phase);
}

/**
 * il_hand_take_entry:
 * @queue: a task queue
 * @deadline_ns: as for il_queue_begin_get()
 *
 * Waits for an entry and takes it in hand.
 */
IlWaitResult
il_hand_take_entry (IlQueue *queue, IlActor *actor, int64_t deadline_ns)
{
  IlHand *hand = &actor->agent->hand;
  IlWaitResult result;
  IlQueueChange change;

  reach (hand, IL_HAND_TAKING);
  result = il_queue_begin_get (queue, actor, deadline_ns);
  if (result != IL_WAIT_DONE)
    {
      set_phase (hand, IL_HAND_EMPTY);
      return result;
    }
  memcpy (&hand->entry, il_queue_get_first_slot (queue), sizeof hand->entry);
  atomic_store_explicit (&hand->position, il_queue_get_head (queue), memory_order_release);
  change = il_queue_commit_get (queue, actor);
  set_phase (hand, IL_HAND_HELD);

  il_queue_write_get (queue, actor, &change);
  actor->shared_stamp = change.stamp;
  il_queue_finish_get (queue, actor, &change);
  return IL_WAIT_DONE;
}

/**
 * il_hand_draw_ticket:
 * @kind: one that arrives as a loop
 *
 * Takes the next task of the kind in hand.
 *
 * Returns: %FALSE if there are no more
 */
bool
il_hand_draw_ticket (IlKind *kind, IlActor *actor)
{
  IlHand *hand = &actor->agent->hand;
  uint64_t ticket;

  reach (hand, IL_HAND_DRAWING);
  il_guard_lock (&kind->guard, actor);
  ticket = atomic_load_explicit (&kind->next_ticket, memory_order_relaxed);
  if (ticket < kind->limit)
    {
      hand->entry = (IlTaskEntry){ .kind = kind->index, .count = 1, .first = ticket };
      atomic_store_explicit (&hand->position, ticket, memory_order_release);
      atomic_store_explicit (&kind->next_ticket, ticket + 1, memory_order_release);
    }
  il_guard_unlock (&kind->guard);
  if (ticket >= kind->limit)
    {
      set_phase (hand, IL_HAND_EMPTY);
      return false;
    }
  set_phase (hand, IL_HAND_HELD);

  if (actor->shared_stamp == 0)
    actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_TASK_SUBMIT, kind->object,
                          il_arena_get_task_number (actor->arena, kind->index, ticket));
  return true;
}

/**
 * il_hand_hold:
 *
 * Takes an entry in hand that came from no queue.
 */
void
il_hand_hold (IlActor *actor, const IlTaskEntry *entry)
{
  IlHand *hand = &actor->agent->hand;

  reach (hand, IL_HAND_EMPTY);
  hand->entry = *entry;
  set_phase (hand, IL_HAND_HELD);
}

static void
deliver (IlArena *arena, const IlTaskEntry *entry, const IlSettlement *settlement)
{
  IlResult *there = &arena->results[entry->slot - 1 + settlement->n_settled - 1];
  uint32_t pending = IL_RESULT_STATUS (entry->ticket, IL_RESULT_PENDING);
  uint32_t awaited = IL_RESULT_STATUS (entry->ticket, IL_RESULT_AWAITED);
  uint32_t ready = IL_RESULT_STATUS (entry->ticket, IL_RESULT_READY + settlement->result);
  uint32_t status = atomic_load_explicit (&there->status, memory_order_relaxed);

  if (status != pending && status != awaited)
    return;
  there->value = settlement->value;
  if (atomic_exchange_explicit (&there->status, ready, memory_order_acq_rel) == awaited)
    il_futex_wake_all (&there->status);
}

/* Everything that follows from a settlement.  Doing it once more changes nothing. */
static void
apply_settlement (IlArena *arena, IlAgent *agent)
{
  IlHand *hand = &agent->hand;
  const IlSettlement *settlement = &hand->settlement;
  IlTally *tally = &agent->tallies[hand->entry.kind];

  atomic_store_explicit (&tally->sum, settlement->sum, memory_order_relaxed);
  if (hand->entry.slot != 0)
    deliver (arena, &hand->entry, settlement);
  atomic_store_explicit (&tally->settled[settlement->result], settlement->count,
                         memory_order_release);
  hand->n_settled = settlement->n_settled;
  hand->attempt = 0;
  set_phase (hand, hand->n_settled < hand->entry.count ? IL_HAND_HELD : IL_HAND_EMPTY);
}

/**
 * il_hand_settle:
 * @agent: holds a task, and is the caller or dead
 * @value: what the task computed
 *
 * Settles the first task in hand: counts it and gives its result back.
 */
void
il_hand_settle (IlArena *arena, IlAgent *agent, IlTaskResult result, uint64_t value)
{
  IlHand *hand = &agent->hand;
  IlTally *tally = &agent->tallies[hand->entry.kind];

  hand->settlement = (IlSettlement){
    .result = result,
    .n_settled = hand->n_settled + 1,
    .count = atomic_load_explicit (&tally->settled[result], memory_order_relaxed) + 1,
    .sum = atomic_load_explicit (&tally->sum, memory_order_relaxed)
           + (result == IL_TASK_DONE ? value : 0),
    .value = value,
  };
  set_phase (hand, IL_HAND_SETTLED);
  apply_settlement (arena, agent);
}

/**
 * il_hand_get_number:
 *
 * Returns: the number within its kind of the first task in hand
 */
uint64_t
il_hand_get_number (const IlAgent *agent)
{
  return agent->hand.entry.first + agent->hand.n_settled;
}

/**
 * il_hand_has_more:
 *
 * Returns: whether there is a task in hand
 */
bool
il_hand_has_more (const IlAgent *agent)
{
  return atomic_load_explicit (&agent->hand.phase, memory_order_relaxed) == IL_HAND_HELD;
}

/**
 * il_hand_recover:
 * @dead: an agent that no longer runs, and whose guards are not yet free
 *
 * Brings the hand of one who was killed at any moment into order: afterwards it is empty, or holds
 * what was not settled.
 */
void
il_hand_recover (IlArena *arena, IlAgent *dead)
{
  IlHand *hand = &dead->hand;
  uint64_t position = atomic_load_explicit (&hand->position, memory_order_acquire);
  uint64_t reached = 0;

  switch ((IlHandPhase)atomic_load_explicit (&hand->phase, memory_order_acquire))
    {
    case IL_HAND_EMPTY:
    case IL_HAND_HELD:
      return;
    case IL_HAND_SETTLED:
      apply_settlement (arena, dead);
      return;
    case IL_HAND_TAKING:
      reached = atomic_load (&arena->groups[dead->group].queue->head);
      break;
    case IL_HAND_DRAWING:
      if (position != IL_POSITION_NONE)
        reached = atomic_load (&arena->kinds[hand->entry.kind].next_ticket);
      break;
    }
  set_phase (hand, position < reached ? IL_HAND_HELD : IL_HAND_EMPTY);
}
