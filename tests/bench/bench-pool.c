/* bench-pool.c - what it costs to hand tasks to a pool, ours and others
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread hands in, two workers take; then tasks of a microsecond, where the ideal is half of
 * the work per task.  All contenders alternate in one run; medians over the rounds.  "recorded"
 * writes every event (submit, begin, end) while a reader drains.  The CPU time is that of all
 * threads, and holds on a machine that others use as well; what is waited for by polling is in it.
 */

#include "config.h"

#include "bench-peers.h"
#include "bench-recording.h"
#include "il-pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define N_ROUNDS 5
#define N_TASKS 200000
#define N_TASKS_OF_1_US 50000
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
  gboolean helps; /* the thread that hands in, instead of one of the workers */
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
  { "threads, stealing, map by 64, recorded, helps", IL_MODEL_THREADS, IL_SCHEDULING_STEALING,
    MAP_BY_64, TRUE, TRUE },
  { "processes, fifo, one by one", IL_MODEL_PROCESSES, IL_SCHEDULING_FIFO, ONE_BY_ONE, FALSE },
  { "processes, stealing, one by one", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING, ONE_BY_ONE,
    FALSE },
  { "processes, fifo, one by one, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_FIFO, ONE_BY_ONE,
    TRUE },
  { "processes, stealing, one by one, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING,
    ONE_BY_ONE, TRUE },
  { "processes, fifo, many at once, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_FIFO, MANY_AT_ONCE,
    TRUE },
  { "processes, stealing, map by 64", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING, MAP_BY_64,
    FALSE },
  { "processes, stealing, map by 64, recorded", IL_MODEL_PROCESSES, IL_SCHEDULING_STEALING,
    MAP_BY_64, TRUE },
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

static uint64_t
work (IlPoolTask *task, uint64_t n_iterations)
{
  bench_work (n_iterations);
  return 1;
}

static void
hand_in (IlPool *pool, Way way, const BenchLoad *load)
{
  static uint64_t arguments[N_TASKS];
  uint32_t n_submitted;

  switch (way)
    {
    case ONE_BY_ONE:
      for (guint i = 0; i < load->n_tasks; i++)
        il_pool_call_async (pool, 0, load->n_iterations, NULL, NULL);
      break;
    case MANY_AT_ONCE:
      /* Without an argument: its function is another. */
      il_pool_submit (pool, 1, (uint32_t)load->n_tasks, INT64_MAX, &n_submitted);
      break;
    case MAP_BY_64:
      for (guint i = 0; i < load->n_tasks; i++)
        arguments[i] = load->n_iterations;
      il_pool_map_values (pool, 0, arguments, (uint32_t)load->n_tasks, 64, NULL);
      break;
    }
}

static Cost
get_cost (const BenchLoad *load, int64_t wall_ns, int64_t cpu_ns)
{
  return (Cost){ (double)(il_clock_monotonic_ns () - wall_ns) / (double)load->n_tasks,
                 (double)(get_cpu_ns () - cpu_ns) / (double)load->n_tasks };
}

static IlTrace *trace;
static uint64_t fixed_iterations;

static uint64_t
work_fixed (IlPoolTask *task, uint64_t argument)
{
  bench_work (fixed_iterations);
  return 1;
}

static Cost
measure_pool (const Contender *contender, const BenchLoad *load)
{
  static const IlPoolFunction functions[]
      = { { .name = "work", .func = work }, { .name = "work", .func = work_fixed } };
  IlPoolOptions options = { .model = contender->model,
                            .scheduling = contender->scheduling,
                            .n_workers = contender->helps ? N_WORKERS - 1 : N_WORKERS,
                            .capacity = BENCH_CAPACITY,
                            .n_results = N_TASKS,
                            .helps = contender->helps };
  IlPool *pool;
  int64_t wall_ns, cpu_ns;
  Cost cost;

  fixed_iterations = load->n_iterations;
  pool = il_pool_new_for_functions (&options, functions, 2, contender->is_recorded ? trace : NULL,
                                    NULL);
  il_pool_start (pool, NULL);
  il_pool_begin_submitting (pool);
  /* Until the workers have come up. */
  il_pool_call (pool, 0, 0, NULL, NULL, NULL);

  cpu_ns = get_cpu_ns ();
  wall_ns = il_clock_monotonic_ns ();
  hand_in (pool, contender->way, load);
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  il_pool_join (pool, NULL);
  cost = get_cost (load, wall_ns, cpu_ns);
  il_pool_free (pool);
  return cost;
}

