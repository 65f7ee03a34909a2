/* il-pool-supervise.c - looking after a pool until all is done
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-pool-private.h"

#include <poll.h>
#include <unistd.h>

#include "il-hand.h"
#include "il-object.h"
#include "il-queue.h"
#include "il-task-queue.h"

/* For processes that do not leave when told to; and for those that look as if they were about to,
 * were there only a core for them: with many of them, or on a busy machine, that may be long. */
#define KILL_AFTER_NS 150000000
#define KILL_RUNNABLE_AFTER_NS 1500000000
#define QUIET_NS 20000000      /* for how long nobody must be able to go on before we step in */
#define STUCK_NS 1000000000    /* for how long nobody must, before a run that is to end is ended */
#define PATIENCE_NS 5000000000 /* for how long with those who look as if they were to go on */
#define MAX_LOOK_GAP_NS 100000000 /* who was kept from looking, or stopped, has not seen enough */
#define TICK_MS 2                 /* between two looks while something is to happen soon */
#define SLOW_TICK_MS 50

static bool
has_submitter (const IlPool *pool)
{
  uint32_t activity = atomic_load (&pool->submitter.agent->activity);

  return activity != IL_ACTIVITY_NONE && activity != IL_ACTIVITY_LEFT;
}

typedef bool (*IsStepFunc) (IlStepKind kind);

static bool
has_step (const IlKind *kind, IsStepFunc is_step, const IlArenaObject *object)
{
  for (uint32_t i = 0; i < kind->n_steps; i++)
    if (is_step (kind->steps[i].kind) && kind->steps[i].object == object)
      return true;
  return false;
}

static bool
group_has_left (const IlPool *pool, const IlGroup *group)
{
  if (pool->arena->model == IL_MODEL_SERIAL)
    return !has_submitter (pool);
  for (uint32_t i = 0; i < group->n_agents; i++)
    if (il_pool_get_worker (pool, group->first_agent + i)->is_alive)
      return false;
  return true;
}

/* Whether no task runs, nor waits, that could still spawn some of the kind. */
static bool
parents_are_finished (const IlPool *pool, const IlKind *kind)
{
  const IlTaskQueue *queue = pool->arena->groups[kind->group].queue;

  for (uint32_t i = 0; queue != NULL && i < pool->arena->n_kinds; i++)
    {
      const IlKind *parent = &pool->arena->kinds[i];
      uint64_t n_open;

      if ((queue->source_kinds >> i & 1) == 0)
        continue;
      if (parent->arrival == IL_ARRIVAL_LOOP
          && il_pool_get_n_submitted (pool, parent) < parent->limit)
        return false;
      n_open = 0;
      for (int result = 0; result < IL_N_TASK_RESULTS; result++)
        n_open -= il_pool_get_n_settled (pool, parent, (IlTaskResult)result);
      if (n_open + il_pool_get_n_submitted (pool, parent) != 0)
        return false;
    }
  return true;
}

/* Whether more of them may be handed in.  Who runs each task itself, and waits within one, is not
 * to be waited for: all of a kind may be done by then. */
static bool
may_be_submitted (const IlPool *pool, const IlKind *kind, uint64_t n_submitted)
{
  if (kind->arrival == IL_ARRIVAL_LOOP)
    return n_submitted < kind->limit;
  if (pool->arena->model == IL_MODEL_SERIAL && kind->arrival != IL_ARRIVAL_SPAWNED
      && kind->submit != IL_SUBMIT_MAP && n_submitted >= kind->limit)
    return false;
  return has_submitter (pool);
}

/* Whether no task of the kind runs any more, nor will. */
static bool
is_finished (const IlPool *pool, const IlKind *kind)
{
  uint64_t n_submitted = il_pool_get_n_submitted (pool, kind), n_settled = 0;

  if (group_has_left (pool, &pool->arena->groups[kind->group]))
    return true;
  if (may_be_submitted (pool, kind, n_submitted))
    return false;
  if (kind->arrival == IL_ARRIVAL_SPAWNED && !parents_are_finished (pool, kind))
    return false;
  for (int result = 0; result < IL_N_TASK_RESULTS; result++)
    n_settled += il_pool_get_n_settled (pool, kind, (IlTaskResult)result);
  return n_settled == n_submitted;
}

