/* test-session.c - what was recorded is read again as it was, and never at the expense of another
 * file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "recorded.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-session-private.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = il_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "a.interleave", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  il_remove_folder (fixture->folder);
  g_free (fixture->path);
}

static IlSession *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  IlSession *session = il_session_load (path, NULL, &error);

  g_assert_no_error (error);
  return session;
}

static guint
count_files (const char *folder)
{
  GDir *dir = g_dir_open (folder, 0, NULL);
  guint n_files = 0;

  while (g_dir_read_name (dir) != NULL)
    n_files++;
  g_dir_close (dir);
  return n_files;
}

static void
assert_refused (const char *path, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (il_session_writer_new (path, &error));
  g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_nonnull (strstr (error->message, why));
  g_assert_nonnull (strstr (error->message, path));
}

static sqlite3 *
lock_file (const char *path, const char *sql)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_busy_timeout (db, 60000);
  g_assert_cmpint (sqlite3_exec (db, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  return db;
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = il_recorded_write (fixture->path, 1, 100);
  g_autoptr (IlSession) session = load (fixture->path);
  g_autofree char *title = il_session_dup_meta (session, IL_META_TITLE);
  g_autofree char *seed = il_session_dup_meta (session, IL_META_SEED);
  g_autofree char *closed = il_session_dup_meta (session, IL_SESSION_META_CLOSED);

  il_assert_timelines_equal (timeline, il_session_get_timeline (session));
  g_assert_cmpstr (title, ==, "A title");
  g_assert_null (seed);
  g_assert_null (closed);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_WHOLE);
  /* One file, and nothing beside it, neither after writing nor after reading. */
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;

  g_assert_true (il_session_writer_close (il_session_writer_new (fixture->path, &error), &error));
  g_assert_no_error (error);
  session = load (fixture->path);
  g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (session)), ==, 0);
  g_assert_cmpuint (il_timeline_get_n_lanes (il_session_get_timeline (session)), ==, 0);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_WHOLE);
}

/* Records at the very edges of batches, and batches without length, keep their order although
 * batches are joined in the file. */
static void
test_edges (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    gint64 begin_ns, end_ns;
    guint32 lane;
    IlRecord record;
  } parts[] = {
    { 0, 10, 1, { 20, IL_RECORD_LOCK_ACQUIRE, 1, 0 } },
    { 10, 20, 0, { 5, IL_RECORD_LOCK_WAIT, 1, 2 } },
    { 20, 20, 1, { 20, IL_RECORD_LOCK_RELEASE, 1, IL_RECORD_WOKE } },
    { 20, 20, 0, { 20, IL_RECORD_LOCK_ACQUIRE, 1, 2 } },
    { 20, 30, 1, { 20, IL_RECORD_LOCK_WAIT, 1, 1 } },
    { 30, 50, 0, { 30, IL_RECORD_LOCK_RELEASE, 1, IL_RECORD_WOKE } },
  };
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  const IlLaneInfo info = { .kind = IL_LANE_THREAD, .name = "a thread", .tid = 7 };

  for (guint i = 0; i < 2; i++)
    il_session_writer_add_lane (writer, il_timeline_builder_add_lane (builder, &info), &info);
  il_timeline_builder_add_object (builder, 1, IL_OBJECT_KIND_LOCK, "A", 0);
  il_session_writer_add_object (writer, 1, IL_OBJECT_KIND_LOCK, "A", 0);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (IlBatch) batch = il_batch_new (parts[i].begin_ns);

      il_batch_append (batch, parts[i].lane, &parts[i].record, 1);
      il_batch_seal (batch, parts[i].end_ns);
      il_timeline_builder_add_batch (builder, batch);
      il_session_writer_add_batch (writer, batch);
    }
  g_assert_true (il_session_writer_close (writer, &error));

  session = load (fixture->path);
  il_assert_timelines_equal (timeline, il_session_get_timeline (session));
}

