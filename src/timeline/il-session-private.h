/* il-session-private.h - what the session file's writer and loader agree on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session file is an SQLite database.  The header of the database says whose it is:
 *
 *   application_id   IL_SESSION_APPLICATION_ID, at offset 68 of the file, big-endian
 *   user_version     IL_SESSION_FORMAT, at offset 60: goes up with each change that a reader of the
 *                    old format could misunderstand; a reader refuses what is newer than itself
 *
 * Its tables are created by exactly the statements of il_session_tables; a reader compares the
 * text.
 *
 *   meta       facts of the session by key, see il-session.h: texts, or where they are long blobs
 *              that are their texts as frames of zstd.  "closed" is "1" once the writer has ended
 *              in good order; a file without it is being recorded, or was cut off.
 *              "sums" are the checksums of this table, lanes and objects, see il-session-sums.c;
 *              written when the file is closed, and missing in those of earlier versions.
 *   lanes      threads and cores, by their number in the timeline
 *   objects    locks, semaphores, queues, kinds of tasks and counters, in the order of their
 *              creation, which decides about the number of the lane that some of them get: the
 *              lowest one that no row of lanes has taken
 *   chunks     the records of all lanes in [begin_ns, end_ns), encoded as in il-record-codec.c.
 *              Chunks follow one another in the order of their rowid without overlap.  Those from
 *              IL_SESSION_TAIL on are small ones, which the writer replaces by a whole one with a
 *              lower number when there is enough for it, all at once.
 *   notes, bookmarks   of the user; not there until there is one
 *
 * Sidecar files: none at rest.  While a transaction is being committed, some milliseconds of each
 * second, there is a rollback journal.
 */

#pragma once

#include "il-session.h"

#include <sqlite3.h>

G_BEGIN_DECLS

#define IL_SESSION_APPLICATION_ID 0x494c5631 /* "ILV1" */
#define IL_SESSION_FORMAT 3
#define IL_SESSION_OLDEST_FORMAT 2    /* that is read; the first one was never released */
#define IL_SESSION_TAIL 1099511627776 /* 2^40 */
#define IL_SESSION_META_CLOSED "closed"
#define IL_SESSION_META_SUMS "sums"

/* Numbers that no session reaches and that a damaged file must not make us believe. */
#define IL_SESSION_MAX_LANES (1u << 20)
#define IL_SESSION_MAX_NAME 1024

typedef struct
{
  const char *name;
  const char *sql;
  gboolean is_optional; /* made with its first row */
} IlSessionTable;

#define IL_SESSION_N_TABLES 6
extern const IlSessionTable il_session_tables[IL_SESSION_N_TABLES] G_GNUC_INTERNAL;

/* What the first bytes of a file say. */
#define IL_SESSION_HEADER_SIZE 100
typedef struct
{
  guint32 format;
  guint32 page_size;
  guint32 n_pages;
  gboolean has_log; /* is in SQLite's write-ahead mode, which we never write */
} IlSessionHeader;

int il_session_create_file (const char *path, GError **error) G_GNUC_INTERNAL;
void il_session_release_file (int fd) G_GNUC_INTERNAL;
gboolean il_session_is_being_written (const char *path) G_GNUC_INTERNAL;
gboolean il_session_parse_header (const guint8 *bytes, IlSessionHeader *header) G_GNUC_INTERNAL;
void il_session_set_sqlite_error (GError **error, sqlite3 *db, int result,
                                  const char *path) G_GNUC_INTERNAL;

void il_session_writer_set_flush_interval (IlSessionWriter *writer,
                                           gint64 interval_ns) G_GNUC_INTERNAL;
void il_session_writer_set_chunk_records (IlSessionWriter *writer, gsize n_records) G_GNUC_INTERNAL;
void il_session_writer_set_max_backlog (IlSessionWriter *writer, gsize n_bytes) G_GNUC_INTERNAL;
gint64 il_session_writer_get_written_end (IlSessionWriter *writer) G_GNUC_INTERNAL;
int il_session_sum_tables (sqlite3 *db, char **sums) G_GNUC_INTERNAL;
void il_session_set_damage (IlSession *session, const char *what) G_GNUC_INTERNAL;
void il_session_set_ending (IlSession *session, IlSessionEnding ending) G_GNUC_INTERNAL;

G_END_DECLS
