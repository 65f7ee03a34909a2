/* il-distribution.c - total, percentiles and maximum of many lengths of time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report-private.h"

#include <string.h>

/* Moves the value that belongs at place k of the sorted array there, smaller ones before it and
 * larger ones behind; everything outside of [low, high) is already right.  Hoare's selection:
 * linear, where sorting millions of waits would take seconds. */
static gint64
select_kth (gint64 *values, gsize low, gsize high, gsize k)
{
  while (high - low > 1)
    {
      gint64 a = values[low], b = values[low + (high - low) / 2], c = values[high - 1];
      gint64 pivot = MAX (MIN (a, b), MIN (MAX (a, b), c));
      gssize i = (gssize)low, j = (gssize)high - 1;

      while (i <= j)
        {
          while (values[i] < pivot)
            i++;
          while (values[j] > pivot)
            j--;
          if (i <= j)
            {
              gint64 swapped = values[i];

              values[i++] = values[j];
              values[j--] = swapped;
            }
        }
      if ((gssize)k <= j)
        high = (gsize)j + 1;
      else if ((gssize)k >= i)
        low = (gsize)i;
      else
        break;
    }
  return values[k];
}

/* Nearest rank: the smallest value that at least percent % of all values do not exceed. */
static gsize
rank_of (gsize n, guint percent)
{
  return (n * percent + 99) / 100 - 1;
}

/**
 * il_distribution_take:
 * @array: (element-type gint64): their order is changed
 *
 * Takes exact percentiles of lengths of time, by nearest rank.
 */
void
il_distribution_take (IlDistribution *distribution, GArray *array)
{
  gint64 *values = (gint64 *)(gpointer)array->data;
  gsize n = array->len;
  gsize p50, p90, p99;

  memset (distribution, 0, sizeof *distribution);
  distribution->n = n;
  if (n == 0)
    return;
  for (gsize i = 0; i < n; i++)
    {
      distribution->total_ns += values[i];
      distribution->max_ns = MAX (distribution->max_ns, values[i]);
    }
  p50 = rank_of (n, 50);
  p90 = rank_of (n, 90);
  p99 = rank_of (n, 99);
  distribution->p50_ns = select_kth (values, 0, n, p50);
  distribution->p90_ns = select_kth (values, p50, n, p90);
  distribution->p99_ns = select_kth (values, p90, n, p99);
}
