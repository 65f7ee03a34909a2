/* test-sync-steps.c - tasks that use all primitives come to the same end under each model
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-barrier.h"
#include "il-counter.h"
#include "il-rwlock.h"

#define N_TASKS 300

#define OBJECTS                                                                                    \
  "[Lock P]\n[Lock R]\nKind=recursive\n[Lock S]\nKind=spin\n[Lock T]\nKind=ticket\n"               \
  "[RWLock W]\n[RWLock V]\nPrefer=writers\n[Semaphore U]\nUnits=2\n[Semaphore Z]\nUnits=0\n"       \
  "[Event E]\n[Condition C]\nLock=R\n[Counter X]\n[Counter Y]\n"

/* Nobody depends on another to come, so that it ends under serial, too. */
#define STEPS                                                                                      \
  "Steps=lock P; lock R; lock R; lock S; lock T; read Y; write Y; unlock T; unlock S; "            \
  "cpu ~2us; unlock R; add X; notify C; wait C X; subtract X; unlock R; unlock P; "                \
  "read-lock W; cpu ~5us; read-unlock W; write-lock W; cpu ~1us; write-unlock W; "                 \
  "read-lock V; cpu ~5us; read-unlock V; write-lock V; sleep ~5us; write-unlock V; "               \
  "acquire U; sleep ~10us; post U; post Z; acquire Z; set E; wait E; notify-all C\n"

static IlPool *
run (const char *text, IlModel model, IlPoolCounts *counts)
{
  static IlScenario *scenario;
  IlPool *pool;

  g_clear_pointer (&scenario, il_scenario_free);
  scenario = fixture_parse (text);
  scenario->model = model;
  pool = fixture_start_pool (scenario, NULL);
  *counts = fixture_join_pool (pool);
  return pool;
}

static int64_t
get_counter (const IlPool *pool, guint n)
{
  return il_counter_get (
      fixture_get_object (il_pool_get_arena ((IlPool *)pool), IL_OBJECT_COUNTER, n));
}

/* All changes of Y are made under locks: none is lost, whoever waited for whom. */
static void
test_all (gconstpointer model)
{
  IlPoolCounts counts;
  IlPool *pool = run ("[Scenario]\nName=Test\nModel=threads\nWorkers=6\n" OBJECTS
                      "[Task t]\nCount=300\n" STEPS,
                      (IlModel)GPOINTER_TO_INT (model), &counts);

  g_assert_cmpuint (counts.done, ==, N_TASKS);
  g_assert_cmpint (get_counter (pool, 0), ==, 0);
  g_assert_cmpint (get_counter (pool, 1), ==, N_TASKS);
  il_pool_free (pool);
}

/* Who does not wait is not cancelled where the other side has left: it does nothing then. */
static void
test_try (gconstpointer model)
{
  static const char *const kinds[] = { "queue", "memory", "pipe", "socket" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("[Scenario]\nName=Test\nModel=threads\n"
                             "[Channel c]\nKind=%s\n[Channel d]\nKind=%s\n"
                             "[Task s]\nWorkers=1\nCount=3\nSteps=try-send c 100B; try-receive d\n"
                             "[Task r]\nWorkers=1\nCount=20\n"
                             "Steps=sleep 1ms; try-receive c; try-send d 100B\n",
                             kinds[i], kinds[i]);
      IlPoolCounts counts;
      IlPool *pool = run (text, (IlModel)GPOINTER_TO_INT (model), &counts);

      g_assert_cmpuint (counts.done, ==, 23);
      il_pool_free (pool);
    }
}

/* With parties and takers who wait for others to come. */
static void
test_waits (gconstpointer model)
{
  IlPoolCounts counts;
  IlPool *pool = run ("[Scenario]\nName=Test\nModel=threads\n"
                      "[Barrier B]\nParties=3\n[Lock L]\n[Condition C]\nLock=L\n[Counter X]\n"
                      "[Event E]\n"
                      "[Task phase]\nWorkers=3\nCount=90\nSteps=barrier B; cpu ~5us\n"
                      "[Task take]\nWorkers=2\nCount=200\n"
                      "Steps=lock L; wait C X; subtract X; unlock L\n"
                      "[Task make]\nWorkers=2\nCount=200\n"
                      "Steps=lock L; add X; notify C; unlock L; cpu ~5us\n"
                      "[Task wait]\nWorkers=2\nCount=2\nSteps=wait E\n"
                      "[Task set]\nWorkers=1\nCount=1\nSteps=sleep 2ms; set E\n",
                      (IlModel)GPOINTER_TO_INT (model), &counts);

  g_assert_cmpuint (counts.done, ==, 90 + 200 + 200 + 2 + 1);
  g_assert_cmpint (get_counter (pool, 0), ==, 0);
  il_pool_free (pool);
}

static void
add_models (const char *path, IlModel first, GTestDataFunc func)
{
  for (IlModel model = first; model < IL_N_MODELS; model++)
    {
      g_autofree char *whole = g_strdup_printf ("%s/%s", path, il_model_get_name (model));

      if (WITH_PROCESSES || (model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID))
        g_test_add_data_func (whole, GINT_TO_POINTER (model), func);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_models ("/sync-steps/all", IL_MODEL_SERIAL, test_all);
  add_models ("/sync-steps/try", IL_MODEL_SERIAL, test_try);
  add_models ("/sync-steps/waits", IL_MODEL_THREADS, test_waits);
  return g_test_run ();
}
