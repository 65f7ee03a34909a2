/* il-finder.c - follows who holds and who waits for what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A first reading of the records, in the order of time, keeps the state of each thread and of each
 * object; the patterns are looked for in that state by the other files, each at the moment at which
 * it can first be seen.
 */

#include "config.h"

#include "il-finder-private.h"

/* Deadlocks are looked for so often in the time of the recording, whatever the batches: those of a
 * file are longer than those that were seen live, and what is found is to be the same. */
#define LOOK_EVERY_NS 10000000
#define HANG_EVERY_NS 250000000
#define MAX_NESTING 128 /* tasks within tasks of one thread: the engine has fewer */

static void
free_thread (gpointer data)
{
  IlFinderThread *thread = data;

  g_array_unref (thread->holds);
  g_array_unref (thread->task_kinds);
  g_array_unref (thread->attempts);
  g_array_unref (thread->runners);
  g_clear_pointer (&thread->children, g_array_unref);
  g_clear_pointer (&thread->ended, g_ptr_array_unref);
  g_free (thread);
}

static void
free_object (gpointer data)
{
  IlFinderObject *object = data;

  g_array_unref (object->holders);
  il_finder_serial_free (object->serial);
  il_finder_waiting_free (object->waiting);
  il_finder_phases_free (object->phases);
  g_free (object);
}

static void
finder_free (gpointer data)
{
  IlFinder *self = data;

  il_finder_order_clear (self);
  il_finder_apart_clear (self);
  g_ptr_array_unref (self->fresh);
  g_hash_table_unref (self->threads);
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->running);
  g_hash_table_unref (self->handled);
  g_array_unref (self->attempts);
  g_ptr_array_unref (self->found);
  g_array_unref (self->ends);
  pthread_mutex_destroy (&self->mutex);
  g_free (self);
}

IlFinderThread *
il_finder_get_thread (IlFinder *self, guint32 lane)
{
  IlFinderThread *thread = g_hash_table_lookup (self->threads, GUINT_TO_POINTER (lane));

  if (thread == NULL)
    {
      thread = g_new0 (IlFinderThread, 1);
      thread->lane = lane;
      thread->preempted_ns = -1;
      thread->awaits_input_ns = -1;
      thread->inside_ns = -1;
      thread->holds = g_array_new (FALSE, FALSE, sizeof (IlFinderHold));
      thread->task_kinds = g_array_new (FALSE, FALSE, sizeof (guint32));
      thread->runners = g_array_new (FALSE, FALSE, sizeof (guint32));
      thread->attempts = g_array_new (FALSE, FALSE, sizeof (IlFinderAttempt));
      g_hash_table_insert (self->threads, GUINT_TO_POINTER (lane), thread);
    }
  return thread;
}

IlFinderObject *
il_finder_get_object (IlFinder *self, guint32 number)
{
  IlFinderObject *object = g_hash_table_lookup (self->objects, GUINT_TO_POINTER (number));

  if (object == NULL)
    {
      object = g_new0 (IlFinderObject, 1);
      object->object = number;
      object->holders = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_hash_table_insert (self->objects, GUINT_TO_POINTER (number), object);
    }
  return object;
}

static void
end_join (IlFinder *self, IlFinderThread *thread)
{
  il_finder_end_deadlocks (self, thread);
  self->n_joining--;
  thread->joins = FALSE;
  thread->joined_plus_1 = 0;
  g_ptr_array_remove_fast (self->fresh, thread);
}

static void
end_wait (IlFinder *self, IlFinderThread *thread)
{
  IlFinderObject *object;

  thread->inside_ns = -1;
  if (thread->joined_plus_1 != 0)
    end_join (self, thread);
  if (thread->object == 0)
    return;
  object = il_finder_get_object (self, thread->object);
  il_finder_waited (self, thread, object);
  il_finder_end_deadlocks (self, thread);
  object->n_waiters -= object->n_waiters > 0;
  self->n_joining -= thread->joins;
  thread->joins = FALSE;
  thread->object = 0;
  g_ptr_array_remove_fast (self->fresh, thread);
}

