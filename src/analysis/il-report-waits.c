/* il-report-waits.c - waits, uses and levels of a lane within a range
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "il-report-private.h"

/**
 * il_report_next_wait:
 * @index: (inout): from il_lane_find_wait(); moved on
 *
 * Returns: FALSE behind the last wait that ended within the range
 */
gboolean
il_report_next_wait (const IlReportRange *range, const IlLane *lane, gsize *index, IlWait *wait)
{
  return il_lane_get_wait (lane, (*index)++, wait) && wait->end_ns < range->end_ns;
}

/**
 * il_report_count_given_up:
 *
 * Returns: how many waits for it ended within the range and were in vain: cancelled when the run
 *   was to end, or cut off by a death
 */
guint64
il_report_count_given_up (const IlReportRange *range, const IlLane *lane)
{
  IlAttempts attempts;

  il_lane_count_attempts (lane, range->begin_ns, range->end_ns, &attempts);
  return attempts.given_up;
}

/**
 * il_report_summarize:
 * @series: (nullable): a counter
 *
 * Returns: FALSE where it was never set up to the end of the range; then all is 0
 */
gboolean
il_report_summarize (const IlReportRange *range, const IlSeries *series, IlCounterBin *bin)
{
  memset (bin, 0, sizeof *bin);
  if (series == NULL || range->begin_ns >= range->end_ns)
    return FALSE;
  il_series_bin_counter (series, range->begin_ns, range->end_ns,
                         il_timeline_get_end (range->timeline), 1, bin);
  return bin->covered;
}

/**
 * il_report_count_uses:
 * @first: (out): of the first kind, see il_lane_get_uses()
 * @second: (out): of the second
 *
 * Counts uses within the range.
 */
void
il_report_count_uses (const IlReportRange *range, const IlLane *lane, guint64 *first,
                      guint64 *second)
{
  guint64 first_before = 0, second_before = 0;

  il_lane_get_uses (lane, range->begin_ns - 1, &first_before, &second_before);
  il_lane_get_uses (lane, range->end_ns - 1, first, second);
  *first -= first_before;
  *second -= second_before;
}

/**
 * il_report_count_amount:
 *
 * Returns: what was added within the range, see il_lane_get_amount()
 */
guint64
il_report_count_amount (const IlReportRange *range, const IlLane *lane)
{
  return il_lane_get_amount (lane, range->end_ns - 1)
         - il_lane_get_amount (lane, range->begin_ns - 1);
}

/**
 * il_report_count_amounts:
 *
 * Returns: how often something was added within the range, see il_lane_get_n_amounts()
 */
guint64
il_report_count_amounts (const IlReportRange *range, const IlLane *lane)
{
  return il_lane_get_n_amounts (lane, range->end_ns - 1)
         - il_lane_get_n_amounts (lane, range->begin_ns - 1);
}

/**
 * il_report_count_copy_time:
 *
 * Returns: how long a thread copied within the range; each copy counts where it ended
 */
gint64
il_report_count_copy_time (const IlReportRange *range, const IlLane *lane)
{
  return (gint64)(il_lane_get_amount_time (lane, range->end_ns - 1)
                  - il_lane_get_amount_time (lane, range->begin_ns - 1));
}

/* Extends what is from *first_ns to *last_ns by the uses of a kind. */
static void
extend_by_uses (const IlReportRange *range, const IlLane *lane, gboolean gets, gint64 *first_ns,
                gint64 *last_ns)
{
  guint64 before[2] = { 0, 0 }, after[2] = { 0, 0 };
  gint64 time_ns;

  il_lane_get_uses (lane, range->begin_ns - 1, &before[0], &before[1]);
  il_lane_get_uses (lane, range->end_ns - 1, &after[0], &after[1]);
  if (after[gets] == before[gets])
    return;
  if (il_lane_get_use (lane, gets, before[gets], &time_ns))
    *first_ns = MIN (*first_ns, time_ns);
  if (il_lane_get_use (lane, gets, after[gets] - 1, &time_ns))
    *last_ns = MAX (*last_ns, time_ns);
}

/**
 * il_report_active_time:
 *
 * Returns: from the first use within the range to the last, of whichever kind; 0 for less than two
 */
gint64
il_report_active_time (const IlReportRange *range, const IlLane *lane)
{
  gint64 first_ns = G_MAXINT64, last_ns = G_MININT64;

  extend_by_uses (range, lane, FALSE, &first_ns, &last_ns);
  extend_by_uses (range, lane, TRUE, &first_ns, &last_ns);
  return last_ns > first_ns ? last_ns - first_ns : 0;
}
