/* il-series-bin.c - what a series of spans shows in each of many pixel columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cost depends on the columns, not on the spans in them.  A walker goes through the columns
 * from left to right.  Where there are few spans in a column it adds them up one by one; else it
 * takes what lies between the column's two boundaries from the pyramid, and each boundary is looked
 * at once for both columns that it parts.
 */

#include "config.h"

#include "il-series-shares-private.h"

#include <string.h>

/* So many spans in a column are faster added up one by one, since they stand side by side. */
#define MAX_WALKED 40

/* The same for nodes of level 1. */
#define MAX_NODES_WALKED 48

/* So many of them are compared without a branch. */
#define WINDOW 8

/*
 * A boundary within a node that is no longer than this part of a column is placed by interpolation
 * between the sums at the node's two ends instead of looking at the spans in it.  A state's sum is
 * then off by at most a quarter of the node's length (a straight line against a curve that climbs
 * as much, at a slope between 0 and 1), so a column's share by at most 1/16: hardly a step that the
 * eye can tell, in a column that shows more than a hundred spans.
 */
#define COARSE_PART 8

/* So many columns ahead of the one that is filled memory is asked for. */
#define N_AHEAD 16
#define N_BOUNDARIES (2 * N_AHEAD) /* a power of two */

/* A boundary's place in the series. */
typedef struct
{
  gint64 time_ns;
  gsize node;          /* of level 1 that holds it */
  gboolean is_exact;   /* else interpolated within the node, and only entry and sums are set */
  gsize entry;         /* that holds it */
  gint64 begin_ns;     /* of the entry … */
  gint64 end_ns;       /* … and G_MAXINT64 of the last one */
  guint64 peak_before; /* of the node's other spans, before and after it */
  guint64 peak_after;
  IlStateSums sums; /* time in each state from the beginning of the series */
} Place;

/* What a column holds.  All zero between two columns: whoever reads it clears it. */
typedef struct
{
  gint64 ns[IL_N_STATES];
  guint64 peak;
} Content;

typedef struct
{
  IlSeriesPrefix prefix;
  gint64 coarse_ns; /* a node up to this long is not looked into */
  guint n_states;
  guint8 states[IL_N_STATES]; /* those that take any time at all */

  /* The entry that holds the last boundary, where it was looked for. */
  gboolean has_entry;
  gsize entry;
  gint64 end_ns; /* of it */

  /* The last boundary's place, where it was looked for; the other one is for the next. */
  gboolean has_place;
  guint at;
  Place places[2];

  /* What of the last boundary's node lies before it, where that is all that was looked at. */
  gboolean has_part;
  IlStateTimes part;

  Content content;
} Walker;

/* Where two columns part, as seen from level 1. */
typedef struct
{
  gsize node;   /* that holds it */
  guint64 peak; /* of the nodes between that of the boundary before and this one's */
  float part; /* of the node that lies before it; negative: the node is too long to tell by that */
  const IlStateSums *sums; /* where the node begins and where it ends, unless part is negative */
} Boundary;

/*
 * Where there are many spans in a column, its two boundaries lie far from each other in memory.  A
 * scout goes ahead, finds the node of each boundary, and has memory fetch what will be looked at.
 */
typedef struct
{
  gboolean is_out; /* it is worth it */
  gsize n_passed; /* nodes from the boundary before to the last one: about as many as to the next */
  IlSeriesColumns columns;
  gint64 first_ns;
  gint64 last_ns;
  gsize n;                           /* boundaries found */
  Boundary boundaries[N_BOUNDARIES]; /* the left one of column i is at i modulo N_BOUNDARIES */
} Scout;

#define NODE_NOT_FOUND G_MAXSIZE

typedef struct
{
  gint64 width_ns;
  double scale;   /* from ns to shares */
  guint shift;    /* the unit of IlStateTimes … */
  float unit;     /* … and from there to shares */
  gint64 left_ns; /* the part that the series covers */
  gint64 right_ns;
  gsize right_node; /* of level 1, that holds right_ns, if the scout found it */
} Column;

