/* test-bars.c - figures, shares, legend and banners say what they are given
 *
 * Needs a display.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "shown.h"

#include "il-banner.h"
#include "il-figures-bar.h"
#include "il-findings-pane.h"
#include "il-legend.h"
#include "il-share-bar.h"
#include "il-swatch.h"
#include "il-theme.h"
#include "il-timeline-builder.h"

static void
test_figures_say_what_is_visible (void)
{
  g_autoptr (IlTimeline) timeline = shown_create_timeline ();
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  GtkWidget *window;
  IlRecordingFigures figures = { .n_events = 1204311, .n_lost = 7, .overhead_share = 0.004 };

  il_view_state_set_timeline (state, timeline);
  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  il_figures_bar_set_recording (IL_FIGURES_BAR (bar), &figures);
  window = shown_new (bar);
  il_view_state_set_drawn (state, -20 * MS, 80 * MS);
  while (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) == 0)
    g_main_context_iteration (NULL, TRUE);
  il_figures_bar_set_recording (IL_FIGURES_BAR (bar), NULL);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_finalize_object (state);
}

static void
count_cb (guint *n)
{
  (*n)++;
}

/* Two threads, which read under one lock together from 20 to 40 ms. */
static IlTimeline *
create_readers (void)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_RWLOCK, "shared", 0);
  for (gint32 i = 1; i <= 2; i++)
    {
      const IlLaneInfo info = {
        .kind = IL_LANE_THREAD, .role = IL_LANE_ROLE_WORKER, .number = (guint)i, .name = "Worker"
      };
      const IlRecord records[]
          = { { .kind = IL_RECORD_LANE_BEGIN },
              { .time_ns = i * 10 * MS, .kind = IL_RECORD_RW_ACQUIRE, .object = 1 },
              { .time_ns = (i + 3) * 10 * MS, .kind = IL_RECORD_RW_RELEASE, .object = 1 } };

      il_batch_append (batch, il_timeline_builder_add_lane (builder, &info), records,
                       G_N_ELEMENTS (records));
    }
  il_batch_seal (batch, 100 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

static void
test_figures_tell_of_readers (void)
{
  g_autoptr (IlTimeline) timeline = create_readers ();
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  GtkWidget *window;
  guint readers = IL_SWATCH_SEEN (IL_SWATCH_READERS);

  il_view_state_set_timeline (state, timeline);
  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  window = shown_new (bar);
  il_view_state_set_drawn (state, 11 * MS, 19 * MS);
  while (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) & readers, ==, 0);
  il_view_state_set_drawn (state, 11 * MS, 29 * MS);
  while ((il_figures_bar_get_states (IL_FIGURES_BAR (bar)) & readers) == 0)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_finalize_object (state);
}

/* Of another recording it is said again what is to be seen, also where that is the same. */
static void
test_figures_tell_states_of_each_recording (void)
{
  g_autoptr (IlTimeline) timeline = shown_create_timeline ();
  g_autoptr (IlTimeline) next = shown_create_timeline ();
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  GtkWidget *window;
  guint n_told = 0, states;

  il_view_state_set_timeline (state, timeline);
  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  window = shown_new (bar);
  il_view_state_set_drawn (state, 0, 80 * MS);
  while (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) == 0)
    g_main_context_iteration (NULL, TRUE);
  states = il_figures_bar_get_states (IL_FIGURES_BAR (bar));
  g_signal_connect_swapped (bar, "notify::states", G_CALLBACK (count_cb), &n_told);
  il_view_state_set_timeline (state, next);
  il_view_state_set_drawn (state, 0, 80 * MS);
  while (n_told == 0 || il_figures_bar_get_states (IL_FIGURES_BAR (bar)) != states)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_finalize_object (state);
}

/* However fast frames come, and though they leave no time for anything else. */
static void
test_figures_are_of_the_range_they_name (void)
{
  g_autoptr (IlTimeline) timeline = shown_create_timeline ();
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  GtkWidget *window;
  GtkLabel *range;
  g_autofree char *full = NULL;

  il_view_state_set_timeline (state, timeline);
  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  window = shown_new (bar);
  range = GTK_LABEL (gtk_widget_get_template_child (bar, IL_TYPE_FIGURES_BAR, "range_label"));
  il_view_state_set_drawn (state, 0, 80 * MS);
  while (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) == 0)
    g_main_context_iteration (NULL, TRUE);
  full = g_strdup (gtk_label_get_label (range));
  g_assert_cmpstr (full, !=, "");
  do
    {
      /* Before there was anything. */
      il_view_state_set_drawn (state, -20 * MS, -10 * MS);
      g_assert_true ((il_figures_bar_get_states (IL_FIGURES_BAR (bar)) != 0)
                     == g_str_equal (gtk_label_get_label (range), full));
    }
  while (il_figures_bar_get_states (IL_FIGURES_BAR (bar)) != 0);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_finalize_object (state);
}

