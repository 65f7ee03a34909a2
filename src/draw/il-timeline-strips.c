/* il-timeline-strips.c - turns what a lane did into boxes, one pixel column after the other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Near.  A column that one or two spans meet shows the longer of them, so that edges are crisp; so
 * does one in which nothing that could be seen lies between two.  A span too short to win either of
 * the two columns that it meets makes one of them a mixed one, so that it does not vanish.
 * Far.  A column that more spans meet shows the shares of their states above each other; in a
 * ribbon, the one who was there longest, as high as the share of all.
 */

#include "config.h"

#include "il-timeline-layout-private.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define FULL 65535u
/* Shares are rounded, each by itself. */
#define ALMOST_FULL (FULL - IL_N_STATES)
/* A column of more is not looked into. */
#define MAX_SPANS_OF_EDGE 8

struct _IlStripMaker
{
  IlTimelineLayout *layout;
  IlColumnCache *cache;
};

/* The box that is being made wider column by column. */
typedef struct
{
  IlTimelineLayout *layout;
  IlStrip *strip;
  IlBox box; /* but for its place, which is in device pixels until it is closed */
  int x0, x1, height;
  gboolean open;
  gsize last_index; /* of the last span in it */
  const IlSeries *series;
  gboolean begins_with_many; /* its first column meets many spans … */
  gboolean many;             /* … and so do all */
} Run;

IlStripMaker *
il_strip_maker_new (IlTimelineLayout *layout, IlColumnCache *cache)
{
  IlStripMaker *maker = g_new0 (IlStripMaker, 1);

  maker->layout = layout;
  maker->cache = cache;
  return maker;
}

void
il_strip_maker_free (IlStripMaker *maker)
{
  g_free (maker);
}

static void
close_box (Run *run)
{
  const IlTimelineLayout *layout = run->layout;

  if (!run->open)
    return;
  run->box.x = (float)il_layout_logical (layout, run->x0);
  run->box.y = (float)il_layout_logical (layout, run->strip->y1 - run->height);
  run->box.width = (float)il_layout_logical (layout, run->x1 - run->x0);
  run->box.height = (float)il_layout_logical (layout, run->height);
  run->box.bin = (guint32)(run->x0 - layout->plot_x);
  run->box.n_bins = (guint32)(run->x1 - run->x0);
  g_array_append_val (layout->boxes, run->box);
  run->strip->n_boxes++;
  run->open = FALSE;
}

/* Opens a box of the column @bin, of which the lowest @height pixels are its own. */
static void
open_box (Run *run, IlBoxKind kind, guint bin, int height, guint32 code)
{
  close_box (run);
  run->open = TRUE;
  run->x0 = il_layout_bin_to_px (run->layout, bin);
  run->x1 = il_layout_bin_to_px (run->layout, bin + 1);
  run->height = height;
  run->box.kind = kind;
  run->box.code = code;
  run->box.value = 0;
}

static void
widen_box (Run *run, guint bin)
{
  run->x1 = il_layout_bin_to_px (run->layout, bin + 1);
}

static void
begin_run (Run *run, IlTimelineLayout *layout, IlStrip *strip, const IlRow *row)
{
  memset (run, 0, sizeof *run);
  run->layout = layout;
  run->strip = strip;
  run->box.group = row->group;
  run->box.lane = row->lane;
  strip->first_box = layout->boxes->len;
}

/* ---- Spans ---- */

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
is_whole_life (const Run *run, guint bin, const IlSpanBin *bins)
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
is_edge (const Run *run, guint bin, const IlSpanBin *spans)
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
add_mixed (Run *run, guint bin, const IlSpanBin *spans)
{
  IlShares shares;

  if (run->open && run->box.kind == IL_BOX_MIXED)
    widen_box (run, bin);
  else
    {
      open_box (run, IL_BOX_MIXED, bin, run->strip->y1 - run->strip->y0, 0);
      run->box.value = run->layout->shares->len;
    }
  memcpy (shares.share, spans->share, sizeof shares.share);
  g_array_append_val (run->layout->shares, shares);
}

/* Many short spans of one look are one box; each of the others is one, and so has an edge. */
static gboolean
continues (Run *run, const IlSpanBin *spans, guint32 code, int height, gboolean is_many)
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
add_span (Run *run, guint bin, const IlSpanBin *spans, guint32 code, int height, gboolean is_many)
{
  if (continues (run, spans, code, height, is_many))
    widen_box (run, bin);
  else
    {
      open_box (run, IL_BOX_SPAN, bin, height, code);
      run->begins_with_many = is_many;
      run->many = FALSE;
    }
  run->last_index = spans->first_index + spans->n_spans - 1;
}

