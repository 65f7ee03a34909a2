/* il-recording-control.c - a recording's talk: with the runner, and with the recorder's thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-recording-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_MS G_GINT64_CONSTANT (1000000)

/* A runner that was told to stop, or says that it has ended, is given so long without a word … */
#define PATIENCE_NS (2 * G_GINT64_CONSTANT (1000000000))
/* … and so long in all. */
#define PATIENCE_LIMIT_NS (10 * G_GINT64_CONSTANT (1000000000))

/* --- from any thread */

static void
wake (IlRecording *self)
{
  const uint64_t one = 1;

  /* It can only fail since the counter is not zero by far: the thread is awake then. */
  while (write (self->wake_fd, &one, sizeof one) < 0 && errno == EINTR)
    ;
}

/**
 * il_recording_command:
 * @line: for the runner; it is sent once the run has started
 */
void
il_recording_command (IlRecording *self, const char *line)
{
  pthread_mutex_lock (&self->lock);
  g_queue_push_tail (&self->commands, g_strdup (line));
  pthread_mutex_unlock (&self->lock);
  wake (self);
}

/**
 * il_recording_stop:
 * @abandon: kill what runs and come to the end at once
 */
void
il_recording_stop (IlRecording *self, gboolean abandon)
{
  pthread_mutex_lock (&self->lock);
  self->stop_wanted = TRUE;
  self->abandoned |= abandon;
  pthread_mutex_unlock (&self->lock);
  wake (self);
}

/**
 * il_recording_get_status:
 */
void
il_recording_get_status (IlRecording *self, IlRecorderStatus *status)
{
  pthread_mutex_lock (&self->lock);
  *status = self->status;
  pthread_mutex_unlock (&self->lock);
}

/**
 * il_recording_take_news:
 *
 * Returns: (transfer full) (nullable): the oldest not taken so far
 */
IlNews *
il_recording_take_news (IlRecording *self)
{
  IlNews *news;

  pthread_mutex_lock (&self->lock);
  news = g_queue_pop_head (&self->news);
  pthread_mutex_unlock (&self->lock);
  return news;
}

/**
 * il_news_free:
 */
void
il_news_free (IlNews *news)
{
  if (news == NULL)
    return;

  g_clear_error (&news->error);
  g_free (news);
}

/* --- from the recording's thread */

/**
 * il_recording_is_abandoned:
 */
gboolean
il_recording_is_abandoned (IlRecording *self)
{
  gboolean result;

  pthread_mutex_lock (&self->lock);
  result = self->abandoned;
  pthread_mutex_unlock (&self->lock);
  return result;
}

/**
 * il_recording_is_stop_wanted:
 */
gboolean
il_recording_is_stop_wanted (IlRecording *self)
{
  gboolean result;

  pthread_mutex_lock (&self->lock);
  result = self->stop_wanted;
  pthread_mutex_unlock (&self->lock);
  return result;
}

/**
 * il_recording_set_state:
 */
void
il_recording_set_state (IlRecording *self, IlRecorderState state)
{
  gboolean changed;

  pthread_mutex_lock (&self->lock);
  changed = self->status.state != state;
  self->status.state = state;
  pthread_mutex_unlock (&self->lock);
  if (changed)
    il_recording_tell (self, IL_NEWS_STATE_CHANGED, NULL);
}

/**
 * il_recording_tell_problem:
 * @message: for the user
 */
void
il_recording_tell_problem (IlRecording *self, IlRecorderError code, const char *message)
{
  il_recording_tell (self, IL_NEWS_PROBLEM,
                     g_error_new_literal (IL_RECORDER_ERROR, (int)code, message));
}

/* --- what the runner says */

static void
hear_duration (IlRecording *self, const char *rest)
{
  gint64 planned_ns;

  if (!g_ascii_string_to_signed (rest, 10, 0, G_MAXINT64, &planned_ns, NULL))
    return;
  pthread_mutex_lock (&self->lock);
  self->status.planned_ns = planned_ns;
  pthread_mutex_unlock (&self->lock);
}

static void
hear_info (IlRecording *self, const char *rest)
{
  const char *space = strchr (rest, ' ');
  g_autofree char *key = NULL;

  if (space == NULL)
    return;
  key = g_strndup (rest, (gsize)(space - rest));
  if (strcmp (key, "duration_ns") == 0)
    hear_duration (self, space + 1);
  if (strcmp (key, "model") == 0 && self->model == NULL)
    self->model = g_strdup (space + 1);
  il_recording_note_info (self, key, space + 1);
}

static void
hear_ready (IlRecording *self, const char *rest)
{
  self->ready = TRUE;
}

static void
hear_running (IlRecording *self, const char *rest)
{
  if (!self->stop_sent)
    il_recording_set_state (self, IL_RECORDER_RUNNING);
}

