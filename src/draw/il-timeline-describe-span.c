/* il-timeline-describe-span.c - what a thread, a core or a lock did at a point, in sentences
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-timeline-describe-private.h"

#include "il-time-format.h"

#include <glib/gi18n-lib.h>

/* The column may hold that many spans and still be told as one of them. */
#define MAX_SPANS_SEARCHED 3

/**
 * il_words_find_span:
 *
 * Finds the span of the box's look that takes most of the column.
 *
 * Returns: FALSE where the column is one of many spans
 */
gboolean
il_words_find_span (const IlWords *words, const IlBox *box, IlSpan *found)
{
  const IlSeries *series = il_lane_get_states (words->lane);
  gint64 longest_ns = 0;
  gsize index = 0; /* where the first span begins within the column */
  IlSpan span;

  il_series_find (series, words->begin_ns, words->known_ns, &index, &span);
  for (guint i = 0; i <= MAX_SPANS_SEARCHED; i++)
    {
      gint64 length_ns;

      if (!il_series_get_span (series, index + i, words->known_ns, &span)
          || span.begin_ns >= words->end_ns)
        break;
      if (i == MAX_SPANS_SEARCHED)
        return FALSE;
      length_ns = MIN (span.end_ns, words->end_ns) - MAX (span.begin_ns, words->begin_ns);
      if (span.code == box->code && length_ns > longest_ns)
        {
          *found = span;
          longest_ns = length_ns;
        }
    }
  return longest_ns > 0;
}

/* ---- One span of a thread ---- */

static char *
waiting_heading (const IlWords *words, guint32 code, const char *length)
{
  g_autofree char *object = il_words_object (words, IL_CODE_SUBJECT (code));
  const char *name = il_name_get_shown (words->info->name);

  if (IL_CODE_SUBJECT (code) == 0)
    return g_strdup_printf (IL_CODE_STATE (code) == IL_STATE_SPINNING
                                ? _ ("%s spun for %s while it waited")
                                : _ ("%s waited %s"),
                            name, length);
  switch (IL_CODE_STATE (code))
    {
    case IL_STATE_SPINNING:
      return g_strdup_printf (_ ("%s spun for %s while it waited for %s"), name, length, object);
    case IL_STATE_QUEUE_WAIT:
      /* Translators: "Worker 3 waited 2.1 ms at queue items" */
      return g_strdup_printf (_ ("%s waited %s at %s"), name, length, object);
    default:
      /* Translators: "Worker 3 waited 2.1 ms for lock A" */
      return g_strdup_printf (_ ("%s waited %s for %s"), name, length, object);
    }
}

/* Of whom it is known at last only, where any of several was waited for. */
static char *
join_heading (const IlWords *words, const IlSpan *span, const char *length)
{
  guint32 awaited_plus_1 = IL_CODE_SUBJECT (span->code);
  const char *name = il_name_get_shown (words->info->name);
  IlWait wait;

  if (awaited_plus_1 == 0
      && il_find_wait_of_span (words->timeline, il_lane_get_index (words->lane), span, &wait))
    awaited_plus_1 = wait.blamed_plus_1;
  if (awaited_plus_1 != 0)
    /* Translators: "bash waited 1.2 s for sort (4711) to end" */
    return g_strdup_printf (_ ("%s waited %s for %s to end"), name, length,
                            il_words_name (words, awaited_plus_1 - 1));
  /* Translators: for threads or processes */
  return g_strdup_printf (_ ("%s waited %s for others to end"), name, length);
}

