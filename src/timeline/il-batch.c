/* il-batch.c - a window of time with the records of all lanes in it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-record.h"

#include <stdatomic.h>
#include <string.h>

#include "il-batch-private.h"

typedef struct
{
  guint32 lane;
  gboolean ordered; /* so far no time is before the one in front of it */
  gsize n_records;
  gsize n_allocated;
  IlRecord *records;
} Run;

/*
 * Roles     One thread fills and seals; from then on nobody changes anything but the count of
 *           references, and any thread reads.  What hands a sealed batch to another thread orders
 *           the filling before the reading.
 * Edges     [R] unref: release decrement  ->  last unref: acquire fence
 *               Whoever frees sees all that others did with the batch.
 * Checked   tests/session/test-batch.c, also built with -Db_sanitize=thread.
 */
struct _IlBatch
{
  _Atomic guint n_references;
  gboolean sealed;
  gint64 begin_ns;
  gint64 end_ns;
  gsize n_records;
  GHashTable *indices; /* lane to index in filling + 1; NULL once sealed */
  GArray *filling;     /* of Run; in the order of first sight, by lane once sealed */
  guint newest;        /* index in filling that was appended to last */
  GArray *runs;        /* of IlBatchRun, by lane; NULL until sealed */
  IlRecord *records;   /* of all runs, where they were handed over at once */
};

/* One run while batches are walked. */
typedef struct
{
  const IlRecord *next;
  const IlRecord *end;
  guint run;
} Cursor;

/*
 * A heap of runs by the time of their next record.  The run in hand is outside of it: as long as
 * its records come before the heap's first, which is the rule since a lane's records come in
 * bursts, a step costs one comparison.
 */
struct _IlBatchIter
{
  const IlBatchRun *runs;
  Cursor current;
  gint64 bound_ns; /* the current run goes on up to here, inclusive */
  guint n_heap;
  Cursor heap[];
};

static void
clear_run (gpointer data)
{
  g_free (((Run *)data)->records);
}

/**
 * il_batch_new:
 * @begin_ns: where the window begins, since the session began
 *
 * Makes an empty batch, to be filled by one thread.
 */
IlBatch *
il_batch_new (gint64 begin_ns)
{
  IlBatch *batch = g_new0 (IlBatch, 1);

  atomic_init (&batch->n_references, 1);
  batch->begin_ns = begin_ns;
  batch->end_ns = begin_ns;
  batch->indices = g_hash_table_new (NULL, NULL);
  batch->filling = g_array_new (FALSE, FALSE, sizeof (Run));
  g_array_set_clear_func (batch->filling, clear_run);
  return batch;
}

/**
 * il_batch_ref:
 *
 * Takes a reference; any thread.
 */
IlBatch *
il_batch_ref (IlBatch *batch)
{
  g_return_val_if_fail (batch != NULL, NULL);

  atomic_fetch_add_explicit (&batch->n_references, 1, memory_order_relaxed);
  return batch;
}

/**
 * il_batch_unref:
 *
 * Gives a reference back; any thread.  The last one frees the batch.
 */
void
il_batch_unref (IlBatch *batch)
{
  if (batch == NULL)
    return;
  /* [R] acquire too, not by a fence apart: TSan knows no fences. */
  if (atomic_fetch_sub_explicit (&batch->n_references, 1, memory_order_acq_rel) != 1)
    return;

  g_clear_pointer (&batch->indices, g_hash_table_unref);
  g_array_unref (batch->filling);
  g_clear_pointer (&batch->runs, g_array_unref);
  g_free (batch->records);
  g_free (batch);
}

static Run *
find_run (IlBatch *batch, guint32 lane)
{
  gpointer index;

  if (batch->newest < batch->filling->len
      && g_array_index (batch->filling, Run, batch->newest).lane == lane)
    return &g_array_index (batch->filling, Run, batch->newest);

  index = g_hash_table_lookup (batch->indices, GUINT_TO_POINTER (lane));
  if (index == NULL)
    {
      const Run run = { .lane = lane, .ordered = TRUE };

      g_array_append_val (batch->filling, run);
      index = GUINT_TO_POINTER (batch->filling->len);
      g_hash_table_insert (batch->indices, GUINT_TO_POINTER (lane), index);
    }
  batch->newest = GPOINTER_TO_UINT (index) - 1;
  return &g_array_index (batch->filling, Run, batch->newest);
}

