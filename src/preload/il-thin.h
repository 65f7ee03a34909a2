/* il-thin.h - locks that are taken more often than anybody could read
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * While others wait for a lock who takes it is recorded in full.  One that is taken millions of
 * times a second would fill the ring, and what was lost would be the waits.  So a thread says so
 * many of these acquisitions as are a small part of its ring in each tick of the reader, which
 * ticks less often when it is late.  The others are counted: who took it, again and again, is said
 * once, then that it is given back now and then, and each hold that takes long.  All waits are.
 */

#pragma once

#include "il-entry.h"
#include "il-self.h"

bool il_thin_has_full_left (IlSelf *self, uint32_t tick, uint32_t reserve);
bool il_thin_can_be (const IlEntry *entry);
void il_thin_take (IlSelf *self, IlEntry *entry, uint32_t object, uint32_t tick, bool is_tried);
void il_thin_end (IlSelf *self, IlEntry *entry);
bool il_thin_give (IlSelf *self, IlEntry *entry);
