/* il-session-writer-thread.c - encodes what was added and writes it, about once a second
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-writer-private.h"

#include <errno.h>
#include <time.h>

#define MAX_ENCODED_BYTES ((gsize)8 << 20)

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
  self->added = g_ptr_array_new_with_free_func (il_session_writer_free_item);
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
      IlSessionWriterItem *item = g_ptr_array_index (items, i);
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

void *
il_session_writer_thread (void *data)
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
