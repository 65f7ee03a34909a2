/* il-assembler.c - turns what targets wrote and what the scheduler did into batches of records
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several sources tell of the same thread, each in its own time: the lanes of the shared file, the
 * scheduler's rings of all cores, /proc.  What they tell waits here until all have spoken of a
 * moment, then it is cut off as one batch.  The watermark up to which is cut is the caller's word
 * that no source has older news; what comes late all the same is moved up to the cut, and counted.
 *
 * Which lane of the timeline a thread has is only known once its own lane in the shared file shows
 * up, which can be after the scheduler told of it.  Therefore its records are held back, up to
 * UNKNOWN_HOLD_NS, until a lane claims it; who stays unclaimed gets a lane of role "thread".
 *
 * A thread's life, by source:
 *   scheduler   FORK … EXIT; the last switch out comes before EXIT.  The number of a thread that is
 *               gone may come again, for another one.
 *   target      LANE_BEGIN … LANE_END, within the former.  A killed one leaves no LANE_END: it is
 *               written here, at EXIT, or where that is not known when the death was noticed.
 *
 * One thread calls all functions.
 */

#include "config.h"

#include "il-assembler-private.h"

#include <string.h>

#define NO_LANE G_MAXUINT32
#define NEVER G_MAXINT64
#define UNKNOWN_HOLD_NS (250 * G_GINT64_CONSTANT (1000000))
/* A stamp further ahead of the clock than this is damage, not a thread faster than its reader. */
#define FUTURE_MAX_NS (G_GINT64_CONSTANT (1000000000))
#define EXIT_STATUS_KILLED 255

G_STATIC_ASSERT ((int)IL_EVENT_LANE_BEGIN == (int)IL_RECORD_LANE_BEGIN);
G_STATIC_ASSERT ((int)IL_EVENT_TASK_DROP == (int)IL_RECORD_TASK_DROP);
G_STATIC_ASSERT ((int)IL_EVENT_WAIT_CANCELLED == (int)IL_RECORD_WAIT_CANCELLED);
G_STATIC_ASSERT ((int)IL_EVENT_COUNTER == (int)IL_RECORD_COUNTER);
G_STATIC_ASSERT ((int)IL_N_EVENT_KINDS == (int)IL_RECORD_SCHED_IN);
G_STATIC_ASSERT (IL_EVENT_WOKE == IL_RECORD_WOKE);
G_STATIC_ASSERT ((int)IL_TASK_LOST == (int)IL_TASK_OUTCOME_LOST);
G_STATIC_ASSERT ((int)IL_OBJECT_LOCK == (int)IL_OBJECT_KIND_LOCK);
G_STATIC_ASSERT ((int)IL_OBJECT_COUNTER == (int)IL_OBJECT_KIND_COUNTER);
G_STATIC_ASSERT ((int)IL_ROLE_SUPERVISOR == (int)IL_LANE_ROLE_SUPERVISOR);

typedef struct _Lane Lane;

/* A thread as scheduler or /proc see it. */
typedef struct
{
  pid_t pid;
  pid_t tid;
  char name[16];
  Lane *lane;          /* NULL while it is not known */
  Lane *previous;      /* the one before, for records older than the begin of lane; or NULL */
  GArray *pending;     /* of IlRecord; in order for each core only */
  gint64 held_from_ns; /* the oldest record pending while the lane is not known */
  gint64 gone_ns;      /* NEVER while it lives */
  guint core;          /* the last one that it was seen on */
  gboolean on_core;
  gboolean core_known;
  gboolean seen; /* by the scheduler's side */
} Thread;

/* A lane of the timeline that records can still come for. */
struct _Lane
{
  guint32 number;  /* in the timeline */
  Thread *thread;  /* NULL for a core's, and once it was handed to another lane */
  GArray *pending; /* of IlRecord, in order; lanes in their values still as in the shared file */
  gint64 newest_ns;
  gint64 begin_ns;
  gboolean is_open; /* more can come from the shared file */
  gint64 close_ns;  /* its writer was found to be dead then; NEVER */
  gboolean ended;   /* LANE_END is among the records, … */
  gint64 end_ns;    /* … at this time; NEVER */
};

/* Who had a lane of the shared file when: the file's lanes are used again. */
typedef struct
{
  guint32 generation;
  guint32 number;
  gint64 begin_ns;
} Tenancy;

typedef struct
{
  Lane *lane; /* of the last tenant; NULL once nothing more can come */
  Tenancy tenants[2];
  guint n_tenants;
} Slot;

