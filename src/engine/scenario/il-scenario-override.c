/* il-scenario-override.c - what the command line changes on a scenario
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An error names the option, as in: --workers: found “0”, expected a whole number from 1 to 4096.
 * Only that there are too many workers in all may be the fault of several.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

static gboolean
override_model (IlScenario *self, const char *name, GError **error)
{
  const char *names[IL_N_MODELS + 1] = { NULL };
  guint n_names = 0;
  g_autofree char *one_of = NULL;
  IlModel model;

  if (il_model_from_name (name, &model) && self->models[model])
    {
      self->model = model;
      return TRUE;
    }
  for (guint i = 0; i < IL_N_MODELS; i++)
    if (self->models[i])
      names[n_names++] = il_model_get_name ((IlModel)i);
  one_of = il_scenario_one_of (names, name);
  return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, name,
                           _ ("a model that this scenario runs under, %s"), one_of);
}

/* Sets a quantity of the scenario: the knob behind it within the knob's range, or the number. */
static gboolean
override_quantity (IlScenario *self, IlQuantity *quantity, gint64 value, const IlQuantityRule *rule,
                   GError **error)
{
  IlScenarioKnob *knob = quantity->knob >= 0 ? &self->knobs[quantity->knob] : NULL;
  double min = knob != NULL ? knob->min : rule->min;
  double max = knob != NULL ? knob->max : rule->max;

  if ((double)value < min || (double)value > max)
    {
      g_autofree char *found = g_strdup_printf ("%" G_GINT64_FORMAT, value);
      g_autofree char *range = il_quantity_describe_range (rule->unit, min, max);

      return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found, "%s", range);
    }
  if (knob != NULL)
    knob->value = (double)value;
  else
    quantity->literal = (double)value;
  return TRUE;
}

/* “${makers} and ${users}” */
static char *
list_worker_knobs (const IlScenario *self)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < self->n_tasks; i++)
    if (self->tasks[i].workers.knob >= 0)
      g_string_append_printf (list, "%s--set %s=N", list->len > 0 ? _ (" or ") : "",
                              self->knobs[self->tasks[i].workers.knob].key);
  return list->len > 0 ? g_strdup (list->str) : NULL;
}

static gboolean
override_workers (IlScenario *self, gint64 n_workers, GError **error)
{
  g_autofree char *found = g_strdup_printf ("%" G_GINT64_FORMAT, n_workers);
  g_autofree char *knobs = NULL;

  if (il_scenario_has_common_pool (self))
    return override_quantity (self, &self->workers, n_workers, &il_workers_rule, error);
  knobs = list_worker_knobs (self);
  if (knobs == NULL)
    return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found,
                             _ ("no number, since each task of this scenario has its own workers"));
  return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found,
                           _ ("%s, since each task of this scenario has its own workers"), knobs);
}

