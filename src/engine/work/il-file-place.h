/* il-file-place.h - a private directory for what a run writes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <stdbool.h>

typedef struct
{
  char *path;
  int fd; /* open, and locked: as long as it is, nobody takes the directory for abandoned */
} IlFilePlace;

bool il_file_place_make (IlFilePlace *place, GError **error);
void il_file_place_remove (IlFilePlace *place);
