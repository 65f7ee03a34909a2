/* il-hand.h - what an agent has in hand: taking tasks and settling them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

IlWaitResult il_hand_take_entry (IlQueue *queue, IlActor *actor, int64_t deadline_ns);
bool il_hand_draw_ticket (IlKind *kind, IlActor *actor);
void il_hand_hold (IlActor *actor, const IlTaskEntry *entry);
void il_hand_settle (IlArena *arena, IlAgent *agent, IlTaskResult result, uint64_t value);
uint64_t il_hand_get_number (const IlAgent *agent);
bool il_hand_has_more (const IlAgent *agent);
void il_hand_recover (IlArena *arena, IlAgent *dead);
