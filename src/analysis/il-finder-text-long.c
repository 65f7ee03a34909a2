/* il-finder-text-long.c - locks that are not given back for long, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finder-private.h"
#include "il-report-text-private.h"

#include <glib/gi18n-lib.h>

static const char *
get_doing (const IlFinderPart *holder)
{
  switch (holder->wait_kind)
    {
    case IL_RECORD_SLEEP_BEGIN:
      /* Translators: somebody who has a lock; follows since when */
      return _ ("; for most of that time it slept");
    case IL_RECORD_IO_BEGIN:
      /* Translators: likewise */
      return _ ("; for most of that time it waited for I/O");
    case IL_RECORD_JOIN_WAIT:
      /* Translators: likewise */
      return _ ("; for most of that time it waited for others");
    default:
      /* Translators: likewise: it had a core */
      return _ ("; for most of that time it ran");
    }
}

static void
append_outcome (GString *text, IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *longest = il_report_format_time (found->usual_ns);

  if (found->is_kept)
    {
      /* Translators: after who has a lock since when; who waits since when follows */
      g_string_append (text, _ ("; for it waits "));
      il_finder_append_waiting (text, timeline, found, 1);
      return;
    }
  if (found->n_others == 1)
    /* Translators: after who had a lock for how long; who, how long */
    g_string_append_printf (text, _ ("; %s waited %s for it"),
                            il_finder_get_lane_name (timeline, found->parts[1].lane), longest);
  else
    /* Translators: after who had a lock for how long; how many, at least two, how long */
    g_string_append_printf (text, _ ("; %u others waited up to %s for it"), found->n_others,
                            longest);
  il_finder_append_times (text, found);
}

/* Returns: (transfer full): a sentence without a full stop at its end */
char *
il_finder_describe_long_hold (IlTimeline *timeline, const IlFound *found)
{
  const IlFinderPart *holder = &found->parts[0];
  const char *who = il_finder_get_lane_name (timeline, holder->lane);
  const char *lock = il_finder_get_object_name (timeline, found->object);
  g_autofree char *since = il_finder_format_hold (holder);
  g_autofree char *length = il_report_format_time (found->length_ns);
  g_autoptr (GString) text = g_string_new (NULL);

  if (found->is_kept)
    /* Translators: who, a lock, since when */
    g_string_append_printf (text, _ ("%s has %s since %s and has not given it back"), who, lock,
                            since);
  else
    /* Translators: who, a lock, how long, since when */
    g_string_append_printf (text, _ ("%s had %s for %s, since %s"), who, lock, length, since);
  g_string_append (text, get_doing (holder));
  append_outcome (text, timeline, found);
  return g_strdup (text->str);
}
