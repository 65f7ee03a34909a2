/* il-series.h - append-only sequence of spans or of counter values, with its level-of-detail
 * pyramid
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread appends, any number of threads read at the same time without stopping it: a reader
 * sees a prefix.  A span ends where the next begins, so that a series can have neither gap nor
 * overlap.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  IL_STATE_NONE = 0, /* not born, dead; of a core: idle; of a lock: free */
  IL_STATE_RUNNING,  /* running a task; of a core: a thread of ours; of a lock: held */
  IL_STATE_BUSY,     /* running, but not a task */
  IL_STATE_SPINNING, /* on a core while it waits (object says for what) */
  IL_STATE_RUNNABLE, /* ready, but no core is free */
  IL_STATE_LOCK_WAIT,
  IL_STATE_QUEUE_WAIT,
  IL_STATE_IO_WAIT,
  IL_STATE_SLEEPING,
  IL_STATE_JOIN_WAIT, /* for the thread that the subject, lane + 1, names; 0: any, or not known */
  IL_STATE_WAITING,   /* of its own accord; what for was not seen */
  IL_STATE_STOPPED,   /* of a lock: its holder is dead, and it is not yet free again */
  IL_STATE_UNKNOWN,
  IL_N_STATES
} IlState;

/* A span's code: its state, and the object waited for or the lane + 1 that holds or runs, whichever
 * the series is of. */
#define IL_CODE(state, subject) ((guint32)(state) | (guint32)(subject) << 8)
/* The subject of a stopped thread's code: the kernel stopped it, as a signal or a debugger told it
 * to; 0: it was paused by the user. */
#define IL_STOPPED_FROM_OUTSIDE 1u
#define IL_CODE_STATE(code) ((IlState)((code)&0xffu))
#define IL_CODE_SUBJECT(code) ((code) >> 8)

typedef enum
{
  IL_SERIES_SPANS,
  IL_SERIES_COUNTER,
} IlSeriesKind;

typedef struct _IlSeries IlSeries;

typedef struct
{
  gint64 begin_ns;
  gint64 end_ns;  /* of the last span: the end asked for by the caller */
  guint32 code;   /* of a counter: its value */
  guint32 detail; /* task number + 1, or 0 */
} IlSpan;

/* What one pixel column shows of a series of spans. */
typedef struct
{
  guint16 share[IL_N_STATES]; /* of the column's time, in 1/65535; together 65535 where the series
                                 covers the column */
  guint32 longest_code;  /* of the longest span of a state other than NONE that meets the column,
                            clipped to it */
  guint32 longest_share; /* in 1/65535 */
  gsize first_index;     /* of the first span that meets the column */
  gsize n_spans;         /* that meet it */
} IlSpanBin;

/* What one pixel column shows of a counter. */
typedef struct
{
  guint32 min;
  guint32 max;
  guint32 last;
  double mean;      /* over time */
  gboolean covered; /* FALSE before the first value */
} IlCounterBin;

IlSeries *il_series_new (IlSeriesKind kind) G_GNUC_WARN_UNUSED_RESULT;
void il_series_free (IlSeries *series);
IlSeriesKind il_series_get_kind (const IlSeries *series);

/* The writer's side.  A begin before the last one is moved up to it.  A span of the same code and
 * detail as the last is merged into it, and so is a counter's equal value. */
void il_series_append (IlSeries *series, gint64 begin_ns, guint32 code, guint32 detail);

/* The readers' side.  end_ns is where the last span is to end, usually il_timeline_get_end(). */
gsize il_series_get_length (const IlSeries *series);
gboolean il_series_get_span (const IlSeries *series, gsize index, gint64 end_ns, IlSpan *span);
gboolean il_series_find (const IlSeries *series, gint64 time_ns, gint64 end_ns, gsize *index,
                         IlSpan *span);
void il_series_sum_states (const IlSeries *series, gint64 begin_ns, gint64 end_ns,
                           gint64 states_ns[IL_N_STATES]);
void il_series_bin_spans (const IlSeries *series, gint64 begin_ns, gint64 end_ns,
                          gint64 series_end_ns, gsize n_bins, IlSpanBin *bins);
void il_series_bin_counter (const IlSeries *series, gint64 begin_ns, gint64 end_ns,
                            gint64 series_end_ns, gsize n_bins, IlCounterBin *bins);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlSeries, il_series_free)

G_END_DECLS
