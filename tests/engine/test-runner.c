/* test-runner.c - interleave-runner from outside: command line, control, its end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define CONTROL_FD 3

/* A runner and our end of its control socket. */
typedef struct
{
  GSubprocess *process;
  pid_t pid;
  int fd;
  GString *input;
  GPtrArray *seen; /* lines */
} Runner;

static char *directory;

static char *
write_scenario (const char *text)
{
  static guint n;
  g_autofree char *name = g_strdup_printf ("%u.scenario", n++);
  char *path = g_build_filename (directory, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static GSubprocessLauncher *
make_launcher (void)
{
  GSubprocessLauncher *launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "INTERLEAVE_TRACE");
  return launcher;
}

static char **
make_argv (const char *first, va_list arguments)
{
  GPtrArray *argv = g_ptr_array_new ();

  g_ptr_array_add (argv, g_strdup (g_getenv ("INTERLEAVE_RUNNER")));
  for (const char *word = first; word != NULL; word = va_arg (arguments, const char *))
    g_ptr_array_add (argv, g_strdup (word));
  g_ptr_array_add (argv, NULL);
  return (char **)g_ptr_array_free (argv, FALSE);
}

/* Runs it to its end; checks the exit status, and that errors are one line that holds @message. */
static char *
run_to_end (int status, const char *message, const char *first, ...)
{
  g_autoptr (GSubprocessLauncher) launcher = make_launcher ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) argv = NULL;
  g_autofree char *errors = NULL;
  char *output = NULL;
  va_list arguments;

  va_start (arguments, first);
  argv = make_argv (first, arguments);
  va_end (arguments);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *)argv, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &errors, &error);
  g_assert_no_error (error);
  if (message == NULL)
    g_assert_cmpstr (errors, ==, "");
  else
    {
      if (strstr (errors, message) == NULL)
        g_error ("expected “%s”, found “%s”", message, errors);
      g_assert_true (strchr (errors, '\n') == errors + strlen (errors) - 1);
    }
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, status);
  return output;
}

static void
check_error (int status, const char *message, const char *first, const char *second,
             const char *third, const char *fourth)
{
  g_autofree char *output = run_to_end (status, message, first, second, third, fourth, NULL);

  g_assert_cmpstr (output, ==, "");
}

