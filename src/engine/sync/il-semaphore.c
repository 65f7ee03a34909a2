/* il-semaphore.c - units under a guard
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Roles     Any agent acquires and posts; who posts need not have acquired.  The supervisor gives
 *           back what a dead agent held.
 * Killed    A change touches two numbers, the units left and those held by the agent.  The agent
 *           notes both in its journal first; if it dies before the journal is void again, the
 *           supervisor puts back what it says.  So no unit is ever lost or doubled.
 * Sleeping  As in a queue, see IlQueue.
 * Checked   tests/engine/test-lock.c, also built with -Db_sanitize=thread.
 */

#include "config.h"

#include "il-semaphore.h"

#include "il-lock.h"

static IlSemaphorePart *
get_part (const IlSemaphore *semaphore, const IlAgent *agent)
{
  return il_agent_get_part (agent, semaphore->agent_offset);
}

/**
 * il_semaphore_get_n_held:
 *
 * Returns: how many units the agent has taken and not given back
 */
uint32_t
il_semaphore_get_n_held (const IlSemaphore *semaphore, const IlAgent *agent)
{
  return atomic_load_explicit (&get_part (semaphore, agent)->held, memory_order_relaxed);
}

/* Under the guard.  Stores stay in this order: a kill leaves a beginning of it. */
static void
change (IlSemaphore *semaphore, IlAgent *agent, uint32_t units, uint32_t held)
{
  IlSemaphorePart *part = get_part (semaphore, agent);

  part->journal.units = atomic_load_explicit (&semaphore->units, memory_order_relaxed);
  part->journal.held = atomic_load_explicit (&part->held, memory_order_relaxed);
  atomic_store_explicit (&part->journal.is_valid, 1, memory_order_release);
  atomic_store_explicit (&semaphore->units, units, memory_order_release);
  atomic_store_explicit (&part->held, held, memory_order_release);
  atomic_store_explicit (&part->journal.is_valid, 0, memory_order_release);
}

/* Returns false, registered to be woken by a change from *wake_count, if there is no unit. */
static bool
try_acquire (IlSemaphore *semaphore, IlActor *actor, uint64_t *stamp, uint32_t *units,
             uint32_t *wake_count)
{
  bool done;

  il_guard_lock (&semaphore->guard, actor);
  *units = atomic_load_explicit (&semaphore->units, memory_order_relaxed);
  done = *units > 0;
  if (done)
    {
      uint32_t held = il_semaphore_get_n_held (semaphore, actor->agent);

      *stamp = il_trace_lane_stamp (&actor->lane);
      *units -= 1;
      change (semaphore, actor->agent, *units, held + 1);
    }
  else
    {
      *wake_count = atomic_load_explicit (&semaphore->wake_count, memory_order_relaxed);
      atomic_fetch_add_explicit (&semaphore->n_waiting, 1, memory_order_relaxed);
    }
  il_guard_unlock (&semaphore->guard);
  return done;
}

/**
 * il_semaphore_acquire:
 *
 * Waits for a unit and takes it.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_semaphore_acquire (IlSemaphore *semaphore, IlActor *actor)
{
  IlWaitResult result = IL_WAIT_DONE;
  bool has_waited = false;
  uint64_t stamp = 0;
  uint32_t units, wake_count;

  while (!try_acquire (semaphore, actor, &stamp, &units, &wake_count))
    {
      if (!has_waited)
        {
          il_trace_lane_write (&actor->lane, IL_EVENT_SEM_WAIT, semaphore->object, 0);
          il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
          has_waited = true;
        }
      if (il_arena_is_cancelled (actor->arena))
        {
          result = IL_WAIT_CANCELLED;
          break;
        }
      il_actor_sleep_on (actor, &semaphore->wake_count, wake_count, IL_NO_DEADLINE);
    }

  if (result == IL_WAIT_DONE)
    il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_SEM_ACQUIRE, semaphore->object, units);
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, semaphore->object, 0);
  il_actor_end_wait (actor);
  return result;
}

/* Under the guard; whether somebody is to be woken. */
static bool
take_waiter (IlSemaphore *semaphore)
{
  uint32_t n_waiting = atomic_load_explicit (&semaphore->n_waiting, memory_order_relaxed);

  if (n_waiting == 0)
    return false;
  atomic_store_explicit (&semaphore->n_waiting, n_waiting - 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&semaphore->wake_count, 1, memory_order_relaxed);
  return true;
}

