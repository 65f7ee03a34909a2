/* test-waste.c - who is woken by a broadcast and waits again at once was woken for nothing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

static void
test_waste (void)
{
  guint n_wasted = 0, n_woken = 0;
  Run run;

  run_subject (&run, NULL, "waste", NULL);
  assert_ended_well (&run);
  for (guint i = 0; i < 3; i++)
    {
      n_wasted += count_events (get_lane (&run, "eater", i), IL_EVENT_COND_WASTED);
      n_woken += count_events (get_lane (&run, "eater", i), IL_EVENT_COND_WOKEN);
    }
  g_assert_cmpuint (n_woken, ==, 6);
  g_assert_cmpuint (n_wasted, ==, 3);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/waste/broadcast", test_waste);
  return g_test_run ();
}
