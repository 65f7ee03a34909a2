/* il-timeline-facts.c - the facts that stand at the right of a group's header
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Made for every frame: each costs a few binary searches per lane of its group at most.
 */

#include "config.h"

#include "il-time-format.h"
#include "il-timeline-layout-private.h"

#include <glib/gi18n-lib.h>

/* The visible part of what is known; FALSE where that is nothing. */
static gboolean
visible_range (const IlTimelineLayout *layout, gint64 *begin_ns, gint64 *end_ns)
{
  *begin_ns = MAX (layout->view.begin_ns, 0);
  *end_ns = MIN (layout->view.end_ns, layout->end_ns);
  return *begin_ns < *end_ns;
}

static const IlLane *
lane_of_kind (const IlTimelineLayout *layout, guint index, IlLaneKind kind)
{
  const IlLane *lane = il_timeline_get_lane (layout->timeline, index);

  return il_lane_get_info (lane)->kind == kind ? lane : NULL;
}

/* ---- Cores ---- */

static char *
cores_fact (const IlTimelineLayout *layout)
{
  guint n_cores = 0;
  guint n_known = 0;
  double sum = 0;
  gint64 begin_ns, end_ns;
  gboolean any = visible_range (layout, &begin_ns, &end_ns);
  g_autofree char *count = NULL;
  g_autofree char *percent = NULL;

  for (guint i = 0; i < layout->n_lanes; i++)
    {
      const IlLane *lane = lane_of_kind (layout, i, IL_LANE_CORE);
      IlCounterBin bin = { 0 };

      if (lane == NULL)
        continue;
      n_cores++;
      if (any && il_lane_get_level (lane) != NULL)
        il_series_bin_counter (il_lane_get_level (lane), begin_ns, end_ns, layout->end_ns, 1, &bin);
      if (bin.covered)
        {
          n_known++;
          sum += bin.mean / 1000;
        }
    }
  count = g_strdup_printf (ngettext ("%u core", "%u cores", n_cores), n_cores);
  if (n_known == 0)
    return g_steal_pointer (&count);
  percent = il_format_percent (sum / n_known);
  /* Translators: "2 cores · 96 % busy" */
  return g_strdup_printf (_ ("%s · %s busy"), count, percent);
}

/* ---- Workers ---- */

typedef struct
{
  guint n_workers, n_exact, n_sampled, n_processes, n_threads;
} Workers;

static void
count_workers (const IlTimelineLayout *layout, IlLaneRole role, Workers *workers)
{
  g_autoptr (GHashTable) processes = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < layout->n_lanes; i++)
    {
      const IlLane *lane = lane_of_kind (layout, i, IL_LANE_THREAD);
      const IlLaneInfo *info = lane != NULL ? il_lane_get_info (lane) : NULL;

      if (info == NULL || info->role != role)
        continue;
      workers->n_threads++;
      workers->n_workers += role == IL_LANE_ROLE_WORKER;
      workers->n_exact += info->scheduler == IL_SCHEDULER_EXACT;
      workers->n_sampled += info->scheduler == IL_SCHEDULER_SAMPLED;
      g_hash_table_add (processes, GINT_TO_POINTER (info->pid));
    }
  workers->n_processes += g_hash_table_size (processes);
}

static char *
kind_of_workers (const Workers *workers)
{
  g_autofree char *processes = NULL;
  g_autofree char *threads = NULL;

  if (workers->n_workers == 0)
    return g_strdup_printf (ngettext ("%u thread", "%u threads", workers->n_threads),
                            workers->n_threads);
  if (workers->n_processes <= 1)
    return g_strdup_printf (ngettext ("%u worker thread", "%u worker threads", workers->n_workers),
                            workers->n_workers);
  if (workers->n_processes == workers->n_workers)
    return g_strdup_printf (
        ngettext ("%u worker process", "%u worker processes", workers->n_workers),
        workers->n_workers);
  threads = g_strdup_printf (ngettext ("%u worker thread", "%u worker threads", workers->n_workers),
                             workers->n_workers);
  processes = g_strdup_printf (ngettext ("%u process", "%u processes", workers->n_processes),
                               workers->n_processes);
  /* Translators: "8 worker threads in 2 processes" */
  return g_strdup_printf (_ ("%s in %s"), threads, processes);
}

