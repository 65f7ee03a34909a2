/* il-rwlock.c - readers and writers, under a guard once somebody waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 *
 * Roles     Any agent reads or writes; who has it gives it back.  Who reads may enter for reading
 *           again; who has it in any other way waits for itself, until the run is given up.
 * Order     Readers first: a reader waits for nobody but a writer inside; writers, among themselves
 *           in the order of coming, wait until no reader is left, which may be never.
 *           Writers first: a reader also waits for writers that wait; a writer that is done lets
 *           the next writer in before any reader.
 * Waking    Who leaves lets in all that can go on, and nobody else, by giving them what they wait
 *           for before they wake: one writer, or all readers.
 * Quick     While nobody waits, and where agents cannot be killed one by one, the quick word says
 *           how many read or who writes, and getting in and out is a compare-and-swap each.  Who
 *           does not get in that way takes the guard and says IL_RWLOCK_SLOW in the word, by which
 *           all others come to the guard, too; n_reads and writer are then what the word was.
 *           Whoever frees the guard when nobody waits any more puts them back into the word.
 * Killed    The truth is each agent's `hold`, changed by one store; n_reads and writer are its
 *           sum, and the lists follow from the waiters.  Somebody let in has the hold first and is
 *           told afterwards: `hold` = `hold_after` with the waiter still listed means a half done
 *           grant. Whoever cannot go on for a dead one is let in when that one is buried.
 * Edges     [Q] out: release by compare-and-swap of the quick word
 *               ->  in: acquire by the same, or by setting IL_RWLOCK_SLOW
 *               What a writer wrote is seen by the next who gets in, and a writer comes after all
 *               that readers did: those before the last are in its word's release sequence.
 *           [Q] putting back: release store  ->  the same
 *           All else under the guard, and the grant of il-waiters.h.
 * Weaker?   Without [Q] who gets in could see what is inside half written.
 * Checked   tests/engine/test-rwlock.c, also built with -Db_sanitize=thread, test-robust.c.
 */

#include "config.h"

#include "il-rwlock.h"

/* How many agents are looked at to find a reader to name: it must not take long. */
#define N_LOOKS 1024
#define N_ROUNDS 16

static IlRWLockPart *
get_part (const IlRWLock *lock, const IlAgent *agent)
{
  return il_robust_get_part (&lock->robust, agent);
}

/**
 * il_rwlock_get_hold:
 *
 * Returns: how often the agent has it for reading, or %IL_RWLOCK_WRITE_HOLD
 */
uint32_t
il_rwlock_get_hold (const IlRWLock *lock, const IlAgent *agent)
{
  return atomic_load_explicit (&get_part (lock, agent)->hold, memory_order_relaxed);
}

static void
set_hold (IlRWLock *lock, const IlAgent *agent, uint32_t hold)
{
  IlRWLockPart *part = get_part (lock, agent);
  uint32_t before = atomic_load_explicit (&part->hold, memory_order_relaxed);

  atomic_store_explicit (&part->hold, hold, memory_order_release);
  if (((before | hold) & IL_RWLOCK_WRITE_HOLD) != 0)
    lock->writer = hold != 0 ? agent->index + 1 : 0;
  else
    lock->n_reads += hold - before;
  if (hold > before)
    lock->last_in = agent->index + 1;
}

/* What its hold comes to once it gets in. */
static uint32_t
get_hold_after (const IlRWLock *lock, const IlAgent *agent, IlAccess access)
{
  return access == IL_ACCESS_READ ? (il_rwlock_get_hold (lock, agent) & ~IL_RWLOCK_WRITE_HOLD) + 1
                                  : IL_RWLOCK_WRITE_HOLD;
}

static void
set_own_hold (IlRWLock *lock, IlActor *actor, uint32_t hold)
{
  atomic_store_explicit (&get_part (lock, actor->agent)->hold, hold, memory_order_relaxed);
}

/* Returns whether it got in without the guard.  What the word is is guessed at first, here and in
 * leaving: a look at what an atomic instruction has just written takes as long as another. */
static bool
enter_quickly (IlRWLock *lock, IlActor *actor, IlAccess access)
{
  uint32_t barred = access == IL_ACCESS_READ ? IL_RWLOCK_SLOW | IL_RWLOCK_WRITE : UINT32_MAX;
  uint32_t word = 0;

  if (actor->arena->can_lose_workers)
    return false;
  while (!atomic_compare_exchange_strong_explicit (
      &lock->quick, &word, access == IL_ACCESS_READ ? word + 1 : IL_RWLOCK_WRITE | actor->id,
      memory_order_acquire, memory_order_relaxed)) /* [Q] */
    if ((word & barred) != 0)
      return false;
  /* After: whoever looks for one inside finds nobody who is not. */
  set_own_hold (lock, actor, get_hold_after (lock, actor->agent, access));
  return true;
}

