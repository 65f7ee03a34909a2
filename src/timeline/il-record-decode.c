/* il-record-decode.c - a batch from bytes that anybody may have made
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <zstd.h>

#include "il-batch-private.h"
#include "il-record-codec.h"
#include "il-record-format-private.h"
#include "il-record-predictor-private.h"
#include "il-session.h"

typedef struct
{
  const guint8 *next[IL_N_PLANES];
  const guint8 *end[IL_N_PLANES];
  const guint8 *bits;
  guint64 n_bits, bits_at;
  gboolean exhausted; /* some part had less than was asked of it */
  guint8 *memory;     /* the unpacked planes */
  gint64 begin_ns, end_ns;
  guint32 n_records;
  guint32 n_runs;
  guint32 n_stored; /* bytes of all planes */
  gsize header_size;
  IlBatchRun *runs;
  IlRecord **fronts; /* by run: where its next record goes */
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

/* FALSE where it does not end before @end. */
static inline gboolean
read_varint (const guint8 **next, const guint8 *end, guint32 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 35 && *next < end; shift += 7)
    {
      guint8 byte = *(*next)++;

      *value |= (guint32)(byte & 0x7f) << shift;
      if (byte < 0x80)
        return TRUE;
    }
  return FALSE;
}

static inline guint32
get_varint (Decoder *self, guint plane)
{
  guint32 value;

  if (!read_varint (&self->next[plane], self->end[plane], &value))
    self->exhausted = TRUE;
  return value;
}

/* The last bits, where no whole word is left to be read. */
static guint64
get_last_bits (Decoder *self, guint n_bits)
{
  guint64 word = 0;
  gsize n_bytes;

  if (self->n_bits - self->bits_at < n_bits)
    {
      self->exhausted = TRUE;
      return 0;
    }
  n_bytes = (gsize)(self->n_bits / 8 - self->bits_at / 8);
  memcpy (&word, self->bits + self->bits_at / 8, MIN (n_bytes, 8));
  word = GUINT64_FROM_LE (word) >> self->bits_at % 8;
  self->bits_at += n_bits;
  return word & ((G_GUINT64_CONSTANT (1) << n_bits) - 1);
}

/* At most 56. */
static inline guint64
get_bits (Decoder *self, guint n_bits)
{
  guint64 word;

  if (G_UNLIKELY (self->n_bits - self->bits_at < 128))
    return get_last_bits (self, n_bits);
  memcpy (&word, self->bits + self->bits_at / 8, 8);
  word = GUINT64_FROM_LE (word) >> self->bits_at % 8;
  self->bits_at += n_bits;
  return word & ((G_GUINT64_CONSTANT (1) << n_bits) - 1);
}

/* The version says whether there is one. */
static gboolean
check_sum (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  guint32 format = get_u32 (data + 4);

  self->header_size = IL_RECORD_CHECKSUM_OFFSET;
  if (format == IL_RECORD_FORMAT_UNCHECKED)
    return TRUE;
  if (format != IL_RECORD_FORMAT)
    return refuse (error, _ ("it is of an unknown version"));
  self->header_size = IL_RECORD_HEADER_SIZE;
  if (size < IL_RECORD_HEADER_SIZE)
    return refuse (error, _ ("it is shorter than its header"));
  if (get_u32 (data + IL_RECORD_CHECKSUM_OFFSET) != il_record_checksum (data, size))
    return refuse (error, _ ("its checksum is wrong"));
  return TRUE;
}

static gboolean
decode_header (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  if (size < IL_RECORD_CHECKSUM_OFFSET)
    return refuse (error, _ ("it is shorter than its header"));
  if (get_u32 (data) != IL_RECORD_MAGIC)
    return refuse (error, _ ("it does not begin like one"));
  if (!check_sum (self, data, size, error))
    return FALSE;
  self->begin_ns = get_i64 (data + 8);
  self->end_ns = get_i64 (data + 16);
  self->n_records = get_u32 (data + 24);
  self->n_runs = get_u32 (data + 28);
  self->n_stored = get_u32 (data + 32);
  if (self->begin_ns < -IL_RECORD_MAX_TIME_NS || self->end_ns > IL_RECORD_MAX_TIME_NS
      || self->end_ns < self->begin_ns || self->end_ns - self->begin_ns >= IL_RECORD_MAX_WINDOW_NS)
    return refuse (error, _ ("its times make no sense"));
  if (self->n_records > IL_RECORD_CODEC_MAX_RECORDS || self->n_runs > self->n_records)
    return refuse (error, _ ("its counts make no sense"));
  return TRUE;
}