static void
assert_texts (IlSession *session, const char *scenario_text)
{
  g_autofree char *title = il_session_dup_meta (session, IL_META_TITLE);
  g_autofree char *host = il_session_dup_meta (session, IL_META_HOST);
  g_autofree char *scenario = il_session_dup_meta (session, IL_META_SCENARIO_TEXT);

  g_assert_cmpstr (title, ==, "it's the \"second\"\n");
  g_assert_true (g_utf8_validate (host, -1, NULL));
  g_assert_cmpstr (scenario, ==, scenario_text);
}

/* Names of all kinds, lanes and objects in turn, and numbers at their limits. */
static void
test_tables (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  const IlLaneInfo lanes[] = {
    { .kind = IL_LANE_CORE, .number = 3, .name = "Core 3" },
    { .kind = IL_LANE_THREAD,
      .role = IL_LANE_ROLE_SUPERVISOR,
      .scheduler = IL_SCHEDULER_SAMPLED,
      .number = G_MAXUINT32,
      .pid = G_MAXINT32,
      .tid = G_MININT32,
      .parameter = G_MAXUINT64,
      .name = "线程 ‘1’; DROP TABLE lanes; --",
      .process_name = "" },
    { .kind = IL_LANE_THREAD, .name = "" },
  };
  g_autofree char *line = g_strnfill (100, '=');
  g_autofree char *text
      = g_strconcat ("生产者\n", line, line, line, line, line, line, "消费者", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    {
      g_autofree char *name = g_strdup_printf ("object %u", i);

      il_timeline_builder_add_object (builder, IL_RECORD_OBJECT_MAX - i, IL_OBJECT_KIND_QUEUE + i,
                                      name, G_MAXUINT64 - i);
      il_session_writer_add_object (writer, IL_RECORD_OBJECT_MAX - i, IL_OBJECT_KIND_QUEUE + i,
                                    name, G_MAXUINT64 - i);
      il_session_writer_add_lane (writer, il_timeline_builder_add_lane (builder, &lanes[i]),
                                  &lanes[i]);
    }
  il_session_writer_set_meta (writer, IL_META_TITLE, "first");
  il_session_writer_set_meta (writer, IL_META_TITLE, "it's the \"second\"\n");
  il_session_writer_set_meta (writer, IL_META_HOST, "not UTF-8: \xff");
  il_session_writer_set_meta (writer, IL_META_SCENARIO_TEXT, text);
  il_timeline_builder_rename_object (builder, IL_RECORD_OBJECT_MAX - 2, "found it");
  il_session_writer_rename_object (writer, IL_RECORD_OBJECT_MAX - 2, "found it");
  il_session_writer_rename_object (writer, 4711, "never added");
  g_assert_true (il_session_writer_close (writer, &error));

  session = load (fixture->path);
  il_assert_timelines_equal (timeline, il_session_get_timeline (session));
  g_assert_cmpstr (il_timeline_get_object_name (timeline, IL_RECORD_OBJECT_MAX - 2), ==,
                   "found it");
  for (guint i = 0; i < G_N_ELEMENTS (lanes); i++)
    g_assert_cmpstr (
        il_timeline_get_object_name (il_session_get_timeline (session), IL_RECORD_OBJECT_MAX - i),
        ==, il_timeline_get_object_name (timeline, IL_RECORD_OBJECT_MAX - i));
  assert_texts (session, text);
}

/* A lane that is claimed while it is recorded is claimed in the file, with what it had before. */
static void
test_claimed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  g_autoptr (IlTimelineBuilder) builder = il_timeline_builder_new (timeline);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  const IlLaneInfo unclaimed = { .kind = IL_LANE_THREAD, .name = "7", .tid = 7 };
  const IlLaneInfo claimed = {
    .kind = IL_LANE_THREAD, .role = IL_LANE_ROLE_WORKER, .number = 1, .tid = 7, .name = "Worker 1"
  };

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1);
  il_session_writer_add_lane (writer, il_timeline_builder_add_lane (builder, &unclaimed),
                              &unclaimed);
  for (gint64 i = 0; i < 2; i++)
    {
      g_autoptr (IlBatch) batch = il_batch_new (i * 10);
      const IlRecord record = { i * 10 + 5, i == 0 ? IL_RECORD_SCHED_IN : IL_RECORD_IDLE, 0, 0 };

      il_batch_append (batch, 0, &record, 1);
      il_batch_seal (batch, i * 10 + 10);
      il_timeline_builder_add_batch (builder, batch);
      il_session_writer_add_batch (writer, batch);
      if (i > 0)
        continue;
      while (il_session_writer_get_written_end (writer) < 10)
        g_usleep (100);
      il_timeline_builder_claim_lane (builder, 0, &claimed);
      il_session_writer_add_lane (writer, 0, &claimed);
    }
  g_assert_true (il_session_writer_close (writer, &error));

  session = load (fixture->path);
  il_assert_timelines_equal (timeline, il_session_get_timeline (session));
  g_assert_cmpstr (
      il_lane_get_info (il_timeline_get_lane (il_session_get_timeline (session), 0))->name, ==,
      "Worker 1");
}

