/* il-session-writer.c - takes what belongs into a session file while it is being recorded
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-writer-private.h"

#include <glib/gi18n-lib.h>
#include <time.h>

/* What a crash can lose, with the rest. */
#define FLUSH_INTERVAL_NS (G_GINT64_CONSTANT (700000000))
#define MAX_BACKLOG_BYTES ((gsize)256 << 20)
/* Longer than anybody records; the codec's limit is beyond. */
#define MAX_CHUNK_NS (G_GINT64_CONSTANT (1) << 55)

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

void
il_session_writer_free_item (gpointer data)
{
  IlSessionWriterItem *item = data;

  free_fact (item->fact);
  il_batch_unref (item->batch);
  g_free (item);
}

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
  self->added = g_ptr_array_new_with_free_func (il_session_writer_free_item);
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
  result = pthread_create (&self->thread, NULL, il_session_writer_thread, self);
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
add_item (IlSessionWriter *self, IlSessionWriterItem *item)
{
  pthread_mutex_lock (&self->mutex);
  g_ptr_array_add (self->added, item);
  pthread_cond_signal (&self->condition);
  pthread_mutex_unlock (&self->mutex);
}

static void
add_fact (IlSessionWriter *self, IlSessionFact *fact)
{
  IlSessionWriterItem *item = g_new0 (IlSessionWriterItem, 1);

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
 * Declares a thread or core, before the first batch with records of it.  Again, where a thread
 * turned out to be another one than was known: what is declared later counts.
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
 * il_session_writer_rename_object:
 * @object: that was added
 * @name: copied
 *
 * Gives an object the name that was found for it meanwhile: who opens the file sees that one.
 */
void
il_session_writer_rename_object (IlSessionWriter *writer, guint32 object, const char *name)
{
  IlSessionFact *fact;

  g_return_if_fail (writer != NULL);

  fact = new_fact (IL_SESSION_FACT_NAME, name, NULL);
  fact->number = object;
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
  IlSessionWriterItem *item;

  g_return_if_fail (writer != NULL && batch != NULL);
  g_return_if_fail (il_batch_get_begin (batch) >= writer->end_ns);
  g_return_if_fail (il_batch_get_end (batch) - il_batch_get_begin (batch) < MAX_CHUNK_NS);

  writer->end_ns = il_batch_get_end (batch);
  item = g_new0 (IlSessionWriterItem, 1);
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
    il_session_writer_free_item (item);
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
