/* test-live.c - the number of workers changes while they work
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#define HEAD "[Scenario]\nName=Test\nModel=threads\nSeed=2\nWorkers=2\nProcesses=2\nCarriers=2\n"

static guint
count_there (const IlPool *pool)
{
  const IlArena *arena = il_pool_get_arena (pool);
  guint n = 0;

  for (guint i = IL_FIRST_WORKER; i < arena->n_agents; i++)
    {
      guint activity = atomic_load (&arena->agents[i].activity);

      n += activity != IL_ACTIVITY_NONE && activity != IL_ACTIVITY_LEFT;
    }
  return n;
}

static guint64
get_n_done (const IlPool *pool, guint worker)
{
  const IlArena *arena = il_pool_get_arena (pool);
  guint64 n = 0;

  for (guint i = 0; i < arena->n_kinds; i++)
    n += atomic_load (
        &arena->agents[IL_FIRST_WORKER + worker - 1].tallies[i].settled[IL_TASK_DONE]);
  return n;
}

static void
supervise (IlPool *pool)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (il_pool_supervise (pool, &error));
  g_assert_no_error (error);
  g_usleep (500);
}

/* Changes the number, and waits until there are so many and each does something. */
static void
change (IlPool *pool, guint n_workers)
{
  g_autoptr (GError) error = NULL;
  guint64 before[16];

  il_pool_set_n_workers (pool, n_workers, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (il_pool_get_n_workers (pool), ==, n_workers);
  while (count_there (pool) != n_workers)
    supervise (pool);
  for (guint i = 1; i <= n_workers; i++)
    before[i] = get_n_done (pool, i);
  for (guint i = 1; i <= n_workers; i++)
    while (get_n_done (pool, i) <= before[i])
      supervise (pool);
  g_assert_cmpuint (count_there (pool), ==, n_workers);
}

static void
run (IlModel model, const char *text)
{
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPoolCounts counts;
  IlPool *pool;

  scenario->model = model;
  pool = fixture_start_pool (scenario, NULL);
  change (pool, 5);
  change (pool, 1);
  change (pool, 3);
  change (pool, 2);
  change (pool, 8);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, >, 0);
  g_assert_cmpuint (counts.lost + counts.failed + counts.cancelled, ==, 0);
  il_pool_free (pool);
}

static void
test_loop (gconstpointer model)
{
  run ((IlModel)GPOINTER_TO_INT (model),
       HEAD "[Task a]\nArrival=loop\nSteps=cpu 5us; sleep 50us\n");
}

static void
test_fifo (gconstpointer model)
{
  run ((IlModel)GPOINTER_TO_INT (model), HEAD "[Task a]\nSteps=cpu 5us; sleep 100us\n");
}

static void
test_stealing (gconstpointer model)
{
  run ((IlModel)GPOINTER_TO_INT (model),
       HEAD "Scheduling=stealing\n[Task a]\nSteps=cpu 5us; sleep 100us\n");
}

/* Those without anything to do leave as well, and no task is forgotten with them. */
static void
test_idle (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "[Task a]\nCount=40\nArrival=rate 400/s\nSteps=cpu 5us\n");
  IlPool *pool;
  guint n = 0;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  pool = fixture_start_pool (scenario, NULL);
  while (count_there (pool) > 0 && il_pool_supervise (pool, NULL))
    {
      if (atomic_load (&il_pool_get_arena (pool)->agents[IL_AGENT_SUBMITTER].activity)
          != IL_ACTIVITY_LEFT)
        il_pool_set_n_workers (pool, 1 + n++ % 5, NULL);
      g_usleep (700);
    }
  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 40);
  il_pool_free (pool);
}

static void
test_refused (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (HEAD "[Task a]\nSteps=cpu 5us\n");
  g_autoptr (IlScenario) dedicated
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nSeed=2\n[Task "
                       "a]\nWorkers=2\nCount=1\nSteps=cpu 5us\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (il_pool_set_n_workers (pool, 0, &error));
  g_clear_error (&error);
  g_assert_false (il_pool_set_n_workers (pool, 1000000, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);

  pool = fixture_start_pool (dedicated, NULL);
  g_assert_false (il_pool_set_n_workers (pool, 1, &error));
  g_assert_nonnull (error);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

static void
add (const char *name, GTestDataFunc func)
{
  for (int model = IL_MODEL_SERIAL + 1; model < IL_N_MODELS; model++)
    {
      g_autofree char *path
          = g_strdup_printf ("/live/%s/%s", name, il_model_get_name ((IlModel)model));

      if (WITH_PROCESSES || (model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID))
        g_test_add_data_func (path, GINT_TO_POINTER (model), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("loop", test_loop);
  add ("fifo", test_fifo);
  add ("stealing", test_stealing);
  add ("idle", test_idle);
  g_test_add_func ("/live/refused", test_refused);
  return g_test_run ();
}
