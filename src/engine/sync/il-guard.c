/* il-guard.c - the slow paths of guards, how to sleep for one, and burials
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
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
 *           sets the bit again when it gets the guard while others are counted, or before it
 *           sleeps again.  If it dies instead, the supervisor wakes all.  Who waits for a guard is
 *           not cancelled, since guards are held for moments only.
 * Weaker?   Without [L] or [U] the next owner sees half of a change.
 * Checked   tests/engine/test-lock.c, also built with -Db_sanitize=thread.
 */

#include "config.h"

#include "il-guard.h"

/**
 * il_guard_poll:
 * @n_polls: how often to look
 *
 * Polls for a moment.
 *
 * Returns: whether it got the guard
 */
bool
il_guard_poll (IlGuard *guard, uint32_t id, uint32_t n_polls)
{
  for (uint32_t i = 0; i < n_polls; i++)
    {
      if (atomic_load_explicit (&guard->word, memory_order_relaxed) == 0
          && il_guard_try_lock (guard, id)) /* [L] */
        return true;
      il_spin_pause ();
    }
  return false;
}

/**
 * il_guard_begin_sleep:
 *
 * Says that somebody is about to sleep on the word of a guard; to be followed by
 * il_guard_end_sleep().
 *
 * Returns: the word to sleep on while it is so; 0: it became free, do not sleep
 */
uint32_t
il_guard_begin_sleep (IlGuard *guard)
{
  uint32_t word;

  atomic_fetch_add (&guard->n_sleepers, 1); /* [S] */
  word = atomic_load_explicit (&guard->word, memory_order_relaxed);
  while (word != 0 && (word & IL_GUARD_WAITERS) == 0)
    if (atomic_compare_exchange_weak_explicit (&guard->word, &word, word | IL_GUARD_WAITERS,
                                               memory_order_release,
                                               memory_order_relaxed)) /* [S] */
      word |= IL_GUARD_WAITERS;
  return word;
}

/**
 * il_guard_end_sleep:
 * @id: of the one who slept
 *
 * Tries to take the guard after a sleep.  Others may have slept with it and count on it to be woken
 * in their turn.
 *
 * Returns: whether it got the guard
 */
bool
il_guard_end_sleep (IlGuard *guard, uint32_t id)
{
  uint32_t n_sleepers = atomic_fetch_sub (&guard->n_sleepers, 1) - 1; /* [S] */

  return il_guard_try_lock (guard, n_sleepers > 0 ? id | IL_GUARD_WAITERS : id); /* [L] */
}

/* Sleeps in the kernel, whatever the actor is: the owner may be on another core, but is not one
 * that waits for us to let it run. */
static void
sleep_for_guard (IlGuard *guard, IlActor *actor)
{
  uint32_t word = il_guard_begin_sleep (guard);

  atomic_store (&actor->agent->sleeps_on, &guard->word);
  if (word != 0)
    il_futex_wait (&guard->word, word, IL_NO_DEADLINE);
  atomic_store_explicit (&actor->agent->sleeps_on, NULL, memory_order_relaxed);
}

/**
 * il_guard_lock_slow:
 *
 * The slow path of il_guard_lock().
 */