/* The states that any span with a length may have: only these have shares to be worked out. */
static void
find_states (Walker *walker)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  gsize row = prefix->top > 0 ? il_series_last_row (prefix, 1) : 0;
  guint32 seen = 1u << IL_STATE_NONE;

  if (row > 0)
    {
      const IlStateSums *sums = il_column_at (&prefix->series->sums, row, sizeof *sums);

      for (guint i = 0; i < IL_N_STATES; i++)
        seen |= (guint32)(sums->ns[i] > 0) << i;
    }
  for (gsize i = row << IL_SERIES_FAN_BITS; i < prefix->length; i++)
    seen |= 1u << IL_CODE_STATE (il_series_code (prefix, i));
  for (guint i = 0; i < IL_N_STATES; i++)
    if (seen & 1u << i)
      walker->states[walker->n_states++] = (guint8)i;
}

static void
walker_init (Walker *walker, const IlSeriesPrefix *prefix, gint64 coarse_ns)
{
  walker->prefix = *prefix;
  walker->coarse_ns = coarse_ns;
  walker->n_states = 0;
  walker->has_entry = FALSE;
  walker->has_place = FALSE;
  walker->at = 0;
  walker->has_part = FALSE;
  memset (&walker->content, 0, sizeof walker->content);
  find_states (walker);
}

static void
walker_enter (Walker *walker, gint64 time_ns)
{
  walker->entry = il_series_locate (&walker->prefix, 0, 0, time_ns);
  walker->end_ns = il_series_row_end (&walker->prefix, 0, walker->entry);
  walker->has_entry = TRUE;
}

/* Adds the spans up from the entry at hand, which holds left_ns, to the one that right_ns is in or
 * at the end of. */
static void
walk_spans (Walker *walker, gint64 left_ns, gint64 right_ns)
{
  Content *content = &walker->content;
  const IlSeriesPrefix *prefix = &walker->prefix;
  IlSeriesLongest longest = { 0, 0 };
  gint64 at_ns = left_ns;

  for (;;)
    {
      gsize entry = walker->entry;
      gsize chunk_end = il_column_chunk_begin (il_column_chunk_of (entry) + 1);
      gsize n = MIN (chunk_end, prefix->length) - entry - 1; /* whose end is in the same chunk */
      const gint64 *ends
          = (const gint64 *)il_column_at (&prefix->series->entries.begins, entry, sizeof *ends) + 1;
      const guint32 *codes = il_column_at (&prefix->series->codes, entry, sizeof *codes);
      gsize i;

      for (i = 0; i < n && ends[i] < right_ns; i++)
        {
          content->ns[IL_CODE_STATE (codes[i])] += ends[i] - at_ns;
          il_series_offer (&longest, ends[i] - at_ns, codes[i]);
          at_ns = ends[i];
        }
      walker->entry += i;
      walker->end_ns = il_series_row_end (prefix, 0, walker->entry);
      if (walker->end_ns >= right_ns)
        break;

      content->ns[IL_CODE_STATE (codes[i])] += walker->end_ns - at_ns;
      il_series_offer (&longest, walker->end_ns - at_ns, codes[i]);
      at_ns = walker->end_ns;
      walker->entry++;
    }
  content->ns[IL_CODE_STATE (il_series_code (prefix, walker->entry))] += right_ns - at_ns;
  il_series_offer (&longest, right_ns - at_ns, il_series_code (prefix, walker->entry));
  content->peak = il_series_peak_of (&longest);
}

/* Adds up what of the node lies before the place, and notes what is longest on either side of it.
 */
