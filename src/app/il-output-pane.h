/* il-output-pane.h - what a program printed: its last line, and more on demand
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_OUTPUT_PANE (il_output_pane_get_type ())
G_DECLARE_FINAL_TYPE (IlOutputPane, il_output_pane, IL, OUTPUT_PANE, GtkWidget)

GtkWidget *il_output_pane_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_output_pane_append (IlOutputPane *self, const char *text);
void il_output_pane_leave_out (IlOutputPane *self, guint64 n_bytes);
void il_output_pane_clear (IlOutputPane *self);
char *il_output_pane_dup_text (IlOutputPane *self) G_GNUC_WARN_UNUSED_RESULT;
int il_output_pane_fit (IlOutputPane *self, int width, int height);
const char *il_output_pane_get_last_line (IlOutputPane *self);

G_END_DECLS
