/* il-finder-text.c - findings in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-finder-private.h"
#include "il-report-text-private.h"

#include <glib/gi18n-lib.h>

#define NOTABLE_SHARE 0.02
#define MAX_NAMED 8      /* who waits, in one text */
#define LEAST_GOING 0.05 /* of all threads: fewer are none in words */

static const struct
{
  const char *id;
  const char *name;
  const char *advice; /* NULL: it depends */
} kinds[IL_N_FINDING_KINDS] = {
  [IL_FINDING_DEADLOCK]
  = { "deadlock", N_ ("Deadlock"),
      N_ ("Let all take these locks in the same order, and nobody one that it has already.") },
  [IL_FINDING_STUCK] = { "stuck", N_ ("Stuck"), NULL },
  /* Translators: a lock that nobody will give back */
  [IL_FINDING_ABANDONED]
  = { "abandoned_lock", N_ ("Abandoned lock"),
      N_ ("Give it back on each way out of the thread, or make it a robust one.") },
  /* Translators: fork() copied it while somebody had it; nobody in the copy has it */
  [IL_FINDING_COPIED]
  = { "copied_lock", N_ ("Lock copied while held"),
      N_ ("Fork before there are other threads, or take the lock around fork, as with "
          "pthread_atfork(); start programs by posix_spawn().") },
  [IL_FINDING_CRASH] = { "crash", N_ ("Crash"), NULL },
  /* Translators: tasks that wait for what nobody is left to bring */
  [IL_FINDING_FORSAKEN] = { "forsaken", N_ ("Waited in vain"), NULL },
  /* Translators: tasks that are not tried any more */
  [IL_FINDING_GIVEN_UP] = { "given_up", N_ ("Tasks given up"), NULL },
  [IL_FINDING_LOCK_ORDER] = { "lock_order", N_ ("Opposite lock orders"),
                              N_ ("Let all take these locks in the same order.") },
  /* Translators: threads waited for each other until one of them gave up */
  [IL_FINDING_HELD_UP]
  = { "held_up", N_ ("Held each other up"), N_ ("Let all take these locks in the same order.") },
  /* Translators: a lock that is not given back for long */
  [IL_FINDING_HELD_LONG]
  = { "held_long", N_ ("Held for long"),
      N_ ("Give it back sooner, or look for the way out of the section that does not give it "
          "back.") },
  /* Translators: threads go on one at a time only */
  [IL_FINDING_SERIALISED]
  = { "serialised", N_ ("One at a time"),
      N_ ("More threads but make the line longer: do less under the lock, protect less by each of "
          "several, or, of an interpreter’s, work in several processes.") },
  /* Translators: who has a lock waits for something else meanwhile */
  [IL_FINDING_HELD_WAITING]
  = { "held_waiting", N_ ("Lock held while waiting"),
      N_ ("Give the lock back before what may take long, as reading, and take it again for what "
          "comes of that.") },
  /* Translators: one that others wait for again and again */
  [IL_FINDING_STRAGGLER]
  = { "straggler", N_ ("Straggler"),
      N_ ("Divide the work so that all are done at about the same time, or let who is done take "
          "some of what is left.") },
  [IL_FINDING_STARVATION]
  = { "starvation", N_ ("Starvation"),
      N_ ("A fair lock, or one that is held for shorter, lets everybody have a turn.") },
  [IL_FINDING_CONVOY]
  = { "convoy", N_ ("Convoy"),
      N_ ("Hold the lock for shorter: do what is slow before or after, or protect less by it.") },
  [IL_FINDING_THUNDERING_HERD] = { "thundering_herd", N_ ("Thundering herd"),
                                   N_ ("Where one alone can go on, wake one, not all.") },
  [IL_FINDING_PRIORITY_INVERSION]
  = { "priority_inversion", N_ ("Priority inversion"),
      N_ ("A lock whose holder inherits the priority of those who wait for it avoids this.") },
  [IL_FINDING_LOST_UPDATE] = { "lost_update", N_ ("Lost updates"),
                               N_ ("Read and write under one lock, or by one atomic operation.") },
  [IL_FINDING_TORN_LINES] = { "torn_lines", N_ ("Torn lines"),
                              N_ ("Write whole lines under a lock, or let one alone write.") },
};

