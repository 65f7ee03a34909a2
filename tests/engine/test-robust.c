/* test-robust.c - workers are killed at any moment inside primitives: none stays taken or stuck
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tasks do next to nothing but use one kind of primitive, so that most kills hit a worker inside of
 * it.  That those who were not killed go on is seen by their tasks being done between the kills.
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-barrier.h"
#include "il-condition.h"
#include "il-flag.h"
#include "il-random.h"
#include "il-rwlock.h"

#include <signal.h>

#define N_KILLS 200
#define N_CHECKS 20
#define SEED 21
#define HEAD "[Scenario]\nName=Test\nModel=processes\nSeed=3\n"
#define POOL HEAD "Workers=4\n"

static guint n_lost_workers;

static void
worker_lost_cb (uint32_t number, int signal_number, void *data)
{
  g_assert_cmpint (signal_number, ==, SIGKILL);
  n_lost_workers++;
}

static void
supervise (IlPool *pool)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (il_pool_supervise (pool, &error));
  g_assert_no_error (error);
}

static guint64
count_done (IlPool *pool)
{
  IlPoolCounts counts;

  il_pool_get_counts (pool, &counts);
  return counts.done;
}

/* Until some more tasks are done: whatever the dead left behind, the living go on. */
static void
wait_for_progress (IlPool *pool)
{
  guint64 n_done = count_done (pool);

  while (count_done (pool) < n_done + 20)
    supervise (pool);
}

/* Kills random workers at random moments, now and then several at once. */
static void
kill_many (IlPool *pool)
{
  IlRandom random = il_random_stream (SEED, 0, 0);
  guint n_next = N_KILLS / N_CHECKS;

  n_lost_workers = 0;
  il_pool_set_lost_func (pool, worker_lost_cb, NULL);
  while (n_lost_workers < N_KILLS)
    {
      int64_t until_ns = il_clock_monotonic_ns () + (int64_t)(il_random_uniform (&random) * 1e6);
      guint n_at_once = il_random_uniform (&random) < 0.3 ? 3 : 1;

      do
        supervise (pool);
      while (il_clock_monotonic_ns () < until_ns);
      for (guint i = 0; i < n_at_once; i++)
        il_pool_kill_worker (
            pool, 1 + (guint)(il_random_next (&random) % il_pool_get_n_workers (pool)), NULL);
      if (n_lost_workers >= n_next)
        {
          wait_for_progress (pool);
          n_next = n_lost_workers + N_KILLS / N_CHECKS;
        }
    }
  wait_for_progress (pool);
}

static void
check_guard (const IlRobust *robust)
{
  g_assert_cmphex (atomic_load (&robust->guard.word), ==, 0);
  g_assert_cmpuint (atomic_load (&robust->n_dead), ==, 0);
}

static void
check_lock (const IlLock *lock)
{
  g_assert_cmphex (atomic_load (&lock->guard.word), ==, 0);
  g_assert_cmpuint (lock->depth, ==, 0);
  g_assert_cmpuint (lock->queue.waiters.first, ==, 0);
  check_guard (&lock->queue.robust);
}

static void
check_rwlock (const IlRWLock *lock, const IlArena *arena)
{
  check_guard (&lock->robust);
  g_assert_cmpuint (lock->n_reads, ==, 0);
  g_assert_cmpuint (lock->writer, ==, 0);
  g_assert_cmpuint (lock->waiters[IL_ACCESS_READ].first, ==, 0);
  g_assert_cmpuint (lock->waiters[IL_ACCESS_WRITE].first, ==, 0);
  for (guint i = 0; i < arena->n_agents; i++)
    g_assert_cmpuint (il_rwlock_get_hold (lock, &arena->agents[i]), ==, 0);
}

static void
check_semaphore (const IlSemaphore *semaphore)
{
  check_guard (&semaphore->robust);
  g_assert_cmpuint (il_semaphore_get_units (semaphore), ==, 2);
}

static void
check_condition (const IlCondition *condition)
{
  check_guard (&condition->robust);
  g_assert_cmpuint (condition->waiters.first, ==, 0);
}

