/* test-hybrid.c - threads inside processes: who is where, and who dies with whom
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "il-random.h"

#define HEAD "[Scenario]\nName=Test\nModel=hybrid\nSeed=5\n"
#define N_KILLS 60

/* How many workers each process has. */
static GHashTable *
count_by_process (const Recording *recording)
{
  GHashTable *counts = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < recording->lanes->len; i++)
    {
      const RecordedLane *lane = recording_get_lane (recording, i);
      gpointer pid = GINT_TO_POINTER (lane->info.pid);

      if (lane->info.role != IL_ROLE_WORKER)
        continue;
      g_assert_cmpint (lane->info.pid, !=, getpid ());
      g_hash_table_insert (
          counts, pid, GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (counts, pid)) + 1));
    }
  return counts;
}

static void
check_layout (guint n_workers, guint n_processes)
{
  g_autofree char *text
      = g_strdup_printf (HEAD "Workers=%u\nProcesses=%u\n[Task a]\nCount=100\nSteps=cpu ~10us\n",
                         n_workers, n_processes);
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  g_autoptr (Recording) recording = recording_run (scenario, NULL, NULL);
  g_autoptr (GHashTable) counts = count_by_process (recording);
  GHashTableIter iter;
  gpointer n_threads;
  guint n_total = 0;

  g_assert_cmpuint (recording->counts.done, ==, 100);
  g_assert_cmpuint (g_hash_table_size (counts), ==, n_processes);
  g_hash_table_iter_init (&iter, counts);
  while (g_hash_table_iter_next (&iter, NULL, &n_threads))
    {
      /* As even as it can be. */
      g_assert_cmpuint (GPOINTER_TO_UINT (n_threads), >=, n_workers / n_processes);
      g_assert_cmpuint (GPOINTER_TO_UINT (n_threads), <=,
                        (n_workers + n_processes - 1) / n_processes);
      n_total += GPOINTER_TO_UINT (n_threads);
    }
  g_assert_cmpuint (n_total, ==, n_workers);
}

static void
test_layout (void)
{
  check_layout (1, 1);
  check_layout (6, 2);
  check_layout (7, 3);
  check_layout (4, 4);
}

typedef struct
{
  GArray *lost; /* of guint32: numbers, in the order in which they were told */
} Losses;

static void
lost_cb (uint32_t number, int signal_number, void *data)
{
  Losses *self = data;

  g_assert_cmpint (signal_number, ==, SIGKILL);
  g_array_append_val (self->lost, number);
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  return *(const guint32 *)a < *(const guint32 *)b ? -1 : 1;
}

/* All of the process are lost with the one that was meant, no others, and all are replaced by one
 * new process. */
static void
test_kill (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      HEAD "Workers=6\nProcesses=2\n[Lock A]\n[Task a]\nArrival=loop\nSteps=lock A; cpu 20us; "
           "unlock A; cpu 20us\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  Losses losses = { g_array_new (FALSE, FALSE, sizeof (guint32)) };
  pid_t first = il_pool_get_worker_pid (pool, 1), second = il_pool_get_worker_pid (pool, 6);
  IlPoolCounts before, counts;

  il_pool_set_lost_func (pool, lost_cb, &losses);
  g_assert_cmpint (first, !=, second);
  g_assert_cmpint (il_pool_get_worker_pid (pool, 3), ==, first);
  g_assert_true (il_pool_kill_worker (pool, 2, NULL));
  while (losses.lost->len == 0)
    {
      g_assert_true (il_pool_supervise (pool, NULL));
      g_usleep (1000);
    }
  g_array_sort (losses.lost, compare_numbers);
  g_assert_cmpuint (losses.lost->len, ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpuint (g_array_index (losses.lost, guint32, i), ==, i + 1);
      g_assert_cmpint (il_pool_get_worker_pid (pool, i + 1), ==, il_pool_get_worker_pid (pool, 1));
    }
  g_assert_cmpint (il_pool_get_worker_pid (pool, 1), !=, first);
  g_assert_cmpint (il_pool_get_worker_pid (pool, 6), ==, second);

  /* It goes on. */
  il_pool_get_counts (pool, &before);
  do
    {
      g_assert_true (il_pool_supervise (pool, NULL));
      g_usleep (1000);
      il_pool_get_counts (pool, &counts);
    }
  while (counts.done < before.done + 100);
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.lost, <=, 3);
  g_assert_cmphex (atomic_load (&fixture_get_lock (il_pool_get_arena (pool), 0)->guard.word), ==,
                   0);
  g_array_unref (losses.lost);
  il_pool_free (pool);
}

static void
ignore_lost_cb (uint32_t number, int signal_number, void *data)
{
  guint *n_lost = data;

  ++*n_lost;
}

/* At random moments: nothing stays locked, no task is lost silently, all units come back. */
static void
test_kill_many (gconstpointer on_death)
{
  g_autofree char *text = g_strdup_printf (
      HEAD "Workers=4\nProcesses=2\nOnDeath=%s\n[Lock A]\n[Semaphore S]\nUnits=2\n[Queue Q]\n"
           "Capacity=3\n[Task a]\nSteps=lock A; cpu 2us; unlock A; acquire S; post S; "
           "put Q 100B\n[Task b]\nWorkers=3\nSteps=get Q; lock A; unlock A\nArrival=loop\n",
      (const char *)on_death);
  g_autoptr (IlScenario) scenario = NULL;
  IlRandom random = il_random_stream (3, 0, 0);
  guint n_lost = 0;
  IlPoolCounts counts;
  IlPool *pool;

  scenario = fixture_parse (text);
  pool = fixture_start_pool (scenario, NULL);
  il_pool_set_lost_func (pool, ignore_lost_cb, &n_lost);
  /* One that is about to die can be killed once more: what counts is who died. */
  while (n_lost <= N_KILLS)
    {
      gint64 until_ns = il_clock_monotonic_ns () + (gint64)(il_random_uniform (&random) * 2e6);

      do
        g_assert_true (il_pool_supervise (pool, NULL));
      while (il_clock_monotonic_ns () < until_ns);
      il_pool_kill_worker (pool, 1 + il_random_next (&random) % 7, NULL);
    }
  il_pool_finish (pool);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, >, 0);
  g_assert_cmpuint (counts.lost, <=, n_lost);
  g_assert_cmphex (atomic_load (&fixture_get_lock (il_pool_get_arena (pool), 0)->guard.word), ==,
                   0);
  g_assert_cmpuint (il_semaphore_get_units (fixture_get_semaphore (il_pool_get_arena (pool), 0)),
                    ==, 2);
  il_pool_free (pool);
}

/* Those of one kind may all have left while others of their process go on. */
static void
test_part_leaves (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "Processes=2\n[Queue Q]\nCapacity=4\n"
                            "[Task make]\nCount=100\nWorkers=2\nArrival=loop\nSteps=put Q\n"
                            "[Task use]\nWorkers=2\nArrival=loop\nSteps=get Q; sleep 200us\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts counts = fixture_join_pool (pool);

  g_assert_cmpuint (counts.done, >=, 200);
  g_assert_cmpuint (counts.lost + counts.failed, ==, 0);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/hybrid/layout", test_layout);
  g_test_add_func ("/hybrid/kill", test_kill);
  g_test_add_data_func ("/hybrid/kill-many/lost", "lost", test_kill_many);
  g_test_add_data_func ("/hybrid/kill-many/retry", "retry", test_kill_many);
  g_test_add_func ("/hybrid/part-leaves", test_part_leaves);
  return g_test_run ();
}
