/* il-scenario-catalog.c - what scenarios there are and what can be set on them, as the runner
 * describes them
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
#include "il-runner-path.h"
#include "il-scenario-catalog-private.h"

struct _IlScenario
{
  GObject parent_instance;

  char *id;
  char *row;
  char *name;
  char *description;
  char *look_at;
  char *model;
  char **models;
  guint workers;
  gboolean workers_settable;
  guint processes, carriers;
  gint64 switch_interval_ns;
  GArray *knobs;     /* of IlKnob */
  gboolean recorded; /* known from a recording alone */
};

G_DEFINE_FINAL_TYPE (IlScenario, il_scenario, G_TYPE_OBJECT)

/* In the order of IlKnobUnit. */
static const char *const unit_names[] = { "count", "duration", "rate", "size" };

static void
il_scenario_finalize (GObject *object)
{
  IlScenario *self = IL_SCENARIO (object);

  g_free (self->id);
  g_free (self->row);
  g_free (self->name);
  g_free (self->description);
  g_free (self->look_at);
  g_free (self->model);
  g_strfreev (self->models);
  g_array_unref (self->knobs);

  G_OBJECT_CLASS (il_scenario_parent_class)->finalize (object);
}

static void
il_scenario_class_init (IlScenarioClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = il_scenario_finalize;
}

static void
clear_knob (gpointer data)
{
  IlKnob *knob = data;

  g_free (knob->key);
  g_free (knob->name);
  g_free (knob->model);
}

static void
il_scenario_init (IlScenario *self)
{
  self->knobs = g_array_new (FALSE, TRUE, sizeof (IlKnob));
  g_array_set_clear_func (self->knobs, clear_knob);
}

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
  self->processes = (guint)get_optional_number (object, "processes", G_MAXINT, &local_error);
  self->carriers = (guint)get_optional_number (object, "carriers", G_MAXINT, &local_error);
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

/* --- from a recording */

/* In the user's language; NULL where the text says none. */
static char *
dup_recorded_description (IlSession *session)
{
  g_autofree char *text = il_session_dup_meta (session, IL_META_SCENARIO_TEXT);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (text == NULL || !g_key_file_load_from_data (file, text, (gsize)-1, G_KEY_FILE_NONE, NULL))
    return NULL;
  return g_key_file_get_locale_string (file, "Scenario", "Description", NULL, NULL);
}

/**
 * il_scenario_new_recorded:
 * @session: a recording of a scenario that is not bundled
 *
 * Returns: (transfer full): what the recording says of its scenario: to be shown, not to be run,
 *     since its file may have changed, and be gone
 */
IlScenario *
il_scenario_new_recorded (IlSession *session)
{
  IlScenario *self = g_object_new (IL_TYPE_SCENARIO, NULL);
  g_autoptr (GStrvBuilder) models = g_strv_builder_new ();
  g_autofree char *settings = il_session_dup_meta (session, IL_META_SETTINGS);

  self->recorded = TRUE;
  self->id = il_session_dup_meta (session, IL_META_SCENARIO_ID);
  if (self->id == NULL)
    self->id = g_strdup ("");
  self->name = il_session_dup_meta (session, IL_META_TITLE);
  if (self->name == NULL)
    self->name = g_strdup (self->id);
  self->row = g_strdup ("");
  self->description = dup_recorded_description (session);
  if (self->description == NULL)
    self->description = g_strdup (_ ("From the recording"));
  self->model = il_session_dup_meta (session, IL_META_MODEL);
  if (self->model != NULL)
    g_strv_builder_add (models, self->model);
  self->models = g_strv_builder_end (models);
  self->look_at = g_strdup_printf (_ ("The recording’s own scenario is not bundled: open the file"
                                      " %s to run it again."),
                                   self->id);
  if (settings != NULL && *settings != '\0')
    {
      g_autofree char *told = g_steal_pointer (&self->look_at);

      g_strdelimit (settings, "\n", ' ');
      self->look_at = g_strdup_printf (_ ("%s It ran with %s."), told, settings);
    }
  return self;
}

/* --- asking the runner */

static void
set_refusal (GError **error, GSubprocess *process, const char *runner, char *output)
{
  const char *line = g_strchomp (output);

  if (g_subprocess_get_if_signaled (process))
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                 _ ("The runner %s was killed by signal %d while it described scenarios"), runner,
                 g_subprocess_get_term_sig (process));
  else if (*line != '\0')
    g_set_error_literal (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_SCENARIO, line);
  else
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                 _ ("The runner %s ended with status %d and does not say why"), runner,
                 g_subprocess_get_exit_status (process));
}

