/* il-report-text-pairs.c - who kept whom waiting, and who let whom go on, for reading
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "il-report-text-private.h"

#define MAX_PAIRS 10u /* of two threads; the JSON report has all */

/* One who waited and one who let it, at some object. */
typedef struct
{
  guint lane; /* of the object */
  const IlWaitPair *pair;
} PairAt;

static int
compare_pairs (gconstpointer a, gconstpointer b)
{
  const PairAt *left = a, *right = b;

  if (left->pair->wait_ns != right->pair->wait_ns)
    return left->pair->wait_ns > right->pair->wait_ns ? -1 : 1;
  if (left->lane != right->lane)
    return left->lane < right->lane ? -1 : 1;
  return left->pair < right->pair ? -1 : left->pair > right->pair;
}

/* Of those of whom it is known who they are. */
static void
collect_pairs (GArray *out, guint lane, const GArray *pairs)
{
  for (guint i = 0; i < pairs->len; i++)
    {
      const PairAt pair = { lane, &g_array_index (pairs, IlWaitPair, i) };

      if (pair.pair->holder_plus_1 != 0)
        g_array_append_val (out, pair);
    }
}

static void
add_name (IlTextTable *table, IlSession *session, guint lane)
{
  il_text_table_add_name (table, il_report_info_of (session, lane)->name);
}

/* Those that come to the longest time, the other one first. */
static void
append_longest (GString *out, const IlReport *report, IlSession *session, IlTextTable *table,
                GArray *pairs)
{
  guint n_rows = MIN (pairs->len, MAX_PAIRS);

  g_array_sort (pairs, compare_pairs);
  for (guint i = 0; i < n_rows; i++)
    {
      const PairAt *at = &g_array_index (pairs, PairAt, i);

      il_text_table_begin_row (table, il_report_info_of (session, at->lane)->name);
      add_name (table, session, at->pair->holder_plus_1 - 1);
      add_name (table, session, at->pair->waiter);
      il_report_add_count (table, at->pair->waits);
      il_text_table_add_cell (table, il_report_format_time (at->pair->wait_ns));
    }
  il_report_print_table (report, table, out, n_rows);
}

/* Those of all locks that made others wait for longest, and whom. */
static void
append_holders (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[]
      = { N_ ("held by"), N_ ("kept waiting"), N_ ("waits"), N_ ("total wait"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Who waited for whom"), headers);
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (PairAt));

  for (guint i = 0; i < report->locks->len; i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);

      collect_pairs (pairs, lock->lane, lock->pairs);
    }
  append_longest (out, report, session, table, pairs);
}

/* At a barrier there is more to be said of who came last. */
static void
append_wakers (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[] = { /* Translators: who let somebody go on that waited */
                                         N_ ("woken by"),
                                         /* Translators: who waited, until somebody woke it */
                                         N_ ("who waited"), N_ ("waits"), N_ ("total wait"), NULL
  };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Who woke whom"), headers);
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (PairAt));

  for (guint i = 0; i < report->locks->len; i++)
    {
      const IlLockFigures *lock = &g_array_index (report->locks, IlLockFigures, i);

      collect_pairs (pairs, lock->lane, lock->wakers);
    }
  for (guint i = 0; i < report->signals->len; i++)
    {
      const IlSignalFigures *signal = &g_array_index (report->signals, IlSignalFigures, i);

      if (il_report_info_of (session, signal->lane)->kind != IL_LANE_BARRIER)
        collect_pairs (pairs, signal->lane, signal->wakers);
    }
  append_longest (out, report, session, table, pairs);
}

/* For whom a thread waited longest that was to end. */
static void
append_joins (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[] = { N_ ("for"), N_ ("waits"), N_ ("total wait"), NULL };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Waits for others to end"), headers);
  guint n_rows = 0;

  for (guint i = 0; i < report->joins->len && n_rows < MAX_PAIRS; i++)
    {
      const IlWaitPair *pair = &g_array_index (report->joins, IlWaitPair, i);

      if (pair->holder_plus_1 == 0)
        continue;
      n_rows++;
      il_text_table_begin_row (table, il_report_info_of (session, pair->waiter)->name);
      add_name (table, session, pair->holder_plus_1 - 1);
      il_report_add_count (table, pair->waits);
      il_text_table_add_cell (table, il_report_format_time (pair->wait_ns));
    }
  il_report_print_table (report, table, out, n_rows);
}

/**
 * il_report_append_pairs:
 *
 * Appends who kept whom waiting, who let whom go on, and who waited for whom to end.
 */
void
il_report_append_pairs (GString *out, const IlReport *report, IlSession *session)
{
  append_holders (out, report, session);
  append_wakers (out, report, session);
  append_joins (out, report, session);
}

/**
 * il_report_append_last:
 *
 * Appends for whom the others waited at barriers.
 */
void
il_report_append_last (GString *out, const IlReport *report, IlSession *session)
{
  static const char *const headers[] = { /* Translators: a thread, as the head of a column */
                                         N_ ("thread"), N_ ("phases"),
                                         /* Translators: how long all others together waited */
                                         N_ ("others waited"), NULL
  };
  g_autoptr (IlTextTable) table = il_report_make_table (_ ("Last to come"), headers);
  guint n_rows = 0;

  for (guint i = 0; i < report->signals->len; i++)
    {
      const IlSignalFigures *signal = &g_array_index (report->signals, IlSignalFigures, i);

      for (guint j = 0; j < MIN (signal->last->len, MAX_PAIRS); j++)
        {
          const IlHolder *last = &g_array_index (signal->last, IlHolder, j);

          if (n_rows++ >= IL_REPORT_MAX_ROWS)
            continue;
          il_text_table_begin_row (table, il_report_info_of (session, signal->lane)->name);
          add_name (table, session, last->lane);
          il_report_add_count (table, last->acquisitions);
          il_text_table_add_cell (table, il_report_format_time (last->held_ns));
        }
    }
  il_report_print_table (report, table, out, n_rows);
}
