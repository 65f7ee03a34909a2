/* il-futex.c - system calls that a program makes by itself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Locks that are not of the C library, such as GLib's, Rust's, oneTBB's and std::atomic's, sleep on
 * a word in memory.  What the word means they alone know: that somebody waits is seen, where, for
 * how long and who woke them; who has what they wait for is not.
 *
 * Other processes may wake who sleeps on a word that they have, too, and need not be recorded.
 * Some say for each word that they do not (GLib, Rust), others for none (libstdc++): then where it
 * lies tells.
 */

#include "config.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "il-condition.h"
#include "il-pause.h"
#include "il-place.h"
#include "il-real.h"

#define QUESTIONS_MAX 256u /* about where words lie, each of which takes long */

typedef struct
{
  IlSelf *self;
  IlEntry *entry; /* NULL: nothing is said */
  uint32_t object;
} Wait;

/* Whether other processes may have the word, as far as is known. */
static bool
is_between_processes (IlEntry *entry, const uint32_t *word, long operation)
{
  static _Atomic uint32_t n_questions;

  if ((operation & FUTEX_PRIVATE_FLAG) != 0
      || atomic_load_explicit (&entry->is_private, memory_order_relaxed) != 0)
    return false;
  if (atomic_load_explicit (&n_questions, memory_order_relaxed) >= QUESTIONS_MAX)
    return true;
  atomic_fetch_add_explicit (&n_questions, 1, memory_order_relaxed);
  if (il_place_is_shared (word))
    return true;
  atomic_store_explicit (&entry->is_private, 1, memory_order_relaxed);
  return false;
}

static Wait
begin_wait (const uint32_t *word, long operation, uint32_t expected, bool is_timed,
            const void *caller)
{
  Wait wait = { .self = il_self_get () };

  /* It will come back at once. */
  if (wait.self == NULL || __atomic_load_n (word, __ATOMIC_RELAXED) != expected)
    return wait;
  wait.entry = il_entry_get (word, IL_AT_FUTEX);
  if (wait.entry == NULL)
    return wait;
  if (atomic_load_explicit (&wait.entry->at, memory_order_relaxed) != IL_AT_FUTEX)
    il_entry_renew (word, IL_AT_FUTEX, 0, 0);
  wait.object = il_entry_need_object (wait.entry, caller);
  atomic_fetch_add_explicit (&wait.entry->busy.n_waiters, 1, memory_order_seq_cst);
  wait.self->paused_for = wait.entry;
  il_self_say_timed (wait.self, is_timed);
  il_self_say_shared (wait.self, !is_timed && is_between_processes (wait.entry, word, operation));
  if (wait.object != 0)
    il_self_say (wait.self, IL_EVENT_COND_WAIT, wait.object, 0);
  else
    il_self_say (wait.self, IL_EVENT_JOIN_WAIT, IL_CALL_OBJECT, 0);
  return wait;
}

static void
end_wait (const Wait *wait, long result)
{
  if (wait->entry == NULL)
    return;
  wait->self->paused_for = NULL;
  atomic_fetch_sub_explicit (&wait->entry->busy.n_waiters, 1, memory_order_relaxed);
  if (wait->object == 0)
    il_self_say (wait->self, IL_EVENT_JOIN_END, 0, 0);
  else if (result == 0)
    il_self_say (wait->self, IL_EVENT_COND_WOKEN, wait->object,
                 atomic_load_explicit (&wait->entry->extra, memory_order_relaxed));
  else
    il_self_say (wait->self, IL_EVENT_WAIT_CANCELLED, wait->object, 0);
}

static long
do_futex (const long arguments[6], const void *caller)
{
  uint32_t *word = (uint32_t *)(uintptr_t)arguments[0];
  Wait wait;
  long result;

  switch (arguments[1] & FUTEX_CMD_MASK)
    {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
      wait = begin_wait (word, arguments[1], (uint32_t)arguments[2], arguments[3] != 0, caller);
      result = il_real.syscall (SYS_futex, word, arguments[1], arguments[2], arguments[3],
                                arguments[4], arguments[5]);
      end_wait (&wait, result);
      return result;
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
    case FUTEX_REQUEUE:
    case FUTEX_CMP_REQUEUE:
    case FUTEX_WAKE_OP:
      il_condition_notify (word, IL_AT_FUTEX, (uint32_t)arguments[2]);
      break;
    default:
      break;
    }
  return il_real.syscall (SYS_futex, word, arguments[1], arguments[2], arguments[3], arguments[4],
                          arguments[5]);
}

IL_EXPORT long
syscall (long number, ...)
{
  long arguments[6];
  va_list more;

  il_real_need ();
  /* As the C library does, which does not know either how many there are. */
  va_start (more, number);
  for (int i = 0; i < 6; i++)
    arguments[i] = va_arg (more, long);
  va_end (more);
  if (number == SYS_futex)
    return do_futex (arguments, __builtin_return_address (0));
  return il_real.syscall (number, arguments[0], arguments[1], arguments[2], arguments[3],
                          arguments[4], arguments[5]);
}
