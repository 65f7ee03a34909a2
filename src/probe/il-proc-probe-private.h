/* il-proc-probe-private.h - what is known of a process tree that is looked at again and again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-probe-private.h"

#define IL_PROC_TEXT_SIZE 4096 /* /proc/PID/status is the longest, 1.5 KiB */

typedef struct
{
  pid_t pid, tid;
  guint round;               /* when last seen */
  int stat_fd, schedstat_fd; /* −1: opened for each read */
  gboolean is_known;
  IlProcStat stat;
  IlProcSchedstat last;
  guint64 voluntary_switches, involuntary_switches;
} IlProcThread;

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
} IlProcProcess;

struct _IlProcProbe
{
  GHashTable *threads;   /* tid → IlProcThread */
  GHashTable *processes; /* pid → IlProcProcess, the ended ones too, for their peak */
  GArray *pids;          /* of those that are alive, parents before children */
  guint round;
  guint n_files, max_files;
  gboolean has_children; /* the kernel has /proc/PID/task/TID/children */
  gint64 ns_per_tick;
  IlProcFunc func; /* during a sample */
  gpointer data;
};

/* il-proc-probe.c: a process from now on watched, unless it is already. */
void il_proc_probe_add_process (IlProcProbe *probe, pid_t pid);

/* il-proc-thread.c */
gboolean il_proc_read_path (const char *path, char text[IL_PROC_TEXT_SIZE]);
gint64 il_proc_get_now_ns (void);
gboolean il_proc_thread_may_rest (const IlProcProbe *probe, const IlProcThread *thread);
gboolean il_proc_thread_sample (IlProcProbe *probe, IlProcThread *thread);
void il_proc_thread_report_sample (IlProcProbe *probe, IlProcThread *thread, gint64 time_ns,
                                   const IlProcSchedstat *now);
void il_proc_thread_report_gone (IlProcProbe *probe, const IlProcThread *thread);
void il_proc_thread_close_files (IlProcProbe *probe, IlProcThread *thread);
