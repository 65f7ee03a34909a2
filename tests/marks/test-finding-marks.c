/* test-finding-marks.c - a finding becomes a mark with a title, a severity and its evidence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finding-marks.h"
#include "scene.h"

static const guint lanes[]
    = { SCENE_WORKER_1, SCENE_WORKER_2, SCENE_WORKER_1, SCENE_SUBMITTER, SCENE_SUPERVISOR };

static void
check_title (IlFinding finding, const char *title, IlMarkSeverity severity)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlFindings findings = { 1, &finding };
  g_autoptr (IlMarks) marks = NULL;
  const IlMark *mark;

  finding.lanes = lanes;
  finding.from_ns = MS;
  finding.to_ns = 2 * MS;
  finding.text = "in full";
  marks = il_finding_marks_new (timeline, &findings);
  g_assert_cmpuint (il_marks_get_n (marks), ==, 1);
  mark = il_marks_get (marks, 0);
  g_assert_cmpstr (mark->title, ==, title);
  g_assert_cmpstr (mark->text, ==, "in full");
  g_assert_cmpint (mark->severity, ==, severity);
  g_assert_cmpint (mark->begin_ns, ==, MS);
  g_assert_cmpint (mark->end_ns, ==, finding.goes_on ? G_MAXINT64 : 2 * MS);
  if (finding.object == 0)
    g_assert_cmpmem (mark->lanes, mark->n_lanes * sizeof *lanes, lanes,
                     finding.n_lanes * sizeof *lanes);
  else
    g_assert_cmpuint (mark->lanes[mark->n_lanes - 1], ==, SCENE_LOCK);
}

static void
test_titles (void)
{
  check_title ((IlFinding){ .kind = IL_FINDING_DEADLOCK, .n_lanes = 2, .goes_on = TRUE },
               "Deadlock: Worker 1, Worker 2", IL_MARK_ERROR);
  check_title ((IlFinding){ .kind = IL_FINDING_LOCK_ORDER, .n_lanes = 5 },
               "Opposite lock orders: Worker 1, Worker 2, Submitter and 1 more", IL_MARK_WARNING);
  check_title ((IlFinding){ .kind = IL_FINDING_LOST_UPDATE, .n_lanes = 1, .count = 17 },
               "Lost updates: 17", IL_MARK_WARNING);
  check_title ((IlFinding){ .kind = IL_FINDING_CONVOY }, "Convoy", IL_MARK_WARNING);
  /* The object of that number is the scene's lock. */
  check_title ((IlFinding){ .kind = IL_FINDING_CONVOY, .n_lanes = 1, .object = 1 },
               "Convoy: Worker 1", IL_MARK_WARNING);
}

/* A deadlock is seen in its threads and in what they hold, each once; what was lost in the file or
 * variable alone. */
static void
test_evidence (void)
{
  static const guint32 objects[] = { 1, 99 };
  g_autoptr (IlTimeline) timeline = scene_new ();
  const IlFinding deadlock = { .kind = IL_FINDING_DEADLOCK,
                               .n_lanes = 2,
                               .lanes = lanes,
                               .object = 1,
                               .n_objects = 2,
                               .objects = objects };
  const IlFinding loss
      = { .kind = IL_FINDING_LOST_UPDATE, .n_lanes = 2, .lanes = lanes, .object = 1 };
  g_autoptr (GArray) of_deadlock = il_finding_list_evidence (timeline, &deadlock);
  g_autoptr (GArray) of_loss = il_finding_list_evidence (timeline, &loss);

  g_assert_cmpuint (of_deadlock->len, ==, 3);
  g_assert_cmpuint (g_array_index (of_deadlock, guint, 0), ==, SCENE_WORKER_1);
  g_assert_cmpuint (g_array_index (of_deadlock, guint, 2), ==, SCENE_LOCK);
  g_assert_cmpuint (of_loss->len, ==, 1);
  g_assert_cmpuint (g_array_index (of_loss, guint, 0), ==, SCENE_LOCK);
}

/* Nobody looked for any. */
static void
test_no_finder (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_finding_marks_find (timeline);

  g_assert_cmpuint (il_marks_get_n (marks), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finding-marks/titles", test_titles);
  g_test_add_func ("/finding-marks/evidence", test_evidence);
  g_test_add_func ("/finding-marks/no-finder", test_no_finder);
  return g_test_run ();
}
