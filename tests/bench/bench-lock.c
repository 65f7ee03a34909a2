/* bench-lock.c - what it costs to take and give back a lock, beside the locks that others use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread takes and gives back a lock that is free, N_PAIRS times, in its own CPU time; and two
 * threads the same lock with a little work inside, in wall time.  All contenders alternate in one
 * run; medians over the rounds. "recorded" writes every event, with the holder in full, while a
 * reader drains.  "limit" is written here by hand: three states and a futex, and two stamps and two
 * stores into an array where it is "recorded": what the machine can do at this moment, not what a
 * library offers.
 */

#include "config.h"

#include "il-arena.h"
#include "il-condition.h"
#include "il-lock.h"
#include "il-rwlock.h"
#include "il-semaphore.h"
#include "il-trace-reader.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

#define N_ROUNDS 15
#define N_PAIRS 500000
#define N_CONTENDED 100000
#define N_INSIDE 40 /* steps of work inside a contended lock: some 50 ns */

typedef struct _Contender Contender;

typedef struct
{
  const Contender *contender;
  IlActor actor;
  guint n_pairs;
  guint n_inside;
} Run;

struct _Contender
{
  const char *name;
  void (*run) (Run *run);
  gboolean is_recorded;
};

static struct
{
  IlArena *arena;
  IlLock *locks[4]; /* by IlLockKind */
  IlRWLock *rwlock;
  IlSemaphore *semaphore;
  IlTraceReader *reader;
  IlTrace *trace;
  _Atomic bool stops;
  pthread_mutex_t mutex;
  pthread_spinlock_t spin;
  pthread_rwlock_t pthread_rwlock;
  sem_t sem;
  GMutex gmutex;
  alignas (IL_CACHE_LINE) _Atomic uint32_t limit_word;
  alignas (IL_CACHE_LINE) _Atomic uint32_t limit_holder;
  alignas (IL_CACHE_LINE) volatile uint64_t inside;
} bench;

static inline void
work_inside (const Run *run)
{
  for (guint i = 0; i < run->n_inside; i++)
    bench.inside++;
}

#define DEFINE_RUN(name, take, give)                                                               \
  static void run_##name (Run *run)                                                                \
  {                                                                                                \
    for (guint i = 0; i < run->n_pairs; i++)                                                       \
      {                                                                                            \
        take;                                                                                      \
        work_inside (run);                                                                         \
        give;                                                                                      \
      }                                                                                            \
  }

/* Those who use a lock have found it before. */
#define DEFINE_LOCK_RUN(name, kind)                                                                \
  static void run_##name (Run *run)                                                                \
  {                                                                                                \
    IlLock *lock = bench.locks[kind];                                                              \
    IlActor *actor = &run->actor;                                                                  \
                                                                                                   \
    for (guint i = 0; i < run->n_pairs; i++)                                                       \
      {                                                                                            \
        (void)!il_lock_acquire (lock, actor);                                                      \
        work_inside (run);                                                                         \
        il_lock_release (lock, actor);                                                             \
      }                                                                                            \
  }

static inline void
limit_lock (void)
{
  uint32_t word = 0;

  if (atomic_compare_exchange_strong_explicit (&bench.limit_word, &word, 1, memory_order_acquire,
                                               memory_order_relaxed))
    return;
  while (atomic_exchange_explicit (&bench.limit_word, 2, memory_order_acquire) != 0)
    il_futex_wait (&bench.limit_word, 2, IL_NO_DEADLINE);
}

static inline void
limit_unlock (void)
{
  if (atomic_exchange_explicit (&bench.limit_word, 0, memory_order_release) == 2)
    il_futex_wake (&bench.limit_word, 1);
}

/* The least that a recording in full can do: a stamp, an event, and who had it. */
static void
run_limit_recorded (Run *run)
{
  static _Thread_local IlEvent events[4096];
  guint n = 0;

  for (guint i = 0; i < run->n_pairs; i++)
    {
      limit_lock ();
      events[n++ % 4096] = (IlEvent){ il_clock_stamp (run->actor.lane.source), 1, 0 };
      work_inside (run);
      events[n++ % 4096] = (IlEvent){ il_clock_stamp (run->actor.lane.source), 2, 0 };
      atomic_store_explicit (&bench.limit_holder, run->actor.id, memory_order_relaxed);
      limit_unlock ();
      __asm__ volatile("" : : "r"(events) : "memory");
    }
}

