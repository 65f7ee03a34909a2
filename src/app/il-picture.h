/* il-picture.h - writes what is seen as a picture, off the main thread
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline-draw.h"

#include <gio/gio.h>

G_BEGIN_DECLS

void il_picture_export_async (IlTimeline *timeline, const IlTimelineView *view, gboolean dark,
                              const char *path, GAsyncReadyCallback callback, gpointer data);
gboolean il_picture_export_finish (GAsyncResult *result, GError **error);

G_END_DECLS
