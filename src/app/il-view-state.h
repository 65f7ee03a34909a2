/* il-view-state.h - what is looked at, and which part of it: the one truth that every view observes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-draw.h"

#include <glib-object.h>

G_BEGIN_DECLS

/* Nothing shorter than this is ever shown across the whole width. */
#define IL_VIEW_MIN_SPAN_NS G_GINT64_CONSTANT (1000)
#define IL_VIEW_DEFAULT_SPAN_NS G_GINT64_CONSTANT (500000000)

typedef enum
{
  IL_VIEW_FREE,   /* the range stays where the user put it */
  IL_VIEW_FOLLOW, /* its right edge is the newest moment */
  IL_VIEW_FIT,    /* all there is, however much it becomes */
} IlViewMode;

#define IL_TYPE_VIEW_STATE (il_view_state_get_type ())
G_DECLARE_FINAL_TYPE (IlViewState, il_view_state, IL, VIEW_STATE, GObject)

IlViewState *il_view_state_new (void) G_GNUC_WARN_UNUSED_RESULT;

void il_view_state_set_timeline (IlViewState *self, IlTimeline *timeline);
IlTimeline *il_view_state_get_timeline (IlViewState *self);
void il_view_state_set_live (IlViewState *self, gboolean live);
gboolean il_view_state_get_live (IlViewState *self);
void il_view_state_set_end (IlViewState *self, gint64 end_ns);
gint64 il_view_state_get_end (IlViewState *self);
void il_view_state_update (IlViewState *self);

void il_view_state_set_drawn (IlViewState *self, gint64 begin_ns, gint64 end_ns);
gboolean il_view_state_get_drawn (IlViewState *self, gint64 *begin_ns, gint64 *end_ns);
gint64 il_view_state_get_range_begin (IlViewState *self);
gint64 il_view_state_get_range_end (IlViewState *self);
gint64 il_view_state_get_span (IlViewState *self);
IlViewMode il_view_state_get_mode (IlViewState *self);
gboolean il_view_state_get_following (IlViewState *self);

void il_view_state_show (IlViewState *self, gint64 begin_ns, gint64 end_ns);
void il_view_state_zoom (IlViewState *self, double factor, gint64 anchor_ns);
void il_view_state_zoom_centre (IlViewState *self, double factor);
void il_view_state_pan (IlViewState *self, gint64 delta_ns);
void il_view_state_fit (IlViewState *self);
void il_view_state_follow (IlViewState *self);
void il_view_state_reset_zoom (IlViewState *self);

/* Signal "selected" (): other lanes, or another time, are pointed out. */
void il_view_state_select (IlViewState *self, const guint *lanes, guint n_lanes, gint64 begin_ns,
                           gint64 end_ns);
void il_view_state_select_lane (IlViewState *self, guint lane);
gboolean il_view_state_unselect (IlViewState *self);
const guint *il_view_state_get_selection (IlViewState *self, guint *n_lanes, gint64 *begin_ns,
                                          gint64 *end_ns);
/* Signal "marked" (): other marks. */
void il_view_state_set_marks (IlViewState *self, IlMarks *marks);
IlMarks *il_view_state_get_marks (IlViewState *self);
void il_view_state_show_evidence (IlViewState *self, gint64 begin_ns, gint64 end_ns);

void il_view_state_set_collapsed (IlViewState *self, IlGroup group, gboolean collapsed);
gboolean il_view_state_get_collapsed (IlViewState *self, IlGroup group);

G_END_DECLS
