/* main.c - interleave-cli: all that the window does, without a display
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

#include "il-cli-signals.h"
#include "il-cli.h"

static const IlCliCommand *const commands[] = {
  &il_cli_run_command,    &il_cli_trace_command, &il_cli_attach_command,    &il_cli_report_command,
  &il_cli_export_command, &il_cli_check_command, &il_cli_scenarios_command,
};

static IlCliStatus
print_help (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_string_append_printf (text, "%s\n  interleave-cli %s\n\n", _ ("Usage:"),
                          _ ("COMMAND [ARGUMENT…]"));
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (text, "  %-10s  %s\n", commands[i]->name, _ (commands[i]->summary));
  g_string_append_printf (text, "\n%s\n",
                          _ ("“interleave-cli COMMAND --help” says more, and so does "
                             "interleave-cli(1)."));
  return il_cli_print (text->str, &error) ? IL_CLI_DONE : il_cli_fail (NULL, error->message);
}

static IlCliStatus
print_version (void)
{
  g_autoptr (GError) error = NULL;

  return il_cli_print ("interleave-cli " IL_VERSION "\n", &error)
             ? IL_CLI_DONE
             : il_cli_fail (NULL, error->message);
}

static const IlCliCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

int
main (int argc, char **argv)
{
  const IlCliCommand *command;
  g_autofree char *name = NULL;

  il_cli_signals_note ();
  il_cli_fill_standard_descriptors ();
  /* Who reads our output may leave: that is an error of writing, not the end. */
  signal (SIGPIPE, SIG_IGN);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, IL_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc < 2)
    return (int)il_cli_misuse (NULL, _ ("a command is missing"));
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0)
    return (int)print_help ();
  if (strcmp (argv[1], "--version") == 0)
    return (int)print_version ();

  command = find_command (argv[1]);
  if (command == NULL)
    {
      g_autofree char *message = g_strdup_printf (_ ("there is no command “%s”"), argv[1]);

      return (int)il_cli_misuse (NULL, message);
    }
  name = g_strconcat ("interleave-cli ", command->name, NULL);
  g_set_prgname (name);
  return command->run (argc - 1, argv + 1);
}
