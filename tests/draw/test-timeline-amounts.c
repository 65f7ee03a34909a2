/* test-timeline-amounts.c - copies between heaps stand where they were and as long as they took
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder.h"
#include "il-timeline-layout-private.h"
#include "il-timeline-paint-private.h"
#include "picture.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000000)
#define COPY(ms) ((guint32)((ms)*MS / IL_RECORD_COPY_NS))

/* 10 ms of a worker that copied from 2 to 5, and of another that never did. */
static IlTimeline *
make_timeline (gboolean with_copies)
{
  static const IlLaneInfo infos[] = {
    { .role = IL_LANE_ROLE_WORKER, .number = 1, .pid = 10, .tid = 11, .name = "Worker 1" },
    { .role = IL_LANE_ROLE_WORKER, .number = 2, .pid = 12, .tid = 12, .name = "Worker 2" },
  };
  static const IlRecord begin = { 0, IL_RECORD_LANE_BEGIN, 0, 0 };
  static const IlRecord copy = { 5 * MS, IL_RECORD_COPY, COPY (3), 4096 };
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    {
      il_timeline_builder_add_lane (builder, &infos[i]);
      il_batch_append (batch, i, &begin, 1);
    }
  if (with_copies)
    il_batch_append (batch, 0, &copy, 1);
  il_batch_seal (batch, 10 * MS);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

/* In the strip of copies of the first worker. */
static char *
describe (IlTimeline *timeline, const IlTimelineLayout *layout, gint64 time_ns)
{
  const IlRow *row = picture_find_row (layout, 0);
  const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip + 1);

  g_assert_cmpint (strip->kind, ==, IL_STRIP_AMOUNTS);
  return il_timeline_describe (timeline, layout, il_timeline_layout_time_to_x (layout, time_ns),
                               (strip->y0 + strip->y1) / 2.0);
}

static void
test_copies_stand_where_they_were (void)
{
  g_autoptr (IlTimeline) timeline = make_timeline (TRUE);
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &picture_view);
  const char *copying = "Worker 1 copied from one heap to another 100 % of the time";
  g_autofree char *begin = describe (timeline, layout, 2 * MS + 50000);
  g_autofree char *end = describe (timeline, layout, 5 * MS - 50000);
  g_autofree char *before = describe (timeline, layout, 2 * MS - 50000);
  g_autofree char *after = describe (timeline, layout, 5 * MS + 50000);

  g_assert_cmpuint (picture_find_row (layout, 0)->n_strips, ==, 2);
  g_assert_cmpuint (picture_find_row (layout, 1)->n_strips, ==, 1);
  g_assert_cmpstr (picture_find_row (layout, 0)->second_fact, ==, "copying 30 %");
  g_assert_true (g_str_has_prefix (begin, copying));
  g_assert_true (g_str_has_prefix (end, copying));
  g_assert_null (strstr (before, "copied"));
  g_assert_null (strstr (after, "copied"));
  g_assert_true (picture_has_legend (layout, IL_LEGEND_COPYING));
}

static void
test_none_without_copies (void)
{
  g_autoptr (IlTimeline) timeline = make_timeline (FALSE);
  g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &picture_view);

  g_assert_cmpuint (picture_find_row (layout, 0)->n_strips, ==, 1);
  g_assert_false (picture_has_legend (layout, IL_LEGEND_COPYING));
}

static void
test_copies_have_a_colour (void)
{
  for (int dark = 0; dark < 2; dark++)
    {
      const IlTheme *theme = il_theme_get (dark != 0);
      g_autoptr (IlTimeline) timeline = make_timeline (TRUE);
      g_autoptr (IlTimelineLayout) layout = il_timeline_layout_new (timeline, &picture_view);
      g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
      cairo_surface_t *image = il_timeline_painter_render (painter, layout, theme);
      const IlRow *row = picture_find_row (layout, 0);
      const IlStrip *strip = &g_array_index (layout->strips, IlStrip, row->first_strip + 1);
      int x = (int)il_timeline_layout_time_to_x (layout, 3 * MS + 500000);

      g_assert_cmphex (picture_get_pixel (image, x, (strip->y0 + strip->y1) / 2), ==,
                       theme->copying);
      g_assert_cmpfloat (il_colour_contrast (theme->copying, theme->lane_background), >=, 3);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline-amounts/copies-stand-where-they-were",
                   test_copies_stand_where_they_were);
  g_test_add_func ("/timeline-amounts/none-without-copies", test_none_without_copies);
  g_test_add_func ("/timeline-amounts/copies-have-a-colour", test_copies_have_a_colour);
  return g_test_run ();
}
