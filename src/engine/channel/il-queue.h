/* il-queue.h - a bounded queue between threads and between processes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A change has three parts, so that the caller can fill or copy a slot in place, and can write
 * events of its own in the right order:
 *
 *   il_queue_begin_put (…, &room)      waits for room and owns the queue
 *   fill il_queue_get_free_slot (…, 0 … n - 1), n <= room
 *   il_queue_commit_put (…, n)         the items are in, the queue is free again
 *   write events at change.stamp, then il_queue_write_put ()
 *   il_queue_finish_put ()             wakes who waited
 */

#pragma once

#include "il-actor.h"
#include "il-object.h"

extern const IlObjectClass il_queue_class;

typedef struct
{
  uint64_t stamp;    /* taken while the queue was owned: their order is the order of changes */
  uint32_t depth;    /* after the first item of the change */
  uint32_t n_woken;  /* who are to be woken for it */
  uint32_t woken_by; /* who ended the wait that came before it; 0: there was none */
} IlQueueChange;

#define IL_QUEUE_DO_NOT_WAIT INT64_MIN

IlWaitResult il_queue_begin_put (IlQueue *queue, IlActor *actor, int64_t deadline_ns,
                                 uint32_t *room) G_GNUC_WARN_UNUSED_RESULT;
IlQueueChange il_queue_commit_put (IlQueue *queue, IlActor *actor, uint32_t n_items);
void il_queue_write_put (const IlQueue *queue, IlActor *actor, const IlQueueChange *change,
                         uint32_t item);
void il_queue_finish_put (IlQueue *queue, IlActor *actor, const IlQueueChange *change);

IlWaitResult il_queue_begin_get (IlQueue *queue, IlActor *actor,
                                 int64_t deadline_ns) G_GNUC_WARN_UNUSED_RESULT;
IlQueueChange il_queue_commit_get (IlQueue *queue, IlActor *actor);
void il_queue_write_get (const IlQueue *queue, IlActor *actor, const IlQueueChange *change);
void il_queue_finish_get (IlQueue *queue, IlActor *actor, const IlQueueChange *change);

size_t il_queue_get_memory (uint32_t capacity, size_t slot_size);
void il_queue_init (IlQueue *queue, uint32_t capacity, size_t slot_size, uint8_t *slots);
size_t il_queue_order_get_memory (uint32_t capacity);
void il_queue_order_init (IlQueue *queue, uint8_t *memory);
void il_queue_order_push (IlQueue *queue);
void il_queue_order_pop (IlQueue *queue);
void il_queue_order_repair (IlQueue *queue);
void il_queue_close (IlQueue *queue, IlActor *actor);
bool il_queue_try_close (IlQueue *queue, IlActor *actor);
void il_queue_release_for_dead (IlQueue *queue, const IlAgent *dead);

static inline uint64_t
il_queue_get_head (const IlQueue *queue)
{
  return atomic_load_explicit (&queue->head, memory_order_relaxed);
}

static inline uint32_t
il_queue_get_depth (const IlQueue *queue)
{
  uint64_t head = atomic_load_explicit (&queue->head, memory_order_relaxed);

  return (uint32_t)(atomic_load_explicit (&queue->tail, memory_order_relaxed) - head);
}

static inline uint32_t
il_queue_get_free_index (const IlQueue *queue, uint32_t item)
{
  uint64_t tail = atomic_load_explicit (&queue->tail, memory_order_relaxed);

  return queue->order != NULL ? queue->order[il_queue_get_depth (queue) + item]
                              : (uint32_t)(tail + item) & queue->mask;
}

static inline void *
il_queue_get_free_slot (const IlQueue *queue, uint32_t item)
{
  return queue->slots + (size_t)il_queue_get_free_index (queue, item) * queue->slot_size;
}

/* That is the next to be got. */
static inline const void *
il_queue_get_first_slot (const IlQueue *queue)
{
  uint32_t index
      = queue->order != NULL ? queue->order[0] : (uint32_t)il_queue_get_head (queue) & queue->mask;

  return queue->slots + (size_t)index * queue->slot_size;
}

/* To be called by the owner for each slot that it fills, where the queue goes by priority. */
static inline void
il_queue_set_priority (const IlQueue *queue, uint32_t item, uint32_t priority)
{
  if (queue->order != NULL)
    queue->keys[il_queue_get_free_index (queue, item)].priority = priority;
}

static inline bool
il_queue_is_closed (const IlQueue *queue)
{
  return atomic_load_explicit (&queue->is_closed, memory_order_relaxed) != 0;
}