/* How many records the planes speak of that have a byte for each. */
static guint64
count_bytes (const guint32 *sizes, guint begin, guint end)
{
  guint64 n_bytes = 0;

  for (guint i = begin; i < end; i++)
    n_bytes += sizes[i];
  return n_bytes;
}

static gboolean
decode_sizes (Decoder *self, const guint8 **next, const guint8 *end, guint32 *sizes, GError **error)
{
  for (guint i = 0; i < IL_N_PLANES; i++)
    {
      if (!read_varint (next, end, &sizes[i]))
        return refuse (error, _ ("it is shorter than its header"));
      if (sizes[i] > (guint64)self->n_records * il_record_plane_bytes (i))
        return refuse (error, _ ("its counts make no sense"));
    }
  if (count_bytes (sizes, IL_PLANE_CONTROL, IL_PLANE_TIME) != self->n_records
      || count_bytes (sizes, IL_PLANE_TIME, IL_PLANE_LANES) != self->n_records)
    return refuse (error, _ ("its counts make no sense"));
  return TRUE;
}

static gboolean
unpack (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  const guint8 *next = data + self->header_size, *end = data + size, *planes;
  guint32 sizes[IL_N_PLANES];
  guint64 total;

  if (!decode_sizes (self, &next, end, sizes, error))
    return FALSE;
  total = count_bytes (sizes, 0, IL_N_PLANES);
  if (self->n_stored > total)
    return refuse (error, _ ("its counts make no sense"));
  if (self->n_stored > (gsize)(end - next))
    return refuse (error, _ ("it is shorter than it says"));
  planes = next;
  if (self->n_stored < total)
    {
      planes = self->memory = g_malloc (total);
      if (ZSTD_decompress (self->memory, total, next, self->n_stored) != total)
        return refuse (error, _ ("it cannot be decompressed"));
    }
  for (guint i = 0; i < IL_N_PLANES; i++)
    {
      self->next[i] = planes;
      planes += sizes[i];
      self->end[i] = planes;
    }
  self->bits = next + self->n_stored;
  self->n_bits = (guint64)(end - self->bits) * 8;
  return TRUE;
}

static gboolean
decode_runs (Decoder *self, GError **error)
{
  guint64 lane = 0;
  guint32 n_left = self->n_records;

  self->runs = g_new0 (IlBatchRun, self->n_runs + 1);
  self->fronts = g_new (IlRecord *, self->n_runs + 1);
  for (guint i = 0; i < self->n_runs; i++)
    {
      IlBatchRun *run = &self->runs[i];

      lane += get_varint (self, IL_PLANE_RUNS);
      run->lane = (guint32)lane;
      run->n_records = get_varint (self, IL_PLANE_RUNS);
      run->records = self->fronts[i] = self->records + (self->n_records - n_left);
      if (lane > G_MAXUINT32 || run->n_records == 0 || run->n_records > n_left || self->exhausted)
        return refuse (error, _ ("its lanes make no sense"));
      lane++;
      n_left -= run->n_records;
    }
  if (n_left != 0)
    return refuse (error, _ ("its lanes make no sense"));
  return TRUE;
}

/* Each of these gets what the control byte says. */

/* May be none of the runs. */
static inline guint
get_lane (Decoder *self, IlPredictor *predictor, guint control)
{
  guint place = control & IL_CONTROL_LANE;
  guint run;

  if (place == IL_CONTROL_ELSEWHERE)
    {
      guint32 more = get_varint (self, IL_PLANE_LANES);

      if (more >= IL_PREDICTOR_N_LANES - IL_CONTROL_ELSEWHERE)
        {
          run = more - (IL_PREDICTOR_N_LANES - IL_CONTROL_ELSEWHERE);
          il_predictor_touch (predictor, IL_PREDICTOR_N_LANES, run);
          return run;
        }
      place += more;
    }
  if (place >= predictor->n_recent)
    return G_MAXUINT;
  run = predictor->recent[place];
  il_predictor_touch (predictor, place, run);
  return run;
}

static inline guint
get_kind (Decoder *self, IlKindMemory *kinds, guint control)
{
  guint place = (control & IL_CONTROL_KIND) >> IL_CONTROL_KIND_SHIFT;
  guint kind = place == IL_CONTROL_ELSEWHERE ? get_byte (self, IL_PLANE_KINDS)
                                             : il_kind_memory_get (*kinds, place);

  il_kind_memory_touch (kinds, place, kind);
  return kind;
}