struct _IlAssembler
{
  gint64 origin_ns;
  IlSchedulerSource scheduler;
  IlAssemblerSink sink;
  gpointer data;

  gint64 cut_ns; /* since the origin, as all times below */
  IlAssemblerStats stats;

  GPtrArray *lanes;   /* of Lane, those that live */
  GPtrArray *cores;   /* of Lane (not owned), by core */
  GHashTable *slots;  /* index in the shared file to Slot */
  GPtrArray *threads; /* of Thread, with those gone whose records are not cut yet */
  GHashTable *by_tid; /* tid to Thread (not owned), the newest of that number */
  GArray *scratch;    /* of IlRecord */
};

static void
free_lane (gpointer data)
{
  Lane *lane = data;

  g_array_unref (lane->pending);
  g_free (lane);
}

static void
free_thread (gpointer data)
{
  Thread *thread = data;

  g_array_unref (thread->pending);
  g_free (thread);
}

/**
 * il_assembler_new:
 * @origin_ns: CLOCK_MONOTONIC at time 0 of the session; what is older is moved up to it
 * @scheduler: where the scheduler's side comes from
 * @sink: copied
 */
IlAssembler *
il_assembler_new (gint64 origin_ns, IlSchedulerSource scheduler, const IlAssemblerSink *sink,
                  gpointer data)
{
  IlAssembler *self = g_new0 (IlAssembler, 1);

  self->origin_ns = origin_ns;
  self->scheduler = scheduler;
  self->sink = *sink;
  self->data = data;
  self->lanes = g_ptr_array_new_with_free_func (free_lane);
  self->cores = g_ptr_array_new ();
  self->slots = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->threads = g_ptr_array_new_with_free_func (free_thread);
  self->by_tid = g_hash_table_new (NULL, NULL);
  self->scratch = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  return self;
}

/**
 * il_assembler_free:
 *
 * What was not cut is dropped.
 */
void
il_assembler_free (IlAssembler *self)
{
  if (self == NULL)
    return;

  g_array_unref (self->scratch);
  g_hash_table_unref (self->by_tid);
  g_ptr_array_unref (self->threads);
  g_hash_table_unref (self->slots);
  g_ptr_array_unref (self->cores);
  g_ptr_array_unref (self->lanes);
  g_free (self);
}

/* --- lanes and threads */

static Lane *
add_lane (IlAssembler *self, const IlLaneInfo *info)
{
  Lane *lane = g_new0 (Lane, 1);

  lane->number = self->sink.add_lane (info, self->data);
  lane->pending = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  lane->close_ns = NEVER;
  lane->end_ns = NEVER;
  g_ptr_array_add (self->lanes, lane);
  return lane;
}

static gint64
to_session_time (const IlAssembler *self, gint64 monotonic_ns)
{
  return MAX (monotonic_ns - self->origin_ns, 0);
}

static void
note_newest (IlAssembler *self, gint64 time_ns)
{
  self->stats.newest_ns = MAX (self->stats.newest_ns, time_ns);
}

/* What a lane's own source says keeps the order in which it was said. */
static void
push (IlAssembler *self, Lane *lane, IlRecord record)
{
  record.time_ns = MAX (record.time_ns, lane->newest_ns);
  lane->newest_ns = record.time_ns;
  note_newest (self, record.time_ns);
  g_array_append_val (lane->pending, record);
}

static void
note_lane_end (Lane *lane)
{
  lane->ended = TRUE;
  lane->end_ns = lane->newest_ns;
}

static void
push_lane_end (IlAssembler *self, Lane *lane, gint64 time_ns)
{
  if (lane->ended)
    return;
  push (self, lane,
        (IlRecord){ .time_ns = time_ns, .kind = IL_RECORD_LANE_END, .value = EXIT_STATUS_KILLED });
  note_lane_end (lane);
}

static Thread *
add_thread (IlAssembler *self, pid_t pid, pid_t tid)
{
  Thread *thread = g_new0 (Thread, 1);

  thread->pid = pid;
  thread->tid = tid;
  thread->pending = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  thread->held_from_ns = NEVER;
  thread->gone_ns = NEVER;
  g_ptr_array_add (self->threads, thread);
  g_hash_table_replace (self->by_tid, GINT_TO_POINTER (tid), thread);
  return thread;
}

/* The thread that had this number at that time.  Rings of several cores are read one after the
 * other, so that its first record need not be FORK, nor EXIT the last. */