static Runner *
runner_start (const char *scenario, const char *option, const char *value)
{
  Runner *self = g_new0 (Runner, 1);
  g_autoptr (GSubprocessLauncher) launcher = make_launcher ();
  g_autoptr (GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_subprocess_launcher_take_fd (launcher, fds[1], CONTROL_FD);
  self->process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("INTERLEAVE_RUNNER"),
                                               "run", "--control-fd", G_STRINGIFY (CONTROL_FD),
                                               scenario, option, value, NULL);
  g_assert_no_error (error);
  self->pid = (pid_t)g_ascii_strtoll (g_subprocess_get_identifier (self->process), NULL, 10);
  self->fd = fds[0];
  self->input = g_string_new (NULL);
  self->seen = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static void
runner_send (Runner *self, const char *text)
{
  g_assert_cmpint (write (self->fd, text, strlen (text)), ==, strlen (text));
}

/* The next line that comes, or NULL at the end. */
static const char *
runner_read (Runner *self)
{
  char buffer[256];
  char *end;

  while ((end = strchr (self->input->str, '\n')) == NULL)
    {
      ssize_t n = read (self->fd, buffer, sizeof buffer);

      if (n <= 0)
        return NULL;
      g_string_append_len (self->input, buffer, n);
    }
  g_ptr_array_add (self->seen, g_strndup (self->input->str, (gsize)(end - self->input->str)));
  g_string_erase (self->input, 0, end + 1 - self->input->str);
  return g_ptr_array_index (self->seen, self->seen->len - 1);
}

/* Waits for a line that begins so. */
static const char *
runner_expect (Runner *self, const char *prefix)
{
  const char *line;

  do
    {
      line = runner_read (self);
      if (line == NULL)
        g_error ("the runner ended before “%s”", prefix);
    }
  while (!g_str_has_prefix (line, prefix));
  return line;
}

/* Waits for its end and frees all. */
static void
runner_finish (Runner *self, int status)
{
  g_autoptr (GError) error = NULL;

  if (self->fd >= 0)
    {
      while (runner_read (self) != NULL)
        continue;
      close (self->fd);
    }
  g_subprocess_wait (self->process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (self->process));
  g_assert_cmpint (g_subprocess_get_exit_status (self->process), ==, status);
  g_object_unref (self->process);
  g_string_free (self->input, TRUE);
  g_ptr_array_unref (self->seen);
  g_free (self);
}

/* The last counts that came. */
static void
get_counts (Runner *self, guint64 counts[5])
{
  const char *last = NULL;
  char *at;

  for (guint i = 0; i < self->seen->len; i++)
    if (g_str_has_prefix (g_ptr_array_index (self->seen, i), "counts "))
      last = g_ptr_array_index (self->seen, i);
  g_assert_nonnull (last);
  at = (char *)last + strlen ("counts");
  for (guint i = 0; i < 5; i++)
    counts[i] = g_ascii_strtoull (at, &at, 10);
  g_assert_cmpstr (at, ==, "");
}

/* The counts at the end must add up. */
static void
check_counts (Runner *self, guint64 counts[5])
{
  get_counts (self, counts);
  g_assert_cmpuint (counts[0], ==, counts[1] + counts[2] + counts[3] + counts[4]);
}

static void
test_describe_and_check (void)
{
  g_autofree char *all = run_to_end (0, NULL, "describe", NULL);
  g_autofree char *one = run_to_end (0, NULL, "describe", "producer-consumer", NULL);
  g_autofree char *good = run_to_end (0, NULL, "check", "producer-consumer", NULL);

  g_assert_true (all[0] == '[' && one[0] == '[');
  g_assert_nonnull (strstr (all, "\"lock-contention\""));
  g_assert_null (strstr (one, "\"lock-contention\""));
  g_assert_cmpstr (good, ==, "");
}

static void
test_errors (void)
{
  g_autofree char *bad
      = write_scenario ("[Scenario]\nName=Bad\nModel=sideways\n[Task a]\nSteps=cpu 1us\n");
  g_autofree char *place = g_strconcat (bad, ":3: found “sideways”", NULL);
  const char *scenario = "lock-contention";

  check_error (1, place, "check", bad, NULL, NULL);
  check_error (1, place, "describe", bad, NULL, NULL);
  check_error (1, place, "run", bad, NULL, NULL);
  check_error (1, "/nowhere.scenario", "check", "/nowhere.scenario", NULL, NULL);
  check_error (1, "nosuch", "run", "nosuch", NULL, NULL);
  check_error (2, "--workers: found “0”", "run", "--workers", "0", scenario);
  check_error (2, "--workers: found “100000”", "run", "--workers", "100000", scenario);
  check_error (2, "--workers: found “many”", "run", "--workers", "many", scenario);
  check_error (2, "--workers: found “-1”", "run", "--workers", "-1", scenario);
  check_error (2, "--model: found “sideways”", "run", "--model", "sideways", scenario);
  check_error (2, "--duration: found “soon”", "run", "--duration", "soon", scenario);
  check_error (2, "--duration: found “nan”", "run", "--duration", "nan", scenario);
  check_error (2, "--set: found “speed”", "run", "--set", "speed=1", scenario);
  check_error (2, "--set: found “9s”", "run", "--set", "section=9s", scenario);
  check_error (2, "--control-fd: found “77”", "run", "--control-fd", "77", scenario);
  check_error (2, "needs one scenario", "run", NULL, NULL, NULL);
  check_error (2, "needs one scenario", "run", scenario, scenario, NULL);
  check_error (2, "needs one scenario", "check", NULL, NULL, NULL);
  check_error (2, "needs a value", "run", "--model", NULL, NULL);
  check_error (2, "unknown option", "run", "--sideways", scenario, NULL);
  check_error (2, "unknown command", "sideways", NULL, NULL, NULL);
  check_error (2, "no command", NULL, NULL, NULL, NULL);
}

/* Without a controller it runs at once and says what happens. */
static void
test_alone (void)
{
  g_autofree char *path = write_scenario ("[Scenario]\nName=Alone\nModel=threads\nWorkers=2\n"
                                          "[Task a]\nCount=10\nSteps=cpu 10us; fail 0%\n");
  g_autofree char *output = run_to_end (0, NULL, "run", "--model", "threads", path, NULL);

  g_assert_nonnull (strstr (output, "\nready\nrunning\n"));
  g_assert_nonnull (strstr (output, "\ncounts 10 10 0 0 0\nended completed\n"));
}

static void
test_untraceable (void)
{
  g_autoptr (GSubprocessLauncher) launcher = make_launcher ();
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *errors = NULL;

  g_subprocess_launcher_setenv (launcher, "INTERLEAVE_TRACE", "/nowhere/trace", TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("INTERLEAVE_RUNNER"), "run",
                                         "lock-contention", NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, NULL, &errors, &error);
  g_assert_nonnull (strstr (errors, "/nowhere/trace"));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
}

static const char endless[]
    = "[Scenario]\nName=End less\nModel=threads\nModels=threads;processes\n"
      "Workers=3\nSeed=5\nCapacity=10\n"
      "[Knob length]\nName=Length\nValue=200us\nMin=0us\nMax=1ms\n"
      "[Knob room]\nName=Room\nValue=3\nMin=1\nMax=10\n"
      "[Lock A]\n[Queue Q]\nCapacity=${room}\n"
      "[Task a]\nArrival=rate 2000/s\nSteps=lock A; cpu ${length}; unlock A\n"
      "[Task b]\nWorkers=1\nArrival=loop\nSteps=put Q 64B; sleep ~1ms\n"
      "[Task c]\nWorkers=1\nArrival=loop\nSteps=get Q\n";

static void
test_information (void)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--duration", "100");
  g_autofree char *path_line = g_strdup_printf ("info scenario_path %s", path);

  g_assert_cmpstr (runner_expect (runner, "info title"), ==, "info title End less");
  runner_expect (runner, "info scenario_id");
  g_assert_cmpstr (runner_expect (runner, "info scenario_path"), ==, path_line);
  g_assert_cmpstr (runner_expect (runner, "info model"), ==, "info model threads");
  g_assert_cmpstr (runner_expect (runner, "info workers"), ==, "info workers 5");
  g_assert_cmpstr (runner_expect (runner, "info seed"), ==, "info seed 5");
  g_assert_cmpstr (runner_expect (runner, "info duration_ns"), ==, "info duration_ns 100000000000");
  g_assert_cmpstr (runner_read (runner), ==, "ready");
  /* Stopped before it began. */
  runner_send (runner, "stop\n");
  g_assert_cmpstr (runner_read (runner), ==, "stopping");
  g_assert_cmpstr (runner_read (runner), ==, "counts 0 0 0 0 0");
  g_assert_cmpstr (runner_read (runner), ==, "ended stopped");
  runner_finish (runner, 0);
}

