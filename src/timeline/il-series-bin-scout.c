/* il-series-bin-scout.c - finds where columns part in the pyramid, ahead of who fills them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-series-bin-private.h"

#include <string.h>

/*
 * A boundary within a row that is no longer than this part of a column is placed by interpolation
 * between the sums at the row's two ends instead of looking at the spans in it.  A state's sum is
 * then off by at most a quarter of the row's length (a straight line against a curve that climbs
 * as much, at a slope between 0 and 1), so a column's share by at most 1/16: hardly a step that the
 * eye can tell, in a column that shows more than a hundred spans.
 */
#define COARSE_PART 8

/*
 * In a row of half that length it is moved to the nearer end, by at most 1/32 of a column: half of
 * what a row's sums take is not even looked at.  The shares of a column that is off by as much at
 * both ends are off by 1/16 again.
 */
#define SNAPPED_PART (2 * COARSE_PART)

/* So many rows in a column on average are enough for most of them to be that short. */
#define MIN_ROWS 9

/* So many rows are looked at one by one; beyond there is the level above. */
#define MAX_ROWS_WALKED 64

/* Rows are asked for so many columns ahead of the search. */
#define ROWS_AHEAD 9

/* So many of them are compared without a branch. */
#define WINDOW 8

typedef double __attribute__ ((may_alias)) Peak;

static inline double
larger (double a, double b)
{
  return a > b ? a : b;
}

/* The largest of a few rows side by side.  As doubles peaks have the same order, since none has an
 * exponent that is not a number's; and a processor has an instruction for the larger of two.  Four
 * at a time, the last four once more, so that the number of rounds hardly ever changes. */
static guint64
peak_of_few (const guint64 *nodes, gsize n)
{
  const Peak *peaks = (const Peak *)(gconstpointer)nodes;
  double a = 0, b = 0, c = 0, d = 0;
  guint64 bits;

  if (n < 4)
    for (gsize i = 0; i < n; i++)
      a = larger (a, peaks[i]);
  else
    for (gsize i = 0;; i = MIN (i + 4, n - 4))
      {
        a = larger (a, peaks[i]);
        b = larger (b, peaks[i + 1]);
        c = larger (c, peaks[i + 2]);
        d = larger (d, peaks[i + 3]);
        if (i == n - 4)
          break;
      }
  a = larger (larger (a, b), larger (c, d));
  memcpy (&bits, &a, sizeof bits);
  return bits;
}

/* The last of n moments in order that is not after this one; the first is not.  Counts within a
 * window around the guess, since each branch there would be a coin toss. */
static inline gsize
find_moment (const gint64 *moments, gsize n, gsize guess, gint64 time_ns)
{
  gsize i = guess - MIN (guess, WINDOW / 2 - 1);

  if (i + WINDOW < n && moments[i] <= time_ns && time_ns < moments[i + WINDOW])
    {
      const gint64 *at = moments + i;

      /* Written out, or compilers make vectors of it that the processor has no comparison for. */
      return i + (at[1] <= time_ns) + (at[2] <= time_ns) + (at[3] <= time_ns) + (at[4] <= time_ns)
             + (at[5] <= time_ns) + (at[6] <= time_ns) + (at[7] <= time_ns);
    }
  i = guess < n ? guess : 0;
  while (moments[i] > time_ns)
    i--;
  while (i + 1 < n && moments[i + 1] <= time_ns)
    i++;
  return i;
}

static inline void
prefetch (gconstpointer from, gsize n_bytes)
{
  const char *bytes = from;

  for (gsize i = 0; i < n_bytes; i += IL_SERIES_CACHE_LINE)
    __builtin_prefetch (bytes + i);
  __builtin_prefetch (bytes + n_bytes - 1);
}

/* Has memory fetch the spans of a node. */
static inline void
prefetch_spans (const IlSeries *series, gsize node)
{
  gsize entry = node << IL_SERIES_FAN_BITS;
  const gint64 *begins = il_column_at (&series->entries.begins, entry, sizeof *begins);
  const guint32 *codes = il_column_at (&series->codes, entry, sizeof *codes);

  __builtin_prefetch (begins);
  __builtin_prefetch (begins + IL_SERIES_FAN / 2);
  __builtin_prefetch (codes);
}

