/* il-assembler-cut.c - cutting what is old enough off the assembler, as one batch
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

#define UNKNOWN_HOLD_NS (250 * G_GINT64_CONSTANT (1000000))
#define DEATH_HOLD_NS (2000 * G_GINT64_CONSTANT (1000000))

/* Who died before it could say so was a worker, too, if it was born with the name of one: it was
 * about to take its place.  Later it may have borne those of others, whom it made. */
static char *
find_lost_worker (IlAssembler *self, const IlAssemblerThread *thread, IlLaneInfo *info)
{
  char *name = NULL;

  if (thread->gone_ns != IL_ASSEMBLER_NEVER && thread->pid != self->program && !self->is_foreign)
    name = il_assembler_make_lost_name (self, thread, &info->number);
  if (name == NULL)
    return NULL;
  info->role = IL_LANE_ROLE_WORKER;
  info->name = name;
  return name;
}

IlLaneInfo
il_assembler_describe (IlAssembler *self, const IlAssemblerThread *thread, const char *name)
{
  return (IlLaneInfo){
    .kind = IL_LANE_THREAD,
    .role = IL_LANE_ROLE_THREAD,
    .scheduler = self->scheduler,
    .pid = thread->pid,
    .tid = thread->tid,
    .parameter = (guint64)il_assembler_get_birth (self, thread),
    .name = name,
    .process_name = il_assembler_process_name (self, thread->pid),
  };
}

static char *
call_unclaimed (IlAssembler *self, IlAssemblerThread *thread)
{
  g_autofree char *number = g_strdup_printf ("%d", (int)thread->tid);
  const char *kernel_name = il_assembler_get_name (thread);
  const char *known_name = kernel_name[0] != '\0' ? kernel_name : number;

  return self->is_foreign ? il_assembler_call (self, thread, known_name)
                          : g_utf8_make_valid (known_name, -1);
}

/* Nobody has claimed this thread so far: it is one that we know nothing of but what the scheduler
 * says. */
static void
add_unclaimed_lane (IlAssembler *self, IlAssemblerThread *thread)
{
  g_autofree char *name = call_unclaimed (self, thread);
  IlLaneInfo info = il_assembler_describe (self, thread, name);
  g_autofree char *lost_name = find_lost_worker (self, thread, &info);

  il_assembler_list_lane (thread, il_assembler_add_lane (self, &info));
  thread->lane->is_unclaimed = lost_name == NULL;
  thread->lane->has_begun = TRUE;
  thread->lane->begin_ns = thread->held_from_ns;
  il_assembler_note_told (thread->lane, &info);
  il_assembler_note_program (self, thread->lane, thread->held_from_ns);
  if (thread->gone_ns != IL_ASSEMBLER_NEVER)
    il_assembler_push_lane_end (self, thread->lane, thread->gone_ns);
}

/* It had its lane already, as one that nothing is known of, when it died. */
static void
claim_for_dead (IlAssembler *self, const IlAssemblerLane *lane)
{
  IlLaneInfo info = il_assembler_describe (self, lane->thread, NULL);
  g_autofree char *lost_name = find_lost_worker (self, lane->thread, &info);

  if (lost_name != NULL)
    self->sink.claim_lane (lane->number, &info, self->data);
}

/* Lanes in values are those of the shared file, used again and again: who had it at that time? */
static guint32
translate_lane (IlAssembler *self, guint32 index_plus_1, gint64 time_ns)
{
  const IlAssemblerSlot *slot;

  if (index_plus_1 == 0)
    return 0;
  slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (index_plus_1 - 1));
  if (slot == NULL || slot->n_tenants == 0)
    return 0;
  for (guint i = slot->n_tenants; i-- > 1;)
    if (time_ns >= slot->tenants[i].begin_ns)
      return slot->tenants[i].number + 1;
  return slot->tenants[0].number + 1;
}

/* Who, as events name it. */
static guint32
translate_who (IlAssembler *self, guint32 who, gint64 time_ns)
{
  const IlAssemblerLane *lane;

  if ((who & IL_EVENT_IS_COROUTINE) == 0)
    return translate_lane (self, who, time_ns);
  lane = g_hash_table_lookup (self->coroutines, GUINT_TO_POINTER (who & ~IL_EVENT_IS_COROUTINE));
  return lane != NULL ? lane->number + 1 : 0;
}

/* Of a process the first thread stands for it. */
static guint32
translate_process (IlAssembler *self, guint32 pid)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->first_lanes, GUINT_TO_POINTER (pid)));
}

