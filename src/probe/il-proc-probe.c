/* il-proc-probe.c - the threads of a process tree by looking into /proc again and again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sample costs one look at a process's clock, and where that has moved one read a thread, on a
 * file that is kept open as long as there are few.  What is dearer is read only of threads that
 * have run since the last sample: only they can have switched, grown, ended or started others;
 * where none has run, not even the list of threads is read again.  One thing can happen to a thread
 * that has not run, that it was woken and waits for a core: that is looked for now and then.  A
 * process stays watched when its parent ends before it.
 *
 * The clock is the sum of the run times that schedstat has of the threads, those that are gone
 * included: while it stands still, none of them has moved.
 */

#include "config.h"

#include "il-probe.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "il-proc-probe-private.h"

#define FILES_KEPT_OPEN 512

static void
process_free (gpointer data)
{
  IlProcProcess *process = data;

  g_array_unref (process->tids);
  g_free (process);
}

void
il_proc_probe_add_process (IlProcProbe *probe, pid_t pid)
{
  IlProcProcess *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));
  char path[64], text[IL_PROC_TEXT_SIZE];
  IlProcStat stat;

  if (process != NULL && !process->is_gone)
    return;
  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  if (!il_proc_read_path (path, text) || !il_proc_parse_stat (text, &stat))
    return;
  if (process == NULL)
    {
      process = g_new0 (IlProcProcess, 1);
      process->pid = pid;
      process->tids = g_array_new (FALSE, FALSE, sizeof (pid_t));
      g_hash_table_insert (probe->processes, GINT_TO_POINTER (pid), process);
    }
  process->start_ticks = stat.start_ticks;
  process->is_gone = FALSE;
  process->run_ns = -1;
  g_array_set_size (process->tids, 0);
  g_array_append_val (probe->pids, pid);
}

/* Whether the process of this number is still the one that we mean. */
static gboolean
check_process (IlProcProbe *probe, pid_t pid)
{
  IlProcProcess *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));
  char path[64], text[IL_PROC_TEXT_SIZE];
  IlProcStat stat;

  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  process->is_gone = !il_proc_read_path (path, text) || !il_proc_parse_stat (text, &stat)
                     || stat.start_ticks != process->start_ticks;
  return !process->is_gone;
}

/* Looks at the clock of a process.  A process that is gone has none. */
static void
look_at_clock (IlProcProcess *process)
{
  gint64 now_ns = il_proc_get_now_ns ();
  gint64 run_ns = -1;
  struct timespec used;
  clockid_t clock;

  if (clock_getcpuclockid (process->pid, &clock) == 0 && clock_gettime (clock, &used) == 0)
    run_ns = (gint64)used.tv_sec * G_GINT64_CONSTANT (1000000000) + used.tv_nsec;
  process->quiet_until_ns = run_ns >= 0 && run_ns == process->run_ns ? now_ns : -1;
  process->run_ns = run_ns;
}

static IlProcThread *
get_thread (IlProcProbe *probe, pid_t pid, pid_t tid)
{
  IlProcThread *thread = g_hash_table_lookup (probe->threads, GINT_TO_POINTER (tid));

  if (thread != NULL && thread->pid != pid)
    {
      il_proc_thread_report_gone (probe, thread);
      il_proc_thread_close_files (probe, thread);
      g_hash_table_remove (probe->threads, GINT_TO_POINTER (tid));
      thread = NULL;
    }
  if (thread == NULL)
    {
      thread = g_new0 (IlProcThread, 1);
      *thread = (IlProcThread){ .pid = pid, .tid = tid, .stat_fd = -1, .schedstat_fd = -1 };
      g_hash_table_insert (probe->threads, GINT_TO_POINTER (tid), thread);
    }
  return thread;
}

/* All that are listed and were not sampled in this round. */
static void
sample_listed (IlProcProbe *probe, IlProcProcess *process)
{
  char path[64];
  g_autoptr (GDir) dir = NULL;
  const char *name;

  g_array_set_size (process->tids, 0);
  snprintf (path, sizeof path, "/proc/%d/task", (int)process->pid);
  dir = g_dir_open (path, 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      pid_t tid = (pid_t)g_ascii_strtoll (name, NULL, 10);
      IlProcThread *thread = get_thread (probe, process->pid, tid);

      g_array_append_val (process->tids, tid);
      if (thread->round != probe->round)
        il_proc_thread_sample (probe, thread);
    }
}

static void
sample_process (IlProcProbe *probe, pid_t pid)
{
  IlProcProcess *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));
  gboolean is_active = process->tids->len == 0;

  look_at_clock (process);
  for (guint i = 0; i < process->tids->len; i++)
    {
      pid_t tid = g_array_index (process->tids, pid_t, i);
      IlProcThread *thread = g_hash_table_lookup (probe->threads, GINT_TO_POINTER (tid));

      if (process->quiet_until_ns >= 0 && thread != NULL && thread->pid == pid
          && il_proc_thread_may_rest (probe, thread))
        {
          il_proc_thread_report_sample (probe, thread, process->quiet_until_ns, &thread->last);
          continue;
        }
      if (thread == NULL || thread->pid != pid || il_proc_thread_sample (probe, thread))
        is_active = TRUE;
    }
  if (is_active)
    sample_listed (probe, process);
}

