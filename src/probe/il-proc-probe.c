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

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "il-probe-private.h"

#define PROC_TEXT_SIZE 4096 /* /proc/PID/status is the longest, 1.5 KiB */
#define FILES_KEPT_OPEN 512
#define IDLE_ROUNDS 8 /* so often is a thread looked at that did not run */

typedef struct
{
  pid_t pid, tid;
  guint round;               /* when last seen */
  int stat_fd, schedstat_fd; /* −1: opened for each read */
  gboolean is_known;
  IlProcStat stat;
  IlProcSchedstat last;
  guint64 voluntary_switches, involuntary_switches;
} Thread;

typedef struct
{
  pid_t pid;
  guint64 start_ticks;
  guint64 peak_rss_bytes;
  gboolean is_gone;
  GArray *tids;          /* of pid_t: its threads when last listed */
  gint64 run_ns;         /* by its clock at the last sample; −1: not known */
  gint64 quiet_until_ns; /* none of its threads ran from the last sample up to then; −1: one may
                            have */
} Process;

struct _IlProcProbe
{
  GHashTable *threads;   /* tid → Thread */
  GHashTable *processes; /* pid → Process, the ended ones too, for their peak */
  GArray *pids;          /* of those that are alive, parents before children */
  guint round;
  guint n_files, max_files;
  gboolean has_children; /* the kernel has /proc/PID/task/TID/children */
  gint64 ns_per_tick;
  IlProcFunc func; /* during a sample */
  gpointer data;
};

/* --- files --------------------------------------------------------------------------------------
 */

static gboolean
read_fd (int fd, char text[PROC_TEXT_SIZE])
{
  gssize n = pread (fd, text, PROC_TEXT_SIZE - 1, 0);

  text[MAX (n, 0)] = '\0';
  return n > 0;
}

static gboolean
read_path (const char *path, char text[PROC_TEXT_SIZE])
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean done = fd >= 0 && read_fd (fd, text);

  if (fd >= 0)
    close (fd);
  return done;
}

static void
make_thread_path (char path[64], const Thread *thread, const char *file)
{
  snprintf (path, 64, "/proc/%d/task/%d/%s", (int)thread->pid, (int)thread->tid, file);
}

/* Reads a file of a thread, keeping it open where it may stay so. */
static gboolean
read_kept (IlProcProbe *probe, const Thread *thread, const char *file, int *fd,
           char text[PROC_TEXT_SIZE])
{
  char path[64];

  if (*fd >= 0)
    return read_fd (*fd, text);
  make_thread_path (path, thread, file);
  if (probe->n_files >= probe->max_files)
    return read_path (path, text);
  *fd = open (path, O_RDONLY | O_CLOEXEC);
  if (*fd < 0)
    return FALSE;
  probe->n_files++;
  return read_fd (*fd, text);
}

static gboolean
read_thread_file (const Thread *thread, const char *file, char text[PROC_TEXT_SIZE])
{
  char path[64];

  make_thread_path (path, thread, file);
  return read_path (path, text);
}

static void
process_free (gpointer data)
{
  Process *process = data;

  g_array_unref (process->tids);
  g_free (process);
}

/* --- threads and processes ----------------------------------------------------------------------
 */

static void
close_files (IlProcProbe *probe, Thread *thread)
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

static gint64
get_now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64)now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec;
}

static void
report_gone (IlProcProbe *probe, const Thread *thread)
{
  const IlProcSample sample
      = { .time_ns = get_now_ns (), .pid = thread->pid, .tid = thread->tid, .is_gone = TRUE };

  if (thread->is_known)
    probe->func (&sample, probe->data);
}

static void
add_process (IlProcProbe *probe, pid_t pid)
{
  Process *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));
  char path[64], text[PROC_TEXT_SIZE];
  IlProcStat stat;

  if (process != NULL && !process->is_gone)
    return;
  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  if (!read_path (path, text) || !il_proc_parse_stat (text, &stat))
    return;
  if (process == NULL)
    {
      process = g_new0 (Process, 1);
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
  Process *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));
  char path[64], text[PROC_TEXT_SIZE];
  IlProcStat stat;

  snprintf (path, sizeof path, "/proc/%d/stat", (int)pid);
  process->is_gone = !read_path (path, text) || !il_proc_parse_stat (text, &stat)
                     || stat.start_ticks != process->start_ticks;
  return !process->is_gone;
}

static void
read_children (IlProcProbe *probe, const Thread *thread)
{
  char path[64];
  g_autofree char *text = NULL;
  char *next;

  make_thread_path (path, thread, "children");
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return;
  next = text;
  for (gint64 pid = strtoll (next, &next, 10); pid > 0; pid = strtoll (next, &next, 10))
    add_process (probe, (pid_t)pid);
}

/* All that is dearer than two reads. */
static void
look_closer (IlProcProbe *probe, Thread *thread)
{
  Process *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (thread->pid));
  char text[PROC_TEXT_SIZE];
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
has_run (const Thread *thread, const IlProcSchedstat *now)
{
  return now->n_slices != thread->last.n_slices || now->run_ns != thread->last.run_ns;
}

/* Looks at the clock of a process.  A process that is gone has none. */
static void
look_at_clock (Process *process)
{
  gint64 now_ns = get_now_ns ();
  gint64 run_ns = -1;
  struct timespec used;
  clockid_t clock;

  if (clock_getcpuclockid (process->pid, &clock) == 0 && clock_gettime (clock, &used) == 0)
    run_ns = (gint64)used.tv_sec * G_GINT64_CONSTANT (1000000000) + used.tv_nsec;
  process->quiet_until_ns = run_ns >= 0 && run_ns == process->run_ns ? now_ns : -1;
  process->run_ns = run_ns;
}

