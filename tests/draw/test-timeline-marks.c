/* test-timeline-marks.c - marks are seen, are told in full, and cover nothing that was recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"
#include "il-timeline-paint-private.h"
#include "picture.h"
#include "scene.h"

#include <string.h>

static const guint both_workers[] = { SCENE_WORKER_1, SCENE_WORKER_2 };

static const IlMark deadlock = { .severity = IL_MARK_ERROR,
                                 .begin_ns = 3 * MS,
                                 .end_ns = 5 * MS,
                                 .n_lanes = 2,
                                 .lanes = both_workers,
                                 .title = "Deadlock: Worker 1, Worker 2",
                                 .text = "Both wait for each other" };
static const IlMark convoy = { .severity = IL_MARK_WARNING,
                               .begin_ns = 4 * MS,
                               .end_ns = G_MAXINT64,
                               .n_lanes = 1,
                               .lanes = both_workers,
                               .title = "Convoy: Worker 1",
                               .text = "It holds the lock for long" };

static IlTimelineView
view_with (IlMarks *marks)
{
  IlTimelineView view = picture_view;

  view.show_legend = FALSE;
  view.marks = marks;
  return view;
}

static const IlBox *
find_mark (const IlTimelineLayout *layout, guint index)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_MARK && index-- == 0)
      return &boxes[i];
  return NULL;
}

static guint
count_marks (const IlTimelineLayout *layout)
{
  guint n = 0;

  while (find_mark (layout, n) != NULL)
    n++;
  return n;
}

/* Whether a column has that colour anywhere from one height to another. */
static gboolean
column_has (cairo_surface_t *image, double x, double from, double to, guint32 colour)
{
  for (int y = (int)from; y < (int)to; y++)
    if (picture_get_pixel (image, (int)x, y) == colour)
      return TRUE;
  return FALSE;
}

static void
test_between_ruler_and_lanes (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  IlTimelineView bare = view_with (NULL);
  g_autoptr (IlTimelineLayout) without = il_timeline_layout_new (timeline, &bare);
  g_autoptr (IlTimelineLayout) none = il_timeline_layout_new (timeline, &view);
  g_autoptr (IlTimelineLayout) with = NULL;
  const IlBox *box;

  g_assert_cmpint (none->lanes_top, ==, without->lanes_top);
  il_marks_add (marks, &deadlock);
  with = il_timeline_layout_new (timeline, &view);
  g_assert_cmpuint (count_marks (without), ==, 0);
  g_assert_cmpuint (count_marks (with), ==, 1);
  box = find_mark (with, 0);
  g_assert_cmpfloat (box->y, >=, with->ruler_bottom);
  g_assert_cmpfloat (box->y + box->height, <=, with->lanes_top);
  g_assert_cmpfloat (box->x, <=, il_timeline_layout_time_to_x (with, 3 * MS) + 1);
  g_assert_cmpfloat (box->x + box->width, >=, il_timeline_layout_time_to_x (with, 5 * MS) - 1);
  g_assert_cmpfloat (il_timeline_layout_get_content_height (with)
                         - il_timeline_layout_get_content_height (without),
                     ==, with->lanes_top - without->lanes_top);
}

/* What is said at the box's left end. */
static char *
describe_mark (IlTimeline *timeline, const IlTimelineLayout *layout, const IlBox *box)
{
  return il_timeline_describe (timeline, layout, box->x + 2.0, box->y + box->height / 2.0);
}

static void
test_near_ones_stand_below_each_other (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  il_marks_add (marks, &deadlock);
  il_marks_add (marks, &convoy);
  layout = il_timeline_layout_new (timeline, &view);
  g_assert_cmpuint (count_marks (layout), ==, 2);
  g_assert_cmpfloat (find_mark (layout, 1)->y, >=,
                     find_mark (layout, 0)->y + find_mark (layout, 0)->height);
  first = describe_mark (timeline, layout, find_mark (layout, 0));
  second = describe_mark (timeline, layout, find_mark (layout, 1));
  g_assert_true (g_str_has_prefix (first, "Deadlock: Worker 1, Worker 2\nBoth wait for each other\n"
                                          "0.003"));
  g_assert_true (g_str_has_prefix (second, "Convoy: Worker 1\nIt holds the lock for long\nsince"));
  g_assert_cmpstr (il_timeline_get_mark (layout, find_mark (layout, 1))->title, ==, convoy.title);
}

static void
test_many_are_told_together (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  g_autoptr (IlTimelineLayout) layout = NULL;
  guint n_told = 0;

  il_marks_add (marks, &deadlock);
  for (guint i = 0; i < 20; i++)
    il_marks_add (marks, &convoy);
  layout = il_timeline_layout_new (timeline, &view);
  g_assert_cmpuint (count_marks (layout), ==, 3);
  for (guint i = 0; i < layout->mark_items->len; i++)
    {
      const IlMarkItem *item = &g_array_index (layout->mark_items, IlMarkItem, i);
      g_autofree char *text = describe_mark (timeline, layout, find_mark (layout, i));

      n_told += item->n_marks;
      if (item->n_marks > 1)
        g_assert_true (strstr (text, "19 findings\nConvoy: Worker 1\nIt holds") == text
                       && strstr (text, "and 13 more") != NULL);
    }
  g_assert_cmpuint (n_told, ==, 21);
}

