/* il-event.h - the vocabulary of events that a target writes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <assert.h>
#include <stdint.h>

/*
 * An event is 16 bytes: when, what, on which object, and one number.  What the number means depends
 * on the kind and is said beside it.  The lane that an event stands in says who did it.
 */
typedef struct
{
  uint64_t stamp; /* ticks of the trace's clock, see il-clock.h */
  uint32_t what;  /* kind in the low 8 bits, object in the other 24 */
  uint32_t value;
} IlEvent;

static_assert (sizeof (IlEvent) == 16, "the event is part of the shared file's format");

#define IL_EVENT_OBJECT_MAX 0xffffffu
#define IL_EVENT_WHAT(kind, object) ((uint32_t)(kind) | (uint32_t)(object) << 8)
#define IL_EVENT_KIND(what) ((IlEventKind)((what)&0xffu))
#define IL_EVENT_OBJECT(what) ((what) >> 8)

/* Set in the value of an event that let somebody go who had been waiting: the waker's side of a
 * wake-up. */
#define IL_EVENT_WOKE 0x80000000u

/* Set in the value of IL_EVENT_COROUTINE: the one that ran before could go on, or has ended. */
#define IL_EVENT_YIELDED 0x80000000u
#define IL_EVENT_COROUTINE_ENDED 0x40000000u
#define IL_EVENT_COROUTINE_FLAGS (IL_EVENT_YIELDED | IL_EVENT_COROUTINE_ENDED)

/* Set in the value of IL_EVENT_CRASH: the whole program dies with the worker. */
#define IL_EVENT_ENDS_ALL 0x80000000u
#define IL_EVENT_CRASH_LINE_MAX 0xffffu /* this, or a later one */

/* Set in the value of IL_EVENT_FORSAKEN: it had something to bring, and nobody is left to take it.
 */
#define IL_EVENT_GIVES 0x80000000u

/* Set in the value of NAP; such a one is woken by who takes the lock, others by who lets go. */
#define IL_EVENT_UNTIL_TAKEN 0x80000000u

/* Set in the value of LOCK_NESTED: the thread had it by then, if it is a lock at all, which is not
 * known of a semaphore that was never given back; and, of each that belong together: it was not now
 * but before that the thread had them. */
#define IL_EVENT_PERHAPS 0x80000000u
#define IL_EVENT_EARLIER 0x40000000u
/* Likewise: when it had them is not known, or also at other times, which will not be told of; or
 * so many LIFEs of the thread before this. */
#define IL_EVENT_ANY_TIME 0x20000000u
#define IL_EVENT_AGO_MAX 0xfffffu
#define IL_EVENT_AGO(value) ((value) >> 8 & IL_EVENT_AGO_MAX)
#define IL_EVENT_NESTED_FLAGS                                                                      \
  (IL_EVENT_PERHAPS | IL_EVENT_EARLIER | IL_EVENT_ANY_TIME | IL_EVENT_AGO_MAX << 8)

/* The value of LOCK_NESTED where nothing is nested: from here on the object is another lock, which
 * lies where that one lay; what was said of orders with it is over. */
#define IL_EVENT_ANEW 0xffffffffu

/* The value of USED_AT: the number of an IlTraceModule that is an IL_TRACE_SCRIPT, and a line
 * there, or the last for which there is room. */
#define IL_EVENT_USE_LINE_MAX 0xfffffu
#define IL_EVENT_USE(module, line)                                                                 \
  ((uint32_t)(module) << 20                                                                        \
   | ((line) < IL_EVENT_USE_LINE_MAX ? (uint32_t)(line) : IL_EVENT_USE_LINE_MAX))
#define IL_EVENT_USE_MODULE(value) ((value) >> 20)
#define IL_EVENT_USE_LINE(value) ((value)&IL_EVENT_USE_LINE_MAX)

/* In so many ticks is the time of a copy told: finely enough for 1 KiB, up to a second or more. */
#define IL_EVENT_COPY_TICKS 128u