static int
needed_height (GtkWidget *widget, int width)
{
  int height;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  return height;
}

/* Where all does not fit side by side, what is of the session does, if it can. */
static void
test_figures_need_few_lines (void)
{
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  IlRecordingFigures figures = { .n_events = 1204311, .scheduler = "every switch recorded" };
  GtkWidget *window = shown_new (bar);
  int narrow, wide;

  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  il_figures_bar_set_recording (IL_FIGURES_BAR (bar), &figures);
  gtk_widget_measure (bar, GTK_ORIENTATION_HORIZONTAL, -1, &narrow, &wide, NULL, NULL);
  g_assert_cmpint (needed_height (bar, narrow), >, needed_height (bar, wide - 1) + 10);
  g_assert_cmpint (needed_height (bar, wide - 1), >, needed_height (bar, wide) + 10);
  gtk_window_destroy (GTK_WINDOW (window));
  g_assert_finalize_object (state);
}

/* The button that leads to the newest moment covers no lane, and nothing moves when it comes. */
static void
test_follow_stands_in_the_bar (void)
{
  g_autoptr (IlTimeline) timeline = shown_create_timeline ();
  IlViewState *state = il_view_state_new ();
  GtkWidget *bar = il_figures_bar_new ();
  GtkWidget *window, *button;
  int height;

  il_view_state_set_timeline (state, timeline);
  il_view_state_set_live (state, TRUE);
  il_view_state_follow (state);
  il_figures_bar_set_view_state (IL_FIGURES_BAR (bar), state);
  window = shown_new (bar);
  button = shown_find (bar, GTK_TYPE_BUTTON);
  g_assert_nonnull (button);
  g_assert_false (gtk_widget_get_visible (button));
  height = needed_height (bar, 900);
  il_view_state_show (state, 0, 10 * MS);
  g_assert_true (gtk_widget_get_visible (button));
  g_assert_cmpint (needed_height (bar, 900), ==, height);
  il_view_state_set_live (state, FALSE);
  g_assert_false (gtk_widget_get_visible (button));
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
  shown_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                         "running 75 %, lock or signal 25 %");
  g_object_unref (bar);
}

/* Bounds of all text below a node. */
static void
collect_texts (GskRenderNode *node, GskTransform *transform, GArray *rects)
{
  if (gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE)
    for (guint i = 0; i < gsk_container_node_get_n_children (node); i++)
      collect_texts (gsk_container_node_get_child (node, i), transform, rects);
  else if (gsk_render_node_get_node_type (node) == GSK_TRANSFORM_NODE)
    {
      GskTransform *inner = gsk_transform_ref (gsk_transform_node_get_transform (node));

      inner = gsk_transform_transform (gsk_transform_ref (transform), inner);
      collect_texts (gsk_transform_node_get_child (node), inner, rects);
      gsk_transform_unref (inner);
    }
  else if (gsk_render_node_get_node_type (node) == GSK_TEXT_NODE)
    {
      graphene_rect_t rect;

      gsk_render_node_get_bounds (node, &rect);
      gsk_transform_transform_bounds (transform, &rect, &rect);
      graphene_rect_inset (&rect, 0, 2); /* nodes are generous above and below the letters */
      g_array_append_val (rects, rect);
    }
}

static void
assert_words_are_apart (GtkWidget *bar, guint n_words)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GArray) rects = g_array_new (FALSE, FALSE, sizeof (graphene_rect_t));
  g_autoptr (GskRenderNode) node = NULL;
  graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, (float)gtk_widget_get_width (bar) + 1,
                                             (float)gtk_widget_get_height (bar) + 1);

  GTK_WIDGET_GET_CLASS (bar)->snapshot (bar, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  collect_texts (node, NULL, rects);
  g_assert_cmpuint (rects->len, ==, n_words);
  for (guint i = 0; i < rects->len; i++)
    {
      const graphene_rect_t *rect = &g_array_index (rects, graphene_rect_t, i);

      g_assert_true (graphene_rect_contains_rect (&area, rect));
      for (guint j = 0; j < i; j++)
        g_assert_false (
            graphene_rect_intersection (rect, &g_array_index (rects, graphene_rect_t, j), NULL));
    }
}

