/* il-recording.c - a recording from its start to its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-recording-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "il-runner-path.h"

/* The runner parses a file and measures how fast it can burn time, perhaps on a busy machine. */
#define READY_TIMEOUT_NS (30 * G_GINT64_CONSTANT (1000000000))
#define READY_LOOK_MS 100

/* As the runner's main.c has it: a value of an option is wrong. */
#define RUNNER_EXIT_USAGE 2

/* --- made and freed by any thread */

static void
add_option (GPtrArray *arguments, const char *option, const char *value)
{
  g_ptr_array_add (arguments, g_strdup (option));
  g_ptr_array_add (arguments, g_strdup (value));
}

static void
add_number_option (GPtrArray *arguments, const char *option, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  if (value >= 0)
    add_option (arguments, option, text);
}

static char **
runner_arguments (const IlRecorderOptions *options)
{
  GPtrArray *arguments = g_ptr_array_new ();

  if (options->scenario == NULL)
    {
      g_ptr_array_add (arguments, NULL);
      return (char **)g_ptr_array_free (arguments, FALSE);
    }
  if (options->model != NULL)
    add_option (arguments, "--model", options->model);
  add_number_option (arguments, "--workers", options->workers);
  add_number_option (arguments, "--tasks", options->tasks);
  if (options->duration_ns >= 0)
    {
      char seconds[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (seconds, sizeof seconds, "%.9f", (double)options->duration_ns / 1e9);
      add_option (arguments, "--duration", seconds);
    }
  add_number_option (arguments, "--seed", options->seed);
  for (guint i = 0; options->settings != NULL && options->settings[i] != NULL; i++)
    add_option (arguments, "--set", options->settings[i]);
  g_ptr_array_add (arguments, il_runner_quote_scenario (options->scenario));
  g_ptr_array_add (arguments, NULL);
  return (char **)g_ptr_array_free (arguments, FALSE);
}

static void
copy_program (IlRecording *self, const IlRecorderOptions *options)
{
  self->command = g_strdupv ((char **)options->command);
  self->process = options->process;
  self->directory = g_strdup (options->directory);
  self->environment
      = options->environment != NULL ? g_strdupv ((char **)options->environment) : g_get_environ ();
  self->has_locks = options->scenario != NULL || (options->command != NULL && !options->no_locks);
  self->is_in_place = options->signals != NULL;
  if (options->signals != NULL)
    self->signals = *options->signals;
  self->closed_fds = options->closed_fds;
  self->duration_ns = options->scenario == NULL ? MAX (options->duration_ns, 0) : 0;
}

/**
 * il_recording_new:
 * @owner: the recorder whose signals tell of it; not kept alive
 * @options: copied
 * @session: that it fills
 *
 * Makes a recording; its thread is still to be started.  News are delivered in the thread-default
 * main context of the owner, which is set afterwards, before the thread.
 */
IlRecording *
il_recording_new (gpointer owner, const IlRecorderOptions *options, IlSession *session)
{
  IlRecording *self = g_new0 (IlRecording, 1);

  g_atomic_ref_count_init (&self->n_references);
  g_weak_ref_init (&self->owner, owner);
  self->session = il_session_ref (session);
  self->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->process_fd = -1;
  self->output = g_string_new (NULL);
  self->scenario = g_strdup (options->scenario);
  copy_program (self, options);
  self->arguments = runner_arguments (options);
  self->settings
      = options->settings == NULL ? g_strdup ("") : g_strjoinv ("\n", (char **)options->settings);
  self->output_path = g_strdup (options->output_path);
  self->force_sampling = options->force_sampling;

  pthread_mutex_init (&self->lock, NULL);
  g_queue_init (&self->commands);
  g_queue_init (&self->news);
  self->facts = g_ptr_array_new_with_free_func (g_free);
  self->dead = g_array_new (FALSE, FALSE, sizeof (pid_t));
  self->patience_ns = G_MAXINT64;
  self->patience_limit_ns = G_MAXINT64;
  return self;
}

/**
 * il_recording_ref:
 */
IlRecording *
il_recording_ref (IlRecording *self)
{
  g_atomic_ref_count_inc (&self->n_references);
  return self;
}

/**
 * il_recording_unref:
 */
void
il_recording_unref (IlRecording *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->n_references))
    return;

  g_clear_pointer (&self->context, g_main_context_unref);
  g_weak_ref_clear (&self->owner);
  il_session_unref (self->session);
  close (self->wake_fd);
  if (self->process_fd >= 0)
    close (self->process_fd);
  g_free (self->scenario);
  g_strfreev (self->command);
  g_strfreev (self->environment);
  g_free (self->directory);
  g_strfreev (self->arguments);
  g_free (self->settings);
  g_free (self->output_path);
  g_string_free (self->output, TRUE);
  pthread_mutex_destroy (&self->lock);
  g_queue_clear_full (&self->commands, g_free);
  g_queue_clear_full (&self->news, (GDestroyNotify)il_news_free);
  g_ptr_array_unref (self->facts);
  g_array_unref (self->dead);
  g_clear_pointer (&self->memory, g_hash_table_unref);
  g_clear_pointer (&self->absent, g_hash_table_unref);
  g_free (self->end_word);
  g_free (self->model);
  g_free (self->said_error);
  g_free (self);
}