static void
reserve (Run *run, gsize n_more)
{
  gsize n_needed = run->n_records + n_more;

  if (n_needed <= run->n_allocated)
    return;
  run->n_allocated = MAX (MAX (n_needed, 2 * run->n_allocated), 16);
  run->records = g_renew (IlRecord, run->records, run->n_allocated);
}

/**
 * il_batch_append:
 * @records: (array length=n_records): copied
 *
 * Adds records of a lane.
 *
 * Best in the order of time; what is not, as where two sources tell of the same lane, is put in
 * order when the batch is sealed.  Only the time decides then: a source whose clock may step back
 * has to even that out first, lest its records change places.
 */
void
il_batch_append (IlBatch *batch, guint32 lane, const IlRecord *records, gsize n_records)
{
  Run *run;
  gint64 last_ns;

  g_return_if_fail (batch != NULL && !batch->sealed);

  if (n_records == 0)
    return;
  run = find_run (batch, lane);
  g_return_if_fail (n_records <= G_MAXUINT32 - run->n_records);
  reserve (run, n_records);

  last_ns = run->n_records > 0 ? run->records[run->n_records - 1].time_ns : G_MININT64;
  for (gsize i = 0; i < n_records; i++)
    {
      run->ordered &= records[i].time_ns >= last_ns;
      last_ns = records[i].time_ns;
    }
  memcpy (run->records + run->n_records, records, n_records * sizeof *records);
  run->n_records += n_records;
  batch->n_records += n_records;
}

/* Merges [begin, middle) and [middle, end) of records, which are in order by themselves; of equal
 * times the former come first. */
static void
merge (IlRecord *records, gsize middle, gsize end, IlRecord *scratch)
{
  gsize left = 0, right = middle, out = 0;

  memcpy (scratch, records, middle * sizeof *records);
  while (left < middle && right < end)
    records[out++]
        = records[right].time_ns < scratch[left].time_ns ? records[right++] : scratch[left++];
  memcpy (records + out, scratch + left, (middle - left) * sizeof *records);
}

/* Stable, and linear in the usual case: a run consists of a few stretches that are in order. */
static void
order_run (Run *run)
{
  g_autofree IlRecord *scratch = g_new (IlRecord, run->n_records);
  g_autoptr (GArray) begins = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (gsize i = 0; i < run->n_records; i++)
    if (i == 0 || run->records[i].time_ns < run->records[i - 1].time_ns)
      g_array_append_val (begins, i);

  /* Neighbours in pairs, until one is left. */
  while (begins->len > 1)
    {
      guint n_left = 0;

      for (guint i = 0; i < begins->len; i += 2)
        {
          gsize begin = g_array_index (begins, gsize, i);
          gsize end = i + 2 < begins->len ? g_array_index (begins, gsize, i + 2) : run->n_records;

          if (i + 1 < begins->len)
            merge (run->records + begin, g_array_index (begins, gsize, i + 1) - begin, end - begin,
                   scratch);
          g_array_index (begins, gsize, n_left++) = begin;
        }
      g_array_set_size (begins, n_left);
    }
  run->ordered = TRUE;
}

