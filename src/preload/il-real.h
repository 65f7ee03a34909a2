/* il-real.h - the functions that ours stand in front of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

/*
 * Each line: what it returns, its name, its version where there are several, what it takes.  NULL
 * for the version means the one that programs are linked to today.
 */
#define IL_REAL_FUNCTIONS(X)                                                                       \
  X (int, pthread_mutex_lock, NULL, (pthread_mutex_t *))                                           \
  X (int, pthread_mutex_trylock, NULL, (pthread_mutex_t *))                                        \
  X (int, pthread_mutex_timedlock, NULL, (pthread_mutex_t *, const struct timespec *))             \
  X (int, pthread_mutex_clocklock, NULL, (pthread_mutex_t *, clockid_t, const struct timespec *))  \
  X (int, pthread_mutex_unlock, NULL, (pthread_mutex_t *))                                         \
  X (int, pthread_mutex_init, NULL, (pthread_mutex_t *, const pthread_mutexattr_t *))              \
  X (int, pthread_mutex_destroy, NULL, (pthread_mutex_t *))                                        \
  X (int, pthread_create, NULL, (pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))  \
  X (int, pthread_setname_np, NULL, (pthread_t, const char *))                                     \
  X (ssize_t, read, NULL, (int, void *, size_t))                                                   \
  X (void, _exit, NULL, (int))

typedef struct
{
#define IL_REAL_FIELD(type, name, version, arguments) type (*name) arguments;
  IL_REAL_FUNCTIONS (IL_REAL_FIELD)
#undef IL_REAL_FIELD
} IlReal;

extern IlReal il_real;
extern _Atomic int il_real_is_known;

void il_real_find (void);
void *il_symbol_find_next (const char *name, const char *version);

/* To be called first by all that stands in for something: a program may come to it before our
 * constructor ran, and before dlsym() can be used. */
static inline void
il_real_need (void)
{
  if (__builtin_expect (atomic_load_explicit (&il_real_is_known, memory_order_acquire) == 0, 0))
    il_real_find ();
}
