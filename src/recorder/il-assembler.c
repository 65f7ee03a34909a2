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
 * UNKNOWN_HOLD_NS, until a lane claims it; who stays unclaimed gets a lane of role "thread".  If
 * it is claimed later all the same, as happens on a machine with too much to do, that lane becomes
 * the one that claims it.  One that died before it could claim a lane, and was born with the name
 * of a worker, was that worker: its maker bears that name meanwhile.
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

#include "il-assembler-parts-private.h"
#include "il-object-names-private.h"

static void
free_lane (gpointer data)
{
  IlAssemblerLane *lane = data;

  g_array_unref (lane->pending);
  g_clear_pointer (&lane->carried, g_array_unref);
  g_free (lane->name);
  g_free (lane->process_name);
  g_free (lane);
}

static void
free_thread (gpointer data)
{
  IlAssemblerThread *thread = data;

  g_array_unref (thread->pending);
  g_ptr_array_unref (thread->lanes);
  g_clear_pointer (&thread->namings, g_array_unref);
  il_assembler_leave_called (thread);
  g_free (thread);
}

static void
free_title (gpointer data)
{
  IlAssemblerTitle *title = data;

  g_free (title->word);
  g_free (title);
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

  self->program_gone_ns = -1;
  self->origin_ns = origin_ns;
  self->scheduler = scheduler;
  self->sink = *sink;
  self->data = data;
  self->lanes = g_ptr_array_new_with_free_func (free_lane);
  self->cores = g_ptr_array_new ();
  self->slots = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->threads = g_ptr_array_new_with_free_func (free_thread);
  self->by_tid = g_hash_table_new (NULL, NULL);
  self->first_lanes = g_hash_table_new (NULL, NULL);
  self->coroutines = g_hash_table_new_full (NULL, NULL, NULL, free_lane);
  self->titles = g_hash_table_new_full (NULL, NULL, NULL, free_title);
  self->bearers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->scratch = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  self->going = g_hash_table_new (NULL, NULL);
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

  g_clear_pointer (&self->processes, g_hash_table_unref);
  g_hash_table_unref (self->going);
  g_array_unref (self->scratch);
  g_hash_table_unref (self->titles);
  g_hash_table_unref (self->bearers);
  g_hash_table_unref (self->coroutines);
  g_hash_table_unref (self->first_lanes);
  g_hash_table_unref (self->by_tid);
  g_ptr_array_unref (self->threads);
  il_assembler_clear_called (self);
  g_hash_table_unref (self->slots);
  g_ptr_array_unref (self->cores);
  g_ptr_array_unref (self->lanes);
  g_free (self);
}

/* --- lanes and threads */

IlAssemblerLane *
il_assembler_add_lane (IlAssembler *self, const IlLaneInfo *info)
{
  IlAssemblerLane *lane = g_new0 (IlAssemblerLane, 1);

  lane->number = self->sink.add_lane (info, self->data);
  lane->pid = info->pid;
  lane->pending = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  lane->close_ns = IL_ASSEMBLER_NEVER;
  lane->end_ns = IL_ASSEMBLER_NEVER;
  lane->runs_from_ns = IL_ASSEMBLER_NEVER;
  g_ptr_array_add (self->lanes, lane);
  if (info->kind == IL_LANE_THREAD && info->tid != 0 && info->tid == info->pid)
    g_hash_table_replace (self->first_lanes, GINT_TO_POINTER (info->pid),
                          GUINT_TO_POINTER (lane->number + 1));
  return lane;
}

gint64
il_assembler_to_session_time (const IlAssembler *self, gint64 monotonic_ns)
{
  return MAX (monotonic_ns - self->origin_ns, 0);
}

void
il_assembler_note_newest (IlAssembler *self, gint64 time_ns)
{
  self->stats.newest_ns = MAX (self->stats.newest_ns, time_ns);
}

/* What a lane's own source says keeps the order in which it was said. */
void
il_assembler_push (IlAssembler *self, IlAssemblerLane *lane, IlRecord record)
{
  record.time_ns = MAX (record.time_ns, lane->newest_ns);
  lane->newest_ns = record.time_ns;
  il_assembler_note_newest (self, record.time_ns);
  g_array_append_val (lane->pending, record);
}

void
il_assembler_note_lane_end (IlAssemblerLane *lane)
{
  lane->ended = TRUE;
  lane->end_ns = lane->newest_ns;
}

void
il_assembler_push_lane_end (IlAssembler *self, IlAssemblerLane *lane, gint64 time_ns)
{
  if (lane->ended)
    return;
  il_assembler_push (self, lane,
                     (IlRecord){ .time_ns = time_ns,
                                 .kind = IL_RECORD_LANE_END,
                                 .object = il_assembler_get_signal (self, lane),
                                 .value = self->is_foreign ? IL_RECORD_SILENT : IL_RECORD_DIED });
  il_assembler_note_lane_end (lane);
  lane->has_died = TRUE;
}

