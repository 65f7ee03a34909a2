/* il-window.h - the main window: one scenario to run, one recording to look at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define IL_TYPE_WINDOW (il_window_get_type ())
G_DECLARE_FINAL_TYPE (IlWindow, il_window, IL, WINDOW, AdwApplicationWindow)

IlWindow *il_window_new (GtkApplication *application);
void il_window_choose_scenario (IlWindow *self, const char *scenario, gboolean run);
void il_window_open_file (IlWindow *self, GFile *file);
gboolean il_window_is_vacant (IlWindow *self);
void il_window_close_at_once (IlWindow *self);

G_END_DECLS
