/* il-scenario.h - a scenario, parsed and checked: what the engine is to run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text form is documented in interleave-scenario(5).  A parsed scenario is ordinary memory,
 * constant after parsing; the engine copies what its workers need into the arena before it starts
 * any.
 */

#pragma once

#include "il-event.h"

#include <glib.h>

G_BEGIN_DECLS

#define IL_SCENARIO_ERROR (il_scenario_error_quark ())
GQuark il_scenario_error_quark (void);

typedef enum
{
  IL_SCENARIO_ERROR_SYNTAX,  /* the file is not what interleave-scenario(5) says: file, line, found,
                                expected */
  IL_SCENARIO_ERROR_SETTING, /* a --set, --model, --workers … that the scenario does not take */
  IL_SCENARIO_ERROR_IO,      /* cannot be read, or no such bundled scenario */
} IlScenarioError;

#define IL_SCENARIO_MAX_WORKERS 4096
#define IL_SCENARIO_MAX_COROUTINES 16384
#define IL_SCENARIO_MAX_CARRIERS 64
#define IL_SCENARIO_MAX_PROCESSES 1024 /* of the model hybrid */
#define IL_SCENARIO_MAX_STEPS 256      /* of one kind of task */
#define IL_SCENARIO_MAX_OBJECTS 256    /* locks, queues, files and so on together */
#define IL_SCENARIO_MAX_TASK_KINDS 64
#define IL_SCENARIO_MAX_KNOBS 64
#define IL_SCENARIO_MAX_PAYLOAD 65536 /* bytes of an item put into a queue, or of a line */
/* Bytes of a message, of an echo, and of what comes with a task and goes back. */
#define IL_SCENARIO_MAX_MESSAGE (1024 * 1024)
#define IL_SCENARIO_MAX_MEMORY (256 * 1024 * 1024) /* bytes that one step memory goes through */
#define IL_SCENARIO_MAX_DEPTH 63                   /* of tasks that spawn tasks */
#define IL_SCENARIO_MAX_CORES 1024                 /* numbers of cores lie below this */

typedef enum
{
  IL_MODEL_SERIAL,
  IL_MODEL_THREADS,
  IL_MODEL_PROCESSES,
  IL_MODEL_HYBRID,     /* threads inside processes */
  IL_MODEL_GIL,        /* threads that must hold one lock to run */
  IL_MODEL_COROUTINES, /* on carrier threads, switching only where they wait */
  IL_N_MODELS
} IlModel;

typedef enum
{
  IL_UNIT_COUNT,
  IL_UNIT_DURATION, /* ns */
  IL_UNIT_RATE,     /* per second */
  IL_UNIT_SIZE,     /* bytes */
} IlUnit;

/* A number of the scenario: a literal, or a knob's value, read anew at each use so that it can be
 * turned live. */
typedef struct
{
  gboolean is_random; /* written with "~": drawn from an exponential distribution with this mean */
  int knob;           /* index, or -1 */
  double literal;     /* in the unit's base: ns, per second, bytes, count */
} IlQuantity;

typedef struct
{
  char *key;
  char *name; /* in the user's language where the file has it */
  IlUnit unit;
  double value, min, max;
  gboolean live; /* used in steps and arrival rates only, so that turning it takes effect at once */
} IlScenarioKnob;

typedef enum
{
  IL_STEP_LOCK,
  IL_STEP_UNLOCK,
  IL_STEP_READ_LOCK, /* a readers-writer lock, as the next three */
  IL_STEP_READ_UNLOCK,
  IL_STEP_WRITE_LOCK,
  IL_STEP_WRITE_UNLOCK,
  IL_STEP_ACQUIRE, /* a semaphore */
  IL_STEP_POST,
  IL_STEP_WAIT_EVENT,
  IL_STEP_SET,
  IL_STEP_CLEAR,
  IL_STEP_WAIT_CONDITION, /* other: a counter that it waits for to be above 0, or -1: once */
  IL_STEP_NOTIFY,
  IL_STEP_NOTIFY_ALL,
  IL_STEP_BARRIER,
  IL_STEP_READ,     /* a counter into the task's register */
  IL_STEP_WRITE,    /* the register plus 1 into the counter */
  IL_STEP_ADD,      /* to a counter, in one instruction; quantity: how much */
  IL_STEP_SUBTRACT, /* likewise */
  IL_STEP_PUT,      /* quantity: bytes of payload */
  IL_STEP_GET,
  IL_STEP_GET_OR_LEAVE, /* the worker leaves when the queue is empty, closed or not */
  IL_STEP_SEND,         /* quantity: bytes */
  IL_STEP_RECEIVE,
  IL_STEP_TRY_SEND, /* does nothing instead of waiting */
  IL_STEP_TRY_RECEIVE,
  IL_STEP_CPU,       /* quantity: ns of the worker's own CPU time; variant: IlCpuVariant */
  IL_STEP_MEMORY,    /* quantity: bytes to go through; variant: IlMemoryVariant */
  IL_STEP_INCREMENT, /* quantity: how often; variant: IlSharingVariant */
  IL_STEP_SLEEP,     /* quantity: ns */
  IL_STEP_YIELD,
  IL_STEP_APPEND, /* a line to a file; quantity: bytes; variant: IlAppendVariant */
  IL_STEP_FSYNC,
  IL_STEP_ECHO,  /* quantity: bytes there and back; variant: IlEchoVariant */
  IL_STEP_SPAWN, /* other: kind of task; quantity: how many */
  IL_STEP_JOIN,  /* waits until all that the task spawned are settled */
  IL_STEP_FAIL,  /* the task ends as failed here; quantity: probability in percent */
  IL_STEP_CRASH, /* the worker's process dies by SIGSEGV here; quantity: probability in percent */
  IL_N_STEP_KINDS
} IlStepKind;

