/* il-gil.h - the lock that threads of an interpreter must hold to run
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-actor.h"

/* Each does nothing for an actor that does not need the lock to run. */
void il_gil_take_slow (IlActor *actor, bool has_yielded, uint32_t n_switches_seen);
void il_gil_release_slow (IlActor *actor);
void il_gil_yield (IlActor *actor);
void il_gil_yield_if_asked (IlActor *actor);

static inline void
il_gil_take (IlActor *actor)
{
  if (actor->needs_gil && !actor->has_gil)
    il_gil_take_slow (actor, false, 0);
}

static inline void
il_gil_release (IlActor *actor)
{
  if (actor->has_gil)
    il_gil_release_slow (actor);
}
