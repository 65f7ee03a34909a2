/* il-report-json.c - a report as one JSON object
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys are in snake_case; times are integers in nanoseconds with the suffix "_ns"; what is not
 * known is null.
 *
 *   session    duration_ns, from_ns, to_ns, events, events_in_all, lost_events,
 *              lost_scheduler_records, late_records, late_ns, scheduler, clock, overhead_share,
 *              cut_off, title, scenario_id, model, workers, seed, started, end
 *   tasks      submitted, done, failed, cancelled, lost, pending, per_second, queue_wait_ns,
 *              service_ns
 *   workers    name, role, pid, tid, lifetime_ns, states (adding up to lifetime_ns), spinning_ns
 *              (of running_ns), tasks, voluntary_switches, involuntary_switches, migrations,
 *              peak_rss_bytes, scheduler
 *   cores      core, busy_share, target_share
 *   locks      name, kind, acquisitions, contended, wait_ns, hold_ns, max_waiters, holders
 *   queues     name, capacity, puts, gets, blocked_puts, blocked_gets, max_depth, mean_depth,
 *              final_depth, wait_ns
 *   findings   nothing so far
 *
 * All figures are of the range from from_ns to to_ns, as il-report.c says, but for those of the
 * session's own: duration_ns, events_in_all, lost_…, late_…, overhead_share.
 *
 * A distribution is {n, total, p50, p90, p99, max}.
 */

#include "config.h"

#include "il-report.h"

#include <json-glib/json-glib.h>
#include <math.h>

static void
add_int (JsonBuilder *builder, const char *key, gint64 value)
{
  json_builder_set_member_name (builder, key);
  json_builder_add_int_value (builder, value);
}

static void
add_double (JsonBuilder *builder, const char *key, double value)
{
  json_builder_set_member_name (builder, key);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_string (JsonBuilder *builder, const char *key, const char *value)
{
  g_autofree char *valid = value != NULL ? g_utf8_make_valid (value, -1) : NULL;

  json_builder_set_member_name (builder, key);
  if (valid != NULL)
    json_builder_add_string_value (builder, valid);
  else
    json_builder_add_null_value (builder);
}

static void
add_distribution (JsonBuilder *builder, const char *key, const IlDistribution *distribution)
{
  json_builder_set_member_name (builder, key);
  json_builder_begin_object (builder);
  add_int (builder, "n", (gint64)distribution->n);
  add_int (builder, "total", distribution->total_ns);
  add_int (builder, "p50", distribution->p50_ns);
  add_int (builder, "p90", distribution->p90_ns);
  add_int (builder, "p99", distribution->p99_ns);
  add_int (builder, "max", distribution->max_ns);
  json_builder_end_object (builder);
}

static void
add_meta (JsonBuilder *builder, IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);

  add_string (builder, key, value);
}

static void
add_meta_number (JsonBuilder *builder, IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);
  char *end = NULL;
  gint64 number = value != NULL ? g_ascii_strtoll (value, &end, 10) : 0;

  if (value != NULL && end != value && *end == '\0')
    add_int (builder, key, number);
  else
    add_string (builder, key, NULL);
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

static void
add_session (JsonBuilder *builder, const IlReport *report, IlSession *session)
{
  g_autofree char *scheduler = dup_scheduler (session);
  g_autofree char *overhead = il_session_dup_meta (session, IL_META_OVERHEAD_SHARE);
  IlTimelineTotals totals = { 0 };

  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  json_builder_set_member_name (builder, "session");
  json_builder_begin_object (builder);
  add_int (builder, "duration_ns", il_timeline_get_end (il_session_get_timeline (session)));
  add_int (builder, "from_ns", report->begin_ns);
  add_int (builder, "to_ns", report->end_ns);
  add_int (builder, "events", (gint64)report->n_events);
  add_int (builder, "events_in_all", (gint64)report->n_events_in_all);
  add_int (builder, "lost_events", (gint64)report->n_lost);
  add_int (builder, "lost_scheduler_records", (gint64)totals.n_sched_lost);
  add_meta_number (builder, session, IL_META_LATE_RECORDS);
  add_meta_number (builder, session, IL_META_LATE_NS);
  add_string (builder, "scheduler", scheduler);
  add_meta (builder, session, IL_META_CLOCK);
  add_double (builder, "overhead_share", overhead != NULL ? g_ascii_strtod (overhead, NULL) : NAN);
  json_builder_set_member_name (builder, "cut_off");
  json_builder_add_boolean_value (builder, il_session_was_cut_off (session));
  add_meta (builder, session, IL_META_TITLE);
  add_meta (builder, session, IL_META_SCENARIO_ID);
  add_meta (builder, session, IL_META_MODEL);
  add_meta_number (builder, session, IL_META_WORKERS);
  add_meta_number (builder, session, IL_META_SEED);
  add_meta (builder, session, IL_META_STARTED);
  add_meta (builder, session, IL_META_END);
  json_builder_end_object (builder);
}

