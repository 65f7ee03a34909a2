/* il-assembler-sched.c - the assembler's scheduler: what it did with threads, and cores with their
 * time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

void
il_assembler_hold (IlAssembler *self, IlAssemblerThread *thread, IlRecord record)
{
  il_assembler_note_newest (self, record.time_ns);
  g_array_append_val (thread->pending, record);
  thread->seen = TRUE;
  if (thread->lane == NULL)
    thread->held_from_ns = MIN (thread->held_from_ns, record.time_ns);
}

/* Which of its records the kernel dropped is not known: whoever was not on another core at that
 * time may have been on this one. */
static void
add_lost (IlAssembler *self, const IlSchedRecord *record, gint64 time_ns)
{
  self->stats.n_sched_lost += record->n_lost;
  for (guint i = 0; i < self->threads->len; i++)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->gone_ns < time_ns
          || (thread->core_known && thread->on_core && thread->core != record->core))
        continue;
      il_assembler_hold (self, thread,
                         (IlRecord){ .time_ns = time_ns,
                                     .kind = IL_RECORD_SCHED_LOST,
                                     .value = (guint32)MIN (record->n_lost, G_MAXUINT32) });
    }
}

static void
add_switch (IlAssembler *self, IlAssemblerThread *thread, const IlSchedRecord *record,
            gint64 time_ns)
{
  gboolean in = record->kind == IL_SCHED_IN;

  thread->core = record->core;
  thread->core_known = TRUE;
  thread->on_core = in;
  if (time_ns >= thread->switched_ns)
    {
      thread->switched_ns = time_ns;
      thread->rests_from_ns = record->kind == IL_SCHED_OUT ? time_ns : IL_ASSEMBLER_NEVER;
    }
  il_assembler_hold (self, thread,
                     (IlRecord){ .time_ns = time_ns,
                                 .kind = in ? IL_RECORD_SCHED_IN : IL_RECORD_SCHED_OUT,
                                 .object = record->kind == IL_SCHED_OUT_PREEMPTED,
                                 .value = record->core });
}

/* Not that of an earlier thread of the same number, whose successor has shown up in the shared file
 * already. */
static void
add_exit (IlAssembler *self, IlAssemblerThread *thread, const IlSchedRecord *record, gint64 time_ns)
{
  if (thread->lane != NULL && time_ns < thread->lane->begin_ns)
    return;
  if (il_assembler_is_taken_over (self, thread, time_ns))
    {
      il_assembler_hold (
          self, thread,
          (IlRecord){ .time_ns = time_ns, .kind = IL_RECORD_SCHED_OUT, .value = record->core });
      return;
    }
  thread->gone_ns = time_ns;
  if (thread->pid == self->program)
    self->program_gone_ns = MAX (self->program_gone_ns, time_ns);
  thread->on_core = FALSE;
  thread->rests_from_ns = IL_ASSEMBLER_NEVER;
  /* It leaves its core for good, without a record of its own. */
  il_assembler_hold (
      self, thread,
      (IlRecord){ .time_ns = time_ns, .kind = IL_RECORD_SCHED_OUT, .value = thread->core });
}

/* A thread of a program that is not ours is there from now on, and can run, before it does so for
 * the first time.  A pool's begins with its own first word. */
static void
add_birth (IlAssembler *self, IlAssemblerThread *thread, const IlSchedRecord *record,
           gint64 time_ns)
{
  thread->birth_ns = time_ns;
  thread->maker = record->other_tid;
  il_assembler_note_birth (self, thread);
  il_assembler_note_fork (self, record);
  if (self->is_foreign)
    il_assembler_hold (self, thread,
                       (IlRecord){ .time_ns = time_ns,
                                   .kind = IL_RECORD_SCHED_OUT,
                                   .object = IL_RECORD_OUT_MADE,
                                   .value = IL_RECORD_NO_CORE });
}

/**
 * il_assembler_add_sched:
 *
 * Takes a record of the scheduler, in order for each core only.
 */
