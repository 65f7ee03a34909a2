/* il-finder-waiting.c - locks that are held by one who waits, while others want them
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who reads, sleeps or waits for something else under a lock lets all others wait for that, too,
 * though they want the lock alone.  What counts is the time of those for whom that is so: they got
 * the lock after it, gave it back without having waited under it for the like, and never did so
 * before.  Where each that gets the lock waits for the same, as where idle threads take turns in
 * reading requests (leaders and followers: Schmidt, O'Ryan, Kircher, Pyarali and Buschmann, PLoP
 * 2000), nobody is in the way of anybody, and nothing is told.  The same is done by processes more
 * often than by threads, as by the idle workers of Python's Pool: of them nothing is told at all.
 */

#include "config.h"

#include "il-finder-private.h"

#define WINDOW_NS (250 * G_GINT64_CONSTANT (1000000))
#define LOST 0.25 /* of the time of those who waited for the lock */
#define LEAST_NS (500 * G_GINT64_CONSTANT (1000000))
#define LEAST_HOLDS 3 /* that others had to wait for: else it is one long wait */

/* What one waits for that has the lock. */
typedef enum
{
  CAUSE_INPUT, /* that somebody else has to send */
  CAUSE_IO,    /* other than that */
  CAUSE_SLEEP,
  CAUSE_LOCK,   /* another one */
  CAUSE_OTHERS, /* a condition, a barrier, the end of another … */
  N_CAUSES
} Cause;

typedef struct
{
  const IlFinderThread *thread;
  guint n_passed;          /* how often it gave it back, before it first waited under it */
  gint64 pending_since_ns; /* when the wait began that it is in or had last; -1: there is none */
  struct
  {
    gint64 pending_ns;   /* of that wait */
    gint64 counted_ns;   /* up to where its time is counted; -1: none so far */
    gint64 waited_ns;    /* under the lock, while others wanted it */
    gboolean has_waited; /* under the lock */
    gboolean was_kept;   /* it counts as one of the others */
  } by[N_CAUSES];
} User;

typedef struct
{
  gint64 window_ns; /* when the window began; -1: at the next that counts */
  gint64 lost_ns;   /* in it … */
  gint64 users_ns;  /* of so much time of those who lost it */

  /* Of those windows that tell. */
  gint64 from_ns; /* -1: none */
  gint64 all_lost_ns, all_users_ns;
} Account;

struct _IlFinderWaiting
{
  GHashTable *users; /* lane to User */
  Account accounts[N_CAUSES];
  gboolean keeps;  /* somebody has to wait for what who has it waits for */
  guint64 n_holds; /* of which that was so */
  guint32 other;   /* lock that was waited for last under this one */
};

static IlFinderWaiting *
waiting_new (void)
{
  IlFinderWaiting *waiting = g_new0 (IlFinderWaiting, 1);

  waiting->users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (Cause cause = CAUSE_INPUT; cause < N_CAUSES; cause++)
    waiting->accounts[cause].window_ns = waiting->accounts[cause].from_ns = -1;
  return waiting;
}

void
il_finder_waiting_free (IlFinderWaiting *waiting)
{
  if (waiting == NULL)
    return;
  g_hash_table_unref (waiting->users);
  g_free (waiting);
}

static User *
ensure_user (IlFinderWaiting *waiting, const IlFinderThread *thread)
{
  User *user = g_hash_table_lookup (waiting->users, GUINT_TO_POINTER (thread->lane));

  if (user != NULL)
    return user;
  user = g_new0 (User, 1);
  user->thread = thread;
  user->pending_since_ns = -1;
  for (Cause cause = CAUSE_INPUT; cause < N_CAUSES; cause++)
    user->by[cause].counted_ns = -1;
  g_hash_table_insert (waiting->users, GUINT_TO_POINTER (thread->lane), user);
  return user;
}

/**
 * il_finder_waiting_note:
 * @record: what a thread says, or is said of it
 *
 * Notes whether it waits for something that is no object.
 */
void
il_finder_waiting_note (IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_SCHED_IN:
    case IL_RECORD_SCHED_OUT:
    case IL_RECORD_LOCK_HELD:
    case IL_RECORD_RW_INSIDE:
    case IL_RECORD_RW_READER:
      break;
    case IL_RECORD_IO_BEGIN:
      /* Whoever collects garbage stops all threads so, whatever they have. */
      thread->pause = record->value == IL_RECORD_CALL_SIGNAL ? IL_RECORD_NONE : IL_RECORD_IO_BEGIN;
      break;
    case IL_RECORD_SLEEP_BEGIN:
    case IL_RECORD_JOIN_WAIT:
      thread->pause = (IlRecordKind)record->kind;
      break;
    default:
      thread->pause = IL_RECORD_NONE;
      break;
    }
}

