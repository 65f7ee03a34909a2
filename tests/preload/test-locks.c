/* test-locks.c - who had a mutex and who waited for it is told as it was
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "preload-fixture.h"

#include <string.h>

static void
test_contend (gconstpointer kind)
{
  const CollectedLane *owner, *waiter;
  const IlTraceObjectInfo *info;
  guint wait, held, acquire, release, own_release;
  Run run;

  run_subject (&run, NULL, "contend", kind, NULL);
  assert_ended_well (&run);
  owner = get_lane (&run, "owner", 0);
  waiter = get_lane (&run, "waiter", 0);
  g_assert_cmpuint (waiter->info.creator_plus_1, ==, owner->info.index + 1);
  g_assert_cmpuint (IL_EVENT_KIND (collected_event (owner, 0)->what), ==, IL_EVENT_LANE_BEGIN);
  g_assert_cmpuint (IL_EVENT_KIND (collected_event (owner, 1)->what), ==, IL_EVENT_RUNS);

  wait = find_event (waiter, 0, IL_EVENT_LOCK_WAIT, 0);
  g_assert_cmpuint (get_value (waiter, wait), ==, owner->info.index + 1);
  assert_between (&run, get_time (&run, waiter, wait), "waiter before lock", "owner before unlock");
  held = find_event (waiter, wait + 1, IL_EVENT_LOCK_HELD, 0);
  g_assert_cmpuint (held, ==, wait + 1);
  assert_between (&run, get_time (&run, waiter, held) - get_length (&run, waiter, held),
                  "owner before lock", "owner after lock");

  own_release = find_event (owner, 0, IL_EVENT_LOCK_RELEASE, 0);
  g_assert_cmpuint (get_value (owner, own_release), ==, IL_EVENT_WOKE);
  assert_between (&run, get_time (&run, owner, own_release), "owner before unlock",
                  "owner after unlock");
  acquire = find_event (waiter, held + 1, IL_EVENT_LOCK_ACQUIRE, 0);
  g_assert_cmpuint (get_value (waiter, acquire), ==, owner->info.index + 1);
  assert_between (&run, get_time (&run, waiter, acquire), "owner before unlock",
                  "waiter after lock");
  g_assert_cmpint (get_time (&run, waiter, acquire), >=, get_time (&run, owner, own_release));
  release = find_event (waiter, acquire + 1, IL_EVENT_LOCK_RELEASE, 0);
  g_assert_cmpuint (get_value (waiter, release), ==, 0);
  assert_between (&run, get_time (&run, waiter, release), "waiter before unlock",
                  "waiter after unlock");

  info = get_info (&run, get_object (waiter, wait));
  g_assert_cmpint (info->kind, ==, IL_OBJECT_LOCK);
  g_assert_cmpuint (info->parameter, ==,
                    kind == NULL                        ? IL_LOCK_PLAIN
                    : g_strcmp0 (kind, "priority") == 0 ? IL_LOCK_PRIORITY
                    : g_strcmp0 (kind, "checking") == 0 ? IL_LOCK_CHECKING
                                                        : IL_LOCK_ROBUST);
  g_assert_cmpint (info->pid, ==, owner->info.pid);
  g_assert_cmpuint (info->lies.module, !=, 0);
  g_assert_cmpuint (info->used.module, ==, info->lies.module);
  g_assert_cmpuint (count_acquisitions (&run, info->id), ==, 2);
  run_clear (&run);
}

/* Nobody waits any more when it is given back, but it was said who has it. */
static void
test_outlast (void)
{
  const CollectedLane *owner, *waiter;
  guint wait, release;
  Run run;

  run_subject (&run, NULL, "outlast", NULL);
  assert_ended_well (&run);
  owner = get_lane (&run, "owner", 0);
  waiter = get_lane (&run, "waiter", 0);
  wait = find_event (waiter, 0, IL_EVENT_LOCK_WAIT, 0);
  g_assert_cmpuint (get_value (waiter, wait), ==, owner->info.index + 1);
  release = find_event (owner, 0, IL_EVENT_LOCK_RELEASE, 0);
  g_assert_cmpuint (get_object (owner, release), ==, get_object (waiter, wait));
  g_assert_cmpuint (get_value (owner, release), ==, 0);
  assert_between (&run, get_time (&run, owner, release), "owner before unlock",
                  "owner after unlock");

  wait = find_event (waiter, 0, IL_EVENT_RW_WAIT, 0);
  release = find_event (owner, 0, IL_EVENT_RW_RELEASE, 0);
  g_assert_cmpuint (get_object (owner, release), ==, get_object (waiter, wait));
  g_assert_cmpuint (get_value (owner, release), ==, IL_ACCESS_WRITE);
  assert_between (&run, get_time (&run, owner, release), "owner before unlock",
                  "owner after unlock");
  run_clear (&run);
}

/* Whoever has it has ended, and nobody else is to be blamed. */
static void
test_abandon (void)
{
  const CollectedLane *victim, *owner;
  guint wait, told;
  Run run;

  run_subject (&run, NULL, "abandon", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (count_lanes (&run, "innocent"), ==, 1);
  victim = get_lane (&run, "victim", 0);
  wait = find_event (victim, 0, IL_EVENT_LOCK_WAIT, 0);
  g_assert_cmpuint (get_value (victim, wait), ==, 0);
  owner = get_lane (&run, "owner", 0);
  told = find_event (owner, 0, IL_EVENT_LOCK_LEFT, 0);
  g_assert_cmpuint (get_object (owner, told), ==, get_object (victim, wait));
  g_assert_cmpuint (get_length (&run, owner, told), >, 0);
  run_clear (&run);
}

/* All lanes were in use when it began. */
static void
test_late (void)
{
  const RunOptions options = { .n_lanes = 6 };
  const CollectedLane *late;
  guint wait;
  Run run;

  run_subject (&run, &options, "late", NULL);
  assert_ended_well (&run);
  g_assert_cmpuint (run.stats.n_lanes_refused, >=, 4);
  late = get_lane (&run, "late", 0);
  g_assert_cmpint (late->info.tid, !=, late->info.pid);
  g_assert_cmpuint (IL_EVENT_KIND (collected_event (late, 1)->what), ==, IL_EVENT_RUNS);
  wait = find_event (late, 2, IL_EVENT_LOCK_WAIT, 0);
  find_event (late, wait, IL_EVENT_LOCK_ACQUIRE, 0);
  run_clear (&run);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/preload/locks/contend", NULL, test_contend);
  g_test_add_data_func ("/preload/locks/robust", "robust", test_contend);
  g_test_add_data_func ("/preload/locks/priority", "priority", test_contend);
  g_test_add_data_func ("/preload/locks/checking", "checking", test_contend);
  g_test_add_func ("/preload/locks/outlast", test_outlast);
  g_test_add_func ("/preload/locks/abandon", test_abandon);
  g_test_add_func ("/preload/locks/late", test_late);
  return g_test_run ();
}
