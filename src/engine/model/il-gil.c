/* il-gil.c - the lock that threads of an interpreter must hold to run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * The manner is that of CPython since version 3.2 (Antoine Pitrou's "new GIL", 2009; described at
 * the top of Python/ceval_gil.h, from 3.12 on Python/ceval_gil.c); the code is our own.
 *
 * Asking    Who waits does so for a switch interval at a time.  If that passed and nobody else took
 *           the lock meanwhile, it sets arena->drop_request.  The holder sees that at its next
 *           scheduling point (il_actor_may_go_on()) and lets go: it is never torn away from it.
 *           The request says after which switch it was made, since another may take the lock
 * between the waiter's last look and its asking: who has it since then has its whole interval.
 * Forcing   Who let go because it was asked to waits until another has the lock.  Without that it
 *           would mostly get it right back, since it is on a core already and others must first be
 *           woken.
 * Waiting   Whoever waits for anything, sleeps or calls what may block lets go before
 *           (il_actor_begin_wait()) and takes it again after (il_actor_end_wait()).
 * Outside   The submitter and the supervisor are not part of the interpreter and never need it, so
 *           that tasks arrive as the scenario says whatever workers do.
 * Sleeping  Who waits counts itself in n_waiting before it looks at the word that it sleeps on, and
 *           until it has the lock; who lets go clears the word before it looks at n_waiting; both
 *           sequentially consistent.  So either the waiter sees that it is free, or it is woken.
 *           n_yielding and n_switches likewise.
 * Pausing   While the run is paused nobody takes it but the one who makes a single step: the others
 *           stop before they would wait for it.  When the run is given up all go on without it.
 * Checked   tests/engine/test-gil.c, also built with -Db_sanitize=thread.
 */

#include "config.h"

#include "il-gil.h"

#define DEFAULT_INTERVAL_NS 5e6
#define MAX_NAP_NS 20000000 /* within this one who waits for it sees that it is to stop */
#define MIN_INTERVAL_NS 1e4 /* less than it takes to put a thread to sleep and wake another */

static int64_t
get_interval_ns (const IlArena *arena)
{
  double interval_ns = il_arena_get_quantity (arena, &arena->gil.interval);

  if (!(interval_ns > 0))
    return (int64_t)DEFAULT_INTERVAL_NS;
  return (int64_t)(interval_ns < MIN_INTERVAL_NS ? MIN_INTERVAL_NS : interval_ns);
}

static bool
try_take (IlGil *gil, IlActor *actor)
{
  uint32_t expected = 0;

  if (!atomic_compare_exchange_strong (&gil->word, &expected, actor->id))
    return false;
  actor->has_gil = true;
  return true;
}

/* By who has just taken it. */
static void
note_taken (IlActor *actor, bool has_waited)
{
  IlGil *gil = &actor->arena->gil;
  uint32_t last_who = atomic_load_explicit (&gil->last_who, memory_order_relaxed);

  /* Before others see the switch: from then on they count the interval that this one may have it.
   */
  il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_ACQUIRE, gil->object, has_waited ? last_who : 0);
  if (atomic_load_explicit (&gil->last_id, memory_order_relaxed) != actor->id)
    {
      atomic_store_explicit (&gil->last_id, actor->id, memory_order_relaxed);
      atomic_store_explicit (&gil->last_who, il_actor_get_who (actor), memory_order_relaxed);
      atomic_fetch_add (&gil->n_switches, 1);
      if (atomic_load (&gil->n_yielding) > 0)
        il_futex_wake_all (&gil->n_switches);
    }
  atomic_store_explicit (&actor->arena->drop_request, 0, memory_order_relaxed);
}

/* What asks for the lock from the one who took it with the last of so many switches; never 0. */
static uint32_t
get_request (uint32_t n_switches)
{
  return n_switches << 1 | 1;
}

/* How long one has waited in vain, and for what. */
typedef struct
{
  int64_t deadline_ns; /* 0: it begins to wait */
  uint32_t n_switches; /* when it began */
} Patience;

/* Sleeps while the word is so.  Who looks again by itself may then wait for a core, and no longer
 * for the lock: the record says when that is.
 *
 * @until_taken: 0 or IL_EVENT_UNTIL_TAKEN */
static void
nap (IlActor *actor, _Atomic uint32_t *word, uint32_t value, int64_t length_ns,
     uint32_t until_taken)
{
  int64_t now_ns = il_clock_monotonic_ns ();

  il_trace_lane_write (&actor->lane, IL_EVENT_NAP, actor->arena->gil.object,
                       il_event_sleep_us (length_ns) | until_taken);
  il_actor_sleep_on (actor, word, value, now_ns + length_ns);
}

/* Sleeps until it is free, or for a while; after an interval it asks for it. */
static void
wait_for_turn (IlActor *actor, Patience *patience)
{
  IlGil *gil = &actor->arena->gil;
  /* Before the clock, so that an interval that is over passed since that switch. */
  uint32_t n_switches = atomic_load (&gil->n_switches);
  int64_t now_ns = il_clock_monotonic_ns ();
  uint32_t word = atomic_load (&gil->word);

  if (patience->deadline_ns == 0)
    *patience = (Patience){ now_ns + get_interval_ns (actor->arena), n_switches };
  if (word != 0)
    nap (actor, &gil->word, word, MIN (patience->deadline_ns - now_ns, MAX_NAP_NS), 0);
  if (il_clock_monotonic_ns () < patience->deadline_ns)
    return;
  n_switches = atomic_load (&gil->n_switches);
  if (atomic_load (&gil->word) != 0 && n_switches == patience->n_switches)
    atomic_store_explicit (&actor->arena->drop_request, get_request (n_switches),
                           memory_order_relaxed);
  patience->deadline_ns = 0;
}

