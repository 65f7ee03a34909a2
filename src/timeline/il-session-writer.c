/* il-session-writer.c - writes a session file while it is being recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "il-session-store-private.h"

#define FLUSH_INTERVAL_NS                                                                          \
  (G_GINT64_CONSTANT (700000000)) /* what a crash can lose, with the rest                          \
                                   */
#define MAX_BACKLOG_BYTES ((gsize)256 << 20)
#define MAX_ENCODED_BYTES ((gsize)8 << 20)
/* Longer than anybody records; the codec's limit is beyond. */
#define MAX_CHUNK_NS (G_GINT64_CONSTANT (1) << 55)

/* Something to be written: one of the two. */
typedef struct
{
  IlSessionFact *fact;
  IlBatch *batch;
} Item;

/*
 * Roles     Any thread adds; the writer's own thread takes, encodes and writes.
 * Lock      mutex guards what stands below it, and nests inside nothing.  It is held for moments:
 *           never while encoding or writing, so that who adds never waits for the disk.
 * Edges     condition: something was added, or the writer is to end.
 * Backlog   What is added and not yet encoded is counted.  Beyond the limit the disk or the machine
 *           is too slow: from then on batches are dropped, all of them, since a file with a hole in
 *           it would tell lies.
 * Errors    The first one stays; nothing is written after it.  What was committed before it is a
 *           whole file that says of itself that it was cut off.
 * Checked   tests/session/test-session.c, also built with -Db_sanitize=thread.
 */
struct _IlSessionWriter
{
  /* constant */
  char *path;
  int lock_fd;
  pthread_t thread;

  pthread_mutex_t mutex;
  pthread_cond_t condition;
  GPtrArray *added; /* of Item */
  gsize backlog_bytes, max_backlog_bytes;
  gint64 end_ns;         /* of the last batch added */
  gint64 written_end_ns; /* of the last one that is safe in the file */
  gint64 cpu_ns;         /* that the thread has used up to its last flush */
  gint64 flush_interval_ns;
  gboolean closing;
  GError *error;
  guint64 n_added;   /* records */
  guint64 n_written; /* of them, that are safe in the file */

  /* the thread's own */
  IlSessionStore store;
  GPtrArray *facts; /* of IlSessionFact, to be written in the next transaction */
  IlSessionChunks chunks;
  gint64 flushed_ns; /* CLOCK_MONOTONIC */
  guint64 n_taken;   /* records, from what was added */
};

static void
free_fact (gpointer data)
{
  IlSessionFact *fact = data;

  if (fact == NULL)
    return;
  g_free (fact->key);
  g_free (fact->value);
  g_free (fact);
}

static void
free_item (gpointer data)
{
  Item *item = data;

  free_fact (item->fact);
  il_batch_unref (item->batch);
  g_free (item);
}