/* N_CAUSES: it does not wait, or for the core or the interpreter, as all do. */
static Cause
get_cause (IlFinder *self, const IlFinderThread *holder)
{
  if (holder->object != 0)
    {
      if (holder->wait_kind != IL_RECORD_LOCK_WAIT && holder->wait_kind != IL_RECORD_RW_WAIT)
        return CAUSE_OTHERS;
      return il_finder_is_interpreter (self, holder->object) ? N_CAUSES : CAUSE_LOCK;
    }
  switch (holder->pause)
    {
    case IL_RECORD_IO_BEGIN:
      return holder->awaits_input_ns >= 0 ? CAUSE_INPUT : CAUSE_IO;
    case IL_RECORD_SLEEP_BEGIN:
      return CAUSE_SLEEP;
    case IL_RECORD_JOIN_WAIT:
      return CAUSE_OTHERS;
    default:
      return N_CAUSES;
    }
}

static gint32
get_pid (IlFinder *self, const IlFinderThread *thread)
{
  return il_lane_get_info (il_timeline_get_lane (self->timeline, thread->lane))->pid;
}

/* All who want it, but those of other processes. */
static void
add_to_waiters (IlFinder *self, const IlFinderObject *object, const IlFinderThread *holder,
                Cause cause, gint64 length_ns)
{
  gint32 pid = get_pid (self, holder);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, object->waiting->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      User *user = value;

      if (user->thread->object != object->object || user->pending_since_ns < 0
          || get_pid (self, user->thread) != pid)
        continue;
      user->by[cause].pending_ns += length_ns;
      object->waiting->keeps = TRUE;
    }
}

static const IlFinderThread *
get_holder (IlFinder *self, const IlFinderObject *object, guint i)
{
  return il_finder_get_thread (self, g_array_index (object->holders, guint32, i));
}

/* Who wants to write what it reads is in its own way. */
static Cause
get_cause_under (IlFinder *self, const IlFinderObject *object, const IlFinderThread *holder)
{
  return holder->object == object->object ? N_CAUSES : get_cause (self, holder);
}

/* Of readers there may be several, and any of them who does not wait is what others wait for. */
static gboolean
do_all_holders_wait (IlFinder *self, const IlFinderObject *object)
{
  for (guint i = 0; i < object->holders->len; i++)
    if (get_cause_under (self, object, get_holder (self, object, i)) == N_CAUSES)
      return FALSE;
  return object->holders->len > 0 && object->n_inside == 0;
}

static void
note_holder (IlFinder *self, const IlFinderObject *object, const IlFinderThread *holder,
             gint64 length_ns)
{
  User *user = ensure_user (object->waiting, holder);
  Cause cause = get_cause_under (self, object, holder);

  user->by[cause].has_waited = TRUE;
  if (object->n_waiters > 0)
    user->by[cause].waited_ns += length_ns;
}

/**
 * il_finder_waiting_pass:
 *
 * For so long nothing has changed about a lock.
 */
void
il_finder_waiting_pass (IlFinder *self, const IlFinderObject *object, gint64 length_ns)
{
  const IlFinderThread *first;
  Cause cause;

  if (object->waiting == NULL || length_ns <= 0 || !do_all_holders_wait (self, object))
    return;
  for (guint i = 0; i < object->holders->len; i++)
    note_holder (self, object, get_holder (self, object, i), length_ns);
  if (object->n_waiters == 0)
    return;
  first = get_holder (self, object, 0);
  cause = get_cause_under (self, object, first);
  if (cause == CAUSE_LOCK)
    object->waiting->other = first->object;
  add_to_waiters (self, object, first, cause, length_ns);
}

static void
add_users (const IlFinderWaiting *waiting, Cause cause, IlFound *found)
{
  static const IlRecordKind kinds[N_CAUSES] = { [CAUSE_INPUT] = IL_RECORD_RECEIVE_WAIT,
                                                [CAUSE_IO] = IL_RECORD_IO_BEGIN,
                                                [CAUSE_SLEEP] = IL_RECORD_SLEEP_BEGIN,
                                                [CAUSE_LOCK] = IL_RECORD_LOCK_WAIT,
                                                [CAUSE_OTHERS] = IL_RECORD_JOIN_WAIT };
  const User *holder = NULL;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, waiting->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const User *user = value;

      found->n_others += user->by[cause].was_kept;
      if (holder == NULL || user->by[cause].waited_ns > holder->by[cause].waited_ns)
        holder = user;
    }
  found->parts[found->n_parts++]
      = (IlFinderPart){ .lane = holder->thread->lane,
                        .held = found->object,
                        .wanted = cause == CAUSE_LOCK ? waiting->other : 0,
                        .wait_kind = kinds[cause] };
  g_hash_table_iter_init (&iter, waiting->users);
  while (found->n_parts < IL_FINDER_MAX_PARTS && g_hash_table_iter_next (&iter, NULL, &value))
    if (((const User *)value)->by[cause].was_kept && value != holder)
      found->parts[found->n_parts++]
          = (IlFinderPart){ .lane = ((const User *)value)->thread->lane, .wanted = found->object };
}

