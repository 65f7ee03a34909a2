/* il-fork.c - functions that spawn functions: all but the fast path, which is in il-fork.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#include "config.h"

#include "il-fork.h"

#include "il-task-queue.h"

#define NUMBERS_AT_ONCE 4096
#define POLLS_BEFORE_SLEEP 200

static bool
is_shared (const IlArena *arena)
{
  return !arena->can_lose_workers && arena->model != IL_MODEL_COROUTINES
         && arena->model != IL_MODEL_SERIAL;
}

/**
 * il_fork_begin:
 * @fork: the caller's own
 * @kind: of the task that is about to run
 */
void
il_fork_begin (IlActor *actor, IlFork *fork, const IlKind *kind)
{
  fork->actor = actor;
  fork->is_private = actor->lane.trace == NULL;
  fork->object = kind->object;
  if (fork->kind != kind->index)
    fork->next_number = fork->end_number;
  fork->kind = kind->index;
}

/* From the other end than the numbers of tasks that were submitted. */
static uint32_t
get_next_name (IlFork *fork)
{
  IlArena *arena = fork->actor->arena;
  uint64_t number;

  if (fork->next_number == fork->end_number)
    {
      fork->next_number = atomic_fetch_add_explicit (&arena->kinds[fork->kind].n_spawned,
                                                     NUMBERS_AT_ONCE, memory_order_relaxed);
      fork->end_number = fork->next_number + NUMBERS_AT_ONCE;
    }
  number = 0x7fffffffu / arena->n_kinds - 2 - fork->next_number++;
  return il_arena_get_task_number (arena, fork->kind, number);
}

/* Only the owner raises split. */
static void
raise_split (IlFork *fork, uint32_t split)
{
  uint64_t word = atomic_load_explicit (&fork->word, memory_order_relaxed);

  while (!atomic_compare_exchange_weak_explicit (
      &fork->word, &word, IL_FORK_WORD (IL_FORK_TAIL (word), split), memory_order_release,
      memory_order_relaxed)) /* [S] */
    ;
  fork->split = split;
}

/**
 * il_fork_offer:
 *
 * Makes half of what is private public, since somebody asked for it; or the first of all, and wakes
 * one who sleeps for it.
 */
void
il_fork_offer (IlFork *fork)
{
  IlActor *actor = fork->actor;
  IlTaskQueue *queue = actor->arena->groups[actor->agent->group].queue;
  uint32_t split = fork->split + (fork->head - fork->split + 1) / 2;
  uint64_t stamp;
  uint32_t woken;

  atomic_store_explicit (&fork->is_asked, 0, memory_order_relaxed);
  if (!is_shared (actor->arena) || queue == NULL)
    return;
  stamp = il_trace_lane_stamp (&actor->lane);
  for (uint32_t i = fork->split; i < split; i++)
    {
      atomic_store_explicit (&fork->slots[i].state, IL_FORK_OPEN, memory_order_relaxed);
      fork->slots[i].name = fork->is_private ? 0 : get_next_name (fork);
      il_trace_lane_write_at (&actor->lane, stamp, IL_EVENT_TASK_SUBMIT, fork->object,
                              fork->slots[i].name);
    }
  raise_split (fork, split);
  woken = il_task_queue_pick_idle (queue, actor, IL_NOBODY);
  il_task_queue_ring (queue, actor, woken);
}

static uint64_t
run_named (IlPoolTask *task, IlForkSlot *slot, uint64_t begin, uint32_t name)
{
  IlFork *fork = task->fork;
  IlTraceLane *lane = &fork->actor->lane;
  uint64_t value;

  il_trace_lane_write_at (lane, begin, IL_EVENT_TASK_BEGIN, fork->object, name);
  value = slot->func (task, slot->argument);
  il_trace_lane_write (lane, IL_EVENT_TASK_END, IL_TASK_DONE, name);
  return value;
}

/**
 * il_fork_run:
 *
 * Runs one that was never public, and records it.
 */
uint64_t
il_fork_run (IlPoolTask *task, IlForkSlot *slot)
{
  IlFork *fork = task->fork;
  IlTraceLane *lane = &fork->actor->lane;
  uint64_t stamp = il_trace_lane_stamp (lane);
  uint32_t name = get_next_name (fork);

  il_trace_lane_write_at (lane, stamp, IL_EVENT_TASK_SUBMIT, fork->object, name);
  return run_named (task, slot, stamp, name);
}

