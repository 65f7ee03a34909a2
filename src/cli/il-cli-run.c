/* il-cli-run.c - interleave-cli run: runs a scenario, records it, reports
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first SIGINT or SIGTERM stops the run as its own end would, and the report is printed; the
 * second one gives up at once.  A terminal that is gone, or a reader of our output that is, stops
 * the run too: the session is saved, and the exit status says that nobody saw the report.
 */

#include "config.h"

#include "il-cli.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "il-finder.h"
#include "il-recorder.h"
#include "il-time-format.h"

#define PROGRESS_EVERY_MS 200
#define FINDINGS_EVERY_MS 20
#define MAX_WORKERS 16384 /* coroutines, as the runner has them */

typedef struct
{
  char *model, *workers, *tasks, *duration, *seed, *output;
  char **settings;
  gboolean json;
} Arguments;

typedef struct
{
  IlRecorder *recorder;
  GMainLoop *loop;
  GPtrArray *sources; /* of GSource */
  IlFinder *finder;   /* of the recorder's timeline */
  guint findings_version;
  GHashTable *told; /* texts of findings that were printed */
  gboolean shows_progress;
  guint n_interrupts;
  gboolean reader_gone;
  gboolean output_failed;
  gboolean ended;
  GError *error; /* why the run did not end as it should */
} Run;

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

/* --- while it runs */

static void
clear_progress (Run *self)
{
  if (self->shows_progress)
    fputs ("\r\033[K", stderr);
}

static gboolean
progress_cb (gpointer data)
{
  Run *self = data;
  IlTimelineTotals totals;
  IlRecorderStatus status;
  g_autofree char *time = NULL;

  il_timeline_get_totals (il_session_get_timeline (il_recorder_get_session (self->recorder)),
                          &totals);
  il_recorder_get_status (self->recorder, &status);
  time = il_format_time (status.duration_ns, 100000000);
  fprintf (stderr, "\r\033[K");
  fprintf (stderr, _ ("%s  %llu tasks done  %llu events  %llu lost"), time,
           (unsigned long long)status.done, (unsigned long long)totals.n_records,
           (unsigned long long)status.n_lost);
  fflush (stderr);
  return G_SOURCE_CONTINUE;
}

/* A run that has its time set comes to its report by itself, whatever hangs in it. */
static char *
describe_hang (Run *self, const IlFinding *finding)
{
  const char *name = il_finding_kind_get_name (finding->kind);
  IlRecorderStatus status;

  il_recorder_get_status (self->recorder, &status);
  if (status.planned_ns > 0)
    return g_strdup_printf ("%s: %s", name, finding->text);
  return g_strdup_printf (_ ("%s: %s — stop with Ctrl+C"), name, finding->text);
}

/* What hangs is told while it does: such a run may not come to its report. */
static gboolean
findings_cb (gpointer data)
{
  Run *self = data;
  guint version = il_finder_get_version (self->finder);
  g_autoptr (IlFindings) findings = NULL;

  if (version == self->findings_version)
    return G_SOURCE_CONTINUE;
  self->findings_version = version;
  findings = il_finder_get_findings (self->finder);
  for (guint i = 0; i < findings->n_findings; i++)
    {
      const IlFinding *finding = &findings->findings[i];
      g_autofree char *message = NULL;

      if (!il_finding_kind_is_grave (finding->kind) || !finding->goes_on
          || !g_hash_table_add (self->told, g_strdup (finding->text)))
        continue;
      clear_progress (self);
      message = describe_hang (self, finding);
      il_cli_note (&il_cli_run_command, message);
    }
  return G_SOURCE_CONTINUE;
}

static void
problem_cb (IlRecorder *recorder, const GError *error, Run *self)
{
  clear_progress (self);
  self->output_failed |= g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT);
  il_cli_note (&il_cli_run_command, error->message);
}

static void
ended_cb (IlRecorder *recorder, const GError *error, Run *self)
{
  self->ended = TRUE;
  self->error = error != NULL ? g_error_copy (error) : NULL;
  g_main_loop_quit (self->loop);
}

