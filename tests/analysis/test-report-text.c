/* test-report-text.c - reports for reading and as JSON, live and from a file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "recorded.h"
#include "two-workers.h"

/* --- JSON --- */

static JsonObject *
parse (const char *json, JsonParser *parser)
{
  g_autoptr (GError) error = NULL;

  json_parser_load_from_data (parser, json, -1, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static void
assert_members (JsonObject *object, const char *names)
{
  g_auto (GStrv) expected = g_strsplit (names, " ", -1);

  for (guint i = 0; expected[i] != NULL; i++)
    if (!json_object_has_member (object, expected[i]))
      g_error ("no member “%s”", expected[i]);
  g_assert_cmpuint (json_object_get_size (object), ==, g_strv_length (expected));
}

static JsonObject *
get_first (JsonObject *object, const char *member)
{
  return json_array_get_object_element (json_object_get_array_member (object, member), 0);
}

static void
test_json_keys (void)
{
  static const char distribution[] = "n total p50 p90 p99 max";
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *json = il_report_to_json (report, session);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *root = parse (json, parser);
  JsonObject *tasks, *worker, *lock, *queue;

  assert_members (root,
                  "findings session tasks speed scheduler queueing copies coroutines replacements "
                  "endings workers cores locks signals joins queues channels files counters");
  assert_members (
      json_object_get_object_member (root, "session"),
      "duration_ns from_ns to_ns events events_in_all lost_events "
      "lost_scheduler_records locks_seen incomplete late_records late_ns scheduler clock "
      "overhead_share "
      "cut_off being_recorded title command scenario_id model workers settings knob_changes notes "
      "seed "
      "started end crashed_thread exit_ns "
      "peak_rss_bytes peak_pss_bytes");
  tasks = json_object_get_object_member (root, "tasks");
  assert_members (tasks, "submitted done failed cancelled lost pending run_again per_second "
                         "imbalance queue_wait_ns service_ns kinds");
  assert_members (get_first (tasks, "kinds"), "name done queue_wait_ns service_ns relative");
  assert_members (json_object_get_object_member (tasks, "queue_wait_ns"), distribution);
  worker = get_first (root, "workers");
  assert_members (worker, "name role pid tid lifetime_ns ending ended_ns signal states spinning_ns "
                          "tasks voluntary_switches "
                          "involuntary_switches migrations copied_bytes copying_ns peak_rss_bytes "
                          "peak_pss_bytes scheduler");
  assert_members (json_object_get_object_member (worker, "states"),
                  "running_ns runnable_ns lock_wait_ns queue_wait_ns io_wait_ns sleep_ns "
                  "join_wait_ns other_wait_ns stopped_ns unknown_ns");
  assert_members (get_first (root, "cores"), "core busy_share target_share");
  lock = get_first (root, "locks");
  assert_members (lock,
                  "name kind acquisitions contended contended_share given_up waiting wait_ns "
                  "total_wait_ns hold_ns held_ns max_waiters max_holders max_depth hand_overs "
                  "hand_overs_per_second recovered holders waiters pairs wakers");
  assert_members (get_first (lock, "pairs"), "holder waiter wait_ns waits");
  assert_members (json_object_get_object_member (lock, "hold_ns"), distribution);
  assert_members (get_first (lock, "holders"), "name held_ns acquisitions share");
  queue = get_first (root, "queues");
  assert_members (queue, "name capacity puts gets blocked_puts blocked_gets given_up max_depth "
                         "mean_depth "
                         "final_depth wait_ns");
  /* Nobody looked for any. */
  g_assert_true (json_object_get_null_member (root, "findings"));
  g_assert_true (json_object_get_null_member (root, "coroutines"));
}

static void
test_json_values (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;
  g_autoptr (GList) states = NULL;
  JsonObject *root, *facts, *worker;
  gint64 sum_ns = 0;

  il_session_set_meta (session, IL_META_WORKERS, "2");
  il_session_set_meta (session, IL_META_SEED, "17x");
  il_session_set_meta (session, IL_META_OVERHEAD_SHARE, "0.0125");
  il_session_set_meta (session, IL_META_TITLE, "\xff „quoted“ \"\n");
  json = il_report_to_json (report, session);
  g_assert_true (g_str_has_suffix (json, "}\n"));
  root = parse (json, parser);
  facts = json_object_get_object_member (root, "session");
  g_assert_cmpint (json_object_get_int_member (facts, "duration_ns"), ==, 1000);
  g_assert_cmpint (json_object_get_int_member (facts, "workers"), ==, 2);
  g_assert_true (json_object_get_null_member (facts, "seed"));
  g_assert_cmpfloat (json_object_get_double_member (facts, "overhead_share"), ==, 0.0125);
  g_assert_cmpstr (json_object_get_string_member (facts, "scheduler"), ==, "perf");

  worker = get_first (root, "workers");
  g_assert_cmpint (json_object_get_int_member (worker, "tid"), ==, 11);
  states = json_object_get_values (json_object_get_object_member (worker, "states"));
  for (const GList *l = states; l != NULL; l = l->next)
    sum_ns += json_node_get_int (l->data);
  g_assert_cmpint (sum_ns, ==, json_object_get_int_member (worker, "lifetime_ns"));
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (worker, "states"), "running_ns"),
      ==, 520);
}

