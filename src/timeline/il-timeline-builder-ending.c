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

/* Whether a task made its process die since then, as far as is known. */
static gboolean
process_has_crashed (const IlTimelineBuilder *builder, const IlThread *thread)
{
  gint pid = il_lane_get_info (thread->lane)->pid;
  const gint64 *crash_ns = g_hash_table_lookup (builder->crashes, GINT_TO_POINTER (pid));

  return crash_ns != NULL && *crash_ns >= il_lane_get_begin (thread->lane);
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

/* It did not end by itself.  A fault ends all threads of a process, and is the doing of one of
 * them: of who said so before.  Where nobody did it is not known whose it was. */
static void
set_death (const IlStep *step, IlThread *dead, guint signal_number)
{
  gboolean has_crashed = process_has_crashed (step->builder, dead);

  if (dead->has_crashed)
    return;
  if (signal_number == 0 && has_crashed)
    set_ending (dead, IL_ENDING_WITH_PROCESS, SIGSEGV);
  else if (il_signal_is_fault (signal_number)
           && (has_crashed || shares_process (step->builder, dead)))
    set_ending (dead, IL_ENDING_WITH_PROCESS, signal_number);
  else
    set_ending (dead, IL_ENDING_DIED, signal_number);
}

void
il_ending_of_lane (const IlStep *step)
{
  guint program_signal = step->record->object;

  if (step->record->value != IL_RECORD_DIED)
    set_ending (step->thread, IL_ENDING_LEFT, 0);
  else if (il_signal_is_fault (program_signal) && !step->thread->has_crashed)
    set_ending (step->thread, IL_ENDING_WITH_PROCESS, program_signal);
  else
    set_death (step, step->thread, program_signal);
  il_thread_end (step->builder, step->thread, step->now_ns);
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
  il_thread_end (step->builder, step->thread, step->now_ns);
}

void
il_ending_of_worker (const IlStep *step)
{
  IlThread *dead = il_builder_get_thread (step->builder, step->record->value);

  if (dead == NULL || dead == step->thread)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  if (!dead->is_born)
    return;
  set_death (step, dead, step->record->object);
  il_thread_end (step->builder, dead, step->now_ns);
}
