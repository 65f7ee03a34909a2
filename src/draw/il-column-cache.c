/* il-column-cache.c - what series show in pixel columns, kept from one picture to the next
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A view that follows a recording, or is dragged, shows the columns of the picture before, a few
 * pixels further on.  Only those that are new are asked of the series, and those at the right end
 * that may still change: a series only grows, so what lies before its last span stays.
 */

#include "config.h"

#include "il-column-cache.h"

#include <math.h>
#include <string.h>

/* Times the columns. */
#define ROOM 2

typedef struct
{
  IlColumns columns;
  guint n_final; /* of them, from the first on, never change again */
  gsize size;    /* of a bin */
  char *memory;  /* room for n_room bins, … */
  gsize n_room;
  char *bins;    /* … among which those of the columns are */
  gboolean used; /* in this picture */
} Entry;

struct _IlColumnCache
{
  IlTimeline *timeline; /* a reference, so that no other series has the address of one kept */
  GHashTable *entries;  /* Entry, by series */
};

static void
free_entry (gpointer data)
{
  Entry *entry = data;

  g_free (entry->memory);
  g_free (entry);
}

/**
 * il_columns_get_begin:
 * @column: counted from the first; may be the one after the last
 *
 * Returns: the moment at which it begins
 */
gint64
il_columns_get_begin (const IlColumns *columns, guint column)
{
  double time = floor (((double)columns->first + column) * columns->duration_ns + 0.5);

  return (gint64)CLAMP (time, -4e18, 4e18);
}

/**
 * il_column_cache_new:
 *
 * Returns: (transfer full): an empty cache, for one view of a timeline at a time; of one thread
 */
IlColumnCache *
il_column_cache_new (void)
{
  IlColumnCache *cache = g_new0 (IlColumnCache, 1);

  cache->entries = g_hash_table_new_full (NULL, NULL, NULL, free_entry);
  return cache;
}

/**
 * il_column_cache_free:
 *
 * Takes NULL.
 */
void
il_column_cache_free (IlColumnCache *cache)
{
  if (cache == NULL)
    return;
  g_hash_table_unref (cache->entries);
  g_clear_pointer (&cache->timeline, il_timeline_unref);
  g_free (cache);
}

/**
 * il_column_cache_begin:
 *
 * Begins a picture of @timeline.
 */
void
il_column_cache_begin (IlColumnCache *cache, IlTimeline *timeline)
{
  GHashTableIter iter;
  gpointer entry;

  if (cache->timeline != timeline)
    {
      g_hash_table_remove_all (cache->entries);
      g_clear_pointer (&cache->timeline, il_timeline_unref);
      cache->timeline = il_timeline_ref (timeline);
    }
  g_hash_table_iter_init (&iter, cache->entries);
  while (g_hash_table_iter_next (&iter, NULL, &entry))
    ((Entry *)entry)->used = FALSE;
}

static gboolean
is_unused (gpointer series, gpointer entry, gpointer data)
{
  return !((Entry *)entry)->used;
}

/**
 * il_column_cache_end:
 *
 * Ends a picture: forgets the series that were not in it.
 */
void
il_column_cache_end (IlColumnCache *cache)
{
  g_hash_table_foreach_remove (cache->entries, is_unused, NULL);
}

static void
fill (const Entry *entry, const IlSeries *series, guint begin, guint end, gint64 end_ns)
{
  gint64 from_ns = il_columns_get_begin (&entry->columns, begin);
  gint64 to_ns = il_columns_get_begin (&entry->columns, end);
  gpointer bins = entry->bins + begin * entry->size;

  if (begin >= end || from_ns >= to_ns)
    return;
  if (il_series_get_kind (series) == IL_SERIES_SPANS)
    il_series_bin_spans (series, from_ns, to_ns, end_ns, end - begin, bins);
  else
    il_series_bin_counter (series, from_ns, to_ns, end_ns, end - begin, bins);
}

/* How many columns lie before the last span, which may still grow, and so before all to come. */
static guint
count_final (const IlColumns *columns, gint64 last_begin_ns)
{
  double n = floor ((double)last_begin_ns / columns->duration_ns) - (double)columns->first - 1;

  return (guint)CLAMP (n, 0, columns->n);
}

