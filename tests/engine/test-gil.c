/* test-gil.c - under the global lock one thread runs at a time, and hands over when asked to
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#define HEAD "[Scenario]\nName=Test\nModel=gil\nSeed=5\n"
#define MS 1000000

static guint
get_gil (const Recording *recording)
{
  guint gil = recording_find_object (recording, IL_OBJECT_LOCK, "GIL");

  g_assert_cmpuint (g_array_index (recording->objects, IlTraceObjectInfo, gil - 1).parameter, ==,
                    IL_LOCK_INTERPRETER);
  return gil;
}

static gboolean
is_worker (const Recording *recording, const Entry *entry)
{
  return recording_get_lane (recording, entry->lane)->info.role == IL_ROLE_WORKER;
}

#define NOBODY G_MAXUINT

/* Two never have it at once, and nobody does anything in a task without it but wait,
 * at first for the lock itself. */
static void
check_exclusive (const Recording *recording)
{
  guint gil = get_gil (recording), holder = NOBODY, n_taken = 0;

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);
      gboolean is_gil = entry->object == gil;

      if (!is_worker (recording, entry))
        g_assert_false (is_gil && entry->kind == IL_EVENT_LOCK_ACQUIRE);
      else if (is_gil && entry->kind == IL_EVENT_LOCK_ACQUIRE)
        {
          g_assert_cmpuint (holder, ==, NOBODY);
          holder = entry->lane;
          n_taken++;
        }
      else if (is_gil && entry->kind == IL_EVENT_LOCK_RELEASE)
        {
          g_assert_cmpuint (holder, ==, entry->lane);
          holder = NOBODY;
        }
      else if (entry->kind == IL_EVENT_TASK_END || entry->kind == IL_EVENT_SLEEP_BEGIN)
        g_assert_cmpuint (holder, ==, entry->lane);
    }
  g_assert_cmpuint (holder, ==, NOBODY);
  g_assert_cmpuint (n_taken, >, 0);
}

static void
test_exclusive (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=4\n[Lock A]\n[Semaphore S]\nUnits=2\n[Queue Q]\nCapacity=2\n"
                            "[Task a]\nCount=200\nSteps=cpu ~20us; lock A; cpu ~5us; sleep 10us; "
                            "unlock A; acquire S; yield; post S; put Q\n"
                            "[Task b]\nCount=200\nWorkers=2\nSteps=get Q; cpu ~5us\n");
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);

  g_assert_cmpuint (recording->counts.done, ==, 400);
  check_exclusive (recording);
}

/* How long it was held each time, when it was then given up because another asked for it. */
static GArray *
get_asked_holds (const Recording *recording)
{
  GArray *holds = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint gil = get_gil (recording);
  gint64 taken_ns = 0;

  for (guint i = 0; i + 1 < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);
      gint64 held_ns;

      if (entry->object != gil)
        continue;
      if (entry->kind == IL_EVENT_LOCK_ACQUIRE)
        taken_ns = entry->time_ns;
      if (entry->kind != IL_EVENT_LOCK_RELEASE)
        continue;
      held_ns = entry->time_ns - taken_ns;
      /* It waits for it again at once. */
      for (guint j = i + 1; j < recording->entries->len; j++)
        if (recording_get (recording, j)->lane == entry->lane)
          {
            if (recording_get (recording, j)->kind == IL_EVENT_LOCK_WAIT
                && recording_get (recording, j)->object == gil)
              g_array_append_val (holds, held_ns);
            break;
          }
    }
  return holds;
}

/* How long each worker had it, by lane. */
static GArray *
get_held_times (const Recording *recording)
{
  GArray *held_ns = g_array_new (FALSE, TRUE, sizeof (gint64));
  guint gil = get_gil (recording);
  gint64 taken_ns = 0;

  g_array_set_size (held_ns, recording->lanes->len);
  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (entry->object != gil)
        continue;
      if (entry->kind == IL_EVENT_LOCK_ACQUIRE)
        taken_ns = entry->time_ns;
      if (entry->kind == IL_EVENT_LOCK_RELEASE)
        g_array_index (held_ns, gint64, entry->lane) += entry->time_ns - taken_ns;
    }
  return held_ns;
}

/* The rates of two of the system's clocks differ by less. */
#define BY_ANOTHER_CLOCK(ns) ((ns) / 1000 * 999)

/* Two that only compute: together not faster than one core, since one has it at a time and whoever
 * computes has it; and in turns.  Returns how many turns ended since the other asked. */
static guint
check_turns_of (const char *interval, gint64 interval_ns, gint64 work_ns)
{
  g_autofree char *text
      = g_strdup_printf (HEAD "Workers=2\nSwitchInterval=%s\n[Task a]\nCount=2\nSteps=cpu %dms\n",
                         interval, (int)(work_ns / MS));
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  g_autoptr (GArray) holds = get_asked_holds (recording);
  g_autoptr (GArray) held_ns = get_held_times (recording);

  check_exclusive (recording);
  g_assert_cmpuint (recording->counts.done, ==, 2);
  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (entry->kind == IL_EVENT_TASK_END)
        g_array_index (held_ns, gint64, entry->lane) -= BY_ANOTHER_CLOCK (work_ns);
    }
  for (guint i = 0; i < held_ns->len; i++)
    g_assert_cmpint (g_array_index (held_ns, gint64, i), >=, 0);

  /* Never before the interval is over; how long after depends on the machine's other business. */
  for (guint i = 0; i < holds->len; i++)
    g_assert_cmpint (g_array_index (holds, gint64, i), >=, BY_ANOTHER_CLOCK (interval_ns));
  return holds->len;
}

