/* il-semaphore.c - sem_*
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One of a single unit is a lock if who takes it gives it back.  All others are semaphores, and so
 * is what a thread takes to be woken by it: it wants it again before it has given it back.  Once
 * that has happened it is seen by who gives it back; before, by the lock that it lets go of
 * meanwhile, under which another will find out whom to wake, as Python's Condition does.  Else it
 * waits for itself.  One that a thread of Python has as long as it lives is waited for to its end:
 * that is no wait for a lock.
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>

#include "il-kept.h"
#include "il-lock.h"
#include "il-nested.h"
#include "il-pause.h"
#include "il-python.h"
#include "il-real.h"

static uint32_t
get_units (sem_t *semaphore)
{
  int value = 0;

  il_real.sem_getvalue (semaphore, &value);
  return value > 0 ? (uint32_t)value : 0;
}

/* As glibc has it, behind the count. */
static bool
is_between_processes (const sem_t *semaphore)
{
#if __SIZEOF_POINTER__ == 8
  return ((const int *)(const void *)semaphore)[2] != 0;
#else
  return false;
#endif
}

/* The count at the start, of which one is taken. */
static void
prepare (IlEntry *entry, sem_t *semaphore, uint32_t n_taken, const void *caller)
{
  if (is_between_processes (semaphore))
    il_shared_prepare (entry, il_shared_get_start (semaphore, get_units (semaphore) + n_taken),
                       caller);
}

static bool
is_lock (const IlEntry *entry)
{
  if (il_shared_is (entry))
    return entry->kind == IL_LOCK_BINARY;
  return entry->value == 1
         && (entry->kind == IL_LOCK_BINARY
             || atomic_load_explicit (&entry->object, memory_order_relaxed) == 0);
}

/* Whether the thread would not have waited for it, or not for ever, which is asked only where it
 * matters: if it has another lock, under which it was not seen to want this one. */
static bool
goes_on_without (const IlSelf *self, const IlEntry *entry, const void *caller)
{
  return self->top != NULL && !il_lock_is_usual (self, self->top, entry)
         && il_python_may_go_on (caller);
}

/* is_tried: by a call that does not wait for ever. */
static void
note_taken (IlSelf *self, sem_t *semaphore, const void *caller, bool is_tried)
{
  IlEntry *entry = il_entry_get (semaphore, IL_AT_SEMAPHORE);
  bool goes_on;

  if (IL_UNLIKELY (!self->is_named) && self->lane.trace != NULL)
    il_python_name_thread (self, caller);
  if (entry == NULL)
    return;
  prepare (entry, semaphore, 1, caller);
  goes_on = is_tried && goes_on_without (self, entry, caller);
  if (is_lock (entry))
    {
      /* Taken again by who has it: it was given back by somebody that is not followed. */
      if (atomic_load_explicit (&entry->holder, memory_order_relaxed) == self->number)
        il_lock_unchain (self, entry);
      atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
      atomic_store_explicit (&entry->is_crossed, 0, memory_order_relaxed);
      il_lock_taken (self, entry, IL_AT_SEMAPHORE, goes_on ? NULL : caller);
    }
  else if (entry->busy.credit > 0 && self->lane.trace != NULL)
    {
      entry->busy.credit--;
      il_self_say_timed (self, goes_on);
      il_lock_tell_taken (self, entry, IL_EVENT_SEM_ACQUIRE, get_units (semaphore));
    }
  else
    il_lock_count_shared (entry);
}

typedef struct
{
  sem_t *semaphore;
  clockid_t clock;
  const struct timespec *until;
  int (*call) (sem_t *, clockid_t, const struct timespec *);
  const void *caller;
  IlSelf *self;
  IlEntry *entry;
  bool is_lock;
  IlPause join; /* of nobody: it waits for no thread to end */
} Wait;

static int
wait_for_ever (sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
  return il_real.sem_wait (semaphore);
}

static int
wait_by_wall (sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
  return il_real.sem_timedwait (semaphore, until);
}

/* Whether who waits for it does so to be woken by another.  Of one that nobody has, as far as is
 * known, who has it has just not come to say so, or gives it back in this moment. */
static bool
is_signal (const IlEntry *entry, uint32_t holder, uint32_t own)
{
  if (holder != own && holder != 0)
    return false;
  return atomic_load_explicit (&entry->is_signal, memory_order_relaxed) != 0
         || (holder == own && atomic_load_explicit (&entry->is_crossed, memory_order_relaxed) != 0);
}

static bool
is_of_end (const Wait *wait)
{
  IlKeptUses *uses = il_kept_of (wait->entry);

  if (!uses->is_looked_at)
    {
      uses->is_of_end = il_python_is_joining (wait->caller);
      uses->is_looked_at = true;
    }
  return uses->is_of_end;
}

