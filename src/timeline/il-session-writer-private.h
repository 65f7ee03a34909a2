/* il-session-writer-private.h - what who adds to a session file shares with the thread that writes
 * it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session-store-private.h"

#include <pthread.h>

G_BEGIN_DECLS

/* Something to be written: one of the two. */
typedef struct
{
  IlSessionFact *fact;
  IlBatch *batch;
} IlSessionWriterItem;

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
  GPtrArray *added; /* of IlSessionWriterItem */
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

/* il-session-writer.c */
void il_session_writer_free_item (gpointer item) G_GNUC_INTERNAL;

/* il-session-writer-thread.c: its body; the writer is the argument. */
void *il_session_writer_thread (void *data) G_GNUC_INTERNAL;

G_END_DECLS
