/* il-condition.c - conditions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     Who has the lock waits; anybody notifies, with the lock or without.
 * Sequence  wait: [1] joins the list, [2] lets go of the lock, [3] sleeps, [4] takes the lock
 * again. Who changes what is waited for does so under the lock, so after [2] or before the wait
 *           took the lock.  In the one case its notification comes after [1] and finds the waiter
 *           in the list; in the other the waiter sees the change before it decides to wait.  So no
 *           wake-up is lost, whether the notifier has the lock when it notifies or had it before.
 *           A notification reaches those who are in the list, in the order of coming, and is not
 *           kept for later ones.
 * Waking    notify: one, the first.  notify-all: all, who then wait for the lock, one after the
 *           other; this herd is what a scenario that says notify-all asks for.
 * Killed    Who was notified alone and died before it had the lock again passes it on to the next.
 *           A notify-all is done by one store to `notified`: who dies after that has notified all.
 * Edges     The lock's.
 * Weaker?   If [2] came before [1], a notification between the two would be lost.
 * Checked   tests/engine/test-condition.c, also built with -Db_sanitize=thread, test-robust.c.
 */

#include "config.h"

#include "il-condition.h"

#define NOTIFIED_ALONE 1 /* IlWaiter.what becomes this */

static IlWaiter *
get_waiter (const IlCondition *condition, const IlActor *actor, const IlAgent *agent)
{
  return il_waiters_get (&condition->waiters, actor->arena, agent->index + 1);
}

/**
 * il_condition_get_lock:
 *
 * Returns: the lock that must be held to wait
 */
IlLock *
il_condition_get_lock (const IlCondition *condition, const IlArena *arena)
{
  return arena->objects[condition->lock].data;
}

static void
join (IlCondition *condition, IlActor *actor)
{
  il_robust_lock (&condition->robust, actor);
  get_waiter (condition, actor, actor->agent)->what = 0;
  il_waiters_join (&condition->waiters, actor);
  il_robust_unlock (&condition->robust, actor);
}

/* Returns whether it was notified after all. */
static bool
leave (IlCondition *condition, IlActor *actor)
{
  bool is_listed;

  il_robust_lock (&condition->robust, actor);
  is_listed = il_waiter_is_listed (get_waiter (condition, actor, actor->agent));
  if (is_listed)
    il_waiters_leave (&condition->waiters, actor->arena, actor->id);
  il_robust_unlock (&condition->robust, actor);
  return !is_listed;
}

static IlWaitResult
sleep_until_notified (IlCondition *condition, IlActor *actor)
{
  IlWaiter *waiter = get_waiter (condition, actor, actor->agent);
  IlWaitResult result;

  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  result = il_waiter_wait (waiter, actor);
  if (result == IL_WAIT_CANCELLED && leave (condition, actor))
    result = IL_WAIT_DONE;
  if (result == IL_WAIT_DONE)
    il_trace_lane_write (&actor->lane, IL_EVENT_COND_WOKEN, condition->object, waiter->waker);
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, condition->object, 0);
  il_actor_end_wait (actor);
  return result;
}

/* With the lock held, before and after. */
static IlWaitResult
wait_once (IlCondition *condition, IlActor *actor)
{
  IlLock *lock = il_condition_get_lock (condition, actor->arena);
  uint32_t depth = il_lock_get_depth (lock);
  IlWaitResult result;

  il_trace_lane_write (&actor->lane, IL_EVENT_COND_WAIT, condition->object, 0);
  join (condition, actor);                          /* [1] */
  il_lock_set_depth (lock, actor, 0);               /* [2] */
  il_lock_release (lock, actor);                    /* [2] */
  result = sleep_until_notified (condition, actor); /* [3] */
  if (result == IL_WAIT_DONE)
    result = il_lock_acquire (lock, actor); /* [4] */
  if (result == IL_WAIT_DONE)
    il_lock_set_depth (lock, actor, depth);
  atomic_store_explicit (&get_waiter (condition, actor, actor->agent)->state, IL_WAITER_NONE,
                         memory_order_relaxed);
  return result;
}

/**
 * il_condition_wait:
 *
 * Lets go of the lock, waits to be notified, and takes the lock again.
 *
 * Returns: %IL_WAIT_DONE; %IL_WAIT_CANCELLED, and then it may not have the lock; or
 *     %IL_WAIT_CLOSED if the actor does not have the lock
 */
IlWaitResult
il_condition_wait (IlCondition *condition, IlActor *actor)
{
  if (!il_lock_is_owned_by (il_condition_get_lock (condition, actor->arena), actor))
    return IL_WAIT_CLOSED;
  return wait_once (condition, actor);
}

/**
 * il_condition_wait_for:
 * @counter: changed under the lock alone
 *
 * The same until the counter is above 0, which may be so already.  A wake-up after which it is not
 * was wasted, and is recorded as such.
 */
