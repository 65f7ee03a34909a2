/* il-arena.c - what workers and supervisor ask of the arena as a whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-arena.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "il-futex.h"
#include "il-workspace.h"

/**
 * il_arena_free:
 * @arena: (nullable) (transfer full): nobody may still use it in this process
 */
void
il_arena_free (IlArena *arena)
{
  if (arena == NULL)
    return;
  il_workspaces_unmap (arena);
  close (arena->notify_fd);
  close (arena->cancel_fd);
  munmap (arena, arena->size);
}

/**
 * il_arena_get_knob:
 *
 * Any thread or process.
 */
double
il_arena_get_knob (const IlArena *arena, uint32_t knob)
{
  uint64_t bits = atomic_load_explicit (&arena->knobs[knob], memory_order_relaxed);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

/**
 * il_arena_set_knob:
 * @value: within the knob's range
 *
 * Takes effect at the next use.  Any thread or process.
 */
void
il_arena_set_knob (IlArena *arena, uint32_t knob, double value)
{
  uint64_t bits;

  memcpy (&bits, &value, sizeof bits);
  atomic_store_explicit (&arena->knobs[knob], bits, memory_order_relaxed);
}

/**
 * il_arena_get_quantity:
 *
 * The value of a quantity as knobs stand now; for a random one its mean.
 */
double
il_arena_get_quantity (const IlArena *arena, const IlQuantity *quantity)
{
  return quantity->knob < 0 ? quantity->literal
                            : il_arena_get_knob (arena, (uint32_t)quantity->knob);
}

/* For those who wait for descriptors; stays readable. */
static void
signal_cancelled (const IlArena *arena)
{
  uint64_t one = 1;
  ssize_t written = write (arena->cancel_fd, &one, sizeof one);

  (void)written;
}

/**
 * il_arena_change_run:
 * @set: bits of IL_RUN_*
 * @clear: bits of IL_RUN_*
 *
 * Changes the run word and wakes all who sleep on it.  Those who sleep elsewhere are woken by
 * il_arena_wake_all().
 */
void
il_arena_change_run (IlArena *arena, uint32_t set, uint32_t clear)
{
  if (set != 0)
    atomic_fetch_or (&arena->run, set);
  if (clear != 0)
    atomic_fetch_and (&arena->run, ~clear);
  if ((set & IL_RUN_CANCELLED) != 0)
    signal_cancelled (arena);
  il_arena_wake (arena, &arena->run, INT_MAX);
  /* It sleeps until somebody has an answer for it, which may take long. */
  atomic_fetch_add (&arena->agents[IL_AGENT_SUBMITTER].doorbell, 1);
  il_arena_wake (arena, &arena->agents[IL_AGENT_SUBMITTER].doorbell, 1);
  /* Who waits for the interpreter lock has not stopped yet. */
  if (arena->model == IL_MODEL_GIL)
    il_arena_wake (arena, &arena->gil.word, INT_MAX);
}

/**
 * il_arena_wake_all:
 *
 * Wakes whoever sleeps on anything in the arena, to look around.  Who is between a look and its
 * sleep may miss it: repeat until what was to be seen was seen.
 */
void
il_arena_wake_all (IlArena *arena)
{
  il_arena_wake (arena, &arena->run, INT_MAX);
  for (uint32_t i = 0; i < arena->n_agents; i++)
    {
      _Atomic uint32_t *word = atomic_load (&arena->agents[i].sleeps_on);

      if (word != NULL)
        il_arena_wake (arena, word, INT_MAX);
    }
}

/**
 * il_arena_ring_all:
 *
 * As il_arena_wake_all(), and whoever is between a look and its sleep on its own doorbell looks
 * once more: what it looked for may have come from one that could not ring it.
 */
void
il_arena_ring_all (IlArena *arena)
{
  for (uint32_t i = 0; i < arena->n_agents; i++)
    atomic_fetch_add (&arena->agents[i].doorbell, 1);
  il_arena_wake_all (arena);
}

/**
 * il_arena_notify:
 *
 * Makes the supervisor look around.  Any thread or process; errno may change.
 */
void
il_arena_notify (const IlArena *arena)
{
  uint64_t one = 1;
  ssize_t written = write (arena->notify_fd, &one, sizeof one);

  /* It can only be full, and then the supervisor has been told already. */
  (void)written;
}

/**
 * il_arena_get_task_number:
 * @number: of the task within its kind, from 0
 *
 * Returns: the number that names the task in events: no other task of the run has it (as long as
 *     there are fewer than 2^31), and it is the same in each run
 */
uint32_t
il_arena_get_task_number (const IlArena *arena, uint32_t kind, uint64_t number)
{
  return (uint32_t)(number * arena->n_kinds + kind + 1) & ~IL_EVENT_WOKE;
}
