/* il-recording-program.c - what is different where a program is recorded that is not ours
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Either the runner starts it and looks after all that comes of it, or it runs already and is only
 * looked at: then there is no runner.
 */

#include "config.h"

#include "il-recording-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "il-process-name.h"
#include "il-process-tree.h"
#include "il-program.h"
#include "il-runner-path.h"

#ifndef PIDFD_NONBLOCK
#define PIDFD_NONBLOCK O_NONBLOCK
#endif

/* What a killed runner looked after is dead within that, unless the kernel does not let it go. */
#define END_PATIENCE_NS (2 * G_GINT64_CONSTANT (1000000000))
#define END_LOOK_MS 5

/* More kinds of programs that do not join are not told one by one. */
#define MAX_ABSENT 5

/* --- a command */

static gboolean
is_plain (const char *word)
{
  return *word != '\0'
         && strspn (word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                          "_-./=:,+@%^")
                == strlen (word);
}

/* As it would be typed into a shell. */
static char *
describe_command (char **command)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; command[i] != NULL; i++)
    {
      g_autofree char *quoted
          = is_plain (command[i]) ? g_strdup (command[i]) : g_shell_quote (command[i]);

      if (i > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, quoted);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_argument (GPtrArray *arguments, const char *word)
{
  g_ptr_array_add (arguments, g_strdup (word));
}

static void
set_arguments (IlRecording *self, const char *preload)
{
  GPtrArray *arguments = g_ptr_array_new ();

  if (preload != NULL)
    {
      add_argument (arguments, "--preload");
      add_argument (arguments, preload);
    }
  if (self->directory != NULL)
    {
      add_argument (arguments, "--directory");
      add_argument (arguments, self->directory);
    }
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if ((self->closed_fds & 1u << fd) != 0)
      {
        g_ptr_array_add (arguments, g_strdup ("--close"));
        g_ptr_array_add (arguments, g_strdup_printf ("%d", fd));
      }
  add_argument (arguments, "--");
  for (guint i = 0; self->command[i] != NULL; i++)
    add_argument (arguments, self->command[i]);
  add_argument (arguments, NULL);
  g_strfreev (self->arguments);
  self->arguments = (char **)g_ptr_array_free (arguments, FALSE);
}

static gboolean
fail (GError **error, IlRecorderError code, const GError *reason)
{
  g_set_error_literal (error, IL_RECORDER_ERROR, (int)code, reason->message);
  return FALSE;
}

static gboolean
prepare_command (IlRecording *self, GError **error)
{
  const char *const *environment = (const char *const *)self->environment;
  g_autoptr (GError) reason = NULL;
  g_autofree char *preload = NULL;
  g_autofree char *title = describe_command (self->command);
  g_autofree char *path = il_program_find (self->command[0], self->directory, environment, &reason);

  if (path == NULL)
    return fail (error, IL_RECORDER_ERROR_COMMAND, reason);
  if (self->has_locks && !il_program_check_preload (path, self->directory, environment, &reason))
    return fail (error, IL_RECORDER_ERROR_NO_LOCKS, reason);
  if (self->has_locks)
    {
      preload = il_preload_find (error);
      if (preload == NULL)
        return FALSE;
    }
  set_arguments (self, preload);
  il_recording_set_fact (self, IL_META_TITLE, title);
  il_recording_set_fact (self, IL_META_COMMAND, title);
  if (self->directory != NULL)
    il_recording_set_fact (self, IL_META_DIRECTORY, self->directory);
  return TRUE;
}

/* --- what it prints */

/**
 * il_recording_keep_output:
 *
 * Puts what was read of it where anybody can take it.
 */
void
il_recording_keep_output (IlRecording *self)
{
  pthread_mutex_lock (&self->lock);
  self->n_forgotten += il_runner_output_move (il_runner_get_output (self->runner), self->output);
  pthread_mutex_unlock (&self->lock);
}

/* How many bytes at the end are the begin of a character that is not whole yet. */
static gsize
count_unfinished (const GString *text)
{
  for (gsize n = 1; n < 4 && n <= text->len; n++)
    {
      const char *begin = text->str + text->len - n;

      if (((guchar)*begin & 0xc0) == 0xc0)
        return g_utf8_get_char_validated (begin, (gssize)n) == (gunichar)-2 ? n : 0;
    }
  return 0;
}

/**
 * il_recording_take_output:
 * @n_forgotten: (out): see il_recorder_take_output()
 *
 * Returns: (transfer full): likewise
 */
char *
il_recording_take_output (IlRecording *self, guint64 *n_forgotten)
{
  gsize length;
  char *text;

  pthread_mutex_lock (&self->lock);
  length = self->output->len
           - (self->status.state == IL_RECORDER_ENDED ? 0 : count_unfinished (self->output));
  text = g_utf8_make_valid (self->output->str, (gssize)length);
  g_string_erase (self->output, 0, (gssize)length);
  *n_forgotten = self->n_forgotten;
  self->n_forgotten = 0;
  pthread_mutex_unlock (&self->lock);
  return text;
}

/* --- a process that runs already */

/* As each of its threads has them, but a first one that has left.  0 bytes: nobody knows them. */
static gsize
read_command_line (pid_t pid, char **text)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", (int)pid);
  g_autoptr (GDir) dir = g_dir_open (tasks, 0, NULL);
  gsize length = 0;
  const char *name;

  *text = NULL;
  while (length == 0 && dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (tasks, name, "cmdline", NULL);

      g_clear_pointer (text, g_free);
      if (!g_file_get_contents (path, text, &length, NULL))
        length = 0;
    }
  return length;
}

