/* il-assembler-stopped.c - finds those who left their core since they were stopped from outside
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A record of perf tells that a thread gave up its core, not why: whether it waits, or a signal or
 * a debugger stopped it.  /proc has the answer, but for the moment only.  That is enough: a thread
 * is stopped by itself, on a core, on its way back from the kernel; so that one that is stopped is
 * so since it was switched out last, and stays so until it is switched in.  One look a rest will
 * do, and short rests, which are most of them, are not worth it.
 *
 * A signal stops a whole process.  Of each, one thread is looked at, and the others only where that
 * one is stopped, or could not be: in an uninterruptible wait.
 *
 * Who goes on between the drain of the scheduler's records and the look, and is stopped anew, would
 * be taken for stopped since too early.  Therefore the records are drained once more after a look
 * that found something: what was there before the look is known then.
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

/* Shorter than the time that the cut is behind now, so that all are looked at before they are cut.
 * What is stopped for less than this is not seen. */
#define SHORT_REST_NS (20 * G_GINT64_CONSTANT (1000000))

/**
 * il_assembler_look_for_stopped:
 * @now_ns: CLOCK_MONOTONIC
 * @look: (scope call):
 *
 * Looks at all whose rest has become long since the last call.
 *
 * Returns: whether one is stopped: then all that the scheduler told up to now is to be added, and
 *   il_assembler_mark_stopped() be called
 */
gboolean
il_assembler_look_for_stopped (IlAssembler *self, gint64 now_ns, IlAssemblerLook look)
{
  gint64 limit_ns = il_assembler_to_session_time (self, now_ns) - SHORT_REST_NS;
  gboolean is_found = FALSE;

  g_hash_table_remove_all (self->going);
  for (guint i = 0; i < self->threads->len; i++)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);
      char state;

      if (thread->rests_from_ns > limit_ns)
        continue;
      state = g_hash_table_contains (self->going, GINT_TO_POINTER (thread->pid))
                  ? 'S'
                  : look (thread->pid, thread->tid);
      if (IL_PROBE_STATE_IS_STOPPED (state))
        {
          thread->stopped_from_ns = thread->rests_from_ns;
          is_found = TRUE;
          continue;
        }
      if (state != 'D' && state != '\0')
        g_hash_table_add (self->going, GINT_TO_POINTER (thread->pid));
      thread->rests_from_ns = IL_ASSEMBLER_NEVER;
    }
  return is_found;
}

static void
mark (IlAssemblerThread *thread)
{
  for (guint i = thread->pending->len; i-- > 0;)
    {
      IlRecord *record = &g_array_index (thread->pending, IlRecord, i);

      if (record->kind == IL_RECORD_SCHED_OUT && record->time_ns == thread->stopped_from_ns)
        {
          record->object = IL_RECORD_OUT_STOPPED;
          return;
        }
    }
}

/**
 * il_assembler_mark_stopped:
 *
 * Notes of those who were seen to be stopped, and have not been switched in before that, since
 * when.
 */
void
il_assembler_mark_stopped (IlAssembler *self)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->stopped_from_ns == IL_ASSEMBLER_NEVER)
        continue;
      if (thread->stopped_from_ns == thread->rests_from_ns)
        {
          mark (thread);
          thread->rests_from_ns = IL_ASSEMBLER_NEVER;
        }
      thread->stopped_from_ns = IL_ASSEMBLER_NEVER;
    }
}
