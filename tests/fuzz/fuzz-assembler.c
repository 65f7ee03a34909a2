/* fuzz-assembler.c - whatever sources say, in whatever order: batches join without gap, every
 * record of a target comes out once, and the timeline that is built of them has no hole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The input is a program of 8-byte steps: what, lane, thread, kind, object, value, and 16 bits by
 * which the clock goes on or back.
 */

#include "config.h"

#include "fuzz.h"

#include <string.h>

#include "il-assembler-private.h"

#define ORIGIN_NS 1000000000
#define N_LANES 4
#define N_THREADS 6
#define STEP_SIZE 8

typedef struct
{
  IlAssembler *assembler;
  IlTimeline *timeline;
  IlTimelineBuilder *builder;
  IlClockMap clock;
  gint64 now_ns;
  gint64 end_ns; /* of the last batch */
  guint generations[N_LANES];
  gboolean begun[N_LANES];
  guint64 n_said, n_told;
} Fuzz;

static guint32
add_lane (const IlLaneInfo *info, gpointer data)
{
  return il_timeline_builder_add_lane (((Fuzz *)data)->builder, info);
}

static void
claim_lane (guint32 lane, const IlLaneInfo *info, gpointer data)
{
  Fuzz *self = data;

  g_assert_cmpint (il_lane_get_info (il_timeline_get_lane (self->timeline, lane))->role, ==,
                   IL_LANE_ROLE_THREAD);
  il_timeline_builder_claim_lane (self->builder, lane, info);
}

static void
add_object (guint32 object, IlTimelineObjectKind kind, const char *name, guint64 parameter,
            gpointer data)
{
  il_timeline_builder_add_object (((Fuzz *)data)->builder, object, kind, name, parameter);
}

static void
add_usage (guint32 lane, const IlTraceLaneUsage *usage, gint64 released_ns, gpointer data)
{
  g_assert_cmpint (released_ns, >=, 0);
}

static void
add_batch (IlBatch *batch, gpointer data)
{
  Fuzz *self = data;
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (batch);
  gint64 last_ns = self->end_ns;
  const IlRecord *record;
  guint32 lane;

  g_assert_cmpint (il_batch_get_begin (batch), ==, self->end_ns);
  g_assert_cmpint (il_batch_get_end (batch), >=, self->end_ns);
  while (il_batch_iter_next (iter, &lane, &record))
    {
      g_assert_cmpint (record->time_ns, >=, last_ns);
      g_assert_cmpuint (lane, <, il_timeline_get_n_lanes (self->timeline));
      last_ns = record->time_ns;
      /* LANE_END is also written for those who cannot. */
      self->n_told += (record->kind < IL_RECORD_SCHED_IN || record->kind >= IL_RECORD_STUCK)
                      && record->kind != IL_RECORD_LANE_END && record->kind != IL_RECORD_COROUTINE;
    }
  g_assert_cmpint (last_ns, <=, il_batch_get_end (batch));
  self->end_ns = il_batch_get_end (batch);
  il_timeline_builder_add_batch (self->builder, batch);
}

static IlTraceLaneInfo
lane_info (Fuzz *self, const uint8_t *step)
{
  guint index = step[1] % N_LANES;
  IlTraceLaneInfo info = { .index = index,
                           .generation = self->generations[index],
                           .role = (IlRole)(step[3] % IL_N_ROLES),
                           .pid = 1,
                           .tid = 1 + step[2] % N_THREADS };

  memcpy (info.name, step, 4);
  return info;
}

static void
begin_lane (Fuzz *self, const uint8_t *step)
{
  IlTraceLaneInfo info = lane_info (self, step);

  if (self->begun[info.index])
    return;
  self->begun[info.index] = TRUE;
  il_assembler_begin_lane (self->assembler, &info);
}

static void
say (Fuzz *self, const uint8_t *step)
{
  IlTraceLaneInfo info = lane_info (self, step);
  const IlEvent event = { (guint64)self->now_ns,
                          IL_EVENT_WHAT (step[3] % (IL_N_EVENT_KINDS + 2), step[4] % 8), step[5] };
  IlEventKind kind = IL_EVENT_KIND (event.what);

  if (!self->begun[info.index])
    return;
  /* Who makes coroutines tells of them in lanes of their own, in other words. */
  self->n_said += kind != IL_EVENT_NONE && kind < IL_EVENT_USED_AT && kind != IL_EVENT_LANE_END
                  && kind != IL_EVENT_COROUTINE;
  il_assembler_add_events (self->assembler, &info, &event, 1, &self->clock);
}

static void
end_lane (Fuzz *self, const uint8_t *step)
{
  const IlTraceLaneUsage usage = { .valid = step[4] & 1 };
  IlTraceLaneInfo info = lane_info (self, step);

  if (!self->begun[info.index])
    return;
  self->begun[info.index] = FALSE;
  self->generations[info.index]++;
  il_assembler_end_lane (self->assembler, &info, &usage, self->now_ns);
}

