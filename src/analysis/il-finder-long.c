/* il-finder-long.c - locks that a living thread does not give back for long
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A way out of a section that forgets to give the lock back, a recursive lock that is given back
 * once too few, or a section that takes seconds: one single hold keeps others waiting.  While it
 * goes on, that is told once somebody has waited for GOES_ON_NS.  Of those that came to an end it
 * is told where they kept others waiting for half of the recording: what a program does once as it
 * starts is none of its users' business.
 *
 * What does not count: time in which the holder had no core, and time in which it waited for input,
 * as an idle thread does that reads requests while others wait to be the next to do so.  One that
 * waits for others, as for a condition, may be idle in the same way.  It is told of only if it goes
 * on again and again under the lock, or if one of those who wait had it some times before and
 * never waited under it.
 */

#include "config.h"

#include "il-finder-private.h"

#define LOOK_EVERY_NS G_GINT64_CONSTANT (250000000)
#define GOES_ON_NS G_GINT64_CONSTANT (2000000000)
#define LONG_NS G_GINT64_CONSTANT (1000000000)
#define LEAST_GOT 8   /* times that one went on under the lock who waits for others */
#define LEAST_HOLDS 3 /* of a semaphore, given back by who took it: then it serves as a lock */

/* Who has a lock, and who waits for it since then. */
typedef struct
{
  const IlFinderThread *holder;
  const IlFinderHold *hold;
  gint64 now_ns;
  gint64 longest_ns;   /* wait */
  gboolean has_passed; /* somebody who waits had it, and did not wait under it */
  gboolean has_waited; /* somebody who waits had waited under it */
  IlFound found;
} Keeping;

/* Of a semaphore that serves as a lock it is not known that it is one before it was used so. */
static gboolean
is_lock (IlFinder *self, const IlFinderObject *object)
{
  const IlLane *lane = il_timeline_get_object_lane (self->timeline, object->object);
  const IlLaneInfo *info = lane != NULL ? il_lane_get_info (lane) : NULL;

  if (info == NULL || object->is_signal || il_finder_is_left (object))
    return FALSE;
  return info->kind == IL_LANE_RWLOCK
         || (info->kind == IL_LANE_LOCK && info->parameter != IL_LANE_PARAMETER_INTERPRETER
             && (info->parameter != IL_LANE_PARAMETER_BINARY || object->n_lengths >= LEAST_HOLDS));
}

static gint32
get_pid (IlFinder *self, const IlFinderThread *thread)
{
  return il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->pid;
}

static gboolean
waits_for_lock (const IlFinderThread *thread)
{
  return thread->object != 0
         && (thread->wait_kind == IL_RECORD_LOCK_WAIT || thread->wait_kind == IL_RECORD_RW_WAIT);
}

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const IlFinderPart *left = a, *right = b;

  if (left->wanted_ns != right->wanted_ns)
    return left->wanted_ns < right->wanted_ns ? -1 : 1;
  return left->lane < right->lane ? -1 : 1;
}

/* All who wait for it, and are of the holder's process: what processes share they keep for long. */
static void
add_waiters (IlFinder *self, const IlFinderObject *object, Keeping *keeping)
{
  gint32 pid = get_pid (self, keeping->holder);
  IlFound *found = &keeping->found;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IlFinderThread *thread = value;
      gint64 from_ns = MAX (thread->wait_ns, keeping->hold->since_ns);

      if (thread->object != object->object || !waits_for_lock (thread) || thread == keeping->holder
          || thread->is_shared || get_pid (self, thread) != pid || from_ns >= keeping->now_ns)
        continue;
      keeping->longest_ns = MAX (keeping->longest_ns, keeping->now_ns - from_ns);
      keeping->has_passed
          = keeping->has_passed || il_finder_waiting_has_passed (object, thread->lane);
      keeping->has_waited
          = keeping->has_waited || il_finder_waiting_has_waited (object, thread->lane);
      found->n_others++;
      found->from_ns = MIN (found->from_ns, from_ns);
      if (found->n_parts < IL_FINDER_MAX_PARTS)
        found->parts[found->n_parts++] = (IlFinderPart){ .lane = thread->lane,
                                                         .wanted = object->object,
                                                         .wanted_ns = thread->wait_ns };
    }
  if (found->n_parts > 1)
    qsort (&found->parts[1], found->n_parts - 1, sizeof found->parts[1], compare_parts);
}

