/* il-trace-write.h - the hot path: one event into the calling thread's lane
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * No lock, no allocation, no system call, errno untouched, safe in a signal handler.  The argument
 * why this is right stands above IlTraceLaneHeader in il-trace-format.h.
 *
 * A signal handler that does not return (siglongjmp) while it interrupts a write leaves a slot that
 * is never filled: the lane publishes nothing from then on, and counts what follows as lost once
 * its ring is full.
 */

#pragma once

#include "il-trace.h"

/* A test makes this relaxed, to see that the thread sanitizer would notice. */
#ifndef IL_TRACE_PUBLISH_ORDER
#define IL_TRACE_PUBLISH_ORDER memory_order_release
#endif

/* Events ahead: eight lines of the cache. */
#define IL_TRACE_PREFETCH 32u

/* Adds one and returns the value before.  One instruction on the machines where that is cheaper
 * than an atomic one: it need only be whole to the signal handlers of this thread, which are all
 * that can change the writer's own fields, and those between two barriers to the compiler alone. */
static inline uint32_t
il_trace_reserve (uint32_t *counter)
{
#if defined(__x86_64__)
  uint32_t value = 1;

  __asm__ __volatile__("xaddl %0, %1" : "+r"(value), "+m"(*counter) : : "cc", "memory");
  return value;
#else
  return __atomic_fetch_add (counter, 1, __ATOMIC_ACQ_REL);
#endif
}

/* Tells the reader of all slots up to `published`, then of those that handlers reserved meanwhile.
 */
static inline void
il_trace_lane_publish (IlTraceLane *lane, uint32_t slot)
{
  uint32_t published = slot + 1, reserved;

  /* We run on top of a publisher, which will see our slot. */
  if (__builtin_expect (lane->published != slot, 0))
    return;

  for (;;)
    {
      atomic_store_explicit (&lane->shared->tail, published, IL_TRACE_PUBLISH_ORDER); /* [P] */
      atomic_signal_fence (memory_order_seq_cst);
      lane->published = published;
      atomic_signal_fence (memory_order_seq_cst);
      if (__builtin_expect (lane->reserved == published, 1))
        return;
      reserved = lane->reserved;
      /* In this order: a handler that came before the first load published all up to its own
       * reservation, one that comes after it may have gone further than we saw. */
      atomic_signal_fence (memory_order_seq_cst);
      published = lane->published;
      if ((int32_t)(reserved - published) <= 0)
        return;
      published = reserved;
    }
}

static inline void
il_trace_lane_fill (IlTraceLane *lane, uint32_t slot, uint64_t stamp, uint32_t what, uint32_t value)
{
  IlEvent *event = &lane->slots[slot & lane->mask];

  /* Its line was last with the reader, on another core: by then it is to be back. */
  __builtin_prefetch (&lane->slots[(slot + IL_TRACE_PREFETCH) & lane->mask], 1);
  event->stamp = stamp;
  event->what = what;
  event->value = value;
}

/* A lane that is not recorded has no room either: one comparison serves both. */
static inline bool
il_trace_lane_has_room (const IlTraceLane *lane)
{
  return __builtin_expect (lane->reserved - lane->head_seen < lane->limit, 1);
}

/* Writes an event that is known to have happened at the given stamp, e.g. one shared with another
 * event.  What il_trace_lane_stamp() announced is thereby said, but for a submission: what follows
 * from it is written at the same stamp.  FALSE: it was lost, or nobody listens. */
static inline bool
il_trace_lane_write_at (IlTraceLane *lane, uint64_t stamp, IlEventKind kind, uint32_t object,
                        uint32_t value)
{
  bool is_written = true;
  uint32_t slot;

  if (il_trace_lane_has_room (lane))
    {
      slot = il_trace_reserve (&lane->reserved);
      il_trace_lane_fill (lane, slot, stamp, IL_EVENT_WHAT (kind, object), value);
      il_trace_lane_publish (lane, slot);
    }
  else if (lane->limit != 0)
    is_written = il_trace_lane_write_slow (lane, stamp, IL_EVENT_WHAT (kind, object), value);
  else
    return false;
  atomic_store_explicit (&lane->shared->announced,
                         kind == IL_EVENT_TASK_SUBMIT || kind == IL_EVENT_TASK_DIRECT ? stamp : 0,
                         memory_order_release); /* [S] */
  return is_written;
}

/* Writes an event that happens now.  The stamp is taken after the reservation, so that the order of
 * stamps is the order of slots under handlers, too. */
static inline void
il_trace_lane_write (IlTraceLane *lane, IlEventKind kind, uint32_t object, uint32_t value)
{
  uint32_t slot;

  if (!il_trace_lane_has_room (lane))
    {
      if (lane->limit != 0)
        il_trace_lane_write_slow (lane, il_clock_stamp (lane->source), IL_EVENT_WHAT (kind, object),
                                  value);
      return;
    }
  slot = il_trace_reserve (&lane->reserved);
  il_trace_lane_fill (lane, slot, il_clock_stamp (lane->source), IL_EVENT_WHAT (kind, object),
                      value);
  il_trace_lane_publish (lane, slot);
}
