/* il-finder-hold.c - who has what, as far as it is said or follows
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finder-private.h"

IlFinderHold *
il_finder_find_hold (const IlFinderThread *thread, guint32 object)
{
  for (guint i = 0; i < thread->holds->len; i++)
    if (g_array_index (thread->holds, IlFinderHold, i).object == object)
      return &g_array_index (thread->holds, IlFinderHold, i);
  return NULL;
}

static void
remove_hold (IlFinderThread *thread, const IlFinderHold *hold)
{
  g_array_remove_index (thread->holds,
                        (guint)(hold - (const IlFinderHold *)(gpointer)thread->holds->data));
}

static void
remove_holder (IlFinderObject *object, guint32 lane)
{
  for (guint i = 0; i < object->holders->len; i++)
    if (g_array_index (object->holders, guint32, i) == lane)
      {
        g_array_remove_index_fast (object->holders, i);
        return;
      }
}

/**
 * il_finder_forget_holders:
 *
 * Who has it, and who takes it from here on, is not said any more.
 */
void
il_finder_forget_holders (IlFinder *self, guint32 number)
{
  IlFinderObject *object = il_finder_get_object (self, number);

  while (object->holders->len > 0)
    {
      IlFinderThread *holder
          = il_finder_get_thread (self, g_array_index (object->holders, guint32, 0));
      const IlFinderHold *hold = il_finder_find_hold (holder, number);

      if (hold != NULL)
        remove_hold (holder, hold);
      g_array_remove_index_fast (object->holders, 0);
    }
}

/* Somebody reads: whoever was thought to write gave it back without a word. */
static void
forget_writers (IlFinder *self, guint32 number)
{
  IlFinderObject *object = il_finder_get_object (self, number);

  for (guint i = object->holders->len; i-- > 0;)
    {
      IlFinderThread *holder
          = il_finder_get_thread (self, g_array_index (object->holders, guint32, i));
      const IlFinderHold *hold = il_finder_find_hold (holder, number);

      if (hold != NULL && !hold->excludes)
        continue;
      if (hold != NULL)
        remove_hold (holder, hold);
      g_array_remove_index_fast (object->holders, i);
    }
}

/* Whoever is known to have it, and cannot while the thread does, gave it back without a word. */
static void
forget_former (IlFinder *self, const IlRecord *record)
{
  if (record->kind == IL_RECORD_LOCK_ACQUIRE
      || (record->kind == IL_RECORD_RW_ACQUIRE && (record->value & 1) != 0))
    il_finder_forget_holders (self, record->object);
  else if (record->kind == IL_RECORD_RW_ACQUIRE)
    forget_writers (self, record->object);
}

/**
 * il_finder_take:
 * @is_timed: whether it would have given up at once, or after a while
 *
 * The thread has got one unit of an object.
 */
void
il_finder_take (IlFinder *self, IlFinderThread *thread, const IlRecord *record, gboolean is_timed)
{
  guint32 number = record->object;
  IlFinderObject *object = il_finder_get_object (self, number);
  IlFinderHold *hold;
  const IlFinderHold fresh = { .object = number,
                               .units = 1,
                               .since_ns = self->now_ns,
                               .lost_before_ns = thread->lost_ns,
                               .input_before_ns = thread->input_ns,
                               .got_before = thread->n_got,
                               .depth = thread->task_kinds->len,
                               .excludes = il_finder_excludes (self, record) };

  il_finder_taken (object);
  il_finder_forget_left (self, object);
  if (il_finder_find_hold (thread, number) == NULL)
    il_finder_long_hold_over (self, object);
  if (object->is_told_in_part)
    forget_former (self, record);
  hold = il_finder_find_hold (thread, number);
  if (hold != NULL)
    {
      hold->units++;
      return;
    }
  /* Who would have given up after a while is in nobody's way. */
  if (!is_timed)
    il_finder_note_order (self, thread, number,
                          fresh.excludes || record->kind != IL_RECORD_RW_ACQUIRE,
                          &(const IlFinderTold){ 0 });
  g_array_append_val (thread->holds, fresh);
  g_array_append_val (object->holders, thread->lane);
}

