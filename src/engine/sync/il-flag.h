/* il-flag.h - events of a scenario: set and clear, and all who wait go on
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Called a flag here, since an IlEvent is something that was recorded.
 */

#pragma once

#include "il-guard.h"

typedef struct
{
  IlRobust robust;
  _Atomic uint32_t word;      /* slept on; how often it was set, shifted, and whether it is */
  _Atomic uint32_t setter;    /* who set it last */
  _Atomic uint32_t n_waiting; /* guarded; since the word is what it is */
  uint32_t object;            /* constant */
} IlFlag;

/* What an agent keeps of a flag. */
typedef struct
{
  IlRobustPart robust;
  uint32_t waits; /* guarded; the word that it last waited for to change, | 1; or 0 */
} IlFlagPart;

extern const IlObjectClass il_flag_class;

IlWaitResult il_flag_wait (IlFlag *flag, IlActor *actor) G_GNUC_WARN_UNUSED_RESULT;
void il_flag_set (IlFlag *flag, IlActor *actor);
void il_flag_clear (IlFlag *flag, IlActor *actor);

static inline bool
il_flag_is_set (const IlFlag *flag)
{
  return (atomic_load_explicit (&flag->word, memory_order_acquire) & 1) != 0;
}
