/* test-timeline-widget.c - the timeline says what it is to assistive technology, and does what its
 * actions are called
 *
 * Needs a display.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shown.h"

#include "il-timeline-builder.h"
#include "il-timeline-widget-private.h"

typedef struct
{
  GtkWidget *window;
  GtkWidget *widget;
  IlViewState *state;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = shown_create_timeline ();

  fixture->state = il_view_state_new ();
  fixture->widget = il_timeline_widget_new ();
  il_timeline_widget_set_view_state (IL_TIMELINE_WIDGET (fixture->widget), fixture->state);
  il_view_state_set_timeline (fixture->state, timeline);
  fixture->window = shown_new (fixture->widget);
  shown_wait_for_frame (fixture->window);
  shown_wait_for_frame (fixture->window);
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
  GtkWidget *child = IL_TIMELINE_WIDGET (fixture->widget)->group_buttons[IL_GROUP_CORES];

  g_assert_true (
      gtk_test_accessible_has_role (GTK_ACCESSIBLE (fixture->widget), GTK_ACCESSIBLE_ROLE_IMG));
  shown_assert_property (fixture->widget, GTK_ACCESSIBLE_PROPERTY_LABEL, "Timeline");
  shown_assert_property (fixture->widget, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                         "Visible range 0.000 – 0.100\302\240s, 100 ms of 100 ms");
  shown_assert_property (child, GTK_ACCESSIBLE_PROPERTY_LABEL, "Cores");
}

static void
activate (Fixture *fixture, const char *action)
{
  g_assert_true (gtk_widget_activate_action (fixture->widget, action, NULL));
  shown_wait_for_frame (fixture->window);
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
  shown_wait_for_frame (fixture->window);
  shown_wait_for_frame (fixture->window);
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
  shown_wait_for_frame (fixture->window);
  after = dup_picture (fixture->widget);
  g_assert_true (before == after);
  activate (fixture, "timeline.zoom-in");
  do
    {
      shown_wait_for_frame (fixture->window);
      g_clear_pointer (&moved, gsk_render_node_unref);
      moved = dup_picture (fixture->widget);
    }
  while (moved == before);
}

static void
slow_cb (GdkFrameClock *clock, guint *n_frames)
{
  g_usleep (25000); /* stands for work, or for a machine that is busy otherwise */
  ++*n_frames;
}

static gboolean
flag_cb (gpointer data)
{
  *(gboolean *)data = TRUE;

  return G_SOURCE_REMOVE;
}

/* Though each frame takes longer than the time between two, of which GTK's own registration at the
 * accessibility bus would never come to its turn. */
static void
test_slow_frames_leave_time (Fixture *fixture, gconstpointer data)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (fixture->widget);
  guint n_frames = 0;
  gboolean reached = FALSE;

  g_signal_connect (clock, "update", G_CALLBACK (slow_cb), &n_frames);
  il_view_state_set_live (fixture->state, TRUE);
  activate (fixture, "timeline.zoom-in");
  while (n_frames < 5)
    g_main_context_iteration (NULL, TRUE);
  g_idle_add (flag_cb, &reached);
  n_frames = 0;
  while (!reached && n_frames < 50)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (reached);
  n_frames = 0;
  while (n_frames < 5)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (clock, &n_frames);
  il_view_state_set_live (fixture->state, FALSE);
}

static char *
dup_menu_labels (GtkWidget *widget)
{
  GtkWidget *menu = shown_find (widget, GTK_TYPE_POPOVER_MENU);
  GMenuModel *model = gtk_popover_menu_get_menu_model (GTK_POPOVER_MENU (menu));
  g_autoptr (GString) labels = g_string_new (NULL);

  for (int i = 0; i < g_menu_model_get_n_items (model); i++)
    {
      g_autoptr (GMenuModel) section = g_menu_model_get_item_link (model, i, G_MENU_LINK_SECTION);

      for (int j = 0; j < g_menu_model_get_n_items (section); j++)
        {
          g_autofree char *label = NULL;

          g_menu_model_get_item_attribute (section, j, G_MENU_ATTRIBUTE_LABEL, "s", &label);
          g_string_append_printf (labels, "%s;", label);
        }
    }
  gtk_popover_popdown (GTK_POPOVER (menu));

  return g_strdup (labels->str);
}

static gboolean
is_described (GtkWidget *widget, const char *expected)
{
  g_autofree char *found = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, expected);

  return found == NULL;
}

/* By keyboard as by pointer: the lane is pointed out, and while it lives there is something to be
 * done to its worker. */