/* Whether all kinds that have such a step are finished. */
static bool
all_finished (const IlPool *pool, IsStepFunc is_step, const IlArenaObject *object)
{
  for (uint32_t i = 0; i < pool->arena->n_kinds; i++)
    {
      const IlKind *kind = &pool->arena->kinds[i];

      if (has_step (kind, is_step, object) && !is_finished (pool, kind))
        return false;
    }
  return true;
}

static bool
is_waiting (uint32_t activity)
{
  return activity == IL_ACTIVITY_WAITING || activity == IL_ACTIVITY_WAITING_TASK
         || activity == IL_ACTIVITY_WAITING_ITEM;
}

/* Who waits for what another agent would have to give, if no agent is left that could go on by
 * itself; else nobody.  Such waits have no deadline. */
typedef struct
{
  uint32_t n_waiting; /* but not those that wait for items */
  uint32_t n_items;   /* those that wait for items, or for room */
  uint32_t n_waits;   /* that all have begun so far */
  bool spins;         /* one of them does not sleep meanwhile: the kernel sees it run */
} Stuck;

static Stuck
count_stuck (const IlPool *pool)
{
  const IlAgent *submitter = pool->submitter.agent;
  Stuck stuck = { 0 };

  if (has_submitter (pool) && !is_waiting (atomic_load (&submitter->activity)))
    return (Stuck){ 0 };
  if (pool->arena->model == IL_MODEL_SERIAL)
    {
      stuck.n_waits = atomic_load_explicit (&submitter->n_waits, memory_order_relaxed);
      stuck.n_waiting = has_submitter (pool);
      return stuck;
    }
  for (uint32_t i = 0; i < pool->n_workers; i++)
    if (pool->workers[i].is_alive)
      {
        const IlAgent *agent = &pool->arena->agents[pool->workers[i].agent];
        uint32_t activity = atomic_load (&agent->activity);

        if (activity == IL_ACTIVITY_LEFT)
          continue;
        if (!is_waiting (activity))
          return (Stuck){ 0 };
        stuck.n_waits += atomic_load_explicit (&agent->n_waits, memory_order_relaxed);
        stuck.n_waiting += activity == IL_ACTIVITY_WAITING;
        stuck.spins
            = stuck.spins
              || (activity == IL_ACTIVITY_WAITING && atomic_load (&agent->sleeps_on) == NULL);
        stuck.n_items += activity == IL_ACTIVITY_WAITING_ITEM;
      }
  return stuck;
}

/* Asks the kernel, and then again whether somebody has gone on while the kernel was asked. */
static bool
can_go_on (const IlPool *pool, const Stuck *stuck)
{
  return (!stuck->spins && il_pool_is_anyone_runnable (pool))
         || count_stuck (pool).n_waits != stuck->n_waits;
}

/* To be called at each look.  Whoever was woken and has not run yet still looks as if it waited, so
 * all must be seen like that for long and without a gap, and the kernel must agree.
 *
 * Returns: whether nobody has gone on for so long, nor will */
static bool
is_lasting (IlStandstill *standstill, const IlPool *pool, bool is_still, const Stuck *stuck,
            int64_t limit_ns)
{
  int64_t now_ns = il_clock_monotonic_ns ();
  bool is_same = is_still && standstill->since_ns != 0 && standstill->n_waits == stuck->n_waits
                 && now_ns - standstill->look_ns <= MAX_LOOK_GAP_NS;
  int64_t since_ns = is_same ? standstill->since_ns : now_ns;

  standstill->is_lasting = (is_same && standstill->is_lasting)
                           || (is_still && now_ns - since_ns >= limit_ns
                               && (now_ns - since_ns >= PATIENCE_NS || !can_go_on (pool, stuck)));
  standstill->since_ns = is_still ? since_ns : 0;
  standstill->look_ns = now_ns;
  standstill->n_waits = stuck->n_waits;
  return standstill->is_lasting;
}

/* While closing: everybody waits for an item, or for room, that nobody is left to bring. */
static bool
is_quiet (IlPool *pool)
{
  Stuck stuck = count_stuck (pool);
  bool is_still = !has_submitter (pool) && stuck.n_waiting == 0 && stuck.n_items > 0;

  return is_lasting (&pool->quiet, pool, is_still, &stuck, QUIET_NS);
}

/* Says in the record that all wait for what nobody is left to bring, as in a deadlock, and while
 * closing ends the run. */
