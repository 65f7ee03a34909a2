/* subject-truth.c - waits and holds of known length, timed by the program's own clock
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is told is the time between two readings of the clock right around each call, so that it is
 * what the library is to agree with on a busy machine, too.  Lines are "object figure thread
 * value".
 */

#include "subject.h"

#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_ROUNDS 8
#define HOLD_MS 10
#define SHORT_MS 2

typedef enum
{
  MUTEX,
  SPIN,
  WRITE,
  READ,  /* waits for a writer */
  SHARE, /* reads, and a writer waits */
  BINARY,
} Way;

static pthread_mutex_t truth_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t truth_spin;
static pthread_rwlock_t truth_write = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t truth_read = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t truth_share = PTHREAD_RWLOCK_INITIALIZER;
static sem_t truth_binary;
static sem_t truth_units;
static pthread_cond_t truth_condition = PTHREAD_COND_INITIALIZER;
static pthread_mutex_t truth_guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t truth_barrier;
static _Atomic int n_begun;
static _Atomic int coming; /* thread that is just about to wait; 0: none */

typedef struct
{
  Way way;
  const char *name;
} Part;

static void
tell (const char *name, const char *what, const char *thread, int64_t value)
{
  printf ("%s %s %s %lld\n", name, what, thread, (long long)value);
}

static void
take (Way way, bool is_waiter)
{
  if (way == MUTEX)
    pthread_mutex_lock (&truth_mutex);
  else if (way == SPIN)
    pthread_spin_lock (&truth_spin);
  else if (way == BINARY)
    sem_wait (&truth_binary);
  else if (way == WRITE)
    pthread_rwlock_wrlock (&truth_write);
  else if (way == SHARE && is_waiter)
    pthread_rwlock_wrlock (&truth_share);
  else if (way == SHARE)
    pthread_rwlock_rdlock (&truth_share);
  else if (is_waiter)
    pthread_rwlock_rdlock (&truth_read);
  else
    pthread_rwlock_wrlock (&truth_read);
}

static void
give (Way way)
{
  if (way == MUTEX)
    pthread_mutex_unlock (&truth_mutex);
  else if (way == SPIN)
    pthread_spin_unlock (&truth_spin);
  else if (way == BINARY)
    sem_post (&truth_binary);
  else
    pthread_rwlock_unlock (way == WRITE ? &truth_write : way == READ ? &truth_read : &truth_share);
}

/* Until the other waits; one that spins cannot be told from one that does not yet. */
static void
await_waiter (Way way)
{
  while (coming == 0)
    sleep_ms (1);
  if (way != SPIN)
    await_sleep (coming);
}

/* Comes when the other has it, each time. */
static void *
run_waiter (void *data)
{
  const Part *part = data;
  int64_t wait_ns = 0, hold_ns = 0;

  pthread_setname_np (pthread_self (), "waiter");
  for (int i = 0; i < N_ROUNDS; i++)
    {
      int64_t before_ns, has_ns;

      while (n_begun != i + 1)
        sleep_ms (1);
      before_ns = get_ns ();
      coming = get_tid ();
      take (part->way, true);
      has_ns = get_ns ();
      coming = 0;
      sleep_ms (SHORT_MS);
      wait_ns += has_ns - before_ns;
      hold_ns += get_ns () - has_ns;
      give (part->way);
      n_begun = 0;
    }
  tell (part->name, "wait", "waiter", wait_ns);
  tell (part->name, "hold", "waiter", hold_ns);
  tell (part->name, "taken", "waiter", N_ROUNDS);
  return NULL;
}

/* One has it for a while, again and again, and another wants it meanwhile. */
static void
tell_of_lock (const char *name, Way way)
{
  Part part = { way, name };
  int64_t hold_ns = 0;
  pthread_t waiter;

  n_begun = 0;
  pthread_create (&waiter, NULL, run_waiter, &part);
  for (int i = 0; i < N_ROUNDS; i++)
    {
      int64_t has_ns;

      take (way, false);
      has_ns = get_ns ();
      n_begun = i + 1;
      await_waiter (way);
      sleep_ms (HOLD_MS);
      hold_ns += get_ns () - has_ns;
      give (way);
      while (n_begun != 0)
        sleep_ms (1);
    }
  pthread_join (waiter, NULL);
  tell (name, "hold", "owner", hold_ns);
  tell (name, "taken", "owner", N_ROUNDS);
}

