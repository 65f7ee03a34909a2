/* il-mark.h - locks that were met since they were made
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is made by PTHREAD_MUTEX_INITIALIZER, or by zeroes alone, as std::mutex and
 * std::shared_mutex are, is made and destroyed by no call: if its memory is freed and another lock
 * lies there, all that we see is the same address.  The orders in which the two are taken with
 * others would be taken for those of one.  So each lock bears a mark from the first time on that it
 * is met, in a word of its own which the C library uses for nothing.  One that lies where another
 * lay, and has no mark, is new.
 *
 * Where      pthread_mutex_t: __spins, with which glibc counts for those that spin before they wait
 *            (ADAPTIVE_NP), which are never marked, and nobody else reads or writes it, from 2.28
 *            to 2.42.  pthread_rwlock_t: __pad2, which fills a gap.  Both are written by whatever
 *            makes a lock: the initializers name all members, and pthread_mutex_init() and
 *            pthread_rwlock_init() empty all of it.  pthread_mutex_destroy() looks at neither.
 * Which      Those that one process has for itself, of the kinds that anything but a call can make:
 *            plain, recursive and checking mutexes.  What processes share may be shared with such
 *            as are not recorded; it is not written to, and neither are robust mutexes and those
 *            that inherit priority.
 * When       Only in a call that takes this very lock: it is there, and can be written.  Those that
 *            the thread has besides are not looked at; their memory may be gone if they were given
 *            back in a way that was not seen.
 * By whom    Who has it, as a rule; several of those who read, or who are about to wait for it, may
 *            do so at a time.  All write the same, in one piece, and nobody ever takes it away.
 *            Each says that the lock is new before it writes that, so that whoever finds the mark
 *            comes later with what it says of the new one.  If two say so, orders said in between
 *            are over, too, and said again with the next look at the lock.
 * Copies     A lock that was copied with its mark is taken for one that was met there, as all were
 *            if there were no marks.
 * fork()     The child has the marks and knows nothing of any lock: there was nothing said in it
 *            that could be over.
 */

#pragma once

#include <pthread.h>

#include "il-entry.h"

#if defined(__x86_64__) && __SIZEOF_POINTER__ == 8
#define IL_MARKS_LOCKS 1
#else
#define IL_MARKS_LOCKS 0
#endif

#define IL_MARK 0x494c       /* of readers-writer locks, and plain mutexes … */
#define IL_MARK_OTHER 0x494d /* … and of recursive and checking ones */

void il_mark_note_mutex (IlEntry *entry, pthread_mutex_t *mutex);
void il_mark_note_rwlock_slowly (IlEntry *entry, pthread_rwlock_t *lock);

/* Whether it was met, and is one of which nothing else need be known: that is all that is asked of
 * most. */
static inline bool
il_mark_is_on_plain_mutex (const pthread_mutex_t *mutex)
{
#if IL_MARKS_LOCKS
  return __atomic_load_n (&mutex->__data.__spins, __ATOMIC_RELAXED) == IL_MARK;
#else
  return false;
#endif
}

static inline bool
il_mark_is_on_rwlock (const pthread_rwlock_t *lock)
{
#if IL_MARKS_LOCKS
  return __atomic_load_n (&lock->__data.__pad2, __ATOMIC_RELAXED) == IL_MARK;
#else
  return true;
#endif
}

/* The thread takes it, or is about to wait for it. */
static inline void
il_mark_note_rwlock (IlEntry *entry, pthread_rwlock_t *lock)
{
  if (IL_UNLIKELY (!il_mark_is_on_rwlock (lock)))
    il_mark_note_rwlock_slowly (entry, lock);
}
