/* test-window-program.c - the window runs a program, shows it, and tells how it ended
 *
 * Needs a display and the runner.  What the programs' locks do is not of interest here: they run
 * without the library that sees them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "program-window.h"
#include "il-whole-command.h"
#include "shown.h"

#include <glib/gstdio.h>

/* --- a run --- */

static void
test_program_runs_as_it_was_asked_for (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *text = NULL;

  program_window_run (fixture, "sh -c 'pwd; echo \"$COLOUR\"; cat; echo wrong >&2'", "/usr",
                      "COLOUR=blue");
  g_assert_null (program_window_find_window (IL_TYPE_PROGRAM_DIALOG));
  program_window_wait_until_ended (fixture);

  text = il_output_pane_dup_text (window->output);
  g_assert_cmpstr (text, ==, "/usr\nblue\nwrong\n");
  g_assert_cmpstr (il_output_pane_get_last_line (window->output), ==, "wrong");
  g_assert_nonnull (program_window_find_toast (fixture, "The program ended with status 0"));
  g_assert_cmpuint (adw_toast_get_timeout (window->toast), ==, 3);
  g_assert_cmpstr (adw_window_title_get_subtitle (window->title), ==,
                   "sh -c 'pwd; echo \"$COLOUR\"; cat; echo wrong >&2'");
  g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (window->session)), >, 0);
}

/* Only what makes sense for it can be seen. */
static void
test_knobs_are_those_of_scenarios (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;

  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, "Runs as"));
  program_window_run (fixture, "sleep 60", "/", "");
  while (il_timeline_get_end (il_session_get_timeline (window->session)) <= 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, "sleep 60"));
  g_assert_null (program_window_find (window->panel, GTK_TYPE_LABEL, "Runs as"));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (window->pause_button)));
  g_assert_false (gtk_widget_get_sensitive (
      program_window_find (window->panel, GTK_TYPE_BUTTON, "Back to Scenarios")));

  il_window_stop_run (window);
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_toast (fixture, "The program was stopped"));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.leave-program", NULL);
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, "Runs as"));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window->pause_button)));
}

