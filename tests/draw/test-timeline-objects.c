/* test-timeline-objects.c - a lane of each kind is laid out, painted, picked and told in words;
 * many lanes cost what is seen of them; links lead from who woke to who was woken
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"
#include "objects.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)
#define N "\u00a0"

static const IlTimelineView whole
    = { .end_ns = OBJECTS_END, .width = 1000, .height = 900, .scale = 1, .show_legend = TRUE };

static const IlBox *
find_row_box (const IlTimelineLayout *layout, guint32 lane)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LANE && boxes[i].lane == lane)
      return &boxes[i];
  g_assert_not_reached ();
}

static const IlStrip *
find_strip (const IlTimelineLayout *layout, guint32 lane, guint index)
{
  for (guint i = 0; i < layout->rows->len; i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i);

      if (row->kind == IL_BOX_LANE && row->lane == lane && index < row->n_strips)
        return &g_array_index (layout->strips, IlStrip, row->first_strip + index);
    }
  return NULL;
}

static char *
describe_strip (IlTimeline *timeline, const IlTimelineLayout *layout, guint32 lane, guint index,
                gint64 time_ns)
{
  const IlStrip *strip = find_strip (layout, lane, index);

  g_assert_nonnull (strip);
  return il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, time_ns),
                               (strip->y0 + strip->y1) / 2.0);
}

static void
test_groups (void)
{
  static const struct
  {
    guint32 lane;
    IlGroup group;
    guint n_strips;
    const char *label;
  } lanes[] = {
    { OBJECTS_R, IL_GROUP_LOCKS, 3, "RW lock R" },
    { OBJECTS_L, IL_GROUP_LOCKS, 2, "Recursive lock L" },
    { OBJECTS_S, IL_GROUP_LOCKS, 2, "Semaphore S" },
    { OBJECTS_E, IL_GROUP_SIGNALS, 2, "Event E" },
    { OBJECTS_B, IL_GROUP_SIGNALS, 1, "Barrier B" },
    { OBJECTS_C, IL_GROUP_SIGNALS, 2, "Condition C" },
    { OBJECTS_P, IL_GROUP_QUEUES, 2, "Pipe P" },
    { OBJECTS_F, IL_GROUP_COUNTERS, 1, "File F" },
    { OBJECTS_X, IL_GROUP_COUNTERS, 2, "X" },
  };
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    {
      const IlBox *box = find_row_box (layout, lanes[i].lane);
      g_autofree char *label = il_lane_dup_label (il_timeline_get_lane (timeline, lanes[i].lane));

      g_assert_cmpint (box->group, ==, lanes[i].group);
      g_assert_cmpstr (label, ==, lanes[i].label);
      g_assert_nonnull (find_strip (layout, lanes[i].lane, lanes[i].n_strips - 1));
      g_assert_null (find_strip (layout, lanes[i].lane, lanes[i].n_strips));
    }
}

/* Of each strip of each kind of lane. */
static void
test_words (void)
{
  static const struct
  {
    guint32 lane;
    guint strip;
    gint64 time_us;
    const char *heading;
  } cases[] = {
    { OBJECTS_R, 0, 1500, "RW lock R read by Worker 1 for 1 ms\n0.001" },
    { OBJECTS_R, 0, 2300, "RW lock R held by readers for 1 ms\nread by Worker 1, Worker 2" },
    { OBJECTS_R, 0, 3500, "RW lock R read by Worker 2 for 1 ms\nWorker 3 waited for it" },
    { OBJECTS_R, 0, 5000, "RW lock R held by Worker 3 for 2 ms" },
    { OBJECTS_R, 0, 7000, "Readers-writer lock R was free at" },
    { OBJECTS_R, 1, 1500, "1 reader inside RW lock R" },
    { OBJECTS_R, 1, 2300, "2 readers inside RW lock R" },
    { OBJECTS_R, 1, 5000, "No readers inside RW lock R" },
    { OBJECTS_R, 2, 3000, "1 thread waited for readers-writer lock R" },
    { OBJECTS_L, 0, 700, "Recursive lock L held by Worker 1 for 600 µs" },
    { OBJECTS_S, 0, 5400, "Semaphore S: 2 of 2 inside at" },
    { OBJECTS_E, 0, 7500, "Event E was set at" },
    { OBJECTS_E, 0, 6500, "Event E was not set at" },
    { OBJECTS_E, 1, 6500, "1 thread waited for event E" },
    { OBJECTS_B, 0, 7600, "Barrier B: 2 of 3 had come at" },
    { OBJECTS_C, 0, 8700, "1 thread waited for condition C" },
    { OBJECTS_C, 0, 7700, "Nobody waited for condition C" },
    { OBJECTS_P, 0, 3500, "Pipe P: 4.0" N "KiB under way at" },
    { OBJECTS_P, 1, 3500, "Nobody waited for channel P" },
    { OBJECTS_F, 0, 9500, "File F: 100 bytes written at" },
    { OBJECTS_X, 0, 6500, "X: 5 at" },
    { OBJECTS_X, 0, 9500, "X: −1 at" },
    { OBJECTS_X, 1, 9000, "X: 1 stale write: it had changed since it was read" },
    { OBJECTS_X, 1, 8000, "X" },
    { OBJECTS_C, 1, 8950, "Condition C: 1 woken for nothing" },
    { OBJECTS_WORKER_3, 0, 3000,
      "Worker 3 waited 1.5 ms for readers-writer lock R\n"
      "read by Worker 2\nwoken by Worker 2" },
    { OBJECTS_WORKER_1, 0, 6500,
      "Worker 1 waited 900 µs for event E\nit was not set\n"
      "woken by Worker 2" },
    { OBJECTS_WORKER_1, 0, 8100,
      "Worker 1 waited 1.1 ms for barrier B\n2 of 3 had come\n"
      "woken by Worker 2" },
    { OBJECTS_WORKER_3, 0, 8700, "Worker 3 waited 400 µs for condition C\nwoken by Worker 1" },
    { OBJECTS_WORKER_3, 0, 9700, "Worker 3 waited 1.04 ms for condition C\nsince" },
  };
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = describe_strip (timeline, layout, cases[i].lane, cases[i].strip,
                                              cases[i].time_us * 1000);

      text[MIN (strlen (text), strlen (cases[i].heading))] = '\0';
      g_assert_cmpstr (text, ==, cases[i].heading);
    }
}

