/* test-same-work.c - bundled scenarios do the same work under each of their models
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same file runs unchanged, but for how much of it: the sum over the results of all tasks, each
 * made of all that was drawn for it, must not depend on who ran them.
 */

#include "config.h"

#include "../engine/engine-fixture.h"

/* How much of a scenario is run; knobs separated by spaces. */
static const struct
{
  const char *id;
  gint64 n_tasks; /* -1: as many as it has */
  const char *settings;
} shortened[] = {
  { "apply", 12, "wait=1ms" },
  { "apply-async", 24, "wait=1ms" },
  { "exit", 3, "length=10ms" },
  { "false-sharing", -1, "times=100000" },
  { "four-channels", -1, "messages=100 size=64B" },
  { "interpreter-lock", 6, "length=10ms" },
  { "interpreter-lock-waiting", 24, "wait=1ms" },
  { "lock-contention", 60, "section=100us" },
  { "lost-update", 60, NULL },
  { "lost-update-locked", 60, "gap=100us" },
  { "memory-footprint", 32, "size=64KiB" },
  { "neither-threads-processes", 6, "length=10ms" },
  { "pool-batches", 48, "length=200us" },
  { "producer-consumer", 30, "make=200us use=200us" },
  { "recursive-lock", 12, NULL },
  { "semaphore", 24, "stay=1ms" },
  { "separate-heaps", 40, NULL },
  { "serialization", 40, "work=100us" },
  { "speed-up", 24, "serial=200us parallel=500us" },
  { "threads-in-processes", 24, "work=1ms wait=1ms" },
  { "time-slices", -1, "length=20ms" },
  { "torn-lines", 200, NULL },
  { "torn-lines-locked", 200, NULL },
  { "torn-lines-single-writer", 200, NULL },
  { "tree", -1, "depth=6 work=100us" },
};

/* Those that end by themselves, and yet cannot be compared. */
static const char *const others[] = {
  "dying-workers",         /* under processes alone */
  "dying-workers-retried", /* likewise */
  "exit-daemon",           /* what is cut off is up to the clock */
  "while-not-empty",       /* who leaves when is, too */
  NULL,
};

static IlScenario *
load (const char *id)
{
  g_autoptr (GError) error = NULL;
  IlScenario *scenario = il_scenario_load (id, &error);

  g_assert_no_error (error);
  return scenario;
}

static IlPoolCounts
run (IlScenario *scenario)
{
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts counts = fixture_join_pool (pool);

  il_pool_free (pool);
  return counts;
}

static void
test_same_work (gconstpointer data)
{
  guint place = GPOINTER_TO_UINT (data);
  g_auto (GStrv) settings
      = g_strsplit (shortened[place].settings != NULL ? shortened[place].settings : "", " ", -1);
  const IlScenarioOverrides overrides = { .workers = -1,
                                          .tasks = shortened[place].n_tasks,
                                          .duration_ns = -1,
                                          .seed = 7,
                                          .settings = (const char *const *)settings };
  g_autoptr (IlScenario) scenario = load (shortened[place].id);
  g_autoptr (GError) error = NULL;
  IlPoolCounts first = { 0 };
  guint n_models = 0;

  il_scenario_override (scenario, &overrides, &error);
  g_assert_no_error (error);
  for (int model = 0; model < IL_N_MODELS; model++)
    {
      IlPoolCounts counts;

      if (!scenario->models[model])
        continue;
      scenario->model = (IlModel)model;
      counts = run (scenario);
      if (n_models++ == 0)
        first = counts;
      g_assert_cmpuint (counts.done, >, 0);
      g_assert_cmpuint (counts.done, ==, counts.submitted);
      g_assert_cmpuint (counts.done, ==, first.done);
      g_assert_cmpuint (counts.sum, ==, first.sum);
    }
  g_assert_cmpuint (n_models, >, 1);
}

/* Other seeds do other work: the sum would tell. */
static void
test_other_work (void)
{
  g_autoptr (IlScenario) scenario = load ("pool-batches");
  IlScenarioOverrides overrides = { .workers = -1, .tasks = 48, .duration_ns = -1, .seed = 7 };
  g_autoptr (GError) error = NULL;
  IlPoolCounts first;

  il_scenario_override (scenario, &overrides, &error);
  g_assert_no_error (error);
  first = run (scenario);
  overrides.seed = 8;
  il_scenario_override (scenario, &overrides, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (run (scenario).sum, !=, first.sum);
}

static gboolean
is_shortened (const char *id)
{
  for (guint i = 0; i < G_N_ELEMENTS (shortened); i++)
    if (g_str_equal (shortened[i].id, id))
      return TRUE;
  return FALSE;
}

/* Each that ends by itself is compared, or says why not. */
static void
test_complete (void)
{
  g_auto (GStrv) ids = il_scenario_list_bundled ();
  guint n_found = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (IlScenario) scenario = load (ids[i]);

      n_found += is_shortened (ids[i]);
      if (scenario->duration_ns == 0 && !is_shortened (ids[i]) && !g_strv_contains (others, ids[i]))
        g_error ("%s ends by itself: compare it", ids[i]);
    }
  g_assert_cmpuint (n_found, ==, G_N_ELEMENTS (shortened));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/same-work/complete", test_complete);
  g_test_add_func ("/same-work/other-seed", test_other_work);
  for (guint i = 0; i < G_N_ELEMENTS (shortened); i++)
    {
      g_autofree char *path = g_strdup_printf ("/same-work/%s", shortened[i].id);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_same_work);
    }
  return g_test_run ();
}
