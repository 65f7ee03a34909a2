/* bench-draw.c - what a frame of the timeline costs, by how much was recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * 50 lanes at 1280×720, all of the recording in view.  "zoom": nothing of the picture before is of
 * use, since each is of another scale; "follow": the view has moved on a little.  The peer draws
 * the same spans the plain way, one cairo rectangle each.
 *
 * Recordings of all sizes take turns, frame by frame, and a ratio is the median of the ratios
 * within a round: so nothing else that goes on on the machine favours one of them.
 */

#include "config.h"

#include "il-timeline-builder.h"
#include "il-timeline-draw.h"

#include <locale.h>
#include <malloc.h>
#include <stdlib.h>
#include <time.h>

#define N_LANES 50
#define N_FRAMES 41
#define DURATION G_GINT64_CONSTANT (60000000000)
#define WIDTH 1280
#define HEIGHT 720
#define BATCH_NS (DURATION / 100)

/* What is measured in turns. */
typedef enum
{
  ZOOM,
  FOLLOW,
  FINE, /* follow, at two device pixels a pixel */
  N_KINDS,
} Kind;

typedef struct
{
  IlTimelinePainter *painter;
  cairo_surface_t *surface;
  gsize n_boxes;
  double layout_ms[N_FRAMES], paint_ms[N_FRAMES], total_ms[N_FRAMES];
} Series;

typedef struct
{
  IlTimeline *timeline;
  Series series[N_KINDS];
} Subject;

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
median (const double *values, gsize n)
{
  g_autofree double *sorted = g_memdup2 (values, n * sizeof *values);

  qsort (sorted, n, sizeof *sorted, compare_doubles);
  return sorted[n / 2];
}

static double
scale_of (Kind kind)
{
  return kind == FINE ? 2 : 1;
}

static Subject *
make_subject (gsize n_spans)
{
  Subject *subject = g_new0 (Subject, 1);

  subject->timeline = make_timeline (n_spans);
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      Series *series = &subject->series[kind];
      double scale = scale_of (kind);

      series->painter = il_timeline_painter_new ();
      series->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int)(WIDTH * scale),
                                                    (int)(HEIGHT * scale));
      cairo_surface_set_device_scale (series->surface, scale, scale);
    }
  return subject;
}

static void
free_subject (Subject *subject)
{
  for (Kind kind = 0; kind < N_KINDS; kind++)
    {
      il_timeline_painter_free (subject->series[kind].painter);
      cairo_surface_destroy (subject->series[kind].surface);
    }
  il_timeline_unref (subject->timeline);
  g_free (subject);
}

/* Frame @i, of which the first ones, below 0, are not kept. */
static void
measure_frame (Subject *subject, Kind kind, int i)
{
  Series *series = &subject->series[kind];
  gint64 moved_ns = kind == ZOOM ? 0 : i * (DURATION / 1200);
  gint64 cut_ns = kind == ZOOM ? (i & 3) * (DURATION / 500) : 0;
  IlTimelineView view = { .begin_ns = moved_ns + cut_ns,
                          .end_ns = DURATION + moved_ns - cut_ns,
                          .width = WIDTH,
                          .height = HEIGHT,
                          .scale = scale_of (kind) };
  g_autoptr (IlTimelineLayout) layout = NULL;
  cairo_t *cr = cairo_create (series->surface);
  double t0 = cpu_ms ();
  double t1, t2;

  layout = il_timeline_painter_layout (series->painter, subject->timeline, &view);
  t1 = cpu_ms ();
  il_timeline_painter_paint (series->painter, cr, layout, il_theme_get (FALSE));
  cairo_destroy (cr);
  t2 = cpu_ms ();
  if (i < 0)
    return;
  series->layout_ms[i] = t1 - t0;
  series->paint_ms[i] = t2 - t1;
  series->total_ms[i] = t2 - t0;
  il_timeline_layout_get_boxes (layout, &series->n_boxes);
}

