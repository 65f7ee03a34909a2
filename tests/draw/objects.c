/* objects.c - a timeline of 10 ms with an object of each kind
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "objects.h"

#define US G_GINT64_CONSTANT (1000)
#define W1 OBJECTS_WORKER_1
#define W2 OBJECTS_WORKER_2
#define W3 OBJECTS_WORKER_3
#define WOKE IL_RECORD_WOKE

/* Numbers of objects. */
enum
{
  R = 1,
  E,
  B,
  C,
  P,
  F,
  X,
  L,
  S,
};

static const struct
{
  guint32 lane;
  IlRecord record;
} said[] = {
  { W1, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { W2, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { W3, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
  { W1, { 200 * US, IL_RECORD_LOCK_ACQUIRE, L, 0 } },
  { W1, { 300 * US, IL_RECORD_COUNTER, L, 2 } },
  { W1, { 400 * US, IL_RECORD_COUNTER, L, 3 } },
  { W1, { 500 * US, IL_RECORD_COUNTER, L, 2 } },
  { W1, { 600 * US, IL_RECORD_COUNTER, L, 1 } },
  { W1, { 800 * US, IL_RECORD_LOCK_RELEASE, L, 0 } },
  { W1, { 1000 * US, IL_RECORD_RW_ACQUIRE, R, 0 } },
  { W2, { 2000 * US, IL_RECORD_RW_ACQUIRE, R, 0 } },
  { W3, { 2500 * US, IL_RECORD_RW_WAIT, R, 1 | (W1 + 1) << 1 } },
  { W1, { 3000 * US, IL_RECORD_RW_RELEASE, R, 0 } },
  { W1, { 3100 * US, IL_RECORD_SEND, P, 4096 } },
  { W2, { 4000 * US, IL_RECORD_RW_RELEASE, R, WOKE } },
  { W3, { 4000 * US, IL_RECORD_RW_ACQUIRE, R, 1 } },
  { W3, { 4001 * US, IL_RECORD_WOKEN_BY, 0, W2 + 1 } },
  { W2, { 4100 * US, IL_RECORD_RECEIVE, P, 4096 } },
  { W1, { 5000 * US, IL_RECORD_COUNTER, X, 5 } },
  { W1, { 5000 * US, IL_RECORD_SEM_ACQUIRE, S, 1 } },
  { W2, { 5200 * US, IL_RECORD_SEM_ACQUIRE, S, 0 } },
  { W1, { 5600 * US, IL_RECORD_SEM_POST, S, 1 } },
  { W2, { 5600 * US, IL_RECORD_SEM_POST, S, 2 } },
  { W3, { 6000 * US, IL_RECORD_RW_RELEASE, R, 1 } },
  { W1, { 6200 * US, IL_RECORD_FLAG_WAIT, E, 0 } },
  { W2, { 7000 * US, IL_RECORD_FLAG_SET, E, WOKE } },
  { W1, { 7100 * US, IL_RECORD_FLAG_PASS, E, W2 + 1 } },
  { W1, { 7200 * US, IL_RECORD_BARRIER_WAIT, B, 1 } },
  { W3, { 7400 * US, IL_RECORD_BARRIER_WAIT, B, 2 } },
  { W2, { 8000 * US, IL_RECORD_FLAG_CLEAR, E, 0 } },
  { W2, { 8200 * US, IL_RECORD_BARRIER_PASS, B, 1 | WOKE } },
  { W1, { 8300 * US, IL_RECORD_BARRIER_PASS, B, 1 } },
  { W1, { 8301 * US, IL_RECORD_WOKEN_BY, 0, W2 + 1 } },
  { W3, { 8400 * US, IL_RECORD_BARRIER_PASS, B, 1 } },
  { W3, { 8500 * US, IL_RECORD_COND_WAIT, C, 0 } },
  { W1, { 8600 * US, IL_RECORD_COUNTER, X, G_MAXUINT32 } },
  { W1, { 8800 * US, IL_RECORD_COND_NOTIFY, C, 1 | WOKE } },
  { W3, { 8900 * US, IL_RECORD_COND_WOKEN, C, W1 + 1 } },
  { W3, { 8950 * US, IL_RECORD_COND_WASTED, C, 0 } },
  { W3, { 8960 * US, IL_RECORD_COND_WAIT, C, 0 } },
  { W1, { 9000 * US, IL_RECORD_FILE_BYTES, F, 100 } },
  { W1, { 9000 * US, IL_RECORD_LOST_UPDATE, X, 3 } },
  { W1, { 9600 * US, IL_RECORD_TORN_LINES, F, 2 } },
};

/**
 * objects_new:
 *
 * Returns: (transfer full): what the head of objects.h says
 */
IlTimeline *
objects_new (void)
{
  static const struct
  {
    guint32 object;
    IlTimelineObjectKind kind;
    const char *name;
    guint64 parameter;
  } objects[] = {
    { R, IL_OBJECT_KIND_RWLOCK, "R", 0 },    { E, IL_OBJECT_KIND_EVENT, "E", 0 },
    { B, IL_OBJECT_KIND_BARRIER, "B", 3 },   { C, IL_OBJECT_KIND_CONDITION, "C", 0 },
    { P, IL_OBJECT_KIND_CHANNEL, "P", 2 },   { F, IL_OBJECT_KIND_FILE, "F", 0 },
    { X, IL_OBJECT_KIND_COUNTER, "X", 0 },   { L, IL_OBJECT_KIND_LOCK, "L", 1 },
    { S, IL_OBJECT_KIND_SEMAPHORE, "S", 2 },
  };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);
      const IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER,
                                .number = i + 1,
                                .pid = 10,
                                .tid = (gint32)(11 + i),
                                .name = name };

      il_timeline_builder_add_lane (builder, &info);
    }
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    il_timeline_builder_add_object (builder, objects[i].object, objects[i].kind, objects[i].name,
                                    objects[i].parameter);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, OBJECTS_END);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}
