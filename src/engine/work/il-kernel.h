/* il-kernel.h - the work that tasks do: burning time on a core, sleeping
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

void il_kernel_calibrate (IlArena *arena);
bool il_kernel_cpu (IlActor *actor, double duration_ns, IlCpuVariant variant);
bool il_kernel_sleep (IlActor *actor, double duration_ns);