/* At the labels. */
static void
test_totals (void)
{
  static const struct
  {
    guint32 lane;
    const char *text;
  } cases[] = {
    { OBJECTS_R, "Readers-writer lock R" },
    { OBJECTS_E, "Event E" },
    { OBJECTS_B, "Barrier B\nParties: 3\nPhases: 1" },
    { OBJECTS_C, "Condition C\nWoken: 1\nFor nothing: 1" },
    { OBJECTS_P, "Channel P\nMessages: 1\nSent: 4.0" N "KiB" },
    { OBJECTS_F, "File F\nWritten: 100 bytes\nTorn lines: 2" },
    { OBJECTS_X, "X\nStale writes: 1\nChanges lost: 3" },
  };
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const IlBox *box = find_row_box (layout, cases[i].lane);
      g_autofree char *text = il_timeline_describe (timeline, layout, 40, box->y + 10.0);

      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

/* What is painted is what was laid out: every box in a strip colours its middle. */
static void
test_painted (void)
{
  g_autoptr (IlTimeline) timeline = objects_new ();
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &whole);
  const IlTheme *theme = il_theme_get (FALSE);
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, 1000, 900);
  cairo_t *cr = cairo_create (surface);
  const guint32 *pixels;
  guint n_checked = 0;
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  il_timeline_paint (cr, layout, theme);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  pixels = (const guint32 *)(gpointer)cairo_image_surface_get_data (surface);
  for (gsize i = 0; i < n_boxes; i++)
    {
      const IlBox *box = &boxes[i];
      /* Of a level its line, else the middle; 16 pixels in, clear of labels at both ends. */
      int x = (int)(box->x + MIN (box->width / 2, 16));
      int y = (int)(box->y + box->height - 1);
      guint32 pixel;

      if ((box->kind != IL_BOX_SPAN && box->kind != IL_BOX_LEVEL) || box->width < 4
          || (box->kind == IL_BOX_LEVEL && box->code == 0))
        continue;
      pixel = pixels[y * cairo_image_surface_get_stride (surface) / 4 + x] & 0xffffff;
      g_assert_cmphex (pixel, !=, theme->background);
      g_assert_cmphex (pixel, !=, theme->lane_background);
      n_checked++;
    }
  g_assert_cmpuint (n_checked, >, 20);
  cairo_surface_destroy (surface);
}

