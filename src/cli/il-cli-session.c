/* il-cli-session.c - sessions from files, ranges of them, and their report
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-cli.h"

#include <glib/gi18n.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "il-finder.h"
#include "il-report.h"
#include "il-time-format.h"

#define MIN_WIDTH 60 /* columns: nobody reads a table in less */

/**
 * il_cli_parse_range:
 * @begin_ns: (out): 0 where --from is not given
 * @end_ns: (out): G_MAXINT64 where --to is not given
 *
 * Parses --from and --to.
 */
gboolean
il_cli_parse_range (const IlCliRange *range, gint64 *begin_ns, gint64 *end_ns, GError **error)
{
  *begin_ns = 0;
  *end_ns = G_MAXINT64;
  if (!il_cli_parse_time ("--from", range->from, begin_ns, error)
      || !il_cli_parse_time ("--to", range->to, end_ns, error))
    return FALSE;
  if (*begin_ns < *end_ns)
    return TRUE;
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, _ ("--from is not before --to"));
  return FALSE;
}

static void
note_ending (const IlCliCommand *command, IlSession *session, const char *path, const char *length)
{
  g_autofree char *note = NULL;

  switch (il_session_get_ending (session))
    {
    case IL_SESSION_CUT_OFF:
      note
          = g_strdup_printf (_ ("%s: its recording was cut off; there are %s of it"), path, length);
      break;
    case IL_SESSION_BEING_RECORDED:
      note = g_strdup_printf (_ ("%s: it is being recorded; there are %s of it so far"), path,
                              length);
      break;
    case IL_SESSION_WHOLE:
      return;
    }
  il_cli_note (command, note);
}

static void
note_damage (const IlCliCommand *command, IlSession *session, const char *path)
{
  const char *damage = il_session_get_damage (session);
  g_autofree char *note = NULL;

  if (damage == NULL)
    return;
  note = g_strdup_printf ("%s: %s", path, damage);
  il_cli_note (command, note);
}

/**
 * il_cli_load_session:
 * @begin_ns: (inout): of the range asked for
 * @end_ns: (inout): of the range asked for; cut to what there is
 *
 * Opens a session, and says so if its recording was cut off or goes on, or if it is damaged.
 */
IlSession *
il_cli_load_session (const IlCliCommand *command, const char *path, gint64 *begin_ns,
                     gint64 *end_ns, GError **error)
{
  g_autoptr (IlSession) session = il_session_load_with (path, il_finder_prepare, NULL, NULL, error);
  g_autofree char *length = NULL;
  gint64 last_ns;

  if (session == NULL)
    return NULL;
  last_ns = il_timeline_get_end (il_session_get_timeline (session));
  length = il_format_duration (last_ns);
  if (*begin_ns > 0 && *begin_ns >= last_ns)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _ ("--from is behind the end of %s, which goes from 0 s to %s"), path, length);
      return NULL;
    }
  *end_ns = MIN (*end_ns, last_ns);
  note_ending (command, session, path, length);
  note_damage (command, session, path);
  return g_steal_pointer (&session);
}

/* Of the terminal; what goes elsewhere is not read within a width. */
static guint
find_width (int fd)
{
  const char *columns = g_getenv ("COLUMNS");
  struct winsize size;
  guint64 number;

  if (!isatty (fd))
    return G_MAXUINT;
  if (ioctl (fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return MAX (size.ws_col, MIN_WIDTH);
  if (columns != NULL && g_ascii_string_to_unsigned (columns, 10, MIN_WIDTH, 10000, &number, NULL))
    return (guint)number;
  return 0;
}

/**
 * il_cli_make_report:
 * @fd: where it goes
 *
 * Returns: (transfer full): the figures of a range, ended by a newline
 */
char *
il_cli_make_report (IlSession *session, gint64 begin_ns, gint64 end_ns, gboolean json, int fd)
{
  g_autoptr (IlReport) report = il_report_new (session, begin_ns, end_ns);
  g_autofree char *text = NULL;

  report->text_width = find_width (fd);
  text = json ? il_report_to_json (report, session) : il_report_to_text (report, session);
  return g_str_has_suffix (text, "\n") ? g_steal_pointer (&text) : g_strconcat (text, "\n", NULL);
}

/**
 * il_cli_print_report:
 *
 * Prints the figures of a range.
 */
gboolean
il_cli_print_report (IlSession *session, gint64 begin_ns, gint64 end_ns, gboolean json,
                     GError **error)
{
  g_autofree char *text = il_cli_make_report (session, begin_ns, end_ns, json, STDOUT_FILENO);

  return il_cli_print (text, error);
}

/**
 * il_cli_note_lost:
 * @no_io: whether waits for input and output were left out for sure
 *
 * Says how many events of the session were lost, if any were, and what that means for its figures.
 */
void
il_cli_note_lost (const IlCliCommand *command, IlSession *session, gboolean no_io)
{
  IlTimelineTotals totals = { 0 };
  g_autofree char *n_lost = NULL;
  g_autofree char *n_events = NULL;
  g_autofree char *message = NULL;

  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  if (totals.n_lost == 0)
    return;
  n_lost = il_format_count (totals.n_lost);
  n_events = il_format_count (totals.n_lost + totals.n_records);
  if (il_timeline_is_of_program (il_session_get_timeline (session)) && no_io)
    /* Translators: how many of how many events */
    message = g_strdup_printf (_ ("%s of %s events were lost, since the program was faster than "
                                  "the recorder: figures are of the others, so that counts are "
                                  "too low, and times and shares are estimates"),
                               n_lost, n_events);
  else if (il_timeline_is_of_program (il_session_get_timeline (session)))
    /* Translators: how many of how many events */
    message = g_strdup_printf (_ ("%s of %s events were lost, since the program was faster than "
                                  "the recorder: figures are of the others, so that counts are "
                                  "too low, and times and shares are estimates. With --no-io "
                                  "there are fewer"),
                               n_lost, n_events);
  else
    /* Translators: how many of how many events */
    message
        = g_strdup_printf (_ ("%s of %s events were lost, since the program was faster than the "
                              "recorder: figures are of the others, so that counts are too low, "
                              "and times and shares are estimates. Longer tasks, or fewer "
                              "workers, make fewer events"),
                           n_lost, n_events);
  il_cli_note (command, message);
}
