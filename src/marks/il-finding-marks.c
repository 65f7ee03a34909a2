/* il-finding-marks.c - findings as marks of a picture
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finding-marks.h"

#include <glib/gi18n-lib.h>

/* So many names stand in a title. */
#define MAX_NAMES 3

static const char *
name_of (IlTimeline *timeline, guint lane)
{
  const IlLane *found = il_timeline_get_lane (timeline, lane);

  return found != NULL ? il_lane_get_info (found)->name : "?";
}

static gboolean
is_new (const IlFinding *finding, guint index)
{
  for (guint i = 0; i < index; i++)
    if (finding->lanes[i] == finding->lanes[index])
      return FALSE;
  return TRUE;
}

/* "Worker 1, Worker 2, Worker 3 and 2 more" */
static char *
join_names (IlTimeline *timeline, const IlFinding *finding)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_names = 0;

  for (guint i = 0; i < finding->n_lanes; i++)
    {
      if (!is_new (finding, i) || ++n_names > MAX_NAMES)
        continue;
      if (names->len > 0)
        g_string_append (names, _ (", "));
      g_string_append (names, name_of (timeline, finding->lanes[i]));
    }
  if (n_names <= MAX_NAMES)
    return g_strdup (names->str);
  /* Translators: some names with commas between, and how many more there are */
  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", n_names - MAX_NAMES),
                          names->str, n_names - MAX_NAMES);
}

/* What was lost has many to blame; how much it was tells more. */
static char *
dup_title (IlTimeline *timeline, const IlFinding *finding)
{
  const char *kind = il_finding_kind_get_name (finding->kind);
  g_autofree char *names = NULL;

  if (finding->kind == IL_FINDING_LOST_UPDATE || finding->kind == IL_FINDING_TORN_LINES)
    /* Translators: a kind of finding, and how many: "Lost updates: 17" */
    return g_strdup_printf (_ ("%s: %llu"), kind, (unsigned long long)finding->count);
  names = join_names (timeline, finding);
  /* Translators: a kind of finding, and who takes part: "Deadlock: Worker 1, Worker 2" */
  return *names != '\0' ? g_strdup_printf (_ ("%s: %s"), kind, names) : g_strdup (kind);
}

static void
add_object (GArray *lanes, IlTimeline *timeline, guint32 object)
{
  const IlLane *lane = object != 0 ? il_timeline_get_object_lane (timeline, object) : NULL;
  guint index = lane != NULL ? il_lane_get_index (lane) : 0;

  if (lane != NULL)
    g_array_append_val (lanes, index);
}

/**
 * il_finding_list_evidence:
 * @timeline: that it was found in
 *
 * Who takes part, and what it is about.  Of what was lost only that: who lost it first is chance.
 *
 * Returns: (transfer full) (element-type guint): lanes, the one to look at first at the front
 */
GArray *
il_finding_list_evidence (IlTimeline *timeline, const IlFinding *finding)
{
  gboolean is_loss
      = finding->kind == IL_FINDING_LOST_UPDATE || finding->kind == IL_FINDING_TORN_LINES;
  gboolean has_lane
      = finding->object != 0 && il_timeline_get_object_lane (timeline, finding->object) != NULL;
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (guint));

  if (finding->n_lanes > 0 && !(is_loss && has_lane))
    g_array_append_vals (lanes, finding->lanes, finding->n_lanes);
  for (guint i = 0; i < finding->n_objects; i++)
    if (finding->objects[i] != finding->object)
      add_object (lanes, timeline, finding->objects[i]);
  add_object (lanes, timeline, finding->object);
  return lanes;
}

/**
 * il_finding_marks_new:
 * @timeline: that they were found in
 * @findings: (nullable): NULL: none
 *
 * Returns: (transfer full): a mark for each, in the same order: the gravest first
 */
IlMarks *
il_finding_marks_new (IlTimeline *timeline, const IlFindings *findings)
{
  IlMarks *marks = il_marks_new ();

  for (guint i = 0; findings != NULL && i < findings->n_findings; i++)
    {
      const IlFinding *finding = &findings->findings[i];
      g_autofree char *title = dup_title (timeline, finding);
      g_autoptr (GArray) lanes = il_finding_list_evidence (timeline, finding);
      const IlMark mark = { .severity = il_finding_kind_is_grave (finding->kind) ? IL_MARK_ERROR
                                                                                 : IL_MARK_WARNING,
                            .begin_ns = finding->from_ns,
                            .end_ns = finding->goes_on ? G_MAXINT64 : finding->to_ns,
                            .n_lanes = lanes->len,
                            .lanes = (const guint *)(gpointer)lanes->data,
                            .title = title,
                            .text = finding->text };

      il_marks_add (marks, &mark);
    }
  return marks;
}

/**
 * il_finding_marks_find:
 * @timeline: with a finder attached, or without
 *
 * Returns: (transfer full): marks of what is found so far, none where nobody looked; any thread
 */
IlMarks *
il_finding_marks_find (IlTimeline *timeline)
{
  IlFinder *finder = il_finder_get (timeline);
  g_autoptr (IlFindings) findings = finder != NULL ? il_finder_get_findings (finder) : NULL;

  return il_finding_marks_new (timeline, findings);
}