static void
test_none_without_its_time (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  g_autoptr (IlTimelineLayout) before = NULL;
  g_autoptr (IlTimelineLayout) during = NULL;

  il_marks_add (marks, &deadlock);
  view.end_ns = 2 * MS;
  before = il_timeline_layout_new (timeline, &view);
  view = view_with (marks);
  view.begin_ns = 4 * MS;
  during = il_timeline_layout_new (timeline, &view);
  g_assert_cmpuint (count_marks (before), ==, 0);
  g_assert_cmpuint (count_marks (during), ==, 1);
  /* Nothing jumps when one comes into sight. */
  g_assert_cmpint (before->lanes_top, ==, during->lanes_top);
}

static void
test_legend (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  g_autoptr (IlTimelineLayout) layout = NULL;

  il_marks_add (marks, &convoy);
  view.show_legend = TRUE;
  layout = il_timeline_layout_new (timeline, &view);
  g_assert_true (picture_has_legend (layout, IL_LEGEND_WARNING));
  g_assert_false (picture_has_legend (layout, IL_LEGEND_ERROR));
}

static void
test_lane_tells_what_it_is_evidence_of (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  g_autoptr (IlTimelineLayout) layout = NULL;
  const IlRow *row = NULL;
  g_autofree char *then = NULL;
  g_autofree char *later = NULL;

  il_marks_add (marks, &deadlock);
  layout = il_timeline_layout_new (timeline, &view);
  for (guint i = 0; i < layout->rows->len; i++)
    if (g_array_index (layout->rows, IlRow, i).lane == SCENE_WORKER_2)
      row = &g_array_index (layout->rows, IlRow, i);
  g_assert_nonnull (row);
  then = il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, 4 * MS),
                               (row->y0 + row->y1) / 2.0);
  later = il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, 8 * MS),
                                (row->y0 + row->y1) / 2.0);
  g_assert_true (g_str_has_suffix (then, "\nDeadlock: Worker 1, Worker 2"));
  g_assert_null (strstr (later, "Deadlock"));
}

/* Each pixel of each strip is what it is without marks. */
static void
check_strips (cairo_surface_t *image, const IlTimelineLayout *layout, cairo_surface_t *bare,
              const IlTimelineLayout *without)
{
  g_assert_cmpuint (layout->strips->len, ==, without->strips->len);
  for (guint i = 0; i < layout->strips->len; i++)
    {
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, i);
      const IlStrip *other = &g_array_index (without->strips, IlStrip, i);

      for (int y = 0; y < strip->y1 - strip->y0; y++)
        for (int x = layout->plot_x; x < layout->plot_x + layout->n_columns; x++)
          g_assert_cmphex (picture_get_pixel (image, x, strip->y0 + y), ==,
                           picture_get_pixel (bare, x, other->y0 + y));
    }
}

/* Patterns begin at the picture's top, and lanes lie lower below marks. */
static IlTheme
theme_without_patterns (void)
{
  IlTheme theme = *il_theme_get (FALSE);

  for (guint s = 0; s < IL_N_STATES; s++)
    theme.states[s].pattern = IL_PATTERN_SOLID;
  return theme;
}

static void
test_nothing_is_covered (void)
{
  const IlTheme theme = theme_without_patterns ();
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  IlTimelineView bare = view_with (NULL);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  g_autoptr (IlTimelinePainter) other = il_timeline_painter_new ();
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autoptr (IlTimelineLayout) without = il_timeline_layout_new (timeline, &bare);

  il_marks_add (marks, &deadlock);
  layout = il_timeline_layout_new (timeline, &view);
  check_strips (il_timeline_painter_render (painter, layout, &theme), layout,
                il_timeline_painter_render (other, without, &theme), without);
}

static void
test_range_is_painted (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const IlTheme *theme = il_theme_get (dark != 0);
      g_autoptr (IlTimeline) timeline = scene_new ();
      g_autoptr (IlMarks) marks = il_marks_new ();
      IlTimelineView view = view_with (marks);
      g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
      g_autoptr (IlTimelineLayout) layout = NULL;
      cairo_surface_t *image;
      double inside, outside;

      il_marks_add (marks, &deadlock);
      layout = il_timeline_layout_new (timeline, &view);
      image = il_timeline_painter_render (painter, layout, theme);
      inside = il_timeline_layout_time_to_x (layout, 4500000);
      outside = il_timeline_layout_time_to_x (layout, 8 * MS);
      g_assert_true (
          column_has (image, inside, layout->ruler_bottom, layout->lanes_top, theme->error));
      g_assert_false (
          column_has (image, outside, layout->ruler_bottom, layout->lanes_top, theme->error));
      for (guint i = 0; i < layout->rows->len; i++)
        {
          const IlRow *row = &g_array_index (layout->rows, IlRow, i);
          gboolean is_evidence = row->kind == IL_BOX_LANE
                                 && (row->lane == SCENE_WORKER_1 || row->lane == SCENE_WORKER_2);

          g_assert_cmpint (column_has (image, inside, row->y0, row->y1, theme->error), ==,
                           is_evidence);
          g_assert_false (column_has (image, outside, row->y0, row->y1, theme->error));
        }
    }
}

