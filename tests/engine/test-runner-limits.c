/* test-runner-limits.c - interleave-runner on a system that does not give it all its workers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#ifndef IS_SANITIZED
#define IS_SANITIZED 0
#endif

#define N_PROCESSES 10

static char *scenario;

/* In the child, before it becomes the runner: a clone with this bit among its flags set, or not
 * set, fails as it does where there are too many processes. */
static void
refuse_clone (guint32 bit, gboolean if_set)
{
  struct sock_filter code[] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
    /* The flags of clone3 are out of a filter's reach; without it the C library uses clone. */
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 3),
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[0])),
    BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, bit, if_set ? 0 : 1, if_set ? 1 : 0),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAGAIN),
    BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = { G_N_ELEMENTS (code), code };

  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
      || prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
    _exit (99);
}

static void
refuse_threads_cb (gpointer data)
{
  refuse_clone (CLONE_THREAD, TRUE);
}

static void
refuse_processes_cb (gpointer data)
{
  refuse_clone (CLONE_THREAD, FALSE);
}

static void
limit_memory_cb (gpointer data)
{
  struct rlimit limit = { 200 << 20, 200 << 20 };

  if (setrlimit (RLIMIT_AS, &limit) != 0)
    _exit (99);
}

/* As a user of our own, that may have a few processes; who is not root has some already, and cannot
 * tell how many. */
static void
limit_processes_cb (gpointer data)
{
  struct rlimit limit = { N_PROCESSES, N_PROCESSES };
  uid_t user = 1000000 + (uid_t)getpid ();

  if (setrlimit (RLIMIT_NPROC, &limit) != 0)
    _exit (99);
  if (geteuid () == 0
      && (prctl (PR_CAPBSET_DROP, CAP_SYS_ADMIN) != 0
          || prctl (PR_CAPBSET_DROP, CAP_SYS_RESOURCE) != 0 || setreuid (user, (uid_t)-1) != 0))
    _exit (99);
}

/* Runs it with one worker after another until there are no more: it says how far it came, and
 * leaves nothing behind. */
static char *
run_limited (GSpawnChildSetupFunc setup, const char *model, const char *workers)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  char *errors = NULL;

  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "INTERLEAVE_TRACE");
  /* The leak check would need a process of its own. */
  g_subprocess_launcher_setenv (launcher, "ASAN_OPTIONS", "detect_leaks=0", TRUE);
  g_subprocess_launcher_set_child_setup (launcher, setup, NULL, NULL);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("INTERLEAVE_RUNNER"), "run",
                                         "--model", model, "--workers", workers, scenario, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, &errors, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
  g_assert_null (strstr (output, "ended"));
  g_assert_nonnull (strstr (output, "\nerror Cannot start "));
  g_assert_true (strchr (errors, '\n') == errors + strlen (errors) - 1);
  return errors;
}

static void
test_no_threads (void)
{
  g_autofree char *errors = run_limited (refuse_threads_cb, "threads", "3");

  g_assert_cmpstr (errors, ==, "Cannot start thread 1 of 3: Resource temporarily unavailable\n");
}

static void
test_no_processes (void)
{
  g_autofree char *errors = run_limited (refuse_processes_cb, "processes", "3");

  g_assert_cmpstr (errors, ==, "Cannot start process 1 of 3: Resource temporarily unavailable\n");
}

static void
test_some_threads (void)
{
  g_autofree char *errors = run_limited (limit_memory_cb, "threads", "4096");
  guint64 number = g_ascii_strtoull (errors + strlen ("Cannot start thread "), NULL, 10);

  g_assert_cmpuint (number, >, 1);
  g_assert_nonnull (strstr (errors, " of 4096: "));
}

/* Those that were started already are gone when it says so: the pipe that it writes to is closed
 * by all. */
static void
test_some_processes (void)
{
  g_autofree char *errors = run_limited (limit_processes_cb, "processes", "64");
  guint64 number = g_ascii_strtoull (errors + strlen ("Cannot start process "), NULL, 10);

  g_assert_true (g_str_has_suffix (errors, " of 64: Resource temporarily unavailable\n"));
  if (geteuid () == 0)
    g_assert_cmpuint (number, ==, N_PROCESSES);
  else
    g_assert_cmpuint (number, >=, 1);
}

int
main (int argc, char **argv)
{
  g_autofree char *directory = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  directory = g_dir_make_tmp ("interleave-test-XXXXXX", NULL);
  scenario = g_build_filename (directory, "limits.scenario", NULL);
  g_assert_true (g_file_set_contents (scenario,
                                      "[Scenario]\nName=Limits\nModel=threads\n"
                                      "Models=threads;processes\nWorkers=3\n"
                                      "[Task a]\nCount=10\nSteps=cpu 1us\n",
                                      -1, NULL));
  g_test_add_func ("/runner-limits/no-processes", test_no_processes);
  /* A sanitizer needs threads and memory of its own. */
  if (!IS_SANITIZED)
    {
      g_test_add_func ("/runner-limits/no-threads", test_no_threads);
      g_test_add_func ("/runner-limits/some-threads", test_some_threads);
      g_test_add_func ("/runner-limits/some-processes", test_some_processes);
    }
  status = g_test_run ();
  g_unlink (scenario);
  g_rmdir (directory);
  g_free (scenario);
  return status;
}
