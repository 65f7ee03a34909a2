/* il-scenario-picker.h - finds a scenario among many: by topic, by typing, by keyboard
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario-catalog.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_SCENARIO_PICKER (il_scenario_picker_get_type ())
G_DECLARE_FINAL_TYPE (IlScenarioPicker, il_scenario_picker, IL, SCENARIO_PICKER, GtkWidget)

/* Signal "chosen" (): the user, not the program, chose another one. */
GtkWidget *il_scenario_picker_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_scenario_picker_set_scenarios (IlScenarioPicker *self, GPtrArray *scenarios);
void il_scenario_picker_add (IlScenarioPicker *self, IlScenario *scenario);
gboolean il_scenario_picker_select (IlScenarioPicker *self, const char *id);
IlScenario *il_scenario_picker_get_selected (IlScenarioPicker *self);
void il_scenario_picker_open (IlScenarioPicker *self);

G_END_DECLS
