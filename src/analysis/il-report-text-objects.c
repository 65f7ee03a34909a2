/* il-report-text-objects.c - locks, signals, channels, files and counters, for reading
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "il-report-text-private.h"

/**
 * il_report_make_table:
 * @headers: ended by NULL; translated when it is made
 *
 * Returns: (transfer full): a table without rows
 */
IlTextTable *
il_report_make_table (const char *title, const char *const *headers)
{
  IlTextTable *table = il_text_table_new (title);

  for (; *headers != NULL; headers++)
    il_text_table_add_column (table, _ (*headers));
  return table;
}

/**
 * il_report_get_width:
 *
 * Returns: how many columns tables may take
 */
guint
il_report_get_width (const IlReport *report)
{
  return report->text_width != 0 ? report->text_width : IL_REPORT_WIDTH;
}

/**
 * il_report_print_table:
 *
 * Appends a table that has rows, and how many more there would be.
 */
void
il_report_print_table (const IlReport *report, const IlTextTable *table, GString *out, guint n_rows)
{
  if (n_rows == 0)
    return;
  g_string_append_c (out, '\n');
  il_text_table_print (table, out, il_report_get_width (report));
  il_report_append_more (out, n_rows);
}

static void
add_time (IlTextTable *table, const IlDistribution *distribution, gint64 time_ns)
{
  il_text_table_add_cell (table, il_report_format_time_of (distribution, time_ns));
}

/**
 * il_report_add_count:
 */
void
il_report_add_count (IlTextTable *table, guint64 count)
{
  il_text_table_add_cell (table, il_report_format_count (count));
}

/* ---- Locks ---- */

/* What kind of lock one is, in a word. */
static const char *
get_kind_label (const IlLaneInfo *info)
{
  static const char *const labels[] = { N_ ("plain"), N_ ("recursive"), N_ ("spin"), N_ ("ticket"),
                                        /* Translators: the global interpreter lock */
                                        N_ ("interpreter"),
                                        /* Translators: a semaphore of one unit, used as a lock */
                                        N_ ("binary"),
                                        /* Translators: a mutex that refuses who has it already */
                                        N_ ("checking"),
                                        /* Translators: a mutex that outlives who had it */
                                        N_ ("robust"),
                                        /* Translators: a mutex with priority inheritance */
                                        N_ ("priority") };

  if (info->kind == IL_LANE_RWLOCK)
    /* Translators: a readers-writer lock */
    return _ ("read-write");
  if (info->kind == IL_LANE_SEMAPHORE)
    return _ ("semaphore");
  return _ (labels[info->parameter < G_N_ELEMENTS (labels) ? info->parameter : 0]);
}

/* Whether the table has semaphores: they are acquired, too, but some of them are no locks. */
static const char *
get_title (const IlReport *report, IlSession *session)
{
  for (guint i = 0; i < report->locks->len; i++)
    if (il_report_info_of (session, g_array_index (report->locks, IlLockFigures, i).lane)->kind
        == IL_LANE_SEMAPHORE)
      return _ ("Locks, semaphores");
  return _ ("Locks");
}

static void
append_waits (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("acquired"), N_ ("waited"), N_ ("total wait"), N_ ("median"), N_ ("99 %"),
          N_ ("longest"),  NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (get_title (report, session), headers);

  for (guint i = 0; i < MIN (report->locks->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);

      il_text_table_begin_row (table, il_report_info_of (session, lock->lane)->name);
      il_report_add_count (table, lock->acquisitions);
      il_text_table_add_cell (
          table,
          il_report_format_share (lock->attempts.total > 0
                                      ? (double)lock->attempts.waited / (double)lock->attempts.total
                                      : NAN));
      il_text_table_add_cell (table, lock->total_wait_ns > 0
                                         ? il_report_format_time (lock->total_wait_ns)
                                         : g_strdup ("–"));
      add_time (table, &lock->wait, lock->wait.p50_ns);
      add_time (table, &lock->wait, lock->wait.p99_ns);
      add_time (table, &lock->wait, lock->wait.max_ns);
    }
  il_report_print_table (report, table, out, report->locks->len);
}

