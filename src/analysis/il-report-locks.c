/* il-report-locks.c - figures of locks, readers-writer locks, semaphores and queues
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report-private.h"

/**
 * il_report_clear_lock:
 *
 * Frees what an IlLockFigures points to.
 */
void
il_report_clear_lock (gpointer data)
{
  IlLockFigures *lock = data;

  g_clear_pointer (&lock->holders, g_array_unref);
  g_clear_pointer (&lock->readers, g_array_unref);
  g_clear_pointer (&lock->waiters, g_array_unref);
  g_clear_pointer (&lock->pairs, g_array_unref);
  g_clear_pointer (&lock->wakers, g_array_unref);
}

/**
 * il_report_ensure_holder:
 * @places: by lane + 1, places in @holders + 1
 *
 * Returns: the entry of a lane, made where there is none yet
 */
IlHolder *
il_report_ensure_holder (GArray *holders, GHashTable *places, guint32 lane)
{
  gpointer place = g_hash_table_lookup (places, GUINT_TO_POINTER (lane + 1));

  if (place == NULL)
    {
      const IlHolder fresh = { .lane = lane };

      g_array_append_val (holders, fresh);
      place = GUINT_TO_POINTER (holders->len);
      g_hash_table_insert (places, GUINT_TO_POINTER (lane + 1), place);
    }
  return &g_array_index (holders, IlHolder, GPOINTER_TO_UINT (place) - 1);
}

static void
add_hold (IlLockFigures *lock, GHashTable *places, const IlReportRange *range, const IlSpan *span)
{
  IlHolder *holder
      = il_report_ensure_holder (lock->holders, places, IL_CODE_SUBJECT (span->code) - 1);

  holder->held_ns
      += MAX (0, MIN (span->end_ns, range->end_ns) - MAX (span->begin_ns, range->begin_ns));
  holder->acquisitions += il_report_range_has (range, span->begin_ns);
}

/**
 * il_report_compare_holders:
 *
 * Puts those that had it, or waited, for longest first.
 */
int
il_report_compare_holders (gconstpointer a, gconstpointer b)
{
  const IlHolder *left = a, *right = b;

  if (left->held_ns != right->held_ns)
    return left->held_ns > right->held_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : left->lane > right->lane;
}

static void
add_holds (IlLockFigures *lock, const IlReportRange *range, const IlSeries *states)
{
  g_autoptr (GArray) lengths = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  gint64 series_end_ns = il_timeline_get_end (range->timeline);
  guint32 previous = 0;
  gsize i = 0;
  IlSpan span;

  if (!il_series_find (states, range->begin_ns, series_end_ns, &i, &span))
    i = 0;
  for (; il_series_get_span (states, i, series_end_ns, &span) && span.begin_ns < range->end_ns; i++)
    {
      gint64 length_ns = span.end_ns - span.begin_ns;

      if (IL_CODE_STATE (span.code) != IL_STATE_RUNNING || IL_CODE_SUBJECT (span.code) == 0)
        continue;
      add_hold (lock, places, range, &span);
      lock->hand_overs += previous != 0 && previous != IL_CODE_SUBJECT (span.code);
      previous = IL_CODE_SUBJECT (span.code);
      if (il_report_range_has (range, span.end_ns))
        g_array_append_val (lengths, length_ns);
    }
  il_distribution_take (&lock->hold, lengths);
  g_array_sort (lock->holders, il_report_compare_holders);
}

/* Lengths of waits that ended within a range, by what they were for. */
typedef struct
{
  GArray *all, *first, *second; /* of gint64; second: those who wanted to put or to write */
  guint64 n_first, n_second;    /* that got what they wanted */
} Waits;

static void
collect_wait (Waits *waits, const IlWait *wait)
{
  g_array_append_val (waits->all, wait->wait_ns);
  if (wait->putting)
    g_array_append_val (waits->second, wait->wait_ns);
  else
    g_array_append_val (waits->first, wait->wait_ns);
  waits->n_first += !wait->cancelled && !wait->putting;
  waits->n_second += !wait->cancelled && wait->putting;
}

static void
waits_init (Waits *waits)
{
  waits->all = g_array_new (FALSE, FALSE, sizeof (gint64));
  waits->first = g_array_new (FALSE, FALSE, sizeof (gint64));
  waits->second = g_array_new (FALSE, FALSE, sizeof (gint64));
  waits->n_first = waits->n_second = 0;
}

static void
waits_clear (Waits *waits)
{
  g_array_unref (waits->all);
  g_array_unref (waits->first);
  g_array_unref (waits->second);
}

/* Of a readers-writer lock they are the writers. */
static const IlSeries *
get_holders (const IlLane *lane)
{
  IlLaneKind kind = il_lane_get_info (lane)->kind;

  return kind == IL_LANE_LOCK || kind == IL_LANE_RWLOCK ? il_lane_get_states (lane) : NULL;
}

/* Time counts that lies within the range, of waits that begin before it or go on behind it, too;
 * how long waits are is that of those that ended within it.  Returns how many went on behind it. */
