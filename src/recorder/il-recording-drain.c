/* il-recording-drain.c - reading rings and probes, a little behind the target
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader that polls costs the writers half of their speed, so that this one sleeps between two
 * looks, and shorter only while a ring fills fast.
 */

#include "config.h"

#include "il-recording-private.h"

#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "il-process-tree.h"

#define MS G_GINT64_CONSTANT (1000000)

#define NAP_MAX_MS 15
#define NAP_SAMPLING_MS 10
#define FULL_PERMILLE 250
#define MANY_SWITCHES 4000 /* in one drain: a quarter of a core's ring */

#define CUT_EVERY_NS (20 * MS)
/* All sources have told of what is so old, but for a writer that lost its core between taking a
 * stamp and publishing the event.  One whose event others may refer to by then has announced it,
 * and is waited for, so that what follows from it is not told first; unless that takes so long that
 * the writer may just as well have been stopped. */
#define BEHIND_NS (30 * MS)
#define BEHIND_SAMPLING_NS (60 * MS)
#define ANNOUNCED_WAIT_NS (2000 * MS)

#define SAMPLE_EVERY_NS (9 * MS)
#define CORES_EVERY_NS (50 * MS)

/* --- the shared file */

static void
copy_path (IlRecording *self, const IlTracePlace *place, char path[IL_TRACE_PATH_MAX])
{
  if (!il_trace_reader_copy_module_path (self->reader, place->module, path))
    path[0] = '\0';
}

static void
object_added (const IlTraceObjectInfo *object, void *data)
{
  IlRecording *self = data;
  IlObjectPaths paths;

  il_assembler_add_object (self->assembler, object);
  copy_path (self, &object->lies, paths.lies);
  copy_path (self, &object->used, paths.used);
  for (guint i = 0; i < IL_TRACE_CALLERS; i++)
    copy_path (self, &object->callers[i], paths.callers[i]);
  il_object_names_add (self->names, object, &paths);
}

static void
lane_begun (const IlTraceLaneInfo *lane, void *data)
{
  il_assembler_begin_lane (((IlRecording *)data)->assembler, lane);
  il_recording_watch_memory (data, lane->pid);
}

static void
lane_renamed (const IlTraceLaneInfo *lane, void *data)
{
  il_assembler_note_own_name (((IlRecording *)data)->assembler, lane);
}

/* Whether the object of such an event is one that somebody has, or waits for, from then on. */
static gboolean
is_use (guint kind)
{
  return kind == IL_EVENT_LOCK_WAIT || kind == IL_EVENT_LOCK_ACQUIRE || kind == IL_EVENT_LOCK_HELD
         || kind == IL_EVENT_SEM_WAIT || kind == IL_EVENT_SEM_ACQUIRE || kind == IL_EVENT_SEM_POST;
}

static void
note_script (IlRecording *self, const IlEvent *event)
{
  char script[IL_TRACE_PATH_MAX];

  if (il_trace_reader_copy_module_path (self->reader, IL_EVENT_USE_MODULE (event->value), script))
    il_object_names_note_script (self->names, IL_EVENT_OBJECT (event->what), script,
                                 IL_EVENT_USE_LINE (event->value));
}

static void
note_uses (IlRecording *self, const IlEvent *events, size_t n_events)
{
  for (size_t i = 0; i < n_events; i++)
    if (is_use (IL_EVENT_KIND (events[i].what)))
      il_object_names_note_used (self->names, IL_EVENT_OBJECT (events[i].what));
    else if (IL_EVENT_KIND (events[i].what) == IL_EVENT_USED_AT)
      note_script (self, &events[i]);
}

static void
add_events (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data)
{
  IlRecording *self = data;

  if (self->names != NULL)
    note_uses (self, events, n_events);
  il_assembler_add_events (self->assembler, lane, events, n_events, &self->clock);
}

static void
lane_ended (const IlTraceLaneInfo *lane, const IlTraceLaneUsage *usage, void *data)
{
  il_assembler_end_lane (((IlRecording *)data)->assembler, lane, usage, il_clock_monotonic_ns ());
}

static void
object_counted (uint32_t object, uint32_t n_untold, void *data)
{
  IlRecording *self = data;

  il_assembler_count_object (self->assembler, object, n_untold, il_clock_monotonic_ns ());
}

static void
damaged (const IlTraceLaneInfo *lane, const char *what, void *data)
{
  ((IlRecording *)data)->has_damaged_lane = TRUE;
}

