/* stamping.c - what a library costs that stamps each lock and unlock, for the benchmark
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * As mutrace and its kin do: the time before and after each lock, and at each unlock, and sums by
 * address.
 */

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <time.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define N_LOCKS 4096

typedef int (*Function) (pthread_mutex_t *);

static Function real_lock, real_unlock;

static struct
{
  int64_t taken_ns;
  int64_t wait_ns;
  int64_t hold_ns;
  uint64_t n;
} locks[N_LOCKS];

static int64_t
get_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static unsigned
get_place (const pthread_mutex_t *mutex)
{
  return (unsigned)((uintptr_t)mutex / 8 % N_LOCKS);
}

EXPORT int
pthread_mutex_lock (pthread_mutex_t *mutex)
{
  unsigned place = get_place (mutex);
  int64_t before_ns;
  int result;

  if (real_lock == NULL)
    real_lock = (Function)dlsym (RTLD_NEXT, "pthread_mutex_lock");
  before_ns = get_ns ();
  result = real_lock (mutex);
  locks[place].taken_ns = get_ns ();
  locks[place].wait_ns += locks[place].taken_ns - before_ns;
  locks[place].n++;
  return result;
}

EXPORT int
pthread_mutex_unlock (pthread_mutex_t *mutex)
{
  unsigned place = get_place (mutex);

  if (real_unlock == NULL)
    real_unlock = (Function)dlsym (RTLD_NEXT, "pthread_mutex_unlock");
  locks[place].hold_ns += get_ns () - locks[place].taken_ns;
  return real_unlock (mutex);
}
