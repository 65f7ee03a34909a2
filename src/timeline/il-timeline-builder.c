/* il-timeline-builder.c - takes records one by one in the order of time, and tells them apart
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records come from files and from programs that we did not write: none is believed.  One that
 * contradicts what is known, or names what does not exist, is counted, and the newest word is taken
 * as far as it makes sense.
 */

#include "config.h"

#include "il-timeline-builder-private.h"

#define MAX_CORES 4096

/* A thread that has said its last word and of which the scheduler tells nothing for so long left
 * without our seeing it. */
#define LEAVING_LIMIT_NS G_GINT64_CONSTANT (1000000000)

static void
free_slot (gpointer data)
{
  IlSlot *slot = data;

  il_thread_free (slot->thread);
  g_free (slot->core);
}

/**
 * il_timeline_builder_new:
 * @timeline: an empty timeline, which only this builder writes
 *
 * Makes a builder, which keeps a reference of the timeline.
 *
 * Returns: (transfer full): the builder
 */
IlTimelineBuilder *
il_timeline_builder_new (IlTimeline *timeline)
{
  IlTimelineBuilder *builder = g_new0 (IlTimelineBuilder, 1);

  builder->timeline = il_timeline_ref (timeline);
  builder->slots = g_array_new (FALSE, TRUE, sizeof (IlSlot));
  g_array_set_clear_func (builder->slots, free_slot);
  builder->cores = g_ptr_array_new ();
  builder->objects = g_ptr_array_new_with_free_func (il_object_state_free);
  builder->read = g_ptr_array_new ();
  builder->dying = g_ptr_array_new ();
  builder->sleepers = g_ptr_array_new ();
  builder->signals = g_hash_table_new (NULL, NULL);
  builder->processes = g_hash_table_new_full (NULL, NULL, NULL, il_process_free);
  builder->crashes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  return builder;
}

/* Threads that have said their last word by `before_ns` and were not heard of since. */
static void
bury (IlTimelineBuilder *builder, gint64 before_ns)
{
  for (guint i = builder->dying->len; i-- > 0;)
    {
      IlThread *thread = g_ptr_array_index (builder->dying, i);

      if (thread->last_ns <= before_ns)
        il_thread_die (builder, thread, thread->last_ns);
    }
}

/* Coroutines whose sleep is over by now, and that nobody carries yet, are shown as ready at once,
 * not when somebody does. */
static void
wake_sleepers (IlTimelineBuilder *builder, gint64 now_ns)
{
  for (guint i = builder->sleepers->len; i-- > 0;)
    {
      IlThread *thread = g_ptr_array_index (builder->sleepers, i);

      il_thread_emit_awake (thread, now_ns);
      if (thread->wait == IL_SAYS_SLEEP && thread->asleep_until_ns != G_MAXINT64)
        continue;
      thread->is_listed = FALSE;
      g_ptr_array_remove_index_fast (builder->sleepers, i);
    }
}

/**
 * il_timeline_builder_free:
 * @builder: (nullable) (transfer full): a builder
 *
 * Ends what can be ended and frees the builder; the timeline stays with whoever has a reference.
 */
void
il_timeline_builder_free (IlTimelineBuilder *builder)
{
  if (builder == NULL)
    return;

  il_object_end_telling (builder);
  bury (builder, G_MAXINT64);
  g_array_unref (builder->slots);
  g_ptr_array_unref (builder->cores);
  g_ptr_array_unref (builder->read);
  g_ptr_array_unref (builder->objects);
  g_ptr_array_unref (builder->dying);
  g_ptr_array_unref (builder->sleepers);
  g_hash_table_unref (builder->signals);
  g_hash_table_unref (builder->crashes);
  g_hash_table_unref (builder->processes);
  il_timeline_unref (builder->timeline);
  g_free (builder);
}

static IlSlot *
add_slot (IlTimelineBuilder *builder, const IlLane *lane)
{
  g_array_set_size (builder->slots, lane->index + 1);
  return &g_array_index (builder->slots, IlSlot, lane->index);
}

static IlCore *
add_core (IlTimelineBuilder *builder, IlLane *lane)
{
  IlCore *core = g_new0 (IlCore, 1);
  guint number = il_lane_get_info (lane)->number;

  core->lane = lane;
  il_series_append (lane->states, 0, IL_CODE (IL_STATE_NONE, 0), 0);
  if (number < MAX_CORES)
    {
      if (number >= builder->cores->len)
        g_ptr_array_set_size (builder->cores, (gint)number + 1);
      builder->cores->pdata[number] = core;
    }
  return core;
}

