/* test-coroutine.c - coroutines share a carrier, wait without it, and there can be thousands
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "il-carrier.h"

#define HEAD "[Scenario]\nName=Test\nModel=coroutines\nSeed=5\n"

/* The thread sanitizer has room for some thousands of threads, and counts coroutines as such. */
#define N_MANY (WITH_PROCESSES ? 10000 : 1000)

static gboolean
is_carrier (const Recording *recording, const Entry *entry)
{
  return recording_get_lane (recording, entry->lane)->info.role == IL_ROLE_CARRIER;
}

/* Of each entry, the coroutine that did it; 0: none. */
static guint32 *
get_doers (const Recording *recording)
{
  guint32 *doers = g_new0 (guint32, recording->entries->len);
  g_autofree guint32 *current = g_new0 (guint32, recording->lanes->len);

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (entry->kind == IL_EVENT_COROUTINE && is_carrier (recording, entry))
        current[entry->lane] = entry->value & ~(IL_EVENT_YIELDED | IL_EVENT_COROUTINE_ENDED);
      doers[i] = current[entry->lane];
    }
  return doers;
}

/* Each task is begun and ended by the same coroutine, and on each carrier one is current. */
static void
test_switches (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=6\nCarriers=2\n[Lock A]\n[Semaphore S]\nUnits=2\n"
                            "[Queue Q]\nCapacity=2\n"
                            "[Task a]\nCount=300\nSteps=cpu ~5us; lock A; yield; unlock A; "
                            "acquire S; sleep ~20us; post S; put Q\n"
                            "[Task b]\nCount=300\nWorkers=2\nTitle=Eater\nSteps=get Q; cpu ~5us\n");
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  g_autofree guint32 *doers = get_doers (recording);
  g_autoptr (GHashTable) begun = g_hash_table_new (NULL, NULL);
  guint worker = recording_find_object (recording, IL_OBJECT_TITLE, "Worker");
  guint eater = recording_find_object (recording, IL_OBJECT_TITLE, "Eater");
  guint n_ended = 0, n_yielded = 0;

  g_assert_cmpuint (recording->counts.done, ==, 600);
  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (entry->kind == IL_EVENT_COROUTINE && is_carrier (recording, entry))
        {
          g_assert_cmpuint (entry->object, ==, doers[i] == 0 ? 0 : doers[i] <= 6 ? worker : eater);
          n_ended += (entry->value & IL_EVENT_COROUTINE_ENDED) != 0;
          n_yielded += (entry->value & IL_EVENT_YIELDED) != 0;
        }
      else if (entry->kind == IL_EVENT_TASK_BEGIN)
        {
          g_assert_cmpuint (doers[i], >, 0);
          g_hash_table_insert (begun, GUINT_TO_POINTER (entry->value), GUINT_TO_POINTER (doers[i]));
        }
      else if (entry->kind == IL_EVENT_TASK_END)
        g_assert_cmpuint (
            GPOINTER_TO_UINT (g_hash_table_lookup (begun, GUINT_TO_POINTER (entry->value))), ==,
            doers[i]);
    }
  g_assert_cmpuint (n_ended, ==, 8);
  g_assert_cmpuint (n_yielded, >, 0);
}

/* Whoever makes coroutines says so before they run: their only carrier may be with others then. */
static void
test_made (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      HEAD "Carriers=1\n[Task a]\nCount=9\nWorkers=3\nTitle=Eater\nSteps=cpu 1ms\n");
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  guint32 made = 0, run = 0;

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);
      guint32 bit = 1u << (entry->value & 31);

      if (entry->kind != IL_EVENT_COROUTINE)
        continue;
      if (!is_carrier (recording, entry))
        {
          g_assert_cmphex (entry->value & IL_EVENT_COROUTINE_FLAGS, ==, 0);
          g_assert_cmphex (made & bit, ==, 0);
          made |= bit;
        }
      else if ((entry->value & ~IL_EVENT_COROUTINE_FLAGS) != 0)
        {
          g_assert_cmphex (made & bit, ==, bit);
          run |= bit;
        }
    }
  g_assert_cmphex (made, ==, 2 | 4 | 8);
  g_assert_cmphex (run, ==, made);
}