/* Who has no core cannot ask: on a busy machine it takes more work until each had its turns. */
static void
check_turns (const char *interval, gint64 interval_ns)
{
  gint64 work_ns = 150 * MS;
  guint n_turns;

  while ((n_turns = check_turns_of (interval, interval_ns, work_ns)) < 3
         && work_ns < G_GINT64_CONSTANT (5000) * MS)
    work_ns *= 2;
  g_assert_cmpuint (n_turns, >=, 3);
}

static void
test_turns (void)
{
  check_turns ("5ms", 5 * MS);
  check_turns ("20ms", 20 * MS);
  /* So often that what it takes to wait for the lock would show if it passed for work. */
  check_turns ("100us", MS / 10);
}

/* Who sleeps does not hold it: all sleep at the same time. */
static void
test_sleeps_overlap (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=5\n[Task a]\nCount=5\nSteps=sleep 300ms\n");
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  guint n_asleep = 0, most = 0;

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (!is_worker (recording, entry))
        continue;
      n_asleep += entry->kind == IL_EVENT_SLEEP_BEGIN;
      n_asleep -= entry->kind == IL_EVENT_SLEEP_END;
      most = MAX (most, n_asleep);
    }
  g_assert_cmpuint (most, ==, 5);
  check_exclusive (recording);
}

static guint32
get_n_switches (const IlPool *pool)
{
  return atomic_load (&il_pool_get_arena (pool)->gil.n_switches);
}

static void
supervise (IlPool *pool)
{
  g_assert_true (il_pool_supervise (pool, NULL));
  g_usleep (1000);
}

/* The interval can be turned while it runs. */
static void
test_live_interval (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=2\nSwitchInterval=${interval}\n[Knob "
                            "interval]\nName=I\nValue=10s\nMin=1ms\nMax=10s\n"
                            "[Task a]\nArrival=loop\nSteps=cpu 50ms\n");
  IlPool *pool;
  guint32 n_before;

  g_assert_true (scenario->knobs[0].live);
  pool = fixture_start_pool (scenario, NULL);
  while (atomic_load (&il_pool_get_arena (pool)->gil.n_waiting) == 0 || get_n_switches (pool) == 0)
    supervise (pool);
  n_before = get_n_switches (pool);
  for (guint i = 0; i < 100; i++)
    supervise (pool);
  g_assert_cmpuint (get_n_switches (pool), ==, n_before);

  /* Who waits already does so for as long as was said when it began. */
  il_arena_set_knob (il_pool_get_arena (pool), 0, 1e6);
  il_pool_pause (pool);
  while (!il_pool_is_stopped (pool))
    supervise (pool);
  il_pool_resume (pool);
  while (get_n_switches (pool) < n_before + 20)
    supervise (pool);
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* While it is paused nobody has the lock, nobody runs; then it goes on. */
static void
test_pause (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=3\nSwitchInterval=1ms\n[Task a]\nArrival=loop\n"
                            "Steps=cpu 2ms; sleep ~50us; yield\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts before, after;

  for (guint i = 0; i < 5; i++)
    {
      do
        {
          supervise (pool);
          il_pool_get_counts (pool, &before);
        }
      while (before.done < 5 * (i + 1));
      il_pool_pause (pool);
      while (!il_pool_is_stopped (pool))
        supervise (pool);
      g_assert_cmpuint (atomic_load (&il_pool_get_arena (pool)->gil.word), ==, 0);
      il_pool_get_counts (pool, &before);
      for (guint j = 0; j < 10; j++)
        supervise (pool);
      il_pool_get_counts (pool, &after);
      g_assert_cmpuint (after.done, ==, before.done);
      il_pool_resume (pool);
    }
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* A deadlock under the lock is one for the scenario's locks alone: it can be ended. */
static void
test_cancel (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=2\n[Lock A]\n[Semaphore S]\nUnits=0\n"
                            "[Task a]\nCount=2\nSteps=lock A; acquire S; unlock A\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlArena *arena = il_pool_get_arena (pool);

  while (atomic_load (&arena->agents[IL_FIRST_WORKER].activity) != IL_ACTIVITY_WAITING
         || atomic_load (&arena->agents[IL_FIRST_WORKER + 1].activity) != IL_ACTIVITY_WAITING)
    supervise (pool);
  il_pool_terminate (pool);
  g_assert_cmpuint (fixture_join_pool (pool).cancelled, ==, 2);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gil/exclusive", test_exclusive);
  g_test_add_func ("/gil/turns", test_turns);
  g_test_add_func ("/gil/sleeps-overlap", test_sleeps_overlap);
  g_test_add_func ("/gil/live-interval", test_live_interval);
  g_test_add_func ("/gil/pause", test_pause);
  g_test_add_func ("/gil/cancel", test_cancel);
  return g_test_run ();
}