/* The sums at both ends of a row, of which the later one may lie elsewhere. */
static inline void
find_sums (const IlBinScout *scout, IlBinBoundary *boundary, gboolean has_end)
{
  const IlColumn *sums = &scout->prefix->series->sums;
  guint bits = (scout->level - 1) * IL_SERIES_FAN_BITS;

  boundary->sums = il_column_at (sums, boundary->row << bits, sizeof (IlStateSums));
  if (has_end)
    boundary->sums_end = il_column_at (sums, (boundary->row + 1) << bits, sizeof (IlStateSums));
}

/* Of a boundary whose row is found.  Has memory fetch what will be looked at. */
static inline void
settle (const IlBinScout *scout, gint64 time_ns, gint64 begin_ns, gint64 end_ns,
        IlBinBoundary *boundary)
{
  gint64 length_ns = end_ns - begin_ns;

  boundary->snapped = NULL;
  boundary->part = -1;
  boundary->entry = boundary->row << scout->row_bits;
  if (end_ns != G_MAXINT64 && length_ns <= scout->coarse_ns)
    {
      boundary->part = (float)(time_ns - begin_ns) / (float)length_ns;
      boundary->entry += (gsize)(gint64)(boundary->part * scout->row_spans);
      if (length_ns <= scout->snapped_ns)
        {
          gboolean is_late = time_ns - begin_ns > end_ns - time_ns;

          boundary->snapped = is_late ? boundary->sums_end : boundary->sums;
          boundary->snapped_ns = is_late ? end_ns : begin_ns;
          prefetch (boundary->snapped, sizeof (IlStateSums));
          return;
        }
      prefetch (boundary->sums_end, sizeof (IlStateSums));
    }
  else if (scout->level == 1)
    prefetch_spans (scout->prefix->series, boundary->row);
  prefetch (boundary->sums, sizeof (IlStateSums));
}

/* Has memory fetch rows that a later boundary will be searched among.  Always as many, since a loop
 * that ends now here, now there would cost more than it gains. */
static inline void
prefetch_rows (const IlBinScout *scout, gsize offset, gsize n_passed)
{
  const gsize n_bytes = 3 * IL_SERIES_CACHE_LINE;

  offset += ROWS_AHEAD * n_passed;
  if (offset + n_bytes / sizeof (gint64) >= scout->chunk_end - scout->chunk_begin)
    return;
  prefetch (scout->begins + offset, n_bytes);
  prefetch (scout->peaks + offset, n_bytes);
}

/* Nothing is before the first span. */
static inline gint64
moment_before (const IlBinScout *scout, gint64 time_ns)
{
  return MAX (time_ns - 1, scout->first_ns);
}

/* Finds the row of a boundary not far from that of the one before, as most are.  FALSE: it is not
 * in the same chunk, or there are too many rows between. */
static inline gboolean
find_near (IlBinScout *scout, gsize from, gint64 time_ns, IlBinBoundary *boundary)
{
  const gint64 *begins;
  gsize n, i;

  if (from < scout->chunk_begin || from >= scout->chunk_end)
    return FALSE;
  begins = scout->begins + (from - scout->chunk_begin);
  n = MIN (scout->chunk_end - from, MAX_ROWS_WALKED);
  i = find_moment (begins, n, scout->n_passed, moment_before (scout, time_ns));
  if (i + 1 >= n)
    return FALSE;

  scout->n_passed = i;
  prefetch_rows (scout, from - scout->chunk_begin, i);
  boundary->row = from + i;
  boundary->peak = peak_of_few (scout->peaks + (from - scout->chunk_begin) + 1, i > 0 ? i - 1 : 0);
  if (scout->level == 1)
    {
      boundary->sums = scout->sums + (boundary->row - scout->chunk_begin);
      boundary->sums_end = boundary->sums + 1;
    }
  else
    find_sums (scout, boundary, TRUE);
  settle (scout, time_ns, begins[i], begins[i + 1], boundary);
  return TRUE;
}