static void
look_into_node (const Walker *walker, gint64 node_end_ns, Place *place)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  gsize first = place->node << IL_SERIES_FAN_BITS;
  gsize n = MIN (prefix->length - first, IL_SERIES_FAN);
  const gint64 *begins = il_column_at (&prefix->series->entries.begins, first, sizeof *begins);
  const guint32 *codes = il_column_at (&prefix->series->codes, first, sizeof *codes);
  IlSeriesLongest before = { 0, 0 }, after = { 0, 0 };
  gsize i;

  place->is_exact = TRUE;
  place->sums = IL_COLUMN_GET (&prefix->series->sums, IlStateSums, place->node);
  for (i = 0; i + 1 < n && begins[i + 1] <= place->time_ns; i++)
    {
      place->sums.ns[IL_CODE_STATE (codes[i])] += begins[i + 1] - begins[i];
      il_series_offer (&before, begins[i + 1] - begins[i], codes[i]);
    }
  place->entry = first + i;
  place->begin_ns = begins[i];
  place->end_ns = i + 1 < n ? begins[i + 1] : node_end_ns;
  place->sums.ns[IL_CODE_STATE (codes[i])] += place->time_ns - begins[i];
  for (i++; i + 1 < n; i++)
    il_series_offer (&after, begins[i + 1] - begins[i], codes[i]);
  if (i < n && node_end_ns != G_MAXINT64)
    il_series_offer (&after, node_end_ns - begins[i], codes[i]);
  place->peak_before = il_series_peak_of (&before);
  place->peak_after = il_series_peak_of (&after);
}

static gboolean
is_coarse (const Walker *walker, gint64 node_begin_ns, gint64 node_end_ns)
{
  return node_end_ns != G_MAXINT64 && node_end_ns - node_begin_ns <= walker->coarse_ns;
}

static void
interpolate (const Walker *walker, gint64 node_begin_ns, gint64 node_end_ns, Place *place)
{
  const IlColumn *rows = &walker->prefix.series->sums;
  const IlStateSums *before = il_column_at (rows, place->node, sizeof *before);
  const IlStateSums *after = il_column_at (rows, place->node + 1, sizeof *after);
  double part = (double)(place->time_ns - node_begin_ns) / (double)(node_end_ns - node_begin_ns);

  for (guint i = 0; i < walker->n_states; i++)
    {
      guint state = walker->states[i];
      double climb = (double)(after->ns[state] - before->ns[state]);

      place->sums.ns[state] = before->ns[state] + (gint64)(climb * part);
    }
  place->is_exact = FALSE;
  place->entry = (place->node << IL_SERIES_FAN_BITS) + (gsize)(part * IL_SERIES_FAN);
  place->peak_before = place->peak_after = 0;
}

/* Looks at the place of a moment, which is in that node of level 1. */
static void
find_place (const Walker *walker, gsize node, gint64 time_ns, Place *place)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  gint64 node_begin_ns, node_end_ns;

  place->time_ns = time_ns;
  place->node = node;
  node_begin_ns = il_series_row_begin (prefix, 1, place->node);
  node_end_ns = il_series_row_end (prefix, 1, place->node);
  if (is_coarse (walker, node_begin_ns, node_end_ns))
    interpolate (walker, node_begin_ns, node_end_ns, place);
  else
    look_into_node (walker, node_end_ns, place);
}

/* The largest of nodes that stand side by side. */
static guint64
peak_of_nodes (const IlSeriesPrefix *prefix, guint level, gsize first, gsize n)
{
  const guint64 *nodes = il_column_at (&prefix->series->levels[level]->nodes, first, sizeof *nodes);
  guint64 peak = 0;

  for (gsize i = 0; i < n; i++)
    peak = MAX (peak, nodes[i]);
  return peak;
}

/* Few nodes are looked at one by one, for many there is the next level. */
static guint64
peak_of_range (const IlSeriesPrefix *prefix, gsize first, gsize end)
{
  IlSeriesCover cover = { first, end, 1 };
  guint64 peak = 0;
  gsize row, n_rows;
  guint level;

  if (first < end && end - first <= MAX_NODES_WALKED
      && il_column_chunk_of (first) == il_column_chunk_of (end - 1))
    return peak_of_nodes (prefix, 1, first, end - first);
  while (il_series_cover_next (&cover, &level, &row, &n_rows))
    {
      guint64 piece = peak_of_nodes (prefix, level, row, n_rows);

      peak = MAX (peak, piece);
    }
  return peak;
}

