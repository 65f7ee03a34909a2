/* subject-threads.c - many threads, and what is loaded late
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <dlfcn.h>
#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

static pthread_mutex_t many_mutex = PTHREAD_MUTEX_INITIALIZER;
static long n_done;

static void *
take_once (void *data)
{
  pthread_mutex_lock (&many_mutex);
  n_done++;
  pthread_mutex_unlock (&many_mutex);
  return NULL;
}

static void *
take_given (void *mutex)
{
  pthread_mutex_lock (mutex);
  pthread_mutex_unlock (mutex);
  return NULL;
}

/* One after the other. */
static int
run_sequence (int argc, char **argv)
{
  int n = atoi (argv[0]);

  for (int i = 0; i < n; i++)
    {
      pthread_t thread;

      REQUIRE (pthread_create (&thread, NULL, take_once, NULL) == 0);
      pthread_join (thread, NULL);
    }
  printf ("%ld threads\n", n_done);
  meet_once (&many_mutex, take_once);
  return 0;
}

/* --- one that begins while there are so many others, and waits when they have ended */

static pthread_mutex_t late_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t all_there;
static _Atomic int is_late_there, may_go;
static _Atomic uint32_t n_looks_at_end; /* of those that began before it */

static void *
run_early (void *data)
{
  pthread_barrier_wait (&all_there);
  while (!may_go)
    sleep_ms (1);
  return NULL;
}

/* It waits again and again: between two of those waits others are heard to the end, once the reader
 * has looked. */
static void *
run_late (void *data)
{
  Mapping shared = find_shared_file ();
  int n_left = 50;

  pthread_setname_np (pthread_self (), "late");
  is_late_there = 1;
  for (int i = 0; i < 500 || n_left > 0; i++)
    {
      n_left -= n_looks_at_end != 0 && count_looks (&shared) - n_looks_at_end >= 5;
      sleep_ms (1);
      pthread_mutex_lock (&late_mutex);
      pthread_mutex_unlock (&late_mutex);
    }
  may_go = 2;
  return NULL;
}

static int
run_one_late (int argc, char **argv)
{
  enum
  {
    N_EARLY = 8
  };
  Mapping shared = find_shared_file ();
  pthread_t early[N_EARLY], late;

  pthread_barrier_init (&all_there, NULL, N_EARLY + 1);
  for (int i = 0; i < N_EARLY; i++)
    pthread_create (&early[i], NULL, run_early, NULL);
  pthread_barrier_wait (&all_there);
  pthread_create (&late, NULL, run_late, NULL);
  while (!is_late_there)
    sleep_ms (1);
  may_go = 1;
  for (int i = 0; i < N_EARLY; i++)
    pthread_join (early[i], NULL);
  n_looks_at_end = count_looks (&shared);
  while (may_go != 2)
    {
      pthread_mutex_lock (&late_mutex);
      sleep_ms (2);
      pthread_mutex_unlock (&late_mutex);
      sched_yield ();
    }
  pthread_join (late, NULL);
  return 0;
}

/* Nobody waits for the end of any. */
static int
run_detached (int argc, char **argv)
{
  int n = atoi (argv[0]);
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  for (int i = 0; i < n; i++)
    {
      pthread_t thread;

      while (pthread_create (&thread, &attributes, take_once, NULL) != 0)
        sleep_ms (1);
    }
  for (long done = 0; done < n;)
    {
      pthread_mutex_lock (&many_mutex);
      done = n_done;
      pthread_mutex_unlock (&many_mutex);
      sleep_ms (1);
    }
  printf ("%d threads\n", n);
  return 0;
}

static _Atomic int come_tid;

static void *
come_and_take (void *data)
{
  come_tid = get_tid ();
  return take_once (data);
}

/* All at a time, with stacks as small as they may be, all waiting for one lock. */
static int
run_tiny (int argc, char **argv)
{
  int n = atoi (argv[0]);
  pthread_t *threads = malloc ((size_t)n * sizeof *threads);
  pthread_attr_t attributes;

  pthread_attr_init (&attributes);
  REQUIRE (pthread_attr_setstacksize (&attributes, (size_t)PTHREAD_STACK_MIN) == 0);
  pthread_mutex_lock (&many_mutex);
  for (int i = 0; i < n; i++)
    REQUIRE (pthread_create (&threads[i], &attributes, come_and_take, NULL) == 0);
  while (come_tid == 0)
    sleep_ms (1);
  await_sleep (come_tid);
  pthread_mutex_unlock (&many_mutex);
  for (int i = 0; i < n; i++)
    pthread_join (threads[i], NULL);
  printf ("%ld threads\n", n_done);
  free (threads);
  return 0;
}

/* Many mutexes that nobody destroys, as C++ does not, and then one that is waited for. */
static int
run_forgotten (int argc, char **argv)
{
  int n = atoi (argv[0]);
  pthread_mutex_t *mutexes = calloc ((size_t)n, sizeof *mutexes);

  for (int round = 0; round < 2; round++)
    for (int i = 0; i < n; i++)
      {
        pthread_mutex_lock (&mutexes[i]);
        pthread_mutex_unlock (&mutexes[i]);
      }
  for (int i = 0; i < 8; i++)
    meet_once (&mutexes[n / 8 * i], take_given);
  meet_once (&many_mutex, take_given);
  free (mutexes);
  return 0;
}

/* --- libraries */

/* A library whose constructor takes locks, and waits for them. */
static int
run_plugins (int argc, char **argv)
{
  int n = atoi (argv[1]);

  for (int i = 0; i < n; i++)
    {
      void *plugin = dlopen (argv[0], RTLD_NOW);
      int (*use) (void);

      if (plugin == NULL)
        fprintf (stderr, "%s\n", dlerror ());
      REQUIRE (plugin != NULL);
      use = (int (*) (void))dlsym (plugin, "use_plugin");
      REQUIRE (use != NULL && use () == 3);
      REQUIRE (dlclose (plugin) == 0);
    }
  return 0;
}

/* Libraries whose data of each thread must lie where that of the program itself does: of that room
 * there is little. */
static int
run_storage (int argc, char **argv)
{
  int n = 0;

  for (int i = 0; i < argc; i++)
    n += dlopen (argv[i], RTLD_NOW) != NULL;
  printf ("%d of %d loaded\n", n, argc);
  meet_once (&many_mutex, take_once);
  return 0;
}

const Subject subjects_of_threads[] = {
  { "sequence", run_sequence }, { "detached", run_detached },
  { "tiny", run_tiny },         { "forgotten", run_forgotten },
  { "plugins", run_plugins },   { "storage", run_storage },
  { "late", run_one_late },     { NULL, NULL },
};
