/* il-timeline-builder-sched.c - what the scheduler did with threads and cores
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-builder-private.h"

#define PERMILLE_BITS 10
#define TIMER_LATENCY_NS 100000 /* until a timer that is over lets its thread run on an idle core */
#define PERMILLE_MASK ((1u << PERMILLE_BITS) - 1)

/* The thread no longer runs on its core; what is in its place is a state of the core. */
void
il_core_left (IlTimelineBuilder *builder, IlThread *thread, gint64 now_ns, IlState state)
{
  IlCore *core
      = thread->core_plus_1 != 0 ? il_builder_get_core (builder, thread->core_plus_1 - 1) : NULL;

  if (core == NULL || core->runs_plus_1 != il_thread_plus_1 (thread))
    return;
  core->runs_plus_1 = 0;
  il_series_append (core->lane->states, now_ns, IL_CODE (state, 0), 0);
}

static void
core_entered (const IlStep *step)
{
  IlThread *thread = step->thread;
  IlCore *core = il_builder_get_core (step->builder, step->record->value);
  guint32 own = il_thread_plus_1 (thread);

  if (il_lane_get_info (thread->lane)->scheduler == IL_SCHEDULER_CARRIER)
    return;
  if (core == NULL)
    {
      il_builder_contradiction (step->builder);
      il_core_left (step->builder, thread, step->now_ns, IL_STATE_NONE);
      return;
    }
  if (thread->core_plus_1 != 0 && thread->core_plus_1 != step->record->value + 1)
    {
      il_core_left (step->builder, thread, step->now_ns, IL_STATE_NONE);
      il_log_add_time (&thread->lane->counts[IL_COUNT_MIGRATIONS], step->now_ns);
    }
  thread->core_plus_1 = step->record->value + 1;
  core->runs_plus_1 = own;
  il_series_append (core->lane->states, step->now_ns, IL_CODE (IL_STATE_RUNNING, own), 0);
}

/* Whose sleep was over before now has waited for a core, or a coroutine for a carrier, since then.
 * When the kernel's timer really went off is not known: of a thread so much is left to its sleep as
 * that takes on a machine that had been idle. */
void
il_thread_emit_awake (IlThread *thread, gint64 now_ns)
{
  gboolean is_carried = il_lane_get_info (thread->lane)->scheduler == IL_SCHEDULER_CARRIER;
  gint64 awake_ns;

  if (thread->wait != IL_SAYS_SLEEP || thread->place != IL_PLACE_GAVE_UP || thread->stopped
      || thread->asleep_until_ns == G_MAXINT64 || (!is_carried && !il_thread_is_exact (thread)))
    return;
  awake_ns = MAX (thread->asleep_until_ns + (is_carried ? 0 : TIMER_LATENCY_NS), thread->off_ns);
  if (awake_ns < now_ns)
    {
      thread->asleep_until_ns = G_MAXINT64;
      il_thread_emit_runnable (thread, awake_ns);
    }
}

/* When a thread that waits for an object was let go while it slept, or when it woke to look by
 * itself; -1 where neither is known. */
static gint64
find_waking (const IlThread *thread, gint64 now_ns)
{
  IlWakes whom = thread->yields                     ? IL_WAKES_YIELDERS
                 : thread->wait == IL_SAYS_PUT_WAIT ? IL_WAKES_PUTTERS
                                                    : IL_WAKES_TAKERS;
  gint64 from_ns = MAX (thread->off_ns, thread->wait_begin_ns);
  gint64 nap_ns = thread->nap_until_ns == G_MAXINT64
                      ? G_MAXINT64
                      : MAX (thread->nap_until_ns + TIMER_LATENCY_NS, from_ns);
  gint64 woken_ns = il_object_take_wake (thread->waited, whom, from_ns, MIN (now_ns, nap_ns));

  if (woken_ns >= 0)
    return woken_ns;
  return nap_ns < now_ns ? nap_ns : -1;
}

/* It is back on a core.  If it was let go by somebody while it slept, it was ready since then. */
static void
switched_in (const IlStep *step)
{
  IlThread *thread = step->thread;

  if (thread->is_scheduled && thread->place == IL_PLACE_ON_CORE)
    il_builder_contradiction (step->builder);
  if (thread->place == IL_PLACE_GAVE_UP && thread->waited != NULL)
    {
      gint64 woken_ns = find_waking (thread, step->now_ns);

      if (woken_ns >= 0 && !thread->is_dead && il_thread_is_exact (thread))
        il_thread_emit_runnable (thread, woken_ns);
    }
  il_thread_emit_awake (thread, step->now_ns);
  core_entered (step);
  thread->place = IL_PLACE_ON_CORE;
}

