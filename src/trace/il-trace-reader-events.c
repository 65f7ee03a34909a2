/* il-trace-reader-events.c - events copied out of the rings, and checked: each about an object that
 * is there and may be meant, none earlier than the one before
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-trace-reader-private.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* So many objects are asked in one drain for what was not told of them. */
#define COUNTED_A_DRAIN 2048u

/* Copied and checked at once: 4 KiB, which stay in the first-level cache in between. */
#define BLOCK 256u

/* Which objects an event of each kind may be about, a bit for each IlObjectKind; 0 for what is no
 * kind.  ANYTHING is taken for a bit of every object; RESULT is checked apart. */
#define ABOUT(kind) (1u << (kind))
#define ANYTHING 0x4000u
#define RESULT 0x8000u
static const uint16_t about[256] = {
  [IL_EVENT_LANE_BEGIN] = ANYTHING,
  [IL_EVENT_LANE_END] = ANYTHING,
  [IL_EVENT_LOST] = ANYTHING,
  [IL_EVENT_IDLE] = ANYTHING,
  [IL_EVENT_TASK_SUBMIT] = ABOUT (IL_OBJECT_TASK_KIND),
  [IL_EVENT_TASK_BEGIN] = ABOUT (IL_OBJECT_TASK_KIND),
  [IL_EVENT_TASK_END] = RESULT,
  [IL_EVENT_TASK_DROP] = RESULT,
  [IL_EVENT_LOCK_WAIT] = ABOUT (IL_OBJECT_LOCK),
  [IL_EVENT_LOCK_ACQUIRE] = ABOUT (IL_OBJECT_LOCK),
  [IL_EVENT_LOCK_RELEASE] = ABOUT (IL_OBJECT_LOCK),
  [IL_EVENT_SEM_WAIT] = ABOUT (IL_OBJECT_SEMAPHORE),
  [IL_EVENT_SEM_ACQUIRE] = ABOUT (IL_OBJECT_SEMAPHORE),
  [IL_EVENT_SEM_POST] = ABOUT (IL_OBJECT_SEMAPHORE),
  [IL_EVENT_PUT_WAIT] = ABOUT (IL_OBJECT_QUEUE),
  [IL_EVENT_PUT] = ABOUT (IL_OBJECT_QUEUE),
  [IL_EVENT_GET_WAIT] = ABOUT (IL_OBJECT_QUEUE),
  [IL_EVENT_GET] = ABOUT (IL_OBJECT_QUEUE),
  [IL_EVENT_QUEUE_CLOSE] = ABOUT (IL_OBJECT_QUEUE),
  [IL_EVENT_WAIT_CANCELLED] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_SEMAPHORE)
                              | ABOUT (IL_OBJECT_QUEUE) | ABOUT (IL_OBJECT_RWLOCK)
                              | ABOUT (IL_OBJECT_EVENT) | ABOUT (IL_OBJECT_CONDITION)
                              | ABOUT (IL_OBJECT_BARRIER) | ABOUT (IL_OBJECT_CHANNEL),
  [IL_EVENT_SLEEP_BEGIN] = ANYTHING,
  [IL_EVENT_SLEEP_END] = ANYTHING,
  [IL_EVENT_IO_BEGIN] = ANYTHING,
  [IL_EVENT_IO_END] = ANYTHING,
  [IL_EVENT_STOPPED_BEGIN] = ANYTHING,
  [IL_EVENT_STOPPED_END] = ANYTHING,
  [IL_EVENT_WORKER_LOST] = ANYTHING,
  [IL_EVENT_OWNER_DIED]
  = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_SEMAPHORE) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_COUNTER] = ABOUT (IL_OBJECT_COUNTER) | ABOUT (IL_OBJECT_LOCK),
  [IL_EVENT_RW_WAIT] = ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_RW_ACQUIRE] = ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_RW_RELEASE] = ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_FLAG_WAIT] = ABOUT (IL_OBJECT_EVENT),
  [IL_EVENT_FLAG_PASS] = ABOUT (IL_OBJECT_EVENT),
  [IL_EVENT_FLAG_SET] = ABOUT (IL_OBJECT_EVENT),
  [IL_EVENT_FLAG_CLEAR] = ABOUT (IL_OBJECT_EVENT),
  [IL_EVENT_COND_WAIT] = ABOUT (IL_OBJECT_CONDITION),
  [IL_EVENT_COND_WOKEN] = ABOUT (IL_OBJECT_CONDITION),
  [IL_EVENT_COND_WASTED] = ABOUT (IL_OBJECT_CONDITION),
  [IL_EVENT_COND_NOTIFY] = ABOUT (IL_OBJECT_CONDITION),
  [IL_EVENT_BARRIER_WAIT] = ABOUT (IL_OBJECT_BARRIER),
  [IL_EVENT_BARRIER_PASS] = ABOUT (IL_OBJECT_BARRIER),
  [IL_EVENT_SEND_WAIT] = ABOUT (IL_OBJECT_CHANNEL),
  [IL_EVENT_SEND] = ABOUT (IL_OBJECT_CHANNEL),
  [IL_EVENT_RECEIVE_WAIT] = ABOUT (IL_OBJECT_CHANNEL),
  [IL_EVENT_RECEIVE] = ABOUT (IL_OBJECT_CHANNEL),
  [IL_EVENT_COPY] = ANYTHING,
  [IL_EVENT_WOKEN_BY] = ANYTHING,
  [IL_EVENT_LOST_UPDATE] = ABOUT (IL_OBJECT_COUNTER),
  [IL_EVENT_TORN_LINES] = ABOUT (IL_OBJECT_FILE),
  [IL_EVENT_FILE_BYTES] = ABOUT (IL_OBJECT_FILE),
  [IL_EVENT_PRIORITY] = ANYTHING,
  [IL_EVENT_COROUTINE] = ANYTHING,
  [IL_EVENT_STUCK] = ANYTHING,
  [IL_EVENT_CRASH] = ABOUT (IL_OBJECT_TASK_KIND),
  [IL_EVENT_FORSAKEN] = ABOUT (IL_OBJECT_QUEUE) | ABOUT (IL_OBJECT_CHANNEL),
  [IL_EVENT_GIVEN_UP] = ABOUT (IL_OBJECT_TASK_KIND),
  [IL_EVENT_NAP] = ABOUT (IL_OBJECT_LOCK),
  [IL_EVENT_TASK_DIRECT] = ABOUT (IL_OBJECT_TASK_KIND),
  [IL_EVENT_RUNS] = ANYTHING,
  [IL_EVENT_LOCK_COUNT]
  = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_SEMAPHORE) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_LOCK_HELD] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_RW_INSIDE] = ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_LOCK_QUIET] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_LOCK_NESTED] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_JOIN_WAIT] = ANYTHING,
  [IL_EVENT_JOIN_END] = ANYTHING,
  [IL_EVENT_WAIT_TIMED] = ANYTHING,
  [IL_EVENT_LOCK_LEFT] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_LOCK_COPIED] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_SIGNALS] = ANYTHING,
  [IL_EVENT_WAIT_SHARED] = ANYTHING,
  [IL_EVENT_LOCK_HAD] = ABOUT (IL_OBJECT_LOCK),
  [IL_EVENT_RW_READER] = ABOUT (IL_OBJECT_RWLOCK),
  [IL_EVENT_LIFE] = ANYTHING,
  [IL_EVENT_USED_AT] = ABOUT (IL_OBJECT_LOCK) | ABOUT (IL_OBJECT_SEMAPHORE),
};

