/* il-cli-live.c - a recording while it goes on, as the command line sees it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first SIGINT or SIGTERM stops the run as its own end would, and the report is printed; the
 * second one gives up at once.  A terminal that is gone, or a reader of our output that is, stops
 * the run too: the session is saved, and the exit status says that nobody saw the report.
 *
 * Where a program runs in our place, see il-cli-signals.c, and nothing is written over what it
 * shows: what there is to say is said when it has ended, but for what it hangs in, or seems to.
 */

#include "config.h"

#include "il-cli-live.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "il-cli-signals.h"
#include "il-probe.h"
#include "il-time-format.h"

#define PROGRESS_EVERY_MS 200
#define FINDINGS_EVERY_MS 20
#define SURE_AFTER_NS G_GINT64_CONSTANT (2000000000)

/* A finding that was printed.  Its words may be others once its locks get names. */
typedef struct
{
  IlFindingKind kind;
  gint64 from_ns;
  guint lane;
  char *text;
} Told;

static void
clear_progress (IlCliLive *self)
{
  if (self->shows_progress)
    fputs ("\r\033[K", stderr);
}

static gboolean
progress_cb (gpointer data)
{
  IlCliLive *self = data;
  IlTimelineTotals totals;
  IlRecorderStatus status;
  g_autofree char *time = NULL;

  il_timeline_get_totals (il_session_get_timeline (il_recorder_get_session (self->recorder)),
                          &totals);
  il_recorder_get_status (self->recorder, &status);
  time = il_format_time (status.duration_ns, 100000000);
  fprintf (stderr, "\r\033[K");
  if (self->has_tasks)
    fprintf (stderr, _ ("%s  %llu tasks done  %llu events  %llu lost"), time,
             (unsigned long long)status.done, (unsigned long long)totals.n_records,
             (unsigned long long)status.n_lost);
  else
    fprintf (stderr, _ ("%s  %llu events  %llu lost"), time, (unsigned long long)totals.n_records,
             (unsigned long long)(status.n_lost + status.n_sched_lost));
  fflush (stderr);
  return G_SOURCE_CONTINUE;
}

/* A run that has its time set comes to its report by itself, whatever hangs in it. */
static char *
describe_hang (IlCliLive *self, const IlFinding *finding)
{
  const char *name = il_finding_kind_get_name (finding->kind);
  IlRecorderStatus status;

  il_recorder_get_status (self->recorder, &status);
  if (status.planned_ns > 0 || !il_finding_kind_is_grave (finding->kind))
    return g_strdup_printf ("%s: %s", name, finding->text);
  return g_strdup_printf (_ ("%s: %s — stop with Ctrl+C"), name, finding->text);
}

/* What hangs is told by the names that its locks get, if they get any, and by these again where
 * they come later: that it hangs is news for long enough. */
static gboolean
may_be_named_better (IlCliLive *self)
{
  IlRecorderStatus status;

  il_recorder_get_status (self->recorder, &status);
  return status.looks_for_names;
}

/* Who waits for a lock of its own may wait for somebody who gives it back, be it the handler of a
 * signal: that is a deadlock all the surer the longer it lasts. */
static gboolean
is_doubtful (const IlFinding *finding)
{
  return finding->kind == IL_FINDING_DEADLOCK && finding->n_lanes == 1
         && finding->to_ns - finding->from_ns < SURE_AFTER_NS;
}

/* What stops the program, or seems to: a lock that is not given back may be so yet. */
static gboolean
is_news (const IlFinding *finding)
{
  return finding->goes_on
         && (il_finding_kind_is_grave (finding->kind) || finding->kind == IL_FINDING_HELD_LONG);
}

static gboolean
is_told (const Told *told, const IlFinding *finding)
{
  if (told->kind == IL_FINDING_HELD_LONG && !finding->is_kept)
    return FALSE;
  return told->kind == finding->kind && told->from_ns == finding->from_ns && finding->n_lanes > 0
         && told->lane == finding->lanes[0];
}

/* FALSE: it was told before. */
static gboolean
remember (IlCliLive *self, const IlFinding *finding)
{
  Told told = { .kind = finding->kind, .from_ns = finding->from_ns };

  if (finding->n_lanes == 0)
    return TRUE;
  for (guint i = 0; i < self->grave->len; i++)
    if (is_told (&g_array_index (self->grave, Told, i), finding))
      return FALSE;
  told.lane = finding->lanes[0];
  told.text = g_strdup (finding->text);
  g_array_append_val (self->grave, told);
  return TRUE;
}

static void
tell (IlCliLive *self, const IlFinding *finding)
{
  g_autofree char *message = NULL;

  if (!is_news (finding))
    return;
  if (is_doubtful (finding))
    {
      self->has_doubts = TRUE;
      return;
    }
  /* That more wait for a lock that is not given back is in the report. */
  if (!remember (self, finding) && finding->kind == IL_FINDING_HELD_LONG)
    return;
  if (!g_hash_table_add (self->told, g_strdup (finding->text)))
    return;
  clear_progress (self);
  message = describe_hang (self, finding);
  il_cli_note (self->command, message);
}