/* One that has room for most of it does not begin before what it tells of; a brief one that comes
 * last is moved, to be read. */
static void
test_title_begins_with_its_time (void)
{
  static const gint64 begins_ns[] = { 2 * MS, 5 * MS };
  g_autoptr (IlTimeline) timeline = scene_new ();

  for (guint i = 0; i < G_N_ELEMENTS (begins_ns); i++)
    {
      g_autoptr (IlMarks) marks = il_marks_new ();
      IlTimelineView view = view_with (marks);
      g_autoptr (IlTimelineLayout) layout = NULL;
      g_autofree char *title = NULL;
      IlMark late = deadlock;
      double begin, right;

      layout = il_timeline_layout_new (timeline, &view);
      begin = il_timeline_layout_time_to_x (layout, 2 * MS);
      right = il_timeline_layout_get_plot_x (layout) + il_timeline_layout_get_plot_width (layout);
      /* Somewhat wider than there is room for from the first of these. */
      title = g_strnfill ((gsize)((right - begin) / il_estimate_text_width ("x", IL_MARK_FONT)) + 5,
                          'x');
      late.begin_ns = begins_ns[i];
      late.end_ns = G_MAXINT64;
      late.title = title;
      il_marks_add (marks, &late);
      g_clear_pointer (&layout, il_timeline_layout_free);
      layout = il_timeline_layout_new (timeline, &view);
      begin = il_timeline_layout_time_to_x (layout, begins_ns[i]);
      if (i == 0)
        g_assert_cmpfloat_with_epsilon (find_mark (layout, 0)->x, begin, 1);
      else
        g_assert_cmpfloat (find_mark (layout, 0)->x, <, begin - 10);
    }
}

/* A title that is longer than what it tells of does not look like it took that long. */
static void
test_title_is_no_length (void)
{
  const IlMark brief = { .severity = IL_MARK_WARNING,
                         .begin_ns = 2 * MS,
                         .end_ns = 2 * MS + MS / 10,
                         .n_lanes = 2,
                         .lanes = both_workers,
                         .title = "Opposite lock orders: Worker 1, Worker 2",
                         .text = "One after the other" };
  const IlTheme *theme = il_theme_get (FALSE);
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlMarks) marks = il_marks_new ();
  IlTimelineView view = view_with (marks);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  g_autoptr (IlTimelineLayout) layout = NULL;
  cairo_surface_t *image;
  const IlBox *box;
  double end;

  il_marks_add (marks, &brief);
  layout = il_timeline_layout_new (timeline, &view);
  image = il_timeline_painter_render (painter, layout, theme);
  box = find_mark (layout, 0);
  end = il_timeline_layout_time_to_x (layout, brief.end_ns);
  g_assert_cmpfloat ((double)box->x + box->width, >, end + 20);
  for (int x = (int)end + 2; x < (int)(box->x + box->width); x++)
    g_assert_cmphex (picture_get_pixel (image, x, (int)box->y), !=,
                     picture_get_pixel (image, (int)end - 2, (int)box->y));
}

static void
test_colours_can_be_told (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const IlTheme *theme = il_theme_get (dark != 0);

      g_assert_cmpfloat (il_colour_contrast (theme->error, theme->background), >=, 4.5);
      g_assert_cmpfloat (il_colour_contrast (theme->warning, theme->background), >=, 4.5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline-marks/between-ruler-and-lanes", test_between_ruler_and_lanes);
  g_test_add_func ("/timeline-marks/near-ones-stand-below-each-other",
                   test_near_ones_stand_below_each_other);
  g_test_add_func ("/timeline-marks/many-are-told-together", test_many_are_told_together);
  g_test_add_func ("/timeline-marks/none-without-its-time", test_none_without_its_time);
  g_test_add_func ("/timeline-marks/legend", test_legend);
  g_test_add_func ("/timeline-marks/lane-tells-what-it-is-evidence-of",
                   test_lane_tells_what_it_is_evidence_of);
  g_test_add_func ("/timeline-marks/nothing-is-covered", test_nothing_is_covered);
  g_test_add_func ("/timeline-marks/range-is-painted", test_range_is_painted);
  g_test_add_func ("/timeline-marks/title-begins-with-its-time", test_title_begins_with_its_time);
  g_test_add_func ("/timeline-marks/title-is-no-length", test_title_is_no_length);
  g_test_add_func ("/timeline-marks/colours-can-be-told", test_colours_can_be_told);
  return g_test_run ();
}
