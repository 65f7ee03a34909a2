/* test-window-close.c - the window asks before it loses something, and loses nothing it promised
 *
 * Needs a display, and the runner.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "program-window.h"
#include "shown.h"

#include <glib/gstdio.h>

static void
wait_until_closed (ProgramWindow *fixture)
{
  while (fixture->window)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_up (ProgramWindow *fixture, gconstpointer data)
{
  program_window_set_up (fixture, data);
  g_object_add_weak_pointer (G_OBJECT (fixture->window), (gpointer *)&fixture->window);
}

static void
tear_down (ProgramWindow *fixture, gconstpointer data)
{
  if (fixture->window)
    program_window_tear_down (fixture, data);
}

static void
wait_until_recorded (ProgramWindow *fixture)
{
  while (il_timeline_get_end (il_session_get_timeline (fixture->window->session)) <= 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
start_program (ProgramWindow *fixture)
{
  program_window_run (fixture, "sleep 1000", "/", "");
  wait_until_recorded (fixture);
}

/* A recording that is whole. */
static void
check_recording (const char *path)
{
  g_autoptr (GError) error = NULL;
  IlSession *session = il_session_load (path, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_WHOLE);
  il_session_unref (session);
}

static gboolean
is_asked (const char *text)
{
  GtkWidget *dialog = program_window_find_window (ADW_TYPE_MESSAGE_DIALOG);

  return dialog && program_window_find (dialog, GTK_TYPE_LABEL, text);
}

/* As the user does, so that it goes. */
static void
click (const char *label)
{
  GtkWidget *dialog = program_window_find_window (ADW_TYPE_MESSAGE_DIALOG);

  g_signal_emit_by_name (program_window_find (dialog, GTK_TYPE_BUTTON, label), "clicked");
}

/* Its user decides whether it is stopped; what was recorded is kept. */
static void
test_program_is_asked_for (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *path = NULL;

  start_program (fixture);
  path = g_strdup (window->session_path);
  gtk_window_close (GTK_WINDOW (window));
  g_assert_true (is_asked ("Stop the Program?"));
  g_assert_true (is_asked ("sleep 1000"));
  g_assert_true (is_asked ("is kept"));
  gtk_window_close (GTK_WINDOW (window));
  click ("_Cancel");
  g_assert_null (program_window_find_window (ADW_TYPE_MESSAGE_DIALOG));
  g_assert_true (il_window_is_running (window));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window)));

  gtk_window_close (GTK_WINDOW (window));
  click ("_Stop and Close");
  wait_until_closed (fixture);
  check_recording (path);
}

/* A signal, or the end of the session, does not wait for an answer. */
static void
test_at_once (ProgramWindow *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  start_program (fixture);
  path = g_strdup (fixture->window->session_path);
  il_window_close_at_once (fixture->window);
  g_assert_null (program_window_find_window (ADW_TYPE_MESSAGE_DIALOG));
  wait_until_closed (fixture);
  check_recording (path);
}

/* There is nothing to ask: all is kept. */
static void
test_nothing_is_lost (ProgramWindow *fixture, gconstpointer data)
{
  program_window_run (fixture, "true", "/", "");
  program_window_wait_until_ended (fixture);
  gtk_window_close (GTK_WINDOW (fixture->window));
  g_assert_null (program_window_find_window (ADW_TYPE_MESSAGE_DIALOG));
  wait_until_closed (fixture);
}

static void
test_scenario_is_nobodys (ProgramWindow *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;

  il_window_choose_scenario (fixture->window, "producer-consumer", TRUE);
  program_window_wait_until_running (fixture);
  wait_until_recorded (fixture);
  path = g_strdup (fixture->window->session_path);
  gtk_window_close (GTK_WINDOW (fixture->window));
  g_assert_null (program_window_find_window (ADW_TYPE_MESSAGE_DIALOG));
  wait_until_closed (fixture);
  check_recording (path);
}

/* As where the folder for recordings cannot be made. */
static void
test_recording_without_file (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;

  start_program (fixture);
  g_clear_pointer (&window->session_path, g_free);
  gtk_window_close (GTK_WINDOW (window));
  g_assert_true (is_asked ("its recording is lost"));
  click ("_Cancel");
  il_window_stop_run (window);
  program_window_wait_until_ended (fixture);
  gtk_window_close (GTK_WINDOW (window));
  g_assert_true (is_asked ("Discard the Recording?"));
  click ("_Discard");
  wait_until_closed (fixture);
}

/* "… will be written when the run ends" */
static void
test_promised_copy_is_made (ProgramWindow *fixture, gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  g_autofree char *path = g_build_filename (folder, "copy.interleave", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  start_program (fixture);
  il_window_save_copy (fixture->window, file);
  il_window_close_at_once (fixture->window);
  wait_until_closed (fixture);
  check_recording (path);
  g_assert_no_errno (g_unlink (path));
  g_assert_no_errno (g_rmdir (folder));
}

/* Else nobody would ever hear of it. */
static void
test_copy_that_fails_is_told (ProgramWindow *fixture, gconstpointer data)
{
  g_autoptr (GFile) file = g_file_new_for_path ("/no/such/folder/copy.interleave");
  IlWindow *window = fixture->window;

  start_program (fixture);
  il_window_save_copy (window, file);
  il_window_close_at_once (window);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window)));
  while (!gtk_widget_get_visible (GTK_WIDGET (window)))
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (program_window_find_banner (fixture, "/no/such/folder"));
  gtk_window_close (GTK_WINDOW (window));
  wait_until_closed (fixture);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/window-close/" path, ProgramWindow, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  ADD ("program-is-asked-for", test_program_is_asked_for);
  ADD ("at-once", test_at_once);
  ADD ("nothing-is-lost", test_nothing_is_lost);
  ADD ("scenario-is-nobodys", test_scenario_is_nobodys);
  ADD ("recording-without-file", test_recording_without_file);
  ADD ("promised-copy-is-made", test_promised_copy_is_made);
  ADD ("copy-that-fails-is-told", test_copy_that_fails_is_told);
  return g_test_run ();
}