static void
test_status_is_told (ProgramWindow *fixture, gconstpointer data)
{
  program_window_run (fixture, "sh -c 'exit 3'", "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_banner (fixture, "The program ended with status 3."));
}

static void
test_death_is_told (ProgramWindow *fixture, gconstpointer data)
{
  program_window_run (fixture, "sh -c 'kill -SEGV $$'", "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_banner (fixture, "The program was killed by SIGSEGV (11)"));
}

/* Who prints more than anybody can read is not waited for, and what it says last is there; also of
 * a character that comes in two halves. */
static void
test_much_output (ProgramWindow *fixture, gconstpointer data)
{
  program_window_run (
      fixture, "sh -c 'yes | head -c 3000000; printf \"\\303\"; sleep 0.4; printf \"\\244\\377\"'",
      "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (fixture->window->output), ==, "ä\357\277\275");
  g_assert_nonnull (program_window_find_toast (fixture, "The program ended with status 0"));
  g_assert_nonnull (program_window_find_banner (fixture, "The program prints a lot"));

  program_window_run (fixture, "seq 1000", "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (fixture->window->output), ==, "1000");
  g_assert_null (program_window_find_banner (fixture, "The program prints a lot"));
}

static void
wait_for_line (ProgramWindow *fixture, const char *line)
{
  while (g_strcmp0 (il_output_pane_get_last_line (fixture->window->output), line) != 0)
    {
      g_assert_true (il_window_is_running (fixture->window));
      g_main_context_iteration (NULL, TRUE);
    }
}

/* Most programs keep what they print, unless it goes to a terminal. */
static void
test_output_is_shown_as_it_comes (ProgramWindow *fixture, gconstpointer data)
{
  program_window_run (fixture, "sh -c '(echo some; exec sleep 600) | sed s/some/line/'", "/", "");
  wait_for_line (fixture, "line");
  il_window_stop_run (fixture->window);
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (fixture->window->output), ==, "line");
}

/* It sees a terminal, which cannot do much and where nobody types; if it is not told otherwise. */
static void
test_output_is_a_plain_terminal (ProgramWindow *fixture, gconstpointer data)
{
  const char *command_line
      = "sh -c 'test -t 1 && test -t 2 && ! test -t 0 && echo $TERM ${PAGER-none} && "
        "stty size <&2; read a <&2 || echo no keys; seq 300000 | tail -n 1'";
  g_autofree char *text = NULL;

  program_window_run (fixture, command_line, "/", "PAGER=more");
  program_window_wait_until_ended (fixture);
  text = il_output_pane_dup_text (fixture->window->output);
  g_assert_cmpstr (text, ==, "dumb more\n24 80\nno keys\n300000\n");
}

/* What cannot be started is told where it is typed, and nothing is lost. */
static void
test_program_that_is_not_there (ProgramWindow *fixture, gconstpointer data)
{
  static const struct
  {
    const char *command_line, *said;
  } wrong[] = {
    { "no-such-program-anywhere a", "no-such-program-anywhere: there is no such program" },
    { "/no/such/program", "/no/such/program: No such file" },
    { "lib/no-such-program", "lib/no-such-program: No such file" },
    { "/usr/lib", "/usr/lib is a directory, not a program" },
    { "/etc/passwd", "/etc/passwd may not be executed" },
  };
  g_autoptr (GVariant) recent = NULL;
  IlProgramDialog *dialog = program_window_open_dialog (fixture);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      program_window_fill (dialog, wrong[i].command_line, "/usr", "");
      g_assert_null (program_window_find (dialog, GTK_TYPE_LABEL, wrong[i].said));
      program_window_run_in_dialog (dialog);
      while (!program_window_find (dialog, GTK_TYPE_LABEL, wrong[i].said))
        g_main_context_iteration (NULL, TRUE);
      g_assert_false (il_window_is_running (fixture->window));
    }
  recent = g_settings_get_value (fixture->window->settings, "recent-programs");
  g_assert_cmpuint (g_variant_n_children (recent), ==, 0);

  program_window_fill (dialog, "bin/env true", "/usr", "");
  program_window_run_in_dialog (dialog);
  program_window_wait_until_running (fixture);
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_toast (fixture, "The program ended with status 0"));
}

static char *
write_broken_script (void)
{
  g_autofree char *folder = g_dir_make_tmp (NULL, NULL);
  char *path = g_build_filename (folder, "broken", NULL);

  g_assert_true (
      g_file_set_contents_full (path, "#!/dev/null\n", -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));

  return path;
}

static void
check_dialog_begins_with (ProgramWindow *fixture, const char *command_line)
{
  IlProgramDialog *dialog = program_window_open_dialog (fixture);
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (dialog);

  g_assert_cmpstr (choice->command_line, ==, command_line);
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* It looks as if it could be started: what was shown before is shown again. */
static void
test_start_that_fails_at_first (ProgramWindow *fixture, gconstpointer data)
{
  g_autofree char *script = write_broken_script ();
  g_autofree char *folder = g_path_get_dirname (script);

  program_window_run (fixture, script, "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_banner (fixture, script));
  g_assert_null (program_window_find (GTK_WIDGET (fixture->window), GTK_TYPE_LABEL,
                                      "The Scenario Did Not Run"));

  g_assert_cmpint (g_unlink (script), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_start_that_fails_takes_nothing_away (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *script = write_broken_script ();
  g_autofree char *folder = g_path_get_dirname (script);
  g_autofree char *former = NULL;
  g_autoptr (GVariant) recent = NULL;
  GtkWidget *button;

  program_window_run (fixture, "echo former", "/", "");
  program_window_wait_until_ended (fixture);
  former = g_strdup (window->session_path);
  program_window_run (fixture, script, "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_banner (fixture, script));
  button = program_window_find (window->banners, GTK_TYPE_BUTTON, "Change…");
  g_assert_nonnull (button);
  g_assert_nonnull (window->session);
  g_assert_cmpstr (window->session_path, ==, former);
  g_assert_cmpstr (adw_window_title_get_subtitle (window->title), ==, "echo former");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window->timeline)));
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (window->output)));
  g_assert_cmpstr (il_output_pane_get_last_line (window->output), ==, "former");
  recent = g_settings_get_value (window->settings, "recent-programs");
  g_assert_cmpuint (g_variant_n_children (recent), ==, 1);

  g_assert_cmpint (g_unlink (script), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* The panel names what the picture shows; the banner's buttons are about what was refused. */
static void
test_panel_names_what_is_shown (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *script = write_broken_script ();
  g_autofree char *folder = g_path_get_dirname (script);
  GtkWidget *button;

  program_window_run (fixture, script, "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, script));

  program_window_run (fixture, "echo former", "/", "");
  program_window_wait_until_ended (fixture);
  program_window_run (fixture, script, "/", "");
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, "echo former"));
  g_assert_null (program_window_find (window->panel, GTK_TYPE_LABEL, script));
  check_dialog_begins_with (fixture, script);

  g_assert_true (g_file_set_contents_full (script, "#!/bin/sh\necho mended\n", -1,
                                           G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  button = program_window_find (window->banners, GTK_TYPE_BUTTON, "Run Again");
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  program_window_wait_until_running (fixture);
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (window->output), ==, "mended");
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, script));

  g_assert_cmpint (g_unlink (script), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* What the user then runs is what the panel names, and needs no consent. */
static void
test_former_program_runs_again (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  g_autofree char *script = write_broken_script ();
  g_autofree char *folder = g_path_get_dirname (script);

  program_window_run (fixture, "echo former", "/", "");
  program_window_wait_until_ended (fixture);
  program_window_run (fixture, script, "/", "");
  program_window_wait_until_ended (fixture);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL);
  g_assert_true (il_window_is_running (window));
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (window->output), ==, "former");
  g_assert_null (program_window_find_banner (fixture, script));
  check_dialog_begins_with (fixture, "echo former");

  g_assert_cmpint (g_unlink (script), ==, 0);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

/* Whether the one that was chosen last is chosen with its locks again. */
static void
assert_recent_locks (ProgramWindow *fixture, gboolean locks)
{
  g_autoptr (GVariant) value = g_settings_get_value (fixture->window->settings, "recent-programs");
  g_autoptr (GPtrArray) recent = il_program_choices_load (value);

  g_assert_cmpuint (recent->len, ==, 1);
  g_assert_true (((IlProgramChoice *)g_ptr_array_index (recent, 0))->no_locks == !locks);
}

/* The library that sees locks is not there: what can be recorded without it is one click away. */
static void
test_without_locks_as_a_way_out (ProgramWindow *fixture, gconstpointer data)
{
  IlProgramDialog *dialog = program_window_open_dialog (fixture);
  g_autoptr (IlProgramChoice) choice = il_program_choice_new ("echo out", "/", "", FALSE);
  g_autofree char *library = g_strdup (g_getenv ("INTERLEAVE_PRELOAD"));
  GtkWidget *button;

  g_setenv ("INTERLEAVE_PRELOAD", "/no/such/library.so", TRUE);
  il_program_dialog_set_choice (dialog, choice);
  program_window_run_in_dialog (dialog);
  program_window_wait_until_running (fixture);
  program_window_wait_until_ended (fixture);
  g_assert_nonnull (program_window_find_banner (fixture, "/no/such/library.so"));
  /* Of a scenario nothing is said. */
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (fixture->window->failed_page)));

  assert_recent_locks (fixture, TRUE);
  button = program_window_find (fixture->window->banners, GTK_TYPE_BUTTON, "Run Without Locks");
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
  program_window_wait_until_running (fixture);
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (fixture->window->output), ==, "out");
  assert_recent_locks (fixture, FALSE);
  g_assert_null (program_window_find_banner (fixture, "/no/such/library.so"));
  if (library)
    g_setenv ("INTERLEAVE_PRELOAD", library, TRUE);
  else
    g_unsetenv ("INTERLEAVE_PRELOAD");
}