/* Words and not others than where the colours are explained. */
static void
test_share_bar_speaks_as_the_legend (void)
{
  static const char *const words[IL_N_STATES] = {
    [IL_STATE_RUNNING] = "running",
    [IL_STATE_BUSY] = "running otherwise",
    [IL_STATE_SPINNING] = "spinning",
    [IL_STATE_RUNNABLE] = "ready",
    [IL_STATE_LOCK_WAIT] = "lock or signal",
    [IL_STATE_QUEUE_WAIT] = "queue",
    [IL_STATE_IO_WAIT] = "I/O",
    [IL_STATE_SLEEPING] = "sleeping",
    [IL_STATE_JOIN_WAIT] = "others to end",
    [IL_STATE_WAITING] = "not seen for what",
    [IL_STATE_STOPPED] = "stopped",
    [IL_STATE_UNKNOWN] = "not known",
  };

  for (guint state = IL_STATE_NONE + 1; state < IL_N_STATES; state++)
    {
      gint64 states_ns[IL_N_STATES] = { 0 };
      GtkWidget *bar = g_object_ref_sink (il_share_bar_new ());
      g_autofree char *expected = g_strdup_printf ("%s 100 %%", words[state]);

      states_ns[state] = MS;
      il_share_bar_set_states (IL_SHARE_BAR (bar), states_ns);
      shown_assert_property (bar, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, expected);
      g_assert_nonnull (strstr (il_state_get_label_of ((IlState)state, TRUE), words[state]));
      g_object_unref (bar);
    }
}

/* A small share has its word as well, also where it is narrow and between large ones. */
static void
test_share_bar_has_a_word_for_each_state (void)
{
  static const int widths[] = { 1100, 640, 400, 300 };
  const gint64 states_ns[IL_N_STATES] = {
    [IL_STATE_RUNNING] = 500 * MS,  [IL_STATE_RUNNABLE] = 6 * MS, [IL_STATE_LOCK_WAIT] = 7 * MS,
    [IL_STATE_QUEUE_WAIT] = 8 * MS, [IL_STATE_IO_WAIT] = 6 * MS,  [IL_STATE_SLEEPING] = 473 * MS,
    [IL_STATE_UNKNOWN] = 1 * MS,
  };
  GtkWidget *bar = il_share_bar_new ();
  GtkWidget *window;

  gtk_widget_set_halign (bar, GTK_ALIGN_START);
  gtk_widget_set_valign (bar, GTK_ALIGN_START);
  window = shown_new (bar);
  il_share_bar_set_states (IL_SHARE_BAR (bar), states_ns);
  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      gtk_widget_set_size_request (bar, widths[i], -1);
      shown_wait_for_frame (window);
      shown_wait_for_frame (window);
      g_assert_cmpint (gtk_widget_get_width (bar), ==, widths[i]);
      assert_words_are_apart (bar, 6);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static int
measure_height (GtkWidget *widget, int width)
{
  int height;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, &height, NULL, NULL, NULL);

  return height;
}

/* Words that fit where the bar is wide, and not where it becomes narrow for another reason: GTK
 * knows heights of both widths by then, and of all between, from before. */
