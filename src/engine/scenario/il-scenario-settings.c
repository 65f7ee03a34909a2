/* il-scenario-settings.c - the group [Scenario]: what it is called, and how it is run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_WORKERS 4
#define DEFAULT_CAPACITY 64
#define DEFAULT_SWITCH_INTERVAL_NS 5e6 /* that of CPython */

static const IlQuantityRule run_rule
    = { IL_UNIT_DURATION, 0, IL_SCENARIO_MAX_DURATION_NS, FALSE, FALSE };
static const IlQuantityRule switch_interval_rule = { IL_UNIT_DURATION, 1e3, 10e9, FALSE, TRUE };

static gboolean
parse_models (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Models", &line);
  g_auto (GStrv) words = NULL;
  guint n_models = 0;

  if (text == NULL)
    {
      for (guint i = 0; i < IL_N_MODELS; i++)
        scenario->models[i] = TRUE;
      return TRUE;
    }
  words = g_strsplit (text, ";", -1);
  for (char **word = words; *word != NULL; word++)
    {
      IlModel model;

      if (*g_strstrip (*word) == '\0')
        continue;
      if (!il_model_from_name (*word, &model))
        {
          g_autofree char *one_of = il_scenario_one_of (il_model_get_names (), *word);

          return il_scenario_fail_at (self->error, self->text->path, line, *word, _ ("a model, %s"),
                                      one_of);
        }
      if (scenario->models[model])
        return il_scenario_fail_at (self->error, self->text->path, line, *word,
                                    _ ("each model once"));
      scenario->models[model] = TRUE;
      n_models++;
    }
  return n_models > 0
         || il_scenario_fail_at (self->error, self->text->path, line, text, _ ("a model"));
}

static gboolean
parse_model (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  const char *names[IL_N_MODELS + 1] = { NULL };
  guint n_names = 0;
  guint choice = 0;

  if (!parse_models (self, group))
    return FALSE;
  for (guint i = 0; i < IL_N_MODELS; i++)
    if (scenario->models[i])
      names[n_names++] = il_model_get_name ((IlModel)i);
  for (guint i = 0; i < n_names; i++)
    if (strcmp (names[i], il_model_get_name (IL_MODEL_THREADS)) == 0)
      choice = i;
  return il_scenario_parser_choice (self, group, "Model", names, &choice)
         && il_model_from_name (names[choice], &scenario->model);
}

static gboolean
parse_duration (IlScenarioParser *self, guint group)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Duration", &line);
  double duration_ns = 0;

  if (text != NULL && !il_scenario_parser_number (self, line, text, &run_rule, &duration_ns))
    return FALSE;
  self->scenario->duration_ns = (gint64)duration_ns;
  return TRUE;
}

static gboolean
parse_seed (IlScenarioParser *self, guint group)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, "Seed", &line);

  g_autofree char *most = g_strdup_printf ("%" G_GINT64_FORMAT, G_MAXINT64);

  self->scenario->seed = 1;
  if (text != NULL
      && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &self->scenario->seed, NULL))
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a whole number from 0 to %s"), most);
  return TRUE;
}

static char *
get_text (IlScenarioParser *self, guint group, const char *key)
{
  char *text = il_scenario_text_get_localized (self->text, group, key);

  return text != NULL ? text : g_strdup ("");
}

/* How workers come and go. */
static gboolean
parse_lives (IlScenarioParser *self, guint group)
{
  static const char *const on_death_words[] = { "lost", "retry", NULL };
  static const char *const at_end_words[] = { "close", "terminate", NULL };
  static const char *const no_yes_words[] = { "no", "yes", NULL };
  IlScenario *scenario = self->scenario;
  guint on_death = IL_ON_DEATH_LOST;
  guint at_end = IL_AT_END_CLOSE;
  guint daemon = FALSE;
  double max_tasks = 0;

  if (!il_scenario_parser_choice (self, group, "OnDeath", on_death_words, &on_death)
      || !il_scenario_parser_choice (self, group, "AtEnd", at_end_words, &at_end)
      || !il_scenario_parser_choice (self, group, "Daemon", no_yes_words, &daemon)
      || !il_scenario_parser_number_key (self, group, "MaxTasksPerWorker", &il_count_rule, 0,
                                         &max_tasks)
      || !il_scenario_parser_affinity (self, group, &scenario->cores, &scenario->nice))
    return FALSE;
  scenario->on_death = (IlOnDeath)on_death;
  scenario->at_end = (IlAtEnd)at_end;
  scenario->daemon = (gboolean)daemon;
  scenario->max_tasks_per_worker = (guint64)max_tasks;
  return TRUE;
}