static void
add_state_column (Run *run, guint bin, const IlSpanBin *spans, gboolean squeezed)
{
  int height = run->strip->y1 - run->strip->y0;
  guint next_share;
  IlState state = largest_state (spans, &next_share);
  /* Whether a second state is high enough to be seen. */
  gboolean several = next_share * (guint)height * 2 >= FULL;
  gboolean is_many = spans->n_spans > 0 && !is_edge (run, bin, spans);

  if (spans->n_spans == 0)
    close_box (run);
  else if (squeezed || (is_many && several))
    add_mixed (run, bin, spans);
  else if (state == IL_STATE_NONE && is_whole_life (run, bin, spans))
    add_span (run, bin, spans, spans->longest_code, height, is_many);
  else if (state == IL_STATE_NONE)
    close_box (run);
  else
    add_span (run, bin, spans, code_of_state (spans, state), height, is_many);
}

static void
add_ribbon_column (Run *run, guint bin, const IlSpanBin *spans, gboolean squeezed)
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
    close_box (run);
  else
    add_span (run, bin, spans, spans->longest_code, height, is_many);
}

/* Most columns, when one looks closely: the same span as in the one before. */
static gboolean
is_same_span (const Run *run, const IlSpanBin *spans)
{
  return spans->n_spans == 1 && run->open && run->box.kind == IL_BOX_SPAN && !run->many
         && spans->first_index == run->last_index && spans->longest_code == run->box.code
         && run->height == run->strip->y1 - run->strip->y0;
}

static void
add_span_boxes (IlStripMaker *maker, IlStrip *strip, const IlRow *row, const IlSeries *series)
{
  IlTimelineLayout *layout = maker->layout;
  const IlSpanBin *bins
      = il_column_cache_get_spans (maker->cache, series, &layout->columns, layout->end_ns);
  int squeezed = -1; /* what find_squeezed() said of the column before */
  Run run;

  begin_run (&run, layout, strip, row);
  run.series = series;
  for (guint bin = 0; bin < layout->columns.n; bin++)
    {
      gboolean by_previous = squeezed == 1;
      gboolean is_squeezed;

      if (is_same_span (&run, bins + bin))
        {
          widen_box (&run, bin);
          squeezed = -1;
          continue;
        }
      squeezed = find_squeezed (layout, series, bins + bin, bin);
      is_squeezed = by_previous || squeezed == 0;
      if (strip->kind == IL_STRIP_RIBBON)
        add_ribbon_column (&run, bin, bins + bin, is_squeezed);
      else
        add_state_column (&run, bin, bins + bin, is_squeezed);
    }
  close_box (&run);
}

/* ---- Counters ---- */

/* Over the time that is known. */
typedef struct
{
  guint32 max;
  guint n_bins;
  double sum;
} Summary;

/* In small letters beneath the lane's name. */
static char *
fact_of_level (const IlStrip *strip, const Summary *summary)
{
  double mean = summary->n_bins > 0 ? summary->sum / summary->n_bins : 0;
  g_autofree char *text = NULL;

  if (summary->n_bins == 0)
    return NULL;
  switch (strip->kind)
    {
    case IL_STRIP_USAGE:
      text = il_format_percent (mean / 1000);
      /* Translators: how busy a core was: "96 % busy" */
      return g_strdup_printf (_ ("%s busy"), text);
    case IL_STRIP_WAITERS:
      if (summary->max == 0)
        return g_strdup (_ ("nobody waits"));
      /* Translators: how many threads wait for a lock at the same time */
      return g_strdup_printf (ngettext ("up to %u waits", "up to %u wait", summary->max),
                              summary->max);
    case IL_STRIP_LEVEL:
      /* Translators: of a queue's depth */
      return g_strdup_printf (_ ("mean %.1f"), mean);
    case IL_STRIP_STATES:
    case IL_STRIP_RIBBON:
    default:
      return NULL;
    }
}

static guint32
round_up_scale (guint32 value)
{
  guint64 unit = 1;

  while (unit * 10 < value)
    unit *= 10;
  if (value <= unit)
    return (guint32)unit;
  if (value <= 2 * unit)
    return (guint32)(2 * unit);
  return (guint32)MIN (value <= 5 * unit ? 5 * unit : 10 * unit, G_MAXUINT32);
}

/* A limit is the scale, unless what happens is so far below that nothing could be seen. */
static guint32
choose_scale (const IlStrip *strip, guint32 max)
{
  switch (strip->kind)
    {
    case IL_STRIP_USAGE:
      return 1000;
    case IL_STRIP_WAITERS:
      return max <= 3 ? 3 : max <= 10 ? max : round_up_scale (max);
    case IL_STRIP_LEVEL:
    case IL_STRIP_STATES:
    case IL_STRIP_RIBBON:
    default:
      if (strip->limit > 0 && (strip->limit <= 20 || max >= strip->limit / 5))
        return MAX (strip->limit, max);
      return MAX (5, round_up_scale (max));
    }
}

