/* il-timeline-builder-ending.c - how a thread ended: by itself, of what it did, or with its process
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

#include <signal.h>

/* The first word counts, but for a death whose signal is told later. */
static void
set_ending (IlThread *thread, IlEnding ending, guint signal_number)
{
  _Atomic guint32 *kept = &thread->lane->ending;
  guint32 known = atomic_load_explicit (kept, memory_order_relaxed);

  if (known == IL_ENDING_NONE || (known == IL_ENDING_DIED && ending != IL_ENDING_LEFT))
    atomic_store_explicit (kept, ending | signal_number << IL_ENDING_BITS, memory_order_relaxed);
}

/* A process that dies may still begin threads, for as long; later its number may be another's. */
#define DYING_NS G_GINT64_CONSTANT (1000000000)

/* Whether a task made its process die since it began, or shortly before, as far as is known. */
static gboolean
process_has_crashed (const IlTimelineBuilder *builder, const IlThread *thread)
{
  gint pid = il_lane_get_info (thread->lane)->pid;
  const gint64 *crash_ns = g_hash_table_lookup (builder->crashes, GINT_TO_POINTER (pid));

  return crash_ns != NULL && *crash_ns >= il_lane_get_begin (thread->lane) - DYING_NS;
}

/* Whether another worker was in its process to the last. */
static gboolean
shares_process (const IlTimelineBuilder *builder, const IlThread *thread)
{
  const IlLaneInfo *own = il_lane_get_info (thread->lane);

  for (guint i = 0; i < builder->slots->len; i++)
    {
      const IlThread *other = g_array_index (builder->slots, IlSlot, i).thread;
      const IlLaneInfo *info = other != NULL ? il_lane_get_info (other->lane) : NULL;

      if (other != NULL && other != thread && other->is_born && own->pid != 0
          && info->pid == own->pid && info->role == IL_LANE_ROLE_WORKER
          && il_lane_get_ending (other->lane, NULL) != IL_ENDING_LEFT)
        return TRUE;
    }
  return FALSE;
}

/* Of a worker: what others of its process are known to have died of; else 0. */
static guint
get_signal_of_process (const IlTimelineBuilder *builder, const IlThread *thread)
{
  const IlLaneInfo *info = il_lane_get_info (thread->lane);

  if (info->role != IL_LANE_ROLE_WORKER || info->pid == 0)
    return 0;
  return GPOINTER_TO_UINT (g_hash_table_lookup (builder->signals, GINT_TO_POINTER (info->pid)));
}

/* It did not end by itself.  A fault ends all threads of a process, and is the doing of one of
 * them: of who said so before.  Where nobody did it is not known whose it was. */
static void
set_death (const IlStep *step, IlThread *dead, guint signal_number)
{
  gboolean has_crashed = process_has_crashed (step->builder, dead);

  if (dead->has_crashed)
    return;
  if (signal_number == 0)
    signal_number = get_signal_of_process (step->builder, dead);
  if (signal_number == 0 && has_crashed)
    set_ending (dead, IL_ENDING_WITH_PROCESS, SIGSEGV);
  else if (il_signal_is_fault (signal_number)
           && (has_crashed || shares_process (step->builder, dead)))
    set_ending (dead, IL_ENDING_WITH_PROCESS, signal_number);
  else
    set_ending (dead, IL_ENDING_DIED, signal_number);
}

/* Without a last word: what it held nobody lets go of, until somebody else does it for it. */
static void
die (const IlStep *step, IlThread *dead)
{
  il_object_holder_dies (step->builder, dead, step->now_ns);
  il_thread_end (step->builder, dead, step->now_ns);
}

void
il_ending_of_lane (const IlStep *step)
{
  guint program_signal = step->record->object;

  if (step->record->value != IL_RECORD_DIED)
    {
      set_ending (step->thread, IL_ENDING_LEFT, 0);
      il_thread_end (step->builder, step->thread, step->now_ns);
      return;
    }
  if (il_signal_is_fault (program_signal) && !step->thread->has_crashed)
    set_ending (step->thread, IL_ENDING_WITH_PROCESS, program_signal);
  else
    set_death (step, step->thread, program_signal);
  die (step, step->thread);
}

/* Its last word, and that of its process. */
void
il_ending_by_crash (const IlStep *step)
{
  gint pid = il_lane_get_info (step->thread->lane)->pid;

  set_ending (step->thread, IL_ENDING_DIED, SIGSEGV);
  step->thread->has_crashed = TRUE;
  g_hash_table_replace (step->builder->crashes, GINT_TO_POINTER (pid),
                        g_memdup2 (&step->now_ns, sizeof step->now_ns));
  die (step, step->thread);
}

/* A worker that died, and of what is not known. */
static gboolean
is_unexplained (const IlThread *thread)
{
  guint signal_number;

  return thread != NULL && thread->is_dead
         && il_lane_get_info (thread->lane)->role == IL_LANE_ROLE_WORKER
         && il_lane_get_ending (thread->lane, &signal_number) == IL_ENDING_DIED
         && signal_number == 0;
}

/* Who is missed that died before it said who it is: deaths are found in the order in which they
 * happen, so it is the first that nobody has explained.  NULL: none is known. */
static IlThread *
find_silent_one (const IlTimelineBuilder *builder)
{
  IlThread *first = NULL;

  for (guint i = 0; i < builder->slots->len; i++)
    {
      IlThread *thread = g_array_index (builder->slots, IlSlot, i).thread;

      if (is_unexplained (thread) && !thread->has_begun
          && (first == NULL || il_lane_get_end (thread->lane) < il_lane_get_end (first->lane)))
        first = thread;
    }
  return first;
}

/* A process ends at once with all its workers.  Those that never said anything are not named when
 * they are missed: of what they died is known from one that is, and their ends may show up later.
 */
static void
tell_silent_ones (const IlStep *step, const IlThread *dead)
{
  const IlLaneInfo *own = il_lane_get_info (dead->lane);

  g_hash_table_replace (step->builder->signals, GINT_TO_POINTER (own->pid),
                        GUINT_TO_POINTER (step->record->object));
  for (guint i = 0; i < step->builder->slots->len && own->pid != 0; i++)
    {
      IlThread *other = g_array_index (step->builder->slots, IlSlot, i).thread;

      if (other != dead && is_unexplained (other)
          && il_lane_get_info (other->lane)->pid == own->pid)
        set_death (step, other, step->record->object);
    }
}

void
il_ending_of_worker (const IlStep *step)
{
  gboolean is_named = step->record->value != 0;
  IlThread *dead = is_named ? il_builder_get_thread (step->builder, step->record->value) : NULL;

  if (!is_named && step->record->object != 0)
    dead = find_silent_one (step->builder);
  if (!is_named && dead == NULL)
    return;
  if (dead == NULL || dead == step->thread)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  if (!dead->is_born)
    return;
  set_death (step, dead, step->record->object);
  if (step->record->object != 0)
    tell_silent_ones (step, dead);
  if (!dead->is_dead && !dead->is_dying)
    die (step, dead);
}
