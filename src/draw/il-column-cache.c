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

/* So many spans in a column on average make its lane one of pairs; a pair of fewer spans than that
 * is shown as two columns all the same. */
#define MIN_PAIRED 32

typedef struct
{
  IlColumns columns;
  guint n_final; /* of them, from the first on, never change again */
  gsize size;    /* of a bin */
  char *memory;  /* room for n_room bins, … */
  gsize n_room;
  char *bins; /* … among which those of the columns are */
  gboolean has_pairs;
  gboolean used; /* in this picture */
} Entry;

struct _IlColumnCache
{
  IlTimeline *timeline; /* a reference, so that no other series has the address of one kept */
  GHashTable *entries;  /* Entry, by series */
  GArray *pairs;        /* IlSpanBin; for a moment */
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
  cache->pairs = g_array_new (FALSE, FALSE, sizeof (IlSpanBin));
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
  g_array_unref (cache->pairs);
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

static gint64
pair_of (gint64 column)
{
  return (column - (column & 1)) / 2;
}

/* A pair's columns, as far as they are among these. */
typedef struct
{
  guint begin, end;
} PairColumns;

static PairColumns
columns_of_pair (const Entry *entry, gint64 pair, guint begin, guint end)
{
  gint64 column = 2 * pair - entry->columns.first;

  return (PairColumns){ (guint)CLAMP (column, begin, end), (guint)CLAMP (column + 2, begin, end) };
}

/* Pairs of few spans are looked at again, column by column. */
static void
fill_pairs (IlColumnCache *cache, const Entry *entry, const IlSeries *series, guint begin,
            guint end, gint64 end_ns)
{
  IlSpanBin *bins = (IlSpanBin *)(gpointer)entry->bins;
  gint64 first = pair_of (entry->columns.first + begin);
  IlColumns pairs = { 2 * entry->columns.duration_ns, first,
                      (guint)(pair_of (entry->columns.first + end + 1) - first) };
  const IlSpanBin *bin;
  guint n_split = 0; /* of the pairs right before */

  if (begin >= end)
    return;
  g_array_set_size (cache->pairs, pairs.n);
  bin = (const IlSpanBin *)(gpointer)cache->pairs->data;
  il_series_bin_spans (series, il_columns_get_begin (&pairs, 0),
                       il_columns_get_begin (&pairs, pairs.n), end_ns, pairs.n,
                       (IlSpanBin *)(gpointer)cache->pairs->data);
  for (guint i = 0; i < pairs.n; i++, bin++)
    {
      PairColumns columns = columns_of_pair (entry, first + i, begin, end);

      if (bin->n_spans < MIN_PAIRED)
        {
          n_split++;
          continue;
        }
      if (n_split > 0)
        fill (entry, series, columns_of_pair (entry, first + i - n_split, begin, end).begin,
              columns.begin, end_ns);
      n_split = 0;
      bins[columns.begin] = bins[columns.end - 1] = *bin;
    }
  if (n_split > 0)
    fill (entry, series, columns_of_pair (entry, first + pairs.n - n_split, begin, end).begin, end,
          end_ns);
}

/* The span that a moment is in, or the one that is nearest. */
static gsize
find_near (const IlSeries *series, gint64 time_ns, gint64 end_ns)
{
  gsize index = 0;

  if (!il_series_find (series, time_ns, end_ns, &index, NULL) && time_ns >= end_ns)
    index = il_series_get_length (series) - 1;
  return index;
}

static gboolean
wants_pairs (const IlSeries *series, const IlColumns *columns, gint64 end_ns)
{
  gsize n = (gsize)columns->n * MIN_PAIRED;

  if (il_series_get_kind (series) != IL_SERIES_SPANS || il_series_get_length (series) <= n)
    return FALSE;
  return find_near (series, il_columns_get_begin (columns, columns->n), end_ns)
         >= find_near (series, il_columns_get_begin (columns, 0), end_ns) + n;
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
  gsize offset = entry->bins != NULL ? (gsize)(entry->bins - entry->memory) / size : 0;
  const char *known = NULL;

  if (begin < end)
    known = entry->bins + ((gint64)begin + shift) * (gint64)size;
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
  gboolean has_pairs = wants_pairs (series, columns, end_ns);
  guint begin = 0, end = 0;

  if (has_pairs == entry->has_pairs)
    find_known (entry, columns, &begin, &end);
  entry->has_pairs = has_pairs;
  move_known (entry, columns, begin, end);
  entry->n_final = count_final (columns, MIN (last_begin_ns, end_ns));
  if (has_pairs)
    {
      fill_pairs (cache, entry, series, 0, begin, end_ns);
      fill_pairs (cache, entry, series, end, columns->n, end_ns);
      /* Of a pair either both columns are final or neither is. */
      entry->n_final -= (guint)((columns->first + entry->n_final) & 1 && entry->n_final > 0);
      return entry->bins;
    }
  fill (entry, series, 0, begin, end_ns);
  fill (entry, series, end, columns->n, end_ns);
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
