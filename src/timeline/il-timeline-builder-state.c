/* il-timeline-builder-state.c - a thread's states, from what the target said and what the scheduler
 * did
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

/* A sampled thread whose samples stay away is given up on after so many pieces. */
#define MAX_PENDING 4096

/* The part of the time said to be spent on a core that must have been measured for us to believe
 * that all of it was: /proc counts in ticks of its own. */
#define BELIEVED_PERCENT 95

/* Whoever waits may spin on a core, and once woken waits no more but for a core.  Neither does one
 * that was put off its core before it could go to sleep, or after it was woken: whatever it waits
 * for, nothing comes of it until it has a core again. */
#define WAITING(state)                                                                             \
  {                                                                                                \
    IL_STATE_UNKNOWN, IL_STATE_SPINNING, IL_STATE_RUNNABLE, (state), IL_STATE_RUNNABLE,            \
        IL_STATE_STOPPED                                                                           \
  }

/* What a pair of witnesses adds up to: by what the target says, then by place, which is unknown, on
 * a core, preempted, gave up the core, woken, stopped from outside.  A thread whose place is not
 * known is in an unknown state, also where it said that it waits: it may be waiting, spinning, or
 * long woken. */
static const guint8 states_by_witnesses[IL_N_SAYS][IL_N_PLACES] = {
  [IL_SAYS_NOTHING] = { IL_STATE_UNKNOWN, IL_STATE_UNKNOWN, IL_STATE_RUNNABLE, IL_STATE_UNKNOWN,
                        IL_STATE_RUNNABLE, IL_STATE_STOPPED },
  [IL_SAYS_IDLE] = { IL_STATE_UNKNOWN, IL_STATE_BUSY, IL_STATE_RUNNABLE, IL_STATE_SLEEPING,
                     IL_STATE_RUNNABLE, IL_STATE_STOPPED },
  [IL_SAYS_PROGRAM] = { IL_STATE_UNKNOWN, IL_STATE_RUNNING, IL_STATE_RUNNABLE, IL_STATE_WAITING,
                        IL_STATE_RUNNABLE, IL_STATE_STOPPED },
  [IL_SAYS_TASK] = { IL_STATE_UNKNOWN, IL_STATE_RUNNING, IL_STATE_RUNNABLE, IL_STATE_IO_WAIT,
                     IL_STATE_RUNNABLE, IL_STATE_STOPPED },
  [IL_SAYS_LOCK_WAIT] = WAITING (IL_STATE_LOCK_WAIT),
  [IL_SAYS_SEM_WAIT] = WAITING (IL_STATE_LOCK_WAIT),
  [IL_SAYS_SIGNAL_WAIT] = WAITING (IL_STATE_LOCK_WAIT),
  [IL_SAYS_GET_WAIT] = WAITING (IL_STATE_QUEUE_WAIT),
  [IL_SAYS_PUT_WAIT] = WAITING (IL_STATE_QUEUE_WAIT),
  [IL_SAYS_JOIN_WAIT] = WAITING (IL_STATE_JOIN_WAIT),
  [IL_SAYS_IO_WAIT] = WAITING (IL_STATE_IO_WAIT),
  [IL_SAYS_KERNEL_WAIT] = WAITING (IL_STATE_WAITING),
  [IL_SAYS_SLEEP] = WAITING (IL_STATE_SLEEPING),
  [IL_SAYS_STOPPED] = { IL_STATE_UNKNOWN, IL_STATE_SPINNING, IL_STATE_STOPPED, IL_STATE_STOPPED,
                        IL_STATE_RUNNABLE, IL_STATE_STOPPED },
};

IlSays
il_thread_says (const IlThread *thread)
{
  if (thread->stopped)
    return IL_SAYS_STOPPED;
  return thread->wait != IL_SAYS_NOTHING ? thread->wait : thread->base;
}

/* A program that is not ours waits in calls: on a core it is at work within them, as one that reads
 * copies what it read, unless what it waits for is known to be spun for. */
static gboolean
works_in_wait (const IlThread *thread, IlSays says)
{
  const IlTimelineObject *object = thread->waited != NULL ? thread->waited->object : NULL;

  if (thread->base != IL_SAYS_PROGRAM || says <= IL_SAYS_TASK || says == IL_SAYS_STOPPED)
    return FALSE;
  return says != IL_SAYS_LOCK_WAIT || object == NULL || object->kind != IL_OBJECT_KIND_LOCK
         || il_lane_get_info (object->lane)->parameter != IL_LANE_PARAMETER_SPIN;
}

/* Where the scheduler says nothing, only a wait is known for what it is; what could be on a core
 * may just as well be waiting for one. */
static IlState
state_of (const IlThread *thread)
{
  IlSays says = il_thread_says (thread);

  switch (il_lane_get_info (thread->lane)->scheduler)
    {
    case IL_SCHEDULER_EXACT:
    case IL_SCHEDULER_CARRIER:
      if (thread->place == IL_PLACE_ON_CORE && works_in_wait (thread, says))
        return IL_STATE_RUNNING;
      return states_by_witnesses[says][thread->place];
    case IL_SCHEDULER_SAMPLED:
      if (thread->place == IL_PLACE_STOPPED)
        return IL_STATE_STOPPED;
      return states_by_witnesses[says][says > IL_SAYS_TASK ? IL_PLACE_GAVE_UP : IL_PLACE_ON_CORE];
    case IL_SCHEDULER_NONE:
    default:
      return states_by_witnesses[says][says > IL_SAYS_TASK ? IL_PLACE_GAVE_UP : IL_PLACE_UNKNOWN];
    }
}

