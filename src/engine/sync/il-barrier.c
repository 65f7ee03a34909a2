/* il-barrier.c - barriers
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     Any agent comes; the last one that a phase needs opens it for all, and the next begins.
 * Edges     [B] open: release store of the phase  ->  wait: acquire load
 *               What anybody did before it came is seen by all who passed: each came under the
 *               guard.
 * Sleeping  On the phase, which whoever opens it makes another before it wakes all.
 * Waking    All, by one system call: each of them can go on.
 * Killed    The truth is the phase, and the phase that each agent came to: who came to the one that
 *           is gathering waits in it, who came to an earlier one has passed.  n_come is their
 *           number.
 * The dead  A death changes neither who else passes nor how often.  If the task of the dead is run
 *           again, its coming is taken back where it waited, and what it had passed it passes at
 *           once the second time.  If not, it still counts as one that comes, as often as its task
 *           would have come: otherwise all others would wait for it for ever.  So does a task that
 *           fails before it comes.
 * Weaker?   Without [B] who passes could see what others did before the barrier half done.
 * Checked   tests/engine/test-barrier.c, also built with -Db_sanitize=thread, test-robust.c.
 */

#include "config.h"

#include "il-barrier.h"

#include <string.h>

#include "il-hand.h"

#define N_SLOTS (2 * IL_BARRIER_MAX_OWED)

static IlBarrierPart *
get_part (const IlBarrier *barrier, const IlAgent *agent)
{
  return il_robust_get_part (&barrier->robust, agent);
}

static uint32_t
get_phase (const IlBarrier *barrier)
{
  return atomic_load_explicit (&barrier->phase, memory_order_relaxed);
}

/**
 * il_barrier_get_n_owed:
 *
 * Returns: how many count as come to this phase who never will
 */
uint32_t
il_barrier_get_n_owed (const IlBarrier *barrier)
{
  uint32_t phase = get_phase (barrier), n = 0;

  if ((int32_t)(barrier->owed_until - phase) <= 0)
    return 0;
  for (uint32_t i = 1; i <= IL_BARRIER_MAX_OWED; i++)
    n += barrier->n_owed[(phase + i) % N_SLOTS];
  return n;
}

/**
 * il_barrier_owe:
 * @n_phases: 1 to %IL_BARRIER_MAX_OWED
 *
 * Lets one who never will count as come to this phase and those after it.
 *
 * What is over is swept out on the way.  Nobody is asked of a slot's next use, N_SLOTS phases
 * later, before this was called between the two: what is owed reaches IL_BARRIER_MAX_OWED phases
 * ahead, so while anything is, no more phases than that pass without a call.
 */
void
il_barrier_owe (IlBarrier *barrier, uint32_t n_phases)
{
  uint32_t phase = get_phase (barrier);

  if ((int32_t)(barrier->owed_until - phase) <= 0)
    {
      memset (barrier->n_owed, 0, sizeof barrier->n_owed);
      barrier->owed_until = phase;
    }
  for (uint32_t i = 0; i < IL_BARRIER_MAX_OWED; i++)
    barrier->n_owed[(phase - i) % N_SLOTS] = 0;
  barrier->n_owed[(phase + n_phases) % N_SLOTS]++;
  if ((int32_t)(phase + n_phases - barrier->owed_until) > 0)
    barrier->owed_until = phase + n_phases;
}

/* Under the guard.  Returns whether the phase was complete. */
static bool
open_if_complete (IlBarrier *barrier, IlActor *actor)
{
  if (barrier->n_come == 0 || barrier->n_come + il_barrier_get_n_owed (barrier) < barrier->parties)
    return false;
  atomic_store_explicit (&barrier->opener, il_actor_get_who (actor), memory_order_relaxed);
  atomic_store_explicit (&barrier->phase, get_phase (barrier) + 1, memory_order_release); /* [B] */
  barrier->n_come = 0;
  return true;
}

/* What came of a coming. */
typedef struct
{
  uint64_t stamp;
  uint32_t phase; /* 0: it was there already */
  uint32_t n_come;
  bool opens;
} Coming;

