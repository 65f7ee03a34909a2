/* finder-fixture.h - a timeline with a finder, some objects and many workers, fed from an array
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-finder.h"
#include "il-timeline-builder.h"

#define MS G_GINT64_CONSTANT (1000000)
#define N_WORKERS 40

/* Objects. */
enum
{
  A = 1,
  B,
  C,
  SIGNAL,
  CONDITION,
  COUNTER,
  LOG,
  READERS,
  BARRIER,
  QUEUE,
  TASK,
  CHILD,
  JOIN,
  GIL,
  POOL,
  POOLED,
  MUTEX,  /* a semaphore of one unit */
  BINARY, /* likewise, of a program that is not ours */
  WORD,   /* that threads of such a program sleep on */
};

typedef struct
{
  gint64 time_ns;
  guint32 worker; /* from 1 */
  IlRecordKind kind;
  guint32 object;
  guint32 value;
} Event;

typedef struct
{
  IlTimeline *timeline;
  IlTimelineBuilder *builder;
  IlFinder *finder;
  guint32 lanes[N_WORKERS + 1];
} World;

void world_init (World *world);
void world_init_program (World *world); /* the workers are its threads */
void world_clear (World *world);
void feed (World *world, const Event *events, gsize n_events, gint64 end_ns);
void assert_nothing (World *world);
void assert_finding (World *world, IlFindingKind kind, gboolean goes_on, const char *text);
void assert_kind (const World *world, IlFindingKind kind);

#define FEED(world, end_ns, ...)                                                                   \
  feed ((world), (const Event[]){ __VA_ARGS__ },                                                   \
        sizeof ((const Event[]){ __VA_ARGS__ }) / sizeof (Event), (end_ns))

/* Takes one under the other, and gives both back. */
#define TAKE_BOTH(at, worker, first, second)                                                       \
  { (at), (worker), IL_RECORD_LOCK_ACQUIRE, (first), 0 },                                          \
      { (at) + 1, (worker), IL_RECORD_LOCK_ACQUIRE, (second), 0 },                                 \
      { (at) + 2, (worker), IL_RECORD_LOCK_RELEASE, (second), 0 },                                 \
  {                                                                                                \
    (at) + 3, (worker), IL_RECORD_LOCK_RELEASE, (first), 0                                         \
  }
