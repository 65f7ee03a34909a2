/* il-timeline.c - the model as readers see it: lanes, objects, tasks, totals
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-private.h"

#define N_OBJECT_PAGES ((IL_RECORD_OBJECT_MAX + 1) / IL_OBJECT_PAGE)

/**
 * il_timeline_new:
 *
 * Makes an empty timeline, to be filled by an IlTimelineBuilder.
 *
 * Returns: (transfer full): the timeline
 */
IlTimeline *
il_timeline_new (void)
{
  IlTimeline *timeline = g_new0 (IlTimeline, 1);

  atomic_init (&timeline->n_references, 1);
  timeline->pages = g_malloc0_n (N_OBJECT_PAGES, sizeof *timeline->pages);
  timeline->objects = g_ptr_array_new ();
  return timeline;
}

/**
 * il_timeline_ref:
 * @timeline: a timeline
 *
 * Takes a reference; from any thread.
 *
 * Returns: (transfer full): @timeline
 */
IlTimeline *
il_timeline_ref (IlTimeline *timeline)
{
  atomic_fetch_add_explicit (&timeline->n_references, 1, memory_order_relaxed);
  return timeline;
}

static void
free_objects (IlTimeline *timeline)
{
  for (guint i = 0; i < timeline->objects->len; i++)
    {
      IlTimelineObject *object = g_ptr_array_index (timeline->objects, i);

      g_free (atomic_exchange_explicit (&timeline->pages[object->number / IL_OBJECT_PAGE], NULL,
                                        memory_order_relaxed));
      g_free (object->name);
      g_free (object);
    }
  g_ptr_array_unref (timeline->objects);
  g_free (timeline->pages);
}

/**
 * il_timeline_unref:
 * @timeline: (nullable) (transfer full): a timeline
 *
 * Drops a reference, from any thread; with the last one all lanes go.
 */
void
il_timeline_unref (IlTimeline *timeline)
{
  gsize n_lanes;

  if (timeline == NULL
      || atomic_fetch_sub_explicit (&timeline->n_references, 1, memory_order_acq_rel) > 1) /* [R] */
    return;

  n_lanes = il_log_length (&timeline->lanes);
  for (gsize i = 0; i < n_lanes; i++)
    il_lane_free (IL_COLUMN_GET (&timeline->lanes.rows, IlLane *, i));
  il_column_clear (&timeline->lanes.rows);
  il_column_clear (&timeline->tasks.rows);
  il_column_clear (&timeline->spawned.rows);
  il_column_clear (&timeline->tasks_done.rows);
  il_column_clear (&timeline->tasks_run_again.rows);
  il_column_clear (&timeline->record_counts.rows);
  if (timeline->observer_destroy != NULL)
    timeline->observer_destroy (timeline->observer_data);
  free_objects (timeline);
  g_free (timeline);
}

/**
 * il_timeline_set_observer:
 * @func: called with each batch, on the thread that writes the timeline
 * @destroy: (nullable): frees @data with the timeline
 *
 * Lets somebody see all batches; once, and before the first of them.
 */
void
il_timeline_set_observer (IlTimeline *timeline, IlBatchFunc func, gpointer data,
                          GDestroyNotify destroy)
{
  g_return_if_fail (timeline->observer == NULL);

  timeline->observer = func;
  timeline->observer_data = data;
  timeline->observer_destroy = destroy;
}

/**
 * il_timeline_get_observer:
 * @func: that sees the batches
 *
 * Returns: (transfer none) (nullable): what was set along with @func; NULL where it was not
 */
gpointer
il_timeline_get_observer (const IlTimeline *timeline, IlBatchFunc func)
{
  return timeline->observer == func ? timeline->observer_data : NULL;
}

/**
 * il_timeline_get_end:
 * @timeline: a timeline
 *
 * Returns: the moment up to which everything is known; it only grows
 */
gint64
il_timeline_get_end (const IlTimeline *timeline)
{
  return atomic_load_explicit (&timeline->end_ns, memory_order_acquire); /* [E] */
}

