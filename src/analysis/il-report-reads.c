/* il-report-reads.c - who read under a readers-writer lock, and who waited for that
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report-private.h"

/* Of more stays within one wait the last ones are looked at. */
#define MAX_MET 4096

/* One of those in the order in which they began. */
typedef struct
{
  gint64 begin_ns, end_ns;
  gint64 last_end_ns; /* of all up to this one */
  guint32 lane;
} Stay;

/* One that begins or ends while somebody waits. */
typedef struct
{
  gint64 time_ns;
  const Stay *stay;
  gboolean is_end;
} Change;

static int
compare_stays (gconstpointer a, gconstpointer b)
{
  const Stay *left = a, *right = b;

  if (left->begin_ns != right->begin_ns)
    return left->begin_ns < right->begin_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

/**
 * il_report_list_reads:
 * @lane: any
 *
 * Returns: (transfer full) (nullable): all stays of readers that meet the range, up to its end;
 *   NULL: there are none
 */
GArray *
il_report_list_reads (const IlReportRange *range, const IlLane *lane)
{
  gsize n = il_lane_get_n_reads (lane);
  GArray *stays = n > 0 ? g_array_new (FALSE, FALSE, sizeof (Stay)) : NULL;
  gint64 last_end_ns = G_MININT64;
  IlRead read;

  for (gsize i = 0; i < n && il_lane_get_read (lane, i, &read); i++)
    {
      const Stay stay = { read.begin_ns, MIN (read.end_ns, range->end_ns), 0, read.lane };

      if (stay.begin_ns < stay.end_ns && stay.end_ns > range->begin_ns)
        g_array_append_val (stays, stay);
    }
  for (guint i = 0; stays != NULL && i < stays->len; i++)
    {
      Stay *stay = &g_array_index (stays, Stay, i);

      if (i == 0)
        g_array_sort (stays, compare_stays);
      last_end_ns = MAX (last_end_ns, stay->end_ns);
      stay->last_end_ns = last_end_ns;
    }
  return stays;
}

static int
compare_changes (gconstpointer a, gconstpointer b)
{
  const Change *left = a, *right = b;

  if (left->time_ns != right->time_ns)
    return left->time_ns < right->time_ns ? -1 : 1;
  if (left->is_end != right->is_end)
    return left->is_end ? -1 : 1;
  return left->stay < right->stay ? -1 : left->stay > right->stay;
}

static GArray *
list_changes (const GArray *stays, guint32 waiter, gint64 begin_ns, gint64 end_ns)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (Change));

  for (guint i = il_report_find_span (stays, end_ns); i-- > 0 && changes->len < 2 * MAX_MET;)
    {
      const Stay *stay = &g_array_index (stays, Stay, i);
      const Change begin = { MAX (stay->begin_ns, begin_ns), stay, FALSE };
      const Change end = { MIN (stay->end_ns, end_ns), stay, TRUE };

      if (stay->last_end_ns <= begin_ns)
        break;
      if (stay->end_ns <= begin_ns || stay->lane == waiter)
        continue;
      g_array_append_val (changes, begin);
      g_array_append_val (changes, end);
    }
  g_array_sort (changes, compare_changes);
  return changes;
}

/**
 * il_report_share_reads:
 * @stays: as il_report_list_reads() returns them
 * @add: is called with each reader's lane + 1 and its share
 *
 * Shares a part of a wait to write out among those who read meanwhile, those at the same time
 * alike.  Who waits itself has no share.
 *
 * Returns: for how long somebody read
 */
gint64
il_report_share_reads (const GArray *stays, guint32 waiter, gint64 begin_ns, gint64 end_ns,
                       void (*add) (gpointer data, guint32 reader_plus_1, gint64 share_ns),
                       gpointer data)
{
  g_autoptr (GArray) changes = list_changes (stays, waiter, begin_ns, end_ns);
  g_autoptr (GPtrArray) inside = g_ptr_array_new ();
  gint64 last_ns = begin_ns, read_ns = 0;

  for (guint i = 0; i < changes->len; i++)
    {
      const Change *change = &g_array_index (changes, Change, i);
      gint64 length_ns = change->time_ns - last_ns;

      for (guint j = 0; length_ns > 0 && j < inside->len; j++)
        add (data, ((const Stay *)g_ptr_array_index (inside, j))->lane + 1,
             length_ns * (j + 1) / inside->len - length_ns * j / inside->len);
      read_ns += inside->len > 0 ? length_ns : 0;
      last_ns = change->time_ns;
      if (change->is_end)
        g_ptr_array_remove_fast (inside, (gpointer)change->stay);
      else
        g_ptr_array_add (inside, (gpointer)change->stay);
    }
  return read_ns;
}

/**
 * il_report_add_reads:
 * @lock: gets who read, how often and for how long, as far as that is known
 */
void
il_report_add_reads (IlLockFigures *lock, const IlReportRange *range, const IlLane *lane)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (gint64));
  gsize n = il_lane_get_n_reads (lane);
  IlRead read;

  for (gsize i = 0; i < n && il_lane_get_read (lane, i, &read); i++)
    {
      gint64 length_ns = read.end_ns - read.begin_ns;
      gint64 within_ns = MIN (read.end_ns, range->end_ns) - MAX (read.begin_ns, range->begin_ns);
      guint64 n_times = il_report_range_has (range, read.begin_ns) ? read.n_times : 0;
      IlHolder *reader;

      if (within_ns <= 0 && n_times == 0)
        continue;
      reader = il_report_ensure_holder (lock->readers, places, read.lane);
      reader->held_ns += MAX (within_ns, 0);
      reader->acquisitions += n_times;
      lock->reads += n_times;
      lock->read_ns += MAX (within_ns, 0);
      if (read.end_ns != G_MAXINT64 && il_report_range_has (range, read.end_ns))
        g_array_append_val (lengths, length_ns);
    }
  il_distribution_take (&lock->read_hold, lengths);
  g_array_sort (lock->readers, il_report_compare_holders);
}