/**
 * il_finding_kind_is_grave:
 *
 * Returns: whether the program, or a part of it, comes to no end by itself, or to a bad one
 */
gboolean
il_finding_kind_is_grave (IlFindingKind kind)
{
  return kind == IL_FINDING_DEADLOCK || kind == IL_FINDING_STUCK || kind == IL_FINDING_ABANDONED
         || kind == IL_FINDING_COPIED || kind == IL_FINDING_CRASH;
}

/**
 * il_finding_kind_get_id:
 *
 * Returns: the word for it in reports
 */
const char *
il_finding_kind_get_id (IlFindingKind kind)
{
  g_return_val_if_fail (kind < IL_N_FINDING_KINDS, NULL);

  return kinds[kind].id;
}

/**
 * il_finding_kind_get_name:
 *
 * Returns: its name in the user's language
 */
const char *
il_finding_kind_get_name (IlFindingKind kind)
{
  g_return_val_if_fail (kind < IL_N_FINDING_KINDS, NULL);

  return _ (kinds[kind].name);
}

/**
 * il_finding_kind_get_advice:
 *
 * Returns: (nullable): what to do about it, in the user's language
 */
const char *
il_finding_kind_get_advice (IlFindingKind kind)
{
  g_return_val_if_fail (kind < IL_N_FINDING_KINDS, NULL);

  return kinds[kind].advice != NULL ? _ (kinds[kind].advice) : NULL;
}

const char *
il_finder_get_lane_name (IlTimeline *timeline, guint lane)
{
  const IlLane *found = il_timeline_get_lane (timeline, lane);

  return found != NULL ? il_lane_get_info (found)->name : "?";
}

const char *
il_finder_get_object_name (IlTimeline *timeline, guint32 object)
{
  return il_name_get_shown (il_timeline_get_object_name (timeline, object));
}

/* "1.234 s" */
char *
il_finder_format_moment (gint64 time_ns)
{
  /* Translators: a moment, in seconds since the recording began */
  return g_strdup_printf (_ ("%.3f s"), (double)time_ns / 1e9);
}

/* Since when it has what it holds: "1.234 s", or "before 1.234 s". */
char *
il_finder_format_hold (const IlFinderPart *part)
{
  if (!part->is_older)
    return il_finder_format_moment (part->held_ns);
  /* Translators: a moment, in seconds since the recording began; follows "since" */
  return g_strdup_printf (_ ("before %.3f s"), (double)part->held_ns / 1e9);
}

/* The step that waits, as the scenario has it. */
static const char *
get_step_word (const IlFinderPart *part)
{
  switch (part->wait_kind)
    {
    case IL_RECORD_LOCK_WAIT:
      return "lock";
    case IL_RECORD_SEM_WAIT:
      return "acquire";
    case IL_RECORD_RW_WAIT:
      return part->writes ? "write-lock" : "read-lock";
    case IL_RECORD_BARRIER_WAIT:
      return "barrier";
    case IL_RECORD_PUT_WAIT:
      return "put";
    case IL_RECORD_GET_WAIT:
      return "get";
    case IL_RECORD_SEND_WAIT:
      return "send";
    case IL_RECORD_RECEIVE_WAIT:
      return "receive";
    default:
      return "wait";
    }
}

/* What all of them lack: of a barrier with how many have come. */
static char *
describe_lack (IlTimeline *timeline, const IlFound *found)
{
  const char *name = il_finder_get_object_name (timeline, found->object);
  const IlLane *lane = il_timeline_get_object_lane (timeline, found->object);

  switch (found->parts[0].wait_kind)
    {
    case IL_RECORD_BARRIER_WAIT:
      /* Translators: a number, a number, a barrier */
      return g_strdup_printf (
          _ ("%u of %llu parties wait at %s, and nobody is left who could come"), found->n_others,
          (unsigned long long)(lane != NULL ? il_lane_get_info (lane)->parameter : 0), name);
    case IL_RECORD_SEM_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could post %s"), name);
    case IL_RECORD_FLAG_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could set %s"), name);
    case IL_RECORD_COND_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could notify %s"), name);
    case IL_RECORD_GET_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could put into %s"), name);
    case IL_RECORD_PUT_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could get from %s"), name);
    case IL_RECORD_RECEIVE_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could send into %s"), name);
    case IL_RECORD_SEND_WAIT:
      return g_strdup_printf (_ ("Nobody is left who could receive from %s"), name);
    default:
      return g_strdup_printf (_ ("Nobody is left who could let go of %s"), name);
    }
}