static void
test_control (gconstpointer model)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", model);
  guint64 before[5], after[5];

  runner_expect (runner, "ready");
  runner_send (runner, "pause\nresume\nclose\nkill 1\n");
  for (guint i = 0; i < 4; i++)
    g_assert_true (g_str_has_prefix (runner_read (runner), "refused "));
  runner_send (runner, "start\n");
  runner_expect (runner, "running");
  runner_send (runner, "start\n");
  runner_expect (runner, "refused ");
  runner_expect (runner, "counts ");

  runner_send (runner, "pause\n");
  runner_expect (runner, "paused");
  runner_send (runner, "pause\n");
  runner_expect (runner, "refused ");
  get_counts (runner, before);
  runner_send (runner, "set length 10us\nset length 2s\nset speed 1\nset room 5\nnonsense\n");
  g_assert_true (g_str_has_suffix (runner_expect (runner, "turned "), " length 10us"));
  for (guint i = 0; i < 4; i++)
    runner_expect (runner, "refused ");
  get_counts (runner, after);
  g_assert_cmpmem (before, sizeof before, after, sizeof after);

  runner_send (runner, "resume\n");
  runner_expect (runner, "running");
  runner_expect (runner, "counts ");
  runner_send (runner, "stop\nstop\n");
  runner_expect (runner, "stopping");
  runner_expect (runner, "ended stopped");
  check_counts (runner, after);
  g_assert_cmpuint (after[1], >, before[1]);
  runner_finish (runner, 0);
}

