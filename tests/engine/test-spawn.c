/* test-spawn.c - trees of tasks grow the same under each model and scheduling, and joins wait
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-random.h"
#include "il-task-queue.h"

#include <signal.h>

#define HEAD                                                                                       \
  "[Scenario]\nName=Test\nModel=threads\nModels=serial;threads;processes;hybrid;gil;coroutines\n"  \
  "Processes=2\nSeed=7\n"

static const char *const trees[] = {
  HEAD "Workers=3\n[Task tree]\nCount=20\nDepth=6\nSteps=spawn tree 2; cpu 1us; join; fail 10%\n",
  /* Nobody waits for the leaves. */
  HEAD "Workers=3\n[Task tree]\nCount=20\nDepth=4\nSteps=spawn tree 2; spawn leaf; cpu ~1us; join\n"
       "[Task leaf]\nSteps=cpu ~2us; fail 20%\n",
  HEAD "Workers=3\n[Task tree]\nCount=50\nDepth=3\nSteps=spawn tree 3\n",
  /* More at once than a deque holds, or a queue. */
  HEAD "Workers=2\nCapacity=8\n[Task many]\nCount=3\nSteps=spawn leaf 3000; join\n"
       "[Task leaf]\nSteps=cpu 0us; fail 5%\n",
  /* A chain to the bottom. */
  HEAD "Workers=2\n[Task chain]\nCount=10\nDepth=63\nSteps=spawn chain; join\n",
  /* Children with workers of their own, and grandchildren in the common pool. */
  HEAD "Workers=2\nCapacity=4\n[Task order]\nCount=100\nSteps=spawn print 2; cpu 1us\n"
       "[Task print]\nWorkers=2\nTitle=Printer\nSteps=cpu ~1us; spawn bill\n"
       "[Task bill]\nSteps=cpu 1us; fail 10%\n",
  /* All workers are parents that wait, and their children stand behind other parents. */
  HEAD "Workers=2\nCapacity=500\n[Task parent]\nCount=300\nSteps=spawn child 2; join\n"
       "[Task child]\nSteps=cpu 0us\n",
};

static IlPoolCounts
run_to_end (const IlScenario *scenario)
{
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts counts = fixture_join_pool (pool);
  IlArena *arena = il_pool_get_arena (pool);

  for (guint i = 0; i < arena->n_groups; i++)
    if (arena->groups[i].queue != NULL)
      g_assert_cmpuint (il_task_queue_get_depth (arena->groups[i].queue), ==, 0);
  il_pool_free (pool);
  return counts;
}

static void
test_trees (gconstpointer data)
{
  const char *text = data;
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPoolCounts reference;

  scenario->model = IL_MODEL_SERIAL;
  reference = run_to_end (scenario);
  g_assert_cmpuint (reference.cancelled + reference.lost, ==, 0);
  for (int model = 0; model < IL_N_MODELS; model++)
    for (int scheduling = 0; scheduling <= IL_SCHEDULING_PRIORITY; scheduling++)
      {
        IlPoolCounts counts;

        if (!WITH_PROCESSES && (model == IL_MODEL_PROCESSES || model == IL_MODEL_HYBRID))
          continue;
        if (!WITH_PROCESSES && model == IL_MODEL_COROUTINES)
          continue;
        scenario->model = (IlModel)model;
        scenario->scheduling = (IlScheduling)scheduling;
        counts = run_to_end (scenario);
        g_assert_cmpuint (counts.submitted, ==, reference.submitted);
        g_assert_cmpuint (counts.done, ==, reference.done);
        g_assert_cmpuint (counts.failed, ==, reference.failed);
        g_assert_cmpuint (counts.sum, ==, reference.sum);
      }
}

/* The tree of 6 below each of 20 roots has 2^7 - 1 tasks. */
static void
test_size (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (trees[0]);

  g_assert_cmpuint (run_to_end (scenario).submitted, ==, 20 * 127);
}

/* Who joins goes on when all of its children are settled, and not before. */
static void
test_join_waits (gconstpointer scheduling)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=3\n[Counter X]\n"
                       "[Task parent]\nCount=40\nSteps=spawn child 5; join; subtract X 5\n"
                       "[Task child]\nSteps=cpu ~20us; sleep ~20us; add X\n");
  IlPool *pool;
  IlPoolCounts counts;

  scenario->scheduling = (IlScheduling)GPOINTER_TO_INT (scheduling);
  pool = fixture_start_pool (scenario, NULL);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, 40 * 6);
  il_pool_free (pool);
}

