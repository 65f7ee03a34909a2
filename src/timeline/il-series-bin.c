/* il-series-bin.c - what a series of spans shows in each of many pixel columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cost depends on the columns, hardly on the spans in them.
 */

#include "config.h"

#include "il-series-bin-private.h"

#include <string.h>

typedef struct
{
  IlBinWalker walker;
  IlBinScout scout;
  gboolean has_scout;

  /* The last boundary, if it was looked at for the column at its left: the sums at its row's begin
   * and what of the row lies before it, or the sums where it was snapped to. */
  enum
  {
    NOTHING,
    PART,
    SNAPPED,
  } last;
  IlStateTimes part;
  IlPackedTimes sums;
} Binning;

/* What of a boundary's row lies before it. */
static inline IlStateTimes
part_of_row (const IlBinBoundary *boundary, const IlPackedTimes *sums, guint shift)
{
  IlPackedTimes end = il_packed_times_from (boundary->sums_end, shift);
  IlStateTimes times = il_packed_times_between (sums, &end);

  times.first *= boundary->part;
  times.second *= boundary->part;
  times.third *= boundary->part;
  times.fourth *= boundary->part;
  return times;
}

/* Between two rows that stand for the boundaries. */
static inline IlStateTimes
times_snapped (Binning *binning, const IlBinBoundary *left, const IlBinBoundary *right, guint shift)
{
  IlPackedTimes sums = il_packed_times_from (right->snapped, shift);
  IlStateTimes times;

  if (binning->last != SNAPPED)
    binning->sums = il_packed_times_from (left->snapped, shift);
  times = il_packed_times_between (&binning->sums, &sums);
  binning->last = SNAPPED;
  binning->sums = sums;
  return times;
}

static inline IlStateTimes
times_between (Binning *binning, const IlBinBoundary *left, const IlBinBoundary *right, guint shift)
{
  IlPackedTimes sums = il_packed_times_from (right->sums, shift);
  IlStateTimes part = part_of_row (right, &sums, shift);
  IlStateTimes times;

  if (binning->last != PART)
    {
      binning->sums = il_packed_times_from (left->sums, shift);
      binning->part = part_of_row (left, &binning->sums, shift);
    }
  times = il_packed_times_between (&binning->sums, &sums);
  times.first += part.first - binning->part.first;
  times.second += part.second - binning->part.second;
  times.third += part.third - binning->part.third;
  times.fourth += part.fourth - binning->part.fourth;
  binning->last = PART;
  binning->part = part;
  binning->sums = sums;
  return times;
}

/* The way of most columns in a far zoom: both boundaries lie in rows so short that nothing has to
 * be looked at but these. */
static void
fill_far (Binning *binning, const IlBinColumn *column, const IlBinBoundary *left,
          const IlBinBoundary *right, IlSpanBin *bin)
{
  IlBinWalker *walker = &binning->walker;
  guint64 peak = right->peak;
  float unit = column->unit;
  IlStateTimes times;

  if (left->snapped != NULL && right->snapped != NULL)
    {
      times = times_snapped (binning, left, right, column->shift);
      unit *= (float)column->width_ns / (float)(right->snapped_ns - left->snapped_ns);
    }
  else
    times = times_between (binning, left, right, column->shift);
  il_state_times_to_shares (&times, unit, bin->share);
  if (G_UNLIKELY (peak == 0))
    peak = il_bin_walker_find_peak (walker, left->row << binning->scout.row_bits, column->left_ns,
                                    column->right_ns);
  il_bin_fill_longest (peak, column->scale, bin);
  bin->first_index = left->entry;
  bin->n_spans = right->entry - left->entry + 1;
  walker->entry = right->row << binning->scout.row_bits;
  walker->has_entry = walker->has_place = FALSE;
}

static void
fill_empty (IlSpanBin *bin)
{
  memset (bin, 0, sizeof *bin);
  bin->share[IL_STATE_NONE] = IL_SHARE_ONE;
}