/* Where threads are sampled nobody knows who runs on a core in between, from the beginning on. */
static void
forget_cores (IlTimelineBuilder *builder)
{
  for (guint i = 0; i < builder->cores->len; i++)
    {
      IlCore *core = g_ptr_array_index (builder->cores, i);

      if (core != NULL)
        il_series_append (core->lane->states, 0, IL_CODE (IL_STATE_UNKNOWN, 0), 0);
    }
}

/**
 * il_timeline_builder_add_lane:
 * @builder: a builder
 * @info: what the lane is; copied.  Of kind thread or core
 *
 * Adds a lane before its first record.  A thread is born with that record.
 *
 * Returns: the lane's number in the timeline and in records: as many lanes, those of objects
 *   included, were there before
 */
guint32
il_timeline_builder_add_lane (IlTimelineBuilder *builder, const IlLaneInfo *info)
{
  IlLane *lane;
  IlSlot *slot;

  g_return_val_if_fail (info->kind == IL_LANE_THREAD || info->kind == IL_LANE_CORE, 0);

  lane = il_timeline_add_lane (builder->timeline, info, 0);
  slot = add_slot (builder, lane);
  if (info->kind == IL_LANE_THREAD)
    slot->thread = il_thread_new (lane);
  builder->has_exact |= info->kind == IL_LANE_THREAD && info->scheduler == IL_SCHEDULER_EXACT;
  if (info->kind == IL_LANE_THREAD && info->scheduler == IL_SCHEDULER_SAMPLED
      && !builder->has_exact)
    forget_cores (builder);
  if (info->kind == IL_LANE_CORE)
    slot->core = add_core (builder, lane);
  return lane->index;
}

/**
 * il_timeline_builder_claim_lane:
 * @builder: a builder
 * @number: of a thread's lane that is there already
 * @info: what it is, as it is known now; copied.  Of kind thread, and seen by the same scheduler
 *
 * Lets a thread that only the scheduler knew of be who it says it is; what is known of it stays.
 */
void
il_timeline_builder_claim_lane (IlTimelineBuilder *builder, guint32 number, const IlLaneInfo *info)
{
  IlThread *thread = il_builder_get_thread (builder, number + 1);

  g_return_if_fail (thread != NULL && info->kind == IL_LANE_THREAD);
  g_return_if_fail (info->scheduler == il_lane_get_info (thread->lane)->scheduler);

  il_timeline_claim_lane (builder->timeline, thread->lane, info);
}

static void
note_queue_of_tasks (IlTimelineBuilder *builder, const IlTimelineObject *kind)
{
  IlTimelineObject *queue
      = kind->parameter <= IL_RECORD_OBJECT_MAX
            ? il_timeline_find_object (builder->timeline, (guint32)kind->parameter)
            : NULL;

  if (queue != NULL && queue->kind == IL_OBJECT_KIND_QUEUE)
    {
      ((IlObjectState *)queue->mine)->holds_tasks = TRUE;
      atomic_store_explicit (&queue->lane->holds_tasks, TRUE, memory_order_relaxed);
    }
}

/**
 * il_timeline_builder_add_object:
 * @builder: a builder
 * @object: its number, 1 to %IL_RECORD_OBJECT_MAX
 * @kind: what it is
 * @name: shown to the user; copied
 * @parameter: see IlObjectKind in il-event.h; of a kind of tasks the number of their queue, or 0
 *
 * Declares an object before the first record that names it.  All but kinds of tasks and titles get
 * a lane,
 * which takes the next lane's number.
 *
 * Returns: FALSE where the number is out of range or taken, or there is no such kind
 */
gboolean
il_timeline_builder_add_object (IlTimelineBuilder *builder, guint32 object,
                                IlTimelineObjectKind kind, const char *name, guint64 parameter)
{
  IlTimelineObjectInfo info = { kind, name, parameter };
  IlTimelineObject *made;
  IlObjectState *state;

  if (object == 0 || object > IL_RECORD_OBJECT_MAX || kind < IL_OBJECT_KIND_LOCK
      || kind >= IL_N_OBJECT_KINDS_KNOWN
      || il_timeline_find_object (builder->timeline, object) != NULL)
    return FALSE;

  made = il_timeline_add_object (builder->timeline, object, &info);
  if (made->lane != NULL)
    add_slot (builder, made->lane);
  state = g_new0 (IlObjectState, 1);
  g_ptr_array_add (builder->objects, state);
  il_object_state_init (builder, state, made);
  if (kind == IL_OBJECT_KIND_TASK)
    note_queue_of_tasks (builder, made);
  return TRUE;
}

