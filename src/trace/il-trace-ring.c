/* il-trace-ring.c - memory for the rings of the shared file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is got before the first byte is written there: where the file system is full, that fails,
 * while a store would raise SIGBUS.  By address, since a program may close files that it did not
 * open, or change its root.
 *
 * For workers of our own all is got at once, before they begin.  In a program that is not ours, of
 * which most threads say little, that would be most of what they cost: there a ring grows where the
 * next event would go beyond what there is.  What it has it keeps for the next lane.  Where there
 * is no more, what would go there is lost, until there is.
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

/* The first piece of a ring that grows: a page, which is more than is left free at the end.  Then
 * it doubles, up to pieces that are had in a tenth of a millisecond. */
#define FIRST_EVENTS ((uint32_t)(IL_TRACE_PAGE / sizeof (IlEvent)))
#define MOST_EVENTS_AT_ONCE 8192u

static_assert (FIRST_EVENTS > IL_TRACE_RING_MARGIN + 2, "a lane can begin");

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
allocate (const IlTrace *trace, const IlTraceRange *range)
{
  if (range->size == 0
      || madvise (trace->base + range->offset, range->size, MADV_POPULATE_WRITE) == 0)
    return true;
  return errno == EINVAL && allocate_by_name (trace, range->offset, range->size);
}

/* So many slots, counted from where lanes start. */
static bool
grow_to (const IlTrace *trace, uint32_t index, uint32_t n_wanted)
{
  IlTraceLaneHeader *shared = il_trace_lane_header (trace->base, &trace->layout, index);
  uint32_t n_ready = atomic_load_explicit (&shared->n_ready, memory_order_relaxed);
  int saved_errno = errno;
  IlTraceRange ranges[2];
  bool done;

  if (n_ready >= n_wanted)
    return true;
  /* Whole pages, whatever somebody may have written there. */
  il_trace_ring_locate (&trace->layout, index, n_ready & ~(FIRST_EVENTS - 1), n_wanted, ranges);
  done = allocate (trace, &ranges[0]) && allocate (trace, &ranges[1]);
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

/* How much there is to be when what there is does not suffice. */
static uint32_t
get_next_size (uint32_t n_ready, uint32_t n_events)
{
  uint32_t n_more = n_ready < FIRST_EVENTS ? FIRST_EVENTS : n_ready;

  if (n_more > MOST_EVENTS_AT_ONCE)
    n_more = MOST_EVENTS_AT_ONCE;
  return n_more < n_events - n_ready ? (n_ready + n_more) & ~(FIRST_EVENTS - 1) : n_events;
}

/* See il-trace-private.h. */
bool
il_trace_ring_grow (IlTraceLane *lane)
{
  uint32_t n_events = lane->mask + 1, n_ready = il_trace_ring_count_ready (lane);
  uint32_t n_used = __atomic_load_n (&lane->reserved, __ATOMIC_RELAXED) - IL_TRACE_RING_START;
  uint32_t tick;

  if (n_ready >= n_events || n_used + 1 + IL_TRACE_RING_MARGIN < n_ready)
    return true;
  if (lane->trace == NULL)
    return false;
  /* Where there was none, the kernel is asked again only after a while. */
  tick = atomic_load_explicit (il_trace_get_tick (lane->trace), memory_order_relaxed);
  if (lane->shortage_tick == tick)
    return false;
  if (grow_to (lane->trace, lane->index, get_next_size (n_ready, n_events)))
    return true;
  lane->shortage_tick = tick;
  return false;
}