static void
translate_lanes (IlAssembler *self, IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_LANE_BEGIN:
    case IL_RECORD_LOCK_WAIT:
    case IL_RECORD_LOCK_ACQUIRE:
    case IL_RECORD_WORKER_LOST:
    case IL_RECORD_OWNER_DIED:
    case IL_RECORD_FLAG_PASS:
    case IL_RECORD_COND_WOKEN:
    case IL_RECORD_WOKEN_BY:
    case IL_RECORD_LOCK_COPIED:
    case IL_RECORD_LOCK_QUIET:
    case IL_RECORD_RW_READER:
      record->value = translate_who (self, record->value, record->time_ns);
      break;
    case IL_RECORD_JOIN_WAIT:
    case IL_RECORD_JOIN_END:
      record->value = record->object == IL_RECORD_CALL_PROCESS
                          ? translate_process (self, record->value)
                          : translate_who (self, record->value, record->time_ns);
      break;
    case IL_RECORD_RW_WAIT:
      record->value
          = (record->value & 1) | translate_who (self, record->value >> 1, record->time_ns) << 1;
      break;
    default:
      break;
    }
}

/* Threads that nobody has claimed hold the watermark back for a while, from the oldest of their
 * records on.  So do those of the program that died without a word, from there on: it dies, and
 * what of is known soon. */
static gboolean
is_held (const IlAssembler *self, const IlAssemblerThread *thread, gint64 watermark_ns,
         gint64 *from_ns)
{
  const IlAssemblerLane *lane = thread->lane;

  if (lane == NULL)
    {
      *from_ns = thread->held_from_ns;
      return thread->pending->len > 0 && thread->gone_ns >= watermark_ns
             && watermark_ns - *from_ns < UNKNOWN_HOLD_NS && !self->is_unheard;
    }
  *from_ns = thread->gone_ns;
  return self->program != 0 && thread->pid == self->program && lane->is_open && !lane->ended
         && *from_ns < watermark_ns && watermark_ns - *from_ns < DEATH_HOLD_NS;
}

static gint64
hold_back (IlAssembler *self, gint64 watermark_ns)
{
  gint64 result_ns = watermark_ns;

  for (guint i = 0; i < self->threads->len; i++)
    {
      gint64 from_ns;

      if (is_held (self, g_ptr_array_index (self->threads, i), watermark_ns, &from_ns))
        result_ns = MIN (result_ns, from_ns);
    }
  return MAX (result_ns, self->cut_ns);
}

/* Moves what is older than the watermark from pending into the batch. */
static void
cut_pending (IlAssembler *self, GArray *pending, gint64 watermark_ns)
{
  guint n_kept = 0;

  g_array_set_size (self->scratch, 0);
  for (guint i = 0; i < pending->len; i++)
    {
      IlRecord *record = &g_array_index (pending, IlRecord, i);

      if (record->time_ns >= watermark_ns)
        {
          g_array_index (pending, IlRecord, n_kept++) = *record;
          continue;
        }
      if (record->time_ns < self->cut_ns)
        {
          self->stats.n_late++;
          self->stats.latest_ns = MAX (self->stats.latest_ns, self->cut_ns - record->time_ns);
        }
      g_array_append_val (self->scratch, *record);
    }
  g_array_set_size (pending, n_kept);
}

/* What is said of coroutines by others than their carriers goes into the lanes of these. */
static void
take_begun (IlAssembler *self, const IlAssemblerLane *by, IlBatch *batch)
{
  guint n_kept = 0;

  for (guint i = 0; i < self->scratch->len; i++)
    {
      const IlRecord *record = &g_array_index (self->scratch, IlRecord, i);

      if (record->kind == IL_RECORD_COROUTINE)
        il_assembler_begin_coroutine (self, by, batch, record);
      else
        g_array_index (self->scratch, IlRecord, n_kept++) = *record;
    }
  g_array_set_size (self->scratch, n_kept);
}

static void
cut_lane (IlAssembler *self, IlAssemblerLane *lane, IlBatch *batch, gint64 watermark_ns)
{
  cut_pending (self, lane->pending, watermark_ns);
  for (guint i = 0; i < self->scratch->len; i++)
    translate_lanes (self, &g_array_index (self->scratch, IlRecord, i));
  if (lane->carried != NULL)
    {
      il_assembler_cut_carrier (self, lane, batch);
      return;
    }
  take_begun (self, lane, batch);
  il_batch_append (batch, lane->number, (const IlRecord *)(gconstpointer)self->scratch->data,
                   self->scratch->len);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const IlRecord *left = a, *right = b;

  return (left->time_ns > right->time_ns) - (left->time_ns < right->time_ns);
}

