/* il-trace.c - the writing side: a process's view of the shared file, lanes and objects in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs inside programs that are not ours: no heap, no stdio, errno kept, signals held back only
 * while a lane changes hands.
 */

#include "config.h"

#include "il-trace.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "il-trace-private.h"
#include "il-trace-write.h"

static void *
own_page (size_t size)
{
  void *page = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return page == MAP_FAILED ? NULL : page;
}

/* See il-trace-private.h.  The path is kept to get memory for rings by name on kernels that cannot
 * do so by address. */
IlTrace *
il_trace_attach_mapping (void *base, size_t size, const char *path, int *error_number)
{
  IlTraceLayout layout;
  size_t path_size = strlen (path) + 1;
  IlTrace *trace;

  *error_number = EINVAL;
  if (!il_trace_layout_load (&layout, base, size))
    return NULL;
  *error_number = ENAMETOOLONG;
  if (sizeof *trace + path_size > IL_TRACE_PAGE)
    return NULL;
  *error_number = ENOMEM;
  trace = own_page (IL_TRACE_PAGE);
  if (trace == NULL)
    return NULL;

  trace->base = base;
  trace->layout = layout;
  memcpy (trace->path, path, path_size);
  *error_number = 0;
  return trace;
}

/* See il-trace-private.h.  No link is followed but that of a descriptor which we inherited. */
int
il_trace_open_shared (const char *path)
{
  int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

  return open (path, il_trace_path_is_fd (path) ? flags : flags | O_NOFOLLOW);
}

/**
 * il_trace_attach:
 * @path: of a file made by il_trace_reader_new()
 * @error_number: (out): an errno; EINVAL for a file that is not ours or not of our version
 *
 * Maps the shared file into this process.  The mapping is inherited by forked children; after an
 * exec, attach again.
 *
 * Returns: (transfer full) (nullable): the mapping, or NULL
 */
