/* il-kernel.c - the work that tasks do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-kernel.h"

#include <time.h>

/* A look at the thread's CPU clock is a system call of half a microsecond: bursts up to this long
 * are measured by counting iterations alone. */
#define LONGEST_BLIND_BURST_NS 100e3
/* Between two scheduling points: so long at most others wait for an interpreter lock that they
 * asked for. */
#define CHUNK_NS 100e3

#define CALIBRATION_ITERATIONS 50000u
#define N_CALIBRATIONS 15

static int64_t
get_cpu_time_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Each is a chain in which every operation waits for the one before: its speed depends on nothing
 * but the core. */
static void
iterate_int (uint64_t n_iterations)
{
  uint64_t x = n_iterations;

  for (uint64_t i = 0; i < n_iterations; i++)
    {
      x = x * 6364136223846793005u + 1442695040888963407u;
      __asm__ volatile("" : "+r"(x));
    }
}

/* Goes to 2 and stays there, so that no numbers come up that some cores are slow with. */
static void
iterate_float (uint64_t n_iterations)
{
  double x = 1;

  for (uint64_t i = 0; i < n_iterations; i++)
    {
      x = x * 0.9999 + 0.0002;
      __asm__ volatile("" : "+m"(x));
    }
}

/* Byte by byte over a block that stays in the cache of the core. */
static void
iterate_hash (uint64_t n_iterations)
{
  static const uint8_t block[256] = { 0 };
  uint64_t hash = n_iterations;

  for (uint64_t i = 0; i < n_iterations; i++)
    {
      hash = (hash ^ block[(hash + i) % sizeof block]) * 0x9e3779b97f4a7c15u;
      hash ^= hash >> 29;
      __asm__ volatile("" : "+r"(hash));
    }
}

static void (*const iterate[IL_N_CPU_VARIANTS]) (uint64_t n_iterations) = {
  [IL_CPU_INT] = iterate_int,
  [IL_CPU_FLOAT] = iterate_float,
  [IL_CPU_HASH] = iterate_hash,
};

/* Iterations per nanosecond on this core.  The fastest of several rounds counts: others were
 * disturbed. */
static double
calibrate (IlCpuVariant variant)
{
  int64_t best_ns = INT64_MAX;

  for (int i = 0; i < N_CALIBRATIONS; i++)
    {
      int64_t begin_ns = il_clock_monotonic_ns ();
      int64_t taken_ns;

      iterate[variant](CALIBRATION_ITERATIONS);
      taken_ns = il_clock_monotonic_ns () - begin_ns;
      if (taken_ns < best_ns)
        best_ns = taken_ns;
    }
  return (double)CALIBRATION_ITERATIONS / (double)(best_ns > 0 ? best_ns : 1);
}

/**
 * il_kernel_calibrate:
 *
 * Measures this core, for the variants that the scenario uses.
 */
void
il_kernel_calibrate (IlArena *arena)
{
  for (uint32_t i = 0; i < arena->n_steps; i++)
    {
      const IlArenaStep *step = &arena->steps[i];

      if (step->kind == IL_STEP_CPU && arena->iterations_per_ns[step->variant] == 0)
        arena->iterations_per_ns[step->variant] = calibrate ((IlCpuVariant)step->variant);
    }
}

static void
burn_blindly (const IlActor *actor, double duration_ns, IlCpuVariant variant)
{
  if (duration_ns > 0)
    iterate[variant]((uint64_t)(duration_ns * actor->arena->iterations_per_ns[variant]));
}

/**
 * il_kernel_cpu:
 * @duration_ns: of the calling thread's CPU time
 * @variant: what it computes; one that was calibrated
 *
 * Keeps a core busy until the thread has used that much CPU time, however long it takes.
 *
 * Returns: %FALSE when the run was given up meanwhile
 */
bool
il_kernel_cpu (IlActor *actor, double duration_ns, IlCpuVariant variant)
{
  int64_t seen_ns, now_ns;
  uint32_t n_stops = actor->n_stops;
  double left_ns = duration_ns;

  if (duration_ns <= LONGEST_BLIND_BURST_NS)
    {
      burn_blindly (actor, duration_ns, variant);
      return true;
    }

  seen_ns = get_cpu_time_ns ();
  for (;;)
    {
      burn_blindly (actor, left_ns < CHUNK_NS ? left_ns : CHUNK_NS, variant);
      now_ns = get_cpu_time_ns ();
      left_ns -= (double)(now_ns - seen_ns);
      seen_ns = now_ns;
      if (!il_actor_may_go_on (actor))
        return false;
      if (left_ns <= 0)
        return true;
      /* What it takes to wait for the interpreter lock is no work; and while a coroutine is stopped
       * others use the clock of its thread. */
      if (actor->n_stops != n_stops)
        {
          n_stops = actor->n_stops;
          seen_ns = get_cpu_time_ns ();
        }
    }
}

/**
 * il_kernel_sleep:
 *
 * Sleeps.  While the run is paused the rest of the time stands still.
 *
 * Returns: %FALSE when the run was given up meanwhile
 */
bool
il_kernel_sleep (IlActor *actor, double duration_ns)
{
  int64_t left_ns = (int64_t)duration_ns;

  while (left_ns > 0)
    {
      uint32_t run = atomic_load_explicit (&actor->arena->run, memory_order_acquire);
      int64_t deadline_ns = il_clock_monotonic_ns () + left_ns;

      if ((run & IL_RUN_CANCELLED) == 0 && !il_actor_must_stop (actor, run))
        {
          /* Busy for those who want to know whether it can go on: it will, by itself. */
          il_trace_lane_write (&actor->lane, IL_EVENT_SLEEP_BEGIN, 0, il_event_sleep_us (left_ns));
          il_actor_begin_wait (actor, IL_ACTIVITY_BUSY);
          il_actor_sleep_until (actor, run, deadline_ns);
          il_trace_lane_write (&actor->lane, IL_EVENT_SLEEP_END, 0, 0);
          il_actor_end_wait (actor);
        }
      left_ns = deadline_ns - il_clock_monotonic_ns ();
      if (!il_actor_may_go_on (actor))
        return false;
    }
  return true;
}
