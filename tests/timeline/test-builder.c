/* test-builder.c - a thread's states follow from what the target said and what the scheduler did
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

#include <string.h>

/* One row of the table: how the target comes to say it, and what follows for each place. */
typedef struct
{
  const char *name;
  Event events[2];     /* times 10 and 20 */
  const char *on_core; /* the state, with subject and task */
  const char *preempted;
  const char *gave_up;
  const char *woken;
  const char *misplaced; /* after scheduler records were lost */
} Saying;

static const Saying sayings[] = {
  { "nothing",
    { { 10, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 } },
    "unknown",
    "runnable",
    "unknown",
    "runnable",
    "unknown" },
  { "program",
    { { 10, EXACT, IL_RECORD_RUNS, 0, 0 } },
    "running",
    "runnable",
    "waiting",
    "runnable",
    "unknown" },
  { "idle",
    { { 10, EXACT, IL_RECORD_IDLE, 0, 0 } },
    "busy",
    "runnable",
    "sleep",
    "runnable",
    "unknown" },
  { "task",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 } },
    "running #7",
    "runnable #7",
    "io #7",
    "runnable #7",
    "unknown #7" },
  { "after-task",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 }, { 20, EXACT, IL_RECORD_TASK_END, 0, 7 } },
    "busy",
    "runnable",
    "sleep",
    "runnable",
    "unknown" },
  { "task-within",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 }, { 20, EXACT, IL_RECORD_TASK_BEGIN, WORK, 8 } },
    "running #8",
    "runnable #8",
    "io #8",
    "runnable #8",
    "unknown #8" },
  { "lock",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 },
      { 20, EXACT, IL_RECORD_LOCK_WAIT, LOCK, OTHER + 1 } },
    "spinning @1 #7",
    "runnable @1 #7",
    "lock @1 #7",
    "runnable @1 #7",
    "unknown @1 #7" },
  { "semaphore",
    { { 10, EXACT, IL_RECORD_IDLE, 0, 0 }, { 20, EXACT, IL_RECORD_SEM_WAIT, SEMAPHORE, 0 } },
    "spinning @2",
    "runnable @2",
    "lock @2",
    "runnable @2",
    "unknown @2" },
  { "get",
    { { 10, EXACT, IL_RECORD_IDLE, 0, 0 }, { 20, EXACT, IL_RECORD_GET_WAIT, QUEUE, 0 } },
    "spinning @3",
    "runnable @3",
    "queue @3",
    "runnable @3",
    "unknown @3" },
  { "put",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 }, { 20, EXACT, IL_RECORD_PUT_WAIT, QUEUE, 0 } },
    "spinning @3 #7",
    "runnable @3 #7",
    "queue @3 #7",
    "runnable @3 #7",
    "unknown @3 #7" },
  { "io",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 }, { 20, EXACT, IL_RECORD_IO_BEGIN, 0, 0 } },
    "spinning #7",
    "runnable #7",
    "io #7",
    "runnable #7",
    "unknown #7" },
  { "suspended",
    { { 10, EXACT, IL_RECORD_RUNS, 0, 0 },
      { 20, EXACT, IL_RECORD_IO_BEGIN, 0, IL_RECORD_CALL_SIGNAL } },
    "running",
    "runnable",
    "waiting",
    "runnable",
    "unknown" },
  { "sleep",
    { { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 }, { 20, EXACT, IL_RECORD_SLEEP_BEGIN, 0, 0 } },
    "spinning #7",
    "runnable #7",
    "sleep #7",
    "runnable #7",
    "unknown #7" },
  { "stopped",
    { { 10, EXACT, IL_RECORD_IDLE, 0, 0 }, { 20, EXACT, IL_RECORD_STOPPED_BEGIN, 0, 0 } },
    "spinning",
    "stopped",
    "stopped",
    "runnable",
    "unknown" },
};

/* The last span begins at 30 or later: what it is. */
static void
check_last (const Fixture *fixture, const char *expected)
{
  g_autofree char *all = fixture_describe (fixture, EXACT);
  const char *last = strrchr (all, ',');
  const char *state;

  last = last != NULL ? last + 2 : all;
  state = strchr (last, ' ') + 1;
  g_assert_cmpstr (state, ==, expected);
}