static void
test_lane_has_a_menu (Fixture *fixture, gconstpointer data)
{
  guint n_lanes;
  const guint *lanes;
  g_autofree char *live = NULL;
  g_autofree char *ended = NULL;

  activate (fixture, "timeline.lane-below");
  lanes = il_view_state_get_selection (fixture->state, &n_lanes, NULL, NULL);
  g_assert_cmpuint (n_lanes, ==, 1);
  g_assert_cmpuint (lanes[0], ==, 0);
  while (
      !is_described (fixture->widget,
                     "Visible range 0.000 – 0.100\302\240s, 100 ms of 100 ms. Selected: Worker 1"))
    shown_wait_for_frame (fixture->window);

  il_view_state_set_live (fixture->state, TRUE);
  activate (fixture, "timeline.menu");
  live = dup_menu_labels (fixture->widget);
  g_assert_cmpstr (live, ==,
                   "_Step Worker 1;_Kill Worker 1;_Crash Worker 1;Zoom _In;Zoom _Out;_Whole "
                   "Recording;");
  il_view_state_set_live (fixture->state, FALSE);
  activate (fixture, "timeline.menu");
  ended = dup_menu_labels (fixture->widget);
  g_assert_cmpstr (ended, ==, "Zoom _In;Zoom _Out;_Whole Recording;");

  activate (fixture, "timeline.unselect");
  il_view_state_get_selection (fixture->state, &n_lanes, NULL, NULL);
  g_assert_cmpuint (n_lanes, ==, 0);
}

/* Who leads to a lane finds it, also in a group that is folded. */
static void
test_selected_lane_comes_into_sight (Fixture *fixture, gconstpointer data)
{
  activate (fixture, "timeline.toggle-workers");
  g_assert_true (il_view_state_get_collapsed (fixture->state, IL_GROUP_WORKERS));
  il_view_state_select_lane (fixture->state, 0);
  g_assert_false (il_view_state_get_collapsed (fixture->state, IL_GROUP_WORKERS));
}

/* So many threads, and then a lock. */
static IlTimeline *
create_crowd (guint n_threads)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < n_threads; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);
      const IlLaneInfo info
          = { .kind = IL_LANE_THREAD, .role = IL_LANE_ROLE_WORKER, .number = i + 1, .name = name };

      il_timeline_builder_add_lane (builder, &info);
    }
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_LOCK, "A", 0);
  il_batch_seal (batch, 100 * MS);
  il_timeline_builder_add_batch (builder, batch);

  return timeline;
}

static GArray *
list_in_sight (Fixture *fixture)
{
  IlTimelineWidget *widget = IL_TIMELINE_WIDGET (fixture->widget);
  double height = gtk_widget_get_height (fixture->widget);
  GArray *places = il_timeline_widget_list_lanes (widget);

  for (guint i = places->len; i-- > 0;)
    {
      const IlLanePlace *place = &g_array_index (places, IlLanePlace, i);

      if (place->y < widget->scroll_y + widget->ruler_height
          || place->y + place->height > widget->scroll_y + height)
        g_array_remove_index (places, i);
    }

  return places;
}

/* The first thread, the last one and the lock stand far from each other: what is between them makes
 * room, until something else is pointed out, or nothing. */
static void
test_evidence_comes_into_sight_whole (Fixture *fixture, gconstpointer data)
{
  static const guint evidence[] = { 0, 39, 40 };
  g_autoptr (IlTimeline) timeline = create_crowd (40);
  g_autoptr (GArray) places = NULL;
  IlTimelineWidget *widget = IL_TIMELINE_WIDGET (fixture->widget);

  il_view_state_set_timeline (fixture->state, timeline);
  shown_wait_for_frame (fixture->window);
  il_view_state_select (fixture->state, evidence, 3, 0, G_MAXINT64);
  places = list_in_sight (fixture);
  g_assert_cmpuint (places->len, ==, 3);
  g_assert_true (gtk_widget_get_visible (widget->all_button));

  /* One of them is looked at more closely. */
  il_view_state_select_lane (fixture->state, 39);
  g_assert_true (gtk_widget_get_visible (widget->all_button));

  activate (fixture, "timeline.unselect");
  g_assert_false (gtk_widget_get_visible (widget->all_button));
  g_array_unref (places);
  places = il_timeline_widget_list_lanes (widget);
  g_assert_cmpuint (places->len, ==, 41);

  /* What fits anyway is but scrolled to. */
  il_view_state_select (fixture->state, &evidence[1], 2, 0, G_MAXINT64);
  g_assert_false (gtk_widget_get_visible (widget->all_button));
  g_array_unref (places);
  places = list_in_sight (fixture);
  g_assert_nonnull (il_timeline_widget_find_place (places, 39));
  g_assert_nonnull (il_timeline_widget_find_place (places, 40));
}

static void
wait_for_height (Fixture *fixture, int height)
{
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), 900, height);
  while (gtk_widget_get_height (fixture->widget) != height)
    shown_wait_for_frame (fixture->window);
  shown_wait_for_frame (fixture->window);
}

