/* il-window-run.c - the window's run: starts it, shows how it goes, tells how it ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include "il-finder.h"
#include "il-model-chooser.h"
#include "il-probe.h"
#include "il-recordings.h"
#include "il-time-format.h"
#include "il-units.h"

#include <glib/gi18n.h>

#define STATUS_INTERVAL_MS 100
#define WORKERS_DELAY_MS 200
#define STARTED_NS                                                                                 \
  (2 * G_GINT64_CONSTANT (1000000000)) /* what has not failed until then does not */

gboolean
il_window_is_running (IlWindow *self)
{
  return self->preparing || self->recorder != NULL;
}

/* --- how it goes --- */

/**
 * il_window_tell_lost:
 * @n_lost: how many events of what is shown were lost; of none nothing is said
 */
void
il_window_tell_lost (IlWindow *self, guint64 n_lost)
{
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  if (n_lost == 0)
    return;

  count = il_format_count (n_lost);
  text
      = g_strdup_printf (ngettext ("%s event was lost: the program was faster than the recorder. "
                                   "The gap is hatched. Counts are too low, times and shares are "
                                   "estimates. Longer tasks, or fewer workers, lose less.",
                                   "%s events were lost: the program was faster than the recorder. "
                                   "The gaps are hatched. Counts are too low, times and shares are "
                                   "estimates. Longer tasks, or fewer workers, lose less.",
                                   (gulong)n_lost),
                         count);
  il_window_add_banner (self, "lost", IL_BANNER_WARNING, text);
}

static void
show_status (IlWindow *self)
{
  IlTimelineTotals totals;
  IlRecorderStatus status;
  IlRecordingFigures figures;
  g_autofree char *clock = NULL;

  il_timeline_get_totals (il_session_get_timeline (il_recorder_get_session (self->recorder)),
                          &totals);
  il_recorder_get_status (self->recorder, &status);
  clock = il_format_clock (status.duration_ns);
  gtk_label_set_label (self->time_label, clock);

  figures = (IlRecordingFigures){
    .n_events = totals.n_records,
    .n_lost = status.n_lost,
    .overhead_share = status.overhead_share,
    .scheduler
    = status.scheduler_exact ? _ ("every switch recorded (perf)") : _ ("switches sampled"),
  };
  il_figures_bar_set_recording (self->figures, &figures);
}

static gboolean
status_cb (gpointer data)
{
  IlWindow *self = IL_WINDOW (data);

  show_status (self);
  il_window_show_output (self);
  il_window_show_stopping (self);
  il_window_look_for_findings (self, FALSE);
  if (il_timeline_get_end (il_session_get_timeline (self->session)) > STARTED_NS)
    il_window_forget_former (self);

  return G_SOURCE_CONTINUE;
}

static void
state_changed_cb (IlWindow *self)
{
  il_window_update (self);
}

/* The lane of a worker, the youngest of its number; 0: of the submitter. */
static const IlLane *
find_worker (IlWindow *self, guint number)
{
  IlTimeline *timeline = il_session_get_timeline (self->session);
  IlLaneRole role = number == 0 ? IL_LANE_ROLE_SUBMITTER : IL_LANE_ROLE_WORKER;

  for (guint i = il_timeline_get_n_lanes (timeline); i-- > 0;)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);

      if (info->kind == IL_LANE_THREAD && info->role == role
          && (number == 0 || info->number == number))
        return lane;
    }

  return NULL;
}

/* Who made the step is pointed out. */
static void
stepped_cb (IlWindow *self, guint number)
{
  const IlLane *lane = find_worker (self, number);

  if (lane)
    il_view_state_select_lane (self->view_state, il_lane_get_index (lane));
}

/* That a process takes all its workers with it is worth a word; one alone can be seen. */
static void
hit_cb (IlWindow *self, guint number, guint count)
{
  g_autofree char *text = NULL;

  self->killing = FALSE;
  if (count < 2)
    return;

  text = g_strdup_printf (ngettext ("All %u worker of that process died with it",
                                    "All %u workers of that process died with it", count),
                          count);
  il_window_toast (self, text);
}

/* The command in a message of the probe stands at its end, after a colon. */
static const char *
find_command (const char *text)
{
  const char *command = strstr (text, "sudo ");

  return command ? command : strstr (text, "sysctl ");
}

static void
tell_scheduler_problem (IlWindow *self, const char *text)
{
  const char *command = find_command (text);
  IlBanner *banner;

  if (!g_settings_get_boolean (self->settings, "show-scheduler-hint"))
    return;

  banner = il_window_add_banner (self, "scheduler", IL_BANNER_INFO, text);
  if (command)
    il_banner_add_button (banner, _ ("Copy Command"), "win.copy-text", command);
  il_banner_add_button (banner, _ ("Do Not Show Again"), "win.hide-scheduler-hint", NULL);
}

