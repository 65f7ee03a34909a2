/* test-window.c - the window tells what goes wrong, and offers what helps
 *
 * Needs a display, and the runner for what scenarios there are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include "il-probe.h"
#include "shown.h"

typedef struct
{
  IlWindow *window;
} Fixture;

static char *real_runner;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->window = il_window_new (NULL);
  gtk_window_present (GTK_WINDOW (fixture->window));
  while (!fixture->window->catalog_known)
    g_main_context_iteration (NULL, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  shown_destroy (GTK_WINDOW (fixture->window));
}

static GtkWidget *
find (GtkWidget *root, GType type, const char *text)
{
  if (!gtk_widget_get_visible (root))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type)
      && (!text || (GTK_IS_LABEL (root) && strstr (gtk_label_get_label (GTK_LABEL (root)), text))
          || (GTK_IS_BUTTON (root)
              && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (root)), text) == 0)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find (child, type, text);

      if (found)
        return found;
    }

  return NULL;
}

static GtkWidget *
find_banner (Fixture *fixture, const char *text)
{
  return find (GTK_WIDGET (fixture->window->banners), GTK_TYPE_LABEL, text);
}

static void
tell (Fixture *fixture, GQuark domain, int code, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, text);

  il_window_tell_problem (fixture->window, error);
}

static void
test_begins_with_the_default_scenario (Fixture *fixture, gconstpointer data)
{
  IlScenario *scenario = il_scenario_panel_get_scenario (fixture->window->panel);

  g_assert_cmpstr (il_scenario_get_id (scenario), ==, "producer-consumer");
  g_assert_true (il_window_is_vacant (fixture->window));
  g_assert_nonnull (find (GTK_WIDGET (fixture->window), GTK_TYPE_LABEL, "Nothing Recorded Yet"));
}

/* Exact scheduler records are not permitted: the command can be copied, and the hint switched off.
 */
static void
test_scheduler_hint (Fixture *fixture, gconstpointer data)
{
  const char *text = "Not permitted. As root: sysctl kernel.perf_event_paranoid=2";
  GtkWidget *button;

  tell (fixture, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED, text);
  g_assert_nonnull (find_banner (fixture, text));
  button = find (GTK_WIDGET (fixture->window->banners), GTK_TYPE_BUTTON, "Copy Command");
  g_assert_nonnull (button);
  g_assert_cmpstr (
      g_variant_get_string (gtk_actionable_get_action_target_value (GTK_ACTIONABLE (button)), NULL),
      ==, "sysctl kernel.perf_event_paranoid=2");

  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.hide-scheduler-hint", NULL);
  g_assert_null (find_banner (fixture, text));
  tell (fixture, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED, text);
  g_assert_null (find_banner (fixture, text));
  g_settings_reset (fixture->window->settings, "show-scheduler-hint");
}

static void
test_failing_file_is_told_once (Fixture *fixture, gconstpointer data)
{
  GtkWidget *close;

  tell (fixture, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT, "The disk is full.");
  tell (fixture, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT, "The disk is still full.");
  g_assert_null (find_banner (fixture, "The disk is full."));
  g_assert_nonnull (find_banner (fixture, "The disk is still full."));
  close = find (GTK_WIDGET (fixture->window->banners), GTK_TYPE_BUTTON, NULL);
  g_signal_emit_by_name (close, "clicked");
  g_assert_null (find_banner (fixture, "The disk is still full."));
  tell (fixture, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT, "The disk is full again.");
  g_assert_nonnull (find_banner (fixture, "The disk is full again."));
}

/* A writer that never came to close its file; the copy is what is left of it. */
static char *
create_cut_off_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("window-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "running.interleave", NULL);
  g_autoptr (IlBatch) batch = il_batch_new (0);
  char *copy = g_build_filename (folder, "cut.interleave", NULL);
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (path, &error);
  gsize length = 0;
  g_autofree char *contents = NULL;

  g_assert_no_error (error);
  il_session_writer_set_meta (writer, IL_META_TITLE, "Half a session");
  il_batch_seal (batch, 1000000);
  il_session_writer_add_batch (writer, batch);
  il_session_writer_close (writer, &error);
  g_assert_no_error (error);

  /* "closed" is the key that says that the file is whole. */
  g_assert_true (g_file_get_contents (path, &contents, &length, NULL));
  for (gsize i = 0; i + 6 <= length; i++)
    if (memcmp (contents + i, "closed", 6) == 0)
      memcpy (contents + i, "clozed", 6);
  g_assert_true (g_file_set_contents (copy, contents, (gssize)length, NULL));

  return copy;
}

