/* bench-coroutine.c - what it costs to go from one coroutine to another, beside other ways
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nanoseconds for each switch, one way; medians over rounds in which all contenders take turns.
 * "bare" is the switch alone, "carrier" what a worker of the model does: look for who is next, go
 * there, and if recorded write an event.
 */

#include "config.h"

#include "il-carrier.h"
#include "il-context.h"
#include "il-futex.h"
#include "il-scenario.h"
#include "il-trace-reader.h"

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#ifdef BENCH_WITH_BOOST
/* Boost.Context's own C functions. */
typedef struct
{
  void *context;
  void *data;
} BoostTransfer;

BoostTransfer jump_fcontext (void *to, void *data);
void *make_fcontext (void *top, size_t size, void (*func) (BoostTransfer));
#endif

#define N_ROUNDS 7
#define N_SWITCHES 2000000
#define N_CREATIONS 500000
#define N_SLOW 20000
#define N_STACKS 10000

static IlStacks stacks;
static IlStack ring_stacks[N_STACKS];

/* Two: the caller and one other. */

static void *main_pointer, *other_pointer;

static void
bounce (void *data)
{
  for (;;)
    il_switch (&other_pointer, main_pointer);
}

static void
bounce_with_fp (void *data)
{
  for (;;)
    il_switch_with_fp (&other_pointer, main_pointer);
}

static double
bench_bare (void)
{
  int64_t begin_ns;

  other_pointer = il_switch_prepare (ring_stacks[0].bottom, ring_stacks[0].top, bounce, NULL);
  begin_ns = il_clock_monotonic_ns ();
  for (guint i = 0; i < N_SWITCHES / 2; i++)
    il_switch (&main_pointer, other_pointer);
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_SWITCHES;
}

static double
bench_bare_with_fp (void)
{
  int64_t begin_ns;

  other_pointer
      = il_switch_prepare_with_fp (ring_stacks[0].bottom, ring_stacks[0].top, bounce_with_fp, NULL);
  begin_ns = il_clock_monotonic_ns ();
  for (guint i = 0; i < N_SWITCHES / 2; i++)
    il_switch_with_fp (&main_pointer, other_pointer);
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_SWITCHES;
}

#ifdef BENCH_WITH_BOOST
static void
bounce_boost (BoostTransfer from)
{
  for (;;)
    from = jump_fcontext (from.context, NULL);
}

static double
bench_boost (void)
{
  size_t size = (size_t)((char *)ring_stacks[0].top - (char *)ring_stacks[0].bottom);
  void *other = make_fcontext (ring_stacks[0].top, size, bounce_boost);
  int64_t begin_ns = il_clock_monotonic_ns ();

  for (guint i = 0; i < N_SWITCHES / 2; i++)
    other = jump_fcontext (other, NULL).context;
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_SWITCHES;
}

static void
leave_boost (BoostTransfer from)
{
  jump_fcontext (from.context, NULL);
}

static double
bench_create_boost (void)
{
  size_t size = (size_t)((char *)ring_stacks[0].top - (char *)ring_stacks[0].bottom);
  int64_t begin_ns = il_clock_monotonic_ns ();

  for (guint i = 0; i < N_CREATIONS; i++)
    jump_fcontext (make_fcontext (ring_stacks[0].top, size, leave_boost), NULL);
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_CREATIONS;
}
#endif

static ucontext_t main_ucontext, other_ucontext;

static void
bounce_ucontext (void)
{
  for (;;)
    swapcontext (&other_ucontext, &main_ucontext);
}

static double
bench_ucontext (void)
{
  int64_t begin_ns;

  getcontext (&other_ucontext);
  other_ucontext.uc_stack.ss_sp = ring_stacks[0].bottom;
  other_ucontext.uc_stack.ss_size
      = (size_t)((char *)ring_stacks[0].top - (char *)ring_stacks[0].bottom);
  makecontext (&other_ucontext, bounce_ucontext, 0);
  begin_ns = il_clock_monotonic_ns ();
  for (guint i = 0; i < N_SLOW / 2; i++)
    swapcontext (&main_ucontext, &other_ucontext);
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_SLOW;
}

/* Creating, entering and leaving, on a stack that was used before. */

static void
leave (void *data)
{
  il_switch (&other_pointer, main_pointer);
}

static double
bench_create (void)
{
  int64_t begin_ns = il_clock_monotonic_ns ();

  for (guint i = 0; i < N_CREATIONS; i++)
    il_switch (&main_pointer,
               il_switch_prepare (ring_stacks[0].bottom, ring_stacks[0].top, leave, NULL));
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_CREATIONS;
}

/* A ring of many, each going on to the next. */

static void *ring_pointers[N_STACKS];
static guint n_ring, n_left;

static void
go_round (void *data)
{
  guint me = GPOINTER_TO_UINT (data), next = (me + 1) % n_ring;

  for (;;)
    if (n_left-- == 0)
      il_switch (&ring_pointers[me], main_pointer);
    else
      il_switch (&ring_pointers[me], ring_pointers[next]);
}