/* What was said just before of the wait that begins. */
static void
note_nature (IlFinderThread *thread)
{
  thread->is_timed = thread->next_is_timed;
  thread->is_shared = thread->next_is_shared;
  thread->next_is_timed = thread->next_is_shared = FALSE;
}

static void
begin_wait (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);

  end_wait (self, thread);
  thread->object = record->object;
  thread->wait_kind = (IlRecordKind)record->kind;
  note_nature (thread);
  thread->wait_ns = self->now_ns;
  thread->joins = il_finder_is_join (self, record);
  self->n_joining += thread->joins;
  thread->writes = record->kind == IL_RECORD_RW_WAIT && (record->value & 1) != 0;
  thread->met_plus_1 = record->kind == IL_RECORD_LOCK_WAIT ? record->value
                       : record->kind == IL_RECORD_RW_WAIT ? record->value >> 1
                                                           : 0;
  /* It met another there: what it was taken to have itself it gave back without a word. */
  if (record->kind == IL_RECORD_LOCK_WAIT && thread->met_plus_1 != 0
      && thread->met_plus_1 != thread->lane + 1
      && il_finder_find_hold (thread, record->object) != NULL)
    il_finder_give (self, thread, record->object);
  thread->named_plus_1 = 0;
  thread->n_uses_before = object->n_uses;
  thread->n_turns_before = object->n_turns;
  object->n_waiters++;
  g_ptr_array_add (self->fresh, thread);
  il_finder_note_state (self, record);
  il_finder_note_inside (self, thread, record);
  if (record->kind == IL_RECORD_LOCK_WAIT && !thread->is_timed)
    il_finder_note_order (self, thread, record->object, TRUE, &(const IlFinderTold){ 0 });
}

/* It waits for the end of another thread, if that one is known. */
static void
begin_join (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  guint32 lane = record->value - 1;

  end_wait (self, thread);
  note_nature (thread);
  il_finder_note_inside (self, thread, record);
  if (record->value == 0 || il_timeline_get_lane (self->timeline, lane) == NULL)
    return;
  thread->wait_kind = IL_RECORD_JOIN_WAIT;
  thread->wait_ns = self->now_ns;
  thread->joins = TRUE;
  thread->joined_plus_1 = record->value;
  g_array_set_size (thread->runners, 0);
  g_array_append_val (thread->runners, lane);
  self->n_joining++;
  g_ptr_array_add (self->fresh, thread);
}

static void
begin_task (IlFinderThread *thread, const IlRecord *record)
{
  const IlFinderAttempt attempt = { record->value, thread->lane, record->time_ns };
  guint32 kind = record->object;

  if (thread->task_kinds->len >= MAX_NESTING)
    return;
  g_array_append_val (thread->task_kinds, kind);
  g_array_append_val (thread->attempts, attempt);
}

/* What a task took and did not give back it did not take to hold it; what one around it took it may
 * still give back. */
static void
end_task (IlFinder *self, IlFinderThread *thread, guint32 task)
{
  guint depth = thread->task_kinds->len;

  il_finder_forget_children (thread, depth);
  if (depth > 0)
    {
      g_array_set_size (thread->task_kinds, thread->task_kinds->len - 1);
      g_array_set_size (thread->attempts, thread->attempts->len - 1);
    }
  il_finder_forget_attempts (self, task);
  for (guint i = 0; i < thread->holds->len; i++)
    {
      const IlFinderHold *hold = &g_array_index (thread->holds, IlFinderHold, i);

      if (hold->depth >= depth)
        il_finder_note_signal (self, il_finder_get_object (self, hold->object));
    }
}

/* What it waits for and what it has is not known any more. */
static void
forget_state (IlFinder *self, IlFinderThread *thread)
{
  end_wait (self, thread);
  il_finder_forget_holds (self, thread);
}

/* All that it held is free: it is dead. */
static void
die (IlFinder *self, IlFinderThread *thread)
{
  il_finder_forget_children (thread, 0);
  il_finder_long_hold_dies (self, thread);
  forget_state (self, thread);
}

