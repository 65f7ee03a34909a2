/* il-report-private.h - what the parts of the report share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-report.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct
{
  IlTimeline *timeline;
  gint64 begin_ns, end_ns;
  gboolean is_sampled; /* nothing says who ran on a core between two samples */
  guint n_lanes;
  guint64 *n_tasks_of; /* by lane: done or failed there */
} IlReportRange;

static inline gboolean
il_report_range_has (const IlReportRange *range, gint64 time_ns)
{
  return time_ns >= range->begin_ns && time_ns < range->end_ns;
}

static inline double
il_report_range_seconds (const IlReportRange *range)
{
  return (double)(range->end_ns - range->begin_ns) / 1e9;
}

void il_distribution_take (IlDistribution *distribution, GArray *array) G_GNUC_INTERNAL;
gboolean il_report_counts_as_worker (const IlLane *lane) G_GNUC_INTERNAL;

/* il-report-waits.c: walks over waits, uses and levels within a range. */
gboolean il_report_next_wait (const IlReportRange *range, const IlLane *lane, gsize *index,
                              IlWait *wait) G_GNUC_INTERNAL;
gboolean il_report_summarize (const IlReportRange *range, const IlSeries *series,
                              IlCounterBin *bin) G_GNUC_INTERNAL;
void il_report_count_uses (const IlReportRange *range, const IlLane *lane, guint64 *first,
                           guint64 *second) G_GNUC_INTERNAL;
guint64 il_report_count_amount (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;
guint64 il_report_count_amounts (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;
gint64 il_report_count_copy_time (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;
guint64 il_report_count_given_up (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;
gint64 il_report_active_time (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;

/* il-report-knobs.c: what the user turned. */
typedef struct
{
  gint64 time_ns;
  char *key, *value;
} IlKnobChange;

GArray *il_report_dup_knob_changes (IlSession *session) G_GNUC_INTERNAL;

/* il-report-locks.c, il-report-objects.c: figures of one lane each. */
void il_report_add_lock (IlReport *report, const IlReportRange *range,
                         const IlLane *lane) G_GNUC_INTERNAL;
void il_report_clear_lock (gpointer lock) G_GNUC_INTERNAL;
void il_report_clear_signal (gpointer signal) G_GNUC_INTERNAL;
void il_report_add_joins (IlReport *report, const IlReportRange *range,
                          const IlLane *lane) G_GNUC_INTERNAL;
void il_report_add_queue (IlReport *report, const IlReportRange *range,
                          const IlLane *lane) G_GNUC_INTERNAL;
void il_report_add_signal (IlReport *report, const IlReportRange *range,
                           const IlLane *lane) G_GNUC_INTERNAL;
void il_report_add_channel (IlReport *report, const IlReportRange *range,
                            const IlLane *lane) G_GNUC_INTERNAL;
void il_report_add_file (IlReport *report, const IlReportRange *range,
                         const IlLane *lane) G_GNUC_INTERNAL;
void il_report_add_counter (IlReport *report, const IlReportRange *range,
                            const IlLane *lane) G_GNUC_INTERNAL;

/* il-report-pairs.c: who kept whom waiting, of many waits. */
typedef struct _IlPairs IlPairs;

IlPairs *il_pairs_new (const IlReportRange *range, const IlSeries *states,
                       GArray *out) G_GNUC_INTERNAL;
void il_pairs_take_reads (IlPairs *pairs, GArray *reads) G_GNUC_INTERNAL;
void il_pairs_free (IlPairs *pairs) G_GNUC_INTERNAL;
void il_pairs_add (IlPairs *pairs, const IlWait *wait) G_GNUC_INTERNAL;
#define IL_REPORT_MAX_PAIRS                                                                        \
  4096 /* of one object: of thousands who wait for each other there are millions */
guint il_report_find_span (const GArray *spans, gint64 time_ns) G_GNUC_INTERNAL;
int il_report_compare_pairs (gconstpointer a, gconstpointer b) G_GNUC_INTERNAL;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IlPairs, il_pairs_free)

/* il-report-locks.c */
IlHolder *il_report_ensure_holder (GArray *holders, GHashTable *places,
                                   guint32 lane) G_GNUC_INTERNAL;
int il_report_compare_holders (gconstpointer a, gconstpointer b) G_GNUC_INTERNAL;

/* il-report-reads.c: of readers-writer locks. */
GArray *il_report_list_reads (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;
gint64 il_report_share_reads (const GArray *stays, guint32 waiter, gint64 begin_ns, gint64 end_ns,
                              void (*add) (gpointer data, guint32 reader_plus_1, gint64 share_ns),
                              gpointer data) G_GNUC_INTERNAL;
guint64 il_report_count_either (const IlLockFigures *lock) G_GNUC_INTERNAL;
void il_report_add_reads (IlLockFigures *lock, const IlReportRange *range,
                          const IlLane *lane) G_GNUC_INTERNAL;

/* il-report-wakers.c */
GArray *il_report_list_wakers (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;
GArray *il_report_list_last (const IlReportRange *range, const IlLane *lane) G_GNUC_INTERNAL;

/* il-report-endings.c */
IlReportEnding il_report_get_ending (const IlLane *lane, guint *signal_number) G_GNUC_INTERNAL;
gboolean il_report_is_same_place (const IlLane *a, const IlLane *b) G_GNUC_INTERNAL;
void il_report_add_endings (IlReport *report, const IlReportRange *range) G_GNUC_INTERNAL;
void il_report_add_deaths (IlReport *report, const IlReportRange *range,
                           IlSession *session) G_GNUC_INTERNAL;
const IlWorkerEnding *il_report_find_death (const IlReport *report, guint lane) G_GNUC_INTERNAL;

/* il-report-tasks.c, il-report-speed.c: figures of all. */
void il_report_add_tasks (IlReport *report, const IlReportRange *range) G_GNUC_INTERNAL;
void il_report_add_speed (IlReport *report, const IlReportRange *range) G_GNUC_INTERNAL;

/* il-report-json.c */
void il_json_add_int (JsonBuilder *builder, const char *key, gint64 value) G_GNUC_INTERNAL;
void il_json_add_double (JsonBuilder *builder, const char *key, double value) G_GNUC_INTERNAL;
void il_json_add_string (JsonBuilder *builder, const char *key, const char *value) G_GNUC_INTERNAL;
void il_json_add_distribution (JsonBuilder *builder, const char *key,
                               const IlDistribution *distribution) G_GNUC_INTERNAL;
void il_json_begin_array (JsonBuilder *builder, const char *key) G_GNUC_INTERNAL;

/* il-report-json-objects.c */
void il_json_add_objects (JsonBuilder *builder, const IlReport *report,
                          IlTimeline *timeline) G_GNUC_INTERNAL;
void il_json_add_findings (JsonBuilder *builder, const IlReport *report,
                           IlTimeline *timeline) G_GNUC_INTERNAL;

/* il-report-words.c: what a report needs to know of a lane. */
const char *il_report_get_kind (const IlLaneInfo *info) G_GNUC_INTERNAL;

G_END_DECLS