/* The holder that a wait names is a coroutine, by its number. */
static void
test_who (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (HEAD "Workers=3\n[Lock A]\n[Task a]\nCount=30\n"
                                                        "Steps=lock A; sleep 100us; unlock A\n");
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  guint lock = recording_find_object (recording, IL_OBJECT_LOCK, "A");
  guint n_waits = 0;

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (entry->kind != IL_EVENT_LOCK_WAIT || entry->object != lock)
        continue;
      n_waits++;
      g_assert_cmphex (entry->value & IL_EVENT_IS_COROUTINE, !=, 0);
      g_assert_cmpuint (entry->value & ~IL_EVENT_IS_COROUTINE, >=, 1);
      g_assert_cmpuint (entry->value & ~IL_EVENT_IS_COROUTINE, <=, 3);
    }
  g_assert_cmpuint (n_waits, >, 0);
}

static guint
get_most_asleep (const Recording *recording)
{
  guint n_asleep = 0, most = 0;

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (!is_carrier (recording, entry))
        continue;
      n_asleep += entry->kind == IL_EVENT_SLEEP_BEGIN;
      n_asleep -= entry->kind == IL_EVENT_SLEEP_END;
      most = MAX (most, n_asleep);
    }
  return most;
}

/* All of them sleep at the same time, on one thread, some gigabytes of stacks notwithstanding. */
static void
test_many (void)
{
  g_autofree char *text
      = g_strdup_printf (HEAD "Workers=%d\nCapacity=%d\n[Task a]\nCount=%d\nSteps=sleep ${nap}\n"
                              "[Knob nap]\nName=N\nValue=4s\nMin=1s\nMax=60s\n",
                         N_MANY, N_MANY, N_MANY);
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  g_test_message ("%d coroutines, at most %u asleep, peak %ld MiB", N_MANY,
                  get_most_asleep (recording), usage.ru_maxrss / 1024);
  g_assert_cmpuint (recording->counts.done, ==, N_MANY);
  g_assert_cmpuint (get_most_asleep (recording), ==, N_MANY);
}

/* One that only computes does not give way: nobody else of its carrier does anything meanwhile. */
static void
test_stall (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "[Task nap]\nCount=200\nWorkers=2\nSteps=sleep 500us\n"
                            "[Task hog]\nCount=2\nWorkers=1\nSteps=cpu 40ms; sleep 5ms\n");
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  g_autofree guint32 *doers = get_doers (recording);
  guint hog = recording_find_object (recording, IL_OBJECT_TASK_KIND, "hog");
  guint32 stalled_by = 0;
  guint n_stalls = 0;

  for (guint i = 0; i < recording->entries->len; i++)
    {
      const Entry *entry = recording_get (recording, i);

      if (!is_carrier (recording, entry))
        continue;
      /* How long it is to sleep is said; whoever was woken early sleeps the rest. */
      if (entry->kind == IL_EVENT_SLEEP_BEGIN)
        {
          g_assert_cmpuint (entry->value, >, 0);
          g_assert_cmpuint (entry->value, <=, doers[i] == stalled_by ? 5000 : 500);
        }
      if (entry->kind == IL_EVENT_TASK_BEGIN && entry->object == hog)
        stalled_by = doers[i];
      else if (entry->kind == IL_EVENT_SLEEP_BEGIN && doers[i] == stalled_by)
        {
          stalled_by = 0;
          n_stalls++;
        }
      else if (stalled_by != 0)
        g_assert_cmpuint (doers[i], ==, stalled_by);
    }
  g_assert_cmpuint (n_stalls, ==, 2);
}

typedef struct
{
  IlArena *arena;
  int pipe[2];
  guint n_left;
  _Atomic guint n_passed;
  _Atomic guint32 word;
} Shared;

static void
begin (IlActor *actor, Shared *shared, guint agent, IlCoroutine *self)
{
  il_actor_init (actor, shared->arena, IL_FIRST_WORKER + agent);
  actor->coroutine = self;
  il_actor_enter (actor, NULL, IL_ROLE_WORKER, 0);
}

