/* test-report-objects.c - figures of signals, channels, files and counters, and findings in reports
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "report-fixture.h"

#include <math.h>
#include <string.h>

#include "objects.h"

static void
test_objects (void)
{
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (report, session, parser);
  static const char *const kinds[] = { "rwlock", "recursive", "semaphore" };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_assert_cmpstr (
        json_object_get_string_member (
            json_array_get_object_element (json_object_get_array_member (root, "locks"), i),
            "kind"),
        ==, kinds[i]);
  ASSERT_NUMBERS (root, { "locks 0 acquisitions", 3 }, { "locks 0 contended", 1 },
                  { "locks 0 readers acquisitions", 2 }, { "locks 0 readers wait_ns n", 0 },
                  { "locks 0 readers max", 2 }, { "locks 0 writers acquisitions", 1 },
                  { "locks 0 writers wait_ns max", 1500 * US }, { "locks 0 hold_ns max", 2 * MS },
                  { "locks 0 waiters 0 wait_ns", 1500 * US }, { "locks 0 waiters 0 share", 0.15 },
                  { "locks 1 max_depth", 3 }, { "locks 1 hold_ns max", 600 * US },
                  { "locks 1 acquisitions", 1 }, { "locks 2 max_holders", 2 },
                  { "locks 2 acquisitions", 2 });
  ASSERT_NUMBERS (root, { "signals 0 sets", 1 }, { "signals 0 wake_ups", 1 },
                  { "signals 0 wait_ns max", 900 * US }, { "signals 0 wake_latency_ns n", 1 },
                  { "signals 0 wake_latency_ns p99", 100 * US }, { "signals 0 max_waiters", 1 },
                  { "signals 1 parties", 3 }, { "signals 1 phases", 1 },
                  { "signals 1 wake_ups", 2 }, { "signals 1 wait_ns max", 1100 * US },
                  { "signals 1 phase_wait_ns n", 1 }, { "signals 1 phase_wait_ns max", 2100 * US },
                  { "signals 1 wake_latency_ns p50", 100 * US },
                  { "signals 1 wake_latency_ns max", 200 * US }, { "signals 2 notifies", 1 },
                  { "signals 2 wake_ups", 1 }, { "signals 2 wasted", 1 }, { "signals 2 useful", 0 },
                  { "signals 2 wake_latency_ns max", 100 * US });
  ASSERT_NUMBERS (root, { "channels 0 sent", 1 }, { "channels 0 received", 1 },
                  { "channels 0 bytes", 4096 }, { "channels 0 bytes_per_second", 4096000 },
                  { "channels 0 message_ns", MS }, { "channels 0 max_bytes", 4096 },
                  { "files 0 bytes", 100 }, { "files 0 appends", 1 }, { "files 0 torn_lines", 2 },
                  { "counters 0 final", -1 }, { "counters 0 lost_updates", 3 },
                  { "counters 0 stale_writes", 1 });
}

/* Up to where not all of that has happened. */
static void
test_range (void)
{
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 3500 * US, 8500 * US);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (report, session, parser);

  ASSERT_NUMBERS (root, { "counters 0 final", 5 }, { "counters 0 lost_updates", 0 },
                  { "signals 2 notifies", 0 }, { "signals 2 wait_ns n", 0 },
                  { "channels 0 sent", 0 }, { "channels 0 received", 1 }, { "channels 0 bytes", 0 },
                  { "locks 0 acquisitions", 1 }, { "locks 0 writers wait_ns n", 1 });
  g_assert_true (isnan (get_number (root, "channels 0 bytes_per_second")));
  /* Nothing was sent; what was received nobody had to wait for. */
  g_assert_true (isnan (get_number (root, "channels 0 send_wait_share")));
  g_assert_cmpfloat (get_number (root, "channels 0 receive_wait_share"), ==, 0);
}

/* Nothing but a wait goes on in it, or a hold. */
static void
test_range_within (void)
{
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) wait = il_report_new (session, 3100 * US, 3300 * US);
  g_autoptr (IlReport) hold = il_report_new (session, 5000 * US, 5500 * US);
  g_autofree char *text = il_report_to_text (wait, session);
  g_autofree char *held = il_report_to_text (hold, session);
  g_autoptr (JsonParser) parser = json_parser_new ();

  ASSERT_NUMBERS (parse (wait, session, parser), { "locks 0 total_wait_ns", 200 * US },
                  { "locks 0 contended", 1 }, { "locks 0 contended_share", 1 },
                  { "locks 0 waiting", 1 }, { "locks 0 wait_ns n", 0 },
                  { "locks 0 waiters 0 wait_ns", 200 * US }, { "locks 0 waiters 0 share", 1 });
  g_assert_nonnull (strstr (text, "200 µs"));
  ASSERT_NUMBERS (parse (hold, session, parser), { "locks 0 held_ns", 500 * US },
                  { "locks 0 hold_ns n", 0 }, { "locks 0 holders 0 held_ns", 500 * US },
                  { "locks 0 holders 0 share", 1 }, { "locks 0 contended", 0 });
  g_assert_nonnull (strstr (held, "500 µs"));
}

