/* il-finder-serial.c - locks that let threads go on but one at a time
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Why a program does not get faster with more threads: they stand in line for one lock.  Looked at
 * are periods of SERIAL_PERIOD_NS each.  In one of them a lock serialises those who use it if
 *
 *   - somebody stood in line for it most of the time, so that one more thread would but make the
 *     line longer (a server that is always busy is the bottleneck, however many clients it has:
 *     Denning and Buzen, "The operational analysis of queueing network models", ACM Computing
 *     Surveys 10(3), 1978), and
 *   - those who use it lost a good part of their time to that.  Of two threads each loses less than
 *     half, of eight seven eighths at most.
 *
 * A lock that is held for half of the time is not told of: of two threads that want it at random
 * moments one stands in line for a quarter of the time, and of four for a half or so.
 *
 * Who neither ran nor waited for it but for a trifle, as a main thread that joins the others, is
 * not one of those who use it.
 *
 * What does not count: time in which whoever has the lock waits for something else, as for input,
 * since the others stand in line for that, see il-finder-waiting.c; and time in which the threads
 * had no core, or the machine none that was free.
 */

#include "config.h"

#include "il-finder-private.h"

#define SERIAL_PERIOD_NS (250 * G_GINT64_CONSTANT (1000000))
#define SERIAL_IN_LINE 0.75 /* of the time somebody is in line */
#define SERIAL_LOST 0.25    /* of the time of all who use it */
#define SERIAL_USE 0.05     /* of the time who uses it runs, or waits for it */
#define SERIAL_CORES 0.9    /* of all cores are theirs: those are what lacks */
#define SERIAL_LEAST_NS (500 * G_GINT64_CONSTANT (1000000))
#define SERIAL_TURNS                                                                               \
  2 /* times that each of them waited and got it, on average: else it is one long
                          hold, not many that follow each other */
/* Between one who gives it back and the next who takes it: who was woken is on the way. */
#define SERIAL_HAND_OVER_NS G_GINT64_CONSTANT (1000000)

/* Whether a shorter wait was one for a core is not looked at. */
#define SERIAL_NOTABLE_NS (20 * G_GINT64_CONSTANT (1000))

struct _IlFinderSerial
{
  GHashTable *users;         /* lane to IlFinderUse */
  gint64 period_ns;          /* when it began */
  gint64 now_ns;             /* up to which it is reckoned */
  gint64 in_line_ns;         /* of the period: while somebody stood in line */
  gint64 lost_ns;            /* likewise, by all who stood in line, together */
  gint64 ready_ns;           /* … of which they were woken, or could be, and lacked a core */
  gint64 running_ns;         /* likewise: on a core, of those who use it */
  guint n_users;             /* likewise, once it is over: who use it for more than a trifle */
  guint64 n_taken, n_waited; /* likewise: acquisitions, and those of them after a wait */

  /* Of all periods in which it serialised. */
  gint64 from_ns, all_ns, all_lost_ns, all_users_ns, all_ready_ns;
  guint64 all_taken, all_waited;
  guint most_users;
};

typedef struct
{
  gint64 period_ns;   /* in which it was counted last */
  gint64 waited_ns;   /* in that, for the lock */
  gboolean counts;    /* that was more than a trifle */
  gint64 used_ns;     /* in that, running or waiting for the lock … */
  gint64 all_used_ns; /* … and in all periods in which the lock serialised … */
  guint n_periods;    /* … of which it counts in so many */
} Use;

static IlFinderSerial *
serial_new (gint64 now_ns)
{
  IlFinderSerial *serial = g_new0 (IlFinderSerial, 1);

  serial->users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  serial->period_ns = serial->now_ns = now_ns;
  serial->from_ns = -1;
  return serial;
}

void
il_finder_serial_free (IlFinderSerial *serial)
{
  if (serial == NULL)
    return;
  g_hash_table_unref (serial->users);
  g_free (serial);
}

static void
count_user (IlFinderSerial *serial, guint32 lane)
{
  Use *use = g_hash_table_lookup (serial->users, GUINT_TO_POINTER (lane));

  if (use != NULL && use->period_ns == serial->period_ns)
    return;
  if (use == NULL)
    {
      use = g_new0 (Use, 1);
      g_hash_table_insert (serial->users, GUINT_TO_POINTER (lane), use);
    }
  use->period_ns = serial->period_ns;
  use->waited_ns = 0;
}

