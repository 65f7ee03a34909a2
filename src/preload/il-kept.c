/* il-kept.c - what is registered of semaphores, of which many come and go
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Programs that make and destroy many would have more of them than anybody can look at.  So one
 * that lies where another lay before, and is used as that was, by the same line of the program's
 * script if there is one, is not told apart from it.  Of each address but a few are kept: what is
 * used by yet other lines has an object without a name.
 */

#include "config.h"

#include "il-kept.h"

#include <string.h>

#include "il-shared.h"

#define NAMELESS (IL_KEPT_USES - 1)

IlKeptUses *il_kept_table;

static bool
is_lock (const IlEntry *entry)
{
  return entry->kind == IL_LOCK_BINARY;
}

/* Where one of such a use stands, or is to stand. */
static IlKept *
find_room (IlEntry *entry, bool as_lock, uint32_t used_at)
{
  IlKept *kept = il_kept_of (entry)->kept[as_lock];

  for (uint32_t i = 0; i < NAMELESS; i++)
    if (kept[i].object != 0 && kept[i].used_at == used_at)
      return &kept[i];
  for (uint32_t i = 0; i < NAMELESS; i++)
    if (kept[i].object == 0 || kept[i].used_at == 0)
      return &kept[i];
  return &kept[NAMELESS];
}

/* What stands there, or something new.  The next one of what was made there before has no part in
 * the orders that were told of that. */
static uint32_t
use (IlEntry *entry, IlKept *room, bool as_lock, const void *caller)
{
  if (room->object == 0)
    room->object = il_entry_add_object (entry, as_lock ? IL_OBJECT_LOCK : IL_OBJECT_SEMAPHORE,
                                        as_lock ? IL_LOCK_BINARY : entry->value, caller);
  else if (as_lock && il_self != NULL)
    il_self_say (il_self, IL_EVENT_LOCK_NESTED, room->object, IL_EVENT_ANEW);
  return room->object;
}

/**
 * il_kept_get:
 * @entry: of a semaphore that is being registered
 * @caller: where it is used
 *
 * Returns: the object of it, or of what lay there before and was used in the same way; 0 if there
 *   is no room
 */
uint32_t
il_kept_get (IlEntry *entry, const void *caller)
{
  const IlKeptUses *uses = il_kept_of (entry);

  if (is_lock (entry) && uses->gate != 0)
    return uses->gate;
  return use (entry, find_room (entry, is_lock (entry), uses->used_at), is_lock (entry), caller);
}

/**
 * il_kept_get_gate:
 * @entry: of a semaphore of which it is not known yet whether it is a lock
 * @caller: where it is used
 *
 * Registers the lock that it may be.  Should it be none, it gets another object.
 *
 * Returns: its number; 0 if there is no room
 */
uint32_t
il_kept_get_gate (IlEntry *entry, const void *caller)
{
  IlKeptUses *uses = il_kept_of (entry);

  if (!il_entry_begin_making (entry))
    return 0;
  if (uses->gate == 0)
    uses->gate = use (entry, find_room (entry, true, 0), true, caller);
  il_entry_end_making (entry, IL_MAKING_NOBODY);
  return uses->gate;
}

/**
 * il_kept_has_any:
 *
 * Returns: whether something is registered for what lay there
 */
bool
il_kept_has_any (const IlEntry *entry)
{
  const IlKeptUses *uses = il_kept_of (entry);

  for (uint32_t i = 0; i < IL_KEPT_USES; i++)
    if (uses->kept[0][i].object != 0 || uses->kept[1][i].object != 0)
      return true;
  return false;
}

/**
 * il_kept_tell_use:
 * @entry: of a semaphore
 *
 * Says where in the program's script it is used, once that is known.
 */
void
il_kept_tell_use (IlSelf *self, IlEntry *entry)
{
  uint32_t object = atomic_load_explicit (&entry->object, memory_order_relaxed);
  IlKeptUses *uses = il_kept_of (entry);
  IlKept *kept = uses->kept[is_lock (entry)];
  bool is_new = il_shared_is (entry) && !uses->is_named;

  if (object == 0 || uses->used_at == 0)
    return;
  for (uint32_t i = 0; i < NAMELESS; i++)
    if (kept[i].object == object && kept[i].used_at == 0)
      {
        kept[i].used_at = uses->used_at;
        is_new = true;
      }
  uses->is_named = true;
  if (is_new)
    il_self_say (self, IL_EVENT_USED_AT, object, uses->used_at);
}

/**
 * il_kept_renew:
 *
 * Another semaphore is there now.
 */
void
il_kept_renew (IlEntry *entry)
{
  IlKeptUses *uses = il_kept_of (entry);

  uses->gate = uses->used_at = 0;
  uses->is_looked_at = uses->is_of_end = false;
}

/**
 * il_kept_forget:
 *
 * Something else is there now.
 */
void
il_kept_forget (IlEntry *entry)
{
  memset (il_kept_of (entry), 0, sizeof (IlKeptUses));
}
