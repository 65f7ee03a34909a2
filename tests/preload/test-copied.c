/* test-copied.c - a lock that was held when fork() copied its process is held by nobody there
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

static void
test_copied (void)
{
  const IlEventKind waits[] = { IL_EVENT_LOCK_WAIT, IL_EVENT_RW_WAIT, IL_EVENT_LOCK_WAIT };
  const char *const holders[] = { "keeper", "keeper", "forker" };
  Run run;

  run_subject (&run, NULL, "copied", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (count_lanes (&run, "copy"), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const CollectedLane *lane = get_lane (&run, "copy", i);
      guint wait = find_event (lane, 0, waits[i], 0);
      guint copied = find_event (lane, wait, IL_EVENT_LOCK_COPIED, 0);

      g_assert_cmpuint (get_value (lane, wait) >> (i == 1), ==, 0);
      g_assert_cmpuint (copied, ==, wait + 1);
      g_assert_cmpuint (get_object (lane, copied), ==, get_object (lane, wait));
      g_assert_cmpuint (get_value (lane, copied), ==,
                        get_lane (&run, holders[i], 0)->info.index + 1);
      g_assert_cmpuint (count_events (lane, IL_EVENT_LOCK_HELD), ==, 0);
      g_assert_cmpuint (count_events (lane, IL_EVENT_RW_INSIDE), ==, 0);
    }
  run_clear (&run);

  /* Where the process has what it had before, or has taken it itself, nothing is said of that. */
  run_subject (&run, NULL, "fork-held", "3", NULL);
  assert_ended_well (&run);
  for (guint i = 0; i < run.collection.lanes->len; i++)
    g_assert_cmpuint (
        count_events (g_ptr_array_index (run.collection.lanes, i), IL_EVENT_LOCK_COPIED), ==, 0);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/copied", test_copied);
  return g_test_run ();
}
