/* il-lock.h - what is said of locks that one thread has at a time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who takes a free lock is not stamped: it costs one try, and a count.  The first who has to wait
 * makes the lock known, says whom it met and since when that one has it, and from there on all who
 * take it and give it back are recorded in full, up to IL_CREDIT acquisitions after the last wait.
 *
 * Since when somebody has a lock is known of the first acquisitions of each lock in each tick of
 * the reader, some hundred times a second, which are stamped: so of all that last long, but not of
 * one among thousands of short ones.  Such acquisitions of a lock that has been waited for once are
 * recorded in full.
 */

#pragma once

#include "il-shared.h"

#define IL_LOCK_CHAIN_MAX 64 /* locks that a thread has at once; those further out are forgotten */

void il_lock_taken_slowly (IlSelf *self, IlEntry *entry, IlAt at, const void *caller);
void il_lock_giving_slowly (IlSelf *self, IlEntry *entry);
void il_lock_trim (IlSelf *self);
void il_lock_unchain (IlSelf *self, IlEntry *entry);
void il_lock_chain_writer (IlSelf *self, IlEntry *entry, const void *caller);
void il_lock_wait (IlSelf *self, IlEntry *entry, pid_t owner, bool is_timed, const void *caller,
                   void *frame);
void il_lock_mark_ordered (IlEntry *entry);
void il_lock_mark_told (IlEntry *entry);
void il_lock_tell_taken (IlSelf *self, IlEntry *entry, IlEventKind kind, uint32_t value);
void il_lock_tell_waker (IlSelf *self, IlEntry *entry);
void il_lock_count (IlEntry *entry);
void il_lock_count_shared (IlEntry *entry);
void il_lock_tell_left (IlSelf *self, IlEntry *entry);
uint64_t il_lock_stamp_taken (IlSelf *self, IlEntry *entry);
uint32_t il_lock_get_length (uint64_t since, uint64_t now);
void il_lock_let_pass (const IlEntry *entry);
void il_lock_waited (IlSelf *self, IlEntry *entry, bool has_it);

/* In all processes that share it. */
static inline uint32_t
il_lock_count_waiters (const IlEntry *entry)
{
  return atomic_load_explicit (il_shared_is (entry) ? &entry->common->n_waiters
                                                    : &entry->busy.n_waiters,
                               memory_order_relaxed);
}

static inline void
il_lock_chain (IlSelf *self, IlEntry *entry)
{
  entry->outer = self->top;
  self->top = entry;
}

/* What is noted of a thread that takes something under this. */
static inline uintptr_t
il_lock_mark_outer (const IlSelf *self, const IlEntry *outer)
{
  return (uintptr_t)outer ^ self->turn_mark;
}

/* Whether the thread was seen in this turn of it to take the one under the other, of late. */
static inline bool
il_lock_is_usual (const IlSelf *self, const IlEntry *outer, const IlEntry *entry)
{
  return il_lock_mark_outer (self, outer)
         == atomic_load_explicit (&entry->known_outer, memory_order_relaxed);
}

/* Whoever has it is alone with its count. */
static inline void
il_lock_count_own (IlEntry *entry)
{
  atomic_store_explicit (entry->n_untold,
                         atomic_load_explicit (entry->n_untold, memory_order_relaxed) + 1,
                         memory_order_relaxed);
}

/* It has the lock now, as the program wanted where it called; NULL: it would not have waited. */
static inline void
il_lock_taken (IlSelf *self, IlEntry *entry, IlAt at, const void *caller)
{
  if (IL_UNLIKELY (atomic_load_explicit (&entry->tick, memory_order_relaxed)
                       != atomic_load_explicit (il_process.tick, memory_order_relaxed)
                   || atomic_load_explicit (&entry->holder, memory_order_relaxed) != 0
                   || (self->top != NULL && !il_lock_is_usual (self, self->top, entry))))
    {
      il_lock_taken_slowly (self, entry, at, caller);
      return;
    }
  atomic_store_explicit (&entry->holder, self->number, memory_order_relaxed);
  il_lock_chain (self, entry);
  il_lock_count_own (entry);
}

/* It is about to give the lock back. */
static inline void
il_lock_giving (IlSelf *self, IlEntry *entry)
{
  if (IL_UNLIKELY (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number
                   || atomic_load_explicit (&entry->busy.is_any, memory_order_relaxed) != 0
                   || self->top != entry))
    {
      il_lock_giving_slowly (self, entry);
      return;
    }
  self->top = entry->outer;
  atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
}
