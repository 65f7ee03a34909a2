/* test-scenario-words.c - every word of a scenario is understood, and stands in its manual
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* All that a scenario can say of primitives, channels, models and trees of tasks. */
static const char wide_text[]
    = "[Scenario]\nName=Wide\nWorkers=6\nProcesses=3\nCarriers=2\nSwitchInterval=${interval}\n"
      "Scheduling=priority\nMaxTasksPerWorker=7\nDaemon=yes\nCores=0,2-3\nNice=4\n"
      "[Knob interval]\nValue=5ms\nMin=1ms\nMax=50ms\n"
      "[Knob burst]\nValue=5\nMin=1\nMax=50\n"
      "[Condition C]\nLock=L\n"
      "[Lock L]\nKind=ticket\n"
      "[RWLock R]\nPrefer=writers\n"
      "[Semaphore S]\nUnits=0\n"
      "[Event E]\nSet=yes\n"
      "[Barrier B]\nParties=4096\n"
      "[Queue Q]\nCapacity=3\nOrder=priority\n"
      "[Channel P]\nKind=socket\n"
      "[File F]\n"
      "[Counter X]\nValue=4\nPlace=heap\n"
      "[Counter Y]\n"
      "[Task tree]\nCount=3\nArgument=1KiB\nResult=2KiB\nPriority=7\nDepth=5\n"
      "Steps=spawn tree ${burst}; spawn leaf; join\n"
      "[Task leaf]\nSteps=cpu 1us\n"
      "[Task burst]\nArrival=bursts  ${burst} every 3ms\nSteps=cpu 1us\n"
      "[Task client]\nWorkers=2\nCores=1\nNice=5\nArrival=closed 3 ~5ms\nSteps=cpu 1us\n"
      "[Task leaver]\nWorkers=2\nArrival=loop\nSteps=get-or-leave Q\n"
      "[Task all]\nCount=1\nSteps=lock L; wait C Y; wait C; unlock L; read-lock R; read-unlock R; "
      "write-lock R; write-unlock R; acquire S; post S; wait E; set E; clear E; notify C; "
      "notify-all C; barrier B; read X; write X; add X 4; subtract X; send P 1MiB; receive P; "
      "try-send P; try-receive P; cpu 1us hash; cpu 1us; memory 3MiB random; increment 5 together; "
      "yield; append F 10B pieces; append F whole; append F; fsync F; echo 3B socket\n";

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
test_wide_settings (void)
{
  g_autoptr (IlScenario) scenario = parse (wide_text);

  g_assert_cmpfloat (scenario->processes.literal, ==, 3);
  g_assert_cmpfloat (scenario->carriers.literal, ==, 2);
  g_assert_cmpint (scenario->switch_interval.knob, ==, 0);
  g_assert_true (scenario->knobs[0].live);
  g_assert_cmpint (scenario->scheduling, ==, IL_SCHEDULING_PRIORITY);
  g_assert_cmpuint (scenario->max_tasks_per_worker, ==, 7);
  g_assert_true (scenario->daemon);
  g_assert_cmpstr (scenario->cores, ==, "0,2-3");
  g_assert_cmpint (scenario->nice, ==, 4);
}

static void
test_wide_objects (void)
{
  static const struct
  {
    IlObjectKind kind;
    const char *name;
    double parameter;
    int variant;
    int lock;
    gint64 max_payload;
  } expected[] = {
    { IL_OBJECT_CONDITION, "C", 0, 0, 1, 0 },
    { IL_OBJECT_LOCK, "L", 0, IL_LOCK_TICKET, -1, 0 },
    { IL_OBJECT_RWLOCK, "R", 0, 1, -1, 0 },
    { IL_OBJECT_SEMAPHORE, "S", 0, 0, -1, 0 },
    { IL_OBJECT_EVENT, "E", 1, 0, -1, 0 },
    { IL_OBJECT_BARRIER, "B", 4096, 0, -1, 0 },
    { IL_OBJECT_QUEUE, "Q", 3, 1, -1, 0 },
    { IL_OBJECT_CHANNEL, "P", 16, IL_CHANNEL_SOCKET, -1, 1048576 },
    { IL_OBJECT_FILE, "F", 0, 0, -1, 0 },
    { IL_OBJECT_COUNTER, "X", 4, 1, -1, 0 },
    { IL_OBJECT_COUNTER, "Y", 0, 0, -1, 0 },
  };
  g_autoptr (IlScenario) scenario = parse (wide_text);

  g_assert_cmpuint (scenario->n_objects, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &scenario->objects[i];

      g_assert_cmpint (object->kind, ==, expected[i].kind);
      g_assert_cmpstr (object->name, ==, expected[i].name);
      g_assert_cmpint (object->parameter.knob, ==, -1);
      g_assert_cmpfloat (object->parameter.literal, ==, expected[i].parameter);
      g_assert_cmpint (object->variant, ==, expected[i].variant);
      g_assert_cmpint (object->lock, ==, expected[i].lock);
      g_assert_cmpint (object->max_payload, ==, expected[i].max_payload);
    }
}