void
il_timeline_set_end (IlTimeline *timeline, gint64 end_ns)
{
  atomic_store_explicit (&timeline->end_ns, end_ns, memory_order_release); /* [E] */
}

/**
 * il_timeline_get_n_lanes:
 * @timeline: a timeline
 *
 * Returns: number of lanes; those there are keep their index
 */
guint
il_timeline_get_n_lanes (const IlTimeline *timeline)
{
  return (guint)il_log_length (&timeline->lanes);
}

/**
 * il_timeline_get_n_claims:
 * @timeline: a timeline
 *
 * A thread may be seen to run before it says who it is.  If it says so late, its lane gets another
 * name and role.  What a program uses that knows of no names gets one when it was found.
 *
 * Returns: how often that happened; read before the lanes it tells whether to read them again
 */
guint
il_timeline_get_n_claims (const IlTimeline *timeline)
{
  return atomic_load_explicit (&timeline->n_claims, memory_order_acquire); /* [I] */
}

/**
 * il_timeline_shows_locks:
 *
 * Returns: whether locks were looked at; where not, there are none, and what threads wait for is
 *   not known
 */
gboolean
il_timeline_shows_locks (const IlTimeline *timeline)
{
  return !atomic_load_explicit (&timeline->hides_locks, memory_order_relaxed);
}

/**
 * il_timeline_show_locks:
 *
 * Notes that; any thread.
 */
void
il_timeline_show_locks (IlTimeline *timeline, gboolean shows_locks)
{
  atomic_store_explicit (&timeline->hides_locks, !shows_locks, memory_order_relaxed);
}

/**
 * il_timeline_is_of_program:
 * @timeline: a timeline
 *
 * Returns: whether it shows a program that knows of neither tasks nor workers; FALSE as long as
 *   there is no thread
 */
gboolean
il_timeline_is_of_program (const IlTimeline *timeline)
{
  return atomic_load_explicit (&timeline->n_threads, memory_order_relaxed) > 0
         && atomic_load_explicit (&timeline->n_of_pool, memory_order_relaxed) == 0;
}

static gboolean
is_of_pool (const IlLaneInfo *info)
{
  return info->kind == IL_LANE_THREAD && info->role != IL_LANE_ROLE_THREAD;
}

/* Counts what il_timeline_is_of_program() is asked for: who goes through all lanes asks once for
 * each. */
static void
count_thread (IlTimeline *timeline, const IlLaneInfo *info)
{
  if (is_of_pool (info))
    atomic_fetch_add_explicit (&timeline->n_of_pool, 1, memory_order_relaxed);
  if (info->kind == IL_LANE_THREAD)
    atomic_fetch_add_explicit (&timeline->n_threads, 1, memory_order_relaxed);
}

/* What a lane is turned out to be something else, or it has another name. */
void
il_timeline_claim_lane (IlTimeline *timeline, IlLane *lane, const IlLaneInfo *info)
{
  gboolean was_of_pool = is_of_pool (il_lane_get_info (lane));

  il_lane_set_info (lane, info);
  if (is_of_pool (info) && !was_of_pool)
    atomic_fetch_add_explicit (&timeline->n_of_pool, 1, memory_order_relaxed);
  else if (was_of_pool && !is_of_pool (info))
    atomic_fetch_sub_explicit (&timeline->n_of_pool, 1, memory_order_relaxed);
  atomic_fetch_add_explicit (&timeline->n_claims, 1, memory_order_release); /* [I] */
}

/**
 * il_timeline_get_lane:
 * @timeline: a timeline
 * @index: from 0
 *
 * Returns: (nullable) (transfer none): the lane, which lives as long as the timeline; NULL where
 *   there is none of that index
 */
const IlLane *
il_timeline_get_lane (const IlTimeline *timeline, guint index)
{
  if (index >= il_log_length (&timeline->lanes))
    return NULL;
  return IL_COLUMN_GET (&timeline->lanes.rows, IlLane *, index);
}

