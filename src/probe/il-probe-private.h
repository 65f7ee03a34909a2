/* il-probe-private.h - what the probes share among themselves and with their tests
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-probe.h"

#define IL_THREAD_NAME_SIZE 16 /* the kernel's, with its NUL */

/* il-probe.c */
void il_probe_copy_name (char target[IL_THREAD_NAME_SIZE], const char *name, gsize length);

/* il-perf-ring.c */
guint64 il_perf_ring_parse (const guint8 *ring, gsize size, guint64 tail, guint64 head, guint core,
                            IlSchedFunc func, gpointer data);

/* il-perf-probe.c: what of the system a test can put something else for. */
typedef struct
{
  /* As perf_event_open(2): attributes, thread, core; -1 and errno. */
  int (*open) (const void *attributes, pid_t tid, int core);
  const char *paranoid_path;
} IlPerfSystem;

IlPerfProbe *il_perf_probe_new_on (const IlPerfSystem *system, pid_t pid, GError **error);
GArray *il_perf_parse_core_list (const char *text);

/* il-proc-stat.c: the files of /proc as values; FALSE where the text is not what it should be. */
typedef struct
{
  char state;
  char name[IL_THREAD_NAME_SIZE];
  pid_t parent;
  guint64 cpu_ticks; /* user and system */
  guint n_threads;   /* of its process */
  guint64 start_ticks;
  guint core;
} IlProcStat;

typedef struct
{
  guint64 run_ns, wait_ns, n_slices;
} IlProcSchedstat;

typedef struct
{
  guint64 voluntary_switches, involuntary_switches;
  guint64 peak_rss_bytes; /* 0: not there, as in a zombie */
} IlProcStatus;

gboolean il_proc_parse_stat (const char *text, IlProcStat *stat);
gboolean il_proc_parse_schedstat (const char *text, IlProcSchedstat *schedstat);
gboolean il_proc_parse_status (const char *text, IlProcStatus *status);

/* il-proc-probe.c: at most so many files are kept open; 0 for none. */
IlProcProbe *il_proc_probe_new_with_max_files (pid_t pid, guint max_files, gboolean use_children);

/* il-memory-probe.c */
guint64 il_proc_parse_pss (const char *text, const char *excluded);
