/* il-pool-map.c - handing in many tasks at a time, and getting their results back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * However many there are: all at once if there is room for their results, else in pieces, two of
 * which are handed in at any time, so that workers have one while the submitter takes the results
 * of the other.
 */

#include "config.h"

#include "il-pool-private.h"

#include <string.h>

/* Whole chunks, if it can be. */
static uint32_t
round_to_chunk (uint32_t n_tasks, uint32_t chunk)
{
  return n_tasks >= chunk ? n_tasks - n_tasks % chunk : n_tasks;
}

/* Finds room for the results of as many of what is left as it can; 0: there is none at all. */
static uint32_t
reserve_piece (IlPool *pool, const IlPoolIterator *iterator, IlPoolHandle *handle)
{
  uint32_t n_tasks = iterator->n_left;

  if (il_pool_reserve_results (pool, n_tasks, handle))
    return n_tasks;
  n_tasks = MIN (n_tasks, (pool->arena->n_results + 1) / 2);
  for (; n_tasks > 0; n_tasks /= 2)
    {
      n_tasks = round_to_chunk (n_tasks, iterator->chunk);
      if (il_pool_reserve_results (pool, n_tasks, handle))
        return n_tasks;
    }
  return 0;
}

/* Some may be handed in even if the result is not DONE. */
static IlWaitResult
hand_in_piece (IlPool *pool, IlPoolIterator *iterator, IlPoolHandle *handle)
{
  IlPoolOrder order = { .kind = &pool->arena->kinds[iterator->kind], .chunk = iterator->chunk };
  IlWaitResult result;

  order.n_tasks = reserve_piece (pool, iterator, &order.handle);
  if (order.n_tasks == 0)
    return IL_WAIT_TIMEOUT;
  for (uint32_t i = 0; i < order.n_tasks && iterator->arguments != NULL; i++)
    pool->arena->results[order.handle.slot - 1 + i].value = iterator->arguments[i];
  result = il_pool_execute (pool, &order, IL_NO_DEADLINE);
  memset (pool->result_in_use + order.handle.slot - 1 + order.n_submitted, 0,
          order.n_tasks - order.n_submitted);
  *handle = order.handle;
  handle->n_tasks = order.n_submitted;
  if (order.n_submitted == 0)
    handle->slot = 0;
  iterator->n_left -= order.n_submitted;
  if (iterator->arguments != NULL)
    iterator->arguments += order.n_submitted;
  return result;
}

/* Has two pieces handed in, if there is so much left and room for it.  What cannot be handed in now
 * will be when the results of the first piece are taken; if nothing is handed in, never. */
static IlWaitResult
refill (IlPool *pool, IlPoolIterator *iterator)
{
  IlWaitResult result = IL_WAIT_DONE;

  if (iterator->handle.slot == 0)
    {
      iterator->handle = iterator->following;
      iterator->following.slot = 0;
      iterator->next = 0;
    }
  while (result == IL_WAIT_DONE && iterator->n_left > 0 && iterator->following.slot == 0)
    result = hand_in_piece (pool, iterator,
                            iterator->handle.slot == 0 ? &iterator->handle : &iterator->following);
  if (result == IL_WAIT_TIMEOUT && iterator->handle.slot != 0)
    return IL_WAIT_DONE;
  if (result != IL_WAIT_DONE)
    iterator->n_left = 0;
  return result;
}

static void
give_up (IlPool *pool, IlPoolIterator *iterator)
{
  iterator->n_left = 0;
  il_pool_release_results (pool, &iterator->handle);
  il_pool_release_results (pool, &iterator->following);
}

