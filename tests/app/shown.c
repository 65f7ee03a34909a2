/* shown.c - what tests of widgets share: a window round a widget, frames, a timeline
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shown.h"

#include "il-timeline-builder.h"

#include <adwaita.h>

/* What is selected in an entry is the program's selection, which lets go of it and takes it anew as
 * dialogs come and go.  If the X server's word of that comes after the next change, GTK asks its
 * own program what it has selected, and never frees the answer (4.8.3): some hundred bytes, told as
 * a leak of the test that was just slow.  So it does not hear of that. */
static void
ignore_selection (GdkDisplay *display)
{
  g_signal_handlers_disconnect_by_data (display, gdk_display_get_primary_clipboard (display));
}

/* As the application does it: with its style sheet. */
void
shown_init (int *argc, char ***argv)
{
  g_autoptr (GtkCssProvider) style = NULL;

  gtk_test_init (argc, argv, NULL);
  adw_init ();
  ignore_selection (gdk_display_get_default ());
  style = gtk_css_provider_new ();
  gtk_css_provider_load_from_resource (style, "/io/github/interleave/Interleave/style.css");
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (style),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
append (IlBatch *batch, guint32 lane, gint64 time_ns, guint32 kind, guint32 value)
{
  IlRecord record = { .time_ns = time_ns, .kind = kind & 0xff, .object = 1, .value = value };

  il_batch_append (batch, lane, &record, 1);
}

/* One worker that runs one task after the other for 100 ms. */
IlTimeline *
shown_create_timeline (void)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  IlLaneInfo info = { .kind = IL_LANE_THREAD,
                      .role = IL_LANE_ROLE_WORKER,
                      .number = 1,
                      .pid = 1,
                      .tid = 1,
                      .name = "Worker 1" };
  guint32 lane = il_timeline_builder_add_lane (builder, &info);

  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_TASK, "work", 0);
  append (batch, lane, 0, IL_RECORD_LANE_BEGIN, 0);
  for (guint i = 0; i < 10; i++)
    {
      append (batch, lane, i * 10 * MS + MS, IL_RECORD_TASK_BEGIN, i);
      append (batch, lane, i * 10 * MS + 9 * MS, IL_RECORD_IDLE, 0);
    }
  il_batch_seal (batch, 100 * MS);
  il_timeline_builder_add_batch (builder, batch);

  return timeline;
}

/* GTK's own assertion is a macro that -Wformat does not like. */
void
shown_assert_property (gpointer widget, GtkAccessibleProperty property, const char *expected)
{
  char *found = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget), property, expected);

  g_assert_cmpstr (found, ==, NULL);
}

GtkWidget *
shown_new (GtkWidget *child)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 900, 500);
  gtk_window_set_child (GTK_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));

  return window;
}

static void
flag_cb (GdkFrameClock *clock, gboolean *flag)
{
  *flag = TRUE;
}

void
shown_wait_for_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gboolean painted = FALSE;
  gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (flag_cb), &painted);

  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_PAINT);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, id);
}

/* In whatever thread that is. */
static void
gone_cb (gpointer data, GObject *where_it_was)
{
  GThread **gone_in = data;

  g_atomic_pointer_set (gone_in, g_thread_self ());
  g_main_context_wakeup (NULL);
}

/* Waits for what it has begun to let go of it, and for the last to do so in this thread. */
void
shown_destroy (GtkWindow *window)
{
  GThread *gone_in = NULL;

  g_object_weak_ref (G_OBJECT (window), gone_cb, &gone_in);
  gtk_window_destroy (window);
  while (!g_atomic_pointer_get (&gone_in))
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (gone_in == g_thread_self ());
}

GtkWidget *
shown_find (GtkWidget *root, GType type)
{
  GtkWidget *found = G_TYPE_CHECK_INSTANCE_TYPE (root, type) ? root : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = shown_find (child, type);

  return found;
}

void
shown_count_cb (guint *n)
{
  ++*n;
}
