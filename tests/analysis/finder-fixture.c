/* finder-fixture.c - a timeline with a finder, fed from an array
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

void
world_init (World *world)
{
  static const struct
  {
    guint32 object;
    IlTimelineObjectKind kind;
    const char *name;
    guint64 parameter;
  } objects[] = {
    { A, IL_OBJECT_KIND_LOCK, "A" },
    { B, IL_OBJECT_KIND_LOCK, "B" },
    { C, IL_OBJECT_KIND_LOCK, "C" },
    { SIGNAL, IL_OBJECT_KIND_SEMAPHORE, "signal" },
    { CONDITION, IL_OBJECT_KIND_CONDITION, "ready" },
    { COUNTER, IL_OBJECT_KIND_COUNTER, "total" },
    { LOG, IL_OBJECT_KIND_FILE, "log" },
    { READERS, IL_OBJECT_KIND_RWLOCK, "R" },
    { BARRIER, IL_OBJECT_KIND_BARRIER, "b", 3 },
    { QUEUE, IL_OBJECT_KIND_QUEUE, "q", 8 },
    { TASK, IL_OBJECT_KIND_TASK, "t" },
    { CHILD, IL_OBJECT_KIND_TASK, "u" },
    { JOIN, IL_OBJECT_KIND_EVENT, "spawned tasks", IL_LANE_PARAMETER_JOIN },
    { GIL, IL_OBJECT_KIND_LOCK, "GIL", IL_LANE_PARAMETER_INTERPRETER },
    { POOL, IL_OBJECT_KIND_QUEUE, "tasks", 64 },
    { POOLED, IL_OBJECT_KIND_TASK, "p", POOL },
    { MUTEX, IL_OBJECT_KIND_SEMAPHORE, "mutex", 1 },
    { BINARY, IL_OBJECT_KIND_LOCK, "binary", IL_LANE_PARAMETER_BINARY },
    { WORD, IL_OBJECT_KIND_CONDITION, "word", 1 },
  };

  world->timeline = il_timeline_new ();
  world->finder = il_finder_attach (world->timeline);
  world->builder = il_timeline_builder_new (world->timeline);
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    g_assert_true (il_timeline_builder_add_object (
        world->builder, objects[i].object, objects[i].kind, objects[i].name, objects[i].parameter));
  for (guint i = 1; i <= N_WORKERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i);
      const IlLaneInfo info = {
        .name = name, .role = IL_LANE_ROLE_WORKER, .scheduler = IL_SCHEDULER_EXACT, .number = i
      };

      world->lanes[i] = il_timeline_builder_add_lane (world->builder, &info);
    }
}

/* Of a program that is not ours. */
void
world_init_program (World *world)
{
  world_init (world);
  for (guint i = 1; i <= N_WORKERS; i++)
    {
      g_autofree char *name = g_strdup_printf ("prog %u", i);
      const IlLaneInfo info = {
        .name = name, .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 7
      };

      world->lanes[i] = il_timeline_builder_add_lane (world->builder, &info);
    }
}

void
world_clear (World *world)
{
  il_timeline_builder_free (world->builder);
  il_timeline_unref (world->timeline);
}

void
feed (World *world, const Event *events, gsize n_events, gint64 end_ns)
{
  g_autoptr (IlBatch) batch = il_batch_new (il_timeline_get_end (world->timeline));

  for (gsize i = 0; i < n_events; i++)
    {
      const IlRecord record = { .time_ns = events[i].time_ns,
                                .kind = events[i].kind,
                                .object = events[i].object,
                                .value = events[i].value };

      il_batch_append (batch, world->lanes[events[i].worker], &record, 1);
    }
  il_batch_seal (batch, end_ns);
  il_timeline_builder_add_batch (world->builder, batch);
}

void
assert_nothing (World *world)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  if (findings->n_findings > 0)
    g_error ("%s", findings->findings[0].text);
  g_assert_cmpuint (findings->n_findings, ==, 0);
}

/* Exactly one, of this kind, that says this. */
void
assert_finding (World *world, IlFindingKind kind, gboolean goes_on, const char *text)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  for (guint i = 0; findings->n_findings > 1 && i < findings->n_findings; i++)
    g_test_message ("%s", findings->findings[i].text);
  g_assert_cmpuint (findings->n_findings, ==, 1);
  g_assert_cmpint (findings->findings[0].kind, ==, kind);
  g_assert_cmpint (findings->findings[0].goes_on, ==, goes_on);
  g_assert_cmpstr (findings->findings[0].text, ==, text);
}

void
assert_kind (const World *world, IlFindingKind kind)
{
  g_autoptr (IlFindings) findings = il_finder_get_findings (world->finder);

  for (guint i = 0; findings->n_findings > 1 && i < findings->n_findings; i++)
    g_test_message ("%s", findings->findings[i].text);
  g_assert_cmpuint (findings->n_findings, ==, 1);
  g_assert_cmpint (findings->findings[0].kind, ==, kind);
}
