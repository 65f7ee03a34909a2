/* il-pool-control.c - what the user does to workers while they run: killing, stepping
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Killing   A process can be killed, a thread cannot without its process.  So `kill` and `crash`
 *           hit the process of the worker that is named: under the model processes that worker
 *           alone, under hybrid all that share the process with it; under the others they are
 *           refused.
 * Stepping  While all are paused, one may pass its next scheduling point and stops at the one after
 *           it, or where it has to wait.  That is between two steps of a task, and every 100 µs of
 *           a long `cpu`.  Who waits for something that the step sets free goes on to its own next
 *           scheduling point, which may be a moment after the one who made the step has stopped.
 */

#include "config.h"

#include "il-pool-private.h"

#include <glib/gi18n-lib.h>
#include <signal.h>

static const IlPoolWorker *
find_worker (const IlPool *pool, guint64 number, GError **error)
{
  uint32_t n_workers = il_pool_get_n_workers (pool);

  if (pool->n_workers == 0)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                           _ ("There are no workers, the submitter runs all tasks"));
      return NULL;
    }
  if (number >= 1 && number <= pool->n_workers
      && (number <= n_workers || pool->workers[number - 1].is_alive))
    return &pool->workers[number - 1];
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, _ ("There is no worker %llu, only 1 to %u"),
               (unsigned long long)number, n_workers);
  return NULL;
}

static gboolean
send_signal (IlPool *pool, guint64 number, int signal_number, uint32_t *n_hit, GError **error)
{
  const IlPoolWorker *worker = find_worker (pool, number, error);

  if (worker == NULL)
    return FALSE;
  if (worker->process == NULL)
    {
      g_set_error (
          error, G_FILE_ERROR, G_FILE_ERROR_PERM,
          pool->carriers != NULL
              ? _ ("Worker %llu is a coroutine, and cannot be killed without its whole process")
              : _ ("Worker %llu is a thread, and a thread cannot be killed without its process"),
          (unsigned long long)number);
      return FALSE;
    }
  if (!worker->is_alive || kill (worker->process->pid, signal_number) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, _ ("Worker %llu has left already"),
                   (unsigned long long)number);
      return FALSE;
    }
  *n_hit = 0;
  for (uint32_t i = 0; i < pool->n_workers; i++)
    *n_hit += pool->workers[i].process == worker->process && pool->workers[i].is_alive;
  return TRUE;
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
  uint32_t n_hit;

  return send_signal (pool, number, SIGKILL, &n_hit, error);
}

/**
 * il_pool_hit_worker:
 * @signal_number: SIGKILL, or SIGSEGV for what a wrong pointer would do
 * @n_hit: (out): how many workers were in the process that was hit
 *
 * The same with any signal.
 */
gboolean
il_pool_hit_worker (IlPool *pool, guint64 number, int signal_number, uint32_t *n_hit,
                    GError **error)
{
  return send_signal (pool, number, signal_number, n_hit, error);
}

static bool
is_stopped (const IlPool *pool, uint32_t agent)
{
  return atomic_load (&pool->arena->agents[agent].activity) == IL_ACTIVITY_STOPPED;
}

/* The next who stands still, after the one who made the last step. */
static uint32_t
find_next_stopped (const IlPool *pool)
{
  uint32_t n_agents = pool->arena->n_agents;

  for (uint32_t i = 1; i <= n_agents; i++)
    {
      uint32_t agent = (pool->last_stepped + i) % n_agents;

      if (agent != IL_AGENT_SUPERVISOR && is_stopped (pool, agent))
        return agent;
    }
  return IL_AGENT_SUPERVISOR;
}

/* Whom a number means: the submitter is 0. */
static bool
find_to_step (IlPool *pool, guint64 number, uint32_t *agent, GError **error)
{
  const IlPoolWorker *worker;

  if (number == 0)
    *agent = IL_AGENT_SUBMITTER;
  else
    {
      worker = find_worker (pool, number, error);
      if (worker == NULL)
        return false;
      *agent = worker->agent;
    }
  if (is_stopped (pool, *agent))
    return true;
  if (number == 0)
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                         _ ("The submitter waits or has left, it cannot make a step"));
  else
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                 _ ("Worker %llu waits or has left, it cannot make a step"),
                 (unsigned long long)number);
  return false;
}

/**
 * il_pool_begin_step:
 * @number: of a worker from 1, 0: the submitter, %IL_POOL_ANYBODY: whose turn it is
 * @stepped: (out): the number of who makes the step
 *
 * While the pool is paused and stopped: lets one go on to its next scheduling point.
 *
 * Returns: %FALSE if that one, or everybody, waits or has left
 */
gboolean
il_pool_begin_step (IlPool *pool, guint64 number, uint32_t *stepped, GError **error)
{
  IlArena *arena = pool->arena;
  uint32_t agent;

  if (number != IL_POOL_ANYBODY)
    {
      if (!find_to_step (pool, number, &agent, error))
        return FALSE;
    }
  else if ((agent = find_next_stopped (pool)) == IL_AGENT_SUPERVISOR)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                           _ ("All wait or have left, nobody can make a step"));
      return FALSE;
    }
  pool->last_stepped = agent;
  *stepped = arena->agents[agent].number;
  atomic_store (&arena->step, agent + 1);
  il_arena_wake (arena, &arena->run, INT_MAX);
  return TRUE;
}

/**
 * il_pool_is_step_done:
 *
 * To be asked again and again after il_pool_begin_step().
 *
 * Returns: whether the one who was to make a step has made it, or is no more, and all have stopped
 */
bool
il_pool_is_step_done (IlPool *pool)
{
  IlArena *arena = pool->arena;
  uint32_t id = atomic_load (&arena->step);
  uint32_t activity;

  if (id != 0)
    {
      activity = atomic_load (&arena->agents[id - 1].activity);
      if (activity != IL_ACTIVITY_NONE && activity != IL_ACTIVITY_LEFT)
        {
          /* It may have been between its look and its sleep. */
          il_arena_wake (arena, &arena->run, INT_MAX);
          return false;
        }
      atomic_store (&arena->step, 0);
    }
  return il_pool_is_stopped (pool);
}