static void
sched (Fuzz *self, const uint8_t *step)
{
  const IlSchedRecord record = { .time_ns = self->now_ns,
                                 .kind = (IlSchedKind)(step[3] % (IL_SCHED_LOST + 1)),
                                 .pid = 1,
                                 .tid = 1 + step[2] % N_THREADS,
                                 .core = step[4] % 3,
                                 .n_lost = step[5],
                                 .name = "n\xff" };

  il_assembler_add_sched (self->assembler, &record);
}

static void
sample (Fuzz *self, const uint8_t *step)
{
  const IlProcSample record = { .time_ns = self->now_ns,
                                .pid = 1,
                                .tid = 1 + step[2] % N_THREADS,
                                .is_gone = step[3] % 4 == 0,
                                .run_ns = step[4] * 1000,
                                .core = 1 };

  il_assembler_add_sample (self->assembler, &record);
}

static void
take_step (Fuzz *self, const uint8_t *step)
{
  self->now_ns += (gint16)(step[6] | step[7] << 8) * G_GINT64_CONSTANT (1000);
  self->clock.last.time_ns = self->now_ns;
  switch (step[0] % 8)
    {
    case 0:
      begin_lane (self, step);
      break;
    case 1:
    case 2:
      say (self, step);
      break;
    case 3:
      end_lane (self, step);
      break;
    case 4:
    case 5:
      sched (self, step);
      break;
    case 6:
      sample (self, step);
      break;
    default:
      il_assembler_process_is_gone (self->assembler, 1);
      il_assembler_cut (self->assembler, self->now_ns);
      break;
    }
}

static void
assert_gapless (const IlTimeline *timeline)
{
  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      gint64 end_ns = MIN (il_lane_get_end (lane), il_timeline_get_end (timeline));
      gint64 states_ns[IL_N_STATES] = { 0 }, sum_ns = 0;

      if (il_lane_get_info (lane)->kind != IL_LANE_THREAD || il_lane_get_begin (lane) >= end_ns)
        continue;
      il_series_sum_states (il_lane_get_states (lane), il_lane_get_begin (lane), end_ns, states_ns);
      for (guint state = IL_STATE_NONE + 1; state < IL_N_STATES; state++)
        sum_ns += states_ns[state];
      g_assert_cmpint (sum_ns, ==, end_ns - il_lane_get_begin (lane));
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const IlAssemblerSink sink = { add_lane, claim_lane, add_object, add_usage, add_batch };
  const IlTraceObjectInfo lock = { .id = 1, .kind = IL_OBJECT_LOCK, .name = "A" };
  const IlTraceObjectInfo queue = { .id = 2, .kind = IL_OBJECT_QUEUE, .name = "Q" };
  Fuzz self = { .now_ns = ORIGIN_NS };

  self.timeline = il_timeline_new ();
  self.builder = il_timeline_builder_new (self.timeline);
  self.assembler = il_assembler_new (
      ORIGIN_NS, size % 2 == 0 ? IL_SCHEDULER_EXACT : IL_SCHEDULER_SAMPLED, &sink, &self);
  il_clock_map_init (&self.clock, IL_CLOCK_MONOTONIC);
  il_assembler_add_cores (self.assembler, 2);
  il_assembler_add_object (self.assembler, &lock);
  il_assembler_add_object (self.assembler, &queue);
  for (size_t at = 0; at + STEP_SIZE <= MIN (size, 8192); at += STEP_SIZE)
    take_step (&self, data + at);
  il_assembler_finish (self.assembler, ORIGIN_NS);

  g_assert_cmpuint (self.n_told, ==, self.n_said);
  assert_gapless (self.timeline);
  il_assembler_free (self.assembler);
  il_timeline_builder_free (self.builder);
  il_timeline_unref (self.timeline);
  return 0;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  /* A life: begin, first word, on and off a core, last word, exit; and a cut. */
  static const uint8_t life[][STEP_SIZE] = {
    { 0, 1, 1, 1, 0, 0, 1, 0 },
    { 4, 0, 1, IL_SCHED_IN, 0, 0, 1, 0 },
    { 1, 1, 0, IL_EVENT_LANE_BEGIN, 0, 0, 1, 0 },
    { 1, 1, 0, IL_EVENT_LOCK_WAIT, 1, 1, 1, 0 },
    { 4, 0, 1, IL_SCHED_OUT, 0, 0, 1, 0 },
    { 4, 0, 1, IL_SCHED_IN, 1, 0, 1, 0 },
    { 1, 1, 0, IL_EVENT_LOCK_ACQUIRE, 1, 1, 1, 0 },
    { 7, 0, 0, 0, 0, 0, 1, 0 },
    { 1, 1, 0, IL_EVENT_LANE_END, 0, 0, 1, 0 },
    { 3, 1, 0, 0, 1, 0, 1, 0 },
    { 4, 0, 1, IL_SCHED_EXIT, 1, 0, 1, 0 },
    { 7, 0, 0, 0, 0, 0, 1, 0 },
  };
  size_t n_lives = index + 1, size = 0;

  if (index >= 3)
    return 0;
  for (size_t i = 0; i < n_lives && size + sizeof life <= max_size; i++)
    {
      memcpy (data + size, life, sizeof life);
      for (size_t step = 0; step < G_N_ELEMENTS (life); step++)
        data[size + step * STEP_SIZE + 2] += (uint8_t)i;
      size += sizeof life;
    }
  return size;
}
