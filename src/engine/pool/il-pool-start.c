/* il-pool-start.c - what a worker is under each model, and starting it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   threads, gil   a thread of this process
 *   processes      a process with one thread
 *   hybrid         a thread of a process that has several
 *   coroutines     a coroutine on one of the carriers, which are threads of this process
 *
 * All of this is the supervisor's, but what runs in threads and processes that it starts.
 */

#include "config.h"

#include "il-pool-private.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "il-far-fence.h"
#include "il-worker.h"

#define STACK_SIZE (256 * 1024)

static IlPlacement *
get_placement (const IlPoolWorker *worker)
{
  return &worker->pool->placements[worker->pool->arena->agents[worker->agent].group];
}

#define THREAD_NAME_SIZE 16 /* to the kernel */

/* Has the kernel call the calling thread as a worker. */
static void
take_name (const IlPoolWorker *worker)
{
  char name[THREAD_NAME_SIZE];

  g_strlcpy (name, worker->pool->arena->agents[worker->agent].name, sizeof name);
  prctl (PR_SET_NAME, name, 0, 0, 0);
}

static void
run_worker (const IlPoolWorker *worker, uint8_t *payload)
{
  IlPool *pool = worker->pool;

  take_name (worker);
  il_placement_apply (get_placement (worker));
  il_worker_run (pool->arena, pool->trace, worker->agent, payload, NULL);
}

static void *
worker_thread (void *data)
{
  IlPoolWorker *worker = data;

  run_worker (worker, worker->pool->payload);
  return NULL;
}

/* A thread bears its maker's name at first: so that the kernel knows who it is from its birth on,
 * also if it dies before it comes to say so, its maker bears that of the worker meanwhile. */
static int
create_thread (IlPoolWorker *worker, void *(*func) (void *))
{
  pthread_attr_t attributes;
  char own_name[THREAD_NAME_SIZE] = "";
  int result;

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_SIZE);
  prctl (PR_GET_NAME, own_name, 0, 0, 0);
  take_name (worker);
  result = pthread_create (&worker->thread, &attributes, func, worker);
  prctl (PR_SET_NAME, own_name, 0, 0, 0);
  pthread_attr_destroy (&attributes);
  return result;
}

/* One of several in a forked process.  Each has its own bytes to copy. */
static void *
inner_thread (void *data)
{
  IlPoolWorker *worker = data;
  size_t size = MAX (worker->pool->arena->max_payload, 1);
  uint8_t *payload = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (payload == MAP_FAILED)
    _exit (IL_POOL_EXIT_NO_THREAD);
  run_worker (worker, payload);
  munmap (payload, size);
  return NULL;
}

/* Of those that are to be there: its main thread, so that it has as many threads as workers. */
static IlPoolWorker *
get_first (IlPool *pool, const IlPoolProcess *process)
{
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].process == process && pool->workers[i].is_alive)
      return &pool->workers[i];
  return NULL;
}

/* In the child.  Of the C library only what it makes safe after a fork itself: creating threads. */
static void
run_workers (IlPool *pool, const IlPoolProcess *process)
{
  IlPoolWorker *first = get_first (pool, process);

  if (first == NULL)
    return;
  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      IlPoolWorker *worker = &pool->workers[i];

      if (worker->process == process && worker->is_alive && worker != first
          && create_thread (worker, inner_thread) != 0)
        _exit (IL_POOL_EXIT_NO_THREAD);
    }
  run_worker (first, pool->payload);
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].process == process && pool->workers[i].is_alive
        && &pool->workers[i] != first)
      pthread_join (pool->workers[i].thread, NULL);
}

/* In the child.  It was forked off a process with other threads, which may have held any lock: from
 * here on nothing but system calls, the arena and the trace, but for what run_workers() says. */
static _Noreturn void
run_child (IlPool *pool, const IlPoolProcess *process, pid_t parent)
{
  static const int reset[]
      = { SIGCHLD, SIGTERM, SIGHUP, SIGPIPE, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL };
  const GArray *closes = pool->child_closes;
  const int *fds = (const int *)(void *)closes->data;
  sigset_t none;

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
  for (guint i = 0; i < closes->len; i++)
    close (fds[i]);

  run_workers (pool, process);
  _exit (0);
}

/* Likewise, see create_thread().  Returns in the caller alone, with errno as fork() left it.  A
 * signal that comes to the child early waits until it has none of the caller's handlers. */
