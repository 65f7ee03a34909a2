/* il-finder-patterns.c - what makes programs slow without stopping them: starvation, convoys,
 * herds, inversions of priorities
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each pattern has a threshold that a sound program does not reach by chance; they were chosen so
 * that the bundled scenarios that are right give no finding.
 */

#include "config.h"

#include "il-finder-private.h"

/*
 * A wait is starvation if others got the thing so many turns meanwhile, and if it took so long.
 *
 * Whenever one of k who want it gets it, that is 1/k of a turn for each of the others: in a fair
 * order one turn goes by until everybody had it once.  Even if it is drawn by lot each time who
 * gets it, one who waits is passed over for n turns with a probability of only (1 - 1/k)^(k n),
 * which is less than e^-n: for 16, 1 in 8.9 million.  A thread has at most 240 waits as long as
 * that below in a minute, so that even eight that do nothing else for a minute are told of by
 * chance only once in 4,600 times.  What favours who had it last is not drawn by lot: that is what
 * is to be found.  How long the thing is held at a time does not matter: a lock that is held for 20
 * ms starves one of four within 1.3 s.
 *
 * Those who waited already when it came, and got it first, are right to: in a fair order that is
 * less than one turn.  Nor does it count while the one who waits was woken and has no core to take
 * its turn on, as it may for long where others use the machine: that is not the thing's fault.
 */
#define STARVED_TURNS 16
#define STARVED_NS (250 * G_GINT64_CONSTANT (1000000))

/* A hold makes a convoy if it is so many times as long as usual, so long, and so many wait behind
 * it.  Time during which the holder lacked a core is not its own: on a machine that others use too,
 * any hold is long at times.  Nor is that during which it waits for input: the others stand in line
 * for the same, as those do who take tasks out of one pipe. */
#define CONVOY_RATIO 10
#define CONVOY_NS G_GINT64_CONSTANT (1000000)
#define CONVOY_INTERPRETER_NS G_GINT64_CONSTANT (10000000) /* twice its switch interval */
#define CONVOY_WAITERS 3
#define CONVOY_USUAL 20 /* holds that must be known to say what is usual */
#define CONVOY_TIMES 3
#define CONVOY_ONE_IN 100 /* of all holds */

/* A wake-up of so many at once is a herd if most of them wait again. */
#define HERD_WOKEN 3
#define HERD_WASTED_PERCENT 60

#define INVERSION_NS (2 * G_GINT64_CONSTANT (1000000))

static guint64
get_pair_key (guint32 object, guint32 lane)
{
  return (guint64)object << 32 | lane;
}

/* How long the thread has had no core since then, though it could have gone on. */
static gint64
get_ready_ns (IlFinder *self, const IlFinderThread *thread, gint64 since_ns)
{
  const IlLane *lane = il_timeline_get_lane (self->timeline, thread->lane);
  gint64 states_ns[IL_N_STATES] = { 0 };

  il_series_sum_states (il_lane_get_states (lane), since_ns, self->now_ns, states_ns);
  return states_ns[IL_STATE_RUNNABLE];
}

/* How much of its wait the thread could have taken its turn in; 0 to 1. */
static double
get_share_with_core (IlFinder *self, const IlFinderThread *thread)
{
  gint64 wait_ns = self->now_ns - thread->wait_ns;

  return 1 - (double)get_ready_ns (self, thread, thread->wait_ns) / (double)wait_ns;
}

static void
check_starvation (IlFinder *self, const IlFinderThread *thread, const IlFinderObject *object)
{
  gint64 wait_ns = self->now_ns - thread->wait_ns;
  double n_turns = object->n_turns - thread->n_turns_before, share;
  IlFound found = {
    .kind = IL_FINDING_STARVATION,
    .key = get_pair_key (object->object, thread->lane),
    .from_ns = thread->wait_ns,
    .to_ns = self->now_ns,
    .count = object->n_uses - thread->n_uses_before,
    .object = object->object,
    .length_ns = wait_ns,
    .n_parts = 1,
    .parts = { { .lane = thread->lane, .wanted = object->object, .wanted_ns = thread->wait_ns } },
  };

  if (wait_ns < STARVED_NS || n_turns < STARVED_TURNS)
    return;
  share = get_share_with_core (self, thread);
  if (share * (double)wait_ns >= STARVED_NS && share * n_turns >= STARVED_TURNS)
    il_finder_report (self, &found);
}

/* Somebody gets the object, who does not wait for it any more. */
void
il_finder_taken (IlFinderObject *object)
{
  object->n_uses++;
  object->n_turns += 1.0 / (object->n_waiters + 1);
}

/* The thread's wait ends. */
void
il_finder_waited (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object)
{
  if (thread->wait_kind == IL_RECORD_LOCK_WAIT || thread->wait_kind == IL_RECORD_RW_WAIT
      || thread->wait_kind == IL_RECORD_SEM_WAIT)
    check_starvation (self, thread, object);
}

static guint
get_bucket (gint64 length_ns)
{
  guint bucket = 0;

  while (length_ns > 1 && bucket + 1 < IL_FINDER_N_LENGTHS)
    {
      length_ns /= 2;
      bucket++;
    }
  return bucket;
}

