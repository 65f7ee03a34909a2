/* test-arrival.c - tasks come as the scenario says: how many, how far apart, after what
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A busy machine can make anything later: nothing here says that something comes in time, but that
 * nothing comes before its time, and all that is to come.
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-random.h"
#include "il-trace-reader.h"

#include <math.h>

#define HEAD "[Scenario]\nName=Test\nModel=threads\nWorkers=2\nProcesses=2\nSeed=7\n"

/* The clock of events and that of waits are not the same, and the one is turned into the other by a
 * rate that was measured. */
#define TOLERANCE_NS 20000

/* Of all tasks, in the order of time. */
typedef struct
{
  GArray *submitted, *ended; /* of gint64, ns */
  gint64 begin_ns;           /* before the submitter did anything */
  IlClockMap map;
} Times;

static void
events_cb (const IlTraceLaneInfo *lane, const IlEvent *events, size_t n_events, void *data)
{
  Times *self = data;

  for (size_t i = 0; i < n_events; i++)
    {
      gint64 time_ns = il_clock_map_to_ns (&self->map, events[i].stamp);

      if (IL_EVENT_KIND (events[i].what) == IL_EVENT_LANE_BEGIN && lane->role == IL_ROLE_SUBMITTER)
        self->begin_ns = time_ns;
      else if (IL_EVENT_KIND (events[i].what) == IL_EVENT_TASK_SUBMIT)
        g_array_append_val (self->submitted, time_ns);
      else if (IL_EVENT_KIND (events[i].what) == IL_EVENT_TASK_END)
        g_array_append_val (self->ended, time_ns);
    }
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;

  return (x > y) - (x < y);
}

/* Runs to the end; all that was submitted is done. */
static void
run (const char *text, Times *self)
{
  static const IlTraceHandler handler = { .events = events_cb };
  g_autoptr (IlScenario) scenario = fixture_parse (text);
  IlTraceReader *reader = il_trace_reader_new (g_get_tmp_dir (), 0, 0);
  IlPoolCounts counts;
  IlTrace *trace;
  IlPool *pool;
  int error_number;

  g_assert_nonnull (reader);
  il_clock_map_init (&self->map, il_trace_reader_get_source (reader));
  trace = il_trace_attach (il_trace_reader_get_path (reader), &error_number);
  self->submitted = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->ended = g_array_new (FALSE, FALSE, sizeof (gint64));
  pool = fixture_start_pool (scenario, trace);
  counts = fixture_join_pool (pool);
  g_assert_cmpuint (counts.done, ==, counts.submitted);
  il_trace_reader_drain (reader, &handler, self);
  g_assert_cmpuint (self->submitted->len, ==, counts.submitted);
  g_assert_cmpuint (self->ended->len, ==, counts.done);
  g_array_sort (self->submitted, compare_times);
  g_array_sort (self->ended, compare_times);
  il_pool_free (pool);
  il_trace_detach (trace);
  il_trace_reader_free (reader);
}

static void
times_clear (Times *self)
{
  g_array_unref (self->submitted);
  g_array_unref (self->ended);
}

static gint64
get (const GArray *times, guint i)
{
  g_assert_cmpuint (i, <, times->len);
  return g_array_index (times, gint64, i);
}

/* The first at once, then so many in each, and the rest in the last. */
static void
test_bursts (void)
{
  Times times;

  run (HEAD "Capacity=1000\n[Task t]\nArrival=bursts 40 every 10ms\nCount=190\nSteps=cpu 0us\n",
       &times);
  g_assert_cmpuint (times.submitted->len, ==, 190);
  for (guint i = 0; i < 190; i++)
    g_assert_cmpint (get (times.submitted, i), >=,
                     times.begin_ns + (gint64)(i / 40) * 10000000 - TOLERANCE_NS);
  times_clear (&times);
}

/* More than fit into the queue: all come nevertheless, and each burst is as large as it is. */
static void
test_bursts_into_small_queue (void)
{
  Times times;

  run (HEAD "Capacity=3\n[Task t]\nArrival=bursts 50 every 1ms\nCount=1000\nSteps=cpu 1us\n",
       &times);
  g_assert_cmpuint (times.submitted->len, ==, 1000);
  times_clear (&times);
}

