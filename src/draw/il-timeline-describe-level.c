/* il-timeline-describe-level.c - how much of something there was at a point, in sentences
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>

static void
describe_queue (IlWords *words, const IlLevel *level)
{
  g_autofree char *moment = il_words_moment (words);
  g_autofree char *min = il_format_count (level->min);
  g_autofree char *max = il_format_count (level->max);
  g_autofree char *capacity = il_format_count (words->info->parameter);
  const char *name = il_name_get_shown (words->info->name);

  if (level->min != level->max)
    il_words_add (words, g_strdup_printf (_ ("Queue %s: from %s to %s, %.1f on average"), name, min,
                                          max, (double)level->mean));
  else if (words->info->parameter > 0)
    /* Translators: "Queue items: 7 of 12 at 11.95 s" */
    il_words_add (words,
                  g_strdup_printf (_ ("Queue %s: %s of %s at %s"), name, max, capacity, moment));
  else
    il_words_add (words, g_strdup_printf (_ ("Queue %s: %s at %s"), name, max, moment));
}

static void
describe_inside (IlWords *words, const IlLevel *level)
{
  g_autofree char *moment = il_words_moment (words);
  g_autofree char *min = il_format_count (level->min);
  g_autofree char *max = il_format_count (level->max);
  g_autofree char *units = il_format_count (words->info->parameter);
  const char *name = il_name_get_shown (words->info->name);

  if (level->min != level->max)
    il_words_add (words, g_strdup_printf (_ ("Semaphore %s: from %s to %s inside, %.1f on average"),
                                          name, min, max, (double)level->mean));
  else
    il_words_add (words, g_strdup_printf (_ ("Semaphore %s: %s of %s inside at %s"), name, max,
                                          units, moment));
}

static void
describe_usage (IlWords *words, const IlLevel *level)
{
  g_autofree char *percent = il_format_percent ((double)level->mean / 1000);

  /* Translators: "Core 1 was 96 % busy, whoever ran" */
  il_words_add (words, g_strdup_printf (_ ("%s was %s busy, whoever ran"), words->label, percent));
}

static void
describe_waiters (IlWords *words, const IlLevel *level)
{
  g_autofree char *object = il_words_object (words, il_lane_get_object (words->lane));

  if (level->min != level->max)
    il_words_add (words, g_strdup_printf (ngettext ("Up to %u thread waited for %s",
                                                    "Up to %u threads waited for %s", level->max),
                                          level->max, object));
  else if (level->max == 0)
    il_words_add (words, g_strdup_printf (_ ("Nobody waited for %s"), object));
  else
    {
      il_words_add (words, g_strdup_printf (ngettext ("%u thread waited for %s",
                                                      "%u threads waited for %s", level->max),
                                            level->max, object));
      il_words_add (words, il_words_dup_named_waiters (words, (words->begin_ns + words->end_ns) / 2,
                                                       level->max));
    }
}

/* With the same separators as il_format_count() has. */
static const char *
format_signed (gint32 value, char text[32])
{
  g_autofree char *count = il_format_count ((guint64)ABS ((gint64)value));

  g_snprintf (text, 32, "%s%s", value < 0 ? "−" : "", count);
  return text;
}

/* A counter's value may be below zero, of which the extremes within a column say nothing. */
static void
describe_counter (IlWords *words, const IlLevel *level)
{
  g_autofree char *moment = il_words_moment (words);
  guint32 value = level->max;
  char text[32];

  if (level->min != level->max)
    {
      g_autofree char *min = il_format_count (level->min);
      g_autofree char *max = il_format_count (level->max);

      il_words_add (words, g_strdup_printf (_ ("%s: from %s to %s, %.1f on average"),
                                            words->info->name, min, max, (double)level->mean));
      return;
    }
  il_words_value_at (words, il_lane_get_level (words->lane), (words->begin_ns + words->end_ns) / 2,
                     &value);
  il_words_add (words, g_strdup_printf (_ ("%s: %s at %s"), words->info->name,
                                        format_signed ((gint32)value, text), moment));
}

