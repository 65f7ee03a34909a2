/* test-finder-straggler.c - threads of programs that all others wait for at a barrier
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

/* A phase of 25 ms, in which all but one come after 1 ms. */
typedef struct
{
  guint n_parties;
  guint n_phases;
  guint turns;       /* so many take turns in coming last */
  gint64 late_ns;    /* by so much one comes last */
  gint64 input_ns;   /* in which it waits for input */
  gint64 no_core_ns; /* or has no core */
} Course;

static const Course usual = { .n_parties = 4, .n_phases = 51, .turns = 1, .late_ns = 24 * MS };

static void
add (GArray *events, gint64 time_ns, guint32 worker, IlRecordKind kind, guint32 object,
     guint32 value)
{
  const Event event = { time_ns, worker, kind, object, value };

  g_array_append_val (events, event);
}

static void
add_phase (GArray *events, const Course *course, guint number, gint64 begin_ns)
{
  guint last = number % course->turns + 1;
  gint64 come_ns = begin_ns + 1 * MS, end_ns = begin_ns + 25 * MS;
  gint64 last_ns = come_ns + course->late_ns;
  guint n_come = 0;

  for (guint i = 1; i <= course->n_parties; i++)
    if (i != last)
      add (events, come_ns, i, IL_RECORD_BARRIER_WAIT, BARRIER, ++n_come);
  if (course->input_ns > 0)
    add (events, come_ns, last, IL_RECORD_IO_BEGIN, 0, IL_RECORD_CALL_READ);
  if (course->no_core_ns > 0)
    add (events, come_ns, last, IL_RECORD_SCHED_OUT, 1, 0);
  if (course->no_core_ns > 0)
    add (events, come_ns + course->no_core_ns, last, IL_RECORD_SCHED_IN, 0, 0);
  if (course->input_ns > 0)
    add (events, come_ns + course->input_ns, last, IL_RECORD_IO_END, 0, 0);
  add (events, last_ns, last, IL_RECORD_BARRIER_PASS, BARRIER, (number + 1) | IL_RECORD_WOKE);
  for (guint i = 1; i <= course->n_parties; i++)
    if (i != last)
      add (events, last_ns, i, IL_RECORD_BARRIER_PASS, BARRIER, number + 1);
  g_assert_cmpint (last_ns, <=, end_ns);
}

static void
run (World *world, const Course *course)
{
  g_autoptr (GArray) events = g_array_new (FALSE, FALSE, sizeof (Event));

  for (guint i = 1; i <= course->n_parties; i++)
    add (events, 1, i, IL_RECORD_SCHED_IN, 0, i - 1);
  for (guint i = 0; i < course->n_phases; i++)
    add_phase (events, course, i, 1 * MS + i * 25 * MS);
  feed (world, (const Event *)(gpointer)events->data, events->len,
        2 * MS + course->n_phases * 25 * MS);
}

/* It counts up to the last window that is whole, which is here that of the last phase. */
static void
test_told (void)
{
  World world;
  Course course = usual;

  world_init_program (&world);
  run (&world, &course);
  assert_finding (&world, IL_FINDING_STRAGGLER, FALSE,
                  "prog 1 came last to b in 51 of 51 phases from 0.002 s to 1.276 s: 3 others "
                  "waited 3.67 s for it alone, 96.1 % of their time");
  world_clear (&world);

  /* A part of that it lacked a core. */
  course.no_core_ns = 12 * MS;
  world_init_program (&world);
  run (&world, &course);
  assert_finding (&world, IL_FINDING_STRAGGLER, FALSE,
                  "prog 1 came last to b in 51 of 51 phases from 0.002 s to 1.276 s: 3 others "
                  "waited 1.84 s for it alone, 48.0 % of their time");
  world_clear (&world);
}

/* What is said of a time is true of all of it, also of a window in the middle that would not tell;
 * what comes behind the last one that does is not in it. */
static void
test_range (void)
{
  static const guint lengths[] = { 22, 11, 33, 11 };
  g_autoptr (GArray) events = g_array_new (FALSE, FALSE, sizeof (Event));
  Course course = usual;
  guint number = 0;
  World world;

  world_init_program (&world);
  for (guint i = 1; i <= course.n_parties; i++)
    add (events, 1, i, IL_RECORD_SCHED_IN, 0, i - 1);
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      course.turns = i % 2 == 0 ? 1 : 4;
      for (guint j = 0; j < lengths[i]; j++, number++)
        add_phase (events, &course, number, 1 * MS + number * 25 * MS);
    }
  feed (&world, (const Event *)(gpointer)events->data, events->len, 2 * MS + number * 25 * MS);
  /* Of the 61: 22, 3 of 11, and 28. */
  assert_finding (&world, IL_FINDING_STRAGGLER, FALSE,
                  "prog 1 came last to b in 53 of 61 phases from 0.002 s to 1.526 s: 3 others "
                  "waited 3.82 s for it alone, 83.5 % of their time");
  world_clear (&world);
}

static void
assert_silent (const Course *course)
{
  World world;

  world_init_program (&world);
  run (&world, course);
  assert_nothing (&world);
  world_clear (&world);
}

/* Two parties; in turn; a little late only; not for long; for input; for lack of a core. */
static void
test_not_told (void)
{
  Course course = usual;

  course.n_parties = 2;
  assert_silent (&course);
  course = usual;
  course.turns = 2;
  assert_silent (&course);
  course = usual;
  course.late_ns = 5 * MS;
  assert_silent (&course);
  course = usual;
  course.n_phases = 12;
  assert_silent (&course);
  course = usual;
  course.input_ns = 20 * MS;
  assert_silent (&course);
  course = usual;
  course.no_core_ns = 20 * MS;
  assert_silent (&course);
}

/* Of workers of ours it is the report that tells of that. */
static void
test_workers (void)
{
  World world;

  world_init (&world);
  run (&world, &usual);
  assert_nothing (&world);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder-straggler/told", test_told);
  g_test_add_func ("/finder-straggler/range", test_range);
  g_test_add_func ("/finder-straggler/not-told", test_not_told);
  g_test_add_func ("/finder-straggler/workers", test_workers);
  return g_test_run ();
}
