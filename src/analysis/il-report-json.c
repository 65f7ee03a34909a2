/* il-report-json.c - a report as one JSON object
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys are in snake_case; times are integers in nanoseconds with the suffix "_ns"; what is not
 * known is null.
 *
 *   findings     kind, text, count, goes_on, evidence: {lane, lanes, from_ns, to_ns}; null where
 *                nobody looked for any
 *   session      duration_ns, from_ns, to_ns, events, events_in_all, lost_events,
 *                lost_scheduler_records, locks_seen (false: what threads wait for was not looked
 *                at, nor when they were woken), incomplete (threads or events are missing that
 *                nobody counted: session.notes say which), late_records, late_ns, scheduler, clock,
 *                overhead_share, cut_off, being_recorded, title, command (of a program that is not
 *                ours; null: none), scenario_id, model, workers, seed, settings: {key: value} as
 *                they were given, knob_changes: [{time_ns, key, value}] of those turned while it
 *                ran, notes: [what the runner said of the run, in the language of who recorded it],
 *                started, end, crashed_thread (null: not known, or none), exit_ns,
 *                peak_rss_bytes, peak_pss_bytes
 *   tasks        submitted, done, failed, cancelled, lost, pending, run_again (begun again after a
 *                worker's death), per_second, imbalance (of places in the pool), queue_wait_ns,
 *                service_ns, kinds: [{name (null: not known, since events were lost), done,
 *                queue_wait_ns, service_ns, relative}]
 *   speed        wall_ns, serial_ns, speed_up, serial_share, utilization
 *   scheduler    slice_ns, wake_latency_ns, switches_per_second, runnable_share
 *   queueing     l, lambda_per_second, w_ns, l_by_lambda_w: see il-report-tasks.c
 *   copies       bytes, bytes_per_second, time_ns (all of arguments, results and items of queues
 *                that go between heaps; not of messages), share (of workers' time in tasks that is
 *                in time_ns)
 *   coroutines   n, switches, overhead_ns (for each switch), stall_ns (one kept its carrier),
 *                ready_ns (it could go on, another ran); null where there are none
 *   replacements {n, …}: time from a worker's death to its successor's birth
 *   endings      crashed, killed (by a signal from outside), with_process (of a fault of another in
 *                their process, or nobody knows whose), by_force (with the run, or of what is not
 *                known), relieved (left in good order, and replaced): workers whose lives ended so;
 *                of a program that a signal killed, its threads that ended with it
 *   workers      name, role, pid, tid, lifetime_ns, ending (left, crashed, killed, with_process,
 *                by_force; null: none in the range), ended_ns (when; null likewise), signal (that
 *                it, or its process, died of; null: none, or not known), states (adding up to
 *                lifetime_ns; join_wait_ns: for a thread or process to end; other_wait_ns: it
 *                waited, not seen for what), spinning_ns (of running_ns), tasks,
 *                voluntary_switches, involuntary_switches, migrations, copied_bytes, copying_ns,
 *                peak_rss_bytes, peak_pss_bytes (both of its process; null: not known), scheduler
 *   cores        core, busy_share, target_share
 *   locks        name, kind (plain, recursive, checking, robust, priority, spin, ticket, gil,
 *                binary, rwlock, semaphore), acquisitions,
 *                contended (had to wait), contended_share (of acquisitions and given_up), given_up
 *                (waits that were in vain; so of the others below), waiting (at the end), wait_ns,
 *                total_wait_ns, hold_ns, max_waiters, max_holders, hand_overs,
 *                hand_overs_per_second,
 *                recovered (given back for an owner that had died), holders:
 *                [{name, held_ns, acquisitions}], waiters: [{name, wait_ns, waits, share (of its
 *                life)}], pairs: [{holder (null: not known), waiter, wait_ns, waits}] (who had it
 *                while who waited: wait_ns is the time in which, waits those in which at any time;
 *                none of a lock that was given back by another than its holder, as a signal is; the
 *                4,096 longest);
 *                of a recursive one max_depth; of a readers-writer lock, whose holders and hold_ns
 *                are its writers', readers: {acquisitions, wait_ns, hold_ns, held_ns (of all
 *                together), max, holders}, writers: {acquisitions, wait_ns}, only_counted
 *                (acquisitions to read or to write, of which that is not known)
 *   signals      name, kind (event, condition, barrier), wait_ns, wake_latency_ns, max_waiters,
 *                wake_ups, given_up; event: sets; condition: notifies, wasted, useful; barrier:
 *                parties, phases, phase_wait_ns (of all in a phase together)
 *   joins        awaited (null: not known), waiter, wait_ns, waits (for a thread or process to end)
 *   queues       name, capacity, puts, gets, blocked_puts, blocked_gets, given_up, max_depth,
 *                mean_depth, final_depth, wait_ns
 *   channels     name, kind (queue, memory, pipe, socket), sent, received, bytes, bytes_per_second,
 *                message_ns, blocked_sends, blocked_receives, given_up, send_wait_ns,
 *                receive_wait_ns, send_wait_share, receive_wait_share (of the lives of those who
 *                waited; null: nothing was sent, or received), max_bytes
 *   files        name, bytes, appends, bytes_per_second, torn_lines
 *   counters     name, final, was_at_limit, stale_writes, lost_updates, place (shared, heap)
 *
 * All figures are of the range from from_ns to to_ns, as il-report.c says, but for those of the
 * session's own: duration_ns, events_in_all, lost_…, late_…, overhead_share, max_depth, torn_lines.
 *
 * Which of these is the figure of which row of the curriculum says interleave-cli(1).
 *
 * A distribution is {n, total, p50, p90, p99, max}.
 */

