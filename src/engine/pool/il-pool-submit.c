/* il-pool-submit.c - the submitter's side of a pool
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A task is submitted once its queue has taken it: who waits for room has submitted nothing yet.
 */

#include "config.h"

#include "il-pool-private.h"

#include <string.h>

#include "il-hand.h"
#include "il-pool-task.h"
#include "il-task-queue.h"
#include "il-task.h"

#define MAX_ENTRIES_AT_ONCE 32 /* so that others get to a queue meanwhile */

/* For a submitter that is the supervisor too: who waits for room, or for a result, would wait for
 * ever if the workers have left meanwhile and nobody replaces them. */
static void
supervise (void *data)
{
  IlPool *pool = data;

  il_pool_supervise (pool, pool->failure == NULL ? &pool->failure : NULL);
}

/**
 * il_pool_begin_submitting:
 *
 * Makes the calling thread the pool's submitter.  If it is the supervisor too, it looks after the
 * workers whenever it waits.
 *
 * Returns: (transfer none): what it acts as
 */
IlActor *
il_pool_begin_submitting (IlPool *pool)
{
  if (pthread_equal (pool->supervising_thread, pthread_self ()))
    {
      pool->submitter.see_to = supervise;
      pool->submitter.see_to_data = pool;
    }
  il_actor_enter (&pool->submitter, pool->trace, IL_ROLE_SUBMITTER,
                  atomic_load (&pool->supervisor.agent->lane_plus_1));
  return &pool->submitter;
}

/**
 * il_pool_end_submitting:
 *
 * The calling thread hands in nothing more.
 */
void
il_pool_end_submitting (IlPool *pool)
{
  il_actor_leave (&pool->submitter, 0);
}

/* The next entry of an order, @n_ahead tasks after what was submitted. */
static IlTaskEntry
make_entry (const IlPool *pool, const IlPoolOrder *order, uint32_t n_ahead)
{
  uint32_t done = order->n_submitted + n_ahead;
  uint32_t left = order->n_tasks - done;

  if (order->has_argument)
    return (IlTaskEntry){ .kind = order->kind->index,
                          .form = IL_ENTRY_ARGUMENT,
                          .first = pool->next_numbers[order->kind->index] + n_ahead,
                          .argument = order->argument };
  return (IlTaskEntry){
    .kind = order->kind->index,
    .count = MIN (left, order->chunk),
    .first = pool->next_numbers[order->kind->index] + n_ahead,
    .slot = order->handle.slot == 0 ? 0 : order->handle.slot + done,
    .ticket = order->handle.ticket,
  };
}

static void
advance (IlPool *pool, IlPoolOrder *order, uint32_t n_tasks)
{
  pool->next_numbers[order->kind->index] += n_tasks;
  order->n_submitted += n_tasks;
}

/* Of a scenario's tasks, which do not care what they are. */
static void
copy_arguments (IlPool *pool, const IlKind *kind, const IlTaskEntry *entry)
{
  uint64_t begin = il_actor_begin_copy (&pool->submitter);

  for (uint32_t i = 0; i < il_task_entry_get_count (entry); i++)
    memcpy (il_pool_get_block (pool->arena, entry->slot, entry->first, i), pool->payload,
            kind->argument_size);
  il_actor_end_copy (&pool->submitter, begin,
                     kind->argument_size * il_task_entry_get_count (entry));
}

static void
write_submitted (IlPool *pool, const IlKind *kind, const IlTaskEntry *entry, uint64_t stamp,
                 uint32_t woke)
{
  for (uint32_t i = 0; i < il_task_entry_get_count (entry); i++)
    il_trace_lane_write_at (&pool->submitter.lane, stamp, IL_EVENT_TASK_SUBMIT, kind->object,
                            il_arena_get_task_number (pool->arena, kind->index, entry->first + i)
                                | (i == 0 ? woke : 0));
  if (kind->argument_size > 0 && pool->arena->copies_payload && kind->func == NULL)
    copy_arguments (pool, kind, entry);
}

