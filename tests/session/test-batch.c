/* test-batch.c - a sealed batch is in order, whatever order it was filled in, and all walk it alike
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-record.h"

#include <pthread.h>

static void
append_one (IlBatch *batch, guint32 lane, gint64 time_ns, guint32 value)
{
  const IlRecord record = { .time_ns = time_ns, .kind = IL_RECORD_IDLE, .value = value };

  il_batch_append (batch, lane, &record, 1);
}

static void
test_empty (void)
{
  g_autoptr (IlBatch) batch = il_batch_new (5);
  g_autoptr (IlBatchIter) iter = NULL;
  const IlRecord *record;
  guint32 lane;
  guint n_runs;

  il_batch_append (batch, 1, NULL, 0);
  il_batch_seal (batch, 7);
  g_assert_cmpint (il_batch_get_begin (batch), ==, 5);
  g_assert_cmpint (il_batch_get_end (batch), ==, 7);
  g_assert_cmpuint (il_batch_get_n_records (batch), ==, 0);
  il_batch_get_runs (batch, &n_runs);
  g_assert_cmpuint (n_runs, ==, 0);
  iter = il_batch_iter_new (batch);
  g_assert_false (il_batch_iter_next (iter, &lane, &record));
}

static void
test_times_are_clamped (void)
{
  static const gint64 times[] = { -5, 99, 100, 150, 199, 200, 5000 };
  static const gint64 expected[] = { 100, 100, 100, 150, 199, 199, 199 };
  g_autoptr (IlBatch) batch = il_batch_new (100);
  const IlBatchRun *runs;
  guint n_runs;

  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    append_one (batch, 3, times[i], i);
  il_batch_seal (batch, 200);

  runs = il_batch_get_runs (batch, &n_runs);
  g_assert_cmpuint (n_runs, ==, 1);
  g_assert_cmpuint (runs[0].n_records, ==, G_N_ELEMENTS (times));
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_assert_cmpint (runs[0].records[i].time_ns, ==, expected[i]);
      g_assert_cmpuint (runs[0].records[i].value, ==, i);
    }
}

static void
test_window_without_length (void)
{
  g_autoptr (IlBatch) batch = il_batch_new (100);
  const IlBatchRun *runs;
  guint n_runs;

  append_one (batch, 0, 90, 1);
  append_one (batch, 0, 110, 2);
  il_batch_seal (batch, 100);

  runs = il_batch_get_runs (batch, &n_runs);
  g_assert_cmpint (runs[0].records[0].time_ns, ==, 100);
  g_assert_cmpint (runs[0].records[1].time_ns, ==, 100);
}

/* Two sources of one lane, the one after the other, become one sequence; at equal times the first
 * stays first. */
static void
test_sources_are_merged (void)
{
  static const gint64 first[] = { 10, 20, 20, 40 };
  static const gint64 second[] = { 5, 20, 30, 50 };
  static const guint expected[] = { 4, 0, 1, 2, 5, 6, 3, 7 };
  g_autoptr (IlBatch) batch = il_batch_new (0);
  const IlBatchRun *runs;
  guint n_runs;

  for (guint i = 0; i < 4; i++)
    append_one (batch, 7, first[i], i);
  for (guint i = 0; i < 4; i++)
    append_one (batch, 7, second[i], 4 + i);
  il_batch_seal (batch, 100);

  runs = il_batch_get_runs (batch, &n_runs);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpuint (runs[0].records[i].value, ==, expected[i]);
}

typedef struct
{
  gint64 time_ns;
  guint32 lane;
  guint32 value;
} Expected;

static int
compare_expected (gconstpointer a, gconstpointer b)
{
  const Expected *left = a, *right = b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  if (left->lane != right->lane)
    return left->lane < right->lane ? -1 : 1;
  return left->value < right->value ? -1 : left->value > right->value;
}

/* Against sorting everything: any number of lanes, any disorder, many equal times. */
static void
check_random (GRand *random, guint n_lanes, guint n_records, gint64 span_ns)
{
  g_autoptr (IlBatch) batch = il_batch_new (0);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Expected));
  g_autoptr (IlBatchIter) iter = NULL;
  const IlRecord *record;
  guint32 lane;

  for (guint i = 0; i < n_records; i++)
    {
      Expected next = { g_rand_int_range (random, 0, (gint32)span_ns),
                        (guint32)g_rand_int_range (random, 0, (gint32)n_lanes) * 17, i };

      append_one (batch, next.lane, next.time_ns, next.value);
      g_array_append_val (all, next);
    }
  il_batch_seal (batch, span_ns);
  g_array_sort (all, compare_expected);

  g_assert_cmpuint (il_batch_get_n_records (batch), ==, n_records);
  iter = il_batch_iter_new (batch);
  for (guint i = 0; i < n_records; i++)
    {
      const Expected *next = &g_array_index (all, Expected, i);

      g_assert_true (il_batch_iter_next (iter, &lane, &record));
      g_assert_cmpint (record->time_ns, ==, next->time_ns);
      g_assert_cmpuint (lane, ==, next->lane);
      g_assert_cmpuint (record->value, ==, next->value);
    }
  g_assert_false (il_batch_iter_next (iter, &lane, &record));
  g_assert_false (il_batch_iter_next (iter, &lane, &record));
}

static void
test_walk_is_in_order (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint round = 0; round < 200; round++)
    check_random (random, 1 + round % 23, round * 7, 1 + g_rand_int_range (random, 0, 500));
}

static void *
walk_thread (void *data)
{
  IlBatch *batch = data;
  IlBatchIter *iter = il_batch_iter_new (batch);
  const IlRecord *record;
  guint32 lane;
  gsize n = 0;

  while (il_batch_iter_next (iter, &lane, &record))
    n++;
  il_batch_iter_free (iter);
  g_assert_cmpuint (n, ==, 300);
  il_batch_unref (batch);
  return NULL;
}

static void
test_shared_by_threads (void)
{
  for (guint round = 0; round < 50; round++)
    {
      IlBatch *batch = il_batch_new (0);
      pthread_t threads[3];

      for (guint i = 0; i < 300; i++)
        append_one (batch, i % 5, i, i);
      il_batch_seal (batch, 1000);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_assert_cmpint (pthread_create (&threads[i], NULL, walk_thread, il_batch_ref (batch)), ==,
                         0);
      il_batch_unref (batch);
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        pthread_join (threads[i], NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/batch/empty", test_empty);
  g_test_add_func ("/batch/times-are-clamped", test_times_are_clamped);
  g_test_add_func ("/batch/window-without-length", test_window_without_length);
  g_test_add_func ("/batch/sources-are-merged", test_sources_are_merged);
  g_test_add_func ("/batch/walk-is-in-order", test_walk_is_in_order);
  g_test_add_func ("/batch/shared-by-threads", test_shared_by_threads);
  return g_test_run ();
}
