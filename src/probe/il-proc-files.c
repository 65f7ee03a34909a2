/* il-proc-files.c - the files of /proc about threads, taken apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The formats are those of proc(5) and of Documentation/scheduler/sched-stats.rst in the kernel's
 * sources.
 */

#include "config.h"

#include "il-proc-files.h"

#include <string.h>

/* Fields of /proc/PID/stat as proc(5) numbers them. */
#define FIELD_STATE 3
#define FIELD_PPID 4
#define FIELD_STARTTIME 22
#define FIELD_PROCESSOR 39

/**
 * il_proc_stat_parse:
 * @text: of /proc/PID/stat or /proc/PID/task/TID/stat
 *
 * The name may hold spaces and parentheses, it ends at the last one.
 */
gboolean
il_proc_stat_parse (const char *text, IlProcStat *stat)
{
  const char *open = strchr (text, '(');
  const char *close = strrchr (text, ')');
  const char *at;
  gsize length;

  memset (stat, 0, sizeof *stat);
  if (open == NULL || close == NULL || close < open)
    return FALSE;
  length = MIN ((gsize)(close - open - 1), sizeof stat->name - 1);
  memcpy (stat->name, open + 1, length);

  at = close + 1;
  for (int field = FIELD_STATE; field <= FIELD_PROCESSOR; field++)
    {
      if (*at != ' ')
        return FALSE;
      at++;
      if (field == FIELD_STATE)
        stat->state = *at;
      else if (field == FIELD_PPID)
        stat->parent = (pid_t)g_ascii_strtoll (at, NULL, 10);
      else if (field == FIELD_STARTTIME)
        stat->start_ticks = g_ascii_strtoull (at, NULL, 10);
      else if (field == FIELD_PROCESSOR)
        stat->core = (guint)g_ascii_strtoull (at, NULL, 10);
      at += strcspn (at, " \n");
    }
  return stat->state != '\0' && stat->state != '\n';
}

/**
 * il_proc_schedstat_parse:
 * @run_ns: (out): on a core
 * @wait_ns: (out): ready, but not on a core
 */
gboolean
il_proc_schedstat_parse (const char *text, guint64 *run_ns, guint64 *wait_ns)
{
  char *end;

  *run_ns = g_ascii_strtoull (text, &end, 10);
  if (end == text || *end != ' ')
    return FALSE;
  text = end + 1;
  *wait_ns = g_ascii_strtoull (text, &end, 10);
  return end != text;
}

/**
 * il_proc_status_get:
 * @text: of /proc/PID/status
 * @key: e.g. "VmHWM", without the colon
 * @value: (out): the number as it stands there
 */
gboolean
il_proc_status_get (const char *text, const char *key, guint64 *value)
{
  gsize length = strlen (key);

  for (const char *line = text; line != NULL && *line != '\0';)
    {
      if (strncmp (line, key, length) == 0 && line[length] == ':')
        {
          const char *digits = line + length + 1;
          char *end;

          while (*digits == ' ' || *digits == '\t')
            digits++;
          *value = g_ascii_strtoull (digits, &end, 10);
          return end != digits;
        }
      line = strchr (line, '\n');
      if (line != NULL)
        line++;
    }
  return FALSE;
}
