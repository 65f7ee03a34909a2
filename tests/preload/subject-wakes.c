/* subject-wakes.c - one thread waits, another one ends that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

static sem_t semaphore, signal_semaphore, lock_semaphore;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static bool is_so;
static mtx_t mutex_of_c11;
static cnd_t condition_of_c11;
static _Atomic uint32_t word;
static _Atomic int waiter_tid, n_asked;

static void
ask (void)
{
  waiter_tid = get_tid ();
  n_asked++;
}

static void
await_waiter (int number)
{
  while (n_asked < number)
    sleep_ms (1);
  await_sleep (waiter_tid);
}

/* --- several come at once to what nobody met before */

#define N_COMERS 3
#define N_PLACES 300

static pthread_barrier_t place_barriers[N_PLACES];
static sem_t place_semaphores[N_PLACES];
static pthread_mutex_t place_mutexes[N_PLACES];
static pthread_rwlock_t place_rwlocks[N_PLACES];
static _Atomic int n_ready[N_PLACES][4];
static _Atomic bool is_taken[N_PLACES][4];

/* Without a wait that the library could see. */
static void
come_together (_Atomic int *n)
{
  ++*n;
  while (*n % N_COMERS != 0)
    sched_yield ();
}

static void
come_to_taken (int place, int step)
{
  come_together (&n_ready[place][step]);
  while (!is_taken[place][step])
    sched_yield ();
}

static void *
come_to_places (void *data)
{
  pthread_setname_np (pthread_self (), "comer");
  for (int i = 0; i < N_PLACES; i++)
    {
      come_together (&n_ready[i][0]);
      pthread_barrier_wait (&place_barriers[i]);
      pthread_barrier_wait (&place_barriers[i]);
      come_together (&n_ready[i][1]);
      sem_wait (&place_semaphores[i]);
      come_to_taken (i, 2);
      pthread_mutex_lock (&place_mutexes[i]);
      pthread_mutex_unlock (&place_mutexes[i]);
      come_to_taken (i, 3);
      pthread_rwlock_rdlock (&place_rwlocks[i]);
      pthread_rwlock_unlock (&place_rwlocks[i]);
    }
  return NULL;
}

/* Gives them time to wait; what is checked is so as well of one who comes later. */
static void
await_comers (int place, int step)
{
  while (n_ready[place][step] < N_COMERS)
    sched_yield ();
  is_taken[place][step] = true;
  sleep_ms (1);
}

static int
run_crowds (int argc, char **argv)
{
  pthread_t comers[N_COMERS];

  for (int i = 0; i < N_PLACES; i++)
    {
      pthread_barrier_init (&place_barriers[i], NULL, N_COMERS);
      sem_init (&place_semaphores[i], 0, 0);
      pthread_mutex_init (&place_mutexes[i], NULL);
      pthread_rwlock_init (&place_rwlocks[i], NULL);
    }
  for (int i = 0; i < N_COMERS; i++)
    pthread_create (&comers[i], NULL, come_to_places, NULL);
  for (int i = 0; i < N_PLACES; i++)
    {
      await_comers (i, 1);
      for (int j = 0; j < N_COMERS; j++)
        sem_post (&place_semaphores[i]);
      pthread_mutex_lock (&place_mutexes[i]);
      await_comers (i, 2);
      pthread_mutex_unlock (&place_mutexes[i]);
      pthread_rwlock_wrlock (&place_rwlocks[i]);
      await_comers (i, 3);
      pthread_rwlock_unlock (&place_rwlocks[i]);
    }
  for (int i = 0; i < N_COMERS; i++)
    pthread_join (comers[i], NULL);
  return 0;
}

/* --- in turn by all that POSIX has */

static void *
do_waits (void *data)
{
  pthread_setname_np (pthread_self (), "waiter");
  ask ();
  sem_wait (&semaphore);
  ask ();
  pthread_rwlock_rdlock (&rwlock);
  pthread_rwlock_unlock (&rwlock);
  ask ();
  pthread_barrier_wait (&barrier);
  pthread_mutex_lock (&mutex);
  ask ();
  while (!is_so)
    pthread_cond_wait (&condition, &mutex);
  pthread_mutex_unlock (&mutex);
  await_sleep (getpid ()); /* which joins us */
  return NULL;
}

