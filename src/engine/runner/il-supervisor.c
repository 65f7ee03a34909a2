/* il-supervisor.c - the runner's main loop
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It waits for commands, for the pool and for time, and never for a worker: whatever a scenario
 * does, `stop` is obeyed.
 */

#include "config.h"

#include "il-supervisor.h"

#include <glib/gi18n-lib.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "il-pool.h"
#include "il-submitter.h"

#define COUNTS_INTERVAL_NS 100000000
#define PAUSE_PATIENCE_NS 500000000 /* a worker stopped by somebody else never says so */
#define PAUSE_TICK_MS 2

typedef enum
{
  READY,
  RUNNING,
  PAUSING, /* told to, but somebody is still on the way */
  PAUSED,
  STEPPING, /* paused, but for one */
  STOPPING, /* no way back */
} State;

/* Nobody is left to kill a runner whose controller has gone: should its run not end by itself
 * within this time, SIGALRM ends the process, and with it those of its workers. */
#define SECONDS_ALONE 5

typedef struct
{
  IlScenario *scenario;
  IlControl *control;
  IlPool *pool;
  State state;
  bool is_started;
  bool is_stopped; /* on command, not by itself */
  bool is_alone;   /* the controller has gone */
  bool has_failed;
  bool has_submitter;
  pthread_t submitter;
  int signal_fd;
  int64_t run_ns;      /* how long it has run, pauses not counted, until since_ns */
  int64_t since_ns;    /* when it was last started or resumed */
  int64_t paused_ns;   /* when it was told to pause, or to make a step */
  uint32_t stepped;    /* number of who makes a step, or made the last one */
  int64_t counts_ns;   /* when counts were last looked at */
  IlPoolCounts counts; /* as last sent */
} Supervisor;

static void *
submitter_thread (void *data)
{
  il_pool_place_submitter (data);
  il_submitter_run (data);
  return NULL;
}

/* All, and those whose number can be chosen. */
static void
send_workers (Supervisor *self)
{
  il_control_send (self->control, "info workers %u", il_pool_get_n_workers (self->pool));
  il_control_send (self->control, "info pool_workers %u", il_pool_get_n_common (self->pool));
}

static void
send_info (Supervisor *self)
{
  const IlScenario *scenario = self->scenario;

  il_control_send (self->control, "info title %s", scenario->name);
  il_control_send (self->control, "info scenario_id %s", scenario->id);
  il_control_send (self->control, "info scenario_path %s", scenario->path);
  il_control_send (self->control, "info model %s", il_model_get_name (scenario->model));
  send_workers (self);
  il_control_send (self->control, "info seed %" G_GUINT64_FORMAT, scenario->seed);
  il_control_send (self->control, "info duration_ns %" G_GINT64_FORMAT, scenario->duration_ns);
}

static void
send_counts (Supervisor *self, bool anyway)
{
  IlPoolCounts counts;

  il_pool_get_counts (self->pool, &counts);
  self->counts_ns = il_clock_monotonic_ns ();
  if (!anyway && memcmp (&counts, &self->counts, sizeof counts) == 0)
    return;
  self->counts = counts;
  il_control_send (self->control,
                   "counts %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                   " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                   counts.submitted, counts.done, counts.failed, counts.cancelled, counts.lost);
}

static void
worker_lost_cb (uint32_t number, int signal_number, void *data)
{
  Supervisor *self = data;

  il_control_send (self->control, "worker-lost %u %d", number, signal_number);
}

static void
trouble_cb (const char *message, void *data)
{
  Supervisor *self = data;

  il_control_send (self->control, "trouble %s", message);
  if (il_control_get_fd (self->control) < 0)
    g_printerr ("%s\n", message);
}

static void
fail (Supervisor *self, const char *message)
{
  self->has_failed = true;
  il_control_send (self->control, "error %s", message);
  if (il_control_get_fd (self->control) < 0)
    g_printerr ("%s\n", message);
}

/* How long it has run without its pauses. */
static int64_t
get_run_ns (const Supervisor *self)
{
  return self->run_ns + (self->since_ns > 0 ? il_clock_monotonic_ns () - self->since_ns : 0);
}

static void
stop_clock (Supervisor *self)
{
  self->run_ns = get_run_ns (self);
  self->since_ns = 0;
}

static void
enter_stopping (Supervisor *self)
{
  if (self->state == STOPPING)
    return;
  stop_clock (self);
  self->state = STOPPING;
  il_control_send (self->control, "stopping");
}