/* Puts as many entries as there is room for. */
static IlWaitResult
put_entries (IlPool *pool, IlPoolOrder *order, int64_t deadline_ns)
{
  IlTaskQueue *queue = pool->arena->groups[order->kind->group].queue;
  IlTaskEntry entries[MAX_ENTRIES_AT_ONCE];
  uint32_t n_entries = 0, n_ahead = 0;
  IlTaskPut put;
  IlWaitResult result
      = il_task_queue_begin_put (&put, queue, &pool->submitter, order->kind, deadline_ns);

  if (result != IL_WAIT_DONE)
    return result;
  while (n_entries < MIN (put.room, MAX_ENTRIES_AT_ONCE)
         && order->n_submitted + n_ahead < order->n_tasks)
    {
      entries[n_entries] = make_entry (pool, order, n_ahead);
      n_ahead += il_task_entry_get_count (&entries[n_entries++]);
    }
  il_task_queue_commit_put (&put, entries, n_entries, n_ahead);
  advance (pool, order, n_ahead);

  for (uint32_t i = 0; i < n_entries; i++)
    write_submitted (pool, order->kind, &entries[i], put.stamp,
                     i == 0 ? il_task_put_woke (&put) : 0);
  il_task_queue_finish_put (&put);
  return IL_WAIT_DONE;
}

/* Where the submitter runs tasks it begins as a worker does. */
static void
initialise (IlPool *pool)
{
  if (pool->is_initialised || pool->arena->initialiser == NULL)
    return;
  pool->is_initialised = true;
  pool->arena->initialiser (pool->submitter.agent->number, pool->arena->initialiser_data);
}

/* Without workers the submitter does it. */
static void
run_entry (IlPool *pool, IlPoolOrder *order)
{
  IlTaskEntry entry = make_entry (pool, order, 0);
  IlTally *tally = &pool->submitter.agent->tallies[order->kind->index];

  initialise (pool);
  if (entry.form == IL_ENTRY_TASKS)
    entry.count = 1;
  pool->submitter.shared_stamp = il_trace_lane_stamp (&pool->submitter.lane);
  atomic_store_explicit (&tally->submitted,
                         atomic_load_explicit (&tally->submitted, memory_order_relaxed) + 1,
                         memory_order_release);
  advance (pool, order, 1);
  write_submitted (pool, order->kind, &entry, pool->submitter.shared_stamp, 0);
  il_hand_hold (&pool->submitter, &entry);
  il_task_run_next (&pool->submitter);
}

static bool
is_closing (const IlPool *pool)
{
  return pool->is_closed
         || (atomic_load_explicit (&pool->arena->run, memory_order_relaxed) & IL_RUN_CLOSING) != 0;
}

/* Hands in all of an order that is not handed in yet. */
IlWaitResult
il_pool_execute (IlPool *pool, IlPoolOrder *order, int64_t deadline_ns)
{
  while (order->n_submitted < order->n_tasks)
    {
      IlWaitResult result = IL_WAIT_DONE;

      if (!il_actor_may_go_on (&pool->submitter))
        return IL_WAIT_CANCELLED;
      if (is_closing (pool))
        return IL_WAIT_CLOSED;
      if (pool->arena->model == IL_MODEL_SERIAL)
        run_entry (pool, order);
      else
        result = put_entries (pool, order, deadline_ns);
      if (result != IL_WAIT_DONE)
        return result;
    }
  return IL_WAIT_DONE;
}

