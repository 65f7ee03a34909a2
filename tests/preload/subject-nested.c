/* subject-nested.c - locks within locks, which nobody waits for
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <semaphore.h>

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t c = PTHREAD_MUTEX_INITIALIZER, tried = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t alone = PTHREAD_MUTEX_INITIALIZER;
static sem_t unit, signal_unit;

static void
take_all (void)
{
  pthread_mutex_lock (&alone);
  pthread_mutex_unlock (&alone);
  pthread_mutex_lock (&a);
  pthread_mutex_lock (&b);
  pthread_mutex_lock (&c);
  REQUIRE (pthread_mutex_trylock (&tried) == 0);
  pthread_mutex_unlock (&tried);
  pthread_mutex_unlock (&c);
  pthread_mutex_unlock (&b);
  pthread_mutex_unlock (&a);
}

static void *
take_opposite (void *data)
{
  pthread_setname_np (pthread_self (), "opposite");
  pthread_mutex_lock (&b);
  pthread_mutex_lock (&a);
  /* Not in the order in which they were taken. */
  pthread_mutex_unlock (&b);
  pthread_mutex_lock (&c);
  pthread_mutex_unlock (&a);
  pthread_mutex_unlock (&c);
  return NULL;
}

/* One of the two is a lock, as it is given back; what the other one is nobody knows. */
static void *
take_units (void *data)
{
  pthread_setname_np (pthread_self (), "units");
  sem_wait (&unit);
  sem_post (&unit);
  pthread_mutex_lock (&a);
  sem_wait (&unit);
  sem_wait (&signal_unit);
  sem_post (&unit);
  pthread_mutex_unlock (&a);
  return NULL;
}

static int
run_nested (int argc, char **argv)
{
  pthread_t thread;

  pthread_setname_np (pthread_self (), "usual");
  sem_init (&unit, 0, 1);
  sem_init (&signal_unit, 0, 1);
  for (int i = 0; i < 100; i++)
    take_all ();
  pthread_create (&thread, NULL, take_opposite, NULL);
  pthread_join (thread, NULL);
  pthread_create (&thread, NULL, take_units, NULL);
  pthread_join (thread, NULL);
  printf ("%p %p %p\n", (void *)&a, (void *)&b, (void *)&c);
  return 0;
}

/* --- one of them lets readers in together */

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void *
write_within (void *data)
{
  pthread_setname_np (pthread_self (), "within");
  pthread_mutex_lock (&a);
  pthread_rwlock_wrlock (&rwlock);
  pthread_rwlock_unlock (&rwlock);
  pthread_mutex_unlock (&a);
  /* Who reads it excludes nobody else who does. */
  pthread_rwlock_rdlock (&rwlock);
  pthread_mutex_lock (&b);
  pthread_mutex_unlock (&b);
  pthread_rwlock_unlock (&rwlock);
  return NULL;
}

static int
run_nested_writers (int argc, char **argv)
{
  pthread_t thread;

  pthread_setname_np (pthread_self (), "around");
  for (int i = 0; i < 100; i++)
    {
      pthread_rwlock_wrlock (&rwlock);
      pthread_mutex_lock (&a);
      /* Not in the opposite order. */
      pthread_rwlock_unlock (&rwlock);
      pthread_mutex_unlock (&a);
    }
  pthread_create (&thread, NULL, write_within, NULL);
  pthread_join (thread, NULL);
  return 0;
}

const Subject subjects_of_nesting[] = {
  { "nested", run_nested },
  { "nested-writers", run_nested_writers },
  { NULL, NULL },
};
