/* il-timeline-widget-frames.c - when a picture is made, and what is said beside it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-widget-private.h"

#include <glib/gi18n.h>

#include "il-time-format.h"
#include "il-units.h"

#define DESCRIBE_INTERVAL_US (250 * G_TIME_SPAN_MILLISECOND)

/*
 * GLib comes to what is less urgent than a frame only while no frame is due.  One that takes longer
 * than the time between two makes the next due at once; then idle callbacks never run, and GTK
 * could not even tell the accessibility bus of the window.  So after a costly frame there is a
 * pause as long as the frame, and all that waits has its turn before the next one begins.
 */
#define COSTLY_FRAME_MS 10
#define LONGEST_PAUSE_MS 250

static gboolean tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data);

static void
describe_range (IlTimelineWidget *self)
{
  gint64 begin_ns, end_ns;
  g_autofree char *range = NULL;
  g_autofree char *span = NULL;
  g_autofree char *all = il_format_duration (il_view_state_get_end (self->view_state));
  g_autofree char *text = NULL;
  g_autofree char *selected = NULL;

  self->described_us = g_get_monotonic_time ();
  il_view_state_get_drawn (self->view_state, &begin_ns, &end_ns);
  range = il_format_range (begin_ns, end_ns);
  span = il_format_duration (end_ns - begin_ns);
  text = g_strdup_printf (
      /* Translators: for screen readers: the visible range, its length, the recording's length */
      il_view_state_get_following (self->view_state) ? _ ("Visible range %s, %s of %s, following")
                                                     : _ ("Visible range %s, %s of %s"),
      range, span, all);
  selected = il_timeline_widget_dup_selected_name (self);
  if (selected)
    {
      g_autofree char *visible = g_steal_pointer (&text);

      /* Translators: for screen readers: the name of a lane, and what is said of the view */
      text = g_strdup_printf (_ ("%2$s. Selected: %1$s"), selected, visible);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
}

/**
 * il_timeline_widget_ensure_tick:
 *
 * Has the next frame look whether there is something new to show or to say.
 */
void
il_timeline_widget_ensure_tick (IlTimelineWidget *self)
{
  if (!self->tick_id && !self->pause_id && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick_id = gtk_widget_add_tick_callback (GTK_WIDGET (self), tick_cb, NULL, NULL);
}

/* Has the bar and the tip say what the layout shows.  Not while children are placed: the texts are
 * of another length then. */
static void
tell (IlTimelineWidget *self)
{
  self->told = TRUE;
  if (!self->layout)
    return;

  il_view_state_set_drawn (self->view_state, self->begin_ns, self->end_ns);
  if (self->hovering)
    il_timeline_widget_update_tip (self);
  if (g_get_monotonic_time () - self->described_us > DESCRIBE_INTERVAL_US)
    describe_range (self);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (widget);
  gboolean live = self->view_state && il_view_state_get_live (self->view_state);

  if (!self->told && self->view_state)
    tell (self);
  if (live)
    il_view_state_update (self->view_state);
  if (self->layout_stale)
    {
      if (il_timeline_widget_ensure_layout (self))
        gtk_widget_queue_allocate (widget);
      gtk_widget_queue_draw (widget);
      if (self->view_state)
        tell (self);
      return G_SOURCE_CONTINUE;
    }
  if (live)
    return G_SOURCE_CONTINUE;

  /* Nothing changed since the last frame and nothing will by itself: rest until something does. */
  if (self->view_state)
    describe_range (self);
  il_timeline_widget_update_tip (self);
  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

/**
 * il_timeline_widget_stale:
 *
 * Has the picture made anew with the next frame.
 */
void
il_timeline_widget_stale (IlTimelineWidget *self)
{
  self->layout_stale = TRUE;
  il_timeline_widget_ensure_tick (self);
}

static gboolean
pause_ended_cb (gpointer data)
{
  IlTimelineWidget *self = IL_TIMELINE_WIDGET (data);

  self->pause_id = 0;
  il_timeline_widget_ensure_tick (self);

  return G_SOURCE_REMOVE;
}

static void
paint_begin_cb (IlTimelineWidget *self)
{
  self->paint_begin_us = g_get_monotonic_time ();
}

static void
paint_end_cb (IlTimelineWidget *self)
{
  gint64 ms = (g_get_monotonic_time () - self->paint_begin_us) / G_TIME_SPAN_MILLISECOND;

  if (ms < COSTLY_FRAME_MS || !self->tick_id)
    return;

  gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  self->pause_id = g_timeout_add_full (G_PRIORITY_LOW, (guint)MIN (ms, LONGEST_PAUSE_MS),
                                       pause_ended_cb, self, NULL);
}

/**
 * il_timeline_widget_watch_frames:
 *
 * Measures from now on what frames cost; for a widget that has just been realized.
 */
void
il_timeline_widget_watch_frames (IlTimelineWidget *self)
{
  self->frame_clock = g_object_ref (gtk_widget_get_frame_clock (GTK_WIDGET (self)));
  g_signal_connect_swapped (self->frame_clock, "before-paint", G_CALLBACK (paint_begin_cb), self);
  g_signal_connect_swapped (self->frame_clock, "after-paint", G_CALLBACK (paint_end_cb), self);
}

/**
 * il_timeline_widget_unwatch_frames:
 *
 * The opposite of il_timeline_widget_watch_frames().
 */
void
il_timeline_widget_unwatch_frames (IlTimelineWidget *self)
{
  g_signal_handlers_disconnect_by_data (self->frame_clock, self);
  g_clear_object (&self->frame_clock);
}

/**
 * il_timeline_widget_stop_frames:
 *
 * Asks for no frame any more; for a widget that goes out of sight.
 */
void
il_timeline_widget_stop_frames (IlTimelineWidget *self)
{
  if (self->tick_id)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick_id);
  self->tick_id = 0;
  g_clear_handle_id (&self->pause_id, g_source_remove);
}