static gint64
read_clock_ns (clockid_t clock)
{
  struct timespec now;

  clock_gettime (clock, &now);
  return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

static gint64
monotonic_ns (void)
{
  return read_clock_ns (CLOCK_MONOTONIC);
}

/* --- The thread --- */

/* Keeps the first error. */
static void
fail (IlSessionWriter *self, GError *error)
{
  pthread_mutex_lock (&self->mutex);
  if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  pthread_mutex_unlock (&self->mutex);
  g_clear_error (&error);
}

static gboolean
has_failed (IlSessionWriter *self)
{
  gboolean failed;

  pthread_mutex_lock (&self->mutex);
  failed = self->error != NULL;
  pthread_mutex_unlock (&self->mutex);
  return failed;
}

/* FALSE where somebody keeps the file locked, so that it is to be tried again. */
static gboolean
try_transaction (IlSessionWriter *self, gboolean is_last)
{
  GError *error = NULL;
  int result = il_session_store_write (&self->store, self->facts, &self->chunks, is_last);

  if (result == SQLITE_OK)
    return TRUE;
  if (result != SQLITE_BUSY || is_last)
    {
      il_session_set_sqlite_error (&error, self->store.db,
                                   sqlite3_extended_errcode (self->store.db), self->path);
      fail (self, error);
    }
  sqlite3_exec (self->store.db, "ROLLBACK", NULL, NULL, NULL);
  return has_failed (self);
}

static gboolean
encode (IlSessionWriter *self, gboolean is_last)
{
  GError *error = NULL;
  gboolean encoded = is_last ? il_session_chunks_encode (&self->chunks, &error)
                             : il_session_chunks_encode_tail (&self->chunks, &error);

  if (!encoded)
    fail (self, error);
  return encoded;
}

static void
flush (IlSessionWriter *self, gboolean is_last)
{
  gsize n_bytes = self->chunks.n_bytes;
  gint64 written_end_ns;

  encode (self, is_last);
  self->flushed_ns = monotonic_ns ();
  written_end_ns = il_session_chunks_get_end (&self->chunks);
  if (!has_failed (self)
      && (self->facts->len > 0 || written_end_ns != G_MININT64 || self->chunks.replaces || is_last)
      && !try_transaction (self, is_last))
    return;
  g_ptr_array_set_size (self->facts, 0);
  il_session_chunks_clear (&self->chunks);
  pthread_mutex_lock (&self->mutex);
  self->cpu_ns = read_clock_ns (CLOCK_THREAD_CPUTIME_ID);
  self->backlog_bytes -= n_bytes;
  if (self->error == NULL)
    {
      /* A flush leaves nothing of what was taken out: what is no whole chunk is in the tail. */
      self->written_end_ns = MAX (self->written_end_ns, written_end_ns);
      self->n_written = self->n_taken;
    }
  pthread_mutex_unlock (&self->mutex);
}

/* Waits until there is something to do, or it is time to flush. */
static GPtrArray *
wait_for_items (IlSessionWriter *self, gboolean *closing, gboolean *is_time)
{
  gboolean has_unwritten = self->facts->len > 0 || self->chunks.n_bytes > 0;
  struct timespec deadline;
  gint64 deadline_ns;
  GPtrArray *items;
  int result = 0;

  pthread_mutex_lock (&self->mutex);
  deadline_ns = self->flushed_ns + self->flush_interval_ns;
  deadline.tv_sec = (time_t)(deadline_ns / 1000000000);
  deadline.tv_nsec = (long)(deadline_ns % 1000000000);
  while (self->added->len == 0 && !self->closing && result != ETIMEDOUT)
    if (has_unwritten)
      result = pthread_cond_timedwait (&self->condition, &self->mutex, &deadline);
    else
      result = pthread_cond_wait (&self->condition, &self->mutex);
  items = self->added;
  self->added = g_ptr_array_new_with_free_func (free_item);
  *closing = self->closing;
  /* The first thing after a rest may wait for what comes after it. */
  if (!has_unwritten)
    self->flushed_ns = MAX (self->flushed_ns, monotonic_ns () - self->flush_interval_ns / 2);
  *is_time = monotonic_ns () >= self->flushed_ns + self->flush_interval_ns;
  pthread_mutex_unlock (&self->mutex);
  return items;
}

static void
take_items (IlSessionWriter *self, GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      Item *item = g_ptr_array_index (items, i);
      GError *error = NULL;

      if (item->fact != NULL)
        {
          g_ptr_array_add (self->facts, g_steal_pointer (&item->fact));
          continue;
        }
      self->n_taken += il_batch_get_n_records (item->batch);
      if (!il_session_chunks_add (&self->chunks, item->batch, &error))
        fail (self, error);
      if (self->chunks.n_encoded_bytes >= MAX_ENCODED_BYTES)
        flush (self, FALSE);
    }
}

static void *
writer_thread (void *data)
{
  IlSessionWriter *self = data;
  gboolean closing = FALSE, is_time = FALSE;

  self->flushed_ns = monotonic_ns ();
  while (!closing)
    {
      g_autoptr (GPtrArray) items = wait_for_items (self, &closing, &is_time);

      take_items (self, items);
      if (!closing && is_time)
        flush (self, FALSE);
    }
  flush (self, TRUE);
  if (!has_failed (self))
    il_session_store_shrink (&self->store);
  return NULL;
}

/* --- The callers' side --- */

static void
free_writer (IlSessionWriter *self)
{
  il_session_store_close (&self->store);
  il_session_release_file (self->lock_fd);
  g_ptr_array_unref (self->added);
  g_ptr_array_unref (self->facts);
  il_session_chunks_finish (&self->chunks);
  g_clear_error (&self->error);
  pthread_cond_destroy (&self->condition);
  pthread_mutex_destroy (&self->mutex);
  g_free (self->path);
  g_free (self);
}

/* What the path is in the end, so that a link is kept and a later chdir() changes nothing. */
static char *
resolve (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  char *real = realpath (absolute, NULL);
  char *copy = g_strdup (real != NULL ? real : absolute);

  free (real);
  return copy;
}

/**
 * il_session_writer_new:
 * @path: where to; an existing session or empty file is replaced, any other refused
 *
 * Creates a session file and starts the thread that fills it.  The only call that waits for the
 * disk, but for il_session_writer_close().
 *
 * Returns: (transfer full): NULL with an error of one line that names the file
 */