/* ---- Heaps ---- */

/* Where there are several, a counter on the heap is not one counter. */
static void
test_counter_on_heap (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;
  g_autofree char *threads_text = NULL;
  JsonArray *counters;

  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_COUNTER, "own", 1);
  il_timeline_builder_add_object (builder, 2, IL_OBJECT_KIND_COUNTER, "common", 0);
  report = il_report_new (session, 0, G_MAXINT64);
  il_session_set_meta (session, IL_META_MODEL, "threads");
  threads_text = il_report_to_text (report, session);
  il_session_set_meta (session, IL_META_MODEL, "processes");
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (text, "\nown: on the heap, where each process has a copy of its own"));
  g_assert_null (strstr (text, "common: "));
  g_assert_null (strstr (threads_text, "own: "));
  counters = json_object_get_array_member (parse (report, session, parser), "counters");
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (counters, 0), "place"), ==,
      "heap");
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (counters, 1), "place"), ==,
      "shared");
}

/* ---- Findings ---- */

/* Two locks in opposite order, from 110 ms on; nothing breaks it. */
static IlSession *
make_deadlock (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  static const struct
  {
    guint32 lane;
    IlRecord record;
  } steps[] = {
    { 2, { 90 * MS, IL_RECORD_LOCK_ACQUIRE, 1, 0 } },
    { 3, { 95 * MS, IL_RECORD_LOCK_ACQUIRE, 2, 0 } },
    { 2, { 100 * MS, IL_RECORD_LOCK_WAIT, 2, 4 } },
    { 3, { 110 * MS, IL_RECORD_LOCK_WAIT, 1, 3 } },
  };

  il_finder_prepare (timeline, NULL);
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, 2, IL_OBJECT_KIND_LOCK, "B", 0);
  add_thread (builder, IL_LANE_ROLE_WORKER, 1, IL_SCHEDULER_NONE);
  add_thread (builder, IL_LANE_ROLE_WORKER, 2, IL_SCHEDULER_NONE);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    il_batch_append (batch, steps[i].lane, &steps[i].record, 1);
  il_batch_seal (batch, 200 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return il_session_new (timeline);
}

static void
test_findings (void)
{
  g_autoptr (IlSession) session = make_deadlock ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) before = il_report_new (session, 0, 50 * MS);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = il_report_to_text (report, session);
  g_autofree char *text_before = il_report_to_text (before, session);
  JsonObject *root = parse (report, session, parser);
  JsonObject *finding
      = json_array_get_object_element (json_object_get_array_member (root, "findings"), 0);
  JsonObject *evidence = json_object_get_object_member (finding, "evidence");

  g_assert_cmpstr (json_object_get_string_member (finding, "kind"), ==, "deadlock");
  g_assert_nonnull (strstr (json_object_get_string_member (finding, "text"), "waits for A"));
  g_assert_true (json_object_get_boolean_member (finding, "goes_on"));
  g_assert_cmpint (json_object_get_int_member (evidence, "from_ns"), ==, 110 * MS);
  g_assert_cmpint (json_object_get_int_member (evidence, "to_ns"), ==, 200 * MS);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (evidence, "lanes")), ==,
                    2);
  g_assert_cmpstr (
      json_object_get_string_member (evidence, "lane"), ==,
      json_array_get_string_element (json_object_get_array_member (evidence, "lanes"), 0));

  /* First of all sections, in lines that fit. */
  g_assert_nonnull (strstr (text, "\n\nFindings\nDeadlock: "));
  g_assert_true (strstr (text, "\nFindings\n") < strstr (text, "\nWorkers"));
  for (const char *line = text; line != NULL; line = strchr (line, '\n'))
    {
      line += *line == '\n';
      g_assert_cmpuint (strcspn (line, "\n"), <=, 80);
    }
  g_assert_null (strstr (text_before, "Findings"));
  g_assert_nonnull (before->findings);
  g_assert_cmpuint (before->findings->n_findings, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/objects", test_objects);
  g_test_add_func ("/report/objects-in-range", test_range);
  g_test_add_func ("/report/objects-in-range-within", test_range_within);
  g_test_add_func ("/report/counter-on-heap", test_counter_on_heap);
  g_test_add_func ("/report/findings", test_findings);
  return g_test_run ();
}