static void
say (Fixture *fixture, const Saying *saying)
{
  gsize n_events = saying->events[1].kind == IL_RECORD_NONE ? 1 : 2;

  fixture_init (fixture);
  FEED (fixture, 5, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  fixture_feed (fixture, saying->events, n_events, 25);
}

static void
test_table (gconstpointer data)
{
  const Saying *saying = data;
  Fixture fixture;

  say (&fixture, saying);
  check_last (&fixture, saying->on_core);
  FEED (&fixture, 35, { 30, EXACT, IL_RECORD_SCHED_OUT, 1, 0 });
  check_last (&fixture, saying->preempted);
  FEED (&fixture, 45, { 40, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  check_last (&fixture, saying->on_core);
  FEED (&fixture, 55, { 50, EXACT, IL_RECORD_SCHED_OUT, 0, 0 });
  check_last (&fixture, saying->gave_up);
  FEED (&fixture, 65, { 60, EXACT, IL_RECORD_SCHED_WAKE, 0, OTHER + 1 });
  check_last (&fixture, saying->woken);
  FEED (&fixture, 75, { 70, EXACT, IL_RECORD_SCHED_LOST, 0, 3 });
  check_last (&fixture, saying->misplaced);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* Who waits for what its task spawned runs some of that itself, and then goes on with its task;
 * also where the end of one within is missing. */
static void
test_tasks_within (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 }, { 20, EXACT, IL_RECORD_TASK_BEGIN, WORK, 8 },
        { 30, EXACT, IL_RECORD_TASK_END, 0, 8 }, { 40, EXACT, IL_RECORD_TASK_BEGIN, WORK, 9 },
        { 50, EXACT, IL_RECORD_TASK_BEGIN, WORK, 10 }, { 60, EXACT, IL_RECORD_TASK_END, 0, 9 },
        { 70, EXACT, IL_RECORD_TASK_END, 0, 7 });
  ASSERT_STATES (&fixture, EXACT,
                 "10 running #7, 20 running #8, 30 running #7, 40 running #9, 50 running #10, "
                 "60 running #7, 70 busy");
  fixture_finish (&fixture);
}

/* Whoever writes an event is on a core, before the scheduler has said so; after records of it were
 * lost only the scheduler knows. */
static void
test_place_by_event (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 20, EXACT, IL_RECORD_IDLE, 0, 0 }, { 30, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 40, EXACT, IL_RECORD_SCHED_LOST, 0, 1 }, { 50, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 60, EXACT, IL_RECORD_SCHED_IN, 0, 1 });
  ASSERT_STATES (&fixture, EXACT,
                 "10 unknown, 20 busy, 30 sleep, 40 unknown, 50 unknown #1, 60 running #1");
  fixture_finish (&fixture);
}

/* Who is back on a core long after its sleep was to be over waited for the core; not who is back as
 * soon as a timer lets it. */
static void
test_overslept (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 3000000, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 }, { 20, EXACT, IL_RECORD_SLEEP_BEGIN, 0, 1000 },
        { 30, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 1100020, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 1100030, EXACT, IL_RECORD_SLEEP_END, 0, 0 },
        { 1200000, EXACT, IL_RECORD_SLEEP_BEGIN, 0, 1000 },
        { 1200010, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 2900000, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 2900010, EXACT, IL_RECORD_SLEEP_END, 0, 0 });
  ASSERT_STATES (&fixture, EXACT,
                 "10 running #1, 20 spinning #1, 30 sleep #1, 1100020 spinning #1, "
                 "1100030 running #1, 1200000 spinning #1, 1200010 sleep #1, 2300000 runnable #1, "
                 "2900000 spinning #1, 2900010 running #1");
  fixture_finish (&fixture);
}

/* An event whose stamp lies a little behind the switch, by another clock, puts nobody on a core. */
static void
test_event_after_switch (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 10, EXACT, IL_RECORD_IDLE, 0, 0 },
        { 20, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 21, EXACT, IL_RECORD_GET_WAIT, QUEUE, 0 });
  ASSERT_STATES (&fixture, EXACT, "10 busy, 20 sleep, 21 queue @3");
  fixture_finish (&fixture);
}

