/* il-view-state-private.h - what the parts of the view state share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-view-state.h"

G_BEGIN_DECLS

/*
 * The range is never empty, never shorter than IL_VIEW_MIN_SPAN_NS, and its middle lies within the
 * recording, so that half of the view at most is empty.  In the modes FOLLOW and FIT it is derived
 * anew whenever the recording grows; any zoom or pan by the user leads to FREE, but for a zoom
 * while following, which keeps the right edge.
 */
struct _IlViewState
{
  GObject parent_instance;
  IlTimeline *timeline;
  gint64 begin_ns, end_ns;             /* the visible range */
  gint64 data_end_ns;                  /* up to where the recording is known */
  gint64 drawn_begin_ns, drawn_end_ns; /* of the recording, in the last frame; equal: nothing */
  gint64 follow_span_ns;               /* what follow mode shows, also before there is as much */
  IlViewMode mode;
  gboolean live;                             /* the recording grows */
  GArray *selected;                          /* of guint: lanes pointed out … */
  gint64 selected_begin_ns, selected_end_ns; /* … and when */
  IlMarks *marks;                            /* what is pointed out by itself; or NULL */
  guint collapsed;                           /* a bit for each IlGroup */
};

void il_view_state_set_mode (IlViewState *self, IlViewMode mode);
void il_view_state_set_range (IlViewState *self, gint64 begin_ns, gint64 end_ns);
void il_view_state_derive_range (IlViewState *self);
void il_view_state_tell_selected (IlViewState *self);
void il_view_state_tell_marked (IlViewState *self);

G_END_DECLS