IlWaitResult
il_condition_wait_for (IlCondition *condition, IlActor *actor, IlCounter *counter)
{
  IlWaitResult result = IL_WAIT_DONE;

  if (!il_lock_is_owned_by (il_condition_get_lock (condition, actor->arena), actor))
    return IL_WAIT_CLOSED;
  for (bool has_waited = false; result == IL_WAIT_DONE && il_counter_get (counter) <= 0;
       has_waited = true)
    {
      if (has_waited)
        il_trace_lane_write (&actor->lane, IL_EVENT_COND_WASTED, condition->object, 0);
      result = wait_once (condition, actor);
    }
  return result;
}

/* Under the guard. */
static void
notify_first (IlCondition *condition, IlActor *actor, uint32_t what, IlWakeUps *wake_ups)
{
  uint32_t id = condition->waiters.first;

  if (id == 0)
    return;
  il_waiters_get (&condition->waiters, actor->arena, id)->what = what;
  il_waiters_grant (&condition->waiters, actor, id, wake_ups);
}

/* Lets all go whose tickets are not higher than `notified`.  Under the guard. */
static void
finish_notify_all (IlCondition *condition, IlActor *actor, IlWakeUps *wake_ups)
{
  const IlWaiters *waiters = &condition->waiters;

  while (waiters->first != 0
         && il_waiters_get (waiters, actor->arena, waiters->first)->ticket <= condition->notified)
    notify_first (condition, actor, 0, wake_ups);
}

static void
notify (IlCondition *condition, IlActor *actor, bool all)
{
  uint64_t stamp = il_trace_lane_stamp (&actor->lane);
  IlWakeUps wake_ups = { 0 };

  il_robust_lock (&condition->robust, actor);
  if (all)
    {
      condition->notified = condition->waiters.last_ticket;
      finish_notify_all (condition, actor, &wake_ups);
    }
  else
    notify_first (condition, actor, NOTIFIED_ALONE, &wake_ups);
  il_robust_unlock (&condition->robust, actor);
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_COND_NOTIFY, condition->object,
                          wake_ups.n_granted | (wake_ups.n_granted > 0 ? IL_EVENT_WOKE : 0));
  il_wake_ups_send (&wake_ups, actor);
}

/**
 * il_condition_notify:
 *
 * Lets one go of those who wait: who waited longest.
 */
void
il_condition_notify (IlCondition *condition, IlActor *actor)
{
  notify (condition, actor, false);
}

/**
 * il_condition_notify_all:
 */
void
il_condition_notify_all (IlCondition *condition, IlActor *actor)
{
  notify (condition, actor, true);
}

static void
repair (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlCondition *condition = (IlCondition *)(void *)robust;
  IlWakeUps wake_ups = { 0 };

  (void)dead;
  for (uint32_t i = 0; i < actor->arena->n_agents; i++)
    {
      IlWaiter *waiter = get_waiter (condition, actor, &actor->arena->agents[i]);

      if (il_waiter_is_listed (waiter))
        waiter->what = 0;
    }
  il_waiters_rebuild (&condition->waiters, actor->arena, 0);
  finish_notify_all (condition, actor, &wake_ups);
  il_wake_ups_send (&wake_ups, actor);
}

static void
bury (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlCondition *condition = (IlCondition *)(void *)robust;
  IlWaiter *waiter = get_waiter (condition, actor, dead);
  IlWakeUps wake_ups = { 0 };

  if (il_waiter_is_listed (waiter))
    il_waiters_leave (&condition->waiters, actor->arena, dead->index + 1);
  else if (atomic_load_explicit (&waiter->state, memory_order_relaxed) == IL_WAITER_GRANTED
           && waiter->what == NOTIFIED_ALONE)
    notify_first (condition, actor, NOTIFIED_ALONE, &wake_ups);
  atomic_store_explicit (&waiter->state, IL_WAITER_NONE, memory_order_relaxed);
  il_wake_ups_send (&wake_ups, actor);
}

static const IlRobustFuncs funcs = { repair, bury };

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlCondition);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlCondition *condition = object->data;

  (void)arena;
  il_robust_init (&condition->robust, object, &funcs);
  condition->lock = (uint32_t)plan->object->lock;
  condition->waiters.offset = object->agent_offset + (uint32_t)offsetof (IlWaiterPart, waiter);
}

static void
release_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  il_robust_release_for_dead (object->data, supervisor, dead);
}

const IlObjectClass il_condition_class = {
  .kind = IL_OBJECT_CONDITION,
  .id_offset = offsetof (IlCondition, object),
  .agent_size = sizeof (IlWaiterPart),
  .is_robust = true,
  .robust_offset = offsetof (IlCondition, robust),
  .get_size = get_size,
  .init = init,
  .release_for_dead = release_for_dead,
};
