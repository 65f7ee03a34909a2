/* il-flag.c - events of a scenario
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     Any agent waits, sets and clears; nobody owns it.
 * Edges     [F] set: release store of the word  ->  wait: acquire load
 *               What was done before it was set is seen by who passes.
 * Sleeping  A waiter registers under the guard, having seen there that the flag is not set, and
 *           sleeps while the word is the one that it saw.  Each set makes the word another, also if
 *           it is cleared at once: whoever waited when it was set goes on.  A set wakes all who
 *           registered since the word changed last, and makes no system call if none did.
 * Waking    All: each of them can go on.
 * Killed    n_waiting is the number of agents whose `waits` names the word as it is.
 * Weaker?   Without [F] who passes could see things as they were before the flag was set.
 * Checked   tests/engine/test-event.c, also built with -Db_sanitize=thread, test-robust.c.
 */

#include "config.h"

#include "il-flag.h"

static IlFlagPart *
get_part (const IlFlag *flag, const IlAgent *agent)
{
  return il_robust_get_part (&flag->robust, agent);
}

/* Under the guard: no need for an atomic instruction. */
static void
add_waiting (IlFlag *flag, int32_t n)
{
  uint32_t before = atomic_load_explicit (&flag->n_waiting, memory_order_relaxed);

  atomic_store_explicit (&flag->n_waiting, before + (uint32_t)n, memory_order_relaxed);
}

/* Returns the word to wait for a change of; odd if the flag is set meanwhile. */
static uint32_t
register_waiter (IlFlag *flag, IlActor *actor)
{
  uint32_t word;

  il_robust_lock (&flag->robust, actor);
  word = atomic_load_explicit (&flag->word, memory_order_acquire); /* [F] */
  if ((word & 1) == 0)
    {
      get_part (flag, actor->agent)->waits = word | 1;
      add_waiting (flag, 1);
    }
  il_robust_unlock (&flag->robust, actor);
  return word;
}

/**
 * il_flag_wait:
 *
 * Waits until the flag is set, or was set since.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_flag_wait (IlFlag *flag, IlActor *actor)
{
  IlWaitResult result = IL_WAIT_DONE;
  uint32_t word;

  if (il_flag_is_set (flag)) /* [F] */
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_FLAG_PASS, flag->object, 0);
      return IL_WAIT_DONE;
    }

  il_trace_lane_write (&actor->lane, IL_EVENT_FLAG_WAIT, flag->object, 0);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  word = register_waiter (flag, actor);
  if ((word & 1) == 0)
    result = il_actor_wait_for_change (actor, &flag->word, word); /* [F] */
  if (result == IL_WAIT_DONE)
    il_trace_lane_write (&actor->lane, IL_EVENT_FLAG_PASS, flag->object,
                         atomic_load_explicit (&flag->setter, memory_order_relaxed));
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, flag->object, 0);
  il_actor_end_wait (actor);
  return result;
}

/**
 * il_flag_set:
 *
 * Lets all go on who wait, and who come until it is cleared.
 */
void
il_flag_set (IlFlag *flag, IlActor *actor)
{
  uint64_t stamp = il_trace_lane_stamp (&actor->lane);
  uint32_t word, n_waiting = 0;

  il_robust_lock (&flag->robust, actor);
  word = atomic_load_explicit (&flag->word, memory_order_relaxed);
  if ((word & 1) == 0)
    {
      n_waiting = atomic_load_explicit (&flag->n_waiting, memory_order_relaxed);
      atomic_store_explicit (&flag->setter, il_actor_get_who (actor), memory_order_relaxed);
      atomic_store_explicit (&flag->word, word + 3, memory_order_release); /* [F] */
      atomic_store_explicit (&flag->n_waiting, 0, memory_order_relaxed);
    }
  il_robust_unlock (&flag->robust, actor);
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_FLAG_SET, flag->object,
                          n_waiting > 0 ? IL_EVENT_WOKE : 0);
  if (n_waiting > 0)
    il_actor_wake_all (actor, &flag->word);
}

/**
 * il_flag_clear:
 *
 * Makes those wait who come from now on.
 */
void
il_flag_clear (IlFlag *flag, IlActor *actor)
{
  uint64_t stamp = il_trace_lane_stamp (&actor->lane);
  uint32_t word;

  il_robust_lock (&flag->robust, actor);
  word = atomic_load_explicit (&flag->word, memory_order_relaxed);
  atomic_store_explicit (&flag->word, word & ~UINT32_C (1), memory_order_release);
  il_robust_unlock (&flag->robust, actor);
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_FLAG_CLEAR, flag->object, 0);
}

/* Who died while it set the flag may have done so before it could wake anybody: all sleepers are
 * woken when somebody is buried, see il-wait.c. */
static void
repair (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlFlag *flag = (IlFlag *)(void *)robust;
  uint32_t word = atomic_load_explicit (&flag->word, memory_order_relaxed);

  (void)dead;
  atomic_store_explicit (&flag->n_waiting, 0, memory_order_relaxed);
  for (uint32_t i = 0; i < actor->arena->n_agents; i++)
    if ((word & 1) == 0 && get_part (flag, &actor->arena->agents[i])->waits == (word | 1))
      add_waiting (flag, 1);
}

static void
bury (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlFlag *flag = (IlFlag *)(void *)robust;
  IlFlagPart *part = get_part (flag, dead);
  uint32_t word = atomic_load_explicit (&flag->word, memory_order_relaxed);

  (void)actor;
  if ((word & 1) == 0 && part->waits == (word | 1))
    add_waiting (flag, -1);
  part->waits = 0;
}

static const IlRobustFuncs funcs = { repair, bury };

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlFlag);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlFlag *flag = object->data;

  (void)arena;
  il_robust_init (&flag->robust, object, &funcs);
  atomic_init (&flag->word,
               il_quantity_get (&plan->object->parameter, plan->scenario) != 0 ? 1 : 0);
}

static void
release_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  il_robust_release_for_dead (object->data, supervisor, dead);
}

const IlObjectClass il_flag_class = {
  .kind = IL_OBJECT_EVENT,
  .id_offset = offsetof (IlFlag, object),
  .agent_size = sizeof (IlFlagPart),
  .is_robust = true,
  .robust_offset = offsetof (IlFlag, robust),
  .get_size = get_size,
  .init = init,
  .release_for_dead = release_for_dead,
};
