/* il-condition.c - pthread_cond_*, of the version that programs are linked to today
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs that were linked before 2003 use those of another version, which keep a pointer where
 * these have all that they need; they are left alone.
 */

#include "config.h"

#include "il-condition.h"

#include <errno.h>

#include "il-interpreter.h"
#include "il-lock.h"
#include "il-real.h"

#if defined(__x86_64__)
#define VERSION(name) __asm__(".symver il_" #name ", " #name "@@GLIBC_2.3.2")
#define NAME(name) il_##name
VERSION (pthread_cond_wait);
VERSION (pthread_cond_timedwait);
VERSION (pthread_cond_signal);
VERSION (pthread_cond_broadcast);
VERSION (pthread_cond_destroy);
int il_pthread_cond_wait (pthread_cond_t *condition, pthread_mutex_t *mutex);
int il_pthread_cond_timedwait (pthread_cond_t *condition, pthread_mutex_t *mutex,
                               const struct timespec *until);
int il_pthread_cond_signal (pthread_cond_t *condition);
int il_pthread_cond_broadcast (pthread_cond_t *condition);
int il_pthread_cond_destroy (pthread_cond_t *condition);
#else
#define NAME(name) name
#endif

typedef struct
{
  pthread_cond_t *condition;
  pthread_mutex_t *mutex;
  clockid_t clock;
  const struct timespec *until; /* NULL: for ever */
  const void *caller;
  int (*call) (pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *);
  IlSelf *self;
  IlEntry *entry; /* of the condition */
  IlEntry *guard; /* of the mutex */
  bool is_switch;
} Wait;

static int
wait_for_ever (pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
               const struct timespec *until)
{
  return il_real.pthread_cond_wait (condition, mutex);
}

static int
wait_by_own_clock (pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                   const struct timespec *until)
{
  return il_real.pthread_cond_timedwait (condition, mutex, until);
}

/* Bit 0 of the waiters' word. */
static bool
is_between_processes (const pthread_cond_t *condition)
{
  return (condition->__data.__wrefs & 1) != 0;
}

/* Who waits again for the same condition, and has not given the mutex back since a broadcast woke
 * it, was woken for nothing.  That is seen when it does so: the mutex must not be given back by the
 * short way.  Of one that was woken alone it cannot be told from who took what there was. */
static void
watch_for_waste (Wait *wait)
{
  if (atomic_load_explicit (&wait->entry->n_notified, memory_order_relaxed) < 2)
    return;
  wait->self->woken_by = wait->entry;
  atomic_store_explicit (&wait->guard->is_woken, 1, memory_order_relaxed);
  if (wait->guard->busy.credit == 0)
    wait->guard->busy.credit = 1;
}

static bool
is_wasted (const Wait *wait)
{
  return wait->guard != NULL && wait->self->woken_by == wait->entry
         && atomic_load_explicit (&wait->guard->is_woken, memory_order_relaxed) != 0
         && wait->guard->busy.depth == 0
         && atomic_load_explicit (&wait->guard->holder, memory_order_relaxed) == wait->self->number;
}

static void
end_wait (Wait *wait, int result)
{
  uint32_t object;

  if (wait->is_switch)
    il_self_say (wait->self, IL_EVENT_JOIN_END, 0, 0);
  if (wait->entry == NULL)
    return;
  wait->self->paused_for = NULL;
  object = atomic_load_explicit (&wait->entry->object, memory_order_relaxed);
  atomic_fetch_sub_explicit (&wait->entry->busy.n_waiters, 1, memory_order_relaxed);
  if (object == 0)
    il_self_say (wait->self, IL_EVENT_JOIN_END, 0, 0);
  else if (result == 0)
    il_self_say (wait->self, IL_EVENT_COND_WOKEN, object,
                 atomic_load_explicit (&wait->entry->extra, memory_order_relaxed));
  else
    il_self_say (wait->self, IL_EVENT_WAIT_CANCELLED, object, 0);
  if (wait->guard != NULL && result != EINVAL && result != EPERM)
    il_lock_taken (wait->self, wait->guard, IL_AT_MUTEX, wait->caller);
  if (wait->guard != NULL && result == 0 && object != 0)
    watch_for_waste (wait);
}

/* The thread is cancelled while it waits: it has the mutex again. */
static void
end_cancelled_wait (void *data)
{
  end_wait (data, ECANCELED);
}

static void
begin_wait (Wait *wait)
{
  uint32_t object;

  wait->entry = il_entry_get (wait->condition, IL_AT_CONDITION);
  if (wait->entry == NULL)
    return;
  object = il_entry_need_object (wait->entry, wait->caller);
  atomic_fetch_add_explicit (&wait->entry->busy.n_waiters, 1, memory_order_seq_cst);
  wait->self->paused_for = wait->entry;
  wait->guard = il_entry_find (wait->mutex, IL_AT_MUTEX);
  if (object != 0 && is_wasted (wait))
    il_self_say (wait->self, IL_EVENT_COND_WASTED, object, 0);
  il_self_say_timed (wait->self, wait->until != NULL);
  il_self_say_shared (wait->self, is_between_processes (wait->condition));
  if (object != 0)
    il_self_say (wait->self, IL_EVENT_COND_WAIT, object, 0);
  else
    il_self_say (wait->self, IL_EVENT_JOIN_WAIT, IL_CALL_OBJECT, 0);
  if (wait->guard != NULL
      && (wait->guard->busy.depth != 0
          || atomic_load_explicit (&wait->guard->holder, memory_order_relaxed)
                 != wait->self->number))
    wait->guard = NULL;
  if (wait->guard != NULL)
    il_lock_giving (wait->self, wait->guard);
}

