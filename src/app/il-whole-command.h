/* il-whole-command.h - a command to be read before it runs: as much of it as there is room for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_WHOLE_COMMAND (il_whole_command_get_type ())
G_DECLARE_FINAL_TYPE (IlWholeCommand, il_whole_command, IL, WHOLE_COMMAND, GtkWidget)

GtkWidget *il_whole_command_new (const char *command, int max_height) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
