/* test-view-state.c - zoom, pan, fit and follow: the range is never empty, never gets lost, and
 * tells of each change
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-view-state.h"

#define MS G_GINT64_CONSTANT (1000000)
#define SECOND (1000 * MS)

typedef struct
{
  IlViewState *state;
  guint n_notified;
} Fixture;

static void
notify_cb (GObject *object, GParamSpec *pspec, gpointer data)
{
  ++*(guint *)data;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->state = il_view_state_new ();
  il_view_state_set_end (fixture->state, 10 * SECOND);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_finalize_object (fixture->state);
}

static void
assert_range (IlViewState *state, gint64 begin_ns, gint64 end_ns)
{
  g_assert_cmpint (il_view_state_get_range_begin (state), ==, begin_ns);
  g_assert_cmpint (il_view_state_get_range_end (state), ==, end_ns);
}

static void
test_begins_at_zero (Fixture *fixture, gconstpointer data)
{
  assert_range (fixture->state, 0, IL_VIEW_DEFAULT_SPAN_NS);
  g_assert_cmpint (il_view_state_get_mode (fixture->state), ==, IL_VIEW_FREE);
}

static void
test_shows_a_range (Fixture *fixture, gconstpointer data)
{
  il_view_state_show (fixture->state, 2 * SECOND, 3 * SECOND);
  assert_range (fixture->state, 2 * SECOND, 3 * SECOND);
}

static void
test_zoom_keeps_the_anchor (Fixture *fixture, gconstpointer data)
{
  il_view_state_show (fixture->state, 2 * SECOND, 4 * SECOND);
  il_view_state_zoom (fixture->state, 2, 2 * SECOND + 500 * MS);
  assert_range (fixture->state, 2 * SECOND + 250 * MS, 3 * SECOND + 250 * MS);
  il_view_state_zoom (fixture->state, 0.5, 2 * SECOND + 500 * MS);
  assert_range (fixture->state, 2 * SECOND, 4 * SECOND);
}

static void
test_zoom_ends_somewhere (Fixture *fixture, gconstpointer data)
{
  for (int i = 0; i < 100; i++)
    il_view_state_zoom_centre (fixture->state, 2);
  g_assert_cmpint (il_view_state_get_span (fixture->state), ==, IL_VIEW_MIN_SPAN_NS);
  for (int i = 0; i < 100; i++)
    il_view_state_zoom_centre (fixture->state, 0.5);
  g_assert_cmpint (il_view_state_get_span (fixture->state), ==, 12 * SECOND + 500 * MS);
}

static void
test_pan_stays_at_the_recording (Fixture *fixture, gconstpointer data)
{
  il_view_state_show (fixture->state, 2 * SECOND, 4 * SECOND);
  il_view_state_pan (fixture->state, -500 * MS);
  assert_range (fixture->state, SECOND + 500 * MS, 3 * SECOND + 500 * MS);
  il_view_state_pan (fixture->state, -100 * SECOND);
  assert_range (fixture->state, 0, 2 * SECOND);
  il_view_state_pan (fixture->state, 100 * SECOND);
  assert_range (fixture->state, 8 * SECOND, 10 * SECOND);
}

/* A zoom about a moment near an end leaves room beside the recording. */
static void
test_pan_comes_back_from_beside (Fixture *fixture, gconstpointer data)
{
  il_view_state_show (fixture->state, 9 * SECOND, 11 * SECOND);
  il_view_state_pan (fixture->state, SECOND);
  assert_range (fixture->state, 9 * SECOND, 11 * SECOND);
  il_view_state_pan (fixture->state, -500 * MS);
  assert_range (fixture->state, 8 * SECOND + 500 * MS, 10 * SECOND + 500 * MS);
  il_view_state_show (fixture->state, 0, 12 * SECOND);
  il_view_state_pan (fixture->state, -100 * SECOND);
  assert_range (fixture->state, -2 * SECOND, 10 * SECOND);
}

