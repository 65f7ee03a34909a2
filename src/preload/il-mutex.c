/* il-mutex.c - pthread_mutex_*
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>

#include "il-lock.h"
#include "il-mark.h"
#include "il-mutex.h"
#include "il-real.h"

/* Of the kind of a mutex, as glibc has it: processes may share it.  Each robust one has it. */
#define SHARED_BIT 128

/* Who dies of it takes a robust one over: that is an acquisition, too. */
static inline bool
has_got (int result)
{
  return result == 0 || result == EOWNERDEAD;
}

/* Bits of a mutex's kind, as glibc has them beside the type. */
#define ROBUST 16
#define PRIORITY (32 | 64) /* inherited, or a ceiling */

#define NOT_PLAIN (3 | ROBUST | PRIORITY | SHARED_BIT)

/* Of one that is several of these, what matters most to who waits. */
static uint8_t
get_kind (const pthread_mutex_t *mutex)
{
  int kind = mutex->__data.__kind;

  if ((kind & 3) == PTHREAD_MUTEX_RECURSIVE_NP)
    return IL_LOCK_RECURSIVE;
  if ((kind & PRIORITY) != 0)
    return IL_LOCK_PRIORITY;
  if ((kind & ROBUST) != 0)
    return IL_LOCK_ROBUST;
  return (kind & 3) == PTHREAD_MUTEX_ERRORCHECK_NP ? IL_LOCK_CHECKING : IL_LOCK_PLAIN;
}

/* Whom the mutex itself names as its owner, where it does. */
static pid_t
get_owner (const pthread_mutex_t *mutex)
{
  return __atomic_load_n (&mutex->__data.__owner, __ATOMIC_RELAXED);
}

/* Who has one of this kind is refused it at once, and does not wait. */
static bool
is_refused (const IlSelf *self, const pthread_mutex_t *mutex)
{
  const IlEntry *entry;

  if ((mutex->__data.__kind & 3) != PTHREAD_MUTEX_ERRORCHECK_NP)
    return false;
  entry = il_entry_find (mutex, IL_AT_MUTEX);
  return entry != NULL
         && atomic_load_explicit (&entry->holder, memory_order_relaxed) == self->number;
}

static IlEntry *
begin_wait (IlSelf *self, pthread_mutex_t *mutex, bool is_timed, const void *caller, void *frame)
{
  IlEntry *entry = il_entry_get (mutex, IL_AT_MUTEX);

  if (entry == NULL || atomic_load_explicit (&entry->at, memory_order_relaxed) >= IL_AT_INTERPRETER)
    return NULL;
  il_mark_note_mutex (entry, mutex);
  if (atomic_load_explicit (&entry->object, memory_order_relaxed) == 0)
    entry->kind = get_kind (mutex);
  if ((mutex->__data.__kind & SHARED_BIT) != 0)
    {
      il_shared_prepare (entry, 0, caller);
      il_self_say_shared (self,
                          atomic_load_explicit (&entry->is_private, memory_order_relaxed) == 0);
    }
  il_lock_wait (self, entry,
                atomic_load_explicit (&entry->holder, memory_order_relaxed) == 0 ? get_owner (mutex)
                                                                                 : 0,
                is_timed, caller, frame);
  return entry;
}

/* Before there is an object of it, which may be without anybody's having waited, and when the mutex
 * may be gone: as where it is told within what it was taken. */
static void
note_kind (IlEntry *entry, const pthread_mutex_t *mutex, const void *caller)
{
  bool is_shared = (mutex->__data.__kind & SHARED_BIT) != 0;

  if (is_shared ? !il_shared_is (entry)
                : atomic_load_explicit (&entry->object, memory_order_relaxed) == 0)
    entry->kind = get_kind (mutex);
  if (is_shared)
    il_shared_prepare (entry, 0, caller);
}

