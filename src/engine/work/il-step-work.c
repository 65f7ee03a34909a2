/* il-step-work.c - steps that do work, and those that end it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include <signal.h>
#include <unistd.h>

#include "il-kernel.h"
#include "il-memory.h"

static IlStepOutcome
get_outcome (bool is_done)
{
  return is_done ? IL_STEP_DONE : IL_STEP_CANCELLED;
}

IlStepOutcome
il_step_cpu (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_kernel_cpu (task->actor, il_task_draw (task, &step->quantity),
                                     (IlCpuVariant)step->variant));
}

IlStepOutcome
il_step_memory (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_memory_read (task->actor, (size_t)il_task_draw (task, &step->quantity),
                                      (IlMemoryVariant)step->variant));
}

IlStepOutcome
il_step_increment (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_memory_increment (task->actor,
                                           (uint64_t)il_task_draw (task, &step->quantity),
                                           (IlSharingVariant)step->variant));
}

IlStepOutcome
il_step_sleep (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (il_kernel_sleep (task->actor, il_task_draw (task, &step->quantity)));
}

IlStepOutcome
il_step_yield (IlTask *task, const IlArenaStep *step)
{
  (void)step;
  il_actor_yield (task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_fail (IlTask *task, const IlArenaStep *step)
{
  return il_task_draw_chance (task, &step->quantity) ? IL_STEP_FAILED : IL_STEP_DONE;
}

/* Whoever looks for the cause of the death finds it in the record. */
static void
write_last_word (const IlTask *task, const IlArenaStep *step)
{
  const IlActor *actor = task->actor;
  uint32_t line = (uint32_t)step->line;

  line = line < IL_EVENT_CRASH_LINE_MAX ? line : IL_EVENT_CRASH_LINE_MAX;
  il_trace_lane_write (&task->actor->lane, IL_EVENT_CRASH, task->kind->object,
                       line | actor->agent->number << 16
                           | (actor->arena->can_lose_workers ? 0 : IL_EVENT_ENDS_ALL));
}

/* By the default action of SIGSEGV, whatever handlers there are. */
IlStepOutcome
il_step_crash (IlTask *task, const IlArenaStep *step)
{
  if (!il_task_draw_chance (task, &step->quantity))
    return IL_STEP_DONE;
  write_last_word (task, step);
  signal (SIGSEGV, SIG_DFL);
  raise (SIGSEGV);
  _exit (1);
}