/* "lock A", "join": what a join waits for has no name in a scenario. */
static char *
dup_step (IlTimeline *timeline, const IlFinderPart *part)
{
  const IlLane *lane = part->wait_kind == IL_RECORD_FLAG_WAIT
                           ? il_timeline_get_object_lane (timeline, part->wanted)
                           : NULL;

  if (lane != NULL && il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_JOIN)
    return g_strdup ("join");
  return g_strdup_printf ("%s %s", get_step_word (part),
                          il_finder_get_object_name (timeline, part->wanted));
}

static void
append_holder (GString *text, IlTimeline *timeline, const IlFinderPart *holder)
{
  g_autofree char *held = il_finder_format_hold (holder);
  g_autofree char *wanted = il_finder_format_moment (holder->wanted_ns);
  g_autofree char *step = dup_step (timeline, holder);

  g_string_append (text, _ ("; "));
  if (holder->task_kind == 0)
    {
      /* Translators: who, a lock, since when, another one, since when */
      g_string_append_printf (text, _ ("%s, which holds %s since %s, waits itself for %s since %s"),
                              il_finder_get_lane_name (timeline, holder->lane),
                              il_finder_get_object_name (timeline, holder->held), held,
                              il_finder_get_object_name (timeline, holder->wanted), wanted);
      return;
    }
  /* Translators: who, a lock, since when, since when, a step of a scenario with its object, a kind
   * of task */
  g_string_append_printf (
      text, _ ("%s, which holds %s since %s, waits itself since %s (step “%s” of %s)"),
      il_finder_get_lane_name (timeline, holder->lane),
      il_finder_get_object_name (timeline, holder->held), held, wanted, step,
      il_finder_get_object_name (timeline, holder->task_kind));
}

/* Who of those that wait to read, or write, reads already. */
static void
append_own (GString *text, IlTimeline *timeline, const IlFinderPart *part)
{
  g_autofree char *held = il_finder_format_hold (part);

  g_string_append (text, _ ("; "));
  /* Translators: who waits for a readers-writer lock, for ever, since when */
  g_string_append_printf (text, _ ("%s has it for reading itself since %s"),
                          il_finder_get_lane_name (timeline, part->lane), held);
}

static void
append_stuck (GString *text, IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *lack = describe_lack (timeline, found);
  guint n_told = MIN (found->n_parts, MAX_NAMED);

  if (text->len > 0)
    g_string_append (text, _ (". "));
  g_string_append (text, lack);
  for (guint i = 0; i < n_told; i++)
    {
      const IlFinderPart *part = &found->parts[i];
      g_autofree char *wanted = il_finder_format_moment (part->wanted_ns);
      g_autofree char *step = dup_step (timeline, part);

      g_string_append (text, i == 0 ? _ (": ") : _ (", "));
      if (part->task_kind == 0)
        {
          /* Translators: who, since when */
          g_string_append_printf (text, _ ("%s since %s"),
                                  il_finder_get_lane_name (timeline, part->lane), wanted);
          continue;
        }
      /* Translators: who, since when, a step of a scenario with its object, a kind of task */
      g_string_append_printf (text, _ ("%s since %s (step “%s” of %s)"),
                              il_finder_get_lane_name (timeline, part->lane), wanted, step,
                              il_finder_get_object_name (timeline, part->task_kind));
    }
  if (found->n_others > n_told)
    g_string_append_printf (text,
                            ngettext (" and %u more", " and %u more", found->n_others - n_told),
                            found->n_others - n_told);
  for (guint i = 0; i < n_told; i++)
    if (found->parts[i].reads)
      append_own (text, timeline, &found->parts[i]);
  if (found->has_holder)
    append_holder (text, timeline, &found->holder);
  if (found->n_readers > 0 && found->parts[0].writes)
    /* Translators: how many; follows who waits for a readers-writer lock to write, for ever */
    g_string_append_printf (text,
                            ngettext ("; %u has it for reading, who is not recorded: if it is one "
                                      "who waits here, it waits for itself",
                                      "; %u have it for reading, who is not recorded: any of them "
                                      "who waits here waits for itself, too",
                                      found->n_readers),
                            found->n_readers);
}

