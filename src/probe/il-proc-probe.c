/* il-proc-probe.c - threads of a tree of processes, sampled from /proc
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The fallback where the kernel does not show every switch, and the source of each process's peak
 * memory.  A thread's schedstat is kept open and read by pread, which costs a third of opening it
 * each time (nanoseconds of running and of being ready, from the scheduler's own books);
 * descriptors are bounded, past that files are opened as needed.
 */

#include "config.h"

#include "il-probe.h"

#include "il-proc-files.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 512u

typedef struct
{
  pid_t pid, tid;
  guint64 start_ticks;
  int schedstat_fd; /* or -1 */
  guint64 run_ns, wait_ns;
  guint round; /* in which it was last seen */
} Thread;

struct _IlProcProbe
{
  pid_t root;
  GHashTable *threads; /* tid → Thread */
  GHashTable *peaks;   /* pid → guint64 *, bytes */
  guint n_descriptors;
  guint round;
};

static void
thread_free (gpointer data)
{
  Thread *thread = data;

  if (thread->schedstat_fd >= 0)
    close (thread->schedstat_fd);
  g_free (thread);
}

/**
 * il_proc_probe_new:
 * @pid: the process whose threads, and whose descendants' threads, are watched
 *
 * Returns: (transfer full): a probe
 */
IlProcProbe *
il_proc_probe_new (pid_t pid)
{
  IlProcProbe *self = g_new0 (IlProcProbe, 1);

  self->root = pid;
  self->threads = g_hash_table_new_full (NULL, NULL, NULL, thread_free);
  self->peaks = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return self;
}

/**
 * il_proc_probe_free:
 */
void
il_proc_probe_free (IlProcProbe *probe)
{
  if (probe == NULL)
    return;
  g_hash_table_unref (probe->threads);
  g_hash_table_unref (probe->peaks);
  g_free (probe);
}

/* Reads a small file whole from its start; FALSE when it is gone. */
static gboolean
read_descriptor (int fd, char *text, gsize size)
{
  ssize_t n = pread (fd, text, size - 1, 0);

  if (n <= 0)
    return FALSE;
  text[n] = '\0';
  return TRUE;
}

static gboolean
read_file (const char *path, char *text, gsize size)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean is_read;

  if (fd < 0)
    return FALSE;
  is_read = read_descriptor (fd, text, size);
  close (fd);
  return is_read;
}

static gboolean
read_task_file (pid_t pid, pid_t tid, const char *name, char *text, gsize size)
{
  char path[64];

  g_snprintf (path, sizeof path, "/proc/%d/task/%d/%s", (int)pid, (int)tid, name);
  return read_file (path, text, size);
}

/* Names in a directory of /proc that are numbers. */
static GArray *
list_numbers (const char *path)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (pid_t));
  DIR *directory = opendir (path);
  struct dirent *entry;

  if (directory == NULL)
    return numbers;
  while ((entry = readdir (directory)) != NULL)
    {
      pid_t number = (pid_t)g_ascii_strtoll (entry->d_name, NULL, 10);

      if (number > 0)
        g_array_append_val (numbers, number);
    }
  closedir (directory);
  return numbers;
}

/* Adds the children that one thread of a process has started. */
static void
add_children (pid_t pid, pid_t tid, GArray *pids)
{
  char text[16384];
  char *at = text;

  if (!read_task_file (pid, tid, "children", text, sizeof text))
    return;
  for (;;)
    {
      char *end;
      pid_t child = (pid_t)g_ascii_strtoll (at, &end, 10);

      if (end == at || child <= 0)
        return;
      g_array_append_val (pids, child);
      at = end;
    }
}

static Thread *
begin_thread (IlProcProbe *self, pid_t pid, pid_t tid, guint64 start_ticks)
{
  Thread *thread = g_new0 (Thread, 1);

  thread->pid = pid;
  thread->tid = tid;
  thread->start_ticks = start_ticks;
  thread->schedstat_fd = -1;
  if (self->n_descriptors < MOST_DESCRIPTORS)
    {
      char path[64];

      g_snprintf (path, sizeof path, "/proc/%d/task/%d/schedstat", (int)pid, (int)tid);
      thread->schedstat_fd = open (path, O_RDONLY | O_CLOEXEC);
      if (thread->schedstat_fd >= 0)
        self->n_descriptors++;
    }
  g_hash_table_insert (self->threads, GINT_TO_POINTER (tid), thread);
  return thread;
}

static void
end_thread (IlProcProbe *self, const Thread *thread, IlProcFunc func, gpointer data)
{
  IlProcSample sample = { .pid = thread->pid, .tid = thread->tid, .is_gone = TRUE };

  if (thread->schedstat_fd >= 0)
    self->n_descriptors--;
  func (&sample, data);
}

