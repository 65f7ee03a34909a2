/* il-record-codec.c - a batch as few bytes, and back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An encoded batch is a header and then its planes, one after the other without gaps.  Numbers are
 * little-endian.
 *
 *   offset  size
 *        0     4   magic, "ILRC"
 *        4     4   IL_RECORD_CODEC_VERSION
 *        8     8   begin of the window in ns, signed
 *       16     8   end of the window, not before its begin
 *       24     4   number of records, at most IL_RECORD_CODEC_MAX_RECORDS
 *       28     4   number of runs, at most the number of records
 *       32     8   for each of the planes: its size, and its size as stored.  Where both
 *                  are equal the plane is stored as it is, else it is one frame of zstd.
 *       32 + 8 × N_PLANES   the planes
 *
 * A run is the records of one lane; runs are in the order of ascending lanes.  The planes are:
 *
 *   RUNS      for each run two varints: lane less the one after the lane before it, and its number
 *             of records, at least 1
 *   CONTROL   a byte for each record, run by run:
 *               bits 0–2   bytes of the time, less that of the record before in its run (for the
 *                          first: less the window's begin); 0 where the times are equal
 *               bit 3      the kind was guessed wrongly, KINDS has it
 *               bit 4      the object was guessed wrongly, OBJECTS has it
 *               bit 5      the value was guessed wrongly, VALUES has it
 *               bits 6–7   0
 *   TOP1 … TOP4   the top bytes of those time differences that have 1, 2, 3, and 4 or more bytes,
 *             run by run
 *   NOISE     the other bytes of all time differences, lowest first; never compressed, since they
 *             are noise
 *   KINDS     a byte each, run by run
 *   OBJECTS   3 bytes each, run by run
 *   VALUES    the differences to the guesses modulo 2^32 as zigzag varints, in the order of time
 *             over all runs
 *
 * How guesses are made is part of the format, see il-record-predictor-private.h.  A varint has
 * seven bits a byte, lowest first, and the top bit set in all but the last.  A batch is valid if
 * all planes are used up to their last byte, all times are within the window, and all kinds are
 * known.
 */

#include "config.h"

#include "il-record-codec.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#include "il-batch-private.h"
#include "il-record-predictor-private.h"
#include "il-session.h"

#define IL_RECORD_CODEC_MAGIC 0x43524c49u
#define IL_RECORD_CODEC_VERSION 1
#define ZSTD_LEVEL 1
#define MAX_TIME_NS (G_GINT64_CONSTANT (1) << 61)
#define MAX_WINDOW_NS (G_GINT64_CONSTANT (1) << 56) /* differences have up to 7 bytes */

enum
{
  CONTROL_TIME = 7 << 0,
  CONTROL_KIND = 1 << 3,
  CONTROL_OBJECT = 1 << 4,
  CONTROL_VALUE = 1 << 5,
  CONTROL_ALL = CONTROL_TIME | CONTROL_KIND | CONTROL_OBJECT | CONTROL_VALUE
};

enum
{
  RUNS,
  CONTROL,
  TOP1,
  TOP2,
  TOP3,
  TOP4,
  NOISE,
  KINDS,
  OBJECTS,
  VALUES,
  N_PLANES
};

#define HEADER_SIZE (32 + 8 * N_PLANES)

/* The most that a record can put into each plane. */
static const guint8 bytes_per_record[N_PLANES] = {
  [RUNS] = 10, [CONTROL] = 1, [TOP1] = 1,  [TOP2] = 1,    [TOP3] = 1,
  [TOP4] = 1,  [NOISE] = 6,   [KINDS] = 1, [OBJECTS] = 3, [VALUES] = 5,
};

/* --- Encoding --- */

typedef struct
{
  guint8 *planes[N_PLANES]; /* pieces of one allocation, each as large as it can get */
  guint8 *next[N_PLANES];
  guint8 *memory;
  const IlBatchRun *runs;
  guint n_runs;
} Encoder;

static guint8 *
put_varint (guint8 *out, guint32 value)
{
  while (value >= 0x80)
    {
      *out++ = (guint8)(value | 0x80);
      value >>= 7;
    }
  *out++ = (guint8)value;
  return out;
}

