/* il-scenario-panel.h - what to run: scenario, model, workers, knobs; and what the states mean
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario-catalog.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_SCENARIO_PANEL (il_scenario_panel_get_type ())
G_DECLARE_FINAL_TYPE (IlScenarioPanel, il_scenario_panel, IL, SCENARIO_PANEL, GtkWidget)

/*
 * Signals, for what the user did and not the program:
 *   changed ()                                  another scenario or model was chosen
 *   knob-turned (const char *key, const char *value)  a live knob, value as the runner takes it
 *   workers-turned (guint workers)              while it runs
 */
GtkWidget *il_scenario_panel_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_scenario_panel_choose (IlScenarioPanel *self);
void il_scenario_panel_set_scenarios (IlScenarioPanel *self, GPtrArray *scenarios);
void il_scenario_panel_add_scenario (IlScenarioPanel *self, IlScenario *scenario);
gboolean il_scenario_panel_select (IlScenarioPanel *self, const char *id);
gboolean il_scenario_panel_select_model (IlScenarioPanel *self, const char *model);
void il_scenario_panel_set_workers (IlScenarioPanel *self, guint workers);
void il_scenario_panel_set_settings (IlScenarioPanel *self, const char *settings);
void il_scenario_panel_set_running (IlScenarioPanel *self, gboolean running);
void il_scenario_panel_set_program (IlScenarioPanel *self, const char *command,
                                    const char *directory);
void il_scenario_panel_add_seen (IlScenarioPanel *self, guint states);
void il_scenario_panel_forget_seen (IlScenarioPanel *self);

IlScenario *il_scenario_panel_get_scenario (IlScenarioPanel *self);
const char *il_scenario_panel_get_model (IlScenarioPanel *self);
gint64 il_scenario_panel_get_workers (IlScenarioPanel *self);
GStrv il_scenario_panel_dup_settings (IlScenarioPanel *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
