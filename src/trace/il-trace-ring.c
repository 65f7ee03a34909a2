/* il-trace-ring.c - memory for the rings of the shared file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is got before the first byte is written there: where the file system is full, that fails,
 * while a store would raise SIGBUS.  By address, since a program may close files that it did not
 * open, or change its root.
 *
 * For workers of our own all is got at once, before they begin.  In a program that is not ours, of
 * which most threads say little, that would be most of what they cost: there a ring grows, twice as
 * large each time, where the next event would go beyond what there is.  What it has it keeps for
 * the next lane.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "il-trace-private.h"
#include "il-trace.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* The first piece of a ring that grows: whole pages, and more than is left free at the end. */
#define FIRST_EVENTS 1024u

/**
 * il_trace_be_thrifty:
 *
 * The rings of this process's lanes get memory as they need it, not all at once.
 */
void
il_trace_be_thrifty (IlTrace *trace)
{
  trace->is_thrifty = true;
}

/* Kernels before 5.14. */
static bool
allocate_by_name (const IlTrace *trace, uint64_t offset, uint64_t size)
{
  int fd = il_trace_open_shared (trace->path);
  bool done;

  if (fd < 0)
    return false;
  done = posix_fallocate (fd, (off_t)offset, (off_t)size) == 0;
  close (fd);
  return done;
}

static bool
allocate (const IlTrace *trace, uint32_t index, uint64_t from, uint64_t to)
{
  uint64_t offset = il_trace_layout_ring_offset (&trace->layout, index) + from * sizeof (IlEvent);
  uint64_t size = (to - from) * sizeof (IlEvent);

  if (from >= to || madvise (trace->base + offset, size, MADV_POPULATE_WRITE) == 0)
    return true;
  return errno == EINVAL && allocate_by_name (trace, offset, size);
}

/* So many slots, counted from where lanes start; they may go on at the ring's begin. */
static bool
grow_to (const IlTrace *trace, uint32_t index, uint32_t n_wanted)
{
  IlTraceLaneHeader *shared = il_trace_lane_header (trace->base, &trace->layout, index);
  uint64_t n_events = il_trace_layout_ring_events (&trace->layout, index);
  uint64_t start = IL_TRACE_RING_START & (n_events - 1);
  uint64_t n_ready = atomic_load_explicit (&shared->n_ready, memory_order_relaxed);
  uint64_t from = start + n_ready, to = start + n_wanted;
  int saved_errno = errno;
  bool done;

  if (n_ready >= n_wanted)
    return true;
  if (from >= n_events)
    done = allocate (trace, index, from - n_events, to - n_events);
  else if (to <= n_events)
    done = allocate (trace, index, from, to);
  else
    done = allocate (trace, index, from, n_events) && allocate (trace, index, 0, to - n_events);
  /* A signal handler on top of this may have come further: then it is got once more. */
  if (done)
    atomic_store_explicit (&shared->n_ready, n_wanted, memory_order_relaxed);
  errno = saved_errno;
  return done;
}

/* See il-trace-private.h. */
bool
il_trace_ring_begin (const IlTrace *trace, uint32_t index)
{
  uint32_t n_events = (uint32_t)il_trace_layout_ring_events (&trace->layout, index);

  return grow_to (trace, index,
                  trace->is_thrifty && n_events > FIRST_EVENTS ? FIRST_EVENTS : n_events);
}

/* See il-trace-private.h. */
bool
il_trace_ring_grow (const IlTraceLane *lane)
{
  uint32_t n_events = lane->mask + 1, n_ready = il_trace_ring_count_ready (lane);
  uint32_t n_used = __atomic_load_n (&lane->reserved, __ATOMIC_RELAXED) - IL_TRACE_RING_START;

  if (n_ready >= n_events || n_used + 1 + IL_TRACE_RING_MARGIN < n_ready)
    return true;
  return lane->trace != NULL
         && grow_to (lane->trace, lane->index, 2 * n_ready < n_events ? 2 * n_ready : n_events);
}
