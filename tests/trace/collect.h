/* collect.h - keeps all that drains call back with, for a test to look at
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-trace-reader.h"

#include <glib.h>

/* One claim of a lane, from begun to ended. */
typedef struct
{
  IlTraceLaneInfo info;
  GArray *events; /* of IlEvent */
  IlTraceLaneUsage usage;
  gboolean is_ended;
  char *damage; /* what was wrong, or NULL */
  guint n_renamed;
} CollectedLane;

typedef struct
{
  GPtrArray *lanes; /* of CollectedLane, in the order in which they began */
  GArray *objects;  /* of IlTraceObjectInfo */
} Collection;

extern const IlTraceHandler collect_handler;

void collection_init (Collection *collection);
void collection_finish (Collection *collection);
/* The last claim of the lane. */
CollectedLane *collection_get_lane (Collection *collection, guint32 index);
const IlEvent *collected_event (const CollectedLane *lane, guint i);
/* The sum over LOST events. */
guint64 collected_n_lost (const CollectedLane *lane);