static const IlTraceHandler handler = {
  .object_added = object_added,
  .lane_begun = lane_begun,
  .events = add_events,
  .lane_ended = lane_ended,
  .damaged = damaged,
  .lane_renamed = lane_renamed,
  .object_counted = object_counted,
};

/* --- the scheduler */

static void
add_sched (const IlSchedRecord *record, gpointer data)
{
  IlRecording *self = data;

  self->n_switches++;
  il_assembler_add_sched (self->assembler, record);
  if (record->kind == IL_SCHED_EXIT)
    g_array_append_val (self->dead, record->pid);
}

static void
add_sample (const IlProcSample *sample, gpointer data)
{
  IlRecording *self = data;

  il_assembler_add_sample (self->assembler, sample);
  if (sample->is_gone)
    g_array_append_val (self->dead, sample->pid);
}

/* See il-assembler-stopped.c. */
static void
look_for_stopped (IlRecording *self, gint64 now_ns)
{
  if (!il_assembler_look_for_stopped (self->assembler, now_ns, il_probe_read_state))
    return;
  il_perf_probe_drain (self->perf, add_sched, self);
  il_assembler_mark_stopped (self->assembler);
}

/* The lanes of a process that was killed are given back. */
static void
report_dead (IlRecording *self)
{
  for (guint i = 0; i < self->dead->len; i++)
    {
      pid_t pid = g_array_index (self->dead, pid_t, i);

      if ((self->runner == NULL || pid != il_runner_get_pid (self->runner))
          && il_assembler_process_is_gone (self->assembler, pid))
        il_trace_reader_process_died (self->reader, pid);
    }
  g_array_set_size (self->dead, 0);
}

static void
drain_scheduler (IlRecording *self, gint64 now_ns, gboolean at_once)
{
  self->n_switches = 0;
  if (self->perf != NULL)
    {
      il_perf_probe_drain (self->perf, add_sched, self);
      look_for_stopped (self, now_ns);
    }
  else if (self->proc != NULL && (at_once || now_ns - self->sampled_at_ns >= SAMPLE_EVERY_NS))
    {
      self->sampled_at_ns = now_ns;
      il_proc_probe_sample (self->proc, add_sample, self);
    }
  report_dead (self);
}

/**
 * il_recording_look_at_scheduler:
 *
 * Reads what the scheduler's side tells of up to now.
 */
void
il_recording_look_at_scheduler (IlRecording *self)
{
  drain_scheduler (self, il_clock_monotonic_ns (), TRUE);
}

static void
add_present (const IlProcSample *sample, gpointer data)
{
  IlRecording *self = data;

  if (!sample->is_gone)
    il_assembler_add_present (self->assembler, sample);
}

static void
note_present (const IlProcSample *sample, gpointer data)
{
  if (!sample->is_gone)
    g_array_append_vals (data, sample, 1);
}

/* The main thread of a process has its number, and comes before all that it made. */
static int
compare_ages (gconstpointer a, gconstpointer b)
{
  const IlProcSample *left = a, *right = b;
  gboolean left_is_main = left->tid == left->pid, right_is_main = right->tid == right->pid;

  if (left->pid != right->pid)
    return left->pid < right->pid ? -1 : 1;
  if (left_is_main != right_is_main)
    return left_is_main ? -1 : 1;
  return (left->tid > right->tid) - (left->tid < right->tid);
}

/* The process that was asked for comes first, whatever numbers its descendants have. */
static void
name_present (IlRecording *self, IlProcProbe *probe)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (IlProcSample));

  il_proc_probe_sample (probe, note_present, samples);
  g_array_sort (samples, compare_ages);
  for (int is_descendant = 0; is_descendant <= 1; is_descendant++)
    for (guint i = 0; i < samples->len; i++)
      {
        const IlProcSample *sample = &g_array_index (samples, IlProcSample, i);

        if ((sample->pid != self->process) == is_descendant)
          il_assembler_name_present (self->assembler, sample->pid, sample->tid, sample->name);
      }
}

/**
 * il_recording_add_present:
 *
 * Lets all threads have a lane that were there before us, also those that do nothing.
 */
void
il_recording_add_present (IlRecording *self)
{
  g_autoptr (IlProcProbe) probe = NULL;

  if (self->perf == NULL)
    return;
  probe = il_proc_probe_new (self->process);
  name_present (self, probe);
  il_perf_probe_drain (self->perf, add_sched, self);
  il_proc_probe_sample (probe, add_present, self);
}

