/* il-pool-workers.c - what is to be done when a worker leaves or dies
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All of this is the supervisor's.  A process worker is dead for certain once it was waited for;
 * only then is anything that it had put in order, and only after that does another take its place.
 */

#include "config.h"

#include "il-pool-private.h"

#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-hand.h"
#include "il-lock.h"
#include "il-object.h"
#include "il-task-queue.h"

static void
free_guards (IlArena *arena, IlAgent *dead)
{
  for (uint32_t i = 0; i < arena->n_groups; i++)
    il_task_queue_release_for_dead (&arena->task_queues[i], dead);
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (il_guard_is_owned_by (&arena->kinds[i].guard, dead->index + 1))
      il_guard_unlock (&arena->kinds[i].guard);
}

static void
free_objects (IlPool *pool, IlAgent *dead)
{
  IlArena *arena = pool->arena;

  for (uint32_t i = 0; i < arena->n_objects; i++)
    if (arena->objects[i].class->release_for_dead != NULL)
      arena->objects[i].class->release_for_dead (&arena->objects[i], &pool->supervisor, dead);
}

static void
drop_task (IlPool *pool, IlAgent *agent, IlTaskResult result)
{
  uint32_t kind = il_agent_get_hand (agent)->entry.kind;
  uint32_t name = il_arena_get_task_number (pool->arena, kind, il_hand_get_number (agent));

  il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_TASK_DROP, result, name);
  il_hand_settle (&pool->supervisor, agent, result, 0);
}

/**
 * il_pool_drop_hand:
 * @agent: one that no longer runs
 *
 * Settles all that the agent still has in hand.
 */
void
il_pool_drop_hand (IlPool *pool, IlAgent *agent, IlTaskResult result)
{
  while (il_hand_has_more (agent))
    drop_task (pool, agent, result);
}

/* Whether the hand's task, of which its owner died, is not to be run again; says so where that is
 * since it was tried too often. */
static bool
is_given_up (IlPool *pool, const IlHand *hand)
{
  const IlKind *kind = &pool->arena->kinds[hand->entry.kind];

  if (!pool->arena->retries)
    return true;
  if (hand->n_begun < IL_HAND_MAX_ATTEMPTS)
    return false;
  pool->n_given_up[kind->index]++;
  il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_GIVEN_UP, kind->object, hand->n_begun);
  return true;
}

/* It may have been killed between the end of a task in the record and its settlement: then the task
 * is not lost, nor run again, but settled as was said. */
static bool
settle_as_told (IlPool *pool, IlAgent *dead, const IlEvent *last)
{
  const IlHand *hand = il_agent_get_hand (dead);
  uint32_t kind = hand->entry.kind;

  if (atomic_load (&hand->phase) != IL_HAND_HELD || IL_EVENT_KIND (last->what) != IL_EVENT_TASK_END
      || last->value != il_arena_get_task_number (pool->arena, kind, il_hand_get_number (dead)))
    return false;
  il_hand_settle (&pool->supervisor, dead, (IlTaskResult)IL_EVENT_OBJECT (last->what),
                  hand->settlement.value);
  return true;
}

/* The first task in hand is the one that it died of, or with; with it those that wait in hands
 * below for tasks that they spawned.  @last: what it said last */
static void
account_for_tasks (IlPool *pool, IlAgent *dead, const IlEvent *last)
{
  uint32_t top = atomic_load (&dead->nesting);
  bool is_told = settle_as_told (pool, dead, last);

  if (il_pool_is_terminated (pool))
    {
      il_pool_drop_hand (pool, dead, IL_TASK_CANCELLED);
      return;
    }
  for (uint32_t i = top + 1; i-- > 0;)
    {
      IlHand *hand = i == 0 ? &dead->hand : &dead->nested[i - 1];

      atomic_store (&dead->nesting, i);
      if (is_told && i == top)
        continue;
      if (atomic_load (&hand->phase) == IL_HAND_HELD && is_given_up (pool, hand))
        drop_task (pool, dead, IL_TASK_LOST);
    }
  atomic_store (&dead->nesting, top);
}

static void
bury (IlPool *pool, IlAgent *dead, int signal_number)
{
  IlEvent last = { 0 };

  il_trace_get_last_event (pool->trace, atomic_load (&dead->lane_plus_1), &last);
  il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_WORKER_LOST, (uint32_t)signal_number,
                       atomic_load (&dead->lane_plus_1));
  il_hand_recover (pool->arena, dead);
  free_guards (pool->arena, dead);
  free_objects (pool, dead);
  account_for_tasks (pool, dead, &last);
  atomic_store (&dead->lane_plus_1, 0);
  atomic_store (&dead->who, 0);
  atomic_store (&dead->sleeps_on, NULL);
  atomic_store (&dead->activity, IL_ACTIVITY_NONE);
  /* A wake-up may have been meant for the dead, or have died with it; and nobody was woken for the
   * children that were settled just now. */
  il_arena_ring_all (pool->arena);
}

/* And not to let a fresh one take its place. */
static bool
has_left (const IlAgent *agent)
{
  return atomic_load (&agent->activity) == IL_ACTIVITY_LEFT && atomic_load (&agent->retires) == 0;
}

