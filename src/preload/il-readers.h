/* il-readers.h - who reads under readers-writer locks
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

bool il_readers_add (IlSelf *self, IlEntry *entry, IlRead **place);
bool il_readers_claim_word (const IlEntry *entry, IlRead *place);
bool il_readers_remove (IlSelf *self, const IlEntry *entry, bool *is_told, bool *is_within);
bool il_readers_drop_any (const IlEntry *entry);
void il_readers_clear (IlSelf *self);
void il_readers_note_fork (const IlSelf *self);
void il_readers_copy (IlSelf *self);
void il_readers_tell (IlSelf *self, IlEntry *entry, uint32_t object);
