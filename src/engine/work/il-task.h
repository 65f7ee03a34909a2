/* il-task.h - a task while it runs, and the steps that it consists of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"
#include "il-random.h"

/* A task while it runs. */
typedef struct _IlTask
{
  IlActor *actor;
  const IlKind *kind;
  uint64_t number; /* within its kind, from 0 */
  IlRandom random; /* the same stream for the same task in each run */
  int64_t read;    /* what it last read of a counter */
  uint32_t depth;  /* 0, or 1 more than that of the task that spawned it */
  uint32_t key;    /* of it among all in the tree */
  uint32_t n_spawned;
  bool has_frame; /* for what it spawned */
} IlTask;

typedef enum
{
  IL_STEP_DONE,      /* go on with the next */
  IL_STEP_FAILED,    /* the task ends as failed */
  IL_STEP_CANCELLED, /* the run is given up: the task ends as cancelled */
  IL_STEP_LEAVE,     /* the task is done, and so is its worker */
} IlStepOutcome;

/* Does one step.  All are in the files work/il-step-*.c; il-steps.c has the table. */
typedef IlStepOutcome (*IlStepFunc) (IlTask *task, const IlArenaStep *step);

extern const IlStepFunc il_step_funcs[IL_N_STEP_KINDS];

double il_task_draw (IlTask *task, const IlQuantity *quantity);
bool il_task_draw_chance (IlTask *task, const IlQuantity *quantity);
IlTaskResult il_task_run_next (IlActor *actor);

static inline IlStepOutcome
il_step_get_outcome (IlWaitResult result)
{
  return result == IL_WAIT_DONE ? IL_STEP_DONE : IL_STEP_CANCELLED;
}