/**
 * il_semaphore_post:
 *
 * Gives a unit back, or adds one.
 */
void
il_semaphore_post (IlSemaphore *semaphore, IlActor *actor)
{
  uint32_t units, held;
  uint64_t stamp;
  bool wakes;

  il_guard_lock (&semaphore->guard, actor);
  stamp = il_trace_lane_stamp (&actor->lane);
  units = atomic_load_explicit (&semaphore->units, memory_order_relaxed) + 1;
  held = il_semaphore_get_n_held (semaphore, actor->agent);
  change (semaphore, actor->agent, units, held > 0 ? held - 1 : 0);
  wakes = take_waiter (semaphore);
  il_guard_unlock (&semaphore->guard);

  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_SEM_POST, semaphore->object,
                          (units & ~IL_EVENT_WOKE) | (wakes ? IL_EVENT_WOKE : 0));
  if (wakes)
    il_actor_wake (actor, &semaphore->wake_count, 1);
}

static void
undo_half_change (IlSemaphore *semaphore, IlAgent *dead)
{
  IlSemaphorePart *part = get_part (semaphore, dead);

  if (!il_guard_is_owned_by (&semaphore->guard, dead->index + 1))
    return;
  if (atomic_load_explicit (&part->journal.is_valid, memory_order_acquire) != 0)
    {
      atomic_store_explicit (&semaphore->units, part->journal.units, memory_order_relaxed);
      atomic_store_explicit (&part->held, part->journal.held, memory_order_relaxed);
      atomic_store_explicit (&part->journal.is_valid, 0, memory_order_relaxed);
    }
  il_guard_unlock (&semaphore->guard);
}

/**
 * il_semaphore_release_for_dead:
 * @dead: an agent that no longer runs
 *
 * Gives back all units that the dead one held.
 */
void
il_semaphore_release_for_dead (IlSemaphore *semaphore, IlActor *supervisor, IlAgent *dead)
{
  IlSemaphorePart *part = get_part (semaphore, dead);
  uint32_t held;

  undo_half_change (semaphore, dead);
  held = atomic_load_explicit (&part->held, memory_order_relaxed);
  atomic_store_explicit (&part->held, 0, memory_order_relaxed);
  if (held == 0)
    return;
  il_trace_lane_write (&supervisor->lane, IL_EVENT_OWNER_DIED, semaphore->object,
                       atomic_load_explicit (&dead->who, memory_order_relaxed));
  while (held-- > 0)
    il_semaphore_post (semaphore, supervisor);
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlSemaphore);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlSemaphore *semaphore = object->data;

  (void)arena;
  semaphore->agent_offset = object->agent_offset;
  atomic_init (&semaphore->units,
               (uint32_t)il_quantity_get (&plan->object->parameter, plan->scenario));
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  const IlSemaphore *semaphore = object->data;

  return atomic_load_explicit (&semaphore->units, memory_order_relaxed);
}

static void
release_object_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  il_semaphore_release_for_dead (object->data, supervisor, dead);
}

static void
unwind (IlArenaObject *object, IlActor *actor)
{
  IlSemaphore *semaphore = object->data;

  while (il_semaphore_get_n_held (semaphore, actor->agent) > 0)
    il_semaphore_post (semaphore, actor);
}

const IlObjectClass il_semaphore_class = {
  .kind = IL_OBJECT_SEMAPHORE,
  .id_offset = offsetof (IlSemaphore, object),
  .agent_size = sizeof (IlSemaphorePart),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .release_for_dead = release_object_for_dead,
  .unwind = unwind,
};
