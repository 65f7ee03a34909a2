/* il-spin.c - pthread_spin_*
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-lock.h"
#include "il-real.h"

static void
note_taken (IlSelf *self, pthread_spinlock_t *lock, const void *caller)
{
  IlEntry *entry = il_entry_get ((const void *)lock, IL_AT_SPIN);

  if (entry != NULL)
    il_lock_taken (self, entry, IL_AT_SPIN, caller);
}

IL_EXPORT int
pthread_spin_lock (pthread_spinlock_t *lock)
{
  IlSelf *self;
  IlEntry *entry;
  int result;

  il_real_need ();
  self = il_self_get ();
  if (self == NULL)
    return il_real.pthread_spin_lock (lock);
  if (il_real.pthread_spin_trylock (lock) == 0)
    {
      note_taken (self, lock, __builtin_return_address (0));
      return 0;
    }
  entry = il_entry_get ((const void *)lock, IL_AT_SPIN);
  if (entry != NULL)
    {
      entry->kind = IL_LOCK_SPIN;
      il_lock_wait (self, entry, 0, false, __builtin_return_address (0),
                    __builtin_frame_address (0));
    }
  result = il_real.pthread_spin_lock (lock);
  if (entry != NULL)
    il_lock_waited (self, entry, result == 0);
  return result;
}

IL_EXPORT int
pthread_spin_trylock (pthread_spinlock_t *lock)
{
  IlSelf *self;
  int result;

  il_real_need ();
  self = il_self_get ();
  result = il_real.pthread_spin_trylock (lock);
  if (self != NULL && result == 0)
    note_taken (self, lock, NULL);
  return result;
}

IL_EXPORT int
pthread_spin_unlock (pthread_spinlock_t *lock)
{
  IlSelf *self = il_self;
  IlEntry *entry;

  il_real_need ();
  entry = self != NULL ? il_entry_find ((const void *)lock, IL_AT_SPIN) : NULL;
  if (entry != NULL)
    il_lock_giving (self, entry);
  return il_real.pthread_spin_unlock (lock);
}

IL_EXPORT int
pthread_spin_init (pthread_spinlock_t *lock, int is_shared)
{
  il_real_need ();
  il_entry_renew ((const void *)lock, IL_AT_SPIN, IL_LOCK_SPIN, 0);
  return il_real.pthread_spin_init (lock, is_shared);
}

IL_EXPORT int
pthread_spin_destroy (pthread_spinlock_t *lock)
{
  il_real_need ();
  il_entry_forget ((const void *)lock);
  return il_real.pthread_spin_destroy (lock);
}
