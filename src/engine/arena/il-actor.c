/* il-actor.c - entering and leaving the arena, stopping and sleeping in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-actor.h"

#include <string.h>
#include <sys/prctl.h>

/**
 * il_actor_init:
 * @agent: index of the agent that it acts as; nobody else may act as it at the same time
 */
void
il_actor_init (IlActor *actor, IlArena *arena, uint32_t agent)
{
  memset (actor, 0, sizeof *actor);
  actor->arena = arena;
  actor->agent = &arena->agents[agent];
  actor->id = agent + 1;
}

/**
 * il_actor_enter:
 * @trace: (nullable): %NULL to act unrecorded
 * @creator_plus_1: lane + 1 of who made this thread or process
 *
 * Claims a lane for the calling thread and comes to life.
 */
void
il_actor_enter (IlActor *actor, IlTrace *trace, IlRole role, uint32_t creator_plus_1)
{
  IlAgent *agent = actor->agent;

  /* A sleep in a scenario means its length: the 50 µs by which the kernel would otherwise join
   * timers are as much as many tasks. */
  prctl (PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (trace == NULL
      || !il_trace_lane_claim (trace, &actor->lane, role, agent->number, agent->name,
                               creator_plus_1))
    memset (&actor->lane, 0, sizeof actor->lane);
  atomic_store_explicit (&agent->lane_plus_1, actor->lane.trace == NULL ? 0 : actor->lane.index + 1,
                         memory_order_relaxed);
  atomic_store_explicit (&agent->who,
                         atomic_load_explicit (&agent->lane_plus_1, memory_order_relaxed),
                         memory_order_relaxed);
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  il_trace_lane_write (&actor->lane, IL_EVENT_IDLE, 0, 0);
}

/**
 * il_actor_leave:
 * @exit_status: as it is to stand in the trace
 *
 * The end of what it does on its own account: it will not be missed.
 */
void
il_actor_leave (IlActor *actor, uint32_t exit_status)
{
  il_trace_lane_release (&actor->lane, exit_status);
  il_actor_set_activity (actor, IL_ACTIVITY_LEFT);
  il_arena_notify (actor->arena);
}

/**
 * il_actor_stop_here:
 *
 * The slow path of il_actor_may_go_on().
 *
 * Returns: %FALSE when the run is given up
 */
bool
il_actor_stop_here (IlActor *actor)
{
  IlArena *arena = actor->arena;
  int64_t begin_ns = il_clock_monotonic_ns ();
  bool is_recorded = false;
  uint32_t run;

  actor->shared_stamp = 0;
  il_actor_set_activity (actor, IL_ACTIVITY_STOPPED);
  for (;;)
    {
      run = atomic_load_explicit (&arena->run, memory_order_acquire);
      if ((run & IL_RUN_CANCELLED) != 0 || (run & (IL_RUN_HELD | IL_RUN_PAUSED)) == 0)
        break;
      if ((run & IL_RUN_PAUSED) != 0 && !is_recorded)
        {
          il_trace_lane_write (&actor->lane, IL_EVENT_STOPPED_BEGIN, 0, 0);
          is_recorded = true;
        }
      il_futex_wait (&arena->run, run, IL_NO_DEADLINE);
    }
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  if (is_recorded)
    il_trace_lane_write (&actor->lane, IL_EVENT_STOPPED_END, 0, 0);
  actor->stopped_ns += il_clock_monotonic_ns () - begin_ns;
  return (run & IL_RUN_CANCELLED) == 0;
}

/**
 * il_actor_sleep_until:
 * @run: the run word that the caller based its decision to sleep on
 * @deadline_ns: of CLOCK_MONOTONIC
 *
 * Sleeps until the deadline, or until the run word is another.
 *
 * Returns: whether the deadline is reached
 */
bool
il_actor_sleep_until (IlActor *actor, uint32_t run, int64_t deadline_ns)
{
  IlArena *arena = actor->arena;

  while (il_clock_monotonic_ns () < deadline_ns)
    {
      if (atomic_load_explicit (&arena->run, memory_order_acquire) != run)
        return false;
      il_futex_wait (&arena->run, run, deadline_ns);
    }
  return true;
}