/* Unknown is null, not 0. */
static void
test_json_unknown (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *json = il_report_to_json (report, session);
  g_autofree char *text = il_report_to_text (report, session);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *facts = json_object_get_object_member (parse (json, parser), "session");

  g_assert_true (json_object_get_null_member (facts, "overhead_share"));
  g_assert_true (json_object_get_null_member (facts, "clock"));
  g_assert_cmpstr (json_object_get_string_member (facts, "scheduler"), ==, "sampled");
  g_assert_nonnull (strstr (text, "Events: 0, none lost"));
}

/* --- Text --- */

static void
assert_fits (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_true (g_str_has_suffix (text, "\n"));
  for (guint i = 0; lines[i] != NULL; i++)
    {
      if (g_utf8_strlen (lines[i], -1) > 80)
        g_error ("too wide: %s", lines[i]);
      for (const char *p = lines[i]; *p != '\0'; p++)
        g_assert_false (g_ascii_iscntrl (*p));
    }
}

static void
test_text (void)
{
  static const char *const expected[] = { "Neither\n",
                                          "Recorded: 1.00 µs",
                                          "sampled only",
                                          "a note",
                                          "1.2 %",
                                          "Worker 1",
                                          "Worker �[31m2",
                                          "Core 0",
                                          "A ",
                                          "Q ",
                                          "180 ns",
                                          "60.0 %" };
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autoptr (IlReport) range = il_report_new (session, 200, 300);
  g_autofree char *text = NULL;
  g_autofree char *range_text = il_report_to_text (range, session);

  il_session_set_meta (session, IL_META_TITLE, "Neither");
  il_session_set_meta (session, IL_META_SCHEDULER, "sampled");
  il_session_set_meta (session, IL_META_SCHEDULER_NOTE, "a note");
  il_session_set_meta (session, IL_META_OVERHEAD_SHARE, "0.012");
  text = il_report_to_text (report, session);
  assert_fits (text);
  assert_fits (range_text);
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    if (strstr (text, expected[i]) == NULL)
      g_error ("“%s” is not in:\n%s", expected[i], text);
  g_assert_nonnull (strstr (range_text, "from 200 ns to 300 ns"));
}

/* Any state, many workers, long names, large numbers: still 80 columns, and rows that differ. */
static void
test_text_is_never_too_wide (gconstpointer role)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = il_session_new (timeline);
  IlReport *report = il_report_new (session, 0, 0);
  g_autofree char *text = NULL;

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name
          = g_strdup_printf ("A worker whose name is 很长 and longer than any 表 (%u)", i);
      const IlLaneInfo info = { .role = GPOINTER_TO_UINT (role), .name = name };
      IlWorkerFigures worker = { .lane = il_timeline_builder_add_lane (builder, &info),
                                 .lifetime_ns = G_GINT64_CONSTANT (999000000000000),
                                 .tasks = 4000000000,
                                 .voluntary_switches = 4000000000,
                                 .involuntary_switches = 4000000000,
                                 .migrations = 4000000000,
                                 .peak_rss_bytes = G_MAXINT32 };

      for (guint state = IL_STATE_RUNNING; state < IL_N_STATES; state++)
        worker.states_ns[state] = worker.lifetime_ns;
      g_array_append_val (report->workers, worker);
    }
  text = il_report_to_text (report, session);
  assert_fits (text);
  g_assert_nonnull (strstr (text, "… and 68 more"));
  g_assert_nonnull (strstr (text, "(7) "));
  g_assert_nonnull (strstr (text, "unknown\n"));
  il_report_free (report);
}

/* Nobody is called a worker who is none, and there is no queue to wait in. */
static void
test_text_serial (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autofree char *text = NULL;
  IlReport *report;

  il_session_set_meta (session, IL_META_MODEL, "serial");
  il_session_set_meta (session, IL_META_WORKERS, "0");
  il_session_set_meta (session, IL_META_LATE_RECORDS, "3");
  il_session_set_meta (session, IL_META_LATE_NS, "45000000");
  report = il_report_new (session, 0, 60);
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (text, ", model serial: the submitter runs each task\n"));
  g_assert_nonnull (strstr (text, "Who ran tasks"));
  g_assert_null (strstr (text, "Workers"));
  g_assert_null (strstr (text, "0 workers"));
  g_assert_null (strstr (text, "from submission to begin"));
  g_assert_nonnull (strstr (text, "Told too late: 3 of them, shown up to 45.0 ms after"));
  g_assert_nonnull (strstr (text, ", none lost; 0 in the range\n"));
  assert_fits (text);
  il_report_free (report);
}

