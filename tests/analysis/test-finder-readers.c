/* test-finder-readers.c - readers of a program's readers-writer locks, of whom others speak
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

#define READ 0
#define WRITE 1
#define SINCE(ms) ((ms)*MS / IL_RECORD_COPY_NS)

/* The one reads, the other waits to write and names it. */
#define MEET(at, writer, reader)                                                                   \
  { (at), (writer), IL_RECORD_RW_WAIT, READERS, WRITE },                                           \
      { (at), (writer), IL_RECORD_RW_INSIDE, READERS, 1 },                                         \
  {                                                                                                \
    (at), (writer), IL_RECORD_RW_READER, READERS, world.lanes[reader] + 1                          \
  }

/* Whoever reads wants what the writer has; since when it reads may be known or not. */
static void
test_cycle (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, MEET (50 * MS, 1, 2),
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, READERS, SINCE (30) });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 110 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "prog 2 has R for reading since 0.020 s and waits for A since 0.110 s; prog 1 "
                  "holds A since 0.010 s and waits to write under R since 0.050 s");
  world_clear (&world);

  world_init_program (&world);
  FEED (&world, 200 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, MEET (50 * MS, 1, 2),
        { 110 * MS, 2, IL_RECORD_JOIN_WAIT, IL_RECORD_CALL_JOIN, world.lanes[1] + 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "prog 2 has R for reading since before 0.050 s and waits since 0.110 s for prog "
                  "1 to end; prog 1 waits to write under R since 0.050 s");
  world_clear (&world);
}

/* It wants to write what it reads itself. */
static void
test_upgrade (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100 * MS, MEET (50 * MS, 3, 3),
        { 50 * MS, 3, IL_RECORD_LOCK_HELD, READERS, SINCE (10) });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "prog 3 waits since 0.050 s to write under R, which it has for reading itself "
                  "since 0.040 s");
  /* Another one does so, too: that is the same lock and the same mistake. */
  FEED (&world, 200 * MS, MEET (120 * MS, 2, 3),
        { 120 * MS, 2, IL_RECORD_RW_READER, READERS, world.lanes[2] + 1 },
        { 120 * MS, 2, IL_RECORD_LOCK_HELD, READERS, SINCE (90) });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpint (findings->findings[0].from_ns, ==, 50 * MS);
    g_assert_cmpuint (findings->findings[0].lanes[0], ==, world.lanes[3]);
  }
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "2 have R for reading and wait to write, which each keeps the others from: "
                  "prog 3 since 0.050 s, prog 2 since 0.120 s");
  /* One of them is set free after all. */
  FEED (&world, 300 * MS, { 210 * MS, 2, IL_RECORD_WAIT_CANCELLED, READERS, 0 });
  world_clear (&world);
}

