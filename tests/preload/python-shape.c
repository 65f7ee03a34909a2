/* python-shape.c - a lock of the shape of CPython's interpreter lock, as it is since 3.8
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Argument: "usual"; "enabled", as where it can be done without; "unforced", where who drops it
 * does not wait for another to take it.  Two threads take it in turn, each N_TURNS times.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define N_TURNS 20
#define INTERVAL_US 2000

/* All that follows what differs between the layouts. */
typedef struct
{
  unsigned long interval;
  _Atomic (void *) last_holder;
  _Atomic int locked;
  unsigned long switch_number;
  pthread_cond_t cond;
  pthread_mutex_t mutex;
  pthread_cond_t switch_cond;
  pthread_mutex_t switch_mutex;
} State;

static union
{
  State usual;
  struct
  {
    int enabled;
    State state;
  } enabled;
} memory;

static State *state = &memory.usual;
static int forces_switch = 1;
static _Atomic int drop_request, n_ended;

static void
get_deadline (struct timespec *until)
{
  clock_gettime (CLOCK_MONOTONIC, until);
  until->tv_nsec += INTERVAL_US * 1000;
  until->tv_sec += until->tv_nsec / 1000000000;
  until->tv_nsec %= 1000000000;
}

static void
take (void *me)
{
  pthread_mutex_lock (&state->mutex);
  while (state->locked)
    {
      unsigned long number = state->switch_number;
      struct timespec until;

      get_deadline (&until);
      if (pthread_cond_timedwait (&state->cond, &state->mutex, &until) == ETIMEDOUT && state->locked
          && state->switch_number == number)
        drop_request = 1;
    }
  if (forces_switch)
    pthread_mutex_lock (&state->switch_mutex);
  state->locked = 1;
  if (state->last_holder != me)
    {
      state->last_holder = me;
      state->switch_number++;
    }
  if (forces_switch)
    {
      pthread_cond_signal (&state->switch_cond);
      pthread_mutex_unlock (&state->switch_mutex);
    }
  drop_request = 0;
  pthread_mutex_unlock (&state->mutex);
}

static void
drop (void *me)
{
  pthread_mutex_lock (&state->mutex);
  state->locked = 0;
  pthread_cond_signal (&state->cond);
  pthread_mutex_unlock (&state->mutex);
  if (!drop_request || !forces_switch)
    return;
  pthread_mutex_lock (&state->switch_mutex);
  if (state->last_holder == me)
    {
      drop_request = 0;
      pthread_cond_wait (&state->switch_cond, &state->switch_mutex);
    }
  pthread_mutex_unlock (&state->switch_mutex);
}

static void *
run (void *name)
{
  pthread_setname_np (pthread_self (), name);
  for (int i = 0; i < N_TURNS; i++)
    {
      take (name);
      /* The other one, if it is still there, is to ask for it before it is dropped. */
      while (!drop_request && n_ended == 0)
        ;
      if (i == N_TURNS - 1)
        n_ended++;
      drop (name);
    }
  return NULL;
}

static void
init_condition (pthread_cond_t *condition)
{
  pthread_condattr_t attributes;

  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (condition, &attributes);
}

static void
do_nothing (int number)
{
}

/* In the form of marks, see subject.c. */
static void
tell_time (const char *name)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  printf ("%s = %lld\n", name, (long long)now.tv_sec * 1000000000 + now.tv_nsec);
}

/* The interpreter's own handler, and one of the program. */
static int
set_handlers (void)
{
  if (signal (SIGINT, do_nothing) != SIG_DFL)
    return 1;
  tell_time ("second");
  signal (SIGINT, do_nothing);
  tell_time ("done");
  return 0;
}

int
main (int argc, char **argv)
{
  static char first_name[] = "first", second_name[] = "second";
  pthread_t first, second;

  if (argc != 2)
    return 2;
  if (strcmp (argv[1], "interrupt") == 0)
    return set_handlers ();
  if (strcmp (argv[1], "enabled") == 0)
    state = &memory.enabled.state;
  forces_switch = strcmp (argv[1], "unforced") != 0;
  pthread_mutex_init (&state->mutex, NULL);
  init_condition (&state->cond);
  if (forces_switch)
    {
      pthread_mutex_init (&state->switch_mutex, NULL);
      init_condition (&state->switch_cond);
    }
  /* As Python's main thread: it has the lock before there are others. */
  take (&state);
  pthread_create (&first, NULL, run, first_name);
  while (!drop_request)
    ;
  drop (&state);
  pthread_create (&second, NULL, run, second_name);
  pthread_join (first, NULL);
  pthread_join (second, NULL);
  printf ("%lu\n", state->switch_number);
  return 0;
}
