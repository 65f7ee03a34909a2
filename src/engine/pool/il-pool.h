/* il-pool.h - a pool of workers for the tasks of a scenario
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two threads use a pool, which may be one.  The *supervisor* makes it, starts its workers and
 * looks after them; it never waits for them.  The *submitter* hands tasks in, between
 * il_pool_begin_submitting() and il_pool_end_submitting().
 */

#pragma once

#include "il-actor.h"
#include "il-scenario.h"

typedef struct _IlPool IlPool;

typedef struct
{
  uint64_t submitted, done, failed, cancelled, lost;
  uint64_t sum; /* of the results of done tasks, modulo 2^64: the same for the same seed */
} IlPoolCounts;

/* What comes back from a task. */
typedef struct
{
  IlTaskResult result;
  uint64_t value; /* of a task that is done: what it computed */
} IlPoolResult;

/* A promise of results. */
typedef struct
{
  uint32_t slot; /* + 1; 0: none */
  uint32_t n_tasks;
  uint32_t ticket;
} IlPoolHandle;

typedef void (*IlPoolLostFunc) (uint32_t number, int signal_number, void *data);
typedef void (*IlPoolTroubleFunc) (const char *message, void *data);

/* The supervisor's. */
IlPool *il_pool_new (const IlScenario *scenario, IlTrace *trace,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_pool_free (IlPool *pool);
void il_pool_set_lost_func (IlPool *pool, IlPoolLostFunc func, void *data);
void il_pool_set_trouble_func (IlPool *pool, IlPoolTroubleFunc func, void *data);
void il_pool_close_in_children (IlPool *pool, int fd);
gboolean il_pool_start (IlPool *pool, GError **error);
void il_pool_expect_submitter (IlPool *pool);
void il_pool_place_submitter (const IlPool *pool);
void il_pool_pause (IlPool *pool);
void il_pool_resume (IlPool *pool);
bool il_pool_is_stopped (const IlPool *pool);
void il_pool_finish (IlPool *pool);
void il_pool_terminate (IlPool *pool);
bool il_pool_is_terminated (const IlPool *pool);
bool il_pool_supervise (IlPool *pool, GError **error);
gboolean il_pool_join (IlPool *pool, GError **error);
gboolean il_pool_kill_worker (IlPool *pool, guint64 number, GError **error);
int il_pool_get_notify_fd (const IlPool *pool);
int il_pool_get_tick_ms (const IlPool *pool);
uint32_t il_pool_get_n_workers (const IlPool *pool);
pid_t il_pool_get_worker_pid (const IlPool *pool, uint32_t number);
IlArena *il_pool_get_arena (const IlPool *pool);

/* Anybody's. */
void il_pool_get_counts (const IlPool *pool, IlPoolCounts *counts);

/* The submitter's. */
IlActor *il_pool_begin_submitting (IlPool *pool);
void il_pool_end_submitting (IlPool *pool);
IlWaitResult il_pool_submit (IlPool *pool, uint32_t kind, uint32_t n_tasks, int64_t deadline_ns,
                             uint32_t *n_submitted);
IlWaitResult il_pool_apply (IlPool *pool, uint32_t kind, IlPoolResult *result);
IlWaitResult il_pool_apply_async (IlPool *pool, uint32_t kind, IlPoolHandle *handle);
IlWaitResult il_pool_wait (IlPool *pool, IlPoolHandle *handle, IlPoolResult *results);
IlWaitResult il_pool_map (IlPool *pool, uint32_t kind, uint32_t n_tasks, uint32_t chunk,
                          IlPoolResult *results);
void il_pool_close (IlPool *pool);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPool, il_pool_free)
