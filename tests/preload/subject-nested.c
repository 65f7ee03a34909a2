/* subject-nested.c - locks within locks, which nobody waits for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <sched.h>
#include <semaphore.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER, tried = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t polite_rwlocks[]
    = { PTHREAD_RWLOCK_INITIALIZER, PTHREAD_RWLOCK_INITIALIZER };
static sem_t unit, signal_unit, outer, inner, guard, guarded, innermost, wakes;

static void
take_all (void)
{
  pthread_mutex_lock (&alone);
  pthread_mutex_unlock (&alone);
  pthread_mutex_lock (&a);
  pthread_mutex_lock (&b);
  pthread_mutex_lock (&c);
  REQUIRE (pthread_mutex_trylock (&tried) == 0);
  pthread_mutex_unlock (&tried);
  pthread_mutex_unlock (&c);
  pthread_mutex_unlock (&b);
  pthread_mutex_unlock (&a);
}

static void *
take_opposite (void *data)
{
  pthread_setname_np (pthread_self (), "opposite");
  pthread_mutex_lock (&b);
  pthread_mutex_lock (&a);
  /* Not in the order in which they were taken. */
  pthread_mutex_unlock (&b);
  pthread_mutex_lock (&c);
  pthread_mutex_unlock (&a);
  pthread_mutex_unlock (&c);
  return NULL;
}

/* One of the two is a lock, as it is given back; what the other one is nobody knows. */
static void *
take_units (void *data)
{
  pthread_setname_np (pthread_self (), "units");
  sem_wait (&unit);
  sem_post (&unit);
  pthread_mutex_lock (&a);
  sem_wait (&unit);
  sem_wait (&signal_unit);
  sem_post (&unit);
  pthread_mutex_unlock (&a);
  return NULL;
}

/* A semaphore is a lock from the first time on that it was given back. */
static void *
take_first (void *data)
{
  pthread_setname_np (pthread_self (), "first");
  for (int i = 0; i < 2; i++)
    {
      sem_wait (&outer);
      sem_wait (&inner);
      sem_post (&inner);
      sem_post (&outer);
    }
  return NULL;
}

/* Until all are given back it is not known of the outermost. */
static void *
take_guarded (void *data)
{
  pthread_setname_np (pthread_self (), "guarded");
  for (int i = 0; i < 2; i++)
    {
      sem_wait (&guard);
      sem_wait (&guarded);
      sem_wait (&innermost);
      sem_post (&innermost);
      sem_post (&guarded);
      sem_post (&guard);
    }
  return NULL;
}

static void
await_units (sem_t *semaphore, int n)
{
  int value;

  do
    {
      sched_yield ();
      REQUIRE (sem_getvalue (semaphore, &value) == 0);
    }
  while (value != n);
}

/* Another will give it back. */
static void *
take_signal (void *data)
{
  pthread_setname_np (pthread_self (), "signalled");
  for (int i = 0; i < 2; i++)
    {
      pthread_mutex_lock (&a);
      sem_wait (&wakes);
      pthread_mutex_lock (&b);
      pthread_mutex_unlock (&b);
      pthread_mutex_unlock (&a);
      if (i == 0)
        await_units (&wakes, 2);
    }
  return NULL;
}

static void
take_units_first (void)
{
  pthread_t thread;

  pthread_create (&thread, NULL, take_first, NULL);
  pthread_join (thread, NULL);
  pthread_create (&thread, NULL, take_guarded, NULL);
  pthread_join (thread, NULL);
  pthread_create (&thread, NULL, take_signal, NULL);
  await_units (&wakes, 0);
  sem_post (&wakes);
  sem_post (&wakes);
  pthread_join (thread, NULL);
}

static int
run_nested (int argc, char **argv)
{
  pthread_t thread;

  pthread_setname_np (pthread_self (), "usual");
  sem_init (&unit, 0, 1);
  sem_init (&signal_unit, 0, 1);
  sem_init (&outer, 0, 1);
  sem_init (&inner, 0, 1);
  sem_init (&guard, 0, 1);
  sem_init (&guarded, 0, 1);
  sem_init (&innermost, 0, 1);
  sem_init (&wakes, 0, 1);
  for (int i = 0; i < 100; i++)
    take_all ();
  pthread_create (&thread, NULL, take_opposite, NULL);
  pthread_join (thread, NULL);
  pthread_create (&thread, NULL, take_units, NULL);
  pthread_join (thread, NULL);
  take_units_first ();
  printf ("a %p b %p c %p u %p o %p i %p g %p h %p j %p\n", (void *)&a, (void *)&b, (void *)&c,
          (void *)&unit, (void *)&outer, (void *)&inner, (void *)&guard, (void *)&guarded,
          (void *)&innermost);
  return 0;
}

