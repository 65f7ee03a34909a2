/* bench-recording.h - where the benchmarks record, and a reader that drains it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One recording for a whole benchmark, as the recorder makes it: in memory, not on a disk, and its
 * rings used over and over, since a page that is touched for the first time costs more than all the
 * events on it.
 */

#pragma once

#include <glib.h>

#include "il-trace.h"

IlTrace *bench_recording_start (void);
guint64 bench_recording_stop (void);
