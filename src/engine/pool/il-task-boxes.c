/* il-task-boxes.c - boxes of each worker, from which the others steal when theirs are empty
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * The submitter fills the inboxes in turns.  What a task spawns for its own group goes to the deque
 * of its worker; what it spawns for another group goes to the queue that all of that group have in
 * common.  A worker takes the newest of what it spawned, then the oldest of its inbox, then from
 * the common queue, then from others, beginning with a random one.
 *
 * Stamps    A begin shares the stamp of the end before it, if what it begins had been seen before
 *           that: else it could seem to begin before it was submitted.
 */

#include "config.h"

#include "il-task-queue.h"

#include "il-deque.h"
#include "il-hand.h"
#include "il-lock.h"
#include "il-random.h"

#define ENTRIES_PER_LINE (IL_CACHE_LINE / sizeof (IlTaskEntry))

static void
hold (IlActor *actor, const IlTaskEntry *entry)
{
  IlHand *hand = il_agent_get_hand (actor->agent);

  hand->n_settled = 0;
  hand->n_begun = 0;
  hand->entry = *entry;
  il_hand_set_phase (hand, IL_HAND_HELD);
}

/* Where agents can be killed one by one. */
static bool
take_guarded (IlDeque *deque, IlActor *actor, IlHandPhase phase, bool is_inbox)
{
  IlHand *hand = il_agent_get_hand (actor->agent);
  bool pops = phase == IL_HAND_POPPING;
  _Atomic uint64_t *end = pops ? &deque->bottom : &deque->top;
  uint64_t position;

  il_hand_reach (hand, phase);
  il_guard_lock (&deque->guard, actor);
  /* The submitter fills an inbox without the guard. */
  if (is_inbox ? !il_inbox_seems_filled (deque) : il_deque_get_depth (deque) == 0)
    {
      il_guard_unlock (&deque->guard);
      il_hand_set_phase (hand, IL_HAND_EMPTY);
      return false;
    }
  position = atomic_load_explicit (end, memory_order_relaxed) - (pops ? 1 : 0);
  hand->entry = il_deque_load (deque, position);
  hand->taken_from = end;
  atomic_store_explicit (&hand->position, position, memory_order_release);
  atomic_store_explicit (end, pops ? position : position + 1, memory_order_release);
  il_guard_unlock (&deque->guard);
  il_hand_set_phase (hand, IL_HAND_HELD);
  return true;
}

static bool
take_newest (IlDeque *deque, IlActor *actor)
{
  IlTaskEntry entry;

  if (il_deque_get_depth (deque) == 0)
    return false;
  if (actor->arena->can_lose_workers)
    return take_guarded (deque, actor, IL_HAND_POPPING, false);
  if (il_deque_pop (deque, &entry) != IL_DEQUE_TAKEN)
    return false;
  hold (actor, &entry);
  return true;
}

/* The oldest of an inbox. */
static bool
take_from_inbox (IlDeque *inbox, IlActor *actor)
{
  IlDequeResult result;
  IlTaskEntry entry;

  if (!il_inbox_seems_filled (inbox))
    return false;
  if (actor->arena->can_lose_workers)
    return take_guarded (inbox, actor, IL_HAND_TAKING, true);
  do
    result = il_inbox_take (inbox, &entry);
  while (result == IL_DEQUE_RACED);
  if (result != IL_DEQUE_TAKEN)
    return false;
  hold (actor, &entry);
  return true;
}

/* Notes how far one's own inbox is filled, in the line of what was just taken: the next line may be
 * just being written to. */
static void
look_ahead (IlDeque *inbox, uint64_t top)
{
  uint64_t seen = inbox->bottom_seen > top ? inbox->bottom_seen : top;

  while (seen % ENTRIES_PER_LINE != 0 && seen - top < inbox->capacity && il_inbox_has (inbox, seen))
    seen++;
  inbox->bottom_seen = seen;
}

