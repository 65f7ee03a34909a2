/* il-series-bin-near.c - works columns out exactly, from spans and whole nodes of the pyramid
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-series-bin-private.h"

#include <string.h>

/* Spans that are added up at once. */
#define STRIDE 4

static void
enter (IlBinWalker *walker, gsize entry)
{
  walker->entry = entry;
  walker->end_ns = il_series_row_end (&walker->prefix, 0, entry);
  walker->has_entry = TRUE;
}

/**
 * il_bin_walker_init:
 * @walker: (out): for columns from @time_ns on, which the series covers
 */
void
il_bin_walker_init (IlBinWalker *walker, const IlSeriesPrefix *prefix, gint64 time_ns)
{
  walker->prefix = *prefix;
  memset (&walker->content, 0, sizeof walker->content);
  walker->has_place = FALSE;
  walker->at = 0;
  enter (walker, il_series_locate (prefix, 0, 0, time_ns));
}

static inline IlIntegers
choose (IlIntegers mask, IlIntegers a, IlIntegers b)
{
  return (a & mask) | (b & ~mask);
}

/* The longest span so far in every fourth place. */
typedef struct
{
  IlIntegers length;
  IlIntegers code;
} Longest;

/* Adds up four spans. */
static inline void
add_four (IlBinContent *content, Longest *longest, IlIntegers length, IlStoredIntegers code)
{
  IlIntegers state = code & 0xff;
  IlIntegers shown = length & (state != IL_STATE_NONE);
  IlIntegers is_longer = shown > longest->length;
  union
  {
    IlIntegers vector;
    gint32 of[STRIDE];
  } lengths = { length }, states = { state };

  longest->length = choose (is_longer, shown, longest->length);
  longest->code = choose (is_longer, code, longest->code);
  /* Written out, as all that is done for each column: loops would be half of the cost. */
  content->units[0].of[states.of[0]] += lengths.of[0];
  content->units[1].of[states.of[1]] += lengths.of[1];
  content->units[2].of[states.of[2]] += lengths.of[2];
  content->units[3].of[states.of[3]] += lengths.of[3];
}

static inline void
offer (IlBinContent *content, const Longest *longest, guint shift)
{
  IlIntegers length = longest->length;
  IlIntegers code = longest->code;
  IlIntegers other_length = __builtin_shufflevector (length, length, 2, 3, 2, 3);
  IlIntegers other_code = __builtin_shufflevector (code, code, 2, 3, 2, 3);
  IlIntegers is_longer = other_length > length;
  gboolean is_second;
  guint64 peak;

  length = choose (is_longer, other_length, length);
  code = choose (is_longer, other_code, code);
  is_second = length[1] > length[0];
  peak = il_series_peak ((gint64)MAX (length[0], length[1]) << shift,
                         (guint32)(is_second ? code[1] : code[0]));
  content->peak = MAX (content->peak, peak);
}

/* Ends of four spans, from so many nanoseconds on. */
static inline IlIntegers
ends_since (const gint64 *ends, IlTimePair since_ns, guint shift)
{
  const IlStoredTimePair *pairs = (const IlStoredTimePair *)(gconstpointer)ends;

  return il_time_pairs_pack (pairs[0] - since_ns, pairs[1] - since_ns, shift);
}

/* Adds up spans that lie side by side in memory, of which the first holds left_ns or begins there,
 * up to the one that right_ns is in or at the end of.  Returns how many come before that one. Reads
 * up to three more. */
static inline gsize
add_spans (IlBinContent *content, const gint64 *begins, const guint32 *codes, gint64 left_ns,
           gint64 right_ns, guint shift)
{
  static const gint32 keep[2 * STRIDE] = { -1, -1, -1, -1, 0, 0, 0, 0 };
  const gint64 *ends = begins + 1;
  IlTimePair since_ns = il_time_pair (left_ns, left_ns);
  gint32 length = (gint32)((right_ns - left_ns) >> shift);
  IlIntegers all = { length, length, length, length };
  IlIntegers before = { 0, 0, 0, 0 };
  Longest longest = { before, before };
  IlIntegers end;
  gsize i, n;

  for (i = 0; ends[i + STRIDE - 1] < right_ns; i += STRIDE)
    {
      end = ends_since (ends + i, since_ns, shift);
      add_four (content, &longest, end - __builtin_shufflevector (before, end, 3, 4, 5, 6),
                *(const IlStoredIntegers *)(gconstpointer)(codes + i));
      before = end;
    }
  n = (ends[i] < right_ns) + (ends[i + 1] < right_ns) + (ends[i + 2] < right_ns);
  end = choose (*(const IlStoredIntegers *)(gconstpointer)(keep + STRIDE - n),
                ends_since (ends + i, since_ns, shift), all);
  add_four (content, &longest, end - __builtin_shufflevector (before, end, 3, 4, 5, 6),
            *(const IlStoredIntegers *)(gconstpointer)(codes + i));
  offer (content, &longest, shift);
  return i + n;
}