static void
describe_readers (IlWords *words, const IlLevel *level)
{
  if (level->max == 0)
    il_words_add (words, g_strdup_printf (_ ("No readers inside %s"), words->label));
  else if (level->min != level->max)
    il_words_add (words, g_strdup_printf (ngettext ("Up to %u reader inside %s",
                                                    "Up to %u readers inside %s", level->max),
                                          level->max, words->label));
  else
    il_words_add (words, g_strdup_printf (
                             ngettext ("%u reader inside %s", "%u readers inside %s", level->max),
                             level->max, words->label));
}

static void
describe_event (IlWords *words, const IlLevel *level)
{
  g_autofree char *moment = il_words_moment (words);
  g_autofree char *percent = il_format_percent ((double)level->mean);

  if (level->min != level->max)
    /* Translators: "Event start was set 40 % of the time" */
    il_words_add (words, g_strdup_printf (_ ("%s was set %s of the time"), words->label, percent));
  else
    il_words_add (words, g_strdup_printf (level->max > 0 ? _ ("%s was set at %s")
                                                         : _ ("%s was not set at %s"),
                                          words->label, moment));
}

static void
describe_barrier (IlWords *words, const IlLevel *level)
{
  g_autofree char *moment = il_words_moment (words);
  guint parties = (guint)MIN (words->info->parameter, G_MAXUINT);

  if (level->min != level->max)
    il_words_add (words, g_strdup_printf (_ ("%s: from %u to %u of %u had come"), words->label,
                                          level->min, level->max, parties));
  else
    /* Translators: "Barrier phase: 2 of 4 had come at 1.95 s" */
    il_words_add (words, g_strdup_printf (_ ("%s: %u of %u had come at %s"), words->label,
                                          level->max, parties, moment));
}

