/* il-readers.c - who reads under readers-writer locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Readers must not write what other readers write, or they would be as slow as if they excluded
 * each other.  So each thread has a few places of its own for what it reads, each time of a
 * recursive one in another, and those for which there is none left in one it has.  Who waits for
 * readers looks through the places of all threads, and says whom it found, once for each place; who
 * has more locks than there are places for is counted in the entry and not named.  In a child that
 * was forked, who forked reads on; of others all that is known is how many they are.
 *
 * Edges     [R] reader: its place, sequentially consistent, then its look at n_waiters and credit
 *               <->  waiter: n_waiters and credit, then its look at the places.  One of them sees
 *               the other: either the reader says that it has the lock, or the waiter does.
 *           [M] The mark of a place is set by who says that its thread reads, at a stamp that was
 *               taken before  ->  who empties it, and finds the mark, says that it is given back,
 *               at a stamp taken afterwards.  So whoever is said to read is said to be done with
 *               it, later.  A lock that fell quiet has other marks from then on, since nobody
 *               knows any more who was said to read.
 */

#include "config.h"

#include "il-readers.h"

#include <errno.h>

#include "il-lock.h"
#include "il-memory.h"

#define MARKS 127u      /* less than an entry is aligned to */
#define MAX_TOLD 64     /* of more readers the others are counted */
#define WRITING 1u      /* of the word in which glibc counts readers: … */
#define READERS_SHIFT 3 /* … they stand above its flags */

/* What the thread that forks reads, and how often, for the child, which finds the rest empty; the
 * thread's own, since others may fork at the same time. */
static _Thread_local struct
{
  const void *lock;
  uint32_t n;
} forked[IL_READS] __attribute__ ((tls_model ("initial-exec")));

static uintptr_t
get_mark (const IlEntry *entry)
{
  return 1 + atomic_load_explicit (&entry->n_quiets, memory_order_seq_cst) % MARKS;
}

static bool
is_of (uintptr_t what, const IlEntry *entry)
{
  return (what & ~(uintptr_t)MARKS) == (uintptr_t)entry;
}

/* Once more, in the place that it has for it. */
static bool
add_within (IlSelf *self, const IlEntry *entry)
{
  for (uint32_t i = 0; i < IL_READS; i++)
    if (is_of (atomic_load_explicit (&self->reads[i].what, memory_order_relaxed), entry))
      {
        atomic_fetch_add_explicit (&self->reads[i].more, 1, memory_order_relaxed);
        return true;
      }
  return false;
}

/**
 * il_readers_add:
 * @place: (out): where that is noted, if it is a place of its own, or NULL
 *
 * The thread has the lock for reading.
 *
 * Returns: FALSE if there is no place for it; it is counted all the same
 */
bool
il_readers_add (IlSelf *self, IlEntry *entry, IlRead **place)
{
  uint64_t since = il_lock_stamp_taken (self, entry);

  for (uint32_t i = 0; i < IL_READS; i++)
    {
      IlRead *read = &self->reads[i];
      uintptr_t unused = 0;

      if (atomic_load_explicit (&read->what, memory_order_relaxed) != 0)
        continue;
      atomic_store_explicit (&read->since, since, memory_order_relaxed);
      atomic_store_explicit (&read->more, 0, memory_order_relaxed);
      if (atomic_compare_exchange_strong_explicit (&read->what, &unused, (uintptr_t)entry,
                                                   memory_order_seq_cst,
                                                   memory_order_relaxed)) /* [R] */
        {
          *place = read;
          return true;
        }
    }
  *place = NULL;
  if (!add_within (self, entry))
    atomic_fetch_add_explicit (&entry->extra, 1, memory_order_seq_cst);
  return false;
}

/**
 * il_readers_claim_word:
 * @place: of the calling thread
 *
 * Returns: whether it is the thread's to say that it has it; FALSE: somebody else did
 */
bool
il_readers_claim_word (const IlEntry *entry, IlRead *place)
{
  uintptr_t what = (uintptr_t)entry;

  return atomic_compare_exchange_strong_explicit (&place->what, &what,
                                                  (uintptr_t)entry | get_mark (entry),
                                                  memory_order_seq_cst, memory_order_relaxed);
}

