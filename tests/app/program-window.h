/* program-window.h - a window that programs are run in, and who looks at it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-window-private.h"

#include "il-program-dialog.h"

G_BEGIN_DECLS

typedef struct
{
  IlWindow *window;
} ProgramWindow;

void program_window_set_up (ProgramWindow *fixture, gconstpointer data);
void program_window_tear_down (ProgramWindow *fixture, gconstpointer data);
GtkWidget *program_window_find (gpointer root, GType type, const char *text);
GtkWidget *program_window_find_window (GType type);
IlProgramDialog *program_window_open_dialog (ProgramWindow *fixture);
void program_window_fill (IlProgramDialog *dialog, const char *command_line, const char *directory,
                          const char *environment);
void program_window_run_in_dialog (IlProgramDialog *dialog);
void program_window_wait_until_running (ProgramWindow *fixture);
void program_window_wait_until_ended (ProgramWindow *fixture);
void program_window_run (ProgramWindow *fixture, const char *command_line, const char *directory,
                         const char *environment);
void program_window_trace (ProgramWindow *fixture, const char *command_line);
GtkWidget *program_window_find_banner (ProgramWindow *fixture, const char *text);
GtkWidget *program_window_find_toast (ProgramWindow *fixture, const char *text);
void program_window_reopen (ProgramWindow *fixture);
void program_window_answer (const char *response);

G_END_DECLS
