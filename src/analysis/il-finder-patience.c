/* il-finder-patience.c - who waits in a circle for a lock that anybody may give back
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A semaphore of one unit is a lock to some, and to others a way to wait for a signal: a thread
 * takes it, and wants it again at once, which lasts until another one gives it back.  The record
 * does not tell the one from the other.  So such a wait is a deadlock with oneself only once nobody
 * is left who could end it: for a while each thread of the process has done nothing but wait, for
 * locks, signals or the end of others, for as long as that takes, and the process has no handler of
 * a signal that might give it back.
 *
 * Of several who each have what the next one wants that is unlikely, but may be as well: then it is
 * a deadlock also once it has lasted for long, whatever others do, or one of them ends in it.
 */

#include "config.h"

#include "il-finder-private.h"

#define PATIENCE_NS G_GINT64_CONSTANT (250000000)
#define LONG_NS G_GINT64_CONSTANT (5000000000)

static gboolean
waits_for_that_one (const IlFinderThread *thread, const IlFinderThread *other)
{
  return thread->joined_plus_1 == other->lane + 1
         || (thread->object != 0 && il_finder_find_hold (other, thread->object) != NULL);
}

/* Whether it waits for the end of one in a circle. */
static gboolean
joins_doubted (IlFinder *self, const IlFinderThread *thread)
{
  const IlFinderThread *joined = NULL;

  if (thread->joined_plus_1 != 0)
    joined = g_hash_table_lookup (self->threads, GUINT_TO_POINTER (thread->joined_plus_1 - 1));
  return joined != NULL && joined->is_doubted;
}

/* Whether the thread has but waited since then, for something that another one has to bring.  One
 * that does so for a limited time goes on some day, and may be the one who gives it back; unless it
 * waits for something of the very one that wants it, or for its end, or that of another one in the
 * circle. */
static gboolean
has_waited (IlFinder *self, const IlFinderThread *who_wants, guint lane, gint64 since_ns)
{
  const IlFinderThread *thread = g_hash_table_lookup (self->threads, GUINT_TO_POINTER (lane));
  gint64 begin_ns = -1;

  if (thread != NULL)
    begin_ns
        = thread->object != 0 || thread->joined_plus_1 != 0 ? thread->wait_ns : thread->inside_ns;
  if (begin_ns < 0)
    return il_finder_is_absent (il_timeline_get_lane (self->timeline, lane), self->now_ns);
  if (thread->is_timed && !waits_for_that_one (thread, who_wants)
      && (il_finder_wants_own (who_wants) || !joins_doubted (self, thread)))
    return FALSE;
  return begin_ns <= since_ns;
}

static gboolean
awaits_process (IlFinder *self, guint lane)
{
  const IlFinderThread *thread = g_hash_table_lookup (self->threads, GUINT_TO_POINTER (lane));

  return thread != NULL && thread->inside_ns >= 0 && thread->awaits_process;
}

/* Those of its process; if one of these waits for a process to end, or other processes may give the
 * lock back, also those of all others. */
static gboolean
have_others_waited (IlFinder *self, const IlFinderThread *thread)
{
  gint32 pid = il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->pid;
  guint n_lanes = il_timeline_get_n_lanes (self->timeline);
  gboolean needs_all = thread->is_shared, have_all = TRUE;

  for (guint i = 0; i < n_lanes; i++)
    {
      const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (self->timeline, i));
      gboolean is_near = info->pid == pid;

      if (i == thread->lane || info->kind != IL_LANE_THREAD)
        continue;
      if (!has_waited (self, thread, i, self->now_ns - PATIENCE_NS))
        {
          have_all = FALSE;
          if (is_near)
            return FALSE;
        }
      needs_all = needs_all || (is_near && awaits_process (self, i));
    }
  return have_all || !needs_all;
}

/**
 * il_finder_wants_own:
 *
 * Returns: whether the thread waits for what it has itself
 */
gboolean
il_finder_wants_own (const IlFinderThread *thread)
{
  return thread->object != 0 && il_finder_find_hold (thread, thread->object) != NULL;
}

/**
 * il_finder_wants_patience:
 *
 * Returns: whether the thread waits for a lock that anybody may give back
 */
gboolean
il_finder_wants_patience (IlFinder *self, const IlFinderThread *thread)
{
  const IlLane *lane;

  if (thread->wait_kind != IL_RECORD_LOCK_WAIT || thread->object == 0)
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
  gint64 length_ns = self->now_ns - thread->wait_ns;

  if (length_ns < PATIENCE_NS)
    return FALSE;
  if (!il_finder_wants_own (thread) && (self->is_ending || length_ns >= LONG_NS))
    return TRUE;
  /* Who waits for a signal may be about to end, with its process. */
  return (!il_finder_wants_own (thread) || self->now_ns - self->ended_ns >= IL_FINDER_END_NS)
         && !il_finder_has_handlers (self, thread) && have_others_waited (self, thread);
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

      if (!thread->is_doubted)
        g_ptr_array_remove_index_fast (self->fresh, i);
    }
}