/* The word behind a step's operand; the first is meant where there is none. */
typedef enum
{
  IL_CPU_INT,
  IL_CPU_FLOAT,
  IL_CPU_HASH,
  IL_N_CPU_VARIANTS
} IlCpuVariant;

typedef enum
{
  IL_MEMORY_STREAM,
  IL_MEMORY_RANDOM,
} IlMemoryVariant;

/* Where the words lie that different workers increment. */
typedef enum
{
  IL_SHARING_APART,    /* each in a cache line of its own */
  IL_SHARING_TOGETHER, /* side by side in one */
} IlSharingVariant;

typedef enum
{
  IL_APPEND_WHOLE,  /* by one system call */
  IL_APPEND_PIECES, /* by several, as it happens when a buffer is full */
} IlAppendVariant;

typedef enum
{
  IL_ECHO_PIPE,
  IL_ECHO_SOCKET,
  IL_N_ECHO_VARIANTS
} IlEchoVariant;

typedef struct
{
  IlStepKind kind;
  int object; /* index into the scenario's objects, or -1 */
  int other;  /* a second object, or a kind of task; or -1 */
  int variant;
  IlQuantity quantity;
  int line; /* in the file, for messages */
} IlStep;

typedef struct
{
  IlObjectKind kind;
  char *name;
  IlQuantity parameter; /* semaphore: units; queue and channel: capacity in items or messages;
                           barrier: parties; counter: its first value; event: 1 if it is set */
  int variant;          /* lock: IlLockKind; readers-writer lock: 1 if writers go first; queue: 1 if
                           by priority; channel: IlChannelKind; counter: 1 if on the heap, so that
                           each process has its own */
  int lock;             /* of a condition: index of its lock; else -1 */
  gint64 max_payload;   /* of a queue or channel: the largest put or send, in bytes */
} IlScenarioObject;

typedef enum
{
  IL_ARRIVAL_AT_ONCE,
  IL_ARRIVAL_RATE, /* evenly spaced */
  IL_ARRIVAL_POISSON,
  IL_ARRIVAL_LOOP,    /* no queue: each worker begins the next as soon as it is done with one */
  IL_ARRIVAL_BURSTS,  /* `burst` tasks every `gap` */
  IL_ARRIVAL_CLOSED,  /* from `burst` clients: each waits for the result, thinks for `gap`, comes
                         again */
  IL_ARRIVAL_SPAWNED, /* from other tasks alone: it has neither Arrival nor Count, and some task
                         spawns it */
} IlArrivalKind;

typedef enum
{
  IL_SUBMIT_APPLY, /* in turn: the next when the one before is done */
  IL_SUBMIT_APPLY_ASYNC,
  IL_SUBMIT_MAP, /* in batches of `batch` tasks cut into chunks; the next batch when one is done */
} IlSubmit;

typedef struct
{
  char *name;
  char *title;        /* of its dedicated workers, e.g. "Producer"; NULL: "Worker" */
  IlQuantity workers; /* dedicated ones; literal 0 and no knob: it runs on the common pool */
  IlQuantity count;   /* tasks in all, or batches for map; 0: no end */
  IlArrivalKind arrival;
  IlQuantity rate;  /* for RATE and POISSON */
  IlQuantity burst; /* for BURSTS: tasks; for CLOSED: clients */
  IlQuantity gap;   /* for BURSTS and CLOSED, ns */
  IlSubmit submit;
  IlQuantity batch;    /* tasks in a batch of map */
  IlQuantity chunk;    /* tasks in a chunk of map */
  IlQuantity argument; /* bytes that come with each task; copied where heaps are separate */
  IlQuantity result;   /* bytes that go back */
  IlQuantity depth;    /* A task that was submitted has depth 0, a spawned one 1 more than the one
                          that spawned it.  The steps spawn of this kind do nothing in tasks of this
                          depth or a greater one.  No task can come to be deeper than
                          IL_SCENARIO_MAX_DEPTH; 1 more than that where the file has no Depth. */
  int priority;        /* 0 to 99, higher first, where the pool's queue is by priority */
  char *cores;         /* "0,2-3" that its dedicated workers may run on; NULL: as the scenario's */
  int nice;            /* of its dedicated workers; 0 to 19 */
  IlStep *steps;
  guint n_steps;
} IlTaskKind;

