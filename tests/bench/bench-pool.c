/* bench-pool.c - what it costs to hand an empty task to the pool, beside GThreadPool
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread hands in, two workers take.  All contenders alternate in one run; medians over the
 * rounds.  "recorded" writes every event (submit, put, get, begin, end) while a reader drains.
 */

#include "config.h"

#include "bench-peers.h"
#include "il-pool.h"
#include "il-trace-reader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define N_ROUNDS 5
#define N_TASKS 300000
#define N_WORKERS 2

typedef enum
{
  ONE_BY_ONE,
  MANY_AT_ONCE,
  MAP_BY_64,
} Way;

typedef struct
{
  const char *name;
  IlModel model;
  IlScheduling scheduling;
  Way way;
  gboolean is_recorded;
} Contender;

static const Contender contenders[] = {
  { "threads, fifo, one by one", IL_MODEL_THREADS, IL_SCHEDULING_FIFO, ONE_BY_ONE, FALSE },
  { "threads, stealing, one by one", IL_MODEL_THREADS, IL_SCHEDULING_STEALING, ONE_BY_ONE, FALSE },
  { "threads, fifo, one by one, recorded", IL_MODEL_THREADS, IL_SCHEDULING_FIFO, ONE_BY_ONE, TRUE },
  { "threads, stealing, one by one, recorded", IL_MODEL_THREADS, IL_SCHEDULING_STEALING, ONE_BY_ONE,
    TRUE },
  { "threads, fifo, many at once", IL_MODEL_THREADS, IL_SCHEDULING_FIFO, MANY_AT_ONCE, FALSE },
  { "threads, stealing, many at once", IL_MODEL_THREADS, IL_SCHEDULING_STEALING, MANY_AT_ONCE,
    FALSE },
  { "threads, fifo, many at once, recorded", IL_MODEL_THREADS, IL_SCHEDULING_FIFO, MANY_AT_ONCE,
    TRUE },
  { "threads, stealing, many at once, recorded", IL_MODEL_THREADS, IL_SCHEDULING_STEALING,
    MANY_AT_ONCE, TRUE },
  { "threads, fifo, map by 64", IL_MODEL_THREADS, IL_SCHEDULING_FIFO, MAP_BY_64, FALSE },
  { "threads, stealing, map by 64", IL_MODEL_THREADS, IL_SCHEDULING_STEALING, MAP_BY_64, FALSE },
  { "threads, fifo, map by 64, recorded", IL_MODEL_THREADS, IL_SCHEDULING_FIFO, MAP_BY_64, TRUE },
  { "threads, stealing, map by 64, recorded", IL_MODEL_THREADS, IL_SCHEDULING_STEALING, MAP_BY_64,
    TRUE },
  { "processes, fifo, one by one", IL_MODEL_PROCESSES, IL_SCHEDULING_FIFO, ONE_BY_ONE, FALSE },
  { "processes, stealing, one by one", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING, ONE_BY_ONE,
    FALSE },
  { "processes, fifo, one by one, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_FIFO, ONE_BY_ONE,
    TRUE },
  { "processes, stealing, one by one, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING,
    ONE_BY_ONE, TRUE },
  { "processes, fifo, many at once, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_FIFO, MANY_AT_ONCE,
    TRUE },
  { "processes, stealing, many at once, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING,
    MANY_AT_ONCE, TRUE },
};

static const BenchPeer peers[] = {
  { "GThreadPool", bench_glib_run },
#ifdef BENCH_WITH_LIBUV
  { "libuv", bench_libuv_run },
#endif
#ifdef BENCH_WITH_TBB
  { "oneTBB task_group, waiter helps", bench_tbb_run },
  { "oneTBB task_arena enqueue", bench_tbb_enqueue_run },
#endif
#ifdef BENCH_WITH_OPENMP
  { "OpenMP, producer helps", bench_openmp_run },
#endif
};

typedef struct
{
  double wall_ns, cpu_ns; /* per task */
} Cost;

typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  pthread_t thread;
  _Atomic bool stops;
} Recording;

static int64_t
get_cpu_ns (void)
{
  static const int who[] = { RUSAGE_SELF, RUSAGE_CHILDREN };
  int64_t total_ns = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (who); i++)
    {
      struct rusage usage;

      getrusage (who[i], &usage);
      total_ns += (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * INT64_C (1000000000)
                  + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * INT64_C (1000);
    }
  return total_ns;
}

static void *
drain_thread (void *data)
{
  static const IlTraceHandler nothing = { 0 };
  Recording *recording = data;

  while (!atomic_load (&recording->stops))
    {
      il_trace_reader_drain (recording->reader, &nothing, NULL);
      g_usleep (5000);
    }
  il_trace_reader_drain (recording->reader, &nothing, NULL);
  return NULL;
}

static void
start_recording (Recording *recording)
{
  int error_number;

  recording->reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  recording->trace = il_trace_attach (il_trace_reader_get_path (recording->reader), &error_number);
  atomic_store (&recording->stops, false);
  pthread_create (&recording->thread, NULL, drain_thread, recording);
}

