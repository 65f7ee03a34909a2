/* il-runner.c - the runner's process: finding it, starting it, talking with it, ending it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-runner-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-runner-output.h"
#include "il-runner-path.h"

#define CHILD_CONTROL_FD 3
#define CHILD_TRACE_FD 4 /* where the shared file has no name */
#define CHILD_TRACE_PATH "/proc/self/fd/4"
/* Members of the runner's process group that were just killed need a moment to be gone. */
#define GROUP_GONE_TIMEOUT_MS 500

struct _IlRunner
{
  pid_t pid;         /* 0 once it was reaped */
  gboolean is_alone; /* in a process group and session of its own, of the same number */
  char name[16];
  int control_fd;
  IlRunnerOutput *output; /* NULL: its output is ours */
  gboolean control_closed;
  GString *received; /* the line being received */
  gboolean skipping; /* it is too long: dropped up to its end */
  GString *unsent;
  IlRunnerExit exit;
};

/* Puts the descriptor out of the way of the numbers that the child gets. */
static int
move_up (int fd)
{
  int moved = fcntl (fd, F_DUPFD_CLOEXEC, 10);

  if (moved < 0)
    return fd;
  close (fd);
  return moved;
}

static void
set_nonblocking (int fd)
{
  fcntl (fd, F_SETFL, fcntl (fd, F_GETFL) | O_NONBLOCK);
}

/* -1 where there is none. */
static void
close_fd (int fd)
{
  if (fd >= 0)
    close (fd);
}

static bool
is_for_programs (const IlRunnerSpawn *what)
{
  return strcmp (what->mode, "trace") == 0;
}

/* @child_output gets -1 where the output is ours. */
static bool
open_channels (IlRunner *runner, const IlRunnerSpawn *what, int control[2], int *child_output)
{
  bool is_terminal = is_for_programs (what);

  *child_output = -1;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0)
    return false;
  if (what->signals == NULL)
    {
      runner->output = il_runner_output_open (is_terminal, child_output);
      if (runner->output == NULL)
        {
          int saved = errno;

          close (control[0]);
          close (control[1]);
          errno = saved;
          return false;
        }
      *child_output = move_up (*child_output);
    }
  for (int i = 0; i < 2; i++)
    control[i] = move_up (control[i]);
  set_nonblocking (control[0]);
  return true;
}

/* The child's ends; those that there are not are -1. */
typedef struct
{
  int output, control, trace;
} ChildFds;

/* A session of its own: what a terminal sends to its foreground group does not reach the runner,
 * and all that it starts can be killed as one group.  It inherits nothing but the four descriptors,
 * and the fifth if there is one. */
