/* stream.h - records as a pool under a scheduler makes them, simulated: the same seed, the same
 * records
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Workers take tasks from a bounded queue, work, enter a lock and come out again; whoever waits
 * gives up its core, and now and then somebody is preempted.  Lanes 0 and 1 are cores, lane 2 is
 * the submitter, lanes from 3 are workers; objects are IL_STREAM_LOCK to IL_STREAM_TASK.
 */

#pragma once

#include "il-record.h"
#include "il-timeline-builder.h"

G_BEGIN_DECLS

enum
{
  IL_STREAM_LOCK = 1,
  IL_STREAM_QUEUE,
  IL_STREAM_TASK,
};

#define IL_STREAM_QUEUE_CAPACITY 64
#define IL_STREAM_N_CORES 2
#define IL_STREAM_SUBMITTER 2
#define IL_STREAM_FIRST_WORKER 3

typedef struct _IlStream IlStream;

IlStream *il_stream_new (guint32 seed, guint n_workers, gint64 task_ns);
void il_stream_free (IlStream *stream);
IlBatch *il_stream_next (IlStream *stream, gint64 length_ns); /* sealed */
guint il_stream_get_n_lanes (const IlStream *stream);
/* The index-th lane, as it is to be declared. */
void il_stream_get_lane (const IlStream *stream, guint index, IlLaneInfo *info);

typedef void (*IlStreamObjectFunc) (guint32 object, IlTimelineObjectKind kind, const char *name,
                                    guint64 parameter, gpointer data);
void il_stream_foreach_object (IlStreamObjectFunc func, gpointer data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlStream, il_stream_free)

G_END_DECLS