/* For how long of the hold the holder is to blame, and what it did for most of that. */
static gint64
weigh (IlFinder *self, const Keeping *keeping, IlRecordKind *what)
{
  static const IlRecordKind kinds[]
      = { IL_RECORD_NONE, IL_RECORD_SLEEP_BEGIN, IL_RECORD_IO_BEGIN, IL_RECORD_JOIN_WAIT };
  const IlFinderThread *holder = keeping->holder;
  const IlFinderHold *hold = keeping->hold;
  const IlLane *lane = il_timeline_get_lane (self->timeline, holder->lane);
  gint64 states_ns[IL_N_STATES] = { 0 }, parts_ns[G_N_ELEMENTS (kinds)], all_ns = 0;
  gint64 input_ns = holder->input_ns - hold->input_before_ns;
  gsize most = 0;

  if (holder->awaits_input_ns >= 0)
    input_ns += keeping->now_ns - holder->awaits_input_ns;
  il_series_sum_states (il_lane_get_states (lane), hold->since_ns, keeping->now_ns, states_ns);
  parts_ns[0] = states_ns[IL_STATE_RUNNING] + states_ns[IL_STATE_BUSY];
  parts_ns[1] = states_ns[IL_STATE_SLEEPING];
  parts_ns[2] = states_ns[IL_STATE_IO_WAIT];
  parts_ns[3] = states_ns[IL_STATE_LOCK_WAIT] + states_ns[IL_STATE_QUEUE_WAIT]
                + states_ns[IL_STATE_JOIN_WAIT] + states_ns[IL_STATE_WAITING]
                + states_ns[IL_STATE_SPINNING];
  /* Where it is not seen that it had no core, it may seem to run. */
  parts_ns[0] -= CLAMP (input_ns - parts_ns[2], 0, parts_ns[0]);
  parts_ns[2] -= CLAMP (input_ns, 0, parts_ns[2]);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      all_ns += parts_ns[i];
      most = parts_ns[i] > parts_ns[most] ? i : most;
    }
  *what = kinds[most];
  return all_ns;
}

/* Whether the holder, which waits for others, is not just the one whose turn it is to wait. */
static gboolean
is_out_of_use (const IlFinderObject *object, const Keeping *keeping)
{
  const IlFinderThread *holder = keeping->holder;

  if (keeping->has_passed || holder->n_got - keeping->hold->got_before >= LEAST_GOT)
    return TRUE;
  return holder->object != 0 && holder->wait_kind == IL_RECORD_COND_WAIT && !keeping->has_waited
         && object->n_untold + object->n_lengths >= LEAST_HOLDS;
}

/* Whether the holder keeps others waiting for so long up to then; fills in what is to be told. */
static gboolean
look (IlFinder *self, const IlFinderObject *object, gint64 least_ns, Keeping *keeping)
{
  gint64 own_ns;

  if (object->holders->len != 1 || object->n_inside > 0)
    return FALSE;
  keeping->holder = il_finder_get_thread (self, g_array_index (object->holders, guint32, 0));
  keeping->hold = il_finder_find_hold (keeping->holder, object->object);
  /* Who waits for another lock is not to blame: whoever has that one is. */
  if (keeping->hold == NULL || keeping->now_ns - keeping->hold->since_ns < least_ns
      || waits_for_lock (keeping->holder) || !is_lock (self, object))
    return FALSE;
  keeping->found = (IlFound){
    .kind = IL_FINDING_HELD_LONG,
    .key = object->object,
    .object = object->object,
    .from_ns = G_MAXINT64,
    .to_ns = keeping->now_ns,
    .count = 1,
    .length_ns = keeping->now_ns - keeping->hold->since_ns,
    .n_parts = 1,
    .parts = { { .lane = keeping->holder->lane,
                 .held = object->object,
                 .held_ns = keeping->hold->since_ns,
                 .is_older = keeping->hold->is_older } },
  };
  add_waiters (self, object, keeping);
  if (keeping->longest_ns < least_ns)
    return FALSE;
  own_ns = weigh (self, keeping, &keeping->found.parts[0].wait_kind);
  if (own_ns < least_ns)
    return FALSE;
  keeping->found.usual_ns = keeping->longest_ns;
  keeping->found.worth = MIN (keeping->longest_ns, own_ns);
  return keeping->found.parts[0].wait_kind != IL_RECORD_JOIN_WAIT
         || is_out_of_use (object, keeping);
}

/* More than before wait for it. */
static void
consider (IlFinder *self, IlFinderObject *object, gint64 now_ns)
{
  Keeping keeping = { .now_ns = now_ns };

  if (object->long_looked_ns == now_ns)
    return;
  object->long_looked_ns = now_ns;
  if (object->n_waiters <= object->n_long_told || !look (self, object, GOES_ON_NS, &keeping))
    return;
  object->n_long_told = object->n_waiters;
  keeping.found.goes_on = keeping.found.is_kept = TRUE;
  keeping.found.key |= G_GUINT64_CONSTANT (1) << 32;
  il_finder_report (self, &keeping.found);
}

/**
 * il_finder_look_for_long_holds:
 *
 * Tells of locks that others wait for for long.  It is looked at the same moments, whatever the
 * batches are.
 */
