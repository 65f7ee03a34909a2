/* il-timeline-amounts.c - how much a lane did of what is told as a sum: copied between heaps, lost,
 * woken for nothing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A lane that never did has no such strip.  Copies are told when they are over, with the time that
 * they took: they are drawn back from there.
 */

#include "config.h"

#include "il-box-run.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Of more lanes nobody would see it. */
#define MAX_LANES 64
/* So many in a column are as good as any more: it is to be seen where there was one. */
#define MANY 3

/**
 * il_lane_has_amounts:
 *
 * Returns: whether the lane has a strip of amounts
 */
gboolean
il_lane_has_amounts (const IlLane *lane)
{
  switch (il_lane_get_info (lane)->kind)
    {
    case IL_LANE_THREAD:
      return il_lane_get_amount_time (lane, G_MAXINT64) > 0;
    case IL_LANE_COUNTER:
    case IL_LANE_CONDITION:
      return il_lane_get_n_amounts (lane, G_MAXINT64) > 0;
    default:
      return FALSE;
    }
}

/**
 * il_plan_count_amounts:
 *
 * Returns: how many lanes have such a strip now, where there are not too many
 */
guint
il_plan_count_amounts (const IlPlan *plan)
{
  guint n = 0;

  for (guint g = 0; g < IL_N_GROUPS; g++)
    for (guint i = 0; plan->groups[g]->len <= MAX_LANES && i < plan->groups[g]->len; i++)
      n += il_lane_has_amounts (g_ptr_array_index (plan->groups[g], i)) ? 1 : 0;
  return n;
}

/**
 * il_row_plan_amounts:
 * @row: of @lane, planned without
 *
 * Makes room for a strip of amounts, if the lane has any and the row is high enough.
 */
void
il_row_plan_amounts (IlRowPlan *row, const IlLane *lane, guint n_lanes)
{
  double height = row->font_size >= 13 ? 10 : row->font_size >= 11 ? 6 : 0;

  if (height <= 0 || n_lanes > MAX_LANES || row->strips[1] > 0 || !il_lane_has_amounts (lane))
    return;
  row->strips[1] = height;
  row->gap = MAX (row->gap, 2);
  row->height += row->gap + height;
}

/* By column: how much time there was up to its begin, or how many; of one more than there are. */
static gint64 *
get_sums (const IlTimelineLayout *layout, const IlLane *lane, guint n_bins)
{
  gboolean is_time = il_lane_get_info (lane)->kind == IL_LANE_THREAD;
  gint64 *sums = g_new (gint64, (gsize)n_bins + 1);

  for (guint bin = 0; bin <= n_bins; bin++)
    {
      gint64 time_ns = il_layout_bin_to_time (layout, bin) - 1;

      sums[bin] = (gint64)(is_time ? il_lane_get_amount_time (lane, time_ns)
                                   : il_lane_get_n_amounts (lane, time_ns));
    }
  return sums;
}

/* What a column cannot hold of a copy's time was before it. */
static void
draw_back (const IlTimelineLayout *layout, gint64 *amounts, guint n_bins)
{
  gint64 rest_ns = 0;

  for (guint bin = n_bins; bin > 0; bin--)
    {
      gint64 length_ns
          = il_layout_bin_to_time (layout, bin) - il_layout_bin_to_time (layout, bin - 1);
      gint64 spent_ns = amounts[bin - 1] + rest_ns;

      rest_ns = MAX (spent_ns - length_ns, 0);
      amounts[bin - 1] = (spent_ns - rest_ns) * 1000 / MAX (length_ns, 1);
    }
}

static void
add_boxes (IlTimelineLayout *layout, IlStrip *strip, const IlRow *row, const gint64 *amounts,
           guint n_bins)
{
  gint64 previous = -1;
  IlBoxRun run;

  il_box_run_init (&run, layout, strip, row);
  for (guint bin = 0; bin < n_bins; bin++)
    {
      guint32 value = (guint32)CLAMP (amounts[bin], 0, G_MAXUINT32);
      const IlLevel level = { value, value, value, (float)value };

      if (value == 0)
        il_box_run_close (&run);
      else if (run.open && amounts[bin] == previous)
        il_box_run_widen (&run, bin);
      else
        {
          il_box_run_open (&run, IL_BOX_LEVEL, bin, strip->y1 - strip->y0, value);
          run.box.value = layout->levels->len;
          g_array_append_val (layout->levels, level);
        }
      previous = amounts[bin];
    }
  il_box_run_close (&run);
}

static char *
dup_fact (const IlTimelineLayout *layout, const IlLane *lane, gint64 sum, guint n_bins)
{
  gint64 begin_ns = MAX (il_layout_bin_to_time (layout, 0), il_lane_get_begin (lane));
  gint64 end_ns = MIN (il_layout_bin_to_time (layout, n_bins), il_lane_get_end (lane));
  g_autofree char *text = NULL;

  switch (il_lane_get_info (lane)->kind)
    {
    case IL_LANE_THREAD:
      text = il_format_percent ((double)sum / (double)MAX (end_ns - begin_ns, 1));
      /* Translators: how much of its time a worker copied between heaps: "copying 12 %" */
      return g_strdup_printf (_ ("copying %s"), text);
    case IL_LANE_CONDITION:
      text = il_format_count ((guint64)sum);
      /* Translators: so many were woken by a condition for nothing: "25 for nothing" */
      return g_strdup_printf (_ ("%s for nothing"), text);
    default:
      text = il_format_count ((guint64)sum);
      /* Translators: so many writes to a counter overwrote changes of others: "25 stale" */
      return g_strdup_printf (_ ("%s stale"), text);
    }
}

/**
 * il_strip_add_amounts:
 * @row: its second fact becomes the sum
 *
 * Appends the boxes of a strip of amounts: of copies the permille of each column's time, of all
 * else how many in each column.
 */
void
il_strip_add_amounts (IlTimelineLayout *layout, IlStrip *strip, IlRow *row)
{
  const IlLane *lane = il_timeline_get_lane (layout->timeline, strip->lane);
  double n_known = ceil (il_layout_time_to_bin (layout, layout->end_ns));
  guint n_bins = (guint)CLAMP (n_known, 0, layout->columns.n);
  g_autofree gint64 *amounts = get_sums (layout, lane, n_bins);
  gint64 sum = amounts[n_bins] - amounts[0];

  for (guint bin = 0; bin < n_bins; bin++)
    amounts[bin] = amounts[bin + 1] - amounts[bin];
  strip->scale = MANY;
  if (strip->lane_kind == IL_LANE_THREAD)
    {
      draw_back (layout, amounts, n_bins);
      strip->scale = 1000;
    }
  add_boxes (layout, strip, row, amounts, n_bins);
  g_free (row->second_fact);
  row->second_fact = row->font_size >= 13 ? dup_fact (layout, lane, sum, n_bins) : NULL;
}
