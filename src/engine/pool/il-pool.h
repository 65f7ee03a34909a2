/* il-pool.h - a pool of workers, for the tasks of a scenario or for functions of a program
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A pool runs tasks on workers: threads, processes, threads in processes, threads that share one
 * interpreter lock, or coroutines (IlModel).  What a worker can see is the arena alone, one mapping
 * that all share, so that the same program runs under each model.  If a trace is given, all that
 * happens is recorded there: it is made to be left on.
 *
 * Two threads use a pool, which may be one: that then looks after the workers whenever it waits.
 * The *supervisor* makes it, starts its workers and looks after them; it never waits for them but
 * in il_pool_join().  The *submitter* hands tasks in, between il_pool_begin_submitting() and
 * il_pool_end_submitting(); whatever is not said to be somebody else's is the submitter's.
 *
 * Functions.  The kinds of tasks are known before the pool is made:
 *
 *     static uint64_t
 *     square (IlPoolTask *task, uint64_t argument)
 *     {
 *       if (argument > UINT32_MAX)
 *         il_pool_task_fail (task, ERANGE);
 *       return argument * argument;
 *     }
 *
 *     static const IlPoolFunction functions[] = { { .name = "square", .func = square } };
 *     IlPoolOptions options = { .model = IL_MODEL_PROCESSES, .n_workers = 4 };
 *     g_autoptr (IlPool) pool
 *         = il_pool_new_for_functions (&options, functions, 1, NULL, &error);
 *     uint64_t arguments[100] = { … };
 *     IlPoolResult results[100];
 *
 *     il_pool_start (pool, &error);
 *     il_pool_begin_submitting (pool);
 *     il_pool_map_values (pool, 0, arguments, 100, 10, results);
 *     il_pool_close (pool);
 *     il_pool_end_submitting (pool);
 *     il_pool_join (pool, &error);
 *
 * tests/engine/test-functions.c is a program that does this, and all that follows.
 *
 *   il_pool_call()          one task; waits for its result (apply)
 *   il_pool_call_async()    one task; a handle is given to il_pool_wait() at any later time, or
 *                           none is wanted (apply_async)
 *   il_pool_call_then()     one task; a callback is called with its result
 *   il_pool_map_values()    many tasks, of which a worker takes a chunk at a time; waits for all
 *                           (map)
 *   il_pool_imap()          the same, but results are had one by one, in order, as soon as each is
 *                           there (imap)
 *   il_pool_close()         no more tasks; workers leave when all are done
 *   il_pool_terminate()     stops now; what was not done is cancelled
 *   il_pool_join()          the supervisor's: waits for all to leave
 *   il_pool_free()          a pool that still runs is terminated and joined first, so that
 *                           g_autoptr() can let go of it anywhere
 *
 * A function that there is not, and other mistakes of the program's, are critical warnings, as they
 * are in GLib; nothing is handed in then, and what comes back is %IL_WAIT_FAILED.  Options that
 * cannot be had are errors of il_pool_new_for_functions().  Otherwise what hands in returns
 * %IL_WAIT_DONE, %IL_WAIT_CLOSED after il_pool_close(), %IL_WAIT_CANCELLED once the pool is
 * terminated, or %IL_WAIT_TIMEOUT: as many results as `n_results` says are promised already, and
 * have to be waited for first.  A map has no such limit, nor has an imap: of both no more is handed
 * in at a time than there is room for.
 *
 * Results and errors.  A task is done, failed, cancelled, or lost with a worker that died; a failed
 * one bears the code that il_pool_task_fail() was given.  Beside a number, an argument or a result
 * can have bytes, as many as were said for its function.  They lie in the arena: each is copied
 * there and back once, whatever the model.
 *
 * Callbacks are called by the submitter's own thread, never by a worker: in
 * il_pool_dispatch_callbacks(), and in il_pool_wait() before it returns.  They may hand in tasks.
 *
 * Waiting.  With `helps` the submitter runs tasks while it waits for results, where the model's
 * workers share its heap.
 *
 * Workers.  Each calls the initialiser before its first task, and so does the submitter, as number
 * 0, where it runs tasks: under the model serial, and with `helps`.  After `max_tasks_per_worker`
 * tasks it leaves and a fresh one takes its place: a process forked anew, or another life on the
 * same thread.  A pool of daemons does not finish: once the submitter has left, it is terminated.
 */

#pragma once

#include "il-actor.h"
#include "il-scenario.h"

typedef struct _IlPool IlPool;

/* What a pool for functions is to be; all 0 will do but the number of workers. */
typedef struct
{
  IlModel model;
  IlScheduling scheduling;
  uint32_t n_workers;
  uint32_t n_processes; /* of the model hybrid */
  uint32_t capacity;    /* entries that can wait; 0: 1024 */
  uint32_t n_results;   /* that can be awaited at the same time; at least 1024 */
  uint64_t max_tasks_per_worker;
  bool are_daemons;
  bool retries; /* tasks whose worker died are run again */
  bool helps;
  void (*initialiser) (uint32_t worker, void *data); /* in the worker; 0: submitter */
  void *initialiser_data;
} IlPoolOptions;

