/* il-arena-plan.c - how much of everything a scenario asks for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-arena-layout.h"

#include "il-deque.h"
#include "il-fork.h"
#include "il-object.h"

#include <unistd.h>

#define MOST_LIVE_WORKERS                                                                          \
  64                     /* that a pool can be made to have while it runs, if it began with fewer */
#define MIN_RESULTS 1024 /* for users of the pool's functions */
#define MAX_RESULTS (1 << 20)
#define SPAWN_CAPACITY 1024 /* of a worker's deque; what finds no room is run at once */

/**
 * il_arena_plan_is_dedicated:
 *
 * Returns: whether workers of their own run its tasks
 */
bool
il_arena_plan_is_dedicated (const IlTaskKind *task)
{
  return task->workers.knob >= 0 || task->workers.literal > 0;
}

/**
 * il_arena_plan_get_count:
 * @min: and @max: what it is brought between
 *
 * Returns: a number of things, as the knobs stand
 */
uint32_t
il_arena_plan_get_count (const IlQuantity *quantity, const IlScenario *scenario, double min,
                         double max)
{
  return (uint32_t)CLAMP (il_quantity_get (quantity, scenario), min, max);
}

/**
 * il_arena_plan_get_max_workers:
 *
 * Returns: how many workers a group may have under the scenario's model
 */
double
il_arena_plan_get_max_workers (const IlScenario *scenario)
{
  return scenario->model == IL_MODEL_COROUTINES ? IL_SCENARIO_MAX_COROUTINES
                                                : IL_SCENARIO_MAX_WORKERS;
}

/**
 * il_arena_plan_get_bytes:
 *
 * Returns: bytes, as the knobs stand: the size of an argument or result is not live
 */
uint32_t
il_arena_plan_get_bytes (const IlQuantity *quantity, const IlScenario *scenario)
{
  return (uint32_t)CLAMP (il_quantity_get (quantity, scenario), 0, 1 << 30);
}

/**
 * il_arena_plan_get_workers:
 *
 * Returns: how many workers the common pool has at the start
 */
uint32_t
il_arena_plan_get_workers (const IlScenario *scenario)
{
  return il_arena_plan_get_count (&scenario->workers, scenario, 1,
                                  il_arena_plan_get_max_workers (scenario));
}

/**
 * il_arena_plan_get_most_workers:
 *
 * Returns: how many workers the common pool can come to have while it runs
 */
uint32_t
il_arena_plan_get_most_workers (const IlScenario *scenario)
{
  uint32_t n_workers = il_arena_plan_get_workers (scenario);
  uint32_t n_cores = (uint32_t)MAX (sysconf (_SC_NPROCESSORS_ONLN), 1);
  uint32_t most = MIN (MAX (4 * n_workers, 4 * n_cores), MOST_LIVE_WORKERS);

  /* A pool for functions has as many as it was asked for. */
  return scenario->path == NULL ? n_workers : MAX (n_workers, most);
}

static void
plan_tasks (IlArenaPlan *plan, const IlScenario *scenario)
{
  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      const IlTaskKind *task = &scenario->tasks[i];
      double batch
          = task->batch.knob >= 0 ? scenario->knobs[task->batch.knob].max : task->batch.literal;

      plan->n_steps += task->n_steps;
      plan->forks = plan->forks || task->n_steps == 0;
      plan->argument_size
          = MAX (plan->argument_size, il_arena_plan_get_bytes (&task->argument, scenario));
      plan->result_size
          = MAX (plan->result_size, il_arena_plan_get_bytes (&task->result, scenario));
      for (guint j = 0; j < task->n_steps; j++)
        plan->spawns = plan->spawns || task->steps[j].kind == IL_STEP_SPAWN;
      if (task->submit == IL_SUBMIT_MAP)
        plan->n_results = (uint32_t)CLAMP (batch, plan->n_results, MAX_RESULTS);
      if (task->arrival == IL_ARRIVAL_CLOSED)
        plan->n_clients += il_arena_plan_get_bytes (&task->burst, scenario);
      if (!il_arena_plan_is_dedicated (task))
        plan->has_common_group = true;
      else
        {
          plan->n_groups++;
          plan->n_agents += il_arena_plan_get_count (&task->workers, scenario, 1,
                                                     il_arena_plan_get_max_workers (scenario));
        }
    }
}

