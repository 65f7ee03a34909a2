/* il-record-encode.c - a batch as few bytes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <zlib.h>
#include <zstd.h>

#include "il-batch-private.h"
#include "il-record-codec.h"
#include "il-record-format-private.h"
#include "il-record-predictor-private.h"

/* Planes that are smaller are not worth a table of their own, or a frame of their own. */
#define MIN_BLOCK 48
#define MIN_FRAME 2048
#define BLOCK_RECORDS 512

/* A plane that grows as it is filled. */
typedef struct
{
  guint8 *data;
  gsize size;
  gsize n_allocated;
} Bytes;

typedef struct
{
  const IlBatch *batch;
  const IlBatchRun *runs;
  guint n_runs;
  gsize n_records;

  guint8 *controls;    /* by record; the plane's class in the bits that are 0 */
  guint8 *magnitudes;  /* by record */
  guint8 *time_planes; /* by record */
  gsize sizes[IL_N_PLANES];
  Bytes runs_plane, lanes, kinds, objects, values;
  Bytes bits;
  guint64 pending; /* bits */
  guint n_pending; /* less than 8 between two records */
} Encoder;

static void
reserve (Bytes *bytes, gsize n_more)
{
  if (G_LIKELY (bytes->n_allocated - bytes->size >= n_more))
    return;
  bytes->n_allocated = MAX (2 * bytes->n_allocated, bytes->size + n_more + 256);
  bytes->data = g_realloc (bytes->data, bytes->n_allocated);
}

/* Room has to be reserved for what is put. */

static inline void
put_byte (Bytes *bytes, guint value)
{
  bytes->data[bytes->size++] = (guint8)value;
}

static inline void
put_varint (Bytes *bytes, guint32 value)
{
  while (value >= 0x80)
    {
      put_byte (bytes, value | 0x80);
      value >>= 7;
    }
  put_byte (bytes, value);
}

/* At most 56. */
static inline void
put_bits (Encoder *self, guint64 value, guint n_bits)
{
  guint64 word;

  self->pending |= value << self->n_pending;
  self->n_pending += n_bits;
  word = GUINT64_TO_LE (self->pending);
  memcpy (self->bits.data + self->bits.size, &word, 8);
  self->bits.size += self->n_pending / 8;
  /* With all 64 bits pending a shift by so many would be undefined; there are at most 63. */
  self->pending >>= self->n_pending & ~7u;
  self->n_pending &= 7;
}

static void
put_runs (Encoder *self)
{
  guint32 expected = 0;

  reserve (&self->runs_plane, (gsize)self->n_runs * 10);
  for (guint i = 0; i < self->n_runs; i++)
    {
      put_varint (&self->runs_plane, self->runs[i].lane - expected);
      put_varint (&self->runs_plane, self->runs[i].n_records);
      expected = self->runs[i].lane + 1;
    }
}

/* Each of these returns the bits for the control byte. */

static inline guint
put_lane (Encoder *self, IlPredictor *predictor, guint run)
{
  guint place = il_predictor_find_recent (predictor, run);

  il_predictor_touch (predictor, place, run);
  if (place < IL_CONTROL_ELSEWHERE)
    return place;
  put_varint (&self->lanes, place < IL_PREDICTOR_N_LANES
                                ? place - IL_CONTROL_ELSEWHERE
                                : IL_PREDICTOR_N_LANES - IL_CONTROL_ELSEWHERE + run);
  return IL_CONTROL_ELSEWHERE;
}

static inline guint
put_kind (Encoder *self, IlKindMemory *kinds, guint kind)
{
  guint place = il_kind_memory_find (*kinds, kind);

  il_kind_memory_touch (kinds, place, kind);
  if (place == IL_PREDICTOR_N_KINDS)
    put_byte (&self->kinds, kind);
  return place << IL_CONTROL_KIND_SHIFT;
}

static inline guint
put_object (Encoder *self, guint32 *memory, guint32 object)
{
  if (*memory == object)
    return 0;
  *memory = object;
  put_varint (&self->objects, object);
  return IL_CONTROL_OBJECT;
}

static inline guint
put_value (Encoder *self, const IlPredictor *predictor, guint run, const IlRecord *record)
{
  guint32 guess = il_predictor_guess_value (predictor, run, record);
  gint32 difference;

  if (record->value == guess)
    return 0;
  difference
      = (gint32)(il_value_turn (record->kind, record->value) - il_value_turn (record->kind, guess));
  put_varint (&self->values, (guint32)difference << 1 ^ (guint32)(difference >> 31));
  return IL_CONTROL_VALUE;
}

