/* il-barrier.h - nobody goes on until all have come
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-guard.h"

/* No task comes more often. */
#define IL_BARRIER_MAX_OWED IL_SCENARIO_MAX_STEPS

typedef struct
{
  IlRobust robust;
  _Atomic uint32_t phase;  /* slept on; the one that is gathering, from 1 */
  _Atomic uint32_t opener; /* who made the last phase complete */
  uint32_t n_come;         /* guarded; to this phase, alive */
  uint32_t owed_until;     /* guarded; from this phase on nobody counts who does not come */
  uint32_t parties;        /* constant, and so is what follows */
  uint32_t object;
  uint16_t n_owed[2 * IL_BARRIER_MAX_OWED]; /* guarded; how many count as come up to the phase
                                               before this one, modulo the length */
} IlBarrier;

/* What an agent keeps of a barrier. */
typedef struct
{
  IlRobustPart robust;
  _Atomic uint32_t phase; /* that it came to last, or 0 */
  uint32_t task;          /* that came, by its number in events; 0: none */
  uint32_t index;         /* of that coming among those of the task, from 0 */
  uint32_t cut_task;      /* that was cut short, by the death of its worker or since it failed */
  uint32_t n_comings;     /* of a task of this kind */
  bool is_run_again;      /* that task */
  uint32_t rerun_task;    /* that is run again */
  uint32_t rerun_passed;  /* and has passed so often */
} IlBarrierPart;

extern const IlObjectClass il_barrier_class;

IlWaitResult il_barrier_wait (IlBarrier *barrier, IlActor *actor, uint32_t task,
                              uint32_t index) G_GNUC_WARN_UNUSED_RESULT;

/* Under the guard. */
void il_barrier_owe (IlBarrier *barrier, uint32_t n_phases);
uint32_t il_barrier_get_n_owed (const IlBarrier *barrier);