/* Several queues are full at the same time: whichever has room again is filled. */
static void
test_several_small_queues (void)
{
  static const char *const queues[] = { "fifo", "stealing", "priority" };

  for (gsize i = 0; i < G_N_ELEMENTS (queues); i++)
    {
      g_autofree char *text = g_strdup_printf (
          HEAD "Capacity=1\nScheduling=%s\n[Task a]\nCount=300\nSteps=cpu 1us\n"
               "[Task b]\nWorkers=1\nCount=20\nSteps=sleep 1ms\n"
               "[Task c]\nWorkers=1\nArrival=rate 20000/s\nCount=300\nSteps=cpu 1us\n"
               "[Task d]\nWorkers=1\nArrival=closed 9 0ms\nCount=300\nSteps=cpu 1us\n",
          queues[i]);
      Times times;

      run (text, &times);
      g_assert_cmpuint (times.submitted->len, ==, 920);
      times_clear (&times);
    }
}

/* No more tasks under way than clients, and none comes before another's result and thinking. */
static void
check_closed (const char *text, guint n_clients, gint64 thinking_ns)
{
  Times times;

  run (text, &times);
  for (guint i = n_clients; i < times.submitted->len; i++)
    g_assert_cmpint (get (times.submitted, i), >=,
                     get (times.ended, i - n_clients) + thinking_ns - TOLERANCE_NS);
  times_clear (&times);
}

static void
test_closed (void)
{
  check_closed (HEAD "[Task t]\nArrival=closed 5 2ms\nCount=200\nSteps=cpu 50us\n", 5, 2000000);
  check_closed (HEAD "[Task t]\nArrival=closed 5 ~1ms\nCount=500\nSteps=cpu 50us\n", 5, 0);
  check_closed (HEAD "[Task t]\nArrival=closed 3 0ms\nCount=3000\nSteps=cpu 0us\n", 3, 0);
  /* More clients than the queue has room for. */
  check_closed (HEAD "Capacity=2\n[Task t]\nArrival=closed 20 0ms\nCount=3000\nSteps=cpu 1us\n", 20,
                0);
  /* As many as there can be. */
  check_closed (HEAD "[Task t]\nArrival=closed 4096 0ms\nCount=5000\nSteps=cpu 0us\n", 4096, 0);
}

/* The clients of a pool in which all tasks fail or whose workers die come again, too. */
static void
test_closed_without_success (void)
{
  g_autoptr (IlScenario) failing
      = fixture_parse (HEAD "[Task t]\nArrival=closed 4 0ms\nCount=100\nSteps=fail 100%\n");
  g_autoptr (IlScenario) dying
      = fixture_parse (HEAD "[Task t]\nArrival=closed 4 0ms\nCount=30\nSteps=crash 100%\n");
  IlPool *pool = fixture_start_pool (failing, NULL);

  g_assert_cmpuint (fixture_join_pool (pool).failed, ==, 100);
  il_pool_free (pool);
  if (!WITH_PROCESSES)
    return;
  dying->model = IL_MODEL_PROCESSES;
  pool = fixture_start_pool (dying, NULL);
  g_assert_cmpuint (fixture_join_pool (pool).lost, ==, 30);
  il_pool_free (pool);
}

/* The same tasks under each model, so the sum of their results is the same; with another seed it
 * is another. */
static void
test_same_under_each_model (gconstpointer arrival)
{
  g_autofree char *text = g_strdup_printf (HEAD "[Task t]\nArrival=%s\nCount=300\nSteps=cpu ~2us\n",
                                           (const char *)arrival);
  guint64 sum = 0;

  for (int model = IL_MODEL_SERIAL; model <= IL_N_MODELS; model++)
    {
      g_autoptr (IlScenario) scenario = fixture_parse (text);
      IlPoolCounts counts;
      IlPool *pool;

      if ((model == IL_MODEL_PROCESSES || model == IL_MODEL_HYBRID) && !WITH_PROCESSES)
        continue;
      scenario->model = model == IL_N_MODELS ? IL_MODEL_THREADS : (IlModel)model;
      scenario->seed += model == IL_N_MODELS;
      pool = fixture_start_pool (scenario, NULL);
      counts = fixture_join_pool (pool);
      g_assert_cmpuint (counts.done, ==, 300);
      if (model == IL_MODEL_SERIAL)
        sum = counts.sum;
      else if (model == IL_N_MODELS)
        g_assert_cmpuint (counts.sum, !=, sum);
      else
        g_assert_cmpuint (counts.sum, ==, sum);
      il_pool_free (pool);
    }
}

