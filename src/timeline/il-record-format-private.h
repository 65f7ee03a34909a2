/* il-record-format-private.h - the layout of an encoded batch
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An encoded batch is a header, its planes and its bits.  Numbers are little-endian.
 *
 *   offset  size
 *        0     4   magic, "ILRC"
 *        4     4   IL_RECORD_FORMAT
 *        8     8   begin of the window in ns, signed
 *       16     8   end of the window, not before its begin
 *       24     4   number of records, at most IL_RECORD_CODEC_MAX_RECORDS
 *       28     4   number of runs, at most the number of records
 *       32     4   size of all planes together as stored.  Where it is their size they are stored
 *                  as they are, one after the other, else they are frames of zstd
 *       36     4   CRC-32 of all other bytes, as zlib reckons it: with what is compressed alone, a
 *                  bit that flipped in the header, the sizes or the bits would tell another story
 *       40     …   the size of each plane as a varint, the planes, the bits up to the end
 *
 * One of IL_RECORD_FORMAT_UNCHECKED is the same without the checksum.
 *
 * A run is the records of one lane; runs are in the order of ascending lanes.  Records are written
 * in the order of time over all runs, of equal times in that of their runs.  The planes are:
 *
 *   RUNS      for each run two varints: lane less the one after the lane before it, and its number
 *             of records, at least 1
 *   CONTROL   a byte for each record, in a plane for each class of the record before it:
 *               bits 0–1   place of the run among those that spoke last: 0 to 2; 3: LANES has it
 *               bits 2–3   place of the kind among those that were guessed: 0 to 2; 3: KINDS has it
 *               bit 4      the object was guessed wrongly, OBJECTS has it
 *               bit 5      the value was guessed wrongly, VALUES has it
 *               bits 6–7   0
 *   TIME      a byte for each record: the magnitude of its time less that of the record before (for
 *             the first: less the window's begin).  In a plane for each kind where the record is of
 *             the same run as the one before, else for each pair of their classes.
 *   LANES     varints: the place, less 3, or IL_PREDICTOR_N_LANES - 3 + the number of the run
 *   KINDS     a byte each
 *   OBJECTS   varints
 *   VALUES    the differences to the guesses modulo 2^32 as zigzag varints
 *
 * A magnitude below 4 is the difference itself.  Else it is (n - 2) * 4 + m, of a difference whose
 * top bit is bit n - 1 and whose next two are m; the n - 3 bits below are in the bits, lowest
 * first, the first one in the lowest bit of the first byte.  They are noise, and not worth
 * compressing.
 *
 * How guesses are made is part of the format, see il-record-predictor-private.h.  A varint has
 * seven bits a byte, lowest first, and the top bit set in all but the last.  A batch is valid if
 * all planes and bits are used up to their last byte, all times are within the window, and all
 * kinds are known.
 */

#pragma once

#include "il-record.h"

G_BEGIN_DECLS

#define IL_RECORD_MAGIC 0x43524c49u
#define IL_RECORD_FORMAT 5 /* no single bit makes another of it */
#define IL_RECORD_FORMAT_UNCHECKED 2
#define IL_RECORD_CHECKSUM_OFFSET 36
#define IL_RECORD_HEADER_SIZE 40
#define IL_RECORD_MAX_TIME_NS (G_GINT64_CONSTANT (1) << 61)
#define IL_RECORD_MAX_WINDOW_NS (G_GINT64_CONSTANT (1) << 56)
#define IL_RECORD_MAX_MAGNITUDE ((56 - 2) * 4 + 3) /* of a difference within such a window */

enum
{
  IL_CONTROL_LANE = 3 << 0,
  IL_CONTROL_KIND = 3 << 2,
  IL_CONTROL_OBJECT = 1 << 4,
  IL_CONTROL_VALUE = 1 << 5,
  IL_CONTROL_ALL = IL_CONTROL_LANE | IL_CONTROL_KIND | IL_CONTROL_OBJECT | IL_CONTROL_VALUE
};

#define IL_CONTROL_KIND_SHIFT 2
#define IL_CONTROL_ELSEWHERE 3

#define IL_RECORD_N_CLASSES 4
#define IL_RECORD_N_KINDS_ROOM 96 /* kinds that are to come included */

enum
{
  IL_PLANE_RUNS,
  IL_PLANE_CONTROL,
  IL_PLANE_TIME = IL_PLANE_CONTROL + IL_RECORD_N_CLASSES,
  IL_PLANE_TIME_OTHER = IL_PLANE_TIME + IL_RECORD_N_KINDS_ROOM,
  IL_PLANE_LANES = IL_PLANE_TIME_OTHER + IL_RECORD_N_CLASSES * IL_RECORD_N_CLASSES,
  IL_PLANE_KINDS,
  IL_PLANE_OBJECTS,
  IL_PLANE_VALUES,
  IL_N_PLANES
};

G_STATIC_ASSERT (IL_N_RECORD_KINDS <= IL_RECORD_N_KINDS_ROOM);

/* Of all bytes of an encoded batch but those of the checksum itself. */
guint32 il_record_checksum (const guint8 *data, gsize size) G_GNUC_INTERNAL;

/* What it is that comes after a record depends on its class most of all. */
static inline guint
il_record_class (guint kind)
{
  static const guint8 classes[IL_N_RECORD_KINDS] = {
    [IL_RECORD_SCHED_IN] = 1,
    [IL_RECORD_SCHED_OUT] = 2,
    [IL_RECORD_SAMPLE] = 3,
    [IL_RECORD_CORE_USAGE] = 3,
  };

  return classes[kind];
}

static inline guint
il_record_time_plane (gboolean is_same_lane, guint kind, guint last_kind)
{
  return is_same_lane ? IL_PLANE_TIME + kind
                      : IL_PLANE_TIME_OTHER + il_record_class (kind) * IL_RECORD_N_CLASSES
                            + il_record_class (last_kind);
}

/* The most bytes that a record can put into a plane. */
static inline guint
il_record_plane_bytes (guint plane)
{
  switch (plane)
    {
    case IL_PLANE_RUNS:
      return 10;
    case IL_PLANE_LANES:
    case IL_PLANE_VALUES:
      return 5;
    case IL_PLANE_OBJECTS:
      return 4;
    default:
      return 1;
    }
}

G_END_DECLS
