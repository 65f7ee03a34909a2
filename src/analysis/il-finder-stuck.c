/* il-finder-stuck.c - runs that come to nothing without a cycle, tasks that do, and those that
 * crash as told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who waits at a barrier, for an event or for an item waits for nobody in particular: that nobody
 * is left who could come cannot be seen from the waits alone.  The engine sees it, and says so in
 * the record, see look_for_stuck() of the pool.  Then all who wait inside of tasks wait for ever,
 * and what they lack follows from what they wait for.
 */

#include "config.h"

#include "il-finder-private.h"

static gboolean
is_about_items (IlRecordKind kind)
{
  return kind == IL_RECORD_PUT_WAIT || kind == IL_RECORD_GET_WAIT || kind == IL_RECORD_SEND_WAIT
         || kind == IL_RECORD_RECEIVE_WAIT;
}

/* Whether the wait is told of: who waits for a task does not lack anything, and who waits for those
 * that it spawned lacks what they lack; a lock that a thread ended with is told of as such. */
static gboolean
is_told (IlFinder *self, const IlFinderThread *thread)
{
  return thread->object != 0 && !il_finder_is_left (il_finder_get_object (self, thread->object))
         && !thread->is_stuck && !thread->joins
         && (!is_about_items (thread->wait_kind) || thread->task_kinds->len > 0);
}

static gint
compare_threads (gconstpointer a, gconstpointer b)
{
  const IlFinderThread *left = *(IlFinderThread *const *)a;
  const IlFinderThread *right = *(IlFinderThread *const *)b;

  if (left->object != right->object)
    return left->object < right->object ? -1 : 1;
  if (left->wait_ns != right->wait_ns)
    return left->wait_ns < right->wait_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

/* The kind of the task that the thread is in; 0: in none. */
guint32
il_finder_get_task_kind (const IlFinderThread *thread)
{
  guint n = thread->task_kinds->len;

  return n > 0 ? g_array_index (thread->task_kinds, guint32, n - 1) : 0;
}

static IlFinderPart
make_part (const IlFinderThread *thread)
{
  return (IlFinderPart){
    .lane = thread->lane,
    .wanted = thread->object,
    .wanted_ns = thread->wait_ns,
    .wait_kind = thread->wait_kind,
    .writes = thread->writes,
    .task_kind = il_finder_get_task_kind (thread),
  };
}

/* Who reads and wants to read once more does not wait for itself, but for a writer that waits for
 * it to have done. */
static void
note_own (IlFinderPart *part, const IlFinderThread *thread)
{
  const IlFinderHold *hold = thread->wait_kind == IL_RECORD_RW_WAIT
                                 ? il_finder_find_hold (thread, thread->object)
                                 : NULL;

  if (hold == NULL)
    return;
  part->held = thread->object;
  part->held_ns = hold->since_ns;
  part->is_older = hold->is_older;
  part->reads = !hold->excludes;
}

static void
add_part (IlFound *found, const IlFinderThread *thread)
{
  found->n_others++;
  found->from_ns = MAX (found->from_ns, thread->wait_ns);
  found->awaits_post = found->awaits_post || (thread->inside_ns >= 0 && thread->awaits_post);
  if (found->n_parts == IL_FINDER_MAX_PARTS)
    return;
  found->parts[found->n_parts] = make_part (thread);
  note_own (&found->parts[found->n_parts++], thread);
}

/* Who has what the others want may wait for what only they could bring: at the join of a task that
 * spawned theirs, say.  That is no cycle of holders. */
static void
add_holder (IlFinder *self, IlFound *found)
{
  const IlFinderObject *object = il_finder_get_object (self, found->object);

  for (guint i = 0; i < object->holders->len && !found->has_holder; i++)
    {
      const IlFinderHold *hold;
      guint32 lane = g_array_index (object->holders, guint32, i);
      const IlFinderThread *holder = il_finder_get_thread (self, lane);

      if (holder->object == 0 || holder->object == found->object)
        continue;
      found->has_holder = TRUE;
      found->holder = make_part (holder);
      found->holder.held = found->object;
      hold = il_finder_find_hold (holder, found->object);
      found->holder.held_ns = hold->since_ns;
      found->holder.is_older = hold->is_older;
    }
}

/* How many tasks wait for a worker now.  The queues are up to date: the builder has seen the batch
 * that we see. */
static guint
count_pending (const IlFinder *self)
{
  guint n = 0;

  for (guint i = 0; i < il_timeline_get_n_lanes (self->timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (self->timeline, i);
      IlSpan depth;

      if (il_lane_get_info (lane)->kind == IL_LANE_QUEUE && il_lane_holds_tasks (lane)
          && il_series_find (il_lane_get_level (lane), self->now_ns, self->now_ns + 1, NULL,
                             &depth))
        n += depth.code;
    }
  return n;
}

/* Nobody is left who could go on: tells for each thing who waits for it, but what a deadlock
 * explains.  @hang: of a program that is not ours which time it is that this is so; else 0 */
void
il_finder_found_stuck (IlFinder *self, guint hang)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new ();
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (IlFound));
  guint n_pending = count_pending (self);
  GHashTableIter iter;
  gpointer value;

  il_finder_mark_stuck (self);
  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (is_told (self, value))
      g_ptr_array_add (waiting, value);
  g_ptr_array_sort (waiting, compare_threads);

  for (guint i = 0; i < waiting->len;)
    {
      guint32 object = ((IlFinderThread *)g_ptr_array_index (waiting, i))->object;
      IlFound found = { .kind = IL_FINDING_STUCK,
                        .key = object,
                        .object = object,
                        .goes_on = TRUE,
                        .count = 1,
                        .n_pending = n_pending,
                        .hang = hang,
                        .to_ns = self->now_ns };

      for (; i < waiting->len; i++)
        {
          const IlFinderThread *thread = g_ptr_array_index (waiting, i);

          if (thread->object != object)
            break;
          add_part (&found, thread);
        }
      add_holder (self, &found);
      if (found.parts[0].wait_kind == IL_RECORD_RW_WAIT && found.parts[0].task_kind == 0)
        found.n_readers = il_finder_get_object (self, object)->n_inside;
      g_array_append_val (all, found);
    }
  il_finder_report_all (self, (const IlFound *)(gpointer)all->data, all->len);
}