/**
 * il_finder_had:
 * @record: that the thread has a lock, and since when
 * @is_timed: as for il_finder_take()
 *
 * It took it without a word, as others do who take it again and again.
 */
void
il_finder_had (IlFinder *self, IlFinderThread *thread, const IlRecord *record, gboolean is_timed)
{
  IlFinderHold *hold;

  il_finder_get_object (self, record->object)->is_told_in_part = TRUE;
  if (il_finder_find_hold (thread, record->object) != NULL)
    return;
  il_finder_forget_holders (self, record->object);
  il_finder_take (self, thread, record, is_timed);
  hold = il_finder_find_hold (thread, record->object);
  if (hold != NULL)
    hold->since_ns = MAX (self->now_ns - (gint64)record->value * IL_RECORD_COPY_NS, 0);
}

/* One who holds nothing gives something: a signal to others.  A lock that nobody but its holder can
 * give back is none: that it was taken was just not said, since nobody waited for it yet. */
static void
give_unheld (IlFinder *self, IlFinderObject *object)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object->object);
  const IlLaneInfo *info = lane != NULL ? il_lane_get_info (lane) : NULL;
  gboolean is_binary
      = info != NULL && info->kind == IL_LANE_LOCK && info->parameter == IL_LANE_PARAMETER_BINARY;

  if (!is_binary && (info == NULL || info->kind != IL_LANE_SEMAPHORE))
    return;
  il_finder_note_signal (self, object);
  if (is_binary)
    il_finder_forget_holders (self, object->object);
}

/**
 * il_finder_give:
 *
 * Gives back one unit of what a thread holds; who holds nothing, as one who only signals, gives
 * nothing back.
 */
void
il_finder_give (IlFinder *self, IlFinderThread *thread, guint32 number)
{
  IlFinderObject *object = il_finder_get_object (self, number);
  IlFinderHold *hold = il_finder_find_hold (thread, number);

  if (hold == NULL)
    {
      object->n_inside -= object->n_inside > 0;
      il_finder_forget_left (self, object);
      give_unheld (self, object);
    }
  if (hold == NULL || --hold->units > 0)
    return;
  il_finder_long_hold_given (self, object);
  il_finder_held (self, thread, object, hold);
  remove_holder (object, thread->lane);
  remove_hold (thread, hold);
}

/**
 * il_finder_forget_holds:
 *
 * What the thread has is not known any more.
 */
void
il_finder_forget_holds (IlFinder *self, IlFinderThread *thread)
{
  while (thread->holds->len > 0)
    {
      const IlFinderHold *hold = &g_array_index (thread->holds, IlFinderHold, 0);

      remove_holder (il_finder_get_object (self, hold->object), thread->lane);
      g_array_remove_index_fast (thread->holds, 0);
    }
}

/**
 * il_finder_owner_died:
 * @record: that another has got what it held, or has set it right
 */
void
il_finder_owner_died (IlFinder *self, const IlRecord *record)
{
  IlFinderThread *owner;
  const IlFinderHold *hold;

  il_finder_forget_left (self, il_finder_get_object (self, record->object));
  if (record->value == 0)
    return;
  owner = il_finder_get_thread (self, record->value - 1);
  hold = il_finder_find_hold (owner, record->object);
  if (hold == NULL)
    return;
  remove_holder (il_finder_get_object (self, record->object), owner->lane);
  remove_hold (owner, hold);
}

/* 0 of a lane that there is not, as a damaged file may have it. */
static gint32
get_pid (IlFinder *self, guint32 lane)
{
  const IlLane *found = il_timeline_get_lane (self->timeline, lane);

  return found != NULL ? il_lane_get_info (found)->pid : 0;
}

/* What is said of whom somebody met with it. */
static void
learn_since (IlFinder *self, IlFinderHold *hold, const IlRecord *record)
{
  hold->since_ns = MAX (self->now_ns - (gint64)record->value * IL_RECORD_COPY_NS, 0);
  hold->is_older = record->value == 0;
}

