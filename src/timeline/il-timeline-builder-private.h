/* il-timeline-builder-private.h - what the builder remembers between two records
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-private.h"

G_BEGIN_DECLS

/* The first witness: what the target said that a thread was doing. */
typedef enum
{
  IL_SAYS_NOTHING = 0, /* nothing yet */
  IL_SAYS_IDLE,        /* between tasks, own bookkeeping */
  IL_SAYS_PROGRAM,     /* what it is there for; it has no tasks */
  IL_SAYS_TASK,
  IL_SAYS_LOCK_WAIT, /* this and the next four wait for an object */
  IL_SAYS_SEM_WAIT,
  IL_SAYS_SIGNAL_WAIT, /* of others: an event, a condition, a barrier */
  IL_SAYS_GET_WAIT,    /* from a queue or channel */
  IL_SAYS_PUT_WAIT,
  IL_SAYS_JOIN_WAIT, /* of a program: for a thread or process to end */
  IL_SAYS_IO_WAIT,
  IL_SAYS_KERNEL_WAIT, /* of a program: for a signal of the kernel, whatever that stands for */
  IL_SAYS_SLEEP,
  IL_SAYS_STOPPED,
  IL_N_SAYS
} IlSays;

/* The second witness: what the scheduler did with it. */
typedef enum
{
  IL_PLACE_UNKNOWN = 0,
  IL_PLACE_ON_CORE,
  IL_PLACE_PREEMPTED,
  IL_PLACE_GAVE_UP,
  IL_PLACE_WOKEN,
  IL_PLACE_STOPPED, /* from outside, by a signal or a debugger */
  IL_N_PLACES
} IlPlace;

/* Who may have been let go by a wake-up. */
typedef enum
{
  IL_WAKES_TAKERS,   /* of the lock, of units, of items */
  IL_WAKES_PUTTERS,  /* into a queue */
  IL_WAKES_YIELDERS, /* who have let go of the interpreter lock until another has it */
  IL_N_WAKES
} IlWakes;

/* See il-timeline-builder-process.c. */
typedef struct _IlProcess IlProcess;

#define IL_N_WAKE_STAMPS 64

/* Moments at which somebody was let go, oldest first, that no one's return has answered yet. */
typedef struct
{
  gint64 stamps_ns[IL_N_WAKE_STAMPS];
  guint first;
  guint n;
} IlWakeStamps;

typedef struct
{
  IlTimelineObject *object;
  guint32 n_waiters;
  guint32 holder_plus_1; /* of a lock, or the writer of a readers-writer lock; 0: free */
  guint32 n_readers;     /* of a readers-writer lock */
  GArray *readers;    /* those of them who are known, see il-timeline-builder-readers.c; or NULL */
  gboolean is_quiet;  /* who takes it does not say so: who has it is not known, or by hearsay */
  IlProcess *process; /* whose threads use it; NULL: not known, or it is shared */
  gboolean is_shared; /* by processes */
  gboolean holds_tasks; /* a queue that tasks of some kind wait in */
  guint32 depth;        /* of such a queue: how many wait in it */
  guint64 under_way;    /* of a channel: bytes sent and not received */
  guint64 written;      /* of a file: bytes */
  gint64 closed_ns;     /* of a queue: when all waiters were let go at once; -1 */
  IlWakeStamps wakes[IL_N_WAKES];
} IlObjectState;

typedef struct
{
  IlLane *lane;
  guint32 runs_plus_1; /* lane that runs here */
  gint64 usage_ns;     /* up to where its usage is known */
} IlCore;

/* A piece of a sampled thread's time, whose state the next sample decides. */
typedef struct
{
  gint64 begin_ns;
  guint32 code; /* with RUNNING and BUSY as the target said */
  guint32 detail;
} IlPendingSpan;