static Thread *
get_thread (IlAssembler *self, pid_t pid, pid_t tid, gint64 time_ns)
{
  Thread *thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (tid));

  if (thread == NULL || time_ns > thread->gone_ns)
    return add_thread (self, pid, tid);
  return thread;
}

static const char *
process_name (IlAssembler *self, pid_t pid)
{
  const Thread *leader = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (pid));

  return leader != NULL && leader->name[0] != '\0' ? leader->name : NULL;
}

/* Nobody claims this thread: it is one that we know nothing of but what the scheduler says. */
static void
add_unclaimed_lane (IlAssembler *self, Thread *thread)
{
  g_autofree char *number = g_strdup_printf ("%d", (int)thread->tid);
  g_autofree char *name = g_utf8_make_valid (thread->name[0] != '\0' ? thread->name : number, -1);
  const IlLaneInfo info = {
    .kind = IL_LANE_THREAD,
    .role = IL_LANE_ROLE_THREAD,
    .scheduler = self->scheduler,
    .pid = thread->pid,
    .tid = thread->tid,
    .name = name,
    .process_name = process_name (self, thread->pid),
  };

  thread->lane = add_lane (self, &info);
  thread->lane->thread = thread;
  thread->lane->begin_ns = thread->held_from_ns;
  if (thread->gone_ns != NEVER)
    push_lane_end (self, thread->lane, thread->gone_ns);
}

/**
 * il_assembler_add_cores:
 *
 * Declares a lane for each core.  Called first, so that a core's lane has the core's number.
 */
void
il_assembler_add_cores (IlAssembler *self, guint n_cores)
{
  for (guint core = 0; core < n_cores; core++)
    {
      g_autofree char *name = g_strdup_printf ("%u", core);
      const IlLaneInfo info = { .kind = IL_LANE_CORE, .number = core, .name = name };

      g_ptr_array_add (self->cores, add_lane (self, &info));
    }
}

/**
 * il_assembler_add_object:
 *
 * Passes an object on, under the number that it has in events.
 */
void
il_assembler_add_object (IlAssembler *self, const IlTraceObjectInfo *object)
{
  g_autofree char *name = g_utf8_make_valid (object->name, -1);

  if (object->kind <= IL_OBJECT_NONE || object->kind >= IL_N_OBJECT_KINDS)
    return;
  self->sink.add_object (object->id, (IlTimelineObjectKind)object->kind, name, object->parameter,
                         self->data);
}

/* --- the shared file's side */

static Slot *
get_slot (IlAssembler *self, guint32 index)
{
  Slot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (index));

  if (slot == NULL)
    {
      slot = g_new0 (Slot, 1);
      g_hash_table_insert (self->slots, GUINT_TO_POINTER (index), slot);
    }
  return slot;
}

static void
add_tenant (Slot *slot, const IlTraceLaneInfo *info, const Lane *lane)
{
  const Tenancy tenant = { info->generation, lane->number, 0 };

  if (slot->n_tenants == G_N_ELEMENTS (slot->tenants))
    slot->tenants[0] = slot->tenants[--slot->n_tenants];
  slot->tenants[slot->n_tenants++] = tenant;
}

/* The thread that a lane claims: of this number, and claimed by nobody yet.  One that is gone
 * already may be it, if its records are still here. */
static Thread *
claim_thread (IlAssembler *self, const IlTraceLaneInfo *info)
{
  Thread *thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (info->tid));

  if (thread != NULL && thread->gone_ns != NEVER && thread->lane != NULL)
    thread = NULL;
  return thread != NULL ? thread : add_thread (self, info->pid, info->tid);
}

/**
 * il_assembler_begin_lane:
 *
 * A lane of the shared file has a new owner, whose thread it is from now on.
 */
void
il_assembler_begin_lane (IlAssembler *self, const IlTraceLaneInfo *info)
{
  Slot *slot = get_slot (self, info->index);
  Thread *thread = claim_thread (self, info);
  g_autofree char *name = g_utf8_make_valid (info->name, -1);
  const IlLaneInfo lane_info = {
    .kind = IL_LANE_THREAD,
    .role = info->role >= IL_N_ROLES ? IL_LANE_ROLE_THREAD : (IlLaneRole)info->role,
    .scheduler = self->scheduler,
    .number = info->number,
    .pid = info->pid,
    .tid = info->tid,
    .name = name,
    .process_name = process_name (self, info->pid),
  };
  Lane *lane = add_lane (self, &lane_info);

  if (slot->lane != NULL)
    slot->lane->is_open = FALSE;
  slot->lane = lane;
  lane->is_open = TRUE;
  add_tenant (slot, info, lane);
  if (thread->lane != NULL)
    thread->lane->thread = NULL;
  thread->previous = thread->lane;
  thread->lane = lane;
  lane->thread = thread;
}

