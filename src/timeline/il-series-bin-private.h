/* il-series-bin-private.h - what the files that bin a series of spans share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A column is worked out in one of two ways.  Near, exactly: by a walker that adds up its spans one
 * by one, or those at its two ends and what the pyramid says of the rest.  Far, where so many spans
 * share a column that nodes of the pyramid are short in it: from what a scout found out of its two
 * boundaries.
 */

#pragma once

#include "il-series-shares-private.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 width_ns;
  double scale;   /* from ns to shares */
  guint shift;    /* the unit of IlStateTimes … */
  float unit;     /* … and from there to shares */
  gint64 left_ns; /* the part that the series covers, not empty */
  gint64 right_ns;
} IlBinColumn;

/* What a column holds.  All zero between two columns: whoever reads it clears it. */
typedef struct
{
  /* Time by state in the column's unit, in several tables: of two spans that follow each other in
   * one state, the second would have to wait until memory has the first. */
  union
  {
    IlIntegers vectors[4];
    gint32 of[16];
  } units[4];
  guint64 peak;
} IlBinContent;

/* A boundary's place in the series. */
typedef struct
{
  gsize node; /* of level 1 that holds the moment before it */
  gsize entry;
  gint64 end_ns;       /* of the entry; G_MAXINT64 of the last one */
  guint64 peak_before; /* of the node's spans, clipped at the boundary */
  guint64 peak_after;
  IlStateSums sums; /* time in each state from the beginning of the series */
} IlBinPlace;

/* il-series-bin-near.c: goes through the columns from left to right. */
typedef struct
{
  IlSeriesPrefix prefix;
  gboolean has_entry;
  gsize entry;   /* that holds the last boundary, where it was looked for; else one before it … */
  gint64 end_ns; /* … and where it ends, if it does hold it */

  /* The last boundary's place, where it was looked for; the other one is for the next. */
  gboolean has_place;
  guint at;
  IlBinPlace places[2];

  IlBinContent content;
} IlBinWalker;

void il_bin_walker_init (IlBinWalker *walker, const IlSeriesPrefix *prefix, gint64 time_ns);
void il_bin_walker_fill (IlBinWalker *walker, const IlBinColumn *column, gsize node,
                         IlSpanBin *bin);
guint64 il_bin_walker_find_peak (const IlBinWalker *walker, gsize entry, gint64 left_ns,
                                 gint64 right_ns);

#define IL_BIN_NODE_UNKNOWN G_MAXSIZE

/* Spans in a column that are faster added up one by one than looked up in the pyramid, since they
 * stand side by side. */
#define IL_BIN_MAX_WALKED 40

/* il-series-bin-scout.c: where two columns part, as seen from a level of the pyramid. */
typedef struct
{
  gsize row;    /* that holds the moment before the boundary */
  gsize entry;  /* about the one that does */
  guint64 peak; /* of the rows between that of the boundary before and this one's */
  float part;   /* of the row that lies before it; negative: it is too long to tell by that */
  const IlStateSums *sums;     /* where the row begins, … */
  const IlStateSums *sums_end; /* … and where it ends, unless part is negative */

  /* Where the row is so short that its nearer end may stand for the boundary; else NULL. */
  const IlStateSums *snapped;
  gint64 snapped_ns;
} IlBinBoundary;

/* So many columns ahead of the one that is filled memory is asked for. */
#define IL_BIN_N_AHEAD 16
#define IL_BIN_N_BOUNDARIES (2 * IL_BIN_N_AHEAD) /* a power of two */

/*
 * Where there are many spans in a column, its two boundaries lie far from each other in memory.  A
 * scout goes ahead, finds the row of each boundary, and has memory fetch what will be looked at.
 */
typedef struct
{
  const IlSeriesPrefix *prefix;
  guint level;
  guint row_bits;    /* log2 of the spans in a row */
  float row_spans;   /* that follow its first one */
  gint64 coarse_ns;  /* a row up to this long is not looked into, … */
  gint64 snapped_ns; /* … and one up to this long stands for a moment */
  gsize n_passed; /* rows from the boundary before to the last one: about as many as to the next */

  /* The chunk at hand, up to where rows have an end in it. */
  gsize chunk_begin;
  gsize chunk_end;
  const gint64 *begins;
  const guint64 *peaks;
  const IlStateSums *sums; /* where the level is 1 */

  IlSeriesColumns columns;
  gint64 first_ns;
  gint64 last_ns;
  gsize n;                                       /* boundaries found */
  IlBinBoundary boundaries[IL_BIN_N_BOUNDARIES]; /* the left one of column i is at i modulo that */
} IlBinScout;

gboolean il_bin_scout_init (IlBinScout *scout, const IlSeriesPrefix *prefix,
                            const IlSeriesColumns *columns, gsize entry, gint64 first_ns,
                            gint64 last_ns);
void il_bin_scout_next (IlBinScout *scout);

static inline const IlBinBoundary *
il_bin_scout_boundary (const IlBinScout *scout, gsize i)
{
  return &scout->boundaries[i % IL_BIN_N_BOUNDARIES];
}

static inline void
il_bin_fill_longest (guint64 peak, double scale, IlSpanBin *bin)
{
  double share = il_series_peak_length (peak) * scale + .5;

  bin->longest_code = (guint32)peak;
  bin->longest_share = (guint32)MIN (share, IL_SHARE_ONE) & -(guint32)(peak != 0);
}

guint64 il_bin_peak_of_rows (const IlSeriesPrefix *prefix, guint level, gsize first, gsize end);

G_END_DECLS
