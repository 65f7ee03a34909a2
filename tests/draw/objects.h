/* objects.h - a timeline of 10 ms with an object of each kind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * In milliseconds:
 *
 *   R   readers Worker 1 from 1 to 3 and Worker 2 from 2 to 4; Worker 3 waits from 2.5 to 4 to
 *       write, is woken by Worker 2 and writes until 6
 *   E   set from 7 to 8; Worker 1 waits from 6.2 to 7.1
 *   B   of 3 parties: Worker 1 comes at 7.2, Worker 3 at 7.4, Worker 2 at 8.2
 *   C   Worker 3 waits from 8.5, is notified by Worker 1 at 8.8, for nothing, and waits again until
 *       the end
 *   P   4 KiB sent at 3.1 and received at 4.1
 *   F   100 bytes from 9 on; 2 torn lines
 *   X   5 from 5, -1 from 8.6; 3 lost updates
 *   L   recursive, Worker 1 from 0.2 to 0.8, up to 3 deep
 *   S   of 2 units: Worker 1 and Worker 2 inside from 5 and 5.2 to 5.6; Worker 3 is not
 */

#pragma once

#include "il-timeline-builder.h"

G_BEGIN_DECLS

enum
{
  OBJECTS_WORKER_1,
  OBJECTS_WORKER_2,
  OBJECTS_WORKER_3,
  OBJECTS_R,
  OBJECTS_E,
  OBJECTS_B,
  OBJECTS_C,
  OBJECTS_P,
  OBJECTS_F,
  OBJECTS_X,
  OBJECTS_L,
  OBJECTS_S,
};

#define OBJECTS_END G_GINT64_CONSTANT (10000000)

IlTimeline *objects_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
