/* il-file-place.c - making private files for what a run writes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * They are in XDG_RUNTIME_DIR, or else where temporary files are, and have no name: nobody else can
 * open them, and the kernel takes them back when the runner and its workers have ended, in whatever
 * way.
 */

#include "config.h"

#include "il-file-place.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <unistd.h>

static const char *
get_parent (void)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");

  return runtime != NULL && g_file_test (runtime, G_FILE_TEST_IS_DIR) ? runtime : g_get_tmp_dir ();
}

/* Where the file system has no files without a name: it has one for a moment. */
static int
open_and_unlink (const char *parent)
{
  g_autofree char *path = g_build_filename (parent, "interleave-file-XXXXXX", NULL);
  int fd = mkostemp (path, O_APPEND | O_CLOEXEC);

  if (fd >= 0)
    unlink (path);
  return fd;
}

/**
 * il_file_place_open:
 *
 * Makes an empty file, every write to which goes to its end.
 *
 * Returns: its descriptor; -1 with the reason
 */
int
il_file_place_open (GError **error)
{
  const char *parent = get_parent ();
  int fd = open (parent, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC, 0600);

  if (fd < 0)
    fd = open_and_unlink (parent);
  if (fd < 0)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 _ ("Cannot make a file in %s: %s"), parent, g_strerror (errno));
  return fd;
}
