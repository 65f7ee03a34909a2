/* il-perf-ring.h - the records in a ring of perf_event_open, taken apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-probe.h"

G_BEGIN_DECLS

/* The longest record of the kinds that we ask for: a COMM with its name and the trailing sample
 * identity. */
#define IL_PERF_RECORD_MAX 256

gboolean il_perf_record_parse (const guint8 *data, gsize size, guint core, IlSchedRecord *record);

G_END_DECLS
