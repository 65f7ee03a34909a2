/* il-arena-layout.c - lays a scenario out in one shared mapping
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-clock.h"
#include "il-deque.h"
#include "il-fork.h"
#include "il-futex.h"
#include "il-object.h"
#include "il-random.h"
#include "il-workspace.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPIN_NS 10000 /* about as much as putting a thread to sleep and waking it takes */
#define MOST_LIVE_WORKERS                                                                          \
  64                     /* that a pool can be made to have while it runs, if it began with fewer */
#define MIN_RESULTS 1024 /* for users of the pool's functions */
#define MAX_RESULTS (1 << 20)
#define SPAWN_CAPACITY 1024 /* of a worker's deque; what finds no room is run at once */

/* How much of everything a scenario asks for. */
typedef struct
{
  uint32_t n_groups, n_kinds, n_steps, n_knobs, n_agents, n_results;
  uint32_t n_clients; /* who wait for a result each */
  uint32_t max_payload;
  uint32_t argument_size, result_size;
  uint32_t task_capacity;
  IlScheduling scheduling;
  bool has_common_group;
  bool copies_payload;
  bool spawns;
  bool forks; /* its tasks are functions */
} Plan;

static size_t
round_up (size_t size)
{
  return (size + IL_CACHE_LINE - 1) / IL_CACHE_LINE * IL_CACHE_LINE;
}

static bool
is_dedicated (const IlTaskKind *task)
{
  return task->workers.knob >= 0 || task->workers.literal > 0;
}

static uint32_t
get_count (const IlQuantity *quantity, const IlScenario *scenario, double min, double max)
{
  return (uint32_t)CLAMP (il_quantity_get (quantity, scenario), min, max);
}

static double
get_max_workers (const IlScenario *scenario)
{
  return scenario->model == IL_MODEL_COROUTINES ? IL_SCENARIO_MAX_COROUTINES
                                                : IL_SCENARIO_MAX_WORKERS;
}

/* In bytes, as the knobs stand: that of an argument or result is not live. */
static uint32_t
get_size_now (const IlQuantity *quantity, const IlScenario *scenario)
{
  return (uint32_t)CLAMP (il_quantity_get (quantity, scenario), 0, 1 << 30);
}

/* The workers of the common pool at the start. */
static uint32_t
get_workers (const IlScenario *scenario)
{
  return get_count (&scenario->workers, scenario, 1, get_max_workers (scenario));
}

/* How many of them there can come to be while it runs. */
static uint32_t
get_most_workers (const IlScenario *scenario)
{
  uint32_t n_workers = get_workers (scenario);
  uint32_t n_cores = (uint32_t)MAX (sysconf (_SC_NPROCESSORS_ONLN), 1);
  uint32_t most = MIN (MAX (4 * n_workers, 4 * n_cores), MOST_LIVE_WORKERS);

  /* A pool for functions has as many as it was asked for. */
  return scenario->path == NULL ? n_workers : MAX (n_workers, most);
}

static void
plan_tasks (Plan *plan, const IlScenario *scenario)
{
  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      const IlTaskKind *task = &scenario->tasks[i];
      double batch
          = task->batch.knob >= 0 ? scenario->knobs[task->batch.knob].max : task->batch.literal;

      plan->n_steps += task->n_steps;
      plan->forks = plan->forks || task->n_steps == 0;
      plan->argument_size = MAX (plan->argument_size, get_size_now (&task->argument, scenario));
      plan->result_size = MAX (plan->result_size, get_size_now (&task->result, scenario));
      for (guint j = 0; j < task->n_steps; j++)
        plan->spawns = plan->spawns || task->steps[j].kind == IL_STEP_SPAWN;
      if (task->submit == IL_SUBMIT_MAP)
        plan->n_results = (uint32_t)CLAMP (batch, plan->n_results, MAX_RESULTS);
      if (task->arrival == IL_ARRIVAL_CLOSED)
        plan->n_clients += get_size_now (&task->burst, scenario);
      if (!is_dedicated (task))
        plan->has_common_group = true;
      else
        {
          plan->n_groups++;
          plan->n_agents += get_count (&task->workers, scenario, 1, get_max_workers (scenario));
        }
    }
}

