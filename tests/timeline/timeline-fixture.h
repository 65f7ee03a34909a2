/* timeline-fixture.h - a small timeline with lanes and objects of every kind, fed from an array
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-builder.h"

#include <glib.h>

/* Lanes of the fixture, by their number; those of objects stand between cores and threads, as they
 * do in a recording. */
enum
{
  CORE_0,
  CORE_1,
  LANE_LOCK,
  LANE_SEMAPHORE,
  LANE_QUEUE,
  LANE_COUNTER,
  EXACT, /* threads, by what is known of their scheduling */
  OTHER, /* exact, too */
  SAMPLED,
  UNSCHEDULED,
  N_LANES
};

enum
{
  LOCK = 1,
  SEMAPHORE, /* of 3 units */
  QUEUE,     /* of capacity 10 */
  WORK,      /* kind of task */
  COUNTER
};

typedef struct
{
  gint64 time_ns;
  guint32 lane;
  IlRecordKind kind;
  guint32 object;
  guint32 value;
} Event;

typedef struct
{
  IlTimeline *timeline;
  IlTimelineBuilder *builder;
} Fixture;

static inline void
fixture_init (Fixture *fixture)
{
  static const IlLaneInfo cores[] = {
    { .kind = IL_LANE_CORE, .number = 0, .name = "Core 0" },
    { .kind = IL_LANE_CORE, .number = 1, .name = "Core 1" },
  };
  static const IlLaneInfo threads[] = {
    { .name = "Exact", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .number = 1 },
    { .name = "Other", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .number = 2 },
    { .name = "Sampled", .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_SAMPLED },
    { .name = "Unscheduled", .scheduler = IL_SCHEDULER_NONE, .process_name = "program" },
  };
  static const struct
  {
    guint32 object;
    IlTimelineObjectKind kind;
    const char *name;
    guint64 parameter;
  } objects[] = {
    { LOCK, IL_OBJECT_KIND_LOCK, "A", 0 },       { SEMAPHORE, IL_OBJECT_KIND_SEMAPHORE, "S", 3 },
    { QUEUE, IL_OBJECT_KIND_QUEUE, "Q", 10 },    { WORK, IL_OBJECT_KIND_TASK, "work", 0 },
    { COUNTER, IL_OBJECT_KIND_COUNTER, "C", 0 },
  };

  fixture->timeline = il_timeline_new ();
  fixture->builder = il_timeline_builder_new (fixture->timeline);
  for (gsize i = 0; i < G_N_ELEMENTS (cores); i++)
    g_assert_cmpuint (il_timeline_builder_add_lane (fixture->builder, &cores[i]), ==, CORE_0 + i);
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    g_assert_true (il_timeline_builder_add_object (fixture->builder, objects[i].object,
                                                   objects[i].kind, objects[i].name,
                                                   objects[i].parameter));
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpuint (il_timeline_builder_add_lane (fixture->builder, &threads[i]), ==, EXACT + i);
  g_assert_cmpuint (il_timeline_get_n_lanes (fixture->timeline), ==, N_LANES);
}

static inline void
fixture_finish (Fixture *fixture)
{
  il_timeline_builder_free (fixture->builder);
  il_timeline_unref (fixture->timeline);
}

static inline void
fixture_feed (Fixture *fixture, const Event *events, gsize n_events, gint64 end_ns)
{
  g_autoptr (IlBatch) batch = il_batch_new (MIN (il_timeline_get_end (fixture->timeline), end_ns));

  for (gsize i = 0; i < n_events; i++)
    {
      IlRecord record = {
        .time_ns = events[i].time_ns,
        .kind = events[i].kind,
        .object = events[i].object,
        .value = events[i].value,
      };

      il_batch_append (batch, events[i].lane, &record, 1);
    }
  il_batch_seal (batch, end_ns);
  il_timeline_builder_add_batch (fixture->builder, batch);
}

#define FEED(fixture, end_ns, ...)                                                                 \
  fixture_feed ((fixture), (const Event[]){ __VA_ARGS__ },                                         \
                sizeof ((const Event[]){ __VA_ARGS__ }) / sizeof (Event), (end_ns))

static inline const IlLane *
fixture_lane (const Fixture *fixture, guint lane)
{
  return il_timeline_get_lane (fixture->timeline, lane);
}

