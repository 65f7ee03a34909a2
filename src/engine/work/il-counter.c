/* il-counter.c - counters of a scenario
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap, but for open and close.
 *
 * A counter on the heap lies in a private mapping made before the first worker: threads of one
 * process share it, and each forked process has a copy of its own from the first write on, starting
 * from the value that the supervisor's process has.
 */

#include "config.h"

#include "il-counter.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>

#include "il-trace-write.h"

static int64_t
limit (int64_t value)
{
  return value < INT32_MIN ? INT32_MIN : value > INT32_MAX ? INT32_MAX : value;
}

/* An event's value is 32 bits wide, and a counter holds no more; of a negative one it is the two's
 * complement. */
static void
write_value (const IlCounter *counter, IlActor *actor, int64_t value)
{
  il_trace_lane_write (&actor->lane, IL_EVENT_COUNTER, counter->object, (uint32_t)value);
}

/**
 * il_counter_read:
 *
 * Returns: the value, for il_counter_write() later
 */
int64_t
il_counter_read (IlCounter *counter)
{
  return atomic_load_explicit (counter->value, memory_order_relaxed);
}

/**
 * il_counter_write:
 * @read: the value that @value was reckoned from
 *
 * Stores a value, or the limit that it is beyond, whatever others have done since it was read.  If
 * the counter is no longer what was read, the difference is lost: it is what the changes of others
 * add up to, whatever this one is, or the opposite of what a staler value had overwritten and is
 * brought back now.  So the value and all that was lost are always the sum of all changes, unless a
 * limit was met.
 */
void
il_counter_write (IlCounter *counter, IlActor *actor, int64_t read, int64_t value)
{
  int64_t old = atomic_exchange_explicit (counter->value, limit (value), memory_order_acq_rel);

  write_value (counter, actor, limit (value));
  if (old != read)
    il_trace_lane_write (&actor->lane, IL_EVENT_LOST_UPDATE, counter->object,
                         (uint32_t)limit (old - read));
}

/**
 * il_counter_add:
 *
 * Changes the value in one go, at most to its limit: nothing can be lost to others.
 */
void
il_counter_add (IlCounter *counter, IlActor *actor, int64_t change)
{
  int64_t old = atomic_load_explicit (counter->value, memory_order_relaxed);

  while (!atomic_compare_exchange_weak_explicit (counter->value, &old, limit (old + change),
                                                 memory_order_acq_rel, memory_order_relaxed))
    continue;
  write_value (counter, actor, limit (old + change));
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlCounter);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlCounter *counter = object->data;

  (void)arena;
  atomic_init (&counter->shared,
               (int64_t)il_quantity_get (&plan->object->parameter, plan->scenario));
  counter->value = &counter->shared;
  counter->is_on_heap = plan->object->variant != 0;
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  return ((const IlCounter *)object->data)->is_on_heap;
}

static bool
open_object (IlArena *arena, IlArenaObject *object, GError **error)
{
  IlCounter *counter = object->data;
  void *memory;

  (void)arena;
  if (!counter->is_on_heap)
    return true;
  memory = mmap (NULL, sizeof *counter->value, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                 -1, 0);
  if (memory == MAP_FAILED)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("Cannot get memory for counter %s: %s"), object->name, g_strerror (errno));
      return false;
    }
  counter->value = memory;
  atomic_init (counter->value, atomic_load (&counter->shared));
  return true;
}

/* Says what the supervisor's process sees of it in the end. */
static void
close_object (IlArenaObject *object, IlActor *supervisor)
{
  IlCounter *counter = object->data;

  write_value (counter, supervisor, il_counter_get (counter));
  if (counter->value == &counter->shared)
    return;
  munmap ((void *)counter->value, sizeof *counter->value);
  counter->value = &counter->shared;
}

const IlObjectClass il_counter_class = {
  .kind = IL_OBJECT_COUNTER,
  .id_offset = offsetof (IlCounter, object),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .open = open_object,
  .close = close_object,
};
