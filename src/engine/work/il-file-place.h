/* il-file-place.h - private files for what a run writes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

int il_file_place_open (GError **error);