typedef struct _IlThread
{
  IlLane *lane;
  IlProcess *process; /* from its birth to its death; NULL: not followed */

  IlSays base;             /* NOTHING, IDLE, PROGRAM or TASK */
  IlSays wait;             /* on top of it; NOTHING: none */
  gboolean stopped;        /* on top of both */
  guint32 task_plus_1;     /* in base TASK */
  GArray *outer;           /* of guint32, as task_plus_1: the tasks within which that is run */
  guint32 object;          /* waited for */
  IlObjectState *waited;   /* the same; NULL where there is no such object */
  guint32 joined_plus_1;   /* lane that is to end, in wait JOIN_WAIT; 0: any, or not known */
  guint32 blamed_plus_1;   /* lane that held it when the wait began */
  guint32 named_plus_1;    /* lane that it said to read something, just before this record */
  gboolean wants_to_write; /* of a readers-writer lock */
  gboolean next_is_shared; /* what it waits for next may be had by other processes, too */
  gint64 wait_begin_ns;
  gint64 asleep_until_ns; /* in wait SLEEP; G_MAXINT64: not known, or its end is shown already */
  gint64 nap_until_ns;    /* in wait LOCK_WAIT; G_MAXINT64: only others end it */
  gboolean yields;        /* in LOCK_WAIT: until another has taken the lock */
  gboolean is_listed;     /* among the builder's sleepers */
  IlLane *last_waited;    /* of the wait that ended last, and its place there; NULL: none */
  gsize last_wait;

  IlPlace place;
  gboolean is_scheduled; /* the scheduler spoke of it */
  gboolean is_misplaced; /* scheduler records were lost: its own events say nothing of the time
                            after them */
  gint64 off_ns;         /* since when it is off its core */
  guint32 core_plus_1;   /* that it runs on or ran on last */

  gboolean is_born;
  gboolean has_begun; /* said so itself */
  gboolean is_dying;  /* said its last word, and is still on its way out */
  gboolean is_dead;
  gboolean has_crashed; /* its task made its process die */
  gint64 last_ns;       /* of its last record */
  gint64 said_ns;       /* of the last that the target wrote */

  GArray *pending; /* IlPendingSpan, of a sampled thread; else NULL */
} IlThread;

/* What stands behind a lane's number: one of the two, or neither for an object's lane. */
typedef struct
{
  IlThread *thread;
  IlCore *core;
} IlSlot;

struct _IlTimelineBuilder
{
  IlTimeline *timeline;
  gint64 now_ns;        /* of the record at hand; never goes back */
  gint64 next_count_ns; /* where the next millisecond begins whose records are counted */
  guint64 n_task_records;
  gboolean tells_all;  /* its threads run tasks: nothing is taken without a word */
  gboolean has_exact;  /* some thread's switches are all seen */
  GArray *slots;       /* IlSlot by lane */
  GPtrArray *cores;    /* IlCore by core number; not owned, NULL where there is none */
  GPtrArray *objects;  /* IlObjectState, owned */
  GPtrArray *read;     /* those of them that were read; not owned */
  IlObjectState *told; /* one of which it is being told who reads; NULL: none */
  gint64 told_ns;      /* … since when it is */
  const struct _IlThread *told_by;
  GPtrArray *dying;      /* IlThread; not owned */
  GPtrArray *sleepers;   /* IlThread, coroutines that sleep until a known moment; not owned */
  GHashTable *signals;   /* process to what its workers died of, as was told last */
  GHashTable *crashes;   /* process to gint64: when a task made it die */
  GHashTable *processes; /* by number, owned */
};

/* One record at the moment that it stands for. */
typedef struct
{
  IlTimelineBuilder *builder;
  IlThread *thread;
  const IlRecord *record;
  gint64 now_ns;
} IlStep;

static inline void
il_builder_contradiction (IlTimelineBuilder *builder)
{
  il_total_add (&builder->timeline->totals.n_inconsistent, 1);
}

static inline guint32
il_thread_plus_1 (const IlThread *thread)
{
  return thread->lane->index + 1;
}

/* Whether all that was done with it is known. */
static inline gboolean
il_thread_is_exact (const IlThread *thread)
{
  IlSchedulerSource scheduler = il_lane_get_info (thread->lane)->scheduler;

  return scheduler == IL_SCHEDULER_EXACT || scheduler == IL_SCHEDULER_CARRIER;
}

IlThread *il_builder_get_thread (IlTimelineBuilder *builder, guint32 lane_plus_1);
guint32 il_builder_check_lane (IlTimelineBuilder *builder, guint32 lane_plus_1);
IlCore *il_builder_get_core (IlTimelineBuilder *builder, guint32 number);