static Cost
measure_peer (const BenchPeer *peer, const BenchLoad *load, gboolean is_recorded)
{
  BenchLoad recorded = *load;
  int64_t wall_ns, cpu_ns;

  recorded.trace = is_recorded ? trace : NULL;
  cpu_ns = get_cpu_ns ();
  wall_ns = il_clock_monotonic_ns ();
  peer->run (&recorded);
  return get_cost (load, wall_ns, cpu_ns);
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static Cost
get_medians (const Cost costs[N_ROUNDS])
{
  double wall_ns[N_ROUNDS], cpu_ns[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      wall_ns[i] = costs[i].wall_ns;
      cpu_ns[i] = costs[i].cpu_ns;
    }
  qsort (wall_ns, N_ROUNDS, sizeof *wall_ns, compare_doubles);
  qsort (cpu_ns, N_ROUNDS, sizeof *cpu_ns, compare_doubles);
  return (Cost){ wall_ns[N_ROUNDS / 2], cpu_ns[N_ROUNDS / 2] };
}

/* @work_ns: of a task */
static void
print_medians (const char *name, const Cost costs[N_ROUNDS], const Cost *limit, double work_ns)
{
  Cost medians = get_medians (costs);

  printf ("%-46s %8.1f %8.1f", name, medians.wall_ns, medians.cpu_ns);
  if (work_ns > 0)
    printf (" %10.3f %10.1f\n", work_ns / N_WORKERS / medians.wall_ns, medians.cpu_ns - work_ns);
  else
    printf (" %10.2f %10.2f\n", medians.wall_ns / limit->wall_ns, medians.cpu_ns / limit->cpu_ns);
}

static int64_t
get_thread_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

/* The best of many, on a machine that others use as well. */
static double
measure_work (uint64_t n_iterations)
{
  double best = G_MAXDOUBLE;

  for (gsize i = 0; i < 20; i++)
    {
      int64_t begin_ns = get_thread_ns ();

      for (guint j = 0; j < 1000; j++)
        bench_work (n_iterations);
      best = MIN (best, (double)(get_thread_ns () - begin_ns) / 1000);
    }
  return best;
}

/* For perspective: of the same empty tasks, with the start and the end of the pool.  It does not
 * alternate with the others, which it is some hundred times slower than. */
static void
measure_python (const Cost *limit)
{
#ifdef BENCH_PYTHON
  FILE *lines = popen (BENCH_PYTHON " " BENCH_PYTHON_SCRIPT, "r");
  char name[64];
  Cost cost;

  if (lines == NULL)
    return;
  while (fscanf (lines, " %63[^\t]%lf%lf", name, &cost.wall_ns, &cost.cpu_ns) == 3)
    printf ("%-46s %8.0f %8.0f %10.0f %10.0f\n", name, cost.wall_ns, cost.cpu_ns,
            cost.wall_ns / limit->wall_ns, cost.cpu_ns / limit->cpu_ns);
  if (pclose (lines) != 0)
    printf ("Python's pools could not be measured\n");
#endif
}

/* What the name of a contender has to contain; NULL: all are measured. */
static const char *wanted;

static gboolean
is_wanted (const char *name)
{
  return wanted == NULL || strstr (name, wanted) != NULL;
}

static void
measure_all (const BenchLoad *load, double work_ns)
{
  static const BenchPeer limit = { "limit", bench_limit_run };
  static Cost costs[G_N_ELEMENTS (contenders)][N_ROUNDS];
  static Cost limit_costs[2][N_ROUNDS], peer_costs[G_N_ELEMENTS (peers)][N_ROUNDS];
  Cost medians;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
        if (is_wanted (peers[i].name))
          peer_costs[i][round] = measure_peer (&peers[i], load, FALSE);
      for (int i = 0; i < 2; i++)
        limit_costs[i][round] = measure_peer (&limit, load, i == 1);
      for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
        if (is_wanted (contenders[i].name))
          costs[i][round] = measure_pool (&contenders[i], load);
    }
  medians = get_medians (limit_costs[1]);
  printf ("%-46s %8s %8s %10s %10s\n",
          work_ns > 0 ? "tasks of 1 µs; ns each" : "empty tasks; ns each", "wall", "CPU",
          work_ns > 0 ? "efficiency" : "x limit", work_ns > 0 ? "CPU over" : "x in CPU");
  print_medians ("limit, recorded", limit_costs[1], &medians, work_ns);
  print_medians ("limit", limit_costs[0], &medians, work_ns);
  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    if (is_wanted (peers[i].name))
      print_medians (peers[i].name, peer_costs[i], &medians, work_ns);
  for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
    if (is_wanted (contenders[i].name))
      print_medians (contenders[i].name, costs[i], &medians, work_ns);
  if (work_ns <= 0 && is_wanted ("Python"))
    measure_python (&medians);
  printf ("\n");
}

int
main (int argc, char **argv)
{
  BenchLoad empty = { .n_tasks = N_TASKS };
  BenchLoad some = { .n_tasks = N_TASKS_OF_1_US };
  double per_iteration_ns = measure_work (1000) / 1000;

  wanted = argc > 1 ? argv[1] : NULL;
  some.n_iterations = (uint64_t)(1000 / per_iteration_ns);
  trace = bench_recording_start ();
  measure_all (&empty, 0);
  measure_all (&some, measure_work (some.n_iterations));
  printf ("events lost: %llu\n", (unsigned long long)bench_recording_stop ());
  return 0;
}