static GPtrArray *
load (const char *path, GCancellable *cancellable, GError **error)
{
  g_autofree char *runner = il_runner_find (error);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *scenario = path != NULL ? il_runner_quote_scenario (path) : NULL;
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  GPtrArray *scenarios;

  if (runner == NULL)
    return NULL;
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              error, runner, "describe", scenario, NULL);
  if (process == NULL)
    {
      g_prefix_error (error, _ ("The runner cannot be started: "));
      return NULL;
    }
  if (!g_subprocess_communicate_utf8 (process, NULL, cancellable, &output, &errors, error))
    {
      g_subprocess_force_exit (process);
      return NULL;
    }
  if (!g_subprocess_get_successful (process))
    {
      set_refusal (error, process, runner, errors);
      return NULL;
    }
  scenarios = il_scenario_catalog_parse (output, error);
  if (scenarios == NULL)
    g_prefix_error (error, _ ("The answer of %s cannot be understood: "), runner);
  return scenarios;
}

static void
load_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *scenarios = load (task_data, cancellable, &error);

  if (scenarios != NULL)
    g_task_return_pointer (task, scenarios, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

/**
 * il_scenario_catalog_load_async:
 * @path: (nullable): a scenario's file or bundled name; NULL: all bundled ones
 *
 * Asks the runner to describe scenarios, off the calling thread.
 */
void
il_scenario_catalog_load_async (const char *path, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_set_source_tag (task, il_scenario_catalog_load_async);
  g_task_set_task_data (task, g_strdup (path), g_free);
  g_task_run_in_thread (task, load_thread);
}

/**
 * il_scenario_catalog_load_finish:
 *
 * Returns: (transfer container) (element-type IlScenario): bundled ones in the order of their rows;
 *     or NULL and #IL_RECORDER_ERROR_RUNNER, or #IL_RECORDER_ERROR_SCENARIO with the runner's
 *     message
 */
GPtrArray *
il_scenario_catalog_load_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * il_scenario_catalog_load:
 *
 * As il_scenario_catalog_load_async(), waiting for the answer.
 */
GPtrArray *
il_scenario_catalog_load (const char *path, GError **error)
{
  return load (path, NULL, error);
}

/* --- what a scenario says of itself */

/**
 * il_scenario_get_id:
 *
 * Returns: the bundled name, or the path, as run takes it
 */
const char *
il_scenario_get_id (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return self->id;
}

/**
 * il_scenario_get_row:
 *
 * Returns: the row of the curriculum that it teaches, e.g. "C17"; "" for none
 */
const char *
il_scenario_get_row (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return self->row;
}

/**
 * il_scenario_get_name:
 *
 * Returns: its title, in the user's language where it has one
 */
const char *
il_scenario_get_name (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return self->name;
}

/**
 * il_scenario_get_description:
 *
 * Returns: one line
 */
const char *
il_scenario_get_description (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return self->description;
}

/**
 * il_scenario_get_look_at:
 *
 * Returns: what to look at in the timeline; "" for nothing in particular
 */
const char *
il_scenario_get_look_at (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return self->look_at;
}

/**
 * il_scenario_get_model:
 *
 * Returns: the model that it runs under if nothing else is asked for
 */
const char *
il_scenario_get_model (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return self->model;
}

/**
 * il_scenario_get_models:
 *
 * Returns: (array zero-terminated): models that it may run under; at least one
 */
const char *const *
il_scenario_get_models (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  return (const char *const *)self->models;
}

/**
 * il_scenario_get_workers:
 *
 * Returns: how many workers it has if nothing else is asked for
 */
guint
il_scenario_get_workers (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->workers;
}

/**
 * il_scenario_get_workers_settable:
 *
 * Returns: whether it has a common pool, whose number of workers can be chosen
 */
gboolean
il_scenario_get_workers_settable (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), FALSE);
  return self->workers_settable;
}

/**
 * il_scenario_get_processes:
 *
 * Returns: how many processes the workers of a hybrid are spread over; 0 where it is not known
 */
guint
il_scenario_get_processes (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->processes;
}

/**
 * il_scenario_get_carriers:
 *
 * Returns: how many threads coroutines run on; 0 where it is not known
 */
guint
il_scenario_get_carriers (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->carriers;
}

/**
 * il_scenario_get_switch_interval:
 *
 * Returns: after how many nanoseconds the global lock is handed on; 0 where it is not known
 */
gint64
il_scenario_get_switch_interval (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->switch_interval_ns;
}

/**
 * il_scenario_get_knobs:
 * @n_knobs: (out): their number
 *
 * Returns: (array length=n_knobs): in the order of the file
 */
const IlKnob *
il_scenario_get_knobs (IlScenario *self, guint *n_knobs)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), NULL);
  *n_knobs = self->knobs->len;
  return (const IlKnob *)(gconstpointer)self->knobs->data;
}

/**
 * il_scenario_get_runnable:
 *
 * Returns: FALSE where it is known from a recording alone
 */
gboolean
il_scenario_get_runnable (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), FALSE);

  return !self->recorded;
}
