/* il-report-text.c - a report for reading, in a terminal of 80 columns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "il-report-text-private.h"

#define MAX_TITLE 240 /* characters */

/**
 * il_report_info_of:
 *
 * Returns: (transfer none): what a lane is
 */
const IlLaneInfo *
il_report_info_of (IlSession *session, guint lane)
{
  return il_lane_get_info (il_timeline_get_lane (il_session_get_timeline (session), lane));
}

/* NULL where it is not known; from a file of any origin. */
static char *
dup_fact (IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);

  return value != NULL ? il_text_make_printable (value) : NULL;
}

/* "exited STATUS" or "killed SIGNAL", as a program ended. */
static char *
describe_program_end (const char *end)
{
  guint64 number;
  const char *name;

  if (g_str_has_prefix (end, "exited ")
      && g_ascii_string_to_unsigned (end + strlen ("exited "), 10, 0, 255, &number, NULL))
    return g_strdup_printf (_ ("ended with status %u"), (guint)number);
  if (!g_str_has_prefix (end, "killed ")
      || !g_ascii_string_to_unsigned (end + strlen ("killed "), 10, 1, 255, &number, NULL))
    return g_strdup (end);
  name = sigabbrev_np ((int)number);
  if (name == NULL)
    return g_strdup_printf (_ ("was killed by signal %u"), (guint)number);
  /* Translators: number and name of a signal */
  return g_strdup_printf (_ ("was killed by signal %u (SIG%s)"), (guint)number, name);
}

/* Of a command the value has two parts, and a third where its memory was kept in a file. */
static void
append_program_end (GString *out, const char *end)
{
  static const char core[] = ", core dumped";
  gboolean has_core = g_str_has_suffix (end, core);
  const char *second = strstr (end, ", ") + 2;
  g_autofree char *word = g_strdup (second);
  g_autofree char *how = NULL;

  if (has_core && strlen (word) >= strlen (core))
    word[strlen (word) - strlen (core)] = '\0';
  how = describe_program_end (word);
  if (g_str_has_prefix (end, "stopped, "))
    /* Translators: how a program ended after it was stopped */
    g_string_append_printf (out, _ (", stopped: the program %s"), how);
  else
    g_string_append_printf (out, _ (", the program %s"), how);
  if (has_core)
    /* Translators: follows on "the program was killed by signal 11 (SIGSEGV)" */
    g_string_append (out, _ (", core dumped"));
}

/* Nobody says in which thread a program crashed; often there is but one that can have. */
static void
append_crashed (GString *out, IlSession *session)
{
  gboolean is_alone = FALSE;
  const char *name = il_report_get_crashed (session, &is_alone);
  g_autofree char *line = NULL;

  /* Of one alone it goes without saying. */
  if (name == NULL || is_alone)
    return;
  /* Translators: name of a thread */
  line = g_strdup_printf (_ ("Of its threads %s alone did not wait when it died: it crashed there, "
                             "unless the signal came from outside"),
                          name);
  il_report_append_wrapped (out, line);
}

/* How a recording ended, in the user's language where it is one of the usual ways. */
static const char *
get_end_text (const char *end)
{
  if (g_str_equal (end, "completed"))
    return _ ("completed");
  if (g_str_equal (end, "stuck"))
    return _ ("ended by force: its workers waited for what did not come");
  if (g_str_equal (end, "stopped"))
    return _ ("stopped");
  return end;
}

/* Whether the figures are not of all of the session. */
static gboolean
is_part (const IlReport *report, IlSession *session)
{
  return report->begin_ns > 0
         || report->end_ns < il_timeline_get_end (il_session_get_timeline (session));
}

/* Under the serial model there are no workers. */
static gboolean
is_serial (IlSession *session)
{
  g_autofree char *model = il_session_dup_meta (session, IL_META_MODEL);

  return g_strcmp0 (model, "serial") == 0;
}

/* A command can have lines, and be long. */
static char *
dup_title (IlSession *session)
{
  g_autofree char *value = il_session_dup_meta (session, IL_META_TITLE);
  g_autofree char *printable = NULL;

  if (value == NULL)
    return NULL;
  g_strdelimit (value, "\n\t", ' ');
  printable = il_text_make_printable (value);
  if (g_utf8_strlen (printable, -1) > MAX_TITLE)
    strcpy (g_utf8_offset_to_pointer (printable, MAX_TITLE - 1), "…");
  return g_steal_pointer (&printable);
}