static void
test_close (gconstpointer model)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", model);
  guint64 counts[5];

  runner_send (runner, "start\n");
  runner_expect (runner, "counts ");
  /* Also one that is paused finishes. */
  runner_send (runner, "pause\n");
  runner_expect (runner, "paused");
  runner_send (runner, "close\n");
  runner_expect (runner, "stopping");
  runner_expect (runner, "ended completed");
  check_counts (runner, counts);
  g_assert_cmpuint (counts[3], <=, 1);
  runner_finish (runner, 0);
}

static void
test_kill_worker (void)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", "processes");
  guint64 counts[5];

  runner_send (runner, "start\n");
  runner_expect (runner, "running");
  for (guint i = 1; i <= 5; i++)
    {
      g_autofree char *command = g_strdup_printf ("kill %u\n", i);
      g_autofree char *answer = g_strdup_printf ("worker-lost %u 9", i);

      runner_send (runner, command);
      runner_expect (runner, answer);
    }
  runner_send (runner, "kill 6\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "6"));
  runner_expect (runner, "counts ");
  runner_send (runner, "stop\n");
  runner_expect (runner, "ended stopped");
  check_counts (runner, counts);
  g_assert_cmpuint (counts[4], <=, 5);
  runner_finish (runner, 0);

  runner = runner_start (path, "--model", "threads");
  runner_send (runner, "start\nkill 1\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "thread"));
  runner_send (runner, "stop\n");
  runner_finish (runner, 0);
}

/* One at a time, and each time it says who. */
static void
test_step (gconstpointer model)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", model);

  runner_send (runner, "start\nstep\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "running"));
  runner_send (runner, "pause\n");
  runner_expect (runner, "paused");
  for (guint i = 0; i < 8; i++)
    {
      const char *line;

      runner_send (runner, "step\n");
      line = runner_expect (runner, "paused ");
      g_assert_cmpuint (g_ascii_strtoull (line + strlen ("paused "), NULL, 10), <=, 5);
    }
  runner_send (runner, "step 77\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "77"));
  runner_send (runner, "resume\n");
  runner_expect (runner, "running");
  runner_send (runner, "stop\n");
  runner_expect (runner, "ended stopped");
  runner_finish (runner, 0);
}

/* More workers, then fewer, each time said how many. */
static void
test_set_workers (gconstpointer model)
{
  g_autofree char *path
      = write_scenario ("[Scenario]\nName=Test\nModel=threads\nSeed=1\nWorkers=2\n"
                        "[Task a]\nArrival=loop\nSteps=cpu 20us; sleep 100us\n");
  Runner *runner = runner_start (path, "--model", model);

  runner_send (runner, "start\n");
  runner_expect (runner, "running");
  runner_send (runner, "set workers 4\n");
  runner_expect (runner, "info workers 4");
  runner_expect (runner, "info pool_workers 4");
  g_assert_true (g_str_has_suffix (runner_expect (runner, "turned "), " workers 4"));
  runner_send (runner, "set workers 1\n");
  runner_expect (runner, "info workers 1");
  runner_expect (runner, "info pool_workers 1");
  runner_send (runner, "set workers many\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "many"));
  runner_send (runner, "set workers 99999\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "99999"));
  runner_send (runner, "close\n");
  runner_expect (runner, "ended completed");
  runner_finish (runner, 0);
}

/* A crash takes a process, with all that are in it, and no thread of the runner. */
static void
test_crash_worker (void)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", "processes");

  runner_send (runner, "start\n");
  runner_expect (runner, "running");
  runner_send (runner, "crash 2\n");
  g_assert_cmpstr (runner_expect (runner, "hit "), ==, "hit 2 1");
  g_assert_cmpstr (runner_expect (runner, "worker-lost "), ==, "worker-lost 2 11");
  runner_send (runner, "stop\n");
  runner_expect (runner, "ended stopped");
  runner_finish (runner, 0);

  runner = runner_start (path, "--model", "threads");
  runner_send (runner, "start\ncrash 1\n");
  g_assert_nonnull (strstr (runner_expect (runner, "refused "), "thread"));
  runner_send (runner, "stop\n");
  runner_finish (runner, 0);
}

static void
test_garbage (void)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", "threads");
  char garbage[20000];

  runner_send (runner, "start\n");
  memset (garbage, 0xfe, sizeof garbage);
  garbage[10] = '\0';
  garbage[100] = '\n';
  g_assert_cmpint (write (runner->fd, garbage, sizeof garbage), ==, sizeof garbage);
  runner_send (runner, "\nstop\n");
  runner_expect (runner, "refused ");
  runner_expect (runner, "refused ");
  runner_expect (runner, "ended stopped");
  runner_finish (runner, 0);
}

/* The processes whose parent it is. */
static GArray *
list_children (pid_t pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task/%d/children", pid, pid);
  g_autofree char *text = NULL;
  GArray *children = g_array_new (FALSE, FALSE, sizeof (pid_t));
  char *at, *end;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return children;
  for (at = text;; at = end)
    {
      pid_t child = (pid_t)g_ascii_strtoll (at, &end, 10);

      if (end == at)
        return children;
      g_array_append_val (children, child);
    }
}

/* Orphans become ours, so that their end can be waited for. */
static void
wait_for_end_of (const GArray *children)
{
  for (guint i = 0; i < children->len; i++)
    {
      pid_t pid = g_array_index (children, pid_t, i);

      while (kill (pid, 0) == 0)
        if (waitpid (pid, NULL, WNOHANG) != pid)
          g_usleep (1000);
      g_assert_cmpint (errno, ==, ESRCH);
    }
}

/* The other side goes away: the runner ends all that it started, and itself. */
static void
test_controller_leaves (gconstpointer model)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", model);
  g_autoptr (GArray) children = NULL;

  runner_send (runner, "start\n");
  runner_expect (runner, "counts ");
  children = list_children (runner->pid);
  g_assert_cmpuint (children->len, ==, strcmp (model, "processes") == 0 ? 5 : 0);
  close (runner->fd);
  runner->fd = -1;
  runner_finish (runner, 0);
  wait_for_end_of (children);
}

static void
test_controller_leaves_early (void)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", "threads");

  close (runner->fd);
  runner->fd = -1;
  runner_finish (runner, 0);
}

