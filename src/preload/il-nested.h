/* il-nested.h - in which order a thread takes locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

#define IL_NESTED_TABLE_SIZE 16384u

extern _Atomic uint64_t *il_nested_seen; /* IL_NESTED_TABLE_SIZE of them */

void il_nested_note (IlSelf *self, IlEntry *entry, const void *caller);
void il_nested_wanted (IlSelf *self, IlEntry *entry, const void *caller);
void il_nested_returned (IlSelf *self, IlEntry *entry);
