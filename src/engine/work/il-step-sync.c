/* il-step-sync.c - steps that wait for each other: locks, semaphores, queues
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include <string.h>

#include "il-lock.h"
#include "il-queue.h"
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
il_step_acquire (IlTask *task, const IlArenaStep *step)
{
  return il_step_get_outcome (il_semaphore_acquire (step->object->data, task->actor));
}

IlStepOutcome
il_step_post (IlTask *task, const IlArenaStep *step)
{
  il_semaphore_post (step->object->data, task->actor);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_put (IlTask *task, const IlArenaStep *step)
{
  IlQueue *queue = step->object->data;
  IlActor *actor = task->actor;
  double size = il_task_draw (task, &step->quantity);
  uint32_t room;
  IlQueueChange change;
  IlItem *item;
  IlWaitResult result = il_queue_begin_put (queue, actor, IL_NO_DEADLINE, &room);

  if (result != IL_WAIT_DONE)
    return IL_STEP_CANCELLED;
  item = il_queue_get_free_slot (queue, 0);
  item->size = size < actor->arena->max_payload ? (uint32_t)size : actor->arena->max_payload;
  item->producer = actor->id;
  item->number = task->number;
  item->reference = actor->payload;
  if (actor->arena->copies_payload)
    {
      if (item->size > queue->slot_size - sizeof *item)
        item->size = queue->slot_size - (uint32_t)sizeof *item;
      memcpy (item + 1, actor->payload, item->size);
    }
  change = il_queue_commit_put (queue, actor, 1);
  il_queue_write_put (queue, actor, &change, 0);
  il_queue_finish_put (queue, actor, &change);
  return IL_STEP_DONE;
}

IlStepOutcome
il_step_get (IlTask *task, const IlArenaStep *step)
{
  IlQueue *queue = step->object->data;
  IlActor *actor = task->actor;
  const IlItem *item;
  IlQueueChange change;

  if (il_queue_begin_get (queue, actor, IL_NO_DEADLINE) != IL_WAIT_DONE)
    return IL_STEP_CANCELLED;
  item = il_queue_get_first_slot (queue);
  if (actor->arena->copies_payload)
    memcpy (actor->payload, item + 1, item->size);
  change = il_queue_commit_get (queue, actor);
  il_queue_write_get (queue, actor, &change);
  il_queue_finish_get (queue, actor, &change);
  return IL_STEP_DONE;
}
