/* subject-shared.c - locks that two processes use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <linux/futex.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/syscall.h>
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

/* --- a thread waits for one of each kind, which other processes may share, or not */

static struct
{
  pthread_mutex_t mutex;
  pthread_cond_t condition;
  pthread_rwlock_t lock;
  pthread_barrier_t barrier;
  sem_t semaphore;
  uint32_t word, *own_word;
  bool is_set, is_shared;
  _Atomic int n_waits, waiter_tid;
} * each;

static void
sleep_on (uint32_t *word, int operation)
{
  while (__atomic_load_n (word, __ATOMIC_SEQ_CST) == 0)
    syscall (SYS_futex, word, operation, 0, NULL, NULL, 0);
}

/* Who wakes it need not know how it sleeps. */
static void
wake (uint32_t *word)
{
  __atomic_store_n (word, 1, __ATOMIC_SEQ_CST);
  syscall (SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
  syscall (SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *
wait_for_each (void *data)
{
  pthread_setname_np (pthread_self (), "waiter");
  each->waiter_tid = get_tid ();
  each->n_waits++;
  pthread_mutex_lock (&each->mutex);
  pthread_mutex_unlock (&each->mutex);
  each->n_waits++;
  pthread_rwlock_rdlock (&each->lock);
  pthread_rwlock_unlock (&each->lock);
  each->n_waits++;
  pthread_mutex_lock (&each->mutex);
  while (!each->is_set)
    pthread_cond_wait (&each->condition, &each->mutex);
  pthread_mutex_unlock (&each->mutex);
  each->n_waits++;
  pthread_barrier_wait (&each->barrier);
  each->n_waits++;
  sem_wait (&each->semaphore);
  each->n_waits++;
  sleep_on (&each->word, each->is_shared ? FUTEX_WAIT : FUTEX_WAIT_PRIVATE);
  each->n_waits++;
  sleep_on (each->own_word, FUTEX_WAIT);
  return NULL;
}

static void
await_wait (int n)
{
  while (each->n_waits < n)
    sleep_ms (1);
  await_sleep (each->waiter_tid);
}

static void
init_each (bool is_shared)
{
  int how = is_shared ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;
  pthread_mutexattr_t of_mutex;
  pthread_condattr_t of_condition;
  pthread_rwlockattr_t of_lock;
  pthread_barrierattr_t of_barrier;

  each = mmap (NULL, sizeof *each, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE (each != MAP_FAILED);
  pthread_mutexattr_init (&of_mutex);
  pthread_mutexattr_setpshared (&of_mutex, how);
  pthread_mutex_init (&each->mutex, &of_mutex);
  pthread_condattr_init (&of_condition);
  pthread_condattr_setpshared (&of_condition, how);
  pthread_cond_init (&each->condition, &of_condition);
  pthread_rwlockattr_init (&of_lock);
  pthread_rwlockattr_setpshared (&of_lock, how);
  pthread_rwlock_init (&each->lock, &of_lock);
  pthread_barrierattr_init (&of_barrier);
  pthread_barrierattr_setpshared (&of_barrier, how);
  pthread_barrier_init (&each->barrier, &of_barrier, 2);
  sem_init (&each->semaphore, is_shared, 0);
  each->is_shared = is_shared;
  each->own_word = calloc (1, sizeof *each->own_word);
  REQUIRE (each->own_word != NULL);
}

static int
share_each (int argc, char **argv)
{
  pthread_t waiter;

  init_each (argc > 0);
  pthread_mutex_lock (&each->mutex);
  pthread_rwlock_wrlock (&each->lock);
  REQUIRE (pthread_create (&waiter, NULL, wait_for_each, NULL) == 0);
  await_wait (1);
  pthread_mutex_unlock (&each->mutex);
  await_wait (2);
  pthread_rwlock_unlock (&each->lock);
  await_wait (3);
  pthread_mutex_lock (&each->mutex);
  each->is_set = true;
  pthread_cond_signal (&each->condition);
  pthread_mutex_unlock (&each->mutex);
  await_wait (4);
  pthread_barrier_wait (&each->barrier);
  await_wait (5);
  sem_post (&each->semaphore);
  await_wait (6);
  wake (&each->word);
  await_wait (7);
  wake (each->own_word);
  pthread_join (waiter, NULL);
  return 0;
}

const Subject subjects_of_sharing[] = {
  { "share", share },
  { "share-each", share_each },
  { NULL, NULL },
};
