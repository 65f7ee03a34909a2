/* il-timeline-chrome.h - text, ruler, headers and legend around the strips
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-palette.h"
#include "il-text-cache.h"
#include "il-timeline-layout-private.h"

G_BEGIN_DECLS

typedef struct
{
  cairo_t *cr; /* in logical pixels */
  const IlTimelineLayout *layout;
  const IlTheme *theme;
  const IlPalette *palette;
  IlTextCache *texts;
} IlCanvas;

void il_canvas_set_colour (const IlCanvas *canvas, guint32 colour);
void il_canvas_paint_lanes (const IlCanvas *canvas);
void il_canvas_paint_ruler (const IlCanvas *canvas);
/* il-timeline-endings.c */
void il_canvas_paint_ending (const IlCanvas *canvas, IlEnding ending, double x, double y);
void il_canvas_paint_recovery (const IlCanvas *canvas, double x, double y);
void il_canvas_paint_row_ending (const IlCanvas *canvas, const IlRow *row);
void il_canvas_paint_row_recoveries (const IlCanvas *canvas, const IlRow *row);

/* il-timeline-marks-paint.c */
void il_canvas_paint_marks (const IlCanvas *canvas);
void il_canvas_frame_evidence (const IlCanvas *canvas);
void il_canvas_paint_severity (const IlCanvas *canvas, IlMarkSeverity severity, double x, double y);
void il_canvas_paint_footer (const IlCanvas *canvas);

G_END_DECLS
