/* il-semaphore.c - units, under a guard once somebody waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     Any agent acquires and posts; who posts need not have acquired.  Who acquires will
 *           either give the unit back, and then has it meanwhile, or consumes it: what somebody
 *           posted was a signal then.  What a dead agent had goes back.
 * Quick     While nobody waits, where agents cannot be killed one by one and nothing is recorded, a
 *           unit is taken and given back by a compare-and-swap of the units.  Everything else is
 *           done under the guard, after saying IL_SEMAPHORE_SLOW in the units, by which all others
 *           come to the guard, too.  What is recorded is done there because events tell the units
 *           left: their stamps have to be in the order of the changes.
 * Edges     [Q] post: release compare-and-swap, or release store under the guard
 *               ->  acquire: acquire by compare-and-swap, or by setting IL_SEMAPHORE_SLOW
 *               What was done before a post is seen by whoever takes the unit.
 * Killed    A change touches two numbers, the units left and those held by the agent.  The agent
 *           notes both in its journal first; if it dies before the journal is void again, the
 *           supervisor puts back what it says.  So no unit is ever lost or doubled.
 * Order     None: a unit is for whoever comes first, also before those who wait.
 * Sleeping  As in a queue, see IlQueue: each post wakes one at the most.
 * Checked   tests/engine/test-lock.c, also built with -Db_sanitize=thread, test-robust.c.
 */

#include "config.h"

#include "il-semaphore.h"

#define MAX_UNITS (IL_SEMAPHORE_SLOW - 1)

