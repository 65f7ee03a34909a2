/* il-pool-task.h - tasks that are functions, and the bytes that come with tasks and go back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-pool.h"
#include "il-task.h"

IlTaskResult il_pool_task_run (IlTask *task, uint64_t *value);
void il_pool_task_copy_argument (IlTask *task);
void il_pool_task_copy_result (IlTask *task);

/* Where the bytes of a task are: those of its result, or where nobody asked for one, one of those
 * that its number falls on, which is good enough for a scenario. */
static inline uint8_t *
il_pool_get_block (const IlArena *arena, uint32_t slot, uint64_t first, uint32_t task)
{
  uint64_t index = slot != 0 ? slot - 1 + task : (first + task) % arena->n_results;

  return arena->blocks + index * arena->block_size;
}
