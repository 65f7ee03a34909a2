/* il-window-program.c - the window's program: any command instead of a scenario
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A command that comes from a recording was written by whoever made that file: it is shown whole,
 * and runs only when the user says so.
 */

#include "config.h"

#include "il-window-private.h"

#include "il-finder.h"
#include "il-program-dialog.h"
#include "il-units.h"
#include "il-visible-text.h"
#include "il-whole-command.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>

/* More than anybody reads before saying yes; in bytes. */
#define MAX_ASKED 32768
/* What is left of the window round the question. */
#define ROUND_ASKED 90
/* What a stopped program has left when that is told first. */
#define SILENT_UNTIL_NS (1700 * G_GINT64_CONSTANT (1000000))

/* --- which one it is --- */

static void
show_program (IlWindow *self)
{
  g_autofree char *command = self->program ? il_make_glimpse (self->program->command_line) : NULL;
  g_autofree char *directory = self->program ? il_make_glimpse (self->program->directory) : NULL;

  il_scenario_panel_set_program (self->panel, command, directory);
  il_window_update (self);
}

static void
set_program (IlWindow *self, const IlProgramChoice *choice, gboolean recorded)
{
  g_autoptr (IlProgramChoice) old G_GNUC_UNUSED = g_steal_pointer (&self->program);

  self->program = choice ? il_program_choice_copy (choice) : NULL;
  self->program_recorded = recorded;
  g_clear_pointer (&self->refused, il_program_choice_free);
  show_program (self);
}

static void
forget_former_program (IlWindow *self)
{
  g_clear_pointer (&self->former_program, il_program_choice_free);
  self->chosen = FALSE;
}

/**
 * il_window_forget_programs:
 *
 * Frees all that is known of them: the window goes.
 */
void
il_window_forget_programs (IlWindow *self)
{
  forget_former_program (self);
  g_clear_pointer (&self->refused, il_program_choice_free);
  g_clear_pointer (&self->program, il_program_choice_free);
}

/**
 * il_window_leave_program:
 *
 * From now on it is the scenario again that is run.
 */
void
il_window_leave_program (IlWindow *self)
{
  if (self->program)
    set_program (self, NULL, FALSE);
}

/* As the user would write it. */
static char *
shorten_directory (const char *directory)
{
  const char *home = g_get_home_dir ();
  gsize length = strlen (home);

  if (length < 2 || !directory || !g_str_has_prefix (directory, home)
      || (directory[length] != '/' && directory[length] != '\0'))
    return g_strdup (directory);

  return g_strconcat ("~", directory + length, NULL);
}

/**
 * il_window_adopt_program:
 *
 * Lets the window stand as it did when the session was recorded, if that is one of a program.
 *
 * Returns: whether it is
 */
gboolean
il_window_adopt_program (IlWindow *self)
{
  g_autofree char *command = il_session_dup_meta (self->session, IL_META_COMMAND);
  g_autofree char *whole = il_session_dup_meta (self->session, IL_META_DIRECTORY);
  g_autofree char *directory = shorten_directory (whole);
  g_autoptr (IlProgramChoice) choice = NULL;

  if (!command)
    {
      il_window_leave_program (self);
      return FALSE;
    }

  choice = il_program_choice_new (command, directory, NULL, FALSE);
  set_program (self, choice, TRUE);

  return TRUE;
}

/* --- asking --- */

static void
run_program (IlWindow *self, const IlProgramChoice *choice)
{
  forget_former_program (self);
  self->former_program = self->program ? il_program_choice_copy (self->program) : NULL;
  self->former_recorded = self->program_recorded;
  self->chosen = TRUE;
  set_program (self, choice, FALSE);
  if (self->recorder)
    il_window_restart_run (self);
  else
    il_window_start_run (self);
}

static void
chosen_cb (IlProgramDialog *dialog, IlWindow *self)
{
  g_autoptr (IlProgramChoice) choice = il_program_dialog_dup_choice (dialog);

  run_program (self, choice);
}