/* Acquisitions of which there is but the number, as nobody waited for them. */
static guint64
count_untimed (const IlReport *report, const IlLockFigures *lock)
{
  guint64 n_holds = 0;

  if (!report->is_program)
    return 0;
  for (guint i = 0; i < lock->holders->len; i++)
    n_holds += g_array_index (lock->holders, IlHolder, i).acquisitions;
  for (guint i = 0; i < lock->readers->len; i++)
    n_holds += g_array_index (lock->readers, IlHolder, i).acquisitions;
  return n_holds > 0 && n_holds < lock->acquisitions ? lock->acquisitions - n_holds : 0;
}

static void
add_holds (IlTextTable *table, const char *name, const IlDistribution *hold, gint64 held_ns)
{
  il_text_table_begin_row (table, name);
  il_report_add_count (table, hold->n);
  il_text_table_add_cell (table, il_report_format_time (held_ns));
  add_time (table, hold, hold->p50_ns);
  add_time (table, hold, hold->p99_ns);
  add_time (table, hold, hold->max_ns);
}

/* Of those it is not known whether they read or wrote. */
static char *
get_name_of_either (const char *name)
{
  /* Translators: of a readers-writer lock, acquisitions of which it is not known whether they were
   * to read or to write */
  return g_strdup_printf (_ ("%s, only counted"), name);
}

static gboolean
has_row_of_either (const IlReport *report, const IlLockFigures *lock)
{
  return lock->read_ns > 0 && count_untimed (report, lock) > 0;
}

static guint
count_rows_of_holds (const IlReport *report, const IlLockFigures *lock)
{
  return (lock->held_ns > 0) + (lock->read_ns > 0) + has_row_of_either (report, lock);
}

static void
add_nothing (IlTextTable *table, guint n_cells)
{
  while (n_cells-- > 0)
    il_text_table_add_cell (table, g_strdup (""));
}

/* One row, or several if readers are known. */
static void
add_holds_of (IlTextTable *table, const char *name, const IlReport *report,
              const IlLockFigures *lock, gboolean tells_untimed)
{
  /* Translators: of a readers-writer lock */
  g_autofree char *readers = g_strdup_printf (_ ("%s, readers"), name);
  g_autofree char *writers = g_strdup_printf (_ ("%s, writers"), name);
  g_autofree char *either = get_name_of_either (name);

  if (lock->held_ns > 0)
    add_holds (table, lock->read_ns > 0 ? writers : name, &lock->hold, lock->held_ns);
  if (lock->held_ns > 0 && lock->read_ns > 0 && tells_untimed)
    add_nothing (table, 1);
  if (lock->read_ns > 0)
    add_holds (table, readers, &lock->read_hold, lock->read_ns);
  if (has_row_of_either (report, lock))
    {
      add_nothing (table, 1);
      il_text_table_begin_row (table, either);
      add_nothing (table, 5);
    }
  if (tells_untimed)
    il_report_add_count (table, count_untimed (report, lock));
}

static void
append_holds (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("holds"), N_ ("in all"), N_ ("median"), N_ ("99 %"), N_ ("longest"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("How long locks were held"), headers);
  gboolean any_untimed = FALSE;
  guint n_rows = 0;

  for (guint i = 0; i < report->locks->len; i++)
    any_untimed |= count_untimed (report, &g_array_index (report->locks, IlLockFigures, i)) > 0;
  if (any_untimed)
    /* Translators: how many times more a lock was held, for times that are not known */
    il_text_table_add_column (table, _ ("not timed"));

  for (guint i = 0; i < report->locks->len; i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);
      const char *name = il_report_info_of (session, lock->lane)->name;

      if (n_rows < IL_REPORT_MAX_ROWS && count_rows_of_holds (report, lock) > 0)
        add_holds_of (table, name, report, lock, any_untimed);
      n_rows += count_rows_of_holds (report, lock);
    }
  il_report_print_table (report, table, out, n_rows);
  if (any_untimed)
    il_report_append_wrapped (
        out, _ ("Acquisitions that nobody waits for are only counted, until somebody waits for the "
                "lock; of a lock that is taken many thousand times while others wait for it, most "
                "of the short ones are only counted, too."));
}

