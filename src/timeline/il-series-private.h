/* il-series-private.h - how a series lies in memory, for the files that build and bin it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-column-private.h"
#include "il-series.h"

#include <stdalign.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/* Every node stands for sixteen of the level below.  Eight would halve what is scanned at the edges
 * of a query and double the pyramid, which is a third of the whole already. */
#define IL_SERIES_FAN_BITS IL_COLUMN_GROUP_BITS
#define IL_SERIES_FAN (1u << IL_SERIES_FAN_BITS)
#define IL_SERIES_MAX_LEVELS 10
#define IL_SERIES_CACHE_LINE 64

/* Times are kept within ±2^61 ns, 73 years, so that no difference of two overflows. */
#define IL_SERIES_TIME_LIMIT ((gint64)1 << 61)

/* Time spent in each state since the series began. */
typedef struct
{
  gint64 ns[IL_N_STATES];
} IlStateSums;

typedef struct
{
  guint32 min;
  guint32 max;
  double integral; /* value × ns; a sum of what is never negative, so nothing cancels out */
} IlCounterNode;

/* Row i of a level stands for the entries from i × FAN^level on. */
typedef struct
{
  IlColumn begins; /* gint64, of the row's first entry */
  IlColumn nodes;  /* guint64, a peak, or IlCounterNode; level 0 has none */
} IlSeriesLevel;

/*
 * Roles     One thread calls append(), any number of threads call everything else at the same
 *           time.  Nothing here blocks; append() allocates now and then.
 * Prefix    `length` only ever grows.  An entry is never changed once it is counted: what equals
 *           the last entry is not appended, and the end of the last span is the reader's own
 *           knowledge.  So all that a reader may touch follows from the one number that it loaded,
 *           n: entries below n; of level l the rows up to (n - 1) >> 4l and the nodes below that,
 *           which are those whose last entry has its end; chunks and levels that hold these.
 * Edge      [A] append: store-release length  ->  every reader: load-acquire length
 *               Entry, node, row, chunk and level are written before they are counted.
 * Weaker?   Without [A] a reader can see a counted entry before its content or its chunk.
 *           Readers write nothing, so no edge leads back.
 * Checked   tests/timeline/test-threads.c, with -Db_sanitize=thread.
 */
struct _IlSeries
{
  alignas (IL_SERIES_CACHE_LINE) _Atomic gsize length; /* [A] */

  alignas (IL_SERIES_CACHE_LINE) IlSeriesKind kind; /* constant after new() */
  IlSeriesLevel *levels[IL_SERIES_MAX_LEVELS];      /* [0] is entries; NULL until needed */
  IlSeriesLevel entries;
  IlColumn codes;   /* guint32 */
  IlColumn details; /* guint32; none in a counter */
  IlColumn sums;    /* IlStateSums at the rows of level 1; none in a counter */

  /* the writer's own */
  alignas (IL_SERIES_CACHE_LINE) gint64 last_begin_ns;
  guint32 last_code;
  guint32 last_detail;
  gint64 *next_begin; /* in the chunk that is being filled … */
  guint32 *next_code;
  guint32 *next_detail;
  gsize chunk_end;         /* … up to this index */
  IlStateSums time_so_far; /* up to last_begin_ns */
};

/* What a reader sees: a prefix that stays as it is however much is appended. */
typedef struct
{
  const IlSeries *series;
  gsize length;
  guint top; /* highest level that has a node */
} IlSeriesPrefix;

static inline IlSeriesPrefix
il_series_prefix (const IlSeries *series)
{
  IlSeriesPrefix prefix = { series, 0, 0 };

  prefix.length = atomic_load_explicit (&series->length, memory_order_acquire); /* [A] */
  while (prefix.length > 0 && (prefix.length - 1) >> ((prefix.top + 1) * IL_SERIES_FAN_BITS) != 0)
    prefix.top++;
  return prefix;
}

static inline gsize
il_series_last_row (const IlSeriesPrefix *prefix, guint level)
{
  return (prefix->length - 1) >> (level * IL_SERIES_FAN_BITS);
}

static inline gint64
il_series_row_begin (const IlSeriesPrefix *prefix, guint level, gsize row)
{
  return IL_COLUMN_GET (&prefix->series->levels[level]->begins, gint64, row);
}

