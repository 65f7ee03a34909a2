/* il-task-wait.c - workers without tasks sleep, and are woken one by one
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     A worker that found nothing sets its bit in `idle`, looks once more, and sleeps on its
 *           doorbell.  Who put something in takes one of the bits away and rings that one's
 *           doorbell; a bit is taken away by one agent alone, so that nobody is rung for twice.
 * Edges     [I] worker: set bit, fence, look for entries  |  put: publish, fence, look for bits
 *               Either the worker sees the entry or the one who put it sees the bit.  The
 *               submitter puts so often, and workers that poll first sleep so seldom, that there
 *               the worker makes the fence for both (il-far-fence.h).
 *           [R] the same for room: count as putter, look for room  |  take, look for putters
 * Chain     A put of many entries wakes one worker.  Who was woken and took something wakes the
 *           next, if there is more.  So as long as anything waits and somebody sleeps, one is on
 *           its way; and nobody who puts or takes pays for more than one system call.
 * Killed    A bit that the dead had set costs a ring in vain, and a ring that the dead was about to
 *           make is missing: the supervisor, who buries the dead, makes all look around.
 * Weaker?   Without the fences both may look before they see: a task waits while all sleep.
 * Checked   tests/engine/test-pool.c and test-spawn.c, also built with -Db_sanitize=thread, for
 * which the bits are changed and read in sequentially consistent order besides.
 */

#include "config.h"

#include "il-task-queue.h"

#include "il-far-fence.h"
#include "il-hand.h"

#define MIN_POLLS 16
#define SHORT_SLEEP_NS 20000
#define POLLS_PER_TRY 16 /* of those that look where others take from */
#define MAX_PAUSES 31    /* some tenths of a microsecond */
#define POLLS_PER_SPIN 2 /* a wake costs the one who wakes about as much as the one woken */

static bool
clear_bit (IlTaskQueue *queue, uint32_t worker)
{
  uint64_t bit = UINT64_C (1) << worker % 64;

  return (atomic_fetch_and (&queue->idle[worker / 64], ~bit) & bit) != 0;
}

/**
 * il_task_queue_pick_idle:
 * @preferred: worker of the queue, from 0, or %IL_NOBODY
 *
 * After something was put in: decides who is to be woken for it, in turns.
 *
 * Returns: an agent that is to be rung, or %IL_NOBODY if none sleeps
 */
uint32_t
il_task_queue_pick_idle (IlTaskQueue *queue, IlActor *actor, uint32_t preferred)
{
  uint32_t n_words = (queue->n_agents + 63) / 64;
  uint32_t first = atomic_load_explicit (&queue->next_idle, memory_order_relaxed);

  if (actor->arena->has_far_fence && actor->agent->index == IL_AGENT_SUBMITTER)
    il_near_fence (); /* [I] */
  else
    atomic_thread_fence (memory_order_seq_cst); /* [I] */
  if (preferred != IL_NOBODY
      && (atomic_load (&queue->idle[preferred / 64]) >> preferred % 64 & 1) != 0
      && clear_bit (queue, preferred))
    return queue->first_agent + preferred;
  for (uint32_t i = 0; i <= n_words; i++)
    {
      uint32_t word = (first / 64 + i) % n_words;
      uint64_t bits = atomic_load (&queue->idle[word]); /* [I] */

      /* Of the word where it begins: the upper half now, the lower one at last. */
      if (i == 0)
        bits &= ~UINT64_C (0) << first % 64;
      while (bits != 0)
        {
          uint32_t worker = word * 64 + (uint32_t)__builtin_ctzll (bits);

          if (clear_bit (queue, worker))
            {
              atomic_store_explicit (&queue->next_idle, (worker + 1) % (n_words * 64),
                                     memory_order_relaxed);
              return queue->first_agent + worker;
            }
          bits &= bits - 1;
        }
    }
  return IL_NOBODY;
}

/**
 * il_task_queue_ring:
 * @agent: from il_task_queue_pick_idle(), or %IL_NOBODY
 */
