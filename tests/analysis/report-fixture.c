/* report-fixture.c - small timelines, and what their reports say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "report-fixture.h"

#include <math.h>

JsonObject *
parse (const IlReport *report, IlSession *session, JsonParser *parser)
{
  g_autofree char *json = il_report_to_json (report, session);
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

/* A number by its path: members by name, elements of arrays by index. */
double
get_number (JsonObject *object, const char *path)
{
  g_auto (GStrv) words = g_strsplit (path, " ", -1);
  JsonNode *node = NULL;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
        node = json_array_get_element (json_node_get_array (node), (guint)atoi (words[i]));
      else
        node = json_object_get_member (node != NULL ? json_node_get_object (node) : object,
                                       words[i]);
      if (node == NULL)
        g_error ("no “%s” of “%s”", words[i], path);
    }
  return json_node_is_null (node) ? NAN : json_node_get_double (node);
}

void
assert_numbers (JsonObject *object, const Expected *expected, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      double found = get_number (object, expected[i].path);

      if (!(fabs (found - expected[i].value) <= 1e-9 * fabs (expected[i].value)))
        g_error ("%s is %.17g, not %.17g", expected[i].path, found, expected[i].value);
    }
}

void
add_thread (IlTimelineBuilder *builder, IlLaneRole role, guint number, IlSchedulerSource scheduler)
{
  g_autofree char *name = g_strdup_printf ("Worker %u", number);
  const IlLaneInfo info = { .role = role, .scheduler = scheduler, .number = number, .name = name };

  il_timeline_builder_add_lane (builder, &info);
}

/* What up to three workers say, up to 10 ms; the third has the place of the first. */
IlSession *
make_workers (const Said *said, gsize n)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_NONE);
  add_thread (builder, IL_LANE_ROLE_WORKER, 2, IL_SCHEDULER_NONE);
  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_NONE);
  il_timeline_builder_add_object (builder, WORK, IL_OBJECT_KIND_TASK, "work", 0);
  il_timeline_builder_add_object (builder, GIL, IL_OBJECT_KIND_LOCK, "A", 0);
  for (gsize i = 0; i < n; i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}
