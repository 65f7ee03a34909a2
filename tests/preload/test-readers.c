/* test-readers.c - who reads under a readers-writer lock is told by who waits for it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

/* One reads without a word; since when is said as well, and when it gives it back. */
static void
test_read (void)
{
  const CollectedLane *reader, *writer;
  guint wait, held, release;
  Run run;

  run_subject (&run, NULL, "read", NULL);
  assert_ended_well (&run);
  reader = get_lane (&run, "reader", 0);
  writer = get_lane (&run, "writer", 0);
  wait = find_event (writer, 0, IL_EVENT_RW_WAIT, 0);
  g_assert_cmpuint (get_value (writer, wait), ==, IL_ACCESS_WRITE);
  g_assert_cmpuint (find_event (writer, wait, IL_EVENT_RW_INSIDE, 0), ==, wait + 1);
  g_assert_cmpuint (get_value (writer, wait + 1), ==, 1);
  g_assert_cmpuint (find_event (writer, wait, IL_EVENT_RW_READER, 0), ==, wait + 2);
  g_assert_cmpuint (get_value (writer, wait + 2), ==, reader->info.index + 1);
  held = find_event (writer, wait, IL_EVENT_LOCK_HELD, 0);
  g_assert_cmpuint (held, ==, wait + 3);
  g_assert_cmpuint (get_object (writer, held), ==, get_object (writer, wait));
  assert_between (&run, get_time (&run, writer, held) - get_length (&run, writer, held),
                  "reader before lock", "reader after lock");
  release = find_event (reader, 0, IL_EVENT_RW_RELEASE, 0);
  g_assert_cmpuint (get_value (reader, release), ==, IL_ACCESS_READ | IL_EVENT_WOKE);
  assert_between (&run, get_time (&run, reader, release), "reader before unlock",
                  "reader after unlock");
  g_assert_cmpint (get_time (&run, reader, release), >, get_time (&run, writer, held));
  g_assert_cmpuint (count_acquisitions (&run, get_object (writer, wait)), ==, 2);
  run_clear (&run);
}

/* Each time is told as far as there is room, and as often it is said to be given back: the last
 * time when nothing is left of it. */
static void
test_again_and_again (void)
{
  const CollectedLane *reader, *writer;
  guint wait;
  Run run;

  run_subject (&run, NULL, "read", "often", NULL);
  assert_ended_well (&run);
  reader = get_lane (&run, "reader", 0);
  writer = get_lane (&run, "writer", 0);
  wait = find_event (writer, 0, IL_EVENT_RW_WAIT, 0);
  g_assert_cmpuint (get_value (writer, find_event (writer, wait, IL_EVENT_RW_INSIDE, 0)), ==, 8);
  g_assert_cmpuint (count_events (writer, IL_EVENT_RW_READER), ==, 8);
  g_assert_cmpuint (count_events (reader, IL_EVENT_RW_RELEASE), ==, 8);
  assert_between (&run, get_time (&run, reader, find_event (reader, 0, IL_EVENT_RW_RELEASE, 0)),
                  "reader before last unlocks", "reader after unlock");
  g_assert_cmpuint (count_acquisitions (&run, get_object (writer, wait)), ==, 11);
  run_clear (&run);
}

/* Another gives back what one reads: from then on nobody says who reads this one. */
static void
test_handed (void)
{
  const CollectedLane *reader, *writer;
  guint first, second;
  Run run;

  run_subject (&run, NULL, "read-handed", NULL);
  assert_ended_well (&run);
  reader = get_lane (&run, "reader", 0);
  writer = get_lane (&run, "writer", 0);
  first = find_event (writer, 0, IL_EVENT_RW_READER, 0);
  g_assert_cmpuint (get_value (writer, first), ==, reader->info.index + 1);
  find_event (writer, first, IL_EVENT_LOCK_QUIET, 0);
  g_assert_cmpuint (count_events (writer, IL_EVENT_RW_READER), ==, 1);
  second = find_event (writer, 0, IL_EVENT_RW_WAIT, 1);
  g_assert_cmpuint (second, >, first);
  run_clear (&run);
}

/* Whoever read it has ended, and nobody else is to be blamed. */
static void
test_left (void)
{
  const CollectedLane *writer;
  Run run;

  run_subject (&run, NULL, "read-left", NULL);
  assert_ended_well (&run);
  writer = get_lane (&run, "writer", 0);
  g_assert_cmpuint (get_value (writer, find_event (writer, 0, IL_EVENT_RW_INSIDE, 0)), ==, 1);
  g_assert_cmpuint (count_events (writer, IL_EVENT_RW_READER), ==, 0);
  run_clear (&run);
}

/* Who ends with it says so, as of other locks, if it is to write. */
static void
test_write_left (void)
{
  const CollectedLane *owner;
  Run run;

  run_subject (&run, NULL, "write-left", NULL);
  assert_ended_well (&run);
  owner = get_lane (&run, "owner", 0);
  g_assert_cmpuint (get_length (&run, owner, find_event (owner, 0, IL_EVENT_LOCK_LEFT, 0)), >, 0);
  run_clear (&run);
}

/* Of those that read when it was made a child knows how many they are, and that the thread that it
 * has is one of them, up to when that gives it back; not so of what processes share. */
static void
test_copied (void)
{
  const CollectedLane *child;
  guint reader;
  Run run;

  run_subject (&run, NULL, "read-copied", NULL);
  assert_ended_well (&run);
  child = get_lane (&run, "child", 0);
  g_assert_cmpuint (get_value (child, find_event (child, 0, IL_EVENT_RW_INSIDE, 0)), ==, 2);
  reader = find_event (child, 0, IL_EVENT_RW_READER, 0);
  g_assert_cmpuint (get_value (child, reader), ==, child->info.index + 1);
  g_assert_cmpuint (find_event (child, reader, IL_EVENT_RW_RELEASE, 0), <,
                    find_event (child, 0, IL_EVENT_RW_WAIT, 1));
  g_assert_cmpuint (count_events (child, IL_EVENT_RW_READER), ==, 1);
  g_assert_cmpuint (count_events (child, IL_EVENT_RW_WAIT), ==, 2);
  run_clear (&run);

  run_subject (&run, NULL, "read-copied", "shared", NULL);
  assert_ended_well (&run);
  child = get_lane (&run, "child", 0);
  g_assert_cmpuint (get_value (child, find_event (child, 0, IL_EVENT_RW_INSIDE, 0)), ==, 2);
  g_assert_cmpuint (count_events (child, IL_EVENT_RW_READER), ==, 0);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/readers/read", test_read);
  g_test_add_func ("/preload/readers/again-and-again", test_again_and_again);
  g_test_add_func ("/preload/readers/handed", test_handed);
  g_test_add_func ("/preload/readers/left", test_left);
  g_test_add_func ("/preload/readers/write-left", test_write_left);
  g_test_add_func ("/preload/readers/copied", test_copied);
  return g_test_run ();
}
