/* il-work-area.h - the timelines, and below them what is said of them: who gets which height
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Its children stand one below the other.  The first one has what the others leave, which is half
 * of all as long as panes among them can be lower than they would like to be.
 * Signal "settled" (): the first one has another height than before. */
#define IL_TYPE_WORK_AREA (il_work_area_get_type ())
G_DECLARE_FINAL_TYPE (IlWorkArea, il_work_area, IL, WORK_AREA, GtkWidget)

GtkWidget *il_work_area_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