static pid_t
fork_named (IlPool *pool, const IlPoolProcess *process)
{
  pid_t parent = getpid (), pid;
  char own_name[THREAD_NAME_SIZE] = "";
  sigset_t all, own_mask;
  int error_number;

  prctl (PR_GET_NAME, own_name, 0, 0, 0);
  take_name (get_first (pool, process));
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &own_mask);
  pid = fork ();
  if (pid == 0)
    run_child (pool, process, parent);
  error_number = errno;
  pthread_sigmask (SIG_SETMASK, &own_mask, NULL);
  prctl (PR_SET_NAME, own_name, 0, 0, 0);
  errno = error_number;
  return pid;
}

/* Whether a worker is to be there that is not. */
static bool
is_missing (const IlPoolWorker *worker)
{
  const IlAgent *agent = &worker->pool->arena->agents[worker->agent];
  const IlGroup *group = &worker->pool->arena->groups[agent->group];

  return !worker->is_alive && !worker->has_left
         && agent->index - group->first_agent < atomic_load (&group->n_wanted);
}

static void
come_to_life (IlPoolWorker *worker)
{
  atomic_store (&worker->pool->arena->agents[worker->agent].retires, 0);
  atomic_store (&worker->pool->arena->agents[worker->agent].activity, IL_ACTIVITY_BUSY);
  worker->is_alive = true;
  worker->pool->n_alive++;
}

static void
be_still_born (IlPoolWorker *worker)
{
  atomic_store (&worker->pool->arena->agents[worker->agent].activity, IL_ACTIVITY_NONE);
  worker->is_alive = false;
  worker->pool->n_alive--;
}

static void
worker_coroutine (IlCoroutine *self, void *data)
{
  IlPoolWorker *worker = data;

  il_worker_run (worker->pool->arena, worker->pool->trace, worker->agent, worker->pool->payload,
                 self);
}

static gboolean
start_coroutine (IlPoolWorker *worker, GError **error)
{
  IlPool *pool = worker->pool;
  const IlAgent *agent = &pool->arena->agents[worker->agent];
  uint32_t title = pool->titles[agent->group];

  come_to_life (worker);
  /* Before anybody can run it.  Its carrier may be with others for long, and says nothing then. */
  il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_COROUTINE, title, agent->number);
  if (il_carriers_spawn (pool->carriers, agent->number, title, worker_coroutine, worker))
    return TRUE;
  be_still_born (worker);
  il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_COROUTINE, title,
                       agent->number | IL_EVENT_COROUTINE_ENDED);
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
               _ ("Cannot start coroutine %u of %u: no memory for its stack"), agent->number,
               il_pool_get_n_workers (pool));
  return FALSE;
}

static gboolean
start_thread (IlPoolWorker *worker, GError **error)
{
  int result;

  come_to_life (worker);
  result = create_thread (worker, worker_thread);
  if (result == 0)
    return TRUE;
  be_still_born (worker);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (result),
               _ ("Cannot start thread %u of %u: %s"),
               worker->pool->arena->agents[worker->agent].number,
               il_pool_get_n_workers (worker->pool), g_strerror (result));
  return FALSE;
}

/**
 * il_pool_start_process:
 * @process: one that is not there
 *
 * Starts a process with all its workers that are to be there.
 */
gboolean
il_pool_start_process (IlPool *pool, IlPoolProcess *process, GError **error)
{
  pid_t pid;
  int error_number;

  process->n_alive = 0;
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].process == process && is_missing (&pool->workers[i]))
      {
        come_to_life (&pool->workers[i]);
        process->n_alive++;
      }
  if (process->n_alive == 0)
    return TRUE;
  pid = fork_named (pool, process);
  error_number = errno;
  if (pid > 0)
    {
      process->pid = pid;
      pool->n_alive++;
      return TRUE;
    }
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].process == process && pool->workers[i].is_alive)
      be_still_born (&pool->workers[i]);
  process->n_alive = 0;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (error_number),
               _ ("Cannot start process %u of %u: %s"), (guint)(process - pool->processes) + 1,
               MAX ((guint)(process - pool->processes) + 1, pool->n_first_processes),
               g_strerror (error_number));
  return FALSE;
}

static gboolean
start_carriers (IlPool *pool, GError **error)
{
  int result;

  if (pool->carriers == NULL || pool->are_carriers_started)
    return TRUE;
  pool->are_carriers_started = TRUE;
  result = il_carriers_start (pool->carriers, pool->trace,
                              atomic_load (&pool->supervisor.agent->lane_plus_1));
  if (result == 0)
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (result),
               _ ("Cannot start the threads that carry coroutines: %s"), g_strerror (result));
  return FALSE;
}

