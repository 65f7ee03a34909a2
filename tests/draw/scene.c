/* scene.c - a timeline of ten milliseconds in which every moment is known
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "scene.h"

#define LOCK 1
#define QUEUE 2
#define WORK 3
#define END (10 * MS)

typedef struct
{
  guint32 lane;
  IlRecord record;
} Said;

static const Said said[] = {
  { SCENE_WORKER_1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { SCENE_WORKER_1, { 0, IL_RECORD_SCHED_IN, 0, 0 } },
  { SCENE_WORKER_1, { 0, IL_RECORD_IDLE, 0, 0 } },
  { SCENE_WORKER_1, { 1 * MS, IL_RECORD_GET, QUEUE, 1 } },
  { SCENE_WORKER_1, { 1 * MS, IL_RECORD_TASK_BEGIN, WORK, 0 } },
  { SCENE_WORKER_1, { 2 * MS, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 } },
  { SCENE_WORKER_1, { 5 * MS, IL_RECORD_LOCK_RELEASE, LOCK, 0 } },
  { SCENE_WORKER_1, { 6 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
  { SCENE_WORKER_1, { 7 * MS, IL_RECORD_GET_WAIT, QUEUE, 0 } },
  { SCENE_WORKER_1, { 7 * MS, IL_RECORD_SCHED_OUT, 0, 0 } },

  { SCENE_WORKER_2, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { SCENE_WORKER_2, { 0, IL_RECORD_SCHED_IN, 0, 1 } },
  { SCENE_WORKER_2, { 0, IL_RECORD_IDLE, 0, 0 } },
  { SCENE_WORKER_2, { 1 * MS, IL_RECORD_GET, QUEUE, 0 } },
  { SCENE_WORKER_2, { 1 * MS, IL_RECORD_TASK_BEGIN, WORK, 1 } },
  { SCENE_WORKER_2, { 3 * MS, IL_RECORD_LOCK_WAIT, LOCK, SCENE_WORKER_1 + 1 } },
  { SCENE_WORKER_2, { 3 * MS, IL_RECORD_SCHED_OUT, 0, 1 } },
  { SCENE_WORKER_2, { 5 * MS, IL_RECORD_SCHED_IN, 0, 1 } },
  { SCENE_WORKER_2, { 5 * MS, IL_RECORD_LOCK_ACQUIRE, LOCK, SCENE_WORKER_1 + 1 } },
  { SCENE_WORKER_2, { 6 * MS, IL_RECORD_LOCK_RELEASE, LOCK, 0 } },
  { SCENE_WORKER_2, { 6 * MS, IL_RECORD_IO_BEGIN, 0, 0 } },
  { SCENE_WORKER_2, { 6 * MS, IL_RECORD_SCHED_OUT, 0, 1 } },
  { SCENE_WORKER_2, { 7 * MS, IL_RECORD_SCHED_IN, 0, 1 } },
  { SCENE_WORKER_2, { 7 * MS, IL_RECORD_IO_END, 0, 0 } },
  { SCENE_WORKER_2, { 7 * MS, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 1 } },
  { SCENE_WORKER_2, { 7 * MS, IL_RECORD_GET_WAIT, QUEUE, 0 } },
  { SCENE_WORKER_2, { 7 * MS, IL_RECORD_SCHED_OUT, 0, 1 } },

  { SCENE_SUBMITTER, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { SCENE_SUBMITTER, { MS / 2, IL_RECORD_TASK_SUBMIT, WORK, 0 } },
  { SCENE_SUBMITTER, { MS / 2, IL_RECORD_PUT, QUEUE, 1 } },
  { SCENE_SUBMITTER, { MS / 2 + 1, IL_RECORD_TASK_SUBMIT, WORK, 1 } },
  { SCENE_SUBMITTER, { MS / 2 + 1, IL_RECORD_PUT, QUEUE, 2 } },
  { SCENE_SUBMITTER, { MS, IL_RECORD_SLEEP_BEGIN, 0, 0 } },

  { SCENE_CORE_0, { 5 * MS, IL_RECORD_CORE_USAGE, 1000, 0 } },
  { SCENE_CORE_0, { 10 * MS - 1, IL_RECORD_CORE_USAGE, 400, 600 << 10 } },
  { SCENE_CORE_1, { 5 * MS, IL_RECORD_CORE_USAGE, 600, 400 << 10 } },
};

static void
add_lanes (IlTimelineBuilder *builder)
{
  static const IlLaneInfo lanes[] = {
    { .kind = IL_LANE_CORE, .number = 0, .name = "0" },
    { .kind = IL_LANE_CORE, .number = 1, .name = "1" },
    { .role = IL_LANE_ROLE_SUPERVISOR, .pid = 10, .tid = 10, .name = "Supervisor" },
    { .role = IL_LANE_ROLE_WORKER,
      .scheduler = IL_SCHEDULER_EXACT,
      .number = 1,
      .pid = 10,
      .tid = 11,
      .name = "Worker 1" },
    { .role = IL_LANE_ROLE_WORKER,
      .scheduler = IL_SCHEDULER_EXACT,
      .number = 2,
      .pid = 10,
      .tid = 12,
      .name = "Worker 2" },
    { .role = IL_LANE_ROLE_SUBMITTER, .pid = 10, .tid = 13, .name = "Submitter" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    il_timeline_builder_add_lane (builder, &lanes[i]);
  il_timeline_builder_add_object (builder, LOCK, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, QUEUE, IL_OBJECT_KIND_QUEUE, "tasks", 4);
  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", 0);
}

/**
 * scene_new:
 *
 * Returns: (transfer full): what the head of scene.h shows
 */
IlTimeline *
scene_new (void)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  add_lanes (builder);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, END);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

/**
 * scene_new_empty:
 *
 * Returns: (transfer full): the same lanes, of which nothing is known
 */
IlTimeline *
scene_new_empty (void)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);

  add_lanes (builder);
  return timeline;
}
