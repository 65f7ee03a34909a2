/* il-timeline-builder-object.c - what records say of locks, semaphores, queues and counters
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

/* Of the units of a semaphore some may have been taken before the first word of it. */
static gboolean
may_be_taken_quietly (const IlLaneInfo *info)
{
  return info->kind == IL_LANE_SEMAPHORE && info->parameter > 0;
}

/* An object that nobody has used yet: free, empty, waited for by nobody, since the beginning. */
void
il_object_state_init (IlTimelineBuilder *builder, IlObjectState *state, IlTimelineObject *object)
{
  IlLane *lane = object->lane;

  state->object = object;
  state->closed_ns = -1;
  object->mine = state;
  if (lane == NULL)
    return;
  if (lane->states != NULL)
    il_series_append (lane->states, 0, IL_CODE (IL_STATE_NONE, 0), 0);
  if (lane->level != NULL && il_lane_get_info (lane)->kind != IL_LANE_COUNTER
      && (builder->tells_all || !may_be_taken_quietly (il_lane_get_info (lane))))
    il_series_append (lane->level, 0,
                      il_lane_get_info (lane)->kind == IL_LANE_EVENT
                              && il_lane_get_info (lane)->parameter != 0
                          ? 1
                          : 0,
                      0);
  if (lane->waiters != NULL)
    il_series_append (lane->waiters, 0, 0, 0);
}

/* The object if there is one of that number and kind; else the record contradicts what we know. */
IlObjectState *
il_object_get (const IlStep *step, guint32 number, IlTimelineObjectKind kind)
{
  IlTimelineObject *object = il_timeline_find_object (step->builder->timeline, number);

  if (object == NULL || object->kind != kind)
    {
      il_builder_contradiction (step->builder);
      return NULL;
    }
  il_process_use (step->thread, object->mine);
  return object->mine;
}

/* What shows how many wait; a condition has nothing else to show. */
static IlSeries *
get_waiters (const IlObjectState *state)
{
  const IlLane *lane = state->object->lane;

  return il_lane_get_info (lane)->kind == IL_LANE_CONDITION ? lane->level : lane->waiters;
}

static void
change_waiters (IlObjectState *state, gint64 now_ns, guint32 n_waiters)
{
  IlSeries *waiters = get_waiters (state);

  state->n_waiters = n_waiters;
  if (waiters != NULL)
    il_series_append (waiters, now_ns, n_waiters, 0);
}

void
il_object_add_waiter (IlObjectState *state, gint64 now_ns)
{
  change_waiters (state, now_ns, state->n_waiters + 1);
}

void
il_object_remove_waiter (IlObjectState *state, gint64 now_ns)
{
  change_waiters (state, now_ns, state->n_waiters - 1);
  if (state->n_waiters == 0)
    for (guint i = 0; i < IL_N_WAKES; i++)
      state->wakes[i].n = 0;
}

void
il_object_add_wake (IlObjectState *state, IlWakes whom, gint64 now_ns)
{
  IlWakeStamps *wakes = &state->wakes[whom];

  if (state->n_waiters == 0)
    return;
  if (wakes->n == IL_N_WAKE_STAMPS)
    {
      wakes->first = (wakes->first + 1) % IL_N_WAKE_STAMPS;
      wakes->n--;
    }
  wakes->stamps_ns[(wakes->first + wakes->n++) % IL_N_WAKE_STAMPS] = now_ns;
}

/* The last wake-up within a time, which then is answered; -1 where there was none.  Not the first:
 * who gives something back wakes others without knowing whether anybody sleeps, and of many who
 * wait each would find one of those that nobody heard, long before its own. */
gint64
il_object_take_wake (IlObjectState *state, IlWakes whom, gint64 from_ns, gint64 to_ns)
{
  IlWakeStamps *wakes = &state->wakes[whom];

  for (guint i = wakes->n; i-- > 0;)
    {
      gint64 stamp_ns = wakes->stamps_ns[(wakes->first + i) % IL_N_WAKE_STAMPS];

      if (stamp_ns < from_ns || stamp_ns > to_ns)
        continue;
      for (; i + 1 < wakes->n; i++)
        wakes->stamps_ns[(wakes->first + i) % IL_N_WAKE_STAMPS]
            = wakes->stamps_ns[(wakes->first + i + 1) % IL_N_WAKE_STAMPS];
      wakes->n--;
      return stamp_ns;
    }
  return state->closed_ns >= from_ns && state->closed_ns <= to_ns ? state->closed_ns : -1;
}

