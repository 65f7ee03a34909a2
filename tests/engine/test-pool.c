/* test-pool.c - a pool does each task once, gives results back, pauses, closes, terminates
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-lock.h"
#include "il-queue.h"

#define OWN_HEAD "[Scenario]\nName=Test\nModel=threads\nModels=serial;threads;processes\nSeed=7\n"
#define HEAD OWN_HEAD "Workers=3\n"

static const char *const same_tasks[] = {
  HEAD "[Task a]\nCount=400\nSteps=cpu ~2us; fail 10%\n[Task b]\nCount=200\nSteps=cpu ~1us; sleep "
       "~1us\n",
  HEAD "[Task a]\nCount=300\nArrival=rate 100000/s\nSteps=cpu ~2us; fail 10%\n",
  HEAD "[Task a]\nCount=300\nArrival=poisson 100000/s\nSteps=cpu ~2us; fail 10%\n",
  HEAD "[Task a]\nCount=300\nArrival=loop\nSteps=cpu ~2us; fail 10%\n",
  OWN_HEAD "[Task a]\nCount=300\nArrival=loop\nWorkers=2\nTitle=Maker\nSteps=cpu ~2us; fail 10%\n",
  HEAD "[Task a]\nCount=100\nSubmit=apply\nSteps=cpu ~2us; fail 10%\n",
  HEAD "[Task a]\nCount=10\nSubmit=map\nBatch=37\nChunk=5\nSteps=cpu ~2us; fail 10%\n",
  OWN_HEAD "[Queue Q]\nCapacity=4\n[Task a]\nCount=200\nWorkers=1\nSteps=cpu ~1us; put Q 50B\n"
           "[Task b]\nCount=200\nWorkers=2\nArrival=loop\nSteps=get Q; cpu ~1us\n",
  HEAD "[Lock A]\n[Semaphore S]\nUnits=2\n[Task a]\nCount=300\n"
       "Steps=lock A; cpu ~1us; unlock A; acquire S; cpu ~1us; post S\n",
};

static IlPoolCounts
run_to_end (const IlScenario *scenario)
{
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts counts = fixture_join_pool (pool);

  il_pool_free (pool);
  return counts;
}

/* Whoever does them, and how many: the same seed gives the same tasks with the same results. */
static void
test_same_seed_same_tasks (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (same_tasks); i++)
    {
      g_autoptr (IlScenario) scenario = fixture_parse (same_tasks[i]);
      IlPoolCounts reference;

      scenario->model = IL_MODEL_SERIAL;
      reference = run_to_end (scenario);
      g_assert_cmpuint (reference.done, >, 0);
      g_assert_cmpuint (reference.cancelled + reference.lost, ==, 0);
      for (int model = 0; model < (WITH_PROCESSES ? IL_N_MODELS : IL_MODEL_PROCESSES); model++)
        for (guint n_workers = 1; n_workers <= 4; n_workers += 3)
          for (int scheduling = 0; scheduling <= IL_SCHEDULING_PRIORITY; scheduling++)
            {
              IlPoolCounts counts;

              scenario->model = (IlModel)model;
              scenario->scheduling = (IlScheduling)scheduling;
              scenario->workers.literal = n_workers;
              counts = run_to_end (scenario);
              g_assert_cmpuint (counts.submitted, ==, reference.submitted);
              g_assert_cmpuint (counts.done, ==, reference.done);
              g_assert_cmpuint (counts.failed, ==, reference.failed);
              g_assert_cmpuint (counts.sum, ==, reference.sum);
            }
      scenario->seed++;
      g_assert_cmpuint (run_to_end (scenario).sum, !=, reference.sum);
    }
}

static IlPool *
start_empty_pool (IlScenario **scenario, IlModel model)
{
  g_autoptr (GError) error = NULL;
  IlPool *pool;

  *scenario = fixture_parse (HEAD "[Task a]\nCount=1\nSteps=cpu ~5us; fail 25%\n");
  (*scenario)->model = model;
  pool = il_pool_new (*scenario, NULL, &error);
  g_assert_no_error (error);
  il_pool_start (pool, &error);
  g_assert_no_error (error);
  il_pool_begin_submitting (pool);
  return pool;
}

