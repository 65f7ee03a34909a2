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
#define IL_PREDICTOR_N_KINDS 3 /* that are guessed one after the other */
#define IL_PREDICTOR_N_LANES 8 /* that are told by how recently they spoke */

typedef struct
{
  guint32 level;     /* depth of a queue, units of a semaphore, value of a counter */
  guint32 holder;    /* lane + 1 that acquired it last */
  guint32 n_waiting; /* lanes that wait for it, as far as one can tell */
  guint32 n_putting; /* the same for putting into a queue */
} IlObjectMemory;

/* What a lane said last: kind | object << 8 of what the target said, apart from the scheduler. */
typedef struct
{
  guint32 last, last_but_one;
  guint32 task;
  guint32 next_task;
  guint32 core;
  guint32 waker;
  guint32 usage;
  gint32 stride_score; /* above 0: this lane's own tasks follow one another */
  guint8 kind;         /* of the last record, the scheduler's too */
  guint8 waiting;      /* IL_RECORD_…_WAIT, or 0 */
} IlLaneMemory;

/* Kinds that followed: a byte each, the latest in the lowest.  What comes next cannot be told, so
 * no branch is to depend on it. */
typedef guint32 IlKindMemory;

/*
 * Everything is guessed in the order of time over all lanes: what is said is mostly about things
 * that lanes share (how deep a queue is, which task comes next, who holds a lock, who gets the core
 * that another one leaves), and only who is on a core says anything, so that there are few lanes at
 * a time.  A lane repeats itself: what followed the same record last time follows again, or what
 * followed the time before.
 */
typedef struct
{
  guint recent[IL_PREDICTOR_N_LANES]; /* runs, the latest first; each once */
  guint n_recent;
  guint8 last_kind; /* of any lane */
  guint32 next_submitted, next_begun, next_dropped, creator;
  IlKindMemory kinds[IL_PREDICTOR_SIZE];     /* by context */
  guint32 objects_said[IL_PREDICTOR_SIZE];   /* by context and kind */
  IlObjectMemory objects[IL_PREDICTOR_SIZE]; /* by object, modulo their number */
  IlLaneMemory lanes[];                      /* by run */
} IlPredictor;

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

/* Where in the list a run is; IL_PREDICTOR_N_LANES where it is not. */
static inline guint
il_predictor_find_recent (const IlPredictor *self, guint run)
{
  for (guint i = 0; i < self->n_recent; i++)
    if (self->recent[i] == run)
      return i;
  return IL_PREDICTOR_N_LANES;
}

/* The run at that place in the list, or else a new one, has spoken. */
static inline void
il_predictor_touch (IlPredictor *self, guint place, guint run)
{
  if (place == 0)
    return;
  if (place == IL_PREDICTOR_N_LANES)
    {
      if (self->n_recent < IL_PREDICTOR_N_LANES)
        self->n_recent++;
      place = self->n_recent - 1;
    }
  for (; place > 0; place--)
    self->recent[place] = self->recent[place - 1];
  self->recent[0] = run;
}

static inline IlKindMemory *
il_predictor_kinds (IlPredictor *self, guint run, gboolean is_same_lane)
{
  const IlLaneMemory *lane = &self->lanes[run];

  return &self->kinds[il_predictor_hash (lane->last, lane->kind << 1 | (is_same_lane ? 1 : 0))];
}

/* Where in the list a kind is; IL_PREDICTOR_N_KINDS where it is not. */
static inline guint
il_kind_memory_find (IlKindMemory kinds, guint kind)
{
  guint not_first = (kinds & 0xff) != kind;
  guint not_second = not_first & ((kinds >> 8 & 0xff) != kind);

  return not_first + not_second + (not_second & ((kinds >> 16 & 0xff) != kind));
}

static inline guint
il_kind_memory_get (IlKindMemory kinds, guint place)
{
  return kinds >> 8 * place & 0xff;
}