static void
find_far (IlBinScout *scout, gsize from, gint64 time_ns, IlBinBoundary *boundary)
{
  const IlSeriesPrefix *prefix = scout->prefix;
  const IlSeriesLevel *level = prefix->series->levels[scout->level];
  gsize row = il_series_locate (prefix, scout->level, from, moment_before (scout, time_ns));
  gsize last = il_series_last_row (prefix, scout->level);
  guint chunk = il_column_chunk_of (row);
  gint64 end_ns;

  scout->chunk_begin = scout->chunk_end = il_column_chunk_begin (chunk);
  /* Where no row has an end yet, nothing is near, and the writer may just be adding the nodes. */
  if (scout->chunk_begin < last)
    {
      scout->chunk_end = MIN (il_column_chunk_begin (chunk + 1), last + 1);
      scout->begins = level->begins.chunks[chunk];
      scout->peaks = level->nodes.chunks[chunk];
      scout->sums = prefix->series->sums.chunks[chunk];
    }
  boundary->row = row;
  boundary->peak = il_bin_peak_of_rows (prefix, scout->level, from + 1, row);
  end_ns = il_series_row_end (prefix, scout->level, row);
  find_sums (scout, boundary, end_ns != G_MAXINT64);
  settle (scout, time_ns, il_series_row_begin (prefix, scout->level, row), end_ns, boundary);
}

/**
 * il_bin_scout_next:
 *
 * Finds one more boundary.
 */
void
il_bin_scout_next (IlBinScout *scout)
{
  gint64 time_ns = CLAMP (scout->columns.time_ns, scout->first_ns, scout->last_ns);
  gsize from = scout->n > 0 ? il_bin_scout_boundary (scout, scout->n - 1)->row : 0;
  IlBinBoundary *boundary = &scout->boundaries[scout->n % IL_BIN_N_BOUNDARIES];

  if (!find_near (scout, from, time_ns, boundary))
    find_far (scout, from, time_ns, boundary);
  scout->n++;
  il_series_columns_next (&scout->columns);
}

/**
 * il_bin_scout_init:
 * @scout: (out): set where it is worth it
 * @entry: that holds the first column's begin, or is the first one
 * @first_ns: the part of the series that is seen …
 * @last_ns: … in these columns
 *
 * Returns: FALSE where there are few columns, or few spans in them
 */
gboolean
il_bin_scout_init (IlBinScout *scout, const IlSeriesPrefix *prefix, const IlSeriesColumns *columns,
                   gsize entry, gint64 first_ns, gint64 last_ns)
{
  gsize n_spans = il_series_locate (prefix, 0, entry, last_ns) - entry;
  guint level = 1;

  if (columns->n < IL_BIN_N_AHEAD || prefix->top < 1
      || n_spans <= columns->n * IL_BIN_MAX_WALKED / 2)
    return FALSE;
  while (level < prefix->top
         && n_spans >> ((level + 1) * IL_SERIES_FAN_BITS) >= columns->n * MIN_ROWS)
    level++;
  scout->prefix = prefix;
  scout->level = level;
  scout->row_bits = level * IL_SERIES_FAN_BITS;
  scout->row_spans = (float)(((gsize)1 << scout->row_bits) - 1);
  scout->coarse_ns = (gint64)(columns->step_ns / COARSE_PART);
  scout->snapped_ns = (gint64)(columns->step_ns / SNAPPED_PART);
  scout->n_passed = 0;
  scout->chunk_begin = scout->chunk_end = 0;
  scout->columns = *columns;
  scout->first_ns = first_ns;
  scout->last_ns = last_ns;
  scout->n = 0;
  for (guint i = 0; i <= IL_BIN_N_AHEAD; i++)
    il_bin_scout_next (scout);
  return TRUE;
}