static void
type_command (IlProgramDialog *dialog, const char *command_line)
{
  GtkWidget *row = program_window_find (dialog, ADW_TYPE_ENTRY_ROW, NULL);

  gtk_editable_set_text (GTK_EDITABLE (row), command_line);
}

static void
assert_locks (IlProgramDialog *dialog, gboolean locks)
{
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (dialog);

  g_assert_true (choice->no_locks == !locks);
}

/* It was chosen for that program, and says nothing of the next; the program itself keeps it. */
static void
test_without_locks_is_of_that_program (ProgramWindow *fixture, gconstpointer data)
{
  IlProgramDialog *dialog;
  GtkWidget *locks;

  program_window_run (fixture, "echo static", "/", "");
  program_window_wait_until_ended (fixture);
  dialog = program_window_open_dialog (fixture);
  assert_locks (dialog, FALSE);
  type_command (dialog, "echo other");
  assert_locks (dialog, TRUE);
  program_window_run_in_dialog (dialog);
  program_window_wait_until_running (fixture);
  g_assert_false (fixture->window->program->no_locks);
  program_window_wait_until_ended (fixture);

  dialog = program_window_open_dialog (fixture);
  assert_locks (dialog, TRUE);
  type_command (dialog, "echo static");
  assert_locks (dialog, FALSE);
  type_command (dialog, "echo other");
  assert_locks (dialog, TRUE);
  locks = program_window_find (dialog, GTK_TYPE_SWITCH, NULL);
  gtk_switch_set_active (GTK_SWITCH (locks), FALSE);
  type_command (dialog, "echo third");
  assert_locks (dialog, FALSE);
  gtk_window_close (GTK_WINDOW (dialog));
}

