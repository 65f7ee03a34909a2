/* il-lane.c - one lane of a timeline: its series, the waits for it, what it did so far
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-private.h"

#include <signal.h>

/* As many as a row can tell. */
#define MAX_CANCELLED ((1u << 30) - 1)

static IlToldInfo *
new_told (const IlLaneInfo *info, IlToldInfo *before)
{
  IlToldInfo *told = g_new (IlToldInfo, 1);

  *told = (IlToldInfo){ .info = *info, .before = before };
  told->info.name = g_strdup (info->name != NULL ? info->name : "");
  told->info.process_name = g_strdup (info->process_name);
  return told;
}

/* A lane that nothing has happened in; the strings are copied. */
IlLane *
il_lane_new (const IlLaneInfo *info, guint index, guint32 object)
{
  IlLane *lane = g_new0 (IlLane, 1);
  const IlLaneKind kind = info->kind;
  gboolean has_holder = kind == IL_LANE_LOCK || kind == IL_LANE_RWLOCK;
  gboolean has_waiters = has_holder || kind == IL_LANE_SEMAPHORE || kind == IL_LANE_QUEUE
                         || kind == IL_LANE_EVENT || kind == IL_LANE_CHANNEL;

  lane->index = index;
  lane->object = object;
  atomic_init (&lane->told, new_told (info, NULL));
  if (kind == IL_LANE_THREAD || kind == IL_LANE_CORE || has_holder)
    lane->states = il_series_new (IL_SERIES_SPANS);
  if (kind != IL_LANE_THREAD && kind != IL_LANE_LOCK)
    lane->level = il_series_new (IL_SERIES_COUNTER);
  if (has_waiters)
    lane->waiters = il_series_new (IL_SERIES_COUNTER);
  if (info->kind == IL_LANE_THREAD)
    lane->losses = il_series_new (IL_SERIES_COUNTER);
  /* A thread is born with its first record; all else is there from the beginning. */
  atomic_init (&lane->end_ns, info->kind == IL_LANE_THREAD ? 0 : G_MAXINT64);
  return lane;
}

void
il_lane_free (IlLane *lane)
{
  IlToldInfo *told = atomic_load_explicit (&lane->told, memory_order_relaxed);

  il_series_free (lane->states);
  il_series_free (lane->level);
  il_series_free (lane->waiters);
  il_series_free (lane->losses);
  il_column_clear (&lane->waits.rows);
  il_column_clear (&lane->reads.rows);
  il_column_clear (&lane->amounts.rows);
  il_column_clear (&lane->untold.rows);
  for (guint i = 0; i < IL_N_COUNTS; i++)
    il_column_clear (&lane->counts[i].rows);
  while (told != NULL)
    {
      IlToldInfo *before = told->before;

      g_free ((char *)told->info.name);
      g_free ((char *)told->info.process_name);
      g_free (told);
      told = before;
    }
  g_free (lane);
}

/* It turned out to be something else than was known when it was made; the strings are copied. */
void
il_lane_set_info (IlLane *lane, const IlLaneInfo *info)
{
  IlToldInfo *before = atomic_load_explicit (&lane->told, memory_order_relaxed);

  atomic_store_explicit (&lane->told, new_told (info, before), memory_order_release); /* [I] */
}

/* Of the first waits for it. */
static guint64
count_cancelled (const IlLane *lane, gsize n_waits)
{
  const IlWaitRow *last;

  if (n_waits == 0)
    return 0;
  last = il_column_at (&lane->waits.rows, n_waits - 1, sizeof *last);
  return last->n_cancelled;
}

void
il_lane_add_wait (IlLane *lane, const IlWaitRow *wait)
{
  gsize length = atomic_load_explicit (&lane->waits.length, memory_order_relaxed);
  guint n_before = (guint)count_cancelled (lane, length);
  IlWaitRow *row = il_column_extend (&lane->waits.rows, length, sizeof *row);

  *row = *wait;
  row->n_cancelled = MIN (n_before + wait->cancelled, MAX_CANCELLED);
  il_log_publish (&lane->waits);
}

/* Says who ended a wait that is in the log already. */
void
il_lane_name_waker (IlLane *lane, gsize wait, guint32 waker_plus_1)
{
  IlWaitRow *row = il_column_at (&lane->waits.rows, wait, sizeof *row);

  atomic_store_explicit (&row->woken_by_plus_1, waker_plus_1, memory_order_relaxed);
}