static_assert (IL_N_EVENT_KINDS == 77, "each kind of event is in the table above");
static_assert (ABOUT (IL_N_OBJECT_KINDS) <= ANYTHING, "each kind of object has a bit");

/* --- objects ------------------------------------------------------------------------------- */

/* A place as it is said, without a module that is not there. */
static IlTracePlace
read_place (IlTraceReader *reader, const IlTracePlace *shared)
{
  IlTracePlace place = { .offset = shared->offset, .module = shared->module };
  char path[IL_TRACE_PATH_MAX];

  if (place.module == 0 || !il_trace_reader_copy_module_path (reader, place.module, path))
    return (IlTracePlace){ 0 };
  return place;
}

static void
read_object (IlTraceReader *reader, uint32_t index)
{
  IlTraceObject *shared = il_trace_object (reader->base, &reader->layout, index);
  uint32_t kind = atomic_load_explicit (&shared->kind, memory_order_acquire);
  IlTraceObjectInfo info = { .id = index + 1 };

  if (kind == IL_OBJECT_NONE || kind >= IL_N_OBJECT_KINDS)
    return;
  info.kind = (IlObjectKind)kind;
  info.parameter = shared->parameter;
  memcpy (info.name, shared->name, sizeof info.name);
  il_trace_name_clean (info.name);
  info.pid = shared->pid > 0 ? shared->pid : 0;
  if (info.pid != 0)
    {
      info.address = shared->address;
      info.lies = read_place (reader, &shared->lies);
      info.used = read_place (reader, &shared->used);
      for (uint32_t i = 0; i < IL_TRACE_CALLERS; i++)
        {
          const IlTracePlace caller = IL_TRACE_WORD_PLACE (shared->callers[i]);

          info.callers[i] = read_place (reader, &caller);
        }
    }
  reader->object_bits[index + 1] = (uint16_t)ABOUT (kind);
  if (reader->handler->object_added != NULL)
    reader->handler->object_added (&info, reader->data);
}