/* G_MAXINT64 where that is not known yet. */
static inline gint64
il_series_row_end (const IlSeriesPrefix *prefix, guint level, gsize row)
{
  return row < il_series_last_row (prefix, level) ? il_series_row_begin (prefix, level, row + 1)
                                                  : G_MAXINT64;
}

static inline guint32
il_series_code (const IlSeriesPrefix *prefix, gsize entry)
{
  return IL_COLUMN_GET (&prefix->series->codes, guint32, entry);
}

/*
 * A span's length and code in one number whose order is that of the lengths, then of the codes: the
 * peak of a node is the largest of its children's.  The upper half is the length as a float, whose
 * bits have the order of what it stands for: one part in 16 million is more than can be shown.  0
 * is what is not worth showing: no length, or state NONE.
 */
static inline guint64
il_series_peak (gint64 length_ns, guint32 code)
{
  union
  {
    float length;
    guint32 bits;
  } upper = { .length = (float)length_ns };
  gboolean shown = length_ns > 0 && IL_CODE_STATE (code) != IL_STATE_NONE;

  return ((guint64)upper.bits << 32 | code) & -(guint64)shown;
}

static inline double
il_series_peak_length (guint64 peak)
{
  union
  {
    guint32 bits;
    float length;
  } upper = { .bits = (guint32)(peak >> 32) };

  return (double)upper.length;
}

/* The longest span so far that is worth showing.  Two plain numbers instead of a peak, since they
 * are cheaper to keep up. */
typedef struct
{
  gint64 length_ns;
  guint32 code;
} IlSeriesLongest;

/* Written so that it compiles to conditional moves: a branch would be a coin toss. */
static inline void
il_series_offer (IlSeriesLongest *longest, gint64 length_ns, guint32 code)
{
  gint64 shown_ns = IL_CODE_STATE (code) != IL_STATE_NONE ? length_ns : 0;
  gboolean is_longer = shown_ns > longest->length_ns;

  longest->code = is_longer ? code : longest->code;
  longest->length_ns = is_longer ? shown_ns : longest->length_ns;
}

static inline guint64
il_series_peak_of (const IlSeriesLongest *longest)
{
  return il_series_peak (longest->length_ns, longest->code);
}

/* Splits rows [a, b) of a level, whose ends are all known, into as few nodes as there are. */
typedef struct
{
  gsize a;
  gsize b;
  guint level;
} IlSeriesCover;

/* The next piece: rows of one level, side by side in memory. */
static inline gboolean
il_series_cover_next (IlSeriesCover *cover, guint *level, gsize *first, gsize *n_rows)
{
  gsize mask = IL_SERIES_FAN - 1;

  while (cover->a < cover->b)
    {
      *level = cover->level;
      if ((cover->a & mask) != 0)
        {
          *first = cover->a;
          cover->a = MIN ((cover->a | mask) + 1, cover->b);
          *n_rows = cover->a - *first;
          return TRUE;
        }
      if ((cover->b & mask) != 0)
        {
          *first = MAX (cover->a, cover->b & ~mask);
          *n_rows = cover->b - *first;
          cover->b = *first;
          return TRUE;
        }
      cover->a >>= IL_SERIES_FAN_BITS;
      cover->b >>= IL_SERIES_FAN_BITS;
      cover->level++;
    }
  return FALSE;
}

gsize il_series_locate (const IlSeriesPrefix *prefix, guint level, gsize row, gint64 time_ns);

/* The columns of a range: column i goes from range × i / n to range × (i + 1) / n, rounded down. */
typedef struct
{
  gint64 time_ns; /* boundary reached */
  guint64 step_ns;
  guint64 rest;
  guint64 carried;
  guint64 n;
} IlSeriesColumns;

static inline void
il_series_columns_init (IlSeriesColumns *columns, gint64 begin_ns, gint64 end_ns, gsize n)
{
  guint64 length = (guint64)(end_ns - begin_ns);

  *columns = (IlSeriesColumns){ begin_ns, length / n, length % n, 0, n };
}

static inline gint64
il_series_columns_next (IlSeriesColumns *columns)
{
  columns->time_ns += (gint64)columns->step_ns;
  columns->carried += columns->rest;
  if (columns->carried >= columns->n)
    {
      columns->carried -= columns->n;
      columns->time_ns++;
    }
  return columns->time_ns;
}

G_END_DECLS