static void
test_born_by_scheduler (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 40, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 45, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 });
  g_assert_cmpint (il_lane_get_begin (fixture_lane (&fixture, EXACT)), ==, 40);
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, EXACT)), ==, G_MAXINT64);
  ASSERT_STATES (&fixture, EXACT, "40 unknown");
  g_assert_cmpint (il_lane_get_begin (fixture_lane (&fixture, OTHER)), ==, 0);
  g_assert_cmpint (il_lane_get_end (fixture_lane (&fixture, OTHER)), ==, 0);
  ASSERT_STATES (&fixture, OTHER, "");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* The moment of waking is the waker's. */
static void
test_woken_by_release (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, OTHER, IL_RECORD_SCHED_IN, 0, 1 },
        { 2, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 }, { 5, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 5, EXACT, IL_RECORD_IDLE, 0, 0 }, { 10, EXACT, IL_RECORD_LOCK_WAIT, LOCK, OTHER + 1 },
        { 12, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 30, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 37, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 40, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, OTHER + 1 });
  ASSERT_STATES (&fixture, EXACT,
                 "5 busy, 10 spinning @1, 12 lock @1, 30 runnable @1, 37 spinning @1, 40 busy");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Nobody said when: no runnable is made up.  Neither is it when the release came before the waiter
 * had left the core. */
static void
test_waking_not_invented (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 5, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 5, EXACT, IL_RECORD_IDLE, 0, 0 },
        { 8, OTHER, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 }, { 10, EXACT, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 11, OTHER, IL_RECORD_LOCK_RELEASE, LOCK, IL_RECORD_WOKE },
        { 12, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 37, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 40, EXACT, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 });
  ASSERT_STATES (&fixture, EXACT, "5 busy, 10 spinning @1, 12 lock @1, 37 spinning @1, 40 busy");
  fixture_finish (&fixture);
}

#define GIL (COUNTER + 1)
#define UNTIL_TAKEN (20 | IL_RECORD_UNTIL_TAKEN) /* µs */

static void
add_interpreter_lock (Fixture *fixture)
{
  fixture_init (fixture);
  g_assert_true (il_timeline_builder_add_object (fixture->builder, GIL, IL_OBJECT_KIND_LOCK, "GIL",
                                                 IL_LANE_PARAMETER_INTERPRETER));
}

/* Who lets go of the interpreter lock for others sleeps until one of them has it; from then on it
 * lacks a core. */
static void
test_woken_by_taking (void)
{
  Fixture fixture;

  add_interpreter_lock (&fixture);
  FEED (&fixture, 1000000, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 1, EXACT, IL_RECORD_LOCK_ACQUIRE, GIL, 0 }, { 2, OTHER, IL_RECORD_SCHED_IN, 0, 1 },
        { 2, OTHER, IL_RECORD_LOCK_WAIT, GIL, EXACT + 1 },
        { 5, EXACT, IL_RECORD_LOCK_RELEASE, GIL, IL_RECORD_WOKE },
        { 6, EXACT, IL_RECORD_LOCK_WAIT, GIL, 0 }, { 7, EXACT, IL_RECORD_NAP, GIL, UNTIL_TAKEN },
        { 8, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 20, OTHER, IL_RECORD_LOCK_ACQUIRE, GIL, EXACT + 1 },
        { 30, OTHER, IL_RECORD_LOCK_RELEASE, GIL, IL_RECORD_WOKE },
        { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  ASSERT_STATES (&fixture, EXACT,
                 "1 unknown, 6 spinning @6, 8 lock @6, 20 runnable @6, 50 spinning @6");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Who waits for the interpreter lock wakes now and then by itself, to ask for it, and is ready from
 * then on until it has a core: some 0.1 ms after its time, as of any sleep. */
static void
test_woken_by_nap (void)
{
  Fixture fixture;

  add_interpreter_lock (&fixture);
  FEED (&fixture, 2000000, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 1, EXACT, IL_RECORD_IDLE, 0, 0 }, { 6, EXACT, IL_RECORD_LOCK_WAIT, GIL, 0 },
        { 7, EXACT, IL_RECORD_NAP, GIL, 5 }, { 8, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 305007, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 305010, EXACT, IL_RECORD_NAP, GIL, 5 },
        { 305020, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 305030, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 305040, EXACT, IL_RECORD_IDLE, 0, 0 });
  ASSERT_STATES (&fixture, EXACT,
                 "1 busy, 6 spinning @6, 8 lock @6, 105007 runnable @6, 305007 spinning @6, "
                 "305020 lock @6, 305030 spinning @6, 305040 busy");
  fixture_finish (&fixture);
}

/* A put wakes one who gets, a get one who puts, each but once; closing wakes all. */
static void
test_woken_by_queue (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 200, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 2, EXACT, IL_RECORD_GET_WAIT, QUEUE, 0 }, { 3, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 4, OTHER, IL_RECORD_SCHED_IN, 0, 0 }, { 5, OTHER, IL_RECORD_PUT_WAIT, QUEUE, 0 },
        { 6, OTHER, IL_RECORD_SCHED_OUT, 0, 0 },
        { 10, UNSCHEDULED, IL_RECORD_GET, QUEUE, 3 | IL_RECORD_WOKE },
        { 20, UNSCHEDULED, IL_RECORD_PUT, QUEUE, 4 | IL_RECORD_WOKE },
        { 30, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 31, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 40, OTHER, IL_RECORD_SCHED_IN, 0, 0 }, { 41, OTHER, IL_RECORD_SCHED_OUT, 0, 0 },
        { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 51, EXACT, IL_RECORD_SCHED_OUT, 0, 0 },
        { 60, UNSCHEDULED, IL_RECORD_QUEUE_CLOSE, QUEUE, 4 | IL_RECORD_WOKE },
        { 70, OTHER, IL_RECORD_SCHED_IN, 0, 0 }, { 80, EXACT, IL_RECORD_SCHED_IN, 0, 0 });
  ASSERT_STATES (
      &fixture, EXACT,
      "1 unknown, 2 spinning @3, 3 queue @3, 20 runnable @3, 30 spinning @3, 31 queue @3, "
      "50 spinning @3, 51 queue @3, 60 runnable @3, 80 spinning @3");
  ASSERT_STATES (
      &fixture, OTHER,
      "4 unknown, 5 spinning @3, 6 queue @3, 10 runnable @3, 40 spinning @3, 41 queue @3, "
      "60 runnable @3, 70 spinning @3");
  fixture_finish (&fixture);
}

