/* il-time-format.h - moments, durations, counts and shares as text for people
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *il_format_duration (gint64 duration_ns) G_GNUC_WARN_UNUSED_RESULT;
char *il_format_time (gint64 time_ns, gint64 resolution_ns) G_GNUC_WARN_UNUSED_RESULT;
char *il_format_count (guint64 count) G_GNUC_WARN_UNUSED_RESULT;
char *il_format_percent (double share) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
