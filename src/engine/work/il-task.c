/* il-task.c - running the steps of a task
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-task.h"

#include "il-fork.h"
#include "il-hand.h"
#include "il-object.h"
#include "il-pool-task.h"

/**
 * il_task_draw:
 *
 * Returns: the value of a quantity for this use of it
 */
double
il_task_draw (IlTask *task, const IlQuantity *quantity)
{
  double value = il_arena_get_quantity (task->actor->arena, quantity);

  return quantity->is_random ? il_random_exponential (&task->random, value) : value;
}

/**
 * il_task_draw_chance:
 *
 * Returns: whether something happens that has this probability in percent
 */
bool
il_task_draw_chance (IlTask *task, const IlQuantity *quantity)
{
  return il_random_uniform (&task->random) * 100
         < il_arena_get_quantity (task->actor->arena, quantity);
}

/* A task that was cut short leaves nothing locked behind, as a scope would that is left by an
 * exception; one that went through all its steps has itself to blame. */
static void
unwind (IlActor *actor)
{
  IlArena *arena = actor->arena;

  for (uint32_t i = 0; i < arena->n_objects; i++)
    if (arena->objects[i].class->unwind != NULL)
      arena->objects[i].class->unwind (&arena->objects[i], actor);
}

static IlTaskResult
run_steps (IlTask *task)
{
  IlStepOutcome outcome = il_actor_may_go_on (task->actor) ? IL_STEP_DONE : IL_STEP_CANCELLED;

  for (uint32_t i = 0; i < task->kind->n_steps && outcome == IL_STEP_DONE; i++)
    {
      const IlArenaStep *step = &task->kind->steps[i];

      outcome = il_step_funcs[step->kind](task, step);
      if (outcome == IL_STEP_DONE && !il_actor_may_go_on (task->actor))
        outcome = IL_STEP_CANCELLED;
    }
  if (outcome != IL_STEP_DONE)
    unwind (task->actor);
  task->actor->is_leaving = task->actor->is_leaving || outcome == IL_STEP_LEAVE;
  return outcome == IL_STEP_FAILED      ? IL_TASK_FAILED
         : outcome == IL_STEP_CANCELLED ? IL_TASK_CANCELLED
                                        : IL_TASK_DONE;
}

/* It waited for a task, and has one now. */
static void
end_wait (IlActor *actor)
{
  if (actor->woken_by != 0)
    il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_WOKEN_BY, 0,
                            actor->woken_by);
  actor->woken_by = 0;
  il_actor_end_wait (actor);
}

/**
 * il_task_run_next:
 * @actor: has a task in hand
 *
 * Runs the first task in hand and settles it.  The stamp of its end is left in shared_stamp for
 * what begins then.
 *
 * Returns: how it ended
 */
IlTaskResult
il_task_run_next (IlActor *actor)
{
  IlArena *arena = actor->arena;
  IlHand *hand = il_agent_get_hand (actor->agent);
  const IlKind *kind = &arena->kinds[hand->entry.kind];
  uint64_t number = il_hand_get_number (actor->agent);
  uint32_t name = hand->entry.form == IL_ENTRY_FORK
                      ? il_fork_get_name (arena, &hand->entry)
                      : il_arena_get_task_number (arena, kind->index, number);
  bool is_child = hand->entry.form == IL_ENTRY_CHILD;
  IlTask task
      = { .actor = actor,
          .kind = kind,
          .number = number,
          .depth = is_child ? hand->entry.depth : 0,
          .key = is_child ? hand->entry.key : (uint32_t)number * 2654435761u + kind->index };
  IlTaskResult result;
  uint64_t value = 0;
  bool was_in_task;

  task.random
      = il_random_family_stream (kind->random_family, is_child ? (uint64_t)task.key << 32 : number);
  /* Who died of a task would do so again for ever. */
  task.random.state += hand->n_begun++ * UINT64_C (0xd6e8feb86659fd93);
  if (actor->shared_stamp == 0)
    actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_TASK_BEGIN, kind->object,
                          name);
  if (actor->is_waiting)
    end_wait (actor);
  was_in_task = actor->is_in_task;
  actor->is_in_task = true;
  if (kind->argument_size > 0 && arena->copies_payload)
    il_pool_task_copy_argument (&task);
  result = kind->func != NULL ? il_pool_task_run (&task, &value) : run_steps (&task);
  if (kind->result_size > 0 && arena->copies_payload && result == IL_TASK_DONE)
    il_pool_task_copy_result (&task);
  actor->is_in_task = was_in_task;
  value = kind->func != NULL ? value : il_random_next (&task.random);
  /* Who is killed once the end is said has settled the task: see IlHand. */
  if (arena->can_lose_workers)
    hand->settlement.value = value;
  actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_TASK_END, result, name);
  il_hand_settle (actor, actor->agent, result, value);
  return result;
}
