/* il-task.h - taking a task, running its steps, settling it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

IlWaitResult il_task_take_entry (IlQueue *queue, IlActor *actor, int64_t deadline_ns);
bool il_task_draw_ticket (IlKind *kind, IlActor *actor);
void il_task_hold (IlActor *actor, const IlTaskEntry *entry);
IlTaskResult il_task_run_next (IlActor *actor);
void il_task_settle (IlArena *arena, IlAgent *agent, IlTaskResult result, uint64_t value);
uint64_t il_task_get_held (const IlAgent *agent);
bool il_task_has_more (const IlAgent *agent);
void il_task_recover_hand (IlArena *arena, IlAgent *dead);
