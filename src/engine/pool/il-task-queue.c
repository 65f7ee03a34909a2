/* il-task-queue.c - puts, takes and the end of a task queue, whatever the scheduling
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-task-queue.h"

#include "il-deque.h"
#include "il-fork.h"
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
  if (put->queue->scheduling == IL_SCHEDULING_STEALING)
    {
      if (put->actor->agent->index == IL_AGENT_SUBMITTER)
        return il_task_boxes_begin_put (put);
      if (il_task_queue_is_worker (put->queue, put->actor))
        return il_task_boxes_begin_spawn (put);
    }
  return il_task_levels_begin_put (put, kind);
}

/**
 * il_task_queue_begin_put:
 * @put: (out caller-allocates)
 * @kind: of the tasks that are to be put in
 * @deadline_ns: of CLOCK_MONOTONIC, %IL_NO_DEADLINE or %IL_QUEUE_DO_NOT_WAIT
 *
 * Waits for room.  On %IL_WAIT_DONE the caller may own the queue's guard, and must commit at once.
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
  put->box = IL_NOBODY;
  put->tally = &actor->agent->tallies[kind->index];
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
 * il_task_queue_commit_put:
 * @entries: (array length=n_entries): copied
 * @n_entries: at least 1 and at most @put->room
 * @n_tasks: in all of them
 *
 * From now on they are taken and run.
 */
void
il_task_queue_commit_put (IlTaskPut *put, const IlTaskEntry *entries, uint32_t n_entries,
                          uint32_t n_tasks)
{
  if (put->level == NULL)
    il_task_boxes_commit_put (put, entries, n_entries, n_tasks);
  else
    il_task_levels_commit_put (put, entries, n_entries, n_tasks);
  put->woken = il_task_queue_pick_idle (put->queue, put->actor, put->box);
}

/**
 * il_task_put_store:
 * @counter: that says what is in
 *
 * Counts what was put in, and lets it be taken: both or neither, whenever the one who does it is
 * killed, see il_task_put_recover().
 */
void
il_task_put_store (const IlTaskPut *put, _Atomic uint64_t *counter, uint64_t position,
                   uint32_t n_tasks)
{
  IlPutJournal *journal = &put->actor->agent->put;
  _Atomic uint64_t *tally = &put->tally->submitted;
  uint64_t submitted = atomic_load_explicit (tally, memory_order_relaxed) + n_tasks;
  bool is_mortal = put->actor->arena->can_lose_workers && put->actor->id > IL_FIRST_WORKER;

  if (is_mortal)
    {
      journal->counter = counter;
      journal->position = position;
      journal->tally = tally;
      journal->submitted = submitted;
      atomic_store_explicit (&journal->is_decided, 1, memory_order_release);
    }
  atomic_store_explicit (tally, submitted, memory_order_release);
  atomic_store_explicit (counter, position, memory_order_release);
  if (is_mortal)
    atomic_store_explicit (&journal->is_decided, 0, memory_order_release);
}

/**
 * il_task_put_recover:
 * @dead: an agent that no longer runs, and whose guards are not yet free
 *
 * Completes what the dead one was about to put in.
 */
void
il_task_put_recover (IlAgent *dead)
{
  IlPutJournal *journal = &dead->put;

  if (atomic_load_explicit (&journal->is_decided, memory_order_acquire) == 0)
    return;
  atomic_store_explicit (journal->tally, journal->submitted, memory_order_release);
  atomic_store_explicit (journal->counter, journal->position, memory_order_release);
  atomic_store_explicit (&journal->is_decided, 0, memory_order_release);
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
  /* All that happened at the put's stamp is written: nobody has to wait for more of it. */
  il_trace_lane_take_back (&put->actor->lane);
  il_actor_end_wait (put->actor);
}

static void
make_room_known (IlTaskQueue *queue, IlActor *actor)
{
  uint32_t room;

  if (__builtin_expect (atomic_load (&queue->n_putters) == 0, 1)) /* [R] of il-task-wait.c */
    return;
  room = queue->scheduling == IL_SCHEDULING_STEALING
             ? il_task_boxes_get_room (queue, actor)
             : queue->capacity - atomic_load_explicit (&queue->depth, memory_order_relaxed);
  il_task_queue_wake_putters (queue, actor, room);
}

/* What functions spawned, and made public. */
static bool
take_fork (IlTaskQueue *queue, IlActor *actor)
{
  IlTaskEntry entry;

  if (!il_fork_steal (queue, actor, &entry))
    return false;
  il_hand_hold (actor, &entry);
  actor->shared_stamp = 0;
  return true;
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
  return is_taken || (actor->arena->forks != NULL && take_fork (queue, actor));
}

/* Where workers steal: what is a worker's own. */
static bool
try_take_own (IlTaskQueue *queue, IlActor *actor)
{
  if (!il_task_boxes_take_own (queue, actor))
    return false;
  make_room_known (queue, actor);
  return true;
}

/**
 * il_task_queue_try_help:
 *
 * The same for one who waits for tasks that it spawned: what it takes delays it, so that of what
 * came from outside it takes nothing, where it can tell.
 */
bool
il_task_queue_try_help (IlTaskQueue *queue, IlActor *actor)
{
  return queue->scheduling == IL_SCHEDULING_STEALING ? il_task_boxes_help (queue, actor)
                                                     : il_task_queue_try_take (queue, actor);
}

/**
 * il_task_queue_can_help:
 *
 * Returns: whether there seems to be something for il_task_queue_try_help()
 */
bool
il_task_queue_can_help (const IlTaskQueue *queue)
{
  if (queue->scheduling != IL_SCHEDULING_STEALING)
    return atomic_load_explicit (&queue->depth, memory_order_relaxed) > 0;
  for (uint32_t i = 0; i < il_task_queue_get_n_boxes (queue); i++)
    if (il_deque_get_depth (&queue->boxes[i].spawned) > 0)
      return true;
  return false;
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
  /* What others have is left to them for the moment that it takes to poll for more of one's own. */
  bool is_polled = queue->scheduling == IL_SCHEDULING_STEALING && actor->agent->n_polls > 0
                   && actor->arena->n_spins > 0 && deadline_ns != IL_QUEUE_DO_NOT_WAIT;
  IlWaitResult result;

  if (is_polled ? try_take_own (queue, actor) : il_task_queue_try_take (queue, actor))
    return IL_WAIT_DONE;
  if (deadline_ns == IL_QUEUE_DO_NOT_WAIT)
    return IL_WAIT_TIMEOUT;
  if (il_task_queue_is_over (queue, actor))
    return IL_WAIT_CLOSED;

  /* The wait begins where the task before ended. */
  if (actor->shared_stamp == 0)
    actor->shared_stamp = il_trace_lane_stamp (&actor->lane);
  il_trace_lane_write_at (&actor->lane, actor->shared_stamp, IL_EVENT_GET_WAIT, queue->object, 0);
  actor->shared_stamp = 0;
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
