/* il-timeline-spans.c - turns what a lane did into boxes, one pixel column after the other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Near.  A column that one or two spans meet shows the longer of them, so that edges are crisp; so
 * does one in which nothing that could be seen lies between two.  A span too short to win either of
 * the two columns that it meets makes one of them a mixed one, so that it does not vanish.
 * Far.  A column that more spans meet shows the shares of their states above each other; in a
 * ribbon, the one who was there longest, as high as the share of all.
 * Lost.  A column in which a thread's events were lost shows nothing else, however few they were.
 */

#include "config.h"

#include "il-box-run.h"

#include <string.h>

#define FULL 65535u
/* Shares are rounded, each by itself. */
#define ALMOST_FULL (FULL - IL_N_STATES)
/* A column of more is not looked into. */
#define MAX_SPANS_OF_EDGE 8

/* The state with the largest share, and the share of the one that comes next. */
static IlState
largest_state (const IlSpanBin *bin, guint *next_share)
{
  guint largest = bin->share[0] << 8;
  guint next = 0;

  for (guint s = 1; s < IL_N_STATES; s++)
    {
      guint ranked = (guint)bin->share[s] << 8 | s;

      next = MAX (next, MIN (largest, ranked));
      largest = MAX (largest, ranked);
    }
  *next_share = next >> 8;
  return largest & 0xff;
}

/* Of a ribbon: how long anybody was there. */
static guint
busy_share (const IlSpanBin *bin)
{
  guint sum = 0;

  for (guint s = 1; s < IL_N_STATES; s++)
    sum += bin->share[s];
  return MIN (sum, FULL);
}

/* Whether all that a thread ever did lies within this column: it is seen, however little it was. */
static gboolean
is_whole_life (const IlBoxRun *run, guint bin, const IlSpanBin *bins)
{
  return !run->open && IL_CODE_STATE (bins[0].longest_code) != IL_STATE_NONE
         && (bin + 1 >= run->layout->columns.n
             || IL_CODE_STATE (bins[1].longest_code) == IL_STATE_NONE);
}

static guint32
code_of_state (const IlSpanBin *bin, IlState state)
{
  return IL_CODE_STATE (bin->longest_code) == state ? bin->longest_code : IL_CODE (state, 0);
}

/* The least share of a column that takes half a pixel of the strip's height. */
static guint
seen_share (const IlStrip *strip)
{
  guint height = (guint)MAX (strip->y1 - strip->y0, 1);

  return (FULL + 2 * height - 1) / (2 * height);
}

typedef guint16 Shares __attribute__ ((vector_size (16)));

/* Whether more than one state is high enough to be seen.  Looks at eight shares at a time, of which
 * the second eight begin with three that were among the first. */
static gboolean
shows_several (const IlSpanBin *bin, guint threshold)
{
  const Shares is_new = { 0, 0, 0, 1, 1, 1, 1, 1 };
  union
  {
    Shares each;
    guint64 four[2];
  } count;
  Shares first, second;
  guint64 sum;

  G_STATIC_ASSERT (IL_N_STATES == 13);
  memcpy (&first, bin->share, sizeof first);
  memcpy (&second, bin->share + 5, sizeof second);
  count.each
      = ((Shares)(second >= (guint16)threshold) & is_new) - (Shares)(first >= (guint16)threshold);
  sum = count.four[0] + count.four[1];
  sum += sum >> 32;
  return ((sum + (sum >> 16)) & 0xffff) >= 2;
}

/* Finds columns that have to show a second span though it is the shorter one: it lies in two
 * columns and would win neither.  Returns which of the two is to show it: 0, 1, or -1. */
static int
find_squeezed (const IlTimelineLayout *layout, const IlSeries *series, const IlSpanBin *bins,
               guint bin)
{
  IlSpan span;
  gint64 edge;
  double half;

  if (bin + 1 >= layout->columns.n || bins[0].n_spans != 2 || bins[1].n_spans != 2
      || bins[1].first_index != bins[0].first_index + 1
      || !il_series_get_span (series, bins[1].first_index, layout->end_ns, &span))
    return -1;
  edge = il_layout_bin_to_time (layout, bin + 1);
  half = (double)(edge - il_layout_bin_to_time (layout, bin)) / 2;
  if ((double)(edge - span.begin_ns) >= half || (double)(span.end_ns - edge) >= half)
    return -1;
  return edge - span.begin_ns >= span.end_ns - edge ? 0 : 1;
}

