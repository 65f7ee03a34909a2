/* il-cli-attach.c - interleave-cli attach: records what the scheduler does with a running process
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>
#include <sys/resource.h>

#include "il-cli-live.h"

typedef struct
{
  char *duration, *output;
  gboolean json;
} Arguments;

/* Each thread that is there takes a descriptor for each core. */
static void
raise_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
}

static int
attach (const IlRecorderOptions *options, const Arguments *arguments)
{
  IlCliLive live;
  IlCliStatus status;

  if (!il_cli_has_standard_output ())
    return il_cli_fail (&il_cli_attach_command,
                        _ ("standard output is closed: open it, e.g. by >/dev/null"));
  raise_limit ();
  il_cli_live_run (&live, &il_cli_attach_command, options);
  status = il_cli_live_report (&live, arguments->output, arguments->json);
  il_cli_live_finish (&live);
  return (int)status;
}

static int
parse_and_attach (Arguments *arguments, int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_attach_command;
  const GOptionEntry entries[] = {
    { "duration", 0, 0, G_OPTION_ARG_STRING, &arguments->duration,
      N_ ("For how many seconds; else until it ends, or Ctrl+C"), N_ ("S") },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->output, N_ ("Keep the session"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &arguments->json, N_ ("Print one JSON object"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) positional = NULL;
  g_autoptr (GError) error = NULL;
  IlRecorderOptions options = { 0 };
  gint64 pid = 0;

  if (!il_cli_parse (command, entries, 1, argc, argv, &positional, &error)
      || !il_cli_parse_number ("PID", positional[0], 1, G_MAXINT32, &pid, &error)
      || !il_cli_parse_time ("--duration", arguments->duration, &options.duration_ns, &error)
      || !il_cli_check_output (arguments->output, &error))
    return (int)il_cli_misuse (command, error->message);
  options.process = (pid_t)pid;
  options.output_path = arguments->output;
  return attach (&options, arguments);
}

static int
run (int argc, char **argv)
{
  Arguments arguments = { 0 };
  int status = parse_and_attach (&arguments, argc, argv);

  g_free (arguments.duration);
  g_free (arguments.output);
  return status;
}

const IlCliCommand il_cli_attach_command = {
  "attach",
  "PID",
  N_ ("Records what the scheduler does with a running process, and prints its figures."),
  run,
};