IlTrace *
il_trace_attach (const char *path, int *error_number)
{
  int saved_errno = errno;
  int fd = il_trace_open_shared (path);
  void *base = MAP_FAILED;
  IlTrace *trace = NULL;
  struct stat status;

  *error_number = 0;
  if (fd < 0 || fstat (fd, &status) != 0)
    *error_number = errno;
  else if (!S_ISREG (status.st_mode) || status.st_size < (off_t)IL_TRACE_PAGE)
    *error_number = EINVAL;
  else
    {
      base = mmap (NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
      if (base == MAP_FAILED)
        *error_number = errno;
    }
  if (fd >= 0)
    close (fd);

  if (base != MAP_FAILED)
    {
      trace = il_trace_attach_mapping (base, (size_t)status.st_size, path, error_number);
      if (trace == NULL)
        munmap (base, (size_t)status.st_size);
      else
        {
          trace->owns_mapping = true;
          /* Gigabytes of holes are of no use in a core file. */
          madvise (base, (size_t)status.st_size, MADV_DONTDUMP);
        }
    }
  errno = saved_errno;
  return trace;
}

/**
 * il_trace_attach_from_environment:
 * @error_number: (out): 0 when nobody listens, else as for il_trace_attach()
 *
 * Attaches to the file that INTERLEAVE_TRACE names.
 *
 * Returns: (transfer full) (nullable): the mapping, or NULL
 */
IlTrace *
il_trace_attach_from_environment (int *error_number)
{
  const char *path = getenv (IL_TRACE_ENVIRONMENT);

  *error_number = 0;
  if (path == NULL || *path == '\0')
    return NULL;
  return il_trace_attach (path, error_number);
}

/**
 * il_trace_detach:
 * @trace: (nullable) (transfer full): no lane of this process may still use it
 *
 * Takes the mapping back.  Only this process's: others are not touched.
 */
void
il_trace_detach (IlTrace *trace)
{
  int saved_errno = errno;

  if (trace == NULL)
    return;
  if (trace->owns_mapping)
    munmap (trace->base, trace->layout.file_size);
  munmap (trace, IL_TRACE_PAGE);
  errno = saved_errno;
}

static bool
try_claim (IlTraceLaneHeader *shared, uint32_t *generation)
{
  uint64_t claim = atomic_load_explicit (&shared->claim, memory_order_relaxed);

  if (IL_TRACE_CLAIM_STATE (claim) != IL_TRACE_LANE_FREE)
    return false;
  *generation = IL_TRACE_CLAIM_GENERATION (claim);
  return atomic_compare_exchange_strong_explicit (
      &shared->claim, &claim,
      IL_TRACE_CLAIM (IL_TRACE_LANE_CLAIMED, *generation, (uint32_t)getpid ()),
      memory_order_acquire, memory_order_relaxed); /* [R] */
}

/* Finds a lane from there on that is free and has memory; n_lanes if there is none. */
static uint32_t
claim_from (IlTrace *trace, uint32_t from, uint32_t *generation)
{
  const IlTraceLayout *layout = &trace->layout;

  for (uint32_t i = from; i < layout->n_lanes; i++)
    {
      IlTraceLaneHeader *shared = il_trace_lane_header (trace->base, layout, i);

      if (!try_claim (shared, generation))
        continue;
      if (il_trace_ring_begin (trace, i))
        return i;
      atomic_store_explicit (&shared->claim, IL_TRACE_CLAIM (IL_TRACE_LANE_FREE, *generation, 0),
                             memory_order_release);
      /* What does not fit now may fit in a small ring; if not even that, it is over. */
      if (i >= layout->n_large)
        break;
      i = layout->n_large - 1;
    }
  return layout->n_lanes;
}

/* The lowest that is free, as far as is known: of thousands that are in use nobody need look at
 * each.  The reader lowers it where it frees one, and if that is in between it stays. */
static uint32_t
claim_any (IlTrace *trace, uint32_t *generation)
{
  _Atomic uint32_t *first_free = &il_trace_header (trace->base)->first_free;
  uint32_t from = atomic_load_explicit (first_free, memory_order_relaxed), index;

  index = claim_from (trace, from, generation);
  if (index >= trace->layout.n_lanes)
    /* It may be that none is, or that the number is wrong. */
    return from > 0 ? claim_from (trace, 0, generation) : index;
  atomic_compare_exchange_strong_explicit (first_free, &from, index + 1, memory_order_relaxed,
                                           memory_order_relaxed);
  return index;
}

static void
raise_n_lanes_used (IlTraceHeader *header, uint32_t n_used)
{
  uint32_t seen = atomic_load_explicit (&header->n_lanes_used, memory_order_relaxed);

  while (seen < n_used
         && !atomic_compare_exchange_weak_explicit (&header->n_lanes_used, &seen, n_used,
                                                    memory_order_relaxed, memory_order_relaxed))
    ;
}

static void
store_name (IlTraceLaneHeader *shared, const char *name, bool is_own)
{
  union
  {
    char text[IL_TRACE_NAME_MAX];
    uint64_t words[IL_TRACE_NAME_MAX / sizeof (uint64_t)];
  } copy = { { 0 } };
  uint32_t version = atomic_load_explicit (&shared->name_version, memory_order_relaxed) | 1u;

  if (name != NULL)
    memcpy (copy.text, name, strnlen (name, sizeof copy.text));
  il_trace_name_clean (copy.text);

  atomic_store_explicit (&shared->name_version, version, memory_order_relaxed);
  atomic_thread_fence (memory_order_release); /* [N] */
  for (size_t i = 0; i < sizeof copy.words / sizeof *copy.words; i++)
    atomic_store_explicit (&shared->name[i], copy.words[i], memory_order_relaxed);
  atomic_store_explicit (&shared->has_own_name, is_own, memory_order_relaxed);
  atomic_store_explicit (&shared->name_version, version + 1, memory_order_release); /* [N] */
}

/* What the kernel had counted for a thread when it released its last lane. */
typedef struct
{
  pid_t pid; /* of its process: a forked child's only thread begins at zero; 0: it released none */
  uint64_t cpu_ns;
  uint64_t voluntary_switches;
  uint64_t involuntary_switches;
} Accounted;

static _Thread_local Accounted accounted;

/* A thread that has another lane from now on leaves what it did in the one before to that.  The
 * reader looks at none of it before it is valid. */
static void
begin_usage (IlTraceLaneHeader *shared, pid_t pid)
{
  const Accounted before = accounted.pid == pid ? accounted : (Accounted){ 0 };

  shared->usage_valid = 0;
  shared->cpu_ns = before.cpu_ns;
  shared->voluntary_switches = before.voluntary_switches;
  shared->involuntary_switches = before.involuntary_switches;
}

/* The lane is ours but not active: nobody else looks at it. */
static void
set_up_lane (IlTrace *trace, IlTraceLane *lane, uint32_t index, uint32_t generation)
{
  const IlTraceLayout *layout = &trace->layout;
  uint32_t n_events = (uint32_t)il_trace_layout_ring_events (layout, index);

  lane->shared = il_trace_lane_header (trace->base, layout, index);
  lane->slots = il_trace_ring (trace->base, layout, index);
  lane->mask = n_events - 1;
  lane->limit = n_events - IL_TRACE_RING_MARGIN;
  lane->reserved = lane->published = IL_TRACE_RING_START;
  lane->head_seen = il_trace_ring_see (lane, IL_TRACE_RING_START);
  lane->index = index;
  lane->generation = generation;
  lane->source = layout->source;
  lane->pid = getpid ();

  lane->shared->tid = (int32_t)syscall (SYS_gettid);
  begin_usage (lane->shared, lane->pid);
  atomic_store_explicit (&lane->shared->tail, IL_TRACE_RING_START, memory_order_relaxed);
  atomic_store_explicit (&lane->shared->head, IL_TRACE_RING_START, memory_order_relaxed);
  atomic_store_explicit (&lane->shared->n_lost, 0, memory_order_relaxed);
  atomic_store_explicit (&lane->shared->announced, 0, memory_order_relaxed);
}

/**
 * il_trace_get_last_event:
 * @trace: (nullable)
 * @lane_plus_1: lane of a thread that no longer runs, plus one; 0: it had none
 * @event: (out)
 *
 * What such a thread said last, whether or not the reader has read it.  To be asked before anybody
 * hears of its death: then the lane is another one's.
 *
 * Returns: whether it said anything
 */
bool
il_trace_get_last_event (const IlTrace *trace, uint32_t lane_plus_1, IlEvent *event)
{
  const IlTraceLaneHeader *shared;
  uint32_t index = lane_plus_1 - 1, tail;

  if (trace == NULL || lane_plus_1 == 0 || index >= trace->layout.n_lanes)
    return false;
  shared = il_trace_lane_header (trace->base, &trace->layout, index);
  tail = atomic_load_explicit (&shared->tail, memory_order_acquire); /* [P] */
  if (tail == IL_TRACE_RING_START)
    return false;
  *event = il_trace_ring (
      trace->base, &trace->layout,
      index)[(tail - 1) & (il_trace_layout_ring_events (&trace->layout, index) - 1)];
  return true;
}

/**
 * il_trace_lane_claim:
 * @trace: (nullable): NULL makes a lane that swallows
 * @lane: (out caller-allocates): the calling thread's, to be written by it alone
 * @number: e.g. of a worker, from 1; 0 for none
 * @name: (nullable): UTF-8, cut to 31 bytes
 * @creator_plus_1: index of the lane that started this thread plus one, or 0
 *
 * Gets a lane of the shared file for the calling thread and writes LANE_BEGIN.
 *
 * The first use of a large ring takes its memory, about a millisecond, but for who has said that
 * it is to be had bit by bit.  When all lanes are in use
 * or there is no memory, the refusal is counted in the file and the lane swallows.
 *
 * Returns: whether the lane is recorded
 */
bool
il_trace_lane_claim (IlTrace *trace, IlTraceLane *lane, IlRole role, uint32_t number,
                     const char *name, uint32_t creator_plus_1)
{
  int saved_errno = errno;
  uint32_t index, generation = 0;
  sigset_t all, old;

  memset (lane, 0, sizeof *lane);
  if (trace == NULL)
    return false;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &old);
  index = claim_any (trace, &generation);
  if (index < trace->layout.n_lanes)
    {
      set_up_lane (trace, lane, index, generation);
      lane->shared->role = role;
      lane->shared->number = number;
      lane->shared->creator_plus_1 = creator_plus_1;
      store_name (lane->shared, name, false);
      raise_n_lanes_used (il_trace_header (trace->base), index + 1);
      il_trace_lane_write (lane, IL_EVENT_LANE_BEGIN, 0, creator_plus_1);
      atomic_store_explicit (&lane->shared->claim,
                             IL_TRACE_CLAIM (IL_TRACE_LANE_ACTIVE, generation, lane->pid),
                             memory_order_release); /* [A] */
      lane->trace = trace;
    }
  else
    atomic_fetch_add_explicit (&il_trace_header (trace->base)->n_lanes_refused, 1,
                               memory_order_relaxed);
  pthread_sigmask (SIG_SETMASK, &old, NULL);
  errno = saved_errno;
  return lane->trace != NULL;
}

