/* il-pool.c - making a pool, looking after it, ending it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-pool-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "il-kernel.h"
#include "il-queue.h"
#include "il-task.h"
#include "il-worker.h"

#define KILL_AFTER_NS 150000000 /* for processes that do not leave when told to */
#define QUIET_NS 20000000       /* for how long nobody must be able to go on before we step in */
#define TICK_MS 2               /* between two looks while something is to happen soon */
#define SLOW_TICK_MS 50

static void
add_scenario_objects (IlPool *pool, IlObjectKind kind)
{
  IlArena *arena = pool->arena;
  uint32_t n = 0;

  for (guint i = 0; i < pool->scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &pool->scenario->objects[i];
      uint64_t parameter = 0;
      uint32_t id;

      if (object->kind != kind)
        continue;
      if (kind == IL_OBJECT_SEMAPHORE)
        parameter = atomic_load (&arena->semaphores[n].units);
      else if (kind == IL_OBJECT_QUEUE)
        parameter = arena->queues[n].capacity;
      id = il_trace_object_add (pool->trace, kind, object->name, parameter);
      if (kind == IL_OBJECT_LOCK)
        arena->locks[n].object = id;
      else if (kind == IL_OBJECT_SEMAPHORE)
        arena->semaphores[n].object = id;
      else
        arena->queues[n].object = id;
      n++;
    }
}

static void
add_objects (IlPool *pool)
{
  IlArena *arena = pool->arena;

  if (pool->trace == NULL)
    return;
  add_scenario_objects (pool, IL_OBJECT_LOCK);
  add_scenario_objects (pool, IL_OBJECT_SEMAPHORE);
  add_scenario_objects (pool, IL_OBJECT_QUEUE);
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
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    arena->kinds[i].object
        = il_trace_object_add (pool->trace, IL_OBJECT_TASK_KIND, pool->scenario->tasks[i].name, 0);
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
  pool->child_closes = g_array_new (FALSE, FALSE, sizeof (int));
  pool->n_workers = arena->n_agents - IL_FIRST_WORKER;
  pool->workers = g_new0 (IlPoolWorker, pool->n_workers);
  pool->next_numbers = g_new0 (uint64_t, arena->n_kinds);
  pool->result_in_use = g_new0 (uint8_t, arena->n_results);
  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      pool->workers[i].pool = pool;
      pool->workers[i].agent = IL_FIRST_WORKER + i;
    }
  pool->payload = map_payload (arena->max_payload);
  if (pool->payload == NULL)
    {
      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                           _ ("Cannot get memory for payload"));
      il_pool_free (pool);
      return NULL;
    }

  arena->iterations_per_ns = il_kernel_calibrate ();
  add_objects (pool);
  il_actor_init (&pool->submitter, arena, IL_AGENT_SUBMITTER);
  il_actor_init (&pool->supervisor, arena, IL_AGENT_SUPERVISOR);
  pool->submitter.payload = pool->payload;
  il_actor_enter (&pool->supervisor, trace, IL_ROLE_SUPERVISOR, 0);
  return pool;
}

/**
 * il_pool_free:
 * @pool: (nullable) (transfer full): not started, or joined
 */