typedef double __attribute__ ((may_alias)) Peak;

static inline double
larger (double a, double b)
{
  return a > b ? a : b;
}

/* The largest of a few nodes side by side.  As doubles peaks have the same order, since none has an
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
      a = larger (peaks[i], a);
  else
    for (gsize i = 0;; i = MIN (i + 4, n - 4))
      {
        a = larger (peaks[i], a);
        b = larger (peaks[i + 1], b);
        c = larger (peaks[i + 2], c);
        d = larger (peaks[i + 3], d);
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
      gsize n_passed = 0;

      for (gsize k = 1; k < WINDOW; k++)
        n_passed += moments[i + k] <= time_ns;
      return i + n_passed;
    }
  i = guess < n ? guess : 0;
  while (moments[i] > time_ns)
    i--;
  while (i + 1 < n && moments[i + 1] <= time_ns)
    i++;
  return i;
}

/* What is known of a boundary once its node is found.  Has memory fetch what will be looked at. */
static void
settle_boundary (const Walker *walker, gint64 time_ns, gint64 begin_ns, gint64 end_ns,
                 Boundary *boundary)
{
  const char *sums = (const char *)boundary->sums;

  for (gsize i = 0; i < 2 * sizeof (IlStateSums); i += IL_SERIES_CACHE_LINE)
    __builtin_prefetch (sums + i);
  __builtin_prefetch (sums + 2 * sizeof (IlStateSums) - 1);
  if (is_coarse (walker, begin_ns, end_ns))
    boundary->part = (float)(time_ns - begin_ns) / (float)(end_ns - begin_ns);
  else
    {
      const IlSeries *series = walker->prefix.series;
      gsize entry = boundary->node << IL_SERIES_FAN_BITS;
      const gint64 *begins = il_column_at (&series->entries.begins, entry, sizeof *begins);

      __builtin_prefetch (begins);
      __builtin_prefetch (begins + IL_SERIES_FAN / 2);
      __builtin_prefetch (il_column_at (&series->codes, entry, sizeof (guint32)));
      boundary->part = -1;
    }
}

/* Finds the node of a boundary not far from that of the one before, as most are.  FALSE: it is not
 * in the same chunk, or there are too many nodes between. */
static gboolean
find_boundary_near (Scout *scout, const Walker *walker, gsize from, gint64 time_ns,
                    Boundary *boundary)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  const IlSeriesLevel *level = prefix->series->levels[1];
  guint chunk = il_column_chunk_of (from);
  gsize offset = from - il_column_chunk_begin (chunk);
  const gint64 *begins = (const gint64 *)level->begins.chunks[chunk] + offset;
  gsize n = MIN (il_column_chunk_begin (chunk + 1), il_series_last_row (prefix, 1) + 1) - from;
  gsize i;

  n = MIN (n, MAX_NODES_WALKED);
  i = find_moment (begins, n, scout->n_passed, time_ns);
  if (i + 1 >= n)
    return FALSE;

  scout->n_passed = i;
  boundary->node = from + i;
  boundary->peak
      = peak_of_few ((const guint64 *)level->nodes.chunks[chunk] + offset + 1, i > 0 ? i - 1 : 0);
  boundary->sums = (const IlStateSums *)prefix->series->sums.chunks[chunk] + offset + i;
  settle_boundary (walker, time_ns, begins[i], begins[i + 1], boundary);
  return TRUE;
}

static void
find_boundary (const Walker *walker, gsize from, gint64 time_ns, Boundary *boundary)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  gsize node = il_series_locate (prefix, 1, from, time_ns);

  boundary->node = node;
  boundary->peak = peak_of_range (prefix, from + 1, node);
  boundary->sums = il_column_at (&prefix->series->sums, node, sizeof (IlStateSums));
  settle_boundary (walker, time_ns, il_series_row_begin (prefix, 1, node),
                   il_series_row_end (prefix, 1, node), boundary);
  if (il_column_chunk_of (node) != il_column_chunk_of (node + 1))
    boundary->part = -1;
}

