/* il-timeline-builder-thread.c - what a thread's records say that it does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

IlThread *
il_thread_new (IlLane *lane)
{
  IlThread *thread = g_new0 (IlThread, 1);

  thread->lane = lane;
  thread->outer = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (il_lane_get_info (lane)->scheduler == IL_SCHEDULER_SAMPLED)
    thread->pending = g_array_new (FALSE, FALSE, sizeof (IlPendingSpan));
  return thread;
}

void
il_thread_free (IlThread *thread)
{
  if (thread == NULL)
    return;
  g_clear_pointer (&thread->pending, g_array_unref);
  g_array_unref (thread->outer);
  g_free (thread);
}

/* What it waited for is not an object but the end of another: that stands in its own log. */
static void
log_join (IlThread *thread, gint64 now_ns, gboolean cancelled)
{
  const IlWaitRow wait = {
    .end_ns = now_ns,
    .wait_ns = now_ns - thread->wait_begin_ns,
    .lane = thread->lane->index,
    .blamed_plus_1 = thread->joined_plus_1,
    .cancelled = cancelled,
  };

  il_lane_add_wait (thread->lane, &wait);
}

/* The wait is over, one way or another. */
static void
end_wait (IlThread *thread, gint64 now_ns, gboolean cancelled)
{
  thread->last_waited = NULL;
  if (thread->wait == IL_SAYS_JOIN_WAIT)
    log_join (thread, now_ns, cancelled);
  if (thread->waited != NULL)
    {
      IlLane *lane = thread->waited->object->lane;
      IlWaitRow wait = {
        .end_ns = now_ns,
        .wait_ns = now_ns - thread->wait_begin_ns,
        .lane = thread->lane->index,
        .blamed_plus_1 = thread->blamed_plus_1,
        .cancelled = cancelled,
        .putting = thread->wait == IL_SAYS_PUT_WAIT || thread->wants_to_write,
      };

      thread->last_waited = lane;
      thread->last_wait = il_log_length (&lane->waits);
      il_lane_add_wait (lane, &wait);
      il_object_remove_waiter (thread->waited, now_ns);
    }
  thread->wait = IL_SAYS_NOTHING;
  thread->waited = NULL;
  thread->object = 0;
  thread->blamed_plus_1 = 0;
  thread->wants_to_write = FALSE;
  thread->yields = FALSE;
}

/* Who ended the wait that has just ended. */
static void
name_waker (const IlStep *step)
{
  IlThread *thread = step->thread;
  guint32 waker_plus_1 = il_builder_check_lane (step->builder, step->record->value);

  if (thread->last_waited == NULL)
    il_builder_contradiction (step->builder);
  else
    il_lane_name_waker (thread->last_waited, thread->last_wait, waker_plus_1);
  thread->last_waited = NULL;
}

/* The target says that it does something else, and never said that the wait had ended. */
static void
abandon_wait (const IlStep *step)
{
  if (step->thread->wait == IL_SAYS_NOTHING)
    return;
  il_builder_contradiction (step->builder);
  end_wait (step->thread, step->now_ns, TRUE);
}

/* Whom the record of a wait names as the one that holds what is waited for. */
static guint32
get_blamed (const IlStep *step)
{
  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_LOCK_WAIT:
      return il_builder_check_lane (step->builder, step->record->value);
    case IL_RECORD_RW_WAIT:
      return il_builder_check_lane (step->builder, step->record->value >> 1);
    default:
      return 0;
    }
}

static void
begin_wait (const IlStep *step, IlSays says, IlTimelineObjectKind kind)
{
  IlThread *thread = step->thread;

  if (thread->wait == says && thread->object == step->record->object)
    return;

  /* That a task was got from its queue is not said before the task begins, and in between another
   * lock may be waited for. */
  if (thread->waited != NULL && thread->waited->holds_tasks)
    end_wait (thread, step->now_ns, FALSE);
  abandon_wait (step);
  thread->wait = says;
  thread->wait_begin_ns = step->now_ns;
  thread->nap_until_ns = G_MAXINT64;
  if (kind == 0)
    return;

  thread->object = step->record->object;
  thread->waited = il_object_get (step, thread->object, kind);
  if (thread->next_is_shared && thread->waited != NULL)
    thread->waited->is_shared = TRUE;
  thread->next_is_shared = FALSE;
  thread->named_plus_1 = 0;
  thread->blamed_plus_1 = get_blamed (step);
  thread->wants_to_write
      = step->record->kind == IL_RECORD_RW_WAIT && (step->record->value & 1) != 0;
  if (thread->wants_to_write && thread->blamed_plus_1 == 0 && thread->waited != NULL)
    thread->blamed_plus_1 = il_object_get_first_reader (thread->waited, il_thread_plus_1 (thread));
  if (thread->waited != NULL)
    il_object_add_waiter (thread->waited, step->now_ns);
}