/* Where the scheduler says nothing, a wait is a wait and all else is unknown. */
static void
test_unscheduled (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, UNSCHEDULED, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 10, UNSCHEDULED, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 20, UNSCHEDULED, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 30, UNSCHEDULED, IL_RECORD_LOCK_ACQUIRE, LOCK, 0 },
        { 40, UNSCHEDULED, IL_RECORD_LOCK_RELEASE, LOCK, 0 },
        { 50, UNSCHEDULED, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 60, UNSCHEDULED, IL_RECORD_SLEEP_END, 0, 0 });
  ASSERT_STATES (
      &fixture, UNSCHEDULED,
      "1 unknown, 10 unknown #1, 20 lock @1 #1, 30 unknown #1, 50 sleep #1, 60 unknown #1");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A sample bears out what the target said of the time before it, or makes it unknown; after the
 * last sample nothing is known yet. */
static void
test_sampled (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 60000, { 10000, SAMPLED, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 30000, SAMPLED, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 40000, SAMPLED, IL_RECORD_GET, QUEUE, 0 }, { 50000, SAMPLED, IL_RECORD_SAMPLE, 30, 0 });
  ASSERT_STATES (&fixture, SAMPLED,
                 "10000 running #1, 30000 queue @3 #1, 40000 running #1, 50000 unknown");
  FEED (&fixture, 120000, { 70000, SAMPLED, IL_RECORD_TASK_END, 0, 1 },
        { 90000, SAMPLED, IL_RECORD_SAMPLE, 35, 5 }, { 110000, SAMPLED, IL_RECORD_SAMPLE, 20, 0 });
  ASSERT_STATES (
      &fixture, SAMPLED,
      "10000 running #1, 30000 queue @3 #1, 40000 running #1, 50000 unknown #1, 70000 unknown, "
      "90000 busy, 110000 unknown");
  FEED (&fixture, 150000, { 120000, SAMPLED, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 140000, SAMPLED, IL_RECORD_LANE_END, 0, 0 });
  ASSERT_STATES (
      &fixture, SAMPLED,
      "10000 running #1, 30000 queue @3 #1, 40000 running #1, 50000 unknown #1, 70000 unknown, "
      "90000 busy, 110000 unknown, 120000 sleep, 140000 none");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A thread that was stopped by a signal does none of what it was about, and is not woken by others
 * either: a queue that has something for it since. */
