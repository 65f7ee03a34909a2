/* il-record-predictor-private.h - guesses what a record says, from those before it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Encoder and decoder run the same guesses over the same records, so that only what was guessed
 * wrongly has to be stored.  A wrong guess costs bytes, never correctness.  What is guessed is part
 * of the format: any change here needs a new IL_RECORD_CODEC_VERSION.
 */

#pragma once

#include "il-record.h"

#include <string.h>

G_BEGIN_DECLS

#define IL_PREDICTOR_BITS 12
#define IL_PREDICTOR_SIZE (1u << IL_PREDICTOR_BITS)

/*
 * Kinds and objects, guessed while going through one lane after the other.  A lane repeats itself:
 * what followed the same two records of the target last time follows again.  What the scheduler
 * says in between is kept out of this memory, but for being the last thing said.
 */
typedef struct
{
  guint32 context; /* of the lane's next record */
  guint32 last, last_but_one;
  guint8 kinds[IL_PREDICTOR_SIZE];    /* by context */
  guint32 objects[IL_PREDICTOR_SIZE]; /* by context and kind */
} IlStepPredictor;

static inline gboolean
il_record_kind_is_scheduler (guint kind)
{
  return kind >= IL_RECORD_SCHED_IN && kind <= IL_RECORD_SCHED_LOST;
}

static inline guint32
il_predictor_hash (guint32 a, guint32 b)
{
  return ((a * 0x9e3779b1u) ^ (b * 0x85ebca6bu)) >> (32 - IL_PREDICTOR_BITS);
}

static inline void
il_step_predictor_begin_lane (IlStepPredictor *self)
{
  self->last = self->last_but_one = 0;
  self->context = 0;
}

static inline guint
il_step_predictor_guess_kind (const IlStepPredictor *self)
{
  return self->kinds[self->context];
}

static inline guint32
il_step_predictor_guess_object (const IlStepPredictor *self, guint kind)
{
  return self->objects[il_predictor_hash (self->context + 1, kind)];
}

static inline void
il_step_predictor_learn (IlStepPredictor *self, guint kind, guint32 object)
{
  self->kinds[self->context] = (guint8)kind;
  self->objects[il_predictor_hash (self->context + 1, kind)] = object;
  if (il_record_kind_is_scheduler (kind))
    {
      self->context = il_predictor_hash (self->last, self->last_but_one + kind);
      return;
    }
  self->last_but_one = self->last;
  self->last = kind | object << 8;
  self->context = il_predictor_hash (self->last, self->last_but_one);
}

/*
 * Values, guessed in the order of time over all lanes, since what they say is mostly about things
 * that lanes share: how deep a queue is, which task comes next, who holds a lock.
 */
typedef struct
{
  guint32 level;     /* depth of a queue, units of a semaphore, value of a counter */
  guint32 holder;    /* lane + 1 that acquired it last */
  guint32 n_waiting; /* lanes that wait for it, as far as one can tell */
  guint32 n_putting; /* the same for putting into a queue */
} IlObjectMemory;

typedef struct
{
  guint32 task;
  guint32 next_task;
  guint32 core;
  guint32 waker;
  guint32 usage;
  gint32 stride_score; /* above 0: this lane's own tasks follow one another */
  guint8 waiting;      /* IL_RECORD_…_WAIT, or 0 */
} IlLaneMemory;

typedef struct
{
  guint32 next_submitted, next_begun, next_dropped, creator;
  IlObjectMemory objects[IL_PREDICTOR_SIZE]; /* by object, modulo their number */
  IlLaneMemory lanes[];                      /* by run */
} IlValuePredictor;

/* Values whose top bit is a flag are turned so that a wrong guess of it costs no more than the
 * rest. */
static inline guint32
il_value_turn (guint kind, guint32 value)
{
  switch (kind)
    {
    case IL_RECORD_LOCK_RELEASE:
    case IL_RECORD_SEM_POST:
    case IL_RECORD_PUT:
    case IL_RECORD_GET:
    case IL_RECORD_QUEUE_CLOSE:
      return value << 1 | value >> 31;
    default:
      return value;
    }
}

static inline guint32
il_value_turn_back (guint kind, guint32 value)
{
  switch (kind)
    {
    case IL_RECORD_LOCK_RELEASE:
    case IL_RECORD_SEM_POST:
    case IL_RECORD_PUT:
    case IL_RECORD_GET:
    case IL_RECORD_QUEUE_CLOSE:
      return value >> 1 | value << 31;
    default:
      return value;
    }
}

