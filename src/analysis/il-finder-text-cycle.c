/* il-finder-text-cycle.c - who waits, or may come to wait, for each other in a circle, in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finder-private.h"
#include "il-report-text-private.h"

#include <glib/gi18n-lib.h>

#define IN_SHORT                                                                                   \
  3 /* so many in a circle: to say of each both what it has and what it wants, which
                      the next one has, says the same twice */

/* What it has that the one before it in the cycle waits for: "Worker 1 holds A since 1.000 s". */
static char *
describe_hold (IlTimeline *timeline, const IlFinderPart *part)
{
  g_autofree char *since = il_finder_format_hold (part);

  if (part->runs != 0)
    /* Translators: who, a kind of task, since when */
    return g_strdup_printf (_ ("%s runs task %s since %s"),
                            il_finder_get_lane_name (timeline, part->lane),
                            il_finder_get_object_name (timeline, part->runs), since);
  if (part->reads)
    /* Translators: who, a readers-writer lock, since when */
    return g_strdup_printf (_ ("%s has %s for reading since %s"),
                            il_finder_get_lane_name (timeline, part->lane),
                            il_finder_get_object_name (timeline, part->held), since);
  /* Translators: who, a lock, since when */
  return g_strdup_printf (_ ("%s holds %s since %s"),
                          il_finder_get_lane_name (timeline, part->lane),
                          il_finder_get_object_name (timeline, part->held), since);
}

/* "Worker 1 waits for A since 1.000 s", after a hold: "Worker 1 holds B since 0.9 s and waits …" */
static char *
describe_want (IlTimeline *timeline, const IlFinderPart *part, const char *who, gboolean is_joined)
{
  g_autofree char *since = il_finder_format_moment (part->wanted_ns);
  const char *wanted = il_finder_get_object_name (timeline, part->wanted);

  if (part->wait_kind != IL_RECORD_RW_WAIT)
    return is_joined
               /* Translators: who has what since when, another lock, since when */
               ? g_strdup_printf (_ ("%s and waits for %s since %s"), who, wanted, since)
               /* Translators: who, a lock, since when */
               : g_strdup_printf (_ ("%s waits for %s since %s"), who, wanted, since);
  if (part->writes)
    return is_joined
               /* Translators: who has what since when, a readers-writer lock, since when */
               ? g_strdup_printf (_ ("%s and waits to write under %s since %s"), who, wanted, since)
               /* Translators: who, a readers-writer lock, since when */
               : g_strdup_printf (_ ("%s waits to write under %s since %s"), who, wanted, since);
  return is_joined
             /* Translators: who has what since when, a readers-writer lock, since when */
             ? g_strdup_printf (_ ("%s and waits to read under %s since %s"), who, wanted, since)
             /* Translators: who, a readers-writer lock, since when */
             : g_strdup_printf (_ ("%s waits to read under %s since %s"), who, wanted, since);
}

/* Where one of the two waits for the end of a thread. */
static void
append_join (GString *text, IlTimeline *timeline, const IlFinderPart *part,
             const IlFinderPart *next)
{
  g_autofree char *wanted = il_finder_format_moment (part->wanted_ns);
  g_autofree char *hold = !part->is_joined ? describe_hold (timeline, part) : NULL;
  const char *name = il_finder_get_lane_name (timeline, part->lane);

  if (!next->is_joined)
    {
      g_autofree char *want = describe_want (timeline, part, name, FALSE);

      g_string_append (text, want);
    }
  else if (part->is_joined)
    /* Translators: who, since when, another thread */
    g_string_append_printf (text, _ ("%s waits since %s for %s to end"), name, wanted,
                            il_finder_get_lane_name (timeline, next->lane));
  else
    /* Translators: who has what since when, since when, another thread */
    g_string_append_printf (text, _ ("%s and waits since %s for %s to end"), hold, wanted,
                            il_finder_get_lane_name (timeline, next->lane));
}

static void
append_part_of_cycle (GString *text, IlTimeline *timeline, const IlFinderPart *part,
                      const IlFinderPart *next)
{
  g_autofree char *hold = describe_hold (timeline, part);
  g_autofree char *wanted = il_finder_format_moment (part->wanted_ns);
  g_autofree char *want = describe_want (timeline, part, hold, TRUE);

  if (text->len > 0)
    /* Translators: between parts of a sentence; ": " and ", " likewise */
    g_string_append (text, _ ("; "));
  if (part->is_joined || next->is_joined)
    append_join (text, timeline, part, next);
  else if (next->runs != 0)
    /* Translators: who has what since when, a kind of task, since when */
    g_string_append_printf (text, _ ("%s and waits for task %s, which it spawned, since %s"), hold,
                            il_finder_get_object_name (timeline, next->runs), wanted);
  else if (part->held == part->wanted && part->reads)
    /* Translators: who reads under what since when, since when */
    g_string_append_printf (text,
                            _ ("%s and waits since %s to write, which the others who read "
                               "keep it from"),
                            hold, wanted);
  else if (part->held == part->wanted)
    /* Translators: who has what since when, since when */
    g_string_append_printf (text, _ ("%s and waits since %s for the others who hold it"), hold,
                            wanted);
  else
    g_string_append (text, want);
}