static void
sample_cores (IlRecording *self, gint64 now_ns)
{
  const IlCoreSample *samples;
  gint64 time_ns;
  guint n_samples;

  if (now_ns - self->cores_at_ns < CORES_EVERY_NS)
    return;
  self->cores_at_ns = now_ns;
  if (il_core_probe_sample (self->cores, &time_ns, &samples, &n_samples))
    il_assembler_add_cores_sample (self->assembler, time_ns, samples, n_samples);
}

/* --- what is to be opened before the start */

/* What a process has started before it is looked at.  Who is born while that is being opened may be
 * missed. */
static gboolean
watch_descendants (IlRecording *self, GError **error)
{
  g_autoptr (GArray) tree = il_process_tree_list (self->process);

  for (guint i = 0; i < tree->len; i++)
    if (!il_perf_probe_add_process (self->perf, g_array_index (tree, IlProcess, i).pid, error))
      return FALSE;
  return TRUE;
}

/* Of another user's process it is not the kernel's setting that is to be changed. */
static void
explain_refusal (IlRecording *self, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d", (int)self->process);
  g_autofree char *command = g_strdup_printf ("sudo interleave-cli attach %d", (int)self->process);
  struct stat status;

  if (self->process == 0 || geteuid () == 0 || stat (path, &status) != 0
      || status.st_uid == geteuid ())
    return;
  g_clear_error (error);
  /* Translators: number of a process; a command, which stays as it is */
  g_set_error (error, IL_PROBE_ERROR, IL_PROBE_ERROR_REFUSED,
               _ ("Process %d is another user’s, whose scheduler records the kernel gives to root "
                  "only; this permits them: %s"),
               (int)self->process, command);
}

/**
 * il_recording_open_probes:
 *
 * Watches the runner, which has one thread still.  Where the kernel does not permit to see every
 * switch the threads are sampled, and the user is told why.
 */
void
il_recording_open_probes (IlRecording *self)
{
  pid_t pid = self->runner != NULL ? il_runner_get_pid (self->runner) : self->process;
  g_autoptr (GError) error = NULL;

  self->cores = il_core_probe_new ();
  if (!self->force_sampling)
    self->perf = il_perf_probe_new (pid, &error);
  if (self->perf != NULL && self->process != 0 && !watch_descendants (self, &error))
    g_clear_pointer (&self->perf, il_perf_probe_free);
  if (self->perf == NULL)
    self->proc = il_proc_probe_new (pid);
  if (self->perf == NULL && error != NULL)
    explain_refusal (self, &error);
  pthread_mutex_lock (&self->lock);
  self->status.scheduler_exact = self->perf != NULL;
  pthread_mutex_unlock (&self->lock);

  il_recording_set_fact (self, IL_META_SCHEDULER, self->perf != NULL ? "perf" : "sampled");
  if (self->perf != NULL)
    return;
  il_recording_set_fact (self, IL_META_SCHEDULER_NOTE,
                         error != NULL ? error->message : _ ("Sampling was asked for"));
  if (error != NULL)
    il_recording_tell (self, IL_NEWS_PROBLEM, g_steal_pointer (&error));
}

/**
 * il_recording_open_assembler:
 *
 * Lets time 0 be now.
 */
void
il_recording_open_assembler (IlRecording *self)
{
  guint n_cores = il_core_probe_get_n_cores (self->cores);
  g_autofree char *cores = g_strdup_printf ("%u", n_cores);
  g_autoptr (GDateTime) now = NULL;
  g_autofree char *started = NULL;

  il_clock_map_advance (&self->clock);
  self->origin_ns = il_clock_monotonic_ns ();
  il_recording_begin_overhead (self);
  now = g_date_time_new_now_utc ();
  started = g_date_time_format_iso8601 (now);
  il_recording_set_fact (self, IL_META_STARTED, started);
  self->nap_ms = self->perf != NULL ? NAP_MAX_MS : NAP_SAMPLING_MS;
  self->assembler = il_assembler_new (
      self->origin_ns, self->perf != NULL ? IL_SCHEDULER_EXACT : IL_SCHEDULER_SAMPLED,
      &il_recording_sink, self);
  if (self->scenario != NULL)
    il_assembler_set_program (self->assembler, il_runner_get_pid (self->runner),
                              il_runner_get_name (self->runner));
  else
    il_assembler_set_foreign (self->assembler,
                              self->runner != NULL ? il_runner_get_pid (self->runner) : 0,
                              self->has_locks);
  il_recording_set_fact (self, IL_META_CORES, cores);
  il_assembler_add_cores (self->assembler, n_cores);
}

/* --- the drain */

