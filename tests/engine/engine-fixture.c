/* engine-fixture.c - what the tests of the engine share
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "engine-fixture.h"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "il-submitter.h"

typedef struct
{
  IlArena *arena;
  uint32_t agent;
  ActorFunc func;
  void *data;
} AgentStart;

static struct
{
  pthread_t thread;
  gboolean is_running;
} submitter;

IlScenario *
fixture_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  IlScenario *scenario = il_scenario_parse (text, -1, "test.scenario", &error);

  g_assert_no_error (error);
  return scenario;
}

/* Lets agents act that no pool starts. */
void
fixture_release (IlArena *arena)
{
  il_arena_change_run (arena, 0, IL_RUN_HELD);
}

guint
fixture_count_objects (const IlArena *arena, IlObjectKind kind)
{
  guint n = 0;

  for (guint i = 0; i < arena->n_objects; i++)
    n += arena->objects[i].class->kind == kind;
  return n;
}

/* The n-th object of its kind. */
void *
fixture_get_object (const IlArena *arena, IlObjectKind kind, guint n)
{
  for (guint i = 0; i < arena->n_objects; i++)
    if (arena->objects[i].class->kind == kind && n-- == 0)
      return arena->objects[i].data;
  g_assert_not_reached ();
}

IlLock *
fixture_get_lock (const IlArena *arena, guint n)
{
  return fixture_get_object (arena, IL_OBJECT_LOCK, n);
}

IlSemaphore *
fixture_get_semaphore (const IlArena *arena, guint n)
{
  return fixture_get_object (arena, IL_OBJECT_SEMAPHORE, n);
}

IlQueue *
fixture_get_queue (const IlArena *arena, guint n)
{
  return fixture_get_object (arena, IL_OBJECT_QUEUE, n);
}

/* Memory that threads and forked processes share, all zero. */
void *
fixture_share (gsize size)
{
  void *memory = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

  g_assert_true (memory != MAP_FAILED);
  return memory;
}

static void
run_agent (const AgentStart *start)
{
  IlActor actor;

  il_actor_init (&actor, start->arena, start->agent);
  il_actor_enter (&actor, NULL, IL_ROLE_WORKER, 0);
  start->func (&actor, start->data);
  il_actor_leave (&actor, 0);
}

static void *
agent_thread (void *data)
{
  g_autofree AgentStart *start = data;

  run_agent (start);
  return NULL;
}

/* Starts agents as the arena's first workers, in threads or in processes as its model says. */
Agents *
fixture_start_agents (IlArena *arena, uint32_t n_agents, ActorFunc func, void *data)
{
  Agents *agents = g_new0 (Agents, 1);

  g_assert_cmpuint (n_agents, <=, arena->n_agents - IL_FIRST_WORKER);
  agents->n_agents = n_agents;
  agents->are_processes = arena->model == IL_MODEL_PROCESSES;
  agents->threads = g_new0 (pthread_t, n_agents);
  agents->pids = g_new0 (pid_t, n_agents);
  for (uint32_t i = 0; i < n_agents; i++)
    {
      AgentStart start = { arena, IL_FIRST_WORKER + i, func, data };

      if (!agents->are_processes)
        {
          int result = pthread_create (&agents->threads[i], NULL, agent_thread,
                                       g_memdup2 (&start, sizeof start));

          g_assert_cmpint (result, ==, 0);
          continue;
        }
      agents->pids[i] = fork ();
      g_assert_cmpint (agents->pids[i], >=, 0);
      if (agents->pids[i] == 0)
        {
          run_agent (&start);
          _exit (0);
        }
    }
  return agents;
}

/* Waits for all to end well. */
void
fixture_join_agents (Agents *agents)
{
  for (uint32_t i = 0; i < agents->n_agents; i++)
    {
      int status = 0;

      if (!agents->are_processes)
        pthread_join (agents->threads[i], NULL);
      else if (agents->pids[i] != 0) /* that nobody has buried */
        {
          g_assert_cmpint (waitpid (agents->pids[i], &status, 0), ==, agents->pids[i]);
          g_assert_cmpint (status, ==, 0);
        }
    }
  g_free (agents->threads);
  g_free (agents->pids);
  g_free (agents);
}

static void *
submitter_thread (void *data)
{
  il_submitter_run (data);
  return NULL;
}

/* Starts the scenario's workers and, if it has tasks to be handed in, its submitter. */
IlPool *
fixture_start_pool (const IlScenario *scenario, IlTrace *trace)
{
  g_autoptr (GError) error = NULL;
  IlPool *pool = il_pool_new (scenario, trace, &error);

  g_assert_no_error (error);
  il_pool_start (pool, &error);
  g_assert_no_error (error);
  submitter.is_running = il_submitter_is_needed (pool);
  if (submitter.is_running)
    {
      il_pool_expect_submitter (pool);
      g_assert_cmpint (pthread_create (&submitter.thread, NULL, submitter_thread, pool), ==, 0);
    }
  return pool;
}

/* Waits until all are done, and checks what must always hold. */
IlPoolCounts
fixture_join_pool (IlPool *pool)
{
  g_autoptr (GError) error = NULL;
  IlPoolCounts counts;

  il_pool_join (pool, &error);
  g_assert_no_error (error);
  if (submitter.is_running)
    pthread_join (submitter.thread, NULL);
  submitter.is_running = FALSE;
  il_pool_get_counts (pool, &counts);
  g_assert_cmpuint (counts.submitted, ==,
                    counts.done + counts.failed + counts.cancelled + counts.lost);
  return counts;
}

/* Adds a test for threads and one for processes; its data is the model. */
void
fixture_add_models (const char *path, GTestDataFunc func)
{
  g_autofree char *threads = g_strconcat (path, "/threads", NULL);
  g_autofree char *processes = g_strconcat (path, "/processes", NULL);

  g_test_add_data_func (threads, GINT_TO_POINTER (IL_MODEL_THREADS), func);
  if (WITH_PROCESSES)
    g_test_add_data_func (processes, GINT_TO_POINTER (IL_MODEL_PROCESSES), func);
}
