/* il-wait.c - the one place where an agent sleeps until another wakes it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * A wait of a primitive has this form, in which each line has its reason:
 *
 *   take it if it is free, and be done          no system call, no event of a wait
 *   write the event of the wait                 before anything that can take time
 *   il_actor_begin_wait ()                      lets go of what it holds only to run
 *   until it is taken or the run is cancelled:
 *     il_actor_sleep_on ()                      returns for no reason at times
 *   write the event of the take, or of the cancellation
 *   il_actor_end_wait ()                        may run again; may have to wait for that in turn
 *
 * What blocks without such a wait (a call to the kernel for a file, say) stands between
 * il_actor_begin_wait() and il_actor_end_wait() as well; a descriptor that can be polled is waited
 * for by il_actor_wait_fd().  Models differ in what a wait is:
 *
 *   threads, processes, hybrid   the kernel puts the thread to sleep
 *   gil                          as well, and the interpreter lock is not held meanwhile
 *   coroutines                   the carrier goes on with another; only where there is no
 *                                il_actor_sleep_on() the carrier itself blocks, and all that it
 *                                carries with it
 *
 * Cancelled  Whoever gives the run up wakes, after setting IL_RUN_CANCELLED, each agent on the word
 *            that it says it sleeps on (il_arena_wake_all()), again and again until all have left.
 *            So a wait needs nothing but to look at il_arena_is_cancelled() each time around.
 */

#include "config.h"

#include "il-actor.h"

#include <errno.h>
#include <poll.h>

#include "il-carrier.h"
#include "il-gil.h"

#define SEE_TO_EVERY_NS 10000000

/**
 * il_actor_begin_wait:
 * @activity: what for
 *
 * Says that the actor is about to wait, and lets go of what it needs only to run.  It looks busy
 * until it sleeps: whoever polls can still go on.
 */
void
il_actor_begin_wait (IlActor *actor, IlActivity activity)
{
  actor->is_waiting = true;
  actor->waits_as = activity;
  /* Relaxed: who looks whether anything moves looks again and again. */
  atomic_store_explicit (&actor->agent->n_waits,
                         atomic_load_explicit (&actor->agent->n_waits, memory_order_relaxed) + 1,
                         memory_order_relaxed);
  il_gil_release (actor);
}

/**
 * il_actor_end_wait:
 *
 * Says that the actor has what it waited for, or will not get it.  Does nothing if it did not wait.
 * Must not be called with a guard in hand.
 */
void
il_actor_end_wait (IlActor *actor)
{
  if (!actor->is_waiting)
    return;
  actor->is_waiting = false;
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  il_gil_take (actor);
}

/* Once it is awake it can go on: it must not look as if it waited, and while the others stand still
 * it stands still here, before it takes what it was woken for.  Sequentially consistent, as is the
 * run word: either whoever pauses the run sees that it is busy, or it sees that it is paused. */
static void
stop_if_told (IlActor *actor)
{
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  if (il_actor_must_stop (actor, atomic_load (&actor->arena->run)))
    il_actor_stop_while_told (actor);
}

/**
 * il_actor_sleep_on:
 * @word: in the arena
 * @deadline_ns: of CLOCK_MONOTONIC, or %IL_NO_DEADLINE
 *
 * Sleeps while the word is as expected.  Returns early for no reason at times: look again.
 */
void
il_actor_sleep_on (IlActor *actor, _Atomic uint32_t *word, uint32_t expected, int64_t deadline_ns)
{
  IlArena *arena = actor->arena;
  /* To stand still, or until the run changes, is not what it says that it waits for. */
  bool is_in_wait = actor->is_waiting && word != &arena->run;

  if (is_in_wait)
    il_actor_set_activity (actor, actor->waits_as);
  if (actor->see_to != NULL)
    deadline_ns = MIN (deadline_ns, il_clock_monotonic_ns () + SEE_TO_EVERY_NS);
  /* Sequentially consistent, as is the run word: either we see here that the run is given up, or
   * whoever gives it up sees where we sleep. */
  atomic_store (&actor->agent->sleeps_on, word);
  if ((atomic_load (&arena->run) & IL_RUN_CANCELLED) == 0)
    {
      if (actor->coroutine != NULL)
        il_coroutine_sleep_on (actor->coroutine, word, expected, deadline_ns);
      else if (arena->carriers != NULL)
        il_carriers_sleep_in_thread (arena->carriers, word, expected, deadline_ns);
      else
        il_futex_wait (word, expected, deadline_ns);
    }
  atomic_store_explicit (&actor->agent->sleeps_on, NULL, memory_order_relaxed);
  if (actor->see_to != NULL)
    actor->see_to (actor->see_to_data);
  if (is_in_wait)
    stop_if_told (actor);
}

