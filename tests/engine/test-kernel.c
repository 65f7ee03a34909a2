/* test-kernel.c - burning CPU time and sleeping do what they say, and let go when told to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-kernel.h"
#include "il-random.h"

#include <math.h>

static IlArena *
make_arena (void)
{
  static const char text[] = "[Scenario]\nName=Test\nModel=threads\nWorkers=2\n"
                             "[Task t]\nSteps=cpu 1ms; cpu 1ms float; cpu 1ms hash\n";
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  g_autoptr (GError) error = NULL;
  IlArena *arena = il_arena_new (scenario, &error);

  g_assert_no_error (error);
  il_kernel_calibrate (arena);
  fixture_release (arena);
  return arena;
}

static gint64
get_cpu_time_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* How much longer than asked it burns, at most; it never burns less. */
#define BURN_TOLERANCE 0.02
#define N_BURNS 5

static int
compare_times (gconstpointer a, gconstpointer b)
{
  double left = *(const double *)a, right = *(const double *)b;

  return (left > right) - (left < right);
}

static double
burn_for (IlActor *actor, double asked_ns, IlCpuVariant variant)
{
  gint64 begin_ns = get_cpu_time_ns ();

  g_assert_true (il_kernel_cpu (actor, asked_ns, variant));
  return (double)(get_cpu_time_ns () - begin_ns);
}

/* However much the machine has to do besides: what is measured is the thread's own time.  On a
 * virtual machine that clock jumps by milliseconds at times, while the wall's stands still; so most
 * burns have to be right, and not all. */
static void
test_cpu_burns_own_time (gconstpointer data)
{
  IlCpuVariant variant = (IlCpuVariant)GPOINTER_TO_INT (data);
  static const double asked_ns[] = { 10e6, 20e6, 50e6 };
  g_autoptr (IlArena) arena = make_arena ();
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  for (gsize i = 0; i < G_N_ELEMENTS (asked_ns); i++)
    {
      double burnt_ns[N_BURNS];

      for (int j = 0; j < N_BURNS; j++)
        burnt_ns[j] = burn_for (&actor, asked_ns[i], variant);
      qsort (burnt_ns, N_BURNS, sizeof *burnt_ns, compare_times);
      g_assert_cmpfloat (burnt_ns[0], >=, asked_ns[i]);
      g_assert_cmpfloat (burnt_ns[N_BURNS / 2], <=, (1 + BURN_TOLERANCE) * asked_ns[i]);
    }
  g_assert_true (il_kernel_cpu (&actor, 0, variant));
  g_assert_true (il_kernel_cpu (&actor, -1, variant));
}

static void
test_sleep_lasts (void)
{
  g_autoptr (IlArena) arena = make_arena ();
  IlActor actor;
  gint64 begin_ns = il_clock_monotonic_ns ();

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  g_assert_true (il_kernel_sleep (&actor, 2e6));
  g_assert_cmpint (il_clock_monotonic_ns () - begin_ns, >=, 2000000);
  g_assert_true (il_kernel_sleep (&actor, 0));
}

static void
burn_for_ever (IlActor *actor, void *data)
{
  if (il_kernel_cpu (actor, 1e15, IL_CPU_INT))
    g_assert_not_reached ();
}

static void
sleep_for_ever (IlActor *actor, void *data)
{
  if (il_kernel_sleep (actor, 1e15))
    g_assert_not_reached ();
}

static void
wait_for_activity (IlArena *arena, IlActivity activity)
{
  while (atomic_load (&arena->agents[IL_FIRST_WORKER].activity) != activity
         || atomic_load (&arena->agents[IL_FIRST_WORKER + 1].activity) != activity)
    g_usleep (100);
}

static void
test_pause_and_cancel (gconstpointer func)
{
  g_autoptr (IlArena) arena = make_arena ();
  Agents *agents = fixture_start_agents (arena, 2, *(const ActorFunc *)func, NULL);

  wait_for_activity (arena, IL_ACTIVITY_BUSY);
  il_arena_change_run (arena, IL_RUN_PAUSED, 0);
  wait_for_activity (arena, IL_ACTIVITY_STOPPED);
  il_arena_change_run (arena, 0, IL_RUN_PAUSED);
  wait_for_activity (arena, IL_ACTIVITY_BUSY);
  il_arena_change_run (arena, IL_RUN_PAUSED, 0);
  wait_for_activity (arena, IL_ACTIVITY_STOPPED);
  /* Also those who are stopped leave. */
  il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
  fixture_join_agents (agents);
}

static void
test_random_streams (void)
{
  IlRandom random = il_random_stream (1, 2, 3), same = il_random_stream (1, 2, 3);
  IlRandom other = il_random_stream (1, 3, 2);
  double sum = 0, exponential_sum = 0;

  g_assert_cmpuint (il_random_next (&random), ==, il_random_next (&same));
  g_assert_cmpuint (il_random_next (&random), !=, il_random_next (&other));
  for (guint i = 0; i < 100000; i++)
    {
      double uniform = il_random_uniform (&random);

      g_assert_true (uniform >= 0 && uniform < 1);
      sum += uniform;
      exponential_sum += il_random_exponential (&random, 5);
    }
  g_assert_cmpfloat (fabs (sum / 100000 - 0.5), <, 0.01);
  g_assert_cmpfloat (fabs (exponential_sum / 100000 - 5), <, 0.1);
}

int
main (int argc, char **argv)
{
  static const ActorFunc burn = burn_for_ever, sleep = sleep_for_ever;

  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/kernel/cpu-burns-own-time/int", GINT_TO_POINTER (IL_CPU_INT),
                        test_cpu_burns_own_time);
  g_test_add_data_func ("/kernel/cpu-burns-own-time/float", GINT_TO_POINTER (IL_CPU_FLOAT),
                        test_cpu_burns_own_time);
  g_test_add_data_func ("/kernel/cpu-burns-own-time/hash", GINT_TO_POINTER (IL_CPU_HASH),
                        test_cpu_burns_own_time);
  g_test_add_func ("/kernel/sleep-lasts", test_sleep_lasts);
  g_test_add_data_func ("/kernel/pause-and-cancel/cpu", &burn, test_pause_and_cancel);
  g_test_add_data_func ("/kernel/pause-and-cancel/sleep", &sleep, test_pause_and_cancel);
  g_test_add_func ("/kernel/random-streams", test_random_streams);
  return g_test_run ();
}