static IlSemaphorePart *
get_part (const IlSemaphore *semaphore, const IlAgent *agent)
{
  return il_robust_get_part (&semaphore->robust, agent);
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

/**
 * il_semaphore_get_units:
 *
 * Returns: how many are left
 */
uint32_t
il_semaphore_get_units (const IlSemaphore *semaphore)
{
  return atomic_load_explicit (&semaphore->units, memory_order_relaxed) & ~IL_SEMAPHORE_SLOW;
}

static void
set_held (IlSemaphore *semaphore, const IlAgent *agent, uint32_t held)
{
  atomic_store_explicit (&get_part (semaphore, agent)->held, held, memory_order_release);
}

/* Returns whether n units could be added (-1: taken) without the guard.  How many there are is
 * guessed at first: a look at what an atomic instruction has just written takes as long as another.
 */
static bool
change_quickly (IlSemaphore *semaphore, const IlActor *actor, int32_t n)
{
  IlSemaphorePart *part = get_part (semaphore, actor->agent);
  uint32_t units = part->units_seen;

  if (actor->arena->can_lose_workers || actor->lane.limit != 0)
    return false;
  if (units == 0)
    units = atomic_load_explicit (&semaphore->units, memory_order_relaxed);
  while ((units & IL_SEMAPHORE_SLOW) == 0 && (n > 0 ? units < MAX_UNITS : units > 0))
    if (atomic_compare_exchange_strong_explicit (
            &semaphore->units, &units, units + (uint32_t)n,
            n > 0 ? memory_order_release : memory_order_acquire, memory_order_relaxed)) /* [Q] */
      {
        part->units_seen = units + (uint32_t)n;
        return true;
      }
  return false;
}

/* Returns the units left. */
static uint32_t
lock_guard (IlSemaphore *semaphore, IlActor *actor)
{
  uint32_t units;

  il_robust_lock (&semaphore->robust, actor);
  units = atomic_load_explicit (&semaphore->units, memory_order_relaxed);
  if (!actor->arena->can_lose_workers && (units & IL_SEMAPHORE_SLOW) == 0)
    units = atomic_fetch_or_explicit (&semaphore->units, IL_SEMAPHORE_SLOW,
                                      memory_order_acquire); /* [Q] */
  return units & ~IL_SEMAPHORE_SLOW;
}

static void
unlock_guard (IlSemaphore *semaphore, IlActor *actor)
{
  /* Who is recorded will be back. */
  if (!actor->arena->can_lose_workers && actor->lane.limit == 0
      && atomic_load_explicit (&semaphore->n_waiting, memory_order_relaxed) == 0)
    atomic_store_explicit (&semaphore->units, il_semaphore_get_units (semaphore),
                           memory_order_release); /* [Q] */
  il_robust_unlock (&semaphore->robust, actor);
}

/* Under the guard.  Stores stay in this order: a kill leaves a beginning of it. */
static void
change (IlSemaphore *semaphore, const IlActor *actor, const IlAgent *agent, uint32_t units,
        uint32_t held)
{
  IlSemaphorePart *part = get_part (semaphore, agent);

  if (!actor->arena->can_lose_workers)
    {
      atomic_store_explicit (&semaphore->units, units | IL_SEMAPHORE_SLOW, memory_order_relaxed);
      set_held (semaphore, agent, held);
      return;
    }
  part->journal.units = atomic_load_explicit (&semaphore->units, memory_order_relaxed);
  part->journal.held = atomic_load_explicit (&part->held, memory_order_relaxed);
  atomic_store_explicit (&part->journal.is_valid, 1, memory_order_release);
  atomic_store_explicit (&semaphore->units, units, memory_order_release);
  set_held (semaphore, agent, held);
  atomic_store_explicit (&part->journal.is_valid, 0, memory_order_release);
}

/* What a try came to. */
typedef struct
{
  uint64_t stamp;      /* of the moment of taking */
  uint32_t units;      /* left */
  uint32_t poster;     /* who posted last */
  uint32_t wake_count; /* where there was none: what to wait for a change from */
} Try;

/* Takes a unit and has n_held more then.  Returns false, registered to be woken, if there is none.
 */
static bool
try_acquire (IlSemaphore *semaphore, IlActor *actor, uint32_t n_held, Try *try)
{
  bool done;

  try->units = lock_guard (semaphore, actor);
  done = try->units > 0;
  if (done)
    {
      uint32_t held = il_semaphore_get_n_held (semaphore, actor->agent);

      try->stamp = il_trace_lane_stamp (&actor->lane);
      try->units -= 1;
      try->poster = semaphore->last_poster;
      change (semaphore, actor, actor->agent, try->units, held + n_held);
    }
  else
    {
      try->wake_count = atomic_load_explicit (&semaphore->wake_count, memory_order_relaxed);
      atomic_fetch_add_explicit (&semaphore->n_waiting, 1, memory_order_relaxed);
    }
  unlock_guard (semaphore, actor);
  return done;
}

static IlWaitResult
acquire (IlSemaphore *semaphore, IlActor *actor, uint32_t n_held)
{
  IlWaitResult result = IL_WAIT_DONE;
  bool has_waited = false;
  Try try = { 0 };

  if (change_quickly (semaphore, actor, -1))
    {
      if (n_held > 0)
        set_held (semaphore, actor->agent,
                  il_semaphore_get_n_held (semaphore, actor->agent) + n_held);
      return IL_WAIT_DONE;
    }
  /* Who has slept does not take what the others leave behind when the run is given up. */
  while ((has_waited && il_arena_is_cancelled (actor->arena))
         || !try_acquire (semaphore, actor, n_held, &try))
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
      il_actor_sleep_on (actor, &semaphore->wake_count, try.wake_count, IL_NO_DEADLINE);
    }

  if (result == IL_WAIT_DONE)
    il_trace_lane_write_at (&actor->lane, try.stamp, IL_EVENT_SEM_ACQUIRE, semaphore->object,
                            try.units);
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, semaphore->object, 0);
  if (result == IL_WAIT_DONE && has_waited)
    il_trace_lane_write_at (&actor->lane, try.stamp, IL_EVENT_WOKEN_BY, semaphore->object,
                            try.poster);
  il_actor_end_wait (actor);
  return result;
}