/* Run again at once: it is the user's own. */
static void
test_own_program_runs_again (ProgramWindow *fixture, gconstpointer data)
{
  program_window_run (fixture, "echo once", "/", "");
  program_window_wait_until_ended (fixture);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.run", NULL);
  g_assert_true (il_window_is_running (fixture->window));
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (fixture->window->output), ==, "once");
}

/* --- a recording of one --- */

static void
test_recorded_command_asks_first (ProgramWindow *fixture, gconstpointer data)
{
  static const char *const ways[] = { "win.run", "win.run-without-locks" };
  IlWindow *window = fixture->window;

  program_window_run (fixture, "sh -c 'echo a  b'", "/usr", "");
  program_window_wait_until_ended (fixture);
  program_window_reopen (fixture);
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, "sh -c 'echo a  b'"));
  g_assert_nonnull (program_window_find (window->panel, GTK_TYPE_LABEL, "/usr"));

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      gtk_widget_activate_action (GTK_WIDGET (window), ways[i], NULL);
      g_assert_false (il_window_is_running (window));
    }
  g_assert_nonnull (program_window_find (program_window_find_window (ADW_TYPE_MESSAGE_DIALOG),
                                         GTK_TYPE_LABEL, "sh -c 'echo a  b'"));
  program_window_answer ("cancel");
  g_assert_false (il_window_is_running (window));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.run", NULL);
  window->program->no_locks = TRUE;
  program_window_answer ("run");
  program_window_wait_until_running (fixture);
  program_window_wait_until_ended (fixture);
  g_assert_cmpstr (il_output_pane_get_last_line (window->output), ==, "a b");
}

/* The dialog that asks whether a command of so many arguments may run. */
static GtkWidget *
ask_for_command (ProgramWindow *fixture, guint n_arguments)
{
  g_autoptr (GString) command = g_string_new ("echo");
  GtkWidget *dialog;

  for (guint i = 0; i < n_arguments; i++)
    g_string_append (command, " 'an argument that takes up room'");
  g_string_append (command, " 'the end'");
  program_window_run (fixture, command->str, "/", "");
  program_window_wait_until_ended (fixture);
  program_window_reopen (fixture);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.run", NULL);
  dialog = program_window_find_window (ADW_TYPE_MESSAGE_DIALOG);
  shown_wait_for_frame (dialog);

  return dialog;
}

static double
get_hidden_height (GtkWidget *dialog)
{
  GtkWidget *command = program_window_find (dialog, IL_TYPE_WHOLE_COMMAND, NULL);
  GtkWidget *scrolled = program_window_find (command, GTK_TYPE_SCROLLED_WINDOW, NULL);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));

  return gtk_adjustment_get_upper (adjustment) - gtk_adjustment_get_page_size (adjustment);
}

/* Where there is room for it, nothing of it has to be looked for. */
static void
test_recorded_command_is_shown_whole (ProgramWindow *fixture, gconstpointer data)
{
  GtkWidget *dialog = ask_for_command (fixture, 14);

  g_assert_cmpfloat (get_hidden_height (dialog), <=, 0);
  program_window_answer ("cancel");
}