/* --- those that nobody has */

static void *
wait_for_signals (void *data)
{
  int64_t condition_ns = 0, units_ns = 0, barrier_ns = 0;

  pthread_setname_np (pthread_self (), "waiter");
  for (int i = 0; i < N_ROUNDS; i++)
    {
      int64_t before_ns;

      pthread_mutex_lock (&truth_guard);
      before_ns = get_ns ();
      while (n_begun != i + 1)
        pthread_cond_wait (&truth_condition, &truth_guard);
      condition_ns += get_ns () - before_ns;
      pthread_mutex_unlock (&truth_guard);

      before_ns = get_ns ();
      sem_wait (&truth_units);
      units_ns += get_ns () - before_ns;

      before_ns = get_ns ();
      pthread_barrier_wait (&truth_barrier);
      barrier_ns += get_ns () - before_ns;
    }
  tell ("truth_condition", "wait", "waiter", condition_ns);
  tell ("truth_units", "wait", "waiter", units_ns);
  tell ("truth_barrier", "wait", "waiter", barrier_ns);
  return NULL;
}

/* At the barrier whoever comes first waits for the other one: mostly that is the waiter. */
static void
tell_of_signals (void)
{
  int64_t barrier_ns = 0;
  pthread_t waiter;

  n_begun = 0;
  pthread_create (&waiter, NULL, wait_for_signals, NULL);
  for (int i = 0; i < N_ROUNDS; i++)
    {
      int64_t before_ns;

      sleep_ms (HOLD_MS);
      pthread_mutex_lock (&truth_guard);
      n_begun = i + 1;
      pthread_cond_signal (&truth_condition);
      pthread_mutex_unlock (&truth_guard);
      sleep_ms (HOLD_MS);
      sem_post (&truth_units);
      sleep_ms (HOLD_MS);
      before_ns = get_ns ();
      pthread_barrier_wait (&truth_barrier);
      barrier_ns += get_ns () - before_ns;
    }
  pthread_join (waiter, NULL);
  tell ("truth_barrier", "wait", "owner", barrier_ns);
}

static int
run_truth (int argc, char **argv)
{
  pthread_setname_np (pthread_self (), "owner");
  pthread_spin_init (&truth_spin, PTHREAD_PROCESS_PRIVATE);
  sem_init (&truth_binary, 0, 1);
  sem_init (&truth_units, 0, 0);
  pthread_barrier_init (&truth_barrier, NULL, 2);
  tell_of_lock ("truth_mutex", MUTEX);
  tell_of_lock ("truth_spin", SPIN);
  tell_of_lock ("truth_write", WRITE);
  tell_of_lock ("truth_read", READ);
  tell_of_lock ("truth_share", SHARE);
  tell_of_lock ("truth_binary", BINARY);
  tell_of_signals ();
  return 0;
}

/* --- counts */

#define N_LOCKS 16
#define N_COUNTERS 4

static pthread_mutex_t counted[N_LOCKS];
static pthread_rwlock_t counted_rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t counted_binary;
static uint64_t n_taken[N_LOCKS], n_written;
static _Atomic uint64_t n_read, n_binary;
static int n_each;

static void
take_counted (unsigned i)
{
  pthread_mutex_lock (&counted[i]);
  n_taken[i]++;
  /* Now and then others are made to wait. */
  if (n_taken[i] % 997 == 0)
    spin_us (50);
  pthread_mutex_unlock (&counted[i]);
}

