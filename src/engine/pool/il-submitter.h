/* il-submitter.h - hands tasks to the pool as the scenario says they arrive
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-pool.h"

bool il_submitter_is_needed (IlPool *pool);
void il_submitter_run (IlPool *pool);
