/* il-record.h - what happened, as the timeline is told it: the one input of the model and of the
 * session file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The recorder turns what targets wrote and what the scheduler did into records; the timeline is
 * built from records alone, live and from a file by the same code, so that a session that is opened
 * again shows what was seen live.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The kinds up to IL_RECORD_COROUTINE say what the target said and carry what the event of the same
 * name carries (src/trace/il-event.h), with lanes as numbers of the timeline.  Their numbers are
 * part of the session file's format: new ones come at the end.
 */
typedef enum
{
  IL_RECORD_NONE = 0,
  IL_RECORD_LANE_BEGIN,     /* value: lane + 1 of the creator */
  IL_RECORD_LANE_END,       /* value: exit status, or IL_RECORD_DIED; then object: the signal that
                               the whole program died of, or 0 */
  IL_RECORD_LOST,           /* value: number of events lost just before */
  IL_RECORD_IDLE,           /* between tasks */
  IL_RECORD_TASK_SUBMIT,    /* object: kind of task, value: task */
  IL_RECORD_TASK_BEGIN,     /* object: kind of task, value: task */
  IL_RECORD_TASK_END,       /* object: IlTaskOutcome, value: task */
  IL_RECORD_TASK_DROP,      /* object: IlTaskOutcome, value: task */
  IL_RECORD_LOCK_WAIT,      /* object: lock, value: lane + 1 of the holder */
  IL_RECORD_LOCK_ACQUIRE,   /* object: lock, value: lane + 1 of the last holder if there was a wait,
                               else 0 */
  IL_RECORD_LOCK_RELEASE,   /* object: lock, value: 0 or IL_RECORD_WOKE */
  IL_RECORD_SEM_WAIT,       /* object: semaphore */
  IL_RECORD_SEM_ACQUIRE,    /* object: semaphore, value: units left */
  IL_RECORD_SEM_POST,       /* object: semaphore, value: units | IL_RECORD_WOKE */
  IL_RECORD_PUT_WAIT,       /* object: queue */
  IL_RECORD_PUT,            /* object: queue, value: depth after | IL_RECORD_WOKE */
  IL_RECORD_GET_WAIT,       /* object: queue */
  IL_RECORD_GET,            /* object: queue, value: depth after | IL_RECORD_WOKE */
  IL_RECORD_QUEUE_CLOSE,    /* object: queue, value: depth | IL_RECORD_WOKE */
  IL_RECORD_WAIT_CANCELLED, /* object: what was waited for */
  IL_RECORD_SLEEP_BEGIN,    /* value: for how long, in µs; 0: not known */
  IL_RECORD_SLEEP_END,
  IL_RECORD_IO_BEGIN, /* value: IlCall of src/trace/il-event.h */
  IL_RECORD_IO_END,
  IL_RECORD_STOPPED_BEGIN,
  IL_RECORD_STOPPED_END,
  IL_RECORD_WORKER_LOST, /* object: signal or 0, value: lane + 1 of the dead */
  IL_RECORD_OWNER_DIED,  /* object: lock or semaphore, value: lane + 1 of the dead owner */
  IL_RECORD_COUNTER,     /* object: counter, value: its value */
  IL_RECORD_RW_WAIT, /* object: readers-writer lock, value: access | lane + 1 that was met << 1 */
  IL_RECORD_RW_ACQUIRE,   /* object: readers-writer lock, value: access */
  IL_RECORD_RW_RELEASE,   /* object: readers-writer lock, value: access | IL_RECORD_WOKE */
  IL_RECORD_FLAG_WAIT,    /* object: event */
  IL_RECORD_FLAG_PASS,    /* object: event, value: lane + 1 that set it */
  IL_RECORD_FLAG_SET,     /* object: event, value: 0 or IL_RECORD_WOKE */
  IL_RECORD_FLAG_CLEAR,   /* object: event */
  IL_RECORD_COND_WAIT,    /* object: condition */
  IL_RECORD_COND_WOKEN,   /* object: condition, value: lane + 1 of the notifier */
  IL_RECORD_COND_WASTED,  /* object: condition */
  IL_RECORD_COND_NOTIFY,  /* object: condition, value: how many it wakes | IL_RECORD_WOKE */
  IL_RECORD_BARRIER_WAIT, /* object: barrier, value: how many have come */
  IL_RECORD_BARRIER_PASS, /* object: barrier, value: phase | IL_RECORD_WOKE */
  IL_RECORD_SEND_WAIT,    /* object: channel */
  IL_RECORD_SEND,         /* object: channel, value: bytes | IL_RECORD_WOKE */
  IL_RECORD_RECEIVE_WAIT, /* object: channel */
  IL_RECORD_RECEIVE,      /* object: channel, value: bytes | IL_RECORD_WOKE */
  IL_RECORD_COPY,         /* value: bytes, object: how long it took, in IL_RECORD_COPY_NS; 0: not
                             known */
  IL_RECORD_WOKEN_BY,    /* value: lane + 1 that ended the wait that the record before this ended */
  IL_RECORD_LOST_UPDATE, /* object: counter, value: what the changes of others that were overwritten
                            add up to, less what was brought back; signed, in two's complement */
  IL_RECORD_TORN_LINES,  /* object: file, value: how many of its lines are not whole */
  IL_RECORD_FILE_BYTES,  /* object: file, value: bytes written since the last */
  IL_RECORD_PRIORITY,    /* value: the thread's nice level from here on, plus 20 */
  IL_RECORD_COROUTINE,   /* in a carrier's lane.  value: lane + 1 of the coroutine that runs on it
                            from here, 0 for none */

  /* What the scheduler did with the thread of this lane. */
  IL_RECORD_SCHED_IN,   /* value: core */
  IL_RECORD_SCHED_OUT,  /* object: 1 if it was preempted, 0 if it gave up, IL_RECORD_OUT_STOPPED if
                           it was stopped from outside, IL_RECORD_OUT_MADE if it was just made and
                           never was on a core so far; value: core */
  IL_RECORD_SCHED_WAKE, /* value: lane + 1 of the waker; only where a kernel record says so */
  IL_RECORD_SCHED_LOST, /* value: number of scheduler records lost on a core; the thread's place is
                           unknown from here */
  IL_RECORD_SAMPLE, /* object: time on a core since the last sample, value: time ready but not on a
                     * core | IL_RECORD_SAMPLE_STOPPED; both in units of 1 µs.  For lanes whose
                     * scheduler is sampled. */

  /* What a core did, in a core's own lane. */
  IL_RECORD_CORE_USAGE, /* object: user | system << 10 | 0, value: iowait | idle << 10; since the
                           last, in permille */

  /* Said by the target again, under the next numbers that were free. */
  IL_RECORD_STUCK, /* value: how many wait inside of tasks, and nobody is left who could end that */
  IL_RECORD_CRASH, /* the lane's last word.  object: kind of task, value: line of the step that says
                      so | number of the worker << 16 | IL_RECORD_ENDS_ALL */
  IL_RECORD_FORSAKEN, /* its task is cancelled.  object: queue or channel, value: line of the step |
                         IL_RECORD_GIVES */
  IL_RECORD_GIVEN_UP, /* a task is lost.  object: kind of task, value: how often it was tried */
  IL_RECORD_NAP, /* object: interpreter lock, value: in how many µs who waits for it looks again by
                    itself | IL_RECORD_UNTIL_TAKEN */
  IL_RECORD_TASK_DIRECT, /* object: kind of task, value: task.  Submitted and begun by this thread
                            at once, without a queue */
  IL_RECORD_RUNS,        /* whenever it does not wait it runs what it is there for */
  IL_RECORD_LOCK_COUNT,  /* object: lock, readers-writer lock or semaphore, value: so many
                             acquisitions had no record.  In any lane, also of a core or a
                             thread that is dead */
  IL_RECORD_LOCK_HELD,   /* object: what the record before this waits for, or names a reader of,
                             value: since when whoever that one met or named has it, in
                             IL_RECORD_COPY_NS before now; 0: not known */
  IL_RECORD_RW_INSIDE,   /* object: readers-writer lock, value: how many readers are in it now */
  IL_RECORD_LOCK_QUIET,  /* object: lock or readers-writer lock; who has it is not said from here
                            on.  value: lane + 1 that takes it again and again, or 0 */
  IL_RECORD_LOCK_NESTED, /* object: lock that the thread has, value: how many such follow |
                            IL_RECORD_NESTED_FLAGS */
  IL_RECORD_JOIN_WAIT,   /* object: IlCall, value: lane + 1 that is to end; of a process that of its
                            first thread; 0: not known, or any */
  IL_RECORD_JOIN_END,    /* object: IlCall, value: of a process lane + 1 that has ended, or 0 */
  IL_RECORD_WAIT_TIMED,  /* the wait that the lane tells of next ends by itself; or what it gets
                           next without a wait it would have gone on without */
  IL_RECORD_LOCK_LEFT,   /* object: lock or readers-writer lock that the thread still has, which is
                           about to end, value: since when, in IL_RECORD_COPY_NS before now */
  IL_RECORD_LOCK_COPIED, /* object: what the record before this waits for, value: lane + 1 that had
                            it when it was copied by fork(), or 0; nobody in this process has it */
  IL_RECORD_SIGNALS,     /* value: for how many signals the lane's process has a handler of its own
                            from here on */
  IL_RECORD_WAIT_SHARED, /* object: what other processes may have, too; 0: what the wait is for
                            that the lane tells of next */
  IL_RECORD_LOCK_HAD,    /* object: lock that the thread has, without a record of it so far, value:
                            since when, in IL_RECORD_COPY_NS before now */
  IL_RECORD_RW_READER, /* object: readers-writer lock, value: lane + 1 that is one of those who are
                            in it; LOCK_HELD of the same may follow at once */
  IL_RECORD_LIFE, /* object: IL_RECORD_LIFE_…, value: number of the thread that it is about, among
                          those that the lane's process makes */
  IL_N_RECORD_KINDS
} IlRecordKind;

