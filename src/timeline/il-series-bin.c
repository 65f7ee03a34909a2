/* il-series-bin.c - what a series shows in each of many pixel columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cost depends on the columns, not on the spans in them: a walker goes from boundary to
 * boundary, each is shared by the two columns that it parts, and what lies between two boundaries
 * is taken from the pyramid.
 */

#include "config.h"

#include "il-series-private.h"

#include <string.h>

#define SHARE_ONE 65535

/*
 * A boundary within a node that is no longer than this part of a column is placed by interpolation
 * between the sums at the node's two ends instead of looking at the spans in it.  A state's sum is
 * then off by at most a quarter of the node's length (a straight line against a curve that climbs
 * as much, at a slope between 0 and 1), so a column's share by at most 1/16: less than a step that
 * the eye can tell in a column that shows more than a hundred spans.
 */
#define COARSE_PART 8

/* A moment's place in a series. */
typedef struct
{
  gint64 time_ns;
  gsize entry;       /* that holds it; interpolated where not exact */
  gint64 begin_ns;   /* of the entry … */
  gint64 end_ns;     /* … and G_MAXINT64 of the last one; both not set where not exact */
  gsize node;        /* of level 1 that holds it */
  gboolean is_exact; /* else interpolated within the node */
  IlStateSums sums;  /* time in each state from the beginning of the series */
} Place;

typedef struct
{
  IlSeriesPrefix prefix;
  gint64 coarse_ns; /* a node up to this long is not looked into; 0: all are */
  gsize node;       /* of level 1, where the last boundary was */
  gint64 node_begin_ns;
  gint64 node_end_ns;
  /* The entry there, where the node was looked into. */
  gboolean has_entry;
  gsize entry;
  gint64 begin_ns;
  gint64 end_ns;
  IlStateSums sums; /* up to begin_ns */
} Walker;

/* The columns of a range: column i goes from range × i / n to range × (i + 1) / n, rounded down. */
typedef struct
{
  gint64 time_ns; /* boundary reached */
  guint64 step_ns;
  guint64 rest;
  guint64 carried;
  guint64 n;
} Columns;

static void
columns_init (Columns *columns, gint64 begin_ns, gint64 end_ns, gsize n)
{
  guint64 length = (guint64)(end_ns - begin_ns);

  *columns = (Columns){ begin_ns, length / n, length % n, 0, n };
}

static gint64
columns_next (Columns *columns)
{
  columns->time_ns += (gint64)columns->step_ns;
  columns->carried += columns->rest;
  if (columns->carried >= columns->n)
    {
      columns->carried -= columns->n;
      columns->time_ns++;
    }
  return columns->time_ns;
}

static void
walker_init (Walker *walker, const IlSeriesPrefix *prefix, gint64 coarse_ns)
{
  memset (walker, 0, sizeof *walker);
  walker->prefix = *prefix;
  walker->coarse_ns = coarse_ns;
  walker->node_begin_ns = il_series_row_begin (prefix, 0, 0);
  walker->node_end_ns = prefix->top > 0 ? il_series_row_end (prefix, 1, 0) : G_MAXINT64;
}

static void
walker_go_to_node (Walker *walker, gint64 time_ns)
{
  const IlSeriesPrefix *prefix = &walker->prefix;

  walker->node = il_series_locate (prefix, 1, walker->node, time_ns);
  walker->node_begin_ns = il_series_row_begin (prefix, 1, walker->node);
  walker->node_end_ns = il_series_row_end (prefix, 1, walker->node);
  walker->has_entry = FALSE;
}

static void
walker_enter_node (Walker *walker)
{
  const IlSeriesPrefix *prefix = &walker->prefix;

  if (prefix->top > 0)
    walker->sums = IL_COLUMN_GET (&prefix->series->sums, IlStateSums, walker->node);
  else
    memset (&walker->sums, 0, sizeof walker->sums);
  walker->entry = walker->node << IL_SERIES_FAN_BITS;
  walker->begin_ns = il_series_row_begin (prefix, 0, walker->entry);
  walker->end_ns = il_series_row_end (prefix, 0, walker->entry);
  walker->has_entry = TRUE;
}

