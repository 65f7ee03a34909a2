/* test-hostile.c - whatever records come, nothing breaks and what must hold does
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "timeline-fixture.h"

#include <string.h>

/* Which values a round draws from: the wilder, the fewer make sense. */
typedef struct
{
  const char *name;
  guint n_lanes;
  guint n_objects;
  guint max_value;
  gint64 max_step_ns;
} Wildness;

static const Wildness wildnesses[] = {
  { "plausible", N_LANES, 6, 8, 50 },
  { "crowded", N_LANES, 6, 8, 1 },
  { "slow", N_LANES, 6, 12, G_GINT64_CONSTANT (3000000000) },
  { "wild", N_LANES + 5, 300, G_MAXUINT32, 1000 },
};

static guint32
random_value (GRand *rand, guint max)
{
  if (max == G_MAXUINT32)
    return g_rand_int (rand);
  return (guint32)g_rand_int_range (rand, 0, (gint32)max)
         | (g_rand_boolean (rand) ? IL_RECORD_WOKE : 0) * (g_rand_int_range (rand, 0, 4) == 0);
}

static void
check_tasks (const Fixture *fixture)
{
  guint64 n_outcomes[IL_TASK_OUTCOME_PENDING + 1] = { 0 };
  IlTimelineTotals totals;
  IlTaskIter iter = { 0 };
  guint64 n_submitted = 0;
  IlTask task;

  while (il_timeline_next_task (fixture->timeline, &iter, &task))
    {
      n_submitted += task.submit_ns >= 0;
      n_outcomes[task.outcome]++;
    }
  il_timeline_get_totals (fixture->timeline, &totals);
  g_assert_cmpuint (n_submitted, ==, totals.n_submitted);
  for (guint i = 0; i < IL_TASK_OUTCOME_PENDING; i++)
    g_assert_cmpuint (n_outcomes[i], ==, totals.n_outcomes[i]);
  g_assert_cmpuint (il_timeline_get_tasks_done (fixture->timeline, G_MAXINT64), ==,
                    n_outcomes[IL_TASK_OUTCOME_DONE]);
}

/* Waits are in order, within the time known, and as many wait as say so. */
static void
check_waits (const Fixture *fixture)
{
  gint64 now_ns = il_timeline_get_end (fixture->timeline);

  for (guint i = 0; i < il_timeline_get_n_lanes (fixture->timeline); i++)
    {
      const IlLane *lane = fixture_lane (fixture, i);
      gint64 last_ns = 0;
      IlWait wait;

      for (gsize k = 0; il_lane_get_wait (lane, k, &wait); k++)
        {
          g_assert_cmpint (wait.end_ns, >=, last_ns);
          g_assert_cmpint (wait.end_ns, <=, now_ns);
          g_assert_cmpint (wait.wait_ns, >=, 0);
          g_assert_cmpuint (wait.lane, <, il_timeline_get_n_lanes (fixture->timeline));
          g_assert_cmpuint (wait.blamed_plus_1, <=, il_timeline_get_n_lanes (fixture->timeline));
          last_ns = wait.end_ns;
        }
      if (il_lane_get_waiters (lane) != NULL)
        {
          IlCounterBin bin;

          il_series_bin_counter (il_lane_get_waiters (lane), 0, now_ns + 1, now_ns + 1, 1, &bin);
          g_assert_cmpuint (bin.max, <=, il_timeline_get_n_lanes (fixture->timeline));
        }
    }
}

static void
test_random (gconstpointer data)
{
  const Wildness *wildness = data;
  g_autoptr (GRand) rand = g_rand_new_with_seed (99);

  for (guint round = 0; round < 20; round++)
    {
      gint64 now_ns = 0;
      Fixture fixture;

      fixture_init (&fixture);
      for (guint n = 0; n < 100; n++)
        {
          Event events[50];

          for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
            {
              now_ns += (gint64)(g_rand_double (rand) * (double)(wildness->max_step_ns + 1));
              events[i] = (Event){
                .time_ns = now_ns - (gint64)(g_rand_int_range (rand, 0, 10) == 0) * 20,
                .lane = (guint32)g_rand_int_range (rand, 0, (gint32)wildness->n_lanes),
                .kind = (IlRecordKind)g_rand_int_range (rand, 0, IL_N_RECORD_KINDS + 1),
                .object = (guint32)g_rand_int_range (rand, 0, (gint32)wildness->n_objects),
                .value = random_value (rand, wildness->max_value),
              };
              /* else nobody lives for long */
              if (g_rand_int_range (rand, 0, 20) != 0
                  && (events[i].kind == IL_RECORD_LANE_END
                      || events[i].kind == IL_RECORD_WORKER_LOST))
                events[i].kind = IL_RECORD_SCHED_IN;
            }
          fixture_feed (&fixture, events, G_N_ELEMENTS (events), now_ns + 1);
          fixture_check_lifetimes (&fixture);
        }
      check_tasks (&fixture);
      check_waits (&fixture);
      g_assert_cmpuint (fixture_n_inconsistent (&fixture), >, 0);
      g_clear_pointer (&fixture.builder, il_timeline_builder_free);
      fixture_check_lifetimes (&fixture);
      fixture_finish (&fixture);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (wildnesses); i++)
    {
      g_autofree char *path = g_strconcat ("/hostile/", wildnesses[i].name, NULL);

      g_test_add_data_func (path, &wildnesses[i], test_random);
    }
  return g_test_run ();
}