static void
append_recovered (GString *out, const char *name, guint64 n_recovered)
{
  g_autofree char *count = il_report_format_count (n_recovered);
  g_autofree char *line = NULL;

  if (n_recovered == 0)
    return;
  /* Translators: name of a lock; how often its owner died, and it was free again */
  line = g_strdup_printf (ngettext ("%s: recovered %s time from an owner that had died",
                                    "%s: recovered %s times from an owner that had died",
                                    (gulong)n_recovered),
                          name, count);
  il_report_append_wrapped (out, line);
}

/* Of owners that died, of waits that were in vain, and of those that go on at the end of the range.
 */
static void
append_lock_waits (GString *out, const IlReport *report, IlSession *session)
{
  for (guint i = 0; i < MIN (report->locks->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);
      const char *name = il_report_info_of (session, lock->lane)->name;
      g_autofree char *line = NULL;

      il_report_append_in_vain (out, name, lock->attempts.waited, lock->attempts.given_up);
      append_recovered (out, name, lock->recovered);
      if (lock->waiting == 0)
        continue;
      /* Translators: name of a lock; how many wait for it at the end of the range */
      line = g_strdup_printf (
          ngettext ("%s: %u still waits at the end", "%s: %u still wait at the end", lock->waiting),
          name, lock->waiting);
      il_report_append_wrapped (out, line);
    }
}

/* How deep they were in it, and how often it went from one to another.  Who is inside of a
 * semaphore is not known. */
static void
add_holders (IlTextTable *table, const IlLockFigures *lock, const IlLaneInfo *info, double seconds)
{
  if (info->kind == IL_LANE_SEMAPHORE)
    {
      for (guint i = 0; i < 3; i++)
        il_text_table_add_cell (table, g_strdup ("–"));
      return;
    }
  il_report_add_count (table, MAX (lock->max_depth, lock->holders->len > 0));
  il_report_add_count (table, lock->hand_overs);
  il_text_table_add_cell (table, il_report_format_number ((double)lock->hand_overs / seconds));
}

