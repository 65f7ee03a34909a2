/* il-arena.h - the one mapping that all workers of a run share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is made before the first worker and lies at the same address in all of them, whether they are
 * threads or forked processes, so that pointers into it hold everywhere.  Workers touch nothing
 * else but their own memory and their own lane of the trace: no heap, no GLib.
 */

#pragma once

#include "il-scenario.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IL_CACHE_LINE 64
#define IL_AGENT_NAME_MAX 32

/* Bits of IlArena.run; whoever sleeps for time sleeps on this word. */
#define IL_RUN_HELD 1u      /* workers come to life but must not begin yet */
#define IL_RUN_PAUSED 2u    /* stop where you are */
#define IL_RUN_CLOSING 4u   /* no new tasks, finish what was submitted */
#define IL_RUN_CANCELLED 8u /* give up whatever you are doing, and leave */

typedef struct _IlArena IlArena;
typedef struct _IlArenaObject IlArenaObject;
typedef struct _IlPoolTask IlPoolTask;
typedef struct _IlFork IlFork;

/* A task of a pool for functions, see il-pool.h. */
typedef uint64_t (*IlTaskFunc) (IlPoolTask *task, uint64_t argument);

/*
 * A short lock.  The word is 0, or the id of the owner, with IL_GUARD_WAITERS if somebody may sleep
 * on it.  It names its owner so that it can be freed for one who died inside.
 */
#define IL_GUARD_WAITERS 0x80000000u

typedef struct
{
  _Atomic uint32_t word;
  _Atomic uint32_t n_sleepers; /* a killed sleeper stays counted: a wake-up too many, none lost */
} IlGuard;

/* Of a slot of a queue whose items are taken by priority. */
typedef struct
{
  uint64_t number; /* of the put */
  uint32_t priority;
  _Atomic uint32_t is_filled;
} IlQueueKey;

/*
 * A bounded queue of slots of one size, FIFO or by priority.
 *
 * Guard     head, tail and n_* are changed by the owner of the guard alone; a look without it may
 *           be outdated.  They only grow: tail - head is the depth, tail - head <= capacity.
 * Killed    A slot is filled before tail counts it, and copied out before head lets go of it, each
 *           by one store.  An owner killed at any instruction leaves the queue whole; all that is
 *           left to do for it is to free the guard.
 * Sleeping  n_getters counts those who registered to sleep on get_count and were not yet woken, so
 *           that a put pays for a system call only if there is one.  A sleeper that was killed
 *           stays counted, which costs one wake-up too many.  The same for putters.
 */
typedef struct
{
  alignas (IL_CACHE_LINE) IlGuard guard;
  _Atomic uint32_t is_closed;
  _Atomic uint32_t n_getters, n_putters;
  _Atomic uint32_t get_count, put_count;
  _Atomic uint64_t head, tail;
  uint64_t stamp;                            /* of the owner, since when it is that */
  uint32_t put_by, got_by;                   /* who did so last */
  alignas (IL_CACHE_LINE) uint32_t capacity; /* constant, and so is what follows */
  uint32_t mask;
  uint32_t slot_size;
  uint32_t object;
  bool is_channel; /* what is put and got is said to be sent and received */
  uint8_t *slots;
  IlQueueKey *keys; /* of each slot; NULL: they are taken in the order in which they are filled */
  uint32_t *order;  /* see il-queue-order.c */
} IlQueue;

/* What a slot of a queue of the scenario begins with. */
typedef struct
{
  uint32_t size;         /* bytes of payload */
  uint32_t producer;     /* id */
  uint64_t number;       /* of the task that put it */
  const void *reference; /* to the payload, where it is not copied behind this */
} IlItem;

typedef enum
{
  IL_ENTRY_TASKS,    /* count tasks, and where their results go */
  IL_ENTRY_ARGUMENT, /* one task whose result nobody waits for: its argument */
  IL_ENTRY_CHILD,    /* one task that another spawned, and that one's frame */
  IL_ENTRY_FORK,     /* one function that another spawned: slot `first` of agent `argument` */
} IlEntryForm;

/* What is handed to workers: tasks first … first + count - 1 of a kind.  16 bytes, since the rate
 * at which cores exchange lines of their caches is what limits a pool. */