static void
fill_seen (Binning *binning, const IlBinColumn *column, gsize i, IlSpanBin *bin)
{
  const IlBinScout *scout = &binning->scout;
  gsize node = IL_BIN_NODE_UNKNOWN;

  if (binning->has_scout)
    {
      const IlBinBoundary *left = il_bin_scout_boundary (scout, i);
      const IlBinBoundary *right = il_bin_scout_boundary (scout, i + 1);

      if (left->part >= 0 && right->part >= 0
          && column->width_ns == column->right_ns - column->left_ns)
        {
          fill_far (binning, column, left, right, bin);
          return;
        }
      if (scout->level == 1)
        node = right->row;
    }
  binning->last = NOTHING;
  il_bin_walker_fill (&binning->walker, column, node, bin);
}

/* Columns are of two widths: the narrower one, and one that is a nanosecond wider. */
static void
init_columns (const IlSeriesColumns *columns, IlBinColumn kinds[2])
{
  guint shift = il_state_times_shift (columns->step_ns + 1);

  for (guint i = 0; i < 2; i++)
    {
      double width_ns = (double)(columns->step_ns + i);

      kinds[i] = (IlBinColumn){ .width_ns = (gint64)(columns->step_ns + i),
                                .scale = IL_SHARE_ONE / width_ns,
                                .shift = shift,
                                .unit = (float)(IL_SHARE_ONE * (double)((guint64)1 << shift)
                                                / width_ns) };
    }
}

static void
fill_bins (Binning *binning, IlSeriesColumns *columns, gint64 first_ns, gint64 last_ns,
           IlSpanBin *bins)
{
  IlBinColumn kinds[2];

  init_columns (columns, kinds);
  for (gsize i = 0; i < columns->n; i++)
    {
      gint64 left_ns = columns->time_ns;
      gint64 right_ns = il_series_columns_next (columns);
      IlBinColumn *column = &kinds[(guint64)(right_ns - left_ns) - columns->step_ns];

      column->left_ns = CLAMP (left_ns, first_ns, last_ns);
      column->right_ns = CLAMP (right_ns, first_ns, last_ns);
      if (column->left_ns < column->right_ns)
        fill_seen (binning, column, i, &bins[i]);
      else
        fill_empty (&bins[i]);
      if (binning->has_scout)
        il_bin_scout_next (&binning->scout);
    }
}

/**
 * il_series_bin_spans:
 * @series: a series of spans
 * @begin_ns: begin of the range shown
 * @end_ns: its end
 * @series_end_ns: where the last span is to end
 * @n_bins: number of columns
 * @bins: (out caller-allocates) (array length=n_bins): from the left
 *
 * Divides a range into columns of the same width and says what each shows.  Shares always add up to
 * 65535; what the series does not cover is %IL_STATE_NONE, and a column without width is nothing
 * else.
 *
 * All is exact in columns of few spans, and where fewer than sixteen columns are asked for.  Where
 * sixteen neighbouring spans (or 256, where thousands share a column, and so on) are shorter than
 * an eighth of a column a share may be wrong by 1/16, the longest span may be another one where it
 * is shorter than an eighth of the column, and index and number of the spans are estimates.
 */
void
il_series_bin_spans (const IlSeries *series, gint64 begin_ns, gint64 end_ns, gint64 series_end_ns,
                     gsize n_bins, IlSpanBin *bins)
{
  IlSeriesPrefix prefix = il_series_prefix (series);
  IlSeriesColumns columns;
  gint64 first_ns, last_ns;
  Binning binning;

  g_return_if_fail (series->kind == IL_SERIES_SPANS);

  begin_ns = CLAMP (begin_ns, -IL_SERIES_TIME_LIMIT, IL_SERIES_TIME_LIMIT);
  end_ns = CLAMP (end_ns, begin_ns, IL_SERIES_TIME_LIMIT);
  if (prefix.length == 0 || n_bins == 0)
    {
      for (gsize i = 0; i < n_bins; i++)
        fill_empty (&bins[i]);
      return;
    }

  il_series_columns_init (&columns, begin_ns, end_ns, n_bins);
  first_ns = il_series_row_begin (&prefix, 0, 0);
  last_ns = MAX (MIN (series_end_ns, IL_SERIES_TIME_LIMIT), first_ns);
  il_bin_walker_init (&binning.walker, &prefix, CLAMP (begin_ns, first_ns, last_ns));
  binning.last = NOTHING;
  binning.has_scout = il_bin_scout_init (&binning.scout, &prefix, &columns, binning.walker.entry,
                                         first_ns, CLAMP (end_ns, first_ns, last_ns));
  fill_bins (&binning, &columns, first_ns, last_ns, bins);
}
