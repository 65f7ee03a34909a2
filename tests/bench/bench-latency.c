/* bench-latency.c - from handing a task in until it runs: ours, others, and a bare word of memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hot: the next task comes 5 µs after the one before began, so that a worker that polls still does.
 * Asleep: it comes 2 ms later.  "limit" is a thread that polls, or sleeps on, a word of memory, and
 * one that sets it: the least that there can be.  One worker.  All contenders alternate in one run;
 * of each the medians over the rounds of its median and of its 99th percentile.  A round in which
 * the limit itself was held up is as good as none, on a machine that others use as well: so the
 * best round is printed, too.
 */

#include "config.h"

#include "bench-peers.h"
#include "bench-recording.h"
#include "il-futex.h"
#include "il-pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define N_ROUNDS 9
#define N_HOT 2000
#define N_ASLEEP 100
#define HOT_GAP_NS 5000
#define SLEEP_US 2000

/* The first thing that a task does. */
static _Atomic uint64_t began;

static IlTrace *trace;
static IlClockSource source;
static double ns_per_tick;

static void
begin_now (void)
{
  atomic_store_explicit (&began, il_clock_stamp (source), memory_order_release);
}

static uint64_t
begin (IlPoolTask *task, uint64_t argument)
{
  begin_now ();
  return 0;
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

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

typedef struct
{
  double p50, p99; /* ns */
} Latency;

static Latency
measure (void (*put) (void *self), void *self, gboolean is_hot)
{
  static double times_ns[N_HOT];
  guint n = is_hot ? N_HOT : N_ASLEEP;

  for (guint i = 0; i < n; i++)
    {
      uint64_t before, after;

      pause_before_next (is_hot);
      atomic_store (&began, 0);
      before = il_clock_stamp (source);
      put (self);
      while ((after = atomic_load_explicit (&began, memory_order_acquire)) == 0)
        il_spin_pause ();
      times_ns[i] = (double)(int64_t)(after - before) * ns_per_tick;
    }
  qsort (times_ns, n, sizeof *times_ns, compare_doubles);
  return (Latency){ times_ns[n / 2], times_ns[n * 99 / 100] };
}

static void
put_task (void *self)
{
  il_pool_call_async (self, 0, 0, NULL, NULL);
}

static Latency
measure_pool (IlScheduling scheduling, gboolean is_recorded, gboolean is_hot)
{
  static const IlPoolFunction functions[] = { { .name = "begin", .func = begin } };
  IlPoolOptions options = { .model = IL_MODEL_THREADS, .n_workers = 1, .scheduling = scheduling };
  IlPool *pool
      = il_pool_new_for_functions (&options, functions, 1, is_recorded ? trace : NULL, NULL);
  Latency latency;

  il_pool_start (pool, NULL);
  il_pool_begin_submitting (pool);
  latency = measure (put_task, pool, is_hot);
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  il_pool_join (pool, NULL);
  il_pool_free (pool);
  return latency;
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
      while (atomic_load_explicit (&self->word, memory_order_acquire) == i)
        if (self->is_hot)
          il_spin_pause ();
        else
          il_futex_wait (&self->word, i, IL_NO_DEADLINE);
      begin_now ();
    }
  return NULL;
}

static void
put_word (void *data)
{
  Word *self = data;
  uint32_t next = atomic_load_explicit (&self->word, memory_order_relaxed) + 1;

  atomic_store_explicit (&self->word, next, memory_order_release);
  if (!self->is_hot)
    il_futex_wake (&self->word, 1);
}

static Latency
measure_word (gboolean is_hot)
{
  Word self = { .is_hot = is_hot, .n = is_hot ? N_HOT : N_ASLEEP };
  pthread_t thread;
  Latency latency;

  pthread_create (&thread, NULL, word_thread, &self);
  latency = measure (put_word, &self, is_hot);
  pthread_join (thread, NULL);
  return latency;
}

static void
begin_cb (void *data, void *user_data)
{
  begin_now ();
}

static void
push_glib (void *self)
{
  g_thread_pool_push (self, GUINT_TO_POINTER (1), NULL);
}