/* Whether what lies between a column's first and last span is too short to be seen, as where a
 * thread goes through several states within a microsecond: then the column is an edge like any
 * other. */
static gboolean
is_edge (const IlBoxRun *run, guint bin, const IlSpanBin *spans)
{
  gint64 end_ns = run->layout->end_ns;
  double column_ns, inner_ns;
  IlSpan first, last;

  if (spans->n_spans <= 2)
    return TRUE;
  if (spans->n_spans > MAX_SPANS_OF_EDGE
      || !il_series_get_span (run->series, spans->first_index, end_ns, &first)
      || !il_series_get_span (run->series, spans->first_index + spans->n_spans - 1, end_ns, &last))
    return FALSE;
  column_ns = (double)(il_layout_bin_to_time (run->layout, bin + 1)
                       - il_layout_bin_to_time (run->layout, bin));
  inner_ns = (double)(last.begin_ns - first.end_ns);
  return inner_ns * (run->strip->y1 - run->strip->y0) * 2 < column_ns;
}

static void
add_mixed (IlBoxRun *run, guint bin, const IlSpanBin *spans)
{
  GArray *shares = run->layout->shares;

  if (run->open && run->box.kind == IL_BOX_MIXED)
    il_box_run_widen (run, bin);
  else
    {
      il_box_run_open (run, IL_BOX_MIXED, bin, run->strip->y1 - run->strip->y0, 0);
      run->box.value = shares->len;
    }
  g_array_append_vals (shares, spans->share, 1);
}

/* The way of most columns in a far zoom: the first column from @bin on that is not a mixed one, at
 * a glance at each. */
static guint
find_end_of_mixed (const IlBoxRun *run, guint bin, const IlSpanBin *bins,
                   const IlCounterBin *losses)
{
  while (bin < run->layout->columns.n && bins[bin].n_spans > MAX_SPANS_OF_EDGE
         && shows_several (&bins[bin], run->seen_share) && (losses == NULL || losses[bin].max == 0))
    bin++;
  return bin;
}

static void
add_run_of_mixed (IlBoxRun *run, guint bin, guint end, const IlSpanBin *bins)
{
  GArray *shares = run->layout->shares;
  guint n = shares->len;

  add_mixed (run, bin, &bins[bin]);
  g_array_set_size (shares, n + end - bin);
  for (guint i = bin + 1; i < end; i++)
    memcpy (&g_array_index (shares, IlShares, n + i - bin), bins[i].share, sizeof (IlShares));
  il_box_run_widen (run, end - 1);
}

/* Many short spans of one look are one box; each of the others is one, and so has an edge. */
static gboolean
continues (IlBoxRun *run, const IlSpanBin *spans, guint32 code, int height, gboolean is_many)
{
  const IlBox *box = &run->box;
  gsize last_index = spans->first_index + spans->n_spans - 1;

  if (!run->open || box->kind != IL_BOX_SPAN || box->code != code || run->height != height)
    return FALSE;
  if (is_many && run->begins_with_many && !run->many)
    run->many = run->x1 - run->x0 == il_layout_bin_to_px (run->layout, 1) - run->layout->plot_x;
  if (run->many || is_many)
    return run->many && is_many;
  /* Another span of the same look begins here: it gets a box, and so an edge, of its own. */
  return last_index == run->last_index || spans->share[IL_CODE_STATE (code)] < ALMOST_FULL;
}

static void
add_span (IlBoxRun *run, guint bin, const IlSpanBin *spans, guint32 code, int height,
          gboolean is_many)
{
  if (continues (run, spans, code, height, is_many))
    il_box_run_widen (run, bin);
  else
    {
      il_box_run_open (run, IL_BOX_SPAN, bin, height, code);
      run->begins_with_many = is_many;
      run->many = FALSE;
    }
  run->last_index = spans->first_index + spans->n_spans - 1;
}