/* Carriers for coroutines that no pool starts. */
static IlCarriers *
start_carriers (Shared *shared, IlScenario **scenario, guint n_carriers, guint n_coroutines)
{
  g_autofree char *text
      = g_strdup_printf (HEAD "Workers=%u\n[Task a]\nSteps=yield\n", n_coroutines);
  g_autoptr (GError) error = NULL;
  IlCarriers *carriers;

  memset (shared, 0, sizeof *shared);
  *scenario = fixture_parse (text);
  shared->arena = il_arena_new (*scenario, &error);
  g_assert_no_error (error);
  fixture_release (shared->arena);
  carriers = il_carriers_new (shared->arena, n_carriers, n_coroutines);
  g_assert_nonnull (carriers);
  shared->arena->carriers = carriers;
  g_assert_cmpint (il_carriers_start (carriers, NULL, 0), ==, 0);
  return carriers;
}

static void
end_carriers (Shared *shared, IlCarriers *carriers, IlScenario *scenario)
{
  il_carriers_stop (carriers);
  il_carriers_free (carriers);
  shared->arena->carriers = NULL;
  il_arena_free (shared->arena);
  il_scenario_free (scenario);
}

static void
reader_coroutine (IlCoroutine *self, void *data)
{
  Shared *shared = data;
  IlActor actor;
  char byte;

  begin (&actor, shared, 0, self);
  for (guint i = 0; i < 1000; i++)
    {
      il_actor_begin_wait (&actor, IL_ACTIVITY_WAITING);
      g_assert_cmpint (il_actor_wait_fd (&actor, shared->pipe[0], POLLIN, IL_NO_DEADLINE), ==,
                       POLLIN);
      il_actor_end_wait (&actor);
      g_assert_cmpint (read (shared->pipe[0], &byte, 1), ==, 1);
      atomic_fetch_add (&shared->n_passed, 1);
    }
  /* Nobody writes any more: time passes instead. */
  g_assert_cmpint (
      il_actor_wait_fd (&actor, shared->pipe[0], POLLIN, il_clock_monotonic_ns () + 2000000), ==,
      0);
  il_actor_leave (&actor, 0);
}

static void
writer_coroutine (IlCoroutine *self, void *data)
{
  Shared *shared = data;
  IlActor actor;

  begin (&actor, shared, 1, self);
  for (guint i = 0; i < 1000; i++)
    {
      /* Sometimes the reader waits already, sometimes not. */
      if (i % 3 == 0)
        il_actor_yield (&actor);
      g_assert_cmpint (write (shared->pipe[1], "x", 1), ==, 1);
      if (i % 7 == 0)
        il_actor_sleep_until (&actor, atomic_load (&shared->arena->run),
                              il_clock_monotonic_ns () + 10000);
    }
  il_actor_leave (&actor, 0);
}

