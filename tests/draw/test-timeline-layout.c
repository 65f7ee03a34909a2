/* test-timeline-layout.c - which boxes there are, and where
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"
#include "scene.h"
#include "simulation.h"

#include <math.h>
#include <string.h>

static const IlTimelineView whole
    = { .begin_ns = 0, .end_ns = 10 * MS, .width = 1132, .height = 700, .scale = 1 };

static guint
count_boxes (const IlTimelineLayout *layout, IlBoxKind kind, guint32 lane)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  guint n = 0;

  for (gsize i = 0; i < n_boxes; i++)
    n += boxes[i].kind == kind && (lane == G_MAXUINT32 || boxes[i].lane == lane);
  return n;
}

static const IlBox *
find_box (const IlTimelineLayout *layout, IlBoxKind kind, guint32 lane, guint number)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == kind && boxes[i].lane == lane && number-- == 0)
      return &boxes[i];
  g_assert_not_reached ();
}

/* What must hold for every layout whatsoever. */
static void
check_layout (const IlTimelineLayout *layout, const IlTimelineView *view)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  double plot_x = il_timeline_layout_get_plot_x (layout);
  double plot_end = plot_x + il_timeline_layout_get_plot_width (layout);
  const IlBox *row = NULL;

  g_assert_cmpuint (n_boxes, >=, 1);
  g_assert_cmpint (boxes[0].kind, ==, IL_BOX_RULER);
  for (gsize i = 0; i < n_boxes; i++)
    {
      const IlBox *box = &boxes[i];

      g_assert_true (isfinite (box->x) && isfinite (box->y));
      g_assert_cmpfloat (box->width, >=, 0);
      g_assert_cmpfloat (box->height, >=, 0);
      if (box->kind == IL_BOX_LANE || box->kind == IL_BOX_GROUP)
        {
          if (row != NULL)
            g_assert_cmpfloat (box->y, >=, row->y + row->height - 0.01);
          g_assert_cmpfloat (box->y + box->height, >, 0);
          g_assert_cmpfloat (box->y, <, view->height);
          row = box;
        }
      else if (box->kind >= IL_BOX_SPAN && box->kind <= IL_BOX_LEVEL)
        {
          g_assert_nonnull (row);
          g_assert_cmpuint (row->lane, ==, box->lane);
          g_assert_cmpfloat (box->x, >=, plot_x - 0.01);
          g_assert_cmpfloat (box->x + box->width, <=, plot_end + 0.01);
          g_assert_cmpfloat (box->y, >=, row->y - 0.01);
          g_assert_cmpfloat (box->y + box->height, <=, row->y + row->height + 0.01);
          g_assert_cmpfloat (box->width, >, 0);
        }
    }
}

static IlTimelineLayout *
lay_out (IlTimeline *timeline, const IlTimelineView *view)
{
  IlTimelineLayout *layout = il_timeline_layout_new (timeline, view);

  check_layout (layout, view);
  return layout;
}