/* The thread changes over to this lane at its begin; one that had to wait too long for it gets its
 * end. */
static void
begin_lane_at (IlAssembler *self, Slot *slot, gint64 time_ns)
{
  Lane *lane = slot->lane;

  lane->begin_ns = time_ns;
  if (slot->n_tenants > 0)
    slot->tenants[slot->n_tenants - 1].begin_ns = time_ns;
  if (lane->thread != NULL && lane->thread->previous != NULL)
    push_lane_end (self, lane->thread->previous, time_ns);
}

/* Where deaths are not seen when they happen, this is the first word of one, and ends the lane. */
static void
note_worker_lost (IlAssembler *self, guint32 index_plus_1)
{
  const Slot *slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (index_plus_1 - 1));

  if (self->scheduler == IL_SCHEDULER_EXACT || index_plus_1 == 0 || slot == NULL
      || slot->lane == NULL || slot->lane->ended)
    return;
  note_lane_end (slot->lane);
}

/**
 * il_assembler_add_events:
 * @events: (array length=n_events): in the order of writing
 * @clock: turns their stamps into nanoseconds
 */
void
il_assembler_add_events (IlAssembler *self, const IlTraceLaneInfo *info, const IlEvent *events,
                         gsize n_events, const IlClockMap *clock)
{
  Slot *slot = get_slot (self, info->index);
  Lane *lane = slot->lane;
  gint64 latest_ns = clock->last.time_ns + FUTURE_MAX_NS;

  if (lane == NULL)
    return;

  for (gsize i = 0; i < n_events; i++)
    {
      gint64 time_ns = il_clock_map_to_ns (clock, events[i].stamp);
      IlRecord record = {
        .kind = IL_EVENT_KIND (events[i].what),
        .object = IL_EVENT_OBJECT (events[i].what),
        .value = events[i].value,
      };

      if (record.kind == IL_RECORD_NONE || record.kind >= (guint)IL_N_EVENT_KINDS)
        continue;
      if (time_ns > latest_ns)
        time_ns = clock->last.time_ns;
      record.time_ns = to_session_time (self, time_ns);
      push (self, lane, record);
      if (record.kind == IL_RECORD_LANE_BEGIN)
        begin_lane_at (self, slot, lane->newest_ns);
      else if (record.kind == IL_RECORD_LANE_END)
        note_lane_end (lane);
      else if (record.kind == IL_RECORD_WORKER_LOST)
        note_worker_lost (self, record.value);
    }
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
  Slot *slot = get_slot (self, info->index);
  Lane *lane = slot->lane;

  if (lane == NULL)
    return;
  if (usage != NULL && usage->valid)
    self->sink.usage (lane->number, usage, lane->newest_ns, self->data);
  lane->close_ns = to_session_time (self, now_ns);
  lane->is_open = FALSE;
  slot->lane = NULL;
}

/* Lanes in values are those of the shared file, used again and again: who had it at that time? */
static guint32
translate_lane (IlAssembler *self, guint32 index_plus_1, gint64 time_ns)
{
  const Slot *slot;

  if (index_plus_1 == 0)
    return 0;
  slot = g_hash_table_lookup (self->slots, GUINT_TO_POINTER (index_plus_1 - 1));
  if (slot == NULL || slot->n_tenants == 0)
    return 0;
  if (slot->n_tenants == 2 && time_ns < slot->tenants[1].begin_ns)
    return slot->tenants[0].number + 1;
  return slot->tenants[slot->n_tenants - 1].number + 1;
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
      record->value = translate_lane (self, record->value, record->time_ns);
      break;
    default:
      break;
    }
}

/* --- the scheduler's side */

static void
hold (IlAssembler *self, Thread *thread, IlRecord record)
{
  note_newest (self, record.time_ns);
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
      Thread *thread = g_ptr_array_index (self->threads, i);

      if (thread->gone_ns < time_ns
          || (thread->core_known && thread->on_core && thread->core != record->core))
        continue;
      hold (self, thread,
            (IlRecord){ .time_ns = time_ns,
                        .kind = IL_RECORD_SCHED_LOST,
                        .value = (guint32)MIN (record->n_lost, G_MAXUINT32) });
    }
}