static void
add_tasks (JsonBuilder *builder, const IlReport *report)
{
  json_builder_set_member_name (builder, "tasks");
  json_builder_begin_object (builder);
  add_int (builder, "submitted", (gint64)report->submitted);
  add_int (builder, "done", (gint64)report->outcomes[IL_TASK_OUTCOME_DONE]);
  add_int (builder, "failed", (gint64)report->outcomes[IL_TASK_OUTCOME_FAILED]);
  add_int (builder, "cancelled", (gint64)report->outcomes[IL_TASK_OUTCOME_CANCELLED]);
  add_int (builder, "lost", (gint64)report->outcomes[IL_TASK_OUTCOME_LOST]);
  add_int (builder, "pending", (gint64)report->pending);
  add_double (builder, "per_second", report->tasks_per_second);
  add_distribution (builder, "queue_wait_ns", &report->queue_wait);
  add_distribution (builder, "service_ns", &report->service);
  json_builder_end_object (builder);
}

static void
add_states (JsonBuilder *builder, const IlWorkerFigures *worker)
{
  const gint64 *states_ns = worker->states_ns;

  json_builder_set_member_name (builder, "states");
  json_builder_begin_object (builder);
  add_int (builder, "running_ns",
           states_ns[IL_STATE_RUNNING] + states_ns[IL_STATE_BUSY] + states_ns[IL_STATE_SPINNING]);
  add_int (builder, "runnable_ns", states_ns[IL_STATE_RUNNABLE]);
  add_int (builder, "lock_wait_ns", states_ns[IL_STATE_LOCK_WAIT]);
  add_int (builder, "queue_wait_ns", states_ns[IL_STATE_QUEUE_WAIT]);
  add_int (builder, "io_wait_ns", states_ns[IL_STATE_IO_WAIT]);
  add_int (builder, "sleep_ns", states_ns[IL_STATE_SLEEPING]);
  add_int (builder, "stopped_ns", states_ns[IL_STATE_STOPPED]);
  add_int (builder, "unknown_ns", states_ns[IL_STATE_UNKNOWN]);
  json_builder_end_object (builder);
  add_int (builder, "spinning_ns", states_ns[IL_STATE_SPINNING]);
}

static void
add_worker (JsonBuilder *builder, const IlWorkerFigures *worker, const IlLaneInfo *info)
{
  static const char *const schedulers[] = { NULL, "perf", "sampled" };
  static const char *const roles[] = { "thread", "worker", "submitter", "supervisor" };

  json_builder_begin_object (builder);
  add_string (builder, "name", info->name);
  add_string (builder, "role", info->role < G_N_ELEMENTS (roles) ? roles[info->role] : NULL);
  add_int (builder, "pid", info->pid);
  add_int (builder, "tid", info->tid);
  add_int (builder, "lifetime_ns", worker->lifetime_ns);
  add_states (builder, worker);
  add_int (builder, "tasks", (gint64)worker->tasks);
  add_int (builder, "voluntary_switches", (gint64)worker->voluntary_switches);
  add_int (builder, "involuntary_switches", (gint64)worker->involuntary_switches);
  add_int (builder, "migrations", (gint64)worker->migrations);
  if (worker->peak_rss_bytes > 0)
    add_int (builder, "peak_rss_bytes", (gint64)worker->peak_rss_bytes);
  else
    add_double (builder, "peak_rss_bytes", NAN);
  add_string (builder, "scheduler",
              info->scheduler < G_N_ELEMENTS (schedulers) ? schedulers[info->scheduler] : NULL);
  json_builder_end_object (builder);
}