/* Title, model and workers, as far as they are known. */
static void
append_heading (GString *out, const IlReport *report, IlSession *session)
{
  g_autofree char *title = dup_title (session);
  g_autofree char *model = dup_fact (session, IL_META_MODEL);
  g_autofree char *workers = dup_fact (session, IL_META_WORKERS);
  g_autofree char *end = dup_fact (session, IL_META_END);
  g_autofree char *settings = il_session_dup_meta (session, IL_META_SETTINGS);
  g_autofree char *duration
      = il_report_format_time (il_timeline_get_end (il_session_get_timeline (session)));

  g_string_append (out, title != NULL ? title : _ ("Session"));
  if (model != NULL)
    g_string_append_printf (out, _ (", model %s"), model);
  if (is_serial (session))
    g_string_append (out, _ (": the submitter runs each task"));
  else if (workers != NULL)
    g_string_append_printf (
        out, ngettext (", %s worker", ", %s workers", (gulong)g_ascii_strtoull (workers, NULL, 10)),
        workers);
  g_string_append_c (out, '\n');

  if (settings != NULL && *settings != '\0')
    {
      g_autofree char *line = g_strdelimit (g_strdup (settings), "\n", ' ');
      g_autofree char *printable = il_text_make_printable (line);

      g_string_append_printf (out, _ ("Settings: %s"), printable);
      g_string_append_c (out, '\n');
    }
  g_string_append_printf (out, _ ("Recorded: %s"), duration);
  if (il_session_get_ending (session) == IL_SESSION_CUT_OFF)
    g_string_append (out, _ (", cut off"));
  else if (il_session_get_ending (session) == IL_SESSION_BEING_RECORDED)
    g_string_append (out, _ (" so far"));
  else if (report->is_program && end != NULL && strstr (end, ", ") != NULL)
    append_program_end (out, end);
  else if (end != NULL)
    /* Translators: how the recording ended, e.g. "completed" */
    g_string_append_printf (out, _ (", %s"), get_end_text (end));
  g_string_append_c (out, '\n');
  append_crashed (out, session);
  if (is_part (report, session))
    {
      g_autofree char *from = il_report_format_time (report->begin_ns);
      g_autofree char *to = il_report_format_time (report->end_ns);

      g_autofree char *length = il_report_format_time (report->end_ns - report->begin_ns);

      if (g_str_equal (from, to))
        /* Translators: a length of time, and its begin */
        g_string_append_printf (out, _ ("Figures are of %s from %s on"), length, from);
      else
        g_string_append_printf (out, _ ("Figures are of the range from %s to %s"), from, to);
      g_string_append_c (out, '\n');
    }
}

static void
append_line (GString *out, const char *line)
{
  g_string_append (out, line);
  g_string_append_c (out, '\n');
}

static gboolean
is_sampled (IlSession *session)
{
  g_autofree char *scheduler = il_session_dup_meta (session, IL_META_SCHEDULER);

  return g_strcmp0 (scheduler, "perf") != 0;
}

/* A number from a file of any origin; 0 where it is none. */
static guint64
get_number (IlSession *session, const char *key)
{
  g_autofree char *value = il_session_dup_meta (session, key);
  guint64 number = 0;

  if (value == NULL || !g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT64, &number, NULL))
    return 0;
  return number;
}

static void
append_late (GString *out, IlSession *session)
{
  guint64 n_late = get_number (session, IL_META_LATE_RECORDS);
  g_autofree char *count = il_report_format_count (n_late);
  g_autofree char *late = il_report_format_time ((gint64)get_number (session, IL_META_LATE_NS));

  if (n_late == 0)
    return;
  g_string_append_printf (out, _ ("Told too late: %s of them, shown up to %s after they happened"),
                          count, late);
  g_string_append_c (out, '\n');
}

/* What rests on events that were lost. */
static void
append_reserve (GString *out, const IlReport *report)
{
  if (report->n_lost == 0)
    return;
  append_line (out,
               _ ("Figures are of what was recorded: counts too low, times and shares estimated"));
  if (report->are_own_counts && !report->is_program)
    append_line (out, _ ("The numbers of tasks below are the program's own count, and exact"));
}

