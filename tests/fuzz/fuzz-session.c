/* fuzz-session.c - bytes as a session file: a session or an error of one line
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"
#include "recorded.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* In memory, where there is such a file system. */
static const char *
get_path (void)
{
  static char *path;

  if (path == NULL)
    path = g_strdup_printf ("%s/fuzz-session-%d.interleave",
                            g_file_test ("/dev/shm", G_FILE_TEST_IS_DIR) ? "/dev/shm" : ".",
                            (int)getpid ());
  return path;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlSession) session = NULL;

  g_assert_true (g_file_set_contents_full (get_path (), (const char *)data, (gssize)size,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  session = il_session_load (get_path (), NULL, &error);
  g_assert_true ((session == NULL) == (error != NULL));
  if (error != NULL)
    {
      g_assert_cmpint (error->domain, ==, IL_SESSION_ERROR);
      g_assert_null (strchr (error->message, '\n'));
    }
  g_remove (get_path ());
  return 0;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  static char *contents[2];
  static gsize sizes[2];

  if (index >= G_N_ELEMENTS (contents))
    return 0;
  if (contents[index] == NULL)
    {
      il_timeline_unref (il_recorded_write (get_path (), 1, 1 + 8 * (guint)index));
      g_assert_true (g_file_get_contents (get_path (), &contents[index], &sizes[index], NULL));
      g_remove (get_path ());
      g_assert_cmpuint (sizes[index], <=, max_size);
    }
  memcpy (data, contents[index], sizes[index]);
  return sizes[index];
}