void
il_pool_free (IlPool *pool)
{
  if (pool == NULL)
    return;
  g_assert (pool->n_alive == 0);
  if (pool->supervisor.arena != NULL)
    il_trace_lane_release (&pool->supervisor.lane, 0);
  if (pool->payload != NULL)
    munmap (pool->payload, MAX (pool->arena->max_payload, 1));
  g_array_unref (pool->child_closes);
  g_free (pool->result_in_use);
  g_free (pool->next_numbers);
  g_free (pool->workers);
  il_arena_free (pool->arena);
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
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (!il_pool_start_worker (pool, &pool->workers[i], error))
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

static bool
has_submitter (const IlPool *pool)
{
  uint32_t activity = atomic_load (&pool->submitter.agent->activity);

  return activity != IL_ACTIVITY_NONE && activity != IL_ACTIVITY_LEFT;
}

static bool
has_step (const IlKind *kind, IlStepKind step, uint32_t object)
{
  for (uint32_t i = 0; i < kind->n_steps; i++)
    if (kind->steps[i].kind == step && kind->steps[i].object == object)
      return true;
  return false;
}

static bool
group_has_left (const IlPool *pool, const IlGroup *group)
{
  for (uint32_t i = 0; i < group->n_agents; i++)
    if (pool->workers[group->first_agent - IL_FIRST_WORKER + i].is_alive)
      return false;
  return true;
}

static uint64_t
get_n_submitted (const IlPool *pool, const IlKind *kind)
{
  if (kind->arrival == IL_ARRIVAL_LOOP && pool->arena->model != IL_MODEL_SERIAL)
    return atomic_load_explicit (&kind->next_ticket, memory_order_acquire);
  return atomic_load_explicit (&pool->submitter.agent->tallies[kind->index].submitted,
                               memory_order_acquire);
}

static uint64_t
get_n_settled (const IlPool *pool, const IlKind *kind, IlTaskResult result)
{
  uint64_t n = 0;

  for (uint32_t i = 0; i < pool->arena->n_agents; i++)
    n += atomic_load_explicit (&pool->arena->agents[i].tallies[kind->index].settled[result],
                               memory_order_acquire);
  return n;
}

/* Whether no task of the kind runs any more, nor will. */
static bool
is_finished (const IlPool *pool, const IlKind *kind)
{
  uint64_t n_submitted = get_n_submitted (pool, kind), n_settled = 0;

  if (group_has_left (pool, &pool->arena->groups[kind->group]))
    return true;
  if (kind->arrival == IL_ARRIVAL_LOOP ? n_submitted < kind->limit : has_submitter (pool))
    return false;
  for (int result = 0; result < IL_N_TASK_RESULTS; result++)
    n_settled += get_n_settled (pool, kind, (IlTaskResult)result);
  return n_settled == n_submitted;
}

/* Whether all kinds that have such a step are finished. */
static bool
all_finished (const IlPool *pool, IlStepKind step, uint32_t object)
{
  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    {
      const IlKind *kind = &pool->arena->kinds[i];

      if (has_step (kind, step, object) && !is_finished (pool, kind))
        return false;
    }
  return true;
}

/* While closing: everybody waits for an item, or for room, that nobody is left to bring. */
static bool
is_quiet (IlPool *pool)
{
  int64_t now_ns = il_clock_monotonic_ns ();
  bool is_quiet = !has_submitter (pool);

  for (uint32_t i = 0; i < pool->n_workers && is_quiet; i++)
    if (pool->workers[i].is_alive)
      is_quiet = atomic_load (&pool->arena->agents[pool->workers[i].agent].activity)
                 == IL_ACTIVITY_WAITING_ITEM;
  if (!is_quiet)
    pool->quiet_since_ns = 0;
  else if (pool->quiet_since_ns == 0)
    pool->quiet_since_ns = now_ns;
  return is_quiet && now_ns - pool->quiet_since_ns >= QUIET_NS;
}

/* Closes the scenario's queues that nobody will put into any more, so that those who wait for items
 * do not wait for ever; when closing also those that nobody will take from. */
static void
close_queues (IlPool *pool)
{
  IlArena *arena = pool->arena;
  bool is_closing = (atomic_load (&arena->run) & IL_RUN_CLOSING) != 0;
  bool quiet = is_closing && is_quiet (pool);

  for (uint32_t i = 0; i < arena->n_queues; i++)
    {
      IlQueue *queue = &arena->queues[i];

      if (!il_queue_is_closed (queue)
          && (quiet || all_finished (pool, IL_STEP_PUT, i)
              || (is_closing && all_finished (pool, IL_STEP_GET, i))))
        il_queue_try_close (queue, &pool->supervisor);
    }
}

/* Nobody is left who could do what is still submitted. */
static void
drop_rest (IlPool *pool)
{
  IlArena *arena = pool->arena;

  for (uint32_t i = 0; i < arena->n_agents; i++)
    il_pool_drop_hand (pool, &arena->agents[i], IL_TASK_CANCELLED);
  for (uint32_t i = 0; i < arena->n_groups; i++)
    while (arena->groups[i].queue != NULL
           && il_task_take_entry (arena->groups[i].queue, &pool->supervisor, IL_QUEUE_DO_NOT_WAIT)
                  == IL_WAIT_DONE)
      il_pool_drop_hand (pool, pool->supervisor.agent, IL_TASK_CANCELLED);
}

static void
press_to_leave (IlPool *pool)
{
  il_arena_wake_all (pool->arena);
  if (il_clock_monotonic_ns () - pool->terminated_ns >= KILL_AFTER_NS)
    il_pool_kill_all (pool);
}

static void
clear_notification (const IlPool *pool)
{
  uint64_t n;
  ssize_t n_read = read (pool->arena->notify_fd, &n, sizeof n);

  (void)n_read;
}

/**
 * il_pool_supervise:
 *
 * Looks after the workers.  To be called when the notify descriptor is readable, when a child
 * changed state, and every il_pool_get_tick_ms() anyway.
 *
 * Returns: %FALSE once all workers and the submitter have left, and all tasks are accounted for; or
 *     when a worker could not be replaced, with the reason, and then the run is terminated
 */
bool
il_pool_supervise (IlPool *pool, GError **error)
{
  g_autoptr (GError) own_error = NULL;

  clear_notification (pool);
  if (!il_pool_reap (pool, &own_error))
    {
      il_pool_terminate (pool);
      if (error != NULL && *error == NULL)
        *error = g_steal_pointer (&own_error);
    }
  if (pool->n_alive == 0 && !has_submitter (pool))
    {
      drop_rest (pool);
      return false;
    }
  if (il_pool_is_terminated (pool))
    press_to_leave (pool);
  else if (pool->arena->model != IL_MODEL_SERIAL)
    close_queues (pool);
  return true;
}

/**
 * il_pool_get_tick_ms:
 *
 * Returns: how long to wait at most before il_pool_supervise() is called again
 */
int
il_pool_get_tick_ms (const IlPool *pool)
{
  uint32_t run = atomic_load (&pool->arena->run);

  return (run & (IL_RUN_CANCELLED | IL_RUN_CLOSING)) != 0 ? TICK_MS : SLOW_TICK_MS;
}

/**
 * il_pool_join:
 *
 * Looks after the workers until all have left.
 *
 * Returns: %FALSE if one died that could not be replaced
 */
gboolean
il_pool_join (IlPool *pool, GError **error)
{
  g_autoptr (GError) own_error = NULL;

  while (il_pool_supervise (pool, &own_error))
    {
      struct pollfd notification = { .fd = pool->arena->notify_fd, .events = POLLIN };

      poll (&notification, 1, il_pool_get_tick_ms (pool));
    }
  if (own_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&own_error));
  return FALSE;
}