/**
 * il_trace_lane_set_name:
 * @name: (nullable): UTF-8, cut to 31 bytes
 * @is_own: whether the kernel calls the thread something else
 *
 * Gives a lane another name.  Only the lane's own thread, and no signal handler, may do so.
 */
void
il_trace_lane_set_name (IlTraceLane *lane, const char *name, bool is_own)
{
  if (lane->trace != NULL)
    store_name (lane->shared, name, is_own);
}

static void
store_usage (IlTraceLaneHeader *shared, pid_t pid)
{
  struct timespec cpu;
  struct rusage usage;

  if (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &cpu) != 0 || getrusage (RUSAGE_THREAD, &usage) != 0)
    return;
  accounted = (Accounted){
    .pid = pid,
    .cpu_ns = (uint64_t)cpu.tv_sec * 1000000000u + (uint64_t)cpu.tv_nsec,
    .voluntary_switches = (uint64_t)usage.ru_nvcsw,
    .involuntary_switches = (uint64_t)usage.ru_nivcsw,
  };
  shared->cpu_ns = accounted.cpu_ns - shared->cpu_ns;
  shared->voluntary_switches = accounted.voluntary_switches - shared->voluntary_switches;
  shared->involuntary_switches = accounted.involuntary_switches - shared->involuntary_switches;
  shared->peak_rss_bytes = (uint64_t)usage.ru_maxrss * 1024u;
  shared->usage_valid = 1;
}