static void
wait_until_left (const Shared *shared, guint n)
{
  for (guint i = 0; i < n; i++)
    while (atomic_load (&shared->arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_LEFT)
      g_usleep (500);
}

/* A pipe between two of one carrier, and of two. */
static void
test_fds (void)
{
  for (guint n_carriers = 1; n_carriers <= 2; n_carriers++)
    {
      Shared shared;
      IlScenario *scenario;
      IlCarriers *carriers = start_carriers (&shared, &scenario, n_carriers, 2);

      g_assert_cmpint (pipe2 (shared.pipe, O_NONBLOCK | O_CLOEXEC), ==, 0);
      g_assert_true (il_carriers_spawn (carriers, 1, 0, reader_coroutine, &shared));
      g_assert_true (il_carriers_spawn (carriers, 2, 0, writer_coroutine, &shared));
      wait_until_left (&shared, 2);
      g_assert_cmpuint (atomic_load (&shared.n_passed), ==, 1000);
      end_carriers (&shared, carriers, scenario);
      close (shared.pipe[0]);
      close (shared.pipe[1]);
    }
}

static void
stuck_coroutine (IlCoroutine *self, void *data)
{
  Shared *shared = data;
  IlActor actor;

  begin (&actor, shared, 0, self);
  g_assert_cmpint (il_actor_wait_fd (&actor, shared->pipe[0], POLLIN, IL_NO_DEADLINE), ==, 0);
  il_actor_leave (&actor, 0);
}

static void
stuck_actor (IlActor *actor, void *data)
{
  Shared *shared = data;

  g_assert_cmpint (il_actor_wait_fd (actor, shared->pipe[0], POLLIN, IL_NO_DEADLINE), ==, 0);
}

/* Who waits for a descriptor that will never be ready is released when the run is given up. */
static void
test_cancel_fd (void)
{
  Shared shared;
  IlScenario *scenario;
  IlCarriers *carriers = start_carriers (&shared, &scenario, 1, 1);
  Agents *agents;

  g_assert_cmpint (pipe2 (shared.pipe, O_NONBLOCK | O_CLOEXEC), ==, 0);
  g_assert_true (il_carriers_spawn (carriers, 1, 0, stuck_coroutine, &shared));
  while (atomic_load (&shared.arena->agents[IL_FIRST_WORKER].sleeps_on) == NULL)
    g_usleep (500);
  il_arena_change_run (shared.arena, IL_RUN_CANCELLED, 0);
  while (atomic_load (&shared.arena->agents[IL_FIRST_WORKER].activity) != IL_ACTIVITY_LEFT)
    {
      il_arena_wake_all (shared.arena);
      g_usleep (500);
    }
  il_carriers_stop (carriers);

  /* And so is a thread. */
  il_arena_change_run (shared.arena, 0, IL_RUN_CANCELLED);
  agents = fixture_start_agents (shared.arena, 1, stuck_actor, &shared);
  g_usleep (5000);
  il_arena_change_run (shared.arena, IL_RUN_CANCELLED, 0);
  fixture_join_agents (agents);
  end_carriers (&shared, carriers, scenario);
  close (shared.pipe[0]);
  close (shared.pipe[1]);
}

#define N_ROUNDS 3000

/* Passes a word from one to the next, 0 → 1 → 2 → 0. */
static void
pass_on (IlActor *actor, Shared *shared, guint32 me)
{
  for (guint i = 0; i < N_ROUNDS; i++)
    {
      guint32 word;

      while ((word = atomic_load (&shared->word)) != me)
        il_actor_sleep_on (actor, &shared->word, word, IL_NO_DEADLINE);
      atomic_store (&shared->word, (me + 1) % 3);
      il_actor_wake_all (actor, &shared->word);
    }
}

static void
first_coroutine (IlCoroutine *self, void *data)
{
  IlActor actor;

  begin (&actor, data, 0, self);
  pass_on (&actor, data, 0);
  il_actor_leave (&actor, 0);
}

static void
second_coroutine (IlCoroutine *self, void *data)
{
  IlActor actor;

  begin (&actor, data, 1, self);
  pass_on (&actor, data, 1);
  il_actor_leave (&actor, 0);
}

/* No wake-up is lost between two carriers and a thread that carries nothing. */
static void
test_wake_ups (void)
{
  Shared shared;
  IlScenario *scenario;
  IlCarriers *carriers = start_carriers (&shared, &scenario, 2, 2);
  IlActor outside;

  il_actor_init (&outside, shared.arena, IL_AGENT_SUBMITTER);
  g_assert_true (il_carriers_spawn (carriers, 1, 0, first_coroutine, &shared));
  g_assert_true (il_carriers_spawn (carriers, 2, 0, second_coroutine, &shared));
  pass_on (&outside, &shared, 2);
  wait_until_left (&shared, 2);
  end_carriers (&shared, carriers, scenario);
}

static void
short_coroutine (IlCoroutine *self, void *data)
{
  Shared *shared = data;

  il_coroutine_yield (self);
  atomic_fetch_add (&shared->n_passed, 1);
}

/* A page of a stack is touched at least, so that these would take more than may be taken. */
#define N_SPAWNED 20000
#define MAX_GROWN_KIB (64 * 1024)
G_STATIC_ASSERT (N_SPAWNED * 4 > MAX_GROWN_KIB);

/* Stacks come back: no more are mapped for thousands than for those at once. */
static void
test_stacks_come_back (void)
{
  Shared shared;
  IlScenario *scenario;
  IlCarriers *carriers = start_carriers (&shared, &scenario, 2, 20);
  guint n_spawned = 0;
  struct rusage before, after;

  getrusage (RUSAGE_SELF, &before);
  while (n_spawned < N_SPAWNED)
    if (n_spawned - atomic_load (&shared.n_passed) < 20
        && il_carriers_spawn (carriers, n_spawned % 20 + 1, 0, short_coroutine, &shared))
      n_spawned++;
    else
      sched_yield ();
  end_carriers (&shared, carriers, scenario);
  getrusage (RUSAGE_SELF, &after);
  g_assert_cmpuint (atomic_load (&shared.n_passed), ==, N_SPAWNED);
  g_test_message ("peak grew by %ld KiB", after.ru_maxrss - before.ru_maxrss);
  g_assert_cmpint (after.ru_maxrss - before.ru_maxrss, <, MAX_GROWN_KIB);
}

static guint64 __attribute__ ((noinline)) recurse (guint64 depth)
{
  volatile guint64 room[64] = { depth };

  return depth == 0 ? room[0] : recurse (depth - 1) + room[depth % 64];
}

static void
deep_coroutine (IlCoroutine *self, void *data)
{
  IlActor actor;

  begin (&actor, data, 0, self);
  atomic_store (&((Shared *)data)->n_passed, (guint)recurse (1 << 20));
  il_actor_leave (&actor, 0);
}

/* A stack that overflows says whose it is; nothing else is overwritten. */
static void
test_overflow (void)
{
  if (g_test_subprocess ())
    {
      Shared shared;
      IlScenario *scenario;
      IlCarriers *carriers = start_carriers (&shared, &scenario, 1, 1);

      il_carriers_spawn (carriers, 1, 0, deep_coroutine, &shared);
      for (;;)
        pause ();
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*Worker 1: stack overflow, a coroutine has no more than*KiB*");
}

/* All of a run that hangs leave when it is given up. */
static void
test_cancel (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=500\nCarriers=2\n[Lock A]\n[Semaphore S]\nUnits=0\n"
                            "[Task a]\nCount=300\nSteps=lock A; acquire S; unlock A\n"
                            "[Task b]\nCount=300\nSteps=sleep 100s\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);

  for (guint i = 0; i < 50; i++)
    {
      g_assert_true (il_pool_supervise (pool, NULL));
      g_usleep (1000);
    }
  il_pool_terminate (pool);
  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 0);
  il_pool_free (pool);
}

/* Nobody runs while it is paused, whether it was ready, asleep or in the middle of something. */
static void
test_pause (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Workers=50\nCarriers=2\n[Lock A]\n[Task a]\nArrival=loop\n"
                            "Steps=cpu 300us; lock A; yield; unlock A; sleep ~200us\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts before, after;

  for (guint i = 0; i < 5; i++)
    {
      do
        {
          il_pool_supervise (pool, NULL);
          g_usleep (1000);
          il_pool_get_counts (pool, &before);
        }
      while (before.done < 20 * (i + 1));
      il_pool_pause (pool);
      while (!il_pool_is_stopped (pool))
        g_usleep (1000);
      il_pool_get_counts (pool, &before);
      g_usleep (10000);
      il_pool_get_counts (pool, &after);
      g_assert_cmpuint (after.done, ==, before.done);
      il_pool_resume (pool);
    }
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/coroutine/switches", test_switches);
  g_test_add_func ("/coroutine/made", test_made);
  g_test_add_func ("/coroutine/who", test_who);
  g_test_add_func ("/coroutine/many", test_many);
  g_test_add_func ("/coroutine/stall", test_stall);
  g_test_add_func ("/coroutine/fds", test_fds);
  g_test_add_func ("/coroutine/cancel-fd", test_cancel_fd);
  g_test_add_func ("/coroutine/wake-ups", test_wake_ups);
  g_test_add_func ("/coroutine/stacks-come-back", test_stacks_come_back);
  g_test_add_func ("/coroutine/overflow", test_overflow);
  g_test_add_func ("/coroutine/cancel", test_cancel);
  g_test_add_func ("/coroutine/pause", test_pause);
  return g_test_run ();
}