#define IL_RECORD_WOKE 0x80000000u

/* The thread was stopped by a signal or by a debugger. */
#define IL_RECORD_OUT_STOPPED 2u
/* The thread can run from here on, and no switch led to that. */
#define IL_RECORD_OUT_MADE 4u
#define IL_RECORD_SAMPLE_STOPPED 0x80000000u

/* Set in the value of IL_RECORD_CRASH: the whole program dies with the worker. */
#define IL_RECORD_ENDS_ALL 0x80000000u
#define IL_RECORD_CRASH_LINE(value) ((value)&0xffffu)
#define IL_RECORD_CRASH_WORKER(value) ((value) >> 16 & 0x7fffu)

/* Set in the value of IL_RECORD_FORSAKEN: nobody was left to take, not to bring. */
#define IL_RECORD_GIVES 0x80000000u

/* Set in the value of IL_RECORD_NAP: who takes the lock ends it, not who lets go of it. */
#define IL_RECORD_UNTIL_TAKEN 0x80000000u

/* Set in the value of IL_RECORD_LOCK_NESTED: it keeps others out at most, if it is a lock; that the
 * thread had them was before, beside nothing else. */
#define IL_RECORD_PERHAPS 0x80000000u
#define IL_RECORD_EARLIER 0x40000000u
/* … and that it was at a time that is not known, or at others, too; or before the last so many
 * LIFEs of the thread. */