static char *
state_heading (const IlWords *words, const IlSpan *span, const char *length)
{
  const char *name = il_name_get_shown (words->info->name);

  switch (IL_CODE_STATE (span->code))
    {
    case IL_STATE_RUNNING:
      if (span->detail == 0 && il_timeline_is_of_program (words->timeline))
        return g_strdup_printf (_ ("%s ran for %s"), name, length);
      if (span->detail == 0)
        return g_strdup_printf (_ ("%s ran a task for %s"), name, length);
      return g_strdup_printf (_ ("%s ran task %u for %s"), name, span->detail - 1, length);
    case IL_STATE_BUSY:
      return g_strdup_printf (_ ("%s ran for %s outside of tasks"), name, length);
    case IL_STATE_RUNNABLE:
      return g_strdup_printf (_ ("%s was ready for %s, but no core was free"), name, length);
    case IL_STATE_IO_WAIT:
      return g_strdup_printf (_ ("%s waited %s for I/O"), name, length);
    case IL_STATE_SLEEPING:
      return g_strdup_printf (_ ("%s slept for %s"), name, length);
    case IL_STATE_JOIN_WAIT:
      return join_heading (words, span, length);
    case IL_STATE_WAITING:
      return g_strdup_printf (_ ("%s waited %s; what for was not seen"), name, length);
    case IL_STATE_STOPPED:
      if (IL_CODE_SUBJECT (span->code) == IL_STOPPED_FROM_OUTSIDE)
        return g_strdup_printf (_ ("%s was stopped from outside for %s"), name, length);
      return g_strdup_printf (_ ("%s was stopped for %s"), name, length);
    case IL_STATE_SPINNING:
    case IL_STATE_LOCK_WAIT:
    case IL_STATE_QUEUE_WAIT:
      return waiting_heading (words, span->code, length);
    case IL_STATE_NONE:
    case IL_STATE_UNKNOWN:
    case IL_N_STATES:
    default:
      return g_strdup_printf (_ ("What %s did for %s is not known"), name, length);
    }
}

static char *
who_held (const IlWords *words, const IlLane *lane, gint64 moment_ns, guint32 n_readers)
{
  guint32 holder = il_words_holder_at (words, lane, moment_ns);
  guint32 code = 0;

  if (holder != G_MAXUINT32)
    return g_strdup_printf (_ ("held by %s"), il_words_name (words, holder));
  if (il_words_value_at (words, il_lane_get_states (lane), moment_ns, &code)
      && IL_CODE_STATE (code) == IL_STATE_STOPPED)
    /* Translators: of a lock, why nobody can have it */
    return g_strdup (_ ("held when fork copied it: nobody here can give it back"));
  if (n_readers == 0)
    return NULL;
  return il_words_dup_readers (words, lane, moment_ns, n_readers);
}

static char *
depth_of_queue (const IlLaneInfo *info, guint32 depth)
{
  if (depth == 0)
    return g_strdup (_ ("it was empty"));
  return depth >= info->parameter && info->parameter > 0 ? g_strdup (_ ("it was full")) : NULL;
}

/* Why it waited: who held the lock, or that the queue was empty; or what it takes to stop it. */
static char *
reason_of_rest (const IlWords *words, const IlSpan *span)
{
  gboolean is_stopped = IL_CODE_STATE (span->code) == IL_STATE_STOPPED;
  gboolean has_object = !is_stopped && IL_CODE_STATE (span->code) != IL_STATE_JOIN_WAIT;
  guint32 object = has_object ? IL_CODE_SUBJECT (span->code) : 0;
  const IlLane *lane = object != 0 ? il_timeline_get_object_lane (words->timeline, object) : NULL;
  gint64 moment_ns
      = CLAMP ((words->begin_ns + words->end_ns) / 2, span->begin_ns, span->end_ns - 1);
  guint32 level = 0;

  if (is_stopped && IL_CODE_SUBJECT (span->code) == IL_STOPPED_FROM_OUTSIDE)
    return g_strdup (_ ("by a signal or a debugger"));
  if (IL_CODE_STATE (span->code) == IL_STATE_WAITING)
    return il_timeline_shows_locks (words->timeline) ? NULL
                                                     : g_strdup (_ ("locks were not looked at"));
  if (lane == NULL)
    return NULL;
  if (il_lane_get_level (lane) != NULL
      && !il_words_value_at (words, il_lane_get_level (lane), moment_ns, &level))
    return NULL;
  switch (il_lane_get_info (lane)->kind)
    {
    case IL_LANE_LOCK:
    case IL_LANE_RWLOCK:
      return who_held (words, lane, moment_ns, level);
    case IL_LANE_QUEUE:
      return depth_of_queue (il_lane_get_info (lane), level);
    case IL_LANE_SEMAPHORE:
      return level > 0 && level >= il_lane_get_info (lane)->parameter
                 ? g_strdup (_ ("all its units were taken"))
                 : NULL;
    case IL_LANE_EVENT:
      return level == 0 ? g_strdup (_ ("it was not set")) : NULL;
    case IL_LANE_BARRIER:
      return g_strdup_printf (_ ("%u of %u had come"), level,
                              (guint)MIN (il_lane_get_info (lane)->parameter, G_MAXUINT));
    case IL_LANE_CHANNEL:
      return level == 0 ? g_strdup (_ ("it was empty")) : NULL;
    default:
      return NULL;
    }
}

