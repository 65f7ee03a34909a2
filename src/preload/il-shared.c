/* il-shared.c - locks and semaphores that several processes use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each process has addresses and a table of its own, so that what one does with such a lock another
 * cannot see there.  It is one object in the shared file, found by the file and the place in it
 * that the kernel says is mapped there, and whatever is done with it is said from the first time
 * on: who does so without a word could not be asked later.
 */

#include "config.h"

#include "il-shared.h"

#include "il-callers.h"
#include "il-lock.h"
#include "il-place.h"

#define N_STARTS 1024u
#define UNITS_MAX 65536u /* of more nobody ever waits for one */

/* How many units semaphores had at the start, by address.  Children that are forked have a copy. */
static struct
{
  _Atomic uintptr_t address;
  _Atomic uint32_t n_units;
} starts[N_STARTS];

static size_t
place_start (const void *address)
{
  return ((uintptr_t)address * UINT64_C (0x9e3779b97f4a7c15)) >> 32 & (N_STARTS - 1);
}

/**
 * il_shared_note_start:
 *
 * A semaphore for several processes was made there.
 */
void
il_shared_note_start (const void *address, uint32_t n_units)
{
  size_t place = place_start (address);

  atomic_store_explicit (&starts[place].n_units, n_units, memory_order_relaxed);
  atomic_store_explicit (&starts[place].address, (uintptr_t)address, memory_order_relaxed);
}

/**
 * il_shared_get_start:
 * @otherwise: where that is not known
 *
 * Returns: how many units the semaphore had at the start
 */
uint32_t
il_shared_get_start (const void *address, uint32_t otherwise)
{
  size_t place = place_start (address);

  return atomic_load_explicit (&starts[place].address, memory_order_relaxed) == (uintptr_t)address
             ? atomic_load_explicit (&starts[place].n_units, memory_order_relaxed)
             : otherwise;
}

/* What another process has registered, or that now. */
static uint32_t
find_object (IlEntry *entry, uint32_t units, const void *caller)
{
  IlAt at = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);
  const void *address = (const void *)atomic_load_explicit (&entry->address, memory_order_relaxed);
  IlTraceOrigin origin
      = { .address = (uint64_t)(uintptr_t)address, .lies = il_place_find_shared (address) };
  const void *callers[IL_TRACE_CALLERS];
  IlObjectKind kind = IL_OBJECT_LOCK;
  uint64_t parameter = entry->kind;
  uint32_t object;

  if (origin.lies.module == 0)
    {
      atomic_store_explicit (&entry->is_private, 1, memory_order_relaxed);
      return 0;
    }
  origin.used = il_place_find (caller);
  il_callers_find (caller, callers);
  il_callers_place (callers, origin.callers);
  if (at == IL_AT_SEMAPHORE)
    {
      kind = units == 1 ? IL_OBJECT_LOCK : IL_OBJECT_SEMAPHORE;
      parameter = units == 1 ? IL_LOCK_BINARY : units;
    }
  object = il_trace_object_share (il_process.trace, &kind, &parameter, &origin);
  if (kind == IL_OBJECT_LOCK)
    entry->kind = (uint8_t)parameter;
  return object;
}

/**
 * il_shared_prepare:
 * @units: of a semaphore, that it had at the start, as far as can be told
 * @caller: where it is used
 *
 * To be called before anything is said of what the program says that processes share.
 *
 * Returns: whether it is followed in all of them
 */
bool
il_shared_prepare (IlEntry *entry, uint32_t units, const void *caller)
{
  if (!il_shared_is (entry))
    {
      uint32_t object;

      if (il_process.trace == NULL || units > UNITS_MAX
          || atomic_load_explicit (&entry->is_private, memory_order_relaxed) != 0
          || !il_entry_begin_making (entry))
        return false;
      object = find_object (entry, units, caller);
      if (object == 0)
        {
          bool is_private = atomic_load_explicit (&entry->is_private, memory_order_relaxed) != 0;

          /* Then it is as any other. */
          il_entry_end_making (entry, is_private ? IL_MAKING_NOBODY : IL_MAKING_NEVER);
          return false;
        }
      atomic_store_explicit (&entry->object, object, memory_order_release); /* [O] */
      entry->common = il_trace_object_get_common (il_process.trace, object);
      il_entry_end_making (entry, IL_MAKING_NOBODY);
      /* Else it would seem to be gone with the process. */
      if (il_self != NULL)
        il_self_say (il_self, IL_EVENT_WAIT_SHARED, object, 0);
    }
  entry->busy.credit = IL_CREDIT;
  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
  return true;
}
