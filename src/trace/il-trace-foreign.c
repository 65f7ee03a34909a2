/* il-trace-foreign.c - the writing side inside programs that were not made for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * They exec, are thrown out of the middle of a write, and know of one another by thread numbers
 * alone.
 */

#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "il-trace-private.h"
#include "il-trace-write.h"

#define REGISTRAR_YIELDS 10000u

/* A lane that this process has, from before it executed the program that it runs now. */
static bool
is_ours (const IlTrace *trace, uint32_t index, pid_t pid)
{
  uint64_t claim = atomic_load_explicit (
      &il_trace_lane_header (trace->base, &trace->layout, index)->claim, memory_order_acquire);

  return IL_TRACE_CLAIM_STATE (claim) == IL_TRACE_LANE_ACTIVE && IL_TRACE_CLAIM_PID (claim) == pid;
}

/* Goes on where its writer stopped: what that one had reserved and not published is gone. */
static void
take_over (IlTrace *trace, IlTraceLane *lane, uint32_t index)
{
  const IlTraceLayout *layout = &trace->layout;
  IlTraceLaneHeader *shared = il_trace_lane_header (trace->base, layout, index);
  uint32_t n_events = (uint32_t)il_trace_layout_ring_events (layout, index);

  memset (lane, 0, sizeof *lane);
  lane->shared = shared;
  lane->slots = il_trace_ring (trace->base, layout, index);
  lane->mask = n_events - 1;
  lane->limit = n_events - IL_TRACE_RING_MARGIN;
  lane->reserved = lane->published = atomic_load_explicit (&shared->tail, memory_order_relaxed);
  lane->head_seen = il_trace_ring_see (
      lane, atomic_load_explicit (&shared->head, memory_order_acquire)); /* [C] */
  lane->index = index;
  lane->generation
      = IL_TRACE_CLAIM_GENERATION (atomic_load_explicit (&shared->claim, memory_order_relaxed));
  lane->source = layout->source;
  lane->pid = getpid ();
  lane->trace = trace;
  atomic_store_explicit (&shared->announced, 0, memory_order_relaxed);
}

/* The kernel's accounting of a thread that is gone went with it. */
static void
end_for_dead (IlTraceLane *lane)
{
  uint64_t claim = IL_TRACE_CLAIM (IL_TRACE_LANE_ACTIVE, lane->generation, lane->pid);
  uint32_t slot = il_trace_reserve (&lane->reserved);

  il_trace_lane_fill (lane, slot, il_clock_stamp (lane->source),
                      IL_EVENT_WHAT (IL_EVENT_LANE_END, 0), 0);
  il_trace_lane_publish (lane, slot);
  atomic_compare_exchange_strong_explicit (
      &lane->shared->claim, &claim,
      IL_TRACE_CLAIM (IL_TRACE_LANE_FINISHED, lane->generation, lane->pid), memory_order_release,
      memory_order_relaxed); /* [F] */
}

/**
 * il_trace_lane_adopt:
 * @lane: (out caller-allocates): as after il_trace_lane_claim()
 *
 * Takes over the lane that the calling thread had before it executed the program that it runs now,
 * and ends those of the threads that were gone with that.  To be called before this process has
 * any other.
 *
 * Returns: FALSE where it had none
 */
bool
il_trace_lane_adopt (IlTrace *trace, IlTraceLane *lane)
{
  uint32_t n = trace == NULL ? 0
                             : atomic_load_explicit (&il_trace_header (trace->base)->n_lanes_used,
                                                     memory_order_relaxed);
  pid_t pid = getpid (), tid = (pid_t)syscall (SYS_gettid);
  bool has_lane = false;

  for (uint32_t i = 0; i < n && i < trace->layout.n_lanes; i++)
    {
      IlTraceLane dead;

      if (!is_ours (trace, i, pid))
        continue;
      /* The thread that executes takes the number of its process. */
      if (!has_lane && il_trace_lane_header (trace->base, &trace->layout, i)->tid == tid)
        {
          take_over (trace, lane, i);
          has_lane = true;
          continue;
        }
      take_over (trace, &dead, i);
      end_for_dead (&dead);
    }
  return has_lane;
}

/**
 * il_trace_lane_repair:
 *
 * Publishes again, after a write was left for good before it was done, as by siglongjmp() out of a
 * signal handler on top of it.  What was written by handlers on top of that write is lost, too, and
 * counted.  To be called by the lane's own thread, not on top of a write.
 */
