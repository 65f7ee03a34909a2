/* il-session-chunks.c - gathers small batches into chunks worth compressing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-chunks-private.h"

#include <glib/gi18n-lib.h>

#include "il-record-codec.h"
#include "il-session.h"

#define CHUNK_LENGTH_NS (G_GINT64_CONSTANT (1000000000))
#define CHUNK_RECORDS ((gsize)1 << 17)

static void
free_chunk (gpointer data)
{
  IlSessionChunk *chunk = data;

  g_bytes_unref (chunk->data);
  g_free (chunk);
}

static void
unref_batch (gpointer data)
{
  il_batch_unref (data);
}

void
il_session_chunks_init (IlSessionChunks *chunks)
{
  *chunks = (IlSessionChunks){ .batches = g_ptr_array_new_with_free_func (unref_batch),
                               .encoded = g_ptr_array_new_with_free_func (free_chunk) };
}

void
il_session_chunks_finish (IlSessionChunks *chunks)
{
  g_clear_pointer (&chunks->batches, g_ptr_array_unref);
  g_clear_pointer (&chunks->encoded, g_ptr_array_unref);
}

/* About what a batch takes in memory; never 0. */
gsize
il_session_chunks_size_of (const IlBatch *batch)
{
  return 128 + il_batch_get_n_records (batch) * sizeof (IlRecord);
}

static void
encode_one (IlSessionChunks *self, const IlBatch *batch)
{
  IlSessionChunk *chunk = g_new0 (IlSessionChunk, 1);

  chunk->begin_ns = il_batch_get_begin (batch);
  chunk->end_ns = il_batch_get_end (batch);
  chunk->n_records = il_batch_get_n_records (batch);
  chunk->data = il_record_encode (batch);
  self->n_encoded_bytes += g_bytes_get_size (chunk->data);
  g_ptr_array_add (self->encoded, chunk);
}

/* The part of a sealed batch that lies within a window. */
static IlBatch *
cut (const IlBatch *batch, gint64 begin_ns, gint64 end_ns)
{
  IlBatch *part = il_batch_new (begin_ns);
  const IlBatchRun *runs;
  guint n_runs;

  runs = il_batch_get_runs (batch, &n_runs);
  for (guint i = 0; i < n_runs; i++)
    {
      gsize first = 0, last;

      while (first < runs[i].n_records && runs[i].records[first].time_ns < begin_ns)
        first++;
      for (last = first; last < runs[i].n_records && runs[i].records[last].time_ns < end_ns;)
        last++;
      il_batch_append (part, runs[i].lane, runs[i].records + first, last - first);
    }
  il_batch_seal (part, end_ns);
  return part;
}

/* A batch with more records than a chunk can have is halved until the pieces fit. */
static gboolean
encode_pieces (IlSessionChunks *self, const IlBatch *batch, GError **error)
{
  gint64 begin_ns = il_batch_get_begin (batch), end_ns = il_batch_get_end (batch);
  gint64 middle_ns = begin_ns + (end_ns - begin_ns) / 2;
  g_autoptr (IlBatch) left = NULL;
  g_autoptr (IlBatch) right = NULL;

  if (il_batch_get_n_records (batch) <= IL_RECORD_CODEC_MAX_RECORDS)
    {
      encode_one (self, batch);
      return TRUE;
    }
  if (middle_ns == begin_ns)
    {
      g_set_error_literal (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO,
                           _ ("more events at one moment than a session file can hold"));
      return FALSE;
    }
  left = cut (batch, begin_ns, middle_ns);
  right = cut (batch, middle_ns, end_ns);
  return encode_pieces (self, left, error) && encode_pieces (self, right, error);
}

static IlBatch *
join (GPtrArray *batches)
{
  const IlBatch *last = g_ptr_array_index (batches, batches->len - 1);
  IlBatch *whole = il_batch_new (il_batch_get_begin (g_ptr_array_index (batches, 0)));

  for (guint i = 0; i < batches->len; i++)
    {
      const IlBatchRun *runs;
      guint n_runs;

      runs = il_batch_get_runs (g_ptr_array_index (batches, i), &n_runs);
      for (guint j = 0; j < n_runs; j++)
        il_batch_append (whole, runs[j].lane, runs[j].records, runs[j].n_records);
    }
  il_batch_seal (whole, il_batch_get_end (last));
  return whole;
}

/* Makes a chunk of the batches so far. */
gboolean
il_session_chunks_encode (IlSessionChunks *chunks, GError **error)
{
  g_autoptr (IlBatch) whole = NULL;

  if (chunks->batches->len == 0)
    return TRUE;
  whole = chunks->batches->len == 1 ? il_batch_ref (g_ptr_array_index (chunks->batches, 0))
                                    : join (chunks->batches);
  g_ptr_array_set_size (chunks->batches, 0);
  chunks->n_records = 0;
  return encode_pieces (chunks, whole, error);
}

static gboolean
is_instant (const IlBatch *batch)
{
  return il_batch_get_begin (batch) == il_batch_get_end (batch)
         && il_batch_get_n_records (batch) > 0;
}

/*
 * Adds a batch, and makes a chunk of those before it if that is large enough.
 *
 * The batches of a chunk are walked as one when it is read again.  Since each ends before the next
 * begins that is the same walk, but for a batch without length, which has to stay by itself.
 */
gboolean
il_session_chunks_add (IlSessionChunks *chunks, IlBatch *batch, GError **error)
{
  gboolean fits = TRUE;

  if (chunks->batches->len > 0)
    {
      const IlBatch *first = g_ptr_array_index (chunks->batches, 0);
      const IlBatch *last = g_ptr_array_index (chunks->batches, chunks->batches->len - 1);

      fits = chunks->n_records + il_batch_get_n_records (batch) <= CHUNK_RECORDS
             && !is_instant (batch) && !is_instant (last)
             && il_batch_get_end (batch) - il_batch_get_begin (first) <= CHUNK_LENGTH_NS;
    }
  chunks->n_bytes += il_session_chunks_size_of (batch);
  if (!fits && !il_session_chunks_encode (chunks, error))
    return FALSE;
  chunks->n_records += il_batch_get_n_records (batch);
  g_ptr_array_add (chunks->batches, il_batch_ref (batch));
  return TRUE;
}

/* Forgets what is encoded, since it is written. */
void
il_session_chunks_clear (IlSessionChunks *chunks)
{
  g_ptr_array_set_size (chunks->encoded, 0);
  chunks->n_encoded_bytes = 0;
  chunks->n_bytes = 0;
}