static char *
describe_end (const Told *told)
{
  switch (told->kind)
    {
    case IL_FINDING_DEADLOCK:
      return g_strdup_printf (_ ("No deadlock any more, it goes on: %s"), told->text);
    case IL_FINDING_STUCK:
      return g_strdup_printf (_ ("Not stuck any more, it goes on: %s"), told->text);
    case IL_FINDING_HELD_LONG:
      return g_strdup_printf (_ ("Given back by now: %s"), told->text);
    default:
      return g_strdup_printf (_ ("Not so any more: %s"), told->text);
    }
}

/* Whoever read that it hangs is not to stop what goes on. */
static void
take_back (IlCliLive *self, const IlFindings *findings)
{
  for (guint i = self->grave->len; i-- > 0;)
    {
      Told *told = &g_array_index (self->grave, Told, i);
      g_autofree char *message = NULL;
      guint j = 0;

      while (j < findings->n_findings && !is_told (told, &findings->findings[j]))
        j++;
      if (j < findings->n_findings)
        continue;
      clear_progress (self);
      message = describe_end (told);
      il_cli_note (self->command, message);
      g_hash_table_remove (self->told, told->text);
      g_array_remove_index (self->grave, i);
    }
}

/* What hangs is told while it does: such a run may not come to its report. */
static gboolean
findings_cb (gpointer data)
{
  IlCliLive *self = data;
  guint version = il_finder_get_version (self->finder);
  g_autoptr (IlFindings) findings = NULL;

  if ((version == self->findings_version && !self->has_doubts) || may_be_named_better (self))
    return G_SOURCE_CONTINUE;
  self->findings_version = version;
  self->has_doubts = FALSE;
  findings = il_finder_get_findings (self->finder);
  take_back (self, findings);
  for (guint i = 0; i < findings->n_findings; i++)
    tell (self, &findings->findings[i]);
  return G_SOURCE_CONTINUE;
}

/* What went on at last may have ended soon after. */
static void
take_back_last (IlCliLive *self)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (self->finder);

  take_back (self, findings);
}

static void
clear_told (gpointer data)
{
  g_free (((Told *)data)->text);
}

static void
say_held_back (IlCliLive *self)
{
  for (guint i = 0; i < self->held_back->len; i++)
    il_cli_note (self->command, g_ptr_array_index (self->held_back, i));
  g_ptr_array_set_size (self->held_back, 0);
}

static gboolean
runs_program (IlCliLive *self)
{
  IlRecorderStatus status;

  il_recorder_get_status (self->recorder, &status);
  return status.program_end == IL_PROGRAM_RUNS;
}

static void
problem_cb (IlRecorder *recorder, const GError *error, IlCliLive *self)
{
  clear_progress (self);
  self->output_failed |= g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT);
  if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_LEFT))
    {
      self->told_left = TRUE;
      g_ptr_array_add (self->held_back,
                       g_strdup_printf (_ ("%s — Ctrl+C ends them"), error->message));
    }
  else
    g_ptr_array_add (self->held_back, g_strdup (error->message));
  if (!self->is_in_place || !runs_program (self))
    say_held_back (self);
}

static void
ended_cb (IlRecorder *recorder, const GError *error, IlCliLive *self)
{
  self->ended = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  g_main_loop_quit (self->loop);
}

static gboolean
interrupt_cb (gpointer data)
{
  IlCliLive *self = data;

  self->n_interrupts++;
  if (self->n_interrupts == 1)
    il_recorder_stop (self->recorder);
  else
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
lose_reader (IlCliLive *self)
{
  self->reader_gone = TRUE;
  self->shows_progress = FALSE;
  il_recorder_stop (self->recorder);
}

static gboolean
hangup_cb (gpointer data)
{
  lose_reader (data);
  return G_SOURCE_CONTINUE;
}

static gboolean
reader_gone_cb (int fd, GIOCondition condition, gpointer data)
{
  lose_reader (data);
  return G_SOURCE_REMOVE;
}

/* What was typed just before the program ended was meant for it, though we may come to it only
 * afterwards: keys are for what it left behind once that was told. */
static gboolean
signal_in_place_cb (int fd, GIOCondition condition, gpointer data)
{
  IlCliLive *self = data;
  IlCliSignals meaning = il_cli_signals_read (fd, self->told_left);

  if ((meaning & IL_CLI_SIGNALS_STOP) != 0)
    il_recorder_stop (self->recorder);
  else if ((meaning & IL_CLI_SIGNALS_SUSPEND) != 0)
    il_cli_signals_suspend ();
  return G_SOURCE_CONTINUE;
}

/* We stand still with the program, unless that goes on already, and let it go on when we do.
 * Without a terminal it stands still by itself, as it does without us. */
static void
suspended_cb (IlRecorder *recorder, guint pid, IlCliLive *self)
{
  if (!IL_PROBE_STATE_IS_STOPPED (il_probe_read_state ((pid_t)pid, (pid_t)pid))
      || il_cli_signals_suspend ())
    il_recorder_resume (self->recorder);
}

static void
add_source (IlCliLive *self, GSource *source, GSourceFunc func)
{
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, NULL);
  g_ptr_array_add (self->sources, source);
}

