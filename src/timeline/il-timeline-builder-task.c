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
  IlTaskRow *task = il_timeline_ensure_task (builder->timeline, step->record->value, limit);

  if (task == NULL)
    il_builder_contradiction (builder);
  return task;
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
  atomic_store_explicit (&task->kind_object, step->record->object, memory_order_relaxed);
  atomic_store_explicit (&task->worker_plus_1, il_thread_plus_1 (step->thread),
                         memory_order_relaxed);
  atomic_store_explicit (&task->begin_ns, step->now_ns, memory_order_release); /* [T] */
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
