/* il-series.c - appends to a series and its pyramid, and finds and sums in them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-series-private.h"

#include <string.h>

/**
 * il_series_new:
 * @kind: whether codes are states or values
 *
 * Makes an empty series.
 *
 * Returns: (transfer full): the series; il_series_free() it when no thread reads it any more
 */
IlSeries *
il_series_new (IlSeriesKind kind)
{
  IlSeries *series = aligned_alloc (IL_SERIES_CACHE_LINE, sizeof (IlSeries));

  if (series == NULL)
    g_error ("No memory for a series");
  memset (series, 0, sizeof *series);
  series->kind = kind;
  series->levels[0] = &series->entries;
  atomic_init (&series->length, 0);
  return series;
}

/**
 * il_series_free:
 * @series: (nullable) (transfer full): a series
 *
 * Frees a series.
 */
void
il_series_free (IlSeries *series)
{
  if (series == NULL)
    return;

  for (guint level = 1; level < IL_SERIES_MAX_LEVELS && series->levels[level] != NULL; level++)
    {
      il_column_clear (&series->levels[level]->begins);
      il_column_clear (&series->levels[level]->nodes);
      g_free (series->levels[level]);
    }
  il_column_clear (&series->entries.begins);
  il_column_clear (&series->codes);
  il_column_clear (&series->details);
  il_column_clear (&series->sums);
  free (series);
}

/**
 * il_series_get_kind:
 * @series: a series
 *
 * Returns: whether its codes are states or values
 */
IlSeriesKind
il_series_get_kind (const IlSeries *series)
{
  return series->kind;
}

/* The level, with its row 0 once it is made.  It is made when the first entry after its first node
 * comes. */
static IlSeriesLevel *
ensure_level (IlSeries *series, guint level)
{
  if (G_UNLIKELY (series->levels[level] == NULL))
    {
      IlSeriesLevel *made = g_new0 (IlSeriesLevel, 1);

      IL_COLUMN_PUT (&made->begins, gint64, 0) = IL_COLUMN_GET (&series->entries.begins, gint64, 0);
      if (level == 1 && series->kind == IL_SERIES_SPANS)
        memset (&IL_COLUMN_PUT (&series->sums, IlStateSums, 0), 0, sizeof (IlStateSums));
      series->levels[level] = made;
    }
  return series->levels[level];
}

/* The peak of sixteen spans, the last of which ends at end_ns. */
static guint64
peak_of_spans (const IlSeries *series, gsize first, gint64 end_ns)
{
  const gint64 *begins = il_column_at (&series->entries.begins, first, sizeof *begins);
  const guint32 *codes = il_column_at (&series->codes, first, sizeof *codes);
  IlSeriesLongest longest = { 0, 0 };

  for (guint i = 0; i + 1 < IL_SERIES_FAN; i++)
    il_series_offer (&longest, begins[i + 1] - begins[i], codes[i]);
  il_series_offer (&longest, end_ns - begins[IL_SERIES_FAN - 1], codes[IL_SERIES_FAN - 1]);
  return il_series_peak_of (&longest);
}

/* The peak of sixteen nodes. */
static guint64
peak_of_nodes (const IlSeriesLevel *below, gsize first)
{
  const guint64 *nodes = il_column_at (&below->nodes, first, sizeof *nodes);
  guint64 peak = 0;

  for (guint i = 0; i < IL_SERIES_FAN; i++)
    peak = MAX (peak, nodes[i]);
  return peak;
}

static IlCounterNode
sum_of_values (const IlSeries *series, gsize first, gint64 end_ns)
{
  const gint64 *begins = il_column_at (&series->entries.begins, first, sizeof *begins);
  const guint32 *values = il_column_at (&series->codes, first, sizeof *values);
  IlCounterNode node = { G_MAXUINT32, 0, 0 };

  for (guint i = 0; i < IL_SERIES_FAN; i++)
    {
      gint64 length_ns = (i + 1 < IL_SERIES_FAN ? begins[i + 1] : end_ns) - begins[i];

      node.min = MIN (node.min, values[i]);
      node.max = MAX (node.max, values[i]);
      node.integral += (double)values[i] * (double)length_ns;
    }
  return node;
}

static IlCounterNode
sum_of_nodes (const IlSeriesLevel *below, gsize first)
{
  const IlCounterNode *nodes = il_column_at (&below->nodes, first, sizeof *nodes);
  IlCounterNode sum = nodes[0];

  for (guint i = 1; i < IL_SERIES_FAN; i++)
    {
      sum.min = MIN (sum.min, nodes[i].min);
      sum.max = MAX (sum.max, nodes[i].max);
      sum.integral += nodes[i].integral;
    }
  return sum;
}