static const char *
lane_name (IlTimeline *timeline, guint lane)
{
  if (lane >= il_timeline_get_n_lanes (timeline))
    return NULL;
  return il_lane_get_info (il_timeline_get_lane (timeline, lane))->name;
}

static void
add_lock (JsonBuilder *builder, const IlLockFigures *lock, IlTimeline *timeline)
{
  const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, lock->lane));

  json_builder_begin_object (builder);
  add_string (builder, "name", info->name);
  add_string (builder, "kind", info->kind == IL_LANE_SEMAPHORE ? "semaphore" : "lock");
  add_int (builder, "acquisitions", (gint64)lock->acquisitions);
  add_int (builder, "contended", (gint64)lock->contended);
  add_distribution (builder, "wait_ns", &lock->wait);
  add_distribution (builder, "hold_ns", &lock->hold);
  add_int (builder, "max_waiters", lock->max_waiters);
  json_builder_set_member_name (builder, "holders");
  json_builder_begin_array (builder);
  for (guint i = 0; i < lock->holders->len; i++)
    {
      const IlHolder *holder = &g_array_index (lock->holders, IlHolder, i);

      json_builder_begin_object (builder);
      add_string (builder, "name", lane_name (timeline, holder->lane));
      add_int (builder, "held_ns", holder->held_ns);
      add_int (builder, "acquisitions", (gint64)holder->acquisitions);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_queue (JsonBuilder *builder, const IlQueueFigures *queue, IlTimeline *timeline)
{
  const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, queue->lane));

  json_builder_begin_object (builder);
  add_string (builder, "name", info->name);
  add_int (builder, "capacity", (gint64)info->parameter);
  add_int (builder, "puts", (gint64)queue->puts);
  add_int (builder, "gets", (gint64)queue->gets);
  add_int (builder, "blocked_puts", (gint64)queue->blocked_puts);
  add_int (builder, "blocked_gets", (gint64)queue->blocked_gets);
  add_int (builder, "max_depth", queue->max_depth);
  add_double (builder, "mean_depth", queue->mean_depth);
  add_int (builder, "final_depth", queue->final_depth);
  add_distribution (builder, "wait_ns", &queue->wait);
  json_builder_end_object (builder);
}

static void
add_arrays (JsonBuilder *builder, const IlReport *report, IlTimeline *timeline)
{
  json_builder_set_member_name (builder, "workers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->workers->len; i++)
    {
      const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, i);

      add_worker (builder, worker,
                  il_lane_get_info (il_timeline_get_lane (timeline, worker->lane)));
    }
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "cores");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->cores->len; i++)
    {
      const IlCoreFigures *core = &g_array_index (report->cores, IlCoreFigures, i);

      json_builder_begin_object (builder);
      add_int (builder, "core",
               il_lane_get_info (il_timeline_get_lane (timeline, core->lane))->number);
      add_double (builder, "busy_share", core->busy_share);
      add_double (builder, "target_share", core->target_share);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "locks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->locks->len; i++)
    add_lock (builder, &g_array_index (report->locks, IlLockFigures, i), timeline);
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "queues");
  json_builder_begin_array (builder);
  for (guint i = 0; i < report->queues->len; i++)
    add_queue (builder, &g_array_index (report->queues, IlQueueFigures, i), timeline);
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

  g_return_val_if_fail (report != NULL && session != NULL, NULL);

  json_builder_begin_object (builder);
  add_session (builder, report, session);
  add_tasks (builder, report);
  add_arrays (builder, report, il_session_get_timeline (session));
  json_builder_set_member_name (builder, "findings");
  json_builder_begin_array (builder);
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}
