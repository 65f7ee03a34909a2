/* test-functions.c - a pool for functions gives back what they return, under each model; and an
 * example of its use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#include <errno.h>
#include <string.h>

enum
{
  SQUARE,
  REVERSE,
  NOTHING,
  NEVER,
  DIE_ONCE,
  GET_N_BEGUN,
};

#define TEXT_SIZE 32

static _Atomic uint32_t *n_begun; /* shared with processes: how many workers were initialised */

static uint64_t
square (IlPoolTask *task, uint64_t argument)
{
  if (argument > UINT32_MAX)
    il_pool_task_fail (task, ERANGE);
  return argument * argument;
}

/* Bytes there and back. */
static uint64_t
reverse (IlPoolTask *task, uint64_t argument)
{
  const char *from = il_pool_task_get_argument (task);
  char *to = il_pool_task_get_result (task);

  for (uint64_t i = 0; i < argument; i++)
    to[i] = from[argument - 1 - i];
  return argument;
}

static uint64_t
nothing (IlPoolTask *task, uint64_t argument)
{
  return 0;
}

static uint64_t
never (IlPoolTask *task, uint64_t argument)
{
  g_usleep (100000);
  return 0;
}

/* Whether it died already is known to those that share memory alone. */
static uint64_t
die_once (IlPoolTask *task, uint64_t argument)
{
  if (atomic_fetch_add (&n_begun[1], 1) == 0)
    abort ();
  return argument;
}

static uint64_t
get_n_begun (IlPoolTask *task, uint64_t argument)
{
  return atomic_load (&n_begun[0]);
}

static const IlPoolFunction functions[] = {
  [SQUARE] = { .name = "square", .func = square },
  [REVERSE]
  = { .name = "reverse", .func = reverse, .argument_size = TEXT_SIZE, .result_size = TEXT_SIZE },
  [NOTHING] = { .name = "nothing", .func = nothing },
  [NEVER] = { .name = "never", .func = never },
  [DIE_ONCE] = { .name = "die once", .func = die_once },
  [GET_N_BEGUN] = { .name = "get n begun", .func = get_n_begun },
};

static void
count_worker (uint32_t worker, void *data)
{
  atomic_fetch_add (&n_begun[0], 1);
}

static IlPoolOptions
get_options (gconstpointer model)
{
  return (IlPoolOptions){
    .model = (IlModel)GPOINTER_TO_INT (model), .n_workers = 3, .n_processes = 2, .capacity = 16
  };
}

static IlPool *
start (const IlPoolOptions *options)
{
  g_autoptr (GError) error = NULL;
  IlPool *pool
      = il_pool_new_for_functions (options, functions, G_N_ELEMENTS (functions), NULL, &error);

  g_assert_no_error (error);
  il_pool_start (pool, &error);
  g_assert_no_error (error);
  il_pool_begin_submitting (pool);
  return pool;
}

static IlPoolCounts
finish (IlPool *pool)
{
  IlPoolCounts counts;

  il_pool_close (pool);
  il_pool_end_submitting (pool);
  counts = fixture_join_pool (pool);
  il_pool_free (pool);
  return counts;
}

static void
test_call (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  IlPoolResult result;
  char text[TEXT_SIZE] = "desserts", back[TEXT_SIZE] = "";

  g_assert_cmpint (il_pool_call (pool, SQUARE, 12, NULL, &result, NULL), ==, IL_WAIT_DONE);
  g_assert_cmpint (result.result, ==, IL_TASK_DONE);
  g_assert_cmpuint (result.value, ==, 144);
  g_assert_cmpint (il_pool_call (pool, SQUARE, UINT64_MAX, NULL, &result, NULL), ==, IL_WAIT_DONE);
  g_assert_cmpint (result.result, ==, IL_TASK_FAILED);
  g_assert_cmpuint (result.value, ==, ERANGE);
  g_assert_cmpint (il_pool_call (pool, REVERSE, 8, text, &result, back), ==, IL_WAIT_DONE);
  g_assert_cmpuint (result.value, ==, 8);
  g_assert_cmpstr (back, ==, "stressed");
  g_assert_cmpuint (finish (pool).done, ==, 2);
}