static void
count_losses (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  gboolean is_torn = record->kind == IL_RECORD_TORN_LINES;
  IlFound found = {
    .kind = is_torn ? IL_FINDING_TORN_LINES : IL_FINDING_LOST_UPDATE,
    .key = record->object,
    .from_ns = self->now_ns,
    .to_ns = self->now_ns,
    .count = is_torn ? record->value : 1,
    .worth = is_torn ? 0 : (gint32)record->value,
    .object = record->object,
    .n_parts = 1,
    .parts = { { .lane = thread->lane } },
  };

  if (found.count != 0)
    il_finder_report (self, &found);
}

static void
switch_core (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  if (record->value == IL_RECORD_NO_CORE)
    return;
  if (record->kind == IL_RECORD_SCHED_OUT)
    {
      thread->core = record->value;
      thread->preempted_ns = record->object == 1 ? self->now_ns : -1;
      return;
    }
  if (thread->preempted_ns >= 0)
    {
      thread->lost_ns += self->now_ns - thread->preempted_ns;
      il_finder_back_on_core (self, thread);
    }
  thread->preempted_ns = -1;
  thread->core = record->value;
  g_hash_table_insert (self->running, GUINT_TO_POINTER (record->value),
                       GUINT_TO_POINTER (thread->lane + 1));
}

/* The thread has, or had, the last of them under all of the others.  What it has now does not count
 * if it had them before. */
static void
note_last_nested (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  const IlFinderTold told = { .is_exact = TRUE,
                              .is_any_time = (record->value & IL_RECORD_ANY_TIME) != 0,
                              .ago = IL_RECORD_AGO (record->value) };
  GArray *now = thread->holds;
  guint n_held = now->len;

  if ((record->value & IL_RECORD_EARLIER) != 0)
    thread->holds = g_array_new (FALSE, FALSE, sizeof (IlFinderHold));
  for (guint i = 0; i < thread->n_nested; i++)
    {
      const IlRecord *outer = &thread->nested[i];
      const IlFinderHold hold = { .object = outer->object,
                                  .units = 1,
                                  .since_ns = self->now_ns,
                                  .depth = thread->task_kinds->len,
                                  .excludes = TRUE,
                                  .is_learned = (outer->value & IL_RECORD_PERHAPS) != 0 };

      if (il_finder_find_hold (thread, hold.object) == NULL)
        g_array_append_val (thread->holds, hold);
    }
  self->hears_nested = TRUE;
  il_finder_note_order (self, thread, record->object, TRUE, &told);
  if (thread->holds != now)
    g_array_unref (thread->holds);
  thread->holds = now;
  g_array_set_size (now, n_held);
}

/* A lock that the thread has without that this is said of it.  Of the last one it is known that it
 * was taken under all of the others. */
static void
note_nested (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  if (record->value == IL_RECORD_ANEW)
    {
      il_finder_forget_orders (self, record->object);
      return;
    }
  if ((record->value & IL_RECORD_PERHAPS) == 0)
    il_finder_get_object (self, record->object)->blocks = TRUE;
  if ((record->value & ~IL_RECORD_NESTED_FLAGS) > 0)
    {
      if (thread->n_nested < IL_FINDER_MAX_NESTED)
        thread->nested[thread->n_nested++] = *record;
      return;
    }
  note_last_nested (self, thread, record);
  thread->n_nested = 0;
}