static void
measure (Subject *const *subjects, gsize n)
{
  for (int i = -2; i < N_FRAMES; i++)
    for (Kind kind = 0; kind < N_KINDS; kind++)
      for (gsize k = 0; k < n; k++)
        measure_frame (subjects[k], kind, i);
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

static void
report (const Subject *subject)
{
  const Series *zoom = &subject->series[ZOOM];
  const Series *follow = &subject->series[FOLLOW];
  gsize n_spans = count_spans (subject->timeline);
  double zoom_ms = median (zoom->total_ms, N_FRAMES);

  g_print ("%10" G_GSIZE_FORMAT " %7" G_GSIZE_FORMAT " %8.2f %8.2f %8.2f %8.2f %8.2f %9.2f",
           n_spans, zoom->n_boxes, median (zoom->layout_ms, N_FRAMES),
           median (follow->layout_ms, N_FRAMES), median (zoom->paint_ms, N_FRAMES), zoom_ms,
           median (follow->total_ms, N_FRAMES), median (subject->series[FINE].total_ms, N_FRAMES));
  if (n_spans > 5000 && n_spans < 200000)
    {
      double plain_ms = measure_plain (subject->timeline);

      g_print (" %9.2f (%.1f×)", plain_ms, plain_ms / zoom_ms);
    }
  g_print ("\n");
}

static double
ratio (const Subject *subject, const Subject *base, Kind kind)
{
  double ratios[N_FRAMES];

  for (int i = 0; i < N_FRAMES; i++)
    ratios[i] = subject->series[kind].total_ms[i] / base->series[kind].total_ms[i];
  return median (ratios, N_FRAMES);
}

static void
report_ratios (Subject *const *subjects, const gsize *sizes, gsize n)
{
  const Subject *base = NULL;

  for (gsize i = 0; i < n; i++)
    if (sizes[i] == 10000)
      base = subjects[i];
  for (gsize i = 0; i < n && base != NULL; i++)
    if (sizes[i] > 10000)
      g_print ("frame at %" G_GSIZE_FORMAT "k spans / frame at 10k: zoom %.2f, follow %.2f%s\n",
               sizes[i] / 1000, ratio (subjects[i], base, ZOOM), ratio (subjects[i], base, FOLLOW),
               sizes[i] == 10000000 ? " (target: at most 2)" : "");
}

/* Arguments are numbers of spans, instead of all of these. */
int
main (int argc, char **argv)
{
  gsize sizes[16] = { 1000, 10000, 100000, 1000000, 3000000, 10000000 };
  gsize n = argc > 1 ? (gsize)MIN (argc - 1, 16) : 6;
  Subject *subjects[16];

  setlocale (LC_ALL, "");
  /* As the application does: what one frame frees, the next one gets. */
  mallopt (M_MMAP_THRESHOLD, 64 << 20);
  mallopt (M_TRIM_THRESHOLD, 512 << 20);
  for (int i = 1; i < argc && i <= 16; i++)
    sizes[i - 1] = (gsize)g_ascii_strtoull (argv[i], NULL, 10);
  g_print ("# %d lanes, %d×%d, all in view; processor time in ms, medians of %d frames\n", N_LANES,
           WIDTH, HEIGHT, N_FRAMES);
  g_print ("%10s %7s %8s %8s %8s %8s %8s %9s %10s\n%10s %7s %8s %8s %8s %8s %8s %9s %10s\n", "", "",
           "layout", "layout", "paint", "frame", "frame", "follow,", "plain", "spans", "boxes",
           "zoom", "follow", "zoom", "zoom", "follow", "scale 2", "cairo");
  for (gsize i = 0; i < n; i++)
    subjects[i] = make_subject (sizes[i]);
  measure (subjects, n);
  for (gsize i = 0; i < n; i++)
    report (subjects[i]);
  report_ratios (subjects, sizes, n);
  for (gsize i = 0; i < n; i++)
    free_subject (subjects[i]);
  return 0;
}
