/* il-deque.c - setting up a deque; the rest is inline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-deque.h"

static uint32_t
get_n_slots (uint32_t capacity)
{
  uint32_t n_slots = 4;

  while (n_slots < capacity)
    n_slots *= 2;
  return n_slots;
}

/**
 * il_deque_get_memory:
 *
 * Returns: bytes that the slots of such a deque take
 */
size_t
il_deque_get_memory (uint32_t capacity)
{
  return get_n_slots (capacity) * sizeof (IlTaskEntry);
}

/**
 * il_deque_init:
 * @deque: all 0
 * @slots: il_deque_get_memory() bytes, all 0
 */
void
il_deque_init (IlDeque *deque, uint32_t capacity, IlTaskEntry *slots)
{
  atomic_init (&deque->top, 1);
  atomic_init (&deque->bottom, 1);
  deque->top_seen = 1;
  deque->bottom_seen = 1;
  deque->capacity = capacity;
  deque->mask = get_n_slots (capacity) - 1;
  deque->lap_shift = (uint32_t)__builtin_ctz (deque->mask + 1);
  deque->slots = slots;
}
