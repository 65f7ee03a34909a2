/* il-life.c - which thread made which, and saw its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a thread did before it made another one, and what that one did before it was waited for,
 * cannot happen at the same time as what comes after.  So threads have numbers, by which both are
 * said.  A thread that has ended is known by nothing but what pthread_create() called it, which may
 * be another's then, but only once the first is gone: so that a number that is found is always that
 * of a thread that has ended by then.
 */

#include "config.h"

#include "il-life.h"

#define SETS 1024u /* a power of two */
#define WAYS 4u
#define BUSY ((uintptr_t)1)

typedef struct
{
  _Atomic uintptr_t thread; /* 0: free; BUSY: it is being changed */
  _Atomic uint32_t number;
} Made;

static Made made[SETS][WAYS];
static _Atomic uint32_t last_number;
static _Atomic uint32_t next_way;

static Made *
find_set (pthread_t thread)
{
  return made[((uintptr_t)thread * UINT64_C (0x9e3779b97f4a7c15)) >> 54];
}

/* A program that another one has become goes on in that one's lanes: its numbers are others. */
static uint32_t
take_number (const IlSelf *self)
{
  uint32_t none = 0;

  if (atomic_load_explicit (&last_number, memory_order_relaxed) == 0)
    atomic_compare_exchange_strong_explicit (&last_number, &none,
                                             (uint32_t)il_self_stamp (self) * 0x9e3779b9u,
                                             memory_order_relaxed, memory_order_relaxed);
  for (;;)
    {
      uint32_t number = atomic_fetch_add_explicit (&last_number, 1, memory_order_relaxed) + 1;

      if (number != 0)
        return number;
    }
}

/**
 * il_life_make:
 *
 * Says that the calling thread is about to make another one.
 *
 * Returns: the other's number
 */
uint32_t
il_life_make (IlSelf *self)
{
  uint32_t number = take_number (self);

  il_self_say (self, IL_EVENT_LIFE, IL_LIFE_MAKES, number);
  il_self_turn (self);
  return number;
}

/* Whether the place was free for it, or is its own. */
static bool
put (Made *place, uintptr_t seen, uintptr_t thread, uint32_t number)
{
  if (!atomic_compare_exchange_strong_explicit (&place->thread, &seen, BUSY, memory_order_acquire,
                                                memory_order_relaxed))
    return false;
  atomic_store_explicit (&place->number, number, memory_order_relaxed);
  atomic_store_explicit (&place->thread, thread, memory_order_release);
  return true;
}

/**
 * il_life_made:
 * @thread: what pthread_create() has called it
 */
void
il_life_made (pthread_t thread, uint32_t number)
{
  Made *set = find_set (thread);
  uintptr_t id = (uintptr_t)thread;
  uint32_t way = 0;

  for (way = 0; way < WAYS; way++)
    if (atomic_load_explicit (&set[way].thread, memory_order_relaxed) == id)
      break;
  for (uint32_t i = 0; way == WAYS && i < WAYS; i++)
    if (atomic_load_explicit (&set[i].thread, memory_order_relaxed) == 0)
      way = i;
  if (way == WAYS)
    way = atomic_fetch_add_explicit (&next_way, 1, memory_order_relaxed) % WAYS;
  put (&set[way], atomic_load_explicit (&set[way].thread, memory_order_relaxed), id, number);
}

/**
 * il_life_find:
 * @thread: one that the caller is about to wait for
 *
 * Returns: its number; 0: not known
 */
uint32_t
il_life_find (pthread_t thread)
{
  Made *set = find_set (thread);

  for (uint32_t i = 0; i < WAYS; i++)
    if (atomic_load_explicit (&set[i].thread, memory_order_acquire) == (uintptr_t)thread)
      {
        uint32_t number = atomic_load_explicit (&set[i].number, memory_order_relaxed);

        atomic_thread_fence (memory_order_acquire);
        if (atomic_load_explicit (&set[i].thread, memory_order_relaxed) == (uintptr_t)thread)
          return number;
      }
  return 0;
}

/**
 * il_life_ended:
 * @number: as il_life_find() has found it
 *
 * Says that the calling thread has waited for the end of another one.
 */
void
il_life_ended (uint32_t number)
{
  if (il_self == NULL || number == 0)
    return;
  il_self_say (il_self, IL_EVENT_LIFE, IL_LIFE_ENDED, number);
  il_self_turn (il_self);
}
