/* test-scenario.c - scenarios are found, read and described as they are written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>

/* Some of them, in the order of their rows. */
static const char *const bundled_ids[] = { "neither-threads-processes",
                                           "interpreter-lock",
                                           "pool-batches",
                                           "producer-consumer",
                                           "while-not-empty",
                                           "lock-contention",
                                           "readers-first",
                                           "priority-inversion",
                                           NULL };

/* Everything that a scenario can say, with comments, spaces, CR LF and an unordered file. */
static const char full_text[]
    = "\xef\xbb\xbf# a comment\n"
      "[Task work]\n"
      "Title = Maker\n"
      "Title[de]=Macher\r\n"
      "  Workers=3\n"
      "Count=1000\n"
      "Arrival=poisson  ${rate}\n"
      "Submit=apply-async\n"
      "Steps=lock A;cpu ~${section};; unlock A ; acquire S; put Q ${size};"
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

/* What that does not say, so that it can run under one model alone. */
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
static void
test_wide_steps (void)
{
  static const struct
  {
    IlStepKind kind;
    const char *object, *other;
    int variant;
    double literal;
  } expected[] = {
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
  g_autoptr (IlScenario) scenario = parse (wide_text);
  const IlTaskKind *task = &scenario->tasks[5];

  g_assert_cmpuint (task->n_steps, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < task->n_steps; i++)
    {
      const IlStep *step = &task->steps[i];

      g_assert_cmpint (step->kind, ==, expected[i].kind);
      g_assert_cmpstr (step->object < 0 ? NULL : scenario->objects[step->object].name, ==,
                       expected[i].object);
      g_assert_cmpstr (step->other < 0 ? NULL : scenario->objects[step->other].name, ==,
                       expected[i].other);
      g_assert_cmpint (step->variant, ==, expected[i].variant);
      g_assert_cmpfloat (step->quantity.literal, ==, expected[i].literal);
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
test_bundled_list (void)
{
  g_auto (GStrv) ids = il_scenario_list_bundled ();
  guint n_known = 0;

  for (guint i = 0; ids[i] != NULL; i++)
    if (bundled_ids[n_known] != NULL && g_str_equal (ids[i], bundled_ids[n_known]))
      n_known++;
  g_assert_cmpuint (n_known, ==, G_N_ELEMENTS (bundled_ids) - 1); /* all, in this order */
}

/* Each is whole: words for people in three languages, and something to look at. */
static void
test_bundled_texts (void)
{
  g_auto (GStrv) ids = il_scenario_list_bundled ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IlScenario) english = il_scenario_load (ids[i], &error);

      g_assert_no_error (error);
      g_assert_cmpstr (english->id, ==, ids[i]);
      g_assert_cmpint (*english->row, ==, 'C');
      g_assert_cmpstr (english->description, !=, "");
      g_assert_cmpstr (english->look_at, !=, "");
      for (const char *const *language = (const char *const[]){ "de", "zh_CN", NULL };
           *language != NULL; language++)
        {
          g_autoptr (IlScenario) other = NULL;

          set_language (*language);
          other = il_scenario_load (ids[i], &error);
          set_language ("C");
          g_assert_no_error (error);
          g_assert_cmpstr (other->name, !=, english->name);
          g_assert_cmpstr (other->description, !=, english->description);
          g_assert_cmpstr (other->look_at, !=, english->look_at);
          for (guint j = 0; j < english->n_knobs; j++)
            g_assert_cmpstr (other->knobs[j].name, !=, english->knobs[j].name);
          for (guint j = 0; j < english->n_tasks; j++)
            if (english->tasks[j].title != NULL)
              g_assert_cmpstr (other->tasks[j].title, !=, english->tasks[j].title);
        }
    }
}

static void
test_bundled_default (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = il_scenario_load ("producer-consumer", &error);

  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (scenario->path, "/producer-consumer.scenario"));
  g_assert_cmpuint (scenario->n_tasks, ==, 2);
  g_assert_cmpstr (scenario->tasks[0].title, ==, "Producer");
  g_assert_cmpfloat (scenario->tasks[0].workers.literal, ==, 2);
  g_assert_cmpfloat (scenario->tasks[1].workers.literal, ==, 3);
  g_assert_cmpint (scenario->tasks[1].arrival, ==, IL_ARRIVAL_LOOP);
  g_assert_cmpint (scenario->duration_ns, ==, 0);
}

static JsonNode *
describe (const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = il_scenario_load (id, &error);
  g_autofree char *text = NULL;
  JsonNode *node;

  g_assert_no_error (error);
  text = il_scenario_describe_json (&scenario, 1);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  return node;
}

