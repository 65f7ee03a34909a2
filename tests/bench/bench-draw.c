/* bench-draw.c - what a frame of the timeline costs, by how much was recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 50 lanes at 1280×720, all of the recording in view.  "zoom": nothing of the picture before is of
 * use; "follow": the view has moved on a little.  The peer draws the same spans the plain way, one
 * cairo rectangle each.
 */

#include "config.h"

#include "il-timeline-builder.h"
#include "il-timeline-draw.h"

#include <locale.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#define N_LANES 50
#define N_FRAMES 21
#define DURATION G_GINT64_CONSTANT (60000000000)
#define WIDTH 1280
#define HEIGHT 720
#define BATCH_NS (DURATION / 100)

typedef struct
{
  double layout_ms, paint_ms, total_ms; /* medians */
  gsize n_boxes;
} Frame;

static void
add_lanes (IlTimelineBuilder *builder)
{
  for (guint i = 0; i < N_LANES; i++)
    {
      g_autofree char *name = g_strdup_printf ("Worker %u", i + 1);
      IlLaneInfo info = { .kind = IL_LANE_THREAD,
                          .role = IL_LANE_ROLE_WORKER,
                          .number = i + 1,
                          .pid = 100,
                          .tid = (gint32)(101 + i),
                          .name = name };

      il_timeline_builder_add_lane (builder, &info);
    }
}

/* Each kind begins a span; the lengths vary by a factor of 40. */
static void
fill_lane (IlBatch *batch, GRand *random, guint32 lane, gint64 *time_ns, gint64 end_ns,
           double mean_ns)
{
  static const IlRecordKind cycle[] = { IL_RECORD_SLEEP_BEGIN,   IL_RECORD_SLEEP_END,
                                        IL_RECORD_IO_BEGIN,      IL_RECORD_IO_END,
                                        IL_RECORD_IO_BEGIN,      IL_RECORD_IO_END,
                                        IL_RECORD_STOPPED_BEGIN, IL_RECORD_STOPPED_END };
  IlRecord records[256];
  gsize n = 0;

  while (*time_ns < end_ns)
    {
      for (guint i = 0; i < G_N_ELEMENTS (cycle); i++)
        {
          records[n++] = (IlRecord){ .time_ns = *time_ns, .kind = cycle[i] };
          *time_ns += 1 + (gint64)(mean_ns * g_rand_double_range (random, 0.05, 1.95));
        }
      if (n + G_N_ELEMENTS (cycle) > G_N_ELEMENTS (records) || *time_ns >= end_ns)
        {
          il_batch_append (batch, lane, records, n);
          n = 0;
        }
    }
}

static IlTimeline *
make_timeline (gsize n_spans)
{
  IlTimeline *timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  GRand *random = g_rand_new_with_seed (7);
  gint64 times_ns[N_LANES] = { 0 };
  double mean_ns = (double)DURATION / ((double)n_spans / N_LANES);

  add_lanes (builder);
  for (gint64 begin_ns = 0; begin_ns < DURATION; begin_ns += BATCH_NS)
    {
      g_autoptr (IlBatch) batch = il_batch_new (begin_ns);
      gint64 end_ns = begin_ns + BATCH_NS;

      for (guint i = 0; i < N_LANES; i++)
        {
          IlRecord birth = { .time_ns = 0, .kind = IL_RECORD_LANE_BEGIN };

          if (begin_ns == 0)
            il_batch_append (batch, i, &birth, 1);
          /* A lane's last cycle must not reach beyond its batch. */
          fill_lane (batch, random, i, &times_ns[i], end_ns - (gint64)(16 * mean_ns), mean_ns);
        }
      il_batch_seal (batch, end_ns);
      il_timeline_builder_add_batch (builder, batch);
    }
  g_rand_free (random);
  return timeline;
}

static gsize
count_spans (IlTimeline *timeline)
{
  gsize n_spans = 0;

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    n_spans += il_series_get_length (il_lane_get_states (il_timeline_get_lane (timeline, i)));
  return n_spans;
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
median (double *values, gsize n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return values[n / 2];
}

static Frame
measure_frames (IlTimeline *timeline, double scale, gboolean follow)
{
  g_autoptr (IlTimelinePainter) painter = il_timeline_painter_new ();
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)(WIDTH * scale),
                                                         (int)(HEIGHT * scale));
  double layout_ms[N_FRAMES], paint_ms[N_FRAMES], total_ms[N_FRAMES];
  Frame frame = { 0 };

  cairo_surface_set_device_scale (surface, scale, scale);
  for (int i = -2; i < N_FRAMES; i++)
    {
      /* Each frame is another one, as in follow mode. */
      IlTimelineView view = { .begin_ns = i * 50000000,
                              .end_ns = DURATION + i * 50000000,
                              .width = WIDTH,
                              .height = HEIGHT,
                              .scale = scale };
      g_autoptr (IlTimelineLayout) layout = NULL;
      cairo_t *cr = cairo_create (surface);
      double t0 = cpu_ms ();
      double t1, t2;

      layout = follow ? il_timeline_painter_layout (painter, timeline, &view)
                      : il_timeline_layout_new (timeline, &view);
      t1 = cpu_ms ();
      il_timeline_painter_paint (painter, cr, layout, il_theme_get (FALSE));
      cairo_destroy (cr);
      t2 = cpu_ms ();
      if (i < 0)
        continue;
      layout_ms[i] = t1 - t0;
      paint_ms[i] = t2 - t1;
      total_ms[i] = t2 - t0;
      il_timeline_layout_get_boxes (layout, &frame.n_boxes);
    }
  cairo_surface_destroy (surface);
  frame.layout_ms = median (layout_ms, N_FRAMES);
  frame.paint_ms = median (paint_ms, N_FRAMES);
  frame.total_ms = median (total_ms, N_FRAMES);
  return frame;
}

