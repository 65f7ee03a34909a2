/* il-recordings.c - where each run is recorded, and how long it is kept
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-recordings.h"

#include <errno.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>
#include <string.h>

/**
 * il_recordings_get_folder:
 *
 * Returns: (transfer full): path of the folder, which may not be there yet
 */
char *
il_recordings_get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "interleave", "recordings", NULL);
}

/**
 * il_recordings_new_name:
 * @scenario_id: bundled id or path of a scenario
 * @now: of the user's time zone
 *
 * Names sort by age and say what ran: "2026-11-21-15.07.42-lock-contention.interleave".
 *
 * Returns: (transfer full): a file's name
 */
char *
il_recordings_new_name (const char *scenario_id, GDateTime *now)
{
  g_autofree char *base = g_path_get_basename (scenario_id);
  g_autofree char *date = g_date_time_format (now, "%Y-%m-%d-%H.%M.%S");

  if (g_str_has_suffix (base, ".scenario"))
    base[strlen (base) - strlen (".scenario")] = '\0';

  return g_strdup_printf ("%s-%s%s", date, base, IL_RECORDING_SUFFIX);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
remove_recording (const char *folder, const char *name)
{
  static const char *const companions[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      g_autofree char *path = g_strconcat (folder, "/", name, companions[i], NULL);

      g_unlink (path);
    }
}

/**
 * il_recordings_prune:
 * @folder: path
 * @n_kept: how many of the newest stay
 *
 * Deletes recordings beyond the newest.  Looks at the disk: not for the main thread.
 */
void
il_recordings_prune (const char *folder, guint n_kept)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (g_str_has_suffix (name, IL_RECORDING_SUFFIX))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i + n_kept < names->len; i++)
    remove_recording (folder, g_ptr_array_index (names, i));
}

static void
prepare_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autofree char *folder = il_recordings_get_folder ();
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *name = il_recordings_new_name (data, now);
  char *path;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int cause = errno;

      g_task_return_new_error (task, G_IO_ERROR, (int)g_io_error_from_errno (cause),
                               _ ("The folder for recordings, %s, cannot be made: %s"), folder,
                               g_strerror (cause));
      return;
    }

  il_recordings_prune (folder, IL_RECORDINGS_KEPT - 1);

  /* Two runs may begin within a second. */
  path = g_build_filename (folder, name, NULL);
  for (guint i = 2; g_file_test (path, G_FILE_TEST_EXISTS); i++)
    {
      int stem = (int)(strlen (name) - strlen (IL_RECORDING_SUFFIX));

      g_free (path);
      path = g_strdup_printf ("%s/%.*s-%u%s", folder, stem, name, i, IL_RECORDING_SUFFIX);
    }
  g_task_return_pointer (task, path, g_free);
}

/**
 * il_recordings_prepare_async:
 * @scenario_id: what is to be recorded
 *
 * Makes room for one more recording and finds a name for it.
 */
void
il_recordings_prepare_async (const char *scenario_id, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);

  g_task_set_source_tag (task, il_recordings_prepare_async);
  g_task_set_task_data (task, g_strdup (scenario_id), g_free);
  g_task_run_in_thread (task, prepare_thread);
}

/**
 * il_recordings_prepare_finish:
 *
 * Returns: (transfer full): path of a file that does not exist yet
 */
char *
il_recordings_prepare_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