static gboolean
anybody_may_give_back (const IlLane *lane)
{
  return il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_BINARY;
}

static void
lock_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  guint32 own = il_thread_plus_1 (step->thread);

  if (step->record->kind == IL_RECORD_LOCK_ACQUIRE)
    {
      if (state->holder_plus_1 != 0 && state->holder_plus_1 != own && !state->is_quiet)
        il_builder_contradiction (step->builder);
      state->is_quiet = FALSE;
      state->holder_plus_1 = own;
      il_series_append (lane->states, step->now_ns, IL_CODE (IL_STATE_RUNNING, own), 0);
      il_log_add_time (&lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], step->now_ns);
      if (il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_INTERPRETER)
        il_object_add_wake (state, IL_WAKES_YIELDERS, step->now_ns);
      return;
    }

  if (state->holder_plus_1 != own && !state->is_quiet && !anybody_may_give_back (lane))
    il_builder_contradiction (step->builder);
  if (state->holder_plus_1 != 0 && state->holder_plus_1 != own && anybody_may_give_back (lane))
    atomic_store_explicit (&lane->given_by_others, TRUE, memory_order_relaxed);
  state->is_quiet = FALSE;
  state->holder_plus_1 = 0;
  il_series_append (lane->states, step->now_ns, IL_CODE (IL_STATE_NONE, 0), 0);
  if (step->record->value & IL_RECORD_WOKE)
    il_object_add_wake (state, IL_WAKES_TAKERS, step->now_ns);
}

/* Its holders do not say so; one may say for all that it takes it again and again. */
static void
fall_quiet (IlObjectState *state, gint64 now_ns, guint32 taker_plus_1)
{
  IlLane *lane = state->object->lane;

  state->is_quiet = TRUE;
  state->holder_plus_1 = 0;
  state->n_readers = 0;
  il_series_append (lane->states, now_ns, IL_CODE (IL_STATE_UNKNOWN, taker_plus_1), 0);
  if (lane->level != NULL)
    il_series_append (lane->level, now_ns, 0, 0);
  il_object_hush_readers (state, now_ns);
}

/* Of the process that says something of it: before that it was not there. */
static gint64
find_begin (const IlStep *step)
{
  const IlTimeline *timeline = step->builder->timeline;
  gint32 pid = il_lane_get_info (step->thread->lane)->pid;

  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (timeline, i);
      const IlLaneInfo *info = il_lane_get_info (lane);

      if (info->kind == IL_LANE_THREAD && info->pid == pid)
        return CLAMP (il_lane_get_begin (lane), 0, step->now_ns);
    }
  return 0;
}

/* Nobody was inside from the beginning on; nothing happens where that is known, or it is known to
 * be otherwise. */
static void
be_empty_so_far (const IlObjectState *state)
{
  const IlLane *lane = state->object->lane;

  if (state->object->kind == IL_OBJECT_KIND_SEMAPHORE && il_series_get_length (lane->level) == 0)
    il_series_append (lane->level, 0, 0, 0);
}

/* A thread of a program that is not ours says when it waits: then there are no units left, whoever
 * has taken them without a word. */
void
il_object_waited_for (const IlStep *step)
{
  const IlObjectState *state = step->thread->waited;
  IlLane *lane;

  if (state == NULL || state->object->kind != IL_OBJECT_KIND_SEMAPHORE)
    return;
  lane = state->object->lane;
  if (step->thread->base != IL_SAYS_PROGRAM)
    be_empty_so_far (state);
  else if (state->n_waiters == 1)
    {
      if (il_series_get_length (lane->level) == 0)
        atomic_store_explicit (&lane->begin_ns, find_begin (step), memory_order_relaxed);
      il_series_append (lane->level, step->now_ns,
                        (guint32)MIN (il_lane_get_info (lane)->parameter, G_MAXUINT32), 0);
    }
}

