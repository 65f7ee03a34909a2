/* il-scenario-catalog-parse.c - what the runner says of scenarios, none of it believed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The runner answers `describe` with a JSON array of one object per scenario.  The engine is not
 * linked here, and INTERLEAVE_RUNNER may name any program: each field is checked.
 */

#include "config.h"

#include "il-scenario-catalog.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "il-recorder.h"
#include "il-scenario-catalog-private.h"

/* In the order of IlKnobUnit. */
static const char *const unit_names[] = { "count", "duration", "rate", "size" };

/* --- JSON: each accessor checks presence and type; the first thing wrong goes into *error and
 * stays
 */

static JsonNode *
get_member (JsonObject *object, const char *key, const char *expected, GError **error)
{
  JsonNode *node = json_object_get_member (object, key);

  if (node == NULL && error != NULL && *error == NULL)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                 _ ("“%s” is missing, expected %s"), key, expected);
  return node;
}

static void
set_type_error (GError **error, const char *key, const char *expected)
{
  if (*error == NULL)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER, _ ("“%s” is not %s"), key,
                 expected);
}

static char *
get_string (JsonObject *object, const char *key, GError **error)
{
  JsonNode *node = get_member (object, key, _ ("a text"), error);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  set_type_error (error, key, _ ("a text"));
  return NULL;
}

static double
get_number (JsonObject *object, const char *key, GError **error)
{
  JsonNode *node = get_member (object, key, _ ("a number"), error);
  GType type;

  if (node == NULL)
    return 0;
  type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  if ((type == G_TYPE_INT64 || type == G_TYPE_DOUBLE) && isfinite (json_node_get_double (node)))
    return json_node_get_double (node);
  set_type_error (error, key, _ ("a number"));
  return 0;
}

static gboolean
get_boolean (JsonObject *object, const char *key, GError **error)
{
  JsonNode *node = get_member (object, key, _ ("true or false"), error);

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  set_type_error (error, key, _ ("true or false"));
  return FALSE;
}

static JsonArray *
get_array (JsonObject *object, const char *key, GError **error)
{
  JsonNode *node = get_member (object, key, _ ("a list"), error);

  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  set_type_error (error, key, _ ("a list"));
  return NULL;
}

/* What not every runner says; 0 where it does not. */
static double
get_optional_number (JsonObject *object, const char *key, double max, GError **error)
{
  double value = json_object_has_member (object, key) ? get_number (object, key, error) : 0;

  if (value < 0 || value > max)
    set_type_error (error, key, _ ("a whole number that is not negative"));
  return *error == NULL ? value : 0;
}

static guint
get_optional_count (JsonObject *object, const char *key, GError **error)
{
  return (guint)get_optional_number (object, key, G_MAXINT, error);
}

static IlKnobUnit
get_unit (JsonObject *object, GError **error)
{
  g_autofree char *name = get_string (object, "unit", error);

  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (unit_names); i++)
    if (strcmp (name, unit_names[i]) == 0)
      return (IlKnobUnit)i;
  set_type_error (error, "unit", _ ("count, duration, rate or size"));
  return IL_KNOB_COUNT;
}

static void
parse_knob (IlScenario *self, JsonNode *node, GError **error)
{
  IlKnob knob = { 0 };
  JsonObject *object;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      set_type_error (error, "knobs", _ ("a list of objects"));
      return;
    }
  object = json_node_get_object (node);
  knob.key = get_string (object, "key", error);
  knob.name = get_string (object, "name", error);
  knob.unit = get_unit (object, error);
  knob.value = get_number (object, "value", error);
  knob.min = get_number (object, "min", error);
  knob.max = get_number (object, "max", error);
  knob.live = get_boolean (object, "live", error);
  if (json_object_has_member (object, "model"))
    knob.model = get_string (object, "model", error);
  if (*error == NULL && !(knob.min <= knob.value && knob.value <= knob.max))
    set_type_error (error, knob.key, _ ("a knob whose value lies between min and max"));
  g_array_append_val (self->knobs, knob);
}

static char **
parse_models (JsonObject *object, GError **error)
{
  g_autoptr (GStrvBuilder) models = g_strv_builder_new ();
  JsonArray *array = get_array (object, "models", error);
  guint n_models = array == NULL ? 0 : json_array_get_length (array);

  for (guint i = 0; i < n_models; i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        g_strv_builder_add (models, json_node_get_string (node));
      else
        set_type_error (error, "models", _ ("a list of texts"));
    }
  if (n_models == 0)
    set_type_error (error, "models", _ ("a list of at least one model"));
  return g_strv_builder_end (models);
}

static IlScenario *
parse_scenario (JsonNode *node, GError **error)
{
  g_autoptr (IlScenario) self = g_object_new (IL_TYPE_SCENARIO, NULL);
  GError *local_error = NULL;
  JsonObject *object;
  JsonArray *knobs;
  double workers;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      set_type_error (error, "describe", _ ("a list of objects"));
      return NULL;
    }
  object = json_node_get_object (node);
  self->id = get_string (object, "id", &local_error);
  self->row = get_string (object, "row", &local_error);
  self->name = get_string (object, "name", &local_error);
  self->description = get_string (object, "description", &local_error);
  self->look_at = get_string (object, "look_at", &local_error);
  self->model = get_string (object, "model", &local_error);
  self->models = parse_models (object, &local_error);
  self->workers_settable = get_boolean (object, "workers_settable", &local_error);
  workers = get_number (object, "workers", &local_error);
  if (local_error == NULL && (workers < 0 || workers > G_MAXINT || workers != floor (workers)))
    set_type_error (&local_error, "workers", _ ("a number of workers"));
  self->workers_max = get_optional_count (object, "workers_max", &local_error);
  self->processes = get_optional_count (object, "processes", &local_error);
  self->processes_max = get_optional_count (object, "processes_max", &local_error);
  self->carriers = get_optional_count (object, "carriers", &local_error);
  self->carriers_max = get_optional_count (object, "carriers_max", &local_error);
  self->switch_interval_ns
      = (gint64)get_optional_number (object, "switch_interval_ns", 1e18, &local_error);
  knobs = get_array (object, "knobs", &local_error);
  for (guint i = 0; knobs != NULL && i < json_array_get_length (knobs); i++)
    parse_knob (self, json_array_get_element (knobs, i), &local_error);
  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }
  self->workers = (guint)workers;
  self->workers_max = MAX (self->workers_max, self->workers);
  self->processes_max = MAX (self->processes_max, self->processes);
  self->carriers_max = MAX (self->carriers_max, self->carriers);
  return g_steal_pointer (&self);
}

/**
 * il_scenario_catalog_parse:
 * @json: what the runner answered
 *
 * Returns: (transfer container) (element-type IlScenario): or NULL and an error
 */
GPtrArray *
il_scenario_catalog_parse (const char *json, GError **error)
{
  g_autoptr (GPtrArray) scenarios = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  JsonNode *root;
  JsonArray *array;

  if (!json_parser_load_from_data (parser, json, -1, error))
    return NULL;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_ARRAY (root))
    {
      g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER, _ ("it is no list"));
      return NULL;
    }
  array = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      IlScenario *scenario = parse_scenario (json_array_get_element (array, i), error);

      if (scenario == NULL)
        return NULL;
      g_ptr_array_add (scenarios, scenario);
    }
  return g_steal_pointer (&scenarios);
}
