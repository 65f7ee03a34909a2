/* subject-shared.c - locks that two processes use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  pthread_mutex_t mutex;
  sem_t semaphore;
  _Atomic int waiter_tid;
} Shared;

static Shared *
make_shared (void)
{
  Shared *shared
      = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attributes;

  REQUIRE (shared != MAP_FAILED);
  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init (&shared->mutex, &attributes);
  sem_init (&shared->semaphore, 1, 1);
  return shared;
}

static void
use (Shared *shared, int times)
{
  for (int i = 0; i < times; i++)
    {
      pthread_mutex_lock (&shared->mutex);
      pthread_mutex_unlock (&shared->mutex);
      sem_wait (&shared->semaphore);
      sem_post (&shared->semaphore);
    }
}

/* --- each takes both 30 times, and one of them waits for the other in the end */

static int
share (int argc, char **argv)
{
  Shared *shared = make_shared ();
  int status = 0;
  pid_t child;

  pthread_setname_np (pthread_self (), "parent");
  use (shared, 29);
  pthread_mutex_lock (&shared->mutex);
  sem_wait (&shared->semaphore);
  child = fork ();
  if (child == 0)
    {
      pthread_setname_np (pthread_self (), "child");
      shared->waiter_tid = get_tid ();
      use (shared, 30);
      _exit (0);
    }
  while (shared->waiter_tid == 0)
    sleep_ms (1);
  await_sleep (shared->waiter_tid);
  pthread_mutex_unlock (&shared->mutex);
  sleep_ms (5);
  await_sleep (shared->waiter_tid);
  sem_post (&shared->semaphore);
  REQUIRE (waitpid (child, &status, 0) == child && status == 0);
  return 0;
}

const Subject subjects_of_sharing[] = {
  { "share", share },
  { NULL, NULL },
};
