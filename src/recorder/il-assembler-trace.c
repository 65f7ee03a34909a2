/* il-assembler-trace.c - the assembler's shared file: what targets say
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-assembler-private.h"

#include "il-assembler-parts-private.h"

/* A stamp further ahead of the clock than this is damage, not a thread faster than its reader. */
#define FUTURE_MAX_NS (G_GINT64_CONSTANT (1000000000))

G_STATIC_ASSERT ((int)IL_EVENT_LANE_BEGIN == (int)IL_RECORD_LANE_BEGIN);
G_STATIC_ASSERT ((int)IL_EVENT_TASK_DROP == (int)IL_RECORD_TASK_DROP);
G_STATIC_ASSERT ((int)IL_EVENT_WAIT_CANCELLED == (int)IL_RECORD_WAIT_CANCELLED);
G_STATIC_ASSERT ((int)IL_EVENT_COUNTER == (int)IL_RECORD_COUNTER);
G_STATIC_ASSERT ((int)IL_EVENT_COND_WAIT == (int)IL_RECORD_COND_WAIT);
G_STATIC_ASSERT ((int)IL_EVENT_COROUTINE == (int)IL_RECORD_COROUTINE);
G_STATIC_ASSERT ((int)IL_EVENT_STUCK == (int)IL_RECORD_SCHED_IN);
/* The last one is of names alone. */
G_STATIC_ASSERT ((int)IL_EVENT_USED_AT + 1 == (int)IL_N_EVENT_KINDS);
G_STATIC_ASSERT ((int)IL_EVENT_USED_AT - (int)IL_EVENT_STUCK
                 == (int)IL_N_RECORD_KINDS - (int)IL_RECORD_STUCK);
G_STATIC_ASSERT (IL_EVENT_ENDS_ALL == IL_RECORD_ENDS_ALL);
G_STATIC_ASSERT (IL_EVENT_GIVES == IL_RECORD_GIVES);
G_STATIC_ASSERT (IL_EVENT_UNTIL_TAKEN == IL_RECORD_UNTIL_TAKEN);
G_STATIC_ASSERT (IL_EVENT_WOKE == IL_RECORD_WOKE);
G_STATIC_ASSERT (IL_EVENT_ANEW == IL_RECORD_ANEW);
G_STATIC_ASSERT (IL_EVENT_PERHAPS == IL_RECORD_PERHAPS && IL_EVENT_EARLIER == IL_RECORD_EARLIER);
G_STATIC_ASSERT (IL_EVENT_NESTED_FLAGS == IL_RECORD_NESTED_FLAGS);
G_STATIC_ASSERT (IL_LIFE_MAKES == IL_RECORD_LIFE_MAKES && IL_LIFE_IS == IL_RECORD_LIFE_IS);
G_STATIC_ASSERT (IL_LIFE_ENDED == IL_RECORD_LIFE_ENDED && IL_LIFE_UNTOLD == IL_RECORD_LIFE_UNTOLD);
G_STATIC_ASSERT ((int)IL_TASK_LOST == (int)IL_TASK_OUTCOME_LOST);
G_STATIC_ASSERT ((int)IL_LOCK_SPIN == IL_LANE_PARAMETER_SPIN);
G_STATIC_ASSERT ((int)IL_LOCK_INTERPRETER == IL_LANE_PARAMETER_INTERPRETER);
G_STATIC_ASSERT ((int)IL_LOCK_BINARY == IL_LANE_PARAMETER_BINARY);
G_STATIC_ASSERT (IL_CALL_READ == IL_RECORD_CALL_READ && IL_CALL_POLL == IL_RECORD_CALL_POLL);
G_STATIC_ASSERT (IL_CALL_SELECT == IL_RECORD_CALL_SELECT && IL_CALL_EPOLL == IL_RECORD_CALL_EPOLL);
G_STATIC_ASSERT (IL_CALL_ACCEPT == IL_RECORD_CALL_ACCEPT);
G_STATIC_ASSERT (IL_CALL_RECEIVE == IL_RECORD_CALL_RECEIVE);
G_STATIC_ASSERT (IL_CALL_SIGNAL == IL_RECORD_CALL_SIGNAL);
G_STATIC_ASSERT (IL_CALL_JOIN == IL_RECORD_CALL_JOIN && IL_CALL_PROCESS == IL_RECORD_CALL_PROCESS);
G_STATIC_ASSERT (IL_CALL_OBJECT == IL_RECORD_CALL_OBJECT);
G_STATIC_ASSERT ((int)IL_OBJECT_LOCK == (int)IL_OBJECT_KIND_LOCK);
G_STATIC_ASSERT ((int)IL_OBJECT_COUNTER == (int)IL_OBJECT_KIND_COUNTER);
G_STATIC_ASSERT ((int)IL_OBJECT_TITLE == (int)IL_OBJECT_KIND_TITLE);
G_STATIC_ASSERT ((int)IL_N_OBJECT_KINDS == (int)IL_N_OBJECT_KINDS_KNOWN);
G_STATIC_ASSERT ((int)IL_ROLE_CARRIER == (int)IL_LANE_ROLE_CARRIER);
G_STATIC_ASSERT ((int)IL_ROLE_SUPERVISOR == (int)IL_LANE_ROLE_SUPERVISOR);

