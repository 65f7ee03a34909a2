/* il-finder-deadlock.c - cycles in the wait-for graph
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A thread that waits for a lock waits for each of its holders (the AND model); one that waits for
 * a unit of a semaphore waits for any of them (the OR model).  See Knapp, "Deadlock detection in
 * distributed databases", ACM Computing Surveys 19(4), 1987.  Whoever may still go on is taken out
 * of those who wait until nothing changes: the rest is stuck for ever, and whoever among them waits
 * for the next in turn is on a cycle.  Who waits at a join waits for all who run what it spawned,
 * see il-finder-join.c, or for the thread that is to end.  What only others could signal (events,
 * conditions, barriers) is not held by anybody, so that nobody is taken for stuck there.
 */

#include "config.h"

#include "il-finder-private.h"

#define HELD_UP_NS G_GINT64_CONSTANT (1000000) /* less is nobody's trouble */

static gboolean
waits_for_others (const IlFinderThread *thread)
{
  if (thread->joined_plus_1 != 0)
    return TRUE;
  return thread->object != 0
         && (thread->wait_kind == IL_RECORD_LOCK_WAIT || thread->wait_kind == IL_RECORD_RW_WAIT
             || thread->wait_kind == IL_RECORD_SEM_WAIT || thread->joins);
}

/* Lanes of those whom a thread waits for. */
static const GArray *
get_awaited (IlFinder *self, const IlFinderThread *thread)
{
  return thread->joins ? thread->runners : il_finder_get_object (self, thread->object)->holders;
}

/* Whether one of those keeps the thread waiting.  Who waits to read waits for who writes: in a
 * program it may have got the lock already, beside other readers, and not have said so. */
static gboolean
is_in_the_way (IlFinder *self, const IlFinderThread *thread, const IlFinderThread *holder)
{
  const IlFinderHold *hold;

  if (thread->joins || thread->wait_kind != IL_RECORD_RW_WAIT || thread->writes
      || il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->role
             != IL_LANE_ROLE_THREAD)
    return TRUE;
  hold = il_finder_find_hold (holder, thread->object);
  return hold != NULL && hold->excludes;
}

static IlFinderThread *
get_one (IlFinder *self, const GArray *lanes, guint i)
{
  return il_finder_get_thread (self, g_array_index (lanes, guint32, i));
}

/* Whether a thread that is taken for stuck may yet go on, if those who took something give it
 * back. */
static gboolean
may_go_on (IlFinder *self, const IlFinderThread *thread)
{
  const GArray *awaited = get_awaited (self, thread);
  guint n_stuck = 0;

  if ((thread->is_timed && !self->is_patient)
      || (!thread->joins && il_finder_get_object (self, thread->object)->is_signal))
    return TRUE;
  for (guint i = 0; i < awaited->len; i++)
    {
      const IlFinderThread *one = get_one (self, awaited, i);

      n_stuck += one->is_stuck && is_in_the_way (self, thread, one);
    }
  return thread->wait_kind == IL_RECORD_SEM_WAIT ? n_stuck < awaited->len || n_stuck == 0
                                                 : n_stuck == 0;
}

/* Whether others than those who took what it waits for may yet give that back. */
static gboolean
may_be_helped (IlFinder *self, const IlFinderThread *thread)
{
  return il_finder_wants_patience (self, thread) && !il_finder_has_lost_patience (self, thread);
}

/* Takes those out who may go on, and who may then, until nothing changes. */
static void
reduce (IlFinder *self, GPtrArray *stuck)
{
  for (gboolean has_changed = TRUE; has_changed;)
    {
      has_changed = FALSE;
      for (guint i = stuck->len; i-- > 0;)
        {
          IlFinderThread *thread = g_ptr_array_index (stuck, i);

          if (thread->is_stuck && !may_go_on (self, thread))
            continue;
          thread->is_stuck = FALSE;
          g_ptr_array_remove_index_fast (stuck, i);
          has_changed = TRUE;
        }
    }
}