/* Who let it go on, where the wait is over and somebody did. */
static char *
waker_of (const IlWords *words, const IlSpan *span)
{
  IlWait wait;

  if (!il_find_wait_of_span (words->timeline, il_lane_get_index (words->lane), span, &wait)
      || wait.woken_by_plus_1 == 0 || wait.woken_by_plus_1 - 1 == wait.lane)
    return NULL;
  /* Translators: who ended a wait */
  return g_strdup_printf (_ ("woken by %s"), il_words_name (words, wait.woken_by_plus_1 - 1));
}

static char *
core_of_run (const IlWords *words, gint64 moment_ns)
{
  guint32 self = il_lane_get_index (words->lane);

  for (guint i = 0; i < words->layout->plan->groups[IL_GROUP_CORES]->len; i++)
    {
      const IlLane *lane = g_ptr_array_index (words->layout->plan->groups[IL_GROUP_CORES], i);

      if (il_words_holder_at (words, lane, moment_ns) == self)
        return g_strdup_printf (_ ("on core %u"), il_lane_get_info (lane)->number);
    }
  return NULL;
}

static char *
task_of_span (const IlWords *words, const IlSpan *span)
{
  IlTask task;

  if (span->detail == 0)
    return NULL;
  if (IL_CODE_STATE (span->code) == IL_STATE_RUNNING)
    {
      if (!il_timeline_get_task (words->timeline, span->detail - 1, &task))
        return NULL;
      return g_strdup (task.kind_object != 0
                           ? il_timeline_get_object_name (words->timeline, task.kind_object)
                           : _ ("not known"));
    }
  return g_strdup_printf (_ ("task %u"), span->detail - 1);
}

/* "on Core 1 · work", "held by Worker 1 · task 4711" */
static char *
second_line (const IlWords *words, const IlSpan *span)
{
  gint64 moment_ns
      = CLAMP ((words->begin_ns + words->end_ns) / 2, span->begin_ns, span->end_ns - 1);
  IlState state = IL_CODE_STATE (span->code);
  gboolean on_core
      = state == IL_STATE_RUNNING || state == IL_STATE_BUSY || state == IL_STATE_SPINNING;
  g_autofree char *first = on_core ? core_of_run (words, moment_ns) : reason_of_rest (words, span);
  g_autofree char *task = task_of_span (words, span);

  if (first != NULL && task != NULL)
    return g_strdup_printf ("%s · %s", first, task);
  return first != NULL ? g_steal_pointer (&first) : g_steal_pointer (&task);
}

static void
add_range (IlWords *words, const IlSpan *span)
{
  if (span->end_ns >= words->known_ns)
    {
      g_autofree char *since
          = il_format_time (span->begin_ns, MAX ((span->end_ns - span->begin_ns) / 1000, 1));

      il_words_add (words, g_strdup_printf (_ ("since %s"), since));
    }
  else
    il_words_add (words, il_words_range (span->begin_ns, span->end_ns));
}

