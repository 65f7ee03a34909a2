/* il-model-chooser.h - under which concurrency model a scenario runs, and what that means
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario-catalog.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_MODEL_CHOOSER (il_model_chooser_get_type ())
G_DECLARE_FINAL_TYPE (IlModelChooser, il_model_chooser, IL, MODEL_CHOOSER, GtkWidget)

/* Signal "chosen" (): the user, not the program, chose another one. */
GtkWidget *il_model_chooser_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_model_chooser_set_scenario (IlModelChooser *self, IlScenario *scenario);
gboolean il_model_chooser_select (IlModelChooser *self, const char *model);
const char *il_model_chooser_get_selected (IlModelChooser *self);
const char *il_model_get_label (const char *model);

G_END_DECLS
