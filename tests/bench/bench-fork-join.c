/* bench-fork-join.c - what a function that spawns a function costs: fib, recursive
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One worker; per spawn, with its sync and the call.  "limit" is a stack of descriptors from which
 * nobody steals, "call" no spawn at all.  Recorded, submission, begin and end of each are written
 * while a reader drains.  All alternate in one run; medians over the rounds.
 */

#include "config.h"

#include "bench-peers.h"
#include "bench-recording.h"
#include "il-fork.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define N 25
#define N_SPAWNS 242784 /* fib (25) spawns so often */
#define N_ROUNDS 9

typedef struct
{
  void (*func) (void);
  uint64_t argument;
} Descriptor;

static Descriptor descriptors[64], *top = descriptors;

static __attribute__ ((noinline)) uint64_t
call_fib (uint64_t n)
{
  return n < 2 ? n : call_fib (n - 1) + call_fib (n - 2);
}

static __attribute__ ((noinline)) uint64_t
limit_fib (uint64_t n)
{
  uint64_t a;

  if (n < 2)
    return n;
  *top++ = (Descriptor){ (void (*) (void))limit_fib, n - 1 };
  a = limit_fib (n - 2);
  top--;
  return a + ((uint64_t (*) (uint64_t))top->func) (top->argument);
}

static uint64_t
fib (IlPoolTask *task, uint64_t n)
{
  uint64_t a;

  if (n < 2)
    return n;
  il_pool_spawn (task, fib, n - 1);
  a = fib (task, n - 2);
  return a + il_pool_sync (task);
}

/* In the worker, so that neither submission nor waking is measured. */
static uint64_t
measure_fib (IlPoolTask *task, uint64_t n)
{
  struct timespec begin, end;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &begin);
  if (fib (task, n) != 75025)
    abort ();
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &end);
  return (uint64_t)((end.tv_sec - begin.tv_sec) * INT64_C (1000000000) + end.tv_nsec
                    - begin.tv_nsec);
}

static IlTrace *trace;

static double
measure_pool (bool is_recorded)
{
  static const IlPoolFunction functions[] = { { .name = "fib", .func = measure_fib } };
  IlPoolOptions options = { .model = IL_MODEL_THREADS, .n_workers = 1 };
  IlPool *pool
      = il_pool_new_for_functions (&options, functions, 1, is_recorded ? trace : NULL, NULL);
  IlPoolResult result;

  il_pool_start (pool, NULL);
  il_pool_begin_submitting (pool);
  il_pool_call (pool, 0, N, NULL, &result, NULL);
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  il_pool_join (pool, NULL);
  il_pool_free (pool);
  return (double)result.value / N_SPAWNS;
}

static double
measure (uint64_t (*func) (uint64_t))
{
  struct timespec begin, end;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &begin);
  if (func (N) != 75025)
    abort ();
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &end);
  return (double)((end.tv_sec - begin.tv_sec) * INT64_C (1000000000) + end.tv_nsec - begin.tv_nsec)
         / N_SPAWNS;
}

/* What a stamp costs here: two are needed for each spawn that is recorded. */
static double
measure_stamp (void)
{
  IlClockSource source = il_clock_best_source ();
  int64_t begin_ns = il_clock_monotonic_ns ();
  uint64_t sum = 0;

  for (int i = 0; i < 100000; i++)
    sum += il_clock_stamp (source);
  if (sum == 1)
    abort ();
  return (double)(il_clock_monotonic_ns () - begin_ns) / 100000;
}

static uint64_t
openmp_fib (uint64_t n)
{
#ifdef BENCH_WITH_OPENMP
  return bench_openmp_fib ((unsigned)n);
#else
  return 75025;
#endif
}

static uint64_t
tbb_fib (uint64_t n)
{
#ifdef BENCH_WITH_TBB
  return bench_tbb_fib ((unsigned)n);
#else
  return 75025;
#endif
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

int
main (void)
{
  static const char *const names[]
      = { "call", "limit", "ours", "ours, recorded", "OpenMP", "oneTBB", "one time stamp" };
  double costs[G_N_ELEMENTS (names)][N_ROUNDS];

  trace = bench_recording_start ();
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      costs[0][round] = measure (call_fib);
      costs[1][round] = measure (limit_fib);
      costs[2][round] = measure_pool (false);
      costs[3][round] = measure_pool (true);
      costs[4][round] = measure (openmp_fib);
      costs[5][round] = measure (tbb_fib);
      costs[6][round] = measure_stamp ();
    }
  printf ("fib (%d), one worker: CPU ns per spawn and sync\n", N);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      qsort (costs[i], N_ROUNDS, sizeof *costs[i], compare_doubles);
      printf ("%-20s %8.2f\n", names[i], costs[i][N_ROUNDS / 2]);
    }
  printf ("events lost: %llu\n", (unsigned long long)bench_recording_stop ());
  return 0;
}
