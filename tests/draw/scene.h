/* scene.h - a timeline of ten milliseconds in which every moment is known
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 *   ms        0    1    2    3    4    5    6    7    8    9   10
 *   Worker 1  |busy|run task 0 ------------|busy|queue wait -----|
 *   Worker 2  |busy|run task 1|lock wait A |run |I/O |queue wait |
 *   lock A              |Worker 1 ------|Worker 2|
 *   Core 0    Worker 1 all the time but for the waits; Core 1 Worker 2
 *   tasks     0 2    0 (put at 0.5 ms, got at 1 ms)
 */

#pragma once

#include "il-timeline-builder.h"

G_BEGIN_DECLS

#define MS G_GINT64_CONSTANT (1000000)

enum
{
  SCENE_CORE_0,
  SCENE_CORE_1,
  SCENE_SUPERVISOR,
  SCENE_WORKER_1,
  SCENE_WORKER_2,
  SCENE_SUBMITTER,
  SCENE_LOCK,
  SCENE_QUEUE,
};

IlTimeline *scene_new (void) G_GNUC_WARN_UNUSED_RESULT;
IlTimeline *scene_new_empty (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
