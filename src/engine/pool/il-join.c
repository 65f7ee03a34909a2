/* il-join.c - tasks that spawn tasks, and wait for them; see IlFrame in il-arena.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Who joins helps: it runs what it spawned and is not yet taken, then what others spawned, each in
 * a hand of its own on top of that which holds the parent.  Only when there is nothing it sleeps,
 * as a worker without tasks does, and is woken by whoever spawns something or settles its last
 * child.
 *
 * Nesting   A worker helps up to a depth at which the stack is not yet in danger.  From there on
 *           what is spawned is run at once, in place of being put into a queue, so that nothing
 *           has to be waited for there: no pool of workers can come to a stand with all of them
 *           waiting for what is in the queue.  The same where a queue has no room.
 */

#include "config.h"

#include "il-join.h"

#include "il-hand.h"
#include "il-lock.h"
#include "il-task-queue.h"
#include "il-task.h"

#define MAX_HELP 24           /* hands, and of a coroutine with its small stack: */
#define MAX_HELP_COROUTINE 3  /* the rest are for what is run at once, at most 63 deep */
#define POLLS_BEFORE_SLEEP 64 /* a child that is being run is likely to be short */

static IlFrame *
get_own_frame (const IlActor *actor)
{
  return &actor->agent->frames[atomic_load_explicit (&actor->agent->nesting, memory_order_relaxed)];
}

/**
 * il_frame_get:
 *
 * Returns: the frame of the task that spawned a child
 */
IlFrame *
il_frame_get (const IlArena *arena, const IlTaskEntry *child)
{
  return &arena->agents[child->frame / (IL_MAX_NESTING + 1)]
              .frames[child->frame % (IL_MAX_NESTING + 1)];
}

static uint32_t
get_generation (const IlTaskEntry *child)
{
  return (uint32_t)(child->generation_low | (uint64_t)child->generation_high << 17);
}

static IlAgent *
get_parent (const IlActor *actor, const IlTaskEntry *child)
{
  return &actor->arena->agents[child->frame / (IL_MAX_NESTING + 1)];
}

/**
 * il_frame_begin:
 *
 * Makes the frame of the hand in use that of the task that is now in it: children of the one before
 * are nobody's.
 */
void
il_frame_begin (IlActor *actor)
{
  IlFrame *frame = get_own_frame (actor);
  bool is_guarded = actor->arena->can_lose_workers;
  uint32_t generation;

  if (is_guarded)
    il_guard_lock (&frame->guard, actor);
  generation = (IL_FRAME_GENERATION (atomic_load_explicit (&frame->open, memory_order_relaxed)) + 1)
               & IL_FRAME_GENERATION_MAX;
  atomic_store_explicit (&frame->open, (uint64_t)generation << 32, memory_order_relaxed);
  if (is_guarded)
    il_guard_unlock (&frame->guard);
}

/* One more child. */
static void
open_one (IlActor *actor, IlFrame *frame)
{
  bool is_guarded = actor->arena->can_lose_workers;

  if (is_guarded)
    il_guard_lock (&frame->guard, actor);
  atomic_fetch_add_explicit (&frame->open, 1, memory_order_relaxed);
  if (is_guarded)
    il_guard_unlock (&frame->guard);
}

/* How many children of the task that `open` is of are not settled. */
static uint32_t
get_n_open (const IlFrame *frame, uint64_t open)
{
  uint64_t lost = atomic_load (&frame->lost);

  return IL_FRAME_N_OPEN (open)
         - (IL_FRAME_GENERATION (lost) == IL_FRAME_GENERATION (open) ? (uint32_t)lost : 0);
}

/**
 * il_frame_get_settled:
 *
 * Where agents can be killed one by one.
 *
 * Returns: what `open` is once this child is settled; 0 if the frame has another task now
 */
uint64_t
il_frame_get_settled (const IlFrame *frame, const IlTaskEntry *child)
{
  uint64_t open = atomic_load_explicit (&frame->open, memory_order_relaxed);

  return IL_FRAME_GENERATION (open) == get_generation (child) && IL_FRAME_N_OPEN (open) > 0
             ? open - 1
             : 0;
}

/**
 * il_frame_lose:
 *
 * The supervisor's: settles the child of one who is dead, without waiting for the guard, whose
 * owner may be dead as well.  All have to be rung after this: a parent that has just looked whether
 * its children are settled does not sleep yet, and would sleep for ever.
 */
void
il_frame_lose (IlFrame *frame, const IlTaskEntry *child)
{
  uint64_t lost = atomic_load_explicit (&frame->lost, memory_order_relaxed);

  if (IL_FRAME_GENERATION (lost) != get_generation (child))
    lost = (uint64_t)get_generation (child) << 32;
  atomic_store (&frame->lost, lost + 1);
}

/**
 * il_frame_is_over:
 * @open: of the frame, as it was left
 *
 * Returns: whether the parent is to be woken
 */
bool
il_frame_is_over (const IlFrame *frame, uint64_t open)
{
  return open != 0 && (open & IL_FRAME_AWAITED) != 0 && get_n_open (frame, open) == 0;
}

