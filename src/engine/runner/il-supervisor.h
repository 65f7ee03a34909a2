/* il-supervisor.h - runs a scenario, as its controller says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-control.h"
#include "il-scenario.h"
#include "il-trace.h"

int il_supervisor_run (IlScenario *scenario, IlTrace *trace, IlControl *control,
                       const char *const *notes);
