/* il-clock.c - the time stamp of an event, and its way back to nanoseconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-clock.h"
