/* il-assembler-program.c - the assembler's programs that are not ours: their processes, and names
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads of such a program are called what the kernel calls them, or, where that was not told,
 * what the program does; and their processes by what was last executed there.  Both change while
 * they live, and their lanes with them.
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

/* After it was begun to be executed, or its death, a program is not expected to join any more. */
#define JOIN_PATIENCE_NS (2000 * G_GINT64_CONSTANT (1000000))

static void
free_process (gpointer data)
{
  il_assembler_clear_process (data);
  g_free (data);
}

/**
 * il_assembler_set_foreign:
 * @launcher: the process that starts the program and is not part of it; 0 for none
 * @has_lanes: whether threads of the program may claim lanes in the shared file
 *
 * Says that all threads are of a program that is not ours.
 */
void
il_assembler_set_foreign (IlAssembler *self, pid_t launcher, gboolean has_lanes)
{
  self->is_foreign = TRUE;
  self->is_unheard = !has_lanes;
  self->launcher = launcher;
  self->processes = g_hash_table_new_full (NULL, NULL, NULL, free_process);
  il_assembler_init_called (self);
}

static IlAssemblerProcess *
get_process (IlAssembler *self, pid_t pid)
{
  IlAssemblerProcess *process = g_hash_table_lookup (self->processes, GINT_TO_POINTER (pid));

  if (process == NULL)
    {
      process = g_new0 (IlAssemblerProcess, 1);
      process->pid = pid;
      process->exec_ns = process->joined_ns = -1;
      g_hash_table_insert (self->processes, GINT_TO_POINTER (pid), process);
    }
  return process;
}

/* --- names */

/* Tells what a lane's thread is called by now, and when it was made, if either has changed. */
static void
show_lane (IlAssembler *self, IlAssemblerThread *thread)
{
  IlAssemblerLane *lane = thread->lane;
  const char *process_name = il_assembler_process_name (self, thread->pid);
  const char *shown_name = il_assembler_get_shown_name (thread);
  g_autofree char *name = NULL;
  IlLaneInfo info;

  if (shown_name[0] == '\0' && thread->namings == NULL)
    return;
  if (lane->ended) /* its process may be called something else since */
    process_name = lane->process_name;
  name = il_assembler_call (self, thread, shown_name);
  /* To be called is to be told, also of when it was made. */
  if (g_strcmp0 (lane->name, name) == 0 && g_strcmp0 (lane->process_name, process_name) == 0
      && lane->born_ns == il_assembler_get_birth (self, thread))
    return;
  info = il_assembler_describe (self, thread, name);
  info.process_name = process_name;
  self->sink.claim_lane (lane->number, &info, self->data);
  il_assembler_note_told (lane, &info);
}

static void
show_process (IlAssembler *self, pid_t pid)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->pid == pid && thread->lane != NULL && !thread->lane->ended)
        show_lane (self, thread);
    }
}

/**
 * il_assembler_note_told:
 *
 * Keeps what was told of a lane.
 */
void
il_assembler_note_told (IlAssemblerLane *lane, const IlLaneInfo *info)
{
  /* It may be told the very words again. */
  char *name = g_strdup (info->name);
  char *process_name = g_strdup (info->process_name);

  g_free (lane->name);
  g_free (lane->process_name);
  lane->name = name;
  lane->process_name = process_name;
  lane->born_ns = (gint64)info->parameter;
}

/**
 * il_assembler_note_fork:
 *
 * A thread or process was born.  A process is at first what its parent is; what was executed there
 * since, on another core, may have been told before.
 */
void
il_assembler_note_fork (IlAssembler *self, const IlSchedRecord *record)
{
  IlAssemblerProcess *parent;
  IlAssemblerProcess *process;

  if (!self->is_foreign || record->pid == record->other_pid)
    return;
  parent = g_hash_table_lookup (self->processes, GINT_TO_POINTER (record->other_pid));
  process = get_process (self, record->pid);
  if (parent == NULL || process->exec_ns >= il_assembler_to_session_time (self, record->time_ns))
    return;
  il_assembler_inherit_name (self, process, parent);
  show_process (self, record->pid);
}

