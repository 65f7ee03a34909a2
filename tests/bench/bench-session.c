/* bench-session.c - bytes and time per record of the session file, beside what else one could do
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Five million records of a simulated pool under a scheduler, in batches of 20 ms as the recorder
 * makes them.  Everything is measured in the same run, alternating, and the median is printed; time
 * is wall time on a machine with nothing else to do.
 */

#include "config.h"

#include "il-record-codec.h"
#include "il-session-private.h"
#include "recorded.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define N_RECORDS 5000000
#define N_ROUNDS 5
#define BATCH_NS 20000000
#define CHUNK_BATCHES 10
#define ZSTD_LEVEL 1 /* as the writer takes it where there are many records a second */

static GPtrArray *batches; /* as recorded */
static GPtrArray *chunks;  /* as encoded */
static gsize n_records;
static char *folder;
static char *path;

static gint64
now_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

static gsize
size_of_file (void)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return (gsize)status.st_size;
}

static void
make_records (void)
{
  g_autoptr (IlStream) stream = il_stream_new (1, 8, 20000);

  batches = g_ptr_array_new ();
  chunks = g_ptr_array_new ();
  while (n_records < N_RECORDS)
    {
      IlBatch *whole = NULL;

      for (guint i = 0; i < CHUNK_BATCHES; i++)
        {
          IlBatch *batch = il_stream_next (stream, BATCH_NS);
          const IlBatchRun *runs;
          guint n_runs;

          if (whole == NULL)
            whole = il_batch_new (il_batch_get_begin (batch));
          runs = il_batch_get_runs (batch, &n_runs);
          for (guint j = 0; j < n_runs; j++)
            il_batch_append (whole, runs[j].lane, runs[j].records, runs[j].n_records);
          n_records += il_batch_get_n_records (batch);
          g_ptr_array_add (batches, batch);
          if (i == CHUNK_BATCHES - 1)
            il_batch_seal (whole, il_batch_get_end (batch));
        }
      g_ptr_array_add (chunks, whole);
    }
}

/* --- What is measured: each returns the bytes, and the nanoseconds of the part that counts --- */

static GPtrArray *encoded;

static gsize
encode (gint64 *ns)
{
  gint64 begin_ns = now_ns ();
  gsize size = 0;

  g_clear_pointer (&encoded, g_ptr_array_unref);
  encoded = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  for (guint i = 0; i < chunks->len; i++)
    {
      GBytes *bytes = il_record_encode (g_ptr_array_index (chunks, i), ZSTD_LEVEL);

      size += g_bytes_get_size (bytes);
      g_ptr_array_add (encoded, bytes);
    }
  *ns = now_ns () - begin_ns;
  return size;
}

static gsize
decode (gint64 *ns)
{
  gint64 begin_ns = now_ns ();
  gsize n_decoded = 0;

  for (guint i = 0; i < encoded->len; i++)
    {
      gsize size;
      gconstpointer data = g_bytes_get_data (g_ptr_array_index (encoded, i), &size);
      g_autoptr (IlBatch) batch = il_record_decode (data, size, NULL);

      n_decoded += il_batch_get_n_records (batch);
    }
  *ns = now_ns () - begin_ns;
  g_assert_cmpuint (n_decoded, ==, n_records);
  return 0;
}

static gsize
walk (gint64 *ns)
{
  gint64 begin_ns = now_ns ();
  guint64 sum = 0;

  for (guint i = 0; i < chunks->len; i++)
    {
      g_autoptr (IlBatchIter) iter = il_batch_iter_new (g_ptr_array_index (chunks, i));
      const IlRecord *record;
      guint32 lane;

      while (il_batch_iter_next (iter, &lane, &record))
        sum += record->value + lane;
    }
  *ns = now_ns () - begin_ns;
  g_assert_cmpuint (sum, >, 0);
  return 0;
}

static void
add_object_cb (guint32 object, IlTimelineObjectKind kind, const char *name, guint64 parameter,
               gpointer data)
{
  il_session_writer_add_object (data, object, kind, name, parameter);
}

/* As the recorder does it; until everything is in the file. */
static gsize
write_session (gint64 *ns)
{
  g_autoptr (IlStream) stream = il_stream_new (1, 8, 20000);
  gint64 begin_ns = now_ns ();
  IlSessionWriter *writer = il_session_writer_new (path, NULL);

  for (guint i = 0; i < il_stream_get_n_lanes (stream); i++)
    {
      IlLaneInfo info;

      il_stream_get_lane (stream, i, &info);
      il_session_writer_add_lane (writer, i, &info);
    }
  il_stream_foreach_object (add_object_cb, writer);
  for (guint i = 0; i < batches->len; i++)
    il_session_writer_add_batch (writer, g_ptr_array_index (batches, i));
  g_assert_true (il_session_writer_close (writer, NULL));
  *ns = now_ns () - begin_ns;
  return size_of_file ();
}

/* With the timeline built, as a user waits for it. */
static gsize
load_session (gint64 *ns)
{
  gint64 begin_ns = now_ns ();
  g_autoptr (IlSession) session = il_session_load (path, NULL, NULL);

  *ns = now_ns () - begin_ns;
  g_assert_nonnull (session);
  return 0;
}