/* That a thread was taken from its core perf tells; that it was woken only the library does. */
static void
append_unseen (GString *out, IlSession *session)
{
  if (il_timeline_shows_locks (il_session_get_timeline (session)))
    return;
  append_line (out, _ ("Locks: not seen; waits for them are among the other waits"));
  if (!is_sampled (session))
    append_line (out,
                 _ ("No core: seen of who lost one; who was woken and has none yet is among the "
                    "other waits"));
}

/* How far the figures can be trusted, and what watching cost. */
static void
append_honesty (GString *out, const IlReport *report, IlSession *session)
{
  g_autofree char *note = dup_fact (session, IL_META_SCHEDULER_NOTE);
  g_autofree char *overhead = il_session_dup_meta (session, IL_META_OVERHEAD_SHARE);
  g_autofree char *n_events = il_report_format_count (report->n_events);
  g_autofree char *n_in_all = il_report_format_count (report->n_events_in_all);
  g_autofree char *n_lost = il_report_format_count (report->n_lost);
  IlTimelineTotals totals = { 0 };

  if (report->n_lost == 0 && get_number (session, IL_META_INCOMPLETE) != 0)
    g_string_append_printf (out, _ ("Events: %s; others are missing, see the notes"), n_in_all);
  else if (report->n_lost == 0)
    g_string_append_printf (out, _ ("Events: %s, none lost"), n_in_all);
  else
    g_string_append_printf (out, _ ("Events: %s, and %s were lost: what they told is unknown"),
                            n_in_all, n_lost);
  if (is_part (report, session))
    /* Translators: follows on "Events: 1,234, none lost" */
    g_string_append_printf (out, _ ("; %s in the range"), n_events);
  g_string_append_c (out, '\n');
  append_reserve (out, report);
  append_late (out, session);

  il_timeline_get_totals (il_session_get_timeline (session), &totals);
  if (is_sampled (session))
    append_line (out, _ ("Scheduler: sampled only; between samples, states are estimates"));
  else if (totals.n_sched_lost > 0)
    append_line (out, _ ("Scheduler: seen by perf, but some switches were lost"));
  else
    append_line (out, _ ("Scheduler: every switch seen"));
  if (note != NULL && *note != '\0')
    append_line (out, note);
  append_unseen (out, session);
  if (overhead != NULL)
    {
      g_autofree char *share = il_report_format_share (g_ascii_strtod (overhead, NULL));

      g_string_append_printf (out, _ ("Watching took %s of the machine's processor time"), share);
      g_string_append_c (out, '\n');
    }
  if (il_session_get_ending (session) == IL_SESSION_BEING_RECORDED)
    append_line (out, _ ("The recording goes on: its last second may be missing here"));
  else if (il_session_get_ending (session) == IL_SESSION_CUT_OFF)
    append_line (out, _ ("The recording was cut off: its last second may be missing"));
}

