/* il-launcher.c - starts a program that is not ours, and looks after all that comes of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program gets the descriptors, the signal mask and the ignored signals that we were started
 * with, and stays in our process group and session: to the terminal and to itself it is as if we
 * were not there.
 *
 * What it starts, and what these start, becomes ours when its parent ends, since we are their
 * subreaper: so we end when all are dead, wherever they went, and can stop all.  The shared file is
 * named to them as our descriptor of it, in /proc: that can be opened by whoever has closed all
 * descriptors or was started anew, as long as we live.
 *
 * We die by our control connection alone.  A signal from the terminal is the program's to handle,
 * and what the program sends to its process group is not meant for us.  Neither are we stopped by
 * those that stop: that the program itself is stopped, if it is, we tell whoever waits for it in
 * our stead, and let it go on when we are told to, unless it does already.
 */

#include "config.h"

#include "il-launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-clock.h"
#include "il-process-tree.h"
#include "il-trace.h"

#define PRELOAD_ENVIRONMENT "LD_PRELOAD"

/* After SIGTERM, until SIGKILL. */
#define GRACE_NS (2 * G_GINT64_CONSTANT (1000000000))
/* After SIGKILL, until those that the kernel does not let go are given up. */
#define KILL_PATIENCE_NS (4 * G_GINT64_CONSTANT (1000000000))
/* What the program leaves behind is told if it is still there then: mostly it ends with it. */
#define LEFT_AFTER_NS (500 * G_GINT64_CONSTANT (1000000))
#define KILL_TICK_MS 20
#define STOP_TICK_MS 250
#define MAX_NAMES 5

typedef enum
{
  READY,
  RUNNING,
  STOPPING, /* they were asked to end */
  KILLING,
} State;

typedef struct
{
  const IlLaunch *launch;
  IlControl *control;
  State state;
  int signal_fd;
  sigset_t inherited_mask;
  struct sigaction inherited_child_action;

  pid_t program; /* 0: not started, or reaped */
  bool has_failed;
  bool is_over;      /* nothing of it is left */
  bool is_stopped;   /* by us, for good */
  bool is_suspended; /* the program, by a signal that stops */
  uint32_t n_told_suspended, n_resumed;
  bool told_left;
  int64_t ended_ns; /* the program itself */
  int64_t stop_ns;  /* when they were asked to end, or were killed */
  GArray *asked;    /* of IlProcess: those */
} Launcher;

/* --- starting it */

/* As the loader wants it: ours first, then those that were there. */
static void
set_preload (const char *library)
{
  const char *before = getenv (PRELOAD_ENVIRONMENT);
  g_autofree char *all = before != NULL && *before != '\0'
                             ? g_strconcat (library, ":", before, NULL)
                             : g_strdup (library);

  setenv (PRELOAD_ENVIRONMENT, all, 1);
}

/* Of the program, not of us: we are the child by now. */
static void
set_environment (const Launcher *self, pid_t launcher)
{
  g_autofree char *path = NULL;

  if (self->launch->preload == NULL)
    {
      unsetenv (IL_TRACE_ENVIRONMENT);
      return;
    }
  set_preload (self->launch->preload);
  if (self->launch->trace_fd < 0)
    return;
  path = g_strdup_printf ("/proc/%d/fd/%d", (int)launcher, self->launch->trace_fd);
  setenv (IL_TRACE_ENVIRONMENT, path, 1);
}

/* posix_spawn() has left the signals ignored that the C library keeps for itself, which a program
 * must not inherit, and does not let anybody change that. */
static void
reset_own_signals_of_libc (void)
{
  const struct
  {
    gulong handler, flags, restorer, mask[2];
  } is_default = { 0 };

  for (int i = __SIGRTMIN; i < SIGRTMIN; i++)
    syscall (SYS_rt_sigaction, i, &is_default, NULL, (gsize)8);
}