/* A file is read while it is being written: a prefix, and the writer does not mind. */
static void
test_load_while_recording (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  IlRecorded recorded;
  g_autoptr (IlSession) whole = NULL;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1000000);
  il_recorded_init (&recorded, writer, 3);
  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (IlSession) part = NULL;
      g_autoptr (IlTimeline) expected = NULL;
      gint64 written_ns;

      il_recorded_add (&recorded, 5);
      written_ns = il_session_writer_get_written_end (writer);
      part = load (fixture->path);
      g_assert_cmpint (il_session_get_ending (part), ==, IL_SESSION_BEING_RECORDED);
      if (written_ns > 0)
        {
          gint64 end_ns = il_timeline_get_end (il_session_get_timeline (part));

          g_assert_cmpint (end_ns, >=, written_ns);
          expected = il_recorded_rebuild (3, end_ns);
          il_assert_timelines_equal (expected, il_session_get_timeline (part));
        }
    }
  g_assert_true (il_session_writer_close (writer, &error));
  whole = load (fixture->path);
  il_assert_timelines_equal (recorded.timeline, il_session_get_timeline (whole));
  il_recorded_finish (&recorded);
}

/* Whether somebody else could lock a byte of the file that SQLite keeps locked, asked from another
 * process, since a process's own locks are never in its way. */
static gboolean
can_lock_from_outside (const char *path)
{
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      struct flock wanted
          = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000000, .l_len = 512 };
      int fd = open (path, O_RDWR | O_CLOEXEC);

      _exit (fd < 0 ? 2 : fcntl (fd, F_SETLK, &wanted) == 0 ? 1 : 0);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), <, 2);
  return WEXITSTATUS (status) == 1;
}

/* A process's locks on a file are gone once it closes any descriptor of it: what reads the file, or
 * looks whether it may be overwritten, in the process that records it must not do that. */
static void
test_keeps_locks (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  sqlite3 *db;

  g_assert_no_error (error);
  g_assert_true (can_lock_from_outside (fixture->path));
  /* As the writer does in the midst of a commit, but for as long as we like. */
  db = lock_file (fixture->path, "BEGIN IMMEDIATE");
  g_assert_false (can_lock_from_outside (fixture->path));
  il_session_unref (load (fixture->path));
  g_assert_false (can_lock_from_outside (fixture->path));
  assert_refused (fixture->path, "another recording");
  g_assert_false (can_lock_from_outside (fixture->path));
  sqlite3_close (db);
  g_assert_true (can_lock_from_outside (fixture->path));
  g_assert_true (il_session_writer_close (writer, &error));
}

/* One recording, read again and again while it grows. */
static void
load_while_replaced (const char *path, guint32 seed)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (path, &error);
  g_autoptr (IlSession) whole = NULL;
  IlRecorded recorded;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1);
  il_session_writer_set_chunk_records (writer, 5000);
  il_recorded_init (&recorded, writer, seed);
  for (guint round = 0; round < 10; round++)
    {
      g_autoptr (IlSession) part = NULL;
      g_autoptr (IlTimeline) expected = NULL;
      gint64 end_ns;

      il_recorded_add (&recorded, 3);
      part = load (path);
      end_ns = il_timeline_get_end (il_session_get_timeline (part));
      if (end_ns == 0)
        continue;
      expected = il_recorded_rebuild (seed, end_ns);
      il_assert_timelines_equal (expected, il_session_get_timeline (part));
    }
  g_assert_true (il_session_writer_close (writer, &error));
  whole = load (path);
  il_assert_timelines_equal (recorded.timeline, il_session_get_timeline (whole));
  il_recorded_finish (&recorded);
}

