/* il-file-place.c - making a private directory for what a run writes, and removing it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * It is called interleave-files-XXXXXX, in XDG_RUNTIME_DIR or else where temporary files are, and
 * is locked (flock) by the runner and its workers as long as one of them lives, so that a later
 * runner can tell what a killed one has left behind, and remove it.
 */

#include "config.h"

#include "il-file-place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_PREFIX "interleave-files-"
#define N_TRIES 100

static const char *
get_parent (void)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");

  return runtime != NULL && g_file_test (runtime, G_FILE_TEST_IS_DIR) ? runtime : g_get_tmp_dir ();
}

/* What is in it are files; fd: of the directory, (transfer full) */
static void
remove_files (int fd)
{
  DIR *dir = fdopendir (fd);
  struct dirent *entry;

  if (dir == NULL)
    {
      close (fd);
      return;
    }
  while ((entry = readdir (dir)) != NULL)
    unlinkat (dirfd (dir), entry->d_name, 0);
  closedir (dir);
}

static void
remove_if_abandoned (int parent_fd, const char *name)
{
  struct stat status;
  int fd = openat (parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    return;
  if (fstat (fd, &status) != 0 || status.st_uid != geteuid () || flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      close (fd);
      return;
    }
  remove_files (fd);
  unlinkat (parent_fd, name, AT_REMOVEDIR);
}

static void
remove_abandoned (const char *parent)
{
  DIR *dir = opendir (parent);
  struct dirent *entry;

  if (dir == NULL)
    return;
  while ((entry = readdir (dir)) != NULL)
    if (strncmp (entry->d_name, NAME_PREFIX, strlen (NAME_PREFIX)) == 0)
      remove_if_abandoned (dirfd (dir), entry->d_name);
  closedir (dir);
}

/* Another runner may take a directory for abandoned between its making and its locking. */
static bool
make_locked (IlFilePlace *place, const char *parent)
{
  for (int i = 0; i < N_TRIES; i++)
    {
      struct stat status;

      place->path = g_build_filename (parent, NAME_PREFIX "XXXXXX", NULL);
      place->fd = -1;
      if (g_mkdtemp (place->path) == NULL)
        return false;
      place->fd = open (place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
      if (place->fd >= 0 && flock (place->fd, LOCK_EX | LOCK_NB) == 0
          && fstat (place->fd, &status) == 0 && status.st_nlink > 0)
        return true;
      if (place->fd >= 0)
        close (place->fd);
      rmdir (place->path);
      g_clear_pointer (&place->path, g_free);
    }
  errno = EBUSY;
  return false;
}

/**
 * il_file_place_make:
 * @place: (out caller-allocates)
 *
 * Makes a directory that nobody else may look into, and removes those that others left behind.
 */
bool
il_file_place_make (IlFilePlace *place, GError **error)
{
  const char *parent = get_parent ();

  remove_abandoned (parent);
  if (make_locked (place, parent))
    return true;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               _ ("Cannot make a directory in %s: %s"), parent, g_strerror (errno));
  g_clear_pointer (&place->path, g_free);
  return false;
}

/**
 * il_file_place_remove:
 *
 * Removes the directory with all that is in it.
 */
void
il_file_place_remove (IlFilePlace *place)
{
  int fd = openat (place->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0)
    remove_files (fd);
  rmdir (place->path);
  close (place->fd);
  g_clear_pointer (&place->path, g_free);
}
