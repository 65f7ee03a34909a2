/* il-marks.c - what is pointed out in a picture: a title over a range of time, and lanes as
 * evidence
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-marks.h"

struct _IlMarks
{
  gatomicrefcount n_references;
  GArray *marks; /* IlMark, each with copies of its own */
};

static void
clear_mark (gpointer data)
{
  IlMark *mark = data;

  g_free ((gpointer)mark->lanes);
  g_free ((gpointer)mark->title);
  g_free ((gpointer)mark->text);
}

/**
 * il_marks_new:
 *
 * Returns: (transfer full): none so far
 */
IlMarks *
il_marks_new (void)
{
  IlMarks *marks = g_new0 (IlMarks, 1);

  g_atomic_ref_count_init (&marks->n_references);
  marks->marks = g_array_new (FALSE, FALSE, sizeof (IlMark));
  g_array_set_clear_func (marks->marks, clear_mark);
  return marks;
}

/**
 * il_marks_ref:
 *
 * Returns: (transfer full): @marks; from any thread
 */
IlMarks *
il_marks_ref (IlMarks *marks)
{
  g_atomic_ref_count_inc (&marks->n_references);
  return marks;
}

/**
 * il_marks_unref:
 * @marks: (nullable): or NULL
 */
void
il_marks_unref (IlMarks *marks)
{
  if (marks == NULL || !g_atomic_ref_count_dec (&marks->n_references))
    return;
  g_array_unref (marks->marks);
  g_free (marks);
}

/**
 * il_marks_add:
 * @mark: copied, with all that it refers to
 *
 * Adds one.  Where they come too close to each other to stand side by side, those that were added
 * first are placed first: the gravest.  Not once a layout has been made of @marks.
 */
void
il_marks_add (IlMarks *marks, const IlMark *mark)
{
  IlMark copy = *mark;

  g_return_if_fail (mark->severity < IL_N_MARK_SEVERITIES && mark->title != NULL);

  copy.lanes = g_memdup2 (mark->lanes, mark->n_lanes * sizeof *mark->lanes);
  copy.title = g_strdup (mark->title);
  copy.text = g_strdup (mark->text != NULL ? mark->text : mark->title);
  copy.end_ns = MAX (mark->end_ns, mark->begin_ns);
  g_array_append_val (marks->marks, copy);
}

/**
 * il_marks_get_n:
 * @marks: (nullable): NULL: none
 */
guint
il_marks_get_n (const IlMarks *marks)
{
  return marks != NULL ? marks->marks->len : 0;
}

/**
 * il_marks_get:
 *
 * Returns: (transfer none): valid as long as nothing is added
 */
const IlMark *
il_marks_get (const IlMarks *marks, guint index)
{
  g_return_val_if_fail (index < il_marks_get_n (marks), NULL);

  return &g_array_index (marks->marks, IlMark, index);
}
