/* test-finder.c - what is lost, who dies, and asking from other threads
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "finder-fixture.h"

#include <pthread.h>

/* That it got what it waited for, and gave back what it had, may be among what was lost. */
static void
test_lost (void)
{
  World world;
  gint64 now_ns = 10 * MS;

  world_init (&world);
  FEED (&world, 5 * MS, { 1 * MS, 3, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { 2 * MS, 3, IL_RECORD_LOCK_WAIT, A, 0 }, { 3 * MS, 3, IL_RECORD_LOST, 0, 1000 },
        { 4 * MS, 5, IL_RECORD_LOCK_WAIT, A, 0 });
  for (guint i = 0; i < 40; i++, now_ns += 20 * MS)
    FEED (&world, now_ns + 20 * MS, { now_ns, 1 + i % 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
          { now_ns + MS, 1 + i % 2, IL_RECORD_LOCK_RELEASE, A, 0 });
  FEED (&world, now_ns + 20 * MS, { now_ns, 5, IL_RECORD_LOST, 0, 1000 },
        { now_ns, 3, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { now_ns + 1, 4, IL_RECORD_LOCK_ACQUIRE, B, 0 },
        { now_ns + 2, 3, IL_RECORD_LOCK_WAIT, B, 0 },
        { now_ns + 3, 4, IL_RECORD_LOCK_RELEASE, B, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static void
test_losses (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOST_UPDATE, COUNTER, 2 },
        { 20, 2, IL_RECORD_LOST_UPDATE, COUNTER, 3 }, { 30, 2, IL_RECORD_TORN_LINES, LOG, 0 });
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "2 writes to total overwrote what others had changed since it was read: 5 in "
                  "all");
  FEED (&world, 200, { 110, 1, IL_RECORD_LOST_UPDATE, COUNTER, (guint32)-4 });
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "3 writes to total overwrote what others had changed since it was read: 1 in "
                  "all");
  FEED (&world, 300, { 210, 1, IL_RECORD_LOST_UPDATE, COUNTER, (guint32)-1 });
  /* They cancel out, and were overwritten all the same. */
  assert_finding (&world, IL_FINDING_LOST_UPDATE, FALSE,
                  "4 writes to total overwrote what others had changed since it was read: 0 in "
                  "all");
  world_clear (&world);
  world_init (&world);
  FEED (&world, 100, { 30, 2, IL_RECORD_TORN_LINES, LOG, 7 });
  assert_finding (&world, IL_FINDING_TORN_LINES, FALSE,
                  "7 lines of log are not whole: several wrote at the same time");
  world_clear (&world);
}

/* The dead hold nothing. */
static void
test_death (void)
{
  World world;

  world_init (&world);
  FEED (&world, 100, { 10, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 }, { 20, 1, IL_RECORD_LANE_END, 0, 0 },
        { 25, 3, IL_RECORD_LOCK_ACQUIRE, B, 0 }, { 30, 2, IL_RECORD_OWNER_DIED, A, 77 },
        { 31, 2, IL_RECORD_OWNER_DIED, B, 0 }, { 32, 2, IL_RECORD_LOCK_ACQUIRE, A, 0 },
        { 33, 3, IL_RECORD_LOCK_WAIT, A, 0 });
  assert_nothing (&world);
  world_clear (&world);
}

static _Atomic gboolean stops;

static void *
ask (void *data)
{
  IlFinder *finder = data;

  while (!stops)
    {
      g_autoptr (IlFindings) findings = il_finder_get_findings (finder);

      for (guint i = 0; i < findings->n_findings; i++)
        g_assert_cmpint (findings->findings[i].from_ns, <=, findings->findings[i].to_ns);
    }
  return NULL;
}

static void
test_threads (void)
{
  World world;
  pthread_t thread;

  world_init (&world);
  stops = FALSE;
  g_assert_cmpint (pthread_create (&thread, NULL, ask, world.finder), ==, 0);
  for (guint i = 0; i < 2000; i++)
    {
      gint64 at = i * 100;

      FEED (&world, at + 100, { at + 1, 1, IL_RECORD_LOCK_ACQUIRE, A, 0 },
            { at + 2, 1, IL_RECORD_LOCK_WAIT, A, 0 },
            { at + 3, 2, IL_RECORD_LOST_UPDATE, COUNTER, 1 });
      FEED (&world, at + 100, { at + 50, 1, IL_RECORD_WAIT_CANCELLED, A, 0 },
            { at + 51, 1, IL_RECORD_LOCK_RELEASE, A, 0 });
    }
  stops = TRUE;
  pthread_join (thread, NULL);
  {
    g_autoptr (IlFindings) findings = il_finder_get_findings (world.finder);

    g_assert_cmpuint (findings->n_findings, ==, 2);
    g_assert_cmpuint (findings->findings[1].count, ==, 2000);
  }
  world_clear (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/finder/lost", test_lost);
  g_test_add_func ("/finder/losses", test_losses);
  g_test_add_func ("/finder/death", test_death);
  g_test_add_func ("/finder/threads", test_threads);
  return g_test_run ();
}
