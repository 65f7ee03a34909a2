/* il-lock.c - what locks do when they are not simply free: waiting, waking, entering again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     Any agent may lock; the owner alone unlocks; the supervisor unlocks for an owner that
 *           is dead.
 * Kinds     plain, interpreter   who finds it free has it, whoever waited longer
 *           recursive            the same, but its owner may enter again: `depth` counts that, and
 *                                the events of taking and releasing are those of the outermost
 *           spin                 the same, but who waits polls; see wait_spinning()
 *           ticket               in the order of coming, see il-lock-ticket.c
 * Edges     [L] lock: acquire by compare-and-swap 0 -> id   [U] unlock: release -> 0
 *               What one owner wrote inside is seen by the next.
 * Sleeping  As for a guard, see il-guard.c: with IL_GUARD_WAITERS the inline release fails, and the
 *           slow one takes the bit away and wakes one.
 * Holder    Who takes it notes that it is the holder; whoever waits reads this once it has the
 *           lock, before it notes itself: there stands who had it last.
 * Waking    One for each release: only one can go on.
 * Weaker?   Without [L] or [U] the next owner sees half of a change.  No store before an unlock
 *           has to precede a later load of another word, so nothing need be sequentially
 *           consistent but the counting of sleepers.
 * Checked   tests/engine/test-lock.c, also built with -Db_sanitize=thread.
 */

#include "config.h"

#include "il-lock.h"

#include <sched.h>

/* Polls of a spin lock before a core is given to others, some microseconds: an owner that runs is
 * done by then, one that does not run will not be helped by more. */
#define N_POLLS 500

static IlWaitResult
wait_sleeping (IlGuard *guard, IlActor *actor)
{
  if (il_guard_poll (guard, actor->id, actor->arena->n_spins)) /* [L] */
    return IL_WAIT_DONE;
  while (!il_arena_is_cancelled (actor->arena))
    {
      uint32_t word = il_guard_begin_sleep (guard);

      if (word != 0)
        il_actor_sleep_on (actor, &guard->word, word, IL_NO_DEADLINE);
      /* What the others leave behind when the run is given up is nobody's gain. */
      if (il_arena_is_cancelled (actor->arena))
        break;
      if (il_guard_end_sleep (guard, actor->id)) /* [L] */
        return IL_WAIT_DONE;
    }
  return IL_WAIT_CANCELLED;
}

/* Lets others have the core, among them the owner perhaps. */
static void
give_way (IlActor *actor)
{
  if (actor->coroutine != NULL)
    il_actor_yield (actor);
  else
    sched_yield ();
}

/* Never sleeps for the lock.  But where there are more who could run than cores, the owner may be
 * waiting for ours: so the core is offered to others after each N_POLLS.  While the run is paused,
 * the owner will not go on, and neither do we. */
static IlWaitResult
wait_spinning (IlGuard *guard, IlActor *actor)
{
  IlArena *arena = actor->arena;

  /* It does not sleep, and cannot go on either. */
  il_actor_set_activity (actor, IL_ACTIVITY_WAITING);
  while (!il_guard_poll (guard, actor->id, N_POLLS))
    {
      uint32_t run = atomic_load_explicit (&arena->run, memory_order_acquire);

      if ((run & IL_RUN_CANCELLED) != 0)
        return IL_WAIT_CANCELLED;
      if ((run & IL_RUN_PAUSED) != 0)
        il_actor_sleep_on (actor, &arena->run, run, IL_NO_DEADLINE);
      else
        give_way (actor);
    }
  return IL_WAIT_DONE;
}

static IlWaitResult
wait_for_lock (IlLock *lock, IlActor *actor)
{
  switch (lock->kind)
    {
    case IL_LOCK_SPIN:
      return wait_spinning (&lock->guard, actor);
    case IL_LOCK_TICKET:
      return il_lock_ticket_wait (lock, actor);
    default:
      return wait_sleeping (&lock->guard, actor);
    }
}

/* Who owns a lock, by its word. */
static uint32_t
get_holder (const IlArena *arena, uint32_t word)
{
  uint32_t id = word & IL_LOCK_OWNER;

  if (id == 0 || id > arena->n_agents)
    return 0;
  return atomic_load_explicit (&arena->agents[id - 1].who, memory_order_relaxed);
}

/**
 * il_lock_get_depth:
 *
 * Returns: how often its owner has entered it again; its owner alone may ask
 */
uint32_t
il_lock_get_depth (const IlLock *lock)
{
  return lock->depth;
}

/**
 * il_lock_set_depth:
 * @depth: how often its owner, the actor, has entered it again
 */
