/* il-session-load-chunks.c - the records of a session file, chunk by chunk, each of them checked
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-load-private.h"

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "il-record-codec.h"

#define MAX_TAIL_CHUNKS (1 << 16)
#define CHUNK_COLUMNS "id, begin_ns, end_ns, n_records, data"
#define TIMELINE_BYTES_PER_RECORD 16 /* about what a record takes in memory in the end */

void
il_session_load_free_tail_chunk (gpointer data)
{
  IlSessionTailChunk *chunk = data;

  il_batch_unref (chunk->batch);
  g_free (chunk);
}

static gboolean
chunk_damaged (IlSessionLoad *load, gint64 id, const char *what, GError **error)
{
  g_autofree char *shown = g_filename_display_name (load->reader.path);

  g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED,
               /* Translators: a path, a number, and what is wrong with the part */
               _ ("%s: part %lld of the recording is damaged: %s"), shown, (long long)id, what);
  return FALSE;
}

static gboolean
check_batch (IlSessionLoad *load, sqlite3_stmt *statement, const IlBatch *batch, const char **what)
{
  const IlBatchRun *runs;
  gint64 begin_ns, end_ns, n_records;
  guint n_runs;

  *what = _ ("its time or size is not what the table says");
  if (!il_session_reader_get_int (statement, 1, G_MININT64, G_MAXINT64, &begin_ns)
      || !il_session_reader_get_int (statement, 2, begin_ns, G_MAXINT64, &end_ns)
      || !il_session_reader_get_int (statement, 3, 0, IL_RECORD_CODEC_MAX_RECORDS, &n_records)
      || begin_ns != il_batch_get_begin (batch) || end_ns != il_batch_get_end (batch)
      || (gsize)n_records != il_batch_get_n_records (batch))
    return FALSE;
  *what = _ ("it has records of a lane that is not there");
  runs = il_batch_get_runs (batch, &n_runs);
  for (guint i = 0; i < n_runs; i++)
    if (runs[i].lane >= load->lanes->len || load->lanes->data[runs[i].lane] == 0)
      return FALSE;
  return TRUE;
}

static IlBatch *
decode_chunk (IlSessionLoad *load, sqlite3_stmt *statement, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (IlBatch) batch = NULL;
  gint64 id = sqlite3_column_int64 (statement, 0);
  const char *what = _ ("it is not there");

  if (sqlite3_column_type (statement, 4) == SQLITE_BLOB)
    {
      gconstpointer data = sqlite3_column_blob (statement, 4);
      int size = sqlite3_column_bytes (statement, 4);

      if (data != NULL && size > 0)
        batch = il_record_decode (data, (gsize)size, &problem);
      if (problem != NULL)
        what = problem->message;
    }
  if (batch != NULL && check_batch (load, statement, batch, &what))
    return g_steal_pointer (&batch);
  chunk_damaged (load, id, what, error);
  return NULL;
}

