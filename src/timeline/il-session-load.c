/* il-session-load.c - a session from its file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <unistd.h>
#include <zstd.h>

#include "il-record-codec.h"
#include "il-session-reader-private.h"

#define MAX_META_KEY 256
#define MAX_META_VALUE (1 << 20)
#define MAX_TAIL_CHUNKS (1 << 16)
#define CHUNK_COLUMNS "id, begin_ns, end_ns, n_records, data"
#define MAX_READY 4                  /* decoded batches that wait for the builder */
#define TIMELINE_BYTES_PER_RECORD 16 /* about what a record takes in memory in the end */

/*
 * Roles     The loading thread builds the timeline; another one reads and decodes ahead of it.
 * Lock      mutex guards what stands below it, and nests inside nothing.
 * Edges     condition: a batch is ready, the reading has ended, or the builder made room or
 * stopped. reader and lanes are the other thread's from its begin to its end. Checked
 * tests/session/test-session.c, also built with -Db_sanitize=thread.
 */
typedef struct
{
  IlSessionReader reader;
  GByteArray *lanes;      /* by number: 1 where it is a thread's or core's, and may have records */
  IlTimelineFunc prepare; /* NULL: nothing to do */
  gpointer prepare_data;
  gint64 last_chunk; /* what was there when the loading began, but for the tail */
  GPtrArray *tail;   /* of TailChunk */
  guint n_batches;   /* the other thread's */

  pthread_mutex_t mutex;
  pthread_cond_t condition;
  GQueue ready; /* of IlBatch */
  gboolean ended;
  gboolean stopped;
  gboolean cut_off;
  GError *error;
} Load;

/* A small chunk that may be replaced while the others are read. */
typedef struct
{
  gint64 id;
  IlBatch *batch;
} TailChunk;

static void
free_tail_chunk (gpointer data)
{
  TailChunk *chunk = data;

  il_batch_unref (chunk->batch);
  g_free (chunk);
}

/* --- Tables --- */

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

static gboolean
load_meta (Load *load, IlSession *session, GError **error)
{
  GError *problem = NULL;
  sqlite3_stmt *statement
      = il_session_reader_prepare (&load->reader, "SELECT key, value FROM meta", error);
  gboolean is_right = statement != NULL;

  while (is_right && il_session_reader_step (&load->reader, statement, &problem))
    {
      const char *key = il_session_reader_get_text (statement, 0, MAX_META_KEY);
      g_autofree char *value = dup_value (statement, 1);

      if (key == NULL || value == NULL)
        is_right
            = il_session_reader_damaged (&load->reader, error, _ ("its table of facts is damaged"));
      else
        il_session_set_meta (session, key, value);
    }
  sqlite3_finalize (statement);
  if (problem != NULL)
    g_propagate_error (error, problem);
  return is_right && problem == NULL;
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
add_object (Load *load, IlTimelineBuilder *builder, sqlite3_stmt *statement, GError **error)
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
merge_lanes (Load *load, IlTimelineBuilder *builder, IlTimeline *timeline, sqlite3_stmt *lanes,
             sqlite3_stmt *objects, GError **error)
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

static gboolean
load_lanes (Load *load, IlTimelineBuilder *builder, IlTimeline *timeline, GError **error)
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

/* --- Chunks --- */

static gboolean
chunk_damaged (Load *load, gint64 id, const char *what, GError **error)
{
  g_autofree char *shown = g_filename_display_name (load->reader.path);

  g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED,
               /* Translators: a path, a number, and what is wrong with the part */
               _ ("%s: part %lld of the recording is damaged: %s"), shown, (long long)id, what);
  return FALSE;
}

static gboolean
check_batch (Load *load, sqlite3_stmt *statement, const IlBatch *batch, const char **what)
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
decode_chunk (Load *load, sqlite3_stmt *statement, GError **error)
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
find_last_chunk (Load *load, GError **error)
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
load_tail (Load *load, GError **error)
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
      TailChunk *chunk = g_new0 (TailChunk, 1);

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