/**
 * il_actor_wait_for_change:
 * @word: in the arena, which whoever changes it wakes all on
 * @before: as it was seen
 *
 * Waits until a word is another: polls for a moment, then sleeps.
 *
 * Returns: %IL_WAIT_DONE, and what was done before a release store of the word is seen; or
 *   %IL_WAIT_CANCELLED
 */
IlWaitResult
il_actor_wait_for_change (IlActor *actor, _Atomic uint32_t *word, uint32_t before)
{
  uint32_t n_spins = actor->arena->n_spins;

  while (atomic_load_explicit (word, memory_order_acquire) == before)
    {
      if (n_spins > 0)
        {
          n_spins--;
          il_spin_pause ();
          continue;
        }
      if (il_arena_is_cancelled (actor->arena))
        return IL_WAIT_CANCELLED;
      il_actor_sleep_on (actor, word, before, IL_NO_DEADLINE);
    }
  return IL_WAIT_DONE;
}

/* How long poll() may take, in its own unit, rounded up. */
static int
get_timeout_ms (int64_t deadline_ns)
{
  int64_t left_ns;

  if (deadline_ns == IL_NO_DEADLINE)
    return -1;
  left_ns = deadline_ns - il_clock_monotonic_ns ();
  if (left_ns <= 0)
    return 0;
  return left_ns < INT64_C (1000000) * INT_MAX ? (int)((left_ns + 999999) / 1000000) : INT_MAX;
}

/**
 * il_actor_wait_fd:
 * @events: POLLIN, POLLOUT
 * @deadline_ns: of CLOCK_MONOTONIC, or %IL_NO_DEADLINE
 *
 * Waits until a descriptor is ready.  It should not block, since another may be faster.  Between
 * il_actor_begin_wait() and il_actor_end_wait(), as any sleep.
 *
 * Returns: as poll() does in revents; 0 when the deadline has come or the run is given up
 */
short
il_actor_wait_fd (IlActor *actor, int fd, short events, int64_t deadline_ns)
{
  struct pollfd fds[] = {
    { .fd = fd, .events = events },
    { .fd = actor->arena->cancel_fd, .events = POLLIN },
  };
  short ready;
  int n_ready;

  il_actor_set_activity (actor, actor->waits_as);
  if (actor->coroutine != NULL)
    ready = il_coroutine_wait_fd (actor->coroutine, fd, events, deadline_ns);
  else
    {
      do
        n_ready = poll (fds, 2, get_timeout_ms (deadline_ns));
      while (n_ready < 0 && errno == EINTR);
      ready = n_ready > 0 ? fds[0].revents : 0;
    }
  stop_if_told (actor);
  return ready;
}

static void
wake (IlArena *arena, IlCoroutine *by, _Atomic uint32_t *word, uint32_t n_sleepers)
{
  if (arena->carriers != NULL)
    {
      n_sleepers -= il_carriers_wake (arena->carriers, by, word, n_sleepers);
      if (n_sleepers == 0 || !il_carriers_have_thread_sleepers (arena->carriers))
        return;
    }
  il_futex_wake (word, n_sleepers > INT_MAX ? INT_MAX : n_sleepers);
}

/**
 * il_arena_wake:
 * @n_sleepers: how many at most
 *
 * Wakes who sleeps on a word by il_actor_sleep_on().  For those who are no actors.
 */
void
il_arena_wake (IlArena *arena, _Atomic uint32_t *word, uint32_t n_sleepers)
{
  wake (arena, NULL, word, n_sleepers);
}

/**
 * il_actor_wake:
 * @n_sleepers: how many at most
 */
void
il_actor_wake (IlActor *actor, _Atomic uint32_t *word, uint32_t n_sleepers)
{
  wake (actor->arena, actor->coroutine, word, n_sleepers);
}

/**
 * il_actor_wake_all:
 */
void
il_actor_wake_all (IlActor *actor, _Atomic uint32_t *word)
{
  il_actor_wake (actor, word, INT_MAX);
}
