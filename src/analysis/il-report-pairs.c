/* il-report-pairs.c - who kept whom waiting
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-report-private.h"

/* Waits that meet more spans than this may be reckoned by holder instead. */
#define LONG_WAIT 256
/* A search among one holder's holds costs about as much as so many spans of a walk. */
#define COST_OF_SEARCH 16

/* One of those of the same holder. */
typedef struct
{
  gint64 begin_ns, end_ns;
  gint64 before_ns; /* the length of all before it */
} Hold;

struct _IlPairs
{
  const IlReportRange *range;
  const IlSeries *states; /* NULL: who held it when is not known */
  GArray *out;            /* of IlWaitPair */
  GHashTable *places;     /* of those in out + 1, by waiter and holder */
  GArray *held_ns;        /* of gint64, by holder + 1: within the wait in hand */
  GArray *met;            /* of guint32: those of them that are not 0 */
  GArray *reads;          /* of those who wait to write others may read; NULL: nobody is known to */
  GHashTable *holds;      /* GArray of Hold, by holder + 1; NULL until a wait is long */
};

static void
unref_array (gpointer array)
{
  g_array_unref (array);
}

/* Of thousands who wait for each other waiters and holders are much the same numbers, which
 * g_int64_hash() would take for one another: multiplied by 2^64 divided by the golden ratio (Knuth,
 * The Art of Computer Programming 3, 6.4). */
static guint
hash_key (gconstpointer key)
{
  return (guint)((*(const guint64 *)key * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)) >> 32);
}

/**
 * il_pairs_new:
 * @states: (nullable): who held what is waited for; NULL where each wait is blamed on one
 * @out: of IlWaitPair; waits are added to it
 */
IlPairs *
il_pairs_new (const IlReportRange *range, const IlSeries *states, GArray *out)
{
  IlPairs *pairs = g_new0 (IlPairs, 1);

  pairs->range = range;
  pairs->states = states;
  pairs->out = out;
  pairs->places = g_hash_table_new_full (hash_key, g_int64_equal, g_free, NULL);
  pairs->held_ns = g_array_new (FALSE, TRUE, sizeof (gint64));
  pairs->met = g_array_new (FALSE, FALSE, sizeof (guint32));
  return pairs;
}

/**
 * il_pairs_take_reads:
 * @reads: (nullable) (transfer full): as il_report_list_reads() returns them
 *
 * Who waits to write waits also for those who read.
 */
void
il_pairs_take_reads (IlPairs *pairs, GArray *reads)
{
  pairs->reads = reads;
}

void
il_pairs_free (IlPairs *pairs)
{
  g_hash_table_unref (pairs->places);
  g_array_unref (pairs->held_ns);
  g_array_unref (pairs->met);
  g_clear_pointer (&pairs->holds, g_hash_table_unref);
  g_clear_pointer (&pairs->reads, g_array_unref);
  g_free (pairs);
}

/* Nobody is told to have kept himself waiting. */
static void
add_pair (IlPairs *pairs, guint waiter, guint32 holder_plus_1, gint64 wait_ns)
{
  g_autofree gint64 *key = g_new (gint64, 1);
  gpointer place;

  if (wait_ns <= 0 || holder_plus_1 == waiter + 1)
    return;
  *key = (gint64)waiter << 32 | holder_plus_1;
  place = g_hash_table_lookup (pairs->places, key);
  if (place == NULL)
    {
      const IlWaitPair fresh = { .waiter = waiter, .holder_plus_1 = holder_plus_1 };

      g_array_append_val (pairs->out, fresh);
      place = GUINT_TO_POINTER (pairs->out->len);
      g_hash_table_insert (pairs->places, g_steal_pointer (&key), place);
    }
  g_array_index (pairs->out, IlWaitPair, GPOINTER_TO_UINT (place) - 1).wait_ns += wait_ns;
  g_array_index (pairs->out, IlWaitPair, GPOINTER_TO_UINT (place) - 1).waits++;
}

/* FALSE where nobody had it; 0 is somebody of whom it is not known who, or who reads: of these the
 * reads themselves tell. */
