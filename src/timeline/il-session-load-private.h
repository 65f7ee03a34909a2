/* il-session-load-private.h - what the parts that load a session share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session-reader-private.h"

#include <pthread.h>

G_BEGIN_DECLS

/* A small chunk that may be replaced while the others are read. */
typedef struct
{
  gint64 id;
  IlBatch *batch;
} IlSessionTailChunk;

/*
 * Roles     The loading thread builds the timeline; another one reads and decodes ahead of it.
 * Lock      mutex guards what stands below it, and nests inside nothing.
 * Edges     condition: a batch is ready, the reading has ended, or the builder made room or
 *           stopped.  reader and lanes are the other thread's from its begin to its end.
 * Checked   tests/session/test-session.c, also built with -Db_sanitize=thread.
 */
typedef struct
{
  IlSessionReader reader;
  GByteArray *lanes;      /* by number: 1 where it is a thread's or core's, and may have records */
  IlTimelineFunc prepare; /* NULL: nothing to do */
  gpointer prepare_data;
  gint64 last_chunk; /* what was there when the loading began, but for the tail */
  GPtrArray *tail;   /* of IlSessionTailChunk */
  guint n_batches;   /* the other thread's */

  pthread_mutex_t mutex;
  pthread_cond_t condition;
  GQueue ready; /* of IlBatch */
  gboolean ended;
  gboolean stopped;
  gboolean cut_off;
  GError *error;
} IlSessionLoad;

/* il-session-load-tables.c: facts go into the session, lanes and objects to the builder. */
gboolean il_session_load_meta (IlSessionLoad *load, IlSession *session,
                               GError **error) G_GNUC_INTERNAL;
gboolean il_session_load_check_sums (IlSessionLoad *load, IlSession *session,
                                     GError **error) G_GNUC_INTERNAL;
gboolean il_session_load_lanes (IlSessionLoad *load, IlTimelineBuilder *builder,
                                IlTimeline *timeline, GError **error) G_GNUC_INTERNAL;

/* il-session-load-chunks.c: which chunks there are; and the next one, as a batch. */
gboolean il_session_load_find_chunks (IlSessionLoad *load, GError **error) G_GNUC_INTERNAL;
void il_session_load_free_tail_chunk (gpointer chunk) G_GNUC_INTERNAL;
guint64 il_session_load_max_records (void) G_GNUC_INTERNAL;
IlBatch *il_session_load_next_batch (IlSessionLoad *load, gint64 *id, guint *n_of_tail,
                                     GError **error) G_GNUC_INTERNAL;
gboolean il_session_load_check_next (IlSessionLoad *load, const IlBatch *batch, gint64 id,
                                     gint64 earliest_ns, guint64 n_left,
                                     GError **error) G_GNUC_INTERNAL;

G_END_DECLS
