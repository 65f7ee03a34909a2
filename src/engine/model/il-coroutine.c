/* il-coroutine.c - what coroutines do: begin, wait, give way, end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Who waits goes over to the next coroutine of its carrier that can go on, without a detour; only
 * if there is none to the carrier itself, which sleeps.
 */

#include "config.h"

#include "il-carrier-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* The lane is with the actor of the coroutine that runs. */
static IlTraceLane *
get_lane (IlCarrier *carrier, IlCoroutine *coroutine)
{
  return coroutine != NULL && coroutine->actor != NULL ? &coroutine->actor->lane : &carrier->lane;
}

/* All else of a lane is the same in all copies. */
static void
copy_position (IlTraceLane *to, const IlTraceLane *from)
{
  to->reserved = from->reserved;
  to->published = from->published;
  to->head_seen = from->head_seen;
  to->lost_unreported = from->lost_unreported;
}

/* @flags: of the one that runs, as in IL_EVENT_COROUTINE */
static void
hand_lane_over (IlCarrier *carrier, IlCoroutine *to, uint32_t flags)
{
  IlTraceLane *lane = get_lane (carrier, carrier->current);
  IlTraceLane *next = get_lane (carrier, to);

  il_trace_lane_write (lane, IL_EVENT_COROUTINE, to != NULL ? to->title : 0,
                       (to != NULL ? to->number : 0) | flags);
  if (lane != next)
    copy_position (next, lane);
}

static void
free_ended (IlCarrier *carrier)
{
  IlCarriers *carriers = carrier->carriers;
  IlCoroutine *ended = carrier->ended;

  carrier->ended = NULL;
  il_context_finish (&ended->context);
  il_stacks_give_back (&carriers->stacks, &ended->stack);
  pthread_mutex_lock (&carriers->mutex);
  ended->next = carriers->free_coroutines;
  carriers->free_coroutines = ended;
  pthread_mutex_unlock (&carriers->mutex);
}

/* Goes over to another, NULL for the carrier itself; returns when somebody comes back. */
static void
go_to (IlCarrier *carrier, IlCoroutine *to, uint32_t flags)
{
  IlCoroutine *from = carrier->current;
  IlContext *here = from != NULL ? &from->context : &carrier->context;
  IlContext *there = to != NULL ? &to->context : &carrier->context;

  if (carrier->lane.limit != 0)
    hand_lane_over (carrier, to, flags);
  carrier->current = to;
  carrier->left = here;
  il_context_switch (here, there);
  if (carrier->ended != NULL)
    free_ended (carrier);
}