static void
test_map (gconstpointer model)
{
  enum
  {
    N = 500
  };
  for (int scheduling = 0; scheduling <= IL_SCHEDULING_PRIORITY; scheduling++)
    for (uint32_t chunk = 1; chunk < 200; chunk += 66)
      {
        IlPoolOptions options = get_options (model);
        uint64_t arguments[N];
        IlPoolResult results[N];
        IlPoolIterator iterator;
        IlPool *pool;
        uint32_t n = 0;

        options.scheduling = (IlScheduling)scheduling;
        options.helps = chunk > 1;
        pool = start (&options);
        for (uint32_t i = 0; i < N; i++)
          arguments[i] = i;
        g_assert_cmpint (il_pool_map_values (pool, SQUARE, arguments, N, chunk, results), ==,
                         IL_WAIT_DONE);
        for (uint32_t i = 0; i < N; i++)
          g_assert_cmpuint (results[i].value, ==, i * i);
        g_assert_cmpint (il_pool_imap (pool, SQUARE, arguments, N, chunk, &iterator), ==,
                         IL_WAIT_DONE);
        for (IlPoolResult result; il_pool_imap_next (pool, &iterator, &result); n++)
          g_assert_cmpuint (result.value, ==, n * n);
        g_assert_cmpuint (n, ==, N);
        g_assert_cmpuint (finish (pool).done, ==, 2 * N);
      }
}

typedef struct
{
  uint64_t sum;
  guint n_left; /* to be handed in by callbacks */
  pthread_t thread;
} Sum;

static void
add_cb (IlPool *pool, const IlPoolResult *result, void *data)
{
  Sum *sum = data;

  g_assert_true (pthread_equal (pthread_self (), sum->thread));
  sum->sum += result->value;
  if (sum->n_left > 0)
    il_pool_call_then (pool, SQUARE, sum->n_left--, NULL, add_cb, sum);
}

/* Each hands in the next, up to 10. */
static void
test_callbacks (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  Sum sum = { .n_left = 10, .thread = pthread_self () };

  g_assert_cmpint (il_pool_call_then (pool, SQUARE, 100, NULL, add_cb, &sum), ==, IL_WAIT_DONE);
  while (il_pool_dispatch_callbacks (pool, true) > 0)
    ;
  g_assert_cmpuint (sum.sum, ==, 10000 + 385);
  g_assert_cmpuint (il_pool_dispatch_callbacks (pool, false), ==, 0);
  finish (pool);
}

/* Fresh workers take over, and each is initialised. */
static void
test_max_tasks (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool;
  uint64_t arguments[90] = { 0 };

  atomic_store (&n_begun[0], 0);
  options.max_tasks_per_worker = 10;
  options.initialiser = count_worker;
  pool = start (&options);
  for (guint i = 0; i < G_N_ELEMENTS (arguments); i++)
    {
      g_assert_cmpint (il_pool_call_async (pool, NOTHING, i, NULL, NULL), ==, IL_WAIT_DONE);
      il_pool_supervise (pool, NULL);
    }
  g_assert_cmpuint (finish (pool).done, ==, 90);
  /* Each began with fewer than 10 or was followed by another. */
  g_assert_cmpuint (atomic_load (&n_begun[0]), >=, 9);
  g_assert_cmpuint (atomic_load (&n_begun[0]), <=, 9 + 3);
}

/* One thread is submitter and supervisor: nobody else replaces the workers that leave while it
 * waits for room, or for a result. */
static void
test_alone (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool;
  IlPoolResult result;

  options.n_workers = 1;
  options.capacity = 2;
  options.max_tasks_per_worker = 1;
  pool = start (&options);
  for (guint i = 0; i < 8; i++)
    g_assert_cmpint (il_pool_call_async (pool, NOTHING, i, NULL, NULL), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_pool_call (pool, SQUARE, 12, NULL, &result, NULL), ==, IL_WAIT_DONE);
  g_assert_cmpuint (result.value, ==, 144);
  g_assert_cmpuint (finish (pool).done, ==, 9);
}

/* Nobody waits for daemons. */
static void
test_daemons (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool;
  IlPoolCounts counts;

  options.are_daemons = true;
  pool = start (&options);
  for (guint i = 0; i < 16; i++)
    g_assert_cmpint (il_pool_call_async (pool, NEVER, i, NULL, NULL), ==, IL_WAIT_DONE);
  counts = finish (pool);
  g_assert_cmpuint (counts.submitted, ==, 16);
  g_assert_cmpuint (counts.cancelled, >, 0);
}

