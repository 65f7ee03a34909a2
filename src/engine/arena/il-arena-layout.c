/* il-arena-layout.c - lays a scenario out in one shared mapping
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-arena-layout.h"

#include "il-clock.h"
#include "il-fork.h"
#include "il-futex.h"
#include "il-random.h"
#include "il-workspace.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#define SPIN_NS 10000 /* about as much as putting a thread to sleep and waking it takes */

/**
 * il_arena_take:
 *
 * Returns: (transfer none): room in the arena for @n times @size bytes, all 0, on a cache line of
 *     its own
 */
void *
il_arena_take (IlArena *arena, size_t n, size_t size)
{
  void *memory = (uint8_t *)arena + arena->used;

  arena->used += il_arena_round_up (n * size);
  g_assert (arena->used <= arena->size);
  return memory;
}

static void
set_up_objects (IlArena *arena, const IlScenario *scenario, const IlArenaPlan *plan)
{
  uint32_t offset = 0;

  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlObjectClass *class = il_object_class_get (scenario->objects[i].kind);
      IlObjectPlan object_plan = il_arena_plan_object (plan, scenario, i);
      IlArenaObject *object = &arena->objects[i];

      *object = (IlArenaObject){ .class = class,
                                 .data = il_arena_take (arena, 1, class->get_size (&object_plan)),
                                 .index = i,
                                 .agent_offset = offset,
                                 .name = scenario->objects[i].name };
      offset += (uint32_t)il_arena_round_up (class->agent_size);
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
        .line = step->line,
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
      kind->argument_size = il_arena_plan_get_bytes (&task->argument, scenario);
      kind->result_size = il_arena_plan_get_bytes (&task->result, scenario);
      kind->steps = next_step;
      kind->n_steps = task->n_steps;
      next_step = set_up_steps (arena, next_step, task);
    }
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
        arena->forks[i].slots = il_arena_take (arena, IL_FORK_MAX + 1, sizeof (IlForkSlot));
      if (spawns)
        {
          agent->nested = il_arena_take (arena, IL_MAX_NESTING, sizeof (IlHand));
          agent->frames = il_arena_take (arena, IL_MAX_NESTING + 1, sizeof (IlFrame));
        }
      agent->n_polls = arena->n_spins;
      agent->steal_state = arena->seed ^ (i * UINT64_C (0x9e3779b97f4a7c15));
      agent->parts = il_arena_take (arena, 1, parts_size);
      agent->tallies = il_arena_take (arena, arena->n_kinds, sizeof (IlTally));
    }
  g_strlcpy (arena->agents[IL_AGENT_SUPERVISOR].name, _ ("Supervisor"), IL_AGENT_NAME_MAX);
  g_strlcpy (arena->agents[IL_AGENT_SUBMITTER].name, _ ("Submitter"), IL_AGENT_NAME_MAX);

  name_workers (arena);
}

static void
take_all (IlArena *arena, const IlArenaPlan *plan, const IlScenario *scenario)
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
  arena->objects = il_arena_take (arena, scenario->n_objects, sizeof (IlArenaObject));
  arena->task_queues = il_arena_take (arena, plan->n_groups, sizeof (IlTaskQueue));
  arena->groups = il_arena_take (arena, plan->n_groups, sizeof (IlGroup));
  arena->kinds = il_arena_take (arena, plan->n_kinds, sizeof (IlKind));
  arena->loop_kinds = il_arena_take (arena, plan->n_kinds, sizeof (uint32_t));
  arena->steps = il_arena_take (arena, plan->n_steps, sizeof (IlArenaStep));
  arena->knobs = il_arena_take (arena, plan->n_knobs, sizeof (uint64_t));
  arena->results = il_arena_take (arena, plan->n_results, sizeof (IlResult));
  arena->block_size = (uint32_t)il_arena_plan_get_block_size (plan);
  arena->result_offset = (plan->argument_size + 15) / 16 * 16;
  arena->blocks = il_arena_take (arena, plan->n_results, arena->block_size);
  arena->agents = il_arena_take (arena, plan->n_agents, sizeof (IlAgent));
  if (plan->forks)
    arena->forks = il_arena_take (arena, plan->n_agents, sizeof (IlFork));
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
  arena->n_spins
      = il_arena_plan_count_workers (scenario) <= (unsigned long)MAX (n_cores, 1) && n_cores > 1
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
  IlArenaPlan plan = il_arena_plan_make (scenario);
  size_t size = il_arena_plan_get_size (&plan, scenario);
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
  arena->used = il_arena_round_up (sizeof (IlArena));
  arena->notify_fd = notify_fd;
  arena->cancel_fd = cancel_fd;
  take_all (arena, &plan, scenario);
  set_up_run (arena, scenario);
  set_up_objects (arena, scenario, &plan);
  set_up_kinds (arena, scenario);
  il_arena_find_rings (arena);
  il_arena_set_up_groups (arena, scenario, &plan);
  il_arena_plan_get_objects_size (&plan, scenario, &parts_size);
  set_up_agents (arena, parts_size, plan.spawns);
  if (!il_workspaces_map (arena, scenario, error))
    {
      il_arena_free (arena);
      return NULL;
    }
  return arena;
}
