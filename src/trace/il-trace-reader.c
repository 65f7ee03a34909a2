/* il-trace-reader.c - the reading side: lanes followed from claim to end, events copied and checked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-trace-reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "il-trace-private.h"

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* Handed on at once: 64 KiB, which stay in the second-level cache up to the callback. */
#define BATCH 4096u
/* Copied and checked at once: 4 KiB, which stay in the first-level cache in between. */
#define BLOCK 256u

/* How far the clocks of two cores may disagree without an event looking as if from the future. */
#define FUTURE_NS 1000000

typedef enum
{
  LANE_UNKNOWN = 0, /* free, or claimed by a writer that is not yet active */
  LANE_ACTIVE,
  LANE_DAMAGED,
} LaneState;

/* What we know of a lane.  Nothing here can be touched by a target. */
typedef struct
{
  IlTraceLaneInfo info;
  LaneState state;
  bool is_dead;   /* its process is */
  bool has_info;  /* lane_begun was called */
  bool is_mapped; /* its ring is known to have memory */
  uint32_t head;  /* as told to the writer */
  uint32_t name_version;
  uint64_t n_lost;          /* by the writer's count */
  uint64_t n_lost_reported; /* by its LOST events */
  uint64_t last_stamp;
} Lane;

struct _IlTraceReader
{
  unsigned char *base;
  char *path;
  int fd;
  IlTraceLayout layout;
  bool is_truncated;
  uint64_t first_stamp; /* of the file's making */
  uint64_t last_stamp;  /* none can be later, during a drain */
  uint64_t future;      /* FUTURE_NS in ticks, at least */
  uint32_t n_lanes_used;
  uint32_t n_objects;       /* seen handed out */
  uint32_t n_objects_whole; /* so many at the start are registered without a gap */
  /* By number, a bit for the kind; 0: not registered, as are the first, for number 0, and the last,
   * for all numbers that are too large. */
  uint16_t *object_bits;
  Lane *lanes;
  IlTraceReaderStats stats;
  const IlTraceHandler *handler; /* during a drain */
  void *data;
  IlEvent batch[BATCH];
};

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
};

static_assert (IL_N_EVENT_KINDS == 54, "each kind of event is in the table above");
static_assert (ABOUT (IL_N_OBJECT_KINDS) <= ANYTHING, "each kind of object has a bit");

/**
 * il_trace_reader_new:
 * @directory: private to the user, preferably in memory: XDG_RUNTIME_DIR
 * @max_lanes: threads at a time; 0 for 4352
 * @ring_events: length of a large ring, rounded up to a power of two; 0 for 262,144.  Less where
 *   the file system is small
 *
 * Makes the shared file, and removes those that killed readers left in @directory.
 *
 * Returns: (transfer full) (nullable): NULL with errno set on failure
 */
IlTraceReader *
il_trace_reader_new (const char *directory, uint32_t max_lanes, uint32_t ring_events)
{
  IlTraceReader *reader = calloc (1, sizeof *reader);
  int error;

  if (reader == NULL)
    return NULL;
  reader->fd
      = il_trace_file_make (directory, max_lanes, ring_events, &reader->layout, &reader->path);
  if (reader->fd < 0)
    {
      free (reader);
      return NULL;
    }
  reader->layout.source = il_clock_best_source ();
  reader->first_stamp = il_clock_stamp (reader->layout.source);
  /* No processor counts faster than 10 GHz. */
  reader->future = FUTURE_NS * (reader->layout.source == IL_CLOCK_TSC ? 10 : 1);
  reader->lanes = calloc (reader->layout.n_lanes, sizeof *reader->lanes);
  reader->object_bits = calloc (reader->layout.max_objects + 2u, sizeof *reader->object_bits);
  reader->base
      = mmap (NULL, reader->layout.file_size, PROT_READ | PROT_WRITE, MAP_SHARED, reader->fd, 0);
  if (reader->base == MAP_FAILED || reader->lanes == NULL || reader->object_bits == NULL)
    {
      error = reader->base == MAP_FAILED ? errno : ENOMEM;
      il_trace_reader_free (reader);
      errno = error;
      return NULL;
    }
  madvise (reader->base, reader->layout.file_size, MADV_DONTDUMP);
  il_trace_layout_store (&reader->layout, il_trace_header (reader->base));
  return reader;
}

/**
 * il_trace_reader_free:
 * @reader: (nullable) (transfer full):
 *
 * Unlinks the file.  Targets that still have it mapped write on without harm.
 */
void
il_trace_reader_free (IlTraceReader *reader)
{
  if (reader == NULL)
    return;
  if (reader->base != MAP_FAILED && reader->base != NULL)
    munmap (reader->base, reader->layout.file_size);
  unlink (reader->path);
  close (reader->fd);
  free (reader->path);
  free (reader->lanes);
  free (reader->object_bits);
  free (reader);
}