/* Whether a call, as it begins, waits for what somebody else has to send: input or a signal. */
static gboolean
is_for_input (guint32 call)
{
  switch (call)
    {
    case IL_RECORD_CALL_READ:
    case IL_RECORD_CALL_POLL:
    case IL_RECORD_CALL_SELECT:
    case IL_RECORD_CALL_EPOLL:
    case IL_RECORD_CALL_ACCEPT:
    case IL_RECORD_CALL_RECEIVE:
    case IL_RECORD_CALL_SIGNAL:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
note_call (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  if (thread->awaits_input_ns >= 0)
    thread->input_ns += self->now_ns - thread->awaits_input_ns;
  thread->awaits_input_ns
      = record->kind == IL_RECORD_IO_BEGIN && is_for_input (record->value) ? self->now_ns : -1;
}

/* Records of conditions.  FALSE: not one of them. */
static gboolean
handle_condition (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_COND_NOTIFY:
      il_finder_notified (self, thread, il_finder_get_object (self, record->object),
                          record->value & ~IL_RECORD_WOKE);
      return TRUE;
    case IL_RECORD_COND_WASTED:
      il_finder_wasted (self, thread, il_finder_get_object (self, record->object));
      return TRUE;
    default:
      return FALSE;
    }
}

/* Whether the thread would have gone on without what it gets. */
static gboolean
take_nature (IlFinderThread *thread, const IlRecord *record)
{
  gboolean is_timed = thread->object == record->object ? thread->is_timed : thread->next_is_timed;

  thread->next_is_timed = FALSE;
  return is_timed;
}

/* Records that say what a thread has.  FALSE: not one of them. */
static gboolean
handle_hold (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  gboolean is_timed;

  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LOCK_ACQUIRE:
    case IL_RECORD_SEM_ACQUIRE:
    case IL_RECORD_RW_ACQUIRE:
      is_timed = take_nature (thread, record);
      thread->n_got += thread->object != 0;
      end_wait (self, thread);
      il_finder_note_state (self, record);
      il_finder_take (self, thread, record, is_timed);
      if (record->kind == IL_RECORD_RW_ACQUIRE && (record->value & 1) != 0)
        il_finder_get_object (self, record->object)->n_inside = 0;
      return TRUE;
    case IL_RECORD_LOCK_RELEASE:
    case IL_RECORD_SEM_POST:
    case IL_RECORD_RW_RELEASE:
      il_finder_give (self, thread, record->object);
      return TRUE;
    case IL_RECORD_LOCK_HELD:
      il_finder_get_object (self, record->object)->is_told_in_part = TRUE;
      il_finder_learn_holder (self, thread, record);
      return TRUE;
    case IL_RECORD_RW_INSIDE:
      il_finder_note_readers (self, record);
      return TRUE;
    case IL_RECORD_RW_READER:
      il_finder_learn_reader (self, thread, record);
      return TRUE;
    case IL_RECORD_LOCK_QUIET:
      il_finder_get_object (self, record->object)->is_told_in_part = TRUE;
      il_finder_get_object (self, record->object)->n_inside = 0;
      il_finder_forget_holders (self, record->object);
      return TRUE;
    case IL_RECORD_LOCK_HAD:
      il_finder_had (self, thread, record, take_nature (thread, record));
      return TRUE;
    case IL_RECORD_OWNER_DIED:
      il_finder_owner_died (self, record);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Records of how threads and tasks ended, or cannot.  FALSE: not one of them. */
static gboolean
handle_ending (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LOCK_LEFT:
      il_finder_note_left (self, thread, record);
      return TRUE;
    case IL_RECORD_LOCK_COPIED:
      il_finder_note_copied (self, record);
      return TRUE;
    case IL_RECORD_LANE_END:
      il_finder_ends_in_deadlock (self, thread);
      il_finder_note_end (self, thread, record);
      il_finder_leave (self, thread);
      die (self, thread);
      if (record->value == IL_RECORD_DIED)
        il_finder_note_lost (self, thread);
      return TRUE;
    case IL_RECORD_STUCK:
      il_finder_found_stuck (self, 0);
      return TRUE;
    case IL_RECORD_CRASH:
      il_finder_found_crash (self, thread, record);
      die (self, thread);
      return TRUE;
    case IL_RECORD_WORKER_LOST:
      thread->lost_plus_1 = record->value;
      if (record->value > 0)
        {
          IlFinderThread *dead = il_finder_get_thread (self, record->value - 1);

          die (self, dead);
          il_finder_note_lost (self, dead);
        }
      return TRUE;
    case IL_RECORD_FORSAKEN:
      il_finder_found_forsaken (self, thread, record);
      return TRUE;
    case IL_RECORD_GIVEN_UP:
      il_finder_found_given_up (thread, record);
      return TRUE;
    case IL_RECORD_TASK_DROP:
      il_finder_found_dropped (self, thread, record);
      return TRUE;
    default:
      return FALSE;
    }
}

/* Nothing more follows from it than that a wait is over. */
static gboolean
ends_wait (IlRecordKind kind)
{
  return kind == IL_RECORD_JOIN_END || kind == IL_RECORD_FLAG_PASS || kind == IL_RECORD_COND_WOKEN
         || kind == IL_RECORD_BARRIER_PASS || kind == IL_RECORD_PUT || kind == IL_RECORD_GET
         || kind == IL_RECORD_SEND || kind == IL_RECORD_RECEIVE;
}

/* What came before is no more than a guess after a hole in the record. */
static void
forget_lost (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  thread->n_nested = 0;
  thread->has_lost = TRUE;
  thread->next_is_timed = thread->next_is_shared = FALSE;
  il_finder_note_signals (self, thread, record);
  thread->wait_ns = self->now_ns; /* how long it waited is not known either */
  forget_state (self, thread);
}

/* FALSE: not one of them. */
static gboolean
handle_task (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_TASK_SUBMIT:
    case IL_RECORD_TASK_DIRECT:
      il_finder_note_spawn (thread, record);
      break;
    case IL_RECORD_TASK_BEGIN:
      end_wait (self, thread);
      thread->cancelled = 0;
      begin_task (thread, record);
      break;
    case IL_RECORD_TASK_END:
      end_wait (self, thread);
      end_task (self, thread, record->value);
      break;
    default:
      return FALSE;
    }
  return TRUE;
}

