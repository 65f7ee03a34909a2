/* il-counter.h - numbers that tasks share, or believe to share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"
#include "il-object.h"

/* It holds what 32 bits with a sign do; who would take it beyond leaves it at that limit. */
typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic int64_t shared; /* the value, unless it is on the heap */
  _Atomic int64_t *value; /* constant: &shared, or memory of which each process has its own */
  bool is_on_heap;        /* constant */
  uint32_t object;        /* constant */
} IlCounter;

extern const IlObjectClass il_counter_class;

int64_t il_counter_read (IlCounter *counter);
void il_counter_write (IlCounter *counter, IlActor *actor, int64_t read, int64_t value);
void il_counter_add (IlCounter *counter, IlActor *actor, int64_t change);

static inline int64_t
il_counter_get (const IlCounter *counter)
{
  return atomic_load_explicit (counter->value, memory_order_acquire);
}
