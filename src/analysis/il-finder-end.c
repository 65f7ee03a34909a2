/* il-finder-end.c - in which thread a program crashed
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The kernel tells who started a program which signal it died of, and not in which of its threads.
 * Who waits cannot fault: the call that it waits in would have to return first, which it would have
 * said.  So if all threads that ended with the process had said that they wait, but for one, it is
 * that one; unless the signal came from outside.  Of one thread that is no question.
 */

#include "config.h"

#include "il-finder-private.h"

/* With their process: the kernel ends one after the other, and waits for each to get a core. */
#define TOGETHER_NS (100 * G_GINT64_CONSTANT (1000000))

/**
 * il_finder_note_word:
 *
 * The thread says something, or something is said of it.
 */
void
il_finder_note_word (IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LANE_END:
    case IL_RECORD_SCHED_IN:
    case IL_RECORD_SCHED_OUT:
    case IL_RECORD_LOCK_HELD:
    case IL_RECORD_RW_INSIDE:
    case IL_RECORD_RW_READER:
    case IL_RECORD_LOST:
      break;
    case IL_RECORD_LOCK_WAIT:
    case IL_RECORD_SEM_WAIT:
    case IL_RECORD_RW_WAIT:
    case IL_RECORD_COND_WAIT:
    case IL_RECORD_BARRIER_WAIT:
    case IL_RECORD_JOIN_WAIT:
    case IL_RECORD_SLEEP_BEGIN:
    case IL_RECORD_IO_BEGIN:
      thread->says_waits = TRUE;
      break;
    default:
      thread->says_waits = FALSE;
      break;
    }
}

/**
 * il_finder_note_end:
 *
 * The thread ends.
 */
void
il_finder_note_end (IlFinder *self, const IlFinderThread *thread)
{
  const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane));
  const IlFinderEnd end = {
    .lane = thread->lane, .pid = info->pid, .time_ns = self->now_ns, .waited = thread->says_waits
  };

  if (info->role != IL_LANE_ROLE_THREAD)
    return;
  self->ended_ns = self->now_ns;
  pthread_mutex_lock (&self->mutex);
  g_array_append_val (self->ends, end);
  pthread_mutex_unlock (&self->mutex);
}

/* Of the program, not of what it started, which is the first that is known. */
static gint32
get_first_pid (IlTimeline *timeline)
{
  for (guint i = 0; i < il_timeline_get_n_lanes (timeline); i++)
    {
      const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (timeline, i));

      if (info->kind == IL_LANE_THREAD && info->role == IL_LANE_ROLE_THREAD)
        return info->pid;
    }
  return 0;
}

/* Guarded by the mutex.  When the last thread of the program ended. */
static gint64
get_last_ns (IlFinder *self, gint32 pid)
{
  gint64 last_ns = G_MININT64;

  for (guint i = 0; i < self->ends->len; i++)
    {
      const IlFinderEnd *end = &g_array_index (self->ends, IlFinderEnd, i);

      if (end->pid == pid)
        last_ns = MAX (last_ns, end->time_ns);
    }
  return last_ns;
}

/**
 * il_finder_list_ended:
 *
 * To be asked of a program that a signal killed.
 *
 * Returns: (transfer full) (element-type guint): the lanes of its threads that ended with it
 */
GArray *
il_finder_list_ended (IlFinder *self)
{
  gint32 pid = get_first_pid (self->timeline);
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (guint));
  gint64 last_ns;

  pthread_mutex_lock (&self->mutex);
  last_ns = get_last_ns (self, pid);
  for (guint i = 0; i < self->ends->len; i++)
    {
      const IlFinderEnd *end = &g_array_index (self->ends, IlFinderEnd, i);

      if (end->pid == pid && last_ns - end->time_ns <= TOGETHER_NS)
        g_array_append_val (lanes, end->lane);
    }
  pthread_mutex_unlock (&self->mutex);
  return lanes;
}

/**
 * il_finder_find_crashed:
 * @lane: (out): the only thread of the program that ended with it and did not wait up to then, or
 *   its only thread at all
 * @is_alone: (out): whether it is the latter
 *
 * To be asked of a program that a signal killed.
 *
 * Returns: FALSE if there were several such threads, or none
 */
gboolean
il_finder_find_crashed (IlFinder *self, guint *lane, gboolean *is_alone)
{
  gint32 pid = get_first_pid (self->timeline);
  guint n_waited = 0, n_others = 0, n_near = 0;
  gint64 last_ns;

  pthread_mutex_lock (&self->mutex);
  last_ns = get_last_ns (self, pid);
  for (guint i = 0; i < self->ends->len; i++)
    {
      const IlFinderEnd *end = &g_array_index (self->ends, IlFinderEnd, i);

      n_near += end->pid == pid && last_ns - end->time_ns <= IL_FINDER_END_NS;
      if (end->pid != pid || last_ns - end->time_ns > TOGETHER_NS)
        continue;
      n_waited += end->waited;
      n_others += !end->waited;
      if (!end->waited || n_waited + n_others == 1)
        *lane = end->lane;
    }
  pthread_mutex_unlock (&self->mutex);
  /* Of several one may just have ended late. */
  *is_alone = n_near == 1;
  return (n_others == 1 && n_waited > 0) || *is_alone;
}
