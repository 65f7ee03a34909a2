/* il-range-figures.c - the few figures that the window shows of the visible range
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report.h"

#include <string.h>

#include "il-report-private.h"

typedef struct
{
  gint64 begin_ns, end_ns, series_end_ns;
  guint64 n_switches;
  double busy_sum;
  gint64 with_target_ns, unknown_ns; /* of all cores */
  guint n_cores;
} Sums;

/**
 * il_report_counts_as_worker:
 *
 * Says whether a lane is one of those that do the work: a worker, or a submitter that runs tasks
 * itself, as under the serial model.
 */
gboolean
il_report_counts_as_worker (const IlLane *lane)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  IlLaneCounts counts = { 0 };
  guint signal_number;

  if (info->kind != IL_LANE_THREAD)
    return FALSE;
  if (info->role == IL_LANE_ROLE_WORKER)
    return TRUE;
  if (info->role != IL_LANE_ROLE_SUBMITTER)
    return FALSE;
  il_lane_get_counts (lane, G_MAXINT64, &counts);
  return counts.tasks > 0
         || (il_lane_get_ending (lane, &signal_number) == IL_ENDING_DIED
             && il_signal_is_fault (signal_number));
}

static void
add_worker (IlRangeFigures *figures, Sums *sums, const IlLane *lane)
{
  gint64 begin_ns = MAX (il_lane_get_begin (lane), sums->begin_ns);
  gint64 end_ns = MIN (il_lane_get_end (lane), sums->end_ns);
  IlLaneCounts before = { 0 }, after = { 0 };
  gint64 states_ns[IL_N_STATES] = { 0 };
  gint64 known_ns = 0;

  if (begin_ns >= end_ns || il_lane_get_states (lane) == NULL)
    return;
  il_series_sum_states (il_lane_get_states (lane), begin_ns, end_ns, states_ns);
  for (guint i = IL_STATE_NONE + 1; i < IL_N_STATES; i++)
    {
      figures->states_ns[i] += states_ns[i];
      known_ns += states_ns[i];
    }
  figures->lifetime_ns += end_ns - begin_ns;
  figures->states_ns[IL_STATE_UNKNOWN] += end_ns - begin_ns - known_ns;

  il_lane_get_counts (lane, sums->begin_ns - 1, &before);
  il_lane_get_counts (lane, sums->end_ns - 1, &after);
  sums->n_switches += after.voluntary_switches - before.voluntary_switches
                      + after.involuntary_switches - before.involuntary_switches;
}

static void
add_core (Sums *sums, const IlLane *lane)
{
  IlCounterBin bin = { 0 };
  gint64 states_ns[IL_N_STATES] = { 0 };

  if (il_lane_get_level (lane) == NULL)
    return;
  il_series_bin_counter (il_lane_get_level (lane), sums->begin_ns, sums->end_ns,
                         sums->series_end_ns, 1, &bin);
  if (!bin.covered)
    return;
  il_series_sum_states (il_lane_get_states (lane), sums->begin_ns, sums->end_ns, states_ns);
  sums->with_target_ns += states_ns[IL_STATE_RUNNING];
  sums->unknown_ns += states_ns[IL_STATE_UNKNOWN];
  sums->busy_sum += bin.mean / 1000;
  sums->n_cores++;
}

/**
 * il_range_figures:
 * @end_ns: exclusive; what lies behind the timeline's end is not counted
 * @figures: (out caller-allocates): all 0 for an empty range
 *
 * Sums up a range from the pyramids of its lanes.
 *
 * Costs about a microsecond per lane, whatever the length of the range and the number of events.
 */
void
il_range_figures (IlTimeline *timeline, gint64 begin_ns, gint64 end_ns, IlRangeFigures *figures)
{
  Sums sums = { 0 };
  guint n_lanes;
  gboolean is_of_program;
  double seconds;

  g_return_if_fail (timeline != NULL && figures != NULL);

  memset (figures, 0, sizeof *figures);
  sums.series_end_ns = il_timeline_get_end (timeline);
  sums.begin_ns = CLAMP (begin_ns, 0, sums.series_end_ns);
  sums.end_ns = CLAMP (end_ns, sums.begin_ns, sums.series_end_ns);
  if (sums.begin_ns >= sums.end_ns)
    return;

  n_lanes = il_timeline_get_n_lanes (timeline);
  is_of_program = il_timeline_is_of_program (timeline);
  for (guint i = 0; i < n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);

      if (il_lane_get_info (lane)->kind == IL_LANE_CORE)
        add_core (&sums, lane);
      else if (il_report_counts_as_worker (lane)
               || (is_of_program && il_lane_get_info (lane)->kind == IL_LANE_THREAD))
        add_worker (figures, &sums, lane);
    }

  seconds = (double)(sums.end_ns - sums.begin_ns) / 1e9;
  figures->tasks_per_second = (double)(il_timeline_get_tasks_done (timeline, sums.end_ns - 1)
                                       - il_timeline_get_tasks_done (timeline, sums.begin_ns - 1))
                              / seconds;
  figures->switches_per_second = (double)sums.n_switches / seconds;
  figures->is_of_program = is_of_program;
  figures->cores_target_share
      = sums.n_cores > 0 && sums.unknown_ns == 0
            ? (double)sums.with_target_ns / (double)(sums.end_ns - sums.begin_ns) / sums.n_cores
            : -1;
  figures->cores_busy_share = sums.n_cores > 0 ? sums.busy_sum / sums.n_cores : -1;
  /* The kernel counts in ticks of some milliseconds: a short range may be between two. */
  if (figures->cores_busy_share >= 0)
    figures->cores_busy_share = MAX (figures->cores_busy_share, figures->cores_target_share);
}
