/* il-units.h - numbers as a person reads them in the window
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-scenario-catalog.h"

#include <glib.h>

G_BEGIN_DECLS

char *il_format_clock (gint64 time_ns) G_GNUC_WARN_UNUSED_RESULT;
char *il_format_range (gint64 begin_ns, gint64 end_ns) G_GNUC_WARN_UNUSED_RESULT;
char *il_format_knob (IlKnobUnit unit, double value) G_GNUC_WARN_UNUSED_RESULT;
char *il_format_knob_setting (IlKnobUnit unit, double value) G_GNUC_WARN_UNUSED_RESULT;
gboolean il_parse_knob_setting (IlKnobUnit unit, const char *text, double *value);

G_END_DECLS
