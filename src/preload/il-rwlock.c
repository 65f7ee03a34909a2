/* il-rwlock.c - pthread_rwlock_*
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>

#include "il-lock.h"
#include "il-mark.h"
#include "il-readers.h"
#include "il-real.h"

typedef struct
{
  pthread_rwlock_t *lock;
  IlAccess access;
  clockid_t clock;
  const struct timespec *until; /* NULL: for ever */
  int (*call) (pthread_rwlock_t *, clockid_t, const struct timespec *);
  const void *caller;
} Wait;

/* From here on nobody says that it takes it.  Those who were said to have it are so on, where that
 * cannot be said. */
static bool
fall_quiet (IlSelf *self, IlEntry *entry, uint32_t object)
{
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) == 0
      || atomic_exchange_explicit (&entry->is_told, 0, memory_order_seq_cst) == 0)
    return false;
  if (object != 0 && self->lane.trace == NULL)
    return true;
  atomic_fetch_add_explicit (&entry->n_quiets, 1, memory_order_seq_cst);
  if (object != 0)
    il_self_say (self, IL_EVENT_LOCK_QUIET, object, 0);
  return true;
}

/* Whether somebody waits, or did a short time ago. */
static bool
is_wanted (const IlEntry *entry)
{
  return __atomic_load_n (&entry->busy.credit, __ATOMIC_SEQ_CST) > 0
         || atomic_load_explicit (&entry->busy.n_waiters, memory_order_seq_cst) != 0;
}

/* Who waits since it fell quiet took those that are in it for such as had been said. */
static void
tell_again (IlSelf *self, IlEntry *entry, uint32_t object)
{
  if (object == 0 || self->lane.trace == NULL
      || atomic_load_explicit (&entry->busy.n_waiters, memory_order_seq_cst) == 0)
    return;
  il_readers_tell (self, entry, object);
  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
}

static void
note_reading (IlSelf *self, IlEntry *entry, const void *caller)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire);
  bool is_quiet = !is_wanted (entry) && fall_quiet (self, entry, object);
  IlRead *place;

  if (il_readers_add (self, entry, &place) && is_wanted (entry) && object != 0
      && self->lane.trace != NULL && il_readers_claim_word (entry, place)) /* [R] */
    {
      atomic_store_explicit (&entry->is_ordered, 1, memory_order_relaxed);
      il_self_say_timed (self, caller == NULL);
      if (!il_self_say (self, IL_EVENT_RW_ACQUIRE, object, IL_ACCESS_READ))
        il_lock_count_shared (entry);
    }
  else
    il_lock_count_shared (entry);
  if (is_quiet)
    tell_again (self, entry, object);
}

static void
tell_writing (IlSelf *self, IlEntry *entry, const void *caller)
{
  il_self_say_timed (self, caller == NULL);
  il_lock_tell_taken (self, entry, IL_EVENT_RW_ACQUIRE, IL_ACCESS_WRITE);
}

static void
say_writing (IlSelf *self, IlEntry *entry, const void *caller)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_acquire);
  bool is_known = object != 0 && self->lane.trace != NULL;

  if (is_known && is_wanted (entry))
    {
      atomic_store_explicit (&entry->holder, self->number, memory_order_relaxed);
      tell_writing (self, entry, caller);
      return;
    }
  fall_quiet (self, entry, object);
  atomic_store_explicit (&entry->since, il_lock_stamp_taken (self, entry), memory_order_relaxed);
  atomic_exchange_explicit (&entry->holder, self->number, memory_order_seq_cst); /* [R] */
  if (is_known && atomic_load_explicit (&entry->busy.n_waiters, memory_order_seq_cst) != 0)
    tell_writing (self, entry, caller);
  else
    il_lock_count_shared (entry);
}

static void
note_writing (IlSelf *self, IlEntry *entry, const void *caller)
{
  /* It gave it back in a way that was not seen. */
  if (atomic_load_explicit (&entry->holder, memory_order_relaxed) == self->number)
    il_lock_unchain (self, entry);
  else
    il_lock_trim (self);
  say_writing (self, entry, caller);
  il_lock_chain_writer (self, entry, caller);
}

static void
note_taken (IlSelf *self, pthread_rwlock_t *lock, IlAccess access, const void *caller)
{
  IlEntry *entry = il_entry_get (lock, IL_AT_RWLOCK);

  if (entry == NULL)
    return;
  il_mark_note_rwlock (entry, lock);
  if (access == IL_ACCESS_WRITE)
    note_writing (self, entry, caller);
  else
    note_reading (self, entry, caller);
}

static void
tell_giving (IlSelf *self, IlEntry *entry, uint32_t object, IlAccess access)
{
  bool has_waiters = atomic_load_explicit (&entry->busy.n_waiters, memory_order_relaxed) != 0;
  uint16_t credit = __atomic_load_n (&entry->busy.credit, __ATOMIC_RELAXED);

  atomic_store_explicit (&entry->last, il_self_lane_plus_1 (self), memory_order_relaxed);
  il_self_say (self, IL_EVENT_RW_RELEASE, object, access | (has_waiters ? IL_EVENT_WOKE : 0));
  if (!has_waiters && credit > 0)
    __atomic_store_n (&entry->busy.credit, (uint16_t)(credit - 1), __ATOMIC_RELAXED);
}

