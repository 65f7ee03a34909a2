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

#include "il-guard.h"
#include "il-join.h"
#include "il-task-queue.h"

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
  bool has_more;

  il_hand_reach (hand, IL_HAND_TAKING);
  il_guard_lock (&kind->guard, actor);
  ticket = atomic_load_explicit (&kind->next_ticket, memory_order_relaxed);
  has_more = ticket < kind->limit && !atomic_load_explicit (&kind->has_ended, memory_order_relaxed);
  if (has_more)
    {
      hand->entry = (IlTaskEntry){ .kind = kind->index, .count = 1, .first = ticket };
      hand->taken_from = &kind->next_ticket;
      atomic_store_explicit (&hand->position, ticket, memory_order_release);
      atomic_store_explicit (&kind->next_ticket, ticket + 1, memory_order_release);
    }
  il_guard_unlock (&kind->guard);
  if (!has_more)
    {
      il_hand_set_phase (hand, IL_HAND_EMPTY);
      return false;
    }
  il_hand_set_phase (hand, IL_HAND_HELD);

  if (actor->shared_stamp == 0)
    actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_TASK_DIRECT, kind->object,
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
  IlHand *hand = il_agent_get_hand (actor->agent);

  il_hand_reach (hand, IL_HAND_EMPTY);
  hand->entry = *entry;
  il_hand_set_phase (hand, IL_HAND_HELD);
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
apply_settlement (IlArena *arena, IlAgent *agent, IlHand *hand)
{
  const IlSettlement *settlement = &hand->settlement;
  IlTally *tally = &agent->tallies[hand->entry.kind];

  atomic_store_explicit (&tally->sum, settlement->sum, memory_order_relaxed);
  if (hand->entry.form == IL_ENTRY_TASKS && hand->entry.slot != 0)
    deliver (arena, &hand->entry, settlement);
  atomic_store_explicit (&tally->settled[settlement->result], settlement->count,
                         memory_order_release);
  if (settlement->open != 0)
    atomic_store (&il_frame_get (arena, &hand->entry)->open, settlement->open);
  hand->n_settled = settlement->n_settled;
  hand->n_begun = 0;
  il_hand_set_phase (hand, hand->n_settled < il_task_entry_get_count (&hand->entry)
                               ? IL_HAND_HELD
                               : IL_HAND_EMPTY);
}

/* Nobody will ask what was done of it. */
static void
settle_at_once (IlActor *actor, IlHand *hand, IlTally *tally, IlTaskResult result, uint64_t value)
{
  IlArena *arena = actor->arena;
  _Atomic uint64_t *settled = &tally->settled[result];
  uint32_t n_settled = hand->n_settled + 1;

  /* No task of the pool. */
  if (hand->entry.form == IL_ENTRY_FORK)
    {
      il_hand_set_phase (hand, IL_HAND_EMPTY);
      return;
    }
  if (result == IL_TASK_DONE)
    atomic_store_explicit (&tally->sum,
                           atomic_load_explicit (&tally->sum, memory_order_relaxed) + value,
                           memory_order_relaxed);
  if (hand->entry.form == IL_ENTRY_TASKS && hand->entry.slot != 0)
    deliver (arena, &hand->entry,
             &(IlSettlement){ .result = result, .n_settled = n_settled, .value = value });
  atomic_store_explicit (settled, atomic_load_explicit (settled, memory_order_relaxed) + 1,
                         memory_order_release);
  if (hand->entry.form == IL_ENTRY_CHILD)
    il_frame_settle (il_frame_get (arena, &hand->entry), actor, &hand->entry);
  hand->n_settled = n_settled;
  hand->n_begun = 0;
  if (n_settled == il_task_entry_get_count (&hand->entry))
    il_hand_set_phase (hand, IL_HAND_EMPTY);
}

static void
settle_with_journal (IlArena *arena, IlAgent *agent, IlHand *hand, IlTaskResult result,
                     uint64_t value, uint64_t open)
{
  IlTally *tally = &agent->tallies[hand->entry.kind];

  hand->settlement = (IlSettlement){
    .result = result,
    .n_settled = hand->n_settled + 1,
    .count = atomic_load_explicit (&tally->settled[result], memory_order_relaxed) + 1,
    .sum = atomic_load_explicit (&tally->sum, memory_order_relaxed)
           + (result == IL_TASK_DONE ? value : 0),
    .value = value,
    .open = open,
  };
  il_hand_set_phase (hand, IL_HAND_SETTLED);
  apply_settlement (arena, agent, hand);
}

/* The frame's guard is owned until nobody needs to do it once more. */
static void
settle_child (IlActor *actor, IlHand *hand, IlTaskResult result, uint64_t value)
{
  IlTaskEntry child = hand->entry;
  IlFrame *frame = il_frame_get (actor->arena, &child);
  uint64_t open;

  il_guard_lock (&frame->guard, actor);
  open = il_frame_get_settled (frame, &child);
  settle_with_journal (actor->arena, actor->agent, hand, result, value, open);
  il_guard_unlock (&frame->guard);
  if (il_frame_is_over (frame, open))
    il_frame_ring (frame, actor, &child);
}

