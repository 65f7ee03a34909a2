/* il-trace-reader-private.h - what the two halves of the reader share: lanes, and what is in them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-trace-private.h"

/* Handed on at once: 64 KiB, which stay in the second-level cache up to the callback. */
#define IL_TRACE_READER_BATCH 4096u

typedef enum
{
  IL_TRACE_READER_LANE_UNKNOWN = 0, /* free, or claimed by a writer that is not yet active */
  IL_TRACE_READER_LANE_ACTIVE,
  IL_TRACE_READER_LANE_DAMAGED,
} IlTraceReaderLaneState;

/* What we know of a lane.  Nothing here can be touched by a target. */
typedef struct
{
  IlTraceLaneInfo info;
  IlTraceReaderLaneState state;
  bool is_dead;      /* its process is */
  bool has_info;     /* lane_begun was called */
  uint32_t n_mapped; /* slots of its ring that are known to have memory, from where lanes start */
  uint32_t head;     /* as told to the writer */
  uint32_t name_version;
  uint64_t n_lost;          /* by the writer's count */
  uint64_t n_lost_reported; /* by its LOST events */
  uint64_t last_stamp;
} IlTraceReaderLane;

struct _IlTraceReader
{
  unsigned char *base;
  char *path;
  int fd;
  IlTraceLayout layout;
  bool is_truncated;
  uint64_t first_stamp; /* of the file's making */
  uint64_t last_stamp;  /* none can be later, during a drain */
  uint64_t future;      /* FUTURE_NS in ticks, at least */
  uint32_t n_lanes_used;
  uint32_t n_objects;       /* seen handed out */
  uint32_t n_objects_whole; /* so many at the start are registered without a gap */
  /* By number, a bit for the kind; 0: not registered, as are the first, for number 0, and the last,
   * for all numbers that are too large. */
  uint16_t *object_bits;
  uint64_t *n_untold;   /* by index: what was told of it */
  uint32_t next_untold; /* index to go on with */
  bool counts_all;      /* at the next drain */
  IlTraceReaderLane *lanes;
  IlTraceReaderStats stats;
  const IlTraceHandler *handler; /* during a drain */
  void *data;
  IlEvent batch[IL_TRACE_READER_BATCH];
};

/* il-trace-reader.c: takes no more from the lane. */
void il_trace_reader_abandon_lane (IlTraceReader *reader, IlTraceReaderLane *lane,
                                   const char *what);

/* il-trace-reader-events.c: registered objects; what the lane has published since the last time. */
void il_trace_reader_read_objects (IlTraceReader *reader);
void il_trace_reader_read_counts (IlTraceReader *reader);
void il_trace_reader_drain_ring (IlTraceReader *reader, IlTraceReaderLane *lane,
                                 IlTraceLaneHeader *shared);
