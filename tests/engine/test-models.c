/* test-models.c - the same scenario under each model, and where its threads are
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "model-fixture.h"

#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "il-placement.h"

#define HEAD "[Scenario]\nName=Test\nModel=threads\nSeed=11\nWorkers=4\nProcesses=2\nCarriers=2\n"

static const char *const scenarios[] = {
  HEAD "[Lock A]\n[Semaphore S]\nUnits=2\n[Task a]\nCount=300\n"
       "Steps=lock A; cpu ~3us; unlock A; acquire S; sleep ~20us; post S; yield; fail 10%\n",
  HEAD "[Queue Q]\nCapacity=3\n[Task a]\nCount=200\nSteps=cpu ~2us; put Q 64B\n"
       "[Task b]\nCount=200\nWorkers=2\nTitle=Eater\nSteps=get Q; cpu ~2us\n",
  HEAD "[Task a]\nCount=300\nArrival=poisson 50000/s\nSteps=cpu ~5us; sleep ~5us\n"
       "[Task b]\nCount=20\nSubmit=map\nBatch=31\nChunk=4\nSteps=cpu ~1us; fail 5%\n",
  HEAD "Scheduling=stealing\n[Task a]\nCount=500\nSteps=cpu ~5us; yield\n",
  HEAD "Scheduling=priority\n[Task a]\nCount=200\nPriority=3\nSteps=cpu ~5us; sleep 10us\n"
       "[Task b]\nCount=200\nSteps=cpu ~5us\n",
  HEAD "[RWLock R]\n[Task a]\nCount=200\nSteps=read-lock R; cpu ~2us; yield; read-unlock R\n"
       "[Task b]\nCount=100\nSteps=write-lock R; cpu ~2us; sleep ~2us; write-unlock R\n",
};

static gboolean
can_run (int model)
{
  return WITH_PROCESSES || (model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID);
}

static IlPoolCounts
run (const IlScenario *scenario)
{
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts counts = fixture_join_pool (pool);

  il_pool_free (pool);
  return counts;
}

/* The same work is done, whatever does it. */
static void
test_same_results (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autoptr (IlScenario) scenario = fixture_parse (scenarios[i]);
      IlPoolCounts reference = { 0 };

      for (int model = 0; model < IL_N_MODELS; model++)
        {
          IlPoolCounts counts;

          if (!can_run (model))
            continue;
          g_assert_true (scenario->models[model]);
          scenario->model = (IlModel)model;
          counts = run (scenario);
          if (model == IL_MODEL_SERIAL)
            reference = counts;
          g_assert_cmpuint (counts.done, >, 0);
          g_assert_cmpuint (counts.submitted, ==, reference.submitted);
          g_assert_cmpuint (counts.done, ==, reference.done);
          g_assert_cmpuint (counts.failed, ==, reference.failed);
          g_assert_cmpuint (counts.cancelled + counts.lost, ==, 0);
          g_assert_cmpuint (counts.sum, ==, reference.sum);
        }
    }
}

/* Cut off in the middle, counts add up, too (as fixture_join_pool() checks). */
static void
test_terminate (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (scenarios); i++)
    for (int model = IL_MODEL_SERIAL + 1; model < IL_N_MODELS; model++)
      {
        g_autoptr (IlScenario) scenario = fixture_parse (scenarios[i]);
        IlPoolCounts counts;
        IlPool *pool;

        if (!can_run (model))
          continue;
        scenario->model = (IlModel)model;
        pool = fixture_start_pool (scenario, NULL);
        do
          {
            il_pool_supervise (pool, NULL);
            il_pool_get_counts (pool, &counts);
          }
        while (counts.done < 20);
        il_pool_terminate (pool);
        fixture_join_pool (pool);
        il_pool_free (pool);
      }
}

static void
test_thousand_threads (void)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=threads\nSeed=1\nWorkers=1000\nCapacity=2000\n[Lock A]\n"
      "[Task a]\nCount=2000\nSteps=sleep 20ms; lock A; cpu 1us; unlock A\n");

  g_assert_cmpuint (run (scenario).done, ==, 2000);
}

/* What the kernel says of those of our threads, and those of our children, whose names begin so. */
typedef struct
{
  const char *name;
  guint n_seen;
  char cores[64];
  int nice;
} Sight;

static void
look_at_thread (const char *directory, const char *tid, Sight *sight)
{
  g_autofree char *status_path = g_build_filename (directory, tid, "status", NULL);
  g_autofree char *text = NULL;
  g_autofree char *name = g_strdup_printf ("Name:\t%s", sight->name);
  const char *cores;

  if (!g_file_get_contents (status_path, &text, NULL, NULL) || !g_str_has_prefix (text, name))
    return;
  cores = strstr (text, "Cpus_allowed_list:\t");
  g_assert_nonnull (cores);
  cores += strlen ("Cpus_allowed_list:\t");
  g_strlcpy (sight->cores, cores, MIN (sizeof sight->cores, strcspn (cores, "\n") + 1));
  sight->nice = getpriority (PRIO_PROCESS, (id_t)g_ascii_strtoull (tid, NULL, 10));
  sight->n_seen++;
}

