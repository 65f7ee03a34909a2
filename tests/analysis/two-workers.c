/* two-workers.c - what two-workers.h says
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "two-workers.h"

/*
 * In nanoseconds, up to 1000:
 *
 *   Worker 1   0 other work, 100 task 0 (lock A from 150 to 250), 300 other, 310 task 2, 510 other,
 *              520 waits for the queue
 *   Worker 2   0 other work, 200 task 1, 210 waits for lock A, 260 has it, 360 leaves it, 400
 * other, 500 gone Submitter  submits tasks 0 to 4 at 10, 20, … 50; puts at 12 and 22, wants to put
 * at 32 and can at 132; drops task 3 at 800; task 4 stays pending
 */
static const struct
{
  guint32 lane;
  IlRecord record;
} story[] = {
  { CORE_0, { 500, IL_RECORD_CORE_USAGE, 400 | 100 << 10, 500 << 10 } },
  { CORE_0, { 999, IL_RECORD_CORE_USAGE, 700, 300 << 10 } },
  { WORKER_1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { WORKER_1, { 0, IL_RECORD_SCHED_IN, 0, 0 } },
  { WORKER_1, { 0, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_1, { 100, IL_RECORD_GET, Q, 1 | WOKE } },
  { WORKER_1, { 100, IL_RECORD_TASK_BEGIN, WORK, 0 } },
  { WORKER_1, { 150, IL_RECORD_LOCK_ACQUIRE, A, 0 } },
  { WORKER_1, { 250, IL_RECORD_LOCK_RELEASE, A, WOKE } },
  { WORKER_1, { 300, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 0 } },
  { WORKER_1, { 300, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_1, { 310, IL_RECORD_TASK_BEGIN, WORK, 2 } },
  { WORKER_1, { 510, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, 2 } },
  { WORKER_1, { 510, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_1, { 520, IL_RECORD_GET_WAIT, Q, 0 } },
  { WORKER_1, { 520, IL_RECORD_SCHED_OUT, 0, 0 } },
  { WORKER_2, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { WORKER_2, { 0, IL_RECORD_SCHED_IN, 0, 1 } },
  { WORKER_2, { 0, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_2, { 200, IL_RECORD_TASK_BEGIN, WORK, 1 } },
  { WORKER_2, { 210, IL_RECORD_LOCK_WAIT, A, WORKER_1 + 1 } },
  { WORKER_2, { 210, IL_RECORD_SCHED_OUT, 0, 1 } },
  { WORKER_2, { 260, IL_RECORD_SCHED_IN, 0, 1 } },
  { WORKER_2, { 260, IL_RECORD_LOCK_ACQUIRE, A, WORKER_1 + 1 } },
  { WORKER_2, { 360, IL_RECORD_LOCK_RELEASE, A, 0 } },
  { WORKER_2, { 400, IL_RECORD_TASK_END, IL_TASK_OUTCOME_FAILED, 1 } },
  { WORKER_2, { 400, IL_RECORD_IDLE, 0, 0 } },
  { WORKER_2, { 500, IL_RECORD_LANE_END, 0, 0 } },
  { WORKER_2, { 500, IL_RECORD_SCHED_OUT, 0, 1 } },
  { SUBMITTER, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { SUBMITTER, { 10, IL_RECORD_TASK_SUBMIT, WORK, 0 } },
  { SUBMITTER, { 12, IL_RECORD_PUT, Q, 1 } },
  { SUBMITTER, { 20, IL_RECORD_TASK_SUBMIT, WORK, 1 } },
  { SUBMITTER, { 22, IL_RECORD_PUT, Q, 2 } },
  { SUBMITTER, { 30, IL_RECORD_TASK_SUBMIT, WORK, 2 } },
  { SUBMITTER, { 32, IL_RECORD_PUT_WAIT, Q, 0 } },
  { SUBMITTER, { 40, IL_RECORD_TASK_SUBMIT, WORK, 3 } },
  { SUBMITTER, { 50, IL_RECORD_TASK_SUBMIT, WORK, 4 } },
  { SUBMITTER, { 132, IL_RECORD_PUT, Q, 2 } },
  { SUBMITTER, { 800, IL_RECORD_TASK_DROP, IL_TASK_OUTCOME_CANCELLED, 3 } },
};

G_STATIC_ASSERT (G_N_ELEMENTS (story) == N_RECORDS);

/* So many events of worker 1 are lost. */
IlSession *
make_session_without (guint32 n_lost)
{
  static const IlLaneInfo core = { .kind = IL_LANE_CORE, .name = "Core 0" };
  static const IlLaneInfo threads[] = {
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
      .name = "Worker \033[31m2" },
    { .role = IL_LANE_ROLE_SUBMITTER, .pid = 10, .tid = 10, .name = "Submitter" },
  };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_timeline_builder_add_lane (builder, &core);
  il_timeline_builder_add_object (builder, A, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, S, IL_OBJECT_KIND_SEMAPHORE, "S", 2);
  il_timeline_builder_add_object (builder, Q, IL_OBJECT_KIND_QUEUE, "Q", 2);
  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", 0);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (il_timeline_builder_add_lane (builder, &threads[i]), ==, WORKER_1 + i);
  for (guint i = 0; i < G_N_ELEMENTS (story); i++)
    il_batch_append (batch, story[i].lane, &story[i].record, 1);
  if (n_lost > 0)
    il_batch_append (batch, WORKER_1, &(IlRecord){ 990, IL_RECORD_LOST, 0, n_lost }, 1);
  il_batch_seal (batch, 1000);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

IlSession *
make_session (void)
{
  return make_session_without (0);
}