static void
test_cut_off_recording_says_so (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = create_cut_off_file ();
  g_autoptr (GFile) file = g_file_new_for_path (path);
  IlScenario *scenario;

  il_window_open_file (fixture->window, file);
  while (!find_banner (fixture, "cut off"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (adw_window_title_get_subtitle (fixture->window->title), ==,
                   "Half a session – cut.interleave");
  scenario = il_scenario_panel_get_scenario (fixture->window->panel);
  g_assert_cmpstr (il_scenario_get_name (scenario), ==, "Half a session");
  g_assert_false (il_scenario_get_runnable (scenario));
  il_window_start_run (fixture->window);
  g_assert_false (il_window_is_running (fixture->window));
  g_assert_false (il_window_is_vacant (fixture->window));
}

/* --- files that are dropped, saved, and lacking events --- */

static GtkEventController *
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller; /* the widget holds it */
    }

  return NULL;
}

static void
test_dropped_recording_opens (Fixture *fixture, gconstpointer data)
{
  GtkEventController *target = find_controller (GTK_WIDGET (fixture->window), GTK_TYPE_DROP_TARGET);
  g_autofree char *path = create_cut_off_file ();
  g_auto (GValue) value = G_VALUE_INIT;
  gboolean taken = FALSE;

  g_assert_nonnull (target);
  g_assert_true (gdk_content_formats_contain_gtype (
      gtk_drop_target_get_formats (GTK_DROP_TARGET (target)), G_TYPE_FILE));
  g_value_init (&value, G_TYPE_FILE);
  g_value_take_object (&value, g_file_new_for_path (path));
  g_signal_emit_by_name (target, "drop", &value, 9.0, 9.0, &taken);
  g_assert_true (taken);
  while (!fixture->window->session)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (fixture->window->session_path, ==, path);
}