static gboolean
interrupt_cb (gpointer data)
{
  Run *self = data;

  self->n_interrupts++;
  if (self->n_interrupts == 1)
    il_recorder_stop (self->recorder);
  else
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
lose_reader (Run *self)
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

static void
add_source (Run *self, GSource *source, GSourceFunc func)
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
take_signals (Run *self)
{
  self->sources = g_ptr_array_new_with_free_func (destroy_source);
  add_source (self, g_unix_signal_source_new (SIGINT), interrupt_cb);
  add_source (self, g_unix_signal_source_new (SIGTERM), interrupt_cb);
  add_source (self, g_unix_signal_source_new (SIGHUP), hangup_cb);
  add_source (self, g_unix_fd_source_new (STDOUT_FILENO, G_IO_ERR | G_IO_HUP | G_IO_NVAL),
              G_SOURCE_FUNC (reader_gone_cb));
  if (self->shows_progress)
    add_source (self, g_timeout_source_new (PROGRESS_EVERY_MS), progress_cb);
  add_source (self, g_timeout_source_new (FINDINGS_EVERY_MS), findings_cb);
}

/* Returns when the run has ended, or the user gave up.  In the former case signals have their usual
 * effect again; in the latter what is left to do is to clean up, which takes no time and is better
 * not interrupted. */
static void
watch (Run *self)
{
  g_main_loop_run (self->loop);
  clear_progress (self);
  if (self->ended)
    g_ptr_array_set_size (self->sources, 0);
}

/* --- afterwards */

static IlCliStatus
finish (Run *self, const Arguments *arguments)
{
  const IlCliCommand *command = &il_cli_run_command;
  IlSession *session = il_recorder_get_session (self->recorder);
  gint64 end_ns = il_timeline_get_end (il_session_get_timeline (session));
  g_autofree char *where = NULL;
  g_autoptr (GError) error = NULL;

  if (!self->ended)
    return il_cli_fail (command, _ ("given up"));
  if (end_ns > 0)
    {
      if (!il_cli_print_report (session, 0, end_ns, arguments->json, &error))
        return il_cli_fail (command, error->message);
      where = g_strdup_printf (_ ("Session: %s\n"), arguments->output);
      if (arguments->output != NULL && !self->output_failed && arguments->json)
        fputs (where, stderr);
      else if (arguments->output != NULL && !self->output_failed && !il_cli_print (where, &error))
        return il_cli_fail (command, error->message);
      il_cli_note_lost (command, session);
    }
  if (g_error_matches (self->error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_SETTING))
    return il_cli_misuse (command, self->error->message);
  if (self->error != NULL)
    return il_cli_fail (command, self->error->message);
  if (self->reader_gone)
    return il_cli_fail (command, _ ("stopped, since the terminal is gone"));
  return self->output_failed ? IL_CLI_FAILED : IL_CLI_DONE;
}

static IlCliStatus
run_scenario (const IlRecorderOptions *options, const Arguments *arguments)
{
  Run self = { .shows_progress = isatty (STDERR_FILENO) == 1 };
  IlCliStatus status;

  if (!il_cli_has_standard_output ())
    return il_cli_fail (&il_cli_run_command, _ ("standard output is closed: open it, e.g. by "
                                                ">/dev/null"));
  self.loop = g_main_loop_new (NULL, FALSE);
  self.recorder = il_recorder_new ();
  self.finder
      = il_finder_attach (il_session_get_timeline (il_recorder_get_session (self.recorder)));
  self.findings_version = il_finder_get_version (self.finder);
  self.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (self.recorder, "problem", G_CALLBACK (problem_cb), &self);
  g_signal_connect (self.recorder, "ended", G_CALLBACK (ended_cb), &self);
  take_signals (&self);
  il_recorder_start (self.recorder, options);
  watch (&self);
  status = finish (&self, arguments);

  g_signal_handlers_disconnect_by_data (self.recorder, &self);
  g_object_unref (self.recorder);
  g_hash_table_unref (self.told);
  g_ptr_array_unref (self.sources);
  g_main_loop_unref (self.loop);
  g_clear_error (&self.error);
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
      || !parse_options (arguments, &options, &error))
    return il_cli_misuse (command, error->message);

  options.scenario = positional[0];
  options.model = arguments->model;
  options.settings = (const char *const *)arguments->settings;
  options.output_path = arguments->output;
  return run_scenario (&options, arguments);
}

static IlCliStatus
run (int argc, char **argv)
{
  Arguments arguments = { 0 };
  IlCliStatus status = parse_and_run (&arguments, argc, argv);

  clear_arguments (&arguments);
  return status;
}

const IlCliCommand il_cli_run_command = {
  "run",
  "SCENARIO",
  N_ ("Runs a scenario, bundled or of a file, records it and prints its figures."),
  run,
};
