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

/* ---- Cores ---- */

/* How busy they were with the program that was recorded, or less than 0 if that is not known: who
 * sees that they were busy takes it for the program's doing otherwise. */
static double
own_share_of_cores (const IlTimelineLayout *layout, gint64 begin_ns, gint64 end_ns)
{
  const GPtrArray *cores = layout->plan->groups[IL_GROUP_CORES];
  gint64 own_ns = 0, unknown_ns = 0;

  if (!layout->plan->is_of_program)
    return -1;
  for (guint i = 0; i < cores->len; i++)
    {
      const IlSeries *states = il_lane_get_states (g_ptr_array_index (cores, i));
      gint64 states_ns[IL_N_STATES] = { 0 };

      if (states != NULL)
        il_series_sum_states (states, begin_ns, end_ns, states_ns);
      own_ns += states_ns[IL_STATE_RUNNING];
      unknown_ns += states_ns[IL_STATE_UNKNOWN];
    }
  if (unknown_ns > 0)
    return -1;
  return (double)own_ns / (double)(end_ns - begin_ns) / cores->len;
}

static char *
cores_fact (const IlTimelineLayout *layout)
{
  const GPtrArray *cores = layout->plan->groups[IL_GROUP_CORES];
  guint n_known = 0;
  double sum = 0;
  gint64 begin_ns, end_ns;
  gboolean any = visible_range (layout, &begin_ns, &end_ns);
  g_autofree char *count = NULL;
  g_autofree char *percent = NULL;
  g_autofree char *own = NULL;
  double own_share;

  for (guint i = 0; i < cores->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (cores, i);
      IlCounterBin bin = { 0 };

      if (any && il_lane_get_level (lane) != NULL)
        il_series_bin_counter (il_lane_get_level (lane), begin_ns, end_ns, layout->end_ns, 1, &bin);
      if (bin.covered)
        {
          n_known++;
          sum += bin.mean / 1000;
        }
    }
  count = g_strdup_printf (ngettext ("%u core", "%u cores", cores->len), cores->len);
  if (n_known == 0)
    return g_steal_pointer (&count);
  own_share = own_share_of_cores (layout, begin_ns, end_ns);
  /* The kernel counts in ticks of some milliseconds: a short range may be between two. */
  percent = il_format_percent (MAX (sum / n_known, own_share));
  if (own_share < 0)
    /* Translators: "2 cores · 96 % busy" */
    return g_strdup_printf (_ ("%s · %s busy"), count, percent);
  own = il_format_percent (own_share);
  /* Translators: "2 cores · 96 % busy, 12 % with this program" */
  return g_strdup_printf (_ ("%s · %s busy, %s with this program"), count, percent, own);
}

/* ---- Workers ---- */

static char *
kind_of_coroutines (const IlWorkerCounts *workers)
{
  g_autofree char *coroutines = g_strdup_printf (
      ngettext ("%u coroutine", "%u coroutines", workers->n_places), workers->n_places);
  g_autofree char *carriers = g_strdup_printf (
      ngettext ("%u thread", "%u threads", workers->n_carriers), workers->n_carriers);

  /* Translators: "2000 coroutines on 1 thread" */
  return g_strdup_printf (_ ("%s on %s"), coroutines, carriers);
}

/* Of a program without workers. */
static char *
kind_of_threads (const IlWorkerCounts *workers)
{
  guint n_threads = workers->n_threads, n_processes = workers->n_processes;
  g_autofree char *threads
      = g_strdup_printf (ngettext ("%u thread", "%u threads", n_threads), n_threads);
  g_autofree char *processes = NULL;

  if (n_processes <= 1)
    /* Translators: "8 threads of process 4711" */
    return workers->pid == 0 ? g_steal_pointer (&threads)
                             : g_strdup_printf (_ ("%s of process %d"), threads, workers->pid);
  processes = g_strdup_printf (ngettext ("%u process", "%u processes", n_processes), n_processes);
  /* Translators: "8 threads in 2 processes" */
  return g_strdup_printf (_ ("%s in %s"), threads, processes);
}