static void
terminate (Supervisor *self)
{
  enter_stopping (self);
  il_pool_terminate (self->pool);
}

/* Finishing takes workers that may work. */
static void
finish (Supervisor *self)
{
  enter_stopping (self);
  il_pool_finish (self->pool);
  il_pool_resume (self->pool);
}

static bool
start_submitter (Supervisor *self)
{
  int result;

  if (!il_submitter_is_needed (self->pool))
    return true;
  il_pool_expect_submitter (self->pool);
  result = pthread_create (&self->submitter, NULL, submitter_thread, self->pool);
  self->has_submitter = result == 0;
  return self->has_submitter;
}

static void
start (Supervisor *self)
{
  g_autoptr (GError) error = NULL;

  self->is_started = true;
  if (!il_pool_start (self->pool, &error))
    {
      fail (self, error->message);
      terminate (self);
      return;
    }
  if (!start_submitter (self))
    {
      fail (self, _ ("Cannot start the submitter thread"));
      terminate (self);
      return;
    }
  self->since_ns = il_clock_monotonic_ns ();
  self->state = RUNNING;
  il_control_send (self->control, "running");
}

static void
pause_run (Supervisor *self)
{
  stop_clock (self);
  self->paused_ns = il_clock_monotonic_ns ();
  self->state = PAUSING;
  il_pool_pause (self->pool);
}

static void
resume_run (Supervisor *self)
{
  il_pool_resume (self->pool);
  self->since_ns = il_clock_monotonic_ns ();
  self->state = RUNNING;
  il_control_send (self->control, "running");
}

static gboolean
begin_step (Supervisor *self, guint64 number, GError **error)
{
  if (!il_pool_begin_step (self->pool, number, &self->stepped, error))
    return FALSE;
  self->paused_ns = il_clock_monotonic_ns ();
  self->state = STEPPING;
  return TRUE;
}

static gboolean
hit_worker (Supervisor *self, guint64 number, int signal_number, GError **error)
{
  uint32_t n_hit;

  if (!il_pool_hit_worker (self->pool, number, signal_number, &n_hit, error))
    return FALSE;
  il_control_send (self->control, "hit %" G_GUINT64_FORMAT " %u", number, n_hit);
  return TRUE;
}

/* As a knob would be turned, whether there is one behind it or not. */
static gboolean
set_workers (Supervisor *self, const IlCommand *command, GError **error)
{
  guint64 n_workers;

  if (!g_ascii_string_to_unsigned (command->value, 10, 0, G_MAXUINT64, &n_workers, NULL))
    {
      g_set_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SETTING,
                   _ ("Workers: found “%s”, expected a whole number"), command->value);
      return FALSE;
    }
  if (!il_pool_set_n_workers (self->pool, n_workers, error))
    return FALSE;
  send_workers (self);
  return TRUE;
}

/* Also by the name of the knob that the scenario has for it. */
static bool
means_workers (const Supervisor *self, const char *key)
{
  int knob = self->scenario->workers.knob;

  return strcmp (key, "workers") == 0
         || (knob >= 0 && strcmp (key, self->scenario->knobs[knob].key) == 0);
}

static gboolean
set_knob (Supervisor *self, const IlCommand *command, GError **error)
{
  guint knob;
  double value;

  if (!il_scenario_check_setting (self->scenario, command->key, command->value, &knob, &value,
                                  error))
    return FALSE;
  if (!self->scenario->knobs[knob].live)
    {
      g_set_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SETTING,
                   _ ("%s takes effect only at the start of a run"), command->key);
      return FALSE;
    }
  self->scenario->knobs[knob].value = value;
  il_arena_set_knob (il_pool_get_arena (self->pool), knob, value);
  return TRUE;
}

static gboolean
turn (Supervisor *self, const IlCommand *command, GError **error)
{
  bool sets_workers
      = means_workers (self, command->key) && (self->state == RUNNING || self->state == PAUSED);

  if (!(sets_workers ? set_workers (self, command, error) : set_knob (self, command, error)))
    return FALSE;
  il_control_send (self->control, "turned %" G_GINT64_FORMAT " %s %s", il_clock_monotonic_ns (),
                   command->key, command->value);
  return TRUE;
}

static const char *
get_state_name (State state)
{
  static const char *const names[] = { N_ ("not started"), N_ ("running"),       N_ ("pausing"),
                                       N_ ("paused"),      N_ ("making a step"), N_ ("stopping") };

  return _ (names[state]);
}

