/* subject-errno.c - what each call returns, and leaves in errno
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Prints it: it must be the same with the library and without.
 */

#include "subject.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNTOUCHED 4711

#define TELL(call)                                                                                 \
  do                                                                                               \
    {                                                                                              \
      long result_;                                                                                \
                                                                                                   \
      errno = UNTOUCHED;                                                                           \
      result_ = (long)(call);                                                                      \
      printf ("%s: %ld, errno %d\n", #call, result_, errno);                                       \
    }                                                                                              \
  while (0)

static struct timespec past, soon;

static void
set_times (clockid_t clock)
{
  clock_gettime (clock, &soon);
  past = soon;
  past.tv_sec -= 10;
  soon.tv_nsec += 2000000;
  if (soon.tv_nsec >= 1000000000)
    {
      soon.tv_nsec -= 1000000000;
      soon.tv_sec++;
    }
}

static void
tell_of_mutex (int kind)
{
  pthread_mutex_t mutex;
  pthread_mutexattr_t attributes;
  const struct timespec wrong = { 0, -1 };

  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_settype (&attributes, kind);
  printf ("kind %d\n", kind);
  TELL (pthread_mutex_init (&mutex, &attributes));
  set_times (CLOCK_REALTIME);
  TELL (pthread_mutex_timedlock (&mutex, &wrong));
  TELL (pthread_mutex_unlock (&mutex));
  TELL (pthread_mutex_timedlock (&mutex, &past));
  TELL (pthread_mutex_unlock (&mutex));
  TELL (pthread_mutex_lock (&mutex));
  TELL (pthread_mutex_trylock (&mutex));
  set_times (CLOCK_REALTIME);
  TELL (pthread_mutex_timedlock (&mutex, &past));
  TELL (pthread_mutex_timedlock (&mutex, &soon));
  TELL (pthread_mutex_timedlock (&mutex, &wrong));
  set_times (CLOCK_MONOTONIC);
  TELL (pthread_mutex_clocklock (&mutex, CLOCK_MONOTONIC, &soon));
  TELL (pthread_mutex_clocklock (&mutex, CLOCK_PROCESS_CPUTIME_ID, &soon));
  if (kind != PTHREAD_MUTEX_NORMAL && kind != PTHREAD_MUTEX_ADAPTIVE_NP)
    TELL (pthread_mutex_lock (&mutex));
  for (int i = 0; i < 5; i++)
    TELL (pthread_mutex_unlock (&mutex));
  TELL (pthread_mutex_destroy (&mutex));
}

static void
tell_of_rwlock (void)
{
  pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;

  const struct timespec wrong = { 0, -1 };

  TELL (pthread_rwlock_init (&lock, NULL));
  TELL (pthread_rwlock_timedwrlock (&lock, &wrong));
  TELL (pthread_rwlock_timedrdlock (&lock, &wrong));
  set_times (CLOCK_MONOTONIC);
  TELL (pthread_rwlock_clockwrlock (&lock, CLOCK_PROCESS_CPUTIME_ID, &soon));
  TELL (pthread_rwlock_rdlock (&lock));
  TELL (pthread_rwlock_tryrdlock (&lock));
  TELL (pthread_rwlock_trywrlock (&lock));
  set_times (CLOCK_REALTIME);
  TELL (pthread_rwlock_timedwrlock (&lock, &past));
  TELL (pthread_rwlock_timedwrlock (&lock, &soon));
  TELL (pthread_rwlock_timedrdlock (&lock, &soon));
  set_times (CLOCK_MONOTONIC);
  TELL (pthread_rwlock_clockwrlock (&lock, CLOCK_MONOTONIC, &soon));
  TELL (pthread_rwlock_clockrdlock (&lock, CLOCK_MONOTONIC, &soon));
  for (int i = 0; i < 4; i++)
    TELL (pthread_rwlock_unlock (&lock));
  TELL (pthread_rwlock_wrlock (&lock));
  TELL (pthread_rwlock_wrlock (&lock));
  TELL (pthread_rwlock_rdlock (&lock));
  TELL (pthread_rwlock_unlock (&lock));
  TELL (pthread_rwlock_destroy (&lock));
}

static void
tell_of_semaphore (void)
{
  sem_t semaphore, *named;
  char name[64];
  const struct timespec wrong = { 0, -1 };
  int value = 0;

  TELL (sem_init (&semaphore, 0, 1));
  TELL (sem_wait (&semaphore));
  TELL (sem_trywait (&semaphore));
  set_times (CLOCK_REALTIME);
  TELL (sem_timedwait (&semaphore, &past));
  TELL (sem_timedwait (&semaphore, &soon));
  TELL (sem_timedwait (&semaphore, &wrong));
  set_times (CLOCK_MONOTONIC);
  TELL (sem_clockwait (&semaphore, CLOCK_MONOTONIC, &soon));
  TELL (sem_clockwait (&semaphore, CLOCK_PROCESS_CPUTIME_ID, &soon));
  TELL (sem_post (&semaphore));
  TELL (sem_getvalue (&semaphore, &value));
  TELL (sem_timedwait (&semaphore, &past));
  TELL (sem_destroy (&semaphore));
  TELL (sem_timedwait (&semaphore, &wrong));
  TELL (sem_init (&semaphore, 0, 1));
  TELL (sem_timedwait (&semaphore, &wrong));
  TELL (sem_clockwait (&semaphore, CLOCK_PROCESS_CPUTIME_ID, &soon));
  TELL (sem_timedwait (&semaphore, &past));
  TELL (sem_init (&semaphore, 0, UINT32_MAX));
  TELL (sem_init (&semaphore, 0, INT32_MAX));
  TELL (sem_post (&semaphore));
  snprintf (name, sizeof name, "/il-subject-%d", (int)getpid ());
  TELL (sem_open (name, 0) == SEM_FAILED);
  errno = UNTOUCHED;
  named = sem_open (name, O_CREAT | O_EXCL, 0600, 2);
  printf ("sem_open: %d\n", named != SEM_FAILED);
  TELL (sem_wait (named));
  TELL (sem_post (named));
  TELL (sem_close (named));
  TELL (sem_unlink (name));
}

static void
tell_of_condition (void)
{
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  const struct timespec wrong = { 0, -1 };

  TELL (pthread_mutex_lock (&mutex));
  set_times (CLOCK_REALTIME);
  TELL (pthread_cond_timedwait (&condition, &mutex, &past));
  TELL (pthread_cond_timedwait (&condition, &mutex, &soon));
  TELL (pthread_cond_timedwait (&condition, &mutex, &wrong));
  set_times (CLOCK_MONOTONIC);
  TELL (pthread_cond_clockwait (&condition, &mutex, CLOCK_MONOTONIC, &soon));
  TELL (pthread_cond_signal (&condition));
  TELL (pthread_cond_broadcast (&condition));
  TELL (pthread_mutex_unlock (&mutex));
  TELL (pthread_cond_destroy (&condition));
}

static void
tell_of_others (void)
{
  pthread_spinlock_t spin;
  pthread_barrier_t barrier;
  const struct timespec nothing = { 0, 1000 }, wrong = { 0, -1 };
  struct pollfd poll_fd = { .fd = -1 };
  char buffer[8];
  int status = 0, ends[2];
  siginfo_t info;

  TELL (pthread_spin_init (&spin, 0));
  TELL (pthread_spin_lock (&spin));
  TELL (pthread_spin_trylock (&spin));
  TELL (pthread_spin_unlock (&spin));
  TELL (pthread_spin_destroy (&spin));
  TELL (pthread_barrier_init (&barrier, NULL, 0));
  TELL (pthread_barrier_init (&barrier, NULL, 1));
  TELL (pthread_barrier_wait (&barrier));
  TELL (pthread_barrier_wait (&barrier));
  TELL (pthread_barrier_destroy (&barrier));
  TELL (nanosleep (&nothing, NULL));
  TELL (nanosleep (&wrong, NULL));
  TELL (clock_nanosleep (CLOCK_MONOTONIC, 0, &nothing, NULL));
  TELL (clock_nanosleep (CLOCK_MONOTONIC, 0, &wrong, NULL));
  TELL (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &past, NULL));
  TELL (usleep (100));
  TELL (sleep (0));
  TELL (waitpid (-1, &status, 0));
  TELL (waitpid (-1, &status, WNOHANG));
  TELL (wait (&status));
  TELL (wait4 (-1, &status, 0, NULL));
  TELL (waitid (P_ALL, 0, &info, WEXITED));
  TELL (waitpid (-1, &status, 0x7fff0000));
  TELL (pthread_setname_np (pthread_self (), "much longer than sixteen"));
  TELL (pthread_setname_np (pthread_self (), "short"));
  TELL (read (-1, buffer, sizeof buffer));
  TELL (write (-1, buffer, sizeof buffer));
  TELL (poll (&poll_fd, 1, 0));
  TELL (poll (&poll_fd, 1, 1));
  TELL (pipe2 (ends, O_NONBLOCK));
  TELL (read (ends[0], buffer, sizeof buffer));
  TELL (write (ends[1], buffer, 3));
  TELL (read (ends[0], buffer, sizeof buffer));
}