/* As many as there were at once. */
static char *
kind_of_workers (const IlWorkerCounts *workers)
{
  guint n_workers = workers->n_places, n_processes = workers->n_process_places;
  g_autofree char *processes = NULL;
  g_autofree char *threads = NULL;

  if (workers->n_carried > 0)
    return kind_of_coroutines (workers);
  if (workers->n_workers == 0)
    return kind_of_threads (workers);
  threads
      = g_strdup_printf (ngettext ("%u worker thread", "%u worker threads", n_workers), n_workers);
  if (workers->n_processes <= 1)
    return g_steal_pointer (&threads);
  if (workers->n_processes == workers->n_workers)
    return g_strdup_printf (ngettext ("%u worker process", "%u worker processes", n_workers),
                            n_workers);
  processes = g_strdup_printf (ngettext ("%u process", "%u processes", n_processes), n_processes);
  /* Translators: "8 worker threads in 2 processes" */
  return g_strdup_printf (_ ("%s in %s"), threads, processes);
}

/* Those who took the place of others are no more at once. */
static char *
workers_and_replacements (const IlWorkerCounts *workers)
{
  g_autofree char *kind = kind_of_workers (workers);
  guint n = workers->n_workers - workers->n_places;
  g_autofree char *replacements = NULL;

  if (n == 0)
    return g_steal_pointer (&kind);
  replacements = g_strdup_printf (ngettext ("%u replacement", "%u replacements", n), n);
  /* Translators: "4 worker processes and 6 replacements": workers who took the place of others */
  return g_strdup_printf (_ ("%s and %s"), kind, replacements);
}

/* What all of them are, and where it is known from when they ran. */
static char *
workers_and_source (const IlTimelineLayout *layout)
{
  const IlWorkerCounts *workers = &layout->plan->workers;
  g_autofree char *kind = workers_and_replacements (workers);

  if (workers->n_carried > 0)
    return g_steal_pointer (&kind);
  /* Translators: where the facts on when threads ran come from; "4 worker threads · scheduler:
   * exact (perf)" */
  if (workers->n_exact > 0 && workers->n_sampled == 0)
    return g_strdup_printf (_ ("%s · scheduler: exact (perf)"), kind);
  if (workers->n_sampled > 0 && workers->n_exact == 0)
    return g_strdup_printf (_ ("%s · scheduler: sampled (/proc)"), kind);
  if (workers->n_sampled > 0)
    return g_strdup_printf (_ ("%s · scheduler: partly sampled"), kind);
  return g_strdup_printf (_ ("%s · scheduler: not known"), kind);
}

/* Also that what they wait for was not looked at, where they say no more than that they wait. */
static char *
workers_and_sources (const IlTimelineLayout *layout)
{
  g_autofree char *workers = workers_and_source (layout);

  if (il_timeline_shows_locks (layout->timeline))
    return g_steal_pointer (&workers);
  /* Translators: "8 threads of process 4711 · scheduler: exact (perf) · locks: not seen" */
  return g_strdup_printf (_ ("%s · locks: not seen"), workers);
}

static char *
workers_fact (const IlTimelineLayout *layout)
{
  guint n_absent = layout->plan->n_absent;
  g_autofree char *workers = workers_and_sources (layout);
  g_autofree char *absent = NULL;

  if (n_absent == 0)
    return g_steal_pointer (&workers);
  absent = g_strdup_printf (
      /* Translators: so many threads have no row, since nothing of their lives is in the visible
       * range; follows "12 worker threads · scheduler: exact (perf)" */
      ngettext ("%u of them outside the visible time", "%u of them outside the visible time",
                n_absent),
      n_absent);
  return g_strconcat (workers, " · ", absent, NULL);
}

/* ---- Locks ---- */

/* Of the one that was most waited for: a share of few says little. */
/* Of the one of the group that most waited for at once. */
static char *
waiters_fact (const IlTimelineLayout *layout, IlGroup group)
{
  const GPtrArray *lanes = layout->plan->groups[group];
  const IlLane *most = NULL;
  guint32 n_most = 0;
  gint64 begin_ns, end_ns;

  if (!visible_range (layout, &begin_ns, &end_ns))
    return NULL;
  for (guint i = 0; i < lanes->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (lanes, i);
      const IlSeries *waiters = il_lane_get_waiters (lane) != NULL ? il_lane_get_waiters (lane)
                                                                   : il_lane_get_level (lane);
      IlCounterBin bin = { 0 };

      if (waiters == NULL)
        continue;
      il_series_bin_counter (waiters, begin_ns, end_ns, layout->end_ns, 1, &bin);
      if (bin.covered && bin.max > n_most)
        {
          most = lane;
          n_most = bin.max;
        }
    }
  /* Translators: name of an event, condition, barrier or lock, and how many threads wait for it at
   * once */
  return most == NULL
             ? NULL
             : g_strdup_printf (ngettext ("%s: up to %u waiter", "%s: up to %u waiters", n_most),
                                il_lane_get_info (most)->name, n_most);
}