static void
end_pool (IlPool *pool)
{
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* Task by task the same results, whether each is waited for or all at once. */
static void
test_results_come_back (void)
{
  enum
  {
    N = 100
  };
  IlPoolResult expected[N], results[N];

  for (int model = 0; model < (WITH_PROCESSES ? IL_N_MODELS : IL_MODEL_PROCESSES); model++)
    {
      g_autoptr (IlScenario) scenario = NULL;
      IlPool *pool = start_empty_pool (&scenario, (IlModel)model);
      guint n_failed = 0;

      for (guint i = 0; i < N; i++)
        {
          g_assert_cmpint (il_pool_apply (pool, 0, &results[i]), ==, IL_WAIT_DONE);
          n_failed += results[i].result == IL_TASK_FAILED;
          if (model == 0)
            expected[i] = results[i];
          g_assert_cmpint (results[i].result, ==, expected[i].result);
          g_assert_cmpuint (results[i].value, ==, expected[i].value);
        }
      g_assert_cmpuint (n_failed, >, 0);
      g_assert_cmpuint (n_failed, <, N);
      end_pool (pool);
    }
  for (int model = 0; model < (WITH_PROCESSES ? IL_N_MODELS : IL_MODEL_PROCESSES); model++)
    for (guint chunk = 1; chunk <= N; chunk += 33)
      {
        g_autoptr (IlScenario) scenario = NULL;
        IlPool *pool = start_empty_pool (&scenario, (IlModel)model);

        g_assert_cmpint (il_pool_map (pool, 0, N, chunk, results), ==, IL_WAIT_DONE);
        for (guint i = 0; i < N; i++)
          {
            g_assert_cmpint (results[i].result, ==, expected[i].result);
            g_assert_cmpuint (results[i].value, ==, expected[i].value);
          }
        end_pool (pool);
      }
}

static void
test_handles (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_empty_pool (&scenario, (IlModel)GPOINTER_TO_INT (model));
  guint n_handles = il_pool_get_arena (pool)->n_results;
  g_autofree IlPoolHandle *handles = g_new0 (IlPoolHandle, n_handles);
  IlPoolHandle one_too_many;
  IlPoolResult result;

  for (guint i = 0; i < n_handles; i++)
    g_assert_cmpint (il_pool_apply_async (pool, 0, &handles[i]), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_pool_apply_async (pool, 0, &one_too_many), ==, IL_WAIT_TIMEOUT);
  g_assert_cmpint (il_pool_map (pool, 0, 2, 1, NULL), ==, IL_WAIT_TIMEOUT);
  /* In any order. */
  for (guint i = 0; i < n_handles; i++)
    {
      IlPoolHandle *handle = &handles[(i * 7 + 3) % n_handles];

      if (handle->slot == 0)
        continue;
      g_assert_cmpint (il_pool_wait (pool, handle, &result), ==, IL_WAIT_DONE);
      g_assert_true (result.result == IL_TASK_DONE || result.result == IL_TASK_FAILED);
      g_assert_cmpuint (handle->slot, ==, 0);
    }
  g_assert_cmpint (il_pool_apply_async (pool, 0, &one_too_many), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_pool_apply_async (pool, 0, NULL), ==, IL_WAIT_DONE);
  end_pool (pool);
}

static IlPool *
start_text (IlScenario **scenario, const char *text, gconstpointer model)
{
  *scenario = fixture_parse (text);
  (*scenario)->model = (IlModel)GPOINTER_TO_INT (model);
  return fixture_start_pool (*scenario, NULL);
}

static guint64
count_settled (IlPool *pool)
{
  IlPoolCounts counts;

  il_pool_get_counts (pool, &counts);
  return counts.done + counts.failed + counts.cancelled + counts.lost;
}

static void
wait_for_progress (IlPool *pool)
{
  guint64 n_settled = count_settled (pool);

  while (count_settled (pool) < n_settled + 5)
    g_usleep (200);
}

static void
test_pause_stops_progress (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool
      = start_text (&scenario,
                    HEAD "[Lock A]\n[Queue Q]\nCapacity=3\n"
                         "[Task a]\nArrival=rate 20000/s\nSteps=lock A; cpu 5us; unlock A\n"
                         "[Task b]\nWorkers=1\nArrival=loop\nSteps=put Q 8B; cpu ~300us\n"
                         "[Task c]\nWorkers=1\nArrival=loop\nSteps=get Q; sleep ~100us\n",
                    model);

  for (guint round = 0; round < 20; round++)
    {
      IlPoolCounts before, after;

      wait_for_progress (pool);
      il_pool_pause (pool);
      while (!il_pool_is_stopped (pool))
        g_usleep (100);
      il_pool_get_counts (pool, &before);
      for (guint i = 0; i < 10; i++)
        {
          g_usleep (100);
          il_pool_get_counts (pool, &after);
          g_assert_cmpmem (&after, sizeof after, &before, sizeof before);
        }
      il_pool_resume (pool);
    }
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* Two tasks that take two locks in opposite order end up waiting for each other. */
static void
test_deadlock_is_terminated (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (
      &scenario,
      "[Scenario]\nName=Test\nModel=threads\n[Lock A]\n[Lock B]\n"
      "[Task ab]\nWorkers=1\nArrival=loop\nSteps=lock A; sleep 1ms; lock B; unlock B; unlock A\n"
      "[Task ba]\nWorkers=1\nArrival=loop\nSteps=lock B; sleep 1ms; lock A; unlock A; unlock B\n",
      model);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;

  while (atomic_load (&arena->agents[IL_FIRST_WORKER].activity) != IL_ACTIVITY_WAITING
         || atomic_load (&arena->agents[IL_FIRST_WORKER + 1].activity) != IL_ACTIVITY_WAITING
         || !il_guard_is_owned_by (&fixture_get_lock (arena, 0)->guard, IL_FIRST_WORKER + 1)
         || !il_guard_is_owned_by (&fixture_get_lock (arena, 1)->guard, IL_FIRST_WORKER + 2))
    g_usleep (100);
  il_pool_terminate (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.cancelled, ==, 2);
  g_assert_cmphex (atomic_load (&fixture_get_lock (arena, 0)->guard.word), ==, 0);
  g_assert_cmphex (atomic_load (&fixture_get_lock (arena, 1)->guard.word), ==, 0);
  il_pool_free (pool);
}

/* Every kind of wait lets go when the run is given up: of an own lock, a semaphore without units,
 * an empty queue, a full one, sleep, work, an empty task queue, a full one. */
static void
test_every_wait_is_cancelled (gconstpointer model)
{
  static const char *const steps[] = {
    "lock A; lock A; unlock A; unlock A",
    "acquire S; acquire S; post S; post S",
    "get Q",
    "put P 1B; put P 1B; put P 1B",
    "sleep 1000s",
    "cpu 1000s",
    "lock A; get Q; unlock A",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (IlScenario) scenario = NULL;
      g_autofree char *text = g_strconcat (
          HEAD "Capacity=5\n[Lock A]\n[Semaphore S]\nUnits=1\n[Queue Q]\nCapacity=1\n"
               "[Queue P]\nCapacity=1\n[Task never]\nWorkers=1\nArrival=rate 0.001/s\n"
               "Steps=put Q 1B; get P\n[Task t]\nSteps=",
          steps[i], "\n", NULL);
      IlPool *pool = start_text (&scenario, text, model);
      IlArena *arena = il_pool_get_arena (pool);
      IlPoolCounts counts;

      /* Until the workers have a task each, and the submitter finds their queue full. */
      do
        {
          g_usleep (100);
          il_pool_get_counts (pool, &counts);
        }
      while (atomic_load (&arena->agents[IL_AGENT_SUBMITTER].activity) != IL_ACTIVITY_WAITING_TASK
             || counts.submitted < 5 + 3);
      il_pool_terminate (pool);
      counts = fixture_join_pool (pool);
      g_assert_cmpuint (counts.cancelled, ==, counts.submitted);
      il_pool_free (pool);
    }
}

/* Who waits for results lets go, too. */
static void
test_map_is_terminated (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (
      &scenario, HEAD "[Task a]\nSubmit=map\nBatch=20\nChunk=6\nSteps=sleep 1000s\n", model);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;

  while (atomic_load (&arena->agents[IL_AGENT_SUBMITTER].activity) != IL_ACTIVITY_WAITING)
    g_usleep (100);
  il_pool_terminate (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.cancelled, ==, 20);
  il_pool_free (pool);
}

static void
test_close_finishes_the_rest (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (&scenario,
                             HEAD "[Queue Q]\nCapacity=20\n"
                                  "[Task a]\nSteps=cpu 20us\n"
                                  "[Task b]\nWorkers=2\nArrival=loop\nSteps=put Q 8B\n"
                                  "[Task c]\nWorkers=1\nArrival=loop\nSteps=get Q; cpu ~50us\n",
                             model);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;

  wait_for_progress (pool);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  /* Only the consumer that found the queue closed may have been cut off. */
  g_assert_cmpuint (counts.cancelled, <=, 1);
  g_assert_cmpuint (counts.done, >, 0);
  g_assert_cmpuint (il_queue_get_depth (fixture_get_queue (arena, 0)), ==, 0);
  il_pool_free (pool);
}

/* A ring of queues, and consumers that outnumber what comes: closing ends them, too. */
static void
test_close_ends_who_waits_for_each_other (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool
      = start_text (&scenario,
                    "[Scenario]\nName=Test\nModel=threads\n[Queue P]\nCapacity=2\n[Queue Q]\n"
                    "Capacity=2\n"
                    "[Task ping]\nWorkers=1\nArrival=loop\nSteps=get P; put Q 8B\n"
                    "[Task pong]\nWorkers=1\nArrival=loop\nSteps=get Q; put P 8B\n",
                    model);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;

  for (guint i = 0; i < 2; i++)
    while (atomic_load (&arena->agents[IL_FIRST_WORKER + i].activity) != IL_ACTIVITY_WAITING_ITEM)
      g_usleep (100);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, 0);
  g_assert_cmpuint (counts.cancelled, ==, 2);
  il_pool_free (pool);
}

/* How many of the items of all queues are left. */
static guint64
count_items (const IlScenario *scenario, const IlArena *arena)
{
  guint64 n = 0;

  for (guint i = 0; i < scenario->n_objects; i++)
    if (arena->objects[i].class->kind == IL_OBJECT_QUEUE)
      n += il_queue_get_depth (arena->objects[i].data);
  return n;
}

/* Kinds that feed each other would go on for ever. */
typedef struct
{
  const char *text;
  guint n_servers; /* who may be cut off as they wait for another request */
  guint n_items;   /* that circulate, and are left in the end */
} Ring;

static void
check_ring (const Ring *ring, gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (&scenario, ring->text, model);
  IlPoolCounts counts;

  wait_for_progress (pool);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, >=, 5);
  g_assert_cmpuint (counts.cancelled, <=, ring->n_servers);
  g_assert_cmpuint (counts.done + counts.cancelled, ==, counts.submitted);
  g_assert_cmpuint (count_items (scenario, il_pool_get_arena (pool)), ==, ring->n_items);
  il_pool_free (pool);
}

