/* il-inbox.h - a deque whose entries say themselves that they are in
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Of a worker, for what it is handed from outside.  Who polls a counter for a new entry has to
 * fetch two lines from the core of the one who put it, one after the other: that of the counter and
 * that of the entry.  Here the entry bears the lap of the ring that it belongs to, in the bits that
 * hold the depth of a child, which it is not: so it can be waited for itself.
 *
 * Roles     The submitter puts at the bottom, and is the only one to do so.  Anybody takes at the
 *           top; the worker whom it belongs to polls there.
 * Lap       of a position is the number of times that the ring was filled before, + 1, modulo 64.
 *           A slot holds an entry of the lap of its position, or of the lap before that, or of none
 *           (all 0) in the first, so that two of 64 would do.
 * Edges     [L] put: second word, then release the first, with the lap  ->  take: acquire the
 *               first, then the second
 *               An entry is whole before anybody takes it for one of this lap.  Of several that are
 *               put together the first comes last, so that who sees it sees all of them.
 *           [T] as in il-deque.h: who copied a slot that was filled anew meanwhile fails to move
 *               top, and forgets the copy.  A look that was made at a top of the past finds another
 *               lap, and says so.
 * Bottom    is told afterwards, for those who want to know how many are in.  It may be behind.
 * Killed    Where agents can be killed one by one, takes are made under the guard, as in a deque.
 * Weaker?   Without [L] a worker runs half of an entry of the lap before.
 * Checked   tests/engine/test-deque.c, also built with -Db_sanitize=thread.
 */

#pragma once

#include "il-deque.h"

static inline uint64_t
il_inbox_get_lap (const IlDeque *inbox, uint64_t position)
{
  return ((position >> inbox->lap_shift) + 1) & 63;
}

/* Whether the entry of a position, at the top or after it, is in. */
static inline bool
il_inbox_has (const IlDeque *inbox, uint64_t position)
{
  IlTaskEntry entry;

  entry.words[0] = atomic_load_explicit (il_deque_get_word (inbox, position, 0),
                                         memory_order_acquire); /* [L] */
  return entry.depth == il_inbox_get_lap (inbox, position);
}

/* For one who polls. */
static inline bool
il_inbox_seems_filled (const IlDeque *inbox)
{
  return il_inbox_has (inbox, atomic_load_explicit (&inbox->top, memory_order_relaxed));
}

/* The submitter: @n_entries, for which there is room. */
static inline void
il_inbox_put (IlDeque *inbox, const IlTaskEntry *entries, uint32_t n_entries)
{
  uint64_t bottom = atomic_load_explicit (&inbox->bottom, memory_order_relaxed);

  for (uint32_t i = n_entries; i-- > 0;)
    {
      IlTaskEntry entry = entries[i];

      entry.depth = il_inbox_get_lap (inbox, bottom + i);
      atomic_store_explicit (il_deque_get_word (inbox, bottom + i, 1), entry.words[1],
                             memory_order_relaxed);
      atomic_store_explicit (il_deque_get_word (inbox, bottom + i, 0), entry.words[0],
                             memory_order_release); /* [L] */
    }
  atomic_store_explicit (&inbox->bottom, bottom + n_entries, memory_order_release);
}

/* Anybody. */
static inline IlDequeResult
il_inbox_take (IlDeque *inbox, IlTaskEntry *entry)
{
  uint64_t top = atomic_load_explicit (&inbox->top, memory_order_acquire);

  if (!il_inbox_has (inbox, top))
    return atomic_load_explicit (&inbox->top, memory_order_relaxed) == top ? IL_DEQUE_EMPTY
                                                                           : IL_DEQUE_RACED;
  *entry = il_deque_load (inbox, top);
  return atomic_compare_exchange_strong_explicit (&inbox->top, &top, top + 1, memory_order_seq_cst,
                                                  memory_order_relaxed) /* [T] */
             ? IL_DEQUE_TAKEN
             : IL_DEQUE_RACED;
}