/* What is read chunk by chunk is a prefix also where the small chunks at its end give way to a
 * whole one meanwhile.  Several short recordings: each time all of what there is is compared. */
static void
test_load_while_replaced (Fixture *fixture, gconstpointer data)
{
  for (guint32 seed = 1; seed <= 6; seed++)
    load_while_replaced (fixture->path, seed);
}

static gint64
query (const char *path, const char *sql)
{
  sqlite3_stmt *statement;
  sqlite3 *db = lock_file (path, "BEGIN");
  gint64 number;

  g_assert_cmpint (sqlite3_prepare_v2 (db, sql, -1, &statement, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return number;
}

/* However small the pieces in which it came, in the end the file is as small as if it had come at
 * once. */
static void
test_leaves_no_pieces (Fixture *fixture, gconstpointer data)
{
  g_autofree char *at_once = g_build_filename (fixture->folder, "at-once.interleave", NULL);
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  IlRecorded recorded;
  GStatBuf left, right;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1);
  il_session_writer_set_meta (writer, IL_META_TITLE, "A title");
  il_session_writer_set_meta (writer, IL_META_SCHEDULER, "perf");
  il_recorded_init (&recorded, writer, 1);
  for (guint i = 0; i < 3; i++)
    {
      il_recorded_add (&recorded, 1);
      while (il_session_writer_get_written_end (writer) < il_timeline_get_end (recorded.timeline))
        sched_yield ();
    }
  g_assert_cmpint (query (fixture->path, "SELECT count(*) FROM chunks"), ==, 3);
  g_assert_true (il_session_writer_close (writer, &error));
  il_recorded_finish (&recorded);
  g_assert_cmpint (query (fixture->path, "SELECT count(*) FROM chunks"), ==, 1);
  g_assert_cmpint (query (fixture->path, "PRAGMA freelist_count"), ==, 0);

  il_timeline_unref (il_recorded_write (at_once, 1, 3));
  g_assert_cmpint (g_stat (fixture->path, &left), ==, 0);
  g_assert_cmpint (g_stat (at_once, &right), ==, 0);
  g_assert_cmpint (left.st_size, ==, right.st_size);
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  il_timeline_unref (il_recorded_write (fixture->path, 1, 10));
  g_cancellable_cancel (cancellable);
  g_assert_null (il_session_load (fixture->path, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* --- Where it is written to --- */

static void
test_replaces_sessions (Fixture *fixture, gconstpointer data)
{
  g_autofree char *journal = g_strconcat (fixture->path, "-journal", NULL);
  g_autoptr (IlTimeline) second = NULL;
  g_autoptr (IlSession) session = NULL;

  il_timeline_unref (il_recorded_write (fixture->path, 1, 30));
  /* What a crash may have left of the old one must not come into the new one. */
  g_assert_true (g_file_set_contents (journal, "an old journal", -1, NULL));
  second = il_recorded_write (fixture->path, 2, 20);
  session = load (fixture->path);
  il_assert_timelines_equal (second, il_session_get_timeline (session));
  g_assert_cmpuint (count_files (fixture->folder), ==, 1);
}

static void
test_replaces_empty_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (IlTimeline) timeline = NULL;
  g_autoptr (IlSession) session = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  timeline = il_recorded_write (fixture->path, 2, 3);
  session = load (fixture->path);
  il_assert_timelines_equal (timeline, il_session_get_timeline (session));
}

static void
test_keeps_links (Fixture *fixture, gconstpointer data)
{
  g_autofree char *link = g_build_filename (fixture->folder, "link", NULL);
  g_autoptr (IlTimeline) second = NULL;
  g_autoptr (IlSession) session = NULL;

  il_timeline_unref (il_recorded_write (fixture->path, 1, 3));
  g_assert_cmpint (symlink ("a.interleave", link), ==, 0);
  second = il_recorded_write (link, 2, 3);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  session = load (fixture->path);
  il_assert_timelines_equal (second, il_session_get_timeline (session));
}

static void
test_refuses_other_files (Fixture *fixture, gconstpointer data)
{
  static const char text[] = "my only copy of the thesis";
  g_autofree char *contents = NULL;
  g_autofree char *fifo = g_build_filename (fixture->folder, "fifo", NULL);

  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
  assert_refused (fixture->path, "not an Interleave session");
  g_assert_true (g_file_get_contents (fixture->path, &contents, NULL, NULL));
  g_assert_cmpstr (contents, ==, text);
  assert_refused (fixture->folder, "folder");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, "not an ordinary file");
  assert_refused ("/dev/null", "not an ordinary file");
  g_assert_cmpuint (count_files (fixture->folder), ==, 2);
}

static void
test_refuses_impossible_places (Fixture *fixture, gconstpointer data)
{
  g_autofree char *missing = g_build_filename (fixture->folder, "no", "such", "folder", NULL);
  g_autofree char *below = g_build_filename (fixture->path, "below", NULL);

  assert_refused (missing, g_strerror (ENOENT));
  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  assert_refused (below, g_strerror (ENOTDIR));
  /* Where nobody may create a file, not even the superuser. */
  assert_refused ("/proc/a.interleave", "/proc/a.interleave: ");
}

static void
test_refuses_second_writer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);

  g_assert_no_error (error);
  assert_refused (fixture->path, "another recording");
  g_assert_true (il_session_writer_close (writer, &error));
  il_timeline_unref (il_recorded_write (fixture->path, 1, 1));
}