static gboolean
find_chunks (Load *load, GError **error)
{
  /* Of a file without its end the last one is among what is missing; and nobody writes to it. */
  load->last_chunk = G_MAXINT64;
  return load->reader.is_short || (find_last_chunk (load, error) && load_tail (load, error));
}

/* All but the whole chunks, in one transaction, so that they belong together even if the file is
 * being written right now. */
static gboolean
load_tables (Load *load, IlSession *session, IlTimelineBuilder *builder, GError **error)
{
  return il_session_reader_exec (&load->reader, "BEGIN", error) && load_meta (load, session, error)
         && load_lanes (load, builder, il_session_get_timeline (session), error)
         && find_chunks (load, error) && il_session_reader_exec (&load->reader, "COMMIT", error);
}

/* Hands a batch to the builder once there is room.  FALSE where nobody wants it any more. */
static gboolean
hand_over (Load *load, IlBatch *batch)
{
  gboolean stopped;

  pthread_mutex_lock (&load->mutex);
  while (!load->stopped && g_queue_get_length (&load->ready) >= MAX_READY)
    pthread_cond_wait (&load->condition, &load->mutex);
  stopped = load->stopped;
  if (!stopped)
    g_queue_push_tail (&load->ready, batch);
  pthread_cond_signal (&load->condition);
  pthread_mutex_unlock (&load->mutex);
  if (stopped)
    il_batch_unref (batch);
  return !stopped;
}

static guint64
max_records (void)
{
  guint64 pages = (guint64)MAX (0, sysconf (_SC_PHYS_PAGES));

  return pages * (guint64)MAX (0, sysconf (_SC_PAGESIZE)) / TIMELINE_BYTES_PER_RECORD;
}

/* The next whole chunk after one of the given number, as a batch; NULL with neither batch nor error
 * at the end.  One statement each, so that the file is not kept locked. */
static IlBatch *
read_chunk (Load *load, gint64 *id, GError **error)
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
static IlBatch *
next_batch (Load *load, gint64 *id, guint *n_of_tail, GError **error)
{
  GError *problem = NULL;
  IlBatch *batch = *n_of_tail == 0 ? read_chunk (load, id, &problem) : NULL;

  if (batch == NULL && problem == NULL && *n_of_tail < load->tail->len)
    {
      TailChunk *chunk = g_ptr_array_index (load->tail, (*n_of_tail)++);

      *id = chunk->id;
      batch = g_steal_pointer (&chunk->batch);
    }
  if (problem != NULL)
    g_propagate_error (error, problem);
  return batch;
}

/* It follows those before it, and there is memory for it. */
static gboolean
check_next (Load *load, const IlBatch *batch, gint64 id, gint64 earliest_ns, guint64 n_left,
            GError **error)
{
  if (il_batch_get_begin (batch) < earliest_ns)
    return chunk_damaged (load, id, _ ("its time or size is not what the table says"), error);
  if (il_batch_get_n_records (batch) > n_left)
    return il_session_reader_damaged (&load->reader, error,
                                      _ ("it has more events than this machine's memory can hold"));
  return TRUE;
}

static void *
decoder_thread (void *data)
{
  Load *load = data;
  guint64 n_left = max_records ();
  gint64 id = G_MININT64, earliest_ns = G_MININT64;
  guint n_of_tail = 0;
  GError *error = NULL;
  gboolean wanted = TRUE;

  while (wanted)
    {
      IlBatch *batch = next_batch (load, &id, &n_of_tail, &error);

      if (batch == NULL)
        break;
      if (!check_next (load, batch, id, earliest_ns, n_left, &error))
        {
          il_batch_unref (batch);
          break;
        }
      earliest_ns = il_batch_get_end (batch);
      n_left -= il_batch_get_n_records (batch);
      load->n_batches++;
      wanted = hand_over (load, batch);
    }

  pthread_mutex_lock (&load->mutex);
  /* A file without its end is read as far as it goes. */
  load->cut_off = load->reader.is_short;
  if (load->reader.is_short)
    g_clear_error (&error);
  load->error = error;
  load->ended = TRUE;
  pthread_cond_signal (&load->condition);
  pthread_mutex_unlock (&load->mutex);
  return NULL;
}