static void
test_describe (void)
{
  g_autoptr (JsonNode) node = describe ("lock-contention");
  JsonArray *array = json_node_get_array (node);
  JsonObject *object = json_array_get_object_element (array, 0);
  JsonArray *knobs = json_object_get_array_member (object, "knobs");
  JsonObject *knob = json_array_get_object_element (knobs, 0);
  JsonArray *models = json_object_get_array_member (object, "models");

  g_assert_cmpuint (json_array_get_length (array), ==, 1);
  g_assert_cmpstr (json_object_get_string_member (object, "id"), ==, "lock-contention");
  g_assert_cmpstr (json_object_get_string_member (object, "row"), ==, "C17");
  g_assert_cmpstr (json_object_get_string_member (object, "name"), ==, "Lock contention");
  g_assert_cmpstr (json_object_get_string_member (object, "description"), ==,
                   "Workers queue for one short lock");
  g_assert_true (json_object_has_member (object, "look_at"));
  g_assert_true (json_object_has_member (object, "path"));
  g_assert_cmpstr (json_object_get_string_member (object, "model"), ==, "threads");
  g_assert_cmpuint (json_array_get_length (models), ==, 3);
  g_assert_cmpstr (json_array_get_string_element (models, 0), ==, "serial");
  g_assert_cmpint (json_object_get_int_member (object, "workers"), ==, 4);
  g_assert_true (json_object_get_boolean_member (object, "workers_settable"));
  g_assert_cmpint (json_object_get_int_member (object, "duration_ns"), ==, 0);
  g_assert_cmpuint (json_array_get_length (knobs), ==, 3);
  g_assert_cmpstr (json_object_get_string_member (knob, "key"), ==, "section");
  g_assert_cmpstr (json_object_get_string_member (knob, "name"), ==, "Critical section");
  g_assert_cmpstr (json_object_get_string_member (knob, "unit"), ==, "duration");
  g_assert_cmpint (json_object_get_int_member (knob, "value"), ==, 1200000);
  g_assert_cmpint (json_object_get_int_member (knob, "min"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (knob, "max"), ==, 5000000);
  g_assert_true (json_object_get_boolean_member (knob, "live"));
}

/* Without a common pool, the workers are counted and cannot be set. */
static void
test_describe_own_workers (void)
{
  g_autoptr (JsonNode) node = describe ("producer-consumer");
  JsonObject *object = json_array_get_object_element (json_node_get_array (node), 0);

  g_assert_cmpint (json_object_get_int_member (object, "workers"), ==, 5);
  g_assert_false (json_object_get_boolean_member (object, "workers_settable"));
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

typedef struct
{
  char *directory;
  char *path;
} Files;

static void
set_up (Files *files, gconstpointer data)
{
  files->directory = g_dir_make_tmp ("test-scenario-XXXXXX", NULL);
  g_assert_nonnull (files->directory);
  files->path = g_build_filename (files->directory, "my.scenario", NULL);
}

static void
tear_down (Files *files, gconstpointer data)
{
  g_remove (files->path);
  g_assert_cmpint (g_rmdir (files->directory), ==, 0);
  g_free (files->directory);
  g_free (files->path);
}

static void
assert_not_loaded (const char *path, const char *place, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat (place, message, NULL);

  g_assert_null (il_scenario_load (path, &error));
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_IO);
}

static void
test_load_path (Files *files, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlScenario) scenario = NULL;

  g_assert_true (g_file_set_contents (files->path, full_text, -1, NULL));
  scenario = il_scenario_load (files->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (scenario->id, ==, files->path);
  g_assert_cmpstr (scenario->path, ==, files->path);
  g_assert_cmpstr (scenario->name, ==, "Full");
}

static void
test_load_broken (Files *files, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *expected = g_strconcat (
      files->path, ":1: found “[Scenari]”, expected a group: one of Scenario, Knob, Lock, ",
      "RWLock, Semaphore, Event, Condition, Barrier, Queue, Channel, File, Counter or Task; did "
      "you "
      "mean “Scenario”?",
      NULL);

  g_assert_true (g_file_set_contents (files->path, "[Scenari]", -1, NULL));
  g_assert_null (il_scenario_load (files->path, &error));
  g_assert_cmpstr (error->message, ==, expected);
  g_assert_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SYNTAX);
}

static void
test_load_missing (Files *files, gconstpointer data)
{
  assert_not_loaded (files->path, files->path, ": No such file or directory");
  assert_not_loaded ("missing.scenario", "", "missing.scenario: No such file or directory");
  assert_not_loaded ("a\nb/c", "", "a b/c: No such file or directory");
}

static void
test_load_special (Files *files, gconstpointer data)
{
  g_autofree char *directory = g_strconcat (files->directory, "/", NULL);

  assert_not_loaded (directory, directory, ": found a directory, expected a scenario file");
  assert_not_loaded ("/dev/null", "/dev/null", ": found no regular file, expected a scenario file");
  g_assert_cmpint (mkfifo (files->path, 0600), ==, 0);
  assert_not_loaded (files->path, files->path, ": found no regular file, expected a scenario file");
}

/* A regular file whose first byte cannot be read. */
static void
test_load_unreadable (void)
{
  assert_not_loaded ("/proc/self/mem", "/proc/self/mem", ": Input/output error");
}