static char *
locks_fact (const IlTimelineLayout *layout)
{
  const GPtrArray *locks = layout->plan->groups[IL_GROUP_LOCKS];
  const IlLane *worst = NULL;
  IlAttempts most = { 0 };
  gint64 begin_ns, end_ns;
  g_autofree char *waiters = NULL;
  g_autofree char *percent = NULL;

  if (!visible_range (layout, &begin_ns, &end_ns))
    return NULL;
  for (guint i = 0; i < locks->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (locks, i);
      IlAttempts attempts;

      /* Those who got it, or gave up, as in reports. */
      il_lane_count_attempts (lane, begin_ns, end_ns, &attempts);
      if (attempts.total > 0 && (worst == NULL || attempts.waited > most.waited))
        {
          worst = lane;
          most = attempts;
        }
    }
  /* Who waits still, as for ever, has not got it. */
  if (most.waited == 0)
    waiters = waiters_fact (layout, IL_GROUP_LOCKS);
  if (worst == NULL || waiters != NULL)
    return g_steal_pointer (&waiters);
  percent = il_format_percent ((double)most.waited / (double)most.total);
  /* Translators: name of a lock; how many of those who wanted it had to wait */
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
    /* Translators: name of a queue, how many were in it at once */
    return g_strdup_printf (_ ("%s: up to %s in it"), info->name, count);
  /* Translators: name of a queue, how many were in it at once, how many fit */
  return g_strdup_printf (_ ("%s: up to %s of %s in it"), info->name, count, capacity);
}

/* Of the queue that was fullest: at the right edge, where a run has ended, all are empty. */
static char *
queues_fact (const IlTimelineLayout *layout)
{
  const GPtrArray *queues = layout->plan->groups[IL_GROUP_QUEUES];
  const IlLane *fullest = NULL;
  guint32 fullest_depth = 0;
  gint64 begin_ns, end_ns;

  if (!visible_range (layout, &begin_ns, &end_ns))
    return NULL;
  for (guint i = 0; i < queues->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (queues, i);
      IlCounterBin bin = { 0 };

      if (il_lane_get_info (lane)->kind != IL_LANE_QUEUE || il_lane_get_level (lane) == NULL)
        continue;
      il_series_bin_counter (il_lane_get_level (lane), begin_ns, end_ns, layout->end_ns, 1, &bin);
      if (bin.covered && (fullest == NULL || bin.max > fullest_depth))
        {
          fullest = lane;
          fullest_depth = bin.max;
        }
    }
  return fullest != NULL ? queue_fact (fullest, fullest_depth) : NULL;
}

/* ---- Counters and files ---- */

/* Of the one that lost most. */
static char *
counters_fact (const IlTimelineLayout *layout)
{
  const GPtrArray *counters = layout->plan->groups[IL_GROUP_COUNTERS];
  const IlLane *worst = NULL;
  guint64 n_worst = 0;

  for (guint i = 0; i < counters->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (counters, i);
      guint64 n = il_lane_get_info (lane)->kind == IL_LANE_COUNTER
                      ? il_lane_get_n_amounts (lane, layout->end_ns)
                      : il_lane_get_torn_lines (lane);

      if (n > n_worst)
        {
          worst = lane;
          n_worst = n;
        }
    }
  if (worst == NULL)
    return NULL;
  if (il_lane_get_info (worst)->kind == IL_LANE_COUNTER)
    return g_strdup_printf (
        ngettext ("%s: %llu stale write", "%s: %llu stale writes", (gulong)n_worst),
        il_lane_get_info (worst)->name, (unsigned long long)n_worst);
  return g_strdup_printf (ngettext ("%s: %llu torn line", "%s: %llu torn lines", (gulong)n_worst),
                          il_lane_get_info (worst)->name, (unsigned long long)n_worst);
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
    case IL_GROUP_SIGNALS:
      return waiters_fact (layout, IL_GROUP_SIGNALS);
    case IL_GROUP_QUEUES:
      return queues_fact (layout);
    case IL_GROUP_COUNTERS:
      return counters_fact (layout);
    case IL_N_GROUPS:
    default:
      return NULL;
    }
}
