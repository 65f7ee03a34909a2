/* il-step-file.c - steps that read and write through the kernel: append, fsync, echo
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include "il-echo.h"
#include "il-file.h"

static IlStepOutcome
get_outcome (IlWaitResult result)
{
  return result == IL_WAIT_FAILED ? IL_STEP_FAILED : il_step_get_outcome (result);
}

IlStepOutcome
il_step_append (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_file_append (step->object->data, task->actor,
                                      (uint32_t)il_task_draw (task, &step->quantity), task->number,
                                      (IlAppendVariant)step->variant));
}

IlStepOutcome
il_step_fsync (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_file_sync (step->object->data, task->actor));
}

IlStepOutcome
il_step_echo (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_echo (task->actor, (uint32_t)il_task_draw (task, &step->quantity),
                               (IlEchoVariant)step->variant));
}