/* What nothing was said of so far has been quiet since the beginning. */
static void
forget_past (const IlStep *step, IlObjectState *state)
{
  if (il_series_get_length (state->object->lane->states) == 1)
    fall_quiet (state, find_begin (step), 0);
}

static IlObjectState *
get_quiet (const IlStep *step)
{
  IlTimelineObject *object
      = il_timeline_find_object (step->builder->timeline, step->record->object);

  if (object == NULL
      || (object->kind != IL_OBJECT_KIND_LOCK && object->kind != IL_OBJECT_KIND_RWLOCK))
    {
      il_builder_contradiction (step->builder);
      return NULL;
    }
  il_process_use (step->thread, object->mine);
  return object->mine;
}

/* It was locked when it was copied by fork(): whoever could give it back is in another process. */
static void
be_held_by_nobody (IlObjectState *state, gint64 now_ns)
{
  state->is_quiet = TRUE;
  state->holder_plus_1 = 0;
  il_series_append (state->object->lane->states, now_ns, IL_CODE (IL_STATE_STOPPED, 0), 0);
}

/* Said by who has it, after the fact. */
static void
had (const IlStep *step, IlObjectState *state, gint64 since_ns)
{
  guint32 own = il_thread_plus_1 (step->thread);

  if (state->holder_plus_1 != 0 && state->holder_plus_1 != own && !state->is_quiet)
    il_builder_contradiction (step->builder);
  state->is_quiet = FALSE;
  state->holder_plus_1 = own;
  il_series_append (state->object->lane->states, MAX (since_ns, 0), IL_CODE (IL_STATE_RUNNING, own),
                    0);
}

/* Whoever waits to write waits for those who read, and for the first of them most of all. */
static void
blame_reader (IlThread *thread, const IlObjectState *state)
{
  if (thread->waited == state && thread->wants_to_write && state->holder_plus_1 == 0)
    thread->blamed_plus_1 = il_object_get_first_reader (state, il_thread_plus_1 (thread));
}

static void
read_by (const IlStep *step, IlObjectState *state)
{
  IlThread *thread = step->thread;
  const IlThread *reader = il_builder_get_thread (step->builder, step->record->value);

  if (reader == NULL)
    il_builder_contradiction (step->builder);
  if (reader == NULL || reader->is_dead)
    return;
  thread->named_plus_1 = step->record->value;
  il_object_add_reader (step->builder, state, thread->named_plus_1, step->now_ns);
  if (state->holder_plus_1 == 0 && state->n_readers > 0 && step->builder->told != state)
    il_object_show_hold (state, step->now_ns);
  blame_reader (thread, state);
}

static void
read_by_many (const IlStep *step, IlObjectState *state)
{
  gboolean was_shown = state->holder_plus_1 != 0 || state->n_readers > 0;

  state->is_quiet = TRUE;
  state->n_readers = step->record->value;
  il_series_append (state->object->lane->level, step->now_ns, state->n_readers, 0);
  if (state->n_readers > 0 && was_shown)
    il_object_show_hold (state, step->now_ns);
  else if (state->n_readers > 0)
    il_object_tell_readers (step, state);
}