/* The length, to a power of two, that half of the holds do not reach. */
static gint64
get_usual_length (const IlFinderObject *object)
{
  guint64 n = 0;

  for (guint i = 0; i < IL_FINDER_N_LENGTHS; i++)
    {
      n += object->lengths[i];
      if (2 * n >= object->n_lengths)
        return G_GINT64_CONSTANT (2) << i;
    }
  return G_MAXINT64;
}

static gboolean
is_convoy (IlFinder *self, const IlFinderObject *object, gint64 length_ns, gint64 usual_ns)
{
  gint64 least_ns
      = il_finder_is_interpreter (self, object->object) ? CONVOY_INTERPRETER_NS : CONVOY_NS;

  return object->n_lengths >= CONVOY_USUAL && length_ns >= least_ns
         && length_ns / CONVOY_RATIO >= usual_ns && object->n_waiters >= CONVOY_WAITERS
         && !object->is_signal;
}

/* The thread gives the object back. */
void
il_finder_held (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object,
                const IlFinderHold *hold)
{
  gint64 input_ns = thread->input_ns - hold->input_before_ns;
  gint64 length_ns
      = self->now_ns - hold->since_ns - (thread->lost_ns - hold->lost_before_ns) - input_ns;
  gint64 usual_ns = get_usual_length (object);
  IlFound found = {
    .kind = IL_FINDING_CONVOY,
    .key = object->object,
    .from_ns = hold->since_ns,
    .to_ns = self->now_ns,
    .count = 1,
    .object = object->object,
    .length_ns = length_ns,
    .usual_ns = usual_ns,
    .n_others = object->n_waiters,
    .n_parts = 1,
    .parts = { { .lane = thread->lane, .held = object->object, .held_ns = hold->since_ns } },
  };

  /* It may also have got no core after a sleep or wait of its own: that is looked for only here. */
  if (is_convoy (self, object, length_ns, usual_ns))
    length_ns = MIN (length_ns, self->now_ns - hold->since_ns
                                    - get_ready_ns (self, thread, hold->since_ns) - input_ns);
  if (is_convoy (self, object, length_ns, usual_ns))
    {
      found.length_ns = length_ns;
      found.count = ++object->n_long == CONVOY_TIMES ? CONVOY_TIMES : 1;
      if (object->n_long >= CONVOY_TIMES && object->n_long * CONVOY_ONE_IN >= object->n_lengths)
        il_finder_report (self, &found);
    }
  object->lengths[get_bucket (length_ns)]++;
  object->n_lengths++;
}

static void
check_herd (IlFinder *self, const IlFinderThread *thread, const IlFinderObject *object)
{
  IlFound found = {
    .kind = IL_FINDING_THUNDERING_HERD,
    .key = object->object,
    .from_ns = object->notified_ns,
    .to_ns = self->now_ns,
    .count = object->n_wasted,
    .object = object->object,
    .n_others = object->n_notified,
    .n_parts = 1,
    .parts = { { .lane = thread->lane } },
  };

  if (object->n_notified >= HERD_WOKEN
      && object->n_wasted * 100 >= object->n_notified * HERD_WASTED_PERCENT)
    il_finder_report (self, &found);
}

/* The thread notifies a condition. */
void
il_finder_notified (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object,
                    guint32 n_woken)
{
  check_herd (self, thread, object);
  object->n_notified = n_woken;
  object->n_wasted = 0;
  object->notified_ns = self->now_ns;
}

/* The thread was woken for nothing. */
void
il_finder_wasted (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object)
{
  (void)self;
  (void)thread;
  object->n_wasted++;
}

/* Somebody who waits for what the thread holds and is more urgent than it and than `middle`. */
static const IlFinderThread *
find_urgent_waiter (IlFinder *self, const IlFinderThread *holder, const IlFinderThread *middle)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IlFinderThread *thread = value;

      if (thread->object != 0 && thread->has_nice && thread->nice < middle->nice
          && il_finder_find_hold (holder, thread->object) != NULL)
        return thread;
    }
  return NULL;
}

/* The thread gets a core again that it had lost.  Who ran there meanwhile displaced it. */
void
il_finder_back_on_core (IlFinder *self, IlFinderThread *thread)
{
  gint64 length_ns = self->now_ns - thread->preempted_ns;
  guint32 middle_plus_1
      = GPOINTER_TO_UINT (g_hash_table_lookup (self->running, GUINT_TO_POINTER (thread->core)));
  const IlFinderThread *middle, *urgent;
  IlFound found;

  if (!thread->has_nice || thread->holds->len == 0 || length_ns < INVERSION_NS || middle_plus_1 == 0
      || middle_plus_1 - 1 == thread->lane)
    return;
  middle = il_finder_get_thread (self, middle_plus_1 - 1);
  if (!middle->has_nice || middle->nice >= thread->nice)
    return;
  urgent = find_urgent_waiter (self, thread, middle);
  if (urgent == NULL)
    return;

  found = (IlFound){
    .kind = IL_FINDING_PRIORITY_INVERSION,
    .key = get_pair_key (urgent->object, urgent->lane),
    .from_ns = MAX (thread->preempted_ns, urgent->wait_ns),
    .to_ns = self->now_ns,
    .count = 1,
    .object = urgent->object,
    .length_ns = length_ns,
    .n_parts = 3,
    .parts = { { .lane = urgent->lane, .wanted = urgent->object, .wanted_ns = urgent->wait_ns },
               { .lane = thread->lane, .held = urgent->object },
               { .lane = middle->lane } },
  };
  il_finder_report (self, &found);
}