static void
describe_state (IlWords *words, const IlSpan *span)
{
  g_autofree char *length = il_format_duration (span->end_ns - span->begin_ns);

  il_words_add (words, state_heading (words, span, length));
  il_words_add (words, second_line (words, span));
  il_words_add_try (words, span);
  il_words_add (words, waker_of (words, span));
  add_range (words, span);
}

/* ---- One span of a core or a lock ---- */

static void
describe_run (IlWords *words, const IlSpan *span)
{
  g_autofree char *length = il_format_duration (span->end_ns - span->begin_ns);
  guint32 usage;

  if (IL_CODE_SUBJECT (span->code) == 0)
    il_words_add (words,
                  g_strdup_printf (_ ("Who ran on core %u is not known"), words->info->number));
  else
    /* Translators: "Worker 2 ran on core 1 for 1.3 ms" */
    il_words_add (words, g_strdup_printf (_ ("%s ran on core %u for %s"),
                                          il_words_name (words, IL_CODE_SUBJECT (span->code) - 1),
                                          words->info->number, length));
  if (il_words_value_at (words, il_lane_get_level (words->lane), words->begin_ns, &usage))
    {
      g_autofree char *percent = il_format_percent (usage / 1000.0);

      il_words_add (words, g_strdup_printf (_ ("the core was %s busy"), percent));
    }
  add_range (words, span);
}

/* Whether it was free again at the end of the span, since somebody gave it back for a dead one. */
static gboolean
is_recovered (const IlWords *words, const IlSpan *span)
{
  gint64 time_ns;

  return IL_CODE_SUBJECT (span->code) != 0 && span->end_ns < words->known_ns
         && il_lane_find_amount (words->lane, span->end_ns, &time_ns) && time_ns == span->end_ns;
}

/* Whether its holder died at the end of the span. */
static gboolean
is_left_behind (const IlWords *words, const IlSpan *span)
{
  guint32 after = 0;

  return is_recovered (words, span)
         || (span->end_ns < words->known_ns
             && il_words_value_at (words, il_lane_get_states (words->lane), span->end_ns, &after)
             && IL_CODE_STATE (after) == IL_STATE_STOPPED);
}

static char *
hold_heading (const IlWords *words, const IlSpan *span)
{
  g_autofree char *length = il_format_duration (span->end_ns - span->begin_ns);
  guint32 holder_plus_1 = IL_CODE_SUBJECT (span->code);

  if (IL_CODE_STATE (span->code) == IL_STATE_UNKNOWN && holder_plus_1 != 0)
    /* Translators: "Lock A: Worker 1 took it again and again for 1.2 ms; most of that is only
     * counted" */
    return g_strdup_printf (_ ("%s: %s took it again and again for %s; most of that is only "
                               "counted"),
                            words->label, il_words_name (words, holder_plus_1 - 1), length);
  if (IL_CODE_STATE (span->code) == IL_STATE_UNKNOWN)
    /* Translators: "Lock A: who held it for 1.2 ms is not known" */
    return g_strdup_printf (_ ("%s: who held it for %s is not known"), words->label, length);
  if (holder_plus_1 == 0 && IL_CODE_STATE (span->code) == IL_STATE_STOPPED)
    /* Translators: a lock, how long */
    return g_strdup_printf (_ ("%s was held when fork copied it; nobody here could have it for %s"),
                            words->label, length);
  if (holder_plus_1 == 0)
    return g_strdup_printf (_ ("%s held by readers for %s"), words->label, length);
  if (IL_CODE_STATE (span->code) == IL_STATE_STOPPED)
    /* Translators: "Lock A: Worker 1, who held it, is dead; nobody could have it for 3.1 ms" */
    return g_strdup_printf (_ ("%s: %s, who held it, is dead; nobody could have it for %s"),
                            words->label, il_words_name (words, holder_plus_1 - 1), length);
  if (IL_CODE_STATE (span->code) == IL_STATE_BUSY)
    /* Translators: a lock, the one thread that had it for reading, how long: "RW lock table read by
     * Reader 1 for 1.2 ms" */
    return g_strdup_printf (_ ("%s read by %s for %s"), words->label,
                            il_words_name (words, holder_plus_1 - 1), length);
  /* Translators: "Lock A held by Worker 1 for 1.2 ms" */
  return g_strdup_printf (_ ("%s held by %s for %s"), words->label,
                          il_words_name (words, holder_plus_1 - 1), length);
}