static gboolean
waits_for_object (IlSays says)
{
  return says >= IL_SAYS_LOCK_WAIT && says <= IL_SAYS_PUT_WAIT;
}

static gboolean
is_on_core (const IlPendingSpan *span)
{
  IlState state = IL_CODE_STATE (span->code);

  return state == IL_STATE_RUNNING || state == IL_STATE_BUSY || state == IL_STATE_UNKNOWN;
}

static gboolean
was_stopped (const IlPendingSpan *span)
{
  return span->code == IL_CODE (IL_STATE_STOPPED, IL_STOPPED_FROM_OUTSIDE);
}

/* Whether a thread was stopped from outside, or let go on, somewhere within the span: a sample does
 * not tell when.  One that was stopped at the last sample, is so now and has not run is stopped all
 * the while; any other stop is later than the thread's last word, and its end before the next. */
static gboolean
is_doubtful (const GArray *pending, guint i, gint64 run_ns, gboolean is_stopped)
{
  const IlPendingSpan *span = &g_array_index (pending, IlPendingSpan, i);

  if (was_stopped (span))
    return !is_stopped || run_ns != 0 || pending->len > 1;
  return is_stopped && i + 1 == pending->len;
}

/* What the target said of the time since the last sample, as far as the sample bears it out. */
static void
settle (IlThread *thread, gint64 now_ns, gint64 run_ns, gboolean is_stopped)
{
  GArray *pending = thread->pending;
  gint64 on_core_ns = 0;
  gboolean believed;

  for (guint i = 0; i < pending->len; i++)
    {
      const IlPendingSpan *span = &g_array_index (pending, IlPendingSpan, i);
      gint64 end_ns = i + 1 < pending->len ? span[1].begin_ns : now_ns;

      if (is_on_core (span) && !is_doubtful (pending, i, run_ns, is_stopped))
        on_core_ns += end_ns - span->begin_ns;
    }

  believed = run_ns >= 0 && (double)run_ns * 100 >= (double)on_core_ns * BELIEVED_PERCENT;
  for (guint i = 0; i < pending->len; i++)
    {
      const IlPendingSpan *span = &g_array_index (pending, IlPendingSpan, i);
      gboolean is_known
          = (believed || !is_on_core (span)) && !is_doubtful (pending, i, run_ns, is_stopped);
      guint32 code = is_known ? span->code : IL_CODE (IL_STATE_UNKNOWN, 0);

      il_series_append (thread->lane->states, span->begin_ns, code, span->detail);
    }
  g_array_set_size (pending, 0);
}

static guint32
find_subject (const IlThread *thread, IlState state)
{
  if (state == IL_STATE_STOPPED)
    return thread->place == IL_PLACE_STOPPED ? IL_STOPPED_FROM_OUTSIDE : 0;
  if (state == IL_STATE_JOIN_WAIT)
    return thread->joined_plus_1;
  if (state == IL_STATE_RUNNING)
    return 0;
  return waits_for_object (il_thread_says (thread)) ? thread->object : 0;
}

/* Of a sampled thread, what it is doing is unknown until the next sample.  What that sample then
 * tells begins at the same moment, which leaves no length to the unknown. */
static void
emit (IlThread *thread, gint64 now_ns, IlState state)
{
  guint32 subject = find_subject (thread, state);
  IlPendingSpan span = { now_ns, IL_CODE (state, subject), thread->task_plus_1 };

  if (thread->pending == NULL)
    {
      il_series_append (thread->lane->states, now_ns, span.code, span.detail);
      return;
    }

  if (thread->pending->len == MAX_PENDING)
    settle (thread, now_ns, -1, FALSE);
  if (thread->pending->len == 0)
    il_series_append (thread->lane->states, now_ns, IL_CODE (IL_STATE_UNKNOWN, 0), 0);
  g_array_append_val (thread->pending, span);
}

/* Something about the thread changed: says what state it is in from now on. */
void
il_thread_emit (IlThread *thread, gint64 now_ns)
{
  emit (thread, now_ns, state_of (thread));
}

/* It was woken at that moment, as we learn now that it is back on a core. */
void
il_thread_emit_runnable (IlThread *thread, gint64 now_ns)
{
  emit (thread, now_ns, IL_STATE_RUNNABLE);
}

/* A sampled thread ran for so long since the last sample, and is stopped from outside or not. */
void
il_thread_sampled (IlThread *thread, gint64 now_ns, gint64 run_ns, gboolean is_stopped)
{
  if (thread->pending == NULL || thread->pending->len == 0)
    return;

  settle (thread, now_ns, run_ns, is_stopped);
  if (is_stopped)
    thread->place = IL_PLACE_STOPPED;
  else if (thread->place == IL_PLACE_STOPPED)
    thread->place = IL_PLACE_ON_CORE;
  il_thread_emit (thread, now_ns);
}

/* Nothing comes after this. */
void
il_thread_emit_end (IlThread *thread, gint64 now_ns)
{
  if (thread->pending != NULL)
    settle (thread, now_ns, -1, FALSE);
  il_series_append (thread->lane->states, now_ns, IL_CODE (IL_STATE_NONE, 0), 0);
}