/* A thread of a program that is not ours runs what it is there for from its first record on, also
 * if its own first word comes later. */
static void
hand_out (const IlAssembler *self, IlAssemblerLane *lane, IlBatch *batch, const IlRecord *record)
{
  const IlRecord runs = { .time_ns = record->time_ns, .kind = IL_RECORD_RUNS };

  /* What it does after its last word is its own. */
  if (record->kind == IL_RECORD_SAMPLE && record->time_ns > lane->end_ns)
    return;
  if (self->is_foreign && !lane->is_noted)
    {
      if (record->time_ns < lane->runs_from_ns)
        il_batch_append (batch, lane->number, &runs, 1);
      lane->is_noted = TRUE;
    }
  il_batch_append (batch, lane->number, record, 1);
  if (lane->carried != NULL)
    g_array_append_val (lane->carried, *record);
}

static void
note_place (IlAssemblerThread *thread, const IlRecord *record)
{
  if (record->kind == IL_RECORD_SAMPLE || record->time_ns < thread->placed_ns)
    return;
  thread->placed_ns = record->time_ns;
  thread->placed_on_plus_1 = record->kind == IL_RECORD_SCHED_IN ? record->value + 1 : 0;
}

/* Lets the lanes that begin until then follow, each from the core that the thread is on.  Returns:
 * the place of the last of them. */
static guint
follow (const IlAssembler *self, const IlAssemblerThread *thread, guint place, gint64 time_ns,
        IlBatch *batch)
{
  while (place + 1 < thread->lanes->len)
    {
      IlAssemblerLane *next = g_ptr_array_index (thread->lanes, place + 1);

      if (!next->has_begun || next->begin_ns > time_ns)
        break;
      place++;
      if (thread->placed_on_plus_1 != 0)
        hand_out (self, next, batch,
                  &(IlRecord){ .time_ns = next->begin_ns,
                               .kind = IL_RECORD_SCHED_IN,
                               .value = thread->placed_on_plus_1 - 1 });
    }
  return place;
}

/* A record belongs to the lane that the thread had at that time: several may have followed one
 * another within the cut. */
static void
cut_thread (IlAssembler *self, IlAssemblerThread *thread, IlBatch *batch, gint64 watermark_ns)
{
  guint place = 0;

  cut_pending (self, thread->pending, watermark_ns);
  if (thread->lanes->len > 1)
    g_array_sort (self->scratch, compare_times);
  for (guint i = 0; i < self->scratch->len; i++)
    {
      const IlRecord *record = &g_array_index (self->scratch, IlRecord, i);

      place = follow (self, thread, place, record->time_ns, batch);
      hand_out (self, g_ptr_array_index (thread->lanes, place), batch, record);
      note_place (thread, record);
    }
  place = follow (self, thread, place, watermark_ns - 1, batch);
  for (guint i = 0; i < place; i++)
    ((IlAssemblerLane *)g_ptr_array_index (thread->lanes, i))->listed_by = NULL;
  if (place > 0)
    g_ptr_array_remove_range (thread->lanes, 0, place);
}

/* Ends lanes whose owner died without a word. */
static void
end_dead_lanes (IlAssembler *self, gint64 watermark_ns)
{
  for (guint i = 0; i < self->lanes->len; i++)
    {
      IlAssemblerLane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->ended)
        continue;
      if (lane->thread != NULL && lane->thread->gone_ns < watermark_ns)
        {
          if (lane->is_unclaimed)
            claim_for_dead (self, lane);
          il_assembler_push_lane_end (self, lane, lane->thread->gone_ns);
        }
      else if (lane->close_ns < watermark_ns)
        il_assembler_push_lane_end (self, lane, lane->close_ns);
    }
}

/* The same at the end of the recording: who was found to be dead only after all that is recorded
 * was so right after it. */
static void
end_rest_of_dead_lanes (IlAssembler *self)
{
  gint64 last_ns = MAX (self->stats.newest_ns + 1, self->cut_ns);

  for (guint i = 0; i < self->lanes->len; i++)
    {
      IlAssemblerLane *lane = g_ptr_array_index (self->lanes, i);
      gint64 gone_ns = lane->thread != NULL ? lane->thread->gone_ns : IL_ASSEMBLER_NEVER;

      if (MIN (gone_ns, lane->close_ns) != IL_ASSEMBLER_NEVER)
        il_assembler_push_lane_end (self, lane, MIN (MIN (gone_ns, lane->close_ns), last_ns));
    }
}

