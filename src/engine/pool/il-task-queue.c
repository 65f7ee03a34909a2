/* il-task-queue.c - puts, takes and the end of a task queue, whatever the scheduling
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-task-queue.h"

#include "il-deque.h"
#include "il-hand.h"
#include "il-lock.h"

/**
 * il_task_queue_get_depth:
 *
 * Returns: how many entries wait, if nobody changes that just now
 */
uint32_t
il_task_queue_get_depth (const IlTaskQueue *queue)
{
  uint32_t depth = atomic_load_explicit (&queue->depth, memory_order_relaxed);

  return queue->scheduling == IL_SCHEDULING_STEALING ? depth + il_task_boxes_get_depth (queue)
                                                     : depth;
}

/**
 * il_task_queue_try_begin_put:
 *
 * Returns: whether there is room, and the put has begun
 */
bool
il_task_queue_try_begin_put (IlTaskPut *put, const IlKind *kind)
{
  /* Inboxes are filled by the submitter alone. */
  if (put->queue->scheduling == IL_SCHEDULING_STEALING
      && put->actor->agent->index == IL_AGENT_SUBMITTER)
    return il_task_boxes_begin_put (put);
  return il_task_levels_begin_put (put, kind);
}

/**
 * il_task_queue_begin_put:
 * @put: (out caller-allocates)
 * @kind: of the tasks that are to be put in
 * @deadline_ns: of CLOCK_MONOTONIC, %IL_NO_DEADLINE or %IL_QUEUE_DO_NOT_WAIT
 *
 * Waits for room.  On %IL_WAIT_DONE the caller may own the queue's guard, and must fill at least
 * one entry and commit at once.
 *
 * Returns: any #IlWaitResult
 */
IlWaitResult
il_task_queue_begin_put (IlTaskPut *put, IlTaskQueue *queue, IlActor *actor, const IlKind *kind,
                         int64_t deadline_ns)
{
  IlWaitResult result;

  put->queue = queue;
  put->actor = actor;
  put->woken = IL_NOBODY;
  if (il_task_queue_is_closed (queue) && !actor->is_in_task)
    return IL_WAIT_CLOSED;
  if (il_task_queue_try_begin_put (put, kind))
    return IL_WAIT_DONE;
  if (deadline_ns == IL_QUEUE_DO_NOT_WAIT)
    return IL_WAIT_TIMEOUT;

  il_trace_lane_write (&actor->lane, IL_EVENT_PUT_WAIT, queue->object, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING_TASK);
  result = il_task_queue_wait_for_room (put, kind, deadline_ns);
  if (result != IL_WAIT_DONE)
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, queue->object, 0);
      actor->woken_by = 0;
      il_actor_end_wait (actor);
    }
  return result;
}

/**
 * il_task_put_fill:
 * @ahead: less than @put->room
 */
void
il_task_put_fill (const IlTaskPut *put, uint32_t ahead, const IlTaskEntry *entry)
{
  uint64_t tail;

  if (put->level == NULL)
    {
      il_deque_fill (&put->box->inbox, ahead, entry);
      return;
    }
  tail = atomic_load_explicit (&put->level->tail, memory_order_relaxed);
  put->level->slots[(tail + ahead) & put->queue->mask] = *entry;
}

/**
 * il_task_queue_commit_put:
 * @n_entries: how many were filled, at least 1
 *
 * From now on they are taken and run.
 */
void
il_task_queue_commit_put (IlTaskPut *put, uint32_t n_entries)
{
  IlTaskQueue *queue = put->queue;
  uint32_t preferred = IL_NOBODY;

  if (put->level == NULL)
    {
      put->stamp = il_trace_lane_stamp (&put->actor->lane);
      il_deque_publish (&put->box->inbox, n_entries);
      preferred = (uint32_t)(put->box - queue->boxes);
    }
  else
    il_task_levels_commit_put (put, n_entries);
  put->woken = il_task_queue_pick_idle (queue, put->actor, preferred);
}

/**
 * il_task_queue_finish_put:
 */