static IlAssemblerSlot *
get_slot (IlAssembler *self, guint32 index)
{
  IlAssemblerSlot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (index));

  if (slot == NULL)
    {
      slot = g_new0 (IlAssemblerSlot, 1);
      g_hash_table_insert (self->slots, GUINT_TO_POINTER (index), slot);
    }
  return slot;
}

static void
add_tenant (IlAssemblerSlot *slot, const IlTraceLaneInfo *info, const IlAssemblerLane *lane)
{
  const IlAssemblerTenancy tenant = { info->generation, lane->number, 0 };

  if (slot->n_tenants == G_N_ELEMENTS (slot->tenants))
    memmove (slot->tenants, slot->tenants + 1, --slot->n_tenants * sizeof *slot->tenants);
  slot->tenants[slot->n_tenants++] = tenant;
}

/* The thread that a lane claims: of this number, and claimed by nobody yet.  One that is gone
 * already may be it, if its records are still here. */
static IlAssemblerThread *
claim_thread (IlAssembler *self, const IlTraceLaneInfo *info)
{
  IlAssemblerThread *thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (info->tid));

  if (thread != NULL && thread->gone_ns != IL_ASSEMBLER_NEVER && thread->lane != NULL)
    thread = NULL;
  return thread != NULL ? thread : il_assembler_add_thread (self, info->pid, info->tid);
}

/* A worker that takes the place of another has its number and, but for this, its name. */
static char *
make_lane_name (IlAssembler *self, IlAssemblerThread *thread, const IlTraceLaneInfo *info)
{
  g_autofree char *name = g_utf8_make_valid (info->name, -1);

  if (self->is_foreign && info->has_own_name)
    g_strlcpy (thread->own_name, info->name, sizeof thread->own_name);
  else if (self->is_foreign && il_assembler_get_name (thread)[0] == '\0')
    il_assembler_rename (thread, 0, info->name);
  /* The scheduler's side tells each change, maybe one since the lane was begun already. */
  if (self->is_foreign && self->scheduler == IL_SCHEDULER_EXACT && thread->namings != NULL)
    return il_assembler_call (self, thread, il_assembler_get_shown_name (thread));
  if (self->is_foreign)
    return il_assembler_call (self, thread, info->name);
  return info->role == IL_ROLE_WORKER ? il_assembler_bear (self, name, info->number)
                                      : g_steal_pointer (&name);
}

/* The lane that the thread has from now on: a new one, or the one that it got because it had said
 * nothing for long. */
static IlAssemblerLane *
take_lane (IlAssembler *self, IlAssemblerThread *thread, const IlLaneInfo *info)
{
  IlAssemblerLane *lane = thread->lane;

  if (lane != NULL && lane->is_unclaimed && !lane->ended)
    {
      lane->is_unclaimed = FALSE;
      self->sink.claim_lane (lane->number, info, self->data);
      return lane;
    }
  lane = il_assembler_add_lane (self, info);
  il_assembler_list_lane (thread, lane);
  return lane;
}

/**
 * il_assembler_begin_lane:
 *
 * A lane of the shared file has a new owner, whose thread it is from now on.
 */