static void
test_rows (void)
{
  static const struct
  {
    IlBoxKind kind;
    IlGroup group;
    guint32 lane;
    float y, height;
  } rows[] = {
    { IL_BOX_GROUP, IL_GROUP_CORES, G_MAXUINT32, 26, 24 },
    { IL_BOX_LANE, IL_GROUP_CORES, SCENE_CORE_0, 56, 40 },
    { IL_BOX_LANE, IL_GROUP_CORES, SCENE_CORE_1, 96, 40 },
    { IL_BOX_GROUP, IL_GROUP_WORKERS, G_MAXUINT32, 138, 24 },
    { IL_BOX_LANE, IL_GROUP_WORKERS, SCENE_WORKER_1, 168, 30 },
    { IL_BOX_LANE, IL_GROUP_WORKERS, SCENE_WORKER_2, 198, 30 },
    { IL_BOX_LANE, IL_GROUP_WORKERS, SCENE_SUBMITTER, 228, 30 },
    { IL_BOX_GROUP, IL_GROUP_LOCKS, G_MAXUINT32, 260, 24 },
    { IL_BOX_LANE, IL_GROUP_LOCKS, SCENE_LOCK, 290, 42 },
    { IL_BOX_GROUP, IL_GROUP_QUEUES, G_MAXUINT32, 334, 24 },
    { IL_BOX_LANE, IL_GROUP_QUEUES, SCENE_QUEUE, 364, 60 },
  };
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &whole);
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  guint n_rows = 0;

  for (gsize i = 0; i < n_boxes; i++)
    {
      if (boxes[i].kind != IL_BOX_GROUP && boxes[i].kind != IL_BOX_LANE)
        continue;
      g_assert_cmpuint (n_rows, <, G_N_ELEMENTS (rows));
      g_assert_cmpint (boxes[i].kind, ==, rows[n_rows].kind);
      g_assert_cmpint (boxes[i].group, ==, rows[n_rows].group);
      g_assert_cmpuint (boxes[i].lane, ==, rows[n_rows].lane);
      g_assert_cmpfloat (boxes[i].y, ==, rows[n_rows].y);
      g_assert_cmpfloat (boxes[i].height, ==, rows[n_rows].height);
      n_rows++;
    }
  g_assert_cmpuint (n_rows, ==, G_N_ELEMENTS (rows));
  g_assert_cmpfloat (il_timeline_layout_get_content_height (layout), ==, 426);
  g_assert_cmpfloat (il_timeline_natural_height (timeline, &whole), ==, 426);
}

static void
test_axis (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &whole);
  double plot_x = il_timeline_layout_get_plot_x (layout);
  double width = il_timeline_layout_get_plot_width (layout);

  g_assert_cmpfloat (plot_x, >=, 118);
  g_assert_cmpfloat (plot_x + width, ==, 1118);
  g_assert_cmpint (il_timeline_layout_x_to_time (layout, plot_x), ==, 0);
  g_assert_cmpint (il_timeline_layout_x_to_time (layout, plot_x + width), ==, 10 * MS);
  for (gint64 time_ns = -5 * MS; time_ns < 20 * MS; time_ns += 12345)
    {
      double x = il_timeline_layout_time_to_x (layout, time_ns);

      g_assert_cmpint (ABS (il_timeline_layout_x_to_time (layout, x + 1e-6) - time_ns), <=, 1);
    }
}

/* States of Worker 2, with where they begin, as the head of scene.h shows them. */
static void
test_spans (void)
{
  static const struct
  {
    IlState state;
    gint64 begin_ms, end_ms;
  } spans[] = {
    { IL_STATE_BUSY, 0, 1 },    { IL_STATE_RUNNING, 1, 3 }, { IL_STATE_LOCK_WAIT, 3, 5 },
    { IL_STATE_RUNNING, 5, 6 }, { IL_STATE_IO_WAIT, 6, 7 }, { IL_STATE_QUEUE_WAIT, 7, 10 },
  };
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &whole);

  g_assert_cmpuint (count_boxes (layout, IL_BOX_MIXED, G_MAXUINT32), ==, 0);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_WORKER_2), ==, G_N_ELEMENTS (spans));
  for (guint i = 0; i < G_N_ELEMENTS (spans); i++)
    {
      const IlBox *box = find_box (layout, IL_BOX_SPAN, SCENE_WORKER_2, i);

      g_assert_cmpint (IL_CODE_STATE (box->code), ==, spans[i].state);
      g_assert_cmpfloat_with_epsilon (
          box->x, il_timeline_layout_time_to_x (layout, spans[i].begin_ms * MS), 1);
      g_assert_cmpfloat_with_epsilon (
          box->x + box->width, il_timeline_layout_time_to_x (layout, spans[i].end_ms * MS), 1);
      g_assert_cmpfloat (box->height, ==, 22);
    }
}