static void
hear_paused (IlRecording *self, const char *rest)
{
  guint64 number;

  if (self->stop_sent)
    return;
  il_recording_set_state (self, IL_RECORDER_PAUSED);
  if (g_ascii_string_to_unsigned (rest, 10, 0, G_MAXUINT, &number, NULL))
    il_recording_tell_worker (self, IL_NEWS_STEPPED, (guint)number, 1);
}

static void
hear_garbage (IlRecording *self, const char *line)
{
  g_autofree char *message = NULL;

  if (self->garbled)
    return;
  self->garbled = TRUE;
  if (line == NULL)
    message = g_strdup (_ ("The runner sent a line that is too long or no text; it is ignored"));
  else
    message = g_strdup_printf (
        _ ("The runner sent “%.80s”, which nobody understands; it is ignored"), line);
  il_recording_tell_problem (self, IL_RECORDER_ERROR_RUNNER, message);
}

/* Of a program: with how many nanoseconds it still has. */
static void
hear_stopping (IlRecording *self, const char *rest)
{
  guint64 left_ns = 0;

  if (*rest != '\0' && !g_ascii_string_to_unsigned (rest, 10, 0, G_MAXINT64, &left_ns, NULL))
    hear_garbage (self, rest);
  pthread_mutex_lock (&self->lock);
  self->status.kill_in_ns = (gint64)left_ns;
  pthread_mutex_unlock (&self->lock);
  il_recording_set_state (self, IL_RECORDER_STOPPING);
}

static gboolean
parse_counts (const char *rest, guint64 counts[5])
{
  g_auto (GStrv) numbers = g_strsplit (rest, " ", 6);

  if (g_strv_length (numbers) != 5)
    return FALSE;
  for (guint i = 0; i < 5; i++)
    if (!g_ascii_string_to_unsigned (numbers[i], 10, 0, G_MAXUINT64, &counts[i], NULL))
      return FALSE;
  return TRUE;
}

static void
hear_counts (IlRecording *self, const char *rest)
{
  guint64 counts[5];

  if (!parse_counts (rest, counts))
    {
      hear_garbage (self, rest);
      return;
    }
  pthread_mutex_lock (&self->lock);
  self->status.submitted = counts[0];
  self->status.done = counts[1];
  self->status.failed = counts[2];
  self->status.cancelled = counts[3];
  self->status.lost = counts[4];
  pthread_mutex_unlock (&self->lock);
}

static void
hear_hit (IlRecording *self, const char *rest)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 3);
  guint64 number, count;

  if (g_strv_length (words) == 2
      && g_ascii_string_to_unsigned (words[0], 10, 1, G_MAXUINT, &number, NULL)
      && g_ascii_string_to_unsigned (words[1], 10, 0, G_MAXUINT, &count, NULL))
    il_recording_tell_worker (self, IL_NEWS_HIT, (guint)number, (guint)count);
  else
    hear_garbage (self, rest);
}

/* The trace has it, too, with its time. */
static void
hear_worker_lost (IlRecording *self, const char *rest)
{
}

static void
hear_turned (IlRecording *self, const char *rest)
{
  g_auto (GStrv) words = g_strsplit (rest, " ", 3);
  gint64 time_ns;

  if (g_strv_length (words) == 3
      && g_ascii_string_to_signed (words[0], 10, 0, G_MAXINT64, &time_ns, NULL))
    il_recording_add_knob_change (self, MAX (time_ns - self->origin_ns, 0), words[1], words[2]);
  else
    hear_garbage (self, rest);
}

static void
hear_refused (IlRecording *self, const char *rest)
{
  il_recording_tell_problem (self, IL_RECORDER_ERROR_REFUSED, rest);
}

/* The run goes on. */
static void
hear_trouble (IlRecording *self, const char *rest)
{
  il_recording_add_note (self, rest);
  il_recording_tell_problem (self, IL_RECORDER_ERROR_RUNNER, rest);
}

static void
hear_error (IlRecording *self, const char *rest)
{
  g_free (self->said_error);
  self->said_error = g_strdup (rest);
}

/* How the program ended that the runner has started. */
static void
hear_end_of_program (IlRecording *self, IlProgramEnd end, const char *rest)
{
  guint64 status;

  if (self->command != NULL && g_ascii_string_to_unsigned (rest, 10, 0, 255, &status, NULL))
    il_recording_note_end (self, end, (guint)status);
  else
    hear_garbage (self, rest);
}

static void
hear_exited (IlRecording *self, const char *rest)
{
  hear_end_of_program (self, IL_PROGRAM_EXITED, rest);
}

