/* il-probe.h - what the probes report, and how
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Times are CLOCK_MONOTONIC nanoseconds.  A probe belongs to one thread, the recorder's.
 */

#pragma once

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define IL_PROBE_ERROR (il_probe_error_quark ())
GQuark il_probe_error_quark (void);

typedef enum
{
  IL_PROBE_ERROR_REFUSED, /* the kernel does not permit it; the message has the command that would
                             change this */
  IL_PROBE_ERROR_FAILED,
} IlProbeError;

/* --- cores: libgtop */

typedef struct
{
  guint core;
  guint user_permille, system_permille, iowait_permille,
      idle_permille; /* together 1000, since the last sample */
} IlCoreSample;

typedef struct _IlCoreProbe IlCoreProbe;

IlCoreProbe *il_core_probe_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_core_probe_free (IlCoreProbe *probe);
guint il_core_probe_get_n_cores (const IlCoreProbe *probe);
/* FALSE while the kernel's counters (10 ms ticks) did not move enough since the last call. */
gboolean il_core_probe_sample (IlCoreProbe *probe, gint64 *time_ns, const IlCoreSample **samples,
                               guint *n_samples);

/* --- scheduler: perf_event_open */

typedef enum
{
  IL_SCHED_IN,
  IL_SCHED_OUT,
  IL_SCHED_OUT_PREEMPTED,
  IL_SCHED_FORK, /* other_pid/other_tid: the parent */
  IL_SCHED_EXIT,
  IL_SCHED_COMM, /* name; is_exec */
  IL_SCHED_LOST, /* n_lost records on this core */
} IlSchedKind;

typedef struct
{
  gint64 time_ns;
  IlSchedKind kind;
  pid_t pid, tid;
  pid_t other_pid, other_tid;
  guint core;
  guint64 n_lost;
  gboolean is_exec;
  char name[16];
} IlSchedRecord;

typedef void (*IlSchedFunc) (const IlSchedRecord *record, gpointer data);

typedef struct _IlPerfProbe IlPerfProbe;

/* Watches the process and all threads and processes that it starts from now on; itself best still
 * single-threaded. */
IlPerfProbe *il_perf_probe_new (pid_t pid, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Another process, with all its threads, from now on. */
gboolean il_perf_probe_add_process (IlPerfProbe *probe, pid_t pid, GError **error);
void il_perf_probe_free (IlPerfProbe *probe);
/* Calls back for each core in turn, each core's records in order of time. */
void il_perf_probe_drain (IlPerfProbe *probe, IlSchedFunc func, gpointer data);

/* --- scheduler: /proc sampling, the fallback */

typedef struct
{
  gint64 time_ns;
  pid_t pid, tid;
  char state;        /* as in /proc: R S D T Z … */
  guint core;        /* where it last ran */
  gboolean is_first; /* the first sight of this thread: the deltas count from its birth */
  gboolean is_gone;  /* it has ended since the last sample; only pid and tid are valid */
  guint64 run_ns,
      wait_ns; /* on a core, and ready but not on a core, since the last sample (schedstat) */
  guint64 voluntary_switches, involuntary_switches; /* since its birth */
  char name[16];
} IlProcSample;

typedef void (*IlProcFunc) (const IlProcSample *sample, gpointer data);

typedef struct _IlProcProbe IlProcProbe;

/* Watches all threads of the process and its descendants. */
IlProcProbe *il_proc_probe_new (pid_t pid) G_GNUC_WARN_UNUSED_RESULT;
void il_proc_probe_free (IlProcProbe *probe);
void il_proc_probe_sample (IlProcProbe *probe, IlProcFunc func, gpointer data);
/* Peak memory of each process seen, also of those gone (the last value read); bytes; 0 if never
 * seen. */
guint64 il_proc_probe_get_peak_rss (IlProcProbe *probe, pid_t pid);

/* What the thread is at this moment, as a letter of /proc: R S D T t Z …; NUL where it is gone. */
char il_probe_read_state (pid_t pid, pid_t tid);
/* Whether a thread of this state was stopped, by a signal or by a debugger. */
#define IL_PROBE_STATE_IS_STOPPED(state) ((state) == 'T' || (state) == 't')

/* --- memory: /proc/PID/smaps */

/* Memory of a process in which a page that several map counts for each of them only its part
 * (proportional set size); without the mappings in whose names a text is; bytes; 0 where it is gone
 * or may not be looked at.  The kernel walks through all of its pages: 0.1 ms for some 10 MiB. */
guint64 il_probe_read_pss (pid_t pid, const char *excluded);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlCoreProbe, il_core_probe_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPerfProbe, il_perf_probe_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlProcProbe, il_proc_probe_free)

G_END_DECLS
