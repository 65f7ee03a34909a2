/* test-step.c - while all are paused one makes a step, and nobody else
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#include "il-counter.h"

#define OWN_HEAD "[Scenario]\nName=Test\nModel=threads\nSeed=2\nProcesses=2\nCarriers=2\n"
#define HEAD OWN_HEAD "Workers=3\n"
#define N_WORKERS 3

static IlPool *
start_paused (IlScenario *scenario, IlModel model)
{
  IlPool *pool;

  scenario->model = model;
  pool = fixture_start_pool (scenario, NULL);
  il_pool_pause (pool);
  while (!il_pool_is_stopped (pool))
    {
      il_pool_supervise (pool, NULL);
      g_usleep (500);
    }
  return pool;
}

static guint32
step (IlPool *pool, guint64 number)
{
  g_autoptr (GError) error = NULL;
  guint32 stepped = G_MAXUINT32;

  il_pool_begin_step (pool, number, &stepped, &error);
  g_assert_no_error (error);
  while (!il_pool_is_step_done (pool))
    {
      g_assert_true (il_pool_supervise (pool, NULL));
      g_usleep (100);
    }
  return stepped;
}

static guint64
get_n_done (const IlPool *pool, guint worker)
{
  const IlArena *arena = il_pool_get_arena (pool);

  return atomic_load (
      &arena->agents[IL_FIRST_WORKER + worker - 1].tallies[0].settled[IL_TASK_DONE]);
}

static void
end (IlPool *pool)
{
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* Who is named goes on, step by step, and the others do not. */
static void
test_named (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "[Task a]\nArrival=loop\nSteps=yield; cpu 3us; sleep 20us\n");
  IlPool *pool = start_paused (scenario, (IlModel)GPOINTER_TO_INT (model));
  guint64 before[N_WORKERS + 1];
  guint n_steps = 0;

  for (guint i = 1; i <= N_WORKERS; i++)
    before[i] = get_n_done (pool, i);
  while (get_n_done (pool, 2) < before[2] + 3)
    {
      guint64 n_done = get_n_done (pool, 2);

      g_assert_cmpuint (step (pool, 2), ==, 2);
      n_steps++;
      g_assert_cmpuint (get_n_done (pool, 2), <=, n_done + 1);
      g_assert_cmpuint (get_n_done (pool, 1), ==, before[1]);
      g_assert_cmpuint (get_n_done (pool, 3), ==, before[3]);
    }
  /* At least one for each step of the last two tasks, which were stepped through from the start. */
  g_assert_cmpuint (n_steps, >=, 6);
  end (pool);
}

/* Whose turn it is when nobody is named: each in turn. */
static void
test_in_turn (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "[Task a]\nArrival=loop\nSteps=yield; cpu 3us\n");
  IlPool *pool = start_paused (scenario, (IlModel)GPOINTER_TO_INT (model));
  guint32 last = step (pool, IL_POOL_ANYBODY);

  for (guint i = 0; i < 12; i++)
    {
      guint32 next = step (pool, IL_POOL_ANYBODY);

      g_assert_cmpuint (next, ==, last % N_WORKERS + 1);
      last = next;
    }
  /* And they go on together. */
  for (guint i = 1; i <= N_WORKERS; i++)
    {
      guint64 before = get_n_done (pool, i);

      il_pool_resume (pool);
      while (get_n_done (pool, i) < before + 5)
        {
          g_assert_true (il_pool_supervise (pool, NULL));
          g_usleep (500);
        }
    }
  end (pool);
}

#define YIELDS "yield; yield; yield; yield; yield; yield"

static guint32
get_activity (const IlPool *pool, guint worker)
{
  return atomic_load (&il_pool_get_arena (pool)->agents[IL_FIRST_WORKER + worker - 1].activity);
}

/* Steps a worker until it has changed a counter, and then waits for the one whom it has let go
 * before that: that one comes to its own next scheduling point without a step. */
static void
step_until_other_stops (IlPool *pool, guint worker, guint counter, guint other)
{
  const IlCounter *changed
      = fixture_get_object (il_pool_get_arena (pool), IL_OBJECT_COUNTER, counter);

  g_assert_cmpint (get_activity (pool, other), ==, IL_ACTIVITY_WAITING);
  while (il_counter_get (changed) == 0)
    g_assert_cmpuint (step (pool, worker), ==, worker);
  while (get_activity (pool, other) != IL_ACTIVITY_STOPPED)
    g_usleep (500);
}

/* Who waits makes no step; what it waits for comes by a step of another. */
static void
test_waiting (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      OWN_HEAD "[Semaphore S]\nUnits=0\n[Semaphore T]\nUnits=0\n[Counter X]\n[Counter Y]\n"
               "[Task give]\nWorkers=1\nCount=1\nArrival=loop\n"
               "Steps=acquire T; post S; add Y; " YIELDS "\n"
               "[Task take]\nWorkers=1\nCount=1\nArrival=loop\nSteps=acquire S; " YIELDS "\n"
               "[Task go]\nWorkers=1\nCount=1\nArrival=loop\n"
               "Steps=sleep 1us; post T; add X; " YIELDS "\n");
  g_autoptr (GError) error = NULL;
  guint32 stepped;
  IlPool *pool;

  /* Nobody begins before all are paused. */
  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  pool = il_pool_new (scenario, NULL, &error);
  g_assert_no_error (error);
  il_pool_pause (pool);
  g_assert_true (il_pool_start (pool, &error));
  while (!il_pool_is_stopped (pool))
    g_usleep (500);

  /* The first two up to where they wait. */
  for (guint i = 1; i <= 2; i++)
    while (get_activity (pool, i) == IL_ACTIVITY_STOPPED)
      step (pool, i);
  g_assert_false (il_pool_begin_step (pool, 2, &stepped, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);

  step_until_other_stops (pool, 3, 0, 1);
  g_assert_cmpint (get_activity (pool, 2), ==, IL_ACTIVITY_WAITING);
  step_until_other_stops (pool, 1, 1, 2);

  g_assert_false (il_pool_begin_step (pool, 99, &stepped, &error));
  g_assert_nonnull (error);
  il_pool_terminate (pool);
  il_pool_join (pool, NULL);
  il_pool_free (pool);
}

static void
add (const char *name, GTestDataFunc func)
{
  for (int model = IL_MODEL_SERIAL + 1; model < IL_N_MODELS; model++)
    {
      g_autofree char *path
          = g_strdup_printf ("/step/%s/%s", name, il_model_get_name ((IlModel)model));

      if (WITH_PROCESSES || (model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID))
        g_test_add_data_func (path, GINT_TO_POINTER (model), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("named", test_named);
  add ("in-turn", test_in_turn);
  add ("waiting", test_waiting);
  return g_test_run ();
}
