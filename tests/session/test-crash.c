/* test-crash.c - a session file is whole whatever happens to its writer: killed, out of space, cut
 * short
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "recorded.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-session-private.h"

#define SEED 5

static char *folder;
static char *path;

/* In a child: records as fast as it can and says after each batch how far the file is safe. */
static void
record_for_ever (int fd)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (path, &error);
  IlRecorded recorded;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 2000000);
  il_recorded_init (&recorded, writer, SEED);
  for (;;)
    {
      gint64 written_ns;

      il_recorded_add (&recorded, 1);
      written_ns = il_session_writer_get_written_end (writer);
      if (write (fd, &written_ns, sizeof written_ns) != sizeof written_ns)
        _exit (1);
    }
}

static void
check_killed_after (guint n_batches)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) live = NULL;
  g_autoptr (IlSession) session = NULL;
  g_autoptr (IlTimeline) expected = NULL;
  gint64 written_ns = G_MININT64, end_ns;
  int ends[2];
  pid_t child;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC), ==, 0);
  child = fork ();
  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      close (ends[0]);
      record_for_ever (ends[1]);
    }
  close (ends[1]);
  for (guint i = 0; i < n_batches || written_ns < 0; i++)
    g_assert_cmpint (read (ends[0], &written_ns, sizeof written_ns), ==, sizeof written_ns);
  live = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (live), ==, IL_SESSION_BEING_RECORDED);
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  close (ends[0]);

  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
  end_ns = il_timeline_get_end (il_session_get_timeline (session));
  g_assert_cmpint (end_ns, >=, written_ns);
  expected = il_recorded_rebuild (SEED, end_ns);
  il_assert_timelines_equal (expected, il_session_get_timeline (session));
}

static void
test_killed (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (11);

  for (guint round = 0; round < 30; round++)
    check_killed_after ((guint)g_rand_int_range (random, 1, 60));
}

/* What the error says is lost, and what is in the file, are all records together. */
static gboolean
missing_is_true (const char *message, guint64 n_records)
{
  g_autoptr (IlSession) session = il_session_load (path, NULL, NULL);
  const char *said = strrchr (message, '(') + 1;
  IlTimelineTotals totals;

  if (session == NULL)
    return FALSE;
  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  return totals.n_records > 0 && totals.n_records + g_ascii_strtoull (said, NULL, 10) == n_records;
}

/* In a child, since the limit holds for all of a process's files. */
static int
record_beyond_limit (void)
{
  const struct rlimit limit = { 300000, 300000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) seen = NULL;
  IlTimelineTotals totals;
  IlSessionWriter *writer;
  IlRecorded recorded;

  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &limit);
  writer = il_session_writer_new (path, &error);
  if (writer == NULL)
    return 2;
  il_session_writer_set_flush_interval (writer, 1000000);
  il_recorded_init (&recorded, writer, SEED);
  while (seen == NULL)
    {
      il_recorded_add (&recorded, 1);
      seen = il_session_writer_get_error (writer);
    }
  il_recorded_add (&recorded, 10);
  il_timeline_get_totals (recorded.timeline, &totals);
  il_recorded_finish (&recorded);
  if (il_session_writer_close (writer, &error))
    return 3;
  if (!g_error_matches (error, IL_SESSION_ERROR, IL_SESSION_ERROR_IO)
      || strchr (error->message, '\n') != NULL
      || strstr (error->message, "events after that are not in the file") == NULL)
    return 4;
  return missing_is_true (error->message, totals.n_records) ? 0 : 5;
}

static void
test_no_space (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  g_autoptr (IlTimeline) expected = NULL;
  gint64 end_ns;
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    _exit (record_beyond_limit ());
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);

  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
  end_ns = il_timeline_get_end (il_session_get_timeline (session));
  g_assert_cmpint (end_ns, >, 0);
  expected = il_recorded_rebuild (SEED, end_ns);
  il_assert_timelines_equal (expected, il_session_get_timeline (session));
}