/* A sleep's length as SLEEP_BEGIN tells it, counted from the event's own stamp: in µs, so that an
 * hour has room.  Rounded up, for who tells from it that a sleep is over must not be early.  0
 * means that it is not known: also of what is longer, and in files written before there was such a
 * value. */
static inline uint32_t
il_event_sleep_us (int64_t length_ns)
{
  int64_t length_us = length_ns / 1000 + (length_ns % 1000 > 0);

  return length_us > 0 && length_us <= UINT32_MAX ? (uint32_t)length_us : 0;
}

/*
 * "lane + 1" below is the index of a lane in the shared file plus one, 0 for nobody.  "Who" is the
 * same, or with IL_EVENT_IS_COROUTINE the number of a coroutine.
 */
#define IL_EVENT_IS_COROUTINE 0x40000000u
typedef enum
{
  IL_EVENT_NONE = 0,   /* never written: a slot that reads so is damaged */
  IL_EVENT_LANE_BEGIN, /* value: lane + 1 of the creator */
  IL_EVENT_LANE_END,   /* value: exit status */
  IL_EVENT_LOST, /* value: how many events the full ring dropped since the event before this one */
  IL_EVENT_IDLE, /* between tasks, own bookkeeping */
  IL_EVENT_TASK_SUBMIT, /* object: kind of task, value: task number | IL_EVENT_WOKE.  From here to
                           its begin or drop it waits in the queue of its kind, if that has one */
  IL_EVENT_TASK_BEGIN,  /* object: kind of task, value: task number */
  IL_EVENT_TASK_END,    /* object: IlTaskResult, value: task number */
  IL_EVENT_TASK_DROP, /* object: IlTaskResult, value: number of a task that will not (again) be run
                       */
  IL_EVENT_LOCK_WAIT, /* object: lock, value: who was met as its holder */
  IL_EVENT_LOCK_ACQUIRE,   /* object: lock, value: who held it last if there was a wait, else 0 */
  IL_EVENT_LOCK_RELEASE,   /* object: lock, value: 0 or IL_EVENT_WOKE */
  IL_EVENT_SEM_WAIT,       /* object: semaphore */
  IL_EVENT_SEM_ACQUIRE,    /* object: semaphore, value: units left */
  IL_EVENT_SEM_POST,       /* object: semaphore, value: units now | IL_EVENT_WOKE */
  IL_EVENT_PUT_WAIT,       /* object: queue that is full */
  IL_EVENT_PUT,            /* object: queue, value: depth after | IL_EVENT_WOKE */
  IL_EVENT_GET_WAIT,       /* object: queue that is empty */
  IL_EVENT_GET,            /* object: queue, value: depth after | IL_EVENT_WOKE */
  IL_EVENT_QUEUE_CLOSE,    /* object: queue, value: depth | IL_EVENT_WOKE */
  IL_EVENT_WAIT_CANCELLED, /* object: what was waited for; the wait ended without success */
  IL_EVENT_SLEEP_BEGIN,    /* value: for how long, see il_event_sleep_us(); 0: not known */
  IL_EVENT_SLEEP_END,
  IL_EVENT_IO_BEGIN, /* value: IlCall, 0: not known */
  IL_EVENT_IO_END,
  IL_EVENT_STOPPED_BEGIN, /* paused by the user */
  IL_EVENT_STOPPED_END,
  IL_EVENT_WORKER_LOST, /* object: signal number, or 0 where the run was over and it was ended by
                           force; value: lane + 1 of the dead */
  IL_EVENT_OWNER_DIED,  /* object: lock, readers-writer lock or semaphore, value: who the dead owner
                           was; it is free again.  Of a readers-writer lock once for each time that
                           the dead one had it.  Written by whoever finds it out */
  IL_EVENT_COUNTER,     /* object: counter, value: its new value, of a negative one the two's
                           complement; or recursive lock, value: how deep its owner is in it now.
                           The outermost taking and giving back have LOCK_ACQUIRE and LOCK_RELEASE,
                           those inside of them this alone */

  IL_EVENT_RW_WAIT,    /* object: readers-writer lock, value: IlAccess | who was met << 1 */
  IL_EVENT_RW_ACQUIRE, /* object: readers-writer lock, value: IlAccess */
  IL_EVENT_RW_RELEASE, /* object: readers-writer lock, value: IlAccess | IL_EVENT_WOKE */
  IL_EVENT_FLAG_WAIT,  /* object: event that is not set */
  IL_EVENT_FLAG_PASS, /* object: event that is set, value: who set it if there was a wait, else 0 */
  IL_EVENT_FLAG_SET,  /* object: event, value: 0 or IL_EVENT_WOKE */
  IL_EVENT_FLAG_CLEAR,   /* object: event */
  IL_EVENT_COND_WAIT,    /* object: condition; its lock is released right after this */
  IL_EVENT_COND_WOKEN,   /* object: condition, value: who notified it; the lock is not yet taken */
  IL_EVENT_COND_WASTED,  /* object: condition; what it was woken for is not so, it waits again */
  IL_EVENT_COND_NOTIFY,  /* object: condition, value: how many it wakes | IL_EVENT_WOKE */
  IL_EVENT_BARRIER_WAIT, /* object: barrier, value: how many have come, itself included.  The last
                            to come does not wait and has the pass alone */
  IL_EVENT_BARRIER_PASS, /* object: barrier, value: its phase, from 1, | IL_EVENT_WOKE of the last
                            to come */
  IL_EVENT_SEND_WAIT,    /* object: channel that is full */
  IL_EVENT_SEND,         /* object: channel, value: bytes | IL_EVENT_WOKE */
  IL_EVENT_RECEIVE_WAIT, /* object: channel that is empty */
  IL_EVENT_RECEIVE,      /* object: channel, value: bytes | IL_EVENT_WOKE */
  IL_EVENT_COPY,        /* value: bytes of arguments, results or items copied between heaps; object:
                           how long that took up to now, in IL_EVENT_COPY_TICKS of the stamp's
                           clock, at most IL_EVENT_OBJECT_MAX; 0 where it was not measured */
  IL_EVENT_WOKEN_BY,    /* value: who ended the wait that the event before this one ended */
  IL_EVENT_LOST_UPDATE, /* object: counter, value: what the changes of others that were overwritten
                           add up to, less what was brought back; signed, in two's complement */
  IL_EVENT_TORN_LINES,  /* object: file, value: how many of its lines are not whole */
  IL_EVENT_FILE_BYTES,  /* object: file, value: bytes written since the event before of this kind */
  IL_EVENT_PRIORITY,    /* value: the thread's nice level from here on, plus 20 */
  IL_EVENT_COROUTINE,   /* in a carrier's lane: what follows is of another.  object: title or 0,
                           value: number of the coroutine from 1, 0 for the carrier itself, with
                             IL_EVENT_YIELDED or IL_EVENT_COROUTINE_ENDED of the one before.
                           In the lane of who makes a coroutine: it can run from here on; with
                             IL_EVENT_COROUTINE_ENDED: it will never run after all */
  IL_EVENT_STUCK,    /* value: how many wait inside of tasks.  Nobody has been left for a while who
                           could go on and end a wait */
  IL_EVENT_CRASH,    /* the last word of one whose task is to crash.  object: kind of task, value:
                           line of the step | number of the worker << 16 | IL_EVENT_ENDS_ALL */
  IL_EVENT_FORSAKEN, /* the task is cancelled here, since nobody is left to bring what it waits for.
                        object: queue or channel, value: line of the step, or the last one that
                        there is room for, | IL_EVENT_GIVES.  Not told where that is how such a run
                        ends */
  IL_EVENT_GIVEN_UP, /* a task is lost that was tried as often as one may be, right after the
                        WORKER_LOST of who died in it last.  object: kind of task, value: tries */
  IL_EVENT_NAP, /* whoever waits for the interpreter lock looks again once so much time is over.
                        object: lock, value: in µs | IL_EVENT_UNTIL_TAKEN of one who has let go of
                        it and waits for another to take it first */
  IL_EVENT_TASK_DIRECT, /* object: kind of task, value: task number.  Submitted by who takes it in
                           hand in the same moment, and begins it then: it never is in a queue,
                           whatever its kind has */

  /* Of programs that are not ours.  They take most locks without an event: who waits for one says
     what is known of it, from there on all say what they do with it, up to QUIET. */
  IL_EVENT_RUNS,       /* from here on, whenever it does not say that it waits, it runs what it is
                          there for; it has no tasks */
  IL_EVENT_LOCK_COUNT, /* object: lock, readers-writer lock or semaphore, value: how many
                          acquisitions had no event of their own since the last one of this kind */
  IL_EVENT_LOCK_HELD,  /* right after LOCK_WAIT, RW_WAIT or RW_READER.  object: the same, value:
                          whoever that one met, to write, or names as a reader took it without an
                          event so long ago, in IL_EVENT_COPY_TICKS of the stamp's clock; 0: not
                          known when */
  IL_EVENT_RW_INSIDE,  /* object: readers-writer lock, value: how many readers are in it now */
  IL_EVENT_LOCK_QUIET, /* object: lock or readers-writer lock.  Who has it from here on is not said,
                          up to the next wait for it, ACQUIRE or RELEASE of it.  value: lane + 1 of
                          this thread where it takes it and gives it back so often, while others
                          wait for it, that most of that is only counted; else 0 */
  IL_EVENT_LOCK_NESTED, /* object: lock that the thread has, value: how many more of this kind
                           follow; the last is that which it took under all of the others.  Said the
                           first time that a thread is seen to do so, and the first time after each
                           LIFE of it.  | IL_EVENT_NESTED_FLAGS */
  IL_EVENT_JOIN_WAIT,   /* value: who is waited for that is to end, lane + 1; of IL_CALL_PROCESS its
                         number; 0: not known, or any child, or this waits for something that has no
                         object.  object: IlCall */
  IL_EVENT_JOIN_END,    /* object: IlCall, value: of IL_CALL_PROCESS the number of that which has
                         ended; 0: none, or not known */
  IL_EVENT_WAIT_TIMED,  /* right before a wait of the same thread: that one ends by itself at a time
                          that was given, whatever others do; or right before it has something
                          without a wait, and would have gone on without it */
  IL_EVENT_LOCK_LEFT,   /* the thread is about to end, and still has it.  object: lock or
                          readers-writer lock, that one to write, value: since when, as LOCK_HELD */
  IL_EVENT_LOCK_COPIED, /* right after LOCK_WAIT or RW_WAIT that met nobody.  object: the same,
                           value: who had it, in another process, when it was copied by fork(), lane
                           + 1; 0: not known.  Nobody in this process has it */
  IL_EVENT_SIGNALS,     /* value: for how many signals the process has a handler of its own, that
                           may end a wait of its threads: neither for faults nor of the runtime of
                           its language.  Said as it begins, and with each that is new */
  IL_EVENT_WAIT_SHARED, /* right before a wait of the same thread: that one is for something that
                           other processes may have, too, of which nothing need be known.  Or once
                           in each process that it is followed in, object: the same */
  IL_EVENT_LOCK_HAD,    /* the thread has had it for longer than most that took it while it was
                           QUIET.  object: lock, value: since when, as LOCK_HELD */
  IL_EVENT_RW_READER,   /* who is one of those that read it.  object: readers-writer lock, value:
                           lane + 1.  Said after RW_INSIDE, which counts it, unless that one itself
                           has said so since the lock was QUIET.  It says RELEASE in any case */
  IL_EVENT_LIFE,        /* object: IlLife, value: number of the thread that it is about, among those
                           that its process makes */
  IL_EVENT_USED_AT,     /* object: lock or semaphore, value: IL_EVENT_USE.  The first time that a
                           thread waits for it is there in the program's script, or where it was
                           told of first otherwise */
  IL_N_EVENT_KINDS
} IlEventKind;