static inline guint64
get_time (Decoder *self, guint plane)
{
  guint8 magnitude = get_byte (self, plane);
  guint n_bits;

  if (magnitude < 4)
    return magnitude;
  if (magnitude > IL_RECORD_MAX_MAGNITUDE)
    {
      self->exhausted = TRUE;
      return 0;
    }
  n_bits = magnitude / 4 - 1;
  return (guint64)(4 | (magnitude & 3)) << n_bits | get_bits (self, n_bits);
}

static inline guint32
get_value (Decoder *self, const IlPredictor *predictor, guint run, const IlRecord *record,
           guint control)
{
  guint32 value = il_predictor_guess_value (predictor, run, record);
  guint32 zigzag;

  if (!(control & IL_CONTROL_VALUE))
    return value;
  zigzag = get_varint (self, IL_PLANE_VALUES);
  value = il_value_turn (record->kind, value) + (zigzag >> 1 ^ -(zigzag & 1));
  return il_value_turn_back (record->kind, value);
}

/* One step: TRUE where there is such a run that has room, and such a kind. */
static inline gboolean
decode_record (Decoder *self, IlPredictor *predictor, gint64 *time_ns)
{
  guint last_kind = predictor->last_kind;
  guint control = get_byte (self, IL_PLANE_CONTROL + il_record_class (last_kind));
  guint run = get_lane (self, predictor, control);
  gboolean is_same_lane = (control & IL_CONTROL_LANE) == 0;
  guint32 *object;
  IlRecord *record;
  guint kind;

  if (run >= self->n_runs
      || self->fronts[run] == self->runs[run].records + self->runs[run].n_records
      || control & ~IL_CONTROL_ALL)
    return FALSE;
  record = self->fronts[run]++;
  kind = get_kind (self, il_predictor_kinds (predictor, run, is_same_lane), control);
  if (kind == IL_RECORD_NONE || kind >= IL_N_RECORD_KINDS)
    return FALSE;
  object = il_predictor_object (predictor, run, kind);
  if (control & IL_CONTROL_OBJECT)
    *object = get_varint (self, IL_PLANE_OBJECTS) & IL_RECORD_OBJECT_MAX;
  *time_ns += (gint64)get_time (self, il_record_time_plane (is_same_lane, kind, last_kind));
  record->time_ns = *time_ns;
  record->kind = kind & 0xff;
  record->object = *object & IL_RECORD_OBJECT_MAX;
  record->value = get_value (self, predictor, run, record, control);
  il_predictor_learn (predictor, run, self->runs[run].lane, record);
  return TRUE;
}

static gboolean
decode_records (Decoder *self, GError **error)
{
  g_autofree IlPredictor *predictor
      = g_malloc0 (sizeof (IlPredictor) + self->n_runs * sizeof (IlLaneMemory));
  gint64 latest_ns = MAX (self->begin_ns, self->end_ns - 1);
  gint64 time_ns = self->begin_ns;

  for (guint32 i = 0; i < self->n_records; i++)
    {
      if (!decode_record (self, predictor, &time_ns))
        return refuse (error, _ ("it has a record of an unknown kind"));
      if (time_ns > latest_ns)
        return refuse (error, _ ("a time in it is not within its window"));
    }
  return TRUE;
}

static gboolean
is_used_up (const Decoder *self)
{
  for (guint i = 0; i < IL_N_PLANES; i++)
    if (self->next[i] != self->end[i])
      return FALSE;
  return !self->exhausted && self->n_bits - self->bits_at < 8;
}

static IlBatch *
decode (Decoder *self, const guint8 *data, gsize size, GError **error)
{
  IlRecord *records;

  if (!decode_header (self, data, size, error) || !unpack (self, data, size, error))
    return NULL;
  self->records = g_new (IlRecord, self->n_records + 1);
  if (!decode_runs (self, error) || !decode_records (self, error))
    return NULL;
  if (!is_used_up (self))
    {
      refuse (error, _ ("its parts do not fit together"));
      return NULL;
    }
  records = g_steal_pointer (&self->records);
  return il_batch_new_from_runs (self->begin_ns, self->end_ns, self->runs, self->n_runs, records);
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
  g_free (self.fronts);
  g_free (self.records);
  return batch;
}
