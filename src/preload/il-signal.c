/* il-signal.c - for which signals the program has handlers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a thread waits for a signal handler may bring, where it may do so at all: it may post a
 * semaphore.  So whether all that wait do so for ever is known only of a process that has none.
 * Whoever had one once counts as having it: a child made by vfork(), which has the same memory,
 * sets back handlers that its parent keeps.
 */

#include "config.h"

#include <signal.h>

#include "il-place.h"
#include "il-real.h"
#include "il-self.h"

static _Atomic bool has_interrupt;

/* A thread that waits does nothing that these could come from. */
static bool
is_fault (int number)
{
  return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL
         || number == SIGTRAP || number == SIGSYS || number == SIGABRT;
}

/* Python has one of its own for Ctrl+C from the beginning, which only ends the program.  One that
 * is set later is the program's. */
static bool
is_of_runtime (int number, const void *caller)
{
  return number == SIGINT && il_place_is_python (caller)
         && !atomic_exchange_explicit (&has_interrupt, true, memory_order_relaxed);
}

static void
note (int number, sighandler_t handler, const void *caller)
{
  uint64_t bit;

  if (handler == SIG_DFL || handler == SIG_IGN || handler == SIG_ERR || number < 1 || number > 64
      || is_fault (number) || is_of_runtime (number, caller))
    return;
  bit = UINT64_C (1) << (number - 1);
  if ((atomic_fetch_or_explicit (&il_process.handled, bit, memory_order_seq_cst) & bit) == 0
      && il_self_get () != NULL)
    il_process_say_signals ();
}

IL_EXPORT int
sigaction (int number, const struct sigaction *restrict action, struct sigaction *restrict old)
{
  il_real_need ();
  if (action != NULL)
    note (number, action->sa_handler, __builtin_return_address (0));
  return il_real.sigaction (number, action, old);
}

int __sigaction (int number, const struct sigaction *action, struct sigaction *old);

IL_EXPORT int
__sigaction (int number, const struct sigaction *action, struct sigaction *old)
{
  il_real_need ();
  if (action != NULL)
    note (number, action->sa_handler, __builtin_return_address (0));
  return il_real.__sigaction (number, action, old);
}

/* Not declared for programs that are written today. */
sighandler_t bsd_signal (int number, sighandler_t handler);

/* Those that are not there any more nobody is linked to. */
#define SET(name)                                                                                  \
  IL_EXPORT sighandler_t name (int number, sighandler_t handler)                                   \
  {                                                                                                \
    il_real_need ();                                                                               \
    note (number, handler, __builtin_return_address (0));                                          \
    return il_real.name (number, handler);                                                         \
  }

SET (signal)
SET (bsd_signal)
SET (ssignal)
SET (sysv_signal)
SET (__sysv_signal)
SET (sigset)