/**
 * il_pool_kill_worker:
 * @number: from 1
 *
 * Kills a worker as the kernel would: at any moment, without a chance to clean up.
 *
 * Returns: %FALSE if there is none to be killed
 */
gboolean
il_pool_kill_worker (IlPool *pool, guint64 number, GError **error)
{
  const IlPoolWorker *worker;

  if (number < 1 || number > pool->n_workers)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("There is no worker %" G_GUINT64_FORMAT ", only 1 to %u"), number,
                   pool->n_workers);
      return FALSE;
    }
  worker = &pool->workers[number - 1];
  if (pool->arena->model != IL_MODEL_PROCESSES)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_PERM,
                   _ ("Worker %" G_GUINT64_FORMAT
                      " is a thread, and a thread cannot be killed without its process"),
                   number);
      return FALSE;
    }
  if (!worker->is_alive || kill (worker->pid, SIGKILL) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                   _ ("Worker %" G_GUINT64_FORMAT " has left already"), number);
      return FALSE;
    }
  return TRUE;
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
 */
uint32_t
il_pool_get_n_workers (const IlPool *pool)
{
  return pool->n_workers;
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
  return pool->workers[number - 1].is_alive ? pool->workers[number - 1].pid : 0;
}

/**
 * il_pool_get_arena:
 */
IlArena *
il_pool_get_arena (const IlPool *pool)
{
  return pool->arena;
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

      counts->done += get_n_settled (pool, kind, IL_TASK_DONE);
      counts->failed += get_n_settled (pool, kind, IL_TASK_FAILED);
      counts->cancelled += get_n_settled (pool, kind, IL_TASK_CANCELLED);
      counts->lost += get_n_settled (pool, kind, IL_TASK_LOST);
      counts->submitted += get_n_submitted (pool, kind);
      for (uint32_t j = 0; j < pool->arena->n_agents; j++)
        counts->sum
            += atomic_load_explicit (&pool->arena->agents[j].tallies[i].sum, memory_order_relaxed);
    }
}
