/* il-report-wakers.c - who let go on those who waited
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report-private.h"

/* Moves on to the next wait that lies in the range, or partly, and that somebody ended. */
static gboolean
next_woken (const IlReportRange *range, const IlLane *lane, gsize *index, IlWait *wait)
{
  while (il_lane_get_wait (lane, (*index)++, wait))
    if (!wait->cancelled && wait->end_ns - wait->wait_ns < range->end_ns)
      return TRUE;
  return FALSE;
}

/**
 * il_report_list_wakers:
 *
 * Of each wait all of its time is put down to who ended it; a wait that nobody ended, as one that
 * was over after a given time, is in none.
 *
 * Returns: (transfer full): of IlWaitPair, those who woke being the holders; the longest first
 */
GArray *
il_report_list_wakers (const IlReportRange *range, const IlLane *lane)
{
  GArray *wakers = g_array_new (FALSE, FALSE, sizeof (IlWaitPair));
  g_autoptr (IlPairs) pairs = il_pairs_new (range, NULL, wakers);
  gsize i = il_lane_find_wait (lane, range->begin_ns);
  IlWait wait;

  while (next_woken (range, lane, &i, &wait))
    {
      wait.blamed_plus_1 = wait.woken_by_plus_1;
      il_pairs_add (pairs, &wait);
    }
  g_array_sort (wakers, il_report_compare_pairs);
  g_array_set_size (wakers, MIN (wakers->len, IL_REPORT_MAX_PAIRS));
  return wakers;
}

static int
compare_last (gconstpointer a, gconstpointer b)
{
  const IlHolder *left = a, *right = b;

  if (left->held_ns != right->held_ns)
    return left->held_ns > right->held_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

static IlHolder *
ensure_last (GArray *last, guint lane)
{
  const IlHolder fresh = { .lane = lane };

  for (guint i = 0; i < last->len; i++)
    if (g_array_index (last, IlHolder, i).lane == lane)
      return &g_array_index (last, IlHolder, i);
  g_array_append_val (last, fresh);
  return &g_array_index (last, IlHolder, last->len - 1);
}

/**
 * il_report_list_last:
 * @lane: of a barrier, whose waits of one phase all end before those of the next
 *
 * Returns: (transfer full): of IlHolder, who came last, in how many phases, and how long the others
 *   waited in these; the longest first
 */
GArray *
il_report_list_last (const IlReportRange *range, const IlLane *lane)
{
  GArray *last = g_array_new (FALSE, FALSE, sizeof (IlHolder));
  gsize i = il_lane_find_wait (lane, range->begin_ns);
  guint64 unused, phase, counted = 0;
  IlWait wait;

  while (next_woken (range, lane, &i, &wait))
    {
      IlHolder *one;

      if (wait.woken_by_plus_1 == 0 || wait.end_ns >= range->end_ns)
        continue;
      one = ensure_last (last, wait.woken_by_plus_1 - 1);
      il_lane_get_uses (lane, wait.end_ns, &unused, &phase);
      one->acquisitions += phase != counted;
      one->held_ns += wait.end_ns - MAX (wait.end_ns - wait.wait_ns, range->begin_ns);
      counted = phase;
    }
  g_array_sort (last, compare_last);
  return last;
}