/* Of one's own inbox. */
static bool
take_oldest (IlDeque *inbox, IlActor *actor)
{
  uint64_t top;

  if (!take_from_inbox (inbox, actor))
    return false;
  /* This one, or one that came later if thieves were faster. */
  top = atomic_load_explicit (&inbox->top, memory_order_relaxed);
  if (top > inbox->bottom_seen)
    actor->shared_stamp = 0;
  look_ahead (inbox, top);
  return true;
}

static bool
steal (IlDeque *deque, IlActor *actor)
{
  IlDequeResult result;
  IlTaskEntry entry;

  if (il_deque_get_depth (deque) == 0)
    return false;
  if (actor->arena->can_lose_workers)
    return take_guarded (deque, actor, IL_HAND_TAKING, false);
  do
    result = il_deque_steal (deque, &entry);
  while (result == IL_DEQUE_RACED);
  if (result != IL_DEQUE_TAKEN)
    return false;
  hold (actor, &entry);
  return true;
}

static bool
steal_from_any (IlTaskQueue *queue, IlActor *actor)
{
  IlRandom random = { actor->agent->steal_state };
  uint32_t n_boxes = il_task_queue_get_n_boxes (queue);
  uint32_t first = (uint32_t)(il_random_next (&random) % n_boxes);

  actor->agent->steal_state = random.state;
  for (uint32_t i = 0; i < n_boxes; i++)
    {
      uint32_t victim = first + i < n_boxes ? first + i : first + i - n_boxes;

      if (steal (&queue->boxes[victim].spawned, actor)
          || take_from_inbox (&queue->boxes[victim].inbox, actor))
        return true;
    }
  return false;
}

/**
 * il_task_boxes_take_own:
 *
 * Takes an entry in hand that is in the boxes of the caller, who is a worker of the queue.
 *
 * Returns: whether there was one
 */
bool
il_task_boxes_take_own (IlTaskQueue *queue, IlActor *actor)
{
  IlTaskBox *own = &queue->boxes[actor->agent->index - queue->first_agent];

  return take_newest (&own->spawned, actor) || take_oldest (&own->inbox, actor);
}

/**
 * il_task_boxes_take:
 *
 * Takes an entry in hand.
 *
 * Returns: whether there was one
 */
bool
il_task_boxes_take (IlTaskQueue *queue, IlActor *actor)
{
  if (il_task_queue_is_worker (queue, actor) && il_task_boxes_take_own (queue, actor))
    return true;
  actor->shared_stamp = 0;
  return il_task_levels_take (queue, actor) || steal_from_any (queue, actor);
}

static bool
is_idle (const IlTaskQueue *queue, uint32_t box)
{
  return (atomic_load_explicit (&queue->idle[box / 64], memory_order_relaxed) >> box % 64 & 1) != 0;
}

/* Whether the box that was put into last has had its share: more than a line of entries in a row
 * only for one who is not there to take them. */
static bool
wants_next (const IlTaskQueue *queue)
{
  const IlDeque *inbox = &queue->boxes[queue->next_box].inbox;

  return atomic_load_explicit (&inbox->bottom, memory_order_relaxed) % ENTRIES_PER_LINE == 0
         && !is_idle (queue, queue->next_box);
}

/**
 * il_task_boxes_begin_put:
 *
 * The submitter's.  Finds an inbox with room, in turns.
 */
bool
il_task_boxes_begin_put (IlTaskPut *put)
{
  IlTaskQueue *queue = put->queue;
  uint32_t n_boxes = il_task_queue_get_n_boxes (queue);

  if (wants_next (queue) && ++queue->next_box >= n_boxes)
    queue->next_box = 0;
  for (uint32_t i = 0; i < n_boxes; i++)
    {
      put->box = queue->next_box;
      put->deque = &queue->boxes[put->box].inbox;
      put->level = NULL;
      put->room = il_deque_get_room (put->deque, 1);
      if (put->room > 0)
        return true;
      if (++queue->next_box >= n_boxes)
        queue->next_box = 0;
    }
  return false;
}

/**
 * il_task_boxes_begin_spawn:
 *
 * A worker's, into its own deque.  Where workers can be killed it owns the guard if there is room.
 */