/**
 * il_trace_reader_get_path:
 *
 * Returns: (transfer none): absolute if the directory was; the value for IL_TRACE_ENVIRONMENT
 */
const char *
il_trace_reader_get_path (const IlTraceReader *reader)
{
  return reader->path;
}

/**
 * il_trace_reader_get_source:
 *
 * Returns: the clock of all stamps in this file
 */
IlClockSource
il_trace_reader_get_source (const IlTraceReader *reader)
{
  return reader->layout.source;
}

/* See il-trace-private.h. */
void *
il_trace_reader_get_mapping (IlTraceReader *reader, size_t *size)
{
  *size = reader->layout.file_size;
  return reader->base;
}

/* --- objects ------------------------------------------------------------------------------- */

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
  reader->object_bits[index + 1] = (uint16_t)ABOUT (kind);
  if (reader->handler->object_added != NULL)
    reader->handler->object_added (&info, reader->data);
}

/* Whoever got a number may have been killed, or not be done, before the entry was whole: such an
 * entry is passed over and looked at again. */
static void
read_objects (IlTraceReader *reader)
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

/* --- lanes --------------------------------------------------------------------------------- */

static void
abandon_lane (IlTraceReader *reader, Lane *lane, const char *what)
{
  lane->state = LANE_DAMAGED;
  if (reader->handler->damaged != NULL)
    reader->handler->damaged (&lane->info, what, reader->data);
}

/* Whether the name was whole, and another one than before. */
static bool
read_name (Lane *lane, const IlTraceLaneHeader *shared)
{
  uint64_t words[IL_TRACE_NAME_MAX / sizeof (uint64_t)];
  uint32_t version = atomic_load_explicit (&shared->name_version, memory_order_acquire); /* [N] */

  if (version == lane->name_version || (version & 1) != 0)
    return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    words[i] = atomic_load_explicit (&shared->name[i], memory_order_relaxed);
  atomic_thread_fence (memory_order_acquire);
  if (atomic_load_explicit (&shared->name_version, memory_order_relaxed) != version) /* [N] */
    return false;

  lane->name_version = version;
  memcpy (lane->info.name, words, sizeof lane->info.name);
  il_trace_name_clean (lane->info.name);
  return true;
}

/* A claim may be a lie: reading a ring that nobody got memory for would take memory, and raise
 * SIGBUS where there is none.  Also saves the page faults.  Kernels before 5.14 cannot tell. */
static bool
map_ring (IlTraceReader *reader, Lane *lane)
{
  uint64_t size
      = il_trace_layout_ring_events (&reader->layout, lane->info.index) * sizeof (IlEvent);

  if (!lane->is_mapped)
    lane->is_mapped = madvise (il_trace_ring (reader->base, &reader->layout, lane->info.index),
                               size, MADV_POPULATE_READ)
                          == 0
                      || errno == EINVAL;
  return lane->is_mapped;
}

static void
begin_lane (IlTraceReader *reader, Lane *lane, uint32_t index, uint64_t claim)
{
  IlTraceLaneHeader *shared = il_trace_lane_header (reader->base, &reader->layout, index);
  uint32_t role = shared->role;

  lane->info.index = index;
  lane->info.pid = IL_TRACE_CLAIM_PID (claim);
  lane->info.tid = shared->tid;
  lane->info.number = shared->number;
  lane->info.creator_plus_1
      = shared->creator_plus_1 <= reader->layout.n_lanes ? shared->creator_plus_1 : 0;
  lane->info.role = role < IL_N_ROLES ? (IlRole)role : IL_ROLE_THREAD;
  lane->state = LANE_ACTIVE;
  lane->head = IL_TRACE_RING_START;
  lane->n_lost = lane->n_lost_reported = 0;
  lane->last_stamp = reader->first_stamp;
  lane->has_info = true;
  read_name (lane, shared);
  if (reader->handler->lane_begun != NULL)
    reader->handler->lane_begun (&lane->info, reader->data);

  if (role >= IL_N_ROLES)
    abandon_lane (reader, lane, "its role does not exist");
  else if (IL_TRACE_CLAIM_GENERATION (claim) != lane->info.generation)
    abandon_lane (reader, lane, "its generation is not the one given out");
  else if (lane->info.pid <= 0 || lane->info.tid <= 0)
    abandon_lane (reader, lane, "its process or thread number is not positive");
  else if (!map_ring (reader, lane))
    abandon_lane (reader, lane, "its ring has no memory");
}

