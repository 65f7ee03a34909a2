/* il-trace-reader.c - the reading side: the file, and lanes followed from claim to end
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

#include "il-trace-reader-private.h"

/* How far the clocks of two cores may disagree without an event looking as if from the future. */
#define FUTURE_NS 1000000

static IlTraceReader *
make_reader (const char *directory, bool is_nameless, uint32_t max_lanes, uint32_t ring_events)
{
  IlTraceReader *reader = calloc (1, sizeof *reader);
  int error;

  if (reader == NULL)
    return NULL;
  reader->fd = il_trace_file_make (directory, is_nameless, max_lanes, ring_events, &reader->layout,
                                   &reader->path);
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
  reader->n_untold = calloc (reader->layout.max_objects, sizeof *reader->n_untold);
  reader->base
      = mmap (NULL, reader->layout.file_size, PROT_READ | PROT_WRITE, MAP_SHARED, reader->fd, 0);
  if (reader->base == MAP_FAILED || reader->lanes == NULL || reader->object_bits == NULL
      || reader->n_untold == NULL)
    {
      error = reader->base == MAP_FAILED ? errno : ENOMEM;
      il_trace_reader_free (reader);
      errno = error;
      return NULL;
    }
  madvise (reader->base, reader->layout.file_size, MADV_DONTDUMP);
  il_trace_layout_store (&reader->layout, il_trace_header (reader->base));
  atomic_store_explicit (&il_trace_header (reader->base)->tick, 1, memory_order_relaxed);
  return reader;
}

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
  return make_reader (directory, false, max_lanes, ring_events);
}

/**
 * il_trace_reader_new_nameless:
 *
 * Does what il_trace_reader_new() does, but the file has no name, if the file system can do that:
 * nothing is left of it whoever is killed.  Targets attach to the descriptor that
 * il_trace_reader_get_fd() returns, which they inherit.
 *
 * Returns: (transfer full) (nullable): NULL with errno set on failure
 */
IlTraceReader *
il_trace_reader_new_nameless (const char *directory, uint32_t max_lanes, uint32_t ring_events)
{
  return make_reader (directory, true, max_lanes, ring_events);
}

/**
 * il_trace_reader_free:
 * @reader: (nullable) (transfer full):
 *
 * Unlinks the file, if it has a name.  Targets that still have it mapped write on without harm.
 */
void
il_trace_reader_free (IlTraceReader *reader)
{
  if (reader == NULL)
    return;
  if (reader->base != MAP_FAILED && reader->base != NULL)
    munmap (reader->base, reader->layout.file_size);
  if (!il_trace_path_is_fd (reader->path))
    unlink (reader->path);
  close (reader->fd);
  free (reader->path);
  free (reader->lanes);
  free (reader->object_bits);
  free (reader->n_untold);
  free (reader);
}

/**
 * il_trace_reader_get_fd:
 *
 * Returns: a descriptor for children to inherit, since the file has no name; -1 where it has one
 */
int
il_trace_reader_get_fd (const IlTraceReader *reader)
{
  return il_trace_path_is_fd (reader->path) ? reader->fd : -1;
}

/**
 * il_trace_reader_get_path:
 *
 * Returns: (transfer none): absolute if the directory was; the value for IL_TRACE_ENVIRONMENT, of a
 *   file without a name only where the descriptor has the same number
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

/**
 * il_trace_reader_copy_module_path:
 * @module: number from 1
 * @path: (out caller-allocates): ended; absolute, but otherwise any bytes: whoever wrote them may
 *   have named any file
 *
 * Returns: whether there is such a module
 */
bool
il_trace_reader_copy_module_path (IlTraceReader *reader, uint32_t module,
                                  char path[IL_TRACE_PATH_MAX])
{
  const IlTraceModule *shared;

  if (module == 0 || module > IL_TRACE_MODULES || reader->is_truncated)
    return false;
  shared = il_trace_module (reader->base, &reader->layout, module - 1);
  if (atomic_load_explicit (&shared->is_whole, memory_order_acquire) != 1)
    return false;
  memcpy (path, shared->path, IL_TRACE_PATH_MAX);
  path[IL_TRACE_PATH_MAX - 1] = '\0';
  return path[0] == '/';
}

/* See il-trace-private.h. */
void *
il_trace_reader_get_mapping (IlTraceReader *reader, size_t *size)
{
  *size = reader->layout.file_size;
  return reader->base;
}

/* --- lanes --------------------------------------------------------------------------------- */

void
il_trace_reader_abandon_lane (IlTraceReader *reader, IlTraceReaderLane *lane, const char *what)
{
  lane->state = IL_TRACE_READER_LANE_DAMAGED;
  if (reader->handler->damaged != NULL)
    reader->handler->damaged (&lane->info, what, reader->data);
}

/* Whether the name was whole, and another one than before. */
static bool
read_name (IlTraceReaderLane *lane, const IlTraceLaneHeader *shared)
{
  uint64_t words[IL_TRACE_NAME_MAX / sizeof (uint64_t)];
  uint32_t is_own;
  uint32_t version = atomic_load_explicit (&shared->name_version, memory_order_acquire); /* [N] */

  if (version == lane->name_version || (version & 1) != 0)
    return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    words[i] = atomic_load_explicit (&shared->name[i], memory_order_relaxed);
  is_own = atomic_load_explicit (&shared->has_own_name, memory_order_relaxed);
  atomic_thread_fence (memory_order_acquire);
  if (atomic_load_explicit (&shared->name_version, memory_order_relaxed) != version) /* [N] */
    return false;

  lane->name_version = version;
  memcpy (lane->info.name, words, sizeof lane->info.name);
  il_trace_name_clean (lane->info.name);
  lane->info.has_own_name = is_own != 0;
  return true;
}

