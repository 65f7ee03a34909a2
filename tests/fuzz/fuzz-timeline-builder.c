/* fuzz-timeline-builder.c - bytes as lanes, objects and records: the builder takes them all, and
 * what it built can be read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Input: six bytes a record: time since the record before, lane, kind, object, value (two bytes). A
 * kind from 64 on adds a lane or an object instead; one of 128 or more ends the batch.
 */

#include "config.h"

#include "fuzz.h"
#include "il-timeline-builder.h"

#include <string.h>

#define RECORD_SIZE 6
#define KIND_ADD 64
#define KIND_END_BATCH 128

static void
add (IlTimelineBuilder *builder, const uint8_t *bytes)
{
  if (bytes[1] % 2 == 0)
    {
      IlLaneInfo info = {
        .kind = bytes[3] % 2 == 0 ? IL_LANE_THREAD : IL_LANE_CORE,
        .role = bytes[4] % 4,
        .scheduler = bytes[5] % 3,
        .number = bytes[4],
        .pid = bytes[5] % 4,
        .name = "lane",
      };

      il_timeline_builder_add_lane (builder, &info);
    }
  else
    il_timeline_builder_add_object (builder, bytes[3], bytes[4] % 8, "object", bytes[5]);
}

static void
read_series (const IlSeries *series, gint64 end_ns)
{
  IlCounterBin counter_bins[8];
  IlSpanBin span_bins[8];
  gint64 states_ns[IL_N_STATES], total = 0;

  if (series == NULL)
    return;
  if (il_series_get_kind (series) == IL_SERIES_COUNTER)
    {
      il_series_bin_counter (series, -5, end_ns + 5, end_ns, 8, counter_bins);
      return;
    }
  il_series_bin_spans (series, -5, end_ns + 5, end_ns, 8, span_bins);
  il_series_sum_states (series, 0, end_ns, states_ns);
  for (guint i = 0; i < IL_N_STATES; i++)
    total += states_ns[i];
  g_assert_cmpint (total, ==, end_ns);
}

static void
read_all (const IlTimeline *timeline)
{
  gint64 end_ns = il_timeline_get_end (timeline);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      IlLaneCounts counts;
      guint64 puts, gets;
      IlWait wait;

      read_series (il_lane_get_states (lane), end_ns);
      read_series (il_lane_get_level (lane), end_ns);
      read_series (il_lane_get_waiters (lane), end_ns);
      il_lane_get_counts (lane, end_ns, &counts);
      il_lane_get_uses (lane, end_ns, &puts, &gets);
      for (gsize k = 0; il_lane_get_wait (lane, k, &wait); k++)
        g_assert_cmpint (wait.wait_ns, >=, 0);
      g_assert_cmpint (il_lane_get_begin (lane), <=, il_lane_get_end (lane));
    }
  for (gsize i = 0; i < MIN (il_timeline_get_n_tasks (timeline), 70000); i++)
    {
      IlTask task;

      if (il_timeline_get_task (timeline, i, &task))
        g_assert_cmpint (task.outcome, <=, IL_TASK_OUTCOME_PENDING);
    }
}

