/* il-lock.c - guards and locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Roles     Any agent may lock; the owner alone unlocks; the supervisor unlocks for an owner that
 *           is dead.
 * Edges     [L] lock: acquire by compare-and-swap 0 -> id   [U] unlock: release by exchange -> 0
 *               What one owner wrote inside is seen by the next.
 *           [S] a sleeper counts itself, then sets the bit  ->  unlock takes the bit, wakes another
 *               ->  that one reads the count
 *               The one woken knows of all whose bit was taken away.
 * Sleeping  Who sleeps has set IL_GUARD_WAITERS in the very word that it sleeps on, and counted
 *           itself in n_sleepers before.  Unlocking takes the bit away and wakes one; the one woken
 *           sets the bit again when it gets the lock while others are counted, or before it
 *           sleeps again.  If it dies instead, the supervisor wakes all.  Who waits for a guard is
 *           not cancelled, since guards are held for moments only.
 * Weaker?   Without [L] or [U] the next owner sees half of a change.
 * Checked   tests/engine/test-lock.c, also built with -Db_sanitize=thread.
 */

#include "config.h"

#include "il-lock.h"

/* Polls for a moment; true when it got the lock. */
static bool
spin (IlGuard *guard, uint32_t id, uint32_t n_spins)
{
  for (uint32_t i = 0; i < n_spins; i++)
    {
      if (atomic_load_explicit (&guard->word, memory_order_relaxed) == 0
          && il_guard_try_lock (guard, id)) /* [L] */
        return true;
      il_spin_pause ();
    }
  return false;
}

/* Says that somebody sleeps on the guard.  Returns its word then, 0 if it became free. */
static uint32_t
announce_sleeper (IlGuard *guard)
{
  uint32_t word = atomic_load_explicit (&guard->word, memory_order_relaxed);

  while (word != 0 && (word & IL_GUARD_WAITERS) == 0)
    if (atomic_compare_exchange_weak_explicit (&guard->word, &word, word | IL_GUARD_WAITERS,
                                               memory_order_release,
                                               memory_order_relaxed)) /* [S] */
      word |= IL_GUARD_WAITERS;
  return word;
}

/* For one who slept: others may have slept with it and count on it to be woken in their turn. */
static bool
try_lock_after_sleep (IlGuard *guard, uint32_t id)
{
  uint32_t n_sleepers = atomic_load (&guard->n_sleepers); /* [S] */

  return il_guard_try_lock (guard, n_sleepers > 0 ? id | IL_GUARD_WAITERS : id); /* [L] */
}

/* Sleeps in the kernel, whatever the actor is: the owner may be on another core, but is not one
 * that waits for us to let it run. */
static void
sleep_for_guard (IlGuard *guard, IlActor *actor)
{
  uint32_t word;

  atomic_fetch_add (&guard->n_sleepers, 1); /* [S] */
  word = announce_sleeper (guard);
  atomic_store (&actor->agent->sleeps_on, &guard->word);
  if (word != 0)
    il_futex_wait (&guard->word, word, IL_NO_DEADLINE);
  atomic_store_explicit (&actor->agent->sleeps_on, NULL, memory_order_relaxed);
  atomic_fetch_sub (&guard->n_sleepers, 1);
}

/**
 * il_guard_lock_slow:
 *
 * The slow path of il_guard_lock().
 */
void
il_guard_lock_slow (IlGuard *guard, IlActor *actor)
{
  if (spin (guard, actor->id, actor->arena->n_spins))
    return;
  do
    sleep_for_guard (guard, actor);
  while (!try_lock_after_sleep (guard, actor->id));
}

/**
 * il_guard_wake:
 *
 * The slow path of il_guard_unlock().
 */
void
il_guard_wake (IlGuard *guard)
{
  il_futex_wake (&guard->word, 1);
}

/**
 * il_guard_is_owned_by:
 */
bool
il_guard_is_owned_by (const IlGuard *guard, uint32_t id)
{
  return (atomic_load_explicit (&guard->word, memory_order_relaxed) & ~IL_GUARD_WAITERS) == id;
}

