/* il-trace-private.h - what the two sides of the shared file have in common
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <string.h>

#include "il-trace-reader.h"
#include "il-trace.h"

/* The constant part of the header, copied and believed. */
typedef struct
{
  uint64_t file_size;
  uint64_t lanes_offset;
  uint64_t objects_offset;
  uint64_t modules_offset;
  uint64_t rings_offset;
  uint32_t n_lanes;
  uint32_t n_large;
  uint32_t large_events;
  uint32_t small_events;
  uint32_t max_objects;
  IlClockSource source;
} IlTraceLayout;

struct _IlTrace
{
  unsigned char *base;
  IlTraceLayout layout;
  bool owns_mapping;
  bool is_thrifty; /* rings get their memory bit by bit */
  char path[];
};

static inline uint64_t
il_trace_layout_ring_events (const IlTraceLayout *layout, uint32_t lane)
{
  return lane < layout->n_large ? layout->large_events : layout->small_events;
}

static inline uint64_t
il_trace_layout_ring_offset (const IlTraceLayout *layout, uint32_t lane)
{
  uint64_t n_large = lane < layout->n_large ? lane : layout->n_large;

  return layout->rings_offset
         + (n_large * layout->large_events + (uint64_t)(lane - n_large) * layout->small_events)
               * sizeof (IlEvent);
}

static inline IlTraceHeader *
il_trace_header (unsigned char *base)
{
  return (IlTraceHeader *)(void *)base;
}

static inline IlTraceLaneHeader *
il_trace_lane_header (unsigned char *base, const IlTraceLayout *layout, uint32_t lane)
{
  return (IlTraceLaneHeader *)(void *)(base + layout->lanes_offset) + lane;
}

static inline IlTraceObject *
il_trace_object (unsigned char *base, const IlTraceLayout *layout, uint32_t index)
{
  return (IlTraceObject *)(void *)(base + layout->objects_offset) + index;
}

static inline IlTraceModule *
il_trace_module (unsigned char *base, const IlTraceLayout *layout, uint32_t index)
{
  return (IlTraceModule *)(void *)(base + layout->modules_offset) + index;
}

static inline IlEvent *
il_trace_ring (unsigned char *base, const IlTraceLayout *layout, uint32_t lane)
{
  return (IlEvent *)(void *)(base + il_trace_layout_ring_offset (layout, lane));
}

/* A part of the file, in bytes. */
typedef struct
{
  uint64_t offset;
  uint64_t size; /* 0: there is none */
} IlTraceRange;

/* il-trace-layout.c */
void il_trace_ring_locate (const IlTraceLayout *layout, uint32_t index, uint64_t from, uint64_t to,
                           IlTraceRange ranges[2]);
void il_trace_layout_choose (IlTraceLayout *layout, uint32_t max_lanes, uint32_t ring_events,
                             uint64_t space);
void il_trace_layout_store (const IlTraceLayout *layout, IlTraceHeader *header);
bool il_trace_layout_load (IlTraceLayout *layout, const IlTraceHeader *header, uint64_t file_size);
void il_trace_name_clean (char name[IL_TRACE_NAME_MAX]);

/* il-trace.c: attaches to a mapping that is there already, so that both sides of a ring are at the
 * same address for the thread sanitizer. */
IlTrace *il_trace_attach_mapping (void *base, size_t size, const char *path, int *error_number);
int il_trace_open_shared (const char *path);

/* il-trace-ring.c: gets memory for a ring whose lane begins; FALSE: there is none. */
bool il_trace_ring_begin (const IlTrace *trace, uint32_t index);
/* … and for one more event at least, in the lane of this thread. */
bool il_trace_ring_grow (IlTraceLane *lane);
static inline uint32_t
il_trace_ring_count_ready (const IlTraceLane *lane)
{
  return atomic_load_explicit (&lane->shared->n_ready, memory_order_relaxed);
}

static inline bool
il_trace_ring_is_whole (const IlTraceLane *lane)
{
  return il_trace_ring_count_ready (lane) > lane->mask;
}

/* How far the reader is to be thought to have come, so that a writer who looks for room comes to
 * the slow path where the memory ends. */
static inline uint32_t
il_trace_ring_see (const IlTraceLane *lane, uint32_t head)
{
  return il_trace_ring_is_whole (lane)
             ? head
             : IL_TRACE_RING_START - (lane->mask + 1 - il_trace_ring_count_ready (lane));
}

/* What stands for the path of a file that has no name: that of a descriptor. */
#define IL_TRACE_FD_PREFIX "/proc/self/fd/"

/* Likewise a descriptor of another process. */
static inline bool
il_trace_path_is_fd (const char *path)
{
  const char *number = "/proc/";
  size_t length;

  if (strncmp (path, IL_TRACE_FD_PREFIX, sizeof IL_TRACE_FD_PREFIX - 1) == 0)
    return true;
  if (strncmp (path, number, strlen (number)) != 0)
    return false;
  number = path + strlen (number);
  length = strspn (number, "0123456789");
  return length > 0 && strncmp (number + length, "/fd/", 4) == 0;
}

/* il-trace-file.c: makes the file, locked, with memory for all but the rings; its path is the
 * caller's to free.  Where no file can be without a name it has one.  On failure -1 and errno, and
 * nothing is left. */
int il_trace_file_make (const char *directory, bool is_nameless, uint32_t max_lanes,
                        uint32_t ring_events, IlTraceLayout *layout, char **path);

/* il-trace-reader.c */
void *il_trace_reader_get_mapping (IlTraceReader *reader, size_t *size);