static void
test_wide_tasks (void)
{
  g_autoptr (IlScenario) scenario = parse (wide_text);
  const IlTaskKind *tree = &scenario->tasks[0];
  const IlTaskKind *burst = &scenario->tasks[2];
  const IlTaskKind *client = &scenario->tasks[3];

  g_assert_cmpint (tree->arrival, ==, IL_ARRIVAL_AT_ONCE);
  g_assert_cmpfloat (tree->argument.literal, ==, 1024);
  g_assert_cmpfloat (tree->result.literal, ==, 2048);
  g_assert_cmpint (tree->priority, ==, 7);
  g_assert_cmpfloat (tree->depth.literal, ==, 5);
  g_assert_cmpint (tree->steps[0].kind, ==, IL_STEP_SPAWN);
  g_assert_cmpint (tree->steps[0].other, ==, 0);
  g_assert_cmpint (tree->steps[0].quantity.knob, ==, 1);
  g_assert_cmpint (tree->steps[1].other, ==, 1);
  g_assert_cmpfloat (tree->steps[1].quantity.literal, ==, 1);
  g_assert_cmpint (scenario->tasks[1].arrival, ==, IL_ARRIVAL_SPAWNED);
  g_assert_cmpfloat (scenario->tasks[1].depth.literal, >, IL_SCENARIO_MAX_DEPTH);
  g_assert_cmpint (burst->arrival, ==, IL_ARRIVAL_BURSTS);
  g_assert_cmpint (burst->burst.knob, ==, 1);
  g_assert_cmpfloat (burst->gap.literal, ==, 3e6);
  g_assert_true (scenario->knobs[1].live);
  g_assert_cmpint (client->arrival, ==, IL_ARRIVAL_CLOSED);
  g_assert_cmpfloat (client->burst.literal, ==, 3);
  g_assert_cmpfloat (client->gap.literal, ==, 5e6);
  g_assert_true (client->gap.is_random);
  g_assert_cmpstr (client->cores, ==, "1");
  g_assert_cmpint (client->nice, ==, 5);
  g_assert_cmpint (scenario->tasks[4].steps[0].kind, ==, IL_STEP_GET_OR_LEAVE);
}

/* Every kind of step that the other text does not have, in the order of that one. */
static const struct
{
  IlStepKind kind;
  const char *object, *other;
  int variant;
  double literal;
} wide_steps[] = {
  { IL_STEP_LOCK, "L", NULL, 0, 0 },
  { IL_STEP_WAIT_CONDITION, "C", "Y", 0, 0 },
  { IL_STEP_WAIT_CONDITION, "C", NULL, 0, 0 },
  { IL_STEP_UNLOCK, "L", NULL, 0, 0 },
  { IL_STEP_READ_LOCK, "R", NULL, 0, 0 },
  { IL_STEP_READ_UNLOCK, "R", NULL, 0, 0 },
  { IL_STEP_WRITE_LOCK, "R", NULL, 0, 0 },
  { IL_STEP_WRITE_UNLOCK, "R", NULL, 0, 0 },
  { IL_STEP_ACQUIRE, "S", NULL, 0, 0 },
  { IL_STEP_POST, "S", NULL, 0, 0 },
  { IL_STEP_WAIT_EVENT, "E", NULL, 0, 0 },
  { IL_STEP_SET, "E", NULL, 0, 0 },
  { IL_STEP_CLEAR, "E", NULL, 0, 0 },
  { IL_STEP_NOTIFY, "C", NULL, 0, 0 },
  { IL_STEP_NOTIFY_ALL, "C", NULL, 0, 0 },
  { IL_STEP_BARRIER, "B", NULL, 0, 0 },
  { IL_STEP_READ, "X", NULL, 0, 0 },
  { IL_STEP_WRITE, "X", NULL, 0, 0 },
  { IL_STEP_ADD, "X", NULL, 0, 4 },
  { IL_STEP_SUBTRACT, "X", NULL, 0, 1 },
  { IL_STEP_SEND, "P", NULL, 0, 1048576 },
  { IL_STEP_RECEIVE, "P", NULL, 0, 0 },
  { IL_STEP_TRY_SEND, "P", NULL, 0, 64 },
  { IL_STEP_TRY_RECEIVE, "P", NULL, 0, 0 },
  { IL_STEP_CPU, NULL, NULL, IL_CPU_HASH, 1000 },
  { IL_STEP_CPU, NULL, NULL, IL_CPU_INT, 1000 },
  { IL_STEP_MEMORY, NULL, NULL, IL_MEMORY_RANDOM, 3145728 },
  { IL_STEP_INCREMENT, NULL, NULL, IL_SHARING_TOGETHER, 5 },
  { IL_STEP_YIELD, NULL, NULL, 0, 0 },
  { IL_STEP_APPEND, "F", NULL, IL_APPEND_PIECES, 10 },
  { IL_STEP_APPEND, "F", NULL, IL_APPEND_WHOLE, 64 },
  { IL_STEP_APPEND, "F", NULL, IL_APPEND_WHOLE, 64 },
  { IL_STEP_FSYNC, "F", NULL, 0, 0 },
  { IL_STEP_ECHO, NULL, NULL, IL_ECHO_SOCKET, 3 },
};