static void
test_stopped_from_outside (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 0, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 1, EXACT, IL_RECORD_TASK_BEGIN, WORK, 7 },
        { 10, EXACT, IL_RECORD_SCHED_OUT, IL_RECORD_OUT_STOPPED, 0 },
        { 20, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 25, EXACT, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 26, EXACT, IL_RECORD_SCHED_OUT, 0, 0 }, { 30, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 31, EXACT, IL_RECORD_SCHED_OUT, IL_RECORD_OUT_STOPPED, 0 },
        { 40, OTHER, IL_RECORD_PUT, QUEUE, 1 | IL_RECORD_WOKE },
        { 50, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 51, EXACT, IL_RECORD_GET, QUEUE, 0 });
  ASSERT_STATES (&fixture, EXACT,
                 "0 unknown, 1 running #7, 10 stopped @1 #7, 20 running #7, 25 spinning @3 #7, "
                 "26 queue @3 #7, 30 spinning @3 #7, 31 stopped @1 #7, 50 spinning @3 #7, "
                 "51 running #7");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A thread can run once it is made, though it gets a core later; no switch led there, nor did it
 * leave another core.  Who has been on a core is not made any more. */
static void
test_made (void)
{
  Fixture fixture;
  IlLaneCounts counts;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_RUNS, 0, 0 },
        { 10, EXACT, IL_RECORD_SCHED_OUT, IL_RECORD_OUT_MADE, IL_RECORD_NO_CORE },
        { 30, EXACT, IL_RECORD_SCHED_IN, 0, 1 }, { 40, EXACT, IL_RECORD_SCHED_OUT, 1, 1 },
        { 50, EXACT, IL_RECORD_SCHED_IN, 0, 1 });
  ASSERT_STATES (&fixture, EXACT, "10 runnable, 30 running, 40 runnable, 50 running");
  il_lane_get_counts (fixture_lane (&fixture, EXACT), 100, &counts);
  g_assert_cmpuint (counts.involuntary_switches, ==, 1);
  g_assert_cmpuint (counts.voluntary_switches, ==, 0);
  g_assert_cmpuint (counts.migrations, ==, 0);
  g_assert_cmpint (il_lane_get_begin (fixture_lane (&fixture, EXACT)), ==, 10);
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  FEED (&fixture, 200, { 110, EXACT, IL_RECORD_SCHED_OUT, IL_RECORD_OUT_MADE, IL_RECORD_NO_CORE });
  ASSERT_STATES (&fixture, EXACT, "10 runnable, 30 running, 40 runnable, 50 running");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 1);
  fixture_finish (&fixture);
}

/* A sample tells that it is stopped, but not since when: that is between what the thread said last
 * and the sample, and its end likewise. */
