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
il_finder_note_end (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  const IlLaneInfo *info = il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane));
  const IlFinderEnd end = {
    .lane = thread->lane,
    .pid = info->pid,
    .time_ns = self->now_ns,
    .waited = thread->says_waits,
    .is_silent = record->value == IL_RECORD_SILENT,
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

/* How the threads of the program ended, as far as it matters for each of them. */
typedef struct
{
  gint32 pid;
  gint64 last_ns;    /* when the last of them did */
  gboolean is_known; /* who ended with it said nothing, and who left before did */
} Death;

/* Guarded by the mutex. */
static Death
get_death (IlFinder *self)
{
  Death death = { .pid = get_first_pid (self->timeline), .last_ns = G_MININT64 };

  for (guint i = 0; i < self->ends->len; i++)
    {
      const IlFinderEnd *end = &g_array_index (self->ends, IlFinderEnd, i);

      if (end->pid != death.pid)
        continue;
      death.last_ns = MAX (death.last_ns, end->time_ns);
      death.is_known = death.is_known || end->is_silent;
    }
  return death;
}

/* Whether it may have ended with the program, so long before the last of its threads. */
static gboolean
ended_with (const Death *death, const IlFinderEnd *end, gint64 before_ns)
{
  return end->pid == death->pid && death->last_ns - end->time_ns <= before_ns
         && (end->is_silent || !death->is_known);
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
  GArray *lanes = g_array_new (FALSE, FALSE, sizeof (guint));
  Death death;

  pthread_mutex_lock (&self->mutex);
  death = get_death (self);
  for (guint i = 0; i < self->ends->len; i++)
    {
      const IlFinderEnd *end = &g_array_index (self->ends, IlFinderEnd, i);

      if (ended_with (&death, end, TOGETHER_NS))
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
  guint n_waited = 0, n_others = 0, n_near = 0;
  Death death;

  pthread_mutex_lock (&self->mutex);
  death = get_death (self);
  for (guint i = 0; i < self->ends->len; i++)
    {
      const IlFinderEnd *end = &g_array_index (self->ends, IlFinderEnd, i);

      n_near += ended_with (&death, end, IL_FINDER_END_NS);
      if (!ended_with (&death, end, TOGETHER_NS))
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
