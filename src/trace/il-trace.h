/* il-trace.h - the writing side: a target's lanes in the shared file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Used inside targets, among them programs that are not ours: libc alone, no allocation on the
 * program's heap, no output, errno untouched.
 */

#pragma once

#include "il-clock.h"
#include "il-event.h"
#include "il-trace-format.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Names the shared file to a process and all that it starts. */
#define IL_TRACE_ENVIRONMENT "INTERLEAVE_TRACE"

typedef struct _IlTrace IlTrace; /* a process's mapping of the shared file */

/*
 * A lane as its writer sees it: private memory of one thread.  Shared memory is only behind
 * `shared` and `slots`. All zero is a valid lane that swallows every event, so that a target runs
 * the same when nobody listens.  What each event needs stands in one cache line.
 */
typedef struct
{
  uint32_t reserved; /* slots handed out, by this thread or a signal handler on top of it */
  uint32_t published;
  uint32_t head_seen; /* the reader's position when last looked at */
  uint32_t limit;     /* events that may be under way; 0: not recorded */
  uint32_t mask;
  IlClockSource source;
  IlEvent *slots;
  IlTraceLaneHeader *shared;
  IlTrace *trace; /* NULL: not recorded */
  uint32_t lost_unreported;
  uint32_t index;      /* in the shared file */
  uint32_t generation; /* of the claim */
  pid_t pid;
  uint32_t shortage_tick; /* of the reader, in which there was no memory for more events */
} IlTraceLane;

IlTrace *il_trace_attach (const char *path, int *error_number);
IlTrace *il_trace_attach_from_environment (int *error_number);
void il_trace_detach (IlTrace *trace);

/* Lanes.  After fork the child claims its own; the parent's is not the child's to write or to
 * release. */
bool il_trace_lane_claim (IlTrace *trace, IlTraceLane *lane, IlRole role, uint32_t number,
                          const char *name, uint32_t creator_plus_1);
void il_trace_lane_set_name (IlTraceLane *lane, const char *name, bool is_own);
void il_trace_lane_release (IlTraceLane *lane, uint32_t exit_status);

/* Objects: locks, queues, … get a number that events carry.  0 is returned when the table is full.
 */
uint32_t il_trace_object_add (IlTrace *trace, IlObjectKind kind, const char *name,
                              uint64_t parameter);

/* Of what a program that is not ours uses: without a name, but with an address. */
typedef struct
{
  uint64_t address;
  IlTracePlace lies;
  IlTracePlace used;
  IlTracePlace callers[IL_TRACE_CALLERS];
} IlTraceOrigin;

uint32_t il_trace_object_add_found (IlTrace *trace, IlObjectKind kind, const char *name,
                                    uint64_t parameter, const IlTraceOrigin *origin);
uint32_t il_trace_module_add (IlTrace *trace, const char *path);

/* il-trace-ring.c */
void il_trace_be_thrifty (IlTrace *trace);

/* il-trace-foreign.c: what only programs need that are not ours. */
bool il_trace_lane_adopt (IlTrace *trace, IlTraceLane *lane);
void il_trace_lane_repair (IlTraceLane *lane);
uint32_t il_trace_find_lane (const IlTrace *trace, pid_t tid);
const _Atomic uint32_t *il_trace_get_tick (const IlTrace *trace);
_Atomic uint64_t *il_trace_object_get_count (const IlTrace *trace, uint32_t object);
IlTraceCommon *il_trace_object_get_common (const IlTrace *trace, uint32_t object);
uint32_t il_trace_object_share (IlTrace *trace, IlObjectKind *kind, uint64_t *parameter,
                                const IlTraceOrigin *origin);

bool il_trace_lane_write_slow (IlTraceLane *lane, uint64_t stamp, uint32_t what, uint32_t value);

/* A stamp of now for il_trace_lane_write_at(), to be written soon.  Until it is, the reader knows
 * that an event of this time is to come ([S] in il-trace-format.h): take it before what is done
 * shows to others. */
static inline uint64_t
il_trace_lane_stamp (const IlTraceLane *lane)
{
  uint64_t stamp;

  if (lane->trace == NULL)
    return 0;
  stamp = il_clock_stamp (lane->source);
  atomic_store_explicit (&lane->shared->announced, stamp, memory_order_relaxed); /* [S] */
  return stamp;
}

bool il_trace_get_last_event (const IlTrace *trace, uint32_t lane_plus_1, IlEvent *event);

/* Takes back what il_trace_lane_stamp() announced: nothing will be written at it. */
static inline void
il_trace_lane_take_back (const IlTraceLane *lane)
{
  if (lane->trace != NULL)
    atomic_store_explicit (&lane->shared->announced, 0, memory_order_release); /* [S] */
}

/* il_trace_lane_write_at() and il_trace_lane_write() are inline in il-trace-write.h. */