/* A lock of a program may become an object only after a thread began to wait for it, which then
 * could not say for what.  By its end it is known. */
static void
name_awaited (const IlStep *step, IlSays says)
{
  static const IlTimelineObjectKind kinds[IL_N_RECORD_KINDS] = {
    [IL_RECORD_LOCK_ACQUIRE] = IL_OBJECT_KIND_LOCK,
    [IL_RECORD_RW_ACQUIRE] = IL_OBJECT_KIND_RWLOCK,
    [IL_RECORD_SEM_ACQUIRE] = IL_OBJECT_KIND_SEMAPHORE,
  };
  IlThread *thread = step->thread;
  IlTimelineObjectKind kind = kinds[step->record->kind];

  if (thread->base != IL_SAYS_PROGRAM || thread->wait != IL_SAYS_SIGNAL_WAIT || thread->object != 0
      || kind == 0)
    return;
  thread->wait = says;
  thread->object = step->record->object;
  thread->waited = il_object_get (step, thread->object, kind);
  if (thread->waited != NULL)
    il_object_add_waiter (thread->waited, step->now_ns);
}

/* What it waited for was given to it, or refused; a thread that did not have to wait says so
 * without a wait before. */
static void
finish_wait (const IlStep *step, IlSays says)
{
  IlThread *thread = step->thread;
  guint32 waker_plus_1 = 0;

  if (thread->wait == IL_SAYS_NOTHING)
    return;
  name_awaited (step, says);
  if (thread->wait != says || thread->object != step->record->object)
    {
      abandon_wait (step);
      return;
    }
  if (step->record->kind == IL_RECORD_LOCK_ACQUIRE || step->record->kind == IL_RECORD_FLAG_PASS
      || step->record->kind == IL_RECORD_COND_WOKEN)
    waker_plus_1 = il_builder_check_lane (step->builder, step->record->value);
  if (step->record->kind == IL_RECORD_LOCK_ACQUIRE && thread->blamed_plus_1 == 0)
    thread->blamed_plus_1 = waker_plus_1;
  end_wait (thread, step->now_ns, FALSE);
  if (thread->last_waited != NULL && waker_plus_1 != 0)
    il_lane_name_waker (thread->last_waited, thread->last_wait, waker_plus_1);
}

static void
cancel_wait (const IlStep *step)
{
  IlThread *thread = step->thread;

  if (thread->wait == IL_SAYS_NOTHING || thread->object != step->record->object)
    il_builder_contradiction (step->builder);
  if (thread->wait != IL_SAYS_NOTHING)
    end_wait (thread, step->now_ns, TRUE);
}

/* The end of what has a begin and no object. */
static void
finish_pause (const IlStep *step, IlSays says)
{
  if (step->thread->wait == says)
    end_wait (step->thread, step->now_ns, FALSE);
  else
    il_builder_contradiction (step->builder);
}

static void
set_base (const IlStep *step, IlSays base, guint32 task_plus_1)
{
  abandon_wait (step);
  step->thread->base = base;
  step->thread->task_plus_1 = task_plus_1;
}

/* It does nothing that anybody gave it to do, as far as is known. */
static void
leave_tasks (IlThread *thread, IlSays base)
{
  thread->base = base;
  thread->task_plus_1 = 0;
  g_array_set_size (thread->outer, 0);
}

/* Who waits for what its task spawned may run some of that meanwhile, within that task. */
static void
enter_task (const IlStep *step, guint32 task_plus_1)
{
  IlThread *thread = step->thread;

  if (thread->task_plus_1 != 0)
    g_array_append_val (thread->outer, thread->task_plus_1);
  set_base (step, IL_SAYS_TASK, task_plus_1);
}

static guint32
pop_outer (IlThread *thread)
{
  guint32 task_plus_1;

  if (thread->outer->len == 0)
    return 0;
  task_plus_1 = g_array_index (thread->outer, guint32, thread->outer->len - 1);
  g_array_set_size (thread->outer, thread->outer->len - 1);
  return task_plus_1;
}