IlLane *
il_timeline_add_lane (IlTimeline *timeline, const IlLaneInfo *info, guint32 object)
{
  gsize length = atomic_load_explicit (&timeline->lanes.length, memory_order_relaxed);
  IlLane *lane = il_lane_new (info, (guint)length, object);

  lane->ordinal = ++timeline->n_of_kind[info->kind];
  IL_COLUMN_PUT (&timeline->lanes.rows, IlLane *, length) = lane;
  count_thread (timeline, info);
  il_log_publish (&timeline->lanes);
  return lane;
}

IlTimelineObject *
il_timeline_find_object (const IlTimeline *timeline, guint32 number)
{
  IlObjectPage *page;

  if (number > IL_RECORD_OBJECT_MAX)
    return NULL;
  page = atomic_load_explicit (&timeline->pages[number / IL_OBJECT_PAGE],
                               memory_order_acquire); /* [O] */
  if (page == NULL)
    return NULL;
  return atomic_load_explicit (&page->objects[number % IL_OBJECT_PAGE],
                               memory_order_acquire); /* [O] */
}

/* A lane of its own for all but kinds of tasks and titles. */
static IlLane *
add_object_lane (IlTimeline *timeline, const IlTimelineObject *object)
{
  static const guint8 lane_kinds[IL_N_OBJECT_KINDS_KNOWN] = {
    [IL_OBJECT_KIND_LOCK] = IL_LANE_LOCK,           [IL_OBJECT_KIND_SEMAPHORE] = IL_LANE_SEMAPHORE,
    [IL_OBJECT_KIND_QUEUE] = IL_LANE_QUEUE,         [IL_OBJECT_KIND_COUNTER] = IL_LANE_COUNTER,
    [IL_OBJECT_KIND_RWLOCK] = IL_LANE_RWLOCK,       [IL_OBJECT_KIND_EVENT] = IL_LANE_EVENT,
    [IL_OBJECT_KIND_CONDITION] = IL_LANE_CONDITION, [IL_OBJECT_KIND_BARRIER] = IL_LANE_BARRIER,
    [IL_OBJECT_KIND_CHANNEL] = IL_LANE_CHANNEL,     [IL_OBJECT_KIND_FILE] = IL_LANE_FILE,
  };
  IlLaneInfo info = { .name = object->name, .parameter = object->parameter };

  if (lane_kinds[object->kind] == IL_LANE_THREAD)
    return NULL;
  info.kind = lane_kinds[object->kind];
  return il_timeline_add_lane (timeline, &info, object->number);
}

/* The object must not be there yet, and its number in range. */
IlTimelineObject *
il_timeline_add_object (IlTimeline *timeline, guint32 number, const IlTimelineObjectInfo *info)
{
  _Atomic (IlObjectPage *) *slot = &timeline->pages[number / IL_OBJECT_PAGE];
  IlObjectPage *page = atomic_load_explicit (slot, memory_order_relaxed);
  IlTimelineObject *object = g_new0 (IlTimelineObject, 1);

  if (page == NULL)
    {
      page = g_new0 (IlObjectPage, 1);
      atomic_store_explicit (slot, page, memory_order_release); /* [O] */
    }
  object->number = number;
  object->kind = info->kind;
  object->name = g_strdup (info->name != NULL ? info->name : "");
  object->parameter = info->parameter;
  object->lane = add_object_lane (timeline, object);
  g_ptr_array_add (timeline->objects, object);
  atomic_store_explicit (&page->objects[number % IL_OBJECT_PAGE], object,
                         memory_order_release); /* [O] */
  return object;
}

/**
 * il_timeline_get_object_name:
 * @timeline: a timeline
 * @object: number of an object
 *
 * Returns: (transfer none): its name, which lives as long as the timeline; "?" of one that was
 * never declared
 */
const char *
il_timeline_get_object_name (const IlTimeline *timeline, guint32 object)
{
  const IlTimelineObject *found = il_timeline_find_object (timeline, object);

  if (found == NULL)
    return "?";
  return found->lane != NULL ? il_lane_get_info (found->lane)->name : found->name;
}