#define IL_RECORD_ANY_TIME 0x20000000u
#define IL_RECORD_AGO_MAX 0xfffffu
#define IL_RECORD_AGO(value) ((value) >> 8 & IL_RECORD_AGO_MAX)
#define IL_RECORD_NESTED_FLAGS                                                                     \
  (IL_RECORD_PERHAPS | IL_RECORD_EARLIER | IL_RECORD_ANY_TIME | IL_RECORD_AGO_MAX << 8)

/* The object of IL_RECORD_LIFE: what comes in this lane before it makes the other is before all
 * that that one does, and that is before what comes in this lane after it has seen it end. */
#define IL_RECORD_LIFE_MAKES 1u
#define IL_RECORD_LIFE_IS 2u
#define IL_RECORD_LIFE_ENDED 3u
#define IL_RECORD_LIFE_UNTOLD 4u /* of none: LOCK_NESTED does not tell all from here on */

/* The value of IL_RECORD_LOCK_NESTED alone: the object is another lock from here on. */
#define IL_RECORD_ANEW 0xffffffffu

/* The core of a coroutine's SCHED_IN and SCHED_OUT: it is on and off a carrier, not a core. */
#define IL_RECORD_NO_CORE G_MAXUINT32
#define IL_RECORD_OBJECT_MAX 0xffffffu