void
il_task_queue_ring (IlTaskQueue *queue, IlActor *actor, uint32_t agent)
{
  IlAgent *sleeper;

  (void)queue;
  if (agent == IL_NOBODY)
    return;
  sleeper = &actor->arena->agents[agent];
  atomic_store_explicit (&sleeper->rung_by, il_actor_get_who (actor), memory_order_relaxed);
  atomic_fetch_add_explicit (&sleeper->doorbell, 1, memory_order_release);
  il_actor_wake (actor, &sleeper->doorbell, 1);
}

/**
 * il_task_queue_ring_all:
 *
 * Makes all workers of the queue that sleep look around.
 */
void
il_task_queue_ring_all (IlTaskQueue *queue, IlActor *actor)
{
  uint32_t agent;

  while ((agent = il_task_queue_pick_idle (queue, actor, IL_NOBODY)) != IL_NOBODY)
    il_task_queue_ring (queue, actor, agent);
}

/**
 * il_task_queue_wake_putters:
 * @room: that there is now
 *
 * To be called after something was taken out.  Who waits for room in a long queue is woken when
 * there is some, and not for each entry.
 */
void
il_task_queue_wake_putters (IlTaskQueue *queue, IlActor *actor, uint32_t room)
{
  /* Who finds them counted wakes them, and no other: whoever is woken and finds no room counts
   * itself anew. */
  if (room < queue->low_room || atomic_exchange (&queue->n_putters, 0) == 0)
    return;
  atomic_store_explicit (&queue->room_by, il_actor_get_who (actor), memory_order_relaxed);
  atomic_fetch_add (&queue->room_count, 1);
  il_actor_wake_all (actor, &queue->room_count);
  if (atomic_exchange (&queue->rings_submitter, 0) != 0)
    il_task_queue_ring_submitter (actor);
}

/**
 * il_task_queue_ring_submitter:
 *
 * Makes the submitter look again, which may sleep on its doorbell until something comes.
 */
void
il_task_queue_ring_submitter (IlActor *actor)
{
  IlAgent *submitter = &actor->arena->agents[IL_AGENT_SUBMITTER];

  /* Sequentially consistent, as is what it says of its sleep: see il_actor_sleep_on(). */
  atomic_fetch_add (&submitter->doorbell, 1);
  if (atomic_load (&submitter->sleeps_on) == &submitter->doorbell)
    il_actor_wake (actor, &submitter->doorbell, 1);
}

/**
 * il_task_queue_ring_for_room:
 *
 * The submitter's: asks to be rung for when there is room.  It must look once more after this, and
 * sleep on what its doorbell was before.
 */
void
il_task_queue_ring_for_room (IlTaskQueue *queue)
{
  atomic_store (&queue->rings_submitter, 1);
  atomic_fetch_add (&queue->n_putters, 1); /* [R] */
  atomic_thread_fence (memory_order_seq_cst);
}

/* Whether all tasks are settled that could still put something in. */
static bool
sources_are_settled (const IlTaskQueue *queue, IlArena *arena)
{
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    {
      uint64_t n_open;

      if ((queue->source_kinds >> i & 1) == 0)
        continue;
      n_open = 0;
      /* Settled first: what is submitted in between makes it wait once more, not leave. */
      for (uint32_t j = 0; j < arena->n_agents; j++)
        for (int result = 0; result < IL_N_TASK_RESULTS; result++)
          n_open -= atomic_load (&arena->agents[j].tallies[i].settled[result]);
      for (uint32_t j = 0; j < arena->n_agents; j++)
        n_open += atomic_load (&arena->agents[j].tallies[i].submitted);
      if (arena->kinds[i].arrival == IL_ARRIVAL_LOOP)
        n_open += atomic_load (&arena->kinds[i].next_ticket);
      if (n_open != 0)
        return false;
    }
  return true;
}

/**
 * il_task_queue_is_over:
 *
 * Returns: whether the queue is closed and empty, and no task runs that could put anything in
 */