/* Goes on with the task around it, if there is one.  Ends of tasks within it may be missing. */
static void
exit_task (const IlStep *step, guint32 task_plus_1)
{
  IlThread *thread = step->thread;
  guint32 current = thread->task_plus_1;

  while (current != 0 && current != task_plus_1)
    current = pop_outer (thread);
  current = pop_outer (thread);
  set_base (step, current != 0 ? IL_SAYS_TASK : IL_SAYS_IDLE, current);
}

/* It is gone: its states end here. */
void
il_thread_die (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns)
{
  if (thread->wait != IL_SAYS_NOTHING)
    end_wait (thread, now_ns, TRUE);
  il_object_forget_reader (builder, thread, now_ns);
  il_core_left (builder, thread, now_ns, IL_STATE_NONE);
  il_thread_emit_end (thread, now_ns);
  il_process_leave (builder, thread, now_ns);
  atomic_store_explicit (&thread->lane->end_ns, now_ns, memory_order_relaxed);
  thread->is_dead = TRUE;
  if (thread->is_dying)
    g_ptr_array_remove_fast (builder->dying, thread);
  thread->is_dying = FALSE;
}

/* Its last word.  One that the scheduler is known to have on a core, or ready for one, takes some
 * more time to leave, which is its own doing: it is gone when it gives up the core. */
void
il_thread_end (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns)
{
  gboolean leaves_later
      = il_thread_is_exact (thread) && thread->is_scheduled
        && (thread->place == IL_PLACE_ON_CORE || thread->place == IL_PLACE_PREEMPTED
            || thread->place == IL_PLACE_WOKEN);

  if (thread->is_dead || thread->is_dying)
    return;
  if (!leaves_later)
    {
      il_thread_die (builder, thread, now_ns);
      return;
    }

  if (thread->wait != IL_SAYS_NOTHING)
    end_wait (thread, now_ns, TRUE);
  thread->stopped = FALSE;
  leave_tasks (thread, IL_SAYS_IDLE);
  thread->is_dying = TRUE;
  thread->last_ns = now_ns;
  g_ptr_array_add (builder->dying, thread);
  il_thread_emit (thread, now_ns);
}

/* Whoever hands out tasks does own bookkeeping, even if it never said so. */
static void
speak_up (IlThread *thread)
{
  if (thread->base == IL_SAYS_NOTHING)
    thread->base = IL_SAYS_IDLE;
}

/* Events were dropped just before: what the thread is in the middle of is anybody's guess until it
 * speaks again. */
static void
events_lost (const IlStep *step)
{
  IlThread *thread = step->thread;

  il_total_add (&step->builder->timeline->totals.n_lost, step->record->value);
  il_series_append (thread->lane->losses, thread->said_ns, step->record->value, 0);
  il_series_append (thread->lane->losses, step->now_ns, 0, 0);
  if (thread->wait != IL_SAYS_NOTHING)
    end_wait (thread, step->now_ns, TRUE);
  il_object_forget_reader (step->builder, thread, step->now_ns);
  thread->stopped = FALSE;
  thread->next_is_shared = FALSE;
  leave_tasks (thread, thread->base == IL_SAYS_PROGRAM ? IL_SAYS_PROGRAM : IL_SAYS_NOTHING);
}

typedef struct
{
  IlSays says;
  IlTimelineObjectKind kind; /* of what is waited for; 0: the record ends a wait */
} WaitRule;