static void
add_switch (IlAssembler *self, Thread *thread, const IlSchedRecord *record, gint64 time_ns)
{
  gboolean in = record->kind == IL_SCHED_IN;

  thread->core = record->core;
  thread->core_known = TRUE;
  thread->on_core = in;
  hold (self, thread,
        (IlRecord){ .time_ns = time_ns,
                    .kind = in ? IL_RECORD_SCHED_IN : IL_RECORD_SCHED_OUT,
                    .object = record->kind == IL_SCHED_OUT_PREEMPTED,
                    .value = record->core });
}

/* Not that of an earlier thread of the same number, whose successor has shown up in the shared file
 * already. */
static void
add_exit (IlAssembler *self, Thread *thread, gint64 time_ns)
{
  if (thread->lane != NULL && time_ns < thread->lane->begin_ns)
    return;
  thread->gone_ns = time_ns;
  thread->on_core = FALSE;
  /* It leaves its core for good, without a record of its own. */
  hold (self, thread,
        (IlRecord){ .time_ns = time_ns, .kind = IL_RECORD_SCHED_OUT, .value = thread->core });
}

/**
 * il_assembler_add_sched:
 *
 * Takes a record of the scheduler, in order for each core only.
 */
void
il_assembler_add_sched (IlAssembler *self, const IlSchedRecord *record)
{
  gint64 time_ns = to_session_time (self, record->time_ns);
  Thread *thread;

  if (record->kind == IL_SCHED_LOST)
    {
      add_lost (self, record, time_ns);
      return;
    }

  thread = get_thread (self, record->pid, record->tid, time_ns);
  switch (record->kind)
    {
    case IL_SCHED_IN:
    case IL_SCHED_OUT:
    case IL_SCHED_OUT_PREEMPTED:
      add_switch (self, thread, record, time_ns);
      break;
    case IL_SCHED_EXIT:
      add_exit (self, thread, time_ns);
      break;
    case IL_SCHED_COMM:
      g_strlcpy (thread->name, record->name, sizeof thread->name);
      break;
    case IL_SCHED_FORK: /* that it is there is known from now on */
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
  gint64 time_ns = to_session_time (self, sample->time_ns);
  Thread *thread;

  if (sample->is_gone)
    {
      thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (sample->tid));
      if (thread != NULL && thread->gone_ns == NEVER)
        thread->gone_ns = time_ns;
      return;
    }

  thread = get_thread (self, sample->pid, sample->tid, time_ns);
  g_strlcpy (thread->name, sample->name, sizeof thread->name);
  thread->core = sample->core;
  hold (self, thread,
        (IlRecord){ .time_ns = time_ns,
                    .kind = IL_RECORD_SAMPLE,
                    .object = to_us (sample->run_ns, IL_RECORD_OBJECT_MAX),
                    .value = to_us (sample->wait_ns, G_MAXUINT32) });
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
      push (self, g_ptr_array_index (self->cores, sample->core),
            (IlRecord){ .time_ns = to_session_time (self, time_ns),
                        .kind = IL_RECORD_CORE_USAGE,
                        .object
                        = (sample->user_permille & 0x3ff) | (sample->system_permille & 0x3ff) << 10,
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
      const Thread *thread = g_ptr_array_index (self->threads, i);

      if (thread->pid == pid && thread->gone_ns == NEVER)
        return FALSE;
    }
  return TRUE;
}

/* --- cutting */

/* Threads that nobody has claimed hold the watermark back for a while, from the oldest of their
 * records on. */
static gint64
hold_back (IlAssembler *self, gint64 watermark_ns)
{
  gint64 result_ns = watermark_ns;

  for (guint i = 0; i < self->threads->len; i++)
    {
      Thread *thread = g_ptr_array_index (self->threads, i);

      if (thread->lane != NULL || thread->pending->len == 0 || thread->gone_ns < watermark_ns)
        continue;
      if (watermark_ns - thread->held_from_ns < UNKNOWN_HOLD_NS)
        result_ns = MIN (result_ns, thread->held_from_ns);
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
      self->stats.n_late += record->time_ns < self->cut_ns;
      g_array_append_val (self->scratch, *record);
    }
  g_array_set_size (pending, n_kept);
}

static void
cut_lane (IlAssembler *self, Lane *lane, IlBatch *batch, gint64 watermark_ns)
{
  cut_pending (self, lane->pending, watermark_ns);
  for (guint i = 0; i < self->scratch->len; i++)
    translate_lanes (self, &g_array_index (self->scratch, IlRecord, i));
  il_batch_append (batch, lane->number, (const IlRecord *)(gconstpointer)self->scratch->data,
                   self->scratch->len);
}

/* Records from before the lane's begin belong to the one that the thread had until then. */
static void
cut_thread (IlAssembler *self, Thread *thread, IlBatch *batch, gint64 watermark_ns)
{
  gint64 begin_ns = thread->previous != NULL ? thread->lane->begin_ns : G_MININT64;

  cut_pending (self, thread->pending, watermark_ns);
  for (guint i = 0; i < self->scratch->len; i++)
    {
      const IlRecord *record = &g_array_index (self->scratch, IlRecord, i);
      const Lane *lane = record->time_ns < begin_ns ? thread->previous : thread->lane;

      /* What it does after its last word is its own. */
      if (record->kind == IL_RECORD_SAMPLE && record->time_ns > lane->end_ns)
        continue;
      il_batch_append (batch, lane->number, record, 1);
    }
  if (thread->previous != NULL && watermark_ns > begin_ns)
    thread->previous = NULL;
}

/* Ends lanes whose owner died without a word. */
static void
end_dead_lanes (IlAssembler *self, gint64 watermark_ns)
{
  for (guint i = 0; i < self->lanes->len; i++)
    {
      Lane *lane = g_ptr_array_index (self->lanes, i);

      if (lane->ended)
        continue;
      if (lane->thread != NULL && lane->thread->gone_ns < watermark_ns)
        push_lane_end (self, lane, lane->thread->gone_ns);
      else if (lane->close_ns < watermark_ns)
        push_lane_end (self, lane, lane->close_ns);
    }
}

static void
forget_lane_of_threads (IlAssembler *self, const Lane *lane)
{
  for (guint i = 0; i < self->threads->len; i++)
    {
      Thread *thread = g_ptr_array_index (self->threads, i);

      if (thread->previous == lane)
        thread->previous = NULL;
    }
}

/* One that was too short for any sample is not reported as gone either. */
static gboolean
is_over (const IlAssembler *self, const Thread *thread)
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
      Thread *thread = g_ptr_array_index (self->threads, i);

      if (!is_over (self, thread))
        continue;
      if (thread->lane != NULL)
        thread->lane->thread = NULL;
      if (g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (thread->tid)) == thread)
        g_hash_table_remove (self->by_tid, GINT_TO_POINTER (thread->tid));
      g_ptr_array_remove_index_fast (self->threads, i);
    }
  for (guint i = self->lanes->len; i-- > 0;)
    {
      Lane *lane = g_ptr_array_index (self->lanes, i);

      if (!lane->ended || lane->is_open || lane->thread != NULL || lane->pending->len > 0)
        continue;
      forget_lane_of_threads (self, lane);
      g_ptr_array_remove_index_fast (self->lanes, i);
    }
}