static void G_GNUC_NORETURN
become_program (const Launcher *self, pid_t launcher, int error_fd)
{
  int error_number;

  /* Not to be left behind where we are killed. */
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != launcher)
    _exit (1);
  set_environment (self, launcher);
  sigaction (SIGCHLD, &self->inherited_child_action, NULL);
  reset_own_signals_of_libc ();
  sigprocmask (SIG_SETMASK, &self->inherited_mask, NULL);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    if ((self->launch->closed_fds & 1u << fd) != 0)
      close (fd);
  execvp (self->launch->command[0], self->launch->command);

  error_number = errno;
  while (write (error_fd, &error_number, sizeof error_number) < 0 && errno == EINTR)
    ;
  _exit (1);
}

/* 0: it runs; else why it does not. */
static int
start_program (Launcher *self)
{
  pid_t launcher = getpid ();
  int pipe_fds[2], error_number = 0;
  ssize_t n_bytes;

  if (pipe2 (pipe_fds, O_CLOEXEC) != 0)
    return errno;
  self->program = fork ();
  if (self->program == 0)
    become_program (self, launcher, pipe_fds[1]);
  if (self->program < 0)
    error_number = errno;
  close (pipe_fds[1]);
  do
    n_bytes = self->program < 0 ? 0 : read (pipe_fds[0], &error_number, sizeof error_number);
  while (n_bytes < 0 && errno == EINTR);
  close (pipe_fds[0]);
  if (error_number == 0)
    return 0;
  if (self->program > 0)
    waitpid (self->program, NULL, 0);
  self->program = 0;
  return error_number;
}

static void
start (Launcher *self)
{
  int error_number = start_program (self);

  if (error_number == 0)
    {
      self->state = RUNNING;
      il_control_send (self->control, "info program %d", (int)self->program);
      il_control_send (self->control, "running");
      return;
    }
  self->has_failed = self->is_over = true;
  il_control_send (self->control, "error %s: %s", self->launch->command[0],
                   g_strerror (error_number));
}

/* --- who there is */

static void
add_name (GString *names, const char *name)
{
  if (names->len > 0)
    g_string_append (names, ", ");
  g_string_append (names, name);
}

static bool
is_among (const IlProcess *process, const GArray *processes)
{
  for (guint i = 0; i < processes->len; i++)
    {
      const IlProcess *other = &g_array_index (processes, IlProcess, i);

      if (other->pid == process->pid && other->start_ticks == process->start_ticks)
        return true;
    }
  return false;
}

/* How many there are, and what they are called; of these alone, if there are any.
 *
 * Returns: whether there is one */
static bool
tell_living (Launcher *self, const char *word, const GArray *among)
{
  g_autoptr (GArray) tree = il_process_tree_list (getpid ());
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_living = 0;

  for (guint i = 0; i < tree->len; i++)
    {
      const IlProcess *process = &g_array_index (tree, IlProcess, i);

      if (!process->is_dead && (among == NULL || is_among (process, among))
          && n_living++ < MAX_NAMES)
        add_name (names, process->name);
    }
  if (n_living > MAX_NAMES)
    add_name (names, "…");
  if (n_living > 0)
    il_control_send (self->control, "%s %u %s", word, n_living, names->str);
  return n_living > 0;
}

/* Once: who goes on although the program has ended. */
static void
tell_left (Launcher *self)
{
  self->told_left = true;
  tell_living (self, "left", NULL);
}

/* --- ending it */

static void
enter (Launcher *self, State state)
{
  self->state = state;
  self->stop_ns = il_clock_monotonic_ns ();
}

/* Who they were is known from then on. */
static void
ask_all (Launcher *self)
{
  self->asked = il_process_tree_list (getpid ());
  for (guint i = 0; i < self->asked->len; i++)
    {
      const IlProcess *process = &g_array_index (self->asked, IlProcess, i);

      if (!process->is_dead)
        kill (process->pid, SIGTERM);
    }
}