/* @told: of one process, and time */
static char *
describe_stuck (IlTimeline *timeline, const GPtrArray *told)
{
  const IlFound *first = g_ptr_array_index (told, 0);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean awaits_post = FALSE;
  guint n_more = 0;

  for (guint i = 0; i < told->len; i++)
    {
      const IlFound *found = g_ptr_array_index (told, i);

      awaits_post = awaits_post || (found->awaits_post && found->parts[0].task_kind == 0);
      if (i < MAX_NAMED)
        append_stuck (text, timeline, found);
      else
        n_more += found->n_others;
    }
  if (n_more > 0)
    g_string_append_printf (text, ngettext (" and %u more", " and %u more", n_more), n_more);
  if (awaits_post)
    /* Translators: follows who waits for what, for ever */
    g_string_append (text, _ ("; only a signal from outside could end that"));
  if (first->n_pending > 0)
    /* Translators: follows who waits for what */
    g_string_append_printf (
        text,
        ngettext ("; %u task waits in the pool, and no worker is free for it: more workers, or a "
                  "worker of its own for it, would let it run",
                  "; %u tasks wait in the pool, and no worker is free for them: more workers, or "
                  "workers of their own for them, would let them run",
                  first->n_pending),
        first->n_pending);
  return g_strdup (text->str);
}

static char *
describe_crash (IlTimeline *timeline, const IlFound *found)
{
  const IlFinderPart *part = &found->parts[0];

  /* Translators: a kind of task, a worker, a number of a line */
  return g_strdup_printf (_ ("Task %s crashed on %s, as its step “crash” (line %u) says, and the "
                             "whole program died with it; under processes only the worker dies"),
                          il_finder_get_object_name (timeline, part->task_kind),
                          il_finder_get_lane_name (timeline, part->lane), found->n_others);
}

/* What nobody was left to do; others may have done it before. */
static char *
describe_missing (IlTimeline *timeline, const IlFound *found)
{
  const char *name = il_finder_get_object_name (timeline, found->object);

  switch (found->parts[0].wait_kind)
    {
    case IL_RECORD_PUT_WAIT:
      return g_strdup_printf (_ ("nobody was left to take an item out of %s"), name);
    case IL_RECORD_SEND_WAIT:
      return g_strdup_printf (_ ("nobody was left to receive from %s"), name);
    case IL_RECORD_RECEIVE_WAIT:
      return g_strdup_printf (_ ("nobody was left to send into %s"), name);
    default:
      return g_strdup_printf (_ ("nobody was left to put an item into %s"), name);
    }
}

static char *
describe_forsaken (IlTimeline *timeline, const IlFound *found)
{
  const IlFinderPart *part = &found->parts[0];
  g_autofree char *missing = describe_missing (timeline, found);

  /* Translators: how many, a kind of task, a step such as “get”, the name of a queue, a line of the
   * file, what nobody was left to do */
  return g_strdup_printf (
      ngettext ("%llu task of %s was cancelled at “%s %s” (line %u): %s",
                "%llu tasks of %s were cancelled at “%s %s” (line %u): %s", (gulong)found->count),
      (unsigned long long)found->count, il_finder_get_object_name (timeline, part->task_kind),
      get_step_word (part), il_finder_get_object_name (timeline, found->object), found->n_others,
      missing);
}

static char *
describe_given_up (IlTimeline *timeline, const IlFound *found)
{
  /* Translators: how many, a kind of task, a number of times */
  return g_strdup_printf (
      ngettext ("%llu task of %s is lost: whoever ran it died, each of %u times",
                "%llu tasks of %s are lost: whoever ran them died, each of %u times",
                (gulong)found->count),
      (unsigned long long)found->count,
      il_finder_get_object_name (timeline, found->parts[0].task_kind), found->n_others);
}