/* The exit status of a thread that ended without a last word: a worker, and one of a program, which
 * may have ended by itself where nobody asked it for one. */
#define IL_RECORD_DIED 255
#define IL_RECORD_SILENT 254
#define IL_RECORD_COPY_NS 64

/* The value of IO_BEGIN where somebody else's input is waited for. */
#define IL_RECORD_CALL_READ 1u
#define IL_RECORD_CALL_POLL 3u
#define IL_RECORD_CALL_SELECT 4u
#define IL_RECORD_CALL_EPOLL 5u
#define IL_RECORD_CALL_ACCEPT 6u
#define IL_RECORD_CALL_RECEIVE 8u
/* … and where it is a signal of the kernel that is. */
#define IL_RECORD_CALL_SIGNAL 12u

/* The object of JOIN_WAIT where a thread or a process is waited for. */
#define IL_RECORD_CALL_JOIN 13u
#define IL_RECORD_CALL_PROCESS 14u
/* … and where it is something of which there is no object. */
#define IL_RECORD_CALL_OBJECT 15u

typedef enum
{
  IL_TASK_OUTCOME_DONE = 0,
  IL_TASK_OUTCOME_FAILED,
  IL_TASK_OUTCOME_CANCELLED,
  IL_TASK_OUTCOME_LOST,
  IL_TASK_OUTCOME_PENDING, /* neither ended nor dropped so far; never in a record */
} IlTaskOutcome;

typedef struct
{
  gint64 time_ns;   /* since the session began */
  guint32 kind : 8; /* IlRecordKind */
  guint32 object : 24;
  guint32 value;
} IlRecord;

G_STATIC_ASSERT (sizeof (IlRecord) == 16);

/*
 * A window of time [begin, end) with all records of all lanes in it, each lane's in order.  Filled
 * by one thread, then sealed and shared by reference with builder and session writer, which only
 * read.
 */
typedef struct _IlBatch IlBatch;

typedef struct
{
  guint32 lane;
  guint32 n_records;
  const IlRecord *records;
} IlBatchRun;

IlBatch *il_batch_new (gint64 begin_ns) G_GNUC_WARN_UNUSED_RESULT;
IlBatch *il_batch_ref (IlBatch *batch);
void il_batch_unref (IlBatch *batch);
void il_batch_append (IlBatch *batch, guint32 lane, const IlRecord *records, gsize n_records);
void il_batch_seal (IlBatch *batch, gint64 end_ns);
gint64 il_batch_get_begin (const IlBatch *batch);
gint64 il_batch_get_end (const IlBatch *batch);
gsize il_batch_get_n_records (const IlBatch *batch);
const IlBatchRun *il_batch_get_runs (const IlBatch *batch,
                                     guint *n_runs); /* by ascending lane; sealed only */

/* Walks a sealed batch in the order of time; equal times by lane, then as appended: the order is
 * the same for all who walk it. */
typedef struct _IlBatchIter IlBatchIter;
IlBatchIter *il_batch_iter_new (const IlBatch *batch) G_GNUC_WARN_UNUSED_RESULT;
gboolean il_batch_iter_next (IlBatchIter *iter, guint32 *lane, const IlRecord **record);
void il_batch_iter_free (IlBatchIter *iter);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlBatch, il_batch_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlBatchIter, il_batch_iter_free)

G_END_DECLS