DEFINE_RUN (limit, limit_lock (), limit_unlock ())
DEFINE_RUN (mutex, pthread_mutex_lock (&bench.mutex), pthread_mutex_unlock (&bench.mutex))
DEFINE_RUN (spin, pthread_spin_lock (&bench.spin), pthread_spin_unlock (&bench.spin))
DEFINE_RUN (gmutex, g_mutex_lock (&bench.gmutex), g_mutex_unlock (&bench.gmutex))
DEFINE_RUN (pthread_read, pthread_rwlock_rdlock (&bench.pthread_rwlock),
            pthread_rwlock_unlock (&bench.pthread_rwlock))
DEFINE_RUN (pthread_write, pthread_rwlock_wrlock (&bench.pthread_rwlock),
            pthread_rwlock_unlock (&bench.pthread_rwlock))
DEFINE_RUN (sem, sem_wait (&bench.sem), sem_post (&bench.sem))
DEFINE_LOCK_RUN (il_plain, IL_LOCK_PLAIN)
DEFINE_LOCK_RUN (il_recursive, IL_LOCK_RECURSIVE)
DEFINE_LOCK_RUN (il_spin, IL_LOCK_SPIN)
DEFINE_LOCK_RUN (il_ticket, IL_LOCK_TICKET)
DEFINE_RUN (il_read, (void)!il_rwlock_acquire (bench.rwlock, &run->actor, IL_ACCESS_READ),
            il_rwlock_release (bench.rwlock, &run->actor, IL_ACCESS_READ))
DEFINE_RUN (il_write, (void)!il_rwlock_acquire (bench.rwlock, &run->actor, IL_ACCESS_WRITE),
            il_rwlock_release (bench.rwlock, &run->actor, IL_ACCESS_WRITE))
DEFINE_RUN (il_semaphore, (void)!il_semaphore_acquire (bench.semaphore, &run->actor),
            il_semaphore_post (bench.semaphore, &run->actor))

static const Contender contenders[] = {
  { "limit", run_limit, FALSE },
  { "pthread_mutex", run_mutex, FALSE },
  { "GMutex", run_gmutex, FALSE },
  { "plain", run_il_plain, FALSE },
  { "recursive", run_il_recursive, FALSE },
  { "ticket", run_il_ticket, FALSE },
  { "pthread_spin", run_spin, FALSE },
  { "spin", run_il_spin, FALSE },
  { "pthread_rwlock, read", run_pthread_read, FALSE },
  { "readers-writer, read", run_il_read, FALSE },
  { "pthread_rwlock, write", run_pthread_write, FALSE },
  { "readers-writer, write", run_il_write, FALSE },
  { "sem_t", run_sem, FALSE },
  { "semaphore", run_il_semaphore, FALSE },
  { "limit, recorded", run_limit_recorded, TRUE },
  { "plain, recorded", run_il_plain, TRUE },
  { "recursive, recorded", run_il_recursive, TRUE },
  { "ticket, recorded", run_il_ticket, TRUE },
  { "spin, recorded", run_il_spin, TRUE },
  { "readers-writer, read, recorded", run_il_read, TRUE },
  { "semaphore, recorded", run_il_semaphore, TRUE },
};

static void *
drain_thread (void *data)
{
  static const IlTraceHandler nothing = { 0 };

  while (!atomic_load (&bench.stops))
    {
      il_trace_reader_drain (bench.reader, &nothing, NULL);
      g_usleep (2000);
    }
  return NULL;
}

static void
set_up (void)
{
  static const char text[]
      = "[Scenario]\nName=Bench\nModel=threads\nWorkers=2\n"
        "[Lock A]\n[Lock B]\nKind=recursive\n[Lock C]\nKind=spin\n"
        "[Lock D]\nKind=ticket\n[RWLock R]\n[Semaphore S]\nUnits=1\n"
        "[Task t]\nSteps=lock A; unlock A; lock B; unlock B; lock C; unlock C; "
        "lock D; unlock D; read-lock R; read-unlock R; acquire S; post S\n";
  IlScenario *scenario = il_scenario_parse (text, -1, "bench", NULL);
  int error_number;

  bench.arena = il_arena_new (scenario, NULL);
  il_arena_change_run (bench.arena, 0, IL_RUN_HELD);
  bench.reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  bench.trace = il_trace_attach (il_trace_reader_get_path (bench.reader), &error_number);
  for (guint i = 0, n_locks = 0; i < bench.arena->n_objects; i++)
    {
      IlArenaObject *object = &bench.arena->objects[i];

      il_object_set_id (object,
                        il_trace_object_add (bench.trace, object->class->kind, object->name, 0));
      if (object->class->kind == IL_OBJECT_LOCK)
        bench.locks[n_locks++] = object->data;
      else if (object->class->kind == IL_OBJECT_RWLOCK)
        bench.rwlock = object->data;
      else
        bench.semaphore = object->data;
    }
  pthread_mutex_init (&bench.mutex, NULL);
  pthread_spin_init (&bench.spin, PTHREAD_PROCESS_PRIVATE);
  pthread_rwlock_init (&bench.pthread_rwlock, NULL);
  sem_init (&bench.sem, 0, 1);
  g_mutex_init (&bench.gmutex);
}

