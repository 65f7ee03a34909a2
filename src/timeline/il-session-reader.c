/* il-session-reader.c - opens a session file that anybody may have made
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A database file can carry triggers, views that look like tables, and damaged pages.  So: read
 * only, no extension, no trigger, no view, no function of the schema's; only SELECT on our own
 * tables, whose definitions must be those that we write, word for word; limits on all sizes; and
 * the type and range of each column is checked by whoever reads it.
 */

#include "config.h"

#include "il-session-reader-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_TIMEOUT_MS 10000
#define MAX_ROW_BYTES (64 << 20)

static gboolean
refuse (GError **error, const char *path, IlSessionError code, const char *why)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, IL_SESSION_ERROR, code, "%s: %s", shown, why);
  return FALSE;
}

/**
 * il_session_reader_damaged:
 * @what: what is wrong, as the end of a sentence about the file
 *
 * Returns: FALSE, with the error set
 */
gboolean
il_session_reader_damaged (IlSessionReader *reader, GError **error, const char *what)
{
  return refuse (error, reader->path, IL_SESSION_ERROR_DAMAGED, what);
}

static gboolean
refuse_format (GError **error, const char *path, guint32 format)
{
  g_autofree char *shown = g_filename_display_name (path);

  if (format > IL_SESSION_FORMAT)
    g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_NEWER,
                 _ ("%s: was written by a newer version of Interleave (format %u, this one reads "
                    "up to %d): update Interleave"),
                 shown, format, IL_SESSION_FORMAT);
  else
    g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_FOREIGN,
                 _ ("%s: was written by a version of Interleave that was never released (format "
                    "%u, this one reads from %d on): record it again"),
                 shown, format, IL_SESSION_OLDEST_FORMAT);
  return FALSE;
}

