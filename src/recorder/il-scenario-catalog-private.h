/* il-scenario-catalog-private.h - the parser alone, for its tests
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

GPtrArray *il_scenario_catalog_parse (const char *json, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
