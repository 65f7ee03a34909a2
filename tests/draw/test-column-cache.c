/* test-column-cache.c - a picture made from columns that were kept is the picture
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-column-cache.h"
#include "il-timeline-draw.h"
#include "scene.h"
#include "simulation.h"

#define N_LANES 4
#define N_COLUMNS 400
#define COLUMN_NS 1000000
#define QUEUE 1

static void
assert_same (const IlTimelineLayout *kept, const IlTimelineLayout *fresh)
{
  gsize n_kept, n_fresh;
  const IlBox *one = il_timeline_layout_get_boxes (kept, &n_kept);
  const IlBox *other = il_timeline_layout_get_boxes (fresh, &n_fresh);

  g_assert_cmpuint (n_kept, ==, n_fresh);
  for (gsize i = 0; i < n_kept; i++)
    {
      g_assert_cmpint (one[i].kind, ==, other[i].kind);
      g_assert_cmpuint (one[i].lane, ==, other[i].lane);
      g_assert_cmphex (one[i].code, ==, other[i].code);
      g_assert_cmpfloat (one[i].x, ==, other[i].x);
      g_assert_cmpfloat (one[i].y, ==, other[i].y);
      g_assert_cmpfloat (one[i].width, ==, other[i].width);
      g_assert_cmpfloat (one[i].height, ==, other[i].height);
    }
}

static void
check (IlTimelinePainter *painter, IlTimeline *timeline, const IlTimelineView *view)
{
  g_autoptr (IlTimelineLayout) kept = il_timeline_painter_layout (painter, timeline, view);
  g_autoptr (IlTimelineLayout) fresh = il_timeline_layout_new (timeline, view);

  assert_same (kept, fresh);
}

/* A view whose columns last a whole number of nanoseconds, so that both ways ask for the same. */
static IlTimelineView
view_of (IlTimeline *timeline, gint64 begin_ns, gint64 column_ns)
{
  IlTimelineView view = { .end_ns = 1000, .width = 600, .height = 400, .scale = 1 };
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &view);

  view.begin_ns = begin_ns;
  view.end_ns = begin_ns + (gint64)il_timeline_layout_get_plot_width (layout) * column_ns;
  return view;
}

static void
test_wander (void)
{
  Simulation plan = simulation_default;
  g_autoptr (IlTimeline) timeline = NULL;
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  GRand *random = g_rand_new_with_seed (3);
  gint64 begin_ns = 0;
  gint64 column_ns = 50000;

  plan.duration_ns = 200 * MS;
  timeline = simulate (&plan);
  for (int i = 0; i < 300; i++)
    {
      IlTimelineView view;

      begin_ns += g_rand_int_range (random, -90, 100) * column_ns;
      if (g_rand_int_range (random, 0, 10) == 0)
        column_ns = 1000 * g_rand_int_range (random, 1, 400);
      if (g_rand_int_range (random, 0, 10) == 0)
        begin_ns = g_rand_int_range (random, -50, 220) * MS;
      view = view_of (timeline, begin_ns, column_ns);
      view.scroll_y = g_rand_int_range (random, 0, 3) * 80;
      view.collapsed[IL_GROUP_CORES] = i % 7 == 0;
      check (painter, timeline, &view);
    }
  g_rand_free (random);
}

static void
append_some (IlBatch *batch, GRand *random, guint32 lane, gint64 begin_ns, gint64 end_ns)
{
  static const IlRecordKind kinds[]
      = { IL_RECORD_SLEEP_BEGIN, IL_RECORD_SLEEP_END,     IL_RECORD_IO_BEGIN,
          IL_RECORD_IO_END,      IL_RECORD_STOPPED_BEGIN, IL_RECORD_STOPPED_END };

  for (gint64 now_ns = begin_ns; now_ns < end_ns;
       now_ns += g_rand_int_range (random, 1, lane == 0 ? 20000 : 400000))
    {
      IlRecord record
          = { now_ns, kinds[g_rand_int_range (random, 0, (int)G_N_ELEMENTS (kinds))], 0, 0 };

      il_batch_append (batch, lane, &record, 1);
    }
  /* One lane stays as it is for long: its last span grows under many columns. */
  if (lane == 1)
    {
      IlRecord put = { (begin_ns + end_ns) / 2, IL_RECORD_PUT, QUEUE,
                       (guint32)g_rand_int_range (random, 0, 9) };

      il_batch_append (batch, lane, &put, 1);
    }
}

/* A view that follows a recording: what is appended later never was in a column that was kept. */
static void
test_follow (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  GRand *random = g_rand_new_with_seed (5);

  for (guint i = 0; i < N_LANES; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);
      IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER,
                          .scheduler = i == 2 ? IL_SCHEDULER_SAMPLED : IL_SCHEDULER_NONE,
                          .number = i + 1,
                          .name = name };

      il_timeline_builder_add_lane (builder, &info);
    }
  il_timeline_builder_add_object (builder, QUEUE, IL_OBJECT_KIND_QUEUE, "items", 8);
  for (gint64 begin_ns = 0; begin_ns < 100 * MS; begin_ns += MS)
    {
      g_autoptr (IlBatch) batch = il_batch_new (begin_ns);
      IlTimelineView view;
      IlRecord sample = { begin_ns, IL_RECORD_SAMPLE, 500, 100 };

      for (guint i = 0; i < N_LANES; i++)
        if (i != 3 || begin_ns % (40 * MS) == 0)
          append_some (batch, random, i, begin_ns, begin_ns + MS);
      if (begin_ns % (5 * MS) == 0)
        il_batch_append (batch, 2, &sample, 1);
      il_batch_seal (batch, begin_ns + MS);
      il_timeline_builder_add_batch (builder, batch);
      view = view_of (timeline, begin_ns + 3 * MS - 20 * MS, 50000);
      check (painter, timeline, &view);
    }
  g_rand_free (random);
}