/* A run that is given up while parents wait leaves nothing open. */
static void
test_terminate (gconstpointer scheduling)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=3\n[Task parent]\nCount=10\nSteps=spawn child 5; join\n"
                            "[Task child]\nSteps=sleep 1000s\n");
  IlPool *pool;
  IlPoolCounts counts;

  scenario->scheduling = (IlScheduling)GPOINTER_TO_INT (scheduling);
  for (int model = IL_MODEL_THREADS;
       model <= (WITH_PROCESSES ? IL_MODEL_PROCESSES : IL_MODEL_THREADS); model++)
    {
      scenario->model = (IlModel)model;
      pool = fixture_start_pool (scenario, NULL);
      do
        il_pool_get_counts (pool, &counts);
      while (counts.submitted < 10 + 5);
      il_pool_terminate (pool);
      counts = fixture_join_pool (pool);
      g_assert_cmpuint (counts.cancelled, ==, counts.submitted);
      il_pool_free (pool);
    }
}

#define N_KILLS 100

static void
kill_some (IlPool *pool)
{
  IlRandom random = il_random_stream (5, 0, 0);

  for (guint i = 0; i < N_KILLS; i++)
    {
      int64_t until_ns = il_clock_monotonic_ns () + (int64_t)(il_random_uniform (&random) * 1.5e6);

      do
        g_assert_true (il_pool_supervise (pool, NULL));
      while (il_clock_monotonic_ns () < until_ns);
      il_pool_kill_worker (pool, 1 + il_random_next (&random) % 4, NULL);
    }
}

/* Workers are killed while they spawn, join, steal and settle: what was submitted is what came to
 * an end, and nobody waits for the children of the dead. */
static void
test_kill (gconstpointer scheduling)
{
  for (int on_death = 0; on_death <= IL_ON_DEATH_RETRY; on_death++)
    {
      g_autoptr (IlScenario) scenario = fixture_parse (
          "[Scenario]\nName=Test\nModel=processes\nWorkers=4\n"
          "[Task tree]\nArrival=at-once\nDepth=4\nSteps=spawn tree 2; spawn leaf; join\n"
          "[Task leaf]\nSteps=cpu 0us\n");
      IlPool *pool;
      IlPoolCounts counts;

      scenario->scheduling = (IlScheduling)GPOINTER_TO_INT (scheduling);
      scenario->on_death = (IlOnDeath)on_death;
      pool = fixture_start_pool (scenario, NULL);
      kill_some (pool);
      il_pool_finish (pool);
      counts = fixture_join_pool (pool);
      g_assert_cmpuint (counts.done, >, 0);
      g_assert_cmpuint (counts.failed + counts.cancelled, ==, 0);
      for (guint i = 0; i < il_pool_get_arena (pool)->n_agents; i++)
        g_assert_cmpuint (atomic_load (&il_pool_get_arena (pool)->agents[i].nesting), ==, 0);
      il_pool_free (pool);
    }
}

int
main (int argc, char **argv)
{
  static const char *const schedulings[] = { "fifo", "stealing", "priority" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (trees); i++)
    {
      g_autofree char *path = g_strdup_printf ("/spawn/trees/%u", (guint)i);

      g_test_add_data_func (path, trees[i], test_trees);
    }
  g_test_add_func ("/spawn/size", test_size);
  for (guint i = 0; i < G_N_ELEMENTS (schedulings); i++)
    {
      g_autofree char *waits = g_strdup_printf ("/spawn/join-waits/%s", schedulings[i]);
      g_autofree char *terminate = g_strdup_printf ("/spawn/terminate/%s", schedulings[i]);
      g_autofree char *kills = g_strdup_printf ("/spawn/kill/%s", schedulings[i]);

      g_test_add_data_func (waits, GUINT_TO_POINTER (i), test_join_waits);
      g_test_add_data_func (terminate, GUINT_TO_POINTER (i), test_terminate);
      if (WITH_PROCESSES)
        g_test_add_data_func (kills, GUINT_TO_POINTER (i), test_kill);
    }
  return g_test_run ();
}
