/* fuzz-scenario.c - any text is a scenario or an error in one line that names a line of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"
#include "il-scenario.h"

#include <string.h>

/* What no bundled scenario says. */
static const char rare_text[] = "[Scenario]\nName=x\nModels=serial;processes\nDuration=2min\n"
                                "Seed=7\nOnDeath=retry\nAtEnd=close\n[Semaphore S]\nUnits=2\n"
                                "[Lock A]\n[Queue Q]\nCapacity=3\n"
                                "[Knob size]\nValue=1KiB\nMin=1B\nMax=64kB\n"
                                "[Task a]\nCount=9\nSubmit=apply\n"
                                "Steps=acquire S;lock A;put Q ${size};get Q;unlock A;post S;"
                                "fail 5%;crash 0.1%\n"
                                "[Task b]\nTitle[de]=B\nWorkers=3\nArrival=rate 2/ms\n"
                                "Steps=sleep ~10us\n";

static const char wide_text[]
    = "[Scenario]\nName=x\nProcesses=2\nCarriers=2\nSwitchInterval=${k}\nScheduling=stealing\n"
      "MaxTasksPerWorker=7\nDaemon=yes\nCores=0,2-3\nNice=4\n"
      "[Knob k]\nValue=5ms\nMin=1ms\nMax=50ms\n[Lock L]\nKind=spin\n[Condition C]\nLock=L\n"
      "[RWLock R]\nPrefer=writers\n[Event E]\nSet=yes\n[Barrier B]\nParties=4\n"
      "[Queue Q]\nCapacity=3\nOrder=priority\n[Channel P]\nKind=pipe\nCapacity=2\n[File F]\n"
      "[Counter X]\nValue=4\nPlace=shared\n"
      "[Task a]\nCount=3\nArgument=1KiB\nResult=2KiB\nPriority=7\nDepth=5\n"
      "Steps=spawn a 2;spawn b;join;lock L;wait C X;unlock L;read-lock R;read-unlock R;"
      "write-lock R;write-unlock R;wait E;set E;clear E;notify C;notify-all C;barrier B\n"
      "[Task b]\nSteps=read X;write X;add X 4;subtract X;send P 1MiB;receive P;try-send P;"
      "try-receive P;cpu 1us hash;memory 3MiB random;increment 5 together;yield;"
      "append F 9B pieces;fsync F;echo 3B socket\n"
      "[Task c]\nArrival=bursts 4 every 3ms\nSteps=yield\n"
      "[Task d]\nWorkers=2\nCores=1\nNice=5\nArrival=closed 3 ~5ms\nSteps=yield\n"
      "[Task e]\nWorkers=2\nArrival=loop\nSteps=get-or-leave Q\n";

static void
check_error (const GError *error, const uint8_t *data, size_t size)
{
  guint64 n_lines = 1;
  guint64 line;
  char *end;

  g_assert (error != NULL && error->domain == IL_SCENARIO_ERROR);
  g_assert (g_utf8_validate (error->message, -1, NULL));
  g_assert (strchr (error->message, '\n') == NULL);
  g_assert (g_str_has_prefix (error->message, "file:"));
  for (size_t i = 0; i < size; i++)
    n_lines += data[i] == '\n';
  line = g_ascii_strtoull (error->message + strlen ("file:"), &end, 10);
  g_assert (line >= 1 && line <= n_lines);
  g_assert (g_str_has_prefix (end, ": found "));
}

static void
check_scenario (IlScenario *scenario)
{
  IlScenarioOverrides overrides = { .workers = -1, .tasks = -1, .duration_ns = -1, .seed = -1 };
  g_autofree char *json = il_scenario_describe_json (&scenario, 1);

  g_assert (g_utf8_validate (json, -1, NULL));
  g_assert (scenario->n_tasks > 0);
  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      g_assert (scenario->tasks[i].n_steps > 0);
      for (guint j = 0; j < scenario->tasks[i].n_steps; j++)
        {
          const IlStep *step = &scenario->tasks[i].steps[j];

          g_assert (step->object < (int)scenario->n_objects);
          g_assert (step->other
                    < (int)(step->kind == IL_STEP_SPAWN ? scenario->n_tasks : scenario->n_objects));
        }
    }
  g_assert (il_scenario_override (scenario, &overrides, NULL));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_malloc (size + 1); /* of our own, so that a byte too far is noticed */
  g_autoptr (IlScenario) scenario = NULL;

  if (size > 0)
    memcpy (text, data, size);
  scenario = il_scenario_parse (text, (gssize)size, "file", &error);
  g_assert ((scenario == NULL) == (error != NULL));
  if (scenario != NULL)
    check_scenario (scenario);
  else
    check_error (error, data, size);
  return 0;
}

static size_t
copy_seed (const char *text, uint8_t *data, size_t max_size)
{
  size_t size = MIN (strlen (text), max_size);

  memcpy (data, text, size);
  return size;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  static char **texts;

  if (texts == NULL)
    {
      g_auto (GStrv) ids = il_scenario_list_bundled ();
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      g_strv_builder_add (builder, rare_text);
      g_strv_builder_add (builder, wide_text);
      for (guint i = 0; ids[i] != NULL; i++)
        {
          g_autoptr (IlScenario) scenario = il_scenario_load (ids[i], NULL);

          g_assert (scenario != NULL);
          g_strv_builder_add (builder, scenario->text);
        }
      texts = g_strv_builder_end (builder);
    }
  return index < g_strv_length (texts) ? copy_seed (texts[index], data, max_size) : 0;
}
