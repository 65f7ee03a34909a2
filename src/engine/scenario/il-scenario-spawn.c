/* il-scenario-spawn.c - tasks that spawn tasks: which trees can grow, and that all of them end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A task that was submitted has depth 0, one that was spawned 1 more than the one that spawned it.
 * In a task as deep as the Depth of its kind, spawn does nothing.  So kinds may spawn their own
 * kind, or each other in a circle, as long as one in the circle has a Depth; and how large a tree
 * can grow is known beforehand.
 */

#include "config.h"

#include "il-scenario-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define N_DEPTHS (IL_SCENARIO_MAX_DEPTH + 1)

static gboolean
has_key (IlScenarioParser *self, guint task, const char *key)
{
  int line = 0;
  g_autofree char *text = il_scenario_text_get (self->text, self->task_groups[task], key, &line);

  return text != NULL;
}

static gboolean
is_spawned (const IlScenario *scenario, guint task)
{
  for (guint i = 0; i < scenario->n_tasks; i++)
    for (guint j = 0; j < scenario->tasks[i].n_steps; j++)
      if (scenario->tasks[i].steps[j].kind == IL_STEP_SPAWN
          && scenario->tasks[i].steps[j].other == (int)task)
        return TRUE;
  return FALSE;
}

/* Spawned tasks wait in a queue, which a kind that loops does not have. */
static gboolean
check_children (IlScenarioParser *self, guint task)
{
  const IlTaskKind *kind = &self->scenario->tasks[task];
  gboolean spawns = FALSE;

  for (guint i = 0; i < kind->n_steps; i++)
    {
      const IlStep *step = &kind->steps[i];
      g_autofree char *found = NULL;

      if (step->kind != IL_STEP_SPAWN)
        continue;
      spawns = TRUE;
      if (self->scenario->tasks[step->other].arrival != IL_ARRIVAL_LOOP)
        continue;
      found = g_strdup_printf ("%s %s", il_step_kind_get_word (step->kind),
                               self->scenario->tasks[step->other].name);
      return il_scenario_fail_at (self->error, self->text->path, step->line, found,
                                  _ ("a task without Arrival=loop"));
    }
  return spawns
         || il_scenario_parser_refuse_key (self, self->task_groups[task], "Depth",
                                           _ ("a step “spawn” beside it"));
}

typedef enum
{
  NOT_SEEN,
  ON_THE_WAY,
  ENDS,
} Passage;

/* Whether one can come from a kind back to it and meet no Depth. */
static gboolean
find_circle (IlScenarioParser *self, guint task, Passage *passages)
{
  const IlTaskKind *kind = &self->scenario->tasks[task];

  if (passages[task] == ENDS || has_key (self, task, "Depth"))
    return FALSE;
  if (passages[task] == ON_THE_WAY)
    return TRUE;
  passages[task] = ON_THE_WAY;
  for (guint i = 0; i < kind->n_steps; i++)
    if (kind->steps[i].kind == IL_STEP_SPAWN
        && find_circle (self, (guint)kind->steps[i].other, passages))
      return TRUE;
  passages[task] = ENDS;
  return FALSE;
}

/* What is spawned, and says nothing of when it comes, comes by that alone; TRUE for all others. */
static gboolean
comes_by_itself (IlScenarioParser *self, guint task)
{
  return has_key (self, task, "Arrival") || has_key (self, task, "Count")
         || has_key (self, task, "Submit") || !is_spawned (self->scenario, task);
}

