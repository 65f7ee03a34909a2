/* il-queue-order.c - which slot of a queue by priority is the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * `order` holds each slot's index once.  The first ones, as many as the queue is deep, are those of
 * filled slots, as a binary heap: none comes before its parent.  The rest are free.
 *
 * Order     Higher priority first; among equals the one that was put first.
 * Killed    A slot is filled, or emptied, by the one store to is_filled.  What follows from that,
 *           the heap and head or tail, is reckoned anew by il_queue_order_repair() if the owner of
 *           the guard was killed.
 */

#include "config.h"

#include "il-queue.h"

static bool
comes_before (const IlQueue *queue, uint32_t a, uint32_t b)
{
  const IlQueueKey *key = &queue->keys[queue->order[a]];
  const IlQueueKey *other = &queue->keys[queue->order[b]];

  return key->priority != other->priority ? key->priority > other->priority
                                          : key->number < other->number;
}

static void
swap (IlQueue *queue, uint32_t a, uint32_t b)
{
  uint32_t index = queue->order[a];

  queue->order[a] = queue->order[b];
  queue->order[b] = index;
}

static void
sift_up (IlQueue *queue, uint32_t place)
{
  while (place > 0 && comes_before (queue, place, (place - 1) / 2))
    {
      swap (queue, place, (place - 1) / 2);
      place = (place - 1) / 2;
    }
}

static void
sift_down (IlQueue *queue, uint32_t place, uint32_t depth)
{
  for (;;)
    {
      uint32_t first = place;

      for (uint32_t child = 2 * place + 1; child <= 2 * place + 2 && child < depth; child++)
        if (comes_before (queue, child, first))
          first = child;
      if (first == place)
        return;
      swap (queue, place, first);
      place = first;
    }
}

/**
 * il_queue_order_get_memory:
 *
 * Returns: bytes beside the slots
 */
size_t
il_queue_order_get_memory (uint32_t capacity)
{
  return capacity * (sizeof (IlQueueKey) + sizeof (uint32_t));
}

/**
 * il_queue_order_init:
 * @memory: il_queue_order_get_memory() bytes, all 0, aligned for any type
 *
 * Makes an empty queue one by priority.
 */
void
il_queue_order_init (IlQueue *queue, uint8_t *memory)
{
  queue->keys = (IlQueueKey *)(void *)memory;
  queue->order = (uint32_t *)(void *)(queue->keys + queue->capacity);
  for (uint32_t i = 0; i < queue->capacity; i++)
    queue->order[i] = i;
}

/**
 * il_queue_order_push:
 *
 * Puts in the first free slot, which is filled, with its priority set.  Under the guard.
 */
void
il_queue_order_push (IlQueue *queue)
{
  uint64_t tail = atomic_load_explicit (&queue->tail, memory_order_relaxed);
  uint32_t depth = il_queue_get_depth (queue);
  IlQueueKey *key = &queue->keys[queue->order[depth]];

  key->number = tail;
  atomic_store_explicit (&key->is_filled, 1, memory_order_release);
  sift_up (queue, depth);
  atomic_store_explicit (&queue->tail, tail + 1, memory_order_release);
}

/**
 * il_queue_order_pop:
 *
 * Lets go of the first slot.  Under the guard.
 */
void
il_queue_order_pop (IlQueue *queue)
{
  uint64_t head = atomic_load_explicit (&queue->head, memory_order_relaxed);
  uint32_t left = il_queue_get_depth (queue) - 1;

  atomic_store_explicit (&queue->keys[queue->order[0]].is_filled, 0, memory_order_release);
  swap (queue, 0, left);
  sift_down (queue, 0, left);
  atomic_store_explicit (&queue->head, head + 1, memory_order_release);
}

/**
 * il_queue_order_repair:
 *
 * Makes the order anew from what is filled.  Under the guard.
 */
void
il_queue_order_repair (IlQueue *queue)
{
  uint64_t head = atomic_load_explicit (&queue->head, memory_order_relaxed);
  uint64_t tail = atomic_load_explicit (&queue->tail, memory_order_relaxed);
  uint32_t depth = 0, n_free = 0;

  for (uint32_t i = 0; i < queue->capacity; i++)
    if (atomic_load_explicit (&queue->keys[i].is_filled, memory_order_relaxed) != 0)
      queue->order[depth++] = i;
    else
      queue->order[queue->capacity - ++n_free] = i;
  for (uint32_t i = depth / 2; i-- > 0;)
    sift_down (queue, i, depth);
  if (depth > tail - head)
    atomic_store_explicit (&queue->tail, head + depth, memory_order_release);
  else
    atomic_store_explicit (&queue->head, tail - depth, memory_order_release);
}
