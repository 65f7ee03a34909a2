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

typedef struct
{
  GPtrArray *batches; /* of IlBatch, to become the next chunk */
  gsize n_records;    /* in batches */
  GPtrArray *encoded; /* of IlSessionChunk */
  gsize n_encoded_bytes;
  gsize n_bytes; /* of all batches since the last clear, as il_session_chunks_size_of() says */
} IlSessionChunks;

void il_session_chunks_init (IlSessionChunks *chunks) G_GNUC_INTERNAL;
void il_session_chunks_finish (IlSessionChunks *chunks) G_GNUC_INTERNAL;
gsize il_session_chunks_size_of (const IlBatch *batch) G_GNUC_INTERNAL;
gboolean il_session_chunks_add (IlSessionChunks *chunks, IlBatch *batch,
                                GError **error) G_GNUC_INTERNAL;
gboolean il_session_chunks_encode (IlSessionChunks *chunks, GError **error) G_GNUC_INTERNAL;
void il_session_chunks_clear (IlSessionChunks *chunks) G_GNUC_INTERNAL;

G_END_DECLS