/* Each has a lock, for itself alone, and wants the next one's. */
static gboolean
is_plain (const IlFound *found)
{
  for (guint i = 0; i < found->n_parts; i++)
    {
      const IlFinderPart *part = &found->parts[i];

      if (part->is_joined || part->runs != 0 || part->held == part->wanted || part->reads
          || part->wait_kind == IL_RECORD_RW_WAIT)
        return FALSE;
    }
  return TRUE;
}

/* All read under one lock, and want to write. */
static gboolean
is_upgrade (const IlFound *found)
{
  for (guint i = 0; i < found->n_parts; i++)
    if (!found->parts[i].reads || found->parts[i].held != found->parts[0].held
        || found->parts[i].wanted != found->parts[0].held)
      return FALSE;
  return TRUE;
}

static void
begin_item (GString *text, guint index)
{
  g_string_append (text, index == 0 ? _ (": ") : _ (", "));
}

static char *
describe_plain (IlTimeline *timeline, const IlFound *found)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *since = NULL;
  gint64 last_ns = 0;

  for (guint i = 0; i < found->n_parts; i++)
    last_ns = MAX (last_ns, found->parts[i].wanted_ns);
  since = il_finder_format_moment (last_ns);
  /* Translators: a number of threads, 3 or more, and since when; who has which lock follows */
  g_string_append_printf (text,
                          _ ("Each of %u waits for what the next one holds, the last one for what "
                             "the first one holds, all since %s"),
                          found->n_parts, since);
  for (guint i = 0; i < found->n_parts; i++)
    {
      g_autofree char *hold = describe_hold (timeline, &found->parts[i]);

      begin_item (text, i);
      g_string_append (text, hold);
    }
  return g_strdup (text->str);
}

static char *
describe_upgrade (IlTimeline *timeline, const IlFound *found)
{
  g_autoptr (GString) text = g_string_new (NULL);

  /* Translators: a number of threads, 2 or more, a readers-writer lock; who waits since when
   * follows */
  g_string_append_printf (
      text, _ ("%u have %s for reading and wait to write, which each keeps the others from"),
      found->n_parts, il_finder_get_object_name (timeline, found->parts[0].held));
  for (guint i = 0; i < found->n_parts; i++)
    {
      g_autofree char *wanted = il_finder_format_moment (found->parts[i].wanted_ns);

      begin_item (text, i);
      /* Translators: who, since when */
      g_string_append_printf (text, _ ("%s since %s"),
                              il_finder_get_lane_name (timeline, found->parts[i].lane), wanted);
    }
  return g_strdup (text->str);
}

char *
il_finder_describe_deadlock (IlTimeline *timeline, const IlFound *found)
{
  g_autoptr (GString) text = g_string_new (NULL);
  const IlFinderPart *part = &found->parts[0];

  if (found->n_parts == 1)
    {
      g_autofree char *wanted = il_finder_format_moment (part->wanted_ns);
      g_autofree char *held = il_finder_format_hold (part);

      if (part->holder_kind != 0)
        /* Translators: who, since when, a lock, since when, a kind of task, another one that has
         * spawned tasks and waits for them, this one again */
        return g_strdup_printf (
            _ ("%s waits since %s for %s, which it holds itself since %s: task %s, which it runs "
               "while task %s waits at its join, wants what %s holds"),
            il_finder_get_lane_name (timeline, part->lane), wanted,
            il_finder_get_object_name (timeline, part->wanted), held,
            il_finder_get_object_name (timeline, part->task_kind),
            il_finder_get_object_name (timeline, part->holder_kind),
            il_finder_get_object_name (timeline, part->holder_kind));
      if (part->reads)
        /* Translators: who, since when, a readers-writer lock, since when */
        return g_strdup_printf (_ ("%s waits since %s to write under %s, which it has for reading "
                                   "itself since %s"),
                                il_finder_get_lane_name (timeline, part->lane), wanted,
                                il_finder_get_object_name (timeline, part->wanted), held);
      /* Translators: who, since when, a lock, since when */
      return g_strdup_printf (_ ("%s waits since %s for %s, which it holds itself since %s"),
                              il_finder_get_lane_name (timeline, part->lane), wanted,
                              il_finder_get_object_name (timeline, part->wanted), held);
    }
  if (is_upgrade (found))
    return describe_upgrade (timeline, found);
  if (found->n_parts >= IN_SHORT && is_plain (found))
    return describe_plain (timeline, found);
  for (guint i = 0; i < found->n_parts; i++)
    append_part_of_cycle (text, timeline, &found->parts[i],
                          &found->parts[(i + 1) % found->n_parts]);
  return g_strdup (text->str);
}

