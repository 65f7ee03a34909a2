/* il-rwlock.h - many readers at once, or one writer
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-waiters.h"

/* In the quick word of a readers-writer lock; alone it is how many read. */
#define IL_RWLOCK_SLOW 0x80000000u  /* it says nothing: all is done under the guard */
#define IL_RWLOCK_WRITE 0x40000000u /* + id of the one who writes */

typedef struct
{
  IlRobust robust;
  _Atomic uint32_t quick;
  uint32_t n_reads;     /* guarded: sum of the read holds of all agents */
  uint32_t writer;      /* guarded: id of the agent that holds it for writing, or 0 */
  uint32_t last_in;     /* guarded: id of one who got in; may have left */
  bool prefers_writers; /* constant */
  uint32_t object;      /* constant */
  IlWaiters waiters[2]; /* guarded; by IlAccess */
} IlRWLock;

#define IL_RWLOCK_WRITE_HOLD 0x80000000u

/* What an agent keeps of a readers-writer lock. */
typedef struct
{
  IlRobustPart robust;
  IlWaiter waiter;       /* what: IlAccess */
  _Atomic uint32_t hold; /* how often it has it for reading, or IL_RWLOCK_WRITE_HOLD */
  uint32_t hold_after;   /* what it waits for comes to this */
} IlRWLockPart;

extern const IlObjectClass il_rwlock_class;

IlWaitResult il_rwlock_acquire (IlRWLock *lock, IlActor *actor,
                                IlAccess access) G_GNUC_WARN_UNUSED_RESULT;
bool il_rwlock_release (IlRWLock *lock, IlActor *actor, IlAccess access);
uint32_t il_rwlock_get_hold (const IlRWLock *lock, const IlAgent *agent);
void il_rwlock_release_for_dead (IlRWLock *lock, IlActor *supervisor, IlAgent *dead);