/**
 * il_frame_ring:
 *
 * After a child was settled: wakes the parent if that was the last, and it sleeps.
 */
void
il_frame_ring (IlFrame *frame, IlActor *actor, const IlTaskEntry *child)
{
  IlAgent *parent = get_parent (actor, child);

  atomic_store_explicit (&frame->ended_by, il_actor_get_who (actor), memory_order_relaxed);
  atomic_fetch_add_explicit (&parent->doorbell, 1, memory_order_release);
  il_actor_wake (actor, &parent->doorbell, 1);
}

/**
 * il_frame_settle:
 *
 * Where nobody is killed: says to the parent that a child is settled.
 */
void
il_frame_settle (IlFrame *frame, IlActor *actor, const IlTaskEntry *child)
{
  uint64_t before = atomic_load_explicit (&frame->open, memory_order_relaxed);

  do
    {
      if (IL_FRAME_GENERATION (before) != get_generation (child) || IL_FRAME_N_OPEN (before) == 0)
        return;
    }
  while (!atomic_compare_exchange_weak_explicit (&frame->open, &before, before - 1,
                                                 memory_order_acq_rel, memory_order_relaxed));
  if (il_frame_is_over (frame, before - 1))
    il_frame_ring (frame, actor, child);
}

static IlTaskEntry
make_child (IlActor *actor, const IlSpawn *spawn)
{
  IlArena *arena = actor->arena;
  uint32_t nesting = atomic_load_explicit (&actor->agent->nesting, memory_order_relaxed);
  uint64_t open = atomic_load_explicit (&get_own_frame (actor)->open, memory_order_relaxed);
  uint64_t n = atomic_fetch_add_explicit (&spawn->kind->n_spawned, 1, memory_order_relaxed);
  IlTaskEntry entry = { .first = 0 };

  entry.kind = spawn->kind->index;
  entry.form = IL_ENTRY_CHILD;
  entry.depth = spawn->depth;
  /* From the other end of the numbers that there are: those from the front are the submitter's. */
  entry.number = (0x7fffffffu / arena->n_kinds - 2 - n) & 0x7fffffffu;
  entry.generation_low = IL_FRAME_GENERATION (open) & 0x1ffffu;
  entry.frame = actor->agent->index * (IL_MAX_NESTING + 1) + nesting;
  entry.generation_high = IL_FRAME_GENERATION (open) >> 17;
  entry.key = spawn->key;
  return entry;
}

/* @kind: IL_EVENT_TASK_SUBMIT or IL_EVENT_TASK_DIRECT */
static void
write_spawned (IlActor *actor, const IlTaskEntry *child, IlEventKind kind, uint64_t stamp,
               uint32_t woke)
{
  il_trace_lane_write_at (&actor->lane, stamp, kind, actor->arena->kinds[child->kind].object,
                          il_arena_get_task_number (actor->arena, child->kind, child->number)
                              | woke);
}

/* Runs what is taken in hand by @take on top of what is in hand; false if it takes nothing. */
static bool
run_nested (IlActor *actor, bool (*take) (IlActor *actor, const IlTaskEntry *entry),
            const IlTaskEntry *entry)
{
  IlAgent *agent = actor->agent;
  uint32_t nesting = atomic_load_explicit (&agent->nesting, memory_order_relaxed);
  bool is_taken;

  il_hand_set_phase (&agent->nested[nesting], IL_HAND_EMPTY);
  atomic_store_explicit (&agent->nesting, nesting + 1, memory_order_release);
  is_taken = take (actor, entry);
  while (atomic_load_explicit (&agent->nested[nesting].phase, memory_order_relaxed) == IL_HAND_HELD)
    il_task_run_next (actor);
  atomic_store_explicit (&agent->nesting, nesting, memory_order_release);
  actor->shared_stamp = 0;
  return is_taken;
}

/* Counts a task as submitted that never is in a queue, and takes it in hand at once. */
static bool
take_child (IlActor *actor, const IlTaskEntry *entry)
{
  IlTaskPut put = { .actor = actor, .tally = &actor->agent->tallies[entry->kind] };
  IlHand *hand = il_agent_get_hand (actor->agent);
  _Atomic uint64_t *counter = &actor->agent->n_at_once;
  uint64_t position = atomic_load_explicit (counter, memory_order_relaxed);

  il_hand_reach (hand, IL_HAND_TAKING);
  hand->entry = *entry;
  hand->taken_from = counter;
  atomic_store_explicit (&hand->position, position, memory_order_release);
  il_task_put_store (&put, counter, position + 1, 1);
  il_hand_set_phase (hand, IL_HAND_HELD);
  actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  write_spawned (actor, entry, IL_EVENT_TASK_DIRECT, actor->shared_stamp, 0);
  return true;
}

static uint32_t
get_max_help (const IlActor *actor)
{
  return actor->arena->model == IL_MODEL_COROUTINES ? MAX_HELP_COROUTINE : MAX_HELP;
}

