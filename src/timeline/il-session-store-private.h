/* il-session-store-private.h - the rows of a session file that is being written
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session-chunks-private.h"
#include "il-session-private.h"

G_BEGIN_DECLS

typedef enum
{
  IL_SESSION_FACT_META,
  IL_SESSION_FACT_LANE,
  IL_SESSION_FACT_OBJECT,
  IL_SESSION_FACT_NAME, /* of an object that was written before */
} IlSessionFactKind;

/* A row of the tables of facts, lanes or objects. */
typedef struct
{
  IlSessionFactKind kind;
  char *key;   /* of META; NAME of the others */
  char *value; /* of META; the name of a lane's process */
  IlLaneInfo lane;
  guint32 number; /* of a lane or an object */
  IlTimelineObjectKind object_kind;
  guint64 parameter;
} IlSessionFact;

typedef struct
{
  const char *path;
  sqlite3 *db;
  gint64 last_chunk, last_of_tail; /* the numbers of the last rows */
  GHashTable *objects;             /* object → its row */
} IlSessionStore;

gboolean il_session_store_open (IlSessionStore *store, const char *path,
                                GError **error) G_GNUC_INTERNAL;
void il_session_store_close (IlSessionStore *store) G_GNUC_INTERNAL;
int il_session_store_write (IlSessionStore *store, const GPtrArray *facts,
                            const IlSessionChunks *chunks, gboolean is_last) G_GNUC_INTERNAL;
void il_session_store_shrink (IlSessionStore *store) G_GNUC_INTERNAL;

G_END_DECLS