static void
test_ribbons_and_levels (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &whole);
  const IlBox *first = find_box (layout, IL_BOX_SPAN, SCENE_LOCK, 0);
  const IlBox *second = find_box (layout, IL_BOX_SPAN, SCENE_LOCK, 1);

  g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_LOCK), ==, 2);
  g_assert_cmpuint (IL_CODE_SUBJECT (first->code), ==, SCENE_WORKER_1 + 1);
  g_assert_cmpuint (IL_CODE_SUBJECT (second->code), ==, SCENE_WORKER_2 + 1);
  g_assert_cmpfloat (first->height, ==, 17);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_CORE_0), ==, 1);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_CORE_1), ==, 2);
  /* Waiters of the lock: none, one, none; usage of core 0: two values. */
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LEVEL, SCENE_LOCK), >=, 3);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LEVEL, SCENE_LOCK), <=, 5);
  g_assert_cmpuint (find_box (layout, IL_BOX_LEVEL, SCENE_LOCK, 0)->code, ==, 0);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LEVEL, SCENE_QUEUE), >=, 3);
}

static void
test_collapsed (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;
  double before = il_timeline_natural_height (timeline, &view);

  view.collapsed[IL_GROUP_WORKERS] = TRUE;
  layout = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_GROUP, G_MAXUINT32), ==, 4);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, G_MAXUINT32), ==, 4);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, SCENE_WORKER_1), ==, 0);
  g_assert_cmpfloat (il_timeline_natural_height (timeline, &view), <=, before - 90);
}

/* Of evidence alone there are rows, without what stands between; what is said of all stays. */
static void
test_only_some (void)
{
  static const guint evidence[] = { SCENE_LOCK, SCENE_WORKER_2 };
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  g_autofree char *text = NULL;
  const IlBox *box;

  il_timeline_layout_free (il_timeline_painter_layout (painter, timeline, &view));
  view.only = evidence;
  view.n_only = G_N_ELEMENTS (evidence);
  layout = il_timeline_painter_layout (painter, timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, G_MAXUINT32), ==, 2);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_GROUP, G_MAXUINT32), ==, 2);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, SCENE_LOCK), ==, 1);
  box = find_box (layout, IL_BOX_LANE, SCENE_WORKER_2, 0);
  text = il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, 2 * MS),
                               box->y + 10);
  g_assert_nonnull (strstr (text, "on core 1"));

  il_timeline_layout_free (g_steal_pointer (&layout));
  view.n_only = 0;
  layout = il_timeline_painter_layout (painter, timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, G_MAXUINT32), ==, 7);
}

/* What is out of sight has no boxes; the rest is where it was, moved up. */
static void
test_scrolled (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;

  view.height = 200;
  view.scroll_y = 175;
  layout = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, SCENE_CORE_0), ==, 0);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, SCENE_WORKER_1), ==, 0);
  g_assert_cmpfloat (find_box (layout, IL_BOX_LANE, SCENE_WORKER_2, 0)->y, ==, 198 - 175);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_WORKER_2), ==, 6);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, SCENE_QUEUE), ==, 1);
  g_assert_cmpfloat (il_timeline_layout_get_content_height (layout), ==, 426);
}

static void
test_supervisor_alone (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  IlLaneInfo info = { .role = IL_LANE_ROLE_SUPERVISOR, .name = "Supervisor" };
  g_autoptr (IlTimelineLayout) alone = NULL;
  g_autoptr (IlTimelineLayout) together = NULL;

  il_timeline_builder_add_lane (builder, &info);
  alone = lay_out (timeline, &whole);
  g_assert_cmpuint (count_boxes (alone, IL_BOX_LANE, 0), ==, 1);

  info.role = IL_LANE_ROLE_THREAD;
  info.name = "main";
  il_timeline_builder_add_lane (builder, &info);
  together = lay_out (timeline, &whole);
  g_assert_cmpuint (count_boxes (together, IL_BOX_LANE, 0), ==, 0);
  g_assert_cmpuint (count_boxes (together, IL_BOX_LANE, 1), ==, 1);
}

