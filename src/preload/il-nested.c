/* il-nested.c - in which order a thread takes locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two threads that take the same locks in opposite orders can end in a deadlock, though it never
 * came to a wait so far.  So each order is said once of each thread, with all locks that it has by
 * then.  What was said is remembered by a number of its own; where there is no room no more is
 * said, but that it is so.
 *
 * It is said again once the thread has made another one, or waited for the end of one, and by the
 * next thread that has its place: what was said before may be so long ago that it cannot happen at
 * the same time as what others do now.
 *
 * A semaphore of one unit is a lock if who took it gives it back, which is not known before it was
 * given back for the first time.  So orders with such ones are kept until then, each by the thread
 * that it is of.  Whatever it had around them and has not given back by then may be a lock that
 * keeps others from making the opposite order, or none: that is said, too.
 */

#include "config.h"

#include "il-nested.h"

#include <string.h>

#include "il-interpreter.h"
#include "il-kept.h"
#include "il-lock.h"
#include "il-python.h"

#define MAX_WALK 32   /* locks of a thread that are looked at */
#define MAX_PROBES 16 /* places in which one may be remembered */
#define MAX_MAKING 16

/* Of the number of what was said, so many bits are those of the turn in which that was. */
#define TURN_BITS 20
#define TURN_MASK ((UINT64_C (1) << TURN_BITS) - 1)

typedef enum
{
  NO_LOCK,
  PERHAPS_A_LOCK,
  A_LOCK,
} Nature;

_Atomic uint64_t *il_nested_seen;

static Nature
get_nature (const IlEntry *entry)
{
  switch ((IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed))
    {
    case IL_AT_MUTEX:
    case IL_AT_SPIN:
    case IL_AT_RWLOCK: /* who reads it has it in no chain */
      return A_LOCK;
    case IL_AT_SEMAPHORE:
      if (atomic_load_explicit (&entry->is_signal, memory_order_relaxed) != 0)
        return NO_LOCK;
      if (entry->kind == IL_LOCK_BINARY)
        return A_LOCK;
      if (entry->value != 1 || atomic_load_explicit (&entry->object, memory_order_relaxed) != 0)
        return NO_LOCK;
      return atomic_load_explicit (&entry->is_returned, memory_order_relaxed) != 0 ? A_LOCK
                                                                                   : PERHAPS_A_LOCK;
    default:
      return NO_LOCK;
    }
}

/* All that the thread has, from the innermost on. */
static IlNested
collect (const IlSelf *self, IlEntry *entry)
{
  IlNested found = { .turn = self->turn };

  for (uint32_t i = 0; i < MAX_WALK && found.n < IL_NESTED_MAX && entry != NULL;
       i++, entry = entry->outer)
    {
      if (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number)
        break;
      if (get_nature (entry) == NO_LOCK)
        continue;
      found.making[found.n] = atomic_load_explicit (&entry->making, memory_order_relaxed);
      found.nested[found.n++] = entry;
    }
  return found;
}

/* Takes out what has turned out to be none; returns how many are known to be locks. */
static uint32_t
sift (IlNested *found)
{
  uint32_t n = 0, n_locks = 0;

  for (uint32_t i = 0; i < found->n; i++)
    {
      Nature nature = get_nature (found->nested[i]);

      n_locks += nature == A_LOCK;
      if (nature == NO_LOCK)
        continue;
      found->making[n] = found->making[i];
      found->nested[n++] = found->nested[i];
    }
  found->n = n;
  return n_locks;
}

/* Which of those that lay there it is.  Programs may make and destroy millions of mutexes: the
 * orders of those that lie where MAX_MAKING others lay are said once for all of them. */
static uint64_t
get_making (const IlNested *found, uint32_t i)
{
  uint64_t making = found->making[i];

  if (atomic_load_explicit (&found->nested[i]->at, memory_order_relaxed) != IL_AT_SEMAPHORE
      && making > MAX_MAKING)
    making = MAX_MAKING;
  return making << 32;
}

static uint64_t
make_key (uint32_t thread, const IlNested *found)
{
  uint64_t key = thread;

  for (uint32_t i = 0; i < found->n; i++)
    key = (key ^ (uintptr_t)found->nested[i] ^ get_making (found, i)
           ^ (uintptr_t)(get_nature (found->nested[i]) == PERHAPS_A_LOCK))
              * UINT64_C (0x9e3779b97f4a7c15)
          + 1;
  return (key | UINT64_C (1) << TURN_BITS) & ~TURN_MASK;
}

/* From here on what is told is not all. */
static void
tell_no_room (IlSelf *self)
{
  static _Atomic uint32_t is_told;

  if (atomic_exchange_explicit (&is_told, 1, memory_order_relaxed) == 0)
    il_self_say (self, IL_EVENT_LIFE, IL_LIFE_UNTOLD, 0);
}