static void
test_wide_steps (void)
{
  g_autoptr (IlScenario) scenario = parse (wide_text);
  const IlTaskKind *task = &scenario->tasks[5];

  g_assert_cmpuint (task->n_steps, ==, G_N_ELEMENTS (wide_steps));
  for (guint i = 0; i < task->n_steps; i++)
    {
      const IlStep *step = &task->steps[i];

      g_assert_cmpint (step->kind, ==, wide_steps[i].kind);
      g_assert_cmpstr (step->object < 0 ? NULL : scenario->objects[step->object].name, ==,
                       wide_steps[i].object);
      g_assert_cmpstr (step->other < 0 ? NULL : scenario->objects[step->other].name, ==,
                       wide_steps[i].other);
      g_assert_cmpint (step->variant, ==, wide_steps[i].variant);
      g_assert_cmpfloat (step->quantity.literal, ==, wide_steps[i].literal);
    }
}

/* Kinds that spawn each other, as long as something ends it. */
static void
test_trees (void)
{
  g_autoptr (IlScenario) circle
      = parse ("[Scenario]\nName=x\n[Task a]\nArrival=rate 1/s\nSteps=spawn b 10; join\n"
               "[Task b]\nDepth=8\nSteps=spawn c 2; join\n[Task c]\nSteps=spawn b 2; cpu 1us\n");
  g_autoptr (IlScenario) both
      = parse ("[Scenario]\nName=x\n[Task a]\nSteps=spawn b\n[Task b]\nCount=2\nSteps=yield\n");
  g_autoptr (IlScenario) chain = parse ("[Scenario]\nName=x\n[Task a]\nCount=1\nDepth=63\n"
                                        "Steps=spawn a\n");

  g_assert_cmpint (circle->tasks[0].arrival, ==, IL_ARRIVAL_RATE);
  g_assert_cmpint (circle->tasks[1].arrival, ==, IL_ARRIVAL_SPAWNED);
  g_assert_cmpint (circle->tasks[2].arrival, ==, IL_ARRIVAL_SPAWNED);
  g_assert_cmpint (both->tasks[1].arrival, ==, IL_ARRIVAL_AT_ONCE);
  g_assert_cmpfloat (chain->tasks[0].depth.literal, ==, IL_SCENARIO_MAX_DEPTH);
}

/* Where the file says nothing of processes, there are not more of them than workers. */
static void
test_default_processes (void)
{
  g_autoptr (IlScenario) one = parse ("[Scenario]\nName=x\nWorkers=1\n[Task a]\nSteps=yield\n");

  g_assert_cmpfloat (one->processes.literal, ==, 1);
}

static void
test_describe_models (void)
{
  g_autoptr (IlScenario) scenario = parse (wide_text);
  g_autofree char *text = il_scenario_describe_json (&scenario, 1);
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  JsonObject *object = json_array_get_object_element (json_node_get_array (node), 0);

  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (object, "models")), ==,
                    IL_N_MODELS);
  g_assert_cmpint (json_object_get_int_member (object, "processes"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (object, "carriers"), ==, 2);
  g_assert_cmpint (json_object_get_int_member (object, "switch_interval_ns"), ==, 5000000);
  g_assert_cmpstr (json_object_get_string_member (object, "scheduling"), ==, "priority");
  g_assert_true (json_object_get_boolean_member (object, "daemon"));
}