/* "core" behind the number: its memory was kept in a file. */
static void
hear_signalled (IlRecording *self, const char *rest)
{
  g_autofree char *number = g_strdup (rest);

  self->has_dumped_core = g_str_has_suffix (number, " core");
  if (self->has_dumped_core)
    number[strlen (number) - strlen (" core")] = '\0';
  hear_end_of_program (self, IL_PROGRAM_KILLED, number);
}

/* It was stopped, as by Ctrl+Z.  Where it is in our place, whoever waits for us is to see that. */
static void
hear_suspended (IlRecording *self, const char *rest)
{
  guint64 pid;

  if (!g_ascii_string_to_unsigned (rest, 10, 1, G_MAXINT32, &pid, NULL))
    hear_garbage (self, rest);
  else if (self->is_in_place)
    il_recording_tell_worker (self, IL_NEWS_SUSPENDED, (guint)pid, 0);
}

/* "N NAMES": how many processes, and what they are called.  0: it is something else. */
static int
hear_processes (IlRecording *self, const char *rest, const char **names)
{
  guint64 n;
  const char *blank = strchr (rest, ' ');
  g_autofree char *number = g_strndup (rest, blank != NULL ? (gsize)(blank - rest) : 0);

  if (blank == NULL || !g_ascii_string_to_unsigned (number, 10, 1, G_MAXINT, &n, NULL))
    {
      hear_garbage (self, rest);
      return 0;
    }
  *names = blank + 1;
  return (int)n;
}

/* How many processes go on although the program has ended, and what they are called. */
static void
hear_left (IlRecording *self, const char *rest)
{
  g_autofree char *message = NULL;
  const char *names;
  int n = hear_processes (self, rest, &names);

  if (n == 0)
    return;
  /* Translators: how many processes, and their names */
  message = g_strdup_printf (ngettext ("the program has ended, but %d process that it started goes "
                                       "on and is recorded until it ends, too: %s",
                                       "the program has ended, but %d processes that it started go "
                                       "on and are recorded until they end, too: %s",
                                       (gulong)n),
                             n, names);
  il_recording_tell_problem (self, IL_RECORDER_ERROR_LEFT, message);
}

/* How many processes did not end when they were asked to, and what they are called. */
static void
hear_killing (IlRecording *self, const char *rest)
{
  g_autofree char *note = NULL;
  const char *names;
  int n = hear_processes (self, rest, &names);

  if (n == 0)
    return;
  pthread_mutex_lock (&self->lock);
  self->status.kill_in_ns = 0;
  self->status.n_killed = (guint)n;
  pthread_mutex_unlock (&self->lock);
  /* Translators: how many processes, and their names */
  note = g_strdup_printf (
      ngettext ("%d process did not end when it was asked to (SIGTERM) and was killed: %s",
                "%d processes did not end when they were asked to (SIGTERM) and were killed: %s",
                (gulong)n),
      n, names);
  il_recording_add_note (self, note);
}

static void
hear_ended (IlRecording *self, const char *rest)
{
  g_free (self->end_word);
  self->end_word = g_strdup (rest);
  self->patience_ns = MIN (self->patience_ns, il_clock_monotonic_ns () + PATIENCE_NS);
  self->patience_limit_ns = MIN (self->patience_limit_ns, il_clock_monotonic_ns () + PATIENCE_NS);
}

static const struct
{
  const char *word;
  void (*hear) (IlRecording *self, const char *rest);
} words[] = {
  { "info", hear_info },           { "ready", hear_ready },
  { "running", hear_running },     { "paused", hear_paused },
  { "stopping", hear_stopping },   { "counts", hear_counts },
  { "refused", hear_refused },     { "worker-lost", hear_worker_lost },
  { "error", hear_error },         { "ended", hear_ended },
  { "trouble", hear_trouble },     { "hit", hear_hit },
  { "turned", hear_turned },       { "exited", hear_exited },
  { "signalled", hear_signalled }, { "left", hear_left },
  { "suspended", hear_suspended }, { "killing", hear_killing },
};

static void
hear_line (const char *line, gpointer data)
{
  IlRecording *self = data;

  if (self->stop_sent)
    self->patience_ns = MIN (il_clock_monotonic_ns () + PATIENCE_NS, self->patience_limit_ns);
  for (guint i = 0; line != NULL && i < G_N_ELEMENTS (words); i++)
    {
      size_t length = strlen (words[i].word);

      if (strncmp (line, words[i].word, length) != 0)
        continue;
      if (line[length] == '\0' || line[length] == ' ')
        {
          words[i].hear (self, line + length + (line[length] == ' '));
          return;
        }
    }
  hear_garbage (self, line);
}

/* --- what it is told */

static void
send_stop (IlRecording *self)
{
  gint64 now_ns = il_clock_monotonic_ns ();

  il_runner_send (self->runner, "stop");
  self->stop_sent = TRUE;
  self->patience_limit_ns = now_ns + PATIENCE_LIMIT_NS;
  self->patience_ns = now_ns + PATIENCE_NS;
  il_recording_set_state (self, IL_RECORDER_STOPPING);
}