/* The words of its command line, or the kernel's name for it.  A process that writes its title over
 * them fills the rest with zeros, each of which looks like the end of an empty word. */
static char *
describe_process (pid_t pid)
{
  g_autofree char *name_path = g_strdup_printf ("/proc/%d/comm", (int)pid);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *text = NULL;
  gsize length = read_command_line (pid, &text);

  if (length > 0)
    {
      for (gsize i = 0; i < length; i += strlen (text + i) + 1)
        g_ptr_array_add (words, text + i);
      while (words->len > 1 && *(const char *)g_ptr_array_index (words, words->len - 1) == '\0')
        g_ptr_array_remove_index (words, words->len - 1);
      g_ptr_array_add (words, NULL);
      return describe_command ((char **)words->pdata);
    }
  g_free (g_steal_pointer (&text));
  return g_file_get_contents (name_path, &text, NULL, NULL) ? g_strdup (g_strchomp (text))
                                                            : g_strdup ("?");
}

/* All of its threads are gone, and only who started it has not asked how it ended. */
static gboolean
has_ended (int process_fd)
{
  struct pollfd end = { .fd = process_fd, .events = POLLIN };

  return poll (&end, 1, 0) == 1;
}

static gboolean
prepare_process (IlRecording *self, GError **error)
{
  g_autofree char *command = NULL;
  g_autofree char *title = NULL;

  /* Held from here on: the number cannot become another's unnoticed. */
  self->process_fd = (int)syscall (SYS_pidfd_open, self->process, 0);
  if (self->process_fd < 0 && errno == EINVAL)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_COMMAND,
                 _ ("%d is no process, but a thread of one"), (int)self->process);
  else if (self->process_fd < 0 && errno == ESRCH)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_COMMAND, _ ("There is no process %d"),
                 (int)self->process);
  else if (self->process_fd < 0)
    g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_COMMAND,
                 _ ("Process %d cannot be looked at: %s"), (int)self->process, g_strerror (errno));
  if (self->process_fd < 0)
    return FALSE;
  if (has_ended (self->process_fd))
    {
      g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_COMMAND,
                   _ ("Process %d has ended already"), (int)self->process);
      return FALSE;
    }
  command = describe_process (self->process);
  /* Translators: number of a process, and its command line */
  title = g_strdup_printf (_ ("process %d: %s"), (int)self->process, command);
  il_recording_set_fact (self, IL_META_TITLE, title);
  il_recording_set_fact (self, IL_META_COMMAND, command);
  return TRUE;
}

/**
 * il_recording_prepare_program:
 *
 * Looks whether the program can be recorded, before anything is started.
 *
 * Returns: FALSE and the reason
 */
gboolean
il_recording_prepare_program (IlRecording *self, GError **error)
{
  return self->command != NULL ? prepare_command (self, error) : prepare_process (self, error);
}

/**
 * il_recording_watch_process:
 * @timeout_ms: waits so long at most for something to happen
 *
 * Looks whether the process that runs without us still does.  Sets exited once it does not, or
 * nobody wants to look any more.
 */
