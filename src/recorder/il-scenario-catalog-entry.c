/* il-scenario-catalog-entry.c - a scenario, as far as whoever does not run it has to know it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-catalog.h"

#include <glib/gi18n-lib.h>

#include "il-scenario-catalog-private.h"

G_DEFINE_FINAL_TYPE (IlScenario, il_scenario, G_TYPE_OBJECT)

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

/* --- what it says of itself */

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
 * il_scenario_get_workers_max:
 *
 * Returns: how many workers are worth offering; not less than it has
 */
guint
il_scenario_get_workers_max (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->workers_max;
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
 * il_scenario_get_processes_max:
 *
 * Returns: how many processes are worth offering; 0 where it is not known
 */
guint
il_scenario_get_processes_max (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->processes_max;
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
 * il_scenario_get_carriers_max:
 *
 * Returns: how many threads are worth offering to coroutines; 0 where it is not known
 */
guint
il_scenario_get_carriers_max (IlScenario *self)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), 0);
  return self->carriers_max;
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
 * il_scenario_has_knob_for:
 *
 * Returns: whether it has a knob that means something only under this model
 */
gboolean
il_scenario_has_knob_for (IlScenario *self, const char *model)
{
  g_return_val_if_fail (IL_IS_SCENARIO (self), FALSE);
  for (guint i = 0; i < self->knobs->len; i++)
    if (g_strcmp0 (g_array_index (self->knobs, IlKnob, i).model, model) == 0)
      return TRUE;
  return FALSE;
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
