/* bench-probe.c - what watching a thousand threads costs
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Median of five.  The limit is one read of each thread's schedstat, kept open, and nothing else.
 */

#include "config.h"

#include "il-probe.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-probe-private.h"

#define N_RUNS 5
#define N_ROUNDS 20
#define N_THREADS 1000u

static int fds[N_THREADS + 1];
static guint n_fds;

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return (x > y) - (x < y);
}

static double
median (double values[N_RUNS])
{
  qsort (values, N_RUNS, sizeof *values, compare_doubles);
  return values[N_RUNS / 2];
}

static void *
idle_thread (void *data)
{
  pause ();
  return NULL;
}

static pid_t
start_threads (void)
{
  pthread_attr_t attributes;
  int ready[2];
  char byte;
  pid_t pid;

  if (pipe (ready) != 0)
    exit (1);
  pid = fork ();
  if (pid == 0)
    {
      pthread_attr_init (&attributes);
      pthread_attr_setstacksize (&attributes, 65536);
      for (guint i = 0; i < N_THREADS; i++)
        {
          pthread_t thread;

          pthread_create (&thread, &attributes, idle_thread, NULL);
        }
      if (write (ready[1], "r", 1) == 1)
        pause ();
      _exit (0);
    }
  if (read (ready[0], &byte, 1) != 1)
    exit (1);
  return pid;
}

static void
open_limit_cb (const IlProcSample *sample, gpointer data)
{
  g_autofree char *path
      = g_strdup_printf ("/proc/%d/task/%d/schedstat", (int)sample->pid, (int)sample->tid);

  if (n_fds < G_N_ELEMENTS (fds))
    fds[n_fds++] = open (path, O_RDONLY | O_CLOEXEC);
}

static void
nothing_cb (const IlProcSample *sample, gpointer data)
{
}

static double
measure_probe (IlProcProbe *probe)
{
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < N_ROUNDS; i++)
    il_proc_probe_sample (probe, nothing_cb, NULL);
  return (double)(g_get_monotonic_time () - begin) * 1e3 / N_ROUNDS / (N_THREADS + 1);
}

static double
measure_limit (void)
{
  gint64 begin = g_get_monotonic_time ();
  char text[256];

  for (guint i = 0; i < N_ROUNDS; i++)
    for (guint j = 0; j < n_fds; j++)
      if (pread (fds[j], text, sizeof text, 0) <= 0)
        exit (1);
  return (double)(g_get_monotonic_time () - begin) * 1e3 / N_ROUNDS / n_fds;
}

static void
bench_proc (const char *what, guint max_files, pid_t pid)
{
  IlProcProbe *probe = il_proc_probe_new_with_max_files (pid, max_files, TRUE);
  double ours[N_RUNS], limit[N_RUNS];

  il_proc_probe_sample (probe, n_fds == 0 ? open_limit_cb : nothing_cb, NULL);
  for (guint i = 0; i < N_RUNS; i++)
    {
      ours[i] = measure_probe (probe);
      limit[i] = measure_limit ();
    }
  printf ("%-44s %8.0f ns   limit %8.0f   ratio %5.2f\n", what, median (ours), median (limit),
          median (ours) / median (limit));
  il_proc_probe_free (probe);
}

static void
bench_core (void)
{
  IlCoreProbe *probe = il_core_probe_new ();
  const IlCoreSample *samples;
  gint64 begin = g_get_monotonic_time (), time_ns;
  guint n;

  for (guint i = 0; i < 1000; i++)
    il_core_probe_sample (probe, &time_ns, &samples, &n);
  printf ("%-44s %8.0f ns\n", "all cores, a sample",
          (double)(g_get_monotonic_time () - begin) * 1e3 / 1000);
  il_core_probe_free (probe);
}

int
main (void)
{
  struct rlimit limit;
  pid_t pid;

  getrlimit (RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  pid = start_threads ();
  bench_proc ("an idle thread, files kept open", 2 * N_THREADS + 16, pid);
  bench_proc ("an idle thread, 512 files kept open", 512, pid);
  bench_core ();
  kill (pid, SIGKILL);
  waitpid (pid, NULL, 0);
  return 0;
}
