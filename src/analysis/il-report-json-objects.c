/* il-report-json-objects.c - what was found, and the figures of objects, as JSON
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <math.h>

#include "il-report-private.h"

static const IlLaneInfo *
get_info (IlTimeline *timeline, guint lane)
{
  const IlLane *found = il_timeline_get_lane (timeline, lane);

  return found != NULL ? il_lane_get_info (found) : NULL;
}

static const char *
lane_name (IlTimeline *timeline, guint lane)
{
  const IlLaneInfo *info = get_info (timeline, lane);

  return info != NULL ? info->name : NULL;
}

static double
divide (double value, double by)
{
  return by > 0 ? value / by : NAN;
}

/* ---- Findings ---- */

static void
add_finding (JsonBuilder *builder, const IlFinding *finding, IlTimeline *timeline)
{
  json_builder_begin_object (builder);
  il_json_add_string (builder, "kind", il_finding_kind_get_id (finding->kind));
  il_json_add_string (builder, "text", finding->text);
  il_json_add_int (builder, "count", (gint64)finding->count);
  json_builder_set_member_name (builder, "goes_on");
  json_builder_add_boolean_value (builder, finding->goes_on);
  json_builder_set_member_name (builder, "evidence");
  json_builder_begin_object (builder);
  il_json_add_string (builder, "lane",
                      finding->n_lanes > 0 ? lane_name (timeline, finding->lanes[0]) : NULL);
  il_json_begin_array (builder, "lanes");
  for (guint i = 0; i < finding->n_lanes; i++)
    {
      const char *name = lane_name (timeline, finding->lanes[i]);
      g_autofree char *valid = g_utf8_make_valid (name != NULL ? name : "", -1);

      json_builder_add_string_value (builder, valid);
    }
  json_builder_end_array (builder);
  il_json_add_int (builder, "from_ns", finding->from_ns);
  il_json_add_int (builder, "to_ns", finding->to_ns);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
}

/**
 * il_json_add_findings:
 *
 * Adds what was found; null where nobody looked for anything.
 */
void
il_json_add_findings (JsonBuilder *builder, const IlReport *report, IlTimeline *timeline)
{
  if (report->findings == NULL)
    {
      il_json_add_string (builder, "findings", NULL);
      return;
    }
  il_json_begin_array (builder, "findings");
  for (guint i = 0; i < report->findings->n_findings; i++)
    add_finding (builder, &report->findings->findings[i], timeline);
  json_builder_end_array (builder);
}

/* ---- Locks ---- */

/* The life of a thread within the range of the report. */
static gint64
get_life (const IlReport *report, IlTimeline *timeline, guint lane)
{
  const IlLane *thread = il_timeline_get_lane (timeline, lane);

  return thread == NULL ? 0
                        : MIN (il_lane_get_end (thread), report->end_ns)
                              - MAX (il_lane_get_begin (thread), report->begin_ns);
}

