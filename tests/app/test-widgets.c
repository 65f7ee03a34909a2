/* test-widgets.c - each template makes a widget, which says what it is to assistive technology, and
 * does what its actions are called
 *
 * Needs a display, and the runner for what scenarios there are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-banner.h"
#include "il-figures-bar.h"
#include "il-knob-row.h"
#include "il-legend.h"
#include "il-scenario-panel.h"
#include "il-share-bar.h"
#include "il-timeline-builder.h"
#include "il-timeline-widget.h"

#include <adwaita.h>

#define MS G_GINT64_CONSTANT (1000000)

static void
append (IlBatch *batch, guint32 lane, gint64 time_ns, guint32 kind, guint32 value)
{
  IlRecord record = { .time_ns = time_ns, .kind = kind & 0xff, .object = 1, .value = value };

  il_batch_append (batch, lane, &record, 1);
}

/* One worker that runs one task after the other for 100 ms. */
static IlTimeline *
create_timeline (void)
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
static void
assert_property (gpointer widget, GtkAccessibleProperty property, const char *expected)
{
  char *found = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget), property, expected);

  g_assert_cmpstr (found, ==, NULL);
}

static GtkWidget *
show (GtkWidget *child)
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

static void
wait_for_frame (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  gboolean painted = FALSE;
  gulong id = g_signal_connect (clock, "after-paint", G_CALLBACK (flag_cb), &painted);

  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_PAINT);
  while (!painted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (clock, id);
}

/* --- the timeline --- */

typedef struct
{
  GtkWidget *window;
  GtkWidget *widget;
  IlViewState *state;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = create_timeline ();

  fixture->state = il_view_state_new ();
  fixture->widget = il_timeline_widget_new ();
  il_timeline_widget_set_view_state (IL_TIMELINE_WIDGET (fixture->widget), fixture->state);
  il_view_state_set_timeline (fixture->state, timeline);
  fixture->window = show (fixture->widget);
  wait_for_frame (fixture->window);
  wait_for_frame (fixture->window);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->state);
}

static void
test_timeline_is_accessible (Fixture *fixture, gconstpointer data)
{
  GtkWidget *child = gtk_widget_get_first_child (fixture->widget);

  g_assert_true (
      gtk_test_accessible_has_role (GTK_ACCESSIBLE (fixture->widget), GTK_ACCESSIBLE_ROLE_IMG));
  assert_property (fixture->widget, GTK_ACCESSIBLE_PROPERTY_LABEL, "Timeline");
  assert_property (fixture->widget, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                   "Visible range 0.000 – 0.100\302\240s, 100 ms of 100 ms");
  assert_property (child, GTK_ACCESSIBLE_PROPERTY_LABEL, "Cores");
}

static void
activate (Fixture *fixture, const char *action)
{
  g_assert_true (gtk_widget_activate_action (fixture->widget, action, NULL));
  wait_for_frame (fixture->window);
}

static void
test_actions_turn_the_view (Fixture *fixture, gconstpointer data)
{
  gint64 span_ns = il_view_state_get_span (fixture->state);

  activate (fixture, "timeline.zoom-in");
  g_assert_cmpint (il_view_state_get_span (fixture->state), <, span_ns);
  activate (fixture, "timeline.pan-left");
  activate (fixture, "timeline.zoom-out");
  g_assert_cmpint (ABS (il_view_state_get_span (fixture->state) - span_ns), <=, 1);
  g_assert_cmpint (il_view_state_get_range_begin (fixture->state), <, 0);
  activate (fixture, "timeline.pan-right");
  activate (fixture, "timeline.fit");
  g_assert_cmpint (il_view_state_get_range_begin (fixture->state), ==, 0);
  activate (fixture, "timeline.reset-zoom");
  g_assert_cmpint (il_view_state_get_span (fixture->state), ==, IL_VIEW_DEFAULT_SPAN_NS);
}

static void
test_actions_fold_groups (Fixture *fixture, gconstpointer data)
{
  IlTimelineView view;

  activate (fixture, "timeline.toggle-workers");
  il_timeline_widget_get_view (IL_TIMELINE_WIDGET (fixture->widget), &view);
  g_assert_true (view.collapsed[IL_GROUP_WORKERS]);
  g_assert_false (view.collapsed[IL_GROUP_CORES]);
  activate (fixture, "timeline.toggle-workers");
  il_timeline_widget_get_view (IL_TIMELINE_WIDGET (fixture->widget), &view);
  g_assert_false (view.collapsed[IL_GROUP_WORKERS]);
}

static void
test_scrolls_only_as_far_as_there_are_lanes (Fixture *fixture, gconstpointer data)
{
  IlTimelineView view;

  activate (fixture, "timeline.page-down");
  il_timeline_widget_get_view (IL_TIMELINE_WIDGET (fixture->widget), &view);
  g_assert_cmpfloat (view.scroll_y, ==, 0);
  gtk_widget_set_size_request (fixture->widget, -1, 1);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, 1);
  wait_for_frame (fixture->window);
  wait_for_frame (fixture->window);
  activate (fixture, "timeline.page-up");
  il_timeline_widget_get_view (IL_TIMELINE_WIDGET (fixture->widget), &view);
  g_assert_cmpfloat (view.scroll_y, ==, 0);
}