/**
 * il_timeline_builder_rename_object:
 * @builder: a builder
 * @object: of one that has a lane
 * @name: copied
 *
 * Gives an object the name that was found for it meanwhile.
 *
 * Returns: FALSE where there is no such object, or it has no lane
 */
gboolean
il_timeline_builder_rename_object (IlTimelineBuilder *builder, guint32 object, const char *name)
{
  const IlTimelineObject *found = il_timeline_find_object (builder->timeline, object);
  IlLaneInfo info;

  if (found == NULL || found->lane == NULL)
    return FALSE;
  info = *il_lane_get_info (found->lane);
  info.name = name;
  il_timeline_claim_lane (builder->timeline, found->lane, &info);
  return TRUE;
}

IlThread *
il_builder_get_thread (IlTimelineBuilder *builder, guint32 lane_plus_1)
{
  if (lane_plus_1 == 0 || lane_plus_1 > builder->slots->len)
    return NULL;
  return g_array_index (builder->slots, IlSlot, lane_plus_1 - 1).thread;
}

/* A thread's lane + 1 from a record, or 0 where there is no such lane. */
guint32
il_builder_check_lane (IlTimelineBuilder *builder, guint32 lane_plus_1)
{
  if (lane_plus_1 == 0 || il_builder_get_thread (builder, lane_plus_1) != NULL)
    return lane_plus_1;
  il_builder_contradiction (builder);
  return 0;
}

IlCore *
il_builder_get_core (IlTimelineBuilder *builder, guint32 number)
{
  return number < builder->cores->len ? g_ptr_array_index (builder->cores, number) : NULL;
}

/* A millisecond begins that has records. */
static void
begin_count (IlTimelineBuilder *builder, guint64 n_before)
{
  IlLog *log = &builder->timeline->record_counts;
  gsize length = atomic_load_explicit (&log->length, memory_order_relaxed);
  const IlRecordCount count
      = { builder->now_ns / IL_RECORD_COUNT_NS * IL_RECORD_COUNT_NS, n_before };

  IL_COLUMN_PUT (&log->rows, IlRecordCount, length) = count;
  il_log_publish (log);
  builder->next_count_ns = count.begin_ns + IL_RECORD_COUNT_NS;
}

/**
 * il_timeline_builder_add_batch:
 * @builder: a builder
 * @batch: sealed; not before the last one
 *
 * Lets the timeline grow by a batch.  A record that is earlier than what is known already is taken
 * as happening at the last moment known, one that is later than the batch as happening at its end.
 */
void
il_timeline_builder_add_batch (IlTimelineBuilder *builder, const IlBatch *batch)
{
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (batch);
  gint64 end_ns = MAX (il_batch_get_end (batch), builder->now_ns);
  guint64 n_records
      = atomic_load_explicit (&builder->timeline->totals.n_records, memory_order_relaxed);
  const IlRecord *record;
  guint32 lane;

  end_ns = MAX (end_ns, il_timeline_get_end (builder->timeline));
  while (il_batch_iter_next (iter, &lane, &record))
    {
      IlSlot slot = { NULL, NULL };

      builder->now_ns = CLAMP (record->time_ns, builder->now_ns, end_ns);
      if (builder->now_ns >= builder->next_count_ns)
        begin_count (builder, n_records);
      n_records++;
      if (lane < builder->slots->len)
        slot = g_array_index (builder->slots, IlSlot, lane);
      if (slot.thread != NULL)
        il_thread_handle (&(IlStep){ builder, slot.thread, record, builder->now_ns });
      else if (slot.core != NULL)
        il_core_handle (builder, slot.core, record, builder->now_ns);
      else
        il_builder_contradiction (builder);
    }
  il_total_add (&builder->timeline->totals.n_records, il_batch_get_n_records (batch));
  /* Else its next record ends that, in whichever batch: live and replayed they are others. */
  if (builder->told != NULL && !builder->told_by->is_scheduled)
    il_object_end_telling (builder);
  wake_sleepers (builder, end_ns);
  bury (builder, end_ns - LEAVING_LIMIT_NS);
  il_timeline_set_end (builder->timeline, end_ns);
  if (builder->timeline->observer != NULL)
    builder->timeline->observer (batch, builder->timeline->observer_data);
}
