/* il-nested.c - in which order a thread takes locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two threads that take the same locks in opposite orders can end in a deadlock, though it never
 * came to a wait so far.  So each order is said once of each thread, with all locks that it has by
 * then.  What was said is remembered by a number of its own, of as many bits as a word has; where
 * there is no room no more is said.
 */

#include "config.h"

#include "il-nested.h"

#include "il-interpreter.h"
#include "il-lock.h"

#define MAX_NESTED 8  /* of more than so many the innermost are told */
#define MAX_WALK 32   /* locks of a thread that are looked at */
#define MAX_PROBES 16 /* places in which one may be remembered */

_Atomic uint64_t *il_nested_seen;

/* A semaphore is a lock if it is given back by who took it.  That is known of one that was taken a
 * second time: otherwise it would be known to be a signal. */
static bool
is_lock (const IlEntry *entry)
{
  switch ((IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed))
    {
    case IL_AT_MUTEX:
    case IL_AT_SPIN:
    case IL_AT_RWLOCK: /* who reads it has it in no chain */
      return true;
    case IL_AT_SEMAPHORE:
      if (entry->kind == IL_LOCK_BINARY)
        return true;
      return entry->value == 1 && atomic_load_explicit (&entry->object, memory_order_relaxed) == 0
             && atomic_load_explicit (&entry->is_signal, memory_order_relaxed) == 0
             && entry->n_untold != NULL
             && atomic_load_explicit (entry->n_untold, memory_order_relaxed) > 1;
    default:
      return false;
    }
}

/* From the innermost on; returns how many. */
static uint32_t
collect (const IlSelf *self, IlEntry *entry, IlEntry *nested[MAX_NESTED])
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < MAX_WALK && n < MAX_NESTED && entry != NULL; i++, entry = entry->outer)
    {
      if (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number)
        break;
      if (is_lock (entry))
        nested[n++] = entry;
    }
  return n;
}

/* Whether it was said already, or there is no room to remember that it was. */
static bool
was_said (uint32_t thread, IlEntry *const nested[MAX_NESTED], uint32_t n)
{
  uint64_t key = thread;

  for (uint32_t i = 0; i < n; i++)
    key = (key ^ (uintptr_t)nested[i]) * UINT64_C (0x9e3779b97f4a7c15) + 1;
  key |= 1;
  for (uint32_t i = 0; i < MAX_PROBES; i++)
    {
      _Atomic uint64_t *place = &il_nested_seen[((key >> 40) + i) % IL_NESTED_TABLE_SIZE];
      uint64_t found = atomic_load_explicit (place, memory_order_relaxed);

      if (found == 0
          && atomic_compare_exchange_strong_explicit (place, &found, key, memory_order_relaxed,
                                                      memory_order_relaxed))
        return false;
      if (found == key)
        return true;
    }
  return true;
}

/**
 * il_nested_note:
 * @entry: what the thread took last
 * @caller: where
 *
 * Says in which order the thread has come to have what it has, unless it was said before.
 */
void
il_nested_note (IlSelf *self, IlEntry *entry, const void *caller)
{
  IlEntry *nested[MAX_NESTED];
  uint32_t objects[MAX_NESTED];
  uint32_t n = self->lane.trace != NULL ? collect (self, entry, nested) : 0;

  if (n < 2 || nested[0] != entry)
    return;
  if (il_interpreter_is_taken (nested[1], entry, caller))
    {
      il_lock_unchain (self, entry);
      return;
    }
  if (was_said (IL_SELF_INDEX (self->number), nested, n))
    return;
  for (uint32_t i = 0; i < n; i++)
    {
      if (atomic_load_explicit (&nested[i]->at, memory_order_relaxed) == IL_AT_SEMAPHORE)
        nested[i]->kind = IL_LOCK_BINARY;
      objects[i] = il_entry_get_object (nested[i], i == 0 ? caller : nested[i]->taken_at);
      if (objects[i] == 0)
        return;
    }
  for (uint32_t i = n; i-- > 0;)
    il_self_say (self, IL_EVENT_LOCK_NESTED, objects[i], i);
}