static void
look_at_process (pid_t pid, Sight *sight)
{
  g_autofree char *directory = g_strdup_printf ("/proc/%d/task", pid);
  GDir *dir = g_dir_open (directory, 0, NULL);
  const char *tid;

  while (dir != NULL && (tid = g_dir_read_name (dir)) != NULL)
    look_at_thread (directory, tid, sight);
  if (dir != NULL)
    g_dir_close (dir);
}

static void
look (const IlPool *pool, Sight *sight)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  sight->n_seen = 0;
  for (guint i = 1; i <= il_pool_get_n_workers (pool); i++)
    {
      pid_t pid = il_pool_get_worker_pid (pool, i);

      if (g_hash_table_add (seen, GINT_TO_POINTER (pid)))
        look_at_process (pid != 0 ? pid : getpid (), sight);
    }
}

/* Who runs the tests more nicely than that finds workers as nice as they are. */
static void
wait_for_sight (IlPool *pool, Sight *sight, guint n, const char *cores, int asked_nice)
{
  int nice = MAX (asked_nice, getpriority (PRIO_PROCESS, 0));

  for (;;)
    {
      g_assert_true (il_pool_supervise (pool, NULL));
      look (pool, sight);
      if (sight->n_seen == n && strcmp (sight->cores, cores) == 0 && sight->nice == nice)
        return;
      g_usleep (1000);
    }
}

/* Workers run where they are told to, and are as nice; the kernel is asked.  A thread is there
 * before it is placed: so we wait for what must come. */
static void
test_placement (gconstpointer data)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=threads\nSeed=1\nWorkers=2\nProcesses=2\nCores=0\nNice=3\n"
      "[Task a]\nArrival=loop\nSteps=sleep 1ms\n"
      "[Task b]\nWorkers=1\nTitle=Maker\nCores=0\nNice=7\nArrival=loop\nSteps=sleep 1ms\n");
  IlModel model = (IlModel)GPOINTER_TO_INT (data);
  Sight carrier = { .name = "Carrier" }, worker = { .name = "Worker" }, maker = { .name = "Maker" };
  IlPool *pool;

  scenario->model = model;
  pool = fixture_start_pool (scenario, NULL);
  if (model == IL_MODEL_COROUTINES)
    wait_for_sight (pool, &carrier, 1, "0", 3);
  else
    {
      wait_for_sight (pool, &worker, 2, "0", 3);
      wait_for_sight (pool, &maker, 1, "0", 7);
    }
  il_pool_terminate (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

static void
check_refused (const char *cores, const char *message)
{
  g_autofree char *text
      = g_strdup_printf ("[Scenario]\nName=Test\nModel=threads\nSeed=1\nCores=%s\n[Task a]\n"
                         "Count=1\nSteps=sleep 1ms\n",
                         cores);
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  g_autoptr (GError) error = NULL;

  g_assert_null (il_pool_new (scenario, NULL, &error));
  g_assert_nonnull (error);
  if (strstr (error->message, message) == NULL)
    g_error ("expected “%s”, found “%s”", message, error->message);
}

static void
test_placement_refused (void)
{
  cpu_set_t all, one;

  check_refused ("1000", "There is no core 1000, only 0 to");
  check_refused ("0-900", "There is no core");
  g_assert_cmpint (sched_getaffinity (0, sizeof all, &all), ==, 0);
  if (CPU_COUNT (&all) < 2 || !CPU_ISSET (0, &all) || !CPU_ISSET (1, &all))
    {
      g_test_skip ("there is only one core");
      return;
    }
  CPU_ZERO (&one);
  CPU_SET (0, &one);
  g_assert_cmpint (sched_setaffinity (0, sizeof one, &one), ==, 0);
  check_refused ("0-1", "Core 1 is not one of those that this process may use: 0");
  g_assert_cmpint (sched_setaffinity (0, sizeof all, &all), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/models/same-results", test_same_results);
  g_test_add_func ("/models/terminate", test_terminate);
  g_test_add_func ("/models/thousand-threads", test_thousand_threads);
  for (int model = IL_MODEL_SERIAL + 1; model < IL_N_MODELS; model++)
    {
      g_autofree char *path
          = g_strdup_printf ("/models/placement/%s", il_model_get_name ((IlModel)model));

      if (can_run (model))
        g_test_add_data_func (path, GINT_TO_POINTER (model), test_placement);
    }
  g_test_add_func ("/models/placement/refused", test_placement_refused);
  return g_test_run ();
}
