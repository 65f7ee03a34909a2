/* il-entry.c - the table of locks by address
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Of a fixed size, in memory of our own that the kernel empties in a forked child: there each lock
 * is another one.  An address that is used again gets the entry that it had.
 *
 * Edges     [E] address: compare-and-swap from 0  ->  any: whoever comes second finds the entry of
 *               the first.  An entry is all zero until then, which is valid.
 *           [O] object, release  ->  acquire: the entry in the shared file is complete.
 *           [M] making_state, release  ->  acquire: who waited for the end of it finds the object.
 */

#include "config.h"

#include "il-entry.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#include "il-callers.h"
#include "il-kept.h"
#include "il-nested.h"
#include "il-place.h"
#include "il-real.h"

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* In place of an address: another may take the entry, and who looks for one goes on. */
#define VACATED ((uintptr_t)1)

/* What another thread registers is waited for so often, a second at least. */
#define N_YIELDS 100
#define N_MOMENTS (N_YIELDS + 10000)
#define MOMENT_NS 100000

IlEntry *il_table;

/**
 * il_entries_make:
 *
 * Returns: FALSE if there is no memory
 */
bool
il_entries_make (void)
{
  size_t size_of_entries = (IL_TABLE_SIZE + IL_TABLE_WINDOW) * sizeof (IlEntry);
  size_t size_of_kept = (IL_TABLE_SIZE + IL_TABLE_WINDOW) * sizeof *il_kept_table;
  size_t size_of_seen = IL_NESTED_TABLE_SIZE * sizeof *il_nested_seen;
  size_t size = size_of_entries + size_of_seen + size_of_kept;
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

  if (memory == MAP_FAILED)
    return false;
  madvise (memory, size, MADV_NOHUGEPAGE);
  madvise (memory, size, MADV_DONTDUMP);
  if (madvise (memory, size, MADV_WIPEONFORK) != 0)
    {
      munmap (memory, size);
      return false;
    }
  il_table = memory;
  il_nested_seen = (void *)((char *)memory + size_of_entries);
  il_kept_table = (void *)((char *)memory + size_of_entries + size_of_seen);
  return true;
}

/* Nothing is known of it any more but that it is there. */
static void
reset (IlEntry *entry, IlAt at)
{
  atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->tick, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->busy.is_any, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->known_outer, 0, memory_order_relaxed);
  entry->since_n = 0;
  atomic_store_explicit (&entry->last, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_told, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_crossed, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_private, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_signal, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_returned, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_nameless, 0, memory_order_relaxed);
  if (atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_SEMAPHORE)
    il_kept_renew (entry);
  atomic_fetch_add_explicit (&entry->making, 1, memory_order_relaxed);
  atomic_store_explicit (&entry->is_woken, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->is_thin, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->n_notified, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->extra, 0, memory_order_relaxed);
  if (atomic_load_explicit (&entry->at, memory_order_relaxed) == at)
    return;
  if (atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_SEMAPHORE)
    il_kept_forget (entry);
  entry->n_untold = NULL;
  atomic_store_explicit (&entry->n_own, 0, memory_order_relaxed);
  entry->n_told = 0;
  entry->kind = 0;
  entry->value = 0;
  entry->common = NULL;
  atomic_store_explicit (&entry->is_awaited, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->object, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->at, at, memory_order_relaxed);
}

typedef enum
{
  HAS_NONE,
  IS_TOLD,
  IS_UNTOLD, /* there was no room for it */
} EndOfOrders;

/* What was said of the order in which a lock is taken with others is over when it is destroyed. */
static EndOfOrders
tell_end_of_orders (IlEntry *entry)
{
  IlAt at = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_relaxed);
  bool is_ordered = atomic_exchange_explicit (&entry->is_ordered, 0, memory_order_relaxed) != 0;
  IlSelf *self;

  /* Of semaphores it is said once another one is used; see il-kept.c. */
  if (object == 0 || (at != IL_AT_MUTEX && at != IL_AT_SPIN && at != IL_AT_RWLOCK))
    return HAS_NONE;
  /* Those that wait, or have waited of late, make orders by what they say of themselves. */
  if (!is_ordered && atomic_load_explicit (&entry->busy.is_any, memory_order_relaxed) == 0)
    return HAS_NONE;
  self = il_self_get ();
  if (self != NULL && il_self_say (self, IL_EVENT_LOCK_NESTED, object, IL_EVENT_ANEW))
    return IS_TOLD;
  atomic_store_explicit (&entry->is_ordered, 1, memory_order_relaxed);
  return IS_UNTOLD;
}

