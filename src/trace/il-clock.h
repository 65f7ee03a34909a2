/* il-clock.h - the time stamp of an event, and its way back to nanoseconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A writer stamps with the cheapest clock that the kernel vouches for: the TSC where it is
 * invariant and still an available clock source, CLOCK_MONOTONIC elsewhere.  A reader turns stamps
 * into CLOCK_MONOTONIC nanoseconds between anchors, pairs of both clocks read together, so that the
 * rate need not be known beforehand and a slewed CLOCK_MONOTONIC is followed.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

typedef enum
{
  IL_CLOCK_MONOTONIC = 1,
  IL_CLOCK_TSC = 2,
} IlClockSource;

/* A moment on both clocks. */
typedef struct
{
  uint64_t stamp;
  int64_t time_ns;
} IlClockAnchor;

static inline int64_t
il_clock_monotonic_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* The stamp of now.  Not a serializing read: an event may be stamped some nanoseconds before the
 * work in front of it has retired, which is far below what a timeline can show and saves half of
 * the cost. */
static inline uint64_t
il_clock_stamp (IlClockSource source)
{
#if defined(__x86_64__)
  if (source == IL_CLOCK_TSC)
    return __rdtsc ();
#endif
  return (uint64_t)il_clock_monotonic_ns ();
}

/* A reader's map from stamps to nanoseconds.  Not thread-safe: each reader has its own. */
typedef struct
{
  IlClockSource source;
  IlClockAnchor first;        /* taken at the start */
  IlClockAnchor before;       /* the interval that most stamps fall into … */
  IlClockAnchor last;         /* … and the newest anchor */
  double nominal_ns_per_tick; /* over the first calibration */
  double worst_deviation;     /* largest relative deviation from it seen between two anchors */
  double old_ns_per_tick;     /* between first and before */
  double ns_per_tick;         /* between before and last */
} IlClockMap;

IlClockSource il_clock_best_source (void);
const char *il_clock_source_name (IlClockSource source);
IlClockAnchor il_clock_take_anchor (IlClockSource source);
void il_clock_map_init (IlClockMap *map, IlClockSource source);
void il_clock_map_advance (IlClockMap *map);
int64_t il_clock_map_to_ns (const IlClockMap *map, uint64_t stamp);
bool il_clock_map_is_steady (const IlClockMap *map);