/* Whoever got a number may have been killed, or not be done, before the entry was whole: such an
 * entry is passed over and looked at again. */
void
il_trace_reader_read_objects (IlTraceReader *reader)
{
  uint32_t n
      = atomic_load_explicit (&il_trace_header (reader->base)->n_objects, memory_order_relaxed);

  if (n > reader->layout.max_objects)
    n = reader->layout.max_objects;
  if (n > reader->n_objects)
    reader->n_objects = n;
  for (uint32_t i = reader->n_objects_whole; i < reader->n_objects; i++)
    if (reader->object_bits[i + 1] == 0)
      read_object (reader, i);
  while (reader->n_objects_whole < reader->n_objects
         && reader->object_bits[reader->n_objects_whole + 1] != 0)
    reader->n_objects_whole++;
}

/* --- events -------------------------------------------------------------------------------- */

/* Whether an event of the kind may be about the object. */
static inline bool
is_about_right_object (const IlTraceReader *reader, uint32_t kind, uint32_t object)
{
  uint32_t wanted = about[kind];
  uint32_t last = reader->layout.max_objects + 1;
  uint32_t bits = reader->object_bits[object < last ? object : last] | ANYTHING;

  return (bits & wanted) != 0 || (wanted == RESULT && object < IL_N_TASK_RESULTS);
}

/* Registered since this drain looked: before the event, by [P]. */
static bool
is_about_new_object (IlTraceReader *reader, uint32_t kind, uint32_t object)
{
  if (object - 1 >= reader->layout.max_objects || reader->object_bits[object] != 0)
    return false;
  read_object (reader, object - 1);
  return is_about_right_object (reader, kind, object);
}

static void
read_count (IlTraceReader *reader, uint32_t index)
{
  const IlTraceObject *object = il_trace_object (reader->base, &reader->layout, index);
  uint64_t n_now = atomic_load_explicit (&object->n_untold, memory_order_relaxed);
  uint64_t n_more = n_now - reader->n_untold[index];

  if (n_more == 0 || reader->object_bits[index + 1] == 0)
    return;
  reader->n_untold[index] = n_now;
  /* It stepped back, or nobody can count so fast. */
  if (n_more > UINT32_MAX)
    reader->stats.n_damaged++;
  else if (reader->handler->object_counted != NULL)
    reader->handler->object_counted (index + 1, (uint32_t)n_more, reader->data);
}

