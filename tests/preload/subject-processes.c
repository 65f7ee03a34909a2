/* subject-processes.c - forks while locks are held, and processes that last but a moment
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t own_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t others_mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic bool is_over;

static void *
take_own (void *data)
{
  pthread_mutex_lock (&own_mutex);
  pthread_mutex_unlock (&own_mutex);
  return NULL;
}

static int
await_child (pid_t pid)
{
  int status = -1;

  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  return WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status);
}

static int
run_children (int argc, char **argv)
{
  int n = atoi (argv[0]), n_good = 0;

  for (int i = 0; i < n; i++)
    {
      pid_t pid = fork ();

      REQUIRE (pid >= 0);
      if (pid == 0)
        {
          for (int j = 0; j < 2; j++)
            {
              pthread_mutex_lock (&own_mutex);
              pthread_mutex_unlock (&own_mutex);
            }
          _exit (i % 7);
        }
      n_good += await_child (pid) == i % 7;
    }
  printf ("%d children\n", n_good);
  meet_once (&own_mutex, take_own);
  return 0;
}

static void *
run_holder (void *data)
{
  while (!is_over)
    {
      pthread_mutex_lock (&others_mutex);
      spin_us (20);
      pthread_mutex_unlock (&others_mutex);
    }
  return NULL;
}

/* Forks while other threads have locks, and while this one has. */
static int
run_fork_held (int argc, char **argv)
{
  int n = atoi (argv[0]), n_good = 0;
  pthread_t holders[2];

  for (int i = 0; i < 2; i++)
    pthread_create (&holders[i], NULL, run_holder, NULL);
  for (int i = 0; i < n; i++)
    {
      pid_t pid;

      pthread_mutex_lock (&own_mutex);
      pid = fork ();
      if (pid == 0)
        {
          pthread_mutex_unlock (&own_mutex);
          meet_once (&own_mutex, take_own);
          exit (0);
        }
      pthread_mutex_unlock (&own_mutex);
      n_good += await_child (pid) == 0;
    }
  is_over = true;
  for (int i = 0; i < 2; i++)
    pthread_join (holders[i], NULL);
  printf ("%d children\n", n_good);
  return 0;
}

static pthread_mutex_t kept = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t written = PTHREAD_RWLOCK_INITIALIZER;
static _Atomic bool has_kept;

static void *
keep (void *data)
{
  pthread_setname_np (pthread_self (), "keeper");
  pthread_mutex_lock (&kept);
  pthread_rwlock_wrlock (&written);
  has_kept = true;
  while (!is_over)
    sleep_ms (1);
  pthread_rwlock_unlock (&written);
  pthread_mutex_unlock (&kept);
  return NULL;
}

static void
want_copy (int which)
{
  pthread_setname_np (pthread_self (), "copy");
  if (which == 0)
    pthread_mutex_lock (&kept);
  else if (which == 1)
    pthread_rwlock_rdlock (&written);
  else
    pthread_mutex_lock (&own_mutex);
  _exit (0);
}

/* Children want what was locked when they were made, and never get it. */
static int
run_copied (int argc, char **argv)
{
  pthread_t keeper;

  pthread_setname_np (pthread_self (), "forker");
  pthread_create (&keeper, NULL, keep, NULL);
  while (!has_kept)
    sleep_ms (1);
  pthread_mutex_lock (&own_mutex);
  for (int i = 0; i < 3; i++)
    {
      pid_t pid = fork ();

      if (pid == 0)
        want_copy (i);
      await_sleep (pid);
      kill (pid, SIGKILL);
      REQUIRE (await_child (pid) == 128 + SIGKILL);
    }
  pthread_mutex_unlock (&own_mutex);
  is_over = true;
  pthread_join (keeper, NULL);
  return 0;
}

/* Of a child that shares the memory of its parent nothing may be left there. */
static int
run_vfork (int argc, char **argv)
{
  char *const arguments[] = { (char *)"/does/not/exist", NULL };
  char *const right[] = { (char *)"true", NULL };
  volatile int n_good = 0;
  pid_t pid;

  for (volatile int i = 0; i < 20; i++)
    {
      pid = vfork ();
      if (pid == 0)
        {
          execv (arguments[0], arguments);
          _exit (7);
        }
      n_good += await_child (pid) == 7;
      pid = vfork ();
      if (pid == 0)
        {
          execv ("/bin/true", right);
          _exit (7);
        }
      n_good += await_child (pid) == 0;
      REQUIRE (posix_spawn (&pid, arguments[0], NULL, NULL, arguments, environ) != 0
               || await_child (pid) == 127);
      REQUIRE (posix_spawn (&pid, "/bin/true", NULL, NULL, right, environ) == 0);
      n_good += await_child (pid) == 0;
    }
  printf ("%d children\n", n_good);
  meet_once (&own_mutex, take_own);
  return 0;
}

/* Made past all handlers. */
static int
run_clone (int argc, char **argv)
{
  int n_good = 0;

  meet_once (&own_mutex, take_own);
  for (int i = 0; i < 20; i++)
    {
      pid_t pid = (pid_t)syscall (SYS_clone, SIGCHLD, 0, 0, 0, 0);

      if (pid == 0)
        {
          pthread_mutex_lock (&own_mutex);
          pthread_mutex_unlock (&own_mutex);
          syscall (SYS_exit_group, 5);
        }
      n_good += await_child (pid) == 5;
    }
  printf ("%d children\n", n_good);
  meet_once (&own_mutex, take_own);
  return 0;
}

/* A robust mutex outlives those who have it. */
static void *
die_with_it (void *mutex)
{
  pthread_mutex_lock (mutex);
  return NULL;
}

static int
run_dead_owner (int argc, char **argv)
{
  static pthread_mutex_t robust;
  pthread_mutexattr_t attributes;
  pthread_t thread;

  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_setrobust (&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init (&robust, &attributes);
  for (int i = 0; i < 3; i++)
    {
      pthread_create (&thread, NULL, die_with_it, &robust);
      pthread_join (thread, NULL);
      REQUIRE (pthread_mutex_lock (&robust) == EOWNERDEAD);
      REQUIRE (pthread_mutex_consistent (&robust) == 0);
      REQUIRE (pthread_mutex_unlock (&robust) == 0);
    }
  return 0;
}

static void *
end_process (void *data)
{
  _exit (*(int *)data);
}

/* Arguments: how to end, and a status. */
static int
run_ends (int argc, char **argv)
{
  int status = argc > 1 ? atoi (argv[1]) : 0;
  pthread_t thread;

  meet_once (&own_mutex, take_own);
  if (strcmp (argv[0], "return") == 0)
    return status;
  if (strcmp (argv[0], "exit") == 0)
    exit (status);
  if (strcmp (argv[0], "_exit") == 0)
    _exit (status);
  if (strcmp (argv[0], "_Exit") == 0)
    _Exit (status);
  if (strcmp (argv[0], "quick_exit") == 0)
    quick_exit (status);
  if (strcmp (argv[0], "abort") == 0)
    abort ();
  if (strcmp (argv[0], "signal") == 0)
    raise (status);
  if (strcmp (argv[0], "thread") == 0)
    pthread_create (&thread, NULL, end_process, &status);
  if (strcmp (argv[0], "pthread_exit") == 0)
    pthread_exit (NULL);
  for (;;)
    pause ();
}

const Subject subjects_of_processes[] = {
  { "children", run_children }, { "fork-held", run_fork_held },
  { "copied", run_copied },     { "vfork", run_vfork },
  { "clone", run_clone },       { "dead-owner", run_dead_owner },
  { "ends", run_ends },         { NULL, NULL },
};