static void
scout_next (Scout *scout, const Walker *walker)
{
  gint64 time_ns = CLAMP (scout->columns.time_ns, scout->first_ns, scout->last_ns);
  gsize from = scout->n > 0 ? scout->boundaries[(scout->n - 1) % N_BOUNDARIES].node : 0;
  Boundary *boundary = &scout->boundaries[scout->n % N_BOUNDARIES];

  if (!find_boundary_near (scout, walker, from, time_ns, boundary))
    find_boundary (walker, from, time_ns, boundary);
  scout->n++;
  il_series_columns_next (&scout->columns);
}

static void
scout_init (Scout *scout, const Walker *walker, const IlSeriesColumns *columns, gint64 first_ns,
            gint64 last_ns)
{
  gsize last = il_series_locate (&walker->prefix, 0, walker->entry, last_ns);

  scout->is_out = last - walker->entry > columns->n * MAX_WALKED / 2;
  if (!scout->is_out)
    return;
  scout->columns = *columns;
  scout->first_ns = first_ns;
  scout->last_ns = last_ns;
  scout->n_passed = 0;
  scout->n = 0;
  for (guint i = 0; i <= N_AHEAD; i++)
    scout_next (scout, walker);
}

/* The longest of what lies between two places, as far as it was looked at. */
static guint64
peak_between (const IlSeriesPrefix *prefix, const Place *left, const Place *right)
{
  guint64 inner = peak_of_range (prefix, left->node + 1, right->node);
  guint64 peak = MAX (left->peak_after, right->peak_before);

  peak = MAX (peak, inner);
  if (left->is_exact)
    peak = MAX (
        peak, il_series_peak (left->end_ns - left->time_ns, il_series_code (prefix, left->entry)));
  if (right->is_exact)
    peak = MAX (peak, il_series_peak (right->time_ns - right->begin_ns,
                                      il_series_code (prefix, right->entry)));
  return peak;
}

static void
fill_longest (guint64 peak, double scale, IlSpanBin *bin)
{
  double share = il_series_peak_length (peak) * scale + .5;

  bin->longest_code = (guint32)peak;
  bin->longest_share = (guint32)MIN (share, IL_SHARE_ONE) & -(guint32)(peak != 0);
}

static void
fill_shares (Walker *walker, const Column *column, IlSpanBin *bin)
{
  Content *content = &walker->content;
  IlStateTimes times = il_state_times_from (content->ns, column->shift);

  memset (content->ns, 0, sizeof content->ns);
  il_state_times_to_shares (&times, column->unit, bin->share);
  fill_longest (content->peak, column->scale, bin);
}

/* A column within one span. */
static void
fill_single (guint32 code, guint32 share, IlSpanBin *bin)
{
  guint state = IL_CODE_STATE (code);

  bin->n_spans = 1;
  bin->share[IL_STATE_NONE] = (guint16)(IL_SHARE_ONE - share);
  bin->share[state] = (guint16)(bin->share[state] + share);
  if (state != IL_STATE_NONE)
    {
      bin->longest_code = code;
      bin->longest_share = share;
    }
}

/* A column of so many spans that they are not walked.  FALSE: no span that is worth showing was
 * seen at its edges and between them. */