void
il_guard_lock_slow (IlGuard *guard, IlActor *actor)
{
  if (il_guard_poll (guard, actor->id, actor->arena->n_spins))
    return;
  do
    sleep_for_guard (guard, actor);
  while (!il_guard_end_sleep (guard, actor->id));
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
 * il_robust_init:
 * @funcs: static
 */
void
il_robust_init (IlRobust *self, const IlArenaObject *object, const IlRobustFuncs *funcs)
{
  self->agent_offset = object->agent_offset;
  self->funcs = funcs;
}

/**
 * il_robust_bury_owned:
 *
 * The slow path of il_robust_lock(): buries all that are to be buried, with the guard owned.
 */
void
il_robust_bury_owned (IlRobust *self, IlActor *actor)
{
  IlArena *arena = actor->arena;
  uint32_t n_dead = atomic_load (&self->n_dead);

  for (uint32_t i = 0; i < arena->n_agents && n_dead > 0; i++)
    {
      IlRobustPart *part = il_robust_get_part (self, &arena->agents[i]);

      if (atomic_load (&part->is_dead) == 0)
        continue;
      self->funcs->bury (self, actor, &arena->agents[i]);
      /* In this order: one who dies in between leaves a burial to be done once more, which finds
       * nothing left to take. */
      atomic_store (&part->is_dead, 0);
      n_dead = atomic_fetch_sub (&self->n_dead, 1) - 1;
    }
}

/**
 * il_robust_bury_pending:
 *
 * The slow path of il_robust_unlock().
 */
void
il_robust_bury_pending (IlRobust *self, IlActor *actor)
{
  while (atomic_load (&self->n_dead) != 0 && il_guard_try_lock (&self->guard, actor->id)) /* [D] */
    {
      il_robust_bury_owned (self, actor);
      il_guard_unlock (&self->guard);
    }
}

/**
 * il_robust_await_burials:
 * @actor: of a worker that has just begun
 *
 * Sees to it that the actor's predecessor, if that was killed, is buried in all robust objects: who
 * has a guard while somebody dies buries that one a moment later.
 */
void
il_robust_await_burials (IlActor *actor)
{
  const IlArena *arena = actor->arena;

  for (uint32_t i = 0; i < arena->n_objects; i++)
    {
      const IlArenaObject *object = &arena->objects[i];
      IlRobust *robust
          = (IlRobust *)(void *)((uint8_t *)object->data + object->class->robust_offset);
      const IlRobustPart *part;

      if (!object->class->is_robust)
        continue;
      part = il_robust_get_part (robust, actor->agent);
      if (atomic_load (&part->is_dead) == 0)
        continue;
      il_robust_lock (robust, actor);
      il_robust_unlock (robust, actor);
    }
}

/* Makes the guard of one who died the supervisor's. */
static void
inherit_guard (IlGuard *guard, const IlActor *supervisor)
{
  uint32_t word = atomic_load_explicit (&guard->word, memory_order_relaxed);

  while (!atomic_compare_exchange_weak_explicit (&guard->word, &word,
                                                 supervisor->id | (word & IL_GUARD_WAITERS),
                                                 memory_order_acq_rel, memory_order_relaxed))
    continue;
}

/* Counted anew: of those who died while they counted, is_dead tells. */
static void
recount_dead (IlRobust *self, const IlArena *arena)
{
  uint32_t n_dead = 0;

  for (uint32_t i = 0; i < arena->n_agents; i++)
    {
      const IlRobustPart *part = il_robust_get_part (self, &arena->agents[i]);

      n_dead += atomic_load (&part->is_dead);
    }
  atomic_store (&self->n_dead, n_dead);
}

/**
 * il_robust_release_for_dead:
 * @dead: an agent that no longer runs
 *
 * Sees to it that the dead one is buried; waits for nobody.
 */
void
il_robust_release_for_dead (IlRobust *self, IlActor *supervisor, IlAgent *dead)
{
  IlRobustPart *part = il_robust_get_part (self, dead);

  part->who = atomic_load_explicit (&dead->who, memory_order_relaxed);
  /* Its predecessor may still wait for its burial: one will do for both. */
  if (atomic_exchange (&part->is_dead, 1) == 0)
    atomic_fetch_add (&self->n_dead, 1); /* [D] */
  if (il_guard_is_owned_by (&self->guard, dead->index + 1))
    {
      inherit_guard (&self->guard, supervisor);
      recount_dead (self, supervisor->arena);
      self->funcs->repair (self, supervisor, dead);
      il_robust_bury_owned (self, supervisor);
      il_robust_unlock (self, supervisor);
    }
  else
    il_robust_bury_pending (self, supervisor);
}