static void
add_holders (JsonBuilder *builder, const IlReport *report, const GArray *holders,
             IlTimeline *timeline)
{
  il_json_begin_array (builder, "holders");
  for (guint i = 0; i < holders->len; i++)
    {
      const IlHolder *holder = &g_array_index (holders, IlHolder, i);

      json_builder_begin_object (builder);
      il_json_add_string (builder, "name", lane_name (timeline, holder->lane));
      il_json_add_int (builder, "held_ns", holder->held_ns);
      il_json_add_int (builder, "acquisitions", (gint64)holder->acquisitions);
      il_json_add_double (
          builder, "share",
          divide ((double)holder->held_ns, (double)get_life (report, timeline, holder->lane)));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_waiters (JsonBuilder *builder, const IlReport *report, const IlLockFigures *lock,
             IlTimeline *timeline)
{
  il_json_begin_array (builder, "waiters");
  for (guint i = 0; i < lock->waiters->len; i++)
    {
      const IlHolder *waiter = &g_array_index (lock->waiters, IlHolder, i);

      json_builder_begin_object (builder);
      il_json_add_string (builder, "name", lane_name (timeline, waiter->lane));
      il_json_add_int (builder, "wait_ns", waiter->held_ns);
      il_json_add_int (builder, "waits", (gint64)waiter->acquisitions);
      il_json_add_double (
          builder, "share",
          divide ((double)waiter->held_ns, (double)get_life (report, timeline, waiter->lane)));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/* Who waited for which other one. */
static void
add_pair_list (JsonBuilder *builder, const char *key, const char *key_of_other, const GArray *pairs,
               IlTimeline *timeline)
{
  il_json_begin_array (builder, key);
  for (guint i = 0; i < pairs->len; i++)
    {
      const IlWaitPair *pair = &g_array_index (pairs, IlWaitPair, i);

      json_builder_begin_object (builder);
      if (pair->holder_plus_1 != 0)
        il_json_add_string (builder, key_of_other, lane_name (timeline, pair->holder_plus_1 - 1));
      else
        {
          json_builder_set_member_name (builder, key_of_other);
          json_builder_add_null_value (builder);
        }
      il_json_add_string (builder, "waiter", lane_name (timeline, pair->waiter));
      il_json_add_int (builder, "wait_ns", pair->wait_ns);
      il_json_add_int (builder, "waits", (gint64)pair->waits);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_readers_and_writers (JsonBuilder *builder, const IlReport *report, const IlLockFigures *lock,
                         IlTimeline *timeline)
{
  json_builder_set_member_name (builder, "readers");
  json_builder_begin_object (builder);
  il_json_add_int (builder, "acquisitions", (gint64)lock->reads);
  il_json_add_distribution (builder, "wait_ns", &lock->read_wait);
  il_json_add_distribution (builder, "hold_ns", &lock->read_hold);
  il_json_add_int (builder, "held_ns", lock->read_ns);
  il_json_add_int (builder, "max", lock->max_holders);
  add_holders (builder, report, lock->readers, timeline);
  json_builder_end_object (builder);
  json_builder_set_member_name (builder, "writers");
  json_builder_begin_object (builder);
  il_json_add_int (builder, "acquisitions", (gint64)lock->writes);
  il_json_add_distribution (builder, "wait_ns", &lock->write_wait);
  json_builder_end_object (builder);
  il_json_add_int (builder, "only_counted", (gint64)il_report_count_either (lock));
}

static void
add_lock (JsonBuilder *builder, const IlReport *report, const IlLockFigures *lock,
          IlTimeline *timeline)
{
  const IlLaneInfo *info = get_info (timeline, lock->lane);
  double seconds = (double)(report->end_ns - report->begin_ns) / 1e9;

  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", info->name);
  il_json_add_string (builder, "kind", il_report_get_kind (info));
  il_json_add_int (builder, "acquisitions", (gint64)lock->acquisitions);
  il_json_add_int (builder, "contended", (gint64)lock->attempts.waited);
  il_json_add_double (builder, "contended_share",
                      divide ((double)lock->attempts.waited, (double)lock->attempts.total));
  il_json_add_int (builder, "given_up", (gint64)lock->attempts.given_up);
  il_json_add_int (builder, "waiting", lock->waiting);
  il_json_add_distribution (builder, "wait_ns", &lock->wait);
  il_json_add_int (builder, "total_wait_ns", lock->total_wait_ns);
  il_json_add_distribution (builder, "hold_ns", &lock->hold);
  il_json_add_int (builder, "held_ns", lock->held_ns);
  il_json_add_int (builder, "max_waiters", lock->max_waiters);
  il_json_add_int (builder, "max_holders", lock->max_holders);
  il_json_add_int (builder, "max_depth", MAX (lock->max_depth, lock->holders->len > 0));
  il_json_add_int (builder, "hand_overs", (gint64)lock->hand_overs);
  il_json_add_double (builder, "hand_overs_per_second", divide ((double)lock->hand_overs, seconds));
  il_json_add_int (builder, "recovered", (gint64)lock->recovered);
  if (info->kind == IL_LANE_RWLOCK)
    add_readers_and_writers (builder, report, lock, timeline);
  add_holders (builder, report, lock->holders, timeline);
  add_waiters (builder, report, lock, timeline);
  add_pair_list (builder, "pairs", "holder", lock->pairs, timeline);
  add_pair_list (builder, "wakers", "waker", lock->wakers, timeline);
  json_builder_end_object (builder);
}

static void
add_queue (JsonBuilder *builder, const IlQueueFigures *queue, IlTimeline *timeline)
{
  const IlLaneInfo *info = get_info (timeline, queue->lane);

  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", info->name);
  il_json_add_int (builder, "capacity", (gint64)info->parameter);
  il_json_add_int (builder, "puts", (gint64)queue->puts);
  il_json_add_int (builder, "gets", (gint64)queue->gets);
  il_json_add_int (builder, "blocked_puts", (gint64)queue->blocked_puts);
  il_json_add_int (builder, "blocked_gets", (gint64)queue->blocked_gets);
  il_json_add_int (builder, "given_up", (gint64)queue->given_up);
  il_json_add_int (builder, "max_depth", queue->max_depth);
  il_json_add_double (builder, "mean_depth", queue->mean_depth);
  il_json_add_int (builder, "final_depth", queue->final_depth);
  il_json_add_distribution (builder, "wait_ns", &queue->wait);
  json_builder_end_object (builder);
}

/* ---- Signals, channels, files, counters ---- */

/* For whom the others waited at a barrier. */
static void
add_last (JsonBuilder *builder, const IlSignalFigures *signal, IlTimeline *timeline)
{
  il_json_begin_array (builder, "last");
  for (guint i = 0; i < signal->last->len; i++)
    {
      const IlHolder *last = &g_array_index (signal->last, IlHolder, i);

      json_builder_begin_object (builder);
      il_json_add_string (builder, "name", lane_name (timeline, last->lane));
      il_json_add_int (builder, "phases", (gint64)last->acquisitions);
      il_json_add_int (builder, "kept_waiting_ns", last->held_ns);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_signal (JsonBuilder *builder, const IlSignalFigures *signal, IlTimeline *timeline)
{
  const IlLaneInfo *info = get_info (timeline, signal->lane);

  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", info->name);
  il_json_add_string (builder, "kind", il_report_get_kind (info));
  il_json_add_int (builder, "wake_ups", (gint64)signal->wake_ups);
  il_json_add_int (builder, "given_up", (gint64)signal->given_up);
  il_json_add_int (builder, "max_waiters", signal->max_waiters);
  il_json_add_distribution (builder, "wait_ns", &signal->wait);
  il_json_add_distribution (builder, "wake_latency_ns", &signal->latency);
  if (info->kind == IL_LANE_EVENT)
    il_json_add_int (builder, "sets", (gint64)signal->signals);
  else if (info->kind == IL_LANE_CONDITION)
    {
      il_json_add_int (builder, "notifies", (gint64)signal->signals);
      il_json_add_int (builder, "wasted", (gint64)signal->wasted);
      il_json_add_int (builder, "useful",
                       (gint64)(signal->wake_ups - MIN (signal->wasted, signal->wake_ups)));
    }
  else
    {
      il_json_add_int (builder, "parties", (gint64)info->parameter);
      il_json_add_int (builder, "phases", (gint64)signal->signals);
      il_json_add_distribution (builder, "phase_wait_ns", &signal->phase);
      add_last (builder, signal, timeline);
    }
  add_pair_list (builder, "wakers", "waker", signal->wakers, timeline);
  json_builder_end_object (builder);
}

static void
add_channel (JsonBuilder *builder, const IlChannelFigures *channel, IlTimeline *timeline)
{
  const IlLaneInfo *info = get_info (timeline, channel->lane);
  double active_ns = (double)channel->active_ns;

  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", info->name);
  il_json_add_string (builder, "kind", il_report_get_kind (info));
  il_json_add_int (builder, "sent", (gint64)channel->sent);
  il_json_add_int (builder, "received", (gint64)channel->received);
  il_json_add_int (builder, "bytes", (gint64)channel->bytes);
  il_json_add_double (builder, "bytes_per_second",
                      divide ((double)channel->bytes * 1e9, active_ns));
  il_json_add_double (builder, "message_ns",
                      channel->active_ns > 0 ? divide (active_ns, (double)channel->received) : NAN);
  il_json_add_int (builder, "blocked_sends", (gint64)channel->blocked_sends);
  il_json_add_int (builder, "blocked_receives", (gint64)channel->blocked_receives);
  il_json_add_int (builder, "given_up", (gint64)channel->given_up);
  il_json_add_distribution (builder, "send_wait_ns", &channel->send_wait);
  il_json_add_distribution (builder, "receive_wait_ns", &channel->receive_wait);
  il_json_add_double (builder, "send_wait_share", channel->send_wait_share);
  il_json_add_double (builder, "receive_wait_share", channel->receive_wait_share);
  il_json_add_int (builder, "max_bytes", channel->max_bytes);
  json_builder_end_object (builder);
}

static void
add_file (JsonBuilder *builder, const IlFileFigures *file, IlTimeline *timeline)
{
  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", lane_name (timeline, file->lane));
  il_json_add_int (builder, "bytes", (gint64)file->bytes);
  il_json_add_int (builder, "appends", (gint64)file->appends);
  il_json_add_double (builder, "bytes_per_second",
                      divide ((double)file->bytes * 1e9, (double)file->active_ns));
  il_json_add_int (builder, "torn_lines", (gint64)file->torn_lines);
  json_builder_end_object (builder);
}

static void
add_counter (JsonBuilder *builder, const IlCounterFigures *counter, IlTimeline *timeline)
{
  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", lane_name (timeline, counter->lane));
  if (counter->is_known)
    il_json_add_int (builder, "final", counter->value);
  else
    il_json_add_string (builder, "final", NULL);
  json_builder_set_member_name (builder, "was_at_limit");
  json_builder_add_boolean_value (builder, counter->was_at_limit);
  il_json_add_int (builder, "stale_writes", (gint64)counter->stale_writes);
  il_json_add_int (builder, "lost_updates", counter->lost_updates);
  il_json_add_string (builder, "place", counter->is_on_heap ? "heap" : "shared");
  json_builder_end_object (builder);
}

/**
 * il_json_add_objects:
 *
 * Adds the arrays of locks, signals, queues, channels, files and counters.
 */
void
il_json_add_objects (JsonBuilder *builder, const IlReport *report, IlTimeline *timeline)
{
  il_json_begin_array (builder, "locks");
  for (guint i = 0; i < report->locks->len; i++)
    add_lock (builder, report, &g_array_index (report->locks, IlLockFigures, i), timeline);
  json_builder_end_array (builder);
  il_json_begin_array (builder, "signals");
  for (guint i = 0; i < report->signals->len; i++)
    add_signal (builder, &g_array_index (report->signals, IlSignalFigures, i), timeline);
  json_builder_end_array (builder);
  add_pair_list (builder, "joins", "awaited", report->joins, timeline);
  il_json_begin_array (builder, "queues");
  for (guint i = 0; i < report->queues->len; i++)
    add_queue (builder, &g_array_index (report->queues, IlQueueFigures, i), timeline);
  json_builder_end_array (builder);
  il_json_begin_array (builder, "channels");
  for (guint i = 0; i < report->channels->len; i++)
    add_channel (builder, &g_array_index (report->channels, IlChannelFigures, i), timeline);
  json_builder_end_array (builder);
  il_json_begin_array (builder, "files");
  for (guint i = 0; i < report->files->len; i++)
    add_file (builder, &g_array_index (report->files, IlFileFigures, i), timeline);
  json_builder_end_array (builder);
  il_json_begin_array (builder, "counters");
  for (guint i = 0; i < report->counters->len; i++)
    add_counter (builder, &g_array_index (report->counters, IlCounterFigures, i), timeline);
  json_builder_end_array (builder);
}