static void
look_for_stuck (IlPool *pool)
{
  Stuck stuck = count_stuck (pool);
  uint32_t n_stuck = stuck.n_waiting + stuck.n_items;
  bool is_told = pool->stuck.is_lasting;

  if (!is_lasting (&pool->stuck, pool, n_stuck > 0, &stuck, STUCK_NS))
    return;
  if (!is_told)
    il_trace_lane_write (&pool->supervisor.lane, IL_EVENT_STUCK, 0, n_stuck);
  if ((atomic_load (&pool->arena->run) & IL_RUN_CLOSING) == 0 || stuck.n_waiting == 0)
    return;
  pool->n_stuck = n_stuck;
  il_pool_terminate (pool);
}

/**
 * il_pool_get_n_stuck:
 *
 * Returns: how many workers waited for ever when the run was to end and thus was given up; 0
 *     where it was not
 */
uint32_t
il_pool_get_n_stuck (const IlPool *pool)
{
  return pool->n_stuck;
}

/* Closes the scenario's queues and channels that nobody will put into any more, so that those who
 * wait for items do not wait for ever; when closing also those that nobody will take from. */
static void
close_objects (IlPool *pool)
{
  IlArena *arena = pool->arena;
  bool is_closing = (atomic_load (&arena->run) & IL_RUN_CLOSING) != 0;
  bool quiet = is_closing && is_quiet (pool);

  if (is_closing && !has_submitter (pool))
    il_pool_end_rings (pool);
  for (uint32_t i = 0; i < arena->n_objects; i++)
    {
      IlArenaObject *object = &arena->objects[i];

      if (object->class->try_close != NULL
          && (quiet || all_finished (pool, il_step_kind_gives, object)
              || (is_closing && !il_pool_is_served (pool, object)
                  && all_finished (pool, il_step_kind_takes, object))))
        object->class->try_close (object, &pool->supervisor);
    }
}

/* Workers wait for the tasks that others may still spawn for them; those of their own group tell
 * them when there are none, those of other groups do not. */
static void
end_queues (IlPool *pool)
{
  for (uint32_t i = 0; i < pool->arena->n_groups; i++)
    {
      IlTaskQueue *queue = pool->arena->groups[i].queue;

      if (queue != NULL && queue->source_kinds != 0
          && !group_has_left (pool, &pool->arena->groups[i]))
        il_task_queue_is_over (queue, &pool->supervisor);
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
           && il_task_queue_try_take (arena->groups[i].queue, &pool->supervisor))
      il_pool_drop_hand (pool, pool->supervisor.agent, IL_TASK_CANCELLED);
}

static void
press_to_leave (IlPool *pool)
{
  int64_t since_ns = il_clock_monotonic_ns () - pool->terminated_ns;

  il_arena_wake_all (pool->arena);
  if (since_ns >= KILL_AFTER_NS)
    il_pool_kill_stragglers (pool, since_ns >= KILL_RUNNABLE_AFTER_NS);
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

  if (pool->failure != NULL && error != NULL && *error == NULL)
    *error = g_steal_pointer (&pool->failure);
  clear_notification (pool);
  il_pool_tell_troubles (pool);
  if (!il_pool_reap (pool, &own_error))
    {
      il_pool_terminate (pool);
      if (error != NULL && *error == NULL)
        *error = g_steal_pointer (&own_error);
    }
  if (pool->arena->is_daemon && !il_pool_is_terminated (pool)
      && atomic_load (&pool->submitter.agent->activity) == IL_ACTIVITY_LEFT)
    il_pool_terminate (pool);
  if (pool->n_alive == 0 && !has_submitter (pool))
    {
      il_pool_end_model (pool);
      drop_rest (pool);
      il_pool_close_objects (pool);
      il_pool_tell_troubles (pool);
      return false;
    }
  if (il_pool_is_terminated (pool))
    press_to_leave (pool);
  else
    {
      close_objects (pool);
      if (pool->arena->model != IL_MODEL_SERIAL)
        end_queues (pool);
    }
  if (!il_pool_is_terminated (pool))
    look_for_stuck (pool);
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

  return (run & (IL_RUN_CANCELLED | IL_RUN_CLOSING)) != 0 || il_pool_has_leaving_process (pool)
             ? TICK_MS
             : SLOW_TICK_MS;
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