static void
begin_wait (Wait *wait, void *frame)
{
  IlEntry *entry = il_entry_get (wait->semaphore, IL_AT_SEMAPHORE);
  uint32_t holder, object;
  IlKeptUses *uses;

  wait->entry = entry;
  if (entry == NULL)
    return;
  holder = atomic_load_explicit (&entry->holder, memory_order_relaxed);
  if (is_of_end (wait))
    {
      wait->join = il_pause_join (IL_CALL_JOIN, il_self_get_lane (holder), wait->until != NULL);
      return;
    }
  prepare (entry, wait->semaphore, 0, wait->caller);
  il_self_say_shared (wait->self,
                      is_between_processes (wait->semaphore)
                          && atomic_load_explicit (&entry->is_private, memory_order_relaxed) == 0);
  if (atomic_load_explicit (&entry->object, memory_order_relaxed) == 0 && entry->value == 1
      && !is_signal (entry, holder, wait->self->number))
    entry->kind = IL_LOCK_BINARY;
  wait->is_lock = entry->kind == IL_LOCK_BINARY;
  il_self_need_lane (wait->self);
  uses = il_kept_of (entry);
  if (uses->used_at == 0
      && (atomic_load_explicit (&entry->object, memory_order_relaxed) == 0
          || (il_shared_is (entry) && !uses->is_named)))
    uses->used_at = il_python_find_use (wait->caller, IL_PYTHON_ALL_FRAMES);
  object = il_entry_need_object (entry, wait->caller);
  il_kept_tell_use (wait->self, entry);
  if (wait->is_lock)
    {
      il_lock_wait (wait->self, entry, 0, wait->until != NULL, wait->caller, frame);
      return;
    }
  /* What it has taken is no lock. */
  if (holder != 0 && holder == wait->self->number)
    {
      il_lock_unchain (wait->self, entry);
      atomic_store_explicit (&entry->holder, 0, memory_order_relaxed);
    }
  entry->busy.credit = IL_CREDIT;
  atomic_fetch_add_explicit (&entry->busy.n_waiters, 1, memory_order_seq_cst);
  wait->self->paused_for = entry;
  if (il_shared_is (entry))
    atomic_fetch_add_explicit (&entry->common->n_waiters, 1, memory_order_relaxed);
  il_self_say_timed (wait->self, wait->until != NULL);
  if (object != 0)
    il_self_say (wait->self, IL_EVENT_SEM_WAIT, object, 0);
  else
    il_self_say (wait->self, IL_EVENT_JOIN_WAIT, IL_CALL_OBJECT, 0);
}

static void
end_wait (Wait *wait, bool has_it)
{
  uint32_t object;

  if (wait->entry == NULL)
    return;
  if (wait->join.self != NULL)
    {
      il_pause_end (&wait->join);
      /* As if it was tried: in no order with what it has, since it waited for an end. */
      if (has_it)
        note_taken (wait->self, wait->semaphore, wait->caller, true);
      return;
    }
  if (wait->is_lock)
    {
      il_lock_waited (wait->self, wait->entry, has_it);
      return;
    }
  wait->self->paused_for = NULL;
  object = atomic_load_explicit (&wait->entry->object, memory_order_relaxed);
  atomic_fetch_sub_explicit (&wait->entry->busy.n_waiters, 1, memory_order_relaxed);
  if (il_shared_is (wait->entry))
    atomic_fetch_sub_explicit (&wait->entry->common->n_waiters, 1, memory_order_relaxed);
  if (object == 0)
    il_self_say (wait->self, IL_EVENT_JOIN_END, 0, 0);
  else if (!has_it)
    il_self_say (wait->self, IL_EVENT_WAIT_CANCELLED, object, 0);
  else
    {
      il_lock_tell_taken (wait->self, wait->entry, IL_EVENT_SEM_ACQUIRE,
                          get_units (wait->semaphore));
      il_lock_tell_waker (wait->self, wait->entry);
    }
}

/* The thread is cancelled while it waits. */
static void
end_cancelled_wait (void *data)
{
  end_wait (data, false);
}

static int
do_wait (Wait *wait)
{
  int saved_errno = errno, result;

  wait->self = il_self_get ();
  if (wait->self == NULL || !il_real_is_time (wait->clock, wait->until))
    return wait->call (wait->semaphore, wait->clock, wait->until);
  if (il_real.sem_trywait (wait->semaphore) == 0)
    {
      note_taken (wait->self, wait->semaphore, wait->caller, wait->until != NULL);
      return 0;
    }
  errno = saved_errno;
  begin_wait (wait, __builtin_frame_address (0));
  pthread_cleanup_push (end_cancelled_wait, wait);
  result = wait->call (wait->semaphore, wait->clock, wait->until);
  pthread_cleanup_pop (0);
  end_wait (wait, result == 0);
  return result;
}

