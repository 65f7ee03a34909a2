/* il-runner-path.h - where the runner is, and how a scenario is named to it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names another runner than the installed one. */
#define IL_RUNNER_ENVIRONMENT "INTERLEAVE_RUNNER"
/* The same for the library that is loaded into programs. */
#define IL_PRELOAD_ENVIRONMENT "INTERLEAVE_PRELOAD"

char *il_runner_find (GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *il_preload_find (GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *il_runner_quote_scenario (const char *scenario) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