static void *
return_value (void *data)
{
  return data;
}

static int
run_errno (int argc, char **argv)
{
  pthread_t thread;
  void *value = NULL;
  pid_t pid;
  int status = 0;

  tell_of_mutex (PTHREAD_MUTEX_NORMAL);
  tell_of_mutex (PTHREAD_MUTEX_RECURSIVE);
  tell_of_mutex (PTHREAD_MUTEX_ERRORCHECK);
  tell_of_mutex (PTHREAD_MUTEX_ADAPTIVE_NP);
  tell_of_rwlock ();
  tell_of_semaphore ();
  tell_of_condition ();
  tell_of_others ();
  TELL (pthread_create (&thread, NULL, return_value, &status));
  TELL (pthread_join (thread, &value));
  TELL (value == &status);
  fflush (stdout);
  errno = UNTOUCHED;
  pid = fork ();
  if (pid == 0)
    {
      int found = errno;

      printf ("in the child: %d\n", found);
      fflush (stdout);
      _exit (9);
    }
  printf ("fork: %d\n", errno);
  TELL (waitpid (pid, &status, 0) == pid);
  TELL (WEXITSTATUS (status));
  return 0;
}

const Subject subjects_of_errno[] = {
  { "errno", run_errno },
  { NULL, NULL },
};