/* Entry `index` is about to be published: the nodes that end where it begins are complete. */
static void
complete_nodes (IlSeries *series, gsize index, gint64 begin_ns)
{
  for (guint level = 1; level < IL_SERIES_MAX_LEVELS; level++)
    {
      guint shift = level * IL_SERIES_FAN_BITS;
      gsize row = index >> shift;
      gsize first = (row - 1) << IL_SERIES_FAN_BITS;
      const IlSeriesLevel *below;
      IlSeriesLevel *own;

      if (row << shift != index)
        break;

      own = ensure_level (series, level);
      IL_COLUMN_PUT (&own->begins, gint64, row) = begin_ns;
      below = series->levels[level - 1];
      if (series->kind == IL_SERIES_COUNTER)
        IL_COLUMN_PUT (&own->nodes, IlCounterNode, row - 1)
            = level == 1 ? sum_of_values (series, first, begin_ns) : sum_of_nodes (below, first);
      else
        IL_COLUMN_PUT (&own->nodes, guint64, row - 1)
            = level == 1 ? peak_of_spans (series, first, begin_ns) : peak_of_nodes (below, first);
      if (level == 1 && series->kind == IL_SERIES_SPANS)
        IL_COLUMN_PUT (&series->sums, IlStateSums, row) = series->time_so_far;
    }
}

/* The columns of entries are of the same length: their chunks begin together. */
static void
begin_chunk (IlSeries *series, gsize index)
{
  series->next_begin = il_column_extend (&series->entries.begins, index, sizeof (gint64));
  series->next_code = il_column_extend (&series->codes, index, sizeof (guint32));
  if (series->kind == IL_SERIES_SPANS)
    series->next_detail = il_column_extend (&series->details, index, sizeof (guint32));
  series->chunk_end = il_column_chunk_begin (il_column_chunk_of (index) + 1);
}

/**
 * il_series_append:
 * @series: a series, of which the caller is the only writer
 * @begin_ns: where the span begins, or the counter takes the value; moved up to the last begin
 * @code: IL_CODE() of a span; the value of a counter
 * @detail: of a span; not kept by a counter
 *
 * Ends the last span and begins another; nothing happens where it equals the last.  Where it begins
 * at the same moment, the last one stays in the series with no length.
 */
void
il_series_append (IlSeries *series, gint64 begin_ns, guint32 code, guint32 detail)
{
  gsize index = atomic_load_explicit (&series->length, memory_order_relaxed);
  gboolean is_spans = series->kind == IL_SERIES_SPANS;

  if (is_spans && G_UNLIKELY (IL_CODE_STATE (code) >= IL_N_STATES))
    code = IL_CODE (IL_STATE_UNKNOWN, IL_CODE_SUBJECT (code));
  begin_ns = CLAMP (begin_ns, -IL_SERIES_TIME_LIMIT, IL_SERIES_TIME_LIMIT);
  if (index > 0)
    {
      if (code == series->last_code && (!is_spans || detail == series->last_detail))
        return;
      begin_ns = MAX (begin_ns, series->last_begin_ns);
      if (is_spans)
        series->time_so_far.ns[IL_CODE_STATE (series->last_code)]
            += begin_ns - series->last_begin_ns;
    }

  if (G_UNLIKELY (index == series->chunk_end))
    begin_chunk (series, index);
  *series->next_begin++ = begin_ns;
  *series->next_code++ = code;
  if (is_spans)
    *series->next_detail++ = detail;
  series->last_begin_ns = begin_ns;
  series->last_code = code;
  series->last_detail = detail;
  if ((index & (IL_SERIES_FAN - 1)) == 0 && index > 0)
    complete_nodes (series, index, begin_ns);

  atomic_store_explicit (&series->length, index + 1, memory_order_release); /* [A] */
}

/**
 * il_series_get_length:
 * @series: a series
 *
 * Returns: how many spans or values it holds at the moment; all of them can be read from now on
 */
gsize
il_series_get_length (const IlSeries *series)
{
  return atomic_load_explicit (&series->length, memory_order_acquire); /* [A] */
}

static void
fill_span (const IlSeriesPrefix *prefix, gsize index, gint64 end_ns, IlSpan *span)
{
  const IlSeries *series = prefix->series;
  gint64 next_ns = il_series_row_end (prefix, 0, index);

  span->begin_ns = il_series_row_begin (prefix, 0, index);
  span->end_ns = next_ns != G_MAXINT64 ? next_ns : MAX (end_ns, span->begin_ns);
  span->code = il_series_code (prefix, index);
  span->detail
      = series->kind == IL_SERIES_SPANS ? IL_COLUMN_GET (&series->details, guint32, index) : 0;
}

/**
 * il_series_get_span:
 * @series: a series
 * @index: from 0
 * @end_ns: where the last span is to end
 * @span: (out): set where there is such a span
 *
 * Returns: FALSE where @index is not below the length
 */
gboolean
il_series_get_span (const IlSeries *series, gsize index, gint64 end_ns, IlSpan *span)
{
  IlSeriesPrefix prefix = il_series_prefix (series);

  if (index >= prefix.length)
    return FALSE;
  fill_span (&prefix, index, end_ns, span);
  return TRUE;
}

