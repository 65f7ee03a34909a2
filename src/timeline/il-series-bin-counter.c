/* il-series-bin-counter.c - what a counter shows in each of many pixel columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-series-private.h"

#include <string.h>

/* What values do between two moments: the entries first … last, of which all but the last have
 * their end. */
static IlCounterNode
counter_between (const IlSeriesPrefix *prefix, gsize first, gsize last, gint64 begin_ns,
                 gint64 end_ns)
{
  guint32 value = il_series_code (prefix, first);
  IlCounterNode sum = { value, value, 0 };
  IlSeriesCover cover = { first + 1, last, 0 };
  gsize row, n_rows;
  guint level;

  if (first == last)
    {
      sum.integral = (double)value * (double)(end_ns - begin_ns);
      return sum;
    }

  sum.integral = (double)value * (double)(il_series_row_begin (prefix, 0, first + 1) - begin_ns);
  while (il_series_cover_next (&cover, &level, &row, &n_rows))
    for (gsize i = row; i < row + n_rows; i++)
      {
        IlCounterNode node;

        if (level > 0)
          node = IL_COLUMN_GET (&prefix->series->levels[level]->nodes, IlCounterNode, i);
        else
          {
            node.min = node.max = il_series_code (prefix, i);
            node.integral = (double)node.min
                            * (double)(il_series_row_begin (prefix, 0, i + 1)
                                       - il_series_row_begin (prefix, 0, i));
          }
        sum.min = MIN (sum.min, node.min);
        sum.max = MAX (sum.max, node.max);
        sum.integral += node.integral;
      }
  value = il_series_code (prefix, last);
  sum.min = MIN (sum.min, value);
  sum.max = MAX (sum.max, value);
  sum.integral += (double)value * (double)(end_ns - il_series_row_begin (prefix, 0, last));
  return sum;
}

/**
 * il_series_bin_counter:
 * @series: a counter's series
 * @begin_ns: begin of the range shown
 * @end_ns: its end
 * @series_end_ns: where the last value ends
 * @n_bins: number of columns
 * @bins: (out caller-allocates) (array length=n_bins): from the left
 *
 * Divides a range into columns of the same width and says exactly what values each saw, also those
 * held for no time.  A column that has no width, or that no value reaches into, is not covered; the
 * mean of one that is covered in part is over that part.
 */
void
il_series_bin_counter (const IlSeries *series, gint64 begin_ns, gint64 end_ns, gint64 series_end_ns,
                       gsize n_bins, IlCounterBin *bins)
{
  IlSeriesPrefix prefix = il_series_prefix (series);
  gint64 first_ns, last_ns, boundary_ns;
  IlSeriesColumns columns;
  gsize entry = 0;

  g_return_if_fail (series->kind == IL_SERIES_COUNTER);

  memset (bins, 0, n_bins * sizeof *bins);
  if (prefix.length == 0 || n_bins == 0)
    return;

  begin_ns = CLAMP (begin_ns, -IL_SERIES_TIME_LIMIT, IL_SERIES_TIME_LIMIT);
  end_ns = CLAMP (end_ns, begin_ns, IL_SERIES_TIME_LIMIT);
  il_series_columns_init (&columns, begin_ns, end_ns, n_bins);
  first_ns = il_series_row_begin (&prefix, 0, 0);
  last_ns = MAX (MIN (series_end_ns, IL_SERIES_TIME_LIMIT), first_ns);
  boundary_ns = begin_ns;
  for (gsize i = 0; i < n_bins; i++)
    {
      gint64 left_ns = CLAMP (boundary_ns, first_ns, last_ns);
      gint64 right_ns;
      IlCounterNode sum;
      gsize last;

      boundary_ns = il_series_columns_next (&columns);
      right_ns = CLAMP (boundary_ns, first_ns, last_ns);
      if (left_ns >= right_ns)
        continue;

      /* Of values that begin together, all but the last are held for no time: shown all the same.
       */
      entry = il_series_locate (&prefix, 0, entry, left_ns);
      while (entry > 0 && il_series_row_begin (&prefix, 0, entry - 1) == left_ns)
        entry--;
      last = il_series_locate (&prefix, 0, entry, right_ns - 1);
      sum = counter_between (&prefix, entry, last, left_ns, right_ns);
      bins[i] = (IlCounterBin){
        .min = sum.min,
        .max = sum.max,
        .last = il_series_code (&prefix, last),
        .mean = sum.integral / (double)(right_ns - left_ns),
        .covered = TRUE,
      };
    }
}