typedef union
{
  struct
  {
    uint64_t first : 48;
    uint64_t kind : 8;
    uint64_t form : 2;
    uint64_t depth : 6; /* of a child; in an inbox the lap, see il-inbox.h */
    union
    {
      uint64_t argument;
      struct
      {
        uint64_t count : 21;
        uint64_t slot : 21;   /* + 1 of the first task's result; 0: nobody asked for results */
        uint64_t ticket : 22; /* that the results are for */
      };
      struct
      {
        uint64_t frame : 21; /* agent * (IL_MAX_NESTING + 1) + level */
        uint64_t generation_high : 11;
        uint64_t key : 32; /* of the child among all in the tree, whoever runs it */
      };
    };
  };
  struct
  {
    uint64_t number : 31; /* in place of first */
    uint64_t generation_low : 17;
  };
  uint64_t words[2];
} IlTaskEntry;

static_assert (sizeof (IlTaskEntry) == 16, "four to a line");

#define IL_TICKET_MAX ((1u << 22) - 1)

/*
 * A bounded ring of entries, at whose top anybody takes and at whose bottom one puts, who may also
 * take there; the argument stands in il-deque.h.  Who puts and who takes each have a line of their
 * own, and what both only read stands in a third.
 */
typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic uint64_t top; /* both only grow but for a take at the bottom */
  IlGuard guard;                                /* where agents can be killed one by one */
  uint64_t bottom_seen; /* by the one whom it belongs to: what is before it was there at the last
                           look */
  alignas (IL_CACHE_LINE) _Atomic uint64_t bottom;
  uint64_t top_seen; /* by the one who puts: there is room at least up to this + capacity */
  alignas (IL_CACHE_LINE) uint32_t capacity; /* constant, and so is what follows */
  uint32_t mask;
  uint32_t lap_shift; /* of a position: to the number of its lap */
  IlTaskEntry *slots;
} IlDeque;

/* Entries of one priority, in order.  Guarded by the queue's guard; what is said above IlQueue of
 * those who are killed holds here, too. */
typedef struct
{
  _Atomic uint64_t head, tail;
  IlTaskEntry *slots;
} IlTaskLevel;

/* Of one worker, where workers steal. */
typedef struct
{
  IlDeque inbox;   /* what it was handed from outside: it takes the oldest, and so do thieves */
  IlDeque spawned; /* what its tasks spawned: it takes the newest, thieves the oldest */
} IlTaskBox;

/*
 * Where the tasks of a group wait.  FIFO is PRIORITY with one level.
 *
 * Depth     in the levels together; no longer right if one was killed who changed it, and then
 *           reckoned anew.
 * Idle      a bit for each worker of the group that sleeps or is about to: see il-task-wait.c.
 * Putters   those who wait for room, on room_count or, as the submitter, on its doorbell.
 */
typedef struct
{
  alignas (IL_CACHE_LINE) IlGuard guard;
  _Atomic uint32_t depth;
  alignas (IL_CACHE_LINE) uint32_t next_box; /* to put into; the submitter's */
  alignas (IL_CACHE_LINE) _Atomic uint32_t n_putters;
  _Atomic uint32_t room_count;
  _Atomic uint32_t room_by;         /* who made room last, for those who slept */
  _Atomic uint32_t rings_submitter; /* when there is room: it waits for that of several queues */
  _Atomic uint32_t is_closed;
  _Atomic uint32_t is_drained;                     /* nothing will come any more */
  _Atomic uint32_t n_boxes;                        /* of workers that were ever to be there */
  _Atomic uint32_t next_idle;                      /* where to look for one who sleeps */
  alignas (IL_CACHE_LINE) IlScheduling scheduling; /* constant, and so is what follows */
  uint32_t capacity, mask;
  uint32_t low_room; /* who sleeps for room is woken when there is this much */
  uint32_t object;
  uint32_t first_agent, n_agents;
  uint32_t n_levels;
  uint64_t source_kinds; /* bits of those whose tasks may put something in while they run */
  IlTaskLevel *levels;   /* the highest priority first */
  IlTaskBox *boxes;
  _Atomic uint64_t *idle;
} IlTaskQueue;

/*
 * Where the result of a task comes back.  The status is the ticket that it is for, shifted, and in
 * the low bits one of IL_RESULT_*: a result that is delivered twice, since its bearer died in
 * between, cannot be taken for that of a later task in the same slot.
 */
#define IL_RESULT_PENDING 0u
#define IL_RESULT_AWAITED 1u /* pending, and somebody sleeps on it */
#define IL_RESULT_READY 2u   /* + IlTaskResult */
#define IL_RESULT_STATUS(ticket, state) ((ticket) << 3 | (state))
#define IL_RESULT_STATE(status) ((status)&7u)

