/* preload-fixture.h - runs a small program under the library, and keeps what it wrote
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "../trace/collect.h"
#include "il-clock.h"

#include <glib.h>

typedef struct
{
  const char *directory;          /* to run in; NULL: the test's own */
  const char *preload;            /* libraries to load beside ours, which comes first */
  const char *const *environment; /* NAME=VALUE to add; NULL: none */
  guint32 n_lanes;                /* 0: as in a recording */
  guint32 ring_events;            /* 0: likewise */
  gboolean has_no_reader;         /* nobody listens */
  gboolean is_lazy;               /* nothing is drained before the end */
} RunOptions;

/* One run of a program, after its end. */
typedef struct
{
  Collection collection;
  IlTraceReaderStats stats;
  IlClockMap clock;
  int status;        /* as waitpid() gives it */
  char *output;      /* standard output */
  char *errors;      /* standard error output */
  guint n_looks;     /* of the reader, while it ran */
  GArray *untold;    /* of guint64, by object: acquisitions without an event */
  GHashTable *marks; /* name to gint64 *: what the program says of when it did what */
} Run;

/* Runs build directory's `name` with arguments up to NULL. */
void run_program (Run *run, const RunOptions *options, const char *path,
                  ...) G_GNUC_NULL_TERMINATED;
void run_subject (Run *run, const RunOptions *options, ...) G_GNUC_NULL_TERMINATED;
void run_clear (Run *run);
/* … and checks that it ended well and said nothing to standard error output. */
void assert_ended_well (const Run *run);

/* The n-th lane, in the order of begin, whose thread has that name. */
CollectedLane *get_lane (Run *run, const char *name, guint n);
guint count_lanes (const Run *run, const char *name);

/* The place of the n-th event of the kind in the lane, from `from` on; fails without one. */
guint find_event (const CollectedLane *lane, guint from, IlEventKind kind, guint n);
guint count_events (const CollectedLane *lane, IlEventKind kind);
guint32 get_object (const CollectedLane *lane, guint place);
guint32 get_value (const CollectedLane *lane, guint place);
gint64 get_time (Run *run, const CollectedLane *lane, guint place);
/* In nanoseconds up to the event's own stamp. */
gint64 get_length (Run *run, const CollectedLane *lane, guint place);
const IlTraceObjectInfo *get_info (const Run *run, guint32 object);
/* All acquisitions of a lock: those with events, and those without. */
guint64 count_acquisitions (const Run *run, guint32 object);

/* When the program says that it did something. */
gint64 get_mark (const Run *run, const char *name);
/* The time lies between the two marks; clocks are compared, which costs some microseconds. */
#define assert_between(run, time_ns, first, last)                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 time_ = (time_ns), first_ = get_mark (run, first), last_ = get_mark (run, last);        \
                                                                                                   \
    if (time_ < first_ - SLACK_NS || time_ > last_ + SLACK_NS)                                     \
      g_error ("%s:%d: %s is %" G_GINT64_FORMAT " ns after %s, and %" G_GINT64_FORMAT              \
               " ns before %s",                                                                    \
               __FILE__, __LINE__, #time_ns, time_ - first_, first, last_ - time_, last);          \
  }                                                                                                \
  G_STMT_END
#define SLACK_NS 20000