static void
test_legend (void)
{
  static const guint32 codes[]
      = { IL_LEGEND_READERS, IL_LEGEND_LEVEL, IL_LEGEND_WAITERS, IL_STATE_LOCK_WAIT };
  g_autoptr (IlTimeline) timeline = objects_new ();
  IlTimelineView view = whole;

  for (guint collapsed = 0; collapsed <= 1; collapsed++)
    {
      g_autoptr (IlTimelineLayout) layout = NULL;
      gsize n_boxes;
      const IlBox *boxes;
      guint n_found = 0;

      for (guint group = IL_GROUP_LOCKS; group < IL_N_GROUPS; group++)
        view.collapsed[group] = collapsed;
      layout = il_timeline_layout_new (timeline, &view);
      boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
      for (gsize i = 0; i < n_boxes; i++)
        for (guint j = 0; j < G_N_ELEMENTS (codes); j++)
          n_found += boxes[i].kind == IL_BOX_LEGEND && boxes[i].code == codes[j];
      g_assert_cmpuint (n_found, ==, collapsed ? 1 : G_N_ELEMENTS (codes));
    }
}

static gboolean
has_legend (IlTimeline *timeline, const IlTimelineView *view, guint32 code)
{
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, view);
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);

  for (gsize i = 0; i < n_boxes; i++)
    if (boxes[i].kind == IL_BOX_LEGEND && boxes[i].code == code)
      return TRUE;
  return FALSE;
}

/* One who reads alone has a colour of its own, several have one together. */
static void
test_legend_of_readers (void)
{
  g_autoptr (IlTimeline) timeline = objects_new ();
  IlTimelineView view = whole;

  view.begin_ns = MS + MS / 4;
  view.end_ns = 2 * MS - MS / 4;
  g_assert_true (has_legend (timeline, &view, IL_LEGEND_IDENTITY));
  g_assert_false (has_legend (timeline, &view, IL_LEGEND_READERS));
  g_assert_false (il_timeline_is_read_by_several (timeline, view.begin_ns, view.end_ns));
  view.begin_ns += MS;
  view.end_ns += MS;
  g_assert_false (has_legend (timeline, &view, IL_LEGEND_IDENTITY));
  g_assert_true (has_legend (timeline, &view, IL_LEGEND_READERS));
  g_assert_true (il_timeline_is_read_by_several (timeline, view.begin_ns, view.end_ns));
  g_assert_true (il_timeline_is_read_by_several (timeline, -MS, G_MAXINT64));
  g_assert_false (il_timeline_is_read_by_several (timeline, -2 * MS, -MS));
}

