/* il-memory.h - work that goes through memory
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

bool il_memory_read (IlActor *actor, size_t size, IlMemoryVariant variant);
bool il_memory_increment (IlActor *actor, uint64_t n_times, IlSharingVariant variant);
