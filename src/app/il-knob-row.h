/* il-knob-row.h - one setting of a scenario: its name, value with unit, and a slider
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario-catalog.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_KNOB_ROW (il_knob_row_get_type ())
G_DECLARE_FINAL_TYPE (IlKnobRow, il_knob_row, IL, KNOB_ROW, GtkWidget)

/* Signal "turned" (): the user changed the value. */
GtkWidget *il_knob_row_new (const IlKnob *knob) G_GNUC_WARN_UNUSED_RESULT;
const char *il_knob_row_get_key (IlKnobRow *self);
const char *il_knob_row_get_model (IlKnobRow *self);
gboolean il_knob_row_get_live (IlKnobRow *self);
double il_knob_row_get_value (IlKnobRow *self);
void il_knob_row_set_value (IlKnobRow *self, double value);
void il_knob_row_set_wanted (IlKnobRow *self, double value);
char *il_knob_row_dup_setting (IlKnobRow *self) G_GNUC_WARN_UNUSED_RESULT;
gboolean il_knob_row_set_setting (IlKnobRow *self, const char *setting);
void il_knob_row_set_running (IlKnobRow *self, gboolean running);

double il_knob_from_position (const IlKnob *knob, double position);
double il_knob_to_position (const IlKnob *knob, double value);

G_END_DECLS