/* Not even room for the empty tables: nothing is left behind, and what was there stays. */
static void
test_no_space_at_all (void)
{
  g_autoptr (IlTimeline) old = il_recorded_write (path, SEED, 5);
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  int status;
  pid_t child = fork ();

  g_assert_cmpint (child, >=, 0);
  if (child == 0)
    {
      const struct rlimit limit = { 5000, 5000 };
      IlSessionWriter *writer;

      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &limit);
      writer = il_session_writer_new (path, &error);
      _exit (writer == NULL && error != NULL ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  il_assert_timelines_equal (old, il_session_get_timeline (session));
}

/* In a child: begins to change the file, more than fits into memory, and dies. */
static void
die_within_commit (const char *target)
{
  sqlite3 *db;

  if (sqlite3_open (target, &db) != SQLITE_OK
      || sqlite3_exec (db,
                       "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN IMMEDIATE;"
                       "UPDATE chunks SET data = zeroblob(length(data)); DELETE FROM lanes",
                       NULL, NULL, NULL)
             != SQLITE_OK)
    _exit (1);
  kill (getpid (), SIGKILL);
}

static void
leave_journal (const char *target)
{
  pid_t child = fork ();

  if (child == 0)
    die_within_commit (target);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
}

static void
test_killed_within_commit (void)
{
  g_autoptr (IlTimeline) timeline = il_recorded_write (path, SEED, 40);
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  gsize size_before, size_after;

  g_assert_true (g_file_get_contents (path, &before, &size_before, NULL));
  leave_journal (path);
  g_assert_true (g_file_test (journal, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
  g_assert_true (size_before != size_after || memcmp (before, after, size_before) != 0);

  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  il_assert_timelines_equal (timeline, il_session_get_timeline (session));
  g_assert_false (g_file_test (journal, G_FILE_TEST_EXISTS));
}

/* A journal that names another file would have SQLite delete that file. */
static void
test_journal_of_somebody_else (void)
{
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);
  g_autofree char *victim = g_build_filename (folder, "victim", NULL);
  g_autoptr (GError) error = NULL;
  static const guint8 magic[] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7 };
  guint32 sum = 0, number;
  FILE *file;

  il_timeline_unref (il_recorded_write (path, SEED, 40));
  g_assert_true (g_file_set_contents (victim, "precious", -1, NULL));
  leave_journal (path);
  file = fopen (journal, "ab");
  number = GUINT32_TO_BE (0x40000000 / 4096 + 1);
  fwrite (&number, 4, 1, file);
  fwrite (victim, 1, strlen (victim), file);
  number = GUINT32_TO_BE ((guint32)strlen (victim));
  fwrite (&number, 4, 1, file);
  for (const char *p = victim; *p != '\0'; p++)
    sum += (guint8)*p;
  sum = GUINT32_TO_BE (sum);
  fwrite (&sum, 4, 1, file);
  fwrite (magic, sizeof magic, 1, file);
  fclose (file);

  g_assert_null (il_session_load (path, NULL, &error));
  g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED);
  g_assert_true (g_file_test (victim, G_FILE_TEST_EXISTS));
}

/* Many small chunks, as a long recording of a program that does little has. */
static IlTimeline *
write_small_chunks (guint n_chunks)
{
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (path, &error);
  IlTimeline *timeline;
  IlRecorded recorded;

  g_assert_no_error (error);
  il_session_writer_set_flush_interval (writer, 1);
  il_session_writer_set_chunk_records (writer, 4000);
  il_recorded_init (&recorded, writer, SEED);
  for (guint i = 0; i < n_chunks; i++)
    {
      il_recorded_add (&recorded, 1);
      while (il_session_writer_get_written_end (writer) < il_timeline_get_end (recorded.timeline))
        sched_yield ();
    }
  g_assert_true (il_session_writer_close (writer, &error));
  timeline = il_timeline_ref (recorded.timeline);
  il_recorded_finish (&recorded);
  return timeline;
}

