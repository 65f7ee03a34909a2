/* il-timeline-levels.c - turns a counter into boxes, one pixel column after the other
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-box-run.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Of a row that has a fact below its name, in logical pixels. */
#define MIN_TWO_LINES 36

/* Over the time that is known. */
typedef struct
{
  guint32 max, last;
  guint n_bins;
  double sum;
} Summary;

static char *
fact_of_count (const IlStrip *strip, const Summary *summary, double mean)
{
  g_autofree char *text = NULL;

  switch (strip->lane_kind)
    {
    case IL_LANE_EVENT:
      text = il_format_percent (mean);
      /* Translators: how much of the time an event was set: "set 34 %" */
      return g_strdup_printf (_ ("set %s"), text);
    case IL_LANE_CHANNEL:
      text = g_format_size_full ((guint64)mean, G_FORMAT_SIZE_IEC_UNITS);
      /* Translators: how much is on its way through a pipe, on average: "mean 4.1 KiB" */
      return g_strdup_printf (_ ("mean %s"), text);
    case IL_LANE_FILE:
      return g_format_size_full (summary->last, G_FORMAT_SIZE_IEC_UNITS);
    case IL_LANE_COUNTER:
      return g_strdup_printf ("%d", (gint32)summary->last);
    default:
      /* Translators: of a queue's depth */
      return g_strdup_printf (_ ("mean %.1f"), mean);
    }
}

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
      return g_strdup_printf (ngettext ("up to %u waiter", "up to %u waiters", summary->max),
                              summary->max);
    case IL_STRIP_LEVEL:
      return fact_of_count (strip, summary, mean);
    case IL_STRIP_STATES:
    case IL_STRIP_RIBBON:
    case IL_STRIP_AMOUNTS:
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

/* In units of 1024: powers of two. */
static guint32
round_up_bytes (guint32 value)
{
  guint64 bytes = 64;

  while (bytes < value)
    bytes *= 2;
  return (guint32)MIN (bytes, G_MAXUINT32);
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
    case IL_STRIP_AMOUNTS:
    default:
      if (strip->lane_kind == IL_LANE_EVENT)
        return 1;
      if (strip->lane_kind == IL_LANE_CHANNEL || strip->lane_kind == IL_LANE_FILE)
        return round_up_bytes (max);
      if (strip->lane_kind == IL_LANE_RWLOCK)
        return max <= 3 ? 3 : max <= 10 ? max : round_up_scale (max);
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

/* A counter may be below zero, and then is drawn as none. */
static IlLevel
get_level (const IlStrip *strip, const IlCounterBin *counter)
{
  IlLevel level = { counter->min, counter->max, counter->last, (float)counter->mean };

  if (strip->lane_kind != IL_LANE_COUNTER || (gint32)level.max >= 0)
    return level;
  level.max = (gint32)level.min < 0 ? 0 : level.min;
  level.min = 0;
  level.mean = (float)level.max / 2;
  return level;
}

/* Half of a column, see IlSpanBin. */
#define HALF_SHARE 32768

/* Who is inside a readers-writer lock, which its states know; NULL: the level knows itself. */
static const IlSpanBin *
get_holds (const IlTimelineLayout *layout, const IlStrip *strip)
{
  const IlLane *lane = il_timeline_get_lane (layout->timeline, strip->lane);

  if (strip->kind != IL_STRIP_LEVEL || strip->lane_kind != IL_LANE_RWLOCK)
    return NULL;
  return il_column_cache_get_spans (layout->cache, il_lane_get_states (lane), &layout->columns,
                                    layout->end_ns);
}

/* Others have no value yet where they are not known, though they are there. */
static gboolean
is_unknown (const IlTimelineLayout *layout, const IlStrip *strip, guint bin,
            const IlCounterBin *counter, const IlSpanBin *hold)
{
  /* Who was told of afterwards read at least since then; how many did is not known. */
  if (hold != NULL)
    return hold->share[IL_STATE_UNKNOWN] >= HALF_SHARE
           || (counter->max == 0 && hold->share[IL_STATE_BUSY] >= HALF_SHARE);
  return strip->kind == IL_STRIP_LEVEL && strip->lane_kind == IL_LANE_SEMAPHORE && !counter->covered
         && il_layout_bin_to_px (layout, bin) >= strip->x0;
}

/**
 * il_strip_add_levels:
 * @row: its fact becomes the summary, where there is room for it
 * @series: of a counter
 *
 * Appends the boxes of a strip that shows how much of something there is.
 */
void
il_strip_add_levels (IlTimelineLayout *layout, IlStrip *strip, IlRow *row, const IlSeries *series)
{
  const IlCounterBin *counters
      = il_column_cache_get_counter (layout->cache, series, &layout->columns, layout->end_ns);
  const IlSpanBin *holds = get_holds (layout, strip);
  double n_known = ceil (il_layout_time_to_bin (layout, layout->end_ns));
  guint n_bins = (guint)CLAMP (n_known, 0, layout->columns.n);
  IlLevel previous = { 0 };
  Summary summary = { 0 };
  IlBoxRun run;

  il_box_run_init (&run, layout, strip, row);
  for (guint bin = 0; bin < n_bins; bin++)
    {
      const IlCounterBin *counter = &counters[bin];
      IlLevel level = get_level (strip, counter);

      if (is_unknown (layout, strip, bin, counter, holds != NULL ? holds + bin : NULL))
        {
          il_box_run_add_unknown (&run, bin);
          continue;
        }
      if (!counter->covered)
        {
          il_box_run_close (&run);
          continue;
        }
      summary.max = MAX (summary.max, level.max);
      summary.last = level.last;
      summary.sum += (double)level.mean;
      summary.n_bins++;
      if (run.open && run.box.kind == IL_BOX_LEVEL && same_level (&previous, &level))
        il_box_run_widen (&run, bin);
      else
        {
          il_box_run_open (&run, IL_BOX_LEVEL, bin, strip->y1 - strip->y0, level.max);
          run.box.value = layout->levels->len;
          g_array_append_val (layout->levels, level);
        }
      previous = level;
    }
  il_box_run_close (&run);
  strip->scale = choose_scale (strip, summary.max);
  /* Below the name. */
  if (row->font_size >= 13 && il_layout_logical (layout, row->y1 - row->y0) >= MIN_TWO_LINES)
    {
      g_free (row->fact);
      row->fact = fact_of_level (strip, &summary);
    }
}
