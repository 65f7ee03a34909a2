/* il-timeline.h - the model: lanes of threads, cores, locks, queues and counters, as seen by
 * readers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Written by one IlTimelineBuilder, read from any thread at the same time.  Lanes are only ever
 * added; what a lane is does not change after it was added, but for the times of its birth and
 * death, and for what il_timeline_get_n_claims() counts.
 */

#pragma once

#include "il-record.h"
#include "il-series.h"

#include <glib.h>

G_BEGIN_DECLS

typedef struct _IlTimeline IlTimeline;
typedef struct _IlLane IlLane;

typedef enum
{
  IL_LANE_THREAD,
  IL_LANE_CORE,
  IL_LANE_LOCK,
  IL_LANE_SEMAPHORE,
  IL_LANE_QUEUE,
  IL_LANE_COUNTER,
  IL_LANE_RWLOCK,
  IL_LANE_EVENT,
  IL_LANE_CONDITION,
  IL_LANE_BARRIER,
  IL_LANE_CHANNEL,
  IL_LANE_FILE,
  IL_N_LANE_KINDS
} IlLaneKind;

typedef enum
{
  IL_LANE_ROLE_THREAD = 0,
  IL_LANE_ROLE_WORKER,
  IL_LANE_ROLE_SUBMITTER,
  IL_LANE_ROLE_SUPERVISOR,
  IL_LANE_ROLE_CARRIER, /* a thread that coroutines run on */
} IlLaneRole;

typedef enum
{
  IL_SCHEDULER_NONE,    /* nothing is known of it */
  IL_SCHEDULER_EXACT,   /* every switch, from perf */
  IL_SCHEDULER_SAMPLED, /* from /proc, now and then */
  IL_SCHEDULER_CARRIER, /* of a coroutine: every switch, from the thread that it runs on */
} IlSchedulerSource;

/* The parameter of a lock that is waited for on a core. */
#define IL_LANE_PARAMETER_SPIN 2
/* The parameter of a lock that its kind of threads must hold to run, and lets go of to wait. */
#define IL_LANE_PARAMETER_INTERPRETER 4
/* The parameter of a lock that is a semaphore of one unit, which anybody may give back. */
#define IL_LANE_PARAMETER_BINARY 5
/* The parameter of the event that a task waits for which waits for those that it spawned. */
#define IL_LANE_PARAMETER_JOIN 1

typedef struct
{
  IlLaneKind kind;
  IlLaneRole role;             /* of a thread */
  IlSchedulerSource scheduler; /* of a thread */
  guint32 number;              /* worker number from 1, core number from 0 */
  gint32 pid, tid;             /* of a thread */
  guint64 parameter;        /* of a queue: capacity, 0 for none; of a semaphore: units; of a lock:
                               IlLockKind; of a barrier: parties; of a channel: IlChannelKind; of a
                               counter: 1 if it lies on the heap: one in each process; of a thread
                               of a program that is not ours: when it was made, 0 if that was before
                               it was watched, or is not known */
  const char *name;         /* shown to the user */
  const char *process_name; /* of a thread; may be NULL */
} IlLaneInfo;

/* A stay of one who read under a readers-writer lock. */
typedef struct
{
  gint64 begin_ns;
  gint64 end_ns;   /* G_MAXINT64 while it goes on */
  guint32 lane;    /* that read */
  guint32 n_times; /* that it took it, the others within the first */
} IlRead;

/* A wait that ended: its place in the timeline is [end_ns - wait_ns, end_ns). */
typedef struct
{
  gint64 end_ns;
  gint64 wait_ns;
  guint32 lane; /* that waited */
  guint32
      blamed_plus_1; /* lane + 1 that held what it waited for, 0 where nobody in particular did */
  gboolean cancelled;
  gboolean putting; /* of a queue or channel: it was full and the lane wanted to put, not to get; of
                       a readers-writer lock: it wanted to write, not to read */
  guint32 woken_by_plus_1; /* lane + 1 that ended the wait, 0 where it is not known */
} IlWait;

typedef struct
{
  guint32 kind_object;   /* number of the task kind's object */
  gint64 submit_ns;      /* -1: not seen */
  gint64 begin_ns;       /* -1: never began */
  gint64 end_ns;         /* -1: not ended; one may end that never began */
  guint32 worker_plus_1; /* lane + 1 that ran it */
  IlTaskOutcome outcome;
} IlTask;