/* Finds n results side by side that no handle refers to. */
bool
il_pool_reserve_results (IlPool *pool, uint32_t n_tasks, IlPoolHandle *handle)
{
  uint32_t n_free = 0, at = pool->next_result;

  handle->slot = 0;
  if (n_tasks > pool->arena->n_results)
    return false;
  for (uint32_t i = 0; i < 2 * pool->arena->n_results && n_free < n_tasks; i++, at++)
    {
      if (at == pool->arena->n_results)
        n_free = at = 0;
      n_free = pool->result_in_use[at] ? 0 : n_free + 1;
    }
  if (n_free < n_tasks)
    return false;

  *handle = (IlPoolHandle){ at - n_tasks + 1, n_tasks, ++pool->next_ticket & IL_TICKET_MAX };
  pool->next_result = at;
  for (uint32_t i = at - n_tasks; i < at; i++)
    {
      pool->result_in_use[i] = 1;
      atomic_store_explicit (&pool->arena->results[i].status,
                             IL_RESULT_STATUS (handle->ticket, IL_RESULT_PENDING),
                             memory_order_relaxed);
    }
  return true;
}

/* Whether all that a handle promises is there. */
bool
il_pool_has_result (const IlPool *pool, const IlPoolHandle *handle)
{
  for (uint32_t i = 0; i < handle->n_tasks; i++)
    if (IL_RESULT_STATE (atomic_load_explicit (&pool->arena->results[handle->slot - 1 + i].status,
                                               memory_order_acquire))
        < IL_RESULT_READY)
      return false;
  return true;
}

void
il_pool_release_results (IlPool *pool, IlPoolHandle *handle)
{
  if (handle->slot != 0)
    memset (pool->result_in_use + handle->slot - 1, 0, handle->n_tasks);
  handle->slot = 0;
}

/* Runs one task that waits for a worker, if it may and there is one. */
static bool
help (IlPool *pool)
{
  if (!pool->helps || pool->arena->can_lose_workers)
    return false;
  for (uint32_t i = 0; i < pool->arena->n_groups; i++)
    if (pool->arena->groups[i].queue != NULL
        && il_task_queue_try_take (pool->arena->groups[i].queue, &pool->submitter))
      {
        initialise (pool);
        while (il_hand_has_more (pool->submitter.agent))
          il_task_run_next (&pool->submitter);
        return true;
      }
  return false;
}

/* Sleeps until the status is no more as it was. */
static uint32_t
wait_for_status (IlPool *pool, IlResult *there, uint32_t ticket)
{
  uint32_t awaited = IL_RESULT_STATUS (ticket, IL_RESULT_AWAITED);
  uint32_t status = atomic_load_explicit (&there->status, memory_order_acquire);

  while (IL_RESULT_STATE (status) == IL_RESULT_PENDING && help (pool))
    status = atomic_load_explicit (&there->status, memory_order_acquire);
  if (IL_RESULT_STATE (status) == IL_RESULT_PENDING
      && atomic_compare_exchange_strong_explicit (&there->status, &status, awaited,
                                                  memory_order_acq_rel, memory_order_acquire))
    status = awaited;
  if (status != awaited)
    return status;
  il_actor_begin_wait (&pool->submitter, IL_ACTIVITY_WAITING);
  while (status == awaited && !il_arena_is_cancelled (pool->arena))
    {
      il_actor_sleep_on (&pool->submitter, &there->status, awaited, IL_NO_DEADLINE);
      status = atomic_load_explicit (&there->status, memory_order_acquire);
    }
  il_actor_end_wait (&pool->submitter);
  return status;
}

/* Waits for one of the results that a handle promises, and copies it. */
IlWaitResult
il_pool_wait_for_result (IlPool *pool, const IlPoolHandle *handle, uint32_t task,
                         IlPoolResult *result)
{
  IlResult *there = &pool->arena->results[handle->slot - 1 + task];
  uint32_t status = wait_for_status (pool, there, handle->ticket);

  if (IL_RESULT_STATE (status) < IL_RESULT_READY)
    return IL_WAIT_CANCELLED;
  if (result != NULL)
    {
      result->result = (IlTaskResult)(IL_RESULT_STATE (status) - IL_RESULT_READY);
      result->value = there->value;
    }
  return IL_WAIT_DONE;
}

/**
 * il_pool_submit:
 * @deadline_ns: as for il_task_queue_begin_put()
 * @n_submitted: (out): how many of them were
 *
 * Hands tasks in whose results nobody waits for.
 *
 * Returns: %IL_WAIT_DONE if all were submitted
 */