static __attribute__ ((noinline)) void
note_nature (IlEntry *entry, pthread_mutex_t *mutex, const void *caller)
{
  il_mark_note_mutex (entry, mutex);
  if ((mutex->__data.__kind & NOT_PLAIN) != 0)
    note_kind (entry, mutex, caller);
}

static inline void
note_taken (IlSelf *self, pthread_mutex_t *mutex, const void *caller, bool is_tried)
{
  IlEntry *entry = il_entry_get (mutex, IL_AT_MUTEX);

  if (IL_UNLIKELY (entry == NULL))
    return;
  if (IL_UNLIKELY (!il_mark_is_on_plain_mutex (mutex)))
    note_nature (entry, mutex, caller);
  il_lock_taken (self, entry, IL_AT_MUTEX, is_tried ? NULL : caller);
}

#define NOT_TRIED (-1)

/* After a first try, and what that said: it must not be tried twice, since one that had the lock of
 * a dead owner would wait for itself. */
static __attribute__ ((noinline)) int
lock_slowly (pthread_mutex_t *mutex, int result, const void *caller)
{
  IlSelf *self;
  IlEntry *entry;

  il_real_need ();
  self = il_self_get ();
  if (self == NULL)
    return has_got (result) ? result : il_real.pthread_mutex_lock (mutex);
  if (result == NOT_TRIED)
    result = il_real.pthread_mutex_trylock (mutex);
  if (has_got (result))
    {
      note_taken (self, mutex, caller, false);
      return result;
    }
  if (result != EBUSY || is_refused (self, mutex))
    return il_real.pthread_mutex_lock (mutex);
  entry = begin_wait (self, mutex, false, caller, __builtin_frame_address (0));
  result = il_real.pthread_mutex_lock (mutex);
  if (entry != NULL)
    il_lock_waited (self, entry, has_got (result));
  return result;
}

/**
 * il_mutex_lock:
 * @caller: where the program wants it
 */
int
il_mutex_lock (pthread_mutex_t *mutex, const void *caller)
{
  return lock_slowly (mutex, NOT_TRIED, caller);
}

static __attribute__ ((noinline)) int
lock_beside_others (pthread_mutex_t *mutex, const void *caller)
{
  IlSelf *self = il_self;
  int result;

  if (IL_UNLIKELY (self == NULL))
    return lock_slowly (mutex, NOT_TRIED, caller);
  result = il_real.pthread_mutex_trylock (mutex);
  if (IL_UNLIKELY (result != 0))
    return lock_slowly (mutex, result, caller);
  note_taken (self, mutex, caller, false);
  return 0;
}

/* Where there is but one thread, the C library does without what keeps others out, which a try
 * would not.  A plain mutex that is free is had at once there, since nobody else can come first,
 * and who has it need not be noted: it says so itself.  What makes it so is written here, since to
 * be called in between costs as much again: see knows_alone() in il-self.c. */
static inline bool
is_had_alone (const IlSelf *self, const pthread_mutex_t *mutex)
{
  IlEntry *entry = il_entry_place (mutex);

  if (self->top != NULL || mutex->__data.__kind != PTHREAD_MUTEX_TIMED_NP
      || mutex->__data.__lock != 0
      || atomic_load_explicit (&entry->address, memory_order_relaxed) != (uintptr_t)mutex
      || atomic_load_explicit (&entry->tick, memory_order_relaxed)
             != atomic_load_explicit (il_process.tick, memory_order_relaxed))
    return false;
  il_lock_count_own (entry);
  return true;
}

IL_EXPORT int
pthread_mutex_lock (pthread_mutex_t *mutex)
{
  const IlSelf *self = il_self;

  if (*il_process.is_alone == 0 || self == NULL || !is_had_alone (self, mutex))
    return lock_beside_others (mutex, __builtin_return_address (0));
  mutex->__data.__lock = 1;
  mutex->__data.__owner = self->tid;
  mutex->__data.__nusers++;
  return 0;
}

