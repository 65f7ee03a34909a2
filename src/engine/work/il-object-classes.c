/* il-object-classes.c - the classes of all kinds of objects
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-object.h"

#include "il-barrier.h"
#include "il-channel.h"
#include "il-condition.h"
#include "il-counter.h"
#include "il-file.h"
#include "il-flag.h"
#include "il-lock.h"
#include "il-queue.h"
#include "il-rwlock.h"
#include "il-semaphore.h"

static const IlObjectClass *const classes[IL_N_OBJECT_KINDS] = {
  [IL_OBJECT_LOCK] = &il_lock_class,           [IL_OBJECT_SEMAPHORE] = &il_semaphore_class,
  [IL_OBJECT_QUEUE] = &il_queue_class,         [IL_OBJECT_COUNTER] = &il_counter_class,
  [IL_OBJECT_RWLOCK] = &il_rwlock_class,       [IL_OBJECT_EVENT] = &il_flag_class,
  [IL_OBJECT_CONDITION] = &il_condition_class, [IL_OBJECT_BARRIER] = &il_barrier_class,
  [IL_OBJECT_CHANNEL] = &il_channel_class,     [IL_OBJECT_FILE] = &il_file_class,
};

/**
 * il_object_class_get:
 *
 * Returns: (nullable): the class of objects of this kind; %NULL if a scenario cannot have any
 */
const IlObjectClass *
il_object_class_get (IlObjectKind kind)
{
  return kind < IL_N_OBJECT_KINDS ? classes[kind] : NULL;
}