/* Keys that only one model knows. */
static gboolean
parse_for_models (IlScenarioParser *self, guint group)
{
  static const struct
  {
    const char *key;
    IlModel model;
  } keys[] = { { "Processes", IL_MODEL_HYBRID },
               { "Carriers", IL_MODEL_COROUTINES },
               { "SwitchInterval", IL_MODEL_GIL } };
  IlScenario *scenario = self->scenario;
  int line = 0;
  g_autofree char *processes = il_scenario_text_get (self->text, group, "Processes", &line);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *expected
          = g_strdup_printf (_ ("%s among Models beside it"), il_model_get_name (keys[i].model));

      if (!scenario->models[keys[i].model]
          && !il_scenario_parser_refuse_key (self, group, keys[i].key, expected))
        return FALSE;
    }
  scenario->processes_given = processes != NULL;
  return il_scenario_parser_quantity_key (self, group, "Processes", &il_processes_rule, 1,
                                          &scenario->processes)
         && il_scenario_parser_quantity_key (self, group, "Carriers", &il_carriers_rule, 1,
                                             &scenario->carriers)
         && il_scenario_parser_quantity_key (self, group, "SwitchInterval", &switch_interval_rule,
                                             DEFAULT_SWITCH_INTERVAL_NS,
                                             &scenario->switch_interval);
}

/**
 * il_scenario_parser_scenario:
 * @group: index of the group in the text
 *
 * Parses the group [Scenario] but for what depends on the tasks that there are.
 */
gboolean
il_scenario_parser_scenario (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  int line = 0;
  g_autofree char *row = il_scenario_text_get (self->text, group, "Row", &line);

  scenario->name = get_text (self, group, "Name");
  scenario->description = get_text (self, group, "Description");
  scenario->look_at = get_text (self, group, "LookAt");
  scenario->row = row != NULL ? g_steal_pointer (&row) : g_strdup ("");
  if (*scenario->name == '\0')
    return il_scenario_parser_fail_missing (self, group, "Name");
  if (strlen (scenario->row) > IL_SCENARIO_MAX_WORD || strpbrk (scenario->row, "\n\r\t") != NULL)
    return il_scenario_fail_at (self->error, self->text->path, line, scenario->row,
                                _ ("a short word such as C17"));
  return parse_model (self, group) && parse_seed (self, group) && parse_duration (self, group)
         && parse_lives (self, group) && parse_for_models (self, group);
}

/**
 * il_scenario_parser_pool:
 * @group: index of the group [Scenario] in the text
 *
 * Parses what only a common pool or a queue of tasks has; all tasks are parsed already.
 */
gboolean
il_scenario_parser_pool (IlScenarioParser *self, guint group)
{
  IlScenario *scenario = self->scenario;
  gboolean has_pool = il_scenario_has_common_pool (scenario);
  gboolean has_queue = FALSE;
  guint scheduling = IL_SCHEDULING_FIFO;

  for (guint i = 0; i < scenario->n_tasks; i++)
    has_queue |= scenario->tasks[i].arrival != IL_ARRIVAL_LOOP;
  if (!has_pool
      && !il_scenario_parser_refuse_key (self, group, "Workers",
                                         _ ("no Workers here, since each task has its own")))
    return FALSE;
  if (!has_queue
      && (!il_scenario_parser_refuse_key (
              self, group, "Capacity",
              _ ("no Capacity here, since each task comes by Arrival=loop, without a queue"))
          || !il_scenario_parser_refuse_key (
              self, group, "Scheduling",
              _ ("no Scheduling here, since each task comes by Arrival=loop, without a queue"))))
    return FALSE;
  if (!il_scenario_parser_choice (self, group, "Scheduling", il_scheduling_get_names (),
                                  &scheduling))
    return FALSE;
  scenario->scheduling = (IlScheduling)scheduling;
  return il_scenario_parser_quantity_key (self, group, "Workers", &il_workers_rule,
                                          has_pool ? DEFAULT_WORKERS : 0, &scenario->workers)
         && il_scenario_parser_quantity_key (self, group, "Capacity", &il_capacity_rule,
                                             DEFAULT_CAPACITY, &scenario->capacity);
}
