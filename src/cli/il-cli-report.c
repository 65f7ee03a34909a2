/* il-cli-report.c - interleave-cli report: the figures of a session
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>

static int
run (int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_report_command;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING, &from, N_ ("Begin of the range, e.g. 1.5s"), N_ ("T") },
    { "to", 0, 0, G_OPTION_ARG_STRING, &to, N_ ("End of the range"), N_ ("T") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print one JSON object"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) positional = NULL;
  g_autoptr (IlSession) session = NULL;
  g_autoptr (GError) error = NULL;
  gint64 begin_ns, end_ns;

  if (!il_cli_parse (command, entries, 1, argc, argv, &positional, &error)
      || !il_cli_parse_range (&(IlCliRange){ from, to }, &begin_ns, &end_ns, &error))
    return il_cli_misuse (command, error->message);

  session = il_cli_load_session (command, positional[0], &begin_ns, &end_ns, &error);
  if (session == NULL || !il_cli_print_report (session, begin_ns, end_ns, json, &error))
    return il_cli_fail_by (command, error);
  il_cli_note_lost (command, session, FALSE);
  return IL_CLI_DONE;
}

const IlCliCommand il_cli_report_command = {
  "report",
  "FILE",
  N_ ("Prints the figures of a recorded session, or of a range of it."),
  run,
};