void
il_assembler_add_sched (IlAssembler *self, const IlSchedRecord *record)
{
  gint64 time_ns = il_assembler_to_session_time (self, record->time_ns);
  IlAssemblerThread *thread;

  /* It only starts the program. */
  if (self->launcher != 0 && record->pid == self->launcher)
    return;
  if (record->kind == IL_SCHED_LOST)
    {
      add_lost (self, record, time_ns);
      return;
    }

  thread = il_assembler_get_thread (self, record->pid, record->tid, time_ns);
  switch (record->kind)
    {
    case IL_SCHED_IN:
    case IL_SCHED_OUT:
    case IL_SCHED_OUT_PREEMPTED:
      add_switch (self, thread, record, time_ns);
      break;
    case IL_SCHED_EXIT:
      add_exit (self, thread, record, time_ns);
      break;
    case IL_SCHED_COMM:
      il_assembler_rename (thread, time_ns, record->name);
      il_assembler_note_name (self, thread, time_ns, record->is_exec);
      break;
    case IL_SCHED_FORK:
      add_birth (self, thread, record, time_ns);
      break;
    case IL_SCHED_LOST:
    default:
      break;
    }
}

static guint32
to_us (guint64 ns, guint32 max)
{
  return (guint32)MIN ((ns + 500) / 1000, max);
}

/**
 * il_assembler_add_sample:
 *
 * Takes a sample of a thread from /proc.
 */
void
il_assembler_add_sample (IlAssembler *self, const IlProcSample *sample)
{
  gint64 time_ns = il_assembler_to_session_time (self, sample->time_ns);
  IlAssemblerThread *thread;

  if (sample->is_gone)
    {
      thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (sample->tid));
      if (thread != NULL && thread->gone_ns == IL_ASSEMBLER_NEVER)
        thread->gone_ns = time_ns;
      return;
    }

  if (self->launcher != 0 && sample->pid == self->launcher)
    return;
  thread = il_assembler_get_thread (self, sample->pid, sample->tid, time_ns);
  il_assembler_rename (thread, time_ns, sample->name);
  il_assembler_note_name (self, thread, time_ns, FALSE);
  thread->core = sample->core;
  il_assembler_hold (
      self, thread,
      (IlRecord){ .time_ns = time_ns,
                  .kind = IL_RECORD_SAMPLE,
                  .object = to_us (sample->run_ns, IL_RECORD_OBJECT_MAX),
                  .value
                  = to_us (sample->wait_ns, IL_RECORD_SAMPLE_STOPPED - 1)
                    | (IL_PROBE_STATE_IS_STOPPED (sample->state) ? IL_RECORD_SAMPLE_STOPPED : 0) });
}

/**
 * il_assembler_add_cores_sample:
 * @time_ns: CLOCK_MONOTONIC
 * @samples: (array length=n_samples): shares since the sample before
 */
void
il_assembler_add_cores_sample (IlAssembler *self, gint64 time_ns, const IlCoreSample *samples,
                               guint n_samples)
{
  for (guint i = 0; i < n_samples; i++)
    {
      const IlCoreSample *sample = &samples[i];

      if (sample->core >= self->cores->len)
        continue;
      il_assembler_push (self, g_ptr_array_index (self->cores, sample->core),
                         (IlRecord){ .time_ns = il_assembler_to_session_time (self, time_ns),
                                     .kind = IL_RECORD_CORE_USAGE,
                                     .object = (sample->user_permille & 0x3ff)
                                               | (sample->system_permille & 0x3ff) << 10,
                                     .value = (sample->iowait_permille & 0x3ff)
                                              | (sample->idle_permille & 0x3ff) << 10 });
    }
}

/**
 * il_assembler_process_is_gone:
 *
 * Returns: whether all threads of the process that the scheduler or /proc told of are gone
 */
gboolean
il_assembler_process_is_gone (IlAssembler *self, pid_t pid)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      const IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->pid == pid && thread->gone_ns == IL_ASSEMBLER_NEVER)
        return FALSE;
    }
  return TRUE;
}