/* What no death may leave behind. */
static void
check_object (const IlArenaObject *object, const IlArena *arena)
{
  switch (object->class->kind)
    {
    case IL_OBJECT_LOCK:
      check_lock (object->data);
      break;
    case IL_OBJECT_SEMAPHORE:
      check_semaphore (object->data);
      break;
    case IL_OBJECT_RWLOCK:
      check_rwlock (object->data, arena);
      break;
    case IL_OBJECT_CONDITION:
      check_condition (object->data);
      break;
    case IL_OBJECT_EVENT:
      check_guard (&((const IlFlag *)object->data)->robust);
      break;
    case IL_OBJECT_BARRIER:
      check_guard (&((const IlBarrier *)object->data)->robust);
      g_assert_cmpuint (((const IlBarrier *)object->data)->n_come, ==, 0);
      break;
    default:
      break;
    }
}

static void
test_kills (gconstpointer text)
{
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlArena *arena = il_pool_get_arena (pool);
  IlPoolCounts counts;

  kill_many (pool);
  il_pool_terminate (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.failed, ==, 0);
  g_assert_cmpuint (counts.lost, <=, n_lost_workers);
  for (guint i = 0; i < arena->n_objects; i++)
    check_object (&arena->objects[i], arena);
  il_pool_free (pool);
}

static void
add (const char *name, const char *text)
{
  g_autofree char *path = g_strconcat ("/robust/", name, NULL);

  g_test_add_data_func (path, text, test_kills);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("plain", POOL "[Lock A]\n[Task a]\nArrival=loop\nSteps=lock A; unlock A\n");
  add ("recursive", POOL "[Lock A]\nKind=recursive\n[Task a]\nArrival=loop\n"
                         "Steps=lock A; lock A; unlock A; unlock A\n");
  add ("spin", POOL "[Lock A]\nKind=spin\n[Task a]\nArrival=loop\nSteps=lock A; unlock A\n");
  add ("ticket", POOL "[Lock A]\nKind=ticket\n[Task a]\nArrival=loop\n"
                      "Steps=lock A; unlock A\n");
  add ("ticket-held", POOL "[Lock A]\nKind=ticket\n[Task a]\nArrival=loop\n"
                           "Steps=lock A; cpu ~20us; unlock A\n");
  add ("semaphore", POOL "[Semaphore S]\nUnits=2\n[Task a]\nArrival=loop\n"
                         "Steps=acquire S; post S\n");
  add ("readers-first", POOL "[RWLock R]\n[Task a]\nArrival=loop\n"
                             "Steps=read-lock R; read-unlock R; write-lock R; write-unlock R\n");
  add ("writers-first", POOL "[RWLock R]\nPrefer=writers\n[Task a]\nArrival=loop\n"
                             "Steps=read-lock R; read-unlock R; write-lock R; write-unlock R\n");
  add ("event", HEAD "[Event E]\n[Task w]\nWorkers=3\nArrival=loop\nSteps=wait E\n"
                     "[Task s]\nWorkers=2\nArrival=loop\nSteps=set E; clear E\n");
  add ("notify", HEAD "[Lock A]\n[Condition C]\nLock=A\n[Counter X]\n"
                      "[Task t]\nWorkers=2\nArrival=loop\n"
                      "Steps=lock A; wait C X; subtract X; unlock A\n"
                      "[Task m]\nWorkers=2\nArrival=loop\n"
                      "Steps=lock A; add X; notify C; unlock A\n");
  add ("notify-all", HEAD "[Lock A]\nKind=ticket\n[Condition C]\nLock=A\n"
                          "[Task t]\nWorkers=3\nArrival=loop\nSteps=lock A; wait C; unlock A\n"
                          "[Task m]\nWorkers=2\nArrival=loop\nSteps=notify-all C\n");
  add ("barrier", POOL "[Barrier B]\nParties=4\n[Task a]\nArrival=loop\n"
                       "Steps=barrier B; barrier B\n");
  add ("barrier-retry", POOL "OnDeath=retry\n[Barrier B]\nParties=4\n[Task a]\nArrival=loop\n"
                             "Steps=barrier B; barrier B; barrier B\n");
  return g_test_run ();
}
