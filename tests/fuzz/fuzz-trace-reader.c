/* fuzz-trace-reader.c - drains a file that was overwritten by anything
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An input is a list of pieces: where (4 bytes, little endian), how long (1 byte), and the bytes.
 * They are written over a file in which two lanes are active and one object is registered.
 */

#include "config.h"

#include "il-trace-write.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "il-trace-private.h"

#define N_LANES 4u

static unsigned n_open[N_LANES]; /* lanes begun and not ended; one at a time for each index */

static void
check (bool condition)
{
  if (!condition)
    abort ();
}

static void
begun_cb (const IlTraceLaneInfo *lane, void *data)
{
  check (lane->index < N_LANES && n_open[lane->index]++ == 0);
  check (lane->role < IL_N_ROLES && lane->creator_plus_1 <= N_LANES);
  check (memchr (lane->name, '\0', sizeof lane->name) != NULL);
}

static void
events_cb (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data)
{
  check (n_open[lane->index] == 1);
  for (size_t i = 0; i < n_events; i++)
    {
      unsigned kind = events[i].what & 0xffu;

      check (kind > IL_EVENT_NONE && kind < IL_N_EVENT_KINDS);
      check (i == 0 || events[i].stamp >= events[i - 1].stamp);
    }
}

static void
ended_cb (const IlTraceLaneInfo *lane, const IlTraceLaneUsage *usage, void *data)
{
  check (n_open[lane->index]-- == 1);
}

static void
damaged_cb (const IlTraceLaneInfo *lane, const char *what, void *data)
{
  check (n_open[lane->index] == 1 && what != NULL);
}

static void
object_cb (const IlTraceObjectInfo *object, void *data)
{
  check (object->id >= 1 && object->kind > IL_OBJECT_NONE && object->kind < IL_N_OBJECT_KINDS);
  check (memchr (object->name, '\0', sizeof object->name) != NULL);
}

static const IlTraceHandler handler = {
  .object_added = object_cb,
  .lane_begun = begun_cb,
  .events = events_cb,
  .lane_ended = ended_cb,
  .damaged = damaged_cb,
};

static void
overwrite (unsigned char *base, size_t file_size, const uint8_t *data, size_t size)
{
  while (size >= 5)
    {
      size_t at = (data[0] | (size_t)data[1] << 8 | (size_t)data[2] << 16) % file_size;
      size_t length = data[4];

      data += 5;
      size -= 5;
      if (length > size)
        length = size;
      if (length > file_size - at)
        length = file_size - at;
      memcpy (base + at, data, length);
      data += length;
      size -= length;
    }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  /* In memory a file is made in no time. */
  const char *directory = access ("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  IlTraceReader *reader = il_trace_reader_new (directory, N_LANES, 256);
  IlTraceLane lanes[2];
  IlTrace *trace;
  int error;

  check (reader != NULL);
  trace = il_trace_attach (il_trace_reader_get_path (reader), &error);
  check (trace != NULL);
  il_trace_object_add (trace, IL_OBJECT_LOCK, "A", 0);
  for (unsigned i = 0; i < 2; i++)
    {
      check (il_trace_lane_claim (trace, &lanes[i], IL_ROLE_WORKER, i + 1, "Worker", 0));
      for (uint32_t j = 0; j < 20; j++)
        il_trace_lane_write (&lanes[i], IL_EVENT_LOCK_WAIT, 1, j);
      /* Half of the inputs meet lanes that the reader knows. */
      if (size % 2 == 0)
        il_trace_reader_drain (reader, &handler, NULL);
    }
  overwrite (trace->base, trace->layout.file_size, data, size);
  il_trace_reader_drain (reader, &handler, NULL);
  il_trace_reader_drain (reader, &handler, NULL);
  il_trace_reader_process_died (reader, 0);
  il_trace_reader_drain (reader, &handler, NULL);
  for (unsigned i = 0; i < N_LANES; i++)
    check (n_open[i] == 0);

  il_trace_detach (trace);
  il_trace_reader_free (reader);
  return 0;
}

static size_t
put_piece (uint8_t *data, uint32_t at, const void *bytes, uint8_t length)
{
  data[0] = (uint8_t)at;
  data[1] = (uint8_t)(at >> 8);
  data[2] = (uint8_t)(at >> 16);
  data[3] = 0;
  data[4] = length;
  memcpy (data + 5, bytes, length);
  return 5u + length;
}

size_t
fuzz_seed (size_t index, uint8_t *data, size_t max_size)
{
  const uint32_t lane = IL_TRACE_PAGE;
  const uint64_t claim = IL_TRACE_CLAIM (IL_TRACE_LANE_FINISHED, 0, 1);
  const uint32_t tail = IL_TRACE_RING_START + 40;
  const IlTraceObject object = { .kind = IL_OBJECT_QUEUE, .name = "Q" };
  size_t size = 0;

  if (index >= 4)
    return 0;
  size += put_piece (data, lane + (uint32_t)index * 256, &claim, sizeof claim);
  size += put_piece (data + size, lane + (uint32_t)index * 256 + 64, &tail, sizeof tail);
  size += put_piece (data + size, 2 * IL_TRACE_PAGE, &object, sizeof object);
  return size;
}