/* The thread's task makes the whole program die, as it is to. */
void
il_finder_found_crash (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  const IlFound found = {
    .kind = IL_FINDING_CRASH,
    .from_ns = self->now_ns,
    .to_ns = self->now_ns,
    .count = 1,
    .n_others = IL_RECORD_CRASH_LINE (record->value),
    .n_parts = 1,
    .parts = { { .lane = thread->lane, .task_kind = record->object } },
  };

  if ((record->value & IL_RECORD_ENDS_ALL) != 0)
    il_finder_report (self, &found);
}

/* Its task is cancelled.  Those of one kind at the same step are told together. */
void
il_finder_found_forsaken (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, record->object);
  gboolean is_channel = lane != NULL && il_lane_get_info (lane)->kind == IL_LANE_CHANNEL;
  gboolean gives = (record->value & IL_RECORD_GIVES) != 0;
  guint32 line = record->value & ~IL_RECORD_GIVES & 0xffffu;
  guint32 task_kind = thread->task_kinds->len > 0
                          ? g_array_index (thread->task_kinds, guint32, thread->task_kinds->len - 1)
                          : 0;
  const IlFound found = {
    .kind = IL_FINDING_FORSAKEN,
    .key = (guint64)record->object << 40 | (guint64)line << 24 | task_kind,
    .object = record->object,
    .from_ns = thread->cancelled == record->object ? thread->wait_ns : self->now_ns,
    .to_ns = self->now_ns,
    .count = 1,
    .n_others = line,
    .n_parts = 1,
    .parts = { { .lane = thread->lane,
                 .wanted = record->object,
                 .wait_kind = gives ? (is_channel ? IL_RECORD_SEND_WAIT : IL_RECORD_PUT_WAIT)
                                    : (is_channel ? IL_RECORD_RECEIVE_WAIT : IL_RECORD_GET_WAIT),
                 .task_kind = task_kind } },
  };

  il_finder_report (self, &found);
}

/* Whoever runs the tasks of the dead next is not the first to do so. */
void
il_finder_note_lost (IlFinder *self, IlFinderThread *dead)
{
  if (dead->attempts->len > 0)
    g_array_append_vals (self->attempts, dead->attempts->data, dead->attempts->len);
  g_array_set_size (dead->attempts, 0);
  g_array_set_size (dead->task_kinds, 0);
}

/* The task is over. */
void
il_finder_forget_attempts (IlFinder *self, guint32 task)
{
  for (guint i = self->attempts->len; i-- > 0;)
    if (g_array_index (self->attempts, IlFinderAttempt, i).task == task)
      g_array_remove_index (self->attempts, i);
}

/* The supervisor will not have a task tried again; which one it says next. */
void
il_finder_found_given_up (IlFinderThread *thread, const IlRecord *record)
{
  thread->given_up = record->object;
  thread->n_tries = record->value;
}

/* A task will not be run, or not again.  If it is the one that was just given up, it was tried from
 * the first attempt on, by all who died in it.  Those of one kind are told together. */
void
il_finder_found_dropped (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  IlFound found = {
    .kind = IL_FINDING_GIVEN_UP,
    .key = thread->given_up,
    .from_ns = self->now_ns,
    .to_ns = self->now_ns,
    .count = 1,
    .n_others = thread->n_tries,
    .n_parts = 1,
    .parts = { { .lane = thread->lost_plus_1 > 0 ? thread->lost_plus_1 - 1 : thread->lane,
                 .task_kind = thread->given_up } },
  };
  guint n_parts = 0;

  for (guint i = 0; i < self->attempts->len && n_parts < IL_FINDER_MAX_PARTS; i++)
    {
      const IlFinderAttempt *attempt = &g_array_index (self->attempts, IlFinderAttempt, i);

      if (attempt->task != record->value)
        continue;
      found.from_ns = MIN (found.from_ns, attempt->begin_ns);
      found.parts[n_parts++]
          = (IlFinderPart){ .lane = attempt->lane, .task_kind = thread->given_up };
    }
  found.n_parts = MAX (n_parts, 1);
  if (thread->given_up != 0)
    il_finder_report (self, &found);
  thread->given_up = 0;
  il_finder_forget_attempts (self, record->value);
}
