/* subject-locks.c - mutexes of all kinds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int waiter_tid;

/* --- one has it for 50 ms, another comes after 10 and waits 40 */

static void *
wait_for_it (void *data)
{
  pthread_setname_np (pthread_self (), "waiter");
  sleep_ms (10);
  waiter_tid = get_tid ();
  mark ("waiter before lock");
  pthread_mutex_lock (&mutex);
  mark ("waiter after lock");
  sleep_ms (20);
  mark ("waiter before unlock");
  pthread_mutex_unlock (&mutex);
  mark ("waiter after unlock");
  return NULL;
}

static int
contend (int argc, char **argv)
{
  pthread_mutexattr_t attributes;
  pthread_t waiter;

  pthread_mutexattr_init (&attributes);
  if (argc > 0 && strcmp (argv[0], "priority") == 0)
    pthread_mutexattr_setprotocol (&attributes, PTHREAD_PRIO_INHERIT);
  else if (argc > 0 && strcmp (argv[0], "checking") == 0)
    pthread_mutexattr_settype (&attributes, PTHREAD_MUTEX_ERRORCHECK);
  else if (argc > 0)
    pthread_mutexattr_setrobust (&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init (&mutex, &attributes);
  pthread_setname_np (pthread_self (), "owner");
  mark ("owner before lock");
  pthread_mutex_lock (&mutex);
  mark ("owner after lock");
  pthread_create (&waiter, NULL, wait_for_it, NULL);
  sleep_ms (50);
  while (waiter_tid == 0)
    sleep_ms (1);
  await_sleep (waiter_tid);
  mark ("owner before unlock");
  pthread_mutex_unlock (&mutex);
  mark ("owner after unlock");
  pthread_join (waiter, NULL);
  return 0;
}

/* --- one has a mutex, and to write another lock; another asks for both, and gives up */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic int has_given_up;

static void *
ask_in_vain (void *data)
{
  struct timespec until = get_soon ();

  pthread_setname_np (pthread_self (), "waiter");
  REQUIRE (pthread_mutex_timedlock (&mutex, &until) != 0);
  until = get_soon ();
  REQUIRE (pthread_rwlock_timedrdlock (&rwlock, &until) != 0);
  has_given_up = 1;
  return NULL;
}

static int
outlast (int argc, char **argv)
{
  pthread_t waiter;

  pthread_setname_np (pthread_self (), "owner");
  pthread_rwlock_wrlock (&rwlock);
  pthread_mutex_lock (&mutex);
  pthread_create (&waiter, NULL, ask_in_vain, NULL);
  while (has_given_up == 0)
    sleep_ms (1);
  mark ("owner before unlock");
  pthread_rwlock_unlock (&rwlock);
  pthread_mutex_unlock (&mutex);
  mark ("owner after unlock");
  pthread_join (waiter, NULL);
  return 0;
}

/* --- one ends with a mutex, and another stands in its place when somebody asks for it */

static pthread_mutex_t left = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int is_there, is_asked;

static void *
leave (void *data)
{
  pthread_setname_np (pthread_self (), "owner");
  pthread_mutex_lock (&left);
  return NULL;
}

static void *
stand_by (void *data)
{
  pthread_setname_np (pthread_self (), "innocent");
  is_there = 1;
  while (is_asked == 0)
    sleep_ms (1);
  return NULL;
}

static int
abandon (int argc, char **argv)
{
  struct timespec until;
  pthread_t thread;

  pthread_setname_np (pthread_self (), "victim");
  pthread_create (&thread, NULL, leave, NULL);
  pthread_join (thread, NULL);
  pthread_create (&thread, NULL, stand_by, NULL);
  while (is_there == 0)
    sleep_ms (1);
  until = get_soon ();
  REQUIRE (pthread_mutex_timedlock (&left, &until) != 0);
  is_asked = 1;
  pthread_join (thread, NULL);
  return 0;
}

/* --- one way out of a section does not give the mutex back, and its thread lives on */

static pthread_mutex_t kept = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int kept_tid, asking_tid;

static void *
forget (void *data)
{
  pthread_setname_np (pthread_self (), "forgetful");
  pthread_mutex_lock (&kept);
  kept_tid = get_tid ();
  for (;;)
    sleep_ms (20);
  return NULL;
}

static void *
ask_for_kept (void *data)
{
  pthread_setname_np (pthread_self (), "victim");
  asking_tid = get_tid ();
  pthread_mutex_lock (&kept);
  return NULL;
}

/* With “alone” nobody asks. */
static int
be_forgetful (int argc, char **argv)
{
  const bool is_alone = argc > 0 && strcmp (argv[0], "alone") == 0;
  pthread_t threads[3];

  pthread_create (&threads[0], NULL, forget, NULL);
  while (kept_tid == 0)
    sleep_ms (1);
  for (int i = 1; i <= 2 && !is_alone; i++)
    {
      asking_tid = 0;
      pthread_create (&threads[i], NULL, ask_for_kept, NULL);
      while (asking_tid == 0)
        sleep_ms (1);
      await_sleep (asking_tid);
    }
  /* How long is what is meant: it is told after two seconds. */
  sleep_ms (3000);
  fflush (stdout);
  _exit (0);
}

/* --- a process of one thread, where the C library keeps nobody out */

static pthread_mutex_t alone_mutex = PTHREAD_MUTEX_INITIALIZER;

static bool
is_had_by (const pthread_mutex_t *lock, pid_t tid)
{
  int n = tid != 0;

  return lock->__data.__lock == n && lock->__data.__owner == tid && (int)lock->__data.__nusers == n
         && lock->__data.__kind == PTHREAD_MUTEX_TIMED_NP;
}

static void *
take_after_all (void *data)
{
  *(_Atomic pid_t *)data = get_tid ();
  pthread_mutex_lock (&alone_mutex);
  pthread_mutex_unlock (&alone_mutex);
  return NULL;
}

/* Argument: how many times. */
static int
be_alone (int argc, char **argv)
{
  pthread_t thread;
  _Atomic pid_t tid = 0;
  int status;
  pid_t child;

  for (int i = 0; i < atoi (argv[0]); i++)
    {
      REQUIRE (pthread_mutex_lock (&alone_mutex) == 0);
      REQUIRE (is_had_by (&alone_mutex, getpid ()));
      REQUIRE (pthread_mutex_trylock (&alone_mutex) == EBUSY);
      REQUIRE (pthread_mutex_unlock (&alone_mutex) == 0);
      REQUIRE (is_had_by (&alone_mutex, 0));
    }
  pthread_mutex_lock (&alone_mutex);
  child = fork ();
  if (child == 0)
    {
      pthread_mutex_unlock (&alone_mutex);
      for (int i = 0; i < 100; i++)
        {
          REQUIRE (is_had_by (&alone_mutex, 0));
          pthread_mutex_lock (&alone_mutex);
          REQUIRE (is_had_by (&alone_mutex, getpid ()));
          pthread_mutex_unlock (&alone_mutex);
        }
      exit (0);
    }
  REQUIRE (waitpid (child, &status, 0) == child && status == 0);
  /* It was taken alone, and is given back beside another. */
  pthread_create (&thread, NULL, take_after_all, &tid);
  while (tid == 0)
    sleep_ms (1);
  await_sleep (tid);
  pthread_mutex_unlock (&alone_mutex);
  pthread_join (thread, NULL);
  REQUIRE (is_had_by (&alone_mutex, 0));
  REQUIRE (pthread_mutex_destroy (&alone_mutex) == 0);
  return 0;
}

const Subject subjects_of_locks[] = {
  { "contend", contend }, { "outlast", outlast },        { "abandon", abandon },
  { "alone", be_alone },  { "forgetful", be_forgetful }, { NULL, NULL },
};
