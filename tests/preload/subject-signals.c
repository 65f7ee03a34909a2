/* subject-signals.c - handlers on top of locks, jumps out of waits, cancelled waits
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "subject.h"

#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t in_handler = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t outside = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t awaited = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t awaited_rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static sem_t posted, awaited_units;
static _Atomic long n_handled, n_in_handler;
static long n_outside;
static _Atomic bool is_over;

static void
handle_alarm (int number)
{
  int saved_errno = errno;

  n_handled++;
  /* Not safe, by the book; programs do so, and it works. */
  if (pthread_mutex_trylock (&in_handler) == 0)
    {
      n_in_handler++;
      pthread_mutex_unlock (&in_handler);
    }
  sem_post (&posted);
  errno = saved_errno;
}

static void *
run_rival (void *data)
{
  sigset_t all;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, NULL);
  while (!is_over)
    {
      pthread_mutex_lock (&outside);
      n_outside++;
      pthread_mutex_unlock (&outside);
      pthread_mutex_lock (&in_handler);
      n_in_handler++;
      pthread_mutex_unlock (&in_handler);
    }
  return NULL;
}

static void
set_handler (int number, void (*handler) (int), int flags)
{
  struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

  sigaction (number, &action, NULL);
}

static void
set_timer (int us)
{
  const struct itimerval interval = { { 0, us }, { 0, us } };

  setitimer (ITIMER_REAL, &interval, NULL);
}

static void *
take_given (void *mutex)
{
  pthread_mutex_lock (mutex);
  if (mutex == &outside)
    n_outside++;
  else
    n_in_handler++;
  pthread_mutex_unlock (mutex);
  return NULL;
}

/* Argument: how many signals. */
static int
run_handlers (int argc, char **argv)
{
  long n = atol (argv[0]);
  pthread_t rival;

  sem_init (&posted, 0, 0);
  set_handler (SIGALRM, handle_alarm, SA_RESTART);
  pthread_create (&rival, NULL, run_rival, NULL);
  set_timer (50);
  while (n_handled < n)
    {
      pthread_mutex_lock (&outside);
      n_outside++;
      pthread_mutex_unlock (&outside);
    }
  set_timer (0);
  is_over = true;
  pthread_join (rival, NULL);
  meet_once (&outside, take_given);
  meet_once (&in_handler, take_given);
  printf ("outside %ld\nin_handler %ld\n", n_outside + 1, n_in_handler + 1);
  return 0;
}

/* --- jumps */

static sigjmp_buf back;
static _Atomic int jumper_tid;
static _Atomic bool may_jump;

static void
jump_back (int number)
{
  if (get_tid () == jumper_tid && may_jump)
    siglongjmp (back, 1);
}

/* Calls deeper than where the jump leads, so that what was left lies where others are now. */
static __attribute__ ((noinline)) int
wait_deep (int way, int depth)
{
  volatile char room[200];

  room[0] = (char)depth;
  if (depth > 0)
    return wait_deep (way, depth - 1) + room[0];
  if (way == 0)
    return pthread_mutex_lock (&awaited);
  if (way == 1)
    return pthread_rwlock_wrlock (&awaited_rwlock);
  if (way == 2)
    return pthread_rwlock_rdlock (&awaited_rwlock);
  if (way == 3)
    return sem_wait (&awaited_units);
  sleep_ms (60000);
  return 0;
}

static void *
run_jumper (void *data)
{
  int n = *(int *)data;

  pthread_setname_np (pthread_self (), "jumper");
  jumper_tid = get_tid ();
  for (int i = 0; i < n; i++)
    {
      if (sigsetjmp (back, 1) == 0)
        {
          may_jump = true;
          wait_deep (i % 5, i % 7);
        }
      may_jump = false;
      pthread_mutex_lock (&outside);
      n_outside++;
      pthread_mutex_unlock (&outside);
    }
  jumper_tid = 0;
  return NULL;
}

/* Argument: how often. */
static int
run_jumps (int argc, char **argv)
{
  int n = atoi (argv[0]);
  pthread_t jumper;

  sem_init (&awaited_units, 0, 0);
  set_handler (SIGUSR1, jump_back, 0);
  pthread_mutex_lock (&awaited);
  pthread_rwlock_wrlock (&awaited_rwlock);
  pthread_create (&jumper, NULL, run_jumper, &n);
  while (jumper_tid == 0)
    sleep_ms (1);
  while (jumper_tid != 0)
    {
      spin_us (100);
      if (may_jump)
        pthread_kill (jumper, SIGUSR1);
    }
  pthread_join (jumper, NULL);
  pthread_mutex_unlock (&awaited);
  pthread_rwlock_unlock (&awaited_rwlock);
  meet_once (&outside, take_given);
  meet_once (&awaited, take_given);
  printf ("outside %ld\n", n_outside + 1);
  return 0;
}

/* Jumps out of the middle of anything: a storm of signals on a loop of locks that nobody waits for,
 * or, with a rival, of those that are said.  The lock may be left in any state, so each round has
 * one of its own. */
static int
run_storm_of_jumps (int argc, char **argv)
{
  volatile int n_left = atoi (argv[0]);
  static pthread_mutex_t each[64];

  jumper_tid = get_tid ();
  pthread_setname_np (pthread_self (), "jumper");
  set_handler (SIGALRM, jump_back, 0);
  set_timer (30);
  while (n_left > 0)
    {
      if (sigsetjmp (back, 1) == 0)
        {
          may_jump = true;
          for (;;)
            {
              struct timespec nothing = { 0, 0 };

              nanosleep (&nothing, NULL);
            }
        }
      may_jump = false;
      n_left--;
      pthread_mutex_init (&each[n_left % 64], NULL);
    }
  set_timer (0);
  meet_once (&awaited, take_given);
  for (int i = 0; i < 10; i++)
    sleep_ms (1);
  return 0;
}