static void
set_up_alone (posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
              const ChildFds *fds)
{
  sigset_t none, defaults;

  posix_spawn_file_actions_addopen (actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2 (actions, fds->output, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2 (actions, fds->output, STDERR_FILENO);
  posix_spawn_file_actions_adddup2 (actions, fds->control, CHILD_CONTROL_FD);
  if (fds->trace >= 0)
    posix_spawn_file_actions_adddup2 (actions, fds->trace, CHILD_TRACE_FD);
  posix_spawn_file_actions_addclosefrom_np (actions, fds->trace >= 0 ? CHILD_TRACE_FD + 1
                                                                     : CHILD_CONTROL_FD + 1);
  sigemptyset (&none);
  sigfillset (&defaults);
  sigdelset (&defaults, SIGKILL);
  sigdelset (&defaults, SIGSTOP);
  posix_spawnattr_setsigmask (attributes, &none);
  posix_spawnattr_setsigdefault (attributes, &defaults);
  posix_spawnattr_setflags (attributes,
                            POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

/* As if it was started instead of us: all descriptors that we were given are its, too, and those
 * for it alone keep their numbers, so that they are in nobody's way. */
static void
set_up_in_place (posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                 const ChildFds *fds, const IlRecorderSignals *signals)
{
  sigset_t defaults;

  posix_spawn_file_actions_adddup2 (actions, fds->control, fds->control);
  if (fds->trace >= 0)
    posix_spawn_file_actions_adddup2 (actions, fds->trace, fds->trace);
  sigemptyset (&defaults);
  for (int i = 1; i < NSIG; i++)
    if (i != SIGKILL && i != SIGSTOP && sigismember (&signals->ignored, i) == 0)
      sigaddset (&defaults, i);
  posix_spawnattr_setsigmask (attributes, &signals->blocked);
  posix_spawnattr_setsigdefault (attributes, &defaults);
  posix_spawnattr_setflags (attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

static int
spawn (pid_t *pid, char *const *argv, char *const *envp, const ChildFds *fds,
       const IlRecorderSignals *signals)
{
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  int result;

  posix_spawn_file_actions_init (&actions);
  posix_spawnattr_init (&attributes);
  if (signals == NULL)
    set_up_alone (&actions, &attributes, fds);
  else
    set_up_in_place (&actions, &attributes, fds, signals);
  result = posix_spawn (pid, argv[0], &actions, &attributes, argv, envp);
  posix_spawnattr_destroy (&attributes);
  posix_spawn_file_actions_destroy (&actions);
  return result;
}

static char **
child_arguments (const char *path, const IlRunnerSpawn *what, const ChildFds *fds)
{
  bool is_alone = what->signals == NULL;
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, g_strdup (path));
  g_ptr_array_add (argv, g_strdup (what->mode));
  g_ptr_array_add (argv, g_strdup ("--control-fd"));
  g_ptr_array_add (argv, g_strdup_printf ("%d", is_alone ? CHILD_CONTROL_FD : fds->control));
  if (fds->trace >= 0 && is_for_programs (what))
    {
      g_ptr_array_add (argv, g_strdup ("--trace-fd"));
      g_ptr_array_add (argv, g_strdup_printf ("%d", is_alone ? CHILD_TRACE_FD : fds->trace));
    }
  for (const char *const *argument = what->arguments; *argument != NULL; argument++)
    g_ptr_array_add (argv, g_strdup (*argument));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (argv, FALSE);
}

/* To a program the runner says itself how its descriptor is opened from elsewhere. */
static char **
child_environment (const IlRunnerSpawn *what)
{
  char **envp
      = what->environment != NULL ? g_strdupv ((char **)what->environment) : g_get_environ ();

  if (what->trace_path == NULL || (what->trace_fd >= 0 && is_for_programs (what)))
    return envp;
  return g_environ_setenv (envp, "INTERLEAVE_TRACE",
                           what->trace_fd >= 0 ? CHILD_TRACE_PATH : what->trace_path, TRUE);
}

/* Returns: 0, or an errno. */
static int
spawn_with_channels (IlRunner *runner, const char *path, const IlRunnerSpawn *what)
{
  int control[2], result;
  ChildFds fds = { .trace = -1 };
  g_auto (GStrv) argv = NULL;
  g_auto (GStrv) envp = child_environment (what);

  if (!open_channels (runner, what, control, &fds.output))
    return errno;
  fds.control = control[1];
  /* Out of the way of the numbers that the child gets, too. */
  if (what->trace_fd >= 0)
    fds.trace = fcntl (what->trace_fd, F_DUPFD_CLOEXEC, 10);
  result = what->trace_fd >= 0 && fds.trace < 0 ? errno : 0;
  argv = child_arguments (path, what, &fds);
  if (result == 0)
    result = spawn (&runner->pid, argv, envp, &fds, what->signals);
  close_fd (fds.trace);
  close_fd (control[1]);
  close_fd (fds.output);
  runner->control_fd = control[0];
  return result;
}

/**
 * il_runner_spawn:
 *
 * Starts the runner, which waits for `start` once it is ready.
 *
 * Returns: (transfer full): or NULL and #IL_RECORDER_ERROR_RUNNER
 */
IlRunner *
il_runner_spawn (const IlRunnerSpawn *what, GError **error)
{
  g_autofree char *path = il_runner_find (error);
  g_autofree char *file_name = path != NULL ? g_path_get_basename (path) : NULL;
  IlRunner *runner;
  int result;

  if (path == NULL)
    return NULL;
  runner = g_new0 (IlRunner, 1);
  runner->control_fd = -1;
  result = spawn_with_channels (runner, path, what);
  if (result != 0)
    {
      g_set_error (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_RUNNER,
                   _ ("The runner %s cannot be started: %s"), path, g_strerror (result));
      close_fd (runner->control_fd);
      il_runner_output_free (runner->output);
      g_free (runner);
      return NULL;
    }
  runner->is_alone = what->signals == NULL;
  g_strlcpy (runner->name, file_name, sizeof runner->name);
  runner->received = g_string_new (NULL);
  runner->unsent = g_string_new (NULL);
  return runner;
}

/**
 * il_runner_free:
 *
 * Kills what still lives of the runner and of all that it started.
 */
void
il_runner_free (IlRunner *runner)
{
  if (runner == NULL)
    return;

  if (runner->pid != 0)
    {
      il_runner_kill (runner);
      il_runner_reap (runner);
    }
  close (runner->control_fd);
  il_runner_output_free (runner->output);
  g_string_free (runner->received, TRUE);
  g_string_free (runner->unsent, TRUE);
  g_free (runner);
}

/**
 * il_runner_get_pid:
 *
 * Returns: 0 once it was reaped
 */
pid_t
il_runner_get_pid (const IlRunner *runner)
{
  return runner->pid;
}

/**
 * il_runner_get_name:
 *
 * Returns: what the kernel calls it, which is up to 15 bytes of its file's name
 */
const char *
il_runner_get_name (const IlRunner *runner)
{
  return runner->name;
}

/**
 * il_runner_get_control_fd:
 *
 * Returns: the descriptor to poll; -1 once the other end is closed
 */
int
il_runner_get_control_fd (const IlRunner *runner)
{
  return runner->control_closed ? -1 : runner->control_fd;
}

/**
 * il_runner_get_output:
 *
 * Returns: (transfer none) (nullable): what it writes to standard output and error; NULL where they
 *     are ours
 */
IlRunnerOutput *
il_runner_get_output (IlRunner *runner)
{
  return runner->output;
}

/**
 * il_runner_get_last_words:
 *
 * Returns: the last line that it wrote to standard output or error that is not empty, as valid
 *     UTF-8; "" where there is none
 */
const char *
il_runner_get_last_words (IlRunner *runner)
{
  if (runner->output == NULL)
    return "";
  il_runner_output_collect_rest (runner->output);
  return il_runner_output_get_last_words (runner->output);
}

/**
 * il_runner_flush:
 *
 * Sends what a full socket did not take so far.
 */
void
il_runner_flush (IlRunner *runner)
{
  while (runner->unsent->len > 0 && !runner->control_closed)
    {
      ssize_t sent
          = send (runner->control_fd, runner->unsent->str, runner->unsent->len, MSG_NOSIGNAL);

      if (sent < 0 && errno == EINTR)
        continue;
      if (sent < 0)
        {
          if (errno != EAGAIN && errno != EWOULDBLOCK)
            g_string_truncate (runner->unsent, 0); /* nobody is left to read it */
          return;
        }
      g_string_erase (runner->unsent, 0, sent);
    }
}

/**
 * il_runner_send:
 * @line: without its end
 *
 * Sends a command.  Never blocks; one to a dead runner is dropped.
 */
void
il_runner_send (IlRunner *runner, const char *line)
{
  g_string_append (runner->unsent, line);
  g_string_append_c (runner->unsent, '\n');
  il_runner_flush (runner);
}

/**
 * il_runner_has_unsent:
 *
 * Returns: whether to poll for writing, too
 */
bool
il_runner_has_unsent (const IlRunner *runner)
{
  return runner->unsent->len > 0 && !runner->control_closed;
}

static void
take_bytes (IlRunner *runner, const char *bytes, size_t n_bytes, IlRunnerLineFunc func,
            gpointer data)
{
  for (size_t i = 0; i < n_bytes; i++)
    {
      if (bytes[i] != '\n')
        {
          if (runner->received->len < IL_RUNNER_LINE_MAX)
            g_string_append_c (runner->received, bytes[i]);
          else
            runner->skipping = TRUE;
          continue;
        }
      if (runner->skipping || !g_utf8_validate (runner->received->str, runner->received->len, NULL))
        func (NULL, data);
      else
        func (runner->received->str, data);
      g_string_truncate (runner->received, 0);
      runner->skipping = FALSE;
    }
}

/**
 * il_runner_receive:
 * @func: called for each line that is complete
 *
 * Reads what there is without waiting.
 *
 * Returns: false once the runner has closed its end
 */
bool
il_runner_receive (IlRunner *runner, IlRunnerLineFunc func, gpointer data)
{
  char bytes[4096];

  while (!runner->control_closed)
    {
      ssize_t n_bytes = recv (runner->control_fd, bytes, sizeof bytes, 0);

      if (n_bytes > 0)
        take_bytes (runner, bytes, n_bytes, func, data);
      else if (n_bytes < 0 && errno == EINTR)
        continue;
      else if (n_bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        break;
      else
        runner->control_closed = TRUE;
    }
  return !runner->control_closed;
}

/**
 * il_runner_has_exited:
 *
 * Looks whether the process has ended, without reaping it: its number stays its own.
 */
bool
il_runner_has_exited (IlRunner *runner)
{
  siginfo_t info = { 0 };

  if (runner->pid == 0)
    return true;
  return waitid (P_PID, runner->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0
         && info.si_pid == runner->pid;
}

/**
 * il_runner_kill:
 *
 * Kills the runner, and where it has a process group of its own all that it started which did not
 * leave that.
 */
void
il_runner_kill (IlRunner *runner)
{
  if (runner->pid != 0)
    kill (runner->is_alone ? -runner->pid : runner->pid, SIGKILL);
}

/**
 * il_runner_reap:
 *
 * Waits until the runner has ended, which must be near.  What it left behind in a process group of
 * its own is killed before that, while the number of the group cannot be another's.
 */
IlRunnerExit
il_runner_reap (IlRunner *runner)
{
  siginfo_t info = { 0 };
  pid_t group = runner->pid;

  if (runner->pid == 0)
    return runner->exit;

  while (waitid (P_PID, runner->pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
    ;
  if (runner->is_alone)
    kill (-group, SIGKILL);
  while (waitid (P_PID, runner->pid, &info, WEXITED) < 0 && errno == EINTR)
    ;
  runner->pid = 0;
  runner->exit.by_signal = info.si_code != CLD_EXITED;
  runner->exit.status = info.si_status;

  for (int waited_ms = 0;
       runner->is_alone && waited_ms < GROUP_GONE_TIMEOUT_MS && kill (-group, 0) == 0;
       waited_ms += 2)
    poll (NULL, 0, 2);
  return runner->exit;
}
