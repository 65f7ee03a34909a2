/* il-interpreter.c - CPython's interpreter lock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From 3.8 to 3.14 it is a flag guarded by a mutex, and a condition that tells of its change:
 *
 *   int locked; unsigned long switch_number;
 *   pthread_cond_t cond; pthread_mutex_t mutex;
 *   pthread_cond_t switch_cond; pthread_mutex_t switch_mutex;
 *
 * Who wants it waits for cond with mutex, again and again for the switch interval.  Condition and
 * mutex lie side by side, and the wait is in a file of Python's: that tells it from all others.
 * The flag is looked at when the mutex is given back: set, who does so has just taken the lock; not
 * set, has just dropped it.  Condition and mutex are not shown by themselves; the mutex's
 * entry stands for the lock.
 *
 * Who has dropped it since another asked for it waits by switch_cond until another has it.
 * These two are not shown either.
 */

#include "config.h"

#include "il-interpreter.h"

#include "il-lock.h"
#include "il-place.h"

#define LOCKED_BEFORE_CONDITION 16

/* All that is known of the lock is known from here on.  Whoever takes it signals the other
 * condition under the other mutex, and may wait for that within the wait for the lock. */
static IlEntry *
begin (pthread_mutex_t *mutex)
{
  const char *switch_mutex = (const char *)(mutex + 1) + sizeof (pthread_cond_t);
  IlEntry *entry = il_entry_get (mutex, IL_AT_MUTEX);
  IlSelf *self = il_self;

  if (entry == NULL)
    return NULL;
  il_lock_unchain (self, entry);
  il_entry_renew (mutex, IL_AT_INTERPRETER, IL_LOCK_INTERPRETER, 0);
  if (il_entry_get (switch_mutex, IL_AT_PART) != NULL)
    il_entry_renew (switch_mutex, IL_AT_PART, 0, 0);
  return entry;
}

/**
 * il_interpreter_recognize:
 *
 * Returns: (nullable): the lock that the wait is for; NULL: it is no interpreter's
 */
IlEntry *
il_interpreter_recognize (pthread_cond_t *condition, pthread_mutex_t *mutex, const void *caller)
{
  IlEntry *entry;

  if ((void *)mutex != (void *)(condition + 1) || il_self == NULL)
    return NULL;
  entry = il_entry_find (mutex, IL_AT_MUTEX);
  if (entry != NULL && atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_INTERPRETER)
    return entry;
  return il_place_is_python (caller) ? begin (mutex) : NULL;
}

/**
 * il_interpreter_is_taken:
 * @outer: what a thread has
 * @inner: what it has taken under that
 *
 * Whoever takes the interpreter lock has both mutexes for a moment: it is known by that from its
 * first use on.
 *
 * Returns: whether they are parts of one, and no locks of the program
 */
bool
il_interpreter_is_taken (const IlEntry *outer, const IlEntry *inner, const void *caller)
{
  uintptr_t mutex = atomic_load_explicit (&outer->address, memory_order_relaxed);

  if (atomic_load_explicit (&inner->address, memory_order_relaxed)
          != mutex + sizeof (pthread_mutex_t) + sizeof (pthread_cond_t)
      || !il_place_is_python (caller))
    return false;
  begin ((pthread_mutex_t *)mutex);
  return true;
}

/**
 * il_interpreter_is_switch:
 *
 * Returns: whether somebody waits until another thread has the interpreter lock
 */
bool
il_interpreter_is_switch (pthread_cond_t *condition, pthread_mutex_t *mutex)
{
  const IlEntry *entry;

  if ((void *)mutex != (void *)(condition + 1) || il_self == NULL)
    return false;
  entry = il_entry_find ((const pthread_mutex_t *)(void *)condition - 1, IL_AT_MUTEX);
  return entry != NULL
         && atomic_load_explicit (&entry->at, memory_order_relaxed) == IL_AT_INTERPRETER;
}

/* In how many microseconds the thread looks again. */
static uint32_t
get_nap (clockid_t clock, const struct timespec *until)
{
  struct timespec now;
  int64_t left_us;

  if (clock_gettime (clock, &now) != 0)
    return 0;
  left_us
      = (until->tv_sec - now.tv_sec) * INT64_C (1000000) + (until->tv_nsec - now.tv_nsec) / 1000;
  return left_us > 0 && left_us < INT32_MAX ? (uint32_t)left_us : 0;
}

/**
 * il_interpreter_wait:
 *
 * The thread waits for the lock, once more or for the first time.
 */
void
il_interpreter_wait (IlSelf *self, IlEntry *entry, clockid_t clock, const struct timespec *until,
                     const void *caller)
{
  uint32_t object = il_entry_get_object (entry, caller);

  if (object == 0)
    return;
  if (self->interpreter != entry)
    {
      self->interpreter = entry;
      atomic_fetch_add_explicit (&entry->busy.n_waiters, 1, memory_order_seq_cst);
      il_self_say (self, IL_EVENT_LOCK_WAIT, object,
                   il_self_get_lane (atomic_load_explicit (&entry->holder, memory_order_relaxed)));
      if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) == 0)
        il_self_say (self, IL_EVENT_LOCK_HELD, object, 0);
    }
  il_self_say (self, IL_EVENT_NAP, object, get_nap (clock, until));
}

/**
 * il_interpreter_unlocking:
 *
 * The thread is about to give back the mutex that guards the lock.
 */
void
il_interpreter_unlocking (IlSelf *self, IlEntry *entry)
{
  const char *condition = (const char *)atomic_load_explicit (&entry->address, memory_order_relaxed)
                          - sizeof (pthread_cond_t);
  int is_locked = __atomic_load_n ((const int *)(const void *)(condition - LOCKED_BEFORE_CONDITION),
                                   __ATOMIC_RELAXED);
  uint32_t holder = atomic_load_explicit (&entry->holder, memory_order_relaxed);
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire);

  if (object == 0)
    {
      atomic_store_explicit (&entry->holder, is_locked != 0 ? self->number : 0,
                             memory_order_relaxed);
      return;
    }
  if (is_locked != 0)
    {
      if (holder == self->number)
        return;
      if (self->interpreter == entry)
        {
          self->interpreter = NULL;
          atomic_fetch_sub_explicit (&entry->busy.n_waiters, 1, memory_order_relaxed);
        }
      atomic_store_explicit (&entry->holder, self->number, memory_order_relaxed);
      il_lock_tell_taken (self, entry, IL_EVENT_LOCK_ACQUIRE,
                          atomic_load_explicit (&entry->last, memory_order_relaxed));
      return;
    }
  if (holder != 0 && holder != self->number)
    return;
  atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
  atomic_store_explicit (&entry->last, il_self_lane_plus_1 (self), memory_order_relaxed);
  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
  il_self_say (
      self, IL_EVENT_LOCK_RELEASE, object,
      atomic_load_explicit (&entry->busy.n_waiters, memory_order_relaxed) != 0 ? IL_EVENT_WOKE : 0);
}