/* Takes it out of the place if it is still there; whether it was said that the thread reads. */
static bool
empty (const IlEntry *entry, IlRead *place, bool *is_told)
{
  uintptr_t what = atomic_load_explicit (&place->what, memory_order_relaxed);

  while (is_of (what, entry))
    if (atomic_compare_exchange_weak_explicit (&place->what, &what, 0, memory_order_seq_cst,
                                               memory_order_relaxed)) /* [M] */
      {
        *is_told = (what & MARKS) != 0;
        return true;
      }
  return false;
}

/* What has no place of its own goes first: it was not said, and the thread reads on. */
static bool
remove_within (IlSelf *self, const IlEntry *entry)
{
  for (uint32_t i = 0; i < IL_READS; i++)
    {
      IlRead *read = &self->reads[i];

      if (is_of (atomic_load_explicit (&read->what, memory_order_relaxed), entry)
          && atomic_load_explicit (&read->more, memory_order_relaxed) > 0)
        {
          atomic_fetch_sub_explicit (&read->more, 1, memory_order_relaxed);
          return true;
        }
    }
  return false;
}

/**
 * il_readers_remove:
 * @is_told: (out): whether it was said that it has it
 * @is_within: (out): whether that is nothing to say, since it has it as it was said to
 *
 * The thread is about to give back what it has for reading.
 *
 * Returns: FALSE if that is noted nowhere
 */
bool
il_readers_remove (IlSelf *self, const IlEntry *entry, bool *is_told, bool *is_within)
{
  *is_within = remove_within (self, entry);
  if (*is_within)
    return true;
  for (uint32_t i = 0; i < IL_READS; i++)
    if (empty (entry, &self->reads[i], is_told))
      return true;
  return false;
}

/**
 * il_readers_drop_any:
 *
 * Somebody gives back what another has for reading; who that is is not known.
 *
 * Returns: whether anybody was known to have it
 */
bool
il_readers_drop_any (const IlEntry *entry)
{
  bool is_told, is_within;

  for (uint32_t i = 0; i < IL_SELVES_MAX && il_process.selves[i].number != 0; i++)
    if (il_readers_remove (&il_process.selves[i], entry, &is_told, &is_within))
      return true;
  return false;
}

/**
 * il_readers_clear:
 *
 * The thread ends.
 */
void
il_readers_clear (IlSelf *self)
{
  for (uint32_t i = 0; i < IL_READS; i++)
    atomic_store_explicit (&self->reads[i].what, 0, memory_order_relaxed);
}

/* What processes share is read by the parent alone.  It may be gone, if it was given back in a way
 * that was not seen. */
static bool
is_copied (const pthread_rwlock_t *lock)
{
  int saved_errno = errno;
  pthread_rwlock_t copy;
  bool is_there = il_memory_read ((uintptr_t)lock, &copy, sizeof copy);

  errno = saved_errno;
  return is_there && copy.__data.__shared == 0;
}

/**
 * il_readers_note_fork:
 * @self: (nullable): the calling thread, which is about to make a child with a copy of its memory;
 *   NULL: it is not followed, or has made it
 */
void
il_readers_note_fork (const IlSelf *self)
{
  for (uint32_t i = 0; i < IL_READS; i++)
    {
      const IlRead *read = self != NULL ? &self->reads[i] : NULL;
      uintptr_t what = read != NULL ? atomic_load_explicit (&read->what, memory_order_relaxed) : 0;
      const IlEntry *entry = (const void *)(what & ~(uintptr_t)MARKS);

      forked[i].lock = NULL;
      if (entry == NULL || atomic_load_explicit (&entry->is_signal, memory_order_relaxed) != 0)
        continue;
      forked[i].n = 1 + atomic_load_explicit (&read->more, memory_order_relaxed);
      forked[i].lock = (const void *)atomic_load_explicit (&entry->address, memory_order_relaxed);
    }
}

/**
 * il_readers_copy:
 *
 * The calling thread, the only one of a forked child, reads what it read when it forked.
 */