/* Returns the number of events lost. */
static guint64
stop_recording (Recording *recording)
{
  IlTraceReaderStats stats;

  atomic_store (&recording->stops, true);
  pthread_join (recording->thread, NULL);
  il_trace_reader_get_stats (recording->reader, &stats);
  il_trace_detach (recording->trace);
  il_trace_reader_free (recording->reader);
  return stats.n_lost;
}

static void
hand_in (IlPool *pool, Way way)
{
  uint32_t n_submitted;

  switch (way)
    {
    case ONE_BY_ONE:
      for (guint i = 0; i < N_TASKS; i++)
        il_pool_apply_async (pool, 0, NULL);
      break;
    case MANY_AT_ONCE:
      il_pool_submit (pool, 0, N_TASKS, INT64_MAX, &n_submitted);
      break;
    case MAP_BY_64:
      il_pool_map (pool, 0, N_TASKS, 64, NULL);
      break;
    }
}

static Cost
get_cost (int64_t wall_ns, int64_t cpu_ns)
{
  return (Cost){ (double)(il_clock_monotonic_ns () - wall_ns) / N_TASKS,
                 (double)(get_cpu_ns () - cpu_ns) / N_TASKS };
}

static Cost
measure_pool (const Contender *contender, guint64 *n_lost)
{
  g_autofree char *text = g_strdup_printf (
      "[Scenario]\nName=Bench\nModel=threads\nModels=threads;processes\nWorkers=%d\nCapacity=1000\n"
      "[Task empty]\nSubmit=map\nBatch=%d\nSteps=cpu 0us\n",
      N_WORKERS, N_TASKS);
  g_autoptr (IlScenario) scenario = il_scenario_parse (text, -1, "bench", NULL);
  Recording recording = { 0 };
  IlPool *pool;
  int64_t wall_ns, cpu_ns;
  Cost cost;

  scenario->model = contender->model;
  scenario->scheduling = contender->scheduling;
  scenario->tasks[0].n_steps = 0;
  if (contender->is_recorded)
    start_recording (&recording);
  pool = il_pool_new (scenario, recording.trace, NULL);
  il_pool_start (pool, NULL);
  il_pool_begin_submitting (pool);
  /* Until the workers have come up. */
  il_pool_apply (pool, 0, NULL);

  cpu_ns = get_cpu_ns ();
  wall_ns = il_clock_monotonic_ns ();
  hand_in (pool, contender->way);
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  il_pool_join (pool, NULL);
  cost = get_cost (wall_ns, cpu_ns);
  il_pool_free (pool);
  if (contender->is_recorded)
    *n_lost += stop_recording (&recording);
  return cost;
}

static Cost
measure_peer (const BenchPeer *peer, gboolean is_recorded, guint64 *n_lost)
{
  Recording recording = { 0 };
  BenchLoad load = { .n_tasks = N_TASKS };
  int64_t wall_ns, cpu_ns;
  Cost cost;

  if (is_recorded)
    start_recording (&recording);
  load.trace = recording.trace;
  cpu_ns = get_cpu_ns ();
  wall_ns = il_clock_monotonic_ns ();
  peer->run (&load);
  cost = get_cost (wall_ns, cpu_ns);
  if (is_recorded)
    *n_lost += stop_recording (&recording);
  return cost;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
print_medians (const char *name, const Cost costs[N_ROUNDS], double reference_ns)
{
  double wall_ns[N_ROUNDS], cpu_ns[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      wall_ns[i] = costs[i].wall_ns;
      cpu_ns[i] = costs[i].cpu_ns;
    }
  qsort (wall_ns, N_ROUNDS, sizeof *wall_ns, compare_doubles);
  qsort (cpu_ns, N_ROUNDS, sizeof *cpu_ns, compare_doubles);
  printf ("%-40s %8.1f %8.1f", name, wall_ns[N_ROUNDS / 2], cpu_ns[N_ROUNDS / 2]);
  if (reference_ns > 0)
    printf (" %10.2f", wall_ns[N_ROUNDS / 2] / reference_ns);
  printf ("\n");
  return wall_ns[N_ROUNDS / 2];
}

int
main (void)
{
  static const BenchPeer limit = { "limit", bench_limit_run };
  static Cost costs[G_N_ELEMENTS (contenders)][N_ROUNDS];
  static Cost limit_costs[2][N_ROUNDS], peer_costs[G_N_ELEMENTS (peers)][N_ROUNDS];
  guint64 n_lost = 0;
  double limit_ns;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
        peer_costs[i][round] = measure_peer (&peers[i], FALSE, &n_lost);
      for (int i = 0; i < 2; i++)
        limit_costs[i][round] = measure_peer (&limit, i == 1, &n_lost);
      for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
        costs[i][round] = measure_pool (&contenders[i], &n_lost);
    }

  printf ("empty tasks, %d workers                    ns: wall      CPU   x limit, recorded\n",
          N_WORKERS);
  limit_ns = print_medians ("limit, recorded", limit_costs[1], 0);
  print_medians ("limit", limit_costs[0], limit_ns);
  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    print_medians (peers[i].name, peer_costs[i], limit_ns);
  for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
    print_medians (contenders[i].name, costs[i], limit_ns);
  printf ("events lost: %" G_GUINT64_FORMAT "\n", n_lost);
  return 0;
}