/* Who owns a lock, by its word. */
static uint32_t
get_holder (const IlArena *arena, uint32_t word)
{
  uint32_t id = word & ~IL_GUARD_WAITERS;

  if (id == 0 || id > arena->n_agents)
    return 0;
  return atomic_load_explicit (&arena->agents[id - 1].who, memory_order_relaxed);
}

static void
sleep_for_lock (IlGuard *guard, IlActor *actor)
{
  uint32_t word;

  atomic_fetch_add (&guard->n_sleepers, 1); /* [S] */
  word = announce_sleeper (guard);
  if (word != 0)
    il_actor_sleep_on (actor, &guard->word, word, IL_NO_DEADLINE);
  atomic_fetch_sub (&guard->n_sleepers, 1);
}

static IlWaitResult
wait_for_lock (IlLock *lock, IlActor *actor)
{
  IlGuard *guard = &lock->guard;

  if (spin (guard, actor->id, actor->arena->n_spins))
    return IL_WAIT_DONE;
  do
    {
      if (il_arena_is_cancelled (actor->arena))
        return IL_WAIT_CANCELLED;
      sleep_for_lock (guard, actor);
    }
  while (!try_lock_after_sleep (guard, actor->id));
  return IL_WAIT_DONE;
}

/**
 * il_lock_acquire:
 *
 * Waits for the lock and takes it.  Who has it already waits for itself, until the run is given up.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_lock_acquire (IlLock *lock, IlActor *actor)
{
  uint32_t met = 0;
  IlWaitResult result;

  if (atomic_compare_exchange_strong_explicit (
          &lock->guard.word, &met, actor->id, memory_order_acquire, memory_order_relaxed)) /* [L] */
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_ACQUIRE, lock->object, 0);
      return IL_WAIT_DONE;
    }

  il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_WAIT, lock->object,
                       get_holder (actor->arena, met));
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  result = wait_for_lock (lock, actor);
  if (result == IL_WAIT_DONE)
    il_trace_lane_write (&actor->lane, IL_EVENT_LOCK_ACQUIRE, lock->object,
                         atomic_load_explicit (&lock->last_holder, memory_order_relaxed));
  else
    il_trace_lane_write (&actor->lane, IL_EVENT_WAIT_CANCELLED, lock->object, 0);
  il_actor_end_wait (actor);
  return result;
}

/**
 * il_lock_release:
 *
 * Returns: %FALSE if the actor does not have the lock; then nothing happens
 */
bool
il_lock_release (IlLock *lock, IlActor *actor)
{
  uint64_t stamp;
  uint32_t word;

  if (!il_guard_is_owned_by (&lock->guard, actor->id))
    return false;

  stamp = il_trace_lane_stamp (&actor->lane);
  atomic_store_explicit (&lock->last_holder, il_actor_get_who (actor), memory_order_relaxed);
  word = atomic_exchange_explicit (&lock->guard.word, 0, memory_order_acq_rel); /* [U] */
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_LOCK_RELEASE, lock->object,
                          (word & IL_GUARD_WAITERS) != 0 ? IL_EVENT_WOKE : 0);
  if ((word & IL_GUARD_WAITERS) != 0)
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
il_lock_release_for_dead (IlLock *lock, IlActor *supervisor, const IlAgent *dead)
{
  uint32_t who = atomic_load_explicit (&dead->who, memory_order_relaxed);

  if (!il_guard_is_owned_by (&lock->guard, dead->index + 1))
    return;
  atomic_store_explicit (&lock->last_holder, who, memory_order_relaxed);
  il_trace_lane_write (&supervisor->lane, IL_EVENT_OWNER_DIED, lock->object, who);
  if ((atomic_exchange_explicit (&lock->guard.word, 0, memory_order_acq_rel) & IL_GUARD_WAITERS)
      != 0) /* [U] */
    il_actor_wake (supervisor, &lock->guard.word, 1);
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlLock);
}

static void
release_object_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  il_lock_release_for_dead (object->data, supervisor, dead);
}

static void
unwind (IlArenaObject *object, IlActor *actor)
{
  il_lock_release (object->data, actor);
}

const IlObjectClass il_lock_class = {
  .kind = IL_OBJECT_LOCK,
  .id_offset = offsetof (IlLock, object),
  .get_size = get_size,
  .release_for_dead = release_object_for_dead,
  .unwind = unwind,
};