static int
compare_lanes (gconstpointer a, gconstpointer b)
{
  const Run *left = a, *right = b;

  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

/**
 * il_batch_seal:
 * @end_ns: the window's end: all records happened before it
 *
 * Puts the records of each lane in the order of their times and makes the batch read-only.
 *
 * Times outside of the window [begin, end) are moved to its edge, to @end_ns - 1 on that side, so
 * that no record of a batch can change places with one of the next batch; in a window without
 * length all are moved to its begin.
 */
void
il_batch_seal (IlBatch *batch, gint64 end_ns)
{
  gint64 latest_ns;

  g_return_if_fail (batch != NULL && !batch->sealed);
  g_return_if_fail (end_ns >= batch->begin_ns);

  latest_ns = MAX (batch->begin_ns, end_ns - 1);
  g_array_sort (batch->filling, compare_lanes);
  batch->runs = g_array_sized_new (FALSE, FALSE, sizeof (IlBatchRun), batch->filling->len);
  for (guint i = 0; i < batch->filling->len; i++)
    {
      Run *run = &g_array_index (batch->filling, Run, i);
      IlBatchRun sealed = { .lane = run->lane, .n_records = run->n_records };

      if (!run->ordered)
        order_run (run);
      for (gsize j = 0; j < run->n_records && run->records[j].time_ns < batch->begin_ns; j++)
        run->records[j].time_ns = batch->begin_ns;
      for (gsize j = run->n_records; j > 0 && run->records[j - 1].time_ns > latest_ns; j--)
        run->records[j - 1].time_ns = latest_ns;
      sealed.records = run->records;
      g_array_append_val (batch->runs, sealed);
    }
  g_clear_pointer (&batch->indices, g_hash_table_unref);
  batch->end_ns = end_ns;
  batch->sealed = TRUE;
}

/**
 * il_batch_new_from_runs:
 * @runs: (array length=n_runs): by ascending lane, each in the order of time and within the window;
 *   copied
 * @records: (transfer full): what the runs point into
 *
 * Makes a sealed batch of records that are in order already.
 */
IlBatch *
il_batch_new_from_runs (gint64 begin_ns, gint64 end_ns, const IlBatchRun *runs, guint n_runs,
                        IlRecord *records)
{
  IlBatch *batch = il_batch_new (begin_ns);

  for (guint i = 0; i < n_runs; i++)
    batch->n_records += runs[i].n_records;
  il_batch_seal (batch, end_ns);
  g_array_append_vals (batch->runs, runs, n_runs);
  batch->records = records;
  return batch;
}

/**
 * il_batch_get_begin:
 *
 * Returns: where the window begins
 */
gint64
il_batch_get_begin (const IlBatch *batch)
{
  g_return_val_if_fail (batch != NULL, 0);

  return batch->begin_ns;
}

/**
 * il_batch_get_end:
 *
 * Returns: where the window ends, exclusive; its begin while the batch is not sealed
 */
gint64
il_batch_get_end (const IlBatch *batch)
{
  g_return_val_if_fail (batch != NULL, 0);

  return batch->end_ns;
}

/**
 * il_batch_get_n_records:
 *
 * Returns: how many records all lanes have together
 */
gsize
il_batch_get_n_records (const IlBatch *batch)
{
  g_return_val_if_fail (batch != NULL, 0);

  return batch->n_records;
}

/**
 * il_batch_get_runs:
 *
 * Returns: (array length=n_runs) (transfer none) (nullable): the records of each lane that has
 *   some, by ascending lane
 */
const IlBatchRun *
il_batch_get_runs (const IlBatch *batch, guint *n_runs)
{
  g_return_val_if_fail (batch != NULL && batch->sealed && n_runs != NULL, NULL);

  *n_runs = batch->runs->len;
  return (const IlBatchRun *)(gconstpointer)batch->runs->data;
}

static gboolean
comes_before (const Cursor *a, const Cursor *b)
{
  return a->next->time_ns != b->next->time_ns ? a->next->time_ns < b->next->time_ns
                                              : a->run < b->run;
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
    iter->bound_ns = iter->heap[0].next->time_ns - (iter->heap[0].run < iter->current.run);
}

/* Takes the heap's first run in hand, and puts the one in hand in its place if something is left
 * of it. */
static void
change_current (IlBatchIter *iter)
{
  const Cursor old = iter->current;

  iter->current = iter->heap[0];
  if (old.next != old.end)
    iter->heap[0] = old;
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

  g_return_val_if_fail (batch != NULL && batch->sealed, NULL);

  runs = il_batch_get_runs (batch, &n_runs);
  iter = g_malloc0 (sizeof *iter + n_runs * sizeof (Cursor));
  iter->runs = runs;
  for (guint i = 0; i < n_runs; i++)
    iter->heap[iter->n_heap++]
        = (Cursor){ .next = runs[i].records, .end = runs[i].records + runs[i].n_records, .run = i };
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
  if (G_UNLIKELY (iter->current.next == iter->current.end
                  || iter->current.next->time_ns > iter->bound_ns))
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
