/* il-futex.h - sleeping on a word of memory that threads and processes share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define IL_NO_DEADLINE INT64_MAX

/*
 * None is private (FUTEX_PRIVATE_FLAG): the word may lie in a mapping that another process shares.
 *
 * Sleeps while *word is expected, at the longest until deadline_ns of CLOCK_MONOTONIC.  Returns
 * early for no reason at times: the caller looks again.
 */
static inline void
il_futex_wait (_Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns)
{
  struct timespec deadline = { deadline_ns / 1000000000, deadline_ns % 1000000000 };

  syscall (SYS_futex, word, FUTEX_WAIT_BITSET, expected,
           deadline_ns == IL_NO_DEADLINE ? NULL : &deadline, NULL, FUTEX_BITSET_MATCH_ANY);
}

static inline void
il_futex_wake (_Atomic uint32_t *word, uint32_t n_sleepers)
{
  syscall (SYS_futex, word, FUTEX_WAKE, n_sleepers, NULL, NULL, 0);
}

static inline void
il_futex_wake_all (_Atomic uint32_t *word)
{
  il_futex_wake (word, INT_MAX);
}

/* One step of a loop that polls another core's store. */
static inline void
il_spin_pause (void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}