static gboolean
fill_from_pyramid (Walker *walker, const Column *column, IlSpanBin *bin)
{
  Content *content = &walker->content;
  gsize right_node = column->right_node;
  Place *left = &walker->places[walker->at];
  Place *right = &walker->places[walker->at ^ 1];

  if (!walker->has_place)
    find_place (walker, walker->entry >> IL_SERIES_FAN_BITS, column->left_ns, left);
  if (right_node == NODE_NOT_FOUND)
    right_node = il_series_locate (&walker->prefix, 1, left->node, column->right_ns);
  find_place (walker, right_node, column->right_ns, right);
  for (guint i = 0; i < walker->n_states; i++)
    {
      guint state = walker->states[i];

      content->ns[state] = right->sums.ns[state] - left->sums.ns[state];
    }
  content->peak = peak_between (&walker->prefix, left, right);
  bin->first_index = left->entry;
  bin->n_spans = right->entry - left->entry + 1;
  if (right->is_exact && right->begin_ns == column->right_ns)
    bin->n_spans--;

  walker->at ^= 1;
  walker->has_place = TRUE;
  walker->has_entry = right->is_exact;
  walker->entry = right->entry;
  walker->end_ns = right->end_ns;
  return content->peak != 0;
}

/* The longest span between two moments, of which the first is in the entry or behind it. */
static guint64
find_peak (const Walker *walker, gsize entry, gint64 left_ns, gint64 right_ns)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  guint64 peak = 0;

  entry = il_series_locate (prefix, 0, entry, left_ns);
  for (; entry < prefix->length; entry++)
    {
      gint64 begin_ns = MAX (il_series_row_begin (prefix, 0, entry), left_ns);
      gint64 end_ns = MIN (il_series_row_end (prefix, 0, entry), right_ns);

      if (begin_ns >= right_ns)
        break;
      peak = MAX (peak, il_series_peak (end_ns - begin_ns, il_series_code (prefix, entry)));
    }
  return peak;
}

static gsize
entry_near (const Boundary *boundary)
{
  guint within = (guint)(boundary->part * IL_SERIES_FAN);

  return (boundary->node << IL_SERIES_FAN_BITS) + MIN (within, IL_SERIES_FAN - 1);
}

/* What of a boundary's node lies before it. */
static inline IlStateTimes
part_of_node (const Boundary *boundary, guint shift)
{
  IlStateTimes times = il_state_times_between (boundary->sums, boundary->sums + 1, shift);

  times.first *= boundary->part;
  times.second *= boundary->part;
  times.third *= boundary->part;
  return times;
}

/* The way of most columns in a far zoom: both boundaries lie in nodes so short that nothing has to
 * be looked at but these. */
static void
fill_from_nodes (Walker *walker, const Column *column, const Boundary *left, const Boundary *right,
                 IlSpanBin *bin)
{
  IlStateTimes part = part_of_node (right, column->shift);
  IlStateTimes times = il_state_times_between (left->sums, right->sums, column->shift);
  guint64 peak = right->peak;

  if (!walker->has_part)
    walker->part = part_of_node (left, column->shift);
  times.first += part.first - walker->part.first;
  times.second += part.second - walker->part.second;
  times.third += part.third - walker->part.third;
  il_state_times_to_shares (&times, column->unit, bin->share);
  if (G_UNLIKELY (peak == 0))
    peak = find_peak (walker, left->node << IL_SERIES_FAN_BITS, column->left_ns, column->right_ns);
  fill_longest (peak, column->scale, bin);
  bin->first_index = entry_near (left);
  walker->entry = entry_near (right);
  bin->n_spans = walker->entry - bin->first_index + 1;
  walker->has_entry = walker->has_place = FALSE;
  walker->has_part = TRUE;
  walker->part = part;
}

static gboolean
is_sparse (const Walker *walker, gint64 right_ns)
{
  gsize beyond = walker->entry + MAX_WALKED;

  return walker->has_entry
         && (beyond >= walker->prefix.length
             || il_series_row_begin (&walker->prefix, 0, beyond) >= right_ns);
}

