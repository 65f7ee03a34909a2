/* il-session-store.c - writes rows into a session file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-store-private.h"

#include <string.h>
#include <zstd.h>

#define BUSY_TIMEOUT_MS 10000
#define MIN_PACKED_VALUE 512
#define VALUE_LEVEL 19 /* of zstd */
#define SMALL_SIZE (G_GINT64_CONSTANT (256) << 10)
#define MAX_SHRINK_SIZE (G_GINT64_CONSTANT (16) << 20)

static int
finish_statement (sqlite3_stmt *statement, int result)
{
  if (result == SQLITE_OK)
    result = sqlite3_step (statement);
  sqlite3_finalize (statement);
  return result == SQLITE_DONE ? SQLITE_OK : result;
}

/* A long text, as that of a scenario is, goes into the file as a frame of zstd. */
static void
bind_value (sqlite3_stmt *statement, int column, const char *value)
{
  gsize size = strlen (value);
  guint8 *packed;
  gsize n_packed;

  if (size < MIN_PACKED_VALUE)
    {
      sqlite3_bind_text (statement, column, value, -1, SQLITE_STATIC);
      return;
    }
  packed = g_malloc (ZSTD_compressBound (size));
  n_packed = ZSTD_compress (packed, ZSTD_compressBound (size), value, size, VALUE_LEVEL);
  if (ZSTD_isError (n_packed) || n_packed >= size)
    sqlite3_bind_text (statement, column, value, -1, SQLITE_STATIC);
  else
    sqlite3_bind_blob64 (statement, column, packed, n_packed, SQLITE_TRANSIENT);
  g_free (packed);
}

static int
write_meta (IlSessionStore *self, const char *key, const char *value)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (self->db, "INSERT OR REPLACE INTO meta VALUES (?, ?)", -1,
                                   &statement, NULL);

  if (result == SQLITE_OK)
    {
      sqlite3_bind_text (statement, 1, key, -1, SQLITE_STATIC);
      bind_value (statement, 2, value);
    }
  return finish_statement (statement, result);
}

static int
write_lane (IlSessionStore *self, const IlSessionFact *fact)
{
  const gint64 numbers[]
      = { fact->number,      fact->lane.kind, fact->lane.role, fact->lane.scheduler,
          fact->lane.number, fact->lane.pid,  fact->lane.tid,  (gint64)fact->lane.parameter };
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (
      self->db, "INSERT OR REPLACE INTO lanes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", -1,
      &statement, NULL);

  if (result == SQLITE_OK)
    {
      for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
        sqlite3_bind_int64 (statement, (int)i + 1, numbers[i]);
      sqlite3_bind_text (statement, 9, fact->key, -1, SQLITE_STATIC);
      if (fact->value != NULL)
        sqlite3_bind_text (statement, 10, fact->value, -1, SQLITE_STATIC);
    }
  return finish_statement (statement, result);
}

static int
write_object (IlSessionStore *self, const IlSessionFact *fact)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (
      self->db, "INSERT INTO objects (object, kind, name, parameter) VALUES (?, ?, ?, ?)", -1,
      &statement, NULL);

  if (result == SQLITE_OK)
    {
      sqlite3_bind_int64 (statement, 1, fact->number);
      sqlite3_bind_int64 (statement, 2, fact->object_kind);
      sqlite3_bind_text (statement, 3, fact->key, -1, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 4, (gint64)fact->parameter);
    }
  result = finish_statement (statement, result);
  if (result == SQLITE_OK)
    g_hash_table_insert (self->objects, GUINT_TO_POINTER (fact->number),
                         GINT_TO_POINTER ((int)sqlite3_last_insert_rowid (self->db)));
  return result;
}

/* By its row: the table has no index, and there may be tens of thousands of locks. */
static int
write_name (IlSessionStore *self, const IlSessionFact *fact)
{
  int row = GPOINTER_TO_INT (g_hash_table_lookup (self->objects, GUINT_TO_POINTER (fact->number)));
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (self->db, "UPDATE objects SET name = ? WHERE position = ?", -1,
                                   &statement, NULL);

  if (result == SQLITE_OK)
    {
      sqlite3_bind_text (statement, 1, fact->key, -1, SQLITE_STATIC);
      sqlite3_bind_int64 (statement, 2, row);
    }
  return finish_statement (statement, result);
}

static int
write_fact (IlSessionStore *self, const IlSessionFact *fact)
{
  switch (fact->kind)
    {
    case IL_SESSION_FACT_META:
      return write_meta (self, fact->key, fact->value);
    case IL_SESSION_FACT_LANE:
      return write_lane (self, fact);
    case IL_SESSION_FACT_OBJECT:
      return write_object (self, fact);
    case IL_SESSION_FACT_NAME:
      return write_name (self, fact);
    default:
      return SQLITE_OK;
    }
}

static int
write_chunk (IlSessionStore *self, const IlSessionChunk *chunk, gint64 id)
{
  sqlite3_stmt *statement = NULL;
  int result = sqlite3_prepare_v2 (self->db, "INSERT INTO chunks VALUES (?, ?, ?, ?, ?)", -1,
                                   &statement, NULL);

  if (result == SQLITE_OK)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (chunk->data, &size);

      sqlite3_bind_int64 (statement, 1, id);
      sqlite3_bind_int64 (statement, 2, chunk->begin_ns);
      sqlite3_bind_int64 (statement, 3, chunk->end_ns);
      sqlite3_bind_int64 (statement, 4, (gint64)chunk->n_records);
      sqlite3_bind_blob64 (statement, 5, data, size, SQLITE_STATIC);
    }
  return finish_statement (statement, result);
}

