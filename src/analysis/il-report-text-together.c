/* il-report-text-together.c - what was found, and what all workers achieved, for reading
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "il-report-text-private.h"

#define MAX_ENDS 10 /* told one by one */

/* ---- Findings ---- */

/**
 * il_report_append_findings:
 *
 * Appends what was found, if anything.
 */
void
il_report_append_findings (GString *out, const IlReport *report)
{
  const IlFindings *findings = report->findings;

  if (findings == NULL || findings->n_findings == 0)
    return;
  g_string_append_printf (out, "\n%s\n", _ ("Findings"));
  for (guint i = 0; i < MIN (findings->n_findings, IL_REPORT_MAX_ROWS); i++)
    {
      const IlFinding *finding = &findings->findings[i];
      /* Translators: kind of finding, e.g. "Deadlock", and what exactly was found */
      g_autofree char *line
          = g_strdup_printf (_ ("%s: %s"), il_finding_kind_get_name (finding->kind), finding->text);

      il_report_append_wrapped (out, line);
    }
  il_report_append_more (out, findings->n_findings);
}

/* Those that a finding tells are told by it. */
static gboolean
is_told (const IlFindings *findings, const char *note)
{
  for (guint i = 0; findings != NULL && i < findings->n_findings; i++)
    if (strcmp (findings->findings[i].text, note) == 0)
      return TRUE;
  return FALSE;
}

/**
 * il_report_append_knob_changes:
 *
 * Appends which knobs were turned while it ran, if any, and when.
 */
void
il_report_append_knob_changes (GString *out, IlSession *session)
{
  g_autoptr (GArray) changes = il_report_dup_knob_changes (session);

  if (changes->len > 0)
    g_string_append_printf (out, "\n%s\n", _ ("Turned while it ran"));
  for (guint i = 0; i < MIN (changes->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlKnobChange *change = &g_array_index (changes, IlKnobChange, i);
      g_autofree char *time = il_report_format_time (change->time_ns);
      g_autofree char *line = NULL;
      g_autofree char *printable = NULL;

      /* Translators: a knob, its value, and since when: "rate = 500/s from 2.3 s on" */
      line = g_strdup_printf (_ ("%s = %s from %s on"), change->key, change->value, time);
      printable = il_text_make_printable (line);
      il_report_append_wrapped (out, printable);
    }
  il_report_append_more (out, changes->len);
}

/**
 * il_report_append_notes:
 *
 * Appends what the runner said of the run, if anything.
 */
void
il_report_append_notes (GString *out, const IlReport *report, IlSession *session)
{
  g_autofree char *notes = il_session_dup_meta (session, IL_META_NOTES);
  g_auto (GStrv) lines = notes != NULL ? g_strsplit (notes, "\n", -1) : NULL;
  guint n_told = 0;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *line = il_text_make_printable (lines[i]);

      if (is_told (report->findings, lines[i]))
        continue;
      if (n_told++ == 0)
        g_string_append_printf (out, "\n%s\n", _ ("Notes"));
      if (n_told <= IL_REPORT_MAX_ROWS)
        il_report_append_wrapped (out, line);
    }
  il_report_append_more (out, n_told);
}

/* ---- Kinds of tasks ---- */

/**
 * il_report_append_kinds:
 *
 * Appends the figures of each kind of tasks, where there are several.
 */
void
il_report_append_kinds (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) table = il_text_table_new (_ ("Kinds of tasks"));

  if (report->kinds->len < 2)
    return;
  il_text_table_add_column (table, _ ("done"));
  il_text_table_add_column (table, _ ("median wait"));
  il_text_table_add_column (table, _ ("median time"));
  il_text_table_add_column (table, _ ("99 %"));
  /* Translators: how many times longer than of the kind of tasks that takes the least time */
  il_text_table_add_column (table, _ ("× quickest"));
  for (guint i = 0; i < MIN (report->kinds->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlTaskKindFigures *kind = &g_array_index (report->kinds, IlTaskKindFigures, i);

      il_text_table_begin_row (
          table, kind->object != 0
                     ? il_timeline_get_object_name (il_session_get_timeline (session), kind->object)
                     /* Translators: a kind of task whose name was lost */
                     : _ ("not known"));
      il_text_table_add_cell (table, il_report_format_count (kind->done));
      il_text_table_add_cell (
          table, il_report_format_time_of (&kind->queue_wait, kind->queue_wait.p50_ns));
      il_text_table_add_cell (table,
                              il_report_format_time_of (&kind->service, kind->service.p50_ns));
      il_text_table_add_cell (table,
                              il_report_format_time_of (&kind->service, kind->service.p99_ns));
      il_text_table_add_cell (table, il_report_format_number (kind->relative));
    }
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  il_report_append_more (out, report->kinds->len);
}