/* What became of it when its holder died; NULL where none did. */
static char *
fate_of_hold (const IlWords *words, const IlSpan *span)
{
  guint32 holder_plus_1 = IL_CODE_SUBJECT (span->code);

  if (holder_plus_1 == 0 || IL_CODE_STATE (span->code) == IL_STATE_UNKNOWN)
    return NULL;
  if (IL_CODE_STATE (span->code) == IL_STATE_STOPPED)
    return is_recovered (words, span) ? g_strdup (_ ("then it was given back for the dead one"))
                                      : NULL;
  return is_left_behind (words, span)
             /* Translators: who held a lock */
             ? g_strdup_printf (_ ("%s died while it held it"),
                                il_words_name (words, holder_plus_1 - 1))
             : NULL;
}

static void
describe_hold (IlWords *words, const IlSpan *span)
{
  gint64 time_ns = CLAMP ((words->begin_ns + words->end_ns) / 2, span->begin_ns, span->end_ns - 1);
  guint32 n_waiters = 0, n_readers = 0;

  il_words_add (words, hold_heading (words, span));
  if (IL_CODE_STATE (span->code) == IL_STATE_BUSY && IL_CODE_SUBJECT (span->code) == 0
      && il_words_value_at (words, il_lane_get_level (words->lane), time_ns, &n_readers))
    il_words_add (words, il_words_dup_readers (words, words->lane, time_ns, n_readers));
  il_words_value_at (words, il_lane_get_waiters (words->lane), time_ns, &n_waiters);
  if (n_waiters > 0)
    il_words_add (words, il_words_dup_waiters (words, time_ns, n_waiters));
  else if (IL_CODE_STATE (span->code) == IL_STATE_UNKNOWN && IL_CODE_SUBJECT (span->code) == 0)
    /* Translators: of a lock, why it is not known who held it */
    il_words_add (words, g_strdup (_ ("nobody waited for it")));
  il_words_add (words, fate_of_hold (words, span));
  add_range (words, span);
}

/* ---- Many spans in one column ---- */

static void
bin_column (const IlWords *words, const IlSeries *series, IlSpanBin *bin)
{
  il_series_bin_spans (series, words->begin_ns, words->end_ns, words->known_ns, 1, bin);
}

static void
add_zoom_hint (IlWords *words, const IlSpanBin *bin)
{
  gulong n_changes = bin->n_spans > 0 ? (gulong)bin->n_spans - 1 : 0;

  il_words_add (words, g_strdup_printf (ngettext ("%lu change: zoom in to see it",
                                                  "%lu changes: zoom in to see them", n_changes),
                                        n_changes));
  il_words_add (words, il_words_range (words->begin_ns, words->end_ns));
}

static void
describe_shares (IlWords *words, const IlSpanBin *bin)
{
  g_autofree char *length = il_format_duration (words->end_ns - words->begin_ns);

  il_words_add (words, g_strdup_printf (_ ("%s in these %s:"),
                                        il_name_get_shown (words->info->name), length));
  for (guint i = 0; i < G_N_ELEMENTS (il_stack_order); i++)
    {
      IlState state = il_stack_order[i];
      g_autofree char *percent = il_format_percent (bin->share[state] / 65535.0);

      if (bin->share[state] > 0)
        /* Translators: a state and its share, "sleeping 30 %" */
        il_words_add (
            words,
            g_strdup_printf (_ ("%s %s"), il_state_get_label_in (words->timeline, state), percent));
    }
  add_zoom_hint (words, bin);
}

