/* il-deque.h - a bounded ring of entries that one puts into and anybody takes from
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * After D. Chase, Y. Lev: "Dynamic Circular Work-Stealing Deque", SPAA 2005, with the memory orders
 * of N. M. Lê, A. Pop, A. Cohen, F. Zappa Nardelli: "Correct and Efficient Work-Stealing for Weak
 * Memory Models", PPoPP 2013; bounded, since it lies in the arena.
 *
 * Roles     Its owner puts at the bottom and pops there, one agent at a time.  Anybody takes at the
 *           top.  What is handed to it from outside is in an inbox, see il-inbox.h.
 * Counters  top and bottom begin at 1, so that bottom - 1 needs no sign.  Entries top … bottom - 1
 *           are in; bottom - top <= capacity but for the moment in which the owner pops.
 * Edges     [P] put: release bottom (il_task_put_store ())  ->  take: acquire bottom
 *               The slot is filled before anybody is told of it.
 *           [T] take: compare-and-swap top  ->  put: acquire top
 *               The slot was copied before it may be overwritten: who copied one that was
 *               overwritten meanwhile fails to move top, and forgets the copy.  Slots are copied
 *               by relaxed atomic loads for that reason.
 *           [D] pop: bottom = b, then load top  |  take: load top, then load bottom
 *               Each has a sequentially consistent fence in between, so that of the two who reach
 *               for the last entry at least one knows of the other; both then try to move top, and
 *               one succeeds.
 * Weaker?   Without [P] a thief runs an entry of the lap before.  Without [D] both take the last
 *           one: a task is run twice.
 * Killed    Where agents can be killed one by one, all but looks is done under the guard instead,
 *           with the hand telling what was reached for (see IlHand): then top alone, or bottom
 *           alone, is what a change is committed by.
 * Sanitizer The thread sanitizer does not know of fences: there the accesses next to them are
 *           sequentially consistent (acquire, release) themselves, which is no weaker.
 * Checked   tests/engine/test-deque.c, also built with -Db_sanitize=thread.
 */

#pragma once

#include "il-actor.h"

#if defined(__SANITIZE_THREAD__)
#define IL_DEQUE_FENCES 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IL_DEQUE_FENCES 0
#endif
#endif
#ifndef IL_DEQUE_FENCES
#define IL_DEQUE_FENCES 1
#endif

/* What an access next to a fence is where there are fences, and where there are none. */
#define IL_DEQUE_ORDER(with_fence, without)                                                        \
  (IL_DEQUE_FENCES ? memory_order_##with_fence : memory_order_##without)

static inline void
il_deque_fence (memory_order order)
{
#if IL_DEQUE_FENCES
  atomic_thread_fence (order);
#else
  (void)order;
#endif
}

typedef enum
{
  IL_DEQUE_TAKEN,
  IL_DEQUE_EMPTY,
  IL_DEQUE_RACED, /* somebody else was faster: try again, or elsewhere */
} IlDequeResult;

void il_deque_init (IlDeque *deque, uint32_t capacity, IlTaskEntry *slots);
size_t il_deque_get_memory (uint32_t capacity);

static inline uint32_t
il_deque_get_depth (const IlDeque *deque)
{
  uint64_t top = atomic_load_explicit (&deque->top, memory_order_relaxed);
  uint64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_relaxed);

  return bottom > top ? (uint32_t)(bottom - top) : 0;
}

static inline _Atomic uint64_t *
il_deque_get_word (const IlDeque *deque, uint64_t position, int word)
{
  return (_Atomic uint64_t *)&deque->slots[position & deque->mask].words[word];
}

static inline IlTaskEntry
il_deque_load (const IlDeque *deque, uint64_t position)
{
  IlTaskEntry entry;

  for (int i = 0; i < 2; i++)
    entry.words[i]
        = atomic_load_explicit (il_deque_get_word (deque, position, i), memory_order_relaxed);
  return entry;
}

/* For the one who puts: how many more there is room for, looking again only if it must. */
static inline uint32_t
il_deque_get_room (IlDeque *deque, uint32_t wanted)
{
  uint64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_relaxed);
  uint32_t room = deque->capacity - (uint32_t)(bottom - deque->top_seen);

  if (room >= wanted)
    return room;
  deque->top_seen = atomic_load_explicit (&deque->top, memory_order_acquire); /* [T] */
  return deque->capacity - (uint32_t)(bottom - deque->top_seen);
}

/* Fills the slot @ahead places after the bottom. */
static inline void
il_deque_fill (IlDeque *deque, uint32_t ahead, const IlTaskEntry *entry)
{
  uint64_t position = atomic_load_explicit (&deque->bottom, memory_order_relaxed) + ahead;

  for (int i = 0; i < 2; i++)
    atomic_store_explicit (il_deque_get_word (deque, position, i), entry->words[i],
                           memory_order_relaxed);
}

/* Anybody. */
static inline IlDequeResult
il_deque_steal (IlDeque *deque, IlTaskEntry *entry)
{
  uint64_t top = atomic_load_explicit (&deque->top, IL_DEQUE_ORDER (acquire, seq_cst));

  il_deque_fence (memory_order_seq_cst);                                               /* [D] */
  if (top >= atomic_load_explicit (&deque->bottom, IL_DEQUE_ORDER (acquire, seq_cst))) /* [P] */
    return IL_DEQUE_EMPTY;
  *entry = il_deque_load (deque, top);
  return atomic_compare_exchange_strong_explicit (&deque->top, &top, top + 1, memory_order_seq_cst,
                                                  memory_order_relaxed) /* [T] */
             ? IL_DEQUE_TAKEN
             : IL_DEQUE_RACED;
}

/* The owner. */
static inline IlDequeResult
il_deque_pop (IlDeque *deque, IlTaskEntry *entry)
{
  uint64_t bottom = atomic_load_explicit (&deque->bottom, memory_order_relaxed) - 1;
  uint64_t top;
  IlDequeResult result = IL_DEQUE_TAKEN;

  atomic_store_explicit (&deque->bottom, bottom, IL_DEQUE_ORDER (relaxed, seq_cst));
  il_deque_fence (memory_order_seq_cst); /* [D] */
  top = atomic_load_explicit (&deque->top, IL_DEQUE_ORDER (relaxed, seq_cst));
  if (top < bottom)
    {
      *entry = il_deque_load (deque, bottom);
      return IL_DEQUE_TAKEN;
    }
  if (top > bottom)
    result = IL_DEQUE_EMPTY;
  else
    {
      *entry = il_deque_load (deque, bottom);
      if (!atomic_compare_exchange_strong_explicit (&deque->top, &top, top + 1,
                                                    memory_order_seq_cst, memory_order_relaxed))
        result = IL_DEQUE_EMPTY;
    }
  atomic_store_explicit (&deque->bottom, bottom + 1, memory_order_relaxed);
  return result;
}