/* Of a channel what is under way, of a file what was written. */
static void
describe_bytes (IlWords *words, const IlLevel *level)
{
  g_autofree char *moment = il_words_moment (words);
  g_autofree char *min = g_format_size_full (level->min, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *max = g_format_size_full (level->max, G_FORMAT_SIZE_IEC_UNITS);
  gboolean is_file = words->info->kind == IL_LANE_FILE;

  if (level->min != level->max)
    il_words_add (words, g_strdup_printf (is_file ? _ ("%s: from %s to %s written")
                                                  : _ ("%s: from %s to %s under way"),
                                          words->label, min, max));
  else
    il_words_add (
        words, g_strdup_printf (is_file ? _ ("%s: %s written at %s") : _ ("%s: %s under way at %s"),
                                words->label, max, moment));
}

static void
describe_amount (IlWords *words, const IlLevel *level)
{
  switch (words->info->kind)
    {
    case IL_LANE_QUEUE:
      describe_queue (words, level);
      break;
    case IL_LANE_SEMAPHORE:
      describe_inside (words, level);
      break;
    case IL_LANE_RWLOCK:
      describe_readers (words, level);
      break;
    case IL_LANE_EVENT:
      describe_event (words, level);
      break;
    case IL_LANE_BARRIER:
      describe_barrier (words, level);
      break;
    case IL_LANE_CHANNEL:
    case IL_LANE_FILE:
      describe_bytes (words, level);
      break;
    default:
      describe_counter (words, level);
      break;
    }
}

/* What was told as a sum: how much of it in the column. */
static void
describe_told (IlWords *words, const IlLevel *level)
{
  g_autofree char *text = NULL;

  switch (words->info->kind)
    {
    case IL_LANE_THREAD:
      text = il_format_percent (level->max / 1000.0);
      /* Translators: "Worker 1 copied from one heap to another 34 % of the time" */
      il_words_add (words, g_strdup_printf (_ ("%s copied from one heap to another %s of the time"),
                                            words->label, text));
      break;
    case IL_LANE_CONDITION:
      il_words_add (words, g_strdup_printf (ngettext ("%s: %u woken for nothing",
                                                      "%s: %u woken for nothing", level->max),
                                            words->label, level->max));
      break;
    default:
      il_words_add (
          words, g_strdup_printf (ngettext ("%s: %u stale write: it had changed since it was read",
                                            "%s: %u stale writes: it had changed since it was read",
                                            level->max),
                                  words->label, level->max));
    }
}

/* Some may have come in without a word. */
static void
describe_unknown (IlWords *words)
{
  g_autofree char *moment = il_words_moment (words);

  /* Translators: "Semaphore permits: how many were inside at 1.95 s is not known" */
  il_words_add (words, g_strdup_printf (_ ("%s: how many were inside at %s is not known"),
                                        words->label, moment));
}

/**
 * il_words_describe_level:
 * @strip: of a level
 * @box: in it
 *
 * Adds how much there was in the column at the point.
 */
void
il_words_describe_level (IlWords *words, const IlStrip *strip, const IlBox *box)
{
  const IlLevel *level;

  if (box->kind == IL_BOX_LOST)
    {
      describe_unknown (words);
      return;
    }
  level = &g_array_index (words->layout->levels, IlLevel, box->value);

  if (strip->kind == IL_STRIP_USAGE)
    describe_usage (words, level);
  else if (strip->kind == IL_STRIP_AMOUNTS)
    describe_told (words, level);
  else if (strip->kind == IL_STRIP_WAITERS)
    describe_waiters (words, level);
  else
    describe_amount (words, level);
  il_words_add (words, il_words_range (words->begin_ns, words->end_ns));
}

/* ---- Of all of a lane ---- */

static void
add_count (IlWords *words, const char *format, guint64 n)
{
  g_autofree char *count = il_format_count (n);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  il_words_add (words, g_strdup_printf (format, count));
#pragma GCC diagnostic pop
}

static void
add_bytes (IlWords *words)
{
  guint64 n_bytes = il_lane_get_amount (words->lane, words->known_ns);
  g_autofree char *size = g_format_size_full (n_bytes, G_FORMAT_SIZE_IEC_UNITS);

  il_words_add (words,
                g_strdup_printf (
                    words->info->kind == IL_LANE_FILE ? _ ("Written: %s") : _ ("Sent: %s"), size));
}

/**
 * il_words_add_totals:
 *
 * Adds what is to be said of an object's lane as a whole.
 */
void
il_words_add_totals (IlWords *words)
{
  guint64 n_lost = il_lane_get_amount (words->lane, words->known_ns);
  guint64 first = 0, second = 0;

  il_lane_get_uses (words->lane, words->known_ns, &first, &second);
  if (il_lane_has_owners (words->lane) && n_lost > 0)
    /* Translators: how often the owner of a lock died, and it was free again */
    add_count (words, _ ("Given back for owners that had died: %s"), n_lost);
  switch (words->info->kind)
    {
    case IL_LANE_QUEUE:
      if (words->info->parameter > 0)
        add_count (words, _ ("Capacity: %s"), words->info->parameter);
      break;
    case IL_LANE_SEMAPHORE:
      if (words->info->parameter > 0)
        add_count (words, _ ("Units: %s"), words->info->parameter);
      break;
    case IL_LANE_BARRIER:
      add_count (words, _ ("Parties: %s"), words->info->parameter);
      add_count (words, _ ("Phases: %s"), second);
      break;
    case IL_LANE_CONDITION:
      add_count (words, _ ("Woken: %s"), first);
      add_count (words, _ ("For nothing: %s"), n_lost);
      break;
    case IL_LANE_CHANNEL:
      add_count (words, _ ("Messages: %s"), second);
      add_bytes (words);
      break;
    case IL_LANE_FILE:
      add_bytes (words);
      add_count (words, _ ("Torn lines: %s"), il_lane_get_torn_lines (words->lane));
      break;
    case IL_LANE_COUNTER:
      add_count (words, _ ("Stale writes: %s"),
                 il_lane_get_n_amounts (words->lane, words->known_ns));
      /* Translators: what the changes of a counter that were lost add up to; may be negative */
      il_words_add (words, g_strdup_printf (_ ("Changes lost: %lld"), (long long)n_lost));
      break;
    default:
      break;
    }
}
