/* il-arena-layout.h - what the files share that lay a scenario out in an arena
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-arena.h"
#include "il-object.h"

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
} IlArenaPlan;

static inline size_t
il_arena_round_up (size_t size)
{
  return (size + IL_CACHE_LINE - 1) / IL_CACHE_LINE * IL_CACHE_LINE;
}

/* il-arena-plan.c */
bool il_arena_plan_is_dedicated (const IlTaskKind *task);
uint32_t il_arena_plan_get_count (const IlQuantity *quantity, const IlScenario *scenario,
                                  double min, double max);
double il_arena_plan_get_max_workers (const IlScenario *scenario);
uint32_t il_arena_plan_get_bytes (const IlQuantity *quantity, const IlScenario *scenario);
uint32_t il_arena_plan_get_workers (const IlScenario *scenario);
uint32_t il_arena_plan_get_most_workers (const IlScenario *scenario);
IlArenaPlan il_arena_plan_make (const IlScenario *scenario);
IlObjectPlan il_arena_plan_object (const IlArenaPlan *plan, const IlScenario *scenario,
                                   uint32_t object);
size_t il_arena_plan_get_objects_size (const IlArenaPlan *plan, const IlScenario *scenario,
                                       size_t *parts_size);
uint32_t il_arena_plan_get_spawn_capacity (const IlArenaPlan *plan);
uint32_t il_arena_plan_get_inbox_capacity (const IlArenaPlan *plan, uint32_t n_agents);
size_t il_arena_plan_get_block_size (const IlArenaPlan *plan);
size_t il_arena_plan_get_size (const IlArenaPlan *plan, const IlScenario *scenario);
uint32_t il_arena_plan_count_workers (const IlScenario *scenario);

/* il-arena-groups.c */
void il_arena_set_up_groups (IlArena *arena, const IlScenario *scenario, const IlArenaPlan *plan);

/* il-arena-rings.c */
void il_arena_find_rings (IlArena *arena);

/* il-arena-layout.c */
void *il_arena_take (IlArena *arena, size_t n, size_t size);
