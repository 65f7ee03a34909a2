/* il-placement.h - on which cores threads may run, and how nice they are to others
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>
#include <sched.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean has_cores; /* FALSE: wherever the process may */
  cpu_set_t cores;
  int nice; /* 0: as the process is */
} IlPlacement;

gboolean il_placement_init (IlPlacement *placement, const char *cores, int nice, GError **error);
void il_placement_apply (const IlPlacement *placement);

G_END_DECLS