/* Where there is not, it is said how much follows, beside a scroll bar. */
static void
test_rest_of_long_command_is_told (ProgramWindow *fixture, gconstpointer data)
{
  GtkWidget *dialog = ask_for_command (fixture, 400);
  GtkWidget *scrolled = program_window_find (
      program_window_find (dialog, IL_TYPE_WHOLE_COMMAND, NULL), GTK_TYPE_SCROLLED_WINDOW, NULL);
  GtkWidget *bar = gtk_scrolled_window_get_vscrollbar (GTK_SCROLLED_WINDOW (scrolled));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scrolled));

  g_assert_cmpfloat (get_hidden_height (dialog), >, 0);
  g_assert_cmpint (gtk_widget_get_height (dialog), <=,
                   gtk_widget_get_height (GTK_WIDGET (fixture->window)));
  g_assert_true (gtk_widget_get_mapped (bar));
  g_assert_false (gtk_scrolled_window_get_overlay_scrolling (GTK_SCROLLED_WINDOW (scrolled)));
  g_assert_true (
      gtk_widget_get_mapped (program_window_find (dialog, GTK_TYPE_LABEL, "more lines follow")));

  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  g_assert_nonnull (program_window_find (dialog, GTK_TYPE_LABEL, "Here it ends."));
  g_assert_null (program_window_find (dialog, GTK_TYPE_LABEL, "more lines follow"));
  program_window_answer ("cancel");
}

static IlWindow *
find_other_window (IlWindow *window)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *i = windows; i; i = i->next)
    if (IL_IS_WINDOW (i->data) && i->data != window)
      return i->data;

  return NULL;
}

/* Nobody's program is stopped by looking at something else. */
static void
test_files_open_elsewhere_while_it_runs (ProgramWindow *fixture, gconstpointer data)
{
  IlWindow *window = fixture->window;
  ProgramWindow other = { NULL };
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;

  program_window_run (fixture, "echo a", "/", "");
  program_window_wait_until_ended (fixture);
  path = g_strdup (window->session_path);
  file = g_file_new_for_path (path);
  program_window_run (fixture, "sleep 60", "/", "");
  il_window_open_file (window, file);
  other.window = find_other_window (window);
  g_assert_nonnull (other.window);
  while (!other.window->opened || !other.window->catalog_known)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (il_window_is_running (window));
  g_assert_cmpstr (other.window->program->command_line, ==, "echo a");

  program_window_tear_down (&other, NULL);
  il_window_stop_run (window);
  program_window_wait_until_ended (fixture);
}

/* --- the dialog --- */

static void
test_mistakes_are_told_in_place (ProgramWindow *fixture, gconstpointer data)
{
  IlProgramDialog *dialog = program_window_open_dialog (fixture);

  program_window_fill (dialog, "echo 'a", "/", "");
  g_assert_null (program_window_find (dialog, GTK_TYPE_LABEL, "A quotation mark is not closed"));
  program_window_run_in_dialog (dialog);
  g_assert_nonnull (program_window_find (dialog, GTK_TYPE_LABEL, "A quotation mark is not closed"));

  program_window_fill (dialog, "echo a | cat", "nowhere", "");
  g_assert_nonnull (program_window_find (dialog, GTK_TYPE_LABEL, "No shell reads this"));
  program_window_run_in_dialog (dialog);
  g_assert_nonnull (program_window_find (dialog, GTK_TYPE_LABEL, "A directory begins with"));

  program_window_fill (dialog, "echo", "/no/such/directory", "");
  program_window_run_in_dialog (dialog);
  while (!program_window_find (dialog, GTK_TYPE_LABEL, "There is no such directory"))
    g_main_context_iteration (NULL, TRUE);

  program_window_fill (dialog, "echo", "/dev/null", "");
  program_window_run_in_dialog (dialog);
  while (!program_window_find (dialog, GTK_TYPE_LABEL, "This is not a directory"))
    g_main_context_iteration (NULL, TRUE);

  program_window_fill (dialog, "echo", "/", "A=b\nnonsense");
  program_window_run_in_dialog (dialog);
  g_assert_nonnull (
      program_window_find (dialog, GTK_TYPE_LABEL, "Line 2 is not of the form NAME=VALUE"));
  g_assert_false (il_window_is_running (fixture->window));
  gtk_window_close (GTK_WINDOW (dialog));
}

static void
test_recent_programs_come_back (ProgramWindow *fixture, gconstpointer data)
{
  g_autoptr (IlProgramChoice) choice = NULL;
  g_autoptr (GVariant) recent = NULL;
  IlProgramDialog *dialog;

  program_window_run (fixture, "echo first", "/usr", "");
  program_window_wait_until_ended (fixture);
  program_window_run (fixture, "echo second", "/", "A=b");
  program_window_wait_until_ended (fixture);
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.leave-program", NULL);

  dialog = program_window_open_dialog (fixture);
  choice = il_program_dialog_dup_choice (dialog);
  g_assert_cmpstr (choice->command_line, ==, "echo second");
  g_assert_cmpstr (choice->environment, ==, "A=b");
  g_assert_true (choice->no_locks);
  g_assert_nonnull (program_window_find (dialog, GTK_TYPE_LABEL, "echo first"));
  gtk_widget_activate_action (GTK_WIDGET (dialog), "program.remove", "u", 1u);
  g_assert_null (program_window_find (dialog, GTK_TYPE_LABEL, "echo first"));
  gtk_window_close (GTK_WINDOW (dialog));

  recent = g_settings_get_value (fixture->window->settings, "recent-programs");
  g_assert_cmpuint (g_variant_n_children (recent), ==, 1);
}