typedef struct
{
  _Atomic uint32_t status;
  uint64_t value; /* written before the status says that it is ready */
} IlResult;

/*
 * What an agent has in hand, written so that whoever finds it after a SIGKILL knows exactly what
 * was done.
 *
 * EMPTY     nothing
 * TAKING    reaching for what is at `position` of the counter `taken_from`, and owns its guard: it
 *           has it if and only if the counter is past that position.  Where agents cannot be killed
 *           one by one there is no guard, and nobody asks.
 * POPPING   the same from the other end: it has it if and only if the counter is not past it
 * HELD      tasks n_settled … of entry are still to be done, the first of them perhaps begun.  If
 *           the last event of its lane is the end of that one, it is done, and its value stands in
 *           `settlement`: what the record says of a task is what becomes of it.  Where the event is
 *           lost, or nothing is recorded, the task is settled with SETTLED alone
 * SETTLED   that task is settled; what follows from it stands in `settlement` as values to be
 *           stored, not steps to be done, so that doing it once more changes nothing
 */
typedef enum
{
  IL_HAND_EMPTY,
  IL_HAND_TAKING,
  IL_HAND_POPPING,
  IL_HAND_HELD,
  IL_HAND_SETTLED,
} IlHandPhase;

typedef struct
{
  uint32_t result;
  uint32_t n_settled;
  uint64_t count;
  uint64_t sum;
  uint64_t value;
  uint64_t open; /* of the parent's frame; 0: to be left alone */
} IlSettlement;

#define IL_POSITION_NONE UINT64_MAX
#define IL_MAX_NESTING                                                                             \
  96 /* tasks that one that joins, or finds no room to spawn, runs meanwhile                       \
      */

typedef struct
{
  _Atomic uint32_t phase;
  uint32_t n_begun; /* how often its first task was, each time but the last by one who died of it */
  _Atomic uint64_t position;
  _Atomic uint64_t *taken_from;
  IlTaskEntry entry;
  uint32_t n_settled;
  IlSettlement settlement;
} IlHand;

/*
 * What a task that spawned others counts them by, until they are settled.  It belongs to the hand
 * that the task is in, and to the next task there after it.
 *
 * open     generation << 32 | IL_FRAME_AWAITED | how many are open.  A child knows the generation
 *          that it was spawned in, and leaves the frame alone if that is over: its parent did not
 *          wait for it, or is dead.  Where agents can be killed one by one it is changed under the
 *          guard, by storing what the hand's settlement says.
 */
#define IL_FRAME_AWAITED (UINT64_C (1) << 31)
#define IL_FRAME_N_OPEN(open) ((uint32_t)((open)&0x7fffffffu))
#define IL_FRAME_GENERATION(open) ((uint32_t)((open) >> 32))
#define IL_FRAME_GENERATION_MAX ((1u << 28) - 1)

typedef struct
{
  _Atomic uint64_t open;
  _Atomic uint64_t
      lost; /* generation << 32 | how many of them the supervisor settled for the dead */
  IlGuard guard;
  _Atomic uint32_t ended_by; /* who settled the last */
} IlFrame;

/* What an agent is about to put into a queue, as values to be stored: doing it once more changes
 * nothing.  It owns the guard of the counter meanwhile. */
typedef struct
{
  _Atomic uint32_t is_decided;
  _Atomic uint64_t *counter;
  uint64_t position;
  _Atomic uint64_t *tally;
  uint64_t submitted;
} IlPutJournal;

/* Of one agent for one kind of task.  Written by the agent alone, or for it once it is dead. */
typedef struct
{
  _Atomic uint64_t submitted;
  _Atomic uint64_t settled[IL_N_TASK_RESULTS];
  _Atomic uint64_t sum; /* of the results of done tasks, modulo 2^64 */
} IlTally;

/* What an agent is busy with, for those who must know whether it can get anywhere by itself. */
typedef enum
{
  IL_ACTIVITY_NONE, /* not alive */
  IL_ACTIVITY_BUSY,
  IL_ACTIVITY_STOPPED,      /* paused, or held before the start */
  IL_ACTIVITY_WAITING,      /* for a lock or a semaphore */
  IL_ACTIVITY_WAITING_TASK, /* for a task queue */
  IL_ACTIVITY_WAITING_ITEM, /* for a queue of the scenario */
  IL_ACTIVITY_LEFT,         /* left on its own account */
} IlActivity;