static Plan
make_plan (const IlScenario *scenario)
{
  Plan plan = { .n_knobs = scenario->n_knobs, .n_kinds = scenario->n_tasks };

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
      plan.n_agents += get_most_workers (scenario);
    }
  if (scenario->model == IL_MODEL_SERIAL)
    plan.n_agents = 0;
  plan.n_agents += IL_FIRST_WORKER;
  plan.task_capacity = get_count (&scenario->capacity, scenario, 0, 1 << 20);
  if (plan.task_capacity == 0)
    plan.task_capacity = MIN_RESULTS;
  plan.copies_payload = scenario->model == IL_MODEL_PROCESSES || scenario->model == IL_MODEL_HYBRID;
  return plan;
}

static IlObjectPlan
plan_object (const Plan *plan, const IlScenario *scenario, uint32_t object)
{
  return (IlObjectPlan){ scenario, &scenario->objects[object], plan->n_agents,
                         plan->copies_payload };
}

/* Bytes of all objects, and of what one agent keeps of them. */
static size_t
get_objects_size (const Plan *plan, const IlScenario *scenario, size_t *parts_size)
{
  size_t size = 0;

  *parts_size = 0;
  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlObjectClass *class = il_object_class_get (scenario->objects[i].kind);
      IlObjectPlan object = plan_object (plan, scenario, i);

      size += round_up (class->get_size (&object));
      *parts_size += round_up (class->agent_size);
    }
  return size;
}

static uint32_t
get_spawn_capacity (const Plan *plan)
{
  return plan->spawns ? SPAWN_CAPACITY : 0;
}

/* Their share of a group's capacity, for the inbox of each of its workers. */
static uint32_t
get_inbox_capacity (const Plan *plan, uint32_t n_agents)
{
  return (plan->task_capacity + n_agents - 1) / MAX (n_agents, 1);
}

/* Bytes of all task queues.  A kind has one level at most, in one group; a group at least one. */
static size_t
get_queues_size (const Plan *plan)
{
  uint32_t n_levels
      = plan->n_groups + (plan->scheduling == IL_SCHEDULING_PRIORITY ? plan->n_kinds : 0);
  uint32_t n_boxes = plan->scheduling == IL_SCHEDULING_STEALING ? plan->n_agents : 0;
  size_t size = plan->n_groups * (round_up (sizeof (IlTaskQueue)) + 2 * IL_CACHE_LINE);

  size
      += n_levels
         * (round_up (sizeof (IlTaskLevel)) + round_up (il_deque_get_memory (plan->task_capacity)));
  size += (plan->n_agents + 63) / 64 * sizeof (uint64_t);
  /* Of the group with the fewest workers, whose inboxes are the largest. */
  size += n_boxes
          * (sizeof (IlTaskBox) + round_up (il_deque_get_memory (plan->task_capacity))
             + round_up (il_deque_get_memory (get_spawn_capacity (plan))));
  return size;
}

/* Bytes of the hands and frames of one agent beyond the first hand. */
static size_t
get_nesting_size (const Plan *plan)
{
  return plan->spawns ? round_up (IL_MAX_NESTING * sizeof (IlHand))
                            + round_up ((IL_MAX_NESTING + 1) * sizeof (IlFrame))
                      : 0;
}

/* Bytes of an agent's deque of functions.  Only what is used takes memory. */
static size_t
get_fork_size (const Plan *plan)
{
  return plan->forks ? sizeof (IlFork) + round_up ((IL_FORK_MAX + 1) * sizeof (IlForkSlot)) : 0;
}

static size_t
get_block_size (const Plan *plan)
{
  return (plan->argument_size + 15) / 16 * 16 + (plan->result_size + 15) / 16 * 16;
}

/* At least the sum of what the functions below take(). */
static size_t
get_size (const Plan *plan, const IlScenario *scenario)
{
  size_t parts_size;
  size_t objects_size = get_objects_size (plan, scenario, &parts_size);

  return round_up (sizeof (IlArena)) + round_up (scenario->n_objects * sizeof (IlArenaObject))
         + objects_size + get_queues_size (plan) + round_up (plan->n_groups * sizeof (IlGroup))
         + round_up (plan->n_kinds * sizeof (IlKind)) + round_up (plan->n_kinds * sizeof (uint32_t))
         + round_up (plan->n_steps * sizeof (IlArenaStep))
         + round_up (plan->n_knobs * sizeof (uint64_t))
         + round_up (plan->n_results * sizeof (IlResult))
         + round_up (plan->n_results * get_block_size (plan))
         + plan->n_agents
               * (get_fork_size (plan) + sizeof (IlAgent) + get_nesting_size (plan) + parts_size
                  + round_up (plan->n_kinds * sizeof (IlTally)));
}