/* Who wanted to kill a thread is shown where that can be done. */
static void
tell_refusal (IlWindow *self, const char *text)
{
  IlScenario *scenario = il_scenario_panel_get_scenario (self->panel);
  const char *const *models = scenario ? il_scenario_get_models (scenario) : NULL;
  g_autofree char *advice = g_strconcat (
      text, ". ", _ ("To have more, stop the run and choose before the next."), NULL);
  g_autofree char *label = NULL;

  if (self->killing && models && g_strv_contains (models, "processes")
      && g_strcmp0 (il_scenario_panel_get_model (self->panel), "processes") != 0)
    {
      /* Translators: %s is a model: Processes */
      label = g_strdup_printf (_ ("Run as %s"), il_model_get_label ("processes"));
      il_window_offer (self, text, label, "win.run-as", "processes");
    }
  else
    il_window_toast (self, self->setting_workers ? advice : text);
  /* There are still as many as there were. */
  if (self->setting_workers)
    il_window_adopt_workers (self);
  self->killing = self->setting_workers = FALSE;
}

/**
 * il_window_tell_problem:
 *
 * Tells of something that did not end the recording.
 */
void
il_window_tell_problem (IlWindow *self, const GError *error)
{
  if (error->domain == IL_PROBE_ERROR)
    tell_scheduler_problem (self, error->message);
  else if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_LEFT))
    il_window_add_banner (self, "left", IL_BANNER_INFO, error->message);
  else if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT))
    il_window_add_banner (self, "output", IL_BANNER_ERROR, error->message);
  else if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_REFUSED))
    tell_refusal (self, error->message);
  else
    il_window_toast (self, error->message);
}

/* --- how it ends --- */

static void
tell_end (IlWindow *self, const GError *error, const IlRecorderStatus *status)
{
  /* Of one that did not begin none is left then. */
  gboolean is_program = self->program != NULL;

  il_window_tell_lost (self, status->n_lost);
  if (is_program && !self->run_again)
    il_window_tell_end_of_program (self, error, status);
  if (!error || is_program)
    return;

  if (il_timeline_get_end (il_session_get_timeline (self->session)) <= 0)
    {
      il_window_set_session (self, NULL, NULL, FALSE);
      il_window_fail_page (self, _ ("The Scenario Did Not Run"), error->message);
      if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_SETTING))
        il_window_toast (self, _ ("Choose another value at the left, and run again"));
      return;
    }

  il_window_add_banner (self, "run", IL_BANNER_ERROR, error->message);
}

static void
ended_cb (IlWindow *self, const GError *error)
{
  g_autoptr (IlRecorder) recorder = g_steal_pointer (&self->recorder);
  IlRecorderStatus status;
  gboolean followed;

  self->recorder = recorder;
  show_status (self);
  il_window_show_output (self);
  self->recorder = NULL;
  il_recorder_get_status (recorder, &status);
  g_signal_handlers_disconnect_by_data (recorder, self);
  g_clear_handle_id (&self->status_id, g_source_remove);

  followed = il_view_state_get_following (self->view_state);
  il_view_state_set_live (self->view_state, FALSE);
  /* What a program did is seen as a whole, as when its recording is opened. */
  if (self->program && followed && !self->run_again)
    il_view_state_fit (self->view_state);
  il_window_remove_banner (self, "deadlock");
  il_window_remove_banner (self, "left");
  il_window_look_for_findings (self, TRUE);
  tell_end (self, error, &status);
  il_window_update (self);
  il_window_save_pending (self);

  if (self->closing)
    il_window_go_on_closing (self);
  else if (self->run_again)
    il_window_start_run (self);
}

/* --- start and stop --- */

/**
 * il_window_start_recorder:
 * @options: what it is to run
 *
 * Shows it from now on.
 */
void
il_window_start_recorder (IlWindow *self, const IlRecorderOptions *options)
{
  self->killing = self->setting_workers = self->stopped = FALSE;
  g_clear_handle_id (&self->workers_id, g_source_remove);
  self->recorder = il_recorder_new ();
  il_finder_attach (il_session_get_timeline (il_recorder_get_session (self->recorder)));
  g_signal_connect_swapped (self->recorder, "state-changed", G_CALLBACK (state_changed_cb), self);
  g_signal_connect_swapped (self->recorder, "problem", G_CALLBACK (il_window_tell_problem), self);
  g_signal_connect_swapped (self->recorder, "stepped", G_CALLBACK (stepped_cb), self);
  g_signal_connect_swapped (self->recorder, "hit", G_CALLBACK (hit_cb), self);
  g_signal_connect_swapped (self->recorder, "ended", G_CALLBACK (ended_cb), self);
  il_recorder_start (self->recorder, options);

  /* It leads to a frame: with a higher priority, on a busy machine, nothing else would have its
   * turn. */
  self->status_id = g_timeout_add_full (G_PRIORITY_LOW, STATUS_INTERVAL_MS, status_cb, self, NULL);
  il_view_state_set_live (self->view_state, TRUE);
  il_window_set_session (self, il_recorder_get_session (self->recorder), options->output_path,
                         FALSE);
  show_status (self);
  il_window_show_page (self, "timeline");
}

