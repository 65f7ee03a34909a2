/* test-interpreter.c - CPython's interpreter lock is known by its shape
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Environment: IL_PYTHON_SHAPE.
 */

#include "preload-fixture.h"

#include <stdlib.h>

#define N_TURNS 20 /* as python-shape.c has it */

/* Whether a lane's wait for the lock names the other one, and ends by getting it. */
static guint
count_right_waits (const CollectedLane *lane, const CollectedLane *other, guint32 main_plus_1,
                   guint32 lock)
{
  guint n = 0;
  gboolean waits = FALSE;

  for (guint i = 0; i < lane->events->len; i++)
    {
      IlEventKind kind = IL_EVENT_KIND (collected_event (lane, i)->what);

      if (get_object (lane, i) != lock)
        continue;
      if (kind == IL_EVENT_LOCK_WAIT)
        {
          g_assert_false (waits);
          waits = TRUE;
          /* The first may meet the main thread, or one that is about to have it. */
          g_assert_true (
              get_value (lane, i) == other->info.index + 1
              || (n == 0 && (get_value (lane, i) == 0 || get_value (lane, i) == main_plus_1)));
        }
      else if (kind == IL_EVENT_LOCK_ACQUIRE)
        {
          n += waits;
          if (waits && n > 1)
            g_assert_cmpuint (get_value (lane, i), ==, other->info.index + 1);
          waits = FALSE;
        }
      else if (kind == IL_EVENT_NAP)
        g_assert_true (waits);
    }
  g_assert_false (waits);
  return n;
}

static void
test_layout (gconstpointer layout)
{
  const CollectedLane *first, *second;
  guint32 lock = 0;
  guint n_switches, n_waits;
  guint32 main_plus_1;
  Run run;

  run_program (&run, NULL, g_getenv ("IL_PYTHON_SHAPE"), layout, NULL);
  assert_ended_well (&run);
  n_switches = (guint)atoi (run.output);
  first = get_lane (&run, "first", 0);
  second = get_lane (&run, "second", 0);
  for (guint i = 0; i < run.collection.objects->len; i++)
    {
      const IlTraceObjectInfo *info = &g_array_index (run.collection.objects, IlTraceObjectInfo, i);

      /* What it is made of is not shown by itself. */
      g_assert_cmpint (info->kind, ==, IL_OBJECT_LOCK);
      g_assert_cmpuint (info->parameter, ==, IL_LOCK_INTERPRETER);
      g_assert_cmpuint (lock, ==, 0);
      lock = info->id;
    }
  g_assert_cmpuint (lock, !=, 0);
  main_plus_1 = get_lane (&run, "python-shape", 0)->info.index + 1;
  n_waits = count_right_waits (first, second, main_plus_1, lock)
            + count_right_waits (second, first, main_plus_1, lock);
  /* Each switch ends a wait, but for the main thread’s and the first, and the last one’s if the
   * other has ended. */
  g_assert_cmpuint (n_waits, >=, n_switches - 3);
  g_assert_cmpuint (n_waits, <=, 2 * N_TURNS);
  g_assert_cmpuint (count_events (first, IL_EVENT_LOCK_RELEASE), >=, N_TURNS - 1);
  g_assert_cmpuint (count_events (second, IL_EVENT_LOCK_RELEASE), >=, N_TURNS - 1);
  run_clear (&run);
}

/* The handler of Ctrl+C that Python has from the beginning is not the program's; a later one is. */
static void
test_interrupt (void)
{
  const CollectedLane *lane;
  Run run;

  run_program (&run, NULL, g_getenv ("IL_PYTHON_SHAPE"), "interrupt", NULL);
  assert_ended_well (&run);
  lane = get_lane (&run, "python-shape", 0);
  g_assert_cmpuint (count_events (lane, IL_EVENT_SIGNALS), ==, 2);
  assert_between (&run, get_time (&run, lane, find_event (lane, 0, IL_EVENT_SIGNALS, 1)), "second",
                  "done");
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/preload/interpreter/usual", "usual", test_layout);
  g_test_add_data_func ("/preload/interpreter/enabled", "enabled", test_layout);
  g_test_add_data_func ("/preload/interpreter/unforced", "unforced", test_layout);
  g_test_add_func ("/preload/interpreter/interrupt", test_interrupt);
  return g_test_run ();
}