static inline guint32
il_value_predictor_guess (const IlValuePredictor *self, guint run, const IlRecord *record)
{
  const IlObjectMemory *object = &self->objects[record->object % IL_PREDICTOR_SIZE];
  const IlLaneMemory *lane = &self->lanes[run];

  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LANE_BEGIN:
      return self->creator;
    case IL_RECORD_TASK_SUBMIT:
      return self->next_submitted;
    case IL_RECORD_TASK_BEGIN:
      return lane->stride_score > 0 ? lane->next_task : self->next_begun;
    case IL_RECORD_TASK_END:
      return lane->task;
    case IL_RECORD_TASK_DROP:
      return self->next_dropped;
    case IL_RECORD_LOCK_WAIT:
      return object->holder;
    case IL_RECORD_LOCK_ACQUIRE:
      return lane->waiting != 0 ? object->holder : 0;
    case IL_RECORD_LOCK_RELEASE:
      return object->n_waiting > 0 ? IL_RECORD_WOKE : 0;
    case IL_RECORD_SEM_ACQUIRE:
      return object->level - 1;
    case IL_RECORD_SEM_POST:
      return (object->level + 1) | (object->n_waiting > 0 ? IL_RECORD_WOKE : 0);
    case IL_RECORD_PUT:
      return (object->level + 1) | (object->n_waiting > 0 ? IL_RECORD_WOKE : 0);
    case IL_RECORD_GET:
      return (object->level - 1) | (object->n_putting > 0 ? IL_RECORD_WOKE : 0);
    case IL_RECORD_QUEUE_CLOSE:
    case IL_RECORD_COUNTER:
      return object->level;
    case IL_RECORD_SCHED_IN:
    case IL_RECORD_SCHED_OUT:
      return lane->core;
    case IL_RECORD_SCHED_WAKE:
      return lane->waker;
    case IL_RECORD_SAMPLE:
    case IL_RECORD_CORE_USAGE:
      return lane->usage;
    default:
      return 0;
    }
}

static inline void
il_value_predictor_begin_wait (IlObjectMemory *object, IlLaneMemory *lane, guint kind)
{
  lane->waiting = (guint8)kind;
  if (kind == IL_RECORD_PUT_WAIT)
    object->n_putting++;
  else
    object->n_waiting++;
}

static inline void
il_value_predictor_end_wait (IlObjectMemory *object, IlLaneMemory *lane)
{
  guint32 *n = lane->waiting == IL_RECORD_PUT_WAIT ? &object->n_putting : &object->n_waiting;

  if (lane->waiting != 0 && *n > 0)
    *n -= 1;
  lane->waiting = 0;
}

static inline void
il_value_predictor_learn (IlValuePredictor *self, guint run, guint32 lane_number,
                          const IlRecord *record)
{
  IlObjectMemory *object = &self->objects[record->object % IL_PREDICTOR_SIZE];
  IlLaneMemory *lane = &self->lanes[run];
  guint32 value = record->value;

  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LANE_BEGIN:
      self->creator = value;
      break;
    case IL_RECORD_TASK_SUBMIT:
      self->next_submitted = value + 1;
      break;
    case IL_RECORD_TASK_BEGIN:
      lane->stride_score += (value == lane->next_task) - (value == self->next_begun);
      lane->stride_score = CLAMP (lane->stride_score, -8, 8);
      lane->task = value;
      lane->next_task = self->next_begun = value + 1;
      break;
    case IL_RECORD_TASK_DROP:
      self->next_dropped = value + 1;
      break;
    case IL_RECORD_LOCK_WAIT:
    case IL_RECORD_SEM_WAIT:
    case IL_RECORD_PUT_WAIT:
    case IL_RECORD_GET_WAIT:
      il_value_predictor_begin_wait (object, lane, record->kind);
      break;
    case IL_RECORD_LOCK_ACQUIRE:
      il_value_predictor_end_wait (object, lane);
      object->holder = lane_number + 1;
      break;
    case IL_RECORD_SEM_ACQUIRE:
    case IL_RECORD_PUT:
    case IL_RECORD_GET:
      il_value_predictor_end_wait (object, lane);
      object->level = value & ~IL_RECORD_WOKE;
      break;
    case IL_RECORD_SEM_POST:
    case IL_RECORD_QUEUE_CLOSE:
      object->level = value & ~IL_RECORD_WOKE;
      break;
    case IL_RECORD_COUNTER:
      object->level = value;
      break;
    case IL_RECORD_WAIT_CANCELLED:
      il_value_predictor_end_wait (object, lane);
      break;
    case IL_RECORD_SCHED_IN:
    case IL_RECORD_SCHED_OUT:
      lane->core = value;
      break;
    case IL_RECORD_SCHED_WAKE:
      lane->waker = value;
      break;
    case IL_RECORD_SAMPLE:
    case IL_RECORD_CORE_USAGE:
      lane->usage = value;
      break;
    default:
      break;
    }
}

G_END_DECLS
