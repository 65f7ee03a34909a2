/* il-condition.h - waiting, under a lock, for something that another does under it
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-counter.h"
#include "il-lock.h"

typedef struct
{
  IlRobust robust;
  IlWaiters waiters;
  uint64_t notified; /* guarded; everybody whose ticket is not higher is to be let go */
  uint32_t lock;     /* index of the object; constant, and so is what follows */
  uint32_t object;
} IlCondition;

extern const IlObjectClass il_condition_class;

IlLock *il_condition_get_lock (const IlCondition *condition, const IlArena *arena);
IlWaitResult il_condition_wait (IlCondition *condition, IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
IlWaitResult il_condition_wait_for (IlCondition *condition, IlActor *actor,
                                    IlCounter *counter) G_GNUC_WARN_UNUSED_RESULT;
void il_condition_notify (IlCondition *condition, IlActor *actor);
void il_condition_notify_all (IlCondition *condition, IlActor *actor);