/* Those that others woke come after those that could go on before. */
static void
empty_inbox (IlCarrier *carrier)
{
  IlCoroutine *newest = atomic_exchange (&carrier->inbox, NULL), *oldest = NULL;

  while (newest != NULL)
    {
      IlCoroutine *next = newest->next;

      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
  while (oldest != NULL)
    {
      IlCoroutine *next = oldest->next;

      il_carrier_append (carrier, oldest);
      oldest = next;
    }
}

static void
look_for_ready (IlCarrier *carrier)
{
  if (atomic_load_explicit (&carrier->inbox, memory_order_relaxed) != NULL)
    empty_inbox (carrier);
  if ((carrier->n_timers | carrier->n_fds) != 0)
    il_carrier_look_around (carrier);
}

/* Takes the next that can go on; NULL: there is none. */
static IlCoroutine *
take_next (IlCarrier *carrier)
{
  IlCoroutine *first = carrier->first;

  if (first != NULL)
    carrier->first = first->next;
  return first;
}

/* The current one cannot go on for now. */
static void
go_on_with_others (IlCarrier *carrier, IlCoroutine *self)
{
  IlCoroutine *next;

  look_for_ready (carrier);
  next = take_next (carrier);
  if (next != self)
    go_to (carrier, next, 0);
}

static void
run_coroutine (void *data)
{
  IlCoroutine *self = data, *next;
  IlCarrier *carrier = self->carrier;

  il_context_begun (carrier->left);
  if (carrier->ended != NULL)
    free_ended (carrier);
  self->func (self, self->data);

  look_for_ready (carrier);
  next = take_next (carrier);
  if (carrier->lane.limit != 0)
    hand_lane_over (carrier, next, IL_EVENT_COROUTINE_ENDED);
  carrier->ended = self;
  carrier->current = next;
  carrier->left = &self->context;
  il_context_switch_for_ever (&self->context, next != NULL ? &next->context : &carrier->context);
}

/**
 * il_coroutine_begin:
 * @func: what it does; when that returns it ends
 *
 * Makes a coroutine, which has a stack, ready to be run by its carrier.
 */
void
il_coroutine_begin (IlCoroutine *self, IlCoroutineFunc func, void *data)
{
  self->func = func;
  self->data = data;
  il_context_init (&self->context, &self->stack, run_coroutine, self);
}

/**
 * il_carrier_run:
 *
 * Runs the carrier's coroutines until it is told to stop and none is left that can go on.
 */
void
il_carrier_run (IlCarrier *carrier)
{
  for (;;)
    {
      IlCoroutine *next;

      look_for_ready (carrier);
      next = take_next (carrier);
      if (next != NULL)
        go_to (carrier, next, 0);
      else if (atomic_load (&carrier->carriers->is_stopping))
        break;
      else
        il_carrier_sleep (carrier);
    }
}

/**
 * il_coroutine_make_ready:
 * @by: (nullable): the coroutine that calls
 *
 * Lets one go on that is parked nowhere any more.
 */
void
il_coroutine_make_ready (IlCoroutine *self, const IlCoroutine *by)
{
  IlCarrier *carrier = self->carrier;
  IlCoroutine *first;

  if (by != NULL && by->carrier == carrier)
    {
      il_carrier_append (carrier, self);
      return;
    }
  first = atomic_load_explicit (&carrier->inbox, memory_order_relaxed);
  do
    self->next = first;
  while (!atomic_compare_exchange_weak (&carrier->inbox, &first, self));
  il_carrier_awaken (carrier);
}

/**
 * il_coroutine_enter:
 * @actor: on its stack
 *
 * The coroutine acts from now on: the carrier's lane is its own while it runs.
 */
void
il_coroutine_enter (IlCoroutine *self, IlActor *actor)
{
  actor->lane = self->carrier->lane;
  self->actor = actor;
}

/**
 * il_coroutine_leave:
 */
void
il_coroutine_leave (IlCoroutine *self)
{
  copy_position (&self->carrier->lane, &self->actor->lane);
  memset (&self->actor->lane, 0, sizeof self->actor->lane);
  self->actor = NULL;
}

/**
 * il_coroutine_sleep_on:
 *
 * As il_actor_sleep_on(); the carrier does something else meanwhile.
 */
void
il_coroutine_sleep_on (IlCoroutine *self, _Atomic uint32_t *word, uint32_t expected,
                       int64_t deadline_ns)
{
  IlCarrier *carrier = self->carrier;

  if (!il_parking_add (self, word, expected))
    return;
  if (deadline_ns != IL_NO_DEADLINE)
    {
      self->deadline_ns = deadline_ns;
      il_timers_add (carrier, self);
    }
  go_on_with_others (carrier, self);
  il_timers_remove (carrier, self);
}

/**
 * il_coroutine_yield:
 *
 * Lets all others of the carrier run that can.
 */
void
il_coroutine_yield (IlCoroutine *self)
{
  IlCarrier *carrier = self->carrier;

  look_for_ready (carrier);
  if (carrier->first == NULL)
    return;
  il_carrier_append (carrier, self);
  go_to (carrier, take_next (carrier), IL_EVENT_YIELDED);
}

/**
 * il_coroutine_wait_fd:
 *
 * As il_actor_wait_fd(); the carrier does something else meanwhile.
 */
short
il_coroutine_wait_fd (IlCoroutine *self, int fd, short events, int64_t deadline_ns)
{
  IlCarrier *carrier = self->carrier;
  IlAgent *agent = self->actor->agent;
  int watched_fd;

  self->revents = 0;
  atomic_store_explicit (&self->fd_word, 0, memory_order_relaxed);
  if (!il_carrier_watch_fd (carrier, self, fd, events, &watched_fd))
    return errno == EPERM ? events : POLLNVAL;
  atomic_store (&agent->sleeps_on, &self->fd_word);
  if (!il_arena_is_cancelled (carrier->carriers->arena))
    il_coroutine_sleep_on (self, &self->fd_word, 0, deadline_ns);
  atomic_store_explicit (&agent->sleeps_on, NULL, memory_order_relaxed);
  il_carrier_unwatch_fd (carrier, fd, watched_fd);
  return self->revents;
}