/* The file is taken away while it is written: an error, not a session that is nowhere. */
static void
test_file_goes_away (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) seen = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  IlRecorded recorded;

  g_assert_no_error (error);
  g_assert_null (il_session_writer_get_error (writer));
  g_assert_cmpint (g_remove (fixture->path), ==, 0);
  il_session_writer_set_flush_interval (writer, 1000);
  il_recorded_init (&recorded, writer, 1);
  while (seen == NULL)
    {
      il_recorded_add (&recorded, 1);
      seen = il_session_writer_get_error (writer);
    }
  il_recorded_add (&recorded, 10);
  g_assert_false (il_session_writer_close (writer, &error));
  g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO);
  g_assert_nonnull (strstr (error->message, "events after that are not in the file"));
  il_recorded_finish (&recorded);
}

/* While somebody reads the file nothing can be committed: it is kept until it can. */
static void
test_locked_for_a_while (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  g_autoptr (IlSession) session = NULL;
  gint64 written_ns;
  IlRecorded recorded;
  sqlite3 *db;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1000);
  il_recorded_init (&recorded, writer, 1);
  db = lock_file (fixture->path, "BEGIN; SELECT * FROM chunks");
  written_ns = il_session_writer_get_written_end (writer);
  il_recorded_add (&recorded, 50);
  g_assert_cmpint (il_session_writer_get_written_end (writer), ==, written_ns);
  sqlite3_close (db);
  g_assert_true (il_session_writer_close (writer, &error));

  session = load (fixture->path);
  il_assert_timelines_equal (recorded.timeline, il_session_get_timeline (session));
  il_recorded_finish (&recorded);
}

