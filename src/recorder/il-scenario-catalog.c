/* il-scenario-catalog.c - asks the runner what scenarios there are and what can be set on them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-catalog.h"

#include <glib/gi18n-lib.h>

#include "il-recorder.h"
#include "il-runner-path.h"
#include "il-scenario-catalog-private.h"

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