/**
 * il_timeline_get_object_lane:
 * @timeline: a timeline
 * @object: number of an object
 *
 * Returns: (nullable) (transfer none): its lane; NULL for a kind of tasks, and for an object that
 *   was never declared
 */
const IlLane *
il_timeline_get_object_lane (const IlTimeline *timeline, guint32 object)
{
  const IlTimelineObject *found = il_timeline_find_object (timeline, object);

  return found != NULL ? found->lane : NULL;
}

/* Tasks that were spawned are numbered from the other end, so that whoever submits and whoever
 * spawns need not agree: each end has a log of its own, which it fills without large holes. */
static gboolean
is_spawned (gsize number)
{
  return number > IL_TASK_NUMBER_MAX / 2;
}

static void
extend_tasks (IlLog *tasks, gsize index)
{
  for (gsize i = atomic_load_explicit (&tasks->length, memory_order_relaxed); i <= index; i++)
    {
      IlTaskRow *row = il_column_extend (&tasks->rows, i, sizeof *row);

      atomic_init (&row->submit_ns, -1);
      atomic_init (&row->begin_ns, -1);
      atomic_init (&row->end_ns, -1);
      atomic_init (&row->kind_object, 0);
      atomic_init (&row->worker_plus_1, 0);
      atomic_init (&row->outcome, IL_TASK_OUTCOME_PENDING);
    }
  atomic_store_explicit (&tasks->length, index + 1, memory_order_release); /* [L] */
}

/* The row of a task, made if need be; NULL where its number, counted from its end, is not below the
 * limit. */
IlTaskRow *
il_timeline_ensure_task (IlTimeline *timeline, guint32 number, gsize limit)
{
  IlLog *tasks = is_spawned (number) ? &timeline->spawned : &timeline->tasks;
  gsize index = is_spawned (number) ? IL_TASK_NUMBER_MAX - number : number;
  gsize length = atomic_load_explicit (&tasks->length, memory_order_relaxed);

  if (number > IL_TASK_NUMBER_MAX || (index >= limit && index >= length))
    return NULL;

  if (index >= length)
    extend_tasks (tasks, index);
  return il_column_at (&tasks->rows, index, sizeof (IlTaskRow));
}

/**
 * il_timeline_get_n_tasks:
 * @timeline: a timeline
 *
 * Returns: one more than the highest number of a task that was submitted and not spawned
 */
gsize
il_timeline_get_n_tasks (const IlTimeline *timeline)
{
  return il_log_length (&timeline->tasks);
}

static gboolean
get_task_at (const IlLog *tasks, gsize index, IlTask *task)
{
  const IlTaskRow *row;

  if (index >= il_log_length (tasks))
    return FALSE;

  row = il_column_at (&tasks->rows, index, sizeof *row);
  task->outcome = atomic_load_explicit (&row->outcome, memory_order_acquire);   /* [T] */
  task->end_ns = atomic_load_explicit (&row->end_ns, memory_order_acquire);     /* [T] */
  task->begin_ns = atomic_load_explicit (&row->begin_ns, memory_order_acquire); /* [T] */
  task->worker_plus_1 = atomic_load_explicit (&row->worker_plus_1, memory_order_relaxed);
  task->submit_ns = atomic_load_explicit (&row->submit_ns, memory_order_acquire); /* [T] */
  task->kind_object = atomic_load_explicit (&row->kind_object, memory_order_relaxed);
  return task->submit_ns >= 0 || task->begin_ns >= 0 || task->outcome != IL_TASK_OUTCOME_PENDING;
}

/**
 * il_timeline_get_task:
 * @timeline: a timeline
 * @number: of the task, as in the detail - 1 of a span
 * @task: (out): set where the task is known
 *
 * A task that was begun again after its worker died is given with its last begin.
 *
 * Returns: FALSE where no record spoke of a task of that number: numbers may have holes
 */