/* Its workers that have not left are dead with it. */
static void
bury_workers (IlPool *pool, IlPoolProcess *process, int signal_number)
{
  bool is_told = !il_pool_is_terminated (pool) && pool->lost_func != NULL;

  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      IlPoolWorker *worker = &pool->workers[i];
      IlAgent *agent = &pool->arena->agents[worker->agent];

      if (worker->process != process || !worker->is_alive)
        continue;
      worker->is_alive = false;
      pool->n_alive--;
      worker->has_left = has_left (agent);
      if (atomic_load (&agent->activity) == IL_ACTIVITY_LEFT)
        continue;
      bury (pool, agent, signal_number);
      if (is_told)
        pool->lost_func (agent->number, signal_number, pool->lost_data);
    }
}

/* All are buried before the first is replaced. */
static gboolean
end_process (IlPool *pool, IlPoolProcess *process, int status, GError **error)
{
  int signal_number = WIFSIGNALED (status) ? WTERMSIG (status) : 0;

  process->pid = 0;
  pool->n_alive--;
  bury_workers (pool, process, process->is_put_down ? 0 : signal_number);
  if (il_pool_is_terminated (pool))
    return TRUE;
  if (WIFEXITED (status) && WEXITSTATUS (status) == IL_POOL_EXIT_NO_THREAD)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                   _ ("Process %u of %u cannot start its threads"),
                   (guint)(process - pool->processes) + 1,
                   MAX ((guint)(process - pool->processes) + 1, pool->n_first_processes));
      return FALSE;
    }
  return il_pool_start_process (pool, process, error);
}

/* A process is waited for once all that were in it have left.  Returns whether it has just left. */
static bool
join_if_left (IlPool *pool, IlPoolWorker *worker)
{
  if (!worker->is_alive
      || atomic_load (&pool->arena->agents[worker->agent].activity) != IL_ACTIVITY_LEFT)
    return false;
  if (pool->n_processes > 0)
    worker->process->n_alive--;
  else if (pool->carriers == NULL)
    pthread_join (worker->thread, NULL);
  worker->is_alive = false;
  worker->has_left = has_left (&pool->arena->agents[worker->agent]);
  pool->n_alive--;
  return true;
}

/* One system call for all: with thousands of processes one for each would be a load by itself. */
static bool
has_dead_child (void)
{
  siginfo_t info = { 0 };

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

static gboolean
reap_processes (IlPool *pool, GError **error)
{
  if (pool->n_processes == 0 || pool->n_alive == 0 || !has_dead_child ())
    return TRUE;
  for (uint32_t i = 0; i < pool->n_processes; i++)
    {
      IlPoolProcess *process = &pool->processes[i];
      int status;

      if (process->pid != 0 && waitpid (process->pid, &status, WNOHANG) == process->pid
          && !end_process (pool, process, status, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_pool_reap:
 *
 * Takes leave of workers that are done, and replaces those that died.
 *
 * Returns: %FALSE if one could not be replaced
 */
gboolean
il_pool_reap (IlPool *pool, GError **error)
{
  bool may_come_back = false;

  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (join_if_left (pool, &pool->workers[i]))
      may_come_back = may_come_back || !pool->workers[i].has_left;
  if (!reap_processes (pool, error))
    return FALSE;
  return !may_come_back || il_pool_is_terminated (pool) || il_pool_start_workers (pool, error);
}

/**
 * il_pool_has_leaving_process:
 *
 * Returns: whether there is a process that is about to end, or has ended, and was not yet waited
 *     for
 */
bool
il_pool_has_leaving_process (const IlPool *pool)
{
  for (uint32_t i = 0; i < pool->n_processes; i++)
    if (pool->processes[i].pid != 0 && pool->processes[i].n_alive == 0)
      return true;
  return false;
}

/* Whether one of its threads but the caller runs, or would if it had a core or its page.  What
 * cannot be read does not. */
static bool
is_runnable (pid_t pid)
{
  pid_t self = (pid_t)syscall (SYS_gettid);
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", (int)pid);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *thread;

  while (dir != NULL && (thread = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *stat_path = g_build_filename (path, thread, "stat", NULL);
      g_autofree char *stat = NULL;
      const char *name_end;

      if (atoi (thread) == self || !g_file_get_contents (stat_path, &stat, NULL, NULL))
        continue;
      name_end = strrchr (stat, ')');
      if (name_end != NULL && name_end[1] == ' ' && (name_end[2] == 'R' || name_end[2] == 'D'))
        return true;
    }
  return false;
}

/**
 * il_pool_is_anyone_runnable:
 *
 * Asks the kernel, since who was woken and has got no core yet still says of itself that it waits.
 *
 * Returns: whether some thread that the pool is run by runs, or only lacks a core
 */
bool
il_pool_is_anyone_runnable (const IlPool *pool)
{
  for (uint32_t i = 0; i < pool->n_processes; i++)
    if (pool->processes[i].pid > 0 && is_runnable (pool->processes[i].pid))
      return true;
  return is_runnable (getpid ());
}

/**
 * il_pool_kill_stragglers:
 * @also_runnable: also those that only lack a core, as far as can be told
 *
 * Kills the processes that are still there, and that do not obey.
 */
void
il_pool_kill_stragglers (IlPool *pool, bool also_runnable)
{
  for (uint32_t i = 0; i < pool->n_processes; i++)
    {
      IlPoolProcess *process = &pool->processes[i];

      if (process->pid <= 0 || (!also_runnable && is_runnable (process->pid)))
        continue;
      process->is_put_down = true;
      kill (process->pid, SIGKILL);
    }
}
