/* test-scenario.c - a scenario is read as it is written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario.h"

#include <string.h>

/* Everything that a scenario can say, with comments, spaces, CR LF and an unordered file. */
static const char full_text[] = "\xef\xbb\xbf# a comment\n"
                                "[Task work]\n"
                                "Title = Maker\n"
                                "Title[de]=Macher\r\n"
                                "  Workers=3\n"
                                "Count=1000\n"
                                "Arrival=poisson  ${rate}\n"
                                "Submit=apply-async\n"
                                "Steps=lock A;cpu ~${section}; unlock A ; acquire S; put Q ${size};"
                                "\tput Q; post S; sleep 1.5ms; get Q; fail 2.5%; crash ${odds}; "
                                "fail;\n"
                                "\n"
                                "[Knob section]\n"
                                "Name=Critical section\n"
                                "Name[de]=Kritischer Abschnitt\n"
                                "Value=1.2ms\nMin=0us\nMax=1s\n"
                                "[Knob rate]\nValue=900/s\nMin=1/s\nMax=5/ms\n"
                                "[Knob size]\nValue=64B\nMin=1B\nMax=2KiB\n"
                                "[Knob odds]\nValue=1\nMin=0\nMax=100\n"
                                "[Knob slots]\nValue=2\nMin=1\nMax=5\n"
                                "[Scenario]\n"
                                "Name=Full\n"
                                "Name[de]=Voll\n"
                                "Name[zh_CN]=完整\n"
                                "Description=All of it\n"
                                "LookAt=Everything\n"
                                "Row=C99\n"
                                "Model=processes\n"
                                "Models=threads; processes;\n"
                                "Workers=5\n"
                                "Capacity=7\n"
                                "Duration=1.5s\n"
                                "Seed=42\n"
                                "OnDeath=retry\n"
                                "AtEnd=terminate\n"
                                "[Task sum]\n"
                                "Submit=map\nBatch=100\nChunk=10\nCount=${slots}\nSteps=cpu 1us\n"
                                "[Queue Q]\nCapacity=${slots}\n"
                                "[Lock A]\n"
                                "[Semaphore S]\nUnits=3";

static IlScenario *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  IlScenario *scenario = il_scenario_parse (text, -1, "file", &error);

  g_assert_no_error (error);
  g_assert_nonnull (scenario);
  return scenario;
}

static void
set_language (const char *language)
{
  g_setenv ("LANGUAGE", language, TRUE);
}

static void
test_scenario_values (void)
{
  g_autoptr (IlScenario) scenario = parse (full_text);

  g_assert_cmpstr (scenario->id, ==, "file");
  g_assert_cmpstr (scenario->path, ==, "file");
  g_assert_cmpstr (scenario->text, ==, full_text);
  g_assert_cmpstr (scenario->row, ==, "C99");
  g_assert_cmpstr (scenario->name, ==, "Full");
  g_assert_cmpstr (scenario->description, ==, "All of it");
  g_assert_cmpstr (scenario->look_at, ==, "Everything");
  g_assert_cmpint (scenario->model, ==, IL_MODEL_PROCESSES);
  g_assert_false (scenario->models[IL_MODEL_SERIAL]);
  g_assert_true (scenario->models[IL_MODEL_THREADS]);
  g_assert_true (scenario->models[IL_MODEL_PROCESSES]);
  g_assert_cmpfloat (scenario->workers.literal, ==, 5);
  g_assert_cmpfloat (scenario->capacity.literal, ==, 7);
  g_assert_cmpint (scenario->duration_ns, ==, 1500000000);
  g_assert_cmpuint (scenario->seed, ==, 42);
  g_assert_cmpint (scenario->on_death, ==, IL_ON_DEATH_RETRY);
  g_assert_cmpint (scenario->at_end, ==, IL_AT_END_TERMINATE);
}

static void
test_knobs (void)
{
  g_autoptr (IlScenario) scenario = parse (full_text);

  g_assert_cmpuint (scenario->n_knobs, ==, 5);
  g_assert_cmpstr (scenario->knobs[0].key, ==, "section");
  g_assert_cmpstr (scenario->knobs[0].name, ==, "Critical section");
  g_assert_cmpint (scenario->knobs[0].unit, ==, IL_UNIT_DURATION);
  g_assert_cmpfloat (scenario->knobs[0].value, ==, 1.2e6);
  g_assert_cmpfloat (scenario->knobs[0].min, ==, 0);
  g_assert_cmpfloat (scenario->knobs[0].max, ==, 1e9);
  g_assert_true (scenario->knobs[0].live);
  g_assert_cmpstr (scenario->knobs[1].name, ==, "rate"); /* the key stands in for a name */
  g_assert_cmpint (scenario->knobs[1].unit, ==, IL_UNIT_RATE);
  g_assert_true (scenario->knobs[1].live);
  g_assert_cmpint (scenario->knobs[2].unit, ==, IL_UNIT_SIZE);
  g_assert_true (scenario->knobs[2].live);
  g_assert_true (scenario->knobs[3].live);
  g_assert_cmpint (scenario->knobs[4].unit, ==, IL_UNIT_COUNT);
  g_assert_false (scenario->knobs[4].live);
}