static double
bench_ring (guint n)
{
  int64_t begin_ns;

  n_ring = n;
  for (guint i = 0; i < n; i++)
    ring_pointers[i] = il_switch_prepare (ring_stacks[i].bottom, ring_stacks[i].top, go_round,
                                          GUINT_TO_POINTER (i));
  /* Once around, so that their first pages are there. */
  n_left = n - 1;
  il_switch (&main_pointer, ring_pointers[0]);
  n_left = N_SWITCHES - 1;
  begin_ns = il_clock_monotonic_ns ();
  il_switch (&main_pointer, ring_pointers[0]);
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_SWITCHES;
}

static double
bench_ring_1000 (void)
{
  return bench_ring (1000);
}

static double
bench_ring_10000 (void)
{
  return bench_ring (N_STACKS);
}

/* As workers do it. */

typedef struct
{
  IlArena *arena;
  guint n_coroutines, n_yields, n_wakes;
  _Atomic guint n_next; /* agent */
  _Atomic guint n_ended;
  _Atomic guint32 word;
  _Atomic int64_t begin_ns, end_ns;
} Shared;

static void
begin (IlActor *actor, Shared *shared, IlCoroutine *self)
{
  il_actor_init (actor, shared->arena, IL_FIRST_WORKER + atomic_fetch_add (&shared->n_next, 1));
  actor->coroutine = self;
  il_actor_enter (actor, NULL, IL_ROLE_WORKER, 0);
}

static void
end (IlActor *actor, Shared *shared)
{
  il_actor_leave (actor, 0);
  if (atomic_fetch_add (&shared->n_ended, 1) + 1 == shared->n_coroutines)
    atomic_store (&shared->end_ns, il_clock_monotonic_ns ());
}

static void
yielding_coroutine (IlCoroutine *self, void *data)
{
  Shared *shared = data;
  IlActor actor;

  begin (&actor, shared, self);
  /* All are there before any counts. */
  while (atomic_load (&shared->n_next) < shared->n_coroutines)
    il_coroutine_yield (self);
  if (atomic_load (&shared->begin_ns) == 0)
    atomic_store (&shared->begin_ns, il_clock_monotonic_ns ());
  for (guint i = 0; i < shared->n_yields; i++)
    il_coroutine_yield (self);
  end (&actor, shared);
}

static void
waking_coroutine (IlCoroutine *self, void *data)
{
  Shared *shared = data;
  IlActor actor;
  guint me;

  begin (&actor, shared, self);
  me = actor.agent->index - IL_FIRST_WORKER;
  while (atomic_load (&shared->n_next) < shared->n_coroutines)
    il_coroutine_yield (self);
  if (atomic_load (&shared->begin_ns) == 0)
    atomic_store (&shared->begin_ns, il_clock_monotonic_ns ());
  for (guint i = 0; i < shared->n_wakes; i++)
    {
      while (atomic_load (&shared->word) % 2 != me)
        il_actor_sleep_on (&actor, &shared->word, 1 - me, IL_NO_DEADLINE);
      atomic_store (&shared->word, 1 - me);
      il_actor_wake (&actor, &shared->word, 1);
    }
  end (&actor, shared);
}

typedef struct
{
  IlTraceReader *reader;
  _Atomic gboolean is_over;
} Drain;

static void *
drain_thread (void *data)
{
  static const IlTraceHandler nobody = { 0 };
  Drain *drain = data;

  while (!atomic_load (&drain->is_over))
    {
      il_trace_reader_drain (drain->reader, &nobody, NULL);
      g_usleep (1000);
    }
  return NULL;
}

/* Runs coroutines on one carrier; ns from the first to the last. */
static double
run_carrier (Shared *shared, IlCoroutineFunc func, IlTrace *trace)
{
  g_autofree char *text = g_strdup_printf (
      "[Scenario]\nName=B\nModel=coroutines\nSeed=1\nWorkers=%u\n[Task a]\nSteps=yield\n",
      shared->n_coroutines);
  g_autoptr (IlScenario) scenario = il_scenario_parse (text, -1, "bench", NULL);
  g_autoptr (IlArena) arena = il_arena_new (scenario, NULL);
  IlCarriers *carriers = il_carriers_new (arena, 1, shared->n_coroutines);

  il_arena_change_run (arena, 0, IL_RUN_HELD);
  shared->arena = arena;
  arena->carriers = carriers;
  if (il_carriers_start (carriers, trace, 0) != 0)
    g_error ("cannot start a carrier");
  for (guint i = 0; i < shared->n_coroutines; i++)
    if (!il_carriers_spawn (carriers, i + 1, 0, func, shared))
      g_error ("cannot start a coroutine");
  while (atomic_load (&shared->n_ended) < shared->n_coroutines)
    g_usleep (200);
  il_carriers_stop (carriers);
  arena->carriers = NULL;
  il_carriers_free (carriers);
  return (double)(atomic_load (&shared->end_ns) - atomic_load (&shared->begin_ns));
}

