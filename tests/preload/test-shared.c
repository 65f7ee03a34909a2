/* test-shared.c - what several processes use is one object, and they are told who made them wait
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

#define N_OF_EACH 30

static guint
count_of (const CollectedLane *lane, IlEventKind kind, guint32 object)
{
  guint n = 0;

  for (guint i = 0; i < count_events (lane, kind); i++)
    n += get_object (lane, find_event (lane, 0, kind, i)) == object;
  return n;
}

/* The n-th wait of the child, for something that the parent has and gives. */
static void
check_wait (Run *run, guint n, guint64 kind)
{
  const CollectedLane *parent = get_lane (run, "parent", 0), *child = get_lane (run, "child", 0);
  guint wait = find_event (child, 0, IL_EVENT_LOCK_WAIT, n);
  guint acquire = find_event (child, wait + 1, IL_EVENT_LOCK_ACQUIRE, 0);
  guint32 object = get_object (child, wait);

  g_assert_cmpint (get_info (run, object)->kind, ==, IL_OBJECT_LOCK);
  g_assert_cmpuint (get_info (run, object)->parameter, ==, kind);
  g_assert_cmpuint (get_value (child, wait), ==, parent->info.index + 1);
  g_assert_cmpuint (get_object (child, acquire), ==, object);
  g_assert_cmpuint (get_value (child, acquire), ==, parent->info.index + 1);
  for (guint i = 0; i < 2; i++)
    {
      const CollectedLane *lane = i == 0 ? parent : child;

      g_assert_cmpuint (count_of (lane, IL_EVENT_LOCK_ACQUIRE, object), ==, N_OF_EACH);
      g_assert_cmpuint (count_of (lane, IL_EVENT_WAIT_SHARED, object), ==, 1);
      g_assert_cmpuint (count_of (lane, IL_EVENT_LOCK_RELEASE, object), ==, N_OF_EACH);
    }
  g_assert_cmpuint (count_acquisitions (run, object), ==, 2 * N_OF_EACH);
}

static void
test_share (void)
{
  const CollectedLane *child;
  Run run;

  run_subject (&run, NULL, "share", NULL);
  assert_ended_well (&run);
  child = get_lane (&run, "child", 0);
  g_assert_cmpuint (count_events (child, IL_EVENT_LOCK_WAIT), ==, 2);
  check_wait (&run, 0, IL_LOCK_PLAIN);
  check_wait (&run, 1, IL_LOCK_BINARY);
  run_clear (&run);
}

/* Of what other processes may have, too, that is said right before each wait. */
static void
test_may_be_shared (gconstpointer how)
{
  static const IlEventKind kinds[] = { IL_EVENT_LOCK_WAIT, IL_EVENT_RW_WAIT, IL_EVENT_COND_WAIT,
                                       IL_EVENT_BARRIER_WAIT, IL_EVENT_SEM_WAIT };
  const CollectedLane *waiter;
  Run run;

  run_subject (&run, NULL, "share-each", how, NULL);
  assert_ended_well (&run);
  waiter = get_lane (&run, "waiter", 0);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      guint wait = find_event (waiter, 0, kinds[i], 0);

      g_assert_cmpint (IL_EVENT_KIND (collected_event (waiter, wait - 1)->what)
                           == IL_EVENT_WAIT_SHARED,
                       ==, how != NULL);
    }
  /* Two words: of the second it is not said, but it lies where other processes are not. */
  for (guint i = 0; i < 2; i++)
    {
      guint wait = find_event (waiter, 0, IL_EVENT_COND_WAIT, 1 + i);

      g_assert_cmpint (IL_EVENT_KIND (collected_event (waiter, wait - 1)->what)
                           == IL_EVENT_WAIT_SHARED,
                       ==, how != NULL && i == 0);
    }
  if (how == NULL)
    g_assert_cmpuint (count_events (waiter, IL_EVENT_WAIT_SHARED), ==, 0);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/shared/share", test_share);
  g_test_add_data_func ("/preload/shared/each", "shared", test_may_be_shared);
  g_test_add_data_func ("/preload/shared/own", NULL, test_may_be_shared);
  return g_test_run ();
}
