/* il-fork.h - functions that spawn functions, at the price of a call
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * For work that splits itself into very many very small parts, from inside of a pool's function:
 *
 *     static uint64_t
 *     fib (IlPoolTask *task, uint64_t n)
 *     {
 *       uint64_t a;
 *
 *       if (n < 2)
 *         return n;
 *       il_pool_spawn (task, fib, n - 1);
 *       a = fib (task, n - 2);
 *       return a + il_pool_sync (task);
 *     }
 *
 * Each il_pool_spawn() needs an il_pool_sync() in the same function, the last one first; at most
 * IL_FORK_MAX can be under way on one worker.  They are no tasks of the pool: they are not counted,
 * cannot fail, and where workers can be killed one by one, or are coroutines, they are run by the
 * worker that spawned them.
 *
 * The split deque is that of T. van Dijk, J. C. van de Pol: "Lace: Non-blocking Split Deque for
 * Work-Stealing", Euro-Par 2014 workshops: what is above the split belongs to its worker alone and
 * costs neither a fence nor an atomic instruction; what is below may be stolen.
 *
 * Roles     The owner pushes and pops at head.  Thieves take at the tail.
 * Word      tail and split are one word, changed by compare-and-swap as long as tail < split; then
 *           nobody but the owner changes it.  Invariant: tail <= split <= head.
 * Edges     [S] the owner raises split, release  ->  a thief raises tail, acquire
 *               A slot is filled before a thief may run it; it is read after it was taken.
 *           [D] thief: result, then release state  ->  owner: acquire state, then result
 *           `is_asked` is a hint: a thief that found nothing asks the owner to raise the split.
 * Weaker?   Without [S] a thief runs a function of the time before; without [D] the owner adds a
 *           number of the time before.
 * Recorded  A function is submitted when it is made public, and otherwise when it begins: before
 *           that nobody else could have begun it.
 * Checked   tests/engine/test-fork.c, also built with -Db_sanitize=thread.
 */

#pragma once

#include "il-actor.h"
#include "il-pool.h"

#define IL_FORK_MAX 65535

typedef enum
{
  IL_FORK_OPEN,
  IL_FORK_AWAITED, /* its owner sleeps on it */
  IL_FORK_DONE,
} IlForkState;

typedef struct
{
  alignas (32) IlTaskFunc func;
  uint64_t argument; /* and afterwards the result */
  _Atomic uint32_t state;
  uint32_t name;  /* in events */
  uint32_t thief; /* agent */
} IlForkSlot;

#define IL_FORK_WORD(tail, split) ((uint64_t)(tail) << 32 | (split))
#define IL_FORK_TAIL(word) ((uint32_t)((word) >> 32))
#define IL_FORK_SPLIT(word) ((uint32_t)(word))

struct _IlFork
{
  alignas (IL_CACHE_LINE) _Atomic uint64_t word; /* tail, split */
  _Atomic uint32_t is_asked;
  alignas (IL_CACHE_LINE) uint32_t head; /* the owner's, as all that follows */
  uint32_t split;
  bool is_private; /* nobody else may take anything, nor is anything recorded */
  IlForkSlot *slots;
  IlActor *actor;
  uint32_t object; /* of the kind whose task runs */
  uint32_t kind;
  uint64_t next_number, end_number;
};

struct _IlPoolTask
{
  IlFork *fork;
  struct _IlTask *task; /* NULL: it was spawned */
  uint8_t *block;       /* NULL: nobody waits for a result, and the argument is a number alone */
  bool has_failed;
  uint32_t code;
};

void il_fork_begin (IlActor *actor, IlFork *fork, const IlKind *kind);
void il_fork_offer (IlFork *fork);
uint64_t il_fork_run (IlPoolTask *task, IlForkSlot *slot);
uint64_t il_fork_take_back (IlPoolTask *task);
bool il_fork_steal (IlTaskQueue *queue, IlActor *actor, IlTaskEntry *entry);
uint64_t il_fork_run_stolen (IlPoolTask *task, const IlTaskEntry *entry);
uint32_t il_fork_get_name (const IlArena *arena, const IlTaskEntry *entry);

static inline void
il_pool_spawn (IlPoolTask *task, IlTaskFunc func, uint64_t argument)
{
  IlFork *fork = task->fork;
  IlForkSlot *slot = &fork->slots[fork->head++];

  slot->func = func;
  slot->argument = argument;
  if (__builtin_expect (fork->head == 1, 0)
      || __builtin_expect (atomic_load_explicit (&fork->is_asked, memory_order_relaxed) != 0, 0))
    il_fork_offer (fork);
}

static inline uint64_t
il_pool_sync (IlPoolTask *task)
{
  IlFork *fork = task->fork;
  IlForkSlot *slot;

  if (__builtin_expect (fork->head == fork->split, 0))
    return il_fork_take_back (task);
  slot = &fork->slots[--fork->head];
  if (__builtin_expect (!fork->is_private, 0))
    return il_fork_run (task, slot);
  return slot->func (task, slot->argument);
}
