/* bench-latency.c - from handing a task in until it runs, beside a bare word of memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hot: the next task comes 5 µs after the one before, so that the worker still polls.  Asleep: it
 * comes 2 ms later.  "word" is a thread that polls, or sleeps on, a word of memory, and one that
 * sets it: the least that there can be.  One worker.
 */

#include "config.h"

#include "il-futex.h"
#include "il-pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define N_HOT 20000
#define N_ASLEEP 500
#define HOT_GAP_NS 5000
#define SLEEP_US 2000

static _Atomic int64_t began_ns;

static uint64_t
begin (IlPoolTask *task, uint64_t argument)
{
  atomic_store (&began_ns, il_clock_monotonic_ns ());
  return 0;
}

static int
compare_times (const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

  return (x > y) - (x < y);
}

static void
print_times (const char *name, int64_t *times_ns, guint n)
{
  qsort (times_ns, n, sizeof *times_ns, compare_times);
  printf ("%-28s %10lld %10lld\n", name, (long long)times_ns[n / 2],
          (long long)times_ns[n * 99 / 100]);
}

static int64_t
wait_for_begin (int64_t before_ns)
{
  while (atomic_load (&began_ns) == 0)
    il_spin_pause ();
  return atomic_load (&began_ns) - before_ns;
}

static void
pause_before_next (gboolean is_hot)
{
  int64_t until_ns = il_clock_monotonic_ns () + HOT_GAP_NS;

  if (!is_hot)
    g_usleep (SLEEP_US);
  else
    while (il_clock_monotonic_ns () < until_ns)
      il_spin_pause ();
}

static void
measure_pool (IlScheduling scheduling, gboolean is_hot, int64_t *times_ns, guint n)
{
  static const IlPoolFunction functions[] = { { .name = "begin", .func = begin } };
  IlPoolOptions options = { .model = IL_MODEL_THREADS, .n_workers = 1, .scheduling = scheduling };
  IlPool *pool = il_pool_new_for_functions (&options, functions, 1, NULL, NULL);

  il_pool_start (pool, NULL);
  il_pool_begin_submitting (pool);
  for (guint i = 0; i < n; i++)
    {
      int64_t before_ns;

      pause_before_next (is_hot);
      atomic_store (&began_ns, 0);
      before_ns = il_clock_monotonic_ns ();
      il_pool_call_async (pool, 0, 0, NULL, NULL);
      times_ns[i] = wait_for_begin (before_ns);
    }
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  il_pool_join (pool, NULL);
  il_pool_free (pool);
}

typedef struct
{
  _Atomic uint32_t word;
  gboolean is_hot;
  guint n;
} Word;

static void *
word_thread (void *data)
{
  Word *self = data;

  for (guint i = 0; i < self->n; i++)
    {
      while (atomic_load (&self->word) == i)
        if (self->is_hot)
          il_spin_pause ();
        else
          il_futex_wait (&self->word, i, IL_NO_DEADLINE);
      atomic_store (&began_ns, il_clock_monotonic_ns ());
    }
  return NULL;
}

static void
measure_word (gboolean is_hot, int64_t *times_ns, guint n)
{
  Word self = { .is_hot = is_hot, .n = n };
  pthread_t thread;

  pthread_create (&thread, NULL, word_thread, &self);
  for (guint i = 0; i < n; i++)
    {
      int64_t before_ns;

      pause_before_next (is_hot);
      atomic_store (&began_ns, 0);
      before_ns = il_clock_monotonic_ns ();
      atomic_store (&self.word, i + 1);
      if (!is_hot)
        il_futex_wake (&self.word, 1);
      times_ns[i] = wait_for_begin (before_ns);
    }
  pthread_join (thread, NULL);
}

int
main (void)
{
  static int64_t times_ns[N_HOT];

  printf ("%-28s %10s %10s\n", "ns from submit to start", "p50", "p99");
  measure_word (TRUE, times_ns, N_HOT);
  print_times ("hot, word", times_ns, N_HOT);
  measure_pool (IL_SCHEDULING_STEALING, TRUE, times_ns, N_HOT);
  print_times ("hot, stealing", times_ns, N_HOT);
  measure_pool (IL_SCHEDULING_FIFO, TRUE, times_ns, N_HOT);
  print_times ("hot, fifo", times_ns, N_HOT);
  measure_word (FALSE, times_ns, N_ASLEEP);
  print_times ("asleep, word", times_ns, N_ASLEEP);
  measure_pool (IL_SCHEDULING_STEALING, FALSE, times_ns, N_ASLEEP);
  print_times ("asleep, stealing", times_ns, N_ASLEEP);
  measure_pool (IL_SCHEDULING_FIFO, FALSE, times_ns, N_ASLEEP);
  print_times ("asleep, fifo", times_ns, N_ASLEEP);
  return 0;
}