/* --- the thread, from here on */

static gboolean
open_trace (IlRecording *self, GError **error)
{
  const char *directories[] = { g_getenv ("XDG_RUNTIME_DIR"), "/dev/shm", g_get_tmp_dir () };
  const char *first = NULL;
  int first_errno = 0;

  for (guint i = 0; i < G_N_ELEMENTS (directories) && self->reader == NULL; i++)
    {
      if (directories[i] == NULL || directories[i][0] != '/')
        continue;
      self->reader = il_trace_reader_new_nameless (directories[i], 0, 0);
      if (self->reader == NULL && first == NULL)
        {
          first = directories[i];
          first_errno = errno;
        }
    }
  if (self->reader == NULL)
    {
      g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_TRACE,
                   _ ("No memory can be shared with the runner: %s: %s; set XDG_RUNTIME_DIR to a "
                      "directory of yours with free space, or raise the limit of address space "
                      "(ulimit -v)"),
                   first, g_strerror (first_errno));
      return FALSE;
    }
  il_clock_map_init (&self->clock, il_trace_reader_get_source (self->reader));
  return TRUE;
}

static gboolean
start_runner (IlRecording *self, GError **error)
{
  gint64 give_up_ns = il_clock_monotonic_ns () + READY_TIMEOUT_NS;
  const IlRunnerSpawn what = {
    .mode = self->scenario != NULL ? "run" : "trace",
    .arguments = (const char *const *)self->arguments,
    .environment = (const char *const *)self->environment,
    .trace_path = self->has_locks ? il_trace_reader_get_path (self->reader) : NULL,
    .trace_fd = self->has_locks ? il_trace_reader_get_fd (self->reader) : -1,
    .signals = self->is_in_place ? &self->signals : NULL,
  };

  self->runner = il_runner_spawn (&what, error);
  if (self->runner == NULL)
    return FALSE;

  while (!self->ready && !self->exited)
    {
      il_recording_converse (self, READY_LOOK_MS);
      if (il_clock_monotonic_ns () > give_up_ns)
        il_runner_kill (self->runner);
    }
  return !self->exited;
}

static void
begin (IlRecording *self)
{
  il_recording_open_probes (self);
  il_recording_open_assembler (self);
  self->begun = TRUE;
  if (self->runner != NULL)
    il_runner_send (self->runner, "start");
  else
    {
      il_recording_add_present (self);
      il_recording_set_state (self, IL_RECORDER_RUNNING);
    }
}

static void
record (IlRecording *self)
{
  while (!self->exited)
    {
      il_recording_converse (self, (int)self->nap_ms);
      il_recording_drain (self);
    }
}

static char *
signal_name (int number)
{
  const char *name = sigabbrev_np (number);

  return name != NULL ? g_strdup_printf ("%d (SIG%s)", number, name)
                      : g_strdup_printf ("%d", number);
}