/* Where the kernel does not list children: all processes, until no more of ours are found. */
static void
add_children_by_parent (IlProcProbe *probe)
{
  guint n_before;

  do
    {
      g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
      const char *name;

      n_before = probe->pids->len;
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename ("/proc", name, "stat", NULL);
          char text[IL_PROC_TEXT_SIZE];
          const IlProcProcess *parent;
          IlProcStat stat;

          if (!g_ascii_isdigit (*name) || !il_proc_read_path (path, text)
              || !il_proc_parse_stat (text, &stat))
            continue;
          parent = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (stat.parent));
          if (parent != NULL && !parent->is_gone)
            il_proc_probe_add_process (probe, (pid_t)g_ascii_strtoll (name, NULL, 10));
        }
    }
  while (probe->pids->len > n_before);
}

static void
drop_ended_processes (IlProcProbe *probe)
{
  for (guint i = probe->pids->len; i-- > 0;)
    if (!check_process (probe, g_array_index (probe->pids, pid_t, i)))
      g_array_remove_index (probe->pids, i);
}

static void
drop_ended_threads (IlProcProbe *probe)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, probe->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IlProcThread *thread = value;

      if (thread->round == probe->round)
        continue;
      il_proc_thread_report_gone (probe, thread);
      il_proc_thread_close_files (probe, thread);
      g_hash_table_iter_remove (&iter);
    }
}

static guint
choose_max_files (void)
{
  struct rlimit limit;

  /* Others in this program want to open files, too. */
  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return 0;
  return (guint)MIN (limit.rlim_cur / 4, FILES_KEPT_OPEN);
}

/* See il-probe-private.h. */
IlProcProbe *
il_proc_probe_new_with_max_files (pid_t pid, guint max_files, gboolean use_children)
{
  IlProcProbe *probe = g_new0 (IlProcProbe, 1);

  probe->threads = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  probe->processes = g_hash_table_new_full (NULL, NULL, NULL, process_free);
  probe->pids = g_array_new (FALSE, FALSE, sizeof (pid_t));
  probe->max_files = max_files;
  probe->has_children = use_children;
  probe->ns_per_tick = G_GINT64_CONSTANT (1000000000) / sysconf (_SC_CLK_TCK);
  il_proc_probe_add_process (probe, pid);
  return probe;
}

/**
 * il_proc_probe_new:
 *
 * Watches the process @pid and its descendants.  If there is no such process, samples are empty.
 *
 * A process that was born and lost its parent between two samples is not found.
 *
 * Returns: (transfer full): a probe
 */
IlProcProbe *
il_proc_probe_new (pid_t pid)
{
  g_autofree char *children = g_strdup_printf ("/proc/self/task/%d/children", (int)getpid ());

  return il_proc_probe_new_with_max_files (pid, choose_max_files (),
                                           g_file_test (children, G_FILE_TEST_EXISTS));
}

/**
 * il_proc_probe_free:
 * @probe: (nullable) (transfer full):
 */
void
il_proc_probe_free (IlProcProbe *probe)
{
  GHashTableIter iter;
  gpointer thread;

  if (probe == NULL)
    return;
  g_hash_table_iter_init (&iter, probe->threads);
  while (g_hash_table_iter_next (&iter, NULL, &thread))
    il_proc_thread_close_files (probe, thread);
  g_hash_table_unref (probe->threads);
  g_hash_table_unref (probe->processes);
  g_array_unref (probe->pids);
  g_free (probe);
}

/**
 * il_proc_probe_sample:
 * @func: (scope call):
 *
 * Calls back for each thread that is there, and for each that has ended since the last sample.
 *
 * The sum of a thread's run_ns over all samples is what its schedstat said at the last one.  What
 * it did between its last sample and its end is not known.
 */
void
il_proc_probe_sample (IlProcProbe *probe, IlProcFunc func, gpointer data)
{
  probe->func = func;
  probe->data = data;
  probe->round++;
  drop_ended_processes (probe);
  if (!probe->has_children)
    add_children_by_parent (probe);
  /* Children found on the way are appended, and sampled in turn. */
  for (guint i = 0; i < probe->pids->len; i++)
    sample_process (probe, g_array_index (probe->pids, pid_t, i));
  drop_ended_threads (probe);
  probe->func = NULL;
  probe->data = NULL;
}

/**
 * il_proc_probe_get_peak_rss:
 *
 * Returns: the most memory, in bytes, that the process had resident at its last sample; 0 if it was
 *   never seen
 */
guint64
il_proc_probe_get_peak_rss (IlProcProbe *probe, pid_t pid)
{
  const IlProcProcess *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));

  return process != NULL ? process->peak_rss_bytes : 0;
}
