/* subject-hot.c - a lock that threads take as often as they can, for hardly any time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Counts itself how often it was taken, how often that was not possible at once, and how long the
 * waits took by the program's own clock.
 */

#include "subject.h"

#include <stdalign.h>
#include <stdatomic.h>

#define MAX_THREADS 8
#define LENGTH_MS 2000

typedef struct
{
  alignas (128) long long n_taken;
  long long n_waits, waited_ns;
} Figures;

static pthread_mutex_t hot_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t inner_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int is_over, inner_tid, hot_tid;
static volatile int work;
static Figures figures[MAX_THREADS];

static void
take_hot (Figures *own)
{
  int64_t begin;

  own->n_taken++;
  if (pthread_mutex_trylock (&hot_mutex) == 0)
    return;
  begin = get_ns ();
  pthread_mutex_lock (&hot_mutex);
  own->waited_ns += get_ns () - begin;
  own->n_waits++;
}

static void *
run_hot (void *data)
{
  Figures *own = data;

  while (!is_over)
    {
      take_hot (own);
      for (int i = 0; i < 20; i++)
        work += i;
      pthread_mutex_unlock (&hot_mutex);
    }
  return NULL;
}

static int
run_hot_threads (int argc, char **argv)
{
  int n = argc > 0 ? atoi (argv[0]) : 2;
  pthread_t threads[MAX_THREADS];
  Figures all = { 0 };

  for (int i = 0; i < n; i++)
    pthread_create (&threads[i], NULL, run_hot, &figures[i]);
  sleep_ms (LENGTH_MS);
  is_over = 1;
  for (int i = 0; i < n; i++)
    {
      pthread_join (threads[i], NULL);
      all.n_taken += figures[i].n_taken;
      all.n_waits += figures[i].n_waits;
      all.waited_ns += figures[i].waited_ns;
    }
  printf ("%lld %lld %lld\n", all.n_taken, all.n_waits, all.waited_ns);
  return 0;
}

/* --- always in the same order */

#define N_NESTED 1000000 /* by each of them */
#define N_PAUSED 20000   /* once in so many times something else is said meanwhile */

static void *
run_nested (void *data)
{
  for (int i = 1; i <= N_NESTED; i++)
    {
      pthread_mutex_lock (&hot_mutex);
      pthread_mutex_lock (&inner_mutex);
      work++;
      if (i % N_PAUSED == 0)
        sleep_ms (1);
      pthread_mutex_unlock (&inner_mutex);
      pthread_mutex_unlock (&hot_mutex);
      if (i % 3 != 0)
        continue;
      pthread_mutex_lock (&inner_mutex);
      work++;
      pthread_mutex_unlock (&inner_mutex);
    }
  return NULL;
}

static int
run_hot_nested (int argc, char **argv)
{
  pthread_t threads[4];

  for (int i = 0; i < 4; i++)
    pthread_create (&threads[i], NULL, run_nested, NULL);
  for (int i = 0; i < 4; i++)
    pthread_join (threads[i], NULL);
  printf ("%d\n", 4 * (N_NESTED + N_NESTED / 3));
  return 0;
}

/* --- who has what was but counted, and then waits for each other, is known to have it */

static void *
run_inner_first (void *data)
{
  Figures *own = data;

  pthread_mutex_lock (&inner_mutex);
  inner_tid = get_tid ();
  for (;;)
    {
      take_hot (own);
      work++;
      pthread_mutex_unlock (&hot_mutex);
    }
  return NULL;
}

static void *
run_hot_first (void *data)
{
  Figures *own = data;
  int64_t end;

  while (inner_tid == 0)
    sleep_ms (1);
  end = get_ns () + LENGTH_MS / 4 * INT64_C (1000000);
  while (get_ns () < end)
    {
      take_hot (own);
      work++;
      pthread_mutex_unlock (&hot_mutex);
    }
  take_hot (own);
  hot_tid = get_tid ();
  is_over = 1;
  pthread_mutex_lock (&inner_mutex);
  return NULL;
}

/* One has inner_mutex and wants the hot one for ever; the other comes to have that, and waits for
 * inner_mutex. */
static int
run_hot_deadlock (int argc, char **argv)
{
  pthread_t threads[2];

  pthread_create (&threads[0], NULL, run_inner_first, &figures[0]);
  pthread_create (&threads[1], NULL, run_hot_first, &figures[1]);
  /* It may have to wait for long until it gets it for the last time. */
  while (!is_over)
    sleep_ms (1);
  await_sleep (hot_tid);
  await_sleep (inner_tid);
  /* For a while: one that ends a moment later is not looked at. */
  sleep_ms (LENGTH_MS / 4);
  return 0;
}

const Subject subjects_of_heat[] = { { "hot", run_hot_threads },
                                     { "hot-deadlock", run_hot_deadlock },
                                     { "hot-nested", run_hot_nested },
                                     { NULL, NULL } };