static void
test_terminate (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  IlPoolHandle handle;
  IlPoolResult result;

  for (guint i = 0; i < 10; i++)
    g_assert_cmpint (il_pool_call_async (pool, NEVER, i, NULL, NULL), ==, IL_WAIT_DONE);
  g_assert_cmpint (il_pool_call_async (pool, SQUARE, 2, NULL, &handle), ==, IL_WAIT_DONE);
  g_assert_false (il_pool_is_ready (pool, &handle));
  il_pool_terminate (pool);
  g_assert_cmpint (il_pool_wait (pool, &handle, &result), ==, IL_WAIT_CANCELLED);
  g_assert_cmpuint (finish (pool).cancelled, >, 0);
}

/* The task that its worker died of is run again, with its argument. */
static void
test_retry (void)
{
  IlPoolOptions options = get_options (GINT_TO_POINTER (IL_MODEL_PROCESSES));
  IlPool *pool;
  IlPoolHandle handle;
  IlPoolResult result;

  atomic_store (&n_begun[1], 0);
  options.retries = true;
  pool = start (&options);
  g_assert_cmpint (il_pool_call_async (pool, DIE_ONCE, 77, NULL, &handle), ==, IL_WAIT_DONE);
  while (!il_pool_is_ready (pool, &handle))
    il_pool_supervise (pool, NULL);
  g_assert_cmpint (il_pool_wait (pool, &handle, &result), ==, IL_WAIT_DONE);
  g_assert_cmpint (result.result, ==, IL_TASK_DONE);
  g_assert_cmpuint (result.value, ==, 77);
  finish (pool);
}

/* A map that there is not room for the results of at a time is handed in in pieces; less room,
 * since somebody else has promises, makes these smaller. */
static void
test_large_map (gconstpointer model)
{
  enum
  {
    N = 5000,
    N_KEPT = 700,
  };
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  g_autofree uint64_t *arguments = g_new (uint64_t, N);
  g_autofree IlPoolResult *results = g_new0 (IlPoolResult, N);
  IlPoolHandle kept[N_KEPT];
  IlPoolIterator iterator;
  uint32_t n = 0;

  for (uint32_t i = 0; i < N; i++)
    arguments[i] = i;
  for (uint32_t i = 0; i < N_KEPT; i++)
    g_assert_cmpint (il_pool_call_async (pool, SQUARE, i, NULL, &kept[i]), ==, IL_WAIT_DONE);
  for (uint32_t chunk = 1; chunk <= N; chunk *= 17)
    {
      memset (results, 0xff, N * sizeof *results);
      g_assert_cmpint (il_pool_map_values (pool, SQUARE, arguments, N, chunk, results), ==,
                       IL_WAIT_DONE);
      for (uint32_t i = 0; i < N; i++)
        g_assert_cmpuint (results[i].value, ==, i * i);
    }
  g_assert_cmpint (il_pool_imap (pool, SQUARE, arguments, N, 10, &iterator), ==, IL_WAIT_DONE);
  for (IlPoolResult result; il_pool_imap_next (pool, &iterator, &result); n++)
    g_assert_cmpuint (result.value, ==, n * n);
  g_assert_cmpuint (n, ==, N);
  for (uint32_t i = 0; i < N_KEPT; i++)
    {
      g_assert_cmpint (il_pool_wait (pool, &kept[i], results), ==, IL_WAIT_DONE);
      g_assert_cmpuint (results[0].value, ==, i * i);
    }
  g_assert_cmpuint (finish (pool).done, ==, 5 * N + N_KEPT);
}