/* @choice: what it begins with; NULL: what was run last */
static void
ask_which (IlWindow *self, const IlProgramChoice *choice)
{
  GtkWidget *dialog = il_program_dialog_new (GTK_WINDOW (self));

  if (choice)
    il_program_dialog_set_choice (IL_PROGRAM_DIALOG (dialog), choice);
  g_signal_connect_object (dialog, "chosen", G_CALLBACK (chosen_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/**
 * il_window_choose_program:
 *
 * Asks which program is to be run, beginning with the one that was to run last.  What a recording
 * says, its directory as well, is no default for what has nothing to do with it.
 */
void
il_window_choose_program (IlWindow *self)
{
  ask_which (self, self->refused ? self->refused : self->program_recorded ? NULL : self->program);
}

static void
answered_cb (AdwMessageDialog *dialog, const char *response, IlWindow *self)
{
  if (g_str_equal (response, "change"))
    ask_which (self, self->program);
  else if (g_str_equal (response, "run") && self->program && !il_window_is_running (self))
    {
      self->program_recorded = FALSE;
      il_window_start_run (self);
    }
}

/* All of it, however long, with the room that the rest of the dialog leaves. */
static GtkWidget *
create_whole_command (IlWindow *self, GtkWidget *dialog)
{
  g_autofree char *command = il_make_visible (self->program->command_line);
  int height;

  gtk_widget_measure (dialog, GTK_ORIENTATION_VERTICAL, -1, NULL, &height, NULL, NULL);

  return il_whole_command_new (command,
                               gtk_widget_get_height (GTK_WIDGET (self)) - height - ROUND_ASKED);
}

/**
 * il_window_ask_for_program:
 *
 * Asks whether the command of the recording that is shown may run.
 */
void
il_window_ask_for_program (IlWindow *self)
{
  const char *text
      = _ ("This command comes from a recording. It can do whatever you can do: run it only if "
           "you know what it does.");
  g_autofree char *directory = il_make_glimpse (self->program->directory);
  g_autofree char *place = g_strdup_printf (_ ("It is started in the directory %s."), directory);
  g_autofree char *with_place = g_strdup_printf ("%s\n\n%s", text, place);
  GtkWidget *dialog;

  if (strlen (self->program->command_line) > MAX_ASKED)
    {
      il_window_add_banner (self, "run", IL_BANNER_ERROR,
                            _ ("The command of this recording is too long to be shown as a whole: "
                               "it is not run."));
      return;
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _ ("Run This Command?"),
                                   *self->program->directory ? with_place : text);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "change",
                                    _ ("C_hange…"), "run", _ ("_Run"), NULL);
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "run",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog),
                                      create_whole_command (self, dialog));
  g_signal_connect_object (dialog, "response", G_CALLBACK (answered_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

/**
 * il_window_run_refused:
 *
 * Runs what could not be started before: whatever was in its way may be gone.
 */
void
il_window_run_refused (IlWindow *self)
{
  g_autoptr (IlProgramChoice) choice = NULL;

  if (!self->program && !self->refused)
    return;
  if (!self->refused || il_window_is_running (self))
    {
      il_window_start_run (self);
      return;
    }

  choice = il_program_choice_copy (self->refused);
  run_program (self, choice);
}

/* Who chooses it again need not be refused again. */
static void
remember (IlWindow *self, const IlProgramChoice *choice)
{
  g_autoptr (GVariant) value = g_settings_get_value (self->settings, "recent-programs");
  g_autoptr (GPtrArray) recent = il_program_choices_load (value);

  il_program_choices_add (recent, choice);
  g_settings_set_value (self->settings, "recent-programs", il_program_choices_save (recent));
}

/**
 * il_window_run_without_locks:
 *
 * Runs the program that was refused again, and looks at what the scheduler does with it, no more.
 */
void
il_window_run_without_locks (IlWindow *self)
{
  if (self->refused)
    {
      self->refused->no_locks = TRUE;
      remember (self, self->refused);
      il_window_run_refused (self);
      return;
    }
  if (!self->program || self->program_recorded || il_window_is_running (self))
    return;

  self->program->no_locks = TRUE;
  remember (self, self->program);
  il_window_start_run (self);
}

/* --- what was shown before --- */

/**
 * il_window_forget_former:
 *
 * It is not needed any more: the program runs, or has not run.
 */
void
il_window_forget_former (IlWindow *self)
{
  g_clear_pointer (&self->former, il_session_unref);
  g_clear_pointer (&self->former_path, g_free);
  g_clear_pointer (&self->former_output, g_free);
}

static void
keep_former (IlWindow *self)
{
  il_window_forget_former (self);
  self->former = self->session ? il_session_ref (self->session) : NULL;
  self->former_path = g_strdup (self->session_path);
  self->former_opened = self->opened;
  self->former_output = il_output_pane_dup_text (self->output);
}

/* A mistake in a command takes nothing away. */
static void
show_former (IlWindow *self)
{
  g_autoptr (IlSession) former = g_steal_pointer (&self->former);
  g_autofree char *path = g_steal_pointer (&self->former_path);
  g_autofree char *output = g_steal_pointer (&self->former_output);
  g_autofree char *clock = NULL;

  il_window_set_session (self, former, path, self->former_opened);
  if (former)
    {
      clock = il_format_clock (il_timeline_get_end (il_session_get_timeline (former)));
      gtk_label_set_label (self->time_label, clock);
      il_window_forget_output (self);
      if (output && *output)
        il_output_pane_append (self->output, output);
    }
  il_window_show_page (self, former ? "timeline" : "empty");
}

/* Once again the panel names what is shown.  Where nothing is, it may as well name what failed. */
static void
show_former_program (IlWindow *self)
{
  g_autoptr (IlProgramChoice) former = NULL;
  g_autoptr (IlProgramChoice) refused = NULL;

  if (!self->chosen || !self->session)
    return;

  former = g_steal_pointer (&self->former_program);
  refused = il_program_choice_copy (self->program);
  set_program (self, former, self->former_recorded);
  self->refused = g_steal_pointer (&refused);
}

/* --- running --- */

static void
tell_of_failure (IlWindow *self, const GError *error)
{
  IlBanner *banner = il_window_add_banner (self, "run", IL_BANNER_ERROR, error->message);

  if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_NO_LOCKS)
      || g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_PRELOAD))
    il_banner_add_button (banner, _ ("Run Without Locks"), "win.run-without-locks", NULL);
  else if (self->chosen)
    il_banner_add_button (banner, _ ("Run Again"), "win.run-refused", NULL);
  il_banner_add_button (banner, _ ("Change…"), "win.choose-program", NULL);
}