/**
 * il_semaphore_acquire:
 *
 * Waits for a unit and takes it, to give it back later.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_semaphore_acquire (IlSemaphore *semaphore, IlActor *actor)
{
  return acquire (semaphore, actor, 1);
}

/**
 * il_semaphore_consume:
 *
 * Waits for a unit and takes it for good: it does not go back when the actor dies or fails.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_semaphore_consume (IlSemaphore *semaphore, IlActor *actor)
{
  return acquire (semaphore, actor, 0);
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
  uint32_t held = il_semaphore_get_n_held (semaphore, actor->agent);
  uint32_t units;
  uint64_t stamp;
  bool wakes;

  if (change_quickly (semaphore, actor, 1))
    {
      if (held > 0)
        set_held (semaphore, actor->agent, held - 1);
      return;
    }
  units = lock_guard (semaphore, actor);
  stamp = il_trace_lane_stamp (&actor->lane);
  units = MIN (units + 1, MAX_UNITS);
  semaphore->last_poster = il_actor_get_who (actor);
  change (semaphore, actor, actor->agent, units, held > 0 ? held - 1 : 0);
  wakes = take_waiter (semaphore);
  unlock_guard (semaphore, actor);

  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_SEM_POST, semaphore->object,
                          (units & ~IL_EVENT_WOKE) | (wakes ? IL_EVENT_WOKE : 0));
  if (wakes)
    il_actor_wake (actor, &semaphore->wake_count, 1);
}

/* Undoes a change that was left half done, by the dead one for itself or while it buried another.
 */
static void
repair (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlSemaphore *semaphore = (IlSemaphore *)(void *)robust;

  (void)dead;
  for (uint32_t i = 0; i < actor->arena->n_agents; i++)
    {
      IlSemaphorePart *part = get_part (semaphore, &actor->arena->agents[i]);

      if (atomic_load_explicit (&part->journal.is_valid, memory_order_acquire) == 0)
        continue;
      atomic_store_explicit (&semaphore->units, part->journal.units, memory_order_relaxed);
      atomic_store_explicit (&part->held, part->journal.held, memory_order_relaxed);
      atomic_store_explicit (&part->journal.is_valid, 0, memory_order_relaxed);
    }
}

/* Gives back all units that the dead one had. */
static void
bury (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlSemaphore *semaphore = (IlSemaphore *)(void *)robust;
  uint32_t held = il_semaphore_get_n_held (semaphore, dead);
  uint32_t units = il_semaphore_get_units (semaphore);

  if (held == 0)
    return;
  il_trace_lane_write (&actor->lane, IL_EVENT_OWNER_DIED, semaphore->object,
                       get_part (semaphore, dead)->robust.who);
  semaphore->last_poster = il_actor_get_who (actor);
  change (semaphore, actor, dead, units + held, 0);
  for (uint32_t i = 1; i <= held; i++)
    {
      bool wakes = take_waiter (semaphore);

      il_trace_lane_write (&actor->lane, IL_EVENT_SEM_POST, semaphore->object,
                           ((units + i) & ~IL_EVENT_WOKE) | (wakes ? IL_EVENT_WOKE : 0));
      if (wakes)
        il_actor_wake (actor, &semaphore->wake_count, 1);
    }
}

static const IlRobustFuncs funcs = { repair, bury };

/**
 * il_semaphore_release_for_dead:
 * @dead: an agent that no longer runs
 *
 * Gives back all units that the dead one had, or has it done.
 */
void
il_semaphore_release_for_dead (IlSemaphore *semaphore, IlActor *supervisor, IlAgent *dead)
{
  il_robust_release_for_dead (&semaphore->robust, supervisor, dead);
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
  il_robust_init (&semaphore->robust, object, &funcs);
  atomic_init (&semaphore->units,
               (uint32_t)il_quantity_get (&plan->object->parameter, plan->scenario));
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  return il_semaphore_get_units (object->data);
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
  .is_robust = true,
  .robust_offset = offsetof (IlSemaphore, robust),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .release_for_dead = release_object_for_dead,
  .unwind = unwind,
};