/* ---- All together ---- */

static void
add_row (IlTextTable *table, const char *name, char *value)
{
  il_text_table_begin_row (table, name);
  il_text_table_add_cell (table, value);
}

static void
add_speed (IlTextTable *table, const IlReport *report)
{
  const IlSpeedFigures *speed = &report->speed;

  add_row (table, _ ("Speed-up over one after the other"),
           il_report_format_number (speed->speed_up));
  add_row (table, _ ("Time from the first task to the last"),
           il_report_format_time (speed->wall_ns));
  add_row (table, _ ("Time one after the other would take"),
           il_report_format_time (speed->serial_ns));
  if (isfinite (speed->serial_share))
    add_row (table, _ ("Serial share (Karp and Flatt)"),
             il_report_format_share (speed->serial_share));
  add_row (table, _ ("Time spent in tasks"), il_report_format_share (speed->utilization));
  if (report->workers->len > 1)
    add_row (table, _ ("Busiest worker, times the mean"),
             il_report_format_number (speed->imbalance));
}

static void
add_scheduler (IlTextTable *table, const IlReport *report)
{
  const IlSchedulerFigures *scheduler = &report->scheduler;

  if (isfinite (scheduler->switches_per_second))
    add_row (table, _ ("Switches per second"),
             il_report_format_number (scheduler->switches_per_second));
  if (isfinite (scheduler->runnable_share))
    add_row (table, _ ("Ready, but without a core"),
             il_report_format_share (scheduler->runnable_share));
  if (scheduler->slice.n > 0)
    add_row (table, _ ("On a core in one go, median"),
             il_report_format_time (scheduler->slice.p50_ns));
  if (scheduler->wake_latency.n == 0)
    return;
  add_row (table, _ ("From woken to on a core, median"),
           il_report_format_time (scheduler->wake_latency.p50_ns));
  add_row (table, _ ("From woken to on a core, 99 %"),
           il_report_format_time (scheduler->wake_latency.p99_ns));
}

static void
add_queueing (IlTextTable *table, const IlReport *report)
{
  const IlQueueingFigures *queueing = &report->queueing;

  if (!isfinite (queueing->ratio))
    return;
  add_row (table, _ ("L: tasks waiting or being run"), il_report_format_number (queueing->l));
  add_row (table, _ ("λ: tasks submitted per second"),
           il_report_format_number (queueing->lambda_per_second));
  add_row (table, _ ("W: waiting or being run, mean"),
           il_report_format_time ((gint64)queueing->w_ns));
  add_row (table, _ ("L / (λ W)"), il_report_format_number (queueing->ratio));
}

static void
add_coroutines (IlTextTable *table, const IlReport *report)
{
  const IlCoroutineFigures *coroutines = &report->coroutines;

  if (coroutines->n == 0)
    return;
  add_row (table, _ ("Coroutines"), il_report_format_count (coroutines->n));
  add_row (table, _ ("Switches between them"), il_report_format_count (coroutines->switches));
  if (isfinite (coroutines->overhead_ns))
    add_row (table, _ ("Carriers' own time for each switch"),
             il_report_format_time ((gint64)coroutines->overhead_ns));
  add_row (table, _ ("One kept its carrier, median"),
           il_report_format_time_of (&coroutines->stall, coroutines->stall.p50_ns));
  add_row (table, _ ("One kept its carrier, longest"),
           il_report_format_time_of (&coroutines->stall, coroutines->stall.max_ns));
  add_row (table, _ ("Ready, but another ran, longest"),
           il_report_format_time_of (&coroutines->ready, coroutines->ready.max_ns));
}

