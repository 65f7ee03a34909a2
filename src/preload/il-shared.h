/* il-shared.h - locks and semaphores that several processes use
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "il-entry.h"

bool il_shared_prepare (IlEntry *entry, uint32_t units, const void *caller);

/* Whether it is one. */
static inline bool
il_shared_is (const IlEntry *entry)
{
  return entry->common != NULL;
}
