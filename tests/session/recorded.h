/* recorded.h - sessions to test with: recorded into a file and built live at the same time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session.h"
#include "stream.h"

G_BEGIN_DECLS

/* What feeds a builder, a writer, or both.  Either may be NULL. */
typedef struct
{
  IlTimeline *timeline;
  IlTimelineBuilder *builder;
  IlSessionWriter *writer;
  IlStream *stream;
} IlRecorded;

void il_recorded_init (IlRecorded *recorded, IlSessionWriter *writer, guint32 seed);
void il_recorded_add (IlRecorded *recorded, guint n_batches);
void il_recorded_finish (IlRecorded *recorded); /* the writer stays */

/* A whole session of so many batches in a file; returns its timeline. */
IlTimeline *il_recorded_write (const char *path, guint32 seed, guint n_batches);
/* The timeline of the same seed up to where a batch ends; fails if none ends there. */
IlTimeline *il_recorded_rebuild (guint32 seed, gint64 end_ns);

void il_assert_timelines_equal (const IlTimeline *a, const IlTimeline *b);

/* A folder of its own, and a path in it. */
char *il_make_folder (void);
void il_remove_folder (char *folder);

G_END_DECLS