static void
fill_bin (Walker *walker, const Column *column, IlSpanBin *bin)
{
  const IlSeriesPrefix *prefix = &walker->prefix;

  memset (bin, 0, sizeof *bin);
  walker->has_part = FALSE;
  while (walker->has_entry && walker->end_ns <= column->left_ns)
    walker->end_ns = il_series_row_end (prefix, 0, ++walker->entry);
  bin->first_index = walker->entry;
  if (walker->has_entry && column->right_ns <= walker->end_ns)
    {
      double share = (double)(column->right_ns - column->left_ns) * column->scale + .5;

      fill_single (il_series_code (prefix, walker->entry), (guint32)share, bin);
      walker->has_place = FALSE;
      return;
    }

  if (is_sparse (walker, column->right_ns))
    {
      walk_spans (walker, column->left_ns, column->right_ns);
      bin->n_spans = walker->entry - bin->first_index + 1;
      walker->has_place = FALSE;
    }
  else if (!fill_from_pyramid (walker, column, bin))
    walker->content.peak = find_peak (walker, bin->first_index & ~(gsize)(IL_SERIES_FAN - 1),
                                      column->left_ns, column->right_ns);
  walker->content.ns[IL_STATE_NONE] += column->width_ns - (column->right_ns - column->left_ns);
  fill_shares (walker, column, bin);
}

static void
fill_empty (IlSpanBin *bin)
{
  memset (bin, 0, sizeof *bin);
  bin->share[IL_STATE_NONE] = IL_SHARE_ONE;
}

/* Columns are of two widths: the narrower one, and one that is a nanosecond wider. */
static void
init_columns (const IlSeriesColumns *columns, Column kinds[2])
{
  guint shift = il_state_times_shift (columns->step_ns + 1);

  for (guint i = 0; i < 2; i++)
    {
      double width_ns = (double)(columns->step_ns + i);

      kinds[i] = (Column){ .width_ns = (gint64)(columns->step_ns + i),
                           .scale = IL_SHARE_ONE / width_ns,
                           .shift = shift,
                           .unit = (float)(IL_SHARE_ONE * (double)((guint64)1 << shift) / width_ns),
                           .right_node = NODE_NOT_FOUND };
    }
}

static void
fill_bins (Walker *walker, Scout *scout, IlSeriesColumns *columns, gint64 first_ns, gint64 last_ns,
           IlSpanBin *bins)
{
  Column kinds[2];

  init_columns (columns, kinds);
  for (gsize i = 0; i < columns->n; i++)
    {
      gint64 left_ns = columns->time_ns;
      gint64 right_ns = il_series_columns_next (columns);
      Column *column = &kinds[(guint64)(right_ns - left_ns) - columns->step_ns];
      const Boundary *left = &scout->boundaries[i % N_BOUNDARIES];
      const Boundary *right = &scout->boundaries[(i + 1) % N_BOUNDARIES];

      column->left_ns = CLAMP (left_ns, first_ns, last_ns);
      column->right_ns = CLAMP (right_ns, first_ns, last_ns);
      if (scout->is_out)
        column->right_node = right->node;
      if (column->left_ns >= column->right_ns)
        fill_empty (&bins[i]);
      else if (scout->is_out && left->part >= 0 && right->part >= 0 && left_ns == column->left_ns
               && right_ns == column->right_ns)
        fill_from_nodes (walker, column, left, right, &bins[i]);
      else
        fill_bin (walker, column, &bins[i]);
      if (scout->is_out)
        scout_next (scout, walker);
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
 * All is exact in columns of few spans.  Where sixteen neighbouring spans are shorter than an
 * eighth of a column a share may be wrong by 1/16, the longest span may be another one where it is
 * shorter than an eighth of the column, and index and number of the spans are estimates.
 */
void
il_series_bin_spans (const IlSeries *series, gint64 begin_ns, gint64 end_ns, gint64 series_end_ns,
                     gsize n_bins, IlSpanBin *bins)
{
  IlSeriesPrefix prefix = il_series_prefix (series);
  IlSeriesColumns columns;
  gint64 first_ns, last_ns;
  Walker walker;
  Scout scout;

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
  walker_init (&walker, &prefix, (gint64)(columns.step_ns / COARSE_PART));
  walker_enter (&walker, CLAMP (begin_ns, first_ns, last_ns));
  scout_init (&scout, &walker, &columns, first_ns, CLAMP (end_ns, first_ns, last_ns));
  fill_bins (&walker, &scout, &columns, first_ns, last_ns, bins);
}
