/* il-timeline-builder-object.c - what records say of locks, semaphores, queues and counters
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

/* An object that nobody has used yet: free, empty, waited for by nobody, since the beginning. */
void
il_object_state_init (IlObjectState *state, IlTimelineObject *object)
{
  IlLane *lane = object->lane;

  state->object = object;
  state->closed_ns = -1;
  object->mine = state;
  if (lane == NULL)
    return;
  if (lane->states != NULL)
    il_series_append (lane->states, 0, IL_CODE (IL_STATE_NONE, 0), 0);
  if (lane->level != NULL && lane->info.kind != IL_LANE_COUNTER)
    il_series_append (lane->level, 0, 0, 0);
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
  return object->mine;
}

void
il_object_add_waiter (IlObjectState *state, gint64 now_ns)
{
  state->n_waiters++;
  il_series_append (state->object->lane->waiters, now_ns, state->n_waiters, 0);
}

void
il_object_remove_waiter (IlObjectState *state, gint64 now_ns)
{
  state->n_waiters--;
  il_series_append (state->object->lane->waiters, now_ns, state->n_waiters, 0);
  if (state->n_waiters == 0)
    {
      state->wakes[IL_WAKES_TAKERS].n = 0;
      state->wakes[IL_WAKES_PUTTERS].n = 0;
    }
}

static void
add_wake (IlObjectState *state, IlWakes whom, gint64 now_ns)
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

/* The first wake-up within a time, which then is answered; -1 where there was none. */
gint64
il_object_take_wake (IlObjectState *state, IlWakes whom, gint64 from_ns, gint64 to_ns)
{
  IlWakeStamps *wakes = &state->wakes[whom];

  for (guint i = 0; i < wakes->n; i++)
    {
      gint64 stamp_ns = wakes->stamps_ns[(wakes->first + i) % IL_N_WAKE_STAMPS];

      if (stamp_ns < from_ns || stamp_ns > to_ns)
        continue;
      for (; i > 0; i--)
        wakes->stamps_ns[(wakes->first + i) % IL_N_WAKE_STAMPS]
            = wakes->stamps_ns[(wakes->first + i - 1) % IL_N_WAKE_STAMPS];
      wakes->first = (wakes->first + 1) % IL_N_WAKE_STAMPS;
      wakes->n--;
      return stamp_ns;
    }
  return state->closed_ns >= from_ns && state->closed_ns <= to_ns ? state->closed_ns : -1;
}

static void
lock_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  guint32 own = il_thread_plus_1 (step->thread);

  if (step->record->kind == IL_RECORD_LOCK_ACQUIRE)
    {
      if (state->holder_plus_1 != 0 && state->holder_plus_1 != own)
        il_builder_contradiction (step->builder);
      state->holder_plus_1 = own;
      il_series_append (lane->states, step->now_ns, IL_CODE (IL_STATE_RUNNING, own), 0);
      il_log_add_time (&lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], step->now_ns);
      return;
    }

  if (state->holder_plus_1 != own)
    il_builder_contradiction (step->builder);
  state->holder_plus_1 = 0;
  il_series_append (lane->states, step->now_ns, IL_CODE (IL_STATE_NONE, 0), 0);
  if (step->record->value & IL_RECORD_WOKE)
    add_wake (state, IL_WAKES_TAKERS, step->now_ns);
}

static void
semaphore_used (const IlStep *step, IlObjectState *state)
{
  IlLane *lane = state->object->lane;
  guint64 units = lane->info.parameter;
  guint32 left = step->record->value & ~IL_RECORD_WOKE;

  /* One that is used as a signal has more units than at the start: nobody is inside. */
  il_series_append (lane->level, step->now_ns,
                    (guint32)(left < units ? MIN (units - left, G_MAXUINT32) : 0), 0);
  if (step->record->kind == IL_RECORD_SEM_ACQUIRE)
    il_log_add_time (&lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], step->now_ns);
  else if (step->record->value & IL_RECORD_WOKE)
    add_wake (state, IL_WAKES_TAKERS, step->now_ns);
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
        add_wake (state, IL_WAKES_TAKERS, step->now_ns);
      break;
    case IL_RECORD_GET:
      il_log_add_time (&lane->counts[IL_COUNT_GETS], step->now_ns);
      if (woke)
        add_wake (state, IL_WAKES_PUTTERS, step->now_ns);
      break;
    default:
      if (woke)
        state->closed_ns = step->now_ns;
      break;
    }
}

/* A lock, semaphore or queue is in another state after this record. */
void
il_object_used (const IlStep *step)
{
  IlTimelineObjectKind kind;
  IlObjectState *state;

  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_LOCK_ACQUIRE:
    case IL_RECORD_LOCK_RELEASE:
      kind = IL_OBJECT_KIND_LOCK;
      break;
    case IL_RECORD_SEM_ACQUIRE:
    case IL_RECORD_SEM_POST:
      kind = IL_OBJECT_KIND_SEMAPHORE;
      break;
    default:
      kind = IL_OBJECT_KIND_QUEUE;
      break;
    }

  state = il_object_get (step, step->record->object, kind);
  if (state == NULL)
    return;
  if (kind == IL_OBJECT_KIND_LOCK)
    lock_used (step, state);
  else if (kind == IL_OBJECT_KIND_SEMAPHORE)
    semaphore_used (step, state);
  else
    queue_used (step, state);
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
      || (object->kind != IL_OBJECT_KIND_LOCK && object->kind != IL_OBJECT_KIND_SEMAPHORE))
    {
      il_builder_contradiction (step->builder);
      return;
    }
  if (object->kind == IL_OBJECT_KIND_SEMAPHORE)
    return;

  state = object->mine;
  if (state->holder_plus_1 == 0 || state->holder_plus_1 != step->record->value)
    il_builder_contradiction (step->builder);
  state->holder_plus_1 = 0;
  il_series_append (object->lane->states, step->now_ns, IL_CODE (IL_STATE_NONE, 0), 0);
}

void
il_object_counted (const IlStep *step)
{
  IlObjectState *state = il_object_get (step, step->record->object, IL_OBJECT_KIND_COUNTER);

  if (state != NULL)
    il_series_append (state->object->lane->level, step->now_ns, step->record->value, 0);
}