/* --- one of them lets readers in together */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic bool is_written;

static void *
write_within (void *data)
{
  pthread_setname_np (pthread_self (), "within");
  pthread_mutex_lock (&a);
  pthread_rwlock_wrlock (&rwlock);
  pthread_rwlock_unlock (&rwlock);
  pthread_mutex_unlock (&a);
  /* Who reads it excludes nobody else who does. */
  pthread_rwlock_rdlock (&rwlock);
  pthread_mutex_lock (&b);
  pthread_mutex_unlock (&b);
  pthread_rwlock_unlock (&rwlock);
  is_written = true;
  return NULL;
}

static void
write_around (void)
{
  pthread_rwlock_wrlock (&rwlock);
  pthread_mutex_lock (&a);
  /* Not in the opposite order. */
  pthread_rwlock_unlock (&rwlock);
  pthread_mutex_unlock (&a);
}

static int
run_nested_writers (int argc, char **argv)
{
  pthread_t thread;

  pthread_setname_np (pthread_self (), "around");
  for (int i = 0; i < 100; i++)
    write_around ();
  pthread_create (&thread, NULL, write_within, NULL);
  /* What it did before is apart from what the other does. */
  while (!is_written)
    sleep_ms (1);
  write_around ();
  pthread_join (thread, NULL);
  return 0;
}

/* --- others lie where they lay */

static void *
take_remade (void *data)
{
  bool is_opposite = data != NULL;

  pthread_setname_np (pthread_self (), is_opposite ? "second" : "first");
  pthread_mutex_lock (is_opposite ? &b : &a);
  pthread_mutex_lock (is_opposite ? &a : &b);
  pthread_mutex_unlock (&a);
  pthread_mutex_unlock (&b);
  return NULL;
}

static int
run_nested_remade (int argc, char **argv)
{
  pthread_setname_np (pthread_self (), "maker");
  for (int i = 0; i < 2; i++)
    {
      pthread_t thread;

      pthread_mutex_init (&a, NULL);
      pthread_mutex_init (&b, NULL);
      pthread_create (&thread, NULL, take_remade, i == 0 ? NULL : &a);
      pthread_join (thread, NULL);
      pthread_mutex_destroy (&a);
      pthread_mutex_destroy (&b);
      /* Nothing was said of what is made and destroyed here. */
      pthread_mutex_init (&a, NULL);
      pthread_mutex_destroy (&a);
    }
  return 0;
}

/* --- of more kinds than one, and nobody waits */

static pthread_mutex_t recursive, checking;

static void
init_mutex (pthread_mutex_t *mutex, int type)
{
  pthread_mutexattr_t attributes;

  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_settype (&attributes, type);
  pthread_mutex_init (mutex, &attributes);
  pthread_mutexattr_destroy (&attributes);
}

static void *
take_kinds (void *data)
{
  pthread_setname_np (pthread_self (), "kinds");
  pthread_mutex_lock (&recursive);
  pthread_mutex_lock (&a);
  pthread_mutex_lock (&checking);
  pthread_mutex_unlock (&checking);
  pthread_mutex_unlock (&a);
  pthread_mutex_unlock (&recursive);
  return NULL;
}

static int
run_nested_kinds (int argc, char **argv)
{
  pthread_t thread;

  init_mutex (&recursive, PTHREAD_MUTEX_RECURSIVE);
  init_mutex (&checking, PTHREAD_MUTEX_ERRORCHECK);
  pthread_create (&thread, NULL, take_kinds, NULL);
  pthread_join (thread, NULL);
  printf ("r %p a %p c %p\n", (void *)&recursive, (void *)&a, (void *)&checking);
  return 0;
}

static void *
take_in_turn (void *data)
{
  pthread_mutex_t **pair = data;

  pthread_mutex_lock (pair[0]);
  pthread_mutex_lock (pair[1]);
  sched_yield ();
  pthread_mutex_unlock (pair[1]);
  pthread_mutex_unlock (pair[0]);
  return NULL;
}

/* Each time the first lies where the second lay before, and two want both. */
static int
run_remade_often (int argc, char **argv)
{
  for (int i = 0; i < 1000; i++)
    {
      pthread_mutex_t *pair[2] = { i % 2 == 0 ? &a : &b, i % 2 == 0 ? &b : &a };

      for (int j = 0; j < 2; j++)
        pthread_mutex_init (pair[j], NULL);
      run_unawaited (take_in_turn, (void *const[]){ pair, pair }, 2);
      for (int j = 0; j < 2; j++)
        pthread_mutex_destroy (pair[j]);
    }
  return 0;
}