/* A kind of task.  The function runs in workers: where these are forked from a program with
 * threads, it must not use the heap (see fork(2)). */
typedef struct
{
  const char *name; /* in recordings; must outlive the pool */
  IlTaskFunc func;
  uint32_t argument_size, result_size; /* bytes besides the numbers */
  int priority;                        /* higher first, if the pool's scheduling is by priority */
} IlPoolFunction;

typedef struct
{
  uint64_t submitted, done, failed, cancelled, lost;
  uint64_t sum; /* of the results of done tasks, modulo 2^64: the same for the same seed */
} IlPoolCounts;

/* What comes back from a task. */
typedef struct
{
  IlTaskResult result;
  uint64_t value; /* of a task that is done: what it computed; of one that failed: the code */
} IlPoolResult;

/* A promise of results. */
typedef struct
{
  uint32_t slot; /* + 1; 0: none */
  uint32_t n_tasks;
  uint32_t ticket;
} IlPoolHandle;

/* Results that come one by one; see il-pool-map.c. */
typedef struct
{
  IlPoolHandle handle;       /* of the piece that results are taken from */
  IlPoolHandle following;    /* of the one after it; slot 0: none */
  uint32_t next;             /* of the first piece */
  uint32_t kind, chunk;      /* of what is not handed in yet: */
  uint32_t n_left;           /* how many */
  const uint64_t *arguments; /* NULL: tasks of a scenario */
} IlPoolIterator;

typedef void (*IlPoolCallback) (IlPool *pool, const IlPoolResult *result, void *data);
/* Where a number of a worker is asked for. */
#define IL_POOL_ANYBODY UINT64_MAX

typedef void (*IlPoolLostFunc) (uint32_t number, int signal_number, void *data);
typedef void (*IlPoolTroubleFunc) (const char *message, void *data);

/* The supervisor's. */
IlPool *il_pool_new (const IlScenario *scenario, IlTrace *trace,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
IlPool *il_pool_new_for_functions (const IlPoolOptions *options, const IlPoolFunction *functions,
                                   uint32_t n_functions, IlTrace *trace,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
void il_pool_free (IlPool *pool);
void il_pool_set_lost_func (IlPool *pool, IlPoolLostFunc func, void *data);
void il_pool_tell_forsaken (IlPool *pool);
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
uint32_t il_pool_get_n_stuck (const IlPool *pool);
bool il_pool_supervise (IlPool *pool, GError **error);
gboolean il_pool_join (IlPool *pool, GError **error);
gboolean il_pool_set_n_workers (IlPool *pool, guint64 n_workers, GError **error);
gboolean il_pool_kill_worker (IlPool *pool, guint64 number, GError **error);
gboolean il_pool_hit_worker (IlPool *pool, guint64 number, int signal_number, uint32_t *n_hit,
                             GError **error);
gboolean il_pool_begin_step (IlPool *pool, guint64 number, uint32_t *stepped, GError **error);
bool il_pool_is_step_done (IlPool *pool);
int il_pool_get_notify_fd (const IlPool *pool);
int il_pool_get_tick_ms (const IlPool *pool);
uint32_t il_pool_get_n_workers (const IlPool *pool);
uint32_t il_pool_get_n_common (const IlPool *pool);
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
IlWaitResult il_pool_call (IlPool *pool, uint32_t function, uint64_t argument, const void *bytes,
                           IlPoolResult *result, void *result_bytes);
IlWaitResult il_pool_call_async (IlPool *pool, uint32_t function, uint64_t argument,
                                 const void *bytes, IlPoolHandle *handle);
IlWaitResult il_pool_call_then (IlPool *pool, uint32_t function, uint64_t argument,
                                const void *bytes, IlPoolCallback callback, void *data);
uint32_t il_pool_dispatch_callbacks (IlPool *pool, bool waits);
IlWaitResult il_pool_map_values (IlPool *pool, uint32_t function, const uint64_t *arguments,
                                 uint32_t n_tasks, uint32_t chunk, IlPoolResult *results);
IlWaitResult il_pool_imap (IlPool *pool, uint32_t function, const uint64_t *arguments,
                           uint32_t n_tasks, uint32_t chunk, IlPoolIterator *iterator);
bool il_pool_imap_next (IlPool *pool, IlPoolIterator *iterator, IlPoolResult *result);
const void *il_pool_peek_result (IlPool *pool, const IlPoolHandle *handle, uint32_t task);
bool il_pool_is_ready (IlPool *pool, const IlPoolHandle *handle);
void il_pool_close (IlPool *pool);

/* A function's, of the task that it runs. */
void il_pool_task_fail (IlPoolTask *task, uint32_t code);
const void *il_pool_task_get_argument (const IlPoolTask *task);
void *il_pool_task_get_result (IlPoolTask *task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPool, il_pool_free)
