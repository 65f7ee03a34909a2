/* il-timeline-builder-task.c - what records say of tasks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

/* A number may run ahead of the records seen so far by that much, and by so many for each of them,
 * so that memory stays in proportion to the input whatever numbers it claims. */
#define TASKS_AHEAD (1 << 20)
#define TASKS_PER_RECORD 8

static IlTaskRow *
get_task (const IlStep *step)
{
  IlTimelineBuilder *builder = step->builder;
  gsize limit = TASKS_AHEAD + (gsize)(++builder->n_task_records * TASKS_PER_RECORD);
  guint32 number = step->record->value & ~IL_RECORD_WOKE;
  IlTaskRow *task = il_timeline_ensure_task (builder->timeline, number, limit);

  if (task == NULL)
    il_builder_contradiction (builder);
  return task;
}

/* The queue that tasks of a kind wait in; NULL: none. */
static IlObjectState *
get_queue_of_kind (const IlStep *step, guint32 kind)
{
  IlTimeline *timeline = step->builder->timeline;
  const IlTimelineObject *object = il_timeline_find_object (timeline, kind);
  const IlTimelineObject *queue;

  if (object == NULL || object->kind != IL_OBJECT_KIND_TASK || object->parameter == 0
      || object->parameter > IL_RECORD_OBJECT_MAX)
    return NULL;
  queue = il_timeline_find_object (timeline, (guint32)object->parameter);
  return queue != NULL && queue->kind == IL_OBJECT_KIND_QUEUE ? queue->mine : NULL;
}

/* The queue of the kind of task that a record of a submission or a begin is about. */
IlObjectState *
il_task_get_queue (const IlStep *step)
{
  return get_queue_of_kind (step, step->record->object);
}

static void
enter_queue (const IlStep *step)
{
  IlObjectState *queue = il_task_get_queue (step);

  if (queue == NULL)
    return;
  il_series_append (queue->object->lane->level, step->now_ns, ++queue->depth, 0);
  il_log_add_time (&queue->object->lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], step->now_ns);
  if ((step->record->value & IL_RECORD_WOKE) != 0)
    il_object_add_wake (queue, IL_WAKES_TAKERS, step->now_ns);
}

static void
take_from_queue (const IlStep *step, IlObjectState *queue)
{
  if (queue == NULL || queue->depth == 0)
    return;
  il_series_append (queue->object->lane->level, step->now_ns, --queue->depth, 0);
  il_log_add_time (&queue->object->lane->counts[IL_COUNT_GETS], step->now_ns);
}

/* It waits no more, if it did: whoever begins a task anew after a death takes it from no queue. */
static void
leave_queue (const IlStep *step, const IlTaskRow *task)
{
  guint32 kind = atomic_load_explicit (&task->kind_object, memory_order_relaxed);

  if (atomic_load_explicit (&task->submit_ns, memory_order_relaxed) < 0
      || atomic_load_explicit (&task->begin_ns, memory_order_relaxed) >= 0)
    return;
  take_from_queue (step, get_queue_of_kind (step, kind));
}

static void
set_begin (const IlStep *step, IlTaskRow *task)
{
  atomic_store_explicit (&task->worker_plus_1, il_thread_plus_1 (step->thread),
                         memory_order_relaxed);
  atomic_store_explicit (&task->begin_ns, step->now_ns, memory_order_release); /* [T] */
}

/* Of one that was in no queue the begin is known already, by the record of its submission. */
static gboolean
begins_again (const IlStep *step, const IlTaskRow *task)
{
  gint64 begin_ns = atomic_load_explicit (&task->begin_ns, memory_order_relaxed);

  return begin_ns >= 0
         && (begin_ns != step->now_ns
             || atomic_load_explicit (&task->worker_plus_1, memory_order_relaxed)
                    != il_thread_plus_1 (step->thread));
}

void
il_task_submitted (const IlStep *step)
{
  IlTaskRow *task = get_task (step);

  if (task == NULL)
    return;
  if (atomic_load_explicit (&task->submit_ns, memory_order_relaxed) >= 0)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  atomic_store_explicit (&task->kind_object, step->record->object, memory_order_relaxed);
  atomic_store_explicit (&task->submit_ns, step->now_ns, memory_order_release); /* [T] */
  il_total_add (&step->builder->timeline->totals.n_submitted, 1);
  if (step->record->kind == IL_RECORD_TASK_DIRECT)
    {
      set_begin (step, task);
      return;
    }
  enter_queue (step);
  /* Of two records of one moment the begin may come first. */
  if (atomic_load_explicit (&task->begin_ns, memory_order_relaxed) >= 0)
    take_from_queue (step, il_task_get_queue (step));
}

void
il_task_begun (const IlStep *step)
{
  IlTaskRow *task = get_task (step);

  if (task == NULL)
    return;
  if (atomic_load_explicit (&task->outcome, memory_order_relaxed) != IL_TASK_OUTCOME_PENDING)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  leave_queue (step, task);
  if (begins_again (step, task))
    il_log_add_time (&step->builder->timeline->tasks_run_again, step->now_ns);
  atomic_store_explicit (&task->kind_object, step->record->object, memory_order_relaxed);
  set_begin (step, task);
}

/* A task has one outcome; the first one said counts. */
static void
set_outcome (const IlStep *step)
{
  IlTimeline *timeline = step->builder->timeline;
  IlTaskRow *task = get_task (step);
  guint32 outcome = step->record->object;

  if (task == NULL)
    return;
  if (outcome >= IL_TASK_OUTCOME_PENDING
      || atomic_load_explicit (&task->outcome, memory_order_relaxed) != IL_TASK_OUTCOME_PENDING)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  leave_queue (step, task);
  atomic_store_explicit (&task->end_ns, step->now_ns, memory_order_release); /* [T] */
  atomic_store_explicit (&task->outcome, outcome, memory_order_release);     /* [T] */
  il_total_add (&timeline->totals.n_outcomes[outcome], 1);
  if (outcome == IL_TASK_OUTCOME_DONE)
    il_log_add_time (&timeline->tasks_done, step->now_ns);
}

void
il_task_ended (const IlStep *step)
{
  set_outcome (step);
  il_log_add_time (&step->thread->lane->counts[IL_COUNT_TASKS], step->now_ns);
}

/* One that had begun was cut off, at the latest now. */
void
il_task_dropped (const IlStep *step)
{
  set_outcome (step);
}