static void
test_outside (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) wide = NULL;
  g_autoptr (IlTimelineLayout) after = NULL;
  g_autoptr (IlTimelineLayout) before = NULL;
  const IlBox *last;

  view.begin_ns = -10 * MS;
  view.end_ns = 20 * MS;
  wide = lay_out (timeline, &view);
  g_assert_cmpfloat (find_box (wide, IL_BOX_SPAN, SCENE_WORKER_2, 0)->x, >=,
                     il_timeline_layout_time_to_x (wide, 0) - 1);
  last = find_box (wide, IL_BOX_SPAN, SCENE_WORKER_2, 5);
  g_assert_cmpfloat (last->x + last->width, <=, il_timeline_layout_time_to_x (wide, 10 * MS) + 1);

  view.begin_ns = 11 * MS;
  view.end_ns = 12 * MS;
  after = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (after, IL_BOX_SPAN, G_MAXUINT32), ==, 0);
  g_assert_cmpuint (count_boxes (after, IL_BOX_LEVEL, G_MAXUINT32), ==, 0);
  g_assert_cmpuint (count_boxes (after, IL_BOX_LANE, G_MAXUINT32), ==, 7);

  view.begin_ns = -12 * MS;
  view.end_ns = -11 * MS;
  before = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (before, IL_BOX_SPAN, G_MAXUINT32), ==, 0);
  g_assert_cmpuint (count_boxes (before, IL_BOX_LEVEL, G_MAXUINT32), ==, 0);
}

static void
test_nothing (void)
{
  g_autoptr (IlTimeline) none = il_timeline_new ();
  g_autoptr (IlTimeline) empty = scene_new_empty ();
  g_autoptr (IlTimelineLayout) layout = lay_out (none, &whole);
  g_autoptr (IlTimelineLayout) lanes = lay_out (empty, &whole);
  gsize n_boxes;

  il_timeline_layout_get_boxes (layout, &n_boxes);
  g_assert_cmpuint (n_boxes, ==, 1);
  g_assert_cmpuint (count_boxes (lanes, IL_BOX_SPAN, G_MAXUINT32), ==, 0);
  g_assert_cmpuint (count_boxes (lanes, IL_BOX_LANE, G_MAXUINT32), ==, 7);
}

/* A nanosecond, ten days, everything in between; sizes from nothing on; all scales. */
static void
test_extremes (void)
{
  static const double sizes[][2]
      = { { 0, 0 },      { 1, 1 },    { 10, 10 },    { 10, 1000 }, { 1000, 10 },
          { 200, 26.5 }, { 333, 77 }, { 1280, 720 }, { -5, 100 },  { 99999, 30.5 } };
  static const double scales[] = { 1, 1.25, 1.5, 2, 3, 0, -1 };
  static const gint64 lengths_ns[] = { 0, 1, 2, 100, 1000, 1000000, 10 * MS, 864000000000000 };
  static const gint64 begins_ns[] = { 0, 1, -1, 5 * MS, -7777777, 864000000000000 };
  g_autoptr (IlTimeline) timeline = scene_new ();

  for (guint a = 0; a < G_N_ELEMENTS (sizes); a++)
    for (guint b = 0; b < G_N_ELEMENTS (scales); b++)
      for (guint c = 0; c < G_N_ELEMENTS (lengths_ns); c++)
        for (guint d = 0; d < G_N_ELEMENTS (begins_ns); d++)
          {
            IlTimelineView view = { .begin_ns = begins_ns[d],
                                    .end_ns = begins_ns[d] + lengths_ns[c],
                                    .width = sizes[a][0],
                                    .height = sizes[a][1],
                                    .scale = scales[b],
                                    .show_legend = TRUE,
                                    .caption = "caption" };
            g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &view);

            g_free (il_timeline_describe (timeline, layout, 5, 5));
            il_timeline_pick (layout, view.width / 2, view.height / 2);
            il_timeline_layout_x_to_time (layout, 1e300);
            il_timeline_layout_x_to_time (layout, -1e300);
          }
}

