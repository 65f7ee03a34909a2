/* il-pool-objects.c - the objects of a scenario, as far as they reach beyond the arena or end
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All of this is the supervisor's.
 */

#include "config.h"

#include "il-pool-private.h"

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
