/* il-pool-call.c - handing in functions with their arguments, and getting results back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-pool-private.h"

#include <string.h>

#include "il-pool-task.h"

static void
store_argument (IlPool *pool, const IlKind *kind, const IlPoolHandle *handle, uint64_t argument,
                const void *bytes)
{
  uint32_t slot = handle->slot - 1;
  uint64_t begin;

  pool->arena->results[slot].value = argument;
  if (bytes == NULL)
    return;
  begin = il_actor_begin_copy (&pool->submitter);
  memcpy (pool->arena->blocks + (size_t)slot * pool->arena->block_size, bytes, kind->argument_size);
  if (pool->arena->copies_payload)
    il_actor_end_copy (&pool->submitter, begin, kind->argument_size);
}

static IlWaitResult
hand_in (IlPool *pool, IlPoolOrder *order)
{
  IlWaitResult result = il_pool_execute (pool, order, IL_NO_DEADLINE);

  if (result != IL_WAIT_DONE && order->n_submitted == 0)
    il_pool_release_results (pool, &order->handle);
  return result;
}

/**
 * il_pool_call_async:
 * @function: index, as in all that follows: one that there is
 * @bytes: (nullable): as many as were said for the function; copied
 * @handle: (out) (optional): the promise of its result, to be given to il_pool_wait(); without it
 *     there can be no bytes either
 *
 * Hands a task in.
 *
 * Returns: %IL_WAIT_TIMEOUT if so many handles are in use that there is no room for its result
 */
IlWaitResult
il_pool_call_async (IlPool *pool, uint32_t function, uint64_t argument, const void *bytes,
                    IlPoolHandle *handle)
{
  IlPoolOrder order = { .kind = &pool->arena->kinds[function], .n_tasks = 1, .chunk = 1 };
  IlWaitResult result;

  if (handle != NULL)
    *handle = (IlPoolHandle){ 0 };
  g_return_val_if_fail (function < pool->arena->n_kinds, IL_WAIT_FAILED);
  g_return_val_if_fail (bytes == NULL || handle != NULL, IL_WAIT_FAILED);

  if (handle == NULL)
    {
      order.has_argument = true;
      order.argument = argument;
      return il_pool_execute (pool, &order, IL_NO_DEADLINE);
    }
  if (!il_pool_reserve_results (pool, 1, &order.handle))
    return IL_WAIT_TIMEOUT;
  store_argument (pool, order.kind, &order.handle, argument, bytes);
  result = hand_in (pool, &order);
  *handle = order.handle;
  return result;
}

/**
 * il_pool_call:
 * @bytes: (nullable): as for il_pool_call_async()
 * @result: (out) (optional)
 * @result_bytes: (out caller-allocates) (optional): room for as many as were said for the function
 *
 * Hands a task in and waits for its result.
 */
IlWaitResult
il_pool_call (IlPool *pool, uint32_t function, uint64_t argument, const void *bytes,
              IlPoolResult *result, void *result_bytes)
{
  IlPoolHandle handle;
  IlWaitResult waited = il_pool_call_async (pool, function, argument, bytes, &handle);

  if (waited != IL_WAIT_DONE)
    return waited;
  waited = il_pool_wait_for_result (pool, &handle, 0, result);
  if (waited == IL_WAIT_DONE && result_bytes != NULL)
    memcpy (result_bytes, il_pool_peek_result (pool, &handle, 0),
            pool->arena->kinds[function].result_size);
  il_pool_release_results (pool, &handle);
  return waited;
}

/**
 * il_pool_peek_result:
 *
 * Returns: (transfer none): the bytes of a result that is ready, until il_pool_wait() is called for
 *     its handle
 */
const void *
il_pool_peek_result (IlPool *pool, const IlPoolHandle *handle, uint32_t task)
{
  size_t slot = handle->slot - 1 + task;

  return pool->arena->blocks + slot * pool->arena->block_size + pool->arena->result_offset;
}

/**
 * il_pool_is_ready:
 *
 * Returns: whether il_pool_wait() would not have to wait
 */
bool
il_pool_is_ready (IlPool *pool, const IlPoolHandle *handle)
{
  for (uint32_t i = handle->n_tasks; i > 0; i--)
    {
      const IlResult *there = &pool->arena->results[handle->slot - 1 + i - 1];
      uint32_t status = atomic_load_explicit (&there->status, memory_order_acquire);

      if (IL_RESULT_STATE (status) < IL_RESULT_READY)
        return false;
    }
  return true;
}

/**
 * il_pool_call_then:
 * @callback: called with the result, see il_pool_dispatch_callbacks()
 *
 * Hands a task in.
 */
IlWaitResult
il_pool_call_then (IlPool *pool, uint32_t function, uint64_t argument, const void *bytes,
                   IlPoolCallback callback, void *data)
{
  IlPoolPending pending = { .callback = callback, .data = data };
  IlWaitResult result = il_pool_call_async (pool, function, argument, bytes, &pending.handle);

  if (result != IL_WAIT_DONE)
    return result;
  if (pool->pending == NULL)
    pool->pending = g_array_new (FALSE, FALSE, sizeof (IlPoolPending));
  g_array_append_val (pool->pending, pending);
  return IL_WAIT_DONE;
}

static void
call_back (IlPool *pool, IlPoolPending *pending)
{
  IlPoolResult result = { IL_TASK_CANCELLED, 0 };

  il_pool_wait_for_result (pool, &pending->handle, 0, &result);
  il_pool_release_results (pool, &pending->handle);
  pending->callback (pool, &result, pending->data);
}

/**
 * il_pool_dispatch_callbacks:
 * @waits: for all tasks that have one
 *
 * Calls the callbacks of tasks that were settled, in the order in which these were handed in.  If
 * the run is given up meanwhile, those that wait are told that their tasks were cancelled.
 *
 * Returns: how many were called
 */
uint32_t
il_pool_dispatch_callbacks (IlPool *pool, bool waits)
{
  uint32_t n_called = 0;

  for (guint i = 0; pool->pending != NULL && i < pool->pending->len;)
    {
      IlPoolPending pending = g_array_index (pool->pending, IlPoolPending, i);

      if (!waits && !il_pool_is_ready (pool, &pending.handle))
        {
          i++;
          continue;
        }
      g_array_remove_index (pool->pending, i);
      call_back (pool, &pending);
      n_called++;
    }
  return n_called;
}
