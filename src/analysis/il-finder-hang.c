/* il-finder-hang.c - programs of which all threads wait for one another
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A program that is not ours does not say that nobody is left who could go on.  That follows where
 * for a while each of its threads, in all processes that are recorded, waits for what only another
 * one of them can bring: a lock, a notification, the end of a thread or of a process.  A wait that
 * ends by itself, for input or for what other processes may have, too, may be ended by others.
 *
 * A semaphore may be posted by the handler of a signal, and it may wake who sleeps on a word.  So a
 * wait for one of these is taken for such a wait only in a process that says that it has no
 * handlers of its own, and after a while longer.
 * Handlers notify conditions, too, though they should not: where there are any, a wait for one is
 * none either.
 */

#include "config.h"

#include "il-finder-private.h"

#define HANG_NS G_GINT64_CONSTANT (1000000000)
#define POST_NS G_GINT64_CONSTANT (2000000000) /* where somebody might post yet */

static gboolean
is_inside (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  const IlLane *lane;

  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_JOIN_WAIT:
      return record->object == IL_RECORD_CALL_JOIN || record->object == IL_RECORD_CALL_PROCESS;
    case IL_RECORD_RW_WAIT:
    case IL_RECORD_BARRIER_WAIT:
      return TRUE;
    case IL_RECORD_LOCK_WAIT:
      lane = il_timeline_get_object_lane (self->timeline, record->object);
      return lane != NULL && il_lane_get_info (lane)->parameter != IL_LANE_PARAMETER_BINARY;
    case IL_RECORD_COND_WAIT:
      lane = il_timeline_get_object_lane (self->timeline, record->object);
      return lane != NULL && il_lane_get_info (lane)->parameter == 0;
    default:
      return FALSE;
    }
}

static gboolean
is_for_post (IlFinder *self, const IlRecord *record)
{
  const IlLane *lane;

  if (record->kind == IL_RECORD_SEM_WAIT)
    return TRUE;
  if (record->kind != IL_RECORD_LOCK_WAIT && record->kind != IL_RECORD_COND_WAIT)
    return FALSE;
  lane = il_timeline_get_object_lane (self->timeline, record->object);
  if (lane == NULL)
    return FALSE;
  /* A condition that is none is a word. */
  return record->kind == IL_RECORD_COND_WAIT
             ? il_lane_get_info (lane)->parameter != 0
             : il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_BINARY;
}

static gint32
get_pid (IlFinder *self, const IlFinderThread *thread)
{
  return il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->pid;
}

/**
 * il_finder_note_signals:
 * @record: what the thread says of its process; or that it lost what it said, maybe that
 */
void
il_finder_note_signals (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  gpointer pid = GINT_TO_POINTER (get_pid (self, thread));

  if (record->kind == IL_RECORD_SIGNALS)
    g_hash_table_insert (self->handled, pid, GUINT_TO_POINTER (MIN (record->value, 64) + 1));
  else if (!il_finder_has_handlers (self, thread))
    g_hash_table_remove (self->handled, pid);
}

/**
 * il_finder_has_handlers:
 *
 * Returns: whether the thread's process is known to handle signals in a way of its own
 */
gboolean
il_finder_has_handlers (IlFinder *self, const IlFinderThread *thread)
{
  gpointer pid = GINT_TO_POINTER (get_pid (self, thread));

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->handled, pid)) > 1;
}

static gboolean
has_no_handlers (IlFinder *self, const IlFinderThread *thread)
{
  gpointer pid = GINT_TO_POINTER (get_pid (self, thread));

  return GPOINTER_TO_UINT (g_hash_table_lookup (self->handled, pid)) == 1;
}

/* A wait has begun. */
void
il_finder_note_inside (IlFinder *self, IlFinderThread *thread, const IlRecord *record)
{
  thread->awaits_process
      = record->kind == IL_RECORD_JOIN_WAIT && record->object == IL_RECORD_CALL_PROCESS;
  thread->awaits_post = is_for_post (self, record);
  thread->awaits_notice = record->kind == IL_RECORD_COND_WAIT;
  thread->inside_ns = !thread->is_timed && !thread->is_shared
                              && (thread->awaits_post || is_inside (self, thread, record))
                          ? self->now_ns
                          : -1;
}

/* Whether it is dead, or was not born yet. */
gboolean
il_finder_is_absent (const IlLane *lane, gint64 now_ns)
{
  IlSpan span;

  return !il_series_find (il_lane_get_states (lane), now_ns, now_ns + 1, NULL, &span)
         || IL_CODE_STATE (span.code) == IL_STATE_NONE;
}

/* Whether it has waited for so long that nobody can be on the way to end that. */
static gboolean
waits_for_good (IlFinder *self, const IlFinderThread *thread)
{
  gint64 length_ns = self->now_ns - thread->inside_ns;

  return length_ns >= HANG_NS && !(thread->awaits_notice && il_finder_has_handlers (self, thread))
         && (!thread->awaits_post || (length_ns >= POST_NS && has_no_handlers (self, thread)));
}

/* Whether all who are there have waited for long, and somebody for an object. */
static gboolean
do_all_wait (IlFinder *self)
{
  gboolean has_object = FALSE;

  /* Threads that wait when their process ends go one after the other. */
  if (self->now_ns - self->ended_ns < IL_FINDER_END_NS)
    return FALSE;
  for (guint i = 0; i < il_timeline_get_n_lanes (self->timeline); i++)
    {
      const IlLane *lane = il_timeline_get_lane (self->timeline, i);
      const IlFinderThread *thread;

      if (il_lane_get_info (lane)->kind != IL_LANE_THREAD)
        continue;
      thread = g_hash_table_lookup (self->threads, GUINT_TO_POINTER (i));
      if (thread != NULL && thread->inside_ns >= 0)
        {
          if (il_lane_get_info (lane)->role != IL_LANE_ROLE_THREAD
              || !waits_for_good (self, thread))
            return FALSE;
          has_object = has_object || thread->object != 0;
        }
      else if (!il_finder_is_absent (lane, self->now_ns))
        return FALSE;
    }
  return has_object;
}

/**
 * il_finder_look_for_hang:
 *
 * Tells of those who all wait, once for each time that it comes to that.
 */
void
il_finder_look_for_hang (IlFinder *self)
{
  if (self->is_hung || !do_all_wait (self))
    return;
  self->is_hung = TRUE;
  il_finder_found_stuck (self, ++self->n_hangs);
}

/**
 * il_finder_end_hang:
 * @record: of a thread that had been told of
 *
 * Somebody goes on.  Who got what it waited for was not stuck at all.
 */
void
il_finder_end_hang (IlFinder *self, const IlRecord *record)
{
  /* It waits on: that was a handler, in the midst of the wait. */
  if (record->kind == IL_RECORD_COND_NOTIFY || record->kind == IL_RECORD_SEM_POST
      || record->kind == IL_RECORD_SIGNALS)
    return;
  self->is_hung = FALSE;
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LOCK_ACQUIRE:
    case IL_RECORD_SEM_ACQUIRE:
    case IL_RECORD_RW_ACQUIRE:
    case IL_RECORD_COND_WOKEN:
    case IL_RECORD_BARRIER_PASS:
      il_finder_withdraw_stuck (self);
      break;
    case IL_RECORD_JOIN_END:
      /* A process may have been killed, as by who was told of the hang; no thread alone is. */
      if (record->object == IL_RECORD_CALL_JOIN)
        il_finder_withdraw_stuck (self);
      break;
    default:
      break;
    }
}
