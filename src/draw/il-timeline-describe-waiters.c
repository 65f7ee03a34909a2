/* il-timeline-describe-waiters.c - who waited for a lock, by name
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include <glib/gi18n-lib.h>

#define MAX_NAMED 3

static gboolean
waits_for (const IlWords *words, const IlLane *lane, guint32 object, gint64 time_ns)
{
  guint32 code;

  if (il_lane_get_info (lane)->kind != IL_LANE_THREAD || time_ns >= il_lane_get_end (lane)
      || !il_words_value_at (words, il_lane_get_states (lane), time_ns, &code)
      || IL_CODE_SUBJECT (code) != object)
    return FALSE;
  switch (IL_CODE_STATE (code))
    {
    case IL_STATE_LOCK_WAIT:
    case IL_STATE_QUEUE_WAIT:
    case IL_STATE_SPINNING:
    case IL_STATE_RUNNABLE:
      return TRUE;
    default:
      return FALSE;
    }
}

/**
 * il_words_dup_named_waiters:
 * @n_waiters: how many there were then, one at least
 *
 * Looks at all threads, as far as is needed to name a few.
 *
 * Returns: (transfer full) (nullable): who waited for the lock at that moment: "Worker 2 waited for
 *   it"; NULL where it is not known of any
 */
char *
il_words_dup_named_waiters (const IlWords *words, gint64 time_ns, guint n_waiters)
{
  guint n_lanes = il_timeline_get_n_lanes (words->timeline);
  guint32 object = il_lane_get_object (words->lane);
  g_autoptr (GString) names = g_string_new (NULL);
  guint n_named = 0;

  for (guint i = 0; i < n_lanes && n_named < MIN (n_waiters, MAX_NAMED); i++)
    {
      const IlLane *lane = il_timeline_get_lane (words->timeline, i);

      if (!waits_for (words, lane, object, time_ns))
        continue;
      if (n_named++ > 0)
        /* Translators: between names */
        g_string_append (names, _ (", "));
      g_string_append (names, il_lane_get_info (lane)->name);
    }
  if (n_named == 0)
    return NULL;
  if (n_named < n_waiters)
    /* Translators: names of threads, and how many others */
    return g_strdup_printf (ngettext ("%s and %u more waited for it",
                                      "%s and %u more waited for it", n_waiters - n_named),
                            names->str, n_waiters - n_named);
  /* Translators: names of threads */
  return g_strdup_printf (ngettext ("%s waited for it", "%s waited for it", n_waiters), names->str);
}

/**
 * il_words_dup_waiters:
 * @n_waiters: as for il_words_dup_named_waiters()
 *
 * Returns: (transfer full): as that, or how many they were
 */
char *
il_words_dup_waiters (const IlWords *words, gint64 time_ns, guint n_waiters)
{
  char *named = il_words_dup_named_waiters (words, time_ns, n_waiters);

  return named != NULL ? named
                       : g_strdup_printf (ngettext ("%u thread waited for it",
                                                    "%u threads waited for it", n_waiters),
                                          n_waiters);
}