static void
handle_other (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_JOIN_WAIT:
      begin_join (self, thread, record);
      break;
    case IL_RECORD_WAIT_TIMED:
      thread->next_is_timed = TRUE;
      break;
    case IL_RECORD_WAIT_SHARED:
      thread->next_is_shared |= record->object == 0;
      break;
    case IL_RECORD_SIGNALS:
      il_finder_note_signals (self, thread, record);
      break;
    case IL_RECORD_WAIT_CANCELLED:
      il_finder_gave_up (self, thread);
      il_finder_waited_in_vain (self, thread);
      end_wait (self, thread);
      thread->cancelled = record->object;
      break;
    case IL_RECORD_LOCK_NESTED:
      note_nested (self, thread, record);
      break;
    case IL_RECORD_LIFE:
      il_finder_note_life (self, thread, record);
      break;
    case IL_RECORD_IO_BEGIN:
    case IL_RECORD_IO_END:
      note_call (self, thread, record);
      break;
    case IL_RECORD_LOST:
      forget_lost (self, thread, record);
      break;
    case IL_RECORD_LOST_UPDATE:
    case IL_RECORD_TORN_LINES:
      count_losses (self, thread, record);
      break;
    case IL_RECORD_PRIORITY:
      thread->nice = (gint32)MIN (record->value, 39) - 20;
      thread->has_nice = TRUE;
      break;
    case IL_RECORD_SCHED_IN:
    case IL_RECORD_SCHED_OUT:
      switch_core (self, thread, record);
      break;
    default:
      if (ends_wait ((IlRecordKind)record->kind))
        {
          thread->n_got += thread->object != 0;
          end_wait (self, thread);
        }
      break;
    }
}

static gboolean
is_wait (IlRecordKind kind)
{
  return kind == IL_RECORD_LOCK_WAIT || kind == IL_RECORD_SEM_WAIT || kind == IL_RECORD_RW_WAIT
         || kind == IL_RECORD_FLAG_WAIT || kind == IL_RECORD_COND_WAIT
         || kind == IL_RECORD_BARRIER_WAIT || kind == IL_RECORD_PUT_WAIT
         || kind == IL_RECORD_GET_WAIT || kind == IL_RECORD_SEND_WAIT
         || kind == IL_RECORD_RECEIVE_WAIT;
}