/* Tasks that were submitted are numbered from 0 up, those that tasks spawned from here down. */
#define IL_TASK_NUMBER_MAX 0x7fffffffu

typedef struct
{
  gboolean is_in_spawned;
  gsize next;
} IlTaskIter;

typedef struct
{
  guint64 n_records;
  guint64 n_lost;         /* events of the target that its full rings dropped */
  guint64 n_sched_lost;   /* scheduler records that the kernel dropped */
  guint64 n_inconsistent; /* records that contradicted what was known, e.g. a release of a lock that
                             nobody held */
  guint64 n_submitted;
  guint64 n_outcomes[IL_TASK_OUTCOME_PENDING];
} IlTimelineTotals;

/* Cumulated counts of a thread lane at a moment: differences give a range's. */
typedef struct
{
  guint64 tasks;
  guint64 voluntary_switches;
  guint64 involuntary_switches;
  guint64 migrations;
} IlLaneCounts;

/* Sees each batch right after it became part of the timeline, on the thread that writes it. */
typedef void (*IlBatchFunc) (const IlBatch *batch, gpointer data);

IlTimeline *il_timeline_new (void) G_GNUC_WARN_UNUSED_RESULT;
IlTimeline *il_timeline_ref (IlTimeline *timeline);
void il_timeline_unref (IlTimeline *timeline);
void il_timeline_set_observer (IlTimeline *timeline, IlBatchFunc func, gpointer data,
                               GDestroyNotify destroy);
gpointer il_timeline_get_observer (const IlTimeline *timeline,
                                   IlBatchFunc func); /* its data; NULL: another or none */

gint64 il_timeline_get_end (const IlTimeline *timeline); /* up to where everything is known */
guint il_timeline_get_n_lanes (const IlTimeline *timeline);
/* How often what il_lane_get_info() gives was replaced: changes as rarely as lanes are added. */
guint il_timeline_get_n_claims (const IlTimeline *timeline);
gboolean il_timeline_is_of_program (const IlTimeline *timeline);
gboolean il_timeline_shows_locks (const IlTimeline *timeline);
void il_timeline_show_locks (IlTimeline *timeline, gboolean shows_locks);
const IlLane *il_timeline_get_lane (const IlTimeline *timeline, guint index);
void il_timeline_get_totals (const IlTimeline *timeline, IlTimelineTotals *totals);
const char *il_timeline_get_object_name (const IlTimeline *timeline,
                                         guint32 object); /* never NULL */
const IlLane *il_timeline_get_object_lane (const IlTimeline *timeline,
                                           guint32 object); /* NULL for a task kind */

guint il_lane_get_index (const IlLane *lane);
guint il_lane_get_ordinal (const IlLane *lane);
gboolean il_name_says_kind (const char *name);
const char *il_name_get_shown (const char *name);
int il_lane_compare_births (const IlLane *one, const IlLane *other);
void il_lanes_group_by_process (GPtrArray *threads);
const IlLaneInfo *il_lane_get_info (const IlLane *lane);
gint64 il_lane_get_begin (const IlLane *lane);
gint64 il_lane_get_end (const IlLane *lane);     /* G_MAXINT64 while it lives */
guint32 il_lane_get_object (const IlLane *lane); /* of a lock, semaphore, queue or counter */

/*
 * NULL where the kind of lane has none:
 *   states   thread: IlState with the object waited for and the task; core: RUNNING with lane + 1
 *            that ran there; lock: RUNNING with lane + 1 that held it; readers-writer lock: the
 *            same of its writer, BUSY while readers hold it, with lane + 1 of who is known to be
 *            the only one
 *   level    core: permille busy; semaphore: how many are inside; queue: depth; counter: value;
 *            readers-writer lock: readers inside; event: 1 while it is set; condition: how many
 *            wait; barrier: how many have come; channel: bytes under way; file: bytes written
 *   waiters  lock, readers-writer lock, semaphore, queue, event, channel: how many wait
 */
const IlSeries *il_lane_get_states (const IlLane *lane);
const IlSeries *il_lane_get_level (const IlLane *lane);
const IlSeries *il_lane_get_waiters (const IlLane *lane);
/* Of a thread: how many events its full ring dropped, over the gap that they left; 0 elsewhere. */
const IlSeries *il_lane_get_losses (const IlLane *lane);

/* How a thread ended: with a last word of its own, or without. */
typedef enum
{
  IL_ENDING_NONE = 0, /* it lives, as far as is known */
  IL_ENDING_LEFT,
  IL_ENDING_DIED, /* so do those that never say anything, as the threads of other programs */
  IL_ENDING_WITH_PROCESS, /* of a fault of another in its process, or nobody knows whose */
} IlEnding;

