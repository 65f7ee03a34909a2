/* il-timeline-builder-process.c - the processes of a program, and what is gone with each of them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A lock that a thread ended with is had on, as long as others may come upon it.  Once all threads
 * of a process have ended, what lay in its own memory is gone.
 */

#include "config.h"

#include "il-timeline-builder-private.h"

struct _IlProcess
{
  guint n_threads;    /* that were born and live */
  gint64 end_ns;      /* when the last of them ended */
  GPtrArray *objects; /* IlObjectState that only its threads use, as far as is known; not owned */
};

void
il_process_free (gpointer data)
{
  IlProcess *process = data;

  g_ptr_array_unref (process->objects);
  g_free (process);
}

/* The thread is born.  Those that run tasks may be in other processes than what they use. */
void
il_process_enter (IlTimelineBuilder *builder, IlThread *thread)
{
  const IlLaneInfo *info = il_lane_get_info (thread->lane);
  IlProcess *process = g_hash_table_lookup (builder->processes, GINT_TO_POINTER (info->pid));

  if (info->pid == 0 || info->role != IL_LANE_ROLE_THREAD)
    return;
  if (process == NULL)
    {
      process = g_new0 (IlProcess, 1);
      process->objects = g_ptr_array_new ();
      g_hash_table_insert (builder->processes, GINT_TO_POINTER (info->pid), process);
    }
  process->n_threads++;
  thread->process = process;
}

/* Nobody has it any more, nor is inside: neither who did, nor those of whom it is not known. */
static void
end_object (IlObjectState *state, gint64 now_ns)
{
  IlLane *lane = state->object->lane;
  IlLaneKind kind = il_lane_get_info (lane)->kind;

  state->holder_plus_1 = 0;
  state->n_readers = 0;
  state->is_quiet = TRUE;
  il_object_clear_readers (state, now_ns);
  if (lane->states != NULL)
    il_series_append (lane->states, now_ns, IL_CODE (IL_STATE_NONE, 0), 0);
  if ((kind == IL_LANE_SEMAPHORE || kind == IL_LANE_RWLOCK || kind == IL_LANE_BARRIER)
      && il_series_get_length (lane->level) > 0)
    il_series_append (lane->level, now_ns, 0, 0);
}

/* The thread has ended.  What is drained late may begin others in its process yet: then it ends
 * once more with these. */
void
il_process_leave (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns)
{
  IlProcess *process = thread->process;

  if (process == NULL)
    return;
  thread->process = NULL;
  process->end_ns = MAX (process->end_ns, now_ns);
  if (--process->n_threads > 0)
    return;
  for (guint i = 0; i < process->objects->len; i++)
    {
      IlObjectState *state = g_ptr_array_index (process->objects, i);

      state->process = NULL;
      if (!state->is_shared && !builder->tells_all)
        end_object (state, process->end_ns);
    }
  g_ptr_array_set_size (process->objects, 0);
}

/* What threads of two processes use, or are said to, is gone with neither. */
void
il_process_use (const IlThread *thread, IlObjectState *state)
{
  if (G_LIKELY (state->process == thread->process) || state->is_shared || thread->process == NULL
      || state->object->lane == NULL)
    return;
  if (state->process != NULL)
    {
      state->is_shared = TRUE;
      return;
    }
  state->process = thread->process;
  g_ptr_array_add (thread->process->objects, state);
}