static void
test_objects (void)
{
  g_autoptr (IlScenario) scenario = parse (full_text);

  g_assert_cmpuint (scenario->n_objects, ==, 3);
  g_assert_cmpint (scenario->objects[0].kind, ==, IL_OBJECT_QUEUE);
  g_assert_cmpstr (scenario->objects[0].name, ==, "Q");
  g_assert_cmpint (scenario->objects[0].parameter.knob, ==, 4);
  g_assert_cmpint (scenario->objects[0].max_payload, ==, 2048);
  g_assert_cmpint (scenario->objects[1].kind, ==, IL_OBJECT_LOCK);
  g_assert_cmpstr (scenario->objects[1].name, ==, "A");
  g_assert_cmpint (scenario->objects[2].kind, ==, IL_OBJECT_SEMAPHORE);
  g_assert_cmpfloat (scenario->objects[2].parameter.literal, ==, 3);
}

static void
test_tasks (void)
{
  g_autoptr (IlScenario) scenario = parse (full_text);
  const IlTaskKind *work = &scenario->tasks[0];
  const IlTaskKind *sum = &scenario->tasks[1];

  g_assert_cmpuint (scenario->n_tasks, ==, 2);
  g_assert_cmpstr (work->name, ==, "work");
  g_assert_cmpstr (work->title, ==, "Maker");
  g_assert_cmpfloat (work->workers.literal, ==, 3);
  g_assert_cmpfloat (work->count.literal, ==, 1000);
  g_assert_cmpint (work->arrival, ==, IL_ARRIVAL_POISSON);
  g_assert_cmpint (work->rate.knob, ==, 1);
  g_assert_cmpint (work->submit, ==, IL_SUBMIT_APPLY_ASYNC);
  g_assert_cmpstr (sum->name, ==, "sum");
  g_assert_null (sum->title);
  g_assert_cmpint (sum->workers.knob, ==, -1);
  g_assert_cmpfloat (sum->workers.literal, ==, 0);
  g_assert_cmpint (sum->count.knob, ==, 4);
  g_assert_cmpint (sum->arrival, ==, IL_ARRIVAL_AT_ONCE);
  g_assert_cmpint (sum->submit, ==, IL_SUBMIT_MAP);
  g_assert_cmpfloat (sum->batch.literal, ==, 100);
  g_assert_cmpfloat (sum->chunk.literal, ==, 10);
}

static void
test_steps (void)
{
  static const IlStep expected[] = {
    { IL_STEP_LOCK, 1, -1, 0, { FALSE, -1, 0 }, 9 },
    { IL_STEP_CPU, -1, -1, 0, { TRUE, 0, 0 }, 9 },
    { IL_STEP_UNLOCK, 1, -1, 0, { FALSE, -1, 0 }, 9 },
    { IL_STEP_ACQUIRE, 2, -1, 0, { FALSE, -1, 0 }, 9 },
    { IL_STEP_PUT, 0, -1, 0, { FALSE, 2, 0 }, 9 },
    { IL_STEP_PUT, 0, -1, 0, { FALSE, -1, 64 }, 9 },
    { IL_STEP_POST, 2, -1, 0, { FALSE, -1, 0 }, 9 },
    { IL_STEP_SLEEP, -1, -1, 0, { FALSE, -1, 1.5e6 }, 9 },
    { IL_STEP_GET, 0, -1, 0, { FALSE, -1, 0 }, 9 },
    { IL_STEP_FAIL, -1, -1, 0, { FALSE, -1, 2.5 }, 9 },
    { IL_STEP_CRASH, -1, -1, 0, { FALSE, 3, 0 }, 9 },
    { IL_STEP_FAIL, -1, -1, 0, { FALSE, -1, 100 }, 9 },
  };
  g_autoptr (IlScenario) scenario = parse (full_text);
  const IlTaskKind *task = &scenario->tasks[0];

  g_assert_cmpuint (task->n_steps, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < task->n_steps; i++)
    {
      g_assert_cmpint (task->steps[i].kind, ==, expected[i].kind);
      g_assert_cmpint (task->steps[i].object, ==, expected[i].object);
      g_assert_cmpint (task->steps[i].line, ==, expected[i].line);
      g_assert_cmpint (task->steps[i].quantity.is_random, ==, expected[i].quantity.is_random);
      g_assert_cmpint (task->steps[i].quantity.knob, ==, expected[i].quantity.knob);
      g_assert_cmpfloat (task->steps[i].quantity.literal, ==, expected[i].quantity.literal);
    }
}