static gboolean
find_last_chunk (IlSessionLoad *load, GError **error)
{
  GError *problem = NULL;
  sqlite3_stmt *statement
      = il_session_reader_prepare (&load->reader,
                                   "SELECT id FROM chunks NOT INDEXED WHERE id < " G_STRINGIFY (
                                       IL_SESSION_TAIL) " ORDER BY id DESC LIMIT 1",
                                   error);

  if (statement == NULL)
    return FALSE;
  /* Where there is none yet, one that is written from now on may name lanes that were not read. */
  load->last_chunk = il_session_reader_step (&load->reader, statement, &problem)
                         ? sqlite3_column_int64 (statement, 0)
                         : 0;
  sqlite3_finalize (statement);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

/* The tail now, since later a whole chunk may be in its place. */
static gboolean
load_tail (IlSessionLoad *load, GError **error)
{
  GError *problem = NULL;
  sqlite3_stmt *statement = il_session_reader_prepare (
      &load->reader,
      "SELECT " CHUNK_COLUMNS
      " FROM chunks NOT INDEXED WHERE id >= " G_STRINGIFY (IL_SESSION_TAIL) " ORDER BY id",
      error);
  gsize n_records = 0;

  if (statement == NULL)
    return FALSE;
  while (problem == NULL && il_session_reader_step (&load->reader, statement, &problem))
    {
      IlSessionTailChunk *chunk = g_new0 (IlSessionTailChunk, 1);

      g_ptr_array_add (load->tail, chunk);
      chunk->id = sqlite3_column_int64 (statement, 0);
      chunk->batch = decode_chunk (load, statement, &problem);
      n_records += chunk->batch != NULL ? il_batch_get_n_records (chunk->batch) : 0;
      if (problem == NULL
          && (load->tail->len > MAX_TAIL_CHUNKS || n_records > IL_RECORD_CODEC_MAX_RECORDS))
        chunk_damaged (load, chunk->id, _ ("its time or size is not what the table says"),
                       &problem);
    }
  sqlite3_finalize (statement);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

gboolean
il_session_load_find_chunks (IlSessionLoad *load, GError **error)
{
  /* Of a file without its end the last one is among what is missing; and nobody writes to it. */
  load->last_chunk = G_MAXINT64;
  return load->reader.is_short || (find_last_chunk (load, error) && load_tail (load, error));
}

guint64
il_session_load_max_records (void)
{
  guint64 pages = (guint64)MAX (0, sysconf (_SC_PHYS_PAGES));

  return pages * (guint64)MAX (0, sysconf (_SC_PAGESIZE)) / TIMELINE_BYTES_PER_RECORD;
}

/* The next whole chunk after one of the given number, as a batch; NULL with neither batch nor error
 * at the end.  One statement each, so that the file is not kept locked. */
static IlBatch *
read_chunk (IlSessionLoad *load, gint64 *id, GError **error)
{
  sqlite3_stmt *statement = il_session_reader_prepare (
      &load->reader,
      "SELECT " CHUNK_COLUMNS " FROM chunks NOT INDEXED WHERE id > ? AND id <= ? ORDER BY id LIMIT "
      "1",
      error);
  IlBatch *batch = NULL;

  if (statement == NULL)
    return NULL;
  sqlite3_bind_int64 (statement, 1, *id);
  sqlite3_bind_int64 (statement, 2, load->last_chunk);
  if (il_session_reader_step (&load->reader, statement, error))
    {
      *id = sqlite3_column_int64 (statement, 0);
      batch = decode_chunk (load, statement, error);
    }
  sqlite3_finalize (statement);
  return batch;
}

/* The next batch of all: after the whole chunks those of the tail. */
IlBatch *
il_session_load_next_batch (IlSessionLoad *load, gint64 *id, guint *n_of_tail, GError **error)
{
  GError *problem = NULL;
  IlBatch *batch = *n_of_tail == 0 ? read_chunk (load, id, &problem) : NULL;

  if (batch == NULL && problem == NULL && *n_of_tail < load->tail->len)
    {
      IlSessionTailChunk *chunk = g_ptr_array_index (load->tail, (*n_of_tail)++);

      *id = chunk->id;
      batch = g_steal_pointer (&chunk->batch);
    }
  if (problem != NULL)
    g_propagate_error (error, problem);
  return batch;
}

/* It follows those before it, and there is memory for it. */
gboolean
il_session_load_check_next (IlSessionLoad *load, const IlBatch *batch, gint64 id,
                            gint64 earliest_ns, guint64 n_left, GError **error)
{
  if (il_batch_get_begin (batch) < earliest_ns)
    return chunk_damaged (load, id, _ ("its time or size is not what the table says"), error);
  if (il_batch_get_n_records (batch) > n_left)
    return il_session_reader_damaged (&load->reader, error,
                                      _ ("it has more events than this machine's memory can hold"));
  return TRUE;
}
