/* il-batch-iter.c - walks the records of all lanes in the order of time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-batch-private.h"

/* A run on the way through it. */
typedef struct
{
  gint64 time_ns; /* of the next record */
  const IlRecord *next;
  const IlRecord *end;
  guint run;
} Cursor;

/*
 * A heap of runs by the time of their next record.  The run in hand is outside of it: as long as
 * its records come before the heap's first, which is often since a lane's records come in bursts, a
 * step costs one comparison.  (A radix sort of some thousand records at a time is not faster with a
 * dozen lanes.)
 */
struct _IlBatchIter
{
  const IlBatchRun *runs;
  Cursor current;
  gint64 bound_ns; /* the current run goes on up to here, inclusive */
  guint n_heap;
  Cursor heap[];
};

static inline gboolean
comes_before (const Cursor *a, const Cursor *b)
{
  return a->time_ns < b->time_ns || (a->time_ns == b->time_ns && a->run < b->run);
}

static void
sift_down (IlBatchIter *iter, guint at)
{
  const Cursor moving = iter->heap[at];

  for (;;)
    {
      guint child = 2 * at + 1;

      if (child >= iter->n_heap)
        break;
      if (child + 1 < iter->n_heap && comes_before (&iter->heap[child + 1], &iter->heap[child]))
        child++;
      if (comes_before (&moving, &iter->heap[child]))
        break;
      iter->heap[at] = iter->heap[child];
      at = child;
    }
  iter->heap[at] = moving;
}

/* The current run's turn lasts until the heap's first comes; of equal times the lower lane is
 * first. */
static void
bound_current (IlBatchIter *iter)
{
  if (iter->n_heap == 0)
    iter->bound_ns = G_MAXINT64;
  else
    iter->bound_ns = iter->heap[0].time_ns - (iter->heap[0].run < iter->current.run);
}

/* Takes the heap's first run in hand, and puts the one in hand in its place if something is left
 * of it. */
static void
change_current (IlBatchIter *iter)
{
  Cursor old = iter->current;

  iter->current = iter->heap[0];
  if (old.next != old.end)
    {
      old.time_ns = old.next->time_ns;
      iter->heap[0] = old;
    }
  else
    iter->heap[0] = iter->heap[--iter->n_heap];
  if (iter->n_heap > 0)
    sift_down (iter, 0);
  bound_current (iter);
}

/**
 * il_batch_iter_new:
 * @batch: sealed; has to outlive the iterator
 *
 * Begins a walk over all records in the order of time; equal times by lane, then as appended.
 */
IlBatchIter *
il_batch_iter_new (const IlBatch *batch)
{
  IlBatchIter *iter;
  const IlBatchRun *runs;
  guint n_runs;

  g_return_val_if_fail (batch != NULL, NULL);

  runs = il_batch_get_runs (batch, &n_runs);
  iter = g_malloc0 (sizeof *iter + n_runs * sizeof (Cursor));
  iter->runs = runs;
  for (guint i = 0; i < n_runs; i++)
    iter->heap[iter->n_heap++] = (Cursor){ .time_ns = runs[i].records[0].time_ns,
                                           .next = runs[i].records,
                                           .end = runs[i].records + runs[i].n_records,
                                           .run = i };
  for (guint i = iter->n_heap / 2; i > 0; i--)
    sift_down (iter, i - 1);
  if (n_runs > 0)
    change_current (iter);
  return iter;
}

/**
 * il_batch_iter_next_in_run:
 * @run: (out): index among il_batch_get_runs()
 * @record: (out) (transfer none): valid as long as the batch
 *
 * Takes one step.
 *
 * Returns: FALSE after the last record
 */
gboolean
il_batch_iter_next_in_run (IlBatchIter *iter, guint *run, const IlRecord **record)
{
  if (iter->current.next == iter->current.end || iter->current.next->time_ns > iter->bound_ns)
    {
      if (iter->n_heap == 0)
        return FALSE;
      change_current (iter);
    }
  *run = iter->current.run;
  *record = iter->current.next++;
  return TRUE;
}

/**
 * il_batch_iter_next:
 * @lane: (out): whose record it is
 * @record: (out) (transfer none): valid as long as the batch
 *
 * Takes one step.
 *
 * Returns: FALSE after the last record
 */
gboolean
il_batch_iter_next (IlBatchIter *iter, guint32 *lane, const IlRecord **record)
{
  guint run;

  if (!il_batch_iter_next_in_run (iter, &run, record))
    return FALSE;
  *lane = iter->runs[run].lane;
  return TRUE;
}

/**
 * il_batch_iter_free:
 *
 * Ends a walk, also before its end.
 */
void
il_batch_iter_free (IlBatchIter *iter)
{
  g_free (iter);
}