/* Of one that reads several times it is said of each of them. */
static void
learn_first (IlFinder *self, IlFinderHold *hold, const IlRecord *record)
{
  const IlFinderHold known = *hold;

  learn_since (self, hold, record);
  if (known.units == 1)
    return;
  hold->since_ns = MIN (hold->since_ns, known.since_ns);
  hold->is_older = hold->is_older || known.is_older;
}

static void
note_context (IlFinderHold *hold, const IlFinderThread *holder)
{
  hold->lost_before_ns = holder->lost_ns;
  hold->input_before_ns = holder->input_ns;
  hold->got_before = holder->n_got;
  hold->depth = holder->task_kinds->len;
}

/* As often as those who are known to have it have it. */
static guint
count_units (IlFinder *self, const IlFinderObject *object)
{
  guint n = 0;

  for (guint i = 0; i < object->holders->len; i++)
    {
      const IlFinderHold *hold = il_finder_find_hold (
          il_finder_get_thread (self, g_array_index (object->holders, guint32, i)), object->object);

      n += hold != NULL ? hold->units : 0;
    }
  return n;
}

/**
 * il_finder_note_readers:
 * @record: how many are in it
 */
void
il_finder_note_readers (IlFinder *self, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);

  object->is_told_in_part = TRUE;
  forget_writers (self, record->object);
  object->n_inside = record->value - MIN (record->value, count_units (self, object));
}

/**
 * il_finder_learn_reader:
 * @record: who is one of them; what comes next may say since when
 *
 * Whoever is said to be in it says that it leaves it, whatever happens in between, and as often as
 * it is said to be in it.
 */
void
il_finder_learn_reader (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);
  const IlLane *lane
      = record->value != 0 ? il_timeline_get_lane (self->timeline, record->value - 1) : NULL;
  IlFinderHold hold = { .object = record->object, .units = 1 };
  IlFinderThread *reader;
  IlFinderHold *known;

  thread->named_plus_1 = 0;
  if (lane == NULL || il_lane_get_info (lane)->kind != IL_LANE_THREAD
      || il_lane_get_info (lane)->pid != get_pid (self, thread->lane))
    return;
  reader = il_finder_get_thread (self, record->value - 1);
  object->n_inside -= object->n_inside > 0;
  thread->named_plus_1 = record->value;
  known = il_finder_find_hold (reader, record->object);
  if (known != NULL)
    {
      known->units++;
      return;
    }
  hold.since_ns = self->now_ns;
  hold.is_older = TRUE;
  note_context (&hold, reader);
  object->is_told_in_part = TRUE;
  g_array_append_val (reader->holds, hold);
  g_array_append_val (object->holders, reader->lane);
}

/**
 * il_finder_learn_holder:
 * @record: that the thread waits for something, and whom it met with it, since when
 *
 * Whoever the thread met, or named just before, took what it waits for without a word.
 */
void
il_finder_learn_holder (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);
  IlFinderHold hold
      = { .object = record->object, .units = 1, .excludes = TRUE, .is_learned = TRUE };
  guint32 named_plus_1 = thread->named_plus_1;
  IlFinderHold *named;
  IlFinderThread *holder;

  thread->named_plus_1 = 0;
  if (named_plus_1 != 0)
    {
      named = il_finder_find_hold (il_finder_get_thread (self, named_plus_1 - 1), record->object);
      if (named != NULL)
        learn_first (self, named, record);
      return;
    }
  if (thread->object != record->object || thread->met_plus_1 == 0)
    return;
  holder = il_finder_get_thread (self, thread->met_plus_1 - 1);
  if (il_finder_find_hold (holder, record->object) != NULL)
    return;
  /* By now it has given it back without a word, and wants it again. */
  if (holder != thread && holder->object == record->object)
    return;
  /* What processes share they tell of in full: this is a copy, made by fork(), which it has not. */
  if (get_pid (self, holder->lane) != get_pid (self, thread->lane))
    return;
  learn_since (self, &hold, record);
  note_context (&hold, holder);
  object->blocks = TRUE;
  g_array_append_val (holder->holds, hold);
  g_array_append_val (object->holders, holder->lane);
}