static int
run_wakes (int argc, char **argv)
{
  pthread_t waiter;

  pthread_setname_np (pthread_self (), "waker");
  sem_init (&semaphore, 0, 0);
  pthread_barrier_init (&barrier, NULL, 2);
  pthread_rwlock_wrlock (&rwlock);
  pthread_create (&waiter, NULL, do_waits, NULL);
  await_waiter (1);
  sem_post (&semaphore);
  await_waiter (2);
  pthread_rwlock_unlock (&rwlock);
  await_waiter (3);
  pthread_barrier_wait (&barrier);
  await_waiter (4);
  pthread_mutex_lock (&mutex);
  is_so = true;
  pthread_cond_signal (&condition);
  pthread_mutex_unlock (&mutex);
  pthread_join (waiter, NULL);
  return 0;
}

/* --- by C11 */

static int
do_waits_of_c11 (void *data)
{
  pthread_setname_np (pthread_self (), "waiter");
  ask ();
  REQUIRE (mtx_lock (&mutex_of_c11) == thrd_success);
  ask ();
  while (!is_so)
    cnd_wait (&condition_of_c11, &mutex_of_c11);
  REQUIRE (mtx_unlock (&mutex_of_c11) == thrd_success);
  await_sleep (getpid ());
  return 42;
}

static int
run_c11 (int argc, char **argv)
{
  struct timespec long_ago = { 1, 0 };
  thrd_t waiter;
  int value;

  pthread_setname_np (pthread_self (), "waker");
  REQUIRE (mtx_init (&mutex_of_c11, mtx_timed) == thrd_success);
  REQUIRE (cnd_init (&condition_of_c11) == thrd_success);
  mtx_lock (&mutex_of_c11);
  REQUIRE (mtx_trylock (&mutex_of_c11) == thrd_busy);
  REQUIRE (cnd_timedwait (&condition_of_c11, &mutex_of_c11, &long_ago) == thrd_timedout);
  thrd_create (&waiter, do_waits_of_c11, NULL);
  await_waiter (1);
  mtx_unlock (&mutex_of_c11);
  await_waiter (2);
  mtx_lock (&mutex_of_c11);
  is_so = true;
  cnd_signal (&condition_of_c11);
  mtx_unlock (&mutex_of_c11);
  REQUIRE (thrd_join (waiter, &value) == thrd_success && value == 42);
  cnd_destroy (&condition_of_c11);
  mtx_destroy (&mutex_of_c11);
  return 0;
}

/* --- by a word */