static IlEntry *
occupy (IlEntry *room, const void *address, IlAt at)
{
  uintptr_t found = atomic_load_explicit (&room->address, memory_order_relaxed);

  if ((found == 0 || found == VACATED)
      && atomic_compare_exchange_strong_explicit (&room->address, &found, (uintptr_t)address,
                                                  memory_order_relaxed,
                                                  memory_order_relaxed)) /* [E] */
    {
      atomic_store_explicit (&room->at, at, memory_order_relaxed);
      return room;
    }
  /* Another thread was faster; if not with the same, this use of it goes by. */
  return found == (uintptr_t)address ? room : NULL;
}

/* Whether nothing would be lost with it but how often it was taken, which nobody asks of a lock
 * that was never waited for. */
static bool
is_idle (const IlEntry *entry)
{
  IlAt at = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);

  return (at == IL_AT_MUTEX || at == IL_AT_SPIN || at == IL_AT_NOTHING)
         && atomic_load_explicit (&entry->object, memory_order_relaxed) == 0
         && atomic_load_explicit (&entry->making_state, memory_order_relaxed) == IL_MAKING_NOBODY
         && atomic_load_explicit (&entry->holder, memory_order_relaxed) == 0
         && atomic_load_explicit (&entry->busy.is_any, memory_order_relaxed) == 0;
}

static uint32_t
get_last_tick (const IlEntry *entry)
{
  return atomic_load_explicit (&entry->last_tick, memory_order_relaxed);
}

/* Many programs never destroy their locks: of those that nobody has, and nobody ever waited for,
 * the one that was not looked at for longest makes room.  Who takes it in this moment may write
 * into it what is not so of the next one; that is put right when that is taken. */
static IlEntry *
make_room (IlEntry *place)
{
  IlEntry *oldest = NULL;
  uintptr_t address;

  for (uint32_t i = 0; i < IL_TABLE_WINDOW; i++)
    if (is_idle (&place[i])
        && (oldest == NULL || get_last_tick (&place[i]) < get_last_tick (oldest)))
      oldest = &place[i];
  if (oldest == NULL)
    return NULL;
  address = atomic_load_explicit (&oldest->address, memory_order_relaxed);
  if (address == 0 || address == VACATED
      || !atomic_compare_exchange_strong_explicit (&oldest->address, &address, VACATED,
                                                   memory_order_acquire, memory_order_relaxed))
    return NULL;
  if (!is_idle (oldest))
    {
      atomic_store_explicit (&oldest->address, address, memory_order_relaxed);
      return NULL;
    }
  reset (oldest, IL_AT_NOTHING);
  return oldest;
}

/**
 * il_entry_look_up:
 * @adds: makes it if it is not there
 *
 * Returns: (nullable): NULL if it is not there, or there is no room for it
 */
IlEntry *
il_entry_look_up (const void *address, IlAt at, bool adds)
{
  IlEntry *place = il_entry_place (address), *room = NULL;

  for (uint32_t i = 0; i < IL_TABLE_WINDOW; i++)
    {
      uintptr_t found = atomic_load_explicit (&place[i].address, memory_order_relaxed);

      if (found == (uintptr_t)address)
        return &place[i];
      if (room == NULL && (found == 0 || found == VACATED))
        room = &place[i];
      if (found == 0)
        break;
    }
  if (adds && room == NULL)
    room = make_room (place);
  return adds && room != NULL ? occupy (room, address, at) : NULL;
}

/* A semaphore of one unit may be used otherwise than the one that lay here before: it shows by whom
 * it is waited for. */
static void
renew_single (IlEntry *entry)
{
  il_kept_renew (entry);
  atomic_store_explicit (&entry->at, IL_AT_NOTHING, memory_order_relaxed);
  reset (entry, IL_AT_SEMAPHORE);
  entry->value = 1;
}

/**
 * il_entry_renew:
 *
 * Something new lies at the address, as its making says.  What lay there before of the same kind
 * is not told apart from it: programs that make and destroy many would have more than anybody can
 * look at.  Nothing is noted of what need not be known before it is used.
 */