/* Those of its parts from this one on, of many the first ones. */
void
il_finder_append_waiting (GString *text, IlTimeline *timeline, const IlFound *found, guint first)
{
  guint n_told = MIN (found->n_parts - first, MAX_NAMED);

  for (guint i = 0; i < n_told; i++)
    {
      const IlFinderPart *part = &found->parts[first + i];
      g_autofree char *wanted = il_finder_format_moment (part->wanted_ns);

      if (i > 0)
        g_string_append (text, _ (", "));
      /* Translators: who, since when */
      g_string_append_printf (text, _ ("%s since %s"),
                              il_finder_get_lane_name (timeline, part->lane), wanted);
    }
  if (found->n_others > n_told)
    g_string_append_printf (text,
                            ngettext (" and %u more", " and %u more", found->n_others - n_told),
                            found->n_others - n_told);
}

/* " (3 times; the longest is told)", unless it was once. */
void
il_finder_append_times (GString *text, const IlFound *found)
{
  if (found->count > 1)
    /* Translators: how many times */
    g_string_append_printf (text,
                            ngettext (" (%llu time; the longest is told)",
                                      " (%llu times; the longest is told)", (gulong)found->count),
                            (unsigned long long)found->count);
}

/* What came of a lock that nobody gives back. */
static void
append_outcome (GString *text, IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *length = il_report_format_time (found->length_ns);

  if (found->length_ns == 0)
    {
      /* Translators: after what happened; who waits since when follows */
      g_string_append (text, _ ("; for it waits "));
      il_finder_append_waiting (text, timeline, found, 0);
      return;
    }
  /* Translators: after what happened to a lock; who, how long */
  g_string_append_printf (text, _ ("; %s gave up waiting for it after %s"),
                          il_finder_get_lane_name (timeline, found->parts[0].lane), length);
  il_finder_append_times (text, found);
}

static char *
describe_abandoned (IlTimeline *timeline, const IlFound *found)
{
  const char *owner = il_finder_get_lane_name (timeline, found->holder.lane);
  g_autofree char *taken = il_finder_format_moment (found->holder.held_ns);
  g_autofree char *ended = il_finder_format_moment (found->holder.wanted_ns);
  g_autoptr (GString) text = g_string_new (NULL);

  if (found->holder.held_ns > 0)
    /* Translators: who, a lock, when, when */
    g_string_append_printf (text, _ ("%s took %s at %s, ended at %s and never gave it back"), owner,
                            il_finder_get_object_name (timeline, found->object), taken, ended);
  else
    /* Translators: who, when, a lock */
    g_string_append_printf (text, _ ("%s ended at %s and never gave %s back"), owner, ended,
                            il_finder_get_object_name (timeline, found->object));
  append_outcome (text, timeline, found);
  return g_strdup (text->str);
}

static char *
describe_copied (IlTimeline *timeline, const IlFound *found)
{
  const char *name = il_finder_get_object_name (timeline, found->object);
  g_autoptr (GString) text = g_string_new (NULL);

  if (found->has_holder)
    /* Translators: a lock, who */
    g_string_append_printf (
        text,
        _ ("%s was held by %s when fork copied it, and nobody in the new process can give it back"),
        name, il_finder_get_lane_name (timeline, found->holder.lane));
  else
    /* Translators: a lock */
    g_string_append_printf (
        text, _ ("%s was held when fork copied it, and nobody in the new process can give it back"),
        name);
  append_outcome (text, timeline, found);
  return g_strdup (text->str);
}

static char *
describe_line (IlTimeline *timeline, const IlFound *found)
{
  const IlLane *lane = il_timeline_get_object_lane (timeline, found->object);
  g_autofree char *lost = il_report_format_share (found->share_lost);
  g_autofree char *waited = il_report_format_share (found->share_waited);
  g_autofree char *length = il_report_format_time (found->length_ns);

  if (lane != NULL && il_lane_get_info (lane)->parameter == IL_LANE_PARAMETER_INTERPRETER)
    /* Translators: an interpreter’s lock, how many, how long, a share of their time */
    return g_strdup_printf (
        _ ("%s lets one of %u threads run at a time: in %s they waited for it %s of their time"),
        il_finder_get_object_name (timeline, found->object), found->n_others, length, lost);
  if (found->n_going < LEAST_GOING)
    /* Translators: a lock, how many, how long, a share of their time, a share of acquisitions */
    return g_strdup_printf (
        _ ("%s serialises %u threads: in %s they waited for it %s of their time; %s of its "
           "acquisitions had to wait, and hardly ever did any of them go on"),
        il_finder_get_object_name (timeline, found->object), found->n_others, length, lost, waited);
  /* Translators: a lock, how many, how long, a share of their time, a share of acquisitions, how
   * many, how many */
  return g_strdup_printf (
      _ ("%s serialises %u threads: in %s they waited for it %s of their time; %s of its "
         "acquisitions had to wait, and on average at most %.1f of %u went on"),
      il_finder_get_object_name (timeline, found->object), found->n_others, length, lost, waited,
      found->n_going, found->n_others);
}

