/* il-pool-functions.c - making a pool for functions
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * To the rest of the engine it is a scenario whose tasks have no steps.
 */

#include "config.h"

#include "il-pool-private.h"

#include <glib/gi18n-lib.h>

#define DEFAULT_CAPACITY 1024

static IlQuantity
make_quantity (double value)
{
  return (IlQuantity){ .knob = -1, .literal = value };
}

static void
fill_task (IlTaskKind *task, const IlPoolFunction *function, const IlPoolOptions *options)
{
  IlQuantity none = make_quantity (0);

  *task = (IlTaskKind){
    .name = g_strdup (function->name),
    .workers = none,
    .count = none,
    .arrival = IL_ARRIVAL_AT_ONCE,
    .rate = none,
    .burst = none,
    .gap = none,
    .submit = IL_SUBMIT_MAP,
    .batch = make_quantity (options->n_results),
    .chunk = make_quantity (1),
    .argument = make_quantity (function->argument_size),
    .result = make_quantity (function->result_size),
    .depth = none,
    .priority = function->priority,
  };
}

static IlScenario *
make_scenario (const IlPoolOptions *options, const IlPoolFunction *functions, uint32_t n_functions)
{
  IlScenario *scenario = g_new0 (IlScenario, 1);

  scenario->model = options->model;
  scenario->models[options->model] = TRUE;
  scenario->workers = make_quantity (options->n_workers);
  scenario->capacity
      = make_quantity (options->capacity != 0 ? options->capacity : DEFAULT_CAPACITY);
  scenario->processes = make_quantity (MAX (options->n_processes, 1));
  scenario->carriers = make_quantity (1);
  scenario->switch_interval = make_quantity (5e6);
  scenario->scheduling = options->scheduling;
  scenario->max_tasks_per_worker = options->max_tasks_per_worker;
  scenario->daemon = options->are_daemons;
  scenario->on_death = options->retries ? IL_ON_DEATH_RETRY : IL_ON_DEATH_LOST;
  scenario->tasks = g_new0 (IlTaskKind, n_functions);
  scenario->n_tasks = n_functions;
  for (uint32_t i = 0; i < n_functions; i++)
    fill_task (&scenario->tasks[i], &functions[i], options);
  return scenario;
}

/* What a program may have from its user. */
static bool
check_options (const IlPoolOptions *options, GError **error)
{
  uint32_t most = options->model == IL_MODEL_COROUTINES ? IL_SCENARIO_MAX_COROUTINES
                                                        : IL_SCENARIO_MAX_WORKERS;

  if ((uint32_t)options->model >= IL_N_MODELS)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, _ ("There is no model %u, only 0 to %u"),
                 (guint)options->model, IL_N_MODELS - 1U);
  else if ((uint32_t)options->scheduling > IL_SCHEDULING_PRIORITY)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                 _ ("There is no scheduling %u, only 0 to %u"), (guint)options->scheduling,
                 (guint)IL_SCHEDULING_PRIORITY);
  else if (options->n_workers < 1 || options->n_workers > most)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, _ ("Workers: found %u, expected 1 to %u"),
                 options->n_workers, most);
  else
    return true;
  return false;
}

static bool
check_functions (const IlPoolFunction *functions, uint32_t n_functions, GError **error)
{
  if (n_functions < 1 || n_functions > IL_SCENARIO_MAX_TASK_KINDS)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("Functions: found %u, expected 1 to %u"), n_functions,
                   (guint)IL_SCENARIO_MAX_TASK_KINDS);
      return false;
    }
  for (uint32_t i = 0; i < n_functions; i++)
    {
      uint32_t n_bytes = MAX (functions[i].argument_size, functions[i].result_size);

      if (n_bytes <= IL_SCENARIO_MAX_MESSAGE)
        continue;
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                   _ ("Bytes of the function %s: found %u, expected at most %u"), functions[i].name,
                   n_bytes, (guint)IL_SCENARIO_MAX_MESSAGE);
      return false;
    }
  return true;
}

/**
 * il_pool_new_for_functions:
 * @functions: (array length=n_functions): the kinds of tasks, which are named by their index here;
 *     at least 1 and at most %IL_SCENARIO_MAX_TASK_KINDS
 * @trace: (nullable): where to record; must outlive the pool
 *
 * Makes a pool whose workers are not started.  The calling thread becomes its supervisor.
 *
 * Returns: (transfer full): the pool, or %NULL and the reason, which may be that there cannot be
 *     what the options say
 */
IlPool *
il_pool_new_for_functions (const IlPoolOptions *options, const IlPoolFunction *functions,
                           uint32_t n_functions, IlTrace *trace, GError **error)
{
  IlScenario *scenario;
  IlPool *pool;

  if (!check_options (options, error) || !check_functions (functions, n_functions, error))
    return NULL;
  scenario = make_scenario (options, functions, n_functions);
  pool = il_pool_new (scenario, trace, error);
  if (pool == NULL)
    {
      il_scenario_free (scenario);
      return NULL;
    }
  pool->own_scenario = scenario;
  pool->helps = options->helps;
  pool->arena->initialiser = options->initialiser;
  pool->arena->initialiser_data = options->initialiser_data;
  for (uint32_t i = 0; i < n_functions; i++)
    pool->arena->kinds[i].func = functions[i].func;
  return pool;
}
