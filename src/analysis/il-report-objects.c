/* il-report-objects.c - figures of signals, channels, files and counters
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>

#include "il-report-private.h"

/* ---- Signals ---- */

/**
 * il_report_clear_signal:
 *
 * Frees what an IlSignalFigures points to.
 */
void
il_report_clear_signal (gpointer data)
{
  IlSignalFigures *signal = data;

  g_clear_pointer (&signal->wakers, g_array_unref);
  g_clear_pointer (&signal->last, g_array_unref);
}

/* How long after the signal that let it go a wait ended; -1: no signal within it. */
static gint64
get_latency (const IlLane *lane, const IlWait *wait)
{
  guint64 unused, n_signals = 0;
  gint64 time_ns;

  il_lane_get_uses (lane, wait->end_ns, &unused, &n_signals);
  if (n_signals == 0 || !il_lane_get_use (lane, TRUE, n_signals - 1, &time_ns)
      || time_ns < wait->end_ns - wait->wait_ns)
    return -1;
  return wait->end_ns - time_ns;
}

/* Adds a wait at a barrier to those of its phase, which is how often it was full by then. */
static void
add_to_phase (GArray *phases, guint64 *phase, const IlLane *lane, const IlWait *wait)
{
  guint64 unused, number = 0;

  il_lane_get_uses (lane, wait->end_ns, &unused, &number);
  if (phases->len > 0 && *phase == number)
    g_array_index (phases, gint64, phases->len - 1) += wait->wait_ns;
  else
    g_array_append_val (phases, wait->wait_ns);
  *phase = number;
}

static void
add_signal_waits (IlSignalFigures *signal, const IlReportRange *range, const IlLane *lane)
{
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) latencies = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GArray) phases = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean is_barrier = il_lane_get_info (lane)->kind == IL_LANE_BARRIER;
  gsize i = il_lane_find_wait (lane, range->begin_ns);
  guint64 phase = 0;
  IlWait wait;

  while (il_report_next_wait (range, lane, &i, &wait))
    {
      gint64 latency_ns = get_latency (lane, &wait);

      g_array_append_val (lengths, wait.wait_ns);
      if (wait.cancelled)
        continue;
      signal->wake_ups++;
      if (latency_ns >= 0)
        g_array_append_val (latencies, latency_ns);
      if (is_barrier)
        add_to_phase (phases, &phase, lane, &wait);
    }
  il_distribution_take (&signal->wait, lengths);
  il_distribution_take (&signal->latency, latencies);
  il_distribution_take (&signal->phase, phases);
}

/**
 * il_report_add_signal:
 * @lane: of an event, a condition or a barrier
 */
void
il_report_add_signal (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlLaneKind kind = il_lane_get_info (lane)->kind;
  IlSignalFigures signal = { .lane = il_lane_get_index (lane) };
  const IlSeries *waiters
      = kind == IL_LANE_EVENT ? il_lane_get_waiters (lane) : il_lane_get_level (lane);
  guint64 unused;
  IlCounterBin bin;

  il_report_count_uses (range, lane, &unused, &signal.signals);
  add_signal_waits (&signal, range, lane);
  signal.wakers = il_report_list_wakers (range, lane);
  signal.last = kind == IL_LANE_BARRIER ? il_report_list_last (range, lane)
                                        : g_array_new (FALSE, FALSE, sizeof (IlHolder));
  signal.given_up = il_report_count_given_up (range, lane);
  if (kind == IL_LANE_CONDITION)
    signal.wasted = il_report_count_amount (range, lane);
  if (il_report_summarize (range, waiters, &bin))
    signal.max_waiters = bin.max;
  g_array_append_val (report->signals, signal);
}

/* ---- Channels ---- */

/* The life of a lane within the range. */
static gint64
get_life (const IlReportRange *range, guint lane)
{
  const IlLane *thread = il_timeline_get_lane (range->timeline, lane);

  if (thread == NULL)
    return 0;
  return MAX (0, MIN (il_lane_get_end (thread), range->end_ns)
                     - MAX (il_lane_get_begin (thread), range->begin_ns));
}