static void
destroy_source (gpointer data)
{
  g_source_destroy (data);
  g_source_unref (data);
}

/* From here on signals do not end us: what is started after this is also ended by us. */
static void
add_sources (IlCliLive *self)
{
  self->sources = g_ptr_array_new_with_free_func (destroy_source);
  if (self->is_in_place)
    {
      self->signal_fd = il_cli_signals_take ();
      add_source (self, g_unix_fd_source_new (self->signal_fd, G_IO_IN),
                  G_SOURCE_FUNC (signal_in_place_cb));
    }
  else
    {
      add_source (self, g_unix_signal_source_new (SIGINT), interrupt_cb);
      add_source (self, g_unix_signal_source_new (SIGTERM), interrupt_cb);
      add_source (self, g_unix_signal_source_new (SIGHUP), hangup_cb);
      add_source (self, g_unix_fd_source_new (STDOUT_FILENO, G_IO_ERR | G_IO_HUP | G_IO_NVAL),
                  G_SOURCE_FUNC (reader_gone_cb));
    }
  if (self->shows_progress)
    add_source (self, g_timeout_source_new (PROGRESS_EVERY_MS), progress_cb);
  add_source (self, g_timeout_source_new (FINDINGS_EVERY_MS), findings_cb);
}

/**
 * il_cli_live_run:
 * @self: (out caller-allocates): to be finished by il_cli_live_finish()
 *
 * Records until the run has ended, or the user gave up.  In the former case signals have their
 * usual effect again; in the latter what is left to do is to clean up, which takes no time and is
 * better not interrupted.
 */
void
il_cli_live_run (IlCliLive *self, const IlCliCommand *command, const IlRecorderOptions *options)
{
  *self = (IlCliLive){ .command = command, .signal_fd = -1 };
  self->has_tasks = options->scenario != NULL;
  self->is_in_place = options->signals != NULL;
  self->shows_progress = !self->is_in_place && isatty (STDERR_FILENO) == 1;
  self->loop = g_main_loop_new (NULL, FALSE);
  self->recorder = il_recorder_new ();
  self->finder
      = il_finder_attach (il_session_get_timeline (il_recorder_get_session (self->recorder)));
  self->findings_version = il_finder_get_version (self->finder);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->grave = g_array_new (FALSE, FALSE, sizeof (Told));
  g_array_set_clear_func (self->grave, clear_told);
  self->held_back = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (self->recorder, "problem", G_CALLBACK (problem_cb), self);
  g_signal_connect (self->recorder, "suspended", G_CALLBACK (suspended_cb), self);
  g_signal_connect (self->recorder, "ended", G_CALLBACK (ended_cb), self);
  add_sources (self);
  il_recorder_start (self->recorder, options);
  g_main_loop_run (self->loop);
  clear_progress (self);
  take_back_last (self);
  say_held_back (self);
  if (self->ended)
    g_ptr_array_set_size (self->sources, 0);
}

/**
 * il_cli_live_report:
 * @output: (nullable): where the session is kept
 *
 * Prints the figures of what was recorded to standard output, and how the run ended.
 */
IlCliStatus
il_cli_live_report (IlCliLive *self, const char *output, gboolean json)
{
  IlSession *session = il_recorder_get_session (self->recorder);
  gint64 end_ns = il_timeline_get_end (il_session_get_timeline (session));
  g_autofree char *where = NULL;
  g_autoptr (GError) error = NULL;

  if (!self->ended)
    return il_cli_fail (self->command, _ ("given up"));
  if (end_ns > 0)
    {
      if (!il_cli_print_report (session, 0, end_ns, json, &error))
        return il_cli_fail (self->command, error->message);
      where = g_strdup_printf (_ ("Session: %s\n"), output);
      if (output != NULL && !self->output_failed && json)
        fputs (where, stderr);
      else if (output != NULL && !self->output_failed && !il_cli_print (where, &error))
        return il_cli_fail (self->command, error->message);
      il_cli_note_lost (self->command, session, TRUE);
    }
  if (g_error_matches (self->error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_SETTING))
    return il_cli_misuse (self->command, self->error->message);
  if (self->error != NULL)
    return il_cli_fail (self->command, self->error->message);
  if (self->reader_gone)
    return il_cli_fail (self->command, _ ("stopped, since the terminal is gone"));
  return self->output_failed ? IL_CLI_FAILED : IL_CLI_DONE;
}

/**
 * il_cli_live_finish:
 */
void
il_cli_live_finish (IlCliLive *self)
{
  g_signal_handlers_disconnect_by_data (self->recorder, self);
  g_object_unref (self->recorder);
  g_hash_table_unref (self->told);
  g_array_unref (self->grave);
  g_ptr_array_unref (self->held_back);
  g_ptr_array_unref (self->sources);
  g_main_loop_unref (self->loop);
  g_clear_error (&self->error);
  if (self->signal_fd >= 0)
    close (self->signal_fd);
}
