/* il-callers.h - what called the code that uses a lock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-self.h"

void il_callers_find (const void *caller, const void *callers[IL_TRACE_CALLERS]);
void il_callers_place (const void *const callers[IL_TRACE_CALLERS],
                       IlTracePlace places[IL_TRACE_CALLERS]);

/* So much of a stack there is in any case, if nothing else is known of it. */
#define IL_STACK_SURE ((size_t)1 << 20)
