/* test-callers.c - of a lock's use it is told what called the code that used it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

/* More than any function of the subject has. */
#define FUNCTION_BYTES 400

static const IlTraceObjectInfo *
get_awaited (const Run *run, const CollectedLane *lane)
{
  return get_info (run, get_object (lane, find_event (lane, 0, IL_EVENT_LOCK_WAIT, 0)));
}

static void
assert_within (const Run *run, const IlTracePlace *place, const char *function)
{
  gint64 begin = get_mark (run, function);

  g_assert_cmpuint (place->module, !=, 0);
  g_assert_cmpint ((gint64)place->offset, >, begin);
  g_assert_cmpint ((gint64)place->offset, <, begin + FUNCTION_BYTES);
}

/* From the inside out. */
static void
test_callers (void)
{
  const IlTraceObjectInfo *info;
  Run run;

  run_subject (&run, NULL, "callers", NULL);
  assert_ended_well (&run);
  info = get_awaited (&run, get_lane (&run, "callers", 0));
  assert_within (&run, &info->used, "take_inside");
  assert_within (&run, &info->callers[0], "take");
  assert_within (&run, &info->callers[1], "want");
  g_assert_cmpuint (info->callers[0].module, ==, info->used.module);
  g_assert_cmpuint (info->callers[1].module, ==, info->used.module);

  /* Whatever the program has where others keep a frame, nothing is read that is none. */
  g_assert_cmpuint (count_lanes (&run, "strange"), ==, 6);
  for (guint i = 0; i < 6; i++)
    {
      info = get_awaited (&run, get_lane (&run, "strange", i));
      g_assert_cmpuint (info->used.module, !=, 0);
#if defined(__x86_64__)
      g_assert_cmpuint (info->callers[0].module, ==, 0);
#endif
    }
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/callers", test_callers);
  return g_test_run ();
}