/* Whether some worker is there, or is to be. */
static bool
is_in_use (const IlPool *pool, const IlPoolProcess *process)
{
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].process == process
        && (pool->workers[i].is_alive || is_missing (&pool->workers[i])))
      return true;
  return false;
}

/* A thread cannot be brought into a process that runs: those that are to come back get another
 * together. */
static void
move_missing (IlPool *pool)
{
  IlPoolProcess *free_process = NULL;

  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      IlPoolWorker *worker = &pool->workers[i];

      if (!is_missing (worker) || worker->process->pid == 0)
        continue;
      for (uint32_t j = 0; j < pool->n_processes && free_process == NULL; j++)
        if (pool->processes[j].pid == 0 && !is_in_use (pool, &pool->processes[j]))
          free_process = &pool->processes[j];
      if (free_process != NULL)
        worker->process = free_process;
    }
}

/**
 * il_pool_start_workers:
 *
 * Starts all workers that are to be there and are not.
 */
gboolean
il_pool_start_workers (IlPool *pool, GError **error)
{
  if (!start_carriers (pool, error))
    return FALSE;
  if (pool->arena->model == IL_MODEL_HYBRID)
    move_missing (pool);
  for (uint32_t i = 0; i < pool->n_processes; i++)
    if (pool->processes[i].pid == 0 && !il_pool_start_process (pool, &pool->processes[i], error))
      return FALSE;
  if (pool->n_processes > 0)
    return TRUE;
  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      IlPoolWorker *worker = &pool->workers[i];

      if (is_missing (worker)
          && !(pool->carriers != NULL ? start_coroutine (worker, error)
                                      : start_thread (worker, error)))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_pool_set_n_workers:
 * @n_workers: of the common pool
 *
 * While it runs: starts more workers, or has those with the highest numbers leave when they are
 * done with their task.
 *
 * Returns: %FALSE if there cannot be so many, or they could not be started
 */
gboolean
il_pool_set_n_workers (IlPool *pool, guint64 n_workers, GError **error)
{
  IlArena *arena = pool->arena;
  IlGroup *group = arena->n_groups > 0 ? &arena->groups[0] : NULL;

  if (group == NULL || group->n_agents == 0 || group->kind_name != NULL)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                           _ ("There is no common pool whose number of workers could be changed"));
      return FALSE;
    }
  if (n_workers < 1 || n_workers > group->n_agents)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("Workers: found %llu, expected 1 to %u while it runs"),
                   (unsigned long long)n_workers, group->n_agents);
      return FALSE;
    }
  if (group->queue != NULL)
    atomic_store (&group->queue->n_boxes,
                  MAX (atomic_load (&group->queue->n_boxes), (uint32_t)n_workers));
  atomic_store (&group->n_wanted, (uint32_t)n_workers);
  /* Who waits for a task looks whether it is still wanted. */
  for (uint32_t i = (uint32_t)n_workers; i < group->n_agents; i++)
    {
      IlAgent *agent = &arena->agents[group->first_agent + i];

      atomic_fetch_add (&agent->doorbell, 1);
      il_arena_wake (arena, &agent->doorbell, 1);
    }
  return il_pool_start_workers (pool, error);
}

/* Neighbours of a group share a process, and each process has some of each group.  Those that may
 * be wanted later will share processes of their own, as many in each. */
static void
set_up_hybrid (IlPool *pool)
{
  IlArena *arena = pool->arena;
  uint32_t n_processes = (uint32_t)CLAMP (
      il_quantity_get (&pool->scenario->processes, pool->scenario), 1, pool->n_workers);

  pool->n_first_processes = n_processes;
  pool->n_processes = pool->n_workers + n_processes;
  pool->processes = g_new0 (IlPoolProcess, pool->n_processes);
  for (uint32_t i = 0; i < pool->n_workers; i++)
    {
      const IlAgent *agent = &arena->agents[pool->workers[i].agent];
      const IlGroup *group = &arena->groups[agent->group];
      uint64_t place = agent->index - group->first_agent, n_wanted = atomic_load (&group->n_wanted);
      uint64_t n_each = (n_wanted + n_processes - 1) / n_processes;

      pool->workers[i].process
          = &pool->processes[place < n_wanted ? place * n_processes / n_wanted
                                              : n_processes + (place - n_wanted) / n_each];
    }
}

