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
