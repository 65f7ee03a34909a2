/* il-program-dialog.h - asks which program to run, and how
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-program-choice.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define IL_TYPE_PROGRAM_DIALOG (il_program_dialog_get_type ())
G_DECLARE_FINAL_TYPE (IlProgramDialog, il_program_dialog, IL, PROGRAM_DIALOG, AdwWindow)

/*
 * Signals:
 *   chosen ()   what is in the fields is right as far as can be told, and is to be run; the dialog
 *               closes after it
 */
GtkWidget *il_program_dialog_new (GtkWindow *parent) G_GNUC_WARN_UNUSED_RESULT;
void il_program_dialog_set_choice (IlProgramDialog *self, const IlProgramChoice *choice);
IlProgramChoice *il_program_dialog_dup_choice (IlProgramDialog *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