#include "config.h"

#include <math.h>
#include <string.h>

#include "il-report-private.h"

/**
 * il_json_add_int:
 *
 * Adds a member that is a whole number.
 */
void
il_json_add_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

/**
 * il_json_add_double:
 *
 * Adds a member that is a number, or null where it is not a finite one.
 */
void
il_json_add_double (JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name (builder, key);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

/**
 * il_json_add_string:
 *
 * Adds a member that is a text of any origin, or null.
 */
void
il_json_add_string (JsonBuilder *builder, const char *key, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, key);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

/**
 * il_json_add_distribution:
 *
 * Adds a member {n, total, p50, p90, p99, max}.
 */
void
il_json_add_distribution (JsonBuilder *builder, const char *key, const IlDistribution *distribution)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
  il_json_add_int (builder, "n", (gint64)distribution->n);
  il_json_add_int (builder, "total", distribution->total_ns);
  il_json_add_int (builder, "p50", distribution->p50_ns);
  il_json_add_int (builder, "p90", distribution->p90_ns);
  il_json_add_int (builder, "p99", distribution->p99_ns);
  il_json_add_int (builder, "max", distribution->max_ns);
  json_builder_end_object (builder);
}

/**
 * il_json_begin_array:
 *
 * Begins an array as a member; the caller ends it.
 */
void
il_json_begin_array (JsonBuilder *builder, const char *key)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_array (builder);
}

static void
add_meta (JsonBuilder *builder, IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);

  il_json_add_string (builder, key, value);
}

static void
add_meta_number (JsonBuilder *builder, IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);
  char *end = NULL;
  gint64 number = value != NULL ? g_ascii_strtoll (value, &end, 10) : 0;

  if (value != NULL && end != value && *end == '\0')
    il_json_add_int (builder, key, number);
  else
    il_json_add_string (builder, key, NULL);
}

static void
add_known (JsonBuilder *builder, const char *key, gint64 value, gboolean is_known)
{
  if (is_known)
    il_json_add_int (builder, key, value);
  else
    il_json_add_string (builder, key, NULL);
}

/* What the recorder says; failing that, what the lanes say. */
static char *
dup_scheduler (IlSession *session)
{
  char *said = il_session_dup_meta (session, IL_META_SCHEDULER);
  IlTimeline *timeline = il_session_get_timeline (session);

  if (said != NULL)
    return said;
  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, i));

      if (info->kind == IL_LANE_THREAD && info->scheduler == IL_SCHEDULER_EXACT)
        return g_strdup ("perf");
    }
  return g_strdup ("sampled");
}

