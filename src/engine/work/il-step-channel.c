/* il-step-channel.c - steps that hand things on: through queues, and through channels
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-steps.h"

#include <string.h>

#include "il-channel.h"
#include "il-queue.h"

/* Copies what goes from one heap to another.  Returns how long that took, for write_copy(). */
static uint32_t
copy_item (IlActor *actor, void *to, const void *from, uint32_t n_bytes)
{
  uint64_t begin;

  if (!actor->arena->copies_payload)
    return 0;
  begin = il_actor_begin_copy (actor);
  memcpy (to, from, n_bytes);
  return il_actor_get_copy_ticks (begin, il_actor_begin_copy (actor));
}

/* Said each time, at the moment when the item is put or taken. */
static void
write_copy (IlActor *actor, uint64_t stamp, uint32_t n_ticks, uint32_t n_bytes)
{
  if (actor->arena->copies_payload && n_bytes > 0)
    il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_COPY, n_ticks, n_bytes);
}

/* Whether some step brings what this one takes, or takes what it brings. */
static bool
has_other_side (const IlArena *arena, const IlArenaStep *step)
{
  bool (*is_so) (IlStepKind kind)
      = il_step_kind_takes (step->kind) ? il_step_kind_gives : il_step_kind_takes;

  for (uint32_t i = 0; i < arena->n_steps; i++)
    if (arena->steps[i].object == step->object && is_so (arena->steps[i].kind))
      return true;
  return false;
}

/* Nobody is left on the other side, and the task is cancelled.  That is how tasks without end, and
 * those of a run whose time is over, do end, and not told; but where no step is on the other side,
 * it is.  Steps are constant to workers but for the count. */
static void
tell_forsaken (const IlTask *task, const IlArenaStep *step)
{
  const IlArena *arena = task->actor->arena;
  bool is_usual
      = task->kind->limit == UINT64_MAX
        || (atomic_load_explicit (&arena->run, memory_order_relaxed) & IL_RUN_CLOSING) != 0;
  uint32_t line = (uint32_t)step->line;

  if (is_usual && has_other_side (arena, step))
    return;
  atomic_fetch_add_explicit (&((IlArenaStep *)(uintptr_t)step)->n_forsaken, 1,
                             memory_order_relaxed);
  line = line < IL_EVENT_CRASH_LINE_MAX ? line : IL_EVENT_CRASH_LINE_MAX;
  il_trace_lane_write (&task->actor->lane, IL_EVENT_FORSAKEN, il_object_get_id (step->object),
                       line | (il_step_kind_takes (step->kind) ? 0 : IL_EVENT_GIVES));
}

/* @would_wait: of one who does not want to wait, where it would have had to */
static IlStepOutcome
get_outcome (const IlTask *task, const IlArenaStep *step, IlWaitResult result,
             IlStepOutcome would_wait)
{
  switch (result)
    {
    case IL_WAIT_DONE:
      return IL_STEP_DONE;
    case IL_WAIT_TIMEOUT:
      return would_wait;
    case IL_WAIT_FAILED:
      return IL_STEP_FAILED;
    case IL_WAIT_CLOSED:
      tell_forsaken (task, step);
      return IL_STEP_CANCELLED;
    default:
      return IL_STEP_CANCELLED;
    }
}

static uint32_t
get_item_size (const IlQueue *queue, const IlActor *actor, double size)
{
  uint32_t room = actor->arena->copies_payload ? queue->slot_size - (uint32_t)sizeof (IlItem)
                                               : actor->arena->max_payload;

  return size < room ? (uint32_t)size : room;
}

IlStepOutcome
il_step_put (IlTask *task, const IlArenaStep *step)
{
  IlQueue *queue = step->object->data;
  IlActor *actor = task->actor;
  uint32_t size = get_item_size (queue, actor, il_task_draw (task, &step->quantity));
  uint32_t room, n_ticks;
  IlQueueChange change;
  IlWaitResult result;
  IlItem *item;

  result = il_queue_begin_put (queue, actor, IL_NO_DEADLINE, &room);
  if (result != IL_WAIT_DONE)
    return get_outcome (task, step, result, IL_STEP_CANCELLED);
  item = il_queue_get_free_slot (queue, 0);
  *item = (IlItem){ size, actor->id, task->number, actor->payload };
  n_ticks = copy_item (actor, item + 1, actor->payload, size);
  il_queue_set_priority (queue, 0, task->kind->priority);
  change = il_queue_commit_put (queue, actor, 1);
  il_queue_write_put (queue, actor, &change, 0);
  write_copy (actor, change.stamp, n_ticks, size);
  il_queue_finish_put (queue, actor, &change);
  return IL_STEP_DONE;
}

static IlWaitResult
get (IlQueue *queue, IlActor *actor, int64_t deadline_ns)
{
  const IlItem *item;
  IlQueueChange change;
  uint32_t size, n_ticks;
  IlWaitResult result = il_queue_begin_get (queue, actor, deadline_ns);

  if (result != IL_WAIT_DONE)
    return result;
  item = il_queue_get_first_slot (queue);
  size = item->size;
  n_ticks = copy_item (actor, actor->payload, item + 1, size);
  change = il_queue_commit_get (queue, actor);
  il_queue_write_get (queue, actor, &change);
  write_copy (actor, change.stamp, n_ticks, size);
  il_queue_finish_get (queue, actor, &change);
  return IL_WAIT_DONE;
}

IlStepOutcome
il_step_get (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (task, step, get (step->object->data, task->actor, IL_NO_DEADLINE),
                      IL_STEP_CANCELLED);
}

/* As one does who takes empty for finished. */
IlStepOutcome
il_step_get_or_leave (IlTask *task, const IlArenaStep *step)
{
  return get (step->object->data, task->actor, IL_QUEUE_DO_NOT_WAIT) == IL_WAIT_DONE
             ? IL_STEP_DONE
             : IL_STEP_LEAVE;
}

static IlWaitResult
send (IlTask *task, const IlArenaStep *step, bool waits)
{
  IlChannel *channel = step->object->data;
  double size = il_task_draw (task, &step->quantity);
  const IlMessage message = {
    .number = task->number,
    .producer = task->actor->id,
    .size = size < channel->max_message ? (uint32_t)size : channel->max_message,
  };

  return il_channel_send (channel, task->actor, &message, waits);
}

IlStepOutcome
il_step_send (IlTask *task, const IlArenaStep *step)
{
  return get_outcome (task, step, send (task, step, true), IL_STEP_CANCELLED);
}

/* One that would have to wait does nothing, and so where nobody is left to wait for. */
static IlStepOutcome
get_outcome_of_try (const IlTask *task, const IlArenaStep *step, IlWaitResult result)
{
  return get_outcome (task, step, result == IL_WAIT_CLOSED ? IL_WAIT_TIMEOUT : result,
                      IL_STEP_DONE);
}

IlStepOutcome
il_step_try_send (IlTask *task, const IlArenaStep *step)
{
  return get_outcome_of_try (task, step, send (task, step, false));
}

IlStepOutcome
il_step_receive (IlTask *task, const IlArenaStep *step)
{
  IlMessage message;

  return get_outcome (task, step,
                      il_channel_receive (step->object->data, task->actor, &message, true),
                      IL_STEP_CANCELLED);
}

IlStepOutcome
il_step_try_receive (IlTask *task, const IlArenaStep *step)
{
  IlMessage message;

  return get_outcome_of_try (task, step,
                             il_channel_receive (step->object->data, task->actor, &message, false));
}