void
il_readers_copy (IlSelf *self)
{
  for (uint32_t i = 0; i < IL_READS; i++)
    {
      const void *lock = forked[i].lock;
      IlEntry *entry = lock != NULL && is_copied (lock) ? il_entry_get (lock, IL_AT_RWLOCK) : NULL;
      IlRead *place;

      for (uint32_t j = 0; entry != NULL && j < forked[i].n; j++)
        il_readers_add (self, entry, &place);
    }
}

/* How many the lock itself says to be in it. */
static uint32_t
count_inside (const IlEntry *entry)
{
  const pthread_rwlock_t *lock
      = (const void *)atomic_load_explicit (&entry->address, memory_order_relaxed);
  uint32_t word = __atomic_load_n (&lock->__data.__readers, __ATOMIC_RELAXED);

  return (word & WRITING) != 0 ? 0 : word >> READERS_SHIFT;
}

typedef struct
{
  const IlSelf *reader;
  IlRead *place;
} Found;

static void
find_in (const IlEntry *entry, IlSelf *reader, Found found[MAX_TOLD], uint32_t *n)
{
  for (uint32_t i = 0; i < IL_READS && *n < MAX_TOLD; i++)
    if (is_of (atomic_load_explicit (&reader->reads[i].what, memory_order_relaxed), entry))
      found[(*n)++] = (Found){ reader, &reader->reads[i] };
}

/* Up to as many as there are. */
static uint32_t
find_all (const IlEntry *entry, Found found[MAX_TOLD])
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < IL_SELVES_MAX && n < MAX_TOLD; i++)
    {
      IlSelf *reader = &il_process.selves[i];

      if (__atomic_load_n (&reader->number, __ATOMIC_RELAXED) == 0)
        break;
      find_in (entry, reader, found, &n);
    }
  return n;
}

/* Those of them that have no place of their own. */
static uint32_t
count_within (const Found *found, uint32_t n)
{
  uint32_t n_within = 0;

  for (uint32_t i = 0; i < n; i++)
    n_within += atomic_load_explicit (&found[i].place->more, memory_order_relaxed);
  return n_within;
}

/* One that was found to read, unless it has said so since, or given it back. */
static void
tell_one (IlSelf *self, const IlEntry *entry, uint32_t object, const Found *found)
{
  uint64_t since = atomic_load_explicit (&found->place->since, memory_order_relaxed);
  uintptr_t what = atomic_load_explicit (&found->place->what, memory_order_relaxed);
  uintptr_t marked = (uintptr_t)entry | get_mark (entry);
  uint32_t length;
  uint64_t now;

  if (!is_of (what, entry) || what == marked || found->reader->lane.trace == NULL)
    return;
  /* Until it is written nothing is read that came after it: the reader may be done already. */
  now = il_trace_lane_stamp (&self->lane);
  if (!atomic_compare_exchange_strong_explicit (
          &found->place->what, &what, marked, memory_order_seq_cst, memory_order_relaxed)) /* [M] */
    {
      il_trace_lane_take_back (&self->lane);
      return;
    }
  il_self_say_at (self, now, IL_EVENT_RW_READER, object, il_self_lane_plus_1 (found->reader));
  length = il_lock_get_length (since, now);
  if (length != 0)
    il_self_say_at (self, now, IL_EVENT_LOCK_HELD, object, length);
}

/**
 * il_readers_tell:
 *
 * Says how many are in the lock to read, and who, as far as that is known; one that reads several
 * times as often as it will say that it gives it back.
 */
void
il_readers_tell (IlSelf *self, IlEntry *entry, uint32_t object)
{
  uint32_t n_inside = count_inside (entry);
  Found found[MAX_TOLD];
  uint32_t n = n_inside > 0 ? find_all (entry, found) : 0;
  uint32_t n_within = count_within (found, n);
  uint32_t n_now = count_inside (entry);

  n_inside = n_inside > n_now ? n_inside : n_now;
  /* When they are given back is not said. */
  n_inside -= n_within < n_inside ? n_within : n_inside;
  il_self_say (self, IL_EVENT_RW_INSIDE, object, n_inside);
  /* More are noted than there are: some gave it back in a way that was not seen, or others did for
   * them. */
  if (n > n_inside || atomic_load_explicit (&entry->is_signal, memory_order_relaxed) != 0)
    return;
  for (uint32_t i = 0; i < n; i++)
    tell_one (self, entry, object, &found[i]);
}