static void
set_up_processes (IlPool *pool)
{
  pool->n_first_processes = il_pool_get_n_workers (pool);
  pool->n_processes = pool->n_workers;
  pool->processes = g_new0 (IlPoolProcess, pool->n_workers);
  for (uint32_t i = 0; i < pool->n_workers; i++)
    pool->workers[i].process = &pool->processes[i];
}

static void
place_carrier (void *data)
{
  IlPool *pool = data;

  il_placement_apply (&pool->common_placement);
}

static gboolean
set_up_coroutines (IlPool *pool, GError **error)
{
  IlArena *arena = pool->arena;
  double n_carriers = il_quantity_get (&pool->scenario->carriers, pool->scenario);

  pool->carriers = il_carriers_new (
      arena, (uint32_t)CLAMP (n_carriers, 1, IL_SCENARIO_MAX_CARRIERS), MAX (pool->n_workers, 1));
  if (pool->carriers == NULL)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("Cannot get memory for %u coroutines"), pool->n_workers);
      return FALSE;
    }
  il_carriers_set_begin_func (pool->carriers, place_carrier, pool);
  arena->carriers = pool->carriers;
  for (uint32_t i = 0; i < arena->n_groups; i++)
    {
      const IlGroup *group = &arena->groups[i];
      uint32_t n_before = group->title != NULL ? arena->agents[group->first_agent].number - 1 : 0;

      pool->titles[i]
          = il_trace_object_add (pool->trace, IL_OBJECT_TITLE,
                                 group->title != NULL ? group->title : _ ("Worker"), n_before);
    }
  return TRUE;
}

static gboolean
set_up_placements (IlPool *pool, GError **error)
{
  const IlScenario *scenario = pool->scenario;

  if (!il_placement_init (&pool->common_placement, scenario->cores, scenario->nice, error))
    return FALSE;
  for (uint32_t i = 0; i < pool->arena->n_groups; i++)
    pool->placements[i] = pool->common_placement;
  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    {
      const IlTaskKind *task = &scenario->tasks[i];
      uint32_t group = pool->arena->kinds[i].group;

      if (pool->arena->groups[group].kind_name != NULL
          && !il_placement_init (&pool->placements[group],
                                 task->cores != NULL ? task->cores : scenario->cores, task->nice,
                                 error))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_pool_set_up_model:
 *
 * Makes what the model of the run needs, before any worker is started.
 */
gboolean
il_pool_set_up_model (IlPool *pool, GError **error)
{
  IlArena *arena = pool->arena;

  pool->placements = g_new0 (IlPlacement, MAX (arena->n_groups, 1));
  pool->titles = g_new0 (uint32_t, MAX (arena->n_groups, 1));
  if (!set_up_placements (pool, error))
    return FALSE;
  switch (arena->model)
    {
    case IL_MODEL_PROCESSES:
      set_up_processes (pool);
      break;
    case IL_MODEL_HYBRID:
      set_up_hybrid (pool);
      break;
    case IL_MODEL_GIL:
      arena->gil.object
          = il_trace_object_add (pool->trace, IL_OBJECT_LOCK, "GIL", IL_LOCK_INTERPRETER);
      /* Whoever has what we poll for may need the very lock that we hold. */
      arena->n_spins = 0;
      break;
    case IL_MODEL_COROUTINES:
      /* Whoever has it may wait for us to give way. */
      arena->n_spins = 0;
      return set_up_coroutines (pool, error);
    case IL_MODEL_SERIAL:
    case IL_MODEL_THREADS:
    case IL_N_MODELS:
      break;
    }
  /* This is the submitter's process.  Workers that do not poll sleep too often for it. */
  arena->has_far_fence = arena->n_spins > 0 && il_far_fence_register ();
  return TRUE;
}

/**
 * il_pool_end_model:
 *
 * Ends what no worker is, once all have left.
 */
void
il_pool_end_model (IlPool *pool)
{
  if (pool->carriers != NULL)
    il_carriers_stop (pool->carriers);
}

/**
 * il_pool_tear_down_model:
 *
 * Frees what il_pool_set_up_model() made.
 */
void
il_pool_tear_down_model (IlPool *pool)
{
  il_pool_end_model (pool);
  pool->arena->carriers = NULL;
  il_carriers_free (pool->carriers);
  g_free (pool->processes);
  g_free (pool->placements);
  g_free (pool->titles);
}

/**
 * il_pool_place_submitter:
 *
 * Where there are no workers the submitter runs where they would.  To be called by its thread.
 */
void
il_pool_place_submitter (const IlPool *pool)
{
  if (pool->arena->model == IL_MODEL_SERIAL)
    il_placement_apply (&pool->common_placement);
}