/* Of those who are left, whoever may be helped is out, and who waits for these.  That is asked
 * last: it takes a look at all threads, and mostly there is nobody to ask it of. */
static void
reduce_helped (IlFinder *self, GPtrArray *stuck)
{
  for (guint i = 0; i < stuck->len && !self->is_ending; i++)
    ((IlFinderThread *)g_ptr_array_index (stuck, i))->is_doubted = TRUE;
  for (guint i = 0; i < stuck->len; i++)
    {
      IlFinderThread *thread = g_ptr_array_index (stuck, i);

      thread->is_stuck = !may_be_helped (self, thread);
    }
  reduce (self, stuck);
  for (guint i = 0; i < stuck->len && !self->is_ending; i++)
    ((IlFinderThread *)g_ptr_array_index (stuck, i))->is_doubted = FALSE;
}

/* Marks those who are stuck for ever; FALSE if there are none. */
static gboolean
mark_stuck (IlFinder *self, GPtrArray *stuck)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IlFinderThread *thread = value;

      thread->is_stuck = waits_for_others (thread);
      if (!self->is_patient && !self->is_ending)
        thread->is_doubted = FALSE;
      if (thread->joins && thread->joined_plus_1 == 0)
        il_finder_find_runners (self, thread);
      if (thread->is_stuck)
        g_ptr_array_add (stuck, thread);
    }
  reduce (self, stuck);
  if (!self->is_patient)
    reduce_helped (self, stuck);
  return stuck->len > 0;
}

static IlFinderThread *
get_stuck_one (IlFinder *self, const IlFinderThread *thread)
{
  const GArray *awaited = get_awaited (self, thread);

  for (guint i = 0; i < awaited->len; i++)
    {
      IlFinderThread *one = get_one (self, awaited, i);

      if (one->is_stuck && is_in_the_way (self, thread, one))
        return one;
    }
  return NULL;
}

static gboolean
is_rwlock (IlFinder *self, guint32 object)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object);

  return lane != NULL && il_lane_get_info (lane)->kind == IL_LANE_RWLOCK;
}

/* Since when the thread has what its part of the cycle says that it holds. */
static void
date_hold (IlFinder *self, IlFinderPart *part)
{
  const IlFinderHold *hold
      = il_finder_find_hold (il_finder_get_thread (self, part->lane), part->held);

  part->held_ns = hold != NULL ? hold->since_ns : 0;
  part->is_older = hold != NULL && hold->is_older;
  part->reads = hold != NULL && !hold->excludes && is_rwlock (self, part->held);
}

/* A worker that waits at a join runs other tasks meanwhile: the kind of the one that took what the
 * innermost wants; 0 where that is the innermost itself. */
static guint32
get_holder_kind (const IlFinderThread *thread, guint32 object)
{
  const IlFinderHold *hold = il_finder_find_hold (thread, object);

  if (hold == NULL || hold->depth == 0 || hold->depth >= thread->task_kinds->len)
    return 0;
  return g_array_index (thread->task_kinds, guint32, hold->depth - 1);
}

/* The same whoever of the cycle is looked at first. */
static guint64
get_key (const IlFound *found)
{
  guint64 key = 0;

  for (guint i = 0; i < found->n_parts; i++)
    key += ((guint64)found->parts[i].lane << 32 | found->parts[i].wanted)
           * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  return key;
}

/* Several hold one thing and each wants more of it, as readers do who all want to write: each waits
 * for all others, and a walk from holder to holder would name but some.  FALSE: it is not so. */