/* By another than who has it, which nobody should do, or not seen to be taken.  Who has it from
 * here on is not known. */
static IlAccess
give_unseen (IlSelf *self, IlEntry *entry, uint32_t object)
{
  uint32_t n_counted = atomic_load_explicit (&entry->extra, memory_order_relaxed);
  uint32_t holder = atomic_load_explicit (&entry->holder, memory_order_relaxed);

  while (n_counted > 0)
    if (atomic_compare_exchange_weak_explicit (&entry->extra, &n_counted, n_counted - 1,
                                               memory_order_relaxed, memory_order_relaxed))
      return IL_ACCESS_READ;
  if (holder != 0)
    atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
  if (holder != 0 || il_readers_drop_any (entry))
    {
      atomic_store_explicit (&entry->is_signal, 1, memory_order_relaxed);
      atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
      fall_quiet (self, entry, object);
    }
  return holder != 0 ? IL_ACCESS_WRITE : IL_ACCESS_READ;
}

static void
note_giving (IlSelf *self, pthread_rwlock_t *lock)
{
  IlEntry *entry = il_entry_find (lock, IL_AT_RWLOCK);
  IlAccess access = IL_ACCESS_READ;
  bool is_told = false, is_within = false;
  uint32_t object;

  if (entry == NULL)
    return;
  object = atomic_load_explicit (&entry->object, memory_order_acquire);
  if (atomic_load_explicit (&entry->holder, memory_order_relaxed) == self->number)
    {
      il_lock_unchain (self, entry);
      atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
      access = IL_ACCESS_WRITE;
      is_told = atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0;
    }
  else if (!il_readers_remove (self, entry, &is_told, &is_within))
    access = give_unseen (self, entry, object);
  if (object != 0 && !is_within
      && (is_told || atomic_load_explicit (&entry->busy.n_waiters, memory_order_relaxed) != 0))
    tell_giving (self, entry, object, access);
}

static IlEntry *
begin_wait (IlSelf *self, const Wait *wait)
{
  IlEntry *entry = il_entry_get (wait->lock, IL_AT_RWLOCK);
  uint32_t object, met_plus_1;
  pid_t writer;
  uint64_t since;

  if (entry == NULL)
    return NULL;
  il_self_need_lane (self);
  il_mark_note_rwlock (entry, wait->lock);
  object = il_entry_need_object (entry, wait->caller);
  __atomic_store_n (&entry->busy.credit, IL_CREDIT, __ATOMIC_RELAXED);
  atomic_fetch_add_explicit (&entry->busy.n_waiters, 1, memory_order_seq_cst); /* [R] */
  self->paused_for = entry;
  il_lock_let_pass (entry);
  since = atomic_load_explicit (&entry->since, memory_order_relaxed);
  met_plus_1 = il_self_get_lane (atomic_load_explicit (&entry->holder, memory_order_relaxed));
  il_self_say_timed (self, wait->until != NULL);
  il_self_say_shared (self, wait->lock->__data.__shared != 0);
  if (object == 0)
    {
      il_self_say (self, IL_EVENT_JOIN_WAIT, IL_CALL_OBJECT, met_plus_1);
      return entry;
    }
  il_self_say (self, IL_EVENT_RW_WAIT, object, wait->access | met_plus_1 << 1);
  writer = __atomic_load_n (&wait->lock->__data.__cur_writer, __ATOMIC_RELAXED);
  if (met_plus_1 == 0 && wait->lock->__data.__shared == 0 && il_self_is_elsewhere (writer))
    {
      il_self_say (self, IL_EVENT_LOCK_COPIED, object,
                   il_trace_find_lane (il_process.trace, writer));
      return entry;
    }
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
    return entry;
  if (met_plus_1 != 0)
    il_self_say (self, IL_EVENT_LOCK_HELD, object,
                 il_lock_get_length (since, il_self_stamp (self)));
  else
    il_readers_tell (self, entry, object);
  /* Whoever has it says so when it gives it back, even if nobody waits by then any more. */
  atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
  return entry;
}

static void
end_wait (IlSelf *self, IlEntry *entry, const Wait *wait, bool has_it)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_relaxed);

  self->paused_for = NULL;
  atomic_fetch_sub_explicit (&entry->busy.n_waiters, 1, memory_order_relaxed);
  if (object == 0)
    il_self_say (self, IL_EVENT_JOIN_END, 0, 0);
  else if (!has_it)
    il_self_say (self, IL_EVENT_WAIT_CANCELLED, object, 0);
  if (!has_it)
    return;
  note_taken (self, wait->lock, wait->access, wait->until == NULL ? wait->caller : NULL);
  if (atomic_load_explicit (&entry->is_told, memory_order_relaxed) != 0)
    il_lock_tell_waker (self, entry);
}