/**
 * il_assembler_note_name:
 * @is_exec: whether a file was executed there, by which the process is called from now on
 *
 * The thread has another name; told in order for each core only.
 */
void
il_assembler_note_name (IlAssembler *self, IlAssemblerThread *thread, gint64 time_ns,
                        gboolean is_exec)
{
  IlAssemblerProcess *process;

  if (!self->is_foreign)
    return;
  process = get_process (self, thread->pid);
  if ((is_exec && time_ns >= process->exec_ns)
      || (process->name[0] == '\0' && thread->pid == thread->tid))
    {
      if (is_exec)
        process->exec_ns = time_ns;
      il_assembler_call_process (process, il_assembler_get_name (thread));
      show_process (self, thread->pid);
      return;
    }
  /* What it did up to its end may have been read before. */
  if (thread->lane != NULL && (!thread->lane->ended || time_ns <= thread->lane->end_ns))
    show_lane (self, thread);
}

/**
 * il_assembler_note_own_name:
 * @info: of a lane that was begun
 *
 * The program calls the thread something that the kernel does not know, or does no longer.
 */
void
il_assembler_note_own_name (IlAssembler *self, const IlTraceLaneInfo *info)
{
  IlAssemblerThread *thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (info->tid));
  const char *name = info->has_own_name ? info->name : "";

  if (!self->is_foreign || thread == NULL || thread->pid != info->pid || thread->lane == NULL
      || strcmp (thread->own_name, name) == 0)
    return;
  g_strlcpy (thread->own_name, name, sizeof thread->own_name);
  show_lane (self, thread);
}

/* See il-assembler.c.  NULL: not known. */
const char *
il_assembler_foreign_process_name (IlAssembler *self, pid_t pid)
{
  IlAssemblerProcess *process = g_hash_table_lookup (self->processes, GINT_TO_POINTER (pid));

  return process != NULL && process->name[0] != '\0' ? il_assembler_title_process (self, process)
                                                     : NULL;
}

/* --- what they do */

/**
 * il_assembler_note_program:
 * @time_ns: since the origin: not after the first record of the lane
 *
 * Says at the begin of a lane what its thread is of, if it is of no program of ours.
 */
void
il_assembler_note_program (IlAssembler *self, IlAssemblerLane *lane, gint64 time_ns)
{
  if (!self->is_foreign)
    return;
  lane->is_noted = TRUE;
  il_assembler_push (self, lane, (IlRecord){ .time_ns = time_ns, .kind = IL_RECORD_RUNS });
}

/**
 * il_assembler_name_present:
 *
 * A thread was there before the scheduler was watched, and is called so.
 */
void
il_assembler_name_present (IlAssembler *self, pid_t pid, pid_t tid, const char *name)
{
  IlAssemblerThread *thread = il_assembler_get_thread (self, pid, tid, 0);

  il_assembler_rename (thread, 0, name);
  il_assembler_note_name (self, thread, 0, FALSE);
}

/**
 * il_assembler_add_present:
 * @sample: when the recording began
 *
 * A thread was there before the scheduler was watched, and need not do anything for long.
 */
void
il_assembler_add_present (IlAssembler *self, const IlProcSample *sample)
{
  IlAssemblerThread *thread = il_assembler_get_thread (self, sample->pid, sample->tid, 0);

  il_assembler_rename (thread, 0, sample->name);
  il_assembler_note_name (self, thread, 0, FALSE);
  if (thread->seen)
    return;
  thread->core = sample->core;
  if (sample->state == 'R')
    il_assembler_hold (self, thread, (IlRecord){ .kind = IL_RECORD_SCHED_OUT, .object = 1 });
  else
    il_assembler_hold (
        self, thread,
        (IlRecord){ .kind = IL_RECORD_SCHED_OUT,
                    .object = IL_PROBE_STATE_IS_STOPPED (sample->state) ? IL_RECORD_OUT_STOPPED : 0,
                    .value = sample->core });
}

/* --- whether they join */

/**
 * il_assembler_has_executed:
 * @lane: that a thread of the process has in the shared file
 * @time_ns: when the same thread began another one
 *
 * Returns: whether the process executed another file in between, so that nothing more comes there
 */
