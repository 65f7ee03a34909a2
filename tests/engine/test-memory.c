/* test-memory.c - work on memory goes through what it says, on what is the worker's own
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "sync-fixture.h"

#include "il-memory.h"
#include "il-workspace.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (1024 * 1024u)

static IlArena *
make_arena (IlModel model)
{
  return sync_make_arena ("[Task t]\nSteps=memory 1MiB; memory 1MiB random; increment 1000000\n",
                          model);
}

static gsize
count_resident (const guint8 *memory, gsize size)
{
  gsize page = (gsize)sysconf (_SC_PAGESIZE), n = 0;
  const guint8 *first = (const guint8 *)(((guintptr)memory + page - 1) / page * page);
  gsize n_pages = (gsize)(memory + size - first) / page;
  g_autofree guint8 *pages = g_malloc (n_pages);

  g_assert_cmpint (mincore ((void *)first, n_pages * page, pages), ==, 0);
  for (gsize i = 0; i < n_pages; i++)
    n += pages[i] & 1;
  return n * page;
}

/* The kernel has given as much memory as the step goes through, and no more. */
static void
test_touches_its_own (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlActor actor, other;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  il_actor_init (&other, arena, IL_FIRST_WORKER + 1);
  g_assert_cmpuint (count_resident (il_workspace_get_memory (&actor), SIZE), ==, 0);
  g_assert_true (il_memory_read (&actor, SIZE / 4, IL_MEMORY_STREAM));
  g_assert_cmpuint (il_workspace_get (&actor)->n_touched, ==, SIZE / 4);
  g_assert_cmpuint (count_resident (il_workspace_get_memory (&actor), SIZE), <=, SIZE / 4 + 8192);
  g_assert_cmpuint (count_resident (il_workspace_get_memory (&actor), SIZE), >=, SIZE / 4 - 8192);
  g_assert_true (il_memory_read (&actor, SIZE, IL_MEMORY_RANDOM));
  g_assert_cmpuint (count_resident (il_workspace_get_memory (&actor), SIZE), >=, SIZE - 8192);
  g_assert_cmpuint (count_resident (il_workspace_get_memory (&other), SIZE), ==, 0);
}

static void
test_odd_sizes (void)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  IlActor actor;

  il_actor_init (&actor, arena, IL_FIRST_WORKER);
  for (gsize size = 1; size <= 1000; size++)
    {
      g_assert_true (il_memory_read (&actor, size, IL_MEMORY_STREAM));
      g_assert_true (il_memory_read (&actor, size, IL_MEMORY_RANDOM));
    }
}

/* Workers' words: in one line, or in one each; nobody counts in another's. */
static void
increment (IlActor *actor, void *data)
{
  g_assert_true (il_memory_increment (actor, 100000, IL_SHARING_APART));
  g_assert_true (il_memory_increment (actor, 50000, IL_SHARING_TOGETHER));
}

static void
test_increments (gconstpointer model)
{
  g_autoptr (IlArena) arena = make_arena ((IlModel)GPOINTER_TO_INT (model));

  fixture_join_agents (fixture_start_agents (arena, 4, increment, NULL));
  for (guint i = 0; i < 4; i++)
    {
      guint64 *apart = (guint64 *)arena->words_apart + i * IL_CACHE_LINE / sizeof (guint64);
      guint64 *together = (guint64 *)arena->words_together + i;

      g_assert_cmpuint (*apart, ==, 100000);
      g_assert_cmpuint (*together, ==, 50000);
      g_assert_cmpuint ((guintptr)together / IL_CACHE_LINE, ==,
                        (guintptr)arena->words_together / IL_CACHE_LINE);
    }
}

typedef struct
{
  gboolean (*work) (IlActor *actor);
} Work;

static gboolean
stream_for_ever (IlActor *actor)
{
  while (il_memory_read (actor, SIZE, IL_MEMORY_STREAM))
    continue;
  return FALSE;
}

static gboolean
chase_for_ever (IlActor *actor)
{
  while (il_memory_read (actor, SIZE, IL_MEMORY_RANDOM))
    continue;
  return FALSE;
}

static gboolean
increment_for_ever (IlActor *actor)
{
  return il_memory_increment (actor, UINT64_MAX, IL_SHARING_APART);
}

static void
work_for_ever (IlActor *actor, void *data)
{
  const Work *work = data;

  g_assert_false (work->work (actor));
}

static void
wait_for_activity (const IlArena *arena, IlActivity activity)
{
  while (atomic_load (&arena->agents[IL_FIRST_WORKER].activity) != activity)
    g_usleep (100);
}

/* They stop when told to, in the middle, and go on. */
static void
test_pause_and_cancel (gconstpointer data)
{
  g_autoptr (IlArena) arena = make_arena (IL_MODEL_THREADS);
  Agents *agents = fixture_start_agents (arena, 1, work_for_ever, (void *)data);

  wait_for_activity (arena, IL_ACTIVITY_BUSY);
  il_arena_change_run (arena, IL_RUN_PAUSED, 0);
  wait_for_activity (arena, IL_ACTIVITY_STOPPED);
  il_arena_change_run (arena, 0, IL_RUN_PAUSED);
  wait_for_activity (arena, IL_ACTIVITY_BUSY);
  il_arena_change_run (arena, IL_RUN_CANCELLED, 0);
  fixture_join_agents (agents);
}

/* A machine that has not so much says so before it begins. */
static void
test_too_much (void)
{
  g_autoptr (IlScenario) scenario
      = fixture_parse ("[Scenario]\nName=Test\nModel=threads\nWorkers=4096\n"
                       "[Task t]\nSteps=memory 256MiB\n");
  g_autoptr (GError) error = NULL;

  g_assert_null (il_arena_new (scenario, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM);
  g_assert_nonnull (strstr (error->message, "1048576 MiB"));
}

static void
test_steps (gconstpointer model)
{
  g_autoptr (IlScenario) scenario = fixture_parse (
      "[Scenario]\nName=Test\nModel=threads\nWorkers=3\nProcesses=2\n[Task t]\nCount=60\n"
      "Steps=memory 64KiB; memory 64KiB random; increment 5000 together; yield; cpu 10us float; "
      "cpu 10us hash\n");
  IlPool *pool;

  scenario->model = (IlModel)GPOINTER_TO_INT (model);
  pool = fixture_start_pool (scenario, NULL);
  g_assert_cmpuint (fixture_join_pool (pool).done, ==, 60);
  il_pool_free (pool);
}

int
main (int argc, char **argv)
{
  static const Work works[] = { { stream_for_ever }, { chase_for_ever }, { increment_for_ever } };
  static const char *const names[] = { "stream", "random", "increment" };

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/touches-its-own", test_touches_its_own);
  g_test_add_func ("/memory/odd-sizes", test_odd_sizes);
  fixture_add_models ("/memory/increments", test_increments);
  for (gsize i = 0; i < G_N_ELEMENTS (works); i++)
    {
      g_autofree char *path = g_strdup_printf ("/memory/pause-and-cancel/%s", names[i]);

      g_test_add_data_func (path, &works[i], test_pause_and_cancel);
    }
  g_test_add_func ("/memory/too-much", test_too_much);
  for (int model = IL_MODEL_SERIAL; model < IL_N_MODELS; model++)
    {
      g_autofree char *path
          = g_strdup_printf ("/memory/steps/%s", il_model_get_name ((IlModel)model));

      if ((model != IL_MODEL_PROCESSES && model != IL_MODEL_HYBRID) || WITH_PROCESSES)
        g_test_add_data_func (path, GINT_TO_POINTER (model), test_steps);
    }
  return g_test_run ();
}