static gsize
write_raw (gint64 *ns)
{
  g_autofree char *raw = g_strconcat (path, ".raw", NULL);
  gint64 begin_ns = now_ns ();
  int fd = open (raw, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  gsize size = 0;

  for (guint i = 0; i < chunks->len; i++)
    {
      const IlBatchRun *runs;
      guint n_runs;

      runs = il_batch_get_runs (g_ptr_array_index (chunks, i), &n_runs);
      for (guint j = 0; j < n_runs; j++)
        {
          gsize length = runs[j].n_records * sizeof (IlRecord);

          g_assert_cmpint (write (fd, runs[j].records, length), ==, (gssize)length);
          size += length;
        }
    }
  close (fd);
  *ns = now_ns () - begin_ns;
  g_remove (raw);
  return size;
}

/* The obvious way: a row for each record, prepared statements, a transaction per chunk. */
static gsize
write_rows (gint64 *ns)
{
  gint64 begin_ns;
  sqlite3_stmt *insert = NULL;
  sqlite3 *db = NULL;
  gsize size;

  g_remove (path);
  begin_ns = now_ns ();
  sqlite3_open (path, &db);
  sqlite3_exec (db,
                "PRAGMA synchronous=NORMAL; CREATE TABLE records (id INTEGER PRIMARY KEY, time_ns, "
                "lane, kind, object, value)",
                NULL, NULL, NULL);
  sqlite3_prepare_v2 (db, "INSERT INTO records VALUES (NULL, ?, ?, ?, ?, ?)", -1, &insert, NULL);
  for (guint i = 0; i < chunks->len; i++)
    {
      g_autoptr (IlBatchIter) iter = il_batch_iter_new (g_ptr_array_index (chunks, i));
      const IlRecord *record;
      guint32 lane;

      sqlite3_exec (db, "BEGIN", NULL, NULL, NULL);
      while (il_batch_iter_next (iter, &lane, &record))
        {
          sqlite3_bind_int64 (insert, 1, record->time_ns);
          sqlite3_bind_int64 (insert, 2, lane);
          sqlite3_bind_int64 (insert, 3, record->kind);
          sqlite3_bind_int64 (insert, 4, record->object);
          sqlite3_bind_int64 (insert, 5, record->value);
          sqlite3_step (insert);
          sqlite3_reset (insert);
        }
      g_assert_cmpint (sqlite3_exec (db, "COMMIT", NULL, NULL, NULL), ==, SQLITE_OK);
    }
  sqlite3_finalize (insert);
  sqlite3_close (db);
  *ns = now_ns () - begin_ns;
  size = size_of_file ();
  return size;
}

static gsize
load_rows (gint64 *ns)
{
  gint64 begin_ns = now_ns ();
  sqlite3_stmt *select = NULL;
  sqlite3 *db = NULL;
  gsize n_rows = 0;
  gint64 sum = 0;

  sqlite3_open (path, &db);
  sqlite3_prepare_v2 (db, "SELECT time_ns, lane, kind, object, value FROM records", -1, &select,
                      NULL);
  for (; sqlite3_step (select) == SQLITE_ROW; n_rows++)
    for (int i = 0; i < 5; i++)
      sum += sqlite3_column_int64 (select, i);
  sqlite3_finalize (select);
  sqlite3_close (db);
  *ns = now_ns () - begin_ns;
  g_assert_cmpuint (n_rows, ==, n_records);
  g_assert_cmpint (sum, >, 0);
  g_remove (path);
  return 0;
}

static const struct
{
  const char *name;
  gsize (*run) (gint64 *ns);
} cases[] = {
  { "encode", encode },
  { "decode", decode },
  { "walk in the order of time", walk },
  { "write the session file (encode, SQLite)", write_session },
  { "load the session file (decode, build)", load_session },
  { "limit: write raw, 16 bytes each", write_raw },
  { "SQLite, a row each: write", write_rows },
  { "SQLite, a row each: read", load_rows },
};

static int
compare_doubles (const void *a, const void *b)
{
  const double *left = a, *right = b;

  return *left < *right ? -1 : *left > *right;
}

int
main (void)
{
  double ns[G_N_ELEMENTS (cases)][N_ROUNDS];
  gsize sizes[G_N_ELEMENTS (cases)];

  folder = il_make_folder ();
  path = g_build_filename (folder, "bench.interleave", NULL);
  make_records ();
  for (guint round = 0; round < N_ROUNDS; round++)
    for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        gint64 taken_ns = 0;

        sizes[i] = cases[i].run (&taken_ns);
        ns[i][round] = (double)taken_ns / (double)n_records;
      }
  printf ("%" G_GSIZE_FORMAT " records, %d runs, median\n", n_records, N_ROUNDS);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      qsort (ns[i], N_ROUNDS, sizeof (double), compare_doubles);
      printf ("%-42s %7.1f ns per record", cases[i].name, ns[i][N_ROUNDS / 2]);
      if (sizes[i] > 0)
        printf ("  %6.2f bytes", (double)sizes[i] / (double)n_records);
      printf ("\n");
    }
  il_remove_folder (folder);
  return 0;
}