/* How long they still have. */
static void
tell_stopping (Launcher *self, int64_t now_ns)
{
  il_control_send (self->control, "stopping %lld",
                   (long long)MAX (GRACE_NS - (now_ns - self->stop_ns), 0));
}

/* Who is stopped would not hear that it is to end. */
static void
stop (Launcher *self)
{
  self->is_stopped = true;
  if (self->state == READY)
    self->is_over = true;
  if (self->state != RUNNING)
    return;
  enter (self, STOPPING);
  ask_all (self);
  tell_stopping (self, self->stop_ns);
  il_process_tree_signal (getpid (), SIGCONT);
}

/* What those have started since who did not end is killed with them, but was not asked: it is told
 * of only where nothing else is left. */
static void
kill_all (Launcher *self)
{
  if (!tell_living (self, "killing", self->asked))
    tell_living (self, "killing", NULL);
  enter (self, KILLING);
  il_process_tree_signal (getpid (), SIGKILL);
}

static void
tell_unkillable (Launcher *self)
{
  il_control_send (self->control, "trouble %s",
                   _ ("Some processes of the program cannot be ended, not even by SIGKILL: they "
                      "are left alone"));
  self->is_over = true;
}

/* A word now and then, so that nobody loses patience with us. */
static void
go_on_stopping (Launcher *self, int64_t now_ns)
{
  if (self->state == STOPPING)
    {
      tell_stopping (self, now_ns);
      if (now_ns - self->stop_ns >= GRACE_NS)
        kill_all (self);
    }
  else if (now_ns - self->stop_ns >= KILL_PATIENCE_NS)
    tell_unkillable (self);
  else
    /* Also what was born meanwhile. */
    il_process_tree_signal (getpid (), SIGKILL);
}

/* --- what ends by itself */

static void
note_end (Launcher *self, int status)
{
  self->program = 0;
  self->ended_ns = il_clock_monotonic_ns ();
  if (WIFSIGNALED (status))
    il_control_send (self->control, "signalled %d%s", WTERMSIG (status),
                     WCOREDUMP (status) ? " core" : "");
  else
    il_control_send (self->control, "exited %d", WEXITSTATUS (status));
}

/* Stopped, or going on. */
static void
note_change (Launcher *self, int status)
{
  self->is_suspended = WIFSTOPPED (status);
  if (!self->is_suspended || self->state != RUNNING)
    return;
  self->n_told_suspended++;
  il_control_send (self->control, "suspended %d", (int)self->program);
}

static void
reap (Launcher *self)
{
  for (;;)
    {
      int status;
      pid_t pid = waitpid (-1, &status, WNOHANG | WUNTRACED | WCONTINUED | __WALL);

      if (pid < 0 && errno == EINTR)
        continue;
      if (pid < 0 && errno == ECHILD)
        self->is_over = true;
      if (pid <= 0)
        return;
      if (pid == self->program && (WIFSTOPPED (status) || WIFCONTINUED (status)))
        note_change (self, status);
      else if (pid == self->program)
        note_end (self, status);
    }
}

/* Each word that it is stopped is answered; an answer to an earlier one is not for this stop, of
 * which we may not have heard yet. */
static void
resume (Launcher *self)
{
  reap (self);
  self->n_resumed++;
  if (self->is_suspended && self->program > 0 && self->n_resumed == self->n_told_suspended)
    kill (self->program, SIGCONT);
}

/* --- the loop */

static void
obey (Launcher *self, const IlCommand *command)
{
  if (command->kind == IL_COMMAND_START && self->state == READY)
    start (self);
  else if (command->kind == IL_COMMAND_STOP)
    stop (self);
  else if (command->kind == IL_COMMAND_RESUME)
    resume (self);
  else
    il_control_send (self->control, "refused %s", _ ("a program can only be started and stopped"));
}