static void
test_load_large (Files *files, gconstpointer data)
{
  gsize most = 1024 * 1024;
  g_autofree char *spaces = g_strnfill (most + 1, '\n');
  g_autoptr (GError) error = NULL;
  g_autofree char *expected
      = g_strconcat (files->path, ":1048576: found the end of the file, expected [Scenario]", NULL);

  g_assert_true (g_file_set_contents (files->path, spaces, (gssize)most + 1, NULL));
  assert_not_loaded (files->path, files->path, ": found more than 1 MiB, expected a scenario file");
  g_assert_true (g_file_set_contents (files->path, spaces, (gssize)most, NULL));
  g_assert_null (il_scenario_load (files->path, &error));
  g_assert_cmpstr (error->message, ==, expected);
}

static void
test_load_unknown_id (void)
{
  assert_not_loaded ("producer", "",
                     "found “producer”, expected one that “interleave-cli scenarios” lists, or the "
                     "path of a file that ends in .scenario");
  assert_not_loaded ("lock-contenton", "",
                     "found “lock-contenton”, expected one that “interleave-cli scenarios” lists, "
                     "or the path of a file that ends in .scenario; did you mean "
                     "“lock-contention”?");
  assert_not_loaded ("", "",
                     "found “”, expected one that “interleave-cli scenarios” lists, or the path of "
                     "a file that ends in .scenario");
}

/* A directory of one's own; a broken file in it is listed, last, and others are not. */
static void
test_own_directory (Files *files, gconstpointer data)
{
  g_autofree char *former = g_strdup (g_getenv ("INTERLEAVE_SCENARIOS"));
  g_autofree char *expected = g_strdup_printf (
      "found “x”, expected the path of a file, since there are no scenarios in %s",
      files->directory);
  g_autofree char *second = g_build_filename (files->directory, "a.scenario", NULL);
  g_autofree char *other = g_build_filename (files->directory, "README", NULL);
  g_auto (GStrv) ids = NULL;

  g_setenv ("INTERLEAVE_SCENARIOS", files->directory, TRUE);
  assert_not_loaded ("x", "", expected);
  g_assert_true (g_file_set_contents (files->path, full_text, -1, NULL));
  g_assert_true (g_file_set_contents (second, "[", -1, NULL));
  g_assert_true (g_file_set_contents (other, "", -1, NULL));
  ids = il_scenario_list_bundled ();
  g_assert_cmpuint (g_strv_length (ids), ==, 2);
  g_assert_cmpstr (ids[0], ==, "my");
  g_assert_cmpstr (ids[1], ==, "a");
  g_setenv ("INTERLEAVE_SCENARIOS", former, TRUE);
  g_remove (second);
  g_remove (other);
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
  g_test_add_func ("/scenario/wide/settings", test_wide_settings);
  g_test_add_func ("/scenario/wide/objects", test_wide_objects);
  g_test_add_func ("/scenario/wide/tasks", test_wide_tasks);
  g_test_add_func ("/scenario/wide/steps", test_wide_steps);
  g_test_add_func ("/scenario/trees", test_trees);
  g_test_add_func ("/scenario/default-processes", test_default_processes);
  g_test_add_func ("/scenario/defaults", test_defaults);
  g_test_add_func ("/scenario/default-model", test_default_model);
  g_test_add_func ("/scenario/allowed-mistakes", test_allowed_mistakes);
  g_test_add_func ("/scenario/length", test_length);
  g_test_add_func ("/scenario/languages", test_languages);
  g_test_add_func ("/scenario/models", test_models);
  g_test_add_func ("/scenario/bundled/list", test_bundled_list);
  g_test_add_func ("/scenario/bundled/texts", test_bundled_texts);
  g_test_add_func ("/scenario/bundled/default", test_bundled_default);
  g_test_add_func ("/scenario/manual/examples", test_manual);
  g_test_add_func ("/scenario/manual/words", test_manual_words);
  g_test_add_func ("/scenario/describe/knobs", test_describe);
  g_test_add_func ("/scenario/describe/own-workers", test_describe_own_workers);
  g_test_add_func ("/scenario/describe/models", test_describe_models);
  g_test_add_func ("/scenario/describe/units", test_describe_units);
  g_test_add ("/scenario/load/path", Files, NULL, set_up, test_load_path, tear_down);
  g_test_add ("/scenario/load/broken", Files, NULL, set_up, test_load_broken, tear_down);
  g_test_add ("/scenario/load/missing", Files, NULL, set_up, test_load_missing, tear_down);
  g_test_add ("/scenario/load/special", Files, NULL, set_up, test_load_special, tear_down);
  g_test_add_func ("/scenario/load/unreadable", test_load_unreadable);
  g_test_add ("/scenario/load/large", Files, NULL, set_up, test_load_large, tear_down);
  g_test_add_func ("/scenario/load/unknown-id", test_load_unknown_id);
  g_test_add ("/scenario/load/own-directory", Files, NULL, set_up, test_own_directory, tear_down);
  return g_test_run ();
}
