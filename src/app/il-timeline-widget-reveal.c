/* il-timeline-widget-reveal.c - brings what is pointed out into sight
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Evidence is of several lanes, threads and the locks that they wait for, which may stand far from
 * each other.  Where they do not fit between ruler and foot all rows but theirs are left out, and
 * theirs as low as they have to be, until something else is pointed out, or nothing.
 */

#include "config.h"

#include "il-timeline-widget-private.h"

static gboolean
shows_only (IlTimelineWidget *self, guint lane)
{
  for (guint i = 0; i < self->only->len; i++)
    if (g_array_index (self->only, guint, i) == lane)
      return TRUE;

  return FALSE;
}

static void
set_only (IlTimelineWidget *self, const guint *lanes, guint n_lanes)
{
  if (self->only->len == 0 && n_lanes == 0)
    return;

  g_array_set_size (self->only, 0);
  if (n_lanes > 0)
    g_array_append_vals (self->only, lanes, n_lanes);
  self->crowding = 0;
  gtk_widget_set_visible (self->all_button, n_lanes > 0);
  il_timeline_widget_stale (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

/**
 * il_timeline_widget_show_all:
 *
 * Has rows of all lanes again.
 */
void
il_timeline_widget_show_all (IlTimelineWidget *self)
{
  set_only (self, NULL, 0);
}

/**
 * il_timeline_widget_fit_only:
 * @height: of the widget
 *
 * Makes rows so low that all of those that are shown alone fit, as far as their names have a place.
 */
void
il_timeline_widget_fit_only (IlTimelineWidget *self, int height)
{
  IlTimeline *timeline = self->view_state ? il_view_state_get_timeline (self->view_state) : NULL;
  IlTimelineView view;

  if (!timeline || self->only->len == 0)
    return;

  il_timeline_widget_get_view (self, &view);
  view.height = height;
  il_timeline_fit_rows (timeline, &view, TRUE);
  if (view.crowding == self->crowding)
    return;

  self->crowding = view.crowding;
  il_timeline_widget_stale (self);
}

static void
unfold_group_of (IlTimelineWidget *self, guint lane)
{
  IlTimeline *timeline = il_view_state_get_timeline (self->view_state);
  IlTimelineView view;
  g_autoptr (GArray) places = NULL;
  const IlLanePlace *place;

  il_timeline_widget_get_view (self, &view);
  for (guint group = 0; group < IL_N_GROUPS; group++)
    view.collapsed[group] = FALSE;
  places = il_timeline_list_lanes (timeline, &view);
  place = il_timeline_widget_find_place (places, lane);
  if (place)
    il_view_state_set_collapsed (self->view_state, place->group, FALSE);
}

/* From the top of the first one's row to the foot of the last one's. */
static gboolean
find_extent (IlTimelineWidget *self, const guint *lanes, guint n_lanes, double *top, double *foot)
{
  g_autoptr (GArray) places = il_timeline_widget_list_lanes (self);
  gboolean any = FALSE;

  for (guint i = 0; places && i < n_lanes; i++)
    {
      const IlLanePlace *place = il_timeline_widget_find_place (places, lanes[i]);

      if (!place)
        continue;
      *top = any ? MIN (*top, place->y) : place->y;
      *foot = any ? MAX (*foot, place->y + place->height) : place->y + place->height;
      any = TRUE;
    }

  return any;
}

/* With something of what is above or below, where it has to be scrolled. */
static void
scroll_into_sight (IlTimelineWidget *self, double top, double foot)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self));
  double ruler = self->layout ? self->ruler_height : 0;
  double margin = MIN (16, MAX (height - ruler - (foot - top), 0) / 2);

  /* The layout knows only what it showed last: who unfolded a group has to lay out anew first. */
  self->layout_stale = TRUE;
  il_timeline_widget_ensure_layout (self);
  if (top - self->scroll_y < ruler)
    il_timeline_widget_scroll_to (self, top - ruler - margin);
  else if (foot - self->scroll_y > height)
    il_timeline_widget_scroll_to (self, foot + margin - height);
}

static void
reveal (IlTimelineWidget *self, const guint *lanes, guint n_lanes)
{
  double room = gtk_widget_get_height (GTK_WIDGET (self)) - self->ruler_height;
  double top = 0, foot = 0;

  for (guint i = 0; i < n_lanes; i++)
    unfold_group_of (self, lanes[i]);
  if (gtk_widget_get_height (GTK_WIDGET (self)) <= 0
      || !find_extent (self, lanes, n_lanes, &top, &foot))
    return;

  if (n_lanes > 1 && foot - top > room)
    {
      set_only (self, lanes, n_lanes);
      il_timeline_widget_fit_only (self, gtk_widget_get_height (GTK_WIDGET (self)));
      il_timeline_widget_scroll_to (self, 0);
      return;
    }
  scroll_into_sight (self, top, foot);
}

/**
 * il_timeline_widget_keep_in_sight:
 * @height: that the widget has now
 *
 * What was brought into sight stays there when panes below come and go, until one scrolls.
 */
void
il_timeline_widget_keep_in_sight (IlTimelineWidget *self, int height)
{
  guint n_lanes;
  const guint *lanes;

  if (!self->view_state || self->revealed_height == 0 || self->revealed_height == height)
    return;

  lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);
  if (n_lanes > 1 && self->only->len == 0)
    reveal (self, lanes, n_lanes);
  self->revealed_height = height;
}

/**
 * il_timeline_widget_selected:
 *
 * Has what is pointed out drawn and told; brings it into sight.
 */
void
il_timeline_widget_selected (IlTimelineWidget *self)
{
  guint n_lanes;
  const guint *lanes = il_view_state_get_selection (self->view_state, &n_lanes, NULL, NULL);

  if (n_lanes != 1 || !shows_only (self, lanes[0]))
    il_timeline_widget_show_all (self);
  if (n_lanes > 0)
    reveal (self, lanes, n_lanes);
  self->revealed_height = gtk_widget_get_height (GTK_WIDGET (self));
  self->described_us = 0;
  il_timeline_widget_stale (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
