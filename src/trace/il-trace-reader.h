/* il-trace-reader.h - the reading side: everything that targets wrote, believed only after a check
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One reader per file, one thread.  The reader creates the file, so that its size and layout are
 * the reader's own knowledge and no field that a target could have changed is ever used as an
 * offset or a length without a check.
 */

#pragma once

#include "il-clock.h"
#include "il-event.h"
#include "il-trace-format.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct _IlTraceReader IlTraceReader;

typedef struct
{
  uint32_t index;      /* of the lane in the file, used again once the lane is drained … */
  uint32_t generation; /* … then with another generation */
  IlRole role;
  uint32_t number; /* e.g. of the worker, from 1; 0 for none */
  uint32_t creator_plus_1;
  pid_t pid;
  pid_t tid;
  char name[IL_TRACE_NAME_MAX];
  bool has_own_name; /* which the kernel does not know */
} IlTraceLaneInfo;

typedef struct
{
  uint32_t id; /* as in events; from 1 */
  IlObjectKind kind;
  uint64_t parameter;
  char name[IL_TRACE_NAME_MAX];
  pid_t pid; /* of the process that it lies in; 0: it has no address */
  uint64_t address;
  IlTracePlace lies; /* modules of these are registered, or 0 */
  IlTracePlace used;
  IlTracePlace callers[IL_TRACE_CALLERS]; /* likewise: what called who used it */
} IlTraceObjectInfo;

/* The kernel's own accounting of a thread, which it leaves behind when it releases its lane;
 * without what it did in lanes that it had before. */
typedef struct
{
  bool valid;
  uint64_t cpu_ns;
  uint64_t voluntary_switches;
  uint64_t involuntary_switches;
  uint64_t peak_rss_bytes; /* of its process */
} IlTraceLaneUsage;

/* What one drain calls back with.  Any may be NULL. */
typedef struct
{
  void (*object_added) (const IlTraceObjectInfo *object, void *data);
  void (*lane_begun) (const IlTraceLaneInfo *lane, void *data);
  /* In the order of writing, with stamps that never step back; valid during the call. */
  void (*events) (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data);
  /* After the last event of the lane; also for one whose writer is found dead. */
  void (*lane_ended) (const IlTraceLaneInfo *lane, const IlTraceLaneUsage *usage, void *data);
  /* After lane_begun.  No events follow; lane_ended does once the process is said to be dead. */
  void (*damaged) (const IlTraceLaneInfo *lane, const char *what, void *data);
  void (*lane_renamed) (const IlTraceLaneInfo *lane, void *data);
  /* So many acquisitions since the last call had no event.  Each object is looked at now and then,
   * and each once more after a process died; then all that it did is counted. */
  void (*object_counted) (uint32_t object, uint32_t n_untold, void *data);
} IlTraceHandler;

typedef struct
{
  uint64_t n_events;         /* delivered */
  uint64_t n_lost;           /* counted by writers with full rings */
  uint64_t n_damaged;        /* thrown away since their kind or object made no sense */
  uint32_t n_lanes_refused;  /* threads that found no free lane, or no memory for one */
  uint32_t fullest_permille; /* how full the fullest ring was at the last drain */
  /* The oldest stamp of an event that some writer had yet to write at the last drain; 0: none. What
   * was drained of the time up to it is complete, but what happened since need not be. */
  uint64_t announced;
} IlTraceReaderStats;

/* max_lanes, ring_events: 0 for the default.  On failure NULL and errno. */
IlTraceReader *il_trace_reader_new (const char *directory, uint32_t max_lanes,
                                    uint32_t ring_events);
/* For targets that inherit a descriptor of the file. */
IlTraceReader *il_trace_reader_new_nameless (const char *directory, uint32_t max_lanes,
                                             uint32_t ring_events);
int il_trace_reader_get_fd (const IlTraceReader *reader); /* -1: the file has a name */
void il_trace_reader_free (IlTraceReader *reader);        /* unlinks the file */
const char *il_trace_reader_get_path (const IlTraceReader *reader);
IlClockSource il_trace_reader_get_source (const IlTraceReader *reader);
bool il_trace_reader_copy_module_path (IlTraceReader *reader, uint32_t module,
                                       char path[IL_TRACE_PATH_MAX]);
void il_trace_reader_drain (IlTraceReader *reader, const IlTraceHandler *handler, void *data);
/* Says that the process is dead (or all are, pid 0): what its lanes still hold is drained, then
 * they end. */
void il_trace_reader_process_died (IlTraceReader *reader, pid_t pid);
void il_trace_reader_get_stats (const IlTraceReader *reader, IlTraceReaderStats *stats);