/* Who waits for the lock may lack a core, too, once it could have it: a wait is longer then than
 * the time in the threads' table. */
static char *
describe_serialised (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *line = describe_line (timeline, found);
  g_autofree char *ready = il_report_format_share (found->share_ready);

  if (found->share_ready < NOTABLE_SHARE)
    return g_steal_pointer (&line);
  /* Translators: a sentence on threads that wait for a lock, a share */
  return g_strdup_printf (_ ("%s; for another %s they could have had it, but lacked a core"), line,
                          ready);
}

/* Who has the lock, and what it waits for. */
static char *
describe_waiting_holder (IlTimeline *timeline, const IlFound *found)
{
  const IlFinderPart *part = &found->parts[0];
  const char *holder = il_finder_get_lane_name (timeline, part->lane);
  const char *lock = il_finder_get_object_name (timeline, found->object);

  switch (part->wait_kind)
    {
    case IL_RECORD_RECEIVE_WAIT:
      /* Translators: who, a lock */
      return g_strdup_printf (_ ("%s held %s while it waited for input"), holder, lock);
    case IL_RECORD_IO_BEGIN:
      /* Translators: who, a lock */
      return g_strdup_printf (_ ("%s held %s while it waited for I/O"), holder, lock);
    case IL_RECORD_SLEEP_BEGIN:
      /* Translators: who, a lock */
      return g_strdup_printf (_ ("%s held %s while it slept"), holder, lock);
    case IL_RECORD_LOCK_WAIT:
      /* Translators: who, a lock, another lock */
      return g_strdup_printf (_ ("%s held %s while it waited for %s"), holder, lock,
                              il_finder_get_object_name (timeline, part->wanted));
    default:
      /* Translators: who, a lock */
      return g_strdup_printf (_ ("%s held %s while it waited for others"), holder, lock);
    }
}

static char *
describe_held_waiting (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *holder = describe_waiting_holder (timeline, found);
  g_autofree char *lost = il_report_format_share (found->share_lost);
  g_autofree char *length = il_report_format_time (found->length_ns);

  /* Translators: who held which lock while it waited for what, how many, how long, a share of their
   * time */
  return g_strdup_printf (ngettext ("%s: %u other waited %s for that, %s of its time",
                                    "%s: %u others waited %s for that, %s of their time",
                                    found->n_others),
                          holder, found->n_others, length, lost);
}

static char *
describe_straggler (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *lost = il_report_format_share (found->share_lost);
  g_autofree char *length = il_report_format_time (found->length_ns);
  g_autofree char *from = il_finder_format_moment (found->from_ns);
  g_autofree char *to = il_finder_format_moment (found->to_ns);

  /* Translators: who, a barrier, how many, of how many, from when, until when, how many threads,
   * how long, a share of their time */
  return g_strdup_printf (_ ("%s came last to %s in %llu of %llu phases from %s to %s: %u others "
                             "waited %s for it alone, %s of their time"),
                          il_finder_get_lane_name (timeline, found->parts[0].lane),
                          il_finder_get_object_name (timeline, found->object),
                          (unsigned long long)found->count, (unsigned long long)found->n_phases,
                          from, to, found->n_others, length, lost);
}

static char *
describe_starvation (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *length = il_report_format_time (found->length_ns);

  /* Translators: who, how long, a lock, how often */
  return g_strdup_printf (_ ("%s waited %s for %s, which others got %llu times meanwhile"),
                          il_finder_get_lane_name (timeline, found->parts[0].lane), length,
                          il_finder_get_object_name (timeline, found->object),
                          (unsigned long long)found->count);
}