/* The first node that the widget appends: its picture. */
static GskRenderNode *
dup_picture (GtkWidget *widget)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;

  GTK_WIDGET_GET_CLASS (widget)->snapshot (widget, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);
  while (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    {
      GskRenderNode *first = gsk_render_node_ref (gsk_container_node_get_child (node, 0));

      gsk_render_node_unref (node);
      node = first;
    }

  return g_steal_pointer (&node);
}

/* A view that is still costs nothing: the renderer gets the same node again. */
static void
test_rests_when_nothing_changes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GskRenderNode) before = dup_picture (fixture->widget);
  g_autoptr (GskRenderNode) after = NULL;
  g_autoptr (GskRenderNode) moved = NULL;

  gtk_widget_queue_draw (fixture->widget);
  wait_for_frame (fixture->window);
  after = dup_picture (fixture->widget);
  g_assert_true (before == after);
  activate (fixture, "timeline.zoom-in");
  do
    {
      wait_for_frame (fixture->window);
      g_clear_pointer (&moved, gsk_render_node_unref);
      moved = dup_picture (fixture->widget);
    }
  while (moved == before);
}

static void
test_survives_without_a_timeline (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_timeline (fixture->state, NULL);
  wait_for_frame (fixture->window);
  activate (fixture, "timeline.zoom-in");
  activate (fixture, "timeline.page-down");
  il_timeline_widget_set_view_state (IL_TIMELINE_WIDGET (fixture->widget), NULL);
  gtk_widget_activate_action (fixture->widget, "timeline.zoom-in", NULL);
  wait_for_frame (fixture->window);
}

/* --- figures, legend, banner --- */

static void
test_figures_say_what_is_visible (void)
{
  g_autoptr (IlTimeline) timeline = create_timeline ();
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  GtkWidget *window;
  IlRecordingFigures figures = { .n_events = 1204311, .n_lost = 7, .overhead_share = 0.004 };

  il_view_state_set_timeline (state, timeline);
  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  il_figures_bar_set_recording (IL_FIGURES_BAR (bar), &figures);
  window = show (bar);
  il_view_state_set_drawn (state, -20 * MS, 80 * MS);
  while (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) == 0)
    g_main_context_iteration (NULL, TRUE);
  il_figures_bar_set_recording (IL_FIGURES_BAR (bar), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_finalize_object (state);
}

static void
test_share_bar_says_its_shares (void)
{
  GtkWidget *bar = g_object_ref_sink (il_share_bar_new ());
  gint64 states_ns[IL_N_STATES]
      = { [IL_STATE_RUNNING] = 75 * MS, [IL_STATE_LOCK_WAIT] = 25 * MS, [IL_STATE_NONE] = 9 * MS };

  il_share_bar_set_states (IL_SHARE_BAR (bar), states_ns);
  assert_property (bar, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "running 75 %, lock 25 %");
  g_object_unref (bar);
}

static guint
n_visible_children (GtkWidget *widget)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    n += gtk_widget_get_visible (child) ? 1 : 0;

  return n;
}

static void
test_legend_explains_what_was_seen (void)
{
  GtkWidget *legend = g_object_ref_sink (il_legend_new ());
  guint n_usual = n_visible_children (legend);

  il_legend_add_seen (IL_LEGEND (legend), 1u << IL_STATE_RUNNING);
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual);
  il_legend_add_seen (IL_LEGEND (legend), 1u << IL_STATE_UNKNOWN | 1u << IL_STATE_STOPPED);
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual + 2);
  il_legend_forget_seen (IL_LEGEND (legend));
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual);
  g_object_unref (legend);
}

static void
test_banner_folds_where_it_is_narrow (void)
{
  GtkWidget *banner = g_object_ref_sink (il_banner_new (IL_BANNER_WARNING, "Something is wrong."));
  int wide, narrow;

  g_assert_true (gtk_test_accessible_has_role (GTK_ACCESSIBLE (banner), GTK_ACCESSIBLE_ROLE_ALERT));
  il_banner_add_button (IL_BANNER (banner), "Copy Command", "win.copy-text", "sudo true");
  gtk_widget_measure (banner, GTK_ORIENTATION_VERTICAL, 1200, &wide, NULL, NULL, NULL);
  gtk_widget_measure (banner, GTK_ORIENTATION_VERTICAL, 420, &narrow, NULL, NULL, NULL);
  g_assert_cmpint (narrow, >, wide);
  g_object_unref (banner);
}

/* --- knobs and the panel --- */

static void
count_cb (guint *n)
{
  ++*n;
}

