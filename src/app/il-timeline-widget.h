/* il-timeline-widget.h - the timelines: draws what the view state shows, and turns it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-view-state.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_TIMELINE_WIDGET (il_timeline_widget_get_type ())
G_DECLARE_FINAL_TYPE (IlTimelineWidget, il_timeline_widget, IL, TIMELINE_WIDGET, GtkWidget)

GtkWidget *il_timeline_widget_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_timeline_widget_set_view_state (IlTimelineWidget *self, IlViewState *view_state);
IlViewState *il_timeline_widget_get_view_state (IlTimelineWidget *self);
void il_timeline_widget_get_view (IlTimelineWidget *self, IlTimelineView *view);

G_END_DECLS