static void
append_who_was_there (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[] = { N_ ("kind"),
                                         N_ ("most waiting"),
                                         N_ ("most inside"),
                                         N_ ("deepest"),
                                         N_ ("hand-overs"),
                                         N_ ("per s"),
                                         NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (get_title (report, session), headers);
  double seconds = (double)(report->end_ns - report->begin_ns) / 1e9;

  for (guint i = 0; i < MIN (report->locks->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);
      const IlLaneInfo *info = il_report_info_of (session, lock->lane);

      il_text_table_begin_row (table, info->name);
      il_text_table_add_cell (table, g_strdup (get_kind_label (info)));
      il_report_add_count (table, lock->max_waiters);
      il_report_add_count (table, lock->max_holders);
      add_holders (table, lock, info, seconds);
    }
  il_report_print_table (report, table, out, report->locks->len);
}

static void
add_accessors (IlTextTable *table, const char *name, guint64 acquisitions,
               const IlDistribution *wait)
{
  il_text_table_begin_row (table, name);
  il_report_add_count (table, acquisitions);
  il_report_add_count (table, wait->n);
  add_time (table, wait, wait->p50_ns);
  add_time (table, wait, wait->p99_ns);
  add_time (table, wait, wait->max_ns);
}

/* Who waited is known. */
static guint
add_either (IlTextTable *table, const char *name, const IlLockFigures *lock)
{
  guint64 n_either = il_report_count_either (lock);
  g_autofree char *either = get_name_of_either (name);

  if (n_either == 0)
    return 0;
  il_text_table_begin_row (table, either);
  il_report_add_count (table, n_either);
  add_nothing (table, 4);
  return 1;
}

static void
append_readers_and_writers (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("acquired"), N_ ("waits"), N_ ("median wait"), N_ ("99 %"), N_ ("longest"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Readers and writers"), headers);
  guint n_rows = 0;

  for (guint i = 0; i < report->locks->len && n_rows < IL_REPORT_MAX_ROWS; i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);
      const IlLaneInfo *info = il_report_info_of (session, lock->lane);
      g_autofree char *readers = NULL;
      g_autofree char *writers = NULL;

      if (info->kind != IL_LANE_RWLOCK)
        continue;
      /* Translators: of a readers-writer lock */
      readers = g_strdup_printf (_ ("%s, readers"), info->name);
      writers = g_strdup_printf (_ ("%s, writers"), info->name);
      add_accessors (table, readers, lock->reads, &lock->read_wait);
      add_accessors (table, writers, lock->writes, &lock->write_wait);
      n_rows += 2 + add_either (table, info->name, lock);
    }
  il_report_print_table (report, table, out, n_rows);
}

/* One who had it, or waited for it; either may be missing. */
static void
add_interpreter_row (IlTextTable *table, const IlReport *report, const IlLane *lane,
                     const IlHolder *holder, const IlHolder *waiter)
{
  gint64 life_ns = MIN (il_lane_get_end (lane), report->end_ns)
                   - MAX (il_lane_get_begin (lane), report->begin_ns);
  gint64 held_ns = holder != NULL ? holder->held_ns : 0;
  gint64 waited_ns = waiter != NULL ? waiter->held_ns : 0;

  il_text_table_begin_row (table, il_lane_get_info (lane)->name);
  il_text_table_add_cell (table, il_report_format_time (held_ns));
  il_text_table_add_cell (
      table, il_report_format_share (life_ns > 0 ? (double)held_ns / (double)life_ns : NAN));
  il_report_add_count (table, waiter != NULL ? waiter->acquisitions : 0);
  il_text_table_add_cell (table, il_report_format_time (waited_ns));
  il_text_table_add_cell (
      table, il_report_format_share (life_ns > 0 ? (double)waited_ns / (double)life_ns : NAN));
}

static const IlHolder *
find_holder (const GArray *holders, guint lane)
{
  for (guint i = 0; i < holders->len; i++)
    if (g_array_index (holders, IlHolder, i).lane == lane)
      return &g_array_index (holders, IlHolder, i);
  return NULL;
}

static void
append_interpreter_lock_of (GString *out, const IlReport *report, IlTimeline *timeline,
                            const IlLockFigures *lock)
{
  static const char *const headers[]
      = { /* Translators: how long a thread had the interpreter lock */
          N_ ("had it"), N_ ("of its life"), N_ ("waits"), N_ ("waited"), N_ ("of its life"), NULL
        };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Interpreter lock"), headers);
  guint n_rows = 0;

  for (guint i = 0; i < lock->holders->len; i++)
    {
      const IlHolder *holder = &g_array_index (lock->holders, IlHolder, i);

      if (n_rows++ < IL_REPORT_MAX_ROWS)
        add_interpreter_row (table, report, il_timeline_get_lane (timeline, holder->lane), holder,
                             find_holder (lock->waiters, holder->lane));
    }
  for (guint i = 0; i < lock->waiters->len; i++)
    {
      const IlHolder *waiter = &g_array_index (lock->waiters, IlHolder, i);

      if (find_holder (lock->holders, waiter->lane) == NULL && n_rows++ < IL_REPORT_MAX_ROWS)
        add_interpreter_row (table, report, il_timeline_get_lane (timeline, waiter->lane), NULL,
                             waiter);
    }
  il_report_print_table (report, table, out, n_rows);
}

/* Who had the interpreter lock, and who waited for it, and how much of its life. */
static void
append_interpreter_lock (GString *out, const IlReport *report, IlSession *session)
{
  for (guint i = 0; i < report->locks->len; i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);

      if (g_strcmp0 (il_report_get_kind (il_report_info_of (session, lock->lane)), "gil") == 0)
        append_interpreter_lock_of (out, report, il_session_get_timeline (session), lock);
    }
}

/**
 * il_report_append_locks:
 */
void
il_report_append_locks (GString *out, const IlReport *report, IlSession *session)
{
  append_waits (out, report, session);
  append_lock_waits (out, report, session);
  il_report_append_pairs (out, report, session);
  append_holds (out, report, session);
  append_who_was_there (out, report, session);
  append_readers_and_writers (out, report, session);
  append_interpreter_lock (out, report, session);
}

/* ---- Signals ---- */

typedef void (*SignalRow) (IlTextTable *table, const IlSignalFigures *signal,
                           const IlLaneInfo *info);