static Latency
measure_glib (gboolean is_hot)
{
  GThreadPool *pool = g_thread_pool_new (begin_cb, NULL, 1, TRUE, NULL);
  Latency latency = measure (push_glib, pool, is_hot);

  g_thread_pool_free (pool, FALSE, TRUE);
  return latency;
}

static Latency
measure_limit (guint unused, gboolean unused_too, gboolean is_hot)
{
  return measure_word (is_hot);
}

static Latency
measure_glib_pool (guint unused, gboolean unused_too, gboolean is_hot)
{
  return measure_glib (is_hot);
}

#ifdef BENCH_WITH_LIBUV
static Latency
measure_libuv (guint unused, gboolean unused_too, gboolean is_hot)
{
  Latency latency;

  bench_libuv_open (begin_now);
  latency = measure (bench_libuv_put, NULL, is_hot);
  bench_libuv_close ();
  return latency;
}
#endif

#ifdef BENCH_WITH_TBB
static Latency
measure_tbb (guint unused, gboolean unused_too, gboolean is_hot)
{
  Latency latency;

  bench_tbb_open (begin_now);
  latency = measure (bench_tbb_put, NULL, is_hot);
  bench_tbb_close ();
  return latency;
}
#endif

static Latency
measure_ours (guint scheduling, gboolean is_recorded, gboolean is_hot)
{
  return measure_pool ((IlScheduling)scheduling, is_recorded, is_hot);
}

typedef struct
{
  const char *name;
  Latency (*measure) (guint scheduling, gboolean is_recorded, gboolean is_hot);
  guint scheduling;
  gboolean is_recorded;
} Line;

static const Line lines[] = {
  { "limit", measure_limit, 0, FALSE },
  { "stealing", measure_ours, IL_SCHEDULING_STEALING, FALSE },
  { "fifo", measure_ours, IL_SCHEDULING_FIFO, FALSE },
  { "stealing, recorded", measure_ours, IL_SCHEDULING_STEALING, TRUE },
  { "fifo, recorded", measure_ours, IL_SCHEDULING_FIFO, TRUE },
  { "GThreadPool", measure_glib_pool, 0, FALSE },
#ifdef BENCH_WITH_LIBUV
  { "libuv", measure_libuv, 0, FALSE },
#endif
#ifdef BENCH_WITH_TBB
  { "oneTBB task_arena enqueue", measure_tbb, 0, FALSE },
#endif
};

static double
get_median (double values[N_ROUNDS])
{
  qsort (values, N_ROUNDS, sizeof *values, compare_doubles);
  return values[N_ROUNDS / 2];
}

static void
measure_all (gboolean is_hot)
{
  double p50[G_N_ELEMENTS (lines)][N_ROUNDS], p99[G_N_ELEMENTS (lines)][N_ROUNDS];
  double limit_ns, best_limit_ns;

  for (guint round = 0; round < N_ROUNDS; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
      {
        Latency latency = lines[i].measure (lines[i].scheduling, lines[i].is_recorded, is_hot);

        p50[i][round] = latency.p50;
        p99[i][round] = latency.p99;
      }
  printf ("%-28s %8s %8s %9s %10s %8s\n", is_hot ? "hot; ns to start" : "asleep; ns to start",
          "p50", "x limit", "best p50", "x limit", "p99");
  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      double median = get_median (p50[i]);

      if (i == 0)
        {
          limit_ns = median;
          best_limit_ns = p50[0][0];
        }
      printf ("%-28s %8.0f %8.2f %9.0f %10.2f %8.0f\n", lines[i].name, median, median / limit_ns,
              p50[i][0], p50[i][0] / best_limit_ns, get_median (p99[i]));
    }
}

static void
calibrate (void)
{
  IlClockAnchor from, to;

  source = il_clock_best_source ();
  from = il_clock_take_anchor (source);
  g_usleep (20000);
  to = il_clock_take_anchor (source);
  ns_per_tick = (double)(to.time_ns - from.time_ns) / (double)(to.stamp - from.stamp);
}

int
main (void)
{
  calibrate ();
  trace = bench_recording_start ();
  measure_all (TRUE);
  measure_all (FALSE);
  printf ("events lost: %llu\n", (unsigned long long)bench_recording_stop ());
  return 0;
}