static void
test_defaults (void)
{
  g_autoptr (IlScenario) scenario = parse ("[Scenario]\nName=x\n[Task a]\nSteps=cpu 1ms\n");
  const IlTaskKind *task = &scenario->tasks[0];

  g_assert_cmpstr (scenario->description, ==, "");
  g_assert_cmpstr (scenario->look_at, ==, "");
  g_assert_cmpstr (scenario->row, ==, "");
  g_assert_cmpint (scenario->model, ==, IL_MODEL_THREADS);
  for (guint i = 0; i < IL_N_MODELS; i++)
    g_assert_true (scenario->models[i]);
  g_assert_cmpfloat (scenario->workers.literal, ==, 4);
  g_assert_cmpfloat (scenario->capacity.literal, ==, 64);
  g_assert_cmpint (scenario->duration_ns, ==, 0);
  g_assert_cmpuint (scenario->seed, ==, 1);
  g_assert_cmpint (scenario->on_death, ==, IL_ON_DEATH_LOST);
  g_assert_cmpint (scenario->at_end, ==, IL_AT_END_CLOSE);
  g_assert_cmpfloat (scenario->processes.literal, ==, 2);
  g_assert_cmpfloat (scenario->carriers.literal, ==, 1);
  g_assert_cmpfloat (scenario->switch_interval.literal, ==, 5e6);
  g_assert_cmpint (scenario->scheduling, ==, IL_SCHEDULING_FIFO);
  g_assert_cmpuint (scenario->max_tasks_per_worker, ==, 0);
  g_assert_false (scenario->daemon);
  g_assert_null (scenario->cores);
  g_assert_cmpint (scenario->nice, ==, 0);
  g_assert_null (task->title);
  g_assert_cmpfloat (task->argument.literal, ==, 0);
  g_assert_cmpfloat (task->result.literal, ==, 0);
  g_assert_cmpint (task->priority, ==, 0);
  g_assert_null (task->cores);
  g_assert_cmpint (task->nice, ==, 0);
  g_assert_cmpfloat (task->count.literal, ==, 0);
  g_assert_cmpint (task->arrival, ==, IL_ARRIVAL_AT_ONCE);
  g_assert_cmpint (task->submit, ==, IL_SUBMIT_APPLY_ASYNC);
  g_assert_cmpfloat (task->chunk.literal, ==, 1);
}

/* Without threads among its models, a scenario starts under the first that it has. */
static void
test_default_model (void)
{
  g_autoptr (IlScenario) scenario
      = parse ("[Scenario]\nName=x\nModels=processes;serial\n[Task a]\nSteps=cpu 1ms\n");

  g_assert_cmpint (scenario->model, ==, IL_MODEL_SERIAL);
}

/* What can go wrong when it runs is not the parser's business. */
static void
test_allowed_mistakes (void)
{
  g_autoptr (IlScenario) deadlock = parse ("[Scenario]\nName=x\n[Lock A]\n[Lock B]\n"
                                           "[Task a]\nSteps=lock A; lock B; unlock B; unlock A\n"
                                           "[Task b]\nSteps=lock B; lock A; unlock B; unlock A\n");
  g_autoptr (IlScenario) self_deadlock
      = parse ("[Scenario]\nName=x\n[Lock A]\n[Task a]\nSteps=lock A;lock A;unlock A;unlock A\n");
  g_autoptr (IlScenario) never_got
      = parse ("[Scenario]\nName=x\n[Queue Q]\nCapacity=1\n[Queue R]\nCapacity=1\n[Lock unused]\n"
               "[Task a]\nSteps=put Q; get R\n");

  g_autoptr (IlScenario) never_met
      = parse ("[Scenario]\nName=x\nWorkers=2\n[Barrier B]\nParties=3\n"
               "[Task a]\nSteps=barrier B\n");
  g_autoptr (IlScenario) upgrade
      = parse ("[Scenario]\nName=x\n[RWLock R]\n[Task a]\n"
               "Steps=read-lock R; write-lock R; write-unlock R; read-unlock R\n");
  g_autoptr (IlScenario) never_posted
      = parse ("[Scenario]\nName=x\n[Semaphore S]\nUnits=0\n[Task a]\nSteps=acquire S\n"
               "[Semaphore T]\nUnits=0\n[Task b]\nSteps=post T\n");
  g_autoptr (IlScenario) never_notified
      = parse ("[Scenario]\nName=x\n[Lock A]\n[Condition C]\nLock=A\n[Event E]\n"
               "[Task a]\nSteps=lock A; wait C; unlock A; wait E\n");

  g_assert_nonnull (never_met);
  g_assert_nonnull (upgrade);
  g_assert_nonnull (never_posted);
  g_assert_nonnull (never_notified);
  g_assert_nonnull (deadlock);
  g_assert_nonnull (self_deadlock);
  g_assert_nonnull (never_got);
}