IlSessionWriter *
il_session_writer_new (const char *path, GError **error)
{
  IlSessionWriter *self;
  pthread_condattr_t attributes;
  int result;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_new0 (IlSessionWriter, 1);
  self->path = resolve (path);
  pthread_mutex_init (&self->mutex, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&self->condition, &attributes);
  pthread_condattr_destroy (&attributes);
  self->added = g_ptr_array_new_with_free_func (free_item);
  self->facts = g_ptr_array_new_with_free_func (free_fact);
  il_session_chunks_init (&self->chunks);
  self->end_ns = self->written_end_ns = G_MININT64;
  self->flush_interval_ns = FLUSH_INTERVAL_NS;
  self->max_backlog_bytes = MAX_BACKLOG_BYTES;

  self->lock_fd = il_session_create_file (self->path, error);
  if (self->lock_fd < 0 || !il_session_store_open (&self->store, self->path, error))
    {
      free_writer (self);
      return NULL;
    }
  result = pthread_create (&self->thread, NULL, writer_thread, self);
  if (result != 0)
    {
      g_set_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO,
                   _ ("%s: no thread to write it: %s"), self->path, g_strerror (result));
      free_writer (self);
      return NULL;
    }
  return self;
}

static void
add_item (IlSessionWriter *self, Item *item)
{
  pthread_mutex_lock (&self->mutex);
  g_ptr_array_add (self->added, item);
  pthread_cond_signal (&self->condition);
  pthread_mutex_unlock (&self->mutex);
}

static void
add_fact (IlSessionWriter *self, IlSessionFact *fact)
{
  Item *item = g_new0 (Item, 1);

  item->fact = fact;
  add_item (self, item);
}

static IlSessionFact *
new_fact (IlSessionFactKind kind, const char *key, const char *value)
{
  IlSessionFact *fact = g_new0 (IlSessionFact, 1);

  fact->kind = kind;
  fact->key = g_utf8_make_valid (key != NULL ? key : "", -1);
  fact->value = value != NULL ? g_utf8_make_valid (value, -1) : NULL;
  return fact;
}

/**
 * il_session_writer_set_meta:
 * @key: one of IL_META_…
 * @value: copied
 *
 * Notes a fact about the session; a later one of the same key replaces it.  Any thread.
 */
void
il_session_writer_set_meta (IlSessionWriter *writer, const char *key, const char *value)
{
  g_return_if_fail (writer != NULL && key != NULL && value != NULL);

  add_fact (writer, new_fact (IL_SESSION_FACT_META, key, value));
}

/**
 * il_session_writer_add_lane:
 * @number: the one that il_timeline_builder_add_lane() returned
 * @info: copied
 *
 * Declares a thread or core, once, before the first batch with records of it.
 */
void
il_session_writer_add_lane (IlSessionWriter *writer, guint32 number, const IlLaneInfo *info)
{
  IlSessionFact *fact;

  g_return_if_fail (writer != NULL && info != NULL);

  fact = new_fact (IL_SESSION_FACT_LANE, info->name, info->process_name);
  fact->number = number;
  fact->lane = *info;
  add_fact (writer, fact);
}

/**
 * il_session_writer_add_object:
 * @object: as in records
 * @kind: what it is
 * @name: copied
 * @parameter: as in IlLaneInfo
 *
 * Declares an object, in the order in which the builder was told, before the first batch with
 * records of it.
 */
void
il_session_writer_add_object (IlSessionWriter *writer, guint32 object, IlTimelineObjectKind kind,
                              const char *name, guint64 parameter)
{
  IlSessionFact *fact;

  g_return_if_fail (writer != NULL);

  fact = new_fact (IL_SESSION_FACT_OBJECT, name, NULL);
  fact->number = object;
  fact->object_kind = kind;
  fact->parameter = parameter;
  add_fact (writer, fact);
}

/**
 * il_session_writer_add_batch:
 * @batch: sealed; begins where the last one ended, or later
 *
 * Adds records, in constant time.  After an error they are only counted.
 */
void
il_session_writer_add_batch (IlSessionWriter *writer, IlBatch *batch)
{
  gboolean fits;
  Item *item;

  g_return_if_fail (writer != NULL && batch != NULL);
  g_return_if_fail (il_batch_get_begin (batch) >= writer->end_ns);
  g_return_if_fail (il_batch_get_end (batch) - il_batch_get_begin (batch) < MAX_CHUNK_NS);

  writer->end_ns = il_batch_get_end (batch);
  item = g_new0 (Item, 1);
  item->batch = il_batch_ref (batch);
  pthread_mutex_lock (&writer->mutex);
  fits = writer->backlog_bytes + il_session_chunks_size_of (batch) <= writer->max_backlog_bytes;
  if (writer->error == NULL && !fits)
    writer->error = g_error_new (IL_SESSION_ERROR, IL_SESSION_ERROR_IO,
                                 _ ("%s: the disk is too slow for so many events"), writer->path);
  writer->n_added += il_batch_get_n_records (batch);
  if (writer->error == NULL)
    {
      writer->backlog_bytes += il_session_chunks_size_of (batch);
      g_ptr_array_add (writer->added, g_steal_pointer (&item));
      pthread_cond_signal (&writer->condition);
    }
  pthread_mutex_unlock (&writer->mutex);
  if (item != NULL)
    free_item (item);
}