/* Of a task whose begin was lost with other events nobody knows the kind. */
static void
test_kind_not_known (void)
{
  g_autoptr (IlSession) session = make_session ();
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  const IlTaskKindFigures unknown = { .object = 0, .done = 3 };
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;
  JsonArray *kinds;

  g_array_append_val (report->kinds, unknown);
  text = il_report_to_text (report, session);
  g_assert_nonnull (strstr (text, "\nnot known"));
  json = il_report_to_json (report, session);
  kinds = json_object_get_array_member (
      json_object_get_object_member (parse (json, parser), "tasks"), "kinds");
  g_assert_cmpuint (json_array_get_length (kinds), ==, 2);
  g_assert_true (json_object_get_null_member (json_array_get_object_element (kinds, 1), "name"));
}

/* --- Live and from the file --- */

static void
test_same_from_file (void)
{
  g_autofree char *folder = il_make_folder ();
  g_autofree char *path = g_build_filename (folder, "a.interleave", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlTimeline) timeline = il_recorded_write (path, 1, 100);
  g_autoptr (IlSession) live = il_session_new (timeline);
  g_autoptr (IlSession) loaded = il_session_load (path, NULL, &error);
  const gint64 ranges[][2] = { { 0, G_MAXINT64 }, { 12345678, 87654321 }, { 5000, 5001 } };

  g_assert_no_error (error);
  il_session_set_meta (live, IL_META_TITLE, "A title");
  il_session_set_meta (live, IL_META_SCHEDULER, "perf");
  for (guint i = 0; i < G_N_ELEMENTS (ranges); i++)
    {
      g_autoptr (IlReport) a = il_report_new (live, ranges[i][0], ranges[i][1]);
      g_autoptr (IlReport) b = il_report_new (loaded, ranges[i][0], ranges[i][1]);
      g_autofree char *json_a = il_report_to_json (a, live);
      g_autofree char *json_b = il_report_to_json (b, loaded);
      g_autofree char *text_a = il_report_to_text (a, live);
      g_autofree char *text_b = il_report_to_text (b, loaded);

      g_assert_cmpstr (json_a, ==, json_b);
      g_assert_cmpstr (text_a, ==, text_b);
      assert_fits (text_a);
    }
  il_remove_folder (g_steal_pointer (&folder));
}

/* What rests on events that were lost is said to. */
static void
test_text_of_lost_events (void)
{
  static const char *const reserve = "Figures are of what was recorded: counts too low, times and "
                                     "shares estimated\n";
  g_autoptr (IlSession) session = make_session_without (7);
  g_autoptr (IlReport) report = il_report_new (session, 0, G_MAXINT64);
  g_autofree char *text = il_report_to_text (report, session);
  g_autoptr (IlReport) counted = NULL;
  g_autofree char *counted_text = NULL;
  g_autofree char *program_text = NULL;

  g_assert_nonnull (strstr (text, "7 were lost: what they told is unknown\n"));
  g_assert_nonnull (strstr (text, reserve));
  g_assert_null (strstr (text, "the program's own count"));
  assert_fits (text);

  il_session_set_meta (session, IL_META_RUNNER_COUNTS, "19 11 2 3 1");
  counted = il_report_new (session, 0, G_MAXINT64);
  counted_text = il_report_to_text (counted, session);
  g_assert_nonnull (strstr (counted_text, reserve));
  g_assert_nonnull (strstr (counted_text, "the program's own count"));
  assert_fits (counted_text);

  /* A program that is not ours has no tasks to be counted. */
  counted->is_program = TRUE;
  program_text = il_report_to_text (counted, session);
  g_assert_nonnull (strstr (program_text, reserve));
  g_assert_null (strstr (program_text, "the program's own count"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/json-keys", test_json_keys);
  g_test_add_func ("/report/json-values", test_json_values);
  g_test_add_func ("/report/json-unknown", test_json_unknown);
  g_test_add_func ("/report/text", test_text);
  g_test_add_data_func ("/report/text-is-never-too-wide/pool",
                        GUINT_TO_POINTER (IL_LANE_ROLE_WORKER), test_text_is_never_too_wide);
  g_test_add_data_func ("/report/text-is-never-too-wide/program",
                        GUINT_TO_POINTER (IL_LANE_ROLE_THREAD), test_text_is_never_too_wide);
  g_test_add_func ("/report/text-serial", test_text_serial);
  g_test_add_func ("/report/kind-not-known", test_kind_not_known);
  g_test_add_func ("/report/text-of-lost-events", test_text_of_lost_events);
  g_test_add_func ("/report/same-from-file", test_same_from_file);
  return g_test_run ();
}
