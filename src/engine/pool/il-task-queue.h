/* il-task-queue.h - where the tasks of a group wait for a worker, whatever the scheduling
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 *   FIFO, PRIORITY   one queue, il-task-levels.c
 *   STEALING         boxes of each worker, il-task-boxes.c
 *
 * A put has parts, so that tasks can be counted and events be written in the right order:
 *
 *   il_task_queue_begin_put (&put, …)    waits for room; put.room says for how many entries
 *   il_task_queue_commit_put (&put, entries, n, m)
 *                                        n <= put.room; they are counted as m tasks submitted, and
 *                                        may be run
 *   write events at put.stamp, the first with il_task_put_woke ()
 *   il_task_queue_finish_put (&put)      wakes who is to be woken
 */

#pragma once

#include "il-actor.h"
#include "il-inbox.h"
#include "il-queue.h"

typedef struct
{
  IlTaskQueue *queue;
  IlActor *actor;
  IlTaskLevel *level; /* NULL: into `deque` */
  IlDeque *deque;
  uint32_t box;   /* whose deque, or IL_NOBODY */
  IlTally *tally; /* where they are counted as submitted */
  uint32_t room;
  uint32_t woken; /* agent, or IL_NOBODY */
  uint64_t stamp; /* before anybody could see them */
} IlTaskPut;

#define IL_NOBODY UINT32_MAX

IlWaitResult il_task_queue_begin_put (IlTaskPut *put, IlTaskQueue *queue, IlActor *actor,
                                      const IlKind *kind,
                                      int64_t deadline_ns) G_GNUC_WARN_UNUSED_RESULT;
void il_task_queue_commit_put (IlTaskPut *put, const IlTaskEntry *entries, uint32_t n_entries,
                               uint32_t n_tasks);
void il_task_put_store (const IlTaskPut *put, _Atomic uint64_t *counter, uint64_t position,
                        uint32_t n_tasks);
void il_task_queue_finish_put (IlTaskPut *put);
void il_task_put_recover (IlAgent *dead);

IlWaitResult il_task_queue_take (IlTaskQueue *queue, IlActor *actor,
                                 int64_t deadline_ns) G_GNUC_WARN_UNUSED_RESULT;
bool il_task_queue_try_take (IlTaskQueue *queue, IlActor *actor);
bool il_task_queue_try_help (IlTaskQueue *queue, IlActor *actor);
bool il_task_queue_can_help (const IlTaskQueue *queue);
uint32_t il_task_queue_get_depth (const IlTaskQueue *queue);
void il_task_queue_close (IlTaskQueue *queue, IlActor *actor);
void il_task_queue_release_for_dead (IlTaskQueue *queue, const IlAgent *dead);

/* il-task-levels.c */
bool il_task_levels_begin_put (IlTaskPut *put, const IlKind *kind);
void il_task_levels_commit_put (IlTaskPut *put, const IlTaskEntry *entries, uint32_t n_entries,
                                uint32_t n_tasks);
bool il_task_levels_take (IlTaskQueue *queue, IlActor *actor);
void il_task_levels_repair (IlTaskQueue *queue);

/* il-task-boxes.c */
bool il_task_boxes_begin_put (IlTaskPut *put);
bool il_task_boxes_begin_spawn (IlTaskPut *put);
void il_task_boxes_commit_put (IlTaskPut *put, const IlTaskEntry *entries, uint32_t n_entries,
                               uint32_t n_tasks);
bool il_task_boxes_take_own (IlTaskQueue *queue, IlActor *actor);
bool il_task_boxes_take (IlTaskQueue *queue, IlActor *actor);
bool il_task_boxes_help (IlTaskQueue *queue, IlActor *actor);
uint32_t il_task_boxes_get_depth (const IlTaskQueue *queue);
uint32_t il_task_boxes_get_room (const IlTaskQueue *queue, const IlActor *actor);
void il_task_boxes_release_for_dead (IlTaskQueue *queue, const IlAgent *dead);

/* il-task-wait.c */
uint32_t il_task_queue_pick_idle (IlTaskQueue *queue, IlActor *actor, uint32_t preferred);
void il_task_queue_ring (IlTaskQueue *queue, IlActor *actor, uint32_t agent);
void il_task_queue_ring_all (IlTaskQueue *queue, IlActor *actor);
void il_task_queue_wake_putters (IlTaskQueue *queue, IlActor *actor, uint32_t room);
void il_task_queue_ring_for_room (IlTaskQueue *queue);
void il_task_queue_ring_submitter (IlActor *actor);
void il_task_queue_set_idle (IlTaskQueue *queue, IlActor *actor);
bool il_task_queue_clear_idle (IlTaskQueue *queue, IlActor *actor);
void il_task_queue_pass_on (IlTaskQueue *queue, IlActor *actor);
IlWaitResult il_task_queue_wait_for_task (IlTaskQueue *queue, IlActor *actor, int64_t deadline_ns);
IlWaitResult il_task_queue_wait_for_room (IlTaskPut *put, const IlKind *kind, int64_t deadline_ns);
bool il_task_queue_try_begin_put (IlTaskPut *put, const IlKind *kind);
bool il_task_queue_is_over (IlTaskQueue *queue, IlActor *actor);

/* For a worker that polls. */
static inline bool
il_task_queue_seems_filled (const IlTaskQueue *queue, const IlActor *actor)
{
  if (queue->scheduling != IL_SCHEDULING_STEALING)
    return atomic_load_explicit (&queue->depth, memory_order_relaxed) > 0;
  return il_inbox_seems_filled (&queue->boxes[actor->agent->index - queue->first_agent].inbox);
}

static inline bool
il_task_queue_is_closed (const IlTaskQueue *queue)
{
  return atomic_load_explicit (&queue->is_closed, memory_order_relaxed) != 0;
}

static inline uint32_t
il_task_queue_get_n_boxes (const IlTaskQueue *queue)
{
  return atomic_load_explicit (&queue->n_boxes, memory_order_relaxed);
}

static inline bool
il_task_queue_is_worker (const IlTaskQueue *queue, const IlActor *actor)
{
  return actor->agent->index - queue->first_agent < queue->n_agents;
}

/* For the value of the put's first IL_EVENT_TASK_SUBMIT. */
static inline uint32_t
il_task_put_woke (const IlTaskPut *put)
{
  return put->woken != IL_NOBODY ? IL_EVENT_WOKE : 0;
}

static inline uint32_t
il_task_entry_get_count (const IlTaskEntry *entry)
{
  return entry->form == IL_ENTRY_TASKS ? (uint32_t)entry->count : 1;
}
