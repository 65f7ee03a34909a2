/* il-session-sums.c - checksums of the tables of facts, lanes and objects
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The CRC-32 of all rows of a table in the order of their keys: of each column its type as a byte,
 * then an integer in 8 bytes, the least first, or the length of a text or blob in such 8 bytes and
 * the text or blob itself.  The fact that holds the sums is left out.
 */

#include "config.h"

#include "il-session-private.h"

#include <zlib.h>

#define N_SUMS 3

static uLong
add_number (uLong sum, gint64 number)
{
  guint64 bytes = GUINT64_TO_LE ((guint64)number);

  return crc32_z (sum, (const guint8 *)&bytes, sizeof bytes);
}

static uLong
add_column (uLong sum, sqlite3_stmt *statement, int column)
{
  const guint8 type = (guint8)sqlite3_column_type (statement, column);
  gconstpointer data;
  int size;

  sum = crc32_z (sum, &type, 1);
  if (type == SQLITE_INTEGER)
    return add_number (sum, sqlite3_column_int64 (statement, column));
  if (type == SQLITE_NULL)
    return sum;
  data = sqlite3_column_blob (statement, column);
  size = sqlite3_column_bytes (statement, column);
  sum = add_number (sum, size);
  return data != NULL ? crc32_z (sum, data, (gsize)size) : sum;
}

/* What SQLite returned; SQLITE_OK with the sum. */
static int
sum_rows (sqlite3 *db, const char *query, guint32 *sum)
{
  sqlite3_stmt *statement = NULL;
  uLong rows = crc32_z (0, NULL, 0);
  int result = sqlite3_prepare_v2 (db, query, -1, &statement, NULL);

  if (result != SQLITE_OK)
    return result;
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    for (int i = 0; i < sqlite3_column_count (statement); i++)
      rows = add_column (rows, statement, i);
  sqlite3_finalize (statement);
  *sum = (guint32)rows;
  return result == SQLITE_DONE ? SQLITE_OK : result;
}

/**
 * il_session_sum_tables:
 * @db: a session file
 * @sums: (out) (transfer full): as IL_SESSION_META_SUMS has them: of facts, lanes and objects, in
 *   hexadecimal digits; set where SQLITE_OK is returned
 *
 * Returns: what SQLite returned
 */
int
il_session_sum_tables (sqlite3 *db, char **sums)
{
  static const char *const queries[N_SUMS] = {
    "SELECT key, value FROM meta WHERE key <> '" IL_SESSION_META_SUMS "' ORDER BY key",
    ("SELECT number, kind, role, scheduler, worker, pid, tid, parameter, name, process FROM lanes "
     "ORDER BY number"),
    "SELECT object, kind, name, parameter FROM objects ORDER BY position",
  };
  guint32 found[N_SUMS] = { 0 };

  for (guint i = 0; i < N_SUMS; i++)
    {
      int result = sum_rows (db, queries[i], &found[i]);

      if (result != SQLITE_OK)
        return result;
    }
  *sums = g_strdup_printf ("%08x %08x %08x", found[0], found[1], found[2]);
  return SQLITE_OK;
}