/* After the lanes were drained, so that what happened before an event is not told after it. */
void
il_trace_reader_read_counts (IlTraceReader *reader)
{
  uint32_t n = reader->counts_all || reader->n_objects < COUNTED_A_DRAIN ? reader->n_objects
                                                                         : COUNTED_A_DRAIN;

  for (uint32_t i = 0; i < n; i++)
    {
      if (reader->next_untold >= reader->n_objects)
        reader->next_untold = 0;
      read_count (reader, reader->next_untold++);
    }
  reader->counts_all = false;
}

/* Whether all is as it usually is: nothing to drop, nothing to count, stamps in order. */
static bool
is_plain (const IlTraceReader *reader, const IlEvent *events, size_t n, uint64_t last_stamp)
{
  uint32_t wrong = 0;

  for (size_t i = 0; i < n; i++)
    {
      uint32_t kind = events[i].what & 0xffu;

      wrong |= events[i].stamp < last_stamp;
      wrong |= kind == IL_EVENT_LOST;
      wrong |= !is_about_right_object (reader, kind, IL_EVENT_OBJECT (events[i].what));
      last_stamp = events[i].stamp;
    }
  return wrong == 0 && last_stamp <= reader->last_stamp;
}

/* Drops what makes no sense, and closes the gaps.  Stamps never step back, not even by what a
 * signal handler or a move to another core takes. */
static size_t
check_events (IlTraceReader *reader, IlTraceReaderLane *lane, IlEvent *events, size_t n)
{
  size_t n_good = 0;

  for (size_t i = 0; i < n; i++)
    {
      IlEvent event = events[i];
      uint32_t kind = event.what & 0xffu;
      uint32_t object = IL_EVENT_OBJECT (event.what);

      if (event.stamp > reader->last_stamp || event.stamp < reader->first_stamp
          || (!is_about_right_object (reader, kind, object)
              && !is_about_new_object (reader, kind, object)))
        {
          reader->stats.n_damaged++;
          continue;
        }
      if (kind == IL_EVENT_LOST)
        {
          lane->n_lost_reported += event.value;
          if (event.value == 0)
            continue;
        }
      if (event.stamp < lane->last_stamp)
        event.stamp = lane->last_stamp;
      lane->last_stamp = event.stamp;
      events[n_good++] = event;
    }
  return n_good;
}

/* What is said to be there may be a lie: reading slots that nobody got memory for would take
 * memory, and raise SIGBUS where there is none.  Also saves the page faults.  No more than that:
 * programs have rings of which most is never used.  Kernels before 5.14 cannot tell. */
static bool
map_ring (IlTraceReader *reader, IlTraceReaderLane *lane, uint32_t tail)
{
  uint32_t n_events = (uint32_t)il_trace_layout_ring_events (&reader->layout, lane->info.index);
  uint32_t n_page = IL_TRACE_PAGE / sizeof (IlEvent);
  /* Before all is mapped, nothing was read behind the ring's length. */
  uint32_t n_wanted = (tail - IL_TRACE_RING_START + n_page - 1) & ~(n_page - 1);
  IlTraceRange ranges[2];

  if (lane->n_mapped == n_events || n_wanted <= lane->n_mapped)
    return true;
  if (n_wanted > n_events)
    n_wanted = n_events;
  il_trace_ring_locate (&reader->layout, lane->info.index, lane->n_mapped, n_wanted, ranges);
  for (int i = 0; i < 2; i++)
    if (ranges[i].size > 0
        && madvise (reader->base + ranges[i].offset, ranges[i].size, MADV_POPULATE_READ) != 0
        && errno != EINVAL)
      return false;
  lane->n_mapped = n_wanted;
  return true;
}