/* The runner is killed: no worker outlives it. */
static void
test_runner_is_killed (void)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", "processes");
  g_autoptr (GArray) children = NULL;

  runner_send (runner, "start\n");
  runner_expect (runner, "counts ");
  children = list_children (runner->pid);
  g_assert_cmpuint (children->len, ==, 5);
  kill (runner->pid, SIGKILL);
  g_subprocess_wait (runner->process, NULL, NULL);
  g_assert_cmpint (g_subprocess_get_term_sig (runner->process), ==, SIGKILL);
  wait_for_end_of (children);
  close (runner->fd);
  g_object_unref (runner->process);
  g_string_free (runner->input, TRUE);
  g_ptr_array_unref (runner->seen);
  g_free (runner);
}

static void
test_signals (gconstpointer signal_number)
{
  g_autofree char *path = write_scenario (endless);
  Runner *runner = runner_start (path, "--model", "processes");

  runner_send (runner, "start\n");
  runner_expect (runner, "counts ");
  kill (runner->pid, GPOINTER_TO_INT (signal_number));
  runner_expect (runner, "ended stopped");
  runner_finish (runner, 0);
}

/* The time of the scenario is over: what runs is finished, or cut off. */
static void
test_duration (gconstpointer at_end)
{
  g_autofree char *text = g_strconcat (
      "[Scenario]\nName=Short\nModel=threads\nWorkers=2\nDuration=1s\nAtEnd=", at_end,
      "\n[Task a]\nArrival=rate 500/s\nSteps=sleep 10ms\n", NULL);
  g_autofree char *path = write_scenario (text);
  Runner *runner = runner_start (path, NULL, NULL);
  guint64 counts[5];

  runner_send (runner, "start\n");
  runner_expect (runner, "stopping");
  runner_expect (runner, "ended completed");
  check_counts (runner, counts);
  g_assert_cmpuint (counts[1], >, 0);
  if (strcmp (at_end, "close") == 0)
    g_assert_cmpuint (counts[3], ==, 0);
  runner_finish (runner, 0);
}