static void
describe_many (IlWords *words, const IlSpanBin *bin)
{
  g_autofree char *length = il_format_duration (words->end_ns - words->begin_ns);
  g_autofree char *percent
      = il_format_percent ((bin->share[IL_STATE_RUNNING] + bin->share[IL_STATE_BUSY]) / 65535.0);
  guint32 subject = IL_CODE_SUBJECT (bin->longest_code);

  if (words->info->kind == IL_LANE_CORE)
    il_words_add (words, g_strdup_printf (_ ("%s: threads of the session ran %s of these %s"),
                                          words->label, percent, length));
  else
    il_words_add (
        words, g_strdup_printf (_ ("%s was held %s of these %s"), words->label, percent, length));
  if (subject > 0)
    il_words_add (words, g_strdup_printf (words->info->kind == IL_LANE_CORE
                                              ? _ ("longest at a time: %s")
                                              : _ ("held longest at a time by %s"),
                                          il_words_name (words, subject - 1)));
  add_zoom_hint (words, bin);
}

/* ---- Where events were lost ---- */

/* Gaps that meet the column, which may be of no length. */
static void
describe_lost (IlWords *words)
{
  const IlSeries *losses = il_lane_get_losses (words->lane);
  gint64 begin_ns = words->begin_ns;
  gint64 end_ns = words->end_ns;
  g_autofree char *count = NULL;
  guint64 n_lost = 0;
  guint n_gaps = 0;
  gsize index = 0;
  IlSpan span;

  il_series_find (losses, words->begin_ns, words->known_ns, &index, NULL);
  while (index > 0 && il_series_get_span (losses, index - 1, words->known_ns, &span)
         && span.begin_ns == words->begin_ns)
    index--;
  for (;
       il_series_get_span (losses, index, words->known_ns, &span) && span.begin_ns < words->end_ns;
       index++)
    {
      if (span.code == 0)
        continue;
      begin_ns = ++n_gaps == 1 ? span.begin_ns : words->begin_ns;
      end_ns = n_gaps == 1 ? span.end_ns : words->end_ns;
      n_lost += span.code;
    }
  count = il_format_count (n_lost);
  /* Translators: "Worker 3: 1 204 events lost here: its buffer was full" */
  il_words_add (words, g_strdup_printf (ngettext ("%s: %s event lost here: its buffer was full",
                                                  "%s: %s events lost here: its buffer was full",
                                                  (gulong)n_lost),
                                        words->info->name, count));
  il_words_add (words, il_words_range (begin_ns, end_ns));
}

/**
 * il_words_describe_span:
 * @strip: of spans
 * @box: in it
 *
 * Adds what happened in the box's column at the point.
 */
void
il_words_describe_span (IlWords *words, const IlStrip *strip, const IlBox *box)
{
  const IlSeries *series = il_lane_get_states (words->lane);
  IlSpanBin bin;
  IlSpan span = { 0 };

  if (box->kind == IL_BOX_LOST)
    {
      describe_lost (words);
      return;
    }
  if (box->kind == IL_BOX_SPAN && il_words_find_span (words, box, &span))
    {
      if (strip->kind == IL_STRIP_STATES)
        describe_state (words, &span);
      else if (words->info->kind == IL_LANE_CORE)
        describe_run (words, &span);
      else
        describe_hold (words, &span);
      return;
    }
  bin_column (words, series, &bin);
  if (strip->kind == IL_STRIP_STATES)
    describe_shares (words, &bin);
  else
    describe_many (words, &bin);
}