static IlWaitResult
map (IlPool *pool, IlPoolIterator *iterator, IlPoolResult *results)
{
  IlWaitResult submitted = refill (pool, iterator), waited = IL_WAIT_DONE;

  while (iterator->handle.slot != 0 && waited == IL_WAIT_DONE)
    {
      uint32_t n_tasks = iterator->handle.n_tasks;
      IlWaitResult refilled;

      waited = il_pool_wait_for_results (pool, &iterator->handle, results);
      results = results != NULL ? results + n_tasks : NULL;
      if (waited != IL_WAIT_DONE)
        break;
      refilled = refill (pool, iterator);
      submitted = submitted == IL_WAIT_DONE ? refilled : submitted;
    }
  give_up (pool, iterator);
  if (pool->pending != NULL)
    il_pool_dispatch_callbacks (pool, false);
  return submitted == IL_WAIT_DONE ? waited : submitted;
}

/**
 * il_pool_map:
 * @chunk: how many of them a worker takes at a time, at least 1
 * @results: (out) (optional): room for @n_tasks
 *
 * Hands tasks in, cut into chunks, and waits until all are settled.
 *
 * Returns: %IL_WAIT_CLOSED if the pool was closed before all were handed in; those that were are
 *     finished nevertheless, and their results are the first.  %IL_WAIT_TIMEOUT if so many handles
 *     are in use that there is no room for a single result
 */
IlWaitResult
il_pool_map (IlPool *pool, uint32_t kind, uint32_t n_tasks, uint32_t chunk, IlPoolResult *results)
{
  IlPoolIterator iterator = { .kind = kind, .chunk = MAX (chunk, 1), .n_left = n_tasks };

  g_return_val_if_fail (kind < pool->arena->n_kinds, IL_WAIT_FAILED);

  return map (pool, &iterator, results);
}

/**
 * il_pool_map_values:
 * @arguments: (array length=n_tasks): of each task
 * @chunk: how many of them a worker takes at a time, at least 1
 * @results: (out) (optional): room for @n_tasks
 *
 * Hands tasks in, cut into chunks, and waits until all are settled.
 *
 * Returns: as il_pool_map()
 */
IlWaitResult
il_pool_map_values (IlPool *pool, uint32_t function, const uint64_t *arguments, uint32_t n_tasks,
                    uint32_t chunk, IlPoolResult *results)
{
  IlPoolIterator iterator
      = { .kind = function, .chunk = MAX (chunk, 1), .n_left = n_tasks, .arguments = arguments };

  g_return_val_if_fail (function < pool->arena->n_kinds, IL_WAIT_FAILED);

  return map (pool, &iterator, results);
}

/**
 * il_pool_imap:
 * @arguments: (array length=n_tasks): of each task; if there are more than room for results, they
 *     have to stay until the iterator is at its end
 * @iterator: (out): to be given to il_pool_imap_next() until that returns %FALSE
 *
 * Like il_pool_map_values(), but returns as soon as all tasks are handed in, or as many as there is
 * room for: the others are as results are taken, so that the pool must not be closed before.
 */
IlWaitResult
il_pool_imap (IlPool *pool, uint32_t function, const uint64_t *arguments, uint32_t n_tasks,
              uint32_t chunk, IlPoolIterator *iterator)
{
  *iterator = (IlPoolIterator){ .next = 0 };
  g_return_val_if_fail (function < pool->arena->n_kinds, IL_WAIT_FAILED);

  iterator->kind = function;
  iterator->chunk = MAX (chunk, 1);
  iterator->n_left = n_tasks;
  iterator->arguments = arguments;
  return refill (pool, iterator);
}

/**
 * il_pool_imap_next:
 * @result: (out): of the next task, in the order of arguments
 *
 * Returns: %FALSE if there are no more, the run is given up, or the pool was closed before the rest
 *     could be handed in
 */
bool
il_pool_imap_next (IlPool *pool, IlPoolIterator *iterator, IlPoolResult *result)
{
  while (iterator->handle.slot != 0)
    {
      if (iterator->next < iterator->handle.n_tasks)
        {
          if (il_pool_wait_for_result (pool, &iterator->handle, iterator->next, result)
              == IL_WAIT_DONE)
            {
              iterator->next++;
              return true;
            }
          give_up (pool, iterator);
          return false;
        }
      il_pool_release_results (pool, &iterator->handle);
      refill (pool, iterator);
    }
  return false;
}
