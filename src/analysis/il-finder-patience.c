/* il-finder-patience.c - who waits for a lock that it has itself, and that anybody may give back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A semaphore of one unit is a lock to some, and to others a way to wait for a signal: a thread
 * takes it, and wants it again at once, which lasts until another one gives it back.  The record
 * does not tell the one from the other.  So such a wait is a deadlock with oneself only once nobody
 * is left who could end it: for a while each thread of the process has done nothing but wait, for
 * locks, signals or the end of others.
 */

#include "config.h"

#include "il-finder-private.h"

#define PATIENCE_NS G_GINT64_CONSTANT (250000000)

/* Whether the thread has but waited since then, for something that another one has to bring. */
static gboolean
has_waited (const IlLane *lane, gint64 since_ns, gint64 now_ns)
{
  IlSpan span;

  if (!il_series_find (il_lane_get_states (lane), now_ns, now_ns + 1, NULL, &span))
    return TRUE;
  switch (IL_CODE_STATE (span.code))
    {
    case IL_STATE_NONE:
      return TRUE;
    case IL_STATE_LOCK_WAIT:
    case IL_STATE_QUEUE_WAIT:
      return span.begin_ns <= since_ns;
    default:
      return FALSE;
    }
}

static gboolean
have_others_waited (IlFinder *self, const IlFinderThread *thread)
{
  gint32 pid = il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->pid;

  for (guint i = 0; i < il_timeline_get_n_lanes (self->timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (self->timeline, i);

      if (i != thread->lane && il_lane_get_info (lane)->kind == IL_LANE_THREAD
          && il_lane_get_info (lane)->pid == pid
          && !has_waited (lane, self->now_ns - PATIENCE_NS, self->now_ns))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_finder_wants_patience:
 *
 * Returns: whether the thread waits for a lock of its own that anybody may give back
 */
gboolean
il_finder_wants_patience (IlFinder *self, const IlFinderThread *thread)
{
  const IlLane *lane;

  if (thread->wait_kind != IL_RECORD_LOCK_WAIT || thread->object == 0
      || il_finder_find_hold (thread, thread->object) == NULL)
    return FALSE;
  lane = il_timeline_get_object_lane (self->timeline, thread->object);
  return lane != NULL && il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_BINARY;
}

/**
 * il_finder_has_lost_patience:
 *
 * Returns: whether nobody is left now who could give it back
 */
gboolean
il_finder_has_lost_patience (IlFinder *self, const IlFinderThread *thread)
{
  return self->now_ns - thread->wait_ns >= PATIENCE_NS && have_others_waited (self, thread);
}

/**
 * il_finder_keep_patient:
 *
 * Of those whose waits were looked at, the ones that are to be looked at again.
 */
void
il_finder_keep_patient (IlFinder *self)
{
  for (guint i = self->fresh->len; i-- > 0;)
    {
      const IlFinderThread *thread = g_ptr_array_index (self->fresh, i);

      if (thread->is_stuck || !il_finder_wants_patience (self, thread))
        g_ptr_array_remove_index_fast (self->fresh, i);
    }
}
