/* il-worker.h - the life of a worker, the same in a thread, a process, a coroutine
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

void il_worker_run (IlArena *arena, IlTrace *trace, uint32_t agent, uint8_t *payload,
                    IlCoroutine *coroutine);