static bool
is_in_time (const Supervisor *self, IlCommandKind kind)
{
  switch (kind)
    {
    case IL_COMMAND_START:
      return self->state == READY;
    case IL_COMMAND_PAUSE:
      return self->state == RUNNING;
    case IL_COMMAND_RESUME:
      return self->state == PAUSING || self->state == PAUSED || self->state == STEPPING;
    case IL_COMMAND_STEP:
      return self->state == PAUSED;
    case IL_COMMAND_CLOSE:
    case IL_COMMAND_KILL:
    case IL_COMMAND_CRASH:
      return self->state != READY && self->state != STOPPING;
    case IL_COMMAND_STOP:
    case IL_COMMAND_SET:
      break;
    }
  return true;
}

static gboolean
obey (Supervisor *self, const IlCommand *command, GError **error)
{
  if (!is_in_time (self, command->kind))
    {
      g_set_error (error, IL_SCENARIO_ERROR, IL_SCENARIO_ERROR_SETTING, _ ("the run is %s"),
                   get_state_name (self->state));
      return FALSE;
    }
  switch (command->kind)
    {
    case IL_COMMAND_START:
      start (self);
      break;
    case IL_COMMAND_PAUSE:
      pause_run (self);
      break;
    case IL_COMMAND_RESUME:
      resume_run (self);
      break;
    case IL_COMMAND_STOP:
      self->is_stopped = true;
      terminate (self);
      break;
    case IL_COMMAND_CLOSE:
      finish (self);
      break;
    case IL_COMMAND_KILL:
      return hit_worker (self, command->number, SIGKILL, error);
    case IL_COMMAND_CRASH:
      return hit_worker (self, command->number, SIGSEGV, error);
    case IL_COMMAND_STEP:
      return begin_step (self, command->number, error);
    case IL_COMMAND_SET:
      return turn (self, command, error);
    }
  return TRUE;
}

static void
receive_commands (Supervisor *self)
{
  il_control_receive (self->control);
  for (;;)
    {
      g_autoptr (GError) error = NULL;
      g_auto (IlCommand) command = { 0 };

      if (!il_control_next_command (self->control, &command, &error))
        break;
      if (error != NULL || !obey (self, &command, &error))
        il_control_send (self->control, "refused %s", error->message);
    }
}

/* All that can come are children, which the pool looks for, and wishes to stop. */
static void
receive_signals (Supervisor *self)
{
  struct signalfd_siginfo info;

  while (read (self->signal_fd, &info, sizeof info) == (ssize_t)sizeof info)
    if (info.ssi_signo != SIGCHLD)
      {
        self->is_stopped = true;
        terminate (self);
      }
}

/* Says that all stand still, once they do. */
static void
check_stopped (Supervisor *self, int64_t now_ns)
{
  bool is_patient = now_ns - self->paused_ns < PAUSE_PATIENCE_NS;

  if (self->state == PAUSING && (il_pool_is_stopped (self->pool) || !is_patient))
    {
      self->state = PAUSED;
      send_counts (self, false);
      il_control_send (self->control, "paused");
    }
  else if (self->state == STEPPING && (il_pool_is_step_done (self->pool) || !is_patient))
    {
      self->state = PAUSED;
      send_counts (self, false);
      il_control_send (self->control, "paused %u", self->stepped);
    }
}

static void
check_time (Supervisor *self)
{
  int64_t now_ns = il_clock_monotonic_ns ();

  if (self->is_started && now_ns - self->counts_ns >= COUNTS_INTERVAL_NS)
    send_counts (self, false);
  check_stopped (self, now_ns);
  if (self->state != RUNNING || self->scenario->duration_ns == 0
      || get_run_ns (self) < self->scenario->duration_ns)
    return;
  if (self->scenario->at_end == IL_AT_END_TERMINATE)
    terminate (self);
  else
    finish (self);
}

static int
get_timeout_ms (const Supervisor *self)
{
  int timeout_ms;
  int64_t left_ns;

  if (!self->is_started)
    return -1;
  timeout_ms = self->state == PAUSING || self->state == STEPPING ? PAUSE_TICK_MS
                                                                 : il_pool_get_tick_ms (self->pool);
  if (self->state != RUNNING || self->scenario->duration_ns == 0)
    return timeout_ms;
  left_ns = self->scenario->duration_ns - get_run_ns (self);
  return left_ns <= 0 ? 0 : (int)MIN (timeout_ms, left_ns / 1000000 + 1);
}