/* What cannot be written in time must not fill the memory: an error, and the file is whole. */
static void
test_too_slow (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) seen = NULL;
  IlSessionWriter *writer = il_session_writer_new (fixture->path, &error);
  g_autoptr (IlTimeline) expected = NULL;
  g_autoptr (IlSession) session = NULL;
  IlRecorded recorded;
  sqlite3 *db;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1000);
  il_session_writer_set_max_backlog (writer, 1 << 20);
  db = lock_file (fixture->path, "BEGIN EXCLUSIVE");
  il_recorded_init (&recorded, writer, 1);
  while (seen == NULL)
    {
      il_recorded_add (&recorded, 1);
      seen = il_session_writer_get_error (writer);
    }
  g_assert_error (seen, IL_SESSION_ERROR, IL_SESSION_ERROR_IO);
  g_assert_nonnull (strstr (seen->message, "the disk is too slow"));
  sqlite3_close (db);
  g_assert_false (il_session_writer_close (writer, &error));
  g_assert_nonnull (strstr (error->message, "not in the file"));
  il_recorded_finish (&recorded);

  session = load (fixture->path);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
  if (il_timeline_get_end (il_session_get_timeline (session)) > 0)
    {
      expected = il_recorded_rebuild (1, il_timeline_get_end (il_session_get_timeline (session)));
      il_assert_timelines_equal (expected, il_session_get_timeline (session));
    }
}

/* --- Between threads --- */

static void *
use_session_thread (void *data)
{
  IlSession *session = data;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *value = NULL;

      il_session_set_meta (session, i % 2 ? "a" : "b", i % 3 ? "x" : NULL);
      value = il_session_dup_meta (session, "a");
    }
  il_session_unref (session);
  return NULL;
}

static void
test_threads_share_session (void)
{
  g_autoptr (IlTimeline) timeline = il_timeline_new ();
  IlSession *session = il_session_new (timeline);
  pthread_t threads[3];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_cmpint (
        pthread_create (&threads[i], NULL, use_session_thread, il_session_ref (session)), ==, 0);
  il_session_unref (session);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    pthread_join (threads[i], NULL);
}

typedef struct
{
  IlSessionWriter *writer;
  _Atomic gboolean stop;
} Watched;

static void *
watch_writer_thread (void *data)
{
  Watched *watched = data;

  while (!watched->stop)
    {
      g_autoptr (GError) error = il_session_writer_get_error (watched->writer);

      g_assert_no_error (error);
      il_session_writer_set_meta (watched->writer, IL_META_LOST_EVENTS, "0");
      sched_yield ();
    }
  return NULL;
}

static void
test_threads_share_writer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  Watched watched = { .writer = il_session_writer_new (fixture->path, &error) };
  g_autoptr (IlSession) session = NULL;
  IlRecorded recorded;
  pthread_t thread;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (watched.writer, 3000000);
  g_assert_cmpint (pthread_create (&thread, NULL, watch_writer_thread, &watched), ==, 0);
  il_recorded_init (&recorded, watched.writer, 1);
  il_recorded_add (&recorded, 100);
  watched.stop = TRUE;
  pthread_join (thread, NULL);
  g_assert_true (il_session_writer_close (watched.writer, &error));
  session = load (fixture->path);
  il_assert_timelines_equal (recorded.timeline, il_session_get_timeline (session));
  il_recorded_finish (&recorded);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/session/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("round-trip", test_round_trip);
  ADD ("empty", test_empty);
  ADD ("edges", test_edges);
  ADD ("tables", test_tables);
  ADD ("claimed", test_claimed);
  ADD ("load-while-recording", test_load_while_recording);
  ADD ("keeps-locks", test_keeps_locks);
  ADD ("load-while-replaced", test_load_while_replaced);
  ADD ("leaves-no-pieces", test_leaves_no_pieces);
  ADD ("cancelled", test_cancelled);
  ADD ("replaces-sessions", test_replaces_sessions);
  ADD ("replaces-empty-files", test_replaces_empty_files);
  ADD ("keeps-links", test_keeps_links);
  ADD ("refuses-other-files", test_refuses_other_files);
  ADD ("refuses-impossible-places", test_refuses_impossible_places);
  ADD ("refuses-second-writer", test_refuses_second_writer);
  ADD ("file-goes-away", test_file_goes_away);
  ADD ("locked-for-a-while", test_locked_for_a_while);
  ADD ("too-slow", test_too_slow);
  g_test_add_func ("/session/threads-share-session", test_threads_share_session);
  ADD ("threads-share-writer", test_threads_share_writer);
  return g_test_run ();
}