/* Returns the magnitude. */
static inline guint8
put_time (Encoder *self, guint64 delta)
{
  guint n_bits;

  if (delta < 4)
    return (guint8)delta;
  n_bits = 64 - (guint)__builtin_clzll (delta);
  put_bits (self, delta & ((G_GUINT64_CONSTANT (1) << (n_bits - 3)) - 1), n_bits - 3);
  return (guint8)((n_bits - 2) * 4 + (delta >> (n_bits - 3) & 3));
}

static inline void
put_record (Encoder *self, IlPredictor *predictor, guint run, const IlRecord *record,
            gint64 last_ns, gsize i)
{
  guint last_kind = predictor->last_kind;
  guint control = put_lane (self, predictor, run);
  gboolean is_same_lane = control == 0;
  guint time_plane = il_record_time_plane (is_same_lane, record->kind, last_kind);

  control |= put_kind (self, il_predictor_kinds (predictor, run, is_same_lane), record->kind);
  control |= put_object (self, il_predictor_object (predictor, run, record->kind), record->object);
  control |= put_value (self, predictor, run, record);
  self->magnitudes[i] = put_time (self, (guint64)(record->time_ns - last_ns));
  self->time_planes[i] = (guint8)time_plane;
  self->controls[i] = (guint8)(control | il_record_class (last_kind) << 6);
  il_predictor_learn (predictor, run, self->runs[run].lane, record);
}

static void
put_records (Encoder *self)
{
  g_autofree IlPredictor *predictor
      = g_malloc0 (sizeof (IlPredictor) + self->n_runs * sizeof (IlLaneMemory));
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (self->batch);
  gint64 last_ns = il_batch_get_begin (self->batch);
  const IlRecord *record;
  guint run;

  for (gsize i = 0; il_batch_iter_next_in_run (iter, &run, &record); i++)
    {
      if (i % BLOCK_RECORDS == 0)
        {
          reserve (&self->lanes, BLOCK_RECORDS * 5);
          reserve (&self->kinds, BLOCK_RECORDS);
          reserve (&self->objects, BLOCK_RECORDS * 4);
          reserve (&self->values, BLOCK_RECORDS * 5);
          reserve (&self->bits, BLOCK_RECORDS * 7 + 8);
        }
      put_record (self, predictor, run, record, last_ns, i);
      last_ns = record->time_ns;
    }
  if (self->n_pending > 0)
    self->bits.size++;
  for (gsize i = 0; i < self->n_records; i++)
    {
      self->sizes[IL_PLANE_CONTROL + (self->controls[i] >> 6)]++;
      self->sizes[self->time_planes[i]]++;
    }
}

