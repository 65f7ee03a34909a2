/* il-finder-left.c - locks that a thread still had when it ended
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Nobody gives such a lock back, unless it is a robust one, or another thread does so that knows of
 * it, or a supervisor.  So it is told once somebody has waited for it for a while in vain.  A
 * semaphore, also one that serves as a lock, may be given back by anybody: it belongs to nobody.
 *
 * Of who gave up waiting for it that is told at once: it was not given back in time.
 *
 * So is a lock that some thread had when its process was copied by fork(): in the copy it is
 * locked, and that thread is not there.
 */

#include "config.h"

#include "il-finder-private.h"

#define LEFT_NS G_GINT64_CONSTANT (250000000)

static gboolean
can_be_left (IlFinder *self, const IlFinderObject *object)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object->object);
  const IlLaneInfo *info = lane != NULL ? il_lane_get_info (lane) : NULL;

  if (info == NULL || object->is_signal)
    return FALSE;
  return info->kind == IL_LANE_RWLOCK
         || (info->kind == IL_LANE_LOCK && info->parameter != IL_LANE_PARAMETER_BINARY
             && info->parameter != IL_LANE_PARAMETER_INTERPRETER);
}

/**
 * il_finder_note_left:
 *
 * The thread is about to end, and has a lock of which it was not said that it took it.
 */
void
il_finder_note_left (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);
  gint64 length_ns = (gint64)record->value * IL_RECORD_COPY_NS;
  const IlFinderHold hold = {
    .object = record->object,
    .units = 1,
    .since_ns = record->value != 0 ? MAX (self->now_ns - length_ns, 0) : 0,
    .excludes = TRUE,
  };

  object->is_told_in_part = TRUE;
  if (il_finder_find_hold (thread, record->object) != NULL)
    return;
  g_array_append_val (thread->holds, hold);
  g_array_append_val (object->holders, thread->lane);
}

/**
 * il_finder_note_copied:
 *
 * The thread waits for a lock that nobody in its process has.
 */
void
il_finder_note_copied (IlFinder *self, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);

  object->is_told_in_part = TRUE;
  object->is_copied = TRUE;
  object->left_plus_1 = record->value;
  object->left_since_ns = object->left_end_ns = 0;
  self->has_left = TRUE;
}

/**
 * il_finder_is_left:
 *
 * Returns: whether nobody who is there has the lock, and yet it is not free
 */
gboolean
il_finder_is_left (const IlFinderObject *object)
{
  return object->left_plus_1 != 0 || object->is_copied;
}

/**
 * il_finder_leave:
 *
 * The thread ends, with what it has.
 */
void
il_finder_leave (IlFinder *self, const IlFinderThread *thread)
{
  const IlLane *lane = il_timeline_get_lane (self->timeline, thread->lane);

  if (il_lane_get_info (lane)->role != IL_LANE_ROLE_THREAD)
    return;
  for (guint i = 0; i < thread->holds->len; i++)
    {
      const IlFinderHold *hold = &g_array_index (thread->holds, IlFinderHold, i);
      IlFinderObject *object = il_finder_get_object (self, hold->object);

      if (!can_be_left (self, object))
        continue;
      object->left_plus_1 = thread->lane + 1;
      object->left_since_ns = !hold->is_older ? hold->since_ns : 0; /* 0: not known */
      object->left_end_ns = self->now_ns;
      self->has_left = TRUE;
    }
}

/**
 * il_finder_forget_left:
 *
 * Somebody has it, or gives it back: it was not abandoned.
 */
void
il_finder_forget_left (IlFinder *self, IlFinderObject *object)
{
  if (!il_finder_is_left (object))
    return;
  il_finder_withdraw_abandoned (self, object->object);
  object->left_plus_1 = 0;
  object->is_copied = FALSE;
}

/* The object that the thread waits for in vain; NULL: none. */
static const IlFinderObject *
get_abandoned (IlFinder *self, const IlFinderThread *thread)
{
  const IlFinderObject *object;

  if (thread->object == 0
      || (thread->wait_kind != IL_RECORD_LOCK_WAIT && thread->wait_kind != IL_RECORD_RW_WAIT))
    return NULL;
  object = il_finder_get_object (self, thread->object);
  return il_finder_is_left (object) && object->holders->len == 0 ? object : NULL;
}

static IlFound
make_found (const IlFinder *self, const IlFinderObject *object)
{
  return (IlFound){
    .kind = object->is_copied ? IL_FINDING_COPIED : IL_FINDING_ABANDONED,
    .key = object->object,
    .object = object->object,
    .from_ns = G_MAXINT64,
    .to_ns = self->now_ns,
    .count = 1,
    .has_holder = object->left_plus_1 != 0,
    .holder = { .lane = object->left_plus_1 - 1,
                .held = object->object,
                .held_ns = object->left_since_ns,
                .wanted_ns = object->left_end_ns },
  };
}

static void
add_part (IlFound *found, const IlFinderThread *thread)
{
  found->n_others++;
  found->from_ns = MIN (found->from_ns, thread->wait_ns);
  if (found->n_parts < IL_FINDER_MAX_PARTS)
    found->parts[found->n_parts++] = (IlFinderPart){ .lane = thread->lane,
                                                     .wanted = thread->object,
                                                     .wanted_ns = thread->wait_ns };
}

/* With all who wait for it for as long as it takes. */
static void
report (IlFinder *self, const IlFinderObject *object)
{
  IlFound found = make_found (self, object);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IlFinderThread *thread = value;

      if (thread->object == object->object && !thread->is_timed)
        add_part (&found, thread);
    }
  found.goes_on = TRUE;
  il_finder_report (self, &found);
}

/**
 * il_finder_waited_in_vain:
 *
 * Its wait is about to end without success.
 */
void
il_finder_waited_in_vain (IlFinder *self, const IlFinderThread *thread)
{
  const IlFinderObject *object = thread->is_timed ? get_abandoned (self, thread) : NULL;
  IlFound found;

  if (object == NULL)
    return;
  found = make_found (self, object);
  add_part (&found, thread);
  found.length_ns = self->now_ns - thread->wait_ns;
  il_finder_report (self, &found);
}

/**
 * il_finder_look_for_abandoned:
 *
 * Tells of locks that a thread ended with and that others have waited for since.
 */
void
il_finder_look_for_abandoned (IlFinder *self)
{
  GHashTableIter iter;
  gpointer value;

  if (!self->has_left)
    return;
  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IlFinderThread *thread = value;
      const IlFinderObject *object = !thread->is_timed ? get_abandoned (self, thread) : NULL;

      if (object != NULL && self->now_ns - MAX (thread->wait_ns, object->left_end_ns) >= LEFT_NS)
        report (self, object);
    }
}