/* One that another runs. */
static uint64_t
wait_for_thief (IlFork *fork, IlForkSlot *slot)
{
  uint32_t state = IL_FORK_OPEN;

  for (uint32_t i = 0; i < POLLS_BEFORE_SLEEP; i++)
    {
      if (atomic_load_explicit (&slot->state, memory_order_acquire) == IL_FORK_DONE) /* [D] */
        return slot->argument;
      il_spin_pause ();
    }
  if (atomic_compare_exchange_strong_explicit (&slot->state, &state, IL_FORK_AWAITED,
                                               memory_order_acquire, memory_order_acquire))
    {
      il_trace_lane_write (&fork->actor->lane, IL_EVENT_FLAG_WAIT, fork->actor->arena->join_object,
                           0);
      il_actor_begin_wait (fork->actor, IL_ACTIVITY_WAITING);
      while (atomic_load_explicit (&slot->state, memory_order_acquire) != IL_FORK_DONE) /* [D] */
        il_actor_sleep_on (fork->actor, &slot->state, IL_FORK_AWAITED, IL_NO_DEADLINE);
      il_trace_lane_write (&fork->actor->lane, IL_EVENT_FLAG_PASS, fork->actor->arena->join_object,
                           atomic_load_explicit (&fork->actor->arena->agents[slot->thief].who,
                                                 memory_order_relaxed));
      il_actor_end_wait (fork->actor);
    }
  return slot->argument;
}

/**
 * il_fork_take_back:
 *
 * Syncs the topmost one where that is public: runs it if nobody took it, or waits for its result.
 */
uint64_t
il_fork_take_back (IlPoolTask *task)
{
  IlFork *fork = task->fork;
  IlForkSlot *slot = &fork->slots[--fork->head];
  uint64_t word = atomic_load_explicit (&fork->word, memory_order_relaxed);

  while (IL_FORK_TAIL (word) <= fork->head)
    if (atomic_compare_exchange_weak_explicit (&fork->word, &word,
                                               IL_FORK_WORD (IL_FORK_TAIL (word), fork->head),
                                               memory_order_acquire, memory_order_relaxed))
      {
        fork->split = fork->head;
        return fork->is_private
                   ? slot->func (task, slot->argument)
                   : run_named (task, slot, il_trace_lane_stamp (&fork->actor->lane), slot->name);
      }
  /* All below were stolen, too: from here on it is the owner's again. */
  fork->split = fork->head;
  atomic_store_explicit (&fork->word, IL_FORK_WORD (fork->head, fork->head), memory_order_release);
  return wait_for_thief (fork, slot);
}

static bool
steal_from (IlFork *fork, uint32_t *slot)
{
  uint64_t word = atomic_load_explicit (&fork->word, memory_order_relaxed);

  while (IL_FORK_TAIL (word) < IL_FORK_SPLIT (word))
    if (atomic_compare_exchange_weak_explicit (
            &fork->word, &word, IL_FORK_WORD (IL_FORK_TAIL (word) + 1, IL_FORK_SPLIT (word)),
            memory_order_acquire, memory_order_relaxed)) /* [S] */
      {
        *slot = IL_FORK_TAIL (word);
        return true;
      }
  if (atomic_load_explicit (&fork->is_asked, memory_order_relaxed) == 0)
    atomic_store_explicit (&fork->is_asked, 1, memory_order_relaxed);
  return false;
}

/**
 * il_fork_steal:
 * @entry: (out): to be run by il_fork_run_stolen()
 *
 * For a worker without tasks.
 */
bool
il_fork_steal (IlTaskQueue *queue, IlActor *actor, IlTaskEntry *entry)
{
  IlArena *arena = actor->arena;

  if (!il_task_queue_is_worker (queue, actor) || !is_shared (arena))
    return false;
  for (uint32_t i = 0; i < queue->n_agents; i++)
    {
      uint32_t victim = queue->first_agent + i, slot;

      if (victim == actor->agent->index || !steal_from (&arena->forks[victim], &slot))
        continue;
      arena->forks[victim].slots[slot].thief = actor->agent->index;
      *entry = (IlTaskEntry){
        .first = slot, .kind = arena->forks[victim].kind, .form = IL_ENTRY_FORK, .argument = victim
      };
      return true;
    }
  return false;
}

static IlForkSlot *
get_slot (const IlArena *arena, const IlTaskEntry *entry)
{
  return &arena->forks[entry->argument].slots[entry->first];
}

/**
 * il_fork_get_name:
 *
 * Returns: the number of what was stolen, in events
 */
uint32_t
il_fork_get_name (const IlArena *arena, const IlTaskEntry *entry)
{
  return get_slot (arena, entry)->name;
}

/**
 * il_fork_run_stolen:
 *
 * Runs it and gives its result to whom it was stolen from.
 */
uint64_t
il_fork_run_stolen (IlPoolTask *task, const IlTaskEntry *entry)
{
  IlActor *actor = task->fork->actor;
  IlForkSlot *slot = get_slot (actor->arena, entry);

  slot->argument = slot->func (task, slot->argument);
  if (atomic_exchange_explicit (&slot->state, IL_FORK_DONE, memory_order_acq_rel) /* [D] */
      == IL_FORK_AWAITED)
    il_actor_wake (actor, &slot->state, 1);
  return 0;
}
