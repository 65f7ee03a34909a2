/* il-clock.h - the time stamp of an event, and its way back to nanoseconds
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A writer stamps with the cheapest clock that the kernel vouches for: the TSC where it is
 * invariant and still an available clock source, CLOCK_MONOTONIC elsewhere.  A reader turns stamps
 * into CLOCK_MONOTONIC nanoseconds by anchors, pairs of both clocks read together, so that the rate
 * need not be known beforehand and a slewed CLOCK_MONOTONIC is followed.
 *
 * Stamps of several threads arrive late and in any order, and their order is what says who had a
 * lock first.  Therefore a map is one function for its whole life: what it once said of a stamp it
 * never takes back, whatever later anchors say, and a later stamp never gets an earlier time.
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
  if (__builtin_expect (source == IL_CLOCK_TSC, 1))
    return __rdtsc ();
#endif
  return (uint64_t)il_clock_monotonic_ns ();
}

#define IL_CLOCK_N_PIECES 512

/* From its stamp on, up to the next piece, time goes at this rate. */
typedef struct
{
  uint64_t stamp;
  int64_t time_ns;
  double ns_per_tick;
} IlClockPiece;

/* A reader's map from stamps to nanoseconds.  Not thread-safe: each reader has its own. */
typedef struct
{
  IlClockSource source;
  IlClockAnchor base;         /* what the rate is measured from, up to a second old */
  IlClockAnchor next_base;    /* what takes its place */
  IlClockAnchor last;         /* the newest anchor */
  double nominal_ns_per_tick; /* over the first calibration */
  double worst_deviation;     /* largest relative deviation from it seen between two anchors */
  uint64_t asked;             /* the latest stamp that was turned into a time */
  uint32_t first_piece;       /* of a ring: once it is full the oldest are forgotten */
  uint32_t n_pieces;
  IlClockPiece pieces[IL_CLOCK_N_PIECES];
} IlClockMap;

IlClockSource il_clock_best_source (void);
const char *il_clock_source_name (IlClockSource source);
IlClockAnchor il_clock_take_anchor (IlClockSource source);
void il_clock_map_init (IlClockMap *map, IlClockSource source);
void il_clock_map_advance (IlClockMap *map);
void il_clock_map_add_anchor (IlClockMap *map, IlClockAnchor anchor);
int64_t il_clock_map_to_ns (IlClockMap *map, uint64_t stamp);
bool il_clock_map_is_steady (const IlClockMap *map);
