/* sync-fixture.h - what the tests of primitives share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "engine-fixture.h"
#include "il-trace-reader.h"

/* Of one actor, to see what it wrote. */
typedef struct
{
  IlTraceReader *reader;
  IlTrace *trace;
  GArray *events; /* of IlEvent, of all lanes */
} SyncTrace;

typedef struct
{
  IlEventKind kind;
  guint32 value;
} SyncEvent;

IlArena *sync_make_arena (const char *text, IlModel model);
void sync_wait_until_waiting (const IlArena *arena, guint n_agents);
void sync_cancel (IlArena *arena, guint n_agents);
void sync_kill (IlArena *arena, Agents *agents, guint i);
void sync_trace_init (SyncTrace *self);
void sync_trace_enter (SyncTrace *self, IlActor *actor, IlArena *arena, uint32_t agent);
void sync_trace_drain (SyncTrace *self);
void sync_trace_assert (SyncTrace *self, const IlActor *actor, gsize n_expected,
                        const SyncEvent *expected);
void sync_trace_clear (SyncTrace *self);
void sync_note_max (_Atomic guint32 *max, guint32 value);
