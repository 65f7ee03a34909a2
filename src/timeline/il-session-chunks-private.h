/* il-session-chunks-private.h - gathers small batches into chunks worth compressing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-record.h"

G_BEGIN_DECLS

/* A row of the table "chunks". */
typedef struct
{
  gint64 begin_ns, end_ns;
  gsize n_records;
  GBytes *data;
} IlSessionChunk;

/*
 * What comes in within a second is too little for a chunk that compresses well, but is to be safe
 * in the file.  So it is written as a small chunk of the tail, and kept, until all that is kept is
 * enough for a whole one, which then takes the place of the tail.
 */
typedef struct
{
  GPtrArray *batches; /* of IlBatch, to become the next whole chunk */
  guint n_safe;       /* of batches: how many of the first are in the tail already */
  gsize n_records;    /* in batches */
  gsize max_records;  /* in a whole chunk; a batch with more of them is one by itself */
  GPtrArray *encoded; /* of IlSessionChunk: whole ones to be written */
  GPtrArray *tail;    /* of IlSessionChunk: small ones to be written after them */
  gboolean replaces;  /* the tail in the file is void once this is written */
  gsize n_encoded_bytes;
  gsize n_bytes; /* of all batches since the last clear, as il_session_chunks_size_of() says */
} IlSessionChunks;

void il_session_chunks_init (IlSessionChunks *chunks) G_GNUC_INTERNAL;
void il_session_chunks_finish (IlSessionChunks *chunks) G_GNUC_INTERNAL;
gsize il_session_chunks_size_of (const IlBatch *batch) G_GNUC_INTERNAL;
gboolean il_session_chunks_add (IlSessionChunks *chunks, IlBatch *batch,
                                GError **error) G_GNUC_INTERNAL;
gboolean il_session_chunks_encode_tail (IlSessionChunks *chunks, GError **error) G_GNUC_INTERNAL;
gboolean il_session_chunks_encode (IlSessionChunks *chunks, GError **error) G_GNUC_INTERNAL;
gint64 il_session_chunks_get_end (const IlSessionChunks *chunks) G_GNUC_INTERNAL;
void il_session_chunks_clear (IlSessionChunks *chunks) G_GNUC_INTERNAL;

G_END_DECLS