void
il_assembler_begin_lane (IlAssembler *self, const IlTraceLaneInfo *info)
{
  IlAssemblerSlot *slot = get_slot (self, info->index);
  IlAssemblerThread *thread = claim_thread (self, info);
  g_autofree char *name = make_lane_name (self, thread, info);
  const IlLaneInfo lane_info = {
    .kind = IL_LANE_THREAD,
    .role = info->role >= IL_N_ROLES ? IL_LANE_ROLE_THREAD : (IlLaneRole)info->role,
    .scheduler = self->scheduler,
    .number = info->number,
    .pid = info->pid,
    .tid = info->tid,
    .name = name,
    .parameter = (guint64)il_assembler_get_birth (self, thread),
    .process_name = il_assembler_process_name (self, info->pid),
  };
  IlAssemblerLane *lane = take_lane (self, thread, &lane_info);

  if (slot->lane != NULL)
    slot->lane->is_open = FALSE;
  il_assembler_note_told (lane, &lane_info);
  if (lane->newest_ns == 0 && thread->held_from_ns != IL_ASSEMBLER_NEVER)
    il_assembler_note_program (self, lane, thread->held_from_ns);
  slot->lane = lane;
  lane->is_open = TRUE;
  if (info->role == IL_ROLE_CARRIER)
    lane->carried = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  add_tenant (slot, info, lane);
}

/* The thread changes over to this lane at its begin; one that had to wait too long for it gets its
 * end. */
static void
begin_lane_at (IlAssembler *self, IlAssemblerSlot *slot, gint64 time_ns)
{
  IlAssemblerLane *lane = slot->lane;
  IlAssemblerLane *previous = NULL;
  guint place;

  lane->begin_ns = time_ns;
  lane->has_begun = TRUE;
  if (slot->n_tenants > 0)
    slot->tenants[slot->n_tenants - 1].begin_ns = time_ns;
  if (lane->listed_by == NULL)
    return;
  il_assembler_list_lane (lane->listed_by, lane);
  if (g_ptr_array_find (lane->listed_by->lanes, lane, &place) && place > 0)
    previous = g_ptr_array_index (lane->listed_by->lanes, place - 1);
  /* Another lane of the shared file says itself that it ended, maybe in what was not read yet. */
  if (previous != NULL
      && (!previous->is_open || il_assembler_has_executed (self, previous, time_ns)))
    il_assembler_push_lane_end (self, previous, time_ns);
}

/* Where deaths are not seen when they happen, this is the first word of one, and ends the lane. */
static void
note_worker_lost (IlAssembler *self, guint32 index_plus_1)
{
  const IlAssemblerSlot *slot
      = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (index_plus_1 - 1));

  if (self->scheduler == IL_SCHEDULER_EXACT || index_plus_1 == 0 || slot == NULL
      || slot->lane == NULL || slot->lane->ended)
    return;
  il_assembler_note_lane_end (slot->lane);
}

/* What the event says took so long up to its stamp, in units of IL_RECORD_COPY_NS. */
static guint64
get_length (IlClockMap *clock, const IlEvent *event, guint32 units)
{
  guint64 ticks = (guint64)units * IL_EVENT_COPY_TICKS;

  if (ticks == 0 || ticks > event->stamp)
    return 0;
  return (guint64)(il_clock_map_to_ns (clock, event->stamp)
                   - il_clock_map_to_ns (clock, event->stamp - ticks))
         / IL_RECORD_COPY_NS;
}

/* Lengths of time are told in the clock's own ticks. */
static void
convert_length (IlRecord *record, IlClockMap *clock, const IlEvent *event)
{
  if (record->kind == IL_RECORD_COPY)
    record->object = (guint32)MIN (get_length (clock, event, IL_EVENT_OBJECT (event->what)),
                                   IL_RECORD_OBJECT_MAX);
  else if (record->kind == IL_RECORD_LOCK_HELD || record->kind == IL_RECORD_LOCK_LEFT
           || record->kind == IL_RECORD_LOCK_HAD)
    record->value = (guint32)MIN (get_length (clock, event, event->value), G_MAXUINT32);
}

/* The kind of record of an event.  Those that came after the records of the scheduler have other
 * numbers. */
