/* il-report-words.c - words and numbers as reports have them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "il-report-text-private.h"

/* By IlLockKind of src/trace/il-event.h, whose numbers a file has, too. */
static const char *const lock_kinds[]
    = { "plain", "recursive", "spin", "ticket", "gil", "binary", "checking", "robust", "priority" };
static const char *const channel_kinds[] = { "queue", "memory", "pipe", "socket" };

/**
 * il_report_get_kind:
 *
 * Returns: (nullable): the word for what a lane is, as in JSON; NULL for one of no particular kind
 */
const char *
il_report_get_kind (const IlLaneInfo *info)
{
  switch (info->kind)
    {
    case IL_LANE_LOCK:
      return lock_kinds[info->parameter < G_N_ELEMENTS (lock_kinds) ? info->parameter : 0];
    case IL_LANE_RWLOCK:
      return "rwlock";
    case IL_LANE_SEMAPHORE:
      return "semaphore";
    case IL_LANE_EVENT:
      return "event";
    case IL_LANE_CONDITION:
      return "condition";
    case IL_LANE_BARRIER:
      return "barrier";
    case IL_LANE_CHANNEL:
      return channel_kinds[info->parameter < G_N_ELEMENTS (channel_kinds) ? info->parameter : 0];
    case IL_LANE_THREAD:
    case IL_LANE_CORE:
    case IL_LANE_QUEUE:
    case IL_LANE_COUNTER:
    case IL_LANE_FILE:
    case IL_N_LANE_KINDS:
    default:
      return NULL;
    }
}

/**
 * il_report_format_moment:
 *
 * Returns: (transfer full): when something was
 */
char *
il_report_format_moment (gint64 time_ns)
{
  /* Translators: a moment, in seconds since the recording began */
  return g_strdup_printf (_ ("%.3f s"), (double)time_ns / 1e9);
}

/**
 * il_report_format_time:
 *
 * Three digits that mean something: "12.3 µs".
 */
char *
il_report_format_time (gint64 time_ns)
{
  static const char *const units[] = { N_ ("ns"), N_ ("µs"), N_ ("ms"), N_ ("s") };
  double value = (double)time_ns;
  guint unit = 0;

  while (fabs (value) >= 999.5 && unit + 1 < G_N_ELEMENTS (units))
    {
      value /= 1000;
      unit++;
    }
  return g_strdup_printf ("%.*f %s",
                          unit == 0 || fabs (value) >= 99.95 ? 0
                          : fabs (value) >= 9.995            ? 1
                                                             : 2,
                          value, _ (units[unit]));
}

/**
 * il_report_format_count:
 *
 * With separators of thousands, as the locale has them.
 */
char *
il_report_format_count (guint64 count)
{
  return g_strdup_printf ("%'" G_GUINT64_FORMAT, count);
}

/**
 * il_report_format_share:
 *
 * In percent; a dash for what is not known.
 */
char *
il_report_format_share (double share)
{
  if (!isfinite (share))
    return g_strdup ("–");
  /* Translators: a share in percent */
  return g_strdup_printf (_ ("%.1f %%"), share * 100);
}

/**
 * il_report_format_bytes:
 *
 * "1.5 MiB"; a dash for none.
 */
char *
il_report_format_bytes (guint64 bytes)
{
  return bytes > 0 ? g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS) : g_strdup ("–");
}

/**
 * il_report_format_time_of:
 *
 * One figure of a distribution; a dash where that is empty.
 */
char *
il_report_format_time_of (const IlDistribution *distribution, gint64 time_ns)
{
  return distribution->n > 0 ? il_report_format_time (time_ns) : g_strdup ("–");
}

/**
 * il_report_append_wrapped:
 * @text: of any origin
 *
 * Breaks a text between words, and lets lines behind the first begin further in.
 */
void
il_report_append_wrapped (GString *out, const char *text)
{
  g_autofree char *printable = il_text_make_printable (text);
  g_auto (GStrv) words = g_strsplit (printable, " ", -1);
  glong column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      glong length = g_utf8_strlen (words[i], -1);

      if (column > 2 && column + 1 + length > IL_REPORT_WIDTH)
        {
          g_string_append (out, "\n  ");
          column = 2;
        }
      else if (i > 0)
        {
          g_string_append_c (out, ' ');
          column++;
        }
      g_string_append (out, words[i]);
      column += length;
    }
  g_string_append_c (out, '\n');
}

/**
 * il_report_append_in_vain:
 * @name: of what was waited for
 *
 * Says how many waits were in vain, if any.
 */
void
il_report_append_in_vain (GString *out, const char *name, guint64 n_waits, guint64 n_in_vain)
{
  g_autofree char *waits = il_report_format_count (n_waits);
  g_autofree char *in_vain = il_report_format_count (n_in_vain);
  g_autofree char *line = NULL;

  if (n_in_vain == 0)
    return;
  /* Translators: name of a lock, a queue, a condition …; how many of so many waits for it */
  line = g_strdup_printf (ngettext ("%s: %s of %s wait ended without success",
                                    "%s: %s of %s waits ended without success", (gulong)n_waits),
                          il_name_get_shown (name), in_vain, waits);
  il_report_append_wrapped (out, line);
}

/**
 * il_report_append_more:
 *
 * Says how many rows of a table are not shown.
 */
void
il_report_append_more (GString *out, guint n_rows)
{
  if (n_rows > IL_REPORT_MAX_ROWS)
    {
      g_string_append_printf (
          out, ngettext ("… and %u more", "… and %u more", n_rows - IL_REPORT_MAX_ROWS),
          n_rows - IL_REPORT_MAX_ROWS);
      g_string_append_c (out, '\n');
    }
}

/**
 * il_report_format_rate:
 * @per_second: NAN where it is not known
 *
 * Bytes per second.
 */
char *
il_report_format_rate (double per_second)
{
  g_autofree char *bytes = NULL;

  if (!isfinite (per_second))
    return g_strdup ("–");
  bytes = g_format_size_full ((guint64)per_second, G_FORMAT_SIZE_IEC_UNITS);
  /* Translators: bytes per second, "1.5 MiB/s" */
  return g_strdup_printf (_ ("%s/s"), bytes);
}

/**
 * il_report_format_number:
 * @value: NAN where it is not known
 *
 * With two digits behind the point, or none where it is large.
 */
char *
il_report_format_number (double value)
{
  if (!isfinite (value))
    return g_strdup ("–");
  return g_strdup_printf ("%'.*f", fabs (value) < 100 ? 2 : 0, value);
}