static void
walker_interpolate (const Walker *walker, Place *place)
{
  const IlStateSums *before
      = il_column_at (&walker->prefix.series->sums, walker->node, sizeof *before);
  const IlStateSums *after
      = il_column_at (&walker->prefix.series->sums, walker->node + 1, sizeof *after);
  double part = (double)(place->time_ns - walker->node_begin_ns)
                / (double)(walker->node_end_ns - walker->node_begin_ns);

  for (guint i = 0; i < IL_N_STATES; i++)
    place->sums.ns[i] = before->ns[i] + (gint64)((double)(after->ns[i] - before->ns[i]) * part);
  place->entry = (walker->node << IL_SERIES_FAN_BITS) + (gsize)(part * IL_SERIES_FAN);
  place->is_exact = FALSE;
}

/* The place of a moment that is not before the last one asked for, nor before the first span. */
static void
walker_seek (Walker *walker, gint64 time_ns, Place *place)
{
  const IlSeriesPrefix *prefix = &walker->prefix;

  if (time_ns >= walker->node_end_ns)
    walker_go_to_node (walker, time_ns);
  place->time_ns = time_ns;
  place->node = walker->node;
  if (!walker->has_entry && walker->node_end_ns != G_MAXINT64
      && walker->node_end_ns - walker->node_begin_ns <= walker->coarse_ns)
    {
      walker_interpolate (walker, place);
      return;
    }

  if (!walker->has_entry)
    walker_enter_node (walker);
  while (time_ns >= walker->end_ns)
    {
      walker->sums.ns[IL_CODE_STATE (il_series_code (prefix, walker->entry))]
          += walker->end_ns - walker->begin_ns;
      walker->begin_ns = walker->end_ns;
      walker->end_ns = il_series_row_end (prefix, 0, ++walker->entry);
    }
  place->entry = walker->entry;
  place->begin_ns = walker->begin_ns;
  place->end_ns = walker->end_ns;
  place->is_exact = TRUE;
  place->sums = walker->sums;
  place->sums.ns[IL_CODE_STATE (il_series_code (prefix, walker->entry))]
      += time_ns - walker->begin_ns;
}

static guint32
share_of (gint64 part_ns, double scale)
{
  return (guint32)MIN ((double)part_ns * scale + .5, (double)SHARE_ONE);
}

/* Shares that add up to one: what rounding leaves over goes to the largest, where it is seen least.
 */
static void
fill_shares (IlSpanBin *bin, const gint64 parts_ns[IL_N_STATES], double scale)
{
  guint total = 0, largest = 0;

  for (guint i = 0; i < IL_N_STATES; i++)
    {
      bin->share[i] = (guint16)share_of (parts_ns[i], scale);
      total += bin->share[i];
      if (bin->share[i] > bin->share[largest])
        largest = i;
    }
  bin->share[largest] = (guint16)(bin->share[largest] + SHARE_ONE - total);
}

/* Takes a span, or what of it is in the column, as the longest if it is. */
static void
offer_longest (const IlSeriesPrefix *prefix, gsize entry, gint64 length_ns, guint32 *code,
               gint64 *longest_ns)
{
  guint32 own = il_series_code (prefix, entry);

  if (IL_CODE_STATE (own) != IL_STATE_NONE
      && (length_ns > *longest_ns || (length_ns == *longest_ns && own > *code)))
    {
      *code = own;
      *longest_ns = length_ns;
    }
}