/* Records that say something to a finder: all others are passed over at no cost. */
static const gboolean is_told[256] = {
  [IL_RECORD_LANE_END] = TRUE,     [IL_RECORD_TASK_BEGIN] = TRUE,
  [IL_RECORD_TASK_END] = TRUE,     [IL_RECORD_LOCK_WAIT] = TRUE,
  [IL_RECORD_LOCK_ACQUIRE] = TRUE, [IL_RECORD_LOCK_RELEASE] = TRUE,
  [IL_RECORD_SEM_WAIT] = TRUE,     [IL_RECORD_SEM_ACQUIRE] = TRUE,
  [IL_RECORD_SEM_POST] = TRUE,     [IL_RECORD_WAIT_CANCELLED] = TRUE,
  [IL_RECORD_WORKER_LOST] = TRUE,  [IL_RECORD_OWNER_DIED] = TRUE,
  [IL_RECORD_RW_WAIT] = TRUE,      [IL_RECORD_RW_ACQUIRE] = TRUE,
  [IL_RECORD_RW_RELEASE] = TRUE,   [IL_RECORD_FLAG_WAIT] = TRUE,
  [IL_RECORD_FLAG_PASS] = TRUE,    [IL_RECORD_COND_WAIT] = TRUE,
  [IL_RECORD_COND_WOKEN] = TRUE,   [IL_RECORD_COND_WASTED] = TRUE,
  [IL_RECORD_COND_NOTIFY] = TRUE,  [IL_RECORD_BARRIER_WAIT] = TRUE,
  [IL_RECORD_BARRIER_PASS] = TRUE, [IL_RECORD_LOST_UPDATE] = TRUE,
  [IL_RECORD_TORN_LINES] = TRUE,   [IL_RECORD_PRIORITY] = TRUE,
  [IL_RECORD_SCHED_IN] = TRUE,     [IL_RECORD_SCHED_OUT] = TRUE,
  [IL_RECORD_PUT_WAIT] = TRUE,     [IL_RECORD_PUT] = TRUE,
  [IL_RECORD_GET_WAIT] = TRUE,     [IL_RECORD_GET] = TRUE,
  [IL_RECORD_SEND_WAIT] = TRUE,    [IL_RECORD_SEND] = TRUE,
  [IL_RECORD_RECEIVE_WAIT] = TRUE, [IL_RECORD_RECEIVE] = TRUE,
  [IL_RECORD_STUCK] = TRUE,        [IL_RECORD_CRASH] = TRUE,
  [IL_RECORD_FORSAKEN] = TRUE,     [IL_RECORD_GIVEN_UP] = TRUE,
  [IL_RECORD_TASK_DROP] = TRUE,    [IL_RECORD_TASK_SUBMIT] = TRUE,
  [IL_RECORD_TASK_DIRECT] = TRUE,  [IL_RECORD_LOCK_HELD] = TRUE,
  [IL_RECORD_LOCK_QUIET] = TRUE,   [IL_RECORD_RW_INSIDE] = TRUE,
  [IL_RECORD_JOIN_WAIT] = TRUE,    [IL_RECORD_JOIN_END] = TRUE,
  [IL_RECORD_LOCK_NESTED] = TRUE,  [IL_RECORD_IO_BEGIN] = TRUE,
  [IL_RECORD_IO_END] = TRUE,       [IL_RECORD_LOST] = TRUE,
  [IL_RECORD_SLEEP_BEGIN] = TRUE,  [IL_RECORD_SLEEP_END] = TRUE,
  [IL_RECORD_WAIT_TIMED] = TRUE,   [IL_RECORD_LOCK_LEFT] = TRUE,
  [IL_RECORD_LOCK_COPIED] = TRUE,  [IL_RECORD_SIGNALS] = TRUE,
  [IL_RECORD_WAIT_SHARED] = TRUE,  [IL_RECORD_LOCK_HAD] = TRUE,
  [IL_RECORD_RW_READER] = TRUE,    [IL_RECORD_LIFE] = TRUE,
};

static void
look_for_deadlocks (IlFinder *self)
{
  il_finder_find_deadlocks (self);
  il_finder_keep_patient (self);
}

