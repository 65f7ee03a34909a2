/* il-scenario.c - a scenario in memory: its parts, its bundled files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario.h"

G_DEFINE_QUARK (il-scenario-error-quark, il_scenario_error)