static void
start_scenario (IlWindow *self, IlScenario *scenario, const char *path)
{
  g_auto (GStrv) settings = il_scenario_panel_dup_settings (self->panel);
  const IlRecorderOptions options = {
    .scenario = il_scenario_get_id (scenario),
    .model = il_scenario_panel_get_model (self->panel),
    .workers = il_scenario_panel_get_workers (self->panel),
    .tasks = -1,
    .duration_ns = -1,
    .seed = -1,
    .settings = (const char *const *)settings,
    .output_path = path,
  };

  il_window_forget_output (self);
  g_settings_set_string (self->settings, "last-scenario", il_scenario_get_id (scenario));
  il_window_start_recorder (self, &options);
}

static void
prepared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (IlWindow) self = IL_WINDOW (data);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = il_recordings_prepare_finish (result, &error);
  IlScenario *scenario;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->preparing = FALSE;
  scenario = il_scenario_panel_get_scenario (self->panel);
  if (self->closing)
    {
      il_window_go_on_closing (self);
      return;
    }
  /* Who stopped it meanwhile stopped this. */
  if (self->stopped || (!scenario && !self->program))
    {
      il_window_update (self);
      return;
    }

  if (error)
    {
      g_autofree char *text
          = g_strdup_printf (_ ("This run is shown, but not kept: %s"), error->message);

      il_window_add_banner (self, "output", IL_BANNER_ERROR, text);
    }
  if (self->program)
    il_window_start_program (self, path);
  else
    start_scenario (self, scenario, path);
}

/* What its recording is called after; NULL: nothing can be run. */
static char *
name_of_run (IlWindow *self)
{
  IlScenario *scenario = il_scenario_panel_get_scenario (self->panel);
  g_auto (GStrv) words = NULL;

  if (!self->program)
    return scenario && il_scenario_get_runnable (scenario)
               ? g_strdup (il_scenario_get_id (scenario))
               : NULL;

  words = il_program_choice_read_command (self->program->command_line, NULL);

  return g_strdup (words ? words[0] : "program");
}

/**
 * il_window_start_run:
 *
 * Runs the program, or what is chosen in the panel, and records it.  A program of a recording runs
 * only when the user has agreed.
 */
void
il_window_start_run (IlWindow *self)
{
  g_autofree char *name = name_of_run (self);

  self->run_again = FALSE;
  if (il_window_is_running (self) || !name)
    return;
  if (self->program && self->program_recorded)
    {
      il_window_ask_for_program (self);
      return;
    }

  il_window_clear_banners (self);
  self->stopped = FALSE;
  self->preparing = TRUE;
  il_window_update (self);
  il_recordings_prepare_async (name, self->cancellable, prepared_cb, g_object_ref (self));
}

void
il_window_stop_run (IlWindow *self)
{
  self->run_again = FALSE;
  self->stopped = TRUE;
  if (self->recorder)
    il_recorder_stop (self->recorder);
}

/**
 * il_window_restart_run:
 *
 * Where something runs, stops it and runs what is chosen now; else does nothing.
 */
void
il_window_restart_run (IlWindow *self)
{
  if (!self->recorder)
    return;

  il_recorder_stop (self->recorder);
  self->run_again = TRUE;
}

void
il_window_toggle_pause (IlWindow *self)
{
  IlRecorderStatus status;

  if (!self->recorder)
    return;

  il_recorder_get_status (self->recorder, &status);
  if (status.state == IL_RECORDER_PAUSED)
    il_recorder_resume (self->recorder);
  else if (status.state == IL_RECORDER_RUNNING)
    il_recorder_pause (self->recorder);
}

void
il_window_step (IlWindow *self)
{
  if (self->recorder)
    il_recorder_step (self->recorder);
}

/**
 * il_window_kill_worker:
 * @number: from 1
 * @crash: have it die of itself, and not from outside
 */
void
il_window_kill_worker (IlWindow *self, guint number, gboolean crash)
{
  if (!self->recorder)
    return;

  self->killing = TRUE;
  self->setting_workers = FALSE;
  if (crash)
    il_recorder_crash_worker (self->recorder, number);
  else
    il_recorder_kill_worker (self->recorder, number);
}

static gboolean
workers_settled_cb (gpointer data)
{
  IlWindow *self = IL_WINDOW (data);

  self->workers_id = 0;
  if (!self->recorder)
    return G_SOURCE_REMOVE;

  self->killing = FALSE;
  self->setting_workers = TRUE;
  il_recorder_set_workers (self->recorder, self->wanted_workers);

  return G_SOURCE_REMOVE;
}

/**
 * il_window_set_workers:
 *
 * Has the pool that runs have so many from now on: as soon as the slider rests, since each change
 * makes lanes of workers that come, and of workers that leave.
 */
void
il_window_set_workers (IlWindow *self, guint workers)
{
  self->wanted_workers = workers;
  g_clear_handle_id (&self->workers_id, g_source_remove);
  self->workers_id = g_timeout_add (WORKERS_DELAY_MS, workers_settled_cb, self);
}
