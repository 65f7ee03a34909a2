/* il-scenario-catalog.c - what scenarios there are, as the runner describes them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-scenario-catalog.h"
