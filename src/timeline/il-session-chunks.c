/* il-session-chunks.c - gathers small batches into chunks worth compressing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-chunks-private.h"

#include <glib/gi18n-lib.h>

#include "il-record-codec.h"
#include "il-session.h"

/* A whole chunk: some seconds of a program that does little, a fraction of a second of one that
 * does much.  A copy that broke off loses the chunk in which it did, and all after it: of a short
 * recording they are shorter, at most a second or a quarter of what was before. */
#define CHUNK_MIN_LENGTH_NS (G_GINT64_CONSTANT (1000000000))
#define CHUNK_MAX_LENGTH_NS (G_GINT64_CONSTANT (5000000000))
#define CHUNK_RECORDS ((gsize)1 << 14)
/* The high levels take ten times as long for one or two bytes in a hundred: that is for what has
 * few records a second, where it still is next to nothing. */
#define ZSTD_LEVEL 1
#define ZSTD_LEVEL_SPARSE 13
#define SPARSE_PER_SECOND 4000

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
  *chunks = (IlSessionChunks){ .max_records = CHUNK_RECORDS,
                               .batches = g_ptr_array_new_with_free_func (unref_batch),
                               .encoded = g_ptr_array_new_with_free_func (free_chunk),
                               .tail = g_ptr_array_new_with_free_func (free_chunk) };
}

void
il_session_chunks_finish (IlSessionChunks *chunks)
{
  g_clear_pointer (&chunks->batches, g_ptr_array_unref);
  g_clear_pointer (&chunks->encoded, g_ptr_array_unref);
  g_clear_pointer (&chunks->tail, g_ptr_array_unref);
}

/* About what a batch takes in memory; never 0. */
gsize
il_session_chunks_size_of (const IlBatch *batch)
{
  return 128 + il_batch_get_n_records (batch) * sizeof (IlRecord);
}

static int
choose_level (const IlBatch *batch)
{
  gint64 length_ns = il_batch_get_end (batch) - il_batch_get_begin (batch);
  double n_seconds = (double)length_ns / 1e9;

  return (double)il_batch_get_n_records (batch) < SPARSE_PER_SECOND * n_seconds ? ZSTD_LEVEL_SPARSE
                                                                                : ZSTD_LEVEL;
}

static void
encode_one (GPtrArray *chunks, const IlBatch *batch)
{
  IlSessionChunk *chunk = g_new0 (IlSessionChunk, 1);

  chunk->begin_ns = il_batch_get_begin (batch);
  chunk->end_ns = il_batch_get_end (batch);
  chunk->n_records = il_batch_get_n_records (batch);
  chunk->data = il_record_encode (batch, choose_level (batch));
  g_ptr_array_add (chunks, chunk);
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
encode_pieces (GPtrArray *chunks, const IlBatch *batch, GError **error)
{
  gint64 begin_ns = il_batch_get_begin (batch), end_ns = il_batch_get_end (batch);
  gint64 middle_ns = begin_ns + (end_ns - begin_ns) / 2;
  g_autoptr (IlBatch) left = NULL;
  g_autoptr (IlBatch) right = NULL;

  if (il_batch_get_n_records (batch) <= IL_RECORD_CODEC_MAX_RECORDS)
    {
      encode_one (chunks, batch);
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
  return encode_pieces (chunks, left, error) && encode_pieces (chunks, right, error);
}

static IlBatch *
join (GPtrArray *batches, guint first)
{
  const IlBatch *last = g_ptr_array_index (batches, batches->len - 1);
  IlBatch *whole;

  if (batches->len - first == 1)
    return il_batch_ref (g_ptr_array_index (batches, first));
  whole = il_batch_new (il_batch_get_begin (g_ptr_array_index (batches, first)));
  for (guint i = first; i < batches->len; i++)
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

/* Makes a small chunk of what is new since the last one, so that it is safe. */
gboolean
il_session_chunks_encode_tail (IlSessionChunks *chunks, GError **error)
{
  g_autoptr (IlBatch) part = NULL;

  if (chunks->batches->len == chunks->n_safe)
    return TRUE;
  part = join (chunks->batches, chunks->n_safe);
  chunks->n_safe = chunks->batches->len;
  return encode_pieces (chunks->tail, part, error);
}

/* Makes a whole chunk of all that is kept, instead of the tail. */
gboolean
il_session_chunks_encode (IlSessionChunks *chunks, GError **error)
{
  g_autoptr (IlBatch) whole = NULL;
  guint n_before = chunks->encoded->len;

  if (chunks->batches->len == 0)
    return TRUE;
  whole = join (chunks->batches, 0);
  chunks->replaces = chunks->replaces || chunks->n_safe > 0;
  g_ptr_array_set_size (chunks->tail, 0);
  g_ptr_array_set_size (chunks->batches, 0);
  chunks->n_safe = 0;
  chunks->n_records = 0;
  if (!encode_pieces (chunks->encoded, whole, error))
    return FALSE;
  for (guint i = n_before; i < chunks->encoded->len; i++)
    chunks->n_encoded_bytes
        += g_bytes_get_size (((IlSessionChunk *)g_ptr_array_index (chunks->encoded, i))->data);
  return TRUE;
}

/* Where the last chunk that is to be written ends; G_MININT64 where there is none. */
gint64
il_session_chunks_get_end (const IlSessionChunks *chunks)
{
  const GPtrArray *last = chunks->tail->len > 0 ? chunks->tail : chunks->encoded;

  if (last->len == 0)
    return G_MININT64;
  return ((const IlSessionChunk *)g_ptr_array_index (last, last->len - 1))->end_ns;
}

static gint64
max_length (gint64 begin_ns)
{
  return CLAMP (begin_ns / 4, CHUNK_MIN_LENGTH_NS, CHUNK_MAX_LENGTH_NS);
}

static gboolean
is_instant (const IlBatch *batch)
{
  return il_batch_get_begin (batch) == il_batch_get_end (batch)
         && il_batch_get_n_records (batch) > 0;
}

/*
 * Adds a batch, and makes a whole chunk of those before it if that is large enough.
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

      fits = chunks->n_records + il_batch_get_n_records (batch) <= chunks->max_records
             && !is_instant (batch) && !is_instant (last)
             && il_batch_get_end (batch) - il_batch_get_begin (first)
                    <= max_length (il_batch_get_begin (first));
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
  g_ptr_array_set_size (chunks->tail, 0);
  chunks->replaces = FALSE;
  chunks->n_encoded_bytes = 0;
  chunks->n_bytes = 0;
}