/* Which records begin a wait and for what, and which end one. */
static const WaitRule wait_rules[IL_N_RECORD_KINDS] = {
  [IL_RECORD_LOCK_WAIT] = { IL_SAYS_LOCK_WAIT, IL_OBJECT_KIND_LOCK },
  [IL_RECORD_LOCK_ACQUIRE] = { IL_SAYS_LOCK_WAIT, 0 },
  [IL_RECORD_RW_WAIT] = { IL_SAYS_LOCK_WAIT, IL_OBJECT_KIND_RWLOCK },
  [IL_RECORD_RW_ACQUIRE] = { IL_SAYS_LOCK_WAIT, 0 },
  [IL_RECORD_SEM_WAIT] = { IL_SAYS_SEM_WAIT, IL_OBJECT_KIND_SEMAPHORE },
  [IL_RECORD_SEM_ACQUIRE] = { IL_SAYS_SEM_WAIT, 0 },
  [IL_RECORD_PUT_WAIT] = { IL_SAYS_PUT_WAIT, IL_OBJECT_KIND_QUEUE },
  [IL_RECORD_PUT] = { IL_SAYS_PUT_WAIT, 0 },
  [IL_RECORD_GET_WAIT] = { IL_SAYS_GET_WAIT, IL_OBJECT_KIND_QUEUE },
  [IL_RECORD_GET] = { IL_SAYS_GET_WAIT, 0 },
  [IL_RECORD_SEND_WAIT] = { IL_SAYS_PUT_WAIT, IL_OBJECT_KIND_CHANNEL },
  [IL_RECORD_SEND] = { IL_SAYS_PUT_WAIT, 0 },
  [IL_RECORD_RECEIVE_WAIT] = { IL_SAYS_GET_WAIT, IL_OBJECT_KIND_CHANNEL },
  [IL_RECORD_RECEIVE] = { IL_SAYS_GET_WAIT, 0 },
  [IL_RECORD_FLAG_WAIT] = { IL_SAYS_SIGNAL_WAIT, IL_OBJECT_KIND_EVENT },
  [IL_RECORD_FLAG_PASS] = { IL_SAYS_SIGNAL_WAIT, 0 },
  [IL_RECORD_COND_WAIT] = { IL_SAYS_SIGNAL_WAIT, IL_OBJECT_KIND_CONDITION },
  [IL_RECORD_COND_WOKEN] = { IL_SAYS_SIGNAL_WAIT, 0 },
  [IL_RECORD_BARRIER_WAIT] = { IL_SAYS_SIGNAL_WAIT, IL_OBJECT_KIND_BARRIER },
  [IL_RECORD_BARRIER_PASS] = { IL_SAYS_SIGNAL_WAIT, 0 },
};

/* Records of waits, their ends, and what they do to objects.  FALSE: not one of them. */
static gboolean
handle_object (const IlStep *step)
{
  guint kind = step->record->kind;
  const WaitRule *rule = &wait_rules[kind];

  if (kind == IL_RECORD_WAIT_CANCELLED)
    cancel_wait (step);
  else if (kind == IL_RECORD_OWNER_DIED)
    il_object_owner_died (step);
  else if (kind == IL_RECORD_LOCK_HELD || kind == IL_RECORD_RW_INSIDE
           || kind == IL_RECORD_LOCK_QUIET || kind == IL_RECORD_LOCK_COPIED
           || kind == IL_RECORD_LOCK_HAD || kind == IL_RECORD_RW_READER)
    il_object_held (step);
  else if (kind == IL_RECORD_WOKEN_BY)
    name_waker (step);
  else if (kind == IL_RECORD_COPY)
    il_lane_add_timed_amount (step->thread->lane, step->now_ns, step->record->value,
                              (guint64)step->record->object * IL_RECORD_COPY_NS);
  else
    {
      if (rule->kind != 0)
        {
          begin_wait (step, rule->says, rule->kind);
          il_object_waited_for (step);
        }
      else if (rule->says != IL_SAYS_NOTHING)
        finish_wait (step, rule->says);
      return il_object_used (step) || rule->says != IL_SAYS_NOTHING;
    }
  return TRUE;
}

/* A wait for room in a queue of tasks ends with a submission, one for a task with its begin. */
static void
finish_queue_wait (const IlStep *step, IlSays says)
{
  IlThread *thread = step->thread;

  if (thread->wait == says && thread->waited != NULL && thread->waited == il_task_get_queue (step))
    end_wait (thread, step->now_ns, FALSE);
}

/* Records of tasks and of what a thread does between them.  FALSE: not one of them. */
static gboolean
handle_task (const IlStep *step)
{
  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_IDLE:
      il_object_all_told (step->builder);
      abandon_wait (step);
      leave_tasks (step->thread, IL_SAYS_IDLE);
      break;
    case IL_RECORD_TASK_SUBMIT:
      il_object_all_told (step->builder);
      finish_queue_wait (step, IL_SAYS_PUT_WAIT);
      speak_up (step->thread);
      il_task_submitted (step);
      break;
    case IL_RECORD_TASK_DIRECT:
      speak_up (step->thread);
      il_task_submitted (step);
      break;
    case IL_RECORD_TASK_BEGIN:
      il_object_all_told (step->builder);
      finish_queue_wait (step, IL_SAYS_GET_WAIT);
      enter_task (step, step->record->value + 1);
      il_task_begun (step);
      break;
    case IL_RECORD_TASK_END:
      exit_task (step, step->record->value + 1);
      il_task_ended (step);
      break;
    case IL_RECORD_TASK_DROP:
      speak_up (step->thread);
      il_task_dropped (step);
      break;
    case IL_RECORD_WORKER_LOST:
      speak_up (step->thread);
      il_ending_of_worker (step);
      break;
    default:
      return FALSE;
    }
  return TRUE;
}