void
il_lock_set_depth (IlLock *lock, IlActor *actor, uint32_t depth)
{
  if (lock->depth == depth)
    return;
  if (depth > 0)
    atomic_fetch_or_explicit (&lock->guard.word, IL_LOCK_ENTERED, memory_order_relaxed);
  else
    atomic_fetch_and_explicit (&lock->guard.word, ~IL_LOCK_ENTERED, memory_order_relaxed);
  lock->depth = depth;
  il_trace_lane_write (&actor->lane, IL_EVENT_COUNTER, lock->object, depth + 1);
}

/**
 * il_lock_acquire_slow:
 * @met: the lock's word, which was not 0
 *
 * The slow path of il_lock_acquire().
 */
IlWaitResult
il_lock_acquire_slow (IlLock *lock, IlActor *actor, uint32_t met)
{
  IlWaitResult result;

  if (lock->kind == IL_LOCK_RECURSIVE && (met & IL_LOCK_OWNER) == actor->id)
    {
      il_lock_set_depth (lock, actor, lock->depth + 1);
      return IL_WAIT_DONE;
    }
  il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_WAIT, lock->object,
                       get_holder (actor->arena, met));
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  result = wait_for_lock (lock, actor);
  if (result == IL_WAIT_DONE)
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_ACQUIRE, lock->object,
                           atomic_load_explicit (&lock->last_holder, memory_order_relaxed));
      il_lock_note_holder (lock, actor);
    }
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, lock->object, 0);
  il_actor_end_wait (actor);
  return result;
}

/**
 * il_lock_release_slow:
 * @stamp: of the moment of release, announced
 *
 * The slow path of il_lock_release(): somebody waits, or its owner entered it again, or the actor
 * is not its owner.
 */
bool
il_lock_release_slow (IlLock *lock, IlActor *actor, uint64_t stamp)
{
  bool wakes;

  if (!il_lock_is_owned_by (lock, actor))
    {
      il_trace_lane_take_back (&actor->lane);
      return false;
    }
  if (lock->depth > 0)
    {
      il_lock_set_depth (lock, actor, lock->depth - 1);
      il_trace_lane_take_back (&actor->lane);
      return true;
    }

  if (lock->kind == IL_LOCK_TICKET)
    wakes = il_lock_ticket_hand_on (lock, actor);
  else
    wakes = (atomic_exchange_explicit (&lock->guard.word, 0, memory_order_acq_rel) /* [U] */
             & IL_GUARD_WAITERS)
            != 0;
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_LOCK_RELEASE, lock->object,
                          wakes ? IL_EVENT_WOKE : 0);
  if (wakes && lock->kind != IL_LOCK_TICKET)
    il_actor_wake (actor, &lock->guard.word, 1);
  return true;
}

/**
 * il_lock_release_for_dead:
 * @dead: an agent that no longer runs
 *
 * Frees the lock if the dead one has it.
 */
void
il_lock_release_for_dead (IlLock *lock, IlActor *supervisor, IlAgent *dead)
{
  uint32_t who = atomic_load_explicit (&dead->who, memory_order_relaxed);
  uint32_t word;

  if (lock->kind == IL_LOCK_TICKET)
    {
      il_lock_ticket_release_for_dead (lock, supervisor, dead);
      return;
    }
  if ((atomic_load_explicit (&lock->guard.word, memory_order_relaxed) & IL_LOCK_OWNER)
      != dead->index + 1)
    return;
  lock->depth = 0;
  atomic_store_explicit (&lock->last_holder, who, memory_order_relaxed);
  il_trace_lane_write (&supervisor->lane, IL_EVENT_OWNER_DIED, lock->object, who);
  word = atomic_exchange_explicit (&lock->guard.word, 0, memory_order_acq_rel); /* [U] */
  if ((word & IL_GUARD_WAITERS) != 0)
    il_actor_wake (supervisor, &lock->guard.word, 1);
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlLock);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlLock *lock = object->data;

  (void)arena;
  lock->kind = (uint32_t)plan->object->variant;
  il_lock_ticket_init (lock, object);
}

static uint64_t
get_parameter (const IlArenaObject *object)
{
  return ((const IlLock *)object->data)->kind;
}

static void
release_object_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  il_lock_release_for_dead (object->data, supervisor, dead);
}

static void
unwind (IlArenaObject *object, IlActor *actor)
{
  while (il_lock_release (object->data, actor))
    continue;
}

const IlObjectClass il_lock_class = {
  .kind = IL_OBJECT_LOCK,
  .id_offset = offsetof (IlLock, object),
  .agent_size = sizeof (IlWaiterPart),
  .is_robust = true,
  .robust_offset = offsetof (IlLock, queue.robust),
  .get_size = get_size,
  .init = init,
  .get_parameter = get_parameter,
  .release_for_dead = release_object_for_dead,
  .unwind = unwind,
};
