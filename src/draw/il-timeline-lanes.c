/* il-timeline-lanes.c - which lanes a picture has rows for, and in which order
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-layout-private.h"

/**
 * il_lane_get_look:
 *
 * Returns: what it looks like.  A semaphore of a program that is held by nobody, but taken by one
 *   and given by another, is no lock: it is of interest who waits for it, and since when
 */
IlLaneKind
il_lane_get_look (const IlLane *lane, gboolean is_of_program)
{
  const IlLaneInfo *info = il_lane_get_info (lane);

  if (is_of_program && info->kind == IL_LANE_SEMAPHORE && info->parameter <= 1)
    return IL_LANE_CONDITION;
  return info->kind;
}

/**
 * il_lane_get_group:
 *
 * Returns: where in the picture it stands
 */
IlGroup
il_lane_get_group (const IlLane *lane, gboolean is_of_program)
{
  static const guint8 groups[IL_N_LANE_KINDS] = {
    [IL_LANE_THREAD] = IL_GROUP_WORKERS,    [IL_LANE_CORE] = IL_GROUP_CORES,
    [IL_LANE_LOCK] = IL_GROUP_LOCKS,        [IL_LANE_SEMAPHORE] = IL_GROUP_LOCKS,
    [IL_LANE_QUEUE] = IL_GROUP_QUEUES,      [IL_LANE_COUNTER] = IL_GROUP_COUNTERS,
    [IL_LANE_RWLOCK] = IL_GROUP_LOCKS,      [IL_LANE_EVENT] = IL_GROUP_SIGNALS,
    [IL_LANE_CONDITION] = IL_GROUP_SIGNALS, [IL_LANE_BARRIER] = IL_GROUP_SIGNALS,
    [IL_LANE_CHANNEL] = IL_GROUP_QUEUES,    [IL_LANE_FILE] = IL_GROUP_COUNTERS,
  };

  return (IlGroup)groups[il_lane_get_look (lane, is_of_program)];
}

/* Who carries others, workers, then who gives them their tasks, then other threads. */
static int
rank_of (const IlLaneInfo *info)
{
  static const int ranks[] = {
    [IL_LANE_ROLE_CARRIER] = 0, [IL_LANE_ROLE_WORKER] = 1,     [IL_LANE_ROLE_SUBMITTER] = 2,
    [IL_LANE_ROLE_THREAD] = 3,  [IL_LANE_ROLE_SUPERVISOR] = 4,
  };

  if (info->kind == IL_LANE_THREAD)
    return info->role < G_N_ELEMENTS (ranks) ? ranks[info->role] : 3;
  return (int)info->kind;
}

static int
compare_lanes (gconstpointer a, gconstpointer b, gpointer data)
{
  const IlPlan *plan = data;
  const IlLane *one = *(const IlLane *const *)a;
  const IlLane *other = *(const IlLane *const *)b;
  const IlLaneInfo *one_info = il_lane_get_info (one);
  const IlLaneInfo *other_info = il_lane_get_info (other);

  if (rank_of (one_info) != rank_of (other_info))
    return rank_of (one_info) - rank_of (other_info);
  if (plan->is_of_program && one_info->kind == IL_LANE_THREAD)
    return il_lane_compare_births (one, other);
  if (one_info->number != other_info->number)
    return one_info->number < other_info->number ? -1 : 1;
  /* The recorder may hear of a thread later than of one that came after it. */
  if (one_info->kind == IL_LANE_THREAD && one_info->role == IL_LANE_ROLE_THREAD
      && il_lane_get_begin (one) != il_lane_get_begin (other))
    return il_lane_get_begin (one) < il_lane_get_begin (other) ? -1 : 1;
  return il_lane_get_index (one) < il_lane_get_index (other) ? -1 : 1;
}

/* The supervisor does nothing of interest and is shown only where it is the one thread there is. */
static void
drop_supervisors (GPtrArray *threads)
{
  guint n_kept = 0;

  for (guint i = 0; i < threads->len; i++)
    if (il_lane_get_info (g_ptr_array_index (threads, i))->role != IL_LANE_ROLE_SUPERVISOR)
      n_kept++;
  if (n_kept > 0)
    g_ptr_array_set_size (threads, (int)n_kept); /* they are the last */
}

/* Workers of one number had one place, one after the other, and so had their processes if the first
 * worker of each had one.  Threads are in the order of their numbers. */
