/* il-scenario-parse.c - from the text of a scenario to what the engine is to run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Knobs come first, since all other groups may use them, then what tasks share, which steps name,
 * then the tasks, then what depends on all of them.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
parse_knob_number (IlScenarioParser *self, guint group, const char *key, IlScenarioKnob *knob,
                   double *value)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, group, key, &line);
  IlUnit unit = knob->unit;
  gboolean is_value = strcmp (key, "Value") == 0;

  if (text == NULL)
    return il_scenario_parser_fail_missing (self, group, key);
  if (!il_quantity_guess (text, &unit, value))
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a number with its unit, such as 12, 1.5ms, 900/s or 64B"));
  if (il_quantity_is_too_short (unit, *value))
    return il_scenario_fail_at (self->error, self->text->path, line, text,
                                _ ("a duration of at least 1ns, or of 0s"));
  if (is_value)
    knob->unit = unit;
  if (unit != knob->unit)
    return il_scenario_fail_at (self->error, self->text->path, line, text, _ ("%s, as Value is"),
                                il_quantity_get_unit_name (knob->unit));
  return TRUE;
}

static gboolean
parse_knob (IlScenarioParser *self, guint group)
{
  const IlScenarioGroup *header = il_scenario_text_get_group (self->text, group);
  IlScenarioKnob *knob = &self->scenario->knobs[self->scenario->n_knobs];
  int line = 0;
  g_autofree char *range = NULL;
  g_autofree char *text = NULL;

  self->knob_lines[self->scenario->n_knobs++] = header->line;
  knob->key = g_strdup (header->name);
  knob->name = il_scenario_text_get_localized (self->text, group, "Name");
  if (knob->name == NULL)
    knob->name = g_strdup (knob->key);
  if (!parse_knob_number (self, group, "Value", knob, &knob->value)
      || !parse_knob_number (self, group, "Min", knob, &knob->min)
      || !parse_knob_number (self, group, "Max", knob, &knob->max))
    return FALSE;
  if (knob->min >= knob->max)
    {
      g_autofree char *min = il_quantity_to_string (knob->min, knob->unit);

      text = il_scenario_text_get (self->text, group, "Max", &line);
      return il_scenario_fail_at (self->error, self->text->path, line, text,
                                  _ ("more than Min, which is %s"), min);
    }
  if (knob->value < knob->min || knob->value > knob->max)
    {
      text = il_scenario_text_get (self->text, group, "Value", &line);
      range = il_quantity_describe_range (knob->unit, knob->min, knob->max);
      return il_scenario_fail_at (self->error, self->text->path, line, text, "%s", range);
    }
  return TRUE;
}

/* Knobs are known to be live or not only when all that may use them has been parsed. */
static gboolean
finish_knobs (IlScenarioParser *self)
{
  for (guint i = 0; i < self->scenario->n_knobs; i++)
    {
      IlScenarioKnob *knob = &self->scenario->knobs[i];
      g_autofree char *found = g_strdup_printf ("[Knob %s]", knob->key);

      if (!self->knob_used[i])
        return il_scenario_fail_at (self->error, self->text->path, self->knob_lines[i], found,
                                    _ ("“${%s}” in some value"), knob->key);
      knob->live = !self->knob_fixed[i];
    }
  return TRUE;
}

static gboolean
parse_groups (IlScenarioParser *self, IlGroupKind first, IlGroupKind last,
              gboolean (*parse) (IlScenarioParser *self, guint group))
{
  for (guint i = 0; i < self->text->groups->len; i++)
    {
      IlGroupKind kind = il_scenario_text_get_group (self->text, i)->kind;

      if (kind >= first && kind <= last && !parse (self, i))
        return FALSE;
    }
  return TRUE;
}

/* Steps may name tasks that stand further down. */
static gboolean
name_task (IlScenarioParser *self, guint group)
{
  IlTaskKind *task = &self->scenario->tasks[self->scenario->n_tasks];

  self->task_groups[self->scenario->n_tasks++] = group;
  task->name = g_strdup (il_scenario_text_get_group (self->text, group)->name);
  return TRUE;
}

static gboolean
parse_tasks (IlScenarioParser *self)
{
  for (guint i = 0; i < self->scenario->n_tasks; i++)
    if (!il_scenario_parser_task (self, i))
      return FALSE;
  return TRUE;
}