/**
 * il_hand_settle:
 * @actor: the caller
 * @agent: holds a task, and is that of the caller, or dead and the caller is the supervisor
 * @value: what the task computed
 *
 * Settles the first task in hand: counts it and gives its result back.
 */
void
il_hand_settle (IlActor *actor, IlAgent *agent, IlTaskResult result, uint64_t value)
{
  IlHand *hand = il_agent_get_hand (agent);
  bool is_child = hand->entry.form == IL_ENTRY_CHILD;
  bool is_clients = actor->arena->kinds[hand->entry.kind].arrival == IL_ARRIVAL_CLOSED;

  if (!actor->arena->can_lose_workers)
    settle_at_once (actor, hand, &agent->tallies[hand->entry.kind], result, value);
  else if (!is_child)
    settle_with_journal (actor->arena, agent, hand, result, value, 0);
  else if (actor->agent->index == IL_AGENT_SUPERVISOR)
    {
      il_frame_lose (il_frame_get (actor->arena, &hand->entry), &hand->entry);
      settle_with_journal (actor->arena, agent, hand, result, value, 0);
    }
  else
    settle_child (actor, hand, result, value);
  /* A client may wait for it. */
  if (is_clients)
    il_task_queue_ring_submitter (actor);
}

/**
 * il_hand_get_number:
 *
 * Returns: the number within its kind of the first task in hand
 */
uint64_t
il_hand_get_number (IlAgent *agent)
{
  return il_hand_get_first (il_agent_get_hand (agent));
}

/**
 * il_hand_has_more:
 * @agent: runs no task
 *
 * Returns: whether there is a task in hand, one that was left undone by who held it before
 */
bool
il_hand_has_more (IlAgent *agent)
{
  for (;;)
    {
      uint32_t nesting = atomic_load_explicit (&agent->nesting, memory_order_relaxed);
      IlHand *hand = il_agent_get_hand (agent);

      if (atomic_load_explicit (&hand->phase, memory_order_relaxed) == IL_HAND_HELD)
        return true;
      if (nesting == 0)
        return false;
      atomic_store_explicit (&agent->nesting, nesting - 1, memory_order_relaxed);
    }
}

static void
recover_one (IlArena *arena, IlAgent *dead, IlHand *hand)
{
  uint64_t position = atomic_load_explicit (&hand->position, memory_order_acquire);
  IlHandPhase phase = (IlHandPhase)atomic_load_explicit (&hand->phase, memory_order_acquire);
  bool has_it;

  if (phase == IL_HAND_EMPTY || phase == IL_HAND_HELD)
    return;
  if (phase == IL_HAND_SETTLED)
    {
      apply_settlement (arena, dead, hand);
      return;
    }
  has_it = position != IL_POSITION_NONE
           && (atomic_load (hand->taken_from) > position) == (phase == IL_HAND_TAKING);
  il_hand_set_phase (hand, has_it ? IL_HAND_HELD : IL_HAND_EMPTY);
}

/**
 * il_hand_is_run_again:
 * @dead: an agent that no longer runs
 *
 * Returns: whether the task that it died of is to be begun once more
 */
bool
il_hand_is_run_again (const IlArena *arena, const IlAgent *dead)
{
  return arena->retries && dead->hand.n_begun < IL_HAND_MAX_ATTEMPTS;
}

static void
free_frame (IlFrame *frame, const IlAgent *dead)
{
  if (il_guard_is_owned_by (&frame->guard, dead->index + 1))
    il_guard_unlock (&frame->guard);
}

/* Its own, and those of whose children it settled. */
static void
free_frames (IlArena *arena, IlAgent *dead)
{
  uint32_t nesting = atomic_load_explicit (&dead->nesting, memory_order_relaxed);

  for (uint32_t i = 0; dead->frames != NULL && i <= nesting; i++)
    {
      const IlHand *hand = i == 0 ? &dead->hand : &dead->nested[i - 1];

      free_frame (&dead->frames[i], dead);
      if (hand->entry.form == IL_ENTRY_CHILD)
        free_frame (il_frame_get (arena, &hand->entry), dead);
    }
}

/**
 * il_hand_recover:
 * @dead: an agent that no longer runs, and whose guards are not yet free
 *
 * Brings the hands of one who was killed at any moment into order: afterwards each is empty, or
 * holds what was not settled.
 */
void
il_hand_recover (IlArena *arena, IlAgent *dead)
{
  uint32_t nesting = atomic_load_explicit (&dead->nesting, memory_order_acquire);

  il_task_put_recover (dead);
  recover_one (arena, dead, &dead->hand);
  for (uint32_t i = 0; i < nesting; i++)
    recover_one (arena, dead, &dead->nested[i]);
  free_frames (arena, dead);
}
