/* il-report.h - the figures of a session, or of a range of it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-session.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  guint64 n;
  gint64 total_ns, p50_ns, p90_ns, p99_ns, max_ns; /* all 0 where n is 0 */
} IlDistribution;

typedef struct
{
  guint lane;
  gint64 lifetime_ns;            /* the part within the range */
  gint64 states_ns[IL_N_STATES]; /* add up to lifetime_ns */
  guint64 tasks;                 /* done or failed */
  guint64 voluntary_switches, involuntary_switches, migrations;
  guint64 peak_rss_bytes; /* of its process; 0 where not known */
} IlWorkerFigures;

typedef struct
{
  guint lane;
  double busy_share;   /* NAN where the core was not watched */
  double target_share; /* of the program's threads; NAN where only samples of them are known */
} IlCoreFigures;

typedef struct
{
  guint lane;
  gint64 held_ns;
  guint64 acquisitions;
} IlHolder;

typedef struct
{
  guint lane;
  guint64 acquisitions;
  guint64 contended;         /* of them had to wait */
  IlDistribution wait, hold; /* also waits that were cancelled; a semaphore's holds are not known */
  guint max_waiters;
  GArray *holders; /* of IlHolder, longest first */
} IlLockFigures;

typedef struct
{
  guint lane;
  guint64 puts, gets;
  guint32 max_depth, final_depth;
  double mean_depth;
  guint64 blocked_puts, blocked_gets; /* that had to wait and went on */
  IlDistribution wait;                /* of those who had to wait to put or to get */
} IlQueueFigures;

typedef struct
{
  gint64 begin_ns, end_ns;
  guint64 n_events;                /* to the millisecond at both ends */
  guint64 n_events_in_all, n_lost; /* of the whole session */
  guint64 submitted;
  guint64 outcomes[IL_TASK_OUTCOME_PENDING]; /* ended so within the range */
  guint64 pending;                           /* at its end */
  double tasks_per_second;                   /* done */
  IlDistribution queue_wait, service;
  GArray *workers; /* IlWorkerFigures: lanes of threads with role worker, and the submitter where it
                      ran tasks */
  GArray *cores;   /* IlCoreFigures */
  GArray *locks;   /* IlLockFigures: locks and semaphores */
  GArray *queues;  /* IlQueueFigures */
} IlReport;

/* Exact; its cost grows with the tasks and waits in the range: not for the main thread. */
IlReport *il_report_new (IlSession *session, gint64 begin_ns,
                         gint64 end_ns) G_GNUC_WARN_UNUSED_RESULT;
void il_report_free (IlReport *report);
char *il_report_to_json (const IlReport *report,
                         IlSession *session) G_GNUC_WARN_UNUSED_RESULT; /* DESIGN's object */
char *il_report_to_text (const IlReport *report, IlSession *session) G_GNUC_WARN_UNUSED_RESULT;

/* What the window shows of the visible range: from the pyramid alone, cheap enough for each frame.
 */
typedef struct
{
  gint64 states_ns[IL_N_STATES]; /* of all workers together */
  gint64 lifetime_ns;
  double tasks_per_second, switches_per_second;
  double cores_busy_share;
} IlRangeFigures;

void il_range_figures (IlTimeline *timeline, gint64 begin_ns, gint64 end_ns,
                       IlRangeFigures *figures);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlReport, il_report_free)

G_END_DECLS
