/* il-kept.h - what is registered of semaphores, of which many come and go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

#define IL_KEPT_USES 5 /* of which the last one has no name */

typedef struct
{
  uint32_t object;  /* 0: none */
  uint32_t used_at; /* value of its IL_EVENT_USED_AT; 0: none was said */
} IlKept;

/* Beside each entry of il_table that is a semaphore, or was. */
typedef struct
{
  IlKept kept[2][IL_KEPT_USES]; /* used as semaphores, and as locks */
  uint32_t gate;                /* object of the lock that it may be, if that was told; 0: none */
  uint32_t used_at;             /* where the one is used that is there now; 0: not known */
  bool is_named;                /* that was told, of what processes share */
  bool is_looked_at;            /* it is known whether … */
  bool is_of_end;               /* … a thread of Python has it up to its end, for who joins it */
} IlKeptUses;

extern IlKeptUses *il_kept_table;

static inline IlKeptUses *
il_kept_of (const IlEntry *entry)
{
  return &il_kept_table[entry - il_table];
}

uint32_t il_kept_get (IlEntry *entry, const void *caller);
uint32_t il_kept_get_gate (IlEntry *entry, const void *caller);
bool il_kept_has_any (const IlEntry *entry);
void il_kept_tell_use (IlSelf *self, IlEntry *entry);
void il_kept_renew (IlEntry *entry);
void il_kept_forget (IlEntry *entry);