static void
free_lane (IlTraceReader *reader, Lane *lane, uint32_t index)
{
  uint32_t generation = (lane->info.generation + 1) & IL_TRACE_GENERATION_MASK;

  *lane = (Lane){ .info.generation = generation, .is_mapped = lane->is_mapped };
  if (!reader->is_truncated)
    atomic_store_explicit (&il_trace_lane_header (reader->base, &reader->layout, index)->claim,
                           IL_TRACE_CLAIM (IL_TRACE_LANE_FREE, generation, 0),
                           memory_order_release); /* [R] */
}

static void
deliver_lost (IlTraceReader *reader, Lane *lane, uint64_t n_lost)
{
  IlEvent event = { lane->last_stamp, IL_EVENT_WHAT (IL_EVENT_LOST, 0),
                    n_lost > UINT32_MAX ? UINT32_MAX : (uint32_t)n_lost };

  reader->stats.n_events++;
  if (reader->handler->events != NULL)
    reader->handler->events (&lane->info, &event, 1, reader->data);
}

static void
read_usage (IlTraceReader *reader, uint32_t index, IlTraceLaneUsage *usage)
{
  const IlTraceLaneHeader *shared = il_trace_lane_header (reader->base, &reader->layout, index);

  usage->valid = shared->usage_valid == 1;
  if (!usage->valid)
    return;
  usage->cpu_ns = shared->cpu_ns;
  usage->voluntary_switches = shared->voluntary_switches;
  usage->involuntary_switches = shared->involuntary_switches;
  usage->peak_rss_bytes = shared->peak_rss_bytes;
}

