/* il-pool-private.h - what the files of the pool share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-pool.h"

#include <pthread.h>
#include <sys/types.h>

#include "il-carrier.h"
#include "il-placement.h"

/* How a forked process says that it could not start all its threads. */
#define IL_POOL_EXIT_NO_THREAD 3

/* A process with workers in it. */
typedef struct
{
  pid_t pid;        /* 0: it is not there */
  uint32_t n_alive; /* workers in it that have not left */
  bool is_put_down; /* it did not leave when it was told to, and was killed */
} IlPoolProcess;

/* A worker as its pool sees it: the thread or process that acts as an agent now. */
typedef struct
{
  IlPool *pool;
  uint32_t agent; /* index */
  bool is_alive;  /* started, and not yet joined or buried */
  bool has_left;  /* on its own account: is not to be replaced */
  pthread_t thread;
  IlPoolProcess *process; /* NULL: this one */
} IlPoolWorker;

/* Tasks to be handed in. */
typedef struct
{
  IlKind *kind;
  uint32_t n_tasks;
  uint32_t chunk;
  IlPoolHandle handle; /* slot 0: results go nowhere */
  uint32_t n_submitted;
  bool has_argument; /* of each task the same, and no results */
  uint64_t argument;
} IlPoolOrder;

/* A task whose result is to be told. */
typedef struct
{
  IlPoolHandle handle;
  IlPoolCallback callback;
  void *data;
} IlPoolPending;

/* That all workers wait for each other, as it was looked at again and again. */
typedef struct
{
  int64_t since_ns; /* 0: they do not */
  int64_t look_ns;  /* the last */
  uint32_t n_waits; /* that all had begun by then */
  bool is_lasting;  /* nobody will go on */
} IlStandstill;

struct _IlPool
{
  const IlScenario *scenario;
  IlArena *arena;
  IlTrace *trace;
  uint8_t *payload; /* shared by threads; each process has its own copy after the fork */

  IlActor supervisor;
  pthread_t supervising_thread; /* that made it */
  GError *failure;              /* to be told by the next il_pool_supervise(); or NULL */
  IlPoolWorker *workers;        /* in the order of their numbers; some may never be there */
  uint32_t n_workers;
  uint32_t n_alive; /* workers, and processes, that are there */
  IlPoolProcess *processes;
  uint32_t n_processes;       /* that there is room for */
  uint32_t n_first_processes; /* at the start */
  IlCarriers *carriers;       /* of coroutines; or NULL */
  bool are_carriers_started;
  uint32_t *titles;        /* of each group: object that names it; of coroutines */
  IlPlacement *placements; /* of each group */
  IlPlacement common_placement;
  bool is_started;
  uint32_t last_stepped; /* agent that made the last single step */
  int64_t terminated_ns; /* when; 0: not yet */
  IlStandstill quiet;    /* all wait for each other's items */
  IlStandstill stuck;    /* nobody can go on at all */
  uint32_t n_stuck;      /* workers that waited for each other, and were ended */
  uint32_t n_given_up[IL_SCENARIO_MAX_TASK_KINDS]; /* tasks that were tried too often, by kind */
  GArray *child_closes; /* of int: descriptors that are none of the workers' business */
  IlPoolLostFunc lost_func;
  void *lost_data;
  uint32_t n_open_objects; /* the first of the arena's */
  IlPoolTroubleFunc trouble_func;
  void *trouble_data;

  IlActor submitter;
  uint64_t *next_numbers; /* of the next task of each kind */
  uint8_t *result_in_use; /* of each result: whether a handle refers to it */
  uint32_t next_result;   /* where to look for free ones */
  uint32_t next_ticket;
  bool helps;          /* the submitter runs tasks while it waits for results */
  bool is_closed;      /* by the submitter: it hands in nothing more */
  bool is_initialised; /* the submitter, where it runs tasks */

  IlScenario *own_scenario; /* of a pool for functions */
  GArray *pending;          /* of IlPoolPending; NULL: there never were any */
};

IlWaitResult il_pool_execute (IlPool *pool, IlPoolOrder *order, int64_t deadline_ns);
bool il_pool_reserve_results (IlPool *pool, uint32_t n_tasks, IlPoolHandle *handle);
bool il_pool_has_result (const IlPool *pool, const IlPoolHandle *handle);
void il_pool_release_results (IlPool *pool, IlPoolHandle *handle);
IlWaitResult il_pool_wait_for_results (IlPool *pool, IlPoolHandle *handle, IlPoolResult *results);
IlWaitResult il_pool_wait_for_result (IlPool *pool, const IlPoolHandle *handle, uint32_t task,
                                      IlPoolResult *result);
/* By the index of its agent. */
static inline IlPoolWorker *
il_pool_get_worker (const IlPool *pool, uint32_t agent)
{
  return &pool->workers[pool->arena->agents[agent].number - 1];
}

uint64_t il_pool_get_n_submitted (const IlPool *pool, const IlKind *kind);
uint64_t il_pool_get_n_settled (const IlPool *pool, const IlKind *kind, IlTaskResult result);
gboolean il_pool_open_objects (IlPool *pool, GError **error);
void il_pool_end_rings (const IlPool *pool);
bool il_pool_is_served (const IlPool *pool, const IlArenaObject *object);
void il_pool_close_objects (IlPool *pool);
void il_pool_tell_troubles (IlPool *pool);
gboolean il_pool_set_up_model (IlPool *pool, GError **error);
void il_pool_end_model (IlPool *pool);
void il_pool_tear_down_model (IlPool *pool);
gboolean il_pool_start_workers (IlPool *pool, GError **error);
gboolean il_pool_start_process (IlPool *pool, IlPoolProcess *process, GError **error);
bool il_pool_has_leaving_process (const IlPool *pool);
gboolean il_pool_reap (IlPool *pool, GError **error);
bool il_pool_is_anyone_runnable (const IlPool *pool);
void il_pool_kill_stragglers (IlPool *pool, bool also_runnable);
void il_pool_drop_hand (IlPool *pool, IlAgent *agent, IlTaskResult result);
