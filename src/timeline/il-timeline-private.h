/* il-timeline-private.h - the timeline as its builder writes it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-column-private.h"
#include "il-timeline-builder.h"

#include <stdatomic.h>

G_BEGIN_DECLS

/* Rows that are written once, then counted. */
typedef struct
{
  _Atomic gsize length; /* [L] */
  IlColumn rows;
} IlLog;

/* A wait as it is kept. */
typedef struct
{
  gint64 end_ns;
  gint64 wait_ns;
  guint32 lane;
  guint32 blamed_plus_1;
  guint32 cancelled : 1;
  guint32 putting : 1;
  guint32 n_cancelled : 30; /* of the lane's waits, up to this one; il_lane_add_wait() counts */
  _Atomic guint32 woken_by_plus_1; /* told right after the end, when the row is there already */
} IlWaitRow;

/* A stay of a reader; all but who it is changes until it is over. */
typedef struct
{
  _Atomic gint64 begin_ns;
  _Atomic gint64 end_ns;
  guint32 lane;
  _Atomic guint32 n_times;
} IlReadRow;

/* How much there was up to a moment. */
typedef struct
{
  gint64 time_ns;
  guint64 total;
  guint64 spent_ns; /* of a thread: on copying it; else 0 */
} IlAmountRow;

/* What a lane has done so far is kept as when it was done: a log of moments, ascending. */
typedef enum
{
  IL_COUNT_TASKS,
  IL_COUNT_VOLUNTARY,
  IL_COUNT_INVOLUNTARY,
  IL_COUNT_MIGRATIONS,
  IL_COUNT_PUTS_OR_ACQUISITIONS,
  IL_COUNT_GETS,
  IL_N_COUNTS
} IlCount;

/* What a lane was told to be.  What was told before stays, since somebody may be reading it. */
typedef struct _IlToldInfo IlToldInfo;
struct _IlToldInfo
{
  IlLaneInfo info;
  IlToldInfo *before; /* NULL: the first */
};

#define IL_ENDING_BITS 2

struct _IlLane
{
  /* constant once the lane is counted */
  guint index;
  guint ordinal; /* among those of its kind, from 1 */
  guint32 object;
  IlSeries *states;  /* NULL where the kind of lane has none; the series synchronizes itself */
  IlSeries *level;   /* likewise */
  IlSeries *waiters; /* likewise */
  IlSeries *losses;  /* likewise */

  _Atomic (IlToldInfo *) told; /* [I] */
  _Atomic gint64 begin_ns;
  _Atomic gint64 end_ns;
  _Atomic guint64 n_torn_lines;
  _Atomic guint32 max_depth;
  _Atomic gboolean given_by_others;
  _Atomic gboolean holds_tasks;
  _Atomic guint32 ending;    /* IlEnding, of one that died | signal << IL_ENDING_BITS */
  IlLog waits;               /* IlWaitRow */
  IlLog reads;               /* IlReadRow */
  IlLog amounts;             /* IlAmountRow, ascending */
  IlLog untold;              /* likewise: acquisitions that have no record of their own */
  IlLog counts[IL_N_COUNTS]; /* gint64, see IlCount */
};

/* Fields are written as records of the task come in, each time with a release store of the last
 * one. */
typedef struct
{
  _Atomic gint64 submit_ns;
  _Atomic gint64 begin_ns;
  _Atomic gint64 end_ns;
  _Atomic guint32 kind_object;
  _Atomic guint32 worker_plus_1;
  _Atomic guint32 outcome; /* [T] */
} IlTaskRow;

typedef struct
{
  guint32 number;
  IlTimelineObjectKind kind;
  char *name; /* that it was declared with; where it has a lane, that has the name of now */
  guint64 parameter;
  IlLane *lane;  /* NULL for a task kind or a title */
  gpointer mine; /* the builder's own */
} IlTimelineObject;

typedef struct
{
  IlTimelineObjectKind kind;
  const char *name;
  guint64 parameter;
} IlTimelineObjectInfo;

#define IL_OBJECT_PAGE 1024 /* objects in a page of the table */

typedef struct
{
  _Atomic (IlTimelineObject *) objects[IL_OBJECT_PAGE]; /* [O] */
} IlObjectPage;

/* The same figures as in IlTimelineTotals. */
typedef struct
{
  _Atomic guint64 n_records;
  _Atomic guint64 n_lost;
  _Atomic guint64 n_sched_lost;
  _Atomic guint64 n_inconsistent;
  _Atomic guint64 n_submitted;
  _Atomic guint64 n_outcomes[IL_TASK_OUTCOME_PENDING];
} IlTotals;

#define IL_RECORD_COUNT_NS 1000000

/* So many records were there before this moment. */
typedef struct
{
  gint64 begin_ns;
  guint64 n_before;
} IlRecordCount;