/* Of a coroutine it is noted when it could go on, since then it waits for a carrier. */
static void
fall_asleep (const IlStep *step)
{
  IlThread *thread = step->thread;
  gint64 length_ns = (gint64)step->record->value * 1000;

  begin_wait (step, IL_SAYS_SLEEP, 0);
  thread->asleep_until_ns = length_ns > 0 ? step->now_ns + length_ns : G_MAXINT64;
  if (length_ns == 0 || thread->is_listed
      || il_lane_get_info (thread->lane)->scheduler != IL_SCHEDULER_CARRIER)
    return;
  thread->is_listed = TRUE;
  g_ptr_array_add (step->builder->sleepers, thread);
}

/* Who waits for the interpreter lock goes back to sleep, and wakes by itself if nobody does it. */
static void
take_nap (const IlStep *step)
{
  IlThread *thread = step->thread;
  gint64 length_ns = (gint64)(step->record->value & ~IL_RECORD_UNTIL_TAKEN) * 1000;

  if (thread->wait != IL_SAYS_LOCK_WAIT || thread->object != step->record->object)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  thread->nap_until_ns = length_ns > 0 ? step->now_ns + length_ns : G_MAXINT64;
  thread->yields = (step->record->value & IL_RECORD_UNTIL_TAKEN) != 0;
}

/* Tasks are waited for like signals, and so is what has no object; of programs, threads and
 * processes are waited for that are to end. */
static void
begin_join (const IlStep *step)
{
  IlThread *thread = step->thread;

  if (thread->base != IL_SAYS_PROGRAM || step->record->object == IL_RECORD_CALL_OBJECT)
    {
      begin_wait (step, IL_SAYS_SIGNAL_WAIT, 0);
      return;
    }
  begin_wait (step, IL_SAYS_JOIN_WAIT, 0);
  thread->joined_plus_1 = il_builder_check_lane (step->builder, step->record->value);
}

static void
end_join (const IlStep *step)
{
  IlThread *thread = step->thread;

  /* Any of several was waited for. */
  if (thread->wait == IL_SAYS_JOIN_WAIT && thread->joined_plus_1 == 0)
    thread->joined_plus_1 = il_builder_check_lane (step->builder, step->record->value);
  finish_pause (step, thread->wait == IL_SAYS_JOIN_WAIT ? IL_SAYS_JOIN_WAIT : IL_SAYS_SIGNAL_WAIT);
}

/* What is said beside what the thread does.  FALSE: not one of them. */
static gboolean
handle_note (const IlStep *step)
{
  IlThread *thread = step->thread;

  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_LANE_BEGIN:
      thread->has_begun = TRUE;
      break;
    case IL_RECORD_LOST:
      events_lost (step);
      break;
    case IL_RECORD_LOCK_NESTED:
      il_object_nested (step);
      break;
    case IL_RECORD_WAIT_SHARED:
      il_object_shared (step);
      break;
    case IL_RECORD_PRIORITY:
    case IL_RECORD_WAIT_TIMED:
    case IL_RECORD_SIGNALS:
    case IL_RECORD_LOCK_LEFT:
    case IL_RECORD_LIFE:
      break;
    case IL_RECORD_STOPPED_BEGIN:
    case IL_RECORD_STOPPED_END:
      if (thread->stopped == (step->record->kind == IL_RECORD_STOPPED_BEGIN))
        il_builder_contradiction (step->builder);
      thread->stopped = step->record->kind == IL_RECORD_STOPPED_BEGIN;
      break;
    default:
      return FALSE;
    }
  return TRUE;
}

