/* full-disk.c - preloaded into a program, lets the disk be full for session files
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Once FULL_DISK_BYTES were written to files whose name has ".interleave" in it, every further
 * write to one fails as on a full disk.  A real one would need a file system of its own, and thus
 * root.
 */

/* Both names of a function are wanted, not one for the other. */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static _Atomic long long n_written;

static int
is_session (int fd)
{
  char link[64], path[4096];
  ssize_t length;

  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  length = readlink (link, path, sizeof path - 1);
  if (length <= 0)
    return 0;
  path[length] = '\0';
  return strstr (path, ".interleave") != NULL;
}

static int
is_full (int fd, size_t size)
{
  const char *limit = getenv ("FULL_DISK_BYTES");

  if (limit == NULL || !is_session (fd))
    return 0;
  return atomic_fetch_add (&n_written, (long long)size) + (long long)size > atoll (limit);
}

__attribute__ ((visibility ("default"))) ssize_t
pwrite (int fd, const void *data, size_t size, off_t offset)
{
  static ssize_t (*real) (int, const void *, size_t, off_t);

  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "pwrite");
  if (is_full (fd, size))
    {
      errno = ENOSPC;
      return -1;
    }
  return real (fd, data, size, offset);
}

__attribute__ ((visibility ("default"))) ssize_t
pwrite64 (int fd, const void *data, size_t size, off64_t offset)
{
  static ssize_t (*real) (int, const void *, size_t, off64_t);

  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "pwrite64");
  if (is_full (fd, size))
    {
      errno = ENOSPC;
      return -1;
    }
  return real (fd, data, size, offset);
}

__attribute__ ((visibility ("default"))) ssize_t
write (int fd, const void *data, size_t size)
{
  static ssize_t (*real) (int, const void *, size_t);

  if (real == NULL)
    *(void **)&real = dlsym (RTLD_NEXT, "write");
  if (is_full (fd, size))
    {
      errno = ENOSPC;
      return -1;
    }
  return real (fd, data, size);
}
