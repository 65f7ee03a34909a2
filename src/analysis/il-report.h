/* il-report.h - the figures of a session, or of a range of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-finder.h"
#include "il-session.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 n;
  gint64 total_ns, p50_ns, p90_ns, p99_ns, max_ns; /* all 0 where n is 0 */
} IlDistribution;

typedef struct
{
  guint lane;
  gint64 lifetime_ns;            /* the part within the range */
  gint64 states_ns[IL_N_STATES]; /* add up to lifetime_ns */
  guint64 tasks;                 /* done or failed */
  guint64 voluntary_switches, involuntary_switches, migrations;
  guint64 copied_bytes;   /* between heaps */
  gint64 copying_ns;      /* all of them */
  guint64 peak_rss_bytes; /* of its process; 0 where not known */
  guint64 peak_pss_bytes; /* likewise */
} IlWorkerFigures;

typedef struct
{
  guint lane;
  double busy_share;   /* NAN where the core was not watched */
  double target_share; /* of the program's threads; NAN where only samples of them are known */
} IlCoreFigures;

/* One who held a lock, or waited for it. */
typedef struct
{
  guint lane;
  gint64 held_ns;       /* or waited */
  guint64 acquisitions; /* or waits */
} IlHolder;

/* One who waited for a lock while another one had it; what one waits while nobody has it, since who
 * is to have it next is on its way, is in none. */
typedef struct
{
  guint waiter;
  guint holder_plus_1; /* 0: not known, or nobody */
  gint64 wait_ns;      /* in which that one had it */
  guint64 waits;       /* in which that one had it at any time */
} IlWaitPair;

typedef struct
{
  guint lane;
  guint64 acquisitions;
  IlAttempts attempts;       /* to have it: those acquisitions, and the waits that were in vain */
  guint waiting;             /* at the end of the range */
  IlDistribution wait, hold; /* also waits that were in vain; a semaphore's holds are not known,
                                and of a readers-writer lock they are the writers' */
  IlDistribution read_wait, write_wait; /* of a readers-writer lock; together they are the waits */
  IlDistribution read_hold;             /* likewise: of readers, as far as they are known */
  gint64 read_ns;                       /* … by all of them together */
  guint64 reads, writes; /* of a readers-writer lock: of the acquisitions those of whom it is known
                            who it was; of the others, which were only counted, it is not known
                            whether to read or to write */
  guint max_waiters;
  guint32 max_holders; /* inside a semaphore, or readers, at once; 1 of a lock that was held */
  gint64 held_ns;      /* by whom is known, in all */
  guint32 max_depth;   /* of a recursive lock, of the whole session */
  guint64 hand_overs;  /* somebody else had it than the time before */
  guint64 recovered;   /* given back for an owner that had died */
  GArray *holders;     /* of IlHolder, longest first */
  GArray *readers;     /* likewise; those of a readers-writer lock that are not its writers */
  GArray *waiters;     /* of IlHolder, longest first */
  GArray *pairs;       /* of IlWaitPair, the 4,096 longest, longest first */
  GArray *wakers;      /* likewise, of a semaphore, or of what is used as a signal: who let whom go
                          on that waited, and how long until then; of others there are none */
  gint64 total_wait_ns;
} IlLockFigures;

typedef struct
{
  guint lane;
  guint64 puts, gets;
  guint32 max_depth, final_depth;
  double mean_depth;
  guint64 blocked_puts, blocked_gets; /* that had to wait and went on */
  guint64 given_up;                   /* waits that were in vain */
  IlDistribution wait;                /* of those who had to wait to put or to get */
} IlQueueFigures;

/* An event, a condition or a barrier. */
typedef struct
{
  guint lane;
  guint64 wake_ups; /* waits that ended; passes of an event that needed none are not among them */
  guint64 wasted;   /* of a condition: wake-ups for nothing */
  guint64 given_up; /* waits that were in vain */
  guint64 signals;  /* how often an event was set, a condition notified, a barrier full */
  guint32 max_waiters;
  IlDistribution wait;
  IlDistribution latency; /* from the signal to who it wakes going on */
  IlDistribution phase;   /* of a barrier: waits of all in each phase together */
  GArray *wakers;         /* of IlWaitPair, as of a semaphore: who notified, set it, or came last */
  GArray *last; /* of IlHolder, of a barrier: who came last, how often, and how long all others
                     together waited in these phases; longest first */
} IlSignalFigures;