/* The longest span between two places of which the entries are known, clipped to them. */
static gint64
longest_exactly (const IlSeriesPrefix *prefix, const Place *left, const Place *right, guint32 *code)
{
  gint64 longest_ns = 0;

  *code = 0;
  if (right->entry > left->entry + 1)
    *code = (guint32)il_series_get_peak (prefix, left->entry + 1, right->entry, &longest_ns);
  offer_longest (prefix, left->entry, MIN (left->end_ns, right->time_ns) - left->time_ns, code,
                 &longest_ns);
  if (right->entry > left->entry)
    offer_longest (prefix, right->entry, right->time_ns - right->begin_ns, code, &longest_ns);
  return longest_ns;
}

/* Looks the entries of an interpolated place up. */
static void
make_exact (const IlSeriesPrefix *prefix, Place *place)
{
  if (place->is_exact)
    return;
  place->entry = il_series_locate (prefix, 0, place->node << IL_SERIES_FAN_BITS, place->time_ns);
  place->begin_ns = il_series_row_begin (prefix, 0, place->entry);
  place->end_ns = il_series_row_end (prefix, 0, place->entry);
  place->is_exact = TRUE;
}

/* The longest span between two places.  The pieces of interpolated nodes are short and left aside,
 * unless there is nothing else. */
static gint64
longest_between (const IlSeriesPrefix *prefix, const Place *left, const Place *right, guint32 *code)
{
  Place exact_left, exact_right;
  gint64 longest_ns = 0;
  gsize first, end;

  if (left->is_exact && right->is_exact)
    return longest_exactly (prefix, left, right, code);

  first = left->is_exact ? left->entry + 1 : (left->node + 1) << IL_SERIES_FAN_BITS;
  end = right->is_exact ? right->entry : right->node << IL_SERIES_FAN_BITS;
  *code = 0;
  if (first < end)
    *code = (guint32)il_series_get_peak (prefix, first, end, &longest_ns);
  if (left->is_exact)
    offer_longest (prefix, left->entry, MIN (left->end_ns, right->time_ns) - left->time_ns, code,
                   &longest_ns);
  if (right->is_exact && right->entry > left->entry)
    offer_longest (prefix, right->entry, right->time_ns - right->begin_ns, code, &longest_ns);
  if (longest_ns > 0)
    return longest_ns;

  exact_left = *left;
  exact_right = *right;
  make_exact (prefix, &exact_left);
  make_exact (prefix, &exact_right);
  return longest_exactly (prefix, &exact_left, &exact_right, code);
}

/* The last entry that begins before a place, which is not the series' begin. */
static gsize
last_before (const IlSeriesPrefix *prefix, const Place *place)
{
  gsize entry = place->entry;

  if (place->is_exact)
    while (entry > 0 && il_series_row_begin (prefix, 0, entry) >= place->time_ns)
      entry--;
  return entry;
}

static void
fill_empty (IlSpanBin *bin)
{
  memset (bin, 0, sizeof *bin);
  bin->share[IL_STATE_NONE] = SHARE_ONE;
}

