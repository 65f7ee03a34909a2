/* test-scenario-override.c - the command line sets what it may, and says why not where it may not
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario.h"

static const char pool_text[] = "[Scenario]\nName=x\nModels=serial;threads\nWorkers=3\n"
                                "[Knob length]\nValue=1ms\nMin=10us\nMax=1s\n"
                                "[Knob jobs]\nValue=8\nMin=1\nMax=64\n"
                                "[Task a]\nCount=${jobs}\nSteps=cpu ${length}\n"
                                "[Task b]\nCount=5\nSteps=cpu 1ms\n"
                                "[Task c]\nCount=2\nSubmit=map\nBatch=10\nSteps=cpu 1ms\n";

static const char own_text[] = "[Scenario]\nName=x\n"
                               "[Knob makers]\nValue=2\nMin=1\nMax=4096\n"
                               "[Knob users]\nValue=2\nMin=1\nMax=4096\n"
                               "[Task a]\nWorkers=${makers}\nSteps=cpu 1ms\n"
                               "[Task b]\nWorkers=${users}\nSteps=cpu 1ms\n";

static const char fixed_text[] = "[Scenario]\nName=x\n[Task a]\nWorkers=2\nSteps=cpu 1ms\n";

static const char knob_text[] = "[Scenario]\nName=x\nWorkers=${w}\n"
                                "[Knob w]\nValue=2\nMin=1\nMax=8\n[Task a]\nSteps=cpu 1ms\n";

static const char number_text[] = "[Scenario]\nName=x\nModels=threads;hybrid\nModel=hybrid\n"
                                  "Workers=4\n[Task a]\nSteps=cpu 1ms\n";

static const IlScenarioOverrides nothing
    = { .workers = -1, .tasks = -1, .duration_ns = -1, .seed = -1 };

static IlScenario *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  IlScenario *scenario = il_scenario_parse (text, -1, "file", &error);

  g_assert_no_error (error);
  return scenario;
}

static void
assert_refused (const char *text, const IlScenarioOverrides *overrides, const char *message)
{
  g_autoptr (IlScenario) scenario = parse (text);
  g_autoptr (GError) error = NULL;

  g_assert_false (il_scenario_override (scenario, overrides, &error));
  g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SETTING);
  g_assert_cmpstr (error->message, ==, message);
}

static void
test_nothing (void)
{
  g_autoptr (IlScenario) scenario = parse (pool_text);
  g_autoptr (GError) error = NULL;

  g_assert_true (il_scenario_override (scenario, &nothing, &error));
  g_assert_no_error (error);
  g_assert_cmpint (scenario->model, ==, IL_MODEL_THREADS);
  g_assert_cmpfloat (il_quantity_get (&scenario->workers, scenario), ==, 3);
  g_assert_cmpint (scenario->duration_ns, ==, 0);
  g_assert_cmpuint (scenario->seed, ==, 1);
  g_assert_cmpfloat (scenario->knobs[0].value, ==, 1e6);
}

/* What belongs to one model is set without a knob, too. */
static void
test_numbers_of_models (void)
{
  static const char *const three[] = { "processes=3", NULL };
  static const char *const none[] = { "processes=0", NULL };
  static const char *const carriers[] = { "carriers=2", NULL };
  static const char *const five[] = { "processes=5", NULL };
  g_autoptr (IlScenario) scenario = parse (number_text);
  g_autoptr (GError) error = NULL;
  IlScenarioOverrides overrides = nothing;

  overrides.settings = three;
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (il_quantity_get (&scenario->processes, scenario), ==, 3);
  overrides.settings = none;
  assert_refused (number_text, &overrides,
                  "--set: found “0”, expected a whole number from 1 to 1024");
  overrides.settings = carriers;
  assert_refused (number_text, &overrides,
                  "--set: found “carriers”, expected nothing, since this scenario has no knobs");
  overrides.settings = five;
  assert_refused (number_text, &overrides,
                  "found “5 processes”, expected at most 4, one for each worker");
}