/* Somebody who comes by himself must begin each tree. */
static gboolean
check_roots (IlScenarioParser *self)
{
  IlScenario *scenario = self->scenario;
  gboolean comes[IL_SCENARIO_MAX_TASK_KINDS];
  gboolean has_changed = TRUE;

  for (guint i = 0; i < scenario->n_tasks; i++)
    {
      comes[i] = comes_by_itself (self, i);
      if (!comes[i])
        scenario->tasks[i].arrival = IL_ARRIVAL_SPAWNED;
    }
  while (has_changed)
    {
      has_changed = FALSE;
      for (guint i = 0; i < scenario->n_tasks; i++)
        for (guint j = 0; comes[i] && j < scenario->tasks[i].n_steps; j++)
          {
            const IlStep *step = &scenario->tasks[i].steps[j];

            if (step->kind == IL_STEP_SPAWN && !comes[step->other])
              comes[step->other] = has_changed = TRUE;
          }
    }
  for (guint i = 0; i < scenario->n_tasks; i++)
    if (!comes[i])
      return il_scenario_parser_fail_group (
          self, self->task_groups[i],
          _ ("a key “Count” or “Arrival” in it, since nothing begins what spawns it"));
  return TRUE;
}

typedef struct
{
  const IlScenario *scenario;
  double sizes[IL_SCENARIO_MAX_TASK_KINDS][N_DEPTHS]; /* 0: not known yet */
} Trees;

/* How many tasks come of one of this kind at this depth, itself included; infinite if some would
 * be deeper than can be. */
static double
get_size (Trees *trees, guint task, guint depth)
{
  const IlTaskKind *kind = &trees->scenario->tasks[task];
  double size = 1;

  if (depth >= N_DEPTHS)
    return INFINITY;
  if (trees->sizes[task][depth] > 0)
    return trees->sizes[task][depth];
  for (guint i = 0; i < kind->n_steps && depth < il_quantity_get (&kind->depth, trees->scenario);
       i++)
    {
      double n_children = kind->steps[i].kind == IL_STEP_SPAWN
                              ? il_quantity_get (&kind->steps[i].quantity, trees->scenario)
                              : 0;

      if (n_children > 0)
        size += n_children * get_size (trees, (guint)kind->steps[i].other, depth + 1);
    }
  trees->sizes[task][depth] = size;
  return size;
}

/**
 * il_scenario_check_trees:
 * @task: (out): the kind of task at fault
 *
 * Checks that no task brings more others with it, and none deeper, than can be, as the knobs stand.
 */
gboolean
il_scenario_check_trees (const IlScenario *self, guint *task, GError **error)
{
  g_autofree Trees *trees = g_new0 (Trees, 1);

  trees->scenario = self;
  for (guint i = 0; i < self->n_tasks; i++)
    {
      double size = self->tasks[i].arrival == IL_ARRIVAL_SPAWNED ? 0 : get_size (trees, i, 0);
      g_autofree char *found = NULL;

      *task = i;
      if (size <= IL_SCENARIO_MAX_TREE)
        continue;
      found = g_strdup_printf ("[Task %s]", self->tasks[i].name);
      return il_scenario_fail (error, IL_SCENARIO_ERROR_SETTING, found,
                               _ ("a task from which at most %d come, none of them deeper than %d"),
                               (int)IL_SCENARIO_MAX_TREE, IL_SCENARIO_MAX_DEPTH);
    }
  return TRUE;
}

/**
 * il_scenario_parser_check_spawns:
 *
 * Checks who spawns whom, and finds the kinds that come by that alone.
 */
gboolean
il_scenario_parser_check_spawns (IlScenarioParser *self)
{
  Passage passages[IL_SCENARIO_MAX_TASK_KINDS] = { NOT_SEEN };
  guint task;

  for (guint i = 0; i < self->scenario->n_tasks; i++)
    if (!check_children (self, i))
      return FALSE;
  for (guint i = 0; i < self->scenario->n_tasks; i++)
    if (find_circle (self, i, passages))
      return il_scenario_parser_fail_group (
          self, self->task_groups[i],
          _ ("a key “Depth” in it, since it spawns itself, or others that spawn it"));
  if (!check_roots (self))
    return FALSE;
  if (il_scenario_check_trees (self->scenario, &task, self->error))
    return TRUE;
  return il_scenario_parser_place_error (
      self, il_scenario_text_get_group (self->text, self->task_groups[task])->line);
}
