/* bench-timeline.c - what it costs to append to a series, to bin one to pixel columns, and to build
 * a timeline from records; beside plain loops measured in the same run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every figure is the median of several rounds in which ours and the limit take turns, in processor
 * time of the one thread that does it.
 */

#include "config.h"

#include "il-timeline-builder.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define N_ROUNDS 7
#define N_LANES 50
#define N_COLUMNS 1280
#define N_APPENDS 4000000

static double
now_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;

  return x < y ? -1 : x > y;
}

static double
median (double values[N_ROUNDS])
{
  qsort (values, N_ROUNDS, sizeof *values, compare_doubles);
  return values[N_ROUNDS / 2];
}

static size_t
heap_bytes (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return info.uordblks + info.hblkhd;
}

/* xorshift64*: cheap enough not to be what is measured. */
static guint64
next_random (guint64 *state)
{
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * G_GUINT64_CONSTANT (0x2545f4914f6cdd1d);
}

/* A worker's life in pieces: mostly run and wait in turns, of lengths that vary by a factor of
 * thirty. */
static void
fill_series (IlSeries *series, gsize n, gint64 length_ns, guint64 seed)
{
  static const guint8 states[]
      = { IL_STATE_RUNNING,  IL_STATE_QUEUE_WAIT, IL_STATE_RUNNING, IL_STATE_LOCK_WAIT,
          IL_STATE_RUNNABLE, IL_STATE_RUNNING,    IL_STATE_BUSY,    IL_STATE_SPINNING };
  gint64 step_ns = length_ns / (gint64)n;
  gint64 now = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint64 random = next_random (&seed);

      il_series_append (series, now, IL_CODE (states[i % 8], 1 + (random & 3)), (guint32)i);
      now += 1 + (gint64)(random >> 8) % 64 * step_ns / 32;
    }
}

/* The limit: three plain arrays of sufficient length. */
static guint64
fill_arrays (gint64 *begins, guint32 *codes, guint32 *details, gsize n)
{
  guint64 seed = 1;
  gint64 now = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint64 random = next_random (&seed);

      begins[i] = now;
      codes[i] = IL_CODE (i % 8, 1 + (random & 3));
      details[i] = (guint32)i;
      now += 1 + (gint64)(random >> 8) % 64 * 300 / 32;
    }
  return seed;
}

static void
bench_append (void)
{
  double ours[N_ROUNDS], limit[N_ROUNDS], counter_ns[N_ROUNDS];
  size_t bytes = 0;
  guint64 sink = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      gint64 *begins;
      guint32 *codes, *details;
      size_t before;
      double start = now_ms ();
      IlSeries *series;

      begins = malloc (N_APPENDS * sizeof *begins);
      codes = malloc (N_APPENDS * sizeof *codes);
      details = malloc (N_APPENDS * sizeof *details);
      sink += fill_arrays (begins, codes, details, N_APPENDS);
      limit[round] = (now_ms () - start) * 1e6 / N_APPENDS;
      sink += codes[sink % N_APPENDS];
      free (begins);
      free (codes);
      free (details);

      before = heap_bytes ();
      start = now_ms ();
      series = il_series_new (IL_SERIES_SPANS);
      fill_series (series, N_APPENDS, (gint64)N_APPENDS * 300, 1);
      ours[round] = (now_ms () - start) * 1e6 / N_APPENDS;
      bytes = heap_bytes () - before;
      il_series_free (series);

      start = now_ms ();
      series = il_series_new (IL_SERIES_COUNTER);
      for (guint i = 0; i < N_APPENDS; i++)
        il_series_append (series, (gint64)i * 100, i & 63, 0);
      counter_ns[round] = (now_ms () - start) * 1e6 / N_APPENDS;
      il_series_free (series);
    }
  printf ("append a span: %.1f ns, three plain arrays %.1f ns (%.1fx); a counter value %.1f ns\n",
          median (ours), median (limit), median (ours) / median (limit), median (counter_ns));
  printf ("memory: %.1f bytes per span allocated (a row of the three columns is 16)\n",
          (double)bytes / N_APPENDS);
  if (sink == 42)
    puts ("");
}

/* The limit: what reading each begin and code once costs. */
static gint64
read_all (IlSeries *const lanes[N_LANES])
{
  gint64 sum = 0;
  IlSpan span;

  for (guint i = 0; i < N_LANES; i++)
    for (gsize k = 0; il_series_get_span (lanes[i], k, 0, &span); k++)
      sum += span.begin_ns ^ span.code;
  return sum;
}

static void
bench_bins (gsize n_spans, double *base_ms)
{
  const gint64 length_ns = G_GINT64_CONSTANT (60000000000);
  g_autofree IlSpanBin *bins = g_new (IlSpanBin, N_COLUMNS);
  double ms[N_ROUNDS], zoomed_ms[N_ROUNDS], plain_ms;
  IlSeries *lanes[N_LANES];
  double start;

  for (guint i = 0; i < N_LANES; i++)
    {
      lanes[i] = il_series_new (IL_SERIES_SPANS);
      fill_series (lanes[i], n_spans / N_LANES, length_ns, 1 + i);
    }
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      start = now_ms ();
      for (guint i = 0; i < N_LANES; i++)
        il_series_bin_spans (lanes[i], 0, length_ns, length_ns, N_COLUMNS, bins);
      ms[round] = now_ms () - start;
      start = now_ms ();
      for (guint i = 0; i < N_LANES; i++)
        il_series_bin_spans (lanes[i], length_ns / 3, length_ns / 3 + length_ns / 100, length_ns,
                             N_COLUMNS, bins);
      zoomed_ms[round] = now_ms () - start;
    }
  start = now_ms ();
  if (read_all (lanes) == 42)
    puts ("");
  plain_ms = now_ms () - start;
  if (*base_ms == 0)
    *base_ms = median (ms);
  printf ("bin %8zu spans in %d lanes to %d columns: %6.2f ms (%.2fx of 10000, %3.0f ns a column); "
          "a hundredth of it %6.2f ms; walking all spans %7.2f ms\n",
          n_spans, N_LANES, N_COLUMNS, median (ms), median (ms) / *base_ms,
          median (ms) * 1e6 / (N_LANES * N_COLUMNS), median (zoomed_ms), plain_ms);
  for (guint i = 0; i < N_LANES; i++)
    il_series_free (lanes[i]);
}

