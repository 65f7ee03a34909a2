/* il-mark.c - locks that were met since they were made
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "il-mark.h"

#include <assert.h>
#include <stddef.h>

#if IL_MARKS_LOCKS

/* Bits of a mutex's kind, as glibc has them, that say nothing of who uses __spins: whether it is to
 * be tried as a transaction. */
#define ELISION (256 | 512)

#define SIZE_OF(type, member) sizeof (((type *)NULL)->member)

/* As it is in all of glibc from 2.28 on: no header says what must not change. */
static_assert (sizeof (pthread_mutex_t) == 40 && sizeof (pthread_rwlock_t) == 56,
               "locks are as the C library has them");
static_assert (offsetof (pthread_mutex_t, __data.__kind) == 16
                   && offsetof (pthread_mutex_t, __data.__spins) == 20
                   && SIZE_OF (pthread_mutex_t, __data.__spins) == 2
                   && offsetof (pthread_mutex_t, __data.__list) == 24,
               "the mark of a mutex lies behind its kind");
static_assert (offsetof (pthread_rwlock_t, __data.__shared) == 28
                   && offsetof (pthread_rwlock_t, __data.__pad2) == 40
                   && SIZE_OF (pthread_rwlock_t, __data.__pad2) == 8
                   && offsetof (pthread_rwlock_t, __data.__flags) == 48,
               "the mark of a readers-writer lock lies before its flags");

/* The mark that it is to bear; 0: none.  Anything else in the kind says that it is another one, or
 * none any more. */
static short
get_mark (const pthread_mutex_t *mutex)
{
  switch (__atomic_load_n (&mutex->__data.__kind, __ATOMIC_RELAXED) & ~ELISION)
    {
    case PTHREAD_MUTEX_TIMED_NP:
      return IL_MARK;
    case PTHREAD_MUTEX_RECURSIVE_NP:
    case PTHREAD_MUTEX_ERRORCHECK_NP:
      return IL_MARK_OTHER;
    default:
      return 0;
    }
}

/**
 * il_mark_note_mutex:
 *
 * The thread has taken it, or is about to wait for it.
 */
void
il_mark_note_mutex (IlEntry *entry, pthread_mutex_t *mutex)
{
  short mark = get_mark (mutex);

  if (mark != 0 && __atomic_load_n (&mutex->__data.__spins, __ATOMIC_RELAXED) != mark
      && il_entry_remade (entry, IL_AT_MUTEX))
    __atomic_store_n (&mutex->__data.__spins, mark, __ATOMIC_RELEASE);
}

/**
 * il_mark_note_rwlock_slowly:
 *
 * The rest of il_mark_note_rwlock().
 */
void
il_mark_note_rwlock_slowly (IlEntry *entry, pthread_rwlock_t *lock)
{
  if (lock->__data.__shared == 0 && il_entry_remade (entry, IL_AT_RWLOCK))
    __atomic_store_n (&lock->__data.__pad2, IL_MARK, __ATOMIC_RELEASE);
}

#else

void
il_mark_note_mutex (IlEntry *entry, pthread_mutex_t *mutex)
{
}

void
il_mark_note_rwlock_slowly (IlEntry *entry, pthread_rwlock_t *lock)
{
}

#endif