/* The scenarios in interleave-scenario(5) are scenarios. */
static void
test_manual (void)
{
  g_autofree char *manual = NULL;
  g_auto (GStrv) pieces = NULL;
  guint n_scenarios = 0;

  g_assert_true (g_file_get_contents (SCENARIO_MANUAL, &manual, NULL, NULL));
  pieces = g_strsplit (manual, ".EX\n", -1);
  for (guint i = 1; pieces[i] != NULL; i++)
    {
      g_auto (GStrv) tildes = NULL;
      g_autofree char *text = NULL;

      *strstr (pieces[i], ".EE\n") = '\0';
      if (!g_str_has_prefix (pieces[i], "[Scenario]"))
        continue;
      tildes = g_strsplit (pieces[i], "\\(ti", -1);
      text = g_strjoinv ("~", tildes);
      il_scenario_free (parse (text));
      n_scenarios++;
    }
  g_assert_cmpuint (n_scenarios, ==, 5);
}

/* The words of a manual page without its markup. */
static GHashTable *
get_words (const char *page)
{
  static const char *const markup[][2]
      = { { "\\fB", " " }, { "\\fI", " " },  { "\\fR", " " },  { "\\~", " " },
          { "\\-", "-" },  { "\\(ti", "~" }, { "\\(lq", " " }, { "\\(rq", " " } };
  GHashTable *words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) text = g_string_new (page);
  g_auto (GStrv) parts = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (markup); i++)
    g_string_replace (text, markup[i][0], markup[i][1], 0);
  parts = g_strsplit_set (text->str, " \n\t,;:|[]\"()", -1);
  for (char **part = parts; *part != NULL; part++)
    g_hash_table_add (words, g_strdup (*part));
  return words;
}

static void
assert_word (GHashTable *words, const char *word)
{
  if (!g_hash_table_contains (words, word))
    g_error ("the manual has nothing on “%s”", word);
}

/* Groups, keys, steps, models, and what keys and steps can be set to. */
static void
test_manual_words (void)
{
  static const char *const values[] = {
    "plain", "recursive", "spin",        "ticket", "readers", "writers", "no",     "yes",
    "fifo",  "stealing",  "priority",    "queue",  "memory",  "pipe",    "socket", "shared",
    "heap",  "int",       "float",       "hash",   "stream",  "random",  "apart",  "together",
    "whole", "pieces",    "at-once",     "rate",   "poisson", "bursts",  "every",  "closed",
    "loop",  "apply",     "apply-async", "map",    "lost",    "retry",   "close",  "terminate"
  };
  g_autofree char *manual = NULL;
  g_autoptr (GHashTable) words = NULL;

  g_assert_true (g_file_get_contents (SCENARIO_MANUAL, &manual, NULL, NULL));
  words = get_words (manual);
  for (guint i = 0; i < IL_N_GROUP_KINDS; i++)
    {
      assert_word (words, il_scenario_get_group_word ((IlGroupKind)i));
      for (const char *const *key = il_scenario_get_group_keys ((IlGroupKind)i); *key != NULL;
           key++)
        assert_word (words, *key);
    }
  for (guint i = 0; i < IL_N_STEP_KINDS; i++)
    assert_word (words, il_step_kind_get_word ((IlStepKind)i));
  for (guint i = 0; i < IL_N_MODELS; i++)
    assert_word (words, il_model_get_name ((IlModel)i));
  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    assert_word (words, values[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario-words/settings", test_wide_settings);
  g_test_add_func ("/scenario-words/objects", test_wide_objects);
  g_test_add_func ("/scenario-words/tasks", test_wide_tasks);
  g_test_add_func ("/scenario-words/steps", test_wide_steps);
  g_test_add_func ("/scenario-words/trees", test_trees);
  g_test_add_func ("/scenario-words/default-processes", test_default_processes);
  g_test_add_func ("/scenario-words/manual/examples", test_manual);
  g_test_add_func ("/scenario-words/manual/words", test_manual_words);
  g_test_add_func ("/scenario-words/describe/models", test_describe_models);
  return g_test_run ();
}