/* Another timeline's columns are never taken for those of the one before. */
static void
test_other_timeline (void)
{
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();

  for (guint i = 0; i < 6; i++)
    {
      g_autoptr (IlTimeline) timeline = i % 2 == 0 ? scene_new () : scene_new_empty ();
      IlTimelineView view = view_of (timeline, 0, 20000);

      check (painter, timeline, &view);
    }
}

/* 100 short spans in a column and, in every tenth stretch of ten columns, one. */
static IlTimeline *
make_dense_timeline (void)
{
  static const IlRecordKind kinds[]
      = { IL_RECORD_SLEEP_BEGIN, IL_RECORD_SLEEP_END,     IL_RECORD_IO_BEGIN,
          IL_RECORD_IO_END,      IL_RECORD_STOPPED_BEGIN, IL_RECORD_STOPPED_END };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER, .number = 1, .name = "Worker 1" };
  GRand *random = g_rand_new_with_seed (11);
  gint64 end_ns = (gint64)N_COLUMNS * COLUMN_NS;
  guint n = 0;

  il_timeline_builder_add_lane (builder, &info);
  for (gint64 now_ns = 0; now_ns < end_ns;)
    {
      gint64 column = now_ns / COLUMN_NS;
      IlRecord record = { now_ns, kinds[n++ % G_N_ELEMENTS (kinds)], 0, 0 };

      il_batch_append (batch, 0, &record, 1);
      now_ns += column % 100 >= 90 ? COLUMN_NS : g_rand_int_range (random, 1, COLUMN_NS / 50);
    }
  il_batch_seal (batch, end_ns);
  il_timeline_builder_add_batch (builder, batch);
  g_rand_free (random);
  return timeline;
}

static void
assert_shows (const IlSeries *series, gint64 begin_ns, gint64 end_ns, const IlSpanBin *bin)
{
  gint64 states_ns[IL_N_STATES];

  il_series_sum_states (series, begin_ns, end_ns, states_ns);
  for (guint i = 0; i < IL_N_STATES; i++)
    g_assert_cmpfloat_with_epsilon (bin->share[i] / 65535.,
                                    (double)states_ns[i] / (double)(end_ns - begin_ns), 1. / 16);
}

/* Where very many spans share a column, two show what is in both; where few do, each its own. */
static void
check_pairs (const IlSeries *series, const IlColumns *columns, const IlSpanBin *bins)
{
  guint n_paired = 0, n_single = 0;

  for (guint i = columns->first & 1; i + 2 < columns->n; i += 2)
    {
      gint64 begin_ns = il_columns_get_begin (columns, i);
      gint64 middle_ns = il_columns_get_begin (columns, i + 1);
      gint64 end_ns = il_columns_get_begin (columns, i + 2);
      gboolean is_pair = memcmp (&bins[i], &bins[i + 1], sizeof *bins) == 0;

      n_paired += is_pair;
      n_single += !is_pair;
      if ((columns->first + i) % 100 < 88 && end_ns < (gint64)N_COLUMNS * COLUMN_NS)
        g_assert_true (is_pair);
      assert_shows (series, begin_ns, is_pair ? end_ns : middle_ns, &bins[i]);
      assert_shows (series, is_pair ? begin_ns : middle_ns, end_ns, &bins[i + 1]);
    }
  g_assert_cmpuint (n_paired, >, 100);
  g_assert_cmpuint (n_single, >, 10);
}

static void
test_pairs (void)
{
  g_autoptr (IlTimeline) timeline = make_dense_timeline ();
  g_autoptr (IlColumnCache) kept = il_column_cache_new ();
  const IlSeries *series = il_lane_get_states (il_timeline_get_lane (timeline, 0));
  gint64 end_ns = il_timeline_get_end (timeline);

  for (gint64 first = 0; first < 60; first += first % 7 + 1)
    {
      g_autoptr (IlColumnCache) fresh = il_column_cache_new ();
      IlColumns columns = { COLUMN_NS, first, 301 };
      const IlSpanBin *one, *other;

      il_column_cache_begin (kept, timeline);
      one = il_column_cache_get_spans (kept, series, &columns, end_ns);
      check_pairs (series, &columns, one);
      il_column_cache_begin (fresh, timeline);
      other = il_column_cache_get_spans (fresh, series, &columns, end_ns);
      check_pairs (series, &columns, other);
      /* What moves stays as it was, but for what an estimate may differ by. */
      for (guint i = 0; i < columns.n; i++)
        for (guint k = 0; k < IL_N_STATES; k++)
          g_assert_cmpfloat_with_epsilon (one[i].share[k] / 65535., other[i].share[k] / 65535.,
                                          1. / 8);
      il_column_cache_end (kept);
      il_column_cache_end (fresh);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/column-cache/wander", test_wander);
  g_test_add_func ("/column-cache/follow", test_follow);
  g_test_add_func ("/column-cache/pairs", test_pairs);
  g_test_add_func ("/column-cache/other-timeline", test_other_timeline);
  return g_test_run ();
}