gboolean
il_timeline_get_task (const IlTimeline *timeline, gsize number, IlTask *task)
{
  if (!is_spawned (number))
    return get_task_at (&timeline->tasks, number, task);
  return number <= IL_TASK_NUMBER_MAX
         && get_task_at (&timeline->spawned, IL_TASK_NUMBER_MAX - number, task);
}

/**
 * il_timeline_next_task:
 * @timeline: a timeline
 * @iter: all 0 before the first call
 * @task: (out): set where there is one more
 *
 * Goes through all tasks: those that were submitted, then those that tasks spawned, each by number.
 *
 * Returns: FALSE after the last
 */
gboolean
il_timeline_next_task (const IlTimeline *timeline, IlTaskIter *iter, IlTask *task)
{
  gsize n_submitted = il_log_length (&timeline->tasks);

  while (!iter->is_in_spawned && iter->next < n_submitted)
    if (get_task_at (&timeline->tasks, iter->next++, task))
      return TRUE;
  if (!iter->is_in_spawned)
    *iter = (IlTaskIter){ .is_in_spawned = TRUE };
  while (iter->next < il_log_length (&timeline->spawned))
    if (get_task_at (&timeline->spawned, iter->next++, task))
      return TRUE;
  return FALSE;
}

/**
 * il_timeline_get_tasks_done:
 * @timeline: a timeline
 * @time_ns: a moment
 *
 * Returns: how many tasks had ended as done, that moment included
 */
guint64
il_timeline_get_tasks_done (const IlTimeline *timeline, gint64 time_ns)
{
  return il_log_count_up_to (&timeline->tasks_done, time_ns);
}

/**
 * il_timeline_get_tasks_run_again:
 * @timeline: a timeline
 * @time_ns: a moment
 *
 * Returns: how often a task was begun that had begun before and not ended, that moment included
 */
guint64
il_timeline_get_tasks_run_again (const IlTimeline *timeline, gint64 time_ns)
{
  return il_log_count_up_to (&timeline->tasks_run_again, time_ns);
}

/**
 * il_timeline_get_n_records:
 * @timeline: a timeline
 * @time_ns: a moment
 *
 * Returns: how many records there were before the millisecond that the moment lies in, or all of
 *   them where it is the end or later
 */
guint64
il_timeline_get_n_records (const IlTimeline *timeline, gint64 time_ns)
{
  gint64 begin_ns = MAX (time_ns, 0) / IL_RECORD_COUNT_NS * IL_RECORD_COUNT_NS;
  const IlLog *log = &timeline->record_counts;
  gsize low = 0, high = il_log_length (log), n = high;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (IL_COLUMN_GET (&log->rows, IlRecordCount, middle).begin_ns < begin_ns)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < n && time_ns < il_timeline_get_end (timeline))
    return IL_COLUMN_GET (&log->rows, IlRecordCount, low).n_before;
  return atomic_load_explicit (&timeline->totals.n_records, memory_order_relaxed);
}

/**
 * il_timeline_get_totals:
 * @timeline: a timeline
 * @totals: (out): its figures
 *
 * Reads the totals; each is right by itself, while they are being counted they need not match.
 */
void
il_timeline_get_totals (const IlTimeline *timeline, IlTimelineTotals *totals)
{
  const IlTotals *own = &timeline->totals;

  totals->n_records = atomic_load_explicit (&own->n_records, memory_order_relaxed);
  totals->n_lost = atomic_load_explicit (&own->n_lost, memory_order_relaxed);
  totals->n_sched_lost = atomic_load_explicit (&own->n_sched_lost, memory_order_relaxed);
  totals->n_inconsistent = atomic_load_explicit (&own->n_inconsistent, memory_order_relaxed);
  totals->n_submitted = atomic_load_explicit (&own->n_submitted, memory_order_relaxed);
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    totals->n_outcomes[i] = atomic_load_explicit (&own->n_outcomes[i], memory_order_relaxed);
}