static gint64
get_time_ns (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (gint64)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* The time it ran and was ready since the last look.  Books that step back are not believed. */
static gboolean
read_deltas (Thread *thread, IlProcSample *sample)
{
  char text[128];
  guint64 run_ns, wait_ns;
  gboolean is_read
      = thread->schedstat_fd >= 0
            ? read_descriptor (thread->schedstat_fd, text, sizeof text)
            : read_task_file (thread->pid, thread->tid, "schedstat", text, sizeof text);

  if (!is_read || !il_proc_schedstat_parse (text, &run_ns, &wait_ns))
    return FALSE;
  sample->time_ns = get_time_ns ();
  sample->run_ns = run_ns > thread->run_ns ? run_ns - thread->run_ns : 0;
  sample->wait_ns = wait_ns > thread->wait_ns ? wait_ns - thread->wait_ns : 0;
  thread->run_ns = MAX (thread->run_ns, run_ns);
  thread->wait_ns = MAX (thread->wait_ns, wait_ns);
  return TRUE;
}

static void
read_switches (const Thread *thread, IlProcSample *sample)
{
  char text[4096];

  if (!read_task_file (thread->pid, thread->tid, "status", text, sizeof text))
    return;
  il_proc_status_get (text, "voluntary_ctxt_switches", &sample->voluntary_switches);
  il_proc_status_get (text, "nonvoluntary_ctxt_switches", &sample->involuntary_switches);
}

static void
sample_thread (IlProcProbe *self, pid_t pid, pid_t tid, IlProcFunc func, gpointer data)
{
  char text[1024];
  IlProcStat stat;
  IlProcSample sample = { .pid = pid, .tid = tid };
  Thread *thread = g_hash_table_lookup (self->threads, GINT_TO_POINTER (tid));

  if (!read_task_file (pid, tid, "stat", text, sizeof text) || !il_proc_stat_parse (text, &stat))
    return;
  if (thread != NULL && (thread->pid != pid || thread->start_ticks != stat.start_ticks))
    {
      end_thread (self, thread, func, data);
      g_hash_table_remove (self->threads, GINT_TO_POINTER (tid));
      thread = NULL;
    }
  if (thread == NULL)
    {
      thread = begin_thread (self, pid, tid, stat.start_ticks);
      sample.is_first = TRUE;
    }
  thread->round = self->round;
  sample.state = stat.state;
  sample.core = stat.core;
  memcpy (sample.name, stat.name, sizeof sample.name);
  if (!read_deltas (thread, &sample))
    return;
  read_switches (thread, &sample);
  func (&sample, data);
}

static void
read_peak (IlProcProbe *self, pid_t pid)
{
  char text[4096];
  guint64 kib;
  guint64 *peak;

  if (!read_task_file (pid, pid, "status", text, sizeof text)
      || !il_proc_status_get (text, "VmHWM", &kib))
    return;
  peak = g_hash_table_lookup (self->peaks, GINT_TO_POINTER (pid));
  if (peak == NULL)
    {
      peak = g_new0 (guint64, 1);
      g_hash_table_insert (self->peaks, GINT_TO_POINTER (pid), peak);
    }
  *peak = MAX (*peak, kib * 1024);
}

static void
end_unseen (IlProcProbe *self, IlProcFunc func, gpointer data)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Thread *thread = value;

      if (thread->round == self->round)
        continue;
      end_thread (self, thread, func, data);
      g_hash_table_iter_remove (&iter);
    }
}

/**
 * il_proc_probe_sample:
 * @func: called once for each thread seen, and once for each that has gone since the last call
 *
 * Looks at all threads of the process and of its descendants.
 */
void
il_proc_probe_sample (IlProcProbe *probe, IlProcFunc func, gpointer data)
{
  g_autoptr (GArray) pids = g_array_new (FALSE, FALSE, sizeof (pid_t));

  probe->round++;
  g_array_append_val (pids, probe->root);
  for (guint i = 0; i < pids->len; i++)
    {
      pid_t pid = g_array_index (pids, pid_t, i);
      char path[32];
      g_autoptr (GArray) tids = NULL;

      g_snprintf (path, sizeof path, "/proc/%d/task", (int)pid);
      tids = list_numbers (path);
      for (guint j = 0; j < tids->len; j++)
        {
          pid_t tid = g_array_index (tids, pid_t, j);

          sample_thread (probe, pid, tid, func, data);
          add_children (pid, tid, pids);
        }
      read_peak (probe, pid);
    }
  end_unseen (probe, func, data);
}

/**
 * il_proc_probe_get_peak_rss:
 *
 * Returns: the most memory that the process was seen to have had resident, in bytes; 0 if it was
 * never seen
 */
guint64
il_proc_probe_get_peak_rss (IlProcProbe *probe, pid_t pid)
{
  const guint64 *peak = g_hash_table_lookup (probe->peaks, GINT_TO_POINTER (pid));

  return peak != NULL ? *peak : 0;
}
