/* il-semaphore.h - a counting semaphore between threads and between processes
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-guard.h"

/* In the units of a semaphore: they change under the guard alone. */
#define IL_SEMAPHORE_SLOW 0x80000000u

typedef struct
{
  IlRobust robust;
  _Atomic uint32_t units;      /* guarded, but see il-semaphore.c */
  _Atomic uint32_t n_waiting;  /* guarded; see IlQueue */
  _Atomic uint32_t wake_count; /* slept on */
  uint32_t last_poster;        /* guarded; who */
  uint32_t object;             /* constant */
} IlSemaphore;

/* What an agent keeps of a semaphore. */
typedef struct
{
  IlRobustPart robust;
  _Atomic uint32_t held;
  uint32_t units_seen; /* when it changed them last without the guard */
  struct
  {
    _Atomic uint32_t is_valid; /* while it owns the guard and changes both numbers */
    uint32_t units, held;      /* as they were before */
  } journal;
} IlSemaphorePart;

extern const IlObjectClass il_semaphore_class;

IlWaitResult il_semaphore_acquire (IlSemaphore *semaphore,
                                   IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
IlWaitResult il_semaphore_consume (IlSemaphore *semaphore,
                                   IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
void il_semaphore_post (IlSemaphore *semaphore, IlActor *actor);
uint32_t il_semaphore_get_units (const IlSemaphore *semaphore);
uint32_t il_semaphore_get_n_held (const IlSemaphore *semaphore, const IlAgent *agent);
void il_semaphore_release_for_dead (IlSemaphore *semaphore, IlActor *supervisor, IlAgent *dead);
