/* picture.h - what tests look at a layout and its picture with
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-layout-private.h"

#include <cairo.h>

G_BEGIN_DECLS

/* The first ten milliseconds, with a pixel for each 10 µs. */
extern const IlTimelineView picture_view;

const IlRow *picture_find_row (const IlTimelineLayout *layout, guint32 lane);
gboolean picture_has_legend (const IlTimelineLayout *layout, guint code);
guint32 picture_get_pixel (cairo_surface_t *image, int x, int y); /* as 0xrrggbb */

G_END_DECLS