static void
test_link (void)
{
  g_autoptr (IlTimeline) timeline = objects_new ();
  IlTimelineView view = whole;
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);
  g_autoptr (IlTimelineLayout) scrolled = NULL;
  const IlBox *waker = find_row_box (layout, OBJECTS_WORKER_2);
  const IlBox *woken = find_row_box (layout, OBJECTS_WORKER_3);
  double middle = woken->y + woken->height / 2.0;
  IlTimelineLink link;

  g_assert_true (
      il_timeline_find_link (layout, il_timeline_layout_time_to_x (layout, 3 * MS), middle, &link));
  g_assert_cmpuint (link.from, ==, OBJECTS_WORKER_2);
  g_assert_cmpuint (link.to, ==, OBJECTS_WORKER_3);
  g_assert_cmpint (link.time_ns, ==, 4 * MS);
  g_assert_cmpfloat (link.x, ==, il_timeline_layout_time_to_x (layout, 4 * MS));
  g_assert_cmpfloat (link.from_y, ==, waker->y + waker->height / 2.0);
  g_assert_cmpfloat (link.to_y, ==, middle);

  /* It runs, a lock's lane, a wait that goes on, nowhere. */
  g_assert_false (
      il_timeline_find_link (layout, il_timeline_layout_time_to_x (layout, 5 * MS), middle, &link));
  g_assert_false (il_timeline_find_link (layout, il_timeline_layout_time_to_x (layout, 3 * MS),
                                         find_row_box (layout, OBJECTS_R)->y + 10.0, &link));
  g_assert_false (il_timeline_find_link (layout, il_timeline_layout_time_to_x (layout, 9700000),
                                         middle, &link));
  g_assert_false (il_timeline_find_link (layout, -5, -5, &link));

  /* The waker is above what is seen. */
  view.scroll_y = woken->y - il_layout_logical (layout, layout->lanes_top);
  scrolled = il_timeline_layout_new (timeline, &view);
  g_assert_true (il_timeline_find_link (scrolled, il_timeline_layout_time_to_x (scrolled, 3 * MS),
                                        find_row_box (scrolled, OBJECTS_WORKER_3)->y + 10.0,
                                        &link));
  g_assert_cmpfloat (link.from_y, ==, il_layout_logical (scrolled, scrolled->lanes_top));
}

/* ---- Many ---- */

static void
add_thread (IlTimelineBuilder *builder, IlLaneRole role, guint number, gint32 pid,
            IlSchedulerSource scheduler)
{
  g_autofree char *name = g_strdup_printf ("Thread %u", number);
  const IlLaneInfo info
      = { .role = role, .number = number, .pid = pid, .scheduler = scheduler, .name = name };

  il_timeline_builder_add_lane (builder, &info);
}

static guint
count_rows (const IlTimelineLayout *layout, IlBoxKind kind)
{
  guint n = 0;

  for (guint i = 0; i < layout->rows->len; i++)
    n += g_array_index (layout->rows, IlRow, i).kind == kind;
  return n;
}

/* Two processes of three threads each, told of in turn, and the submitter in a third. */
static void
test_processes (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlTimelineLayout) layout = NULL;
  static const guint order[] = { G_MAXUINT, 0, 2, 4, G_MAXUINT, 1, 3, 5, G_MAXUINT, 6 };
  static const char *const titles[]
      = { "Process 20 · 3 threads", "Process 21 · 3 threads", "Process 10 · 1 thread" };
  guint n_titles = 0;

  for (guint i = 0; i < 6; i++)
    add_thread (builder, IL_LANE_ROLE_WORKER, i + 1, 20 + (gint32)(i % 2), IL_SCHEDULER_EXACT);
  add_thread (builder, IL_LANE_ROLE_SUBMITTER, 0, 10, IL_SCHEDULER_EXACT);
  layout = il_timeline_layout_new (timeline, &whole);
  g_assert_cmpuint (layout->rows->len, ==, 1 + G_N_ELEMENTS (order));
  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      const IlRow *row = &g_array_index (layout->rows, IlRow, i + 1);
      g_autofree char *text = NULL;

      if (order[i] != G_MAXUINT)
        {
          g_assert_cmpint (row->kind, ==, IL_BOX_LANE);
          g_assert_cmpuint (row->lane, ==, order[i]);
          continue;
        }
      g_assert_cmpint (row->kind, ==, IL_BOX_SUBGROUP);
      text = il_timeline_describe (timeline, layout, 40, (row->y0 + row->y1) / 2.0);
      g_assert_cmpstr (text, ==, titles[n_titles++]);
    }
}

/* Workers that are processes of their own need no headers. */
static void
test_no_headers (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlTimelineLayout) layout = NULL;

  for (guint i = 0; i < 4; i++)
    add_thread (builder, IL_LANE_ROLE_WORKER, i + 1, 20 + (gint32)i, IL_SCHEDULER_EXACT);
  layout = il_timeline_layout_new (timeline, &whole);
  g_assert_cmpuint (count_rows (layout, IL_BOX_SUBGROUP), ==, 0);
  g_assert_cmpuint (count_rows (layout, IL_BOX_LANE), ==, 4);
}