/**
 * il_window_start_program:
 * @path: (nullable): where it is recorded
 *
 * Has the recorder start it.
 */
void
il_window_start_program (IlWindow *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlProgramPlan) plan = il_program_choice_plan (self->program, &error);
  IlRecorderOptions options = {
    .no_locks = self->program->no_locks,
    .workers = -1,
    .tasks = -1,
    .seed = -1,
    .output_path = path,
  };

  if (!plan)
    {
      tell_of_failure (self, error);
      show_former_program (self);
      forget_former_program (self);
      il_window_update (self);
      return;
    }

  options.command = (const char *const *)plan->command;
  options.directory = plan->directory;
  options.environment = (const char *const *)plan->environment;
  g_clear_pointer (&self->refused, il_program_choice_free);
  keep_former (self);
  il_window_forget_output (self);
  il_window_start_recorder (self, &options);
}

/* --- how it ends --- */

/* Most end at once: of them nothing is said. */
static gboolean
is_worth_a_word (const IlRecorderStatus *status)
{
  return status->state == IL_RECORDER_STOPPING && status->kill_in_ns > 0
         && status->kill_in_ns < SILENT_UNTIL_NS;
}

/**
 * il_window_show_stopping:
 *
 * Says how long a program that was asked to end still has, as long as it has not ended.
 */
void
il_window_show_stopping (IlWindow *self)
{
  IlBanner *banner = g_hash_table_lookup (self->shown_banners, "stopping");
  IlRecorderStatus status;
  g_autofree char *text = NULL;
  guint seconds;

  if (!self->program || !self->recorder)
    return;

  il_recorder_get_status (self->recorder, &status);
  if (!banner && !is_worth_a_word (&status))
    return;

  seconds = (guint)((status.kill_in_ns + 999999999) / 1000000000);
  text = seconds > 0 ? g_strdup_printf (
             ngettext ("The program was asked to end (SIGTERM). It has %u s left, then it is "
                       "killed.",
                       "The program was asked to end (SIGTERM). It has %u s left, then it is "
                       "killed.",
                       seconds),
             seconds)
                     : g_strdup (_ ("The program did not end when it was asked to: it is killed."));
  if (banner)
    il_banner_set_text (banner, text);
  else
    il_window_add_banner (self, "stopping", IL_BANNER_INFO, text);
}

static void
tell_stopped (IlWindow *self, const IlRecorderStatus *status)
{
  g_autofree char *text = NULL;

  if (status->n_killed == 0)
    {
      il_window_toast (self, _ ("The program was stopped"));
      return;
    }
  text = g_strdup_printf (
      ngettext ("The program was stopped. %u process did not end when it was asked to (SIGTERM) "
                "and had to be killed (SIGKILL).",
                "The program was stopped. %u processes did not end when they were asked to "
                "(SIGTERM) and had to be killed (SIGKILL).",
                status->n_killed),
      status->n_killed);
  il_window_add_banner (self, "run", IL_BANNER_INFO, text);
}

