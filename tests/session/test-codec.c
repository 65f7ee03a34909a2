/* test-codec.c - what is encoded comes back as it was; what was not encoded is refused
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-record-codec.h"
#include "il-session.h"
#include "stream.h"

#include <string.h>

static void
assert_batches_equal (const IlBatch *a, const IlBatch *b)
{
  const IlBatchRun *left, *right;
  guint n_left, n_right;

  g_assert_cmpint (il_batch_get_begin (a), ==, il_batch_get_begin (b));
  g_assert_cmpint (il_batch_get_end (a), ==, il_batch_get_end (b));
  left = il_batch_get_runs (a, &n_left);
  right = il_batch_get_runs (b, &n_right);
  g_assert_cmpuint (n_left, ==, n_right);
  for (guint i = 0; i < n_left; i++)
    {
      g_assert_cmpuint (left[i].lane, ==, right[i].lane);
      g_assert_cmpmem (left[i].records, left[i].n_records * sizeof (IlRecord), right[i].records,
                       right[i].n_records * sizeof (IlRecord));
    }
}

/* Returns the encoded size. */
static gsize
check_round_trip (const IlBatch *batch)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = il_record_encode (batch, 1);
  g_autoptr (GBytes) again = il_record_encode (batch, 1);
  g_autoptr (IlBatch) decoded = NULL;
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  g_assert_true (g_bytes_equal (bytes, again));
  decoded = il_record_decode (data, size, &error);
  g_assert_no_error (error);
  assert_batches_equal (batch, decoded);
  return size;
}

static void
test_empty (void)
{
  g_autoptr (IlBatch) batch = il_batch_new (12);

  il_batch_seal (batch, 34);
  check_round_trip (batch);
}

static void
test_extremes (void)
{
  static const IlRecord records[] = {
    { -1000, IL_RECORD_TASK_SUBMIT, IL_RECORD_OBJECT_MAX, G_MAXUINT32 },
    { -1000, IL_RECORD_PUT, 0, IL_RECORD_WOKE },
    { 0, IL_RECORD_PUT, 0, G_MAXUINT32 },
    { 255, IL_RECORD_GET, 1, 0 },
    { 256, IL_RECORD_SEM_ACQUIRE, 1, 0 },
    { G_MAXUINT32, IL_RECORD_CORE_USAGE, 2, 1 },
    { G_GINT64_CONSTANT (1) << 54, IL_N_RECORD_KINDS - 1, 2, 1 },
  };
  g_autoptr (IlBatch) batch = il_batch_new (-1000);

  il_batch_append (batch, G_MAXUINT32, records, G_N_ELEMENTS (records));
  il_batch_append (batch, 0, records, G_N_ELEMENTS (records));
  il_batch_append (batch, 77, records + 2, 1);
  il_batch_seal (batch, G_GINT64_CONSTANT (1) << 55);
  check_round_trip (batch);
}

/* Anything at all, so long as kinds are known. */
static IlBatch *
make_random_batch (GRand *random)
{
  gint64 begin_ns = g_rand_int (random);
  gint64 length_ns = (gint64)1 << g_rand_int_range (random, 0, 40);
  guint n_records = (guint)1 << g_rand_int_range (random, 0, 12);
  guint n_lanes = 1 + (guint)g_rand_int_range (random, 0, 40);
  guint value_bits = (guint)g_rand_int_range (random, 0, 33);
  guint n_kinds = 1 + (guint)g_rand_int_range (random, 0, IL_N_RECORD_KINDS - 1);
  IlBatch *batch = il_batch_new (begin_ns);

  for (guint i = 0; i < n_records; i++)
    {
      const IlRecord record = {
        .time_ns = begin_ns + (gint64)(g_rand_double (random) * (double)length_ns),
        .kind = 1 + g_rand_int (random) % n_kinds,
        .object = g_rand_int (random) % (1u << g_rand_int_range (random, 0, 25)),
        .value = value_bits == 0 ? 0 : g_rand_int (random) >> (32 - value_bits),
      };

      il_batch_append (batch, g_rand_int (random) % n_lanes * (1 + n_lanes % 3), &record, 1);
    }
  il_batch_seal (batch, begin_ns + length_ns);
  return batch;
}

static void
test_random (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (42);

  for (guint round = 0; round < 500; round++)
    {
      g_autoptr (IlBatch) batch = make_random_batch (random);

      check_round_trip (batch);
    }
}