void
il_task_queue_finish_put (IlTaskPut *put)
{
  il_task_queue_ring (put->queue, put->actor, put->woken);
  if (put->actor->woken_by != 0)
    il_trace_lane_write_at (&put->actor->lane, put->stamp, IL_EVENT_WOKEN_BY, 0,
                            put->actor->woken_by);
  put->actor->woken_by = 0;
  il_actor_end_wait (put->actor);
}

static void
make_room_known (IlTaskQueue *queue, IlActor *actor)
{
  uint32_t room;

  if (__builtin_expect (atomic_load (&queue->n_putters) == 0, 1)) /* [R] of il-task-wait.c */
    return;
  room = queue->scheduling == IL_SCHEDULING_STEALING
             ? il_task_boxes_get_room (queue)
             : queue->capacity - atomic_load_explicit (&queue->depth, memory_order_relaxed);
  il_task_queue_wake_putters (queue, actor, room);
}

/**
 * il_task_queue_try_take:
 *
 * Takes an entry in hand, if there is one.  Where its first task can begin at the moment at which
 * the task before ended, actor->shared_stamp still says so.
 */
bool
il_task_queue_try_take (IlTaskQueue *queue, IlActor *actor)
{
  bool is_taken = queue->scheduling == IL_SCHEDULING_STEALING ? il_task_boxes_take (queue, actor)
                                                              : il_task_levels_take (queue, actor);

  if (is_taken)
    make_room_known (queue, actor);
  return is_taken;
}

/**
 * il_task_queue_take:
 * @deadline_ns: of CLOCK_MONOTONIC, %IL_NO_DEADLINE or %IL_QUEUE_DO_NOT_WAIT, which it must be for
 *     one who is no worker of the queue
 *
 * Waits for an entry and takes it in hand.  The wait is ended by who writes IL_EVENT_TASK_BEGIN,
 * and then calls il_actor_end_wait().
 *
 * Returns: any #IlWaitResult
 */
IlWaitResult
il_task_queue_take (IlTaskQueue *queue, IlActor *actor, int64_t deadline_ns)
{
  IlWaitResult result;

  if (il_task_queue_try_take (queue, actor))
    return IL_WAIT_DONE;
  if (deadline_ns == IL_QUEUE_DO_NOT_WAIT)
    return IL_WAIT_TIMEOUT;
  if (il_task_queue_is_over (queue, actor))
    return IL_WAIT_CLOSED;

  actor->shared_stamp = 0;
  il_trace_lane_write (&actor->lane, IL_EVENT_GET_WAIT, queue->object, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING_TASK);
  result = il_task_queue_wait_for_task (queue, actor, deadline_ns);
  if (result != IL_WAIT_DONE)
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, queue->object, 0);
      actor->woken_by = 0;
      il_actor_end_wait (actor);
    }
  return result;
}

/**
 * il_task_queue_close:
 *
 * No more puts but by tasks.  Workers leave once it is over, see il_task_queue_is_over().
 */
void
il_task_queue_close (IlTaskQueue *queue, IlActor *actor)
{
  uint32_t depth = il_task_queue_get_depth (queue);

  if (atomic_exchange (&queue->is_closed, 1) != 0)
    return;
  il_trace_lane_write (&actor->lane, IL_EVENT_QUEUE_CLOSE, queue->object, depth);
  il_task_queue_ring_all (queue, actor);
  il_task_queue_wake_putters (queue, actor, UINT32_MAX);
}

/**
 * il_task_queue_release_for_dead:
 * @dead: an agent that no longer runs, whose hand is in order
 *
 * Frees what the dead one owned.
 */
void
il_task_queue_release_for_dead (IlTaskQueue *queue, const IlAgent *dead)
{
  uint32_t worker = dead->index - queue->first_agent;

  if (il_guard_is_owned_by (&queue->guard, dead->index + 1))
    {
      il_task_levels_repair (queue);
      il_guard_unlock (&queue->guard);
    }
  if (worker < queue->n_agents)
    atomic_fetch_and (&queue->idle[worker / 64], ~(UINT64_C (1) << worker % 64));
  if (queue->scheduling == IL_SCHEDULING_STEALING)
    il_task_boxes_release_for_dead (queue, dead);
}