/* NULL at the end. */
static IlBatch *
take_ready (Load *load)
{
  IlBatch *batch;

  pthread_mutex_lock (&load->mutex);
  while (g_queue_is_empty (&load->ready) && !load->ended)
    pthread_cond_wait (&load->condition, &load->mutex);
  batch = g_queue_pop_head (&load->ready);
  pthread_cond_signal (&load->condition);
  pthread_mutex_unlock (&load->mutex);
  return batch;
}

static gboolean
load_chunks (Load *load, IlTimelineBuilder *builder, GCancellable *cancellable, GError **error)
{
  pthread_t thread;
  gboolean cancelled = FALSE;
  IlBatch *batch;
  int result = pthread_create (&thread, NULL, decoder_thread, load);

  if (result != 0)
    {
      g_set_error_literal (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO, g_strerror (result));
      return FALSE;
    }
  while ((batch = take_ready (load)) != NULL)
    {
      cancelled = g_cancellable_is_cancelled (cancellable);
      if (!cancelled)
        il_timeline_builder_add_batch (builder, batch);
      il_batch_unref (batch);
      if (cancelled)
        break;
    }
  pthread_mutex_lock (&load->mutex);
  load->stopped = TRUE;
  pthread_cond_signal (&load->condition);
  pthread_mutex_unlock (&load->mutex);
  pthread_join (thread, NULL);
  while ((batch = g_queue_pop_head (&load->ready)) != NULL)
    il_batch_unref (batch);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (load->cut_off && load->n_batches == 0)
    return il_session_reader_damaged (&load->reader, error,
                                      _ ("its end is missing, and nothing of the recording is "
                                         "left in it"));
  if (load->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&load->error));
  return FALSE;
}

static IlSession *
load_session (Load *load, GCancellable *cancellable, GError **error)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = il_session_new (timeline);
  g_autofree char *closed = NULL;

  if (load->prepare != NULL)
    load->prepare (timeline, load->prepare_data);
  if (!load_tables (load, session, builder, error)
      || !load_chunks (load, builder, cancellable, error))
    return NULL;
  closed = il_session_dup_meta (session, IL_SESSION_META_CLOSED);
  il_session_set_meta (session, IL_SESSION_META_CLOSED, NULL);
  il_session_set_cut_off (session, load->cut_off || g_strcmp0 (closed, "1") != 0);
  return g_steal_pointer (&session);
}

/**
 * il_session_load_with:
 * @path: a session file, or what is taken for one
 * @prepare: (nullable): called first, on the same thread, with the empty timeline
 * @data: for @prepare
 * @cancellable: (nullable)
 *
 * Reads a session file, also one that is being recorded or that was cut off: as far as it goes.
 *
 * Takes its time: not for the main thread.
 *
 * Returns: (transfer full): NULL with an error of one line that names the file
 */
IlSession *
il_session_load_with (const char *path, IlTimelineFunc prepare, gpointer data,
                      GCancellable *cancellable, GError **error)
{
  Load load = { .lanes = g_byte_array_new (),
                .prepare = prepare,
                .prepare_data = data,
                .tail = g_ptr_array_new_with_free_func (free_tail_chunk) };
  IlSession *session = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  pthread_mutex_init (&load.mutex, NULL);
  pthread_cond_init (&load.condition, NULL);
  g_queue_init (&load.ready);
  if (il_session_reader_open (&load.reader, path, error))
    session = load_session (&load, cancellable, error);
  il_session_reader_close (&load.reader);
  pthread_cond_destroy (&load.condition);
  pthread_mutex_destroy (&load.mutex);
  g_clear_error (&load.error);
  g_byte_array_unref (load.lanes);
  g_ptr_array_unref (load.tail);
  return session;
}

/**
 * il_session_load:
 *
 * Does what il_session_load_with() does, with nothing to prepare.
 *
 * Returns: (transfer full): NULL with an error of one line that names the file
 */
IlSession *
il_session_load (const char *path, GCancellable *cancellable, GError **error)
{
  return il_session_load_with (path, NULL, NULL, cancellable, error);
}
