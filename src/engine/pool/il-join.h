/* il-join.h - tasks that spawn tasks, and wait for them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs in workers: no GLib, no heap.
 */

#pragma once

#include "il-actor.h"

/* What a task spawns. */
typedef struct
{
  IlKind *kind;
  uint32_t depth;
  uint32_t key; /* of the child among all in the tree */
} IlSpawn;

IlFrame *il_frame_get (const IlArena *arena, const IlTaskEntry *child);
void il_frame_begin (IlActor *actor);
void il_frame_settle (IlFrame *frame, IlActor *actor, const IlTaskEntry *child);
uint64_t il_frame_get_settled (const IlFrame *frame, const IlTaskEntry *child);
void il_frame_lose (IlFrame *frame, const IlTaskEntry *child);
bool il_frame_is_over (const IlFrame *frame, uint64_t open);
void il_frame_ring (IlFrame *frame, IlActor *actor, const IlTaskEntry *child);

bool il_spawn (IlActor *actor, const IlSpawn *spawn);
IlWaitResult il_join (IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