static Coming
come (IlBarrier *barrier, IlActor *actor, uint32_t task, uint32_t index)
{
  IlBarrierPart *part = get_part (barrier, actor->agent);
  Coming coming = { 0 };

  il_robust_lock (&barrier->robust, actor);
  if (task == 0 || part->rerun_task != task || index >= part->rerun_passed)
    {
      coming.stamp = il_trace_lane_stamp (&actor->lane);
      coming.phase = get_phase (barrier);
      part->task = task;
      part->index = index;
      atomic_store_explicit (&part->phase, coming.phase, memory_order_release);
      barrier->n_come++;
      coming.n_come = barrier->n_come + il_barrier_get_n_owed (barrier);
      coming.opens = open_if_complete (barrier, actor);
    }
  il_robust_unlock (&barrier->robust, actor);
  return coming;
}

/* Returns whether the phase was opened after all. */
static bool
leave (IlBarrier *barrier, IlActor *actor, uint32_t phase)
{
  bool has_passed;

  il_robust_lock (&barrier->robust, actor);
  has_passed = get_phase (barrier) != phase;
  if (!has_passed)
    {
      atomic_store_explicit (&get_part (barrier, actor->agent)->phase, 0, memory_order_relaxed);
      barrier->n_come--;
    }
  il_robust_unlock (&barrier->robust, actor);
  return has_passed;
}

/**
 * il_barrier_wait:
 * @task: that comes, by its number in events; 0 for none
 * @index: how often the task comes to this barrier before
 *
 * Waits until as many have come as the barrier has parties.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_barrier_wait (IlBarrier *barrier, IlActor *actor, uint32_t task, uint32_t index)
{
  Coming coming = come (barrier, actor, task, index);
  IlWaitResult result;

  if (coming.phase == 0)
    return IL_WAIT_DONE;
  if (coming.opens)
    {
      il_trace_lane_write_at (&actor->lane, coming.stamp, IL_EVENT_BARRIER_PASS, barrier->object,
                              (coming.phase & ~IL_EVENT_WOKE)
                                  | (coming.n_come > 1 ? IL_EVENT_WOKE : 0));
      if (coming.n_come > 1)
        il_actor_wake_all (actor, &barrier->phase);
      return IL_WAIT_DONE;
    }

  il_trace_lane_write_at (&actor->lane, coming.stamp, IL_EVENT_BARRIER_WAIT, barrier->object,
                          coming.n_come);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  result = il_actor_wait_for_change (actor, &barrier->phase, coming.phase); /* [B] */
  if (result == IL_WAIT_CANCELLED && leave (barrier, actor, coming.phase))
    result = IL_WAIT_DONE;
  coming.stamp = il_trace_lane_stamp (&actor->lane);
  if (result == IL_WAIT_DONE)
    {
      il_trace_lane_write_at (&actor->lane, coming.stamp, IL_EVENT_BARRIER_PASS, barrier->object,
                              coming.phase & ~IL_EVENT_WOKE);
      il_trace_lane_write_at (&actor->lane, coming.stamp, IL_EVENT_WOKEN_BY, barrier->object,
                              atomic_load_explicit (&barrier->opener, memory_order_relaxed));
    }
  else
    il_trace_lane_write_at (&actor->lane, coming.stamp, IL_EVENT_WAIT_CANCELLED, barrier->object,
                            0);
  il_actor_end_wait (actor);
  return result;
}

static void
repair (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlBarrier *barrier = (IlBarrier *)(void *)robust;
  uint32_t phase = get_phase (barrier);

  (void)dead;
  barrier->n_come = 0;
  for (uint32_t i = 0; i < actor->arena->n_agents; i++)
    {
      const IlBarrierPart *part = get_part (barrier, &actor->arena->agents[i]);

      barrier->n_come += atomic_load_explicit (&part->phase, memory_order_relaxed) == phase;
    }
  if (open_if_complete (barrier, actor))
    il_actor_wake_all (actor, &barrier->phase);
}