/* Returns: its place, to be told more of */
gsize
il_lane_add_read (IlLane *lane, guint32 reader, gint64 begin_ns)
{
  gsize length = atomic_load_explicit (&lane->reads.length, memory_order_relaxed);
  IlReadRow *row = il_column_extend (&lane->reads.rows, length, sizeof *row);

  atomic_init (&row->begin_ns, begin_ns);
  atomic_init (&row->end_ns, G_MAXINT64);
  row->lane = reader;
  atomic_init (&row->n_times, 1);
  il_log_publish (&lane->reads);
  return length;
}

void
il_lane_begin_read (IlLane *lane, gsize read, gint64 begin_ns)
{
  IlReadRow *row = il_column_at (&lane->reads.rows, read, sizeof *row);

  atomic_store_explicit (&row->begin_ns, begin_ns, memory_order_relaxed);
}

/* It takes once more what it has. */
void
il_lane_repeat_read (IlLane *lane, gsize read)
{
  IlReadRow *row = il_column_at (&lane->reads.rows, read, sizeof *row);

  atomic_fetch_add_explicit (&row->n_times, 1, memory_order_relaxed);
}

void
il_lane_end_read (IlLane *lane, gsize read, gint64 end_ns)
{
  IlReadRow *row = il_column_at (&lane->reads.rows, read, sizeof *row);

  atomic_store_explicit (&row->end_ns, end_ns, memory_order_relaxed);
}

/**
 * il_lane_get_n_reads:
 * @lane: a lane
 *
 * Returns: how many stays of readers are known; 0 of what is no readers-writer lock
 */
gsize
il_lane_get_n_reads (const IlLane *lane)
{
  return il_log_length (&lane->reads);
}

/**
 * il_lane_get_read:
 * @lane: a lane
 * @index: from 0, in the order in which they became known
 * @read: (out): set where there is such a stay
 *
 * Returns: FALSE where @index is too large
 */
gboolean
il_lane_get_read (const IlLane *lane, gsize index, IlRead *read)
{
  const IlReadRow *row;

  if (index >= il_log_length (&lane->reads))
    return FALSE;
  row = il_column_at (&lane->reads.rows, index, sizeof *row);
  *read = (IlRead){
    .begin_ns = atomic_load_explicit (&row->begin_ns, memory_order_relaxed),
    .end_ns = atomic_load_explicit (&row->end_ns, memory_order_relaxed),
    .lane = row->lane,
    .n_times = atomic_load_explicit (&row->n_times, memory_order_relaxed),
  };
  return TRUE;
}

void
il_lane_add_amount (IlLane *lane, gint64 time_ns, guint64 amount)
{
  il_lane_add_timed_amount (lane, time_ns, amount, 0);
}

static void
add_row (IlLog *log, IlAmountRow row)
{
  gsize length = atomic_load_explicit (&log->length, memory_order_relaxed);

  if (length > 0)
    {
      const IlAmountRow *last = il_column_at (&log->rows, length - 1, sizeof *last);

      row.total += last->total;
      row.spent_ns += last->spent_ns;
    }
  IL_COLUMN_PUT (&log->rows, IlAmountRow, length) = row;
  il_log_publish (log);
}

/* Of an amount that took a time of its own. */
void
il_lane_add_timed_amount (IlLane *lane, gint64 time_ns, guint64 amount, guint64 spent_ns)
{
  add_row (&lane->amounts, (IlAmountRow){ time_ns, amount, spent_ns });
}

/* So many acquisitions up to now have no record of their own. */
void
il_lane_add_untold (IlLane *lane, gint64 time_ns, guint64 n_untold)
{
  add_row (&lane->untold, (IlAmountRow){ time_ns, n_untold, 0 });
}