IlWaitResult
il_pool_submit (IlPool *pool, uint32_t kind, uint32_t n_tasks, int64_t deadline_ns,
                uint32_t *n_submitted)
{
  IlPoolOrder order = { .kind = &pool->arena->kinds[kind], .n_tasks = n_tasks, .chunk = 1 };
  IlWaitResult result;

  *n_submitted = 0;
  g_return_val_if_fail (kind < pool->arena->n_kinds, IL_WAIT_FAILED);

  result = il_pool_execute (pool, &order, deadline_ns);
  *n_submitted = order.n_submitted;
  return result;
}

/**
 * il_pool_apply_async:
 * @handle: (out) (optional): the promise of its result, to be given to il_pool_wait()
 *
 * Hands a task in.
 *
 * Returns: %IL_WAIT_TIMEOUT if so many handles are in use that there is no room for its result
 */
IlWaitResult
il_pool_apply_async (IlPool *pool, uint32_t kind, IlPoolHandle *handle)
{
  IlPoolOrder order = { .kind = &pool->arena->kinds[kind], .n_tasks = 1, .chunk = 1 };
  IlWaitResult result;

  if (handle != NULL)
    *handle = (IlPoolHandle){ 0 };
  g_return_val_if_fail (kind < pool->arena->n_kinds, IL_WAIT_FAILED);

  if (handle != NULL)
    {
      if (!il_pool_reserve_results (pool, 1, handle))
        return IL_WAIT_TIMEOUT;
      order.handle = *handle;
    }
  result = il_pool_execute (pool, &order, IL_NO_DEADLINE);
  if (result != IL_WAIT_DONE && handle != NULL)
    il_pool_release_results (pool, handle);
  return result;
}

/* As il_pool_wait(), but calls nobody back.  From the last to the first, since the last ones are
 * likely to be the last to come: that wakes the submitter least often. */
IlWaitResult
il_pool_wait_for_results (IlPool *pool, IlPoolHandle *handle, IlPoolResult *results)
{
  IlWaitResult result = IL_WAIT_DONE;

  for (uint32_t i = handle->n_tasks; i > 0 && result == IL_WAIT_DONE; i--)
    result
        = il_pool_wait_for_result (pool, handle, i - 1, results != NULL ? &results[i - 1] : NULL);
  il_pool_release_results (pool, handle);
  return result;
}

/**
 * il_pool_wait:
 * @results: (optional): room for those of all its tasks
 *
 * Waits for what a handle promises, and gives the handle back.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_pool_wait (IlPool *pool, IlPoolHandle *handle, IlPoolResult *results)
{
  IlWaitResult result;

  g_return_val_if_fail (handle->slot != 0, IL_WAIT_FAILED);

  result = il_pool_wait_for_results (pool, handle, results);
  if (pool->pending != NULL)
    il_pool_dispatch_callbacks (pool, false);
  return result;
}

/**
 * il_pool_apply:
 * @result: (out) (optional)
 *
 * Hands a task in and waits for its result.
 */
IlWaitResult
il_pool_apply (IlPool *pool, uint32_t kind, IlPoolResult *result)
{
  IlPoolHandle handle;
  IlWaitResult submitted = il_pool_apply_async (pool, kind, &handle);

  return submitted == IL_WAIT_DONE ? il_pool_wait (pool, &handle, result) : submitted;
}

/**
 * il_pool_close:
 *
 * No new tasks: those that are handed in after this are refused with %IL_WAIT_CLOSED, whatever the
 * model.  Workers leave once they have finished the rest.
 */
void
il_pool_close (IlPool *pool)
{
  pool->is_closed = true;
  for (uint32_t i = 0; i < pool->arena->n_groups; i++)
    if (pool->arena->groups[i].queue != NULL)
      il_task_queue_close (pool->arena->groups[i].queue, &pool->submitter);
}