static void
note_stats (IlRecording *self, const IlTraceReaderStats *reader)
{
  IlAssemblerStats assembler;

  il_assembler_get_stats (self->assembler, &assembler);
  pthread_mutex_lock (&self->lock);
  self->status.n_events = reader->n_events;
  self->status.n_lost = reader->n_lost;
  self->status.n_sched_lost = assembler.n_sched_lost;
  pthread_mutex_unlock (&self->lock);
}

/* Up to where everything is known. */
static gint64
find_watermark (IlRecording *self, gint64 now_ns, const IlTraceReaderStats *reader)
{
  gint64 behind_ns = self->perf != NULL ? BEHIND_NS : BEHIND_SAMPLING_NS;
  gint64 watermark_ns = now_ns - behind_ns;
  gint64 announced_ns;

  if (reader->announced == 0)
    return watermark_ns;
  announced_ns = il_clock_map_to_ns (&self->clock, reader->announced);
  return announced_ns < now_ns - ANNOUNCED_WAIT_NS ? watermark_ns
                                                   : MIN (watermark_ns, announced_ns);
}

static void
tell_loss (IlRecording *self, const char *message)
{
  il_recording_set_fact (self, IL_META_INCOMPLETE, "1");
  il_recording_add_note (self, message);
  il_recording_tell_problem (self, IL_RECORDER_ERROR_TRACE, message);
}

/* What is missing, and is not counted where it is missing, is said, once. */
static void
tell_losses (IlRecording *self, const IlTraceReaderStats *reader)
{
  if (reader->n_lanes_refused > 0 && !self->told_refused)
    {
      self->told_refused = TRUE;
      tell_loss (self, self->scenario != NULL
                           ? _ ("Threads found no room in the memory shared with the runner: what "
                                "they do is not recorded; use fewer workers")
                           : _ ("Threads of the program found no room in the memory shared with "
                                "it: what they do is seen from the scheduler’s side alone"));
    }
  if ((reader->n_damaged > 0 || self->has_damaged_lane) && !self->told_damaged)
    {
      self->told_damaged = TRUE;
      tell_loss (self, self->scenario != NULL
                           ? _ ("The runner wrote events that make no sense: they are left out")
                           : _ ("The program wrote events that make no sense: they are left out"));
    }
}

static void
choose_nap (IlRecording *self, const IlTraceReaderStats *reader)
{
  guint longest_ms = self->perf != NULL ? NAP_MAX_MS : NAP_SAMPLING_MS;

  if (reader->fullest_permille > FULL_PERMILLE || self->n_switches > MANY_SWITCHES)
    self->nap_ms = MAX (self->nap_ms / 2, 1);
  else
    self->nap_ms = MIN (self->nap_ms + 1, longest_ms);
}

/* Said before anything of a new object is in the timeline. */
static void
look_for_names (IlRecording *self, gint64 now_ns)
{
  il_object_names_look (self->names, now_ns);
  pthread_mutex_lock (&self->lock);
  self->status.looks_for_names = il_object_names_is_looking (self->names);
  pthread_mutex_unlock (&self->lock);
}

/**
 * il_recording_drain:
 *
 * Reads all that there is, and hands on what is old enough.
 */
void
il_recording_drain (IlRecording *self)
{
  gint64 now_ns = il_clock_monotonic_ns ();
  IlTraceReaderStats stats;

  il_clock_map_advance (&self->clock);
  il_trace_reader_drain (self->reader, &handler, self);
  il_trace_reader_get_stats (self->reader, &stats);
  drain_scheduler (self, now_ns, FALSE);
  sample_cores (self, now_ns);
  il_recording_sample_memory (self);
  look_for_names (self, now_ns);
  if (now_ns - self->cut_at_ns >= CUT_EVERY_NS)
    {
      self->cut_at_ns = now_ns;
      il_assembler_cut (self->assembler, find_watermark (self, now_ns, &stats));
      il_recording_check_output (self);
    }
  note_stats (self, &stats);
  tell_losses (self, &stats);
  choose_nap (self, &stats);
}

/**
 * il_recording_drain_rest:
 *
 * Reads what a dead runner and its workers left behind, and ends all lanes.
 */
void
il_recording_drain_rest (IlRecording *self)
{
  IlTraceReaderStats stats;

  il_clock_map_advance (&self->clock);
  drain_scheduler (self, il_clock_monotonic_ns (), TRUE);
  il_trace_reader_process_died (self->reader, 0);
  il_trace_reader_drain (self->reader, &handler, self);
  il_trace_reader_get_stats (self->reader, &stats);
  note_stats (self, &stats);
  tell_losses (self, &stats);
  il_assembler_finish (self->assembler, self->origin_ns);
  il_object_names_finish (self->names);
}