static void
add_event (IlTextTable *table, const IlSignalFigures *signal, const IlLaneInfo *info)
{
  il_report_add_count (table, signal->signals);
  il_report_add_count (table, signal->wake_ups);
  add_time (table, &signal->wait, signal->wait.p50_ns);
  add_time (table, &signal->latency, signal->latency.p50_ns);
  add_time (table, &signal->latency, signal->latency.p99_ns);
}

static void
add_condition (IlTextTable *table, const IlSignalFigures *signal, const IlLaneInfo *info)
{
  il_report_add_count (table, signal->signals);
  il_report_add_count (table, signal->wake_ups);
  il_report_add_count (table, signal->wasted);
  add_time (table, &signal->wait, signal->wait.p50_ns);
  add_time (table, &signal->latency, signal->latency.p50_ns);
  add_time (table, &signal->latency, signal->latency.p99_ns);
}

static void
add_barrier (IlTextTable *table, const IlSignalFigures *signal, const IlLaneInfo *info)
{
  il_report_add_count (table, info->parameter);
  il_report_add_count (table, signal->signals);
  add_time (table, &signal->wait, signal->wait.p50_ns);
  add_time (table, &signal->wait, signal->wait.max_ns);
  add_time (table, &signal->phase, signal->phase.p50_ns);
  add_time (table, &signal->phase, signal->phase.max_ns);
}

static void
append_signals_of (GString *out, const IlReport *report, IlSession *session, IlLaneKind kind,
                   IlTextTable *table, SignalRow add_cells)
{
  guint n_rows = 0;

  for (guint i = 0; i < report->signals->len; i++)
    {
      const IlSignalFigures *signal = &g_array_index (report->signals, IlSignalFigures, i);
      const IlLaneInfo *info = il_report_info_of (session, signal->lane);

      if (info->kind != kind || n_rows++ >= IL_REPORT_MAX_ROWS)
        continue;
      il_text_table_begin_row (table, info->name);
      add_cells (table, signal, info);
    }
  il_report_print_table (report, table, out, n_rows);
  il_text_table_free (table);
  for (guint i = 0; i < report->signals->len && i < IL_REPORT_MAX_ROWS; i++)
    {
      const IlSignalFigures *signal = &g_array_index (report->signals, IlSignalFigures, i);
      const IlLaneInfo *info = il_report_info_of (session, signal->lane);

      if (info->kind == kind)
        il_report_append_in_vain (out, info->name, signal->wait.n, signal->given_up);
    }
}

/**
 * il_report_append_signals:
 */
void
il_report_append_signals (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const events[]
      = { N_ ("set"), N_ ("woken"), N_ ("median wait"), N_ ("median wake-up"), N_ ("99 %"), NULL };
  static const char *const conditions[] = {
    N_ ("notified"), N_ ("woken"), N_ ("for nothing"), N_ ("median wait"), N_ ("median wake-up"),
    N_ ("99 %"),     NULL
  };
  /* Translators: of a barrier: how many it waits for, how often all had come, waits of one, the sum
   * of all waits in a phase */
  static const char *const barriers[] = {
    N_ ("parties"),     N_ ("phases"), N_ ("median wait"), N_ ("longest"), N_ ("sum per phase"),
    N_ ("largest sum"), NULL
  };

  append_signals_of (out, report, session, IL_LANE_EVENT,
                     il_report_make_table (_ ("Events"), events), add_event);
  append_signals_of (out, report, session, IL_LANE_CONDITION,
                     il_report_make_table (_ ("Conditions"), conditions), add_condition);
  append_signals_of (out, report, session, IL_LANE_BARRIER,
                     il_report_make_table (_ ("Barriers"), barriers), add_barrier);
  il_report_append_last (out, report, session);
}

/* ---- Channels, files, counters ---- */

