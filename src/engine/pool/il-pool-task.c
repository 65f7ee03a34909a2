/* il-pool-task.c - tasks that are functions, and the bytes that come with tasks and go back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-pool-task.h"

#include <string.h>

#include "il-fork.h"
#include "il-hand.h"

static uint8_t *
get_block (const IlTask *task)
{
  const IlHand *hand = il_agent_get_hand (task->actor->agent);
  uint32_t slot = hand->entry.form == IL_ENTRY_TASKS ? (uint32_t)hand->entry.slot : 0;

  return il_pool_get_block (task->actor->arena, slot, task->number - hand->n_settled,
                            hand->n_settled);
}

/* The number that a task was given. */
static uint64_t
get_argument (const IlTask *task)
{
  const IlHand *hand = il_agent_get_hand (task->actor->agent);

  if (hand->entry.form == IL_ENTRY_ARGUMENT)
    return hand->entry.argument;
  return hand->entry.form == IL_ENTRY_TASKS && hand->entry.slot != 0
             ? task->actor->arena->results[hand->entry.slot - 1 + hand->n_settled].value
             : 0;
}

/**
 * il_pool_task_run:
 * @task: of a kind that is a function
 * @value: (out): what it returned, or the code that it failed with
 */
IlTaskResult
il_pool_task_run (IlTask *task, uint64_t *value)
{
  const IlHand *hand = il_agent_get_hand (task->actor->agent);
  IlArena *arena = task->actor->arena;
  IlPoolTask self = { .task = task, .fork = &arena->forks[task->actor->agent->index] };

  il_fork_begin (task->actor, self.fork, task->kind);
  /* Whoever it was stolen from waits for it, even if the run is given up. */
  if (hand->entry.form == IL_ENTRY_FORK)
    {
      *value = il_fork_run_stolen (&self, &hand->entry);
      return IL_TASK_DONE;
    }
  if (!il_actor_may_go_on (task->actor))
    return IL_TASK_CANCELLED;
  if (hand->entry.form == IL_ENTRY_TASKS && hand->entry.slot != 0)
    self.block = get_block (task);
  *value = task->kind->func (&self, get_argument (task));
  if (!self.has_failed)
    return IL_TASK_DONE;
  *value = self.code;
  return IL_TASK_FAILED;
}

/**
 * il_pool_task_fail:
 * @code: what the submitter is told
 *
 * Says that the task has failed.  The function goes on, and returns as always.
 */
void
il_pool_task_fail (IlPoolTask *task, uint32_t code)
{
  task->has_failed = true;
  task->code = code;
}

/**
 * il_pool_task_get_argument:
 *
 * Returns: (nullable): the bytes that came with the task, as many as were said for its function;
 *     %NULL if nobody waits for its result
 */
const void *
il_pool_task_get_argument (const IlPoolTask *task)
{
  return task->block;
}

/**
 * il_pool_task_get_result:
 *
 * Returns: (nullable): room for the bytes that go back; %NULL if nobody waits for them
 */
void *
il_pool_task_get_result (IlPoolTask *task)
{
  return task->block != NULL ? task->block + task->fork->actor->arena->result_offset : NULL;
}

/**
 * il_pool_task_copy_argument:
 *
 * Of a scenario's task in a process of its own: fetches the bytes that came with it.
 */
void
il_pool_task_copy_argument (IlTask *task)
{
  uint64_t begin;

  if (task->kind->func != NULL)
    return;
  begin = il_actor_begin_copy (task->actor);
  memcpy (task->actor->payload, get_block (task), task->kind->argument_size);
  il_actor_end_copy (task->actor, begin, task->kind->argument_size);
}

/**
 * il_pool_task_copy_result:
 *
 * Likewise: sends the bytes of its result back.
 */
void
il_pool_task_copy_result (IlTask *task)
{
  uint64_t begin;

  if (task->kind->func != NULL)
    return;
  begin = il_actor_begin_copy (task->actor);
  memcpy (get_block (task) + task->actor->arena->result_offset, task->actor->payload,
          task->kind->result_size);
  il_actor_end_copy (task->actor, begin, task->kind->result_size);
}