/* Returns whether it got out, which it is in, without the guard. */
static bool
leave_quickly (IlRWLock *lock, IlActor *actor, uint32_t hold)
{
  bool writes = hold == IL_RWLOCK_WRITE_HOLD;
  uint32_t word = writes ? IL_RWLOCK_WRITE | actor->id : 1;

  if (actor->arena->can_lose_workers)
    return false;
  /* Before, for the same reason. */
  set_own_hold (lock, actor, writes ? 0 : hold - 1);
  while (!atomic_compare_exchange_strong_explicit (&lock->quick, &word, writes ? 0 : word - 1,
                                                   memory_order_release,
                                                   memory_order_relaxed)) /* [Q] */
    if ((word & IL_RWLOCK_SLOW) != 0)
      {
        set_own_hold (lock, actor, hold);
        return false;
      }
  return true;
}

/* Takes the guard, and from the quick word what it said. */
static void
lock_guard (IlRWLock *lock, IlActor *actor)
{
  uint32_t word;

  il_robust_lock (&lock->robust, actor);
  if ((atomic_load_explicit (&lock->quick, memory_order_relaxed) & IL_RWLOCK_SLOW) != 0)
    return;
  word = atomic_fetch_or_explicit (&lock->quick, IL_RWLOCK_SLOW, memory_order_acquire); /* [Q] */
  if ((word & IL_RWLOCK_WRITE) != 0)
    lock->writer = word & ~IL_RWLOCK_WRITE;
  else
    lock->n_reads = word;
}

static void
unlock_guard (IlRWLock *lock, IlActor *actor)
{
  if (!actor->arena->can_lose_workers && lock->waiters[IL_ACCESS_READ].first == 0
      && lock->waiters[IL_ACCESS_WRITE].first == 0)
    {
      uint32_t word = lock->writer != 0 ? IL_RWLOCK_WRITE | lock->writer : lock->n_reads;

      lock->n_reads = lock->writer = 0;
      atomic_store_explicit (&lock->quick, word, memory_order_release); /* [Q] */
    }
  il_robust_unlock (&lock->robust, actor);
}

static bool
may_enter (const IlRWLock *lock, IlAccess access)
{
  if (lock->writer != 0)
    return false;
  return access == IL_ACCESS_READ
             ? !lock->prefers_writers || lock->waiters[IL_ACCESS_WRITE].first == 0
             : lock->n_reads == 0;
}

static void
let_in (IlRWLock *lock, IlActor *actor, IlAccess access, IlWakeUps *wake_ups)
{
  uint32_t id = lock->waiters[access].first;
  const IlAgent *agent = &actor->arena->agents[id - 1];

  set_hold (lock, agent, get_part (lock, agent)->hold_after);
  il_waiters_grant (&lock->waiters[access], actor, id, wake_ups);
}

/* Lets in all that can go on.  Under the guard. */
static void
let_in_all (IlRWLock *lock, IlActor *actor, IlWakeUps *wake_ups)
{
  const IlWaiters *readers = &lock->waiters[IL_ACCESS_READ];
  const IlWaiters *writers = &lock->waiters[IL_ACCESS_WRITE];

  if (lock->writer == 0 && lock->prefers_writers && writers->first != 0 && lock->n_reads == 0)
    let_in (lock, actor, IL_ACCESS_WRITE, wake_ups);
  while (readers->first != 0 && may_enter (lock, IL_ACCESS_READ))
    let_in (lock, actor, IL_ACCESS_READ, wake_ups);
  if (writers->first != 0 && may_enter (lock, IL_ACCESS_WRITE))
    let_in (lock, actor, IL_ACCESS_WRITE, wake_ups);
}

static uint32_t
get_who (const IlAgent *agent)
{
  return atomic_load_explicit (&agent->who, memory_order_relaxed);
}

/* Who is inside and reads, as far as it says so.  Under the guard. */
static uint32_t
find_reader (IlRWLock *lock, const IlArena *arena)
{
  uint32_t first = lock->last_in != 0 ? lock->last_in - 1 : 0;

  for (uint32_t i = 0; i < arena->n_agents && i < N_LOOKS; i++)
    {
      const IlAgent *agent = &arena->agents[(first + i) % arena->n_agents];

      if (il_rwlock_get_hold (lock, agent) == 0)
        continue;
      lock->last_in = agent->index + 1;
      return get_who (agent);
    }
  return 0;
}

/* One of those whom it would have to wait for: the writer inside, a reader inside, or none that is
 * known.  Under the guard. */