/* il-timeline-builder-task.c */
IlObjectState *il_task_get_queue (const IlStep *step);
void il_task_submitted (const IlStep *step);
void il_task_begun (const IlStep *step);
void il_task_ended (const IlStep *step);
void il_task_dropped (const IlStep *step);

/* il-timeline-builder-object.c */
void il_object_state_init (IlTimelineBuilder *builder, IlObjectState *state,
                           IlTimelineObject *object);
IlObjectState *il_object_get (const IlStep *step, guint32 number, IlTimelineObjectKind kind);
void il_object_add_waiter (IlObjectState *state, gint64 now_ns);
void il_object_remove_waiter (IlObjectState *state, gint64 now_ns);
gint64 il_object_take_wake (IlObjectState *state, IlWakes whom, gint64 from_ns, gint64 to_ns);
gboolean il_object_used (const IlStep *step);
void il_object_add_wake (IlObjectState *state, IlWakes whom, gint64 now_ns);
void il_object_holder_dies (IlTimelineBuilder *builder, const IlThread *dead, gint64 now_ns);
void il_object_owner_died (const IlStep *step);
void il_object_held (const IlStep *step);
void il_object_shared (const IlStep *step);
void il_object_nested (const IlStep *step);
void il_object_waited_for (const IlStep *step);
void il_object_all_told (IlTimelineBuilder *builder);
void il_object_counted (IlTimelineBuilder *builder, const IlRecord *record, gint64 now_ns);

/* il-timeline-builder-readers.c */
void il_object_add_reader (IlTimelineBuilder *builder, IlObjectState *state, guint32 lane_plus_1,
                           gint64 now_ns);
void il_object_date_reader (const IlObjectState *state, guint32 lane_plus_1, gint64 since_ns);
void il_object_remove_reader (IlObjectState *state, guint32 lane_plus_1, gint64 now_ns);
void il_object_hush_readers (const IlObjectState *state, gint64 now_ns);
void il_object_clear_readers (const IlObjectState *state, gint64 now_ns);
void il_object_tell_readers (const IlStep *step, IlObjectState *state);
void il_object_go_on_telling (const IlStep *step);
void il_object_end_telling (IlTimelineBuilder *builder);
void il_object_show_hold (const IlObjectState *state, gint64 now_ns);
void il_object_forget_reader (IlTimelineBuilder *builder, const IlThread *thread, gint64 now_ns);
guint32 il_object_get_first_reader (const IlObjectState *state, guint32 but_plus_1);
void il_object_state_free (gpointer data);

/* il-timeline-builder-thread.c: handles every record in a thread's lane. */
IlThread *il_thread_new (IlLane *lane);
void il_thread_free (IlThread *thread);
void il_thread_handle (const IlStep *step);
void il_thread_die (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns);
void il_thread_end (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns);

/* il-timeline-builder-process.c: what is gone with a process. */
void il_process_enter (IlTimelineBuilder *builder, IlThread *thread);
void il_process_leave (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns);
void il_process_use (const IlThread *thread, IlObjectState *state);
void il_process_free (gpointer data);

/* il-timeline-builder-ending.c: how a thread ended. */
void il_ending_of_lane (const IlStep *step);
void il_ending_of_worker (const IlStep *step);
void il_ending_by_crash (const IlStep *step);

/* il-timeline-builder-state.c: from the two witnesses to the lane's states. */
IlSays il_thread_says (const IlThread *thread);
void il_thread_emit (IlThread *thread, gint64 now_ns);
void il_thread_emit_runnable (IlThread *thread, gint64 now_ns);
void il_thread_sampled (IlThread *thread, gint64 now_ns, gint64 run_ns, gboolean is_stopped);
void il_thread_emit_end (IlThread *thread, gint64 now_ns);

/* il-timeline-builder-sched.c */
void il_thread_scheduled (const IlStep *step);
void il_core_handle (IlTimelineBuilder *builder, IlCore *core, const IlRecord *record,
                     gint64 now_ns);
void il_thread_emit_awake (IlThread *thread, gint64 now_ns);
void il_core_left (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns, IlState state);

G_END_DECLS