/* What was set for the run, as it was given: KEY=VALUE, one a line. */
static void
add_settings (JsonBuilder *builder, IlSession *session)
{
  g_autofree char *settings = il_session_dup_meta (session, IL_META_SETTINGS);
  g_auto (GStrv) lines = g_strsplit (settings != NULL ? settings : "", "\n", -1);

  json_builder_set_member_name (builder, "settings");
  json_builder_begin_object (builder);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *key = g_utf8_make_valid (lines[i], -1);
      char *value = strchr (key, '=');

      if (value == NULL)
        continue;
      *value++ = '\0';
      il_json_add_string (builder, key, value);
    }
  json_builder_end_object (builder);
}

static void
add_notes (JsonBuilder *builder, IlSession *session)
{
  g_autofree char *notes = il_session_dup_meta (session, IL_META_NOTES);
  g_auto (GStrv) lines = notes != NULL ? g_strsplit (notes, "\n", -1) : NULL;

  il_json_begin_array (builder, "notes");
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *line = g_utf8_make_valid (lines[i], -1);

      json_builder_add_string_value (builder, line);
    }
  json_builder_end_array (builder);
}

static void
add_knob_changes (JsonBuilder *builder, IlSession *session)
{
  g_autoptr (GArray) changes = il_report_dup_knob_changes (session);

  il_json_begin_array (builder, "knob_changes");
  for (guint i = 0; i < changes->len; i++)
    {
      const IlKnobChange *change = &g_array_index (changes, IlKnobChange, i);

      json_builder_begin_object (builder);
      il_json_add_int (builder, "time_ns", change->time_ns);
      il_json_add_string (builder, "key", change->key);
      il_json_add_string (builder, "value", change->value);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_boolean (JsonBuilder *builder, const char *key, gboolean value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_boolean_value (builder, value);
}

/* Threads or events are missing that nobody counted. */
static gboolean
is_incomplete (IlSession *session)
{
  g_autofree char *value = il_session_dup_meta (session, IL_META_INCOMPLETE);

  return g_strcmp0 (value, "1") == 0;
}

static void
add_session (JsonBuilder *builder, const IlReport *report, IlSession *session)
{
  g_autofree char *scheduler = dup_scheduler (session);
  g_autofree char *overhead = il_session_dup_meta (session, IL_META_OVERHEAD_SHARE);
  IlTimelineTotals totals = { 0 };

  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  json_builder_set_member_name (builder, "session");
  json_builder_begin_object (builder);
  il_json_add_int (builder, "duration_ns", il_timeline_get_end (il_session_get_timeline (session)));
  il_json_add_int (builder, "from_ns", report->begin_ns);
  il_json_add_int (builder, "to_ns", report->end_ns);
  il_json_add_int (builder, "events", (gint64)report->n_events);
  il_json_add_int (builder, "events_in_all", (gint64)report->n_events_in_all);
  il_json_add_int (builder, "lost_events", (gint64)report->n_lost);
  il_json_add_int (builder, "lost_scheduler_records", (gint64)totals.n_sched_lost);
  add_boolean (builder, "locks_seen", il_timeline_shows_locks (il_session_get_timeline (session)));
  add_boolean (builder, "incomplete", is_incomplete (session));
  add_meta_number (builder, session, IL_META_LATE_RECORDS);
  add_meta_number (builder, session, IL_META_LATE_NS);
  il_json_add_string (builder, "scheduler", scheduler);
  add_meta (builder, session, IL_META_CLOCK);
  il_json_add_double (builder, "overhead_share",
                      overhead != NULL ? g_ascii_strtod (overhead, NULL) : NAN);
  add_boolean (builder, "cut_off", il_session_get_ending (session) == IL_SESSION_CUT_OFF);
  add_boolean (builder, "being_recorded",
               il_session_get_ending (session) == IL_SESSION_BEING_RECORDED);
  add_meta (builder, session, IL_META_TITLE);
  add_meta (builder, session, IL_META_COMMAND);
  add_meta (builder, session, IL_META_SCENARIO_ID);
  add_meta (builder, session, IL_META_MODEL);
  add_meta_number (builder, session, IL_META_WORKERS);
  add_meta_number (builder, session, IL_META_SEED);
  add_settings (builder, session);
  add_knob_changes (builder, session);
  add_notes (builder, session);
  add_meta (builder, session, IL_META_STARTED);
  add_meta (builder, session, IL_META_END);
  il_json_add_string (builder, "crashed_thread", il_report_get_crashed (session, NULL));
  add_known (builder, "exit_ns", report->exit_ns, report->exit_ns >= 0);
  add_known (builder, "peak_rss_bytes", (gint64)report->peak_rss_bytes, report->peak_rss_bytes > 0);
  add_known (builder, "peak_pss_bytes", (gint64)report->peak_pss_bytes, report->peak_pss_bytes > 0);
  json_builder_end_object (builder);
}

static void
add_kinds (JsonBuilder *builder, const IlReport *report, IlTimeline *timeline)
{
  il_json_begin_array (builder, "kinds");
  for (guint i = 0; i < report->kinds->len; i++)
    {
      const IlTaskKindFigures *kind = &g_array_index (report->kinds, IlTaskKindFigures, i);

      json_builder_begin_object (builder);
      il_json_add_string (builder, "name",
                          kind->object != 0 ? il_timeline_get_object_name (timeline, kind->object)
                                            : NULL);
      il_json_add_int (builder, "done", (gint64)kind->done);
      il_json_add_distribution (builder, "queue_wait_ns", &kind->queue_wait);
      il_json_add_distribution (builder, "service_ns", &kind->service);
      il_json_add_double (builder, "relative", kind->relative);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_tasks (JsonBuilder *builder, const IlReport *report, IlTimeline *timeline)
{
  json_builder_set_member_name (builder, "tasks");
  json_builder_begin_object (builder);
  il_json_add_int (builder, "submitted", (gint64)report->submitted);
  il_json_add_int (builder, "done", (gint64)report->outcomes[IL_TASK_OUTCOME_DONE]);
  il_json_add_int (builder, "failed", (gint64)report->outcomes[IL_TASK_OUTCOME_FAILED]);
  il_json_add_int (builder, "cancelled", (gint64)report->outcomes[IL_TASK_OUTCOME_CANCELLED]);
  il_json_add_int (builder, "lost", (gint64)report->outcomes[IL_TASK_OUTCOME_LOST]);
  il_json_add_int (builder, "pending", (gint64)report->pending);
  il_json_add_int (builder, "run_again", (gint64)report->run_again);
  il_json_add_double (builder, "per_second", report->tasks_per_second);
  il_json_add_double (builder, "imbalance", report->speed.imbalance);
  il_json_add_distribution (builder, "queue_wait_ns", &report->queue_wait);
  il_json_add_distribution (builder, "service_ns", &report->service);
  add_kinds (builder, report, timeline);
  json_builder_end_object (builder);
}

static void
begin_object (JsonBuilder *builder, const char *key)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
}

static void
add_speed (JsonBuilder *builder, const IlReport *report)
{
  begin_object (builder, "speed");
  il_json_add_int (builder, "wall_ns", report->speed.wall_ns);
  il_json_add_int (builder, "serial_ns", report->speed.serial_ns);
  il_json_add_double (builder, "speed_up", report->speed.speed_up);
  il_json_add_double (builder, "serial_share", report->speed.serial_share);
  il_json_add_double (builder, "utilization", report->speed.utilization);
  json_builder_end_object (builder);

  begin_object (builder, "scheduler");
  il_json_add_distribution (builder, "slice_ns", &report->scheduler.slice);
  il_json_add_distribution (builder, "wake_latency_ns", &report->scheduler.wake_latency);
  il_json_add_double (builder, "switches_per_second", report->scheduler.switches_per_second);
  il_json_add_double (builder, "runnable_share", report->scheduler.runnable_share);
  json_builder_end_object (builder);
}

/* NAN becomes null. */
static void
add_rounded (JsonBuilder *builder, const char *key, double value)
{
  add_known (builder, key, isfinite (value) ? (gint64)(value + 0.5) : 0, isfinite (value));
}

static void
add_work (JsonBuilder *builder, const IlReport *report)
{
  double seconds = (double)(report->end_ns - report->begin_ns) / 1e9;

  begin_object (builder, "queueing");
  il_json_add_double (builder, "l", report->queueing.l);
  il_json_add_double (builder, "lambda_per_second", report->queueing.lambda_per_second);
  add_rounded (builder, "w_ns", report->queueing.w_ns);
  il_json_add_double (builder, "l_by_lambda_w", report->queueing.ratio);
  json_builder_end_object (builder);

  begin_object (builder, "copies");
  il_json_add_int (builder, "bytes", (gint64)report->copied_bytes);
  il_json_add_double (builder, "bytes_per_second", (double)report->copied_bytes / seconds);
  il_json_add_int (builder, "time_ns", report->copying_ns);
  il_json_add_double (builder, "share", report->copying_share);
  json_builder_end_object (builder);

  if (report->coroutines.n > 0)
    {
      begin_object (builder, "coroutines");
      il_json_add_int (builder, "n", report->coroutines.n);
      il_json_add_int (builder, "switches", (gint64)report->coroutines.switches);
      add_rounded (builder, "overhead_ns", report->coroutines.overhead_ns);
      il_json_add_distribution (builder, "stall_ns", &report->coroutines.stall);
      il_json_add_distribution (builder, "ready_ns", &report->coroutines.ready);
      json_builder_end_object (builder);
    }
  else
    il_json_add_string (builder, "coroutines", NULL);
  il_json_add_distribution (builder, "replacements", &report->replacement);

  begin_object (builder, "endings");
  il_json_add_int (builder, "crashed", (gint64)report->endings.crashed);
  il_json_add_int (builder, "killed", (gint64)report->endings.killed);
  il_json_add_int (builder, "with_process", (gint64)report->endings.with_process);
  il_json_add_int (builder, "by_force", (gint64)report->endings.by_force);
  il_json_add_int (builder, "relieved", (gint64)report->endings.relieved);
  json_builder_end_object (builder);
}

static void
add_states (JsonBuilder *builder, const IlWorkerFigures *worker)
{
  const gint64 *states_ns = worker->states_ns;

  json_builder_set_member_name (builder, "states");
  json_builder_begin_object (builder);
  il_json_add_int (builder, "running_ns",
                   states_ns[IL_STATE_RUNNING] + states_ns[IL_STATE_BUSY]
                       + states_ns[IL_STATE_SPINNING]);
  il_json_add_int (builder, "runnable_ns", states_ns[IL_STATE_RUNNABLE]);
  il_json_add_int (builder, "lock_wait_ns", states_ns[IL_STATE_LOCK_WAIT]);
  il_json_add_int (builder, "queue_wait_ns", states_ns[IL_STATE_QUEUE_WAIT]);
  il_json_add_int (builder, "io_wait_ns", states_ns[IL_STATE_IO_WAIT]);
  il_json_add_int (builder, "sleep_ns", states_ns[IL_STATE_SLEEPING]);
  il_json_add_int (builder, "join_wait_ns", states_ns[IL_STATE_JOIN_WAIT]);
  il_json_add_int (builder, "other_wait_ns", states_ns[IL_STATE_WAITING]);
  il_json_add_int (builder, "stopped_ns", states_ns[IL_STATE_STOPPED]);
  il_json_add_int (builder, "unknown_ns", states_ns[IL_STATE_UNKNOWN]);
  json_builder_end_object (builder);
  il_json_add_int (builder, "spinning_ns", states_ns[IL_STATE_SPINNING]);
}

/* How and when its life ended within the range; null where it did not. */
static void
add_ending (JsonBuilder *builder, const IlReport *report, const IlLane *lane)
{
  static const char *const words[IL_N_REPORT_ENDINGS]
      = { NULL, "left", "crashed", "killed", "with_process", "by_force" };
  gint64 end_ns = il_lane_get_end (lane);
  const IlWorkerEnding *death = il_report_find_death (report, il_lane_get_index (lane));
  guint signal_number;
  IlReportEnding ending = il_report_get_ending (lane, &signal_number);

  if (end_ns >= report->end_ns)
    ending = IL_REPORT_ENDING_NONE;
  if (death != NULL)
    {
      ending = death->ending;
      signal_number = death->signal_number;
    }
  il_json_add_string (builder, "ending", words[ending]);
  add_known (builder, "ended_ns", end_ns, ending != IL_REPORT_ENDING_NONE);
  add_known (builder, "signal", signal_number,
             ending != IL_REPORT_ENDING_NONE && signal_number > 0);
}

static void
add_worker (JsonBuilder *builder, const IlReport *report, const IlWorkerFigures *worker,
            const IlLane *lane)
{
  static const char *const schedulers[] = { NULL, "perf", "sampled", "carrier" };
  static const char *const roles[] = { "thread", "worker", "submitter", "supervisor", "carrier" };
  const IlLaneInfo *info = il_lane_get_info (lane);

  json_builder_begin_object (builder);
  il_json_add_string (builder, "name", info->name);
  il_json_add_string (builder, "role",
                      info->role < G_N_ELEMENTS (roles) ? roles[info->role] : NULL);
  il_json_add_int (builder, "pid", info->pid);
  il_json_add_int (builder, "tid", info->tid);
  il_json_add_int (builder, "lifetime_ns", worker->lifetime_ns);
  add_ending (builder, report, lane);
  add_states (builder, worker);
  il_json_add_int (builder, "tasks", (gint64)worker->tasks);
  il_json_add_int (builder, "voluntary_switches", (gint64)worker->voluntary_switches);
  il_json_add_int (builder, "involuntary_switches", (gint64)worker->involuntary_switches);
  il_json_add_int (builder, "migrations", (gint64)worker->migrations);
  il_json_add_int (builder, "copied_bytes", (gint64)worker->copied_bytes);
  il_json_add_int (builder, "copying_ns", worker->copying_ns);
  add_known (builder, "peak_rss_bytes", (gint64)worker->peak_rss_bytes, worker->peak_rss_bytes > 0);
  add_known (builder, "peak_pss_bytes", (gint64)worker->peak_pss_bytes, worker->peak_pss_bytes > 0);
  il_json_add_string (builder, "scheduler",
                      info->scheduler < G_N_ELEMENTS (schedulers) ? schedulers[info->scheduler]
                                                                  : NULL);
  json_builder_end_object (builder);
}

static void
add_workers_and_cores (JsonBuilder *builder, const IlReport *report, IlTimeline *timeline)
{
  il_json_begin_array (builder, "workers");
  for (guint i = 0; i < report->workers->len; i++)
    {
      const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, i);

      add_worker (builder, report, worker, il_timeline_get_lane (timeline, worker->lane));
    }
  json_builder_end_array (builder);

  il_json_begin_array (builder, "cores");
  for (guint i = 0; i < report->cores->len; i++)
    {
      const IlCoreFigures *core = &g_array_index (report->cores, IlCoreFigures, i);

      json_builder_begin_object (builder);
      il_json_add_int (builder, "core",
                       il_lane_get_info (il_timeline_get_lane (timeline, core->lane))->number);
      il_json_add_double (builder, "busy_share", core->busy_share);
      il_json_add_double (builder, "target_share", core->target_share);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

/**
 * il_report_to_json:
 * @session: the one that the report is of
 *
 * Writes the report for programs.
 *
 * Returns: (transfer full): one JSON object, indented, with a newline at its end
 */
char *
il_report_to_json (const IlReport *report, IlSession *session)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;
  IlTimeline *timeline;

  g_return_val_if_fail (report != NULL && session != NULL, NULL);

  timeline = il_session_get_timeline (session);
  json_builder_begin_object (builder);
  il_json_add_findings (builder, report, timeline);
  add_session (builder, report, session);
  add_tasks (builder, report, timeline);
  add_speed (builder, report);
  add_work (builder, report);
  add_workers_and_cores (builder, report, timeline);
  il_json_add_objects (builder, report, timeline);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}