static void
start_run (Fixture *fixture)
{
  il_window_start_run (fixture->window);
  while (!fixture->window->session
         || il_timeline_get_end (il_session_get_timeline (fixture->window->session)) <= 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
end_run (Fixture *fixture)
{
  il_window_stop_run (fixture->window);
  while (il_window_is_running (fixture->window))
    g_main_context_iteration (NULL, TRUE);
}

/* What is asked for while it records is promised at once, and done when the file is whole. */
static void
test_save_while_recording_waits (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("window-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "later.interleave", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (IlSession) session = NULL;

  start_run (fixture);
  il_window_save_copy (fixture->window, file);
  g_assert_nonnull (find (GTK_WIDGET (fixture->window->toasts), GTK_TYPE_LABEL,
                          "“later.interleave” will be written when the run ends"));
  g_assert_false (g_file_query_exists (file, NULL));

  end_run (fixture);
  while (!(session = il_session_load (path, NULL, NULL)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_WHOLE);
}

/* A window with the fake runner, which behaves as the id of its one scenario says. */
static void
set_up_fake (Fixture *fixture, gconstpointer id)
{
  g_autofree char *answer = g_strdup_printf (
      "[{\"id\":\"%s\",\"row\":\"C1\",\"name\":\"Fake\",\"description\":\"d\",\"look_at\":\"l\","
      "\"path\":\"/"
      "fake\",\"model\":\"threads\",\"models\":[\"threads\",\"processes\"],\"workers\":2,"
      "\"workers_settable\":true,\"duration_ns\":0,\"knobs\":[]}]",
      (const char *)id);
  g_autofree char *folder = g_dir_make_tmp ("window-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "answer.json", NULL);

  g_assert_true (g_file_set_contents (path, answer, -1, NULL));
  g_setenv ("FAKE_DESCRIPTION", path, TRUE);
  g_setenv ("INTERLEAVE_RUNNER", g_getenv ("FAKE_RUNNER"), TRUE);
  set_up (fixture, id);
}

static void
tear_down_fake (Fixture *fixture, gconstpointer id)
{
  tear_down (fixture, id);
  g_setenv ("INTERLEAVE_RUNNER", real_runner, TRUE);
}

static void
test_lost_events_are_told (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;

  start_run (fixture);
  while (il_window_is_running (fixture->window))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (find_banner (fixture, " lost: the program was faster than the recorder."));

  /* Who opens the recording later is told, too. */
  path = g_strdup (fixture->window->session_path);
  file = g_file_new_for_path (path);
  il_window_clear_banners (fixture->window);
  il_window_open_file (fixture->window, file);
  while (!fixture->window->opened)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (find_banner (fixture, " lost: the program was faster than the recorder."));
}

/* --- what goes wrong while it runs --- */

static void
wait_for_banner (Fixture *fixture, const char *text, gboolean shown)
{
  while ((find_banner (fixture, text) != NULL) != shown)
    g_main_context_iteration (NULL, TRUE);
}

/* Told at once, shown when asked for, and taken back when it is broken; the finding stays, also for
 * who opens the recording. */
static void
test_deadlock_is_told (Fixture *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  guint n_lanes;
  gint64 begin_ns, end_ns;

  start_run (fixture);
  wait_for_banner (fixture, "Deadlock: ", TRUE);
  g_assert_nonnull (find_banner (fixture, " wait for each other"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.show-deadlock", NULL);
  g_assert_true (gtk_widget_has_focus (GTK_WIDGET (window->timeline)));
  il_view_state_get_selection (window->view_state, &n_lanes, &begin_ns, &end_ns);
  g_assert_cmpuint (n_lanes, ==, 4); /* with their locks */
  g_assert_cmpint (end_ns, ==, G_MAXINT64);
  g_assert_cmpint (il_view_state_get_range_begin (window->view_state), <, begin_ns);
  g_assert_cmpint (il_view_state_get_range_end (window->view_state), >, begin_ns);
  g_assert_false (il_view_state_get_following (window->view_state));

  il_window_toggle_pause (window);
  wait_for_banner (fixture, "Deadlock: ", FALSE);
  /* The order of locks that led to it is a part of it. */
  g_assert_cmpuint (il_findings_pane_get_n_findings (window->findings), ==, 1);
  end_run (fixture);

  path = g_strdup (window->session_path);
  file = g_file_new_for_path (path);
  il_window_open_file (window, file);
  while (!window->opened || il_findings_pane_get_n_findings (window->findings) == 0)
    g_main_context_iteration (NULL, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.next-finding", NULL);
  il_view_state_get_selection (window->view_state, &n_lanes, NULL, NULL);
  g_assert_cmpuint (n_lanes, ==, 4);
  g_assert_null (find_banner (fixture, "Deadlock: "));
}

/* Who dismisses a deadlock is not told of the same again. */
static void
test_dismissed_deadlock_stays_away (Fixture *fixture, gconstpointer data)
{
  start_run (fixture);
  wait_for_banner (fixture, "Deadlock: ", TRUE);
  il_window_clear_banners (fixture->window);
  fixture->window->findings_version = 0;
  il_window_look_for_findings (fixture->window, TRUE);
  while (fixture->window->looking)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (find_banner (fixture, "Deadlock: "));
  il_window_toggle_pause (fixture->window);
  end_run (fixture);
}

/* Also before there is anything to be stopped: then nothing comes to run. */
static void
test_stopped_at_once (Fixture *fixture, gconstpointer data)
{
  while (!il_scenario_panel_get_scenario (fixture->window->panel))
    g_main_context_iteration (NULL, TRUE);
  il_window_start_run (fixture->window);
  g_assert_true (il_window_is_running (fixture->window));
  g_assert_null (fixture->window->recorder);
  il_window_stop_run (fixture->window);
  while (il_window_is_running (fixture->window))
    {
      g_assert_null (fixture->window->recorder);
      g_main_context_iteration (NULL, TRUE);
    }
  /* It runs again when it is told to. */
  il_window_start_run (fixture->window);
  while (!fixture->window->recorder)
    g_main_context_iteration (NULL, TRUE);
  il_window_stop_run (fixture->window);
  while (il_window_is_running (fixture->window))
    g_main_context_iteration (NULL, TRUE);
}

static GtkWidget *
find_in_toast (Fixture *fixture, GType type, const char *text)
{
  return find (GTK_WIDGET (fixture->window->toasts), type, text);
}

/* It stands over the timeline, once it has its place, at the right, and not over findings, figures
 * and the names of lanes. */
static void
assert_toast_hides_nothing (Fixture *fixture, GtkWidget *label)
{
  GtkWidget *window = GTK_WIDGET (fixture->window);
  graphene_rect_t toast, pages;

  while (gtk_widget_get_height (label) == 0)
    g_main_context_iteration (NULL, TRUE);
  while (gtk_widget_get_parent (label) != GTK_WIDGET (fixture->window->toasts))
    label = gtk_widget_get_parent (label);
  g_assert_true (gtk_widget_compute_bounds (label, window, &toast));
  g_assert_true (gtk_widget_compute_bounds (GTK_WIDGET (fixture->window->pages), window, &pages));
  g_assert_cmpfloat (toast.origin.y + toast.size.height, <=, pages.origin.y + pages.size.height);
  g_assert_cmpfloat (toast.origin.y, >=, pages.origin.y);
  g_assert_cmpfloat (toast.origin.x + toast.size.width, >,
                     (float)gtk_widget_get_width (window) - 40);
}

/* A thread cannot be killed: where it can be done is one click away. */
static void
test_refusal_says_what_to_do (Fixture *fixture, gconstpointer data)
{
  start_run (fixture);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.kill-worker", "u", 3u);
  while (!find_in_toast (fixture, GTK_TYPE_LABEL, "worker 3 is a thread"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (find_in_toast (fixture, GTK_TYPE_BUTTON, "Run as Processes"));
  assert_toast_hides_nothing (fixture,
                              find_in_toast (fixture, GTK_TYPE_LABEL, "worker 3 is a thread"));
  while (il_window_is_running (fixture->window))
    g_main_context_iteration (NULL, TRUE);
}

/* Commands go out, and who stepped is pointed out. */
static void
test_workers_are_controlled (Fixture *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  IlRecorderStatus status;

  start_run (fixture);
  il_window_set_workers (window, 3); /* the slider passes by */
  il_window_set_workers (window, 5);
  while (window->workers_id)
    g_main_context_iteration (NULL, TRUE);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.kill-worker", "u", 1u);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.crash-worker", "u", 2u);
  while (!find_in_toast (fixture, GTK_TYPE_LABEL, "All 2 workers of that process"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (gtk_widget_get_visible (window->step_button));
  il_window_toggle_pause (window);
  do
    {
      g_main_context_iteration (NULL, TRUE);
      il_recorder_get_status (window->recorder, &status);
    }
  while (status.state != IL_RECORDER_PAUSED || !gtk_widget_get_visible (window->step_button));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.step", NULL);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.step-worker", "u", 3u);
  while (il_window_is_running (window))
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (find_in_toast (fixture, GTK_TYPE_LABEL, "refused"));
}

static void
test_only_local_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_uri ("https://example.org/a.interleave");

  il_window_open_file (fixture->window, file);
  g_assert_nonnull (find_banner (fixture, "Only files of this computer"));
}

/* Closed before what it began has come to its end. */
static void
test_closes_while_it_loads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/dev/null");

  il_window_open_file (fixture->window, file);
  il_window_choose_scenario (fixture->window, "/nonexistent/x.scenario", TRUE);
}

#define ADD(path, function) g_test_add ("/window/" path, Fixture, NULL, set_up, function, tear_down)
#define ADD_FAKE(path, id, function)                                                               \
  g_test_add ("/window/" path, Fixture, id, set_up_fake, function, tear_down_fake)

int
main (int argc, char **argv)
{
  real_runner = g_strdup (g_getenv ("INTERLEAVE_RUNNER"));
  shown_init (&argc, &argv);
  ADD ("begins-with-the-default-scenario", test_begins_with_the_default_scenario);
  ADD ("scheduler-hint", test_scheduler_hint);
  ADD ("failing-file-is-told-once", test_failing_file_is_told_once);
  ADD ("cut-off-recording-says-so", test_cut_off_recording_says_so);
  ADD ("dropped-recording-opens", test_dropped_recording_opens);
  ADD ("save-while-recording-waits", test_save_while_recording_waits);
  ADD ("stopped-at-once", test_stopped_at_once);
  ADD_FAKE ("lost-events-are-told", "floods", test_lost_events_are_told);
  ADD_FAKE ("deadlock-is-told", "deadlocks", test_deadlock_is_told);
  ADD_FAKE ("dismissed-deadlock-stays-away", "deadlocks", test_dismissed_deadlock_stays_away);
  ADD_FAKE ("refusal-says-what-to-do", "refuses-command", test_refusal_says_what_to_do);
  ADD_FAKE ("workers-are-controlled", "obeys-about-workers", test_workers_are_controlled);
  ADD ("only-local-files", test_only_local_files);
  ADD ("closes-while-it-loads", test_closes_while_it_loads);
  return g_test_run ();
}
