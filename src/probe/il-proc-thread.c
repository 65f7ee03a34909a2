/* il-proc-thread.c - one look at one thread of a process tree, through /proc
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-proc-probe-private.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define IDLE_ROUNDS 8 /* so often is a thread looked at that did not run */

static gboolean
read_fd (int fd, char text[IL_PROC_TEXT_SIZE])
{
  gssize n = pread (fd, text, IL_PROC_TEXT_SIZE - 1, 0);

  text[MAX (n, 0)] = '\0';
  return n > 0;
}

gboolean
il_proc_read_path (const char *path, char text[IL_PROC_TEXT_SIZE])
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean done = fd >= 0 && read_fd (fd, text);

  if (fd >= 0)
    close (fd);
  return done;
}

static void
make_thread_path (char path[64], const IlProcThread *thread, const char *file)
{
  snprintf (path, 64, "/proc/%d/task/%d/%s", (int)thread->pid, (int)thread->tid, file);
}

/* Reads a file of a thread, keeping it open where it may stay so. */
static gboolean
read_kept (IlProcProbe *probe, const IlProcThread *thread, const char *file, int *fd,
           char text[IL_PROC_TEXT_SIZE])
{
  char path[64];

  if (*fd >= 0)
    return read_fd (*fd, text);
  make_thread_path (path, thread, file);
  if (probe->n_files >= probe->max_files)
    return il_proc_read_path (path, text);
  *fd = open (path, O_RDONLY | O_CLOEXEC);
  if (*fd < 0)
    return FALSE;
  probe->n_files++;
  return read_fd (*fd, text);
}

static gboolean
read_thread_file (const IlProcThread *thread, const char *file, char text[IL_PROC_TEXT_SIZE])
{
  char path[64];

  make_thread_path (path, thread, file);
  return il_proc_read_path (path, text);
}

/* See il-probe.h. */
char
il_probe_read_state (pid_t pid, pid_t tid)
{
  const IlProcThread thread = { .pid = pid, .tid = tid };
  char text[IL_PROC_TEXT_SIZE];
  IlProcStat stat;

  if (!read_thread_file (&thread, "stat", text) || !il_proc_parse_stat (text, &stat))
    return '\0';
  return stat.state;
}

void
il_proc_thread_close_files (IlProcProbe *probe, IlProcThread *thread)
{
  int *const fds[] = { &thread->stat_fd, &thread->schedstat_fd };

  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    if (*fds[i] >= 0)
      {
        close (*fds[i]);
        *fds[i] = -1;
        probe->n_files--;
      }
}

gint64
il_proc_get_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64)now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

void
il_proc_thread_report_gone (IlProcProbe *probe, const IlProcThread *thread)
{
  const IlProcSample sample = {
    .time_ns = il_proc_get_now_ns (), .pid = thread->pid, .tid = thread->tid, .is_gone = TRUE
  };

  if (thread->is_known)
    probe->func (&sample, probe->data);
}

static void
read_children (IlProcProbe *probe, const IlProcThread *thread)
{
  char path[64];
  g_autofree char *text = NULL;
  char *next;

  make_thread_path (path, thread, "children");
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  next = text;
  for (gint64 pid = strtoll (next, &next, 10); pid > 0; pid = strtoll (next, &next, 10))
    il_proc_probe_add_process (probe, (pid_t)pid);
}

/* All that is dearer than two reads. */
static void
look_closer (IlProcProbe *probe, IlProcThread *thread)
{
  IlProcProcess *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (thread->pid));
  char text[IL_PROC_TEXT_SIZE];
  IlProcStatus status;

  if (read_thread_file (thread, "status", text) && il_proc_parse_status (text, &status))
    {
      thread->voluntary_switches = status.voluntary_switches;
      thread->involuntary_switches = status.involuntary_switches;
      if (process != NULL && status.peak_rss_bytes > process->peak_rss_bytes)
        process->peak_rss_bytes = status.peak_rss_bytes;
    }
  if (probe->has_children)
    read_children (probe, thread);
}

