/* bench-lanes.c - what a frame of the timeline costs, by how many lanes there are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 1280×720, the same number of spans in each lane; what is measured is a frame that follows a
 * recording, and one after lanes were added.  A frame of many lanes shows more rows than one of
 * few, since rows become lower: the cost for each visible row is what should stay.
 */

#include "config.h"

#include "il-timeline-builder.h"
#include "il-timeline-draw.h"

#include <locale.h>
#include <stdlib.h>
#include <time.h>

#define N_FRAMES 41
#define N_SPANS 64 /* of a lane */
#define DURATION G_GINT64_CONSTANT (10000000000)
#define WIDTH 1280
#define HEIGHT 720

static IlTimeline *
make_timeline (guint n_lanes, IlSchedulerSource scheduler)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlBatch) batch = il_batch_new (0);

  for (guint i = 0; i < n_lanes; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);
      const IlLaneInfo info = { .role = IL_LANE_ROLE_WORKER,
                                .scheduler = scheduler,
                                .number = i + 1,
                                .pid = 100,
                                .name = name };
      guint32 lane = il_timeline_builder_add_lane (builder, &info);

      for (guint j = 0; j < N_SPANS; j++)
        {
          const IlRecord record
              = { .time_ns = (gint64)j * (DURATION / N_SPANS) + (gint64)(i * 7919 % 1000000),
                  .kind = j % 2 == 0 ? IL_RECORD_SLEEP_BEGIN : IL_RECORD_SLEEP_END };

          il_batch_append (batch, lane, &record, 1);
        }
    }
  il_batch_seal (batch, DURATION);
  il_timeline_builder_add_batch (builder, batch);
  return timeline;
}

/* Processor time: others on the machine do not count. */
static double
cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
compare_doubles (const void *a, const void *b)
{
  double one = *(const double *)a;
  double other = *(const double *)b;

  return (one > other) - (one < other);
}

static double
median (double *values)
{
  qsort (values, N_FRAMES, sizeof *values, compare_doubles);
  return values[N_FRAMES / 2];
}

static guint
count_rows (const IlTimelineLayout *layout)
{
  gsize n_boxes;
  const IlBox *boxes = il_timeline_layout_get_boxes (layout, &n_boxes);
  guint n = 0;

  for (gsize i = 0; i < n_boxes; i++)
    n += boxes[i].kind == IL_BOX_LANE;
  return n;
}

static void
report (guint n_lanes, IlSchedulerSource scheduler)
{
  g_autoptr (IlTimeline) timeline = make_timeline (n_lanes, scheduler);
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  double layout_ms[N_FRAMES], total_ms[N_FRAMES], fresh_ms[N_FRAMES];
  guint n_rows = 0;

  for (int i = -2; i < N_FRAMES; i++)
    {
      IlTimelineView view = { .begin_ns = i * 5000000,
                              .end_ns = DURATION + i * 5000000,
                              .width = WIDTH,
                              .height = HEIGHT,
                              .scale = 1 };
      g_autoptr (IlTimelineLayout) layout = NULL;
      g_autoptr (IlTimelineLayout) fresh = NULL;
      cairo_t *cr = cairo_create (surface);
      double t0 = cpu_ms (), t1, t2;

      layout = il_timeline_painter_layout (painter, timeline, &view);
      t1 = cpu_ms ();
      il_timeline_painter_paint (painter, cr, layout, il_theme_get (FALSE));
      cairo_destroy (cr);
      t2 = cpu_ms ();
      fresh = il_timeline_layout_new (timeline, &view);
      if (i < 0)
        continue;
      layout_ms[i] = t1 - t0;
      total_ms[i] = t2 - t0;
      fresh_ms[i] = cpu_ms () - t2;
      n_rows = count_rows (layout);
    }
  cairo_surface_destroy (surface);
  g_print ("%8u %8s %6u %10.2f %10.2f %12.2f\n", n_lanes,
           scheduler == IL_SCHEDULER_CARRIER ? "yes" : "no", n_rows, median (layout_ms),
           median (total_ms), median (fresh_ms));
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_print ("medians of %d frames of 1280×720, in ms of processor time\n", N_FRAMES);
  g_print ("%8s %8s %6s %10s %10s %12s\n", "lanes", "carried", "rows", "layout", "frame",
           "first layout");
  report (50, IL_SCHEDULER_NONE);
  report (1000, IL_SCHEDULER_NONE);
  report (5000, IL_SCHEDULER_CARRIER);
  report (10000, IL_SCHEDULER_CARRIER);
  report (40000, IL_SCHEDULER_CARRIER);
  return 0;
}