static gboolean
get_holder (const IlSpan *span, guint32 *holder_plus_1)
{
  *holder_plus_1 = IL_CODE_STATE (span->code) == IL_STATE_BUSY ? 0 : IL_CODE_SUBJECT (span->code);
  return IL_CODE_STATE (span->code) != IL_STATE_NONE;
}

static void
add_held (IlPairs *pairs, guint32 holder_plus_1, gint64 held_ns)
{
  gint64 *sum;

  if (held_ns <= 0)
    return;
  if (holder_plus_1 >= pairs->held_ns->len)
    g_array_set_size (pairs->held_ns, holder_plus_1 + 1);
  sum = &g_array_index (pairs->held_ns, gint64, holder_plus_1);
  if (*sum == 0)
    g_array_append_val (pairs->met, holder_plus_1);
  *sum += held_ns;
}

static void
add_hold (GHashTable *holds, guint32 holder_plus_1, const IlSpan *span)
{
  GArray *own = g_hash_table_lookup (holds, GUINT_TO_POINTER (holder_plus_1));
  Hold hold = { span->begin_ns, span->end_ns, 0 };

  if (own == NULL)
    {
      own = g_array_new (FALSE, FALSE, sizeof (Hold));
      g_hash_table_insert (holds, GUINT_TO_POINTER (holder_plus_1), own);
    }
  else
    {
      const Hold *last = &g_array_index (own, Hold, own->len - 1);

      hold.before_ns = last->before_ns + last->end_ns - last->begin_ns;
    }
  g_array_append_val (own, hold);
}

/* All those within the range, by who held. */
static GHashTable *
collect_holds (const IlPairs *pairs)
{
  GHashTable *holds = g_hash_table_new_full (NULL, NULL, NULL, unref_array);
  gint64 series_end_ns = il_timeline_get_end (pairs->range->timeline);
  guint32 holder_plus_1;
  gsize i = 0;
  IlSpan span;

  if (!il_series_find (pairs->states, pairs->range->begin_ns, series_end_ns, &i, &span))
    i = 0;
  for (; il_series_get_span (pairs->states, i, series_end_ns, &span)
         && span.begin_ns < pairs->range->end_ns;
       i++)
    if (get_holder (&span, &holder_plus_1))
      add_hold (holds, holder_plus_1, &span);
  return holds;
}

/**
 * il_report_find_span:
 * @spans: of structs that begin with when they do, in that order
 *
 * Returns: the index of the first that does not begin before a moment, or how many there are
 */
