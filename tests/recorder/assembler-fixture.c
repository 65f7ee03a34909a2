/* assembler-fixture.c - an assembler, what sources say to it, and what it tells as text
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "assembler-fixture.h"

static const char *const role_names[]
    = { "thread", "worker", "submitter", "supervisor", "carrier" };

static const char *
kind_name (guint kind)
{
  switch (kind)
    {
    case IL_RECORD_LANE_BEGIN:
      return "BEGIN";
    case IL_RECORD_LANE_END:
      return "END";
    case IL_RECORD_LOST:
      return "LOST";
    case IL_RECORD_IDLE:
      return "IDLE";
    case IL_RECORD_LOCK_WAIT:
      return "LOCK_WAIT";
    case IL_RECORD_LOCK_ACQUIRE:
      return "LOCK_ACQUIRE";
    case IL_RECORD_WORKER_LOST:
      return "WORKER_LOST";
    case IL_RECORD_OWNER_DIED:
      return "OWNER_DIED";
    case IL_RECORD_SCHED_IN:
      return "IN";
    case IL_RECORD_SCHED_OUT:
      return "OUT";
    case IL_RECORD_SCHED_LOST:
      return "SCHED_LOST";
    case IL_RECORD_SAMPLE:
      return "SAMPLE";
    case IL_RECORD_CORE_USAGE:
      return "USAGE";
    case IL_RECORD_COROUTINE:
      return "COROUTINE";
    case IL_RECORD_RUNS:
      return "RUNS";
    case IL_RECORD_JOIN_WAIT:
      return "JOIN_WAIT";
    case IL_RECORD_JOIN_END:
      return "JOIN_END";
    default:
      return "?";
    }
}

static guint32
add_lane (const IlLaneInfo *info, gpointer data)
{
  Fixture *self = data;

  g_string_append_printf (self->told, "lane %u %s %s\n", self->n_lanes,
                          info->kind == IL_LANE_CORE ? "core" : role_names[info->role], info->name);
  if (self->n_lanes < FIXTURE_N_BIRTHS)
    self->births[self->n_lanes] = info->parameter;
  return self->n_lanes++;
}

static void
claim_lane (guint32 lane, const IlLaneInfo *info, gpointer data)
{
  Fixture *self = data;

  g_assert_cmpuint (lane, <, self->n_lanes);
  g_string_append_printf (self->told, "lane %u is %s %s\n", lane, role_names[info->role],
                          info->name);
  if (lane < FIXTURE_N_BIRTHS)
    self->births[lane] = info->parameter;
}

static void
add_object (guint32 object, IlTimelineObjectKind kind, const char *name, guint64 parameter,
            gpointer data)
{
  Fixture *self = data;

  g_string_append_printf (self->told, "object %u kind %d %s %d\n", object, (int)kind, name,
                          (int)parameter);
}

static void
add_usage (guint32 lane, const IlTraceLaneUsage *usage, gint64 released_ns, gpointer data)
{
  Fixture *self = data;

  g_string_append_printf (self->told, "usage %u %d at %d\n", lane, (int)usage->cpu_ns,
                          (int)released_ns);
}

static void
add_batch (IlBatch *batch, gpointer data)
{
  Fixture *self = data;
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (batch);
  const IlRecord *record;
  guint32 lane;

  g_string_append_printf (self->told, "[%d,%d)", (int)il_batch_get_begin (batch),
                          (int)il_batch_get_end (batch));
  while (il_batch_iter_next (iter, &lane, &record))
    {
      self->n_begun += record->kind == IL_RECORD_LANE_BEGIN;
      self->n_ended += record->kind == IL_RECORD_LANE_END;
      g_string_append_printf (self->told, " %u@%d %s %u %u", lane, (int)record->time_ns,
                              kind_name (record->kind), record->object, record->value);
    }
  g_string_append_c (self->told, '\n');
}

void
fixture_set_up (Fixture *self, gconstpointer scheduler)
{
  self->sink = (IlAssemblerSink){ add_lane, claim_lane, add_object, add_usage, add_batch };
  self->told = g_string_new (NULL);
  self->assembler = il_assembler_new (ORIGIN, (IlSchedulerSource)GPOINTER_TO_INT (scheduler),
                                      &self->sink, self);
}

void
fixture_tear_down (Fixture *self, gconstpointer scheduler)
{
  il_assembler_free (self->assembler);
  g_string_free (self->told, TRUE);
}

void
fixture_assert_told (Fixture *self, const char *expected)
{
  g_assert_cmpstr (self->told->str, ==, expected);
  g_string_truncate (self->told, 0);
}

IlTraceLaneInfo
fixture_lane (guint index, guint generation, int tid)
{
  IlTraceLaneInfo info = {
    .index = index,
    .generation = generation,
    .role = IL_ROLE_WORKER,
    .number = index + 1,
    .pid = 100,
    .tid = tid,
  };

  g_snprintf (info.name, sizeof info.name, "Worker %u", index + 1);
  return info;
}

void
fixture_say (Fixture *self, const IlTraceLaneInfo *info, gint64 time_ns, IlEventKind kind,
             guint object, guint32 value)
{
  const IlEvent event = { .stamp = (guint64)(ORIGIN + time_ns),
                          .what = IL_EVENT_WHAT (kind, object),
                          .value = value };
  IlClockMap clock;

  /* Of the monotonic clock, whose stamps are times. */
  il_clock_map_init (&clock, IL_CLOCK_MONOTONIC);
  clock.last.time_ns = ORIGIN + time_ns;
  il_assembler_add_events (self->assembler, info, &event, 1, &clock);
}

void
fixture_sched (Fixture *self, IlSchedKind kind, gint64 time_ns, int tid, guint core)
{
  const IlSchedRecord record = {
    .time_ns = ORIGIN + time_ns,
    .kind = kind,
    .pid = 100,
    .tid = tid,
    .core = core,
    .n_lost = kind == IL_SCHED_LOST ? 7 : 0,
    .name = "helper",
  };

  il_assembler_add_sched (self->assembler, &record);
}

void
fixture_cut (Fixture *self, gint64 time_ns)
{
  il_assembler_cut (self->assembler, ORIGIN + time_ns);
}

void
fixture_end (Fixture *self, const IlTraceLaneInfo *info, gint64 now_ns)
{
  const IlTraceLaneUsage usage = { .valid = true, .cpu_ns = 5 };

  il_assembler_end_lane (self->assembler, info, &usage, ORIGIN + now_ns);
}

void
fixture_fork (Fixture *self, gint64 time_ns, int tid, int maker)
{
  const IlSchedRecord record = { .time_ns = ORIGIN + time_ns,
                                 .kind = IL_SCHED_FORK,
                                 .pid = 100,
                                 .tid = tid,
                                 .other_pid = 100,
                                 .other_tid = maker };

  il_assembler_add_sched (self->assembler, &record);
}

void
fixture_rename (Fixture *self, gint64 time_ns, int tid, const char *name)
{
  IlSchedRecord record
      = { .time_ns = ORIGIN + time_ns, .kind = IL_SCHED_COMM, .pid = 100, .tid = tid };

  g_strlcpy (record.name, name, sizeof record.name);
  il_assembler_add_sched (self->assembler, &record);
}