static void
test_knob_tells_when_it_is_turned (void)
{
  char key[] = "section", name[] = "Critical section";
  const IlKnob knob = {
    .key = key, .name = name, .unit = IL_KNOB_DURATION, .value = 1.2e6, .min = 1e5, .max = 2e7
  };
  GtkWidget *row = g_object_ref_sink (il_knob_row_new (&knob));
  GtkWidget *scale = gtk_widget_get_last_child (row);
  g_autofree char *setting = il_knob_row_dup_setting (IL_KNOB_ROW (row));
  guint n = 0;

  g_signal_connect_swapped (row, "turned", G_CALLBACK (count_cb), &n);
  g_assert_cmpstr (setting, ==, "1200000ns");
  assert_property (scale, GTK_ACCESSIBLE_PROPERTY_LABEL, "Critical section");
  il_knob_row_set_value (IL_KNOB_ROW (row), 5e6);
  g_assert_cmpuint (n, ==, 0);
  gtk_range_set_value (GTK_RANGE (scale), 1);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpfloat (il_knob_row_get_value (IL_KNOB_ROW (row)), ==, 2e7);
  il_knob_row_set_running (IL_KNOB_ROW (row), TRUE);
  g_assert_false (gtk_widget_get_sensitive (scale));
  g_assert_nonnull (gtk_widget_get_tooltip_text (row));
  il_knob_row_set_running (IL_KNOB_ROW (row), FALSE);
  g_assert_true (gtk_widget_get_sensitive (scale));
  g_object_unref (row);
}

static GPtrArray *
load_scenarios (void)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *scenarios = il_scenario_catalog_load (NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (scenarios->len, >=, 4);

  return scenarios;
}

static void
test_panel_takes_what_the_scenario_says (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);
  g_auto (GStrv) settings = NULL;
  guint n = 0;

  g_assert_null (il_scenario_panel_get_scenario (panel));
  g_signal_connect_swapped (panel, "changed", G_CALLBACK (count_cb), &n);
  il_scenario_panel_set_scenarios (panel, scenarios);
  g_assert_true (il_scenario_panel_select (panel, "lock-contention"));
  g_assert_false (il_scenario_panel_select (panel, "nonsense"));
  g_assert_cmpstr (il_scenario_get_id (il_scenario_panel_get_scenario (panel)), ==,
                   "lock-contention");
  g_assert_cmpstr (il_scenario_panel_get_model (panel), ==, "threads");
  g_assert_true (il_scenario_panel_select_model (panel, "processes"));
  g_assert_false (il_scenario_panel_select_model (panel, "mpi"));
  g_assert_cmpstr (il_scenario_panel_get_model (panel), ==, "processes");
  g_assert_cmpint (il_scenario_panel_get_workers (panel), ==,
                   il_scenario_get_workers (il_scenario_panel_get_scenario (panel)));
  il_scenario_panel_set_workers (panel, 7);
  g_assert_cmpint (il_scenario_panel_get_workers (panel), ==, 7);
  settings = il_scenario_panel_dup_settings (panel);
  g_assert_cmpuint (g_strv_length (settings), >, 0);
  g_assert_nonnull (strchr (settings[0], '='));
  g_assert_cmpuint (n, ==, 0);
  il_scenario_panel_set_running (panel, TRUE);
  il_scenario_panel_set_running (panel, FALSE);
  g_object_unref (widget);
}

/* One of a file, opened again after it was changed, takes its own place. */
static void
test_panel_adds_a_file_once (void)
{
  g_autoptr (GPtrArray) scenarios = load_scenarios ();
  g_autoptr (GPtrArray) again = load_scenarios ();
  GtkWidget *widget = g_object_ref_sink (il_scenario_panel_new ());
  IlScenarioPanel *panel = IL_SCENARIO_PANEL (widget);
  IlScenario *newer = g_ptr_array_index (again, 0);

  il_scenario_panel_set_scenarios (panel, scenarios);
  il_scenario_panel_add_scenario (panel, newer);
  g_assert_true (il_scenario_panel_get_scenario (panel) == newer);
  g_object_unref (widget);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/timeline-widget/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("is-accessible", test_timeline_is_accessible);
  ADD ("actions-turn-the-view", test_actions_turn_the_view);
  ADD ("actions-fold-groups", test_actions_fold_groups);
  ADD ("scrolls-only-as-far-as-there-are-lanes", test_scrolls_only_as_far_as_there_are_lanes);
  ADD ("rests-when-nothing-changes", test_rests_when_nothing_changes);
  ADD ("survives-without-a-timeline", test_survives_without_a_timeline);
  g_test_add_func ("/figures-bar/says-what-is-visible", test_figures_say_what_is_visible);
  g_test_add_func ("/share-bar/says-its-shares", test_share_bar_says_its_shares);
  g_test_add_func ("/legend/explains-what-was-seen", test_legend_explains_what_was_seen);
  g_test_add_func ("/banner/folds-where-it-is-narrow", test_banner_folds_where_it_is_narrow);
  g_test_add_func ("/knob-row/tells-when-it-is-turned", test_knob_tells_when_it_is_turned);
  g_test_add_func ("/scenario-panel/takes-what-the-scenario-says",
                   test_panel_takes_what_the_scenario_says);
  g_test_add_func ("/scenario-panel/adds-a-file-once", test_panel_adds_a_file_once);
  return g_test_run ();
}
