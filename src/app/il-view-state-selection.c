/* il-view-state-selection.c - which lanes are pointed out, and when
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-view-state-private.h"

/* A long range is looked at from its begin, where it began to go wrong. */
#define EVIDENCE_MAX_NS G_GINT64_CONSTANT (200000000)
#define EVIDENCE_MIN_NS G_GINT64_CONSTANT (2000000)

/**
 * il_view_state_select:
 * @lanes: (array length=n_lanes): indices, the one to look at first at the front
 * @begin_ns: from when on; as %G_MININT64 and %G_MAXINT64 for @end_ns: all the time
 *
 * Points lanes out in place of what was pointed out before; of no lane, nothing.
 */
void
il_view_state_select (IlViewState *self, const guint *lanes, guint n_lanes, gint64 begin_ns,
                      gint64 end_ns)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (begin_ns <= end_ns);

  if (n_lanes == 0 && self->selected->len == 0)
    return;

  g_array_set_size (self->selected, 0);
  if (n_lanes > 0)
    g_array_append_vals (self->selected, lanes, n_lanes);
  self->selected_begin_ns = begin_ns;
  self->selected_end_ns = end_ns;
  il_view_state_tell_selected (self);
}

/**
 * il_view_state_select_lane:
 *
 * Points one lane out, over all its time.
 */
void
il_view_state_select_lane (IlViewState *self, guint lane)
{
  il_view_state_select (self, &lane, 1, G_MININT64, G_MAXINT64);
}

/**
 * il_view_state_unselect:
 *
 * Returns: whether anything was pointed out
 */
gboolean
il_view_state_unselect (IlViewState *self)
{
  gboolean any;

  g_return_val_if_fail (IL_IS_VIEW_STATE (self), FALSE);

  any = self->selected->len > 0;
  il_view_state_select (self, NULL, 0, G_MININT64, G_MAXINT64);

  return any;
}

/**
 * il_view_state_get_selection:
 * @n_lanes: (out): their number, 0 for none
 * @begin_ns: (out) (optional): from when on
 * @end_ns: (out) (optional): until when
 *
 * Returns: (array length=n_lanes): the lanes pointed out
 */
const guint *
il_view_state_get_selection (IlViewState *self, guint *n_lanes, gint64 *begin_ns, gint64 *end_ns)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), NULL);

  *n_lanes = self->selected->len;
  if (begin_ns)
    *begin_ns = self->selected_begin_ns;
  if (end_ns)
    *end_ns = self->selected_end_ns;

  return (const guint *)(gconstpointer)self->selected->data;
}

/**
 * il_view_state_set_marks:
 * @marks: (nullable): what to point out from now on, shared; NULL: nothing
 */
void
il_view_state_set_marks (IlViewState *self, IlMarks *marks)
{
  g_return_if_fail (IL_IS_VIEW_STATE (self));

  if (self->marks == marks)
    return;

  if (marks)
    il_marks_ref (marks);
  il_marks_unref (self->marks);
  self->marks = marks;
  il_view_state_tell_marked (self);
}

/**
 * il_view_state_get_marks:
 *
 * Returns: (transfer none) (nullable): what is pointed out by itself
 */
IlMarks *
il_view_state_get_marks (IlViewState *self)
{
  g_return_val_if_fail (IL_IS_VIEW_STATE (self), NULL);

  return self->marks;
}

/**
 * il_view_state_show_evidence:
 * @begin_ns: of what is to be looked at
 * @end_ns: of it; not before @begin_ns
 *
 * Shows a range with what was before and after it; of a long one its begin.
 */
void
il_view_state_show_evidence (IlViewState *self, gint64 begin_ns, gint64 end_ns)
{
  gint64 span_ns, margin_ns;

  g_return_if_fail (IL_IS_VIEW_STATE (self));
  g_return_if_fail (begin_ns <= end_ns);

  span_ns = CLAMP (end_ns - begin_ns, EVIDENCE_MIN_NS, EVIDENCE_MAX_NS);
  margin_ns = span_ns / 3;
  /* What is longer than a nanosecond: shown even where nothing is known of the time after it. */
  il_view_state_update (self);
  il_view_state_show (self, begin_ns - margin_ns, begin_ns + span_ns + margin_ns);
}
