/* il-actor.c - entering and leaving the arena, stopping and sleeping in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-actor.h"

#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "il-carrier.h"
#include "il-gil.h"

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

static void
set_who (IlActor *actor, uint32_t who)
{
  uint32_t lane_plus_1 = actor->lane.trace == NULL ? 0 : actor->lane.index + 1;

  atomic_store_explicit (&actor->agent->lane_plus_1, lane_plus_1, memory_order_relaxed);
  atomic_store_explicit (&actor->agent->who, lane_plus_1 == 0 ? 0 : who, memory_order_relaxed);
}

/* Where some are nicer than others, it is told of all; one that is not nice to anybody is at 0. */
static void
tell_niceness (IlActor *actor, IlRole role)
{
  if (role == IL_ROLE_WORKER && actor->arena->has_nice)
    il_trace_lane_write (&actor->lane, IL_EVENT_PRIORITY, 0,
                         (uint32_t)(getpriority (PRIO_PROCESS, 0) + 20));
}

/* A coroutine writes into the lane of its carrier. */
static void
enter_lane (IlActor *actor, IlTrace *trace, IlRole role, uint32_t creator_plus_1)
{
  IlAgent *agent = actor->agent;

  if (actor->coroutine != NULL)
    {
      il_coroutine_enter (actor->coroutine, actor);
      set_who (actor, IL_EVENT_IS_COROUTINE | agent->number);
      return;
    }
  /* A sleep in a scenario means its length: the 50 µs by which the kernel would otherwise join
   * timers are as much as many tasks. */
  prctl (PR_SET_TIMERSLACK, 1, 0, 0, 0);
  if (trace == NULL
      || !il_trace_lane_claim (trace, &actor->lane, role, agent->number, agent->name,
                               creator_plus_1))
    memset (&actor->lane, 0, sizeof actor->lane);
  set_who (actor, actor->lane.index + 1);
  tell_niceness (actor, role);
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
  enter_lane (actor, trace, role, creator_plus_1);
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  il_trace_lane_write (&actor->lane, IL_EVENT_IDLE, 0, 0);
  /* Who hands tasks in, and who looks after workers, is no part of what the lock protects. */
  actor->needs_gil = actor->arena->model == IL_MODEL_GIL && role == IL_ROLE_WORKER;
  il_gil_take (actor);
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
  il_gil_release (actor);
  if (actor->coroutine != NULL)
    il_coroutine_leave (actor->coroutine);
  else
    il_trace_lane_release (&actor->lane, exit_status);
  il_actor_set_activity (actor, IL_ACTIVITY_LEFT);
  il_arena_notify (actor->arena);
}

/* Whether it is this one whose turn it is to make one step. */
static bool
take_step (IlActor *actor)
{
  uint32_t id = actor->id;

  actor->is_stepping = false;
  if (atomic_load_explicit (&actor->arena->step, memory_order_relaxed) != id)
    return false;
  /* Before the step is taken: who sees that it is, and this one stopped, takes it for made. */
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  actor->is_stepping = atomic_compare_exchange_strong_explicit (
      &actor->arena->step, &id, 0, memory_order_acq_rel, memory_order_relaxed);
  if (!actor->is_stepping)
    il_actor_set_activity (actor, IL_ACTIVITY_STOPPED);
  return actor->is_stepping;
}

/**
 * il_actor_stop_while_told:
 *
 * Stands still as long as the run is held or paused, or until this actor is let make a step.  In a
 * wait that is part of the wait; else it is recorded.
 */
void
il_actor_stop_while_told (IlActor *actor)
{
  IlArena *arena = actor->arena;
  int64_t begin_ns = il_clock_monotonic_ns ();
  bool is_recorded = false;

  actor->shared_stamp = 0;
  actor->is_stepping = false;
  il_actor_set_activity (actor, IL_ACTIVITY_STOPPED);
  for (;;)
    {
      uint32_t run = atomic_load_explicit (&arena->run, memory_order_acquire);

      if (!il_actor_must_stop (actor, run))
        break;
      if ((run & IL_RUN_PAUSED) != 0 && !is_recorded && !actor->is_waiting)
        {
          il_trace_lane_write (&actor->lane, IL_EVENT_STOPPED_BEGIN, 0, 0);
          is_recorded = true;
        }
      if (!take_step (actor))
        il_actor_sleep_on (actor, &arena->run, run, IL_NO_DEADLINE);
    }
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  if (is_recorded)
    il_trace_lane_write (&actor->lane, IL_EVENT_STOPPED_END, 0, 0);
  actor->stopped_ns += il_clock_monotonic_ns () - begin_ns;
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

  actor->n_stops++;
  il_gil_yield_if_asked (actor);
  /* Who was let make a step has made it. */
  actor->is_stepping = false;
  if (il_actor_must_stop (actor, atomic_load_explicit (&arena->run, memory_order_acquire)))
    {
      il_gil_release (actor);
      il_actor_stop_while_told (actor);
      il_gil_take (actor);
    }
  return !il_arena_is_cancelled (arena);
}

/**
 * il_actor_yield:
 *
 * Lets others run who can, if there are any.
 */
void
il_actor_yield (IlActor *actor)
{
  if (actor->coroutine != NULL)
    il_coroutine_yield (actor->coroutine);
  else if (actor->needs_gil)
    il_gil_yield (actor);
  else
    sched_yield ();
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
      il_actor_sleep_on (actor, &arena->run, run, deadline_ns);
    }
  return true;
}