/* Through SQLite's own descriptor: see il-session-file.c. */
static gboolean
read_header (sqlite3 *db, IlSessionHeader *header, gint64 *size)
{
  guint8 bytes[IL_SESSION_HEADER_SIZE];
  sqlite3_file *file = NULL;
  sqlite3_int64 n_bytes = 0;

  if (sqlite3_file_control (db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK
      || file == NULL || file->pMethods == NULL
      || file->pMethods->xFileSize (file, &n_bytes) != SQLITE_OK
      || file->pMethods->xRead (file, bytes, sizeof bytes, 0) != SQLITE_OK)
    return FALSE;
  *size = n_bytes;
  return il_session_parse_header (bytes, header);
}

static gboolean
check_header (sqlite3 *db, const char *path, GError **error)
{
  IlSessionHeader header = { 0 };
  gint64 size;

  if (!read_header (db, &header, &size))
    return refuse (error, path, IL_SESSION_ERROR_FOREIGN, _ ("this is not an Interleave session"));
  if (header.format == 0 || header.has_log || header.page_size < 512)
    return refuse (error, path, IL_SESSION_ERROR_DAMAGED, _ ("its header is damaged"));
  if (header.format > IL_SESSION_FORMAT || header.format < IL_SESSION_OLDEST_FORMAT)
    return refuse_format (error, path, header.format);
  return TRUE;
}

static int
authorize_cb (void *data, int action, const char *a, const char *b, const char *c, const char *d)
{
  if (action == SQLITE_SELECT || action == SQLITE_TRANSACTION)
    return SQLITE_OK;
  if (action != SQLITE_READ || a == NULL)
    return SQLITE_DENY;
  if (strcmp (a, "sqlite_master") == 0)
    return SQLITE_OK;
  for (guint i = 0; i < IL_SESSION_N_TABLES; i++)
    if (strcmp (a, il_session_tables[i].name) == 0)
      return SQLITE_OK;
  return SQLITE_DENY;
}

static void
harden (sqlite3 *db, gboolean is_short)
{
  static const int off[] = { SQLITE_DBCONFIG_ENABLE_TRIGGER,
                             SQLITE_DBCONFIG_ENABLE_VIEW,
                             SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                             SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION,
                             SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER,
                             SQLITE_DBCONFIG_DQS_DDL,
                             SQLITE_DBCONFIG_DQS_DML };
  static const struct
  {
    int id, value;
  } limits[] = {
    { SQLITE_LIMIT_LENGTH, MAX_ROW_BYTES },
    { SQLITE_LIMIT_SQL_LENGTH, 8192 },
    { SQLITE_LIMIT_COLUMN, 64 },
    { SQLITE_LIMIT_EXPR_DEPTH, 16 },
    { SQLITE_LIMIT_COMPOUND_SELECT, 2 },
    { SQLITE_LIMIT_VDBE_OP, 10000 },
    { SQLITE_LIMIT_FUNCTION_ARG, 4 },
    { SQLITE_LIMIT_ATTACHED, 0 },
    { SQLITE_LIMIT_VARIABLE_NUMBER, 8 },
    { SQLITE_LIMIT_TRIGGER_DEPTH, 1 },
    { SQLITE_LIMIT_WORKER_THREADS, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (off); i++)
    sqlite3_db_config (db, off[i], 0, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    sqlite3_limit (db, limits[i].id, limits[i].value);
  sqlite3_busy_timeout (db, BUSY_TIMEOUT_MS);
  sqlite3_exec (db, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0; PRAGMA query_only=ON", NULL,
                NULL, NULL);
  /* SQLite refuses a file that lacks its end, unless it is told to let its schema be mended.  The
   * file is open for reading alone. */
  if (is_short)
    sqlite3_exec (db, "PRAGMA writable_schema=ON", NULL, NULL, NULL);
  else
    sqlite3_db_config (db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_set_authorizer (db, authorize_cb, NULL);
}

/* Whether a file has fewer bytes than it says.  While nobody commits to it: in the midst of that
 * the one is ahead of the other. */
static gboolean
find_is_short (sqlite3 *db)
{
  static const char lock[] = "BEGIN; SELECT type FROM sqlite_master";
  IlSessionHeader header = { 0 };
  gint64 size;

  /* What is wrong is said by whoever reads it in earnest. */
  harden (db, TRUE);
  return sqlite3_exec (db, lock, NULL, NULL, NULL) == SQLITE_OK && read_header (db, &header, &size)
         && size < (gint64)header.n_pages * header.page_size;
}

static gboolean
check_path (const char *path, GError **error)
{
  struct stat status;

  if (stat (path, &status) < 0)
    return refuse (error, path, IL_SESSION_ERROR_IO, g_strerror (errno));
  if (S_ISDIR (status.st_mode))
    return refuse (error, path, IL_SESSION_ERROR_FOREIGN, _ ("this is a folder, not a session"));
  if (!S_ISREG (status.st_mode))
    return refuse (error, path, IL_SESSION_ERROR_FOREIGN, _ ("this is not an ordinary file"));
  if (status.st_size == 0)
    return refuse (error, path, IL_SESSION_ERROR_FOREIGN, _ ("the file is empty"));
  return TRUE;
}

/* What can be said of a file before its tables are looked at. */
static gboolean
check_file (const char *path, gboolean *is_short, GError **error)
{
  sqlite3 *db = NULL;
  gboolean is_right = FALSE;
  int result;

  if (!check_path (path, error))
    return FALSE;
  result = sqlite3_open_v2 (
      path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
  if (result != SQLITE_OK)
    il_session_set_sqlite_error (error, db, sqlite3_extended_errcode (db), path);
  else
    is_right = check_header (db, path, error);
  if (is_right)
    *is_short = find_is_short (db);
  sqlite3_close (db);
  return is_right;
}

/* A journal may name another file that SQLite then deletes: ours never do. */
static gboolean
journal_is_ours (const char *path)
{
  static const guint8 magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  guint8 tail[sizeof magic] = { 0 };
  struct stat status;
  gssize n_read = -1;
  int fd = open (journal, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return FALSE;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size >= (gint64)sizeof tail)
    n_read = pread (fd, tail, sizeof tail, status.st_size - (gint64)sizeof tail);
  close (fd);
  return n_read == (gssize)sizeof tail && memcmp (tail, magic, sizeof magic) != 0;
}

/* The recorder was killed within the milliseconds of a commit.  What it had begun to overwrite is
 * in the journal; a connection that may write puts it back. */
static gboolean
roll_back (const char *path, GError **error)
{
  sqlite3 *db = NULL;
  int result;

  if (!journal_is_ours (path))
    return refuse (error, path, IL_SESSION_ERROR_DAMAGED, _ ("its journal is damaged"));
  result = sqlite3_open_v2 (
      path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);
  if (result == SQLITE_OK && sqlite3_db_readonly (db, "main") == 1)
    result = SQLITE_READONLY;
  if (result == SQLITE_OK)
    {
      sqlite3_busy_timeout (db, BUSY_TIMEOUT_MS);
      result = sqlite3_exec (db, "PRAGMA schema_version", NULL, NULL, NULL);
    }
  sqlite3_close (db);
  if (result != SQLITE_OK)
    return refuse (error, path, IL_SESSION_ERROR_IO,
                   _ ("its recorder was killed while it wrote; to open it, copy it to where it may "
                      "be written, together with the file of the same name with “-journal”"));
  return TRUE;
}

static int
connect_to (IlSessionReader *reader)
{
  int result = sqlite3_open_v2 (
      reader->path, &reader->db,
      SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL);

  if (result != SQLITE_OK)
    return result;
  harden (reader->db, reader->is_short);
  return sqlite3_exec (reader->db, "SELECT type FROM sqlite_master", NULL, NULL, NULL);
}

/* Our tables, and nothing else by their names. */
static gboolean
check_schema (IlSessionReader *reader, GError **error)
{
  static const char *const query
      = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?";

  for (guint i = 0; i < IL_SESSION_N_TABLES; i++)
    {
      sqlite3_stmt *statement = il_session_reader_prepare (reader, query, error);
      const char *sql = NULL;
      gboolean is_right;

      if (statement == NULL)
        return FALSE;
      sqlite3_bind_text (statement, 1, il_session_tables[i].name, -1, SQLITE_STATIC);
      if (sqlite3_step (statement) == SQLITE_ROW)
        sql = il_session_reader_get_text (statement, 0, 4096);
      is_right = sql != NULL ? strcmp (sql, il_session_tables[i].sql) == 0
                             : il_session_tables[i].is_optional;
      sqlite3_finalize (statement);
      if (!is_right)
        return il_session_reader_damaged (reader, error,
                                          _ ("its tables are not those of a session"));
    }
  return TRUE;
}

/**
 * il_session_reader_open:
 * @reader: (out): to be closed also where this fails
 *
 * Opens a file for reading, as far as it is one of ours.
 */
gboolean
il_session_reader_open (IlSessionReader *reader, const char *path, GError **error)
{
  int result;

  *reader = (IlSessionReader){ .path = g_canonicalize_filename (path, NULL) };
  if (!check_file (reader->path, &reader->is_short, error))
    return FALSE;
  result = connect_to (reader);
  if (result != SQLITE_OK && sqlite3_extended_errcode (reader->db) == SQLITE_READONLY_ROLLBACK)
    {
      g_clear_pointer (&reader->db, sqlite3_close);
      if (!roll_back (reader->path, error) || !check_file (reader->path, &reader->is_short, error))
        return FALSE;
      result = connect_to (reader);
    }
  if (result != SQLITE_OK)
    {
      il_session_set_sqlite_error (error, reader->db, sqlite3_extended_errcode (reader->db),
                                   reader->path);
      return FALSE;
    }
  return check_schema (reader, error);
}

/**
 * il_session_reader_close:
 *
 * Closes the file.
 */
void
il_session_reader_close (IlSessionReader *reader)
{
  g_clear_pointer (&reader->db, sqlite3_close);
  g_clear_pointer (&reader->path, g_free);
}

/**
 * il_session_reader_exec:
 *
 * Runs a statement that gives no rows.
 */
gboolean
il_session_reader_exec (IlSessionReader *reader, const char *sql, GError **error)
{
  int result = sqlite3_exec (reader->db, sql, NULL, NULL, NULL);

  if (result != SQLITE_OK)
    il_session_set_sqlite_error (error, reader->db, sqlite3_extended_errcode (reader->db),
                                 reader->path);
  return result == SQLITE_OK;
}

/**
 * il_session_reader_prepare:
 *
 * Returns: (transfer full) (nullable): a statement, NULL with an error
 */
sqlite3_stmt *
il_session_reader_prepare (IlSessionReader *reader, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (reader->db, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      il_session_set_sqlite_error (error, reader->db, sqlite3_extended_errcode (reader->db),
                                   reader->path);
      return NULL;
    }
  return statement;
}

/**
 * il_session_reader_step:
 *
 * Returns: TRUE with a row; FALSE at the end, and with an error where there was one
 */
gboolean
il_session_reader_step (IlSessionReader *reader, sqlite3_stmt *statement, GError **error)
{
  int result = sqlite3_step (statement);

  if (result != SQLITE_ROW && result != SQLITE_DONE)
    il_session_set_sqlite_error (error, reader->db, sqlite3_extended_errcode (reader->db),
                                 reader->path);
  return result == SQLITE_ROW;
}

/**
 * il_session_reader_get_int:
 * @value: (out)
 *
 * Returns: FALSE where the column is not an integer from @min to @max
 */
gboolean
il_session_reader_get_int (sqlite3_stmt *statement, int column, gint64 min, gint64 max,
                           gint64 *value)
{
  if (sqlite3_column_type (statement, column) != SQLITE_INTEGER)
    return FALSE;
  *value = sqlite3_column_int64 (statement, column);
  return *value >= min && *value <= max;
}

/**
 * il_session_reader_get_text:
 *
 * Returns: (transfer none) (nullable): valid until the next step; NULL where the column is not a
 *   text in UTF-8 of at most @max_size bytes
 */
const char *
il_session_reader_get_text (sqlite3_stmt *statement, int column, gsize max_size)
{
  const char *text;
  gsize size;

  if (sqlite3_column_type (statement, column) != SQLITE_TEXT)
    return NULL;
  text = (const char *)sqlite3_column_text (statement, column);
  size = (gsize)sqlite3_column_bytes (statement, column);
  return text != NULL && size <= max_size && g_utf8_validate (text, (gssize)size, NULL) ? text
                                                                                        : NULL;
}
