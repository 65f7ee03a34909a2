/* il-figures-bar.h - the figures of the visible range, and of the recording as a whole
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-view-state.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What holds for the whole recording. */
typedef struct
{
  guint64 n_events, n_lost;
  double overhead_share; /* below 0: not known */
  const char *scheduler; /* how switches are known, in words; NULL: not known */
} IlRecordingFigures;

#define IL_TYPE_FIGURES_BAR (il_figures_bar_get_type ())
G_DECLARE_FINAL_TYPE (IlFiguresBar, il_figures_bar, IL, FIGURES_BAR, GtkWidget)

GtkWidget *il_figures_bar_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_figures_bar_set_view_state (IlFiguresBar *self, IlViewState *view_state);
void il_figures_bar_set_recording (IlFiguresBar *self, const IlRecordingFigures *figures);
guint il_figures_bar_get_states (IlFiguresBar *self);

G_END_DECLS
