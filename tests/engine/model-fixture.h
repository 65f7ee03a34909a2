/* model-fixture.h - runs a scenario to its end and keeps what it recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "engine-fixture.h"
#include "il-trace-reader.h"

/* An event, with who wrote it and when. */
typedef struct
{
  guint lane; /* among `lanes` */
  guint index;
  gint64 time_ns; /* from the start */
  IlEventKind kind;
  guint object;
  guint32 value;
  guint64 stamp;
} Entry;

typedef struct
{
  IlTraceLaneInfo info;
  IlTraceLaneUsage usage;
} RecordedLane;

typedef struct
{
  IlTraceReader *reader;
  GHashTable *current; /* index of a lane in the file to its place in `lanes`, + 1 */
  GArray *lanes;       /* of RecordedLane */
  GArray *objects;     /* of IlTraceObjectInfo */
  GArray *entries;     /* of Entry, by time */
  IlPoolCounts counts;
} Recording;

/* Called again and again while it runs. */
typedef void (*ActFunc) (IlPool *pool, void *data);

Recording *recording_run (const IlScenario *scenario, ActFunc act, void *data);
void recording_free (Recording *self);
const Entry *recording_get (const Recording *self, guint entry);
const RecordedLane *recording_get_lane (const Recording *self, guint lane);
guint recording_find_object (const Recording *self, IlObjectKind kind, const char *name);
guint recording_count (const Recording *self, IlEventKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Recording, recording_free)
