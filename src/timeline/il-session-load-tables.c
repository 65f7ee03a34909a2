/* il-session-load-tables.c - facts, lanes and objects of a session file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-load-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#define MAX_META_KEY 256
#define MAX_META_VALUE (1 << 20)

/* The text in a column, which is there as it is or as a frame of zstd; NULL where it is neither. */
static char *
dup_value (sqlite3_stmt *statement, int column)
{
  unsigned long long size;
  gconstpointer data;
  gsize n_data;
  char *value;

  if (sqlite3_column_type (statement, column) != SQLITE_BLOB)
    return g_strdup (il_session_reader_get_text (statement, column, MAX_META_VALUE));
  data = sqlite3_column_blob (statement, column);
  n_data = (gsize)sqlite3_column_bytes (statement, column);
  if (data == NULL)
    return NULL;
  /* What says nothing of its size, or is no frame, says more than that. */
  size = ZSTD_getFrameContentSize (data, n_data);
  if (size > MAX_META_VALUE)
    return NULL;
  value = g_malloc0 (size + 1);
  if (ZSTD_decompress (value, size, data, n_data) == size
      && g_utf8_validate (value, (gssize)size, NULL))
    return value;
  g_free (value);
  return NULL;
}

gboolean
il_session_load_meta (IlSessionLoad *load, IlSession *session, GError **error)
{
  GError *problem = NULL;
  sqlite3_stmt *statement
      = il_session_reader_prepare (&load->reader, "SELECT key, value FROM meta", error);

  if (statement == NULL)
    return FALSE;
  while (il_session_reader_step (&load->reader, statement, &problem))
    {
      const char *key = il_session_reader_get_text (statement, 0, MAX_META_KEY);
      g_autofree char *value = dup_value (statement, 1);

      /* The recording itself needs none of them. */
      if (key == NULL || value == NULL)
        il_session_set_damage (session, _ ("its table of facts is damaged"));
      else
        il_session_set_meta (session, key, value);
    }
  sqlite3_finalize (statement);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

/* Compares the tables with their checksums, where the file has them and all of it is there. */
gboolean
il_session_load_check_sums (IlSessionLoad *load, IlSession *session, GError **error)
{
  const char *const damages[]
      = { _ ("its table of facts is damaged"), _ ("its table of lanes is damaged"),
          _ ("its table of objects is damaged") };
  g_autofree char *told = il_session_dup_meta (session, IL_SESSION_META_SUMS);
  g_autofree char *found = NULL;
  int result;

  il_session_set_meta (session, IL_SESSION_META_SUMS, NULL);
  if (told == NULL || load->reader.is_short)
    return TRUE;
  result = il_session_sum_tables (load->reader.db, &found);
  if (result != SQLITE_OK)
    {
      il_session_set_sqlite_error (error, load->reader.db, result, load->reader.path);
      return FALSE;
    }
  /* Nine characters each; one that is not of this form is a fact that is damaged. */
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    if (strlen (told) != strlen (found) || strncmp (told + 9 * i, found + 9 * i, 8) != 0)
      {
        il_session_set_damage (session, damages[i]);
        break;
      }
  return TRUE;
}

/* A row of the table of lanes. */
static gboolean
get_lane (sqlite3_stmt *statement, gint64 *number, IlLaneInfo *info)
{
  gint64 kind, role, scheduler, worker, pid, tid, parameter;

  if (!il_session_reader_get_int (statement, 0, 0, IL_SESSION_MAX_LANES, number)
      || !il_session_reader_get_int (statement, 1, IL_LANE_THREAD, IL_LANE_CORE, &kind)
      || !il_session_reader_get_int (statement, 2, 0, IL_LANE_ROLE_CARRIER, &role)
      || !il_session_reader_get_int (statement, 3, 0, IL_SCHEDULER_CARRIER, &scheduler)
      || !il_session_reader_get_int (statement, 4, 0, G_MAXUINT32, &worker)
      || !il_session_reader_get_int (statement, 5, G_MININT32, G_MAXINT32, &pid)
      || !il_session_reader_get_int (statement, 6, G_MININT32, G_MAXINT32, &tid)
      || !il_session_reader_get_int (statement, 7, G_MININT64, G_MAXINT64, &parameter))
    return FALSE;
  info->kind = (IlLaneKind)kind;
  info->role = (IlLaneRole)role;
  info->scheduler = (IlSchedulerSource)scheduler;
  info->number = (guint32)worker;
  info->pid = (gint32)pid;
  info->tid = (gint32)tid;
  info->parameter = (guint64)parameter;
  info->name = il_session_reader_get_text (statement, 8, IL_SESSION_MAX_NAME);
  info->process_name = il_session_reader_get_text (statement, 9, IL_SESSION_MAX_NAME);
  return info->name != NULL
         && (info->process_name != NULL || sqlite3_column_type (statement, 9) == SQLITE_NULL);
}

static gboolean
add_object (IlSessionLoad *load, IlTimelineBuilder *builder, sqlite3_stmt *statement,
            GError **error)
{
  const char *name = il_session_reader_get_text (statement, 2, IL_SESSION_MAX_NAME);
  gint64 object, kind, parameter;

  if (il_session_reader_get_int (statement, 0, 1, IL_RECORD_OBJECT_MAX, &object)
      && il_session_reader_get_int (statement, 1, IL_OBJECT_KIND_LOCK, IL_OBJECT_KIND_TITLE, &kind)
      && name != NULL
      && il_session_reader_get_int (statement, 3, G_MININT64, G_MAXINT64, &parameter)
      && il_timeline_builder_add_object (builder, (guint32)object, (IlTimelineObjectKind)kind, name,
                                         (guint64)parameter))
    return TRUE;
  return il_session_reader_damaged (&load->reader, error, _ ("its table of objects is damaged"));
}

/* Lanes come with the numbers they have; in between, objects take theirs as they did when the file
 * was written. */
static gboolean
merge_lanes (IlSessionLoad *load, IlTimelineBuilder *builder, IlTimeline *timeline,
             sqlite3_stmt *lanes, sqlite3_stmt *objects, GError **error)
{
  GError *problem = NULL;
  gboolean has_lane = il_session_reader_step (&load->reader, lanes, &problem);
  gboolean has_object
      = problem == NULL && il_session_reader_step (&load->reader, objects, &problem);

  while (problem == NULL && (has_lane || has_object))
    {
      guint n_lanes = il_timeline_get_n_lanes (timeline);
      IlLaneInfo info = { 0 };
      gint64 number = -1;
      guint8 has_records;

      if (n_lanes >= IL_SESSION_MAX_LANES
          || (has_lane && (!get_lane (lanes, &number, &info) || number < n_lanes))
          || (!has_object && number != n_lanes))
        return il_session_reader_damaged (&load->reader, error,
                                          _ ("its table of lanes is damaged"));
      if (number == n_lanes)
        {
          il_timeline_builder_add_lane (builder, &info);
          has_lane = il_session_reader_step (&load->reader, lanes, &problem);
        }
      else
        {
          if (!add_object (load, builder, objects, error))
            return FALSE;
          has_object = il_session_reader_step (&load->reader, objects, &problem);
        }
      has_records = number == n_lanes;
      if (il_timeline_get_n_lanes (timeline) > n_lanes)
        g_byte_array_append (load->lanes, &has_records, 1);
    }
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}

gboolean
il_session_load_lanes (IlSessionLoad *load, IlTimelineBuilder *builder, IlTimeline *timeline,
                       GError **error)
{
  sqlite3_stmt *lanes = il_session_reader_prepare (
      &load->reader,
      "SELECT number, kind, role, scheduler, worker, pid, tid, parameter, name, process FROM lanes "
      "NOT INDEXED ORDER BY number",
      error);
  sqlite3_stmt *objects
      = lanes == NULL ? NULL
                      : il_session_reader_prepare (&load->reader,
                                                   "SELECT object, kind, name, parameter FROM "
                                                   "objects NOT INDEXED ORDER BY position",
                                                   error);
  gboolean is_right
      = objects != NULL && merge_lanes (load, builder, timeline, lanes, objects, error);

  sqlite3_finalize (lanes);
  sqlite3_finalize (objects);
  return is_right;
}
