/* il-session-load.c - a session from its file, read ahead by a thread of its own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-session-load-private.h"

#include <glib/gi18n-lib.h>

#define MAX_READY 4 /* decoded batches that wait for the builder */

/* All but the whole chunks, in one transaction, so that they belong together even if the file is
 * being written right now. */
static gboolean
load_tables (IlSessionLoad *load, IlSession *session, IlTimelineBuilder *builder, GError **error)
{
  return il_session_reader_exec (&load->reader, "BEGIN", error)
         && il_session_load_meta (load, session, error)
         && il_session_load_lanes (load, builder, il_session_get_timeline (session), error)
         && il_session_load_check_sums (load, session, error)
         && il_session_load_find_chunks (load, error)
         && il_session_reader_exec (&load->reader, "COMMIT", error);
}

/* Hands a batch to the builder once there is room.  FALSE where nobody wants it any more. */
static gboolean
hand_over (IlSessionLoad *load, IlBatch *batch)
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

static void *
decoder_thread (void *data)
{
  IlSessionLoad *load = data;
  guint64 n_left = il_session_load_max_records ();
  gint64 id = G_MININT64, earliest_ns = G_MININT64;
  guint n_of_tail = 0;
  GError *error = NULL;
  gboolean wanted = TRUE;

  while (wanted)
    {
      IlBatch *batch = il_session_load_next_batch (load, &id, &n_of_tail, &error);

      if (batch == NULL)
        break;
      if (!il_session_load_check_next (load, batch, id, earliest_ns, n_left, &error))
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
take_ready (IlSessionLoad *load)
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
load_chunks (IlSessionLoad *load, IlTimelineBuilder *builder, GCancellable *cancellable,
             GError **error)
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
load_session (IlSessionLoad *load, GCancellable *cancellable, GError **error)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (IlSession) session = il_session_new (timeline);
  /* Before it is read: a writer that ends meanwhile has closed what is not read any more. */
  gboolean has_writer = il_session_is_being_written (load->reader.path);
  g_autofree char *closed = NULL;

  if (load->prepare != NULL)
    load->prepare (timeline, load->prepare_data);
  if (!load_tables (load, session, builder, error)
      || !load_chunks (load, builder, cancellable, error))
    return NULL;
  closed = il_session_dup_meta (session, IL_SESSION_META_CLOSED);
  il_session_set_meta (session, IL_SESSION_META_CLOSED, NULL);
  if (!load->cut_off && g_strcmp0 (closed, "1") == 0)
    il_session_set_ending (session, IL_SESSION_WHOLE);
  else
    il_session_set_ending (session, has_writer ? IL_SESSION_BEING_RECORDED : IL_SESSION_CUT_OFF);
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
  IlSessionLoad load = { .lanes = g_byte_array_new (),
                         .prepare = prepare,
                         .prepare_data = data,
                         .tail = g_ptr_array_new_with_free_func (il_session_load_free_tail_chunk) };
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
