/* il-step-counter.c - steps that change a counter: read, write, add, subtract
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include "il-counter.h"

IlStepOutcome
il_step_read (IlTask *task, const IlArenaStep *step)
{
  task->read = il_counter_read (step->object->data);
  return IL_STEP_DONE;
}

/* What was read, and one more: the second half of a change in two halves. */
IlStepOutcome
il_step_write (IlTask *task, const IlArenaStep *step)
{
  il_counter_write (step->object->data, task->actor, task->read, task->read + 1);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_add (IlTask *task, const IlArenaStep *step)
{
  il_counter_add (step->object->data, task->actor, (int64_t)il_task_draw (task, &step->quantity));
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_subtract (IlTask *task, const IlArenaStep *step)
{
  il_counter_add (step->object->data, task->actor, -(int64_t)il_task_draw (task, &step->quantity));
  return IL_STEP_DONE;
}
