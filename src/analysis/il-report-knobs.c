/* il-report-knobs.c - which knobs were turned while it ran
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report-private.h"

#include <string.h>

static void
clear_change (gpointer data)
{
  IlKnobChange *change = data;

  g_free (change->key);
  g_free (change->value);
}

/* A line of a file of any origin; FALSE where it is none. */
static gboolean
parse_change (const char *line, IlKnobChange *change)
{
  g_autofree char *valid = g_utf8_make_valid (line, -1);
  g_auto (GStrv) words = g_strsplit (valid, " ", 3);

  if (g_strv_length (words) != 3
      || !g_ascii_string_to_signed (words[0], 10, 0, G_MAXINT64, &change->time_ns, NULL))
    return FALSE;
  change->key = g_strdup (words[1]);
  change->value = g_strdup (words[2]);
  return TRUE;
}

/**
 * il_report_dup_knob_changes:
 *
 * Returns: (transfer full) (element-type IlKnobChange): all of the session, in their order
 */
GArray *
il_report_dup_knob_changes (IlSession *session)
{
  g_autofree char *text = il_session_dup_meta (session, IL_META_KNOB_CHANGES);
  g_auto (GStrv) lines = g_strsplit (text != NULL ? text : "", "\n", -1);
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (IlKnobChange));

  g_array_set_clear_func (changes, clear_change);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      IlKnobChange change;

      if (parse_change (lines[i], &change))
        g_array_append_val (changes, change);
    }
  return changes;
}