#define RING_HEAD                                                                                  \
  "[Scenario]\nName=Test\nModel=threads\n[Queue P]\nCapacity=2\n[Queue Q]\nCapacity=2\n"

/* Nobody who waits for a reply is cut off. */
static void
test_close_ends_rings (gconstpointer model)
{
  static const Ring rings[] = {
    { RING_HEAD "[Task a]\nWorkers=2\nArrival=loop\nSteps=put P; get P\n", 0, 0 },
    { RING_HEAD "[Task ask]\nWorkers=2\nArrival=loop\nSteps=put P; cpu ~20us; get Q\n"
                "[Task answer]\nWorkers=1\nArrival=loop\nSteps=get P; cpu ~20us; put Q\n",
      1, 0 },
    { RING_HEAD "[Task start]\nWorkers=1\nCount=2\nSteps=put P\n"
                "[Task there]\nWorkers=1\nArrival=loop\nSteps=get P; cpu ~20us; put Q\n"
                "[Task back]\nWorkers=2\nArrival=loop\nSteps=get Q; cpu ~20us; put P\n",
      3, 2 },
    { "[Scenario]\nName=Test\nModel=threads\n[Channel A]\nKind=pipe\n[Channel B]\nKind=socket\n"
      "[Task ask]\nWorkers=1\nArrival=loop\nSteps=send A 1kB; receive B\n"
      "[Task answer]\nWorkers=1\nArrival=loop\nSteps=receive A; send B 1kB\n",
      1, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rings); i++)
    check_ring (&rings[i], model);
}