/* All planes, one after the other. */
static guint8 *
lay_out (Encoder *self, gsize *total)
{
  const struct
  {
    guint plane;
    const Bytes *bytes;
  } others[] = { { IL_PLANE_RUNS, &self->runs_plane },
                 { IL_PLANE_LANES, &self->lanes },
                 { IL_PLANE_KINDS, &self->kinds },
                 { IL_PLANE_OBJECTS, &self->objects },
                 { IL_PLANE_VALUES, &self->values } };
  guint8 *next[IL_N_PLANES];
  gsize size = 0;
  guint8 *memory;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    self->sizes[others[i].plane] = others[i].bytes->size;
  for (guint i = 0; i < IL_N_PLANES; i++)
    size += self->sizes[i];
  *total = size;
  memory = g_malloc (size + 1);
  size = 0;
  for (guint i = 0; i < IL_N_PLANES; i++)
    {
      next[i] = memory + size;
      size += self->sizes[i];
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (others[i].bytes->size > 0)
      memcpy (next[others[i].plane], others[i].bytes->data, others[i].bytes->size);
  for (gsize i = 0; i < self->n_records; i++)
    {
      *next[IL_PLANE_CONTROL + (self->controls[i] >> 6)]++ = self->controls[i] & IL_CONTROL_ALL;
      *next[self->time_planes[i]]++ = self->magnitudes[i];
    }
  return memory;
}

/* Writes planes from @first on that are too small for a frame of their own into one, with a block
 * of its own for each, since what is in one says nothing of the next.  Returns the next plane. */
static guint
compress_small (const Encoder *self, ZSTD_CCtx *zstd, guint first, const guint8 *planes,
                ZSTD_outBuffer *out, gboolean *fits)
{
  ZSTD_inBuffer input = { planes, 0, 0 };
  gsize size = 0, begin = 0;
  guint end = first;

  while (end < IL_N_PLANES && self->sizes[end] < MIN_FRAME)
    size += self->sizes[end++];
  if (size == 0)
    return end;
  ZSTD_CCtx_setPledgedSrcSize (zstd, size);
  for (guint i = first; i < end && *fits; i++)
    {
      gboolean is_last = i == end - 1;

      input.size += self->sizes[i];
      if (input.size - begin < MIN_BLOCK && !is_last)
        continue;
      /* What is left, and errors, are for want of room. */
      *fits = ZSTD_compressStream2 (zstd, out, &input, is_last ? ZSTD_e_end : ZSTD_e_flush) == 0;
      begin = input.size;
    }
  return end;
}

/* Returns the size of all frames, or 0 where they would not be smaller. */
static gsize
compress_planes (const Encoder *self, const guint8 *planes, gsize total, int level, guint8 *memory)
{
  ZSTD_CCtx *zstd = ZSTD_createCCtx ();
  ZSTD_outBuffer out = { memory, total > 0 ? total - 1 : 0, 0 };
  gboolean fits = total > 0;

  ZSTD_CCtx_setParameter (zstd, ZSTD_c_compressionLevel, level);
  for (guint i = 0; i < IL_N_PLANES && fits;)
    {
      guint end = i + 1;

      if (self->sizes[i] < MIN_FRAME)
        end = compress_small (self, zstd, i, planes, &out, &fits);
      else
        {
          gsize size
              = ZSTD_compress2 (zstd, memory + out.pos, out.size - out.pos, planes, self->sizes[i]);

          fits = !ZSTD_isError (size);
          out.pos += fits ? size : 0;
        }
      for (; i < end; i++)
        planes += self->sizes[i];
    }
  ZSTD_freeCCtx (zstd);
  return fits ? out.pos : 0;
}

static void
put_u32 (guint8 *out, guint32 value)
{
  value = GUINT32_TO_LE (value);
  memcpy (out, &value, sizeof value);
}

static void
put_i64 (guint8 *out, gint64 value)
{
  value = GINT64_TO_LE (value);
  memcpy (out, &value, sizeof value);
}

guint32
il_record_checksum (const guint8 *data, gsize size)
{
  uLong sum = crc32 (0, data, IL_RECORD_CHECKSUM_OFFSET);

  return (guint32)crc32_z (sum, data + IL_RECORD_HEADER_SIZE, size - IL_RECORD_HEADER_SIZE);
}

static GBytes *
pack (Encoder *self, int level)
{
  gsize total, stored;
  g_autofree guint8 *planes = lay_out (self, &total);
  Bytes out = { 0 };

  reserve (&out, IL_RECORD_HEADER_SIZE + 5 * IL_N_PLANES + total + self->bits.size);
  out.size = IL_RECORD_HEADER_SIZE;
  for (guint i = 0; i < IL_N_PLANES; i++)
    put_varint (&out, (guint32)self->sizes[i]);
  stored = compress_planes (self, planes, total, level, out.data + out.size);
  if (stored == 0)
    {
      memcpy (out.data + out.size, planes, total);
      stored = total;
    }
  put_u32 (out.data, IL_RECORD_MAGIC);
  put_u32 (out.data + 4, IL_RECORD_FORMAT);
  put_i64 (out.data + 8, il_batch_get_begin (self->batch));
  put_i64 (out.data + 16, il_batch_get_end (self->batch));
  put_u32 (out.data + 24, (guint32)self->n_records);
  put_u32 (out.data + 28, self->n_runs);
  put_u32 (out.data + 32, (guint32)stored);
  out.size += stored;
  if (self->bits.size > 0)
    memcpy (out.data + out.size, self->bits.data, self->bits.size);
  out.size += self->bits.size;
  put_u32 (out.data + IL_RECORD_CHECKSUM_OFFSET, il_record_checksum (out.data, out.size));
  return g_bytes_new_take (g_realloc (out.data, out.size), out.size);
}

/**
 * il_record_encode:
 * @batch: sealed, with at most IL_RECORD_CODEC_MAX_RECORDS records, less than two years long
 * @level: of zstd
 *
 * Encodes a batch.  The same batch at the same level always gives the same bytes.
 */
GBytes *
il_record_encode (const IlBatch *batch, int level)
{
  Encoder self = { .batch = batch };
  GBytes *bytes;

  g_return_val_if_fail (batch != NULL, NULL);
  g_return_val_if_fail (il_batch_get_n_records (batch) <= IL_RECORD_CODEC_MAX_RECORDS, NULL);
  g_return_val_if_fail (
      il_batch_get_end (batch) - il_batch_get_begin (batch) < IL_RECORD_MAX_WINDOW_NS, NULL);

  self.runs = il_batch_get_runs (batch, &self.n_runs);
  self.n_records = il_batch_get_n_records (batch);
  self.controls = g_malloc (3 * self.n_records + 1);
  self.magnitudes = self.controls + self.n_records;
  self.time_planes = self.magnitudes + self.n_records;
  put_runs (&self);
  put_records (&self);
  bytes = pack (&self, level);
  g_free (self.controls);
  g_free (self.runs_plane.data);
  g_free (self.lanes.data);
  g_free (self.kinds.data);
  g_free (self.objects.data);
  g_free (self.values.data);
  g_free (self.bits.data);
  return bytes;
}