static void
paint_plainly (cairo_t *cr, IlTimeline *timeline)
{
  const IlTheme *theme = il_theme_get (FALSE);
  gint64 end_ns = il_timeline_get_end (timeline);

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlSeries *series = il_lane_get_states (il_timeline_get_lane (timeline, i));
      gsize n_spans = il_series_get_length (series);

      for (gsize j = 0; j < n_spans; j++)
        {
          IlSpan span;
          guint32 colour;

          il_series_get_span (series, j, end_ns, &span);
          colour = theme->states[IL_CODE_STATE (span.code)].colour;
          cairo_set_source_rgb (cr, (colour >> 16) / 255.0, (colour >> 8 & 255) / 255.0,
                                (colour & 255) / 255.0);
          cairo_rectangle (cr, 118 + (double)span.begin_ns / DURATION * 1148, 56 + i * 12,
                           (double)(span.end_ns - span.begin_ns) / DURATION * 1148, 10);
          cairo_fill (cr);
        }
    }
}

static double
measure_plain (IlTimeline *timeline)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  double ms[5];

  for (int i = 0; i < 5; i++)
    {
      cairo_t *cr = cairo_create (surface);
      double t0 = cpu_ms ();

      paint_plainly (cr, timeline);
      cairo_destroy (cr);
      ms[i] = cpu_ms () - t0;
    }
  cairo_surface_destroy (surface);
  return median (ms, 5);
}

/* Frame times of both kinds. */
typedef struct
{
  double zoom_ms, follow_ms;
} Result;

static Result
report_size (gsize n_spans)
{
  g_autoptr (IlTimeline) timeline = make_timeline (n_spans);
  Frame zoom = measure_frames (timeline, 1, FALSE);
  Frame follow = measure_frames (timeline, 1, TRUE);
  Frame fine = measure_frames (timeline, 2, TRUE);

  g_print ("%10" G_GSIZE_FORMAT " %7" G_GSIZE_FORMAT " %8.2f %8.2f %8.2f %8.2f %8.2f %9.2f",
           count_spans (timeline), zoom.n_boxes, zoom.layout_ms, follow.layout_ms, follow.paint_ms,
           zoom.total_ms, follow.total_ms, fine.total_ms);
  if (n_spans == 10000 || n_spans == 100000)
    {
      double plain_ms = measure_plain (timeline);

      g_print (" %9.2f (%.1f×)", plain_ms, plain_ms / zoom.total_ms);
    }
  g_print ("\n");
  return (Result){ zoom.total_ms, follow.total_ms };
}

int
main (int argc, char **argv)
{
  static const gsize sizes[] = { 1000, 10000, 100000, 1000000, 10000000 };
  Result results[G_N_ELEMENTS (sizes)];

  setlocale (LC_ALL, "");
  /* As the application does: what one frame frees, the next one gets. */
  mallopt (M_MMAP_THRESHOLD, 64 << 20);
  mallopt (M_TRIM_THRESHOLD, 512 << 20);
  g_print ("# %d lanes, %d×%d, all in view; processor time in ms, medians of %d frames\n", N_LANES,
           WIDTH, HEIGHT, N_FRAMES);
  g_print ("%10s %7s %8s %8s %8s %8s %8s %9s %10s\n%10s %7s %8s %8s %8s %8s %8s %9s %10s\n", "", "",
           "layout", "layout", "", "frame", "frame", "follow,", "plain", "spans", "boxes", "zoom",
           "follow", "paint", "zoom", "follow", "scale 2", "cairo");
  if (argc > 1)
    {
      report_size ((gsize)g_ascii_strtoull (argv[1], NULL, 10));
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    results[i] = report_size (sizes[i]);
  for (guint i = 3; i < G_N_ELEMENTS (sizes); i++)
    g_print ("frame at %" G_GSIZE_FORMAT "M spans / frame at 10k: zoom %.2f, follow %.2f "
             "(target: at most 2)\n",
             sizes[i] / 1000000, results[i].zoom_ms / results[1].zoom_ms,
             results[i].follow_ms / results[1].follow_ms);
  return 0;
}
