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
#define IL_SCENARIO_MAX_STEPS 256   /* of one kind of task */
#define IL_SCENARIO_MAX_OBJECTS 256 /* locks, semaphores and queues together */
#define IL_SCENARIO_MAX_TASK_KINDS 64
#define IL_SCENARIO_MAX_KNOBS 64
#define IL_SCENARIO_MAX_PAYLOAD 65536 /* bytes of an item put into a queue */

typedef enum
{
  IL_MODEL_SERIAL,
  IL_MODEL_THREADS,
  IL_MODEL_PROCESSES,
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
  IL_STEP_ACQUIRE, /* a semaphore */
  IL_STEP_POST,
  IL_STEP_PUT, /* quantity: bytes of payload */
  IL_STEP_GET,
  IL_STEP_CPU,   /* quantity: ns of the worker's own CPU time */
  IL_STEP_SLEEP, /* quantity: ns */
  IL_STEP_FAIL,  /* the task ends as failed here; quantity: probability in percent */
  IL_STEP_CRASH, /* the worker's process dies by SIGSEGV here; quantity: probability in percent */
  IL_N_STEP_KINDS
} IlStepKind;

typedef struct
{
  IlStepKind kind;
  int object; /* index into the scenario's objects, or -1 */
  IlQuantity quantity;
  int line; /* in the file, for messages */
} IlStep;

typedef struct
{
  IlObjectKind kind; /* LOCK, SEMAPHORE or QUEUE */
  char *name;
  IlQuantity parameter; /* semaphore: units; queue: capacity */
  gint64 max_payload;   /* of a queue: the largest put, in bytes */
} IlScenarioObject;

typedef enum
{
  IL_ARRIVAL_AT_ONCE,
  IL_ARRIVAL_RATE, /* evenly spaced */
  IL_ARRIVAL_POISSON,
  IL_ARRIVAL_LOOP, /* no queue: each worker begins the next as soon as it is done with one */
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
  IlQuantity rate; /* for RATE and POISSON */
  IlSubmit submit;
  IlQuantity batch; /* tasks in a batch of map */
  IlQuantity chunk; /* tasks in a chunk of map */
  IlStep *steps;
  guint n_steps;
} IlTaskKind;

typedef enum
{
  IL_ON_DEATH_LOST,
  IL_ON_DEATH_RETRY,
} IlOnDeath;

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
  gint64 duration_ns;           /* 0: until all tasks are done or it is stopped */
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
gboolean il_scenario_override (IlScenario *scenario, const IlScenarioOverrides *overrides,
                               GError **error);
/* Checks a value for a knob as --set does, for those who turn it while the scenario runs. */
gboolean il_scenario_check_setting (const IlScenario *scenario, const char *key, const char *text,
                                    guint *knob, double *value, GError **error);
void il_scenario_free (IlScenario *scenario);
char **il_scenario_list_bundled (void); /* ids, sorted by row */
/* Parses "1.2ms", "900/s", "64B", "12" for a unit; FALSE and what was expected in *error. */
gboolean il_quantity_parse (const char *text, IlUnit unit, double *value, GError **error);
/* The value of a quantity with the knobs as they stand in the scenario; is_random is ignored. */
double il_quantity_get (const IlQuantity *quantity, const IlScenario *scenario);
/* A JSON array of what can be chosen and set, without a newline at the end. */
char *il_scenario_describe_json (IlScenario *const *scenarios, guint n_scenarios);

const char *il_model_get_name (IlModel model); /* "threads" */
gboolean il_model_from_name (const char *name, IlModel *model);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlScenario, il_scenario_free)

G_END_DECLS