static void
end_lane (IlTraceReader *reader, Lane *lane, uint32_t index, bool is_finished)
{
  IlTraceLaneUsage usage = { .valid = false };

  if (lane->state == LANE_ACTIVE)
    {
      /* A writer that was killed, or found no room to the end, could not say so itself. */
      if (lane->n_lost > lane->n_lost_reported)
        deliver_lost (reader, lane, lane->n_lost - lane->n_lost_reported);
      if (is_finished)
        read_usage (reader, index, &usage);
    }
  if (lane->has_info && reader->handler->lane_ended != NULL)
    reader->handler->lane_ended (&lane->info, &usage, reader->data);
  free_lane (reader, lane, index);
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
check_events (IlTraceReader *reader, Lane *lane, IlEvent *events, size_t n)
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

static void
copy_out (const IlTraceReader *reader, const Lane *lane, uint32_t position, IlEvent *target,
          uint32_t n)
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
take_batch (IlTraceReader *reader, Lane *lane, uint32_t n)
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

static void
drain_ring (IlTraceReader *reader, Lane *lane, IlTraceLaneHeader *shared)
{
  uint32_t n_ring = (uint32_t)il_trace_layout_ring_events (&reader->layout, lane->info.index);
  uint64_t announced = atomic_load_explicit (&shared->announced, memory_order_acquire); /* [S] */
  uint64_t n_lost = atomic_load_explicit (&shared->n_lost, memory_order_relaxed);
  uint32_t tail = atomic_load_explicit (&shared->tail, memory_order_acquire); /* [P] */
  uint32_t n_left = tail - lane->head;
  uint32_t permille = (uint32_t)((uint64_t)n_left * 1000 / n_ring);

  if (n_left > n_ring)
    {
      abandon_lane (reader, lane, "its ring holds more than its size");
      return;
    }
  if (permille > reader->stats.fullest_permille)
    reader->stats.fullest_permille = permille;
  reader->last_stamp = il_clock_stamp (reader->layout.source) + reader->future;
  if (!lane->is_dead)
    note_announced (reader, announced);
  while (n_left > 0)
    {
      uint32_t n = n_left < BATCH ? n_left : BATCH;
      size_t n_good = take_batch (reader, lane, n);

      lane->head += n;
      n_left -= n;
      atomic_store_explicit (&shared->head, lane->head, memory_order_release); /* [C] */
      reader->stats.n_events += n_good;
      if (n_good > 0 && reader->handler->events != NULL)
        reader->handler->events (&lane->info, reader->batch, n_good, reader->data);
    }
  if (n_lost > lane->n_lost)
    {
      reader->stats.n_lost += n_lost - lane->n_lost;
      lane->n_lost = n_lost;
    }
}

static void
drain_lane (IlTraceReader *reader, uint32_t index)
{
  Lane *lane = &reader->lanes[index];
  IlTraceLaneHeader *shared = il_trace_lane_header (reader->base, &reader->layout, index);
  uint64_t claim = atomic_load_explicit (&shared->claim, memory_order_acquire); /* [A] [F] */
  uint32_t state = IL_TRACE_CLAIM_STATE (claim);

  if (lane->state == LANE_UNKNOWN)
    {
      if (state == IL_TRACE_LANE_FREE)
        {
          lane->is_dead = false;
          return;
        }
      if (state == IL_TRACE_LANE_CLAIMED)
        {
          if (lane->is_dead)
            free_lane (reader, lane, index);
          return;
        }
      begin_lane (reader, lane, index, claim);
    }
  else if (lane->state == LANE_ACTIVE
           && claim != IL_TRACE_CLAIM (IL_TRACE_LANE_ACTIVE, lane->info.generation, lane->info.pid)
           && claim
                  != IL_TRACE_CLAIM (IL_TRACE_LANE_FINISHED, lane->info.generation, lane->info.pid))
    abandon_lane (reader, lane, "its claim was overwritten");

  if (lane->state == LANE_ACTIVE)
    {
      if (read_name (lane, shared) && reader->handler->lane_renamed != NULL)
        reader->handler->lane_renamed (&lane->info, reader->data);
      drain_ring (reader, lane, shared);
    }
  if (lane->is_dead || (lane->state == LANE_ACTIVE && state == IL_TRACE_LANE_FINISHED))
    end_lane (reader, lane, index, state == IL_TRACE_LANE_FINISHED);
}

/* Who makes the file shorter takes the pages away under our mapping. */
static void
look_for_truncation (IlTraceReader *reader)
{
  struct stat status;

  if (reader->is_truncated
      || (fstat (reader->fd, &status) == 0 && (uint64_t)status.st_size >= reader->layout.file_size))
    return;
  reader->is_truncated = true;
  for (uint32_t i = 0; i < reader->n_lanes_used; i++)
    if (reader->lanes[i].state == LANE_ACTIVE)
      abandon_lane (reader, &reader->lanes[i], "the file was truncated");
}

static void
drain_all (IlTraceReader *reader)
{
  IlTraceHeader *header = il_trace_header (reader->base);
  uint32_t n_used = atomic_load_explicit (&header->n_lanes_used, memory_order_relaxed);

  if (n_used > reader->layout.n_lanes)
    n_used = reader->layout.n_lanes;
  if (n_used > reader->n_lanes_used)
    reader->n_lanes_used = n_used;
  reader->stats.n_lanes_refused
      = atomic_load_explicit (&header->n_lanes_refused, memory_order_relaxed);
  read_objects (reader);
  for (uint32_t i = 0; i < reader->n_lanes_used; i++)
    drain_lane (reader, i);
}

/**
 * il_trace_reader_drain:
 *
 * Calls back for everything that was published since the last drain: new objects first, then lane
 * by lane.
 *
 * An event's object is always added before the event is delivered.  Lanes are independent: what a
 * lane's events refer to in another lane may come later in the same drain, or in the next one.
 * Every event that was published before the call is delivered in it, unless its lane is damaged.
 * Call it when there is likely to be much: polling slows the writers down.
 */
void
il_trace_reader_drain (IlTraceReader *reader, const IlTraceHandler *handler, void *data)
{
  reader->handler = handler;
  reader->data = data;
  reader->stats.fullest_permille = 0;
  reader->stats.announced = 0;
  look_for_truncation (reader);
  if (!reader->is_truncated)
    drain_all (reader);
  else
    for (uint32_t i = 0; i < reader->n_lanes_used; i++)
      if (reader->lanes[i].is_dead)
        end_lane (reader, &reader->lanes[i], i, false);
  reader->handler = NULL;
  reader->data = NULL;
}

/* 0 for a lane that is free. */
static pid_t
get_claimer (IlTraceReader *reader, uint32_t index)
{
  uint64_t claim;

  if (reader->is_truncated)
    return 0;
  claim = atomic_load_explicit (&il_trace_lane_header (reader->base, &reader->layout, index)->claim,
                                memory_order_relaxed);
  return IL_TRACE_CLAIM_STATE (claim) == IL_TRACE_LANE_FREE ? 0 : IL_TRACE_CLAIM_PID (claim);
}

/**
 * il_trace_reader_process_died:
 * @pid: 0 for all processes
 *
 * Says that no thread of the process will write any more.  At the next drain its lanes are drained
 * to the last published event and end; a lane that it was just claiming is free again.
 */
void
il_trace_reader_process_died (IlTraceReader *reader, pid_t pid)
{
  for (uint32_t i = 0; i < reader->layout.n_lanes; i++)
    {
      Lane *lane = &reader->lanes[i];
      pid_t owner = lane->state == LANE_UNKNOWN ? get_claimer (reader, i) : lane->info.pid;

      /* Free, or somebody else's. */
      if ((owner == 0 && lane->state == LANE_UNKNOWN) || (pid != 0 && owner != pid))
        continue;
      lane->is_dead = true;
      if (i >= reader->n_lanes_used)
        reader->n_lanes_used = i + 1;
    }
}

/**
 * il_trace_reader_get_stats:
 * @stats: (out caller-allocates): since the start, but for fullest_permille and announced
 */
void
il_trace_reader_get_stats (const IlTraceReader *reader, IlTraceReaderStats *stats)
{
  *stats = reader->stats;
}