/* Somebody who acts on the arena: supervisor, submitter, or a worker and its replacements. */
typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic uint32_t activity;
  _Atomic uint32_t n_waits;     /* that it began, modulo 2^32; written by the agent alone */
  _Atomic uint32_t lane_plus_1; /* where its events stand; 0: nowhere */
  _Atomic uint32_t who;         /* how events name it to others; 0: they do not */
  uint32_t index;               /* its id is index + 1 */
  uint32_t group;
  uint32_t number; /* of the worker, from 1 */
  char name[IL_AGENT_NAME_MAX];
  IlHand hand;
  IlHand *nested;  /* of tasks that run while the one in `hand` waits for its children */
  IlFrame *frames; /* of the hand and each nested one; NULL: nothing can be spawned */
  IlPutJournal put;
  _Atomic uint64_t n_at_once; /* tasks that it ran in place of putting them into a queue */
  _Atomic uint32_t nesting;   /* which of them is in use; 0: `hand` */
  uint32_t n_polls;           /* for a task, before it sleeps; its own */
  uint32_t n_pauses;          /* before the first of them; its own */
  uint64_t steal_state;       /* of the order in which it looks for something to steal */
  _Atomic (_Atomic uint32_t *) sleeps_on; /* NULL: it does not sleep */
  _Atomic uint32_t doorbell;              /* counts the times that it was woken for a task */
  _Atomic uint32_t rung_by;               /* who did so last */
  _Atomic uint32_t retires;               /* leaves so that a fresh one can take its place */
  uint8_t *parts;                         /* what it keeps of each object, see IlObjectClass */
  IlTally *tallies;                       /* of each kind */
} IlAgent;

#define IL_AGENT_SUPERVISOR 0
#define IL_AGENT_SUBMITTER 1
#define IL_FIRST_WORKER 2

/* A step with its object found. */
typedef struct
{
  IlStepKind kind;
  int variant;
  IlArenaObject *object; /* NULL where it has none */
  IlArenaObject *other;  /* likewise */
  uint32_t task_kind;    /* of a spawn */
  IlQuantity quantity;
  int line;                    /* in the scenario's file */
  _Atomic uint32_t n_forsaken; /* tasks that were cancelled there: nobody was left to bring what
                                  they waited for */
} IlArenaStep;

/* When no further task of a loop begins, once the run is closing. */
typedef enum
{
  IL_CLOSING_AT_ONCE,
  IL_CLOSING_WHEN_EMPTY,   /* when what it takes from is closed and empty */
  IL_CLOSING_AFTER_OTHERS, /* or when no task is left that it may serve, see il-arena-rings.c */
} IlClosing;

typedef struct
{
  alignas (IL_CACHE_LINE) IlGuard guard;
  _Atomic bool has_ended;                 /* guarded; no further ticket is drawn */
  _Atomic uint64_t next_ticket;           /* guarded; of a kind that arrives as a loop */
  _Atomic uint64_t n_spawned;             /* numbers given to those that were spawned */
  alignas (IL_CACHE_LINE) uint32_t index; /* constant, and so is what follows */
  uint32_t object;
  uint32_t group;
  IlArrivalKind arrival;
  IlClosing closing;
  bool is_awaited; /* by those that end after others */
  bool is_alone;   /* nobody ever brings what one of its steps takes, or takes what it brings */
  IlSubmit submit;
  IlQuantity depth; /* at which it spawns nothing */
  uint64_t limit;   /* tasks, or batches of map; UINT64_MAX: no end */
  IlQuantity rate, burst, gap, batch, chunk;
  uint32_t priority;
  const IlArenaStep *steps;
  uint32_t n_steps;
  uint32_t level;         /* of its queue */
  uint32_t argument_size; /* bytes that come with each task, and go back */
  uint32_t result_size;
  IlTaskFunc func;        /* NULL: it has steps */
  uint64_t random_family; /* see il_random_get_family() */
} IlKind;

/* Workers with one task queue: the common pool, or those dedicated to a kind. */
typedef struct
{
  IlTaskQueue *queue;    /* NULL: all its kinds arrive as loops */
  const char *title;     /* the scenario's; NULL: "Worker" */
  const char *kind_name; /* dedicated to; NULL: the common pool */
  uint32_t first_agent;
  uint32_t n_agents;         /* that there is room for */
  _Atomic uint32_t n_wanted; /* the first so many of them are to be there; changes while it runs */
  uint32_t *loop_kinds;
  uint32_t n_loop_kinds;
} IlGroup;

