/* il-pool-rings.c - ends kinds of tasks that feed each other when the run is closing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-pool-private.h"

#include "il-guard.h"
#include "il-object.h"

/* Has no further task of a loop begun.  Tickets are drawn with the kind's guard held, so that all
 * that ever will be are counted afterwards.  Does not wait: who owns the guard may be dead, and
 * the caller is the one who would have to find out.
 *
 * Returns: whether it is so */
static bool
end_kind (const IlPool *pool, IlKind *kind)
{
  if (atomic_load_explicit (&kind->has_ended, memory_order_relaxed))
    return true;
  if (!il_guard_try_lock (&kind->guard, pool->supervisor.id))
    return false;
  atomic_store_explicit (&kind->has_ended, true, memory_order_relaxed);
  il_guard_unlock (&kind->guard);
  return true;
}

static bool
end_kinds (const IlPool *pool, IlClosing closing)
{
  bool all = true;

  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    {
      IlKind *kind = &pool->arena->kinds[i];

      if (kind->arrival == IL_ARRIVAL_LOOP && kind->closing == closing)
        all = end_kind (pool, kind) && all;
    }
  return all;
}

/* Settled tasks are counted first: if as many have been submitted by the time that these are
 * counted, none was left in between, and there is nobody who could submit another. */
static bool
is_any_awaited (const IlPool *pool)
{
  uint64_t n_settled = 0, n_submitted = 0;

  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    for (int result = 0; result < IL_N_TASK_RESULTS && pool->arena->kinds[i].is_awaited; result++)
      n_settled += il_pool_get_n_settled (pool, &pool->arena->kinds[i], (IlTaskResult)result);
  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    if (pool->arena->kinds[i].is_awaited)
      n_submitted += il_pool_get_n_submitted (pool, &pool->arena->kinds[i]);
  return n_settled != n_submitted;
}

static bool
has_servers (const IlArena *arena)
{
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (arena->kinds[i].closing == IL_CLOSING_AFTER_OTHERS)
      return true;
  return false;
}

/**
 * il_pool_end_rings:
 * @pool: is closing, and nobody submits any more; not of the model serial
 *
 * Ends the kinds that only serve others, see il-arena-rings.c, once there are no others.  To be
 * called at each look.
 */
void
il_pool_end_rings (const IlPool *pool)
{
  if (has_servers (pool->arena) && end_kinds (pool, IL_CLOSING_AT_ONCE) && !is_any_awaited (pool))
    end_kinds (pool, IL_CLOSING_AFTER_OTHERS);
}

/**
 * il_pool_is_served:
 *
 * Returns: whether a kind takes from it that ends after others: what another of that ring is about
 *     to put into it may stay there
 */
bool
il_pool_is_served (const IlPool *pool, const IlArenaObject *object)
{
  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    {
      const IlKind *kind = &pool->arena->kinds[i];

      for (uint32_t j = 0; kind->closing == IL_CLOSING_AFTER_OTHERS && j < kind->n_steps; j++)
        if (il_step_kind_takes (kind->steps[j].kind) && kind->steps[j].object == object)
          return true;
    }
  return false;
}
