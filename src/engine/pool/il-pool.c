/* il-pool.c - making a pool, looking after it, ending it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-pool-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "il-kernel.h"
#include "il-object.h"

static void
add_scenario_objects (IlPool *pool)
{
  IlArena *arena = pool->arena;

  for (uint32_t i = 0; i < arena->n_objects; i++)
    {
      IlArenaObject *object = &arena->objects[i];
      uint64_t parameter
          = object->class->get_parameter != NULL ? object->class->get_parameter (object) : 0;

      il_object_set_id (
          object, il_trace_object_add (pool->trace, object->class->kind, object->name, parameter));
    }
}

static bool
has_joins (const IlArena *arena)
{
  for (uint32_t i = 0; i < arena->n_steps; i++)
    if (arena->steps[i].kind == IL_STEP_JOIN)
      return true;
  return false;
}

static void
add_objects (IlPool *pool)
{
  IlArena *arena = pool->arena;

  if (pool->trace == NULL)
    return;
  add_scenario_objects (pool);
  for (uint32_t i = 0; i < arena->n_groups; i++)
    {
      IlGroup *group = &arena->groups[i];
      g_autofree char *name = NULL;

      if (group->queue == NULL)
        continue;
      /* The name of a kind's task queue. */
      name = group->kind_name != NULL ? g_strdup_printf (_ ("%s tasks"), group->kind_name)
                                      : g_strdup (_ ("tasks"));
      group->queue->object
          = il_trace_object_add (pool->trace, IL_OBJECT_QUEUE, name, group->queue->capacity);
    }
  if (has_joins (arena) || arena->forks != NULL)
    /* What a task waits for that waits for those that it spawned. */
    arena->join_object = il_trace_object_add (pool->trace, IL_OBJECT_EVENT, _ ("spawned tasks"), 1);
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    {
      const IlTaskQueue *queue = arena->groups[arena->kinds[i].group].queue;

      arena->kinds[i].object
          = il_trace_object_add (pool->trace, IL_OBJECT_TASK_KIND, pool->scenario->tasks[i].name,
                                 queue != NULL ? queue->object : 0);
    }
}

