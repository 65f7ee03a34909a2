/* il-proc-stat.c - the files that /proc has of a thread, as values
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "il-probe-private.h"

/* Fields of /proc/PID/stat as proc(5) numbers them; those before the state are found by their
 * parentheses. */
enum
{
  FIELD_STATE = 3,
  FIELD_PARENT = 4,
  FIELD_USER = 14,
  FIELD_SYSTEM = 15,
  FIELD_THREADS = 20,
  FIELD_START = 22,
  FIELD_CORE = 39,
};

/**
 * il_proc_parse_stat:
 * @text: /proc/PID/stat or /proc/PID/task/TID/stat
 *
 * The name is what stands between the first and the last parenthesis: it may contain spaces,
 * parentheses and line ends of its own.
 */
gboolean
il_proc_parse_stat (const char *text, IlProcStat *stat)
{
  const char *open = strchr (text, '(');
  const char *close = strrchr (text, ')');
  const char *field;

  if (open == NULL || close == NULL || close < open || close[1] != ' ' || close[2] == '\0')
    return FALSE;
  memset (stat, 0, sizeof *stat);
  il_probe_copy_name (stat->name, open + 1, (gsize)(close - open - 1));
  stat->state = close[2];
  field = close + 3;
  for (int i = FIELD_PARENT; i <= FIELD_CORE; i++)
    {
      char *end;
      gint64 value;

      if (*field != ' ')
        return FALSE;
      value = g_ascii_strtoll (field + 1, &end, 10);
      if (end == field + 1)
        return FALSE;
      field = end;
      if (i == FIELD_PARENT)
        stat->parent = (pid_t)value;
      else if (i == FIELD_USER || i == FIELD_SYSTEM)
        stat->cpu_ticks += (guint64)value;
      else if (i == FIELD_THREADS)
        stat->n_threads = (guint)value;
      else if (i == FIELD_START)
        stat->start_ticks = (guint64)value;
      else if (i == FIELD_CORE)
        stat->core = (guint)value;
    }
  return TRUE;
}

/**
 * il_proc_parse_schedstat:
 * @text: "RUN WAIT SLICES\n", the first two in nanoseconds
 */
gboolean
il_proc_parse_schedstat (const char *text, IlProcSchedstat *schedstat)
{
  guint64 *const values[] = { &schedstat->run_ns, &schedstat->wait_ns, &schedstat->n_slices };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      char *end;

      if (!g_ascii_isdigit (*text))
        return FALSE;
      *values[i] = g_ascii_strtoull (text, &end, 10);
      text = *end == ' ' ? end + 1 : end;
    }
  return TRUE;
}

/* The number of a line "key:\t  123 …"; FALSE where there is none. */
static gboolean
find_number (const char *text, const char *key, guint64 *value)
{
  const char *line = strstr (text, key);
  char *end;

  if (line == NULL)
    return FALSE;
  line += strlen (key);
  *value = g_ascii_strtoull (line, &end, 10);
  return end != line;
}

/**
 * il_proc_parse_status:
 * @text: /proc/PID/task/TID/status
 */
gboolean
il_proc_parse_status (const char *text, IlProcStatus *status)
{
  guint64 peak_kib = 0;

  /* The name comes first and cannot forge a line: the kernel escapes what ends one. */
  if (!find_number (text, "\nvoluntary_ctxt_switches:", &status->voluntary_switches)
      || !find_number (text, "\nnonvoluntary_ctxt_switches:", &status->involuntary_switches))
    return FALSE;
  find_number (text, "\nVmHWM:", &peak_kib);
  status->peak_rss_bytes = peak_kib * 1024;
  return TRUE;
}
