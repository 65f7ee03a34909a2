/* test-wakes.c - who ended a wait is told
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

/* Right behind the event of that kind in the waiter's lane stands who woke it. */
static void
assert_woken (const CollectedLane *waiter, const CollectedLane *waker, guint from, IlEventKind kind)
{
  guint place = find_event (waiter, from, kind, 0);

  g_assert_cmpuint (IL_EVENT_KIND (collected_event (waiter, place + 1)->what), ==,
                    IL_EVENT_WOKEN_BY);
  g_assert_cmpuint (get_value (waiter, place + 1), ==, waker->info.index + 1);
}

static void
test_wakes (void)
{
  const CollectedLane *waiter, *waker;
  guint join;
  Run run;

  run_subject (&run, NULL, "wakes", NULL);
  assert_ended_well (&run);
  waiter = get_lane (&run, "waiter", 0);
  waker = get_lane (&run, "waker", 0);
  assert_woken (waiter, waker, find_event (waiter, 0, IL_EVENT_SEM_WAIT, 0), IL_EVENT_SEM_ACQUIRE);
  assert_woken (waiter, waker, find_event (waiter, 0, IL_EVENT_RW_WAIT, 0), IL_EVENT_RW_ACQUIRE);
  assert_woken (waiter, waker, find_event (waiter, 0, IL_EVENT_BARRIER_WAIT, 0),
                IL_EVENT_BARRIER_PASS);
  g_assert_cmpuint (get_value (waiter, find_event (waiter, 0, IL_EVENT_COND_WOKEN, 0)), ==,
                    waker->info.index + 1);
  g_assert_cmpuint (get_value (waker, find_event (waker, 0, IL_EVENT_COND_NOTIFY, 0)), ==,
                    1 | IL_EVENT_WOKE);
  g_assert_cmpuint (get_value (waker, find_event (waker, 0, IL_EVENT_SEM_POST, 0)), ==,
                    1 | IL_EVENT_WOKE);
  g_assert_cmpuint (get_value (waker, find_event (waker, 0, IL_EVENT_RW_RELEASE, 0)), ==,
                    IL_ACCESS_WRITE | IL_EVENT_WOKE);
  g_assert_cmpuint (get_value (waker, find_event (waker, 0, IL_EVENT_BARRIER_PASS, 0)), ==,
                    1 | IL_EVENT_WOKE);
  join = find_event (waker, 0, IL_EVENT_JOIN_WAIT, 0);
  g_assert_cmpuint (get_object (waker, join), ==, IL_CALL_JOIN);
  g_assert_cmpuint (get_value (waker, join), ==, waiter->info.index + 1);
  find_event (waker, join, IL_EVENT_JOIN_END, 0);
  run_clear (&run);
}

static void
test_c11 (void)
{
  const CollectedLane *waiter, *waker;
  const IlTraceObjectInfo *mutex, *condition;
  guint wait, timeout, join;
  Run run;

  run_subject (&run, NULL, "c11", NULL);
  assert_ended_well (&run);
  waiter = get_lane (&run, "waiter", 0);
  waker = get_lane (&run, "waker", 0);
  g_assert_cmpuint (waiter->info.creator_plus_1, ==, waker->info.index + 1);
  wait = find_event (waiter, 0, IL_EVENT_LOCK_WAIT, 0);
  g_assert_cmpuint (get_value (waiter, wait), ==, waker->info.index + 1);
  mutex = get_info (&run, get_object (waiter, wait));
  condition
      = get_info (&run, get_object (waiter, find_event (waiter, wait, IL_EVENT_COND_WAIT, 0)));
  g_assert_cmpint (condition->kind, ==, IL_OBJECT_CONDITION);
  /* They lie in the program, and are used from there. */
  g_assert_cmpuint (mutex->lies.module, !=, 0);
  g_assert_cmpuint (mutex->used.module, ==, mutex->lies.module);
  g_assert_cmpuint (condition->used.module, ==, mutex->lies.module);
  g_assert_cmpuint (get_value (waiter, find_event (waiter, wait, IL_EVENT_COND_WOKEN, 0)), ==,
                    waker->info.index + 1);
  timeout = find_event (waker, 0, IL_EVENT_WAIT_CANCELLED, 0);
  g_assert_cmpuint (get_object (waker, timeout), ==, condition->id);
  join = find_event (waker, 0, IL_EVENT_JOIN_WAIT, 0);
  g_assert_cmpuint (get_value (waker, join), ==, waiter->info.index + 1);
  /* One by each at first, one after each wait for the condition, one to signal it. */
  g_assert_cmpuint (count_acquisitions (&run, mutex->id), ==, 5);
  run_clear (&run);
}

static void
test_words (void)
{
  const CollectedLane *waiter, *waker;
  const IlTraceObjectInfo *word;
  guint wait;
  Run run;

  run_subject (&run, NULL, "words", NULL);
  assert_ended_well (&run);
  waiter = get_lane (&run, "waiter", 0);
  waker = get_lane (&run, "waker", 0);
  wait = find_event (waiter, 0, IL_EVENT_COND_WAIT, 0);
  word = get_info (&run, get_object (waiter, wait));
  g_assert_cmpint (word->kind, ==, IL_OBJECT_CONDITION);
  g_assert_cmpuint (word->parameter, ==, 1);
  g_assert_cmpuint (word->used.module, !=, 0);
  g_assert_cmpuint (get_value (waiter, find_event (waiter, wait, IL_EVENT_COND_WOKEN, 0)), ==,
                    waker->info.index + 1);
  g_assert_cmpuint (get_object (waker, find_event (waker, 0, IL_EVENT_COND_NOTIFY, 0)), ==,
                    word->id);
  /* Who finds the word changed does not wait. */
  g_assert_cmpuint (count_events (waiter, IL_EVENT_COND_WAIT), ==, 2);
  g_assert_cmpuint (count_events (waiter, IL_EVENT_WAIT_CANCELLED), ==, 1);
  run_clear (&run);
}