/* It reads several times, and has given back all but one of them. */
static void
test_cycle_again (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 100 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 50 * MS, 1, IL_RECORD_RW_WAIT, READERS, WRITE },
        { 50 * MS, 1, IL_RECORD_RW_INSIDE, READERS, 2 },
        { 50 * MS, 1, IL_RECORD_RW_READER, READERS, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, READERS, SINCE (30) },
        { 50 * MS, 1, IL_RECORD_RW_READER, READERS, world.lanes[2] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, READERS, SINCE (10) },
        { 60 * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, READ },
        { 61 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ },
        { 62 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ | IL_RECORD_WOKE });
  assert_nothing (&world);
  FEED (&world, 200 * MS, { 110 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_finding (&world, IL_FINDING_DEADLOCK, TRUE,
                  "prog 2 has R for reading since 0.020 s and waits for A since 0.110 s; prog 1 "
                  "holds A since 0.010 s and waits to write under R since 0.050 s");
  world_clear (&world);
}

typedef struct
{
  const char *what;
  Event events[5]; /* after one has A, and waits to write R, which 2 reads */
} Case;

/* Whoever waits for A at the end does not have R any more, as far as is known. */
static void
check_over (const Case *one)
{
  World world;

  world_init_program (&world);
  g_test_message ("%s", one->what);
  FEED (&world, 55 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, MEET (50 * MS, 1, 2));
  for (gsize i = 0; i < G_N_ELEMENTS (one->events) && one->events[i].kind != IL_RECORD_NONE; i++)
    feed (&world, &one->events[i], 1, one->events[i].time_ns + 1);
  FEED (&world, 200 * MS, { 100 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_nothing (&world);
  world_clear (&world);
}

static void
test_over (void)
{
  static const Case cases[] = {
    { "said", { { 60 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ } } },
    { "fell quiet", { { 60 * MS, 3, IL_RECORD_LOCK_QUIET, READERS, 0 } } },
    { "its words were lost", { { 60 * MS, 2, IL_RECORD_LOST, 0, 5 } } },
    { "another writes",
      { { 60 * MS, 3, IL_RECORD_RW_ACQUIRE, READERS, WRITE },
        { 61 * MS, 3, IL_RECORD_RW_RELEASE, READERS, WRITE } } },
    { "once for each time",
      { { 60 * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, READ },
        { 61 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ },
        { 62 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ } } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check_over (&cases[i]);
}

/* Who is only counted may be anybody; and who is said to read what is no such lock, or in another
 * process, or is no thread, is not believed. */
static void
test_not_known (void)
{
  static const IlLaneInfo other = {
    .name = "elsewhere", .role = IL_LANE_ROLE_THREAD, .scheduler = IL_SCHEDULER_EXACT, .pid = 8
  };
  World world;

  world_init_program (&world);
  world.lanes[5] = il_timeline_builder_add_lane (world.builder, &other);
  FEED (&world, 200 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 50 * MS, 1, IL_RECORD_RW_WAIT, READERS, WRITE },
        { 50 * MS, 1, IL_RECORD_RW_INSIDE, READERS, 9 },
        { 50 * MS, 1, IL_RECORD_RW_READER, READERS, 0 },
        { 50 * MS, 1, IL_RECORD_RW_READER, READERS, 4000 },
        { 50 * MS, 1, IL_RECORD_RW_READER, READERS, world.lanes[5] + 1 },
        { 50 * MS, 1, IL_RECORD_LOCK_HELD, READERS, 1 },
        { 60 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 },
        { 60 * MS, 5, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_nothing (&world);
  world_clear (&world);
}

/* Who waits to read waits for who writes alone: by now it may have got it, beside the other one. */
static void
test_reader_waits (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 200 * MS, { 10 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 20 * MS, 3, IL_RECORD_RW_ACQUIRE, READERS, WRITE },
        { 25 * MS, 1, IL_RECORD_RW_WAIT, READERS, READ | (world.lanes[3] + 1) << 1 },
        { 30 * MS, 3, IL_RECORD_RW_RELEASE, READERS, WRITE | IL_RECORD_WOKE },
        { 35 * MS, 2, IL_RECORD_RW_ACQUIRE, READERS, READ },
        { 40 * MS, 2, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  assert_nothing (&world);
  FEED (&world, 300 * MS, { 210 * MS, 1, IL_RECORD_RW_ACQUIRE, READERS, READ },
        { 211 * MS, 1, IL_RECORD_RW_RELEASE, READERS, READ },
        { 212 * MS, 1, IL_RECORD_LOCK_RELEASE, A, IL_RECORD_WOKE },
        { 213 * MS, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 214 * MS, 2, IL_RECORD_LOCK_RELEASE, A, 0 },
        { 215 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ });
  /* A writer holds them both up. */
  FEED (&world, 400 * MS, { 310 * MS, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 311 * MS, 3, IL_RECORD_RW_ACQUIRE, READERS, WRITE },
        { 312 * MS, 1, IL_RECORD_RW_WAIT, READERS, READ | (world.lanes[3] + 1) << 1 },
        { 313 * MS, 3, IL_RECORD_LOCK_WAIT, A, world.lanes[1] + 1 });
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, >=, 1);
    g_assert_cmpint (findings->findings[0].kind, ==, IL_FINDING_DEADLOCK);
  }
  world_clear (&world);
}

/* Two read and sleep, and let one wait that wants to write, again and again. */
static void
test_held_waiting (void)
{
  World world;
  gint64 now_ns = 0;

  world_init_program (&world);
  for (guint i = 0; i < 20; i++, now_ns += 60 * MS)
    FEED (&world, now_ns + 60 * MS, { now_ns + 1 * MS, 1, IL_RECORD_SLEEP_BEGIN, 0, 0 },
          { now_ns + 1 * MS, 2, IL_RECORD_SLEEP_BEGIN, 0, 0 },
          { now_ns + 2 * MS, 3, IL_RECORD_RW_WAIT, READERS, WRITE },
          { now_ns + 2 * MS, 3, IL_RECORD_RW_INSIDE, READERS, 2 },
          { now_ns + 2 * MS, 3, IL_RECORD_RW_READER, READERS, world.lanes[1] + 1 },
          { now_ns + 2 * MS, 3, IL_RECORD_RW_READER, READERS, world.lanes[2] + 1 },
          { now_ns + 50 * MS, 1, IL_RECORD_SLEEP_END, 0, 0 },
          { now_ns + 50 * MS, 1, IL_RECORD_RW_RELEASE, READERS, READ | IL_RECORD_WOKE },
          { now_ns + 51 * MS, 2, IL_RECORD_SLEEP_END, 0, 0 },
          { now_ns + 51 * MS, 2, IL_RECORD_RW_RELEASE, READERS, READ | IL_RECORD_WOKE },
          { now_ns + 52 * MS, 3, IL_RECORD_RW_ACQUIRE, READERS, WRITE },
          { now_ns + 53 * MS, 3, IL_RECORD_RW_RELEASE, READERS, WRITE });
  assert_kind (&world, IL_FINDING_HELD_WAITING);
  world_clear (&world);
}

/* Takes the mutex under the other lock, or the other way round, and gives both back. */
static void
take_both (World *world, gint64 at_ns, guint worker, gboolean mutex_first, guint32 access)
{
  const Event take[] = { { at_ns, worker, IL_RECORD_LOCK_ACQUIRE, A, 0 },
                         { at_ns, worker, IL_RECORD_RW_ACQUIRE, READERS, access } };
  const Event give[] = { { at_ns + 1, worker, IL_RECORD_LOCK_RELEASE, A, 0 },
                         { at_ns + 1, worker, IL_RECORD_RW_RELEASE, READERS, access } };

  feed (world, &take[!mutex_first], 1, at_ns + 1);
  feed (world, &take[mutex_first], 1, at_ns + 1);
  feed (world, &give[mutex_first], 1, at_ns + 2);
  feed (world, &give[!mutex_first], 1, at_ns + 2);
}

/* Of two who read none waits for the other, whatever else they take. */
static void
test_order (void)
{
  World world;

  world_init_program (&world);
  FEED (&world, 1 * MS, { 1, 3, IL_RECORD_RW_ACQUIRE, READERS, WRITE },
        { 2, 3, IL_RECORD_RW_RELEASE, READERS, WRITE });
  take_both (&world, 10 * MS, 1, TRUE, READ);
  take_both (&world, 20 * MS, 2, FALSE, READ);
  assert_nothing (&world);
  take_both (&world, 30 * MS, 1, TRUE, WRITE);
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);

  world_init_program (&world);
  take_both (&world, 10 * MS, 1, TRUE, READ);
  take_both (&world, 20 * MS, 2, FALSE, WRITE);
  assert_kind (&world, IL_FINDING_LOCK_ORDER);
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/readers/cycle", test_cycle);
  g_test_add_func ("/finder/readers/cycle-again", test_cycle_again);
  g_test_add_func ("/finder/readers/upgrade", test_upgrade);
  g_test_add_func ("/finder/readers/over", test_over);
  g_test_add_func ("/finder/readers/not-known", test_not_known);
  g_test_add_func ("/finder/readers/reader-waits", test_reader_waits);
  g_test_add_func ("/finder/readers/held-waiting", test_held_waiting);
  g_test_add_func ("/finder/readers/order", test_order);
  return g_test_run ();
}