/* One nanosecond across the picture: its column is as wide as the plot. */
static void
test_one_nanosecond (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;
  const IlBox *box;

  view.begin_ns = 3 * MS;
  view.end_ns = 3 * MS + 1;
  layout = lay_out (timeline, &view);
  box = find_box (layout, IL_BOX_SPAN, SCENE_WORKER_2, 0);
  g_assert_cmpint (IL_CODE_STATE (box->code), ==, IL_STATE_LOCK_WAIT);
  g_assert_cmpfloat (box->width, ==, il_timeline_layout_get_plot_width (layout));
}

/* Ten days: ten milliseconds are less than a pixel, and still seen. */
static void
test_ten_days (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;

  view.end_ns = G_GINT64_CONSTANT (864000000000000);
  layout = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_MIXED, SCENE_WORKER_2), <=, 1);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_WORKER_2)
                        + count_boxes (layout, IL_BOX_MIXED, SCENE_WORKER_2),
                    ==, 1);
}

/* Panning by whole columns moves boxes by whole pixels and changes none of them. */
static void
test_pan_is_steady (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = NULL;
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) first = NULL;

  plan.duration_ns = 400 * MS;
  timeline = simulate (&plan);
  view.begin_ns = 100 * MS;
  view.end_ns = 200 * MS;
  first = lay_out (timeline, &view);
  for (int shift = 1; shift < 40; shift += 3)
    {
      gint64 column_ns = (gint64)(100 * MS / il_timeline_layout_get_plot_width (first));
      g_autoptr (IlTimelineLayout) layout = NULL;
      guint n_same = 0;
      gsize n_boxes, n_first;
      const IlBox *boxes, *first_boxes;
      g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

      view.begin_ns = 100 * MS + shift * column_ns + column_ns / 7;
      view.end_ns = view.begin_ns + 100 * MS;
      layout = lay_out (timeline, &view);
      boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
      first_boxes = il_timeline_layout_get_boxes (first, &n_first);
      for (gsize i = 0; i < n_first; i++)
        if (first_boxes[i].kind == IL_BOX_SPAN)
          g_hash_table_add (seen,
                            GUINT_TO_POINTER (first_boxes[i].lane << 20 | first_boxes[i].bin));
      for (gsize i = 0; i < n_boxes; i++)
        if (boxes[i].kind == IL_BOX_SPAN)
          n_same += g_hash_table_contains (
              seen, GUINT_TO_POINTER (boxes[i].lane << 20 | (boxes[i].bin + (guint)shift)));
      g_assert_cmpuint (n_same * 100, >,
                        93 * count_boxes (layout, IL_BOX_SPAN, G_MAXUINT32) - 4000);
    }
}

static void
test_mixed (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = simulate (&plan);
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;

  view.width = 300;
  view.end_ns = plan.duration_ns;
  layout = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_MIXED, G_MAXUINT32), >, 20);
}

static void
test_scales (void)
{
  static const double scales[] = { 1, 1.5, 2 };
  g_autoptr (IlTimeline) timeline = scene_new ();

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    {
      IlTimelineView view = whole;
      g_autoptr (IlTimelineLayout) layout = NULL;
      gsize n_boxes;
      const IlBox *boxes;

      view.scale = scales[i];
      layout = lay_out (timeline, &view);
      boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
      for (gsize j = 1; j < n_boxes; j++)
        {
          double left = boxes[j].x * scales[i];
          double top = boxes[j].y * scales[i];

          g_assert_cmpfloat_with_epsilon (left, round (left), 0.01);
          g_assert_cmpfloat_with_epsilon (top, round (top), 0.01);
        }
      g_assert_cmpuint (count_boxes (layout, IL_BOX_SPAN, SCENE_WORKER_2), ==, 6);
    }
}

static gboolean
has_legend (const IlTimelineLayout *layout, guint32 code)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LEGEND && boxes[i].code == code)
      return TRUE;
  return FALSE;
}

