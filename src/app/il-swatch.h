/* il-swatch.h - a small field with a state's colour and pattern, as legend and figures show it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-theme.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define IL_TYPE_SWATCH (il_swatch_get_type ())
G_DECLARE_FINAL_TYPE (IlSwatch, il_swatch, IL, SWATCH, GtkWidget)

GtkWidget *il_swatch_new (IlState state) G_GNUC_WARN_UNUSED_RESULT;

void il_snapshot_state (GtkSnapshot *snapshot, IlState state, const graphene_rect_t *rect);

G_END_DECLS