/* Who puts more than anybody takes waits for ever, but not when the run is closed. */
static void
test_close_ends_putters (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (&scenario,
                             "[Scenario]\nName=Test\nModel=threads\n[Queue Q]\nCapacity=2\n"
                             "[Task make]\nWorkers=2\nArrival=loop\nSteps=put Q 8B\n"
                             "[Task use]\nWorkers=1\nArrival=loop\nCount=10\nSteps=get Q\n",
                             model);
  IlPoolCounts counts;

  while (count_settled (pool) < 10 + 12)
    g_usleep (100);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, 10 + 12);
  g_assert_cmpuint (counts.cancelled, <=, 2);
  il_pool_free (pool);
}

/* A task that fails or is cut off leaves its locks. */
static void
test_failure_unwinds (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (&scenario,
                             HEAD "[Lock A]\n[Semaphore S]\nUnits=1\n[Task a]\nCount=50\n"
                                  "Steps=lock A; acquire S; fail 100%; post S; unlock A\n",
                             model);

  g_assert_cmpuint (fixture_join_pool (pool).failed, ==, 50);
  il_pool_free (pool);
}

/* Nobody waits for daemons: what they did not get to is cancelled. */
static void
test_daemon (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_text (
      &scenario, HEAD "Capacity=100\nDaemon=yes\n[Task a]\nCount=100\nSteps=sleep 1000s\n", model);
  IlPoolCounts counts = fixture_join_pool (pool);

  g_assert_cmpuint (counts.submitted, ==, 100);
  g_assert_cmpuint (counts.cancelled, ==, 100);
  il_pool_free (pool);
}