/* --- in opposite orders, but under one more lock, and each for a time of its own, so that nobody
 * waits for that */

#define N_GATED 40

static pthread_barrier_t gated;
static _Atomic int n_contending;

static void *
take_under_gate (void *data)
{
  bool is_first = data == NULL;

  for (int i = 0; i < 2; i++)
    {
      pthread_barrier_wait (&gated);
      for (int j = 0; j < N_GATED && (i == 0) == is_first; j++)
        {
          pthread_mutex_lock (&c);
          pthread_mutex_lock (is_first ? &a : &b);
          pthread_mutex_lock (is_first ? &b : &a);
          sleep_ms (1);
          pthread_mutex_unlock (&a);
          pthread_mutex_unlock (&b);
          pthread_mutex_unlock (&c);
        }
    }
  n_contending--;
  return NULL;
}

static void *
contend (void *lock)
{
  while (n_contending > 0)
    {
      pthread_mutex_lock (lock);
      sleep_ms (1);
      pthread_mutex_unlock (lock);
      sleep_ms (1);
    }
  return NULL;
}

static int
run_quiet_gate (int argc, char **argv)
{
  pthread_t threads[4];

  n_contending = 2;
  pthread_barrier_init (&gated, NULL, 2);
  for (int i = 0; i < 2; i++)
    pthread_create (&threads[i], NULL, take_under_gate, i == 0 ? NULL : &gated);
  for (int i = 0; i < 2; i++)
    pthread_create (&threads[2 + i], NULL, contend, i == 0 ? &a : &b);
  for (int i = 0; i < 4; i++)
    pthread_join (threads[i], NULL);
  return 0;
}

/* --- who cannot have both lets go of the one: no order is wrong then */

#define N_BOTH 40 /* times, for each thread */

typedef struct
{
  int (*take) (void *lock);
  int (*try) (void *lock);
  int (*give) (void *lock);
  void *locks[2];
} Both;

typedef struct
{
  const Both *both;
  int index;
} Polite;

static int
take_mutex (void *lock)
{
  return pthread_mutex_lock (lock);
}

static int
try_mutex (void *lock)
{
  return pthread_mutex_trylock (lock);
}

static int
try_mutex_for_a_while (void *lock)
{
  struct timespec until = get_soon ();

  return pthread_mutex_timedlock (lock, &until);
}

static int
give_mutex (void *lock)
{
  return pthread_mutex_unlock (lock);
}

static int
take_rwlock (void *lock)
{
  return pthread_rwlock_wrlock (lock);
}

static int
try_rwlock (void *lock)
{
  return pthread_rwlock_trywrlock (lock);
}

static int
give_rwlock (void *lock)
{
  return pthread_rwlock_unlock (lock);
}

static void *
take_both (void *data)
{
  const Polite *polite = data;
  const Both *both = polite->both;
  void *own = both->locks[polite->index], *other = both->locks[1 - polite->index];

  for (int n = 0; n < N_BOTH;)
    {
      both->take (own);
      sleep_ms (1);
      if (both->try (other) == 0)
        {
          n++;
          both->give (other);
        }
      both->give (own);
      sleep_ms (1 + 2 * polite->index);
    }
  return NULL;
}

static int
run_back_off (int argc, char **argv)
{
  const Both ways[] = {
    { take_mutex, try_mutex, give_mutex, { &a, &b } },
    { take_mutex, try_mutex_for_a_while, give_mutex, { &c, &tried } },
    { take_rwlock, try_rwlock, give_rwlock, { &polite_rwlocks[0], &polite_rwlocks[1] } },
  };

  for (int i = 0; i < 3; i++)
    {
      Polite polite[2] = { { &ways[i], 0 }, { &ways[i], 1 } };
      pthread_t threads[2];

      for (int j = 0; j < 2; j++)
        pthread_create (&threads[j], NULL, take_both, &polite[j]);
      for (int j = 0; j < 2; j++)
        pthread_join (threads[j], NULL);
    }
  return 0;
}

const Subject subjects_of_nesting[] = {
  { "back-off", run_back_off },
  { "quiet-gate", run_quiet_gate },
  { "remade-often", run_remade_often },
  { "nested", run_nested },
  { "nested-kinds", run_nested_kinds },
  { "nested-remade", run_nested_remade },
  { "nested-writers", run_nested_writers },
  { NULL, NULL },
};
