/* il-timeline-describe-readers.c - who read under a readers-writer lock at a moment
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include <glib/gi18n-lib.h>

#define MAX_NAMED 3

/* So many stays are looked at before those that became known later; one that lasts longer is not
 * named. */
#define MAX_SEARCHED 4096

/* … and after those that began by then: of some it became known later. */
#define MAX_LATE 64

/* Stays that became known up to about then: each does so some time after its begin, or at once. */
static gsize
find_end (const IlLane *lane, gint64 time_ns)
{
  gsize low = 0, high = il_lane_get_n_reads (lane);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      IlRead read;

      if (il_lane_get_read (lane, middle, &read) && read.begin_ns <= time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return MIN (low + MAX_LATE, il_lane_get_n_reads (lane));
}

/* Lanes of up to MAX_NAMED; those who came last are first. */
static guint
find_readers (const IlLane *lane, gint64 time_ns, guint32 readers[MAX_NAMED])
{
  gsize end = find_end (lane, time_ns);
  gsize begin = end > MAX_SEARCHED ? end - MAX_SEARCHED : 0;
  guint n = 0;

  for (gsize i = end; i-- > begin && n < MAX_NAMED;)
    {
      IlRead read;

      if (il_lane_get_read (lane, i, &read) && read.begin_ns <= time_ns && time_ns < read.end_ns)
        readers[n++] = read.lane;
    }
  return n;
}

/**
 * il_words_dup_readers:
 * @lane: of a readers-writer lock
 * @n_readers: how many read then; 0: not known
 *
 * Returns: (transfer full) (nullable): who read at that moment, as far as that is known: "read by
 *   Worker 2"
 */
char *
il_words_dup_readers (const IlWords *words, const IlLane *lane, gint64 time_ns, guint n_readers)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint32 readers[MAX_NAMED];
  guint n = find_readers (lane, time_ns, readers);

  n = n_readers > 0 ? MIN (n, n_readers) : n;
  if (n == 0 && n_readers == 0)
    return NULL;
  if (n == 0)
    return g_strdup_printf (ngettext ("held by %u reader", "held by %u readers", n_readers),
                            n_readers);
  for (guint i = n; i-- > 0;)
    {
      g_string_append (names, il_words_name (words, readers[i]));
      if (i > 0)
        /* Translators: between names */
        g_string_append (names, _ (", "));
    }
  if (n < n_readers)
    /* Translators: names of threads that have a lock for reading, and how many others */
    return g_strdup_printf (
        ngettext ("read by %s and %u more", "read by %s and %u more", n_readers - n), names->str,
        n_readers - n);
  /* Translators: names of threads that have a lock for reading */
  return g_strdup_printf (_ ("read by %s"), names->str);
}