static void
write_lost (IlTraceLane *lane, uint64_t stamp)
{
  /* The slot first, then the count: a handler in between reports all, and we nothing. */
  uint32_t slot = il_trace_reserve (&lane->reserved);
  uint32_t n_lost = __atomic_exchange_n (&lane->lost_unreported, 0, __ATOMIC_RELAXED);

  il_trace_lane_fill (lane, slot, stamp, IL_EVENT_WHAT (IL_EVENT_LOST, 0), n_lost);
  il_trace_lane_publish (lane, slot);
}

/**
 * il_trace_lane_release:
 * @exit_status: for LANE_END
 *
 * Writes LANE_END, leaves the kernel's accounting of this thread for the reader, from the release
 * of the lane that it had before if it had one, and gives the lane back.  It swallows from now on.
 * To be called by the lane's own thread, as late as can be.  In a forked child, where the lane is
 * the parent's, this only makes the child's copy swallow.
 */
void
il_trace_lane_release (IlTraceLane *lane, uint32_t exit_status)
{
  int saved_errno = errno;
  IlTraceLaneHeader *shared = lane->shared;
  sigset_t all, old;
  uint64_t claim;
  uint32_t slot;

  if (lane->trace == NULL || lane->pid != getpid ())
    {
      memset (lane, 0, sizeof *lane);
      return;
    }

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &old);
  if (lane->lost_unreported != 0)
    write_lost (lane, il_clock_stamp (lane->source));
  shared->exit_status = exit_status;
  store_usage (shared, lane->pid);
  /* No look for room: the margin of the ring has some for this. */
  slot = il_trace_reserve (&lane->reserved);
  il_trace_lane_fill (lane, slot, il_clock_stamp (lane->source),
                      IL_EVENT_WHAT (IL_EVENT_LANE_END, 0), exit_status);
  il_trace_lane_publish (lane, slot);

  claim = IL_TRACE_CLAIM (IL_TRACE_LANE_ACTIVE, lane->generation, lane->pid);
  memset (lane, 0, sizeof *lane);
  /* Fails if the reader has given us up for dead. */
  atomic_compare_exchange_strong_explicit (&shared->claim, &claim,
                                           IL_TRACE_CLAIM (IL_TRACE_LANE_FINISHED,
                                                           IL_TRACE_CLAIM_GENERATION (claim),
                                                           (uint32_t)IL_TRACE_CLAIM_PID (claim)),
                                           memory_order_release, memory_order_relaxed); /* [F] */
  pthread_sigmask (SIG_SETMASK, &old, NULL);
  errno = saved_errno;
}