static gint64
last_begin (const IlSeries *series, gint64 end_ns)
{
  gsize length = il_series_get_length (series);
  IlSpan last;

  return length > 0 && il_series_get_span (series, length - 1, end_ns, &last) ? last.begin_ns
                                                                              : G_MININT64 / 2;
}

/* The columns [begin, end) of the new ones that the old ones know for good. */
static void
find_known (const Entry *entry, const IlColumns *columns, guint *begin, guint *end)
{
  gint64 shift = entry->columns.first - columns->first;
  gint64 from = MAX (shift, 0);
  gint64 to = MIN (shift + entry->n_final, (gint64)columns->n);

  *begin = *end = 0;
  if (entry->columns.duration_ns == columns->duration_ns && from < to)
    {
      *begin = (guint)from;
      *end = (guint)to;
    }
}

/* Makes room for the new columns, where possible without moving what is known: there is spare room
 * behind, into which a view that follows a recording wanders. */
static void
move_known (Entry *entry, const IlColumns *columns, guint begin, guint end)
{
  gsize size = entry->size;
  gint64 shift = begin < end ? columns->first - entry->columns.first : 0;
  const char *known = entry->bins + (gint64)begin * (gint64)size + shift * (gint64)size;
  gsize offset = (gsize)(entry->bins - entry->memory) / size;

  if (entry->bins != NULL && shift >= 0 && offset + (gsize)shift + columns->n <= entry->n_room)
    entry->bins += (gsize)shift * size;
  else if (columns->n * ROOM > entry->n_room)
    {
      char *memory = g_malloc (columns->n * ROOM * size);

      if (begin < end)
        memcpy (memory + begin * size, known, (end - begin) * size);
      g_free (entry->memory);
      entry->memory = entry->bins = memory;
      entry->n_room = columns->n * ROOM;
    }
  else
    {
      if (begin < end)
        memmove (entry->memory + begin * size, known, (end - begin) * size);
      entry->bins = entry->memory;
    }
  entry->columns = *columns;
}

static Entry *
ensure_entry (IlColumnCache *cache, const IlSeries *series)
{
  Entry *entry = g_hash_table_lookup (cache->entries, series);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->size = il_series_get_kind (series) == IL_SERIES_SPANS ? sizeof (IlSpanBin)
                                                                   : sizeof (IlCounterBin);
      g_hash_table_insert (cache->entries, (gpointer)series, entry);
    }
  entry->used = TRUE;
  return entry;
}

static gconstpointer
get_bins (IlColumnCache *cache, const IlSeries *series, const IlColumns *columns, gint64 end_ns)
{
  Entry *entry = ensure_entry (cache, series);
  /* Read before the columns are: what is appended meanwhile makes more of them final, not less. */
  gint64 last_begin_ns = last_begin (series, end_ns);
  guint begin, end;

  find_known (entry, columns, &begin, &end);
  move_known (entry, columns, begin, end);
  fill (entry, series, 0, begin, end_ns);
  fill (entry, series, end, columns->n, end_ns);
  entry->n_final = count_final (columns, MIN (last_begin_ns, end_ns));
  return entry->bins;
}

/**
 * il_column_cache_get_spans:
 * @series: of spans, of the timeline that the picture was begun with
 * @columns: at least one
 * @end_ns: where the last span is to end
 *
 * Returns: (transfer none) (array): of the columns, until the next picture or the next call for the
 *   same series
 */
const IlSpanBin *
il_column_cache_get_spans (IlColumnCache *cache, const IlSeries *series, const IlColumns *columns,
                           gint64 end_ns)
{
  return get_bins (cache, series, columns, end_ns);
}

/**
 * il_column_cache_get_counter:
 * @series: of a counter
 *
 * As il_column_cache_get_spans().
 */
const IlCounterBin *
il_column_cache_get_counter (IlColumnCache *cache, const IlSeries *series, const IlColumns *columns,
                             gint64 end_ns)
{
  return get_bins (cache, series, columns, end_ns);
}