IlAssemblerThread *
il_assembler_add_thread (IlAssembler *self, pid_t pid, pid_t tid)
{
  IlAssemblerThread *thread = g_new0 (IlAssemblerThread, 1);

  thread->pid = pid;
  thread->tid = tid;
  thread->pending = g_array_new (FALSE, FALSE, sizeof (IlRecord));
  thread->lanes = g_ptr_array_new ();
  thread->held_from_ns = IL_ASSEMBLER_NEVER;
  thread->gone_ns = IL_ASSEMBLER_NEVER;
  thread->rests_from_ns = thread->stopped_from_ns = IL_ASSEMBLER_NEVER;
  thread->placed_ns = G_MININT64;
  g_ptr_array_add (self->threads, thread);
  g_hash_table_replace (self->by_tid, GINT_TO_POINTER (tid), thread);
  return thread;
}

static gint64
get_begin (const IlAssemblerLane *lane)
{
  return lane->has_begun ? lane->begin_ns : IL_ASSEMBLER_NEVER;
}

/* Puts a lane where it belongs among those of its thread, now that its begin is known better.  They
 * need not show up in the order in which they followed one another. */
void
il_assembler_list_lane (IlAssemblerThread *thread, IlAssemblerLane *lane)
{
  guint place;

  g_ptr_array_remove (thread->lanes, lane);
  for (place = thread->lanes->len; place > 0; place--)
    if (get_begin (g_ptr_array_index (thread->lanes, place - 1)) <= get_begin (lane))
      break;
  g_ptr_array_insert (thread->lanes, (int)place, lane);
  lane->listed_by = thread;
  if (thread->lane != NULL)
    thread->lane->thread = NULL;
  thread->lane = g_ptr_array_index (thread->lanes, thread->lanes->len - 1);
  thread->lane->thread = thread;
}

/* The thread that had this number at that time.  Rings of several cores are read one after the
 * other, so that its first record need not be FORK, nor EXIT the last. */
IlAssemblerThread *
il_assembler_get_thread (IlAssembler *self, pid_t pid, pid_t tid, gint64 time_ns)
{
  IlAssemblerThread *thread = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (tid));

  if (thread == NULL || time_ns > thread->gone_ns)
    return il_assembler_add_thread (self, pid, tid);
  return thread;
}

const char *
il_assembler_process_name (IlAssembler *self, pid_t pid)
{
  const IlAssemblerThread *leader = g_hash_table_lookup (self->by_tid, GINT_TO_POINTER (pid));
  const char *name = leader != NULL ? il_assembler_get_name (leader) : "";

  if (self->is_foreign)
    return il_assembler_foreign_process_name (self, pid);
  return name[0] != '\0' ? name : NULL;
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

      g_ptr_array_add (self->cores, il_assembler_add_lane (self, &info));
    }
}

static void
add_title (IlAssembler *self, guint32 object, const char *word, guint32 n_before)
{
  IlAssemblerTitle *title = g_new (IlAssemblerTitle, 1);

  *title = (IlAssemblerTitle){ g_strdup (word), n_before };
  g_hash_table_replace (self->titles, GUINT_TO_POINTER (object), title);
}

/**
 * il_assembler_add_object:
 *
 * Passes an object on, under the number that it has in events.
 */
void
il_assembler_add_object (IlAssembler *self, const IlTraceObjectInfo *object)
{
  g_autofree char *name = il_object_names_make_first (object);

  if (object->kind <= IL_OBJECT_NONE || object->kind >= IL_N_OBJECT_KINDS)
    return;
  if (object->kind == IL_OBJECT_TITLE)
    add_title (self, object->id, name, (guint32)object->parameter);
  self->sink.add_object (object->id, (IlTimelineObjectKind)object->kind, name, object->parameter,
                         self->data);
}

/**
 * il_assembler_set_program:
 * @name: that it bears to the kernel but while it makes a worker; "" if that is not known
 *
 * Names the process whose death ends the program.  Its threads that end without a word die with it,
 * so that what they died of will be told soon: their ends wait for that, up to DEATH_HOLD_NS.
 */
void
il_assembler_set_program (IlAssembler *self, pid_t pid, const char *name)
{
  self->program = pid;
  g_strlcpy (self->program_name, name, sizeof self->program_name);
}

/**
 * il_assembler_set_death:
 * @signal_number: that the program died of
 *
 * Called before il_assembler_finish().
 */
void
il_assembler_set_death (IlAssembler *self, guint signal_number)
{
  self->program_signal = signal_number;
}

/**
 * il_assembler_find_death:
 * @time_ns: (out): since the origin: when the program that is dead by now said that it crashes, or
 *   else was gone as the scheduler saw it
 *
 * Returns: FALSE where neither is known
 */
gboolean
il_assembler_find_death (const IlAssembler *self, gint64 *time_ns)
{
  *time_ns = self->crash.value != 0 ? self->crash.time_ns : self->program_gone_ns;
  return *time_ns >= 0;
}

/* What a lane that ends without a word died of; 0: not known. */
guint
il_assembler_get_signal (const IlAssembler *self, const IlAssemblerLane *lane)
{
  return self->program != 0 && lane->pid == self->program ? self->program_signal : 0;
}

/**
 * il_assembler_get_stats:
 */
void
il_assembler_get_stats (const IlAssembler *self, IlAssemblerStats *stats)
{
  *stats = self->stats;
}