/* Hands out the next entry of a table; max: it is full. */
static uint32_t
take_entry (_Atomic uint32_t *n_used, uint32_t max)
{
  uint32_t index = atomic_load_explicit (n_used, memory_order_relaxed);

  do
    {
      if (index >= max)
        return max;
    }
  while (!atomic_compare_exchange_weak_explicit (n_used, &index, index + 1, memory_order_relaxed,
                                                 memory_order_relaxed));
  return index;
}

/**
 * il_trace_object_add_found:
 * @trace: (nullable):
 * @name: (nullable): UTF-8, cut to 31 bytes; NULL: it is to be found by its origin
 * @origin: (nullable): where it is in this process
 *
 * Registers an object for events to refer to.  Any thread may call it, and a signal handler.
 *
 * Returns: its number, from 1; 0 when nobody listens or the table is full
 */
uint32_t
il_trace_object_add_found (IlTrace *trace, IlObjectKind kind, const char *name, uint64_t parameter,
                           const IlTraceOrigin *origin)
{
  IlTraceObject *object;
  uint32_t index;

  if (trace == NULL)
    return 0;
  index = take_entry (&il_trace_header (trace->base)->n_objects, trace->layout.max_objects);
  if (index == trace->layout.max_objects)
    return 0;

  object = il_trace_object (trace->base, &trace->layout, index);
  object->parameter = parameter;
  if (name != NULL)
    memcpy (object->name, name, strnlen (name, sizeof object->name));
  il_trace_name_clean (object->name);
  if (origin != NULL)
    {
      object->pid = (int32_t)getpid ();
      object->address = origin->address;
      object->lies = origin->lies;
      object->used = origin->used;
      for (uint32_t i = 0; i < IL_TRACE_CALLERS; i++)
        object->callers[i] = IL_TRACE_PLACE_WORD (origin->callers[i]);
    }
  atomic_store_explicit (&object->kind, kind, memory_order_release); /* complete */
  return index + 1;
}

/**
 * il_trace_object_add:
 * @trace: (nullable):
 * @name: (nullable): UTF-8, cut to 31 bytes
 *
 * Registers an object that has no address.  Any thread may call it.
 *
 * Returns: its number, from 1; 0 when nobody listens or the table is full
 */
uint32_t
il_trace_object_add (IlTrace *trace, IlObjectKind kind, const char *name, uint64_t parameter)
{
  return il_trace_object_add_found (trace, kind, name, parameter, NULL);
}

