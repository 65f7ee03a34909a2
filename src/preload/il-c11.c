/* il-c11.c - mutexes and conditions of C11, which are those of POSIX by other names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The C library's own call those of POSIX from within it, where nobody can stand in front of them.
 */

#include "config.h"

#include <errno.h>
#include <threads.h>

#include "il-condition.h"
#include "il-mutex.h"
#include "il-real.h"

_Static_assert(sizeof (mtx_t) >= sizeof (pthread_mutex_t), "they are the same thing");
_Static_assert(sizeof (cnd_t) >= sizeof (pthread_cond_t), "they are the same thing");

static int
to_c11 (int error)
{
  switch (error)
    {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
    }
}

static pthread_mutex_t *
get_mutex (mtx_t *mutex)
{
  return (pthread_mutex_t *)(void *)mutex;
}

static pthread_cond_t *
get_condition (cnd_t *condition)
{
  return (pthread_cond_t *)(void *)condition;
}

IL_EXPORT int
mtx_init (mtx_t *mutex, int kind)
{
  int result;

  il_real_need ();
  result = il_real.mtx_init (mutex, kind);
  if (result == thrd_success)
    il_entry_renew (mutex, IL_AT_MUTEX,
                    (kind & mtx_recursive) != 0 ? IL_LOCK_RECURSIVE : IL_LOCK_PLAIN, 0);
  return result;
}

IL_EXPORT void
mtx_destroy (mtx_t *mutex)
{
  pthread_mutex_destroy (get_mutex (mutex));
}

IL_EXPORT int
mtx_lock (mtx_t *mutex)
{
  return to_c11 (il_mutex_lock (get_mutex (mutex), __builtin_return_address (0)));
}

IL_EXPORT int
mtx_timedlock (mtx_t *mutex, const struct timespec *until)
{
  return to_c11 (il_mutex_lock_until (get_mutex (mutex), until, __builtin_return_address (0)));
}

IL_EXPORT int
mtx_trylock (mtx_t *mutex)
{
  return to_c11 (pthread_mutex_trylock (get_mutex (mutex)));
}

IL_EXPORT int
mtx_unlock (mtx_t *mutex)
{
  return to_c11 (pthread_mutex_unlock (get_mutex (mutex)));
}

IL_EXPORT int
cnd_wait (cnd_t *condition, mtx_t *mutex)
{
  return to_c11 (il_condition_wait (get_condition (condition), get_mutex (mutex), NULL,
                                    __builtin_return_address (0)));
}

IL_EXPORT int
cnd_timedwait (cnd_t *restrict condition, mtx_t *restrict mutex,
               const struct timespec *restrict until)
{
  return to_c11 (il_condition_wait (get_condition (condition), get_mutex (mutex), until,
                                    __builtin_return_address (0)));
}

IL_EXPORT int
cnd_signal (cnd_t *condition)
{
  il_real_need ();
  il_condition_notify (condition, IL_AT_CONDITION, 1);
  return to_c11 (il_real.pthread_cond_signal (get_condition (condition)));
}

IL_EXPORT int
cnd_broadcast (cnd_t *condition)
{
  il_real_need ();
  il_condition_notify (condition, IL_AT_CONDITION, INT32_MAX);
  return to_c11 (il_real.pthread_cond_broadcast (get_condition (condition)));
}

IL_EXPORT void
cnd_destroy (cnd_t *condition)
{
  il_real_need ();
  il_entry_forget (condition);
  il_real.pthread_cond_destroy (get_condition (condition));
}
