/* test-report-program.c - the report on a program that is not ours: which threads it shows
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

#include <json-glib/json-glib.h>
#include <signal.h>
#include <string.h>

#define N_THREADS 40
#define N_ROWS 32
#define N_IDLE 13
#define MS G_GINT64_CONSTANT (1000000)

/* A process whose first thread made all others, which are heard of the last one first; every third
 * one runs less than the others, and a child may be there that was made before most of them. */
static IlTimeline *
make_timeline (gboolean has_child)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = N_THREADS; i-- > 0;)
    {
      gboolean is_child = has_child && i == 2;
      g_autofree char *name = i == 0 ? g_strdup ("forty") : g_strdup_printf ("forty %u", i + 1);
      const IlLaneInfo info = { .kind = IL_LANE_THREAD,
                                .scheduler = IL_SCHEDULER_EXACT,
                                .parameter = i,
                                .pid = is_child ? 7 : 100,
                                .tid = is_child ? 7 : 100 - (int)i,
                                .name = is_child ? "child" : name };
      const IlRecord records[] = {
        { .time_ns = 0, .kind = IL_RECORD_RUNS },
        { .time_ns = 0, .kind = IL_RECORD_SCHED_IN },
        { .time_ns = 10, .kind = IL_RECORD_SLEEP_BEGIN },
        { .time_ns = i % 3 == 1 ? 20 : 500, .kind = IL_RECORD_SCHED_OUT },
      };

      il_batch_append (batch, il_timeline_builder_add_lane (builder, &info), records,
                       G_N_ELEMENTS (records));
    }
  il_batch_seal (batch, 1000);
  il_timeline_builder_add_batch (builder, batch);
  return g_steal_pointer (&timeline);
}

static IlSession *
make_session (IlTimeline *timeline)
{
  IlSession *session = il_session_new (timeline);

  il_session_set_meta (session, IL_META_COMMAND, "forty");
  return session;
}