static void *
take (IlArena *arena, size_t n, size_t size)
{
  void *memory = (uint8_t *)arena + arena->used;

  arena->used += round_up (n * size);
  g_assert (arena->used <= arena->size);
  return memory;
}

static void
set_up_objects (IlArena *arena, const IlScenario *scenario, const Plan *plan)
{
  uint32_t offset = 0;

  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlObjectClass *class = il_object_class_get (scenario->objects[i].kind);
      IlObjectPlan object_plan = plan_object (plan, scenario, i);
      IlArenaObject *object = &arena->objects[i];

      *object = (IlArenaObject){ .class = class,
                                 .data = take (arena, 1, class->get_size (&object_plan)),
                                 .index = i,
                                 .agent_offset = offset,
                                 .name = scenario->objects[i].name };
      offset += (uint32_t)round_up (class->agent_size);
      if (class->init != NULL)
        class->init (arena, object, &object_plan);
    }
}

static IlArenaObject *
get_object (IlArena *arena, int object)
{
  return object < 0 ? NULL : &arena->objects[object];
}

static IlArenaStep *
set_up_steps (IlArena *arena, IlArenaStep *next, const IlTaskKind *task)
{
  for (guint i = 0; i < task->n_steps; i++)
    {
      const IlStep *step = &task->steps[i];
      bool spawns = step->kind == IL_STEP_SPAWN;

      *next++ = (IlArenaStep){
        .kind = step->kind,
        .variant = step->variant,
        .object = get_object (arena, step->object),
        .other = spawns ? NULL : get_object (arena, step->other),
        .task_kind = spawns ? (uint32_t)step->other : 0,
        .quantity = step->quantity,
      };
    }
  return next;
}

static void
set_up_kinds (IlArena *arena, const IlScenario *scenario)
{
  IlArenaStep *next_step = arena->steps;

  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      const IlTaskKind *task = &scenario->tasks[i];
      IlKind *kind = &arena->kinds[i];
      double count = il_quantity_get (&task->count, scenario);

      kind->index = i;
      kind->random_family = il_random_get_family (arena->seed, i);
      kind->arrival = task->arrival;
      kind->submit = task->submit;
      kind->limit = count >= 1 ? (uint64_t)count : UINT64_MAX;
      kind->rate = task->rate;
      kind->burst = task->burst;
      kind->gap = task->gap;
      kind->priority = (uint32_t)task->priority;
      kind->batch = task->batch;
      kind->chunk = task->chunk;
      kind->depth = task->depth;
      kind->argument_size = get_size_now (&task->argument, scenario);
      kind->result_size = get_size_now (&task->result, scenario);
      kind->steps = next_step;
      kind->n_steps = task->n_steps;
      next_step = set_up_steps (arena, next_step, task);
    }
}

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
  queue->levels = take (arena, queue->n_levels, sizeof (IlTaskLevel));
  for (uint32_t i = 0; i < queue->n_levels; i++)
    queue->levels[i].slots = take (arena, 1, il_deque_get_memory (queue->capacity));
}

