/* test-hostile.c - a file that is not what it seems gives one line that says so, and nothing else
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "recorded.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "il-session-private.h"

static char *folder;
static char *path;
static char *good; /* contents of a good session file */
static gsize good_size;
static gint64 good_end_ns;

static void
assert_refused (const char *file, IlSessionError code, const char *why)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (il_session_load (file, NULL, &error));
  g_assert_error (error, IL_SESSION_ERROR, (gint)code);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_str_has_prefix (error->message, file));
  if (strstr (error->message, why) == NULL)
    g_error ("“%s” does not say “%s”", error->message, why);
}

static void
test_not_sessions (void)
{
  static const guint8 png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
  g_autofree char *missing = g_build_filename (folder, "missing", NULL);
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *link = g_build_filename (folder, "link", NULL);
  g_autofree char *text = g_strnfill (5000, 'x');

  assert_refused (missing, IL_SESSION_ERROR_IO, "No such file");
  assert_refused (folder, IL_SESSION_ERROR_FOREIGN, "folder");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  assert_refused (fifo, IL_SESSION_ERROR_FOREIGN, "not an ordinary file");
  g_assert_cmpint (symlink (link, link), ==, 0);
  assert_refused (link, IL_SESSION_ERROR_IO, "symbolic");
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_refused (path, IL_SESSION_ERROR_FOREIGN, "empty");
  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
  assert_refused (path, IL_SESSION_ERROR_FOREIGN, "not an Interleave session");
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  assert_refused (path, IL_SESSION_ERROR_FOREIGN, "not an Interleave session");
  g_assert_true (g_file_set_contents (path, (const char *)png, sizeof png, NULL));
  assert_refused (path, IL_SESSION_ERROR_FOREIGN, "not an Interleave session");
}

static void
run_sql (const char *sql)
{
  sqlite3 *db;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  if (sqlite3_exec (db, sql, NULL, NULL, &message) != SQLITE_OK)
    g_error ("%s: %s", sql, message);
  sqlite3_close (db);
}

static void
restore_good (void)
{
  g_assert_true (g_file_set_contents (path, good, (gssize)good_size, NULL));
}

static void
test_foreign_databases (void)
{
  g_remove (path);
  run_sql ("CREATE TABLE meta (key, value)");
  assert_refused (path, IL_SESSION_ERROR_FOREIGN, "not an Interleave session");
  restore_good ();
  run_sql ("PRAGMA user_version = 4");
  assert_refused (
      path, IL_SESSION_ERROR_NEWER,
      "was written by a newer version of Interleave (format 4, this one reads up to 3): "
      "update Interleave");
  restore_good ();
  run_sql ("PRAGMA user_version = 1");
  assert_refused (path, IL_SESSION_ERROR_FOREIGN, "never released");
  restore_good ();
  run_sql ("PRAGMA user_version = 0");
  assert_refused (path, IL_SESSION_ERROR_DAMAGED, "header");
  restore_good ();
  run_sql ("PRAGMA journal_mode = WAL");
  assert_refused (path, IL_SESSION_ERROR_DAMAGED, "header");
}