static void
enter (Run *run, const Contender *contender, guint agent)
{
  run->contender = contender;
  il_actor_init (&run->actor, bench.arena, IL_FIRST_WORKER + agent);
  il_actor_enter (&run->actor, contender->is_recorded ? bench.trace : NULL, IL_ROLE_WORKER, 0);
}

/* What others do on this core meanwhile is not our cost. */
static int64_t
get_cpu_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * INT64_C (1000000000) + now.tv_nsec;
}

static double
measure_free (const Contender *contender)
{
  Run run = { .n_pairs = N_PAIRS };
  int64_t begin_ns;
  double cost_ns;

  enter (&run, contender, 0);
  run.n_pairs = N_PAIRS / 20;
  contender->run (&run);
  run.n_pairs = N_PAIRS;
  begin_ns = get_cpu_ns ();
  contender->run (&run);
  cost_ns = (double)(get_cpu_ns () - begin_ns) / N_PAIRS;
  il_actor_leave (&run.actor, 0);
  return cost_ns;
}

static void *
contend_thread (void *data)
{
  Run *run = data;

  run->contender->run (run);
  return NULL;
}

/* Wall time for each pair of both threads together. */
static double
measure_contended (const Contender *contender)
{
  Run runs[2] = { { .n_pairs = N_CONTENDED, .n_inside = N_INSIDE },
                  { .n_pairs = N_CONTENDED, .n_inside = N_INSIDE } };
  pthread_t threads[2];
  int64_t begin_ns;
  double cost_ns;

  for (guint i = 0; i < 2; i++)
    enter (&runs[i], contender, i);
  begin_ns = il_clock_monotonic_ns ();
  for (guint i = 0; i < 2; i++)
    pthread_create (&threads[i], NULL, contend_thread, &runs[i]);
  for (guint i = 0; i < 2; i++)
    pthread_join (threads[i], NULL);
  cost_ns = (double)(il_clock_monotonic_ns () - begin_ns) / (2 * N_CONTENDED);
  for (guint i = 0; i < 2; i++)
    il_actor_leave (&runs[i].actor, 0);
  return cost_ns;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
get_median (const double costs[N_ROUNDS])
{
  double sorted[N_ROUNDS];

  for (guint i = 0; i < N_ROUNDS; i++)
    sorted[i] = costs[i];
  qsort (sorted, N_ROUNDS, sizeof *sorted, compare_doubles);
  return sorted[N_ROUNDS / 2];
}

static double free_ns[G_N_ELEMENTS (contenders)][N_ROUNDS];
static double contended_ns[G_N_ELEMENTS (contenders)][N_ROUNDS];

static void
print_results (void)
{
  double limit_ns[2] = { 0, 0 }; /* of those not recorded, of those recorded */

  printf ("ns for a pair, medians of %d       free   x limit   2 threads, ~50 ns inside\n",
          N_ROUNDS);
  for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
    {
      double median_ns = get_median (free_ns[i]);
      double *limit = &limit_ns[contenders[i].is_recorded];

      if (*limit == 0)
        *limit = median_ns;
      printf ("%-32s %8.2f %8.2f %10.1f\n", contenders[i].name, median_ns, median_ns / *limit,
              get_median (contended_ns[i]));
    }
}

int
main (void)
{
  IlTraceReaderStats stats;
  pthread_t drain;

  set_up ();
  pthread_create (&drain, NULL, drain_thread, NULL);
  for (guint round = 0; round < N_ROUNDS; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
      {
        free_ns[i][round] = measure_free (&contenders[i]);
        contended_ns[i][round] = measure_contended (&contenders[i]);
      }
  atomic_store (&bench.stops, true);
  pthread_join (drain, NULL);
  print_results ();
  il_trace_reader_get_stats (bench.reader, &stats);
  printf ("events lost: %llu of %llu\n", (unsigned long long)stats.n_lost,
          (unsigned long long)(stats.n_events + stats.n_lost));
  il_trace_detach (bench.trace);
  il_trace_reader_free (bench.reader);
  il_arena_free (bench.arena);
  return 0;
}