static void
test_fit_grows (Fixture *fixture, gconstpointer data)
{
  il_view_state_fit (fixture->state);
  assert_range (fixture->state, 0, 10 * SECOND);
  il_view_state_set_end (fixture->state, 12 * SECOND);
  assert_range (fixture->state, 0, 12 * SECOND);
  il_view_state_pan (fixture->state, SECOND);
  g_assert_cmpint (il_view_state_get_mode (fixture->state), ==, IL_VIEW_FIT);
  il_view_state_zoom_centre (fixture->state, 2);
  il_view_state_pan (fixture->state, SECOND);
  il_view_state_set_end (fixture->state, 13 * SECOND);
  assert_range (fixture->state, 4 * SECOND, 10 * SECOND);
}

static void
test_fit_of_nothing (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_end (fixture->state, 0);
  il_view_state_fit (fixture->state);
  assert_range (fixture->state, 0, IL_VIEW_MIN_SPAN_NS);
}

static void
test_follow_moves_the_right_edge (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_live (fixture->state, TRUE);
  il_view_state_follow (fixture->state);
  g_assert_true (il_view_state_get_following (fixture->state));
  assert_range (fixture->state, 10 * SECOND - IL_VIEW_DEFAULT_SPAN_NS, 10 * SECOND);
  il_view_state_set_end (fixture->state, 11 * SECOND);
  assert_range (fixture->state, 11 * SECOND - IL_VIEW_DEFAULT_SPAN_NS, 11 * SECOND);
}

/* Before there is as much as is shown, the recording grows into the view from its left. */
static void
test_follow_begins_at_zero (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_end (fixture->state, 10 * MS);
  il_view_state_set_live (fixture->state, TRUE);
  il_view_state_follow (fixture->state);
  assert_range (fixture->state, 0, IL_VIEW_DEFAULT_SPAN_NS);
}

static void
test_follow_survives_zoom (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_live (fixture->state, TRUE);
  il_view_state_follow (fixture->state);
  il_view_state_zoom (fixture->state, 2, 0);
  g_assert_true (il_view_state_get_following (fixture->state));
  assert_range (fixture->state, 10 * SECOND - IL_VIEW_DEFAULT_SPAN_NS / 2, 10 * SECOND);
}

static void
test_pan_leaves_follow_and_comes_back (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_live (fixture->state, TRUE);
  il_view_state_follow (fixture->state);
  il_view_state_pan (fixture->state, -SECOND);
  g_assert_false (il_view_state_get_following (fixture->state));
  il_view_state_set_end (fixture->state, 10 * SECOND + 100 * MS);
  assert_range (fixture->state, 9 * SECOND - IL_VIEW_DEFAULT_SPAN_NS, 9 * SECOND);
  il_view_state_pan (fixture->state, 2 * SECOND);
  g_assert_true (il_view_state_get_following (fixture->state));
  g_assert_cmpint (il_view_state_get_range_end (fixture->state), ==, 10 * SECOND + 100 * MS);
}

static void
test_end_of_run_keeps_the_range (Fixture *fixture, gconstpointer data)
{
  il_view_state_set_live (fixture->state, TRUE);
  il_view_state_follow (fixture->state);
  il_view_state_set_live (fixture->state, FALSE);
  g_assert_false (il_view_state_get_following (fixture->state));
  assert_range (fixture->state, 10 * SECOND - IL_VIEW_DEFAULT_SPAN_NS, 10 * SECOND);
}

/* End, of a recording that does not grow, goes to its end. */
static void
test_follow_of_a_file (Fixture *fixture, gconstpointer data)
{
  il_view_state_show (fixture->state, 0, 2 * SECOND);
  il_view_state_follow (fixture->state);
  assert_range (fixture->state, 8 * SECOND, 10 * SECOND);
  g_assert_false (il_view_state_get_following (fixture->state));
}

static void
test_new_timeline_is_shown_whole (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();

  il_view_state_show (fixture->state, 5 * SECOND, 6 * SECOND);
  il_view_state_set_timeline (fixture->state, timeline);
  g_assert_true (il_view_state_get_timeline (fixture->state) == timeline);
  g_assert_cmpint (il_view_state_get_range_begin (fixture->state), ==, 0);
  g_assert_cmpint (il_view_state_get_end (fixture->state), ==, il_timeline_get_end (timeline));
  il_view_state_set_timeline (fixture->state, NULL);
  g_assert_null (il_view_state_get_timeline (fixture->state));
}

