/* il-shared.h - locks and semaphores that several processes use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

void il_shared_note_start (const void *address, uint32_t n_units);
uint32_t il_shared_get_start (const void *address, uint32_t otherwise);
bool il_shared_prepare (IlEntry *entry, uint32_t units, const void *caller);

/* Whether it is one. */
static inline bool
il_shared_is (const IlEntry *entry)
{
  return entry->common != NULL;
}
