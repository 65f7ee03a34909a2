/* il-place.h - in which loaded file an address lies
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-trace.h"

IlTracePlace il_place_find (const void *address);
IlTracePlace il_place_find_shared (const void *address);
const void *il_place_find_file (const void *address);
bool il_place_is_python (const void *address);
bool il_place_is_shared (const void *address);