/* The controller has gone, as reading or writing found. */
static void
check_connection (Supervisor *self)
{
  if (il_control_is_connected (self->control))
    return;
  if (!self->is_alone)
    {
      self->is_alone = true;
      signal (SIGALRM, SIG_DFL);
      alarm (SECONDS_ALONE);
    }
  self->is_stopped = true;
  terminate (self);
}

static void
wait_for_something (Supervisor *self)
{
  bool is_connected = il_control_is_connected (self->control);
  struct pollfd fds[] = {
    { .fd = is_connected ? il_control_get_fd (self->control) : -1, .events = POLLIN },
    { .fd = self->signal_fd, .events = POLLIN },
    { .fd = il_pool_get_notify_fd (self->pool), .events = POLLIN },
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
    receive_signals (self);
}

/* Whether there is, or may still be, something to look after. */
static bool
go_on (Supervisor *self)
{
  g_autoptr (GError) error = NULL;
  bool is_alive;

  check_connection (self);
  if (!self->is_started && self->state == STOPPING)
    return false;
  wait_for_something (self);
  if (!self->is_started)
    return true;
  is_alive = il_pool_supervise (self->pool, &error);
  if (error != NULL)
    {
      fail (self, error->message);
      enter_stopping (self);
    }
  if (is_alive)
    check_time (self);
  return is_alive;
}

/* Blocked in all threads made from now on: they come to us in the main loop. */
static int
take_signals (void)
{
  sigset_t signals;

  signal (SIGPIPE, SIG_IGN);
  sigemptyset (&signals);
  sigaddset (&signals, SIGCHLD);
  sigaddset (&signals, SIGTERM);
  sigaddset (&signals, SIGINT);
  sigaddset (&signals, SIGHUP);
  pthread_sigmask (SIG_BLOCK, &signals, NULL);
  return signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void
tell_end (Supervisor *self)
{
  uint32_t n_stuck = il_pool_get_n_stuck (self->pool);
  g_autofree char *text = NULL;

  if (n_stuck == 0)
    {
      il_control_send (self->control, "ended %s", self->is_stopped ? "stopped" : "completed");
      return;
    }
  text = g_strdup_printf (ngettext ("The run did not end by itself: %u worker waits for ever",
                                    "The run did not end by itself: %u workers wait for ever",
                                    n_stuck),
                          n_stuck);
  il_control_send (self->control, "trouble %s", text);
  il_control_send (self->control, "ended stuck");
}

static int
run_pool (Supervisor *self)
{
  il_pool_set_lost_func (self->pool, worker_lost_cb, self);
  il_pool_set_trouble_func (self->pool, trouble_cb, self);
  il_pool_close_in_children (self->pool, self->signal_fd);
  if (il_control_get_fd (self->control) >= 0)
    il_pool_close_in_children (self->pool, il_control_get_fd (self->control));

  send_info (self);
  il_control_send (self->control, "ready");
  if (il_control_get_fd (self->control) < 0)
    start (self);
  while (go_on (self))
    continue;
  if (self->has_submitter)
    pthread_join (self->submitter, NULL);

  send_counts (self, true);
  if (!self->is_stopped)
    il_pool_tell_forsaken (self->pool);
  if (!self->has_failed)
    tell_end (self);
  return self->has_failed ? 1 : 0;
}

/**
 * il_supervisor_run:
 * @scenario: checked; its live knobs may change
 * @trace: (nullable)
 * @control: where commands come from and answers go to
 * @notes: (array zero-terminated=1): to be told to who controls it
 *
 * Runs a scenario to its end, on the main thread of a process that does nothing else.
 *
 * Returns: the exit status
 */
int
il_supervisor_run (IlScenario *scenario, IlTrace *trace, IlControl *control,
                   const char *const *notes)
{
  Supervisor self = { .scenario = scenario, .control = control };
  g_autoptr (GError) error = NULL;
  int status = 1;

  for (; *notes != NULL; notes++)
    trouble_cb (*notes, &self);
  self.signal_fd = take_signals ();
  self.pool = il_pool_new (scenario, trace, &error);
  if (self.pool == NULL)
    fail (&self, error->message);
  else
    status = run_pool (&self);
  il_pool_free (self.pool);
  close (self.signal_fd);
  return status;
}
