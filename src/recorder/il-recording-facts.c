/* il-recording-facts.c - what a recording tells timeline and session file
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-recording-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#define SCENARIO_TEXT_MAX (1 << 20)
#define NOTES_MAX (1 << 16)

/* --- facts: text by key */

/**
 * il_recording_set_fact:
 * @value: any text
 */
void
il_recording_set_fact (IlRecording *self, const char *key, const char *value)
{
  g_autofree char *valid = g_utf8_make_valid (value, -1);

  il_session_set_meta (self->session, key, valid);
  if (self->writer != NULL)
    {
      il_session_writer_set_meta (self->writer, key, valid);
      return;
    }
  g_ptr_array_add (self->facts, g_strdup (key));
  g_ptr_array_add (self->facts, g_steal_pointer (&valid));
}

static void
set_number_fact (IlRecording *self, const char *key, guint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  il_recording_set_fact (self, key, text);
}

/**
 * il_recording_set_first_facts:
 *
 * Notes what is known before anything runs.
 */
void
il_recording_set_first_facts (IlRecording *self)
{
  struct utsname name;

  il_recording_set_fact (self, IL_META_VERSION, IL_VERSION);
  if (!self->has_locks)
    il_recording_set_fact (self, IL_META_LOCKS, "0");
  if (self->scenario != NULL)
    {
      il_recording_set_fact (self, IL_META_SCENARIO_ID, self->scenario);
      il_recording_set_fact (self, IL_META_SETTINGS, self->settings);
    }
  il_recording_set_fact (self, IL_META_CLOCK,
                         il_trace_reader_get_source (self->reader) == IL_CLOCK_TSC ? "tsc"
                                                                                   : "monotonic");
  if (uname (&name) == 0)
    {
      g_autofree char *kernel
          = g_strdup_printf ("%s %s %s", name.sysname, name.release, name.machine);

      il_recording_set_fact (self, IL_META_HOST, name.nodename);
      il_recording_set_fact (self, IL_META_KERNEL, kernel);
    }
}

/* Processor time of this thread. */
static double
used_ns (void)
{
  struct timespec used = { 0 };

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &used);
  return (double)used.tv_sec * 1e9 + (double)used.tv_nsec;
}

/**
 * il_recording_begin_overhead:
 *
 * Lets what it takes to watch be counted from now on, not what it took to start.
 */
void
il_recording_begin_overhead (IlRecording *self)
{
  self->overhead_from_ns = used_ns ();
}

/* Processor time of this thread and of the one that compresses and writes the file. */
static double
overhead_share (IlRecording *self)
{
  gint64 past_ns = il_clock_monotonic_ns () - self->origin_ns;
  double spent_ns = used_ns () - self->overhead_from_ns;

  if (past_ns <= 0)
    return 0;
  if (self->writer != NULL)
    spent_ns += (double)il_session_writer_get_cpu_ns (self->writer);
  return spent_ns / ((double)past_ns * MAX (g_get_num_processors (), 1));
}

/**
 * il_recording_set_last_facts:
 * @end: how it ended
 */
void
il_recording_set_last_facts (IlRecording *self, const char *end)
{
  IlRecorderStatus status;
  IlAssemblerStats assembler;
  g_autofree char *counts = NULL;
  char share[G_ASCII_DTOSTR_BUF_SIZE];

  il_recording_get_status (self, &status);
  il_assembler_get_stats (self->assembler, &assembler);
  counts = g_strdup_printf ("%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
                            " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
                            status.submitted, status.done, status.failed, status.cancelled,
                            status.lost);
  g_ascii_formatd (share, sizeof share, "%.6f", status.overhead_share);

  il_recording_set_fact (self, IL_META_RUNNER_COUNTS, counts);
  set_number_fact (self, IL_META_LOST_EVENTS, status.n_lost);
  set_number_fact (self, IL_META_LATE_RECORDS, assembler.n_late);
  set_number_fact (self, IL_META_LATE_NS, (guint64)assembler.latest_ns);
  il_recording_set_fact (self, IL_META_OVERHEAD_SHARE, share);
  il_recording_set_fact (self, IL_META_END, end);
  il_recording_set_memory_facts (self);
}

static void
note_scenario_text (IlRecording *self, const char *path)
{
  g_autofree char *text = NULL;
  gsize length;

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_file_get_contents (path, &text, &length, NULL)
      && length <= SCENARIO_TEXT_MAX && g_utf8_validate (text, (gssize)length, NULL))
    il_recording_set_fact (self, IL_META_SCENARIO_TEXT, text);
}

/**
 * il_recording_note_info:
 *
 * Takes what the runner says of its scenario.
 */
void
il_recording_note_info (IlRecording *self, const char *key, const char *value)
{
  static const char *const keys[]
      = { IL_META_TITLE,        IL_META_SCENARIO_ID, IL_META_MODEL, IL_META_WORKERS,
          IL_META_POOL_WORKERS, IL_META_SEED,        NULL };

  if (g_strv_contains (keys, key))
    il_recording_set_fact (self, key, value);
  else if (strcmp (key, "scenario_path") == 0)
    note_scenario_text (self, value);
}