/* What a thread says of another one, or of itself. */
typedef enum
{
  IL_LIFE_MAKES = 1, /* it is about to make it */
  IL_LIFE_IS,        /* it is the one */
  IL_LIFE_ENDED,     /* that one has ended: it has waited for that */
  IL_LIFE_UNTOLD,    /* of none: not all orders of locks are told from here on, see LOCK_NESTED */
} IlLife;

typedef enum
{
  IL_TASK_DONE = 0,
  IL_TASK_FAILED,
  IL_TASK_CANCELLED,
  IL_TASK_LOST,
  IL_N_TASK_RESULTS
} IlTaskResult;

/* What the object of an event can be. */
typedef enum
{
  IL_OBJECT_NONE = 0,
  IL_OBJECT_LOCK,      /* parameter: IlLockKind */
  IL_OBJECT_SEMAPHORE, /* parameter: units at the start */
  IL_OBJECT_QUEUE,     /* parameter: capacity, 0 for none */
  IL_OBJECT_TASK_KIND, /* parameter: the object of the queue where its tasks wait, 0 for none */
  IL_OBJECT_COUNTER,   /* parameter: 1 if it lies on the heap, of which each process has its own */
  IL_OBJECT_RWLOCK,
  IL_OBJECT_EVENT,
  IL_OBJECT_CONDITION, /* parameter: 1 if it is a word that a program of its own sleeps on, by
                          futex(2): what for is not known */
  IL_OBJECT_BARRIER,   /* parameter: parties */
  IL_OBJECT_CHANNEL,   /* parameter: IlChannelKind */
  IL_OBJECT_FILE,
  IL_OBJECT_TITLE, /* of coroutines: "Worker", "Producer".  parameter: to be taken off the number of
                      one for the number in its name, see name_worker() in il-arena-layout.c */
  IL_N_OBJECT_KINDS
} IlObjectKind;