void
il_entry_renew (const void *address, IlAt at, uint8_t kind, uint32_t value)
{
  bool adds = at == IL_AT_SEMAPHORE || at == IL_AT_BARRIER;
  IlEntry *entry = il_table != NULL ? il_entry_look_up (address, at, adds) : NULL;

  if (entry == NULL)
    return;
  tell_end_of_orders (entry);
  if (at == IL_AT_SEMAPHORE && value == 1 && entry->value == 1
      && atomic_load_explicit (&entry->at, memory_order_relaxed) == at)
    {
      renew_single (entry);
      return;
    }
  if (entry->kind != kind || entry->value != value)
    {
      if (atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_SEMAPHORE)
        il_kept_forget (entry);
      atomic_store_explicit (&entry->at, IL_AT_NOTHING, memory_order_relaxed);
    }
  reset (entry, at);
  entry->kind = kind;
  entry->value = value;
}

/**
 * il_entry_forget:
 *
 * What lay at the address is gone.
 */
void
il_entry_forget (const void *address)
{
  IlEntry *entry = il_table != NULL ? il_entry_find (address, IL_AT_NOTHING) : NULL;

  if (entry == NULL)
    return;
  tell_end_of_orders (entry);
  if (atomic_load_explicit (&entry->object, memory_order_relaxed) != 0 || il_kept_has_any (entry))
    reset (entry, (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed));
  else
    {
      reset (entry, IL_AT_NOTHING);
      atomic_store_explicit (&entry->address, VACATED, memory_order_relaxed);
    }
}

/**
 * il_entry_remade:
 * @at: what lies there now
 *
 * Another lock lies at the address than what was met there last, and no call has made it.  It may
 * be had, and waited for, by now: what is known of that is of this one.
 *
 * Returns: FALSE if it is to be told once more, since there was no room to say it
 */
bool
il_entry_remade (IlEntry *entry, IlAt at)
{
  IlAt was = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);
  EndOfOrders end;

  if (was >= IL_AT_INTERPRETER)
    return true;
  if (was != at)
    {
      if (atomic_load_explicit (&entry->busy.n_waiters, memory_order_relaxed) == 0)
        il_entry_renew ((const void *)atomic_load_explicit (&entry->address, memory_order_relaxed),
                        at, 0, 0);
      return true;
    }
  end = tell_end_of_orders (entry);
  /* Its own orders are said, although the same were said of the last one. */
  if (end == IS_TOLD)
    atomic_fetch_add_explicit (&entry->making, 1, memory_order_relaxed);
  atomic_store_explicit (&entry->known_outer, 0, memory_order_relaxed);
  return end != IS_UNTOLD;
}

static IlObjectKind
get_kind (IlAt at, const IlEntry *entry)
{
  switch (at)
    {
    case IL_AT_RWLOCK:
      return IL_OBJECT_RWLOCK;
    case IL_AT_SEMAPHORE:
      return entry->kind == IL_LOCK_BINARY ? IL_OBJECT_LOCK : IL_OBJECT_SEMAPHORE;
    case IL_AT_CONDITION:
    case IL_AT_FUTEX:
      return IL_OBJECT_CONDITION;
    case IL_AT_BARRIER:
      return IL_OBJECT_BARRIER;
    case IL_AT_NOTHING:
    case IL_AT_MUTEX:
    case IL_AT_SPIN:
    case IL_AT_INTERPRETER:
    case IL_AT_PART:
    default:
      return IL_OBJECT_LOCK;
    }
}

static uint64_t
get_parameter (IlAt at, const IlEntry *entry)
{
  switch (at)
    {
    case IL_AT_SEMAPHORE:
      return entry->kind == IL_LOCK_BINARY ? IL_LOCK_BINARY : entry->value;
    case IL_AT_BARRIER:
      return entry->value;
    case IL_AT_FUTEX:
      return 1;
    case IL_AT_CONDITION:
    case IL_AT_RWLOCK:
      return 0;
    case IL_AT_NOTHING:
    case IL_AT_MUTEX:
    case IL_AT_SPIN:
    case IL_AT_INTERPRETER:
    case IL_AT_PART:
    default:
      return entry->kind;
    }
}

/**
 * il_entry_note_caller:
 * @caller: where the program has just taken it, or NULL
 *
 * For an object of it that may be made when that is over.
 */
void
il_entry_note_caller (IlEntry *entry, const void *caller)
{
  entry->taken_at = caller;
  if (atomic_load_explicit (&entry->object, memory_order_relaxed) == 0)
    il_callers_find (caller, entry->taken_by);
}

static void
find_callers (const IlEntry *entry, const void *caller, IlTracePlace places[IL_TRACE_CALLERS])
{
  const void *callers[IL_TRACE_CALLERS];

  il_callers_find (caller, callers);
  il_callers_place (callers[0] == NULL && caller == entry->taken_at ? entry->taken_by : callers,
                    places);
}