typedef enum
{
  IL_ON_DEATH_LOST,
  IL_ON_DEATH_RETRY,
} IlOnDeath;

/* In what order the tasks of a pool are run. */
typedef enum
{
  IL_SCHEDULING_FIFO,     /* one queue, in the order of submission */
  IL_SCHEDULING_STEALING, /* a queue for each worker, who takes from others when its own is empty */
  IL_SCHEDULING_PRIORITY, /* one queue, in the order of priorities, then of submission */
} IlScheduling;

typedef enum
{
  IL_AT_END_CLOSE,     /* at the end of the duration: no new tasks, finish what was submitted */
  IL_AT_END_TERMINATE, /* at the end of the duration: cut running tasks off, cancel queued ones */
} IlAtEnd;

typedef struct
{
  char *id; /* bundled id (file name without .scenario), or the path */
  char *path;
  char *text;                               /* the file as it was read */
  char *row, *name, *description, *look_at; /* "" where not given */
  IlModel model;
  gboolean models[IL_N_MODELS]; /* that it may run under */
  IlQuantity workers;           /* of the common pool; literal 0 if no kind of task runs on it */
  IlQuantity capacity;          /* of the queue of each pool */
  IlQuantity processes;         /* of the model hybrid; not more than workers in all */
  IlQuantity carriers;          /* of the model coroutines */
  IlQuantity switch_interval;   /* of the model gil, ns */
  IlScheduling scheduling;
  gboolean processes_given;         /* by the file; else as many as there are workers, at most 2 */
  int workers_line, processes_line; /* of the file: the last that says so; 1 if none does */
  guint64 max_tasks_per_worker;     /* then another takes its place; 0: no end */
  gboolean daemon;    /* the run does not wait for its workers, but ends when all tasks are
                         submitted */
  char *cores;        /* "0,2-3" that workers may run on; NULL: all */
  int nice;           /* of the common pool's workers; 0 to 19 */
  gint64 duration_ns; /* 0: until all tasks are done or it is stopped */
  guint64 seed;
  IlOnDeath on_death;
  IlAtEnd at_end;
  IlScenarioKnob *knobs;
  guint n_knobs;
  IlScenarioObject *objects;
  guint n_objects;
  IlTaskKind *tasks;
  guint n_tasks;
} IlScenario;

/* What the command line changes; numbers -1 and strings NULL leave the scenario's own. */
typedef struct
{
  const char *model;
  gint64 workers;
  gint64 tasks;
  gint64 duration_ns;
  gint64 seed;
  const char *const *settings; /* KEY=VALUE, NULL-terminated; or NULL */
} IlScenarioOverrides;

/* name_or_path: a bundled id if it has neither '/' nor the suffix ".scenario", else a path. */
IlScenario *il_scenario_load (const char *name_or_path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
IlScenario *il_scenario_parse (const char *text, gssize length, const char *path,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether it can run under its model: a file may hold more workers than some models allow. */
gboolean il_scenario_check_model (IlScenario *scenario, GError **error);
gboolean il_scenario_override (IlScenario *scenario, const IlScenarioOverrides *overrides,
                               GError **error);
/* Checks a value for a knob as --set does, for those who turn it while the scenario runs. */
gboolean il_scenario_check_setting (const IlScenario *scenario, const char *key, const char *text,
                                    guint *knob, double *value, GError **error);
/* What looks like a mistake but may be meant, with its place; and what has no effect in a run. */
char **il_scenario_list_warnings (const IlScenario *scenario);
char **il_scenario_list_notes (const IlScenario *scenario, const char *const *settings);
void il_scenario_free (IlScenario *scenario);
char **il_scenario_list_bundled (void); /* ids, sorted by row */
/* Parses "1.2ms", "900/s", "64B", "12" for a unit; FALSE and what was expected in *error. */
gboolean il_quantity_parse (const char *text, IlUnit unit, double *value, GError **error);
/* The value of a quantity with the knobs as they stand in the scenario; is_random is ignored. */
double il_quantity_get (const IlQuantity *quantity, const IlScenario *scenario);
/* The most that it can be: of a knob its max. */
double il_quantity_get_max (const IlQuantity *quantity, const IlScenario *scenario);
const char *il_step_kind_get_word (IlStepKind kind); /* "try-send" */
/* A JSON array of what can be chosen and set, without a newline at the end. */
char *il_scenario_describe_json (IlScenario *const *scenarios, guint n_scenarios);

const char *il_model_get_name (IlModel model); /* "threads" */
gboolean il_model_from_name (const char *name, IlModel *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlScenario, il_scenario_free)

G_END_DECLS