/*
 * Roles     One thread at a time writes, through a builder; any thread reads at the same time.
 *           Readers neither block nor are waited for.  A reference keeps all of it alive.
 * Edges     [L] a log's length, release  ->  acquire: the rows below it, and for the log of lanes
 *               the lane behind each.
 *           [O] page and object, release  ->  acquire: what is behind the pointer.
 *           [I] what a lane is, release  ->  acquire: its texts.  n_claims, counted afterwards,
 *               release  ->  acquire: whoever sees the number sees what was claimed.
 *           [T] a task's fields, release in the order submit, begin, end, outcome  ->  acquire in
 *               the opposite order: whoever sees that it ended sees when it began.
 *           [E] end_ns, release  ->  acquire: all that was recorded before the end of the batch.
 *           [R] the last unref: acquire fence after the release decrements.
 * Relaxed   Totals, how many threads there are, and a lane's begin, end, ending, depth and kind of
 *           items: numbers on their own, each right at some moment.
 * Checked   tests/timeline/test-timeline-threads.c, with -Db_sanitize=thread.
 */
struct _IlTimeline
{
  _Atomic guint n_references; /* [R] */
  _Atomic gint64 end_ns;      /* [E] */
  _Atomic guint n_claims;     /* [I] */
  _Atomic gboolean hides_locks;
  _Atomic guint n_threads;
  _Atomic guint n_of_pool; /* of them, those that are more than threads */
  IlLog lanes;             /* IlLane * */
  IlLog tasks;             /* IlTaskRow, by task number */
  IlLog spawned;           /* IlTaskRow, by IL_TASK_NUMBER_MAX - task number */
  IlLog tasks_done;        /* gint64, when */
  IlLog tasks_run_again;   /* likewise */
  IlLog record_counts;     /* IlRecordCount, for each millisecond with records */
  IlTotals totals;
  guint n_of_kind[IL_N_LANE_KINDS]; /* lanes; the writer's own */
  _Atomic (IlObjectPage *) *pages;  /* by object / IL_OBJECT_PAGE */
  GPtrArray *objects;               /* IlTimelineObject, all there are; the writer's own */
  IlBatchFunc observer;             /* NULL: none; set before the first batch */
  gpointer observer_data;
  GDestroyNotify observer_destroy;
};

static inline gsize
il_log_length (const IlLog *log)
{
  return atomic_load_explicit (&log->length, memory_order_acquire); /* [L] */
}

/* The writer's: publishes the row that was written to il_column_extend() of the rows. */
static inline void
il_log_publish (IlLog *log)
{
  gsize length = atomic_load_explicit (&log->length, memory_order_relaxed);

  atomic_store_explicit (&log->length, length + 1, memory_order_release); /* [L] */
}

static inline void
il_log_add_time (IlLog *log, gint64 time_ns)
{
  gsize length = atomic_load_explicit (&log->length, memory_order_relaxed);

  IL_COLUMN_PUT (&log->rows, gint64, length) = time_ns;
  il_log_publish (log);
}

guint64 il_log_count_up_to (const IlLog *log, gint64 time_ns);

static inline void
il_total_add (_Atomic guint64 *total, guint64 n)
{
  atomic_store_explicit (total, atomic_load_explicit (total, memory_order_relaxed) + n,
                         memory_order_relaxed);
}

/* The writer's side of a timeline. */
IlLane *il_timeline_add_lane (IlTimeline *timeline, const IlLaneInfo *info, guint32 object);
void il_timeline_claim_lane (IlTimeline *timeline, IlLane *lane, const IlLaneInfo *info);
IlTimelineObject *il_timeline_add_object (IlTimeline *timeline, guint32 number,
                                          const IlTimelineObjectInfo *info);
IlTimelineObject *il_timeline_find_object (const IlTimeline *timeline, guint32 number);
IlTaskRow *il_timeline_ensure_task (IlTimeline *timeline, guint32 number, gsize limit);
void il_timeline_set_end (IlTimeline *timeline, gint64 end_ns);

IlLane *il_lane_new (const IlLaneInfo *info, guint index, guint32 object);
void il_lane_free (IlLane *lane);
void il_lane_set_info (IlLane *lane, const IlLaneInfo *info);
void il_lane_add_wait (IlLane *lane, const IlWaitRow *wait);
void il_lane_name_waker (IlLane *lane, gsize wait, guint32 waker_plus_1);
gsize il_lane_add_read (IlLane *lane, guint32 reader, gint64 begin_ns);
void il_lane_begin_read (IlLane *lane, gsize read, gint64 begin_ns);
void il_lane_repeat_read (IlLane *lane, gsize read);
void il_lane_end_read (IlLane *lane, gsize read, gint64 end_ns);
void il_lane_add_amount (IlLane *lane, gint64 time_ns, guint64 amount);
void il_lane_add_timed_amount (IlLane *lane, gint64 time_ns, guint64 amount, guint64 spent_ns);
void il_lane_add_untold (IlLane *lane, gint64 time_ns, guint64 n_untold);

G_END_DECLS