/* What is void goes first, so that its pages are used again. */
static int
write_chunks (IlSessionStore *self, const IlSessionChunks *chunks, gint64 *last,
              gint64 *last_of_tail)
{
  int result = SQLITE_OK;

  if (chunks->replaces)
    result
        = sqlite3_exec (self->db, "DELETE FROM chunks WHERE id >= " G_STRINGIFY (IL_SESSION_TAIL),
                        NULL, NULL, NULL);
  for (guint i = 0; i < chunks->encoded->len && result == SQLITE_OK; i++)
    result = write_chunk (self, g_ptr_array_index (chunks->encoded, i), ++*last);
  for (guint i = 0; i < chunks->tail->len && result == SQLITE_OK; i++)
    result = write_chunk (self, g_ptr_array_index (chunks->tail, i), ++*last_of_tail);
  return result;
}

/* Nothing follows, so that the tables stay as they are. */
static int
write_closing (IlSessionStore *self)
{
  g_autofree char *sums = NULL;
  int result = write_meta (self, IL_SESSION_META_CLOSED, "1");

  if (result == SQLITE_OK)
    result = il_session_sum_tables (self->db, &sums);
  return result == SQLITE_OK ? write_meta (self, IL_SESSION_META_SUMS, sums) : result;
}

/**
 * il_session_store_write:
 * @facts: (element-type IlSessionFact): in the order in which they were told
 * @is_last: nothing follows
 *
 * Writes all of it in one transaction.
 *
 * Returns: what SQLite returned; where that is not SQLITE_OK nothing was written
 */
int
il_session_store_write (IlSessionStore *store, const GPtrArray *facts,
                        const IlSessionChunks *chunks, gboolean is_last)
{
  gint64 last = store->last_chunk, last_of_tail = store->last_of_tail;
  int result = sqlite3_exec (store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

  for (guint i = 0; i < facts->len && result == SQLITE_OK; i++)
    result = write_fact (store, g_ptr_array_index (facts, i));
  if (result == SQLITE_OK)
    result = write_chunks (store, chunks, &last, &last_of_tail);
  if (result == SQLITE_OK && is_last)
    result = write_closing (store);
  if (result == SQLITE_OK)
    result = sqlite3_exec (store->db, "COMMIT", NULL, NULL, NULL);
  if (result != SQLITE_OK)
    return result;
  store->last_chunk = last;
  store->last_of_tail = last_of_tail;
  return SQLITE_OK;
}

static gint64
get_number (IlSessionStore *self, const char *pragma)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = 0;

  if (sqlite3_prepare_v2 (self->db, pragma, -1, &statement, NULL) == SQLITE_OK
      && sqlite3_step (statement) == SQLITE_ROW)
    number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

/**
 * il_session_store_shrink:
 *
 * Gives back the pages that tails have left behind, as far as moving the rest takes moments only,
 * and makes the pages of a small file small, since each table takes one at least.  Where it cannot
 * be done the file is whole all the same.
 */
void
il_session_store_shrink (IlSessionStore *store)
{
  gint64 page_size = get_number (store, "PRAGMA page_size");
  gint64 n_pages = get_number (store, "PRAGMA page_count");
  gint64 n_free = get_number (store, "PRAGMA freelist_count");
  gboolean is_small = (n_pages - n_free) * page_size <= SMALL_SIZE;

  if (!is_small && (n_free == 0 || n_pages * page_size > MAX_SHRINK_SIZE))
    return;
  /* Whoever reads the file now is not waited for. */
  sqlite3_busy_timeout (store->db, 0);
  sqlite3_exec (store->db, is_small ? "PRAGMA page_size=512; VACUUM" : "VACUUM", NULL, NULL, NULL);
}

/**
 * il_session_store_open:
 * @store: (out): to be closed also where this fails
 * @path: has to outlive the store
 *
 * Opens a file that il_session_create_file() made.
 */
gboolean
il_session_store_open (IlSessionStore *store, const char *path, GError **error)
{
  int result;

  *store = (IlSessionStore){ .path = path,
                             .last_of_tail = IL_SESSION_TAIL - 1,
                             .objects = g_hash_table_new (NULL, NULL) };
  result = sqlite3_open_v2 (path, &store->db,
                            SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE,
                            NULL);
  /* Somebody reads the file while it is being recorded: that takes moments. */
  sqlite3_busy_timeout (store->db, BUSY_TIMEOUT_MS);
  if (result == SQLITE_OK)
    result = sqlite3_exec (store->db,
                           "PRAGMA journal_mode=DELETE; PRAGMA synchronous=NORMAL; "
                           "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;",
                           NULL, NULL, NULL);
  if (result != SQLITE_OK)
    il_session_set_sqlite_error (error, store->db, result, path);
  return result == SQLITE_OK;
}

/**
 * il_session_store_close:
 *
 * Closes the file.
 */
void
il_session_store_close (IlSessionStore *store)
{
  g_clear_pointer (&store->db, sqlite3_close);
  g_clear_pointer (&store->objects, g_hash_table_unref);
}