static gboolean
is_sched (const IlRecord *record)
{
  return record->kind == IL_RECORD_SCHED_IN || record->kind == IL_RECORD_SCHED_OUT;
}

static void
observe (const IlBatch *batch, gpointer data)
{
  IlFinder *self = data;
  g_autoptr (IlBatchIter) iter = il_batch_iter_new (batch);
  const IlRecord *record;
  guint32 lane;

  while (il_batch_iter_next (iter, &lane, &record))
    {
      IlFinderThread *thread;

      if (record->kind == IL_RECORD_LOCK_COUNT)
        il_finder_serial_count (self, record);
      if (!is_told[record->kind])
        continue;
      if (record->time_ns / LOOK_EVERY_NS > self->now_ns / LOOK_EVERY_NS && self->fresh->len > 0)
        {
          look_for_deadlocks (self);
          /* Who is still looked at has waited up to now. */
          self->now_ns = MAX (self->now_ns, record->time_ns - 1);
          if (self->fresh->len > 0)
            look_for_deadlocks (self);
        }
      if (record->time_ns / HANG_EVERY_NS > self->now_ns / HANG_EVERY_NS)
        {
          self->now_ns = MAX (self->now_ns, record->time_ns - 1);
          il_finder_look_for_abandoned (self);
          il_finder_look_for_hang (self);
          il_finder_look_for_long_holds (self);
        }
      thread = il_finder_get_thread (self, lane);
      self->now_ns = MAX (self->now_ns, record->time_ns);
      il_finder_note_word (thread, record);
      il_finder_serial_note (self, thread, record);
      il_finder_waiting_note (thread, record);
      il_finder_straggler_note (self, thread, record);
      if (self->is_hung && thread->inside_ns >= 0 && !is_sched (record))
        il_finder_end_hang (self, record);
      if (is_wait ((IlRecordKind)record->kind))
        begin_wait (self, thread, record);
      else if (!handle_hold (self, thread, record) && !handle_condition (self, thread, record)
               && !handle_ending (self, thread, record) && !handle_task (self, thread, record))
        handle_other (self, thread, record);
    }
  self->now_ns = MAX (self->now_ns, il_batch_get_end (batch));
  look_for_deadlocks (self);
  il_finder_look_for_abandoned (self);
  il_finder_look_for_hang (self);
  il_finder_look_for_long_holds (self);
}

/**
 * il_finder_attach:
 * @timeline: has seen no record yet, and has no other observer
 *
 * Makes a finder that sees all that becomes part of the timeline.
 *
 * Returns: (transfer none): the finder, which lives as long as the timeline
 */
IlFinder *
il_finder_attach (IlTimeline *timeline)
{
  IlFinder *self = g_new0 (IlFinder, 1);

  self->timeline = timeline;
  self->ended_ns = -IL_FINDER_END_NS;
  self->threads = g_hash_table_new_full (NULL, NULL, NULL, free_thread);
  self->objects = g_hash_table_new_full (NULL, NULL, NULL, free_object);
  self->running = g_hash_table_new (NULL, NULL);
  self->handled = g_hash_table_new (NULL, NULL);
  self->attempts = g_array_new (FALSE, FALSE, sizeof (IlFinderAttempt));
  self->fresh = g_ptr_array_new ();
  self->found = g_ptr_array_new_with_free_func (g_free);
  self->ends = g_array_new (FALSE, FALSE, sizeof (IlFinderEnd));
  pthread_mutex_init (&self->mutex, NULL);
  il_finder_order_init (self);
  il_finder_apart_init (self);
  il_timeline_set_observer (timeline, observe, self, finder_free);
  return self;
}

/**
 * il_finder_get:
 *
 * Returns: (transfer none) (nullable): the finder that was attached to the timeline
 */
IlFinder *
il_finder_get (IlTimeline *timeline)
{
  return il_timeline_get_observer (timeline, observe);
}

/**
 * il_finder_prepare:
 *
 * Attaches a finder to the timeline of a session that is about to be loaded by
 * il_session_load_with().
 */
void
il_finder_prepare (IlTimeline *timeline, gpointer unused)
{
  il_finder_attach (timeline);
}