IL_EXPORT int
sem_wait (sem_t *semaphore)
{
  Wait wait
      = { .semaphore = semaphore, .call = wait_for_ever, .caller = __builtin_return_address (0) };

  il_real_need ();
  return do_wait (&wait);
}

IL_EXPORT int
sem_timedwait (sem_t *semaphore, const struct timespec *until)
{
  Wait wait = { .semaphore = semaphore,
                .until = until,
                .call = wait_by_wall,
                .caller = __builtin_return_address (0) };

  il_real_need ();
  return do_wait (&wait);
}

IL_EXPORT int
sem_clockwait (sem_t *semaphore, clockid_t clock, const struct timespec *until)
{
  Wait wait = {
    .semaphore = semaphore, .clock = clock, .until = until, .caller = __builtin_return_address (0)
  };

  il_real_need ();
  wait.call = il_real.sem_clockwait;
  if (wait.call != NULL)
    return do_wait (&wait);
  errno = ENOSYS;
  return -1;
}

IL_EXPORT int
sem_trywait (sem_t *semaphore)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = il_self_get ();
  result = il_real.sem_trywait (semaphore);
  if (self != NULL && result == 0)
    note_taken (self, semaphore, __builtin_return_address (0), true);
  return result;
}

/* By who gives it back it is seen what it is used for. */
static void
note_giver (IlSelf *self, IlEntry *entry)
{
  if (atomic_load_explicit (&entry->holder, memory_order_relaxed) == self->number)
    {
      if (IL_UNLIKELY (atomic_load_explicit (&entry->is_returned, memory_order_relaxed) == 0
                       || atomic_load_explicit (&entry->is_nameless, memory_order_relaxed) != 0))
        {
          atomic_store_explicit (&entry->is_returned, 1, memory_order_relaxed);
          il_nested_returned (self, entry);
        }
    }
  else if (atomic_exchange_explicit (&entry->is_signal, 1, memory_order_relaxed) == 0
           && atomic_load_explicit (&entry->object, memory_order_relaxed) != 0)
    /* What was said of it so far was said of a lock: this is told, whether anybody waits or not. */
    atomic_store_explicit (&entry->is_told, 1, memory_order_relaxed);
}

IL_EXPORT int
sem_post (sem_t *semaphore)
{
  IlSelf *self = il_self;
  IlEntry *entry;
  uint32_t n_waiters, object;

  il_real_need ();
  entry = self != NULL ? il_entry_find (semaphore, IL_AT_SEMAPHORE) : NULL;
  if (entry == NULL)
    return il_real.sem_post (semaphore);
  if (il_shared_is (entry))
    il_shared_prepare (entry, 0, NULL);
  if (is_lock (entry))
    {
      note_giver (self, entry);
      il_lock_giving (self, entry);
      return il_real.sem_post (semaphore);
    }
  object = atomic_load_explicit (&entry->object, memory_order_acquire);
  n_waiters = il_lock_count_waiters (entry);
  if (object != 0 && (n_waiters != 0 || entry->busy.credit != 0))
    {
      atomic_store_explicit (&entry->last, il_self_lane_plus_1 (self), memory_order_relaxed);
      il_self_say (self, IL_EVENT_SEM_POST, object,
                   (get_units (semaphore) + 1) | (n_waiters != 0 ? IL_EVENT_WOKE : 0));
    }
  return il_real.sem_post (semaphore);
}

IL_EXPORT int
sem_init (sem_t *semaphore, int is_shared, unsigned value)
{
  int result;

  il_real_need ();
  result = il_real.sem_init (semaphore, is_shared, value);
  if (result == 0)
    il_entry_renew (semaphore, IL_AT_SEMAPHORE, 0, value);
  if (result == 0 && is_shared != 0)
    il_shared_note_start (semaphore, value);
  return result;
}

IL_EXPORT int
sem_destroy (sem_t *semaphore)
{
  il_real_need ();
  il_entry_forget (semaphore);
  return il_real.sem_destroy (semaphore);
}

IL_EXPORT sem_t *
sem_open (const char *name, int flags, ...)
{
  sem_t *semaphore;
  va_list more;
  mode_t mode;
  unsigned value;

  il_real_need ();
  if ((flags & O_CREAT) == 0)
    semaphore = il_real.sem_open (name, flags);
  else
    {
      va_start (more, flags);
      mode = va_arg (more, mode_t);
      value = va_arg (more, unsigned);
      va_end (more);
      semaphore = il_real.sem_open (name, flags, mode, value);
    }
  if (semaphore != SEM_FAILED && (flags & O_CREAT) != 0)
    il_shared_note_start (semaphore, get_units (semaphore));
  if (semaphore != SEM_FAILED && il_self_get () != NULL)
    il_entry_renew (semaphore, IL_AT_SEMAPHORE, 0, get_units (semaphore));
  return semaphore;
}