/* Said by who has just begun to wait for it, or of what is used without a word from here on. */
void
il_object_held (const IlStep *step)
{
  IlObjectState *state = get_quiet (step);
  gint64 since_ns = step->now_ns - (gint64)step->record->value * IL_RECORD_COPY_NS;
  guint32 named_plus_1 = step->thread->named_plus_1;

  step->thread->named_plus_1 = 0;
  if (state == NULL)
    return;
  if ((step->record->kind == IL_RECORD_RW_INSIDE || step->record->kind == IL_RECORD_RW_READER)
      && state->object->kind != IL_OBJECT_KIND_RWLOCK)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  if (step->record->kind != IL_RECORD_RW_READER && named_plus_1 == 0)
    il_object_end_telling (step->builder);
  forget_past (step, state);
  if (step->record->kind == IL_RECORD_LOCK_QUIET)
    fall_quiet (state, step->now_ns, step->record->value);
  else if (step->record->kind == IL_RECORD_LOCK_HAD)
    had (step, state, since_ns);
  else if (step->record->kind == IL_RECORD_RW_INSIDE)
    read_by_many (step, state);
  else if (step->record->kind == IL_RECORD_RW_READER)
    read_by (step, state);
  else if (named_plus_1 != 0)
    {
      il_object_date_reader (state, named_plus_1, since_ns);
      blame_reader (step->thread, state);
    }
  else if (step->thread->waited != state)
    il_builder_contradiction (step->builder);
  else if (step->record->kind == IL_RECORD_LOCK_COPIED)
    be_held_by_nobody (state, step->now_ns);
  else if (step->thread->blamed_plus_1 != 0 && (state->is_quiet || state->holder_plus_1 == 0))
    {
      state->is_quiet = TRUE;
      state->holder_plus_1 = step->thread->blamed_plus_1;
      il_series_append (state->object->lane->states, MAX (since_ns, 0),
                        IL_CODE (IL_STATE_RUNNING, state->holder_plus_1), 0);
    }
}

/* Other processes may have what the thread waits for next, or that object. */
void
il_object_shared (const IlStep *step)
{
  const IlTimelineObject *object;

  if (step->record->object == 0)
    {
      step->thread->next_is_shared = TRUE;
      return;
    }
  object = il_timeline_find_object (step->builder->timeline, step->record->object);
  if (object == NULL)
    il_builder_contradiction (step->builder);
  else
    ((IlObjectState *)object->mine)->is_shared = TRUE;
}

/* Only who has it within others, or others within it, is said.  When it was taken and given back is
 * not, unless somebody waits for it: until then who has it is not known. */
void
il_object_nested (const IlStep *step)
{
  IlObjectState *state = get_quiet (step);

  if (state != NULL)
    forget_past (step, state);
}

/* So many took it without a record. */
void
il_object_counted (IlTimelineBuilder *builder, const IlRecord *record, gint64 now_ns)
{
  const IlTimelineObject *object = il_timeline_find_object (builder->timeline, record->object);

  if (object == NULL
      || (object->kind != IL_OBJECT_KIND_LOCK && object->kind != IL_OBJECT_KIND_RWLOCK
          && object->kind != IL_OBJECT_KIND_SEMAPHORE))
    il_builder_contradiction (builder);
  else
    il_lane_add_untold (object->lane, now_ns, record->value);
}

/* Threads that run tasks say all that they do: what they have said nothing of was not taken. */
void
il_object_all_told (IlTimelineBuilder *builder)
{
  if (builder->tells_all)
    return;
  builder->tells_all = TRUE;
  for (guint i = 0; i < builder->objects->len; i++)
    be_empty_so_far (g_ptr_array_index (builder->objects, i));
}

static void
semaphore_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  guint64 units = il_lane_get_info (lane)->parameter;
  guint32 left = step->record->value & ~IL_RECORD_WOKE;

  if (step->thread->base != IL_SAYS_PROGRAM)
    be_empty_so_far (state);
  /* One that is used as a signal has more units than at the start: nobody is inside. */
  il_series_append (lane->level, step->now_ns,
                    (guint32)(left < units ? MIN (units - left, G_MAXUINT32) : 0), 0);
  if (step->record->kind == IL_RECORD_SEM_ACQUIRE)
    il_log_add_time (&lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], step->now_ns);
  else if (step->record->value & IL_RECORD_WOKE)
    il_object_add_wake (state, IL_WAKES_TAKERS, step->now_ns);
}

static void
queue_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  gboolean woke = (step->record->value & IL_RECORD_WOKE) != 0;

  il_series_append (lane->level, step->now_ns, step->record->value & ~IL_RECORD_WOKE, 0);
  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_PUT:
      il_log_add_time (&lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], step->now_ns);
      if (woke)
        il_object_add_wake (state, IL_WAKES_TAKERS, step->now_ns);
      break;
    case IL_RECORD_GET:
      il_log_add_time (&lane->counts[IL_COUNT_GETS], step->now_ns);
      if (woke)
        il_object_add_wake (state, IL_WAKES_PUTTERS, step->now_ns);
      break;
    default:
      if (woke)
        state->closed_ns = step->now_ns;
      break;
    }
}