/* --- cancelled */

static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int canceled_tid;
static _Atomic int n_cleaned;
static pthread_t joined;
static _Atomic bool may_end;

static void
clean_up (void *data)
{
  n_cleaned++;
  if (data != NULL)
    REQUIRE (pthread_mutex_unlock (data) == 0);
}

static void *
last_long (void *data)
{
  while (!may_end)
    sleep_ms (1);
  return NULL;
}

static void
wait_canceled (const char *what)
{
  struct timespec later;

  clock_gettime (CLOCK_REALTIME, &later);
  later.tv_sec += 60;
  if (strcmp (what, "cond_wait") == 0)
    pthread_cond_wait (&never, &guard);
  else if (strcmp (what, "cond_timedwait") == 0)
    pthread_cond_timedwait (&never, &guard, &later);
  else if (strcmp (what, "cond_clockwait") == 0)
    pthread_cond_clockwait (&never, &guard, CLOCK_REALTIME, &later);
  else if (strcmp (what, "sem_wait") == 0)
    sem_wait (&awaited_units);
  else if (strcmp (what, "sem_timedwait") == 0)
    sem_timedwait (&awaited_units, &later);
  else if (strcmp (what, "sem_clockwait") == 0)
    sem_clockwait (&awaited_units, CLOCK_REALTIME, &later);
  else if (strcmp (what, "join") == 0)
    pthread_join (joined, NULL);
  else if (strcmp (what, "nanosleep") == 0)
    sleep_ms (60000);
  else if (strcmp (what, "sleep") == 0)
    sleep (60);
  else if (strcmp (what, "usleep") == 0)
    usleep (60000000);
  else if (strcmp (what, "clock_nanosleep") == 0)
    clock_nanosleep (CLOCK_REALTIME, TIMER_ABSTIME, &later, NULL);
  else if (strcmp (what, "pause") == 0)
    pause ();
  else if (strcmp (what, "async") == 0)
    {
      pthread_setcanceltype (PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
      pthread_mutex_lock (&awaited);
    }
}

static void *
run_canceled (void *data)
{
  bool has_guard = strncmp (data, "cond", 4) == 0;

  pthread_setname_np (pthread_self (), "canceled");
  if (has_guard)
    pthread_mutex_lock (&guard);
  pthread_cleanup_push (clean_up, has_guard ? &guard : NULL);
  canceled_tid = get_tid ();
  wait_canceled (data);
  pthread_cleanup_pop (0);
  return NULL;
}

static int
run_cancel (int argc, char **argv)
{
  static const char *const waits[]
      = { "cond_wait",     "cond_timedwait", "cond_clockwait", "sem_wait", "sem_timedwait",
          "sem_clockwait", "join",           "nanosleep",      "sleep",    "usleep",
          "pause",         "async",          "clock_nanosleep" };

  sem_init (&awaited_units, 0, 0);
  pthread_mutex_lock (&awaited);
  for (size_t i = 0; i < sizeof waits / sizeof *waits; i++)
    {
      pthread_t thread;
      void *value = NULL;
      bool joins = strcmp (waits[i], "join") == 0;

      if (joins)
        pthread_create (&joined, NULL, last_long, NULL);
      canceled_tid = 0;
      pthread_create (&thread, NULL, run_canceled, (void *)waits[i]);
      while (canceled_tid == 0)
        sleep_ms (1);
      await_sleep (canceled_tid);
      REQUIRE (pthread_cancel (thread) == 0);
      REQUIRE (pthread_join (thread, &value) == 0);
      printf ("%s %s %d\n", waits[i], value == PTHREAD_CANCELED ? "canceled" : "went on",
              (int)n_cleaned);
      may_end = joins;
      if (joins)
        pthread_join (joined, NULL);
    }
  pthread_mutex_unlock (&awaited);
  meet_once (&awaited, take_given);
  meet_once (&guard, take_given);
  return 0;
}

/* --- handlers, and what is none */

static void
do_nothing (int number)
{
}

static int
run_set_handlers (int argc, char **argv)
{
  struct sigaction action = { .sa_handler = do_nothing };
  int status = 0;
  pid_t child;

  REQUIRE (signal (SIGUSR1, SIG_IGN) == SIG_DFL);
  REQUIRE (sigaction (SIGUSR1, NULL, NULL) == 0);
  REQUIRE (sigaction (SIGSEGV, &action, NULL) == 0);
  mark ("none yet");
  REQUIRE (sigaction (SIGUSR1, &action, NULL) == 0);
  REQUIRE (signal (SIGUSR1, SIG_DFL) == do_nothing);
  REQUIRE (signal (SIGUSR1, do_nothing) == SIG_DFL);
  mark ("one");
  REQUIRE (ssignal (SIGALRM, do_nothing) == SIG_DFL);
  child = fork ();
  if (child == 0)
    {
      pthread_setname_np (pthread_self (), "child");
      _exit (signal (SIGUSR1, SIG_DFL) != do_nothing);
    }
  REQUIRE (waitpid (child, &status, 0) == child && status == 0);
  return 0;
}

const Subject subjects_of_signals[] = {
  { "set-handlers", run_set_handlers },
  { "handlers", run_handlers },
  { "jumps", run_jumps },
  { "cancel", run_cancel },
  { "storm-of-jumps", run_storm_of_jumps },
  { NULL, NULL },
};
