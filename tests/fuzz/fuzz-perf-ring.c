/* fuzz-perf-ring.c - takes apart a ring of scheduler records that may be anything
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first byte of an input is where in the ring the records begin, the rest are the records.
 */

#include "config.h"

#include <linux/perf_event.h>
#include <string.h>

#include "fuzz.h"
#include "il-probe-private.h"

#define RING_SIZE 4096u

static void
check_cb (const IlSchedRecord *record, gpointer data)
{
  guint *n = data;

  (*n)++;
  g_assert_cmpint (record->kind, <=, IL_SCHED_LOST);
  g_assert_cmpint (record->time_ns, >=, 0);
  g_assert_cmpuint (record->core, ==, 3);
  g_assert_nonnull (memchr (record->name, '\0', sizeof record->name));
  g_assert_true (g_utf8_validate (record->name, -1, NULL));
  if (record->kind != IL_SCHED_LOST)
    g_assert_cmpint (record->tid, >, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  /* Of its own size on the heap, so that a byte too far is noticed. */
  g_autofree guint8 *ring = g_malloc0 (RING_SIZE);
  guint64 tail, head, end;
  guint n = 0;

  if (size == 0)
    return 0;
  tail = RING_SIZE - data[0];
  data++;
  size = MIN (size - 1, RING_SIZE);
  head = tail + size;
  for (size_t i = 0; i < size; i++)
    ring[(tail + i) % RING_SIZE] = data[i];
  end = il_perf_ring_parse (ring, RING_SIZE, tail, head, 3, check_cb, &n);
  g_assert_cmpuint (end, <=, head);
  g_assert_cmpuint (head - end, <, sizeof (struct perf_event_header));
  g_assert_cmpuint (n, <=, size / sizeof (struct perf_event_header));
  return 0;
}

static size_t
put_record (uint8_t *data, uint16_t type, uint16_t misc, size_t body_size)
{
  const struct perf_event_header header
      = { .type = type, .misc = misc, .size = (uint16_t)(sizeof header + body_size + 24) };
  const uint32_t id[6] = { 10, 11, 1000, 0, 1, 0 };

  memcpy (data, &header, sizeof header);
  memset (data + sizeof header, 'a', body_size);
  memcpy (data + sizeof header + body_size, id, sizeof id);
  return header.size;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  size_t size = 1;

  if (index >= 3)
    return 0;
  data[0] = (uint8_t)(index * 20);
  for (size_t i = 0; i < 5; i++)
    {
      size += put_record (data + size, PERF_RECORD_SWITCH, PERF_RECORD_MISC_SWITCH_OUT, 0);
      size += put_record (data + size, PERF_RECORD_FORK, 0, 24);
      size += put_record (data + size, PERF_RECORD_EXIT, 0, 24);
      size += put_record (data + size, PERF_RECORD_COMM, PERF_RECORD_MISC_COMM_EXEC, 24);
      size += put_record (data + size, PERF_RECORD_LOST, 0, 16);
    }
  return size;
}