static void
copy_out (const IlTraceReader *reader, const IlTraceReaderLane *lane, uint32_t position,
          IlEvent *target, uint32_t n)
{
  uint32_t n_ring = (uint32_t)il_trace_layout_ring_events (&reader->layout, lane->info.index);
  const IlEvent *ring = il_trace_ring (reader->base, &reader->layout, lane->info.index);
  uint32_t begin = position & (n_ring - 1);
  uint32_t n_first = n < n_ring - begin ? n : n_ring - begin;

  memcpy (target, ring + begin, n_first * sizeof *ring);
  memcpy (target + n_first, ring, (n - n_first) * sizeof *ring);
}

/* Copies so many events from the lane's head on, and checks the copies.  Returns how many are good.
 */
static size_t
take_batch (IlTraceReader *reader, IlTraceReaderLane *lane, uint32_t n)
{
  size_t n_good = 0;

  for (uint32_t done = 0; done < n; done += BLOCK)
    {
      uint32_t n_block = n - done < BLOCK ? n - done : BLOCK;
      IlEvent *block = reader->batch + n_good;

      copy_out (reader, lane, lane->head + done, block, n_block);
      if (is_plain (reader, block, n_block, lane->last_stamp))
        {
          lane->last_stamp = block[n_block - 1].stamp;
          n_good += n_block;
        }
      else
        n_good += check_events (reader, lane, block, n_block);
    }
  return n_good;
}

/* A stamp that cannot be one is a lie, or damage. */
static void
note_announced (IlTraceReader *reader, uint64_t stamp)
{
  if (stamp >= reader->first_stamp && stamp <= reader->last_stamp
      && (reader->stats.announced == 0 || stamp < reader->stats.announced))
    reader->stats.announced = stamp;
}

void
il_trace_reader_drain_ring (IlTraceReader *reader, IlTraceReaderLane *lane,
                            IlTraceLaneHeader *shared)
{
  uint32_t n_ring = (uint32_t)il_trace_layout_ring_events (&reader->layout, lane->info.index);
  uint64_t announced = atomic_load_explicit (&shared->announced, memory_order_acquire); /* [S] */
  uint64_t n_lost = atomic_load_explicit (&shared->n_lost, memory_order_relaxed);
  uint32_t tail = atomic_load_explicit (&shared->tail, memory_order_acquire); /* [P] */
  uint32_t n_left = tail - lane->head;
  uint32_t permille = (uint32_t)((uint64_t)n_left * 1000 / n_ring);

  if (n_left > n_ring)
    {
      il_trace_reader_abandon_lane (reader, lane, "its ring holds more than its size");
      return;
    }
  if (!map_ring (reader, lane, tail))
    {
      il_trace_reader_abandon_lane (reader, lane, "its ring has no memory");
      return;
    }
  if (permille > reader->stats.fullest_permille)
    reader->stats.fullest_permille = permille;
  reader->last_stamp = il_clock_stamp (reader->layout.source) + reader->future;
  if (!lane->is_dead)
    note_announced (reader, announced);
  while (n_left > 0)
    {
      uint32_t n = n_left < IL_TRACE_READER_BATCH ? n_left : IL_TRACE_READER_BATCH;
      size_t n_good = take_batch (reader, lane, n);

      lane->head += n;
      n_left -= n;
      atomic_store_explicit (&shared->head, lane->head, memory_order_release); /* [C] */
      reader->stats.n_events += n_good;
      if (n_good > 0 && reader->handler->events != NULL)
        reader->handler->events (&lane->info, reader->batch, n_good, reader->data);
    }
  /* Nobody loses one with each tick of the clock. */
  if (n_lost > reader->last_stamp - reader->first_stamp)
    {
      il_trace_reader_abandon_lane (reader, lane, "it lost more events than there can be");
      return;
    }
  if (n_lost > lane->n_lost)
    {
      reader->stats.n_lost += n_lost - lane->n_lost;
      lane->n_lost = n_lost;
    }
}