static void
count (const IlStep *step, IlObjectState *state, IlCount what)
{
  il_log_add_time (&state->object->lane->counts[what], step->now_ns);
}

/* Who they are. */
static void
note_reader (const IlStep *step, IlObjectState *state)
{
  guint32 own = il_thread_plus_1 (step->thread);

  if ((step->record->value & 1) == 0 && step->record->kind == IL_RECORD_RW_ACQUIRE)
    il_object_add_reader (step->builder, state, own, step->now_ns);
  else if ((step->record->value & 1) == 0)
    il_object_remove_reader (state, own, step->now_ns);
  else
    il_object_clear_readers (state, step->now_ns);
}

/* Held by one writer, or by readers, whose number is the level. */
static void
rwlock_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  guint32 own = il_thread_plus_1 (step->thread);
  gboolean writes = (step->record->value & 1) != 0;
  gboolean acquires = step->record->kind == IL_RECORD_RW_ACQUIRE;

  il_object_end_telling (step->builder);
  if (acquires)
    count (step, state, IL_COUNT_PUTS_OR_ACQUISITIONS);
  note_reader (step, state);
  /* One of those of whom it is not known how many they are. */
  if (!writes && !acquires && state->is_quiet && state->n_readers == 0)
    return;
  if (writes)
    {
      if ((state->holder_plus_1 != (acquires ? 0 : own) || state->n_readers != 0)
          && !state->is_quiet)
        il_builder_contradiction (step->builder);
      /* By hearsay there may be readers, or another writer: now it is known. */
      if (state->is_quiet)
        state->n_readers = 0;
      state->is_quiet = FALSE;
      state->holder_plus_1 = acquires ? own : 0;
    }
  else if (acquires || state->n_readers > 0)
    {
      if (state->is_quiet)
        state->holder_plus_1 = 0;
      state->n_readers += acquires ? 1 : -1;
    }
  else if (!state->is_quiet)
    il_builder_contradiction (step->builder);

  il_object_show_hold (state, step->now_ns);
  il_series_append (lane->level, step->now_ns, state->n_readers, 0);
  if (!acquires && (step->record->value & IL_RECORD_WOKE) != 0)
    il_object_add_wake (state, IL_WAKES_TAKERS, step->now_ns);
}

static void
event_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;

  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_FLAG_PASS:
      count (step, state, IL_COUNT_PUTS_OR_ACQUISITIONS);
      break;
    case IL_RECORD_FLAG_SET:
      count (step, state, IL_COUNT_GETS);
      il_series_append (lane->level, step->now_ns, 1, 0);
      if (step->record->value & IL_RECORD_WOKE)
        state->closed_ns = step->now_ns;
      break;
    default:
      il_series_append (lane->level, step->now_ns, 0, 0);
      break;
    }
}

static void
condition_used (const IlStep *step, IlObjectState *state)
{
  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_COND_WOKEN:
      count (step, state, IL_COUNT_PUTS_OR_ACQUISITIONS);
      break;
    case IL_RECORD_COND_WASTED:
      il_lane_add_amount (state->object->lane, step->now_ns, 1);
      break;
    default:
      count (step, state, IL_COUNT_GETS);
      if ((step->record->value & IL_RECORD_WOKE) == 0)
        break;
      if ((step->record->value & ~IL_RECORD_WOKE) >= state->n_waiters)
        state->closed_ns = step->now_ns;
      else
        il_object_add_wake (state, IL_WAKES_TAKERS, step->now_ns);
      break;
    }
}

static void
barrier_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;

  if (step->record->kind == IL_RECORD_BARRIER_WAIT)
    {
      il_series_append (lane->level, step->now_ns, step->record->value & ~IL_RECORD_WOKE, 0);
      return;
    }
  count (step, state, IL_COUNT_PUTS_OR_ACQUISITIONS);
  if ((step->record->value & IL_RECORD_WOKE) == 0)
    return;
  count (step, state, IL_COUNT_GETS);
  state->closed_ns = step->now_ns;
  il_series_append (lane->level, step->now_ns, 0, 0);
}