static void
test_everything (void)
{
  static const char *const settings[] = { "length=2.5ms", "jobs=3", "length=3ms", NULL };
  IlScenarioOverrides overrides = { "serial", 4096, 21, 1500000000, 0, settings };
  g_autoptr (IlScenario) scenario = parse (pool_text);
  g_autoptr (GError) error = NULL;

  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_cmpint (scenario->model, ==, IL_MODEL_SERIAL);
  g_assert_cmpfloat (il_quantity_get (&scenario->workers, scenario), ==, 4096);
  g_assert_cmpint (scenario->duration_ns, ==, 1500000000);
  g_assert_cmpuint (scenario->seed, ==, 0);
  g_assert_cmpfloat (scenario->knobs[0].value, ==, 3e6);
  g_assert_cmpfloat (scenario->knobs[1].value, ==, 21); /* by --tasks, after --set */
  g_assert_cmpfloat (il_quantity_get (&scenario->tasks[0].count, scenario), ==, 21);
  g_assert_cmpfloat (il_quantity_get (&scenario->tasks[1].count, scenario), ==, 21);
  g_assert_cmpfloat (il_quantity_get (&scenario->tasks[2].count, scenario), ==, 3);
}

static void
test_no_end (void)
{
  IlScenarioOverrides overrides = nothing;
  g_autoptr (IlScenario) scenario = parse (fixed_text);
  g_autoptr (GError) error = NULL;

  overrides.tasks = 0;
  overrides.duration_ns = 0;
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (scenario->tasks[0].count.literal, ==, 0);
}

static void
test_workers_by_knob (void)
{
  IlScenarioOverrides overrides = nothing;
  g_autoptr (IlScenario) scenario = parse (knob_text);
  g_autoptr (GError) error = NULL;

  overrides.workers = 8;
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (scenario->knobs[0].value, ==, 8);

  overrides.workers = 9;
  assert_refused (knob_text, &overrides,
                  "--workers: found “9”, expected a whole number from 1 to 8");
}

/* How many workers there can be depends on the model; processes come to be as many at most. */
static void
test_workers_of_models (void)
{
  static const char text[] = "[Scenario]\nName=x\n[Task a]\nSteps=cpu 1ms\n";
  static const char hybrid_text[]
      = "[Scenario]\nName=x\nProcesses=${p}\n[Knob p]\nValue=3\nMin=1\nMax=9\n"
        "[Task a]\nSteps=cpu 1ms\n";
  static const char *const settings[] = { "p=5", NULL };
  IlScenarioOverrides overrides = nothing;
  g_autoptr (IlScenario) scenario = parse (text);
  g_autoptr (GError) error = NULL;

  overrides.workers = 10000;
  assert_refused (text, &overrides,
                  "found “10000 workers in all”, expected at most 4096 under "
                  "threads");
  overrides.model = "coroutines";
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);

  overrides.workers = 1;
  overrides.model = "hybrid";
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (scenario->processes.literal, ==, 1);
  assert_refused (hybrid_text, &overrides,
                  "found “3 processes”, expected at most 1, one for each worker");
  overrides.workers = 4;
  overrides.settings = settings;
  assert_refused (hybrid_text, &overrides,
                  "found “5 processes”, expected at most 4, one for each worker");
}