void
il_finder_look_for_long_holds (IlFinder *self)
{
  gint64 now_ns = self->now_ns / LOOK_EVERY_NS * LOOK_EVERY_NS;
  GHashTableIter iter;
  gpointer value;

  if (now_ns <= self->long_looked_ns)
    return;
  self->long_looked_ns = now_ns;
  g_hash_table_iter_init (&iter, self->threads);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const IlFinderThread *thread = value;

      if (waits_for_lock (thread) && now_ns - thread->wait_ns >= GOES_ON_NS)
        consider (self, il_finder_get_object (self, thread->object), now_ns);
    }
}

/**
 * il_finder_long_hold_over:
 *
 * Nobody is known any more to have had it for long up to now.
 */
void
il_finder_long_hold_over (IlFinder *self, IlFinderObject *object)
{
  if (object->n_long_told == 0)
    return;
  object->n_long_told = 0;
  il_finder_withdraw_long_hold (self, object->object);
}

/**
 * il_finder_long_hold_given:
 *
 * The one who has it is about to give it back.
 */
void
il_finder_long_hold_given (IlFinder *self, IlFinderObject *object)
{
  Keeping keeping = { .now_ns = self->now_ns };

  if (object->n_waiters > 0 && look (self, object, LONG_NS, &keeping))
    il_finder_report (self, &keeping.found);
  il_finder_long_hold_over (self, object);
}

/**
 * il_finder_long_hold_dies:
 *
 * The thread ends, with what it has.
 */
void
il_finder_long_hold_dies (IlFinder *self, const IlFinderThread *thread)
{
  gboolean has_changed = FALSE;

  if (!self->goes_on)
    return;
  pthread_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->found->len; i++)
    {
      IlFound *found = g_ptr_array_index (self->found, i);

      if (found->kind != IL_FINDING_HELD_LONG || !found->goes_on
          || found->parts[0].lane != thread->lane)
        continue;
      found->goes_on = FALSE;
      found->to_ns = self->now_ns;
      has_changed = TRUE;
    }
  pthread_mutex_unlock (&self->mutex);
  if (has_changed)
    atomic_fetch_add_explicit (&self->version, 1, memory_order_release); /* [V] */
}

static gboolean
is_about (const IlFound *found, guint32 object)
{
  if (found->object == object || (found->has_holder && found->holder.held == object))
    return TRUE;
  for (guint i = 0; i < found->n_parts; i++)
    if (found->parts[i].held == object || found->parts[i].wanted == object)
      return TRUE;
  return FALSE;
}

static gint64
get_end (const IlFound *found)
{
  return found->goes_on ? G_MAXINT64 : found->to_ns;
}

/* Whether the other one, of the same time, tells more of why others waited. */
static gboolean
explains (const IlFound *other, const IlFound *found)
{
  if (!is_about (other, found->object) || other->from_ns > get_end (found)
      || found->from_ns > get_end (other))
    return FALSE;
  switch (other->kind)
    {
    case IL_FINDING_DEADLOCK:
    case IL_FINDING_STUCK:
    case IL_FINDING_ABANDONED:
    case IL_FINDING_COPIED:
    case IL_FINDING_HELD_UP:
      return TRUE;
    case IL_FINDING_HELD_WAITING:
      return !found->is_kept && 2 * other->length_ns >= found->worth;
    case IL_FINDING_SERIALISED:
      return !found->is_kept && other->length_ns > 2 * found->worth;
    case IL_FINDING_CONVOY:
      return !found->is_kept && 2 * other->length_ns >= found->length_ns;
    default:
      return FALSE;
    }
}

/**
 * il_finder_is_long_hold_told:
 * @found: a hold, or the longest of several, that was long
 *
 * Returns: whether it is worth telling, beside all else that was found; under the lock
 */
gboolean
il_finder_is_long_hold_told (const IlFinder *self, const IlFound *found)
{
  if (!found->is_kept && 2 * found->worth < il_timeline_get_end (self->timeline))
    return FALSE;
  for (guint i = 0; i < self->found->len; i++)
    {
      const IlFound *other = g_ptr_array_index (self->found, i);

      if (explains (other, found))
        return FALSE;
      /* One that goes on is told alone. */
      if (other->kind == IL_FINDING_HELD_LONG && other->object == found->object && other->is_kept
          && !found->is_kept)
        return FALSE;
    }
  return TRUE;
}

/**
 * il_finder_is_line_long_hold:
 * @line: threads that stood in line for a lock
 *
 * Returns: whether they did so for the most part since it was held for long at a time, which is
 * told; under the lock
 */
gboolean
il_finder_is_line_long_hold (const IlFinder *self, const IlFound *line)
{
  gboolean is_told = FALSE;
  gint64 all_ns = 0;

  for (guint i = 0; i < self->found->len; i++)
    {
      const IlFound *found = g_ptr_array_index (self->found, i);

      if (found->kind != IL_FINDING_HELD_LONG || found->object != line->object)
        continue;
      is_told = is_told || il_finder_is_long_hold_told (self, found);
      all_ns += found->is_kept ? MAX (line->to_ns - MAX (found->from_ns, line->from_ns), 0)
                               : found->worth;
    }
  return is_told && 2 * all_ns >= line->length_ns;
}
