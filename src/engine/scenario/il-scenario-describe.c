/* il-scenario-describe.c - scenarios as JSON, for those who show them and let their knobs be set
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <json-glib/json-glib.h>
#include <math.h>

/* So many are offered of scenarios that have fewer. */
#define LEAST_WORKERS 16
#define LEAST_PROCESSES 8
#define LEAST_CARRIERS 4

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  json_builder_set_member_name (builder, key);
  json_builder_add_string_value (builder, valid);
}

/* Whole numbers without a fraction: readable, and exact. */
static void
add_number (JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name (builder, key);
  if (value == floor (value))
    json_builder_add_int_value (builder, (gint64)value);
  else
    json_builder_add_double_value (builder, value);
}

static void
add_boolean (JsonBuilder *builder, const char *key, gboolean value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_boolean_value (builder, value);
}

static const char *
get_unit_word (IlUnit unit)
{
  switch (unit)
    {
    case IL_UNIT_DURATION:
      return "duration";
    case IL_UNIT_RATE:
      return "rate";
    case IL_UNIT_SIZE:
      return "size";
    case IL_UNIT_COUNT:
    default:
      return "count";
    }
}

/* The one model under which a knob means something; NULL: it always does. */
static const char *
get_model_of_knob (const IlScenario *scenario, int knob)
{
  if (knob == scenario->processes.knob)
    return il_model_get_name (IL_MODEL_HYBRID);
  if (knob == scenario->carriers.knob)
    return il_model_get_name (IL_MODEL_COROUTINES);
  if (knob == scenario->switch_interval.knob)
    return il_model_get_name (IL_MODEL_GIL);
  return NULL;
}

static void
add_knob (JsonBuilder *builder, const IlScenario *scenario, guint index)
{
  const IlScenarioKnob *knob = &scenario->knobs[index];
  const char *model = get_model_of_knob (scenario, (int)index);

  json_builder_begin_object (builder);
  add_string (builder, "key", knob->key);
  add_string (builder, "name", knob->name);
  add_string (builder, "unit", get_unit_word (knob->unit));
  add_number (builder, "value", knob->value);
  add_number (builder, "min", knob->min);
  add_number (builder, "max", knob->max);
  add_boolean (builder, "live", knob->live);
  if (model != NULL)
    add_string (builder, "model", model);
  json_builder_end_object (builder);
}

/* A number and the most that is worth offering for it: of a knob its end, else a good deal more
 * than the scenario has, or @least where that is little.  Who asks for more by name gets it. */
static void
add_offer (JsonBuilder *builder, const char *key, const IlScenario *scenario,
           const IlQuantity *quantity, double least)
{
  double value = il_quantity_get (quantity, scenario);
  g_autofree char *max_key = g_strconcat (key, "_max", NULL);

  add_number (builder, key, value);
  add_number (builder, max_key,
              quantity->knob >= 0 ? scenario->knobs[quantity->knob].max : MAX (least, 2 * value));
}

static void
add_scenario (JsonBuilder *builder, const IlScenario *scenario)
{
  gboolean has_pool = il_scenario_has_common_pool (scenario);

  json_builder_begin_object (builder);
  add_string (builder, "id", scenario->id);
  add_string (builder, "row", scenario->row);
  add_string (builder, "name", scenario->name);
  add_string (builder, "description", scenario->description);
  add_string (builder, "look_at", scenario->look_at);
  add_string (builder, "path", scenario->path);
  add_string (builder, "model", il_model_get_name (scenario->model));
  json_builder_set_member_name (builder, "models");
  json_builder_begin_array (builder);
  for (guint i = 0; i < IL_N_MODELS; i++)
    if (scenario->models[i])
      json_builder_add_string_value (builder, il_model_get_name ((IlModel)i));
  json_builder_end_array (builder);
  if (has_pool)
    add_offer (builder, "workers", scenario, &scenario->workers, LEAST_WORKERS);
  else
    add_number (builder, "workers", il_scenario_get_total_workers (scenario));
  add_boolean (builder, "workers_settable", has_pool);
  add_offer (builder, "processes", scenario, &scenario->processes, LEAST_PROCESSES);
  add_offer (builder, "carriers", scenario, &scenario->carriers, LEAST_CARRIERS);
  add_number (builder, "switch_interval_ns",
              il_quantity_get (&scenario->switch_interval, scenario));
  add_string (builder, "scheduling", il_scheduling_get_names ()[scenario->scheduling]);
  add_boolean (builder, "daemon", scenario->daemon);
  add_number (builder, "duration_ns", (double)scenario->duration_ns);
  json_builder_set_member_name (builder, "knobs");
  json_builder_begin_array (builder);
  for (guint i = 0; i < scenario->n_knobs; i++)
    add_knob (builder, scenario, i);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/**
 * il_scenario_describe_json:
 * @scenarios: (array length=n_scenarios):
 *
 * Describes scenarios with what can be set on them.  Durations are in nanoseconds, rates per
 * second. `workers` is the number of workers of the common pool, or if there is none, of all; what
 * ends in `_max` is as much as is worth offering.
 *
 * Returns: (transfer full): a JSON array with one object each, indented
 */
char *
il_scenario_describe_json (IlScenario *const *scenarios, guint n_scenarios)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_array (builder);
  for (guint i = 0; i < n_scenarios; i++)
    add_scenario (builder, scenarios[i]);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_data (generator, NULL);
}
