/* il-thin.c - locks that are taken more often than anybody could read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-thin.h"

#include "il-lock.h"

/* What is not said of each acquisition while others wait is said at least after so many ticks of
 * the clock, some tens of microseconds, and of those that take half as long. */
#define THIN_TICKS UINT64_C (65536)

/**
 * il_thin_has_full_left:
 * @reserve: how many are for others
 *
 * Once a thread has said a part of what its ring holds of locks that others wait for it waits for
 * the reader to take that.
 *
 * Returns: whether it may say one more
 */
bool
il_thin_has_full_left (IlSelf *self, uint32_t tick, uint32_t reserve)
{
  uint32_t most = IL_FULL_A_TICK + IL_CHANGES_A_TICK, fits = (self->lane.mask + 1) / 16;

  if (self->full_tick != tick)
    {
      self->full_tick = tick;
      self->full_left = most < fits ? most : fits;
    }
  if (self->full_left <= reserve)
    return false;
  self->full_left--;
  return true;
}

/**
 * il_thin_can_be:
 *
 * What processes share they tell each other in full.
 *
 * Returns: whether most of its acquisitions may be counted alone
 */
bool
il_thin_can_be (const IlEntry *entry)
{
  IlAt at = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);

  return (at == IL_AT_MUTEX || at == IL_AT_SPIN) && !il_shared_is (entry);
}

/**
 * il_thin_take:
 * @is_tried: whether the thread would have gone on without it
 *
 * Others wait for it, and it is taken and given back more often than anybody could read: of most
 * acquisitions it is but counted that there was one.  Who does so is said.
 */
void
il_thin_take (IlSelf *self, IlEntry *entry, uint32_t object, uint32_t tick, bool is_tried)
{
  bool is_told = atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0;
  uint32_t by;

  if (is_told || entry->thin_by != self->number)
    {
      by = il_thin_has_full_left (self, tick, 0) ? self->number : 0;
      if (is_told || entry->thin_by != by)
        il_self_say (self, IL_EVENT_LOCK_QUIET, object, by != 0 ? il_self_lane_plus_1 (self) : 0);
      atomic_store_explicit (&entry->is_told, 0, memory_order_relaxed);
      entry->thin_by = by;
    }
  il_lock_count (entry);
  entry->since_n = atomic_load_explicit (entry->n_untold, memory_order_relaxed);
  atomic_store_explicit (&entry->since, il_self_stamp (self), memory_order_relaxed);
  atomic_store_explicit (&entry->is_thin, 1, memory_order_relaxed);
  entry->is_tried = is_tried;
  self->n_thin++;
}

/**
 * il_thin_end:
 *
 * It is given back, or was said.
 */
void
il_thin_end (IlSelf *self, IlEntry *entry)
{
  atomic_store_explicit (&entry->is_thin, 0, memory_order_relaxed);
  if (self->n_thin > 0)
    self->n_thin--;
}

/* The thread has it already, and it was not said yet. */
static void
say_had (IlSelf *self, IlEntry *entry, uint64_t now)
{
  uint64_t since = atomic_load_explicit (&entry->since, memory_order_relaxed);

  il_thin_end (self, entry);
  il_lock_mark_told (entry);
  if (entry->is_tried)
    il_self_say_at (self, now, IL_EVENT_WAIT_TIMED, 0, 0);
  il_self_say_at (self, now, IL_EVENT_LOCK_HAD,
                  atomic_load_explicit (&entry->object, memory_order_relaxed),
                  il_lock_get_length (since, now));
}

/**
 * il_thin_say:
 * @stamp: of what the thread is about to say
 *
 * Says what it has, for which others wait, before it says anything else: it may come to a wait.  In
 * the order in which it took them, from the outermost on, since each counts as taken under those
 * that were said before.
 */
void
il_thin_say (IlSelf *self, uint64_t stamp)
{
  IlEntry *thin[IL_LOCK_CHAIN_MAX], *entry = self->top;
  uint32_t n = 0;

  for (int i = 0; i < IL_LOCK_CHAIN_MAX && entry != NULL && n < self->n_thin;
       i++, entry = entry->outer)
    {
      if (atomic_load_explicit (&entry->holder, memory_order_relaxed) != self->number)
        break;
      if (atomic_load_explicit (&entry->is_thin, memory_order_relaxed) != 0)
        thin[n++] = entry;
    }
  /* What is said now has been thought of. */
  self->n_thin = 0;
  while (n > 0)
    say_had (self, thin[--n], stamp);
}

/**
 * il_thin_give:
 *
 * Returns: whether what it gives back was taken without a word, too, and so short a time ago that
 *     this need not be said either
 */
bool
il_thin_give (IlSelf *self, IlEntry *entry)
{
  uint64_t now, length;

  if (atomic_load_explicit (&entry->is_thin, memory_order_relaxed) == 0)
    return false;
  now = il_self_stamp (self);
  length = now - atomic_load_explicit (&entry->since, memory_order_relaxed);
  if (length < THIN_TICKS / 2 && now - entry->thin_said < THIN_TICKS)
    {
      il_thin_end (self, entry);
      return atomic_load_explicit (&entry->is_told, memory_order_relaxed) == 0;
    }
  entry->thin_said = now;
  if (length >= THIN_TICKS / 2)
    il_thin_say (self, now);
  else
    il_thin_end (self, entry);
  return false;
}