static void
begin_lane (IlTraceReader *reader, IlTraceReaderLane *lane, uint32_t index, uint64_t claim)
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
  lane->state = IL_TRACE_READER_LANE_ACTIVE;
  lane->head = IL_TRACE_RING_START;
  lane->n_lost = lane->n_lost_reported = 0;
  lane->last_stamp = reader->first_stamp;
  lane->has_info = true;
  read_name (lane, shared);
  if (reader->handler->lane_begun != NULL)
    reader->handler->lane_begun (&lane->info, reader->data);

  if (role >= IL_N_ROLES)
    il_trace_reader_abandon_lane (reader, lane, "its role does not exist");
  else if (IL_TRACE_CLAIM_GENERATION (claim) != lane->info.generation)
    il_trace_reader_abandon_lane (reader, lane, "its generation is not the one given out");
  else if (lane->info.pid <= 0 || lane->info.tid <= 0)
    il_trace_reader_abandon_lane (reader, lane, "its process or thread number is not positive");
}

/* Who looks for a free lane begins here. */
static void
lower_first_free (IlTraceHeader *header, uint32_t index)
{
  uint32_t first = atomic_load_explicit (&header->first_free, memory_order_relaxed);

  while (first > index
         && !atomic_compare_exchange_weak_explicit (&header->first_free, &first, index,
                                                    memory_order_relaxed, memory_order_relaxed))
    ;
}

static void
free_lane (IlTraceReader *reader, IlTraceReaderLane *lane, uint32_t index)
{
  uint32_t generation = (lane->info.generation + 1) & IL_TRACE_GENERATION_MASK;

  *lane = (IlTraceReaderLane){ .info.generation = generation, .n_mapped = lane->n_mapped };
  if (reader->is_truncated)
    return;
  atomic_store_explicit (&il_trace_lane_header (reader->base, &reader->layout, index)->claim,
                         IL_TRACE_CLAIM (IL_TRACE_LANE_FREE, generation, 0),
                         memory_order_release); /* [R] */
  lower_first_free (il_trace_header (reader->base), index);
}

static void
deliver_lost (IlTraceReader *reader, IlTraceReaderLane *lane, uint64_t n_lost)
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
end_lane (IlTraceReader *reader, IlTraceReaderLane *lane, uint32_t index, bool is_finished)
{
  IlTraceLaneUsage usage = { .valid = false };

  if (lane->state == IL_TRACE_READER_LANE_ACTIVE)
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

static void
drain_lane (IlTraceReader *reader, uint32_t index)
{
  IlTraceReaderLane *lane = &reader->lanes[index];
  IlTraceLaneHeader *shared = il_trace_lane_header (reader->base, &reader->layout, index);
  uint64_t claim = atomic_load_explicit (&shared->claim, memory_order_acquire); /* [A] [F] */
  uint32_t state = IL_TRACE_CLAIM_STATE (claim);

  if (lane->state == IL_TRACE_READER_LANE_UNKNOWN)
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
  else if (lane->state == IL_TRACE_READER_LANE_ACTIVE
           && claim != IL_TRACE_CLAIM (IL_TRACE_LANE_ACTIVE, lane->info.generation, lane->info.pid)
           && claim
                  != IL_TRACE_CLAIM (IL_TRACE_LANE_FINISHED, lane->info.generation, lane->info.pid))
    il_trace_reader_abandon_lane (reader, lane, "its claim was overwritten");

  if (lane->state == IL_TRACE_READER_LANE_ACTIVE)
    {
      if (read_name (lane, shared) && reader->handler->lane_renamed != NULL)
        reader->handler->lane_renamed (&lane->info, reader->data);
      il_trace_reader_drain_ring (reader, lane, shared);
    }
  if (lane->is_dead
      || (lane->state == IL_TRACE_READER_LANE_ACTIVE && state == IL_TRACE_LANE_FINISHED))
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
    if (reader->lanes[i].state == IL_TRACE_READER_LANE_ACTIVE)
      il_trace_reader_abandon_lane (reader, &reader->lanes[i], "the file was truncated");
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
  il_trace_reader_read_objects (reader);
  for (uint32_t i = 0; i < reader->n_lanes_used; i++)
    drain_lane (reader, i);
  il_trace_reader_read_counts (reader);
  atomic_fetch_add_explicit (&header->tick, 1, memory_order_relaxed);
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

/* 0 for a lane that is free, -1 for one that says it is nobody's. */
static pid_t
get_claimer (IlTraceReader *reader, uint32_t index)
{
  uint64_t claim;
  pid_t pid;

  if (reader->is_truncated)
    return 0;
  claim = atomic_load_explicit (&il_trace_lane_header (reader->base, &reader->layout, index)->claim,
                                memory_order_relaxed);
  pid = IL_TRACE_CLAIM_PID (claim);
  if (IL_TRACE_CLAIM_STATE (claim) == IL_TRACE_LANE_FREE)
    return 0;
  return pid != 0 ? pid : -1;
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
  reader->counts_all = true;
  for (uint32_t i = 0; i < reader->layout.n_lanes; i++)
    {
      IlTraceReaderLane *lane = &reader->lanes[i];
      pid_t owner
          = lane->state == IL_TRACE_READER_LANE_UNKNOWN ? get_claimer (reader, i) : lane->info.pid;

      /* Free, or somebody else's. */
      if ((owner == 0 && lane->state == IL_TRACE_READER_LANE_UNKNOWN) || (pid != 0 && owner != pid))
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