static int
do_wait (Wait *wait)
{
  IlEntry *interpreter;
  int result;

  il_real_need ();
  wait->self = il_self_get ();
  if (wait->self == NULL)
    return wait->call (wait->condition, wait->mutex, wait->clock, wait->until);
  interpreter = wait->until != NULL
                    ? il_interpreter_recognize (wait->condition, wait->mutex, wait->caller)
                    : NULL;
  if (interpreter != NULL)
    {
      il_interpreter_wait (wait->self, interpreter, wait->clock, wait->until, wait->caller);
      return wait->call (wait->condition, wait->mutex, wait->clock, wait->until);
    }
  wait->is_switch = il_interpreter_is_switch (wait->condition, wait->mutex);
  if (wait->is_switch)
    il_self_say (wait->self, IL_EVENT_JOIN_WAIT, IL_CALL_OBJECT, 0);
  else
    begin_wait (wait);
  pthread_cleanup_push (end_cancelled_wait, wait);
  result = wait->call (wait->condition, wait->mutex, wait->clock, wait->until);
  pthread_cleanup_pop (0);
  end_wait (wait, result);
  return result;
}

/* Bit 1 of the waiters' word says which clock a condition has. */
static clockid_t
get_clock (const pthread_cond_t *condition)
{
  return (condition->__data.__wrefs & 2) != 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

/**
 * il_condition_wait:
 * @until: (nullable): by the clock of the condition; NULL: for ever
 * @caller: where the program waits
 */
int
il_condition_wait (pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *until,
                   const void *caller)
{
  Wait wait = { .condition = condition,
                .mutex = mutex,
                .clock = get_clock (condition),
                .until = until,
                .caller = caller,
                .call = until != NULL ? wait_by_own_clock : wait_for_ever };

  return do_wait (&wait);
}

IL_EXPORT int
NAME (pthread_cond_wait) (pthread_cond_t *condition, pthread_mutex_t *mutex)
{
  return il_condition_wait (condition, mutex, NULL, __builtin_return_address (0));
}

IL_EXPORT int
NAME (pthread_cond_timedwait) (pthread_cond_t *condition, pthread_mutex_t *mutex,
                               const struct timespec *until)
{
  return il_condition_wait (condition, mutex, until, __builtin_return_address (0));
}

IL_EXPORT int
pthread_cond_clockwait (pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                        const struct timespec *until)
{
  Wait wait = { .condition = condition,
                .mutex = mutex,
                .clock = clock,
                .until = until,
                .caller = __builtin_return_address (0) };

  il_real_need ();
  wait.call = il_real.pthread_cond_clockwait;
  return wait.call == NULL ? ENOSYS : do_wait (&wait);
}

/**
 * il_condition_notify:
 * @address: of a condition or of what else threads sleep on
 * @n_most: so many will be woken at most
 */
void
il_condition_notify (const void *address, IlAt at, uint32_t n_most)
{
  IlSelf *self = il_self;
  IlEntry *entry = self != NULL ? il_entry_find (address, at) : NULL;
  uint32_t object, n;

  if (entry == NULL)
    return;
  object = atomic_load_explicit (&entry->object, memory_order_acquire);
  n = atomic_load_explicit (&entry->busy.n_waiters, memory_order_relaxed);
  if (n == 0 || object == 0 || atomic_load_explicit (&entry->at, memory_order_relaxed) != at)
    return;
  atomic_store_explicit (&entry->extra, il_self_lane_plus_1 (self), memory_order_relaxed);
  n = n < n_most ? n : n_most;
  atomic_store_explicit (&entry->n_notified, n, memory_order_relaxed);
  il_self_say (self, IL_EVENT_COND_NOTIFY, object, n | IL_EVENT_WOKE);
}

IL_EXPORT int
NAME (pthread_cond_signal) (pthread_cond_t *condition)
{
  il_real_need ();
  il_condition_notify (condition, IL_AT_CONDITION, 1);
  return il_real.pthread_cond_signal (condition);
}

IL_EXPORT int
NAME (pthread_cond_broadcast) (pthread_cond_t *condition)
{
  il_real_need ();
  il_condition_notify (condition, IL_AT_CONDITION, INT32_MAX);
  return il_real.pthread_cond_broadcast (condition);
}

IL_EXPORT int
NAME (pthread_cond_destroy) (pthread_cond_t *condition)
{
  il_real_need ();
  il_entry_forget (condition);
  return il_real.pthread_cond_destroy (condition);
}