static void
append_files (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("written"), N_ ("appends"), N_ ("speed"), N_ ("torn lines"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Files"), headers);

  for (guint i = 0; i < MIN (report->files->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlFileFigures *file = &g_array_index (report->files, IlFileFigures, i);

      il_text_table_begin_row (table, il_report_info_of (session, file->lane)->name);
      il_text_table_add_cell (table, il_report_format_bytes (file->bytes));
      il_report_add_count (table, file->appends);
      il_text_table_add_cell (
          table, il_report_format_rate (file->active_ns > 0
                                            ? (double)file->bytes * 1e9 / (double)file->active_ns
                                            : NAN));
      il_report_add_count (table, file->torn_lines);
    }
  il_report_print_table (report, table, out, report->files->len);
}

/* What a counter comes to where each process counts for itself. */
static void
append_heaps (GString *out, const IlReport *report, IlSession *session)
{
  g_autofree char *model = il_session_dup_meta (session, IL_META_MODEL);

  if (g_strcmp0 (model, "processes") != 0 && g_strcmp0 (model, "hybrid") != 0)
    return;
  for (guint i = 0; i < MIN (report->counters->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlCounterFigures *counter = &g_array_index (report->counters, IlCounterFigures, i);
      g_autofree char *line = NULL;

      if (!counter->is_on_heap)
        continue;
      line = g_strdup_printf (
          _ ("%s: on the heap, where each process has a copy of its own; shown is "
             "the copy written last, when the run is over the parent's"),
          il_report_info_of (session, counter->lane)->name);
      il_report_append_wrapped (out, line);
    }
}

static void
append_limits (GString *out, const IlReport *report, IlSession *session)
{
  for (guint i = 0; i < MIN (report->counters->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlCounterFigures *counter = &g_array_index (report->counters, IlCounterFigures, i);

      /* Translators: of a counter: "c: at its limit, so that changes beyond it did nothing" */
      if (counter->was_at_limit)
        g_string_append_printf (out, _ ("%s: at its limit, so that changes beyond it did nothing"),
                                il_report_info_of (session, counter->lane)->name);
      if (counter->was_at_limit)
        g_string_append_c (out, '\n');
    }
}

static void
append_counters (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("at the end"), N_ ("stale writes"), N_ ("changes lost"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Counters"), headers);

  for (guint i = 0; i < MIN (report->counters->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlCounterFigures *counter = &g_array_index (report->counters, IlCounterFigures, i);

      il_text_table_begin_row (table, il_report_info_of (session, counter->lane)->name);
      il_text_table_add_cell (table, counter->is_known ? g_strdup_printf ("%'d", counter->value)
                                                       : g_strdup ("–"));
      il_report_add_count (table, counter->stale_writes);
      il_text_table_add_cell (table, g_strdup_printf ("%'lld", (long long)counter->lost_updates));
    }
  il_report_print_table (report, table, out, report->counters->len);
  append_limits (out, report, session);
  append_heaps (out, report, session);
}

/**
 * il_report_append_channels:
 *
 * Appends channels, files and counters.
 */
void
il_report_append_channels (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("messages"), N_ ("sent"), N_ ("speed"), N_ ("a message"), N_ ("send wait"),
          /* Translators: share of their lives that receivers waited */
          N_ ("receive wait"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Channels"), headers);

  for (guint i = 0; i < MIN (report->channels->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlChannelFigures *channel = &g_array_index (report->channels, IlChannelFigures, i);
      double active_ns = channel->active_ns > 0 ? (double)channel->active_ns : NAN;

      il_text_table_begin_row (table, il_report_info_of (session, channel->lane)->name);
      il_report_add_count (table, channel->received);
      il_text_table_add_cell (table, il_report_format_bytes (channel->bytes));
      il_text_table_add_cell (table,
                              il_report_format_rate ((double)channel->bytes * 1e9 / active_ns));
      il_text_table_add_cell (
          table, channel->active_ns > 0 && channel->received > 0
                     ? il_report_format_time (channel->active_ns / (gint64)channel->received)
                     : g_strdup ("–"));
      il_text_table_add_cell (table, il_report_format_share (channel->send_wait_share));
      il_text_table_add_cell (table, il_report_format_share (channel->receive_wait_share));
    }
  il_report_print_table (report, table, out, report->channels->len);
  for (guint i = 0; i < MIN (report->channels->len, IL_REPORT_MAX_ROWS); i++)
    {
      const IlChannelFigures *channel = &g_array_index (report->channels, IlChannelFigures, i);

      il_report_append_in_vain (out, il_report_info_of (session, channel->lane)->name,
                                channel->send_wait.n + channel->receive_wait.n, channel->given_up);
    }
  append_files (out, report, session);
  append_counters (out, report, session);
}
