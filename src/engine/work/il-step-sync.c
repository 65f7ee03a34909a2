/* il-step-sync.c - steps that wait for each other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include "il-barrier.h"
#include "il-condition.h"
#include "il-flag.h"
#include "il-lock.h"
#include "il-rwlock.h"
#include "il-semaphore.h"

IlStepOutcome
il_step_lock (IlTask *task, const IlArenaStep *step)
{
  return il_step_get_outcome (il_lock_acquire (step->object->data, task->actor));
}

IlStepOutcome
il_step_unlock (IlTask *task, const IlArenaStep *step)
{
  return il_lock_release (step->object->data, task->actor) ? IL_STEP_DONE : IL_STEP_FAILED;
}

IlStepOutcome
il_step_read_lock (IlTask *task, const IlArenaStep *step)
{
  return il_step_get_outcome (il_rwlock_acquire (step->object->data, task->actor, IL_ACCESS_READ));
}

IlStepOutcome
il_step_read_unlock (IlTask *task, const IlArenaStep *step)
{
  return il_rwlock_release (step->object->data, task->actor, IL_ACCESS_READ) ? IL_STEP_DONE
                                                                             : IL_STEP_FAILED;
}

IlStepOutcome
il_step_write_lock (IlTask *task, const IlArenaStep *step)
{
  return il_step_get_outcome (il_rwlock_acquire (step->object->data, task->actor, IL_ACCESS_WRITE));
}

IlStepOutcome
il_step_write_unlock (IlTask *task, const IlArenaStep *step)
{
  return il_rwlock_release (step->object->data, task->actor, IL_ACCESS_WRITE) ? IL_STEP_DONE
                                                                              : IL_STEP_FAILED;
}

/* Whether a later step of the task posts the unit that this one acquires. */
static bool
gives_back (const IlKind *kind, const IlArenaStep *acquire)
{
  const IlArenaStep *end = kind->steps + kind->n_steps;
  uint32_t n_open = 1;

  for (const IlArenaStep *step = acquire + 1; step < end; step++)
    {
      if (step->object != acquire->object)
        continue;
      if (step->kind == IL_STEP_ACQUIRE)
        n_open++;
      else if (step->kind == IL_STEP_POST && --n_open == 0)
        return true;
    }
  return false;
}

IlStepOutcome
il_step_acquire (IlTask *task, const IlArenaStep *step)
{
  IlSemaphore *semaphore = step->object->data;

  return il_step_get_outcome (gives_back (task->kind, step)
                                  ? il_semaphore_acquire (semaphore, task->actor)
                                  : il_semaphore_consume (semaphore, task->actor));
}

IlStepOutcome
il_step_post (IlTask *task, const IlArenaStep *step)
{
  il_semaphore_post (step->object->data, task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_wait_event (IlTask *task, const IlArenaStep *step)
{
  return il_step_get_outcome (il_flag_wait (step->object->data, task->actor));
}

IlStepOutcome
il_step_set (IlTask *task, const IlArenaStep *step)
{
  il_flag_set (step->object->data, task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_clear (IlTask *task, const IlArenaStep *step)
{
  il_flag_clear (step->object->data, task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_wait_condition (IlTask *task, const IlArenaStep *step)
{
  IlCondition *condition = step->object->data;
  IlWaitResult result = step->other != NULL
                            ? il_condition_wait_for (condition, task->actor, step->other->data)
                            : il_condition_wait (condition, task->actor);

  return result == IL_WAIT_CLOSED ? IL_STEP_FAILED : il_step_get_outcome (result);
}

IlStepOutcome
il_step_notify (IlTask *task, const IlArenaStep *step)
{
  il_condition_notify (step->object->data, task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_notify_all (IlTask *task, const IlArenaStep *step)
{
  il_condition_notify_all (step->object->data, task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_barrier (IlTask *task, const IlArenaStep *step)
{
  uint32_t name = il_arena_get_task_number (task->actor->arena, task->kind->index, task->number);
  uint32_t index = 0;

  for (const IlArenaStep *before = task->kind->steps; before < step; before++)
    index += before->kind == IL_STEP_BARRIER && before->object == step->object;
  return il_step_get_outcome (il_barrier_wait (step->object->data, task->actor, name, index));
}
