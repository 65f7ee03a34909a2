/* il-barrier.c - pthread_barrier_*
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-pause.h"
#include "il-real.h"

IL_EXPORT int
pthread_barrier_init (pthread_barrier_t *barrier, const pthread_barrierattr_t *attributes,
                      unsigned n)
{
  il_real_need ();
  if (il_self_get () != NULL)
    il_entry_renew (barrier, IL_AT_BARRIER, 0, n);
  return il_real.pthread_barrier_init (barrier, attributes, n);
}

IL_EXPORT int
pthread_barrier_destroy (pthread_barrier_t *barrier)
{
  il_real_need ();
  il_entry_forget (barrier);
  return il_real.pthread_barrier_destroy (barrier);
}

/* As glibc has it, behind the count of who is to come. */
static bool
is_between_processes (const pthread_barrier_t *barrier)
{
  return ((const unsigned *)(const void *)barrier)[3] != 0;
}

/* The last of a phase: whoever comes from here on is of the next. */
static void
come_last (IlSelf *self, IlEntry *entry, uint32_t object, uint32_t phase)
{
  atomic_store_explicit (&entry->last, il_self_lane_plus_1 (self), memory_order_relaxed);
  il_self_say (self, IL_EVENT_BARRIER_PASS, object, phase | IL_EVENT_WOKE);
}

/* Who came last of the phase is named as long as nobody came last of a later one. */
static void
go_on (IlSelf *self, IlEntry *entry, uint32_t object, uint32_t phase)
{
  uint64_t stamp = il_self_stamp (self);
  uint32_t n = atomic_load_explicit (&entry->extra, memory_order_relaxed);
  uint32_t last = atomic_load_explicit (&entry->last, memory_order_relaxed);

  il_self_say_at (self, stamp, IL_EVENT_BARRIER_PASS, object, phase);
  if (last != 0 && n / entry->value == phase)
    il_self_say_at (self, stamp, IL_EVENT_WOKEN_BY, object, last);
}

IL_EXPORT int
pthread_barrier_wait (pthread_barrier_t *barrier)
{
  const void *caller = __builtin_return_address (0);
  IlSelf *self;
  IlEntry *entry;
  uint32_t n, object;
  int result;

  il_real_need ();
  self = il_self_get ();
  entry = self != NULL ? il_entry_find (barrier, IL_AT_BARRIER) : NULL;
  if (entry == NULL || entry->value == 0)
    return il_real.pthread_barrier_wait (barrier);
  object = il_entry_need_object (entry, caller);
  /* Phases are counted by all who come, also by who is not told. */
  n = atomic_fetch_add_explicit (&entry->extra, 1, memory_order_relaxed) + 1;
  if (object == 0)
    return il_real.pthread_barrier_wait (barrier);
  if (n % entry->value == 0)
    {
      come_last (self, entry, object, n / entry->value);
      return il_real.pthread_barrier_wait (barrier);
    }
  il_self_say_shared (self, is_between_processes (barrier));
  il_self_say (self, IL_EVENT_BARRIER_WAIT, object, n % entry->value);
  result = il_real.pthread_barrier_wait (barrier);
  go_on (self, entry, object, n / entry->value + 1);
  return result;
}