static void
append_tasks (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) counts = il_text_table_new (_ ("Tasks"));
  g_autoptr (IlTextTable) times = il_text_table_new (_ ("Time of a task"));
  const struct
  {
    const char *name;
    const IlDistribution *distribution;
  } rows[] = { { _ ("from submission to begin"), &report->queue_wait },
               { _ ("from begin to end"), &report->service } };

  if (report->submitted == 0 && report->service.n == 0)
    return;
  il_text_table_add_column (counts, _ ("submitted"));
  il_text_table_add_column (counts, _ ("done"));
  il_text_table_add_column (counts, _ ("failed"));
  il_text_table_add_column (counts, _ ("cancelled"));
  il_text_table_add_column (counts, _ ("lost"));
  il_text_table_add_column (counts, _ ("pending"));
  il_text_table_add_column (counts, _ ("done per s"));
  il_text_table_begin_row (counts, "");
  il_text_table_add_cell (counts, il_report_format_count (report->submitted));
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    il_text_table_add_cell (counts, il_report_format_count (report->outcomes[i]));
  il_text_table_add_cell (counts, il_report_format_count (report->pending));
  il_text_table_add_cell (
      counts, g_strdup_printf ("%'.*f", report->tasks_per_second < 100, report->tasks_per_second));
  g_string_append_c (out, '\n');
  il_text_table_print (counts, out, il_report_get_width (report));

  il_text_table_set_labels (times);
  il_text_table_add_column (times, _ ("median"));
  il_text_table_add_column (times, _ ("90 %"));
  il_text_table_add_column (times, _ ("99 %"));
  il_text_table_add_column (times, _ ("longest"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const IlDistribution *distribution = rows[i].distribution;

      /* Who draws tasks for itself, or runs each at once, lets none wait. */
      if (distribution->n == 0)
        continue;
      il_text_table_begin_row (times, rows[i].name);
      il_text_table_add_cell (times, il_report_format_time_of (distribution, distribution->p50_ns));
      il_text_table_add_cell (times, il_report_format_time_of (distribution, distribution->p90_ns));
      il_text_table_add_cell (times, il_report_format_time_of (distribution, distribution->p99_ns));
      il_text_table_add_cell (times, il_report_format_time_of (distribution, distribution->max_ns));
    }
  if (report->queue_wait.n == 0 && report->service.n == 0)
    return;
  g_string_append_c (out, '\n');
  il_text_table_print (times, out, il_report_get_width (report));
}