static void
add_line (IlRecording *self, const char *key, const char *line)
{
  g_autofree char *before = il_session_dup_meta (self->session, key);
  g_autofree char *lines
      = before != NULL ? g_strconcat (before, "\n", line, NULL) : g_strdup (line);

  if (strlen (lines) <= NOTES_MAX)
    il_recording_set_fact (self, key, lines);
}

/**
 * il_recording_add_note:
 * @note: one line
 *
 * Keeps what the runner said of the run, which goes on, for those who look at it afterwards.
 */
void
il_recording_add_note (IlRecording *self, const char *note)
{
  add_line (self, IL_META_NOTES, note);
}

/**
 * il_recording_add_knob_change:
 * @time_ns: of the session
 * @key: one word
 *
 * Keeps that a knob was turned, which the runner accepted.
 */
void
il_recording_add_knob_change (IlRecording *self, gint64 time_ns, const char *key, const char *value)
{
  g_autofree char *line = g_strdup_printf ("%" G_GINT64_FORMAT " %s %s", time_ns, key, value);

  add_line (self, IL_META_KNOB_CHANGES, line);
}

/* --- the session file */

/**
 * il_recording_open_output:
 *
 * Makes the session file, if one is wanted.
 *
 * Returns: FALSE and #IL_RECORDER_ERROR_OUTPUT when it cannot be made
 */
gboolean
il_recording_open_output (IlRecording *self, GError **error)
{
  GError *local_error = NULL;

  if (self->output_path == NULL)
    return TRUE;
  self->writer = il_session_writer_new (self->output_path, &local_error);
  if (self->writer == NULL)
    {
      g_set_error_literal (error, IL_RECORDER_ERROR, IL_RECORDER_ERROR_OUTPUT,
                           local_error->message);
      g_error_free (local_error);
      return FALSE;
    }
  for (guint i = 0; i + 1 < self->facts->len; i += 2)
    il_session_writer_set_meta (self->writer, g_ptr_array_index (self->facts, i),
                                g_ptr_array_index (self->facts, i + 1));
  g_ptr_array_set_size (self->facts, 0);
  return TRUE;
}

/**
 * il_recording_check_output:
 *
 * Reports, once and while the run goes on, that the session file cannot be written any more.
 */
void
il_recording_check_output (IlRecording *self)
{
  GError *error;

  if (self->writer == NULL || self->output_failed)
    return;
  error = il_session_writer_get_error (self->writer);
  if (error == NULL)
    return;
  self->output_failed = TRUE;
  il_recording_tell_problem (self, IL_RECORDER_ERROR_OUTPUT, error->message);
  g_error_free (error);
}

/* --- where the assembler puts things: into the timeline and the file alike */

static guint32
add_lane (const IlLaneInfo *info, gpointer data)
{
  IlRecording *self = data;
  guint32 number = il_timeline_builder_add_lane (self->builder, info);

  if (self->writer != NULL)
    il_session_writer_add_lane (self->writer, number, info);
  return number;
}

static void
claim_lane (guint32 lane, const IlLaneInfo *info, gpointer data)
{
  IlRecording *self = data;

  il_timeline_builder_claim_lane (self->builder, lane, info);
  if (self->writer != NULL)
    il_session_writer_add_lane (self->writer, lane, info);
}

static void
add_object (guint32 object, IlTimelineObjectKind kind, const char *name, guint64 parameter,
            gpointer data)
{
  IlRecording *self = data;

  if (il_timeline_builder_add_object (self->builder, object, kind, name, parameter)
      && self->writer != NULL)
    il_session_writer_add_object (self->writer, object, kind, name, parameter);
}

/**
 * il_recording_rename_object:
 * @data: the recording
 */
void
il_recording_rename_object (guint32 object, const char *name, gpointer data)
{
  IlRecording *self = data;

  if (il_timeline_builder_rename_object (self->builder, object, name) && self->writer != NULL)
    il_session_writer_rename_object (self->writer, object, name);
}

static void
note_usage (guint32 lane, const IlTraceLaneUsage *usage, gint64 released_ns, gpointer data)
{
  g_autofree char *key = g_strdup_printf (IL_META_USAGE_PREFIX "%u", lane);
  g_autofree char *released_key = g_strdup_printf (IL_META_RELEASED_PREFIX "%u", lane);
  g_autofree char *value = g_strdup_printf (
      "%" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT,
      (guint64)usage->cpu_ns, (guint64)usage->voluntary_switches,
      (guint64)usage->involuntary_switches, (guint64)usage->peak_rss_bytes);

  il_recording_set_fact (data, key, value);
  set_number_fact (data, released_key, (guint64)released_ns);
}

static void
add_batch (IlBatch *batch, gpointer data)
{
  IlRecording *self = data;
  gint64 duration_ns;

  il_timeline_builder_add_batch (self->builder, batch);
  if (self->writer != NULL)
    il_session_writer_add_batch (self->writer, batch);

  duration_ns = il_batch_get_end (batch);
  pthread_mutex_lock (&self->lock);
  self->status.duration_ns = duration_ns;
  self->status.overhead_share = overhead_share (self);
  pthread_mutex_unlock (&self->lock);
}

const IlAssemblerSink il_recording_sink = {
  .add_lane = add_lane,
  .claim_lane = claim_lane,
  .add_object = add_object,
  .usage = note_usage,
  .batch = add_batch,
  .absent = il_recording_tell_absent,
  .full_name = il_recording_read_name,
};
