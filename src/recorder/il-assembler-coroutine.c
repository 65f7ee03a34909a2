/* il-assembler-coroutine.c - tells coroutines apart that write into one lane, that of their carrier
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A carrier says whose the events are that follow.  To the timeline a coroutine is a thread whose
 * core is the carrier: it is on it from the switch to it to the switch away, but for the time that
 * the carrier itself is off its core, when the coroutine is no more running than the carrier is.
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

/* As many as an engine can have; a number beyond is damage. */
#define MAX_COROUTINES 65536

static IlAssemblerLane *
add_coroutine (IlAssembler *self, const IlAssemblerLane *carrier, guint32 number, guint32 title)
{
  const IlAssemblerTitle *known = g_hash_table_lookup (self->titles, GUINT_TO_POINTER (title));
  guint32 n_before = known != NULL && known->n_before < number ? known->n_before : 0;
  g_autofree char *name
      = g_strdup_printf ("%s %u", known != NULL ? known->word : "Worker", number - n_before);
  const IlLaneInfo info = {
    .kind = IL_LANE_THREAD,
    .role = IL_LANE_ROLE_WORKER,
    .scheduler = IL_SCHEDULER_CARRIER,
    .number = number,
    .pid = carrier->pid,
    .name = name,
    .process_name = il_assembler_process_name (self, carrier->pid),
  };
  IlAssemblerLane *lane = g_new0 (IlAssemblerLane, 1);

  lane->number = self->sink.add_lane (&info, self->data);
  lane->pid = carrier->pid;
  lane->pending = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  g_hash_table_insert (self->coroutines, GUINT_TO_POINTER (number), lane);
  return lane;
}

/* NULL: there cannot be one of that number. */
static IlAssemblerLane *
get_coroutine (IlAssembler *self, const IlAssemblerLane *carrier, guint32 number, guint32 title)
{
  IlAssemblerLane *lane = g_hash_table_lookup (self->coroutines, GUINT_TO_POINTER (number));

  if (lane != NULL || number == 0 || number > MAX_COROUTINES)
    return lane;
  return add_coroutine (self, carrier, number, title);
}

static void
append (IlBatch *batch, const IlAssemblerLane *lane, gint64 time_ns, IlRecordKind kind,
        guint32 object)
{
  const IlRecord record
      = { .time_ns = time_ns, .kind = kind, .object = object, .value = IL_RECORD_NO_CORE };

  il_batch_append (batch, lane->number, &record, 1);
}

static void
append_end (IlBatch *batch, IlAssemblerLane *lane, gint64 time_ns, guint signal_number,
            guint32 status)
{
  const IlRecord end = {
    .time_ns = time_ns, .kind = IL_RECORD_LANE_END, .object = signal_number, .value = status
  };

  il_batch_append (batch, lane->number, &end, 1);
  lane->ended = TRUE;
}

/**
 * il_assembler_begin_coroutine:
 * @by: no carrier
 * @record: a coroutine is made, or could not be
 *
 * From here on it is ready, however long its carrier is with others.
 */
void
il_assembler_begin_coroutine (IlAssembler *self, const IlAssemblerLane *by, IlBatch *batch,
                              const IlRecord *record)
{
  guint32 number = record->value & ~IL_EVENT_COROUTINE_FLAGS;
  IlAssemblerLane *lane = get_coroutine (self, by, number, record->object);
  gboolean has_ended = (record->value & IL_EVENT_COROUTINE_ENDED) != 0;

  if (lane == NULL || lane->ended)
    return;
  if (has_ended)
    append_end (batch, lane, record->time_ns, 0, 0);
  append (batch, lane, record->time_ns, IL_RECORD_SCHED_OUT, has_ended ? 0 : 1);
}

static void
leave (IlAssembler *self, IlAssemblerLane *carrier, IlBatch *batch, const IlRecord *record)
{
  IlAssemblerLane *lane = get_coroutine (self, carrier, carrier->running, 0);

  if (lane == NULL)
    return;
  if ((record->value & IL_EVENT_COROUTINE_ENDED) != 0)
    append_end (batch, lane, record->time_ns, 0, 0);
  append (batch, lane, record->time_ns, IL_RECORD_SCHED_OUT,
          (record->value & IL_EVENT_YIELDED) != 0 ? 1 : 0);
}

/* The carrier turns to another coroutine, or to itself. */
static void
turn (IlAssembler *self, IlAssemblerLane *carrier, IlBatch *batch, const IlRecord *record)
{
  guint32 number = record->value & ~IL_EVENT_COROUTINE_FLAGS;
  IlAssemblerLane *next = get_coroutine (self, carrier, number, record->object);
  IlRecord turned = *record;

  leave (self, carrier, batch, record);
  carrier->running = next != NULL ? number : 0;
  if (next != NULL)
    append (batch, next, record->time_ns, IL_RECORD_SCHED_IN, 0);
  turned.object = 0;
  turned.value = next != NULL ? next->number + 1 : 0;
  il_batch_append (batch, carrier->number, &turned, 1);
}