/* One that was too short for any sample is not reported as gone either. */
static gboolean
is_over (const IlAssembler *self, const IlAssemblerThread *thread)
{
  if (thread->pending->len > 0 || (thread->lane != NULL && !thread->lane->ended))
    return FALSE;
  return thread->gone_ns < self->cut_ns
         || (!thread->seen && thread->lane != NULL && thread->lane->close_ns < self->cut_ns);
}

/* Threads that are gone, and lanes that have ended, with nothing left to say. */
static void
forget_ended (IlAssembler *self)
{
  for (guint i = self->threads->len; i-- > 0;)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);
      pid_t pid;

      if (!is_over (self, thread))
        continue;
      if (thread->lane != NULL)
        thread->lane->thread = NULL;
      for (guint j = 0; j < thread->lanes->len; j++)
        ((IlAssemblerLane *)g_ptr_array_index (thread->lanes, j))->listed_by = NULL;
      if (g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (thread->tid)) == thread)
        g_hash_table_remove (self->by_tid, GINT_TO_POINTER (thread->tid));
      pid = thread->pid;
      g_ptr_array_remove_index_fast (self->threads, i);
      il_assembler_forget_process (self, pid);
    }
  for (guint i = self->lanes->len; i-- > 0;)
    {
      IlAssemblerLane *lane = g_ptr_array_index (self->lanes, i);

      if (!lane->ended || lane->is_open || lane->thread != NULL || lane->listed_by != NULL
          || lane->pending->len > 0)
        continue;
      g_ptr_array_remove_index_fast (self->lanes, i);
    }
}

static void
cut (IlAssembler *self, gint64 watermark_ns)
{
  g_autoptr (IlBatch) batch = NULL;

  il_assembler_settle_names (self, watermark_ns);
  /* All are called before any is told of, so that their numbers are right at once. */
  for (int adds = !self->is_foreign; adds <= 1; adds++)
    for (guint i = 0; i < self->threads->len; i++)
      {
        IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

        if (thread->lane != NULL || thread->held_from_ns >= watermark_ns)
          continue;
        if (adds)
          add_unclaimed_lane (self, thread);
        else
          g_free (call_unclaimed (self, thread));
      }
  il_assembler_number_called (self, FALSE);
  end_dead_lanes (self, watermark_ns);
  il_assembler_tell_absent (self, watermark_ns);

  batch = il_batch_new (self->cut_ns);
  for (guint i = 0; i < self->threads->len; i++)
    {
      IlAssemblerThread *thread = g_ptr_array_index (self->threads, i);

      if (thread->lane != NULL)
        cut_thread (self, thread, batch, watermark_ns);
    }
  /* Coroutines begin before they are carried, be it at the same moment. */
  for (int carries = 0; carries <= 1; carries++)
    for (guint i = 0; i < self->lanes->len; i++)
      {
        IlAssemblerLane *lane = g_ptr_array_index (self->lanes, i);

        if ((lane->carried != NULL) == carries)
          cut_lane (self, lane, batch, watermark_ns);
      }
  il_assembler_end_coroutines (self, batch);
  il_batch_seal (batch, watermark_ns);
  self->cut_ns = watermark_ns;
  self->sink.batch (batch, self->data);
  forget_ended (self);
  il_assembler_forget_names (self, watermark_ns);
}

/**
 * il_assembler_cut:
 * @watermark_ns: CLOCK_MONOTONIC; all sources have told what they know of the time before
 *
 * Hands the sink one batch of all that happened before the watermark, or before the first record of
 * a thread that is still to be claimed.
 */
void
il_assembler_cut (IlAssembler *self, gint64 watermark_ns)
{
  gint64 limit_ns = hold_back (self, watermark_ns - self->origin_ns);

  if (limit_ns > self->cut_ns)
    cut (self, limit_ns);
}

/**
 * il_assembler_finish:
 * @end_ns: CLOCK_MONOTONIC; where the recording ends at the earliest: it includes every record
 *
 * Hands the sink all that is left.  Nothing is to be added afterwards.
 */
void
il_assembler_finish (IlAssembler *self, gint64 end_ns)
{
  gint64 last_ns;

  end_rest_of_dead_lanes (self);
  last_ns = MAX (end_ns - self->origin_ns, self->stats.newest_ns + 1);
  cut (self, MAX (last_ns, self->cut_ns));
  il_assembler_number_called (self, TRUE);
}
