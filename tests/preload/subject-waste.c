/* subject-waste.c - threads that are woken for nothing
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#define N_EATERS 3

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t filled = PTHREAD_COND_INITIALIZER;
static int n_loaves, n_waits, n_eaten;

static void *
eat (void *data)
{
  pthread_setname_np (pthread_self (), "eater");
  pthread_mutex_lock (&mutex);
  while (n_loaves == 0)
    {
      n_waits++;
      pthread_cond_wait (&filled, &mutex);
    }
  n_loaves--;
  n_eaten++;
  pthread_mutex_unlock (&mutex);
  return NULL;
}

/* Until so many waits have begun and so many have eaten, so that all others wait. */
static void
await (int waits, int eaten)
{
  for (;;)
    {
      pthread_mutex_lock (&mutex);
      if (n_waits == waits && n_eaten == eaten)
        return;
      pthread_mutex_unlock (&mutex);
      sleep_ms (1);
    }
}

static void
bake (void)
{
  n_loaves++;
  pthread_cond_broadcast (&filled);
  pthread_mutex_unlock (&mutex);
}

/* --- of three that are woken for one loaf two wait again, then one of two; the last has its own */

static int
waste (int argc, char **argv)
{
  pthread_t eaters[N_EATERS];

  for (int i = 0; i < N_EATERS; i++)
    pthread_create (&eaters[i], NULL, eat, NULL);
  await (3, 0);
  bake ();
  await (5, 1);
  bake ();
  await (6, 2);
  bake ();
  for (int i = 0; i < N_EATERS; i++)
    pthread_join (eaters[i], NULL);
  return 0;
}

const Subject subjects_of_waste[] = {
  { "waste", waste },
  { NULL, NULL },
};