static gboolean
same_level (const IlLevel *a, const IlLevel *b)
{
  return a->min == a->max && b->min == b->max && a->max == b->max;
}

static void
add_counter_boxes (IlStripMaker *maker, IlStrip *strip, IlRow *row, const IlSeries *series)
{
  IlTimelineLayout *layout = maker->layout;
  const IlCounterBin *counters
      = il_column_cache_get_counter (maker->cache, series, &layout->columns, layout->end_ns);
  double n_known = ceil (il_layout_time_to_bin (layout, layout->end_ns));
  guint n_bins = (guint)CLAMP (n_known, 0, layout->columns.n);
  IlLevel previous = { 0 };
  Summary summary = { 0 };
  Run run;

  begin_run (&run, layout, strip, row);
  for (guint bin = 0; bin < n_bins; bin++)
    {
      const IlCounterBin *counter = &counters[bin];
      IlLevel level = { counter->min, counter->max, counter->last, (float)counter->mean };

      if (!counter->covered)
        {
          close_box (&run);
          continue;
        }
      summary.max = MAX (summary.max, level.max);
      summary.sum += counter->mean;
      summary.n_bins++;
      if (run.open && same_level (&previous, &level))
        widen_box (&run, bin);
      else
        {
          open_box (&run, IL_BOX_LEVEL, bin, strip->y1 - strip->y0, level.max);
          run.box.value = layout->levels->len;
          g_array_append_val (layout->levels, level);
        }
      previous = level;
    }
  close_box (&run);
  strip->scale = choose_scale (strip, summary.max);
  if (row->font_size >= 13)
    {
      g_free (row->fact);
      row->fact = fact_of_level (strip, &summary);
    }
}

/* ---- Strips ---- */

static int
clamp_to_plot (const IlTimelineLayout *layout, double bin)
{
  return il_layout_bin_to_px (layout, (guint)CLAMP (bin, 0, layout->columns.n));
}

static void
add_strip (IlStripMaker *maker, IlRow *row, IlStripKind kind, int y0, int y1)
{
  IlTimelineLayout *layout = maker->layout;
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  const IlLaneInfo *info = il_lane_get_info (lane);
  gboolean is_spans = kind == IL_STRIP_STATES || kind == IL_STRIP_RIBBON;
  const IlSeries *series = is_spans                   ? il_lane_get_states (lane)
                           : kind == IL_STRIP_WAITERS ? il_lane_get_waiters (lane)
                                                      : il_lane_get_level (lane);
  IlStrip strip = { .kind = kind, .lane = row->lane, .y0 = y0, .y1 = y1 };

  if (series == NULL || y1 <= y0)
    return;
  strip.x0 = clamp_to_plot (
      layout, floor (il_layout_time_to_bin (layout, MAX (il_lane_get_begin (lane), 0))));
  strip.x1 = clamp_to_plot (
      layout, ceil (il_layout_time_to_bin (layout, MIN (il_lane_get_end (lane), layout->end_ns))));
  if (kind == IL_STRIP_LEVEL)
    strip.limit = (guint32)MIN (info->parameter, G_MAXUINT32);
  if (is_spans)
    add_span_boxes (maker, &strip, row, series);
  else
    add_counter_boxes (maker, &strip, row, series);
  g_array_append_val (layout->strips, strip);
}

static IlStripKind
upper_kind (IlLaneKind kind)
{
  switch (kind)
    {
    case IL_LANE_THREAD:
      return IL_STRIP_STATES;
    case IL_LANE_CORE:
    case IL_LANE_LOCK:
      return IL_STRIP_RIBBON;
    case IL_LANE_SEMAPHORE:
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_N_LANE_KINDS:
    default:
      return IL_STRIP_LEVEL;
    }
}

/**
 * il_strip_maker_add:
 * @row: of a lane
 * @plan: its heights
 *
 * Appends the lane's strips and their boxes to the layout.
 */
void
il_strip_maker_add (IlStripMaker *maker, IlRow *row, const IlRowPlan *plan)
{
  const IlTimelineLayout *layout = maker->layout;
  const IlLane *lane = il_timeline_get_lane (layout->timeline, row->lane);
  IlLaneKind kind = il_lane_get_info (lane)->kind;
  int top = row->y0 + il_layout_px (layout, plan->margin);
  int bar_end = row->y0 + il_layout_px (layout, plan->margin + plan->bar);
  int lower = row->y0 + il_layout_px (layout, plan->margin + plan->bar + plan->gap);
  int end = row->y0 + il_layout_px (layout, plan->margin + plan->bar + plan->gap + plan->lower);

  add_strip (maker, row, upper_kind (kind), top, bar_end);
  if (plan->lower > 0)
    add_strip (maker, row, kind == IL_LANE_CORE ? IL_STRIP_USAGE : IL_STRIP_WAITERS, lower, end);
}