/* The lock that threads of the model gil must hold to run, see il-gil.c. */
typedef struct
{
  alignas (IL_CACHE_LINE) _Atomic uint32_t word; /* id of the holder, or 0 */
  _Atomic uint32_t n_waiting;                    /* who are to be woken when it is free */
  _Atomic uint32_t n_switches;                   /* grows when another than the last one takes it */
  _Atomic uint32_t n_yielding;                   /* who sleep until it does */
  _Atomic uint32_t last_id, last_who;            /* who took it last */
  uint32_t object;
  IlQuantity interval; /* after which who waits asks the holder to let go, ns */
} IlGil;

/* The coroutines of a run, in the one process that they are in, see il-carrier.h. */
typedef struct _IlCarriers IlCarriers;

struct _IlArena
{
  alignas (IL_CACHE_LINE) _Atomic uint32_t run;
  _Atomic uint32_t drop_request; /* to who has the interpreter lock, see il-gil.c; 0: none */
  _Atomic uint32_t step;         /* id of who may pass once while all are paused, or 0 */
  IlGil gil;
  alignas (IL_CACHE_LINE) size_t size; /* constant after il_arena_new(), and so is what follows */
  size_t used;
  IlModel model;
  bool copies_payload;
  bool has_nice; /* some workers are to be nicer than others */
  bool retries;
  bool can_lose_workers; /* one by one, at any moment */
  bool has_far_fence;    /* who is about to sleep makes the submitter's fence, too */
  uint32_t n_spins;      /* polls before sleeping */
  uint64_t seed;
  double iterations_per_ns[IL_N_CPU_VARIANTS];
  uint8_t *workspaces;                               /* of each agent, see il-workspace.h */
  size_t workspace_size;                             /* of one */
  size_t message_size;                               /* of the two that a workspace begins with */
  _Atomic uint64_t *words_apart, *words_together;    /* of each agent, see il-memory.c */
  int notify_fd;                                     /* an eventfd that the supervisor watches */
  int cancel_fd;                                     /* readable once the run is given up */
  IlCarriers *carriers;                              /* NULL: nobody here is a coroutine */
  uint64_t max_tasks_per_worker;                     /* 0: no end */
  bool is_daemon;                                    /* the run ends when all tasks are submitted */
  void (*initialiser) (uint32_t worker, void *data); /* NULL: none */
  void *initialiser_data;
  IlFork *forks;   /* of each agent, for functions that spawn functions; NULL: there are none */
  uint8_t *blocks; /* of each result, for arguments and results that are not numbers */
  uint32_t block_size;
  uint32_t result_offset; /* in a block */
  uint32_t join_object;   /* what a parent that waits for its children is said to wait for */
  uint32_t n_objects, n_groups, n_kinds, n_steps, n_knobs, n_agents, n_results;
  uint32_t max_payload;
  IlArenaObject *objects;   /* in the order of the scenario */
  IlTaskQueue *task_queues; /* of each group; one without is not used */
  IlGroup *groups;
  IlKind *kinds;
  uint32_t *loop_kinds; /* of all groups */
  IlArenaStep *steps;
  _Atomic uint64_t *knobs; /* bits of doubles */
  IlAgent *agents;
  IlResult *results;
};

IlArena *il_arena_new (const IlScenario *scenario, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_arena_free (IlArena *arena);
double il_arena_get_knob (const IlArena *arena, uint32_t knob);
void il_arena_set_knob (IlArena *arena, uint32_t knob, double value);
double il_arena_get_quantity (const IlArena *arena, const IlQuantity *quantity);
void il_arena_change_run (IlArena *arena, uint32_t set, uint32_t clear);
bool il_kind_is_over (const IlKind *kind, bool has_begun);
void il_arena_wake_all (IlArena *arena);
void il_arena_ring_all (IlArena *arena);
void il_arena_wake (IlArena *arena, _Atomic uint32_t *word, uint32_t n_sleepers);
void il_arena_notify (const IlArena *arena);
uint32_t il_arena_get_task_number (const IlArena *arena, uint32_t kind, uint64_t number);

static inline bool
il_arena_is_cancelled (IlArena *arena)
{
  return (atomic_load_explicit (&arena->run, memory_order_relaxed) & IL_RUN_CANCELLED) != 0;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlArena, il_arena_free)