static void
receive_commands (Launcher *self)
{
  il_control_receive (self->control);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_auto (IlCommand) command = { 0 };

      if (!il_control_next_command (self->control, &command, &error))
        break;
      if (error != NULL)
        il_control_send (self->control, "refused %s", error->message);
      else
        obey (self, &command);
    }
}

static void
drop_signals (Launcher *self)
{
  struct signalfd_siginfo info;

  while (read (self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
    ;
}

static int
get_timeout_ms (const Launcher *self)
{
  if (self->state == KILLING)
    return KILL_TICK_MS;
  if (self->state == STOPPING)
    return STOP_TICK_MS;
  return self->ended_ns != 0 && !self->told_left ? KILL_TICK_MS : -1;
}

static void
wait_for_something (Launcher *self)
{
  bool is_connected = il_control_is_connected (self->control);
  struct pollfd fds[] = {
    { .fd = is_connected ? il_control_get_fd (self->control) : -1, .events = POLLIN },
    { .fd = self->signal_fd, .events = POLLIN },
  };

  if (il_control_has_output (self->control))
    fds[0].events |= POLLOUT;
  if (poll (fds, G_N_ELEMENTS (fds), get_timeout_ms (self)) <= 0)
    return;
  if ((fds[0].revents & POLLOUT) != 0)
    il_control_flush (self->control);
  if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
    receive_commands (self);
  if (fds[1].revents != 0)
    drop_signals (self);
}

static void
look_after (Launcher *self)
{
  int64_t now_ns;

  wait_for_something (self);
  if (!il_control_is_connected (self->control))
    stop (self);
  if (self->state == READY)
    return;
  reap (self);
  now_ns = il_clock_monotonic_ns ();
  if (self->is_over)
    return;
  if (self->state != RUNNING)
    go_on_stopping (self, now_ns);
  else if (self->ended_ns != 0 && !self->told_left && now_ns - self->ended_ns >= LEFT_AFTER_NS)
    tell_left (self);
}

/* What is blocked here has no effect, whatever it is: all that comes is looked at, and dropped.
 * Children must be there to be waited for, also if whoever started us does not want to know of
 * its own. */
static int
take_signals (Launcher *self)
{
  const struct sigaction is_default = { .sa_handler = SIG_DFL };
  sigset_t signals;

  sigaction (SIGCHLD, &is_default, &self->inherited_child_action);
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  sigaddset (&signals, SIGQUIT);
  sigaddset (&signals, SIGPIPE);
  sigaddset (&signals, SIGUSR1);
  sigaddset (&signals, SIGUSR2);
  sigaddset (&signals, SIGALRM);
  sigaddset (&signals, SIGTSTP);
  sigaddset (&signals, SIGTTIN);
  sigaddset (&signals, SIGTTOU);
  sigprocmask (SIG_BLOCK, &signals, &self->inherited_mask);
  return signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/**
 * il_launcher_run:
 * @control: where commands come from and answers go to
 *
 * Runs a program, on the main thread of a process that does nothing else, until all that came of it
 * has ended or was stopped.
 *
 * Returns: the exit status of the runner, not of the program
 */
int
il_launcher_run (const IlLaunch *launch, IlControl *control)
{
  Launcher self = { .launch = launch, .control = control };

  self.signal_fd = take_signals (&self);
  prctl (PR_SET_CHILD_SUBREAPER, 1);
  if (launch->trace_fd >= 0)
    fcntl (launch->trace_fd, F_SETFD, FD_CLOEXEC);
  il_control_send (control, "ready");
  while (!self.is_over)
    look_after (&self);
  if (!self.has_failed)
    il_control_send (control, "ended %s", self.is_stopped ? "stopped" : "completed");
  /* Who is not read from any more would keep us. */
  while (il_control_has_output (control) && il_control_is_connected (control))
    wait_for_something (&self);
  close (self.signal_fd);
  if (self.asked != NULL)
    g_array_unref (self.asked);
  return self.has_failed ? 1 : 0;
}
