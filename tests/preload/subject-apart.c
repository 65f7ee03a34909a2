/* subject-apart.c - locks in opposite orders, which threads that are made and waited for keep
 * apart, or do not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <semaphore.h>
#include <threads.h>

#define N_ROUNDS 20
#define N_AT_ONCE 3

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t reading = PTHREAD_RWLOCK_INITIALIZER;
static sem_t come, done, go;

static void
take (pthread_mutex_t *first, pthread_mutex_t *second)
{
  pthread_mutex_lock (first);
  pthread_mutex_lock (second);
  pthread_mutex_unlock (second);
  pthread_mutex_unlock (first);
}

static void *
take_usual (void *unused)
{
  take (&a, &b);
  return NULL;
}

static void *
take_opposite (void *unused)
{
  take (&b, &a);
  return NULL;
}

static int
take_opposite_of_c11 (void *unused)
{
  take (&b, &a);
  return 0;
}

static pthread_t
make (void *(*function) (void *))
{
  pthread_t thread;

  REQUIRE (pthread_create (&thread, NULL, function, NULL) == 0);
  return thread;
}

static void
run_some (void *(*function) (void *))
{
  pthread_t threads[N_AT_ONCE];

  for (int i = 0; i < N_AT_ONCE; i++)
    threads[i] = make (function);
  for (int i = 0; i < N_AT_ONCE; i++)
    REQUIRE (pthread_join (threads[i], NULL) == 0);
}

/* Before there are any, and after the last. */
static void
run_before (void)
{
  take (&a, &b);
  run_some (take_opposite);
  take (&a, &b);
}

static void
run_of_c11 (void)
{
  thrd_t thread;

  take (&a, &b);
  REQUIRE (thrd_create (&thread, take_opposite_of_c11, NULL) == thrd_success);
  REQUIRE (thrd_join (thread, NULL) == thrd_success);
  take (&a, &b);
}

/* In turn.  Each has ended before it is waited for. */
static void
run_in_turn (void)
{
  for (int i = 0; i < N_ROUNDS; i++)
    run_some (i % 2 == 0 ? take_usual : take_opposite);
}

static void *
wait_for (void *data)
{
  pthread_t *thread = data;

  REQUIRE (pthread_join (*thread, NULL) == 0);
  return NULL;
}

/* It is another one that waits. */
static void
run_chain (void)
{
  pthread_t first = make (take_usual), second;

  REQUIRE (pthread_create (&second, NULL, wait_for, &first) == 0);
  REQUIRE (pthread_join (second, NULL) == 0);
  run_some (take_opposite);
}

/* Who writes is told of as any lock. */
static void
run_writing (void)
{
  pthread_rwlock_wrlock (&reading);
  take_usual (NULL);
  pthread_rwlock_unlock (&reading);
  run_some (take_opposite);
  pthread_mutex_lock (&a);
  pthread_rwlock_wrlock (&reading);
  pthread_rwlock_unlock (&reading);
  pthread_mutex_unlock (&a);
}

/* --- not apart, though one comes after the other */

static void *
take_opposite_and_stay (void *unused)
{
  take (&b, &a);
  sem_post (&done);
  sem_wait (&go);
  return NULL;
}

static void *
come_late (void *unused)
{
  sem_wait (&come);
  take (&b, &a);
  return NULL;
}

static void *
take_usual_and_tell (void *unused)
{
  take (&a, &b);
  sem_post (&done);
  return NULL;
}

static void
leave (pthread_t thread)
{
  sem_post (&go);
  REQUIRE (pthread_join (thread, NULL) == 0);
}

/* The first one does so again, while the other is there; before that so often that it is not looked
 * at any more. */
static void
run_again (void)
{
  pthread_t other;

  for (int i = 0; i < 2000; i++)
    take (&a, &b);
  other = make (take_opposite_and_stay);
  sem_wait (&done);
  take (&a, &b);
  leave (other);
}

/* One has ended, but nobody waited for that. */
static void
run_detached (void)
{
  REQUIRE (pthread_detach (make (take_usual_and_tell)) == 0);
  sem_wait (&done);
  run_some (take_opposite);
}

/* One was made before the other was waited for. */
static void
run_made_early (void)
{
  pthread_t late = make (come_late);

  run_some (take_usual);
  sem_post (&come);
  REQUIRE (pthread_join (late, NULL) == 0);
}

/* Another one with the place of the first, which was waited for, does the same as that. */
static void
run_next (void)
{
  pthread_t other;

  run_some (take_usual);
  other = make (take_opposite_and_stay);
  sem_wait (&done);
  run_some (take_usual);
  leave (other);
}

static const struct
{
  const char *name;
  void (*run) (void);
} ways[] = {
  { "before", run_before },     { "c11", run_of_c11 },
  { "in-turn", run_in_turn },   { "chain", run_chain },
  { "writing", run_writing },   { "again", run_again },
  { "detached", run_detached }, { "made-early", run_made_early },
  { "next", run_next },
};

static int
run_apart (int argc, char **argv)
{
  sem_init (&come, 0, 0);
  sem_init (&done, 0, 0);
  sem_init (&go, 0, 0);
  for (size_t i = 0; argc > 0 && i < sizeof ways / sizeof *ways; i++)
    if (strcmp (ways[i].name, argv[0]) == 0)
      {
        ways[i].run ();
        return 0;
      }
  return 97;
}

const Subject subjects_of_apart[] = {
  { "apart", run_apart },
  { NULL, NULL },
};