static void
test_sampled_while_stopped (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100000, { 10000, SAMPLED, IL_RECORD_TASK_BEGIN, WORK, 1 },
        { 20000, SAMPLED, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 30000, SAMPLED, IL_RECORD_SLEEP_END, 0, 0 },
        { 40000, SAMPLED, IL_RECORD_SLEEP_BEGIN, 0, 0 },
        { 50000, SAMPLED, IL_RECORD_SAMPLE, 20, IL_RECORD_SAMPLE_STOPPED },
        { 60000, SAMPLED, IL_RECORD_SAMPLE, 0, IL_RECORD_SAMPLE_STOPPED },
        { 70000, SAMPLED, IL_RECORD_SAMPLE, 0, IL_RECORD_SAMPLE_STOPPED },
        { 74000, SAMPLED, IL_RECORD_SLEEP_END, 0, 0 }, { 80000, SAMPLED, IL_RECORD_SAMPLE, 6, 0 },
        { 90000, SAMPLED, IL_RECORD_SAMPLE, 10, 0 });
  ASSERT_STATES (&fixture, SAMPLED,
                 "10000 running #1, 20000 sleep #1, 30000 running #1, 40000 unknown #1, "
                 "50000 stopped @1 #1, 70000 unknown #1, 74000 running #1, 90000 unknown");
  /* Let go on and stopped again between two samples: it ran. */
  FEED (&fixture, 200000, { 110000, SAMPLED, IL_RECORD_SAMPLE, 5, IL_RECORD_SAMPLE_STOPPED },
        { 120000, SAMPLED, IL_RECORD_SAMPLE, 3, IL_RECORD_SAMPLE_STOPPED },
        { 130000, SAMPLED, IL_RECORD_SAMPLE, 0, IL_RECORD_SAMPLE_STOPPED });
  ASSERT_STATES (&fixture, SAMPLED,
                 "10000 running #1, 20000 sleep #1, 30000 running #1, 40000 unknown #1, "
                 "50000 stopped @1 #1, 70000 unknown #1, 74000 running #1, 90000 unknown #1, "
                 "120000 stopped @1 #1, 130000 unknown");
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* Samples that stay away do not let what is kept for them grow. */
static void
test_sampled_without_samples (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  for (guint i = 0; i < 10000; i++)
    FEED (&fixture, 10 * (i + 1), { 10 * i, SAMPLED, IL_RECORD_TASK_BEGIN, WORK, i },
          { 10 * i + 5, SAMPLED, IL_RECORD_SLEEP_BEGIN, 0, 0 },
          { 10 * i + 8, SAMPLED, IL_RECORD_SLEEP_END, 0, 0 });
  g_assert_cmpuint (il_series_get_length (il_lane_get_states (fixture_lane (&fixture, SAMPLED))), >,
                    10000);
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* What the target says after its events were dropped starts from nothing; the gap is told of. */
static void
test_events_lost (void)
{
  IlTimelineTotals totals;
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 10, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 }, { 20, EXACT, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 30, EXACT, IL_RECORD_LOST, 0, 55 }, { 40, EXACT, IL_RECORD_TASK_END, 0, 9 });
  ASSERT_STATES (&fixture, EXACT,
                 "1 unknown, 10 running #1, 20 spinning @3 #1, 30 unknown, 40 busy");
  ASSERT_COUNTER (il_lane_get_waiters (fixture_lane (&fixture, LANE_QUEUE)), "0 0, 20 1, 30 0");
  ASSERT_COUNTER (il_lane_get_losses (fixture_lane (&fixture, EXACT)), "1 0, 20 55, 30 0");
  il_timeline_get_totals (fixture.timeline, &totals);
  g_assert_cmpuint (totals.n_lost, ==, 55);
  fixture_check_lifetimes (&fixture);
  fixture_finish (&fixture);
}

/* A wait that the target never ended, followed by something else. */
static void
test_wait_abandoned (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_LOCK_WAIT, LOCK, 0 },
        { 2, EXACT, IL_RECORD_TASK_BEGIN, WORK, 1 }, { 3, EXACT, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 4, EXACT, IL_RECORD_SEM_ACQUIRE, SEMAPHORE, 1 });
  ASSERT_STATES (&fixture, EXACT, "1 spinning @1, 2 running #1, 3 spinning @3 #1, 4 running #1");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 2);
  ASSERT_COUNTER (il_lane_get_waiters (fixture_lane (&fixture, LANE_LOCK)), "0 0, 1 1, 2 0");
  fixture_finish (&fixture);
}

/* A pause in the middle of a wait: the wait goes on after it. */
static void
test_stopped_while_waiting (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, UNSCHEDULED, IL_RECORD_GET_WAIT, QUEUE, 0 },
        { 2, UNSCHEDULED, IL_RECORD_STOPPED_BEGIN, 0, 0 },
        { 3, UNSCHEDULED, IL_RECORD_STOPPED_END, 0, 0 },
        { 4, UNSCHEDULED, IL_RECORD_GET, QUEUE, 0 });
  ASSERT_STATES (&fixture, UNSCHEDULED, "1 queue @3, 2 stopped, 3 queue @3, 4 unknown");
  g_assert_cmpuint (fixture_n_inconsistent (&fixture), ==, 0);
  fixture_finish (&fixture);
}

/* Who hands out tasks does own bookkeeping. */
static void
test_submitter (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 1, EXACT, IL_RECORD_LANE_BEGIN, 0, 0 },
        { 5, EXACT, IL_RECORD_TASK_SUBMIT, WORK, 1 });
  ASSERT_STATES (&fixture, EXACT, "1 unknown, 5 busy");
  fixture_finish (&fixture);
}