/* The name that a worker has in the recording, 0 being the submitter. */
static const char *
find_worker_name (IlRecording *self, guint number)
{
  const IlTimeline *timeline = il_session_get_timeline (self->session);
  IlLaneRole role = number == 0 ? IL_LANE_ROLE_SUBMITTER : IL_LANE_ROLE_WORKER;

  for (guint i = il_timeline_get_n_lanes (timeline); i-- > 0;)
    {
      const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, i));

      if (info->kind == IL_LANE_THREAD && info->role == role
          && (number == 0 || info->number == number))
        return info->name;
    }
  return "?";
}

/* How old the recording was when the program ended, or that was noticed: "1.5 s", "7.3 ms". */
static char *
format_age (const IlRecording *self)
{
  gint64 death_ns;
  double age_ns = (double)(self->exit_ns - self->origin_ns);

  if (!self->overdue && il_assembler_find_death (self->assembler, &death_ns))
    age_ns = (double)MIN (death_ns, self->exit_ns - self->origin_ns);
  if (age_ns >= 1e9)
    return g_strdup_printf (_ ("%.1f s"), age_ns / 1e9);
  return g_strdup_printf (_ ("%.1f ms"), age_ns / 1e6);
}

/* The scenario said so: that is no fault of the runner. */
static GError *
new_crash_error (IlRecording *self, const IlAssemblerCrash *crash)
{
  const IlTimeline *timeline = il_session_get_timeline (self->session);
  g_autofree char *age = format_age (self);

  /* Translators: a kind of task, a worker, a length of time, a number of a line, the name of a
   * model */
  return g_error_new (
      IL_RECORDER_ERROR, IL_RECORDER_ERROR_TARGET,
      _ ("task %s crashed on %s after %s, as its step “crash” (line %u) says; under the model "
         "%s that ends the whole program, under processes only the worker dies; the recording up "
         "to then is kept"),
      il_timeline_get_object_name (timeline, crash->kind),
      find_worker_name (self, IL_RECORD_CRASH_WORKER (crash->value)), age,
      IL_RECORD_CRASH_LINE (crash->value), self->model != NULL ? self->model : "?");
}

static GError *
new_death_error (IlRecording *self, const IlRunnerExit *how)
{
  const char *words = il_runner_get_last_words (self->runner);
  g_autofree char *age = format_age (self);
  g_autofree char *number = signal_name (how->status);

  if (self->overdue)
    return g_error_new (IL_RECORDER_ERROR, IL_RECORDER_ERROR_TARGET,
                        _ ("the runner did not end when it should and was killed after %s; "
                           "the recording up to then is kept"),
                        age);
  if (how->by_signal && il_assembler_get_crash (self->assembler) != NULL)
    return new_crash_error (self, il_assembler_get_crash (self->assembler));
  if (how->by_signal)
    return g_error_new (IL_RECORDER_ERROR, IL_RECORDER_ERROR_TARGET,
                        _ ("the runner was killed by signal %s after %s; the recording up to "
                           "then is kept"),
                        number, age);
  return g_error_new (IL_RECORDER_ERROR, IL_RECORDER_ERROR_TARGET,
                      _ ("the runner failed with status %d after %s%s%s; the recording up to "
                         "then is kept"),
                      how->status, age, words[0] != '\0' ? ": " : "", words);
}

static GError *
new_refusal (IlRecording *self, const IlRunnerExit *how)
{
  const char *words
      = self->said_error != NULL ? self->said_error : il_runner_get_last_words (self->runner);
  g_autofree char *number = signal_name (how->status);

  if (how->by_signal)
    return g_error_new (IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                        _ ("the runner was killed by signal %s before it was ready%s%s"), number,
                        words[0] != '\0' ? ": " : "", words);
  if (words[0] != '\0')
    return g_error_new_literal (IL_RECORDER_ERROR,
                                self->command != NULL              ? IL_RECORDER_ERROR_COMMAND
                                : how->status == RUNNER_EXIT_USAGE ? IL_RECORDER_ERROR_SETTING
                                                                   : IL_RECORDER_ERROR_SCENARIO,
                                words);
  return g_error_new (IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                      _ ("the runner ended with status %d before it was ready, and does not say "
                         "why"),
                      how->status);
}