typedef struct
{
  guint lane;
  guint64 sent, received, bytes; /* messages; bytes sent */
  gint64 active_ns;              /* from the first message to the last within the range */
  guint64 blocked_sends, blocked_receives;
  guint64 given_up; /* waits that were in vain */
  IlDistribution send_wait, receive_wait;
  double send_wait_share,
      receive_wait_share; /* of the lives of those who waited; NAN: no messages */
  guint32 max_bytes;      /* under way at once */
} IlChannelFigures;

typedef struct
{
  guint lane;
  guint64 bytes, appends;
  gint64 active_ns;
  guint64 torn_lines; /* of the whole session */
} IlFileFigures;

typedef struct
{
  guint lane;
  gint32 value; /* at the end of the range */
  gboolean is_known;
  gboolean
      is_on_heap; /* so that each process has its own; the value is that of the last to write */
  gboolean was_at_limit; /* so that not all changes took place */
  gint64 lost_updates;   /* what the changes that were overwritten add up to */
  guint64 stale_writes;
} IlCounterFigures;

typedef struct
{
  guint32 object;
  guint64 done;
  IlDistribution queue_wait, service;
  double relative; /* its median service in that of the quickest kind; NAN where there is none */
} IlTaskKindFigures;

/* How much was gained by doing it side by side. */
typedef struct
{
  gint64 wall_ns;   /* from the first submission or begin to the last end of a task */
  gint64 serial_ns; /* what tasks took of cores, sleep and I/O: in so long they would have been done
                       one after the other, with nobody to wait for */
  double speed_up;  /* serial_ns / wall_ns; NAN: no tasks */
  double serial_share; /* after Karp and Flatt, from speed-up and number of workers; NAN: of one,
                        * or where it is not faster than one */
  double utilization;  /* workers' time in tasks, whatever they did there, in their lives */
  double imbalance;    /* time in tasks of the worker that had most, in the mean of all; those who
                        * took each other's place count as one, here and in serial_share */
} IlSpeedFigures;

/* What the scheduler did with the workers; NAN and 0 where it was not watched. */
typedef struct
{
  IlDistribution slice;        /* times on a core in one go */
  IlDistribution wake_latency; /* ready after a wait, until on a core */
  double switches_per_second;
  double runnable_share; /* ready without a core, of the workers' lives */
} IlSchedulerFigures;

/* Little's law.  See il-report-tasks.c for when a task is in the system. */
typedef struct
{
  double l;                 /* tasks in the system, on average over time; NAN: of no tasks */
  double lambda_per_second; /* submitted */
  double w_ns;  /* time of all in the system, for each that was submitted; NAN: none was */
  double ratio; /* l / (lambda w): 1 */
} IlQueueingFigures;

typedef enum
{
  IL_REPORT_ENDING_NONE,
  IL_REPORT_ENDING_LEFT,
  IL_REPORT_ENDING_CRASHED,
  IL_REPORT_ENDING_KILLED,
  IL_REPORT_ENDING_WITH_PROCESS,
  IL_REPORT_ENDING_BY_FORCE,
  IL_N_REPORT_ENDINGS
} IlReportEnding;

/* A worker that ended before the run did, within the range. */
typedef struct
{
  guint lane;
  IlReportEnding ending; /* of those that left, only the ones that were replaced are among these */
  guint signal_number;   /* that it, or its process, died of; 0: none */
  gint64 time_ns;
} IlWorkerEnding;

/* Workers, or threads of a program that a signal killed, whose lives ended within the range. */
typedef struct
{
  guint64 crashed;      /* died of a fault of their own doing, as at the step crash */
  guint64 killed;       /* by a signal from outside */
  guint64 with_process; /* of a fault of another in their process, or nobody knows whose */
  guint64 by_force;     /* with the run, or of what is not known */
  guint64
      relieved; /* left in good order, and another took their place, as after MaxTasksPerWorker */
} IlEndingFigures;