/* A column of which the part between two places is covered by the series. */
static void
fill_bin (IlSpanBin *bin, const IlSeriesPrefix *prefix, const Place *left, const Place *right,
          gint64 column_ns)
{
  double scale = (double)SHARE_ONE / (double)column_ns;
  gint64 covered_ns = right->time_ns - left->time_ns;
  gint64 parts_ns[IL_N_STATES];
  gint64 longest_ns;

  memset (bin, 0, sizeof *bin);
  bin->first_index = left->entry;
  if (left->is_exact && right->time_ns <= left->end_ns)
    {
      guint32 code = il_series_code (prefix, left->entry);
      guint share = share_of (covered_ns, scale);

      bin->n_spans = 1;
      bin->share[IL_STATE_NONE] = (guint16)(SHARE_ONE - share);
      bin->share[IL_CODE_STATE (code)] = (guint16)(bin->share[IL_CODE_STATE (code)] + share);
      if (IL_CODE_STATE (code) != IL_STATE_NONE)
        {
          bin->longest_code = code;
          bin->longest_share = share;
        }
      return;
    }

  for (guint i = 0; i < IL_N_STATES; i++)
    parts_ns[i] = right->sums.ns[i] - left->sums.ns[i];
  parts_ns[IL_STATE_NONE] += column_ns - covered_ns;
  fill_shares (bin, parts_ns, scale);
  bin->n_spans = last_before (prefix, right) - left->entry + 1;
  longest_ns = longest_between (prefix, left, right, &bin->longest_code);
  bin->longest_share = share_of (longest_ns, scale);
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
 * All is exact in columns of few spans.  Where sixteen neighbouring spans are shorter than an
 * eighth of a column a share may be wrong by 1/16, the longest span may be another one where it is
 * shorter than an eighth of the column, and index and number of the spans are estimates.
 */
void
il_series_bin_spans (const IlSeries *series, gint64 begin_ns, gint64 end_ns, gint64 series_end_ns,
                     gsize n_bins, IlSpanBin *bins)
{
  IlSeriesPrefix prefix = il_series_prefix (series);
  gint64 first_ns, last_ns, boundary_ns;
  gboolean has_left = FALSE;
  Place places[2]; /* the boundaries of a column, in turns */
  Columns columns;
  Walker walker;

  g_return_if_fail (series->kind == IL_SERIES_SPANS);

  begin_ns = CLAMP (begin_ns, -IL_SERIES_TIME_LIMIT, IL_SERIES_TIME_LIMIT);
  end_ns = CLAMP (end_ns, begin_ns, IL_SERIES_TIME_LIMIT);
  if (prefix.length == 0 || n_bins == 0)
    {
      for (gsize i = 0; i < n_bins; i++)
        fill_empty (&bins[i]);
      return;
    }

  columns_init (&columns, begin_ns, end_ns, n_bins);
  walker_init (&walker, &prefix, (gint64)(columns.step_ns / COARSE_PART));
  first_ns = il_series_row_begin (&prefix, 0, 0);
  last_ns = MAX (MIN (series_end_ns, IL_SERIES_TIME_LIMIT), first_ns);
  boundary_ns = begin_ns;
  for (gsize i = 0; i < n_bins; i++)
    {
      gint64 column_begin_ns = boundary_ns;
      gint64 left_ns = CLAMP (column_begin_ns, first_ns, last_ns);
      gint64 right_ns;

      boundary_ns = columns_next (&columns);
      right_ns = CLAMP (boundary_ns, first_ns, last_ns);
      if (left_ns >= right_ns)
        {
          fill_empty (&bins[i]);
          continue;
        }
      if (!has_left)
        walker_seek (&walker, left_ns, &places[i & 1]);
      has_left = TRUE;
      walker_seek (&walker, right_ns, &places[~i & 1]);
      fill_bin (&bins[i], &prefix, &places[i & 1], &places[~i & 1], boundary_ns - column_begin_ns);
    }
}

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
  Columns columns;
  gsize entry = 0;

  g_return_if_fail (series->kind == IL_SERIES_COUNTER);

  memset (bins, 0, n_bins * sizeof *bins);
  if (prefix.length == 0 || n_bins == 0)
    return;

  begin_ns = CLAMP (begin_ns, -IL_SERIES_TIME_LIMIT, IL_SERIES_TIME_LIMIT);
  end_ns = CLAMP (end_ns, begin_ns, IL_SERIES_TIME_LIMIT);
  columns_init (&columns, begin_ns, end_ns, n_bins);
  first_ns = il_series_row_begin (&prefix, 0, 0);
  last_ns = MAX (MIN (series_end_ns, IL_SERIES_TIME_LIMIT), first_ns);
  boundary_ns = begin_ns;
  for (gsize i = 0; i < n_bins; i++)
    {
      gint64 left_ns = CLAMP (boundary_ns, first_ns, last_ns);
      gint64 right_ns;
      IlCounterNode sum;
      gsize last;

      boundary_ns = columns_next (&columns);
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