/* All else that a target says.  FALSE: not one of them. */
static gboolean
handle_pause (const IlStep *step)
{
  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_RUNS:
      /* Also said by the recorder, whatever the thread is in the middle of. */
      step->thread->base = IL_SAYS_PROGRAM;
      step->thread->task_plus_1 = 0;
      break;
    case IL_RECORD_COROUTINE:
      set_base (step, step->record->value != 0 ? IL_SAYS_TASK : IL_SAYS_IDLE, 0);
      break;
    case IL_RECORD_SLEEP_BEGIN:
      fall_asleep (step);
      break;
    case IL_RECORD_SLEEP_END:
      finish_pause (step, IL_SAYS_SLEEP);
      break;
    case IL_RECORD_NAP:
      take_nap (step);
      break;
    case IL_RECORD_JOIN_WAIT:
      begin_join (step);
      break;
    case IL_RECORD_JOIN_END:
      end_join (step);
      break;
    case IL_RECORD_IO_BEGIN:
      begin_wait (
          step,
          step->record->value == IL_RECORD_CALL_SIGNAL ? IL_SAYS_KERNEL_WAIT : IL_SAYS_IO_WAIT, 0);
      break;
    case IL_RECORD_IO_END:
      finish_pause (step, step->thread->wait == IL_SAYS_KERNEL_WAIT ? IL_SAYS_KERNEL_WAIT
                                                                    : IL_SAYS_IO_WAIT);
      break;
    default:
      return FALSE;
    }
  return TRUE;
}

/* A thread that goes on as another worker never leaves its core in between: the one before is on
 * its way out until this one begins. */
static void
end_predecessor (const IlStep *step)
{
  const IlLaneInfo *own = il_lane_get_info (step->thread->lane);

  for (guint i = step->builder->dying->len; i-- > 0;)
    {
      IlThread *thread = g_ptr_array_index (step->builder->dying, i);
      const IlLaneInfo *info = il_lane_get_info (thread->lane);

      if (info->tid != 0 && info->tid == own->tid && info->scheduler == own->scheduler
          && own->scheduler != IL_SCHEDULER_CARRIER)
        il_thread_die (step->builder, thread, step->now_ns);
    }
}

static void
be_born (const IlStep *step)
{
  IlThread *thread = step->thread;

  end_predecessor (step);
  thread->is_born = TRUE;
  il_process_enter (step->builder, thread);
  thread->said_ns = step->now_ns;
  il_series_append (thread->lane->losses, step->now_ns, 0, 0);
  atomic_store_explicit (&thread->lane->begin_ns, step->now_ns, memory_order_relaxed);
  atomic_store_explicit (&thread->lane->end_ns, G_MAXINT64, memory_order_relaxed);
  il_thread_emit (thread, step->now_ns);
}

/* One that writes an event is on a core.  That is news only as long as the scheduler has not
 * spoken: its word is exact, while the clocks of the two witnesses may differ by a little. */
static void
place_by_event (IlThread *thread)
{
  gboolean is_sampled = il_lane_get_info (thread->lane)->scheduler == IL_SCHEDULER_SAMPLED;

  if ((thread->place == IL_PLACE_UNKNOWN && !thread->is_misplaced)
      || (thread->place == IL_PLACE_STOPPED && is_sampled))
    thread->place = IL_PLACE_ON_CORE;
}

/* Also said of threads that say nothing themselves. */
static gboolean
is_from_outside (guint kind)
{
  return kind == IL_RECORD_SAMPLE || kind == IL_RECORD_RUNS;
}

/* Handles any record in a thread's lane. */
void
il_thread_handle (const IlStep *step)
{
  IlThread *thread = step->thread;
  guint kind = step->record->kind;

  if (G_UNLIKELY (step->builder->told != NULL))
    il_object_go_on_telling (step);
  if (kind >= IL_RECORD_SCHED_IN && kind <= IL_RECORD_SCHED_LOST)
    {
      if (!thread->is_born)
        be_born (step);
      thread->last_ns = step->now_ns;
      il_thread_scheduled (step);
      return;
    }

  if (kind == IL_RECORD_LOCK_COUNT)
    {
      il_object_counted (step->builder, step->record, step->now_ns);
      return;
    }
  if (thread->is_dead || thread->is_dying || kind == IL_RECORD_NONE || kind == IL_RECORD_CORE_USAGE
      || kind >= IL_N_RECORD_KINDS)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  if (!is_from_outside (kind))
    place_by_event (thread);
  if (!thread->is_born)
    be_born (step);
  thread->last_ns = step->now_ns;
  if (kind == IL_RECORD_SAMPLE)
    il_thread_sampled (thread, step->now_ns, (gint64)step->record->object * 1000,
                       (step->record->value & IL_RECORD_SAMPLE_STOPPED) != 0);
  else if (kind == IL_RECORD_LANE_END)
    il_ending_of_lane (step);
  else if (kind == IL_RECORD_CRASH)
    il_ending_by_crash (step);
  else if (handle_object (step) || handle_task (step) || handle_note (step) || handle_pause (step))
    il_thread_emit (thread, step->now_ns);
  if (kind != IL_RECORD_SAMPLE)
    thread->said_ns = step->now_ns;
}