static void
set_up_boxes (IlArena *arena, IlTaskQueue *queue, const Plan *plan)
{
  uint32_t capacity = get_inbox_capacity (plan, atomic_load (&queue->n_boxes));

  queue->boxes = take (arena, queue->n_agents, sizeof (IlTaskBox));
  for (uint32_t i = 0; i < queue->n_agents; i++)
    {
      IlTaskBox *box = &queue->boxes[i];

      il_deque_init (&box->inbox, capacity, take (arena, 1, il_deque_get_memory (capacity)));
      il_deque_init (&box->spawned, get_spawn_capacity (plan),
                     take (arena, 1, il_deque_get_memory (get_spawn_capacity (plan))));
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
set_up_task_queue (IlArena *arena, uint32_t group, const IlScenario *scenario, const Plan *plan)
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
  queue->idle = take (arena, (queue->n_agents + 63) / 64, sizeof (uint64_t));
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

/* The common pool first, then the dedicated workers in the order of their kinds. */
static void
set_up_groups (IlArena *arena, const IlScenario *scenario, const Plan *plan)
{
  uint32_t n_groups = plan->has_common_group ? 1 : 0;
  uint32_t next_agent = IL_FIRST_WORKER;

  for (guint i = 0; i < scenario->n_tasks; i++)
    arena->kinds[i].group = is_dedicated (&scenario->tasks[i]) ? n_groups++ : 0;

  if (plan->has_common_group)
    set_up_group (arena, &arena->groups[0], get_most_workers (scenario), get_workers (scenario),
                  &next_agent);
  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      const IlTaskKind *task = &scenario->tasks[i];
      uint32_t n_workers;

      if (!is_dedicated (task))
        continue;
      arena->groups[arena->kinds[i].group].title = task->title;
      arena->groups[arena->kinds[i].group].kind_name = task->name;
      n_workers = get_count (&task->workers, scenario, 1, get_max_workers (scenario));
      set_up_group (arena, &arena->groups[arena->kinds[i].group], n_workers, n_workers,
                    &next_agent);
    }
  for (uint32_t i = 0; i < arena->n_groups; i++)
    if (needs_queue (arena, i))
      set_up_task_queue (arena, i, scenario, plan);
}

static void
name_worker (IlAgent *agent, const IlGroup *group, uint32_t group_index, uint32_t number)
{
  agent->group = group_index;
  agent->number = number;
  g_snprintf (agent->name, sizeof agent->name, "%s %u",
              group->title != NULL ? group->title : _ ("Worker"),
              group->title != NULL ? agent->index - group->first_agent + 1 : number);
}

/* Those that there may come to be have numbers behind all that there are. */
static void
name_workers (IlArena *arena)
{
  uint32_t number = 0;

  for (int is_spare = 0; is_spare <= 1; is_spare++)
    for (uint32_t i = 0; i < arena->n_groups; i++)
      {
        const IlGroup *group = &arena->groups[i];
        uint32_t n_wanted = atomic_load (&group->n_wanted);

        for (uint32_t j = is_spare ? n_wanted : 0; j < (is_spare ? group->n_agents : n_wanted); j++)
          name_worker (&arena->agents[group->first_agent + j], group, i, ++number);
      }
}

static void
set_up_agents (IlArena *arena, size_t parts_size, bool spawns)
{
  for (uint32_t i = 0; i < arena->n_agents; i++)
    {
      IlAgent *agent = &arena->agents[i];

      agent->index = i;
      atomic_init (&agent->hand.position, IL_POSITION_NONE);
      if (arena->forks != NULL)
        arena->forks[i].slots = take (arena, IL_FORK_MAX + 1, sizeof (IlForkSlot));
      if (spawns)
        {
          agent->nested = take (arena, IL_MAX_NESTING, sizeof (IlHand));
          agent->frames = take (arena, IL_MAX_NESTING + 1, sizeof (IlFrame));
        }
      agent->n_polls = arena->n_spins;
      agent->steal_state = arena->seed ^ (i * UINT64_C (0x9e3779b97f4a7c15));
      agent->parts = take (arena, 1, parts_size);
      agent->tallies = take (arena, arena->n_kinds, sizeof (IlTally));
    }
  g_strlcpy (arena->agents[IL_AGENT_SUPERVISOR].name, _ ("Supervisor"), IL_AGENT_NAME_MAX);
  g_strlcpy (arena->agents[IL_AGENT_SUBMITTER].name, _ ("Submitter"), IL_AGENT_NAME_MAX);

  name_workers (arena);
}

static void
take_all (IlArena *arena, const Plan *plan, const IlScenario *scenario)
{
  arena->n_objects = scenario->n_objects;
  arena->n_groups = plan->n_groups;
  arena->n_kinds = plan->n_kinds;
  arena->n_steps = plan->n_steps;
  arena->n_knobs = plan->n_knobs;
  arena->n_agents = plan->n_agents;
  arena->n_results = plan->n_results;
  arena->max_payload = plan->max_payload;
  arena->copies_payload = plan->copies_payload;
  arena->objects = take (arena, scenario->n_objects, sizeof (IlArenaObject));
  arena->task_queues = take (arena, plan->n_groups, sizeof (IlTaskQueue));
  arena->groups = take (arena, plan->n_groups, sizeof (IlGroup));
  arena->kinds = take (arena, plan->n_kinds, sizeof (IlKind));
  arena->loop_kinds = take (arena, plan->n_kinds, sizeof (uint32_t));
  arena->steps = take (arena, plan->n_steps, sizeof (IlArenaStep));
  arena->knobs = take (arena, plan->n_knobs, sizeof (uint64_t));
  arena->results = take (arena, plan->n_results, sizeof (IlResult));
  arena->block_size = (uint32_t)get_block_size (plan);
  arena->result_offset = (plan->argument_size + 15) / 16 * 16;
  arena->blocks = take (arena, plan->n_results, arena->block_size);
  arena->agents = take (arena, plan->n_agents, sizeof (IlAgent));
  if (plan->forks)
    arena->forks = take (arena, plan->n_agents, sizeof (IlFork));
}

/* At the start. */
static uint32_t
count_workers (const IlScenario *scenario)
{
  uint32_t n_workers = 0;
  bool has_common_group = false;

  for (guint i = 0; i < scenario->n_tasks; i++)
    if (is_dedicated (&scenario->tasks[i]))
      n_workers += get_count (&scenario->tasks[i].workers, scenario, 1, get_max_workers (scenario));
    else
      has_common_group = true;
  return n_workers + (has_common_group ? get_workers (scenario) : 0);
}

/* How many polls are worth a sleep: a pause of the processor takes from 10 to 70 ns. */
static uint32_t
count_polls (void)
{
  int64_t best_ns = INT64_MAX;

  for (int i = 0; i < 5; i++)
    {
      int64_t begin_ns = il_clock_monotonic_ns ();

      for (int j = 0; j < 100; j++)
        il_spin_pause ();
      best_ns = MIN (best_ns, il_clock_monotonic_ns () - begin_ns);
    }
  return (uint32_t)CLAMP (SPIN_NS * 100 / MAX (best_ns, 1), 100, 2000);
}

static void
set_up_run (IlArena *arena, const IlScenario *scenario)
{
  long n_cores = sysconf (_SC_NPROCESSORS_ONLN);

  atomic_init (&arena->run, IL_RUN_HELD);
  arena->model = scenario->model;
  arena->can_lose_workers
      = scenario->model == IL_MODEL_PROCESSES || scenario->model == IL_MODEL_HYBRID;
  arena->gil.interval = scenario->switch_interval;
  arena->max_tasks_per_worker = scenario->max_tasks_per_worker;
  arena->is_daemon = scenario->daemon;
  arena->retries = scenario->on_death == IL_ON_DEATH_RETRY;
  arena->has_nice = scenario->nice > 0;
  for (guint i = 0; i < scenario->n_tasks; i++)
    arena->has_nice = arena->has_nice || scenario->tasks[i].nice > 0;
  arena->seed = scenario->seed;
  /* Polling on behalf of a core that others could use helps nobody. */
  arena->n_spins = count_workers (scenario) <= (unsigned long)MAX (n_cores, 1) && n_cores > 1
                       ? count_polls ()
                       : 0;
  for (guint i = 0; i < scenario->n_knobs; i++)
    il_arena_set_knob (arena, i, scenario->knobs[i].value);
}

/**
 * il_arena_new:
 * @scenario: checked; the arena refers to its texts and must not outlive it
 *
 * Maps the arena of a run that has not begun: held, with all knobs at the scenario's values.
 *
 * Returns: (transfer full): the arena, or %NULL and the reason
 */
IlArena *
il_arena_new (const IlScenario *scenario, GError **error)
{
  Plan plan = make_plan (scenario);
  size_t size = get_size (&plan, scenario);
  IlArena *arena = mmap (NULL, size, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  size_t parts_size;
  int notify_fd, cancel_fd;

  if (arena == MAP_FAILED)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("Cannot get %llu bytes of shared memory: %s"), (unsigned long long)size,
                   g_strerror (errno));
      return NULL;
    }
  notify_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  cancel_fd = eventfd (0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (notify_fd < 0 || cancel_fd < 0)
    {
      g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                   _ ("Cannot make an event descriptor: %s"), g_strerror (errno));
      if (notify_fd >= 0)
        close (notify_fd);
      munmap (arena, size);
      return NULL;
    }

  arena->size = size;
  arena->used = round_up (sizeof (IlArena));
  arena->notify_fd = notify_fd;
  arena->cancel_fd = cancel_fd;
  take_all (arena, &plan, scenario);
  set_up_run (arena, scenario);
  set_up_objects (arena, scenario, &plan);
  set_up_kinds (arena, scenario);
  set_up_groups (arena, scenario, &plan);
  get_objects_size (&plan, scenario, &parts_size);
  set_up_agents (arena, parts_size, plan.spawns);
  if (!il_workspaces_map (arena, scenario, error))
    {
      il_arena_free (arena);
      return NULL;
    }
  return arena;
}