/* A row for what there was. */
static void
add_count (IlTextTable *table, const char *name, guint64 count)
{
  if (count > 0)
    add_row (table, name, il_report_format_count (count));
}

static void
add_endings (IlTextTable *table, const IlReport *report)
{
  /* A program has threads, and that it was killed is said above. */
  if (report->is_program)
    return;
  add_count (table, _ ("Workers that crashed"), report->endings.crashed);
  add_count (table, _ ("Workers that were killed"), report->endings.killed);
  add_count (table, _ ("Workers that went down with their process"), report->endings.with_process);
  add_count (table, _ ("Dead workers that were replaced"), report->replacement.n);
  if (report->replacement.n > 0)
    add_row (table, _ ("From death to replacement, longest"),
             il_report_format_time (report->replacement.max_ns));
  add_count (table, _ ("Tasks begun again after a death"), report->run_again);
  add_count (table, _ ("Workers that had done their share and were replaced"),
             report->endings.relieved);
}

static void
add_rest (IlTextTable *table, const IlReport *report)
{
  if (report->copied_bytes > 0)
    add_row (table, _ ("Copied between heaps"), il_report_format_bytes (report->copied_bytes));
  if (report->copying_ns > 0 && isfinite (report->copying_share))
    add_row (table, _ ("Workers' time in tasks that went into copies"),
             il_report_format_share (report->copying_share));
  if (report->exit_ns >= 0)
    add_row (table, _ ("From the last submission to the end"),
             il_report_format_time (report->exit_ns));
  if (report->peak_rss_bytes > 0)
    add_row (table, _ ("Peak memory of the workers' processes"),
             il_report_format_bytes (report->peak_rss_bytes));
  if (report->peak_rss_bytes > 0 && report->peak_pss_bytes > 0)
    add_row (table, _ ("All processes, shared memory counted once"),
             il_report_format_bytes (report->peak_pss_bytes));
}

/**
 * il_report_append_together:
 *
 * Appends the figures of all workers together, where there were tasks.
 */
void
il_report_append_together (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) table = il_text_table_new (_ ("All together"));

  if (report->workers->len == 0 || report->speed.wall_ns == 0)
    return;
  il_text_table_set_labels (table);
  il_text_table_add_column (table, "");
  add_speed (table, report);
  add_scheduler (table, report);
  add_queueing (table, report);
  add_coroutines (table, report);
  add_endings (table, report);
  add_rest (table, report);
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
}

/* ---- Who ended, and when ---- */

static char *
dup_ending (const IlWorkerEnding *end)
{
  switch (end->ending)
    {
    case IL_REPORT_ENDING_CRASHED:
      return g_strdup_printf (_ ("crashed (signal %u)"), end->signal_number);
    case IL_REPORT_ENDING_KILLED:
      return g_strdup_printf (_ ("killed (signal %u)"), end->signal_number);
    case IL_REPORT_ENDING_WITH_PROCESS:
      return g_strdup_printf (_ ("went down with its process (signal %u)"), end->signal_number);
    default:
      return g_strdup (_ ("left, and was replaced"));
    }
}

/**
 * il_report_append_ends:
 *
 * Appends which workers ended before the run did, how and when; of many the first ones.
 */
void
il_report_append_ends (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) table = il_text_table_new (_ ("Workers that ended"));
  guint n_rows = MIN (report->ends->len, MAX_ENDS);

  if (report->ends->len == 0)
    return;
  /* Translators: how a worker ended */
  il_text_table_add_column (table, _ ("how"));
  /* Translators: since the recording began */
  il_text_table_add_column (table, _ ("when"));
  for (guint i = 0; i < n_rows; i++)
    {
      const IlWorkerEnding *end = &g_array_index (report->ends, IlWorkerEnding, i);

      il_text_table_begin_row (table, il_report_info_of (session, end->lane)->name);
      il_text_table_add_cell (table, dup_ending (end));
      il_text_table_add_cell (table, il_report_format_moment (end->time_ns));
    }
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  if (report->ends->len > n_rows)
    {
      g_string_append_printf (
          out, ngettext ("… and %u more", "… and %u more", report->ends->len - n_rows),
          report->ends->len - n_rows);
      g_string_append_c (out, '\n');
    }
}
