/* il-task.c - taking a task, running its steps, settling it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.  The argument why no task is lost or counted twice when a
 * worker is killed stands above IlHand in il-arena.h.
 */

#include "config.h"

#include "il-task.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "il-kernel.h"
#include "il-lock.h"
#include "il-queue.h"
#include "il-random.h"
#include "il-semaphore.h"

/* What a task's step left to do. */
typedef enum
{
  GO_ON,
  END_FAILED,
  END_CANCELLED,
} Outcome;

/* A task while it runs. */
typedef struct
{
  IlActor *actor;
  const IlKind *kind;
  uint64_t number;
  IlRandom random;
} Task;

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
 * il_task_take_entry:
 * @queue: a task queue
 * @deadline_ns: as for il_queue_begin_get()
 *
 * Waits for an entry and takes it in hand.
 */
IlWaitResult
il_task_take_entry (IlQueue *queue, IlActor *actor, int64_t deadline_ns)
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
  il_queue_finish_get (queue, &change);
  return IL_WAIT_DONE;
}

/**
 * il_task_draw_ticket:
 * @kind: one that arrives as a loop
 *
 * Takes the next task of the kind in hand.
 *
 * Returns: %FALSE if there are no more
 */
bool
il_task_draw_ticket (IlKind *kind, IlActor *actor)
{
  IlHand *hand = &actor->agent->hand;
  uint64_t ticket;

  reach (hand, IL_HAND_DRAWING);
  il_guard_lock (&kind->guard, actor->id, actor->arena->n_spins);
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
 * il_task_hold:
 *
 * Takes an entry in hand that came from no queue.
 */
void
il_task_hold (IlActor *actor, const IlTaskEntry *entry)
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
 * il_task_settle:
 * @agent: holds a task, and is the caller or dead
 * @value: what the task computed
 *
 * Settles the first task in hand: counts it and gives its result back.
 */
void
il_task_settle (IlArena *arena, IlAgent *agent, IlTaskResult result, uint64_t value)
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
 * il_task_get_held:
 *
 * Returns: the number within its kind of the first task in hand
 */
uint64_t
il_task_get_held (const IlAgent *agent)
{
  return agent->hand.entry.first + agent->hand.n_settled;
}

/**
 * il_task_has_more:
 *
 * Returns: whether there is a task in hand
 */
bool
il_task_has_more (const IlAgent *agent)
{
  return atomic_load_explicit (&agent->hand.phase, memory_order_relaxed) == IL_HAND_HELD;
}

/**
 * il_task_recover_hand:
 * @dead: an agent that no longer runs, and whose guards are not yet free
 *
 * Brings the hand of one who was killed at any moment into order: afterwards it is empty, or holds
 * what was not settled.
 */
void
il_task_recover_hand (IlArena *arena, IlAgent *dead)
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

static double
draw (Task *task, const IlQuantity *quantity)
{
  double value = il_arena_get_quantity (task->actor->arena, quantity);

  return quantity->is_random ? il_random_exponential (&task->random, value) : value;
}

/* Whether something happens that has this probability in percent. */
static bool
draw_chance (Task *task, const IlQuantity *quantity)
{
  return il_random_uniform (&task->random) * 100
         < il_arena_get_quantity (task->actor->arena, quantity);
}

static Outcome
get_outcome (IlWaitResult result)
{
  return result == IL_WAIT_DONE ? GO_ON : END_CANCELLED;
}

static Outcome
put_item (Task *task, IlQueue *queue, const IlQuantity *quantity)
{
  IlActor *actor = task->actor;
  double size = draw (task, quantity);
  uint32_t room;
  IlQueueChange change;
  IlItem *item;
  IlWaitResult result = il_queue_begin_put (queue, actor, IL_NO_DEADLINE, &room);

  if (result != IL_WAIT_DONE)
    return END_CANCELLED;
  item = il_queue_get_free_slot (queue, 0);
  item->size = size < actor->arena->max_payload ? (uint32_t)size : actor->arena->max_payload;
  item->producer = actor->id;
  item->number = task->number;
  item->reference = actor->payload;
  if (actor->arena->copies_payload)
    {
      if (item->size > queue->slot_size - sizeof *item)
        item->size = queue->slot_size - (uint32_t)sizeof *item;
      memcpy (item + 1, actor->payload, item->size);
    }
  change = il_queue_commit_put (queue, actor, 1);
  il_queue_write_put (queue, actor, &change, 0);
  il_queue_finish_put (queue, &change);
  return GO_ON;
}

static Outcome
get_item (Task *task, IlQueue *queue)
{
  IlActor *actor = task->actor;
  const IlItem *item;
  IlQueueChange change;

  if (il_queue_begin_get (queue, actor, IL_NO_DEADLINE) != IL_WAIT_DONE)
    return END_CANCELLED;
  item = il_queue_get_first_slot (queue);
  if (actor->arena->copies_payload)
    memcpy (actor->payload, item + 1, item->size);
  change = il_queue_commit_get (queue, actor);
  il_queue_write_get (queue, actor, &change);
  il_queue_finish_get (queue, &change);
  return GO_ON;
}

/* The default action of SIGSEGV, whatever handlers there are. */
static void
crash (void)
{
  signal (SIGSEGV, SIG_DFL);
  raise (SIGSEGV);
  _exit (1);
}

static Outcome
run_step (Task *task, const IlArenaStep *step)
{
  IlActor *actor = task->actor;
  IlArena *arena = actor->arena;

  switch (step->kind)
    {
    case IL_STEP_LOCK:
      return get_outcome (il_lock_acquire (&arena->locks[step->object], actor));
    case IL_STEP_UNLOCK:
      return il_lock_release (&arena->locks[step->object], actor) ? GO_ON : END_FAILED;
    case IL_STEP_ACQUIRE:
      return get_outcome (il_semaphore_acquire (&arena->semaphores[step->object], actor));
    case IL_STEP_POST:
      il_semaphore_post (&arena->semaphores[step->object], actor);
      return GO_ON;
    case IL_STEP_PUT:
      return put_item (task, &arena->queues[step->object], &step->quantity);
    case IL_STEP_GET:
      return get_item (task, &arena->queues[step->object]);
    case IL_STEP_CPU:
      return il_kernel_cpu (actor, draw (task, &step->quantity)) ? GO_ON : END_CANCELLED;
    case IL_STEP_SLEEP:
      return il_kernel_sleep (actor, draw (task, &step->quantity)) ? GO_ON : END_CANCELLED;
    case IL_STEP_FAIL:
      return draw_chance (task, &step->quantity) ? END_FAILED : GO_ON;
    case IL_STEP_CRASH:
      if (draw_chance (task, &step->quantity))
        crash ();
      return GO_ON;
    case IL_N_STEP_KINDS:
      break;
    }
  return GO_ON;
}

/* A task that was cut short leaves nothing locked behind, as a scope would that is left by an
 * exception; one that went through all its steps has itself to blame. */
static void
unwind (IlActor *actor)
{
  IlArena *arena = actor->arena;

  for (uint32_t i = 0; i < arena->n_locks; i++)
    il_lock_release (&arena->locks[i], actor);
  for (uint32_t i = 0; i < arena->n_semaphores; i++)
    while (atomic_load_explicit (&actor->agent->held_units[i], memory_order_relaxed) > 0)
      il_semaphore_post (&arena->semaphores[i], actor);
}

static IlTaskResult
run_steps (Task *task)
{
  Outcome outcome = il_actor_may_go_on (task->actor) ? GO_ON : END_CANCELLED;

  for (uint32_t i = 0; i < task->kind->n_steps && outcome == GO_ON; i++)
    {
      outcome = run_step (task, &task->kind->steps[i]);
      if (outcome == GO_ON && !il_actor_may_go_on (task->actor))
        outcome = END_CANCELLED;
    }
  if (outcome != GO_ON)
    unwind (task->actor);
  return outcome == GO_ON        ? IL_TASK_DONE
         : outcome == END_FAILED ? IL_TASK_FAILED
                                 : IL_TASK_CANCELLED;
}

/**
 * il_task_run_next:
 * @actor: has a task in hand
 *
 * Runs the first task in hand and settles it.  The stamp of its end is left in shared_stamp for
 * what begins then.
 *
 * Returns: how it ended
 */
IlTaskResult
il_task_run_next (IlActor *actor)
{
  IlArena *arena = actor->arena;
  IlHand *hand = &actor->agent->hand;
  const IlKind *kind = &arena->kinds[hand->entry.kind];
  uint64_t number = il_task_get_held (actor->agent);
  uint32_t name = il_arena_get_task_number (arena, kind->index, number);
  Task task = { actor, kind, number, il_random_stream (arena->seed, kind->index, number) };
  IlTaskResult result;

  /* Who died of a task would do so again for ever. */
  task.random.state += hand->attempt * UINT64_C (0xd6e8feb86659fd93);
  if (actor->shared_stamp == 0)
    actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_TASK_BEGIN, kind->object,
                          name);
  result = run_steps (&task);
  actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_TASK_END, result, name);
  il_task_settle (arena, actor->agent, result, il_random_next (&task.random));
  return result;
}