static inline guint64
fixture_n_inconsistent (const Fixture *fixture)
{
  IlTimelineTotals totals;

  il_timeline_get_totals (fixture->timeline, &totals);
  return totals.n_inconsistent;
}

/* "0 busy, 10 running #7, 25 lock @1 #7": begin, state, object or lane + 1, task; without the spans
 * that have no length. */
static inline char *
fixture_describe (const Fixture *fixture, guint lane)
{
  static const char *const names[IL_N_STATES]
      = { "none", "running", "busy", "spinning", "runnable", "lock",   "queue",
          "io",   "sleep",   "join", "waiting",  "stopped",  "unknown" };
  const IlSeries *states = il_lane_get_states (fixture_lane (fixture, lane));
  GString *text = g_string_new (NULL);
  guint32 code = G_MAXUINT32, detail = 0;
  IlSpan span;

  for (gsize i = 0; il_series_get_span (states, i, G_MAXINT64, &span); i++)
    {
      if (span.begin_ns == span.end_ns || (span.code == code && span.detail == detail))
        continue;
      code = span.code;
      detail = span.detail;
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT " %s", text->len > 0 ? ", " : "",
                              span.begin_ns, names[IL_CODE_STATE (span.code)]);
      if (IL_CODE_SUBJECT (span.code) != 0)
        g_string_append_printf (text, " @%u", IL_CODE_SUBJECT (span.code));
      if (span.detail != 0)
        g_string_append_printf (text, " #%u", span.detail - 1);
    }
  return g_string_free (text, FALSE);
}

/* "0 0, 10 3": begin and value. */
static inline char *
fixture_describe_counter (const IlSeries *series)
{
  GString *text = g_string_new (NULL);
  IlSpan span;

  for (gsize i = 0; il_series_get_span (series, i, G_MAXINT64, &span); i++)
    if (span.begin_ns != span.end_ns)
      g_string_append_printf (text, "%s%" G_GINT64_FORMAT " %u", text->len > 0 ? ", " : "",
                              span.begin_ns, span.code);
  return g_string_free (text, FALSE);
}

#define ASSERT_STATES(fixture, lane, expected)                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *described_ = fixture_describe ((fixture), (lane));                            \
    g_assert_cmpstr (described_, ==, (expected));                                                  \
  }                                                                                                \
  G_STMT_END

#define ASSERT_COUNTER(series, expected)                                                           \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *described_ = fixture_describe_counter (series);                               \
    g_assert_cmpstr (described_, ==, (expected));                                                  \
  }                                                                                                \
  G_STMT_END

/* What must hold whatever was fed: from birth to death a thread's states leave no gap. */
static inline void
fixture_check_lifetimes (const Fixture *fixture)
{
  gint64 now_ns = il_timeline_get_end (fixture->timeline);

  for (guint i = 0; i < il_timeline_get_n_lanes (fixture->timeline); i++)
    {
      const IlLane *lane = fixture_lane (fixture, i);
      gint64 begin_ns = il_lane_get_begin (lane);
      gint64 end_ns = MIN (il_lane_get_end (lane), now_ns);
      gint64 states_ns[IL_N_STATES], total = 0;

      if (il_lane_get_info (lane)->kind != IL_LANE_THREAD)
        continue;
      il_series_sum_states (il_lane_get_states (lane), begin_ns, end_ns, states_ns);
      g_assert_cmpint (states_ns[IL_STATE_NONE], ==, 0);
      for (guint k = 0; k < IL_N_STATES; k++)
        {
          g_assert_cmpint (states_ns[k], >=, 0);
          total += states_ns[k];
        }
      g_assert_cmpint (total, ==, end_ns - begin_ns);
      il_series_sum_states (il_lane_get_states (lane), -100, begin_ns, states_ns);
      g_assert_cmpint (states_ns[IL_STATE_NONE], ==, begin_ns + 100);
      il_series_sum_states (il_lane_get_states (lane), end_ns, now_ns + 1, states_ns);
      if (il_lane_get_end (lane) <= now_ns)
        g_assert_cmpint (states_ns[IL_STATE_NONE], ==, now_ns + 1 - end_ns);
    }
}
