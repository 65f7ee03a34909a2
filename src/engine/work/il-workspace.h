/* il-workspace.h - memory of an agent's own, which its tasks work on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mapped before the first worker is started, and private: threads of one process have one each,
 * and a forked process has a fresh copy, also one that takes the place of a process that died.
 *
 *   IlWorkspace | a message to be sent | a message received | what the step memory goes through
 */

#pragma once

#include "il-actor.h"

#define IL_WORKSPACE_HEADER 64

/* All 0 in a fresh copy. */
typedef struct
{
  size_t n_touched;                    /* bytes of the last part that have memory behind them */
  int echo_fds[IL_N_ECHO_VARIANTS][2]; /* + 1; 0: not there yet */
} IlWorkspace;

static_assert (sizeof (IlWorkspace) <= IL_WORKSPACE_HEADER, "the messages come after it");

bool il_workspaces_map (IlArena *arena, const IlScenario *scenario, GError **error);
void il_workspaces_unmap (IlArena *arena);

static inline IlWorkspace *
il_workspace_get (const IlActor *actor)
{
  const IlArena *arena = actor->arena;

  return (IlWorkspace *)(void *)(arena->workspaces + actor->agent->index * arena->workspace_size);
}

static inline uint8_t *
il_workspace_get_outgoing (const IlActor *actor)
{
  return (uint8_t *)il_workspace_get (actor) + IL_WORKSPACE_HEADER;
}

static inline uint8_t *
il_workspace_get_incoming (const IlActor *actor)
{
  return il_workspace_get_outgoing (actor) + actor->arena->message_size;
}

static inline uint8_t *
il_workspace_get_memory (const IlActor *actor)
{
  return il_workspace_get_incoming (actor) + actor->arena->message_size;
}
