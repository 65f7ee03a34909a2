/* il-task-levels.c - one queue for all: a FIFO for each priority, under one guard
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * There are as many levels as the kinds of a group have priorities, which is known beforehand and
 * mostly one.  A heap would have to be put in order again for one who was killed in the middle of a
 * change; of a level a killed one leaves nothing half done, since one store of head or tail is what
 * a change consists of.  The depth is the one number that can be wrong then, and is reckoned anew.
 */

#include "config.h"

#include "il-task-queue.h"

#include "il-hand.h"
#include "il-lock.h"

static bool
is_empty (const IlTaskLevel *level)
{
  return atomic_load_explicit (&level->head, memory_order_relaxed)
         == atomic_load_explicit (&level->tail, memory_order_relaxed);
}

/**
 * il_task_levels_begin_put:
 *
 * Owns the queue if there is room.
 */
bool
il_task_levels_begin_put (IlTaskPut *put, const IlKind *kind)
{
  IlTaskQueue *queue = put->queue;

  /* A look without the guard, for those who poll. */
  if (atomic_load_explicit (&queue->depth, memory_order_relaxed) >= queue->capacity)
    return false;
  il_guard_lock (&queue->guard, put->actor);
  put->room = queue->capacity - atomic_load_explicit (&queue->depth, memory_order_relaxed);
  if (put->room == 0)
    {
      il_guard_unlock (&queue->guard);
      return false;
    }
  put->level = &queue->levels[kind->level];
  return true;
}

/**
 * il_task_levels_commit_put:
 */
void
il_task_levels_commit_put (IlTaskPut *put, const IlTaskEntry *entries, uint32_t n_entries,
                           uint32_t n_tasks)
{
  IlTaskQueue *queue = put->queue;
  uint64_t tail = atomic_load_explicit (&put->level->tail, memory_order_relaxed);
  uint32_t depth = atomic_load_explicit (&queue->depth, memory_order_relaxed);

  for (uint32_t i = 0; i < n_entries; i++)
    put->level->slots[(tail + i) & queue->mask] = entries[i];
  put->stamp = il_trace_lane_stamp (&put->actor->lane);
  il_task_put_store (put, &put->level->tail, tail + n_entries, n_tasks);
  atomic_store_explicit (&queue->depth, depth + n_entries, memory_order_relaxed);
  il_guard_unlock (&queue->guard);
}

/**
 * il_task_levels_take:
 *
 * Takes the oldest entry of the highest priority in hand.
 *
 * Returns: whether there was one
 */
bool
il_task_levels_take (IlTaskQueue *queue, IlActor *actor)
{
  IlHand *hand = il_agent_get_hand (actor->agent);
  IlTaskLevel *level = queue->levels;
  uint32_t depth;
  uint64_t head;

  if (atomic_load_explicit (&queue->depth, memory_order_relaxed) == 0)
    return false;
  il_hand_reach (hand, IL_HAND_TAKING);
  il_guard_lock (&queue->guard, actor);
  depth = atomic_load_explicit (&queue->depth, memory_order_relaxed);
  if (depth == 0)
    {
      il_guard_unlock (&queue->guard);
      il_hand_set_phase (hand, IL_HAND_EMPTY);
      return false;
    }
  while (is_empty (level))
    level++;
  head = atomic_load_explicit (&level->head, memory_order_relaxed);
  hand->entry = level->slots[head & queue->mask];
  hand->taken_from = &level->head;
  atomic_store_explicit (&hand->position, head, memory_order_release);
  /* Under the guard, so that the order of stamps is the order of tasks. */
  actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  atomic_store_explicit (&level->head, head + 1, memory_order_release);
  atomic_store_explicit (&queue->depth, depth - 1, memory_order_relaxed);
  il_guard_unlock (&queue->guard);
  il_hand_set_phase (hand, IL_HAND_HELD);
  return true;
}

/**
 * il_task_levels_repair:
 *
 * Brings the depth in order for one who was killed.  The caller owns the guard, or acts for the
 * dead owner.
 */
void
il_task_levels_repair (IlTaskQueue *queue)
{
  uint64_t depth = 0;

  for (uint32_t i = 0; i < queue->n_levels; i++)
    depth += atomic_load_explicit (&queue->levels[i].tail, memory_order_relaxed)
             - atomic_load_explicit (&queue->levels[i].head, memory_order_relaxed);
  atomic_store_explicit (&queue->depth, (uint32_t)depth, memory_order_relaxed);
}