typedef struct
{
  guint n;
  guint64 switches;
  double overhead_ns;   /* of carriers on a core outside of coroutines, for each switch; NAN */
  IlDistribution stall; /* how long one kept its carrier without giving way */
  IlDistribution ready; /* could go on, but the carrier ran another */
} IlCoroutineFigures;

typedef struct
{
  gint64 begin_ns, end_ns;
  guint64 n_events;                /* to the millisecond at both ends */
  guint64 n_events_in_all, n_lost; /* of the whole session */
  guint64 submitted;
  guint64 outcomes[IL_TASK_OUTCOME_PENDING]; /* ended so within the range */
  guint64 pending;                           /* at its end */
  gboolean are_own_counts; /* these three are the runner's, since events were lost */
  guint64 run_again;       /* begun again, since the worker that ran it had died: so often */
  double tasks_per_second; /* done */
  IlDistribution queue_wait, service;
  IlSpeedFigures speed;
  IlSchedulerFigures scheduler;
  IlQueueingFigures queueing;
  IlCoroutineFigures coroutines;
  guint64 copied_bytes;       /* between heaps, by all threads: arguments, results, items */
  gint64 copying_ns;          /* that took them */
  double copying_share;       /* … by workers, of their time in tasks; NAN: no tasks */
  gint64 exit_ns;             /* from the last submission to the death of the last worker; -1 */
  IlDistribution replacement; /* from a worker's death to its successor's birth */
  IlEndingFigures endings;
  GArray *ends;   /* IlWorkerEnding, in the order of time, but those that ended by force */
  GArray *deaths; /* IlWorkerEnding, by lane: threads of a program that a signal killed, with it */
  guint64 peak_rss_bytes; /* of all workers' processes together; 0 where not known */
  guint64 peak_pss_bytes; /* of all processes of the program at one time: what several of them
                             share is counted once; 0 where not known */
  guint text_width;       /* columns that tables for reading may take; 0: the usual 80 */
  gboolean is_program;    /* that is not ours: it knows of no tasks */
  GArray *workers; /* IlWorkerFigures: lanes of threads with role worker, and the submitter where it
                      ran tasks; of a program all threads, those of a process together, in the order
                      in which they were made */
  GArray *kinds;   /* IlTaskKindFigures */
  GArray *cores;   /* IlCoreFigures */
  GArray *locks;   /* IlLockFigures: locks, readers-writer locks and semaphores; of a program those
                      that were waited for longest first */
  GArray *joins;   /* IlWaitPair, longest first: who waited for whom to end */
  GArray *signals; /* IlSignalFigures */
  GArray *queues;  /* IlQueueFigures */
  GArray *channels;     /* IlChannelFigures */
  GArray *files;        /* IlFileFigures */
  GArray *counters;     /* IlCounterFigures */
  IlFindings *findings; /* of those that meet the range; NULL where nobody looked for any */
} IlReport;

/* Exact; its cost grows with the tasks and waits in the range: not for the main thread. */
const char *il_report_get_crashed (IlSession *session,
                                   gboolean *is_alone); /* name of a thread, or NULL */
IlReport *il_report_new (IlSession *session, gint64 begin_ns,
                         gint64 end_ns) G_GNUC_WARN_UNUSED_RESULT;
void il_report_free (IlReport *report);
char *il_report_to_json (const IlReport *report,
                         IlSession *session) G_GNUC_WARN_UNUSED_RESULT; /* DESIGN's object */
char *il_report_to_text (const IlReport *report, IlSession *session) G_GNUC_WARN_UNUSED_RESULT;

/* What the window shows of the visible range: from the pyramid alone, cheap enough for each frame.
 */
typedef struct
{
  gint64 states_ns[IL_N_STATES]; /* of all workers together; of a program of all threads */
  gint64 lifetime_ns;
  double tasks_per_second, switches_per_second;
  double cores_target_share; /* with threads of the session; negative likewise */
  double cores_busy_share;   /* negative where it is not known, as of less than 50 ms */
  gboolean is_of_program;    /* that knows of no tasks */
} IlRangeFigures;

void il_range_figures (IlTimeline *timeline, gint64 begin_ns, gint64 end_ns,
                       IlRangeFigures *figures);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlReport, il_report_free)

G_END_DECLS