static bool
may_nest (const IlActor *actor)
{
  return atomic_load_explicit (&actor->agent->nesting, memory_order_relaxed) < get_max_help (actor);
}

static bool
put_child (IlActor *actor, const IlSpawn *spawn, const IlTaskEntry *child)
{
  IlTaskQueue *queue = actor->arena->groups[spawn->kind->group].queue;
  bool is_own = queue != NULL && il_task_queue_is_worker (queue, actor);
  IlTaskPut put;

  if (queue == NULL || (is_own && !may_nest (actor)))
    return false;
  /* Nor does it wait for room with another group: two groups that spawn for each other would wait
   * for ever. */
  if (il_task_queue_begin_put (&put, queue, actor, spawn->kind, IL_QUEUE_DO_NOT_WAIT)
      != IL_WAIT_DONE)
    return false;
  il_task_queue_commit_put (&put, child, 1, 1);
  write_spawned (actor, child, IL_EVENT_TASK_SUBMIT, put.stamp, il_task_put_woke (&put));
  il_task_queue_finish_put (&put);
  return true;
}

/**
 * il_spawn:
 *
 * Hands in a child of the task in hand, or runs it where there is no room for it.
 *
 * Returns: %FALSE when the run is given up
 */
bool
il_spawn (IlActor *actor, const IlSpawn *spawn)
{
  IlTaskEntry child;

  if (il_arena_is_cancelled (actor->arena))
    return false;
  open_one (actor, get_own_frame (actor));
  child = make_child (actor, spawn);
  if (!put_child (actor, spawn, &child))
    run_nested (actor, take_child, &child);
  return true;
}

static bool
take_help (IlActor *actor, const IlTaskEntry *entry)
{
  IlTaskQueue *queue = actor->arena->groups[actor->agent->group].queue;

  (void)entry;
  return il_task_queue_try_help (queue, actor);
}

/* A worker of a group with a queue, with some stack left. */
static bool
can_help (const IlActor *actor)
{
  IlTaskQueue *queue = actor->arena->groups[actor->agent->group].queue;

  return queue != NULL && il_task_queue_is_worker (queue, actor) && may_nest (actor);
}

static bool
is_joined (const IlFrame *frame)
{
  return get_n_open (frame, atomic_load (&frame->open)) == 0;
}

/* Sleeps until the children are settled, or there may be something to help with. */
static void
sleep_once (IlActor *actor, IlFrame *frame, bool helps)
{
  IlTaskQueue *queue = actor->arena->groups[actor->agent->group].queue;
  uint32_t seen = atomic_load_explicit (&actor->agent->doorbell, memory_order_relaxed);

  /* Either the last child sees this, or it is seen here to be settled. */
  if (actor->arena->can_lose_workers)
    il_guard_lock (&frame->guard, actor);
  atomic_fetch_or (&frame->open, IL_FRAME_AWAITED);
  if (actor->arena->can_lose_workers)
    il_guard_unlock (&frame->guard);
  if (helps)
    il_task_queue_set_idle (queue, actor);
  if (!is_joined (frame) && !(helps && il_task_queue_can_help (queue)))
    il_actor_sleep_on (actor, &actor->agent->doorbell, seen, IL_NO_DEADLINE);
  /* Who rang for a task may have rung one who does not need it any more. */
  if (helps && !il_task_queue_clear_idle (queue, actor))
    il_task_queue_pass_on (queue, actor);
}

static void
wait_for_children (IlActor *actor, IlFrame *frame, bool helps)
{
  IlTaskQueue *queue = actor->arena->groups[actor->agent->group].queue;
  uint32_t object = actor->arena->join_object;

  for (uint32_t i = 0; i < POLLS_BEFORE_SLEEP && actor->arena->n_spins > 0; i++)
    {
      if (is_joined (frame) || (helps && il_task_queue_can_help (queue)))
        return;
      il_spin_pause ();
    }
  il_trace_lane_write (&actor->lane, IL_EVENT_FLAG_WAIT, object, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  while (!is_joined (frame) && !il_arena_is_cancelled (actor->arena)
         && !(helps && il_task_queue_can_help (queue)))
    sleep_once (actor, frame, helps);
  if (is_joined (frame))
    il_trace_lane_write (&actor->lane, IL_EVENT_FLAG_PASS, object,
                         atomic_load_explicit (&frame->ended_by, memory_order_relaxed));
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, object, 0);
  il_actor_end_wait (actor);
}

/**
 * il_join:
 *
 * Waits until all that the task in hand spawned are settled, and helps meanwhile.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_join (IlActor *actor)
{
  IlFrame *frame = get_own_frame (actor);
  bool helps = can_help (actor);

  while (!is_joined (frame))
    {
      if (il_arena_is_cancelled (actor->arena))
        return IL_WAIT_CANCELLED;
      if (!(helps && run_nested (actor, take_help, NULL)))
        wait_for_children (actor, frame, helps);
    }
  /* What the children did is seen. */
  atomic_thread_fence (memory_order_acquire);
  return IL_WAIT_DONE;
}