static gsize
count_rows (const IlLog *log, gint64 time_ns)
{
  gsize low = 0;
  gsize high = il_log_length (log);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (IL_COLUMN_GET (&log->rows, IlAmountRow, middle).time_ns <= time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * il_lane_get_n_amounts:
 * @lane: a lane
 * @time_ns: a moment
 *
 * Returns: how many amounts, of whatever size, came up to that moment, which is included: of a
 *   counter how many writes were stale
 */
guint64
il_lane_get_n_amounts (const IlLane *lane, gint64 time_ns)
{
  return count_rows (&lane->amounts, time_ns);
}

/* What there was up to a moment, which is included. */
static IlAmountRow
get_amounts (const IlLog *log, gint64 time_ns)
{
  gsize n = count_rows (log, time_ns);

  return n == 0 ? (IlAmountRow){ 0 } : IL_COLUMN_GET (&log->rows, IlAmountRow, n - 1);
}

/**
 * il_lane_get_amount:
 * @lane: a lane
 * @time_ns: a moment
 *
 * Returns: how much there was up to that moment, which is included; 0 of a lane that has no amounts
 */
guint64
il_lane_get_amount (const IlLane *lane, gint64 time_ns)
{
  return get_amounts (&lane->amounts, time_ns).total;
}

/**
 * il_lane_get_amount_time:
 * @lane: of a thread
 * @time_ns: a moment
 *
 * Returns: how long it copied up to that moment; the copies of which that is not known count as 0
 */
guint64
il_lane_get_amount_time (const IlLane *lane, gint64 time_ns)
{
  return get_amounts (&lane->amounts, time_ns).spent_ns;
}

/**
 * il_lane_find_amount:
 * @lane: a lane
 * @from_ns: a moment
 * @time_ns: (out): set where there is any
 *
 * Finds when the first amount came that did not come before a moment.
 *
 * Returns: FALSE where none did
 */
gboolean
il_lane_find_amount (const IlLane *lane, gint64 from_ns, gint64 *time_ns)
{
  gsize low = 0, n_rows = il_log_length (&lane->amounts);
  gsize high = n_rows;

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (IL_COLUMN_GET (&lane->amounts.rows, IlAmountRow, middle).time_ns < from_ns)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == n_rows)
    return FALSE;
  *time_ns = IL_COLUMN_GET (&lane->amounts.rows, IlAmountRow, low).time_ns;
  return TRUE;
}

/**
 * il_lane_get_torn_lines:
 * @lane: of a file
 *
 * Returns: how many of its lines were not whole when it was looked at in the end
 */
guint64
il_lane_get_torn_lines (const IlLane *lane)
{
  return atomic_load_explicit (&lane->n_torn_lines, memory_order_relaxed);
}

/* How many moments of a log are not after time_ns. */
guint64
il_log_count_up_to (const IlLog *log, gint64 time_ns)
{
  gsize low = 0;
  gsize high = il_log_length (log);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;

      if (IL_COLUMN_GET (&log->rows, gint64, middle) <= time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * il_lane_get_index:
 * @lane: a lane
 *
 * Returns: its number in the timeline
 */
guint
il_lane_get_index (const IlLane *lane)
{
  return lane->index;
}

/**
 * il_lane_get_ordinal:
 * @lane: a lane
 *
 * Returns: its number among the lanes of its kind, from 1
 */
guint
il_lane_get_ordinal (const IlLane *lane)
{
  return lane->ordinal;
}

/**
 * il_lane_get_info:
 * @lane: a lane
 *
 * Returns: (transfer none): what it is, as far as is known; itself never changes, and lives as long
 *   as the timeline.  See il_timeline_get_n_claims()
 */
const IlLaneInfo *
il_lane_get_info (const IlLane *lane)
{
  return &atomic_load_explicit (&lane->told, memory_order_acquire)->info; /* [I] */
}

/**
 * il_lane_get_begin:
 * @lane: a lane
 *
 * Returns: when it was born; 0 for a thread of which nothing is known yet
 */
gint64
il_lane_get_begin (const IlLane *lane)
{
  return atomic_load_explicit (&lane->begin_ns, memory_order_relaxed);
}

/**
 * il_lane_get_end:
 * @lane: a lane
 *
 * Returns: when it died; %G_MAXINT64 while it lives; 0 for a thread of which nothing is known yet
 */
gint64
il_lane_get_end (const IlLane *lane)
{
  return atomic_load_explicit (&lane->end_ns, memory_order_relaxed);
}

/**
 * il_lane_get_ending:
 * @lane: of a thread
 * @signal_number: (out) (optional): of which it, or its process, died; 0 where that is not known,
 *   or where it was ended by force with the whole run
 *
 * Returns: whether it ended, and how
 */
IlEnding
il_lane_get_ending (const IlLane *lane, guint *signal_number)
{
  guint32 ending = atomic_load_explicit (&lane->ending, memory_order_relaxed);

  if (signal_number != NULL)
    *signal_number = ending >> IL_ENDING_BITS;
  return (IlEnding)(ending & ((1u << IL_ENDING_BITS) - 1));
}

/**
 * il_signal_is_fault:
 *
 * Returns: whether the signal is what the system sends to a thread for something that it did, and
 *   not what somebody sends to a process to end it.  Anybody can send such a one, too: that cannot
 *   be told apart
 */
gboolean
il_signal_is_fault (guint signal_number)
{
  return signal_number == SIGSEGV || signal_number == SIGBUS || signal_number == SIGILL
         || signal_number == SIGFPE || signal_number == SIGABRT || signal_number == SIGTRAP
         || signal_number == SIGSYS;
}

/**
 * il_lane_get_object:
 * @lane: a lane
 *
 * Returns: the number of the lock, semaphore, queue or counter; 0 for a thread or a core
 */
guint32
il_lane_get_object (const IlLane *lane)
{
  return lane->object;
}

/**
 * il_lane_get_states:
 * @lane: a lane
 *
 * Returns: (nullable): of a thread its states, with the object waited for and as detail the task;
 * of a core and of a lock %IL_STATE_RUNNING with the lane + 1 that runs there or holds it, of a
 * lock %IL_STATE_STOPPED with that of a holder who is dead
 */
const IlSeries *
il_lane_get_states (const IlLane *lane)
{
  return lane->states;
}

/**
 * il_lane_get_level:
 * @lane: a lane
 *
 * Returns: (nullable): of a core how busy it was, in permille; of a semaphore how many are inside;
 *   of a queue its depth; of a counter its value
 */
const IlSeries *
il_lane_get_level (const IlLane *lane)
{
  return lane->level;
}

/**
 * il_lane_get_waiters:
 * @lane: a lane
 *
 * Returns: (nullable): of a lock, semaphore or queue how many wait for it
 */
const IlSeries *
il_lane_get_waiters (const IlLane *lane)
{
  return lane->waiters;
}

/**
 * il_lane_get_losses:
 * @lane: a lane
 *
 * What a thread said in such a gap is not known: its states there follow from the scheduler and
 * from what it said last.
 *
 * Returns: (nullable): of a thread how many events were lost between two that were not, 0 elsewhere
 */
const IlSeries *
il_lane_get_losses (const IlLane *lane)
{
  return lane->losses;
}

/**
 * il_lane_get_n_waits:
 * @lane: a lane
 *
 * Returns: how many waits for it have ended
 */
gsize
il_lane_get_n_waits (const IlLane *lane)
{
  return il_log_length (&lane->waits);
}

/**
 * il_lane_get_wait:
 * @lane: a lane
 * @index: from 0, in the order of their ends
 * @wait: (out): set where there is such a wait
 *
 * Returns: FALSE where @index is too large
 */
gboolean
il_lane_get_wait (const IlLane *lane, gsize index, IlWait *wait)
{
  const IlWaitRow *row;

  if (index >= il_log_length (&lane->waits))
    return FALSE;

  row = il_column_at (&lane->waits.rows, index, sizeof *row);
  *wait = (IlWait){
    .end_ns = row->end_ns,
    .wait_ns = row->wait_ns,
    .lane = row->lane,
    .blamed_plus_1 = row->blamed_plus_1,
    .cancelled = row->cancelled,
    .putting = row->putting,
    .woken_by_plus_1 = atomic_load_explicit (&row->woken_by_plus_1, memory_order_relaxed),
  };
  return TRUE;
}

/**
 * il_lane_find_wait:
 * @lane: a lane
 *
 * Returns: the index of the first wait that ended at or after the time: so many ended before it
 */
gsize
il_lane_find_wait (const IlLane *lane, gint64 time_ns)
{
  gsize low = 0, high = il_lane_get_n_waits (lane);

  while (low < high)
    {
      gsize middle = low + (high - low) / 2;
      IlWait wait;

      if (il_lane_get_wait (lane, middle, &wait) && wait.end_ns < time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/**
 * il_lane_count_attempts:
 * @lane: of a lock, a readers-writer lock or a semaphore
 * @begin_ns: where a range begins
 * @end_ns: where it ends, exclusive
 * @attempts: (out): of those that succeeded, or were given up, within it
 *
 * Counts who wanted to have it, and who of them had to wait; the cost grows with the logarithm.
 */
void
il_lane_count_attempts (const IlLane *lane, gint64 begin_ns, gint64 end_ns, IlAttempts *attempts)
{
  gsize first = il_lane_find_wait (lane, begin_ns);
  gsize end = MAX (il_lane_find_wait (lane, end_ns), first);
  guint64 before, after;

  il_lane_get_uses (lane, begin_ns - 1, &before, NULL);
  il_lane_get_uses (lane, end_ns - 1, &after, NULL);
  attempts->waited = end - first;
  attempts->given_up = count_cancelled (lane, end) - count_cancelled (lane, first);
  attempts->total = MAX (after, before) - before + attempts->given_up;
}

/**
 * il_lane_get_uses:
 * @lane: a lane
 * @time_ns: a moment
 * @puts_or_acquisitions: (out) (optional): puts of a queue, acquisitions of a lock or semaphore
 * @gets: (out) (optional): gets of a queue, 0 of all else
 *
 * Counts the uses up to a moment, that moment included; the cost grows with the logarithm.
 * Acquisitions of which nothing but their number was told count from when it was told.
 */
void
il_lane_get_uses (const IlLane *lane, gint64 time_ns, guint64 *puts_or_acquisitions, guint64 *gets)
{
  if (puts_or_acquisitions != NULL)
    *puts_or_acquisitions
        = il_log_count_up_to (&lane->counts[IL_COUNT_PUTS_OR_ACQUISITIONS], time_ns)
          + get_amounts (&lane->untold, time_ns).total;
  if (gets != NULL)
    *gets = il_log_count_up_to (&lane->counts[IL_COUNT_GETS], time_ns);
}

/**
 * il_lane_get_use:
 * @lane: a lane
 * @gets: which of the two kinds of uses that il_lane_get_uses() counts: the second
 * @index: from 0, in the order of time
 * @time_ns: (out): when it was
 *
 * Returns: FALSE where @index is too large
 */
gboolean
il_lane_get_use (const IlLane *lane, gboolean gets, gsize index, gint64 *time_ns)
{
  const IlLog *log = &lane->counts[gets ? IL_COUNT_GETS : IL_COUNT_PUTS_OR_ACQUISITIONS];

  if (index >= il_log_length (log))
    return FALSE;
  *time_ns = IL_COLUMN_GET (&log->rows, gint64, index);
  return TRUE;
}

/**
 * il_lane_get_max_depth:
 * @lane: of a lock
 *
 * Returns: how many times its owner had it at once, at most; 0 where nobody ever took it again
 */
guint32
il_lane_get_max_depth (const IlLane *lane)
{
  return atomic_load_explicit (&lane->max_depth, memory_order_relaxed);
}

/**
 * il_lane_is_given_by_others:
 * @lane: a lane
 *
 * Returns: whether it is a lock that one took and another gave back, as a signal is
 */
gboolean
il_lane_is_given_by_others (const IlLane *lane)
{
  return atomic_load_explicit (&lane->given_by_others, memory_order_relaxed);
}

static gboolean
has_begun (const IlSeries *series)
{
  return series != NULL && il_series_get_length (series) > 1;
}

/* Who had it is often not known of more and more of the time, but not for many times by turns. */
#define MAX_UNKNOWN 16

/* Whether there is a time in which it is known to have been had. */
static gboolean
was_had (const IlSeries *states)
{
  IlSpan span;

  for (gsize i = 0; i < MAX_UNKNOWN; i++)
    {
      if (states == NULL || !il_series_get_span (states, i, G_MAXINT64, &span))
        return FALSE;
      if (span.code != IL_CODE (IL_STATE_NONE, 0) && span.code != IL_CODE (IL_STATE_UNKNOWN, 0))
        return TRUE;
    }
  return TRUE;
}

/**
 * il_lane_is_untouched:
 * @lane: of a lock, a readers-writer lock or a semaphore
 *
 * Returns: whether nobody is known to have had it or waited for it, so that all there is to tell
 *   is how often it was taken
 */
gboolean
il_lane_is_untouched (const IlLane *lane)
{
  return !was_had (lane->states) && !has_begun (lane->level) && !has_begun (lane->waiters);
}

/**
 * il_lane_holds_tasks:
 * @lane: of a queue
 *
 * Returns: whether tasks wait in it for a worker
 */
gboolean
il_lane_holds_tasks (const IlLane *lane)
{
  return atomic_load_explicit (&lane->holds_tasks, memory_order_relaxed);
}

/**
 * il_lane_get_counts:
 * @lane: a thread's lane
 * @time_ns: a moment
 * @counts: (out): what it did up to then, that moment included
 *
 * Counts what a thread has done so far; the cost grows with the logarithm.
 */
void
il_lane_get_counts (const IlLane *lane, gint64 time_ns, IlLaneCounts *counts)
{
  counts->tasks = il_log_count_up_to (&lane->counts[IL_COUNT_TASKS], time_ns);
  counts->voluntary_switches = il_log_count_up_to (&lane->counts[IL_COUNT_VOLUNTARY], time_ns);
  counts->involuntary_switches = il_log_count_up_to (&lane->counts[IL_COUNT_INVOLUNTARY], time_ns);
  counts->migrations = il_log_count_up_to (&lane->counts[IL_COUNT_MIGRATIONS], time_ns);
}