void
il_trace_lane_repair (IlTraceLane *lane)
{
  uint32_t published = lane->published, reserved = lane->reserved;
  uint32_t n_lost = reserved - published;
  uint64_t stamp;

  if (lane->trace == NULL || n_lost == 0)
    return;
  stamp = il_clock_stamp (lane->source);
  for (uint32_t i = 0; i < n_lost; i++)
    il_trace_lane_fill (lane, published + i, stamp, IL_EVENT_WHAT (IL_EVENT_LOST, 0),
                        i == 0 ? n_lost : 0);
  atomic_fetch_add_explicit (&lane->shared->n_lost, n_lost, memory_order_relaxed);
  /* What handlers reserve meanwhile is filled when they return, and left to us. */
  do
    {
      reserved = __atomic_load_n (&lane->reserved, __ATOMIC_RELAXED);
      atomic_store_explicit (&lane->shared->tail, reserved, memory_order_release); /* [P] */
      __atomic_store_n (&lane->published, reserved, __ATOMIC_RELAXED);
      atomic_signal_fence (memory_order_seq_cst);
    }
  while (__atomic_load_n (&lane->reserved, __ATOMIC_RELAXED) != reserved);
}

/**
 * il_trace_find_lane:
 * @tid: of a thread of any process
 *
 * Returns: the index of the thread's lane plus one, or 0
 */
uint32_t
il_trace_find_lane (const IlTrace *trace, pid_t tid)
{
  uint32_t n;

  if (trace == NULL || tid <= 0)
    return 0;
  n = atomic_load_explicit (&il_trace_header (trace->base)->n_lanes_used, memory_order_relaxed);
  for (uint32_t i = 0; i < n && i < trace->layout.n_lanes; i++)
    {
      const IlTraceLaneHeader *shared = il_trace_lane_header (trace->base, &trace->layout, i);
      uint64_t claim = atomic_load_explicit (&shared->claim, memory_order_acquire);

      if (IL_TRACE_CLAIM_STATE (claim) == IL_TRACE_LANE_ACTIVE && shared->tid == tid)
        return i + 1;
    }
  return 0;
}

/**
 * il_trace_get_tick:
 *
 * Returns: (transfer none): what changes each time that the reader looks, some hundred times a
 *   second; never 0
 */
const _Atomic uint32_t *
il_trace_get_tick (const IlTrace *trace)
{
  return &il_trace_header (trace->base)->tick;
}

/**
 * il_trace_object_get_count:
 * @object: a number that il_trace_object_add_found() returned; not 0
 *
 * Returns: (transfer none): how often it was taken without an event: the reader tells
 */
_Atomic uint64_t *
il_trace_object_get_count (const IlTrace *trace, uint32_t object)
{
  return &il_trace_object (trace->base, &trace->layout, object - 1)->n_untold;
}

/**
 * il_trace_object_get_common:
 * @object: as above
 *
 * Returns: (transfer none): what processes that share it write there
 */
IlTraceCommon *
il_trace_object_get_common (const IlTrace *trace, uint32_t object)
{
  return &il_trace_object (trace->base, &trace->layout, object - 1)->common;
}

/* The first that was registered there, by whichever process; 0: none. */
static uint32_t
find_object (const IlTrace *trace, const IlTracePlace *lies)
{
  uint32_t n
      = atomic_load_explicit (&il_trace_header (trace->base)->n_objects, memory_order_relaxed);

  for (uint32_t i = 0; i < n && i < trace->layout.max_objects; i++)
    {
      const IlTraceObject *object = il_trace_object (trace->base, &trace->layout, i);

      if (atomic_load_explicit (&object->kind, memory_order_acquire) != IL_OBJECT_NONE
          && object->lies.module == lies->module && object->lies.offset == lies->offset)
        return i + 1;
    }
  return 0;
}

/* Waits for one that is just at it, but not for one that was killed there. */
static void
begin_to_register (_Atomic int32_t *registrar, pid_t pid)
{
  int32_t nobody = 0;

  for (uint32_t i = 0; i < REGISTRAR_YIELDS; i++)
    {
      nobody = 0;
      if (atomic_compare_exchange_weak_explicit (registrar, &nobody, pid, memory_order_acquire,
                                                 memory_order_relaxed))
        return;
      sched_yield ();
    }
  atomic_store_explicit (registrar, pid, memory_order_relaxed);
}

/**
 * il_trace_object_share:
 * @kind: (inout): as it is registered, if it is
 * @parameter: (inout): likewise
 * @origin: its place is the same in all processes
 *
 * Registers an object that processes share, unless one of them has done so.
 *
 * Returns: its number, from 1; 0 when nobody listens or the table is full
 */
uint32_t
il_trace_object_share (IlTrace *trace, IlObjectKind *kind, uint64_t *parameter,
                       const IlTraceOrigin *origin)
{
  _Atomic int32_t *registrar;
  uint32_t object;

  if (trace == NULL)
    return 0;
  registrar = &il_trace_header (trace->base)->registrar;
  begin_to_register (registrar, getpid ());
  object = find_object (trace, &origin->lies);
  if (object == 0)
    object = il_trace_object_add_found (trace, *kind, NULL, *parameter, origin);
  else
    {
      const IlTraceObject *found = il_trace_object (trace->base, &trace->layout, object - 1);

      *kind = (IlObjectKind)atomic_load_explicit (&found->kind, memory_order_relaxed);
      *parameter = found->parameter;
    }
  atomic_store_explicit (registrar, 0, memory_order_release);
  return object;
}