static const struct
{
  const char *sql, *why;
} hostile_cases[] = {
  { "DROP TABLE chunks", "tables" },
  { "CREATE TABLE bookmarks (id INTEGER PRIMARY KEY, time_ns, name, more)", "tables" },
  { "ALTER TABLE lanes ADD COLUMN more", "tables" },
  { "ALTER TABLE chunks RENAME TO old; CREATE VIEW chunks AS SELECT * FROM old", "tables" },
  { "ALTER TABLE meta RENAME TO old; CREATE VIEW meta AS SELECT key, load_extension('x') AS "
    "value "
    "FROM old",
    "tables" },
  { "DROP TABLE lanes; CREATE TABLE lanes (number INTEGER PRIMARY KEY, kind INTEGER AS (1))",
    "tables" },
  { "UPDATE lanes SET kind = 5 WHERE number = 1", "lanes" },
  { "UPDATE lanes SET kind = 'core' WHERE number = 1", "lanes" },
  { "UPDATE lanes SET role = -1", "lanes" },
  { "UPDATE lanes SET scheduler = 4", "lanes" },
  { "UPDATE lanes SET worker = 4294967296", "lanes" },
  { "UPDATE lanes SET pid = 2147483648", "lanes" },
  { "UPDATE lanes SET tid = 1.5", "lanes" },
  { "UPDATE lanes SET name = x'41'", "lanes" },
  { "UPDATE lanes SET process = x'37'", "lanes" },
  { "UPDATE lanes SET number = -1 WHERE number = 0", "lanes" },
  { "UPDATE lanes SET number = 9223372036854775807 WHERE number = 3", "lanes" },
  { "DELETE FROM lanes WHERE number = 0", "lane" },
  { "DELETE FROM lanes WHERE number = 4", "lane" },
  { "DELETE FROM lanes", "lane" },
  { "DELETE FROM objects WHERE kind = 3; UPDATE lanes SET number = 8 WHERE number = 6", "lanes" },
  { "UPDATE objects SET kind = 0", "objects" },
  { "UPDATE objects SET kind = 13", "objects" },
  { "UPDATE objects SET object = 0", "objects" },
  { "UPDATE objects SET object = 16777216", "objects" },
  { "UPDATE objects SET object = 1", "objects" },
  { "UPDATE objects SET name = 3.5 || x'ff'", "objects" },
  { "UPDATE objects SET parameter = 'many'", "objects" },
  { "UPDATE chunks SET data = 'text'", "part 1 " },
  { "UPDATE chunks SET data = x''", "part 1 " },
  { "UPDATE chunks SET data = x'00'", "shorter than its header" },
  { "UPDATE chunks SET data = zeroblob(1000000)", "does not begin" },
  { "UPDATE chunks SET data = substr(data, 1, length(data) - 1)", "checksum is wrong" },
  { "UPDATE chunks SET data = substr(data, 1, 200)", "checksum is wrong" },
  { "UPDATE chunks SET data = data || x'00'", "part 1 " },
  { "UPDATE chunks SET begin_ns = begin_ns - 1", "what the table says" },
  { "UPDATE chunks SET end_ns = end_ns + 1", "what the table says" },
  { "UPDATE chunks SET end_ns = 'late'", "what the table says" },
  { "UPDATE chunks SET n_records = n_records + 1", "what the table says" },
  { "INSERT INTO chunks SELECT 1000, begin_ns, end_ns, n_records, data FROM chunks WHERE id = 1",
    "part 1000 " },
  { "INSERT INTO chunks SELECT 1099511627776, begin_ns, end_ns, n_records, data FROM chunks WHERE "
    "id = 1",
    "part 1099511627776 " },
  { "INSERT INTO chunks VALUES (9223372036854775807, 0, 1, 2, 'more')",
    "part 9223372036854775807 " },
  { "INSERT INTO chunks SELECT -5, begin_ns, end_ns, n_records, data FROM chunks WHERE id = 1",
    "part 1 " },
};

static void
test_hostile_sql (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile_cases); i++)
    {
      g_test_message ("%s", hostile_cases[i].sql);
      restore_good ();
      run_sql (hostile_cases[i].sql);
      assert_refused (path, IL_SESSION_ERROR_DAMAGED, hostile_cases[i].why);
    }
}

/* What is wrong with tables, and the recording can be opened without. */
static const struct
{
  const char *sql, *why;
} damaged_cases[] = {
  { "UPDATE meta SET value = x'00ff'", "facts" },
  { "UPDATE meta SET value = CAST(x'ff41' AS TEXT)", "facts" },
  { "UPDATE meta SET value = hex(zeroblob(1000000))", "facts" },
  /* A frame of zstd that says it is of 2^40 bytes, one that does not say, and one that breaks off.
   */
  { "UPDATE meta SET value = x'28b52ffde00000000000010000010000'", "facts" },
  { "UPDATE meta SET value = x'28b52ffd0058190000616263'", "facts" },
  { "UPDATE meta SET value = x'28b52ffd200319000061'", "facts" },
  { "UPDATE meta SET value = x'28b52ffd2003190000ff4142'", "facts" },
  { "UPDATE meta SET key = hex(zeroblob(1000)) WHERE key = 'title'", "facts" },
  { "UPDATE meta SET value = 'B title' WHERE key = 'title'", "facts" },
  { "DELETE FROM meta WHERE key = 'title'", "facts" },
  { "UPDATE meta SET value = 'none' WHERE key = 'sums'", "facts" },
  { "UPDATE lanes SET name = 'Worker 7' WHERE number = 3", "lanes" },
  { "UPDATE lanes SET process = NULL", "lanes" },
  { "UPDATE lanes SET tid = tid + 1 WHERE number = 3", "lanes" },
  { "UPDATE objects SET name = 'B' WHERE kind = 1", "objects" },
  { "UPDATE objects SET parameter = parameter + 1 WHERE kind = 3", "objects" },
};