/* What only another of its models allows is no fault of the file. */
static void
test_file_for_model (void)
{
  static const char text[] = "[Scenario]\nName=x\nWorkers=10000\nProcesses=2\n"
                             "[Task a]\nSteps=cpu 1ms\n";
  static const char few_text[] = "[Scenario]\nName=x\nWorkers=2\nProcesses=4\n"
                                 "[Task a]\nSteps=cpu 1ms\n";
  static const char threads_text[] = "[Scenario]\nName=x\nModels=threads,processes\n"
                                     "Workers=5000\n[Task a]\nSteps=cpu 1ms\n";
  IlScenarioOverrides overrides = nothing;
  g_autoptr (IlScenario) scenario = parse (text);
  g_autoptr (IlScenario) few = parse (few_text);
  g_autoptr (GError) error = NULL;

  g_assert_null (il_scenario_parse (threads_text, -1, "file", NULL));
  g_assert_false (il_scenario_check_model (scenario, &error));
  g_assert_cmpstr (error->message, ==,
                   "file:3: found “10000 workers in all”, expected at most 4096 under threads");
  g_clear_error (&error);
  overrides.model = "coroutines";
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_true (il_scenario_check_model (scenario, &error));
  g_assert_no_error (error);

  g_assert_true (il_scenario_check_model (few, &error));
  g_assert_no_error (error);
  overrides.model = "hybrid";
  assert_refused (few_text, &overrides,
                  "found “4 processes”, expected at most 2, one for each worker");
  overrides.workers = 4;
  g_assert_true (il_scenario_override (few, &overrides, &error));
  g_assert_no_error (error);
}

