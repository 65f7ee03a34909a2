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
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <threads.h>
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
  X (int, pthread_spin_init, NULL, (pthread_spinlock_t *, int))                                    \
  X (int, pthread_spin_destroy, NULL, (pthread_spinlock_t *))                                      \
  X (int, pthread_spin_lock, NULL, (pthread_spinlock_t *))                                         \
  X (int, pthread_spin_trylock, NULL, (pthread_spinlock_t *))                                      \
  X (int, pthread_spin_unlock, NULL, (pthread_spinlock_t *))                                       \
  X (int, pthread_rwlock_init, NULL, (pthread_rwlock_t *, const pthread_rwlockattr_t *))           \
  X (int, pthread_rwlock_destroy, NULL, (pthread_rwlock_t *))                                      \
  X (int, pthread_rwlock_rdlock, NULL, (pthread_rwlock_t *))                                       \
  X (int, pthread_rwlock_tryrdlock, NULL, (pthread_rwlock_t *))                                    \
  X (int, pthread_rwlock_timedrdlock, NULL, (pthread_rwlock_t *, const struct timespec *))         \
  X (int, pthread_rwlock_clockrdlock, NULL,                                                        \
     (pthread_rwlock_t *, clockid_t, const struct timespec *))                                     \
  X (int, pthread_rwlock_wrlock, NULL, (pthread_rwlock_t *))                                       \
  X (int, pthread_rwlock_trywrlock, NULL, (pthread_rwlock_t *))                                    \
  X (int, pthread_rwlock_timedwrlock, NULL, (pthread_rwlock_t *, const struct timespec *))         \
  X (int, pthread_rwlock_clockwrlock, NULL,                                                        \
     (pthread_rwlock_t *, clockid_t, const struct timespec *))                                     \
  X (int, pthread_rwlock_unlock, NULL, (pthread_rwlock_t *))                                       \
  X (int, pthread_cond_destroy, NULL, (pthread_cond_t *))                                          \
  X (int, pthread_cond_wait, NULL, (pthread_cond_t *, pthread_mutex_t *))                          \
  X (int, pthread_cond_timedwait, NULL,                                                            \
     (pthread_cond_t *, pthread_mutex_t *, const struct timespec *))                               \
  X (int, pthread_cond_clockwait, NULL,                                                            \
     (pthread_cond_t *, pthread_mutex_t *, clockid_t, const struct timespec *))                    \
  X (int, pthread_cond_signal, NULL, (pthread_cond_t *))                                           \
  X (int, pthread_cond_broadcast, NULL, (pthread_cond_t *))                                        \
  X (int, pthread_barrier_init, NULL,                                                              \
     (pthread_barrier_t *, const pthread_barrierattr_t *, unsigned))                               \
  X (int, pthread_barrier_destroy, NULL, (pthread_barrier_t *))                                    \
  X (int, pthread_barrier_wait, NULL, (pthread_barrier_t *))                                       \
  X (int, sem_init, NULL, (sem_t *, int, unsigned))                                                \
  X (int, sem_destroy, NULL, (sem_t *))                                                            \
  X (sem_t *, sem_open, NULL, (const char *, int, ...))                                            \
  X (int, sem_close, NULL, (sem_t *))                                                              \
  X (int, sem_getvalue, NULL, (sem_t *, int *))                                                    \
  X (int, sem_wait, NULL, (sem_t *))                                                               \
  X (int, sem_trywait, NULL, (sem_t *))                                                            \
  X (int, sem_timedwait, NULL, (sem_t *, const struct timespec *))                                 \
  X (int, sem_clockwait, NULL, (sem_t *, clockid_t, const struct timespec *))                      \
  X (int, sem_post, NULL, (sem_t *))                                                               \
  X (int, pthread_create, NULL, (pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))  \
  X (int, pthread_join, NULL, (pthread_t, void **))                                                \
  X (int, pthread_tryjoin_np, NULL, (pthread_t, void **))                                          \
  X (int, pthread_timedjoin_np, NULL, (pthread_t, void **, const struct timespec *))               \
  X (int, pthread_clockjoin_np, NULL, (pthread_t, void **, clockid_t, const struct timespec *))    \
  X (int, pthread_setname_np, NULL, (pthread_t, const char *))                                     \
  X (pid_t, wait, NULL, (int *))                                                                   \
  X (pid_t, waitpid, NULL, (pid_t, int *, int))                                                    \
  X (pid_t, wait3, NULL, (int *, int, struct rusage *))                                            \
  X (pid_t, wait4, NULL, (pid_t, int *, int, struct rusage *))                                     \
  X (int, waitid, NULL, (idtype_t, id_t, siginfo_t *, int))                                        \
  X (int, nanosleep, NULL, (const struct timespec *, struct timespec *))                           \
  X (int, clock_nanosleep, NULL, (clockid_t, int, const struct timespec *, struct timespec *))     \
  X (int, usleep, NULL, (useconds_t))                                                              \
  X (unsigned, sleep, NULL, (unsigned))                                                            \
  X (ssize_t, read, NULL, (int, void *, size_t))                                                   \
  X (ssize_t, __read_chk, NULL, (int, void *, size_t, size_t))                                     \
  X (ssize_t, pread, NULL, (int, void *, size_t, off64_t))                                         \
  X (ssize_t, pread64, NULL, (int, void *, size_t, off64_t))                                       \
  X (ssize_t, readv, NULL, (int, const struct iovec *, int))                                       \
  X (ssize_t, preadv, NULL, (int, const struct iovec *, int, off64_t))                             \
  X (ssize_t, preadv64, NULL, (int, const struct iovec *, int, off64_t))                           \
  X (ssize_t, recv, NULL, (int, void *, size_t, int))                                              \
  X (ssize_t, recvfrom, NULL, (int, void *, size_t, int, struct sockaddr *, socklen_t *))          \
  X (ssize_t, recvmsg, NULL, (int, struct msghdr *, int))                                          \
  X (int, recvmmsg, NULL, (int, struct mmsghdr *, unsigned, int, struct timespec *))               \
  X (ssize_t, write, NULL, (int, const void *, size_t))                                            \
  X (ssize_t, pwrite, NULL, (int, const void *, size_t, off64_t))                                  \
  X (ssize_t, pwrite64, NULL, (int, const void *, size_t, off64_t))                                \
  X (ssize_t, writev, NULL, (int, const struct iovec *, int))                                      \
  X (ssize_t, pwritev, NULL, (int, const struct iovec *, int, off64_t))                            \
  X (ssize_t, pwritev64, NULL, (int, const struct iovec *, int, off64_t))                          \
  X (ssize_t, send, NULL, (int, const void *, size_t, int))                                        \
  X (ssize_t, sendto, NULL, (int, const void *, size_t, int, const struct sockaddr *, socklen_t))  \
  X (ssize_t, sendmsg, NULL, (int, const struct msghdr *, int))                                    \
  X (int, sendmmsg, NULL, (int, struct mmsghdr *, unsigned, int))                                  \
  X (int, accept, NULL, (int, struct sockaddr *, socklen_t *))                                     \
  X (int, accept4, NULL, (int, struct sockaddr *, socklen_t *, int))                               \
  X (int, connect, NULL, (int, const struct sockaddr *, socklen_t))                                \
  X (int, fsync, NULL, (int))                                                                      \
  X (int, fdatasync, NULL, (int))                                                                  \
  X (int, flock, NULL, (int, int))                                                                 \
  X (int, fcntl, NULL, (int, int, ...))                                                            \
  X (int, fcntl64, NULL, (int, int, ...))                                                          \
  X (int, lockf, NULL, (int, int, off64_t))                                                        \
  X (int, lockf64, NULL, (int, int, off64_t))                                                      \
  X (int, sigaction, NULL, (int, const struct sigaction *, struct sigaction *))                    \
  X (int, __sigaction, NULL, (int, const struct sigaction *, struct sigaction *))                  \
  X (sighandler_t, signal, NULL, (int, sighandler_t))                                              \
  X (sighandler_t, bsd_signal, NULL, (int, sighandler_t))                                          \
  X (sighandler_t, ssignal, NULL, (int, sighandler_t))                                             \
  X (sighandler_t, sysv_signal, NULL, (int, sighandler_t))                                         \
  X (sighandler_t, __sysv_signal, NULL, (int, sighandler_t))                                       \
  X (sighandler_t, sigset, NULL, (int, sighandler_t))                                              \
  X (int, sigwait, NULL, (const sigset_t *, int *))                                                \
  X (int, sigwaitinfo, NULL, (const sigset_t *, siginfo_t *))                                      \
  X (int, sigtimedwait, NULL, (const sigset_t *, siginfo_t *, const struct timespec *))            \
  X (int, sigsuspend, NULL, (const sigset_t *))                                                    \
  X (int, pause, NULL, (void))                                                                     \
  X (size_t, fread, NULL, (void *, size_t, size_t, FILE *))                                        \
  X (size_t, fread_unlocked, NULL, (void *, size_t, size_t, FILE *))                               \
  X (size_t, __fread_chk, NULL, (void *, size_t, size_t, size_t, FILE *))                          \
  X (size_t, __fread_unlocked_chk, NULL, (void *, size_t, size_t, size_t, FILE *))                 \
  X (char *, fgets, NULL, (char *, int, FILE *))                                                   \
  X (char *, fgets_unlocked, NULL, (char *, int, FILE *))                                          \
  X (char *, __fgets_chk, NULL, (char *, size_t, int, FILE *))                                     \
  X (char *, __fgets_unlocked_chk, NULL, (char *, size_t, int, FILE *))                            \
  X (ssize_t, getline, NULL, (char **, size_t *, FILE *))                                          \
  X (ssize_t, getdelim, NULL, (char **, size_t *, int, FILE *))                                    \
  X (ssize_t, __getdelim, NULL, (char **, size_t *, int, FILE *))                                  \
  X (int, __uflow, NULL, (FILE *))                                                                 \
  X (size_t, fwrite, NULL, (const void *, size_t, size_t, FILE *))                                 \
  X (size_t, fwrite_unlocked, NULL, (const void *, size_t, size_t, FILE *))                        \
  X (int, fputs, NULL, (const char *, FILE *))                                                     \
  X (int, fputs_unlocked, NULL, (const char *, FILE *))                                            \
  X (int, puts, NULL, (const char *))                                                              \
  X (int, __overflow, NULL, (FILE *, int))                                                         \
  X (int, fflush, NULL, (FILE *))                                                                  \
  X (int, fflush_unlocked, NULL, (FILE *))                                                         \
  X (int, fclose, NULL, (FILE *))                                                                  \
  X (int, vfprintf, NULL, (FILE *, const char *, va_list))                                         \
  X (int, __vfprintf_chk, NULL, (FILE *, int, const char *, va_list))                              \
  X (int, poll, NULL, (struct pollfd *, nfds_t, int))                                              \
  X (int, __poll_chk, NULL, (struct pollfd *, nfds_t, int, size_t))                                \
  X (int, ppoll, NULL, (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *))       \
  X (int, __ppoll_chk, NULL,                                                                       \
     (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *, size_t))                 \
  X (int, select, NULL, (int, fd_set *, fd_set *, fd_set *, struct timeval *))                     \
  X (int, pselect, NULL,                                                                           \
     (int, fd_set *, fd_set *, fd_set *, const struct timespec *, const sigset_t *))               \
  X (int, epoll_wait, NULL, (int, struct epoll_event *, int, int))                                 \
  X (int, epoll_pwait, NULL, (int, struct epoll_event *, int, int, const sigset_t *))              \
  X (int, epoll_pwait2, NULL,                                                                      \
     (int, struct epoll_event *, int, const struct timespec *, const sigset_t *))                  \
  X (pid_t, _Fork, NULL, (void))                                                                   \
  X (int, posix_spawn, NULL,                                                                       \
     (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,        \
      char *const *, char *const *))                                                               \
  X (int, posix_spawnp, NULL,                                                                      \
     (pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,        \
      char *const *, char *const *))                                                               \
  X (int, system, NULL, (const char *))                                                            \
  X (int, pclose, NULL, (FILE *))                                                                  \
  X (int, thrd_create, NULL, (thrd_t *, thrd_start_t, void *))                                     \
  X (int, thrd_join, NULL, (thrd_t, int *))                                                        \
  X (int, thrd_sleep, NULL, (const struct timespec *, struct timespec *))                          \
  X (int, mtx_init, NULL, (mtx_t *, int))                                                          \
  X (int, cnd_init, NULL, (cnd_t *))                                                               \
  X (void, longjmp, NULL, (struct __jmp_buf_tag *, int))                                           \
  X (void, _longjmp, NULL, (struct __jmp_buf_tag *, int))                                          \
  X (void, siglongjmp, NULL, (struct __jmp_buf_tag *, int))                                        \
  X (void, __longjmp_chk, NULL, (struct __jmp_buf_tag *, int))                                     \
  X (long, syscall, NULL, (long, ...))                                                             \
  X (int, prctl, NULL, (int, ...))                                                                 \
  X (void, quick_exit, NULL, (int))                                                                \
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
void *il_symbol_find (const char *name);
bool il_symbol_is_of_libc (const char *name, const void *function);

/* To be called first by all that stands in for something: a program may come to it before our
 * constructor ran, and before dlsym() can be used. */
static inline void
il_real_need (void)
{
  if (__builtin_expect (atomic_load_explicit (&il_real_is_known, memory_order_acquire) == 0, 0))
    il_real_find ();
}

/* Waits can be timed by these alone. */
static inline bool
il_real_has_clock (clockid_t clock)
{
  return clock == CLOCK_REALTIME || clock == CLOCK_MONOTONIC;
}

/* Most refuse what is no time even where they need not wait: so must what only tries first. */
static inline bool
il_real_is_time (clockid_t clock, const struct timespec *time)
{
  return il_real_has_clock (clock) && (time == NULL || (unsigned long)time->tv_nsec < 1000000000ul);
}