static void
test_damaged_tables (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (damaged_cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IlSession) session = NULL;

      g_test_message ("%s", damaged_cases[i].sql);
      restore_good ();
      run_sql (damaged_cases[i].sql);
      session = il_session_load (path, NULL, &error);
      g_assert_no_error (error);
      g_assert_nonnull (il_session_get_damage (session));
      g_assert_nonnull (strstr (il_session_get_damage (session), damaged_cases[i].why));
      g_assert_null (strchr (il_session_get_damage (session), '\n'));
      g_assert_cmpint (il_timeline_get_end (il_session_get_timeline (session)), ==, good_end_ns);
    }
}

/* One of an earlier version, or whose recorder was killed, has no sums. */
static void
test_no_sums (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;

  restore_good ();
  run_sql ("DELETE FROM meta WHERE key = 'sums'; UPDATE lanes SET process = NULL");
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (il_session_get_damage (session));
}

/* What does not concern us does no harm, and is not run. */
static void
test_harmless_additions (void)
{
  static const char *const additions[] = {
    "CREATE TABLE more (x)",
    "CREATE TRIGGER t AFTER INSERT ON chunks BEGIN SELECT load_extension('x'); END",
    "CREATE VIEW v AS SELECT load_extension('x')",
    "CREATE INDEX i ON chunks (begin_ns)",
    ("CREATE TABLE notes (id INTEGER PRIMARY KEY, begin_ns, end_ns, lane, text);"
     "INSERT INTO notes VALUES (1, 0, 1, NULL, 'a note')"),
    "VACUUM",
  };

  for (guint i = 0; i < G_N_ELEMENTS (additions); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (IlSession) session = NULL;

      restore_good ();
      run_sql (additions[i]);
      session = il_session_load (path, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_WHOLE);
      g_assert_null (il_session_get_damage (session));
    }
}

static void
test_not_closed (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;

  restore_good ();
  run_sql ("DELETE FROM meta WHERE key = 'closed'");
  session = il_session_load (path, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (il_session_get_ending (session), ==, IL_SESSION_CUT_OFF);
}

/* Damage anywhere: a session or an error, never both and never worse. */
static void
test_damaged_anywhere (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (3);

  for (guint round = 0; round < 300; round++)
    {
      g_autofree char *contents = g_memdup2 (good, good_size);
      g_autoptr (GError) error = NULL;
      g_autoptr (IlSession) session = NULL;

      g_assert_cmpuint (good_size, >, 6 * 1024);
      /* Mostly in the pages of the schema and the small tables, where everything hangs together. */
      for (guint i = 0; i < 1 + round % 4; i++)
        contents[g_rand_int_range (random, 100, round % 3 == 0 ? (gint32)good_size : 6 * 1024)]
            = (char)g_rand_int (random);
      g_assert_true (g_file_set_contents (path, contents, (gssize)good_size, NULL));
      session = il_session_load (path, NULL, &error);
      g_assert_true ((session == NULL) == (error != NULL));
      if (error != NULL)
        {
          g_assert_cmpint (error->domain, ==, IL_SESSION_ERROR);
          g_assert_null (strchr (error->message, '\n'));
        }
    }
}

int
main (int argc, char **argv)
{
  g_autoptr (IlTimeline) timeline = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = il_make_folder ();
  path = g_build_filename (folder, "a.interleave", NULL);
  timeline = il_recorded_write (path, 1, 10);
  good_end_ns = il_timeline_get_end (timeline);
  g_assert_true (g_file_get_contents (path, &good, &good_size, NULL));

  g_test_add_func ("/hostile/not-sessions", test_not_sessions);
  g_test_add_func ("/hostile/foreign-databases", test_foreign_databases);
  g_test_add_func ("/hostile/hostile-sql", test_hostile_sql);
  g_test_add_func ("/hostile/damaged-tables", test_damaged_tables);
  g_test_add_func ("/hostile/no-sums", test_no_sums);
  g_test_add_func ("/hostile/harmless-additions", test_harmless_additions);
  g_test_add_func ("/hostile/not-closed", test_not_closed);
  g_test_add_func ("/hostile/damaged-anywhere", test_damaged_anywhere);
  result = g_test_run ();
  il_remove_folder (folder);
  g_free (path);
  g_free (good);
  return result;
}
