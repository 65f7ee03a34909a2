/* il-memory-probe.c - what a process really takes of the memory, by /proc/PID/smaps
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Resident sizes of processes that were forked cannot be added up: what they share would be counted
 * for each of them.  Proportional sizes can, see "Documentation/filesystems/proc.rst" of Linux,
 * "Pss".
 */

#include "config.h"

#include "il-probe.h"

#include <string.h>

#include "il-probe-private.h"

/* The first line of a mapping begins with its address, those that follow with a capital letter. */
static gboolean
begins_mapping (const char *line)
{
  return g_ascii_isdigit (*line) || g_ascii_islower (*line);
}

static gboolean
line_has (const char *line, gsize length, const char *part)
{
  return part != NULL && g_strstr_len (line, (gssize)length, part) != NULL;
}

/**
 * il_proc_parse_pss:
 * @text: the content of smaps; any text
 * @excluded: (nullable): part of the name of mappings that do not count
 *
 * Returns: the sum of its "Pss:" in bytes
 */
guint64
il_proc_parse_pss (const char *text, const char *excluded)
{
  gboolean counts = TRUE;
  guint64 kib = 0;

  while (*text != '\0')
    {
      gsize length = strcspn (text, "\n");

      if (begins_mapping (text))
        counts = !line_has (text, length, excluded);
      else if (counts && g_str_has_prefix (text, "Pss:"))
        {
          guint64 more = g_ascii_strtoull (text + strlen ("Pss:"), NULL, 10);

          /* More than there can be is damage. */
          kib += more <= G_MAXUINT32 * G_GUINT64_CONSTANT (1024) ? more : 0;
        }
      text += length + (text[length] == '\n');
    }
  return kib * 1024;
}

/**
 * il_probe_read_pss:
 * @pid: of a process
 * @excluded: (nullable): part of the name of mappings that do not count
 *
 * Returns: its proportional set size in bytes; 0 where it cannot be read
 */
guint64
il_probe_read_pss (pid_t pid, const char *excluded)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/smaps", (int)pid);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  return il_proc_parse_pss (text, excluded);
}
