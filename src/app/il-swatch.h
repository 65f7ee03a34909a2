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

/* What stands in strips that have no states. */
typedef enum
{
  IL_SWATCH_HOLDERS, /* who runs on a core, or has a lock */
  IL_SWATCH_READERS, /* several have a lock together */
  IL_SWATCH_LEVEL,   /* how many or how much there is */
  IL_SWATCH_WAITERS, /* how many wait */
  IL_SWATCH_USAGE,   /* how busy a core is */
  IL_N_SWATCH_STRIPS
} IlSwatchStrip;

/* Stands in a set of bits for states that are seen for a strip that is. */
#define IL_SWATCH_SEEN(strip) (1u << (IL_N_STATES + (guint)(strip)))

GtkWidget *il_swatch_new_strip (IlSwatchStrip strip) G_GNUC_WARN_UNUSED_RESULT;
GtkWidget *il_swatch_new (IlState state) G_GNUC_WARN_UNUSED_RESULT;

void il_snapshot_state (GtkSnapshot *snapshot, IlState state, const graphene_rect_t *rect);

G_END_DECLS
