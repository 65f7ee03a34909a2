/* il-share-bar.h - a bar cut into the shares of states, each with its word and percentage below
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-series.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_SHARE_BAR (il_share_bar_get_type ())
G_DECLARE_FINAL_TYPE (IlShareBar, il_share_bar, IL, SHARE_BAR, GtkWidget)

GtkWidget *il_share_bar_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_share_bar_set_states (IlShareBar *self, const gint64 states_ns[IL_N_STATES]);

G_END_DECLS
