/* il-cli-run.c - interleave-cli run: runs a scenario, records it, reports
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>
#include <string.h>

#include "il-cli-live.h"

#define MAX_WORKERS 16384 /* coroutines, as the runner has them */

typedef struct
{
  char *model, *workers, *tasks, *duration, *seed, *output;
  char **settings;
  gboolean json;
} Arguments;

static void
clear_arguments (Arguments *arguments)
{
  g_free (arguments->model);
  g_free (arguments->workers);
  g_free (arguments->tasks);
  g_free (arguments->duration);
  g_free (arguments->seed);
  g_free (arguments->output);
  g_strfreev (arguments->settings);
}

static IlCliStatus
run_scenario (const IlRecorderOptions *options, const Arguments *arguments)
{
  IlCliLive live;
  IlCliStatus status;

  if (!il_cli_has_standard_output ())
    return il_cli_fail (&il_cli_run_command,
                        _ ("standard output is closed: open it, e.g. by >/dev/null"));
  il_cli_live_run (&live, &il_cli_run_command, options);
  status = il_cli_live_report (&live, arguments->output, arguments->json);
  il_cli_live_finish (&live);
  return status;
}

/* --- arguments */

static gboolean
check_settings (char **settings, GError **error)
{
  for (; settings != NULL && *settings != NULL; settings++)
    if (strchr (*settings, '=') == NULL || **settings == '=')
      {
        g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                     _ ("--set: found “%s”, expected KEY=VALUE"), *settings);
        return FALSE;
      }
  return TRUE;
}

static gboolean
parse_options (const Arguments *arguments, IlRecorderOptions *options, GError **error)
{
  /* Under most models fewer are too many; the runner says so. */
  return il_cli_parse_number ("--workers", arguments->workers, 1, MAX_WORKERS, &options->workers,
                              error)
         && il_cli_parse_number ("--tasks", arguments->tasks, 0, G_MAXINT64, &options->tasks, error)
         && il_cli_parse_number ("--seed", arguments->seed, 0, G_MAXINT64, &options->seed, error)
         && il_cli_parse_time ("--duration", arguments->duration, &options->duration_ns, error)
         && check_settings (arguments->settings, error);
}

static IlCliStatus
parse_and_run (Arguments *arguments, int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_run_command;
  const GOptionEntry entries[] = {
    { "model", 0, 0, G_OPTION_ARG_STRING, &arguments->model,
      N_ ("Run under serial, threads, processes, hybrid, gil or coroutines"), N_ ("M") },
    { "workers", 0, 0, G_OPTION_ARG_STRING, &arguments->workers, N_ ("Number of workers"),
      N_ ("N") },
    { "tasks", 0, 0, G_OPTION_ARG_STRING, &arguments->tasks, N_ ("Number of tasks"), N_ ("N") },
    { "duration", 0, 0, G_OPTION_ARG_STRING, &arguments->duration,
      N_ ("Length of the run in seconds; 0: until its work is done"), N_ ("S") },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &arguments->seed,
      N_ ("The same seed gives the same tasks"), N_ ("N") },
    { "set", 0, 0, G_OPTION_ARG_STRING_ARRAY, &arguments->settings,
      N_ ("Set a knob of the scenario; may be repeated"), N_ ("KEY=VALUE") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->output, N_ ("Keep the session"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &arguments->json, N_ ("Print one JSON object"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) positional = NULL;
  g_autoptr (GError) error = NULL;
  IlRecorderOptions options = { .workers = -1, .tasks = -1, .duration_ns = -1, .seed = -1 };

  if (!il_cli_parse (command, entries, 1, argc, argv, &positional, &error)
      || !parse_options (arguments, &options, &error)
      || !il_cli_check_output (arguments->output, &error))
    return il_cli_misuse (command, error->message);

  options.scenario = positional[0];
  options.model = arguments->model;
  options.settings = (const char *const *)arguments->settings;
  options.output_path = arguments->output;
  return run_scenario (&options, arguments);
}

static int
run (int argc, char **argv)
{
  Arguments arguments = { 0 };
  int status = (int)parse_and_run (&arguments, argc, argv);

  clear_arguments (&arguments);
  return status;
}

const IlCliCommand il_cli_run_command = {
  "run",
  "SCENARIO",
  N_ ("Runs a scenario, bundled or of a file, records it and prints its figures."),
  run,
};
