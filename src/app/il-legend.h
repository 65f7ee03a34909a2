/* il-legend.h - what the colours and patterns of the timelines mean
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-theme.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_LEGEND (il_legend_get_type ())
G_DECLARE_FINAL_TYPE (IlLegend, il_legend, IL, LEGEND, GtkWidget)

GtkWidget *il_legend_new (void) G_GNUC_WARN_UNUSED_RESULT;
void il_legend_set_program (IlLegend *self, gboolean is_of_program);
void il_legend_add_seen (IlLegend *self, guint states);
void il_legend_forget_seen (IlLegend *self);

G_END_DECLS