static void *
sleep_on_word (void *data)
{
  struct timespec short_time = { 0, 1000000 };

  pthread_setname_np (pthread_self (), "waiter");
  ask ();
  while (word == 0)
    syscall (SYS_futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
  /* One that does not sleep, and one that nobody ends. */
  REQUIRE (syscall (SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0) == -1);
  REQUIRE (syscall (SYS_futex, &word, FUTEX_WAIT, 1, &short_time, NULL, 0) == -1);
  return NULL;
}

static int
run_words (int argc, char **argv)
{
  pthread_t waiter;

  pthread_setname_np (pthread_self (), "waker");
  pthread_create (&waiter, NULL, sleep_on_word, NULL);
  await_waiter (1);
  word = 1;
  REQUIRE (syscall (SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL, NULL, 0)
           == 1);
  pthread_join (waiter, NULL);
  return 0;
}

/* --- semaphores of one unit */

#define N_SIGNALS 4

/* As Python's Condition does: it lets go of a lock under which another finds out whom to wake, and
 * takes it again, over and over.  What it waits for lies in the same place each time. */
static void *
wait_for_signal (void *data)
{
  pthread_setname_np (pthread_self (), "signalled");
  sem_wait (&lock_semaphore);
  for (int i = 0; i < N_SIGNALS; i++)
    {
      sem_init (&signal_semaphore, 0, 1);
      sem_wait (&signal_semaphore);
      sem_post (&lock_semaphore);
      ask ();
      sem_wait (&signal_semaphore);
      sem_wait (&lock_semaphore);
      sem_destroy (&signal_semaphore);
    }
  sem_post (&lock_semaphore);
  return NULL;
}

static void *
wait_for_oneself (void *data)
{
  pthread_setname_np (pthread_self (), "selfish");
  sem_wait (&semaphore);
  ask ();
  sem_wait (&semaphore);
  return NULL;
}

static int
run_units (int argc, char **argv)
{
  pthread_t signalled, selfish;

  pthread_setname_np (pthread_self (), "waker");
  sem_init (&lock_semaphore, 0, 1);
  sem_init (&semaphore, 0, 1);
  pthread_create (&signalled, NULL, wait_for_signal, NULL);
  for (int i = 0; i < N_SIGNALS; i++)
    {
      await_waiter (i + 1);
      sem_post (&signal_semaphore);
    }
  pthread_join (signalled, NULL);
  pthread_create (&selfish, NULL, wait_for_oneself, NULL);
  await_waiter (N_SIGNALS + 1);
  sem_post (&semaphore);
  pthread_join (selfish, NULL);
  return 0;
}

/* --- waits that end by themselves */

static void *
give_up (void *data)
{
  struct timespec soon;

  pthread_setname_np (pthread_self (), "waiter");
  clock_gettime (CLOCK_REALTIME, &soon);
  soon.tv_sec++;
  REQUIRE (pthread_mutex_timedlock (&mutex, &soon) == ETIMEDOUT);
  REQUIRE (sem_timedwait (&semaphore, &soon) == -1);
  REQUIRE (sem_timedwait (&lock_semaphore, &soon) == -1);
  REQUIRE (pthread_rwlock_timedrdlock (&rwlock, &soon) == ETIMEDOUT);
  return NULL;
}

static int
run_timed (int argc, char **argv)
{
  struct timespec soon;
  pthread_t waiter;

  pthread_setname_np (pthread_self (), "owner");
  sem_init (&semaphore, 0, 0);
  sem_init (&lock_semaphore, 0, 1);
  sem_wait (&lock_semaphore);
  pthread_rwlock_wrlock (&rwlock);
  pthread_mutex_lock (&mutex);
  pthread_create (&waiter, NULL, give_up, NULL);
  pthread_join (waiter, NULL);
  clock_gettime (CLOCK_REALTIME, &soon);
  REQUIRE (pthread_cond_timedwait (&condition, &mutex, &soon) == ETIMEDOUT);
  pthread_mutex_unlock (&mutex);
  return 0;
}

/* --- one that is waited for before it has begun */

/* Whether the first thread waits without an end. */
static bool
waits_for_good (void)
{
  unsigned long address, operation, value, timeout = 1;
  char path[64];
  FILE *file;
  int n;

  snprintf (path, sizeof path, "/proc/self/task/%d/syscall", getpid ());
  file = fopen (path, "r");
  REQUIRE (file != NULL);
  n = fscanf (file, "%*d %lx %lx %lx %lx", &address, &operation, &value, &timeout);
  fclose (file);
  return n == 4 && timeout == 0;
}

static void *
await_joiner (void *data)
{
  pthread_setname_np (pthread_self (), "late");
  while (!waits_for_good ())
    sleep_ms (1);
  return NULL;
}

static void *
return_at_once (void *data)
{
  return NULL;
}

static int
run_joins (int argc, char **argv)
{
  pthread_t late;

  pthread_setname_np (pthread_self (), "early");
  for (int i = 0; i < 10; i++)
    {
      pthread_create (&late, NULL, await_joiner, NULL);
      pthread_join (late, NULL);
    }
  for (int i = 0; i < 100; i++)
    {
      pthread_create (&late, NULL, return_at_once, NULL);
      pthread_join (late, NULL);
    }
  return 0;
}

const Subject subjects_of_wakes[] = {
  { "wakes", run_wakes }, { "c11", run_c11 },     { "words", run_words },   { "units", run_units },
  { "timed", run_timed }, { "joins", run_joins }, { "crowds", run_crowds }, { NULL, NULL },
};