bool
il_task_boxes_begin_spawn (IlTaskPut *put)
{
  IlTaskQueue *queue = put->queue;

  put->deque = &queue->boxes[put->actor->agent->index - queue->first_agent].spawned;
  put->box = IL_NOBODY;
  put->level = NULL;
  put->room = il_deque_get_room (put->deque, 1);
  if (put->room == 0)
    return false;
  if (put->actor->arena->can_lose_workers)
    il_guard_lock (&put->deque->guard, put->actor);
  return true;
}

/**
 * il_task_boxes_commit_put:
 */
void
il_task_boxes_commit_put (IlTaskPut *put, const IlTaskEntry *entries, uint32_t n_entries,
                          uint32_t n_tasks)
{
  _Atomic uint64_t *submitted = &put->tally->submitted;
  uint64_t bottom;

  put->stamp = il_trace_lane_stamp (&put->actor->lane);
  if (put->box != IL_NOBODY)
    {
      /* The submitter cannot be killed without all others. */
      atomic_store_explicit (submitted,
                             atomic_load_explicit (submitted, memory_order_relaxed) + n_tasks,
                             memory_order_release);
      il_inbox_put (put->deque, entries, n_entries);
      return;
    }
  bottom = atomic_load_explicit (&put->deque->bottom, memory_order_relaxed);
  for (uint32_t i = 0; i < n_entries; i++)
    il_deque_fill (put->deque, i, &entries[i]);
  il_task_put_store (put, &put->deque->bottom, bottom + n_entries, n_tasks);
  if (put->actor->arena->can_lose_workers)
    il_guard_unlock (&put->deque->guard);
}

/**
 * il_task_boxes_help:
 *
 * Like il_task_boxes_take(), but takes only what tasks spawned.
 */
bool
il_task_boxes_help (IlTaskQueue *queue, IlActor *actor)
{
  actor->shared_stamp = 0;
  if (il_task_queue_is_worker (queue, actor)
      && take_newest (&queue->boxes[actor->agent->index - queue->first_agent].spawned, actor))
    return true;
  for (uint32_t i = 0; i < il_task_queue_get_n_boxes (queue); i++)
    if (steal (&queue->boxes[i].spawned, actor))
      return true;
  return false;
}

/**
 * il_task_boxes_get_depth:
 *
 * Returns: how many entries wait in all boxes
 */
uint32_t
il_task_boxes_get_depth (const IlTaskQueue *queue)
{
  uint32_t depth = 0;

  for (uint32_t i = 0; i < il_task_queue_get_n_boxes (queue); i++)
    depth += il_deque_get_depth (&queue->boxes[i].spawned)
             + il_deque_get_depth (&queue->boxes[i].inbox);
  return depth;
}

/**
 * il_task_boxes_get_room:
 *
 * Returns: how many entries there is room for in the inbox of the caller, who took something: one
 *     who stole has an empty one
 */
uint32_t
il_task_boxes_get_room (const IlTaskQueue *queue, const IlActor *actor)
{
  const IlDeque *inbox;
  uint32_t depth;

  if (!il_task_queue_is_worker (queue, actor))
    return queue->capacity;
  inbox = &queue->boxes[actor->agent->index - queue->first_agent].inbox;
  depth = il_deque_get_depth (inbox);
  return inbox->capacity > depth ? inbox->capacity - depth : 0;
}

/**
 * il_task_boxes_release_for_dead:
 */
void
il_task_boxes_release_for_dead (IlTaskQueue *queue, const IlAgent *dead)
{
  for (uint32_t i = 0; i < il_task_queue_get_n_boxes (queue); i++)
    {
      IlTaskBox *box = &queue->boxes[i];

      if (il_guard_is_owned_by (&box->inbox.guard, dead->index + 1))
        il_guard_unlock (&box->inbox.guard);
      if (il_guard_is_owned_by (&box->spawned.guard, dead->index + 1))
        il_guard_unlock (&box->spawned.guard);
    }
}