static void *
run_counter (void *data)
{
  unsigned state = (unsigned)(uintptr_t)data;

  for (int i = 0; i < n_each; i++)
    {
      state = state * 1103515245 + 12345;
      take_counted (state >> 16 & 8 ? 0 : (state >> 20) % N_LOCKS);
      if (i % 8 == 0 && pthread_mutex_trylock (&counted[1]) == 0)
        {
          n_taken[1]++;
          pthread_mutex_unlock (&counted[1]);
        }
      if (i % 16 == 0)
        {
          pthread_rwlock_wrlock (&counted_rwlock);
          n_written++;
          pthread_rwlock_unlock (&counted_rwlock);
        }
      else if (i % 2 == 0)
        {
          pthread_rwlock_rdlock (&counted_rwlock);
          n_read++;
          pthread_rwlock_unlock (&counted_rwlock);
        }
      else
        {
          sem_wait (&counted_binary);
          n_binary++;
          sem_post (&counted_binary);
        }
    }
  return NULL;
}

/* Only what somebody waits for is told of: each is, at the end. */
static _Atomic int waiter_tid, n_come;

static void *
wait_for_each (void *data)
{
  waiter_tid = get_tid ();
  for (int i = 0; i < N_LOCKS; i++)
    {
      n_come++;
      pthread_mutex_lock (&counted[i]);
      n_taken[i]++;
      pthread_mutex_unlock (&counted[i]);
    }
  n_come++;
  pthread_rwlock_wrlock (&counted_rwlock);
  n_written++;
  pthread_rwlock_unlock (&counted_rwlock);
  n_come++;
  sem_wait (&counted_binary);
  n_binary++;
  sem_post (&counted_binary);
  return NULL;
}

static void
await_wait (int n)
{
  while (n_come < n)
    sleep_ms (1);
  await_sleep (waiter_tid);
}

static void
make_each_wait (void)
{
  pthread_t waiter;

  for (int i = 0; i < N_LOCKS; i++)
    {
      pthread_mutex_lock (&counted[i]);
      n_taken[i]++;
    }
  pthread_rwlock_wrlock (&counted_rwlock);
  n_written++;
  sem_wait (&counted_binary);
  n_binary++;
  n_come = 0;
  pthread_create (&waiter, NULL, wait_for_each, NULL);
  for (int i = 0; i < N_LOCKS; i++)
    {
      await_wait (i + 1);
      pthread_mutex_unlock (&counted[i]);
    }
  await_wait (N_LOCKS + 1);
  pthread_rwlock_unlock (&counted_rwlock);
  await_wait (N_LOCKS + 2);
  sem_post (&counted_binary);
  pthread_join (waiter, NULL);
}

static void
tell_counts (void)
{
  uint64_t n = 0;

  for (int i = 0; i < N_LOCKS; i++)
    n += n_taken[i];
  printf ("%d counted %llu\n%d counted_rwlock %llu\n%d counted_binary %llu\n", (int)getpid (),
          (unsigned long long)n, (int)getpid (), (unsigned long long)(n_written + n_read),
          (int)getpid (), (unsigned long long)n_binary);
  fflush (stdout);
}

static void
count_with_threads (void)
{
  pthread_t threads[N_COUNTERS];

  for (uintptr_t i = 0; i < N_COUNTERS; i++)
    pthread_create (&threads[i], NULL, run_counter, (void *)(i + 1));
  for (int i = 0; i < N_COUNTERS; i++)
    pthread_join (threads[i], NULL);
  make_each_wait ();
}

/* Arguments: how often each thread; "fork" or "kill": what comes then. */
static int
run_counts (int argc, char **argv)
{
  n_each = atoi (argv[0]);
  for (int i = 0; i < N_LOCKS; i++)
    pthread_mutex_init (&counted[i], NULL);
  sem_init (&counted_binary, 0, 1);
  count_with_threads ();
  if (argc > 1 && strcmp (argv[1], "fork") == 0)
    {
      pid_t pid;

      tell_counts ();
      pid = fork ();
      if (pid == 0)
        {
          memset (n_taken, 0, sizeof n_taken);
          n_written = 0;
          n_read = 0;
          n_binary = 0;
          count_with_threads ();
          tell_counts ();
          return 0;
        }
      waitpid (pid, NULL, 0);
      return 0;
    }
  tell_counts ();
  if (argc > 1 && strcmp (argv[1], "kill") == 0)
    kill (getpid (), SIGKILL);
  return 0;
}