/* Waits until another has taken it, or nobody wants it any more. */
static void
wait_for_switch (IlActor *actor, uint32_t n_switches_seen)
{
  IlGil *gil = &actor->arena->gil;

  atomic_fetch_add (&gil->n_yielding, 1);
  while (atomic_load (&gil->n_switches) == n_switches_seen && atomic_load (&gil->n_waiting) > 0
         && (atomic_load (&actor->arena->run) & (IL_RUN_PAUSED | IL_RUN_CANCELLED)) == 0)
    /* Not for ever: the one who was waiting may have been told to stop. */
    nap (actor, &gil->n_switches, n_switches_seen, MAX_NAP_NS, IL_EVENT_UNTIL_TAKEN);
  atomic_fetch_sub (&gil->n_yielding, 1);
}

/* Returns false when the run is given up. */
static bool
wait_for_gil (IlActor *actor)
{
  IlArena *arena = actor->arena;
  Patience patience = { 0 };

  for (;;)
    {
      uint32_t run = atomic_load_explicit (&arena->run, memory_order_acquire);

      if ((run & IL_RUN_CANCELLED) != 0)
        return false;
      if (il_actor_must_stop (actor, run))
        il_actor_stop_while_told (actor);
      else if (try_take (&arena->gil, actor))
        return true;
      else
        wait_for_turn (actor, &patience);
    }
}

static uint32_t
get_holder (const IlArena *arena)
{
  uint32_t id = atomic_load_explicit (&arena->gil.word, memory_order_relaxed);

  return id == 0 ? 0 : atomic_load_explicit (&arena->agents[id - 1].who, memory_order_relaxed);
}

/**
 * il_gil_take_slow:
 * @has_yielded: whether it has just let go for others
 * @n_switches_seen: as it was before that
 *
 * Waits for the lock and takes it; without it only when the run is given up.
 */
void
il_gil_take_slow (IlActor *actor, bool has_yielded, uint32_t n_switches_seen)
{
  IlGil *gil = &actor->arena->gil;
  uint32_t run = atomic_load_explicit (&actor->arena->run, memory_order_acquire);
  bool is_taken;

  /* What comes now comes after this. */
  actor->shared_stamp = 0;
  if (!has_yielded && !il_actor_must_stop (actor, run) && try_take (gil, actor))
    {
      note_taken (actor, false);
      return;
    }
  /* It will go on by itself, since whoever has the lock lets go: to others it is not waiting. */
  il_actor_set_activity (actor, IL_ACTIVITY_BUSY);
  il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_WAIT, gil->object, get_holder (actor->arena));
  if (has_yielded)
    wait_for_switch (actor, n_switches_seen);
  atomic_fetch_add (&gil->n_waiting, 1);
  is_taken = wait_for_gil (actor);
  atomic_fetch_sub (&gil->n_waiting, 1);
  if (is_taken)
    note_taken (actor, true);
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, gil->object, 0);
}

/**
 * il_gil_release_slow:
 *
 * Lets go of the lock and wakes one of those who wait for it.
 */
void
il_gil_release_slow (IlActor *actor)
{
  IlGil *gil = &actor->arena->gil;
  uint64_t stamp = il_trace_lane_stamp (&actor->lane);
  bool wakes;

  actor->has_gil = false;
  atomic_store (&gil->word, 0);
  wakes = atomic_load (&gil->n_waiting) > 0;
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_LOCK_RELEASE, gil->object,
                          wakes ? IL_EVENT_WOKE : 0);
  if (wakes)
    il_futex_wake (&gil->word, 1);
}

/**
 * il_gil_yield:
 *
 * Lets go of the lock, if the actor has it, until another has had it.  Does nothing if nobody waits
 * for it.
 */
void
il_gil_yield (IlActor *actor)
{
  IlGil *gil = &actor->arena->gil;
  uint32_t n_switches;

  if (!actor->has_gil)
    return;
  atomic_store_explicit (&actor->arena->drop_request, 0, memory_order_relaxed);
  if (atomic_load (&gil->n_waiting) == 0)
    return;
  n_switches = atomic_load (&gil->n_switches);
  il_gil_release_slow (actor);
  il_gil_take_slow (actor, true, n_switches);
}

/**
 * il_gil_yield_if_asked:
 *
 * Lets go of the lock, if the actor has it and another has waited for an interval, until another
 * has had it.
 */
void
il_gil_yield_if_asked (IlActor *actor)
{
  IlArena *arena = actor->arena;
  uint32_t request = atomic_load_explicit (&arena->drop_request, memory_order_relaxed);

  if (request == 0 || !actor->has_gil)
    return;
  /* Who has the lock is the only one to count a switch. */
  if (request == get_request (atomic_load (&arena->gil.n_switches)))
    il_gil_yield (actor);
  else
    atomic_compare_exchange_strong (&arena->drop_request, &request, 0);
}