static void
count_places (IlPlan *plan)
{
  g_autoptr (GHashTable) processes = g_hash_table_new (NULL, NULL);
  const GPtrArray *threads = plan->groups[IL_GROUP_WORKERS];
  guint32 last = 0, last_first = 0;

  for (guint i = 0; i < threads->len; i++)
    {
      const IlLaneInfo *info = il_lane_get_info (g_ptr_array_index (threads, i));

      if (info->role != IL_LANE_ROLE_WORKER)
        continue;
      plan->workers.n_places += info->number == 0 || info->number != last;
      last = info->number;
      if (!g_hash_table_add (processes, GINT_TO_POINTER (info->pid)))
        continue;
      plan->workers.n_process_places += info->number == 0 || info->number != last_first;
      last_first = info->number;
    }
}

/* Whether it is one of those that are counted and told of: of the workers, if there are any. */
static gboolean
is_told_of (const IlLaneInfo *info, gboolean workers_alone)
{
  if (workers_alone)
    return info->role == IL_LANE_ROLE_WORKER;
  return info->role == IL_LANE_ROLE_SUBMITTER || info->role == IL_LANE_ROLE_THREAD;
}

static void
count_threads (IlPlan *plan, gboolean workers_alone)
{
  g_autoptr (GHashTable) processes = g_hash_table_new (NULL, NULL);
  const GPtrArray *threads = plan->groups[IL_GROUP_WORKERS];
  IlWorkerCounts *counts = &plan->workers;

  for (guint i = 0; i < threads->len; i++)
    {
      const IlLaneInfo *info = il_lane_get_info (g_ptr_array_index (threads, i));

      counts->n_carriers += workers_alone && info->role == IL_LANE_ROLE_CARRIER;
      if (!is_told_of (info, workers_alone))
        continue;
      counts->n_threads++;
      counts->pid = info->pid;
      counts->n_workers += workers_alone;
      counts->n_exact += info->scheduler == IL_SCHEDULER_EXACT;
      counts->n_sampled += info->scheduler == IL_SCHEDULER_SAMPLED;
      counts->n_carried += info->scheduler == IL_SCHEDULER_CARRIER;
      g_hash_table_add (processes, GINT_TO_POINTER (info->pid));
    }
  counts->n_processes = g_hash_table_size (processes);
}

/* Processes of several threads each are kept together, in the order of their first workers; those
 * of a program in any case, since nothing else tells them apart. */
gboolean
il_plan_has_processes (const IlPlan *plan)
{
  if (plan->is_of_program)
    return plan->workers.n_processes > 1;
  return plan->workers.n_processes > 1 && plan->workers.n_processes < plan->workers.n_workers;
}

/* The pool has a queue of tasks for each kind of worker, in many of which there never is any; and
 * of many locks of programs that are not ours there is nothing to show. */
gboolean
il_lane_is_shown (const IlLane *lane, gboolean is_of_program)
{
  const IlLaneInfo *info = il_lane_get_info (lane);
  guint64 n_puts = 0;

  if (is_of_program
      && (info->kind == IL_LANE_LOCK || info->kind == IL_LANE_RWLOCK
          || info->kind == IL_LANE_SEMAPHORE))
    return !il_lane_is_untouched (lane);
  if (info->kind != IL_LANE_QUEUE || !il_lane_holds_tasks (lane))
    return TRUE;
  il_lane_get_uses (lane, G_MAXINT64, &n_puts, NULL);
  return n_puts > 0;
}

/* Whether nothing of a thread's life is in the visible range.  Of one that nothing is known of yet,
 * something may come. */
static gboolean
is_absent (const IlLane *lane, const IlTimelineView *view)
{
  gint64 begin_ns = il_lane_get_begin (lane);
  gint64 end_ns = il_lane_get_end (lane);

  return begin_ns < end_ns && (end_ns <= view->begin_ns || begin_ns >= view->end_ns);
}

/* Who left long ago, or has not come yet, would be an empty row. */
static void
drop_absent (IlPlan *plan, const IlTimelineView *view)
{
  GPtrArray *threads = plan->groups[IL_GROUP_WORKERS];

  plan->threads = g_ptr_array_copy (threads, NULL, NULL);
  plan->absent = g_new0 (guint8, MAX (threads->len, 1));
  g_ptr_array_set_size (threads, 0);
  for (guint i = 0; i < plan->threads->len; i++)
    {
      gpointer lane = g_ptr_array_index (plan->threads, i);

      plan->absent[i] = (guint8)is_absent (lane, view);
      plan->n_absent
          += plan->absent[i] && is_told_of (il_lane_get_info (lane), plan->workers.n_workers > 0);
      if (!plan->absent[i])
        g_ptr_array_add (threads, lane);
    }
}

static gboolean
is_among (const GArray *lanes, guint lane)
{
  for (guint i = 0; i < lanes->len; i++)
    if (g_array_index (lanes, guint, i) == lane)
      return TRUE;
  return FALSE;
}