/* The last of the rows first … last, all of one group, that begins at time_ns or before; the first
 * one does.  Counting all of them beats a search: there is no branch to guess wrong. */
static inline gsize
scan_rows (const IlSeriesPrefix *prefix, guint level, gsize first, gint64 time_ns)
{
  const gint64 *begins
      = il_column_at (&prefix->series->levels[level]->begins, first, sizeof *begins);
  gsize last = MIN (first | (IL_SERIES_FAN - 1), il_series_last_row (prefix, level));
  gsize n = 0;

  for (gsize i = 1; i <= last - first; i++)
    n += begins[i] <= time_ns;
  return first + n;
}

/*
 * The row of a level that holds a moment, searched from a row that does not begin after it: up
 * until the node above holds the moment, then down, so that near moments are found in few steps.
 * The last of several rows that begin at the same moment.
 */
gsize
il_series_locate (const IlSeriesPrefix *prefix, guint level, gsize row, gint64 time_ns)
{
  guint at = level;

  while (at < prefix->top
         && time_ns >= il_series_row_end (prefix, at + 1, row >> IL_SERIES_FAN_BITS))
    {
      at++;
      row >>= IL_SERIES_FAN_BITS;
    }
  row = scan_rows (prefix, at, row, time_ns);
  while (at > level)
    row = scan_rows (prefix, --at, row << IL_SERIES_FAN_BITS, time_ns);
  return row;
}

/**
 * il_series_find:
 * @series: a series
 * @time_ns: a moment
 * @end_ns: where the last span is to end
 * @index: (out) (optional): the span's index
 * @span: (out) (optional): the span
 *
 * Finds the span that holds a moment, which may be its begin but not its end.
 *
 * Returns: FALSE before the first span, and from @end_ns on
 */
gboolean
il_series_find (const IlSeries *series, gint64 time_ns, gint64 end_ns, gsize *index, IlSpan *span)
{
  IlSeriesPrefix prefix = il_series_prefix (series);
  gsize found;

  if (prefix.length == 0 || time_ns >= end_ns || time_ns < il_series_row_begin (&prefix, 0, 0))
    return FALSE;

  found = il_series_locate (&prefix, 0, 0, time_ns);
  if (index != NULL)
    *index = found;
  if (span != NULL)
    fill_span (&prefix, found, end_ns, span);
  return TRUE;
}

/* Time spent in each state up to a moment, exactly: the difference of two moments is what lies
 * between them.  Zero before the first span; the last span has no end. */
static void
sums_at (const IlSeriesPrefix *prefix, gint64 time_ns, IlStateSums *sums)
{
  const IlSeries *series = prefix->series;
  gsize entry, at;
  gint64 begin;

  memset (sums, 0, sizeof *sums);
  if (prefix->length == 0 || time_ns < il_series_row_begin (prefix, 0, 0))
    return;

  entry = il_series_locate (prefix, 0, 0, time_ns);
  at = entry & ~(gsize)(IL_SERIES_FAN - 1);
  if (at > 0)
    *sums = IL_COLUMN_GET (&series->sums, IlStateSums, at >> IL_SERIES_FAN_BITS);
  begin = il_series_row_begin (prefix, 0, at);
  for (; at < entry; at++)
    {
      gint64 next = il_series_row_begin (prefix, 0, at + 1);

      sums->ns[IL_CODE_STATE (il_series_code (prefix, at))] += next - begin;
      begin = next;
    }
  sums->ns[IL_CODE_STATE (il_series_code (prefix, entry))] += time_ns - begin;
}

/**
 * il_series_sum_states:
 * @series: a series of spans
 * @begin_ns: begin of the range
 * @end_ns: its end
 * @states_ns: (out) (array fixed-size=11): by state, how much of the range is spent in it
 *
 * Sums exactly, and at a cost that hardly depends on how many spans there are.  The last span goes
 * on beyond the range, and what is before the first one is IL_STATE_NONE: together it is the whole
 * range.  All are 0 where the range is empty.
 */
void
il_series_sum_states (const IlSeries *series, gint64 begin_ns, gint64 end_ns,
                      gint64 states_ns[IL_N_STATES])
{
  IlSeriesPrefix prefix = il_series_prefix (series);
  IlStateSums before, after;
  gint64 covered = 0;

  g_return_if_fail (series->kind == IL_SERIES_SPANS);

  begin_ns = CLAMP (begin_ns, -IL_SERIES_TIME_LIMIT, IL_SERIES_TIME_LIMIT);
  end_ns = CLAMP (end_ns, begin_ns, IL_SERIES_TIME_LIMIT);
  sums_at (&prefix, begin_ns, &before);
  sums_at (&prefix, end_ns, &after);
  for (guint i = 0; i < IL_N_STATES; i++)
    {
      states_ns[i] = after.ns[i] - before.ns[i];
      covered += states_ns[i];
    }
  states_ns[IL_STATE_NONE] += end_ns - begin_ns - covered;
}