/* Whether it was said already of that turn, or there is no room to remember that it was. */
static bool
was_said (IlSelf *self, uint64_t key, uint32_t turn, bool is_said_now)
{
  uint64_t now = key | (turn & TURN_MASK);

  for (uint32_t i = 0; i < MAX_PROBES; i++)
    {
      _Atomic uint64_t *place = &il_nested_seen[((key >> 40) + i) % IL_NESTED_TABLE_SIZE];
      uint64_t seen = atomic_load_explicit (place, memory_order_relaxed);

      if (seen == 0
          && (!is_said_now
              || atomic_compare_exchange_strong_explicit (place, &seen, now, memory_order_relaxed,
                                                          memory_order_relaxed)))
        return false;
      if ((seen & ~TURN_MASK) != key)
        continue;
      if (seen != now && is_said_now)
        atomic_store_explicit (place, now, memory_order_relaxed);
      return seen == now;
    }
  tell_no_room (self);
  return true;
}

/* Of what the program does not use itself, but its libraries, it is told where it waits for it,
 * once it does.  Of what was taken before it is seen best when it is given back. */
static void
tell_use (IlSelf *self, IlEntry *entry, const void *caller)
{
  IlKeptUses *uses = il_kept_of (entry);

  if (uses->used_at == 0 && caller != NULL)
    uses->used_at = il_python_find_use (caller, IL_PYTHON_OWN_FRAMES);
  else if (uses->used_at == 0)
    atomic_store_explicit (&entry->is_nameless, 1, memory_order_relaxed);
  il_kept_tell_use (self, entry);
}

static uint32_t
get_time (const IlSelf *self, const IlNested *found)
{
  uint32_t ago = self->turn - found->turn;

  return found->is_scattered || self->has_untold || ago > IL_EVENT_AGO_MAX ? IL_EVENT_ANY_TIME
                                                                           : ago << 8;
}

/* caller: where the innermost was taken just now; NULL: all were before. */
static void
say (IlSelf *self, const IlNested *found, const void *caller)
{
  uint32_t flags = (caller == NULL ? IL_EVENT_EARLIER : 0) | get_time (self, found);
  uint32_t objects[IL_NESTED_MAX], values[IL_NESTED_MAX];
  uint64_t key = make_key (IL_SELF_INDEX (self->number), found);

  if (was_said (self, key, found->turn, false))
    return;
  for (uint32_t i = 0; i < found->n; i++)
    {
      IlEntry *entry = found->nested[i];

      values[i] = i | flags;
      if (get_nature (entry) == PERHAPS_A_LOCK)
        {
          values[i] |= IL_EVENT_PERHAPS;
          objects[i] = il_kept_get_gate (entry, entry->taken_at);
        }
      else
        {
          if (atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_SEMAPHORE)
            entry->kind = IL_LOCK_BINARY;
          objects[i] = il_entry_get_object (entry, entry->taken_at);
        }
      /* Another thread is just registering it: it is said the next time. */
      if (objects[i] == 0)
        {
          self->has_untold = true;
          return;
        }
    }
  if (was_said (self, key, found->turn, true))
    return;
  for (uint32_t i = found->n; i-- > 0;)
    {
      if (found->nested[i]->kind == IL_LOCK_BINARY)
        tell_use (self, found->nested[i], i == 0 ? caller : NULL);
      atomic_store_explicit (&found->nested[i]->is_ordered, 1, memory_order_relaxed);
      il_self_say (self, IL_EVENT_LOCK_NESTED, objects[i], values[i]);
    }
}

/* --- what is kept until it is known what it is */

static bool
is_same (const IlNested *one, const IlNested *other)
{
  return one->n == other->n
         && memcmp (one->nested, other->nested, one->n * sizeof one->nested[0]) == 0
         && memcmp (one->making, other->making, one->n * sizeof one->making[0]) == 0;
}

/* Whether all of them are still what they were. */
static bool
is_current (const IlNested *found)
{
  for (uint32_t i = 0; i < found->n; i++)
    if (atomic_load_explicit (&found->nested[i]->making, memory_order_relaxed) != found->making[i])
      return false;
  return true;
}

/* Whether it says of two that are known to be locks in which order they were taken. */
static bool
has_order (IlNested *found)
{
  return sift (found) >= 2 && get_nature (found->nested[0]) == A_LOCK;
}

/* Whether there is an object of each: for one that will turn out to be none there need not be. */
static bool
has_objects (const IlNested *found)
{
  for (uint32_t i = 0; i < found->n; i++)
    if (get_nature (found->nested[i]) == PERHAPS_A_LOCK
            ? il_kept_of (found->nested[i])->gate == 0
            : atomic_load_explicit (&found->nested[i]->object, memory_order_relaxed) == 0)
      return false;
  return true;
}