gboolean
il_assembler_has_executed (IlAssembler *self, const IlAssemblerLane *lane, gint64 time_ns)
{
  const IlAssemblerProcess *process;

  if (!self->is_foreign)
    return FALSE;
  /* Samples do not tell. */
  if (self->scheduler != IL_SCHEDULER_EXACT)
    return TRUE;
  process = g_hash_table_lookup (self->processes, GINT_TO_POINTER (lane->pid));
  return process != NULL && process->exec_ns >= lane->begin_ns && process->exec_ns <= time_ns;
}

/**
 * il_assembler_is_taken_over:
 * @time_ns: when the thread ended
 *
 * Who executes a file in another thread than the first takes over the number of that one, which
 * ends right before it.  Its end, on another core, may be read after what its successor did.
 *
 * Returns: whether what is kept of the thread is known to go on as that of its successor
 */
gboolean
il_assembler_is_taken_over (IlAssembler *self, const IlAssemblerThread *thread, gint64 time_ns)
{
  const IlAssemblerProcess *process;

  if (!self->is_foreign || thread->tid != thread->pid)
    return FALSE;
  process = g_hash_table_lookup (self->processes, GINT_TO_POINTER (thread->pid));
  return process != NULL && process->exec_ns > time_ns;
}

/**
 * il_assembler_note_joined:
 *
 * A thread of a process says that it goes on in a lane of the shared file: in one that it has
 * claimed, or after a file was executed there in the one that it had.  Of several threads the order
 * is any.
 */
void
il_assembler_note_joined (IlAssembler *self, pid_t pid, gint64 time_ns)
{
  IlAssemblerProcess *process;

  if (!self->is_foreign)
    return;
  process = get_process (self, pid);
  process->joined_ns = MAX (process->joined_ns, time_ns);
}

/* What it said before its death has been read by then. */
static gboolean
died_before (IlAssembler *self, pid_t pid, gint64 time_ns)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      const IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->pid == pid && thread->gone_ns >= time_ns)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_absent (IlAssembler *self, const IlAssemblerProcess *process, gint64 watermark_ns)
{
  if (process->is_told || process->exec_ns < 0 || process->joined_ns >= process->exec_ns)
    return FALSE;
  return watermark_ns - process->exec_ns > JOIN_PATIENCE_NS
         || (watermark_ns > process->exec_ns && died_before (self, process->pid, watermark_ns));
}

/**
 * il_assembler_tell_absent:
 *
 * Tells of processes that were expected to claim lanes and have not, and forgets those that are
 * gone.
 */
void
il_assembler_tell_absent (IlAssembler *self, gint64 watermark_ns)
{
  GHashTableIter iter;
  gpointer value;

  if (!self->is_foreign)
    return;
  g_hash_table_iter_init (&iter, self->processes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      IlAssemblerProcess *process = value;

      if (!self->is_unheard && is_absent (self, process, watermark_ns))
        {
          process->is_told = TRUE;
          if (self->sink.absent != NULL)
            self->sink.absent (process->pid, process->name, self->data);
        }
    }
}

/**
 * il_assembler_forget_process:
 *
 * The last thread of a process was forgotten.
 */
void
il_assembler_forget_process (IlAssembler *self, pid_t pid)
{
  if (!self->is_foreign)
    return;
  for (guint i = 0; i < self->threads->len; i++)
    if (((const IlAssemblerThread *)g_ptr_array_index (self->threads, i))->pid == pid)
      return;
  g_hash_table_remove (self->processes, GINT_TO_POINTER (pid));
}

/**
 * il_assembler_list_processes:
 *
 * Returns: (transfer full) (element-type pid_t): those of which a thread lives, as far as the
 *   scheduler's side has told
 */
GArray *
il_assembler_list_processes (IlAssembler *self)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  GArray *pids = g_array_new (FALSE, FALSE, sizeof (pid_t));

  for (guint i = 0; i < self->threads->len; i++)
    {
      const IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->gone_ns == IL_ASSEMBLER_NEVER && thread->pid != self->launcher
          && g_hash_table_add (known, GINT_TO_POINTER (thread->pid)))
        g_array_append_val (pids, thread->pid);
    }
  return pids;
}