bool
il_task_queue_is_over (IlTaskQueue *queue, IlActor *actor)
{
  if (!il_task_queue_is_closed (queue))
    return false;
  if (atomic_load (&queue->is_drained) == 0)
    {
      atomic_thread_fence (memory_order_seq_cst);
      if (il_task_queue_get_depth (queue) > 0 || !sources_are_settled (queue, actor->arena))
        return false;
      if (queue->source_kinds != 0 && atomic_exchange (&queue->is_drained, 1) == 0)
        il_task_queue_ring_all (queue, actor);
    }
  return il_task_queue_get_depth (queue) == 0;
}

/* Polling pays where it ends sooner than a sleep would; whether it does is guessed from the last
 * times.  After a sleep so short that polling would have been as well, it is tried in full; after
 * a longer one half as long. */
static void
learn (IlActor *actor, int64_t slept_ns)
{
  IlAgent *agent = actor->agent;

  if (slept_ns < SHORT_SLEEP_NS)
    agent->n_polls = POLLS_PER_SPIN * actor->arena->n_spins;
  else if (agent->n_polls > MIN_POLLS)
    agent->n_polls /= 2;
}

/* Where tasks come faster than a worker asks for them, each look takes the line that the next one
 * is just being written to away from the one who writes it, and both wait for it in turns.  So a
 * worker that found something at its first look leaves more time for some to gather next time; one
 * that had to wait for it looks at once, since then it is the delay that counts. */
static void
pause_before_look (const IlActor *actor)
{
  for (uint32_t i = 0; i < actor->agent->n_pauses; i++)
    il_spin_pause ();
}

static void
learn_pauses (IlActor *actor, uint32_t n_looks)
{
  IlAgent *agent = actor->agent;

  if (n_looks > MAX_PAUSES)
    agent->n_pauses = 0;
  else if (n_looks == 1 && agent->n_pauses < MAX_PAUSES)
    agent->n_pauses = 2 * agent->n_pauses + 1;
}

/* Polls until there is something to try for: mostly what costs others nothing. */
static bool
spin_and_take (IlTaskQueue *queue, IlActor *actor)
{
  uint32_t n_polls = MIN (actor->agent->n_polls, POLLS_PER_SPIN * actor->arena->n_spins);

  if (n_polls > 0)
    pause_before_look (actor);
  for (uint32_t i = 1; i <= n_polls; i++)
    {
      if ((i % POLLS_PER_TRY == 0 || il_task_queue_seems_filled (queue, actor))
          && il_task_queue_try_take (queue, actor))
        {
          learn_pauses (actor, i);
          return true;
        }
      if (il_task_queue_is_closed (queue))
        return false;
      il_spin_pause ();
    }
  return false;
}

/**
 * il_task_queue_pass_on:
 *
 * For one who was woken: wakes the next, if there is something to take.
 */
void
il_task_queue_pass_on (IlTaskQueue *queue, IlActor *actor)
{
  if (il_task_queue_get_depth (queue) > 0)
    il_task_queue_ring (queue, actor, il_task_queue_pick_idle (queue, actor, IL_NOBODY));
}

/**
 * il_task_queue_set_idle:
 *
 * Says that a worker of the queue is about to sleep on its doorbell.  It must look once more after
 * this.
 */
void
il_task_queue_set_idle (IlTaskQueue *queue, IlActor *actor)
{
  uint32_t worker = actor->agent->index - queue->first_agent;

  atomic_fetch_or (&queue->idle[worker / 64], UINT64_C (1) << worker % 64);
  atomic_thread_fence (memory_order_seq_cst); /* [I] */
  if (actor->arena->has_far_fence)
    il_far_fence (); /* [I] */
}

/**
 * il_task_queue_clear_idle:
 *
 * Returns: %FALSE if somebody has done so already, to ring
 */
bool
il_task_queue_clear_idle (IlTaskQueue *queue, IlActor *actor)
{
  return clear_bit (queue, actor->agent->index - queue->first_agent);
}