/* A deadlocked run is stopped like any other. */
static void
test_deadlock (gconstpointer model)
{
  g_autofree char *path = write_scenario (
      "[Scenario]\nName=Deadlock\nModel=threads\nModels=threads;processes\n[Lock A]\n[Lock B]\n"
      "[Task ab]\nWorkers=1\nArrival=loop\nSteps=lock A; sleep 2ms; lock B; unlock B; unlock A\n"
      "[Task ba]\nWorkers=1\nArrival=loop\nSteps=lock B; sleep 2ms; lock A; unlock A; unlock B\n");
  Runner *runner = runner_start (path, "--model", model);
  guint64 counts[5];

  runner_send (runner, "start\n");
  runner_expect (runner, "counts ");
  runner_send (runner, "stop\n");
  runner_expect (runner, "ended stopped");
  check_counts (runner, counts);
  runner_finish (runner, 0);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  prctl (PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  signal (SIGPIPE, SIG_IGN);
  directory = g_dir_make_tmp ("interleave-test-XXXXXX", NULL);
  g_assert_nonnull (directory);

  g_test_add_func ("/runner/describe-and-check", test_describe_and_check);
  g_test_add_func ("/runner/errors", test_errors);
  g_test_add_func ("/runner/alone", test_alone);
  g_test_add_func ("/runner/untraceable", test_untraceable);
  g_test_add_func ("/runner/information", test_information);
  g_test_add_data_func ("/runner/control/threads", "threads", test_control);
  g_test_add_data_func ("/runner/control/processes", "processes", test_control);
  g_test_add_data_func ("/runner/close/threads", "threads", test_close);
  g_test_add_data_func ("/runner/close/processes", "processes", test_close);
  g_test_add_func ("/runner/kill-worker", test_kill_worker);
  g_test_add_func ("/runner/crash-worker", test_crash_worker);
  g_test_add_data_func ("/runner/set-workers/threads", "threads", test_set_workers);
  g_test_add_data_func ("/runner/set-workers/coroutines", "coroutines", test_set_workers);
  g_test_add_data_func ("/runner/step/threads", "threads", test_step);
  g_test_add_data_func ("/runner/step/processes", "processes", test_step);
  g_test_add_func ("/runner/garbage", test_garbage);
  g_test_add_data_func ("/runner/controller-leaves/threads", "threads", test_controller_leaves);
  g_test_add_data_func ("/runner/controller-leaves/processes", "processes", test_controller_leaves);
  g_test_add_func ("/runner/controller-leaves-early", test_controller_leaves_early);
  g_test_add_func ("/runner/is-killed", test_runner_is_killed);
  g_test_add_data_func ("/runner/signals/term", GINT_TO_POINTER (SIGTERM), test_signals);
  g_test_add_data_func ("/runner/signals/int", GINT_TO_POINTER (SIGINT), test_signals);
  g_test_add_data_func ("/runner/duration/close", "close", test_duration);
  g_test_add_data_func ("/runner/duration/terminate", "terminate", test_duration);
  g_test_add_data_func ("/runner/deadlock/threads", "threads", test_deadlock);
  g_test_add_data_func ("/runner/deadlock/processes", "processes", test_deadlock);
  status = g_test_run ();

  {
    g_autoptr (GDir) files = g_dir_open (directory, 0, NULL);
    const char *name;

    while (files != NULL && (name = g_dir_read_name (files)) != NULL)
      {
        g_autofree char *path = g_build_filename (directory, name, NULL);

        g_unlink (path);
      }
  }
  g_rmdir (directory);
  g_free (directory);
  return status;
}