/* Workers that take tasks from a queue, lock, and are switched now and then. */
static gsize
fill_batch (IlBatch *batch, guint n_workers, gint64 begin_ns, guint n_tasks, guint *task)
{
  gsize n_records = 0;

  for (guint i = 0; i < n_tasks; i++)
    {
      guint32 worker = 4 + i % n_workers;
      gint64 at = begin_ns + (gint64)i * 1000;
      guint32 number = (*task)++;
      const IlRecord submit[] = {
        { at, IL_RECORD_TASK_SUBMIT, 3, number },
        { at + 10, IL_RECORD_PUT, 2, 1 | IL_RECORD_WOKE },
      };
      const IlRecord run[] = {
        { at + 20, IL_RECORD_GET_WAIT, 2, 0 },
        { at + 30, IL_RECORD_SCHED_OUT, 0, number & 1 },
        { at + 300, IL_RECORD_SCHED_IN, 0, number & 1 },
        { at + 320, IL_RECORD_GET, 2, 0 },
        { at + 330, IL_RECORD_TASK_BEGIN, 3, number },
        { at + 400, IL_RECORD_LOCK_ACQUIRE, 1, 0 },
        { at + 500, IL_RECORD_LOCK_RELEASE, 1, 0 },
        { at + 900, IL_RECORD_TASK_END, IL_TASK_OUTCOME_DONE, number },
      };

      il_batch_append (batch, 3 + n_workers + 1, submit, G_N_ELEMENTS (submit));
      il_batch_append (batch, worker, run, G_N_ELEMENTS (run));
      n_records += G_N_ELEMENTS (submit) + G_N_ELEMENTS (run);
    }
  il_batch_seal (batch, begin_ns + (gint64)n_tasks * 1000);
  return n_records;
}

static IlTimelineBuilder *
make_builder (IlTimeline *timeline, guint n_workers)
{
  IlTimelineBuilder *builder = il_timeline_builder_new (timeline);
  IlLaneInfo core = { .kind = IL_LANE_CORE, .name = "core" };
  IlLaneInfo thread = { .kind = IL_LANE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .name = "thread" };

  il_timeline_builder_add_lane (builder, &core);
  core.number = 1;
  il_timeline_builder_add_lane (builder, &core);
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_LOCK, "A", 0);
  il_timeline_builder_add_object (builder, 2, IL_OBJECT_KIND_QUEUE, "Q", 8);
  il_timeline_builder_add_object (builder, 3, IL_OBJECT_KIND_TASK, "work", 0);
  for (guint i = 0; i < n_workers + 1; i++)
    il_timeline_builder_add_lane (builder, &thread);
  return builder;
}

static void
bench_builder (void)
{
  enum
  {
    N_WORKERS = 8,
    N_TASKS = 2000,
    N_BATCHES = 100
  };
  double ours[N_ROUNDS], limit[N_ROUNDS];
  size_t bytes = 0;
  gsize n_records = 0;
  guint64 sink = 0;

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      IlTimeline *timeline = il_timeline_new ();
      IlTimelineBuilder *builder = make_builder (timeline, N_WORKERS);
      size_t before = heap_bytes ();
      double batch_ms = 0, walk_ms = 0;
      guint task = 0;

      n_records = 0;
      for (guint i = 0; i < N_BATCHES; i++)
        {
          IlBatch *batch = il_batch_new ((gint64)i * N_TASKS * 1000);
          IlBatchIter *iter;
          const IlRecord *record;
          guint32 lane;
          double start;

          n_records += fill_batch (batch, N_WORKERS, (gint64)i * N_TASKS * 1000, N_TASKS, &task);
          start = now_ms ();
          iter = il_batch_iter_new (batch);
          while (il_batch_iter_next (iter, &lane, &record))
            sink += record->value ^ lane;
          il_batch_iter_free (iter);
          walk_ms += now_ms () - start;
          start = now_ms ();
          il_timeline_builder_add_batch (builder, batch);
          batch_ms += now_ms () - start;
          il_batch_unref (batch);
        }
      bytes = heap_bytes () - before;
      ours[round] = batch_ms * 1e6 / (double)n_records;
      limit[round] = walk_ms * 1e6 / (double)n_records;
      il_timeline_builder_free (builder);
      il_timeline_unref (timeline);
    }
  printf ("build: %.1f ns per record, of which %.1f ns are for putting them in order; "
          "%.1f bytes per record\n",
          median (ours), median (limit), (double)bytes / (double)n_records);
  if (sink == 42)
    puts ("");
}

/* Arguments are numbers of spans to bin, instead of everything. */
int
main (int argc, char **argv)
{
  static const gsize sizes[] = { 10000, 1000, 100000, 1000000, 2000000, 5000000, 10000000 };
  double base_ms = 0;

  for (int i = 1; i < argc; i++)
    bench_bins (strtoul (argv[i], NULL, 10), &base_ms);
  if (argc > 1)
    return 0;

  bench_append ();
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    bench_bins (sizes[i], &base_ms);
  bench_builder ();
  return 0;
}
