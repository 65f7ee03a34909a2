/* bench-subject.c - a program whose locks are to cost as little as they do alone; it times itself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   bench-subject pair N        one thread: N times a mutex taken and given back; ns of processor
 *                               time for each
 *   bench-subject pair-beside N the same while another thread is there, asleep
 *   bench-subject contend N     two threads: N times each work under one mutex, and without; ms
 *   bench-subject compute N     two threads that compute, and take no lock; ms
 *   bench-subject threads N     N times a thread that does nothing is made and joined; us for each
 *   bench-subject ping-pong N   two threads on one core wake each other, N times there and back; ms
 *
 * Prints the figure; where it is time of the wall, time of processors behind it.
 */

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t shared_value;
static int turn;
static long n_rounds;

static double
get_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static uint64_t
compute (uint64_t value, long n)
{
  for (long i = 0; i < n; i++)
    value = value * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
  return value;
}

static void *
sleep_for_long (void *data)
{
  sleep (1000);
  return NULL;
}

static void
time_pairs (void)
{
  double start;

  for (long i = 0; i < n_rounds / 10; i++)
    {
      pthread_mutex_lock (&mutex);
      pthread_mutex_unlock (&mutex);
    }
  start = get_ns (CLOCK_THREAD_CPUTIME_ID);
  for (long i = 0; i < n_rounds; i++)
    {
      pthread_mutex_lock (&mutex);
      shared_value++;
      pthread_mutex_unlock (&mutex);
    }
  printf ("%.3f\n", (get_ns (CLOCK_THREAD_CPUTIME_ID) - start) / (double)n_rounds);
}

static void *
run_contender (void *data)
{
  uint64_t value = 1;

  for (long i = 0; i < n_rounds; i++)
    {
      pthread_mutex_lock (&mutex);
      shared_value = compute (shared_value, 2000);
      pthread_mutex_unlock (&mutex);
      value = compute (value, 4000);
    }
  return (void *)(uintptr_t)value;
}

static void *
run_computer (void *data)
{
  return (void *)(uintptr_t)compute (1, n_rounds * 1000);
}

/* Where the two are on cores of their own, it is the waking of a core that is measured. */
static void
stay_on_a_core (void)
{
  cpu_set_t allowed, one;

  CPU_ZERO (&one);
  if (sched_getaffinity (0, sizeof allowed, &allowed) != 0)
    return;
  for (int i = 0; i < CPU_SETSIZE; i++)
    if (CPU_ISSET (i, &allowed))
      {
        CPU_SET (i, &one);
        sched_setaffinity (0, sizeof one, &one);
        return;
      }
}

static void *
run_player (void *data)
{
  int own = data != NULL;

  stay_on_a_core ();

  pthread_mutex_lock (&mutex);
  for (long i = 0; i < n_rounds; i++)
    {
      while (turn != own)
        pthread_cond_wait (&changed, &mutex);
      turn = !own;
      pthread_cond_signal (&changed);
    }
  pthread_mutex_unlock (&mutex);
  return NULL;
}

static void *
return_at_once (void *data)
{
  return data;
}

static void
time_threads (void)
{
  double start = get_ns (CLOCK_MONOTONIC);
  pthread_t other;

  for (long i = 0; i < n_rounds; i++)
    {
      pthread_create (&other, NULL, return_at_once, NULL);
      pthread_join (other, NULL);
    }
  printf ("%.3f %.3f\n", (get_ns (CLOCK_MONOTONIC) - start) / 1e3 / (double)n_rounds,
          get_ns (CLOCK_PROCESS_CPUTIME_ID) / 1e3 / (double)n_rounds);
}

static void
time_two (void *(*function) (void *))
{
  double start = get_ns (CLOCK_MONOTONIC);
  pthread_t other;

  pthread_create (&other, NULL, function, &n_rounds);
  function (NULL);
  pthread_join (other, NULL);
  printf ("%.3f %.3f\n", (get_ns (CLOCK_MONOTONIC) - start) / 1e6,
          get_ns (CLOCK_PROCESS_CPUTIME_ID) / 1e6);
}

int
main (int argc, char **argv)
{
  pthread_t other;

  if (argc != 3)
    return 2;
  n_rounds = atol (argv[2]);
  if (strcmp (argv[1], "pair") == 0)
    time_pairs ();
  else if (strcmp (argv[1], "pair-beside") == 0)
    {
      pthread_create (&other, NULL, sleep_for_long, NULL);
      time_pairs ();
    }
  else if (strcmp (argv[1], "contend") == 0)
    time_two (run_contender);
  else if (strcmp (argv[1], "compute") == 0)
    time_two (run_computer);
  else if (strcmp (argv[1], "threads") == 0)
    time_threads ();
  else if (strcmp (argv[1], "ping-pong") == 0)
    time_two (run_player);
  else
    return 2;
  return 0;
}