/* A copy that broke off: what it has is a prefix, or it is refused. */
static void
test_truncated (void)
{
  g_autoptr (IlTimeline) whole = write_small_chunks (100);
  g_autofree char *contents = NULL;
  gint64 last_end_ns = 0;
  guint n_loaded = 0;
  gsize size;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  for (guint i = 0; i < 100; i++)
    {
      gsize length = size * i / 100 + i % 7;
      g_autoptr (GError) error = NULL;
      g_autoptr (IlSession) session = NULL;
      gint64 end_ns;

      g_assert_true (g_file_set_contents (path, contents, (gssize)length, NULL));
      session = il_session_load (path, NULL, &error);
      g_assert_true ((session == NULL) == (error != NULL));
      if (session == NULL)
        {
          g_assert_cmpint (error->domain, ==, IL_SESSION_ERROR);
          g_assert_null (strchr (error->message, '\n'));
          continue;
        }
      /* Nothing at all is not a session. */
      g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (session)), >, 0);
      n_loaded++;
      g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
      end_ns = il_timeline_get_end (il_session_get_timeline (session));
      g_assert_cmpint (end_ns, >=, last_end_ns);
      g_assert_cmpint (end_ns, <=, il_timeline_get_end (whole));
      last_end_ns = end_ns;
    }
  /* Half of a file is worth something. */
  g_assert_cmpuint (n_loaded, >, 50);
  g_assert_cmpint (last_end_ns, >, il_timeline_get_end (whole) / 2);
}

/* What a closed file lacks at its end is no more than what was there, and a chunk or two. */
static void
test_end_missing (void)
{
  g_autoptr (IlTimeline) whole = il_recorded_write (path, SEED, 40);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  IlTimelineTotals all, left;
  gsize size;

  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_true (g_file_set_contents (path, contents, (gssize)size - 4096, NULL));
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
  il_timeline_get_totals (whole, &all);
  il_timeline_get_totals (il_session_get_timeline (session), &left);
  g_assert_cmpuint (all.n_records - left.n_records, >, 0);
  g_assert_cmpuint (all.n_records - left.n_records, <=, 2 << 14);
}

/* Three seconds of a program that does little: some thousand records. */
static void
write_short (void)
{
  const IlLaneInfo info = { .kind = IL_LANE_THREAD, .name = "a thread", .tid = 7 };
  g_autoptr (GRand) random = g_rand_new_with_seed (SEED);
  g_autoptr (GError) error = NULL;
  IlSessionWriter *writer = il_session_writer_new (path, &error);

  g_assert_no_error (error);
  il_session_writer_add_lane (writer, 0, &info);
  for (gint64 begin_ns = 0; begin_ns < G_GINT64_CONSTANT (3000000000); begin_ns += 10000000)
    {
      g_autoptr (IlBatch) batch = il_batch_new (begin_ns);

      for (gint64 i = 0; i < 10; i++)
        {
          const IlRecord record
              = { .time_ns = begin_ns + i * 1000000 + g_rand_int_range (random, 0, 1000000),
                  .kind = i % 2 == 0 ? IL_RECORD_SCHED_IN : IL_RECORD_SCHED_OUT };

          il_batch_append (batch, 0, &record, 1);
        }
      il_batch_seal (batch, begin_ns + 10000000);
      il_session_writer_add_batch (writer, batch);
    }
  g_assert_true (il_session_writer_close (writer, &error));
}

/* Of a short recording, too, half of the file is worth something. */
static void
test_short_end_missing (void)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;
  gsize size;

  write_short ();
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_true (g_file_set_contents (path, contents, (gssize)(size * 3 / 4), NULL));
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
  g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (session)), >=, 1000000000);
}

/* Its tables are there, but not one chunk. */
static void
test_nothing_left (void)
{
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;

  il_timeline_unref (il_recorded_write (path, SEED, 2));
  g_assert_true (g_file_get_contents (path, &contents, &size, NULL));
  g_assert_true (g_file_set_contents (path, contents, (gssize)size / 2, NULL));
  g_assert_null (il_session_load (path, NULL, &error));
  g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "nothing of the recording is left in it"));
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = il_make_folder ();
  path = g_build_filename (folder, "a.interleave", NULL);
  g_test_add_func ("/crash/killed", test_killed);
  g_test_add_func ("/crash/no-space", test_no_space);
  g_test_add_func ("/crash/no-space-at-all", test_no_space_at_all);
  g_test_add_func ("/crash/killed-within-commit", test_killed_within_commit);
  g_test_add_func ("/crash/journal-of-somebody-else", test_journal_of_somebody_else);
  g_test_add_func ("/crash/truncated", test_truncated);
  g_test_add_func ("/crash/end-missing", test_end_missing);
  g_test_add_func ("/crash/short-end-missing", test_short_end_missing);
  g_test_add_func ("/crash/nothing-left", test_nothing_left);
  result = g_test_run ();
  il_remove_folder (folder);
  g_free (path);
  return result;
}
