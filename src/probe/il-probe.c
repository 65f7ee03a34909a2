/* il-probe.c - what all probes share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-probe.h"

G_DEFINE_QUARK (il - probe - error - quark, il_probe_error)