/**
 * il_entry_add_object:
 * @caller: where it is used
 *
 * Registers what lies there as something new.
 *
 * Returns: its number; 0 if there is no room
 */
uint32_t
il_entry_add_object (IlEntry *entry, IlObjectKind kind, uint64_t parameter, const void *caller)
{
  const void *address = (const void *)atomic_load_explicit (&entry->address, memory_order_relaxed);
  IlTraceOrigin origin = { .address = (uint64_t)(uintptr_t)address };

  origin.lies = il_place_find (address);
  origin.used = il_place_find (caller);
  find_callers (entry, caller, origin.callers);
  return il_trace_object_add_found (il_process.trace, kind, NULL, parameter, &origin);
}

/**
 * il_entry_begin_making:
 *
 * Returns: whether the calling thread is to register it, and then to call il_entry_end_making();
 *   FALSE: another one does, or none can
 */
bool
il_entry_begin_making (IlEntry *entry)
{
  uint8_t nobody = IL_MAKING_NOBODY;

  return atomic_compare_exchange_strong_explicit (&entry->making_state, &nobody, IL_MAKING_SOMEBODY,
                                                  memory_order_relaxed, memory_order_relaxed);
}

/**
 * il_entry_end_making:
 * @making: %IL_MAKING_NEVER: there was no room, and there will be none
 *
 * What was made of it can be seen by whoever sees that.
 */
void
il_entry_end_making (IlEntry *entry, IlMaking making)
{
  atomic_store_explicit (&entry->making_state, (uint8_t)making, memory_order_release); /* [M] */
}

/**
 * il_entry_get_object:
 * @caller: where it is used
 *
 * Registers what lies there in the shared file, the first time.
 *
 * Returns: its number; 0 if there is no room, or another thread is just registering it
 */
uint32_t
il_entry_get_object (IlEntry *entry, const void *caller)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire); /* [O] */
  IlAt at = (IlAt)atomic_load_explicit (&entry->at, memory_order_relaxed);

  if (object != 0 || !il_entry_begin_making (entry))
    return object;
  if (at == IL_AT_SEMAPHORE)
    object = il_kept_get (entry, caller);
  else
    object = il_entry_add_object (entry, get_kind (at, entry), get_parameter (at, entry), caller);
  if (object != 0)
    {
      entry->n_told = atomic_load_explicit (&entry->n_own, memory_order_relaxed);
      atomic_fetch_add_explicit (il_trace_object_get_count (il_process.trace, object),
                                 entry->n_told, memory_order_relaxed);
    }
  atomic_store_explicit (&entry->object, object, memory_order_release); /* [O] */
  il_entry_end_making (entry, object != 0 ? IL_MAKING_NOBODY : IL_MAKING_NEVER);
  return object;
}

/* Until nobody registers it any more.  Who does so may have lost its core, or be below this very
 * call, in a handler or behind a jump out of one: none waits for that again. */
static void
await_making (IlEntry *entry)
{
  static const struct timespec a_moment = { .tv_nsec = MOMENT_NS };
  uint8_t somebody = IL_MAKING_SOMEBODY;
  int saved_errno = errno;

  for (uint32_t i = 0; i < N_MOMENTS; i++)
    {
      if (atomic_load_explicit (&entry->making_state, memory_order_acquire)
          != IL_MAKING_SOMEBODY) /* [M] */
        break;
      if (i < N_YIELDS)
        sched_yield ();
      else
        il_real.syscall (SYS_nanosleep, &a_moment, NULL);
    }
  errno = saved_errno;
  atomic_compare_exchange_strong_explicit (&entry->making_state, &somebody, IL_MAKING_NEVER,
                                           memory_order_relaxed, memory_order_relaxed);
}

/**
 * il_entry_need_object:
 * @caller: where it is used
 *
 * The same as il_entry_get_object(), for who is about to wait in a way that means nothing without
 * what it waits for: where several come at a time, all get it.
 *
 * Returns: its number; 0 if there is no room
 */
uint32_t
il_entry_need_object (IlEntry *entry, const void *caller)
{
  uint32_t object = il_entry_get_object (entry, caller);

  while (object == 0
         && atomic_load_explicit (&entry->making_state, memory_order_acquire) != IL_MAKING_NEVER)
    {
      await_making (entry);
      object = il_entry_get_object (entry, caller);
    }
  return object;
}
