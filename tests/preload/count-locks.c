/* count-locks.c - stands in front of a program's mutexes, too, and tells at the end how many it saw
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))

static _Atomic long n_taken, n_given;

static int
call (const char *name, pthread_mutex_t *mutex)
{
  union
  {
    void *data;
    int (*function) (pthread_mutex_t *);
  } next = { dlsym (RTLD_NEXT, name) };

  return next.function (mutex);
}

EXPORT int
pthread_mutex_lock (pthread_mutex_t *mutex)
{
  int result = call ("pthread_mutex_lock", mutex);

  n_taken += result == 0;
  return result;
}

EXPORT int
pthread_mutex_trylock (pthread_mutex_t *mutex)
{
  int result = call ("pthread_mutex_trylock", mutex);

  n_taken += result == 0;
  return result;
}

EXPORT int
pthread_mutex_unlock (pthread_mutex_t *mutex)
{
  int result = call ("pthread_mutex_unlock", mutex);

  n_given += result == 0;
  return result;
}

__attribute__ ((destructor)) static void
tell (void)
{
  char text[64];
  int n = snprintf (text, sizeof text, "locks %ld %ld\n", n_taken, n_given);

  if (write (STDERR_FILENO, text, (size_t)n) != n)
    abort ();
}