static uint32_t
find_holder (IlRWLock *lock, const IlArena *arena)
{
  uint32_t who = 0;

  if (lock->writer != 0)
    return get_who (&arena->agents[lock->writer - 1]);
  /* Who got in or out without the guard says so some instructions later or before. */
  for (uint32_t i = 0; who == 0 && i < N_ROUNDS; i++)
    {
      if (i > 0)
        il_spin_pause ();
      who = find_reader (lock, arena);
    }
  return who;
}

/* Returns false, with the actor in the list and *met one it waits for, if it cannot enter now. */
static bool
enter_or_join (IlRWLock *lock, IlActor *actor, IlAccess access, uint64_t *stamp, uint32_t *met)
{
  IlRWLockPart *part = get_part (lock, actor->agent);
  uint32_t hold;
  bool enters;

  if (enter_quickly (lock, actor, access))
    return true;
  hold = get_hold_after (lock, actor->agent, access);
  lock_guard (lock, actor);
  enters = may_enter (lock, access);
  if (enters)
    set_hold (lock, actor->agent, hold);
  else
    {
      *stamp = il_trace_lane_stamp (&actor->lane);
      *met = find_holder (lock, actor->arena);
      part->waiter.what = access;
      part->hold_after = hold;
      il_waiters_join (&lock->waiters[access], actor);
    }
  unlock_guard (lock, actor);
  return enters;
}

static IlWaitResult
wait_for_grant (IlRWLock *lock, IlActor *actor, IlAccess access)
{
  IlWaiter *waiter = &get_part (lock, actor->agent)->waiter;
  IlWakeUps wake_ups = { 0 };
  IlWaitResult result = il_waiter_wait (waiter, actor);

  if (result == IL_WAIT_CANCELLED)
    {
      lock_guard (lock, actor);
      if (il_waiter_is_listed (waiter))
        {
          il_waiters_leave (&lock->waiters[access], actor->arena, actor->id);
          /* Readers may have waited for this writer alone. */
          let_in_all (lock, actor, &wake_ups);
        }
      else
        result = IL_WAIT_DONE;
      unlock_guard (lock, actor);
      il_wake_ups_send (&wake_ups, actor);
    }
  atomic_store_explicit (&waiter->state, IL_WAITER_NONE, memory_order_relaxed);
  return result;
}

/**
 * il_rwlock_acquire:
 *
 * Waits until it may read, or write.
 *
 * Returns: %IL_WAIT_DONE or %IL_WAIT_CANCELLED
 */
IlWaitResult
il_rwlock_acquire (IlRWLock *lock, IlActor *actor, IlAccess access)
{
  uint64_t stamp = 0;
  uint32_t met = 0;
  IlWaitResult result;

  if (enter_or_join (lock, actor, access, &stamp, &met))
    {
      il_trace_lane_write (&actor->lane, IL_EVENT_RW_ACQUIRE, lock->object, access);
      return IL_WAIT_DONE;
    }

  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_RW_WAIT, lock->object, access | met << 1);
  il_actor_begin_wait (actor, IL_ACTIVITY_WAITING);
  result = wait_for_grant (lock, actor, access);
  stamp = il_trace_lane_stamp (&actor->lane);
  if (result == IL_WAIT_DONE)
    {
      il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_RW_ACQUIRE, lock->object, access);
      il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_WOKEN_BY, lock->object,
                              get_part (lock, actor->agent)->waiter.waker);
    }
  else
    il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_WAIT_CANCELLED, lock->object, 0);
  il_actor_end_wait (actor);
  return result;
}

/* Out under the guard.  Returns how many it let in. */
static uint32_t
leave (IlRWLock *lock, IlActor *actor, uint32_t hold, IlWakeUps *wake_ups)
{
  wake_ups->n = wake_ups->n_granted = 0;
  lock_guard (lock, actor);
  set_hold (lock, actor->agent, hold == IL_RWLOCK_WRITE_HOLD ? 0 : hold - 1);
  let_in_all (lock, actor, wake_ups);
  unlock_guard (lock, actor);
  return wake_ups->n_granted;
}

/**
 * il_rwlock_release:
 *
 * Returns: %FALSE if the actor does not have it in that way; then nothing happens
 */
bool
il_rwlock_release (IlRWLock *lock, IlActor *actor, IlAccess access)
{
  uint32_t hold = il_rwlock_get_hold (lock, actor->agent), n_let_in = 0;
  IlWakeUps wake_ups;
  uint64_t stamp;

  if (hold == 0 || (hold == IL_RWLOCK_WRITE_HOLD) != (access == IL_ACCESS_WRITE))
    return false;
  stamp = il_trace_lane_stamp (&actor->lane);
  if (!leave_quickly (lock, actor, hold))
    n_let_in = leave (lock, actor, hold, &wake_ups);
  il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_RW_RELEASE, lock->object,
                          access | (n_let_in > 0 ? IL_EVENT_WOKE : 0));
  if (n_let_in > 0)
    il_wake_ups_send (&wake_ups, actor);
  return true;
}