static void
send_commands (IlRecording *self)
{
  GQueue commands;

  pthread_mutex_lock (&self->lock);
  commands = self->commands;
  g_queue_init (&self->commands);
  pthread_mutex_unlock (&self->lock);

  for (char *line; (line = g_queue_pop_head (&commands)) != NULL;)
    {
      il_runner_send (self->runner, line);
      g_free (line);
    }
}

/* Who wakes us has set something to be looked at. */
static void
empty_wake_fd (IlRecording *self)
{
  uint64_t n_wakes;

  while (read (self->wake_fd, &n_wakes, sizeof n_wakes) < 0 && errno == EINTR)
    ;
}

static void
obey (IlRecording *self)
{
  empty_wake_fd (self);
  if (il_recording_is_abandoned (self) || (il_recording_is_stop_wanted (self) && !self->begun))
    {
      il_runner_kill (self->runner);
      return;
    }
  if (!self->begun)
    return;
  send_commands (self);
  if (il_recording_is_stop_wanted (self) && !self->stop_sent)
    send_stop (self);
}

/* A program has no end of its own to be planned by the runner.  It is stopped once: who wakes
 * itself on each round would not sleep until all has ended. */
static void
check_duration (IlRecording *self)
{
  if (self->duration_ns > 0 && self->begun && !il_recording_is_stop_wanted (self)
      && il_clock_monotonic_ns () - self->origin_ns >= self->duration_ns)
    il_recording_stop (self, FALSE);
}

/* One that does not end although it was told to, or said so, is ended. */
static void
lose_patience (IlRecording *self)
{
  gint64 now_ns = il_clock_monotonic_ns ();

  if (il_runner_get_control_fd (self->runner) < 0 && self->patience_ns == G_MAXINT64)
    self->patience_ns = now_ns + PATIENCE_NS;
  if (now_ns < self->patience_ns || self->overdue)
    return;
  self->overdue = TRUE;
  il_runner_kill (self->runner);
}

/* Whether there is something to hear or to obey. */
static gboolean
wait_once (IlRecording *self, IlRunnerOutput *output, gint64 now_ns, gint64 until_ns)
{
  short write_events = il_runner_has_unsent (self->runner) ? POLLOUT : 0;
  int timeout_ms = (int)((until_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS);
  struct pollfd fds[] = {
    { .fd = self->wake_fd, .events = POLLIN },
    { .fd = il_runner_get_control_fd (self->runner), .events = (short)(POLLIN | write_events) },
    { .fd = output != NULL ? il_runner_output_get_fd (output, now_ns) : -1, .events = POLLIN },
  };

  poll (fds, G_N_ELEMENTS (fds),
        output != NULL ? il_runner_output_limit_wait (output, now_ns, timeout_ms) : timeout_ms);
  return (fds[0].revents | fds[1].revents) != 0;
}

/* Reads meanwhile what it prints, which is no reason to look at all else. */
static void
wait_for_runner (IlRecording *self, int timeout_ms)
{
  IlRunnerOutput *output = il_runner_get_output (self->runner);
  gint64 now_ns = il_clock_monotonic_ns ();
  gint64 until_ns = now_ns + timeout_ms * NS_PER_MS;

  while (!wait_once (self, output, now_ns, until_ns)
         && (now_ns = il_clock_monotonic_ns ()) < until_ns)
    if (output != NULL)
      il_runner_output_collect (output, now_ns);
}

static void
converse_with_runner (IlRecording *self, int timeout_ms)
{
  IlRunnerOutput *output = il_runner_get_output (self->runner);
  gboolean exited;

  wait_for_runner (self, timeout_ms);
  /* First look, then read: what it said before it died is not missed. */
  exited = il_runner_has_exited (self->runner);
  il_runner_flush (self->runner);
  il_runner_receive (self->runner, hear_line, self);
  if (output != NULL)
    {
      il_runner_output_collect (output, il_clock_monotonic_ns ());
      il_recording_keep_output (self);
    }
  if (exited)
    {
      self->exited = TRUE;
      self->exit_ns = il_clock_monotonic_ns ();
      return;
    }
  obey (self);
  lose_patience (self);
}

/**
 * il_recording_converse:
 * @timeout_ms: waits so long at most for something to hear or to obey
 *
 * Hears the runner and passes commands on.  Sets exited once the runner is dead.
 */
void
il_recording_converse (IlRecording *self, int timeout_ms)
{
  check_duration (self);
  if (self->runner != NULL)
    converse_with_runner (self, timeout_ms);
  else
    il_recording_watch_process (self, timeout_ms);
}