/* Only states that show in the figures of some worker get a column. */
static gboolean
is_shown (const IlReport *report, IlState state)
{
  for (guint i = 0; i < report->workers->len; i++)
    {
      const IlWorkerFigures *worker = &g_array_index (report->workers, IlWorkerFigures, i);

      if (worker->states_ns[state] * 2000 >= worker->lifetime_ns)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_of_program (IlSession *session)
{
  return il_timeline_is_of_program (il_session_get_timeline (session));
}

/* What the rows of a table of threads are: workers only of a pool. */
static const char *
get_title (IlSession *session, gboolean in_percent)
{
  if (is_of_program (session))
    return in_percent ? _ ("Threads, in %") : _ ("Threads");
  if (is_serial (session))
    return in_percent ? _ ("Who ran tasks, in %") : _ ("Who ran tasks");
  return in_percent ? _ ("Workers, in %") : _ ("Workers");
}

static gboolean
has_processes (const IlReport *report, IlSession *session)
{
  for (guint i = 1; i < report->workers->len; i++)
    if (il_report_info_of (session, g_array_index (report->workers, IlWorkerFigures, i).lane)->pid
        != il_report_info_of (session, g_array_index (report->workers, IlWorkerFigures, 0).lane)
               ->pid)
      return TRUE;
  return FALSE;
}

/* How long a thread did something, or would have if others had let it. */
static gint64
get_activity (const IlWorkerFigures *worker)
{
  return worker->states_ns[IL_STATE_RUNNING] + worker->states_ns[IL_STATE_BUSY]
         + worker->states_ns[IL_STATE_SPINNING] + worker->states_ns[IL_STATE_RUNNABLE]
         + worker->states_ns[IL_STATE_LOCK_WAIT] + worker->states_ns[IL_STATE_QUEUE_WAIT]
         + worker->states_ns[IL_STATE_IO_WAIT];
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  const IlWorkerFigures *left = *(const IlWorkerFigures *const *)a;
  const IlWorkerFigures *right = *(const IlWorkerFigures *const *)b;

  return left < right ? -1 : left > right;
}

static int
compare_activity (gconstpointer a, gconstpointer b)
{
  gint64 left_ns = get_activity (*(const IlWorkerFigures *const *)a);
  gint64 right_ns = get_activity (*(const IlWorkerFigures *const *)b);

  if (left_ns != right_ns)
    return left_ns > right_ns ? -1 : 1;
  return compare_places (a, b);
}

/* (element-type IlWorkerFigures): those that get rows, in order: of a program with many threads the
 * ones that did, or wanted to do, most. */
static GPtrArray *
list_rows (const IlReport *report)
{
  GPtrArray *rows = g_ptr_array_new ();

  for (guint i = 0; i < report->workers->len; i++)
    g_ptr_array_add (rows, &g_array_index (report->workers, IlWorkerFigures, i));
  if (rows->len <= IL_REPORT_MAX_ROWS)
    return rows;
  if (report->is_program)
    g_ptr_array_sort (rows, compare_activity);
  g_ptr_array_set_size (rows, IL_REPORT_MAX_ROWS);
  g_ptr_array_sort (rows, compare_places);
  return rows;
}

static const char *
get_state_header (IlSession *session, const char *header, const char *program_header)
{
  return program_header != NULL && is_of_program (session) ? _ (program_header) : _ (header);
}

static void
append_worker_states (GString *out, const IlReport *report, IlSession *session)
{
  const struct
  {
    IlState state;
    const char *header;
    const char *program_header; /* of a program that knows of no tasks; NULL: the same */
  } columns[] = {
    { IL_STATE_RUNNING, N_ ("task"), N_ ("running") },
    { IL_STATE_BUSY, N_ ("other"), N_ ("ending") },
    { IL_STATE_SPINNING, N_ ("spin") },
    { IL_STATE_RUNNABLE, N_ ("no core") },
    /* Translators: waits of a program for locks, conditions and barriers */
    { IL_STATE_LOCK_WAIT, N_ ("lock"), N_ ("lock/signal") },
    { IL_STATE_QUEUE_WAIT, N_ ("queue") },
    { IL_STATE_IO_WAIT, N_ ("I/O") },
    { IL_STATE_SLEEPING, N_ ("sleep") },
    /* Translators: waits for threads or processes to end */
    { IL_STATE_JOIN_WAIT, N_ ("join") },
    /* Translators: waits of a program of which it was not seen what they were for */
    { IL_STATE_WAITING, N_ ("wait"), N_ ("other waits") },
    { IL_STATE_STOPPED, N_ ("stopped") },
    { IL_STATE_UNKNOWN, N_ ("unknown") },
  };
  g_autoptr (IlTextTable) table = il_text_table_new (get_title (session, TRUE));
  g_autoptr (GPtrArray) rows = list_rows (report);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    if (is_shown (report, columns[i].state))
      il_text_table_add_column (
          table, get_state_header (session, columns[i].header, columns[i].program_header));
  for (guint i = 0; i < rows->len; i++)
    {
      const IlWorkerFigures *worker = g_ptr_array_index (rows, i);

      il_text_table_begin_row (table, il_report_info_of (session, worker->lane)->name);
      for (guint j = 0; j < G_N_ELEMENTS (columns); j++)
        if (is_shown (report, columns[j].state))
          il_text_table_add_cell (
              table, g_strdup_printf ("%.1f", 100 * (double)worker->states_ns[columns[j].state]
                                                  / (double)worker->lifetime_ns));
    }
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  il_report_append_more (out, report->workers->len);
}

static void
append_worker_counts (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) table = il_text_table_new (get_title (session, FALSE));
  g_autoptr (GPtrArray) rows = list_rows (report);
  gboolean has_tasks = !is_of_program (session);
  gboolean names_processes = !has_tasks && has_processes (report, session);

  if (names_processes)
    /* Translators: above the kernel's numbers of the processes that threads belong to */
    il_text_table_add_column (table, _ ("process"));
  il_text_table_add_column (table, _ ("alive"));
  if (has_tasks)
    il_text_table_add_column (table, _ ("tasks"));
  il_text_table_add_column (table, _ ("gave up core"));
  il_text_table_add_column (table, _ ("preempted"));
  il_text_table_add_column (table, _ ("changed core"));
  il_text_table_add_column (table, _ ("peak memory"));
  for (guint i = 0; i < rows->len; i++)
    {
      const IlWorkerFigures *worker = g_ptr_array_index (rows, i);

      il_text_table_begin_row (table, il_report_info_of (session, worker->lane)->name);
      if (names_processes)
        il_text_table_add_cell (
            table, g_strdup_printf ("%d", il_report_info_of (session, worker->lane)->pid));
      il_text_table_add_cell (table, il_report_format_time (worker->lifetime_ns));
      if (has_tasks)
        il_text_table_add_cell (table, il_report_format_count (worker->tasks));
      il_text_table_add_cell (table, il_report_format_count (worker->voluntary_switches));
      il_text_table_add_cell (table, il_report_format_count (worker->involuntary_switches));
      il_text_table_add_cell (table, il_report_format_count (worker->migrations));
      /* What the kernel counts of a program has what is mapped to record it in it. */
      il_text_table_add_cell (table, il_report_format_bytes (has_tasks ? worker->peak_rss_bytes
                                                                       : worker->peak_pss_bytes));
    }
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  il_report_append_more (out, report->workers->len);
}

static void
append_cores (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) table = il_text_table_new (_ ("Cores"));

  il_text_table_add_column (table, _ ("busy"));
  il_text_table_add_column (table, _ ("with this program"));
  for (guint i = 0; i < MIN (report->cores->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlCoreFigures *core = &g_array_index (report->cores, IlCoreFigures, i);
      /* Translators: a processor core and its number */
      g_autofree char *name
          = g_strdup_printf (_ ("Core %u"), il_report_info_of (session, core->lane)->number);

      il_text_table_begin_row (table, name);
      il_text_table_add_cell (table, il_report_format_share (core->busy_share));
      il_text_table_add_cell (table, il_report_format_share (core->target_share));
    }
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  il_report_append_more (out, report->cores->len);
}

static void
append_queues (GString *out, const IlReport *report, IlSession *session)
{
  g_autoptr (IlTextTable) table = il_text_table_new (_ ("Queues"));

  il_text_table_add_column (table, _ ("put"));
  il_text_table_add_column (table, _ ("taken"));
  il_text_table_add_column (table, _ ("mean depth"));
  il_text_table_add_column (table, _ ("most"));
  il_text_table_add_column (table, _ ("at the end"));
  il_text_table_add_column (table, _ ("median wait"));
  il_text_table_add_column (table, _ ("longest"));
  for (guint i = 0; i < MIN (report->queues->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlQueueFigures *queue = &g_array_index (report->queues, IlQueueFigures, i);

      il_text_table_begin_row (table, il_report_info_of (session, queue->lane)->name);
      il_text_table_add_cell (table, il_report_format_count (queue->puts));
      il_text_table_add_cell (table, il_report_format_count (queue->gets));
      il_text_table_add_cell (table, g_strdup_printf ("%.1f", queue->mean_depth));
      il_text_table_add_cell (table, il_report_format_count (queue->max_depth));
      il_text_table_add_cell (table, il_report_format_count (queue->final_depth));
      il_text_table_add_cell (table, il_report_format_time_of (&queue->wait, queue->wait.p50_ns));
      il_text_table_add_cell (table, il_report_format_time_of (&queue->wait, queue->wait.max_ns));
    }
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  il_report_append_more (out, report->queues->len);
  for (guint i = 0; i < MIN (report->queues->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlQueueFigures *queue = &g_array_index (report->queues, IlQueueFigures, i);

      /* That workers wait for tasks until the run ends is as it should be. */
      if (!il_lane_holds_tasks (
              il_timeline_get_lane (il_session_get_timeline (session), queue->lane)))
        il_report_append_in_vain (out, il_report_info_of (session, queue->lane)->name,
                                  queue->wait.n, queue->given_up);
    }
}

/**
 * il_report_to_text:
 * @session: the one that the report is of
 *
 * Writes the report for reading, in the user's language, for a terminal of 80 columns.
 *
 * Returns: (transfer full): lines, the last with a newline too
 */
char *
il_report_to_text (const IlReport *report, IlSession *session)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_return_val_if_fail (report != NULL && session != NULL, NULL);

  append_heading (out, report, session);
  append_honesty (out, report, session);
  il_report_append_findings (out, report);
  il_report_append_knob_changes (out, session);
  il_report_append_notes (out, report, session);
  append_tasks (out, report, session);
  il_report_append_kinds (out, report, session);
  il_report_append_together (out, report, session);
  il_report_append_ends (out, report, session);
  if (report->workers->len > 0)
    {
      append_worker_states (out, report, session);
      append_worker_counts (out, report, session);
    }
  if (report->cores->len > 0)
    append_cores (out, report, session);
  il_report_append_locks (out, report, session);
  il_report_append_signals (out, report, session);
  if (report->queues->len > 0)
    append_queues (out, report, session);
  il_report_append_channels (out, report, session);
  return g_string_free (g_steal_pointer (&out), FALSE);
}