static void
cut (IlAssembler *self, gint64 watermark_ns)
{
  g_autoptr (IlBatch) batch = NULL;

  for (guint i = 0; i < self->threads->len; i++)
    {
      Thread *thread = g_ptr_array_index (self->threads, i);

      if (thread->lane == NULL && thread->held_from_ns < watermark_ns)
        add_unclaimed_lane (self, thread);
    }
  end_dead_lanes (self, watermark_ns);

  batch = il_batch_new (self->cut_ns);
  for (guint i = 0; i < self->threads->len; i++)
    {
      Thread *thread = g_ptr_array_index (self->threads, i);

      if (thread->lane != NULL)
        cut_thread (self, thread, batch, watermark_ns);
    }
  for (guint i = 0; i < self->lanes->len; i++)
    cut_lane (self, g_ptr_array_index (self->lanes, i), batch, watermark_ns);
  il_batch_seal (batch, watermark_ns);
  self->cut_ns = watermark_ns;
  self->sink.batch (batch, self->data);
  forget_ended (self);
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
  gint64 last_ns = MAX (end_ns - self->origin_ns, self->stats.newest_ns + 1);

  cut (self, MAX (last_ns, self->cut_ns));
}

/**
 * il_assembler_get_stats:
 */
void
il_assembler_get_stats (const IlAssembler *self, IlAssemblerStats *stats)
{
  *stats = self->stats;
}