static void
keep (IlSelf *self, const IlNested *found)
{
  IlNested *room = NULL;

  for (uint32_t i = 0; i < IL_NESTED_UNTOLD; i++)
    {
      IlNested *kept = &self->untold[i];

      if (is_same (kept, found))
        {
          kept->is_scattered = kept->is_scattered || kept->turn != found->turn;
          return;
        }
      sift (kept);
      if (kept->n < 2 || !is_current (kept))
        kept->n = 0;
      if (kept->n == 0 && room == NULL)
        room = kept;
    }
  if (room == NULL)
    {
      room = &self->untold[self->next_untold++ % IL_NESTED_UNTOLD];
      self->has_untold = self->has_untold || (!room->is_said && has_order (room));
    }
  *room = *found;
}

static bool
has (const IlNested *found, const IlEntry *entry)
{
  for (uint32_t i = 0; i < found->n; i++)
    if (found->nested[i] == entry)
      return true;
  return false;
}

/* Where a lock is given back is the best that is known of one that was told of since it was taken,
 * or will be soon. */
static void
note_use (IlSelf *self, IlEntry *entry)
{
  bool is_kept = atomic_load_explicit (&entry->is_nameless, memory_order_relaxed) != 0;

  for (uint32_t i = 0; i < IL_NESTED_UNTOLD; i++)
    is_kept = is_kept || has (&self->untold[i], entry);
  if (is_kept && il_kept_of (entry)->used_at == 0)
    il_kept_of (entry)->used_at = il_python_find_use (entry->taken_at, IL_PYTHON_OWN_FRAMES);
  if (atomic_load_explicit (&entry->is_nameless, memory_order_relaxed) == 0)
    return;
  atomic_store_explicit (&entry->is_nameless, 0, memory_order_relaxed);
  il_kept_tell_use (self, entry);
}

/**
 * il_nested_returned:
 * @entry: a semaphore that the thread is about to give back, for the first time; or one that was
 *   told of, and not where it is used
 *
 * It is a lock: says what was kept until this is known.
 */
void
il_nested_returned (IlSelf *self, IlEntry *entry)
{
  if (self->is_nesting || self->lane.trace == NULL)
    return;
  self->is_nesting = true;
  note_use (self, entry);
  for (uint32_t i = 0; i < IL_NESTED_UNTOLD; i++)
    {
      IlNested *kept = &self->untold[i];
      uint32_t n_locks;

      if (!has (kept, entry))
        continue;
      n_locks = is_current (kept) ? sift (kept) : 0;
      if (n_locks >= 2 && get_nature (kept->nested[0]) == A_LOCK)
        say (self, kept, NULL);
      if (n_locks == 0 || n_locks == kept->n || kept->n < 2)
        kept->n = 0;
    }
  self->is_nesting = false;
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
  IlNested found = self->lane.trace != NULL ? collect (self, entry) : (IlNested){ 0 };
  uint32_t n_locks;

  if (found.n < 2 || found.nested[0] != entry)
    return;
  if (il_interpreter_is_taken (found.nested[1], entry, caller))
    {
      il_lock_unchain (self, entry);
      return;
    }
  n_locks = sift (&found);
  if (n_locks == found.n)
    {
      if (found.n >= 2)
        say (self, &found, caller);
      return;
    }
  /* What else it has may never be given back.  It was said before with all of that. */
  found.is_said = has_order (&found) && has_objects (&found);
  if (found.is_said)
    say (self, &found, caller);
  if (self->is_nesting)
    return;
  self->is_nesting = true;
  keep (self, &found);
  self->is_nesting = false;
}

/**
 * il_nested_wanted:
 * @entry: what the thread is about to wait for
 * @caller: where
 *
 * Says so before the wait is: what it has without that this was said may keep others from making
 * the opposite order at the same time.
 */
void
il_nested_wanted (IlSelf *self, IlEntry *entry, const void *caller)
{
  IlNested found = { .n = 1, .turn = self->turn };

  if (get_nature (entry) != A_LOCK || self->lane.trace == NULL)
    return;
  found.nested[0] = entry;
  found.making[0] = atomic_load_explicit (&entry->making, memory_order_relaxed);
  for (IlEntry *outer = self->top; outer != NULL && found.n < IL_NESTED_MAX; outer = outer->outer)
    {
      /* Of what is not known yet, it may still turn out what it is. */
      if (atomic_load_explicit (&outer->holder, memory_order_relaxed) != self->number
          || outer == entry || get_nature (outer) != A_LOCK
          || atomic_load_explicit (&outer->object, memory_order_relaxed) == 0)
        return;
      found.making[found.n] = atomic_load_explicit (&outer->making, memory_order_relaxed);
      found.nested[found.n++] = outer;
    }
  if (found.n >= 2)
    say (self, &found, caller);
}