/* No task comes before the sum of the gaps that were drawn, which depend on the seed alone. */
static void
test_poisson_follows_its_stream (void)
{
  IlRandom random = il_random_stream (7 ^ 0x61727269, 0, 0);
  double due_ns = 0;
  Times times;

  run (HEAD "Capacity=1000\n[Task t]\nArrival=poisson 5000/s\nCount=500\nSteps=cpu 0us\n", &times);
  g_assert_cmpuint (times.submitted->len, ==, 500);
  for (guint i = 0; i < 500; i++)
    {
      due_ns += il_random_exponential (&random, 1) * 1e9 / 5000;
      g_assert_cmpfloat ((double)(get (times.submitted, i) - times.begin_ns), >=,
                         due_ns - TOLERANCE_NS);
    }
  times_clear (&times);
}

/* Chi-square over 32 bins of equal probability: what is drawn is exponential.  With 31 degrees of
 * freedom 61 is exceeded by one stream in a thousand; the streams here are always the same. */
static void
test_gaps_are_exponential (void)
{
  for (guint stream = 0; stream < 8; stream++)
    {
      IlRandom random = il_random_stream (7 ^ 0x61727269, stream, 0);
      guint bins[32] = { 0 };
      double chi_square = 0;

      for (guint i = 0; i < 32000; i++)
        {
          double share = 1 - exp (-il_random_exponential (&random, 3) / 3);

          bins[MIN ((guint)(share * 32), 31)]++;
        }
      for (guint i = 0; i < 32; i++)
        chi_square += (bins[i] - 1000.) * (bins[i] - 1000.) / 1000;
      g_assert_cmpfloat (chi_square, <, 61);
      g_assert_cmpfloat (chi_square, >, 9);
    }
}

static void
test_pause (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse (HEAD "[Task t]\nArrival=closed 3 1ms\nSteps=cpu 10us\n");
  IlPool *pool = fixture_start_pool (scenario, NULL);
  IlPoolCounts before, after;

  for (guint i = 0; i < 5; i++)
    {
      g_usleep (3000);
      il_pool_pause (pool);
      while (!il_pool_is_stopped (pool))
        g_usleep (100);
      il_pool_get_counts (pool, &before);
      g_usleep (5000);
      il_pool_get_counts (pool, &after);
      g_assert_cmpuint (after.submitted, ==, before.submitted);
      il_pool_resume (pool);
    }
  il_pool_finish (pool);
  g_assert_cmpuint (fixture_join_pool (pool).cancelled, ==, 0);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  static const char *const arrivals[]
      = { "at-once", "rate 20000/s", "poisson 20000/s", "bursts 9 every 1ms", "closed 4 ~1ms" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/arrival/bursts", test_bursts);
  g_test_add_func ("/arrival/bursts-into-small-queue", test_bursts_into_small_queue);
  g_test_add_func ("/arrival/several-small-queues", test_several_small_queues);
  g_test_add_func ("/arrival/closed", test_closed);
  g_test_add_func ("/arrival/closed-without-success", test_closed_without_success);
  g_test_add_func ("/arrival/poisson-follows-its-stream", test_poisson_follows_its_stream);
  g_test_add_func ("/arrival/gaps-are-exponential", test_gaps_are_exponential);
  g_test_add_func ("/arrival/pause", test_pause);
  for (gsize i = 0; i < G_N_ELEMENTS (arrivals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/arrival/same-under-each-model/%s", arrivals[i]);

      g_test_add_data_func (path, arrivals[i], test_same_under_each_model);
    }
  return g_test_run ();
}