IL_EXPORT int
pthread_mutex_trylock (pthread_mutex_t *mutex)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = il_self_get ();
  result = il_real.pthread_mutex_trylock (mutex);
  if (self != NULL && has_got (result))
    note_taken (self, mutex, __builtin_return_address (0), true);
  return result;
}

typedef int (*Wait) (pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until);

static int
wait_by_wall (pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
  return il_real.pthread_mutex_timedlock (mutex, until);
}

static int
lock_until (Wait wait, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until,
            const void *caller)
{
  IlSelf *self = il_self_get ();
  IlEntry *entry;
  int result;

  if (self == NULL)
    return wait (mutex, clock, until);
  result = il_real.pthread_mutex_trylock (mutex);
  if (has_got (result))
    {
      note_taken (self, mutex, caller, true);
      return result;
    }
  entry = begin_wait (self, mutex, true, caller, __builtin_frame_address (0));
  result = wait (mutex, clock, until);
  if (entry != NULL)
    il_lock_waited (self, entry, has_got (result));
  return result;
}

/**
 * il_mutex_lock_until:
 * @until: by CLOCK_REALTIME
 * @caller: where the program wants it
 */
int
il_mutex_lock_until (pthread_mutex_t *mutex, const struct timespec *until, const void *caller)
{
  il_real_need ();
  return lock_until (wait_by_wall, mutex, CLOCK_REALTIME, until, caller);
}

IL_EXPORT int
pthread_mutex_timedlock (pthread_mutex_t *mutex, const struct timespec *until)
{
  return il_mutex_lock_until (mutex, until, __builtin_return_address (0));
}

IL_EXPORT int
pthread_mutex_clocklock (pthread_mutex_t *mutex, clockid_t clock, const struct timespec *until)
{
  il_real_need ();
  if (il_real.pthread_mutex_clocklock == NULL)
    return ENOSYS;
  /* Of the time it asks only where it must wait, as the real one does. */
  if (!il_real_has_clock (clock))
    return il_real.pthread_mutex_clocklock (mutex, clock, until);
  return lock_until (il_real.pthread_mutex_clocklock, mutex, clock, until,
                     __builtin_return_address (0));
}

static __attribute__ ((noinline)) int
unlock_beside_others (pthread_mutex_t *mutex)
{
  IlSelf *self = il_self;
  IlEntry *entry;

  if (IL_UNLIKELY (self == NULL))
    il_real_need ();
  /* Alone it has none that it is known to have: see is_had_alone(). */
  else if (self->top != NULL || *il_process.is_alone == 0)
    {
      entry = il_entry_find (mutex, IL_AT_MUTEX);
      if (IL_LIKELY (entry != NULL))
        il_lock_giving (self, entry);
    }
  return il_real.pthread_mutex_unlock (mutex);
}

IL_EXPORT int
pthread_mutex_unlock (pthread_mutex_t *mutex)
{
  const IlSelf *self = il_self;

  if (*il_process.is_alone == 0 || self == NULL || self->top != NULL
      || mutex->__data.__kind != PTHREAD_MUTEX_TIMED_NP || mutex->__data.__lock != 1
      || mutex->__data.__owner != self->tid)
    return unlock_beside_others (mutex);
  mutex->__data.__owner = 0;
  mutex->__data.__nusers--;
  mutex->__data.__lock = 0;
  return 0;
}

IL_EXPORT int
pthread_mutex_init (pthread_mutex_t *mutex, const pthread_mutexattr_t *attributes)
{
  int result;

  il_real_need ();
  result = il_real.pthread_mutex_init (mutex, attributes);
  if (result == 0)
    il_entry_renew (mutex, IL_AT_MUTEX, get_kind (mutex), 0);
  return result;
}

IL_EXPORT int
pthread_mutex_destroy (pthread_mutex_t *mutex)
{
  il_real_need ();
  il_entry_forget (mutex);
  return il_real.pthread_mutex_destroy (mutex);
}