/* It lacks a core until it is switched in for the first time. */
static void
made (const IlStep *step)
{
  IlThread *thread = step->thread;

  if (thread->is_scheduled)
    {
      il_builder_contradiction (step->builder);
      return;
    }
  thread->place = IL_PLACE_PREEMPTED;
  thread->off_ns = step->now_ns;
}

static void
switched_out (const IlStep *step)
{
  IlThread *thread = step->thread;
  gboolean preempted = (step->record->object & 1) != 0;
  gboolean stopped = (step->record->object & IL_RECORD_OUT_STOPPED) != 0;

  if (thread->place == IL_PLACE_PREEMPTED || thread->place == IL_PLACE_GAVE_UP
      || thread->place == IL_PLACE_STOPPED)
    il_builder_contradiction (step->builder);
  if (thread->core_plus_1 == 0
      && il_lane_get_info (thread->lane)->scheduler != IL_SCHEDULER_CARRIER)
    thread->core_plus_1 = step->record->value < G_MAXUINT32 ? step->record->value + 1 : 0;
  il_core_left (step->builder, thread, step->now_ns, IL_STATE_NONE);
  thread->place = preempted ? IL_PLACE_PREEMPTED : stopped ? IL_PLACE_STOPPED : IL_PLACE_GAVE_UP;
  thread->off_ns = step->now_ns;
  il_log_add_time (&thread->lane->counts[preempted ? IL_COUNT_INVOLUNTARY : IL_COUNT_VOLUNTARY],
                   step->now_ns);
}

/* A scheduler record in a thread's lane. */
void
il_thread_scheduled (const IlStep *step)
{
  IlThread *thread = step->thread;

  switch ((IlRecordKind)step->record->kind)
    {
    case IL_RECORD_SCHED_IN:
      switched_in (step);
      break;
    case IL_RECORD_SCHED_OUT:
      if ((step->record->object & IL_RECORD_OUT_MADE) != 0)
        made (step);
      else
        switched_out (step);
      break;
    case IL_RECORD_SCHED_WAKE:
      if (thread->place == IL_PLACE_GAVE_UP)
        thread->place = IL_PLACE_WOKEN;
      break;
    default: /* IL_RECORD_SCHED_LOST */
      il_total_add (&step->builder->timeline->totals.n_sched_lost, step->record->value);
      il_core_left (step->builder, thread, step->now_ns, IL_STATE_UNKNOWN);
      thread->place = IL_PLACE_UNKNOWN;
      thread->is_misplaced = TRUE;
      if (!thread->is_dead)
        il_thread_emit (thread, step->now_ns);
      if (thread->is_dying)
        il_thread_die (step->builder, thread, step->now_ns);
      return;
    }

  thread->is_scheduled = TRUE;
  thread->is_misplaced = FALSE;
  if (thread->is_dead)
    return;
  if (thread->is_dying && thread->place == IL_PLACE_GAVE_UP)
    il_thread_die (step->builder, thread, step->now_ns);
  else if (il_thread_is_exact (thread))
    il_thread_emit (thread, step->now_ns);
}

/* A record in a core's own lane. */
void
il_core_handle (IlTimelineBuilder *builder, IlCore *core, const IlRecord *record, gint64 now_ns)
{
  if (record->kind == IL_RECORD_CORE_USAGE)
    {
      guint32 user = record->object & PERMILLE_MASK;
      guint32 system = record->object >> PERMILLE_BITS & PERMILLE_MASK;

      /* It tells of the time since the last one. */
      il_series_append (core->lane->level, core->usage_ns, MIN (user + system, 1000), 0);
      core->usage_ns = now_ns;
    }
  else if (record->kind == IL_RECORD_SCHED_LOST)
    {
      il_total_add (&builder->timeline->totals.n_sched_lost, record->value);
      core->runs_plus_1 = 0;
      il_series_append (core->lane->states, now_ns, IL_CODE (IL_STATE_UNKNOWN, 0), 0);
    }
  else if (record->kind == IL_RECORD_LOCK_COUNT)
    il_object_counted (builder, record, now_ns);
  else
    il_builder_contradiction (builder);
}