static void
channel_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  guint32 n_bytes = step->record->value & ~IL_RECORD_WOKE;
  gboolean woke = (step->record->value & IL_RECORD_WOKE) != 0;

  if (step->record->kind == IL_RECORD_SEND)
    {
      state->under_way += n_bytes;
      count (step, state, IL_COUNT_PUTS_OR_ACQUISITIONS);
      il_lane_add_amount (lane, step->now_ns, n_bytes);
    }
  else
    {
      /* Through a pipe a byte can be read before its writer has said that it wrote it. */
      state->under_way -= MIN (n_bytes, state->under_way);
      count (step, state, IL_COUNT_GETS);
    }
  il_series_append (lane->level, step->now_ns, (guint32)MIN (state->under_way, G_MAXUINT32), 0);
  if (woke)
    il_object_add_wake (state,
                        step->record->kind == IL_RECORD_SEND ? IL_WAKES_TAKERS : IL_WAKES_PUTTERS,
                        step->now_ns);
}

static void
file_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;

  if (step->record->kind == IL_RECORD_TORN_LINES)
    {
      atomic_store_explicit (&lane->n_torn_lines, step->record->value, memory_order_relaxed);
      return;
    }
  state->written += step->record->value;
  count (step, state, IL_COUNT_PUTS_OR_ACQUISITIONS);
  il_lane_add_amount (lane, step->now_ns, step->record->value);
  il_series_append (lane->level, step->now_ns, (guint32)MIN (state->written, G_MAXUINT32), 0);
}

static void
counter_used (const IlStep *step, IlObjectState *state)
{
  if (step->record->kind == IL_RECORD_COUNTER)
    il_series_append (state->object->lane->level, step->now_ns, step->record->value, 0);
  else
    /* The sum may go back, their number does not. */
    il_lane_add_amount (state->object->lane, step->now_ns,
                        (guint64)(gint64)(gint32)step->record->value);
}

typedef struct
{
  IlTimelineObjectKind kind;
  void (*use) (const IlStep *step, IlObjectState *state);
} Use;

/* What is in another state after a record, and how. */
static const Use uses[IL_N_RECORD_KINDS] = {
  [IL_RECORD_LOCK_ACQUIRE] = { IL_OBJECT_KIND_LOCK, lock_used },
  [IL_RECORD_LOCK_RELEASE] = { IL_OBJECT_KIND_LOCK, lock_used },
  [IL_RECORD_SEM_ACQUIRE] = { IL_OBJECT_KIND_SEMAPHORE, semaphore_used },
  [IL_RECORD_SEM_POST] = { IL_OBJECT_KIND_SEMAPHORE, semaphore_used },
  [IL_RECORD_PUT] = { IL_OBJECT_KIND_QUEUE, queue_used },
  [IL_RECORD_GET] = { IL_OBJECT_KIND_QUEUE, queue_used },
  [IL_RECORD_QUEUE_CLOSE] = { IL_OBJECT_KIND_QUEUE, queue_used },
  [IL_RECORD_COUNTER] = { IL_OBJECT_KIND_COUNTER, counter_used },
  [IL_RECORD_LOST_UPDATE] = { IL_OBJECT_KIND_COUNTER, counter_used },
  [IL_RECORD_RW_ACQUIRE] = { IL_OBJECT_KIND_RWLOCK, rwlock_used },
  [IL_RECORD_RW_RELEASE] = { IL_OBJECT_KIND_RWLOCK, rwlock_used },
  [IL_RECORD_FLAG_PASS] = { IL_OBJECT_KIND_EVENT, event_used },
  [IL_RECORD_FLAG_SET] = { IL_OBJECT_KIND_EVENT, event_used },
  [IL_RECORD_FLAG_CLEAR] = { IL_OBJECT_KIND_EVENT, event_used },
  [IL_RECORD_COND_WOKEN] = { IL_OBJECT_KIND_CONDITION, condition_used },
  [IL_RECORD_COND_WASTED] = { IL_OBJECT_KIND_CONDITION, condition_used },
  [IL_RECORD_COND_NOTIFY] = { IL_OBJECT_KIND_CONDITION, condition_used },
  [IL_RECORD_BARRIER_WAIT] = { IL_OBJECT_KIND_BARRIER, barrier_used },
  [IL_RECORD_BARRIER_PASS] = { IL_OBJECT_KIND_BARRIER, barrier_used },
  [IL_RECORD_SEND] = { IL_OBJECT_KIND_CHANNEL, channel_used },
  [IL_RECORD_RECEIVE] = { IL_OBJECT_KIND_CHANNEL, channel_used },
  [IL_RECORD_TORN_LINES] = { IL_OBJECT_KIND_FILE, file_used },
  [IL_RECORD_FILE_BYTES] = { IL_OBJECT_KIND_FILE, file_used },
};

