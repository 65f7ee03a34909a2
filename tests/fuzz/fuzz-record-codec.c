/* fuzz-record-codec.c - bytes as an encoded batch: a batch or an error, and the batch encodes again
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"
#include "il-record-codec.h"
#include "il-record-format-private.h"
#include "stream.h"

#include <string.h>

/* With a checksum that is right: whoever damages a file on purpose would see to that, too. */
static IlBatch *
decode_checked (const uint8_t *data, size_t size, GError **error)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  if (size >= IL_RECORD_HEADER_SIZE)
    {
      guint32 sum = GUINT32_TO_LE (il_record_checksum (copy, size));

      memcpy (copy + IL_RECORD_CHECKSUM_OFFSET, &sum, sizeof sum);
    }
  return il_record_decode (copy != NULL ? copy : data, size, error);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlBatch) batch = decode_checked (data, size, &error);
  g_autoptr (IlBatch) again = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const IlBatchRun *left, *right;
  guint n_left, n_right;

  g_assert_true ((batch == NULL) == (error != NULL));
  if (batch == NULL)
    return 0;

  bytes = il_record_encode (batch, 1);
  again = il_record_decode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  left = il_batch_get_runs (batch, &n_left);
  right = il_batch_get_runs (again, &n_right);
  g_assert_cmpuint (n_left, ==, n_right);
  for (guint i = 0; i < n_left; i++)
    {
      g_assert_cmpuint (left[i].lane, ==, right[i].lane);
      g_assert_cmpmem (left[i].records, left[i].n_records * sizeof (IlRecord), right[i].records,
                       right[i].n_records * sizeof (IlRecord));
    }
  return 0;
}

/* One that is stored as it is, since small, and some that are compressed. */
size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  static const gint64 lengths_ns[] = { 20000, 200000, 2000000 };
  g_autoptr (IlStream) stream = NULL;
  g_autoptr (IlBatch) batch = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (index >= G_N_ELEMENTS (lengths_ns))
    return 0;
  stream = il_stream_new (1, 3, 10000);
  batch = il_stream_next (stream, lengths_ns[index]);
  bytes = il_record_encode (batch, 1);
  g_assert_cmpuint (g_bytes_get_size (bytes), <=, max_size);
  memcpy (data, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return g_bytes_get_size (bytes);
}