/* The same, one by one, wherever the spans lie. */
static G_GNUC_NO_INLINE void
add_slowly (IlBinWalker *walker, gint64 left_ns, gint64 right_ns, guint shift)
{
  const IlSeriesPrefix *prefix = &walker->prefix;

  for (gint64 at_ns = left_ns;; walker->entry++)
    {
      gint64 end_ns = MIN (il_series_row_end (prefix, 0, walker->entry), right_ns);
      guint32 code = il_series_code (prefix, walker->entry);
      guint64 peak = il_series_peak (end_ns - at_ns, code);

      walker->content.units[0].of[IL_CODE_STATE (code)] += (gint32)((end_ns - at_ns) >> shift);
      walker->content.peak = MAX (walker->content.peak, peak);
      if (end_ns >= right_ns)
        break;
      at_ns = end_ns;
    }
}

/* Adds the spans up from the entry at hand, which holds left_ns or begins there, to the one that
 * right_ns is in or at the end of: no more than IL_BIN_MAX_WALKED and one. */
static inline void
walk (IlBinWalker *walker, gint64 left_ns, gint64 right_ns, guint shift)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  gsize entry = walker->entry;
  guint chunk = il_column_chunk_of (entry);
  gsize beyond = entry + IL_BIN_MAX_WALKED + 2 * STRIDE;

  if (beyond < prefix->length && beyond < il_column_chunk_begin (chunk + 1))
    {
      const IlSeries *series = prefix->series;
      gsize offset = entry - il_column_chunk_begin (chunk);
      const gint64 *begins = (const gint64 *)series->entries.begins.chunks[chunk] + offset;
      const guint32 *codes = (const guint32 *)series->codes.chunks[chunk] + offset;
      gsize n = add_spans (&walker->content, begins, codes, left_ns, right_ns, shift);

      walker->entry = entry + n;
      walker->end_ns = begins[n + 1];
      return;
    }
  add_slowly (walker, left_ns, right_ns, shift);
  walker->end_ns = il_series_row_end (prefix, 0, walker->entry);
}

/* Adds up what of its node lies before a boundary, and notes what is longest on either side of it.
 */
static void
look_into_node (const IlSeriesPrefix *prefix, gsize node, gint64 time_ns, IlBinPlace *place)
{
  gsize first = node << IL_SERIES_FAN_BITS;
  gsize n = MIN (prefix->length - first, IL_SERIES_FAN);
  const gint64 *begins = il_column_at (&prefix->series->entries.begins, first, sizeof *begins);
  const guint32 *codes = il_column_at (&prefix->series->codes, first, sizeof *codes);
  gint64 node_end_ns = il_series_row_end (prefix, 1, node);
  IlSeriesLongest before = { 0, 0 }, after = { 0, 0 };
  gsize i;

  place->sums = IL_COLUMN_GET (&prefix->series->sums, IlStateSums, node);
  for (i = 0; i + 1 < n && begins[i + 1] < time_ns; i++)
    {
      place->sums.ns[IL_CODE_STATE (codes[i])] += begins[i + 1] - begins[i];
      il_series_offer (&before, begins[i + 1] - begins[i], codes[i]);
    }
  place->node = node;
  place->entry = first + i;
  place->end_ns = i + 1 < n ? begins[i + 1] : node_end_ns;
  place->sums.ns[IL_CODE_STATE (codes[i])] += time_ns - begins[i];
  il_series_offer (&before, time_ns - begins[i], codes[i]);
  if (place->end_ns != G_MAXINT64)
    il_series_offer (&after, place->end_ns - time_ns, codes[i]);
  for (i++; i + 1 < n; i++)
    il_series_offer (&after, begins[i + 1] - begins[i], codes[i]);
  if (i < n && node_end_ns != G_MAXINT64)
    il_series_offer (&after, node_end_ns - begins[i], codes[i]);
  place->peak_before = il_series_peak_of (&before);
  place->peak_after = il_series_peak_of (&after);
}

/* The largest of nodes that stand side by side. */
static guint64
peak_of_piece (const IlSeriesPrefix *prefix, guint level, gsize first, gsize n)
{
  const guint64 *nodes = il_column_at (&prefix->series->levels[level]->nodes, first, sizeof *nodes);
  guint64 peak = 0;

  for (gsize i = 0; i < n; i++)
    peak = MAX (peak, nodes[i]);
  return peak;
}

/**
 * il_bin_peak_of_rows:
 * @first: of the rows of a level whose ends are known …
 * @end: … the first one and the one after the last
 *
 * Returns: the largest peak; 0 where there are no rows
 */
guint64
il_bin_peak_of_rows (const IlSeriesPrefix *prefix, guint level, gsize first, gsize end)
{
  IlSeriesCover cover = { first, end, level };
  guint64 peak = 0;
  gsize row, n_rows;

  while (il_series_cover_next (&cover, &level, &row, &n_rows))
    {
      guint64 piece = peak_of_piece (prefix, level, row, n_rows);

      peak = MAX (peak, piece);
    }
  return peak;
}

/* Adds up a column of many spans: what lies between its two boundaries, each of which is looked at
 * once for both columns that it parts. */
