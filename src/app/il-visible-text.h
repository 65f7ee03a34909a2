/* il-visible-text.h - text of any origin so that nothing in it is hidden
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *il_make_visible (const char *text) G_GNUC_WARN_UNUSED_RESULT;
char *il_make_glimpse (const char *text) G_GNUC_WARN_UNUSED_RESULT;
char *il_make_file_name (const char *text, const char *suffix) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