/**
 * il_arena_plan_make:
 *
 * Returns: how much of everything the scenario asks for
 */
IlArenaPlan
il_arena_plan_make (const IlScenario *scenario)
{
  IlArenaPlan plan = { .n_knobs = scenario->n_knobs, .n_kinds = scenario->n_tasks };

  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &scenario->objects[i];

      plan.max_payload = MAX (plan.max_payload, (uint32_t)object->max_payload);
    }
  plan.n_results = MIN_RESULTS;
  plan.scheduling = scenario->scheduling;
  plan_tasks (&plan, scenario);
  plan.n_results += plan.n_clients;
  plan.max_payload = MAX (plan.max_payload, MAX (plan.argument_size, plan.result_size));
  if (plan.has_common_group)
    {
      plan.n_groups++;
      plan.n_agents += il_arena_plan_get_most_workers (scenario);
    }
  if (scenario->model == IL_MODEL_SERIAL)
    plan.n_agents = 0;
  plan.n_agents += IL_FIRST_WORKER;
  plan.task_capacity = il_arena_plan_get_count (&scenario->capacity, scenario, 0, 1 << 20);
  if (plan.task_capacity == 0)
    plan.task_capacity = MIN_RESULTS;
  plan.copies_payload = scenario->model == IL_MODEL_PROCESSES || scenario->model == IL_MODEL_HYBRID;
  return plan;
}

/**
 * il_arena_plan_object:
 * @object: index
 *
 * Returns: what an object's class has to know to lay it out
 */
IlObjectPlan
il_arena_plan_object (const IlArenaPlan *plan, const IlScenario *scenario, uint32_t object)
{
  return (IlObjectPlan){ scenario, &scenario->objects[object], plan->n_agents,
                         plan->copies_payload };
}

/**
 * il_arena_plan_get_objects_size:
 * @parts_size: (out): bytes of what one agent keeps of all objects
 *
 * Returns: bytes of all objects
 */
size_t
il_arena_plan_get_objects_size (const IlArenaPlan *plan, const IlScenario *scenario,
                                size_t *parts_size)
{
  size_t size = 0;

  *parts_size = 0;
  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlObjectClass *class = il_object_class_get (scenario->objects[i].kind);
      IlObjectPlan object = il_arena_plan_object (plan, scenario, i);

      size += il_arena_round_up (class->get_size (&object));
      *parts_size += il_arena_round_up (class->agent_size);
    }
  return size;
}

/**
 * il_arena_plan_get_spawn_capacity:
 *
 * Returns: entries in the deque of what a worker's tasks spawn
 */
uint32_t
il_arena_plan_get_spawn_capacity (const IlArenaPlan *plan)
{
  return plan->spawns ? SPAWN_CAPACITY : 0;
}

/**
 * il_arena_plan_get_inbox_capacity:
 * @n_agents: workers of the group
 *
 * Returns: entries in the inbox of each: their share of the group's capacity
 */
uint32_t
il_arena_plan_get_inbox_capacity (const IlArenaPlan *plan, uint32_t n_agents)
{
  return (plan->task_capacity + n_agents - 1) / MAX (n_agents, 1);
}