/* FNV-1a, by Fowler, Noll and Vo. */
static uint32_t
hash_path (const char *path)
{
  uint32_t hash = 2166136261u;

  for (; *path != '\0'; path++)
    hash = (hash ^ (unsigned char)*path) * 16777619u;
  return hash;
}

/* Returns its number, 0 if it is not there. */
static uint32_t
find_module (const IlTrace *trace, const char *path, uint32_t hash)
{
  uint32_t n
      = atomic_load_explicit (&il_trace_header (trace->base)->n_modules, memory_order_relaxed);

  for (uint32_t i = 0; i < n && i < IL_TRACE_MODULES; i++)
    {
      const IlTraceModule *module = il_trace_module (trace->base, &trace->layout, i);

      if (atomic_load_explicit (&module->is_whole, memory_order_acquire) == 1
          && module->hash == hash && strncmp (module->path, path, sizeof module->path) == 0)
        return i + 1;
    }
  return 0;
}

/**
 * il_trace_module_add:
 * @trace: (nullable):
 * @path: absolute; one of more than 247 bytes is not taken
 *
 * Registers a file that has been loaded, or finds it among those that are.  Any thread may call it,
 * and a signal handler.  Two that come at once may both register it.
 *
 * Returns: its number, from 1; 0 when nobody listens or the table is full
 */
uint32_t
il_trace_module_add (IlTrace *trace, const char *path)
{
  uint32_t hash = hash_path (path), number, index;
  IlTraceModule *module;

  if (trace == NULL || path[0] != '/' || strlen (path) >= IL_TRACE_PATH_MAX)
    return 0;
  number = find_module (trace, path, hash);
  if (number != 0)
    return number;
  index = take_entry (&il_trace_header (trace->base)->n_modules, IL_TRACE_MODULES);
  if (index == IL_TRACE_MODULES)
    return 0;
  module = il_trace_module (trace->base, &trace->layout, index);
  module->hash = hash;
  memcpy (module->path, path, strlen (path) + 1);
  atomic_store_explicit (&module->is_whole, 1, memory_order_release); /* complete */
  return index + 1;
}

/* Adds one to a shared counter that only this thread writes; whole to its signal handlers. */
static void
count_lost (IlTraceLane *lane)
{
  _Atomic uint64_t *n_lost = &lane->shared->n_lost;

  il_trace_reserve (&lane->lost_unreported);
  atomic_fetch_add_explicit (n_lost, 1, memory_order_relaxed);
}

/**
 * il_trace_lane_write_slow:
 *
 * The rest of il_trace_lane_write() and il_trace_lane_write_at(): looks again for what the reader
 * has freed, counts the event as lost where that is nothing, and says so in the ring once there is
 * space.
 *
 * Returns: FALSE if it was lost
 */
bool
il_trace_lane_write_slow (IlTraceLane *lane, uint64_t stamp, uint32_t what, uint32_t value)
{
  uint32_t head = atomic_load_explicit (&lane->shared->head, memory_order_acquire); /* [C] */
  uint32_t used = __atomic_load_n (&lane->reserved, __ATOMIC_RELAXED) - head;
  uint32_t slot;

  if (used + 1 >= lane->limit || (!il_trace_ring_is_whole (lane) && !il_trace_ring_grow (lane)))
    {
      count_lost (lane);
      /* One older than we saw it, so that the next event comes here again even if this one missed
       * but the room for the report, and even if a handler saw more. */
      __atomic_store_n (&lane->head_seen, il_trace_ring_see (lane, head) - 1, __ATOMIC_RELAXED);
      return false;
    }
  if (__atomic_load_n (&lane->lost_unreported, __ATOMIC_RELAXED) != 0)
    write_lost (lane, stamp);
  __atomic_store_n (&lane->head_seen, il_trace_ring_see (lane, head), __ATOMIC_RELAXED);

  slot = il_trace_reserve (&lane->reserved);
  il_trace_lane_fill (lane, slot, stamp, what, value);
  il_trace_lane_publish (lane, slot);
  return true;
}