static void
test_tells_of_changes_alone (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  il_view_state_show (fixture->state, SECOND, 2 * SECOND);
  g_signal_connect (fixture->state, "notify::range-begin", G_CALLBACK (notify_cb), &n);
  il_view_state_show (fixture->state, SECOND, 2 * SECOND);
  g_assert_cmpuint (n, ==, 0);
  il_view_state_show (fixture->state, SECOND, 3 * SECOND);
  g_assert_cmpuint (n, ==, 0);
  il_view_state_pan (fixture->state, SECOND);
  g_assert_cmpuint (n, ==, 1);
}

static void
test_collapses_groups (Fixture *fixture, gconstpointer data)
{
  guint n = 0;

  g_signal_connect (fixture->state, "notify::collapsed", G_CALLBACK (notify_cb), &n);
  il_view_state_set_collapsed (fixture->state, IL_GROUP_LOCKS, TRUE);
  il_view_state_set_collapsed (fixture->state, IL_GROUP_LOCKS, TRUE);
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (il_view_state_get_collapsed (fixture->state, IL_GROUP_LOCKS));
  g_assert_false (il_view_state_get_collapsed (fixture->state, IL_GROUP_CORES));
  il_view_state_set_collapsed (fixture->state, IL_GROUP_LOCKS, FALSE);
  g_assert_cmpuint (n, ==, 2);
}

/* Whatever a user does in whatever order: the range stays one. */
static void
test_random_walk (Fixture *fixture, gconstpointer data)
{
  GRand *random = g_rand_new_with_seed (2026);

  for (int i = 0; i < 20000; i++)
    {
      gint64 span_ns = il_view_state_get_span (fixture->state);

      switch (g_rand_int_range (random, 0, 7))
        {
        case 0:
          il_view_state_zoom (fixture->state, g_rand_double_range (random, 0.01, 100),
                              g_rand_int (random) * MS / 100);
          break;
        case 1:
          il_view_state_pan (fixture->state,
                             (gint64)(g_rand_double_range (random, -3, 3) * (double)span_ns));
          break;
        case 2:
          il_view_state_fit (fixture->state);
          break;
        case 3:
          il_view_state_follow (fixture->state);
          break;
        case 4:
          il_view_state_set_live (fixture->state, g_rand_boolean (random));
          break;
        case 5:
          il_view_state_set_end (fixture->state, g_rand_int (random) * (MS / 10));
          break;
        default:
          il_view_state_reset_zoom (fixture->state);
          break;
        }
      span_ns = il_view_state_get_span (fixture->state);
      g_assert_cmpint (span_ns, >=, IL_VIEW_MIN_SPAN_NS);
      g_assert_cmpint (span_ns, <, 1000000 * SECOND);
      g_assert_cmpint (il_view_state_get_range_end (fixture->state), >=, 0);
    }
  g_rand_free (random);
}

static void
test_drawn_is_within_the_recording (Fixture *fixture, gconstpointer data)
{
  gint64 begin_ns, end_ns;

  g_assert_false (il_view_state_get_drawn (fixture->state, &begin_ns, &end_ns));
  il_view_state_set_drawn (fixture->state, -2 * SECOND, 12 * SECOND);
  g_assert_true (il_view_state_get_drawn (fixture->state, &begin_ns, &end_ns));
  g_assert_cmpint (begin_ns, ==, 0);
  g_assert_cmpint (end_ns, ==, 10 * SECOND);
  il_view_state_set_drawn (fixture->state, -2 * SECOND, -1 * SECOND);
  g_assert_false (il_view_state_get_drawn (fixture->state, &begin_ns, &end_ns));
}

static void
count_cb (guint *n)
{
  ++*n;
}

