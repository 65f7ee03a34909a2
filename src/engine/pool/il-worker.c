/* il-worker.c - the life of a worker
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-worker.h"

#include "il-guard.h"
#include "il-hand.h"
#include "il-object.h"
#include "il-task-queue.h"
#include "il-task.h"

/* Whether another task of a kind that arrives as a loop is to be begun: not if it would only find a
 * queue closed.  When the run is closing, those who only give stop at once, and so do those who
 * begin by giving and are given back; those who take from queues go on until these are closed and
 * empty, so that nothing is left lying there and nobody waits for room in vain, or until the
 * supervisor ends them. */
static bool
wants_more (const IlActor *actor, const IlKind *kind)
{
  IlArena *arena = actor->arena;

  if (il_kind_is_over (kind, atomic_load_explicit (&kind->next_ticket, memory_order_relaxed) > 0))
    return false;
  return kind->closing != IL_CLOSING_AT_ONCE
         || (atomic_load_explicit (&arena->run, memory_order_relaxed) & IL_RUN_CLOSING) == 0;
}

/* In turns, one of the group's kinds that arrive as loops. */
static bool
draw_any (IlActor *actor, const IlGroup *group)
{
  for (uint32_t i = 0; i < group->n_loop_kinds; i++)
    {
      IlKind *kind
          = &actor->arena->kinds[group->loop_kinds[actor->next_loop++ % group->n_loop_kinds]];

      if (wants_more (actor, kind) && il_hand_draw_ticket (kind, actor))
        return true;
    }
  return false;
}

/* Waits for work; false when there will be no more. */
static bool
take_work (IlActor *actor, const IlGroup *group)
{
  if (group->n_loop_kinds > 0)
    {
      actor->shared_stamp = 0;
      if (group->queue != NULL && il_task_queue_try_take (group->queue, actor))
        return true;
      if (draw_any (actor, group))
        return true;
    }
  return group->queue != NULL
         && il_task_queue_take (group->queue, actor, IL_NO_DEADLINE) == IL_WAIT_DONE;
}

/* False when it has done as many tasks as one worker is to do, so that another is to go on. */
static bool
work (IlActor *actor)
{
  const IlArena *arena = actor->arena;
  const IlGroup *group = &arena->groups[actor->agent->group];
  uint64_t n_left = arena->max_tasks_per_worker != 0 ? arena->max_tasks_per_worker : UINT64_MAX;

  if (arena->initialiser != NULL)
    arena->initialiser (actor->agent->number, arena->initialiser_data);
  /* What the one whose place it took left undone comes first. */
  while (!actor->is_leaving && il_actor_may_go_on (actor)
         && (il_hand_has_more (actor->agent) || take_work (actor, group)))
    {
      il_task_run_next (actor);
      if (il_actor_is_surplus (actor))
        return true;
      if (--n_left == 0)
        return false;
    }
  return true;
}

static void
enter (IlActor *actor, IlTrace *trace)
{
  actor->shared_stamp = 0;
  il_actor_enter (actor, trace, IL_ROLE_WORKER,
                  atomic_load (&actor->arena->agents[IL_AGENT_SUPERVISOR].lane_plus_1));
}

/**
 * il_worker_run:
 * @trace: (nullable)
 * @agent: index
 * @payload: (nullable): bytes of its own that it copies into queues and out of them
 * @coroutine: (nullable): that calls this
 *
 * A worker's whole life, on the calling thread or coroutine.
 */
void
il_worker_run (IlArena *arena, IlTrace *trace, uint32_t agent, uint8_t *payload,
               IlCoroutine *coroutine)
{
  IlActor actor;

  il_actor_init (&actor, arena, agent);
  actor.payload = payload;
  actor.coroutine = coroutine;
  enter (&actor, trace);
  if (arena->can_lose_workers)
    il_robust_await_burials (&actor);
  while (!work (&actor) && !actor.is_leaving)
    {
      /* A process has another forked in its place, with a fresh heap; of others the next may as
       * well begin on the same thread. */
      if (arena->model == IL_MODEL_PROCESSES)
        {
          atomic_store (&actor.agent->retires, 1);
          break;
        }
      /* A coroutine's lane is its carrier's: to others it stays the same. */
      if (coroutine != NULL)
        continue;
      il_actor_begin_wait (&actor, IL_ACTIVITY_BUSY);
      il_trace_lane_release (&actor.lane, 0);
      enter (&actor, trace);
      il_actor_end_wait (&actor);
    }
  /* It may be wanted again. */
  if (il_actor_is_surplus (&actor))
    atomic_store (&actor.agent->retires, 1);
  il_actor_leave (&actor, 0);
}