static int
try (const Wait *wait)
{
  return wait->access == IL_ACCESS_WRITE ? il_real.pthread_rwlock_trywrlock (wait->lock)
                                         : il_real.pthread_rwlock_tryrdlock (wait->lock);
}

static int
take (const Wait *wait)
{
  IlSelf *self = il_self_get ();
  IlEntry *entry;
  int result;

  if (self == NULL || !il_real_is_time (wait->clock, wait->until))
    return wait->call (wait->lock, wait->clock, wait->until);
  result = try (wait);
  if (result == 0)
    {
      note_taken (self, wait->lock, wait->access, wait->until == NULL ? wait->caller : NULL);
      return 0;
    }
  entry = begin_wait (self, wait);
  result = wait->call (wait->lock, wait->clock, wait->until);
  if (entry != NULL)
    end_wait (self, entry, wait, result == 0);
  return result;
}

static int
read_for_ever (pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
  return il_real.pthread_rwlock_rdlock (lock);
}

static int
read_by_wall (pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
  return il_real.pthread_rwlock_timedrdlock (lock, until);
}

static int
write_for_ever (pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
  return il_real.pthread_rwlock_wrlock (lock);
}

static int
write_by_wall (pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
  return il_real.pthread_rwlock_timedwrlock (lock, until);
}

IL_EXPORT int
pthread_rwlock_rdlock (pthread_rwlock_t *lock)
{
  il_real_need ();
  return take (
      &(Wait){ lock, IL_ACCESS_READ, 0, NULL, read_for_ever, __builtin_return_address (0) });
}

IL_EXPORT int
pthread_rwlock_timedrdlock (pthread_rwlock_t *lock, const struct timespec *until)
{
  il_real_need ();
  return take (
      &(Wait){ lock, IL_ACCESS_READ, 0, until, read_by_wall, __builtin_return_address (0) });
}

IL_EXPORT int
pthread_rwlock_clockrdlock (pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
  il_real_need ();
  if (il_real.pthread_rwlock_clockrdlock == NULL)
    return ENOSYS;
  return take (&(Wait){ lock, IL_ACCESS_READ, clock, until, il_real.pthread_rwlock_clockrdlock,
                        __builtin_return_address (0) });
}

IL_EXPORT int
pthread_rwlock_wrlock (pthread_rwlock_t *lock)
{
  il_real_need ();
  return take (
      &(Wait){ lock, IL_ACCESS_WRITE, 0, NULL, write_for_ever, __builtin_return_address (0) });
}

IL_EXPORT int
pthread_rwlock_timedwrlock (pthread_rwlock_t *lock, const struct timespec *until)
{
  il_real_need ();
  return take (
      &(Wait){ lock, IL_ACCESS_WRITE, 0, until, write_by_wall, __builtin_return_address (0) });
}

IL_EXPORT int
pthread_rwlock_clockwrlock (pthread_rwlock_t *lock, clockid_t clock, const struct timespec *until)
{
  il_real_need ();
  if (il_real.pthread_rwlock_clockwrlock == NULL)
    return ENOSYS;
  return take (&(Wait){ lock, IL_ACCESS_WRITE, clock, until, il_real.pthread_rwlock_clockwrlock,
                        __builtin_return_address (0) });
}

static int
take_if_free (pthread_rwlock_t *lock, IlAccess access)
{
  const Wait wait = { .lock = lock, .access = access };
  IlSelf *self;
  int result;

  il_real_need ();
  self = il_self_get ();
  result = try (&wait);
  if (self != NULL && result == 0)
    note_taken (self, lock, access, NULL);
  return result;
}

IL_EXPORT int
pthread_rwlock_tryrdlock (pthread_rwlock_t *lock)
{
  return take_if_free (lock, IL_ACCESS_READ);
}

IL_EXPORT int
pthread_rwlock_trywrlock (pthread_rwlock_t *lock)
{
  return take_if_free (lock, IL_ACCESS_WRITE);
}

IL_EXPORT int
pthread_rwlock_unlock (pthread_rwlock_t *lock)
{
  IlSelf *self = il_self;

  il_real_need ();
  if (self != NULL)
    note_giving (self, lock);
  return il_real.pthread_rwlock_unlock (lock);
}

IL_EXPORT int
pthread_rwlock_init (pthread_rwlock_t *lock, const pthread_rwlockattr_t *attributes)
{
  il_real_need ();
  il_entry_renew (lock, IL_AT_RWLOCK, 0, 0);
  return il_real.pthread_rwlock_init (lock, attributes);
}

IL_EXPORT int
pthread_rwlock_destroy (pthread_rwlock_t *lock)
{
  il_real_need ();
  il_entry_forget (lock);
  return il_real.pthread_rwlock_destroy (lock);
}
