/* il-cli-trace.c - interleave-cli trace: runs any program, records it, reports
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard input, output and error are the program's.  What we have to say goes to standard error,
 * when the program has ended; but the JSON object that was asked for goes to standard output, as
 * the last thing there.  The exit status is the program's.
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "il-cli-live.h"
#include "il-cli-signals.h"

typedef struct
{
  char *duration, *output;
  gboolean json, no_locks, no_io;
} Arguments;

/* The program's own, or 128 and its signal. */
static int
program_status (const IlRecorderStatus *status)
{
  switch (status->program_end)
    {
    case IL_PROGRAM_EXITED:
      return (int)status->program_status;
    case IL_PROGRAM_KILLED:
      return 128 + (int)status->program_status;
    case IL_PROGRAM_RUNS:
    default:
      return IL_CLI_DONE;
    }
}

static gboolean
print_report (IlCliLive *live, const Arguments *arguments, GError **error)
{
  IlSession *session = il_recorder_get_session (live->recorder);
  gint64 end_ns = il_timeline_get_end (il_session_get_timeline (session));
  g_autofree char *text = NULL;

  if (arguments->json)
    return il_cli_print_report (session, 0, end_ns, TRUE, error);
  text = il_cli_make_report (session, 0, end_ns, FALSE, STDERR_FILENO);
  if (isatty (STDERR_FILENO) == 1)
    fputc ('\n', stderr);
  fputs (text, stderr);
  return TRUE;
}

static void
explain_failure (const IlCliCommand *command, const GError *error)
{
  g_autofree char *message = NULL;

  if (!g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_NO_LOCKS))
    {
      il_cli_fail (command, error->message);
      return;
    }
  message = g_strdup_printf (
      _ ("%s; give --no-locks to record what the scheduler does with it, and no more"),
      error->message);
  il_cli_fail (command, message);
}

static int
finish (IlCliLive *live, const Arguments *arguments)
{
  const IlCliCommand *command = live->command;
  g_autoptr (GError) error = NULL;
  IlRecorderStatus status;
  int result;

  il_recorder_get_status (live->recorder, &status);
  result = program_status (&status);
  if (status.duration_ns > 0 && status.program_end != IL_PROGRAM_RUNS)
    {
      if (!print_report (live, arguments, &error))
        {
          il_cli_fail (command, error->message);
          result = MAX (result, (int)IL_CLI_FAILED);
        }
      if (arguments->output != NULL && !live->output_failed)
        fprintf (stderr, _ ("Session: %s\n"), arguments->output);
      il_cli_note_lost (command, il_recorder_get_session (live->recorder), arguments->no_io);
    }
  if (live->error != NULL)
    explain_failure (command, live->error);
  /* What the program says of itself comes first. */
  if (result == IL_CLI_DONE && (live->error != NULL || live->output_failed))
    return IL_CLI_FAILED;
  return result;
}

static int
trace (const IlRecorderOptions *options, const Arguments *arguments)
{
  IlCliLive live;
  int result;

  il_cli_live_run (&live, &il_cli_trace_command, options);
  result = finish (&live, arguments);
  il_cli_live_finish (&live);
  return result;
}

/* Options of the command are none of ours: where none of ours has "--" before it, it begins at the
 * first word that is no option. */
static int
parse_and_trace (Arguments *arguments, int argc, char **argv)
{
  const IlCliCommand *command = &il_cli_trace_command;
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &arguments->output, N_ ("Keep the session"),
      N_ ("FILE") },
    { "json", 0, 0, G_OPTION_ARG_NONE, &arguments->json,
      N_ ("Print one JSON object, behind what the program prints"), NULL },
    { "no-locks", 0, 0, G_OPTION_ARG_NONE, &arguments->no_locks,
      N_ ("Record what the scheduler does, and no more"), NULL },
    { "no-io", 0, 0, G_OPTION_ARG_NONE, &arguments->no_io,
      N_ ("Leave out waits for input and output"), NULL },
    { "duration", 0, 0, G_OPTION_ARG_STRING, &arguments->duration,
      N_ ("Stop the program after so many seconds"), N_ ("S") },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) words = NULL;
  g_auto (GStrv) environment = NULL;
  g_autoptr (GError) error = NULL;
  IlRecorderOptions options
      = { .signals = il_cli_signals_get_noted (), .closed_fds = il_cli_get_closed_descriptors () };

  if (!il_cli_parse_command (command, entries, argc, argv, &words, &error)
      || !il_cli_parse_time ("--duration", arguments->duration, &options.duration_ns, &error)
      || !il_cli_check_output (arguments->output, &error))
    return il_cli_misuse (command, error->message);
  if (arguments->json && !il_cli_has_standard_output ())
    return il_cli_fail (command, _ ("standard output is closed: open it, e.g. by >/dev/null"));
  options.command = (const char *const *)words;
  options.no_locks = arguments->no_locks;
  if (arguments->no_io)
    environment = g_environ_setenv (g_get_environ (), "INTERLEAVE_IO", "0", TRUE);
  options.environment = (const char *const *)environment;
  options.output_path = arguments->output;
  return trace (&options, arguments);
}

static int
run (int argc, char **argv)
{
  Arguments arguments = { 0 };
  int status = parse_and_trace (&arguments, argc, argv);

  g_free (arguments.duration);
  g_free (arguments.output);
  return status;
}

const IlCliCommand il_cli_trace_command = {
  "trace",
  "-- COMMAND [ARGUMENT…]",
  N_ ("Runs any program, records it and prints its figures."),
  run,
};