/* How deep its owner is in a recursive lock.  FALSE: it says something else. */
static gboolean
note_depth (const IlStep *step)
{
  const IlTimelineObject *object
      = il_timeline_find_object (step->builder->timeline, step->record->object);

  if (step->record->kind != IL_RECORD_COUNTER || object == NULL
      || object->kind != IL_OBJECT_KIND_LOCK)
    return FALSE;
  if (step->record->value > atomic_load_explicit (&object->lane->max_depth, memory_order_relaxed))
    atomic_store_explicit (&object->lane->max_depth, step->record->value, memory_order_relaxed);
  return TRUE;
}

/* FALSE if records of this kind use no object. */
gboolean
il_object_used (const IlStep *step)
{
  const Use *use = &uses[step->record->kind];
  IlObjectState *state;

  if (use->use == NULL)
    return FALSE;
  if (note_depth (step))
    return TRUE;
  state = il_object_get (step, step->record->object, use->kind);
  if (state != NULL)
    use->use (step, state);
  return TRUE;
}

/* It holds them no more, and nobody can have them before they are given back for it.  Which readers
 * are inside is not known. */
void
il_object_holder_dies (IlTimelineBuilder *builder, const IlThread *dead, gint64 now_ns)
{
  guint32 own = il_thread_plus_1 (dead);

  il_object_end_telling (builder);
  for (guint i = 0; i < builder->objects->len; i++)
    {
      const IlObjectState *state = g_ptr_array_index (builder->objects, i);

      if (state->holder_plus_1 == own)
        il_series_append (state->object->lane->states, now_ns, IL_CODE (IL_STATE_STOPPED, own), 0);
    }
}

/* A lock whose owner died is free again.  What a dead thread held of a semaphore comes back with
 * the next record that says how many are left. */
void
il_object_owner_died (const IlStep *step)
{
  IlTimelineObject *object
      = il_timeline_find_object (step->builder->timeline, step->record->object);
  IlObjectState *state;

  if (object == NULL
      || (object->kind != IL_OBJECT_KIND_LOCK && object->kind != IL_OBJECT_KIND_SEMAPHORE
          && object->kind != IL_OBJECT_KIND_RWLOCK))
    {
      il_builder_contradiction (step->builder);
      return;
    }
  il_object_end_telling (step->builder);
  il_lane_add_amount (object->lane, step->now_ns, 1);
  if (object->kind == IL_OBJECT_KIND_SEMAPHORE)
    return;

  state = object->mine;
  if (object->kind == IL_OBJECT_KIND_RWLOCK && state->holder_plus_1 != step->record->value)
    {
      /* A reader. */
      il_object_remove_reader (state, step->record->value, step->now_ns);
      state->n_readers -= state->n_readers > 0;
      il_series_append (object->lane->level, step->now_ns, state->n_readers, 0);
      if (state->holder_plus_1 == 0)
        il_object_show_hold (state, step->now_ns);
      return;
    }
  if (state->holder_plus_1 == 0 || state->holder_plus_1 != step->record->value)
    il_builder_contradiction (step->builder);
  state->holder_plus_1 = 0;
  il_series_append (object->lane->states, step->now_ns, IL_CODE (IL_STATE_NONE, 0), 0);
}