static void
encoder_init (Encoder *self, const IlBatch *batch)
{
  gsize n = il_batch_get_n_records (batch);
  gsize size = 0;

  self->runs = il_batch_get_runs (batch, &self->n_runs);
  for (guint i = 0; i < N_PLANES; i++)
    size += n * bytes_per_record[i] + 8;
  self->memory = g_malloc (size);
  size = 0;
  for (guint i = 0; i < N_PLANES; i++)
    {
      self->planes[i] = self->next[i] = self->memory + size;
      size += n * bytes_per_record[i] + 8;
    }
}

static void
encode_runs (Encoder *self)
{
  guint32 expected = 0;

  for (guint i = 0; i < self->n_runs; i++)
    {
      self->next[RUNS] = put_varint (self->next[RUNS], self->runs[i].lane - expected);
      self->next[RUNS] = put_varint (self->next[RUNS], self->runs[i].n_records);
      expected = self->runs[i].lane + 1;
    }
}

/* Returns the bits for the control byte. */
static inline guint8
encode_time (Encoder *self, guint64 delta)
{
  guint n_bytes, top;

  if (delta == 0)
    return 0;
  n_bytes = (71 - (guint)__builtin_clzll (delta)) / 8;
  top = TOP1 + MIN (n_bytes, 4) - 1;
  for (guint i = 1; i < n_bytes; i++)
    {
      *self->next[NOISE]++ = (guint8)delta;
      delta >>= 8;
    }
  *self->next[top]++ = (guint8)delta;
  return (guint8)n_bytes;
}

static void
encode_steps (Encoder *self, gint64 begin_ns)
{
  g_autofree IlStepPredictor *predictor = g_new0 (IlStepPredictor, 1);

  for (guint i = 0; i < self->n_runs; i++)
    {
      const IlRecord *record = self->runs[i].records;
      const IlRecord *end = record + self->runs[i].n_records;
      gint64 last_ns = begin_ns;

      il_step_predictor_begin_lane (predictor);
      for (; record < end; record++)
        {
          guint8 control = encode_time (self, (guint64)(record->time_ns - last_ns));

          last_ns = record->time_ns;
          if (record->kind != il_step_predictor_guess_kind (predictor))
            {
              control |= CONTROL_KIND;
              *self->next[KINDS]++ = record->kind;
            }
          if (record->object != il_step_predictor_guess_object (predictor, record->kind))
            {
              control |= CONTROL_OBJECT;
              *self->next[OBJECTS]++ = (guint8)record->object;
              *self->next[OBJECTS]++ = (guint8)(record->object >> 8);
              *self->next[OBJECTS]++ = (guint8)(record->object >> 16);
            }
          il_step_predictor_learn (predictor, record->kind, record->object);
          *self->next[CONTROL]++ = control;
        }
    }
}

/* The index of each run's first record among those of all runs. */
static guint32 *
find_begins (const IlBatchRun *runs, guint n_runs)
{
  guint32 *begins = g_new (guint32, n_runs + 1);

  begins[0] = 0;
  for (guint i = 0; i < n_runs; i++)
    begins[i + 1] = begins[i] + runs[i].n_records;
  return begins;
}

static IlValuePredictor *
new_value_predictor (guint n_runs)
{
  return g_malloc0 (sizeof (IlValuePredictor) + n_runs * sizeof (IlLaneMemory));
}

