/* test-recordings.c - recordings get names that sort by age, and only the newest are kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-recordings.h"

#include <glib/gstdio.h>

static void
touch (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, "x", 1, NULL));
}

static gboolean
exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
test_names (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  g_autoptr (GDateTime) now = g_date_time_new (zone, 2026, 11, 21, 15, 7, 42);
  g_autofree char *bundled = il_recordings_new_name ("lock-contention", now);
  g_autofree char *file = il_recordings_new_name ("/tmp/my work.scenario", now);

  g_assert_cmpstr (bundled, ==, "2026-11-21-15.07.42-lock-contention.interleave");
  g_assert_cmpstr (file, ==, "2026-11-21-15.07.42-my work.interleave");
}

static void
test_prunes_the_oldest (void)
{
  g_autofree char *folder = g_dir_make_tmp ("recordings-XXXXXX", NULL);

  touch (folder, "2026-01-01-a.interleave");
  touch (folder, "2026-01-01-a.interleave-journal");
  touch (folder, "2026-01-02-b.interleave");
  touch (folder, "2026-01-03-c.interleave");
  touch (folder, "0000-notes.txt");
  il_recordings_prune (folder, 2);
  g_assert_false (exists (folder, "2026-01-01-a.interleave"));
  g_assert_false (exists (folder, "2026-01-01-a.interleave-journal"));
  g_assert_true (exists (folder, "2026-01-02-b.interleave"));
  g_assert_true (exists (folder, "2026-01-03-c.interleave"));
  g_assert_true (exists (folder, "0000-notes.txt"));
  il_recordings_prune (folder, 0);
  g_assert_false (exists (folder, "2026-01-03-c.interleave"));
  il_recordings_prune ("/nonexistent", 0);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

static char *
prepare (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  il_recordings_prepare_async ("lock-contention", NULL, result_cb, &result);
  while (!result)
    g_main_context_iteration (NULL, TRUE);

  return il_recordings_prepare_finish (result, error);
}

static void
test_prepares_distinct_files (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *first = prepare (&error);
  g_autofree char *second = NULL;

  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (first, "-lock-contention.interleave"));
  g_assert_true (g_file_set_contents (first, "x", 1, NULL));
  second = prepare (&error);
  g_assert_no_error (error);
  g_assert_cmpstr (first, !=, second);
}

/* A file is where the folder should be. */
static void
test_tells_why_there_is_no_folder (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = il_recordings_get_folder ();
  g_autofree char *parent = g_path_get_dirname (folder);
  g_autofree char *aside = g_strconcat (parent, ".aside", NULL);
  g_autofree char *path = NULL;

  g_assert_cmpint (g_rename (parent, aside), ==, 0);
  g_assert_true (g_file_set_contents (parent, "x", 1, NULL));
  path = prepare (&error);
  g_assert_null (path);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_DIRECTORY);
  g_assert_nonnull (strstr (error->message, folder));
}

int
main (int argc, char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("recordings-XXXXXX", NULL);

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/recordings/names", test_names);
  g_test_add_func ("/recordings/prunes-the-oldest", test_prunes_the_oldest);
  g_test_add_func ("/recordings/prepares-distinct-files", test_prepares_distinct_files);
  g_test_add_func ("/recordings/tells-why-there-is-no-folder", test_tells_why_there_is_no_folder);
  return g_test_run ();
}