static uint8_t *
map_payload (size_t size)
{
  void *payload
      = mmap (NULL, MAX (size, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  return payload == MAP_FAILED ? NULL : payload;
}

/**
 * il_pool_new:
 * @scenario: checked; must outlive the pool
 * @trace: (nullable): where to record; must outlive the pool
 *
 * Makes a pool whose workers are not started.  The calling thread becomes its supervisor.
 *
 * Returns: (transfer full): the pool, or %NULL and the reason
 */
IlPool *
il_pool_new (const IlScenario *scenario, IlTrace *trace, GError **error)
{
  IlArena *arena = il_arena_new (scenario, error);
  IlPool *pool;

  if (arena == NULL)
    return NULL;
  pool = g_new0 (IlPool, 1);
  pool->scenario = scenario;
  pool->arena = arena;
  pool->trace = trace;
  pool->supervising_thread = pthread_self ();
  pool->child_closes = g_array_new (FALSE, FALSE, sizeof (int));
  pool->n_workers = arena->n_agents - IL_FIRST_WORKER;
  pool->workers = g_new0 (IlPoolWorker, pool->n_workers);
  pool->next_numbers = g_new0 (uint64_t, arena->n_kinds);
  pool->result_in_use = g_new0 (uint8_t, arena->n_results);
  for (uint32_t i = IL_FIRST_WORKER; i < arena->n_agents; i++)
    *il_pool_get_worker (pool, i) = (IlPoolWorker){ .pool = pool, .agent = i };
  pool->payload = map_payload (arena->max_payload);
  if (pool->payload == NULL)
    {
      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                           _ ("Cannot get memory for payload"));
      il_pool_free (pool);
      return NULL;
    }
  if (!il_pool_set_up_model (pool, error))
    {
      il_pool_free (pool);
      return NULL;
    }

  il_kernel_calibrate (arena);
  add_objects (pool);
  il_actor_init (&pool->submitter, arena, IL_AGENT_SUBMITTER);
  il_actor_init (&pool->supervisor, arena, IL_AGENT_SUPERVISOR);
  pool->submitter.payload = pool->payload;
  il_actor_enter (&pool->supervisor, trace, IL_ROLE_SUPERVISOR, 0);
  if (!il_pool_open_objects (pool, error))
    {
      il_pool_free (pool);
      return NULL;
    }
  return pool;
}

/* A submitter that is the supervisor too cannot hand in anything more. */
static void
end_run (IlPool *pool)
{
  if (pool->submitter.see_to != NULL
      && atomic_load (&pool->submitter.agent->activity) != IL_ACTIVITY_LEFT)
    il_pool_end_submitting (pool);
  if (pool->n_alive == 0)
    return;
  il_pool_terminate (pool);
  il_pool_join (pool, NULL);
}

/**
 * il_pool_free:
 * @pool: (nullable) (transfer full): a pool that still runs is terminated and joined, so that one
 *     can be let go of at any time
 *
 * To be called by the supervisor.  A submitter that is another thread must have left, or be about
 * to leave once the pool is terminated.
 */
void
il_pool_free (IlPool *pool)
{
  if (pool == NULL)
    return;
  end_run (pool);
  il_pool_close_objects (pool);
  if (pool->supervisor.arena != NULL)
    il_trace_lane_release (&pool->supervisor.lane, 0);
  if (pool->payload != NULL)
    munmap (pool->payload, MAX (pool->arena->max_payload, 1));
  il_pool_tear_down_model (pool);
  g_array_unref (pool->child_closes);
  g_free (pool->result_in_use);
  g_free (pool->next_numbers);
  g_free (pool->workers);
  il_arena_free (pool->arena);
  il_scenario_free (pool->own_scenario);
  g_clear_pointer (&pool->pending, g_array_unref);
  g_clear_error (&pool->failure);
  g_free (pool);
}

/**
 * il_pool_set_lost_func:
 *
 * Sets what il_pool_supervise() calls when a worker died and another is to take its place.
 */
void
il_pool_set_lost_func (IlPool *pool, IlPoolLostFunc func, void *data)
{
  pool->lost_func = func;
  pool->lost_data = data;
}

/**
 * il_pool_close_in_children:
 * @fd: a descriptor that workers in processes of their own must not keep open
 */
void
il_pool_close_in_children (IlPool *pool, int fd)
{
  g_array_append_val (pool->child_closes, fd);
}

/**
 * il_pool_start:
 *
 * Starts the workers and, once all are there, lets them go.  On failure none is left.
 */
gboolean
il_pool_start (IlPool *pool, GError **error)
{
  g_return_val_if_fail (!pool->is_started, FALSE);

  pool->is_started = true;
  if (!il_pool_start_workers (pool, error))
    {
      il_pool_terminate (pool);
      il_pool_join (pool, NULL);
      return FALSE;
    }
  il_arena_change_run (pool->arena, 0, IL_RUN_HELD);
  return TRUE;
}

/**
 * il_pool_expect_submitter:
 *
 * Says that a thread is about to call il_pool_begin_submitting(): the pool does not end before that
 * has left again.
 */
void
il_pool_expect_submitter (IlPool *pool)
{
  atomic_store (&pool->submitter.agent->activity, IL_ACTIVITY_BUSY);
}

/**
 * il_pool_pause:
 *
 * Makes everybody stop where they are.  See il_pool_is_stopped().
 */
void
il_pool_pause (IlPool *pool)
{
  il_arena_change_run (pool->arena, IL_RUN_PAUSED, 0);
}

/**
 * il_pool_resume:
 */
void
il_pool_resume (IlPool *pool)
{
  atomic_store (&pool->arena->step, 0);
  il_arena_change_run (pool->arena, 0, IL_RUN_PAUSED);
}

static bool
can_go_on (const IlPool *pool, uint32_t agent)
{
  return atomic_load (&pool->arena->agents[agent].activity) == IL_ACTIVITY_BUSY;
}

/**
 * il_pool_is_stopped:
 *
 * Returns: whether, after il_pool_pause(), everybody has stopped or waits for one who has: no task
 *     begins or ends before il_pool_resume()
 */
bool
il_pool_is_stopped (const IlPool *pool)
{
  if (can_go_on (pool, IL_AGENT_SUBMITTER))
    return false;
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (can_go_on (pool, pool->workers[i].agent))
      return false;
  return true;
}

/**
 * il_pool_finish:
 *
 * Has everything that was submitted finished, and nothing else begun.  The submitter is to notice
 * by itself and to close the pool.
 */
void
il_pool_finish (IlPool *pool)
{
  il_arena_change_run (pool->arena, IL_RUN_CLOSING, 0);
}

/**
 * il_pool_terminate:
 *
 * Stops now: tasks that run are cut off, whatever they wait for; tasks in queues are dropped.
 */
void
il_pool_terminate (IlPool *pool)
{
  if (pool->terminated_ns != 0)
    return;
  pool->terminated_ns = il_clock_monotonic_ns ();
  il_arena_change_run (pool->arena, IL_RUN_CANCELLED, 0);
  il_arena_wake_all (pool->arena);
}

/**
 * il_pool_is_terminated:
 */
bool
il_pool_is_terminated (const IlPool *pool)
{
  return pool->terminated_ns != 0;
}

/**
 * il_pool_get_notify_fd:
 *
 * Returns: a descriptor that is readable when il_pool_supervise() has something to do
 */
int
il_pool_get_notify_fd (const IlPool *pool)
{
  return pool->arena->notify_fd;
}

/**
 * il_pool_get_n_workers:
 *
 * Returns: how many there are to be now
 */
uint32_t
il_pool_get_n_workers (const IlPool *pool)
{
  uint32_t n_workers = 0;

  for (uint32_t i = 0; i < pool->arena->n_groups; i++)
    n_workers += atomic_load (&pool->arena->groups[i].n_wanted);
  return n_workers;
}

/**
 * il_pool_get_n_common:
 *
 * Returns: how many of them are to be in the common pool; 0 where there is none
 */
uint32_t
il_pool_get_n_common (const IlPool *pool)
{
  const IlGroup *group = pool->arena->n_groups > 0 ? &pool->arena->groups[0] : NULL;

  return group != NULL && group->kind_name == NULL ? atomic_load (&group->n_wanted) : 0;
}

/**
 * il_pool_get_worker_pid:
 * @number: from 1
 *
 * Returns: the process that is the worker now, or 0
 */
pid_t
il_pool_get_worker_pid (const IlPool *pool, uint32_t number)
{
  const IlPoolWorker *worker = &pool->workers[number - 1];

  return worker->is_alive && worker->process != NULL ? worker->process->pid : 0;
}

/**
 * il_pool_get_arena:
 */
IlArena *
il_pool_get_arena (const IlPool *pool)
{
  return pool->arena;
}

/* Tasks of a kind so far. */
uint64_t
il_pool_get_n_submitted (const IlPool *pool, const IlKind *kind)
{
  uint64_t n = 0;

  if (kind->arrival == IL_ARRIVAL_LOOP && pool->arena->model != IL_MODEL_SERIAL)
    return atomic_load_explicit (&kind->next_ticket, memory_order_acquire);
  for (uint32_t i = 0; i < pool->arena->n_agents; i++)
    n += atomic_load_explicit (&pool->arena->agents[i].tallies[kind->index].submitted,
                               memory_order_acquire);
  return n;
}

/* Tasks of a kind that ended so. */
uint64_t
il_pool_get_n_settled (const IlPool *pool, const IlKind *kind, IlTaskResult result)
{
  uint64_t n = 0;

  for (uint32_t i = 0; i < pool->arena->n_agents; i++)
    n += atomic_load_explicit (&pool->arena->agents[i].tallies[kind->index].settled[result],
                               memory_order_acquire);
  return n;
}

/**
 * il_pool_get_counts:
 * @counts: (out)
 *
 * While it runs, settled tasks are counted first, so that they are never more than submitted.
 */
void
il_pool_get_counts (const IlPool *pool, IlPoolCounts *counts)
{
  *counts = (IlPoolCounts){ 0 };
  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    {
      const IlKind *kind = &pool->arena->kinds[i];

      counts->done += il_pool_get_n_settled (pool, kind, IL_TASK_DONE);
      counts->failed += il_pool_get_n_settled (pool, kind, IL_TASK_FAILED);
      counts->cancelled += il_pool_get_n_settled (pool, kind, IL_TASK_CANCELLED);
      counts->lost += il_pool_get_n_settled (pool, kind, IL_TASK_LOST);
      counts->submitted += il_pool_get_n_submitted (pool, kind);
      for (uint32_t j = 0; j < pool->arena->n_agents; j++)
        counts->sum
            += atomic_load_explicit (&pool->arena->agents[j].tallies[i].sum, memory_order_relaxed);
    }
}