/* The error with what it cost in all; called when nobody else calls anything any more. */
static GError *
dup_last_error (IlSessionWriter *self)
{
  guint64 n_missing = self->n_added - self->n_written;

  if (self->error == NULL)
    return NULL;
  return g_error_new (IL_SESSION_ERROR, self->error->code,
                      /* Translators: what went wrong, and how many events were lost by it */
                      ngettext ("%s (%llu event after that is not in the file)",
                                "%s (%llu events after that are not in the file)",
                                (gulong)n_missing),
                      self->error->message, (unsigned long long)n_missing);
}

/**
 * il_session_writer_get_error:
 *
 * Tells what went wrong, as soon as it did; what it cost is known when the writer is closed.  Any
 * thread.
 *
 * Returns: (transfer full) (nullable): NULL as long as all went well
 */
GError *
il_session_writer_get_error (IlSessionWriter *writer)
{
  GError *error;

  g_return_val_if_fail (writer != NULL, NULL);

  pthread_mutex_lock (&writer->mutex);
  error = writer->error != NULL ? g_error_copy (writer->error) : NULL;
  pthread_mutex_unlock (&writer->mutex);
  return error;
}

/**
 * il_session_writer_set_flush_interval:
 *
 * Sets how often what was added is written, for tests.
 */
void
il_session_writer_set_flush_interval (IlSessionWriter *writer, gint64 interval_ns)
{
  pthread_mutex_lock (&writer->mutex);
  writer->flush_interval_ns = interval_ns;
  pthread_mutex_unlock (&writer->mutex);
}

/**
 * il_session_writer_set_chunk_records:
 *
 * Sets how many records make a whole chunk, for tests; before the first batch.
 */
void
il_session_writer_set_chunk_records (IlSessionWriter *writer, gsize n_records)
{
  pthread_mutex_lock (&writer->mutex);
  writer->chunks.max_records = n_records;
  pthread_mutex_unlock (&writer->mutex);
}

/**
 * il_session_writer_set_max_backlog:
 *
 * Sets how much may wait to be written, for tests.
 */
void
il_session_writer_set_max_backlog (IlSessionWriter *writer, gsize n_bytes)
{
  pthread_mutex_lock (&writer->mutex);
  writer->max_backlog_bytes = n_bytes;
  pthread_mutex_unlock (&writer->mutex);
}

/**
 * il_session_writer_get_written_end:
 *
 * Returns: up to where a crash now would leave the session; G_MININT64 at first
 */
gint64
il_session_writer_get_written_end (IlSessionWriter *writer)
{
  gint64 end_ns;

  pthread_mutex_lock (&writer->mutex);
  end_ns = writer->written_end_ns;
  pthread_mutex_unlock (&writer->mutex);
  return end_ns;
}

/**
 * il_session_writer_get_cpu_ns:
 *
 * Returns: the processor time that encoding, compressing and writing took up to the last flush
 */
gint64
il_session_writer_get_cpu_ns (IlSessionWriter *writer)
{
  gint64 cpu_ns;

  pthread_mutex_lock (&writer->mutex);
  cpu_ns = writer->cpu_ns;
  pthread_mutex_unlock (&writer->mutex);
  return cpu_ns;
}

/**
 * il_session_writer_close:
 * @writer: (nullable) (transfer full)
 *
 * Writes what is left, ends the thread and frees the writer.  Waits for the disk.
 *
 * Returns: FALSE where something could not be written, now or before; the error then says how many
 *   events are not in the file
 */
gboolean
il_session_writer_close (IlSessionWriter *writer, GError **error)
{
  GError *problem;

  if (writer == NULL)
    return TRUE;
  pthread_mutex_lock (&writer->mutex);
  writer->closing = TRUE;
  pthread_cond_signal (&writer->condition);
  pthread_mutex_unlock (&writer->mutex);
  pthread_join (writer->thread, NULL);

  problem = dup_last_error (writer);
  free_writer (writer);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, problem);
  return FALSE;
}