/* Whether it is for the lock that others stand in line, and not for what its holder waits for. */
static gboolean
is_in_the_way (IlFinder *self, const IlFinderObject *object)
{
  for (guint i = 0; i < object->holders->len; i++)
    {
      const IlFinderThread *holder
          = il_finder_get_thread (self, g_array_index (object->holders, guint32, i));

      if (holder->object == 0 && holder->inside_ns < 0 && holder->awaits_input_ns < 0)
        return TRUE;
    }
  return object->holders->len == 0;
}

/* Who stands in line now did so in the new period, too. */
static void
begin_period (IlFinder *self, IlFinderObject *object, gint64 period_ns)
{
  IlFinderSerial *serial = object->serial;
  GHashTableIter iter;
  gpointer key, use;

  serial->period_ns = serial->now_ns = period_ns;
  serial->in_line_ns = serial->lost_ns = serial->ready_ns = 0;
  serial->n_taken = serial->n_waited = 0;
  if (object->n_waiters == 0)
    return;
  g_hash_table_iter_init (&iter, serial->users);
  while (g_hash_table_iter_next (&iter, &key, &use))
    if (il_finder_get_thread (self, GPOINTER_TO_UINT (key))->object == object->object)
      count_user (serial, GPOINTER_TO_UINT (key));
}

static guint
count_cores (const IlFinder *self)
{
  guint n = 0;

  for (guint i = 0; i < il_timeline_get_n_lanes (self->timeline); i++)
    n += il_lane_get_info (il_timeline_get_lane (self->timeline, i))->kind == IL_LANE_CORE;
  return n;
}

/* Who used it in the period for more than a trifle; of the time lost theirs is kept. */
static void
weigh_users (IlFinder *self, IlFinderSerial *serial)
{
  gint64 all_waited_ns = 0, waited_ns = 0;
  GHashTableIter iter;
  gpointer key, value;

  serial->n_users = 0;
  serial->running_ns = 0;
  g_hash_table_iter_init (&iter, serial->users);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const IlLane *lane = il_timeline_get_lane (self->timeline, GPOINTER_TO_UINT (key));
      gint64 states_ns[IL_N_STATES], running_ns;
      Use *use = value;

      use->counts = FALSE;
      if (use->period_ns != serial->period_ns)
        continue;
      il_series_sum_states (il_lane_get_states (lane), serial->period_ns,
                            serial->period_ns + SERIAL_PERIOD_NS, states_ns);
      running_ns = states_ns[IL_STATE_RUNNING] + states_ns[IL_STATE_SPINNING];
      all_waited_ns += use->waited_ns;
      use->used_ns = running_ns + use->waited_ns;
      use->counts = (double)use->used_ns >= SERIAL_USE * (double)SERIAL_PERIOD_NS;
      if (!use->counts)
        continue;
      serial->n_users++;
      serial->running_ns += running_ns;
      waited_ns += use->waited_ns;
    }
  if (waited_ns == all_waited_ns)
    return;
  serial->lost_ns = (gint64)((double)serial->lost_ns * (double)waited_ns / (double)all_waited_ns);
  serial->ready_ns = (gint64)((double)serial->ready_ns * (double)waited_ns / (double)all_waited_ns);
}

/* Whether the users of the period had all of the machine. */
static gboolean
lacks_cores (IlFinder *self, const IlFinderSerial *serial)
{
  guint n_cores = count_cores (self);

  return n_cores > 0
         && (double)serial->running_ns >= SERIAL_CORES * n_cores * (double)SERIAL_PERIOD_NS;
}

static gboolean
is_serialised (IlFinder *self, const IlFinderSerial *serial)
{
  double all_ns = (double)serial->n_users * (double)SERIAL_PERIOD_NS;

  return serial->n_users >= 2
         && (double)(serial->lost_ns - serial->ready_ns) >= SERIAL_LOST * all_ns
         && !lacks_cores (self, serial);
}

/* The thread waits up to then.  Of that time it may have lacked but a core. */
static void
add_wait (IlFinder *self, IlFinderSerial *serial, const IlFinderThread *thread, gint64 end_ns)
{
  Use *use = g_hash_table_lookup (serial->users, GUINT_TO_POINTER (thread->lane));
  const IlLane *lane = il_timeline_get_lane (self->timeline, thread->lane);
  gint64 begin_ns = MAX (thread->wait_ns, serial->period_ns);
  gint64 states_ns[IL_N_STATES];

  if (use != NULL)
    use->waited_ns += end_ns - begin_ns;
  if (end_ns - begin_ns < SERIAL_NOTABLE_NS)
    return;
  il_series_sum_states (il_lane_get_states (lane), begin_ns, end_ns, states_ns);
  serial->ready_ns += states_ns[IL_STATE_RUNNABLE];
}

