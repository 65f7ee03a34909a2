/* il-pixel-rows.h - fills rectangles of a strip by writing pixels
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-palette.h"

G_BEGIN_DECLS

typedef struct _IlPixelRows IlPixelRows;

IlPixelRows *il_pixel_rows_new (const IlPalette *palette, guint32 *pixels, int stride, int width,
                                int height) G_GNUC_WARN_UNUSED_RESULT;
void il_pixel_rows_free (IlPixelRows *rows);
void il_pixel_rows_set_clip (IlPixelRows *rows, int y0, int y1);
void il_pixel_rows_fill (IlPixelRows *rows, int y0, int y1, const guint32 *background);
IlRectSink *il_pixel_rows_begin (IlPixelRows *rows, int y0, int y1, const guint32 *background);
void il_pixel_rows_end (IlPixelRows *rows);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPixelRows, il_pixel_rows_free)

G_END_DECLS
