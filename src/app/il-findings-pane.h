/* il-findings-pane.h - what was found to be wrong, as a list that can be folded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-finder.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_FINDINGS_PANE (il_findings_pane_get_type ())
G_DECLARE_FINAL_TYPE (IlFindingsPane, il_findings_pane, IL, FINDINGS_PANE, GtkWidget)

/* Signal "activated" (): il_findings_pane_get_activated() is to be looked at. */
GtkWidget *il_findings_pane_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_findings_pane_set_findings (IlFindingsPane *self, const IlFindings *findings);
guint il_findings_pane_get_n_findings (IlFindingsPane *self);
const IlFinding *il_findings_pane_get_activated (IlFindingsPane *self);
void il_findings_pane_activate (IlFindingsPane *self, IlFindingKind kind);
void il_findings_pane_move (IlFindingsPane *self, int steps);
void il_findings_pane_step_aside (IlFindingsPane *self, GtkWidget *banner);
int il_findings_pane_fit (IlFindingsPane *self, int width, int height);

G_END_DECLS