IlEnding il_lane_get_ending (const IlLane *lane, guint *signal_number);
gboolean il_signal_is_fault (guint signal_number); /* sent for what a thread itself did */

/* Who wanted to have a lock. */
typedef struct
{
  guint64 total;    /* got it, or gave up waiting for it */
  guint64 waited;   /* of them had to wait */
  guint64 given_up; /* of those never got it */
} IlAttempts;

void il_lane_count_attempts (const IlLane *lane, gint64 begin_ns, gint64 end_ns,
                             IlAttempts *attempts);

/* Of a readers-writer lock: those who read under it, as far as they are known. */
gsize il_lane_get_n_reads (const IlLane *lane);
gboolean il_lane_get_read (const IlLane *lane, gsize index, IlRead *read);

/* Of a lock, semaphore or queue: waits in the order of their ends; of a queue also how often it was
 * used.  Of a thread: its own waits for others to end, which are blamed. */
gsize il_lane_get_n_waits (const IlLane *lane);
gboolean il_lane_get_wait (const IlLane *lane, gsize index, IlWait *wait);
gsize il_lane_find_wait (const IlLane *lane,
                         gint64 time_ns); /* the first that ended then or later */
/* Cumulated use up to a moment: acquisitions of a lock or semaphore, puts and gets of a queue,
 * sends and receives of a channel, passes and sets of an event, wake-ups and notifications of a
 * condition, passes and phases of a barrier. */
void il_lane_get_uses (const IlLane *lane, gint64 time_ns, guint64 *puts_or_acquisitions,
                       guint64 *gets);
/* When the use of that index, from 0, was: of the first kind above or, where gets is set, of the
 * second.  FALSE where there were not so many. */
gboolean il_lane_get_use (const IlLane *lane, gboolean gets, gsize index, gint64 *time_ns);
/* Cumulated amounts up to a moment: bytes sent through a channel or written to a file; of a counter
 * what the changes that were lost add up to, signed, of a condition how many wake-ups were for
 * nothing, of a thread how many bytes it copied between heaps; of a lock, readers-writer lock or
 * semaphore how often it was given back for an owner that had died. */
guint64 il_lane_get_amount (const IlLane *lane, gint64 time_ns);
gboolean il_lane_find_amount (const IlLane *lane, gint64 from_ns, gint64 *time_ns);
/* How many amounts there were up to a moment: of a counter how many writes were stale, while what
 * they lost may add up to nothing. */
guint64 il_lane_get_n_amounts (const IlLane *lane, gint64 time_ns);
/* Of a thread how long it copied. */
guint64 il_lane_get_amount_time (const IlLane *lane, gint64 time_ns);
/* Of a file: how many of its lines were not whole in the end. */
guint64 il_lane_get_torn_lines (const IlLane *lane);
/* Of a lock: how deep its owner was in it at most; more than 1 of a recursive one alone. */
guint32 il_lane_get_max_depth (const IlLane *lane);
/* Of a lock that anybody may give back: whether anybody but its holder ever did. */
gboolean il_lane_is_given_by_others (const IlLane *lane);
gboolean il_lane_is_untouched (const IlLane *lane);
/* Of a queue: whether tasks wait in it for a worker, and not items of theirs. */
gboolean il_lane_holds_tasks (const IlLane *lane);
/* Of a thread. */
void il_lane_get_counts (const IlLane *lane, gint64 time_ns, IlLaneCounts *counts);

gsize il_timeline_get_n_tasks (const IlTimeline *timeline);
gboolean il_timeline_get_task (const IlTimeline *timeline, gsize number, IlTask *task);
gboolean il_timeline_next_task (const IlTimeline *timeline, IlTaskIter *iter, IlTask *task);
/* Records before a moment, which counts as the millisecond that it lies in. */
guint64 il_timeline_get_n_records (const IlTimeline *timeline, gint64 time_ns);
/* Tasks that ended as DONE up to a moment. */
guint64 il_timeline_get_tasks_done (const IlTimeline *timeline, gint64 time_ns);
/* How often a task was begun again up to a moment, since the worker that ran it had died. */
guint64 il_timeline_get_tasks_run_again (const IlTimeline *timeline, gint64 time_ns);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlTimeline, il_timeline_unref)

G_END_DECLS