/* One that did not run, is not about to, and is not to be looked at all the same. */
static gboolean
may_rest (const IlProcProbe *probe, const Thread *thread)
{
  return thread->is_known && thread->stat.state != 'R'
         && (probe->round + (guint)thread->tid) % IDLE_ROUNDS != 0;
}

/* Kernels without schedstat count in ticks, and know nothing of waiting. */
static gboolean
read_thread (IlProcProbe *probe, Thread *thread, IlProcStat *stat, IlProcSchedstat *schedstat)
{
  char text[PROC_TEXT_SIZE];
  gboolean has_schedstat = read_kept (probe, thread, "schedstat", &thread->schedstat_fd, text)
                           && il_proc_parse_schedstat (text, schedstat);

  *stat = thread->stat;
  if (has_schedstat && !has_run (thread, schedstat) && may_rest (probe, thread))
    return TRUE;
  if (!read_kept (probe, thread, "stat", &thread->stat_fd, text)
      || !il_proc_parse_stat (text, stat))
    return FALSE;
  if (!has_schedstat)
    *schedstat = (IlProcSchedstat){ .run_ns = stat->cpu_ticks * (guint64)probe->ns_per_tick,
                                    .n_slices = stat->cpu_ticks };
  return TRUE;
}

/* The number was given to another thread since the last sample. */
static void
forget_predecessor (IlProcProbe *probe, Thread *thread)
{
  report_gone (probe, thread);
  thread->is_known = FALSE;
  thread->last = (IlProcSchedstat){ 0 };
  thread->voluntary_switches = thread->involuntary_switches = 0;
}

static void
report_sample (IlProcProbe *probe, Thread *thread, gint64 time_ns, const IlProcSchedstat *now)
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

/* Returns whether the thread may have ended, or started others, since the last sample. */
static gboolean
sample_thread (IlProcProbe *probe, Thread *thread)
{
  IlProcStat stat;
  IlProcSchedstat now;
  gboolean is_active;
  gint64 time_ns;

  if (!read_thread (probe, thread, &stat, &now))
    return TRUE;
  time_ns = get_now_ns ();
  if (thread->is_known && stat.start_ticks != thread->stat.start_ticks)
    forget_predecessor (probe, thread);
  thread->stat = stat;
  is_active = !thread->is_known || stat.state == 'R' || has_run (thread, &now);
  if (is_active)
    look_closer (probe, thread);

  report_sample (probe, thread, time_ns, &now);
  return is_active;
}

static Thread *
get_thread (IlProcProbe *probe, pid_t pid, pid_t tid)
{
  Thread *thread = g_hash_table_lookup (probe->threads, GINT_TO_POINTER (tid));

  if (thread != NULL && thread->pid != pid)
    {
      report_gone (probe, thread);
      close_files (probe, thread);
      g_hash_table_remove (probe->threads, GINT_TO_POINTER (tid));
      thread = NULL;
    }
  if (thread == NULL)
    {
      thread = g_new0 (Thread, 1);
      *thread = (Thread){ .pid = pid, .tid = tid, .stat_fd = -1, .schedstat_fd = -1 };
      g_hash_table_insert (probe->threads, GINT_TO_POINTER (tid), thread);
    }
  return thread;
}

/* All that are listed and were not sampled in this round. */
static void
sample_listed (IlProcProbe *probe, Process *process)
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
      Thread *thread = get_thread (probe, process->pid, tid);

      g_array_append_val (process->tids, tid);
      if (thread->round != probe->round)
        sample_thread (probe, thread);
    }
}

static void
sample_process (IlProcProbe *probe, pid_t pid)
{
  Process *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));
  gboolean is_active = process->tids->len == 0;

  look_at_clock (process);
  for (guint i = 0; i < process->tids->len; i++)
    {
      pid_t tid = g_array_index (process->tids, pid_t, i);
      Thread *thread = g_hash_table_lookup (probe->threads, GINT_TO_POINTER (tid));

      if (process->quiet_until_ns >= 0 && thread != NULL && thread->pid == pid
          && may_rest (probe, thread))
        {
          report_sample (probe, thread, process->quiet_until_ns, &thread->last);
          continue;
        }
      if (thread == NULL || thread->pid != pid || sample_thread (probe, thread))
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
          char text[PROC_TEXT_SIZE];
          const Process *parent;
          IlProcStat stat;

          if (!g_ascii_isdigit (*name) || !read_path (path, text)
              || !il_proc_parse_stat (text, &stat))
            continue;
          parent = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (stat.parent));
          if (parent != NULL && !parent->is_gone)
            add_process (probe, (pid_t)g_ascii_strtoll (name, NULL, 10));
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
      Thread *thread = value;

      if (thread->round == probe->round)
        continue;
      report_gone (probe, thread);
      close_files (probe, thread);
      g_hash_table_iter_remove (&iter);
    }
}

/* --- public -------------------------------------------------------------------------------------
 */

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
  add_process (probe, pid);
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
    close_files (probe, thread);
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
  const Process *process = g_hash_table_lookup (probe->processes, GINT_TO_POINTER (pid));

  return process != NULL ? process->peak_rss_bytes : 0;
}