/* Where a carrier is sampled, it is seen to be stopped from outside, and to go on. */
static void
stop_or_go (IlBatch *batch, IlAssemblerLane *carrier, const IlAssemblerLane *lane, gint64 time_ns,
            gboolean is_stopped)
{
  if (carrier->is_stopped == is_stopped)
    return;
  carrier->is_stopped = is_stopped;
  append (batch, lane, time_ns, is_stopped ? IL_RECORD_SCHED_OUT : IL_RECORD_SCHED_IN,
          is_stopped ? IL_RECORD_OUT_STOPPED : 0);
}

/* What the scheduler did with the carrier it did with whom it carries. */
static void
carry (IlAssembler *self, IlAssemblerLane *carrier, IlBatch *batch, const IlRecord *record)
{
  IlAssemblerLane *lane = get_coroutine (self, carrier, carrier->running, 0);

  if (lane == NULL)
    return;
  if (record->kind == IL_RECORD_SCHED_IN || record->kind == IL_RECORD_SCHED_OUT)
    append (batch, lane, record->time_ns, (IlRecordKind)record->kind, record->object);
  else if (record->kind == IL_RECORD_SCHED_LOST)
    append (batch, lane, record->time_ns, IL_RECORD_SCHED_LOST, 0);
  else if (record->kind == IL_RECORD_SAMPLE)
    stop_or_go (batch, carrier, lane, record->time_ns,
                (record->value & IL_RECORD_SAMPLE_STOPPED) != 0);
}

static void
say (IlAssembler *self, IlAssemblerLane *carrier, IlBatch *batch, const IlRecord *record)
{
  IlAssemblerLane *lane;

  if (carrier->is_stopped && (lane = get_coroutine (self, carrier, carrier->running, 0)) != NULL)
    stop_or_go (batch, carrier, lane, record->time_ns, FALSE);
  if (record->kind == IL_RECORD_COROUTINE)
    {
      turn (self, carrier, batch, record);
      return;
    }
  lane = record->kind == IL_RECORD_LANE_BEGIN || record->kind == IL_RECORD_LANE_END
                 || record->kind == IL_RECORD_LOST
             ? NULL
             : get_coroutine (self, carrier, carrier->running, 0);
  if (lane != NULL && record->kind == IL_RECORD_CRASH)
    lane->ended = TRUE;
  il_batch_append (batch, (lane != NULL ? lane : carrier)->number, record, 1);
}

/**
 * il_assembler_end_coroutines:
 *
 * After all carriers are cut: where the last of them died without a word, so did those coroutines
 * that had not ended.  All carriers are in one process.
 */
void
il_assembler_end_coroutines (IlAssembler *self, IlBatch *batch)
{
  gboolean have_died = FALSE;
  gint64 end_ns = 0;
  GHashTableIter iter;
  gpointer value;

  for (guint i = 0; i < self->lanes->len; i++)
    {
      const IlAssemblerLane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->carried == NULL)
        continue;
      if (!lane->ended || lane->pending->len > 0)
        return;
      have_died = have_died || lane->has_died;
      end_ns = MAX (end_ns, lane->end_ns);
    }
  if (!have_died)
    return;
  g_hash_table_iter_init (&iter, self->coroutines);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (!((IlAssemblerLane *)value)->ended)
      append_end (batch, value, end_ns, il_assembler_get_signal (self, value), IL_RECORD_DIED);
}

/**
 * il_assembler_cut_carrier:
 *
 * Hands out what a carrier said within the cut, which is in the scratch array, to the coroutines
 * whose it is, in one order with what the scheduler did with the carrier.
 */
void
il_assembler_cut_carrier (IlAssembler *self, IlAssemblerLane *carrier, IlBatch *batch)
{
  guint n_carried = 0;

  for (guint i = 0; i < self->scratch->len; i++)
    {
      const IlRecord *record = &g_array_index (self->scratch, IlRecord, i);

      for (; n_carried < carrier->carried->len; n_carried++)
        {
          const IlRecord *switched = &g_array_index (carrier->carried, IlRecord, n_carried);

          if (switched->time_ns > record->time_ns)
            break;
          carry (self, carrier, batch, switched);
        }
      say (self, carrier, batch, record);
    }
  for (; n_carried < carrier->carried->len; n_carried++)
    carry (self, carrier, batch, &g_array_index (carrier->carried, IlRecord, n_carried));
  g_array_set_size (carrier->carried, 0);
}