guint
il_report_find_span (const GArray *spans, gint64 time_ns)
{
  gsize size = g_array_get_element_size ((GArray *)spans);
  guint low = 0, high = spans->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (*(const gint64 *)(gconstpointer)(spans->data + middle * size) < time_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* How long one had held it up to a moment. */
static gint64
held_before (const GArray *own, gint64 time_ns)
{
  const Hold *hold;
  guint next = il_report_find_span (own, time_ns);

  if (next == 0)
    return 0;
  hold = &g_array_index (own, Hold, next - 1);
  return hold->before_ns + MIN (hold->end_ns, time_ns) - hold->begin_ns;
}

static void
add_by_holder (IlPairs *pairs, gint64 begin_ns, gint64 end_ns)
{
  GHashTableIter iter;
  gpointer holder, own;

  g_hash_table_iter_init (&iter, pairs->holds);
  while (g_hash_table_iter_next (&iter, &holder, &own))
    add_held (pairs, GPOINTER_TO_UINT (holder),
              held_before (own, end_ns) - held_before (own, begin_ns));
}

/* Who waits long while others take it in turn, again and again, meets holds without number, and so
 * does each that waits beside: then it is the number of holders that bounds the cost of a wait. */
static void
split_wait (IlPairs *pairs, gint64 begin_ns, gint64 end_ns)
{
  gint64 series_end_ns = il_timeline_get_end (pairs->range->timeline);
  gsize first = 0, last = 0;
  guint32 holder_plus_1;
  IlSpan span;

  if (!il_series_find (pairs->states, begin_ns, series_end_ns, &first, &span))
    first = 0;
  if (!il_series_find (pairs->states, end_ns, series_end_ns, &last, &span))
    last = il_series_get_length (pairs->states);
  if (last > first + LONG_WAIT)
    {
      if (pairs->holds == NULL)
        pairs->holds = collect_holds (pairs);
      if ((last - first) / COST_OF_SEARCH > g_hash_table_size (pairs->holds))
        {
          add_by_holder (pairs, begin_ns, end_ns);
          return;
        }
    }
  for (gsize i = first;
       il_series_get_span (pairs->states, i, series_end_ns, &span) && span.begin_ns < end_ns; i++)
    if (get_holder (&span, &holder_plus_1))
      add_held (pairs, holder_plus_1, MIN (span.end_ns, end_ns) - MAX (span.begin_ns, begin_ns));
}

static void
add_read (gpointer data, guint32 reader_plus_1, gint64 share_ns)
{
  add_held (data, reader_plus_1, share_ns);
}

/* Time in which several may have had it is that of those who are known to have read.  FALSE: nobody
 * is. */
static gboolean
share_among_readers (IlPairs *pairs, const IlWait *wait, gint64 begin_ns, gint64 end_ns)
{
  gint64 read_ns, *unknown_ns;

  if (pairs->reads == NULL || !wait->putting)
    return FALSE;
  read_ns = il_report_share_reads (pairs->reads, wait->lane, begin_ns, end_ns, add_read, pairs);
  if (read_ns == 0)
    return FALSE;
  unknown_ns = &g_array_index (pairs->held_ns, gint64, 0);
  /* It stays among those met, see add_held(). */
  *unknown_ns -= MIN (read_ns, *unknown_ns);
  return TRUE;
}

/* Of the time in which it was held by who knows whom, what the waiter said when it began is all
 * that there is. */
static void
blame_for_unknown (IlPairs *pairs, guint32 blamed_plus_1)
{
  gint64 unknown_ns = pairs->held_ns->len > 0 ? g_array_index (pairs->held_ns, gint64, 0) : 0;

  if (unknown_ns == 0 || blamed_plus_1 == 0)
    return;
  g_array_index (pairs->held_ns, gint64, 0) = 0;
  add_held (pairs, blamed_plus_1, unknown_ns);
}

/**
 * il_pairs_add:
 * @wait: one that lies in the range, or partly
 *
 * Shares the time of a wait out among those who held what it was for, one after the other.  The
 * time in which nobody did is nobody's: who was to have it next was on its way.
 */
void
il_pairs_add (IlPairs *pairs, const IlWait *wait)
{
  gint64 begin_ns = MAX (wait->end_ns - wait->wait_ns, pairs->range->begin_ns);
  gint64 end_ns = MIN (wait->end_ns, pairs->range->end_ns);

  if (pairs->states == NULL)
    {
      add_pair (pairs, wait->lane, wait->blamed_plus_1, end_ns - begin_ns);
      return;
    }
  split_wait (pairs, begin_ns, end_ns);
  if (!share_among_readers (pairs, wait, begin_ns, end_ns))
    blame_for_unknown (pairs, wait->blamed_plus_1);
  for (guint i = 0; i < pairs->met->len; i++)
    {
      guint32 holder_plus_1 = g_array_index (pairs->met, guint32, i);
      gint64 *held_ns = &g_array_index (pairs->held_ns, gint64, holder_plus_1);

      add_pair (pairs, wait->lane, holder_plus_1, *held_ns);
      *held_ns = 0;
    }
  g_array_set_size (pairs->met, 0);
}

/**
 * il_report_compare_pairs:
 *
 * Puts those that waited longest first.
 */
int
il_report_compare_pairs (gconstpointer a, gconstpointer b)
{
  const IlWaitPair *left = a, *right = b;

  if (left->wait_ns != right->wait_ns)
    return left->wait_ns > right->wait_ns ? -1 : 1;
  if (left->waiter != right->waiter)
    return left->waiter < right->waiter ? -1 : 1;
  return left->holder_plus_1 < right->holder_plus_1 ? -1
                                                    : left->holder_plus_1 > right->holder_plus_1;
}
