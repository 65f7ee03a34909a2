/* il-cli-scenarios.c - interleave-cli scenarios and check: what the runner knows of scenarios
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>

#include "il-runner-path.h"
#include "il-scenario-catalog.h"

static const GOptionEntry no_entries[] = { G_OPTION_ENTRY_NULL };

static int
run_scenarios (int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_scenarios_command;
  g_auto (GStrv) positional = NULL;
  g_autoptr (GPtrArray) scenarios = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!il_cli_parse (command, no_entries, 0, argc, argv, &positional, &error))
    return il_cli_misuse (command, error->message);
  scenarios = il_scenario_catalog_load (NULL, &error);
  if (scenarios == NULL)
    return il_cli_fail (command, error->message);

  if (scenarios->len == 0)
    return il_cli_fail (command, _ ("No scenarios are installed: is INTERLEAVE_SCENARIOS right?"));

  for (guint i = 0; i < scenarios->len; i++)
    {
      IlScenario *scenario = g_ptr_array_index (scenarios, i);

      g_string_append_printf (text, "%s\t%s\t%s\n", il_scenario_get_id (scenario),
                              il_scenario_get_row (scenario), il_scenario_get_name (scenario));
    }
  if (!il_cli_print (text->str, &error))
    return il_cli_fail (command, error->message);
  return IL_CLI_DONE;
}

const IlCliCommand il_cli_scenarios_command = {
  "scenarios",
  NULL,
  N_ ("Lists the bundled scenarios: name for “run”, row of the curriculum, title."),
  run_scenarios,
};

/* The engine is not linked here: the runner checks, and says what is wrong. */
static int
run_check (int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_check_command;
  g_auto (GStrv) positional = NULL;
  g_autofree char *runner = NULL;
  g_autofree char *scenario = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  if (!il_cli_parse (command, no_entries, 1, argc, argv, &positional, &error))
    return il_cli_misuse (command, error->message);
  runner = il_runner_find (&error);
  if (runner == NULL)
    return il_cli_fail (command, error->message);

  scenario = il_runner_quote_scenario (positional[0]);
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
                              &error, runner, "check", scenario, NULL);
  if (process == NULL
      || !g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &output, &error))
    return il_cli_fail (command, error->message);
  if (g_subprocess_get_successful (process))
    {
      g_auto (GStrv) warnings = g_strsplit (output, "\n", -1);

      for (char **warning = warnings; *warning != NULL; warning++)
        if (**warning != '\0')
          il_cli_note (command, *warning);
      return IL_CLI_DONE;
    }
  if (output[0] != '\0')
    return il_cli_fail (command, output);
  return il_cli_fail (command, _ ("The runner ended and does not say why"));
}

const IlCliCommand il_cli_check_command = {
  "check",
  "SCENARIO",
  N_ ("Parses and validates a scenario, and says what is wrong with it."),
  run_check,
};