static void
test_share_bar_is_high_enough (void)
{
  const gint64 one_ns[IL_N_STATES] = { [IL_STATE_RUNNING] = 100 * MS };
  const gint64 many_ns[IL_N_STATES] = {
    [IL_STATE_RUNNING] = 100 * MS,   [IL_STATE_RUNNABLE] = 60 * MS, [IL_STATE_LOCK_WAIT] = 70 * MS,
    [IL_STATE_QUEUE_WAIT] = 80 * MS, [IL_STATE_IO_WAIT] = 60 * MS,  [IL_STATE_SLEEPING] = 70 * MS,
    [IL_STATE_JOIN_WAIT] = 100 * MS,
  };
  GtkWidget *bar = il_share_bar_new ();
  GtkWidget *window;
  int line_height;

  gtk_widget_set_halign (bar, GTK_ALIGN_START);
  gtk_widget_set_valign (bar, GTK_ALIGN_START);
  gtk_widget_set_size_request (bar, 1100, -1);
  window = shown_new (bar);
  il_share_bar_set_states (IL_SHARE_BAR (bar), one_ns);
  shown_wait_for_frame (window);
  shown_wait_for_frame (window);
  g_assert_cmpint (gtk_widget_get_width (bar), ==, 1100);
  gtk_widget_set_size_request (bar, -1, -1);
  line_height = measure_height (bar, 300);
  g_assert_cmpint (measure_height (bar, 1100), ==, line_height);
  il_share_bar_set_states (IL_SHARE_BAR (bar), many_ns);
  gtk_widget_size_allocate (bar, &(GtkAllocation){ 0, 0, 400, line_height }, -1);
  while (measure_height (bar, 400) == line_height)
    g_main_context_iteration (NULL, TRUE);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Whoever sets a text has GTK ask for tooltips anew, and so do the figures five times a second. */
static void
test_share_bar_leaves_tooltips_alone (void)
{
  GtkWidget *bar = g_object_ref_sink (il_share_bar_new ());
  const gint64 states_ns[IL_N_STATES] = { [IL_STATE_RUNNING] = 75 * MS };

  il_share_bar_set_states (IL_SHARE_BAR (bar), states_ns);
  g_assert_true (gtk_widget_get_has_tooltip (bar));
  g_assert_null (gtk_widget_get_tooltip_text (bar));
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
  /* No queues, but locks of which nothing is known yet. */
  il_legend_set_program (IL_LEGEND (legend), TRUE);
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual);
  il_legend_add_seen (IL_LEGEND (legend), 1u << IL_STATE_UNKNOWN);
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual);
  shown_assert_property (gtk_widget_get_last_child (gtk_widget_get_last_child (legend)),
                         GTK_ACCESSIBLE_PROPERTY_LABEL, "core busy, whoever ran");
  shown_assert_property (
      gtk_widget_get_last_child (gtk_widget_get_prev_sibling (gtk_widget_get_last_child (legend))),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "how many wait");
  il_legend_forget_seen (IL_LEGEND (legend));
  il_legend_set_program (IL_LEGEND (legend), FALSE);
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual);
  g_object_unref (legend);
}