static void
add_state_column (IlBoxRun *run, guint bin, const IlSpanBin *spans, gboolean squeezed)
{
  int height = run->strip->y1 - run->strip->y0;
  guint next_share;
  IlState state = largest_state (spans, &next_share);
  /* Whether a second state is high enough to be seen. */
  gboolean several = next_share >= run->seen_share;
  gboolean is_many = spans->n_spans > 0 && !is_edge (run, bin, spans);

  if (spans->n_spans == 0)
    il_box_run_close (run);
  else if (squeezed || (is_many && several))
    add_mixed (run, bin, spans);
  else if (state == IL_STATE_NONE && is_whole_life (run, bin, spans))
    add_span (run, bin, spans, spans->longest_code, height, is_many);
  else if (state == IL_STATE_NONE)
    il_box_run_close (run);
  else
    add_span (run, bin, spans, code_of_state (spans, state), height, is_many);
}

static void
add_ribbon_column (IlBoxRun *run, guint bin, const IlSpanBin *spans, gboolean squeezed)
{
  int full = run->strip->y1 - run->strip->y0;
  guint share = busy_share (spans);
  int height = (int)((share * (guint)full + FULL / 2) / FULL);
  gboolean is_many = spans->n_spans > 0 && !is_edge (run, bin, spans);

  if (!is_many && !squeezed)
    height = share > FULL / 2 ? full : 0;
  else if (share > 0)
    height = CLAMP (height, 1, full);
  if (spans->n_spans == 0 || height == 0)
    il_box_run_close (run);
  else
    add_span (run, bin, spans, spans->longest_code, height, is_many);
}

/* How many events of a thread were lost in each column; NULL where none ever was. */
static const IlCounterBin *
get_losses (const IlTimelineLayout *layout, const IlStrip *strip)
{
  const IlSeries *losses
      = il_lane_get_losses (il_timeline_get_lane (layout->timeline, strip->lane));

  /* A thread's birth is an entry, too. */
  if (strip->kind != IL_STRIP_STATES || losses == NULL || il_series_get_length (losses) <= 1)
    return NULL;
  return il_column_cache_get_counter (layout->cache, losses, &layout->columns, layout->end_ns);
}

/* Most columns, when one looks closely: the same span as in the one before. */
static gboolean
is_same_span (const IlBoxRun *run, const IlSpanBin *spans)
{
  return spans->n_spans == 1 && run->open && run->box.kind == IL_BOX_SPAN && !run->many
         && spans->first_index == run->last_index && spans->longest_code == run->box.code
         && run->height == run->strip->y1 - run->strip->y0;
}

/* Adds the column, and those after it that are at once known to be of the same kind; returns the
 * first that is left.  @squeezed is what find_squeezed() said of the column before. */
static guint
add_columns (IlBoxRun *run, guint bin, const IlSpanBin *bins, const IlCounterBin *losses,
             int *squeezed)
{
  gboolean by_previous = *squeezed == 1;
  gboolean is_squeezed;
  guint end = bin;

  *squeezed = -1;
  if (losses != NULL && losses[bin].max > 0)
    il_box_run_add_unknown (run, bin);
  else if (is_same_span (run, bins + bin))
    il_box_run_widen (run, bin);
  else if (run->strip->kind == IL_STRIP_STATES
           && (end = find_end_of_mixed (run, bin, bins, losses)) > bin)
    {
      add_run_of_mixed (run, bin, end, bins);
      return end;
    }
  else
    {
      *squeezed = find_squeezed (run->layout, run->series, bins + bin, bin);
      is_squeezed = by_previous || *squeezed == 0;
      if (run->strip->kind == IL_STRIP_RIBBON)
        add_ribbon_column (run, bin, bins + bin, is_squeezed);
      else
        add_state_column (run, bin, bins + bin, is_squeezed);
    }
  return bin + 1;
}

/**
 * il_strip_add_spans:
 * @series: of spans
 *
 * Appends the boxes of a strip of states or of a ribbon.
 */
void
il_strip_add_spans (IlTimelineLayout *layout, IlStrip *strip, const IlRow *row,
                    const IlSeries *series)
{
  const IlSpanBin *bins
      = il_column_cache_get_spans (layout->cache, series, &layout->columns, layout->end_ns);
  const IlCounterBin *losses = get_losses (layout, strip);
  int squeezed = -1;
  guint bin = 0;
  IlBoxRun run;

  il_box_run_init (&run, layout, strip, row);
  run.series = series;
  run.seen_share = seen_share (strip);
  while (bin < layout->columns.n)
    bin = add_columns (&run, bin, bins, losses, &squeezed);
  il_box_run_close (&run);
}