/* Without any room there is no map, and what was promised is not touched. */
static void
test_no_room (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  g_autoptr (GArray) handles = g_array_new (FALSE, FALSE, sizeof (IlPoolHandle));
  uint64_t arguments[2] = { 1, 2 };
  IlPoolIterator iterator;
  IlPoolHandle handle;
  IlPoolResult result;

  while (il_pool_call_async (pool, SQUARE, 3, NULL, &handle) == IL_WAIT_DONE)
    g_array_append_val (handles, handle);
  g_assert_cmpuint (handles->len, >=, 1024);
  g_assert_cmpint (il_pool_map_values (pool, SQUARE, arguments, 2, 1, NULL), ==, IL_WAIT_TIMEOUT);
  g_assert_cmpint (il_pool_imap (pool, SQUARE, arguments, 2, 1, &iterator), ==, IL_WAIT_TIMEOUT);
  g_assert_false (il_pool_imap_next (pool, &iterator, &result));
  for (guint i = 0; i < handles->len; i++)
    {
      g_assert_cmpint (il_pool_wait (pool, &g_array_index (handles, IlPoolHandle, i), &result), ==,
                       IL_WAIT_DONE);
      g_assert_cmpuint (result.value, ==, 9);
    }
  g_assert_cmpuint (finish (pool).done, ==, handles->len);
}

static void
test_closed (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  uint64_t arguments[2] = { 1, 2 };
  IlPoolIterator iterator;
  IlPoolHandle handle;
  IlPoolResult result;

  g_assert_cmpint (il_pool_call (pool, SQUARE, 1, NULL, NULL, NULL), ==, IL_WAIT_DONE);
  il_pool_close (pool);
  g_assert_cmpint (il_pool_call (pool, SQUARE, 2, NULL, &result, NULL), ==, IL_WAIT_CLOSED);
  g_assert_cmpint (il_pool_call_async (pool, SQUARE, 2, NULL, NULL), ==, IL_WAIT_CLOSED);
  g_assert_cmpint (il_pool_call_async (pool, SQUARE, 2, NULL, &handle), ==, IL_WAIT_CLOSED);
  g_assert_cmpuint (handle.slot, ==, 0);
  g_assert_cmpint (il_pool_call_then (pool, SQUARE, 2, NULL, add_cb, NULL), ==, IL_WAIT_CLOSED);
  g_assert_cmpint (il_pool_map_values (pool, SQUARE, arguments, 2, 1, NULL), ==, IL_WAIT_CLOSED);
  g_assert_cmpint (il_pool_imap (pool, SQUARE, arguments, 2, 1, &iterator), ==, IL_WAIT_CLOSED);
  g_assert_false (il_pool_imap_next (pool, &iterator, &result));
  g_assert_cmpuint (finish (pool).submitted, ==, 1);
}

static void
expect_no_function (const char *caller)
{
  g_autofree char *pattern = g_strdup_printf ("*%s: assertion*n_kinds*failed", caller);

  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_CRITICAL, pattern);
}

/* A function that there is not never gets to a worker. */
static void
test_no_function (gconstpointer model)
{
  static const uint32_t wrong[] = { G_N_ELEMENTS (functions), 99, UINT32_MAX };
  IlPoolOptions options = get_options (model);
  IlPool *pool = start (&options);
  uint64_t argument = 1;
  IlPoolIterator iterator;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      expect_no_function ("il_pool_call_async");
      g_assert_cmpint (il_pool_call (pool, wrong[i], 1, NULL, NULL, NULL), ==, IL_WAIT_FAILED);
      expect_no_function ("il_pool_call_async");
      g_assert_cmpint (il_pool_call_then (pool, wrong[i], 1, NULL, add_cb, NULL), ==,
                       IL_WAIT_FAILED);
      expect_no_function ("il_pool_map_values");
      g_assert_cmpint (il_pool_map_values (pool, wrong[i], &argument, 1, 1, NULL), ==,
                       IL_WAIT_FAILED);
      expect_no_function ("il_pool_imap");
      g_assert_cmpint (il_pool_imap (pool, wrong[i], &argument, 1, 1, &iterator), ==,
                       IL_WAIT_FAILED);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (iterator.handle.slot, ==, 0);
    }
  g_assert_cmpuint (il_pool_dispatch_callbacks (pool, true), ==, 0);
  g_assert_cmpuint (finish (pool).submitted, ==, 0);
}

static void
assert_refused (const IlPoolOptions *options, const IlPoolFunction *some, uint32_t n_functions,
                const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (IlPool) pool = il_pool_new_for_functions (options, some, n_functions, NULL, &error);

  g_assert_null (pool);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_cmpstr (error->message, ==, message);
}