/* The parameter of a lock. */
typedef enum
{
  IL_LOCK_PLAIN = 0,
  IL_LOCK_RECURSIVE,
  IL_LOCK_SPIN,
  IL_LOCK_TICKET,
  IL_LOCK_INTERPRETER, /* the one that threads must hold to run at all */
  IL_LOCK_BINARY,      /* a semaphore of one unit: anybody may give it back */
  IL_LOCK_CHECKING,    /* refuses who has it already */
  IL_LOCK_ROBUST,      /* the next one is told if who had it died */
  IL_LOCK_PRIORITY,    /* who has it has the priority of those who wait, or one of its own */
  IL_N_LOCK_KINDS
} IlLockKind;

typedef enum
{
  IL_CHANNEL_QUEUE = 0, /* in the arena, copied in and out under a guard */
  IL_CHANNEL_MEMORY,    /* in the arena, written and read in place */
  IL_CHANNEL_PIPE,
  IL_CHANNEL_SOCKET, /* AF_UNIX */
  IL_N_CHANNEL_KINDS
} IlChannelKind;

/* In which call a program waits. */
typedef enum
{
  IL_CALL_UNKNOWN = 0,
  IL_CALL_READ, /* all that reads: pread, readv, … */
  IL_CALL_WRITE,
  IL_CALL_POLL,
  IL_CALL_SELECT,
  IL_CALL_EPOLL,
  IL_CALL_ACCEPT,
  IL_CALL_CONNECT,
  IL_CALL_RECEIVE,
  IL_CALL_SEND,
  IL_CALL_FSYNC,
  IL_CALL_FLOCK,
  IL_CALL_SIGNAL,  /* waits for a signal of the kernel: sigwait, pause */
  IL_CALL_JOIN,    /* for a thread to end */
  IL_CALL_PROCESS, /* for a process to end, or to become another program */
  IL_CALL_OBJECT,  /* for a lock or signal of which there is no object */
  IL_N_CALLS
} IlCall;

/* To a readers-writer lock. */
typedef enum
{
  IL_ACCESS_READ = 0,
  IL_ACCESS_WRITE,
} IlAccess;

/* What the thread or process behind a lane is for. */
typedef enum
{
  IL_ROLE_THREAD = 0, /* of a program that we know nothing about */
  IL_ROLE_WORKER,
  IL_ROLE_SUBMITTER,  /* hands tasks to the pool; under the serial model runs them itself */
  IL_ROLE_SUPERVISOR, /* looks after workers */
  IL_ROLE_CARRIER,    /* a thread that coroutines run on */
  IL_N_ROLES
} IlRole;