/* How often the task that was cut short has passed. */
static uint32_t
get_n_passed (const IlBarrierPart *part, bool waits)
{
  if (part->cut_task == 0)
    return 0;
  if (part->task == part->cut_task)
    return waits ? part->index : part->index + 1;
  return part->rerun_task == part->cut_task ? part->rerun_passed : 0;
}

/* The agent's task was cut short: it comes no more, or anew.  Under the guard. */
static void
settle (IlBarrier *barrier, IlActor *actor, const IlAgent *agent)
{
  IlBarrierPart *part = get_part (barrier, agent);
  bool waits = atomic_load_explicit (&part->phase, memory_order_relaxed) == get_phase (barrier);
  uint32_t n_passed = get_n_passed (part, waits);

  if (waits)
    {
      atomic_store_explicit (&part->phase, 0, memory_order_relaxed);
      barrier->n_come--;
    }
  part->task = 0;
  if (part->is_run_again)
    {
      part->rerun_task = part->cut_task;
      part->rerun_passed = n_passed;
    }
  else if (part->n_comings > n_passed)
    il_barrier_owe (barrier, part->n_comings - n_passed);
  /* Once it is settled, to be buried again must change nothing. */
  part->cut_task = part->n_comings = 0;
  part->is_run_again = false;
  if (open_if_complete (barrier, actor))
    il_actor_wake_all (actor, &barrier->phase);
}

static void
bury (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  settle ((IlBarrier *)(void *)robust, actor, dead);
}

static const IlRobustFuncs funcs = { repair, bury };

/* Notes what the agent was doing, in its own part. */
static void
note_cut_task (IlBarrier *barrier, const IlArena *arena, IlAgent *agent, bool is_run_again)
{
  IlBarrierPart *part = get_part (barrier, agent);
  const IlKind *kind = &arena->kinds[il_agent_get_hand (agent)->entry.kind];

  part->cut_task = part->n_comings = 0;
  part->is_run_again = is_run_again;
  if (!il_hand_has_more (agent))
    return;
  part->cut_task = il_arena_get_task_number (arena, kind->index, il_hand_get_number (agent));
  for (uint32_t i = 0; i < kind->n_steps; i++)
    part->n_comings
        += kind->steps[i].kind == IL_STEP_BARRIER && kind->steps[i].object->data == barrier;
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlBarrier);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlBarrier *barrier = object->data;

  (void)arena;
  il_robust_init (&barrier->robust, object, &funcs);
  atomic_init (&barrier->phase, 1);
  barrier->parties = (uint32_t)il_quantity_get (&plan->object->parameter, plan->scenario);
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  return ((const IlBarrier *)object->data)->parties;
}

static void
release_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  IlBarrier *barrier = object->data;
  bool is_run_again = il_hand_is_run_again (supervisor->arena, dead);

  /* Who died before its predecessor was buried had not begun to do anything, see
   * il_robust_await_burials(): what is noted of that one stays. */
  if (atomic_load (&get_part (barrier, dead)->robust.is_dead) == 0)
    note_cut_task (barrier, supervisor->arena, dead, is_run_again);
  il_robust_release_for_dead (&barrier->robust, supervisor, dead);
}

static void
unwind (IlArenaObject *object, IlActor *actor)
{
  IlBarrier *barrier = object->data;

  if (il_arena_is_cancelled (actor->arena))
    return;
  il_robust_lock (&barrier->robust, actor);
  note_cut_task (barrier, actor->arena, actor->agent, false);
  settle (barrier, actor, actor->agent);
  il_robust_unlock (&barrier->robust, actor);
}

const IlObjectClass il_barrier_class = {
  .kind = IL_OBJECT_BARRIER,
  .id_offset = offsetof (IlBarrier, object),
  .agent_size = sizeof (IlBarrierPart),
  .is_robust = true,
  .robust_offset = offsetof (IlBarrier, robust),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .release_for_dead = release_for_dead,
  .unwind = unwind,
};