static const char *
name_signal (guint number)
{
  const char *name = sigabbrev_np ((int)number);

  return name ? name : "?";
}

/* Nobody wants to choose again what cannot be started. */
static void
forget_recent (IlWindow *self)
{
  g_autoptr (GVariant) value = g_settings_get_value (self->settings, "recent-programs");
  g_autoptr (GPtrArray) recent = il_program_choices_load (value);

  il_program_choices_forget (recent, self->program);
  g_settings_set_value (self->settings, "recent-programs", il_program_choices_save (recent));
}

/* Signals that a thread brings upon itself. */
static gboolean
is_of_thread (guint number)
{
  return number == SIGSEGV || number == SIGBUS || number == SIGFPE || number == SIGILL
         || number == SIGABRT || number == SIGTRAP || number == SIGSYS;
}

/* Which of several threads it was, where the recording tells; NULL: it does not. */
static const char *
find_crashed_thread (IlWindow *self, guint number)
{
  IlTimeline *timeline = il_session_get_timeline (self->session);
  IlFinder *finder = il_finder_get (timeline);
  const IlLane *lane;
  gboolean is_alone;
  guint index;

  if (!finder || !is_of_thread (number) || !il_finder_find_crashed (finder, &index, &is_alone)
      || is_alone)
    return NULL;

  lane = il_timeline_get_lane (timeline, index);

  return lane ? il_lane_get_info (lane)->name : NULL;
}

static void
tell_death (IlWindow *self, guint number)
{
  const char *thread = find_crashed_thread (self, number);
  g_autofree char *text = NULL;

  /* Translators: the name of a signal, its number, and what it is called: SIGSEGV (11),
   * Segmentation fault */
  text = g_strdup_printf (_ ("The program was killed by SIG%s (%u): %s."), name_signal (number),
                          number, g_strsignal ((int)number));
  if (thread)
    {
      g_autofree char *alone = g_steal_pointer (&text);

      /* Translators: a full sentence, and the name of a thread */
      text = g_strdup_printf (_ ("%s It crashed in thread %s."), alone, thread);
    }
  il_window_add_banner (self, "run", IL_BANNER_WARNING, text);
}

static void
tell_status (IlWindow *self, guint status)
{
  g_autofree char *text = NULL;

  if (status == 0)
    {
      il_window_toast_briefly (self, _ ("The program ended with status 0"));
      return;
    }
  text = g_strdup_printf (_ ("The program ended with status %u."), status);
  il_window_add_banner (self, "run", IL_BANNER_INFO, text);
}

/* Who stops it has it killed, in whole or in part, or it has not even begun. */
static gboolean
was_stopped (IlWindow *self, const IlRecorderStatus *status)
{
  return self->stopped
         && (status->program_end == IL_PROGRAM_RUNS || status->n_killed > 0
             || (status->program_end == IL_PROGRAM_KILLED
                 && (status->program_status == SIGTERM || status->program_status == SIGKILL)));
}

/* What tries to become the program may have been recorded, and still is not the program. */
static gboolean
has_begun (IlWindow *self, const GError *error, const IlRecorderStatus *status)
{
  if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_COMMAND) && !self->stopped
      && status->program_end == IL_PROGRAM_RUNS)
    return FALSE;

  return il_timeline_get_end (il_session_get_timeline (self->session)) > 0;
}

/**
 * il_window_tell_end_of_program:
 * @error: (nullable): what the recorder said in the end
 * @status: likewise
 *
 * Says with which status it ended, or why it did not run.
 */
void
il_window_tell_end_of_program (IlWindow *self, const GError *error, const IlRecorderStatus *status)
{
  il_window_remove_banner (self, "stopping");
  if (error)
    tell_of_failure (self, error);
  else if (was_stopped (self, status))
    tell_stopped (self, status);
  else if (status->program_end == IL_PROGRAM_KILLED)
    tell_death (self, status->program_status);
  else if (status->program_end == IL_PROGRAM_EXITED)
    tell_status (self, status->program_status);
  if (!has_begun (self, error, status))
    {
      if (g_error_matches (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_COMMAND))
        forget_recent (self);
      show_former (self);
      show_former_program (self);
    }
  il_window_forget_former (self);
  forget_former_program (self);
}