static gboolean
report_holders (IlFinder *self, const IlFinderThread *thread)
{
  const IlFinderObject *object;
  IlFound found = { .kind = IL_FINDING_DEADLOCK, .goes_on = TRUE, .count = 1 };

  if (thread->object == 0 || il_finder_find_hold (thread, thread->object) == NULL)
    return FALSE;
  object = il_finder_get_object (self, thread->object);
  for (guint i = 0; i < object->holders->len && found.n_parts < IL_FINDER_MAX_PARTS; i++)
    {
      const IlFinderThread *holder = get_one (self, object->holders, i);

      if (!holder->is_stuck || holder->object != thread->object)
        continue;
      found.from_ns = MAX (found.from_ns, holder->wait_ns);
      found.parts[found.n_parts++] = (IlFinderPart){
        .lane = holder->lane,
        .held = thread->object,
        .wanted = thread->object,
        .wanted_ns = holder->wait_ns,
        .wait_kind = holder->wait_kind,
        .writes = holder->writes,
      };
      date_hold (self, &found.parts[found.n_parts - 1]);
    }
  if (found.n_parts < 2)
    return FALSE;
  found.to_ns = self->now_ns;
  found.key = get_key (&found);
  il_finder_report (self, &found);
  return TRUE;
}

/* Each has what the one before it wants, or runs the task that it waits for. */
static void
tell_holds (IlFinder *self, IlFound *found)
{
  for (guint i = 0; i < found->n_parts; i++)
    {
      IlFinderPart *part = &found->parts[i];
      const IlFinderPart *before = &found->parts[(i + found->n_parts - 1) % found->n_parts];
      const IlFinderThread *waiting = il_finder_get_thread (self, before->lane);
      IlTask task;

      part->held = before->wanted;
      part->is_joined = waiting->joined_plus_1 != 0;
      if (part->is_joined)
        continue;
      if (!waiting->joins)
        date_hold (self, part);
      else if (il_finder_find_awaited (self, waiting, part->lane, &task))
        {
          part->runs = task.kind_object;
          part->held_ns = task.begin_ns;
        }
    }
}

/* Tells all of the cycle that a thread is on.  FALSE: it is on none. */
static gboolean
tell_cycle (IlFinder *self, IlFinderThread *first, IlFound *found)
{
  IlFinderThread *thread = first;
  guint n = 0;

  do
    {
      IlFinderThread *next = get_stuck_one (self, thread);

      if (next == NULL || n++ > g_hash_table_size (self->threads))
        return FALSE;
      if (found->n_parts < IL_FINDER_MAX_PARTS)
        found->parts[found->n_parts++] = (IlFinderPart){
          .lane = thread->lane,
          .wanted = thread->object,
          .wanted_ns = thread->wait_ns,
          .wait_kind = thread->wait_kind,
          .writes = thread->writes,
          .task_kind = il_finder_get_task_kind (thread),
          .holder_kind = next == thread ? get_holder_kind (thread, thread->object) : 0,
        };
      found->from_ns = MAX (found->from_ns, thread->wait_ns);
      thread = next;
    }
  while (thread != first);
  tell_holds (self, found);
  found->to_ns = self->now_ns;
  found->key = get_key (found);
  return TRUE;
}

/* Tells the cycle that the walk from a stuck thread ends in. */
static void
report_cycle (IlFinder *self, IlFinderThread *from)
{
  IlFound found = { .kind = IL_FINDING_DEADLOCK, .goes_on = TRUE, .count = 1 };
  IlFinderThread *first = from;

  /* After as many steps as there are stuck threads the walk is on the cycle. */
  for (guint i = 0; i < g_hash_table_size (self->threads); i++)
    {
      IlFinderThread *next = get_stuck_one (self, first);

      if (next == NULL)
        return;
      first = next;
      if (first == from)
        break;
    }
  if (!report_holders (self, first) && tell_cycle (self, first, &found))
    il_finder_report (self, &found);
}

/* Whether somebody may wait for it: for what it holds, or for its end. */
static gboolean
may_keep_others_waiting (IlFinder *self, const IlFinderThread *thread)
{
  if (self->n_joining > 0)
    return TRUE;
  for (guint i = 0; i < thread->holds->len; i++)
    if (il_finder_get_object (self, g_array_index (thread->holds, IlFinderHold, i).object)
            ->n_waiters
        > 0)
      return TRUE;
  return FALSE;
}