static bool
has_passed (int64_t deadline_ns)
{
  return deadline_ns != IL_NO_DEADLINE && il_clock_monotonic_ns () >= deadline_ns;
}

/* One sleep; DONE: it has something in hand, TIMEOUT: look again. */
static IlWaitResult
sleep_once (IlTaskQueue *queue, IlActor *actor, int64_t deadline_ns)
{
  uint32_t seen = atomic_load_explicit (&actor->agent->doorbell, memory_order_relaxed);
  IlWaitResult result = IL_WAIT_TIMEOUT;
  bool was_rung;

  il_task_queue_set_idle (queue, actor);
  if (il_task_queue_try_take (queue, actor))
    result = IL_WAIT_DONE;
  else if (il_task_queue_is_over (queue, actor) || il_actor_is_surplus (actor))
    result = IL_WAIT_CLOSED;
  else
    {
      int64_t begin_ns = il_clock_monotonic_ns ();

      il_actor_sleep_on (actor, &actor->agent->doorbell, seen, deadline_ns);
      learn (actor, il_clock_monotonic_ns () - begin_ns);
    }
  was_rung = !il_task_queue_clear_idle (queue, actor);
  if (was_rung && result == IL_WAIT_TIMEOUT)
    {
      actor->woken_by = atomic_load_explicit (&actor->agent->rung_by, memory_order_relaxed);
      if (il_task_queue_try_take (queue, actor))
        result = IL_WAIT_DONE;
    }
  /* Who leaves was perhaps rung for a task that it does not take. */
  if (was_rung && result != IL_WAIT_TIMEOUT)
    il_task_queue_pass_on (queue, actor);
  return result;
}

/**
 * il_task_queue_wait_for_task:
 *
 * For a worker of the queue, which found nothing.
 *
 * Returns: any #IlWaitResult; on %IL_WAIT_DONE it has an entry in hand
 */
IlWaitResult
il_task_queue_wait_for_task (IlTaskQueue *queue, IlActor *actor, int64_t deadline_ns)
{
  IlWaitResult result = IL_WAIT_TIMEOUT;

  if (spin_and_take (queue, actor))
    return IL_WAIT_DONE;
  while (result == IL_WAIT_TIMEOUT)
    {
      if (il_arena_is_cancelled (actor->arena))
        return IL_WAIT_CANCELLED;
      if (has_passed (deadline_ns))
        return IL_WAIT_TIMEOUT;
      result = sleep_once (queue, actor, deadline_ns);
    }
  return result;
}

/* Like sleep_once(), for room. */
static bool
sleep_for_room (IlTaskPut *put, const IlKind *kind, int64_t deadline_ns)
{
  IlTaskQueue *queue = put->queue;
  uint32_t seen = atomic_load (&queue->room_count);
  bool has_room;

  atomic_fetch_add (&queue->n_putters, 1); /* [R] */
  atomic_thread_fence (memory_order_seq_cst);
  has_room = il_task_queue_try_begin_put (put, kind);
  if (!has_room && !il_task_queue_is_closed (queue))
    il_actor_sleep_on (put->actor, &queue->room_count, seen, deadline_ns);
  if (atomic_load (&queue->room_count) != seen)
    put->actor->woken_by = atomic_load_explicit (&queue->room_by, memory_order_relaxed);
  return has_room;
}

/**
 * il_task_queue_wait_for_room:
 *
 * Returns: any #IlWaitResult; on %IL_WAIT_DONE the put has begun
 */
IlWaitResult
il_task_queue_wait_for_room (IlTaskPut *put, const IlKind *kind, int64_t deadline_ns)
{
  for (;;)
    {
      if (il_arena_is_cancelled (put->actor->arena))
        return IL_WAIT_CANCELLED;
      if (il_task_queue_is_closed (put->queue))
        return IL_WAIT_CLOSED;
      if (has_passed (deadline_ns))
        return IL_WAIT_TIMEOUT;
      if (sleep_for_room (put, kind, deadline_ns))
        return IL_WAIT_DONE;
    }
}