/* Waits of one direction. */
typedef struct
{
  GArray *lengths;   /* of gint64 */
  GHashTable *lanes; /* that waited */
  gint64 lives_ns;   /* theirs together */
  gint64 waited_ns;  /* clipped to the range */
  guint64 n_done;
} Direction;

static void
direction_init (Direction *direction)
{
  *direction = (Direction){ .lengths = g_array_new (FALSE, FALSE, sizeof (gint64)),
                            .lanes = g_hash_table_new (NULL, NULL) };
}

static void
direction_add (Direction *direction, const IlReportRange *range, const IlWait *wait)
{
  g_array_append_val (direction->lengths, wait->wait_ns);
  direction->n_done += !wait->cancelled;
  direction->waited_ns += wait->end_ns - MAX (wait->end_ns - wait->wait_ns, range->begin_ns);
  if (g_hash_table_add (direction->lanes, GUINT_TO_POINTER (wait->lane)))
    direction->lives_ns += get_life (range, wait->lane);
}

/* Returns the share of the lives of those who waited. */
static double
direction_end (Direction *direction, IlDistribution *distribution, guint64 n_messages)
{
  il_distribution_take (distribution, direction->lengths);
  g_array_unref (direction->lengths);
  g_hash_table_unref (direction->lanes);
  if (direction->lives_ns > 0)
    return (double)direction->waited_ns / (double)direction->lives_ns;
  return n_messages > 0 ? 0 : NAN;
}

/**
 * il_report_add_channel:
 */
void
il_report_add_channel (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlChannelFigures channel = { .lane = il_lane_get_index (lane) };
  gsize i = il_lane_find_wait (lane, range->begin_ns);
  Direction sends, receives;
  IlCounterBin bin;
  IlWait wait;

  il_report_count_uses (range, lane, &channel.sent, &channel.received);
  channel.bytes = il_report_count_amount (range, lane);
  channel.active_ns = il_report_active_time (range, lane);
  direction_init (&sends);
  direction_init (&receives);
  while (il_report_next_wait (range, lane, &i, &wait))
    direction_add (wait.putting ? &sends : &receives, range, &wait);
  channel.blocked_sends = sends.n_done;
  channel.blocked_receives = receives.n_done;
  channel.given_up = il_report_count_given_up (range, lane);
  channel.send_wait_share = direction_end (&sends, &channel.send_wait, channel.sent);
  channel.receive_wait_share = direction_end (&receives, &channel.receive_wait, channel.received);
  if (il_report_summarize (range, il_lane_get_level (lane), &bin))
    channel.max_bytes = bin.max;
  g_array_append_val (report->channels, channel);
}

/* ---- Files and counters ---- */

/**
 * il_report_add_file:
 */
void
il_report_add_file (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlFileFigures file = { .lane = il_lane_get_index (lane) };
  guint64 unused;

  il_report_count_uses (range, lane, &file.appends, &unused);
  file.bytes = il_report_count_amount (range, lane);
  file.active_ns = il_report_active_time (range, lane);
  file.torn_lines = il_lane_get_torn_lines (lane);
  g_array_append_val (report->files, file);
}

static gboolean
is_limit (guint32 value)
{
  return value == (guint32)G_MAXINT32 || value == (guint32)G_MININT32;
}

/**
 * il_report_add_counter:
 */
void
il_report_add_counter (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlCounterFigures counter = { .lane = il_lane_get_index (lane) };
  IlCounterBin bin;

  counter.is_known = il_report_summarize (range, il_lane_get_level (lane), &bin);
  counter.value = (gint32)bin.last;
  counter.is_on_heap = il_lane_get_info (lane)->parameter != 0;
  /* The limits are the greatest and the least of values of one sign; of those of both, only the end
   * is known. */
  counter.was_at_limit
      = counter.is_known && (is_limit (bin.last) || is_limit (bin.max) || is_limit (bin.min));
  counter.lost_updates = (gint64)il_report_count_amount (range, lane);
  counter.stale_writes = il_report_count_amounts (range, lane);
  g_array_append_val (report->counters, counter);
}