static void
report (IlFinder *self, const IlFinderObject *object, Cause cause)
{
  const Account *account = &object->waiting->accounts[cause];
  IlFound found = {
    .kind = IL_FINDING_HELD_WAITING,
    .key = (guint64)cause << 32 | object->object,
    .from_ns = account->from_ns,
    .to_ns = self->now_ns,
    .count = object->waiting->n_holds,
    .object = object->object,
    .length_ns = account->all_lost_ns,
    .share_lost = (double)account->all_lost_ns / (double)account->all_users_ns,
  };

  add_users (object->waiting, cause, &found);
  il_finder_report (self, &found);
  /* Of the other causes it takes no account. */
  if (cause == CAUSE_IO || cause == CAUSE_SLEEP)
    il_finder_withdraw_serialised (self, object->object);
}

/**
 * il_finder_waiting_explains:
 * @lost_ns: how long others stood in line for the lock, while its holder ran or slept
 *
 * Returns: whether they did so for the most part since one sleeps or writes under it, which is told
 */
gboolean
il_finder_waiting_explains (const IlFinderObject *object, gint64 lost_ns)
{
  const IlFinderWaiting *waiting = object->waiting;

  return waiting != NULL && waiting->n_holds >= LEAST_HOLDS
         && waiting->accounts[CAUSE_IO].all_lost_ns + waiting->accounts[CAUSE_SLEEP].all_lost_ns
                >= MAX (LEAST_NS, lost_ns / 2);
}

static void
end_window (IlFinder *self, const IlFinderObject *object, Cause cause)
{
  Account *account = &object->waiting->accounts[cause];

  if ((double)account->lost_ns >= LOST * (double)account->users_ns)
    {
      if (account->from_ns < 0)
        account->from_ns = account->window_ns;
      account->all_lost_ns += account->lost_ns;
      account->all_users_ns += account->users_ns;
      if (account->all_lost_ns >= LEAST_NS && object->waiting->n_holds >= LEAST_HOLDS)
        report (self, object, cause);
    }
  account->window_ns = -1;
  account->lost_ns = account->users_ns = 0;
}

/* It had to wait for what others waited for, and wanted nothing but the lock. */
static void
count_lost (IlFinder *self, const IlFinderObject *object, User *user, Cause cause)
{
  Account *account = &object->waiting->accounts[cause];
  gint64 *counted_ns = &user->by[cause].counted_ns;

  if (account->window_ns < 0)
    account->window_ns = user->pending_since_ns;
  account->lost_ns += user->by[cause].pending_ns;
  account->users_ns += self->now_ns - (*counted_ns >= 0 ? *counted_ns : user->pending_since_ns);
  *counted_ns = self->now_ns;
  user->by[cause].was_kept = TRUE;
  if (self->now_ns - account->window_ns >= WINDOW_NS)
    end_window (self, object, cause);
}

/**
 * il_finder_waiting_begun:
 *
 * The thread begins to wait for the lock.
 */
void
il_finder_waiting_begun (IlFinder *self, const IlFinderThread *thread, IlFinderObject *object)
{
  User *user;

  if (object->waiting == NULL)
    {
      if (il_finder_is_interpreter (self, object->object))
        return;
      object->waiting = waiting_new ();
    }
  user = ensure_user (object->waiting, thread);
  user->pending_since_ns = self->now_ns;
  for (Cause cause = CAUSE_INPUT; cause < N_CAUSES; cause++)
    user->by[cause].pending_ns = 0;
}

static gboolean
has_waited (const User *user)
{
  for (Cause cause = CAUSE_INPUT; cause < N_CAUSES; cause++)
    if (user->by[cause].has_waited)
      return TRUE;
  return FALSE;
}

static const User *
find_user (const IlFinderObject *object, guint32 lane)
{
  return object->waiting != NULL
             ? g_hash_table_lookup (object->waiting->users, GUINT_TO_POINTER (lane))
             : NULL;
}

/**
 * il_finder_waiting_has_passed:
 *
 * Returns: whether the thread of this lane is known to have had the lock some times, and never
 * waited under it
 */
gboolean
il_finder_waiting_has_passed (const IlFinderObject *object, guint32 lane)
{
  const User *user = find_user (object, lane);

  return user != NULL && user->n_passed >= LEAST_HOLDS && !has_waited (user);
}

/**
 * il_finder_waiting_has_waited:
 *
 * Returns: whether the thread of this lane is known to have waited under the lock
 */
gboolean
il_finder_waiting_has_waited (const IlFinderObject *object, guint32 lane)
{
  const User *user = find_user (object, lane);

  return user != NULL && has_waited (user);
}

/**
 * il_finder_waiting_released:
 *
 * The thread gives the lock back.
 */
void
il_finder_waiting_released (IlFinder *self, const IlFinderThread *thread,
                            const IlFinderObject *object)
{
  IlFinderWaiting *waiting = object->waiting;
  User *user;

  if (waiting == NULL || il_finder_find_hold (thread, object->object) == NULL)
    return;
  user = ensure_user (waiting, thread);
  user->n_passed += !has_waited (user);
  waiting->n_holds += waiting->keeps;
  waiting->keeps = FALSE;
  if (user->pending_since_ns < 0)
    return;
  for (Cause cause = CAUSE_INPUT; cause < N_CAUSES; cause++)
    if (!user->by[cause].has_waited && user->by[cause].pending_ns > 0 && !object->is_signal)
      count_lost (self, object, user, cause);
  user->pending_since_ns = -1;
}