static double
run_recorded (Shared *shared, IlCoroutineFunc func)
{
  Drain drain = { .reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0) };
  int error_number;
  IlTrace *trace = il_trace_attach (il_trace_reader_get_path (drain.reader), &error_number);
  IlTraceReaderStats stats;
  pthread_t thread;
  double taken_ns;

  pthread_create (&thread, NULL, drain_thread, &drain);
  taken_ns = run_carrier (shared, func, trace);
  atomic_store (&drain.is_over, TRUE);
  pthread_join (thread, NULL);
  il_trace_reader_get_stats (drain.reader, &stats);
  if (stats.n_lost > 0)
    printf ("# %llu events lost\n", (unsigned long long)stats.n_lost);
  il_trace_detach (trace);
  il_trace_reader_free (drain.reader);
  return taken_ns;
}

static double
bench_yield (void)
{
  Shared shared = { .n_coroutines = 2, .n_yields = N_SWITCHES / 2 };

  return run_carrier (&shared, yielding_coroutine, NULL) / N_SWITCHES;
}

static double
bench_yield_recorded (void)
{
  Shared shared = { .n_coroutines = 2, .n_yields = N_SWITCHES / 2 };

  return run_recorded (&shared, yielding_coroutine) / N_SWITCHES;
}

static double
bench_yield_10000 (void)
{
  Shared shared = { .n_coroutines = 10000, .n_yields = N_SWITCHES / 10000 };

  return run_carrier (&shared, yielding_coroutine, NULL) / N_SWITCHES;
}

static double
bench_wake (void)
{
  Shared shared = { .n_coroutines = 2, .n_wakes = N_SWITCHES / 4 };

  return run_carrier (&shared, waking_coroutine, NULL) / (N_SWITCHES / 2);
}

/* Two threads. */

static _Atomic guint32 turn;

static void
take_turns (guint32 me)
{
  for (guint i = 0; i < N_SLOW / 2; i++)
    {
      while (atomic_load (&turn) != me)
        il_futex_wait (&turn, 1 - me, IL_NO_DEADLINE);
      atomic_store (&turn, 1 - me);
      il_futex_wake (&turn, 1);
    }
}

static void *
other_thread (void *data)
{
  take_turns (1);
  return NULL;
}

/* On one core, which is the best that threads can do. */
static double
bench_threads (void)
{
  cpu_set_t all, one;
  int64_t begin_ns;
  pthread_t thread;

  sched_getaffinity (0, sizeof all, &all);
  CPU_ZERO (&one);
  CPU_SET (sched_getcpu (), &one);
  sched_setaffinity (0, sizeof one, &one);
  atomic_store (&turn, 0);
  begin_ns = il_clock_monotonic_ns ();
  pthread_create (&thread, NULL, other_thread, NULL);
  take_turns (0);
  pthread_join (thread, NULL);
  sched_setaffinity (0, sizeof all, &all);
  return (double)(il_clock_monotonic_ns () - begin_ns) / N_SLOW;
}

static const struct
{
  const char *name;
  double (*func) (void);
} contenders[] = {
  { "bare", bench_bare },
  { "bare, keeping floating-point words", bench_bare_with_fp },
#ifdef BENCH_WITH_BOOST
  { "Boost.Context jump_fcontext", bench_boost },
#endif
  { "ucontext swapcontext", bench_ucontext },
  { "two threads, futex, one core", bench_threads },
  { "bare, ring of 1000", bench_ring_1000 },
  { "bare, ring of 10000", bench_ring_10000 },
  { "create, enter, leave, used stack", bench_create },
#ifdef BENCH_WITH_BOOST
  { "the same, Boost.Context", bench_create_boost },
#endif
  { "carrier, yield", bench_yield },
  { "carrier, yield, recorded", bench_yield_recorded },
  { "carrier, yield among 10000", bench_yield_10000 },
  { "carrier, sleep and wake", bench_wake },
};

static int
compare (const void *a, const void *b)
{
  return *(const double *)a < *(const double *)b ? -1 : 1;
}

int
main (void)
{
  static double results[G_N_ELEMENTS (contenders)][N_ROUNDS];

  il_stacks_init (&stacks);
  for (guint i = 0; i < N_STACKS; i++)
    if (!il_stacks_take (&stacks, &ring_stacks[i]))
      g_error ("no memory for %d stacks", N_STACKS);
  for (guint round = 0; round < N_ROUNDS; round++)
    for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
      results[i][round] = contenders[i].func ();

  printf ("%-40s %10s %10s %10s %8s\n", "", "ns median", "least", "most", "ratio");
  for (gsize i = 0; i < G_N_ELEMENTS (contenders); i++)
    {
      qsort (results[i], N_ROUNDS, sizeof (double), compare);
      printf ("%-40s %10.2f %10.2f %10.2f %8.2f\n", contenders[i].name, results[i][N_ROUNDS / 2],
              results[i][0], results[i][N_ROUNDS - 1],
              results[i][N_ROUNDS / 2] / results[0][N_ROUNDS / 2]);
    }
  il_stacks_finish (&stacks);
  return 0;
}