/* One who waits for a semaphore that it has itself waits for another, or for ever. */
static void
test_units (void)
{
  const CollectedLane *signalled, *selfish;
  const IlTraceObjectInfo *info;
  guint wait;
  Run run;

  run_subject (&run, NULL, "units", NULL);
  assert_ended_well (&run);
  signalled = get_lane (&run, "signalled", 0);
  g_assert_cmpuint (count_events (signalled, IL_EVENT_LOCK_WAIT), ==, 0);
  g_assert_cmpuint (count_events (signalled, IL_EVENT_SEM_WAIT), ==, 4);
  info = get_info (&run, get_object (signalled, find_event (signalled, 0, IL_EVENT_SEM_WAIT, 0)));
  g_assert_cmpint (info->kind, ==, IL_OBJECT_SEMAPHORE);
  selfish = get_lane (&run, "selfish", 0);
  wait = find_event (selfish, 0, IL_EVENT_LOCK_WAIT, 0);
  g_assert_cmpuint (get_value (selfish, wait), ==, selfish->info.index + 1);
  info = get_info (&run, get_object (selfish, wait));
  g_assert_cmpint (info->kind, ==, IL_OBJECT_LOCK);
  g_assert_cmpuint (info->parameter, ==, IL_LOCK_BINARY);
  run_clear (&run);
}

/* Right before the wait stands that it ends by itself. */
static void
assert_timed (const CollectedLane *lane, IlEventKind kind, guint n, gboolean is_timed)
{
  guint place = find_event (lane, 0, kind, n);

  g_assert_cmpint (IL_EVENT_KIND (collected_event (lane, place - 1)->what) == IL_EVENT_WAIT_TIMED,
                   ==, is_timed);
}

static void
test_timed (void)
{
  const CollectedLane *waiter, *owner;
  Run run;

  run_subject (&run, NULL, "timed", NULL);
  assert_ended_well (&run);
  waiter = get_lane (&run, "waiter", 0);
  owner = get_lane (&run, "owner", 0);
  assert_timed (waiter, IL_EVENT_LOCK_WAIT, 0, TRUE);
  assert_timed (waiter, IL_EVENT_SEM_WAIT, 0, TRUE);
  assert_timed (waiter, IL_EVENT_LOCK_WAIT, 1, TRUE);
  assert_timed (waiter, IL_EVENT_RW_WAIT, 0, TRUE);
  g_assert_cmpuint (count_events (waiter, IL_EVENT_WAIT_TIMED), ==, 4);
  assert_timed (owner, IL_EVENT_JOIN_WAIT, 0, FALSE);
  assert_timed (owner, IL_EVENT_COND_WAIT, 0, TRUE);
  run_clear (&run);
}

static gboolean
is_late (Run *run, guint lane_plus_1)
{
  guint n = count_lanes (run, "late");

  while (n > 0 && get_lane (run, "late", n - 1)->info.index + 1 != lane_plus_1)
    n--;
  return n > 0;
}

/* Who is waited for is told even where that one has not begun yet, if the wait lasts. */
static void
test_joins (void)
{
  const CollectedLane *early;
  guint end = 0;
  Run run;

  run_subject (&run, NULL, "joins", NULL);
  assert_ended_well (&run);
  early = get_lane (&run, "early", 0);
  g_assert_cmpuint (count_events (early, IL_EVENT_JOIN_END), ==, 110);
  for (guint i = 0; i < 10; i++)
    {
      /* What it said last before the end. */
      end = find_event (early, end + 1, IL_EVENT_JOIN_END, 0);
      g_assert_cmpuint (collected_event (early, end - 1)->what & 0xffu, ==, IL_EVENT_JOIN_WAIT);
      g_assert_true (is_late (&run, get_value (early, end - 1)));
    }
  run_clear (&run);
}

/* Of several who come at once to what nobody met before, each is told, and counted. */
static void
test_crowds (void)
{
  guint n_waits = 0, n_passes = 0, n_unknown = 0;
  Run run;

  run_subject (&run, NULL, "crowds", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (count_lanes (&run, "comer"), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      const CollectedLane *comer = get_lane (&run, "comer", i);

      n_waits += count_events (comer, IL_EVENT_BARRIER_WAIT);
      n_passes += count_events (comer, IL_EVENT_BARRIER_PASS);
      n_unknown += count_events (comer, IL_EVENT_JOIN_WAIT);
    }
  /* Of 300 barriers, each met twice, the last does not wait. */
  g_assert_cmpuint (n_waits, ==, 300 * 2 * 2);
  g_assert_cmpuint (n_passes, ==, 300 * 2 * 3);
  g_assert_cmpuint (n_unknown, ==, 0);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/preload/wakes/posix", test_wakes);
  g_test_add_func ("/preload/wakes/c11", test_c11);
  g_test_add_func ("/preload/wakes/words", test_words);
  g_test_add_func ("/preload/wakes/units", test_units);
  g_test_add_func ("/preload/wakes/timed", test_timed);
  g_test_add_func ("/preload/wakes/joins", test_joins);
  g_test_add_func ("/preload/wakes/crowds", test_crowds);
  return g_test_run ();
}
