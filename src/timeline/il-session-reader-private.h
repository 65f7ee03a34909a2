/* il-session-reader-private.h - the rows of a session file, none of them believed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session-private.h"

G_BEGIN_DECLS

typedef struct
{
  char *path;
  sqlite3 *db;
  gboolean is_short; /* the file has fewer bytes than it says, so its end was cut off */
} IlSessionReader;

gboolean il_session_reader_open (IlSessionReader *reader, const char *path,
                                 GError **error) G_GNUC_INTERNAL;
void il_session_reader_close (IlSessionReader *reader) G_GNUC_INTERNAL;
gboolean il_session_reader_exec (IlSessionReader *reader, const char *sql,
                                 GError **error) G_GNUC_INTERNAL;
sqlite3_stmt *il_session_reader_prepare (IlSessionReader *reader, const char *sql,
                                         GError **error) G_GNUC_INTERNAL;
gboolean il_session_reader_step (IlSessionReader *reader, sqlite3_stmt *statement,
                                 GError **error) G_GNUC_INTERNAL;
gboolean il_session_reader_get_int (sqlite3_stmt *statement, int column, gint64 min, gint64 max,
                                    gint64 *value) G_GNUC_INTERNAL;
const char *il_session_reader_get_text (sqlite3_stmt *statement, int column,
                                        gsize max_size) G_GNUC_INTERNAL;
gboolean il_session_reader_damaged (IlSessionReader *reader, GError **error,
                                    const char *what) G_GNUC_INTERNAL;

G_END_DECLS