/**
 * il_finder_gave_up:
 *
 * Its wait is about to end without success.  If that was in time, and what it waited for was held
 * by one who waited for it in turn, all of them would have waited for ever without that.
 */
void
il_finder_gave_up (IlFinder *self, IlFinderThread *thread)
{
  g_autoptr (GPtrArray) stuck = NULL;
  IlFound found = { .kind = IL_FINDING_HELD_UP, .count = 1 };

  if (!thread->is_timed || thread->object == 0 || self->now_ns - thread->wait_ns < HELD_UP_NS
      || !waits_for_others (thread) || !may_keep_others_waiting (self, thread))
    return;
  stuck = g_ptr_array_new ();
  self->is_patient = TRUE;
  mark_stuck (self, stuck);
  self->is_patient = FALSE;
  if (!thread->is_stuck || !tell_cycle (self, thread, &found) || found.n_parts < 2)
    return;
  found.length_ns = found.to_ns - found.from_ns;
  if (found.length_ns >= HELD_UP_NS)
    il_finder_report (self, &found);
}

/* Lets each thread know whether it is stuck, by a cycle or behind one. */
void
il_finder_mark_stuck (IlFinder *self)
{
  g_autoptr (GPtrArray) stuck = g_ptr_array_new ();

  mark_stuck (self, stuck);
}

/* Threads whose waits began in this batch and go on at its end are looked at: who closed a cycle is
 * among them. */
void
il_finder_find_deadlocks (IlFinder *self)
{
  g_autoptr (GPtrArray) stuck = NULL;
  gboolean may_be = FALSE;

  for (guint i = 0; i < self->fresh->len && !may_be; i++)
    {
      const IlFinderThread *thread = g_ptr_array_index (self->fresh, i);

      may_be = waits_for_others (thread) && (thread->holds->len > 0 || self->n_joining > 0);
    }
  if (!may_be)
    return;

  stuck = g_ptr_array_new ();
  if (!mark_stuck (self, stuck))
    return;
  for (guint i = 0; i < self->fresh->len; i++)
    {
      IlFinderThread *thread = g_ptr_array_index (self->fresh, i);

      if (thread->is_stuck)
        report_cycle (self, thread);
    }
}

/**
 * il_finder_ends_in_deadlock:
 *
 * The thread is about to end.  If it waits in a circle that others might have opened, they did
 * not.
 */
void
il_finder_ends_in_deadlock (IlFinder *self, IlFinderThread *thread)
{
  g_autoptr (GPtrArray) stuck = NULL;

  if (!thread->is_doubted || !waits_for_others (thread) || il_finder_wants_own (thread))
    return;
  stuck = g_ptr_array_new ();
  self->is_ending = TRUE;
  mark_stuck (self, stuck);
  self->is_ending = FALSE;
  if (thread->is_stuck)
    report_cycle (self, thread);
}

/* A thread that no longer waits is in no deadlock, nor stuck: somebody has broken it. */
void
il_finder_end_deadlocks (IlFinder *self, const IlFinderThread *thread)
{
  gboolean has_changed = FALSE, goes_on = FALSE;

  if (!self->goes_on)
    return;
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->found->len; i++)
    {
      IlFound *found = g_ptr_array_index (self->found, i);

      for (guint j = 0; found->goes_on && j < found->n_parts; j++)
        /* Of a lock that is held for long it is another matter who goes on, see there. */
        if (found->kind != IL_FINDING_HELD_LONG && found->parts[j].lane == thread->lane)
          {
            found->goes_on = FALSE;
            found->to_ns = self->now_ns;
            has_changed = TRUE;
          }
      goes_on = goes_on || found->goes_on;
    }
  self->goes_on = goes_on;
  pthread_mutex_unlock (&self->mutex);
  if (has_changed)
    atomic_fetch_add_explicit (&self->version, 1, memory_order_release); /* [V] */
}
