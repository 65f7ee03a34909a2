/* il-timeline-paint-private.h - what paint, export and tests share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-draw.h"

G_BEGIN_DECLS

cairo_surface_t *il_timeline_painter_render_strips (IlTimelinePainter *painter,
                                                    const IlTimelineLayout *layout,
                                                    const IlTheme *theme);
cairo_surface_t *il_timeline_painter_render (IlTimelinePainter *painter,
                                             const IlTimelineLayout *layout, const IlTheme *theme);
void il_timeline_painter_paint_vectors (IlTimelinePainter *painter, cairo_t *cr,
                                        const IlTimelineLayout *layout, const IlTheme *theme);

G_END_DECLS
