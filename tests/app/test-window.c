/* test-window.c - the window tells what goes wrong, and offers what helps
 *
 * Needs a display, and the runner for what scenarios there are.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-window-private.h"

#include "il-probe.h"

typedef struct
{
  IlWindow *window;
} Fixture;

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
  gpointer watched = fixture->window;

  g_object_add_weak_pointer (G_OBJECT (fixture->window), &watched);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  while (watched)
    g_main_context_iteration (NULL, TRUE);
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

  il_window_open_file (fixture->window, file);
  while (!find_banner (fixture, "cut off"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (adw_window_title_get_subtitle (fixture->window->title), ==,
                   "Half a session – cut.interleave");
  g_assert_false (il_window_is_vacant (fixture->window));
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

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("begins-with-the-default-scenario", test_begins_with_the_default_scenario);
  ADD ("scheduler-hint", test_scheduler_hint);
  ADD ("failing-file-is-told-once", test_failing_file_is_told_once);
  ADD ("cut-off-recording-says-so", test_cut_off_recording_says_so);
  ADD ("only-local-files", test_only_local_files);
  ADD ("closes-while-it-loads", test_closes_while_it_loads);
  return g_test_run ();
}