/* Bytes of all task queues.  A kind has one level at most, in one group; a group at least one. */
static size_t
get_queues_size (const IlArenaPlan *plan)
{
  uint32_t n_levels
      = plan->n_groups + (plan->scheduling == IL_SCHEDULING_PRIORITY ? plan->n_kinds : 0);
  uint32_t n_boxes = plan->scheduling == IL_SCHEDULING_STEALING ? plan->n_agents : 0;
  size_t size = plan->n_groups * (il_arena_round_up (sizeof (IlTaskQueue)) + 2 * IL_CACHE_LINE);

  size += n_levels
          * (il_arena_round_up (sizeof (IlTaskLevel))
             + il_arena_round_up (il_deque_get_memory (plan->task_capacity)));
  size += (plan->n_agents + 63) / 64 * sizeof (uint64_t);
  /* Of the group with the fewest workers, whose inboxes are the largest. */
  size += n_boxes
          * (sizeof (IlTaskBox) + il_arena_round_up (il_deque_get_memory (plan->task_capacity))
             + il_arena_round_up (il_deque_get_memory (il_arena_plan_get_spawn_capacity (plan))));
  return size;
}

/* Bytes of the hands and frames of one agent beyond the first hand. */
static size_t
get_nesting_size (const IlArenaPlan *plan)
{
  return plan->spawns ? il_arena_round_up (IL_MAX_NESTING * sizeof (IlHand))
                            + il_arena_round_up ((IL_MAX_NESTING + 1) * sizeof (IlFrame))
                      : 0;
}

/* Bytes of an agent's deque of functions.  Only what is used takes memory. */
static size_t
get_fork_size (const IlArenaPlan *plan)
{
  return plan->forks ? sizeof (IlFork) + il_arena_round_up ((IL_FORK_MAX + 1) * sizeof (IlForkSlot))
                     : 0;
}

/**
 * il_arena_plan_get_block_size:
 *
 * Returns: bytes of a task's argument and result
 */
size_t
il_arena_plan_get_block_size (const IlArenaPlan *plan)
{
  return (plan->argument_size + 15) / 16 * 16 + (plan->result_size + 15) / 16 * 16;
}

/**
 * il_arena_plan_get_size:
 *
 * Returns: bytes of the arena: at least the sum of what il_arena_take() is asked for
 */
size_t
il_arena_plan_get_size (const IlArenaPlan *plan, const IlScenario *scenario)
{
  size_t parts_size;
  size_t objects_size = il_arena_plan_get_objects_size (plan, scenario, &parts_size);

  return il_arena_round_up (sizeof (IlArena))
         + il_arena_round_up (scenario->n_objects * sizeof (IlArenaObject)) + objects_size
         + get_queues_size (plan) + il_arena_round_up (plan->n_groups * sizeof (IlGroup))
         + il_arena_round_up (plan->n_kinds * sizeof (IlKind))
         + il_arena_round_up (plan->n_kinds * sizeof (uint32_t))
         + il_arena_round_up (plan->n_steps * sizeof (IlArenaStep))
         + il_arena_round_up (plan->n_knobs * sizeof (uint64_t))
         + il_arena_round_up (plan->n_results * sizeof (IlResult))
         + il_arena_round_up (plan->n_results * il_arena_plan_get_block_size (plan))
         + plan->n_agents
               * (get_fork_size (plan) + sizeof (IlAgent) + get_nesting_size (plan) + parts_size
                  + il_arena_round_up (plan->n_kinds * sizeof (IlTally)));
}

/**
 * il_arena_plan_count_workers:
 *
 * Returns: how many workers all groups have at the start
 */
uint32_t
il_arena_plan_count_workers (const IlScenario *scenario)
{
  uint32_t n_workers = 0;
  bool has_common_group = false;

  for (guint i = 0; i < scenario->n_tasks; i++)
    if (il_arena_plan_is_dedicated (&scenario->tasks[i]))
      n_workers += il_arena_plan_get_count (&scenario->tasks[i].workers, scenario, 1,
                                            il_arena_plan_get_max_workers (scenario));
    else
      has_common_group = true;
  return n_workers + (has_common_group ? il_arena_plan_get_workers (scenario) : 0);
}
