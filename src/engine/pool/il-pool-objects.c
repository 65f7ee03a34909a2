/* il-pool-objects.c - the objects of a scenario, as far as they reach beyond the arena or end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All of this is the supervisor's.
 */

#include "config.h"

#include "il-pool-private.h"

#include <glib/gi18n-lib.h>

#include "il-hand.h"
#include "il-object.h"

/**
 * il_pool_open_objects:
 *
 * Gets what objects need outside the arena, before any worker is started.
 *
 * Returns: %FALSE if one cannot be had; il_pool_close_objects() lets go of the others
 */
gboolean
il_pool_open_objects (IlPool *pool, GError **error)
{
  IlArena *arena = pool->arena;

  for (; pool->n_open_objects < arena->n_objects; pool->n_open_objects++)
    {
      IlArenaObject *object = &arena->objects[pool->n_open_objects];

      if (object->class->open != NULL && !object->class->open (arena, object, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * il_pool_close_objects:
 *
 * Lets go of all that was got, once nobody is left who uses it.
 */
void
il_pool_close_objects (IlPool *pool)
{
  while (pool->n_open_objects > 0)
    {
      IlArenaObject *object = &pool->arena->objects[--pool->n_open_objects];

      if (object->class->close != NULL)
        object->class->close (object, &pool->supervisor);
    }
}

/**
 * il_pool_set_trouble_func:
 *
 * Sets what il_pool_supervise() calls when something went wrong that is not the run's own doing: a
 * disk that is full, say.  The run goes on; tasks that met with it have failed.
 */
void
il_pool_set_trouble_func (IlPool *pool, IlPoolTroubleFunc func, void *data)
{
  pool->trouble_func = func;
  pool->trouble_data = data;
}

/**
 * il_pool_tell_troubles:
 */
void
il_pool_tell_troubles (IlPool *pool)
{
  IlArena *arena = pool->arena;

  for (uint32_t i = 0; i < arena->n_objects; i++)
    {
      IlArenaObject *object = &arena->objects[i];
      g_autofree char *message = NULL;

      if (object->class->take_trouble == NULL)
        continue;
      message = object->class->take_trouble (object);
      if (message != NULL && pool->trouble_func != NULL)
        pool->trouble_func (message, pool->trouble_data);
    }
}

/* What nobody was left to do; others may have done it before. */
static char *
describe_missing (const IlArenaStep *step)
{
  const char *name = step->object->name;

  switch (step->kind)
    {
    case IL_STEP_PUT:
      return g_strdup_printf (_ ("nobody was left to take an item out of %s"), name);
    case IL_STEP_SEND:
    case IL_STEP_TRY_SEND:
      return g_strdup_printf (_ ("nobody was left to receive from %s"), name);
    case IL_STEP_RECEIVE:
    case IL_STEP_TRY_RECEIVE:
      return g_strdup_printf (_ ("nobody was left to send into %s"), name);
    default:
      return g_strdup_printf (_ ("nobody was left to put an item into %s"), name);
    }
}

static void
tell_of_step (IlPool *pool, uint32_t kind, const IlArenaStep *step, uint32_t n)
{
  const char *word = il_step_kind_get_word (step->kind);
  const char *task = pool->scenario->tasks[kind].name;
  g_autofree char *missing = describe_missing (step);
  g_autofree char *message = NULL;

  /* Translators: how many, a kind of task, a step such as “get”, the name of a queue, a line of the
   * file, what nobody was left to do */
  message = g_strdup_printf (ngettext ("%u task of %s was cancelled at “%s %s” (line %d): %s",
                                       "%u tasks of %s were cancelled at “%s %s” (line %d): %s", n),
                             n, task, word, step->object->name, step->line, missing);
  pool->trouble_func (message, pool->trouble_data);
}

static void
tell_of_kind (IlPool *pool, uint32_t kind, uint32_t n)
{
  g_autofree char *message = NULL;

  /* Translators: how many, a kind of task, a number of times */
  message = g_strdup_printf (
      ngettext ("%u task of %s is lost: whoever ran it died, each of %d times",
                "%u tasks of %s are lost: whoever ran them died, each of %d times", n),
      n, pool->scenario->tasks[kind].name, IL_HAND_MAX_ATTEMPTS);
  pool->trouble_func (message, pool->trouble_data);
}

/**
 * il_pool_tell_forsaken:
 *
 * Says, at the end of a run that was not stopped, which tasks were cancelled since they waited for
 * items, or for room, that nobody was left to bring: each step once; and of which kinds tasks were
 * lost that had been tried as often as one may be.
 */
void
il_pool_tell_forsaken (IlPool *pool)
{
  const IlArena *arena = pool->arena;

  for (uint32_t i = 0; i < arena->n_kinds && pool->trouble_func != NULL; i++)
    {
      for (uint32_t j = 0; j < arena->kinds[i].n_steps; j++)
        {
          const IlArenaStep *step = &arena->kinds[i].steps[j];
          uint32_t n = atomic_load_explicit (&step->n_forsaken, memory_order_relaxed);

          if (n > 0)
            tell_of_step (pool, i, step, n);
        }
      if (pool->n_given_up[i] > 0)
        tell_of_kind (pool, i, pool->n_given_up[i]);
    }
}