/* A text need not end with a zero byte, and what is behind it is not read. */
static void
test_length (void)
{
  static const char text[] = "[Scenario]\nName=x\n[Task a]\nSteps=cpu 1ms; sleep 1ms\n";
  gsize length = strlen (text) - strlen ("; sleep 1ms\n");
  g_autofree char *exact = g_memdup2 (text, length);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = il_scenario_parse (exact, (gssize)length, "file", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (scenario->tasks[0].n_steps, ==, 1);
  g_assert_cmpuint (strlen (scenario->text), ==, length);
}

static void
test_languages (void)
{
  static const struct
  {
    const char *language;
    const char *name;
    const char *title;
    const char *knob;
  } rows[] = {
    { "de", "Voll", "Macher", "Kritischer Abschnitt" },
    { "de_AT", "Voll", "Macher", "Kritischer Abschnitt" },
    { "zh_CN", "完整", "Maker", "Critical section" },
    { "fr:de", "Voll", "Macher", "Kritischer Abschnitt" },
    { "fr", "Full", "Maker", "Critical section" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (IlScenario) scenario = NULL;

      set_language (rows[i].language);
      scenario = parse (full_text);
      g_assert_cmpstr (scenario->name, ==, rows[i].name);
      g_assert_cmpstr (scenario->tasks[0].title, ==, rows[i].title);
      g_assert_cmpstr (scenario->knobs[0].name, ==, rows[i].knob);
    }
  set_language ("C");
}

static void
test_models (void)
{
  IlModel model = IL_N_MODELS;

  for (IlModel i = 0; i < IL_N_MODELS; i++)
    {
      g_assert_true (il_model_from_name (il_model_get_name (i), &model));
      g_assert_cmpint (model, ==, i);
    }
  g_assert_false (il_model_from_name ("Threads", &model));
  g_assert_false (il_model_from_name ("", &model));
  g_assert_cmpstr (il_model_get_name (IL_MODEL_PROCESSES), ==, "processes");
}

static void
test_describe_units (void)
{
  g_autoptr (IlScenario) scenario = parse (full_text);
  IlScenario *scenarios[] = { scenario, scenario };
  g_autofree char *text = NULL;
  g_autofree char *nothing = il_scenario_describe_json (scenarios, 0);

  scenario->knobs[0].value = .5;
  text = il_scenario_describe_json (scenarios, 2);
  for (const char *const *unit = (const char *const[]){ "count", "duration", "rate", "size", NULL };
       *unit != NULL; unit++)
    {
      g_autofree char *member = g_strdup_printf ("\"unit\" : \"%s\"", *unit);

      g_assert_nonnull (strstr (text, member));
    }
  g_assert_nonnull (strstr (text, "\"value\" : 0.5"));
  g_assert_cmpstr (nothing, ==, "[]");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  set_language ("C");
  g_test_add_func ("/scenario/values", test_scenario_values);
  g_test_add_func ("/scenario/knobs", test_knobs);
  g_test_add_func ("/scenario/objects", test_objects);
  g_test_add_func ("/scenario/tasks", test_tasks);
  g_test_add_func ("/scenario/steps", test_steps);
  g_test_add_func ("/scenario/defaults", test_defaults);
  g_test_add_func ("/scenario/default-model", test_default_model);
  g_test_add_func ("/scenario/allowed-mistakes", test_allowed_mistakes);
  g_test_add_func ("/scenario/length", test_length);
  g_test_add_func ("/scenario/languages", test_languages);
  g_test_add_func ("/scenario/models", test_models);
  g_test_add_func ("/scenario/describe/units", test_describe_units);
  return g_test_run ();
}