/* What is said of a program that was looked at is nothing that another is to begin with. */
static void
test_recorded_directory_is_no_default (ProgramWindow *fixture, gconstpointer data)
{
  g_autofree char *own = g_build_filename (g_get_home_dir (), "of my own", NULL);
  g_autofree char *command = g_strdup_printf ("sh -c 'exit 0' %d", 1);
  g_autoptr (IlProgramChoice) choice = NULL;
  IlProgramDialog *dialog;

  g_assert_no_errno (g_mkdir_with_parents (own, 0700));
  program_window_run (fixture, command, own, "");
  program_window_wait_until_ended (fixture);
  program_window_reopen (fixture);
  g_assert_nonnull (program_window_find (fixture->window->panel, GTK_TYPE_LABEL, "~/of my own"));

  g_settings_reset (fixture->window->settings, "recent-programs");
  dialog = program_window_open_dialog (fixture);
  choice = il_program_dialog_dup_choice (dialog);
  g_assert_cmpstr (choice->directory, ==, "~");
  g_assert_cmpstr (choice->command_line, ==, "");
  gtk_window_close (GTK_WINDOW (dialog));
  g_assert_no_errno (g_rmdir (own));
}

/* --- the pane --- */

static void
assert_shown (const char *const *pieces, const char *expected, const char *last)
{
  GtkWidget *pane = g_object_ref_sink (il_output_pane_new ());
  g_autofree char *text = NULL;

  for (; *pieces; pieces++)
    il_output_pane_append (IL_OUTPUT_PANE (pane), *pieces);
  text = il_output_pane_dup_text (IL_OUTPUT_PANE (pane));
  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpstr (il_output_pane_get_last_line (IL_OUTPUT_PANE (pane)), ==, last);
  g_object_unref (pane);
}

static void
test_output_is_no_terminal (void)
{
  assert_shown ((const char *const[]){ "a\n", "b", "c\n\n", NULL }, "a\nbc\n\n", "bc");
  assert_shown ((const char *const[]){ "a\r\nb\r", "\nc", NULL }, "a\nb\nc", "c");
  assert_shown ((const char *const[]){ "x\n 10 %\r 20 %\r", " 30 %", NULL }, "x\n 30 %", " 30 %");
  assert_shown ((const char *const[]){ "\033[1;3", "1mred\033[0m \033]0;title\a\033(B!", NULL },
                "red !", "red !");
  assert_shown ((const char *const[]){ "\033]0;a\\b\033\\x\033P1q\033\\\033=y", NULL }, "xy", "xy");
  assert_shown ((const char *const[]){ "\b|\b/", "\b-\n\bN\bNM\rx\r\by", NULL }, "-\ny", "y");
}

#define NO_TEXT "\357\277\275" /* stands for a byte that is none */

/* A picture, an archive: how much it was, once, whatever letters are in it, and what comes after.
 * A line in another encoding, or with a bell, is text all the same. */
static void
test_what_is_not_text_is_counted (void)
{
  assert_shown ((const char *const[]){ "a\n" NO_TEXT NO_TEXT, "PK" NO_TEXT "\001xy\n",
                                       NO_TEXT NO_TEXT "q\r\n\nab\n", "don", "e: 3\n", NULL },
                "a\n… 18 bytes that are not text in UTF-8\ndone: 3\n", "done: 3");
  assert_shown ((const char *const[]){ "ok\n" NO_TEXT NO_TEXT NO_TEXT NO_TEXT "\033[", NULL },
                "ok\n… 6 bytes that are not text in UTF-8", "… 6 bytes that are not text in UTF-8");
  assert_shown ((const char *const[]){ "Gr" NO_TEXT NO_TEXT "e: 5\a kB\n", NULL },
                "Gr" NO_TEXT NO_TEXT "e: 5 kB\n", "Gr" NO_TEXT NO_TEXT "e: 5 kB");
}

