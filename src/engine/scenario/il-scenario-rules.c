/* il-scenario-rules.c - what must be so in all groups of a scenario together
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Steps are flat, so a task's way through its locks is known beforehand: it is followed here, and a
 * task can neither give back what it does not hold nor end while it holds a lock.  That it may wait
 * for itself or for others for ever is no error: that is what a scenario may be made to show.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Steps that take something and those that give it back. */
static const struct
{
  IlStepKind take, give;
} pairs[] = {
  { IL_STEP_LOCK, IL_STEP_UNLOCK },
  { IL_STEP_READ_LOCK, IL_STEP_READ_UNLOCK },
  { IL_STEP_WRITE_LOCK, IL_STEP_WRITE_UNLOCK },
};

#define LOCK_PAIR 0

/* Where a task has come to in its steps. */
typedef struct
{
  guint n_held[G_N_ELEMENTS (pairs)][IL_SCENARIO_MAX_OBJECTS];
  int last_read; /* index of a counter, or -1 */
  gboolean has_spawned;
} Progress;

/* “unlock A” */
static char *
describe_step (const IlScenario *scenario, const IlStep *step)
{
  const char *word = il_step_kind_get_word (step->kind);

  return step->object < 0 ? g_strdup (word)
                          : g_strdup_printf ("%s %s", word, scenario->objects[step->object].name);
}

static gboolean
fail_step (IlScenarioParser *self, const IlStep *step, const char *expected)
{
  g_autofree char *found = describe_step (self->scenario, step);

  return il_scenario_fail_at (self->error, self->text->path, step->line, found, "%s", expected);
}

static gboolean
fail_before (IlScenarioParser *self, const IlStep *step, IlStepKind kind, int object)
{
  const IlStep needed = { .kind = kind, .object = object };
  g_autofree char *words = describe_step (self->scenario, &needed);
  g_autofree char *expected = g_strdup_printf (_ ("“%s” before it in the same steps"), words);

  return fail_step (self, step, expected);
}

static gboolean
follow_locks (IlScenarioParser *self, const IlStep *step, Progress *progress)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      if (step->kind == pairs[i].take)
        progress->n_held[i][step->object]++;
      if (step->kind == pairs[i].give && progress->n_held[i][step->object]-- == 0)
        return fail_before (self, step, pairs[i].take, step->object);
    }
  return TRUE;
}

/* A wait gives its lock back once. */
static gboolean
follow_condition (IlScenarioParser *self, const IlStep *step, const Progress *progress)
{
  int lock;

  if (step->kind != IL_STEP_WAIT_CONDITION)
    return TRUE;
  lock = self->scenario->objects[step->object].lock;
  if (progress->n_held[LOCK_PAIR][lock] == 0)
    return fail_before (self, step, IL_STEP_LOCK, lock);
  if (progress->n_held[LOCK_PAIR][lock] > 1)
    return fail_step (self, step, _ ("its lock to be held once, or nobody else can get it"));
  if (step->other >= 0 && self->scenario->objects[step->other].variant != 0)
    return fail_step (self, step, _ ("a counter with Place=shared, which others can change"));
  return TRUE;
}

static gboolean
follow_other (IlScenarioParser *self, const IlTaskKind *task, const IlStep *step,
              Progress *progress)
{
  if (step->kind == IL_STEP_READ)
    progress->last_read = step->object;
  if (step->kind == IL_STEP_WRITE && progress->last_read != step->object)
    return fail_before (self, step, IL_STEP_READ, step->object);
  if (step->kind == IL_STEP_SPAWN)
    progress->has_spawned = TRUE;
  if (step->kind == IL_STEP_JOIN && !progress->has_spawned)
    return fail_before (self, step, IL_STEP_SPAWN, -1);
  if (step->kind == IL_STEP_GET_OR_LEAVE && task->arrival != IL_ARRIVAL_LOOP)
    return fail_step (self, step, _ ("Arrival=loop in its group, for a worker to leave"));
  return TRUE;
}

