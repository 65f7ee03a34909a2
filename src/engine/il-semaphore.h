/* il-semaphore.h - a counting semaphore between threads and between processes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

IlWaitResult il_semaphore_acquire (IlSemaphore *semaphore,
                                   IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
void il_semaphore_post (IlSemaphore *semaphore, IlActor *actor);
void il_semaphore_release_for_dead (IlSemaphore *semaphore, IlActor *supervisor, IlAgent *dead);