static guint
get_record_kind (const IlEvent *event)
{
  guint kind = IL_EVENT_KIND (event->what);

  if (kind < IL_EVENT_STUCK)
    return kind;
  if (kind >= IL_EVENT_USED_AT)
    return IL_RECORD_NONE;
  return kind - IL_EVENT_STUCK + IL_RECORD_STUCK;
}

/* The first one counts. */
static void
note_crash (IlAssembler *self, const IlRecord *record)
{
  if ((record->value & IL_RECORD_ENDS_ALL) != 0 && self->crash.value == 0)
    self->crash = (IlAssemblerCrash){ record->object, record->value, record->time_ns };
}

/**
 * il_assembler_get_crash:
 *
 * Returns: (nullable): how the program died of a step that crashes it, if it did
 */
const IlAssemblerCrash *
il_assembler_get_crash (const IlAssembler *self)
{
  return self->crash.value != 0 ? &self->crash : NULL;
}

/**
 * il_assembler_add_events:
 * @events: (array length=n_events): in the order of writing
 * @clock: turns their stamps into nanoseconds
 */
void
il_assembler_add_events (IlAssembler *self, const IlTraceLaneInfo *info, const IlEvent *events,
                         gsize n_events, IlClockMap *clock)
{
  IlAssemblerSlot *slot = get_slot (self, info->index);
  IlAssemblerLane *lane = slot->lane;
  gint64 latest_ns = clock->last.time_ns + FUTURE_MAX_NS;

  if (lane == NULL)
    return;

  for (gsize i = 0; i < n_events; i++)
    {
      gint64 time_ns = il_clock_map_to_ns (clock, events[i].stamp);
      IlRecord record = {
        .kind = (guint8)get_record_kind (&events[i]),
        .object = IL_EVENT_OBJECT (events[i].what),
        .value = events[i].value,
      };

      if (record.kind == IL_RECORD_NONE)
        continue;
      if (time_ns > latest_ns)
        time_ns = clock->last.time_ns;
      record.time_ns = il_assembler_to_session_time (self, time_ns);
      convert_length (&record, clock, &events[i]);
      il_assembler_push (self, lane, record);
      if (record.kind == IL_RECORD_LANE_BEGIN)
        begin_lane_at (self, slot, lane->newest_ns);
      else if (record.kind == IL_RECORD_RUNS)
        {
          lane->runs_from_ns = MIN (lane->runs_from_ns, lane->newest_ns);
          il_assembler_note_joined (self, info->pid, lane->newest_ns);
        }
      else if (record.kind == IL_RECORD_LANE_END)
        il_assembler_note_lane_end (lane);
      else if (record.kind == IL_RECORD_WORKER_LOST)
        note_worker_lost (self, record.value);
      else if (record.kind == IL_RECORD_CRASH)
        note_crash (self, &record);
    }
}

/**
 * il_assembler_count_object:
 * @now_ns: CLOCK_MONOTONIC
 *
 * So many acquisitions up to now had no event.  Who made them is not known: it stands in the lane
 * of a core, which outlives all threads.
 */
void
il_assembler_count_object (IlAssembler *self, guint32 object, guint32 n_untold, gint64 now_ns)
{
  if (self->cores->len == 0)
    return;
  il_assembler_push (self, g_ptr_array_index (self->cores, 0),
                     (IlRecord){ .time_ns = il_assembler_to_session_time (self, now_ns),
                                 .kind = IL_RECORD_LOCK_COUNT,
                                 .object = object,
                                 .value = n_untold });
}

/**
 * il_assembler_end_lane:
 * @now_ns: CLOCK_MONOTONIC
 *
 * After the last event of a lane's owner, who may have died without a word.
 */
void
il_assembler_end_lane (IlAssembler *self, const IlTraceLaneInfo *info,
                       const IlTraceLaneUsage *usage, gint64 now_ns)
{
  IlAssemblerSlot *slot = get_slot (self, info->index);
  IlAssemblerLane *lane = slot->lane;

  if (lane == NULL)
    return;
  if (usage != NULL && usage->valid)
    self->sink.usage (lane->number, usage, lane->newest_ns, self->data);
  lane->close_ns = il_assembler_to_session_time (self, now_ns);
  lane->is_open = FALSE;
  slot->lane = NULL;
}