/* What is said of all threads stays: it is rows that are left out.  On which core somebody ran is
 * found by the lanes of cores, which have no rows then. */
static void
drop_others (IlPlan *plan)
{
  for (guint g = IL_GROUP_CORES + 1; plan->only->len > 0 && g < IL_N_GROUPS; g++)
    {
      GPtrArray *lanes = plan->groups[g];
      guint n_kept = 0;

      for (guint i = 0; i < lanes->len; i++)
        if (is_among (plan->only, il_lane_get_index (g_ptr_array_index (lanes, i))))
          lanes->pdata[n_kept++] = g_ptr_array_index (lanes, i);
      g_ptr_array_set_size (lanes, (int)n_kept);
    }
}

/* Of each lane whether a mark names it as evidence. */
static guint8 *
find_named (const IlMarks *marks, guint n_lanes)
{
  guint8 *named = g_new0 (guint8, MAX (n_lanes, 1));

  for (guint i = 0; i < il_marks_get_n (marks); i++)
    {
      const IlMark *mark = il_marks_get (marks, i);

      for (guint j = 0; j < mark->n_lanes; j++)
        if (mark->lanes[j] < n_lanes)
          named[mark->lanes[j]] = TRUE;
    }
  return named;
}

/* Whether the marks that there are now name the same of those that else have no rows. */
static gboolean
are_same_named (const IlPlan *plan, const IlMarks *marks)
{
  g_autofree guint8 *named = NULL;

  if (marks == plan->marks)
    return TRUE;
  named = find_named (marks, plan->n_lanes);
  for (guint i = 0; i < plan->unused->len; i++)
    if (named[il_lane_get_index (g_ptr_array_index (plan->unused, i))])
      return FALSE;
  for (guint i = 0; i < plan->named->len; i++)
    if (!named[il_lane_get_index (g_ptr_array_index (plan->named, i))])
      return FALSE;
  return TRUE;
}

/**
 * il_plan_collect_lanes:
 * @view: of it only the visible range and the marks
 *
 * Fills in which lanes have rows, and what is said of all of them.
 */
void
il_plan_collect_lanes (IlPlan *plan, const IlTimelineView *view)
{
  g_autofree guint8 *named = find_named (view->marks, plan->n_lanes);

  plan->unused = g_ptr_array_new ();
  plan->named = g_ptr_array_new ();
  plan->marks = view->marks != NULL ? il_marks_ref (view->marks) : NULL;
  plan->is_of_program = il_timeline_is_of_program (plan->timeline);
  for (guint g = 0; g < IL_N_GROUPS; g++)
    plan->groups[g] = g_ptr_array_new ();
  for (guint i = 0; i < plan->n_lanes; i++)
    {
      const IlLane *lane = il_timeline_get_lane (plan->timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);

      if (!il_lane_is_shown (lane, plan->is_of_program))
        g_ptr_array_add (named[i] ? plan->named : plan->unused, (gpointer)lane);
      if (!il_lane_is_shown (lane, plan->is_of_program) && !named[i])
        continue;
      g_ptr_array_add (plan->groups[il_lane_get_group (lane, plan->is_of_program)], (gpointer)lane);
      plan->n_of_kind[info->kind]++;
      if (info->kind == IL_LANE_THREAD)
        plan->lane_numbers[i] = il_theme_lane_number (lane);
    }
  for (guint g = 0; g < IL_N_GROUPS; g++)
    g_ptr_array_sort_with_data (plan->groups[g], compare_lanes, plan);
  drop_supervisors (plan->groups[IL_GROUP_WORKERS]);
  count_threads (plan, TRUE);
  count_places (plan);
  if (plan->workers.n_workers == 0)
    count_threads (plan, FALSE);
  if (il_plan_has_processes (plan))
    il_lanes_group_by_process (plan->groups[IL_GROUP_WORKERS]);
  drop_absent (plan, view);
  drop_others (plan);
}

/**
 * il_plan_lanes_fit:
 * @view: of it only the visible range and the marks
 *
 * Returns: whether il_plan_collect_lanes() would find the same rows now; no lane was added
 */
gboolean
il_plan_lanes_fit (const IlPlan *plan, const IlTimelineView *view)
{
  for (guint i = 0; i < plan->unused->len; i++)
    if (il_lane_is_shown (g_ptr_array_index (plan->unused, i), plan->is_of_program))
      return FALSE;
  for (guint i = 0; i < plan->threads->len; i++)
    if (is_absent (g_ptr_array_index (plan->threads, i), view) != plan->absent[i])
      return FALSE;
  return are_same_named (plan, view->marks);
}