/* The kind at that place has come; what was before it in the list comes after it now. */
static inline void
il_kind_memory_touch (IlKindMemory *kinds, guint place, guint kind)
{
  guint32 moved = (1u << 8 * place) - 1;

  *kinds = kind | (*kinds & moved) << 8 | (*kinds & ~(moved << 8 | 0xff));
}

/* What the object was when the lane was here last, to be corrected in place. */
static inline guint32 *
il_predictor_object (IlPredictor *self, guint run, guint kind)
{
  const IlLaneMemory *lane = &self->lanes[run];

  return &self->objects_said[il_predictor_hash (lane->last ^ kind << 25, lane->last_but_one)];
}

/* Values whose top bit is a flag, or whose top part is guessed less well, are turned so that a
 * wrong guess of it costs no more than of the rest. */
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
    case IL_RECORD_CORE_USAGE:
      return value >> 10 | value << 22;
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
    case IL_RECORD_CORE_USAGE:
      return value << 10 | value >> 22;
    default:
      return value;
    }
}

/* All parts of a core's time together are 1000. */
static inline guint32
il_predictor_guess_idle (guint32 busy, guint32 last)
{
  guint32 iowait = last & 0x3ff;
  guint32 rest = (busy & 0x3ff) + (busy >> 10 & 0x3ff) + iowait;

  return iowait | (rest < 1000 ? 1000 - rest : 0) << 10;
}

static inline guint32
il_predictor_guess_value (const IlPredictor *self, guint run, const IlRecord *record)
{
  const IlObjectMemory *object = &self->objects[record->object % IL_PREDICTOR_SIZE];
  const IlLaneMemory *lane = &self->lanes[run];

  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LANE_BEGIN:
      return self->creator;
    case IL_RECORD_TASK_SUBMIT:
    case IL_RECORD_TASK_DIRECT:
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
      return lane->usage;
    case IL_RECORD_CORE_USAGE:
      return il_predictor_guess_idle (record->object, lane->usage);
    default:
      return 0;
    }
}

static inline void
il_predictor_begin_wait (IlObjectMemory *object, IlLaneMemory *lane, guint kind)
{
  lane->waiting = (guint8)kind;
  if (kind == IL_RECORD_PUT_WAIT)
    object->n_putting++;
  else
    object->n_waiting++;
}

static inline void
il_predictor_end_wait (IlObjectMemory *object, IlLaneMemory *lane)
{
  guint32 *n = lane->waiting == IL_RECORD_PUT_WAIT ? &object->n_putting : &object->n_waiting;

  if (lane->waiting != 0 && *n > 0)
    *n -= 1;
  lane->waiting = 0;
}

static inline void
il_predictor_learn_value (IlPredictor *self, guint run, guint32 lane_number, const IlRecord *record)
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
    case IL_RECORD_TASK_DIRECT:
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
      il_predictor_begin_wait (object, lane, record->kind);
      break;
    case IL_RECORD_LOCK_ACQUIRE:
      il_predictor_end_wait (object, lane);
      object->holder = lane_number + 1;
      break;
    case IL_RECORD_SEM_ACQUIRE:
    case IL_RECORD_PUT:
    case IL_RECORD_GET:
      il_predictor_end_wait (object, lane);
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
      il_predictor_end_wait (object, lane);
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

/* The record has been said; its place in the lists of lanes and kinds is noted apart from that. */
static inline void
il_predictor_learn (IlPredictor *self, guint run, guint32 lane_number, const IlRecord *record)
{
  IlLaneMemory *lane = &self->lanes[run];

  il_predictor_learn_value (self, run, lane_number, record);
  lane->kind = record->kind;
  self->last_kind = record->kind;
  if (il_record_kind_is_scheduler (record->kind))
    return;
  lane->last_but_one = lane->last;
  lane->last = record->kind | (guint32)record->object << 8;
}

G_END_DECLS