static void
test_coroutines (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  IlTimelineView view = whole;
  const guint n = 10000;

  for (guint i = 0; i < n; i++)
    add_thread (builder, IL_LANE_ROLE_WORKER, n - i, 20, IL_SCHEDULER_CARRIER);
  add_thread (builder, IL_LANE_ROLE_CARRIER, 1, 20, IL_SCHEDULER_EXACT);
  view.show_legend = FALSE;
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (IlTimelineLayout) layout = NULL;
      const IlRow *row;

      view.scroll_y = i * 500;
      layout = il_timeline_painter_layout (painter, timeline, &view);
      g_assert_cmpuint (layout->rows->len, <=, 900);
      row = &g_array_index (layout->rows, IlRow, layout->rows->len - 1);
      g_assert_cmpint (row->y1, <=, 901);
      if (i > 0)
        continue;
      /* Its carrier, then all that it carries in the order of their numbers. */
      row = &g_array_index (layout->rows, IlRow, 1);
      g_assert_cmpuint (row->lane, ==, n);
      g_assert_cmpint (row[1].kind, ==, IL_BOX_SUBGROUP);
      g_assert_cmpuint (row[1].n_lanes, ==, n);
      g_assert_cmpuint (row[2].lane, ==, n - 1);
      g_assert_cmpuint (row[3].lane, ==, n - 2);
    }
}

/* A plan is kept until it no longer fits. */
static void
test_plan (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlTimeline) other = objects_new ();
  g_autoptr (IlPlan) plan = NULL;
  IlTimelineView view = whole;

  add_thread (builder, IL_LANE_ROLE_WORKER, 1, 20, IL_SCHEDULER_EXACT);
  plan = il_plan_new (timeline, &view);
  view.begin_ns = 5;
  view.scroll_y = 10;
  g_assert_true (il_plan_fits (plan, timeline, &view));
  g_assert_false (il_plan_fits (plan, other, &view));
  g_assert_false (il_plan_fits (NULL, timeline, &view));
  view.collapsed[IL_GROUP_WORKERS] = TRUE;
  g_assert_false (il_plan_fits (plan, timeline, &view));
  view.collapsed[IL_GROUP_WORKERS] = FALSE;
  add_thread (builder, IL_LANE_ROLE_WORKER, 2, 20, IL_SCHEDULER_EXACT);
  g_assert_false (il_plan_fits (plan, timeline, &view));
}

/* A queue of tasks has a row once a task waits in it; one of items has one from the beginning. */
static void
test_unused (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  const IlRecord submission = { .time_ns = 5, .kind = IL_RECORD_TASK_SUBMIT, .object = 3 };

  add_thread (builder, IL_LANE_ROLE_SUBMITTER, 1, 20, IL_SCHEDULER_NONE);
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_QUEUE, "tasks", 0);
  il_timeline_builder_add_object (builder, 2, IL_OBJECT_KIND_QUEUE, "items", 0);
  il_timeline_builder_add_object (builder, 3, IL_OBJECT_KIND_TASK, "work", 1);
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (IlTimelineLayout) layout = il_timeline_painter_layout (painter, timeline, &whole);
      g_autoptr (IlBatch) batch = il_batch_new (i * MS);

      g_assert_cmpuint (count_rows (layout, IL_BOX_LANE), ==, 2 + i);
      il_batch_append (batch, 0, &submission, 1);
      il_batch_seal (batch, (i + 1) * MS);
      il_timeline_builder_add_batch (builder, batch);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/objects/groups", test_groups);
  g_test_add_func ("/objects/words", test_words);
  g_test_add_func ("/objects/totals", test_totals);
  g_test_add_func ("/objects/painted", test_painted);
  g_test_add_func ("/objects/legend", test_legend);
  g_test_add_func ("/objects/legend-of-readers", test_legend_of_readers);
  g_test_add_func ("/objects/link", test_link);
  g_test_add_func ("/objects/processes", test_processes);
  g_test_add_func ("/objects/no-headers", test_no_headers);
  g_test_add_func ("/objects/coroutines", test_coroutines);
  g_test_add_func ("/objects/plan", test_plan);
  g_test_add_func ("/objects/unused", test_unused);
  return g_test_run ();
}