/* NULL where it ended as it should. */
static GError *
explain_exit (IlRecording *self, const IlRunnerExit *how)
{
  if (il_recording_is_abandoned (self))
    return NULL;
  if (!self->begun)
    return il_recording_is_stop_wanted (self) ? NULL : new_refusal (self, how);
  if (self->said_error != NULL && !how->by_signal)
    return g_error_new_literal (IL_RECORDER_ERROR,
                                self->command != NULL ? IL_RECORDER_ERROR_COMMAND
                                                      : IL_RECORDER_ERROR_TARGET,
                                self->said_error);
  if (!how->by_signal && how->status == 0 && self->end_word != NULL)
    return NULL;
  return new_death_error (self, how);
}

static char *
end_reason (IlRecording *self, const IlRunnerExit *how)
{
  if (self->end_word != NULL && !how->by_signal && how->status == 0)
    return il_recording_describe_end (self);
  if (il_recording_is_abandoned (self) || self->overdue)
    return g_strdup ("stopped, runner killed");
  if (how->by_signal && self->begun && il_assembler_get_crash (self->assembler) != NULL)
    return g_strdup ("crashed, as a step says");
  if (how->by_signal)
    return g_strdup_printf ("runner killed by signal %d", how->status);
  return g_strdup_printf ("runner failed with status %d", how->status);
}

/* How many events an error has cost is known only now, also where it was told of before. */
static void
close_output (IlRecording *self)
{
  g_autoptr (GError) error = NULL;

  if (self->writer == NULL)
    return;
  if (!il_session_writer_close (g_steal_pointer (&self->writer), &error))
    il_recording_tell_problem (self, IL_RECORDER_ERROR_OUTPUT, error->message);
}

static void
keep_last_output (IlRecording *self)
{
  IlRunnerOutput *output = il_runner_get_output (self->runner);

  if (output == NULL)
    return;
  il_runner_output_collect_rest (output);
  il_recording_keep_output (self);
}

static GError *
wind_up (IlRecording *self)
{
  IlRunnerExit how = { 0 };
  GError *error;

  if (self->runner != NULL)
    {
      how = il_runner_reap (self->runner);
      keep_last_output (self);
    }
  /* One that was killed left behind what it looked after. */
  if (self->command != NULL && self->begun)
    il_recording_end_processes (self);

  if (self->begun)
    {
      g_autofree char *end = NULL;

      /* What we killed ourselves ended with the run. */
      if (self->scenario != NULL && how.by_signal && !self->overdue
          && !il_recording_is_abandoned (self))
        il_assembler_set_death (self->assembler, (guint)how.status);
      il_recording_drain_rest (self);
      end = end_reason (self, &how);
      il_recording_set_last_facts (self, end);
    }
  error = explain_exit (self, &how);
  close_output (self);
  return error;
}

static void
free_tools (IlRecording *self)
{
  g_clear_pointer (&self->runner, il_runner_free);
  g_clear_pointer (&self->assembler, il_assembler_free);
  g_clear_pointer (&self->perf, il_perf_probe_free);
  g_clear_pointer (&self->proc, il_proc_probe_free);
  g_clear_pointer (&self->cores, il_core_probe_free);
  g_clear_pointer (&self->names, il_object_names_free);
  g_clear_pointer (&self->builder, il_timeline_builder_free);
  g_clear_pointer (&self->reader, il_trace_reader_free);
}

static void
run (IlRecording *self, GError **error)
{
  if (self->scenario == NULL && !il_recording_prepare_program (self, error))
    return;
  if (!open_trace (self, error))
    return;
  il_recording_set_first_facts (self);
  if (self->process == 0 && !start_runner (self, error))
    {
      if (self->runner != NULL)
        *error = wind_up (self);
      return;
    }
  if (!il_recording_open_output (self, error))
    return;
  begin (self);
  record (self);
  *error = wind_up (self);
}

/**
 * il_recording_thread:
 * @data: (transfer full): the recording
 *
 * The body of a recording's thread.
 */
gpointer
il_recording_thread (gpointer data)
{
  IlRecording *self = data;
  GError *error = NULL;

  self->builder = il_timeline_builder_new (il_session_get_timeline (self->session));
  self->names = il_object_names_new (il_recording_rename_object, self);
  run (self, &error);
  free_tools (self);
  il_recording_set_state (self, IL_RECORDER_ENDED);
  il_recording_tell (self, IL_NEWS_ENDED, error);
  il_recording_unref (self);
  return NULL;
}