static void
test_selects_lanes (Fixture *fixture, gconstpointer data)
{
  const guint lanes[] = { 4, 2 };
  g_autoptr (IlTimeline) other = il_timeline_new ();
  const guint *selected;
  guint n_lanes, n = 0;
  gint64 begin_ns, end_ns;

  g_signal_connect_swapped (fixture->state, "selected", G_CALLBACK (count_cb), &n);
  g_assert_false (il_view_state_unselect (fixture->state));
  g_assert_cmpuint (n, ==, 0);
  il_view_state_select (fixture->state, lanes, 2, SECOND, 2 * SECOND);
  selected = il_view_state_get_selection (fixture->state, &n_lanes, &begin_ns, &end_ns);
  g_assert_cmpuint (n_lanes, ==, 2);
  g_assert_cmpuint (selected[0], ==, 4);
  g_assert_cmpuint (selected[1], ==, 2);
  g_assert_cmpint (begin_ns, ==, SECOND);
  g_assert_cmpint (end_ns, ==, 2 * SECOND);
  il_view_state_select_lane (fixture->state, 7);
  selected = il_view_state_get_selection (fixture->state, &n_lanes, NULL, NULL);
  g_assert_cmpuint (n_lanes, ==, 1);
  g_assert_cmpuint (selected[0], ==, 7);
  g_assert_cmpuint (n, ==, 2);

  /* Lanes of another timeline are others. */
  il_view_state_set_timeline (fixture->state, other);
  il_view_state_get_selection (fixture->state, &n_lanes, NULL, NULL);
  g_assert_cmpuint (n_lanes, ==, 0);
}

/* All of what is short, with something before and after it; of what is long its begin. */
static void
test_shows_evidence (Fixture *fixture, gconstpointer data)
{
  static const gint64 lengths_ns[] = { 0, MS, 50 * MS, 9 * SECOND };

  for (guint i = 0; i < G_N_ELEMENTS (lengths_ns); i++)
    {
      gint64 begin_ns = SECOND, end_ns = begin_ns + lengths_ns[i];

      il_view_state_fit (fixture->state);
      il_view_state_show_evidence (fixture->state, begin_ns, end_ns);
      g_assert_cmpint (il_view_state_get_mode (fixture->state), ==, IL_VIEW_FREE);
      g_assert_cmpint (il_view_state_get_range_begin (fixture->state), <, begin_ns);
      g_assert_cmpint (il_view_state_get_range_end (fixture->state), >,
                       MIN (end_ns, begin_ns + 100 * MS));
      g_assert_cmpint (il_view_state_get_span (fixture->state), <=, SECOND);
    }
}

#define ADD(path, function)                                                                        \
  g_test_add ("/view-state/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("begins-at-zero", test_begins_at_zero);
  ADD ("shows-a-range", test_shows_a_range);
  ADD ("zoom-keeps-the-anchor", test_zoom_keeps_the_anchor);
  ADD ("zoom-ends-somewhere", test_zoom_ends_somewhere);
  ADD ("pan-stays-at-the-recording", test_pan_stays_at_the_recording);
  ADD ("pan-comes-back-from-beside", test_pan_comes_back_from_beside);
  ADD ("fit-grows", test_fit_grows);
  ADD ("fit-of-nothing", test_fit_of_nothing);
  ADD ("follow-moves-the-right-edge", test_follow_moves_the_right_edge);
  ADD ("follow-begins-at-zero", test_follow_begins_at_zero);
  ADD ("follow-survives-zoom", test_follow_survives_zoom);
  ADD ("pan-leaves-follow-and-comes-back", test_pan_leaves_follow_and_comes_back);
  ADD ("end-of-run-keeps-the-range", test_end_of_run_keeps_the_range);
  ADD ("follow-of-a-file", test_follow_of_a_file);
  ADD ("new-timeline-is-shown-whole", test_new_timeline_is_shown_whole);
  ADD ("tells-of-changes-alone", test_tells_of_changes_alone);
  ADD ("collapses-groups", test_collapses_groups);
  ADD ("drawn-is-within-the-recording", test_drawn_is_within_the_recording);
  ADD ("selects-lanes", test_selects_lanes);
  ADD ("shows-evidence", test_shows_evidence);
  ADD ("random-walk", test_random_walk);
  return g_test_run ();
}
