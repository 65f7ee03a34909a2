/* early.c - a library whose constructor waits for locks before main() is reached
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t early_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t early_rwlock = PTHREAD_RWLOCK_INITIALIZER;

static _Atomic int has_come;

static void *
take_beside (void *data)
{
  has_come = 1;
  pthread_rwlock_rdlock (&early_rwlock);
  pthread_mutex_lock (&early_mutex);
  pthread_mutex_unlock (&early_mutex);
  pthread_rwlock_unlock (&early_rwlock);
  return NULL;
}

static void
meet (void)
{
  struct timespec moment = { 0, 5000000 };
  pthread_t beside;

  pthread_mutex_lock (&early_mutex);
  if (pthread_create (&beside, NULL, take_beside, NULL) != 0)
    abort ();
  do
    nanosleep (&moment, NULL);
  while (has_come == 0);
  nanosleep (&moment, NULL);
  has_come = 0;
  pthread_mutex_unlock (&early_mutex);
  pthread_join (beside, NULL);
}

__attribute__ ((constructor (101))) static void
begin (void)
{
  meet ();
}

__attribute__ ((destructor (101))) static void
end (void)
{
  meet ();
}