void
il_recording_watch_process (IlRecording *self, int timeout_ms)
{
  struct pollfd fds[] = {
    { .fd = self->wake_fd, .events = POLLIN },
    { .fd = self->process_fd, .events = POLLIN },
  };
  const char *word = NULL;

  poll (fds, G_N_ELEMENTS (fds), timeout_ms);
  if (il_recording_is_stop_wanted (self))
    word = "stopped";
  else if (fds[1].revents != 0)
    word = "completed";
  if (word == NULL)
    return;
  self->end_word = g_strdup (word);
  self->exited = TRUE;
  self->exit_ns = il_clock_monotonic_ns ();
}

/**
 * il_recording_read_name:
 *
 * Completes the name of a process; see il_process_name_read().
 */
char *
il_recording_read_name (pid_t pid, const char *name, char **title, gpointer data)
{
  return il_process_name_read (pid, name, title);
}

/* --- processes that do not join */

/* Why it cannot; NULL: it could, or that is not known. */
static char *
find_reason (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/exe", (int)pid);
  g_autofree char *target = g_file_read_link (path, NULL);
  g_autoptr (GError) error = NULL;

  if (target == NULL || il_program_check_image (path, &error))
    return NULL;
  return g_strdup (error->message);
}

/**
 * il_recording_tell_absent:
 * @data: the recording
 *
 * A process was expected to load our library and has not: its locks are not seen.  Told once for
 * each name.
 */
void
il_recording_tell_absent (pid_t pid, const char *name, gpointer data)
{
  IlRecording *self = data;
  g_autofree char *reason = NULL;
  g_autofree char *message = NULL;

  if (self->absent == NULL)
    self->absent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (g_hash_table_size (self->absent) >= MAX_ABSENT
      || !g_hash_table_add (self->absent, g_strdup (name)))
    return;
  reason = find_reason (pid);
  /* Translators: name and number of a process; what is known of why */
  message = reason != NULL
                ? g_strdup_printf (_ ("of %s (process %d) the scheduler’s side alone is "
                                      "recorded: %s"),
                                   name, (int)pid, reason)
                : g_strdup_printf (_ ("of %s (process %d) the scheduler’s side alone is "
                                      "recorded: it did not load the library that sees locks, or "
                                      "had no address space for it (ulimit -v)"),
                                   name, (int)pid);
  il_recording_add_note (self, message);
  il_recording_tell_problem (self, IL_RECORDER_ERROR_NO_LOCKS, message);
}

/* --- the end */

/**
 * il_recording_note_end:
 * @status: its exit status, or the signal that killed it
 *
 * Keeps how the program ended that the runner started.
 */
void
il_recording_note_end (IlRecording *self, IlProgramEnd end, guint status)
{
  pthread_mutex_lock (&self->lock);
  self->status.program_end = end;
  self->status.program_status = status;
  pthread_mutex_unlock (&self->lock);
}

/**
 * il_recording_describe_end:
 *
 * Returns: (transfer full): the value of %IL_META_END, of a recording that ended as it should
 */
char *
il_recording_describe_end (IlRecording *self)
{
  IlRecorderStatus status;

  il_recording_get_status (self, &status);
  if (status.program_end == IL_PROGRAM_RUNS)
    return g_strdup (self->end_word);
  return g_strdup_printf ("%s, %s %u%s", self->end_word,
                          status.program_end == IL_PROGRAM_EXITED ? "exited" : "killed",
                          status.program_status, self->has_dumped_core ? ", core dumped" : "");
}

/* Returns: how many there were. */
static guint
kill_known (IlRecording *self)
{
  g_autoptr (GArray) pids = il_assembler_list_processes (self->assembler);
  guint n = 0;

  for (guint i = 0; i < pids->len; i++)
    {
      pid_t pid = g_array_index (pids, pid_t, i);

      if (pid <= 1 || !il_process_is_alive (pid))
        continue;
      n++;
      kill (pid, SIGKILL);
    }
  return n;
}

/**
 * il_recording_end_processes:
 *
 * Kills what a dead runner left behind, as far as the scheduler knows of it.
 */
void
il_recording_end_processes (IlRecording *self)
{
  gint64 give_up_ns = il_clock_monotonic_ns () + END_PATIENCE_NS;

  if (self->end_word != NULL || self->said_error != NULL)
    return;
  do
    il_recording_look_at_scheduler (self);
  while (kill_known (self) > 0 && il_clock_monotonic_ns () < give_up_ns
         && poll (NULL, 0, END_LOOK_MS) == 0);
}