static IlBatch *
end_batch (IlTimelineBuilder *builder, IlBatch *batch, gint64 now_ns)
{
  il_batch_seal (batch, now_ns + 1);
  il_timeline_builder_add_batch (builder, batch);
  il_batch_unref (batch);
  return il_batch_new (now_ns + 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  IlTimeline *timeline = il_timeline_new ();
  IlTimelineBuilder *builder = il_timeline_builder_new (timeline);
  IlBatch *batch = il_batch_new (0);
  gint64 now_ns = 0;

  for (; size >= RECORD_SIZE; data += RECORD_SIZE, size -= RECORD_SIZE)
    {
      IlRecord record = {
        .kind = data[2],
        .object = data[3] == 255 ? IL_RECORD_OBJECT_MAX : data[3],
        .value = data[4] | (guint32)(data[5] & 0x7f) << 8 | (guint32)(data[5] & 0x80) << 24,
      };

      if (data[2] >= KIND_END_BATCH)
        batch = end_batch (builder, batch, now_ns);
      else if (data[2] >= KIND_ADD)
        add (builder, data);
      else
        {
          /* Now and then a leap, and now and then back. */
          now_ns += data[0] == 255 ? G_GINT64_CONSTANT (10000000000) : data[0];
          record.time_ns = data[0] == 254 ? 0 : now_ns;
          il_batch_append (batch, data[1], &record, 1);
        }
    }
  batch = end_batch (builder, batch, now_ns);
  il_batch_unref (batch);
  read_all (timeline);
  il_timeline_builder_free (builder);
  read_all (timeline);
  il_timeline_unref (timeline);
  return 0;
}

/* Five objects, a core and two threads … */
static const uint8_t seed_begin[][RECORD_SIZE] = {
  { 0, 1, KIND_ADD, 1, IL_OBJECT_KIND_LOCK, 0 },
  { 0, 1, KIND_ADD, 2, IL_OBJECT_KIND_SEMAPHORE, 3 },
  { 0, 1, KIND_ADD, 3, IL_OBJECT_KIND_QUEUE, 9 },
  { 0, 1, KIND_ADD, 4, IL_OBJECT_KIND_TASK, 0 },
  { 0, 0, KIND_ADD, 1, 0, 0 },
  { 0, 0, KIND_ADD, 0, 1, 1 },
  { 0, 0, KIND_ADD, 0, 2, 2 },
  { 0, 1, KIND_ADD, 5, IL_OBJECT_KIND_COUNTER, 0 },
};

/* … one of which takes from a queue, locks and ends. */
static const uint8_t seed_worker[][RECORD_SIZE] = {
  { 9, 4, IL_RECORD_SCHED_IN, 0, 0, 0 },     { 9, 4, IL_RECORD_LANE_BEGIN, 0, 0, 0 },
  { 9, 4, IL_RECORD_GET_WAIT, 3, 0, 0 },     { 9, 4, IL_RECORD_SCHED_OUT, 0, 0, 0 },
  { 9, 5, IL_RECORD_TASK_SUBMIT, 4, 7, 0 },  { 9, 5, IL_RECORD_PUT, 3, 1, 0x80 },
  { 9, 4, IL_RECORD_SCHED_IN, 0, 0, 0 },     { 9, 4, IL_RECORD_GET, 3, 0, 0 },
  { 9, 4, IL_RECORD_TASK_BEGIN, 4, 7, 0 },   { 9, 4, IL_RECORD_LOCK_ACQUIRE, 1, 0, 0 },
  { 9, 4, IL_RECORD_LOCK_RELEASE, 1, 0, 0 }, { 9, 4, IL_RECORD_TASK_END, 0, 7, 0 },
  { 9, 5, KIND_END_BATCH, 0, 0, 0 },         { 9, 4, IL_RECORD_LANE_END, 0, 0, 0 },
  { 9, 4, IL_RECORD_SCHED_OUT, 0, 0, 0 },
};

/* That worker; and every kind of record. */
size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  size_t size = sizeof seed_begin;

  g_assert (max_size
            >= sizeof seed_begin + sizeof seed_worker + 2 * IL_N_RECORD_KINDS * RECORD_SIZE);
  memcpy (data, seed_begin, sizeof seed_begin);
  if (index == 0)
    {
      memcpy (data + size, seed_worker, sizeof seed_worker);
      return size + sizeof seed_worker;
    }
  if (index > 1)
    return 0;
  for (unsigned i = 0; i < 2 * IL_N_RECORD_KINDS; i++, size += RECORD_SIZE)
    {
      const uint8_t record[RECORD_SIZE]
          = { 5, (uint8_t)(4 + i % 3), (uint8_t)(i / 2), (uint8_t)(1 + i % 5), (uint8_t)i, 0 };

      memcpy (data + size, record, sizeof record);
    }
  return size;
}