static void
look_up (IlBinWalker *walker, const IlBinColumn *column, gsize node)
{
  const IlSeriesPrefix *prefix = &walker->prefix;
  IlBinPlace *left = &walker->places[walker->at];
  IlBinPlace *right = &walker->places[walker->at ^ 1];
  guint64 peak;

  if (!walker->has_place)
    look_into_node (prefix, walker->entry >> IL_SERIES_FAN_BITS, column->left_ns, left);
  if (node == IL_BIN_NODE_UNKNOWN)
    node = il_series_locate (prefix, 1, left->node, column->right_ns - 1);
  look_into_node (prefix, node, column->right_ns, right);
  for (guint i = 0; i < IL_N_STATES; i++)
    walker->content.units[0].of[i]
        = (gint32)((right->sums.ns[i] - left->sums.ns[i]) >> column->shift);
  peak = il_bin_peak_of_rows (prefix, 1, left->node + 1, node);
  peak = MAX (peak, left->peak_after);
  walker->content.peak = MAX (peak, right->peak_before);
  walker->entry = right->entry;
  walker->end_ns = right->end_ns;
  walker->has_place = TRUE;
  walker->at ^= 1;
}

/**
 * il_bin_walker_find_peak:
 * @entry: that holds @left_ns, or one before it
 *
 * Returns: the longest span between two moments, one by one
 */
guint64
il_bin_walker_find_peak (const IlBinWalker *walker, gsize entry, gint64 left_ns, gint64 right_ns)
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

/* Clears what it takes. */
static inline IlIntegers
take_units (IlBinContent *content, guint k)
{
  const IlIntegers nothing = { 0, 0, 0, 0 };
  IlIntegers sum = content->units[0].vectors[k] + content->units[1].vectors[k]
                   + content->units[2].vectors[k] + content->units[3].vectors[k];

  content->units[0].vectors[k] = nothing;
  content->units[1].vectors[k] = nothing;
  content->units[2].vectors[k] = nothing;
  content->units[3].vectors[k] = nothing;
  return sum;
}

/* From what was added up. */
static inline void
fill_sum (IlBinWalker *walker, const IlBinColumn *column, IlSpanBin *bin)
{
  IlBinContent *content = &walker->content;
  gint64 uncovered_ns = column->width_ns - (column->right_ns - column->left_ns);
  IlIntegers uncovered = { (gint32)(uncovered_ns >> column->shift), 0, 0, 0 };
  IlStateTimes times;

  times.first = __builtin_convertvector(take_units (content, 0) + uncovered, IlFloats);
  times.second = __builtin_convertvector(take_units (content, 1), IlFloats);
  times.third = __builtin_convertvector(take_units (content, 2), IlFloats);
  times.fourth = __builtin_convertvector(take_units (content, 3), IlFloats);
  il_state_times_to_shares (&times, column->unit, bin->share);
  /* Where spans are shorter than the unit they have to be looked at again. */
  if (G_UNLIKELY (content->peak == 0 && column->shift > 0))
    content->peak
        = il_bin_walker_find_peak (walker, bin->first_index, column->left_ns, column->right_ns);
  il_bin_fill_longest (content->peak, column->scale, bin);
  content->peak = 0;
}

static gboolean
is_sparse (const IlBinWalker *walker, gint64 right_ns, gsize node)
{
  gsize beyond = walker->entry + IL_BIN_MAX_WALKED;

  if (node != IL_BIN_NODE_UNKNOWN)
    return node << IL_SERIES_FAN_BITS <= beyond - IL_SERIES_FAN;
  return beyond >= walker->prefix.length
         || il_series_row_begin (&walker->prefix, 0, beyond) >= right_ns;
}

/**
 * il_bin_walker_fill:
 * @column: not before the last one
 * @node: of level 1, that holds the moment before the column's right end, or %IL_BIN_NODE_UNKNOWN
 * @bin: (out): what the column shows, exactly
 */
void
il_bin_walker_fill (IlBinWalker *walker, const IlBinColumn *column, gsize node, IlSpanBin *bin)
{
  if (!walker->has_entry)
    enter (walker, il_series_locate (&walker->prefix, 0, walker->entry, column->left_ns));
  while (walker->end_ns <= column->left_ns)
    walker->end_ns = il_series_row_end (&walker->prefix, 0, ++walker->entry);
  memset (bin, 0, sizeof *bin);
  bin->first_index = walker->entry;
  if (column->right_ns <= walker->end_ns)
    {
      double share = (double)(column->right_ns - column->left_ns) * column->scale + .5;

      fill_single (il_series_code (&walker->prefix, walker->entry), (guint32)share, bin);
      walker->has_place = FALSE;
      return;
    }

  if (is_sparse (walker, column->right_ns, node))
    {
      walk (walker, column->left_ns, column->right_ns, column->shift);
      walker->has_place = FALSE;
    }
  else
    look_up (walker, column, node);
  bin->n_spans = walker->entry - bin->first_index + 1;
  fill_sum (walker, column, bin);
}