static void
add_waits (IlFinder *self, const IlFinderObject *object, gint64 end_ns)
{
  GHashTableIter iter;
  gpointer key;

  if (object->n_waiters == 0)
    return;
  g_hash_table_iter_init (&iter, object->serial->users);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      const IlFinderThread *thread = il_finder_get_thread (self, GPOINTER_TO_UINT (key));

      if (thread->object == object->object)
        add_wait (self, object->serial, thread, end_ns);
    }
}

static gboolean
is_lasting (const Use *use, gint64 least_ns)
{
  return use->all_used_ns >= least_ns && (least_ns <= 1 || use->n_periods >= 2);
}

/* How many used it for more than a trifle of all that time, and not but at first, as who is busy
 * with the start of the others; where threads come and go, how many there were at a time. */
static guint
count_lasting (const IlFinderSerial *serial, gint64 *least_ns)
{
  GHashTableIter iter;
  gpointer use;
  guint n = 0;

  *least_ns = (gint64)(SERIAL_USE * (double)serial->all_ns);
  g_hash_table_iter_init (&iter, serial->users);
  while (g_hash_table_iter_next (&iter, NULL, &use))
    n += is_lasting (use, *least_ns);
  if (n >= 2)
    return n;
  *least_ns = 1;
  return serial->most_users;
}

static void
report (IlFinder *self, const IlFinderObject *object, gint64 end_ns)
{
  const IlFinderSerial *serial = object->serial;
  const double all_ns = (double)serial->all_ns;
  IlFound found = {
    .kind = IL_FINDING_SERIALISED,
    .key = object->object,
    .from_ns = serial->from_ns,
    .to_ns = end_ns,
    .count = 1,
    .object = object->object,
    .length_ns = serial->all_ns,
    .n_others = serial->most_users,
    .share_lost
    = (double)(serial->all_lost_ns - serial->all_ready_ns) / (double)serial->all_users_ns,
    .share_ready = (double)serial->all_ready_ns / (double)serial->all_users_ns,
    .share_waited = (double)serial->all_waited / (double)serial->all_taken,
    .n_going = (double)(serial->all_users_ns - serial->all_lost_ns) / all_ns,
  };
  GHashTableIter iter;
  gpointer key, use;
  gint64 least_ns;

  found.n_others = count_lasting (serial, &least_ns);
  g_hash_table_iter_init (&iter, serial->users);
  while (found.n_parts < IL_FINDER_MAX_PARTS && g_hash_table_iter_next (&iter, &key, &use))
    if (is_lasting (use, least_ns))
      found.parts[found.n_parts++]
          = (IlFinderPart){ .lane = GPOINTER_TO_UINT (key), .wanted = object->object };
  il_finder_report (self, &found);
}

static void
note_parts (IlFinderSerial *serial)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, serial->users);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Use *use = value;

      use->all_used_ns += use->counts ? use->used_ns : 0;
      use->n_periods += use->counts;
    }
}

static void
end_period (IlFinder *self, const IlFinderObject *object)
{
  IlFinderSerial *serial = object->serial;

  if (object->is_signal || (double)serial->in_line_ns < SERIAL_IN_LINE * (double)SERIAL_PERIOD_NS)
    return;
  weigh_users (self, serial);
  if (!is_serialised (self, serial))
    return;
  note_parts (serial);
  if (serial->from_ns < 0)
    serial->from_ns = serial->period_ns;
  serial->all_ns += SERIAL_PERIOD_NS;
  serial->all_lost_ns += serial->lost_ns;
  serial->all_ready_ns += serial->ready_ns;
  serial->all_users_ns += serial->n_users * SERIAL_PERIOD_NS;
  serial->all_taken += serial->n_taken;
  serial->all_waited += serial->n_waited;
  serial->most_users = MAX (serial->most_users, serial->n_users);
  if (serial->all_ns >= SERIAL_LEAST_NS
      && serial->all_waited >= (guint64)SERIAL_TURNS * serial->most_users
      && !il_finder_waiting_explains (object, serial->all_lost_ns))
    report (self, object, serial->period_ns + SERIAL_PERIOD_NS);
}