static char *
workers_fact (const IlTimelineLayout *layout)
{
  Workers workers = { 0 };
  g_autofree char *kind = NULL;

  count_workers (layout, IL_LANE_ROLE_WORKER, &workers);
  if (workers.n_workers == 0)
    {
      count_workers (layout, IL_LANE_ROLE_SUBMITTER, &workers);
      count_workers (layout, IL_LANE_ROLE_THREAD, &workers);
    }
  kind = kind_of_workers (&workers);
  /* Translators: where the facts on when threads ran come from; "4 worker threads · scheduler:
   * exact (perf)" */
  if (workers.n_exact > 0 && workers.n_sampled == 0)
    return g_strdup_printf (_ ("%s · scheduler: exact (perf)"), kind);
  if (workers.n_sampled > 0 && workers.n_exact == 0)
    return g_strdup_printf (_ ("%s · scheduler: sampled (/proc)"), kind);
  if (workers.n_sampled > 0)
    return g_strdup_printf (_ ("%s · scheduler: partly sampled"), kind);
  return g_strdup_printf (_ ("%s · scheduler: not known"), kind);
}

/* ---- Locks ---- */

/* Number of waits of @lane that ended before @time_ns. */
static gsize
count_waits (const IlLane *lane, gint64 time_ns)
{
  gsize low = 0;
  gsize high = il_lane_get_n_waits (lane);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      IlWait wait;

      if (il_lane_get_wait (lane, middle, &wait) && wait.end_ns < time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static char *
locks_fact (const IlTimelineLayout *layout)
{
  const IlLane *worst = NULL;
  double worst_share = -1;
  gint64 begin_ns, end_ns;
  g_autofree char *percent = NULL;

  if (!visible_range (layout, &begin_ns, &end_ns))
    return NULL;
  for (guint i = 0; i < layout->n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (layout->timeline, i);
      IlLaneKind kind = il_lane_get_info (lane)->kind;
      guint64 before, after, unused;
      gsize n_waits;

      if (kind != IL_LANE_LOCK && kind != IL_LANE_SEMAPHORE)
        continue;
      il_lane_get_uses (lane, begin_ns, &before, &unused);
      il_lane_get_uses (lane, end_ns, &after, &unused);
      n_waits = count_waits (lane, end_ns) - count_waits (lane, begin_ns);
      if (after > before && (double)n_waits / (double)(after - before) > worst_share)
        {
          worst = lane;
          worst_share = (double)n_waits / (double)(after - before);
        }
    }
  if (worst == NULL)
    return NULL;
  percent = il_format_percent (MIN (worst_share, 1));
  /* Translators: name of a lock; how many of those who took it had to wait */
  return g_strdup_printf (_ ("%s: %s of acquisitions waited"), il_lane_get_info (worst)->name,
                          percent);
}

/* ---- Queues ---- */

static char *
queue_fact (const IlLane *lane, guint32 depth)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  g_autofree char *count = il_format_count (depth);
  g_autofree char *capacity = il_format_count (info->parameter);

  if (info->parameter == 0)
    /* Translators: name of a queue, how many are in it */
    return g_strdup_printf (_ ("%s: depth %s"), info->name, count);
  /* Translators: name of a queue, how many are in it, how many fit */
  return g_strdup_printf (_ ("%s: depth %s of %s"), info->name, count, capacity);
}

/* Of the queue that is fullest at the right edge. */
static char *
queues_fact (const IlTimelineLayout *layout)
{
  const IlLane *fullest = NULL;
  guint32 fullest_depth = 0;
  gint64 begin_ns, end_ns;

  if (!visible_range (layout, &begin_ns, &end_ns))
    return NULL;
  for (guint i = 0; i < layout->n_lanes; i++)
    {
      const IlLane *lane = lane_of_kind (layout, i, IL_LANE_QUEUE);
      IlSpan span;

      if (lane == NULL || il_lane_get_level (lane) == NULL
          || !il_series_find (il_lane_get_level (lane), end_ns - 1, layout->end_ns, NULL, &span))
        continue;
      if (fullest == NULL || span.code > fullest_depth)
        {
          fullest = lane;
          fullest_depth = span.code;
        }
    }
  return fullest != NULL ? queue_fact (fullest, fullest_depth) : NULL;
}

/**
 * il_timeline_group_fact:
 *
 * Returns: (transfer full) (nullable): what is to be said of a group and the visible range
 */
char *
il_timeline_group_fact (const IlTimelineLayout *layout, IlGroup group)
{
  switch (group)
    {
    case IL_GROUP_CORES:
      return cores_fact (layout);
    case IL_GROUP_WORKERS:
      return workers_fact (layout);
    case IL_GROUP_LOCKS:
      return locks_fact (layout);
    case IL_GROUP_QUEUES:
      return queues_fact (layout);
    case IL_N_GROUPS:
    default:
      return NULL;
    }
}