/* Whatever bit flips, of what is compressed and of what is not, is found out. */
static void
test_flipped_bits (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint round = 0; round < 400; round++)
    {
      g_autoptr (IlStream) stream = il_stream_new (round, 4, 20000);
      g_autoptr (IlBatch) batch
          = round % 2 == 0 ? make_random_batch (random) : il_stream_next (stream, 20000000);
      g_autoptr (GBytes) bytes = il_record_encode (batch, 1);
      g_autoptr (GError) error = NULL;
      g_autofree guint8 *damaged = NULL;
      gsize size = g_bytes_get_size (bytes);
      guint32 bit;

      damaged = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
      bit = g_rand_int (random) % (guint32)(8 * size);
      damaged[bit / 8] ^= (guint8)(1u << bit % 8);
      g_assert_null (il_record_decode (damaged, size, &error));
      g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED);
    }
}

/* The promise of the format: what a pool makes takes less than 2.5 bytes per record. */
static void
test_realistic (void)
{
  static const gint64 task_lengths_ns[] = { 2000, 20000, 200000, 3000000 };

  for (guint i = 0; i < G_N_ELEMENTS (task_lengths_ns); i++)
    {
      g_autoptr (IlStream) stream = il_stream_new (i, 1 + 3 * i, task_lengths_ns[i]);
      gsize size = 0, n_records = 0;

      for (guint second = 0; second < 4; second++)
        {
          g_autoptr (IlBatch) batch = il_stream_next (stream, MIN (1000, task_lengths_ns[i] / 100)
                                                                  * G_GINT64_CONSTANT (1000000));

          size += check_round_trip (batch);
          n_records += il_batch_get_n_records (batch);
        }
      g_test_message ("%.2f bytes per record, %" G_GSIZE_FORMAT " records",
                      (double)size / (double)n_records, n_records);
      g_assert_cmpfloat ((double)size, <, 2.5 * (double)n_records);
    }
}

/* A result or an error, never both, and nothing in a result that would be wrong in a batch. */
static void
decode_anything (gconstpointer data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlBatch) batch = il_record_decode (data, size, &error);
  const IlBatchRun *runs;
  guint n_runs;

  g_assert_true ((batch == NULL) == (error != NULL));
  if (batch == NULL)
    {
      g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED);
      g_assert_null (strchr (error->message, '\n'));
      return;
    }
  runs = il_batch_get_runs (batch, &n_runs);
  for (guint i = 0; i < n_runs; i++)
    for (guint j = 0; j < runs[i].n_records; j++)
      {
        const IlRecord *record = &runs[i].records[j];

        g_assert_true (i == 0 || runs[i].lane > runs[i - 1].lane);
        g_assert_cmpint (record->time_ns, >=,
                         j == 0 ? il_batch_get_begin (batch) : record[-1].time_ns);
        g_assert_cmpint (record->time_ns, <=, il_batch_get_end (batch));
        g_assert_true (record->kind > IL_RECORD_NONE && record->kind < IL_N_RECORD_KINDS);
      }
}

static void
test_truncated (void)
{
  g_autoptr (IlStream) stream = il_stream_new (1, 3, 20000);
  g_autoptr (IlBatch) batch = il_stream_next (stream, 5000000);
  g_autoptr (GBytes) bytes = il_record_encode (batch, 1);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize length = 0; length < size; length++)
    {
      /* A copy of just that length, so that a read behind it is seen. */
      g_autofree guint8 *copy = g_memdup2 (data, length);
      g_autoptr (GError) error = NULL;

      g_assert_null (il_record_decode (copy, length, &error));
      g_assert_error (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED);
    }
}

static void
test_damaged (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  g_autoptr (IlStream) stream = il_stream_new (1, 3, 20000);
  g_autoptr (IlBatch) batch = il_stream_next (stream, 3000000);
  g_autoptr (GBytes) bytes = il_record_encode (batch, 1);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  g_autofree guint8 *copy = g_memdup2 (data, size);

  for (gsize i = 0; i < size; i++)
    for (guint bit = 0; bit < 8; bit++)
      {
        copy[i] = data[i] ^ (guint8)(1 << bit);
        decode_anything (copy, size);
        copy[i] = data[i];
      }
  for (guint round = 0; round < 20000; round++)
    {
      for (guint i = 0; i < 3; i++)
        copy[g_rand_int_range (random, 0, (gint32)(round % 2 ? 112 : size))]
            = (guint8)g_rand_int (random);
      decode_anything (copy, size);
      memcpy (copy, data, size);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/codec/empty", test_empty);
  g_test_add_func ("/codec/extremes", test_extremes);
  g_test_add_func ("/codec/random", test_random);
  g_test_add_func ("/codec/flipped-bits", test_flipped_bits);
  g_test_add_func ("/codec/realistic", test_realistic);
  g_test_add_func ("/codec/truncated", test_truncated);
  g_test_add_func ("/codec/damaged", test_damaged);
  return g_test_run ();
}