/* As it is below a picture. */
static void
test_legend_explains_readers (void)
{
  GtkWidget *legend = g_object_ref_sink (il_legend_new ());
  guint n_usual = n_visible_children (legend);
  GtkWidget *row = gtk_widget_get_last_child (legend);

  while (!g_str_equal (gtk_label_get_label (GTK_LABEL (gtk_widget_get_last_child (row))),
                       "held by readers"))
    row = gtk_widget_get_prev_sibling (row);
  g_assert_false (gtk_widget_get_visible (row));
  il_legend_add_seen (IL_LEGEND (legend), IL_SWATCH_SEEN (IL_SWATCH_READERS));
  g_assert_true (gtk_widget_get_visible (row));
  g_assert_cmpuint (n_visible_children (legend), ==, n_usual + 1);
  il_legend_forget_seen (IL_LEGEND (legend));
  g_assert_false (gtk_widget_get_visible (row));
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

/* By Tab one gets to its buttons and past it: its text, which the pointer can select, holds none.
 */
static void
test_banner_is_no_trap (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *before = gtk_button_new_with_label ("Before");
  GtkWidget *after = gtk_button_new_with_label ("After");
  GtkWidget *banner = il_banner_new (IL_BANNER_ERROR, "Deadlock: A and B wait for each other");
  GtkWidget *window;
  guint n_stops = 0;

  il_banner_add_button (IL_BANNER (banner), "Show", "window.close", NULL);
  gtk_box_append (GTK_BOX (box), before);
  gtk_box_append (GTK_BOX (box), banner);
  gtk_box_append (GTK_BOX (box), after);
  window = shown_new (box);
  shown_wait_for_frame (window);
  gtk_window_set_focus (GTK_WINDOW (window), before);
  while (gtk_window_get_focus (GTK_WINDOW (window)) != after && n_stops++ < 9)
    gtk_widget_child_focus (window, GTK_DIR_TAB_FORWARD);
  g_assert_cmpuint (n_stops, ==, 3);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* --- findings --- */

static const IlFinding two_findings[] = {
  { .kind = IL_FINDING_DEADLOCK,
    .from_ns = 5 * MS,
    .to_ns = 90 * MS,
    .goes_on = TRUE,
    .count = 1,
    .n_lanes = 2,
    .lanes = (const guint[]){ 1, 2 },
    .text = "A holds L and waits for M" },
  { .kind = IL_FINDING_CONVOY,
    .from_ns = 7 * MS,
    .to_ns = 8 * MS,
    .count = 3,
    .n_lanes = 1,
    .lanes = (const guint[]){ 3 },
    .text = "B held L" },
};

static void
set_findings (GtkWidget *pane, guint first, guint n_findings)
{
  IlFindings findings = { .n_findings = n_findings, .findings = (IlFinding *)&two_findings[first] };

  il_findings_pane_set_findings (IL_FINDINGS_PANE (pane), n_findings > 0 ? &findings : NULL);
}

static void
test_findings_come_by_themselves (void)
{
  GtkWidget *pane = il_findings_pane_new ();
  GtkWidget *window = shown_new (pane);
  IlFindingsPane *findings = IL_FINDINGS_PANE (pane);
  guint n = 0;

  g_signal_connect_swapped (pane, "activated", G_CALLBACK (shown_count_cb), &n);
  g_assert_false (gtk_widget_get_visible (pane));
  g_assert_null (il_findings_pane_get_activated (findings));
  il_findings_pane_move (findings, 1);
  g_assert_cmpuint (n, ==, 0);

  set_findings (pane, 1, 1);
  g_assert_true (gtk_widget_get_visible (pane));
  shown_wait_for_frame (window);
  il_findings_pane_move (findings, 1);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpint (il_findings_pane_get_activated (findings)->kind, ==, IL_FINDING_CONVOY);

  /* A graver one comes before it: what is selected stays so, and nothing is activated by that. */
  set_findings (pane, 0, 2);
  g_assert_cmpint (il_findings_pane_get_activated (findings)->kind, ==, IL_FINDING_CONVOY);
  g_assert_cmpuint (n, ==, 1);
  il_findings_pane_move (findings, 1);
  g_assert_cmpint (il_findings_pane_get_activated (findings)->kind, ==, IL_FINDING_DEADLOCK);
  il_findings_pane_move (findings, -1);
  g_assert_cmpint (il_findings_pane_get_activated (findings)->kind, ==, IL_FINDING_CONVOY);
  il_findings_pane_activate (findings, IL_FINDING_DEADLOCK);
  g_assert_cmpstr (il_findings_pane_get_activated (findings)->text, ==, two_findings[0].text);
  g_assert_cmpuint (n, ==, 4);

  set_findings (pane, 0, 0);
  g_assert_false (gtk_widget_get_visible (pane));
  g_assert_null (il_findings_pane_get_activated (findings));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  g_test_add_func ("/figures-bar/says-what-is-visible", test_figures_say_what_is_visible);
  g_test_add_func ("/figures-bar/tells-states-of-each-recording",
                   test_figures_tell_states_of_each_recording);
  g_test_add_func ("/figures-bar/tell-of-readers", test_figures_tell_of_readers);
  g_test_add_func ("/figures-bar/are-of-the-range-they-name",
                   test_figures_are_of_the_range_they_name);
  g_test_add_func ("/figures-bar/needs-few-lines", test_figures_need_few_lines);
  g_test_add_func ("/figures-bar/follow-stands-in-the-bar", test_follow_stands_in_the_bar);
  g_test_add_func ("/share-bar/says-its-shares", test_share_bar_says_its_shares);
  g_test_add_func ("/share-bar/speaks-as-the-legend", test_share_bar_speaks_as_the_legend);
  g_test_add_func ("/share-bar/has-a-word-for-each-state",
                   test_share_bar_has_a_word_for_each_state);
  g_test_add_func ("/share-bar/is-high-enough", test_share_bar_is_high_enough);
  g_test_add_func ("/share-bar/leaves-tooltips-alone", test_share_bar_leaves_tooltips_alone);
  g_test_add_func ("/legend/explains-what-was-seen", test_legend_explains_what_was_seen);
  g_test_add_func ("/legend/explains-readers", test_legend_explains_readers);
  g_test_add_func ("/banner/folds-where-it-is-narrow", test_banner_folds_where_it_is_narrow);
  g_test_add_func ("/banner/is-no-trap", test_banner_is_no_trap);
  g_test_add_func ("/findings/come-by-themselves", test_findings_come_by_themselves);
  return g_test_run ();
}
