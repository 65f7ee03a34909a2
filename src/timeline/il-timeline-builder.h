/* il-timeline-builder.h - derives the timeline from records
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-timeline.h"

G_BEGIN_DECLS

typedef enum
{
  IL_OBJECT_KIND_LOCK = 1,
  IL_OBJECT_KIND_SEMAPHORE,
  IL_OBJECT_KIND_QUEUE,
  IL_OBJECT_KIND_TASK,
  IL_OBJECT_KIND_COUNTER,
  IL_OBJECT_KIND_RWLOCK,
  IL_OBJECT_KIND_EVENT,
  IL_OBJECT_KIND_CONDITION,
  IL_OBJECT_KIND_BARRIER,
  IL_OBJECT_KIND_CHANNEL,
  IL_OBJECT_KIND_FILE,
  IL_OBJECT_KIND_TITLE,
  IL_N_OBJECT_KINDS_KNOWN
} IlTimelineObjectKind;

typedef struct _IlTimelineBuilder IlTimelineBuilder;

/* All functions are called by the one thread that writes the timeline. */
IlTimelineBuilder *il_timeline_builder_new (IlTimeline *timeline) G_GNUC_WARN_UNUSED_RESULT;
void il_timeline_builder_free (IlTimelineBuilder *builder);

/* Lanes of threads and cores are declared before their first record; returns the lane's number.
 * Those of locks, semaphores, queues and counters come into being with their objects, whose numbers
 * the caller chooses. */
guint32 il_timeline_builder_add_lane (IlTimelineBuilder *builder, const IlLaneInfo *info);
void il_timeline_builder_claim_lane (IlTimelineBuilder *builder, guint32 number,
                                     const IlLaneInfo *info);
gboolean il_timeline_builder_add_object (IlTimelineBuilder *builder, guint32 object,
                                         IlTimelineObjectKind kind, const char *name,
                                         guint64 parameter);
gboolean il_timeline_builder_rename_object (IlTimelineBuilder *builder, guint32 object,
                                            const char *name);
/* Batches come in the order of time.  Afterwards the timeline ends at the batch's end. */
void il_timeline_builder_add_batch (IlTimelineBuilder *builder, const IlBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlTimelineBuilder, il_timeline_builder_free)

G_END_DECLS