static guint64
add_lock_waits (IlLockFigures *lock, const IlReportRange *range, const IlLane *lane)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);
  g_autoptr (IlPairs) pairs = il_pairs_new (range, get_holders (lane), lock->pairs);
  gsize i = il_lane_find_wait (lane, range->begin_ns);
  /* Who has it makes nobody wait. */
  gboolean is_signal = il_lane_is_given_by_others (lane);
  guint64 n_open = 0;
  IlWait wait;
  Waits waits;

  il_pairs_take_reads (pairs, il_report_list_reads (range, lane));
  waits_init (&waits);
  for (; il_lane_get_wait (lane, i, &wait); i++)
    {
      gint64 begin_ns = wait.end_ns - wait.wait_ns;
      gint64 within_ns = MIN (wait.end_ns, range->end_ns) - MAX (begin_ns, range->begin_ns);
      IlHolder *waiter;

      if (begin_ns >= range->end_ns)
        continue;
      lock->total_wait_ns += within_ns;
      if (!is_signal)
        il_pairs_add (pairs, &wait);
      waiter = il_report_ensure_holder (lock->waiters, places, wait.lane);
      waiter->held_ns += within_ns;
      waiter->acquisitions++;
      if (wait.end_ns < range->end_ns)
        collect_wait (&waits, &wait);
      else
        n_open++;
    }
  il_distribution_take (&lock->wait, waits.all);
  il_distribution_take (&lock->read_wait, waits.first);
  il_distribution_take (&lock->write_wait, waits.second);
  waits_clear (&waits);
  g_array_sort (lock->waiters, il_report_compare_holders);
  g_array_sort (lock->pairs, il_report_compare_pairs);
  g_array_set_size (lock->pairs, MIN (lock->pairs->len, IL_REPORT_MAX_PAIRS));
  return n_open;
}

/**
 * il_report_add_joins:
 * @lane: of a thread
 *
 * Adds its waits for others to end, as far as they lie within the range.
 */
void
il_report_add_joins (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  g_autoptr (IlPairs) pairs = il_pairs_new (range, NULL, report->joins);
  IlWait wait;

  for (gsize i = il_lane_find_wait (lane, range->begin_ns); il_lane_get_wait (lane, i, &wait); i++)
    if (wait.end_ns - wait.wait_ns < range->end_ns)
      il_pairs_add (pairs, &wait);
}

/* Whether a wait for it ends since somebody gives it, whoever had it: of a lock it is its holder
 * that others wait for. */
static gboolean
is_given (const IlLane *lane)
{
  return il_lane_get_info (lane)->kind == IL_LANE_SEMAPHORE || il_lane_is_given_by_others (lane);
}

/**
 * il_report_add_lock:
 * @lane: of a lock, a readers-writer lock or a semaphore
 */
void
il_report_add_lock (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlLockFigures lock = { .lane = il_lane_get_index (lane) };
  guint64 unused, n_open;
  IlCounterBin bin;

  lock.holders = g_array_new (FALSE, FALSE, sizeof (IlHolder));
  lock.readers = g_array_new (FALSE, FALSE, sizeof (IlHolder));
  lock.waiters = g_array_new (FALSE, FALSE, sizeof (IlHolder));
  lock.pairs = g_array_new (FALSE, FALSE, sizeof (IlWaitPair));
  il_report_count_uses (range, lane, &lock.acquisitions, &unused);
  n_open = add_lock_waits (&lock, range, lane);
  if (is_given (lane))
    lock.wakers = il_report_list_wakers (range, lane);
  else
    lock.wakers = g_array_new (FALSE, FALSE, sizeof (IlWaitPair));
  il_lane_count_attempts (lane, range->begin_ns, range->end_ns, &lock.attempts);
  lock.attempts.waited += n_open;
  lock.attempts.total += n_open;
  if (il_report_summarize (range, il_lane_get_waiters (lane), &bin))
    {
      lock.max_waiters = bin.max;
      lock.waiting = bin.last;
    }
  if (il_lane_get_states (lane) != NULL)
    add_holds (&lock, range, il_lane_get_states (lane));
  for (guint i = 0; i < lock.holders->len; i++)
    {
      lock.writes += g_array_index (lock.holders, IlHolder, i).acquisitions;
      lock.held_ns += g_array_index (lock.holders, IlHolder, i).held_ns;
    }
  il_report_add_reads (&lock, range, lane);
  lock.max_holders = lock.holders->len > 0;
  if (il_report_summarize (range, il_lane_get_level (lane), &bin))
    lock.max_holders = MAX (lock.max_holders, bin.max);
  lock.max_depth = il_lane_get_max_depth (lane);
  lock.recovered = il_report_count_amount (range, lane);
  g_array_append_val (report->locks, lock);
}

/**
 * il_report_count_either:
 * @lock: of a readers-writer lock
 *
 * Returns: how many acquisitions were only counted, each of which may be a reader's or a writer's
 */
guint64
il_report_count_either (const IlLockFigures *lock)
{
  guint64 n_known = lock->reads + lock->writes;

  return lock->acquisitions > n_known ? lock->acquisitions - n_known : 0;
}

/**
 * il_report_add_queue:
 */
void
il_report_add_queue (IlReport *report, const IlReportRange *range, const IlLane *lane)
{
  IlQueueFigures queue = { .lane = il_lane_get_index (lane) };
  gsize i = il_lane_find_wait (lane, range->begin_ns);
  IlCounterBin bin;
  IlWait wait;
  Waits waits;

  il_report_count_uses (range, lane, &queue.puts, &queue.gets);
  waits_init (&waits);
  while (il_report_next_wait (range, lane, &i, &wait))
    collect_wait (&waits, &wait);
  il_distribution_take (&queue.wait, waits.all);
  queue.blocked_puts = waits.n_second;
  queue.blocked_gets = waits.n_first;
  queue.given_up = il_report_count_given_up (range, lane);
  waits_clear (&waits);
  if (il_report_summarize (range, il_lane_get_level (lane), &bin))
    {
      queue.max_depth = bin.max;
      queue.final_depth = bin.last;
      queue.mean_depth = bin.mean;
    }
  g_array_append_val (report->queues, queue);
}