/* map counts batches: as many as it takes. */
static gboolean
override_tasks (IlScenario *self, gint64 n_tasks, GError **error)
{
  for (guint i = 0; i < self->n_tasks; i++)
    {
      IlTaskKind *task = &self->tasks[i];
      gint64 count = n_tasks;

      if (task->arrival == IL_ARRIVAL_SPAWNED)
        continue;
      if (task->submit == IL_SUBMIT_MAP && count > 0)
        {
          gint64 batch = (gint64)il_quantity_get (&task->batch, self);

          count = (count - 1) / batch + 1;
        }
      if (!override_quantity (self, &task->count, count, &il_count_rule, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_scenario_check_setting:
 * @knob: (out): index of the knob
 * @value: (out): in the base of its unit
 *
 * Parses a value for a knob, with its unit and within its range, without setting it.
 */
gboolean
il_scenario_check_setting (const IlScenario *self, const char *key, const char *text, guint *knob,
                           double *value, GError **error)
{
  int index = il_scenario_find_knob (self, key);
  IlQuantityRule rule = { 0 };
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();
  g_autofree char *one_of = NULL;

  if (index >= 0)
    {
      rule.unit = self->knobs[index].unit;
      rule.min = self->knobs[index].min;
      rule.max = self->knobs[index].max;
      *knob = (guint)index;
      return il_quantity_parse_in (text, &rule, value, error);
    }
  if (self->n_knobs == 0)
    return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, key,
                             _ ("nothing, since this scenario has no knobs"));
  for (guint i = 0; i < self->n_knobs; i++)
    g_ptr_array_add (keys, self->knobs[i].key);
  g_ptr_array_add (keys, NULL);
  one_of = il_scenario_one_of ((const char *const *)keys->pdata, key);
  return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, key, _ ("a knob, %s"), one_of);
}

/* What only one model has is set as a knob is, where no knob stands in its place.  NULL: there is
 * no such number, or it is left to the knobs. */
static IlQuantity *
find_number_of_model (IlScenario *self, const char *key, const IlQuantityRule **rule)
{
  gboolean is_processes = strcmp (key, "processes") == 0;
  IlQuantity *number = is_processes ? &self->processes : &self->carriers;

  if (!self->models[is_processes ? IL_MODEL_HYBRID : IL_MODEL_COROUTINES] || number->knob >= 0
      || il_scenario_find_knob (self, key) >= 0 || (!is_processes && strcmp (key, "carriers") != 0))
    return NULL;
  *rule = is_processes ? &il_processes_rule : &il_carriers_rule;
  return number;
}

static gboolean
override_setting (IlScenario *self, const char *setting, GError **error)
{
  gsize key_length = strcspn (setting, "=");
  g_autofree char *key = g_strndup (setting, key_length);
  const IlQuantityRule *rule;
  IlQuantity *number;
  guint knob;
  double value;

  if (setting[key_length] != '=' || key_length == 0)
    return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, setting, "KEY=VALUE");
  number = find_number_of_model (self, key, &rule);
  if (number != NULL)
    {
      self->processes_given |= number == &self->processes;
      return il_quantity_parse_in (setting + key_length + 1, rule, &number->literal, error);
    }
  if (!il_scenario_check_setting (self, key, setting + key_length + 1, &knob, &value, error))
    return FALSE;
  self->knobs[knob].value = value;
  return TRUE;
}

static gboolean
override_duration (IlScenario *self, gint64 duration_ns, GError **error)
{
  g_autofree char *found = NULL;
  g_autofree char *range = NULL;

  if (duration_ns >= 0 && (double)duration_ns <= IL_SCENARIO_MAX_DURATION_NS)
    {
      self->duration_ns = duration_ns;
      return TRUE;
    }
  found = il_quantity_to_string ((double)duration_ns, IL_UNIT_DURATION);
  range = il_quantity_describe_range (IL_UNIT_DURATION, 0, IL_SCENARIO_MAX_DURATION_NS);
  return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found, "%s", range);
}

static gboolean
override_seed (IlScenario *self, gint64 seed, GError **error)
{
  g_autofree char *found = g_strdup_printf ("%" G_GINT64_FORMAT, seed);

  if (seed < 0)
    return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found,
                             _ ("a whole number that is not negative"));
  self->seed = (guint64)seed;
  return TRUE;
}

static gboolean
override_all (IlScenario *self, const IlScenarioOverrides *overrides, const char **option,
              GError **error)
{
  *option = "--set";
  for (guint i = 0; overrides->settings != NULL && overrides->settings[i] != NULL; i++)
    if (!override_setting (self, overrides->settings[i], error))
      return FALSE;
  *option = "--model";
  if (overrides->model != NULL && !override_model (self, overrides->model, error))
    return FALSE;
  *option = "--duration";
  if (overrides->duration_ns != -1 && !override_duration (self, overrides->duration_ns, error))
    return FALSE;
  *option = "--seed";
  if (overrides->seed != -1 && !override_seed (self, overrides->seed, error))
    return FALSE;
  *option = "--tasks";
  if (overrides->tasks != -1 && !override_tasks (self, overrides->tasks, error))
    return FALSE;
  *option = "--workers";
  return overrides->workers == -1 || override_workers (self, overrides->workers, error);
}

/**
 * il_scenario_override:
 *
 * Changes a scenario as the command line says.  Knobs are set first; --workers and --tasks then set
 * the knob that the scenario uses for that, if any.  --tasks counts the tasks of each kind that is
 * submitted; with map they are rounded up to whole batches.
 *
 * Returns: %FALSE with one line that names the option; the scenario may then be changed in part
 */
gboolean
il_scenario_override (IlScenario *self, const IlScenarioOverrides *overrides, GError **error)
{
  const char *option = NULL;
  guint task;

  g_return_val_if_fail (self != NULL && overrides != NULL, FALSE);

  if (override_all (self, overrides, &option, error))
    return il_scenario_check_total_workers (self, self->model, error)
           && il_scenario_check_processes (self, error)
           && il_scenario_check_trees (self, &task, error);
  g_prefix_error (error, "%s: ", option);
  return FALSE;
}