static char *
describe_convoy (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *length = il_report_format_time (found->length_ns);
  g_autofree char *usual = il_report_format_time (found->usual_ns);

  /* Translators: who, a lock, how long, how many, a length of time */
  return g_strdup_printf (_ ("%s held %s for %s while %u others waited, who hold it for less than "
                             "%s as a rule"),
                          il_finder_get_lane_name (timeline, found->parts[0].lane),
                          il_finder_get_object_name (timeline, found->object), length,
                          found->n_others, usual);
}

static char *
describe_herd (IlTimeline *timeline, const IlFound *found)
{
  /* Translators: a condition, how many, how many times */
  return g_strdup_printf (
      _ ("%s woke %u at once, and most of them had to wait again: %llu wake-ups "
         "for nothing"),
      il_finder_get_object_name (timeline, found->object), found->n_others,
      (unsigned long long)found->count);
}

static char *
describe_inversion (IlTimeline *timeline, const IlFound *found)
{
  g_autofree char *length = il_report_format_time (found->length_ns);

  /* Translators: the urgent one, a lock, its holder, a third one, a length of time */
  return g_strdup_printf (_ ("%s waits for %s, held by %s, which %s kept off its core for %s"),
                          il_finder_get_lane_name (timeline, found->parts[0].lane),
                          il_finder_get_object_name (timeline, found->object),
                          il_finder_get_lane_name (timeline, found->parts[1].lane),
                          il_finder_get_lane_name (timeline, found->parts[2].lane), length);
}

static char *
describe_losses (IlTimeline *timeline, const IlFound *found)
{
  /* Translators: the last number is what the changes add up to; it may be negative, or 0 */
  return g_strdup_printf (ngettext ("%llu write to %s overwrote what others had changed since "
                                    "it was read: %lld in all",
                                    "%llu writes to %s overwrote what others had changed since "
                                    "it was read: %lld in all",
                                    (gulong)found->count),
                          (unsigned long long)found->count,
                          il_finder_get_object_name (timeline, found->object),
                          (long long)found->worth);
}

/* Returns: (transfer full): of @told, which are one, a sentence without a full stop at its end */
char *
il_finder_describe (IlTimeline *timeline, const GPtrArray *told)
{
  const IlFound *found = g_ptr_array_index (told, 0);

  switch (found->kind)
    {
    case IL_FINDING_DEADLOCK:
      return il_finder_describe_deadlock (timeline, found);
    case IL_FINDING_STUCK:
      return describe_stuck (timeline, told);
    case IL_FINDING_CRASH:
      return describe_crash (timeline, found);
    case IL_FINDING_FORSAKEN:
      return describe_forsaken (timeline, found);
    case IL_FINDING_GIVEN_UP:
      return describe_given_up (timeline, found);
    case IL_FINDING_LOCK_ORDER:
      return il_finder_describe_order (timeline, found);
    case IL_FINDING_ABANDONED:
      return describe_abandoned (timeline, found);
    case IL_FINDING_COPIED:
      return describe_copied (timeline, found);
    case IL_FINDING_HELD_UP:
      return il_finder_describe_held_up (timeline, found);
    case IL_FINDING_HELD_LONG:
      return il_finder_describe_long_hold (timeline, found);
    case IL_FINDING_SERIALISED:
      return describe_serialised (timeline, found);
    case IL_FINDING_HELD_WAITING:
      return describe_held_waiting (timeline, found);
    case IL_FINDING_STRAGGLER:
      return describe_straggler (timeline, found);
    case IL_FINDING_STARVATION:
      return describe_starvation (timeline, found);
    case IL_FINDING_CONVOY:
      return describe_convoy (timeline, found);
    case IL_FINDING_THUNDERING_HERD:
      return describe_herd (timeline, found);
    case IL_FINDING_PRIORITY_INVERSION:
      return describe_inversion (timeline, found);
    case IL_FINDING_LOST_UPDATE:
      return describe_losses (timeline, found);
    case IL_FINDING_TORN_LINES:
      return g_strdup_printf (_ ("%llu lines of %s are not whole: several wrote at the same time"),
                              (unsigned long long)found->count,
                              il_finder_get_object_name (timeline, found->object));
    case IL_N_FINDING_KINDS:
    default:
      return g_strdup ("");
    }
}
