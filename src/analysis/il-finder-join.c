/* il-finder-join.c - whom a task waits for that waits for those that it spawned
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who waits at a join waits for each task that its innermost task spawned, and so for the threads
 * that run these: with whatever they do on top of that, since they are back at it only then.  A
 * task that nobody has begun is not waited for in this sense: somebody may take it yet.
 */

#include "config.h"

#include "il-finder-private.h"

typedef struct
{
  guint32 number; /* of the task */
  guint depth;    /* how many tasks its parent's thread was in */
  gint64 time_ns; /* when it was spawned */
} Child;

/* Whether the record is of the wait for what the thread's task spawned. */
gboolean
il_finder_is_join (const IlFinder *self, const IlRecord *record)
{
  const IlLane *lane = record->kind == IL_RECORD_FLAG_WAIT
                           ? il_timeline_get_object_lane (self->timeline, record->object)
                           : NULL;

  return lane != NULL && il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_JOIN;
}

/* The thread spawns a task, if it is in one itself. */
void
il_finder_note_spawn (IlFinderThread *thread, const IlRecord *record)
{
  const Child child = { record->value & ~IL_RECORD_WOKE, thread->task_kinds->len, record->time_ns };

  if (child.depth == 0)
    return;
  if (thread->children == NULL)
    thread->children = g_array_new (FALSE, FALSE, sizeof (Child));
  g_array_append_val (thread->children, child);
}

static const Child *
find_child (const IlFinderThread *thread, guint32 task)
{
  for (guint i = 0; thread->children != NULL && i < thread->children->len; i++)
    if (g_array_index (thread->children, Child, i).number == task)
      return &g_array_index (thread->children, Child, i);
  return NULL;
}

/**
 * il_finder_find_parent:
 * @depth: (inout): which of the tasks that @thread is in, one inside the other, from 1; then how
 *   deep in its own thread the one is that spawned it
 * @spawned_ns: (out): when it did
 *
 * Returns: (nullable): the thread that is in the task that spawned this one
 */
const IlFinderThread *
il_finder_find_parent (IlFinder *self, const IlFinderThread *thread, guint *depth,
                       gint64 *spawned_ns)
{
  GHashTableIter iter;
  gpointer value;
  guint32 task;

  if (*depth == 0 || *depth > thread->attempts->len)
    return NULL;
  task = g_array_index (thread->attempts, IlFinderAttempt, *depth - 1).task;
  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Child *child = find_child (value, task);

      if (child == NULL)
        continue;
      *depth = child->depth;
      *spawned_ns = child->time_ns;
      return value;
    }
  return NULL;
}

/* Nobody waits any more for those that were spawned within so many tasks, or more. */
void
il_finder_forget_children (IlFinderThread *thread, guint depth)
{
  guint n = thread->children != NULL ? thread->children->len : 0;

  while (n > 0 && g_array_index (thread->children, Child, n - 1).depth >= depth)
    n--;
  if (thread->children != NULL)
    g_array_set_size (thread->children, n);
}

/* The timeline may know more than has happened up to now. */
static gboolean
is_settled (const IlFinder *self, const IlTask *task)
{
  return task->outcome != IL_TASK_OUTCOME_PENDING && task->end_ns <= self->now_ns;
}

/* Whether the task is being run now, and by another. */
static gboolean
is_run_by_other (const IlFinder *self, const IlFinderThread *thread, const IlTask *task)
{
  return task->begin_ns >= 0 && task->begin_ns <= self->now_ns && task->worker_plus_1 != 0
         && task->worker_plus_1 != thread->lane + 1 && !is_settled (self, task);
}

/* Finds out who runs what a thread at a join waits for, and forgets what is settled. */
void
il_finder_find_runners (IlFinder *self, IlFinderThread *thread)
{
  guint n_kept = 0, n = thread->children != NULL ? thread->children->len : 0;

  g_array_set_size (thread->runners, 0);
  for (guint i = 0; i < n; i++)
    {
      Child child = g_array_index (thread->children, Child, i);
      guint32 lane;
      IlTask task;

      if (!il_timeline_get_task (self->timeline, child.number, &task) || is_settled (self, &task))
        continue;
      g_array_index (thread->children, Child, n_kept++) = child;
      lane = task.worker_plus_1 - 1;
      if (child.depth == thread->task_kinds->len && is_run_by_other (self, thread, &task))
        g_array_append_val (thread->runners, lane);
    }
  if (n > 0)
    g_array_set_size (thread->children, n_kept);
}

/* Which task it is that a thread at a join waits for, and that another runs.  FALSE: none. */
gboolean
il_finder_find_awaited (IlFinder *self, const IlFinderThread *thread, guint32 runner, IlTask *task)
{
  for (guint i = 0; thread->children != NULL && i < thread->children->len; i++)
    {
      const Child *child = &g_array_index (thread->children, Child, i);

      if (child->depth == thread->task_kinds->len
          && il_timeline_get_task (self->timeline, child->number, task)
          && is_run_by_other (self, thread, task) && task->worker_plus_1 == runner + 1)
        return TRUE;
    }
  return FALSE;
}
