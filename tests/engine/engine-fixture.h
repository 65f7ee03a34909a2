/* engine-fixture.h - what the tests of the engine share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-lock.h"
#include "il-pool.h"
#include "il-queue.h"
#include "il-semaphore.h"

#include <pthread.h>

/* The thread sanitizer does not see what a fork shares. */
#if defined(__SANITIZE_THREAD__)
#define WITH_PROCESSES 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_PROCESSES 0
#endif
#endif
#ifndef WITH_PROCESSES
#define WITH_PROCESSES 1
#endif

typedef void (*ActorFunc) (IlActor *actor, void *data);

/* Agents that act on an arena without a pool, each a thread or a process. */
typedef struct
{
  uint32_t n_agents;
  gboolean are_processes;
  pthread_t *threads;
  pid_t *pids;
} Agents;

IlScenario *fixture_parse (const char *text);
void fixture_release (IlArena *arena);
void *fixture_get_object (const IlArena *arena, IlObjectKind kind, guint n);
IlLock *fixture_get_lock (const IlArena *arena, guint n);
IlSemaphore *fixture_get_semaphore (const IlArena *arena, guint n);
IlQueue *fixture_get_queue (const IlArena *arena, guint n);
guint fixture_count_objects (const IlArena *arena, IlObjectKind kind);
void *fixture_share (gsize size);
Agents *fixture_start_agents (IlArena *arena, uint32_t n_agents, ActorFunc func, void *data);
void fixture_join_agents (Agents *agents);

IlPool *fixture_start_pool (const IlScenario *scenario, IlTrace *trace);
IlPoolCounts fixture_join_pool (IlPool *pool);
void fixture_add_models (const char *path, GTestDataFunc func);