static gboolean
check_number_of_groups (IlScenarioParser *self, const guint *n_of)
{
  if (n_of[IL_GROUP_SCENARIO] == 0)
    return il_scenario_fail_at (self->error, self->text->path, self->text->n_lines, NULL,
                                "[Scenario]");
  if (n_of[IL_GROUP_TASK] == 0)
    return il_scenario_fail_at (self->error, self->text->path, self->text->n_lines, NULL,
                                "[Task %s]", _ ("NAME"));
  return TRUE;
}

static gboolean
parse_all (IlScenarioParser *self)
{
  guint n_of[IL_N_GROUP_KINDS] = { 0 };
  guint n_objects = 0;
  IlScenario *scenario = self->scenario;

  for (guint i = 0; i < self->text->groups->len; i++)
    n_of[il_scenario_text_get_group (self->text, i)->kind]++;
  if (!check_number_of_groups (self, n_of))
    return FALSE;
  for (guint i = IL_GROUP_FIRST_OBJECT; i <= IL_GROUP_LAST_OBJECT; i++)
    n_objects += n_of[i];

  scenario->knobs = g_new0 (IlScenarioKnob, n_of[IL_GROUP_KNOB]);
  scenario->objects = g_new0 (IlScenarioObject, n_objects);
  scenario->tasks = g_new0 (IlTaskKind, n_of[IL_GROUP_TASK]);
  return parse_groups (self, IL_GROUP_KNOB, IL_GROUP_KNOB, parse_knob)
         && parse_groups (self, IL_GROUP_FIRST_OBJECT, IL_GROUP_LAST_OBJECT,
                          il_scenario_parser_object)
         && parse_groups (self, IL_GROUP_CONDITION, IL_GROUP_CONDITION,
                          il_scenario_parser_condition)
         && parse_groups (self, IL_GROUP_SCENARIO, IL_GROUP_SCENARIO, il_scenario_parser_scenario)
         && parse_groups (self, IL_GROUP_TASK, IL_GROUP_TASK, name_task) && parse_tasks (self)
         && il_scenario_parser_check_tasks (self)
         && parse_groups (self, IL_GROUP_SCENARIO, IL_GROUP_SCENARIO, il_scenario_parser_pool)
         && finish_knobs (self) && il_scenario_parser_check_sizes (self);
}

/**
 * il_scenario_parse:
 * @text: need not end with a zero byte
 * @length: in bytes, or -1 if @text ends with a zero byte
 * @path: for messages, and the scenario's path and id
 *
 * Parses the text of a scenario, see interleave-scenario(5).  Names are in the user's language
 * where the text has them.
 *
 * Returns: (transfer full): the scenario, or %NULL with “PATH:LINE: found “x”, expected y”
 */
IlScenario *
il_scenario_parse (const char *text, gssize length, const char *path, GError **error)
{
  g_autoptr (IlScenario) scenario = NULL;
  g_autoptr (IlScenarioText) parsed = NULL;
  g_autofree gboolean *knob_used = g_new0 (gboolean, IL_SCENARIO_MAX_KNOBS);
  g_autofree gboolean *knob_fixed = g_new0 (gboolean, IL_SCENARIO_MAX_KNOBS);
  g_autofree int *knob_lines = g_new0 (int, IL_SCENARIO_MAX_KNOBS);
  g_autofree int *object_lines = g_new0 (int, IL_SCENARIO_MAX_OBJECTS);
  guint task_groups[IL_SCENARIO_MAX_TASK_KINDS] = { 0 };
  IlScenarioParser parser = { .knob_lines = knob_lines,
                              .knob_used = knob_used,
                              .knob_fixed = knob_fixed,
                              .object_lines = object_lines,
                              .task_groups = task_groups };
  GError *local_error = NULL;

  g_return_val_if_fail (text != NULL && path != NULL, NULL);

  if (length < 0)
    length = (gssize)strlen (text);
  parsed = il_scenario_text_new (text, (gsize)length, path, error);
  if (parsed == NULL)
    return NULL;

  scenario = g_new0 (IlScenario, 1);
  scenario->id = g_strdup (path);
  scenario->path = g_strdup (path);
  scenario->text = g_strndup (text, (gsize)length);
  parser.text = parsed;
  parser.scenario = scenario;
  parser.error = &local_error;
  if (!parse_all (&parser))
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  return g_steal_pointer (&scenario);
}