static void
test_footer (void)
{
  static const guint32 strips[] = { IL_LEGEND_USAGE, IL_LEGEND_IDENTITY, IL_LEGEND_LEVEL,
                                    IL_LEGEND_LIMIT, IL_LEGEND_WAITERS };
  g_autoptr (IlTimeline) timeline = scene_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;

  view.show_legend = TRUE;
  view.caption = "A caption";
  view.height = il_timeline_natural_height (timeline, &view);
  g_assert_cmpfloat (view.height, >, 426 + 40);
  layout = lay_out (timeline, &view);
  /* Running, busy, lock, queue and I/O waits, sleeping or unknown of the submitter; cores, and what
   * stands in the strips of objects. */
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LEGEND, G_MAXUINT32), >=, 6);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LEGEND, G_MAXUINT32), <=, 12);
  for (guint i = 0; i < G_N_ELEMENTS (strips); i++)
    g_assert_true (has_legend (layout, strips[i]));
  g_assert_cmpuint (count_boxes (layout, IL_BOX_CAPTION, G_MAXUINT32), ==, 1);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, G_MAXUINT32), ==, 7);
}

static IlTimeline *
new_crowd (guint n_workers)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);

  for (guint i = 0; i < n_workers; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);
      IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER, .number = i + 1, .name = name };

      il_timeline_builder_add_lane (builder, &info);
    }
  return timeline;
}

/* The height of a worker's row. */
static double
row_height_of (IlTimeline *timeline, const IlTimelineView *view)
{
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, view);
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LANE)
      return boxes[i].height;
  g_assert_not_reached ();
}

/* Rows become lower, but not so low that their names have no place, unless that is allowed, or they
 * have none anyway. */
static void
test_rows_fit (void)
{
  static const struct
  {
    guint n_workers;
    double height;
    gboolean keeps_names, fits;
    double row_height;
  } cases[] = {
    { 10, 700, TRUE, TRUE, 30 },    { 10, 260, TRUE, TRUE, 18 },   { 10, 100, TRUE, FALSE, 12 },
    { 10, 100, FALSE, TRUE, 2 },    { 50, 700, TRUE, TRUE, 12 },   { 50, 400, TRUE, FALSE, 12 },
    { 50, 400, FALSE, TRUE, 2 },    { 2000, 9000, TRUE, TRUE, 2 }, { 2000, 3000, TRUE, TRUE, 1 },
    { 2000, 1000, TRUE, FALSE, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (IlTimeline) timeline = new_crowd (cases[i].n_workers);
      IlTimelineView view = whole;
      double needed;

      view.height = cases[i].height;
      needed = il_timeline_fit_rows (timeline, &view, cases[i].keeps_names);
      g_assert_cmpint (needed <= view.height, ==, cases[i].fits);
      g_assert_cmpfloat (needed, ==, il_timeline_natural_height (timeline, &view));
      g_assert_cmpfloat (row_height_of (timeline, &view), ==, cases[i].row_height);
    }
}

/* A thousand lanes: only those in sight cost. */
static void
test_many_lanes (void)
{
  g_autoptr (IlTimeline) timeline = new_crowd (1000);
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;

  view.scroll_y = 5000;
  layout = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, G_MAXUINT32), >=, 50);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, G_MAXUINT32), <=, 60);
  g_assert_cmpfloat (il_timeline_layout_get_content_height (layout), >, 12000);
}

/* Worker 1 loses events twice: between 3 and 5 ms, and at a moment, 8 ms. */
static IlTimeline *
make_lossy (void)
{
  static const IlRecord records[] = {
    { 0, IL_RECORD_LANE_BEGIN, 0, 0 },
    { 0, IL_RECORD_SCHED_IN, 0, 0 },
    { 0, IL_RECORD_IDLE, 0, 0 },
    { 3 * MS, IL_RECORD_TASK_BEGIN, 0, 0 },
    { 5 * MS, IL_RECORD_LOST, 0, 12040 },
    { 5 * MS, IL_RECORD_IDLE, 0, 0 },
    { 8 * MS, IL_RECORD_SLEEP_BEGIN, 0, 0 },
    { 8 * MS, IL_RECORD_LOST, 0, 1 },
    { 8 * MS, IL_RECORD_IDLE, 0, 0 },
  };
  IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER, .number = 1, .name = "Worker 1" };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  il_timeline_builder_add_lane (builder, &info);
  il_batch_append (batch, 0, records, G_N_ELEMENTS (records));
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

