/* program-window.c - a window that programs are run in, and who looks at it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "program-window.h"

#include "shown.h"

void
program_window_set_up (ProgramWindow *fixture, gconstpointer data)
{
  fixture->window = il_window_new (NULL);
  gtk_window_present (GTK_WINDOW (fixture->window));
  while (!fixture->window->catalog_known)
    g_main_context_iteration (NULL, TRUE);
}

void
program_window_tear_down (ProgramWindow *fixture, gconstpointer data)
{
  g_settings_reset (fixture->window->settings, "recent-programs");
  shown_destroy (GTK_WINDOW (fixture->window));
}

static gboolean
says (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget))
    return strstr (gtk_label_get_label (GTK_LABEL (widget)), text) != NULL;

  return GTK_IS_BUTTON (widget)
         && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), text) == 0;
}

/* What can be seen, of that type, with that text; or NULL. */
GtkWidget *
program_window_find (gpointer root, GType type, const char *text)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_visible (root))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (root, type) && (!text || says (root, text)))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child && !found;
       child = gtk_widget_get_next_sibling (child))
    found = program_window_find (child, type, text);

  return found;
}

GtkWidget *
program_window_find_window (GType type)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *i = windows; i; i = i->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE (i->data, type) && gtk_widget_get_visible (i->data))
      return i->data;

  return NULL;
}

IlProgramDialog *
program_window_open_dialog (ProgramWindow *fixture)
{
  gtk_widget_activate_action (GTK_WIDGET (fixture->window), "win.choose-program", NULL);
  g_assert_nonnull (program_window_find_window (IL_TYPE_PROGRAM_DIALOG));

  return IL_PROGRAM_DIALOG (program_window_find_window (IL_TYPE_PROGRAM_DIALOG));
}

void
program_window_fill (IlProgramDialog *dialog, const char *command_line, const char *directory,
                     const char *environment)
{
  g_autoptr (IlProgramChoice) choice
      = il_program_choice_new (command_line, directory, environment, TRUE);

  il_program_dialog_set_choice (dialog, choice);
}

void
program_window_run_in_dialog (IlProgramDialog *dialog)
{
  gtk_widget_activate_action (GTK_WIDGET (dialog), "program.run", NULL);
}

void
program_window_wait_until_running (ProgramWindow *fixture)
{
  while (!fixture->window->recorder)
    g_main_context_iteration (NULL, TRUE);
}

void
program_window_wait_until_ended (ProgramWindow *fixture)
{
  while (il_window_is_running (fixture->window))
    g_main_context_iteration (NULL, TRUE);
}

void
program_window_run (ProgramWindow *fixture, const char *command_line, const char *directory,
                    const char *environment)
{
  IlProgramDialog *dialog = program_window_open_dialog (fixture);

  program_window_fill (dialog, command_line, directory, environment);
  program_window_run_in_dialog (dialog);
  program_window_wait_until_running (fixture);
}

/* With the library that sees locks. */
void
program_window_trace (ProgramWindow *fixture, const char *command_line)
{
  IlProgramDialog *dialog = program_window_open_dialog (fixture);
  g_autoptr (IlProgramChoice) choice = il_program_choice_new (command_line, "/", "", FALSE);

  il_program_dialog_set_choice (dialog, choice);
  program_window_run_in_dialog (dialog);
  program_window_wait_until_running (fixture);
}

GtkWidget *
program_window_find_banner (ProgramWindow *fixture, const char *text)
{
  return program_window_find (fixture->window->banners, GTK_TYPE_LABEL, text);
}

GtkWidget *
program_window_find_toast (ProgramWindow *fixture, const char *text)
{
  return program_window_find (fixture->window->toasts, GTK_TYPE_LABEL, text);
}

void
program_window_reopen (ProgramWindow *fixture)
{
  g_autofree char *path = g_strdup (fixture->window->session_path);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  il_window_open_file (fixture->window, file);
  while (!fixture->window->opened)
    g_main_context_iteration (NULL, TRUE);
}

void
program_window_answer (const char *response)
{
  GtkWidget *dialog = program_window_find_window (ADW_TYPE_MESSAGE_DIALOG);

  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), response);
}