/* Names in the rows of the first table of threads. */
static char *
list_names (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (strstr (text, "\nThreads, in %") + 1, "\n", -1);
  g_autoptr (GString) names = g_string_new (NULL);

  for (char **line = lines + 1; *line && **line && !g_str_has_prefix (*line, "…"); line++)
    {
      *strstr (*line, "  ") = '\0';
      g_string_append_printf (names, "%s\n", g_strchomp (*line));
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

/* In the order in which they were made.  Where there are too many, those are left out that did
 * least. */
static void
test_threads (void)
{
  g_autoptr (IlTimeline) timeline = make_timeline (FALSE);
  g_autoptr (IlSession) session = make_session (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, 1000);
  g_autofree char *text = il_report_to_text (report, session);
  g_autofree char *names = list_names (text);
  g_autoptr (GString) expected = g_string_new ("forty\n");
  guint n_idle = 0;

  g_assert_cmpuint (report->workers->len, ==, N_THREADS);
  for (guint i = 1; i < N_THREADS; i++)
    if (i % 3 != 1 || ++n_idle <= N_IDLE - (N_THREADS - N_ROWS))
      g_string_append_printf (expected, "forty %u\n", i + 1);
  g_assert_cmpstr (names, ==, expected->str);
  g_assert_nonnull (strstr (text, "… and 8 more"));
}

/* Those of a process stand together, the parent's before its child's; which process it is stands
 * beside them. */
static void
test_processes (void)
{
  g_autoptr (IlTimeline) timeline = make_timeline (TRUE);
  g_autoptr (IlSession) session = make_session (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, 1000);
  const IlWorkerFigures *first = &g_array_index (report->workers, IlWorkerFigures, 0);
  const IlWorkerFigures *last
      = &g_array_index (report->workers, IlWorkerFigures, report->workers->len - 1);
  g_autofree char *text = il_report_to_text (report, session);

  g_assert_cmpuint (report->workers->len, ==, N_THREADS);
  g_assert_cmpstr (il_lane_get_info (il_timeline_get_lane (timeline, first->lane))->name, ==,
                   "forty");
  g_assert_cmpstr (il_lane_get_info (il_timeline_get_lane (timeline, last->lane))->name, ==,
                   "child");
  g_assert_nonnull (strstr (text, "\nThreads   process"));
  g_assert_nonnull (strstr (text, "\nchild           7"));
}

static void
add_killed (IlTimelineBuilder *builder, IlBatch *batch, gint32 pid, gint64 end_ns, gboolean waits,
            guint32 status)
{
  const IlLaneInfo info
      = { .kind = IL_LANE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = pid, .name = "killed" };
  const IlRecord records[] = {
    { .time_ns = 0, .kind = IL_RECORD_RUNS },
    { .time_ns = 10, .kind = waits ? IL_RECORD_SLEEP_BEGIN : IL_RECORD_RUNS },
    { .time_ns = end_ns, .kind = IL_RECORD_LANE_END, .object = SIGSEGV, .value = status },
  };

  il_batch_append (batch, il_timeline_builder_add_lane (builder, &info), records,
                   G_N_ELEMENTS (records));
}

/* One thread ended long before, two with the process, one of which waited, or so it seems; and what
 * the process had started died later. */
static IlSession *
make_killed (const char *end, const guint32 statuses[4])
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  IlSession *session;

  il_finder_attach (timeline);
  add_killed (builder, batch, 100, 1000 * MS, TRUE, statuses[0]);
  add_killed (builder, batch, 100, 200 * MS, FALSE, statuses[1]);
  add_killed (builder, batch, 100, 999 * MS, FALSE, statuses[2]);
  add_killed (builder, batch, 107, 1200 * MS, FALSE, statuses[3]);
  il_batch_seal (batch, 2000 * MS);
  il_timeline_builder_add_batch (builder, batch);
  session = make_session (timeline);
  il_session_set_meta (session, IL_META_END, end);
  return session;
}

static void
check_statuses (const char *end, const guint32 statuses[4], gint64 to_ns,
                const char *const expected[4])
{
  g_autoptr (IlSession) session = make_killed (end, statuses);
  g_autoptr (IlReport) report = il_report_new (session, 0, to_ns);
  g_autofree char *json = il_report_to_json (report, session);
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  JsonArray *workers = json_object_get_array_member (json_node_get_object (root), "workers");

  for (guint i = 0; i < 4; i++)
    g_assert_cmpstr (json_object_get_string_member_with_default (
                         json_array_get_object_element (workers, i), "ending", "none"),
                     ==, expected[i]);
}

/* Where nobody says how a thread ended. */
static void
check_endings (const char *end, gint64 to_ns, const char *const expected[4])
{
  const guint32 silent[]
      = { IL_RECORD_SILENT, IL_RECORD_SILENT, IL_RECORD_SILENT, IL_RECORD_SILENT };
  /* In recordings of versions that did not tell the two apart. */
  const guint32 none[4] = { 0 };

  check_statuses (end, silent, to_ns, expected);
  check_statuses (end, none, to_ns, expected);
}

/* Nobody says so of a program's threads, but the signal that killed it does. */
static void
test_endings (void)
{
  check_endings ("completed, killed 11", 2000 * MS,
                 (const char *const[]){ "with_process", "none", "crashed", "none" });
  check_endings ("completed, killed 15", 2000 * MS,
                 (const char *const[]){ "killed", "none", "killed", "none" });
  check_endings ("completed, exited 11", 2000 * MS,
                 (const char *const[]){ "none", "none", "none", "none" });
  check_endings ("completed, killed 11", 1000 * MS,
                 (const char *const[]){ "none", "none", "crashed", "none" });
}

/* Who left said so, however short before the others ended with the process. */
static void
test_left_before (void)
{
  const guint32 left_before[] = { IL_RECORD_SILENT, 0, 0, IL_RECORD_SILENT };

  check_statuses ("completed, killed 15", left_before, 2000 * MS,
                  (const char *const[]){ "killed", "none", "none", "none" });
}

/* How many lines begin so, with a blank behind it. */
static guint
count_rows (const char *text, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  gsize length = strlen (name);
  guint n = 0;

  for (char **line = lines; *line; line++)
    n += strncmp (*line, name, length) == 0 && (*line)[length] == ' ';
  return n;
}

/* A long name is shortened the same way in each table in a narrow terminal; in a wide one, or where
 * there is none, it is whole. */
static void
test_width (void)
{
  static const char name[] = "a-process-that-has-a-very-long-name 2";
  g_autoptr (IlTimeline) timeline = make_timeline (TRUE);
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = make_session (timeline);
  g_autoptr (IlReport) report = il_report_new (session, 0, 1000);
  IlWorkerFigures *last
      = &g_array_index (report->workers, IlWorkerFigures, report->workers->len - 1);
  const IlLaneInfo info = { .kind = IL_LANE_THREAD, .pid = 200, .tid = 200, .name = name };
  g_autofree char *narrow = NULL, *wide = NULL, *endless = NULL;

  last->lane = il_timeline_builder_add_lane (builder, &info);
  last->lifetime_ns = 1000;
  for (guint state = IL_STATE_RUNNING; state < IL_N_STATES; state++)
    last->states_ns[state] = 80;
  narrow = il_report_to_text (report, session);
  g_assert_cmpuint (count_rows (narrow, "a-process-…ng-name 2"), ==, 4);
  g_assert_cmpuint (count_rows (narrow, name), ==, 0);
  report->text_width = 180;
  wide = il_report_to_text (report, session);
  g_assert_cmpuint (count_rows (wide, name), ==, 2);
  report->text_width = G_MAXUINT;
  endless = il_report_to_text (report, session);
  g_assert_cmpuint (count_rows (endless, name), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report-program/threads", test_threads);
  g_test_add_func ("/report-program/processes", test_processes);
  g_test_add_func ("/report-program/endings", test_endings);
  g_test_add_func ("/report-program/left-before", test_left_before);
  g_test_add_func ("/report-program/width", test_width);
  return g_test_run ();
}