static void
repair (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlRWLock *lock = (IlRWLock *)(void *)robust;
  IlArena *arena = actor->arena;
  IlWakeUps wake_ups = { 0 };

  (void)dead;
  lock->n_reads = lock->writer = 0;
  for (uint32_t i = 0; i < arena->n_agents; i++)
    {
      uint32_t hold = il_rwlock_get_hold (lock, &arena->agents[i]);

      if (hold == IL_RWLOCK_WRITE_HOLD)
        lock->writer = i + 1;
      else
        lock->n_reads += hold;
    }
  for (IlAccess access = IL_ACCESS_READ; access <= IL_ACCESS_WRITE; access++)
    il_waiters_rebuild (&lock->waiters[access], arena, access);
  for (uint32_t i = 0; i < arena->n_agents; i++)
    {
      const IlRWLockPart *part = get_part (lock, &arena->agents[i]);

      if (il_waiter_is_listed (&part->waiter)
          && part->hold_after == il_rwlock_get_hold (lock, &arena->agents[i]))
        il_waiters_grant (&lock->waiters[part->waiter.what], actor, i + 1, &wake_ups);
    }
  let_in_all (lock, actor, &wake_ups);
  il_wake_ups_send (&wake_ups, actor);
}

/* Once for each time that the dead one had it. */
static void
write_owner_died (const IlRWLock *lock, IlActor *actor, const IlAgent *dead)
{
  uint32_t hold = il_rwlock_get_hold (lock, dead);
  uint32_t n = hold == IL_RWLOCK_WRITE_HOLD ? 1 : hold;

  for (uint32_t i = 0; i < n; i++)
    il_trace_lane_write (&actor->lane, IL_EVENT_OWNER_DIED, lock->object,
                         get_part (lock, dead)->robust.who);
}

static void
bury (IlRobust *robust, IlActor *actor, IlAgent *dead)
{
  IlRWLock *lock = (IlRWLock *)(void *)robust;
  IlRWLockPart *part = get_part (lock, dead);
  IlWakeUps wake_ups = { 0 };

  if (il_waiter_is_listed (&part->waiter))
    il_waiters_leave (&lock->waiters[part->waiter.what], actor->arena, dead->index + 1);
  atomic_store_explicit (&part->waiter.state, IL_WAITER_NONE, memory_order_relaxed);
  if (il_rwlock_get_hold (lock, dead) != 0)
    {
      write_owner_died (lock, actor, dead);
      set_hold (lock, dead, 0);
    }
  let_in_all (lock, actor, &wake_ups);
  il_wake_ups_send (&wake_ups, actor);
}

static const IlRobustFuncs funcs = { repair, bury };

/**
 * il_rwlock_release_for_dead:
 * @dead: an agent that no longer runs
 *
 * Gives back what the dead one had, or has it done.
 */
void
il_rwlock_release_for_dead (IlRWLock *lock, IlActor *supervisor, IlAgent *dead)
{
  il_robust_release_for_dead (&lock->robust, supervisor, dead);
}

static size_t
get_size (const IlObjectPlan *plan)
{
  (void)plan;
  return sizeof (IlRWLock);
}

static void
init (IlArena *arena, IlArenaObject *object, const IlObjectPlan *plan)
{
  IlRWLock *lock = object->data;

  il_robust_init (&lock->robust, object, &funcs);
  atomic_init (&lock->quick, arena->can_lose_workers ? IL_RWLOCK_SLOW : 0);
  lock->prefers_writers = plan->object->variant != 0;
  for (IlAccess access = IL_ACCESS_READ; access <= IL_ACCESS_WRITE; access++)
    lock->waiters[access].offset = object->agent_offset + (uint32_t)offsetof (IlRWLockPart, waiter);
}

static void
release_object_for_dead (IlArenaObject *object, IlActor *supervisor, IlAgent *dead)
{
  il_rwlock_release_for_dead (object->data, supervisor, dead);
}

static void
unwind (IlArenaObject *object, IlActor *actor)
{
  while (il_rwlock_release (object->data, actor, IL_ACCESS_READ)
         || il_rwlock_release (object->data, actor, IL_ACCESS_WRITE))
    continue;
}

const IlObjectClass il_rwlock_class = {
  .kind = IL_OBJECT_RWLOCK,
  .id_offset = offsetof (IlRWLock, object),
  .agent_size = sizeof (IlRWLockPart),
  .is_robust = true,
  .robust_offset = offsetof (IlRWLock, robust),
  .get_size = get_size,
  .init = init,
  .release_for_dead = release_object_for_dead,
  .unwind = unwind,
};