static void
test_trees (void)
{
  static const char text[] = "[Scenario]\nName=x\n[Knob depth]\nValue=5\nMin=0\nMax=63\n"
                             "[Knob width]\nValue=2\nMin=0\nMax=9\n"
                             "[Task a]\nCount=1\nDepth=${depth}\nSteps=spawn a ${width}; spawn b\n"
                             "[Task b]\nSteps=cpu 1ms\n";
  static const char *const deep[] = { "depth=62", "width=1", NULL };
  static const char *const wide[] = { "depth=10", "width=9", NULL };
  IlScenarioOverrides overrides = nothing;
  g_autoptr (IlScenario) scenario = parse (text);
  g_autoptr (GError) error = NULL;

  overrides.settings = deep;
  overrides.tasks = 3;
  g_assert_true (il_scenario_override (scenario, &overrides, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (scenario->tasks[0].count.literal, ==, 3);
  g_assert_cmpfloat (scenario->tasks[1].count.literal, ==, 0); /* nobody submits it */
  overrides.settings = wide;
  assert_refused (text, &overrides,
                  "found “[Task a]”, expected a task from which at most 1000000000 come, none of "
                  "them deeper than 63");
}

static void
test_refused_workers (void)
{
  static const char *const settings[] = { "makers=4096", NULL };
  IlScenarioOverrides overrides = nothing;

  overrides.workers = 0;
  assert_refused (pool_text, &overrides,
                  "--workers: found “0”, expected a whole number from 1 to 16384");
  overrides.workers = 100000;
  assert_refused (pool_text, &overrides,
                  "--workers: found “100000”, expected a whole number from 1 to 16384");
  overrides.workers = -2;
  assert_refused (pool_text, &overrides,
                  "--workers: found “-2”, expected a whole number from 1 to 16384");
  overrides.workers = 3;
  assert_refused (own_text, &overrides,
                  "--workers: found “3”, expected --set makers=N or --set users=N, since each "
                  "task of this scenario has its own workers");
  assert_refused (fixed_text, &overrides,
                  "--workers: found “3”, expected no number, since each task of this scenario has "
                  "its own workers");
  overrides = nothing;
  overrides.settings = settings;
  assert_refused (own_text, &overrides,
                  "found “4098 workers in all”, expected at most 4096 under threads");
}

static void
test_refused_numbers (void)
{
  IlScenarioOverrides overrides = nothing;

  overrides.tasks = -5;
  assert_refused (fixed_text, &overrides,
                  "--tasks: found “-5”, expected a whole number from 0 to 1000000000");
  overrides.tasks = 65;
  assert_refused (pool_text, &overrides,
                  "--tasks: found “65”, expected a whole number from 1 to 64");
  overrides.tasks = G_MAXINT64;
  assert_refused (fixed_text, &overrides,
                  "--tasks: found “9223372036854775807”, expected a whole number from 0 to "
                  "1000000000");
  overrides = nothing;
  overrides.duration_ns = -2;
  assert_refused (pool_text, &overrides,
                  "--duration: found “-2ns”, expected a duration from 0ns to 1000000s");
  overrides.duration_ns = G_MAXINT64;
  assert_refused (pool_text, &overrides,
                  "--duration: found “9223372036.85s”, expected a duration from 0ns to 1000000s");
  overrides = nothing;
  overrides.seed = G_MININT64;
  assert_refused (pool_text, &overrides,
                  "--seed: found “-9223372036854775808”, expected a whole number that is not "
                  "negative");
}

static void
test_refused_model (void)
{
  IlScenarioOverrides overrides = nothing;

  overrides.model = "processes";
  assert_refused (pool_text, &overrides,
                  "--model: found “processes”, expected a model that this scenario runs under, one "
                  "of serial or threads");
  overrides.model = "Thread";
  assert_refused (pool_text, &overrides,
                  "--model: found “Thread”, expected a model that this scenario runs under, one of "
                  "serial or threads; did you mean “threads”?");
}

static void
test_refused_settings (void)
{
  static const struct
  {
    const char *text;
    const char *setting;
    const char *message;
  } rows[] = {
    { pool_text, "length", "--set: found “length”, expected KEY=VALUE" },
    { pool_text, "=1ms", "--set: found “=1ms”, expected KEY=VALUE" },
    { pool_text, "", "--set: found “”, expected KEY=VALUE" },
    { pool_text, "lenght=1ms",
      "--set: found “lenght”, expected a knob, one of length or jobs; did you mean “length”?" },
    { pool_text,
      "length=", "--set: found “”, expected a duration such as “1.5ms”, in ns, us, ms, s or min" },
    { pool_text, "length=5",
      "--set: found “5”, expected a duration such as “1.5ms”, in ns, us, ms, s or min" },
    { pool_text, "length=2s", "--set: found “2s”, expected a duration from 10us to 1s" },
    { pool_text, "jobs=0", "--set: found “0”, expected a whole number from 1 to 64" },
    { pool_text, "jobs=${length}", "--set: found “${length}”, expected a whole number" },
    { fixed_text, "length=1ms",
      "--set: found “length”, expected nothing, since this scenario has no knobs" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *const settings[] = { rows[i].setting, NULL };
      IlScenarioOverrides overrides = nothing;

      overrides.settings = settings;
      assert_refused (rows[i].text, &overrides, rows[i].message);
    }
}

static void
test_check_setting (void)
{
  g_autoptr (IlScenario) scenario = parse (pool_text);
  g_autoptr (GError) error = NULL;
  guint knob = 99;
  double value = -1;

  g_assert_true (il_scenario_check_setting (scenario, "jobs", "12", &knob, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (knob, ==, 1);
  g_assert_cmpfloat (value, ==, 12);
  g_assert_cmpfloat (scenario->knobs[1].value, ==, 8);
  g_assert_false (il_scenario_check_setting (scenario, "jobs", "12ms", &knob, &value, &error));
  g_assert_cmpstr (error->message, ==, "found “12ms”, expected a whole number");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario-override/nothing", test_nothing);
  g_test_add_func ("/scenario-override/everything", test_everything);
  g_test_add_func ("/scenario-override/numbers-of-models", test_numbers_of_models);
  g_test_add_func ("/scenario-override/no-end", test_no_end);
  g_test_add_func ("/scenario-override/workers-by-knob", test_workers_by_knob);
  g_test_add_func ("/scenario-override/workers-of-models", test_workers_of_models);
  g_test_add_func ("/scenario-override/file-for-model", test_file_for_model);
  g_test_add_func ("/scenario-override/trees", test_trees);
  g_test_add_func ("/scenario-override/refused-workers", test_refused_workers);
  g_test_add_func ("/scenario-override/refused-numbers", test_refused_numbers);
  g_test_add_func ("/scenario-override/refused-model", test_refused_model);
  g_test_add_func ("/scenario-override/refused-settings", test_refused_settings);
  g_test_add_func ("/scenario-override/check-setting", test_check_setting);
  return g_test_run ();
}