/* A gap is a box, and a moment's is as wide as a pixel; what is drawn is found and told. */
static void
test_losses (void)
{
  static const struct
  {
    gint64 at_ns;
    double width;
    const char *text;
  } cases[] = {
    { 4 * MS, 200, "Worker 1: 12\342\200\257040 events lost here: its buffer was full\n" },
    { 8 * MS, 1, "Worker 1: 1 event lost here: its buffer was full\n" },
  };
  g_autoptr (IlTimeline) timeline = make_lossy ();
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &whole);
  const IlBox *row = find_box (layout, IL_BOX_LANE, 0, 0);

  g_assert_cmpuint (count_boxes (layout, IL_BOX_LOST, 0), ==, G_N_ELEMENTS (cases));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const IlBox *box = find_box (layout, IL_BOX_LOST, 0, i);
      double x = il_timeline_layout_time_to_x (layout, cases[i].at_ns) + 0.1;
      double y = row->y + 10;
      g_autofree char *text = il_timeline_describe (timeline, layout, x, y);

      g_assert_cmpfloat_with_epsilon (box->width, cases[i].width, 1.01);
      g_assert_cmpfloat (box->width, >=, 1);
      g_assert_true (il_timeline_pick (layout, x, y) == box);
      g_assert_cmpuint (IL_CODE_STATE (box->code), ==, IL_STATE_UNKNOWN);
      g_assert_true (g_str_has_prefix (text, cases[i].text));
    }
}

static void
test_no_losses (void)
{
  g_autoptr (IlTimeline) timeline = scene_new ();
  g_autoptr (IlTimelineLayout) layout = lay_out (timeline, &whole);

  g_assert_cmpuint (count_boxes (layout, IL_BOX_LOST, G_MAXUINT32), ==, 0);
}

/* Two workers after each other, as when the first was replaced, and who gave the second its tasks.
 */
static IlTimeline *
new_replaced (void)
{
  static const struct
  {
    guint32 lane;
    IlRecord record;
  } said[] = {
    { 0, { 0, IL_RECORD_LANE_BEGIN, 0, 0 } },
    { 0, { 4 * MS, IL_RECORD_LANE_END, 0, 0 } },
    { 1, { 5 * MS, IL_RECORD_LANE_BEGIN, 0, 0 } },
    { 2, { 5 * MS, IL_RECORD_LANE_BEGIN, 0, 0 } },
  };
  const IlLaneInfo submitter = { .role = IL_LANE_ROLE_SUBMITTER, .pid = 9, .name = "Submitter" };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (int i = 0; i < 2; i++)
    {
      IlLaneInfo info = {
        .role = IL_LANE_ROLE_WORKER, .number = 1, .pid = 10 + i, .tid = 10 + i, .name = "Worker 1"
      };

      il_timeline_builder_add_lane (builder, &info);
    }
  il_timeline_builder_add_lane (builder, &submitter);
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    il_batch_append (batch, said[i].lane, &said[i].record, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

static void
assert_row_count (IlTimeline *timeline, gint64 begin_ns, gint64 end_ns, guint n_first,
                  guint n_second)
{
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = NULL;

  view.begin_ns = begin_ns;
  view.end_ns = end_ns;
  layout = lay_out (timeline, &view);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, 0), ==, n_first);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_LANE, 1), ==, n_second);
  g_assert_cmpuint (count_boxes (layout, IL_BOX_GROUP, G_MAXUINT32), ==, 1);
}