/* A pane that opens below does not hide what was looked for; who scrolls is left where that is. */
static void
test_evidence_stays_in_sight (Fixture *fixture, gconstpointer data)
{
  static const guint evidence[] = { 2, 3, 8 };
  g_autoptr (IlTimeline) timeline = create_crowd (8);
  g_autoptr (GArray) places = NULL;
  IlTimelineWidget *widget = IL_TIMELINE_WIDGET (fixture->widget);

  il_view_state_set_timeline (fixture->state, timeline);
  wait_for_height (fixture, 400);
  il_view_state_select (fixture->state, evidence, 3, 0, G_MAXINT64);
  g_assert_false (gtk_widget_get_visible (widget->all_button));
  wait_for_height (fixture, 300);
  places = list_in_sight (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (evidence); i++)
    g_assert_nonnull (il_timeline_widget_find_place (places, evidence[i]));
  wait_for_height (fixture, 200);
  g_assert_true (gtk_widget_get_visible (widget->all_button));

  il_view_state_unselect (fixture->state);
  wait_for_height (fixture, 300);
  il_view_state_select (fixture->state, evidence, 3, 0, G_MAXINT64);
  il_timeline_widget_scroll_to (widget, 0);
  wait_for_height (fixture, 280);
  g_assert_cmpfloat (widget->scroll_y, ==, 0);
}

/* In the picture as the widget shows it. */
static IlBox
find_mark_box (Fixture *fixture)
{
  IlTimelineView view;
  g_autoptr (IlTimelineLayout) layout = NULL;
  const IlBox *boxes;
  gsize n_boxes;

  il_timeline_widget_get_view (IL_TIMELINE_WIDGET (fixture->widget), &view);
  layout = il_timeline_layout_new (il_view_state_get_timeline (fixture->state), &view);
  boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_MARK)
      return boxes[i];
  g_assert_not_reached ();
}

/* Who clicks what is pointed out gets to its evidence, as from the list of findings. */
static void
test_mark_leads_to_its_evidence (Fixture *fixture, gconstpointer data)
{
  static const guint evidence[] = { 0 };
  const IlMark mark = { .severity = IL_MARK_ERROR,
                        .begin_ns = 20000000,
                        .end_ns = G_MAXINT64,
                        .n_lanes = 1,
                        .lanes = evidence,
                        .title = "Deadlock: Worker 1" };
  g_autoptr (IlMarks) marks = il_marks_new ();
  g_autoptr (GskRenderNode) before = dup_picture (fixture->widget);
  g_autoptr (GskRenderNode) marked = NULL;
  IlTimelineWidget *widget = IL_TIMELINE_WIDGET (fixture->widget);
  gint64 begin_ns, end_ns;
  guint n_lanes;
  const guint *lanes;
  IlBox box;

  il_marks_add (marks, &mark);
  il_view_state_set_marks (fixture->state, marks);
  do
    {
      shown_wait_for_frame (fixture->window);
      g_clear_pointer (&marked, gsk_render_node_unref);
      marked = dup_picture (fixture->widget);
    }
  while (marked == before);
  box = find_mark_box (fixture);
  il_timeline_widget_click (widget, (double)box.x + 3, (double)box.y + 3);
  lanes = il_view_state_get_selection (fixture->state, &n_lanes, &begin_ns, &end_ns);
  g_assert_cmpmem (lanes, n_lanes * sizeof *lanes, evidence, sizeof evidence);
  g_assert_cmpint (begin_ns, ==, mark.begin_ns);
  g_assert_cmpint (end_ns, ==, mark.end_ns);
  il_view_state_set_marks (fixture->state, NULL);
  shown_wait_for_frame (fixture->window);
}

static void
test_survives_without_a_timeline (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_timeline (fixture->state, NULL);
  shown_wait_for_frame (fixture->window);
  activate (fixture, "timeline.zoom-in");
  activate (fixture, "timeline.page-down");
  il_timeline_widget_set_view_state (IL_TIMELINE_WIDGET (fixture->widget), NULL);
  gtk_widget_activate_action (fixture->widget, "timeline.zoom-in", NULL);
  shown_wait_for_frame (fixture->window);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/timeline-widget/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  ADD ("is-accessible", test_timeline_is_accessible);
  ADD ("actions-turn-the-view", test_actions_turn_the_view);
  ADD ("actions-fold-groups", test_actions_fold_groups);
  ADD ("scrolls-only-as-far-as-there-are-lanes", test_scrolls_only_as_far_as_there_are_lanes);
  ADD ("rests-when-nothing-changes", test_rests_when_nothing_changes);
  ADD ("slow-frames-leave-time", test_slow_frames_leave_time);
  ADD ("lane-has-a-menu", test_lane_has_a_menu);
  ADD ("selected-lane-comes-into-sight", test_selected_lane_comes_into_sight);
  ADD ("evidence-comes-into-sight-whole", test_evidence_comes_into_sight_whole);
  ADD ("evidence-stays-in-sight", test_evidence_stays_in_sight);
  ADD ("mark-leads-to-its-evidence", test_mark_leads_to_its_evidence);
  ADD ("survives-without-a-timeline", test_survives_without_a_timeline);
  return g_test_run ();
}