/* Who ran where, and how often a thread came and went. */
static void
test_cores_and_counts (void)
{
  IlLaneCounts counts;
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, EXACT, IL_RECORD_SCHED_IN, 0, 0 },
        { 20, EXACT, IL_RECORD_SCHED_OUT, 1, 0 }, { 20, OTHER, IL_RECORD_SCHED_IN, 0, 0 },
        { 30, EXACT, IL_RECORD_SCHED_IN, 0, 1 }, { 40, OTHER, IL_RECORD_SCHED_OUT, 0, 0 },
        { 50, EXACT, IL_RECORD_SCHED_OUT, 0, 1 }, { 60, EXACT, IL_RECORD_SCHED_IN, 0, 1 },
        { 70, EXACT, IL_RECORD_SCHED_LOST, 0, 2 });
  ASSERT_STATES (&fixture, CORE_0, "0 none, 10 running @7, 20 running @8, 40 none");
  ASSERT_STATES (&fixture, CORE_1, "0 none, 30 running @7, 50 none, 60 running @7, 70 unknown");
  il_lane_get_counts (fixture_lane (&fixture, EXACT), 49, &counts);
  g_assert_cmpuint (counts.involuntary_switches, ==, 1);
  g_assert_cmpuint (counts.voluntary_switches, ==, 0);
  g_assert_cmpuint (counts.migrations, ==, 1);
  il_lane_get_counts (fixture_lane (&fixture, EXACT), 50, &counts);
  g_assert_cmpuint (counts.voluntary_switches, ==, 1);
  fixture_finish (&fixture);
}

/* At a switch the next one may be reported before the one that leaves: they have the same time. */
static void
test_core_taken_over (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 10, OTHER, IL_RECORD_SCHED_IN, 0, 0 },
        { 20, EXACT, IL_RECORD_SCHED_IN, 0, 0 }, { 20, OTHER, IL_RECORD_SCHED_OUT, 0, 0 },
        { 30, EXACT, IL_RECORD_SCHED_OUT, 0, 0 });
  ASSERT_STATES (&fixture, CORE_0, "0 none, 10 running @8, 20 running @7, 30 none");
  fixture_finish (&fixture);
}

/* Usage tells of the time since the last one. */
static void
test_core_usage (void)
{
  Fixture fixture;

  fixture_init (&fixture);
  FEED (&fixture, 100, { 20, CORE_0, IL_RECORD_CORE_USAGE, 300 | 200 << 10, 0 },
        { 40, CORE_0, IL_RECORD_CORE_USAGE, 900 | 300 << 10, 0 },
        { 60, CORE_0, IL_RECORD_CORE_USAGE, 0, 0 });
  ASSERT_COUNTER (il_lane_get_level (fixture_lane (&fixture, CORE_0)), "0 500, 20 1000, 40 0");
  fixture_finish (&fixture);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *path;
    GTestFunc test;
  } tests[] = {
    { "/builder/tasks-within", test_tasks_within },
    { "/builder/place-by-event", test_place_by_event },
    { "/builder/event-after-switch", test_event_after_switch },
    { "/builder/overslept", test_overslept },
    { "/builder/born-by-scheduler", test_born_by_scheduler },
    { "/builder/woken-by-release", test_woken_by_release },
    { "/builder/waking-not-invented", test_waking_not_invented },
    { "/builder/woken-by-taking", test_woken_by_taking },
    { "/builder/woken-by-nap", test_woken_by_nap },
    { "/builder/woken-by-queue", test_woken_by_queue },
    { "/builder/unscheduled", test_unscheduled },
    { "/builder/sampled", test_sampled },
    { "/builder/sampled-while-stopped", test_sampled_while_stopped },
    { "/builder/stopped-from-outside", test_stopped_from_outside },
    { "/builder/sampled-without-samples", test_sampled_without_samples },
    { "/builder/events-lost", test_events_lost },
    { "/builder/wait-abandoned", test_wait_abandoned },
    { "/builder/stopped-while-waiting", test_stopped_while_waiting },
    { "/builder/made", test_made },
    { "/builder/submitter", test_submitter },
    { "/builder/cores-and-counts", test_cores_and_counts },
    { "/builder/core-taken-over", test_core_taken_over },
    { "/builder/core-usage", test_core_usage },
  };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (sayings); i++)
    {
      g_autofree char *path = g_strconcat ("/builder/table/", sayings[i].name, NULL);

      g_test_add_data_func (path, &sayings[i], test_table);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, tests[i].test);
  return g_test_run ();
}