static gboolean
has_run (const IlProcThread *thread, const IlProcSchedstat *now)
{
  return now->n_slices != thread->last.n_slices || now->run_ns != thread->last.run_ns;
}

/* One that did not run, is not about to, and is not to be looked at all the same. */
gboolean
il_proc_thread_may_rest (const IlProcProbe *probe, const IlProcThread *thread)
{
  return thread->is_known && thread->stat.state != 'R'
         && (probe->round + (guint)thread->tid) % IDLE_ROUNDS != 0;
}

/* Kernels without schedstat count in ticks, and know nothing of waiting. */
static gboolean
read_thread (IlProcProbe *probe, IlProcThread *thread, IlProcStat *stat, IlProcSchedstat *schedstat)
{
  char text[IL_PROC_TEXT_SIZE];
  gboolean has_schedstat = read_kept (probe, thread, "schedstat", &thread->schedstat_fd, text)
                           && il_proc_parse_schedstat (text, schedstat);

  *stat = thread->stat;
  if (has_schedstat && !has_run (thread, schedstat) && il_proc_thread_may_rest (probe, thread))
    return TRUE;
  if (!read_kept (probe, thread, "stat", &thread->stat_fd, text)
      || !il_proc_parse_stat (text, stat))
    return FALSE;
  if (!has_schedstat)
    *schedstat = (IlProcSchedstat){ .run_ns = stat->cpu_ticks * (guint64)probe->ns_per_tick,
                                    .n_slices = stat->cpu_ticks };
  return TRUE;
}

/* That has ended, though there is somebody of its number still. */
static void
forget (IlProcProbe *probe, IlProcThread *thread)
{
  il_proc_thread_report_gone (probe, thread);
  thread->is_known = FALSE;
  thread->last = (IlProcSchedstat){ 0 };
  thread->voluntary_switches = thread->involuntary_switches = 0;
}

void
il_proc_thread_report_sample (IlProcProbe *probe, IlProcThread *thread, gint64 time_ns,
                              const IlProcSchedstat *now)
{
  IlProcSample sample = {
    .time_ns = time_ns,
    .pid = thread->pid,
    .tid = thread->tid,
    .state = thread->stat.state,
    .core = thread->stat.core,
    .is_first = !thread->is_known,
    .run_ns = MAX (now->run_ns, thread->last.run_ns) - thread->last.run_ns,
    .wait_ns = MAX (now->wait_ns, thread->last.wait_ns) - thread->last.wait_ns,
    .voluntary_switches = thread->voluntary_switches,
    .involuntary_switches = thread->involuntary_switches,
  };

  memcpy (sample.name, thread->stat.name, sizeof sample.name);
  thread->last = *now;
  thread->is_known = TRUE;
  thread->round = probe->round;
  probe->func (&sample, probe->data);
}

/* A first thread stays to be looked at until its process ends, though it has left. */
static gboolean
has_left (const IlProcStat *stat)
{
  return stat->state == 'Z' && stat->n_threads > 1;
}

/* Returns whether the thread may have ended, or started others, since the last sample. */
gboolean
il_proc_thread_sample (IlProcProbe *probe, IlProcThread *thread)
{
  IlProcStat stat;
  IlProcSchedstat now;
  gboolean is_active;
  gint64 time_ns;

  if (!read_thread (probe, thread, &stat, &now))
    return TRUE;
  time_ns = il_proc_get_now_ns ();
  if (thread->is_known && stat.start_ticks != thread->stat.start_ticks)
    forget (probe, thread);
  thread->stat = stat;
  if (has_left (&stat) && !thread->is_known)
    {
      thread->round = probe->round;
      return FALSE;
    }
  is_active = !thread->is_known || stat.state == 'R' || has_run (thread, &now);
  if (is_active)
    look_closer (probe, thread);

  il_proc_thread_report_sample (probe, thread, time_ns, &now);
  if (has_left (&stat))
    forget (probe, thread);
  return is_active;
}
