/* il-series.c - append-only columns of spans or counter values with a level-of-detail pyramid
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-series.h"
