/* il-trace-file.c - the reader's making and removing of the shared file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The file is called interleave-trace-XXXXXX and is locked (flock) by the reader as long as it
 * lives, so that a later reader can tell what a killed one has left behind, and remove it.
 *
 * Where all targets are children that can inherit a descriptor it needs no name at all: then the
 * kernel takes it back when the last who has it ends, in whatever way.
 */

#include "config.h"

#include "il-trace-private.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define NAME_PREFIX "interleave-trace-"

static void
remove_if_abandoned (int directory_fd, const char *name)
{
  struct stat status;
  int fd = openat (directory_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

  if (fd < 0)
    return;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_uid == geteuid ()
      && flock (fd, LOCK_EX | LOCK_NB) == 0)
    unlinkat (directory_fd, name, 0);
  close (fd);
}

static void
remove_abandoned (const char *directory)
{
  DIR *dir = opendir (directory);
  struct dirent *entry;

  if (dir == NULL)
    return;
  while ((entry = readdir (dir)) != NULL)
    if (strncmp (entry->d_name, NAME_PREFIX, strlen (NAME_PREFIX)) == 0)
      remove_if_abandoned (dirfd (dir), entry->d_name);
  closedir (dir);
}

/* Another reader may take a file for abandoned between its making and its locking. */
static int
make_locked (const char *directory, char **path)
{
  for (int tries = 0; tries < 100; tries++)
    {
      struct stat status;
      int fd;

      if (asprintf (path, "%s/" NAME_PREFIX "XXXXXX", directory) < 0)
        {
          *path = NULL;
          return -1;
        }
      fd = mkostemp (*path, O_CLOEXEC);
      if (fd >= 0 && flock (fd, LOCK_EX | LOCK_NB) == 0 && fstat (fd, &status) == 0
          && status.st_nlink > 0)
        return fd;
      if (fd < 0)
        return -1;
      unlink (*path);
      close (fd);
      free (*path);
      *path = NULL;
    }
  errno = EBUSY;
  return -1;
}

static uint64_t
free_space (int fd)
{
  struct statvfs status;

  if (fstatvfs (fd, &status) != 0)
    return 0;
  return (uint64_t)status.f_bavail * status.f_frsize;
}

/* Not every file system has files without a name. */
static int
make_nameless (const char *directory, char **path)
{
  int fd = open (directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd >= 0 && asprintf (path, IL_TRACE_FD_PREFIX "%d", fd) < 0)
    {
      close (fd);
      fd = -1;
      *path = NULL;
    }
  return fd;
}

/* See il-trace-private.h. */
int
il_trace_file_make (const char *directory, bool is_nameless, uint32_t max_lanes,
                    uint32_t ring_events, IlTraceLayout *layout, char **path)
{
  int fd = -1, error = 0;

  *path = NULL;
  remove_abandoned (directory);
  if (is_nameless)
    fd = make_nameless (directory, path);
  if (fd < 0)
    fd = make_locked (directory, path);
  if (fd < 0)
    {
      error = errno;
      free (*path);
      *path = NULL;
      errno = error;
      return -1;
    }

  il_trace_layout_choose (layout, max_lanes, ring_events, free_space (fd));
  if (ftruncate (fd, (off_t)layout->file_size) != 0)
    error = errno;
  else
    error = posix_fallocate (fd, 0, (off_t)layout->rings_offset);
  if (error == 0)
    return fd;

  if (!il_trace_path_is_fd (*path))
    unlink (*path);
  close (fd);
  free (*path);
  *path = NULL;
  errno = error;
  return -1;
}
