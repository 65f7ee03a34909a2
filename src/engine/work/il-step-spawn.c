/* il-step-spawn.c - steps of tasks that grow into trees
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include "il-join.h"

IlStepOutcome
il_step_spawn (IlTask *task, const IlArenaStep *step)
{
  IlArena *arena = task->actor->arena;
  double n_children;

  if (task->depth >= il_arena_get_quantity (arena, &task->kind->depth))
    return IL_STEP_DONE;
  n_children = il_task_draw (task, &step->quantity);
  for (double i = 1; i <= n_children; i++)
    {
      /* What a child draws hangs on its place in the tree alone, not on who gets there first. */
      uint64_t place = (uint64_t)task->key << 32 | task->n_spawned++;
      IlSpawn spawn = { .kind = &arena->kinds[step->task_kind],
                        .depth = task->depth + 1,
                        .key = (uint32_t)il_random_mix (place + 0x9e3779b97f4a7c15u) };

      if (!task->has_frame)
        il_frame_begin (task->actor);
      task->has_frame = true;
      if (!il_spawn (task->actor, &spawn))
        return IL_STEP_CANCELLED;
    }
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_join (IlTask *task, const IlArenaStep *step)
{
  (void)step;
  return task->has_frame ? il_step_get_outcome (il_join (task->actor)) : IL_STEP_DONE;
}