/* Who prints faster than anybody looks is told that there was more. */
static void
test_what_is_left_out_is_told (void)
{
  GtkWidget *pane = g_object_ref_sink (il_output_pane_new ());
  g_autofree char *text = NULL;

  il_output_pane_append (IL_OUTPUT_PANE (pane), "half");
  il_output_pane_leave_out (IL_OUTPUT_PANE (pane), 5);
  il_output_pane_append (IL_OUTPUT_PANE (pane), "a line\n" NO_TEXT NO_TEXT NO_TEXT NO_TEXT);
  il_output_pane_leave_out (IL_OUTPUT_PANE (pane), 90);
  il_output_pane_append (IL_OUTPUT_PANE (pane), NO_TEXT);
  text = il_output_pane_dup_text (IL_OUTPUT_PANE (pane));
  g_assert_cmpstr (text, ==,
                   "half\n… 5 bytes left out\na line\n… 95 bytes that are not text in UTF-8");
  g_object_unref (pane);
}

static void
test_oldest_output_goes (void)
{
  GtkWidget *pane = g_object_ref_sink (il_output_pane_new ());
  g_autofree char *text = NULL;
  g_autofree char *long_line = g_strnfill (1 << 19, 'x');

  for (guint i = 0; i < 5000; i++)
    il_output_pane_append (IL_OUTPUT_PANE (pane), i == 0 ? "first\n" : "line\n");
  text = il_output_pane_dup_text (IL_OUTPUT_PANE (pane));
  g_assert_false (g_str_has_prefix (text, "first"));
  g_assert_cmpuint (strlen (text), <=, 2000 * strlen ("line\n"));
  il_output_pane_append (IL_OUTPUT_PANE (pane), long_line);
  g_free (text);
  text = il_output_pane_dup_text (IL_OUTPUT_PANE (pane));
  g_assert_cmpuint (strlen (text), ==, 1 << 18);
  g_object_unref (pane);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/window-program/" path, ProgramWindow, NULL, program_window_set_up, function,       \
              program_window_tear_down)

int
main (int argc, char **argv)
{
  shown_init (&argc, &argv);
  ADD ("runs-as-it-was-asked-for", test_program_runs_as_it_was_asked_for);
  ADD ("knobs-are-those-of-scenarios", test_knobs_are_those_of_scenarios);
  ADD ("status-is-told", test_status_is_told);
  ADD ("death-is-told", test_death_is_told);
  ADD ("much-output", test_much_output);
  ADD ("output-is-shown-as-it-comes", test_output_is_shown_as_it_comes);
  ADD ("output-is-a-plain-terminal", test_output_is_a_plain_terminal);
  ADD ("program-that-is-not-there", test_program_that_is_not_there);
  ADD ("start-that-fails-at-first", test_start_that_fails_at_first);
  ADD ("start-that-fails-takes-nothing-away", test_start_that_fails_takes_nothing_away);
  ADD ("panel-names-what-is-shown", test_panel_names_what_is_shown);
  ADD ("former-program-runs-again", test_former_program_runs_again);
  ADD ("without-locks-as-a-way-out", test_without_locks_as_a_way_out);
  ADD ("without-locks-is-of-that-program", test_without_locks_is_of_that_program);
  ADD ("own-program-runs-again", test_own_program_runs_again);
  ADD ("recorded-command-asks-first", test_recorded_command_asks_first);
  ADD ("recorded-command-is-shown-whole", test_recorded_command_is_shown_whole);
  ADD ("rest-of-long-command-is-told", test_rest_of_long_command_is_told);
  ADD ("recorded-directory-is-no-default", test_recorded_directory_is_no_default);
  ADD ("files-open-elsewhere-while-it-runs", test_files_open_elsewhere_while_it_runs);
  ADD ("mistakes-are-told-in-place", test_mistakes_are_told_in_place);
  ADD ("recent-programs-come-back", test_recent_programs_come_back);
  g_test_add_func ("/window-program/output-is-no-terminal", test_output_is_no_terminal);
  g_test_add_func ("/window-program/what-is-not-text-is-counted", test_what_is_not_text_is_counted);
  g_test_add_func ("/window-program/what-is-left-out-is-told", test_what_is_left_out_is_told);
  g_test_add_func ("/window-program/oldest-output-goes", test_oldest_output_goes);
  return g_test_run ();
}