static gboolean
check_held (IlScenarioParser *self, const IlTaskKind *task, const Progress *progress)
{
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    for (guint j = 0; j < self->scenario->n_objects; j++)
      {
        const IlStep take
            = { .kind = pairs[i].take, .object = (int)j, .line = task->steps[0].line };
        const IlStep give = { .kind = pairs[i].give, .object = (int)j };
        g_autofree char *words = NULL;
        g_autofree char *expected = NULL;

        if (progress->n_held[i][j] == 0)
          continue;
        words = describe_step (self->scenario, &give);
        expected = g_strdup_printf (_ ("“%s” after it in the same steps"), words);
        return fail_step (self, &take, expected);
      }
  return TRUE;
}

static gboolean
check_steps (IlScenarioParser *self, const IlTaskKind *task)
{
  g_autofree Progress *progress = g_new0 (Progress, 1);

  progress->last_read = -1;
  for (guint i = 0; i < task->n_steps; i++)
    if (!follow_locks (self, &task->steps[i], progress)
        || !follow_condition (self, &task->steps[i], progress)
        || !follow_other (self, task, &task->steps[i], progress))
      return FALSE;
  return check_held (self, task, progress);
}

/* A worker of the common pool that loops over one task has no time for another. */
static gboolean
check_loops (IlScenarioParser *self)
{
  const IlScenario *scenario = self->scenario;
  guint n_on_pool = 0;
  int looping = -1;

  for (guint i = 0; i < scenario->n_tasks; i++)
    if (il_task_kind_is_on_common_pool (&scenario->tasks[i]))
      {
        n_on_pool++;
        if (scenario->tasks[i].arrival == IL_ARRIVAL_LOOP)
          looping = (int)i;
      }
  if (looping < 0 || n_on_pool == 1)
    return TRUE;
  return il_scenario_parser_fail_group (
      self, self->task_groups[looping],
      _ ("a key “Workers” in it, since it loops and is not the only task without"));
}

/**
 * il_scenario_parser_check_tasks:
 *
 * Checks the steps of all tasks, and what they must be beside each other.
 */
gboolean
il_scenario_parser_check_tasks (IlScenarioParser *self)
{
  for (guint i = 0; i < self->scenario->n_tasks; i++)
    if (!check_steps (self, &self->scenario->tasks[i]))
      return FALSE;
  return il_scenario_parser_check_spawns (self) && check_loops (self);
}

static gboolean
check_queue_sizes (IlScenarioParser *self)
{
  const IlScenario *scenario = self->scenario;

  for (guint i = 0; i < scenario->n_objects; i++)
    {
      const IlScenarioObject *object = &scenario->objects[i];
      double capacity = il_quantity_get_max (&object->parameter, scenario);
      g_autofree char *limit = NULL;
      g_autofree char *found = NULL;

      if (capacity * (double)object->max_payload <= IL_SCENARIO_MAX_QUEUE_BYTES)
        continue;
      limit = il_quantity_to_string (IL_SCENARIO_MAX_QUEUE_BYTES, IL_UNIT_SIZE);
      found = g_strdup_printf ("[%s %s]", il_scenario_get_object_word (object->kind), object->name);
      return il_scenario_fail_at (self->error, self->text->path, self->object_lines[i], found,
                                  _ ("a Capacity with which it holds at most %s"), limit);
    }
  return TRUE;
}

/* Of the last key of this name; 1 if there is none. */
static int
get_last_line (const IlScenarioParser *self, const char *key)
{
  int line = 1;

  for (guint i = 0; i < self->text->entries->len; i++)
    {
      const IlScenarioEntry *entry = &g_array_index (self->text->entries, IlScenarioEntry, i);

      if (strcmp (entry->key, key) == 0)
        line = entry->line;
    }
  return line;
}

/**
 * il_scenario_parser_check_sizes:
 *
 * Checks that a scenario is not too large for any of its models, see il_scenario_check_model(); all
 * of it is parsed already.
 */
gboolean
il_scenario_parser_check_sizes (IlScenarioParser *self)
{
  IlScenario *scenario = self->scenario;
  gboolean has_coroutines = scenario->models[IL_MODEL_COROUTINES];

  scenario->workers_line = get_last_line (self, "Workers");
  scenario->processes_line = get_last_line (self, "Processes");
  if (!check_queue_sizes (self))
    return FALSE;
  if (!il_scenario_check_total_workers (
          scenario, has_coroutines ? IL_MODEL_COROUTINES : scenario->model, self->error))
    return il_scenario_parser_place_error (self, scenario->workers_line);
  il_scenario_fit_processes (scenario);
  return TRUE;
}
