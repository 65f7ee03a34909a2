/* il-session.c - a session in memory: its timeline and the facts about it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session.h"

#include <pthread.h>
#include <stdatomic.h>

#include "il-session-private.h"

/*
 * Roles     Any thread calls anything.
 * Lock      mutex guards meta, and nests inside nothing.  The rest is constant once
 *           the session is handed out.
 * Checked   tests/session/test-session.c, also built with -Db_sanitize=thread.
 */
struct _IlSession
{
  _Atomic guint n_references;
  IlTimeline *timeline;
  IlSessionEnding ending;
  const char *damage; /* translated, NULL: none found */
  pthread_mutex_t mutex;
  GHashTable *meta;
};

/* Short, since the file holds them; whoever reads it checks the types anyway. */
const IlSessionTable il_session_tables[IL_SESSION_N_TABLES] = {
  { "meta", "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID", FALSE },
  { "lanes",
    "CREATE TABLE lanes (number INTEGER PRIMARY KEY, kind, role, scheduler, worker, pid, tid, "
    "parameter, name, process)",
    FALSE },
  { "objects", "CREATE TABLE objects (position INTEGER PRIMARY KEY, object, kind, name, parameter)",
    FALSE },
  { "chunks", "CREATE TABLE chunks (id INTEGER PRIMARY KEY, begin_ns, end_ns, n_records, data)",
    FALSE },
  { "notes", "CREATE TABLE notes (id INTEGER PRIMARY KEY, begin_ns, end_ns, lane, text)", TRUE },
  { "bookmarks", "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, time_ns, name)", TRUE },
};

/**
 * il_session_error_quark:
 *
 * The domain of what goes wrong with session files.  Messages are one line, for the user, and name
 * the file.
 */
/* clang-format off */
G_DEFINE_QUARK (il-session-error-quark, il_session_error)
/* clang-format on */

/**
 * il_session_new:
 * @timeline: gets a reference
 *
 * Makes a live session, about which nothing is known yet.
 */
IlSession *
il_session_new (IlTimeline *timeline)
{
  IlSession *session;

  g_return_val_if_fail (timeline != NULL, NULL);

  session = g_new0 (IlSession, 1);
  atomic_init (&session->n_references, 1);
  session->timeline = il_timeline_ref (timeline);
  pthread_mutex_init (&session->mutex, NULL);
  session->meta = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return session;
}

/**
 * il_session_set_ending:
 *
 * Says how the file of a session ends; before anybody else has the session.
 */
void
il_session_set_ending (IlSession *session, IlSessionEnding ending)
{
  session->ending = ending;
}

/**
 * il_session_set_damage:
 * @what: static
 *
 * Says what is wrong with a file that was opened all the same; before anybody else has the session.
 */
void
il_session_set_damage (IlSession *session, const char *what)
{
  session->damage = what;
}

/**
 * il_session_get_damage:
 *
 * Returns: (nullable): what is wrong with the file, as the end of a sentence about it: what can be
 *   read of it is there, and may be wrong.  NULL where nothing is
 */
const char *
il_session_get_damage (IlSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  return session->damage;
}

/**
 * il_session_ref:
 *
 * Takes a reference; any thread.
 */
IlSession *
il_session_ref (IlSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  atomic_fetch_add_explicit (&session->n_references, 1, memory_order_relaxed);
  return session;
}

/**
 * il_session_unref:
 *
 * Gives a reference back; any thread.
 */
void
il_session_unref (IlSession *session)
{
  if (session == NULL)
    return;
  if (atomic_fetch_sub_explicit (&session->n_references, 1, memory_order_acq_rel) != 1)
    return;

  il_timeline_unref (session->timeline);
  g_hash_table_unref (session->meta);
  pthread_mutex_destroy (&session->mutex);
  g_free (session);
}

/**
 * il_session_get_timeline:
 *
 * Returns: (transfer none): as long as the session lives
 */
IlTimeline *
il_session_get_timeline (IlSession *session)
{
  g_return_val_if_fail (session != NULL, NULL);

  return session->timeline;
}

/**
 * il_session_set_meta:
 * @key: one of IL_META_…
 * @value: (nullable): copied; NULL forgets the fact
 *
 * Notes a fact about the session; any thread.
 */
void
il_session_set_meta (IlSession *session, const char *key, const char *value)
{
  g_return_if_fail (session != NULL && key != NULL);

  pthread_mutex_lock (&session->mutex);
  if (value != NULL)
    g_hash_table_replace (session->meta, g_strdup (key), g_strdup (value));
  else
    g_hash_table_remove (session->meta, key);
  pthread_mutex_unlock (&session->mutex);
  if (strcmp (key, IL_META_LOCKS) == 0)
    il_timeline_show_locks (session->timeline, g_strcmp0 (value, "0") != 0);
}

/**
 * il_session_dup_meta:
 * @key: one of IL_META_…
 *
 * Looks a fact up; any thread.
 *
 * Returns: (transfer full) (nullable): NULL where it is not known
 */
char *
il_session_dup_meta (IlSession *session, const char *key)
{
  char *value;

  g_return_val_if_fail (session != NULL && key != NULL, NULL);

  pthread_mutex_lock (&session->mutex);
  value = g_strdup (g_hash_table_lookup (session->meta, key));
  pthread_mutex_unlock (&session->mutex);
  return value;
}

/**
 * il_session_get_ending:
 *
 * Returns: what is at the end of the file that the session came from; of one that came from no file
 *   %IL_SESSION_WHOLE
 */
IlSessionEnding
il_session_get_ending (IlSession *session)
{
  g_return_val_if_fail (session != NULL, IL_SESSION_WHOLE);

  return session->ending;
}
