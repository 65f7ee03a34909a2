/* il-cli.c - how interleave-cli speaks: results, notes, failures
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "interleave-cli"

static guint closed_descriptors; /* from the start: a bit for each standard one */

/* A message is one line, whatever it was put together from. */
static void
say (const IlCliCommand *command, const char *kind, const char *message)
{
  g_autofree char *line = g_strchomp (g_strdup (message));

  g_strdelimit (line, "\n\r", ' ');
  fprintf (stderr, "%s: %s%s%s%s\n", PROGRAM, command != NULL ? command->name : "",
           command != NULL ? ": " : "", kind, line);
}

/**
 * il_cli_fail:
 * @command: (nullable): that failed
 * @message: what, where, what to do
 *
 * Returns: %IL_CLI_FAILED
 */
IlCliStatus
il_cli_fail (const IlCliCommand *command, const char *message)
{
  say (command, "", message);
  return IL_CLI_FAILED;
}

/**
 * il_cli_misuse:
 * @command: (nullable): that was used in a wrong way
 *
 * Returns: %IL_CLI_MISUSED
 */
IlCliStatus
il_cli_misuse (const IlCliCommand *command, const char *message)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf (_ ("%s; see “%s --help”"), message,
                          command != NULL ? g_get_prgname () : PROGRAM);
  say (command, "", text);
  return IL_CLI_MISUSED;
}

/**
 * il_cli_fail_by:
 *
 * Ends a command by an error: one of #G_OPTION_ERROR says that the value of an option is wrong.
 *
 * Returns: %IL_CLI_MISUSED or %IL_CLI_FAILED
 */
IlCliStatus
il_cli_fail_by (const IlCliCommand *command, const GError *error)
{
  return error->domain == G_OPTION_ERROR ? il_cli_misuse (command, error->message)
                                         : il_cli_fail (command, error->message);
}

/**
 * il_cli_note:
 *
 * Says what the user should know although the command goes on.
 */
void
il_cli_note (const IlCliCommand *command, const char *message)
{
  say (command, _ ("note: "), message);
}

/**
 * il_cli_fill_standard_descriptors:
 *
 * Opens the three standard descriptors where whoever started us has closed them: the next file that
 * is opened would take their number, and get what is printed.
 */
void
il_cli_fill_standard_descriptors (void)
{
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    {
      if (fcntl (fd, F_GETFD) >= 0 || errno != EBADF)
        continue;
      closed_descriptors |= 1u << fd;
      if (open ("/dev/null", O_RDWR) != fd)
        return;
    }
}

/**
 * il_cli_has_standard_output:
 *
 * Returns: FALSE where it was closed from the start
 */
gboolean
il_cli_has_standard_output (void)
{
  return (closed_descriptors & 1u << STDOUT_FILENO) == 0;
}

/**
 * il_cli_get_closed_descriptors:
 *
 * Returns: a bit for each of the standard ones that was closed from the start
 */
guint
il_cli_get_closed_descriptors (void)
{
  return closed_descriptors;
}

/**
 * il_cli_print:
 *
 * Writes a result to standard output.
 *
 * Returns: FALSE and an error where nobody is left to read it, or no space
 */
gboolean
il_cli_print (const char *text, GError **error)
{
  size_t length = strlen (text);

  errno = il_cli_has_standard_output () ? 0 : EBADF;
  if (il_cli_has_standard_output () && fwrite (text, 1, length, stdout) == length
      && fflush (stdout) == 0)
    return TRUE;
  g_set_error (error, G_IO_ERROR, (int)g_io_error_from_errno (errno),
               _ ("Standard output cannot be written: %s"), g_strerror (errno));
  return FALSE;
}