static void
encode_values (Encoder *self, const IlBatch *batch)
{
  g_autofree IlValuePredictor *predictor = new_value_predictor (self->n_runs);
  g_autofree guint32 *indices = find_begins (self->runs, self->n_runs);
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (batch);
  guint8 *control = self->planes[CONTROL];
  const IlRecord *record;
  guint run;

  while (il_batch_iter_next_in_run (iter, &run, &record))
    {
      guint32 guess = il_value_predictor_guess (predictor, run, record);

      if (record->value != guess)
        {
          gint32 difference = (gint32)(il_value_turn (record->kind, record->value)
                                       - il_value_turn (record->kind, guess));

          control[indices[run]] |= CONTROL_VALUE;
          self->next[VALUES] = put_varint (self->next[VALUES],
                                           (guint32)difference << 1 ^ (guint32)(difference >> 31));
        }
      indices[run]++;
      il_value_predictor_learn (predictor, run, self->runs[run].lane, record);
    }
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

/* The planes as they are stored, behind the header. */
static GBytes *
encoder_pack (Encoder *self, const IlBatch *batch)
{
  ZSTD_CCtx *zstd = ZSTD_createCCtx ();
  gsize capacity = HEADER_SIZE;
  guint8 *data, *out;

  for (guint i = 0; i < N_PLANES; i++)
    capacity += (gsize)(self->next[i] - self->planes[i]);
  data = g_malloc0 (capacity);
  put_u32 (data, IL_RECORD_CODEC_MAGIC);
  put_u32 (data + 4, IL_RECORD_CODEC_VERSION);
  put_i64 (data + 8, il_batch_get_begin (batch));
  put_i64 (data + 16, il_batch_get_end (batch));
  put_u32 (data + 24, (guint32)il_batch_get_n_records (batch));
  put_u32 (data + 28, self->n_runs);

  out = data + HEADER_SIZE;
  for (guint i = 0; i < N_PLANES; i++)
    {
      gsize size = (gsize)(self->next[i] - self->planes[i]);
      gsize stored = 0;

      /* What does not get smaller does not fit into size - 1 and is an error here. */
      if (i != NOISE && size > 16)
        stored = ZSTD_compressCCtx (zstd, out, size - 1, self->planes[i], size, ZSTD_LEVEL);
      if (stored == 0 || ZSTD_isError (stored))
        {
          memcpy (out, self->planes[i], size);
          stored = size;
        }
      put_u32 (data + 32 + 8 * i, (guint32)size);
      put_u32 (data + 36 + 8 * i, (guint32)stored);
      out += stored;
    }
  ZSTD_freeCCtx (zstd);
  return g_bytes_new_take (g_realloc (data, (gsize)(out - data)), (gsize)(out - data));
}

/**
 * il_record_encode:
 * @batch: sealed, with at most IL_RECORD_CODEC_MAX_RECORDS records, less than two years long
 *
 * Encodes a batch.  The same batch always gives the same bytes.
 */
GBytes *
il_record_encode (const IlBatch *batch)
{
  Encoder self;
  GBytes *bytes;

  g_return_val_if_fail (batch != NULL, NULL);
  g_return_val_if_fail (il_batch_get_n_records (batch) <= IL_RECORD_CODEC_MAX_RECORDS, NULL);
  g_return_val_if_fail (il_batch_get_end (batch) - il_batch_get_begin (batch) < MAX_WINDOW_NS,
                        NULL);

  encoder_init (&self, batch);
  encode_runs (&self);
  encode_steps (&self, il_batch_get_begin (batch));
  encode_values (&self, batch);
  bytes = encoder_pack (&self, batch);
  g_free (self.memory);
  return bytes;
}

/* --- Decoding --- */

typedef struct
{
  const guint8 *next[N_PLANES];
  const guint8 *end[N_PLANES];
  guint8 *memory;     /* unpacked planes */
  gboolean exhausted; /* some plane had less than was asked of it */
  gint64 begin_ns, end_ns;
  guint32 n_records;
  guint32 n_runs;
  IlBatchRun *runs;
  IlRecord *records;
} Decoder;

static guint32
get_u32 (const guint8 *in)
{
  guint32 value;

  memcpy (&value, in, sizeof value);
  return GUINT32_FROM_LE (value);
}

static gint64
get_i64 (const guint8 *in)
{
  gint64 value;

  memcpy (&value, in, sizeof value);
  return GINT64_FROM_LE (value);
}

static gboolean
refuse (GError **error, const char *what)
{
  g_set_error_literal (error, IL_SESSION_ERROR, IL_SESSION_ERROR_DAMAGED, what);
  return FALSE;
}

static inline guint8
get_byte (Decoder *self, guint plane)
{
  if (G_UNLIKELY (self->next[plane] == self->end[plane]))
    {
      self->exhausted = TRUE;
      return 0;
    }
  return *self->next[plane]++;
}

static inline guint32
get_varint (Decoder *self, guint plane)
{
  guint32 value = 0;

  for (guint shift = 0; shift < 35; shift += 7)
    {
      guint8 byte = get_byte (self, plane);

      value |= (guint32)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return value;
    }
  self->exhausted = TRUE;
  return value;
}

static gboolean
decode_header (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  if (size < HEADER_SIZE)
    return refuse (error, _ ("it is shorter than its header"));
  if (get_u32 (data) != IL_RECORD_CODEC_MAGIC)
    return refuse (error, _ ("it does not begin like one"));
  if (get_u32 (data + 4) != IL_RECORD_CODEC_VERSION)
    return refuse (error, _ ("it is of an unknown version"));
  self->begin_ns = get_i64 (data + 8);
  self->end_ns = get_i64 (data + 16);
  self->n_records = get_u32 (data + 24);
  self->n_runs = get_u32 (data + 28);
  if (self->begin_ns < -MAX_TIME_NS || self->end_ns > MAX_TIME_NS || self->end_ns < self->begin_ns
      || self->end_ns - self->begin_ns >= MAX_WINDOW_NS)
    return refuse (error, _ ("its times make no sense"));
  if (self->n_records > IL_RECORD_CODEC_MAX_RECORDS || self->n_runs > self->n_records)
    return refuse (error, _ ("its counts make no sense"));
  return TRUE;
}

static gboolean
unpack_plane (Decoder *self, guint plane, const guint8 *data, gsize size, gsize stored,
              guint8 *unpacked)
{
  if (size == stored)
    {
      self->next[plane] = data;
      self->end[plane] = data + size;
      return TRUE;
    }
  self->next[plane] = unpacked;
  self->end[plane] = unpacked + size;
  return ZSTD_decompress (unpacked, size, data, stored) == size;
}

static gboolean
unpack_planes (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  gsize at = HEADER_SIZE, n_unpacked = 0;

  for (guint i = 0; i < N_PLANES; i++)
    {
      gsize plane_size = get_u32 (data + 32 + 8 * i);
      gsize stored = get_u32 (data + 36 + 8 * i);

      if (plane_size > (gsize)self->n_records * bytes_per_record[i] || stored > plane_size
          || (i == CONTROL && plane_size != self->n_records))
        return refuse (error, _ ("its counts make no sense"));
      if (stored > size - at)
        return refuse (error, _ ("it is shorter than it says"));
      at += stored;
      n_unpacked += stored < plane_size ? plane_size : 0;
    }
  if (at != size)
    return refuse (error, _ ("it is longer than it says"));

  self->memory = g_malloc (n_unpacked + 1);
  at = HEADER_SIZE;
  n_unpacked = 0;
  for (guint i = 0; i < N_PLANES; i++)
    {
      gsize plane_size = get_u32 (data + 32 + 8 * i);
      gsize stored = get_u32 (data + 36 + 8 * i);

      if (!unpack_plane (self, i, data + at, plane_size, stored, self->memory + n_unpacked))
        return refuse (error, _ ("it cannot be decompressed"));
      at += stored;
      n_unpacked += stored < plane_size ? plane_size : 0;
    }
  return TRUE;
}

static gboolean
decode_runs (Decoder *self, GError **error)
{
  guint64 lane = 0;
  guint32 n_left = self->n_records;

  self->runs = g_new0 (IlBatchRun, self->n_runs + 1);
  for (guint i = 0; i < self->n_runs; i++)
    {
      IlBatchRun *run = &self->runs[i];

      lane += get_varint (self, RUNS);
      run->lane = (guint32)lane;
      run->n_records = get_varint (self, RUNS);
      run->records = self->records + (self->n_records - n_left);
      if (lane > G_MAXUINT32 || run->n_records == 0 || run->n_records > n_left || self->exhausted)
        return refuse (error, _ ("its lanes make no sense"));
      lane++;
      n_left -= run->n_records;
    }
  if (n_left != 0)
    return refuse (error, _ ("its lanes make no sense"));
  return TRUE;
}

static inline guint64
decode_time (Decoder *self, guint n_bytes)
{
  guint64 delta = 0;

  if (n_bytes == 0)
    return 0;
  for (guint i = 1; i < n_bytes; i++)
    delta |= (guint64)get_byte (self, NOISE) << (8 * (i - 1));
  return delta | (guint64)get_byte (self, TOP1 + MIN (n_bytes, 4) - 1) << (8 * (n_bytes - 1));
}

static gboolean
decode_run (Decoder *self, const IlBatchRun *run, IlStepPredictor *predictor, const guint8 *control,
            GError **error)
{
  IlRecord *record = self->records + (run->records - self->records);
  gint64 latest_ns = MAX (self->begin_ns, self->end_ns - 1);
  gint64 time_ns = self->begin_ns;

  il_step_predictor_begin_lane (predictor);
  for (guint32 i = 0; i < run->n_records; i++, record++, control++)
    {
      guint kind = il_step_predictor_guess_kind (predictor);
      guint32 object;

      time_ns += (gint64)decode_time (self, *control & CONTROL_TIME);
      if (*control & CONTROL_KIND)
        kind = get_byte (self, KINDS);
      object = il_step_predictor_guess_object (predictor, kind);
      if (*control & CONTROL_OBJECT)
        {
          object = get_byte (self, OBJECTS);
          object |= (guint32)get_byte (self, OBJECTS) << 8;
          object |= (guint32)get_byte (self, OBJECTS) << 16;
        }
      if (time_ns > latest_ns)
        return refuse (error, _ ("a time in it is not within its window"));
      if (kind == IL_RECORD_NONE || kind >= IL_N_RECORD_KINDS || *control & ~CONTROL_ALL)
        return refuse (error, _ ("it has a record of an unknown kind"));
      il_step_predictor_learn (predictor, kind, object);
      record->time_ns = time_ns;
      record->kind = kind & 0xff;
      record->object = object & IL_RECORD_OBJECT_MAX;
    }
  return TRUE;
}

/* The walk needs no values, so that they can be filled in as it goes. */
static void
decode_values (Decoder *self, const IlBatch *batch, const guint8 *control)
{
  g_autofree IlValuePredictor *predictor = new_value_predictor (self->n_runs);
  g_autofree guint32 *indices = find_begins (self->runs, self->n_runs);
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (batch);
  const IlRecord *walked;
  guint run;

  while (il_batch_iter_next_in_run (iter, &run, &walked))
    {
      IlRecord *record = self->records + (walked - self->records);
      guint32 value = il_value_predictor_guess (predictor, run, record);

      if (control[indices[run]++] & CONTROL_VALUE)
        {
          guint32 zigzag = get_varint (self, VALUES);

          value = il_value_turn (record->kind, value) + (zigzag >> 1 ^ -(zigzag & 1));
          value = il_value_turn_back (record->kind, value);
        }
      record->value = value;
      il_value_predictor_learn (predictor, run, self->runs[run].lane, record);
    }
}

static gboolean
is_used_up (const Decoder *self)
{
  for (guint i = 0; i < N_PLANES; i++)
    if (self->next[i] != self->end[i])
      return FALSE;
  return !self->exhausted;
}

static IlBatch *
decode (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  g_autofree IlStepPredictor *predictor = g_new0 (IlStepPredictor, 1);
  g_autoptr (IlBatch) batch = NULL;
  const guint8 *control;

  if (!decode_header (self, data, size, error) || !unpack_planes (self, data, size, error))
    return NULL;
  self->records = g_new (IlRecord, self->n_records + 1);
  if (!decode_runs (self, error))
    return NULL;
  control = self->next[CONTROL];
  self->next[CONTROL] = self->end[CONTROL];
  for (guint i = 0; i < self->n_runs; i++)
    if (!decode_run (self, &self->runs[i], predictor,
                     control + (self->runs[i].records - self->records), error))
      return NULL;

  batch = il_batch_new_from_runs (self->begin_ns, self->end_ns, self->runs, self->n_runs,
                                  self->records);
  decode_values (self, batch, control);
  self->records = NULL; /* are the batch's now */
  if (!is_used_up (self))
    {
      refuse (error, _ ("its parts do not fit together"));
      return NULL;
    }
  return g_steal_pointer (&batch);
}

/**
 * il_record_decode:
 * @data: (array length=size): of any origin
 *
 * Decodes a batch.
 *
 * Returns: (transfer full): the sealed batch; NULL with an error of IL_SESSION_ERROR_DAMAGED whose
 *   message says what is wrong with "it"
 */
IlBatch *
il_record_decode (gconstpointer data, gsize size, GError **error)
{
  Decoder self = { 0 };
  IlBatch *batch = decode (&self, data, size, error);

  g_free (self.memory);
  g_free (self.runs);
  g_free (self.records);
  return batch;
}