/* Reckons the time up to then, in which nothing has changed. */
static void
pass (IlFinder *self, const IlFinderObject *object, gint64 end_ns)
{
  IlFinderSerial *serial = object->serial;
  gint64 length_ns = end_ns - serial->now_ns;

  serial->now_ns = end_ns;
  il_finder_waiting_pass (self, object, length_ns);
  if (object->n_waiters == 0 || !is_in_the_way (self, object))
    return;
  if (object->holders->len == 0)
    length_ns = MIN (length_ns, SERIAL_HAND_OVER_NS);
  serial->in_line_ns += length_ns;
  serial->lost_ns += length_ns * object->n_waiters;
}

/* Up to now, before what happens now has its effect. */
static void
advance (IlFinder *self, guint32 number)
{
  IlFinderObject *object = g_hash_table_lookup (self->objects, GUINT_TO_POINTER (number));
  IlFinderSerial *serial = object != NULL ? object->serial : NULL;

  if (serial == NULL || self->now_ns <= serial->now_ns)
    return;
  while (self->now_ns >= serial->period_ns + SERIAL_PERIOD_NS)
    {
      gint64 end_ns = serial->period_ns + SERIAL_PERIOD_NS;

      pass (self, object, end_ns);
      add_waits (self, object, end_ns);
      end_period (self, object);
      begin_period (self, object, end_ns);
      /* Nobody wanted it for long. */
      if (object->n_waiters == 0 && self->now_ns - end_ns >= SERIAL_PERIOD_NS)
        serial->period_ns = serial->now_ns = self->now_ns;
    }
  pass (self, object, self->now_ns);
}

static gboolean
is_of_program (IlFinder *self, guint32 lane)
{
  return il_lane_get_info (il_timeline_get_lane (self->timeline, lane))->role
         == IL_LANE_ROLE_THREAD;
}

static void
note_use (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  gboolean is_wait = record->kind == IL_RECORD_LOCK_WAIT || record->kind == IL_RECORD_RW_WAIT;
  IlFinderObject *object = il_finder_get_object (self, record->object);

  if (object->serial == NULL && is_wait && is_of_program (self, thread->lane))
    object->serial = serial_new (self->now_ns);
  if (object->serial == NULL)
    return;
  advance (self, record->object);
  count_user (object->serial, thread->lane);
  if (is_wait)
    il_finder_waiting_begun (self, thread, object);
  object->serial->n_taken += !is_wait;
  if (!is_wait && thread->object == record->object)
    add_wait (self, object->serial, thread, self->now_ns);
  object->serial->n_waited += !is_wait && thread->object == record->object;
}

/**
 * il_finder_serial_count:
 * @record: how often something was taken without a record
 */
void
il_finder_serial_count (IlFinder *self, const IlRecord *record)
{
  IlFinderObject *object = il_finder_get_object (self, record->object);

  object->n_untold += record->value;
  if (object->serial != NULL)
    object->serial->n_taken += record->value;
}

/* The record is about to change who has what and who waits for it. */
void
il_finder_serial_note (IlFinder *self, const IlFinderThread *thread, const IlRecord *record)
{
  switch ((IlRecordKind)record->kind)
    {
    case IL_RECORD_SCHED_IN:
    case IL_RECORD_SCHED_OUT:
    case IL_RECORD_PRIORITY:
    case IL_RECORD_WAIT_TIMED:
    case IL_RECORD_WAIT_SHARED:
    case IL_RECORD_SIGNALS:
      return;
    case IL_RECORD_LOCK_WAIT:
    case IL_RECORD_RW_WAIT:
    case IL_RECORD_LOCK_ACQUIRE:
    case IL_RECORD_RW_ACQUIRE:
      note_use (self, thread, record);
      break;
    case IL_RECORD_LOCK_RELEASE:
    case IL_RECORD_RW_RELEASE:
      advance (self, record->object);
      il_finder_waiting_released (self, thread, il_finder_get_object (self, record->object));
      break;
    case IL_RECORD_LOCK_HELD:
    case IL_RECORD_LOCK_QUIET:
    case IL_RECORD_LOCK_HAD:
    case IL_RECORD_OWNER_DIED:
      advance (self, record->object);
      break;
    default:
      break;
    }
  if (thread->object != 0)
    advance (self, thread->object);
  for (guint i = 0; i < thread->holds->len; i++)
    advance (self, g_array_index (thread->holds, IlFinderHold, i).object);
}
