/* test-fork.c - functions that spawn functions: each is run once, whoever steals it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"
#include "il-fork.h"

static uint64_t
fib (IlPoolTask *task, uint64_t n)
{
  uint64_t a;

  if (n < 2)
    return n;
  il_pool_spawn (task, fib, n - 1);
  a = fib (task, n - 2);
  return a + il_pool_sync (task);
}

static _Atomic uint32_t n_run[4096];

/* With some length, so that there is time to steal. */
static uint64_t
mark (IlPoolTask *task, uint64_t i)
{
  for (volatile int j = 0; j < 2000; j++)
    ;
  atomic_fetch_add (&n_run[i], 1);
  return i;
}

static uint64_t
spawn_many (IlPoolTask *task, uint64_t n)
{
  uint64_t sum = 0;

  for (uint64_t i = 0; i < n; i++)
    il_pool_spawn (task, mark, i);
  for (uint64_t i = 0; i < n; i++)
    {
      uint64_t value = il_pool_sync (task);

      g_assert_cmpuint (value, ==, n - 1 - i);
      sum += value;
    }
  return sum;
}

static const IlPoolFunction functions[]
    = { { .name = "fib", .func = fib }, { .name = "many", .func = spawn_many } };

static IlPool *
start (int model, IlScheduling scheduling)
{
  g_autoptr (GError) error = NULL;
  IlPoolOptions options
      = { .model = (IlModel)model, .n_workers = 3, .n_processes = 2, .scheduling = scheduling };
  IlPool *pool
      = il_pool_new_for_functions (&options, functions, G_N_ELEMENTS (functions), NULL, &error);

  g_assert_no_error (error);
  il_pool_start (pool, &error);
  g_assert_no_error (error);
  il_pool_begin_submitting (pool);
  return pool;
}

static void
finish (IlPool *pool)
{
  il_pool_close (pool);
  il_pool_end_submitting (pool);
  fixture_join_pool (pool);
  il_pool_free (pool);
}

static void
test_fib (void)
{
  for (int model = IL_MODEL_THREADS; model < IL_N_MODELS; model++)
    for (int scheduling = 0; scheduling <= IL_SCHEDULING_PRIORITY; scheduling++)
      {
        uint64_t arguments[] = { 20, 1, 22, 15, 0, 18, 21 };
        static const uint64_t expected[] = { 6765, 1, 17711, 610, 0, 2584, 10946 };
        IlPoolResult results[G_N_ELEMENTS (arguments)];
        IlPool *pool;

        if (!WITH_PROCESSES && model != IL_MODEL_THREADS)
          continue;
        pool = start (model, (IlScheduling)scheduling);
        il_pool_map_values (pool, 0, arguments, G_N_ELEMENTS (arguments), 1, results);
        for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
          g_assert_cmpuint (results[i].value, ==, expected[i]);
        finish (pool);
      }
}

/* One spawns, three run: none is left out, none is run twice. */
static void
test_each_once (void)
{
  for (guint round = 0; round < 20; round++)
    {
      IlPool *pool = start (IL_MODEL_THREADS, IL_SCHEDULING_STEALING);
      IlPoolResult result;

      for (gsize i = 0; i < G_N_ELEMENTS (n_run); i++)
        atomic_store (&n_run[i], 0);
      il_pool_call (pool, 1, G_N_ELEMENTS (n_run), NULL, &result, NULL);
      g_assert_cmpuint (result.value, ==, G_N_ELEMENTS (n_run) * (G_N_ELEMENTS (n_run) - 1) / 2);
      for (gsize i = 0; i < G_N_ELEMENTS (n_run); i++)
        g_assert_cmpuint (atomic_load (&n_run[i]), ==, 1);
      finish (pool);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fork/fib", test_fib);
  g_test_add_func ("/fork/each-once", test_each_once);
  return g_test_run ();
}
