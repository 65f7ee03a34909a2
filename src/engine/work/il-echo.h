/* il-echo.h - sending bytes through the kernel to oneself
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

IlWaitResult il_echo (IlActor *actor, uint32_t size, IlEchoVariant variant);