/* What cannot be had is refused with the reason. */
static void
test_bad_options (void)
{
  const IlPoolOptions good = get_options (GINT_TO_POINTER (IL_MODEL_THREADS));
  const IlPoolFunction large = { .name = "large", .func = square, .argument_size = UINT32_MAX };
  IlPoolOptions options = good;

  options.n_workers = 0;
  assert_refused (&options, functions, 1, "Workers: found 0, expected 1 to 4096");
  options.n_workers = 100000;
  assert_refused (&options, functions, 1, "Workers: found 100000, expected 1 to 4096");
  options = good;
  options.model = (IlModel)77;
  assert_refused (&options, functions, 1, "There is no model 77, only 0 to 5");
  options.model = (IlModel)-1;
  assert_refused (&options, functions, 1, "There is no model 4294967295, only 0 to 5");
  options = good;
  options.scheduling = (IlScheduling)3;
  assert_refused (&options, functions, 1, "There is no scheduling 3, only 0 to 2");
  assert_refused (&good, functions, 0, "Functions: found 0, expected 1 to 64");
  assert_refused (&good, &large, 1,
                  "Bytes of the function large: found 4294967295, expected at most 1048576");
}

/* Whoever returns early lets go of a pool that still has work. */
static void
test_let_go (gconstpointer model)
{
  IlPoolOptions options = get_options (model);
  g_autoptr (IlPool) not_started = NULL;
  g_autoptr (IlPool) pool = start (&options);

  not_started = il_pool_new_for_functions (&options, functions, 1, NULL, NULL);
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (il_pool_call_async (pool, NEVER, i, NULL, NULL), ==, IL_WAIT_DONE);
}

/* Where the submitter is the one who runs tasks it is initialised, once and before the first. */
static void
test_serial_initialiser (void)
{
  IlPoolOptions options = get_options (GINT_TO_POINTER (IL_MODEL_SERIAL));
  IlPool *pool;

  atomic_store (&n_begun[0], 0);
  options.initialiser = count_worker;
  pool = start (&options);
  for (guint i = 0; i < 3; i++)
    {
      IlPoolResult result;

      g_assert_cmpint (il_pool_call (pool, GET_N_BEGUN, 0, NULL, &result, NULL), ==, IL_WAIT_DONE);
      g_assert_cmpuint (result.value, ==, 1);
    }
  finish (pool);
  g_assert_cmpuint (atomic_load (&n_begun[0]), ==, 1);
}

static void
add_models (const char *path, GTestDataFunc func)
{
  static const char *const names[]
      = { "serial", "threads", "processes", "hybrid", "gil", "coroutines" };

  for (int model = IL_MODEL_THREADS; model < IL_N_MODELS; model++)
    {
      g_autofree char *full = g_strconcat (path, "/", names[model], NULL);

      if (WITH_PROCESSES || model == IL_MODEL_THREADS || model == IL_MODEL_GIL)
        g_test_add_data_func (full, GINT_TO_POINTER (model), func);
    }
}

static void
add_all_models (const char *path, GTestDataFunc func)
{
  g_autofree char *serial = g_strconcat (path, "/serial", NULL);

  g_test_add_data_func (serial, GINT_TO_POINTER (IL_MODEL_SERIAL), func);
  add_models (path, func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  n_begun = fixture_share (2 * sizeof *n_begun);
  add_models ("/functions/call", test_call);
  add_models ("/functions/map", test_map);
  add_models ("/functions/callbacks", test_callbacks);
  add_models ("/functions/max-tasks", test_max_tasks);
  add_models ("/functions/alone", test_alone);
  add_models ("/functions/daemons", test_daemons);
  add_models ("/functions/terminate", test_terminate);
  add_all_models ("/functions/large-map", test_large_map);
  add_all_models ("/functions/no-room", test_no_room);
  add_all_models ("/functions/closed", test_closed);
  add_all_models ("/functions/no-function", test_no_function);
  add_all_models ("/functions/let-go", test_let_go);
  g_test_add_func ("/functions/bad-options", test_bad_options);
  g_test_add_func ("/functions/serial-initialiser", test_serial_initialiser);
  if (WITH_PROCESSES)
    g_test_add_func ("/functions/retry", test_retry);
  return g_test_run ();
}
