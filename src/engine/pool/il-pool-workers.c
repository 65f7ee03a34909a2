/* il-pool-workers.c - starting workers, and what is to be done when one dies
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All of this is the supervisor's.  A process worker is dead for certain once it was waited for;
 * only then is anything that it had put in order, and only after that does another take its place.
 */

#include "config.h"

#include "il-pool-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-hand.h"
#include "il-lock.h"
#include "il-object.h"
#include "il-task-queue.h"
#include "il-worker.h"

#define STACK_SIZE (256 * 1024)

static void *
worker_thread (void *data)
{
  IlPoolWorker *worker = data;
  IlPool *pool = worker->pool;
  char name[16];

  g_strlcpy (name, pool->arena->agents[worker->agent].name, sizeof name);
  prctl (PR_SET_NAME, name, 0, 0, 0);
  il_worker_run (pool->arena, pool->trace, worker->agent, pool->payload);
  return NULL;
}

static int
start_thread (IlPoolWorker *worker)
{
  pthread_attr_t attributes;
  int result;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_SIZE);
  result = pthread_create (&worker->thread, &attributes, worker_thread, worker);
  pthread_attr_destroy (&attributes);
  return result;
}

/* In the child.  It was forked off a process with other threads, which may have held any lock, that
 * of the heap among them: from here on nothing but system calls, the arena and the trace. */
static _Noreturn void
run_child (IlPoolWorker *worker, pid_t parent)
{
  static const int reset[]
      = { SIGCHLD, SIGTERM, SIGHUP, SIGPIPE, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL };
  IlPool *pool = worker->pool;
  sigset_t none;
  const int *fds = (const int *)(void *)pool->child_closes->data;

  /* Dies with the runner, also if that died before this was said. */
  prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (getppid () != parent)
    _exit (1);
  for (size_t i = 0; i < G_N_ELEMENTS (reset); i++)
    signal (reset[i], SIG_DFL);
  /* Ctrl+C in a terminal is for the runner, which then stops all in good order. */
  signal (SIGINT, SIG_IGN);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  for (guint i = 0; i < pool->child_closes->len; i++)
    close (fds[i]);
  prctl (PR_SET_NAME, pool->arena->agents[worker->agent].name, 0, 0, 0);

  il_worker_run (pool->arena, pool->trace, worker->agent, pool->payload);
  _exit (0);
}

static int
start_process (IlPoolWorker *worker)
{
  pid_t parent = getpid ();
  pid_t pid = fork ();

  if (pid < 0)
    return errno;
  if (pid == 0)
    run_child (worker, parent);
  worker->pid = pid;
  return 0;
}

/**
 * il_pool_start_worker:
 *
 * Starts a worker, or another in its place.
 */
gboolean
il_pool_start_worker (IlPool *pool, IlPoolWorker *worker, GError **error)
{
  IlAgent *agent = &pool->arena->agents[worker->agent];
  bool is_process = pool->arena->model == IL_MODEL_PROCESSES;
  int result;

  atomic_store (&agent->activity, IL_ACTIVITY_BUSY);
  result = is_process ? start_process (worker) : start_thread (worker);
  if (result != 0)
    {
      atomic_store (&agent->activity, IL_ACTIVITY_NONE);
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (result),
                   is_process ? _ ("Cannot start process %u of %u: %s")
                              : _ ("Cannot start thread %u of %u: %s"),
                   agent->number, pool->n_workers, g_strerror (result));
      return FALSE;
    }
  worker->is_alive = true;
  pool->n_alive++;
  return TRUE;
}

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
  il_hand_settle (pool->arena, agent, result, 0);
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

/* The first task in hand is the one that it died of, or with. */
static void
account_for_task (IlPool *pool, IlAgent *dead)
{
  if (!il_hand_has_more (dead))
    return;
  if (il_pool_is_terminated (pool))
    il_pool_drop_hand (pool, dead, IL_TASK_CANCELLED);
  else if (!il_hand_is_run_again (pool->arena, dead))
    drop_task (pool, dead, IL_TASK_LOST);
  else
    dead->hand.attempt++;
}

static void
bury (IlPool *pool, IlAgent *dead, int signal_number)
{
  il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_WORKER_LOST, (uint32_t)signal_number,
                       atomic_load (&dead->lane_plus_1));
  il_hand_recover (pool->arena, dead);
  free_guards (pool->arena, dead);
  free_objects (pool, dead);
  account_for_task (pool, dead);
  atomic_store (&dead->lane_plus_1, 0);
  atomic_store (&dead->who, 0);
  atomic_store (&dead->sleeps_on, NULL);
  atomic_store (&dead->activity, IL_ACTIVITY_NONE);
  /* A wake-up may have been meant for the dead, or have died with it. */
  il_arena_wake_all (pool->arena);
}

static gboolean
end_process (IlPool *pool, IlPoolWorker *worker, int status, GError **error)
{
  IlAgent *agent = &pool->arena->agents[worker->agent];
  int signal_number = WIFSIGNALED (status) ? WTERMSIG (status) : 0;

  worker->is_alive = false;
  worker->pid = 0;
  pool->n_alive--;
  if (atomic_load (&agent->activity) == IL_ACTIVITY_LEFT)
    return TRUE;

  bury (pool, agent, signal_number);
  if (il_pool_is_terminated (pool))
    return TRUE;
  if (pool->lost_func != NULL)
    pool->lost_func (agent->number, signal_number, pool->lost_data);
  return il_pool_start_worker (pool, worker, error);
}

static void
join_if_left (IlPool *pool, IlPoolWorker *worker)
{
  if (atomic_load (&pool->arena->agents[worker->agent].activity) != IL_ACTIVITY_LEFT)
    return;
  pthread_join (worker->thread, NULL);
  worker->is_alive = false;
  pool->n_alive--;
}

/* One system call for all: with thousands of processes one for each would be a load by itself. */
static bool
has_dead_child (void)
{
  siginfo_t info = { 0 };

  return waitid (P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
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
  if (pool->arena->model == IL_MODEL_PROCESSES && pool->n_alive > 0 && !has_dead_child ())
    return TRUE;
  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      IlPoolWorker *worker = &pool->workers[i];
      int status;

      if (!worker->is_alive)
        continue;
      if (worker->pid == 0)
        join_if_left (pool, worker);
      else if (waitpid (worker->pid, &status, WNOHANG) == worker->pid
               && !end_process (pool, worker, status, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_pool_kill_all:
 *
 * Kills the processes that are still there.
 */
void
il_pool_kill_all (IlPool *pool)
{
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].is_alive && pool->workers[i].pid > 0)
      kill (pool->workers[i].pid, SIGKILL);
}