/* Who does not live in the visible range has no row. */
static void
test_absent_threads (void)
{
  g_autoptr (IlTimeline) timeline = new_replaced ();

  assert_row_count (timeline, 0, 10 * MS, 1, 1);
  assert_row_count (timeline, 0, 4 * MS, 1, 0);
  assert_row_count (timeline, 4 * MS - 1, 5 * MS + 1, 1, 1);
  assert_row_count (timeline, 4 * MS, 5 * MS, 0, 0);
  assert_row_count (timeline, 6 * MS, 8 * MS, 0, 1);
}

/* A painter keeps its rows, but not longer than they are right. */
static void
test_absent_threads_come_back (void)
{
  g_autoptr (IlTimeline) timeline = new_replaced ();
  IlTimelineView early = whole, late = whole;
  g_autoptr (IlPlan) plan = NULL;
  g_autofree char *fact = NULL;
  g_autoptr (IlTimelineLayout) layout = NULL;

  early.end_ns = 3 * MS;
  late.begin_ns = 6 * MS;
  plan = il_plan_new (timeline, &early);
  g_assert_true (il_plan_fits (plan, timeline, &early));
  g_assert_false (il_plan_fits (plan, timeline, &late));
  g_assert_false (il_plan_fits (plan, timeline, &whole));
  early.end_ns = 2 * MS;
  g_assert_true (il_plan_fits (plan, timeline, &early));
  layout = lay_out (timeline, &early);
  fact = il_timeline_group_fact (layout, IL_GROUP_WORKERS);
  g_assert_nonnull (strstr (fact, "1 worker process and 1 replacement · "));
  /* The submitter, who is not there either, is none of them. */
  g_assert_nonnull (strstr (fact, "1 of them outside the visible time"));
}

static void
test_initials (void)
{
  static const struct
  {
    IlLaneRole role;
    const char *name, *initial;
  } cases[] = {
    { IL_LANE_ROLE_WORKER, "Worker 1", "W1" },
    { IL_LANE_ROLE_WORKER, "Producer 12", "P12" },
    { IL_LANE_ROLE_WORKER, "über", "Ü7" },
    { IL_LANE_ROLE_WORKER, "", "7" },
    { IL_LANE_ROLE_SUBMITTER, "Submitter", "Submitter" },
  };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      IlLaneInfo info = { .role = cases[i].role, .number = 7, .name = cases[i].name };
      g_autofree char *initial = NULL;

      il_timeline_builder_add_lane (builder, &info);
      initial = il_lane_dup_initial (il_timeline_get_lane (timeline, i));
      g_assert_cmpstr (initial, ==, cases[i].initial);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/layout/rows", test_rows);
  g_test_add_func ("/layout/axis", test_axis);
  g_test_add_func ("/layout/spans", test_spans);
  g_test_add_func ("/layout/ribbons-and-levels", test_ribbons_and_levels);
  g_test_add_func ("/layout/collapsed", test_collapsed);
  g_test_add_func ("/layout/only-some", test_only_some);
  g_test_add_func ("/layout/scrolled", test_scrolled);
  g_test_add_func ("/layout/supervisor-alone", test_supervisor_alone);
  g_test_add_func ("/layout/outside", test_outside);
  g_test_add_func ("/layout/nothing", test_nothing);
  g_test_add_func ("/layout/extremes", test_extremes);
  g_test_add_func ("/layout/one-nanosecond", test_one_nanosecond);
  g_test_add_func ("/layout/ten-days", test_ten_days);
  g_test_add_func ("/layout/pan-is-steady", test_pan_is_steady);
  g_test_add_func ("/layout/mixed", test_mixed);
  g_test_add_func ("/layout/scales", test_scales);
  g_test_add_func ("/layout/footer", test_footer);
  g_test_add_func ("/layout/rows-fit", test_rows_fit);
  g_test_add_func ("/layout/many-lanes", test_many_lanes);
  g_test_add_func ("/layout/losses", test_losses);
  g_test_add_func ("/layout/no-losses", test_no_losses);
  g_test_add_func ("/layout/absent-threads", test_absent_threads);
  g_test_add_func ("/layout/absent-threads-come-back", test_absent_threads_come_back);
  g_test_add_func ("/layout/initials", test_initials);
  return g_test_run ();
}
