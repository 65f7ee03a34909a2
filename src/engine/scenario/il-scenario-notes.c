/* il-scenario-notes.c - what is allowed in a scenario, or on the command line, but hardly meant
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static gboolean
gives (IlStepKind kind)
{
  return kind == IL_STEP_PUT || kind == IL_STEP_SEND || kind == IL_STEP_TRY_SEND;
}

static gboolean
takes (IlStepKind kind)
{
  return kind == IL_STEP_GET || kind == IL_STEP_GET_OR_LEAVE || kind == IL_STEP_RECEIVE
         || kind == IL_STEP_TRY_RECEIVE;
}

/* The first step that does so with the object; NULL: none does. */
static const IlStep *
find_step (const IlScenario *self, guint object, gboolean (*does) (IlStepKind kind))
{
  for (guint i = 0; i < self->n_tasks; i++)
    for (guint j = 0; j < self->tasks[i].n_steps; j++)
      {
        const IlStep *step = &self->tasks[i].steps[j];

        if (step->object == (int)object && does (step->kind))
          return step;
      }
  return NULL;
}

/**
 * il_scenario_list_warnings:
 *
 * Looks for what is no mistake, since it may be meant, but looks like one: queues and channels that
 * only one side uses.
 *
 * Returns: (transfer full): lines of the form “PATH:LINE: …”
 */
char **
il_scenario_list_warnings (const IlScenario *self)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  for (guint i = 0; i < self->n_objects; i++)
    {
      const IlStep *giver = find_step (self, i, gives), *taker = find_step (self, i, takes);
      const IlStep *step = giver != NULL ? giver : taker;
      const char *name = self->objects[i].name;
      g_autofree char *line = NULL;

      if ((giver == NULL) == (taker == NULL))
        continue;
      /* Translators: a file, a line, a step such as “get”, the name of a queue twice */
      line = g_strdup_printf (
          taker != NULL ? _ ("%s:%d: “%s %s”, but no step puts anything into %s")
                        : _ ("%s:%d: “%s %s”, but no step takes anything out of %s"),
          self->path, step->line, il_step_kind_get_word (step->kind), name, name);
      g_strv_builder_add (lines, line);
    }
  return g_strv_builder_end (lines);
}

static void
note_affinity (const IlScenario *self, GStrvBuilder *lines)
{
  for (guint i = 0; i < self->n_tasks && self->model == IL_MODEL_COROUTINES; i++)
    {
      g_autofree char *line = NULL;

      if (self->tasks[i].cores == NULL && self->tasks[i].nice == 0)
        continue;
      line = g_strdup_printf (_ ("Cores and Nice of [Task %s] have no effect under the model "
                                 "coroutines: its workers share their carriers with others"),
                              self->tasks[i].name);
      g_strv_builder_add (lines, line);
    }
}

/* Coroutines, and who runs all tasks itself, stay. */
static void
note_replacement (const IlScenario *self, GStrvBuilder *lines)
{
  g_autofree char *line = NULL;

  if (self->max_tasks_per_worker == 0
      || (self->model != IL_MODEL_COROUTINES && self->model != IL_MODEL_SERIAL))
    return;
  line = g_strdup_printf (_ ("MaxTasksPerWorker has no effect under the model %s: its workers are "
                             "not replaced"),
                          il_model_get_name (self->model));
  g_strv_builder_add (lines, line);
}

/* Settings of what only one model has. */
static void
note_settings (const IlScenario *self, const char *const *settings, GStrvBuilder *lines)
{
  static const struct
  {
    const char *key;
    IlModel model;
  } keys[] = { { "processes", IL_MODEL_HYBRID }, { "carriers", IL_MODEL_COROUTINES } };

  for (; settings != NULL && *settings != NULL; settings++)
    for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
      {
        gsize length = strlen (keys[i].key);
        g_autofree char *line = NULL;

        if (strncmp (*settings, keys[i].key, length) != 0 || (*settings)[length] != '='
            || self->model == keys[i].model || il_scenario_find_knob (self, keys[i].key) >= 0)
          continue;
        /* Translators: an option with its value, and the names of two models */
        line = g_strdup_printf (_ ("--set %s has no effect under the model %s, only under %s"),
                                *settings, il_model_get_name (self->model),
                                il_model_get_name (keys[i].model));
        g_strv_builder_add (lines, line);
      }
}

/**
 * il_scenario_list_notes:
 * @settings: (nullable): those of --set, which the scenario took
 *
 * Returns: (transfer full): what is without effect when the scenario is run as it is now
 */
char **
il_scenario_list_notes (const IlScenario *self, const char *const *settings)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();

  note_affinity (self, lines);
  note_replacement (self, lines);
  note_settings (self, settings, lines);
  return g_strv_builder_end (lines);
}
