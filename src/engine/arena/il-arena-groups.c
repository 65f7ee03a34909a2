/* il-arena-groups.c - lays out the groups of workers and their task queues
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-arena-layout.h"

#include "il-deque.h"

/* Levels from the highest priority down, for each that a kind of the group has. */
static void
set_up_levels (IlArena *arena, IlTaskQueue *queue, uint32_t group, const IlScenario *scenario)
{
  int64_t below = INT64_MAX;

  do
    {
      int64_t next = INT64_MIN;

      for (uint32_t i = 0; i < arena->n_kinds; i++)
        if (arena->kinds[i].group == group && scenario->tasks[i].priority < below)
          next = MAX (next, scenario->tasks[i].priority);
      if (next == INT64_MIN)
        break;
      for (uint32_t i = 0; i < arena->n_kinds; i++)
        if (arena->kinds[i].group == group && scenario->tasks[i].priority == next)
          arena->kinds[i].level = queue->n_levels;
      queue->n_levels++;
      below = next;
    }
  while (queue->scheduling == IL_SCHEDULING_PRIORITY);
  if (queue->scheduling != IL_SCHEDULING_PRIORITY)
    for (uint32_t i = 0; i < arena->n_kinds; i++)
      if (arena->kinds[i].group == group)
        arena->kinds[i].level = 0;
  queue->levels = il_arena_take (arena, queue->n_levels, sizeof (IlTaskLevel));
  for (uint32_t i = 0; i < queue->n_levels; i++)
    queue->levels[i].slots = il_arena_take (arena, 1, il_deque_get_memory (queue->capacity));
}

static void
set_up_boxes (IlArena *arena, IlTaskQueue *queue, const IlArenaPlan *plan)
{
  uint32_t capacity = il_arena_plan_get_inbox_capacity (plan, atomic_load (&queue->n_boxes));

  queue->boxes = il_arena_take (arena, queue->n_agents, sizeof (IlTaskBox));
  for (uint32_t i = 0; i < queue->n_agents; i++)
    {
      IlTaskBox *box = &queue->boxes[i];

      il_deque_init (&box->inbox, capacity,
                     il_arena_take (arena, 1, il_deque_get_memory (capacity)));
      il_deque_init (
          &box->spawned, il_arena_plan_get_spawn_capacity (plan),
          il_arena_take (arena, 1, il_deque_get_memory (il_arena_plan_get_spawn_capacity (plan))));
    }
}

/* The kinds whose tasks, or those that these spawn, may spawn one of the group's. */
static uint64_t
get_source_kinds (const IlArena *arena, uint32_t group)
{
  uint64_t sources = 0, before;

  do
    {
      before = sources;
      for (uint32_t i = 0; i < arena->n_kinds; i++)
        for (uint32_t j = 0; j < arena->kinds[i].n_steps; j++)
          {
            const IlArenaStep *step = &arena->kinds[i].steps[j];

            if (step->kind == IL_STEP_SPAWN
                && (arena->kinds[step->task_kind].group == group
                    || (sources >> step->task_kind & 1) != 0))
              sources |= UINT64_C (1) << i;
          }
    }
  while (sources != before);
  return sources;
}

static void
set_up_task_queue (IlArena *arena, uint32_t group, const IlScenario *scenario,
                   const IlArenaPlan *plan)
{
  IlTaskQueue *queue = &arena->task_queues[group];

  arena->groups[group].queue = queue;
  queue->scheduling = plan->scheduling;
  queue->capacity = plan->task_capacity;
  queue->mask = (uint32_t)(il_deque_get_memory (queue->capacity) / sizeof (IlTaskEntry)) - 1;
  queue->low_room = queue->capacity >= 64 ? queue->capacity / 2 : 1;
  queue->first_agent = arena->groups[group].first_agent;
  queue->n_agents = arena->groups[group].n_agents;
  atomic_init (&queue->n_boxes, atomic_load (&arena->groups[group].n_wanted));
  queue->source_kinds = get_source_kinds (arena, group);
  queue->idle = il_arena_take (arena, (queue->n_agents + 63) / 64, sizeof (uint64_t));
  set_up_levels (arena, queue, group, scenario);
  if (queue->scheduling == IL_SCHEDULING_STEALING)
    {
      set_up_boxes (arena, queue, plan);
      queue->low_room = MAX (queue->low_room / atomic_load (&queue->n_boxes), 1);
    }
}

/* Takes the kinds that it serves, given from the first on. */
static void
set_up_group (IlArena *arena, IlGroup *group, uint32_t n_agents, uint32_t n_wanted,
              uint32_t *next_agent)
{
  uint32_t index = (uint32_t)(group - arena->groups);

  group->loop_kinds = arena->loop_kinds;
  for (uint32_t i = 0; i < index; i++)
    group->loop_kinds += arena->groups[i].n_loop_kinds;
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (arena->kinds[i].group == index)
      {
        if (arena->kinds[i].arrival == IL_ARRIVAL_LOOP)
          group->loop_kinds[group->n_loop_kinds++] = i;
      }
  if (arena->model == IL_MODEL_SERIAL)
    return;

  group->first_agent = *next_agent;
  group->n_agents = n_agents;
  atomic_init (&group->n_wanted, n_wanted);
  *next_agent += n_agents;
}

/* All of its kinds arrive as loops, and none is spawned: it needs none. */
static bool
needs_queue (const IlArena *arena, uint32_t group)
{
  if (arena->model == IL_MODEL_SERIAL)
    return false;
  for (uint32_t i = 0; i < arena->n_kinds; i++)
    if (arena->kinds[i].group == group && arena->kinds[i].arrival != IL_ARRIVAL_LOOP)
      return true;
  return get_source_kinds (arena, group) != 0;
}

/**
 * il_arena_set_up_groups:
 *
 * Makes the common pool first, then the dedicated workers in the order of their kinds.
 */
void
il_arena_set_up_groups (IlArena *arena, const IlScenario *scenario, const IlArenaPlan *plan)
{
  uint32_t n_groups = plan->has_common_group ? 1 : 0;
  uint32_t next_agent = IL_FIRST_WORKER;

  for (guint i = 0; i < scenario->n_tasks; i++)
    arena->kinds[i].group = il_arena_plan_is_dedicated (&scenario->tasks[i]) ? n_groups++ : 0;

  if (plan->has_common_group)
    set_up_group (arena, &arena->groups[0], il_arena_plan_get_most_workers (scenario),
                  il_arena_plan_get_workers (scenario), &next_agent);
  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      const IlTaskKind *task = &scenario->tasks[i];
      uint32_t n_workers;

      if (!il_arena_plan_is_dedicated (task))
        continue;
      arena->groups[arena->kinds[i].group].title = task->title;
      arena->groups[arena->kinds[i].group].kind_name = task->name;
      n_workers = il_arena_plan_get_count (&task->workers, scenario, 1,
                                           il_arena_plan_get_max_workers (scenario));
      set_up_group (arena, &arena->groups[arena->kinds[i].group], n_workers, n_workers,
                    &next_agent);
    }
  for (uint32_t i = 0; i < arena->n_groups; i++)
    if (needs_queue (arena, i))
      set_up_task_queue (arena, i, scenario, plan);
}