/* --- switches */

static void *
run_napper (void *data)
{
  for (int i = 0; i < 200; i++)
    {
      struct timespec length = { 0, 100000 };

      nanosleep (&length, NULL);
      spin_us (50);
    }
  return NULL;
}

/* What the kernel has counted of the process up to here. */
static void
tell_switches (const char *when)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  printf ("%s %ld %ld\n", when, usage.ru_nvcsw, usage.ru_nivcsw);
  fflush (stdout);
}

static void
nap (void)
{
  pthread_t threads[3];

  for (int i = 0; i < 3; i++)
    pthread_create (&threads[i], NULL, run_napper, NULL);
  tell_switches ("begun");
  for (int i = 0; i < 3; i++)
    pthread_join (threads[i], NULL);
  tell_switches ("done");
}

/* Tells what the kernel has counted of a child: when its threads have begun, when they are done,
 * and at its very end. */
static int
run_switches (int argc, char **argv)
{
  struct rusage usage;
  pid_t child = fork ();

  if (child == 0)
    {
      nap ();
      _exit (0);
    }
  if (child < 0 || wait4 (child, NULL, 0, &usage) != child)
    return 1;
  printf ("gone %ld %ld\nchild %d 0\n", usage.ru_nvcsw, usage.ru_nivcsw, (int)child);
  return 0;
}

/* --- for strace to see the same: waits in the kernel, and nothing else of that kind */

static pthread_mutex_t traced = PTHREAD_MUTEX_INITIALIZER;

static void *
run_traced (void *data)
{
  for (int i = 0; i < 20; i++)
    {
      pthread_mutex_lock (&traced);
      sleep_ms (5);
      pthread_mutex_unlock (&traced);
      sleep_ms (2);
    }
  return NULL;
}

static int
run_futexes (int argc, char **argv)
{
  pthread_t threads[3];

  for (int i = 0; i < 3; i++)
    pthread_create (&threads[i], NULL, run_traced, NULL);
  for (int i = 0; i < 3; i++)
    pthread_join (threads[i], NULL);
  return 0;
}

/* --- many who wait for one lock, and come too late again and again */

#define CROWD 40

static pthread_mutex_t crowded = PTHREAD_MUTEX_INITIALIZER;
static _Atomic long long delay_ns;

/* How long this thread was ready without a core, as the kernel counts it; -1: it does not. */
static long long
get_delay (void)
{
  FILE *file = fopen ("/proc/thread-self/schedstat", "r");
  long long run_ns, ready_ns;

  if (file == NULL)
    return -1;
  if (fscanf (file, "%lld %lld", &run_ns, &ready_ns) != 2)
    ready_ns = -1;
  fclose (file);
  return ready_ns;
}

static void *
run_in_crowd (void *data)
{
  for (int i = 0; i < 20; i++)
    {
      pthread_mutex_lock (&crowded);
      for (volatile int n = 0; n < 1500000; n++)
        ;
      pthread_mutex_unlock (&crowded);
      sleep_ms (3);
    }
  delay_ns += get_delay ();
  return NULL;
}

static int
run_crowd (int argc, char **argv)
{
  pthread_t threads[CROWD];

  if (get_delay () < 0)
    return 1;
  for (int i = 0; i < CROWD; i++)
    pthread_create (&threads[i], NULL, run_in_crowd, NULL);
  for (int i = 0; i < CROWD; i++)
    pthread_join (threads[i], NULL);
  printf ("delay %lld\n", delay_ns);
  return 0;
}

const Subject subjects_of_truth[] = {
  { "truth", run_truth },     { "counts", run_counts }, { "switches", run_switches },
  { "futexes", run_futexes }, { "crowd", run_crowd },   { NULL, NULL },
};
