/* il-strip-rects.h - the rectangles that a strip's boxes are made of
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-palette.h"
#include "il-timeline-layout-private.h"

G_BEGIN_DECLS

void il_strip_visit (const IlTimelineLayout *layout, const IlStrip *strip, IlRectSink *sink);

G_END_DECLS