/* Who asked for which lock under which other one. */
static void
append_order (GString *text, IlTimeline *timeline, const IlFinderPart *part, guint index)
{
  g_autofree char *when = il_finder_format_moment (part->wanted_ns);

  if (index > 0)
    g_string_append (text, _ ("; "));
  /* Translators: who took which lock while it held which other one, and when */
  g_string_append_printf (text, _ ("%s asked for %s under %s at %s"),
                          il_finder_get_lane_name (timeline, part->lane),
                          il_finder_get_object_name (timeline, part->wanted),
                          il_finder_get_object_name (timeline, part->held), when);
}

/* Likewise, where the one before it in the list is the other one. */
static void
append_next_order (GString *text, IlTimeline *timeline, const IlFinderPart *part, guint index)
{
  g_autofree char *when = il_finder_format_moment (part->wanted_ns);

  begin_item (text, index);
  /* Translators: a lock, who asked for it, when */
  g_string_append_printf (text, _ ("%s by %s at %s"),
                          il_finder_get_object_name (timeline, part->wanted),
                          il_finder_get_lane_name (timeline, part->lane), when);
}

char *
il_finder_describe_order (IlTimeline *timeline, const IlFound *found)
{
  gboolean is_short = found->n_parts >= IN_SHORT;
  g_autoptr (GString) text = g_string_new (NULL);

  if (is_short)
    /* Translators: how many, 3 or more; which lock by whom and when follows */
    g_string_append_printf (text,
                            _ ("Each of %u locks was asked for under the one before it, and the "
                               "first one under the last one"),
                            found->n_parts);
  for (guint i = 0; i < found->n_parts; i++)
    (is_short ? append_next_order : append_order) (text, timeline, &found->parts[i], i);
  /* Translators: between two sentences */
  g_string_append (text, _ (". "));
  g_string_append (text, _ ("If that happens at the same time, all of them wait for ever"));
  return g_strdup (text->str);
}

static void
append_held_and_wanted (GString *text, IlTimeline *timeline, const IlFinderPart *part,
                        const IlFinderPart *next)
{
  const char *who = il_finder_get_lane_name (timeline, part->lane);
  const char *held = il_finder_get_object_name (timeline, part->held);
  const char *wanted = il_finder_get_object_name (timeline, part->wanted);
  const char *joined = il_finder_get_lane_name (timeline, next->lane);

  if (part->is_joined && next->is_joined)
    /* Translators: who, another thread */
    g_string_append_printf (text, _ ("%s waited for %s to end"), who, joined);
  else if (next->is_joined)
    /* Translators: who, a lock, another thread */
    g_string_append_printf (text, _ ("%s held %s and waited for %s to end"), who, held, joined);
  else if (part->is_joined)
    /* Translators: who, a lock */
    g_string_append_printf (text, _ ("%s waited for %s"), who, wanted);
  else
    /* Translators: who, a lock, another lock */
    g_string_append_printf (text, _ ("%s held %s and waited for %s"), who, held, wanted);
}

static void
append_held (GString *text, IlTimeline *timeline, const IlFound *found)
{
  gboolean is_short = found->n_parts >= IN_SHORT && is_plain (found);

  if (is_short)
    /* Translators: a number of threads, 3 or more; who had which lock follows */
    g_string_append_printf (text,
                            _ ("Each of %u waited for what the next one held, the last one for "
                               "what the first one held"),
                            found->n_parts);
  for (guint i = 0; i < found->n_parts; i++)
    {
      const IlFinderPart *part = &found->parts[i];
      const char *who = il_finder_get_lane_name (timeline, part->lane);
      const char *held = il_finder_get_object_name (timeline, part->held);

      if (is_short)
        {
          begin_item (text, i);
          /* Translators: who, a lock */
          g_string_append_printf (text, _ ("%s held %s"), who, held);
          continue;
        }
      if (i > 0)
        g_string_append (text, _ ("; "));
      append_held_and_wanted (text, timeline, part, &found->parts[(i + 1) % found->n_parts]);
    }
}

char *
il_finder_describe_held_up (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *length = il_report_format_time (found->length_ns);
  g_autoptr (GString) text = g_string_new (NULL);

  append_held (text, timeline, found);
  /* Translators: who, how long; follows who held and waited for what */
  g_string_append_printf (text, _ (", until %s gave up after %s"),
                          il_finder_get_lane_name (timeline, found->parts[0].lane), length);
  il_finder_append_times (text, found);
  return g_strdup (text->str);
}
