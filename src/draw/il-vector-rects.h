/* il-vector-rects.h - fills rectangles with cairo, for surfaces that have no pixels
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-palette.h"

#include <cairo.h>

G_BEGIN_DECLS

typedef struct _IlVectorRects IlVectorRects;

IlVectorRects *il_vector_rects_new (const IlPalette *palette,
                                    cairo_t *cr) G_GNUC_WARN_UNUSED_RESULT;
void il_vector_rects_free (IlVectorRects *rects);
IlRectSink *il_vector_rects_get_sink (IlVectorRects *rects);
void il_vector_rects_flush (IlVectorRects *rects);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlVectorRects, il_vector_rects_free)

G_END_DECLS