static IlPool *
start_steps (IlScenario **scenario, guint first, guint n_steps, gconstpointer model)
{
  *scenario = fixture_parse (HEAD "[Lock A]\n[Task a]\nCount=2\nSteps=lock A; unlock A\n");
  (*scenario)->model = (IlModel)GPOINTER_TO_INT (model);
  /* More than the parser would let pass. */
  (*scenario)->tasks[0].steps[0] = (*scenario)->tasks[0].steps[first];
  (*scenario)->tasks[0].n_steps = n_steps;
  return fixture_start_pool (*scenario, NULL);
}

/* One that forgets to unlock has itself to blame. */
static void
test_forgotten_lock_stays (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_steps (&scenario, 0, 1, model);
  IlPoolCounts counts;

  while (count_settled (pool) < 1
         || atomic_load (&fixture_get_lock (il_pool_get_arena (pool), 0)->guard.n_sleepers) < 1)
    g_usleep (100);
  il_pool_terminate (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, 1);
  g_assert_cmpuint (counts.cancelled, ==, 1);
  il_pool_free (pool);
}

static void
test_not_owner_fails (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = NULL;
  IlPool *pool = start_steps (&scenario, 1, 1, model);

  g_assert_cmpuint (fixture_join_pool (pool).failed, ==, 2);
  il_pool_free (pool);
}

static void
test_threads_are_not_killed (void)
{
  g_autoptr (IlScenario) scenario = NULL;
  g_autoptr (GError) error = NULL;
  IlPool *pool = start_text (&scenario, HEAD "[Task a]\nArrival=rate 1/s\nSteps=cpu 1us\n",
                             GINT_TO_POINTER (IL_MODEL_THREADS));

  g_assert_false (il_pool_kill_worker (pool, 1, &error));
  g_assert_nonnull (strstr (error->message, "thread"));
  g_clear_error (&error);
  g_assert_false (il_pool_kill_worker (pool, 4, &error));
  g_assert_nonnull (strstr (error->message, "no worker 4"));
  g_clear_error (&error);
  g_assert_false (il_pool_kill_worker (pool, 0, &error));
  g_assert_nonnull (error);
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

/* As many as there can be. */
static void
test_many_workers (gconstpointer model)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "[Task a]\nCount=2000\nSteps=cpu 1us; sleep 100us\n");
  IlPoolCounts counts;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  scenario->workers.literal = scenario->model == IL_MODEL_THREADS && WITH_PROCESSES ? 1000 : 200;
  counts = run_to_end (scenario);
  g_assert_cmpuint (counts.done, ==, 2000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pool/same-seed-same-tasks", test_same_seed_same_tasks);
  g_test_add_func ("/pool/results-come-back", test_results_come_back);
  fixture_add_models ("/pool/handles", test_handles);
  fixture_add_models ("/pool/pause-stops-progress", test_pause_stops_progress);
  fixture_add_models ("/pool/deadlock-is-terminated", test_deadlock_is_terminated);
  fixture_add_models ("/pool/every-wait-is-cancelled", test_every_wait_is_cancelled);
  fixture_add_models ("/pool/map-is-terminated", test_map_is_terminated);
  fixture_add_models ("/pool/close-finishes-the-rest", test_close_finishes_the_rest);
  fixture_add_models ("/pool/close-ends-who-waits-for-each-other",
                      test_close_ends_who_waits_for_each_other);
  fixture_add_models ("/pool/close-ends-rings", test_close_ends_rings);
  fixture_add_models ("/pool/close-ends-putters", test_close_ends_putters);
  fixture_add_models ("/pool/failure-unwinds", test_failure_unwinds);
  fixture_add_models ("/pool/daemon", test_daemon);
  fixture_add_models ("/pool/forgotten-lock-stays", test_forgotten_lock_stays);
  fixture_add_models ("/pool/not-owner-fails", test_not_owner_fails);
  g_test_add_func ("/pool/threads-are-not-killed", test_threads_are_not_killed);
  fixture_add_models ("/pool/many-workers", test_many_workers);
  return g_test_run ();
}
